"""Wycheproof's vectors for key pairs, run against what the HSM uses."""

from __future__ import annotations

from collections import Counter
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
from kmstui.hsm.algorithms import AGREE, ENCAPSULATE, ENCRYPT, MAC, SIGN, Algorithm
from kmstui.hsm.software import SoftwareHsm
from tests.hsm.keypairs import Key, binding_of, outcome_of, reseal, sign, verified
from tests.hsm.wycheproof import Vectors, octets, of


def _row(spec: str, usage: str, name: str) -> Algorithm:
    row = algorithms.find(spec, usage, name)
    assert row is not None
    return row


def _agrees(case: dict[str, Any], *, accepted: bool) -> bool:
    return case["result"] in {"acceptable", "valid" if accepted else "invalid"}


def _files(use: str) -> pytest.MarkDecorator:
    """Run a test with each file of its use."""
    files = of(use)
    return pytest.mark.parametrize("vectors", files, ids=[each.name for each in files])


@_files("rsa")
def test_rsa_signatures_agree_with_wycheproof(vectors: Vectors) -> None:
    """Valid signatures verify, invalid ones do not; a missing NULL may go either way."""
    results: Counter[str] = Counter()
    row = _row(vectors.spec, SIGN, vectors.algorithm)
    for group, case in vectors.cases():
        public = pkcs8.read_public(bytes.fromhex(group["publicKeyDer"]))
        assert isinstance(public, rsa.RSAPublicKey)
        assert f"RSA_{public.key_size}" == vectors.spec
        message, signature = octets(case, "msg", "sig")
        accepted = hsm_rsa.verify(public, row, message, "RAW", signature)
        assert _agrees(case, accepted=accepted), case["tcId"]
        results[case["result"]] += 1
    assert results["acceptable"] <= 1
    assert vectors.run == results.total()


@_files("ecdsa")
def test_ecdsa_agrees_with_wycheproof(vectors: Vectors) -> None:
    """Valid signatures verify; wrong values, ranges and DER do not."""
    results: Counter[str] = Counter()
    row = _row(vectors.spec, SIGN, vectors.algorithm)
    for group, case in vectors.cases():
        public = pkcs8.read_public(bytes.fromhex(group["publicKeyDer"]))
        assert isinstance(public, ec.EllipticCurvePublicKey)
        message, signature = octets(case, "msg", "sig")
        accepted = ecc.verify(public, row, message, "RAW", signature)
        assert accepted == (case["result"] == "valid"), case["tcId"]
        results[case["result"]] += 1
    assert vectors.run == results.total()


@_files("ed25519")
def test_ed25519_agrees_with_wycheproof(vectors: Vectors) -> None:
    """Valid signatures verify; malleable and malformed ones do not."""
    results: Counter[str] = Counter()
    for group, case in vectors.cases():
        public = pkcs8.read_public(bytes.fromhex(group["publicKeyDer"]))
        assert isinstance(public, Ed25519PublicKey)
        accepted = edwards.verify(public, *octets(case, "msg", "sig"))
        assert accepted == (case["result"] == "valid"), case["tcId"]
        results[case["result"]] += 1
    assert vectors.run == results.total()


_ML_DSA: dict[str, type[lattice.MlDsaPublic]] = {
    "ML_DSA_44": mldsa.MLDSA44PublicKey,
    "ML_DSA_65": mldsa.MLDSA65PublicKey,
    "ML_DSA_87": mldsa.MLDSA87PublicKey,
}


@_files("ml-dsa")
def test_ml_dsa_verification_agrees_with_wycheproof(vectors: Vectors) -> None:
    """Valid signatures with an empty context verify, and nothing else does."""
    results: Counter[str] = Counter()
    for group, case in vectors.cases():
        public = pkcs8.read_public(bytes.fromhex(group.get("publicKeyDer") or ""))
        message, signature = octets(case, "msg", "sig")
        accepted = False
        if public is not None:
            assert isinstance(public, _ML_DSA[vectors.spec])
            accepted = lattice.verify(public, message, "RAW", signature)
        wanted = case["result"] == "valid" and not case.get("ctx")
        assert accepted == wanted, case["tcId"]
        results[case["result"]] += 1
    assert vectors.run == results.total()


