"""Grants as the console knows them: one typed, frozen row each. Pure.

Names, contexts and ARNs may be somebody else's text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kmstui.tui.commands import Subject
from kmstui.tui.filter_fields import Field, Kind
from kmstui.tui.verdicts import short_principal

Pairs = tuple[tuple[str, str], ...]
Naming = Callable[[str], str]
"""Calls a key by its ARN what a person calls it."""

_ID_SHOWN = 8
NO_BOUND = "none"
"""The word for a grant without constraints."""


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A grant.

    Attributes:
        key_arn: The key's ARN.
        grant_id: Its id.
        name: Its name; empty for none.
        created: When it was created.
        grantee: ARN or name of a service.
        grantee_is_service: Whether the grantee is a service.
        retiring: Who may retire it besides; empty for nobody.
        retiring_is_service: Whether that is a service.
        issuer: ARN of the account that created it.
        operations: What it allows, as AWS names it.
        equals: The pairs an encryption context must be; ``None`` without that constraint.
        subset: The pairs an encryption context must have; ``None`` without that constraint.
        source_arn: The resource it may be used for; empty without that constraint.
        grantee_gone: Whether the grantee no longer exists.
    """

    key_arn: str
    grant_id: str
    name: str
    created: datetime
    grantee: str
    grantee_is_service: bool
    retiring: str
    retiring_is_service: bool
    issuer: str
    operations: tuple[str, ...]
    equals: Pairs | None = None
    subset: Pairs | None = None
    source_arn: str = ""
    grantee_gone: bool = False

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> GrantRow:
        """Read an entry of ListGrants or ``kmstui:ListAllGrants``."""
        bounds: Mapping[str, Any] = entry.get("Constraints") or {}
        service = "GranteeServicePrincipal" in entry
        return cls(
            key_arn=str(entry["KeyId"]),
            grant_id=str(entry["GrantId"]),
            name=str(entry.get("Name") or ""),
            created=entry["CreationDate"],
            grantee=str(entry.get("GranteePrincipal") or entry.get("GranteeServicePrincipal")),
            grantee_is_service=service,
            retiring=str(
                entry.get("RetiringPrincipal") or entry.get("RetiringServicePrincipal") or ""
            ),
            retiring_is_service="RetiringServicePrincipal" in entry,
            issuer=str(entry["IssuingAccount"]),
            operations=tuple(map(str, entry["Operations"])),
            equals=_pairs(bounds.get("EncryptionContextEquals")),
            subset=_pairs(bounds.get("EncryptionContextSubset")),
            source_arn=str(bounds.get("SourceArn") or ""),
            grantee_gone=bool(entry.get("Orphaned")),
        )

    @property
    def row_key(self) -> str:
        """Its stable name in a table."""
        return f"{self.key_arn}#{self.grant_id}"

    @property
    def label(self) -> str:
        """What a person calls it: its name, or the beginning of its id."""
        return self.name or f"{self.grant_id[:_ID_SHOWN]}…"

    @property
    def account(self) -> str:
        """The account of its key."""
        return self.key_arn.split(":")[4]

    @property
    def grantee_label(self) -> str:
        """What a person calls the grantee."""
        return short_principal(self.grantee, self.account)

    @property
    def retiring_label(self) -> str:
        """What a person calls the retiring principal; empty without one."""
        return short_principal(self.retiring, self.account) if self.retiring else ""

    @property
    def constrained(self) -> bool:
        """Whether anything bounds it."""
        return self.equals is not None or self.subset is not None or bool(self.source_arn)

    @property
    def bounds(self) -> str:
        """Write its constraints in one line: ``exactly app=a``, ``with app=a``, ``for arn:…``."""
        said = []
        if self.equals is not None:
            said.append(f"exactly {spelled(self.equals)}")
        if self.subset is not None:
            said.append(f"with {spelled(self.subset)}")
        if self.source_arn:
            said.append(f"for {self.source_arn}")
        return "; ".join(said) or NO_BOUND

    @property
    def subject(self) -> Subject:
        """The grant as what commands act on."""
        return Subject("grant", self.row_key, self.label)

    def request(self) -> dict[str, object]:
        """Return the request that would make an equal grant."""
        members: dict[str, object] = {"KeyId": self.key_arn, "Operations": list(self.operations)}
        members[_member("Grantee", service=self.grantee_is_service)] = self.grantee
        if self.retiring:
            members[_member("Retiring", service=self.retiring_is_service)] = self.retiring
        bounds: dict[str, object] = {}
        if self.equals is not None:
            bounds["EncryptionContextEquals"] = dict(self.equals)
        if self.subset is not None:
            bounds["EncryptionContextSubset"] = dict(self.subset)
        if self.source_arn:
            bounds["SourceArn"] = self.source_arn
        if bounds:
            members["Constraints"] = bounds
        if self.name:
            members["Name"] = self.name
        return members


