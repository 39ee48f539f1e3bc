"""The sign-in and lock screen: the first frame, and all there is while the console is locked.

It shows the keystore's path and whether it is for training, and nothing else about it. Everything
it imports is light, because it is on the screen before the engine has been loaded.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Input, Static

from kmstui.core.errors import KmsError
from kmstui.tui import text
from kmstui.tui.chrome.hints import hints

if TYPE_CHECKING:
    from kmstui.core.secret import Secret
    from kmstui.tui.app import KmsApp


class LockScreen(Screen[None]):
    """Asks for the passphrase.

    Args:
        location: The keystore's path.
        training: Whether it carries the training badge.
    """

    CSS_PATH = Path(__file__).with_name("lockscreen.tcss")
    AUTO_FOCUS = "Input"

    def __init__(self, location: str, *, training: bool) -> None:
        super().__init__()
        self._location = location
        self._training = training
        self._tries = 0

    def compose(self) -> ComposeResult:
        """Lay out the brand, the one field and what there is to say."""
        badge = text.literal("  TRAINING", "bold $warn" if self._training else "")
        place = text.literal(self._location)
        with Vertical(id="sheet"):
            yield Static(text.markup("[b $key-accent]◆[/]  [b]kmstui[/]"), id="brand")
            yield Static(text.literal("key management console", "$muted"), id="motto")
            with Horizontal(classes="row"):
                yield Static(text.literal("Keystore", "$muted"), classes="label")
                yield Static(place + badge if self._training else place, id="location")
            with Horizontal(classes="row"):
                yield Static(text.literal("Passphrase", "$muted"), classes="label")
                yield Input(password=True, id="passphrase", compact=True)
            yield Static(text.literal(""), id="reason")
            yield Static(text.literal(""), id="error")
            yield Static(text.literal("The recovery code opens it too.", "$muted"), id="also")
            yield Static(
                hints(("enter", "unlock"), ("ctrl+q", "quit")),
                id="keys",
            )

    def busy(self) -> None:
        """Say that the keystore is being opened, which takes a moment on purpose."""
        self.query_one(Input).disabled = True
        self._show("#error", text.literal("Opening the keystore…", "$muted"))

    def refuse(self, error: KmsError) -> None:
        """Say why the keystore did not open, and let another try be made."""
        self._show("#error", self._refusal(error))
        field = self.query_one(Input)
        field.disabled = False
        field.focus()

    def explain(self, reason: str) -> None:
        """Say why the console is locked; called each time it locks."""
        self._tries = 0
        field = self.query_one(Input)
        field.clear()
        field.disabled = False
        self._show("#error", text.literal(""))
        self._show("#reason", text.literal(reason, "$muted"))
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

    def _show(self, selector: str, content: text.Content) -> None:
        widget = self.query_one(selector, Static)
        widget.update(content)
        widget.display = bool(content.plain)
