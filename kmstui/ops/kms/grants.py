"""CreateGrant, ListGrants and ListRetirableGrants.

A grant lets one principal use one key for a list of operations. Here it is in force at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kmstui.core.arn import key_arn, root_arn
from kmstui.core.errors import InvalidArnException, LimitExceededException, ValidationException
from kmstui.core.limits import GRANTS_PER_KEY, LIST_GRANTS_DEFAULT, LIST_GRANTS_MAX
from kmstui.core.spec import (
    GRANT_STATES,
    Answer,
    Kind,
    Member,
    Needs,
    ResourceKind,
    operation,
)
from kmstui.keystore import GrantRecord
from kmstui.keystore.records import KeyRecord
from kmstui.ops.call import Call
from kmstui.ops.kms import answers
from kmstui.ops.kms import grant_checks as checks
from kmstui.ops.kms import members as m
from kmstui.ops.kms.grant_facts import grant_facts
from kmstui.ops.kms.grant_tokens import make_token
from kmstui.ops.kms.retirement import find_grant, unknown_grant
from kmstui.ops.paging import page_limit, paged, read_marker
from kmstui.ops.settings import GRANTS_PER_PRINCIPAL, setting_of

_CONSTRAINTS = Member(
    "Constraints",
    Kind.STRUCTURE,
    members=(
        m.context(checks.SUBSET),
        m.context(checks.EQUALS),
        Member(
            checks.SOURCE,
            Kind.TEXT,
            minimum=20,
            maximum=512,
            pattern="^arn:aws[a-z0-9-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+$",
            doc="The resource on whose behalf the grant may be used.",
        ),
    ),
    doc="When the grant applies; without constraints always.",
)


def _fits_create(call: Call) -> None:
    key = call.key
    checks.check_key(call, key)
    checks.check_principals(call)
    wanted = _requested(call, "")
    checks.check_parent(call, key, grant_facts(wanted))
    if _same(call, wanted) is None:
        _check_room(call, key, wanted.grantee)


def _check_room(call: Call, key: KeyRecord, grantee: str) -> None:
    """Refuse one grant too many: on the key, or on the key to one principal if that is limited."""
    keystore, place = call.services.keystore, (key.account, key.region, key.key_id)
    if keystore.grant_count(*place) >= GRANTS_PER_KEY:
        raise LimitExceededException(
            f"{key.arn} already has {GRANTS_PER_KEY} grants.",
            hint="Revoke grants that are not needed any more.",
        )
    most = int(setting_of(keystore, GRANTS_PER_PRINCIPAL))
    if most and len(keystore.grants_for(*place, grantee)) >= most:
        raise LimitExceededException(
            f"{key.arn} already has {most} grants to {grantee}.",
            hint=f"The setting {GRANTS_PER_PRINCIPAL} says how many; revoke some or raise it.",
        )


def _requested(call: Call, grant_id: str) -> GrantRecord:
    """Return the grant that a request is about."""
    key, given = call.key, checks.constraints(call)
    return GrantRecord(
        key.account,
        key.region,
        key.key_id,
        grant_id,
        call.text("Name"),
        call.now,
        grantee=call.text("GranteePrincipal") or call.text("GranteeServicePrincipal"),
        grantee_is_service=call.has("GranteeServicePrincipal"),
        retiring=call.text("RetiringPrincipal") or call.text("RetiringServicePrincipal"),
        retiring_is_service=call.has("RetiringServicePrincipal"),
        issuing_account=root_arn(call.caller.account),
        operations=tuple(dict.fromkeys(call.items("Operations"))),
        equals=_pairs(given.get(checks.EQUALS)),
        subset=_pairs(given.get(checks.SUBSET)),
        source_arn=given.get(checks.SOURCE, ""),
    )


def _pairs(given: dict[str, str] | None) -> tuple[tuple[str, str], ...] | None:
    return None if given is None else tuple(sorted(given.items()))


def _same(call: Call, wanted: GrantRecord) -> GrantRecord | None:
    """Return the grant that was already made by the same request under the same name."""
    if not wanted.name:
        return None
    place = (wanted.account, wanted.region, wanted.key_id)
    grants = call.services.keystore.grants_for(*place, wanted.grantee)
    return next((grant for grant in grants if _identity(grant) == _identity(wanted)), None)


def _identity(grant: GrantRecord) -> tuple[object, ...]:
    """Return everything of a grant that its request says; the order of operations says nothing."""
    return (
        grant.name,
        grant.grantee,
        grant.grantee_is_service,
        grant.retiring,
        grant.retiring_is_service,
        grant.issuing_account,
        frozenset(grant.operations),
        grant.equals,
        grant.subset,
        grant.source_arn,
    )


@operation(
    "kms",
    "CreateGrant",
    doc="Let a principal use a key, without changing a policy.",
    members=(
        m.key_id(),
        m.principal("GranteePrincipal", "Who gets the permissions."),
        m.principal("RetiringPrincipal", "Who may end the grant."),
        Member(
            "Operations",
            Kind.LIST,
            required=True,
            item=Member("GrantOperation", Kind.TEXT, enum=m.GRANT_OPERATIONS),
            doc="What the grant allows.",
        ),
        _CONSTRAINTS,
        m.GRANT_TOKENS,
        Member(
            "Name",
            Kind.TEXT,
            minimum=1,
            maximum=256,
            pattern="^[a-zA-Z0-9:/_-]+$",
            doc="The same request under the same name makes no second grant.",
        ),
        m.DRY_RUN,
        m.service_principal("GranteeServicePrincipal", "The service that gets the permissions."),
        m.service_principal("RetiringServicePrincipal", "The service that may end the grant."),
    ),
    answer=(Member("GrantToken", Kind.TEXT, sensitive=True), Member("GrantId", Kind.TEXT)),
    needs=(Needs("kms:CreateGrant"),),
    states=GRANT_STATES,
    grant="CreateGrant",
    cross_account=True,
    mutates=True,
    dry_run=True,
    check=checks.check_request,
    fits=_fits_create,
    logged=(
        "KeyId",
        "GranteePrincipal",
        "GranteeServicePrincipal",
        "RetiringPrincipal",
        "RetiringServicePrincipal",
        "Operations",
        "Constraints",
        "Name",
    ),
    logged_answer=("GrantId",),
    errors=(
        "NotFoundException",
        "DisabledException",
        "DependencyTimeoutException",
        "InvalidArnException",
        "KMSInternalException",
        "InvalidGrantTokenException",
        "LimitExceededException",
        "KMSInvalidStateException",
        "DryRunOperationException",
    ),
)
def create_grant(call: Call) -> Answer:
    """Store the grant, unless there is one already, and answer with a new token of it."""
    wanted = _requested(call, call.services.ids.material_id())
    grant = _same(call, wanted) or wanted
    if grant is wanted:
        call.writer.put_grant(grant)
    return {"GrantToken": make_token(call, grant), "GrantId": grant.grant_id}


def _check_list(call: Call) -> None:
    checks.check_one_of(call, "GranteePrincipal", "GranteeServicePrincipal", required=False)
    _check_service_filter(call, "GranteeServicePrincipal")


def _check_service_filter(call: Call, name: str) -> None:
    """Refuse a filter by service from anybody but a service."""
    if call.has(name) and call.caller.kind != "AWSService":
        raise ValidationException(f"{name} can be used by AWS services only.")


@operation(
    "kms",
    "ListGrants",
    doc="List the grants on a key.",
    members=(
        m.LIMIT,
        m.MARKER,
        m.key_id(),
        m.grant_id(required=False),
        m.principal("GranteePrincipal", "Only grants for this principal."),
        m.service_principal("GranteeServicePrincipal", "Only grants for this service."),
    ),
    answer=(answers.GRANTS, m.NEXT_MARKER, m.TRUNCATED),
    needs=(Needs("kms:ListGrants"),),
    cross_account=True,
    while_verifying=True,
    check=_check_list,
    logged=(
        "Limit",
        "Marker",
        "KeyId",
        "GrantId",
        "GranteePrincipal",
        "GranteeServicePrincipal",
    ),
    errors=(
        "NotFoundException",
        "DependencyTimeoutException",
        "InvalidMarkerException",
        "InvalidGrantIdException",
        "InvalidArnException",
        "KMSInternalException",
        "KMSInvalidStateException",
    ),
)
def list_grants(call: Call) -> Answer:
    """Return a page of grants, by grant id."""
    limit = page_limit(call, LIST_GRANTS_DEFAULT, LIST_GRANTS_MAX)
    grantee = call.text("GranteePrincipal") or call.text("GranteeServicePrincipal")
    scope = "\n".join((call.key.arn, call.text("GrantId"), grantee))
    after = read_marker(call, scope)
    return paged(
        call,
        "Grants",
        _found(call, grantee, after, limit + 1),
        limit,
        place=lambda grant: grant.grant_id,
        show=lambda grant: _shown(call, grant),
        scope=scope,
    )


def _found(call: Call, grantee: str, after: str | None, limit: int) -> list[GrantRecord]:
    keystore, key = call.services.keystore, call.key
    place = (key.account, key.region, key.key_id)
    if call.has("GrantId"):
        grant = find_grant(call, key)
        if grant is None:
            raise unknown_grant(call)
        return [grant] if grantee in {"", grant.grantee} else []
    if grantee:
        grants = _behind(keystore.grants_for(*place, grantee), after)
        service = call.has("GranteeServicePrincipal")
        return [grant for grant in grants if grant.grantee_is_service is service][:limit]
    return keystore.grants_of_key(*place, after=after, limit=limit)


def _behind(grants: Iterable[GrantRecord], after: str | None) -> list[GrantRecord]:
    ordered = sorted(grants, key=lambda grant: grant.grant_id)
    return [grant for grant in ordered if after is None or grant.grant_id > after]


def _check_retirable(call: Call) -> None:
    checks.check_one_of(call, "RetiringPrincipal", "RetiringServicePrincipal", required=True)
    _check_service_filter(call, "RetiringServicePrincipal")
    if call.has("RetiringPrincipal"):
        text = call.text("RetiringPrincipal")
        if checks.principal_account(text) != call.caller.account:
            raise InvalidArnException(
                f"ARN does not refer to a valid principal: {text}",
                hint="Name a principal of your own account.",
            )


@operation(
    "kms",
    "ListRetirableGrants",
    doc="List the grants that a principal may retire, on the keys of any account.",
    members=(
        m.LIMIT,
        m.MARKER,
        m.principal("RetiringPrincipal", "A principal of the caller's account."),
        m.service_principal("RetiringServicePrincipal", "The service that calls."),
    ),
    answer=(answers.GRANTS, m.NEXT_MARKER, m.TRUNCATED),
    needs=(
        Needs(
            "kms:ListRetirableGrants",
            ResourceKind.PRINCIPAL,
            member="RetiringPrincipal",
            role="retiring",
            when="RetiringPrincipal",
        ),
    ),
    while_verifying=True,
    check=_check_retirable,
    logged=("Limit", "Marker", "RetiringPrincipal", "RetiringServicePrincipal"),
    errors=(
        "DependencyTimeoutException",
        "InvalidMarkerException",
        "InvalidArnException",
        "NotFoundException",
        "KMSInternalException",
    ),
)
def list_retirable_grants(call: Call) -> Answer:
    """Return a page of the Region's grants with that retiring principal."""
    limit = page_limit(call, LIST_GRANTS_DEFAULT, LIST_GRANTS_MAX)
    # A service sees its own grants and no other's: nothing but its name is authorised.
    principal = call.text("RetiringPrincipal") or call.caller.arn
    found = call.services.keystore.grants_retirable(
        principal, region=call.caller.region, after=read_marker(call, principal), limit=limit + 1
    )
    return paged(
        call,
        "Grants",
        found,
        limit,
        place=lambda grant: f"{grant.account}/{grant.region}/{grant.key_id}/{grant.grant_id}",
        show=lambda grant: _shown(call, grant),
        scope=principal,
    )