def _member(role: str, *, service: bool) -> str:
    return f"{role}ServicePrincipal" if service else f"{role}Principal"


def _pairs(given: Mapping[str, Any] | None) -> Pairs | None:
    return None if given is None else tuple((str(k), str(v)) for k, v in given.items())


def spelled(pairs: Pairs) -> str:
    """Write pairs: ``app=a, env=prod``."""
    return ", ".join(f"{key}={value}" for key, value in pairs) or "an empty context"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many grants there are beside one, and how many there may be.

    Attributes:
        on_key: On its key.
        on_key_max: The most there may be.
        to_principal: On its key, to its grantee.
        to_principal_max: The most there may be; 0 for no limit.
    """

    on_key: int
    on_key_max: int
    to_principal: int
    to_principal_max: int

    @property
    def line(self) -> str:
        """Write both: ``12 of 50,000 on this key · 3 to this principal``."""
        most = f" of {self.to_principal_max:,}" if self.to_principal_max else ""
        return (
            f"{self.on_key:,} of {self.on_key_max:,} on this key · "
            f"{self.to_principal:,}{most} to this principal"
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """Grants that have a key or a grantee in common.

    Attributes:
        identity: The key's ARN, or the grantee.
        label: What a person calls it.
        count: How many grants.
        unbounded: How many of them without constraints.
        orphans: How many of them orphaned.
        others: How many different grantees a key has, or keys a grantee has.
        newest: When the newest was created.
    """

    identity: str
    label: str
    count: int
    unbounded: int
    orphans: int
    others: int
    newest: datetime


def tally(
    rows: Iterable[GrantRow],
    of: Callable[[GrantRow], str],
    other: Callable[[GrantRow], str],
    label: Callable[[str], str],
    orphaned: Callable[[GrantRow], bool],
) -> list[Tally]:
    """Count grants by what they have in common, the largest number first."""
    groups: dict[str, list[GrantRow]] = {}
    for row in rows:
        groups.setdefault(of(row), []).append(row)
    made = [
        Tally(
            identity,
            label(identity),
            len(group),
            sum(1 for row in group if not row.constrained),
            sum(1 for row in group if orphaned(row)),
            len({other(row) for row in group}),
            max(row.created for row in group),
        )
        for identity, group in groups.items()
    ]
    return sorted(made, key=lambda each: (-each.count, each.label))


def grant_fields(
    naming: Naming, orphaned: Callable[[GrantRow], bool]
) -> tuple[Field[GrantRow], ...]:
    """Return what the filter can ask of a grant."""
    return (
        Field("name", Kind.TEXT, lambda row: row.name, "its name", free=True),
        Field("key", Kind.TEXT, lambda row: naming(row.key_arn), "its key", free=True),
        Field(
            "grantee",
            Kind.TEXT,
            lambda row: (row.grantee_label, row.grantee),
            "who may use the key",
            free=True,
        ),
        Field("operation", Kind.TEXT, lambda row: row.operations, "what it allows", free=True),
        Field("context", Kind.TEXT, lambda row: row.bounds, "what bounds it", free=True),
        Field("retirer", Kind.TEXT, lambda row: row.retiring, "who may retire it"),
        Field("id", Kind.TEXT, lambda row: row.grant_id, "its id", free=True),
        Field("age", Kind.AGE, lambda row: row.created, "when it was created"),
        Field(
            "orphan",
            Kind.CHOICE,
            lambda row: "yes" if orphaned(row) else "no",
            "whether grantee or key is gone",
            choices=("yes", "no"),
        ),
    )
