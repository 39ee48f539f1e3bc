"""Encapsulate and Decapsulate."""

from __future__ import annotations

from kmstui.core.spec import CRYPTO_STATES, Answer, Kind, Member, Needs, operation
from kmstui.ops.call import Call
from kmstui.ops.kms import members as m
from kmstui.ops.kms.crypto import CRYPTO_ERRORS, check_algorithm, current, hsm_of
from kmstui.ops.kms.grant_tokens import check_grant_tokens

_ALGORITHM = Member(
    "EncapsulationAlgorithm",
    Kind.TEXT,
    required=True,
    enum=("ML_KEM",),
    doc="The key's one encapsulation algorithm.",
)
_SECRET = Member("SharedSecret", Kind.BLOB, sensitive=True)
_LOGGED = ("KeyId", "EncapsulationAlgorithm")


def _fits(call: Call) -> None:
    check_algorithm(call, call.key, "EncapsulationAlgorithm")


@operation(
    "kms",
    "Encapsulate",
    doc="Make a shared secret, and the ciphertext that carries it to the private key.",
    members=(m.key_id(), _ALGORITHM, m.GRANT_TOKENS, m.DRY_RUN),
    answer=(
        m.KEY_ID_ANSWER,
        _SECRET,
        Member("SharedSecretCiphertextBlob", Kind.BLOB),
        Member("EncapsulationAlgorithm", Kind.TEXT),
    ),
    needs=(Needs("kms:Encapsulate", aliases=True),),
    states=CRYPTO_STATES,
    usage="ENCAPSULATE_DECAPSULATE",
    grant="Encapsulate",
    cross_account=True,
    dry_run=True,
    is_use=True,
    check=check_grant_tokens,
    fits=_fits,
    logged=_LOGGED,
    errors=CRYPTO_ERRORS,
)
def encapsulate(call: Call) -> Answer:
    """Return a fresh secret of 32 bytes in both forms."""
    secret, ciphertext = hsm_of(call, call.key).encapsulate(*current(call.key))
    return {
        "KeyId": call.key.arn,
        "SharedSecret": secret,
        "SharedSecretCiphertextBlob": ciphertext,
        "EncapsulationAlgorithm": call.text("EncapsulationAlgorithm"),
    }


@operation(
    "kms",
    "Decapsulate",
    doc="Recover a shared secret with the private key.",
    members=(
        m.key_id(),
        Member(
            "SharedSecretCiphertextBlob",
            Kind.BLOB,
            required=True,
            minimum=1,
            maximum=6144,
            doc="What Encapsulate answered, or anyone made with the public key.",
        ),
        _ALGORITHM,
        m.GRANT_TOKENS,
        m.DRY_RUN,
    ),
    answer=(m.KEY_ID_ANSWER, _SECRET, Member("EncapsulationAlgorithm", Kind.TEXT)),
    needs=(Needs("kms:Decapsulate", aliases=True),),
    states=CRYPTO_STATES,
    usage="ENCAPSULATE_DECAPSULATE",
    grant="Decapsulate",
    cross_account=True,
    dry_run=True,
    is_use=True,
    check=check_grant_tokens,
    fits=_fits,
    logged=_LOGGED,
    errors=(*CRYPTO_ERRORS, "InvalidCiphertextException"),
)
def decapsulate(call: Call) -> Answer:
    """Return the secret; a ciphertext for another key gives one that nobody else has."""
    secret = hsm_of(call, call.key).decapsulate(
        *current(call.key), call.blob("SharedSecretCiphertextBlob")
    )
    return {
        "KeyId": call.key.arn,
        "SharedSecret": secret,
        "EncapsulationAlgorithm": call.text("EncapsulationAlgorithm"),
    }
