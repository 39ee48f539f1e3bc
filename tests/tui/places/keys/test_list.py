"""The lists of Keys: what they show, filter, sort, mark and copy."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from kmstui.core.clock import FakeClock
from kmstui.tui.dialogs.json import JsonDialog
from kmstui.tui.place import Route
from kmstui.tui.places.keys.aliases import AliasesView
from kmstui.tui.places.keys.deletions import DeletionsView
from kmstui.tui.places.keys.filter_bar import FilterBar
from kmstui.tui.places.keys.rotation.view import RotationView
from kmstui.tui.places.keys.view import KeysView
from tests._textual_private import screen_text
from tests.helpers.demo_console import Demo, demo_console, running
from tests.helpers.goldens import assert_golden
from tests.helpers.hostile import FORBIDDEN, HOSTILE
from tests.helpers.key_list import (
    console_of,
    cursor,
    key,
    labels,
    press,
    put_cursor,
    ready,
    roster,
    shown,
    spell,
)

SIZES = ((80, 24), (120, 40))
sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
FILTERS = (
    ("ledger", ["prod-ledger-payments"]),
    ("state:dis", ["dev-soaktest-payments", "legacy/fileserver", "prod-exports-analytics"]),
    ("state:pending", ["prod-archive-platform", "stage-settlement-payments"]),
    (
        "alias:stage*",
        [
            "stage-cardvault-payments",
            "stage-settlement-payments",
            "stage-signing-fleet",
            "stage-telemetry-fleet",
            "stage-tokens-identity",
        ],
    ),
    ("tag:owner=fleet -prod", ["stage-signing-fleet", "stage-telemetry-fleet"]),
    (
        "lastuse:never",
        ["prod-pairing-fleet", "prod-website-platform", "stage-settlement-payments"],
    ),
    ("deletion<30d", ["prod-archive-platform"]),
    ("/^legacy/", ["legacy/fileserver"]),
)


def _name(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


class TestGoldens:
    """What each list looks like."""

    @sizes
    @pytest.mark.parametrize("view", ["", "deletions", "rotation", "aliases"])
    async def test_view(self, demo: Demo, view: str, size: tuple[int, int]) -> None:
        """A view of the demo account looks as approved."""
        app = demo_console(demo)
        async with running(app, size) as pilot:
            await app.go(Route("keys", view))
            await ready(pilot)
            assert_golden(app, f"keys/{view or 'all'}-{_name(size)}")

    @sizes
    async def test_filtered(self, demo: Demo, size: tuple[int, int]) -> None:
        """A filter that matches, marks, and a query that makes no sense look as approved."""
        app = demo_console(demo)
        async with running(app, size) as pilot:
            await press(pilot, "slash")
            await spell(pilot, "payments")
            await press(pilot, "enter", "space", "j", "space")
            assert_golden(app, f"keys/filtered-{_name(size)}")
            await press(pilot, "slash", "end")
            await spell(pilot, " nothing:here")
            assert_golden(app, f"keys/complaint-{_name(size)}")

    @sizes
    async def test_empty(self, demo: Demo, size: tuple[int, int]) -> None:
        """A Region without keys says how to begin."""
        app = demo_console(demo)
        async with running(app, size) as pilot:
            await app.switch_region("ap-south-1")
            await app.main.view.refresh_data()  # type: ignore[union-attr]  # the list shows
            await ready(pilot)
            assert_golden(app, f"keys/empty-{_name(size)}")

    async def test_smallest(self, demo: Demo) -> None:
        """At 60x16 alias, state and last use remain, without a preview."""
        app = demo_console(demo)
        async with running(app, (60, 16)) as pilot:
            await ready(pilot)
            assert_golden(app, "keys/all-60x16")

    async def test_resizes(self, demo: Demo) -> None:
        """A terminal that changes its size under the list keeps the cursor on its key."""
        app = demo_console(demo)
        async with running(app, (120, 40)) as pilot:
            await ready(pilot)
            await put_cursor(pilot, "stage-tokens-identity")
            for size in ((60, 16), (160, 50), (59, 15), (80, 24), (120, 16), (60, 40)):
                await pilot.resize_terminal(*size)
                await ready(pilot)
                assert "stage-tokens-identity" == cursor(pilot)
                assert size[0] < 60 or "stage-tokens-identity" in screen_text(app)


class TestFilter:
    """The `/` line."""

    @pytest.mark.parametrize(("query", "expected"), FILTERS, ids=[query for query, _ in FILTERS])
    async def test_language(self, demo: Demo, query: str, expected: list[str]) -> None:
        """Each kind of term selects the rows it says, in the order of the sort."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await press(pilot, "slash")
            await spell(pilot, query)
            assert expected == labels(pilot)

    async def test_nonsense_keeps_the_rows(self, demo: Demo) -> None:
        """A query that cannot be read says what is wrong and leaves the last rows there."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await press(pilot, "slash")
            await spell(pilot, "stage /(a/")
            assert "is not a regular expression" in screen_text(app)
            assert 5 == len(labels(pilot))

    async def test_escape(self, demo: Demo) -> None:
        """Esc leaves the field, then the filter, and the cursor stays on its key."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await press(pilot, "slash")
            await spell(pilot, "tokens")
            await press(pilot, "escape")
            assert shown(pilot).table.has_focus
            assert 2 == len(labels(pilot))
            await press(pilot, "escape")
            assert 30 == len(labels(pilot))
            assert "prod-tokens-identity" == cursor(pilot)
            assert not app.main.view.query_one(FilterBar).has_class("-on")  # type: ignore[union-attr]  # the list shows

    async def test_verb(self, demo: Demo) -> None:
        """`:filter` sets the query without the field."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            shown(pilot).do_filter("fleet")
            await ready(pilot)
            assert 7 == len(labels(pilot))

    async def test_no_match(self, demo: Demo) -> None:
        """Nothing that matches is said in words, with the way out."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await press(pilot, "slash")
            await spell(pilot, "zzz")
            assert "Nothing here matches the filter." in screen_text(app)
            assert shown(pilot).subject is None


