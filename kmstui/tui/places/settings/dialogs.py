"""The dialogs of Settings: a new passphrase, a naming rule, the idle lock."""

from __future__ import annotations

from collections.abc import Iterable

from textual import on
from textual.widget import Widget
from textual.widgets import Static

from kmstui.core.errors import KmsError
from kmstui.core.secret import Secret
from kmstui.tui import text
from kmstui.tui.dialogs.choice import Prompt
from kmstui.tui.dialogs.new_passphrase import NewPassphraseDialog
from kmstui.tui.places.settings.quota_section import scale_problem
from kmstui.tui.places.settings.sections import pattern_example
from kmstui.tui.text import Content
from kmstui.tui.widgets.safe_input import SafeInput

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


def scale_prompt(scale: str) -> Prompt:
    """Ask what AWS's request quotas are multiplied by."""
    return Prompt(
        text.literal("Request quotas"),
        text.literal("Times"),
        text.literal("Set"),
        value=scale,
        check=scale_problem,
        message=text.literal(
            "1 enforces AWS's own rates, 0.01 a hundredth of them, which a person can reach; 0 "
            "turns them off. A call over its quota is refused with ThrottlingException.",
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


class PassphraseDialog(NewPassphraseDialog):
    """Asks for the present passphrase and a new one, twice, and changes it."""

    FIELDS = (("old", "Present"), *NewPassphraseDialog.FIELDS)
    EXPLAINED = (
        "The old one stops working at once; keys and recovery code stay as they are. "
        "Whoever copied the keystore before can still open that copy with the old one."
    )
    BUSY = "Changing it takes a moment…"

    def __init__(self) -> None:
        super().__init__(text.literal("Change the passphrase"), text.literal("Change it"))

    async def problem(self) -> str:
        """Ask for the present passphrase first."""
        if not self.field("old").value:
            self.field("old").focus()
            return "Type the present passphrase."
        return await super().problem()

    async def hand_on(self) -> None:
        """Change the passphrase of whoever is signed in."""
        old, new = (Secret.from_text(self.field(name).value) for name in ("old", "first"))
        console = self.console
        try:
            door = await console.door()
            await console.caller.run(door.change_passphrase, console.session, old, new)
        except KmsError as error:
            self.field("old").focus()
            self.complain(text.literal(error.message or error.code, "$danger"))
        else:
            self.conceal()
            self.dismiss(True)
        finally:
            old.wipe()
            new.wipe()
