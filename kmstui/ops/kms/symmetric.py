"""Encrypt, Decrypt and ReEncrypt."""

from __future__ import annotations

from kmstui.core.errors import (
    IncorrectKeyException,
    InvalidCiphertextException,
    ValidationException,
)
from kmstui.core.spec import CRYPTO_STATES, Answer, Kind, Member, Needs, operation
from kmstui.hsm import read_blob_header
from kmstui.hsm.base import MaterialBinding
from kmstui.keystore.records import KeyRecord
from kmstui.ops.call import Call
from kmstui.ops.kms import members as m
from kmstui.ops.kms.algorithms import SYMMETRIC
from kmstui.ops.kms.crypto import (
    CRYPTO_ERRORS,
    check_cipher,
    check_context,
    current,
    encode_context,
    hsm_of,
    material_of,
)
from kmstui.ops.kms.grant_tokens import check_grant_tokens
from kmstui.ops.kms.recipient import answered, check_recipient

_CIPHERTEXT_ERRORS = (*CRYPTO_ERRORS, "InvalidCiphertextException", "IncorrectKeyException")


def _fits_encrypt(call: Call) -> None:
    check_cipher(call, call.key)


@operation(
    "kms",
    "Encrypt",
    doc="Encrypt up to 4,096 bytes under a key; fewer under an RSA key.",
    members=(
        m.key_id(),
        Member(
            "Plaintext",
            Kind.BLOB,
            required=True,
            minimum=1,
            maximum=4096,
            sensitive=True,
            doc="What to encrypt.",
        ),
        m.context(),
        m.GRANT_TOKENS,
        m.algorithm(),
        m.DRY_RUN,
    ),
    answer=(
        m.CIPHERTEXT_ANSWER,
        m.KEY_ID_ANSWER,
        Member("EncryptionAlgorithm", Kind.TEXT),
    ),
    needs=(Needs("kms:Encrypt", aliases=True),),
    states=CRYPTO_STATES,
    usage="ENCRYPT_DECRYPT",
    grant="Encrypt",
    cross_account=True,
    dry_run=True,
    is_use=True,
    check=check_context,
    fits=_fits_encrypt,
    logged=("KeyId", "EncryptionAlgorithm", "EncryptionContext"),
    errors=CRYPTO_ERRORS,
)
def encrypt(call: Call) -> Answer:
    """Encrypt under the key's current material."""
    hsm, algorithm = hsm_of(call, call.key), call.text("EncryptionAlgorithm", SYMMETRIC)
    token, binding = current(call.key)
    if algorithm == SYMMETRIC:
        blob = hsm.encrypt(token, binding, call.blob("Plaintext"), encode_context(call))
    else:
        blob = hsm.rsa_encrypt(token, binding, call.blob("Plaintext"), algorithm)
    return {
        "CiphertextBlob": blob,
        "KeyId": call.key.arn,
        "EncryptionAlgorithm": algorithm,
    }


def _ignoring(call: Call) -> bool:
    """Tell whether a dry run is about authorisation only."""
    return "IGNORE_CIPHERTEXT" in call.items("DryRunModifiers")


def _check_ciphertext(call: Call, key_member: str, algorithm_member: str) -> None:
    """Refuse a call that names neither a ciphertext nor, for a mere check, a key."""
    check_grant_tokens(call)
    check_recipient(call)
    ignoring = _ignoring(call)
    if ignoring and not call.flag("DryRun"):
        raise ValidationException("DryRunModifiers can be used only with DryRun.")
    if ignoring and not call.has(key_member):
        raise ValidationException(f"{key_member} is required with IGNORE_CIPHERTEXT.")
    if not ignoring and not call.has("CiphertextBlob"):
        raise ValidationException(
            "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy "
            "constraint: Member must not be null"
        )
    if not call.has(key_member) and call.text(algorithm_member, SYMMETRIC) != SYMMETRIC:
        _require_header(call, key_member)


