"""An editor for encryption contexts: pairs of strings that are authenticated, not encrypted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Static

from kmstui.core import strictjson
from kmstui.core.errors import StrictJsonError
from kmstui.core.limits import CONTEXT_BYTES
from kmstui.tui import text
from kmstui.tui.text import Content
from kmstui.tui.widgets.safe_input import SafeInput


class _Cell(SafeInput):
    """One key or value; a pasted JSON object goes to the whole editor."""

    def __init__(self, value: str, placeholder: str) -> None:
        super().__init__(
            value,
            placeholder=placeholder,
            classes=f"context-{placeholder}",
            compact=True,
            select_on_focus=False,
        )

    def on_paste(self, event: events.Paste) -> None:
        """Hand a JSON object to the editor instead of inserting its first line."""
        if event.text.lstrip().startswith("{"):
            event.prevent_default()
            event.stop()
            self.post_message(ContextEditor.JsonPasted(event.text))

    async def action_delete_left(self) -> None:  # type: ignore[override]  # may await a removal
        """Delete a character, or leave the field when there is none."""
        row = self.parent
        if self.value or not isinstance(row, _Row):
            super().action_delete_left()
        else:
            await row.step_back(self)


class _Row(Horizontal):
    """One pair."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(-1)", "Previous pair", show=False),
        Binding("down", "step(1)", "Next pair", show=False),
    ]

    def __init__(self, key: str = "", value: str = "") -> None:
        super().__init__()
        self._pair = (key, value)

    def compose(self) -> ComposeResult:
        key, value = self._pair
        yield _Cell(key, "key")
        yield Static(text.literal("="))
        yield _Cell(value, "value")

    @property
    def cells(self) -> tuple[_Cell, _Cell]:
        """The inputs of the key and the value."""
        key, value = self.query(_Cell)
        return key, value

    @property
    def editor(self) -> ContextEditor:
        """The editor the pair belongs to."""
        return self.query_ancestor(ContextEditor)

    def action_step(self, rows: int) -> None:
        """Move the cursor to another pair."""
        self.editor.step(self, self._focused_cell, rows)

    async def step_back(self, cell: _Cell) -> None:
        """Answer a backspace in one of the fields, which is empty."""
        await self.editor.step_back(self, self.cells.index(cell))

    @property
    def _focused_cell(self) -> int:
        return 1 if self.cells[1].has_focus else 0

    @property
    def pair(self) -> tuple[str, str]:
        """Key and value as they stand."""
        try:
            key, value = self.cells
        except ValueError:
            return self._pair
        return key.value, value.value


