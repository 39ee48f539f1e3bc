"""Values that differ on every run, and plaintext."""

from __future__ import annotations

import pytest
from textual.widgets import Button

from kmstui.tui import text
from kmstui.tui.widgets import opaque_value
from kmstui.tui.widgets.opaque_value import (
    REVEAL_SECONDS,
    OpaqueKind,
    OpaqueValue,
    any_revealed,
    hide_all,
)
from tests._textual_private import screen_text
from tests.helpers.hostile import FORBIDDEN, HOSTILE
from tests.helpers.stage import Stage

CANARY = "canary-plaintext"
SIZE = (60, 8)


def secret() -> OpaqueValue:
    """Make a hidden plaintext."""
    return OpaqueValue(OpaqueKind.PLAINTEXT, CANARY, size=16)


async def test_ciphertext() -> None:
    """What is no secret is shown, over as many lines as it needs."""
    app = Stage(OpaqueValue(OpaqueKind.CIPHERTEXT, "AQID" * 40, size=120))
    async with app.play(SIZE):
        assert screen_text(app).replace("\n", "").replace(" ", "") == "AQID" * 40


@pytest.mark.parametrize("kind", OpaqueKind)
async def test_placeholder(kind: OpaqueKind) -> None:
    """With placeholders on, two different random values paint the same screen."""
    screens = []
    for value in ("one", "another"):
        widget = OpaqueValue(kind, value, size=173)
        app = Stage(widget)
        app.opaque_placeholder = True
        async with app.play(SIZE) as pilot:
            widget.reveal()
            await pilot.pause()
            screens.append(screen_text(app))
    assert (screens[0] == screens[1]) is kind.random
    assert f"<{kind.label}, 173 bytes>" in screens[0] or not kind.random


@pytest.mark.parametrize("kind", [kind for kind in OpaqueKind if kind.secret])
async def test_secrets_start_hidden(kind: OpaqueKind) -> None:
    """A secret is masked until it is revealed, and its mask does not tell its length."""
    app = Stage(OpaqueValue(kind, CANARY, size=16))
    async with app.play(SIZE) as pilot:
        assert CANARY not in screen_text(app)
        assert "••••••••" in screen_text(app)
        await pilot.press("tab", "enter")
        assert CANARY in screen_text(app)
        await pilot.press("enter")
        assert CANARY not in screen_text(app)


async def test_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """A revealed secret hides by itself."""
    monkeypatch.setattr(opaque_value, "REVEAL_SECONDS", 0.01)
    widget = secret()
    app = Stage(widget)
    async with app.play(SIZE) as pilot:
        widget.reveal()
        for _ in range(50):
            await pilot.pause()
            if not widget.revealed:
                break
        assert not widget.revealed
        assert CANARY not in screen_text(app)


def test_thirty_seconds() -> None:
    """The time is thirty seconds."""
    assert REVEAL_SECONDS == 30.0


async def test_focus_leaves() -> None:
    """A revealed secret hides when the focus goes elsewhere."""
    widget = secret()
    app = Stage(widget, Button(text.literal("Other")))
    async with app.play(SIZE) as pilot:
        widget.reveal()
        await pilot.press("tab")
        assert CANARY not in screen_text(app)


async def test_terminal_loses_focus() -> None:
    """A revealed secret hides when the terminal is no longer in front."""
    widget = secret()
    app = Stage(widget)
    async with app.play(SIZE) as pilot:
        widget.reveal()
        await pilot.pause()
        app.app_focus = False
        await pilot.pause()
        assert not widget.revealed


async def test_lock() -> None:
    """A lock hides every secret, and can tell whether one is readable."""
    widget = secret()
    app = Stage(widget)
    async with app.play(SIZE) as pilot:
        widget.reveal()
        await pilot.pause()
        assert any_revealed(app.screen_stack)
        hide_all(app.screen_stack)
        await pilot.pause()
        assert not any_revealed(app.screen_stack)
        assert CANARY not in screen_text(app)


async def test_screenshot() -> None:
    """A hidden secret is in no screenshot."""
    app = Stage(secret())
    async with app.play(SIZE):
        assert CANARY not in app.export_screenshot()


async def test_copy() -> None:
    """Copying is asked of the application, and the message carries no value."""
    widget = secret()
    app = Stage(widget)
    async with app.play(SIZE) as pilot:
        await pilot.press("tab", "y")
        (message,) = app.heard(OpaqueValue.CopyRequested)
        assert CANARY not in repr(vars(message))
        assert message.widget.value_to_copy() == CANARY


async def test_another_value() -> None:
    """Another value starts hidden, and an empty one says that there is none."""
    widget = secret()
    app = Stage(widget)
    async with app.play(SIZE) as pilot:
        widget.reveal()
        widget.set_value("other", 5)
        await pilot.pause()
        assert "other" not in screen_text(app)
        widget.clear()
        await pilot.press("enter", "y")
        assert "no plaintext yet" in screen_text(app)
        assert app.heard(OpaqueValue.CopyRequested) == []


async def test_dropped() -> None:
    """A widget that is removed no longer holds its value."""
    widget = secret()
    app = Stage(widget)
    async with app.play(SIZE):
        await widget.remove()
        assert widget.value_to_copy() == ""


@pytest.mark.parametrize("source", HOSTILE)
async def test_hostile(source: str) -> None:
    """A decrypted plaintext may be any string."""
    widget = OpaqueValue(OpaqueKind.PLAINTEXT, source, size=1)
    app = Stage(widget)
    async with app.play(SIZE) as pilot:
        widget.reveal()
        await pilot.pause()
        assert FORBIDDEN.search(screen_text(app)) is None
