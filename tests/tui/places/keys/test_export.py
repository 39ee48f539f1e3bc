"""Writing lists of keys to files."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kmstui.core.errors import UsageError
from kmstui.tui.keys_model import KeySummary
from kmstui.tui.places.keys import export
from tests.helpers.hostile import FORBIDDEN, HOSTILE

WHEN = datetime(2026, 6, 1, tzinfo=UTC)


def key(description: str = "") -> KeySummary:
    """Return a key with a description."""
    return KeySummary(
        key_id="k",
        arn="arn",
        aliases=("alias/a", "alias/b"),
        state="Enabled",
        spec="SYMMETRIC_DEFAULT",
        usage="ENCRYPT_DECRYPT",
        origin="AWS_KMS",
        manager="CUSTOMER",
        description=description,
        created=WHEN,
        material_date=WHEN,
        tags={"env": "prod"},
    )


@pytest.mark.parametrize("string", HOSTILE)
def test_csv_is_inert(string: str) -> None:
    """Nothing in a CSV file acts on a terminal, and each key stays one row."""
    written = export.as_csv([key(string), key()])
    assert FORBIDDEN.search(written.replace("\n", "")) is None
    assert 3 == len(list(csv.reader(io.StringIO(written))))


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_formulas_are_text(formula: str) -> None:
    """What a spreadsheet would calculate stands behind an apostrophe."""
    rows = list(csv.DictReader(io.StringIO(export.as_csv([key(formula)]))))
    assert f"'{formula}" == rows[0]["description"]


@pytest.mark.parametrize("string", HOSTILE)
def test_json_is_exact(string: str) -> None:
    """JSON keeps every value as it is, in ASCII."""
    written = export.as_json([key(string)])
    assert written.isascii()
    assert string == json.loads(written)[0]["description"]


def test_refusals(tmp_path: Path) -> None:
    """A file that is there, another ending and a missing folder are refused before writing."""
    taken = tmp_path / "a.csv"
    taken.touch()
    dangling = tmp_path / "b.csv"
    dangling.symlink_to(tmp_path / "nowhere")
    for name in (taken, dangling, tmp_path / "a.txt", tmp_path / "missing" / "a.csv"):
        with pytest.raises(UsageError):
            export.write(str(name), [key()])
    assert b"" == taken.read_bytes()


def test_unwritable_folder(tmp_path: Path) -> None:
    """A folder in which others could exchange the file is refused, and nothing is written."""
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(Exception, match="shared"):
        export.write(str(folder / "a.csv"), [key()])
    assert [] == list(folder.iterdir())
