"""``kmstui operations``: the registry, for people and for programs."""

from __future__ import annotations

import json
from typing import Any

import click

from kmstui.core.errors import UsageError
from kmstui.core.spec import Member, OperationSpec


def find_operation(name: str) -> OperationSpec:
    """Return an operation by ``Encrypt``, ``kms:Encrypt`` or ``generate-data-key``.

    Raises:
        UsageError: No operation has that name.
    """
    from kmstui.ops import load

    specs = load()
    wanted = name.replace("-", "").lower()
    for full, spec in specs.items():
        if wanted in {full.lower(), spec.name.lower()}:
            return spec
    raise UsageError(
        f"There is no operation {name}.", hint="`kmstui operations` lists what there is."
    )


def describe(spec: OperationSpec) -> dict[str, Any]:
    """Return a spec as JSON-ready data."""
    return {
        "Operation": spec.full_name,
        "Description": spec.doc,
        "Request": [_member(member) for member in spec.members],
        "Response": [member.name for member in spec.answer],
        "Permissions": [needs.action for needs in spec.needs],
        "KeyStates": spec.states.name,
        "KeyUsage": spec.usage or None,
        "Mutates": spec.mutates,
        "Critical": spec.critical,
        "DryRun": spec.dry_run,
        "TrainingOnly": spec.training,
        "Errors": list(spec.errors),
    }


def _member(member: Member) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "Name": member.name,
        "Type": member.kind.value,
        "Required": member.required,
        "Minimum": member.minimum,
        "Maximum": member.maximum,
        "Pattern": member.pattern,
        "Values": list(member.enum) or None,
        "Default": member.default,
        "Description": member.doc or None,
    }
    return {name: value for name, value in facts.items() if value is not None}


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def operations(name: str | None, *, as_json: bool) -> None:
    """List every operation, or describe the one called NAME."""
    from kmstui.ops import load

    if name is not None:
        spec = find_operation(name)
        click.echo(_json(describe(spec)) if as_json else _page(spec))
        return
    specs = load().values()
    if as_json:
        click.echo(_json([describe(spec) for spec in specs]))
        return
    width = max(len(spec.full_name) for spec in specs)
    for spec in sorted(specs, key=lambda spec: spec.full_name):
        click.echo(f"{spec.full_name:{width}}  {spec.doc}")


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _page(spec: OperationSpec) -> str:
    lines = [f"{spec.full_name} - {spec.doc}", ""]
    lines.append(f"  needs        {', '.join(needs.action for needs in spec.needs)}")
    lines.append(f"  key states   {spec.states.name}")
    traits = [
        word
        for word, holds in (
            ("changes the keystore", spec.mutates),
            ("critical", spec.critical),
            ("accepts --dry-run", spec.dry_run),
            ("training keystores only", spec.training),
        )
        if holds
    ]
    lines.append(f"  traits       {', '.join(traits) or 'reads only'}")
    lines += ["", "Request"]
    lines += [_line(member) for member in spec.members] or ["  (nothing)"]
    lines += ["", "Response", f"  {', '.join(m.name for m in spec.answer) or '(nothing)'}"]
    lines += ["", "Errors", f"  {', '.join(spec.errors) or '(none of its own)'}"]
    return "\n".join(lines)


def _line(member: Member) -> str:
    option = "--" + kebab(member.name)
    bounds = ""
    if member.minimum is not None or member.maximum is not None:
        low = "" if member.minimum is None else member.minimum
        high = "" if member.maximum is None else member.maximum
        bounds = f" {low}..{high}"
    mark = "*" if member.required else " "
    doc = f"  {member.doc}" if member.doc else ""
    return f" {mark} {option:38} {member.kind.value}{bounds}{doc}"


def kebab(name: str) -> str:
    """Return a member's name as an option: ``KeyId`` becomes ``key-id``."""
    parts: list[str] = []
    for index, character in enumerate(name):
        boundary = index > 0 and character.isupper() and not name[index - 1].isupper()
        parts.append(("-" if boundary else "") + character.lower())
    return "".join(parts)


COMMANDS = {"operations": operations}
