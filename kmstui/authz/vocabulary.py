"""The words of policies about KMS: actions and condition keys, with what is known of each.

Source: Service Authorization Reference, *Actions, resources, and condition keys for AWS Key
Management Service*; AWS KMS Developer Guide, *AWS KMS permissions* and *AWS KMS condition keys*;
IAM User Guide, *AWS global condition context keys*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final


class AccessLevel(StrEnum):
    """IAM's classes of actions."""

    LIST = "List"
    READ = "Read"
    WRITE = "Write"
    PERMISSIONS = "Permissions management"
    TAGGING = "Tagging"


@dataclass(frozen=True, slots=True)
class Action:
    """An action of KMS.

    Attributes:
        name: With its service, such as ``kms:Encrypt``.
        level: Its class.
        on_key: Whether its resource is a KMS key.
        on_alias: Whether its resource is an alias, beside or without a key.
        across_accounts: Whether it works on another account's key at all.
        cryptographic: Whether it uses key material.
    """

    name: str
    level: AccessLevel
    on_key: bool
    on_alias: bool
    across_accounts: bool
    cryptographic: bool


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LEVELS: Final[Mapping[AccessLevel, str]] = {
    AccessLevel.LIST: (
        "ListAliases ListGrants ListKeyPolicies ListKeyRotations ListKeys ListResourceTags "
        "ListRetirableGrants"
    ),
    AccessLevel.READ: (
        "DescribeCustomKeyStores DescribeKey GetKeyLastUsage GetKeyPolicy GetKeyRotationStatus "
        "GetParametersForImport GetPublicKey"
    ),
    AccessLevel.WRITE: (
        "CancelKeyDeletion ConnectCustomKeyStore CreateAlias CreateCustomKeyStore CreateKey "
        "Decapsulate Decrypt DeleteAlias DeleteCustomKeyStore DeleteImportedKeyMaterial "
        "DeriveSharedSecret DisableKey DisableKeyRotation DisconnectCustomKeyStore EnableKey "
        "EnableKeyRotation Encapsulate Encrypt GenerateDataKey GenerateDataKeyPair "
        "GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext GenerateMac "
        "GenerateRandom ImportKeyMaterial ReEncryptFrom ReEncryptTo ReplicateKey "
        "RotateKeyOnDemand ScheduleKeyDeletion Sign SynchronizeMultiRegionKey UpdateAlias "
        "UpdateCustomKeyStore UpdateKeyDescription UpdatePrimaryRegion Verify VerifyMac"
    ),
    AccessLevel.PERMISSIONS: "CreateGrant PutKeyPolicy RetireGrant RevokeGrant",
    AccessLevel.TAGGING: "TagResource UntagResource",
}
_KEYLESS: Final = _words(
    "ConnectCustomKeyStore CreateCustomKeyStore CreateKey DeleteCustomKeyStore "
    "DescribeCustomKeyStores DisconnectCustomKeyStore GenerateRandom ListAliases ListKeys "
    "ListRetirableGrants UpdateCustomKeyStore"
)
_ALIAS: Final = frozenset({"CreateAlias", "DeleteAlias", "UpdateAlias"})
_CRYPTOGRAPHIC: Final = _words(
    "Decapsulate Decrypt DeriveSharedSecret Encapsulate Encrypt GenerateDataKey "
    "GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext "
    "GenerateMac ReEncryptFrom ReEncryptTo Sign Verify VerifyMac"
)
_ACROSS_ACCOUNTS: Final = _CRYPTOGRAPHIC | {
    "CreateGrant",
    "DescribeKey",
    "GetKeyRotationStatus",
    "GetPublicKey",
    "ListGrants",
    "RetireGrant",
    "RevokeGrant",
}


def _actions() -> Mapping[str, Action]:
    made = {}
    for level, names in _LEVELS.items():
        for name in names.split():
            full = f"kms:{name}"
            made[full] = Action(
                full,
                level,
                name not in _KEYLESS,
                name in _ALIAS,
                name in _ACROSS_ACCOUNTS,
                name in _CRYPTOGRAPHIC,
            )
    return dict(sorted(made.items()))


