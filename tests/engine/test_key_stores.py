"""Custom key stores across locking, restarts, threads and the files of a keystore."""

from __future__ import annotations

import base64
import errno
import json
from pathlib import Path

import pytest

from kmstui.core.disk import HostDisk
from kmstui.core.secret import Secret
from kmstui.engine.backup import restore_backup
from kmstui.engine.key_stores import reopen_clusters
from tests.conftest import MakeBench
from tests.helpers.engines import PASSPHRASE, Bench
from tests.helpers.stores import (
    OTHER_PASSWORD,
    PASSWORD,
    cloud,
    cloud_key,
    connection,
    edit_token,
    external,
    external_key,
    key_state,
    token_file,
)


def lock_and_sign_in(bench: Bench) -> None:
    """Lock the engine, and unlock it again."""
    bench.engine.lock()
    bench.session = bench.engine.unlock(Secret.from_text(PASSPHRASE))


@pytest.mark.parametrize("again", [lock_and_sign_in, Bench.reopen], ids=["lock", "restart"])
def test_a_connection_outlives_locking(bench: Bench, again: object) -> None:
    """Both types are still connected afterwards, and their keys are used without a word."""
    assert callable(again)
    inside, outside = cloud(bench)[0], external(bench)
    keys = cloud_key(bench, inside), external_key(bench, outside)
    blobs = [bench.call("Encrypt", KeyId=key, Plaintext=b"x")["CiphertextBlob"] for key in keys]
    again(bench)
    for store, key, blob in zip((inside, outside), keys, blobs, strict=True):
        assert connection(bench, store) == ("CONNECTED", "")
        assert key_state(bench, key) == "Enabled"
        assert bench.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"x"


def test_a_disconnected_store_stays_disconnected(bench: Bench) -> None:
    """Unlocking connects nothing."""
    store, cluster_id = cloud(bench)
    key = cloud_key(bench, store)
    bench.call("DisconnectCustomKeyStore", CustomKeyStoreId=store)
    bench.reopen()
    reopen_clusters(bench.core)
    assert connection(bench, store) == ("DISCONNECTED", "")
    assert bench.core.devices.clusters.session(cluster_id) is None
    assert key_state(bench, key) == "Unavailable"


def test_lock_drops_the_keys_of_clusters(bench: Bench) -> None:
    """No session of a cluster outlives the lock, nor do external keys."""
    store, cluster_id = cloud(bench)
    cloud_key(bench, store)
    external(bench)
    session = bench.core.devices.clusters.session(cluster_id)
    assert session is not None
    bench.engine.lock()
    assert not session.unlocked
    assert session.status().cached_materials == 0
    assert bench.core.devices.clusters.session(cluster_id) is None
    assert bench.core.devices.managers._read == {}


def test_clusters_are_logged_in_to_again_in_the_background(make_bench: MakeBench) -> None:
    """Unlocking does so without being asked, for every account's connected key stores."""
    bench = make_bench()
    store, cluster_id = cloud(bench)
    bench.reopen()
    clusters = bench.core.devices.clusters
    assert clusters.session(cluster_id) is None
    reopen_clusters(bench.core)
    session = clusters.session(cluster_id)
    assert session is not None
    # What is open is not opened a second time.
    reopen_clusters(bench.core)
    assert session is clusters.session(cluster_id)
    assert connection(bench, store) == ("CONNECTED", "")


def test_a_cluster_that_cannot_be_read_is_told_and_left(bench: Bench) -> None:
    """Neither a file that others can read nor a disk that fails ends the engine's own work."""
    _, cluster_id = cloud(bench)
    bench.reopen()
    told: list[str] = []
    bench.engine.subscribe(lambda event: told.append(event.error))
    token_file(bench, cluster_id).chmod(0o644)
    reopen_clusters(bench.core)
    token_file(bench, cluster_id).chmod(0o600)
    clusters = bench.core.devices.clusters
    clusters._disk = FailingDisk()
    reopen_clusters(bench.core)
    assert told == ["UnsafePermissionsError", "OSError"]
    assert clusters.session(cluster_id) is None


