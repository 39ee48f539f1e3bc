"""Wrapping keys, import tokens, and material that is wrapped outside."""

from __future__ import annotations

import json
import os
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, keywrap
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_public_key,
)

from kmstui.core import canonical
from kmstui.core.errors import (
    IncorrectKeyMaterialException,
    InvalidCiphertextException,
    InvalidImportTokenException,
    KmsError,
    UnsupportedOperationException,
)
from kmstui.hsm import MaterialBinding, Purpose, algorithms, imports
from kmstui.hsm.software import SoftwareHsm
from kmstui.hsm.transfer import (
    WRAPPING_ALGORITHMS,
    WRAPPING_KEY_SPECS,
    ImportTarget,
    ImportTerms,
    WrappingKey,
    wrapping_refusal,
)
from tests.helpers.hsm import BINDING, STORE_ID, import_material, provisioned, same_material

_ARN = f"arn:aws:kms:us-east-1:{BINDING.account}:key/{BINDING.key_id}"
_END = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)
_BINDING = replace(BINDING, origin="EXTERNAL", material_id="")
_TARGET = ImportTarget(_ARN, _BINDING)
_MATERIAL = bytes(range(32))
_VECTORS = Path(__file__).parents[1] / "vectors" / "wycheproof"
_SUPPORTED = [row.name for row in WRAPPING_ALGORITHMS if row.supported]


@pytest.fixture(scope="module")
def hsm() -> SoftwareHsm:
    """Return an unlocked HSM."""
    return provisioned()[0]


@pytest.fixture(scope="module")
def keys(hsm: SoftwareHsm) -> dict[str, WrappingKey]:
    """Return a wrapping key of 2048 bits for each algorithm."""
    return {
        name: hsm.make_wrapping_key(_ARN, ImportTerms(name, "RSA_2048", _END))
        for name in _SUPPORTED
    }


def _outside(key: WrappingKey, algorithm: str, material: bytes) -> bytes:
    """Wrap as somebody does who has the documentation of AWS and a library."""
    public = load_der_public_key(key.public_key)
    assert isinstance(public, rsa.RSAPublicKey)
    known = hashes.SHA256() if algorithm.endswith("256") else hashes.SHA1()  # noqa: S303 - AWS's
    oaep = padding.OAEP(mgf=padding.MGF1(known), algorithm=known, label=None)
    if algorithm.startswith("RSAES"):
        return public.encrypt(material, oaep)
    kek = os.urandom(32)
    return public.encrypt(kek, oaep) + keywrap.aes_key_wrap_with_padding(kek, material)


def _ecc() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def _target(spec: str) -> ImportTarget:
    usage = algorithms.key_usages(spec)[-1]
    return ImportTarget(_ARN, replace(_BINDING, key_spec=spec, key_usage=usage))


@pytest.mark.parametrize("algorithm", _SUPPORTED)
def test_what_is_wrapped_outside_is_unwrapped_here(
    hsm: SoftwareHsm, keys: dict[str, WrappingKey], algorithm: str
) -> None:
    """Each construction is the one that AWS documents; the material works afterwards."""
    key = keys[algorithm]
    wrapped = _outside(key, algorithm, _MATERIAL)
    found = hsm.unwrap_import(key.token, wrapped, _TARGET)
    assert not found.known
    blob = hsm.encrypt(found.wrapped.token, found.binding, b"plaintext", b"")
    assert hsm.decrypt(found.wrapped.token, found.binding, blob, b"") == b"plaintext"
    assert same_material(hsm, found.binding, found.wrapped.check, _MATERIAL)


@pytest.mark.parametrize("algorithm", _SUPPORTED)
def test_what_we_wrap_is_unwrapped_too(
    hsm: SoftwareHsm, keys: dict[str, WrappingKey], algorithm: str
) -> None:
    """Our own wrapping is the same construction, and is another each time."""
    key = keys[algorithm]
    wrapped = imports.wrap(key.public_key, algorithm, _MATERIAL)
    assert wrapped is not None
    assert wrapped != imports.wrap(key.public_key, algorithm, _MATERIAL)
    assert hsm.unwrap_import(key.token, wrapped, _TARGET).binding.version == 1


@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072", "RSA_4096"])
def test_wrapping_keys_are_of_the_size_that_was_asked_for(hsm: SoftwareHsm, spec: str) -> None:
    """The token holds the private half, says its terms, and is not longer than AWS allows."""
    terms = ImportTerms("RSA_AES_KEY_WRAP_SHA_256", spec, _END)
    key = hsm.make_wrapping_key(_ARN, terms)
    public = load_der_public_key(key.public_key)
    assert isinstance(public, rsa.RSAPublicKey)
    assert f"RSA_{public.key_size}" == spec
    assert len(key.token) <= 6144
    assert hsm.import_terms(_ARN, key.token) == terms
    assert "token" not in repr(key)


