"""What each mode of Try-it asks for, and the call that it makes."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from kmstui.core.errors import UsageError
from kmstui.core.limits import CIPHERTEXT_BYTES, PLAINTEXT_BYTES, RANDOM_BYTES
from kmstui.tui import text
from kmstui.tui.places.keys.detail.try_it.ciphertext_field import CiphertextField
from kmstui.tui.widgets.context_editor import ContextEditor
from kmstui.tui.widgets.pick import Pick, PickOption
from kmstui.tui.widgets.safe_input import SafeInput

Request = tuple[str, dict[str, Any]]


def labelled(label: str, *widgets: Widget) -> Horizontal:
    """Put widgets beside a label."""
    return Horizontal(Static(text.literal(label, "$muted"), classes="label"), *widgets)


class Form(Vertical):
    """The fields of one mode."""

    DEFAULT_CSS = "Form { height: auto; }"
    FILE_LIMIT = 0
    """Bytes of a file that can take a field's place; 0 for none."""

    USES_CONTEXT = True
    """Whether the encryption context above belongs to the call."""

    class Submitted(Message):
        """Enter was pressed in a field."""

    def request(self, key_id: str) -> Request:
        """Return the operation and its members, but for context and DryRun.

        Raises:
            UsageError: A field is empty or cannot be read.
        """
        raise NotImplementedError

    def entry(self) -> Widget:
        """Return the field to start in."""
        return self

    def take_file(self, name: str, data: bytes) -> None:
        """Use a file's bytes instead of what is typed."""

    def wipe(self) -> None:
        """Drop what was typed."""

    @property
    def secret(self) -> bool:
        """Whether a plaintext stands in a field."""
        return False

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted())


class EncryptForm(Form):
    """Text or a file to encrypt."""

    FILE_LIMIT = PLAINTEXT_BYTES

    def __init__(self) -> None:
        super().__init__()
        self._file: tuple[str, bytes] | None = None

    def compose(self) -> ComposeResult:
        """Lay out the plaintext and its length."""
        yield labelled(
            "Plaintext",
            SafeInput(placeholder="type what to encrypt", compact=True, id="plaintext"),
            Static(id="length"),
        )

    @property
    def _input(self) -> SafeInput:
        return self.query_one("#plaintext", SafeInput)

    @property
    def secret(self) -> bool:
        """Whether a plaintext stands in the field, readably."""
        return bool(self._input.value) and not self._input.password

    def set_masked(self, masked: bool) -> None:
        """Hide or show what is typed."""
        value = self._input.value
        self._input.password = masked
        if not masked:
            self._input.value = text.without_hidden(value)

    @on(Input.Changed, "#plaintext")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value:
            self._forget_file()
        count = len(event.value.encode("utf-8", "replace"))
        style = "$danger" if count > PLAINTEXT_BYTES else "$muted"
        said = f"  {count:,} of {PLAINTEXT_BYTES:,} bytes" if count else ""
        self.query_one("#length", Static).update(text.literal(said, style))

    def entry(self) -> Widget:
        """Start typing."""
        return self._input

    def take_file(self, name: str, data: bytes) -> None:
        """Encrypt a file instead of what is typed."""
        self._input.clear()
        self._file = (name, data)
        shown = text.visible(name.rpartition("/")[2])
        self._input.placeholder = f"{shown}, {len(data):,} bytes; typing replaces it"

    def _forget_file(self) -> None:
        self._file = None
        self._input.placeholder = "type what to encrypt"

    def request(self, key_id: str) -> Request:
        """Encrypt the text or the file."""
        # A masked field keeps what it was given, lone surrogates included.
        typed = text.without_hidden(self._input.value).encode()
        if not typed and self._file is not None:
            typed = self._file[1]
        if not typed:
            raise UsageError("There is nothing to encrypt.", hint="Type something first.")
        return "Encrypt", {"KeyId": key_id, "Plaintext": typed}

    def wipe(self) -> None:
        """Drop the plaintext."""
        self._input.clear()
        self._forget_file()


