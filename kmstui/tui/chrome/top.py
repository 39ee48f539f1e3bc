"""The first two rows: breadcrumbs with the status strip, and the places."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from kmstui.tui import text
from kmstui.tui.chrome.standing import Standing, bar
from kmstui.tui.place import PlaceSpec, places
from kmstui.tui.text import Content


class TopBar(Widget):
    """Breadcrumbs on the left, the status strip on the right."""

    crumbs: reactive[tuple[Content, ...]] = reactive(())
    note: reactive[Content] = reactive(text.literal(""))
    standing: reactive[Standing] = reactive(Standing())

    def render(self) -> Content:
        """Lay the row out for the width there is."""
        return bar(self.crumbs, self.note, self.standing, self.size.width)


class PlaceNav(Widget):
    """The ten places and their digits; a click goes there."""

    place: reactive[str] = reactive("")

    class Chosen(Message):
        """A place was clicked."""

        def __init__(self, place: str) -> None:
            super().__init__()
            self.place = place

    def render(self) -> Content:
        """Write the places, with short titles where columns are scarce."""
        cells = [self._cell(spec) for spec in places()]
        gap = " " * self._gap(cells)
        return text.literal(" ") + text.literal(gap).join(cells)

    def _cell(self, spec: PlaceSpec) -> Content:
        name = spec.short if self.size.width < 100 and spec.short else spec.title
        if spec.id == self.place:
            return text.template("[b $key-accent u]$d $name[/]", d=spec.digit, name=name)
        return text.template("[$key-accent]$d[/] [$muted]$name[/]", d=spec.digit, name=name)

    def _gap(self, cells: list[Content]) -> int:
        spare = self.size.width - 2 - sum(cell.cell_length for cell in cells)
        return max(1, min(3, spare // max(len(cells) - 1, 1)))

    def on_click(self, event: events.Click) -> None:
        """Go to the place under the pointer."""
        cells = [self._cell(spec) for spec in places()]
        start, gap = 1, self._gap(cells)
        for spec, cell in zip(places(), cells, strict=True):
            if start <= event.x < start + cell.cell_length:
                self.post_message(self.Chosen(spec.id))
                return
            start += cell.cell_length + gap
