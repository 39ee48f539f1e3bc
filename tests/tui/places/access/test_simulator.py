"""The simulator: the form, the decision, its steps, two principals side by side, and export."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from textual.pilot import Pilot

from kmstui.authz.model import Decision, Element, Layer, Outcome, Step, StepOutcome, Trace
from kmstui.core.errors import UsageError
from kmstui.tui.app import KmsApp
from kmstui.tui.places.access.picker import Picker
from kmstui.tui.places.access.simulator.call import (
    FormText,
    read_context,
    request_of,
    write_context,
)
from kmstui.tui.places.access.simulator.steps import deciding_step, lines_of
from kmstui.tui.places.access.simulator.view import SimulatorView
from kmstui.tui.simulation import SIMULATOR, SimulationStart, open_simulator
from tests._textual_private import screen_text
from tests.helpers.access_account import ADA, APP, AccessAccount
from tests.helpers.demo_console import hit, running, write
from tests.helpers.goldens import assert_golden
from tests.helpers.hostile import HOSTILE
from tests.helpers.links import until_ready

GROUPS = ("access", "access-more", "first-page", "keys", "command", "go", "pick", "trail")
SIZES = ((60, 16), (80, 24), (120, 40))
sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
FULL = FormText("ada", "decrypt", "payments", "app=x", "5m", "ec2", "2026-06-01")


def known(name: str) -> str:
    """Resolve any name to something that shows which it was."""
    return f"arn:{name}"


async def simulator(pilot: Pilot[None], start: SimulationStart | None = None) -> SimulatorView:
    """Open the simulator, with a call if one is given, and wait for what it does."""
    app = pilot.app
    assert isinstance(app, KmsApp)
    if start is None:
        await app.go(SIMULATOR)
    else:
        await open_simulator(app, start)
    await until_ready(pilot, *GROUPS)
    view = app.main.view
    assert isinstance(view, SimulatorView)
    return view


def denied(account: AccessAccount) -> SimulationStart:
    """Return a call that a statement denies."""
    return SimulationStart(ADA, "kms:Decrypt", account.key)


class TestForm:
    """What is typed, and the request that it makes."""

    def test_every_field_has_a_member(self) -> None:
        """Names are resolved, an age becomes seconds, a day a moment in UTC."""
        assert {
            "Principals": ["arn:ada"],
            "Actions": ["kms:Decrypt"],
            "Traces": True,
            "KeyId": "arn:payments",
            "EncryptionContext": {"app": "x"},
            "MfaAge": 300,
            "ViaService": "ec2.amazonaws.com",
            "Time": datetime(2026, 6, 1, tzinfo=UTC),
        } == request_of(FULL, known, known)

    def test_what_is_empty_is_left_out(self) -> None:
        """No key, no context, no code, no service, now."""
        form = FormText("arn:aws:iam::1:user/x", "ListKeys", mfa="none", via="none", when="now")
        members = {"Principals", "Actions", "Traces"}
        assert members == set(request_of(form, known, known))

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"principal": ""}, "Who calls"),
            ({"principal": "nobody"}, "No user"),
            ({"action": " "}, "action is missing"),
            ({"context": "app"}, "name=value"),
            ({"context": '{"a": 1}'}, "JSON object of strings"),
            ({"context": "{"}, "no JSON"),
            ({"mfa": "soon"}, "makes no sense"),
            ({"when": "tomorrow"}, "no time"),
        ],
    )
    def test_what_makes_no_sense_is_said(self, changed: dict[str, str], said: str) -> None:
        """Each field that cannot be read is named."""
        with pytest.raises(UsageError, match=said):
            request_of(
                replace(FULL, **changed), lambda _: "", known
            ) if "principal" in changed else (request_of(replace(FULL, **changed), known, known))

    @pytest.mark.parametrize("text", [text for text in HOSTILE if "\ud800" not in text])
    def test_a_context_reads_back(self, text: str) -> None:
        """Whatever a context holds, what is written of it means the same."""
        context = {"app": text, text or "x": "1"}
        assert context == read_context(write_context(context))

    def test_a_start_fills_the_form(self) -> None:
        """A call that is handed over stands in the form as a person would type it."""
        when = datetime(2026, 6, 1, 12, tzinfo=UTC)
        start = SimulationStart(ADA, "kms:Decrypt", "key", (("a", "b"),), 9, "x", when)
        form = FormText.of(start)
        assert FormText(ADA, "kms:Decrypt", "key", "a=b", "9s", "x", "2026-06-01 12:00:00") == form
        assert when == request_of(form, known, known)["Time"]


class TestSteps:
    """Steps as lines."""

    def test_headings_stand_above_what_they_are_about(self) -> None:
        """A layer has a heading, and each of its statements."""
        one = Step(
            Layer.IDENTITY, "P", 1, "S", Element.ACTION, "kms:*", "kms:Encrypt", StepOutcome.MATCH
        )
        end = replace(one, element=Element.STATEMENT, wanted="Allow", outcome=StepOutcome.ALLOW)
        lines = lines_of([(one, None), (end, None)])
        assert [0, 1, 2, 2] == [line.depth for line in lines]
        assert "P · statement 1 S" == lines[1].heading
        decision = Decision(Outcome.ALLOWED, Layer.IDENTITY, "P", 1, "S")
        assert 1 == deciding_step(Trace("", (one, end), decision))


class TestDecision:
    """Deciding a call."""

    @sizes
    async def test_golden(self, account: AccessAccount, size: tuple[int, int]) -> None:
        """The empty form, a decision, a step of it, and two principals side by side."""
        app = account.console()
        name = f"{size[0]}x{size[1]}"
        async with running(app, size) as pilot:
            await simulator(pilot)
            assert_golden(app, f"access/simulator-empty-{name}")
            view = await simulator(pilot, denied(account))
            assert_golden(app, f"access/simulator-{name}")
            await hit(pilot, "space", "space", "space", "space")
            assert_golden(app, f"access/simulator-step-{name}")
            await view.do_compare_principals(APP)
            await until_ready(pilot, *GROUPS)
            assert_golden(app, f"access/simulator-two-{name}")

    async def test_typed_by_name(self, account: AccessAccount) -> None:
        """Names and an alias are enough; enter decides, and the statement is named."""
        app = account.console()
        async with running(app) as pilot:
            view = await simulator(pilot)
            await write(pilot, "ada")
            await hit(pilot, "tab")
            await write(pilot, "decrypt")
            await hit(pilot, "tab")
            await write(pilot, "payments")
            await hit(pilot, "enter")
            await until_ready(pilot, *GROUPS)
            shown = screen_text(app)
            assert "✗ Denied by a statement" in shown
            assert "AdministratorsDoNotDecrypt" in shown
            assert view.trace.has_focus

    async def test_picked_from_lists(self, account: AccessAccount) -> None:
        """The arrow down lists what a field can be; what is chosen stands in it."""
        app = account.console()
        async with running(app) as pilot:
            view = await simulator(pilot)
            await hit(pilot, "down")
            assert isinstance(app.screen, Picker)
            await write(pilot, "bob")
            await hit(pilot, "enter")
            await until_ready(pilot, *GROUPS)
            assert view.form.typed.principal.endswith("user/bob")

    async def test_a_field_that_makes_no_sense_is_said(self, account: AccessAccount) -> None:
        """The result line names it, and nothing is decided."""
        app = account.console()
        async with running(app) as pilot:
            view = await simulator(pilot)
            await hit(pilot, "enter")
            await until_ready(pilot, *GROUPS)
            assert "Who calls is missing." in screen_text(app)
            assert not view.decisions

    async def test_a_key_that_is_not_there_is_said(self, account: AccessAccount) -> None:
        """What the engine refuses stands where the decision would."""
        app = account.console()
        async with running(app) as pilot:
            start = SimulationStart(ADA, "kms:Decrypt", "alias/nothing")
            view = await simulator(pilot, start)
            assert not view.decisions
            assert "does not exist" in screen_text(app)

    async def test_names_are_masked(self, account: AccessAccount) -> None:
        """Under the privacy mask the steps show no ARN."""
        app = account.console()
        async with running(app) as pilot:
            view = await simulator(pilot, denied(account))
            await hit(pilot, "f12")
            assert view.trace.masked
            assert "user/ada" not in screen_text(app).split("identity policy")[-1]


class TestStepping:
    """Telling one step after the other."""

    async def test_space_tells_one_step_more(self, account: AccessAccount) -> None:
        """From the first; the decision is not said before the last."""
        app = account.console()
        async with running(app) as pilot:
            view = await simulator(pilot, denied(account))
            assert view.trace.told
            await hit(pilot, "space")
            assert 1 == view.trace.revealed
            assert "Denied by" not in screen_text(app)
            await hit(pilot, "space", "space")
            assert 3 == view.trace.revealed
            await hit(pilot, "A")
            assert view.trace.told
            assert "Denied by" in screen_text(app)

    async def test_play_stops_at_the_end_and_on_p(
        self, account: AccessAccount, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Steps come by themselves until the last, or until p is pressed again."""
        monkeypatch.setattr("kmstui.tui.places.access.simulator.view.STEP_SECONDS", 0.01)
        app = account.console()
        async with running(app) as pilot:
            view = await simulator(pilot, denied(account))
            await hit(pilot, "p")
            for _ in range(200):
                await pilot.pause(0.01)
                if not view.playing:
                    break
            assert view.trace.told
            assert not view.playing
            monkeypatch.setattr("kmstui.tui.places.access.simulator.view.STEP_SECONDS", 60)
            await hit(pilot, "p")
            assert view.playing
            await hit(pilot, "p")
            assert not view.playing
            assert 1 == view.trace.revealed

    async def test_esc_ends_stepping_then_the_view(self, account: AccessAccount) -> None:
        """One esc shows every step, the next leaves for the policies."""
        app = account.console()
        async with running(app) as pilot:
            view = await simulator(pilot, denied(account))
            await hit(pilot, "space", "escape")
            assert view.trace.told
            await hit(pilot, "escape")
            await until_ready(pilot, *GROUPS)
            assert app.main.view is not view


