"""CMS EnvelopedData, read back as RFC 5652 describes it."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from kmstui.hsm.cms import enveloped
from tests.helpers.attestation import enclave_key, enclave_public, parts

OIDS = {
    "enveloped data": "2a864886f70d010703",
    "data": "2a864886f70d010701",
    "OAEP": "2a864886f70d010107",
    "MGF1": "2a864886f70d010108",
    "SHA-256": "608648016503040201",
    "AES-256-CBC": "60864801650304012a",
}


def inside(der: bytes, *path: int) -> bytes:
    """Return the contents of a nested value, by the place of each value in the one around it."""
    for place in path:
        der = parts(der)[place][1]
    return der


@pytest.mark.parametrize("size", [1, 15, 16, 17, 32, 1024, 4096])
def test_only_the_private_key_opens_it(size: int) -> None:
    """The content key is encrypted with OAEP and SHA-256, the content with AES-256-CBC."""
    plaintext = bytes(range(256)) * 16
    data = enveloped(enclave_key().public_key(), plaintext[:size])
    body = inside(data, 0, 1, 0)
    digest = hashes.SHA256()
    wrapped = inside(body, 1, 0, 3)
    key = enclave_key().decrypt(wrapped, OAEP(MGF1(digest), digest, None))
    iv, content = inside(body, 2, 1, 1), inside(body, 2, 2)
    decryptor = Cipher(algorithms.AES256(key), modes.CBC(iv)).decryptor()
    padded = decryptor.update(content) + decryptor.finalize()
    unpadder = PKCS7(128).unpadder()
    assert plaintext[:size] == unpadder.update(padded) + unpadder.finalize()


def test_it_says_what_it_is() -> None:
    """Every identifier, version and parameter stands where the RFCs put it."""
    data = enveloped(enclave_key().public_key(), b"x")
    assert OIDS["enveloped data"] == inside(data, 0, 0).hex()
    body = inside(data, 0, 1, 0)
    assert [tag for tag, _ in parts(body)] == [0x02, 0x31, 0x30]
    assert inside(body, 0) == b"\x02"
    recipient = inside(body, 1, 0)
    assert [tag for tag, _ in parts(recipient)] == [0x02, 0x80, 0x30, 0x04]
    assert inside(recipient, 0) == b"\x02"
    assert hashlib.sha256(enclave_public()).digest() == inside(recipient, 1)
    assert OIDS["OAEP"] == inside(recipient, 2, 0).hex()
    assert OIDS["SHA-256"] == inside(recipient, 2, 1, 0, 0, 0).hex()
    assert OIDS["MGF1"] == inside(recipient, 2, 1, 1, 0, 0).hex()
    assert OIDS["SHA-256"] == inside(recipient, 2, 1, 1, 0, 1, 0).hex()
    content = inside(body, 2)
    assert [tag for tag, _ in parts(content)] == [0x06, 0x30, 0x80]
    assert OIDS["data"] == inside(content, 0).hex()
    assert OIDS["AES-256-CBC"] == inside(content, 1, 0).hex()


def test_two_of_them_share_nothing() -> None:
    """Key and IV are fresh every time."""
    made = [inside(enveloped(enclave_key().public_key(), b"x"), 0, 1, 0) for _ in range(2)]
    assert len({inside(body, 2, 1, 1) for body in made}) == 2
    assert len({inside(body, 2, 2) for body in made}) == 2