KMS_ACTIONS: Final[Mapping[str, Action]] = _actions()
"""Every action of KMS by its name with the service, in alphabetical order."""


def works_across_accounts(action: str) -> bool:
    """Tell whether an action works on a key of another account than the caller's."""
    known = KMS_ACTIONS.get(action)
    return known is None or known.across_accounts


class KeyType(StrEnum):
    """What the values of a condition key are, which says what operators fit."""

    STRING = "String"
    NUMERIC = "Numeric"
    DATE = "Date"
    BOOL = "Bool"
    BINARY = "Binary"
    IP = "IPAddress"
    ARN = "ARN"


@dataclass(frozen=True, slots=True)
class ConditionKey:
    """A condition key.

    Attributes:
        name: As AWS writes it; one that ends in ``/`` or ``:`` is followed by a name of choice.
        type: What its values are.
        multivalued: Whether a request can have several values of it.
        actions: The KMS actions whose requests can have it; ``None`` for all.
        about: What it is, in a few words.
    """

    name: str
    type: KeyType
    multivalued: bool
    actions: frozenset[str] | None
    about: str

    @property
    def is_family(self) -> bool:
        """Whether a name of choice follows."""
        return self.name.endswith(("/", ":"))


_ON_KEYS: Final = frozenset(name for name, action in KMS_ACTIONS.items() if action.on_key)
_USES: Final = frozenset(name for name, action in KMS_ACTIONS.items() if action.cryptographic)


def _some(names: str) -> frozenset[str]:
    return frozenset(f"kms:{name}" for name in _words(names))


_CREATE_GRANT: Final = _some("CreateGrant")
_FOR_RESOURCE: Final = _some("CreateGrant ListGrants RevokeGrant")
_SYMMETRIC: Final = _some(
    "Decrypt Encrypt GenerateDataKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext "
    "GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo"
)
_CONTEXT: Final = _SYMMETRIC | _some("CreateGrant RetireGrant")
_KEY_FACTS: Final = _ON_KEYS | {"kms:CreateKey"}
_PAIRS: Final = _some("GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext")
_NAMED: Final = _USES | _some("DescribeKey GetPublicKey")
_ENCLAVE: Final = _some(
    "Decrypt DeriveSharedSecret GenerateDataKey GenerateDataKeyPair GenerateRandom"
)
_TAGGED: Final = _some("CreateKey ReplicateKey TagResource")

_S, _N, _D, _B, _I, _A = (
    KeyType.STRING,
    KeyType.NUMERIC,
    KeyType.DATE,
    KeyType.BOOL,
    KeyType.IP,
    KeyType.ARN,
)
_Row = tuple[str, KeyType, frozenset[str] | None, str]