class FailingDisk(HostDisk):
    """A disk that opens nothing."""

    def open(self, path: str, flags: int, mode: int = 0o600, *, dir_fd: int | None = None) -> int:
        """Fail."""
        del flags, mode, dir_fd
        raise OSError(errno.EIO, "a test", path)


def test_nothing_is_logged_in_to_while_locked(bench: Bench) -> None:
    """Between lock and unlock there is no password to do it with."""
    _, cluster_id = cloud(bench)
    bench.engine.lock()
    reopen_clusters(bench.core)
    assert bench.core.devices.clusters.session(cluster_id) is None


def test_a_password_that_changed_meanwhile_is_tried_once(bench: Bench) -> None:
    """Each use says what is wrong; only the first attempt counts as a wrong password."""
    store, cluster_id = cloud(bench)
    key = cloud_key(bench, store)
    passwords = {"Password": PASSWORD, "NewPassword": OTHER_PASSWORD}
    bench.call("kmstui:UpdateCluster", {"ClusterId": cluster_id, **passwords})
    assert bench.call("Encrypt", KeyId=key, Plaintext=b"x")
    lock_and_sign_in(bench)
    for _ in range(7):
        error = bench.refusal("Encrypt", KeyId=key, Plaintext=b"x")
        assert (error.code, "password" in error.message) == ("KMSInvalidStateException", True)
    (found,) = bench.call("kmstui:ListClusters")["Clusters"]
    assert (found["FailedLogins"], found["CryptoUser"]) == (1, "READY")


def test_no_secret_of_a_store_is_in_any_file(bench: Bench) -> None:
    """Password, credential, external keys and the cluster's keys are sealed wherever they are."""
    inside, cluster_id = cloud(bench)
    outside = external(bench)
    key = cloud_key(bench, inside)
    blob = bench.call("Encrypt", KeyId=key, Plaintext=b"canary-plaintext")["CiphertextBlob"]
    external_key(bench, outside)
    found = bench.core.devices.managers.find("vault")
    assert found is not None
    secrets = {
        "password": PASSWORD.encode(),
        "secret": found.credential.secret.reveal(),
        "external key": found.keys["k1"].material,
        "plaintext": b"canary-plaintext",
        "ciphertext": blob[-24:],
    }
    bench.close()
    for path in sorted(bench.directory.parent.rglob("*")):
        if path.is_file():
            assert_absent(path, secrets)
    assert token_file(bench, cluster_id).exists()


def assert_absent(path: Path, secrets: dict[str, bytes]) -> None:
    """No form of a secret is in a file."""
    data = path.read_bytes()
    for name, secret in secrets.items():
        for form in (secret, secret.hex().encode(), base64.b64encode(secret).rstrip(b"=")):
            assert form not in data, f"{name} in {path.name}"


