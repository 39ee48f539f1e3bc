"""``kmstui call``: one operation from the command line, with AWS CLI's conventions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from kmstui.cli.common import keystore_option, opened, passphrase_option
from kmstui.cli.operations import find_operation, kebab
from kmstui.cli.second_factor import ASK, call_with_code
from kmstui.core import strictjson
from kmstui.core.errors import KmsError, SerializationException, StrictJsonError, UsageError
from kmstui.core.spec import Kind, Member, OperationSpec
from kmstui.core.wirejson import read_request, read_value, write_answer

_LARGEST_JSON = 1 << 20
_LARGEST_FILE = 1 << 20
_WHOLE_NUMBER = re.compile("-?[0-9]{1,18}")


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    epilog="A blob is base64, text:WORDS or fileb://FILE; a map or list is a=b,c=d or JSON.",
)
@click.argument("operation")
@click.option("--json", "json_file", help="Read the request from a JSON file, or - for stdin.")
@click.option(
    "--mfa-code",
    is_flag=False,
    flag_value=ASK,
    metavar="[CODE]",
    help="Give this MFA or recovery code if the call wants one; without CODE, ask for it then.",
)
@click.option(
    "--mfa-device", default="", metavar="NAME", help="Whose code it is, if you have several."
)
@keystore_option
@passphrase_option
@click.pass_context
def call(
    ctx: click.Context,
    operation: str,
    json_file: str | None,
    *,
    mfa_code: str | None,
    mfa_device: str,
    keystore: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Perform OPERATION, such as Encrypt, and print its answer as JSON.

    Request members are options: --key-id alias/app --plaintext text:hello. `kmstui operations
    NAME` lists them. A call that wants a fresh MFA code is refused without --mfa-code; with it,
    placed after OPERATION, the code is given and the call made again.
    """
    spec = find_operation(operation)
    request = _from_json(spec, json_file) if json_file is not None else {}
    request |= parse_members(spec, ctx.args)
    outer = ctx.obj or {}
    with opened(
        keystore or outer.get("keystore"),
        passphrase_file or outer.get("passphrase_file"),
        f"kmstui call {spec.name}",
    ) as (engine, session):
        answer = call_with_code(
            engine, session, spec.full_name, request, code=mfa_code, device=mfa_device
        )
    click.echo(json.dumps(write_answer(answer), indent=2))


def _from_json(spec: OperationSpec, json_file: str) -> dict[str, Any]:
    try:
        with click.open_file(json_file, "rb") as stream:
            data = stream.read(_LARGEST_JSON + 1)
    except OSError as error:
        raise UsageError(f"{json_file} cannot be read: {error.strerror}.") from None
    try:
        body = strictjson.loads(data, max_bytes=_LARGEST_JSON)
        if isinstance(body, dict):
            _refuse_unknown(spec, body)
        return read_request(spec, body)
    except (StrictJsonError, SerializationException) as error:
        raise UsageError(f"{json_file}: {error.message}") from None


def _refuse_unknown(spec: OperationSpec, names: dict[str, Any]) -> None:
    """A misspelt member must not be ignored silently, as a service would ignore it."""
    for name in names:
        if spec.member(name) is None:
            raise UsageError(f"{spec.name} has no member {name}.", hint=_known(spec))


def _known(spec: OperationSpec) -> str:
    return f"It has: {', '.join('--' + kebab(member.name) for member in spec.members) or 'none'}."


def parse_members(spec: OperationSpec, arguments: list[str]) -> dict[str, Any]:
    """Return the request that options such as ``--key-id VALUE`` stand for.

    Raises:
        UsageError: An option is not a member, lacks its value or has one that makes no sense.
    """
    options = {f"--{member.name}": member for member in spec.members}
    options |= {f"--{kebab(member.name)}": member for member in spec.members}
    negated = {
        f"--no-{kebab(member.name)}": member
        for member in spec.members
        if member.kind is Kind.BOOLEAN
    }
    request: dict[str, Any] = {}
    rest = list(arguments)
    while rest:
        option, equals, inline = rest.pop(0).partition("=")
        member = options.get(option) or negated.get(option)
        if member is None:
            raise UsageError(f"{spec.name} has no option {option}.", hint=_known(spec))
        if member.name in request and member.kind is not Kind.LIST:
            raise UsageError(f"{option} is given twice.")
        if member.kind is Kind.BOOLEAN:
            request[member.name] = _flag(option, inline if equals else "true", negated)
            continue
        if not equals:
            if not rest:
                raise UsageError(f"{option} needs a value.")
            inline = rest.pop(0)
        _store(request, member, inline)
    return request


def _flag(option: str, text: str, negated: Mapping[str, Member]) -> bool:
    if text.lower() not in {"true", "false"}:
        raise UsageError(f"{option} is true or false, not {text}.")
    return (text.lower() == "true") is (option not in negated)


def _store(request: dict[str, Any], member: Member, text: str) -> None:
    try:
        value = parse_value(member, text)
    except KmsError as error:
        hint = "Use base64, text:WORDS or fileb://FILE." if member.kind is Kind.BLOB else ""
        raise UsageError(f"--{kebab(member.name)}: {error.message}", hint=hint) from None
    if member.kind is Kind.LIST and member.name in request:
        request[member.name] += value
    else:
        request[member.name] = value


def parse_value(member: Member, text: str) -> Any:
    """Return a member's value from its text on the command line.

    Raises:
        KmsError: The text makes no sense for the member's type.
    """
    if member.kind is Kind.BLOB:
        return _blob(member, text)
    if member.kind is Kind.INTEGER:
        if _WHOLE_NUMBER.fullmatch(text) is None:
            raise UsageError(f"{text} is not a whole number")
        return int(text)
    if member.kind is Kind.TEXT:
        return _file_text(text) if text.startswith("file://") else text
    if member.kind is Kind.TIMESTAMP:
        return read_value(member, text)
    if text[:1] in {"{", "["}:
        return read_value(member, strictjson.loads(text))
    return _shorthand(member, text)


def _blob(member: Member, text: str) -> Any:
    if text.startswith("fileb://"):
        return _read_file(text.removeprefix("fileb://"))
    if text.startswith("text:"):
        return text.removeprefix("text:").encode()
    return read_value(member, text)


def _file_text(text: str) -> str:
    try:
        return _read_file(text.removeprefix("file://")).decode()
    except UnicodeDecodeError:
        raise UsageError("the file is not UTF-8 text") from None


def _read_file(name: str) -> bytes:
    try:
        with Path(name).open("rb") as stream:
            data = stream.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}") from None
    if len(data) > _LARGEST_FILE:
        raise UsageError(f"{name} is longer than {_LARGEST_FILE} bytes")
    return data


def _shorthand(member: Member, text: str) -> Any:
    """Read ``a=b,c=d`` as a map, ``A=x,B=y`` as a structure, ``a,b`` as a list of texts."""
    if member.kind is Kind.LIST:
        if member.item is not None and member.item.kind is Kind.STRUCTURE:
            return [_pairs(text)]
        return text.split(",")
    return _pairs(text)


def _pairs(text: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for part in text.split(","):
        name, equals, value = part.partition("=")
        if not equals or not name:
            raise UsageError(f"{part!r} is not NAME=VALUE")
        if name in pairs:
            raise UsageError(f"{name} is given twice")
        pairs[name] = value
    return pairs


COMMANDS = {"call": call}