class DecryptForm(Form):
    """A ciphertext to decrypt."""

    FILE_LIMIT = CIPHERTEXT_BYTES

    def compose(self) -> ComposeResult:
        """Lay out the ciphertext."""
        yield labelled("Ciphertext", CiphertextField())

    @property
    def field(self) -> CiphertextField:
        """The ciphertext."""
        return self.query_one(CiphertextField)

    @on(CiphertextField.Submitted)
    def _go(self, event: CiphertextField.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted())

    def entry(self) -> Widget:
        """Start in the field."""
        return self.field.query_one(SafeInput)

    def take_file(self, name: str, data: bytes) -> None:
        """Decrypt a file."""
        del name
        self.field.set_blob(data)

    def request(self, key_id: str) -> Request:
        """Decrypt under this key."""
        return "Decrypt", {"KeyId": key_id, "CiphertextBlob": self.field.blob()}


class DataKeyForm(Form):
    """The size of a data key, and its forms."""

    SIZES = (
        PickOption("AES_256", "AES_256, 32 bytes"),
        PickOption("AES_128", "AES_128, 16 bytes"),
        PickOption("64", "64 bytes"),
    )
    FORMS = (PickOption("both", "in clear and encrypted"), PickOption("sealed", "encrypted only"))

    def __init__(self) -> None:
        super().__init__()
        self._bytes = 0

    def compose(self) -> ComposeResult:
        """Lay out size and form."""
        yield labelled("Size", Pick(self.SIZES, id="size"))
        yield labelled("Form", Pick(self.FORMS, id="form"))

    def set_bytes(self, count: int) -> None:
        """Ask for a length of its own, once."""
        self._bytes = count

    def entry(self) -> Widget:
        """Start at the size."""
        return self.query_one("#size", Pick)

    def request(self, key_id: str) -> Request:
        """Make a data key."""
        size, self._bytes = self._bytes, 0
        picked = self.query_one("#size", Pick).value
        members: dict[str, Any] = {"KeyId": key_id}
        if size or picked.isdigit():
            members["NumberOfBytes"] = size or int(picked)
        else:
            members["KeySpec"] = picked
        sealed = self.query_one("#form", Pick).value == "sealed"
        return ("GenerateDataKeyWithoutPlaintext" if sealed else "GenerateDataKey"), members


class ReEncryptForm(DecryptForm):
    """A ciphertext, and the key and context to move it to."""

    def compose(self) -> ComposeResult:
        """Lay out ciphertext, destination and its context."""
        yield labelled("Ciphertext", CiphertextField())
        yield labelled(
            "To key",
            SafeInput(placeholder="this key, or alias/NAME, id, ARN", compact=True, id="to"),
        )
        yield labelled("New context", ContextEditor(id="new-context"))

    @on(ContextEditor.Submitted)
    def _context_done(self, event: ContextEditor.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted())

    def request(self, key_id: str) -> Request:
        """Move the ciphertext."""
        editor = self.query_one("#new-context", ContextEditor)
        if editor.problem is not None:
            raise UsageError("The new context cannot be used.", hint=editor.problem.plain)
        members: dict[str, Any] = {
            "CiphertextBlob": self.field.blob(),
            "SourceKeyId": key_id,
            "DestinationKeyId": self.query_one("#to", SafeInput).value.strip() or key_id,
        }
        if editor.context:
            members["DestinationEncryptionContext"] = editor.context
        return "ReEncrypt", members


class RandomForm(Form):
    """How many random bytes."""

    USES_CONTEXT = False

    def compose(self) -> ComposeResult:
        """Lay out the number."""
        yield labelled("Bytes", SafeInput("32", compact=True, id="bytes", type="integer"))

    def entry(self) -> Widget:
        """Start in the number."""
        return self.query_one("#bytes", SafeInput)

    def request(self, key_id: str) -> Request:
        """Ask the HSM for random bytes; no key has to do with it."""
        del key_id
        typed = self.query_one("#bytes", SafeInput).value.strip()
        if not typed.isdecimal() or not 1 <= int(typed) <= RANDOM_BYTES:
            raise UsageError(f"Type a number from 1 to {RANDOM_BYTES:,}.")
        return "GenerateRandom", {"NumberOfBytes": int(typed)}
