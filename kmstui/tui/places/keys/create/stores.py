"""The custom key stores that a key may be made in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kmstui.core.errors import KmsError

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

CONNECTED = "CONNECTED"
_PAGE = 100


@dataclass(frozen=True, slots=True)
class KeyStore:
    """A custom key store.

    Attributes:
        identity: Its id.
        name: What it is called; untrusted text.
        kind: ``AWS_CLOUDHSM`` or ``EXTERNAL_KEY_STORE``, which is also the origin of its keys.
        connection: Its ConnectionState.
    """

    identity: str
    name: str
    kind: str
    connection: str

    @property
    def connected(self) -> bool:
        """Whether keys can be made in it now."""
        return self.connection == CONNECTED

    @classmethod
    def from_answer(cls, row: dict[str, Any]) -> KeyStore:
        """Read an entry of DescribeCustomKeyStores."""
        return cls(
            row["CustomKeyStoreId"],
            row["CustomKeyStoreName"],
            row.get("CustomKeyStoreType", "AWS_CLOUDHSM"),
            row["ConnectionState"],
        )


async def key_stores(console: KmsApp) -> tuple[KeyStore, ...]:
    """List the custom key stores, as many as a page of the wizard offers; none if refused."""
    try:
        answer = await console.fetch("DescribeCustomKeyStores", Limit=_PAGE)
    except KmsError:
        return ()
    return tuple(map(KeyStore.from_answer, answer["CustomKeyStores"]))
