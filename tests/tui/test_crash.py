"""A mistake of ours ends the program with a report that holds no data."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console
from textual.app import App

from kmstui.core.errors import KmsError
from kmstui.tui import crash
from kmstui.tui.app import KmsApp
from kmstui.tui.command_table import COMMANDS
from kmstui.tui.commands import by_id
from tests.helpers.console import FakeEngine, ProbeView, console, probes, settle

CANARY = "canary-plaintext-6f1c"


class MistakeError(Exception):
    """Raised by the tests."""


@pytest.fixture(autouse=True)
def probe_views(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put probes wherever a view would be."""
    probes(monkeypatch)


def fail() -> None:
    """Fail with a canary in a local variable and in the message."""
    passphrase = CANARY
    raise MistakeError(f"cannot use {passphrase}")


async def printed(app: KmsApp, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run the app until it fails and return all that it prints."""
    out = io.StringIO()
    monkeypatch.setattr(app, "error_console", Console(file=out, width=120))
    with pytest.raises(Exception, match=r"^"):
        await run_until_it_fails(app)
    return out.getvalue()


async def run_until_it_fails(app: KmsApp) -> None:
    """Carry out the one command that the tests break."""
    async with app.run_test() as pilot:
        await settle(pilot)
        app.perform(by_id(COMMANDS, "toggle-key"))
        await settle(pilot)
        await settle(pilot)


class TestReport:
    """The text itself."""

    def test_names_the_kind_and_the_place(self) -> None:
        """Type, file, line and request id are in it; message and locals are not."""
        try:
            fail()
        except MistakeError as error:
            said = crash.report(error, "req-1")
        assert "test_crash.MistakeError" in said
        assert "test_crash.py:" in said
        assert "in fail" in said
        assert "req-1" in said
        assert CANARY not in said

    def test_names_what_led_to_it(self) -> None:
        """The cause of an error is named too."""
        try:
            try:
                fail()
            except MistakeError as error:
                raise KmsError(CANARY) from error
        except KmsError as error:
            said = crash.report(error)
        assert "KmsError" in said
        assert "Mistake" in said
        assert CANARY not in said

    def test_no_home_directory(self) -> None:
        """Files are named from the package, not from the root of the disk."""
        try:
            by_id((), "nothing")
        except KeyError as error:
            said = crash.report(error)
        assert "at kmstui/tui/commands.py:" in said
        assert str(Path(crash.__file__).parents[2]) not in said

    def test_a_cycle_of_causes_ends(self) -> None:
        """Errors that cause each other are named once."""
        one, other = MistakeError(), MistakeError()
        one.__cause__, other.__cause__ = other, one
        assert [one, other] == crash.chain(one)


class TestCrash:
    """The whole program failing."""

    async def test_in_a_command(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A command that fails prints the report and no canary."""

        async def broken(self: ProbeView, argument: str) -> None:
            del self, argument
            secret = CANARY
            assert secret
            fail()

        monkeypatch.setattr(ProbeView, "do_toggle_key", broken)
        said = await printed(console(), monkeypatch)
        assert "Mistake" in said
        assert CANARY not in said

    async def test_in_the_engine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """An engine that fails in its thread does the same."""

        def broken() -> dict[str, object]:
            fail()
            return {}

        said = await printed(console(FakeEngine(answers={"DisableKey": broken})), monkeypatch)
        assert "Mistake" in said
        assert CANARY not in said

    async def test_in_painting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A widget that fails while it paints does the same."""
        app = console()

        async def broken(self: ProbeView, argument: str) -> None:
            del argument
            monkeypatch.setattr(self.query_one("#probe-button"), "render", fail)
            self.query_one("#probe-button").refresh()

        monkeypatch.setattr(ProbeView, "do_toggle_key", broken)
        said = await printed(app, monkeypatch)
        assert "Mistake" in said
        assert CANARY not in said

    def test_textual_still_asks_us(self) -> None:
        """The two methods of Textual that are overridden are still there to be overridden."""
        assert callable(App._handle_exception)
        assert callable(App._fatal_error)
