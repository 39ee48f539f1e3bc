"""The call pipeline: the same stages, in the same order, for every operation and every edge.

validate, resolve, count, authorise every pair, usage, key state, algorithm, DryRun, run.
Committing and recording are the engine's. No HSM call with key material happens before authorise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kmstui.core.arn import AWS_ALIAS_PREFIX, KeyIdentifier, alias_arn
from kmstui.core.errors import (
    DisabledException,
    DryRunOperationException,
    InvalidKeyUsageException,
    KmsError,
    KMSInvalidStateException,
    NotFoundException,
)
from kmstui.core.spec import (
    Answer,
    Check,
    Member,
    Needs,
    OperationSpec,
    ResourceKind,
    StateOutcome,
)
from kmstui.core.validation import Validator, compile_validator
from kmstui.engine.foreign import foreign_refusal
from kmstui.engine.shown import needs_trimming
from kmstui.hsm import read_blob_header
from kmstui.keystore.records import KeyRecord, KeyState
from kmstui.ops.call import Call
from kmstui.ops.iam import resolve as iam
from kmstui.ops.kms.guard import origin_refusal
from kmstui.ops.kms.imported import IMPORTED, is_expired
from kmstui.ops.kms.retirement import find_grant, token_grant, unknown_grant
from kmstui.ops.kms.stores.lookup import state_of
from kmstui.trail.event import KMS_SOURCE, EventKind


@dataclass(frozen=True, slots=True)
class Logged:
    """A request member that the trail may show.

    Attributes:
        name: The member's name.
        default: What is shown when it is absent.
        member: The member.
        trimmed: Whether even a valid value has to be cut to what its spec names.
    """

    name: str
    default: str | int | bool | None
    member: Member
    trimmed: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A spec, prepared for being called often.

    Attributes:
        spec: The operation.
        kind: What its records have in common.
        validate: Checks a request against the spec's members.
        members: Their names.
        logged: Request members the trail may show.
    """

    spec: OperationSpec
    kind: EventKind
    validate: Validator
    members: frozenset[str]
    logged: tuple[Logged, ...]
    resolvers: tuple[tuple[Callable[[Call, Needs], None], Needs], ...]
    stateful: tuple[str, ...]


def make_plan(spec: OperationSpec, source: str = KMS_SOURCE) -> Plan:
    """Return the plan of an operation.

    Args:
        spec: The operation.
        source: CloudTrail's ``eventSource`` of its service.
    """
    members = {member.name: member for member in spec.members}
    logged = tuple(_logged(members[name]) for name in spec.logged)
    resolvers = tuple((_RESOLVERS[needs.resource], needs) for needs in spec.needs)
    stateful = tuple(
        needs.role
        for needs in spec.needs
        if needs.stateful and needs.resource is not ResourceKind.ALIAS
    )
    kind = EventKind(spec.name, spec.read_only, source)
    return Plan(
        spec,
        kind,
        compile_validator(spec.members),
        frozenset(members),
        logged,
        resolvers,
        stateful,
    )


def _logged(member: Member) -> Logged:
    return Logged(member.name, member.default, member, needs_trimming(member))


def prepare(plan: Plan, call: Call, admit: Check | None = None) -> None:
    """Run every stage before the operation's function.

    Args:
        plan: The operation.
        call: The call.
        admit: Counts a call once its keys are resolved, or refuses it; ``None`` for no counting.

    Raises:
        KmsError: A stage refuses the call.
    """
    spec = plan.spec
    plan.validate(call.request)
    if not plan.members.issuperset(call.request):
        # What the spec does not know was not checked; nothing may read it.
        call.request = {
            name: value for name, value in call.request.items() if name in plan.members
        }
    if spec.check is not None:
        spec.check(call)
    for resolve, needs in plan.resolvers:
        if not needs.when or call.has(needs.when):
            resolve(call, needs)
    if admit is not None:
        admit(call)
    _authorise(spec, call)
    for role in plan.stateful:
        key = call.keys.get(role)
        if key is not None:
            _check_key(call, key)
    if spec.fits is not None:
        spec.fits(call)


def _authorise(spec: OperationSpec, call: Call) -> None:
    access = call.services.access
    if not spec.needs:
        access.require_caller(call.standing)
    for needs in spec.needs:
        if not needs.when or call.has(needs.when):
            access.authorise(call, needs)


def run(plan: Plan, call: Call) -> Answer:
    """Run the operation's function, and stop a dry run before its answer.

    A dry run of an operation that changes nothing is carried out, so that a ciphertext that does
    not decrypt is found; its answer is thrown away.

    Raises:
        KmsError: The operation refuses.
        DryRunOperationException: It would have succeeded.
    """
    dry = plan.spec.dry_run and call.flag("DryRun")
    if dry and plan.spec.mutates:
        raise _dry_run()
    answer = plan.spec.run(call)
    if dry:
        raise _dry_run()
    return answer


def _dry_run() -> DryRunOperationException:
    return DryRunOperationException(
        "The request would have succeeded, but the DryRun option is set."
    )


def _resolve_account(_call: Call, _needs: Needs) -> None:
    return


def _resolve_key(call: Call, needs: Needs) -> None:
    given = call.request.get(needs.member)
    if given is not None:
        call.keys[needs.role] = _named_key(call, given, needs)
    elif needs.blob and call.has(needs.blob):
        call.keys[needs.role] = _ciphertext_key(call, needs)


