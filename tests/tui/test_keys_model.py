"""The row that lists and dialogs know a key by."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from kmstui.tui.keys_model import KeySummary, short_id

WHEN = datetime(2026, 6, 1, tzinfo=UTC)
ID = "1234abcd-12ab-34cd-56ef-1234567890ab"


def row(**changes: Any) -> dict[str, Any]:
    """Return a row as the engine answers it."""
    return {
        "KeyId": ID,
        "Arn": f"arn:aws:kms:us-east-1:111122223333:key/{ID}",
        "Aliases": ["alias/one", "alias/two"],
        "KeyState": "Enabled",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "Description": "",
        "CreationDate": WHEN,
        "MaterialDate": WHEN,
        "Tags": {},
        "MultiRegion": False,
        **changes,
    }


def test_named_by_its_first_alias() -> None:
    """A key is called by its first alias, without the prefix."""
    assert "one" == KeySummary.from_answer(row()).label


def test_named_by_its_id() -> None:
    """A key without an alias is called by the beginning of its id."""
    assert "1234abcd…" == KeySummary.from_answer(row(Aliases=[])).label
    assert "mrk-1234abcd…" == short_id("mrk-1234abcd12ab34cd56ef1234567890ab")


@pytest.mark.parametrize(
    ("aliases", "token"),
    [
        (["alias/one"], "one"),
        ([], "567890ab"),
        (["alias/" + "x" * 33], "567890ab"),
        (["alias/naïve"], "567890ab"),
    ],
)
def test_token(aliases: list[str], token: str) -> None:
    """What is typed to confirm a deletion can be typed, and is short."""
    assert token == KeySummary.from_answer(row(Aliases=aliases)).token


def test_subject() -> None:
    """Commands act on the ARN, in the state that the row says."""
    key = KeySummary.from_answer(row(KeyState="PendingDeletion", DeletionDate=WHEN))
    assert (key.arn, ("PendingDeletion",)) == (key.subject.identity, key.subject.states)
    assert key.pending
