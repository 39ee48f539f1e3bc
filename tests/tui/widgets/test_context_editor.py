"""The editor for encryption contexts."""

from __future__ import annotations

import pytest
from textual import events

from kmstui.tui.widgets.context_editor import ContextEditor
from kmstui.tui.widgets.safe_input import SafeInput
from tests._textual_private import screen_text
from tests.helpers.hostile import FORBIDDEN, HOSTILE
from tests.helpers.stage import Stage

SIZE = (60, 12)


def problem(editor: ContextEditor) -> str:
    """Return the problem as text."""
    return "" if editor.problem is None else editor.problem.plain


async def test_typing() -> None:
    """Key, enter, value, enter: pairs come one after another without leaving the keys."""
    editor = ContextEditor()
    app = Stage(editor)
    async with app.play(SIZE) as pilot:
        editor.focus_first()
        await pilot.press("a", "enter", "1", "enter", "b", "enter", "2")
        assert editor.context == {"a": "1", "b": "2"}
        assert (editor.byte_count, problem(editor)) == (4, "")
        assert "4 of 4,096 bytes" in screen_text(app)
        assert app.heard(ContextEditor.Changed)


async def test_submit() -> None:
    """Enter on the empty last pair says that the person is done."""
    editor = ContextEditor({"a": "1"})
    app = Stage(editor)
    async with app.play(SIZE) as pilot:
        editor.focus_first()
        await pilot.press("enter", "enter")
        assert app.heard(ContextEditor.Submitted) == []
        await pilot.press("enter")
        assert len(app.heard(ContextEditor.Submitted)) == 1


async def test_moving() -> None:
    """Up and down move between pairs in the same column and stop at the ends."""
    editor = ContextEditor({"a": "1", "b": "2"})
    app = Stage(editor)
    async with app.play(SIZE) as pilot:
        editor.focus_first()
        await pilot.press("up", "enter", "down", "x", "up", "y")
        assert editor.context == {"a": "1y", "b": "2x"}


async def test_removing() -> None:
    """Backspace goes back to the key, then removes the empty pair."""
    editor = ContextEditor({"a": "1", "b": "2"})
    app = Stage(editor)
    async with app.play(SIZE) as pilot:
        editor.focus_first()
        await pilot.press("enter", "backspace", "backspace", "backspace", "backspace")
        assert editor.context == {"b": "2"}
        await pilot.press("x")
        assert editor.context == {"b": "2x"}


async def test_last_pair_stays() -> None:
    """The only pair is not removed."""
    editor = ContextEditor()
    app = Stage(editor)
    async with app.play(SIZE) as pilot:
        editor.focus_first()
        await pilot.press("backspace", "a")
        assert editor.context == {"a": ""}


@pytest.mark.parametrize(
    ("expected", "keys"),
    [
        ("The key a stands there twice.", ("down", "a")),
        ("A value has no key.", ("backspace",)),
    ],
)
async def test_problems(expected: str, keys: tuple[str, ...]) -> None:
    """What keeps a context from being used is told while typing."""
    editor = ContextEditor({"a": "1"})
    app = Stage(editor)
    async with app.play(SIZE) as pilot:
        editor.focus_first()
        await pilot.press(*keys)
        assert problem(editor) == expected
        assert expected in screen_text(app)


async def test_too_long() -> None:
    """A context over 4,096 bytes is a problem, and says by how much; bytes count, not letters."""
    editor = ContextEditor({"k": "é" * 2_047 + "x"})
    app = Stage(editor)
    async with app.play(SIZE) as pilot:
        assert (editor.byte_count, problem(editor)) == (4_096, "")
        editor.focus_first()
        await pilot.press("end", "x", "y")
        assert problem(editor) == "2 bytes too long."


class TestPaste:
    """JSON from the clipboard."""

    async def paste(self, source: str) -> tuple[ContextEditor, str]:
        """Paste into an editor that has a pair, and return it with the screen."""
        editor = ContextEditor({"old": "pair"})
        app = Stage(editor)
        async with app.play(SIZE) as pilot:
            editor.focus_first()
            await pilot.pause()
            assert app.focused is not None
            app.focused.post_message(events.Paste(source))
            await pilot.pause()
            await pilot.pause()
            return editor, problem(editor) + "|" + repr(editor.context)

    async def test_object(self) -> None:
        """An object replaces all pairs; whole numbers become strings, as AWS takes them."""
        _, shown = await self.paste('\n{"tenant": "acme", "n": 7}\n')
        assert shown == "|{'tenant': 'acme', 'n': '7'}"

    async def test_plain_text(self) -> None:
        """Other text goes into the field."""
        _, shown = await self.paste("er")
        assert shown == "|{'older': 'pair'}"

    @pytest.mark.parametrize(
        ("message", "source"),
        [
            ("That is not JSON", '{"a": '),
            ("That is not JSON", '{"a": "1", "a": "2"}'),
            ("The value of a is no string", '{"a": {"b": "c"}}'),
            ("The value of a is no string", '{"a": true}'),
            ("The value of a is no string", '{"a": 1.5}'),
            ("cannot be shown here", '{"a": "\\u202e"}'),
        ],
    )
    async def test_refused(self, message: str, source: str) -> None:
        """What is no context leaves the pairs as they are and says why."""
        _, shown = await self.paste(source)
        assert message in shown
        assert "{'old': 'pair'}" in shown


@pytest.mark.parametrize("source", HOSTILE)
async def test_hostile(source: str) -> None:
    """Any pasted string leaves the screen unharmed."""
    editor = ContextEditor()
    app = Stage(editor)
    async with app.play(SIZE) as pilot:
        editor.focus_first()
        await pilot.pause()
        assert app.focused is not None
        app.focused.post_message(events.Paste(source))
        await pilot.pause()
        assert FORBIDDEN.search(screen_text(app)) is None


@pytest.mark.parametrize("source", HOSTILE)
async def test_safe_input(source: str) -> None:
    """An input drops what a terminal would obey; a password keeps every character."""
    app = Stage(lambda: SafeInput(source), lambda: SafeInput(source, password=True))
    async with app.play(SIZE):
        plain, password = app.query(SafeInput)
        assert FORBIDDEN.search(plain.value) is None
        assert password.value == source
        assert FORBIDDEN.search(screen_text(app)) is None
