"""The dialogs of Settings: a new passphrase, a naming rule, the idle lock."""

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
from kmstui.tui.dialogs.base import Answer, Dialog, Tone
from kmstui.tui.dialogs.choice import Prompt
from kmstui.tui.onboarding.strength import agreement, meter
from kmstui.tui.places.settings.sections import pattern_example
from kmstui.tui.text import Content
from kmstui.tui.widgets.safe_input import SafeInput

if TYPE_CHECKING:
    from kmstui.core.passphrase import Strength

ALIAS_PATTERN = "alias-pattern"
"""The setting that holds the naming rule."""

_LONGEST_IDLE = 999


def idle_problem(typed: str) -> str | None:
    """Say what is wrong with a number of minutes, or None."""
    good = typed.isascii() and typed.isdigit() and int(typed) <= _LONGEST_IDLE
    return None if good else f"A number of minutes, 0 to {_LONGEST_IDLE}; 0 never locks."


def idle_prompt(minutes: int) -> Prompt:
    """Ask after how many minutes the console locks."""
    return Prompt(
        text.literal("Lock when idle"),
        text.literal("Minutes"),
        text.literal("Set"),
        value=str(minutes),
        check=idle_problem,
        message=text.literal(
            "Without a key or a click for so long, everything is hidden and the keys are dropped. "
            "0 never locks.",
            "$muted",
        ),
    )


def pattern_problem(typed: str) -> str | None:
    """Say what is wrong with a naming rule, or None; the engine has the last word."""
    rule = typed.strip()
    if not rule or (rule.startswith("alias/") and "<" in rule and ">" in rule):
        return None
    return "It begins with alias/ and holds at least one <Part>. Empty for no rule."


class PatternDialog(Prompt):
    """Asks for the naming rule; shows at once what it says of two aliases.

    Args:
        pattern: The rule now.
    """

    def __init__(self, pattern: str) -> None:
        super().__init__(
            text.literal("How aliases are named"),
            text.literal("Rule"),
            text.literal("Set"),
            value=pattern,
            check=pattern_problem,
            message=text.literal(
                "A <Part> stands for letters and digits. A name that deviates is warned about, "
                "never refused.",
                "$muted",
            ),
        )

    def body(self) -> Iterable[Widget]:
        """Yield the field and the examples."""
        yield from super().body()
        yield Static(_examples(""), id="examples")

    def on_mount(self) -> None:
        """Show the examples of the present rule."""
        self._show()
        super().on_mount()

    @on(SafeInput.Changed, "#answer")
    def _edited(self) -> None:
        self._show()

    def _show(self) -> None:
        typed = self.query_one("#answer", SafeInput).value.strip()
        shown = typed if pattern_problem(typed) is None else ""
        self.query_one("#examples", Static).update(_examples(shown))


def _examples(pattern: str) -> Content:
    return text.lines(*pattern_example(pattern))


class PassphraseDialog(Dialog[bool]):
    """Asks for the present passphrase and a new one, twice, and changes it."""

    DEFAULT_CSS = """
    PassphraseDialog {
        .row { height: 1; }
        .row Static { width: 14; }
        .row Input { width: 1fr; }
        .said { height: 1; padding-left: 14; margin-bottom: 1; }
    }
    """

    def __init__(self) -> None:
        back = Answer(value=False, label=text.literal("Back"))
        change = Answer(value=True, label=text.literal("Change it"), tone=Tone.MAIN)
        super().__init__(text.literal("Change the passphrase"), (back, change))
        self._judged: tuple[str, Strength] | None = None
        self._busy = False

    def body(self) -> Iterable[Widget]:
        """Yield three fields, each with a line about it."""
        yield Static(
            text.literal(
                "The old one stops working at once; keys and recovery code stay as they are. "
                "Whoever copied the keystore before can still open that copy with the old one.",
                "$muted",
            ),
            classes="paragraph",
        )
        for name, label in (("old", "Present"), ("first", "New"), ("second", "Once more")):
            yield Horizontal(
                Static(text.literal(label, "$muted")),
                SafeInput(password=True, compact=True, id=name),
                classes="row",
            )
            yield Static(text.literal(""), id=f"{name}-said", classes="said")
        yield Static(text.literal(""), id="complaint")

    def first_focus(self) -> None:
        """Focus the present passphrase."""
        self._field("old").focus()

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
        following = {"old": "first", "first": "second"}.get(event.input.id or "")
        if following is not None:
            self._field(following).focus()
        else:
            self.chosen(value=True)

    def chosen(self, value: bool) -> None:
        """Change the passphrase, unless something is wrong or it is being changed."""
        if not value:
            self.dismiss(value)
        elif not self._busy:
            self._busy = True
            self.run_worker(self._change(), group="passphrase")

    async def _change(self) -> None:
        try:
            problem = await self._problem()
            if problem:
                self._complain(text.literal(problem, "$warn"))
                return
            self._complain(text.literal("Changing it takes a moment…", "$muted"))
            await self._call()
        finally:
            self._busy = False

    async def _call(self) -> None:
        old, new = (Secret.from_text(self._field(name).value) for name in ("old", "first"))
        console = self.console
        try:
            door = await console.door()
            await console.caller.run(door.change_passphrase, console.session, old, new)
        except KmsError as error:
            self._field("old").focus()
            self._complain(text.literal(error.message or error.code, "$danger"))
        else:
            self.conceal()
            self.dismiss(True)
        finally:
            old.wipe()
            new.wipe()

    async def _problem(self) -> str:
        first = self._field("first").value
        if not self._field("old").value:
            self._field("old").focus()
            return "Type the present passphrase."
        if self._judged is None or self._judged[0] != first:
            await self._judge(first)
        strength = self._judged[1] if self._judged is not None else None
        if strength is None or not strength.accepted:
            self._field("first").focus()
            return "The new one is too easily guessed."
        if first != self._field("second").value:
            self._field("second").focus()
            return "Type the new one once more, the same."
        return ""

    def _complain(self, said: Content) -> None:
        self.query_one("#complaint", Static).update(said)