_KMS_KEYS: Final[tuple[_Row, ...]] = (
    (
        "kms:BypassPolicyLockoutSafetyCheck",
        _B,
        _some("CreateKey PutKeyPolicy"),
        "whether the lockout safety check is bypassed",
    ),
    ("kms:CallerAccount", _S, _ON_KEYS, "the caller's account"),
    ("kms:CustomerMasterKeySpec", _S, _KEY_FACTS, "old name of kms:KeySpec"),
    ("kms:CustomerMasterKeyUsage", _S, _KEY_FACTS, "old name of kms:KeyUsage"),
    ("kms:DataKeyPairSpec", _S, _PAIRS, "spec of the data key pair"),
    (
        "kms:EncryptionAlgorithm",
        _S,
        _SYMMETRIC,
        "the encryption algorithm, also where it is not named",
    ),
    ("kms:EncryptionContext:", _S, _CONTEXT, "a pair of the encryption context"),
    ("kms:EncryptionContextKeys", _S, _CONTEXT, "the keys of the encryption context"),
    ("kms:ExpirationModel", _S, _some("ImportKeyMaterial"), "whether key material expires"),
    ("kms:GrantConstraintSourceArn", _A, _CREATE_GRANT, "the grant's SourceArn constraint"),
    (
        "kms:GrantConstraintType",
        _S,
        _some("CreateGrant RetireGrant"),
        "EncryptionContextEquals or EncryptionContextSubset",
    ),
    ("kms:GrantIsForAWSResource", _B, _FOR_RESOURCE, "whether a service asks for the caller"),
    ("kms:GrantOperations", _S, _CREATE_GRANT, "the operations that the grant allows"),
    ("kms:GranteePrincipal", _S, _CREATE_GRANT, "who gets the grant"),
    ("kms:GranteeServicePrincipal", _S, _CREATE_GRANT, "the service that gets the grant"),
    ("kms:KeyAgreementAlgorithm", _S, _some("DeriveSharedSecret"), "the key agreement"),
    ("kms:KeyOrigin", _S, _KEY_FACTS, "where the key's material is from"),
    ("kms:KeySpec", _S, _KEY_FACTS, "the key's spec"),
    ("kms:KeyUsage", _S, _KEY_FACTS, "the key's usage"),
    ("kms:MacAlgorithm", _S, _some("GenerateMac VerifyMac"), "the MAC algorithm"),
    ("kms:MessageType", _S, _some("Sign Verify"), "RAW, DIGEST or EXTERNAL_MU"),
    ("kms:MultiRegion", _B, _KEY_FACTS, "whether it is a multi-Region key"),
    ("kms:MultiRegionKeyType", _S, _KEY_FACTS, "PRIMARY or REPLICA"),
    ("kms:PolicyName", _S, _some("GetKeyPolicy PutKeyPolicy"), "the policy's name"),
    ("kms:PrimaryRegion", _S, _some("UpdatePrimaryRegion"), "the Region that becomes primary"),
    (
        "kms:ReEncryptOnSameKey",
        _B,
        _some("ReEncryptFrom ReEncryptTo"),
        "whether source and destination are one key",
    ),
    ("kms:RecipientAttestation:", _S, _ENCLAVE, "a measurement of the enclave that asks"),
    ("kms:ReplicaRegion", _S, _some("ReplicateKey"), "the Region of the replica"),
    ("kms:RequestAlias", _S, _NAMED, "the alias by which the request names the key"),
    ("kms:ResourceAliases", _S, _ON_KEYS, "the key's aliases"),
    ("kms:RetiringPrincipal", _S, _CREATE_GRANT, "who may retire the grant"),
    ("kms:RetiringServicePrincipal", _S, _CREATE_GRANT, "the service that may retire the grant"),
    (
        "kms:RotationPeriodInDays",
        _N,
        _some("EnableKeyRotation"),
        "days between automatic rotations",
    ),
    (
        "kms:ScheduleKeyDeletionPendingWindowInDays",
        _N,
        _some("ScheduleKeyDeletion"),
        "days to wait before deletion",
    ),
    ("kms:SigningAlgorithm", _S, _some("Sign Verify"), "the signing algorithm"),
    (
        "kms:TrailingDaysWithoutKeyUsage",
        _N,
        _some("DisableKey ScheduleKeyDeletion"),
        "days since the key was last used",
    ),
    ("kms:ValidTo", _D, _some("ImportKeyMaterial"), "when key material expires"),
    ("kms:ViaService", _S, _ON_KEYS, "the service that calls for the caller"),
    ("kms:WrappingAlgorithm", _S, _some("GetParametersForImport"), "how material is wrapped"),
    ("kms:WrappingKeySpec", _S, _some("GetParametersForImport"), "spec of the wrapping key"),
)

