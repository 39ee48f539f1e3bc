"""DeriveSharedSecret."""

from __future__ import annotations

from kmstui.core.spec import CRYPTO_STATES, Answer, Kind, Member, Needs, operation
from kmstui.ops.call import Call
from kmstui.ops.kms import members as m
from kmstui.ops.kms.crypto import (
    CRYPTO_ERRORS,
    check_algorithm,
    current,
    hsm_of,
)
from kmstui.ops.kms.grant_tokens import check_grant_tokens
from kmstui.ops.kms.recipient import answered, check_recipient


def _check(call: Call) -> None:
    check_grant_tokens(call)
    check_recipient(call)


def _fits(call: Call) -> None:
    check_algorithm(call, call.key, "KeyAgreementAlgorithm")


@operation(
    "kms",
    "DeriveSharedSecret",
    doc="Derive the secret that a key pair shares with another's public key.",
    members=(
        m.key_id(),
        Member(
            "KeyAgreementAlgorithm",
            Kind.TEXT,
            required=True,
            enum=("ECDH",),
            doc="The key's one agreement algorithm.",
        ),
        Member(
            "PublicKey",
            Kind.BLOB,
            required=True,
            minimum=1,
            maximum=8192,
            doc="The other public key: DER SubjectPublicKeyInfo, on the same curve.",
        ),
        m.GRANT_TOKENS,
        m.DRY_RUN,
        m.RECIPIENT,
    ),
    answer=(
        m.KEY_ID_ANSWER,
        Member("SharedSecret", Kind.BLOB, sensitive=True),
        m.FOR_RECIPIENT,
        Member("KeyAgreementAlgorithm", Kind.TEXT),
        Member("KeyOrigin", Kind.TEXT),
    ),
    needs=(Needs("kms:DeriveSharedSecret", aliases=True),),
    states=CRYPTO_STATES,
    usage="KEY_AGREEMENT",
    grant="DeriveSharedSecret",
    cross_account=True,
    dry_run=True,
    is_use=True,
    check=_check,
    fits=_fits,
    logged=("KeyId", "KeyAgreementAlgorithm"),
    errors=CRYPTO_ERRORS,
)
def derive_shared_secret(call: Call) -> Answer:
    """Return the raw secret, to be put through a key derivation function before it is used."""
    secret = hsm_of(call, call.key).derive_shared_secret(
        *current(call.key), call.blob("PublicKey")
    )
    return answered(call, "SharedSecret", secret) | {
        "KeyId": call.key.arn,
        "KeyAgreementAlgorithm": call.text("KeyAgreementAlgorithm"),
        "KeyOrigin": call.key.origin,
    }
