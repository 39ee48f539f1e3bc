"""Hashing messages outside the HSM gives what the HSM would have computed."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import mldsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kmstui.core.errors import UsageError
from kmstui.core.message_digests import HashedMessage, MessageRepresentative


def test_known_digest() -> None:
    """SHA-256 of ``abc`` in two pieces is that of FIPS 180-4's example."""
    digest = HashedMessage("SHA_256")
    digest.feed(b"a")
    digest.feed(b"bc")
    assert "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" == (
        digest.digest().hex()
    )


@pytest.mark.parametrize("name", ["SHA_1", "MD5", ""])
def test_no_other_hash(name: str) -> None:
    """A hash that no signing algorithm has is refused."""
    with pytest.raises(UsageError):
        HashedMessage(name)


def test_representative() -> None:
    """A signature over mu is one over the message, and over no other."""
    private = mldsa.MLDSA65PrivateKey.generate()
    public = private.public_key()
    mu = MessageRepresentative(
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    mu.feed(b"a long ")
    mu.feed(b"message")
    signature = private.sign_mu(mu.digest())
    public.verify(signature, b"a long message")
    with pytest.raises(InvalidSignature):
        public.verify(signature, b"another message")
