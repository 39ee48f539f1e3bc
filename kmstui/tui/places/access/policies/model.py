"""Statements of policies as the console knows them. Pure.

Names and everything a policy says may be somebody else's text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kmstui.authz.guardrail import GUARDRAIL
from kmstui.authz.model import PolicyKind
from kmstui.tui.filter_fields import Field, Kind
from kmstui.tui.keys_model import short_id

Naming = Callable[[str], str]
"""Turns a key's ARN into what a person calls the key; empty if nobody knows."""

KEY_POLICY = "key policy"

_KINDS = {
    KEY_POLICY: PolicyKind.KEY,
    PolicyKind.TRUST.value: PolicyKind.TRUST,
    PolicyKind.SCP.value: PolicyKind.SCP,
}


@dataclass(frozen=True, slots=True)
class PolicyRef:
    """Which policy it is.

    Attributes:
        where: What kind of policy, as ``kmstui:FindStatements`` says it.
        name: A key's or managed policy's ARN, a role's ARN, a service control policy's name, or
            the ARN of whoever an inline policy is embedded in, with the policy's name after a
            space.
    """

    where: str
    name: str

    @property
    def kind(self) -> PolicyKind:
        """What its grammar is."""
        return _KINDS.get(self.where, PolicyKind.IDENTITY)

    @property
    def owner(self) -> str:
        """ARN of the key or principal that has it; empty if nobody has it for itself."""
        if self.where == PolicyKind.SCP.value or self.managed:
            return ""
        return self.name.partition(" ")[0]

    @property
    def inline(self) -> str:
        """Name of the policy if it is an inline one; else empty."""
        return self.name.partition(" ")[2] if self.kind is PolicyKind.IDENTITY else ""

    @property
    def managed(self) -> bool:
        """Whether it is a managed policy."""
        return self.kind is PolicyKind.IDENTITY and " " not in self.name

    @property
    def guardrail(self) -> bool:
        """Whether it is the account's MFA guardrail."""
        return self.kind is PolicyKind.SCP and self.name == GUARDRAIL

    @property
    def word(self) -> str:
        """The kind in one word, for a column."""
        if self.kind is PolicyKind.IDENTITY:
            return "managed" if self.managed else "inline"
        return {PolicyKind.KEY: "key", PolicyKind.TRUST: "trust"}.get(self.kind, "SCP")

    def label(self, naming: Naming) -> str:
        """Call it what a person calls it."""
        if self.kind is PolicyKind.KEY:
            return naming(self.name) or short_id(self.name.rpartition("/")[2])
        if self.inline:
            return f"{short_name(self.owner)} · {self.inline}"
        return short_name(self.name)

    def argument(self, statement: int = 0) -> str:
        """Write it as the argument of a route, with the statement to show."""
        return f"{statement}|{self.where}|{self.name}"


def read_argument(argument: str) -> tuple[PolicyRef, int]:
    """Read what :meth:`PolicyRef.argument` wrote; whatever else it is names no policy."""
    number, _, rest = argument.partition("|")
    where, _, name = rest.partition("|")
    return PolicyRef(where, name), int(number) if number.isdecimal() and len(number) < 6 else 0


def short_name(arn: str) -> str:
    """Return what stands at the end of an ARN: ``user/team/ada`` is ``ada``."""
    return arn.rpartition(":")[2].rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One statement.

    Attributes:
        policy: The policy it stands in.
        number: Its place there, from 1.
        sid: Its Sid.
        allow: Whether it allows.
        principals: Whom it names; empty where a policy names nobody.
        inverted_principal: Whether it is about everybody else.
        actions: Its action patterns.
        inverted_action: Whether it is about every other action.
        resources: Its resource patterns.
        conditional: Whether it has conditions.
    """

    policy: PolicyRef
    number: int
    sid: str
    allow: bool
    principals: tuple[str, ...]
    inverted_principal: bool
    actions: tuple[str, ...]
    inverted_action: bool
    resources: tuple[str, ...]
    conditional: bool

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> StatementRow:
        """Read an entry of ``kmstui:FindStatements``."""
        return cls(
            policy=PolicyRef(str(entry["Where"]), str(entry["Name"])),
            number=int(entry["Number"]),
            sid=str(entry.get("Sid") or ""),
            allow=entry["Effect"] == "Allow",
            principals=tuple(map(str, entry.get("Principals") or ())),
            inverted_principal=bool(entry.get("InvertedPrincipal")),
            actions=tuple(map(str, entry.get("Actions") or ())),
            inverted_action=bool(entry.get("InvertedAction")),
            resources=tuple(map(str, entry.get("Resources") or ())),
            conditional=bool(entry.get("Conditional")),
        )

    @property
    def row_key(self) -> str:
        """Its stable name in a table."""
        return self.policy.argument(self.number)

    @property
    def whom(self) -> tuple[str, ...]:
        """Whom it is about: those it names, or who has the policy."""
        if self.principals:
            return self.principals
        return (self.policy.owner,) if self.policy.inline else ()


def statement_fields(naming: Naming) -> tuple[Field[StatementRow], ...]:
    """Return what the filter can ask of a statement."""
    return (
        Field("policy", Kind.TEXT, lambda row: row.policy.label(naming), "its policy", free=True),
        Field("sid", Kind.TEXT, lambda row: row.sid, "its Sid", free=True),
        Field("principal", Kind.TEXT, lambda row: row.whom, "whom it is about", free=True),
        Field("action", Kind.TEXT, lambda row: row.actions, "which actions", free=True),
        Field("resource", Kind.TEXT, _resources, "on what", free=True),
        Field(
            "effect",
            Kind.CHOICE,
            lambda row: "Allow" if row.allow else "Deny",
            "Allow or Deny",
            choices=("Allow", "Deny"),
        ),
        Field(
            "kind",
            Kind.CHOICE,
            lambda row: row.policy.word,
            "what kind of policy",
            choices=("key", "inline", "managed", "trust", "SCP"),
        ),
        Field(
            "condition",
            Kind.CHOICE,
            lambda row: "yes" if row.conditional else "no",
            "whether it has conditions",
            choices=("yes", "no"),
        ),
    )


def _resources(row: StatementRow) -> tuple[str, ...]:
    own = (row.policy.name,) if row.policy.kind is PolicyKind.KEY else ()
    return (*own, *row.resources)
