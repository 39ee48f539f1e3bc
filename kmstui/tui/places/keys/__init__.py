"""Keys. Every KMS key: find one, use it, change its state."""

from __future__ import annotations

from kmstui.tui.place import PlaceSpec, ViewSpec

PLACE = PlaceSpec(
    id="keys",
    views={"": ViewSpec("kmstui.tui.places.keys.view:KeysView")},
)
