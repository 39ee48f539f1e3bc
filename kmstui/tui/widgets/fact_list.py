"""Labels and values under each other, values wrapped beside their labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget

from kmstui.tui import text
from kmstui.tui.text import Content

LABEL_CELLS = 14
"""Cells of the label column, the gap included."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of a :class:`FactList`.

    Attributes:
        label: What it is; empty to go on under the fact above.
        value: What it says.
        heading: Whether the label stands alone, as a heading.
    """

    label: str
    value: Content
    heading: bool = False


def heading(label: str) -> Fact:
    """Make a heading."""
    return Fact(label, text.literal(""), heading=True)


GAP = Fact("", text.literal(""))
"""An empty line."""


def fact_lines(facts: Iterable[Fact], width: int, label_cells: int = LABEL_CELLS) -> list[Content]:
    """Lay facts out in ``width`` cells; every value has at least 20, whatever the width."""
    room = max(width - label_cells, 20)
    lines: list[Content] = []
    for fact in facts:
        if fact.heading:
            lines.append(text.literal(fact.label, "bold $key-accent"))
            continue
        first, *rest = _wrapped(fact.value, room) or [text.literal("")]
        lines.append(text.content_fit(text.literal(fact.label, "$muted"), label_cells) + first)
        indent = text.literal(" " * label_cells)
        lines.extend(indent + line for line in rest)
    return lines


def _wrapped(value: Content, room: int) -> list[Content]:
    """Wrap between words; one that is too long, such as an ARN, breaks after ``/`` or ``:``."""
    lines: list[Content] = []
    while value.cell_length > room and " " not in value.plain and "\n" not in value.plain:
        head = value.plain[:room]
        at = max(head.rfind("/"), head.rfind(":")) + 1
        if not at:
            break
        lines.append(value[:at])
        value = value[at:]
    return [*lines, *value.wrap(room)]


class FactList(Widget):
    """Shows facts.

    Args:
        facts: The lines.
        label_cells: Cells of the label column.
        id: Id of the widget.
        classes: Classes of the widget.
    """

    DEFAULT_CSS = "FactList { height: auto; width: 1fr; }"

    facts: reactive[tuple[Fact, ...]] = reactive((), layout=True)
    """The lines shown."""

    label_cells: reactive[int] = reactive(LABEL_CELLS, layout=True)
    """Cells of the label column."""

    def __init__(
        self,
        facts: Iterable[Fact] = (),
        *,
        label_cells: int = LABEL_CELLS,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.set_reactive(FactList.label_cells, label_cells)
        self.set_reactive(FactList.facts, tuple(facts))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Count the lines at a width."""
        del container, viewport
        return len(fact_lines(self.facts, width, self.label_cells))

    def render(self) -> Content:
        """Lay the lines out."""
        return text.lines(*fact_lines(self.facts, self.content_size.width, self.label_cells))
