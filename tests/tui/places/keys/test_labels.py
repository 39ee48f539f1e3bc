"""What the dialogs for a key's alias, tags and description look like."""

from __future__ import annotations

import pytest

from kmstui.tui.command_table import COMMANDS
from tests.helpers.demo_console import Demo, demo_console, running
from tests.helpers.goldens import assert_golden
from tests.helpers.key_list import put_cursor, ready, spell

LEDGER = "prod-ledger-payments"
SIZES = ((80, 24), (120, 40))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize(
    ("command", "typed"),
    [
        ("alias-add", ""),
        ("alias-add", "prod ledger"),
        ("alias-move", ""),
        ("alias-remove", ""),
        ("edit-tags", ""),
        ("edit-description", ""),
    ],
)
async def test_dialogs(demo: Demo, size: tuple[int, int], command: str, typed: str) -> None:
    """Each dialog looks as approved, as it opens and with a name that will not do."""
    app = demo_console(demo)
    async with running(app, size) as pilot:
        await ready(pilot)
        await put_cursor(pilot, LEDGER)
        app.perform(next(each for each in COMMANDS if each.id == command))
        await ready(pilot)
        assert len(app.screen_stack) > 1
        await spell(pilot, typed)
        name = f"{command}-refused" if typed else command
        assert_golden(app, f"keys/dialog-{name}-{size[0]}x{size[1]}")
