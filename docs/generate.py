"""Write what the documentation takes from the program: ``docs/api.md`` and tables of the README.

Run ``python docs/generate.py`` from the checkout after changing an operation, a verb or a command
of the console. A test compares the files with what this would write.
"""

from __future__ import annotations

import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
if str(CHECKOUT) not in sys.path:
    sys.path.insert(0, str(CHECKOUT))

from docs.api_pages import api  # noqa: E402 - the checkout comes first
from kmstui.cli.main import VERBS  # noqa: E402
from kmstui.hsm.algorithms import EVERY_ALGORITHM, KEY_SPECS  # noqa: E402
from kmstui.tui.command_table import COMMANDS  # noqa: E402
from kmstui.tui.commands import Scope, keys_shown  # noqa: E402

API = CHECKOUT / "docs" / "api.md"
README = CHECKOUT / "README.md"

_SCOPES = {
    Scope.GLOBAL: "Everywhere",
    Scope.LIST: "In lists",
    Scope.KEYS: "On keys, in the list and in detail",
    Scope.KEY: "In a key's detail",
    Scope.KEY_ACCESS: "On a key's Access tab",
    Scope.GRANT: "On grants",
    Scope.GRANTS: "In Grants",
    Scope.PUBLIC_KEY: "On a public key",
    Scope.TRY_IT: "On Try-it",
    Scope.TRY_ENCRYPT: "On Try-it, with keys that encrypt",
    Scope.TRY_DATA_KEY: "On Try-it, with symmetric keys",
    Scope.TRY_SIGN: "On Try-it, with keys that sign",
    Scope.TRY_MAC: "On Try-it, with HMAC keys",
    Scope.TRY_AGREE: "On Try-it, with keys that agree on secrets",
    Scope.TRY_ENCAPSULATE: "On Try-it, with keys that encapsulate",
    Scope.TRAIL: "In the trail",
    Scope.EDITOR: "In editors",
    Scope.POLICY_EDITOR: "In the policy editor",
    Scope.DIALOG: "In dialogs",
}


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
