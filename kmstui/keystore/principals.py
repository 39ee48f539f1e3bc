"""What the keystore keeps of identity and access: accounts, principals, policies, grants.

Names of IAM resources are compared without regard to case and kept as they were given. Times are
account time unless it says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from kmstui.core.arn import iam_arn

Tags = tuple[tuple[str, str], ...]
"""Pairs of tag key and value."""

Pairs = tuple[tuple[str, str], ...]
"""Pairs of an encryption context."""


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A policy with the name it has where it is embedded.

    Args:
        name: Its name.
        text: The document, as it was put.
    """

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """An account of the organisation that the keystore plays.

    Args:
        account: Twelve digits.
        name: The operator's name for it.
        created: When it came to be.
        scps: Its service control policies, each of which must allow.
    """

    account: str
    name: str
    created: datetime
    scps: tuple[PolicyText, ...] = ()


@dataclass(frozen=True, slots=True)
class UserRecord:
    """An IAM user.

    Args:
        account: Twelve digits.
        name: Its name.
        unique_id: ``AIDA`` and more, never used again.
        created: When it was created.
        path: Begins and ends with a slash.
        inline: Its embedded policies.
        attached: ARNs of the managed policies attached to it.
        groups: Names of its groups.
        boundary: ARN of the managed policy that bounds it; empty without one.
        tags: Its tags.
    """

    account: str
    name: str
    unique_id: str
    created: datetime
    path: str = "/"
    inline: tuple[PolicyText, ...] = ()
    attached: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    boundary: str = ""
    tags: Tags = ()

    @property
    def arn(self) -> str:
        """Its ARN."""
        return iam_arn(self.account, "user", self.path, self.name)


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """A group of IAM users; who is in it stands with the users.

    Args:
        account: Twelve digits.
        name: Its name.
        unique_id: ``AGPA`` and more, never used again.
        created: When it was created.
        path: Begins and ends with a slash.
        inline: Its embedded policies.
        attached: ARNs of the managed policies attached to it.
    """

    account: str
    name: str
    unique_id: str
    created: datetime
    path: str = "/"
    inline: tuple[PolicyText, ...] = ()
    attached: tuple[str, ...] = ()

    @property
    def arn(self) -> str:
        """Its ARN."""
        return iam_arn(self.account, "group", self.path, self.name)


