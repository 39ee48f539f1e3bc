"""GenerateMac and VerifyMac."""

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
    doc="The message.",
)
_ALGORITHM = Member(
    "MacAlgorithm",
    Kind.TEXT,
    required=True,
    enum=("HMAC_SHA_224", "HMAC_SHA_256", "HMAC_SHA_384", "HMAC_SHA_512"),
    doc="The key's one MAC algorithm.",
)
_ERRORS = tuple(name for name in CRYPTO_ERRORS if name != "DependencyTimeoutException")
_LOGGED = ("KeyId", "MacAlgorithm")


def _fits(call: Call) -> None:
    check_algorithm(call, call.key, "MacAlgorithm")


@operation(
    "kms",
    "GenerateMac",
    doc="Compute the HMAC of a message.",
    members=(_MESSAGE, m.key_id(), _ALGORITHM, m.GRANT_TOKENS, m.DRY_RUN),
    answer=(
        Member("Mac", Kind.BLOB),
        Member("MacAlgorithm", Kind.TEXT),
        m.KEY_ID_ANSWER,
    ),
    needs=(Needs("kms:GenerateMac", aliases=True),),
    states=CRYPTO_STATES,
    usage="GENERATE_VERIFY_MAC",
    grant="GenerateMac",
    cross_account=True,
    dry_run=True,
    is_use=True,
    check=check_grant_tokens,
    fits=_fits,
    logged=_LOGGED,
    errors=_ERRORS,
)
def generate_mac(call: Call) -> Answer:
    """Return the whole tag."""
    algorithm = call.text("MacAlgorithm")
    mac = hsm_of(call, call.key).generate_mac(*current(call.key), call.blob("Message"), algorithm)
    return {"Mac": mac, "MacAlgorithm": algorithm, "KeyId": call.key.arn}


@operation(
    "kms",
    "VerifyMac",
    doc="Verify the HMAC of a message; one that does not fit is an error.",
    members=(
        _MESSAGE,
        m.key_id(),
        _ALGORITHM,
        Member(
            "Mac",
            Kind.BLOB,
            required=True,
            minimum=1,
            maximum=6144,
            doc="The tag, as GenerateMac answered it.",
        ),
        m.GRANT_TOKENS,
        m.DRY_RUN,
    ),
    answer=(
        m.KEY_ID_ANSWER,
        Member("MacValid", Kind.BOOLEAN),
        Member("MacAlgorithm", Kind.TEXT),
    ),
    needs=(Needs("kms:VerifyMac", aliases=True),),
    states=CRYPTO_STATES,
    usage="GENERATE_VERIFY_MAC",
    grant="VerifyMac",
    cross_account=True,
    dry_run=True,
    is_use=True,
    check=check_grant_tokens,
    fits=_fits,
    logged=_LOGGED,
    errors=(*_ERRORS, "KMSInvalidMacException"),
)
def verify_mac(call: Call) -> Answer:
    """Answer that a tag is the message's, or refuse it."""
    algorithm = call.text("MacAlgorithm")
    hsm_of(call, call.key).verify_mac_with_key(
        *current(call.key), call.blob("Message"), call.blob("Mac"), algorithm
    )
    return {"KeyId": call.key.arn, "MacValid": True, "MacAlgorithm": algorithm}
