"""Trail: paging, filter, refusals, live events, one event, and export."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from textual.pilot import Pilot

from kmstui.core.errors import TrailTamperedError
from kmstui.tui.app import KmsApp
from kmstui.tui.dialogs.json import JsonDialog
from kmstui.tui.dialogs.refusal import WhyDialog
from kmstui.tui.launch import Launch
from kmstui.tui.places.trail.event_view import EventView
from kmstui.tui.places.trail.view import TrailView
from tests._textual_private import screen_text
from tests.helpers.demo_console import Demo, demo_console, hit, running
from tests.helpers.engines import Bench
from tests.helpers.goldens import assert_golden
from tests.helpers.hostile import FORBIDDEN, HOSTILE
from tests.helpers.links import until_ready

GROUPS = ("trail", "trail-older", "trail-newer", "first-page", "keys", "event", "command")
SIZES = ((80, 24), (120, 40))
sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


async def ready(pilot: Pilot[None]) -> TrailView:
    """Wait until the trail has been read, and return the view."""
    await until_ready(pilot, *GROUPS)
    app = pilot.app
    assert isinstance(app, KmsApp)
    view = app.main.view
    assert isinstance(view, TrailView)
    return view


def bench_console(bench: Bench) -> KmsApp:
    """Make a console on a bench's engine."""
    app = KmsApp(
        Launch(
            open_engine=lambda: bench.engine,
            location="~/keys/prod",
            sign_in=lambda _door: bench.session,
            clock=bench.clock,
            ticking=False,
            start="trail",
        )
    )
    app.animation_level = "none"
    return app


class TestGoldens:
    """What the place looks like."""

    @sizes
    async def test_list_refusals_and_event(self, demo: Demo, size: tuple[int, int]) -> None:
        """The list, the refusals, one of them, and why."""
        app = demo_console(demo, start="trail")
        name = f"{size[0]}x{size[1]}"
        async with running(app, size) as pilot:
            await ready(pilot)
            assert_golden(app, f"trail/list-{name}")
            await hit(pilot, "r")
            await ready(pilot)
            assert_golden(app, f"trail/refusals-{name}")
            await hit(pilot, "enter")
            assert_golden(app, f"trail/event-{name}")
            await hit(pilot, "w")
            assert_golden(app, f"trail/why-{name}")


