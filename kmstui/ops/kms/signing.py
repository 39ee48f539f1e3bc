"""Sign and Verify."""

from __future__ import annotations

from kmstui.core.spec import CRYPTO_STATES, Answer, Kind, Member, Needs, operation
from kmstui.ops.call import Call
from kmstui.ops.kms import members as m
from kmstui.ops.kms.crypto import CRYPTO_ERRORS, check_algorithm, current, hsm_of
from kmstui.ops.kms.grant_tokens import check_grant_tokens

_MESSAGE = Member(
    "Message",
    Kind.BLOB,
    required=True,
    minimum=1,
    maximum=4096,
    sensitive=True,
    doc="The message, or its digest or representative.",
)
_MESSAGE_TYPE = Member(
    "MessageType",
    Kind.TEXT,
    enum=("RAW", "DIGEST", "EXTERNAL_MU"),
    default="RAW",
    doc="RAW is hashed here; a DIGEST was hashed before; EXTERNAL_MU is for ML-DSA.",
)
_ALGORITHM = Member(
    "SigningAlgorithm",
    Kind.TEXT,
    required=True,
    enum=m.SIGNING_ALGORITHMS,
    doc="One of the key's SigningAlgorithms.",
)
_LOGGED = ("KeyId", "MessageType", "SigningAlgorithm")


def _fits(call: Call) -> None:
    check_algorithm(call, call.key, "SigningAlgorithm")


@operation(
    "kms",
    "Sign",
    doc="Sign a message, its digest or its ML-DSA representative.",
    members=(m.key_id(), _MESSAGE, _MESSAGE_TYPE, m.GRANT_TOKENS, _ALGORITHM, m.DRY_RUN),
    answer=(
        m.KEY_ID_ANSWER,
        Member("Signature", Kind.BLOB),
        Member("SigningAlgorithm", Kind.TEXT),
    ),
    needs=(Needs("kms:Sign", aliases=True),),
    states=CRYPTO_STATES,
    usage="SIGN_VERIFY",
    grant="Sign",
    cross_account=True,
    dry_run=True,
    is_use=True,
    check=check_grant_tokens,
    fits=_fits,
    logged=_LOGGED,
    errors=CRYPTO_ERRORS,
)
def sign(call: Call) -> Answer:
    """Sign with the private key, which stays in the HSM."""
    algorithm = call.text("SigningAlgorithm")
    signature = hsm_of(call, call.key).sign(
        *current(call.key), call.blob("Message"), call.text("MessageType", "RAW"), algorithm
    )
    return {"KeyId": call.key.arn, "Signature": signature, "SigningAlgorithm": algorithm}


@operation(
    "kms",
    "Verify",
    doc="Verify a signature; one that does not fit is an error.",
    members=(
        m.key_id(),
        _MESSAGE,
        _MESSAGE_TYPE,
        Member(
            "Signature",
            Kind.BLOB,
            required=True,
            minimum=1,
            maximum=6144,
            doc="The signature, as Sign answered it.",
        ),
        _ALGORITHM,
        m.GRANT_TOKENS,
        m.DRY_RUN,
    ),
    answer=(
        m.KEY_ID_ANSWER,
        Member("SignatureValid", Kind.BOOLEAN),
        Member("SigningAlgorithm", Kind.TEXT),
    ),
    needs=(Needs("kms:Verify", aliases=True),),
    states=CRYPTO_STATES,
    usage="SIGN_VERIFY",
    grant="Verify",
    cross_account=True,
    dry_run=True,
    is_use=True,
    check=check_grant_tokens,
    fits=_fits,
    logged=_LOGGED,
    errors=(*CRYPTO_ERRORS, "KMSInvalidSignatureException"),
)
def verify(call: Call) -> Answer:
    """Answer that a signature is the key's, or refuse it."""
    algorithm = call.text("SigningAlgorithm")
    hsm_of(call, call.key).verify(
        *current(call.key),
        call.blob("Message"),
        call.text("MessageType", "RAW"),
        algorithm,
        signature=call.blob("Signature"),
    )
    return {"KeyId": call.key.arn, "SignatureValid": True, "SigningAlgorithm": algorithm}
