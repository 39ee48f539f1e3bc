"""How a list shows grants: in the place, and on the page of a key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from kmstui.tui import text, timefmt
from kmstui.tui.places.grants.model import GrantRow, Tally
from kmstui.tui.text import Content
from kmstui.tui.widgets.columns import Column

_OPERATIONS_CELLS = 16


class GrantCells:
    """Writes the cells of grants.

    Args:
        naming: Calls a key what a person calls it.
        orphaned: Tells why a grant is an orphan, in two words; empty if it is none.
        now: Tells the account's time.
        masked: Tells whether names are hidden.
    """

    def __init__(
        self,
        naming: Callable[[str], str],
        orphaned: Callable[[GrantRow], str],
        now: Callable[[], datetime],
        masked: Callable[[], bool],
    ) -> None:
        self._naming = naming
        self._orphaned = orphaned
        self._now = now
        self._masked = masked

    def columns(self, *, with_key: bool) -> list[Column[GrantRow]]:
        """Return the columns of a list of grants."""
        key = [Column("key", "KEY", self.key, flex=2, min_width=12, max_width=20, sortable=False)]
        return [
            *(key if with_key else []),
            Column(
                "grantee",
                "GRANTEE",
                self.grantee,
                flex=3,
                min_width=14,
                max_width=22,
                sortable=False,
            ),
            Column(
                "operations",
                "OPERATIONS",
                operations,
                flex=2,
                min_width=12,
                max_width=20,
                sortable=False,
            ),
            Column("bounds", "ONLY", self.bounds, flex=2, min_width=9, priority=1, sortable=False),
            Column("age", "AGE", self.age, width=5, align="right", priority=2, sortable=False),
            Column("name", "NAME", self.label, flex=1, min_width=10, priority=3, sortable=False),
            Column(
                "retirer",
                "RETIRER",
                self.retirer,
                flex=1,
                min_width=10,
                priority=4,
                sortable=False,
            ),
        ]

    def tallies(self, what: str, others: str) -> list[Column[Tally]]:
        """Return the columns of counts.

        Args:
            what: The title of what is counted by.
            others: The title of the number of different ones on the other side.
        """
        return [
            Column("what", what, self._what, flex=1, min_width=20, sortable=False),
            _number("count", "GRANTS", lambda row: row.count),
            _number("others", others, lambda row: row.others, priority=3),
            _number("unbounded", "UNBOUNDED", lambda row: row.unbounded, priority=1, warns=True),
            _number("orphans", "ORPHANS", lambda row: row.orphans, priority=2, warns=True),
            Column("newest", "NEWEST", self._newest, width=8, align="right", sortable=False),
        ]

    def name(self, value: str, style: str = "") -> Content:
        """Write something that identifies, or what stands for it under the privacy mask."""
        return text.mask(value) if self._masked() else text.literal(value, style)

    def key(self, row: GrantRow) -> Content:
        """Write the key."""
        return self.name(self._naming(row.key_arn))

    def grantee(self, row: GrantRow) -> Content:
        """Write the grantee, and what makes the grant an orphan before it."""
        why = self._orphaned(row)
        shown = self.name(row.grantee_label, "italic" if row.grantee_is_service else "")
        return text.styled(f"⚑ {why}: ", "$warn") + shown if why else shown

    def bounds(self, row: GrantRow) -> Content:
        """Write the constraints."""
        if not row.constrained:
            return text.literal("no bound", "$warn")
        return self.name(row.bounds)

    def label(self, row: GrantRow) -> Content:
        """Write the name."""
        return self.name(row.name, "$muted") if row.name else text.literal("—", "$faint")

    def retirer(self, row: GrantRow) -> Content:
        """Write the retiring principal."""
        retirer = row.retiring_label
        return self.name(retirer, "$muted") if retirer else text.literal("—", "$faint")

    def age(self, row: GrantRow) -> Content:
        """Write how old it is."""
        return self._ago(row.created)

    def _what(self, row: Tally) -> Content:
        return self.name(row.label)

    def _newest(self, row: Tally) -> Content:
        return self._ago(row.newest)

    def _ago(self, moment: datetime) -> Content:
        return text.literal(timefmt.ago(moment, self._now()).removesuffix(" ago"), "$muted")


def operations(row: GrantRow) -> Content:
    """Write as many operations as there is room for, and how many more there are."""
    named = row.operations[0]
    shown = 1
    for name in row.operations[1:]:
        if len(named) + len(name) > _OPERATIONS_CELLS:
            break
        named, shown = f"{named}, {name}", shown + 1
    more = len(row.operations) - shown
    return text.literal(named) + text.literal(f" +{more}" if more > 0 else "", "$muted")


def _number(
    key: str,
    title: str,
    get: Callable[[Tally], int],
    *,
    priority: int = 0,
    warns: bool = False,
) -> Column[Tally]:
    def cell(row: Tally) -> Content:
        count = get(row)
        style = "$faint" if not count else "$warn" if warns else ""
        return text.literal(f"{count:,}" if count else "—", style)

    return Column(
        key, title, cell, width=len(title), align="right", priority=priority, sortable=False
    )
