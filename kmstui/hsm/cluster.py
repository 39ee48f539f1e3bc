"""Clusters: separate tokens of our own, each behind the same protocol as the keystore's HSM.

A cluster stands for an AWS CloudHSM cluster. It has its own root key, which only its crypto user's
password opens, and its keys are in its own file below ``clusters/`` in the keystore's directory.
What a KMS key keeps of its material is the label that the token knows it by.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from kmstui.core.disk import HOST_DISK, Disk
from kmstui.core.errors import (
    KmsError,
    KMSInternalException,
    KMSInvalidStateException,
    WrongPassphraseError,
)
from kmstui.core.files import Directory
from kmstui.core.secret import Secret
from kmstui.core.store_errors import DeviceError
from kmstui.hsm.base import PASSPHRASE_SLOT, KdfProfile, MaterialBinding, WrappedMaterial
from kmstui.hsm.cluster_token import (
    CRYPTO_USER,
    TOKEN_BYTES,
    ClusterState,
    ClusterToken,
    CryptoUserState,
)
from kmstui.hsm.keys import LoadedKey
from kmstui.hsm.software import SoftwareHsm

CLUSTERS: Final = "clusters"
"""Directory of the token files, in the keystore's."""

SUFFIX: Final = ".token"

FAILURES_MAX: Final = 5
"""Wrong passwords in a row that lock the crypto user out."""


class ClusterHsm(SoftwareHsm):
    """A cluster that its crypto user has logged in to.

    Args:
        clusters: Where the token file is.
        cluster_id: Which it is.
    """

    __slots__ = ("_cluster_id", "_clusters")

    def __init__(self, clusters: Clusters, cluster_id: str) -> None:
        super().__init__()
        self._clusters = clusters
        self._cluster_id = cluster_id

    def generate(self, binding: MaterialBinding) -> WrappedMaterial:
        """Make new key material in the token; what is returned is the label that it has there.

        Raises:
            DeviceError: The cluster does not answer.
        """
        self._clusters.answering(self._cluster_id)
        made = super().generate(binding)
        label = binding.material_id
        self._clusters.change(
            self._cluster_id,
            lambda found: replace(found, objects={**found.objects, label: made.token}),
        )
        return WrappedMaterial(bytes.fromhex(label), made.check)

    def random(self, length: int) -> bytes:
        """Return random bytes of the cluster.

        Raises:
            DeviceError: The cluster does not answer.
        """
        self._clusters.answering(self._cluster_id)
        return super().random(length)

    def _material(self, token: bytes, binding: MaterialBinding) -> LoadedKey:
        """Return the material behind a label, if the cluster has it and answers.

        Raises:
            KMSInvalidStateException: It does not; the message says what is wrong.
        """
        try:
            found = self._clusters.answering(self._cluster_id).objects.get(token.hex())
        except KmsError as error:
            raise KMSInvalidStateException(error.message, hint=error.hint) from error
        if found is None:
            raise KMSInvalidStateException(
                f"The key material is not in cluster {self._cluster_id} any more.",
                hint="It was destroyed there; a copy of the cluster may still have it.",
            )
        return super()._material(found, binding)


