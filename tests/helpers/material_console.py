"""Keys with imported material, made through a console that is running."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from kmstui.engine.wrapping import wrap_material
from kmstui.tui.app import KmsApp
from kmstui.tui.place import Route
from kmstui.tui.places.keys.importing.view import ImportView
from kmstui.tui.widgets.pick import Pick
from kmstui.tui.widgets.safe_input import SafeInput
from tests.helpers.console import settle

MATERIAL = bytes(range(32))
"""What is imported."""

_WRAPPING = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}


async def new_key(app: KmsApp, alias: str, **members: Any) -> str:
    """Create a key with an alias and return its ARN."""
    arn: str = (await app.fetch("CreateKey", **members))["KeyMetadata"]["Arn"]
    await app.fetch("CreateAlias", AliasName=f"alias/{alias}", TargetKeyId=arn)
    return arn


async def import_bytes(app: KmsApp, arn: str, material: bytes = MATERIAL, **members: Any) -> None:
    """Import material into a key; it does not expire unless told otherwise."""
    parameters = await app.fetch("GetParametersForImport", KeyId=arn, **_WRAPPING)
    wrapped = wrap_material(parameters["PublicKey"], "RSAES_OAEP_SHA_256", material)
    request = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE", **members}
    await app.fetch(
        "ImportKeyMaterial",
        KeyId=arn,
        ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=wrapped,
        **request,
    )


async def imported_key(app: KmsApp, alias: str, **members: Any) -> str:
    """Create a key with imported material and return its ARN."""
    arn = await new_key(app, alias, Origin="EXTERNAL")
    await import_bytes(app, arn, **members)
    return arn


async def open_import(pilot: Pilot[None], arn: str) -> ImportView:
    """Open the wizard that imports into a key, its wrapping keys quick to make."""
    app = pilot.app
    assert isinstance(app, KmsApp)
    view = await app.go(Route("keys", "import", arn))
    await settle(pilot)
    assert isinstance(view, ImportView)
    for pick in view.query("#wrapping-key").results(Pick):
        pick.value = "RSA_2048"
    await settle(pilot)
    return view


async def fill(pilot: Pilot[None], view: ImportView, **values: str) -> None:
    """Put values into the wizard's fields and picks, by their ids with underscores."""
    for name, value in values.items():
        widget = view.query_one(f"#{name.replace('_', '-')}")
        assert isinstance(widget, Pick | SafeInput)
        widget.value = value
        await settle(pilot)


async def onward(pilot: Pilot[None], view: ImportView) -> None:
    """Go to the next step and wait until what that starts has ended."""
    view.action_step(1)
    for _ in range(400):
        await settle(pilot)
        if not view.busy:
            return