def test_what_there_is_not_is_refused(hsm: SoftwareHsm) -> None:
    """No wrapping keys of SM2, and no algorithm that is gone."""
    for terms in (
        ImportTerms("SM2PKE", "SM2", _END),
        ImportTerms("RSAES_PKCS1_V1_5", "RSA_2048", _END),
    ):
        with pytest.raises(UnsupportedOperationException):
            hsm.make_wrapping_key(_ARN, terms)


def test_the_token_is_as_documented(hsm: SoftwareHsm, keys: dict[str, WrappingKey]) -> None:
    """Version, algorithm, size and end stand before a sealed private key bound to the key."""
    token = keys["RSAES_OAEP_SHA_256"].token
    head, sealed = token[:11], token[11:]
    assert struct.unpack(">BBBQ", head) == (1, 3, 1, int(_END.timestamp()))
    aad = canonical.encode("import-token", STORE_ID, _ARN, head)
    assert hsm.unseal(Purpose.IMPORT_TOKEN, sealed, aad)[:1] == b"\x30"


def test_an_id_is_that_of_key_and_material(hsm: SoftwareHsm, keys: dict[str, WrappingKey]) -> None:
    """It is a MAC over both, as documented: the same bytes in another key have another."""
    key = keys["RSAES_OAEP_SHA_256"]
    wrapped = _outside(key, "RSAES_OAEP_SHA_256", _MATERIAL)
    found = hsm.unwrap_import(key.token, wrapped, _TARGET).binding
    scope = (STORE_ID, BINDING.account, BINDING.key_id)
    expected = hsm.mac(Purpose.MATERIAL_ID, canonical.encode(*scope, _MATERIAL)).hex()
    assert replace(_BINDING, material_id=expected) == found
    other = replace(_TARGET, binding=replace(_BINDING, key_id="another"))
    assert found.material_id != hsm.unwrap_import(key.token, wrapped, other).binding.material_id


def test_known_material_keeps_its_binding(hsm: SoftwareHsm, keys: dict[str, WrappingKey]) -> None:
    """What a key has or had is sealed as what it is, among several and in any encoding."""
    key = keys["RSA_AES_KEY_WRAP_SHA_256"]
    known: list[tuple[MaterialBinding, bytes]] = []
    for version in (1, 2, 3):
        binding = replace(_BINDING, material_id=f"{version:064x}", version=version)
        known.append((binding, import_material(hsm, binding, bytes([version]) * 32).check))
    target = replace(_TARGET, known=tuple(known))
    wrapped = _outside(key, "RSA_AES_KEY_WRAP_SHA_256", b"\x02" * 32)
    found = hsm.unwrap_import(key.token, wrapped, target)
    assert (found.known, found.binding) == (True, known[1][0])
    other = _outside(key, "RSA_AES_KEY_WRAP_SHA_256", b"\x04" * 32)
    assert not hsm.unwrap_import(key.token, other, target).known


def test_a_token_belongs_to_its_key_and_keystore(
    hsm: SoftwareHsm, keys: dict[str, WrappingKey]
) -> None:
    """Another key, another Region of it, another keystore, another byte: it is no token."""
    token = keys["RSAES_OAEP_SHA_256"].token
    elsewhere = _ARN.replace("us-east-1", "eu-west-1")
    for arn in (elsewhere, _ARN[:-1], ""):
        with pytest.raises(InvalidImportTokenException):
            hsm.import_terms(arn, token)
    with pytest.raises(InvalidImportTokenException):
        provisioned()[0].import_terms(_ARN, token)
    flipped = [
        token[:at] + bytes([token[at] ^ 1]) + token[at + 1 :] for at in range(0, len(token), 7)
    ]
    for altered in (*flipped, b"", token[:11], token[:30], token[:-1], token + b"\0"):
        with pytest.raises(InvalidImportTokenException):
            hsm.import_terms(_ARN, altered)


@pytest.mark.parametrize("algorithm", _SUPPORTED)
def test_what_does_not_unwrap_has_one_empty_text(
    hsm: SoftwareHsm, keys: dict[str, WrappingKey], algorithm: str
) -> None:
    """Whatever is wrong with it, nobody learns what."""
    key = keys[algorithm]
    wrapped = _outside(key, algorithm, _MATERIAL)
    other = next(name for name in _SUPPORTED if name[-1] != algorithm[-1])
    wrong = [
        b"",
        bytes(256),
        wrapped[:-1],
        wrapped + b"\0",
        bytes([wrapped[0] ^ 1]) + wrapped[1:],
        wrapped[:-1] + bytes([wrapped[-1] ^ 1]),
        _outside(key, other, _MATERIAL),
    ]
    for each in wrong:
        with pytest.raises(InvalidCiphertextException) as refused:
            hsm.unwrap_import(key.token, each, _TARGET)
        assert refused.value.message == ""


