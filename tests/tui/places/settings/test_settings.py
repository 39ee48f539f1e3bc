"""Settings: what each section says, and what its deeds do to a real keystore."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from textual.pilot import Pilot

from kmstui.core.errors import ThrottlingException, WrongPassphraseError
from kmstui.core.secret import Secret
from kmstui.tui.app import KmsApp
from kmstui.tui.dialogs.theme import ThemePicker
from kmstui.tui.launch import IDLE_LOCK, Launch
from kmstui.tui.place import Route
from kmstui.tui.places.settings.dialogs import PassphraseDialog, PatternDialog, pattern_problem
from kmstui.tui.places.settings.doctor import DoctorView
from kmstui.tui.places.settings.view import SettingsView
from kmstui.tui.widgets.safe_input import SafeInput
from tests._textual_private import screen_text
from tests.helpers.demo_console import Demo, demo_console, hit, running
from tests.helpers.engines import PASSPHRASE, Bench
from tests.helpers.goldens import assert_golden
from tests.helpers.links import open_line, targets, until_ready

NEW = "violet anchor bicycle moon"
GROUPS = ("settings", "doctor", "passphrase", "strength", "home", "keys", "first-page")
SIZES = ((80, 24), (120, 40))
sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
SECTIONS = ("keystore", "protection", "clock", "training", "console", "quotas")


def bench_console(bench: Bench) -> KmsApp:
    """Make a console on a bench's engine."""
    app = KmsApp(
        Launch(
            open_engine=lambda: bench.engine,
            location="~/keys/prod",
            sign_in=lambda _door: bench.session,
            clock=bench.clock,
            idle_lock=IDLE_LOCK,
            ticking=False,
            start="settings",
        )
    )
    app.animation_level = "none"
    return app


async def show(pilot: Pilot[None], section: str) -> SettingsView:
    """Show a section."""
    await until_ready(pilot, *GROUPS)
    app = pilot.app
    assert isinstance(app, KmsApp)
    view = app.main.view
    assert isinstance(view, SettingsView)
    view.show_section(section)
    await until_ready(pilot, *GROUPS)
    return view


async def fill(pilot: Pilot[None], selector: str, typed: str) -> None:
    """Put text into a field of the dialog shown."""
    pilot.app.screen.query_one(selector, SafeInput).value = typed
    await until_ready(pilot, *GROUPS)


