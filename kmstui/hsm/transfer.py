"""Values and rules of importing key material; nothing cryptographic is imported.

Sources: AWS KMS API Reference, *GetParametersForImport* and *ImportKeyMaterial*.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from kmstui.hsm import algorithms

if TYPE_CHECKING:
    from kmstui.hsm.base import MaterialBinding, WrappedMaterial


class WrappingAlgorithm(NamedTuple):
    """A way to encrypt key material for its import.

    Attributes:
        name: AWS's WrappingAlgorithm.
        digest: The hash function of its RSA-OAEP, a key of ``algorithms.DIGEST_BYTES``, or empty.
        two_steps: Whether the material is under an AES key that goes along (AES-KWP, RFC 5649).
        code: Its byte in an import token, never given to another algorithm.
        supported: Whether this HSM has it.
    """

    name: str
    digest: str
    two_steps: bool
    code: int
    supported: bool = True


WRAPPING_ALGORITHMS: Final = (
    WrappingAlgorithm("RSAES_PKCS1_V1_5", "", two_steps=False, code=1, supported=False),
    WrappingAlgorithm("RSAES_OAEP_SHA_1", "SHA_1", two_steps=False, code=2),
    WrappingAlgorithm("RSAES_OAEP_SHA_256", "SHA_256", two_steps=False, code=3),
    WrappingAlgorithm("RSA_AES_KEY_WRAP_SHA_1", "SHA_1", two_steps=True, code=4),
    WrappingAlgorithm("RSA_AES_KEY_WRAP_SHA_256", "SHA_256", two_steps=True, code=5),
    WrappingAlgorithm("SM2PKE", "", two_steps=False, code=6, supported=False),
)
"""Every wrapping algorithm of the model. AWS took RSAES_PKCS1_V1_5 away in October 2023."""

WRAPPING_KEY_SPECS: Final = {"RSA_2048": 1, "RSA_3072": 2, "RSA_4096": 3, "SM2": 4}
"""AWS's WrappingKeySpec values, each with its byte in an import token."""

_BY_NAME = {row.name: row for row in WRAPPING_ALGORITHMS}


def wrapping_algorithm(name: str) -> WrappingAlgorithm | None:
    """Return a wrapping algorithm by AWS's name."""
    return _BY_NAME.get(name)


def wrapping_refusal(key_spec: str, algorithm: str, wrapping_key_spec: str) -> str:
    """Return why material of a key spec cannot be wrapped so, in words; empty if it can.

    Args:
        key_spec: AWS's KeySpec of the key that the material is for.
        algorithm: AWS's WrappingAlgorithm.
        wrapping_key_spec: AWS's WrappingKeySpec.
    """
    row, spec = _BY_NAME.get(algorithm), algorithms.spec(key_spec)
    if row is None or not row.supported:
        return f"WrappingAlgorithm {algorithm} is not supported."
    if wrapping_key_spec not in WRAPPING_KEY_SPECS or wrapping_key_spec == "SM2":
        return f"WrappingKeySpec {wrapping_key_spec} is not supported."
    if spec is None or not spec.importable:
        return f"KeySpec {key_spec} has no imported key material."
    if row.two_steps:
        fits = spec.kind in {"RSA", "ECC"}
    else:
        # A private key of P-521 as PKCS#8 is longer than RSA-2048 encrypts.
        short = (key_spec, wrapping_key_spec) != ("ECC_NIST_P521", "RSA_2048")
        fits = spec.kind != "RSA" and short
    if fits:
        return ""
    return (
        f"WrappingAlgorithm {algorithm} with WrappingKeySpec {wrapping_key_spec} cannot wrap key "
        f"material of KeySpec {key_spec}."
    )


@dataclass(frozen=True, slots=True)
class ImportTerms:
    """What an import token says of itself, once it has been authenticated.

    Attributes:
        algorithm: AWS's WrappingAlgorithm.
        key_spec: AWS's WrappingKeySpec.
        valid_to: Until when it may be used, account time in whole seconds.
    """

    algorithm: str
    key_spec: str
    valid_to: datetime


@dataclass(frozen=True, slots=True)
class WrappingKey:
    """A new wrapping key.

    Attributes:
        public_key: What material is wrapped with, a DER SubjectPublicKeyInfo.
        token: The import token: the private key, sealed to the key it is for and to its terms.
    """

    public_key: bytes
    token: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ImportTarget:
    """What material is imported into.

    Attributes:
        key_arn: The ARN of the key, which the import token is bound to.
        binding: What new material is sealed to; its ``material_id`` is computed and not read.
        known: The binding and sameness check of each material that the key has or had.
    """

    key_arn: str
    binding: MaterialBinding
    known: tuple[tuple[MaterialBinding, bytes], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class ImportedMaterial:
    """Material that was unwrapped, checked and sealed.

    Attributes:
        binding: What it is sealed to: that of the known material it is, or a new one.
        wrapped: The material, sealed.
        known: Whether it is one of the target's known materials.
    """

    binding: MaterialBinding
    wrapped: WrappedMaterial = field(repr=False)
    known: bool
