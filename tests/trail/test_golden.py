"""The golden trail of format 1 opens and verifies for ever."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import orjson

from kmstui.core.caller import root_caller
from kmstui.core.errors import DisabledException
from kmstui.core.position import TrailPosition
from kmstui.trail.event import Actor, EventKind, api_event, service_event
from kmstui.trail.log import SyncPolicy, Trail
from kmstui.trail.verify import verify

GOLDEN = Path(__file__).parents[1] / "golden" / "trail" / "1"
STORE = "golden-store"
ACCOUNT = "111122223333"
REGION = "eu-central-1"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
WHEN = datetime(2026, 3, 1, 9, 5, 7, tzinfo=UTC)
END = TrailPosition(2, 1061, 6, "7a73dad62fb82e3735ed301022bd806ca64a8ef56c1946d9f7ab6c60ed72f340")


def _events() -> list[bytes]:
    actor = Actor(root_caller(ACCOUNT, REGION), "127.0.0.1", "kmstui/0.1.0")

    def call(number: int, name: str, *, read_only: bool, **options: object) -> bytes:
        return api_event(
            actor,
            EventKind(name, read_only=read_only),
            event_id=f"00000000-0000-4000-8000-{number:012}",
            request_id=f"00000000-0000-4000-9000-{number:012}",
            when=WHEN,
            resources=(KEY,),
            **options,  # type: ignore[arg-type]
        )

    return [
        call(
            1,
            "Encrypt",
            read_only=True,
            request={"KeyId": "alias/Prod-Payments", "EncryptionContext": {"ort": "Zürich\u202e"}},
        ),
        call(
            2,
            "ScheduleKeyDeletion",
            read_only=False,
            request={"KeyId": KEY, "PendingWindowInDays": 7},
            response={"KeyId": KEY, "DeletionDate": WHEN},
        ),
        call(
            3,
            "Decrypt",
            read_only=True,
            request={"KeyId": KEY},
            error=DisabledException(f"{KEY} is disabled."),
        ),
        service_event(
            event_id="00000000-0000-4000-8000-000000000004",
            when=WHEN,
            name="DeleteKey",
            region=REGION,
            account=ACCOUNT,
            details={"KeyId": KEY},
            resources=(KEY,),
        ),
    ]


def _write(directory: Path) -> TrailPosition:
    with closing(Trail.create(directory, store_id=STORE, policy=SyncPolicy.NONE)) as trail:
        *first, last = _events()
        for event in first:
            trail.append(event)
        trail.start_segment("restore monday")
        return trail.append(last)


def _copied(directory: Path) -> None:
    directory.mkdir(mode=0o700)
    for path in GOLDEN.iterdir():
        shutil.copyfile(path, directory / path.name)
        (directory / path.name).chmod(0o600)


def test_the_golden_trail_verifies(directory: Path) -> None:
    """The trail that the first version wrote is good, by its known end."""
    _copied(directory)
    report = verify(directory, position=END, store_id=STORE)
    assert report.flaw is None
    assert report.marks == ("create", "restore monday")
    assert report.events == 4
    assert report.end == END


def test_the_golden_trail_goes_on(directory: Path) -> None:
    """The trail that the first version wrote opens, is read and takes new lines."""
    _copied(directory)
    with closing(Trail.open(directory, store_id=STORE, position=END)) as trail:
        names = [orjson.loads(line)["eventName"] for line in trail.latest(9)]
        assert names == ["DeleteKey", "Decrypt", "ScheduleKeyDeletion", "Encrypt"]
        trail.append(b'{"eventName":"New"}')
        assert verify(directory, position=trail.position).ok


def test_this_version_writes_the_same_bytes(directory: Path) -> None:
    """The same calls make the same trail, byte for byte."""
    assert _write(directory) == END
    for path in GOLDEN.iterdir():
        assert path.read_bytes() == (directory / path.name).read_bytes()
