"""Filtering of many rows on every keystroke.

Cells are laid down once, when rows arrive. A query that narrows one asked before scans only what
that one let through, and one that was asked before, as every key of backspace asks, scans nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Generic

from kmstui.tui.filter_fields import Cell, Field, Row, haystack
from kmstui.tui.filtering import Filter

_HELD = 24
"""Queries whose rows are kept: as many as a person takes back in one go."""


class FilterIndex(Generic[Row]):
    """The rows of one list, ready to be filtered.

    Args:
        fields: The fields of the list.
    """

    def __init__(self, fields: Sequence[Field[Row]]) -> None:
        self._fields = {field.name: field for field in fields}
        self._rows: list[Row] = []
        self._free = tuple(field.name for field in fields if field.free)
        self._columns: dict[str, list[Cell]] = {name: [] for name in ("", *self._fields)}
        self._order: Sequence[int] | None = None
        self._held: deque[tuple[Filter[Row], tuple[int, ...]]] = deque(maxlen=_HELD)

    def __len__(self) -> int:
        return len(self._rows)

    def set_rows(self, rows: Iterable[Row]) -> None:
        """Replace all rows; the order is forgotten."""
        self._rows = []
        self._columns = {name: [] for name in self._columns}
        self._order = None
        self.extend(rows)

    def extend(self, rows: Iterable[Row]) -> None:
        """Add rows at the end; an order must be set again, for it does not name them."""
        added = list(rows)
        self._rows.extend(added)
        laid = {name: field.cells(added) for name, field in self._fields.items()}
        laid[""] = [
            haystack(laid[name][index] for name in self._free) for index in range(len(added))
        ]
        for name, cells in laid.items():
            self._columns[name].extend(cells)
        self._order = None
        self._held.clear()

    def update(self, index: int, row: Row) -> None:
        """Put a new row in place of the one at an index."""
        self._rows[index] = row
        cells = {name: field.cell(row) for name, field in self._fields.items()}
        cells[""] = haystack(cells[name] for name in self._free)
        for name, cell in cells.items():
            self._columns[name][index] = cell
        self._held.clear()

    def set_order(self, order: Sequence[int] | None) -> None:
        """Set the order in which rows pass: indices of all rows, or None for the order given."""
        self._order = order
        self._held.clear()

    def apply(self, query: Filter[Row]) -> Sequence[int] | None:
        """Return the indices of the rows that pass, in the order set.

        Returns:
            None when every row passes in the order they came, as a table's ``set_visible`` takes.
        """
        if not query:
            return self._order
        passed = self._narrowed(query)
        self._held.append((query, passed))
        return passed

    def _narrowed(self, query: Filter[Row]) -> tuple[int, ...]:
        """Find what passes among the fewest rows that are known to hold all of it."""
        terms = query.terms
        candidates: Sequence[int] | None = self._order
        wider = [held for held in reversed(self._held) if query.narrows(held[0])]
        if wider:
            before, passed = min(wider, key=lambda held: len(held[1]))
            # What let these through need not be asked of them again.
            terms = tuple(
                term for term in terms if not any(each.implies(term) for each in before.terms)
            )
            if not terms:
                return passed
            candidates = passed
        # A needle is the cheapest test there is, so it goes first and leaves less for the rest.
        for term in sorted(terms, key=lambda term: term.needle is None):
            candidates = term.scan(self._columns[term.column], candidates)
        return tuple(candidates or ())
