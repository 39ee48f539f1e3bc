"""Custom key stores as Settings reads them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_ADVICE: Final = {
    "INVALID_CREDENTIALS": "Tell the key store the password or credential that is right now.",
    "CLUSTER_NOT_FOUND": "Plug the cluster in again; its token file must be in its place.",
    "INSUFFICIENT_CLOUDHSM_HSMS": "Give the cluster at least one HSM.",
    "USER_LOCKED_OUT": "Set kmsuser's account ready again: too many passwords were wrong.",
    "USER_LOGGED_IN": "Log the other kmsuser out: set the account ready.",
    "USER_NOT_FOUND": "Set kmsuser's account ready: the cluster does not know it.",
    "XKS_PROXY_NOT_REACHABLE": "Put the key manager on line.",
    "XKS_PROXY_TIMED_OUT": "The key manager is too slow; put it on line.",
    "XKS_PROXY_INVALID_RESPONSE": "The proxy's answers make no sense; put it on line.",
    "XKS_PROXY_ACCESS_DENIED": "The proxy is refused by its key manager; put it on line.",
    "XKS_VPC_ENDPOINT_SERVICE_NOT_FOUND": "The VPC endpoint service is gone.",
    "XKS_VPC_ENDPOINT_SERVICE_INVALID_CONFIGURATION": "The VPC endpoint service leads elsewhere.",
}

_FAILED: Final = "FAILED"
_CONNECTED: Final = "CONNECTED"
_DISCONNECTED: Final = "DISCONNECTED"


@dataclass(frozen=True, slots=True)
class StoreRow:
    """A custom key store and what is behind it.

    Attributes:
        identity: Its id.
        name: Its name; untrusted text.
        kind: ``AWS_CLOUDHSM`` or ``EXTERNAL_KEY_STORE``.
        connection: Its connection state.
        error: AWS's ConnectionErrorCode; empty without one.
        keys: How many KMS keys it has.
        cluster: Id of its cluster.
        cluster_state: What the cluster's front panel says; empty if the cluster is gone.
        hsms: How many HSMs the cluster has.
        user: How the account of the cluster's crypto user stands.
        address: Where its proxy answers.
        manager: Name of its key manager; empty if that is gone.
        condition: How the key manager answers.
        external: Its external keys, each with whether it is enabled.
        trouble: Why what is behind it cannot be looked at.
    """

    identity: str
    name: str
    kind: str
    connection: str
    error: str = ""
    keys: int = 0
    cluster: str = ""
    cluster_state: str = ""
    hsms: int = 0
    user: str = ""
    address: str = ""
    manager: str = ""
    condition: str = ""
    external: tuple[tuple[str, bool], ...] = ()
    trouble: str = ""

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> StoreRow:
        """Read an entry of ``kmstui:ListKeyStoreSummaries``."""
        return cls(
            identity=str(entry["Id"]),
            name=str(entry["Name"]),
            kind=str(entry["Type"]),
            connection=str(entry["ConnectionState"]),
            error=str(entry["ConnectionErrorCode"]),
            keys=int(entry["KeyCount"]),
            cluster=str(entry.get("ClusterId", "")),
            cluster_state=str(entry.get("ClusterState", "")),
            hsms=int(entry.get("HsmCount", 0)),
            user=str(entry.get("CryptoUser", "")),
            address=f"{entry.get('UriEndpoint', '')}{entry.get('UriPath', '')}",
            manager=str(entry.get("KeyManager", "")),
            condition=str(entry.get("Condition", "")),
            external=tuple(
                (str(key["XksKeyId"]), bool(key["Enabled"]))
                for key in entry.get("ExternalKeys", ())
            ),
            trouble=str(entry.get("Trouble", "")),
        )

    @property
    def is_external(self) -> bool:
        """Whether an external key manager is behind it."""
        return self.kind == "EXTERNAL_KEY_STORE"

    @property
    def connected(self) -> bool:
        """Whether its keys can be used."""
        return self.connection == _CONNECTED

    @property
    def failed(self) -> bool:
        """Whether connecting it failed."""
        return self.connection == _FAILED

    @property
    def disconnected(self) -> bool:
        """Whether it is neither."""
        return self.connection == _DISCONNECTED

    @property
    def advice(self) -> str:
        """What brings its keys back, in words; empty while nothing is wrong."""
        if self.failed:
            known = _ADVICE.get(self.error, "`:doctor` looks at what is behind it.")
            return f"{known} Then disconnect and connect it."
        if self.disconnected and self.keys:
            return "Its keys are unavailable until it is connected."
        if self.connected and self.is_external and self.condition != "ONLINE":
            return "Calls with its keys fail until the key manager is on line."
        if self.connected and not self.is_external and self.cluster_state != "ACTIVE":
            return "Calls with its keys fail until the cluster answers again."
        return ""

    def cannot_connect(self) -> str:
        """Say why it cannot be connected now; empty if it can."""
        if self.connected:
            return "it is connected"
        return "disconnect it first: it is FAILED" if self.failed else ""

    def cannot_disconnect(self) -> str:
        """Say why it cannot be disconnected now; empty if it can."""
        return "it is disconnected" if self.disconnected else ""

    def cannot_change(self) -> str:
        """Say why what is behind it cannot be changed now; empty if it can."""
        return "" if self.disconnected else "disconnect it first"

    def cannot_delete(self) -> str:
        """Say why it cannot be deleted now; empty if it can."""
        if self.keys:
            return (
                "there is 1 key in it" if self.keys == 1 else f"there are {self.keys} keys in it"
            )
        return self.cannot_change()


@dataclass(frozen=True, slots=True)
class Stores:
    """The custom key stores of an account and Region.

    Attributes:
        rows: By name.
        spare_clusters: Clusters that belong to none.
        spare_managers: Key managers that belong to none.
    """

    rows: Sequence[StoreRow]
    spare_clusters: int = 0
    spare_managers: int = 0

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> Stores:
        """Read the answer of ``kmstui:ListKeyStoreSummaries``."""
        return cls(
            tuple(StoreRow.read(entry) for entry in answer["KeyStores"]),
            int(answer["SpareClusters"]),
            int(answer["SpareKeyManagers"]),
        )

    def find(self, named: str) -> StoreRow | None:
        """Return the key store of an id or a name."""
        for row in self.rows:
            if named in {row.identity, row.name}:
                return row
        return None