class TestGoldens:
    """What the sections look like."""

    @sizes
    async def test_sections(
        self, demo: Demo, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each section of a demo looks as approved."""
        steady_memory(monkeypatch)
        app = demo_console(demo, start="settings")
        async with running(app, size) as pilot:
            for section in SECTIONS:
                await show(pilot, section)
                assert_golden(app, f"settings/{section}-{size[0]}x{size[1]}")

    @sizes
    async def test_quotas(self, bench: Bench, size: tuple[int, int]) -> None:
        """Enforced quotas have a meter for each class in use, and say what was refused."""
        use_quotas(bench)
        app = bench_console(bench)
        async with running(app, size) as pilot:
            await show(pilot, "quotas")
            assert_golden(app, f"settings/quotas-on-{size[0]}x{size[1]}")

    @sizes
    async def test_doctor(
        self, demo: Demo, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A keystore that verifies says so in one calm page."""
        steady_memory(monkeypatch)
        app = demo_console(demo, start="settings")
        async with running(app, size) as pilot:
            await app.go(Route("settings", "doctor"))
            await until_ready(pilot, *GROUPS)
            assert_golden(app, f"settings/doctor-{size[0]}x{size[1]}")

    @sizes
    @pytest.mark.parametrize(
        ("section", "deed", "typed"),
        [
            ("keystore", "region", ("#answer", "the moon")),
            ("protection", "passphrase", ("#first", "violet anchor")),
            ("training", "checkpoint", ("#answer", "before the exercise")),
            ("training", "reset", ("#token", "res")),
            ("console", "theme", None),
            ("console", "idle", ("#answer", "two")),
            ("console", "pattern", ("#answer", "alias/<Env>-<Service>-<Team>")),
            ("quotas", "quotas", ("#answer", "one")),
        ],
    )
    async def test_dialogs(
        self,
        demo: Demo,
        size: tuple[int, int],
        section: str,
        deed: str,
        typed: tuple[str, str] | None,
    ) -> None:
        """Each dialog looks as approved, with something typed where it asks for that."""
        app = demo_console(demo, start="settings")
        async with running(app, size) as pilot:
            await show(pilot, section)
            await open_line(pilot, "#deeds", deed)
            if typed is not None:
                await fill(pilot, *typed)
            assert_golden(app, f"settings/dialog-{deed}-{size[0]}x{size[1]}")

    async def test_production_says_why_it_cannot_go_back(self, bench: Bench) -> None:
        """A production keystore has no training deeds, and says why."""
        app = bench_console(bench)
        async with running(app, (80, 24)) as pilot:
            await show(pilot, "training")
            assert [] == targets(pilot, "#deeds")
            assert "This is a production keystore." in screen_text(app)
            await show(pilot, "clock")
            assert [] == targets(pilot, "#deeds")


def use_quotas(bench: Bench) -> None:
    """Enforce a hundredth of AWS's quotas, and use some of them up."""
    key = bench.key()
    bench.call("kmstui:PutSetting", Name="request-quota-scale", Value="0.01")
    for _ in range(930):
        bench.call("GenerateRandom", NumberOfBytes=1)
    for _ in range(3):
        with suppress(ThrottlingException):
            bench.call("TagResource", KeyId=key, Tags=[{"TagKey": "a", "TagValue": "b"}])


def steady_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have memory protection say the same on every machine."""
    from kmstui.hsm.condition import MemoryProtection

    monkeypatch.setattr(
        MemoryProtection, "line", property(lambda _self: "memory protection: as on this machine")
    )


class TestDeeds:
    """What can be done."""

    async def test_the_passphrase_changes(self, bench: Bench) -> None:
        """The new one opens the keystore, the old one no longer; recovery still does."""
        app = bench_console(bench)
        async with running(app) as pilot:
            await show(pilot, "protection")
            await open_line(pilot, "#deeds", "passphrase")
            assert isinstance(app.screen, PassphraseDialog)
            await fill(pilot, "#old", PASSPHRASE)
            await fill(pilot, "#first", NEW)
            await fill(pilot, "#second", NEW)
            app.screen.query_one("#second").focus()
            await hit(pilot, "enter")
            await until_ready(pilot, *GROUPS)
            assert "The passphrase was changed." in screen_text(app)
            bench.engine.lock()
            with pytest.raises(WrongPassphraseError):
                bench.engine.unlock(Secret.from_text(PASSPHRASE))
            bench.engine.unlock(Secret.from_text(NEW))
            bench.engine.lock()
            bench.engine.unlock(bench.code)

    @pytest.mark.parametrize(
        ("old", "first", "second", "said"),
        [
            ("not it at all", NEW, NEW, "The present passphrase is not right."),
            (PASSPHRASE, "password", "password", "too easily guessed"),
            (PASSPHRASE, NEW, "something else", "the same"),
            ("", NEW, NEW, "Type the present passphrase."),
        ],
    )
    async def test_a_passphrase_is_not_changed_by_mistake(
        self, bench: Bench, old: str, first: str, second: str, said: str
    ) -> None:
        """A wrong, weak or mistyped passphrase is refused in the dialog, which stays open."""
        app = bench_console(bench)
        async with running(app) as pilot:
            await show(pilot, "protection")
            await open_line(pilot, "#deeds", "passphrase")
            for selector, typed in (("#old", old), ("#first", first), ("#second", second)):
                await fill(pilot, selector, typed)
            app.screen.query_one("#second").focus()
            await hit(pilot, "enter")
            await until_ready(pilot, *GROUPS)
            assert said in screen_text(app)
            assert isinstance(app.screen, PassphraseDialog)
            await hit(pilot, "ctrl+l")
            assert PASSPHRASE not in screen_text(app)

    async def test_the_scale_of_quotas_is_kept(self, bench: Bench) -> None:
        """Set to a tenth, it is enforced at once and shown."""
        app = bench_console(bench)
        async with running(app) as pilot:
            await show(pilot, "quotas")
            await open_line(pilot, "#deeds", "quotas")
            await fill(pilot, "#answer", "0.1")
            await hit(pilot, "enter")
            await until_ready(pilot, *GROUPS)
            assert bench.core.quotas.scale == 0.1
            assert "times 0.1" in screen_text(app)

    async def test_the_idle_lock_is_kept_and_honoured_after_sign_in(self, bench: Bench) -> None:
        """Set to two minutes, it holds at once and in the next console."""
        app = bench_console(bench)
        async with running(app) as pilot:
            await show(pilot, "console")
            await open_line(pilot, "#deeds", "idle")
            await fill(pilot, "#answer", "two")
            assert "A number of minutes" in screen_text(app)
            await fill(pilot, "#answer", "2")
            await hit(pilot, "enter")
            await until_ready(pilot, *GROUPS)
            assert 2 == app.idle.minutes
            settings = bench.call("kmstui:GetSettings")["Settings"]
            assert "2" == settings["idle-lock-minutes"]
            await app.action_quit()
        bench.restart()
        app = bench_console(bench)
        async with running(app):
            assert 2 == app.idle.minutes
            bench.clock.advance(121)
            await app.tick()
            assert app.locked
            assert "Locked after 2 minutes" in screen_text(app)

    async def test_the_alias_rule_shows_what_it_says(self, bench: Bench) -> None:
        """Examples are judged while the rule is typed; the engine keeps it."""
        app = bench_console(bench)
        async with running(app) as pilot:
            await show(pilot, "console")
            await open_line(pilot, "#deeds", "pattern")
            assert isinstance(app.screen, PatternDialog)
            await fill(pilot, "#answer", "alias/legacy/<Name>")
            assert "✓ alias/legacy/fileserver follows" in screen_text(app)
            await hit(pilot, "enter")
            await until_ready(pilot, *GROUPS)
            settings = bench.call("kmstui:GetSettings")["Settings"]
            assert "alias/legacy/<Name>" == settings["alias-pattern"]

    async def test_a_theme_shows_while_it_is_chosen_and_esc_puts_it_back(self, demo: Demo) -> None:
        """The picker previews; leaving it changes nothing, enter keeps."""
        app = demo_console(demo, start="settings")
        async with running(app) as pilot:
            before = app.theme
            await show(pilot, "console")
            await open_line(pilot, "#deeds", "theme")
            assert isinstance(app.screen, ThemePicker)
            await hit(pilot, "down")
            assert before != app.theme
            await hit(pilot, "escape")
            assert before == app.theme
            await open_line(pilot, "#deeds", "theme")
            await hit(pilot, "down", "enter")
            assert before != app.theme

    async def test_a_backup_is_written_and_proven(self, bench: Bench, tmp_path: Path) -> None:
        """The result names keys, size and path; a path that exists is refused first."""
        bench.key("alias/one")
        app = bench_console(bench)
        async with running(app) as pilot:
            await show(pilot, "keystore")
            await open_line(pilot, "#deeds", "backup")
            await fill(pilot, "#answer", str(bench.directory))
            assert "There is such a file already." in screen_text(app)
            await fill(pilot, "#answer", str(tmp_path / "b.kmsb"))
            await hit(pilot, "enter")
            await until_ready(pilot, *GROUPS)
            assert "Exported 1 key" in screen_text(app)
        assert (tmp_path / "b.kmsb").is_file()

    async def test_another_region_is_gone_to(self, bench: Bench) -> None:
        """The status strip and the section say the new Region; a wrong name is refused."""
        app = bench_console(bench)
        async with running(app) as pilot:
            await show(pilot, "keystore")
            await open_line(pilot, "#deeds", "region")
            await fill(pilot, "#answer", "the moon")
            assert "Regions are named like" in screen_text(app)
            await fill(pilot, "#answer", "eu-west-1")
            await hit(pilot, "enter")
            await until_ready(pilot, *GROUPS)
            assert "eu-west-1" == app.standing.region
            assert "eu-west-1 · home is us-east-1" in screen_text(app)


class TestTraining:
    """The clock and the checkpoints of a training keystore, by the shell's commands."""

    async def test_warp_destroys_and_restore_brings_back(self, demo: Demo) -> None:
        """A key whose waiting period ends is gone, and a checkpoint has it again."""
        app = demo_console(demo, start="settings")
        async with running(app) as pilot:
            await show(pilot, "training")
            await app.shell.do_checkpoint("before")
            await app.shell.do_warp("40d")
            assert 29 == (await app.fetch("kmstui:ListKeySummaries"))["Total"]
            assert app.standing.account_time is not None
            assert "2026-07-11" == f"{app.standing.account_time:%Y-%m-%d}"
            await show(pilot, "training")
            await open_line(pilot, "#deeds", "restore before")
            await fill(pilot, "#token", "before")
            await hit(pilot, "enter", "enter")
            await until_ready(pilot, *GROUPS)
            assert 30 == (await app.fetch("kmstui:ListKeySummaries"))["Total"]

    async def test_reset_goes_back_to_the_beginning(self, demo: Demo) -> None:
        """Typed confirmation puts the demo back; leaving the dialog does not."""
        app = demo_console(demo, start="settings")
        async with running(app) as pilot:
            await show(pilot, "training")
            await app.call("CreateKey")
            await open_line(pilot, "#deeds", "reset")
            await hit(pilot, "escape")
            assert 31 == (await app.fetch("kmstui:ListKeySummaries"))["Total"]
            await open_line(pilot, "#deeds", "reset")
            await fill(pilot, "#token", "reset")
            await hit(pilot, "enter", "enter")
            await until_ready(pilot, *GROUPS)
            assert 30 == (await app.fetch("kmstui:ListKeySummaries"))["Total"]

    async def test_a_production_keystore_refuses(self, bench: Bench) -> None:
        """The commands stay visible with their reason, and do nothing."""
        from kmstui.tui.command_table import COMMANDS
        from kmstui.tui.commands import by_id

        app = bench_console(bench)
        async with running(app) as pilot:
            await show(pilot, "clock")
            app.perform(by_id(COMMANDS, "warp"), "8d")
            await pilot.pause()
            assert "only a training keystore can do this" in screen_text(app)


class TestDoctor:
    """Verifying everything."""

    async def test_the_first_bad_line_is_named(self, bench: Bench) -> None:
        """A line of the trail that was altered is named by file, line and number."""
        bench.key("alias/one")
        segment = next((bench.directory / "trail").glob("*.jsonl"))
        data = segment.read_bytes()
        segment.write_bytes(data.replace(b'"CreateAlias"', b'"DeleteAlias"'))
        app = bench_console(bench)
        async with running(app) as pilot:
            await app.go(Route("settings", "doctor"))
            await until_ready(pilot, *GROUPS)
            shown = screen_text(app)
            assert "Something is wrong." in shown
            assert f"first bad line: {segment.name}, line" in shown
            assert "What now" in shown

    async def test_it_runs_again_and_beside_other_calls(self, bench: Bench) -> None:
        """f5 verifies again; calls go on meanwhile."""
        app = bench_console(bench)
        async with running(app) as pilot:
            await app.go(Route("settings", "doctor"))
            await until_ready(pilot, *GROUPS)
            bench.key()
            await hit(pilot, "f5")
            await until_ready(pilot, *GROUPS)
            assert isinstance(app.main.view, DoctorView)
            assert "every row verified: 1 keys" in screen_text(app)


@pytest.mark.parametrize(
    ("rule", "fine"),
    [
        ("", True),
        ("alias/<A>-<B>", True),
        ("alias/none", False),
        ("<A>", False),
        ("alias/<A", False),
    ],
)
def test_rules_are_judged_before_the_engine_does(rule: str, fine: bool) -> None:
    """A rule begins with alias/ and holds a part, or is empty."""
    assert fine is (pattern_problem(rule) is None)
