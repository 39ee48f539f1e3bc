"""Members that several operations of IAM share. Source: the IAM service model."""

from __future__ import annotations

from typing import Final

from kmstui.core.spec import Kind, Member

NAME_PATTERN: Final = r"[\w+=,.@-]+"
PATH_PATTERN: Final = r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)"
PREFIX_PATTERN: Final = r"\u002F[\u0021-\u007F]*"
POLICY_PATH_PATTERN: Final = r"((/[A-Za-z0-9\.,\+@=_-]+)*)/"
DOCUMENT_PATTERN: Final = r"[\u0009\u000A\u000D\u0020-\u00FF]+"
TAG_KEY_PATTERN: Final = r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+"
TAG_VALUE_PATTERN: Final = r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*"
ENTITY_TYPES: Final = ("User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy")
USAGES: Final = ("PermissionsPolicy", "PermissionsBoundary")

FAILURE: Final = "ServiceFailureException"
ABSENT: Final = "NoSuchEntityException"
EXISTS: Final = "EntityAlreadyExistsException"
LIMIT: Final = "LimitExceededException"
CONFLICT: Final = "DeleteConflictException"
MALFORMED: Final = "MalformedPolicyDocumentException"
INVALID: Final = "InvalidInputException"
UNMODIFIABLE: Final = "UnmodifiableEntityException"
CONCURRENT: Final = "ConcurrentModificationException"
NOT_ATTACHABLE: Final = "PolicyNotAttachableException"


def name(
    member: str, *, maximum: int = 128, required: bool = True, doc: str = "Its name."
) -> Member:
    """Return a member that names a user, group, role or policy."""
    return Member(
        member,
        Kind.TEXT,
        required=required,
        minimum=1,
        maximum=maximum,
        pattern=NAME_PATTERN,
        doc=doc,
    )


def user_name(*, maximum: int = 128, required: bool = True) -> Member:
    """Return the name of a user."""
    doc = "The user." if required else "The user; yourself when absent."
    return name("UserName", maximum=maximum, required=required, doc=doc)


def group_name() -> Member:
    """Return the name of a group."""
    return name("GroupName", doc="The group.")


def role_name() -> Member:
    """Return the name of a role."""
    return name("RoleName", maximum=64, doc="The role.")


def path(member: str = "Path", pattern: str = PATH_PATTERN) -> Member:
    """Return a path."""
    doc = "Begins and ends with a slash; / when absent."
    return Member(member, Kind.TEXT, minimum=1, maximum=512, pattern=pattern, doc=doc)


def path_prefix(pattern: str = PREFIX_PATTERN) -> Member:
    """Return what paths in a listing begin with."""
    doc = "Only those whose path begins so."
    return Member("PathPrefix", Kind.TEXT, minimum=1, maximum=512, pattern=pattern, doc=doc)


def document(member: str = "PolicyDocument") -> Member:
    """Return a policy document."""
    return Member(
        member,
        Kind.TEXT,
        required=True,
        minimum=1,
        maximum=131072,
        pattern=DOCUMENT_PATTERN,
        doc="The policy, a JSON document.",
    )


def policy_arn(member: str = "PolicyArn", *, required: bool = True) -> Member:
    """Return the ARN of a managed policy."""
    doc = "ARN of the managed policy."
    return Member(member, Kind.TEXT, required=required, minimum=20, maximum=2048, doc=doc)


TAG: Final = Member(
    "Tag",
    Kind.STRUCTURE,
    members=(
        Member("Key", Kind.TEXT, required=True, minimum=1, maximum=128, pattern=TAG_KEY_PATTERN),
        Member(
            "Value", Kind.TEXT, required=True, minimum=0, maximum=256, pattern=TAG_VALUE_PATTERN
        ),
    ),
)


def tags(*, required: bool = False) -> Member:
    """Return a list of tags."""
    doc = "Tags; do not put secrets in them."
    return Member("Tags", Kind.LIST, required=required, maximum=50, item=TAG, doc=doc)


TAG_KEYS: Final = Member(
    "TagKeys",
    Kind.LIST,
    required=True,
    maximum=50,
    item=Member("TagKey", Kind.TEXT, minimum=1, maximum=128, pattern=TAG_KEY_PATTERN),
)
DESCRIPTION: Final = Member(
    "Description",
    Kind.TEXT,
    maximum=1000,
    pattern=r"[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*",
    doc="What it is for.",
)
SESSION_DURATION: Final = Member(
    "MaxSessionDuration",
    Kind.INTEGER,
    minimum=3600,
    maximum=43200,
    doc="How many seconds a session of the role may last at most.",
)
VERSION_ID: Final = Member(
    "VersionId", Kind.TEXT, required=True, pattern=r"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?", doc="As v2."
)
ACCESS_KEY_ID: Final = Member(
    "AccessKeyId",
    Kind.TEXT,
    required=True,
    minimum=16,
    maximum=128,
    pattern=r"[\w]+",
    doc="The access key.",
)
MARKER: Final = Member(
    "Marker",
    Kind.TEXT,
    minimum=1,
    maximum=320,
    pattern=r"[\u0020-\u00FF]+",
    doc="Marker of the page before.",
)
MAX_ITEMS: Final = Member(
    "MaxItems", Kind.INTEGER, minimum=1, maximum=1000, doc="Most entries in a page."
)
PAGING: Final = (MARKER, MAX_ITEMS)
PAGE_ANSWER: Final = (Member("IsTruncated", Kind.BOOLEAN), Member("Marker", Kind.TEXT))
