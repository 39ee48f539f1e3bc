"""Access as the console shows it: simulated decisions, principals, sessions, statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from kmstui.authz.advice import Suggestion
from kmstui.authz.document import Policy, Statement, parse_policy
from kmstui.authz.model import PolicyKind
from kmstui.authz.patterns import matches
from kmstui.authz.report import trace_fields
from kmstui.core.arn import Arn, root_arn
from kmstui.core.errors import ValidationException
from kmstui.core.spec import Answer, Kind, Member, Needs, ResourceKind, operation
from kmstui.keystore.principals import GroupRecord, RoleRecord, UserRecord
from kmstui.ops.call import Call
from kmstui.ops.kms import members as m
from kmstui.ops.management import own_action
from kmstui.ops.paging import paged, read_marker
from kmstui.ops.simulation import SimulatedCall, SimulatedDecision

CELLS_MAX: Final = 5_000
TRACES_MAX: Final = 4
STATEMENTS_MAX: Final = 500
_KEYS_A_PAGE: Final = 2_000
_VIA = r"^[a-z0-9-]+\.amazonaws\.com$"


def _texts(name: str, maximum: int, doc: str) -> Member:
    item = Member("Text", Kind.TEXT, minimum=1, maximum=2048)
    return Member(name, Kind.LIST, minimum=1, maximum=maximum, item=item, doc=doc)


def _check_simulation(call: Call) -> None:
    cells = max(1, len(call.items("Principals"))) * len(call.items("Actions"))
    if cells > CELLS_MAX:
        raise ValidationException(f"At most {CELLS_MAX} decisions are simulated at a time.")
    if call.flag("Traces") and cells > TRACES_MAX:
        raise ValidationException(f"At most {TRACES_MAX} decisions are traced at a time.")
    if call.has("Policy"):
        parse_policy(call.text("Policy"), PolicyKind.KEY)


@operation(
    "kmstui",
    "SimulateAccess",
    doc="Decide calls without making them, for principals and actions on a key.",
    members=(
        _texts("Principals", 1_000, "ARNs or service names; yourself when absent."),
        Member(
            "Actions",
            Kind.LIST,
            required=True,
            minimum=1,
            maximum=200,
            item=Member("Text", Kind.TEXT, minimum=3, maximum=128, pattern=r"^[a-z0-9-]+:\w+$"),
            doc="Such as kms:Decrypt.",
        ),
        m.key_id(required=False),
        m.policy(required=False),
        m.context(),
        Member("MfaAge", Kind.INTEGER, minimum=0, maximum=10**9, doc="Seconds; absent without."),
        Member("ViaService", Kind.TEXT, minimum=5, maximum=128, pattern=_VIA),
        Member("Time", Kind.TIMESTAMP, doc="Account time of the call; now when absent."),
        _texts("GrantOperations", 32, "Operations of a CreateGrant."),
        Member("Context", Kind.TEXT_MAP, doc="Condition keys in the place of computed ones."),
        Member("Traces", Kind.BOOLEAN, doc="Whether every step is told; for few decisions."),
    ),
    answer=(Member("Cells", Kind.LIST),),
    needs=own_action("SimulateAccess"),
    while_verifying=True,
    check=_check_simulation,
    logged=("Principals", "Actions", "KeyId"),
    errors=("NotFoundException", "ValidationException"),
)
def simulate_access(call: Call) -> Answer:
    """Return a decision for each principal and action."""
    principals = call.items("Principals") or [call.caller.role_arn or call.caller.arn]
    cells = []
    for principal in principals:
        for action in call.items("Actions"):
            found = call.services.access.simulate(call, _simulated(call, principal, action))
            cells.append({"Principal": principal, "Action": action, **_cell(found)})
    return {"Cells": cells}


def _simulated(call: Call, principal: str, action: str) -> SimulatedCall:
    members: dict[str, Any] = {"EncryptionContext": dict(call.pairs("EncryptionContext"))}
    if call.has("GrantOperations"):
        members["Operations"] = call.items("GrantOperations")
    given = call.request.get("Context") or {}
    return SimulatedCall(
        principal,
        action,
        call.text("KeyId"),
        call.text("Policy"),
        members,
        call.request.get("Time") or call.now,
        call.request.get("MfaAge"),
        call.text("ViaService"),
        {name.lower(): value for name, value in given.items()},
        call.flag("Traces"),
    )


def _cell(found: SimulatedDecision) -> Mapping[str, Any]:
    decision = found.decision
    cell: dict[str, Any] = {
        "Resource": found.resource,
        "Decision": str(decision.outcome),
        "Layer": str(decision.layer),
        "Policy": decision.policy,
        "Statement": decision.statement,
        "Sid": decision.sid,
        "GrantId": decision.grant_id,
        "MfaWouldHelp": found.mfa_would_help,
        "Reason": found.reason,
    }
    if found.trace is not None:
        cell["Trace"] = trace_fields(found.trace)
    if found.suggestion is not None:
        cell["Suggestion"] = _advice(found.suggestion)
    return cell


def _advice(suggestion: Suggestion) -> dict[str, Any]:
    return {
        "Text": suggestion.text,
        "Dangerous": suggestion.dangerous,
        "Edits": [
            {
                "Layer": str(edit.layer),
                "Policy": edit.policy,
                "Statement": edit.statement,
                "Document": edit.document,
            }
            for edit in suggestion.edits
        ],
    }


@operation(
    "kmstui",
    "ListPrincipals",
    doc="List root users, users and roles with what a list shows.",
    answer=(Member("Principals", Kind.LIST),),
    needs=(
        Needs("iam:ListUsers", ResourceKind.ACCOUNT, member="", role="users"),
        Needs("iam:ListRoles", ResourceKind.ACCOUNT, member="", role="roles"),
    ),
    while_verifying=True,
)
def list_principals(call: Call) -> Answer:
    """Return the caller's account: root first, then users, then roles."""
    account, keystore = call.caller.account, call.services.keystore
    sessions = [str(entry["Origin"]) for entry in call.services.sessions.present(call)]
    operators = {slot.principal for slot in keystore.header.slots}
    found = [_root_summary(call)]
    found += [_summary(call, user, "User") for user in keystore.users(account)]
    found += [_summary(call, role, "Role") for role in keystore.roles(account)]
    for entry in found:
        entry["Sessions"] = sessions.count(entry["Arn"])
        entry["Operator"] = entry["Arn"] in operators
    return {"Principals": found}


