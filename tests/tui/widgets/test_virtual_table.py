"""The table of any number of rows."""

from __future__ import annotations

import time

import pytest
from textual.pilot import Pilot

from kmstui.tui import text
from kmstui.tui.text import Content
from kmstui.tui.widgets.columns import Column
from kmstui.tui.widgets.virtual_table import VirtualTable
from tests._textual_private import screen_styles, screen_text
from tests.helpers.hostile import FORBIDDEN, HOSTILE
from tests.helpers.stage import Stage

Row = tuple[str, str]
SIZE = (40, 8)
"""One header and seven rows."""

COLUMNS: tuple[Column[Row], ...] = (
    Column("name", "Name", lambda row: row[0], flex=1),
    Column("state", "State", lambda row: text.styled(row[1], "$ok"), priority=1),
)


def table(count: int) -> VirtualTable[Row]:
    """Make a table of rows k0, k1, ..."""
    made: VirtualTable[Row] = VirtualTable(COLUMNS, empty=text.literal("No keys"))
    names = [f"k{number}" for number in range(count)]
    made.set_rows([(name, "on") for name in names], names)
    return made


async def press(pilot: Pilot[None], keys: str) -> None:
    """Press keys, written with spaces between them."""
    await pilot.press(*keys.split())


class TestPainting:
    """What is on the screen."""

    async def test_golden(self) -> None:
        """Header, cursor bar, mark and rows."""
        shown = table(3)
        app = Stage(shown)
        async with app.play(SIZE) as pilot:
            await press(pilot, "down space")
            shown.set_sort("name", descending=True)
            await pilot.pause()
            assert screen_text(app).splitlines()[:5] == [
                "   Name ▼                       State",
                "   k0                           on",
                "▌✓ k1                           on",
                "   k2                           on",
                "",
            ]

    async def test_empty(self) -> None:
        """A table without visible rows says so."""
        app = Stage(table(0))
        async with app.play(SIZE):
            assert "No keys" in screen_text(app)

    async def test_narrow(self) -> None:
        """A column is dropped by its priority rather than cut the one before it."""
        shown = table(3)
        app = Stage(shown)
        async with app.play((14, 8)):
            assert "State" not in screen_text(app)
            assert shown.dropped_columns == 1

    async def test_sideways(self) -> None:
        """Columns that cannot give way are reached by scrolling sideways."""
        wide: VirtualTable[Row] = VirtualTable(
            [Column(name, name, lambda row: row[0], width=20) for name in ("one", "two")]
        )
        wide.set_rows([("k0", "on")], ["k0"])
        app = Stage(wide)
        async with app.play((24, 6)) as pilot:
            assert "two" not in screen_text(app)
            await press(pilot, "l l l")
            assert "two" in screen_text(app)

    @pytest.mark.parametrize("source", HOSTILE)
    async def test_hostile(self, source: str) -> None:
        """A cell, a key and a title of any string stay on their line and inside their column."""
        shown: VirtualTable[Row] = VirtualTable(
            [
                Column("name", source[:20], lambda row: row[0], flex=1),
                Column("end", "End", lambda row: row[1], width=3),
            ]
        )
        shown.set_rows([(source, "END"), ("next", "END")], [source, "next"])
        app = Stage(shown)
        async with app.play(SIZE):
            lines = screen_text(app).splitlines()
            assert FORBIDDEN.search("".join(lines)) is None
            assert [line[-3:] for line in lines[:3]] == ["End", "END", "END"]

    async def test_content_is_cut(self) -> None:
        """Content keeps its style when it is cut to the column."""
        shown: VirtualTable[Row] = VirtualTable(
            [Column("name", "Name", lambda _: text.styled("x" * 50, "$danger"), width=10)]
        )
        shown.set_rows([("k0", "on")], ["k0"])
        app = Stage(shown)
        async with app.play(SIZE):
            runs = [run for run in screen_styles(app)[1] if run[0].startswith("x")]
            assert [run[0] for run in runs] == ["x" * 9 + "…"]

    @pytest.mark.parametrize("theme", ["kmstui-light", "terminal-native"])
    async def test_theme_switch(self, theme: str) -> None:
        """Another theme repaints every line."""
        app = Stage(table(3))
        async with app.play(SIZE) as pilot:
            before = screen_styles(app)
            app.theme = theme
            await pilot.pause()
            assert before != screen_styles(app)

    async def test_no_colour(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without colour the cursor and the marks are still to be seen."""
        monkeypatch.setenv("NO_COLOR", "1")
        app = Stage(table(2))
        async with app.play(SIZE) as pilot:
            await press(pilot, "space")
            assert "▌✓ k0" in screen_text(app)


class TestCursor:
    """Where the cursor goes."""

    @pytest.mark.parametrize(
        ("expected", "keys"),
        [
            ("k2", "j j"),
            ("k1", "down down up"),
            ("k0", "k"),
            ("k99", "G"),
            ("k0", "G g"),
            ("k99", "end j"),
            ("k0", "end home"),
            ("k7", "pagedown"),
            ("k0", "pagedown pageup"),
            ("k3", "ctrl+d"),
            ("k3", "ctrl+d ctrl+d ctrl+u"),
        ],
    )
    async def test_keys(self, expected: str, keys: str) -> None:
        """The keys of vim and the arrows move it and stop at the ends."""
        shown = table(100)
        app = Stage(shown)
        async with app.play(SIZE) as pilot:
            await press(pilot, keys)
            assert shown.cursor_key == expected
            assert f"▌  {expected}" in screen_text(app)

    async def test_follows_its_key(self) -> None:
        """New rows above it and another order leave it on its row."""
        shown = table(100)
        app = Stage(shown)
        async with app.play(SIZE) as pilot:
            assert shown.move_to("k50")
            names = ["new", *(f"k{number}" for number in range(100))]
            shown.set_rows([(name, "on") for name in names], names)
            await pilot.pause()
            assert (shown.cursor_key, shown.cursor_row) == ("k50", ("k50", "on"))
            shown.set_visible(range(100, -1, -1))
            await pilot.pause()
            assert "▌  k50" in screen_text(app)

    async def test_stays_in_place_on_screen(self) -> None:
        """Rows that arrive above the window do not move what is being read."""
        shown = table(100)
        app = Stage(shown)
        async with app.play(SIZE) as pilot:
            shown.move_to("k50")
            await press(pilot, "k k")
            line = screen_text(app).splitlines().index("▌  k48" + " " * 26 + "on")
            names = ["new", *(f"k{number}" for number in range(100))]
            shown.set_rows([(name, "on") for name in names], names)
            await pilot.pause()
            assert screen_text(app).splitlines()[line].startswith("▌  k48")

    async def test_row_filtered_away(self) -> None:
        """When its row is no longer visible it stands on the row that took the place."""
        shown = table(10)
        app = Stage(shown)
        async with app.play(SIZE) as pilot:
            shown.move_to("k5")
            shown.set_visible([1, 2])
            await pilot.pause()
            assert shown.cursor_key == "k2"
            assert not shown.move_to("k5")
            shown.set_visible([])
            await pilot.pause()
            assert [shown.cursor_key, shown.cursor_row] == [None, None]

    async def test_nothing_to_do(self) -> None:
        """Keys in an empty table do nothing."""
        app = Stage(table(0))
        async with app.play(SIZE) as pilot:
            await press(pilot, "j k g G enter space v V ctrl+d")
            assert app.heard(VirtualTable.RowSelected) == []


class TestMessages:
    """What the owner hears."""

    async def test_highlight_and_select(self) -> None:
        """The cursor's row is told once a move, an opened row by its key."""
        app = Stage(table(5))
        async with app.play(SIZE) as pilot:
            await press(pilot, "j k k enter")
            assert [m.key for m in app.heard(VirtualTable.RowHighlighted)] == ["k0", "k1", "k0"]
            assert [m.key for m in app.heard(VirtualTable.RowSelected)] == ["k0"]

    async def test_clicks(self) -> None:
        """A click moves, a second click opens, a click in the gutter marks, on a title sorts."""
        shown = table(5)
        app = Stage(shown)
        async with app.play(SIZE) as pilot:
            await pilot.click(VirtualTable, offset=(6, 3))
            assert (shown.cursor_key, app.heard(VirtualTable.RowSelected)) == ("k2", [])
            await pilot.click(VirtualTable, offset=(6, 3))
            assert [m.key for m in app.heard(VirtualTable.RowSelected)] == ["k2"]
            await pilot.click(VirtualTable, offset=(1, 2))
            assert shown.marked == {"k1"}
            await pilot.click(VirtualTable, offset=(4, 0))
            await pilot.click(VirtualTable, offset=(6, 7))
            assert [m.column for m in app.heard(VirtualTable.SortRequested)] == ["name"]


class TestMarks:
    """Rows a bulk command acts on."""

    async def test_space(self) -> None:
        """Space marks and unmarks the row under the cursor."""
        shown = table(5)
        app = Stage(shown)
        async with app.play(SIZE) as pilot:
            await press(pilot, "space j space")
            assert shown.marked == {"k0", "k1"}
            await press(pilot, "space")
            assert shown.marked == {"k0"}
            assert [m.count for m in app.heard(VirtualTable.MarksChanged)] == [1, 2, 1]

    async def test_range(self) -> None:
        """A range grows and shrinks with the cursor until v or space ends it."""
        shown = table(9)
        app = Stage(shown)
        async with app.play(SIZE) as pilot:
            await press(pilot, "j v j j j k")
            assert shown.marked == {"k1", "k2", "k3"}
            await press(pilot, "v j")
            assert shown.marked == {"k1", "k2", "k3"}

    async def test_step_back(self) -> None:
        """One step back undoes the range, the next all marks, a third is for somebody else."""
        shown = table(9)
        app = Stage(shown)
        async with app.play(SIZE) as pilot:
            await press(pilot, "space j v j")
            assert shown.step_back()
            assert shown.marked == {"k0"}
            assert shown.step_back()
            assert shown.marked == set()
            assert not shown.step_back()

    async def test_all_visible(self) -> None:
        """V marks what the filter left, and takes just that away again."""
        shown = table(9)
        app = Stage(shown)
        async with app.play(SIZE) as pilot:
            shown.set_marks({"k0"})
            shown.set_visible([3, 4])
            await press(pilot, "V")
            assert shown.marked == {"k0", "k3", "k4"}
            assert shown.marked_visible == ["k3", "k4"]
            await press(pilot, "V")
            assert shown.marked == {"k0"}


class TestRows:
    """Rows that change."""

    async def test_extend(self) -> None:
        """Rows that arrive are counted and shown."""
        shown = table(2)
        app = Stage(shown)
        async with app.play(SIZE) as pilot:
            shown.extend_rows([("k2", "on")], ["k2"])
            await pilot.pause()
            assert (shown.row_count, "k2" in screen_text(app)) == (3, True)

    async def test_update(self) -> None:
        """A row that changes is painted anew, alone."""
        rendered: list[str] = []

        def render(row: Row) -> Content:
            rendered.append(row[0])
            return text.literal(row[0])

        shown: VirtualTable[Row] = VirtualTable([Column("name", "Name", render)])
        shown.set_rows([("a", ""), ("b", "")], ["1", "2"])
        app = Stage(shown)
        async with app.play(SIZE) as pilot:
            rendered.clear()
            shown.update_row("2", ("newer", ""))
            await pilot.pause()
            assert "newer" in screen_text(app)
            assert set(rendered) == {"newer"}

    async def test_repaint(self) -> None:
        """Cells that depend on the time are asked for again."""
        now = ["1 s"]
        shown: VirtualTable[Row] = VirtualTable([Column("name", "Name", lambda _: now[0])])
        shown.set_rows([("a", "")], ["1"])
        app = Stage(shown)
        async with app.play(SIZE) as pilot:
            now[0] = "2 s"
            shown.repaint()
            await pilot.pause()
            assert "2 s" in screen_text(app)

    async def test_columns(self) -> None:
        """The columns can be exchanged."""
        shown = table(2)
        app = Stage(shown)
        async with app.play(SIZE) as pilot:
            shown.set_columns(COLUMNS[1:])
            await pilot.pause()
            assert "k0" not in screen_text(app)

    async def test_rows_asked_for(self) -> None:
        """Of many rows only a sample is measured and only those in view are painted."""
        rendered: set[str] = set()

        def render(row: Row) -> str:
            rendered.add(row[0])
            return row[0]

        shown: VirtualTable[Row] = VirtualTable([Column("name", "Name", render)])
        names = [f"k{number}" for number in range(100_000)]
        shown.set_rows([(name, "") for name in names], names)
        app = Stage(shown)
        async with app.play(SIZE) as pilot:
            await press(pilot, "G")
            assert len(rendered) < 250
            assert "k99999" in screen_text(app)


async def test_frame_at_100_000_rows() -> None:
    """A jump through 100,000 rows paints in less than 33 ms at the median."""
    shown = table(100_000)
    app = Stage(shown)
    async with app.play((160, 50)) as pilot:
        await pilot.pause()
        frames = []
        for step in range(40):
            began = time.perf_counter()
            shown.move_to(f"k{step * 2_477}")
            shown.render_lines(shown.region.reset_offset)
            frames.append(time.perf_counter() - began)
        assert sorted(frames)[len(frames) // 2] < 0.033
