"""AWS's request quotas as data: which calls count together, and how many a second there are.

Source: AWS KMS Developer Guide, *Request quotas*. Operations of service ``kms`` that nothing here
names do not exist; those of other services have no quota.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

_NO_REGIONS: Final[Mapping[str, float]] = MappingProxyType({})


class QuotaClass(NamedTuple):
    """Calls that one token bucket counts.

    Attributes:
        name: What it is called; an operation's name where that counts for itself.
        rate: Requests a second in one account and Region.
        operations: What counts, by AWS's names.
        regions: Other rates, by Region.
    """

    name: str
    rate: float
    operations: tuple[str, ...]
    regions: Mapping[str, float] = _NO_REGIONS

    def rate_in(self, region: str) -> float:
        """Return the requests a second in a Region."""
        return self.regions.get(region, self.rate)


SYMMETRIC: Final = "Symmetric keys"
RSA: Final = "RSA keys"
ECC: Final = "ECC and SM2 keys"
ML_DSA: Final = "ML-DSA keys"
ML_KEM: Final = "ML-KEM keys"

KEY_STORE: Final = "Key store"
"""Followed by the id of a custom key store, which has a quota of its own."""

KEY_STORE_RATE: Final = 1_800.0
"""Requests a second to one custom key store of either type; they count as symmetric too."""

CLASS_OF_KIND: Final = {
    "AES": SYMMETRIC,
    "HMAC": SYMMETRIC,
    "RSA": RSA,
    "ECC": ECC,
    "EDWARDS": ECC,
    "SM2": ECC,
    "ML_DSA": ML_DSA,
    "ML_KEM": ML_KEM,
}
"""What a cryptographic call counts for, by the kind of its key."""

BY_KEY: Final = frozenset(
    {
        "Decapsulate",
        "Decrypt",
        "DeriveSharedSecret",
        "Encapsulate",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "ReEncrypt",
        "Sign",
        "Verify",
        "VerifyMac",
    }
)
"""Operations that count by the kind of their keys."""

PAIR_OPERATIONS: Final = ("GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext")
"""Operations that count by the pair they make."""

_BUSY: Final = MappingProxyType(
    {
        **dict.fromkeys(("us-east-1", "us-west-2", "eu-west-1"), 100_000.0),
        **dict.fromkeys(
            (
                "us-east-2",
                "ap-southeast-1",
                "ap-southeast-2",
                "ap-northeast-1",
                "eu-central-1",
                "eu-west-2",
            ),
            20_000.0,
        ),
    }
)

_SHARED: Final = (
    QuotaClass(
        SYMMETRIC,
        10_000,
        (
            "Decrypt",
            "Encrypt",
            "GenerateDataKey",
            "GenerateDataKeyWithoutPlaintext",
            "GenerateMac",
            "GenerateRandom",
            "ReEncrypt",
            "VerifyMac",
        ),
        _BUSY,
    ),
    QuotaClass(RSA, 1_000, ("Decrypt", "Encrypt", "ReEncrypt", "Sign", "Verify")),
    QuotaClass(
        ECC,
        1_000,
        ("Decrypt", "DeriveSharedSecret", "Encrypt", "ReEncrypt", "Sign", "Verify"),
    ),
    QuotaClass(ML_DSA, 1_000, ("Sign", "Verify")),
    # AWS documents no figure; it is that of the other key pairs.
    QuotaClass(ML_KEM, 1_000, ("Decapsulate", "Encapsulate")),
)

_PAIR_RATES: Final = {
    "ECC_NIST_P256": 100,
    "ECC_NIST_P384": 100,
    "ECC_NIST_P521": 100,
    "ECC_SECG_P256K1": 100,
    "ECC_NIST_EDWARDS25519": 100,
    "RSA_2048": 20,
    "RSA_3072": 4,
    "RSA_4096": 1,
    "SM2": 25,
    # AWS documents no figures for these; they are those of the other small pairs.
    "ML_KEM_512": 100,
    "ML_KEM_768": 100,
    "ML_KEM_1024": 100,
}

_OWN_RATES: Final = {
    2_000: ("DescribeKey", "GetPublicKey", "ListResourceTags"),
    1_000: ("GetKeyPolicy", "GetKeyRotationStatus"),
    500: ("ListAliases", "ListKeys"),
    100: ("ListGrants", "ListKeyPolicies", "ListKeyRotations", "ListRetirableGrants"),
    50: ("CreateGrant", "RetireGrant", "RevokeGrant"),
    15: (
        "DeleteAlias",
        "DeleteImportedKeyMaterial",
        "EnableKeyRotation",
        "ImportKeyMaterial",
        "PutKeyPolicy",
        "ScheduleKeyDeletion",
    ),
    10: ("TagResource",),
    5: (
        "CancelKeyDeletion",
        "ConnectCustomKeyStore",
        "CreateAlias",
        "CreateCustomKeyStore",
        "CreateKey",
        "DeleteCustomKeyStore",
        "DescribeCustomKeyStores",
        "DisableKey",
        "DisableKeyRotation",
        "DisconnectCustomKeyStore",
        "EnableKey",
        "GetKeyLastUsage",
        "ReplicateKey",
        "RotateKeyOnDemand",
        "UntagResource",
        "UpdateAlias",
        "UpdateCustomKeyStore",
        "UpdateKeyDescription",
        "UpdatePrimaryRegion",
    ),
    1: ("GetParametersForImport",),
}


def pair_class(spec: str) -> str:
    """Return the name of the class of the data key pairs of a spec."""
    return f"Data key pairs {spec}"


CLASSES: Final = (
    *_SHARED,
    *(QuotaClass(pair_class(spec), rate, PAIR_OPERATIONS) for spec, rate in _PAIR_RATES.items()),
    *(
        QuotaClass(name, rate, (name,))
        for name, rate in sorted(
            (name, rate) for rate, names in _OWN_RATES.items() for name in names
        )
    ),
)
"""Every class but those of custom key stores: the shared ones first."""

BY_NAME: Final = {each.name: each for each in CLASSES}
