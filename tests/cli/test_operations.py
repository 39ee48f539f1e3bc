"""``kmstui operations``."""

from __future__ import annotations

import json

import pytest

from kmstui.cli.operations import find_operation, kebab
from kmstui.core.errors import UsageError
from kmstui.ops import load
from tests.helpers.program import run

NAMES = sorted(load())


def test_lists_every_operation_with_its_sentence() -> None:
    """The list has one line for each registered operation, in order."""
    lines = run("operations").out.splitlines()
    assert [line.split()[0] for line in lines] == NAMES
    assert all(line.endswith(".") for line in lines)


def test_lists_every_operation_as_json() -> None:
    """The same as data."""
    listed = run("operations", "--json").json
    assert sorted(entry["Operation"] for entry in listed) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_describes_every_operation(name: str) -> None:
    """Each operation has a page that names every member as an option, and the same as data."""
    spec = load()[name]
    page = run("operations", name)
    assert page.code == 0
    assert page.out.startswith(f"{name} - {spec.doc}\n")
    assert all(f"--{kebab(member.name)} " in page.out for member in spec.members)
    data = json.loads(run("operations", name, "--json").out)
    assert [member["Name"] for member in data["Request"]] == [m.name for m in spec.members]
    assert data["Response"] == [member.name for member in spec.answer]


@pytest.mark.parametrize(
    "name", ["kms:GenerateDataKey", "GenerateDataKey", "generatedatakey", "generate-data-key"]
)
def test_finds_an_operation_by_any_of_its_names(name: str) -> None:
    """An operation is found by AWS's name, the CLI's and the full one."""
    assert find_operation(name).full_name == "kms:GenerateDataKey"


@pytest.mark.parametrize("name", ["", "GenerateDataKe", "iam:GenerateDataKey", "\x1b[1m"])
def test_refuses_what_is_no_operation(name: str) -> None:
    """A name that is only like an operation's is refused."""
    with pytest.raises(UsageError):
        find_operation(name)
    outcome = run("operations", name)
    assert outcome.code == 2
    assert "\x1b" not in outcome.err


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("KeyId", "key-id"),
        ("CustomerMasterKeySpec", "customer-master-key-spec"),
        ("DryRun", "dry-run"),
    ],
)
def test_option_names_are_those_of_the_aws_cli(name: str, option: str) -> None:
    """A member's option is its name in kebab case."""
    assert kebab(name) == option


def test_no_two_members_share_an_option() -> None:
    """In no operation do two members, or a member and a negated flag, have one option."""
    for spec in load().values():
        options = [kebab(member.name) for member in spec.members]
        options += [f"no-{kebab(m.name)}" for m in spec.members if m.kind.value == "boolean"]
        assert len(set(options)) == len(options), spec.full_name
        assert not {"json", "keystore", "passphrase-file", "help"} & set(options), spec.full_name
