"""Verifying a keystore and its trail while they are in use."""

from __future__ import annotations

import errno
from dataclasses import replace

import pytest

from kmstui.core.errors import KeystoreLockedError, KeystoreTamperedError
from kmstui.core.secret import Secret
from kmstui.engine.doctor import examine
from tests.conftest import MakeBench
from tests.helpers.engines import PASSPHRASE, Bench
from tests.helpers.faults import FaultyDisk


def test_a_sound_keystore_is_found_so_with_progress(bench: Bench) -> None:
    """Rows and trail are checked, each telling how far it is."""
    bench.key("alias/one")
    told: list[str] = []
    found = bench.engine.check(lambda subject, _done, _total: told.append(subject))
    assert [("ok", "keystore"), ("ok", "trail")] == [(each.level, each.subject) for each in found]
    assert {"keystore", "trail"} == set(told)


def test_the_first_bad_line_of_the_trail_is_named(bench: Bench) -> None:
    """An altered line is named by file, line and number; the rows are checked all the same."""
    bench.key("alias/one")
    segment = next((bench.directory / "trail").glob("*.jsonl"))
    segment.write_bytes(segment.read_bytes().replace(b'"CreateAlias"', b'"DeleteAlias"'))
    rows, trail = bench.engine.check(lambda *_told: None)
    assert ("ok", "bad") == (rows.level, trail.level)
    assert f"first bad line: {segment.name}, line" in trail.text


def test_rows_that_do_not_verify_are_said(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Damage of the keystore is a finding, and the trail is checked all the same."""

    def verify(_progress: object) -> None:
        raise KeystoreTamperedError("A row is missing.")

    monkeypatch.setattr(bench.core.keystore, "verify", verify)
    rows, trail = bench.engine.check(lambda *_told: None)
    assert ("bad", "A row is missing.", "ok") == (rows.level, rows.text, trail.level)


def test_a_locked_keystore_is_not_checked(bench: Bench) -> None:
    """Without keys there is nothing to check rows against."""
    bench.engine.lock()
    with pytest.raises(KeystoreLockedError):
        bench.engine.check(lambda *_told: None)


def test_status_says_what_a_guess_costs(bench: Bench) -> None:
    """Cost, self-tests and the anchor's directory are part of the status."""
    status = bench.engine.status()
    assert "Argon2id, 8 KiB, 1 pass, 1 lane" == status.passphrase_cost
    assert status.self_tested
    assert str(bench.host.anchor_dir) == status.anchor_directory


def test_doctor_says_that_the_trail_cannot_be_written(make_bench: MakeBench) -> None:
    """A full disk is a finding, with what was found before it."""
    bench = make_bench()
    bench.close()
    disk = FaultyDisk(fail_at=2, calls=("write",), error=errno.ENOSPC, sticky=True)
    found = examine(
        bench.directory,
        replace(bench.host, disk=disk),
        passphrase=lambda: Secret.from_text(PASSPHRASE),
    )
    assert ("bad", "trail") == (found[-1].level, found[-1].subject)
    assert "Cannot write the audit trail" in found[-1].text
