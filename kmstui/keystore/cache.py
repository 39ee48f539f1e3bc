"""A bounded memory of decoded records, so that a warm read is a dictionary lookup."""

from __future__ import annotations

from collections import OrderedDict

CAPACITY = 4096
"""Records that are held at most."""


class RecordCache:
    """The records that were read last, by table and row id.

    Args:
        capacity: How many to hold at most.
    """

    __slots__ = ("_capacity", "_records")

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._records: OrderedDict[tuple[str, str], object] = OrderedDict()

    def get(self, table: str, row_id: str) -> object | None:
        """Return a record, if it is held."""
        return self._records.get((table, row_id))

    def put(self, table: str, row_id: str, record: object) -> None:
        """Hold a record; the one held longest goes when there is no room.

        Which one was used last is not kept: reading is the cost of every call, and a record that
        goes although it is used comes back with its next read.
        """
        self._records[(table, row_id)] = record
        if len(self._records) > self._capacity:
            self._records.popitem(last=False)

    def forget(self, table: str, row_id: str) -> None:
        """Drop a record, if it is held."""
        self._records.pop((table, row_id), None)

    def clear(self) -> None:
        """Drop every record."""
        self._records.clear()

    def __len__(self) -> int:
        return len(self._records)
