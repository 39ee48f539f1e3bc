"""What the cryptographic operations share: checks on algorithm and context, and key handles."""

from __future__ import annotations

from kmstui.core import canonical
from kmstui.core.errors import (
    InvalidCiphertextException,
    ValidationException,
)
from kmstui.core.limits import CONTEXT_BYTES
from kmstui.hsm.base import Hsm, MaterialBinding
from kmstui.keystore.records import KeyMaterialRecord, KeyRecord
from kmstui.ops.call import Call
from kmstui.ops.kms.algorithms import SYMMETRIC, require_algorithm
from kmstui.ops.kms.grant_tokens import check_grant_tokens
from kmstui.ops.kms.stores.lookup import hsm_of_store

CRYPTO_ERRORS = (
    "NotFoundException",
    "DisabledException",
    "KeyUnavailableException",
    "DependencyTimeoutException",
    "InvalidKeyUsageException",
    "InvalidGrantTokenException",
    "KMSInternalException",
    "KMSInvalidStateException",
    "DryRunOperationException",
)


def encode_context(call: Call, name: str = "EncryptionContext") -> bytes:
    """Return the canonical bytes of an encryption context.

    Raises:
        ValidationException: Keys and values together are longer than 4,096 UTF-8 bytes.
    """
    pairs = call.pairs(name)
    if not pairs:
        return b""
    if (
        sum(len(key.encode()) + len(value.encode()) for key, value in pairs.items())
        > CONTEXT_BYTES
    ):
        raise ValidationException(
            f"The encryption context is longer than {CONTEXT_BYTES} bytes.",
            hint="An encryption context is a label, not a payload.",
        )
    return canonical.encode_map(pairs)


def check_context(call: Call) -> None:
    """Refuse a request whose context is too long, or with a grant token that is not one."""
    encode_context(call)
    check_grant_tokens(call)


def check_algorithm(call: Call, key: KeyRecord, name: str = "EncryptionAlgorithm") -> None:
    """Refuse an algorithm that the key does not have.

    Raises:
        InvalidKeyUsageException: The algorithm is incompatible with the key's spec.
        UnsupportedOperationException: There is no such algorithm here.
    """
    require_algorithm(key.key_spec, key.key_usage, call.text(name, SYMMETRIC))


def check_cipher(call: Call, key: KeyRecord, prefix: str = "") -> None:
    """Refuse an encryption algorithm or a context that the key does not have.

    Args:
        call: The call.
        key: The key that encrypts or decrypts.
        prefix: ``Source`` or ``Destination`` where there are two keys.

    Raises:
        InvalidKeyUsageException: The algorithm is incompatible with the key's spec.
        ValidationException: The key is asymmetric, and there is an encryption context.
    """
    check_algorithm(call, key, f"{prefix}EncryptionAlgorithm")
    if key.key_spec != SYMMETRIC and call.pairs(f"{prefix}EncryptionContext"):
        raise ValidationException(
            f"{prefix}EncryptionContext is not supported with asymmetric KMS keys.",
            hint="Only symmetric encryption binds a context to its ciphertext.",
        )


def binding_of(key: KeyRecord, material: KeyMaterialRecord) -> MaterialBinding:
    """Return the facts that a material's token is bound to."""
    return key.binding(material)


def hsm_of(call: Call, key: KeyRecord) -> Hsm:
    """Return the HSM that holds a key's material.

    Raises:
        KMSInvalidStateException: The key is in a custom key store that cannot be used.
    """
    return hsm_of_store(call, key) if key.custom_key_store_id else call.services.hsm


def current(key: KeyRecord) -> tuple[bytes, MaterialBinding]:
    """Return the token and binding that encrypt."""
    return key.handle


def material_of(key: KeyRecord, material_id: str) -> tuple[bytes, MaterialBinding]:
    """Return the token and binding that a ciphertext names.

    Raises:
        InvalidCiphertextException: The key never had that material.
    """
    for material in key.materials:
        if material.material_id == material_id:
            if material.state == "CURRENT":
                return key.handle
            return material.token, binding_of(key, material)
    raise InvalidCiphertextException
