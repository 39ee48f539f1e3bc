"""What a table tells its owner."""

from __future__ import annotations

from textual.message import Message
from textual.widget import Widget


class TableMessage(Message, namespace="virtual_table"):
    """Base of the messages of a :class:`~kmstui.tui.widgets.virtual_table.VirtualTable`.

    Attributes:
        table: The table.
    """

    def __init__(self, table: Widget) -> None:
        super().__init__()
        self.table = table

    @property
    def control(self) -> Widget:
        """The table, for Textual's selectors."""
        return self.table


class RowHighlighted(TableMessage, namespace="virtual_table"):
    """The cursor is on another row, or on none.

    Attributes:
        key: Key of the row under the cursor, None when nothing is visible.
    """

    def __init__(self, table: Widget, key: str | None) -> None:
        super().__init__(table)
        self.key = key


class RowSelected(TableMessage, namespace="virtual_table"):
    """A row was opened: enter, or a click on the row under the cursor.

    Attributes:
        key: Key of the row.
    """

    def __init__(self, table: Widget, key: str) -> None:
        super().__init__(table)
        self.key = key


class SortRequested(TableMessage, namespace="virtual_table"):
    """The title of a sortable column was clicked; the owner sorts and calls ``set_sort``.

    Attributes:
        column: Key of the column.
    """

    def __init__(self, table: Widget, column: str) -> None:
        super().__init__(table)
        self.column = column


class MarksChanged(TableMessage, namespace="virtual_table"):
    """Rows were marked or unmarked.

    Attributes:
        count: Rows marked now, visible or not.
    """

    def __init__(self, table: Widget, count: int) -> None:
        super().__init__(table)
        self.count = count
