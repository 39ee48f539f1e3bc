"""Data keys for envelope encryption, and random bytes."""

from __future__ import annotations

from kmstui.core.errors import ValidationException
from kmstui.core.limits import RANDOM_BYTES
from kmstui.core.spec import CRYPTO_STATES, Answer, Kind, Member, Needs, ResourceKind, operation
from kmstui.ops.call import Call
from kmstui.ops.kms import members as m
from kmstui.ops.kms.crypto import (
    CRYPTO_ERRORS,
    check_algorithm,
    check_context,
    current,
    encode_context,
    hsm_of,
)
from kmstui.ops.kms.recipient import answered, check_recipient
from kmstui.ops.kms.stores.keys import random_bytes

_SIZES = {"AES_256": 32, "AES_128": 16}
_NUMBER_OF_BYTES = Member(
    "NumberOfBytes", Kind.INTEGER, minimum=1, maximum=RANDOM_BYTES, doc="Length in bytes."
)
_KEY_SPEC = Member("KeySpec", Kind.TEXT, enum=("AES_256", "AES_128"), doc="Length by name.")
_LOGGED = ("KeyId", "KeySpec", "NumberOfBytes", "EncryptionContext")


def _check_data_key(call: Call) -> None:
    check_context(call)
    check_recipient(call)
    if call.has("KeySpec") == call.has("NumberOfBytes"):
        raise ValidationException("Please specify either number of bytes or key spec.")


def _fits_data_key(call: Call) -> None:
    check_algorithm(call, call.key)


def _generate(call: Call, *, with_plaintext: bool) -> Answer:
    length = _SIZES.get(call.text("KeySpec")) or call.number("NumberOfBytes", 0)
    token, binding = current(call.key)
    plaintext, blob = hsm_of(call, call.key).generate_data_key(
        token, binding, length, encode_context(call), with_plaintext=with_plaintext
    )
    answer: Answer = {"CiphertextBlob": blob, "KeyId": call.key.arn}
    if call.attested is None:
        answer["KeyMaterialId"] = binding.material_id
    return answer if plaintext is None else answer | answered(call, "Plaintext", plaintext)


@operation(
    "kms",
    "GenerateDataKey",
    doc="Make a data key: in plaintext for use now, and encrypted to keep.",
    members=(
        m.key_id(),
        m.context(),
        _NUMBER_OF_BYTES,
        _KEY_SPEC,
        m.GRANT_TOKENS,
        m.RECIPIENT,
        m.DRY_RUN,
    ),
    answer=(
        m.CIPHERTEXT_ANSWER,
        m.PLAINTEXT_ANSWER,
        m.KEY_ID_ANSWER,
        m.FOR_RECIPIENT,
        m.KEY_MATERIAL_ID,
    ),
    needs=(Needs("kms:GenerateDataKey", aliases=True),),
    states=CRYPTO_STATES,
    usage="ENCRYPT_DECRYPT",
    grant="GenerateDataKey",
    cross_account=True,
    dry_run=True,
    is_use=True,
    check=_check_data_key,
    fits=_fits_data_key,
    logged=_LOGGED,
    errors=CRYPTO_ERRORS,
)
def generate_data_key(call: Call) -> Answer:
    """Return a fresh data key in both forms."""
    return _generate(call, with_plaintext=True)


@operation(
    "kms",
    "GenerateDataKeyWithoutPlaintext",
    doc="Make a data key in encrypted form only, to be decrypted where it is used.",
    members=(
        m.key_id(),
        m.context(),
        _KEY_SPEC,
        _NUMBER_OF_BYTES,
        m.GRANT_TOKENS,
        m.DRY_RUN,
    ),
    answer=(m.CIPHERTEXT_ANSWER, m.KEY_ID_ANSWER, m.KEY_MATERIAL_ID),
    needs=(Needs("kms:GenerateDataKeyWithoutPlaintext", aliases=True),),
    states=CRYPTO_STATES,
    usage="ENCRYPT_DECRYPT",
    grant="GenerateDataKeyWithoutPlaintext",
    cross_account=True,
    dry_run=True,
    is_use=True,
    check=_check_data_key,
    fits=_fits_data_key,
    logged=_LOGGED,
    errors=CRYPTO_ERRORS,
)
def generate_data_key_without_plaintext(call: Call) -> Answer:
    """Return a fresh data key, encrypted."""
    return _generate(call, with_plaintext=False)


def _check_random(call: Call) -> None:
    check_recipient(call)
    if not call.has("NumberOfBytes"):
        raise ValidationException("NumberOfBytes is required.")


@operation(
    "kms",
    "GenerateRandom",
    doc="Return random bytes from the HSM.",
    members=(
        _NUMBER_OF_BYTES,
        Member("CustomKeyStoreId", Kind.TEXT, minimum=1, maximum=64),
        m.RECIPIENT,
    ),
    answer=(m.PLAINTEXT_ANSWER, m.FOR_RECIPIENT),
    needs=(Needs("kms:GenerateRandom", ResourceKind.ACCOUNT, member=""),),
    check=_check_random,
    logged=("CustomKeyStoreId",),
    errors=(
        "DependencyTimeoutException",
        "KMSInternalException",
        "UnsupportedOperationException",
        "CustomKeyStoreNotFoundException",
        "CustomKeyStoreInvalidStateException",
    ),
)
def generate_random(call: Call) -> Answer:
    """Return random bytes."""
    length = call.number("NumberOfBytes", 0)
    if call.has("CustomKeyStoreId"):
        return answered(call, "Plaintext", random_bytes(call, length))
    return answered(call, "Plaintext", call.services.hsm.random(length))
