"""Sign and Verify."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from kmstui.core.arn import root_arn
from kmstui.core.errors import AccessDeniedException
from kmstui.hsm.algorithms import DIGEST, DIGEST_BYTES, EVERY_ALGORITHM, SIGN, Algorithm
from tests.helpers.engines import OTHER_ACCOUNT, Bench, arn_of
from tests.helpers.people import (
    ALLOWED,
    IMPLICIT,
    Cast,
    allow,
    aws,
    delegation,
    document,
    user_arn,
)

MESSAGE = b"a message that is signed"
ROWS = [row for row in EVERY_ALGORITHM if row.key_usage == SIGN and row.supported]
CURVES = ("ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1")
HASHED = [row for row in ROWS if DIGEST in row.message_types and row.key_spec in CURVES]
DIGESTS = {"SHA_256": hashlib.sha256, "SHA_384": hashlib.sha384, "SHA_512": hashlib.sha512}


def label(row: Algorithm) -> str:
    """Return what a row is called in a test's id."""
    return f"{row.key_spec}-{row.name}"


def sign(bench: Bench, key: str, algorithm: str, **members: Any) -> bytes:
    """Return a signature."""
    request = {"KeyId": key, "Message": MESSAGE, "SigningAlgorithm": algorithm}
    signature: bytes = bench.call("Sign", request, **members)["Signature"]
    return signature


@pytest.mark.parametrize("row", ROWS, ids=label)
def test_what_is_signed_is_verified(bench: Bench, row: Algorithm) -> None:
    """Every supported algorithm of every key spec signs and verifies; both answer in full."""
    key = bench.key("alias/s", KeySpec=row.key_spec, KeyUsage=SIGN)
    request = {"KeyId": "alias/s", "Message": MESSAGE, "SigningAlgorithm": row.name}
    answer = bench.call("Sign", request)
    signature = answer.pop("Signature")
    assert answer == {"KeyId": arn_of(key), "SigningAlgorithm": row.name}
    assert bench.call("Verify", request, Signature=signature) == {
        "KeyId": arn_of(key),
        "SignatureValid": True,
        "SigningAlgorithm": row.name,
    }
    for changes in ({"Message": MESSAGE + b"."}, {"Signature": signature[:-1]}):
        error = bench.refusal("Verify", {**request, "Signature": signature, **changes})
        assert (error.code, error.message) == ("KMSInvalidSignatureException", "")


def public(bench: Bench, key: str) -> Any:
    """Return a key's public half as anybody would load it."""
    return load_der_public_key(bench.call("GetPublicKey", KeyId=key)["PublicKey"])


def test_an_ecdsa_signature_verifies_outside(bench: Bench) -> None:
    """It is a DER signature over the hash of the message."""
    key = bench.key(KeySpec="ECC_NIST_P384", KeyUsage=SIGN)
    exported = public(bench, key)
    assert isinstance(exported, ec.EllipticCurvePublicKey)
    exported.verify(sign(bench, key, "ECDSA_SHA_384"), MESSAGE, ec.ECDSA(hashes.SHA384()))


def test_rsa_signatures_verify_outside(bench: Bench) -> None:
    """PSS has a salt as long as the hash; PKCS #1 v1.5 is raw octets."""
    key = bench.key(KeySpec="RSA_2048", KeyUsage=SIGN)
    exported = public(bench, key)
    assert isinstance(exported, rsa.RSAPublicKey)
    digest = hashes.SHA512()
    pss = padding.PSS(mgf=padding.MGF1(digest), salt_length=64)
    exported.verify(sign(bench, key, "RSASSA_PSS_SHA_512"), MESSAGE, pss, digest)
    signature = sign(bench, key, "RSASSA_PKCS1_V1_5_SHA_512")
    exported.verify(signature, MESSAGE, padding.PKCS1v15(), digest)


