"""The shell: places, drill-downs, history, the chrome, and commands carried out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kmstui.core.errors import DisabledException, KeystoreBusyError
from kmstui.tui.chrome.bottom import Footer, ResultLine, footer_line
from kmstui.tui.chrome.chooser import Chooser
from kmstui.tui.chrome.help import HelpScreen
from kmstui.tui.chrome.panels import EchoPanel
from kmstui.tui.chrome.standing import Standing, bar
from kmstui.tui.chrome.top import PlaceNav
from kmstui.tui.command_table import COMMANDS
from kmstui.tui.commands import Context, Subject, by_id
from kmstui.tui.dialogs.refusal import WhyDialog
from kmstui.tui.navigation import History
from kmstui.tui.place import Route, places
from kmstui.tui.text import literal
from kmstui.tui.upkeep import duration
from tests._textual_private import screen_text, widget_text
from tests.helpers.console import FakeEngine, console, probe, probes, settle


@pytest.fixture(autouse=True)
def probe_views(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put probes wherever a view would be."""
    probes(monkeypatch)


class TestNavigation:
    """Digits, drill-downs, esc and history."""

    async def test_digits_keep_each_places_stack(self) -> None:
        """A place shows again as it was left."""
        app = console()
        async with app.run_test() as pilot:
            await settle(pilot)
            await app.go(Route("keys", "a", "one"))
            await pilot.press("4")
            assert probe(app).route == Route("trail")
            await pilot.press("1")
            assert probe(app).route == Route("keys", "a", "one")

    async def test_the_same_digit_goes_to_the_first_view(self) -> None:
        """Pressing the digit of the place shown leaves its drill-downs."""
        app = console()
        async with app.run_test() as pilot:
            await settle(pilot)
            await app.go(Route("keys", "a", "one"))
            await pilot.press("1")
            assert probe(app).route == Route("keys")

    @pytest.mark.parametrize("key", ["escape", "q"])
    async def test_back_leaves_one_layer_at_a_time_and_never_quits(self, key: str) -> None:
        """First a layer of the view, then the view; at the first view nothing happens."""
        app = console()
        async with app.run_test() as pilot:
            await settle(pilot)
            await app.go(Route("keys", "a", "one"))
            probe(app).open_layer = True
            await pilot.press(key)
            assert (Route("keys", "a", "one"), False) == (probe(app).route, probe(app).open_layer)
            await pilot.press(key)
            assert probe(app).route == Route("keys")
            await pilot.press(key)
            await pilot.press(key)
            assert probe(app).route == Route("keys")
            assert app.is_running

    async def test_esc_leaves_a_field_first(self) -> None:
        """In a field esc goes back to where letters are commands."""
        app = console()
        async with app.run_test() as pilot:
            await settle(pilot)
            await app.go(Route("keys", "a", "one"))
            probe(app).query_one("#probe-field").focus()
            await pilot.press("q")
            await pilot.press("escape")
            assert (Route("keys", "a", "one"), "probe-button") == (
                probe(app).route,
                getattr(app.main.focused, "id", ""),
            )

    async def test_history(self) -> None:
        """`<`, `>` and `-` move through the views looked at."""
        app = console()
        async with app.run_test() as pilot:
            await settle(pilot)
            for key in ("1", "4", "less_than_sign"):
                await pilot.press(key)
            assert probe(app).route.place == "keys"
            await pilot.press("greater_than_sign")
            assert probe(app).route.place == "trail"
            await pilot.press("minus")
            assert probe(app).route.place == "keys"
            await pilot.press("minus")
            assert probe(app).route.place == "trail"

    async def test_root_views_replace_each_other(self) -> None:
        """A root view stands beside the first one, not above it."""
        app = console()
        async with app.run_test() as pilot:
            await settle(pilot)
            await app.go(Route("keys"))
            await app.go(Route("keys", "side"))
            assert [Route("keys", "side")] == [view.route for view in app.main.stage.trail]

    async def test_a_place_can_be_clicked(self) -> None:
        """A click on a place's name goes there."""
        app = console()
        async with app.run_test(size=(120, 40)) as pilot:
            await settle(pilot)
            at = widget_text(app.main.query_one(PlaceNav)).index("Trail")
            await pilot.click(PlaceNav, offset=(at, 0))
            assert probe(app).route.place == "trail"

    def test_history_forgets_what_was_ahead(self) -> None:
        """A new view after stepping back replaces what was ahead, as in a browser."""
        history = History()
        for place in ("home", "keys", "trail"):
            history.visit(Route(place))
        history.step(-1)
        history.visit(Route("labs"))
        assert (["home", "keys", "labs"], (True, False)) == (
            [route.place for route in history.routes],
            history.ways,
        )


