"""Keeping a key that is scheduled for deletion, and what comes after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from textual.widget import Widget
from textual.widgets import Static

from kmstui.tui import text
from kmstui.tui.dialogs.base import Answer, Dialog, Tone
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.places.keys.wording import LeftOut, keys_label, left_out
from kmstui.tui.places.keys.wording_impact import last_use_of
from kmstui.tui.widgets.fact_list import Fact, FactList
from kmstui.tui.widgets.state_chip import countdown_chip


class KeepDialog(Dialog[bool]):
    """Asks whether to cancel the deletion; answers True to keep the keys.

    Args:
        keys: Keys that are waiting to be deleted.
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
        keep = "Keep this key" if one else f"Keep these {len(keys):,} keys"
        leave = "Leave it scheduled" if one else "Leave them scheduled"
        super().__init__(
            text.template("Keep $what?", what=keys_label(keys, masked=masked)),
            (
                Answer(value=True, label=text.literal(keep), tone=Tone.MAIN),
                Answer(value=False, label=text.literal(leave)),
            ),
        )
        self.keys = tuple(keys)
        self._now = now
        self._skipped = tuple(skipped)
        self._masked = masked

    def body(self) -> Iterable[Widget]:
        """Yield what is about to be lost and what keeping does."""
        yield FactList(self._facts(), label_cells=16, classes="paragraph")
        if self._skipped:
            yield Static(text.literal("Left out", "$muted"), classes="heading")
            yield Static(left_out(self._skipped, masked=self._masked), classes="paragraph")

    def _facts(self) -> Iterable[Fact]:
        dates = [key.deletion_date for key in self.keys if key.deletion_date is not None]
        if dates:
            label = "Deleted in" if len(self.keys) == 1 else "First deleted in"
            yield Fact(label, countdown_chip(min(dates), self._now))
        yield Fact("Last use", last_use_of(self.keys, self._now, masked=self._masked))
        yield Fact("If kept", text.literal("disabled at first; you can enable it next"))

    def first_focus(self) -> None:
        """Focus keeping: it loses nothing."""
        self.button(0).focus()


class EnableNext(Dialog[bool]):
    """Offers to enable what was just kept; answers True to do so.

    Args:
        keys: Keys whose deletion was cancelled.
        masked: Whether names are hidden.
    """

    def __init__(self, keys: Sequence[KeySummary], *, masked: bool = False) -> None:
        what = keys_label(keys, masked=masked)
        one = len(keys) == 1
        super().__init__(
            text.template("$what $verb kept", what=what, verb="is" if one else "are"),
            (
                Answer(value=False, label=text.literal("Leave disabled")),
                Answer(value=True, label=text.literal("Enable"), tone=Tone.MAIN),
            ),
        )
        self.keys = tuple(keys)

    def body(self) -> Iterable[Widget]:
        """Yield where it stands now."""
        said = (
            "It is disabled, as AWS KMS leaves every key whose deletion was cancelled. "
            "Until it is enabled nothing can use it."
            if len(self.keys) == 1
            else "They are disabled, as AWS KMS leaves every key whose deletion was cancelled. "
            "Until they are enabled nothing can use them."
        )
        yield Static(text.literal(said), classes="paragraph")
