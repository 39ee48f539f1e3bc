"""Clusters: tokens of their own behind the HSM's protocol."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from kmstui.core.errors import (
    InvalidCiphertextException,
    KdfParametersError,
    KeystoreFormatError,
    KeystoreLockedError,
    KeystoreTamperedError,
    KMSInvalidStateException,
    UnsafePathError,
    UnsafePermissionsError,
    WrongPassphraseError,
)
from kmstui.core.secret import Secret
from kmstui.core.store_errors import DeviceError
from kmstui.hsm import cluster
from kmstui.hsm.base import KdfProfile, WrappedMaterial
from kmstui.hsm.cluster import FAILURES_MAX, ClusterHsm, Clusters, with_password
from kmstui.hsm.cluster_token import ClusterState, ClusterToken, CryptoUserState
from tests.helpers.clusters import ACCOUNT, CLUSTER, NOW, PASSWORD, REGION, make_cluster
from tests.helpers.hsm import BINDING

CLUSTER_BINDING = replace(BINDING, origin="AWS_CLOUDHSM")


@pytest.fixture
def clusters(tmp_path: Path) -> Clusters:
    """Return clusters, of which there is one."""
    made = Clusters(tmp_path)
    made.store(make_cluster())
    return made


def logged_in(clusters: Clusters) -> ClusterHsm:
    """Return the cluster, logged in to and kept."""
    opened = clusters.log_in(CLUSTER, PASSWORD)
    clusters.keep(CLUSTER, opened)
    return opened


def file_of(clusters: Clusters) -> Path:
    """Return the path of the token file."""
    return clusters._path / f"{CLUSTER}.token"


def edit(clusters: Clusters, **changes: object) -> None:
    """Change what a token file says, as somebody with an editor would."""
    path = file_of(clusters)
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def refusal(clusters: Clusters, password: Secret = PASSWORD) -> DeviceError:
    """Return what logging in ends with."""
    with pytest.raises(DeviceError) as refused:
        clusters.log_in(CLUSTER, password)
    return refused.value


def test_a_token_file_is_read_as_it_was_written(clusters: Clusters) -> None:
    """Every member of a token survives its file, which only its owner may read."""
    made = replace(make_cluster(), objects={"ab": b"token"}, failures=2)
    clusters.store(made)
    assert made == clusters.find(CLUSTER)
    assert made == ClusterToken.decode(made.encode())
    assert file_of(clusters).stat().st_mode & 0o777 == 0o600
    assert clusters._path.stat().st_mode & 0o777 == 0o700


def test_clusters_belong_to_an_account_and_region(clusters: Clusters) -> None:
    """Only those of the account and Region are listed."""
    assert clusters.names() == [CLUSTER]
    assert [each.cluster_id for each in clusters.every(ACCOUNT, REGION)] == [CLUSTER]
    assert clusters.every(ACCOUNT, "eu-west-1") == []
    assert clusters.every("999999999999", REGION) == []


def test_there_may_be_no_clusters(tmp_path: Path) -> None:
    """Without a directory there is none, and looking makes none."""
    clusters = Clusters(tmp_path)
    assert (clusters.names(), clusters.find(CLUSTER)) == ([], None)
    assert list(tmp_path.iterdir()) == []


def test_material_stays_in_the_token(clusters: Clusters) -> None:
    """What is handed out of a new key is its label; its token is in the file alone."""
    opened = logged_in(clusters)
    made = opened.generate(CLUSTER_BINDING)
    assert made.token == bytes.fromhex(CLUSTER_BINDING.material_id)
    token = clusters.find(CLUSTER)
    assert token is not None
    assert list(token.objects) == [CLUSTER_BINDING.material_id]
    assert made.token not in token.objects[CLUSTER_BINDING.material_id]


def test_what_was_encrypted_is_decrypted_after_logging_in_again(clusters: Clusters) -> None:
    """A key outlives the session that made it, and a process that starts anew."""
    opened = logged_in(clusters)
    made = opened.generate(CLUSTER_BINDING)
    blob = opened.encrypt(made.token, CLUSTER_BINDING, b"plain", b"context")
    clusters.log_out(CLUSTER)
    with pytest.raises(KeystoreLockedError):
        opened.encrypt(made.token, CLUSTER_BINDING, b"plain", b"")
    again = logged_in(Clusters(clusters._path.parent))
    assert again.decrypt(made.token, CLUSTER_BINDING, blob, b"context") == b"plain"
    with pytest.raises(InvalidCiphertextException):
        again.decrypt(made.token, CLUSTER_BINDING, blob, b"other")


def test_a_key_is_bound_to_what_it_is_for(clusters: Clusters) -> None:
    """A label under another binding opens nothing."""
    opened = logged_in(clusters)
    made = opened.generate(CLUSTER_BINDING)
    other = replace(CLUSTER_BINDING, key_id="11111111-1111-4111-8111-111111111111")
    with pytest.raises(KeystoreTamperedError):
        opened.encrypt(made.token, other, b"plain", b"")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"state": "DETACHED"}, "CLUSTER_NOT_FOUND"),
        ({"hsms": 0}, "INSUFFICIENT_CLOUDHSM_HSMS"),
        ({"state": "INITIALIZED"}, "INTERNAL_ERROR"),
        ({"user": "LOCKED_OUT"}, "USER_LOCKED_OUT"),
        ({"user": "LOGGED_IN"}, "USER_LOGGED_IN"),
        ({"user": "MISSING"}, "USER_NOT_FOUND"),
        ({"domain_keys": []}, "INTERNAL_ERROR"),
    ],
    ids=str,
)
def test_a_cluster_says_why_nobody_gets_in(
    clusters: Clusters, changes: dict[str, object], code: str
) -> None:
    """Each fault has AWS's ConnectionErrorCode, and no password is counted as wrong."""
    edit(clusters, **changes)
    assert refusal(clusters).connection == code
    token = clusters.find(CLUSTER)
    assert token is not None
    assert token.failures == 0


