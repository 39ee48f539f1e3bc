"""What a key's page does between one action and the next."""

from __future__ import annotations

from kmstui.tui.places.keys.detail.view import key_route
from kmstui.tui.places.keys.dialogs.deletion import InsteadDialog
from kmstui.tui.widgets.opaque_value import OpaqueValue
from tests.flows.conftest import Planted
from tests.flows.test_every_screen import hostile_console
from tests.helpers.console import settle
from tests.helpers.demo_console import hit, running, write


async def test_the_focus_stays_after_an_action(hostile: Planted) -> None:
    """A key disabled from a ciphertext leaves the focus on it: the next letter is a command."""
    app = hostile_console(hostile)
    async with running(app) as pilot:
        await app.go(key_route(hostile.account.full, "try-it"))
        await settle(pilot)
        await write(pilot, "x")
        await hit(pilot, "enter", "t", "enter")
        assert isinstance(app.screen.focused, OpaqueValue)
        await hit(pilot, "t")
        assert len(app.screen_stack) == 2


async def test_a_deletion_is_asked_for_with_the_last_use_of_now(hostile: Planted) -> None:
    """A use since the page was read stands in the question that warns of deleting."""
    app = hostile_console(hostile)
    async with running(app) as pilot:
        created = await app.fetch("CreateKey")
        await app.go(key_route(created["KeyMetadata"]["Arn"], "try-it"))
        await settle(pilot)
        await write(pilot, "x")
        await hit(pilot, "enter")
        await hit(pilot, "X")
        dialog = app.screen
        assert isinstance(dialog, InsteadDialog)
        assert dialog.keys[0].last_used is not None
        assert "Encrypt" == dialog.keys[0].last_operation
