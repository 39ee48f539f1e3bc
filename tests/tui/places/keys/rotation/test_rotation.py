"""The Rotation view: what rotates when, and what is done from there."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from kmstui.tui.app import KmsApp
from kmstui.tui.place import Route
from tests._textual_private import screen_text
from tests.helpers.console import settle
from tests.helpers.demo_console import Demo, demo_console, hit, running
from tests.helpers.goldens import assert_golden
from tests.helpers.key_list import labels, press, put_cursor, ready, roster, spell
from tests.helpers.material_console import import_bytes, imported_key, new_key

SIZES = ((80, 24), (120, 40))
sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
OTHER = bytes(range(1, 33))


async def open_rotation(pilot: Pilot[None], app: KmsApp) -> None:
    """Make a key of each course, and show the view."""
    for alias, days in (("a-quarter", 90), ("a-year", 365)):
        arn = await new_key(app, alias)
        await app.fetch("EnableKeyRotation", KeyId=arn, RotationPeriodInDays=days)
    await app.fetch("RotateKeyOnDemand", KeyId=arn)
    arn = await new_key(app, "at-rest")
    await app.fetch("EnableKeyRotation", KeyId=arn)
    await app.fetch("DisableKey", KeyId=arn)
    arn = await imported_key(app, "brought")
    await import_bytes(app, arn, OTHER, ImportType="NEW_KEY_MATERIAL")
    await new_key(app, "signs", KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    await new_key(app, "macs", KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    await app.go(Route("keys", "rotation"))
    await roster(pilot).reload()
    await ready(pilot)


class TestGoldens:
    """The view and its dialogs."""

    @sizes
    async def test_view(self, demo: Demo, size: tuple[int, int]) -> None:
        """Every course has its place, the most pressing on top."""
        app = demo_console(demo)
        async with running(app, size) as pilot:
            await open_rotation(pilot, app)
            assert_golden(app, f"rotation/view-{size[0]}x{size[1]}")
            await press(pilot, "G")
            assert_golden(app, f"rotation/never-{size[0]}x{size[1]}")

    @sizes
    async def test_dialogs(self, demo: Demo, size: tuple[int, int]) -> None:
        """Rotating now and the schedule say what they change and what they do not."""
        app = demo_console(demo)
        async with running(app, size) as pilot:
            await open_rotation(pilot, app)
            await put_cursor(pilot, "a-year")
            await press(pilot, "O")
            assert_golden(app, f"rotation/rotate-{size[0]}x{size[1]}")
            await press(pilot, "escape", "F")
            assert_golden(app, f"rotation/schedule-{size[0]}x{size[1]}")


async def test_filter(demo: Demo) -> None:
    """The filter asks for the next rotation and the period."""
    app = demo_console(demo)
    async with running(app) as pilot:
        await open_rotation(pilot, app)
        await press(pilot, "slash")
        await spell(pilot, "period:90")
        assert ["prod-cardvault-payments", "a-quarter"] == labels(pilot)


async def test_cannot_rotate(demo: Demo) -> None:
    """A key that cannot rotate says why and what can be done instead."""
    app = demo_console(demo)
    async with running(app) as pilot:
        await open_rotation(pilot, app)
        await put_cursor(pilot, "signs")
        assert "others hold the public key" in screen_text(app)
        await press(pilot, "O")
        assert ":successor" in screen_text(app)


async def test_rotates_by_itself(demo: Demo) -> None:
    """Once its date has come, a key rotates, and the view shows its next date."""
    app = demo_console(demo)
    async with running(app) as pilot:
        await open_rotation(pilot, app)
        await app.fetch("kmstui:AdvanceClock", Seconds=91 * 86_400)
        await app.read_standing()
        await hit(pilot, "f5")
        await settle(pilot)
        await ready(pilot)
        quarter = next(key for key in roster(pilot).keys if key.label == "a-quarter")
        assert quarter.last_rotation is not None
        assert quarter.next_rotation is not None
        assert quarter.next_rotation > quarter.last_rotation
