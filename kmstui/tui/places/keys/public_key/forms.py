"""The forms that a public key is written in: to show, to copy, to save. Pure."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kmstui.core.errors import UsageError
from kmstui.core.public_keys import fingerprint, to_jwk, to_pem

_LINE = 64
_UNNAMEABLE = re.compile(r"[^A-Za-z0-9._-]+")
_USES = {"SIGN_VERIFY": "sig", "ENCRYPT_DECRYPT": "enc"}
_ALGORITHMS = (
    "SigningAlgorithms",
    "EncryptionAlgorithms",
    "KeyAgreementAlgorithms",
    "EncapsulationAlgorithms",
)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key, as GetPublicKey answered it.

    Attributes:
        der: Its SubjectPublicKeyInfo.
        spec: The key's spec.
        usage: The key's usage.
        algorithms: What the key is used with.
    """

    der: bytes
    spec: str
    usage: str
    algorithms: tuple[str, ...]

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any]) -> PublicKey:
        """Read an answer of GetPublicKey."""
        named = [name for member in _ALGORITHMS for name in answer.get(member, ())]
        return cls(answer["PublicKey"], answer["KeySpec"], answer["KeyUsage"], tuple(named))

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the SubjectPublicKeyInfo, in groups of eight digits."""
        digits = fingerprint(self.der)
        return " ".join(digits[at : at + 8] for at in range(0, len(digits), 8))


@dataclass(frozen=True, slots=True)
class WrittenForm:
    """A form to write a public key in.

    Attributes:
        id: Its id, and its name.
        suffix: Ending of a file.
        about: Who reads it.
        shown: Writes what the screen shows, and what is copied.
        data: Writes what a file holds.
    """

    id: str
    suffix: str
    about: str
    shown: Callable[[PublicKey], str]
    data: Callable[[PublicKey], bytes]


def _pem(key: PublicKey) -> str:
    return to_pem(key.der)


def _base64(key: PublicKey) -> str:
    encoded = base64.b64encode(key.der).decode("ascii")
    return "\n".join(encoded[at : at + _LINE] for at in range(0, len(encoded), _LINE))


def _jwk(key: PublicKey) -> str:
    return json.dumps(to_jwk(key.der, use=_USES.get(key.usage, "")), indent=2) + "\n"


FORMS: tuple[WrittenForm, ...] = (
    WrittenForm(
        "PEM", ".pem", "OpenSSL, SSH tools, most libraries", _pem, lambda key: _pem(key).encode()
    ),
    WrittenForm(
        "DER",
        ".der",
        "as GetPublicKey answers it; shown in Base64, bytes in a file",
        _base64,
        lambda key: key.der,
    ),
    WrittenForm(
        "JWK", ".jwk.json", "JOSE and JWT libraries", _jwk, lambda key: _jwk(key).encode()
    ),
)
"""Every form, the usual one first."""


def form(identity: str) -> WrittenForm:
    """Return a form by its id.

    Raises:
        KeyError: There is none; a mistake of ours.
    """
    for each in FORMS:
        if each.id == identity:
            return each
    raise KeyError(identity)


def reason_against(each: WrittenForm, key: PublicKey) -> str:
    """Say why a key cannot be written in a form; empty if it can."""
    try:
        each.data(key)
    except UsageError as error:
        return f"{error.message} {error.hint}".strip()
    return ""


def file_name(label: str, each: WrittenForm) -> str:
    """Suggest the name of a file for a key that a person calls so."""
    plain = _UNNAMEABLE.sub("-", label).strip(".-")
    return f"{plain or 'public-key'}{each.suffix}"
