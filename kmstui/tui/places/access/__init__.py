"""Access. Policies, principals, and a simulator that says why."""

from __future__ import annotations

from kmstui.tui.place import PlaceSpec, ViewSpec

PLACE = PlaceSpec(
    id="access",
    title="Access",
    digit="2",
    summary="Policies, principals, and a simulator that says why.",
    views={"": ViewSpec("kmstui.tui.places.access.view:ComingView")},
)
