"""How a try ended: ciphertext, secrets that show for a while, or the refusal."""

from __future__ import annotations

from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Static

from kmstui.core.errors import KmsError
from kmstui.tui import text
from kmstui.tui.chrome.hints import hints
from kmstui.tui.places.keys.detail.try_it.blobs import readable, to_base64
from kmstui.tui.text import Content
from kmstui.tui.widgets.opaque_value import OpaqueKind, OpaqueValue

_SEALED_KINDS = {
    "Encrypt": OpaqueKind.CIPHERTEXT,
    "ReEncrypt": OpaqueKind.CIPHERTEXT,
    "GenerateDataKey": OpaqueKind.ENCRYPTED_DATA_KEY,
    "GenerateDataKeyWithoutPlaintext": OpaqueKind.ENCRYPTED_DATA_KEY,
}
_SECRET_KINDS = {
    "Decrypt": OpaqueKind.PLAINTEXT,
    "GenerateDataKey": OpaqueKind.DATA_KEY,
    "GenerateRandom": OpaqueKind.RANDOM_BYTES,
}
_WRONG_CONTEXT = (
    "The context is authenticated: one letter more or less, and nothing comes out. "
    "AWS answers every such cause with this one error, so that nobody can probe."
)
_NEXT = {
    "DisabledException": "t enables the key.",
    "KMSInvalidStateException": "The Overview tab says what leads out of its state.",
    "InvalidCiphertextException": _WRONG_CONTEXT,
    "IncorrectKeyException": "Another key made it. Its own page decrypts it.",
}


def _bytes(count: int) -> str:
    return f"{count:,} byte{'' if count == 1 else 's'}"


class Result(Vertical):
    """Shows one answer or refusal."""

    DEFAULT_CSS = """
    Result {
        height: auto;
        margin-top: 1;
        & > Static { height: auto; }
        & > OpaqueValue { margin-bottom: 1; max-height: 8; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.blob = b""

    def compose(self) -> ComposeResult:
        """Lay out the line above, the values and the keys below."""
        yield Static(id="head")
        yield OpaqueValue(OpaqueKind.CIPHERTEXT, id="sealed")
        yield Static(id="secret-head")
        yield OpaqueValue(OpaqueKind.PLAINTEXT, id="secret")
        yield Static(id="next")

    def on_mount(self) -> None:
        """Start with nothing."""
        self.clear()

    @property
    def sealed(self) -> OpaqueValue:
        """The value that is no secret."""
        return self.query_one("#sealed", OpaqueValue)

    @property
    def secret(self) -> OpaqueValue:
        """The value that is one."""
        return self.query_one("#secret", OpaqueValue)

    def clear(self, hint: Content | None = None) -> None:
        """Drop everything.

        Args:
            hint: What to say instead.
        """
        self.blob = b""
        for value in (self.sealed, self.secret):
            value.clear()
            value.display = False
        self._say("#head", hint)
        self._say("#secret-head", None)
        self._say("#next", None)

    def _say(self, selector: str, said: Content | None) -> None:
        line = self.query_one(selector, Static)
        line.update(said or text.literal(""))
        line.display = said is not None

    def show(self, operation: str, answer: dict[str, Any], key: str) -> Widget:
        """Show an answer, and return what to focus.

        Args:
            operation: Its name.
            answer: The engine's answer; nothing of it is kept but what shows.
            key: What the person calls the key.
        """
        self.clear()
        focus: Widget = self
        plaintext = answer.get("Plaintext")
        if plaintext is not None:
            focus = self._show_secret(operation, plaintext, key)
        blob = answer.get("CiphertextBlob")
        if blob is not None:
            focus = self._show_sealed(operation, blob, key)
        return focus

    def _show_secret(self, operation: str, plaintext: bytes, key: str) -> Widget:
        kind = _SECRET_KINDS[operation]
        written = readable(plaintext) if operation == "Decrypt" else to_base64(plaintext)
        self.secret.kind = kind
        self.secret.set_value(written, len(plaintext))
        self.secret.display = True
        head = text.template(
            "[$ok]✓[/] [b]$what[/] [$muted]· $size, by $key[/]",
            what=kind.label.capitalize(),
            size=_bytes(len(plaintext)),
            key="the HSM" if operation == "GenerateRandom" else key,
        )
        self._say("#secret-head", head)
        self._say("#next", hints(("enter", "show or hide"), ("y", "copy"), ("c", "encrypt")))
        return self.secret

    def _show_sealed(self, operation: str, blob: bytes, key: str) -> Widget:
        kind = _SEALED_KINDS[operation]
        self.blob = blob
        self.sealed.kind = kind
        self.sealed.set_value(to_base64(blob), len(blob))
        self.sealed.display = True
        head = text.template(
            "[$ok]✓[/] [b]$what[/] [$muted]· $size, under $key[/]",
            what=kind.label.capitalize(),
            size=_bytes(len(blob)),
            key=key,
        )
        self._say("#head", head)
        keys = hints(("d", "decrypt it"), ("y", "copy"), ("s", "save"), ("c", "encrypt more"))
        self._say("#next", keys)
        return self.sealed

    def refuse(self, error: KmsError) -> None:
        """Show a refusal: AWS's code and text, and what to do next."""
        self.clear()
        if error.code == "DryRunOperationException":
            said = "[$ok]✓ It would have worked.[/] [$muted]$code[/]"
            self._say("#head", text.template(said, code=error.code))
            self._say("#next", text.literal(error.hint, "$muted"))
            return
        head = text.template("[$danger]✗ [b]$code[/b][/]", code=error.code)
        if error.message:
            head = text.lines(head, text.literal(error.message))
        self._say("#head", head)
        advice = [_NEXT.get(error.code, ""), error.hint]
        self._say("#next", text.literal(" ".join(part for part in advice if part), "$muted"))

    def conceal(self) -> None:
        """Drop a secret; a ciphertext may stay."""
        self.secret.clear()
        self.secret.display = False
        if not self.blob:
            self.clear()
        else:
            self._say("#secret-head", None)