@_files("ml-dsa-sign")
def test_ml_dsa_signing_agrees_with_wycheproof(shared: SoftwareHsm, vectors: Vectors) -> None:
    """A seed gives the key, whose published signatures verify by message and representative."""
    spec, name = vectors.spec, vectors.algorithm
    seen: Counter[str] = Counter()
    for group, case in vectors.cases():
        if case["result"] == "invalid":
            assert {"InvalidContext", "IncorrectPrivateKeyLength"} & set(case["flags"])
            continue
        private = lattice.ML_DSA[spec].from_seed_bytes(bytes.fromhex(group["privateSeed"]))
        key = reseal(shared, binding_of(spec, SIGN), pkcs8.private_der(private))
        expected = bytes.fromhex(group["publicKey"])
        assert shared.public_key(key.token, key.binding).endswith(expected)
        mu, signature = octets(case, "mu", "sig")
        assert verified(shared, key, mu, name, signature, "EXTERNAL_MU")
        own = sign(shared, key, mu, name, "EXTERNAL_MU")
        assert verified(shared, key, mu, name, own, "EXTERNAL_MU")
        if "msg" in case and not case.get("ctx"):
            message = bytes.fromhex(case["msg"])
            assert verified(shared, key, message, name, signature), case["tcId"]
            assert verified(shared, key, message, name, own)
        seen["valid"] += 1
    assert vectors.run == seen.total()


@_files("oaep")
def test_oaep_agrees_with_wycheproof(shared: SoftwareHsm, vectors: Vectors) -> None:
    """Valid ciphertexts without a label open; all others are the one empty refusal."""
    spec, name = vectors.spec, vectors.algorithm
    results: Counter[str] = Counter()
    keys: dict[str, Key] = {}
    for group, case in vectors.cases():
        encoded = group["privateKeyPkcs8"]
        if encoded not in keys:
            keys[encoded] = reseal(shared, binding_of(spec, ENCRYPT), bytes.fromhex(encoded))
        key = keys[encoded]
        message, ciphertext, label = octets(case, "msg", "ct", "label")
        if case["result"] == "valid" and not label:
            assert message == shared.rsa_decrypt(key.token, key.binding, ciphertext, name)
        else:
            with pytest.raises(InvalidCiphertextException):
                shared.rsa_decrypt(key.token, key.binding, ciphertext, name)
        results[case["result"]] += 1
    assert vectors.run == results.total()


@_files("ecdh")
def test_ecdh_agrees_with_wycheproof(shared: SoftwareHsm, vectors: Vectors) -> None:
    """Valid peers give their secret, invalid ones an empty refusal, odd encodings either."""
    results: Counter[str] = Counter()
    spec = vectors.spec
    for _, case in vectors.cases():
        scalar = int(case["private"], 16)
        private = pkcs8.private_der(ec.derive_private_key(scalar, ecc.CURVES[spec]))
        key = reseal(shared, binding_of(spec, AGREE), private)
        peer, expected = octets(case, "public", "shared")
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
    assert vectors.run == results.total()


_ML_KEM: dict[str, type[lattice.MlKemPrivate]] = {
    "ML_KEM_768": MLKEM768PrivateKey,
    "ML_KEM_1024": MLKEM1024PrivateKey,
}


@_files("ml-kem")
def test_ml_kem_agrees_with_wycheproof(shared: SoftwareHsm, vectors: Vectors) -> None:
    """A seed gives the key, and a ciphertext its secret; every other seed is of a wrong length."""
    spec = vectors.spec
    results: Counter[str] = Counter()
    for _, case in vectors.cases():
        seed, ciphertext = octets(case, "seed", "c")
        if len(seed) != 64:
            assert case["result"] == "invalid"
            continue
        results[case["result"]] += 1
        private = pkcs8.private_der(_ML_KEM[spec].from_seed_bytes(seed))
        key = reseal(shared, binding_of(spec, ENCAPSULATE), private)
        public, secret = octets(case, "ek", "K")
        assert shared.public_key(key.token, key.binding).endswith(public)
        assert secret == shared.decapsulate(key.token, key.binding, ciphertext)
    assert vectors.run == results.total()


@_files("hmac")
def test_hmac_agrees_with_wycheproof(shared: SoftwareHsm, vectors: Vectors) -> None:
    """Whole tags verify or do not, as told; truncated ones never do."""
    results: Counter[str] = Counter()
    keys: dict[bytes, Key] = {}
    row = algorithms.spec(vectors.spec)
    assert row is not None
    for group, case in vectors.cases():
        material, message, tag = octets(case, "key", "msg", "tag")
        if len(material) not in row.material_sizes:
            continue
        if material not in keys:
            keys[material] = reseal(shared, binding_of(vectors.spec, MAC), material)
        key = keys[material]
        mac = shared.generate_mac(key.token, key.binding, message, vectors.algorithm)
        same = mac[: group["tagSize"] // 8] == tag
        assert same == (case["result"] == "valid"), case["tcId"]
        refusal = outcome_of(
            lambda k=key, m=message, t=tag: shared.verify_mac_with_key(  # type: ignore[misc]
                k.token, k.binding, m, t, vectors.algorithm
            )
        )
        assert (refusal is None) == (same and len(tag) == len(mac)), case["tcId"]
        results[case["result"]] += 1
    assert vectors.run == results.total()
