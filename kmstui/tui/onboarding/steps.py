"""The steps of making a keystore. A step only asks; the screen does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from kmstui.core.arn import is_account, is_region, is_user_name
from kmstui.core.secret import Secret
from kmstui.tui import text
from kmstui.tui.launch import Wish
from kmstui.tui.onboarding.strength import agreement, meter
from kmstui.tui.text import Content
from kmstui.tui.widgets.opaque_value import OpaqueKind, OpaqueValue
from kmstui.tui.widgets.safe_input import SafeInput

if TYPE_CHECKING:
    from kmstui.core.passphrase import Strength
    from kmstui.tui.app import KmsApp

_TYPED = str.maketrans("OIL", "011", "- ")
"""How the characters of a recovery code may be mistyped; its alphabet has none of these."""


def field_row(label: str, *widgets: Static | Input) -> Horizontal:
    """Put a label before what it names."""
    return Horizontal(
        Static(text.literal(label, "$muted"), classes="label"), *widgets, classes="row"
    )


class Step(Vertical):
    """One step.

    Attributes:
        HEADING: What it is about.
        KEYS: Its keys and what they do.
    """

    HEADING = ""
    KEYS: tuple[tuple[str, str], ...] = (("enter", "next"), ("esc", "back"), ("ctrl+q", "quit"))

    def compose(self) -> ComposeResult:
        """Lay out the widgets of the step, and a place for a complaint."""
        yield from self.body()
        yield Static(text.literal(""), id="complaint")

    def body(self) -> Iterable[Static | Input | Horizontal | OpaqueValue]:
        """Yield the widgets of the step."""
        return ()

    def begin(self) -> None:
        """Put the focus where the step starts."""
        for field in self.query(Input):
            field.focus()
            return

    def problem(self) -> str:
        """Say what is still wrong; empty if the step is done. May move the focus there."""
        return ""

    def complain(self, problem: str) -> None:
        """Show what is wrong."""
        self.query_one("#complaint", Static).update(text.literal(problem, "$warn"))

    @on(Input.Changed)
    def _changed(self) -> None:
        self.complain("")


class WelcomeStep(Step):
    """Says what will be made and where, and asks for user name, account and Region.

    Args:
        location: The keystore's path.
        wish: What the fields begin with.
    """

    HEADING = "There is no keystore yet. This makes one."
    KEYS = (("enter", "next"), ("tab", "next field"), ("esc", "leave"))

    def __init__(self, location: str, wish: Wish) -> None:
        super().__init__()
        self._location = location
        self._wish = wish

    @property
    def wish(self) -> Wish:
        """What the fields say."""
        fields = (self.query_one(name, Input) for name in ("#account", "#region", "#user"))
        account, region, user = (field.value.strip() for field in fields)
        return Wish(account, region, user)

    def body(self) -> Iterable[Static | Horizontal]:
        """Yield where it will be, and the fields."""
        yield Static(
            text.literal(
                "A whole key-management service on this machine: keys, policies and an audit "
                "trail, sealed under a passphrase that only you know.",
                "$muted",
            ),
            classes="paragraph",
        )
        yield field_row("Keystore", Static(text.literal(self._location), classes="value"))
        for label, value, name in (
            ("Your user name", self._wish.user_name, "user"),
            ("Account id", self._wish.account, "account"),
            ("Region", self._wish.region, "region"),
        ):
            yield field_row(label, SafeInput(value, id=name, compact=True))
        yield Static(
            text.literal(
                "You will be an administrator beside the root user. Account and Region stand in "
                "every key's ARN. What is suggested will do.",
                "$muted",
            ),
            classes="indented",
        )

    def problem(self) -> str:
        """Ask for a user name, twelve digits and the name of a Region."""
        wish = self.wish
        if not is_user_name(wish.user_name):
            self.query_one("#user").focus()
            return "A user name has letters, digits and +=,.@_- only, 64 at most."
        if not is_account(wish.account):
            self.query_one("#account").focus()
            return "An account id has twelve digits."
        if not is_region(wish.region):
            self.query_one("#region").focus()
            return "Regions are named like us-east-1 or eu-central-1."
        return ""


class PassphraseStep(Step):
    """Asks for the passphrase, twice, and says how strong it is."""

    HEADING = "Choose the passphrase."
    KEYS = (("enter", "next field, then create the keystore"), ("esc", "back"))

    def __init__(self) -> None:
        super().__init__()
        self._judged: tuple[str, Strength] | None = None

    def body(self) -> Iterable[Static | Horizontal]:
        """Yield the two fields, each with a line about it."""
        yield Static(
            text.literal(
                "It opens the keystore and is stored nowhere. Several words make a good one.",
                "$muted",
            ),
            classes="paragraph",
        )
        yield field_row("Passphrase", Input(password=True, id="first", compact=True))
        yield Static(text.literal(""), id="meter", classes="indented")
        yield field_row("Once more", Input(password=True, id="second", compact=True))
        yield Static(text.literal(""), id="agreement", classes="indented")

    @property
    def first(self) -> str:
        """What was typed first."""
        return self.query_one("#first", Input).value

    @property
    def second(self) -> str:
        """What was typed again."""
        return self.query_one("#second", Input).value

    def take(self) -> Secret:
        """Return the passphrase and empty the fields."""
        passphrase = Secret.from_text(self.first)
        self._judged = None
        for field in self.query(Input):
            field.clear()
        return passphrase

    def problem(self) -> str:
        """Ask for a strong passphrase, typed the same twice."""
        if self._judged is None or self._judged[0] != self.first:
            self.query_one("#first").focus()
            return "" if self.first else "Type a passphrase."
        strength = self._judged[1]
        if not strength.accepted:
            self.query_one("#first").focus()
            advice = strength.advice.removesuffix(".") or "make it longer"
            return f"It is {strength.word}: {advice}."
        if self.first != self.second:
            self.query_one("#second").focus()
            return "Type the same once more." if self.second else ""
        return ""

    @property
    def done(self) -> bool:
        """Whether the passphrase is judged, accepted and typed twice."""
        judged = self._judged
        return (
            judged is not None
            and judged == (self.first, judged[1])
            and judged[1].accepted
            and self.first == self.second
        )

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        if event.input.id == "first":
            self.run_worker(self._judge(self.first), group="strength")
        self.query_one("#agreement", Static).update(agreement(self.first, self.second))

    async def _judge(self, passphrase: str) -> None:
        from kmstui.core.passphrase import judge  # noqa: PLC0415 - its word lists load slowly

        console = cast("KmsApp", self.app)
        strength: Strength = await console.caller.run(judge, passphrase)
        if passphrase == self.first:
            self._judged = (passphrase, strength)
            shown = meter(strength) if passphrase else text.literal("")
            self.query_one("#meter", Static).update(shown)

    async def judged(self) -> None:
        """Judge what was typed now, so that enter need not be pressed twice."""
        if self.first and (self._judged is None or self._judged[0] != self.first):
            await self._judge(self.first)


class CreatingStep(Step):
    """Says that the keystore is being made."""

    HEADING = "Making the keystore…"
    KEYS = ()

    def body(self) -> Iterable[Static]:
        """Yield what takes the time."""
        yield Static(
            text.literal(
                "Keys are drawn from the system's randomness and sealed under your passphrase. "
                "Argon2id takes a moment on purpose: so does every guess.",
                "$muted",
            ),
            classes="paragraph",
        )


class CodeStep(Step):
    """Shows the recovery code.

    Args:
        code: The code.
    """

    HEADING = "Keep the recovery code."
    KEYS = (("enter", "I have written it down"), ("ctrl+q", "leave"))

    def __init__(self, code: Secret) -> None:
        super().__init__()
        self._code = code

    def body(self) -> Iterable[Static | OpaqueValue]:
        """Yield the code and what it is for."""
        yield Static(
            text.literal(
                "It signs the root user in, also when your passphrase is forgotten. It is shown "
                "this once: write it down or print it, and keep it away from this machine.",
                "$muted",
            ),
            classes="paragraph",
        )
        yield OpaqueValue(
            OpaqueKind.RECOVERY_CODE, self._code.reveal().decode(), size=len(self._code), id="code"
        )

    def begin(self) -> None:
        """Show the code."""
        self.query_one(OpaqueValue).reveal()

    @property
    def readable(self) -> bool:
        """Whether the code is on the screen."""
        return self.query_one(OpaqueValue).readable


class ConfirmStep(Step):
    """Asks two groups of the code back.

    Args:
        code: The code.
        asked: Which groups, from 0.
    """

    HEADING = "Two groups of it, to be sure."
    KEYS = (("enter", "open the console"), ("esc", "show the code again"))

    def __init__(self, code: Secret, asked: tuple[int, int]) -> None:
        super().__init__()
        self._code = code
        self.asked = asked

    def body(self) -> Iterable[Static | Horizontal]:
        """Yield a field for each group."""
        yield Static(
            text.literal("Type them from what you wrote down.", "$muted"), classes="paragraph"
        )
        for number, group in enumerate(self.asked):
            yield field_row(
                f"Group {group + 1}", SafeInput(id=f"group-{number}", compact=True, max_length=7)
            )

    def problem(self) -> str:
        """Ask for both groups as they are in the code; case and look-alikes do not matter."""
        groups = self._code.reveal().decode().split("-")
        for number, group in enumerate(self.asked):
            field = self.query_one(f"#group-{number}", Input)
            if field.value.upper().translate(_TYPED) != groups[group]:
                field.focus()
                wrong = f"Group {group + 1} is another one. Esc shows the code again."
                return wrong if field.value else ""
        return ""

    @property
    def done(self) -> bool:
        """Whether both groups are right."""
        groups = self._code.reveal().decode().split("-")
        return all(
            self.query_one(f"#group-{number}", Input).value.upper().translate(_TYPED)
            == groups[group]
            for number, group in enumerate(self.asked)
        )


def step_line(number: int, total: int) -> Content:
    """Draw how far the steps are: ``● ● ○ ○``."""
    dots = [
        text.literal(
            "●" if index <= number else "○", "$key-accent" if index <= number else "$faint"
        )
        for index in range(total)
    ]
    return text.join(dots, " ")
