"""What a program does with a key of the demo, each time it uses it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from kmstui.engine.demo.keys import DemoKey

Request = tuple[str, dict[str, Any]]
"""An operation and its members."""

_RSA_ALGORITHM: Final = {"EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
_MAC_ALGORITHM: Final = {"MacAlgorithm": "HMAC_SHA_256"}
_DECRYPTING: Final = ("kms:Decrypt", ("CiphertextBlob", "EncryptionContext"))
_OPENING: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "SIGN_VERIFY": ("kms:Verify", ("Message", "MessageType", "SigningAlgorithm", "Signature")),
    "GENERATE_VERIFY_MAC": ("kms:VerifyMac", ("Message", "MacAlgorithm", "Mac")),
}
_ALGORITHMS: Final = {
    "ECC_NIST_P256": {"SigningAlgorithm": "ECDSA_SHA_256", "MessageType": "DIGEST"},
    "ML_DSA_65": {"SigningAlgorithm": "ML_DSA_SHAKE_256", "MessageType": "RAW"},
}


def sealing(key: DemoKey, when: datetime) -> Request:
    """Return the call that seals, signs or authenticates something new."""
    named: dict[str, Any] = {"KeyId": f"alias/{key.alias}"}
    said = f"entry of {when:%Y-%m-%d}".encode()
    if key.usage == "SIGN_VERIFY":
        return "kms:Sign", named | {"Message": sha256(said).digest()} | _ALGORITHMS[key.spec]
    if key.usage == "GENERATE_VERIFY_MAC":
        return "kms:GenerateMac", named | {"Message": said} | _MAC_ALGORITHM
    if key.spec.startswith("RSA"):
        return "kms:Encrypt", named | {"Plaintext": said} | _RSA_ALGORITHM
    if key.context:
        named["EncryptionContext"] = dict(key.context)
    if key.data_keys:
        return "kms:GenerateDataKey", named | {"KeySpec": "AES_256"}
    return "kms:Encrypt", named | {"Plaintext": said}


def opening(key: DemoKey, kept: Mapping[str, Any]) -> Request:
    """Return the call that opens or verifies what the last one made.

    Args:
        key: The key.
        kept: Members and answer of that call.
    """
    operation, names = _OPENING.get(key.usage, _DECRYPTING)
    members: dict[str, Any] = {name: kept[name] for name in names if name in kept}
    if operation != "kms:Decrypt":
        return operation, members | {"KeyId": f"alias/{key.alias}"}
    if key.spec.startswith("RSA"):
        return operation, members | {"KeyId": f"alias/{key.alias}"} | _RSA_ALGORITHM
    return operation, members
