"""The sign-in and lock screen: the first frame, and all there is while the console is locked.

It shows the keystore's path and whether it is for training, and nothing else about it. Everything
it imports is light, because it is on the screen before the engine has been loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Input, Static

from kmstui.core.errors import KmsError
from kmstui.tui import text
from kmstui.tui.chrome.hints import hints

if TYPE_CHECKING:
    from kmstui.core.secret import Secret
    from kmstui.tui.app import KmsApp

_INDENT = 12
"""Columns before what is said, so that it stands under the field."""

_WIDEST = 34
"""Characters of the keystore's path that are shown."""


class LockScreen(Screen[None]):
    """Asks for the passphrase.

    Args:
        location: The keystore's path.
        training: Whether it carries the training badge.
    """

    AUTO_FOCUS = "Input"

    def __init__(self, location: str, *, training: bool) -> None:
        super().__init__()
        self._location = location
        self._training = training
        self._tries = 0
        self._reason = text.literal("")
        self._answer = text.literal("")

    def compose(self) -> ComposeResult:
        """Lay out three widgets and no more: each one delays the first frame."""
        yield Static(self._head(), id="head")
        yield Input(password=True, id="passphrase", compact=True)
        yield Static(self._foot(), id="foot")

    def _head(self) -> text.Content:
        indent = " " * _INDENT
        place = text.literal(_tail(self._location))
        if self._training:
            place += text.literal("  TRAINING", "bold $warn")
        return text.lines(
            text.literal(indent) + text.markup("[b $key-accent]◆[/]  [b]kmstui[/]"),
            text.literal(f"{indent}key management console", "$muted"),
            text.literal(""),
            text.literal(""),
            text.literal("Keystore".ljust(_INDENT), "$muted") + place,
            text.literal(""),
            text.literal("Passphrase", "$muted"),
        )

    def _foot(self) -> text.Content:
        said = [each for each in (self._reason, self._answer) if each.plain]
        said.append(text.literal("The recovery code opens it too.", "$muted"))
        said.append(hints(("enter", "unlock"), ("ctrl+q", "quit")))
        return text.literal("\n\n", newlines=True).join(said)

    def busy(self) -> None:
        """Say that the keystore is being opened, which takes a moment on purpose."""
        self.query_one(Input).disabled = True
        self._say(text.literal("Opening the keystore…", "$muted"))

    def refuse(self, error: KmsError) -> None:
        """Say why the keystore did not open, and let another try be made."""
        self._say(self._refusal(error))
        field = self.query_one(Input)
        field.disabled = False
        field.focus()

    def explain(self, reason: str) -> None:
        """Say why the console is locked; called each time it locks."""
        self._tries = 0
        field = self.query_one(Input)
        field.clear()
        field.disabled = False
        self._reason = text.literal(reason, "$muted")
        self._say(text.literal(""))
        field.focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        field = event.input
        if not field.value or field.disabled:
            return
        from kmstui.core.secret import Secret  # noqa: PLC0415 - after the first frame

        passphrase = Secret.from_text(field.value)
        field.clear()
        field.disabled = True
        self.busy()
        self.run_worker(self._unlock(passphrase), group="unlock", exclusive=True)

    async def _unlock(self, passphrase: Secret) -> None:
        console = cast("KmsApp", self.app)
        try:
            await console.unlock(passphrase)
        except KmsError as error:
            self._tries += 1
            self.refuse(error)
        else:
            self._tries = 0
        finally:
            passphrase.wipe()

    def _refusal(self, error: KmsError) -> text.Content:
        if error.code == "WrongPassphraseError":
            tries = text.plural(self._tries, "try", "tries")
            return text.template(
                "[$danger]That passphrase opens nothing here.[/] [$muted]$tries.[/]",
                tries=tries,
            )
        return text.template(
            "[$danger]$message[/] [$muted]$hint[/]", message=error.message, hint=error.hint
        )

    def _say(self, answer: text.Content) -> None:
        self._answer = answer
        self.query_one("#foot", Static).update(self._foot())


def _tail(location: str) -> str:
    """Shorten a path to what fits, keeping its end."""
    return location if len(location) <= _WIDEST else f"…{location[1 - _WIDEST :]}"
