"""The private names of Textual that the tests lean on."""

from __future__ import annotations

import inspect

from textual import _wait
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.widgets import Input, Static, TextArea

from kmstui.tui import text
from tests._textual_private import GRANULARITY, screen_styles, screen_text, widget_text
from tests.helpers.stage import Stage


def test_names() -> None:
    """Textual still has the names that the helper replaces."""
    assert {"SLEEP_GRANULARITY", "SLEEP_IDLE"} <= set(vars(_wait))
    assert "SLEEP_GRANULARITY" in inspect.getsource(_wait.wait_for_idle)
    assert "_variables" in vars(Stylesheet())
    assert RuleSet.__hash__ is object.__hash__
    assert "self._parse_rules(" in inspect.getsource(Stylesheet.parse)
    assert callable(Input._toggle_cursor)
    assert callable(TextArea._toggle_cursor_blink_visible)


async def test_each_app_has_the_colours_of_its_theme() -> None:
    """Apps share what is parsed, and yet each is painted in its own theme."""
    painted = []
    for theme in ("kmstui-dark", "kmstui-light", "kmstui-dark"):
        app = Stage(Static(text.literal("one")), theme=theme)
        async with app.play((30, 3)):
            painted.append(screen_styles(app))
    assert painted[0] == painted[2] != painted[1]


def test_pilot_is_quick() -> None:
    """The fixture of this directory has taken effect."""
    assert _wait.SLEEP_GRANULARITY == GRANULARITY


async def test_screen_text() -> None:
    """The text of a screen is what is painted, without trailing spaces."""
    app = Stage(Static(text.literal("one [b]two[/b]"), id="shown"))
    async with app.play((30, 3)):
        assert screen_text(app) == "one [b]two[/b]\n\n"
        assert widget_text(app.query_one("#shown")) == "one [b]two[/b]"
        assert screen_styles(app)[0][0][0].startswith("one")


async def test_cursor_stands_still() -> None:
    """A focused input paints the same before and after its cursor would have blinked."""
    app = Stage(lambda: Input("value"))
    async with app.play((30, 3)) as pilot:
        app.query_one(Input).focus()
        await pilot.pause()
        before = screen_styles(app)
        app.query_one(Input)._toggle_cursor()
        await pilot.pause()
        assert before == screen_styles(app)
