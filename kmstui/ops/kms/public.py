"""GetPublicKey."""

from __future__ import annotations

from kmstui.core.errors import UnsupportedOperationException
from kmstui.core.spec import PUBLIC_KEY_STATES, Answer, Kind, Member, Needs, operation
from kmstui.hsm import algorithms
from kmstui.ops.call import Call
from kmstui.ops.kms import members as m
from kmstui.ops.kms.algorithms import algorithms_of
from kmstui.ops.kms.crypto import CRYPTO_ERRORS, current, hsm_of
from kmstui.ops.kms.grant_tokens import check_grant_tokens
from kmstui.ops.kms.metadata import ALGORITHM_MEMBER

_NAMES = Member("Algorithm", Kind.TEXT)


def _fits(call: Call) -> None:
    """Refuse keys that have no public half.

    Raises:
        UnsupportedOperationException: The key is symmetric.
    """
    spec = algorithms.spec(call.key.key_spec)
    if spec is None or spec.material_sizes:
        raise UnsupportedOperationException(
            f"KeySpec {call.key.key_spec} does not have a public key.",
            hint="Asymmetric keys do: RSA, elliptic curve, ML-DSA and ML-KEM.",
        )


@operation(
    "kms",
    "GetPublicKey",
    doc="Return the public key of a key pair, for use outside.",
    members=(m.key_id(), m.GRANT_TOKENS),
    answer=(
        m.KEY_ID_ANSWER,
        Member("PublicKey", Kind.BLOB),
        Member("CustomerMasterKeySpec", Kind.TEXT),
        Member("KeySpec", Kind.TEXT),
        Member("KeyUsage", Kind.TEXT),
        Member("EncryptionAlgorithms", Kind.LIST, item=_NAMES),
        Member("SigningAlgorithms", Kind.LIST, item=_NAMES),
        Member("KeyAgreementAlgorithms", Kind.LIST, item=_NAMES),
        Member("EncapsulationAlgorithms", Kind.LIST, item=_NAMES),
    ),
    needs=(Needs("kms:GetPublicKey", aliases=True),),
    states=PUBLIC_KEY_STATES,
    grant="GetPublicKey",
    cross_account=True,
    check=check_grant_tokens,
    fits=_fits,
    logged=("KeyId",),
    errors=(
        *(name for name in CRYPTO_ERRORS if name != "DryRunOperationException"),
        "UnsupportedOperationException",
        "InvalidArnException",
    ),
)
def get_public_key(call: Call) -> Answer:
    """Return the public key as a DER SubjectPublicKeyInfo, and what it is good for."""
    key = call.key
    return {
        "KeyId": key.arn,
        "PublicKey": hsm_of(call, key).public_key(*current(key)),
        "CustomerMasterKeySpec": key.key_spec,
        "KeySpec": key.key_spec,
        "KeyUsage": key.key_usage,
        ALGORITHM_MEMBER[key.key_usage]: list(algorithms_of(key.key_spec, key.key_usage)),
    }
