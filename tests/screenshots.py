"""Writes the README's pictures: ``python -m tests.screenshots [ID ...]`` from the checkout.

The pictures come from the list in ``tests/helpers/screens.py`` and the deterministic demo, so they
are the same on every run.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from tests._textual_private import freeze_cursors, quicken_pilot
from tests.helpers.screens import SCREENS, Showpiece
from tests.helpers.showroom import Showroom, arrive, normal, surroundings

DIRECTORY = Path(__file__).parent.parent / "screenshots"
"""Where the pictures are."""


async def picture(room: Showroom, screen: Showpiece) -> str:
    """Return the picture of one screen as SVG; the room is used up."""
    with surroundings(screen):
        app = room.console(screen)
    async with app.run_test(size=screen.size) as pilot:
        await arrive(pilot, screen)
        svg = normal(app.export_screenshot(simplify=True))
        await app.close_engine()
    return svg


def main(wanted: list[str], directory: Path = DIRECTORY) -> None:
    """Write the pictures named, or those that the README shows."""
    import pytest

    os.environ.update(TZ="UTC", COLORTERM="truecolor")
    time.tzset()
    directory.mkdir(parents=True, exist_ok=True)
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as base:
        patch.delenv("NO_COLOR", raising=False)
        patch.setenv("HOME", base)
        quicken_pilot(patch)
        freeze_cursors(patch)
        built = Path(base, "built")
        built.mkdir()
        room = Showroom.build(built)
        for screen in SCREENS:
            if screen.id in wanted if wanted else screen.pictured:
                svg = asyncio.run(picture(room.copy(Path(base, screen.id)), screen))
                (directory / f"{screen.id}.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
