"""The documentation says what the program does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from docs import api_pages, generate
from kmstui import __version__
from kmstui.cli.exits import Exit
from kmstui.cli.main import VERBS
from tests.helpers.program import CHECKOUT

README = generate.README.read_text()
PAGES = sorted([*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/**/*.md")])


def test_api_page_is_up_to_date() -> None:
    """``docs/api.md`` is what the registry says; else run ``python docs/generate.py``."""
    assert generate.API.read_text() == api_pages.api()


def test_readme_tables_are_up_to_date() -> None:
    """The tables of keys and verbs are those of the program; else run ``docs/generate.py``."""
    assert generate.readme(README) == README


def test_readme_has_two_commands_on_a_line_each() -> None:
    """A fresh clone needs one line to open the demo and one to pass the tests."""
    commands = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)
    assert len(commands) == 2
    assert commands[0].endswith("kmstui demo")
    assert "pytest" in commands[1]


def test_readme_names_every_verb_and_exit_code() -> None:
    """Each verb has its section line and each exit code its row."""
    assert all(f"`kmstui {verb}`" in README for verb in VERBS)
    assert all(f"\n| {code.value} | " in README for code in Exit)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link is to a file that is there; pictures are made by a script."""
    for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text()):
        if not target.startswith("screenshots/"):
            assert (page.parent / target).exists(), target


def test_decisions_are_all_in_the_index() -> None:
    """Each decision is listed once in the index, by its number and title."""
    folder = CHECKOUT / "docs" / "decisions"
    index = (folder / "README.md").read_text()
    records = sorted(folder.glob("[0-9][0-9][0-9]-*.md"))
    assert [f"{number:03}" for number in range(1, len(records) + 1)] == [
        record.name[:3] for record in records
    ]
    for record in records:
        title = record.read_text().splitlines()[0].removeprefix("# ")
        assert index.count(f"[{title}]({record.name})") == 1, record.name


def test_every_dependency_has_a_decision() -> None:
    """No package is installed at run time without a decision that names it."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    index = (CHECKOUT / "docs" / "decisions" / "README.md").read_text().lower()
    for requirement in project["dependencies"]:
        name = re.split(r"[<>=!~\[ ]", requirement)[0]
        assert name in index


def test_changelog_has_this_version() -> None:
    """The change log begins with this version or with what is not yet released."""
    first = re.search(r"^## \[(.+?)\]", (CHECKOUT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert first is not None
    assert first[1] in {__version__, "Unreleased"}


def test_threats_are_all_accounted_for() -> None:
    """Every threat has a row, with its state, and tests that are named are there."""
    text = (CHECKOUT / "docs" / "threat-model.md").read_text()
    rows = re.findall(r"^\| (T\d\d) \|", text, re.MULTILINE)
    assert rows == [f"T{number:02}" for number in range(1, 35)]
    for path in re.findall(r"`(tests/[\w/.-]+)`", text):
        assert (CHECKOUT / path).exists(), path