def _require_header(call: Call, key_member: str) -> None:
    """Refuse a ciphertext that names no key, where the request names none either.

    Raises:
        InvalidCiphertextException: With a hint for those who have an RSA ciphertext.
    """
    try:
        read_blob_header(call.blob("CiphertextBlob"))
    except InvalidCiphertextException:
        raise InvalidCiphertextException(
            hint=f"A ciphertext of an asymmetric key names no key: give {key_member}."
        ) from None


def _require_same_key(call: Call, key: KeyRecord) -> None:
    """Refuse a key that is not the one the ciphertext names; only symmetric ones name any."""
    if key.key_spec != SYMMETRIC or _ignoring(call):
        return
    if read_blob_header(call.blob("CiphertextBlob")).key_id != key.key_id:
        raise IncorrectKeyException(
            "The key ID in the request does not identify a CMK that can perform this operation."
        )


def _check_decrypt(call: Call) -> None:
    encode_context(call)
    _check_ciphertext(call, "KeyId", "EncryptionAlgorithm")


def _fits_decrypt(call: Call) -> None:
    check_cipher(call, call.key)
    _require_same_key(call, call.key)


@operation(
    "kms",
    "Decrypt",
    doc="Decrypt a ciphertext; a symmetric one names its key itself.",
    members=(
        m.ciphertext(),
        m.context(),
        m.GRANT_TOKENS,
        m.key_id(required=False),
        m.algorithm(),
        m.RECIPIENT,
        m.DRY_RUN,
        m.DRY_RUN_MODIFIERS,
    ),
    answer=(
        m.KEY_ID_ANSWER,
        m.PLAINTEXT_ANSWER,
        Member("EncryptionAlgorithm", Kind.TEXT),
        m.FOR_RECIPIENT,
        m.KEY_MATERIAL_ID,
    ),
    needs=(Needs("kms:Decrypt", aliases=True, blob="CiphertextBlob"),),
    states=CRYPTO_STATES,
    usage="ENCRYPT_DECRYPT",
    grant="Decrypt",
    cross_account=True,
    dry_run=True,
    is_use=True,
    check=_check_decrypt,
    fits=_fits_decrypt,
    logged=("EncryptionAlgorithm", "EncryptionContext", "KeyId"),
    errors=_CIPHERTEXT_ERRORS,
)
def decrypt(call: Call) -> Answer:
    """Decrypt under the material that the ciphertext names, or with the private key."""
    if _ignoring(call):
        return {}
    hsm, algorithm = hsm_of(call, call.key), call.text("EncryptionAlgorithm", SYMMETRIC)
    blob = call.blob("CiphertextBlob")
    token, binding = _opening(call.key, blob)
    answer: Answer = {"KeyId": call.key.arn, "EncryptionAlgorithm": algorithm}
    if algorithm == SYMMETRIC:
        plaintext = hsm.decrypt(token, binding, blob, encode_context(call))
        if call.attested is None:
            answer["KeyMaterialId"] = binding.material_id
    else:
        plaintext = hsm.rsa_decrypt(token, binding, blob, algorithm)
    return answer | answered(call, "Plaintext", plaintext)


def _opening(key: KeyRecord, blob: bytes) -> tuple[bytes, MaterialBinding]:
    """Return the token and binding of what opens a ciphertext."""
    if key.key_spec != SYMMETRIC:
        return current(key)
    return material_of(key, read_blob_header(blob).material_id)


def _check_reencrypt(call: Call) -> None:
    encode_context(call, "SourceEncryptionContext")
    encode_context(call, "DestinationEncryptionContext")
    _check_ciphertext(call, "SourceKeyId", "SourceEncryptionAlgorithm")


def _fits_reencrypt(call: Call) -> None:
    check_cipher(call, call.keys["source"], "Source")
    check_cipher(call, call.key, "Destination")
    _require_same_key(call, call.keys["source"])


