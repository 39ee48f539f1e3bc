"""``kmstui material``: making and wrapping key material, without a keystore.

Material is read from files and written to files of mode 0600; it is never printed.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from kmstui.cli.exits import printable
from kmstui.core import strictjson
from kmstui.core.disk import HOST_DISK, write_all
from kmstui.core.errors import StrictJsonError, UsageError
from kmstui.core.files import Directory

if TYPE_CHECKING:
    from kmstui.engine.wrapping import MaterialForm

_LARGEST_FILE: Final = 1 << 16
_FORMS: Final = ("raw", "hex", "base64")
_PEM_BEGIN: Final = b"-----BEGIN PUBLIC KEY-----"
_PEM_END: Final = b"-----END PUBLIC KEY-----"

_SPEC = click.option(
    "--key-spec",
    default="SYMMETRIC_DEFAULT",
    show_default=True,
    metavar="SPEC",
    help="The KeySpec of the key that the material is for.",
)


@click.group()
def material() -> None:
    """Make and wrap key material for its import.

    GetParametersForImport gives the public key to wrap with, ImportKeyMaterial takes what was
    wrapped. Neither command here opens a keystore.
    """


@material.command()
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@_SPEC
@click.option("--bytes", "size", type=int, metavar="N", help="Size of the material of HMAC keys.")
def generate(out: Path, key_spec: str, size: int | None) -> None:
    """Write fresh random key material to the new file OUT, which only you can read.

    Raw bytes for symmetric and HMAC keys, PKCS#8 in DER for key pairs. Keep it: what was imported
    once is all that the key will ever take again.
    """
    from kmstui.engine.wrapping import generate_material

    made = generate_material(key_spec, size)
    _write_new(out, made)
    click.echo(printable(f"Wrote {len(made)} bytes of key material for {key_spec} to {out}."))


@material.command()
@_SPEC
@click.option(
    "--material",
    "source",
    required=True,
    metavar="FILE",
    help="The key material, or - for stdin; private keys in PEM or DER.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMS),
    default="raw",
    show_default=True,
    help="How the material of symmetric and HMAC keys is written.",
)
@click.option(
    "--parameters",
    required=True,
    metavar="FILE",
    help="The answer of GetParametersForImport as JSON, or its public key in DER or PEM.",
)
@click.option(
    "--algorithm",
    metavar="NAME",
    help="The WrappingAlgorithm that was asked for.  [default: the best for the key spec]",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the wrapped material to this new file.",
)
@click.option(
    "--request",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a request for `kmstui call ImportKeyMaterial --json` to this new file.",
)
def wrap(
    key_spec: str,
    source: str,
    *,
    form: MaterialForm,
    parameters: str,
    algorithm: str | None,
    out: Path | None,
    request: Path | None,
) -> None:
    """Wrap key material with the public key of an import.

    The files that are written hold nothing secret but to whoever has the import's private key.
    """
    from kmstui.engine.wrapping import read_material, wrap_material, wrapping_choices

    if out is None and request is None:
        raise UsageError("There is nothing to write.", hint="Give --out, --request, or both.")
    answer = _read_parameters(parameters)
    token = answer.get("ImportToken")
    if request is not None and token is None:
        raise UsageError(
            "A request needs the import token.",
            hint="Give the whole answer of GetParametersForImport as --parameters.",
        )
    chosen = algorithm or wrapping_choices(key_spec)[0][0]
    wrapped = wrap_material(
        answer["PublicKey"], chosen, read_material(_read(source), key_spec, form)
    )
    if out is not None:
        _write_new(out, wrapped)
        click.echo(printable(f"Wrote {len(wrapped)} bytes to {out}, wrapped by {chosen}."))
    if request is not None:
        _write_new(request, _request(answer, wrapped))
        click.echo(printable(f"Wrote a request to {request}, wrapped by {chosen}."))


def _read_parameters(name: str) -> dict[str, bytes]:
    """Return the public key, and what else an answer has: its token and the key's ARN."""
    data = _read(name)
    if not data.lstrip().startswith(b"{"):
        return {"PublicKey": _public_key(data)}
    try:
        answer = strictjson.loads(data, max_bytes=_LARGEST_FILE)
    except StrictJsonError as error:
        raise UsageError(f"{name}: {error.message}") from None
    found: dict[str, bytes] = {}
    if isinstance(answer, dict):
        for member in ("PublicKey", "ImportToken"):
            text = answer.get(member)
            if isinstance(text, str):
                found[member] = _decoded(name, member, text)
        key = answer.get("KeyId")
        if isinstance(key, str):
            found["KeyId"] = key.encode()
    if "PublicKey" not in found:
        raise UsageError(
            f"{name} has no PublicKey.", hint="It is GetParametersForImport's answer."
        )
    return found


def _decoded(name: str, member: str, text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise UsageError(f"{name}: {member} is not base64.") from None


def _public_key(data: bytes) -> bytes:
    """Return DER, whether it was that or PEM."""
    text = data.strip()
    if not (text.startswith(_PEM_BEGIN) and text.endswith(_PEM_END)):
        return data
    body = b"".join(text[len(_PEM_BEGIN) : -len(_PEM_END)].split())
    try:
        return b64decode(body, validate=True)
    except ValueError:
        raise UsageError("The public key is not sound PEM.") from None


def _request(answer: dict[str, bytes], wrapped: bytes) -> bytes:
    members: dict[str, strictjson.JsonValue] = {
        "ImportToken": b64encode(answer["ImportToken"]).decode(),
        "EncryptedKeyMaterial": b64encode(wrapped).decode(),
    }
    if "KeyId" in answer:
        members["KeyId"] = answer["KeyId"].decode()
    return strictjson.dumps(members)


def _read(name: str) -> bytes:
    try:
        with click.open_file(name, "rb") as stream:
            data: bytes = stream.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}.") from None
    if len(data) > _LARGEST_FILE:
        raise UsageError(f"{name} is longer than {_LARGEST_FILE} bytes.")
    if not data:
        raise UsageError(f"{name} is empty.")
    return data


def _write_new(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read, and that was not there before."""
    try:
        with Directory.open(path.absolute().parent, private=False) as directory:
            fd = directory.create_file(path.name, os.O_WRONLY)
            try:
                write_all(HOST_DISK, fd, data)
                HOST_DISK.fsync(fd)
            finally:
                HOST_DISK.close(fd)
    except FileExistsError:
        raise UsageError(f"{path} is there already.", hint="Nothing is overwritten.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from None


COMMANDS = {"material": material}