class TestOrder:
    """Sorting, the cursor, and changes underneath."""

    async def test_sort(self, demo: Demo) -> None:
        """`s` turns the order round, then goes on to the next column."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            ascending = labels(pilot)
            await press(pilot, "s")
            assert ascending[::-1] == labels(pilot)
            await press(pilot, "s")
            assert "Sorted by state, ascending" in screen_text(app)
            shown(pilot).do_sort("-used")
            await ready(pilot)
            assert "prod-pairing-fleet" == labels(pilot)[-1]

    async def test_refresh_keeps_the_cursor(self, demo: Demo) -> None:
        """Reading again leaves cursor and marks on their keys."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            await put_cursor(pilot, "prod-logs-platform", mark=True)
            await press(pilot, "f5")
            assert "prod-logs-platform" == cursor(pilot)
            assert 1 == len(shown(pilot).table.marked)

    async def test_changes_elsewhere(self, demo: Demo) -> None:
        """A key that somebody else changes, creates or renames shows without being asked for."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            ledger = key(pilot, "prod-ledger-payments")
            await app.fetch("DisableKey", KeyId=ledger.arn)
            created = await app.fetch("CreateKey", Description="new here")
            arn = created["KeyMetadata"]["Arn"]
            await app.fetch("CreateAlias", AliasName="alias/prod-new-fleet", TargetKeyId=arn)
            await ready(pilot)
            assert "Disabled" == key(pilot, "prod-ledger-payments").state
            assert "prod-new-fleet" in labels(pilot)
            assert "31 keys" in screen_text(app)

    async def test_destroyed(self, demo: Demo) -> None:
        """A key whose waiting period ends leaves the list."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            await app.fetch("kmstui:AdvanceClock", Seconds=30 * 86_400)
            await ready(pilot)
            assert "prod-archive-platform" not in labels(pilot)
            assert 29 == len(roster(pilot).keys)

    async def test_countdown(self, demo: Demo) -> None:
        """The time a key has left runs by the second."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            before = screen_text(app)
            assert isinstance(app.launch.clock, FakeClock)
            app.launch.clock.advance(timedelta(seconds=1))
            await app.tick()
            await ready(pilot)
            assert "◑ 23 d 09:23:08" in before
            assert "◑ 23 d 09:23:07" in screen_text(app)

    async def test_lists_hidden_meanwhile(self, demo: Demo) -> None:
        """A list that was not shown while a key changed is right when it shows again."""
        app = demo_console(demo, proven=True)
        async with running(app) as pilot:
            await ready(pilot)
            arn = key(pilot, "prod-ledger-payments").arn
            await press(pilot, "4")
            await app.fetch("ScheduleKeyDeletion", KeyId=arn)
            await press(pilot, "1")
            await app.go(Route("keys", "deletions"))
            await ready(pilot)
            assert ["prod-archive-platform", "prod-ledger-payments"] == labels(pilot)


class TestViews:
    """The views of the place."""

    async def test_brackets(self, demo: Demo) -> None:
        """Brackets go round the views; esc comes back to all keys."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            for kind in (DeletionsView, RotationView, AliasesView, KeysView):
                await press(pilot, "right_square_bracket")
                assert isinstance(app.main.view, kind)
            await press(pilot, "left_square_bracket", "escape")
            assert isinstance(app.main.view, KeysView)

    async def test_deviating_alias(self, demo: Demo) -> None:
        """An alias that strays from the pattern is pointed out; an empty pattern judges none."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await app.go(Route("keys", "aliases"))
            await ready(pilot)
            shown(pilot).do_filter("name:dev")
            await ready(pilot)
            assert ["legacy/fileserver"] == labels(pilot)
            await app.fetch("kmstui:PutSetting", Name="alias-pattern", Value="")
            await press(pilot, "escape", "f5")
            assert "deviates" not in screen_text(app)

    async def test_preview(self, demo: Demo) -> None:
        """`p` hides the preview and gives its room to columns."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            assert "CREATED" not in screen_text(app)
            await press(pilot, "p")
            assert "CREATED" in screen_text(app)

    async def test_enter_opens(self, demo: Demo) -> None:
        """Enter opens the key under the cursor, E its try-it tab."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            arn = key(pilot, cursor(pilot)).arn
            await press(pilot, "enter")
            assert app.main.view is not None
            assert arn == app.main.view.route.argument.partition("#")[0]


class TestMask:
    """The privacy mask."""

    @pytest.mark.parametrize("view", ["", "deletions", "rotation", "aliases"])
    async def test_nothing_identifies(self, demo: Demo, view: str) -> None:
        """With the mask on no list shows a name, an id, a tag value or a description."""
        app = demo_console(demo)
        async with running(app, (160, 50)) as pilot:
            await app.go(Route("keys", view))
            await press(pilot, "f12")
            text = screen_text(app)
            for each in roster(pilot).keys:
                for secret in (each.label, each.key_id, each.arn, each.description):
                    assert secret not in text


class TestHostile:
    """Strings of other people in every list."""

    @sizes
    async def test_lists(self, demo: Demo, size: tuple[int, int]) -> None:
        """No description or tag acts on the terminal, ends the program or tears the frame."""
        app = demo_console(demo)
        async with running(app, size) as pilot:
            await ready(pilot)
            for string in HOSTILE:
                if "\ud800" in string:
                    continue
                tags = [{"TagKey": "Owner", "TagValue": string[:256]}]
                await app.fetch("CreateKey", Description=string, Tags=tags)
            await ready(pilot)
            for view in ("", "deletions", "rotation", "aliases"):
                await app.go(Route("keys", view))
                await press(pilot, "G", "g")
                for _ in range(len(HOSTILE)):
                    await pilot.press("j")
                    lines = screen_text(app).splitlines()
                    assert FORBIDDEN.search("".join(lines)) is None
                await ready(pilot)

    async def test_filter_of_hostile_text(self, demo: Demo) -> None:
        """No query ends the program, whatever is pasted."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            bar = shown(pilot).bar
            bar.start()
            for string in HOSTILE:
                bar.field.value = string
                await pilot.pause()
                assert FORBIDDEN.search(screen_text(app).replace("\n", "")) is None


