"""Rotating now, and the schedule: what it changes and what it does not, before it is done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Static

from kmstui.core.limits import (
    ROTATION_PERIOD_DAYS,
    ROTATION_PERIOD_MAX_DAYS,
    ROTATION_PERIOD_MIN_DAYS,
    ROTATIONS_ON_DEMAND,
)
from kmstui.tui import text, timefmt
from kmstui.tui.dialogs.base import Answer, Dialog, Tone
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.places.keys.rotation.model import left, period_of
from kmstui.tui.places.keys.wording import LeftOut, keys_label, left_out
from kmstui.tui.text import Content
from kmstui.tui.widgets.fact_list import Fact, FactList
from kmstui.tui.widgets.safe_input import SafeInput

_DAYS_CELLS = 6
_STEP = 30


class RotateDialog(Dialog[bool]):
    """Asks whether to rotate now, and says what that does; answers True to do it.

    Args:
        keys: Which.
        now: The account's time.
        skipped: Marked keys that are left out.
        masked: Whether names are hidden.
    """

    def __init__(
        self,
        keys: Sequence[KeySummary],
        *,
        now: datetime,
        skipped: Sequence[LeftOut] = (),
        masked: bool = False,
    ) -> None:
        super().__init__(
            text.template("Rotate $what now?", what=keys_label(keys, masked=masked)),
            (
                Answer(value=False, label=text.literal("Leave as it is")),
                Answer(value=True, label=text.literal("Rotate now"), tone=Tone.MAIN),
            ),
        )
        self.keys = tuple(keys)
        self._now = now
        self._skipped = tuple(skipped)
        self._masked = masked

    def body(self) -> Iterable[Widget]:
        """Yield what changes, what does not, and what it cannot do."""
        yield FactList(self._facts(), label_cells=14, classes="paragraph")
        if self._skipped:
            yield Static(text.literal("Left out", "$muted"), classes="heading")
            yield Static(left_out(self._skipped, masked=self._masked), classes="paragraph")

    def _facts(self) -> Iterable[Fact]:
        one = self.keys[0] if len(self.keys) == 1 else None
        new = "the material that was imported and waits" if one and one.rotation_waits else "new"
        yield Fact("New calls", text.literal(f"encrypt under {new} material from then on"))
        yield Fact("Old data", text.literal("goes on decrypting: every earlier material stays"))
        yield Fact("Unchanged", text.literal("key id, ARN, aliases, policy, grants: no program"))
        yield Fact("", text.literal("has to be told"))
        if one is not None and one.replica_regions:
            regions = ", ".join(one.replica_regions)
            yield Fact("Replicas", text.literal(f"{regions} get the same material"))
        yield Fact("Schedule", text.literal(self._schedule(one)))
        cannot = "a re-encryption. What an old material encrypted stays under it; "
        cannot += "if that leaked, re-encrypt the data (E, then re-encrypt)."
        yield Fact("It is not", text.literal(cannot, "$warn"))
        yield Fact("By hand", self._left(one))

    def _schedule(self, one: KeySummary | None) -> str:
        if one is None:
            return "automatic rotations stay when they are"
        if one.next_rotation is None:
            return "none, and stays so"
        return f"stays: the next rotation is on {timefmt.day(one.next_rotation)}"

    def _left(self, one: KeySummary | None) -> Content:
        if one is None:
            return text.literal(f"one of each key's {ROTATIONS_ON_DEMAND} for life is used up")
        after = left(one) - 1
        style = "$warn" if after < 5 else ""
        said = f"{after} of {ROTATIONS_ON_DEMAND} left for the key's whole life after this one"
        return text.literal(said, style)

    def first_focus(self) -> None:
        """Focus the deed: it breaks nothing."""
        self.button(1).focus()


@dataclass(frozen=True, slots=True)
class Plan:
    """What the schedule is to be.

    Attributes:
        days: The period; None to switch automatic rotation off.
    """

    days: int | None


class ScheduleDialog(Dialog[Plan]):
    """Asks for a rotation period, or for none; answers the plan.

    Args:
        keys: Which.
        now: The account's time.
        skipped: Marked keys that are left out.
        masked: Whether names are hidden.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(1)", show=False),
        Binding("down", "step(-1)", show=False),
    ]
    DEFAULT_CSS = """
    ScheduleDialog #row {
        height: 1;
        margin-bottom: 1;
        & > .label { width: 14; color: $muted; }
        & > #first { width: 1fr; padding-left: 1; }
    }
    """

    def __init__(
        self,
        keys: Sequence[KeySummary],
        *,
        now: datetime,
        skipped: Sequence[LeftOut] = (),
        masked: bool = False,
    ) -> None:
        running = any(key.rotation_days for key in keys)
        off = [Answer(Plan(None), text.literal("Switch off"))] if running else []
        label = text.literal("Change" if running and len(keys) == 1 else "Rotate by itself")
        super().__init__(
            text.template("Rotation schedule of $what", what=keys_label(keys, masked=masked)),
            (*off, Answer(Plan(0), label, Tone.MAIN)),
        )
        self.keys = tuple(keys)
        self._now = now
        self._skipped = tuple(skipped)
        self._masked = masked
        first = keys[0].rotation_days if len(keys) == 1 else None
        self._start = first or ROTATION_PERIOD_DAYS

    def body(self) -> Iterable[Widget]:
        """Yield the present schedule, the period and what it means."""
        yield FactList(self._facts(), label_cells=14, classes="paragraph")
        yield _Period(self._start, self._first(self._start))
        if self._skipped:
            yield Static(text.literal("Left out", "$muted"), classes="heading")
            yield Static(left_out(self._skipped, masked=self._masked), classes="paragraph")

    def _facts(self) -> Iterable[Fact]:
        if len(self.keys) == 1:
            yield Fact("At present", text.literal(self._present(self.keys[0])))
        yield Fact("Each time", text.literal("new material for new calls; old data decrypts"))
        low, high = ROTATION_PERIOD_MIN_DAYS, ROTATION_PERIOD_MAX_DAYS
        yield Fact("Period", text.literal(f"{low} to {high:,} days, counted from now"))
        yield Fact("Off", text.literal("keeps every material; nothing is lost by it"))

    def _present(self, key: KeySummary) -> str:
        if key.next_rotation is None or not key.rotation_days:
            return "off: the material never changes by itself"
        until = timefmt.until(key.next_rotation, self._now)
        return f"every {key.rotation_days:,} days, next {until}"

    def _first(self, days: int | None) -> Content:
        if days is None:
            low, high = ROTATION_PERIOD_MIN_DAYS, ROTATION_PERIOD_MAX_DAYS
            return text.literal(f"a period is {low} to {high:,} days", "$warn")
        first = timefmt.day(self._now + timedelta(days=days))
        return text.template("days, first on [b]$first[/]  [$muted]↑↓ change it[/]", first=first)

    @property
    def days(self) -> int | None:
        """The period as it stands in the field, None while it is none."""
        return period_of(self.query_one("#days", SafeInput).value)

    def first_focus(self) -> None:
        """Focus the period."""
        self.query_one("#days", SafeInput).focus()

    @on(SafeInput.Changed, "#days")
    def _typed(self) -> None:
        self.query_one("#first", Static).update(self._first(self.days))
        self.button(len(self.answers) - 1).disabled = self.days is None

    @on(SafeInput.Submitted, "#days")
    def _entered(self, event: SafeInput.Submitted) -> None:
        event.stop()
        self.chosen(Plan(0))

    def action_step(self, by: int) -> None:
        """Make the period a month longer or shorter."""
        days = (self.days or self._start) + by * _STEP
        days = max(ROTATION_PERIOD_MIN_DAYS, min(ROTATION_PERIOD_MAX_DAYS, days))
        self.query_one("#days", SafeInput).value = str(days)

    def chosen(self, value: Plan) -> None:
        """Answer with the period, unless it is none."""
        if value.days is None:
            self.dismiss(value)
        elif (days := self.days) is not None:
            self.dismiss(Plan(days))


class _Period(Horizontal):
    """The period: a field, and the first date it leads to."""

    def __init__(self, days: int, first: Content) -> None:
        super().__init__(id="row")
        self._days = days
        self._first = first

    def compose(self) -> ComposeResult:
        """Lay the row out."""
        yield Static(text.literal("Every"), classes="label")
        field = SafeInput(str(self._days), compact=True, id="days", max_length=5)
        field.styles.width = _DAYS_CELLS
        yield field
        yield Static(self._first, id="first")
