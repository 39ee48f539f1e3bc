"""Write what the documentation takes from the program: ``docs/api.md`` and tables of the README.

Run ``python docs/generate.py`` from the checkout after changing an operation, a verb or a command
of the console. A test compares the files with what this would write.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
if str(CHECKOUT) not in sys.path:
    sys.path.insert(0, str(CHECKOUT))

from kmstui.cli.main import VERBS  # noqa: E402 - the checkout comes first
from kmstui.cli.operations import kebab  # noqa: E402
from kmstui.core.spec import Member, OperationSpec  # noqa: E402
from kmstui.hsm.algorithms import EVERY_ALGORITHM, KEY_SPECS  # noqa: E402
from kmstui.ops import load  # noqa: E402
from kmstui.tui.command_table import COMMANDS  # noqa: E402
from kmstui.tui.commands import Scope, keys_shown  # noqa: E402

API = CHECKOUT / "docs" / "api.md"
README = CHECKOUT / "README.md"

_API_HEAD = """\
# Operations

Generated from the registry by `docs/generate.py`; do not edit. `kmstui operations NAME` prints the
same, and `kmstui call NAME` performs it.

Operations of service `kms` have AWS's names, members, bounds and errors. Service `kmstui` has what
AWS has no operation for. A member in bold is required. Bounds are characters of a string, bytes of
a blob, items of a list.
"""

_SCOPES = {
    Scope.GLOBAL: "Everywhere",
    Scope.LIST: "In lists",
    Scope.KEYS: "On keys, in the list and in detail",
    Scope.KEY: "In a key's detail",
    Scope.KEY_ACCESS: "On a key's Access tab",
    Scope.GRANT: "On grants",
    Scope.GRANTS: "In Grants",
    Scope.TRY_IT: "On Try-it",
    Scope.TRAIL: "In the trail",
    Scope.EDITOR: "In editors",
    Scope.POLICY_EDITOR: "In the policy editor",
    Scope.DIALOG: "In dialogs",
}


def api() -> str:
    """Return the text of ``docs/api.md``."""
    specs = [spec for _, spec in sorted(load().items())]
    parts = [_API_HEAD, "| operation | what it does |", "|---|---|"]
    parts += [f"| [{spec.full_name}](#{_anchor(spec)}) | {_cell(spec.doc)} |" for spec in specs]
    for spec in specs:
        parts += ["", *_page(spec)]
    return "\n".join(parts) + "\n"


def _anchor(spec: OperationSpec) -> str:
    return spec.full_name.replace(":", "").lower()


def _page(spec: OperationSpec) -> Iterable[str]:
    yield f"## {spec.full_name}"
    yield ""
    yield spec.doc
    yield ""
    yield from _facts(spec)
    yield ""
    if spec.members:
        yield "| member | option | type | |"
        yield "|---|---|---|---|"
        yield from (_member(member) for member in spec.members)
    else:
        yield "It takes nothing."
    yield ""
    answer = ", ".join(f"`{member.name}`" for member in spec.answer)
    yield f"Answers {answer or 'nothing'}."
    if spec.errors:
        yield ""
        yield f"Errors: {', '.join(spec.errors)}."


def _facts(spec: OperationSpec) -> Iterable[str]:
    needs = ", ".join(f"`{needs.action}`" for needs in spec.needs)
    if needs:
        yield f"- permission: {needs}"
    refused = ", ".join(sorted(spec.states.outcomes))
    if refused:
        yield f"- refused for keys in state: {refused}"
    traits = (
        ("changes the keystore", spec.mutates),
        ("critical", spec.critical),
        ("accepts DryRun", spec.dry_run),
        ("training keystores only", spec.training),
    )
    words = [word for word, holds in traits if holds]
    yield f"- {', '.join(words) if words else 'reads only'}"


def _member(member: Member) -> str:
    name = f"**{member.name}**" if member.required else member.name
    bounds = ""
    if member.minimum is not None or member.maximum is not None:
        low = "" if member.minimum is None else f"{member.minimum:,}"
        high = "" if member.maximum is None else f"{member.maximum:,}"
        bounds = f" {low}..{high}"
    notes = [member.doc] if member.doc else []
    if member.enum:
        notes.append(f"One of {', '.join(member.enum)}.")
    if member.default is not None:
        notes.append(f"Default {member.default}.")
    kind = f"{member.kind.value}{bounds}"
    return f"| {name} | `--{kebab(member.name)}` | {kind} | {_cell(' '.join(notes))} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def keys() -> str:
    """Return the README's tables of keys."""
    tables: list[str] = []
    for scope, title in _SCOPES.items():
        shown = [c for c in COMMANDS if c.scopes[0] is scope and (c.keys or c.verb)]
        if not shown:
            continue
        tables += ["", f"**{title}**", "", "| key | verb | |", "|---|---|---|"]
        for command in shown:
            pressed = _keys(keys_shown(command))
            verb = f"`:{command.verb}`" if command.verb else ""
            tables.append(f"| {pressed} | {verb} | {_cell(command.help)} |")
    return "\n".join(tables[1:]) + "\n"