def test_an_edwards_signature_verifies_outside(bench: Bench) -> None:
    """Ed25519 signs the message itself."""
    key = bench.key(KeySpec="ECC_NIST_EDWARDS25519", KeyUsage=SIGN)
    exported = public(bench, key)
    assert isinstance(exported, ed25519.Ed25519PublicKey)
    exported.verify(sign(bench, key, "ED25519_SHA_512"), MESSAGE)


def test_a_lattice_signature_verifies_outside(bench: Bench) -> None:
    """ML-DSA signs with an empty context."""
    key = bench.key(KeySpec="ML_DSA_65", KeyUsage=SIGN)
    exported = public(bench, key)
    assert isinstance(exported, MLDSA65PublicKey)
    exported.verify(sign(bench, key, "ML_DSA_SHAKE_256"), MESSAGE)


def test_a_signature_made_outside_verifies_here(bench: Bench) -> None:
    """What counts is the key, not who computed: a digest and its message are one to Verify."""
    key = bench.key(KeySpec="ECC_NIST_P256", KeyUsage=SIGN)
    signature = sign(bench, key, "ECDSA_SHA_256")
    digest = hashlib.sha256(MESSAGE).digest()
    request = {"KeyId": key, "SigningAlgorithm": "ECDSA_SHA_256", "Signature": signature}
    bench.call("Verify", request, Message=digest, MessageType="DIGEST")
    over_digest = sign(bench, key, "ECDSA_SHA_256", Message=digest, MessageType="DIGEST")
    bench.call("Verify", {**request, "Signature": over_digest}, Message=MESSAGE)


@pytest.mark.parametrize("row", HASHED, ids=label)
@pytest.mark.parametrize("off", [-1, 1])
def test_a_digest_has_its_length(bench: Bench, row: Algorithm, off: int) -> None:
    """One byte less or more than the hash is refused, in Sign and in Verify."""
    key = bench.key(KeySpec=row.key_spec, KeyUsage=SIGN)
    digest = DIGESTS[row.digest](MESSAGE).digest()
    request = {"KeyId": key, "SigningAlgorithm": row.name, "MessageType": "DIGEST"}
    bench.call("Sign", request, Message=digest)
    wrong = bytes(DIGEST_BYTES[row.digest] + off)
    text = f"Digest is invalid length for algorithm {row.name}."
    error = bench.refusal("Sign", request, Message=wrong)
    assert (error.code, error.message) == ("ValidationException", text)
    error = bench.refusal("Verify", request, Message=wrong, Signature=b"x")
    assert (error.code, error.message) == ("ValidationException", text)


def test_a_representative_has_64_bytes_and_is_for_lattices(bench: Bench) -> None:
    """EXTERNAL_MU skips the hashing of ML-DSA; no other algorithm has it."""
    key = bench.key(KeySpec="ML_DSA_44", KeyUsage=SIGN)
    request = {"KeyId": key, "SigningAlgorithm": "ML_DSA_SHAKE_256", "MessageType": "EXTERNAL_MU"}
    signature = bench.call("Sign", request, Message=bytes(64))["Signature"]
    bench.call("Verify", request, Message=bytes(64), Signature=signature)
    for size in (63, 65):
        assert bench.refusal("Sign", request, Message=bytes(size)).code == "ValidationException"
    refused = {**request, "MessageType": "DIGEST", "Message": bytes(64)}
    assert bench.refusal("Sign", refused).code == "ValidationException"
    curve = bench.key(KeySpec="ECC_NIST_P256", KeyUsage=SIGN)
    members = {**request, "KeyId": curve, "SigningAlgorithm": "ECDSA_SHA_256"}
    error = bench.refusal("Sign", members, Message=bytes(64))
    assert error.code == "ValidationException"


