"""Scheduling deletion: first something better, then a waiting period and a typed confirmation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import OptionList, Static

from kmstui.core.limits import PENDING_WINDOW_MAX_DAYS, PENDING_WINDOW_MIN_DAYS
from kmstui.tui import text, timefmt
from kmstui.tui.dialogs.choice import Choice, Choose
from kmstui.tui.dialogs.confirm import ConfirmTyped, bulk_token, progress
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.places.keys.wording import LeftOut, keys_label, left_out
from kmstui.tui.places.keys.wording_impact import last_use_of, vanishing_aliases
from kmstui.tui.text import Content
from kmstui.tui.widgets.fact_list import Fact, FactList
from kmstui.tui.widgets.safe_input import SafeInput

DISABLE, DELETE = "disable", "delete"

_DAYS_CELLS = 4


def impact(keys: Sequence[KeySummary], now: datetime, *, masked: bool) -> Iterable[Fact]:
    """List what deleting keys breaks."""
    yield Fact("Aliases", vanishing_aliases(keys, masked=masked))
    yield Fact("Last use", last_use_of(keys, now, masked=masked))
    them = "it" if len(keys) == 1 else "them"
    if all(key.is_replica for key in keys):
        primaries = ", ".join(dict.fromkeys(key.primary_region for key in keys))
        said = f"nothing while the primary in {primaries} lives: that decrypts it, and can be "
        yield Fact("Lost for good", text.literal(f"{said}replicated here again"))
        return
    leading = [region for key in keys for region in key.replica_regions if not key.is_replica]
    if leading:
        regions = ", ".join(dict.fromkeys(leading))
        said = f"the period begins once the replicas are deleted: {regions}"
        yield Fact("Waits", text.literal(said, "$warn"))
    yield Fact("Lost for good", text.literal(f"everything encrypted under {them}", "$danger"))


class InsteadDialog(Choose[str]):
    """Offers to disable instead of deleting, with the cost of each; answers which.

    Args:
        keys: What it is about.
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
        one = len(keys) == 1
        enabled = any(key.state == "Enabled" for key in keys)
        stops = "Uses stop." if enabled else "Nothing can use it now."
        undo = "u undoes it" if one else "t takes it back"
        choices = [
            Choice(
                DISABLE,
                text.literal("Disable instead" if enabled else "Leave disabled"),
                f"{stops} Nothing is lost; {undo}." if enabled else f"{stops} Nothing is lost.",
            ),
            Choice(
                DELETE,
                text.literal("Schedule deletion…", "$danger"),
                "Uses stop. In 7 to 30 days all is lost.",
            ),
        ]
        super().__init__(
            text.template("Delete $what?", what=keys_label(keys, masked=masked)),
            choices,
            current=DISABLE,
            message=text.literal("Once the waiting period is over, nothing brings it back."),
        )
        self.keys = tuple(keys)
        self._now = now
        self._skipped = tuple(skipped)
        self._masked = masked
        self.add_class("-danger")

    def body(self) -> Iterable[Widget]:
        """Yield the impact between the paragraph and the choices."""
        widgets = list(super().body())
        cut = next(i for i, each in enumerate(widgets) if isinstance(each, OptionList))
        yield from widgets[:cut]
        yield FactList(
            impact(self.keys, self._now, masked=self._masked), label_cells=16, classes="paragraph"
        )
        if self._skipped:
            yield Static(text.literal("Left out", "$muted"), classes="heading")
            yield Static(left_out(self._skipped, masked=self._masked), classes="paragraph")
        yield from widgets[cut:]


