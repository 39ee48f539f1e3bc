"""The Material tab."""

from __future__ import annotations

from collections.abc import Iterator

from textual import on
from textual.app import ComposeResult
from textual.widget import Widget

from kmstui.core.errors import KmsError, UsageError
from kmstui.core.limits import ROTATIONS_ON_DEMAND
from kmstui.tui import text
from kmstui.tui.calls import Outcome
from kmstui.tui.chrome.hints import hints
from kmstui.tui.places.keys.detail.material import deletion, words
from kmstui.tui.places.keys.detail.material.versions import (
    Version,
    only_version,
    read_versions,
)
from kmstui.tui.places.keys.detail.pane import Pane
from kmstui.tui.places.keys.rotation.model import (
    left,
    on_demand_possible,
    standing,
    unrotatable,
    unschedulable,
)
from kmstui.tui.places.keys.wording import name
from kmstui.tui.text import Content
from kmstui.tui.widgets.columns import Column
from kmstui.tui.widgets.fact_list import GAP, Fact, FactList
from kmstui.tui.widgets.table_messages import RowHighlighted, RowSelected
from kmstui.tui.widgets.virtual_table import VirtualTable

ROWS = 6
"""Versions shown at once."""


class MaterialPane(Pane):
    """Shows every version of the key material."""

    _read: tuple[Version, ...] | None = None
    _refused: KmsError | None = None

    def compose(self) -> ComposeResult:
        """Lay out the versions, and what there is to say of the one under the cursor."""
        yield VirtualTable[Version](
            (
                Column("number", "#", lambda row: f"{row.number}", width=3, align="right"),
                Column("state", "STATE", words.state_chip, width=14),
                Column("id", "MATERIAL", self._short, width=words.SHORT + 1, sortable=False),
                Column("since", "SINCE", words.since, width=10, priority=2, sortable=False),
                Column("expires", "EXPIRES", self._expiry, width=23, priority=1, sortable=False),
                Column("about", "DESCRIPTION", self._about, flex=1, min_width=12, priority=3),
            ),
            empty=text.literal("No material yet. I imports some.", "$muted"),
            id="versions",
        )
        yield FactList(id="material")

    def on_mount(self) -> None:
        """Show what is known so far."""
        self.paint()

    async def load(self) -> None:
        """Read the versions; a key whose rotations may not be listed shows what is known."""
        try:
            self._read, self._refused = await read_versions(self.console, self.facts), None
        except KmsError as error:
            self._read, self._refused = None, error
            self.console.tell(Outcome("ListKeyRotations", self.facts.key.label, "", error))
        self._fill()
        self.paint()

    @property
    def versions(self) -> tuple[Version, ...]:
        """The versions, the oldest first."""
        return self._read if self._read is not None else only_version(self.facts)

    @property
    def _table(self) -> VirtualTable[Version]:
        return self.query_one("#versions", VirtualTable)

    @property
    def chosen(self) -> Version | None:
        """The version under the cursor."""
        row: Version | None = self._table.cursor_row
        return row

    def _fill(self) -> None:
        rows = self.versions[::-1]
        table = self._table
        table.set_rows(rows, [str(row.number) for row in rows])
        table.set_visible(range(len(rows)))
        table.styles.height = 1 + (min(len(rows), ROWS) or 2)

    def paint(self) -> None:
        """Write the facts anew."""
        if self.ready:
            self._table.repaint()
            self.query_one("#material", FactList).facts = tuple(self._facts())

    def entry(self) -> Widget:
        """Start among the versions."""
        return self._table

    def rest(self) -> Widget:
        """Letters are commands there."""
        return self._table

    @on(RowHighlighted)
    def _moved(self, event: RowHighlighted) -> None:
        event.stop()
        self.paint()

    @on(RowSelected)
    def _entered(self, event: RowSelected) -> None:
        event.stop()

    def _shown_id(self, material_id: str) -> Content:
        if self.facts.key.origin == "EXTERNAL" and material_id and self._placeholder:
            return text.literal("<id>")
        return name(material_id, masked=self.masked)

    @property
    def _placeholder(self) -> bool:
        """Whether values that differ on every run show as what they are."""
        return bool(getattr(self.app, "opaque_placeholder", False))

    def _short(self, row: Version) -> Content:
        return self._shown_id(row.material_id).truncate(words.SHORT + 1, ellipsis=True)

    def _expiry(self, row: Version) -> Content:
        return words.expiry(row, self.now)

    def _about(self, row: Version) -> Content:
        return name(row.description, masked=self.masked)

    def _facts(self) -> Iterator[Fact]:
        key, version = self.facts.key, self.chosen
        if version is not None:
            yield GAP
            yield from self._version(version)
        yield GAP
        origin = text.template(
            "$origin [$muted]· $about[/]",
            origin=key.origin,
            about=words.ORIGINS.get(key.origin, ""),
        )
        yield Fact("Origin", origin)
        yield from self._rotation()
        if key.deletion_date is not None:
            gone = "every version, and with it all that it encrypted"
            yield Fact("Destroyed", text.literal(gone, "$state-pending"))
        yield GAP
        yield Fact("", hints(*self._next()))

    def _version(self, version: Version) -> Iterator[Fact]:
        if version.material_id:
            whole = self._shown_id(version.material_id)
            half = len(version.material_id) // 2 if not self.masked else 0
            pieces = (whole[:half], whole[half:]) if half < len(whole.plain) and half else (whole,)
            for index, piece in enumerate(pieces):
                yield Fact("" if index else "Material id", piece)
        yield Fact("What for", text.literal(words.purpose(version)))
        if version.since is not None:
            yield Fact("Since", words.since(version, self.now))
        if version.imported and not version.missing:
            yield Fact("Expires", words.expiry(version, self.now, long=True))
        if version.description:
            yield Fact("Description", self._about(version))

    def _rotation(self) -> Iterator[Fact]:
        key = self.facts.key
        stands = standing(key, self.now)
        days = f"every {key.rotation_days:,} d, " if key.rotation_days else ""
        said = stands.reason or f"{days}next {stands.said}"
        yield Fact("Rotation", text.literal(said))
        if on_demand_possible(key):
            yield Fact(
                "By hand",
                text.literal(f"{left(key)} of {ROTATIONS_ON_DEMAND} left for its whole life"),
            )

    def _next(self) -> list[tuple[str, str]]:
        key, version = self.facts.key, self.chosen
        found = []
        if not unrotatable(key):
            found.append(("O", "rotate now"))
        if not unschedulable(key):
            found.append(("F", "schedule"))
        if key.origin == "EXTERNAL" and not key.pending:
            missing = any(each.missing for each in self.versions)
            found.append(("I", "import it again" if missing else "import"))
            if version is not None and not version.missing:
                found.append(("d", "delete this version"))
        return found

    async def do_delete_material(self, _argument: str) -> None:
        """Ask for a typed confirmation, and delete the version under the cursor."""
        version = self.chosen
        if version is None:
            raise UsageError("There is no key material to delete.")
        if version.missing:
            raise UsageError("This version is missing already.", hint="I imports it again.")
        if await deletion.delete(self.console, self.facts.key, version, self.versions):
            view = self.console.main.view
            if view is not None:
                await view.refresh_data()
