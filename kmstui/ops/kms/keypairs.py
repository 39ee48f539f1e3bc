"""Data key pairs: made here, used elsewhere, their private keys encrypted under a KMS key."""

from __future__ import annotations

from typing import NamedTuple

from kmstui.core.errors import UnsupportedOperationException
from kmstui.core.spec import CRYPTO_STATES, Answer, Apart, Kind, Member, Needs, operation
from kmstui.hsm import algorithms
from kmstui.ops.call import Call
from kmstui.ops.kms import members as m
from kmstui.ops.kms.algorithms import SYMMETRIC, UNSUPPORTED_HINTS, require_algorithm
from kmstui.ops.kms.crypto import (
    CRYPTO_ERRORS,
    check_context,
    current,
    encode_context,
    hsm_of,
)
from kmstui.ops.kms.recipient import answered, check_recipient

_SPEC = Member(
    "KeyPairSpec",
    Kind.TEXT,
    required=True,
    enum=m.DATA_KEY_PAIR_SPECS,
    doc="What kind of key pair.",
)
_PUBLIC_KEY = Member("PublicKey", Kind.BLOB)
_PRIVATE_BLOB = Member("PrivateKeyCiphertextBlob", Kind.BLOB)
_SPEC_ANSWER = Member("KeyPairSpec", Kind.TEXT)
_LOGGED = ("KeyId", "KeyPairSpec", "EncryptionContext")
_ERRORS = (*CRYPTO_ERRORS, "UnsupportedOperationException")


class _Made(NamedTuple):
    """A data key pair, and the key and material that encrypted its private key."""

    key_arn: str
    private: bytes | None
    blob: bytes
    public: bytes
    material_id: str


def _check(call: Call) -> None:
    check_context(call)
    check_recipient(call)


def _fits(call: Call) -> None:
    """Refuse keys that encrypt no data keys, and pairs that cannot be made here."""
    require_algorithm(call.key.key_spec, call.key.key_usage, SYMMETRIC)
    if call.key.custom_key_store_id:
        raise UnsupportedOperationException(
            f"{call.key.arn} is in a custom key store, which makes no data key pairs.",
            hint="Use a symmetric encryption key outside custom key stores.",
        )
    name = call.text("KeyPairSpec")
    spec = algorithms.spec(name)
    if spec is None or not spec.supported:
        raise UnsupportedOperationException(
            f"KeyPairSpec {name} is not supported.", hint=UNSUPPORTED_HINTS.get(name)
        )


def _is_slow(call: Call) -> bool:
    """Tell whether making the pair takes more than some milliseconds."""
    return call.text("KeyPairSpec").startswith("RSA") and not call.flag("DryRun")


def _make(call: Call) -> _Made:
    """Make the pair that a request asks for."""
    token, binding = current(call.key)
    private, blob, public = hsm_of(call, call.key).generate_data_key_pair(
        token,
        binding,
        call.text("KeyPairSpec"),
        encode_context(call),
        with_plaintext=call.spec.name == "GenerateDataKeyPair",
    )
    return _Made(call.key.arn, private, blob, public, binding.material_id)


def _answer(call: Call) -> tuple[Answer, bytes | None]:
    """Return the answer without the private key, and the private key."""
    made: _Made | None = call.made
    if made is None or made.key_arn != call.key.arn:
        # An alias may have come to lead to another key, which the caller may use and the trail
        # is about.
        made = _make(call)
    answer: Answer = {
        "PrivateKeyCiphertextBlob": made.blob,
        "PublicKey": made.public,
        "KeyId": call.key.arn,
        "KeyPairSpec": call.text("KeyPairSpec"),
        "KeyMaterialId": made.material_id,
    }
    return answer, made.private


@operation(
    "kms",
    "GenerateDataKeyPair",
    doc="Make a key pair for use elsewhere: its private key in plaintext and encrypted.",
    members=(m.context(), m.key_id(), _SPEC, m.GRANT_TOKENS, m.RECIPIENT, m.DRY_RUN),
    answer=(
        _PRIVATE_BLOB,
        Member("PrivateKeyPlaintext", Kind.BLOB, sensitive=True),
        _PUBLIC_KEY,
        m.KEY_ID_ANSWER,
        _SPEC_ANSWER,
        m.FOR_RECIPIENT,
        m.KEY_MATERIAL_ID,
    ),
    needs=(Needs("kms:GenerateDataKeyPair", aliases=True),),
    states=CRYPTO_STATES,
    usage="ENCRYPT_DECRYPT",
    grant="GenerateDataKeyPair",
    cross_account=True,
    dry_run=True,
    is_use=True,
    check=_check,
    fits=_fits,
    apart=Apart(wanted=_is_slow, work=_make),
    logged=_LOGGED,
    errors=_ERRORS,
)
def generate_data_key_pair(call: Call) -> Answer:
    """Return a fresh pair: PKCS#8 and SubjectPublicKeyInfo, both in DER."""
    if call.flag("DryRun"):
        return {}
    answer, private = _answer(call)
    return answer if private is None else answer | answered(call, "PrivateKeyPlaintext", private)


@operation(
    "kms",
    "GenerateDataKeyPairWithoutPlaintext",
    doc="Make a key pair whose private key is decrypted where it is used.",
    members=(m.context(), m.key_id(), _SPEC, m.GRANT_TOKENS, m.DRY_RUN),
    answer=(_PRIVATE_BLOB, _PUBLIC_KEY, m.KEY_ID_ANSWER, _SPEC_ANSWER, m.KEY_MATERIAL_ID),
    needs=(Needs("kms:GenerateDataKeyPairWithoutPlaintext", aliases=True),),
    states=CRYPTO_STATES,
    usage="ENCRYPT_DECRYPT",
    grant="GenerateDataKeyPairWithoutPlaintext",
    cross_account=True,
    dry_run=True,
    is_use=True,
    check=_check,
    fits=_fits,
    apart=Apart(wanted=_is_slow, work=_make),
    logged=_LOGGED,
    errors=_ERRORS,
)
def generate_data_key_pair_without_plaintext(call: Call) -> Answer:
    """Return a fresh pair, its private key encrypted."""
    if call.flag("DryRun"):
        return {}
    return _answer(call)[0]
