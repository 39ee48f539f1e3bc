"""What the keystore keeps of custom key stores, and which keys are in them."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from kmstui.keystore.records import KeyRecord, KeyState

KEYS_OF_STORE = "key-store"
"""Relation of a custom key store to its keys."""

KEY_OF_EXTERNAL = "xks-key"
"""Relation of an external key to the KMS key that it belongs to."""


class StoreKind(StrEnum):
    """AWS's CustomKeyStoreType; also the Origin of the keys in it."""

    AWS_CLOUDHSM = "AWS_CLOUDHSM"
    EXTERNAL_KEY_STORE = "EXTERNAL_KEY_STORE"


class ConnectionState(StrEnum):
    """AWS's ConnectionState.

    ``CONNECTING`` and ``DISCONNECTING`` are passed through inside one call and never stored.
    """

    CONNECTED = "CONNECTED"
    FAILED = "FAILED"
    DISCONNECTED = "DISCONNECTED"


@dataclass(frozen=True, slots=True)
class CustomKeyStoreRecord:
    """A custom key store.

    Args:
        account: Twelve digits.
        region: Such as ``eu-west-1``.
        store_id: ``cks-`` and 17 hexadecimal digits.
        name: The operator's name for it; untrusted text.
        kind: Its type.
        created: When it was created, account time.
        credential: The crypto user's password, or the proxy's credential, sealed by the HSM.
        state: Whether it is connected.
        error: AWS's ConnectionErrorCode while it is ``FAILED``; empty otherwise.
        cluster_id: The cluster behind it; empty unless it is of type AWS_CLOUDHSM.
        trust_anchor: The cluster's certificate, PEM.
        connectivity: AWS's XksProxyConnectivity; empty unless it is of type EXTERNAL_KEY_STORE.
        endpoint: AWS's XksProxyUriEndpoint.
        path: AWS's XksProxyUriPath.
        access_key_id: The credential's AccessKeyId.
        service: AWS's XksProxyVpcEndpointServiceName; empty for a public endpoint.
        service_owner: The account that owns that service.
    """

    account: str
    region: str
    store_id: str
    name: str
    kind: StoreKind
    created: datetime
    credential: bytes = field(repr=False)
    state: ConnectionState = ConnectionState.DISCONNECTED
    error: str = ""
    cluster_id: str = ""
    trust_anchor: str = ""
    connectivity: str = ""
    endpoint: str = ""
    path: str = ""
    access_key_id: str = field(default="", repr=False)
    service: str = ""
    service_owner: str = ""

    @property
    def connected(self) -> bool:
        """Whether its keys can be used."""
        return self.state is ConnectionState.CONNECTED

    @property
    def is_external(self) -> bool:
        """Whether an external key manager is behind it."""
        return self.kind is StoreKind.EXTERNAL_KEY_STORE


def store_fields(store: CustomKeyStoreRecord) -> dict[str, Any]:
    """Return the document of a custom key store."""
    return asdict(store) | {
        "kind": str(store.kind),
        "created": store.created.isoformat(),
        "credential": b64encode(store.credential).decode(),
        "state": str(store.state),
    }


def store_record(fields: Mapping[str, Any], _row_id: str) -> CustomKeyStoreRecord:
    """Return the custom key store of a document."""
    return CustomKeyStoreRecord(
        **{
            **fields,
            "kind": StoreKind(fields["kind"]),
            "created": datetime.fromisoformat(fields["created"]),
            "credential": b64decode(fields["credential"]),
            "state": ConnectionState(fields["state"]),
        }
    )


_RESTING = frozenset({KeyState.ENABLED, KeyState.DISABLED})


def state_in(store: CustomKeyStoreRecord, key: KeyRecord) -> KeyState:
    """Return the state of a key in a custom key store, as everybody sees it.

    While the key store is not connected the key is Unavailable. What it was before is kept,
    changes with EnableKey and DisableKey, and shows again when the key store is connected; a
    scheduled deletion goes on and can be cancelled meanwhile.
    """
    if key.state in _RESTING and not store.connected:
        return KeyState.UNAVAILABLE
    return key.state


def store_ends(key: KeyRecord) -> list[tuple[str, ...]]:
    """Return the relations that lead to a key in a custom key store; none for any other key."""
    if not key.custom_key_store_id:
        return []
    place = (key.account, key.region, key.custom_key_store_id)
    ends: list[tuple[str, ...]] = [(KEYS_OF_STORE, *place)]
    if key.xks_key_id:
        ends.append((KEY_OF_EXTERNAL, *place, key.xks_key_id))
    return ends
