"""The AWS CLI command that does what the console just did.

Pure: an operation's name and its request go in, one line for a POSIX shell comes out. Blobs are
written as ``fileb://`` placeholders and sensitive members are elided, so a line may be shown,
copied and kept.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

_PLAIN = re.compile(r"[A-Za-z0-9_./:@+-]+")
"""Text the CLI's shorthand takes as it is."""

_ELIDED = frozenset(
    {
        *("GrantTokens", "TokenCode", "Passphrase", "Code", "Secret"),
        *("KeyStorePassword", "Password", "NewPassword", "XksProxyAuthenticationCredential"),
        *("AuthenticationCode1", "AuthenticationCode2", "RecoveryCode"),
    }
)
"""Members whose value is a secret or a bearer token."""

_BLOBS = {
    "Plaintext": "plaintext.bin",
    "CiphertextBlob": "ciphertext.bin",
    "EncryptedKeyMaterial": "material.bin",
    "ImportToken": "token.bin",
    "Message": "message.bin",
    "Signature": "signature.bin",
    "Mac": "mac.bin",
    "PublicKey": "public.der",
    "SharedSecretCiphertextBlob": "encapsulated.bin",
}
"""Blob members, and the file name that stands for each."""

_OUTPUTS = {
    "Encrypt": ("CiphertextBlob", "ciphertext.bin"),
    "ReEncrypt": ("CiphertextBlob", "ciphertext.bin"),
    "Decrypt": ("Plaintext", "plaintext.bin"),
    "GenerateDataKeyWithoutPlaintext": ("CiphertextBlob", "data-key.bin"),
    "GenerateRandom": ("Plaintext", "random.bin"),
    "GetPublicKey": ("PublicKey", "public.der"),
    "Sign": ("Signature", "signature.bin"),
    "GenerateMac": ("Mac", "mac.bin"),
    "DeriveSharedSecret": ("SharedSecret", "secret.bin"),
    "Decapsulate": ("SharedSecret", "secret.bin"),
}
"""Operations whose answer is one blob that the CLI prints as base64."""


def kebab(name: str) -> str:
    """Write an AWS name as the CLI does: ``KeyId`` is ``key-id``.

    Source: botocore's ``xform_name`` with ``-``, for the names KMS uses.
    """
    return _BOUNDARY.sub("-", name).lower()


def aws_command(operation: str, request: Mapping[str, object], *, region: str = "") -> str:
    """Write the AWS CLI command of one call.

    Args:
        operation: An operation of KMS, ``DisableKey``, or of a named service, ``iam:GetUser``.
        request: Members as AWS names them; a member that is None is left out.
        region: The Region to name; empty to leave it to the CLI's configuration.

    Returns:
        One line for a POSIX shell; for an operation that AWS does not have, the line that the
        ``kmstui`` command takes.
    """
    service, _, name = operation.rpartition(":")
    ours = service == "kmstui"
    words = ["kmstui", "call", name] if ours else ["aws", service or "kms", kebab(name)]
    given = {member: value for member, value in request.items() if value is not None}
    urls = {member: value for member, value in given.items() if _reads_a_file(value)}
    for member, value in given.items():
        if member not in urls:
            words += _option(member, value)
    if urls:
        words += ["--cli-input-json", json.dumps(urls, separators=(",", ":"))]
    if region and not ours:
        words += ["--region", region]
    line = " ".join(map(_quote, words))
    if service in {"", "kms"} and name in _OUTPUTS:
        member, file = _OUTPUTS[name]
        line += f" --query {member} --output text | base64 --decode > {file}"
    return line


def _option(member: str, value: object) -> list[str]:
    flag = f"--{kebab(member)}"
    if member in _ELIDED:
        return [flag, "<elided>"]
    if isinstance(value, bool):
        return [flag if value else f"--no-{kebab(member)}"]
    if member in _BLOBS or isinstance(value, bytes | bytearray | memoryview):
        return [flag, f"fileb://{_BLOBS.get(member, kebab(member) + '.bin')}"]
    values = _values(value)
    if len(values) == 1 and values[0].startswith("-"):
        return [f"{flag}={values[0]}"]
    return [flag, *values]


def _reads_a_file(value: object) -> bool:
    """Tell whether the CLI would take the value for the name of a file to send instead."""
    return isinstance(value, str) and value.startswith(("file://", "fileb://"))


def _values(value: object) -> list[str]:
    if isinstance(value, datetime):
        return [value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")]
    if isinstance(value, Mapping):
        return [_shorthand(value)]
    if isinstance(value, Sequence) and not isinstance(value, str):
        items = [_shorthand(item) if isinstance(item, Mapping) else str(item) for item in value]
        return items or ["[]"]
    return [str(value)]


def _shorthand(value: Mapping[str, object]) -> str:
    """Write a map in the CLI's shorthand where that is exact, as JSON otherwise."""
    pairs = [(str(key), item) for key, item in value.items()]
    if pairs and all(
        isinstance(item, str) and _PLAIN.fullmatch(key) and _PLAIN.fullmatch(item)
        for key, item in pairs
    ):
        return ",".join(f"{key}={item}" for key, item in pairs)
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), default=str)


def _quote(word: str) -> str:
    if word.isprintable():
        return shlex.quote(word)
    escaped = "".join(_ansi_c(character) for character in word)
    return f"$'{escaped}'"


def _ansi_c(character: str) -> str:
    if character in "\\'":
        return f"\\{character}"
    if character.isascii() and character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
