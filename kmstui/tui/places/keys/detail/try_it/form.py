"""What the forms of Try-it have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from textual import on
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from kmstui.core.errors import UsageError
from kmstui.engine.key_kinds import KeyKind
from kmstui.tui import text
from kmstui.tui.text import Content

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

Request = tuple[str, dict[str, Any]]


def labelled(label: str, *widgets: Widget) -> Horizontal:
    """Put widgets beside a label."""
    return Horizontal(Static(text.literal(label, "$muted"), classes="label"), *widgets)


class Form(Vertical):
    """The fields of one mode.

    Args:
        kind: What the key is.
    """

    DEFAULT_CSS = """
    Form {
        height: auto;
        & .note { width: 1fr; height: auto; max-width: 90; }
    }
    """
    KEEPS = False
    """Whether what was typed stays after the call, because it is no secret."""

    class Submitted(Message):
        """Enter was pressed in a field."""

    def __init__(self, kind: KeyKind) -> None:
        super().__init__()
        self.kind = kind

    @property
    def uses_context(self) -> bool:
        """Whether the encryption context belongs to the call."""
        return False

    @property
    def console(self) -> KmsApp:
        """The application, by its own type."""
        return cast("KmsApp", self.app)

    async def request(self, key_id: str) -> Request:
        """Return the operation and its members, but for context and DryRun.

        Raises:
            UsageError: A field is empty or cannot be read.
            KmsError: A call that has to come first was refused.
        """
        raise NotImplementedError

    async def verdict(self, answer: dict[str, Any]) -> Content | None:
        """Say what an answer means beside the values in it."""
        del answer
        return None

    def entry(self) -> Widget | None:
        """Return the field to start in, if there is one."""
        return None

    @property
    def takes_file(self) -> str:
        """What a file is used as; empty if none is."""
        return ""

    async def take_file(self, path: str) -> None:
        """Use a file instead of what is typed.

        Raises:
            UsageError: It cannot be used.
        """
        del path
        raise UsageError("No file is used here.")

    def set_masked(self, masked: bool) -> None:
        """Hide or show what is typed."""

    def stop(self) -> bool:
        """Stop what goes on before the call; tell whether something did."""
        return False

    def wipe(self) -> None:
        """Drop what was typed."""

    @property
    def secret(self) -> bool:
        """Whether a plaintext stands in a field."""
        return False

    async def ask(
        self, operation: str, /, *, about: str = "", **members: object
    ) -> dict[str, Any]:
        """Make a call that has to come first; the echo lists it.

        Raises:
            KmsError: It was refused.
        """
        outcome, answer = await self.console.attempt(operation, members, about=about)
        if outcome.error is not None or answer is None:
            raise outcome.error or UsageError("The console is locked.")
        return answer

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted())
