"""Home. What needs you today, and where things are."""

from __future__ import annotations

from kmstui.tui.place import PlaceSpec, ViewSpec

PLACE = PlaceSpec(
    id="home",
    views={"": ViewSpec("kmstui.tui.places.home.view:HomeView")},
)
