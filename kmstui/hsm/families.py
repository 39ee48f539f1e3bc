"""The way from a key spec to its material, and from material to a key that can be used."""

from __future__ import annotations

import os

from kmstui.core.errors import (
    IncorrectKeyMaterialException,
    KeystoreTamperedError,
    UnsupportedOperationException,
)
from kmstui.hsm import algorithms
from kmstui.hsm.algorithms import KeySpec
from kmstui.hsm.base import MaterialBinding
from kmstui.hsm.keys import LoadedKey, MacMaterial
from kmstui.hsm.symmetric import SymmetricKey


def generate(binding: MaterialBinding, size: int | None = None) -> bytes:
    """Return new material: raw bytes for symmetric and HMAC keys, PKCS#8 for the others.

    Args:
        binding: Says the key spec and usage.
        size: Bytes of raw material that its key spec accepts; the least if None.

    Raises:
        UnsupportedOperationException: The key spec and usage are not in the algorithm table.
    """
    spec = _spec(binding)
    if spec.material_sizes:
        return os.urandom(size or spec.material_sizes.start)
    from kmstui.hsm import pairs  # noqa: PLC0415 - start-up does without key pairs

    return pairs.generate(spec)[0]


def generate_pair(name: str) -> tuple[bytes, bytes]:
    """Return a new data key pair: the private key as PKCS#8, the public as SPKI, both DER.

    Raises:
        UnsupportedOperationException: There are no such pairs here.
    """
    spec = algorithms.spec(name)
    if spec is None or not (spec.supported and spec.data_key_pair):
        raise UnsupportedOperationException(f"KeyPairSpec {name} is not supported.")
    from kmstui.hsm import pairs  # noqa: PLC0415 - start-up does without key pairs

    return pairs.generate(spec)


def load(binding: MaterialBinding, material: bytearray) -> LoadedKey:
    """Return the key of our own authenticated material.

    Raises:
        UnsupportedOperationException: The key spec and usage are not in the algorithm table.
        KeystoreTamperedError: The material is not of the binding's key spec.
    """
    spec = _spec(binding)
    if not spec.material_sizes:
        from kmstui.hsm import pairs  # noqa: PLC0415 - start-up does without key pairs

        return pairs.load(binding, spec, material)
    if len(material) not in spec.material_sizes:
        raise KeystoreTamperedError("key material is of the wrong size")
    row = algorithms.rows(binding.key_spec, binding.key_usage)[0]
    if spec.kind == "AES":
        return SymmetricKey(binding, row, material)
    return MacMaterial(binding, row.digest, material)


def validated(binding: MaterialBinding, material: bytes) -> bytes:
    """Return foreign material in the form it is kept in, after checking all of it.

    A key has one form, so that it is seen to be the same in any encoding.

    Raises:
        UnsupportedOperationException: Material of that key spec is not imported.
        IncorrectKeyMaterialException: It is malformed, unsound, or of another key spec.
    """
    spec = _spec(binding)
    if not spec.importable:
        raise UnsupportedOperationException(f"KeySpec {spec.name} has no imported key material.")
    if not spec.material_sizes:
        from kmstui.hsm import pairs  # noqa: PLC0415 - start-up does without key pairs

        return pairs.validated(spec, material)
    if len(material) not in spec.material_sizes:
        raise IncorrectKeyMaterialException("The key material is of the wrong size.")
    return material


def _spec(binding: MaterialBinding) -> KeySpec:
    """Return the key spec of a binding that the table has a row for."""
    spec = algorithms.spec(binding.key_spec)
    if spec is None or not algorithms.rows(binding.key_spec, binding.key_usage):
        raise UnsupportedOperationException("The key spec and usage are not supported.")
    return spec
