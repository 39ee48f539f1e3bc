"""The showpiece screens look as they were approved, on every keystore and on every date.

The keystore is made for the run, with key material of its own, so that two runs compare two.

``pytest tests/snapshots --snapshot-update`` takes the pictures anew; look at them before they are
committed, and run ``python -m tests.screenshots`` after that.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests import screenshots
from tests._textual_private import screen_text
from tests.helpers.screens import SCREENS, Opening, Showpiece
from tests.helpers.showroom import Showroom, arrive, surroundings

PICTURES = Path(__file__).parent / "__snapshots__" / "test_snapshots"
ELSEWHEN = datetime(2027, 8, 31, 9, 0, tzinfo=UTC)
"""Another date, at the same hour: as far from the first in month and day as can be."""

SIGNED_IN = tuple(screen for screen in SCREENS if screen.opening is Opening.DEMO)
_MONTH = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_DATE = re.compile(rf"\d{{4}}-\d\d-\d\d|\d\d? (?:{_MONTH})\b(?: \d{{4}})?|\b\d\d-\d\d\b")
_HASH = re.compile(r"\b[0-9a-f]{32,64}\b")

by_id = pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.id)


@by_id
def test_looks_as_approved(
    screen: Showpiece, showroom: Showroom, snap_compare: Callable[..., bool]
) -> None:
    """The screen, reached by its keys on a keystore made for this run, is the approved picture."""
    with surroundings(screen):
        app = showroom.console(screen)

    async def run(pilot: Any) -> None:
        await arrive(pilot, screen)

    assert snap_compare(app, terminal_size=screen.size, run_before=run)


@by_id
def test_the_readme_shows_what_is_tested(screen: Showpiece) -> None:
    """Each picture in ``screenshots/`` is the approved one."""
    shown = screenshots.DIRECTORY / f"{screen.id}.svg"
    assert screen.pictured == shown.is_file()
    if screen.pictured:
        approved = PICTURES / f"test_looks_as_approved[{screen.id}].svg"
        assert approved.read_text(encoding="utf-8") == shown.read_text(encoding="utf-8")


def test_screenshots_has_nothing_else() -> None:
    """Every file in ``screenshots/`` comes from the list."""
    known = {f"{screen.id}.svg" for screen in SCREENS if screen.pictured}
    assert known == {path.name for path in screenshots.DIRECTORY.iterdir()}


def test_readme_shows_pictures_that_are_there() -> None:
    """Each picture that the README shows is in the list."""
    readme = (screenshots.DIRECTORY.parent / "README.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"\(screenshots/([\w-]+)\.svg\)", readme))
    assert shown
    assert shown <= {screen.id for screen in SCREENS if screen.pictured}


async def _text(room: Showroom, screen: Showpiece, base: Path) -> str:
    with surroundings(screen):
        app = room.copy(base / screen.id).console(screen)
    async with app.run_test(size=screen.size) as pilot:
        await arrive(pilot, screen)
        shown = screen_text(app)
        await app.close_engine()
    return shown


def _undated(shown: str) -> list[str]:
    """Return the lines without dates, without what is hashed from them, and without padding."""
    return [" ".join(_HASH.sub("#", _DATE.sub("@", line)).split()) for line in shown.splitlines()]


async def test_another_date_shows_the_same(built_showroom: Showroom, tmp_path: Path) -> None:
    """A keystore whose year ends on another date shows the same screens, but for the dates."""
    base = tmp_path / "other"
    base.mkdir()
    other = Showroom.build(base, ELSEWHEN)
    # Every third: a date is shown by few kinds of parts, and each screen is drawn twice here.
    for screen in SIGNED_IN[::3]:
        first = _undated(await _text(built_showroom, screen, tmp_path))
        assert first == _undated(await _text(other, screen, base)), screen.id
