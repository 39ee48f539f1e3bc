"""Lines that lead somewhere: the cursor, its memory, and hostile text."""

from __future__ import annotations

from kmstui.tui.text import literal
from kmstui.tui.widgets.link_list import BLANK, Line, LinkList, heading
from tests._textual_private import screen_text
from tests.helpers.hostile import FORBIDDEN, HOSTILE
from tests.helpers.stage import Stage

LINES = (heading("One"), Line(literal("first"), "a"), BLANK, Line(literal("second"), "b"))


class TestLinkList:
    """A list of lines."""

    async def test_the_cursor_stops_only_at_lines_that_lead_somewhere(self) -> None:
        """Headings and blanks are stepped over in both directions."""
        stage = Stage(lambda: LinkList(LINES))
        async with stage.play() as pilot:
            links = stage.query_one(LinkList)
            links.focus()
            assert "a" == links.target
            await pilot.press("j")
            assert "b" == links.target
            await pilot.press("k")
            assert "a" == links.target

    async def test_enter_says_where_the_line_leads(self) -> None:
        """The message carries the target."""
        stage = Stage(lambda: LinkList(LINES))
        async with stage.play() as pilot:
            stage.query_one(LinkList).focus()
            await pilot.press("G", "enter")
            assert ["b"] == [message.target for message in stage.heard(LinkList.Opened)]

    async def test_the_cursor_stays_on_its_target_when_lines_change(self) -> None:
        """Lines written anew keep the cursor, unless it is asked for at the first."""
        stage = Stage(lambda: LinkList(LINES))
        async with stage.play() as pilot:
            links = stage.query_one(LinkList)
            links.focus()
            await pilot.press("G")
            links.set_lines([Line(literal("new"), "n"), *LINES])
            assert "b" == links.target
            links.set_lines([Line(literal("new"), "n"), *LINES], keep=False)
            assert "n" == links.target

    async def test_without_targets_there_is_none(self) -> None:
        """A list of facts alone has no cursor, and enter does nothing."""
        stage = Stage(lambda: LinkList([heading("Only words")]))
        async with stage.play() as pilot:
            links = stage.query_one(LinkList)
            links.focus()
            await pilot.press("enter")
            assert "" == links.target
            assert [] == stage.heard(LinkList.Opened)

    async def test_hostile_lines_are_text(self) -> None:
        """No line reaches the terminal as anything but text."""
        lines = [Line(literal(each), f"t{index}") for index, each in enumerate(HOSTILE)]
        stage = Stage(lambda: LinkList(lines))
        async with stage.play() as pilot:
            links = stage.query_one(LinkList)
            links.focus()
            for _ in range(len(HOSTILE) // 20 + 1):
                assert FORBIDDEN.search(screen_text(stage)) is None
                await pilot.press("pagedown")
