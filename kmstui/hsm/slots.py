"""Unlock slots: the root key sealed under a stretched passphrase, as LUKS has them."""

from __future__ import annotations

import os
from datetime import datetime

from kmstui.core import canonical
from kmstui.core.errors import KeystoreFormatError, WrongPassphraseError
from kmstui.core.secret import Secret
from kmstui.hsm import kdf, primitives
from kmstui.hsm.base import PASSPHRASE_SLOT, RECOVERY_SLOT, KdfProfile, UnlockSlot
from kmstui.hsm.recovery import normalise_recovery_code

ROOT_KEY_BYTES = 32
"""Size of the root key."""

SEALED_ROOT_BYTES = primitives.GCM_IV_BYTES + ROOT_KEY_BYTES + primitives.GCM_TAG_BYTES
"""Size of a sealed root key: IV, ciphertext, tag."""

_KINDS = (PASSPHRASE_SLOT, RECOVERY_SLOT)
_SLOT_VERSION = 1
_WRONG = "The passphrase is not right."


def new_slot(
    store_id: str,
    *,
    slot_id: str,
    kind: str,
    principal: str,
    profile: KdfProfile,
    created: datetime,
) -> UnlockSlot:
    """Return a slot with a fresh salt and no root key in it yet.

    Raises:
        KeystoreFormatError: The kind is unknown.
    """
    _check_kind(kind)
    salt = os.urandom(kdf.SALT_BYTES)
    slot = UnlockSlot(slot_id, kind, principal, profile, salt, b"", created)
    _associated_data(store_id, slot)
    return slot


def stretch(store_id: str, slot: UnlockSlot, passphrase: Secret, *, test_profile: bool) -> bytes:
    """Return the slot's key: Argon2id over the passphrase, bound to the store and the slot.

    Everything read from the slot is checked before the derivation starts.

    Raises:
        KdfParametersError: The profile is outside the bounds.
        KeystoreFormatError: The slot is not of a shape that this version writes.
        WrongPassphraseError: A recovery code is mistyped.
    """
    kdf.check_profile(slot.profile, test_profile=test_profile)
    _check_kind(slot.kind)
    if len(slot.salt) != kdf.SALT_BYTES or len(slot.sealed_root) not in (0, SEALED_ROOT_BYTES):
        raise KeystoreFormatError("the unlock slot has fields of the wrong size")
    typed = normalise_recovery_code(passphrase) if slot.kind == RECOVERY_SLOT else passphrase
    return primitives.argon2id(
        typed.reveal(),
        salt=slot.salt,
        iterations=slot.profile.iterations,
        memory_kib=slot.profile.memory_kib,
        lanes=slot.profile.lanes,
        ad=canonical.encode(kdf.LABEL_PREFIX + "slot", _SLOT_VERSION, store_id, slot.slot_id),
    )


def seal_root(store_id: str, slot: UnlockSlot, key: bytes, root: memoryview) -> bytes:
    """Return the root key sealed under the slot's key: ``IV 12 || ciphertext 32 || tag 16``."""
    iv = os.urandom(primitives.GCM_IV_BYTES)
    aad = _associated_data(store_id, slot)
    return iv + primitives.gcm_encrypt(primitives.gcm_key(key), iv, root, aad)


def open_root(store_id: str, slot: UnlockSlot, key: bytes, target: memoryview) -> None:
    """Decrypt the slot's root key into ``target``, 32 bytes.

    Raises:
        WrongPassphraseError: The key is wrong or the slot was altered; the two cannot be told
            apart.
    """
    iv = slot.sealed_root[: primitives.GCM_IV_BYTES]
    sealed = slot.sealed_root[primitives.GCM_IV_BYTES :]
    aad = _associated_data(store_id, slot)
    if len(slot.sealed_root) != SEALED_ROOT_BYTES or not primitives.gcm_decrypt_into(
        primitives.gcm_key(key), iv, sealed, aad, target
    ):
        raise WrongPassphraseError(_WRONG)


def _check_kind(kind: str) -> None:
    if kind not in _KINDS:
        raise KeystoreFormatError("the unlock slot is of an unknown kind")


def _associated_data(store_id: str, slot: UnlockSlot) -> bytes:
    """Bind the sealed root key to whom the slot signs in and to what a guess costs."""
    if slot.created.tzinfo is None:
        raise KeystoreFormatError("the unlock slot's creation time has no time zone")
    return canonical.encode(
        kdf.LABEL_PREFIX + "slot",
        _SLOT_VERSION,
        store_id,
        slot.slot_id,
        slot.kind,
        slot.principal,
        slot.profile.memory_kib,
        slot.profile.iterations,
        slot.profile.lanes,
        slot.salt,
        int(slot.created.timestamp()),
    )
