"""Grants. Who may use which key by grant, and for how long."""

from __future__ import annotations

from kmstui.tui.place import PlaceSpec, ViewSpec

PLACE = PlaceSpec(
    id="grants",
    views={"": ViewSpec("kmstui.tui.places.grants.view:GrantsView")},
)
