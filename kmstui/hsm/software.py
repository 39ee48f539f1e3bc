"""The software HSM: keys in this process, guarded as far as a process can guard them."""

from __future__ import annotations

import os
import threading
import weakref
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from kmstui.core import canonical
from kmstui.core.errors import (
    KeystoreLockedError,
    KeystoreTamperedError,
    WrongPassphraseError,
)
from kmstui.core.secret import Secret
from kmstui.hsm import envelope, families, memory, primitives, selftest, slots, totp
from kmstui.hsm.algorithms import SYMMETRIC
from kmstui.hsm.base import (
    KdfProfile,
    MaterialBinding,
    NewTotp,
    Purpose,
    TotpBinding,
    UnlockSlot,
    WrappedDomainKey,
)
from kmstui.hsm.condition import HsmStatus, MemoryProtection
from kmstui.hsm.kdf import check_profile
from kmstui.hsm.keyring import Keyring
from kmstui.hsm.keys import LoadedKey
from kmstui.hsm.memory import ProtectedPage
from kmstui.hsm.operations import KeyOperations
from kmstui.hsm.primitives import GCM_IV_BYTES

ACCESS_SECRET_BYTES = 30
"""Random bytes of a secret access key: 40 characters of base 64, as many as AWS's have."""

CACHE_CAPACITY = 256
"""Unwrapped key materials that are held at most."""


