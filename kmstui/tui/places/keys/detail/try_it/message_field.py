"""A text that is typed, or a file that takes its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from kmstui.core.errors import UsageError
from kmstui.tui import text
from kmstui.tui.user_files import read_file, size_of
from kmstui.tui.widgets.safe_input import SafeInput

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp


@dataclass(frozen=True, slots=True)
class LongFile:
    """A file that is too long to be sent whole.

    Attributes:
        path: As it was typed.
        size: Its bytes.
    """

    path: str
    size: int


class MessageField(Horizontal):
    """Asks for bytes: typed as text, or those of a file.

    Args:
        placeholder: What stands in the empty field.
        limit: Bytes that can be sent.
        hint: What to do with more.
        hashed: Whether a longer file will do, since it is hashed.
    """

    DEFAULT_CSS = """
    MessageField {
        height: auto;
        width: 1fr;
        & .length { width: auto; }
    }
    """

    class Changed(Message):
        """It holds something else."""

    def __init__(
        self, placeholder: str, limit: int, *, hint: str = "", hashed: bool = False
    ) -> None:
        super().__init__()
        self._placeholder = placeholder
        self._hint = hint
        self._hashed = hashed
        self._file: tuple[str, bytes | LongFile] | None = None
        self.limit = limit

    def compose(self) -> ComposeResult:
        """Lay out the field and the length."""
        yield SafeInput(placeholder=self._placeholder, compact=True)
        yield Static(classes="length")

    @property
    def input(self) -> SafeInput:
        """The field."""
        return self.query_one(SafeInput)

    @property
    def readable(self) -> bool:
        """Whether what is typed can be read on the screen."""
        return bool(self.input.value) and not self.input.password

    @property
    def source(self) -> bytes | LongFile:
        """What was typed, or what the file holds; empty for nothing."""
        # A masked field keeps what it was given, lone surrogates included.
        typed = text.without_hidden(self.input.value).encode()
        if typed or self._file is None:
            return typed
        return self._file[1]

    def set_masked(self, masked: bool) -> None:
        """Hide or show what is typed."""
        value = self.input.value
        self.input.password = masked
        if not masked:
            self.input.value = text.without_hidden(value)

    def set_limit(self, limit: int) -> None:
        """Count against another limit."""
        self.limit = limit
        self._count()

    async def take_file(self, path: str) -> None:
        """Use a file instead of what is typed.

        Raises:
            UsageError: It cannot be read, is empty, or too long.
        """
        run = cast("KmsApp", self.app).caller.run
        size = await run(size_of, path)
        if size > self.limit and self._hashed:
            held: bytes | LongFile = LongFile(path, size)
        else:
            held = await run(read_file, path, self.limit, self._hint)
        self.hold((path, held))

    def hold(self, file: tuple[str, bytes | LongFile] | None) -> None:
        """Hold a file that was read, or none."""
        if file is not None:
            self.input.clear()
        self._file = file
        self.input.placeholder = self._placeholder
        if file is not None:
            name = text.visible(file[0].rpartition("/")[2])
            size = file[1].size if isinstance(file[1], LongFile) else len(file[1])
            self.input.placeholder = f"{name}, {size:,} bytes; typing replaces it"
        self.post_message(self.Changed())

    def copy_from(self, other: MessageField) -> None:
        """Hold what another field holds."""
        self.hold(other._file)
        self.input.value = other.input.value

    def sendable(self) -> bytes:
        """Return what can be sent whole.

        Raises:
            UsageError: There is nothing, or too much.
        """
        source = self.source
        if not source:
            raise UsageError("There is nothing to send.", hint="Type something, or f uses a file.")
        size = source.size if isinstance(source, LongFile) else len(source)
        if isinstance(source, LongFile) or size > self.limit:
            raise UsageError(
                f"{size:,} bytes: at most {self.limit:,} can be sent.", hint=self._hint
            )
        return source

    def wipe(self) -> None:
        """Drop it."""
        self.input.clear()
        self.hold(None)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value and self._file is not None:
            self.hold(None)
        self._count()
        self.post_message(self.Changed())

    def _count(self) -> None:
        count = len(self.input.value.encode("utf-8", "replace"))
        style = "$danger" if count > self.limit else "$muted"
        said = f"  {count:,} of {self.limit:,} bytes" if count else ""
        self.query_one(".length", Static).update(text.literal(said, style))
