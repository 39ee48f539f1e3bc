"""What a decision is made of: principals, requests, policies that apply, and the answer.

Source: IAM User Guide, *Policy evaluation logic*; AWS KMS Developer Guide, *Determining access to
AWS KMS keys*.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from kmstui.authz.document import Policy

ContextValue: TypeAlias = str | tuple[str, ...]
"""A text for a single-valued condition key, a tuple for a multivalued one."""


class Context(Protocol):
    """The condition keys of one request, under their names in lower case; a mapping is one."""

    def get(self, key: str, /) -> ContextValue | None:
        """Return a key's value; ``None`` when the request does not have it."""


class PrincipalType(StrEnum):
    """What kind of caller it is, with the values of ``aws:PrincipalType``."""

    ROOT = "Account"
    USER = "User"
    SESSION = "AssumedRole"
    ROLE = "Role"
    SERVICE = "Service"


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller, as policies see it.

    Attributes:
        kind: What it is.
        arn: Its ARN; of a session the ``sts`` one. A service's name, such as
            ``ec2.amazonaws.com``, for a service that calls for itself.
        account: Its account; empty for a service.
        role_arn: The role of a session, with its path; else empty.
    """

    kind: PrincipalType
    arn: str
    account: str
    role_arn: str = ""


class PolicyKind(Enum):
    """What a policy document is attached to, which decides what its grammar allows.

    The value is what AWS calls the type in a denial's text.
    """

    KEY = "resource-based policy"
    TRUST = "role trust policy"
    IDENTITY = "identity-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    SCP = "service control policy"


class Layer(StrEnum):
    """The source of a step or of a decision, in the order in which they are looked at."""

    SERVICE = "service"
    SCP = "service control policy"
    RESOURCE = "resource policy"
    IDENTITY = "identity policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    GRANT = "grant"
    RESULT = "decision"


class Outcome(StrEnum):
    """The three answers of an evaluation."""

    ALLOWED = "Allowed"
    IMPLICITLY_DENIED = "ImplicitlyDenied"
    EXPLICITLY_DENIED = "ExplicitlyDenied"


@dataclass(frozen=True, slots=True)
class AttachedPolicy:
    """A policy that applies to a request, with the name that a person knows it by.

    Attributes:
        name: Such as ``key policy``, ``user policy AllowUse`` or a managed policy's ARN.
        policy: The document, parsed.
    """

    name: str
    policy: Policy


@dataclass(frozen=True, slots=True)
class GrantFacts:
    """A live grant, as far as a decision needs it.

    Attributes:
        grant_id: Its id.
        grantee: ARN of the grantee: an account's root, a user, a role or a session; or a service's
            name.
        operations: Grant operations, such as ``Decrypt`` or ``ReEncryptFrom``.
        equals: The EncryptionContextEquals constraint; ``None`` without one.
        subset: The EncryptionContextSubset constraint; ``None`` without one.
        source_arn: The SourceArn constraint; empty without one.
    """

    grant_id: str
    grantee: str
    operations: frozenset[str]
    equals: tuple[tuple[str, str], ...] | None = None
    subset: tuple[tuple[str, str], ...] | None = None
    source_arn: str = ""


@dataclass(frozen=True, slots=True)
class PolicySet:
    """Everything that is consulted for a caller on a resource.

    Attributes:
        resource: The key policy, or a role's trust policy; ``None`` where there is none.
        identity: Inline and managed policies of the caller and of its groups.
        boundary: Its permissions boundary; ``None`` without one.
        session: Session policies; ``None`` for a session without any.
        scps: Levels of service control policies of the caller's account, each of which must allow;
            empty where they do not bind.
        grants: Live grants on the key whose grantee may be the caller.
    """

    resource: AttachedPolicy | None = None
    identity: tuple[AttachedPolicy, ...] = ()
    boundary: AttachedPolicy | None = None
    session: tuple[AttachedPolicy, ...] | None = None
    scps: tuple[tuple[AttachedPolicy, ...], ...] = ()
    grants: tuple[GrantFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """One (principal, action, resource) to decide on.

    Attributes:
        principal: Who calls.
        action: Such as ``kms:Encrypt``.
        resource: The ARN; ``*`` where the action has no resource.
        resource_account: The account that owns the resource, or the caller's where there is none.
        context: The condition keys.
        grant_operation: The grant operation that can allow it; empty for none.
        cross_account: Whether the operation works on another account's key at all.
        encryption_context: The encryption context that a grant's constraint is compared with;
            ``None`` for operations without one, where constraints are ignored.
    """

    principal: Principal
    action: str
    resource: str
    resource_account: str
    context: Context
    grant_operation: str = ""
    cross_account: bool = True
    encryption_context: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, and what gave it.

    Attributes:
        outcome: Allowed, or denied in one of two ways.
        layer: The layer that decided: that of the deciding Deny or Allow; for an implicit deny
            the layer that would have had to allow.
        policy: Name of the deciding policy; empty for an implicit deny.
        statement: Its deciding statement, counted from 1; 0 where none decided.
        sid: That statement's Sid.
        grant_id: The grant that allowed it; empty if none did.
    """

    outcome: Outcome
    layer: Layer
    policy: str = ""
    statement: int = 0
    sid: str = ""
    grant_id: str = field(default="")

    @property
    def allowed(self) -> bool:
        """Whether the call may go on."""
        return self.outcome is Outcome.ALLOWED


class Element(StrEnum):
    """The part of a statement or grant that a step looked at."""

    STATEMENT = "Statement"
    PRINCIPAL = "Principal"
    ACTION = "Action"
    RESOURCE = "Resource"
    CONDITION = "Condition"
    CONSTRAINT = "Constraint"
    RESULT = "Result"


class StepOutcome(StrEnum):
    """What a step found."""

    MATCH = "match"
    NO_MATCH = "no match"
    ALLOW = "allow"
    DENY = "deny"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was looked at.

    Attributes:
        layer: Where.
        policy: The policy's name, or the grant's id; empty for a step about the layer itself.
        statement: Counted from 1; 0 for a step about the policy or layer.
        sid: The statement's Sid.
        element: Which part. For conditions ``wanted`` begins with operator and key.
        wanted: What the policy says, as text.
        seen: What the request has, as text; empty when it has nothing of the kind.
        outcome: What was found.
    """

    layer: Layer
    policy: str
    statement: int
    sid: str
    element: Element
    wanted: str
    seen: str
    outcome: StepOutcome


@dataclass(frozen=True, slots=True)
class Trace:
    """Every step of an evaluation, in order, and the decision they lead to.

    Attributes:
        request_line: Principal, action and resource in one line.
        steps: In the order in which they were taken.
        decision: The same that the evaluation without a trace gives.
    """

    request_line: str
    steps: tuple[Step, ...]
    decision: Decision
