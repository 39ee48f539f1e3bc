"""How far an import is: its stages, the refusal in words, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from kmstui.tui import text
from kmstui.tui.chrome.hints import hints
from kmstui.tui.places.keys.importing.material import FRESH, Source
from kmstui.tui.places.keys.importing.plan import NEW, Terms
from kmstui.tui.places.keys.importing.words import explained
from kmstui.tui.places.keys.importing.work import Import, Stage
from kmstui.tui.text import Content

_TITLE = 13


class RunStep(Vertical):
    """Shows one import."""

    def __init__(self) -> None:
        super().__init__(classes="step")
        self._import: Import | None = None
        self._source: Source | None = None
        self._terms: Terms | None = None

    def compose(self) -> ComposeResult:
        """Lay out the lines."""
        yield Static(text.markup("[b]Import[/]"), classes="hint")
        yield Static(id="stages")

    def follow(self, work: Import, source: Source, terms: Terms) -> None:
        """Show an import from now on."""
        self._import, self._source, self._terms = work, source, terms
        self.paint()

    def paint(self) -> None:
        """Write the lines anew."""
        if self._import is not None and self.is_mounted:
            self.query_one("#stages", Static).update(text.lines(*self._lines(self._import)))

    def _lines(self, work: Import) -> Iterator[Content]:
        for stage in work.stages:
            yield _line(stage)
        yield text.literal("")
        if work.running:
            said = "stopping…" if work.stopping else "esc stops it before the next stage"
            yield text.literal(said, "$muted")
        elif work.error is not None:
            yield from self._refused(work)
        elif work.imported:
            yield from self._imported()

    def _refused(self, work: Import) -> Iterator[Content]:
        error = work.error
        if error is None:
            return
        why, then = explained(error)
        yield text.literal(why, "bold")
        if error.message and error.message != why:
            yield text.template(
                "[$danger]$code[/] [$muted]$message[/]", code=error.code, message=error.message
            )
        yield text.literal(then, "$muted")
        yield text.literal("")
        yield hints(("ctrl+b", "back a step"), ("esc", "leave"))

    def _imported(self) -> Iterator[Content]:
        if self._source is not None and self._source.kind == FRESH:
            said = "[$warn]▲[/] The copy is in [b]$path[/]. Move it somewhere safe."
            yield text.template(said, path=self._source.path)
        if self._terms is not None and self._terms.kind == NEW:
            yield text.literal("Old and new calls go on as before until the key is rotated.")
        yield text.literal("")
        yield hints(("enter", "show the key's material"))


def _line(stage: Stage) -> Content:
    mark = stage.mark
    return text.template(
        f"[{mark.style}]$glyph[/] $title[$muted]$said[/]",
        glyph=mark.glyph,
        title=text.content_fit(text.literal(stage.title), _TITLE),
        said=stage.said,
    )