class TestTwo:
    """Two principals."""

    async def test_the_first_difference_is_marked(self, account: AccessAccount) -> None:
        """Both decisions are said, and the step where they part has its mark."""
        app = account.console()
        async with running(app) as pilot:
            view = await simulator(pilot, denied(account))
            await hit(pilot, "c")
            await write(pilot, "bob")
            await hit(pilot, "enter")
            await until_ready(pilot, *GROUPS)
            assert 2 == len(view.decisions)
            shown = screen_text(app)
            assert "✓ Allowed" in shown
            assert "≠" in shown
            await hit(pilot, "escape")
            assert 1 == len(view.decisions)


class TestExport:
    """A decision as a page of text."""

    async def test_it_goes_to_a_new_file_of_ones_own(
        self, account: AccessAccount, tmp_path: Path
    ) -> None:
        """The page names the statement; a file that is there is never overwritten."""
        app = account.console()
        file = tmp_path / "why.txt"
        async with running(app) as pilot:
            view = await simulator(pilot, denied(account))
            await view.do_export_decision(str(file))
            with pytest.raises(UsageError, match="such a file"):
                await view.do_export_decision(str(file))
        page = file.read_text()
        assert "AdministratorsDoNotDecrypt" in page
        assert 0o600 == stat.S_IMODE(file.stat().st_mode)
        assert max(map(len, page.splitlines())) <= 120

    async def test_it_asks_for_the_file(self, account: AccessAccount) -> None:
        """Without a name the dialog suggests one."""
        app = account.console()
        async with running(app) as pilot:
            await simulator(pilot, denied(account))
            await hit(pilot, "x")
            assert "decision-2026-06-04.txt" in screen_text(app)


