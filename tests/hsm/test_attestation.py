"""Attestation documents: what is accepted, and that nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from time import process_time
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from kmstui.core.errors import ValidationException
from kmstui.hsm.attestation import INVALID, root_problem, verify
from tests.helpers.attestation import (
    APPLICATION,
    IMAGE,
    ISSUED,
    MODULE,
    VALID_FOR,
    Enclave,
    enclave_public,
    make_root,
)

NOW = ISSUED + timedelta(hours=1)


@pytest.fixture(scope="module")
def enclave() -> Enclave:
    """Return what makes documents."""
    return Enclave()


def reason(enclave: Enclave, document: bytes, **changes: Any) -> str:
    """Return why a document is refused; its text is always the same."""
    arguments = {"root_pem": enclave.root.pem, "now": NOW, **changes}
    with pytest.raises(ValidationException) as refused:
        verify(document, **arguments)
    assert refused.value.message == INVALID
    return refused.value.hint


@pytest.mark.parametrize("tagged", [False, True])
def test_a_sound_document_is_read(enclave: Enclave, tagged: bool) -> None:
    """Its name, measurements and key; the tag of COSE_Sign1 may be there."""
    message = enclave.message(enclave.claims())
    document = cbor2.dumps(cbor2.CBORTag(18, message) if tagged else message)
    found = verify(document, enclave.root.pem, NOW)
    assert (found.module_id, found.tpm) == (MODULE, False)
    assert found.measurements == ((0, IMAGE), (1, "00" * 48), (8, APPLICATION))
    assert found.public_key == enclave_public()


def test_a_tpm_measures_in_registers_of_its_own(enclave: Enclave) -> None:
    """A NitroTPM document has the other member, and 24 registers."""
    claims = enclave.claims()
    claims["nitrotpm_pcrs"] = {23: bytes(48)}
    del claims["pcrs"]
    found = verify(enclave.signed(claims), enclave.root.pem, NOW)
    assert (found.tpm, found.measurements) == (True, ((23, "00" * 48),))
    claims["nitrotpm_pcrs"] = {24: bytes(48)}
    assert "member" in reason(enclave, enclave.signed(claims))


def rsa_public(bits: int) -> bytes:
    """Return an RSA public key."""
    key = rsa.generate_private_key(65537, bits).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def rsa_numbers(modulus: int, exponent: int) -> bytes:
    """Return an RSA public key that need not have a private one."""
    key = rsa.RSAPublicNumbers(exponent, modulus).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


WRONG: dict[str, dict[str, Any]] = {
    "no name": {"module_id": ""},
    "name of bytes": {"module_id": b"x"},
    "other digest": {"digest": "SHA256"},
    "no time": {"timestamp": 0},
    "time of a truth": {"timestamp": True},
    "no registers": {"pcrs": {}},
    "register 32": {"pcrs": {32: bytes(48)}},
    "register -1": {"pcrs": {-1: bytes(48)}},
    "register of text": {"pcrs": {"0": bytes(48)}},
    "short register": {"pcrs": {0: bytes(47)}},
    "both kinds": {"nitrotpm_pcrs": {0: bytes(48)}},
    "no chain": {"cabundle": []},
    "long chain": {"cabundle": [b"x"] * 9},
    "big certificate": {"certificate": bytes(1025)},
    "text certificate": {"certificate": "x"},
    "big nonce": {"nonce": bytes(513)},
    "text data": {"user_data": "x"},
}


@pytest.mark.parametrize("name", WRONG)
def test_members_have_their_types_and_sizes(enclave: Enclave, name: str) -> None:
    """A signed document with any of them wrong is refused."""
    assert "member" in reason(enclave, enclave.document(**WRONG[name]))


@pytest.mark.parametrize("name", ["module_id", "digest", "timestamp", "pcrs", "certificate"])
def test_members_have_to_be_there(enclave: Enclave, name: str) -> None:
    """Each of them."""
    claims = enclave.claims()
    del claims[name]
    assert "member" in reason(enclave, enclave.signed(claims))


@pytest.mark.parametrize("claims", [[], {}, "text", {"more": 1}, {1: 2}, None])
def test_the_payload_is_the_map_of_a_document(enclave: Enclave, claims: object) -> None:
    """Nothing else that somebody signed passes for it."""
    assert reason(enclave, enclave.signed(claims))


@pytest.mark.parametrize(
    "key",
    [
        None,
        b"x",
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        rsa_public(1024),
        rsa_numbers(2**8191 + 1, 65537),
        rsa_numbers(2**4095 + 1, 2**64 + 1),
    ],
    ids=["none", "garbage", "curve", "short", "long", "exponent"],
)
def test_answers_need_an_rsa_key(enclave: Enclave, key: bytes | None) -> None:
    """Without one of 2048 bits there is nothing to encrypt to."""
    assert "RSA" in reason(enclave, enclave.document(public_key=key))


@pytest.mark.parametrize(
    "header", [{1: -7}, {}, {1: -35, 2: [1]}, {1: -35, 4: b"x"}, [1, -35]], ids=str
)
def test_the_algorithm_is_es384(enclave: Enclave, header: object) -> None:
    """The protected header says so, and nothing that would have to be understood."""
    document = enclave.signed(enclave.claims(), protected=cbor2.dumps(header))
    assert "ES384" in reason(enclave, document)


MANGLED: dict[str, Callable[[list[Any]], object]] = {
    "three parts": lambda parts: parts[:3],
    "five parts": lambda parts: [*parts, b""],
    "a map": lambda parts: dict(enumerate(parts)),
    "unprotected": lambda parts: [parts[0], {1: -35}, *parts[2:]],
    "detached": lambda parts: [*parts[:2], None, parts[3]],
    "text": lambda parts: [*parts[:2], parts[2].hex(), parts[3]],
    "short": lambda parts: [*parts[:3], parts[3][:-1]],
    "none": lambda parts: [*parts[:3], b""],
    "zero": lambda parts: [*parts[:3], bytes(96)],
    "changed": lambda parts: [*parts[:3], parts[3][:-1] + bytes([parts[3][-1] ^ 1])],
    "other payload": lambda parts: [*parts[:2], parts[2].replace(b"enc1", b"enc2"), parts[3]],
    "other tag": lambda parts: cbor2.CBORTag(98, parts),
}


@pytest.mark.parametrize("name", MANGLED)
def test_a_message_is_whole(enclave: Enclave, name: str) -> None:
    """Four parts of their types, and a signature over exactly them."""
    message = MANGLED[name](enclave.message(enclave.claims()))
    assert reason(enclave, cbor2.dumps(message))


def test_nothing_may_follow_and_nothing_be_read_two_ways(enclave: Enclave) -> None:
    """Trailing bytes, repeated members and indefinite lengths are refused."""
    document = enclave.document()
    assert "follows" in reason(enclave, document + b"\x00")
    assert "CBOR" in reason(enclave, document[:-1])
    assert "CBOR" in reason(enclave, b"\x9f" + document[1:] + b"\xff")
    assert "CBOR" in reason(enclave, b"\x81" * 1000)


def test_another_root_is_none(enclave: Enclave) -> None:
    """Neither one of the same name, nor a chain that only names the right one."""
    other = make_root()
    assert "root" in reason(enclave, enclave.document(), root_pem=other.pem)
    foreign = Enclave(other)
    assert "root" in reason(enclave, foreign.document())
    pretending = foreign.document(cabundle=[enclave.root.der, foreign.between.der])
    assert "chain" in reason(enclave, pretending)


@pytest.mark.parametrize("away", [-timedelta(hours=2), VALID_FOR])
def test_certificates_have_their_time(enclave: Enclave, away: timedelta) -> None:
    """Before and after it the chain is none."""
    assert "now" in reason(enclave, enclave.document(), now=NOW + away)


def test_a_chain_is_made_of_authorities(enclave: Enclave) -> None:
    """A leaf cannot issue, an authority's length is kept, and a leaf has to be for signing."""
    other = Enclave(enclave.root)
    other.leaf = enclave.leaf.issue("below a leaf")
    bundle = [enclave.root.der, enclave.between.der, enclave.leaf.der]
    assert "chain" in reason(enclave, other.document(cabundle=bundle))
    deeper = enclave.between.issue("too deep", ca=True)
    other.leaf = deeper.issue("below")
    bundle = [enclave.root.der, enclave.between.der, deeper.der]
    assert "chain" in reason(enclave, other.document(cabundle=bundle))
    other.leaf = enclave.between.issue("agrees only", signs=False)
    assert "chain" in reason(enclave, other.document(cabundle=bundle[:2]))
    assert "chain" in reason(enclave, enclave.document(cabundle=bundle[:1]))
    assert "chain" in reason(enclave, enclave.document(cabundle=[enclave.root.der, b"x"]))


