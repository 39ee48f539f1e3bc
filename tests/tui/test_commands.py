"""The command table: one meaning a key, every command reachable, everything said."""

from __future__ import annotations

import re

import pytest

from kmstui.tui import commands
from kmstui.tui.command_table import COMMANDS
from kmstui.tui.commands import Command, Context, Danger, Scope, Subject
from kmstui.tui.place import places
from kmstui.tui.shell import Shell
from kmstui.tui.widgets.virtual_table import VirtualTable

KEY = Subject("key", "arn", "payments-db", ("Enabled",))


def on_key(*states: str, **options: object) -> Context:
    """Describe the key list with the cursor on a key."""
    subject = Subject("key", "arn", "payments-db", states, aws_managed=bool(options.pop("aws", 0)))
    return Context(scopes=frozenset({Scope.GLOBAL, Scope.LIST, Scope.KEYS}), subject=subject)


def legal(identity: str, context: Context) -> str | None:
    """Return why a command is refused in a context."""
    return commands.refusal(commands.by_id(COMMANDS, identity), context)


class TestTable:
    """What holds for the table as a whole."""

    def test_one_meaning_a_key(self) -> None:
        """No key means two things in scopes that are active together."""
        assert [] == list(commands.conflicts(COMMANDS))

    def test_conflicts_are_found(self) -> None:
        """Two commands of overlapping scopes that share a key are reported."""
        one = Command("one", "One", "One.", keys=("t",), scopes=(Scope.KEYS,))
        other = Command("other", "Other", "Other.", keys=("t",), scopes=(Scope.LIST,))
        apart = Command("apart", "Apart", "Apart.", keys=("t",), scopes=(Scope.TRAIL,))
        assert [("t", "one", "other"), ("t", "other", "apart")] == list(
            commands.conflicts([one, other, apart])
        )

    def test_ids_and_verbs_are_unique(self) -> None:
        """An id names one command, and so does a verb."""
        ids = [command.id for command in COMMANDS]
        verbs = [command.verb for command in COMMANDS if command.verb]
        assert (sorted(set(ids)), sorted(set(verbs))) == (sorted(ids), sorted(verbs))

    @pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
    def test_reachable_everywhere(self, command: Command) -> None:
        """Whatever the terminal takes, a plain key or a verb is left."""
        assert command.verb or any(commands.is_plain(key) for key in command.keys)

    @pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
    def test_no_key_that_never_arrives(self, command: Command) -> None:
        """No command sits on a key that terminals turn into another or browsers keep."""
        never = commands.TERMINAL_ALIASES | commands.BROWSER_TAKES
        assert set() == never & set(command.keys)

    @pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
    def test_words(self, command: Command) -> None:
        """Each command has a title, a sentence, a verb of plain letters, and a footer word."""
        assert command.title
        assert re.fullmatch(r"[A-Z].*[.]", command.help)
        assert re.fullmatch(r"[a-z-]*", command.verb)
        assert bool(command.footer) == bool(command.label)

    @pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
    def test_a_small_letter_asks_first(self, command: Command) -> None:
        """No bare lower-case letter changes anything without a dialog, but for undoing."""
        small = any(len(key) == 1 and key.islower() for key in command.keys)
        if small and command.danger is not Danger.READ:
            assert command.title.endswith("…") or command.id == "undo"

    def test_places(self) -> None:
        """The places found are those of the table, and each digit shows its own."""
        rows = [(each.digit, each.id, each.title, each.summary) for each in places()]
        assert list(commands.PLACES) == rows
        for digit, identity, _, _ in commands.PLACES:
            command = commands.by_key(COMMANDS, digit, [Scope.GLOBAL])
            assert command is not None
            assert f"place-{identity}" == command.id

    def test_the_table_binds_what_it_lists(self) -> None:
        """A key listed as the lists' own is bound by the virtual table."""
        bound = {key for binding in VirtualTable.BINDINGS for key in binding.key.split(",")}  # type: ignore[union-attr]
        listed = {key for each in COMMANDS if each.native for key in each.keys}
        assert set() == listed - bound

    def test_the_shell_carries_out_what_is_everywhere(self) -> None:
        """Every command offered everywhere has a handler in the shell."""
        missing = [
            command.id
            for command in COMMANDS
            if Scope.GLOBAL in command.scopes
            and not command.id.startswith("place-")
            and not hasattr(Shell, command.handler)
        ]
        assert [] == missing


