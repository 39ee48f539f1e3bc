"""The primitives' edges."""

from __future__ import annotations

import copy
import pickle

import pytest

from kmstui.hsm import primitives
from kmstui.hsm.primitives import MacKey

_KEY = bytes(range(32))


def test_gcm_refuses_what_is_shorter_than_a_tag() -> None:
    """Fewer bytes than a tag are not authentic, and are no error of another kind."""
    key = primitives.gcm_key(_KEY)
    for size in range(primitives.GCM_TAG_BYTES):
        assert primitives.gcm_decrypt(key, bytes(12), bytes(size), b"") is None


def test_gcm_into_a_buffer_needs_its_exact_size() -> None:
    """A buffer that does not fit the plaintext is refused and stays as it was."""
    key = primitives.gcm_key(_KEY)
    sealed = primitives.gcm_encrypt(key, bytes(12), b"plaintext", b"aad")
    for size in (0, 8, 10):
        target = bytearray(b"\xaa" * size)
        assert not primitives.gcm_decrypt_into(key, bytes(12), sealed, b"aad", target)
        assert b"\xaa" * size == target
    target = bytearray(9)
    assert not primitives.gcm_decrypt_into(key, bytes(12), sealed, b"other", target)
    assert bytes(9) == target
    assert primitives.gcm_decrypt_into(key, bytes(12), sealed, b"aad", target)
    assert target == b"plaintext"


def test_mac_key_is_used_again_and_again() -> None:
    """A prepared key gives the same answer every time."""
    key = MacKey(_KEY)
    first = key.mac(b"data")
    assert key.mac(b"other") != first
    assert key.mac(b"data") == first
    assert key.verify(b"data", first)


@pytest.mark.parametrize("tag", [b"", bytes(31), bytes(32), bytes(33)])
def test_mac_of_the_wrong_value_or_size_is_refused(tag: bytes) -> None:
    """A tag is all 32 right bytes or no tag."""
    assert not MacKey(_KEY).verify(b"data", tag)


def test_mac_key_shows_nothing_and_is_not_copied() -> None:
    """A handle to a key cannot leave by repr, copy or pickle."""
    key = MacKey(_KEY)
    assert repr(key) == "MacKey(elided)"
    for leak in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="neither pickled nor copied"):
            leak(key)


@pytest.mark.parametrize("length", [0, 1, 31, 32, 33, 64, 65])
def test_kbkdf_gives_the_length_asked_for(length: int) -> None:
    """Blocks are joined and the last one is cut."""
    derived = primitives.kbkdf(MacKey(_KEY), b"fixed", length)
    assert len(derived) == length
    assert primitives.kbkdf(MacKey(_KEY), b"fixed", 96).startswith(derived)


def test_key_wrap_refuses_every_flipped_bit() -> None:
    """A wrapped key with any bit changed does not unwrap."""
    wrapped = primitives.kw_wrap(_KEY, bytes(32))
    for bit in range(len(wrapped) * 8):
        flipped = bytearray(wrapped)
        flipped[bit // 8] ^= 1 << bit % 8
        assert primitives.kw_unwrap(_KEY, bytes(flipped)) is None