def _keys(shown: str) -> str:
    return " ".join(f"`` {key} ``" if "`" in key else f"`{_cell(key)}`" for key in shown.split())


def verbs() -> str:
    """Return the README's table of verbs."""
    lines = ["| command | |", "|---|---|"]
    lines.append("| `kmstui` | Open the console on your keystore; make one if there is none. |")
    lines += [f"| `kmstui {verb}` | {_cell(line)} |" for verb, (_, line) in VERBS.items()]
    return "\n".join(lines) + "\n"


def kinds() -> str:
    """Return the README's table of key specs, their usages and algorithms."""
    lines = [
        "| key specs | usage | algorithms | data key pairs | import |",
        "|---|---|---|---|---|",
    ]
    missing: list[str] = []
    for (usage, _, pairs, importable, supported), specs in _specs_alike().items():
        every = [
            row for row in EVERY_ALGORITHM if (row.key_spec, row.key_usage) == (specs[0], usage)
        ]
        names = ", ".join(f"`{row.name}`" for row in every if row.supported)
        title = ", ".join(f"`{spec}`" for spec in specs)
        if supported:
            cells = (title, f"`{usage}`", names, _tick(pairs), _tick(importable))
            lines.append(f"| {' | '.join(cells)} |")
            missing += [f"`{row.name}`" for row in every if not row.supported]
        else:
            missing.append(title)
    unique = list(dict.fromkeys(missing))
    lines += ["", f"Not here: {', '.join(unique[:-1])} and {unique[-1]}."]
    return "\n".join(lines) + "\n"


def _specs_alike() -> dict[tuple[str, tuple[str, ...], bool, bool, bool], list[str]]:
    """Return the key specs that differ in nothing which the table shows."""
    found: dict[tuple[str, tuple[str, ...], bool, bool, bool], list[str]] = {}
    for spec in KEY_SPECS:
        rows = [row for row in EVERY_ALGORITHM if row.key_spec == spec.name]
        for usage in dict.fromkeys(row.key_usage for row in rows):
            names = tuple(row.name for row in rows if row.key_usage == usage)
            alike = (usage, names, spec.data_key_pair, spec.importable, spec.supported)
            found.setdefault(alike, []).append(spec.name)
    return found


def _tick(holds: bool) -> str:
    return "yes" if holds else ""


def readme(text: str) -> str:
    """Return the README with its generated tables as they should be."""
    for name, table in (("keys", keys()), ("commands", verbs()), ("kinds", kinds())):
        start, end = f"<!-- {name}: generated -->\n", f"<!-- end of {name} -->"
        before, found, rest = text.partition(start)
        _, closed, after = rest.partition(end)
        if not (found and closed):
            message = f"README.md has no generated part called {name}"
            raise ValueError(message)
        text = f"{before}{start}\n{table}\n{end}{after}"
    return text


def main() -> None:
    """Write both files."""
    API.write_text(api())
    README.write_text(readme(README.read_text()))
    print(f"wrote {API.name} and {README.name}")


if __name__ == "__main__":
    main()
