"""Preparing key material outside: what there is to choose from, and what is read."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from kmstui.core.errors import UsageError
from kmstui.engine.wrapping import (
    MaterialForm,
    generate_material,
    importable_specs,
    is_pair,
    material_sizes,
    read_material,
    wrapping_choices,
)

CHEAP = [name for name in importable_specs() if not name.startswith("RSA")]
SIZES = ("RSA_4096", "RSA_3072", "RSA_2048")


def test_the_best_choice_comes_first() -> None:
    """SHA-256 before SHA-1, long wrapping keys before short ones."""
    assert wrapping_choices("SYMMETRIC_DEFAULT") == (
        *(("RSAES_OAEP_SHA_256", size) for size in SIZES),
        *(("RSAES_OAEP_SHA_1", size) for size in SIZES),
    )
    for spec in importable_specs():
        algorithm, size = wrapping_choices(spec)[0]
        assert (algorithm[-7:], size) == ("SHA_256", "RSA_4096")
        assert ("KEY_WRAP" in algorithm) is is_pair(spec)


@pytest.mark.parametrize("spec", CHEAP)
def test_what_is_generated_is_read_back(spec: str) -> None:
    """Fresh material is sound material of its key spec, and another each time."""
    made = generate_material(spec)
    assert read_material(made, spec) == made
    assert generate_material(spec) != made
    assert is_pair(spec) or len(made) == material_sizes(spec).start


@pytest.mark.parametrize("spec", ["SM2", "ML_KEM_768", "ECC_NIST_EDWARDS25519", "nonsense"])
def test_other_keys_have_no_imported_material(spec: str) -> None:
    """Whatever is asked about them, the answer names those that have."""
    for ask in (wrapping_choices, generate_material, is_pair, material_sizes):
        with pytest.raises(UsageError) as refused:
            ask(spec)
        assert "SYMMETRIC_DEFAULT" in refused.value.hint


def test_private_keys_are_read_in_every_usual_form() -> None:
    """PKCS#8 and RFC 8017's form, PEM and DER, are the same material; encrypted ones are none."""
    private = rsa.generate_private_key(65537, 2048)
    forms = {
        read_material(private.private_bytes(encoding, form, NoEncryption()), "RSA_2048")
        for encoding in (Encoding.PEM, Encoding.DER)
        for form in (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL)
    }
    der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    assert forms == {der}
    locked = private.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"passphrase")
    )
    for data in (locked, der[:-1], b"", b"-----BEGIN PRIVATE KEY-----"):
        with pytest.raises(UsageError, match="not an unencrypted private key"):
            read_material(data, "RSA_2048")
    with pytest.raises(UsageError, match="not a sound private key") as refused:
        read_material(der, "RSA_3072")
    assert "RSA_3072" in refused.value.hint


@pytest.mark.parametrize(
    ("form", "data"),
    [("hex", b"zz" * 32), ("hex", b"\xff" * 64), ("base64", b"!" * 44), ("pkcs8", bytes(32))],
)
def test_what_is_not_in_its_form_is_said_so(form: MaterialForm, data: bytes) -> None:
    """The form is named, and nothing of the material."""
    with pytest.raises(UsageError) as refused:
        read_material(data, "SYMMETRIC_DEFAULT", form)
    assert refused.value.message == f"The key material is not {form}."


@pytest.mark.parametrize(
    ("spec", "span"),
    [("SYMMETRIC_DEFAULT", "takes 32 bytes"), ("HMAC_384", "takes 48 to 128 bytes")],
)
def test_the_sizes_that_a_key_takes_are_in_the_hint(spec: str, span: str) -> None:
    """Whoever has too little learns how much is wanted."""
    with pytest.raises(UsageError) as refused:
        read_material(bytes(8), spec)
    assert span in refused.value.hint