class ContextEditor(Vertical):
    """Rows of key and value.

    Enter goes on to the value, then to the next pair, and makes one after the last; on an empty
    last pair it submits. Backspace in an empty pair removes it. Up and down move between pairs.
    A JSON object that is pasted replaces everything.

    Args:
        context: The pairs to start with.
        id: Id of the widget.
        classes: Classes of the widget.
    """

    DEFAULT_CSS = """
    ContextEditor {
        height: auto;
        & > _Row { height: 1; }
        & > _Row > _Cell { width: 1fr; background: $panel; }
        & > _Row > _Cell:focus { background: $row-cursor; }
        & > _Row > .context-value { width: 2fr; }
        & > _Row > Static { width: 3; content-align: center middle; color: $muted; }
        & > .context-status { height: auto; color: $muted; }
    }
    """

    class Changed(Message):
        """The context is another one.

        Attributes:
            editor: The editor.
        """

        def __init__(self, editor: ContextEditor) -> None:
            super().__init__()
            self.editor = editor

        @property
        def control(self) -> ContextEditor:
            """The editor, for Textual's selectors."""
            return self.editor

    class Submitted(Changed):
        """Enter was pressed on an empty last pair: the person is done."""

    class JsonPasted(Message):
        """JSON was pasted into one of the fields.

        Attributes:
            source: What was pasted.
        """

        def __init__(self, source: str) -> None:
            super().__init__()
            self.source = source

    def __init__(
        self,
        context: Mapping[str, str] | None = None,
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._initial = dict(context or {})
        self._complaint: Content | None = None

    def compose(self) -> ComposeResult:
        """Lay out the pairs, an empty one after them, and the status line."""
        for key, value in self._initial.items():
            yield _Row(key, value)
        yield _Row()
        yield Static(classes="context-status")

    def on_mount(self) -> None:
        """Show the size."""
        self._show_status()

    @property
    def context(self) -> dict[str, str]:
        """The pairs that have a key, in order; of equal keys the last one counts."""
        return {key: value for key, value in self._pairs() if key}

    @property
    def byte_count(self) -> int:
        """UTF-8 bytes of all keys and values."""
        return sum(len(part.encode()) for pair in self._pairs() for part in pair)

    @property
    def problem(self) -> Content | None:
        """What keeps the context from being used, or None."""
        if self._complaint is not None:
            return self._complaint
        keys = [key for key, _ in self._pairs()]
        if not all(keys):
            return text.literal("A value has no key.")
        repeated = next((key for key in keys if keys.count(key) > 1), None)
        if repeated is not None:
            return text.template("The key [b]$key[/b] stands there twice.", key=repeated)
        if self.byte_count > CONTEXT_BYTES:
            over = self.byte_count - CONTEXT_BYTES
            return text.template("$over bytes too long.", over=f"{over:,}")
        return None

    async def set_context(self, context: Mapping[str, str]) -> None:
        """Replace all pairs.

        A string that has a character a terminal would obey or hide is refused and shown as the
        problem: an input cannot show it, and dropping it would make another context.
        """
        self._complaint = None
        for part in (part for pair in context.items() for part in pair):
            if text.without_hidden(part) != part:
                self._complaint = text.template(
                    "$part has a character that cannot be shown here; use the command line.",
                    part=text.one_line(part, 60),
                )
                self._show_status()
                return
        await self.query(_Row).remove()
        rows = [_Row(key, value) for key, value in context.items()]
        await self.mount(*rows, _Row(), before=self.query_one(".context-status"))
        self._show_status()
        self.post_message(self.Changed(self))

    def focus_first(self) -> None:
        """Put the cursor into the first key."""
        self.query(_Cell).first().focus()

    async def paste_json(self, source: str) -> None:
        """Replace all pairs by those of a JSON object of strings and whole numbers."""
        try:
            value = strictjson.loads(source)
        except StrictJsonError as error:
            self._complain(text.template("That is not JSON: $why", why=error.message))
            return
        if not isinstance(value, dict):
            self._complain(text.literal("A context is a JSON object."))
            return
        context = {}
        for key, part in value.items():
            if isinstance(part, bool) or not isinstance(part, str | int):
                self._complain(text.template("The value of [b]$key[/b] is no string.", key=key))
                return
            context[key] = str(part)
        await self.set_context(context)

    @on(JsonPasted)
    async def _take_json(self, event: JsonPasted) -> None:
        event.stop()
        await self.paste_json(event.source)

    @on(Input.Changed)
    def _edited(self, event: Input.Changed) -> None:
        event.stop()
        self._complaint = None
        self._show_status()
        self.post_message(self.Changed(self))

    @on(Input.Submitted)
    async def _go_on(self, event: Input.Submitted) -> None:
        event.stop()
        rows = self._rows
        row = next(row for row in rows if event.input in row.cells)
        key, value = row.cells
        if event.input is key and row.pair != ("", ""):
            value.focus()
        elif row is not rows[-1]:
            rows[rows.index(row) + 1].cells[0].focus()
        elif row.pair == ("", ""):
            self.post_message(self.Submitted(self))
        else:
            await self._add_row()

    async def _add_row(self) -> None:
        row = _Row()
        await self.mount(row, before=self.query_one(".context-status"))
        row.cells[0].focus()

    def step(self, row: _Row, cell: int, rows: int) -> None:
        """Move the cursor from a pair to one further down or up, in the same column."""
        every = self._rows
        target = every.index(row) + rows
        if 0 <= target < len(every):
            every[target].cells[cell].focus()

    async def step_back(self, row: _Row, cell: int) -> None:
        """Answer a backspace in an empty field: back to the key, or remove the empty pair."""
        rows = self._rows
        if cell == 1:
            row.cells[0].focus()
        elif row.pair == ("", "") and len(rows) > 1:
            before = max(rows.index(row) - 1, 0)
            await row.remove()
            self._rows[before].cells[1].focus()

    @property
    def _rows(self) -> list[_Row]:
        return list(self.query(_Row))

    def _pairs(self) -> list[tuple[str, str]]:
        if not self.is_mounted:
            return list(self._initial.items())
        return [pair for pair in (row.pair for row in self._rows) if pair != ("", "")]

    def _complain(self, complaint: Content) -> None:
        self._complaint = complaint
        self._show_status()

    def _show_status(self) -> None:
        problem = self.problem
        size = text.template(
            "[$muted]$count of $limit bytes · authenticated, logged in clear[/]",
            count=f"{self.byte_count:,}",
            limit=f"{CONTEXT_BYTES:,}",
        )
        shown = size if problem is None else text.template("[$danger]✗ $what[/]", what=problem)
        self.query_one(".context-status", Static).update(shown)
