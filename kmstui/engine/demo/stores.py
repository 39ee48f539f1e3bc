"""The demo's custom key stores, and what is behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

PASSWORD: Final = "kmsuser-of-the-demo"  # noqa: S105 - nothing in a demo is secret
"""The password of the crypto user of the demo's cluster."""


class Calling(Protocol):
    """Makes a call as the demo's administrator."""

    def __call__(self, operation: str, **members: Any) -> dict[str, Any]:
        """Return the answer of an operation."""


def open_store(call: Calling, name: str, members: Mapping[str, Any]) -> str:
    """Make and connect a custom key store, with a cluster or key manager of its own.

    Args:
        call: Makes the calls.
        name: The key store's name; an external key manager has the same.
        members: With ``XksKeyId`` it is an external key store over that key.

    Returns:
        Its id.
    """
    external = members.get("XksKeyId")
    behind = _manager(call, name, external) if external else _cluster(call)
    made = call("kms:CreateCustomKeyStore", CustomKeyStoreName=name, **behind)
    store_id: str = made["CustomKeyStoreId"]
    call("kms:ConnectCustomKeyStore", CustomKeyStoreId=store_id)
    return store_id


def _cluster(call: Calling) -> dict[str, Any]:
    made = call("kmstui:CreateCluster", Password=PASSWORD)
    return {
        "CloudHsmClusterId": made["ClusterId"],
        "TrustAnchorCertificate": made["TrustAnchorCertificate"],
        "KeyStorePassword": PASSWORD,
    }


def _manager(call: Calling, name: str, key_id: str) -> dict[str, Any]:
    made = call("kmstui:CreateKeyManager", Name=name)
    call("kmstui:UpdateKeyManager", Name=name, AddKey=key_id)
    credential = {each: made[each] for each in ("AccessKeyId", "RawSecretAccessKey")}
    return {
        "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
        "XksProxyUriEndpoint": made["XksProxyUriEndpoint"],
        "XksProxyUriPath": made["XksProxyUriPath"],
        "XksProxyConnectivity": "PUBLIC_ENDPOINT",
        "XksProxyAuthenticationCredential": credential,
    }
