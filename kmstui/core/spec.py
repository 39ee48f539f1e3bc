"""What an operation is: one literal spec beside its function, and the registry of them.

From a spec come request validation, authorisation, the key-state check, what the trail may log,
the console's form, ``kmstui call`` and the generated documentation. Members, bounds, patterns and
enums are AWS's; a test compares them with the published service model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, TypeAlias, TypeVar


class Kind(Enum):
    """The type of a member, as it is passed in Python."""

    TEXT = "string"
    BLOB = "blob"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamp"
    TEXT_MAP = "map"
    LIST = "list"
    STRUCTURE = "structure"


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a request or answer.

    Attributes:
        name: AWS's spelling.
        kind: ``bytes`` for a blob, an aware UTC datetime for a timestamp.
        required: Whether a request must carry it.
        minimum: Least length or value; characters of text, bytes of a blob, items of a list.
        maximum: Greatest length or value, in the same units.
        pattern: Regular expression that the whole text must match, as AWS prints it.
        enum: The only texts allowed.
        sensitive: Never printed, in errors or anywhere else.
        item: What a list holds.
        members: What a structure holds.
        default: What the service uses when it is absent, and what the trail then shows.
        doc: One sentence for forms and help.
    """

    name: str
    kind: Kind
    required: bool = False
    minimum: int | None = None
    maximum: int | None = None
    pattern: str | None = None
    enum: tuple[str, ...] = ()
    sensitive: bool = False
    item: Member | None = None
    members: tuple[Member, ...] = ()
    default: str | int | bool | None = None
    doc: str = ""


class ResourceKind(Enum):
    """Where the resource of a permission comes from."""

    ACCOUNT = "*"
    KEY = "key"
    ALIAS = "alias"
    ALIAS_TARGET = "alias target"
    RELATED = "related key"
    GRANT = "grant"
    PRINCIPAL = "principal"
    USER = "user"
    GROUP = "group"
    ROLE = "role"
    MANAGED_POLICY = "policy"
    MFA_DEVICE = "mfa"


@dataclass(frozen=True, slots=True)
class Needs:
    """A (resource, IAM action) pair that a call has to be allowed.

    Attributes:
        action: Such as ``kms:Encrypt``.
        resource: How the resource is found.
        member: The request member that names it; empty for the account.
        blob: The ciphertext member that names it when ``member`` is absent.
        aliases: Whether the member may be an alias name or alias ARN.
        role: What the operation calls the resolved key.
        when: A request member whose presence makes the pair needed; empty means always.
        stateful: Whether the operation's key-state rule applies to this key.
        context: The member with the encryption context that policies see for this pair.
        grant: The grant operation that can allow this pair; empty for the spec's own.
        region: The member that names the Region it is decided in; empty for the one called.
    """

    action: str
    resource: ResourceKind = ResourceKind.KEY
    member: str = "KeyId"
    blob: str = ""
    aliases: bool = False
    role: str = "key"
    when: str = ""
    stateful: bool = True
    context: str = "EncryptionContext"
    grant: str = ""
    region: str = ""


class StateOutcome(Enum):
    """What a key state does to an operation; source: *Key states of AWS KMS keys*."""

    OK = "ok"
    DISABLED = "D"
    PENDING_DELETION = "PD"
    PENDING_REPLICA_DELETION = "PRD"
    PENDING_IMPORT = "PI"
    UNAVAILABLE = "UN"
    CREATING = "CR"
    UPDATING = "UP"
    NOT_PENDING_DELETION = "ND"
    UNSUPPORTED = "UO"


@dataclass(frozen=True, slots=True)
class StateRule:
    """A row of the key-state table.

    Attributes:
        name: What the row is about, for documentation.
        outcomes: From a key state's name to what happens; a state that is missing is ``OK``.
    """

    name: str
    outcomes: Mapping[str, StateOutcome]

    def outcome(self, state: str) -> StateOutcome:
        """Return what happens to a key in ``state``."""
        return self.outcomes.get(state, StateOutcome.OK)


_REFUSED_WHEN_ABSENT: Final = {
    "PendingDeletion": StateOutcome.PENDING_DELETION,
    "PendingReplicaDeletion": StateOutcome.PENDING_REPLICA_DELETION,
}

ANY_STATE: Final = StateRule("any state", {})

CRYPTO_STATES: Final = StateRule(
    "cryptographic operations",
    {
        **_REFUSED_WHEN_ABSENT,
        "Disabled": StateOutcome.DISABLED,
        "PendingImport": StateOutcome.PENDING_IMPORT,
        "Unavailable": StateOutcome.UNAVAILABLE,
        "Creating": StateOutcome.CREATING,
    },
)

PUBLIC_KEY_STATES: Final = StateRule(
    "GetPublicKey",
    {
        state: outcome
        for state, outcome in CRYPTO_STATES.outcomes.items()
        if outcome is not StateOutcome.DISABLED
    },
)
"""The key-state table refuses a disabled key; the service answers, and so does this one."""

GRANT_STATES: Final = StateRule(
    "CreateGrant",
    {
        state: outcome
        for state, outcome in CRYPTO_STATES.outcomes.items()
        if outcome is not StateOutcome.UNAVAILABLE
    },
)

TOGGLE_STATES: Final = StateRule(
    "EnableKey, DisableKey",
    {
        **_REFUSED_WHEN_ABSENT,
        "PendingImport": StateOutcome.PENDING_IMPORT,
        "Creating": StateOutcome.CREATING,
        "Updating": StateOutcome.UPDATING,
    },
)

