"""How a try ended: values, secrets that show for a while, a verdict, or the refusal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Static

from kmstui.core.errors import KmsError
from kmstui.tui import text
from kmstui.tui.chrome.hints import hints
from kmstui.tui.places.keys.detail.try_it.answers import ADVICE, NEXT, PARTS, REFUSED, Part
from kmstui.tui.places.keys.detail.try_it.blobs import readable, to_base64
from kmstui.tui.text import Content
from kmstui.tui.widgets.opaque_value import OpaqueKind, OpaqueValue

_OPEN_SLOTS = ("sealed", "extra")


def _bytes(count: int) -> str:
    return f"{count:,} byte{'' if count == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Held:
    """A value of the answer that shows.

    Attributes:
        part: What it is.
        data: Its bytes.
    """

    part: Part
    data: bytes = field(repr=False)


class Result(Vertical):
    """Shows one answer or refusal: up to two values that are no secrets, and one that is.

    Attributes:
        blob: The value that can be worked on further; empty for none.
        shows: Whether there is an answer to leave.
    """

    DEFAULT_CSS = """
    Result {
        height: auto;
        margin-top: 1;
        & > Static { height: auto; }
        & > #head { margin-bottom: 1; }
        & > OpaqueValue { margin-bottom: 1; max-height: 8; }
        &.-several > OpaqueValue { max-height: 4; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.blob = b""
        self.shows = False
        self._held: dict[str, Held] = {}

    def compose(self) -> ComposeResult:
        """Lay out the verdict, the values under their headings, and the keys below."""
        yield Static(id="head")
        for slot, kind in (
            ("sealed", OpaqueKind.CIPHERTEXT),
            ("extra", OpaqueKind.PUBLIC_KEY),
            ("secret", OpaqueKind.PLAINTEXT),
        ):
            yield Static(id=f"{slot}-head")
            yield OpaqueValue(kind, id=slot)
        yield Static(id="next")

    def on_mount(self) -> None:
        """Start with nothing."""
        self.clear()

    @property
    def sealed(self) -> OpaqueValue:
        """The value that is no secret."""
        return self._value("sealed")

    @property
    def secret(self) -> OpaqueValue:
        """The value that is one."""
        return self._value("secret")

    def _value(self, slot: str) -> OpaqueValue:
        return self.query_one(f"#{slot}", OpaqueValue)

    @property
    def held(self) -> tuple[Held, ...]:
        """The values that show, in order."""
        return tuple(self._held.values())

    @property
    def focused(self) -> Held | None:
        """The value that has the focus."""
        focused = self.screen.focused
        return self._held.get(focused.id or "") if isinstance(focused, OpaqueValue) else None

    def clear(self, hint: Content | None = None) -> None:
        """Drop everything.

        Args:
            hint: What to say instead.
        """
        self.blob, self.shows = b"", False
        for slot in (*_OPEN_SLOTS, "secret"):
            self._drop(slot)
        self.say(hint)
        self._say("#next", None)

    def _drop(self, slot: str) -> None:
        self._held.pop(slot, None)
        self._value(slot).clear()
        self._value(slot).display = False
        self._say(f"#{slot}-head", None)

    def say(self, said: Content | None) -> None:
        """Say something above the values."""
        self._say("#head", said)

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
        self.shows = True
        focus: Widget = self
        for part in PARTS[operation]:
            data = answer.get(part.member)
            if data is not None:
                focus = self._show(operation, Held(part, data), key)
        self.set_class(len(self._held) > 1, "-several")
        self._say("#next", hints(*NEXT[operation]))
        return focus

    def _show(self, operation: str, held: Held, key: str) -> Widget:
        kind, size = held.part.kind, len(held.data)
        if kind.secret:
            slot = "secret"
        else:
            slot = "extra" if held.part.member == "PublicKey" else "sealed"
        if slot == "sealed":
            self.blob = held.data
        self._held[slot] = held
        value = self._value(slot)
        value.kind = kind
        written = readable(held.data) if operation == "Decrypt" else to_base64(held.data)
        value.set_value(written, size)
        value.display = True
        head = text.template(
            "[$ok]✓[/] [b]$what[/] [$muted]· $size, $by[/]",
            what=kind.label[0].upper() + kind.label[1:],
            size=_bytes(size),
            by=_origin(operation, kind, key),
        )
        self._say(f"#{slot}-head", head)
        return value

    def refuse(self, error: KmsError) -> None:
        """Show a refusal: AWS's code and text, and what to do next."""
        self.clear()
        if error.code == "DryRunOperationException":
            said = "[$ok]✓ It would have worked.[/] [$muted]$code[/]"
            self.say(text.template(said, code=error.code))
            self._say("#next", text.literal(error.hint, "$muted"))
            return
        head = text.template("[$danger]✗ [b]$code[/b][/]", code=error.code)
        message = error.message or REFUSED.get(error.code, "")
        if message:
            head = text.lines(head, text.literal(message))
        self.say(head)
        advice = [ADVICE.get(error.code, ""), error.hint]
        self._say("#next", text.literal(" ".join(part for part in advice if part), "$muted"))

    def conceal(self) -> None:
        """Drop a secret; a ciphertext may stay."""
        self._drop("secret")
        if not self.blob:
            self.clear()


def _origin(operation: str, kind: OpaqueKind, key: str) -> str:
    """Say what made a value: the HSM, or a key."""
    if operation == "GenerateRandom":
        return "by the HSM"
    if kind is OpaqueKind.PUBLIC_KEY:
        return "of the pair, SPKI in DER"
    under = kind in {
        OpaqueKind.CIPHERTEXT,
        OpaqueKind.ENCRYPTED_DATA_KEY,
        OpaqueKind.ENCRYPTED_PRIVATE_KEY,
        OpaqueKind.ENCAPSULATED_SECRET,
    }
    return f"{'under' if under else 'by'} {key}"
