"""What Settings says of custom key stores, and what it offers. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kmstui.tui import text
from kmstui.tui.places.settings.lines import deed, muted
from kmstui.tui.places.settings.stores.model import StoreRow
from kmstui.tui.text import Content
from kmstui.tui.widgets.fact_list import GAP, Fact
from kmstui.tui.widgets.link_list import Line

if TYPE_CHECKING:
    from kmstui.tui.places.settings.sections import State

STORES: Final = "stores"
"""The section's name in the program; its facts are read only while it shows."""

LABEL_CELLS: Final = 0

_NAME_CELLS: Final = 22
_STATE_CELLS: Final = 16
_MARKS: Final = {
    "CONNECTED": ("✓", "$ok"),
    "DISCONNECTED": ("○", "$warn"),
    "FAILED": ("✗", "$danger"),
}
_CONDITIONS: Final = {
    "ONLINE": "on line",
    "OFFLINE": "off line",
    "SLOW": "too slow",
    "GARBLED": "makes no sense",
    "REFUSING": "refuses",
}
_PANELS: Final = {
    "ACTIVE": "active",
    "INITIALIZED": "not active",
    "DETACHED": "unplugged",
    "": "not to be found",
}
_USERS: Final = {
    "LOGGED_IN": "kmsuser logged in elsewhere",
    "LOCKED_OUT": "kmsuser locked out",
    "MISSING": "no kmsuser",
}


def store_facts(state: State) -> list[Fact]:
    """Say which key stores there are, whether they are connected, and what to do if not."""
    stores = state.stores
    if stores is None:
        return [Fact("", muted(state.stores_refused or "reading…"))]
    facts: list[Fact] = []
    for row in stores.rows:
        facts += [*([GAP] if facts else []), *_row(row, masked=state.masked)]
    if not stores.rows:
        facts = [
            Fact("", text.literal("There is none in this Region.", "bold")),
            GAP,
            Fact(
                "",
                muted(
                    "A key store keeps key material in a device of its own: a cluster with a "
                    "password of its own, or somebody else's key manager, which can be switched "
                    "off. Both are played in this process; nothing is ever connected to."
                ),
            ),
        ]
    return [*facts, *_spare(stores.spare_clusters, stores.spare_managers)]


def _row(row: StoreRow, *, masked: bool) -> list[Fact]:
    mark, style = _MARKS[row.connection]
    name = text.mask(row.name) if masked else text.one_line(row.name, _NAME_CELLS, "bold")
    first = text.content_fit(name, _NAME_CELLS + 1)
    first += text.content_fit(text.literal(f"{mark} {row.connection}", style), _STATE_CELLS)
    facts = [Fact("", first + text.plural(row.keys, "key")), Fact("", _behind(row))]
    if row.error:
        facts.append(Fact("", text.literal(row.error, "$danger")))
    if row.advice:
        facts.append(Fact("", text.literal(row.advice, "$warn")))
    return facts


def _behind(row: StoreRow) -> Content:
    """Say what is behind a key store, and how it is."""
    if row.trouble:
        return text.literal(f"▲ {row.trouble}", "$danger")
    if row.is_external:
        if not row.manager:
            return muted(f"external · nobody answers at {row.address}")
        keys = text.plural(len(row.external), "external key")
        return muted(f"external · {row.manager}, {_CONDITIONS[row.condition]}, ") + keys
    said = f"CloudHSM · {row.cluster}, {_PANELS[row.cluster_state]}"
    if row.user in _USERS:
        said += f", {_USERS[row.user]}"
    if not row.cluster_state:
        return muted(said)
    return muted(f"{said}, ") + text.plural(row.hsms, "HSM")


def _spare(clusters: int, managers: int) -> list[Fact]:
    """Say which devices wait for a key store."""
    waiting = []
    if clusters:
        waiting.append(text.plural(clusters, "cluster"))
    if managers:
        waiting.append(text.plural(managers, "key manager"))
    if not waiting:
        return []
    return [GAP, Fact("", text.join(waiting, " and ") + muted(" without a key store"))]


def store_actions(state: State) -> list[Line]:
    """List what can be done."""
    stores = state.stores
    if stores is None:
        return []
    lines = [
        deed(
            _title(row, masked=state.masked),
            "connect, change",
            f"store-open {row.identity}",
        )
        for row in stores.rows
    ]
    return [
        *lines,
        deed("New over a cluster…", "its own token", "store-cloud"),
        deed("New over a key manager…", "external keys", "store-external"),
        deed("Spare devices…", "destroy one", "store-devices"),
    ]


def _title(row: StoreRow, *, masked: bool) -> str:
    name = row.identity if masked else row.name
    return f"{text.cell_fit(name, 22).rstrip()}…"