class TestList:
    """The list of events."""

    async def test_older_events_are_read_while_scrolling(self, demo: Demo) -> None:
        """The end of what was read is never reached before the trail's first event."""
        app = demo_console(demo, start="trail")
        async with running(app) as pilot:
            view = await ready(pilot)
            assert 200 == len(view.records)
            for _ in range(20):
                await hit(pilot, "G")
                await until_ready(pilot, *GROUPS)
                if view.feed.complete:
                    break
            assert view.feed.complete
            assert "CreateKeystore" == view.records[-1].name
            sequences = [event.sequence for event in view.records]
            assert sorted(set(sequences), reverse=True) == sequences

    async def test_a_filter_looks_further_back_by_itself(self, demo: Demo) -> None:
        """Events of a year ago are found although one page was read."""
        app = demo_console(demo, start="trail")
        async with running(app) as pilot:
            view = await ready(pilot)
            view.do_filter("event:CreateKey -event:CreateKeystore")
            await ready(pilot)
            assert 35 == view.table.visible_count

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            (
                "outcome:refused",
                {
                    "CreateGrant",
                    "Decrypt",
                    "Encrypt",
                    "GenerateDataKey",
                    "PutKeyPolicy",
                    "ScheduleKeyDeletion",
                },
            ),
            ("error:DisabledException", {"Decrypt"}),
            ("key:stage-cardvault* event:CreateKey", {"CreateKey"}),
            ("who:KeyAdministrator readonly:no region:us-east-1 event:Tag*", {"TagResource"}),
            ("since<1h event:Unlock", {"Unlock"}),
        ],
    )
    async def test_fields(self, demo: Demo, query: str, names: set[str]) -> None:
        """Each field of the filter finds what it is about."""
        app = demo_console(demo, start="trail")
        async with running(app) as pilot:
            view = await ready(pilot)
            view.do_filter(query)
            await ready(pilot)
            assert names == {view.table.row(key).name for key in view.table.visible_keys()}

    async def test_an_unknown_field_is_explained(self, demo: Demo) -> None:
        """The filter says which fields there are."""
        app = demo_console(demo, start="trail")
        async with running(app) as pilot:
            view = await ready(pilot)
            view.do_filter("colour:red")
            await ready(pilot)
            assert "There is no field 'colour'" in screen_text(app)

    async def test_new_events_come_by_themselves_until_paused(self, bench: Bench) -> None:
        """A call of anybody shows on top; f stops that, and f goes on."""
        app = bench_console(bench)
        async with running(app) as pilot:
            view = await ready(pilot)
            bench.key("alias/one")
            await pilot.pause(0.4)
            await ready(pilot)
            assert "CreateAlias" in [event.name for event in view.records[:3]]
            await hit(pilot, "f")
            bench.call("GenerateRandom", NumberOfBytes=1)
            await pilot.pause(0.4)
            await ready(pilot)
            assert "GenerateRandom" not in [event.name for event in view.records]
            await hit(pilot, "f")
            await ready(pilot)
            assert "GenerateRandom" in [event.name for event in view.records]

    async def test_reading_does_not_feed_itself(self, bench: Bench) -> None:
        """A view that follows reads once for each burst, not for its own reading."""
        app = bench_console(bench)
        async with running(app) as pilot:
            await ready(pilot)
            before = bench.sequence()
            await pilot.pause(0.8)
            assert before == bench.sequence()

    async def test_what_happened_elsewhere_shows_on_return(self, bench: Bench) -> None:
        """Coming back to the place reads what was recorded meanwhile."""
        app = bench_console(bench)
        async with running(app) as pilot:
            view = await ready(pilot)
            await hit(pilot, "9")
            bench.key()
            await pilot.pause(0.05)
            await hit(pilot, "4")
            await ready(pilot)
            assert "CreateKey" in [event.name for event in view.records]

    async def test_a_trail_without_refusals_says_so(self, bench: Bench) -> None:
        """Refusals only, where there are none, is a calm line; esc shows every call."""
        app = bench_console(bench)
        async with running(app) as pilot:
            view = await ready(pilot)
            await hit(pilot, "r")
            await ready(pilot)
            assert "No call was refused." in screen_text(app)
            await hit(pilot, "escape")
            await ready(pilot)
            assert view.records

    async def test_a_tampered_trail_is_said(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What the engine refuses stands in the list's place."""

        def refuse(*_arguments: object, **_options: object) -> None:
            raise TrailTamperedError("A line of the trail is not JSON.")

        app = bench_console(bench)
        async with running(app) as pilot:
            view = await ready(pilot)
            monkeypatch.setattr(view.feed, "_read", refuse)
            view.table.set_rows([], [])
            await view.refresh_data()
            await pilot.pause()
            assert "A line of the trail is not JSON." in screen_text(app)

    async def test_the_mask_hides_names(self, demo: Demo) -> None:
        """Keys and callers are hidden; what was called is not."""
        app = demo_console(demo, start="trail")
        async with running(app) as pilot:
            await ready(pilot)
            await hit(pilot, "f12")
            shown = screen_text(app)
            assert "prod-tokens-identity" not in shown
            assert "Decrypt" in shown
            await hit(pilot, "j", "i")
            assert "The record is full of names." in screen_text(app)

    async def test_nothing_of_it_is_on_the_lock_screen(self, demo: Demo) -> None:
        """Locking hides every event, also while one is open."""
        app = demo_console(demo, start="trail")
        async with running(app) as pilot:
            await ready(pilot)
            await hit(pilot, "enter", "ctrl+l")
            assert "ReadTrail" not in screen_text(app)
            assert "Decrypt" not in screen_text(app)


class TestEvent:
    """One event."""

    async def test_it_opens_its_key_and_explains_a_refusal(self, demo: Demo) -> None:
        """Pressing o goes to the key's page; w says the code, the text and what next."""
        app = demo_console(demo, start="trail")
        async with running(app) as pilot:
            view = await ready(pilot)
            view.do_filter("error:KMSInvalidStateException")
            await ready(pilot)
            await hit(pilot, "enter", "w")
            assert isinstance(app.screen, WhyDialog)
            assert "is pending deletion" in screen_text(app)
            await hit(pilot, "escape", "o")
            opened = app.main.view
            assert opened is not None
            assert ("keys", "key") == (opened.route.place, opened.route.view)

    async def test_the_whole_record_and_the_chain_are_there(self, demo: Demo) -> None:
        """The page shows sequence, previous hash and the record as it is kept."""
        app = demo_console(demo, start="trail")
        app.opaque_placeholder = False
        async with running(app) as pilot:
            view = await ready(pilot)
            event = view.records[2]
            await hit(pilot, "j", "j", "enter")
            page = app.main.view
            assert isinstance(page, EventView)
            shown = screen_text(app)
            assert f"number {event.sequence:,} of the trail" in shown
            assert event.record["kmstui"]["previous"][:32] in shown
            await hit(pilot, "i")
            assert isinstance(app.screen, JsonDialog)

    async def test_an_event_opens_by_number_without_the_list(self, demo: Demo) -> None:
        """A route to an event that no list holds reads just that one."""
        from kmstui.tui.place import Route

        app = demo_console(demo, start="keys")
        async with running(app) as pilot:
            await app.go(Route("trail", "event", "2"))
            await until_ready(pilot, *GROUPS)
            assert "The keystore was created." in screen_text(app)

    async def test_hostile_records_do_no_harm(self, bench: Bench) -> None:
        """Whatever a caller put into a request, list and page show it as text."""
        for text in HOSTILE:
            if text.isprintable() or "\ud800" not in text:
                bench.refusal("DescribeKey", KeyId=f"alias/{text}"[:256] or "x")
        app = bench_console(bench)
        async with running(app) as pilot:
            view = await ready(pilot)
            for index in range(0, view.table.visible_count, 7):
                view.table.move_to(view.table.visible_keys()[index])
                await hit(pilot, "enter")
                assert FORBIDDEN.search(screen_text(app)) is None
                await hit(pilot, "escape")


class TestExport:
    """Writing records to a file."""

    async def test_the_shown_events_are_written_oldest_first(
        self, demo: Demo, tmp_path: Path
    ) -> None:
        """One JSON record a line, readable by its owner alone."""
        app = demo_console(demo, start="trail")
        file = tmp_path / "refused.jsonl"
        async with running(app) as pilot:
            view = await ready(pilot)
            view.do_filter("outcome:refused")
            await ready(pilot)
            await view.do_export_list(str(file))
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        assert 13 == len(lines)
        assert all(line["errorCode"] for line in lines)
        sequences = [line["kmstui"]["sequence"] for line in lines]
        assert sorted(sequences) == sequences
        assert 0o600 == stat.S_IMODE(file.stat().st_mode)

    async def test_marked_events_alone_are_written(self, demo: Demo, tmp_path: Path) -> None:
        """Marks choose what is exported, asked for by a dialog."""
        app = demo_console(demo, start="trail")
        async with running(app, (80, 24)) as pilot:
            view = await ready(pilot)
            await hit(pilot, "j", "space", "j", "space", "x")
            assert "Export 2 events" in screen_text(app)
            await hit(pilot, "escape")
            await view.do_export_list(str(tmp_path / "two.jsonl"))
        assert 2 == len((tmp_path / "two.jsonl").read_text().splitlines())

    async def test_a_file_that_exists_is_never_overwritten(
        self, demo: Demo, tmp_path: Path
    ) -> None:
        """The command says so, and the file stays as it was."""
        file = tmp_path / "there.jsonl"
        file.write_text("mine")
        app = demo_console(demo, start="trail")
        async with running(app) as pilot:
            await ready(pilot)
            await hit(pilot, "colon")
            await hit(pilot, *"export-list".replace("-", "-"), "space")
            app.screen.query_one("#field").value = f"export-list {file}"  # type: ignore[attr-defined]
            await hit(pilot, "enter")
            await ready(pilot)
            assert "There is such a file already." in screen_text(app)
        assert "mine" == file.read_text()