class SoftwareHsm(KeyOperations):
    """An HSM in this process; see :class:`kmstui.hsm.base.Hsm` for what it promises.

    Creating one hardens the process: core files off, not dumpable. A forked child has no keys.

    Args:
        cache_capacity: Unwrapped key materials to hold at most.
    """

    __slots__ = ("__weakref__", "_cache", "_capacity", "_mutex", "_ring", "_spare", "_tested")

    def __init__(self, *, cache_capacity: int = CACHE_CAPACITY) -> None:
        memory.harden_process()
        self._mutex = threading.Lock()
        self._ring: Keyring | None = None
        self._cache: OrderedDict[bytes, LoadedKey] = OrderedDict()
        self._capacity = cache_capacity
        self._tested = False
        self._spare = ProtectedPage()
        _LIVE.add(self)

    @property
    def unlocked(self) -> bool:
        """Whether keys are loaded."""
        return self._ring is not None

    def self_test(self) -> None:
        """Run the known-answer tests; ``SelfTestError`` leaves the HSM locked."""
        self._tested = False
        try:
            selftest.run()
            self._tested = True
        finally:
            if not self._tested:
                self.lock()

    def provision(self, store_id: str, *, test_profile: bool) -> tuple[WrappedDomainKey, ...]:
        """Make a new root key and its domain keys, and leave the HSM unlocked."""
        self._require_tested()
        ring, domain_keys = Keyring.fresh(store_id, test_profile=test_profile)
        self._install(ring)
        return domain_keys

    def make_slot(
        self,
        *,
        slot_id: str,
        kind: str,
        principal: str,
        passphrase: Secret,
        profile: KdfProfile,
        created: datetime,
    ) -> UnlockSlot:
        """Return a slot that the passphrase opens."""
        ring = self._keys()
        check_profile(profile, test_profile=ring.test_profile)
        slot = slots.new_slot(
            ring.store_id,
            slot_id=slot_id,
            kind=kind,
            principal=principal,
            profile=profile,
            created=created,
        )
        key = slots.stretch(ring.store_id, slot, passphrase, test_profile=ring.test_profile)
        # The derivation takes its time; a lock meanwhile must not have a wiped key sealed.
        with self._mutex:
            if self._ring is not ring:
                raise KeystoreLockedError
            return replace(slot, sealed_root=slots.seal_root(ring.store_id, slot, key, ring.root))

    def open(
        self,
        store_id: str,
        slot: UnlockSlot,
        passphrase: Secret,
        domain_keys: tuple[WrappedDomainKey, ...],
        *,
        test_profile: bool,
    ) -> None:
        """Load the keystore's keys through a slot; on failure nothing changes."""
        self._require_tested()
        page = ProtectedPage()
        try:
            key = slots.stretch(store_id, slot, passphrase, test_profile=test_profile)
            slots.open_root(store_id, slot, key, page.view(slots.ROOT_KEY_BYTES))
            ring = Keyring(store_id, page, domain_keys, test_profile=test_profile)
        except Exception:
            page.wipe()
            raise
        self._install(ring)

    def opens(
        self, store_id: str, slot: UnlockSlot, passphrase: Secret, *, test_profile: bool
    ) -> bool:
        """Return whether the passphrase opens the slot; while unlocked, to the loaded root key."""
        self._require_tested()
        page = ProtectedPage()
        root = page.view(slots.ROOT_KEY_BYTES)
        try:
            key = slots.stretch(store_id, slot, passphrase, test_profile=test_profile)
            slots.open_root(store_id, slot, key, root)
            with self._mutex:
                ring = self._ring
                return ring is None or primitives.same_bytes(bytes(root), bytes(ring.root))
        except WrongPassphraseError:
            return False
        finally:
            page.wipe()

    def lock(self) -> None:
        """Drop every key."""
        self._install(None)

    def seal(self, purpose: Purpose, plaintext: bytes, aad: bytes) -> bytes:
        """Return ``IV 12 || ciphertext || tag 16`` under the purpose's AES-256-GCM key."""
        iv = os.urandom(GCM_IV_BYTES)
        return iv + primitives.gcm_encrypt(self._keys().seals[purpose], iv, plaintext, aad)

    def unseal(self, purpose: Purpose, sealed: bytes, aad: bytes) -> bytes:
        """Return what :meth:`seal` sealed with the same purpose and associated data."""
        key = self._keys().seals[purpose]
        if len(sealed) >= GCM_IV_BYTES:
            iv, body = sealed[:GCM_IV_BYTES], sealed[GCM_IV_BYTES:]
            plaintext = primitives.gcm_decrypt(key, iv, body, aad)
            if plaintext is not None:
                return plaintext
        raise KeystoreTamperedError("stored data fails its authentication")

    def mac(self, purpose: Purpose, data: bytes) -> bytes:
        """Return the purpose's HMAC-SHA-256 of the data, 32 bytes."""
        return self._keys().macs[purpose].mac(data)

    def verify_mac(self, purpose: Purpose, data: bytes, tag: bytes) -> bool:
        """Return whether the tag is the data's :meth:`mac`; takes the same time either way."""
        return self._keys().macs[purpose].verify(data, tag)

    def set_hash(self, items: Iterable[bytes]) -> bytes:
        """Return the XOR of the items' HMACs, 32 bytes, whatever their order."""
        mac = self._keys().macs[Purpose.SET_HASH].mac
        total = 0
        for item in items:
            total ^= int.from_bytes(mac(item))
        return total.to_bytes(32)

    def encrypt(
        self, token: bytes, binding: MaterialBinding, plaintext: bytes, context: bytes
    ) -> bytes:
        """Return a ciphertext blob."""
        return self._symmetric_key(token, binding).encrypt(plaintext, context)

    def decrypt(
        self, token: bytes, binding: MaterialBinding, blob: bytes, context: bytes
    ) -> bytes:
        """Return the plaintext of a ciphertext blob."""
        return self._symmetric_key(token, binding).decrypt(blob, context)

    def reencrypt(
        self,
        source: tuple[bytes, MaterialBinding],
        blob: bytes,
        source_context: bytes,
        destination: tuple[bytes, MaterialBinding],
        destination_context: bytes,
        *,
        algorithms: tuple[str, str] = (SYMMETRIC, SYMMETRIC),
    ) -> bytes:
        """Return the ciphertext's plaintext encrypted anew; the plaintext stays inside."""
        before, after = algorithms
        if before == SYMMETRIC:
            plaintext = self.decrypt(*source, blob, source_context)
        else:
            plaintext = self.rsa_decrypt(*source, blob, before)
        if after == SYMMETRIC:
            return self.encrypt(*destination, plaintext, destination_context)
        return self.rsa_encrypt(*destination, plaintext, after)

    def generate_data_key(
        self,
        token: bytes,
        binding: MaterialBinding,
        length: int,
        context: bytes,
        *,
        with_plaintext: bool,
    ) -> tuple[bytes | None, bytes]:
        """Return a random key of ``length`` bytes, or None if not asked for, and its blob."""
        key = os.urandom(length)
        blob = self._symmetric_key(token, binding).encrypt(key, context)
        return (key if with_plaintext else None), blob

    def make_access_secret(self, account: str, access_key_id: str) -> tuple[Secret, bytes]:
        """Return a new secret access key, the only time that it is seen outside, and its token."""
        text = b64encode(os.urandom(ACCESS_SECRET_BYTES))
        aad = canonical.encode("access-key", self._keys().store_id, account, access_key_id)
        return Secret(text), self.seal(Purpose.ACCESS_KEY, text, aad)

    def totp_enrol(self, binding: TotpBinding) -> NewTotp:
        """Return a new device's secret, the only time that it is seen outside."""
        return totp.enrol(self._keys(), binding)

    def totp_verify(
        self, token: bytes, binding: TotpBinding, code: str, *, step_now: int, last_step: int
    ) -> int | None:
        """Return the time step that a code is for, if it may be used now."""
        ring = self._keys()
        return totp.verify(ring, token, binding, code, step_now=step_now, last_step=last_step)

    def totp_verify_pair(
        self,
        token: bytes,
        binding: TotpBinding,
        codes: tuple[str, str],
        *,
        step_now: int,
        last_step: int,
        window: int = totp.WINDOW,
    ) -> int | None:
        """Return the time step of the second of two consecutive codes, if they are right."""
        return totp.verify_pair(
            self._keys(),
            token,
            binding,
            codes,
            step_now=step_now,
            last_step=last_step,
            window=window,
        )

    def totp_code(self, token: bytes, binding: TotpBinding, step: int) -> str:
        """Return a demo device's code."""
        return totp.demo_code(self._keys(), token, binding, step)

    def mfa_recovery_codes(self, principal: str) -> tuple[tuple[str, bytes], ...]:
        """Return a set of new recovery codes, each with the hash to keep of it."""
        return totp.lost_codes(self._keys().macs[Purpose.MFA], principal)

    def mfa_recovery_find(self, principal: str, code: str, hashes: Sequence[bytes]) -> int | None:
        """Return which of a principal's hashes is that of a typed recovery code, if any is."""
        return totp.find_lost_code(self._keys().macs[Purpose.MFA], principal, code, hashes)

    def random(self, length: int) -> bytes:
        """Return random bytes from the operating system."""
        return os.urandom(length)

    def status(self) -> HsmStatus:
        """Return the HSM's condition."""
        with self._mutex:
            page = self._spare if self._ring is None else self._ring.page
            not_dumpable, no_core_files = memory.process_protection()
            protection = MemoryProtection(
                not_dumpable=not_dumpable,
                no_core_files=no_core_files,
                locked=page.locked,
                excluded_from_dumps=page.excluded_from_dumps,
                wiped_on_fork=page.wiped_on_fork,
            )
            return HsmStatus(
                unlocked=self._ring is not None,
                self_tested=self._tested,
                memory=protection,
                cached_materials=len(self._cache),
                cache_capacity=self._capacity,
            )

    def _keys(self) -> Keyring:
        ring = self._ring
        if ring is None:
            raise KeystoreLockedError
        return ring

    def _require_tested(self) -> None:
        if not self._tested:
            self.self_test()

    def _install(self, ring: Keyring | None) -> None:
        with self._mutex:
            previous, self._ring = self._ring, ring
            self._cache.clear()
            if previous is not None:
                previous.wipe()

    def _material(self, token: bytes, binding: MaterialBinding) -> LoadedKey:
        """Return unwrapped material, from the cache only if asked for under the same binding."""
        with self._mutex:
            cached = self._cache.get(token)
            if cached is not None and cached.binding == binding:
                self._cache.move_to_end(token)
                return cached
            ring = self._keys()
            domain = ring.domain_key(token)
            material = envelope.open_token(domain, ring.store_id, binding, token)
            key = families.load(binding, material)
            material[:] = bytes(len(material))
            self._cache[token] = key
            if len(self._cache) > self._capacity:
                self._cache.popitem(last=False)
            return key

    def forget(self, tokens: Iterable[bytes]) -> None:
        """Drop the unwrapped material of tokens that were removed, if it is held."""
        with self._mutex:
            for token in tokens:
                self._cache.pop(token, None)

    def _forget_in_child(self) -> None:
        """Leave a forked child without keys; its copy of the mutex may be held by nobody."""
        self._mutex = threading.Lock()
        self._tested = False
        self._install(None)


_LIVE: weakref.WeakSet[SoftwareHsm] = weakref.WeakSet()


def _forget_everywhere() -> None:
    for hsm in list(_LIVE):
        hsm._forget_in_child()  # noqa: SLF001 - the class and this hook are one mechanism


os.register_at_fork(after_in_child=_forget_everywhere)
