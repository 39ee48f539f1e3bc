"""Wycheproof's vectors for key pairs, run against what the HSM uses."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import (
    MLKEM768PrivateKey,
    MLKEM1024PrivateKey,
)

from kmstui.core.errors import InvalidCiphertextException, ValidationException
from kmstui.hsm import algorithms, ecc, edwards, lattice, pkcs8
from kmstui.hsm import rsa as hsm_rsa
from kmstui.hsm.algorithms import AGREE, ENCAPSULATE, ENCRYPT, SIGN, Algorithm
from kmstui.hsm.software import SoftwareHsm
from tests.hsm.keypairs import Key, binding_of, outcome_of, reseal, sign, verified

_VECTORS = Path(__file__).parents[1] / "vectors" / "wycheproof"


def _cases(name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for group in json.loads((_VECTORS / name).read_bytes())["testGroups"]:
        for case in group["tests"]:
            yield group, case


def _octets(case: dict[str, Any], *fields: str) -> list[bytes]:
    return [bytes.fromhex(case[field]) for field in fields]


def _row(spec: str, usage: str, name: str) -> Algorithm:
    row = algorithms.find(spec, usage, name)
    assert row is not None
    return row


def _agrees(case: dict[str, Any], *, accepted: bool) -> bool:
    return case["result"] in {"acceptable", "valid" if accepted else "invalid"}


_RSA = [
    *(
        (f"rsa_signature_{bits}_sha{digest}_test.json", f"RSASSA_PKCS1_V1_5_SHA_{digest}")
        for bits, digest in ((2048, 256), (2048, 384), (2048, 512), (3072, 256), (4096, 512))
    ),
    *(
        (f"rsa_pss_{bits}_sha{digest}_mgf1_{digest // 8}_test.json", f"RSASSA_PSS_SHA_{digest}")
        for bits, digest in (
            (2048, 256),
            (2048, 384),
            (3072, 256),
            (4096, 256),
            (4096, 384),
            (4096, 512),
        )
    ),
]


@pytest.mark.parametrize(("name", "algorithm"), _RSA, ids=[name for name, _ in _RSA])
def test_rsa_signatures_agree_with_wycheproof(name: str, algorithm: str) -> None:
    """Valid signatures verify, invalid ones do not; a missing NULL may go either way."""
    results: Counter[str] = Counter()
    for group, case in _cases(name):
        public = pkcs8.read_public(bytes.fromhex(group["publicKeyDer"]))
        assert isinstance(public, rsa.RSAPublicKey)
        row = _row(f"RSA_{public.key_size}", SIGN, algorithm)
        message, signature = _octets(case, "msg", "sig")
        accepted = hsm_rsa.verify(public, row, message, "RAW", signature)
        assert _agrees(case, accepted=accepted), case["tcId"]
        results[case["result"]] += 1
    assert results["valid"] >= 7
    assert results["invalid"] >= 45
    assert results["acceptable"] <= 1


@pytest.mark.parametrize(
    ("curve", "digest", "spec"),
    [
        ("secp256r1", 256, "ECC_NIST_P256"),
        ("secp384r1", 384, "ECC_NIST_P384"),
        ("secp521r1", 512, "ECC_NIST_P521"),
        ("secp256k1", 256, "ECC_SECG_P256K1"),
    ],
)
def test_ecdsa_agrees_with_wycheproof(curve: str, digest: int, spec: str) -> None:
    """Valid signatures verify; wrong values, ranges and DER do not."""
    results: Counter[str] = Counter()
    row = _row(spec, SIGN, f"ECDSA_SHA_{digest}")
    for group, case in _cases(f"ecdsa_{curve}_sha{digest}_test.json"):
        public = pkcs8.read_public(bytes.fromhex(group["publicKeyDer"]))
        assert isinstance(public, ec.EllipticCurvePublicKey)
        message, signature = _octets(case, "msg", "sig")
        accepted = ecc.verify(public, row, message, "RAW", signature)
        assert accepted == (case["result"] == "valid"), case["tcId"]
        results[case["result"]] += 1
    assert results["valid"] > 160
    assert results["invalid"] > 300


def test_ed25519_agrees_with_wycheproof() -> None:
    """Valid signatures verify; malleable and malformed ones do not."""
    results: Counter[str] = Counter()
    for group, case in _cases("ed25519_test.json"):
        public = pkcs8.read_public(bytes.fromhex(group["publicKeyDer"]))
        assert isinstance(public, Ed25519PublicKey)
        accepted = edwards.verify(public, *_octets(case, "msg", "sig"))
        assert accepted == (case["result"] == "valid"), case["tcId"]
        results[case["result"]] += 1
    assert results == {"valid": 88, "invalid": 63}


_ML_DSA: dict[str, tuple[type[lattice.MlDsaPublic], int]] = {
    "mldsa_44_verify_test.json": (mldsa.MLDSA44PublicKey, 180),
    "trimmed/mldsa_65_verify_test.json": (mldsa.MLDSA65PublicKey, 40),
    "trimmed/mldsa_87_verify_test.json": (mldsa.MLDSA87PublicKey, 31),
}


@pytest.mark.parametrize("name", _ML_DSA)
def test_ml_dsa_verification_agrees_with_wycheproof(name: str) -> None:
    """Valid signatures with an empty context verify, and nothing else does."""
    kind, number = _ML_DSA[name]
    results: Counter[str] = Counter()
    for group, case in _cases(name):
        public = pkcs8.read_public(bytes.fromhex(group.get("publicKeyDer") or ""))
        message, signature = _octets(case, "msg", "sig")
        accepted = False
        if public is not None:
            assert isinstance(public, kind)
            accepted = lattice.verify(public, message, "RAW", signature)
        wanted = case["result"] == "valid" and not case.get("ctx")
        assert accepted == wanted, case["tcId"]
        results[case["result"]] += 1
    assert number == results["valid"] + results["invalid"]


@pytest.mark.parametrize("number", [44, 65, 87])
def test_ml_dsa_signing_agrees_with_wycheproof(shared: SoftwareHsm, number: int) -> None:
    """A seed gives the key, whose published signatures verify by message and representative."""
    spec, name = f"ML_DSA_{number}", "ML_DSA_SHAKE_256"
    seen: Counter[str] = Counter()
    for group, case in _cases(f"trimmed/mldsa_{number}_sign_seed_test.json"):
        if case["result"] == "invalid":
            assert {"InvalidContext", "IncorrectPrivateKeyLength"} & set(case["flags"])
            continue
        private = lattice.ML_DSA[spec].from_seed_bytes(bytes.fromhex(group["privateSeed"]))
        key = reseal(shared, binding_of(spec, SIGN), pkcs8.private_der(private))
        expected = bytes.fromhex(group["publicKey"])
        assert shared.public_key(key.token, key.binding).endswith(expected)
        mu, signature = _octets(case, "mu", "sig")
        assert verified(shared, key, mu, name, signature, "EXTERNAL_MU")
        own = sign(shared, key, mu, name, "EXTERNAL_MU")
        assert verified(shared, key, mu, name, own, "EXTERNAL_MU")
        if "msg" in case and not case.get("ctx"):
            message = bytes.fromhex(case["msg"])
            assert verified(shared, key, message, name, signature), case["tcId"]
            assert verified(shared, key, message, name, own)
        seen["valid"] += 1
    assert seen["valid"] >= 8


@pytest.mark.parametrize(("bits", "digest"), [(2048, 1), (2048, 256), (3072, 256), (4096, 256)])
def test_oaep_agrees_with_wycheproof(shared: SoftwareHsm, bits: int, digest: int) -> None:
    """Valid ciphertexts without a label open; all others are the one empty refusal."""
    spec, name = f"RSA_{bits}", f"RSAES_OAEP_SHA_{digest}"
    results: Counter[str] = Counter()
    keys: dict[str, Key] = {}
    for group, case in _cases(f"rsa_oaep_{bits}_sha{digest}_mgf1sha{digest}_test.json"):
        encoded = group["privateKeyPkcs8"]
        if encoded not in keys:
            keys[encoded] = reseal(shared, binding_of(spec, ENCRYPT), bytes.fromhex(encoded))
        key = keys[encoded]
        message, ciphertext, label = _octets(case, "msg", "ct", "label")
        if case["result"] == "valid" and not label:
            assert message == shared.rsa_decrypt(key.token, key.binding, ciphertext, name)
        else:
            with pytest.raises(InvalidCiphertextException):
                shared.rsa_decrypt(key.token, key.binding, ciphertext, name)
        results[case["result"]] += 1
    assert results["valid"] >= 17
    assert results["invalid"] == 19


@pytest.mark.parametrize(
    ("name", "spec"),
    [
        ("ecdh_secp256r1_test.json", "ECC_NIST_P256"),
        ("trimmed/ecdh_secp384r1_test.json", "ECC_NIST_P384"),
        ("trimmed/ecdh_secp521r1_test.json", "ECC_NIST_P521"),
    ],
)
def test_ecdh_agrees_with_wycheproof(shared: SoftwareHsm, name: str, spec: str) -> None:
    """Valid peers give their secret, invalid ones an empty refusal, odd encodings either."""
    results: Counter[str] = Counter()
    for _, case in _cases(name):
        scalar = int(case["private"], 16)
        private = pkcs8.private_der(ec.derive_private_key(scalar, ecc.CURVES[spec]))
        key = reseal(shared, binding_of(spec, AGREE), private)
        peer, expected = _octets(case, "public", "shared")
        secrets: list[bytes] = []
        refusal = outcome_of(
            lambda k=key, p=peer, s=secrets: s.append(  # type: ignore[misc]
                shared.derive_shared_secret(k.token, k.binding, p)
            )
        )
        if refusal is None:
            assert secrets == [expected], case["tcId"]
        else:
            assert isinstance(refusal, ValidationException)
            assert refusal.message == ""
        assert _agrees(case, accepted=refusal is None), case["tcId"]
        results[case["result"]] += 1
    assert results["valid"] > 40
    assert results["invalid"] > 30


@pytest.mark.parametrize(
    ("number", "kind"), [(768, MLKEM768PrivateKey), (1024, MLKEM1024PrivateKey)]
)
def test_ml_kem_agrees_with_wycheproof(
    shared: SoftwareHsm, number: int, kind: type[lattice.MlKemPrivate]
) -> None:
    """A seed gives the key and a ciphertext its secret; wrong sizes are refused."""
    spec = f"ML_KEM_{number}"
    results: Counter[str] = Counter()
    for _, case in _cases(f"trimmed/mlkem_{number}_test.json"):
        seed, ciphertext = _octets(case, "seed", "c")
        results[case["result"]] += 1
        if len(seed) != 64:
            assert case["result"] == "invalid"
            continue
        private = pkcs8.private_der(kind.from_seed_bytes(seed))
        key = reseal(shared, binding_of(spec, ENCAPSULATE), private)
        if case["result"] == "valid":
            public, secret = _octets(case, "ek", "K")
            assert shared.public_key(key.token, key.binding).endswith(public)
            assert secret == shared.decapsulate(key.token, key.binding, ciphertext)
        else:
            with pytest.raises(InvalidCiphertextException):
                shared.decapsulate(key.token, key.binding, ciphertext)
    assert results == {"valid": 7, "invalid": 6}
