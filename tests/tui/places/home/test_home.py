"""Home: what it says, and where each line leads."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kmstui.tui.app import KmsApp
from kmstui.tui.launch import Launch
from kmstui.tui.place import Route
from kmstui.tui.places.trail.view import TrailView
from tests._textual_private import screen_text
from tests.conftest import MakeBench
from tests.helpers.demo_console import Demo, demo_console, hit, running
from tests.helpers.engines import Bench
from tests.helpers.goldens import assert_golden
from tests.helpers.hostile import FORBIDDEN, HOSTILE
from tests.helpers.links import app_of, open_line, targets, until_ready

GROUPS = ("home", "first-page", "keys", "trail", "refresh")
SIZES = ((80, 24), (120, 40))
sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


def bench_console(bench: Bench, **options: Any) -> KmsApp:
    """Make a console on a bench's engine, signed in with the bench's session."""
    app = KmsApp(
        Launch(
            open_engine=lambda: bench.engine,
            location="~/keys/prod",
            sign_in=lambda _door: bench.session,
            clock=bench.clock,
            ticking=False,
            start="home",
            **options,
        )
    )
    app.animation_level = "none"
    return app


class TestDemo:
    """Home over a year of keys."""

    @sizes
    async def test_it_looks_as_approved(self, demo: Demo, size: tuple[int, int]) -> None:
        """One column at 80, two at 120."""
        app = demo_console(demo, start="home")
        async with running(app, size) as pilot:
            await until_ready(pilot, *GROUPS)
            assert_golden(app, f"home/home-{size[0]}x{size[1]}")

    @pytest.mark.parametrize(
        ("target", "place", "view"),
        [
            ("refusals", "trail", ""),
            ("strays", "keys", "aliases"),
            ("keys state:enabled lastuse>90d created>90d", "keys", ""),
            ("rotation", "keys", "rotation"),
            ("keys state:disabled", "keys", ""),
            ("deletions", "keys", "deletions"),
            ("trail", "trail", ""),
        ],
    )
    async def test_a_line_leads_where_it_says(
        self, demo: Demo, target: str, place: str, view: str
    ) -> None:
        """Enter opens the place and view that the line speaks of."""
        app = demo_console(demo, start="home")
        async with running(app, (80, 24)) as pilot:
            await until_ready(pilot, *GROUPS)
            await open_line(pilot, "#left", target)
            await until_ready(pilot, *GROUPS)
            shown = app.main.view
            assert shown is not None
            assert Route(place, view) == shown.route

    async def test_the_refusals_line_shows_only_refusals(self, demo: Demo) -> None:
        """Two refusals in the last week lead to a list of refused calls."""
        app = demo_console(demo, start="home")
        async with running(app) as pilot:
            await until_ready(pilot, *GROUPS)
            await open_line(pilot, "#left", "refusals")
            await until_ready(pilot, *GROUPS)
            view = app.main.view
            assert isinstance(view, TrailView)
            assert view.records
            assert all(event.error for event in view.records)

    async def test_the_last_calls_stand_beside_and_open(self, demo: Demo) -> None:
        """The second column is reached with l, and a call opens as an event."""
        app = demo_console(demo, start="home")
        async with running(app) as pilot:
            await until_ready(pilot, *GROUPS)
            await hit(pilot, "l", "j", "enter")
            view = app.main.view
            assert view is not None
            assert ("trail", "event") == (view.route.place, view.route.view)

    async def test_a_warp_that_destroys_a_key_shows(self, demo: Demo) -> None:
        """After the waiting period the countdown is gone and the count is down."""
        app = demo_console(demo, start="home")
        async with running(app, (80, 24)) as pilot:
            await until_ready(pilot, *GROUPS)
            assert "prod-archive-platform" in screen_text(app)
            await app.call("kmstui:AdvanceClock", Seconds=int(timedelta(days=40).total_seconds()))
            await pilot.pause(0.3)
            await until_ready(pilot, *GROUPS)
            assert "No key is waiting to be destroyed." in screen_text(app)

    async def test_the_mask_hides_names(self, demo: Demo) -> None:
        """Under the privacy mask no alias and no account id is on the screen."""
        app = demo_console(demo, start="home")
        async with running(app) as pilot:
            await until_ready(pilot, *GROUPS)
            await hit(pilot, "f12")
            shown = screen_text(app)
            assert "prod-archive-platform" not in shown
            assert "111122223333" not in shown

    async def test_nothing_of_it_is_on_the_lock_screen(self, demo: Demo) -> None:
        """Locking hides every name."""
        app = demo_console(demo, start="home")
        async with running(app) as pilot:
            await until_ready(pilot, *GROUPS)
            await hit(pilot, "ctrl+l")
            assert "prod-" not in screen_text(app)

    async def test_it_fits_the_smallest_terminal(self, demo: Demo) -> None:
        """60 columns and 16 rows show the first lines."""
        app = demo_console(demo, start="home")
        async with running(app, (60, 16)) as pilot:
            await until_ready(pilot, *GROUPS)
            assert "Worth a look" in screen_text(app)


class TestProduction:
    """Home over keystores of a test's own."""

    @sizes
    async def test_an_empty_keystore_says_how_to_begin(
        self, bench: Bench, size: tuple[int, int]
    ) -> None:
        """First steps stand where the keys would be, and the first creates one."""
        app = bench_console(bench)
        async with running(app, size) as pilot:
            await until_ready(pilot, *GROUPS)
            assert_golden(app, f"home/empty-{size[0]}x{size[1]}")
            await open_line(pilot, "#left", "create")
            view = app.main.view
            assert view is not None
            assert Route("keys", "create") == view.route

    async def test_what_deserves_a_look_is_counted(self, bench: Bench) -> None:
        """A key without alias and tags, a stray alias and a refusal each get a line."""
        bench.key()
        bench.key("alias/stray")
        bench.refusal("DescribeKey", KeyId="alias/none")
        app = bench_console(bench)
        async with running(app) as pilot:
            await until_ready(pilot, *GROUPS)
            assert {"keys aliases=0", "keys tags=0", "strays", "refusals"} <= set(
                targets(pilot, "#left")
            )

    async def test_a_missing_anchor_leads_to_protection(
        self, make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Rollback protection "none" is said, and leads to what to do about it."""
        from dataclasses import replace

        bench = make_bench()
        status = replace(bench.engine.status(), rollback_protection="none")
        monkeypatch.setattr(bench.engine, "status", lambda: status)
        app = bench_console(bench)
        async with running(app) as pilot:
            await until_ready(pilot, *GROUPS)
            await open_line(pilot, "#left", "settings protection")
            await until_ready(pilot, "settings")
            assert "an older copy would go unnoticed" in screen_text(app)

    async def test_hostile_descriptions_and_tags_do_no_harm(self, bench: Bench) -> None:
        """Whatever stands in a key's texts, Home shows and no control character is painted."""
        for index, text in enumerate(HOSTILE[:40]):
            tag = [{"TagKey": f"k{index}", "TagValue": "v"}]
            key = bench.key(f"alias/a{index}", Tags=tag)
            bench.force(key, description=text)
        app = bench_console(bench)
        async with running(app) as pilot:
            await until_ready(pilot, *GROUPS)
            assert FORBIDDEN.search(screen_text(app)) is None
            assert app_of(pilot).is_running


def test_goldens_are_in_the_checkout() -> None:
    """The goldens of Home are files that a reviewer can read."""
    directory = Path(__file__).parents[3] / "goldens" / "home"
    assert 4 == len(list(directory.glob("*.txt")))
