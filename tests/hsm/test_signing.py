"""Signatures through the HSM's interface."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
)

from kmstui.core.errors import (
    UnsupportedOperationException,
    ValidationException,
)
from kmstui.hsm import algorithms
from kmstui.hsm.algorithms import DIGEST_BYTES, SIGN
from kmstui.hsm.software import SoftwareHsm
from tests.hsm.keypairs import (
    MESSAGE,
    Key,
    Keys,
    binding_of,
    opened,
    refusal_of,
    sign,
    verified,
)

_HASHES = {"SHA_256": hashes.SHA256(), "SHA_384": hashes.SHA384(), "SHA_512": hashes.SHA512()}
_SIGNING = [row for row in algorithms.ALGORITHMS if row.key_usage == SIGN]


@pytest.mark.parametrize("row", _SIGNING, ids=lambda row: f"{row.key_spec}-{row.name}")
def test_signatures_verify_over_their_message_alone(
    shared: SoftwareHsm,
    keys: Keys,
    row: algorithms.Algorithm,
) -> None:
    """A signature holds for its message; not for another, nor altered, cut, grown or empty."""
    key = keys[row.key_spec, SIGN]
    signature = sign(shared, key, MESSAGE, row.name)
    assert verified(shared, key, MESSAGE, row.name, signature)
    assert not verified(shared, key, b"attack at noon", row.name, signature)
    for bad in (
        b"",
        signature[:-1],
        signature + b"\0",
        bytes(len(signature)),
        b"\xff" * len(signature),
        signature[:-1] + bytes([signature[-1] ^ 1]),
    ):
        assert not verified(shared, key, MESSAGE, row.name, bad)


@pytest.mark.parametrize(
    "row",
    [row for row in _SIGNING if "DIGEST" in row.message_types],
    ids=lambda row: f"{row.key_spec}-{row.name}",
)
def test_digest_and_message_are_interchangeable(
    shared: SoftwareHsm, keys: Keys, row: algorithms.Algorithm
) -> None:
    """What is signed as a digest verifies as the message, and the other way round."""
    key = keys[row.key_spec, SIGN]
    digest = hashlib.new(row.digest.replace("_", ""), MESSAGE).digest()
    by_digest = sign(shared, key, digest, row.name, "DIGEST")
    by_message = sign(shared, key, MESSAGE, row.name)
    assert verified(shared, key, MESSAGE, row.name, by_digest)
    assert verified(shared, key, digest, row.name, by_message, "DIGEST")


@pytest.mark.parametrize("row", _SIGNING, ids=lambda row: f"{row.key_spec}-{row.name}")
def test_messages_that_are_not_of_their_type_are_refused(
    shared: SoftwareHsm, keys: Keys, row: algorithms.Algorithm
) -> None:
    """A digest or representative has its exact size, and other types are not the algorithm's."""
    key = keys[row.key_spec, SIGN]
    for message_type in ("RAW", "DIGEST", "EXTERNAL_MU", "", "raw"):
        if message_type not in row.message_types:
            error = refusal_of(sign, shared, key, bytes(64), row.name, message_type)
            assert isinstance(error, ValidationException), message_type
        elif message_type != "RAW":
            size = row.message_bytes(message_type)
            assert size is not None
            text = f"Digest is invalid length for algorithm {row.name}."
            for wrong in (bytes(0), bytes(size - 1), bytes(size + 1)):
                signing = refusal_of(sign, shared, key, wrong, row.name, message_type)
                checking = refusal_of(verified, shared, key, wrong, row.name, b"", message_type)
                for error in (signing, checking):
                    assert ("ValidationException", text) == (error.code, error.message)


@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072", "RSA_4096"])
def test_rsa_signatures_are_what_the_library_verifies(
    shared: SoftwareHsm, keys: Keys, spec: str
) -> None:
    """Signatures hold under the exported public key; a PSS salt is as long as its hash."""
    key = keys[spec, SIGN]
    public = load_der_public_key(shared.public_key(key.token, key.binding))
    assert isinstance(public, rsa.RSAPublicKey)
    assert public.public_numbers().e == 65537
    for name, digest in _HASHES.items():
        signature = sign(shared, key, MESSAGE, f"RSASSA_PKCS1_V1_5_{name}")
        public.verify(signature, MESSAGE, padding.PKCS1v15(), digest)
        signature = sign(shared, key, MESSAGE, f"RSASSA_PSS_{name}")
        assert len(signature) * 8 == public.key_size
        for salt, right in ((DIGEST_BYTES[name], True), (DIGEST_BYTES[name] - 1, False)):
            pss = padding.PSS(padding.MGF1(digest), salt)
            if right:
                public.verify(signature, MESSAGE, pss, digest)
            else:
                with pytest.raises(InvalidSignature):
                    public.verify(signature, MESSAGE, pss, digest)