def test_a_cluster_without_its_file_is_not_found(clusters: Clusters) -> None:
    """A token file that was taken away is a cluster that cannot be reached."""
    file_of(clusters).unlink()
    assert refusal(clusters).connection == "CLUSTER_NOT_FOUND"


def test_wrong_passwords_lock_the_crypto_user_out(clusters: Clusters) -> None:
    """After five in a row even the right one is refused; a right one before starts anew."""
    wrong = Secret(b"wrong password")
    assert refusal(clusters, wrong).connection == "INVALID_CREDENTIALS"
    logged_in(clusters)
    for _ in range(FAILURES_MAX):
        assert refusal(clusters, wrong).connection == "INVALID_CREDENTIALS"
    assert refusal(clusters).connection == "USER_LOCKED_OUT"


def test_a_session_goes_on_while_nobody_gets_in(clusters: Clusters) -> None:
    """Who is logged in stays it when the account is locked or the password changes."""
    opened = logged_in(clusters)
    made = opened.generate(CLUSTER_BINDING)
    edit(clusters, user="LOCKED_OUT")
    assert opened.encrypt(made.token, CLUSTER_BINDING, b"plain", b"")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": "DETACHED"}, "cannot be found"),
        ({"hsms": 0}, "no active HSM"),
        ({"state": "INITIALIZED"}, "not active"),
        ({"objects": {}}, "not in cluster"),
        ({"format": 2}, "unknown version"),
        ({"hsms": "many"}, "damaged"),
    ],
    ids=str,
)
def test_a_cluster_that_stops_answering_says_so(
    clusters: Clusters, changes: dict[str, object], words: str
) -> None:
    """A key in it cannot be used, with KMSInvalidStateException and the reason; it comes back."""
    opened = logged_in(clusters)
    made = opened.generate(CLUSTER_BINDING)
    before = file_of(clusters).read_text()
    edit(clusters, **changes)
    with pytest.raises(KMSInvalidStateException, match=words):
        opened.encrypt(made.token, CLUSTER_BINDING, b"plain", b"")
    file_of(clusters).write_text(before)
    assert opened.encrypt(made.token, CLUSTER_BINDING, b"plain", b"")


def test_destroyed_material_is_in_no_file_and_no_cache(clusters: Clusters) -> None:
    """Destroying removes the key from the token, and the session cannot use it any more."""
    opened = logged_in(clusters)
    made = opened.generate(CLUSTER_BINDING)
    opened.encrypt(made.token, CLUSTER_BINDING, b"plain", b"")
    token = clusters.find(CLUSTER)
    assert token is not None
    canary = token.objects[CLUSTER_BINDING.material_id]
    assert clusters.destroy(CLUSTER, made.token) is True
    assert opened.status().cached_materials == 0
    with pytest.raises(KMSInvalidStateException, match="not in cluster"):
        opened.encrypt(made.token, CLUSTER_BINDING, b"plain", b"")
    for path in clusters._path.rglob("*"):
        assert canary not in path.read_bytes()
        assert canary.hex() not in path.read_text()
        assert json.dumps(canary.hex())[1:-1] not in path.read_text()
    # A second time there is nothing left to remove.
    assert clusters.destroy(CLUSTER, made.token) is True


