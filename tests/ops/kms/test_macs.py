"""GenerateMac and VerifyMac."""

from __future__ import annotations

import hmac

import pytest

from tests.helpers.engines import Bench, arn_of
from tests.helpers.imports import Importer

USAGE = "GENERATE_VERIFY_MAC"
MESSAGE = b"a message with a tag"
SIZES = {"224": 28, "256": 32, "384": 48, "512": 64}


@pytest.mark.parametrize("size", SIZES)
def test_what_is_tagged_is_verified(bench: Bench, size: str) -> None:
    """Each key spec has one algorithm; the tag is whole, the same every time, and verifies."""
    key = bench.key("alias/m", KeySpec=f"HMAC_{size}", KeyUsage=USAGE)
    algorithm = f"HMAC_SHA_{size}"
    request = {"KeyId": "alias/m", "Message": MESSAGE, "MacAlgorithm": algorithm}
    answer = bench.call("GenerateMac", request)
    assert answer == bench.call("GenerateMac", request)
    mac = answer.pop("Mac")
    assert answer == {"KeyId": arn_of(key), "MacAlgorithm": algorithm}
    assert SIZES[size] == len(mac)
    assert bench.call("VerifyMac", request, Mac=mac) == {
        "KeyId": arn_of(key),
        "MacValid": True,
        "MacAlgorithm": algorithm,
    }


def test_a_tag_is_an_hmac(bench: Bench) -> None:
    """With imported material it is what anybody else computes with it."""
    importer, material = Importer(bench), bytes(range(32))
    key = importer.key("HMAC_256")
    importer.put(key, material)
    request = {"KeyId": key, "Message": MESSAGE, "MacAlgorithm": "HMAC_SHA_256"}
    expected = hmac.digest(material, MESSAGE, "sha256")
    assert expected == bench.call("GenerateMac", request)["Mac"]


@pytest.mark.parametrize("change", ["short", "long", "other", "one"])
def test_a_tag_that_does_not_fit_is_refused(bench: Bench, change: str) -> None:
    """Truncated, extended, foreign and garbage tags share one empty text."""
    key, other = (bench.key(KeySpec="HMAC_256", KeyUsage=USAGE) for _ in range(2))
    request = {"KeyId": key, "Message": MESSAGE, "MacAlgorithm": "HMAC_SHA_256"}
    mac = bench.call("GenerateMac", request)["Mac"]
    wrong = {
        "short": mac[:-1],
        "long": mac + b"\x00",
        "other": bench.call("GenerateMac", {**request, "KeyId": other})["Mac"],
        "one": b"x",
    }[change]
    error = bench.refusal("VerifyMac", request, Mac=wrong)
    assert (error.code, error.message) == ("KMSInvalidMacException", "")
    error = bench.refusal("VerifyMac", {**request, "Message": b"another"}, Mac=mac)
    assert (error.code, error.message) == ("KMSInvalidMacException", "")


@pytest.mark.parametrize("name", ["GenerateMac", "VerifyMac"])
def test_each_key_has_one_algorithm(bench: Bench, name: str) -> None:
    """The recorded text."""
    key = bench.key(KeySpec="HMAC_224", KeyUsage=USAGE)
    request = {"KeyId": key, "Message": b"x", "MacAlgorithm": "HMAC_SHA_256"}
    error = bench.refusal(name, request, **({"Mac": b"x"} if name == "VerifyMac" else {}))
    text = "Algorithm HMAC_SHA_256 is incompatible with key spec HMAC_224."
    assert (error.code, error.message) == ("InvalidKeyUsageException", text)


def test_a_mac_key_does_nothing_else(bench: Bench) -> None:
    """It neither encrypts nor signs, whatever context comes with the call."""
    key = bench.key(KeySpec="HMAC_256", KeyUsage=USAGE)
    text = f"{arn_of(key)} key usage is {USAGE} which is not valid for "
    context = {"EncryptionContext": {"a": "b"}}
    error = bench.refusal("Encrypt", context, KeyId=key, Plaintext=b"x")
    assert (error.code, error.message) == ("InvalidKeyUsageException", f"{text}Encrypt.")
    members = {"KeyId": key, "Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256"}
    assert bench.refusal("Sign", members).message == f"{text}Sign."


def test_a_dry_run_answers_no_tag(bench: Bench) -> None:
    """Success is an error of its own; a tag that does not fit comes first."""
    key = bench.key(KeySpec="HMAC_512", KeyUsage=USAGE)
    request = {"KeyId": key, "Message": MESSAGE, "MacAlgorithm": "HMAC_SHA_512"}
    mac = bench.call("GenerateMac", request)["Mac"]
    dry = {**request, "DryRun": True}
    assert bench.refusal("GenerateMac", dry).code == "DryRunOperationException"
    assert bench.refusal("VerifyMac", dry, Mac=mac).code == "DryRunOperationException"
    assert bench.refusal("VerifyMac", dry, Mac=b"x").code == "KMSInvalidMacException"


def test_the_trail_shows_key_and_algorithm_alone(bench: Bench) -> None:
    """Neither message nor tag."""
    key = bench.key(KeySpec="HMAC_256", KeyUsage=USAGE)
    request = {"KeyId": key, "Message": b"canary-message", "MacAlgorithm": "HMAC_SHA_256"}
    mac = bench.call("GenerateMac", request)["Mac"]
    for name, more in (("GenerateMac", {}), ("VerifyMac", {"Mac": mac})):
        bench.call(name, request, **more)
        event = bench.last_event()
        shown = {"keyId": key, "macAlgorithm": "HMAC_SHA_256"}
        assert (event["requestParameters"], event["responseElements"]) == (shown, None)
        assert "canary" not in str(event)
