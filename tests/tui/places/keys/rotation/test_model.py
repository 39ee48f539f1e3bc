"""When keys rotate, and why not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kmstui.tui.keys_model import KeySummary
from kmstui.tui.places.keys.barred import subject_of
from kmstui.tui.places.keys.rotation.model import (
    Course,
    left,
    order,
    period_of,
    standing,
    summary,
    timeline,
    unrotatable,
    unschedulable,
    when,
)

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
ID = "1234abcd-12ab-34cd-56ef-1234567890ab"


def key(**changes: Any) -> KeySummary:
    """Return an enabled symmetric key made a hundred days ago."""
    members: dict[str, Any] = {
        "key_id": ID,
        "arn": f"arn:aws:kms:us-east-1:111122223333:key/{ID}",
        "aliases": ("alias/one",),
        "state": "Enabled",
        "spec": "SYMMETRIC_DEFAULT",
        "usage": "ENCRYPT_DECRYPT",
        "origin": "AWS_KMS",
        "manager": "CUSTOMER",
        "description": "",
        "created": NOW - timedelta(days=100),
        "material_date": NOW - timedelta(days=100),
    }
    return KeySummary(**members | changes)


def scheduled(days: float, **changes: Any) -> KeySummary:
    """Return a key that rotates so many days from now."""
    return key(rotation_days=365, next_rotation=NOW + timedelta(days=days), **changes)


REPLICA: dict[str, Any] = {"multi_region": True, "primary_region": "eu-west-1"}
HMAC = {"spec": "HMAC_256", "usage": "GENERATE_VERIFY_MAC"}


@pytest.mark.parametrize(
    ("one", "course", "said"),
    [
        (scheduled(23), Course.SCHEDULED, "in 23 d · 06-24"),
        (scheduled(-3), Course.OVERDUE, "3 d overdue · 05-29"),
        (scheduled(0), Course.OVERDUE, "due · 06-01"),
        (scheduled(400), Course.SCHEDULED, "in 400 d · 2027-07-06"),
        (scheduled(-3, state="Disabled"), Course.RESTING, "rests: disabled"),
        (key(), Course.OFF, "off"),
        (key(origin="EXTERNAL"), Course.ON_DEMAND, "by hand only"),
        (key(origin="EXTERNAL", rotation_waits=True), Course.ON_DEMAND, "new material is ready"),
        (key(manager="AWS"), Course.ELSEWHERE, "AWS, every year"),
        (key(**REPLICA), Course.ELSEWHERE, "with eu-west-1"),
        (key(**HMAC), Course.NEVER, "HMAC: no rotation"),
        (key(spec="RSA_2048"), Course.NEVER, "key pair: no rotation"),
        (key(origin="AWS_CLOUDHSM"), Course.NEVER, "key store: no rotation"),
    ],
)
def test_standing(one: KeySummary, course: Course, said: str) -> None:
    """Every kind of key has its place, said in few words, and a reason unless it is scheduled."""
    found = standing(one, NOW)
    assert (course, said) == (found.course, found.said)
    assert bool(found.reason) == (course not in {Course.SCHEDULED, Course.OVERDUE})


@pytest.mark.parametrize(
    ("one", "now", "schedule"),
    [
        (key(), "", ""),
        (key(state="Disabled"), "t enables it", "t enables it"),
        (key(state="PendingDeletion"), "K keeps it", "K keeps it"),
        (key(**REPLICA), "primary in eu-west-1", "primary's, in eu-west-1"),
        (key(origin="EXTERNAL"), "I imports", "on demand only"),
        (key(origin="EXTERNAL", rotation_waits=True), "", "on demand only"),
        (key(origin="EXTERNAL", state="PendingImport"), "I imports it first", "on demand only"),
        (key(on_demand=25), "25 rotations on demand are used up", ""),
        (key(**HMAC), ":successor", ":successor"),
        (key(manager="AWS"), "every year", "every year"),
    ],
)
def test_refusals(one: KeySummary, now: str, schedule: str) -> None:
    """What cannot be rotated or scheduled says why and what comes first."""
    assert (not now, not schedule) == (not unrotatable(one), not unschedulable(one))
    assert now in unrotatable(one)
    assert schedule in unschedulable(one)


def test_order() -> None:
    """What is overdue comes first, then by date; what never rotates comes last."""
    late, soon, off, never = scheduled(-3), scheduled(5), key(), key(**HMAC)
    rows = [never, off, soon, late]
    assert [late, soon, off, never] == sorted(rows, key=lambda each: order(each, NOW))


def test_summary() -> None:
    """One line counts the keys by how pressing they are."""
    said = summary([scheduled(-1), scheduled(5), scheduled(90), key(), key(**HMAC)], NOW).plain
    assert said == "▲ 1 overdue · 1 within 30 d · 1 later · 1 off · 1 never"


@pytest.mark.parametrize(
    ("one", "drawn"),
    [
        (key(), "·········◆━━│············"),
        (scheduled(180), "·········◆━━│─────◇······"),
        (scheduled(900), "·········◆━━│───────────›"),  # noqa: RUF001 - the timeline's arrow
        (scheduled(-60), "·········◆▲━│············"),
        (scheduled(1), "·········◆━━│◇···········"),
        (key(material_date=None), "············│············"),
        (key(material_date=NOW - timedelta(days=900)), "━━━━━━━━━━━━│············"),
    ],
)
def test_timeline(one: KeySummary, drawn: str) -> None:
    """The axis shows since when the material is, now, and the next rotation."""
    assert drawn == timeline(one, NOW, 12).plain


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("365", 365),
        (" 90 ", 90),
        ("2560", 2560),
        ("1y", 365),
        ("26w", 182),
        ("180d", 180),
        ("89", None),
        ("2561", None),
        ("99999", None),
        ("1.5d", None),
        ("often", None),
        ("", None),
        ("\u0663\u0666\u0665", None),
    ],
)
def test_period(typed: str, days: int | None) -> None:
    """A period is 90 to 2,560 whole days."""
    assert days == period_of(typed)


def test_left() -> None:
    """Of 25 rotations by hand those made are gone."""
    assert 22 == left(key(on_demand=3))


def test_when_counts_minutes_as_due() -> None:
    """Within a minute a rotation is due, not overdue."""
    assert "due · 06-01" == when(NOW - timedelta(seconds=59), NOW)


@pytest.mark.parametrize(
    ("one", "command", "why"),
    [
        (key(), "import-material", "origin EXTERNAL"),
        (key(), "replicate", "single-Region"),
        (key(**REPLICA), "replicate", "primary in eu-west-1"),
        (key(multi_region=True, primary_region="us-east-1"), "promote", ":replicate makes one"),
        (key(**HMAC), "rewrap", "symmetric"),
        (key(origin="AWS_CLOUDHSM"), "successor", "Settings"),
    ],
)
def test_bars(one: KeySummary, command: str, why: str) -> None:
    """A command that a key's kind does not allow is barred, and says why."""
    assert why in dict(subject_of(one).barred)[command]


def test_nothing_bars() -> None:
    """A primary with a replica bars only what its own material forbids."""
    free = key(multi_region=True, primary_region="us-east-1", replica_regions=("eu-west-1",))
    barred = {each for each, _ in subject_of(free).barred}
    assert {"import-material", "delete-material", "public-key"} == barred