def test_a_full_cluster_stays_readable(
    clusters: Clusters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key too many is refused, and those that are there can be used."""
    opened = logged_in(clusters)
    made = opened.generate(CLUSTER_BINDING)
    monkeypatch.setattr(cluster, "TOKEN_BYTES", file_of(clusters).stat().st_size)
    with pytest.raises(DeviceError, match="full"):
        opened.generate(replace(CLUSTER_BINDING, material_id="ab" * 32))
    assert opened.encrypt(made.token, CLUSTER_BINDING, b"plain", b"")


def test_destroying_in_a_cluster_out_of_reach_says_so(clusters: Clusters) -> None:
    """Material in a cluster that cannot be reached stays there, and the answer is no."""
    made = logged_in(clusters).generate(CLUSTER_BINDING)
    edit(clusters, state="DETACHED")
    assert clusters.destroy(CLUSTER, made.token) is False
    assert clusters.destroy("cluster-zzzzzzzzzzz", made.token) is False


def test_lock_drops_every_session(clusters: Clusters) -> None:
    """After lock no cluster is logged in to, and no key of one is left."""
    opened = logged_in(clusters)
    clusters.lock()
    assert clusters.session(CLUSTER) is None
    assert not opened.unlocked


def test_logging_in_twice_drops_the_first_session(clusters: Clusters) -> None:
    """Only the newest session has keys."""
    first = logged_in(clusters)
    second = logged_in(clusters)
    assert (first.unlocked, second.unlocked) == (False, True)


def test_random_bytes_need_a_cluster_that_answers(clusters: Clusters) -> None:
    """Random bytes come from the cluster while it answers."""
    opened = logged_in(clusters)
    assert len(opened.random(7)) == 7
    edit(clusters, state="DETACHED")
    with pytest.raises(DeviceError):
        opened.random(7)
    with pytest.raises(DeviceError):
        opened.generate(CLUSTER_BINDING)


def test_a_password_is_changed_by_who_knows_the_old_one() -> None:
    """The new password opens the same root key, and lets a locked-out user in again."""
    token = replace(make_cluster(), user=CryptoUserState.LOCKED_OUT, failures=5)
    new = Secret(b"another password")
    with pytest.raises(WrongPassphraseError):
        with_password(token, new, new, slot_id="next", now=NOW)
    changed = with_password(token, PASSWORD, new, slot_id="next", now=NOW)
    assert (changed.user, changed.failures) == (CryptoUserState.READY, 0)
    assert (changed.serial, changed.domain_keys) == (token.serial, token.domain_keys)
    hsm = ClusterHsm(Clusters(Path("unused")), CLUSTER)
    hsm.open(changed.serial, changed.slot, new, changed.domain_keys, test_profile=True)
    hsm.lock()


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", b"null", b'{"format":1}', b'{"format":1,"format":1}', b"\xff", b"[" * 99],
    ids=repr,
)
def test_a_damaged_token_file_is_refused(clusters: Clusters, data: bytes) -> None:
    """What is no token file is damage, whatever it is."""
    file_of(clusters).write_bytes(data)
    with pytest.raises(KeystoreTamperedError):
        clusters.find(CLUSTER)


def test_a_token_file_of_a_later_version_is_refused(clusters: Clusters) -> None:
    """An unknown version is named as such."""
    edit(clusters, format=2)
    with pytest.raises(KeystoreFormatError):
        clusters.find(CLUSTER)


def test_a_token_file_asks_for_no_boundless_work(clusters: Clusters) -> None:
    """The cost of a password is checked before it is spent."""
    token = make_cluster()
    hungry = replace(token.slot, profile=KdfProfile("x", 2**30, 100, 4))
    clusters.store(replace(token, slot=hungry))
    assert refusal(clusters).connection == "INTERNAL_ERROR"
    clusters.store(replace(token, slot=replace(token.slot, profile=KdfProfile("x", 8, 1, 4))))
    with pytest.raises(KdfParametersError):
        with_password(replace(token, test_profile=False), PASSWORD, PASSWORD, slot_id="x", now=NOW)


def test_a_token_file_is_a_plain_file_of_ours(clusters: Clusters) -> None:
    """A link, a second name and a file that others may read are refused."""
    path = file_of(clusters)
    path.chmod(0o644)
    with pytest.raises(UnsafePermissionsError):
        clusters.find(CLUSTER)
    path.chmod(0o600)
    moved = path.with_suffix(".moved")
    path.rename(moved)
    path.symlink_to(moved)
    with pytest.raises(UnsafePathError):
        clusters.find(CLUSTER)
    path.unlink()
    os.link(moved, path)
    with pytest.raises(UnsafePathError):
        clusters.find(CLUSTER)


def test_a_copy_of_a_cluster_has_its_keys(clusters: Clusters) -> None:
    """A cluster made of a backup opens with the same password and has the same keys."""
    opened = logged_in(clusters)
    made: WrappedMaterial = opened.generate(CLUSTER_BINDING)
    blob = opened.encrypt(made.token, CLUSTER_BINDING, b"plain", b"")
    token = clusters.find(CLUSTER)
    assert token is not None
    other = "cluster-bbbbbbbbbbb"
    clusters.store(replace(token, cluster_id=other, state=ClusterState.ACTIVE))
    again = clusters.log_in(other, PASSWORD)
    assert again.decrypt(made.token, CLUSTER_BINDING, blob, b"") == b"plain"
