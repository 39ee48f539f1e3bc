"""The rows behind a table: keys, what is visible in which order, marks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

Row = TypeVar("Row")


class RowModel(Generic[Row]):
    """Rows with unique keys, and the order in which some of them are visible.

    *Index* is a row's place among all rows, *position* its place among the visible ones.
    """

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._keys: list[str] = []
        self._index: dict[str, int] = {}
        self._versions: dict[str, int] = {}
        self._visible: Sequence[int] | None = None
        self._marks: set[str] = set()

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def visible_count(self) -> int:
        """Rows that are visible."""
        return len(self._rows) if self._visible is None else len(self._visible)

    @property
    def marks(self) -> frozenset[str]:
        """Keys of all marked rows, visible or not."""
        return frozenset(self._marks)

    @property
    def has_marks(self) -> bool:
        """Whether any row is marked."""
        return bool(self._marks)

    def replace(self, rows: Iterable[Row], keys: Iterable[str]) -> None:
        """Replace all rows; all become visible and marks of rows that are gone go too.

        Raises:
            ValueError: Keys repeat, or there are not as many as rows.
        """
        self._rows, self._keys = list(rows), list(keys)
        self._index = {key: index for index, key in enumerate(self._keys)}
        self._check()
        self._versions.clear()
        self._visible = None
        self._marks.intersection_update(self._index)

    def extend(self, rows: Iterable[Row], keys: Iterable[str]) -> None:
        """Add rows at the end; they are visible unless an order was set.

        Raises:
            ValueError: A key is there already, or there are not as many keys as rows.
        """
        start = len(self._keys)
        self._rows.extend(rows)
        self._keys.extend(keys)
        self._index.update((key, start + n) for n, key in enumerate(self._keys[start:]))
        self._check()

    def update(self, key: str, row: Row) -> int | None:
        """Put a new row in place of the one with this key and return its position if visible.

        Raises:
            KeyError: There is no row with this key.
        """
        self._rows[self._index[key]] = row
        self._versions[key] = self._versions.get(key, 0) + 1
        return self.position(key)

    def show(self, indices: Sequence[int] | None) -> None:
        """Make the rows at these indices visible in this order; all, as they came, if None."""
        self._visible = indices

    def __contains__(self, key: str) -> bool:
        return key in self._index

    def row(self, key: str) -> Row:
        """Return the row with a key.

        Raises:
            KeyError: There is none.
        """
        return self._rows[self._index[key]]

    def row_at(self, position: int) -> Row:
        """Return the visible row at a position."""
        return self._rows[self._at(position)]

    def key_at(self, position: int) -> str:
        """Return the key of the visible row at a position."""
        return self._keys[self._at(position)]

    def version(self, key: str) -> int:
        """Return how often the row was replaced on its own."""
        return self._versions.get(key, 0)

    def position(self, key: str) -> int | None:
        """Return where a row stands among the visible ones, or None."""
        index = self._index.get(key)
        if index is None or self._visible is None:
            return index
        try:
            return self._visible.index(index)
        except ValueError:
            return None

    def sample(self, count: int) -> list[Row]:
        """Return the first rows, for measuring."""
        return self._rows[:count]

    def visible_keys(self, start: int = 0, stop: int | None = None) -> list[str]:
        """Return the keys of the visible rows from one position up to another."""
        if self._visible is None:
            return self._keys[start:stop]
        return [self._keys[index] for index in self._visible[start:stop]]

    def is_marked(self, key: str) -> bool:
        """Tell whether a row is marked."""
        return key in self._marks

    def set_marks(self, keys: Iterable[str]) -> None:
        """Mark exactly these rows; keys without a row are ignored."""
        self._marks = {key for key in keys if key in self._index}

    def marked_visible(self) -> list[str]:
        """Return the keys of rows that are marked and visible, in the order shown."""
        return [key for key in self.visible_keys() if key in self._marks]

    def _at(self, position: int) -> int:
        return position if self._visible is None else self._visible[position]

    def _check(self) -> None:
        if not len(self._rows) == len(self._keys) == len(self._index):
            raise ValueError("every row needs a key of its own")
