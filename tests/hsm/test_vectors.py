"""Published vectors, run against the primitives that the HSM uses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kmstui.hsm import primitives
from kmstui.hsm.primitives import MacKey

_VECTORS = Path(__file__).parents[1] / "vectors"


def _load(name: str) -> Any:
    return json.loads((_VECTORS / name).read_bytes())


def _wycheproof(name: str, **wanted: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for group in _load(f"wycheproof/{name}")["testGroups"]:
        if all(group[field] == value for field, value in wanted.items()):
            for case in group["tests"]:
                yield group, case


def _octets(case: dict[str, Any], *fields: str) -> list[bytes]:
    return [bytes.fromhex(case[field]) for field in fields]


def test_aes_gcm_agrees_with_wycheproof() -> None:
    """Valid vectors open and are reproduced; invalid ones are refused."""
    results = {"valid": 0, "invalid": 0}
    sizes = {"keySize": 256, "ivSize": 96, "tagSize": 128}
    for _, case in _wycheproof("aes_gcm_test.json", **sizes):
        raw, iv, aad, message, body, tag = _octets(case, "key", "iv", "aad", "msg", "ct", "tag")
        key = primitives.gcm_key(raw)
        opened = primitives.gcm_decrypt(key, iv, body + tag, aad)
        results[case["result"]] += 1
        if case["result"] == "valid":
            assert opened == message, case["tcId"]
            assert primitives.gcm_encrypt(key, iv, message, aad) == body + tag, case["tcId"]
        else:
            assert opened is None, case["tcId"]
    assert results == {"valid": 39, "invalid": 27}


@pytest.mark.parametrize("bits", [224, 256, 384, 512])
def test_hmac_agrees_with_wycheproof(bits: int) -> None:
    """Valid tags are reproduced, truncated ones by their prefix; altered tags are not ours."""
    results = {"valid": 0, "invalid": 0}
    for group, case in _wycheproof(f"hmac_sha{bits}_test.json"):
        raw, message, tag = _octets(case, "key", "msg", "tag")
        ours = MacKey(raw, f"SHA_{bits}").mac(message)
        assert len(ours) * 8 == bits
        same = primitives.same_bytes(ours[: group["tagSize"] // 8], tag)
        assert same == (case["result"] == "valid"), case["tcId"]
        results[case["result"]] += 1
    assert min(results.values()) > 50


def test_key_wrap_agrees_with_wycheproof() -> None:
    """Valid vectors unwrap and are reproduced; invalid ones are refused."""
    results = {"valid": 0, "invalid": 0, "acceptable": 0}
    for _, case in _wycheproof("aes_wrap_test.json"):
        key, message, wrapped = _octets(case, "key", "msg", "ct")
        opened = primitives.kw_unwrap(key, wrapped)
        results[case["result"]] += 1
        if case["result"] == "valid":
            assert opened == message, case["tcId"]
            assert primitives.kw_wrap(key, message) == wrapped, case["tcId"]
        elif case["result"] == "invalid":
            assert opened is None, case["tcId"]
        else:
            assert opened in {None, message}, case["tcId"]
    assert results["valid"] > 30
    assert results["invalid"] > 30


def test_padded_key_wrap_agrees_with_wycheproof() -> None:
    """Valid vectors unwrap and are reproduced; invalid ones are refused, whatever their size."""
    results = {"valid": 0, "invalid": 0}
    for _, case in _wycheproof("aes_kwp_test.json"):
        key, message, wrapped = _octets(case, "key", "msg", "ct")
        opened = primitives.kwp_unwrap(key, wrapped)
        results[case["result"]] += 1
        if case["result"] == "valid":
            assert opened == message, case["tcId"]
            assert primitives.kwp_wrap(key, message) == wrapped, case["tcId"]
        else:
            assert opened is None, case["tcId"]
    assert results == {"valid": 77, "invalid": 177}


def test_key_wrap_agrees_with_rfc_3394() -> None:
    """Section 4's six examples wrap and unwrap."""
    cases = _load("rfc/keywrap.json")["kw"]
    assert len(cases) == 6
    for case in cases:
        key, message, wrapped = _octets(case, "kek", "plaintext", "wrapped")
        assert primitives.kw_wrap(key, message) == wrapped, case["section"]
        assert primitives.kw_unwrap(key, wrapped) == message, case["section"]


def test_kbkdf_agrees_with_nist() -> None:
    """NIST's counter-mode cases come out."""
    cases = _load("rfc/kbkdf_ctr_hmac_sha256.json")["cases"]
    assert len(cases) == 12
    for case in cases:
        raw, fixed, expected = _octets(case, "ki", "fixed_input", "ko")
        assert len(expected) * 8 == case["length_bits"]
        assert primitives.kbkdf(MacKey(raw), fixed, len(expected)) == expected


def test_kbkdf_agrees_with_the_library_beyond_one_block() -> None:
    """Two blocks, as a ciphertext's key and commitment need, equal the library's own KBKDF."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC, CounterLocation, Mode

    from kmstui.hsm import kdf

    library = KBKDFHMAC(
        algorithm=hashes.SHA256(),
        mode=Mode.CounterMode,
        length=64,
        rlen=4,
        llen=4,
        location=CounterLocation.BeforeFixed,
        label=b"kmstui/v1/encrypt",
        context=b"context",
        fixed=None,
    )
    key = bytes(range(32))
    fixed = kdf.fixed_data("kmstui/v1/encrypt", b"context", 64)
    assert primitives.kbkdf(MacKey(key), fixed, 64) == library.derive(key)


def test_argon2id_agrees_with_rfc_9106() -> None:
    """Section 5.3's tag comes out."""
    cases = _load("rfc/argon2id.json")["argon2id"]
    assert len(cases) == 1
    for case in cases:
        password, salt, secret, ad, tag = _octets(case, "password", "salt", "secret", "ad", "tag")
        derived = primitives.argon2id(
            password,
            salt=salt,
            secret=secret,
            ad=ad,
            iterations=case["iterations"],
            memory_kib=case["memory_kib"],
            lanes=case["lanes"],
            length=case["length"],
        )
        assert derived == tag
