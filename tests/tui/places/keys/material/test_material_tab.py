"""The Material tab: every version, and what is done with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from kmstui.core.errors import UsageError
from kmstui.tui.dialogs.confirm import ConfirmTyped
from kmstui.tui.places.keys.detail.material.pane import MaterialPane
from tests._textual_private import screen_text
from tests.helpers.demo_console import (
    TODAY,
    Demo,
    demo_console,
    hit,
    open_key,
    running,
    write,
)
from tests.helpers.goldens import assert_golden
from tests.helpers.hostile import FORBIDDEN
from tests.helpers.material_console import MATERIAL, import_bytes, imported_key, new_key

TWO = "prod-cardvault-payments"
SIZES = ((80, 24), (120, 40))
OTHER = MATERIAL[::-1]


async def material_of(pilot: Pilot[None], alias: str) -> MaterialPane:
    """Open the Material tab of a key."""
    view = await open_key(pilot, alias, "material")
    assert isinstance(view.pane, MaterialPane)
    return view.pane


class TestGoldens:
    """The tab at both sizes."""

    @pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
    async def test_rotated(self, demo: Demo, size: tuple[int, int]) -> None:
        """A key that was rotated shows each version, the present one on top."""
        app = demo_console(demo)
        async with running(app, size) as pilot:
            arn = await new_key(app, "own")
            await app.fetch("RotateKeyOnDemand", KeyId=arn)
            await app.fetch("EnableKeyRotation", KeyId=arn, RotationPeriodInDays=180)
            await material_of(pilot, "own")
            assert_golden(app, f"key-detail/material-rotated-{size[0]}x{size[1]}")

    @pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
    async def test_imported(self, demo: Demo, size: tuple[int, int]) -> None:
        """Imported material shows when it expires, and what waits for a rotation."""
        app = demo_console(demo)
        soon = {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": TODAY + timedelta(days=9)}
        async with running(app, size) as pilot:
            arn = await imported_key(app, "own", KeyMaterialDescription="ceremony 1", **soon)
            await import_bytes(
                app, arn, OTHER, ImportType="NEW_KEY_MATERIAL", KeyMaterialDescription="2"
            )
            await material_of(pilot, "own")
            assert_golden(app, f"key-detail/material-imported-{size[0]}x{size[1]}")
            await hit(pilot, "down")
            assert_golden(app, f"key-detail/material-expiring-{size[0]}x{size[1]}")


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}, "HMAC keys do not rotate"),
        ({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}, "Key pairs do not rotate"),
        ({"Origin": "EXTERNAL"}, "No material yet"),
    ],
)
async def test_other_keys(demo: Demo, members: dict[str, Any], said: str) -> None:
    """Keys that cannot rotate, and those without material, say so and make no refused call."""
    app = demo_console(demo)
    async with running(app) as pilot:
        await new_key(app, "own", **members)
        await material_of(pilot, "own")
        assert said in screen_text(app)
        assert "✗" not in screen_text(app)


async def test_who_may_not_list(demo: Demo) -> None:
    """Where rotations may not be listed, the tab says so and shows what DescribeKey tells."""
    app = demo_console(demo, proven=True)
    async with running(app) as pilot:
        arn = await new_key(app, "own")
        policy = (await app.fetch("GetKeyPolicy", KeyId=arn))["Policy"]
        denied = policy.replace('"Action":"kms:*"', '"NotAction":"kms:ListKeyRotations"')
        denied = denied.replace('"Action" : "kms:*"', '"NotAction" : "kms:ListKeyRotations"')
        assert denied != policy
        await app.fetch("PutKeyPolicy", KeyId=arn, Policy=denied)
        pane = await material_of(pilot, "own")
        assert "AccessDenied" in screen_text(app)
        assert 1 == len(pane.versions)


class TestDeleting:
    """Taking imported material away."""

    async def test_typed(self, demo: Demo) -> None:
        """The question says what stops; typed, the key waits for the same material again."""
        app = demo_console(demo, proven=True)
        async with running(app) as pilot:
            await imported_key(app, "own")
            pane = await material_of(pilot, "own")
            await hit(pilot, "d")
            assert isinstance(app.screen, ConfirmTyped)
            assert "every use of the key is refused" in screen_text(app)
            await write(pilot, "own")
            await hit(pilot, "enter", "enter")
            assert pane.versions[0].missing
            assert "import it again" in screen_text(app)
            with pytest.raises(UsageError, match="missing already"):
                await pane.do_delete_material("")

    async def test_asks_for_a_code(self, demo: Demo) -> None:
        """Without a fresh MFA code one is asked for, and `esc` leaves everything as it is."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await imported_key(app, "own")
            pane = await material_of(pilot, "own")
            await hit(pilot, "d")
            await write(pilot, "own")
            await hit(pilot, "enter", "enter")
            assert "code" in screen_text(app).lower()
            await hit(pilot, "escape")
            assert not pane.versions[0].missing

    async def test_waiting_material(self, demo: Demo) -> None:
        """Material that waits goes without a word about the key stopping."""
        app = demo_console(demo, proven=True)
        async with running(app) as pilot:
            arn = await imported_key(app, "own")
            await import_bytes(app, arn, OTHER, ImportType="NEW_KEY_MATERIAL")
            pane = await material_of(pilot, "own")
            await hit(pilot, "d")
            assert "nothing stops" in screen_text(app)
            await write(pilot, "own")
            await hit(pilot, "enter", "enter")
            assert [False] == [each.missing for each in pane.versions]