class TestCommands:
    """Keys, verbs, palette and menu lead to the same handlers."""

    async def test_a_key_reaches_the_view(self) -> None:
        """A letter is carried out by the view, and the result line says how it ended."""
        engine = FakeEngine()
        app = console(engine)
        async with app.run_test(size=(100, 24)) as pilot:
            await settle(pilot)
            await pilot.press("t")
            await settle(pilot)
            assert [("DisableKey", {"KeyId": "1"})] == engine.calls
            line = widget_text(app.main.query_one(ResultLine)).strip()
            assert line == "✓ DisableKey payments-db ok · u undo · ! CLI · w why"

    async def test_undo(self) -> None:
        """`u` calls the inverse, once, after a look at what there is now."""
        engine = FakeEngine({"DescribeKey": {"KeyMetadata": {"KeyState": "Disabled"}}})
        app = console(engine)
        async with app.run_test() as pilot:
            await settle(pilot)
            for key in ("t", "u"):
                await pilot.press(key)
                await settle(pilot)
            called = [name for name, _ in engine.calls]
            assert ["DisableKey", "DescribeKey", "EnableKey"] == called

    async def test_a_verb_with_an_argument(self) -> None:
        """What follows a verb reaches the handler as it was typed."""
        app = console()
        async with app.run_test() as pilot:
            await settle(pilot)
            await pilot.press("colon", *"describe", "space", "A", "space", "b", "enter")
            await settle(pilot)
            assert [("edit-description", "A b")] == probe(app).done

    async def test_tab_completes_a_verb(self) -> None:
        """Tab writes the highlighted verb."""
        app = console()
        async with app.run_test() as pilot:
            await settle(pilot)
            await pilot.press("colon", *"desc", "tab")
            assert isinstance(app.screen, Chooser)
            assert app.screen.query_one("#field").value == "describe "  # type: ignore[attr-defined]

    async def test_an_unknown_verb_says_so(self) -> None:
        """The command line stays open and names what it does not know."""
        app = console()
        async with app.run_test() as pilot:
            await settle(pilot)
            await pilot.press("colon", *"xyzzy", "enter")
            assert "There is no command xyzzy." in screen_text(app)

    async def test_illegal_commands_show_the_reason_in_the_menu(self) -> None:
        """`a` lists what cannot be done too, and why; choosing it does nothing."""
        app = console()
        async with app.run_test(size=(120, 40)) as pilot:
            await settle(pilot)
            await pilot.press("a", *"keep", "enter")
            assert "no deletion is scheduled" in screen_text(app)
            assert isinstance(app.screen, Chooser)

    async def test_an_illegal_key_says_why(self) -> None:
        """A key whose command is not legal tells the reason on the result line."""
        app = console()
        async with app.run_test() as pilot:
            await settle(pilot)
            await pilot.press("K")
            await settle(pilot)
            assert "no deletion is scheduled" in widget_text(app.main.query_one(ResultLine))

    async def test_palette_searches_words(self) -> None:
        """ctrl+p finds a command by a word of its help."""
        app = console()
        async with app.run_test() as pilot:
            await settle(pilot)
            await pilot.press("ctrl+p", *"colours", "enter")
            await settle(pilot)
            assert "Theme" in screen_text(app)

    async def test_help_lists_this_view_first(self) -> None:
        """`?` begins with the commands of the view under the focus."""
        app = console()
        async with app.run_test(size=(120, 40)) as pilot:
            await settle(pilot)
            await pilot.press("question_mark")
            await settle(pilot)
            assert isinstance(app.screen, HelpScreen)
            shown = screen_text(app)
            assert shown.index("Keys and commands") < shown.index("In the key list")
            assert "Schedule deletion" in shown

    async def test_a_refusal_explains_itself(self) -> None:
        """A refused call shows its code, and `w` says why and what next."""
        engine = FakeEngine(answers={"DisableKey": DisabledException("key is [/] disabled.")})
        app = console(engine)
        async with app.run_test(size=(100, 30)) as pilot:
            await settle(pilot)
            await pilot.press("t")
            await settle(pilot)
            assert "DisabledException" in widget_text(app.main.query_one(ResultLine))
            await pilot.press("w")
            await pilot.pause()
            assert isinstance(app.screen, WhyDialog)
            shown = screen_text(app)
            assert "key is [/] disabled." in shown
            assert "Enable the key first" in shown

    async def test_echo_lists_and_copies(self) -> None:
        """`!` lists the calls as AWS CLI commands and copies one."""
        app = console()
        async with app.run_test(size=(120, 30)) as pilot:
            await settle(pilot)
            await pilot.press("t")
            await settle(pilot)
            await pilot.press("exclamation_mark")
            await pilot.pause()
            assert isinstance(app.screen, EchoPanel)
            await pilot.press("y")
            assert app.clipboard == "aws kms disable-key --key-id 1 --region eu-central-1"

    async def test_a_running_command_runs_once(self) -> None:
        """A key pressed twice does not start the same command twice."""
        engine = FakeEngine()
        app = console(engine)
        async with app.run_test() as pilot:
            await settle(pilot)
            app.perform(by_id(COMMANDS, "toggle-key"))
            app.perform(by_id(COMMANDS, "toggle-key"))
            await settle(pilot)
            assert len(engine.calls) == 1

    async def test_warp(self) -> None:
        """`:warp 8d` moves a training keystore's clock and refreshes the view."""
        engine = FakeEngine()
        app = console(engine, training=True)
        async with app.run_test() as pilot:
            await settle(pilot)
            await pilot.press("colon", *"warp 8d", "enter")
            await settle(pilot)
            assert [("kmstui:AdvanceClock", {"Seconds": 691200})] == engine.calls
            assert probe(app).refreshed == 1

    @pytest.mark.parametrize(
        ("typed", "expected"), [("8d", 8 * 24), ("12h", 12), ("1d 6h", 30), ("1D6H", 30)]
    )
    def test_durations(self, typed: str, expected: int) -> None:
        """Days, hours and minutes add up."""
        assert timedelta(hours=expected) == duration(typed)