@operation(
    "kms",
    "ReEncrypt",
    doc="Decrypt and encrypt again under another key or context, inside the HSM.",
    members=(
        m.ciphertext(),
        m.context("SourceEncryptionContext"),
        m.key_id("SourceKeyId", required=False, doc="The key of the ciphertext."),
        m.key_id("DestinationKeyId", doc="The key to encrypt under."),
        m.context("DestinationEncryptionContext"),
        m.algorithm("SourceEncryptionAlgorithm"),
        m.algorithm("DestinationEncryptionAlgorithm"),
        m.GRANT_TOKENS,
        m.DRY_RUN,
        m.DRY_RUN_MODIFIERS,
    ),
    answer=(
        m.CIPHERTEXT_ANSWER,
        Member("SourceKeyId", Kind.TEXT),
        m.KEY_ID_ANSWER,
        Member("SourceEncryptionAlgorithm", Kind.TEXT),
        Member("DestinationEncryptionAlgorithm", Kind.TEXT),
        Member("SourceKeyMaterialId", Kind.TEXT),
        Member("DestinationKeyMaterialId", Kind.TEXT),
    ),
    needs=(
        Needs(
            "kms:ReEncryptFrom",
            member="SourceKeyId",
            blob="CiphertextBlob",
            aliases=True,
            role="source",
            context="SourceEncryptionContext",
            grant="ReEncryptFrom",
        ),
        Needs(
            "kms:ReEncryptTo",
            member="DestinationKeyId",
            aliases=True,
            context="DestinationEncryptionContext",
            grant="ReEncryptTo",
        ),
    ),
    states=CRYPTO_STATES,
    usage="ENCRYPT_DECRYPT",
    cross_account=True,
    dry_run=True,
    is_use=True,
    check=_check_reencrypt,
    fits=_fits_reencrypt,
    logged=(
        "SourceEncryptionAlgorithm",
        "SourceEncryptionContext",
        "SourceKeyId",
        "DestinationKeyId",
        "DestinationEncryptionAlgorithm",
        "DestinationEncryptionContext",
    ),
    errors=_CIPHERTEXT_ERRORS,
)
def reencrypt(call: Call) -> Answer:
    """Move a ciphertext to another key without showing the plaintext."""
    if _ignoring(call):
        return {}
    source, blob = call.keys["source"], call.blob("CiphertextBlob")
    opened, sealed = _opening(source, blob), current(call.key)
    before = call.text("SourceEncryptionAlgorithm", SYMMETRIC)
    after = call.text("DestinationEncryptionAlgorithm", SYMMETRIC)
    answer: Answer = {
        "CiphertextBlob": _moved(call, opened, sealed, before, after),
        "SourceKeyId": source.arn,
        "KeyId": call.key.arn,
        "SourceEncryptionAlgorithm": before,
        "DestinationEncryptionAlgorithm": after,
    }
    if before == SYMMETRIC:
        answer["SourceKeyMaterialId"] = opened[1].material_id
    if after == SYMMETRIC:
        answer["DestinationKeyMaterialId"] = sealed[1].material_id
    return answer


def _moved(
    call: Call,
    opened: tuple[bytes, MaterialBinding],
    sealed: tuple[bytes, MaterialBinding],
    before: str,
    after: str,
) -> bytes:
    """Return the ciphertext of a call under its other key."""
    blob = call.blob("CiphertextBlob")
    source_context = encode_context(call, "SourceEncryptionContext")
    context = encode_context(call, "DestinationEncryptionContext")
    source, target = hsm_of(call, call.keys["source"]), hsm_of(call, call.key)
    if source is target:
        return target.reencrypt(
            opened, blob, source_context, sealed, context, algorithms=(before, after)
        )
    # From one HSM into another the plaintext has to pass through here.
    if before == SYMMETRIC:
        plaintext = source.decrypt(*opened, blob, source_context)
    else:
        plaintext = source.rsa_decrypt(*opened, blob, before)
    if after == SYMMETRIC:
        return target.encrypt(*sealed, plaintext, context)
    return target.rsa_encrypt(*sealed, plaintext, after)
