"""The HSM: the only package that sees key bytes and the only one that knows how to use them.

Importing this package loads no cryptographic library; ``kmstui.hsm.software`` does.
"""

from __future__ import annotations

from kmstui.hsm.base import (
    PASSPHRASE_SLOT,
    RECOVERY_SLOT,
    BlobHeader,
    Hsm,
    KdfProfile,
    MaterialBinding,
    NewTotp,
    Purpose,
    TotpBinding,
    UnlockSlot,
    WrappedDomainKey,
    WrappedMaterial,
)
from kmstui.hsm.blob import read_blob_header
from kmstui.hsm.condition import HsmStatus, MemoryProtection
from kmstui.hsm.kdf import CHEAPEST, DEFAULT, STRONG
from kmstui.hsm.recovery import normalise_recovery_code, recovery_code

__all__ = [
    "CHEAPEST",
    "DEFAULT",
    "PASSPHRASE_SLOT",
    "RECOVERY_SLOT",
    "STRONG",
    "BlobHeader",
    "Hsm",
    "HsmStatus",
    "KdfProfile",
    "MaterialBinding",
    "MemoryProtection",
    "NewTotp",
    "Purpose",
    "TotpBinding",
    "UnlockSlot",
    "WrappedDomainKey",
    "WrappedMaterial",
    "normalise_recovery_code",
    "read_blob_header",
    "recovery_code",
]