def _root_summary(call: Call) -> dict[str, Any]:
    arn = root_arn(call.caller.account)
    return {
        "Arn": arn,
        "Type": "Account",
        "Account": call.caller.account,
        "Name": "root",
        "UniqueId": call.caller.account,
        "Policies": [],
        "Groups": [],
        "Boundary": "",
        "MfaDevices": _devices(call, arn),
        "AccessKeys": 0,
        "Tags": {},
    }


def _summary(call: Call, record: UserRecord | RoleRecord, kind: str) -> dict[str, Any]:
    attached = [arn.rpartition("/")[2] for arn in record.attached]
    user = record if isinstance(record, UserRecord) else None
    keystore = call.services.keystore
    return {
        "Arn": record.arn,
        "Type": kind,
        "Account": record.account,
        "Name": record.name,
        "UniqueId": record.unique_id,
        "Created": record.created,
        "Policies": [*(policy.name for policy in record.inline), *attached],
        "Groups": [] if user is None else list(user.groups),
        "Boundary": record.boundary,
        "MfaDevices": 0 if user is None else _devices(call, record.arn),
        "AccessKeys": 0 if user is None else len(keystore.access_keys(user.account, user.name)),
        "Tags": dict(record.tags),
    }


def _devices(call: Call, arn: str) -> int:
    devices = call.services.keystore.mfa_devices(call.caller.account, owner=arn)
    return sum(1 for device in devices if device.enabled)


@operation(
    "kmstui",
    "ListSessions",
    doc="List the sessions that are open now.",
    answer=(Member("Sessions", Kind.LIST),),
    needs=own_action("ListSessions"),
    while_verifying=True,
)
def list_sessions(call: Call) -> Answer:
    """Return who each session is, who began it, and how fresh it is."""
    return {"Sessions": list(call.services.sessions.present(call))}