def test_edwards_keys_sign_messages_only(bench: Bench) -> None:
    """Ed25519 takes no digest; Ed25519ph, which does, is not here, and the hint says what is."""
    key = bench.key(KeySpec="ECC_NIST_EDWARDS25519", KeyUsage=SIGN)
    digest = {"Message": bytes(64), "MessageType": "DIGEST"}
    request = {"KeyId": key, "SigningAlgorithm": "ED25519_SHA_512", **digest}
    assert bench.refusal("Sign", request).code == "ValidationException"
    error = bench.refusal("Sign", {**request, "SigningAlgorithm": "ED25519_PH_SHA_512"})
    assert error.code == "UnsupportedOperationException"
    assert "ED25519_SHA_512" in error.hint


@pytest.mark.parametrize("name", ["Sign", "Verify"])
def test_an_algorithm_of_other_keys_is_incompatible(bench: Bench, name: str) -> None:
    """Curves have one algorithm each, by the size of the curve."""
    key = bench.key(KeySpec="ECC_NIST_P256", KeyUsage=SIGN)
    for algorithm in ("ECDSA_SHA_384", "RSASSA_PSS_SHA_256", "SM2DSA", "ML_DSA_SHAKE_256"):
        request = {"KeyId": key, "Message": b"x", "SigningAlgorithm": algorithm}
        more = {"Signature": b"x"} if name == "Verify" else {}
        error = bench.refusal(name, request, **more)
        text = f"Algorithm {algorithm} is incompatible with key spec ECC_NIST_P256."
        assert (error.code, error.message) == ("InvalidKeyUsageException", text)


@pytest.mark.parametrize(("spec", "usage"), [("RSA_2048", "ENCRYPT_DECRYPT"), ("", "")])
def test_keys_of_other_usages_do_not_sign(bench: Bench, spec: str, usage: str) -> None:
    """The text names the key, its usage and the operation."""
    key = bench.key(KeySpec=spec, KeyUsage=usage) if spec else bench.key()
    request = {"KeyId": key, "Message": b"x", "SigningAlgorithm": "RSASSA_PSS_SHA_256"}
    text = f"{arn_of(key)} key usage is ENCRYPT_DECRYPT which is not valid for "
    error = bench.refusal("Sign", request)
    assert (error.code, error.message) == ("InvalidKeyUsageException", f"{text}Sign.")
    error = bench.refusal("Verify", request, Signature=b"x")
    assert (error.code, error.message) == ("InvalidKeyUsageException", f"{text}Verify.")


def test_another_keys_signature_does_not_verify(bench: Bench) -> None:
    """Nor does one of another algorithm of the same key, nor garbage: one empty text for all."""
    key, other = (bench.key(KeySpec="RSA_2048", KeyUsage=SIGN) for _ in range(2))
    name = "RSASSA_PKCS1_V1_5_SHA_256"
    request = {"KeyId": key, "Message": MESSAGE, "SigningAlgorithm": name}
    for signature in (
        sign(bench, other, name),
        sign(bench, key, "RSASSA_PKCS1_V1_5_SHA_384"),
        b"x",
        bytes(256),
        bytes(6144),
    ):
        error = bench.refusal("Verify", request, Signature=signature)
        assert (error.code, error.message) == ("KMSInvalidSignatureException", "")