class TestChrome:
    """Rows that fit whatever the width."""

    STANDING = Standing(
        identity="alice",
        training=True,
        alerts=("rollback protection: none",),
        mfa_age=181,
        region="eu-central-1",
    )

    def test_strip_drops_from_the_right(self) -> None:
        """The identity stays, the Region goes first."""
        rows = [
            bar([literal("Keys")], literal(""), self.STANDING, width) for width in (120, 60, 24)
        ]
        assert ["eu-central-1" in row.plain for row in rows] == [True, False, False]
        assert all("alice" in row.plain for row in rows)
        assert [row.cell_length for row in rows] == [120, 60, 24]

    def test_long_breadcrumbs_leave_room(self) -> None:
        """A 256-character alias shortens itself, not the identity."""
        row = bar([literal("Keys"), literal("x" * 256)], literal(""), self.STANDING, 80)
        assert row.cell_length == 80
        assert "alice" in row.plain

    def test_hostile_breadcrumbs(self) -> None:
        """Markup and escapes in an alias are shown as they are."""
        row = bar([literal("[@click=app.quit]x[/]\x1b[2J")], literal(""), Standing("a"), 120)
        assert "[@click=app.quit]x[/]" in row.plain
        assert "\x1b" not in row.plain

    @pytest.mark.parametrize("width", [56, 78, 118])
    def test_footer_always_ends_in_help_and_command(self, width: int) -> None:
        """However little room there is, `?` and `:` stay."""
        subject = Subject("key", "arn", "payments-db", ("Enabled",))
        scopes = frozenset(scope for command in COMMANDS for scope in command.scopes)
        line = footer_line(Context(scopes=scopes, subject=subject), width)
        assert line.plain.endswith("? keys  : command")
        assert line.cell_length == width

    async def test_footer_follows_the_focus(self) -> None:
        """In a field the footer offers what works there."""
        app = console()
        async with app.run_test() as pilot:
            await settle(pilot)
            probe(app).query_one("#probe-field").focus()
            await pilot.pause()
            await pilot.pause()
            assert widget_text(app.main.query_one(Footer)).split() == ["esc", "back", "f1", "keys"]

    @pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 40), (160, 50)])
    async def test_resize(self, size: tuple[int, int]) -> None:
        """From 60x16 up the chrome is there; every row is as wide as the terminal."""
        app = console(training=True)
        async with app.run_test(size=(120, 40)) as pilot:
            await settle(pilot)
            await pilot.resize_terminal(*size)
            await pilot.pause()
            rows = screen_text(app).splitlines()
            assert rows[0].strip().startswith("Home")
            assert "root" in rows[0]
            assert rows[-1].strip().endswith(": command")

    async def test_too_small(self) -> None:
        """Below 60x16 one line says what is needed, and growing brings everything back."""
        app = console()
        async with app.run_test(size=(59, 15)) as pilot:
            await settle(pilot)
            assert screen_text(app).strip() == "kmstui needs 60 columns and 16 rows."
            await pilot.resize_terminal(80, 24)
            await settle(pilot)
            assert "Home" in screen_text(app)

    def test_every_place_is_found(self) -> None:
        """There are ten places, in the order of their digits."""
        assert "0123456789" == "".join(each.digit for each in places())


class TestStarting:
    """What can go wrong before anybody has signed in."""

    async def test_a_busy_keystore_is_named_on_the_sign_in_screen(self) -> None:
        """An engine that does not open is explained, and the next try opens it anew."""
        app = console(signed_in=False)
        attempts = []

        def busy() -> FakeEngine:
            attempts.append(1)
            raise KeystoreBusyError("The keystore is in use by kmstui, pid 7.")

        object.__setattr__(app.launch, "open_engine", busy)
        async with app.run_test(size=(100, 30)) as pilot:
            await settle(pilot)
            assert "in use by kmstui, pid 7" in screen_text(app)
            await pilot.press("x", "enter")
            await settle(pilot)
            assert len(attempts) == 2

    async def test_quitting_closes_the_engine(self) -> None:
        """ctrl+q gives the keystore back."""
        engine = FakeEngine()
        app = console(engine)
        async with app.run_test() as pilot:
            await settle(pilot)
            await pilot.press("ctrl+q")
            await pilot.pause()
        assert engine.closed == 1