@operation(
    "kmstui",
    "FindStatements",
    doc="Find statements of policies by principal, action and resource.",
    members=(
        Member("Principal", Kind.TEXT, minimum=1, maximum=2048, doc="Named by the statement."),
        Member("Action", Kind.TEXT, minimum=1, maximum=128, doc="Covered by the statement."),
        Member("Resource", Kind.TEXT, minimum=1, maximum=2048, doc="Covered by the statement."),
        Member("Limit", Kind.INTEGER, minimum=1, maximum=STATEMENTS_MAX),
        m.MARKER,
    ),
    answer=(Member("Statements", Kind.LIST), m.NEXT_MARKER, m.TRUNCATED),
    needs=own_action("FindStatements"),
    while_verifying=True,
    logged=("Principal", "Action", "Resource", "Limit", "Marker"),
    errors=("InvalidMarkerException",),
)
def find_statements(call: Call) -> Answer:
    """Return matching statements: of identities first, then of key policies in key id order."""
    limit = call.number("Limit", STATEMENTS_MAX)
    after = read_marker(call)
    place = int(after) if after is not None else 0
    found = []
    for number, entry in enumerate(_wanted_statements(call), start=1):
        if number <= place:
            continue
        found.append((number, entry))
        if len(found) > limit:
            break
    return paged(
        call,
        "Statements",
        found,
        limit,
        place=lambda pair: str(pair[0]),
        show=lambda pair: pair[1],
    )


def _wanted_statements(call: Call) -> Iterator[dict[str, Any]]:
    for where, name, policy in _policies(call):
        for number, statement in enumerate(policy.statements, start=1):
            if _wanted(call, where, name, statement):
                yield _statement(where, name, number, statement)


def _policies(call: Call) -> Iterator[tuple[str, str, Policy]]:
    account, keystore = call.caller.account, call.services.keystore
    record = call.services.access.account(account)
    for scp in () if record is None else record.scps:
        yield PolicyKind.SCP.value, scp.name, parse_policy(scp.text, PolicyKind.SCP)
    owners: list[UserRecord | GroupRecord | RoleRecord] = [
        *keystore.users(account),
        *keystore.groups(account),
        *keystore.roles(account),
    ]
    for owner in owners:
        for policy in owner.inline:
            parsed = parse_policy(policy.text, PolicyKind.IDENTITY)
            yield PolicyKind.IDENTITY.value, f"{owner.arn} {policy.name}", parsed
        if isinstance(owner, RoleRecord):
            trust = parse_policy(owner.trust, PolicyKind.TRUST)
            yield PolicyKind.TRUST.value, owner.arn, trust
    for managed in keystore.managed_policies(account):
        yield (
            PolicyKind.IDENTITY.value,
            managed.arn,
            parse_policy(managed.text, PolicyKind.IDENTITY),
        )
    after: str | None = None
    while keys := keystore.keys(account, call.caller.region, after=after, limit=_KEYS_A_PAGE):
        for key in keys:
            yield "key policy", key.arn, parse_policy(key.policy, PolicyKind.KEY)
        after = keys[-1].key_id


def _wanted(call: Call, where: str, name: str, statement: Statement) -> bool:
    principal, action = call.text("Principal"), call.text("Action").lower()
    if principal and not _names(where, name, statement, principal):
        return False
    if action:
        covered = any(matches(pattern.lower(), action) for pattern in statement.actions)
        if covered == statement.inverted_action:
            return False
    resource = call.text("Resource")
    if not resource:
        return True
    if where == "key policy":
        return resource == name or resource in name
    covered = any(matches(pattern, resource) for pattern in statement.resources)
    return covered != statement.inverted_resource


def _names(where: str, name: str, statement: Statement, principal: str) -> bool:
    if statement.principals is None:
        return where == PolicyKind.SCP.value or name.startswith(f"{principal} ")
    named = {*statement.principals.aws, *statement.principals.services}
    mine = {principal, "*"}
    try:
        account = Arn.parse(principal).account
        mine |= {account, root_arn(account)}
    except ValueError:
        pass
    return named.isdisjoint(mine) == statement.inverted_principal


def _statement(where: str, name: str, number: int, statement: Statement) -> dict[str, Any]:
    principals = statement.principals
    return {
        "Where": where,
        "Name": name,
        "Number": number,
        "Sid": statement.sid,
        "Effect": "Allow" if statement.allow else "Deny",
        "Principals": [] if principals is None else [*principals.aws, *principals.services],
        "InvertedPrincipal": statement.inverted_principal,
        "Actions": list(statement.actions),
        "InvertedAction": statement.inverted_action,
        "Resources": list(statement.resources),
        "Conditional": bool(statement.conditions),
    }