class TestRotating:
    """Rotating from the tab."""

    async def test_now(self, demo: Demo) -> None:
        """`O` says what changes and what does not; entered, another version encrypts."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await new_key(app, "own")
            pane = await material_of(pilot, "own")
            await hit(pilot, "O")
            for said in ("goes on decrypting", "key id, ARN, aliases", "a re-encryption"):
                assert said in screen_text(app)
            await hit(pilot, "enter")
            assert ["NON_CURRENT", "CURRENT"] == [each.state for each in pane.versions]
            assert "24 of 25 left" in screen_text(app)

    async def test_to_imported_material(self, demo: Demo) -> None:
        """Imported material that waits becomes the one that encrypts."""
        app = demo_console(demo)
        async with running(app) as pilot:
            arn = await imported_key(app, "own")
            await import_bytes(app, arn, OTHER, ImportType="NEW_KEY_MATERIAL")
            pane = await material_of(pilot, "own")
            await hit(pilot, "O", "enter")
            assert ["NON_CURRENT", "CURRENT"] == [each.state for each in pane.versions]

    async def test_schedule(self, demo: Demo) -> None:
        """`F` takes a period and says the first date; a wrong one is not taken."""
        app = demo_console(demo)
        async with running(app) as pilot:
            await new_key(app, "own")
            await material_of(pilot, "own")
            await hit(pilot, "F")
            assert "first on 2027-06-01" in screen_text(app)
            await hit(pilot, "down")
            assert "first on 2027-05-02" in screen_text(app)
            await hit(pilot, "backspace", "enter")
            assert "a period is 90 to 2,560 days" in screen_text(app)
            await write(pilot, "330")
            await hit(pilot, "enter")
            assert "every 330 d, next in 330 d" in screen_text(app)


async def test_hostile_description(demo: Demo) -> None:
    """What an answer says of material is painted as text."""
    app = demo_console(demo)
    async with running(app) as pilot:
        await imported_key(app, "own")
        pane = await material_of(pilot, "own")
        rows = [
            {
                "KeyMaterialId": "f" * 64,
                "KeyMaterialState": "CURRENT",
                "KeyMaterialDescription": "[@click=app.quit]x[/]\x1b[2J",
            }
        ]
        fetch = app.fetch

        async def answered(operation: str, /, **members: object) -> dict[str, Any]:
            if operation == "ListKeyRotations":
                return {"Rotations": rows, "Truncated": False}
            return await fetch(operation, **members)

        app.fetch = answered  # type: ignore[method-assign]  # an engine that lies
        await pane.load()
        await pilot.pause()
        assert "[@click=app.quit]x[/]" in screen_text(app)
        assert not FORBIDDEN.search(screen_text(app).replace("\n", ""))
