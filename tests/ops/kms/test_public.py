"""GetPublicKey."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key

from kmstui.hsm.algorithms import ALGORITHMS
from tests.helpers.engines import Bench, arn_of

KINDS = sorted(
    {
        (row.key_spec, row.key_usage)
        for row in ALGORITHMS
        if row.scheme not in {"AES_GCM", "HMAC"}
        and not row.key_spec.startswith(("RSA_3", "RSA_4"))
    }
)
MEMBERS = {
    "ENCRYPT_DECRYPT": "EncryptionAlgorithms",
    "SIGN_VERIFY": "SigningAlgorithms",
    "KEY_AGREEMENT": "KeyAgreementAlgorithms",
    "ENCAPSULATE_DECAPSULATE": "EncapsulationAlgorithms",
}


@pytest.mark.parametrize(("spec", "usage"), KINDS)
def test_a_key_pair_shows_its_public_half(bench: Bench, spec: str, usage: str) -> None:
    """A DER key that others load, always the same, with what DescribeKey says of the key."""
    key = bench.key("alias/p", KeySpec=spec, KeyUsage=usage)
    answer = bench.call("GetPublicKey", KeyId="alias/p")
    metadata = bench.call("DescribeKey", KeyId=key)["KeyMetadata"]
    load_der_public_key(answer["PublicKey"])
    assert answer == bench.call("GetPublicKey", KeyId=key)
    assert answer.pop("PublicKey")
    assert answer == {
        "KeyId": arn_of(key),
        "CustomerMasterKeySpec": spec,
        "KeySpec": spec,
        "KeyUsage": usage,
        MEMBERS[usage]: metadata[MEMBERS[usage]],
    }


@pytest.mark.parametrize(
    "members", [{}, {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}]
)
def test_symmetric_keys_have_no_public_half(bench: Bench, members: dict[str, str]) -> None:
    """Refused, with the kinds of keys that have one."""
    key = bench.key(**members)
    error = bench.refusal("GetPublicKey", KeyId=key)
    spec = members.get("KeySpec", "SYMMETRIC_DEFAULT")
    text = f"KeySpec {spec} does not have a public key."
    assert (error.code, error.message) == ("UnsupportedOperationException", text)
    assert "RSA" in error.hint


def test_looking_is_no_use(bench: Bench) -> None:
    """It needs an own permission, counts as no use of the key, and the trail shows no key."""
    key = bench.key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    bench.call("GetPublicKey", KeyId=key)
    event = bench.last_event()
    assert (event["requestParameters"], event["responseElements"]) == ({"keyId": key}, None)
    assert bench.call("GetKeyLastUsage", KeyId=key)["KeyLastUsage"] == {}