class DeletionDialog(ConfirmTyped):
    """Asks for the waiting period and the typed token; answers True to schedule.

    ``period`` then holds the days chosen.

    Args:
        keys: What it is about.
        now: The account's time.
        masked: Whether names are hidden; then a count is typed instead of one.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(1)", show=False),
        Binding("down", "step(-1)", show=False),
    ]
    DEFAULT_CSS = """
    DeletionDialog #period {
        height: 1;
        margin-bottom: 1;
        & > .label { width: 16; color: $muted; }
        & > #ends { width: 1fr; padding-left: 1; }
    }
    """

    def __init__(self, keys: Sequence[KeySummary], *, now: datetime, masked: bool = False) -> None:
        one = len(keys) == 1 and not masked
        super().__init__(
            title=text.template(
                "Schedule the deletion of $what", what=keys_label(keys, masked=masked)
            ),
            message=text.literal(
                "Until the waiting period ends nothing can use it, and K keeps it."
                if len(keys) == 1
                else "Until the waiting period ends nothing can use them, and K keeps each."
            ),
            token=keys[0].token if one else bulk_token(len(keys)),
            verb=text.literal("Schedule deletion"),
        )
        self.keys = tuple(keys)
        self.period = PENDING_WINDOW_MAX_DAYS
        self._now = now
        self._masked = masked

    def impact(self) -> Iterable[Widget]:
        """Yield what is lost, and the waiting period."""
        yield FactList(
            impact(self.keys, self._now, masked=self._masked), label_cells=16, classes="paragraph"
        )
        yield _Period(self._ends())

    def _ends(self) -> Content:
        days = self.chosen_days
        if days is None:
            low, high = PENDING_WINDOW_MIN_DAYS, PENDING_WINDOW_MAX_DAYS
            return text.literal(f"a waiting period is {low} to {high} days", "$warn")
        end = timefmt.stamp(self._now + timedelta(days=days))
        return text.template("days, ends [b]$end[/]  [$muted]↑↓ change it[/]", end=end)

    @property
    def chosen_days(self) -> int | None:
        """The waiting period as it stands in the field, None while it is not one."""
        if not self.is_mounted:
            return self.period
        typed = self.query_one("#days", SafeInput).value.strip()
        if not (typed.isascii() and typed.isdigit()):
            return None
        low, high = PENDING_WINDOW_MIN_DAYS, PENDING_WINDOW_MAX_DAYS
        return int(typed) if low <= int(typed) <= high else None

    @on(SafeInput.Changed, "#days")
    def _period_changed(self) -> None:
        self.query_one("#ends", Static).update(self._ends())
        self._judge()

    @on(SafeInput.Submitted, "#days")
    def _period_entered(self, event: SafeInput.Submitted) -> None:
        event.stop()
        self.first_focus()

    @on(SafeInput.Changed, "#token")
    def _token_changed(self, event: SafeInput.Changed) -> None:
        # The base judges by the token alone; the period counts too.
        event.prevent_default()
        self.query_one("#progress", Static).update(progress(self.token, event.value))
        self._judge()

    def _judge(self) -> None:
        """Hold the deed back while the token or the period is wrong."""
        typed = self.query_one("#token", SafeInput).value
        self.button(1).disabled = typed != self.token or self.chosen_days is None

    def action_step(self, by: int) -> None:
        """Make the waiting period a day longer or shorter."""
        low, high = PENDING_WINDOW_MIN_DAYS, PENDING_WINDOW_MAX_DAYS
        days = max(low, min(high, (self.chosen_days or high) + by))
        self.query_one("#days", SafeInput).value = str(days)

    def chosen(self, value: bool) -> None:
        """Keep the period, then answer; not while it is out of bounds."""
        days = self.chosen_days
        if value and days is None:
            return
        self.period = days or self.period
        super().chosen(value)


class _Period(Horizontal):
    """The waiting period: a field, and the date it leads to."""

    def __init__(self, ends: Content) -> None:
        super().__init__(id="period")
        self._ends = ends

    def compose(self) -> ComposeResult:
        """Lay the row out."""
        yield Static(text.literal("Waiting period"), classes="label")
        field = SafeInput(
            str(PENDING_WINDOW_MAX_DAYS), compact=True, id="days", max_length=2, type="integer"
        )
        # Every dialog's own style sheet makes its fields as wide as there is room.
        field.styles.width = _DAYS_CELLS
        yield field
        yield Static(self._ends, id="ends")
