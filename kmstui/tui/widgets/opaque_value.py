"""Values drawn from the system's randomness, and plaintext that must not stay on the screen.

Such values differ on every run. Everything that shows one uses this widget, so that setting
``opaque_placeholder`` on the application makes every screen come out the same: a value is then
named by what it is and how long it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from kmstui.tui import text
from kmstui.tui.text import Content

REVEAL_SECONDS = 30.0
"""How long a secret stays readable after it was revealed."""


class OpaqueKind(Enum):
    """What a value is: its name, whether it is a secret, whether it is random."""

    CIPHERTEXT = ("ciphertext", False, True)
    ENCRYPTED_DATA_KEY = ("encrypted data key", False, True)
    GRANT_TOKEN = ("grant token", False, True)
    IMPORT_TOKEN = ("import token", False, True)
    DATA_KEY = ("plaintext data key", True, True)
    PLAINTEXT = ("plaintext", True, False)
    SIGNATURE = ("signature", False, True)
    MAC = ("MAC", False, True)
    PUBLIC_KEY = ("public key", False, True)
    FINGERPRINT = ("fingerprint", False, True)
    PRIVATE_KEY = ("plaintext private key", True, True)
    ENCRYPTED_PRIVATE_KEY = ("encrypted private key", False, True)
    SHARED_SECRET = ("shared secret", True, True)
    ENCAPSULATED_SECRET = ("encapsulated secret", False, True)
    RANDOM_BYTES = ("random bytes", True, True)
    RECOVERY_CODE = ("recovery code", True, True)
    MFA_SECRET = ("MFA secret", False, True)
    MFA_RECOVERY_CODES = ("MFA recovery codes", True, True)
    SECRET_ACCESS_KEY = ("secret access key", True, True)

    def __init__(self, label: str, secret: bool, random: bool) -> None:
        self.label = label
        self.secret = secret
        self.random = random


class OpaqueValue(Widget, can_focus=True):
    """Shows one value; a secret one is masked until it is revealed, and then for 30 seconds.

    A revealed secret hides again when the time is over, when the widget or the terminal loses
    focus, and when :func:`hide_all` is called for a lock. The value is dropped on unmount.

    Args:
        kind: What the value is.
        value: The text to show and copy, usually Base64.
        size: Bytes the value has, which is not the length of its text.
        id: Id of the widget.
        classes: Classes of the widget.
    """

    DEFAULT_CSS = """
    OpaqueValue {
        height: auto;
        padding: 0 1;
        background: $panel;
        color: $foreground;
        &:focus { background: $row-cursor; }
        &:ansi:focus { text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "toggle_reveal", "Reveal or hide", show=False),
        Binding("y", "copy", "Copy", show=False),
    ]

    revealed: reactive[bool] = reactive(default=False, layout=True)
    """Whether a secret value is readable now; a value that is no secret always is."""

    class CopyRequested(Message):
        """The person wants the value on the clipboard.

        The message carries no value: what leaves the widget is for the application to decide.

        Attributes:
            widget: Where :meth:`OpaqueValue.value_to_copy` is asked for.
        """

        def __init__(self, widget: OpaqueValue) -> None:
            super().__init__()
            self.widget = widget

        @property
        def control(self) -> OpaqueValue:
            """The widget, for Textual's selectors."""
            return self.widget

    def __init__(
        self,
        kind: OpaqueKind,
        value: str = "",
        *,
        size: int = 0,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.kind = kind
        self._value = value
        self._bytes = size
        self._timer: Timer | None = None

    @property
    def has_value(self) -> bool:
        """Whether there is a value."""
        return bool(self._value)

    @property
    def readable(self) -> bool:
        """Whether the value itself is on the screen."""
        return self.has_value and (self.revealed or not self.kind.secret)

    def set_value(self, value: str, size: int) -> None:
        """Show another value; a secret one starts hidden."""
        self.hide()
        self._value, self._bytes = value, size
        self.refresh(layout=True)

    def clear(self) -> None:
        """Drop the value."""
        self.set_value("", 0)

    def reveal(self) -> None:
        """Make a secret readable for :data:`REVEAL_SECONDS`."""
        if self.kind.secret and self.has_value:
            self._stop_timer()
            self.focus()
            self.revealed = True
            self._timer = self.set_timer(REVEAL_SECONDS, self.hide)

    def hide(self) -> None:
        """Mask a secret again."""
        self._stop_timer()
        self.revealed = False

    def value_to_copy(self) -> str:
        """Return the value for the clipboard; the caller has asked if it is a secret."""
        return self._value

    def render(self) -> Content:
        """Show the value, its mask or its placeholder, and what can be done."""
        if not self.has_value:
            return text.template("[$muted]no $what yet[/]", what=self.kind.label)
        if not self.readable:
            return text.template(
                "$mask  [$muted]$about · enter shows it for $seconds s[/]",
                mask=text.mask(self._value),
                about=self._about(),
                seconds=int(REVEAL_SECONDS),
            )
        if not self.kind.secret:
            return self._shown()
        hint = text.template(
            "[$muted]$about · hides after $seconds s or when you leave[/]",
            about=self._about(),
            seconds=int(REVEAL_SECONDS),
        )
        return text.lines(self._shown(), hint)

    def on_blur(self) -> None:
        """Hide a secret when the focus goes elsewhere or the terminal loses it."""
        self.hide()

    def on_unmount(self) -> None:
        """Drop the value."""
        self._stop_timer()
        self._value = ""

    def action_toggle_reveal(self) -> None:
        """Reveal the secret, or hide it."""
        if self.revealed:
            self.hide()
        else:
            self.reveal()

    def action_copy(self) -> None:
        """Ask the application to copy the value."""
        if self.has_value:
            self.post_message(self.CopyRequested(self))

    def _about(self) -> str:
        return f"{self.kind.label}, {self._bytes:,} byte{'' if self._bytes == 1 else 's'}"

    def _shown(self) -> Content:
        if self.kind.random and getattr(self.app, "opaque_placeholder", False):
            return text.literal(f"<{self._about()}>")
        return text.literal(self._value, newlines=True)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None


def hide_all(screens: Iterable[Screen[object]]) -> None:
    """Hide every revealed secret on these screens, for a lock."""
    for screen in screens:
        for widget in screen.query(OpaqueValue):
            widget.hide()


def any_revealed(screens: Iterable[Screen[object]]) -> bool:
    """Tell whether a secret can be read on one of these screens, so no screenshot may be made."""
    return any(widget.revealed for screen in screens for widget in screen.query(OpaqueValue))