class Clusters:
    """The clusters of a keystore: their token files, and those that are logged in to.

    Thread-safe: logging in takes its time and is done without the engine's lock.

    Args:
        keystore: The keystore's directory.
        disk: The system calls.
    """

    def __init__(self, keystore: Path, disk: Disk = HOST_DISK) -> None:
        self._path = keystore / CLUSTERS
        self._disk = disk
        self._mutex = threading.RLock()
        self._open: dict[str, ClusterHsm] = {}
        self._made: weakref.WeakSet[ClusterHsm] = weakref.WeakSet()
        self._refused: dict[str, DeviceError] = {}
        self._read: dict[str, tuple[tuple[int, ...], ClusterToken]] = {}

    def names(self) -> list[str]:
        """Return the id of every cluster whose file is there, sorted."""
        try:
            with Directory.open(self._path, disk=self._disk) as directory:
                return [
                    name.removesuffix(SUFFIX)
                    for name in directory.names()
                    if name.endswith(SUFFIX)
                ]
        except FileNotFoundError:
            return []

    def find(self, cluster_id: str) -> ClusterToken | None:
        """Return what a cluster's token file holds, if there is one.

        Raises:
            UnsafePathError: It is a link, not a regular file or not ours.
            UnsafePermissionsError: Others can reach it.
            KeystoreTamperedError: It is damaged.
        """
        name = cluster_id + SUFFIX
        with self._mutex:
            try:
                with Directory.open(self._path, disk=self._disk) as directory:
                    seen = directory.check(name)
                    stamp = (seen.st_ino, seen.st_mtime_ns, seen.st_size)
                    held = self._read.get(cluster_id)
                    if held is not None and held[0] == stamp:
                        return held[1]
                    token = ClusterToken.decode(directory.read(name, TOKEN_BYTES))
            except FileNotFoundError:
                self._read.pop(cluster_id, None)
                return None
            self._read[cluster_id] = (stamp, token)
            return token

    def every(self, account: str, region: str) -> list[ClusterToken]:
        """Return the clusters of an account and Region, by id."""
        found = [self.find(name) for name in self.names()]
        return [
            token
            for token in found
            if token is not None and (token.account, token.region) == (account, region)
        ]

    def store(self, token: ClusterToken) -> None:
        """Write a token file, durably and at once.

        Raises:
            DeviceError: It has grown longer than a token file that is read.
        """
        data = token.encode()
        if len(data) > TOKEN_BYTES:
            raise DeviceError(f"Cluster {token.cluster_id} is full.", "INTERNAL_ERROR")
        with self._mutex, Directory.create(self._path, disk=self._disk) as directory:
            directory.replace(token.cluster_id + SUFFIX, data)

    def remove(self, cluster_id: str) -> None:
        """Remove a token file for good, and drop the cluster's keys."""
        self.log_out(cluster_id)
        with self._mutex, Directory.create(self._path, disk=self._disk) as directory:
            directory.discard(cluster_id + SUFFIX)
            directory.sync()

    def change(self, cluster_id: str, edit: Callable[[ClusterToken], ClusterToken]) -> None:
        """Change a token file.

        Raises:
            DeviceError: There is none.
        """
        with self._mutex:
            self.store(edit(self.answering(cluster_id, active=False)))

    def answering(self, cluster_id: str, *, active: bool = True) -> ClusterToken:
        """Return a cluster that can be reached.

        Args:
            cluster_id: Which.
            active: Whether it must also have an HSM that answers.

        Raises:
            DeviceError: It cannot.
        """
        token = self.find(cluster_id)
        if token is None or (active and token.state is ClusterState.DETACHED):
            raise DeviceError(f"Cluster {cluster_id} cannot be found.", "CLUSTER_NOT_FOUND")
        if active and token.hsms < 1:
            raise DeviceError(
                f"Cluster {cluster_id} has no active HSM.", "INSUFFICIENT_CLOUDHSM_HSMS"
            )
        if active and token.state is not ClusterState.ACTIVE:
            raise DeviceError(f"Cluster {cluster_id} is not active.", "INTERNAL_ERROR")
        return token

    def session(self, cluster_id: str) -> ClusterHsm | None:
        """Return the cluster that is logged in to, if it is."""
        with self._mutex:
            return self._open.get(cluster_id)

    def log_in(self, cluster_id: str, password: Secret) -> ClusterHsm:
        """Return a cluster, logged in to as its crypto user. Slow on purpose: the KDF runs.

        Nothing else uses it before :meth:`keep`.

        Raises:
            DeviceError: It did not let the crypto user in; wrong passwords are counted.
        """
        token = self.answering(cluster_id)
        refused = _USER_REFUSALS.get(token.user)
        if refused is not None:
            raise DeviceError(*refused)
        opened = ClusterHsm(self, cluster_id)
        with self._mutex:
            self._made.add(opened)
        try:
            opened.open(
                token.serial,
                token.slot,
                password,
                token.domain_keys,
                test_profile=token.test_profile,
            )
        except WrongPassphraseError:
            self._count_failure(cluster_id)
            raise DeviceError(
                f"Cluster {cluster_id} does not accept the password of {CRYPTO_USER}.",
                "INVALID_CREDENTIALS",
            ) from None
        except KmsError as error:
            raise DeviceError(error.message, "INTERNAL_ERROR") from error
        if token.failures:
            self.change(cluster_id, lambda found: replace(found, failures=0))
        return opened

    def reopen(self, cluster_id: str, password: Secret) -> ClusterHsm:
        """Return a cluster, logged in to again after locking.

        A password that was refused once is not tried again before :meth:`lock` or :meth:`keep`:
        every call that uses a key would count as one more wrong password.

        Raises:
            DeviceError: It did not let the crypto user in.
        """
        with self._mutex:
            refused = self._refused.get(cluster_id)
            if refused is not None:
                raise DeviceError(refused.message, refused.connection)
        try:
            opened = self.log_in(cluster_id, password)
        except DeviceError as error:
            if error.connection == "INVALID_CREDENTIALS":
                with self._mutex:
                    self._refused[cluster_id] = error
            raise
        self.keep(cluster_id, opened)
        return opened

    def _count_failure(self, cluster_id: str) -> None:
        def count(found: ClusterToken) -> ClusterToken:
            failures = found.failures + 1
            user = CryptoUserState.LOCKED_OUT if failures >= FAILURES_MAX else found.user
            return replace(found, failures=failures, user=user)

        self.change(cluster_id, count)

    def keep(self, cluster_id: str, opened: ClusterHsm) -> None:
        """Use a cluster that was logged in to from now on."""
        with self._mutex:
            previous = self._open.get(cluster_id)
            self._open[cluster_id] = opened
            self._refused.pop(cluster_id, None)
        if previous is not None and previous is not opened:
            previous.lock()

    def log_out(self, cluster_id: str) -> None:
        """Drop a cluster's keys."""
        with self._mutex:
            opened = self._open.pop(cluster_id, None)
        if opened is not None:
            opened.lock()

    def lock(self) -> None:
        """Drop the keys of every cluster, also of one that is just being logged in to."""
        with self._mutex:
            opened = list(self._made)
            self._open.clear()
            self._read.clear()
            self._refused.clear()
        for each in opened:
            each.lock()

    def destroy(self, cluster_id: str, label: bytes) -> bool:
        """Remove key material from a token for good; tell whether the cluster could be reached.

        No password is needed for that: it only takes away.
        """
        try:
            token = self.answering(cluster_id)
            if label.hex() in token.objects:
                kept = {name: data for name, data in token.objects.items() if name != label.hex()}
                self.change(cluster_id, lambda found: replace(found, objects=kept))
        except (KmsError, OSError):
            return False
        opened = self.session(cluster_id)
        if opened is not None:
            opened.forget([token.objects.get(label.hex(), b"")])
        return True


