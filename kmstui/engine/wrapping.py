"""Preparing key material for its import, as somebody outside the keystore does it.

Nothing here looks into a keystore: the material is the caller's own, and so is what becomes of it.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from typing import Final, Literal

from kmstui.core.errors import KmsError, UsageError
from kmstui.hsm import algorithms, families
from kmstui.hsm.base import MaterialBinding
from kmstui.hsm.transfer import WRAPPING_ALGORITHMS, WRAPPING_KEY_SPECS, wrapping_refusal

MaterialForm = Literal["raw", "hex", "base64", "pkcs8"]
"""How key material is written in a file."""

MATERIAL_FORMS: Final[tuple[MaterialForm, ...]] = ("raw", "hex", "base64", "pkcs8")
"""The forms, those of symmetric and HMAC keys before that of private keys."""

_SPACE = re.compile(rb"\s+")


def importable_specs() -> tuple[str, ...]:
    """Return AWS's name of every key spec whose material may be imported."""
    return tuple(spec.name for spec in algorithms.KEY_SPECS if spec.importable)


def is_pair(key_spec: str) -> bool:
    """Tell whether the material of a key spec is a private key rather than random bytes."""
    return not _spec(key_spec).material_sizes


def material_sizes(key_spec: str) -> range:
    """Return the sizes in bytes that raw material may have; empty for private keys."""
    return _spec(key_spec).material_sizes


def wrapping_choices(key_spec: str) -> tuple[tuple[str, str], ...]:
    """Return every WrappingAlgorithm and WrappingKeySpec that material may be wrapped with.

    The best choice is the first: SHA-256, and the longest wrapping key.

    Raises:
        UsageError: There is no imported material of that key spec.
    """
    spec = _spec(key_spec).name
    found = [
        (row.name, size)
        for row in reversed(WRAPPING_ALGORITHMS)
        for size in reversed(WRAPPING_KEY_SPECS)
        if not wrapping_refusal(spec, row.name, size)
    ]
    return tuple(sorted(found, key=lambda choice: not choice[0].endswith("SHA_256")))


def wrap_material(public_key: bytes, algorithm: str, material: bytes) -> bytes:
    """Return the EncryptedKeyMaterial of ImportKeyMaterial.

    Args:
        public_key: The PublicKey of GetParametersForImport, a DER SubjectPublicKeyInfo.
        algorithm: The WrappingAlgorithm that was asked for.
        material: Raw bytes, or a private key as PKCS#8 DER; see :func:`read_material`.

    Raises:
        UsageError: The public key is none, or the material does not fit it or the algorithm.
    """
    from kmstui.hsm import imports, pkcs8  # noqa: PLC0415 - start-up does without key pairs

    if not material:
        raise UsageError("There is no key material.")
    wrapped = imports.wrap(public_key, algorithm, material)
    if wrapped is not None:
        return wrapped
    if pkcs8.read_public(public_key) is None:
        raise UsageError(
            "The public key is none.", hint="It is the PublicKey that GetParametersForImport gave."
        )
    raise UsageError(
        f"{algorithm} cannot wrap {len(material)} bytes of key material with this public key.",
        hint="RSA_AES_KEY_WRAP_SHA_256 wraps private keys of any size.",
    )


def generate_material(key_spec: str, size: int | None = None) -> bytes:
    """Return fresh key material as :func:`wrap_material` takes it. RSA keys take a while.

    Args:
        key_spec: AWS's KeySpec of the key that it is for.
        size: Bytes of raw material; the least that the key spec takes if None.

    Raises:
        UsageError: There is no imported material of that key spec and size.
    """
    if size is not None and size not in material_sizes(key_spec):
        raise UsageError(f"{size} bytes are no key material.", hint=_wanted(key_spec))
    return families.generate(_outside(key_spec), size)


def read_material(data: bytes, key_spec: str, form: MaterialForm = "raw") -> bytes:
    """Return the material that a file holds, after checking all of it.

    Args:
        data: The file's bytes.
        key_spec: AWS's KeySpec of the key that it is for.
        form: How it is written; private keys are PEM or DER, whatever is said here.

    Raises:
        UsageError: It is malformed, or not of the key spec. The error holds nothing of it.
    """
    material = _private_key(data) if is_pair(key_spec) else _octets(data, form)
    if material is None:
        wanted = "an unencrypted private key in PEM or DER" if is_pair(key_spec) else form
        raise UsageError(f"The key material is not {wanted}.")
    try:
        return families.validated(_outside(key_spec), material)
    except KmsError as error:
        reason = error.message
    # Raised out here, so that no frame that held the material goes along.
    raise UsageError(reason, hint=_wanted(key_spec))


def _private_key(data: bytes) -> bytes | None:
    from kmstui.hsm import pkcs8  # noqa: PLC0415 - start-up does without key pairs

    return pkcs8.converted(data)


def _octets(data: bytes, form: MaterialForm) -> bytes | None:
    text = _SPACE.sub(b"", data)
    try:
        if form == "hex":
            return bytes.fromhex(text.decode("ascii"))
        if form == "base64":
            return b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None
    return None if form == "pkcs8" else data


def _wanted(key_spec: str) -> str:
    sizes = material_sizes(key_spec)
    if not sizes:
        return f"It has to be a private key of {key_spec}."
    span = f"{sizes.start}" if len(sizes) == 1 else f"{sizes.start} to {sizes.stop - 1}"
    return f"{key_spec} takes {span} bytes; say if they are written in hex or base64."


def _spec(key_spec: str) -> algorithms.KeySpec:
    spec = algorithms.spec(key_spec)
    if spec is None or not spec.importable:
        raise UsageError(
            f"KeySpec {key_spec} has no imported key material.",
            hint=f"There is: {', '.join(importable_specs())}.",
        )
    return spec


def _outside(key_spec: str) -> MaterialBinding:
    """Return a binding that says the key spec alone: nothing is sealed to it."""
    spec = _spec(key_spec)
    usage = algorithms.key_usages(spec.name)[0]
    return MaterialBinding("", "", "", 1, spec.name, usage, "EXTERNAL", multi_region=False)