class TestLegality:
    """Illegal commands say why and what comes first."""

    def test_pending_deletion(self) -> None:
        """A key in its waiting period can be kept, and nothing else that changes it."""
        context = on_key("PendingDeletion")
        assert legal("keep-key", context) is None
        for identity in ("toggle-key", "schedule-deletion", "edit-tags", "edit-description"):
            assert "K keep" in str(legal(identity, context))

    def test_enabled(self) -> None:
        """An enabled key cannot be kept, because no deletion is scheduled."""
        assert legal("keep-key", on_key("Enabled")) == "no deletion is scheduled"
        assert legal("schedule-deletion", on_key("Enabled")) is None

    def test_some_of_many(self) -> None:
        """A command on many is legal if it is for any of them."""
        context = on_key("Enabled", "PendingDeletion")
        assert legal("keep-key", context) is None
        assert legal("toggle-key", context) is None

    def test_aws_managed(self) -> None:
        """What AWS manages cannot be changed."""
        assert "AWS manages" in str(legal("toggle-key", on_key("Enabled", aws=True)))

    def test_nothing_selected(self) -> None:
        """Without a key, commands on keys say so."""
        context = Context(scopes=frozenset({Scope.GLOBAL, Scope.KEYS}))
        assert legal("toggle-key", context) == "no key is selected"

    def test_scope(self) -> None:
        """Outside its scope a command names it."""
        assert legal("toggle-key", Context()) == "works in the key list"

    def test_training_only(self) -> None:
        """Moving the clock is for training keystores."""
        assert "training" in str(legal("warp", Context()))
        assert legal("warp", Context(training=True)) is None

    def test_no_screenshot_of_plaintext(self) -> None:
        """While plaintext shows there is no screenshot."""
        assert legal("screenshot", Context(revealed=True)) is not None


class TestCompletion:
    """Completion after `:`."""

    def test_prefix_before_inside(self) -> None:
        """Verbs that start with what was typed come before those that hold it."""
        found = [each.verb for each in commands.complete(COMMANDS, "re", [Scope.GLOBAL])]
        assert found[:4] == ["refresh", "region", "restore", "reset"]

    def test_argument_is_not_part_of_the_verb(self) -> None:
        """What follows the verb does not change what is offered."""
        assert commands.complete(COMMANDS, "warp", [Scope.GLOBAL]) == commands.complete(
            COMMANDS, "warp 8d", [Scope.GLOBAL]
        )

    def test_scope(self) -> None:
        """Verbs of other places are not offered."""
        verbs = [each.verb for each in commands.complete(COMMANDS, "", [Scope.GLOBAL])]
        assert "toggle" not in verbs


class TestFooter:
    """What the footer offers."""

    def test_most_useful_first_and_legal_only(self) -> None:
        """Commands stand in their order, and those that cannot run are left out."""
        ids = [each.id for each in commands.footer(COMMANDS, on_key("Enabled"))]
        assert ids[:4] == ["open", "filter", "create-key", "actions"]
        assert "keep-key" not in ids

    def test_typing(self) -> None:
        """While a field has the focus, letters are not offered."""
        context = Context(scopes=frozenset({Scope.GLOBAL, Scope.KEYS}), subject=KEY, typing=True)
        assert [each.id for each in commands.footer(COMMANDS, context)] == ["back"]

    @pytest.mark.parametrize(
        ("key", "shown"), [("question_mark", "?"), ("ctrl+l", "ctrl+l"), ("alt+left", "alt+←")]
    )
    def test_key_names(self, key: str, shown: str) -> None:
        """Keys are written as they stand on a keyboard."""
        assert shown == commands.key_name(key)
