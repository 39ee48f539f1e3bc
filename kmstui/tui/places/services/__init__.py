"""Services. The AWS services that would use these keys, and how."""

from __future__ import annotations

from kmstui.tui.place import PlaceSpec, ViewSpec

PLACE = PlaceSpec(
    id="services",
    views={"": ViewSpec("kmstui.tui.places.services.view:ComingView")},
    short="AWS",
)
