"""Every one of Wycheproof's files is run, as a whole or with a reason for what is left out."""

from __future__ import annotations

import hashlib
import json
import re

import pytest

from tests.hsm.wycheproof import FILES, FOLDER, NOT_HERE, Vectors

README = (FOLDER / "README.md").read_text()
RUN = 6_935
"""Vectors here."""

PRIMITIVES = {"gcm", "kw", "kwp"}
"""Uses that ``test_vectors.py`` runs file by file; ``test_pair_vectors.py`` runs the others."""


def test_every_file_is_used_and_every_other_one_has_a_reason() -> None:
    """The table names each file of the folder once, and no file is both here and left out."""
    there = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.json")}
    assert there == {each.name for each in FILES}
    assert len(there) == len(FILES)
    assert not there & set(NOT_HERE)
    assert all(NOT_HERE.values())


def test_every_use_has_a_test() -> None:
    """No file is in the table for a use that nothing runs."""
    folder = FOLDER.parents[1] / "hsm"
    pairs = (folder / "test_pair_vectors.py").read_text()
    primitives = (folder / "test_vectors.py").read_text()
    for each in FILES:
        if each.use in PRIMITIVES:
            assert f'"{each.name}"' in primitives, each.name
        else:
            assert f'@_files("{each.use}")\ndef test_' in pairs, each.name


@pytest.mark.parametrize("vectors", FILES, ids=[each.name for each in FILES])
def test_the_table_counts_what_is_there(vectors: Vectors) -> None:
    """A file holds as many vectors as the table says; what is skipped is skipped for a reason."""
    found = json.loads((FOLDER / vectors.name).read_bytes())["numberOfTests"]
    assert vectors.tests == found == sum(1 for _ in vectors.cases())
    assert bool(vectors.why) == (vectors.skipped > 0)
    assert 0 <= vectors.skipped < vectors.tests


def test_there_are_thousands() -> None:
    """Little is skipped of what upstream has for the algorithms that there are."""
    total, skipped = sum(each.tests for each in FILES), sum(each.skipped for each in FILES)
    assert total == RUN
    assert skipped == 305


def test_the_readme_names_each_file_and_its_digest() -> None:
    """A row for each file; whole files are byte for byte those whose digest it gives."""
    rows = re.findall(r"^\| `([^`]+\.json)` \| (.+?) \| (.+?) \|", README, re.MULTILINE)
    assert {name for name, *_ in rows} == {each.name for each in FILES}
    for name, count, digest in rows:
        if not name.startswith("trimmed/"):
            data = (FOLDER / name).read_bytes()
            assert hashlib.sha256(data).hexdigest()[:16] == digest, name
            assert json.loads(data)["numberOfTests"] == int(count), name


def test_the_readme_says_what_is_left_out() -> None:
    """Algorithms whose files are not here are named with the reason."""
    assert "ML-KEM-512" in README
    assert "HKDF" in README