def test_a_dry_run_signs_nothing(bench: Bench) -> None:
    """Success is an error of its own; a signature that does not fit comes first."""
    key = bench.key(KeySpec="ECC_NIST_P256", KeyUsage=SIGN)
    request = {"KeyId": key, "Message": MESSAGE, "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = bench.call("Sign", request)["Signature"]
    dry = {**request, "DryRun": True}
    assert bench.refusal("Sign", dry).code == "DryRunOperationException"
    assert bench.refusal("Verify", dry, Signature=signature).code == "DryRunOperationException"
    assert bench.refusal("Verify", dry, Signature=b"x").code == "KMSInvalidSignatureException"


def test_the_trail_shows_the_algorithm_and_never_the_message(bench: Bench) -> None:
    """MessageType is written as if sent; message and signature are nowhere."""
    key = bench.key(KeySpec="ECC_NIST_P256", KeyUsage=SIGN)
    request = {"KeyId": key, "Message": b"canary-message", "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = bench.call("Sign", request)["Signature"]
    event = bench.last_event()
    assert event["requestParameters"] == {
        "keyId": key,
        "messageType": "RAW",
        "signingAlgorithm": "ECDSA_SHA_256",
    }
    assert (event["responseElements"], event["readOnly"]) == (None, True)
    bench.call("Verify", request, Signature=signature, MessageType="RAW")
    bench.refusal("Verify", request, Signature=b"canary-signature")
    bench.refusal("Sign", request, KeyId="canary-nonsense", Message="canary-message")
    bench.close()
    trail = b"".join(path.read_bytes() for path in (bench.directory / "trail").iterdir())
    for secret in (b"canary-message", b"canary-signature", signature.hex().encode()):
        assert secret not in trail


def test_a_grant_lets_its_grantee_sign(training: Bench) -> None:
    """For the operations it names, and no longer than it lasts."""
    cast = Cast(training)
    ada = cast.user("ada")
    key = training.key(KeySpec="ECC_NIST_P256", KeyUsage=SIGN)
    request = {"KeyId": key, "Message": MESSAGE, "SigningAlgorithm": "ECDSA_SHA_256"}
    assert cast.outcome(ada, "Sign", **request) == IMPLICIT
    grant = training.call(
        "CreateGrant", KeyId=key, GranteePrincipal=user_arn("ada"), Operations=["Sign"]
    )
    assert cast.outcome(ada, "Sign", **request) == ALLOWED
    assert cast.outcome(ada, "Verify", **request, Signature=b"x") == IMPLICIT
    training.call("RevokeGrant", KeyId=key, GrantId=grant["GrantId"])
    assert cast.outcome(ada, "Sign", **request) == IMPLICIT


def test_another_account_signs_where_both_allow_it(training: Bench) -> None:
    """By the key's ARN; what its policy does not name stays closed."""
    training.call("kmstui:CreateAccount", AccountId=OTHER_ACCOUNT, Name="partner")
    theirs = training.engine.act_as(training.session, principal=root_arn(OTHER_ACCOUNT))
    foreign = allow("kms:Sign", "kms:GetPublicKey", Principal=aws(root_arn(OTHER_ACCOUNT)))
    policy = document(delegation(), foreign)
    key = training.key(KeySpec="ECC_NIST_P256", KeyUsage=SIGN, Policy=policy)
    request = {"KeyId": arn_of(key), "Message": MESSAGE, "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = training.engine.call(theirs, "kms:Sign", request)["Signature"]
    training.call("Verify", request, Signature=signature)
    training.engine.call(theirs, "kms:GetPublicKey", {"KeyId": arn_of(key)})
    with pytest.raises(AccessDeniedException):
        training.engine.call(theirs, "kms:Verify", {**request, "Signature": signature})


@pytest.mark.parametrize("algorithm", ["ECDSA_SHA_256", "RSASSA_PSS_SHA_256"])
def test_a_policy_can_ask_for_an_algorithm(training: Bench, algorithm: str) -> None:
    """A statement on kms:SigningAlgorithm and kms:MessageType decides by what is sent."""
    cast = Cast(training)
    condition = {"kms:SigningAlgorithm": "ECDSA_SHA_256", "kms:MessageType": "RAW"}
    ada = cast.user("ada", allow("kms:Sign", Condition={"StringEquals": condition}))
    spec = "ECC_NIST_P256" if algorithm.startswith("ECDSA") else "RSA_2048"
    key = training.key(KeySpec=spec, KeyUsage=SIGN)
    request = {"KeyId": key, "SigningAlgorithm": algorithm}
    expected = ALLOWED if algorithm == condition["kms:SigningAlgorithm"] else IMPLICIT
    assert expected == cast.outcome(ada, "Sign", **request, Message=MESSAGE)
    digest = {"Message": bytes(32), "MessageType": "DIGEST"}
    assert cast.outcome(ada, "Sign", **request, **digest) == IMPLICIT
