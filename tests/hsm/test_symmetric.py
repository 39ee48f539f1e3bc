"""SYMMETRIC_DEFAULT: what a ciphertext blob withstands."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmstui.core import canonical
from kmstui.core.errors import CanonicalError, InvalidCiphertextException
from kmstui.hsm import algorithms, blob, kdf, primitives
from kmstui.hsm.primitives import MacKey
from kmstui.hsm.symmetric import SymmetricKey
from tests.helpers.hsm import BINDING, MULTI_REGION_BINDING

_ROW = algorithms.ALGORITHMS[0]
_MATERIAL = bytes(range(32))
_KEY = SymmetricKey(BINDING, _ROW, _MATERIAL)
_CONTEXT = canonical.encode_map({"purpose": "test", "stage": "unit"})
_PLAINTEXT = b"attack at dawn"


def _refused(data: bytes, context: bytes = _CONTEXT, key: SymmetricKey = _KEY) -> bool:
    with pytest.raises(InvalidCiphertextException) as refused:
        key.decrypt(data, context)
    return refused.value.message == ""


@settings(deadline=None)
@given(plaintext=st.binary(max_size=4096), pairs=st.dictionaries(st.text("ab=,\u00e9"), st.text()))
def test_any_plaintext_and_context_round_trips(plaintext: bytes, pairs: dict[str, str]) -> None:
    """Every plaintext comes back under its own context."""
    try:
        context = canonical.encode_map(pairs)
    except CanonicalError:
        return
    data = _KEY.encrypt(plaintext, context)
    assert len(data) == len(plaintext) + blob.OVERHEAD_BYTES
    assert _KEY.decrypt(data, context) == plaintext


def test_every_flipped_bit_is_refused() -> None:
    """No bit of a blob, its readable header included, can change unnoticed."""
    data = _KEY.encrypt(_PLAINTEXT, _CONTEXT)
    for bit in range(len(data) * 8):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        assert _refused(bytes(flipped))


def test_every_cut_and_grown_blob_is_refused() -> None:
    """A blob is whole or it is nothing."""
    data = _KEY.encrypt(_PLAINTEXT, _CONTEXT)
    for size in range(len(data)):
        assert _refused(data[:size])
    assert _refused(data + b"\0")


@pytest.mark.parametrize(
    ("sealed_under", "asked_with"),
    [
        ({"a": "bc"}, {"ab": "c"}),
        ({"a": "b", "c": "d"}, {"a": "bcd"}),
        ({"a": "b"}, {}),
        ({}, {"a": "b"}),
        ({"a": "b"}, {"a": "b", "c": "d"}),
        ({"a": "b"}, {"A": "b"}),
        ({"k": "\u00e9"}, {"k": "e\u0301"}),
        ({"": "ab"}, {"ab": ""}),
    ],
)
def test_another_context_is_refused(
    sealed_under: dict[str, str], asked_with: dict[str, str]
) -> None:
    """Nothing can move from a name to a value, and nothing is normalised."""
    data = _KEY.encrypt(_PLAINTEXT, canonical.encode_map(sealed_under))
    assert _refused(data, canonical.encode_map(asked_with))
    assert _KEY.decrypt(data, canonical.encode_map(sealed_under)) == _PLAINTEXT


def test_order_of_a_context_does_not_matter() -> None:
    """A context is a map: the order of its pairs is not part of it."""
    data = _KEY.encrypt(_PLAINTEXT, canonical.encode_map({"a": "1", "b": "2"}))
    assert _KEY.decrypt(data, canonical.encode_map({"b": "2", "a": "1"})) == _PLAINTEXT


@pytest.mark.parametrize(
    "other",
    [
        SymmetricKey(BINDING, _ROW, bytes(32)),
        SymmetricKey(MULTI_REGION_BINDING, _ROW, _MATERIAL),
        SymmetricKey(replace(BINDING, account="444455556666"), _ROW, _MATERIAL),
        SymmetricKey(replace(BINDING, material_id="f0" * 32), _ROW, _MATERIAL),
    ],
)
def test_another_key_is_refused(other: SymmetricKey) -> None:
    """Another material, account, material id or kind of key opens nothing."""
    assert _refused(_KEY.encrypt(_PLAINTEXT, _CONTEXT), key=other)


def test_relabelled_blob_is_refused() -> None:
    """Equal material under another key id does not make one key's blob the other's."""
    other = SymmetricKey(replace(BINDING, key_id="0" * 8 + BINDING.key_id[8:]), _ROW, _MATERIAL)
    data = _KEY.encrypt(_PLAINTEXT, _CONTEXT)
    label = other.encrypt(b"", b"")[: blob.IDENTITY_BYTES]
    assert _refused(label + data[blob.IDENTITY_BYTES :], key=other)


def test_wrong_commitment_is_refused_though_the_tag_is_right() -> None:
    """The commitment is checked for itself, not only as authenticated data."""
    identity = blob.identity(BINDING, _ROW)
    salt, iv = bytes(16), bytes(12)
    context = bytes.fromhex(BINDING.material_id) + salt
    fixed = kdf.fixed_data("kmstui/v1/encrypt", context, 64)
    derived = primitives.kbkdf(MacKey(_MATERIAL), fixed, 64)
    key = primitives.gcm_key(derived[:32])
    for commitment, accepted in ((derived[32:], True), (bytes(32), False)):
        header = identity + salt + commitment + iv
        sealed = primitives.gcm_encrypt(key, iv, _PLAINTEXT, header + _CONTEXT)
        if accepted:
            assert _KEY.decrypt(header + sealed, _CONTEXT) == _PLAINTEXT
        else:
            assert _refused(header + sealed)


def test_no_two_ciphertexts_share_salt_iv_or_commitment() -> None:
    """Encrypting the same twice shows nothing in common but the key's name."""
    first, second = (_KEY.encrypt(_PLAINTEXT, _CONTEXT) for _ in range(2))
    assert first[: blob.IDENTITY_BYTES] == second[: blob.IDENTITY_BYTES]
    for part in (slice(62, 78), slice(78, 110), slice(110, 122), slice(122, None)):
        assert first[part] != second[part]


def test_key_shows_nothing_and_is_not_copied() -> None:
    """Unwrapped material cannot leave by repr, copy or pickle."""
    assert repr(_KEY) == "SymmetricKey(elided)"
    for leak in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            leak(_KEY)
