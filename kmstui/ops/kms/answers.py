"""What the structures and lists of answers hold, under AWS's names.

Source: AWS KMS API Reference, *Data Types*.
"""

from __future__ import annotations

from kmstui.core.spec import Kind, Member


def texts(name: str) -> Member:
    """Return a list of texts."""
    return Member(name, Kind.LIST, item=Member(name.removesuffix("s"), Kind.TEXT))


def entries(name: str, *members: Member) -> Member:
    """Return a list of structures."""
    item = Member(name.removesuffix("s"), Kind.STRUCTURE, members=members)
    return Member(name, Kind.LIST, item=item)


def fields(kind: Kind, *names: str) -> tuple[Member, ...]:
    """Return members of one kind."""
    return tuple(Member(name, kind) for name in names)


_REGION_KEY = fields(Kind.TEXT, "Arn", "Region")
_METADATA = (
    *fields(Kind.TEXT, "AWSAccountId", "KeyId", "Arn"),
    Member("CreationDate", Kind.TIMESTAMP),
    Member("Enabled", Kind.BOOLEAN),
    *fields(Kind.TEXT, "Description", "KeyUsage", "KeyState"),
    *fields(Kind.TIMESTAMP, "DeletionDate", "ValidTo"),
    *fields(
        Kind.TEXT,
        "Origin",
        "CustomKeyStoreId",
        "CloudHsmClusterId",
        "ExpirationModel",
        "KeyManager",
        "CustomerMasterKeySpec",
        "KeySpec",
    ),
    *map(
        texts,
        (
            "EncryptionAlgorithms",
            "SigningAlgorithms",
            "KeyAgreementAlgorithms",
            "EncapsulationAlgorithms",
        ),
    ),
    Member("MultiRegion", Kind.BOOLEAN),
    Member(
        "MultiRegionConfiguration",
        Kind.STRUCTURE,
        members=(
            Member("MultiRegionKeyType", Kind.TEXT),
            Member("PrimaryKey", Kind.STRUCTURE, members=_REGION_KEY),
            entries("ReplicaKeys", *_REGION_KEY),
        ),
    ),
    Member("PendingDeletionWindowInDays", Kind.INTEGER),
    texts("MacAlgorithms"),
    Member("XksKeyConfiguration", Kind.STRUCTURE, members=fields(Kind.TEXT, "Id")),
    Member("CurrentKeyMaterialId", Kind.TEXT),
)


def key_metadata(name: str) -> Member:
    """Return AWS's KeyMetadata under a name."""
    return Member(name, Kind.STRUCTURE, members=_METADATA)


ALIASES = entries(
    "Aliases",
    *fields(Kind.TEXT, "AliasName", "AliasArn", "TargetKeyId"),
    *fields(Kind.TIMESTAMP, "CreationDate", "LastUpdatedDate"),
)

GRANTS = entries(
    "Grants",
    *fields(Kind.TEXT, "KeyId", "GrantId", "Name"),
    Member("CreationDate", Kind.TIMESTAMP),
    *fields(Kind.TEXT, "GranteePrincipal", "RetiringPrincipal", "IssuingAccount"),
    texts("Operations"),
    Member(
        "Constraints",
        Kind.STRUCTURE,
        members=(
            *fields(Kind.TEXT_MAP, "EncryptionContextSubset", "EncryptionContextEquals"),
            Member("SourceArn", Kind.TEXT),
        ),
    ),
    *fields(Kind.TEXT, "GranteeServicePrincipal", "RetiringServicePrincipal"),
)

KEY_LAST_USAGE = Member(
    "KeyLastUsage",
    Kind.STRUCTURE,
    members=(
        Member("Operation", Kind.TEXT),
        Member("Timestamp", Kind.TIMESTAMP),
        *fields(Kind.TEXT, "CloudTrailEventId", "KmsRequestId"),
    ),
)

KEYS = entries("Keys", *fields(Kind.TEXT, "KeyId", "KeyArn"))

ROTATIONS = entries(
    "Rotations",
    *fields(
        Kind.TEXT,
        "KeyId",
        "KeyMaterialId",
        "KeyMaterialDescription",
        "ImportState",
        "KeyMaterialState",
        "ExpirationModel",
    ),
    *fields(Kind.TIMESTAMP, "ValidTo", "RotationDate"),
    Member("RotationType", Kind.TEXT),
)


def tag_list(name: str) -> Member:
    """Return a list of tags under a name."""
    return entries(name, *fields(Kind.TEXT, "TagKey", "TagValue"))
