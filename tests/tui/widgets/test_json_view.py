"""The read-only view of JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from kmstui.tui import text
from kmstui.tui.json_colour import json_lines, pretty
from kmstui.tui.widgets.json_view import JsonView
from tests._textual_private import screen_styles, screen_text
from tests.helpers.hostile import FORBIDDEN, HOSTILE
from tests.helpers.stage import Stage

POLICY = '{"Statement":[{"Effect":"Allow","Age":300,"On":true}]}'


def _stands_alone(character: str) -> bool:
    """Leave out marks, which are written out where a token begins, and what the lexer drops."""
    return character == "\n" or (character != "\r" and cell_len(character) > 0)


def _readings(source: str) -> set[str]:
    """Return how a text may read: whole, and without a last line break."""
    shown = text.visible(source.replace("\n", "\ue000")).replace(r"\u{E000}", "\n")
    return {shown, shown.removesuffix("\n")}


class TestColour:
    """JSON as coloured lines."""

    @given(st.text(st.characters(exclude_categories=["Cs"]).filter(_stands_alone)))
    def test_no_character_changes(self, source: str) -> None:
        """Whatever the text, the lines read as it does."""
        shown = "\n".join(line.plain for line in json_lines(source))
        assert shown in _readings(source)

    def test_roles(self) -> None:
        """Keys, strings, numbers, literals and punctuation have their roles."""
        (line,) = json_lines('{"a": ["b", 1, null]}')
        styles = {line.plain[span.start : span.end]: span.style for span in line.spans}
        assert styles['"a"'] == "$json-key"
        assert styles['"b"'] == "$json-string"
        assert styles["1"] == "$json-number"
        assert styles["null"] == "$json-literal"
        assert "$json-punctuation" in styles.values()

    def test_pretty(self) -> None:
        """A document on one line is laid out; one on several, or no JSON, stays."""
        assert json.loads(pretty(POLICY)) == json.loads(POLICY)
        assert pretty(POLICY).count("\n") == 8
        for source in ('{\n"a":1}', "{not json", '{"a":1,"a":2}', ""):
            assert pretty(source) == source


class TestView:
    """The widget."""

    async def test_golden(self) -> None:
        """Lines are numbered."""
        app = Stage(JsonView(POLICY))
        async with app.play((40, 10)):
            assert screen_text(app).splitlines()[:5] == [
                "1  {",
                '2    "Statement": [',
                "3      {",
                '4        "Effect": "Allow",',
                '5        "Age": 300,',
            ]

    async def test_empty(self) -> None:
        """No document says so."""
        app = Stage(JsonView(empty=text.literal("No policy")))
        async with app.play((40, 10)):
            assert screen_text(app).strip() == "No policy"

    async def test_scrolling(self) -> None:
        """The keys of vim reach both ends and both sides."""
        view = JsonView(json.dumps({f"key{n}": "x" * 60 for n in range(50)}))
        app = Stage(view)
        async with app.play((40, 10)) as pilot:
            await pilot.press("tab", "G")
            assert "52  }" in screen_text(app)
            await pilot.press("ctrl+u", "g", "l", "ctrl+d")
            assert view.scroll_offset.y > 0

    async def test_marked_lines(self) -> None:
        """Lines that decided something are set off and brought into view."""
        view = JsonView(json.dumps(list(range(100))))
        app = Stage(view)
        async with app.play((40, 10)) as pilot:
            before = screen_styles(app)
            view.mark_lines(60, 61)
            await pilot.pause()
            assert "60    58," in screen_text(app)
            assert before != screen_styles(app)

    async def test_another_document(self) -> None:
        """Another document is shown from its top and can be copied as it was given."""
        view = JsonView(json.dumps(list(range(100))))
        app = Stage(view)
        async with app.play((40, 10)) as pilot:
            await pilot.press("tab", "G")
            view.set_source(POLICY)
            await pilot.pause()
            assert screen_text(app).startswith("1  {")
            assert (view.source, view.line_count) == (POLICY, 9)

    @pytest.mark.parametrize("source", HOSTILE)
    async def test_hostile(self, source: str) -> None:
        """Any string is shown without harm, as JSON and as a string in JSON."""
        app = Stage(JsonView(source), JsonView(json.dumps({source: source}, ensure_ascii=False)))
        async with app.play((40, 10)):
            assert FORBIDDEN.search(screen_text(app)) is None