def test_pss_takes_no_other_salt_length(shared: SoftwareHsm, keys: Keys) -> None:
    """A sound PSS signature with a shorter, longer or absent salt is refused."""
    key = keys["RSA_2048", SIGN]
    private = load_der_private_key(opened(shared, key), None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(private, rsa.RSAPrivateKey)
    for salt, right in ((32, True), (0, False), (20, False), (33, False), (222, False)):
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt)
        signature = private.sign(MESSAGE, pss, hashes.SHA256())
        assert right == verified(shared, key, MESSAGE, "RSASSA_PSS_SHA_256", signature)


@pytest.mark.parametrize("row", _SIGNING, ids=lambda row: f"{row.key_spec}-{row.name}")
def test_an_algorithm_verifies_its_own_signatures_only(
    shared: SoftwareHsm, keys: Keys, row: algorithms.Algorithm
) -> None:
    """A signature of one algorithm is none of the key's others; foreign names are refused."""
    key = keys[row.key_spec, SIGN]
    signature = sign(shared, key, MESSAGE, row.name)
    for name in sorted({other.name for other in algorithms.EVERY_ALGORITHM}):
        other = algorithms.find(row.key_spec, SIGN, name)
        if other is None:
            error = refusal_of(verified, shared, key, MESSAGE, name, signature)
            text = f"Algorithm {name} is incompatible with key spec {row.key_spec}."
            assert (error.code, error.message) == ("InvalidKeyUsageException", text)
        elif not other.supported:
            error = refusal_of(verified, shared, key, MESSAGE, name, signature)
            assert isinstance(error, UnsupportedOperationException)
        else:
            assert (name == row.name) == verified(shared, key, MESSAGE, name, signature)


def test_signatures_of_one_key_are_none_of_another(shared: SoftwareHsm, keys: Keys) -> None:
    """Under every other key of the same algorithm the signature is refused."""
    for spec in ("ECC_NIST_P256", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519", "ML_DSA_44"):
        binding = replace(binding_of(spec, SIGN), material_id="ee" * 32)
        other = Key(shared.generate(binding).token, binding)
        name = algorithms.rows(spec, SIGN)[0].name
        signature = sign(shared, keys[spec, SIGN], MESSAGE, name)
        assert not verified(shared, other, MESSAGE, name, signature)
    p256 = sign(shared, keys["ECC_NIST_P256", SIGN], MESSAGE, "ECDSA_SHA_256")
    assert not verified(shared, keys["ECC_SECG_P256K1", SIGN], MESSAGE, "ECDSA_SHA_256", p256)


def test_ecdsa_signatures_are_der(shared: SoftwareHsm, keys: Keys) -> None:
    """The library reads r and s from a signature, and verifies it with the exported key."""
    for spec, digest in (
        ("ECC_NIST_P256", "SHA_256"),
        ("ECC_NIST_P384", "SHA_384"),
        ("ECC_NIST_P521", "SHA_512"),
        ("ECC_SECG_P256K1", "SHA_256"),
    ):
        key = keys[spec, SIGN]
        public = load_der_public_key(shared.public_key(key.token, key.binding))
        assert isinstance(public, ec.EllipticCurvePublicKey)
        signature = sign(shared, key, MESSAGE, f"ECDSA_{digest}")
        r, s = decode_dss_signature(signature)
        assert min(r, s) > 0
        public.verify(signature, MESSAGE, ec.ECDSA(_HASHES[digest]))
        size = (public.key_size + 7) // 8
        assert not verified(
            shared, key, MESSAGE, f"ECDSA_{digest}", r.to_bytes(size) + s.to_bytes(size)
        )


def test_external_mu_is_the_message_of_fips_204(shared: SoftwareHsm, keys: Keys) -> None:
    """The representative of a message with an empty context stands for the message."""
    for spec in ("ML_DSA_44", "ML_DSA_65", "ML_DSA_87"):
        key = keys[spec, SIGN]
        public = load_der_public_key(shared.public_key(key.token, key.binding))
        raw = public.public_bytes_raw()  # type: ignore[union-attr]
        pre_hash = hashlib.shake_256(raw).digest(64)
        mu = hashlib.shake_256(pre_hash + b"\0\0" + MESSAGE).digest(64)
        name = "ML_DSA_SHAKE_256"
        signature = sign(shared, key, mu, name, "EXTERNAL_MU")
        assert verified(shared, key, MESSAGE, name, signature)
        signature = sign(shared, key, MESSAGE, name)
        assert verified(shared, key, mu, name, signature, "EXTERNAL_MU")
        assert not verified(shared, key, mu, name, signature)
