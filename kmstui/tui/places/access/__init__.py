"""Access. Policies, principals, and a simulator that says why."""

from __future__ import annotations

from kmstui.tui.place import PlaceSpec, ViewSpec

PLACE = PlaceSpec(
    id="access",
    views={
        "": ViewSpec("kmstui.tui.places.access.policies.view:PoliciesView"),
        "principals": ViewSpec(
            "kmstui.tui.places.access.principals.view:PrincipalsView", root=True
        ),
        "principal": ViewSpec("kmstui.tui.places.access.principals.page:PrincipalView"),
        "simulator": ViewSpec("kmstui.tui.places.access.simulator.view:SimulatorView", root=True),
        "policy": ViewSpec("kmstui.tui.places.access.policies.page:PolicyView"),
        "edit": ViewSpec("kmstui.tui.places.access.policies.editing:EditView"),
    },
)