def test_the_key_that_goes_along_has_256_bits(
    hsm: SoftwareHsm, keys: dict[str, WrappingKey]
) -> None:
    """A shorter AES key is refused, although it would unwrap."""
    key = keys["RSA_AES_KEY_WRAP_SHA_256"]
    public = load_der_public_key(key.public_key)
    assert isinstance(public, rsa.RSAPublicKey)
    known = hashes.SHA256()
    oaep = padding.OAEP(mgf=padding.MGF1(known), algorithm=known, label=None)
    for size in (16, 24):
        kek = os.urandom(size)
        wrapped = public.encrypt(kek, oaep) + keywrap.aes_key_wrap_with_padding(kek, _MATERIAL)
        with pytest.raises(InvalidCiphertextException):
            hsm.unwrap_import(key.token, wrapped, _TARGET)


@pytest.mark.parametrize("spec", ["SYMMETRIC_DEFAULT", "HMAC_512", "ECC_NIST_P384", "RSA_2048"])
def test_wrong_material_is_refused_after_it_was_unwrapped(
    hsm: SoftwareHsm, keys: dict[str, WrappingKey], spec: str
) -> None:
    """Of another size, another curve, or no key at all."""
    key = keys["RSA_AES_KEY_WRAP_SHA_256"]
    for material in (b"\x01", bytes(31), _ecc(), b"\x30\x03\x02\x01\x00"):
        wrapped = _outside(key, "RSA_AES_KEY_WRAP_SHA_256", material)
        with pytest.raises(IncorrectKeyMaterialException):
            hsm.unwrap_import(key.token, wrapped, _target(spec))


def _frames(error: BaseException | None) -> Iterator[dict[str, Any]]:
    """Yield the variables of every frame that an error and what it came from went through."""
    while error is not None:
        trace: TracebackType | None = error.__traceback__
        while trace is not None:
            yield trace.tb_frame.f_locals
            trace = trace.tb_next
        error = error.__context__


