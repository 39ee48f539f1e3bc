"""A grid of decisions that paints only what is in view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from kmstui.tui import text
from kmstui.tui.text import Content
from kmstui.tui.verdicts import ActionGroup, Judged, all_actions, short_action

_HEADER = 2
_CELL = 4
_MARGIN = 2
_NAME_MOST, _NAME_LEAST = 34, 14
_CODES = {
    "GenerateDataKey": "GDK",
    "GenerateDataKeyWithoutPlaintext": "GDw",
    "ReEncryptFrom": "ReF",
    "ReEncryptTo": "ReT",
    "GetPublicKey": "Pub",
    "GenerateMac": "Mac",
    "VerifyMac": "VMc",
    "CreateGrant": "CrG",
    "ListGrants": "LsG",
    "RetireGrant": "RtG",
    "RevokeGrant": "RvG",
    "GetKeyPolicy": "GtP",
    "PutKeyPolicy": "PuP",
    "ScheduleKeyDeletion": "Del",
    "CancelKeyDeletion": "Cnc",
    "UpdateKeyDescription": "UpD",
    "CreateAlias": "CrA",
    "DeleteAlias": "DlA",
    "GetKeyRotationStatus": "GtR",
    "EnableKeyRotation": "EnR",
    "DisableKeyRotation": "DiR",
    "RotateKeyOnDemand": "Rot",
}
"""Three letters for the actions whose first three say too little."""


def code(action: str) -> str:
    """Write an action in three letters."""
    name = short_action(action)
    return _CODES.get(name, name[:3])


class Matrix(ScrollView, can_focus=True):
    """Shows a glyph for each principal and action; arrows move, enter opens."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "matrix--row",
        "matrix--header",
        "matrix--stripe",
        "matrix--cursor",
        "matrix--cross",
    }
    DEFAULT_CSS = """
    Matrix {
        height: 1fr;
        background: $background;
        color: $foreground;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 1;
        & > .matrix--header { background: $row-header; color: $muted; }
        & > .matrix--stripe { background: $row-stripe; }
        & > .matrix--cross { background: $row-cursor-blurred; }
        & > .matrix--cursor { background: $row-cursor; text-style: bold reverse; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1, 0)", show=False),
        Binding("k,up", "move(-1, 0)", show=False),
        Binding("l,right", "move(0, 1)", show=False),
        Binding("h,left", "move(0, -1)", show=False),
        Binding("g,home", "move(-100000, 0)", show=False),
        Binding("G,end", "move(100000, 0)", show=False),
        Binding("ctrl+d,pagedown", "move(10, 0)", show=False),
        Binding("ctrl+u,pageup", "move(-10, 0)", show=False),
        Binding("enter", "open", show=False),
    ]

    masked: reactive[bool] = reactive(False)
    """Whether names are hidden."""

    class Moved(Message):
        """Another cell is under the cursor, or other rows are in view."""

    class Opened(Message):
        """The cell under the cursor was opened."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.groups: tuple[ActionGroup, ...] = ()
        self._actions: tuple[str, ...] = ()
        self._principals: list[str] = []
        self._labels: list[str] = []
        self._cells: dict[str, list[Judged]] = {}
        self._problems: dict[str, str] = {}
        self._row = self._column = 0

    def fill(
        self, principals: Sequence[str], labels: Sequence[str], groups: Sequence[ActionGroup]
    ) -> None:
        """Show other principals and actions, none of them decided yet."""
        self.groups = tuple(groups)
        self._actions = all_actions(groups)
        self._principals, self._labels = list(principals), list(labels)
        self._cells.clear()
        self._problems.clear()
        self._row = min(self._row, max(len(self._principals) - 1, 0))
        self._column = min(self._column, max(len(self._actions) - 1, 0))
        width = self._name_cells + _CELL * len(self._actions)
        self.virtual_size = Size(width, len(self._principals) + _HEADER)
        self.refresh()

    def put(self, principal: str, cells: Sequence[Judged]) -> None:
        """Show the decisions of one principal."""
        self._cells[principal] = list(cells)
        self.refresh()

    def give_up(self, principal: str, problem: str) -> None:
        """Say that nothing can be decided for a principal."""
        self._problems[principal] = problem
        self.refresh()

    def missing(self) -> list[str]:
        """List the principals in view of whom nothing is known yet."""
        top = self.scroll_offset.y
        rows = self._principals[top : top + max(self.size.height - _HEADER, 1)]
        return [each for each in rows if each not in self._cells and each not in self._problems]

    @property
    def principal(self) -> str:
        """The principal under the cursor; empty if there is none."""
        return self._principals[self._row] if self._principals else ""

    @property
    def action(self) -> str:
        """The action under the cursor; empty if there is none."""
        return self._actions[self._column] if self._actions else ""

    @property
    def judged(self) -> Judged | None:
        """The decision under the cursor, once there is one."""
        cells = self._cells.get(self.principal)
        return cells[self._column] if cells and self._column < len(cells) else None

    @property
    def problem(self) -> str:
        """Why nothing can be decided for the principal under the cursor; empty if it can."""
        return self._problems.get(self.principal, "")

    @property
    def _name_cells(self) -> int:
        widest = max((text.cell_width(label) for label in self._labels), default=0)
        most = max(min(_NAME_MOST, self.size.width // 3), _NAME_LEAST)
        return min(max(widest, _NAME_LEAST), most) + _MARGIN + 1

    def render_line(self, y: int) -> Strip:
        """Paint the header, or a row."""
        if y < _HEADER:
            return self._header(y)
        index = y - _HEADER + self.scroll_offset.y
        if index >= len(self._principals):
            return Strip.blank(self.size.width, self.rich_style)
        return self._line(index)

    def _header(self, y: int) -> Strip:
        cells = self._group_titles() if y == 0 else self._codes()
        legend = text.literal(" " * self._name_cells)
        return self._laid_out(legend, cells, "matrix--header")

    def _group_titles(self) -> Content:
        parts = []
        for group in self.groups:
            room = _CELL * len(group.actions)
            title = text.literal(f"{group.title} ")
            rule = text.literal("─" * max(room - title.cell_length - 1, 0) + " ", "$faint")
            parts.append(text.content_fit(title + rule, room))
        return text.join(parts, "")

    def _codes(self) -> Content:
        return text.join(
            [
                text.content_fit(
                    text.literal(
                        code(action), "bold $key-accent" if at == self._column else "$muted"
                    ),
                    _CELL,
                )
                for at, action in enumerate(self._actions)
            ],
            "",
        )

    def _line(self, index: int) -> Strip:
        principal, here = self._principals[index], index == self._row
        bar = text.styled("▌ " if here else "  ", "$key-accent")
        label = text.mask(principal) if self.masked else text.literal(self._labels[index])
        name = bar + text.content_fit(label, self._name_cells - _MARGIN - 1) + text.literal(" ")
        cells = self._cells.get(principal)
        if cells is None:
            waits = "?" if principal in self._problems else "…"
            drawn = [text.literal(waits, "$muted")] * len(self._actions)
        else:
            drawn = [text.styled(each.verdict.glyph, each.verdict.style) for each in cells]
        line = text.join([self._cell(cell, here, at) for at, cell in enumerate(drawn)], "")
        style = "matrix--cross" if here else "matrix--stripe" if index % 2 else "matrix--row"
        return self._laid_out(name, line, style)

    def _cell(self, glyph: Content, here: bool, column: int) -> Content:
        cell = text.content_fit(text.literal(" ") + glyph, _CELL - 1)
        if here and column == self._column and self.has_focus:
            cell = text.literal("[", "bold $key-accent") + glyph.stylize("bold")
            cell += text.literal("]", "bold $key-accent")
        return cell + text.literal(" ")

    def _laid_out(self, name: Content, cells: Content, component: str) -> Strip:
        """Put the name, which stays, before the cells, which scroll sideways."""
        style = self.get_visual_style(component)
        fixed = Strip(name.render_segments(style))
        room = max(self.size.width - fixed.cell_length, 0)
        scrolled = Strip(cells.render_segments(style)).crop(
            self.scroll_offset.x, self.scroll_offset.x + room
        )
        line = Strip.join([fixed, scrolled])
        return line.extend_cell_length(self.size.width, style.rich_style).crop(0, self.size.width)

    def action_move(self, rows: int, columns: int) -> None:
        """Move the cursor."""
        if not self._principals:
            return
        self._row = max(0, min(self._row + rows, len(self._principals) - 1))
        self._column = max(0, min(self._column + columns, len(self._actions) - 1))
        self._reveal()
        self.refresh()
        self.post_message(self.Moved())

    def _reveal(self) -> None:
        height = max(self.scrollable_content_region.height - _HEADER, 1)
        width = max(self.scrollable_content_region.width - self._name_cells, _CELL)
        x, y = self.scroll_offset
        left = self._column * _CELL
        y = min(max(y, self._row - height + 1), self._row)
        x = min(max(x, left - width + _CELL), left)
        self.scroll_to(x, y, animate=False, force=True)

    def action_open(self) -> None:
        """Open the cell under the cursor."""
        if self._principals:
            self.post_message(self.Opened())

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the cell under the pointer."""
        column = (event.x - self._name_cells + self.scroll_offset.x) // _CELL
        row = event.y - _HEADER + self.scroll_offset.y
        if event.y >= _HEADER and row < len(self._principals) and event.x >= self._name_cells:
            self.action_move(row - self._row, column - self._column)

    def on_resize(self) -> None:
        """Lay out anew, and have what came into view decided."""
        if self._principals:
            width = self._name_cells + _CELL * len(self._actions)
            self.virtual_size = Size(width, len(self._principals) + _HEADER)
            self.post_message(self.Moved())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Have what came into view decided."""
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Moved())

    def on_focus(self) -> None:
        """Show the cursor."""
        self.refresh()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.refresh()
