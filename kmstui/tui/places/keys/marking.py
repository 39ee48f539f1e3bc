"""What commands act on in a list: the marked rows that are shown, or the one under the cursor."""

from __future__ import annotations

from typing import Generic

from kmstui.core.errors import UsageError
from kmstui.tui.commands import Subject
from kmstui.tui.filter_fields import Row
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.place import View
from kmstui.tui.places.keys.barred import subject_of
from kmstui.tui.places.keys.wording import LeftOut
from kmstui.tui.widgets.virtual_table import VirtualTable


class Marking(View, Generic[Row]):
    """A view with a table in which rows are marked."""

    _many: Subject | None = None

    def key_of(self, row: Row) -> KeySummary:
        """Return the key that a row is about."""
        raise NotImplementedError

    @property
    def table(self) -> VirtualTable[Row]:
        """The table."""
        return self.query_one("#table", VirtualTable)

    @property
    def subject(self) -> Subject | None:
        """The marked rows that are shown; without marks the row under the cursor."""
        if self.table.marked:
            many = self._subject_of_many()
            return many if many.count else None
        row = self.table.cursor_row
        return None if row is None else subject_of(self.key_of(row))

    def _subject_of_many(self) -> Subject:
        if self._many is None:
            keys = self._marked_keys()
            self._many = Subject(
                kind="key",
                identity=keys[0].arn if len(keys) == 1 else "",
                label=keys[0].label if len(keys) == 1 else f"{len(keys):,} keys",
                states=tuple({key.state for key in keys}),
                count=len(keys),
                aws_managed=bool(keys) and all(key.aws_managed for key in keys),
            )
        return self._many

    def _marked_keys(self) -> list[KeySummary]:
        keys = (self.key_of(self.table.row(name)) for name in self.table.marked_visible)
        return list({key.arn: key for key in keys}.values())

    def targets(self) -> tuple[list[KeySummary], list[LeftOut]]:
        """Return the keys a command acts on, and the marked ones it leaves out because hidden.

        Raises:
            UsageError: Rows are marked and none of them is shown.
        """
        table = self.table
        if not table.marked:
            row = table.cursor_row
            return ([] if row is None else [self.key_of(row)]), []
        keys = self._marked_keys()
        if not keys:
            raise UsageError(
                "The filter hides every marked row.", hint="esc shows them, or takes the marks."
            )
        hidden = sorted(table.marked.difference(table.marked_visible))
        reason = "is marked but the filter hides it"
        return keys, [LeftOut(self.key_of(table.row(each)).label, reason) for each in hidden]

    def neighbours(self) -> list[str]:
        """Return the ARNs of the keys in the order shown."""
        table = self.table
        rows = (self.key_of(table.row(name)) for name in table.visible_keys())
        return list(dict.fromkeys(key.arn for key in rows))
