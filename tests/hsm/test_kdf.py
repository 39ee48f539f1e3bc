"""KDF bounds and labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from kmstui.core.errors import KdfParametersError
from kmstui.core.secret import Secret
from kmstui.hsm import CHEAPEST, DEFAULT, STRONG, KdfProfile, Purpose, kdf, primitives
from tests.helpers.hsm import PASSPHRASE, STORE_ID, cheap_slot, provisioned

_OUT_OF_BOUNDS = [
    replace(DEFAULT, memory_kib=64 * 1024 - 1),
    replace(DEFAULT, memory_kib=1024 * 1024 + 1),
    replace(DEFAULT, memory_kib=2**32),
    replace(DEFAULT, iterations=2),
    replace(DEFAULT, iterations=21),
    replace(DEFAULT, iterations=-3),
    replace(DEFAULT, lanes=0),
    replace(DEFAULT, lanes=17),
    replace(CHEAPEST, iterations=2),
    replace(CHEAPEST, memory_kib=16),
    KdfProfile("odd", True, 3, 4),
    KdfProfile("odd", 65536.0, 3, 4),  # type: ignore[arg-type]
]


@pytest.fixture
def no_derivation(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return a function after whose call any derivation fails the test."""

    def derive(*_: object, **__: object) -> bytes:
        pytest.fail("the derivation was started")

    return lambda: monkeypatch.setattr(primitives, "argon2id", derive)


@pytest.mark.parametrize("profile", [DEFAULT, STRONG])
@pytest.mark.parametrize("test_profile", [False, True])
def test_offered_profiles_are_within_bounds(profile: KdfProfile, *, test_profile: bool) -> None:
    """What a person may choose is accepted in every keystore."""
    kdf.check_profile(profile, test_profile=test_profile)
    assert profile in kdf.PROFILES


def test_bounds_are_accepted_at_both_ends() -> None:
    """The documented bounds are inclusive."""
    kdf.check_profile(KdfProfile("least", 64 * 1024, 3, 1), test_profile=False)
    kdf.check_profile(KdfProfile("most", 1024 * 1024, 20, 16), test_profile=False)


@pytest.mark.parametrize("profile", _OUT_OF_BOUNDS, ids=str)
@pytest.mark.parametrize("test_profile", [False, True])
def test_out_of_bounds_is_refused(profile: KdfProfile, *, test_profile: bool) -> None:
    """Too cheap and too dear are both refused, in test keystores too."""
    with pytest.raises(KdfParametersError):
        kdf.check_profile(profile, test_profile=test_profile)


def test_cheapest_profile_is_for_test_keystores_only() -> None:
    """The profile for tests does not open a real keystore."""
    kdf.check_profile(CHEAPEST, test_profile=True)
    with pytest.raises(KdfParametersError):
        kdf.check_profile(CHEAPEST, test_profile=False)


@pytest.mark.parametrize("profile", _OUT_OF_BOUNDS, ids=str)
def test_bomb_in_a_slot_is_refused_before_the_derivation(
    profile: KdfProfile, no_derivation: Callable[[], None]
) -> None:
    """A slot that asks for too much or too little costs neither time nor memory."""
    hsm, domain_keys = provisioned()
    slot = replace(cheap_slot(hsm), profile=profile)
    hsm.lock()
    no_derivation()
    with pytest.raises(KdfParametersError):
        hsm.open(STORE_ID, slot, Secret.from_text(PASSPHRASE), domain_keys, test_profile=True)
    with pytest.raises(KdfParametersError):
        hsm.opens(STORE_ID, slot, Secret.from_text(PASSPHRASE), test_profile=True)
    assert not hsm.unlocked


@pytest.mark.parametrize("profile", _OUT_OF_BOUNDS, ids=str)
def test_bomb_is_refused_when_a_slot_is_made(
    profile: KdfProfile, no_derivation: Callable[[], None]
) -> None:
    """A profile out of bounds never gets into a keystore."""
    hsm, _ = provisioned()
    no_derivation()
    with pytest.raises(KdfParametersError):
        cheap_slot(hsm, profile=profile)


def test_every_label_is_used_for_one_thing() -> None:
    """No two derived keys share a label, and every label carries the hierarchy's version."""
    labels = [
        kdf.DOMAIN_KEY_LABEL,
        kdf.TOKEN_LABEL,
        kdf.CHECK_SEAL_LABEL,
        kdf.CHECK_MAC_LABEL,
        kdf.ENCRYPT_LABEL,
        *(kdf.seal_label(purpose) for purpose in Purpose),
        *(kdf.mac_label(purpose) for purpose in Purpose),
    ]
    assert len(labels) == len(set(labels))
    assert all(label.startswith("kmstui/v1/") and label.isascii() for label in labels)
    assert not any("\0" in label for label in labels)


def test_fixed_data_is_laid_out_as_sp_800_108_says() -> None:
    """Label, a zero byte, context and the length in bits."""
    assert kdf.fixed_data("a/b", b"ctx", 64) == b"a/b\x00ctx\x00\x00\x02\x00"