def test_a_leaf_is_on_the_curve_of_the_algorithm(enclave: Enclave) -> None:
    """ES384 is P-384."""
    other = Enclave(enclave.root)
    other.leaf = other.between.issue("small", curve=ec.SECP256R1())
    assert "P-384" in reason(enclave, other.document())


def test_another_leafs_signature_does_not_count(enclave: Enclave) -> None:
    """The certificate in the document is the one that has signed."""
    other = enclave.between.issue("another")
    assert "signature" in reason(enclave, enclave.document(certificate=other.der))


@pytest.mark.parametrize("number", [*range(300), 1004, 43000, 55799, 2**64 - 1])
def test_tags_are_not_acted_on(enclave: Enclave, number: int) -> None:
    """No tag makes the library compute what a document asks for: a pattern, a date, a number."""
    costly = cbor2.dumps(cbor2.CBORTag(number, "[a-\U0001ffff]" * 2000))
    begun = process_time()
    assert reason(enclave, costly)
    assert reason(enclave, enclave.signed({"module_id": cbor2.CBORTag(number, 1)}))
    assert process_time() - begun < 0.5


def test_a_document_has_a_size(enclave: Enclave) -> None:
    """One that is longer than its members can be is not read at all."""
    assert "longer" in reason(enclave, b"\x80" * (32 * 1024 + 1))


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_no_bytes_do_more_than_be_refused(enclave: Enclave, data: st.DataObject) -> None:
    """Whatever is changed in a document, the one error comes of it, or nothing has changed."""
    sound = enclave.document()
    document = bytearray(sound)
    for _ in range(data.draw(st.integers(1, 4))):
        document[data.draw(st.integers(0, len(document) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ValidationException):
        verify(bytes(document), enclave.root.pem, NOW)
        assert sound == bytes(document)


@settings(max_examples=200, deadline=None)
@given(noise=st.binary(max_size=200))
def test_noise_is_refused(enclave: Enclave, noise: bytes) -> None:
    """Bytes that nobody made are no document."""
    assert reason(enclave, noise)


@pytest.mark.parametrize("pem", ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAA\n"])
def test_a_root_is_a_certificate(pem: str) -> None:
    """Anything else is refused before it is kept."""
    assert root_problem(pem)


def test_a_root_is_an_authoritys(enclave: Enclave) -> None:
    """A leaf's certificate vouches for nobody."""
    assert not root_problem(enclave.root.pem)
    assert root_problem(enclave.leaf.pem)
