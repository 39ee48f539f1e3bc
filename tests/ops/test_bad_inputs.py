"""Bad requests to every operation: the code, nothing changed, one line in the trail."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest

from kmstui.core.errors import KmsError
from kmstui.core.spec import OperationSpec
from kmstui.keystore.codec import TABLES
from kmstui.ops import load
from tests.conftest import MakeBench
from tests.helpers.bad_inputs import Bad, apply, bad_requests
from tests.helpers.bad_semantics import SEMANTIC, semantic
from tests.helpers.engines import Bench
from tests.helpers.requests import VALID, make_things

NAMES = sorted(load())
REFUSED = {
    "kms:CancelKeyDeletion",
    "kmstui:RestoreCheckpoint",
    "kmstui:ExportBackup",
    "kmstui:ResetMfa",
    "kmstui:DeleteOperator",
    "sts:AssumeRole",
}
"""Operations whose request here needs something that is not there."""

LEAST = 25
"""Bad requests for every operation of AWS's; its own are on top where there are any."""


def picture(bench: Bench) -> tuple[Any, ...]:
    """Return everything that the keystore holds, and its generation."""
    keystore = bench.core.keystore
    with keystore.begin() as changes:
        rows = {
            (table, row): changes.document(table, row)
            for table in TABLES
            for row in changes.ids(table)
        }
    return keystore.head.generation, keystore.head.set_hash, rows


def complaints(bench: Bench, name: str, request: dict[str, Any], bad: Bad) -> list[str]:
    """Return what is wrong with the refusal of a bad request."""
    before = bench.sequence()
    try:
        bench.engine.call(bench.session, name, apply(request, bad))
    except KmsError as error:
        found = error
    except Exception as error:  # noqa: BLE001 - any other exception is what this looks for
        return [f"{bad.label}: raised {type(error).__name__}: {error}"]
    else:
        return [f"{bad.label}: not refused"]
    problems: list[str] = []
    if found.code != bad.code:
        problems.append(f"{bad.label}: {found.code} {found.message[:80]!r}, not {bad.code}")
    elif bad.text not in found.message:
        problems.append(f"{bad.label}: {found.message[:200]!r} lacks {bad.text!r}")
    events = bench.events(after=before)
    shown = [event.get("errorCode", "") for event in events]
    code = "AccessDenied" if found.code == "AccessDeniedException" else found.code
    if shown != [code]:
        problems.append(f"{bad.label}: the trail shows {shown}")
    return problems


@pytest.mark.parametrize("name", NAMES)
def test_bad_requests_are_refused_recorded_and_without_effect(
    make_bench: MakeBench, name: str
) -> None:
    """Each is refused with AWS's code, changes nothing and leaves exactly one event."""
    spec = load()[name]
    bench = make_bench(training=True)
    things = make_things(bench)
    request = VALID[name](things)
    cases = [*bad_requests(spec), *semantic(name, things)]
    before = picture(bench)
    problems = [text for bad in cases for text in complaints(bench, name, request, bad)]
    assert problems == []
    assert before == picture(bench)
    assert len({bad.label for bad in cases}) == len(cases)
    if spec.service == "kms":
        assert len(cases) >= LEAST


def test_there_are_enough_bad_requests() -> None:
    """The specs of AWS's operations alone give twice as many as 25 for each of 56."""
    kms = [spec for spec in load().values() if spec.service == "kms"]
    assert sum(len(list(bad_requests(spec))) for spec in kms) >= 2 * 56 * LEAST
    assert set(SEMANTIC) <= {spec.name for spec in kms}


@pytest.mark.parametrize("name", NAMES)
def test_unknown_members_are_ignored_and_not_recorded(make_bench: MakeBench, name: str) -> None:
    """A member that no spec names changes nothing and is not in the trail."""
    bench = make_bench(training=True)
    request = VALID[name](make_things(bench))
    spec: OperationSpec = load()[name]
    extra = {"Nonsense": "canary-of-an-unknown-member", "\ud800": b"bytes"}
    expected = pytest.raises(KmsError) if name in REFUSED else nullcontext()
    before = bench.sequence()
    with expected:
        bench.engine.call(bench.session, name, request | extra)
    events = bench.events(after=before)
    assert spec.name in {event["eventName"] for event in events}
    assert "canary-of-an-unknown-member" not in str(events)


def test_unknown_members_inside_a_structure_are_not_recorded(bench: Bench) -> None:
    """Only TagKey and TagValue of a tag reach the trail."""
    key = bench.key()
    tag = {"TagKey": "a", "TagValue": "b", "Secret": "canary-inside", "Blob": b"canary-bytes"}
    bench.call("TagResource", KeyId=key, Tags=[tag])
    event = bench.last_event()
    assert event["requestParameters"]["tags"] == [{"tagKey": "a", "tagValue": "b"}]


def test_bytes_under_a_logged_name_are_not_recorded(bench: Bench) -> None:
    """What a caller mistakes for an identifier is shown by its size alone."""
    bench.refusal("Encrypt", KeyId=b"canary-plaintext", Plaintext=b"x")
    event = bench.last_event()
    assert event["requestParameters"]["keyId"] == "[16 bytes]"
    assert "canary" not in str(event)
