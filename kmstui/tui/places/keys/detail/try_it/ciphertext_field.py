"""A ciphertext to work on: the one made last, or one that is pasted."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from kmstui.core.errors import UsageError
from kmstui.tui.places.keys.detail.try_it.blobs import from_base64, to_base64
from kmstui.tui.widgets.opaque_value import OpaqueKind, OpaqueValue
from kmstui.tui.widgets.safe_input import SafeInput


class _Paste(SafeInput):
    """Takes Base64 of several lines as one."""

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.replace("".join(event.text.split()), *self.selection)


class CiphertextField(Vertical):
    """Shows the ciphertext in hand, and a field to paste another one into."""

    DEFAULT_CSS = """
    CiphertextField {
        height: auto;
        & OpaqueValue { max-height: 4; }
        & SafeInput { width: 1fr; background: $panel; &:focus { background: $row-cursor; } }
    }
    """

    class Submitted(Message):
        """Enter was pressed in the field."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._blob = b""

    def compose(self) -> ComposeResult:
        """Lay out the value and the field."""
        yield OpaqueValue(OpaqueKind.CIPHERTEXT)
        yield _Paste(placeholder="paste another, in Base64", compact=True)

    @property
    def has_blob(self) -> bool:
        """Whether there is a ciphertext in hand."""
        return bool(self._blob)

    def set_blob(self, blob: bytes) -> None:
        """Take a ciphertext in hand."""
        self._blob = blob
        self.query_one(OpaqueValue).set_value(to_base64(blob), len(blob))
        self.query_one(SafeInput).clear()

    def blob(self) -> bytes:
        """Return the ciphertext that was pasted, or the one in hand.

        Raises:
            UsageError: There is none, or what was pasted is not Base64.
        """
        typed = self.query_one(SafeInput).value
        if typed.strip():
            self.set_blob(from_base64(typed))
        if not self._blob:
            raise UsageError(
                "There is no ciphertext.", hint="Paste one in Base64, or encrypt something first."
            )
        return self._blob

    def focus_input(self) -> None:
        """Put the cursor into the field."""
        self.query_one(SafeInput).focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted())