def test_destroyed_material_is_in_no_file(training: Bench) -> None:
    """After the waiting period no byte of the key's token is left in the keystore's directory."""
    store, cluster_id = cloud(training)
    key = cloud_key(training, store)
    blob = training.call("Encrypt", KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    (token,) = training.core.devices.clusters.answering(cluster_id).objects.values()
    training.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    training.call("kmstui:AdvanceClock", Seconds=8 * 86400)
    assert training.refusal("Decrypt", CiphertextBlob=blob).code == "AccessDeniedException"
    for path in training.directory.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert token[8:24] not in data
            assert base64.b64encode(token)[12:32] not in data
    assert training.call("DescribeCustomKeyStores")["CustomKeyStores"]
    training.call("DisconnectCustomKeyStore", CustomKeyStoreId=store)
    training.call("DeleteCustomKeyStore", CustomKeyStoreId=store)


def test_deleting_an_external_key_store_key_leaves_the_external_key(training: Bench) -> None:
    """The external key stays in its key manager and can serve another KMS key."""
    store = external(training)
    key = external_key(training, store)
    blob = training.call("Encrypt", KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    training.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    training.call("kmstui:AdvanceClock", Seconds=8 * 86400)
    assert training.refusal("DescribeKey", KeyId=key).code == "NotFoundException"
    assert external_key(training, store) != key
    # The KMS key's own half is gone: nothing opens what it closed.
    assert training.refusal("Decrypt", CiphertextBlob=blob).code == "AccessDeniedException"


def test_stores_of_another_account_are_its_own(bench: Bench) -> None:
    """A key store, a cluster and a key manager are unknown to any other account."""
    _, cluster_id = cloud(bench)
    external(bench)
    devices = bench.core.devices
    assert devices.clusters.every("444455556666", "us-east-1") == []
    assert devices.managers.every("444455556666", "us-east-1") == []
    found = bench.core.keystore.key_stores("444455556666")
    assert (found, devices.clusters.names()) == ((), [cluster_id])


TRAVERSAL = b'{"format":1,"files":{"../clusters/x.token":"AAAA"}}'


def use_both(bench: Bench) -> tuple[dict[str, bytes], str]:
    """Make a key in a key store of each type; return a ciphertext of each, and the cluster."""
    inside, cluster_id = cloud(bench)
    keys = cloud_key(bench, inside), external_key(bench, external(bench))
    blobs = {key: bench.call("Encrypt", KeyId=key, Plaintext=b"x") for key in keys}
    return {key: answer["CiphertextBlob"] for key, answer in blobs.items()}, cluster_id


def export(bench: Bench) -> Path:
    """Write a backup beside the keystore."""
    path = bench.directory.parent / "backup"
    bench.call("kmstui:ExportBackup", Destination=str(path))
    return path


def restored(bench: Bench, backup: Path, directory: Path, *, resurrect: bool = False) -> None:
    """Restore a backup into a directory, and sign in to what is there."""
    bench.close()
    typed = Secret.from_text(PASSPHRASE)
    restore_backup(backup, directory, bench.host, typed, resurrect=resurrect, replace=True)
    bench.directory = directory
    bench.restart()


def test_a_backup_has_the_devices(bench: Bench) -> None:
    """Restored elsewhere, the keys of both types decrypt what they encrypted."""
    blobs, cluster_id = use_both(bench)
    backup = export(bench)
    restored(bench, backup, bench.directory.parent / "elsewhere")
    for blob in blobs.values():
        assert bench.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"x"
    assert token_file(bench, cluster_id).stat().st_mode & 0o777 == 0o600
    assert PASSWORD.encode() not in backup.read_bytes()


def test_restoring_leaves_a_device_as_it_is(bench: Bench) -> None:
    """A cluster that is there keeps its password and its newer keys."""
    blobs, cluster_id = use_both(bench)
    backup = export(bench)
    passwords = {"Password": PASSWORD, "NewPassword": OTHER_PASSWORD}
    bench.call("kmstui:UpdateCluster", {"ClusterId": cluster_id, **passwords})
    before = token_file(bench, cluster_id).read_bytes()
    restored(bench, backup, bench.directory)
    assert before == token_file(bench, cluster_id).read_bytes()
    shown = [bench.refusal("Decrypt", CiphertextBlob=blob) for blob in list(blobs.values())[:1]]
    assert ["password" in error.message for error in shown] == [True]


@pytest.mark.parametrize("resurrect", [False, True])
@pytest.mark.parametrize("present", [False, True])
def test_destroyed_material_comes_back_only_when_it_is_asked_for(
    training: Bench, *, present: bool, resurrect: bool
) -> None:
    """Neither into a cluster that is there nor into one that the backup brings."""
    store, cluster_id = cloud(training)
    gone, kept = cloud_key(training, store), cloud_key(training, store)
    blob = training.call("Encrypt", KeyId=gone, Plaintext=b"x")["CiphertextBlob"]
    label = training.record(gone).current.token.hex()
    backup = export(training)
    training.call("ScheduleKeyDeletion", KeyId=gone, PendingWindowInDays=7)
    training.call("kmstui:AdvanceClock", Seconds=8 * 86400)
    if not present:
        token_file(training, cluster_id).unlink()
    restored(training, backup, training.directory, resurrect=resurrect)
    objects = training.core.devices.clusters.answering(cluster_id).objects
    assert (label in objects) is resurrect
    assert training.call("Encrypt", KeyId=kept, Plaintext=b"x")
    if resurrect:
        assert training.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"x"
    else:
        assert training.refusal("DescribeKey", KeyId=gone).code == "NotFoundException"


def test_a_checkpoint_has_the_devices(training: Bench) -> None:
    """Going back brings destroyed keys back, and takes away what was made since."""
    blobs, cluster_id = use_both(training)
    training.call("kmstui:CreateCheckpoint", Name="before")
    for key in blobs:
        training.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    training.call("kmstui:AdvanceClock", Seconds=8 * 86400)
    later = training.call("kmstui:CreateCluster", Password=PASSWORD)["ClusterId"]
    training.call("kmstui:UpdateKeyManager", Name="vault", Condition="OFFLINE")
    training.call("kmstui:RestoreCheckpoint", Name="before")
    for blob in blobs.values():
        assert training.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"x"
    found = training.call("kmstui:ListClusters")["Clusters"]
    assert [cluster_id] == [each["ClusterId"] for each in found]
    assert not token_file(training, later).exists()
    kept = training.directory / "checkpoints" / "before.devices"
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_checkpoint_without_devices_has_none(training: Bench) -> None:
    """Going back to before the first device leaves none; a damaged file is refused first."""
    training.call("kmstui:CreateCheckpoint", Name="empty")
    use_both(training)
    training.call("kmstui:CreateCheckpoint", Name="damaged")
    damaged = training.directory / "checkpoints" / "damaged.devices"
    for data in (
        b"{}",
        b"[]",
        b'{"format":2,"files":{}}',
        b'{"format":1,"files":{"a":"?"}}',
        TRAVERSAL,
    ):
        damaged.write_bytes(data)
        error = training.refusal("kmstui:RestoreCheckpoint", Name="damaged")
        assert error.code == "CheckpointError"
    training.call("kmstui:RestoreCheckpoint", Name="empty")
    assert training.call("kmstui:ListClusters")["Clusters"] == []
    assert training.call("kmstui:ListKeyManagers")["KeyManagers"] == []
    assert training.call("DescribeCustomKeyStores")["CustomKeyStores"] == []
    training.call("kmstui:CreateCheckpoint", Name="damaged")
    assert not damaged.exists()


def findings(bench: Bench) -> list[tuple[str, str]]:
    """Return what doctor says of devices."""
    found = bench.engine.check(lambda *_: None)
    return [(each.level, each.text) for each in found if each.subject == "devices"]


def test_doctor_compares_keys_with_their_devices(bench: Bench) -> None:
    """Whole devices are said to be so; without any there is nothing to say."""
    assert findings(bench) == []
    _, cluster_id = use_both(bench)
    assert findings(bench) == [
        ("ok", f"{cluster_id} has the material of 1 key"),
        ("ok", "key manager vault authenticates"),
    ]


def test_doctor_names_what_is_wrong_with_a_device(bench: Bench) -> None:
    """Missing files, missing and unknown keys, damage, and what nobody needs."""
    blobs, cluster_id = use_both(bench)
    bench.call("kmstui:UpdateKeyManager", Name="vault", Condition="OFFLINE")
    (store, outside) = sorted(bench.core.keystore.key_stores(), key=lambda each: each.is_external)
    off_line = (
        f"no key manager answers at https://vault.localhost/kms/xks/v1 of {outside.store_id}"
    )
    good = ("ok", "key manager vault authenticates")
    assert findings(bench)[1:] == [good, ("note", off_line)]
    path, spare = (
        token_file(bench, cluster_id),
        bench.call("kmstui:CreateCluster", Password="p" * 7),
    )
    whole = path.read_text()
    edit_token(bench, cluster_id, objects={})
    assert ("bad", f"{cluster_id} lacks the material of 1 key") in findings(bench)
    extra = {"ab": "AAAA", **json.loads(whole)["objects"]}
    edit_token(bench, cluster_id, objects=extra)
    unknown = f"{cluster_id} has 1 key that the keystore does not know"
    assert ("note", unknown) in findings(bench)
    path.write_text("{}")
    assert ("bad", f"{cluster_id}: the cluster's token file is damaged") in findings(bench)
    path.unlink()
    assert ("bad", f"{cluster_id} of {store.store_id} is missing") in findings(bench)
    assert ("note", f"{spare['ClusterId']} belongs to no custom key store") in findings(bench)
    (bench.directory / "key-managers" / "vault.json").write_text("{}")
    assert ("bad", "key manager vault: the key manager's file is damaged") in findings(bench)
    assert len(blobs) == 2
