"""Keys. Every KMS key: find one, use it, change its state."""

from __future__ import annotations

from kmstui.tui.place import PlaceSpec, ViewSpec

PLACE = PlaceSpec(
    id="keys",
    views={
        "": ViewSpec("kmstui.tui.places.keys.view:KeysView"),
        "deletions": ViewSpec("kmstui.tui.places.keys.deletions:DeletionsView", root=True),
        "rotation": ViewSpec("kmstui.tui.places.keys.rotation.view:RotationView", root=True),
        "aliases": ViewSpec("kmstui.tui.places.keys.aliases:AliasesView", root=True),
        "key": ViewSpec("kmstui.tui.places.keys.detail.view:KeyView"),
        "policy": ViewSpec("kmstui.tui.places.keys.detail.policy_view:KeyPolicyView"),
        "import": ViewSpec("kmstui.tui.places.keys.importing.view:ImportView"),
        "rewrap": ViewSpec("kmstui.tui.places.keys.guides.rewrap:RewrapView"),
        "public-key": ViewSpec("kmstui.tui.places.keys.public_key.view:PublicKeyView"),
        "create": ViewSpec("kmstui.tui.places.keys.create.view:CreateView"),
        "create-options": ViewSpec("kmstui.tui.places.keys.create.wizard:WizardView"),
    },
)
