"""Unlock slots."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from kmstui.core.errors import (
    KeystoreFormatError,
    KeystoreLockedError,
    KmsError,
    KmstuiError,
    WrongPassphraseError,
)
from kmstui.core.secret import Secret
from kmstui.hsm import (
    CHEAPEST,
    DEFAULT,
    RECOVERY_SLOT,
    KdfProfile,
    UnlockSlot,
    recovery_code,
    slots,
)
from kmstui.hsm.software import SoftwareHsm
from tests.helpers.hsm import (
    CREATED,
    PASSPHRASE,
    PRINCIPAL,
    STORE_ID,
    cheap_slot,
    provisioned,
)


def _opens(hsm: SoftwareHsm, slot: UnlockSlot, passphrase: str = PASSPHRASE) -> bool:
    return hsm.opens(STORE_ID, slot, Secret.from_text(passphrase), test_profile=True)


def test_right_passphrase_opens() -> None:
    """The slot's passphrase loads the keys that made it."""
    hsm, domain_keys = provisioned()
    slot = cheap_slot(hsm)
    hsm.lock()
    hsm.open(STORE_ID, slot, Secret.from_text(PASSPHRASE), domain_keys, test_profile=True)
    assert hsm.unlocked


def test_wrong_passphrases_all_fail_with_one_message() -> None:
    """One bit off, one character more, another case and nothing at all tell no more than wrong."""
    hsm, domain_keys = provisioned()
    slot = cheap_slot(hsm)
    hsm.lock()
    right = PASSPHRASE.encode()
    wrong = [b"", b"wrong", right + b" ", right[:-1], right.upper()]
    for bit in range(len(right) * 8):
        flipped = bytearray(right)
        flipped[bit // 8] ^= 1 << bit % 8
        wrong.append(bytes(flipped))
    messages = set()
    for passphrase in wrong:
        with pytest.raises(WrongPassphraseError) as refused:
            hsm.open(STORE_ID, slot, Secret(passphrase), domain_keys, test_profile=True)
        messages.add((refused.value.message, refused.value.hint))
        assert not hsm.unlocked
    assert len(messages) == 1


def test_default_profile_round_trip() -> None:
    """A slot of the profile for real keystores opens."""
    hsm, domain_keys = provisioned()
    slot = cheap_slot(hsm, profile=DEFAULT)
    hsm.lock()
    hsm.open(STORE_ID, slot, Secret.from_text(PASSPHRASE), domain_keys, test_profile=False)
    assert hsm.unlocked


@pytest.mark.parametrize(
    "change",
    [
        {"slot_id": "slot-2"},
        {"kind": RECOVERY_SLOT},
        {"principal": "arn:aws:iam::111122223333:user/other"},
        {"salt": bytes(16)},
        {"created": CREATED + timedelta(seconds=1)},
        {"profile": KdfProfile("default", 64 * 1024, 3, 1)},
    ],
    ids=str,
)
def test_slot_is_bound_to_everything_it_says(change: dict[str, object]) -> None:
    """A slot whose principal, cost or any other field was changed does not open."""
    hsm, _ = provisioned()
    altered = replace(cheap_slot(hsm), **change)  # type: ignore[arg-type]
    assert not _opens(hsm, altered)


def test_slot_field_list_is_complete() -> None:
    """A new field of a slot must be bound too, and this test be told."""
    names = {field.name for field in fields(UnlockSlot)}
    bound = {"slot_id", "kind", "principal", "profile", "salt", "created"}
    assert names == bound | {"sealed_root"}


def test_slot_of_another_store_does_not_open() -> None:
    """A slot copied into another keystore is refused with the right passphrase."""
    hsm, _ = provisioned()
    slot = cheap_slot(hsm)
    passphrase = Secret.from_text(PASSPHRASE)
    assert not hsm.opens("another store", slot, passphrase, test_profile=True)


def test_every_flipped_bit_of_a_sealed_root_is_refused() -> None:
    """No bit of a sealed root key can change unnoticed."""
    hsm, _ = provisioned()
    slot = cheap_slot(hsm)
    assert len(slot.sealed_root) == slots.SEALED_ROOT_BYTES
    for bit in range(len(slot.sealed_root) * 8):
        flipped = bytearray(slot.sealed_root)
        flipped[bit // 8] ^= 1 << bit % 8
        assert not _opens(hsm, replace(slot, sealed_root=bytes(flipped)))


@pytest.mark.parametrize("size", [*range(60), 61, 120])
def test_sealed_root_of_another_size_is_refused(size: int) -> None:
    """A cut or grown slot does not open, and is no crash."""
    hsm, domain_keys = provisioned()
    slot = cheap_slot(hsm)
    cut = replace(slot, sealed_root=(slot.sealed_root * 2)[:size])
    passphrase = Secret.from_text(PASSPHRASE)
    hsm.lock()
    with pytest.raises(KmstuiError):
        hsm.open(STORE_ID, cut, passphrase, domain_keys, test_profile=True)
    assert not hsm.unlocked


@pytest.mark.parametrize("change", [{"kind": "yubikey"}, {"salt": b""}, {"salt": bytes(17)}])
def test_slot_of_an_unknown_shape_is_refused_without_work(change: dict[str, object]) -> None:
    """What this version does not write it does not guess at."""
    hsm, _ = provisioned()
    with pytest.raises(KeystoreFormatError):
        _opens(hsm, replace(cheap_slot(hsm), **change))  # type: ignore[arg-type]


def test_unknown_kind_and_naive_time_make_no_slot() -> None:
    """A slot that could not be opened again is not made."""
    hsm, _ = provisioned()
    for kind, created in (("yubikey", CREATED), ("passphrase", CREATED.replace(tzinfo=None))):
        with pytest.raises(KmsError):
            hsm.make_slot(
                slot_id="s",
                kind=kind,
                principal=PRINCIPAL,
                passphrase=Secret(b"x"),
                profile=CHEAPEST,
                created=created,
            )


def test_creation_time_survives_storage_to_the_second() -> None:
    """A slot opens whether or not its record kept the fraction of a second."""
    hsm, _ = provisioned()
    slot = hsm.make_slot(
        slot_id="s",
        kind="passphrase",
        principal=PRINCIPAL,
        passphrase=Secret.from_text(PASSPHRASE),
        profile=CHEAPEST,
        created=CREATED + timedelta(microseconds=999_999),
    )
    assert _opens(hsm, replace(slot, created=CREATED))


def test_composed_and_decomposed_passphrases_are_one() -> None:
    """The same passphrase typed on two keyboards opens the same slot."""
    hsm, _ = provisioned()
    slot = cheap_slot(hsm, "caf\u00e9 au lait, s'il te pla\u00eet")
    assert _opens(hsm, slot, "cafe\u0301 au lait, s'il te plai\u0302t")


def test_recovery_code_opens_however_it_is_typed() -> None:
    """A recovery slot takes its code in lower case and without hyphens, and no mistyped one."""
    hsm, _ = provisioned()
    code = recovery_code()
    slot = hsm.make_slot(
        slot_id="recovery",
        kind=RECOVERY_SLOT,
        principal=PRINCIPAL,
        passphrase=code,
        profile=CHEAPEST,
        created=CREATED,
    )
    text = code.reveal().decode()
    assert _opens(hsm, slot, text)
    assert _opens(hsm, slot, text.lower().replace("-", ""))
    assert not _opens(hsm, slot, recovery_code().reveal().decode())
    assert not _opens(hsm, slot, text[:-1])


def test_opens_compares_with_the_loaded_root_key() -> None:
    """While unlocked, a slot to another root key does not count as opening this one."""
    first, _ = provisioned()
    second, _ = provisioned()
    slot = cheap_slot(second)
    assert _opens(second, slot)
    assert not _opens(first, slot)
    first.lock()
    assert _opens(first, slot)
    assert not first.unlocked


def test_locked_hsm_makes_no_slot() -> None:
    """Without a root key there is nothing to seal."""
    hsm, _ = provisioned()
    hsm.lock()
    with pytest.raises(KeystoreLockedError):
        cheap_slot(hsm)


def test_lock_during_the_derivation_makes_no_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slot finished after a lock never holds the zeros of a wiped root key."""
    hsm, _ = provisioned()
    derive = slots.stretch

    def derive_then_lock(*args: object, **kwargs: object) -> bytes:
        hsm.lock()
        return derive(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(slots, "stretch", derive_then_lock)
    with pytest.raises(KeystoreLockedError):
        cheap_slot(hsm)


def test_two_slots_of_one_passphrase_share_no_bytes() -> None:
    """Equal passphrases do not show."""
    hsm, _ = provisioned()
    first, second = cheap_slot(hsm), cheap_slot(hsm)
    assert first.salt != second.salt
    assert first.sealed_root[12:] != second.sealed_root[12:]