class TestFromElsewhere:
    """Opened with a call filled in."""

    async def test_from_a_refused_line_of_the_trail(self, account: AccessAccount) -> None:
        """S on an event fills the form with its caller, action, key and time."""
        bench = account.bench
        bench.refusal("Encrypt", KeyId="alias/nothing", Plaintext=b"x")
        bench.call("Encrypt", KeyId=account.key, Plaintext=b"x", EncryptionContext={"app": "y"})
        app = account.console()
        async with running(app) as pilot:
            await hit(pilot, "4")
            await until_ready(pilot, *GROUPS)
            trail = app.main.view
            assert trail is not None
            await hit(pilot, "slash")
            await write(pilot, "Encrypt")
            await hit(pilot, "enter")
            await until_ready(pilot, *GROUPS)
            await hit(pilot, "S")
            await until_ready(pilot, *GROUPS)
            view = app.main.view
            assert isinstance(view, SimulatorView)
            typed = view.form.typed
            assert ("kms:Encrypt", account.key, "app=y") == (
                typed.action,
                typed.key,
                typed.context,
            )
            assert view.decisions[0].allowed

    async def test_from_a_statement(self, account: AccessAccount) -> None:
        """S on a statement that names somebody fills in whom, what and the key."""
        app = account.console()
        async with running(app) as pilot:
            await until_ready(pilot, *GROUPS)
            await hit(pilot, "G", "k", "S")
            await until_ready(pilot, *GROUPS)
            view = app.main.view
            assert isinstance(view, SimulatorView)
            assert (ADA, "kms:Decrypt") == (view.form.typed.principal, view.form.typed.action)
