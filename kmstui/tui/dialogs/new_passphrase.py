"""What dialogs share that ask for a new passphrase, twice."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Static

from kmstui.tui import text
from kmstui.tui.dialogs.base import Answer, Dialog, Tone
from kmstui.tui.onboarding.strength import agreement, meter
from kmstui.tui.text import Content
from kmstui.tui.widgets.safe_input import SafeInput

if TYPE_CHECKING:
    from kmstui.core.passphrase import Strength


class NewPassphraseDialog(Dialog[bool]):
    """Asks for a new passphrase twice, judges it while it is typed, and hands it on.

    Args:
        title: What is to be done.
        verb: The button that does it.
    """

    DEFAULT_CSS = """
    NewPassphraseDialog {
        .row { height: 1; }
        .row Static { width: 14; }
        .row Input { width: 1fr; }
        .said { height: 1; padding-left: 14; margin-bottom: 1; }
    }
    """

    FIELDS: ClassVar[tuple[tuple[str, str], ...]] = (("first", "New"), ("second", "Once more"))
    """Names and labels of the fields, in order; ``first`` and ``second`` are among them."""

    EXPLAINED: ClassVar[str]
    """What it means to do it."""

    BUSY: ClassVar[str]
    """What is said while it is done."""

    def __init__(self, title: Content, verb: Content) -> None:
        back = Answer(value=False, label=text.literal("Back"))
        super().__init__(title, (back, Answer(value=True, label=verb, tone=Tone.MAIN)))
        self._judged: tuple[str, Strength] | None = None
        self._busy = False

    @abstractmethod
    async def hand_on(self) -> None:
        """Do it with what was typed; complain, or conceal the fields and dismiss."""

    def body(self) -> Iterable[Widget]:
        """Yield what it means and the fields, each with a line about it."""
        yield Static(text.literal(self.EXPLAINED, "$muted"), classes="paragraph")
        for name, label in self.FIELDS:
            field = SafeInput(password=True, compact=True, id=name)
            yield Horizontal(Static(text.literal(label, "$muted")), field, classes="row")
            yield Static(text.literal(""), id=f"{name}-said", classes="said")
        yield Static(text.literal(""), id="complaint")

    def first_focus(self) -> None:
        """Focus the first field."""
        self.field(self.FIELDS[0][0]).focus()

    def field(self, name: str) -> SafeInput:
        """Return a field by its name."""
        return self.query_one(f"#{name}", SafeInput)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        first, second = self.field("first").value, self.field("second").value
        if event.input.id == "first":
            self.run_worker(self._judge(first), group="strength")
        self.query_one("#second-said", Static).update(agreement(first, second))
        self.complain(text.literal(""))

    async def _judge(self, passphrase: str) -> None:
        from kmstui.core.passphrase import judge  # noqa: PLC0415 - its word lists load slowly

        strength: Strength = await self.console.caller.run(judge, passphrase)
        if passphrase == self.field("first").value:
            self._judged = (passphrase, strength)
            shown = meter(strength) if passphrase else text.literal("")
            self.query_one("#first-said", Static).update(shown)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        names = [name for name, _ in self.FIELDS]
        following = dict(pairwise(names)).get(event.input.id or "")
        if following is not None:
            self.field(following).focus()
        else:
            self.chosen(value=True)

    def chosen(self, value: bool) -> None:
        """Do it, unless something is wrong or it is being done."""
        if not value:
            self.dismiss(value)
        elif not self._busy:
            self._busy = True
            self.run_worker(self._checked(), group="passphrase")

    async def _checked(self) -> None:
        try:
            problem = await self.problem()
            if problem:
                self.complain(text.literal(problem, "$warn"))
                return
            self.complain(text.literal(self.BUSY, "$muted"))
            await self.hand_on()
        finally:
            self._busy = False

    async def problem(self) -> str:
        """Say what is wrong with what was typed, and focus it; empty if nothing is."""
        first = self.field("first").value
        if self._judged is None or self._judged[0] != first:
            await self._judge(first)
        strength = self._judged[1] if self._judged is not None else None
        if strength is None or not strength.accepted:
            self.field("first").focus()
            return "The new one is too easily guessed."
        if first != self.field("second").value:
            self.field("second").focus()
            return "Type the new one once more, the same."
        return ""

    def complain(self, said: Content) -> None:
        """Say something below the fields."""
        self.query_one("#complaint", Static).update(said)
