"""Encrypt, Decrypt and ReEncrypt with RSA keys."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from kmstui.hsm.algorithms import ENCRYPT, find
from tests.helpers.engines import Bench, arn_of

NAMES = ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256")
LIMITS = {
    ("RSA_2048", "RSAES_OAEP_SHA_1"): 214,
    ("RSA_2048", "RSAES_OAEP_SHA_256"): 190,
    ("RSA_3072", "RSAES_OAEP_SHA_1"): 342,
    ("RSA_3072", "RSAES_OAEP_SHA_256"): 318,
    ("RSA_4096", "RSAES_OAEP_SHA_1"): 470,
    ("RSA_4096", "RSAES_OAEP_SHA_256"): 446,
}
OAEP = "RSAES_OAEP_SHA_256"


@pytest.fixture
def key(bench: Bench) -> str:
    """Return an RSA key that encrypts."""
    return bench.key("alias/r", KeySpec="RSA_2048", KeyUsage=ENCRYPT)


def encrypt(bench: Bench, key: str, plaintext: bytes = b"plain", name: str = OAEP) -> bytes:
    """Return a ciphertext under an RSA key."""
    answer = bench.call("Encrypt", KeyId=key, Plaintext=plaintext, EncryptionAlgorithm=name)
    blob: bytes = answer["CiphertextBlob"]
    return blob


@pytest.mark.parametrize("name", NAMES)
def test_what_is_encrypted_is_decrypted(bench: Bench, key: str, name: str) -> None:
    """The answers name key and algorithm, and no key material: an RSA key has one for ever."""
    members = {"KeyId": "alias/r", "EncryptionAlgorithm": name}
    answer = bench.call("Encrypt", members, Plaintext=b"plain")
    blob = answer.pop("CiphertextBlob")
    assert answer == {"KeyId": arn_of(key), "EncryptionAlgorithm": name}
    assert len(blob) == 256
    assert bench.call("Decrypt", members, CiphertextBlob=blob) == {
        "KeyId": arn_of(key),
        "Plaintext": b"plain",
        "EncryptionAlgorithm": name,
    }


@pytest.mark.parametrize(("spec", "name"), LIMITS)
def test_each_algorithm_has_its_limit(spec: str, name: str) -> None:
    """The published sizes are those of the table."""
    row = find(spec, ENCRYPT, name)
    assert row is not None
    assert LIMITS[spec, name] == row.max_plaintext_bytes


@pytest.mark.parametrize("name", NAMES)
def test_one_byte_more_is_refused(bench: Bench, key: str, name: str) -> None:
    """With the recorded text."""
    limit = LIMITS["RSA_2048", name]
    encrypt(bench, key, bytes(limit), name)
    members = {"KeyId": key, "Plaintext": bytes(limit + 1), "EncryptionAlgorithm": name}
    error = bench.refusal("Encrypt", members)
    text = f"Algorithm {name} and key spec RSA_2048 cannot encrypt data larger than {limit} bytes."
    assert (error.code, error.message) == ("ValidationException", text)


def test_what_was_encrypted_outside_is_decrypted_here(bench: Bench, key: str) -> None:
    """The ciphertext is raw: anyone with the public key can make one."""
    public = load_der_public_key(bench.call("GetPublicKey", KeyId=key)["PublicKey"])
    assert isinstance(public, rsa.RSAPublicKey)
    digest = hashes.SHA256()
    oaep = padding.OAEP(mgf=padding.MGF1(digest), algorithm=digest, label=None)
    blob = public.encrypt(b"from outside", oaep)
    members = {"KeyId": key, "EncryptionAlgorithm": OAEP, "CiphertextBlob": blob}
    assert bench.call("Decrypt", members)["Plaintext"] == b"from outside"


@pytest.mark.parametrize("name", ["Encrypt", "Decrypt"])
def test_the_algorithm_has_to_be_named(bench: Bench, key: str, name: str) -> None:
    """Without one it is SYMMETRIC_DEFAULT, which no RSA key has."""
    what = {"Plaintext": b"x"} if name == "Encrypt" else {"CiphertextBlob": encrypt(bench, key)}
    error = bench.refusal(name, what, KeyId=key)
    text = "Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048."
    assert (error.code, error.message) == ("InvalidKeyUsageException", text)


def test_the_key_has_to_be_named(bench: Bench, key: str) -> None:
    """An RSA ciphertext names no key, so that without one it is no ciphertext at all."""
    blob = {"CiphertextBlob": encrypt(bench, key)}
    error = bench.refusal("Decrypt", blob, EncryptionAlgorithm=OAEP)
    assert (error.code, error.message) == ("InvalidCiphertextException", "")
    assert error.hint.endswith("give KeyId.")
    error = bench.refusal("ReEncrypt", blob, SourceEncryptionAlgorithm=OAEP, DestinationKeyId=key)
    assert (error.code, error.message) == ("InvalidCiphertextException", "")
    assert error.hint.endswith("give SourceKeyId.")


def test_what_does_not_fit_is_an_invalid_ciphertext(bench: Bench, key: str) -> None:
    """Another key, another algorithm, another length and garbage share one empty text."""
    other = bench.key(KeySpec="RSA_2048", KeyUsage=ENCRYPT)
    blob = encrypt(bench, key)
    symmetric = bench.call("Encrypt", KeyId=bench.key(), Plaintext=b"x")["CiphertextBlob"]
    request = {"KeyId": key, "EncryptionAlgorithm": OAEP, "CiphertextBlob": blob}
    changes: tuple[dict[str, Any], ...] = (
        {"KeyId": other},
        {"EncryptionAlgorithm": "RSAES_OAEP_SHA_1"},
        {"CiphertextBlob": blob[:-1]},
        {"CiphertextBlob": blob[:-1] + bytes([blob[-1] ^ 1])},
        {"CiphertextBlob": b"x"},
        {"CiphertextBlob": bytes(6144)},
        {"CiphertextBlob": symmetric},
    )
    for change in changes:
        error = bench.refusal("Decrypt", {**request, **change})
        assert (error.code, error.message) == ("InvalidCiphertextException", "")


def test_rsa_keys_bind_no_context(bench: Bench, key: str) -> None:
    """A context is refused in every place that takes one; an empty one is none."""
    context, text = {"a": "b"}, "EncryptionContext is not supported with asymmetric KMS keys."
    blob, symmetric = encrypt(bench, key), bench.key()
    members = {"KeyId": key, "EncryptionAlgorithm": OAEP}
    moving = {
        "CiphertextBlob": blob,
        "SourceKeyId": key,
        "SourceEncryptionAlgorithm": OAEP,
        "DestinationKeyId": key,
        "DestinationEncryptionAlgorithm": OAEP,
    }
    cases: tuple[tuple[str, dict[str, Any], str], ...] = (
        ("Encrypt", {**members, "Plaintext": b"x"}, ""),
        ("Decrypt", {**members, "CiphertextBlob": blob}, ""),
        ("ReEncrypt", moving, "Source"),
        ("ReEncrypt", moving, "Destination"),
    )
    for name, request, which in cases:
        error = bench.refusal(name, request, **{f"{which}EncryptionContext": context})
        assert (error.code, error.message) == ("ValidationException", which + text)
        bench.call(name, request, **{f"{which}EncryptionContext": {}})
    into = {**moving, "DestinationKeyId": symmetric}
    del into["DestinationEncryptionAlgorithm"]
    bench.call("ReEncrypt", into, DestinationEncryptionContext=context)


@pytest.mark.parametrize("source", [False, True])
@pytest.mark.parametrize("destination", [False, True])
def test_ciphertexts_move_between_kinds_of_keys(
    bench: Bench, source: bool, destination: bool
) -> None:
    """RSA on either side, or on both; only symmetric sides show their material."""
    kinds: dict[bool, tuple[str, dict[str, str]]] = {
        True: (OAEP, {"KeySpec": "RSA_2048", "KeyUsage": ENCRYPT}),
        False: ("SYMMETRIC_DEFAULT", {}),
    }
    before, after = kinds[source][0], kinds[destination][0]
    one, other = bench.key(**kinds[source][1]), bench.key(**kinds[destination][1])
    answer = bench.call(
        "ReEncrypt",
        CiphertextBlob=encrypt(bench, one, name=before),
        SourceKeyId=one,
        SourceEncryptionAlgorithm=before,
        DestinationKeyId=other,
        DestinationEncryptionAlgorithm=after,
    )
    moved = answer.pop("CiphertextBlob")
    materials = {
        f"{side}KeyMaterialId": bench.record(key).current.material_id
        for side, key, asymmetric in (
            ("Source", one, source),
            ("Destination", other, destination),
        )
        if not asymmetric
    }
    assert answer == materials | {
        "SourceKeyId": arn_of(one),
        "KeyId": arn_of(other),
        "SourceEncryptionAlgorithm": before,
        "DestinationEncryptionAlgorithm": after,
    }
    opened = bench.call("Decrypt", CiphertextBlob=moved, KeyId=other, EncryptionAlgorithm=after)
    assert opened["Plaintext"] == b"plain"


def test_what_is_moved_has_to_fit(bench: Bench, key: str) -> None:
    """A plaintext too long for the RSA key is refused as in Encrypt."""
    blob = bench.call("Encrypt", KeyId=bench.key(), Plaintext=bytes(191))["CiphertextBlob"]
    request = {"DestinationKeyId": key, "DestinationEncryptionAlgorithm": OAEP}
    error = bench.refusal("ReEncrypt", request, CiphertextBlob=blob)
    text = f"Algorithm {OAEP} and key spec RSA_2048 cannot encrypt data larger than 190 bytes."
    assert (error.code, error.message) == ("ValidationException", text)


def test_a_dry_run_of_each(bench: Bench, key: str) -> None:
    """Success is an error of its own; what does not fit comes first."""
    blob = encrypt(bench, key)
    dry = {"KeyId": key, "EncryptionAlgorithm": OAEP, "DryRun": True}
    assert bench.refusal("Encrypt", dry, Plaintext=b"x").code == "DryRunOperationException"
    assert bench.refusal("Encrypt", dry, Plaintext=bytes(191)).code == "ValidationException"
    assert bench.refusal("Decrypt", dry, CiphertextBlob=blob).code == "DryRunOperationException"
    error = bench.refusal("Decrypt", dry, CiphertextBlob=b"x")
    assert error.code == "InvalidCiphertextException"
    ignoring = {**dry, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]}
    assert bench.refusal("Decrypt", ignoring).code == "DryRunOperationException"


def test_the_trail_shows_the_algorithm(bench: Bench, key: str) -> None:
    """As it was sent; no plaintext and no ciphertext."""
    encrypt(bench, key, b"canary-plaintext")
    event = bench.last_event()
    shown = {"keyId": key, "encryptionAlgorithm": OAEP}
    assert (event["requestParameters"], event["responseElements"]) == (shown, None)
    assert "canary" not in str(event)