class TestTakingAway:
    """Copying, raw JSON and export."""

    async def test_copy(self, demo: Demo) -> None:
        """`y` offers name, id, ARN, JSON and command, and claims no more than was done."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            await put_cursor(pilot, "prod-ledger-payments")
            await press(pilot, "y", "down", "down", "enter")
            assert key(pilot, "prod-ledger-payments").arn == app.clipboard
            assert "it does not answer" in screen_text(app)
            await press(pilot, "y", "down", "down", "down", "enter")
            assert "Enabled" == json.loads(app.clipboard)["KeyMetadata"]["KeyState"]

    async def test_copy_many(self, demo: Demo) -> None:
        """Marked keys are copied one a line."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await ready(pilot)
            names = ("prod-ledger-payments", "prod-logs-platform")
            await put_cursor(pilot, *names, mark=True)
            await press(pilot, "y", "enter")
            assert "alias/prod-ledger-payments\nalias/prod-logs-platform" == app.clipboard

    async def test_raw(self, demo: Demo) -> None:
        """`i` shows the key as DescribeKey answers it, but not under the mask."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await press(pilot, "i")
            assert isinstance(app.screen, JsonDialog)
            assert '"KeyMetadata"' in screen_text(app)
            await press(pilot, "escape", "f12", "i")
            assert "F12 shows them first" in screen_text(app)

    @pytest.mark.parametrize("suffix", [".csv", ".json"])
    async def test_export(self, demo: Demo, tmp_path: Path, suffix: str) -> None:
        """`:export-list` writes what the filter shows to a new private file, once."""
        app = demo_console(demo)
        path = tmp_path / f"keys{suffix}"
        async with running(app) as pilot:
            await ready(pilot)
            shown(pilot).do_filter("fleet")
            await ready(pilot)
            await shown(pilot).do_export_list(str(path))
            assert "Wrote 7 keys" in screen_text(app)
        assert 0o600 == stat.S_IMODE(path.stat().st_mode)
        rows = json.loads(path.read_text()) if suffix == ".json" else path.read_text().splitlines()
        assert (7 if suffix == ".json" else 8) == len(rows)

    async def test_export_asks(self, demo: Demo, tmp_path: Path) -> None:
        """`x` asks for a file and says why a name will not do."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await press(pilot, "x")
            field = app.screen.query_one("#answer")
            field.value = str(tmp_path / "keys.txt")  # type: ignore[attr-defined]  # an input
            await ready(pilot)
            assert "ends in .csv or .json" in screen_text(app)
            await press(pilot, "enter", "escape")
            assert console_of(pilot).screen is app.main
