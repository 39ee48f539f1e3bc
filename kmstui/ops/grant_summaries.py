"""All grants of an account and Region for the console, as an operation of service ``kmstui``."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from kmstui.core.limits import GRANTS_PER_KEY
from kmstui.core.spec import Answer, Kind, Member, Needs, ResourceKind, operation
from kmstui.keystore import GrantRecord
from kmstui.ops.call import Call
from kmstui.ops.kms import members as m
from kmstui.ops.kms.grants import grant_entry
from kmstui.ops.paging import paged, read_marker
from kmstui.ops.settings import GRANTS_PER_PRINCIPAL, setting_of

GRANTS_MAX: Final = 2_000
"""Rows of one page; a page holds the engine for some tens of milliseconds."""


@operation(
    "kmstui",
    "ListAllGrants",
    doc="List the grants on every key, with counts by key and by grantee.",
    members=(Member("Limit", Kind.INTEGER, minimum=1, maximum=GRANTS_MAX), m.MARKER),
    answer=(
        Member("Grants", Kind.LIST),
        Member(
            "CountsByKey",
            Kind.STRUCTURE,
            doc="From key ARN to the number of its grants on this page; pages add up.",
        ),
        Member(
            "CountsByGrantee",
            Kind.STRUCTURE,
            doc="From grantee to the number of its grants on this page; pages add up.",
        ),
        m.NEXT_MARKER,
        m.TRUNCATED,
    ),
    needs=(Needs("kmstui:ListAllGrants", ResourceKind.ACCOUNT, member=""),),
    while_verifying=True,
    logged=("Limit", "Marker"),
    errors=("InvalidMarkerException",),
)
def list_all_grants(call: Call) -> Answer:
    """Return a page of grants by key and grant id; ``Orphaned`` ones have no grantee any more."""
    limit, caller = call.number("Limit", 100), call.caller
    found = call.services.keystore.grants_in(
        caller.account, caller.region, after=read_marker(call), limit=limit + 1
    )
    page = found[:limit]
    grantees = Counter(grant.grantee for grant in page)
    orphaned = {grantee for grantee in grantees if _is_gone(call, grantee)}

    def show(grant: GrantRecord) -> dict[str, Any]:
        return grant_entry(grant) | {"Orphaned": grant.grantee in orphaned}

    answer = paged(
        call,
        "Grants",
        found,
        limit,
        place=lambda grant: f"{grant.key_id}/{grant.grant_id}",
        show=show,
    )
    keys = Counter(entry["KeyId"] for entry in answer["Grants"])
    return answer | {"CountsByKey": dict(keys), "CountsByGrantee": dict(grantees)}


def _is_gone(call: Call, grantee: str) -> bool:
    """Tell whether nobody can use a grant any more: its grantee was deleted.

    Once another principal has the ARN, the grant has the unique id of the one it was made for.
    """
    is_unique_id = grantee.isalnum()
    return is_unique_id or not call.services.access.exists(grantee)


@operation(
    "kmstui",
    "CountGrants",
    doc="Count the grants on a key, and those to one principal, and show how many there may be.",
    members=(
        m.key_id(),
        Member("Principal", Kind.TEXT, minimum=1, maximum=256, doc="Whose grants to count."),
    ),
    answer=(
        Member("Grants", Kind.INTEGER, doc="On the key."),
        Member("GrantsMax", Kind.INTEGER),
        Member("ToPrincipal", Kind.INTEGER, doc="On the key, to the principal."),
        Member("ToPrincipalMax", Kind.INTEGER, doc="Absent while there is no such limit."),
    ),
    needs=(Needs("kms:ListGrants"),),
    cross_account=True,
    while_verifying=True,
    logged=("KeyId", "Principal"),
    errors=("NotFoundException",),
)
def count_grants(call: Call) -> Answer:
    """Return the counts and their limits."""
    key, keystore = call.key, call.services.keystore
    place = (key.account, key.region, key.key_id)
    answer: Answer = {"Grants": keystore.grant_count(*place), "GrantsMax": GRANTS_PER_KEY}
    if call.has("Principal"):
        answer["ToPrincipal"] = len(keystore.grants_for(*place, call.text("Principal")))
        most = int(setting_of(keystore, GRANTS_PER_PRINCIPAL))
        if most:
            answer["ToPrincipalMax"] = most
    return answer
