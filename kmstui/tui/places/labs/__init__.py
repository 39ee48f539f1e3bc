"""Labs. Lessons in a sandbox that check what you did."""

from __future__ import annotations

from kmstui.tui.place import PlaceSpec, ViewSpec

PLACE = PlaceSpec(
    id="labs",
    views={"": ViewSpec("kmstui.tui.places.labs.view:ComingView")},
)
