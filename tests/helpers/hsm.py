"""An unlocked HSM and the values that tests of it start from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from kmstui.core.secret import Secret
from kmstui.hsm import (
    CHEAPEST,
    PASSPHRASE_SLOT,
    KdfProfile,
    MaterialBinding,
    UnlockSlot,
    WrappedDomainKey,
    WrappedMaterial,
    envelope,
    families,
)
from kmstui.hsm.software import SoftwareHsm

STORE_ID = "5f0d3f6c-7d5e-4b5e-9a43-0a8d6f6c1b11"
"""The keystore that the HSM of these tests belongs to."""

PASSPHRASE = "correct horse battery staple"
"""The passphrase of the slot of these tests."""

PRINCIPAL = "arn:aws:iam::111122223333:root"
"""Whoever signs in with it."""

CREATED = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
"""When everything was made."""

BINDING = MaterialBinding(
    account="111122223333",
    key_id="1234abcd-12ab-34cd-56ef-1234567890ab",
    material_id="0f" * 32,
    version=1,
    key_spec="SYMMETRIC_DEFAULT",
    key_usage="ENCRYPT_DECRYPT",
    origin="AWS_KMS",
    multi_region=False,
)
"""A single-Region symmetric key's first material."""

MULTI_REGION_BINDING = replace(
    BINDING, key_id="mrk-1234abcd12ab34cd56ef1234567890ab", multi_region=True
)
"""A multi-Region key with the same digits in its id."""


def provisioned() -> tuple[SoftwareHsm, tuple[WrappedDomainKey, ...]]:
    """Return an unlocked HSM for :data:`STORE_ID` and its wrapped domain keys."""
    hsm = SoftwareHsm()
    return hsm, hsm.provision(STORE_ID, test_profile=True)


def cheap_slot(
    hsm: SoftwareHsm, passphrase: str = PASSPHRASE, profile: KdfProfile = CHEAPEST
) -> UnlockSlot:
    """Return a passphrase slot, of the cheapest profile unless told otherwise."""
    return hsm.make_slot(
        slot_id="slot-1",
        kind=PASSPHRASE_SLOT,
        principal=PRINCIPAL,
        passphrase=Secret.from_text(passphrase),
        profile=profile,
        created=CREATED,
    )


def import_material(
    hsm: SoftwareHsm, binding: MaterialBinding, material: bytes
) -> WrappedMaterial:
    """Return foreign material checked and sealed, as after it was unwrapped."""
    return hsm._keys().sealed(binding, families.validated(binding, material))


def same_material(
    hsm: SoftwareHsm, binding: MaterialBinding, check: bytes, material: bytes
) -> bool:
    """Return whether foreign material is what a sameness check was made for."""
    foreign = families.validated(binding, material)
    return envelope.check_matches(hsm._keys().checks, binding, check, foreign)