@dataclass(frozen=True, slots=True)
class RoleRecord:
    """An IAM role.

    Args:
        account: Twelve digits.
        name: Its name.
        unique_id: ``AROA`` and more, never used again.
        created: When it was created.
        trust: Its trust policy, as it was put.
        path: Begins and ends with a slash.
        inline: Its embedded policies.
        attached: ARNs of the managed policies attached to it.
        boundary: ARN of the managed policy that bounds it; empty without one.
        tags: Its tags.
        description: The operator's words; untrusted text.
        max_session_seconds: How long a session may last at most.
    """

    account: str
    name: str
    unique_id: str
    created: datetime
    trust: str
    path: str = "/"
    inline: tuple[PolicyText, ...] = ()
    attached: tuple[str, ...] = ()
    boundary: str = ""
    tags: Tags = ()
    description: str = ""
    max_session_seconds: int = 3600

    @property
    def arn(self) -> str:
        """Its ARN."""
        return iam_arn(self.account, "role", self.path, self.name)


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One version of a managed policy.

    Args:
        version_id: ``v`` and its number, from 1, never used again.
        text: The document, as it was put.
        created: When it was put.
    """

    version_id: str
    text: str
    created: datetime


@dataclass(frozen=True, slots=True)
class ManagedPolicyRecord:
    """A customer managed policy.

    Args:
        account: Twelve digits.
        name: Its name.
        unique_id: ``ANPA`` and more, never used again.
        created: When it was created.
        updated: When its versions last changed.
        versions: Its versions, oldest first.
        default_version: Id of the version that is in force.
        path: Begins and ends with a slash.
        description: The operator's words; untrusted text.
        tags: Its tags.
        next_version: Number of the next version.
    """

    account: str
    name: str
    unique_id: str
    created: datetime
    updated: datetime
    versions: tuple[PolicyVersion, ...]
    default_version: str
    path: str = "/"
    description: str = ""
    tags: Tags = ()
    next_version: int = 2

    @property
    def arn(self) -> str:
        """Its ARN."""
        return iam_arn(self.account, "policy", self.path, self.name)

    @property
    def text(self) -> str:
        """The document of the version that is in force.

        Raises:
            LookupError: There is no such version.
        """
        for version in self.versions:
            if version.version_id == self.default_version:
                return version.text
        message = f"{self.name} has no version {self.default_version}"
        raise LookupError(message)


@dataclass(frozen=True, slots=True)
class AccessKeyRecord:
    """A user's access key.

    Args:
        account: Twelve digits.
        access_key_id: ``AKIA`` and more.
        user_name: Whose it is.
        token: The secret, sealed by the HSM.
        active: Whether it may be used.
        created: When it was created.
        last_used: When it was last used; None if never.
        last_service: Service of that use; empty if never.
        last_region: Region of that use; empty if never.
    """

    account: str
    access_key_id: str
    user_name: str
    token: bytes = field(repr=False)
    active: bool
    created: datetime
    last_used: datetime | None = None
    last_service: str = ""
    last_region: str = ""


@dataclass(frozen=True, slots=True)
class MfaDeviceRecord:
    """A virtual MFA device.

    Args:
        account: Twelve digits.
        name: Its name.
        arn: Its ARN, which is its serial number.
        token: The secret, sealed by the HSM.
        created: When it was created.
        path: Begins and ends with a slash.
        owner: ARN of the principal that it is enabled for; empty while nobody's.
        enabled: When it was enabled; None while it is not.
        last_step: The last time step whose code was accepted; no code is accepted twice.
        failures: Wrong codes since the last right one.
        locked_until: Host time before which no code is looked at; None while it is not locked.
        disabled: Whether too many wrong codes have disabled it.
        demo: Whether its codes are shown in the console, in a training keystore.
        drift: Time steps by which its clock is ahead of ours, as it was last synchronised.
        tags: Its tags.
    """

    account: str
    name: str
    arn: str
    token: bytes = field(repr=False)
    created: datetime
    path: str = "/"
    owner: str = ""
    enabled: datetime | None = None
    last_step: int = 0
    failures: int = 0
    locked_until: datetime | None = None
    disabled: bool = False
    demo: bool = False
    drift: int = 0
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RecoveryCodesRecord:
    """The recovery codes of a principal that are still good, as hashes.

    Args:
        principal: The principal's ARN.
        account: Its account.
        hashes: One per code.
        created: When they were made.
    """

    principal: str
    account: str
    hashes: tuple[bytes, ...] = field(repr=False)
    created: datetime


@dataclass(frozen=True, slots=True)
class DepartedRecord:
    """A user or role that was deleted; policies that named it show its unique id.

    Args:
        account: Twelve digits.
        arn: The ARN it had.
        unique_id: Its unique id.
        deleted: When it was deleted.
    """

    account: str
    arn: str
    unique_id: str
    deleted: datetime


@dataclass(frozen=True, slots=True)
class GrantRecord:
    """A grant on a KMS key.

    Args:
        account: The key's account.
        region: The key's Region.
        key_id: The key.
        grant_id: 64 hexadecimal digits.
        name: The name it was created with; empty without one.
        created: When it was created.
        grantee: ARN of the grantee principal, or a service's name.
        grantee_is_service: Whether it is a service's name.
        retiring: ARN of the principal that may retire it, or a service's name; empty for none.
        retiring_is_service: Whether it is a service's name.
        issuing_account: ARN of the root user of the account that created it.
        operations: The grant operations that it allows.
        equals: The EncryptionContextEquals constraint; None without one.
        subset: The EncryptionContextSubset constraint; None without one.
        source_arn: The SourceArn constraint; empty without one.
    """

    account: str
    region: str
    key_id: str
    grant_id: str
    name: str
    created: datetime
    grantee: str
    grantee_is_service: bool
    retiring: str
    retiring_is_service: bool
    issuing_account: str
    operations: tuple[str, ...]
    equals: Pairs | None = None
    subset: Pairs | None = None
    source_arn: str = ""
