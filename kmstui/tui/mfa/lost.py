"""The recovery codes of MFA, shown once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from kmstui.tui import text
from kmstui.tui.chrome.hints import hints
from kmstui.tui.modal import Modal
from kmstui.tui.widgets.opaque_value import OpaqueKind, OpaqueValue

_COLUMN_GAP = "    "


def two_columns(codes: Sequence[str]) -> str:
    """Write codes in two columns, read downwards."""
    half = -(-len(codes) // 2)
    left, right = codes[:half], [*codes[half:], *[""] * (2 * half - len(codes))]
    pairs = zip(left, right, strict=True)
    return "\n".join(f"{one}{_COLUMN_GAP}{other}".rstrip() for one, other in pairs)


class LostCodesScreen(Modal[None]):
    """Shows the recovery codes; enter says that they are written down.

    Args:
        codes: The codes.
    """

    CSS_PATH = Path(__file__).with_name("mfa.tcss")
    AUTO_FOCUS = "OpaqueValue"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "next", show=False, priority=True),
        Binding("escape", "stay", show=False),
    ]

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__()
        self._codes = two_columns(codes)
        self._characters = sum(map(len, codes))

    def compose(self) -> ComposeResult:
        """Lay out what the codes are for, and the codes."""
        with Vertical(id="sheet"):
            yield Static(text.literal("Keep the MFA recovery codes."), id="title")
            yield Static(
                text.literal(
                    "Each works once, instead of a code of your device: when it is lost, broken, "
                    "or locked. They are shown this once. Write them down, away from this machine "
                    "and from the device.",
                    "$muted",
                ),
                classes="paragraph",
            )
            yield OpaqueValue(
                OpaqueKind.MFA_RECOVERY_CODES, self._codes, size=self._characters, id="codes"
            )
            yield Static(text.literal(""), id="complaint")
            yield Static(hints(("enter", "I have written them down")), id="keys")

    def on_mount(self) -> None:
        """Show the codes."""
        self.query_one(OpaqueValue).reveal()

    def conceal(self) -> None:
        """Drop the codes when the console locks."""
        self.query_one(OpaqueValue).clear()
        self.query_one("#complaint", Static).update(
            text.literal("The console was locked. Settings, MFA devices makes new codes.", "$warn")
        )

    def action_stay(self) -> None:
        """Say that leaving takes enter, on purpose."""
        self.query_one("#complaint", Static).update(
            text.literal("They are never shown again. Enter once you have them.", "$warn")
        )

    def action_next(self) -> None:
        """Leave; if the codes have hidden meanwhile, show them first."""
        value = self.query_one(OpaqueValue)
        if value.has_value and not value.readable:
            value.reveal()
            return
        self.dismiss(None)