SCHEDULE_STATES: Final = StateRule(
    "ScheduleKeyDeletion", {**_REFUSED_WHEN_ABSENT, "Updating": StateOutcome.UPDATING}
)

CANCEL_STATES: Final = StateRule(
    "CancelKeyDeletion",
    dict.fromkeys(
        ("Enabled", "Disabled", "PendingImport", "Unavailable", "Creating", "Updating"),
        StateOutcome.NOT_PENDING_DELETION,
    ),
)

IMPORT_PARAMETERS_STATES: Final = StateRule(
    "GetParametersForImport",
    {
        **_REFUSED_WHEN_ABSENT,
        "Creating": StateOutcome.CREATING,
        "Updating": StateOutcome.UPDATING,
    },
)

IMPORT_STATES: Final = StateRule(
    "ImportKeyMaterial", {**_REFUSED_WHEN_ABSENT, "Creating": StateOutcome.CREATING}
)

DELETE_MATERIAL_STATES: Final = StateRule(
    "DeleteImportedKeyMaterial",
    {"Creating": StateOutcome.CREATING, "Updating": StateOutcome.UPDATING},
)

LIVING_STATES: Final = StateRule("changes to a key that will stay", _REFUSED_WHEN_ABSENT)


Request: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = dict[str, Any]
Run: TypeAlias = Callable[[Any], Answer]
Check: TypeAlias = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Apart:
    """Work of an operation that takes so long that other calls go on meanwhile.

    It is done between two runs of every check: what was true before it must be true after it.

    Attributes:
        wanted: Whether a call has such work.
        work: Does it, without the engine's lock; what it returns is the call's ``made``.
    """

    wanted: Callable[[Any], bool]
    work: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class OperationSpec:
    """Everything about an operation that is data.

    Attributes:
        service: ``kms``, or ``kmstui`` for what AWS has no API for.
        name: AWS's operation name.
        doc: One sentence: what it does.
        members: The request.
        answer: The response.
        needs: Every pair that must be allowed.
        states: What each key state does to it.
        usage: The KeyUsage a key must have; empty for any.
        grant: The grant operation that can allow it; empty for none.
        cross_account: Whether it works on a key of another account.
        mutates: Whether it changes stored state, so that its event is part of the change.
        critical: Whether the account guardrail covers it.
        dry_run: Whether it accepts DryRun.
        read_only: What the trail says; cryptographic operations count as reads.
        is_use: Whether success counts as a cryptographic use of the key.
        logged: Request members that the trail may show; nothing else is ever shown.
        logged_answer: Answer members that the trail may show.
        errors: The error codes AWS models for it.
        training: Whether only training keystores have it.
        while_verifying: Whether it answers before the keystore is verified.
        check: Rules of the service beyond the shape; runs before anything is looked up.
        fits: Rules about the key itself; runs after the state check.
        apart: What is done without the engine's lock; nothing for most operations.
        run: The function.
    """

    service: str
    name: str
    doc: str
    members: tuple[Member, ...]
    answer: tuple[Member, ...]
    needs: tuple[Needs, ...]
    states: StateRule
    usage: str
    grant: str
    cross_account: bool
    mutates: bool
    critical: bool
    dry_run: bool
    read_only: bool
    is_use: bool
    logged: tuple[str, ...]
    logged_answer: tuple[str, ...]
    errors: tuple[str, ...]
    training: bool
    while_verifying: bool
    check: Check | None
    fits: Check | None
    apart: Apart | None
    run: Run

    @property
    def full_name(self) -> str:
        """The service and name, such as ``kms:Encrypt``."""
        return f"{self.service}:{self.name}"

    def member(self, name: str) -> Member | None:
        """Return the request member of that name, if there is one."""
        return next((member for member in self.members if member.name == name), None)


_REGISTRY: dict[str, OperationSpec] = {}

_F = TypeVar("_F", bound=Run)


def operation(
    service: str,
    name: str,
    *,
    doc: str,
    members: tuple[Member, ...] = (),
    answer: tuple[Member, ...] = (),
    needs: tuple[Needs, ...],
    states: StateRule = ANY_STATE,
    usage: str = "",
    grant: str = "",
    cross_account: bool = False,
    mutates: bool = False,
    critical: bool = False,
    dry_run: bool = False,
    read_only: bool | None = None,
    is_use: bool = False,
    logged: tuple[str, ...] = (),
    logged_answer: tuple[str, ...] = (),
    errors: tuple[str, ...] = (),
    training: bool = False,
    while_verifying: bool = False,
    check: Check | None = None,
    fits: Check | None = None,
    apart: Apart | None = None,
) -> Callable[[_F], _F]:
    """Register the decorated function as an operation; see :class:`OperationSpec`."""

    def register(run: _F) -> _F:
        spec = OperationSpec(
            service=service,
            name=name,
            doc=doc,
            members=members,
            answer=answer,
            needs=needs,
            states=states,
            usage=usage,
            grant=grant,
            cross_account=cross_account,
            mutates=mutates,
            critical=critical,
            dry_run=dry_run,
            read_only=not mutates if read_only is None else read_only,
            is_use=is_use,
            logged=logged,
            logged_answer=logged_answer,
            errors=errors,
            training=training,
            while_verifying=while_verifying,
            check=check,
            fits=fits,
            apart=apart,
            run=run,
        )
        if spec.full_name in _REGISTRY:
            message = f"{spec.full_name} is registered twice"
            raise ValueError(message)
        _REGISTRY[spec.full_name] = spec
        return run

    return register


def registry() -> Mapping[str, OperationSpec]:
    """Return every registered operation by its full name; load ``kmstui.ops`` first."""
    return _REGISTRY
