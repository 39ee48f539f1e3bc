"""SIGKILL at the Nth write, sync or rename, over every mutating operation.

Nothing acknowledged is lost, nothing is half applied, nothing is unreadable.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from kmstui.core.arn import root_arn
from kmstui.core.errors import KeystoreMissingError, WrongPassphraseError
from kmstui.core.secret import Secret
from kmstui.engine import Engine
from kmstui.ops import load
from kmstui.trail.log import SyncPolicy
from kmstui.trail.verify import verify
from tests.faults.identities import identities
from tests.faults.stores import stores
from tests.faults.story import NEW_PASSPHRASE, PARTS, begin, child_host, prepare
from tests.helpers.engines import ACCOUNT, OTHER_REGION, PASSPHRASE, REGION
from tests.helpers.nursery import Nursery, StepPoint
from tests.helpers.strace import require_strace, spread

POINTS = 102
"""Points of each of the two parts, or a few more: every step has one."""

CHUNKS = 4
"""The points are shared out, so that they can be tried side by side."""

DURABLE = {"RestoreCheckpoint": "CheckpointRestored", "AdvanceClock": "ClockAdvanced"}
"""The event that is part of the change, where it is not the call's own."""

State = dict[str, Any]


def _state(engine: Engine) -> State:
    """Everything an answer could show, but for ciphertext."""
    keystore = engine._core.keystore
    places = ((ACCOUNT, region) for region in (REGION, OTHER_REGION))
    keys = [key for place in places for key in keystore.keys(*place, limit=100)]
    aliases = keystore.aliases(ACCOUNT, REGION, limit=100)
    setting = keystore.setting("alias-pattern")
    return {
        "keys": [
            (
                key.key_id,
                key.state.value,
                key.description,
                key.aliases,
                key.tags,
                key.policy,
                key.deletion_date,
                key.pending_window_days,
                [material.material_id for material in key.materials],
                (key.rotation_period_days, key.next_rotation),
                (key.primary_region, key.replica_regions),
            )
            for key in keys
        ],
        "aliases": sorted((alias.name, alias.key_id, alias.updated) for alias in aliases),
        "setting": None if setting is None else setting.value,
        "count": keystore.head.key_count,
        "devices": [
            (device.arn, device.owner, device.last_step, device.failures, device.drift)
            for device in keystore.mfa_devices(ACCOUNT)
        ],
        "codes": keystore.recovery_codes(root_arn(ACCOUNT)) is not None,
        "due": [due.key_id for due in keystore.due_keys()],
        "grants": keystore.grants_in(ACCOUNT, REGION, limit=100),
        "identities": identities(keystore),
        "stores": stores(engine),
    }


class Story:
    """The undisturbed run of a part: the states between its steps and its kill points."""

    def __init__(self, nursery: Nursery, base: Path, part: str) -> None:
        self.nursery = nursery
        self.base = base
        self.part = part
        self.steps = PARTS[part]
        prepare(base)
        self.states = self._play(base.with_name("reference"))
        trial = base.with_name("trial")
        shutil.copytree(base, trial)
        self.points = _chosen(nursery.points(str(trial), part, "0"))

    def _play(self, base: Path) -> list[State]:
        shutil.copytree(self.base, base)
        bench, keys = begin(base, SyncPolicy.NONE)
        states = [_state(bench.engine)]
        for name, step in self.steps:
            step(bench, keys)
            states.append(states[-1] if name == "close" else _state(bench.engine))
        return states


def _chosen(points: Sequence[StepPoint]) -> list[StepPoint]:
    """Choose points evenly over the run, and more where a step would have none."""
    chosen = spread(points, POINTS)
    passed_over = {point.step for point in points} - {point.step for point in chosen}
    return chosen + [
        next(point for point in points if point.step == step) for step in sorted(passed_over)
    ]


@pytest.fixture(scope="module", params=sorted(PARTS))
def story(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    """A part of the story, played once for all points of this process."""
    require_strace()
    with Nursery("tests.faults.story") as nursery:
        yield Story(nursery, tmp_path_factory.mktemp("story") / "base", request.param)


def _open(base: Path) -> Engine:
    """Open what a killed run has left, with whichever passphrase is the present one."""
    engine = Engine.open(base / "keystore", host=child_host(base, SyncPolicy.NONE))
    try:
        engine.unlock(Secret.from_text(PASSPHRASE))
    except WrongPassphraseError:
        engine.unlock(Secret.from_text(NEW_PASSPHRASE))
    return engine


def _events(engine: Engine) -> Iterator[str]:
    trail = engine._core.require_trail()
    for line in reversed(trail.latest(10_000)):
        yield orjson.loads(line)["eventName"]


def _check(story: Story, base: Path, point: StepPoint) -> None:
    outcome = story.nursery.kill_at(point, str(base), story.part, str(point.step))
    assert outcome.killed, f"{point}: {outcome.stderr.decode()}"
    done, steps = outcome.stdout.count(b"\n"), story.steps
    assert point.step == done, f"{point}: killed after {done} steps"
    engine = _open(base)
    try:
        engine.wait_verified()
        state = _state(engine)
        allowed = story.states[done : done + 2]
        assert state in allowed, f"{point}: after {done} steps, {steps[done][0]} is half done"
        recorded = list(_events(engine))
        for name, _ in steps[:done]:
            event = name.removesuffix(" again")
            assert event == "close" or event in recorded, f"{point}: {event} is not recorded"
        for event in ("CreateAlias", "DeleteAlias", "CancelKeyDeletion", "PutSetting"):
            assert recorded.count(event) <= 1, f"{point}: {event} is recorded twice"
        if done < len(steps) and state == story.states[done + 1] != story.states[done]:
            name = steps[done][0].removesuffix(" again")
            assert DURABLE.get(name, name) in recorded, f"{point}: {name} is not recorded"
        position = engine.trail_mark()
    finally:
        engine.close()
    report = verify(base / "keystore" / "trail", position=position)
    assert report.ok, f"{point}: {report.flaw}"


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_kill_at_any_call_loses_nothing_acknowledged(
    story: Story, tmp_path: Path, chunk: int
) -> None:
    """Killed at its share of the points, a run leaves a whole step's state and a whole trail."""
    assert len(story.points) >= 100
    assert {point.step for point in story.points} == set(range(len(story.steps)))
    for number, point in enumerate(story.points[chunk::CHUNKS]):
        base = tmp_path / str(number)
        shutil.copytree(story.base, base)
        _check(story, base, point)
        shutil.rmtree(base)


def test_the_story_has_every_mutating_operation() -> None:
    """No operation that changes the keystore is left out of the kill points."""
    told = {name.removesuffix(" again") for steps in PARTS.values() for name, _ in steps}
    mutating = {spec.name for spec in load().values() if spec.mutates}
    assert set() == mutating - told


def test_a_kill_during_creation_leaves_a_keystore_or_none(tmp_path: Path) -> None:
    """A keystore whose making was cut short opens whole, or is not there and can be made."""
    require_strace()
    trial = tmp_path / "trial"
    trial.mkdir()
    with Nursery("tests.faults.creation") as nursery:
        for number, point in enumerate(spread(nursery.points(str(trial)), 24)):
            base = tmp_path / str(number)
            base.mkdir()
            outcome = nursery.kill_at(point, str(base))
            assert outcome.killed, f"{point}: {outcome.stderr.decode()}"
            if not (base / "keystore" / "keystore.db").exists():
                with pytest.raises(KeystoreMissingError):
                    _open(base)
                assert b"made" not in outcome.stdout
                continue
            engine = _open(base)
            engine.wait_verified()
            engine.close()
