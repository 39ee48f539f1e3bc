"""Facts one below the other: a quiet label, and what is true of it, wrapped beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from kmstui.tui import text
from kmstui.tui.text import Content


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a list of facts.

    Attributes:
        label: One or two words.
        said: What is true; may wrap.
    """

    label: str
    said: Content


class Facts(Vertical):
    """Shows facts, their labels in a column.

    Args:
        facts: In order.
        id: Id of the widget.
        classes: Classes of the widget.
    """

    DEFAULT_CSS = """
    Facts {
        height: auto;
        margin-bottom: 1;
        & > Horizontal { height: auto; }
        & > Horizontal > .label { width: 16; color: $muted; }
        & > Horizontal > .said { width: 1fr; height: auto; }
    }
    """

    def __init__(
        self,
        facts: Iterable[Fact],
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._facts: Sequence[Fact] = tuple(facts)

    def compose(self) -> ComposeResult:
        """Lay out one row a fact."""
        for fact in self._facts:
            with Horizontal():
                yield Static(text.literal(fact.label), classes="label")
                yield Static(fact.said, classes="said")