def _shown(call: Call, grant: GrantRecord) -> dict[str, Any]:
    """Return a grant's entry with unique ids in the place of principals who were deleted."""
    entry = grant_entry(grant)
    for name in ("GranteePrincipal", "RetiringPrincipal"):
        if name in entry and not call.services.access.exists(entry[name]):
            departed = call.services.keystore.departed(entry[name])
            entry[name] = departed[-1].unique_id if departed else entry[name]
    return entry


def grant_entry(grant: GrantRecord) -> dict[str, Any]:
    """Return a grant as listings show it (AWS's GrantListEntry)."""
    entry: dict[str, Any] = {
        "KeyId": key_arn(grant.account, grant.region, grant.key_id),
        "GrantId": grant.grant_id,
        "Name": grant.name,
        "CreationDate": grant.created,
        _member("Grantee", service=grant.grantee_is_service): grant.grantee,
        "IssuingAccount": grant.issuing_account,
        "Operations": list(grant.operations),
    }
    if grant.retiring:
        entry[_member("Retiring", service=grant.retiring_is_service)] = grant.retiring
    given = {
        checks.EQUALS: None if grant.equals is None else dict(grant.equals),
        checks.SUBSET: None if grant.subset is None else dict(grant.subset),
        checks.SOURCE: grant.source_arn or None,
    }
    shown = {name: value for name, value in given.items() if value is not None}
    return entry | ({"Constraints": shown} if shown else {})


def _member(role: str, *, service: bool) -> str:
    return f"{role}ServicePrincipal" if service else f"{role}Principal"
