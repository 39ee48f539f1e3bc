"""The only place that touches what Textual keeps to itself.

An upgrade of Textual that moves one of these names breaks this file and the canary in
``tests/tui/test_textual_private.py``, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rich.console import RenderableType
from textual import _wait, screen
from textual._compositor import CompositorUpdate
from textual.app import App
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, TextArea

from kmstui.tui import FRAMES_PER_SECOND

GRANULARITY = 0.004
"""Seconds between two looks at whether the app is idle; Textual's 20 ms cost 60 ms a key."""

IDLE = 0.001
"""CPU seconds an idle app may use between two looks."""

_parse_rules = Stylesheet._parse_rules
_parsed: dict[tuple[object, ...], list[RuleSet]] = {}


def quicken_pilot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a pilot look for idleness more often, which makes a key five times as quick."""
    monkeypatch.setattr(_wait, "SLEEP_GRANULARITY", GRANULARITY)
    monkeypatch.setattr(_wait, "SLEEP_IDLE", IDLE)


def share_stylesheets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parse each style sheet once for all apps of a run, and look its rules up quickly."""
    monkeypatch.setattr(Stylesheet, "_parse_rules", _parse_once)
    # Textual's says the same in Python, some hundred times for each widget that is styled.
    monkeypatch.setattr(RuleSet, "__hash__", object.__hash__)


def _parse_once(sheet: Stylesheet, css: str, **source: Any) -> list[RuleSet]:
    """Return the rules of a source, which depend on it and on the values of variables alone."""
    key = (css, *source.values(), frozenset(sheet._variables.items()))
    if key not in _parsed:
        _parsed[key] = _parse_rules(sheet, css, **source)
    return _parsed[key]


def paint_as_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paint as often as the program does; the tests' plugins import Textual before it can ask."""
    monkeypatch.setattr(screen, "UPDATE_PERIOD", 1 / FRAMES_PER_SECOND)


def freeze_cursors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the cursors of inputs and text areas from blinking."""
    monkeypatch.setattr(Input, "_toggle_cursor", _stand_still)
    monkeypatch.setattr(TextArea, "_toggle_cursor_blink_visible", _stand_still)


def screen_text(app: App[Any]) -> str:
    """Return what the current screen shows, line by line, without trailing spaces.

    This is the golden of a screen: a few kilobytes that a reviewer can read.
    """
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)


def widget_text(widget: Widget) -> str:
    """Return what one widget shows, line by line, without trailing spaces."""
    lines = widget.render_lines(widget.region.reset_offset)
    return "\n".join(strip.text.rstrip() for strip in lines)


def screen_styles(app: App[Any]) -> list[list[tuple[str, str]]]:
    """Return each line as runs of (text, style), for tests of what a colour means."""
    return [
        [(segment.text, str(segment.style)) for segment in strip]
        for strip in app.screen._compositor.render_strips()
    ]


def watch_frames(app: App[Any], painted: Callable[[], None]) -> None:
    """Call a function after each frame, once its bytes are made as for a real terminal."""
    display = app._display

    def paint(screen: Screen[Any], renderable: RenderableType | None) -> None:
        display(screen, renderable)
        if isinstance(renderable, CompositorUpdate):
            renderable.render_segments(app.console)
            painted()

    app._display = paint  # type: ignore[method-assign]


def _stand_still(_: object) -> None:
    return None