def make_token(
    template: ClusterToken, password: Secret, profile: KdfProfile, *, slot_id: str, now: datetime
) -> ClusterToken:
    """Return a cluster with a new root key under the crypto user's password. Slow on purpose.

    Args:
        template: Everything but its slot and domain keys.
        password: The crypto user's password.
        profile: Cost of a guess at it.
        slot_id: Identifier of the slot.
        now: Host time.
    """
    hsm = SoftwareHsm()
    try:
        domain_keys = hsm.provision(template.serial, test_profile=template.test_profile)
        slot = hsm.make_slot(
            slot_id=slot_id,
            kind=PASSPHRASE_SLOT,
            principal=CRYPTO_USER,
            passphrase=password,
            profile=profile,
            created=now,
        )
    finally:
        hsm.lock()
    return replace(template, slot=slot, domain_keys=domain_keys)


def with_password(
    token: ClusterToken, old: Secret, new: Secret, *, slot_id: str, now: datetime
) -> ClusterToken:
    """Return a cluster whose crypto user has another password. Slow on purpose.

    Raises:
        WrongPassphraseError: The old one is not right.
        KMSInternalException: The new one does not open what was made.
    """
    hsm = SoftwareHsm()
    place = {"test_profile": token.test_profile}
    try:
        hsm.open(token.serial, token.slot, old, token.domain_keys, **place)
        slot = hsm.make_slot(
            slot_id=slot_id,
            kind=PASSPHRASE_SLOT,
            principal=CRYPTO_USER,
            passphrase=new,
            profile=token.slot.profile,
            created=now,
        )
        if not hsm.opens(token.serial, slot, new, **place):
            raise KMSInternalException("The new password does not open the cluster.")
    finally:
        hsm.lock()
    return replace(token, slot=slot, failures=0, user=CryptoUserState.READY)


_USER_REFUSALS: Final = {
    CryptoUserState.LOCKED_OUT: (
        f"The account of {CRYPTO_USER} is locked after too many wrong passwords.",
        "USER_LOCKED_OUT",
    ),
    CryptoUserState.LOGGED_IN: (
        f"Somebody else is logged in as {CRYPTO_USER}.",
        "USER_LOGGED_IN",
    ),
    CryptoUserState.MISSING: (
        f"There is no crypto user {CRYPTO_USER} in the cluster.",
        "USER_NOT_FOUND",
    ),
}