def _named_key(call: Call, given: str, needs: Needs) -> KeyRecord:
    caller = call.caller
    named = KeyIdentifier.parse(given, caller.account, caller.region)
    if named.is_alias:
        if not needs.aliases:
            raise NotFoundException(
                f"Invalid keyId '{given}'",
                hint=f"{call.spec.name} takes a key id or key ARN, not an alias.",
            )
        return _alias_key(call, named, needs)
    key = call.services.keystore.key(named.account, named.region, named.name)
    if key is None:
        _refuse_foreign(call, named.account, needs)
        raise NotFoundException(f"Key '{named.arn}' does not exist")
    return key


def _alias_key(call: Call, named: KeyIdentifier, needs: Needs) -> KeyRecord:
    keystore = call.services.keystore
    alias = keystore.alias(named.account, named.region, named.name)
    key = None if alias is None else keystore.key(alias.account, alias.region, alias.key_id)
    if alias is None and named.name.startswith(AWS_ALIAS_PREFIX):
        key = call.services.control.managed_key(call, named, needs)
    if key is None:
        _refuse_foreign(call, named.account, needs)
        raise NotFoundException(f"Alias {named.arn} is not found.")
    return key


def _refuse_foreign(call: Call, account: str, needs: Needs) -> None:
    """Tell nothing about another account's keys, not even whether they exist."""
    if account != call.caller.account:
        raise foreign_refusal(call, needs)


def _ciphertext_key(call: Call, needs: Needs) -> KeyRecord:
    header = read_blob_header(call.blob(needs.blob))
    key = call.services.keystore.key(header.account, call.caller.region, header.key_id)
    if key is None:
        raise foreign_refusal(call, needs)
    return key


def _resolve_alias(call: Call, needs: Needs) -> None:
    caller = call.caller
    call.alias_arns[needs.role] = alias_arn(caller.account, caller.region, call.text(needs.member))


def _resolve_alias_target(call: Call, needs: Needs) -> None:
    caller = call.caller
    named = KeyIdentifier.parse(call.text(needs.member), caller.account, caller.region)
    call.keys[needs.role] = _alias_key(call, named, needs)


def _resolve_related(call: Call, needs: Needs) -> None:
    """Find the key that is related to the one in the role ``key`` in the Region that is named.

    Where there is none the pair is about that key itself: nobody who may not touch it is told.
    """
    key = call.key
    found = call.services.keystore.key(key.account, call.text(needs.member), key.key_id)
    call.keys[needs.role] = key if found is None else found


def _resolve_iam(call: Call, needs: Needs) -> None:
    call.arns[needs.role] = iam.RESOLVERS[needs.resource](call, needs)


def _resolve_principal(call: Call, needs: Needs) -> None:
    call.arns[needs.role] = call.text(needs.member)


def _resolve_grant(call: Call, needs: Needs) -> None:
    if call.has("GrantToken"):
        key, grant = token_grant(call)
    else:
        key = _named_key(call, call.text(needs.member), needs)
        found = find_grant(call, key)
        if found is None:
            _refuse_foreign(call, key.account, needs)
            raise unknown_grant(call)
        grant = found
    call.keys[needs.role] = key
    call.grants[needs.role] = grant
    call.extra["GrantId"] = grant.grant_id


_RESOLVERS: dict[ResourceKind, Callable[[Call, Needs], None]] = {
    ResourceKind.ACCOUNT: _resolve_account,
    ResourceKind.KEY: _resolve_key,
    ResourceKind.ALIAS: _resolve_alias,
    ResourceKind.ALIAS_TARGET: _resolve_alias_target,
    ResourceKind.RELATED: _resolve_related,
    ResourceKind.GRANT: _resolve_grant,
    ResourceKind.PRINCIPAL: _resolve_principal,
    **dict.fromkeys(iam.RESOLVERS, _resolve_iam),
}


def _check_key(call: Call, key: KeyRecord) -> None:
    spec = call.spec
    if spec.usage and key.key_usage != spec.usage:
        raise InvalidKeyUsageException(
            f"{key.arn} key usage is {key.key_usage} which is not valid for {spec.name}."
        )
    state = state_of(call.services.keystore, key)
    if state is KeyState.ENABLED and key.origin == IMPORTED and is_expired(key, call.now):
        state = KeyState.PENDING_IMPORT
    outcome = spec.states.outcome(state)
    if outcome is StateOutcome.UNSUPPORTED:
        raise origin_refusal(key)
    if outcome is not StateOutcome.OK:
        raise state_refusal(key.arn, outcome)


STATE_TEXTS = {
    StateOutcome.PENDING_DELETION: "is pending deletion.",
    StateOutcome.PENDING_REPLICA_DELETION: "is pending replica deletion.",
    StateOutcome.PENDING_IMPORT: "is pending import.",
    StateOutcome.UNAVAILABLE: "is unavailable.",
    StateOutcome.CREATING: "is creating.",
    StateOutcome.UPDATING: "is updating.",
    StateOutcome.NOT_PENDING_DELETION: "is not pending deletion.",
}

_STATE_HINTS = {
    StateOutcome.PENDING_DELETION: "Cancel the deletion, then enable the key.",
    StateOutcome.PENDING_REPLICA_DELETION: "It waits for its replicas; cancel the deletion first.",
    StateOutcome.PENDING_IMPORT: "Import its key material: GetParametersForImport comes first.",
    StateOutcome.NOT_PENDING_DELETION: "There is no scheduled deletion to cancel.",
}


def state_refusal(arn: str, outcome: StateOutcome) -> KmsError:
    """Return the error that a key state gives, with AWS's text."""
    if outcome is StateOutcome.DISABLED:
        return DisabledException(f"{arn} is disabled.")
    return KMSInvalidStateException(
        f"{arn} {STATE_TEXTS[outcome]}", hint=_STATE_HINTS.get(outcome)
    )
