"""The Material tab: the key material that encrypts now."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult

from kmstui.tui import text, timefmt
from kmstui.tui.places.keys.detail.pane import Pane
from kmstui.tui.places.keys.wording import name
from kmstui.tui.widgets.fact_list import GAP, Fact, FactList, heading

_ORIGINS = {
    "AWS_KMS": "made inside the HSM; it has never been outside",
    "EXTERNAL": "imported",
    "AWS_CLOUDHSM": "made in a CloudHSM cluster",
    "EXTERNAL_KEY_STORE": "kept in an external key store",
}


class MaterialPane(Pane):
    """Shows the key material."""

    def compose(self) -> ComposeResult:
        """Lay out one list of facts."""
        yield FactList(id="material")

    def on_mount(self) -> None:
        """Show the material."""
        self.paint()

    def paint(self) -> None:
        """Write the facts anew."""
        if self.ready:
            self.query_one("#material", FactList).facts = tuple(self._facts())

    def _facts(self) -> Iterator[Fact]:
        key = self.facts.key
        yield heading("Current material")
        if self.facts.material_id:
            half = len(self.facts.material_id) // 2
            for label, part in (("Id", slice(half)), ("", slice(half, None))):
                yield Fact(label, name(self.facts.material_id[part], masked=self.masked))
        origin = text.template(
            "$origin [$muted]· $about[/]", origin=key.origin, about=_ORIGINS.get(key.origin, "")
        )
        yield Fact("Origin", origin)
        made = text.template(
            "$when [$muted]· $ago, with the key[/]",
            when=timefmt.stamp(key.created),
            ago=timefmt.ago(key.created, self.now),
        )
        yield Fact("Made", made)
        if key.deletion_date is not None:
            gone = text.template(
                "[$state-pending]$when[/] [$muted]· and with it all that it encrypted[/]",
                when=timefmt.stamp(key.deletion_date),
            )
            yield Fact("Destroyed", gone)
        yield GAP
        yield heading("How it is used")
        yield Fact("Ciphertext", text.literal("names the material that made it, by its id."))
        yield Fact("Encrypt", text.literal("uses the current material; Decrypt the one named."))
        yield GAP
        yield heading("Rotation and import")
        later = (
            "Not built yet: rotating on schedule and on demand, and importing your own material."
        )
        yield Fact("", text.literal(later, "$muted"))
        until = "Until then a manual rotation is a new key and M, which moves the alias to it."
        yield Fact("", text.literal(until, "$muted"))