def test_no_error_takes_the_material_along(
    hsm: SoftwareHsm, keys: dict[str, WrappingKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither its text nor the variables of any frame hold it, or the key that opens it."""
    key = keys["RSAES_OAEP_SHA_256"]
    private = imports.open_token(hsm._keys(), _ARN, key.token)[1]
    material = b"material that nobody may see ..."[:31]
    wrapped = _outside(key, "RSAES_OAEP_SHA_256", material)

    def failing(ring: object, material: bytes, target: object) -> None:
        del ring, material, target
        raise RuntimeError("a fault of ours")

    errors: list[BaseException] = []
    with pytest.raises(KmsError) as refused:
        hsm.unwrap_import(key.token, wrapped, _TARGET)
    errors.append(refused.value)
    monkeypatch.setattr(imports, "_placed", failing)
    whole = _outside(key, "RSAES_OAEP_SHA_256", _MATERIAL)
    with pytest.raises(RuntimeError) as failed:
        hsm.unwrap_import(key.token, whole, _TARGET)
    errors.append(failed.value)
    for error, secret in zip(errors, (material, _MATERIAL), strict=True):
        assert repr(secret) not in repr(error)
        # The frame of this test is the one that knows it.
        inside = [found for found in _frames(error) if "failing" not in found]
        assert inside
        assert not any(secret in found.values() for found in inside)
        assert not any(private in found.values() for found in inside)


def _vectors(name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for group in json.loads((_VECTORS / name).read_bytes())["testGroups"]:
        for case in group["tests"]:
            yield group, case


@pytest.mark.parametrize(
    ("name", "algorithm", "spec"),
    [
        ("rsa_oaep_2048_sha1_mgf1sha1_test.json", "RSAES_OAEP_SHA_1", "RSA_2048"),
        ("rsa_oaep_2048_sha256_mgf1sha256_test.json", "RSAES_OAEP_SHA_256", "RSA_2048"),
        ("rsa_oaep_3072_sha256_mgf1sha256_test.json", "RSAES_OAEP_SHA_256", "RSA_3072"),
        ("rsa_oaep_4096_sha256_mgf1sha256_test.json", "RSAES_OAEP_SHA_256", "RSA_4096"),
    ],
)
def test_unwrapping_agrees_with_wycheproof(
    hsm: SoftwareHsm, name: str, algorithm: str, spec: str
) -> None:
    """Valid vectors are unwrapped, and refused for their size; invalid ones do not unwrap."""
    results: Counter[str] = Counter()
    tokens: dict[str, bytes] = {}
    for group, case in _vectors(name):
        encoded = group["privateKeyPkcs8"]
        if encoded not in tokens:
            terms = ImportTerms(algorithm, spec, _END)
            tokens[encoded] = imports.seal_token(hsm._keys(), _ARN, terms, bytes.fromhex(encoded))
        encrypted, outcome = bytes.fromhex(case["ct"]), "unwrapped"
        try:
            found = hsm.unwrap_import(tokens[encoded], encrypted, _TARGET)
            message = bytes.fromhex(case["msg"])
            assert same_material(hsm, found.binding, found.wrapped.check, message), case["tcId"]
        except IncorrectKeyMaterialException:
            assert len(case["msg"]) != 64, case["tcId"]
        except InvalidCiphertextException:
            outcome = "refused"
        sound = case["result"] == "valid" and not case["label"]
        assert outcome == ("unwrapped" if sound else "refused"), case["tcId"]
        results[outcome] += 1
    assert results["unwrapped"] >= 10
    assert results["refused"] >= 19


def test_forgotten_material_is_not_held(hsm: SoftwareHsm, keys: dict[str, WrappingKey]) -> None:
    """What was removed leaves the cache; the rest stays, and so does what was never there."""
    key = keys["RSAES_OAEP_SHA_256"]
    wrapped = _outside(key, "RSAES_OAEP_SHA_256", _MATERIAL)
    found = [hsm.unwrap_import(key.token, wrapped, _TARGET) for _ in range(2)]
    for each in found:
        hsm.encrypt(each.wrapped.token, each.binding, b"x", b"")
    before = hsm.status().cached_materials
    hsm.forget([found[0].wrapped.token, b"never held"])
    assert before - 1 == hsm.status().cached_materials


def test_combinations_are_those_of_the_documentation() -> None:
    """RSA keys take two steps; random bytes take one; P-521 does not fit RSA-2048."""
    allowed = {
        spec.name: {
            (row.name, size)
            for row in WRAPPING_ALGORITHMS
            for size in WRAPPING_KEY_SPECS
            if not wrapping_refusal(spec.name, row.name, size)
        }
        for spec in algorithms.KEY_SPECS
    }
    sizes = {"RSA_2048", "RSA_3072", "RSA_4096"}
    one = {(f"RSAES_OAEP_SHA_{digest}", size) for digest in (1, 256) for size in sizes}
    two = {(f"RSA_AES_KEY_WRAP_SHA_{digest}", size) for digest in (1, 256) for size in sizes}
    short = {choice for choice in one if choice[1] != "RSA_2048"}
    for spec in algorithms.KEY_SPECS:
        expected: set[tuple[str, str]] = set()
        if spec.importable:
            expected = {"RSA": two, "ECC": one | two}.get(spec.kind, one)
            expected = two | short if spec.name == "ECC_NIST_P521" else expected
        assert expected == allowed[spec.name], spec.name


@pytest.mark.parametrize("spec", [spec.name for spec in algorithms.KEY_SPECS if spec.importable])
def test_every_allowed_way_is_wide_enough(spec: str) -> None:
    """The longest material of a key spec fits whatever may wrap it in one step."""
    longest = {"ECC_NIST_P256": 138, "ECC_SECG_P256K1": 135, "ECC_NIST_P384": 185}
    row = algorithms.spec(spec)
    assert row is not None
    size = max(row.material_sizes, default=longest.get(spec, 241))
    for each in WRAPPING_ALGORITHMS:
        for wrapping in ("RSA_2048", "RSA_3072", "RSA_4096"):
            if each.two_steps or wrapping_refusal(spec, each.name, wrapping):
                continue
            bits = int(wrapping.removeprefix("RSA_"))
            most = bits // 8 - 2 * algorithms.DIGEST_BYTES[each.digest] - 2
            assert size <= most, (each.name, wrapping)


def test_wrapping_with_nonsense_gives_nothing(keys: dict[str, WrappingKey]) -> None:
    """No public key, an EC key, an algorithm that is gone, or too much for one step."""
    public = keys["RSAES_OAEP_SHA_256"].public_key
    wrong = [
        (b"", "RSAES_OAEP_SHA_256", _MATERIAL),
        (_ecc(), "RSAES_OAEP_SHA_256", _MATERIAL),
        (public, "RSAES_PKCS1_V1_5", _MATERIAL),
        (public, "SM2PKE", _MATERIAL),
        (public, "nonsense", _MATERIAL),
        (public, "RSAES_OAEP_SHA_256", bytes(191)),
    ]
    assert [imports.wrap(*arguments) for arguments in wrong] == [None] * len(wrong)
