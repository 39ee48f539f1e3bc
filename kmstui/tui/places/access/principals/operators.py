"""Giving a user a passphrase that opens the keystore, and taking it away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Static

from kmstui.core.errors import KmsError
from kmstui.core.secret import Secret
from kmstui.tui import text
from kmstui.tui.calls import Outcome
from kmstui.tui.dialogs.base import Answer, Dialog, Tone
from kmstui.tui.dialogs.confirm import ConfirmTyped, confirmation_token
from kmstui.tui.onboarding.strength import agreement, meter
from kmstui.tui.places.access.principals.model import PrincipalRow
from kmstui.tui.text import Content
from kmstui.tui.widgets.safe_input import SafeInput

if TYPE_CHECKING:
    from kmstui.core.passphrase import Strength
    from kmstui.tui.app import KmsApp

_FIELDS = (("first", "New"), ("second", "Once more"))


class OperatorDialog(Dialog[bool]):
    """Asks for a user's new passphrase, twice, and gives it to the user.

    Args:
        name: The user.
    """

    DEFAULT_CSS = """
    OperatorDialog {
        .row { height: 1; }
        .row Static { width: 14; }
        .row Input { width: 1fr; }
        .said { height: 1; padding-left: 14; margin-bottom: 1; }
    }
    """

    def __init__(self, name: str) -> None:
        back = Answer(value=False, label=text.literal("Back"))
        give = Answer(value=True, label=text.literal("Give it"), tone=Tone.MAIN)
        super().__init__(text.template("A passphrase for [b]$name[/]", name=name), (back, give))
        self._user = name
        self._judged: tuple[str, Strength] | None = None
        self._busy = False

    def body(self) -> Iterable[Widget]:
        """Yield two fields, each with a line about it."""
        yield Static(
            text.literal(
                "Whoever knows it opens this keystore and can read everything in a copy of it "
                "offline; policies bind what the user does here. Let the user type it.",
                "$muted",
            ),
            classes="paragraph",
        )
        for name, label in _FIELDS:
            field = SafeInput(password=True, compact=True, id=name)
            yield Horizontal(Static(text.literal(label, "$muted")), field, classes="row")
            yield Static(text.literal(""), id=f"{name}-said", classes="said")
        yield Static(text.literal(""), id="complaint")

    def first_focus(self) -> None:
        """Focus the first field."""
        self._field("first").focus()

    def _field(self, name: str) -> SafeInput:
        return self.query_one(f"#{name}", SafeInput)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        first, second = self._field("first").value, self._field("second").value
        if event.input.id == "first":
            self.run_worker(self._judge(first), group="strength")
        self.query_one("#second-said", Static).update(agreement(first, second))
        self._complain(text.literal(""))

    async def _judge(self, passphrase: str) -> None:
        from kmstui.core.passphrase import judge  # noqa: PLC0415 - its word lists load slowly

        strength: Strength = await self.console.caller.run(judge, passphrase)
        if passphrase == self._field("first").value:
            self._judged = (passphrase, strength)
            shown = meter(strength) if passphrase else text.literal("")
            self.query_one("#first-said", Static).update(shown)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input.id == "first":
            self._field("second").focus()
        else:
            self.chosen(value=True)

    def chosen(self, value: bool) -> None:
        """Give the passphrase, unless something is wrong or it is being given."""
        if not value:
            self.dismiss(value)
        elif not self._busy:
            self._busy = True
            self.run_worker(self._give(), group="operator")

    async def _give(self) -> None:
        try:
            problem = await self._problem()
            if problem:
                self._complain(text.literal(problem, "$warn"))
                return
            self._complain(text.literal("Giving it takes a moment…", "$muted"))
            await self._call()
        finally:
            self._busy = False

    async def _problem(self) -> str:
        first = self._field("first").value
        if self._judged is None or self._judged[0] != first:
            await self._judge(first)
        strength = self._judged[1] if self._judged is not None else None
        if strength is None or not strength.accepted:
            self._field("first").focus()
            return "It is too easily guessed."
        if first != self._field("second").value:
            self._field("second").focus()
            return "Type it once more, the same."
        return ""

    async def _call(self) -> None:
        passphrase, console = Secret.from_text(self._field("first").value), self.console
        try:
            error = await self._open_to(passphrase)
            refused = Outcome("CreateOperator", self._user, "", error)
            if error is not None and await console.proven(refused):
                error = await self._open_to(passphrase)
        finally:
            passphrase.wipe()
        if error is not None:
            self._complain(text.literal(error.message or error.code, "$danger"))
            return
        self.conceal()
        self.dismiss(True)

    async def _open_to(self, passphrase: Secret) -> KmsError | None:
        console = self.console
        try:
            door = await console.door()
            await console.caller.run(door.add_operator, console.session, self._user, passphrase)
        except KmsError as error:
            return error
        return None

    def _complain(self, said: Content) -> None:
        self.query_one("#complaint", Static).update(said)


async def toggle(console: KmsApp, row: PrincipalRow) -> bool:
    """Give the user a passphrase, or take it away once the name was typed."""
    if not row.operator:
        given = await console.ask(OperatorDialog(row.name)) is True
        if given:
            console.main.say(
                text.template("[$ok]✓[/] [b]$name[/] can open this keystore now", name=row.name)
            )
        return given
    dialog = ConfirmTyped(
        title=text.template("Take the passphrase of [b]$name[/]", name=row.name),
        message=text.literal(
            "The user can no longer open this keystore. A copy made before still opens with it: "
            "keys are not changed by this. Policies and access keys stay."
        ),
        token=confirmation_token(row.name, row.arn),
        verb=text.literal("Take it"),
        back=text.literal("Leave it"),
    )
    if await console.ask(dialog) is not True:
        return False
    members = {"UserName": row.name}
    return await console.call("kmstui:DeleteOperator", members, about=row.about) is not None
