"""Principals as the console knows them. Pure.

Names, tags and policies may be somebody else's text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kmstui.tui.commands import Subject
from kmstui.tui.filter_fields import Field, Kind

ROOT, USER, ROLE, GROUP = "root", "user", "role", "group"
_KINDS = {"Account": ROOT, "User": USER, "Role": ROLE}
_NOUNS = {USER: "User", ROLE: "Role", GROUP: "Group"}


@dataclass(frozen=True, slots=True)
class PrincipalRow:
    """A principal, or a group of users.

    Attributes:
        arn: Its ARN.
        kind: ``root``, ``user``, ``role`` or ``group``.
        name: Its name.
        created: When it was created; None for root.
        policies: Names of all its policies.
        groups: Names of a user's groups.
        boundary: ARN of its permissions boundary; empty without one.
        mfa: How many MFA devices it has that are in use.
        access_keys: How many access keys it has.
        sessions: How many of its sessions are open.
        operator: Whether it has a passphrase that opens the keystore.
        tags: Its tags.
    """

    arn: str
    kind: str
    name: str
    created: datetime | None
    policies: tuple[str, ...]
    groups: tuple[str, ...] = ()
    boundary: str = ""
    mfa: int = 0
    access_keys: int = 0
    sessions: int = 0
    operator: bool = False
    tags: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> PrincipalRow:
        """Read an entry of ``kmstui:ListPrincipals``."""
        return cls(
            str(entry["Arn"]),
            _KINDS.get(str(entry["Type"]), USER),
            str(entry["Name"]),
            entry.get("Created"),
            tuple(map(str, entry["Policies"])),
            tuple(map(str, entry["Groups"])),
            str(entry["Boundary"]),
            int(entry["MfaDevices"]),
            int(entry["AccessKeys"]),
            int(entry["Sessions"]),
            bool(entry["Operator"]),
            tuple((str(key), str(value)) for key, value in entry["Tags"].items()),
        )

    @classmethod
    def read_group(cls, entry: Mapping[str, Any]) -> PrincipalRow:
        """Read a group of ``iam:GetAccountAuthorizationDetails``."""
        inline = [str(each["PolicyName"]) for each in entry.get("GroupPolicyList") or ()]
        attached = [str(each["PolicyName"]) for each in entry.get("AttachedManagedPolicies") or ()]
        return cls(
            str(entry["Arn"]),
            GROUP,
            str(entry["GroupName"]),
            entry.get("CreateDate"),
            (*inline, *attached),
        )

    @property
    def subject(self) -> Subject:
        """The principal, as commands see it."""
        return Subject(self.kind, self.arn, self.name)

    @property
    def noun(self) -> str:
        """How operations call its kind: ``User``; empty for root."""
        return _NOUNS.get(self.kind, "")

    @property
    def named(self) -> dict[str, object]:
        """The member that names it in a request."""
        return {f"{self.noun}Name": self.name}

    @property
    def about(self) -> str:
        """How the result line calls it."""
        return f"{self.kind} {self.name}" if self.kind != ROOT else "root"


FIELDS: tuple[Field[PrincipalRow], ...] = (
    Field("name", Kind.TEXT, lambda row: row.name, "its name", free=True),
    Field("policy", Kind.TEXT, lambda row: row.policies, "a policy it has", free=True),
    Field("group", Kind.TEXT, lambda row: row.groups, "a group it is in", free=True),
    Field("tag", Kind.TAGS, lambda row: dict(row.tags), "its tags", free=True),
    Field("arn", Kind.TEXT, lambda row: row.arn, "its ARN"),
    Field(
        "kind", Kind.CHOICE, lambda row: row.kind, "what it is", choices=(ROOT, USER, ROLE, GROUP)
    ),
    Field(
        "operator",
        Kind.CHOICE,
        lambda row: "yes" if row.operator else "no",
        "whether it has a passphrase",
        choices=("yes", "no"),
    ),
    Field("mfa", Kind.NUMBER, lambda row: row.mfa, "MFA devices"),
    Field("keys", Kind.NUMBER, lambda row: row.access_keys, "access keys"),
    Field("sessions", Kind.NUMBER, lambda row: row.sessions, "open sessions"),
    Field("created", Kind.AGE, lambda row: row.created, "how long ago it was created"),
)
"""What the filter can ask of a principal."""

SORTS: Mapping[str, Callable[[PrincipalRow], Any]] = {
    "name": lambda row: row.name.casefold(),
    "kind": lambda row: (row.kind, row.name.casefold()),
    "mfa": lambda row: row.mfa,
    "keys": lambda row: row.access_keys,
    "sessions": lambda row: row.sessions,
    "created": lambda row: row.created.timestamp() if row.created else 0.0,
}
"""What each column sorts by."""
