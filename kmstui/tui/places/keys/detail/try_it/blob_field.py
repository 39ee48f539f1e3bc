"""A value to work on, such as a ciphertext: the one made last, or one that is pasted."""

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


class PasteInput(SafeInput):
    """Takes Base64 or PEM of several lines as one."""

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.replace("".join(event.text.split()), *self.selection)


class BlobField(Vertical):
    """Shows the value in hand, and a field to paste another one into.

    Args:
        kind: What the value is.
        hint: Where to get one.
        id: Id of the widget.
    """

    DEFAULT_CSS = """
    BlobField {
        height: auto;
        width: 1fr;
        & OpaqueValue { max-height: 4; }
        & SafeInput { width: 1fr; background: $panel; &:focus { background: $row-cursor; } }
    }
    """

    class Submitted(Message):
        """Enter was pressed in the field."""

    def __init__(
        self,
        kind: OpaqueKind,
        hint: str,
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self._kind = kind
        self._hint = hint
        self._blob = b""

    def compose(self) -> ComposeResult:
        """Lay out the value and the field."""
        yield OpaqueValue(self._kind)
        yield PasteInput(placeholder="paste another, in Base64", compact=True)

    @property
    def has_blob(self) -> bool:
        """Whether there is a value in hand."""
        return bool(self._blob)

    @property
    def input(self) -> SafeInput:
        """The field to paste into."""
        return self.query_one(SafeInput)

    def set_blob(self, blob: bytes) -> None:
        """Take a value in hand."""
        self._blob = blob
        self.query_one(OpaqueValue).set_value(to_base64(blob), len(blob))
        self.input.clear()

    def blob(self) -> bytes:
        """Return the value that was pasted, or the one in hand.

        Raises:
            UsageError: There is none, or what was pasted is not Base64.
        """
        typed = self.input.value
        if typed.strip():
            self.set_blob(from_base64(typed))
        if not self._blob:
            raise UsageError(f"There is no {self._kind.label}.", hint=self._hint)
        return self._blob

    def wipe(self) -> None:
        """Drop what was pasted; a value in hand is no secret and stays."""
        self.input.clear()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted())
