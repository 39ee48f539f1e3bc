"""What related multi-Region keys share, and what is each key's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from kmstui.keystore.records import KeyMaterialRecord, KeyRecord
from kmstui.ops.kms.related import (
    PENDING_EVERYWHERE,
    PENDING_ROTATION,
    put_shared,
    related,
    shared_materials,
)
from tests.helpers.engines import OTHER_REGION, REGION, START, Bench

THIRD_REGION = "ap-south-1"


def material(number: int, state: str, token: bytes = b"token") -> KeyMaterialRecord:
    """Return a version of material."""
    return KeyMaterialRecord(f"{number:064x}", number, token, b"check", START, state)


def write(bench: Bench, key: KeyRecord) -> KeyRecord:
    """Write a key and what its related keys share of it."""
    keystore = bench.core.keystore
    with keystore.begin() as changes:
        written = put_shared(changes, key)
        changes.commit(clock_mark=keystore.head.clock_mark, trail=keystore.head.trail)
    return written


@pytest.fixture
def primary(bench: Bench) -> KeyRecord:
    """Return a primary key that has replicas in two Regions."""
    key = bench.force(bench.key(MultiRegion=True), replica_regions=(THIRD_REGION, OTHER_REGION))
    for region in key.replica_regions:
        bench.store(replace(key, region=region, description="a replica", policy="own"))
    return key


def test_related_keys_are_those_of_the_other_regions(bench: Bench, primary: KeyRecord) -> None:
    """From every one of them the others are found, the primary first; alone there is none."""
    keystore = bench.core.keystore
    replicas = related(keystore, primary)
    assert [each.region for each in replicas] == [THIRD_REGION, OTHER_REGION]
    assert [each.region for each in related(keystore, replicas[1])] == [REGION, THIRD_REGION]
    assert related(keystore, bench.record(bench.key())) == ()
    assert related(keystore, bench.record(bench.key(MultiRegion=True))) == ()


def test_rotation_and_the_primary_are_shared_and_nothing_else(
    bench: Bench, primary: KeyRecord
) -> None:
    """What is written to one key is written to the others, but for what is their own."""
    changed = replace(
        primary,
        description="the primary",
        rotation_period_days=90,
        next_rotation=START + timedelta(days=90),
        primary_region=OTHER_REGION,
        replica_regions=(THIRD_REGION, REGION),
        materials=(replace(primary.current, state="NON_CURRENT"), material(2, "CURRENT")),
    )
    assert write(bench, changed) == changed
    assert bench.record(primary.key_id) == changed
    for other in related(bench.core.keystore, changed):
        expected = replace(changed, region=other.region, description="a replica", policy="own")
        assert expected == other


def test_imported_material_is_shared_without_its_bytes(bench: Bench, primary: KeyRecord) -> None:
    """A replica learns which materials there are, and keeps those that were imported into it."""
    own = replace(material(1, "CURRENT", b"own"), expires=START, description="here")
    replica = replace(primary, region=OTHER_REGION, origin="EXTERNAL", materials=(own,))
    there = material(1, "NON_CURRENT", b"there")
    key = replace(primary, origin="EXTERNAL", materials=(there, material(2, "CURRENT")))
    bench.store(replica)
    write(bench, key)
    found = bench.core.keystore.key(key.account, OTHER_REGION, key.key_id)
    assert found is not None
    first, second = found.materials
    assert first == replace(own, state="NON_CURRENT")
    assert second == replace(material(2, "CURRENT"), token=b"")
    assert [each.missing for each in shared_materials(key)] == [True, True]


@pytest.mark.parametrize(
    ("token", "state"), [(b"own", PENDING_ROTATION), (b"", PENDING_EVERYWHERE)]
)
def test_new_material_waits_until_every_region_has_it(
    bench: Bench, primary: KeyRecord, token: bytes, state: str
) -> None:
    """Imported material can be rotated to once no related key lacks it; all of them say so."""
    first = replace(primary.current, state="CURRENT")
    key = replace(primary, origin="EXTERNAL", materials=(first, material(2, PENDING_EVERYWHERE)))
    for region in primary.replica_regions:
        pending = material(2, PENDING_EVERYWHERE, token)
        bench.store(replace(key, region=region, materials=(first, pending)))
    written = write(bench, key)
    for each in (written, *related(bench.core.keystore, written)):
        assert [found.state for found in each.materials] == ["CURRENT", state]
