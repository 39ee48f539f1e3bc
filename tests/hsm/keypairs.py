"""A key of every spec and usage, and short ways to use them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ParamSpec

import pytest

from kmstui.core.errors import KmsError, KMSInvalidSignatureException
from kmstui.hsm import MaterialBinding, algorithms, envelope
from kmstui.hsm.algorithms import ENCRYPT
from kmstui.hsm.software import SoftwareHsm
from tests.helpers.hsm import BINDING, STORE_ID

KEYS = tuple(dict.fromkeys((row.key_spec, row.key_usage) for row in algorithms.ALGORITHMS))
"""Every supported key spec and usage."""

MESSAGE = b"attack at dawn"
"""What is signed, authenticated and encrypted."""

_P = ParamSpec("_P")


@dataclass(frozen=True, slots=True)
class Key:
    """A token and what it is sealed to."""

    token: bytes
    binding: MaterialBinding


Keys = dict[tuple[str, str], Key]
"""Keys by spec and usage."""


def binding_of(spec: str, usage: str) -> MaterialBinding:
    """Return a binding of its own for a spec and usage."""
    number = hashlib.sha256(f"{spec}{usage}".encode()).hexdigest()
    return replace(BINDING, key_spec=spec, key_usage=usage, material_id=number)


def make_keys(hsm: SoftwareHsm) -> Keys:
    """Return a key of every spec and usage; RSA material is made once for both usages."""
    made: Keys = {}
    for spec, usage in KEYS:
        binding = binding_of(spec, usage)
        if spec.startswith("RSA") and (spec, ENCRYPT) in made:
            made[spec, usage] = reseal(hsm, binding, opened(hsm, made[spec, ENCRYPT]))
        else:
            made[spec, usage] = Key(hsm.generate(binding).token, binding)
    return made


def reseal(hsm: SoftwareHsm, binding: MaterialBinding, material: bytes) -> Key:
    """Return a key of any material, sealed to a binding without looking at it."""
    domain = hsm._keys().domain_keys[1]
    return Key(envelope.seal_token(domain, 1, STORE_ID, binding, material), binding)


def opened(hsm: SoftwareHsm, key: Key) -> bytes:
    """Return a key's material."""
    domain = hsm._keys().domain_keys[1]
    return bytes(envelope.open_token(domain, STORE_ID, key.binding, key.token))


def sign(
    hsm: SoftwareHsm, key: Key, message: bytes, algorithm: str, message_type: str = "RAW"
) -> bytes:
    """Return a signature."""
    return hsm.sign(key.token, key.binding, message, message_type, algorithm)


def verified(  # noqa: PLR0917 - those of Verify
    hsm: SoftwareHsm,
    key: Key,
    message: bytes,
    algorithm: str,
    signature: bytes,
    message_type: str = "RAW",
) -> bool:
    """Return whether a signature is accepted; a refusal has the one empty text."""
    refusal = outcome_of(
        lambda: hsm.verify(
            key.token, key.binding, message, message_type, algorithm, signature=signature
        )
    )
    if refusal is None:
        return True
    if not isinstance(refusal, KMSInvalidSignatureException):
        raise refusal
    assert refusal.message == ""
    return False


def refusal_of(call: Callable[_P, object], *arguments: _P.args, **named: _P.kwargs) -> KmsError:
    """Return the refusal of a call that must be refused."""
    with pytest.raises(KmsError) as refusal:
        call(*arguments, **named)
    return refusal.value


def outcome_of(call: Callable[[], object]) -> KmsError | None:
    """Return the refusal of a call, or None if it is not refused."""
    try:
        call()
    except KmsError as error:
        return error
    return None