_AWS_KEYS: Final[tuple[_Row, ...]] = (
    ("aws:CalledVia", _S, None, "the services the call came through"),
    ("aws:CalledViaFirst", _S, None, "the first service the call came through"),
    ("aws:CalledViaLast", _S, None, "the last service the call came through"),
    ("aws:CurrentTime", _D, None, "the time of the call"),
    ("aws:EpochTime", _D, None, "the time of the call, in seconds since 1970"),
    ("aws:MultiFactorAuthAge", _N, None, "seconds since the last MFA code; absent without one"),
    ("aws:MultiFactorAuthPresent", _B, None, "whether the session has MFA; absent otherwise"),
    ("aws:PrincipalAccount", _S, None, "the caller's account"),
    ("aws:PrincipalArn", _A, None, "the caller; of a session its role"),
    ("aws:PrincipalIsAWSService", _B, None, "whether a service calls for itself"),
    ("aws:PrincipalOrgID", _S, None, "the caller's organization"),
    ("aws:PrincipalOrgPaths", _S, None, "the caller's places in its organization"),
    ("aws:PrincipalServiceName", _S, None, "the service that calls for itself"),
    ("aws:PrincipalServiceNamesList", _S, None, "all names of the service that calls for itself"),
    ("aws:PrincipalTag/", _S, None, "a tag of the caller"),
    ("aws:PrincipalType", _S, None, "Account, User or AssumedRole"),
    ("aws:Referer", _S, None, "the HTTP referer"),
    ("aws:RequestTag/", _S, _TAGGED, "a tag of the request"),
    ("aws:RequestedRegion", _S, None, "the Region that is called"),
    ("aws:ResourceAccount", _S, None, "the resource's account"),
    ("aws:ResourceOrgID", _S, None, "the resource's organization"),
    ("aws:ResourceOrgPaths", _S, None, "the resource's places in its organization"),
    ("aws:ResourceTag/", _S, _ON_KEYS, "a tag of the key"),
    ("aws:SecureTransport", _B, None, "whether the call came over TLS"),
    ("aws:SourceAccount", _S, None, "the account a service acts for"),
    ("aws:SourceArn", _A, None, "the resource a service acts for"),
    ("aws:SourceIdentity", _S, None, "the identity set when a role was assumed"),
    ("aws:SourceIp", _I, None, "the caller's address"),
    ("aws:SourceOrgID", _S, None, "the organization of the resource a service acts for"),
    ("aws:SourceOrgPaths", _S, None, "its places in the organization"),
    ("aws:SourceVpc", _S, None, "the VPC the call came from"),
    ("aws:SourceVpce", _S, None, "the VPC endpoint the call came through"),
    ("aws:TagKeys", _S, _TAGGED | {"kms:UntagResource"}, "the tag keys of the request"),
    ("aws:TokenIssueTime", _D, None, "when temporary credentials were issued"),
    ("aws:UserAgent", _S, None, "what the caller calls itself"),
    ("aws:ViaAWSService", _B, None, "whether a service calls for the caller"),
    ("aws:VpcSourceIp", _I, None, "the caller's address in its VPC"),
    ("aws:userid", _S, None, "the caller's unique id"),
    ("aws:username", _S, None, "the user's name; absent for sessions and root"),
    ("kmstui:MFAEnrolled", _B, None, "whether the user behind the call has an MFA device"),
)
_MULTIVALUED: Final = frozenset(
    {
        "aws:CalledVia",
        "aws:PrincipalOrgPaths",
        "aws:PrincipalServiceNamesList",
        "aws:ResourceOrgPaths",
        "aws:SourceOrgPaths",
        "aws:TagKeys",
        "kms:EncryptionContextKeys",
        "kms:GrantOperations",
        "kms:ResourceAliases",
    }
)

CONDITION_KEYS: Final[tuple[ConditionKey, ...]] = tuple(
    ConditionKey(name, kind, name in _MULTIVALUED, actions, about)
    for name, kind, actions, about in (*_KMS_KEYS, *_AWS_KEYS)
)
"""Every condition key that a request on KMS can have."""

_EXACT: Final = {key.name.lower(): key for key in CONDITION_KEYS if not key.is_family}
_FAMILIES: Final = {key.name.lower(): key for key in CONDITION_KEYS if key.is_family}


@lru_cache(maxsize=1024)
def condition_key(name: str) -> ConditionKey | None:
    """Return what is known of a condition key, in any case; ``None`` for an unknown one.

    A member of a family, such as ``aws:PrincipalTag/team``, is answered with its family.
    """
    wanted = name.lower()
    found = _EXACT.get(wanted)
    if found is not None:
        return found
    for prefix, family in _FAMILIES.items():
        if wanted.startswith(prefix) and len(wanted) > len(prefix):
            return family
    return None
