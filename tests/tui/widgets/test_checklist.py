"""A checklist: keys, columns, clicks."""

from __future__ import annotations

from textual.app import App, ComposeResult

from kmstui.tui.widgets.checklist import Checklist


class Listing(App[None]):
    """A checklist alone."""

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield Checklist(["alpha", "beta", "gamma", "delta", "eta"], ["beta"])


async def test_keys_move_and_tick() -> None:
    """Arrows go down and across, space ticks; what is ticked is in the items' order."""
    app = Listing()
    async with app.run_test(size=(60, 10)) as pilot:
        listing = app.query_one(Checklist)
        listing.focus()
        await pilot.press("right", "space", "up", "space")
        assert ["beta", "gamma", "delta"] == listing.chosen
        await pilot.press("space")
        assert ["beta", "delta"] == listing.chosen


async def test_columns_give_way() -> None:
    """Where two columns do not fit there is one."""
    app = Listing()
    async with app.run_test(size=(60, 10)) as pilot:
        await pilot.pause()
        assert 3 == app.query_one(Checklist).size.height
        await pilot.resize_terminal(15, 10)
        await pilot.pause()
        assert 5 == app.query_one(Checklist).size.height


async def test_a_click_ticks() -> None:
    """A click ticks the item under the pointer."""
    app = Listing()
    async with app.run_test(size=(60, 10)) as pilot:
        await pilot.click(Checklist, offset=(2, 2))
        assert ["beta", "gamma"] == app.query_one(Checklist).chosen
