"""Managed policies attached to users, groups and roles, and those that bound them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from kmstui.core.errors import IamLimitExceededException, NoSuchEntityException
from kmstui.core.limits import ATTACHED_POLICIES
from kmstui.core.spec import Answer, Kind, Member, operation
from kmstui.ops.call import Call
from kmstui.ops.iam import members as m
from kmstui.ops.iam import shapes
from kmstui.ops.iam.holders import (
    KINDS,
    ROLE,
    USER,
    HolderKind,
    boundary_of,
    holders,
    with_boundary,
)
from kmstui.ops.iam.pages import listed
from kmstui.ops.iam.resolve import find_policy


def _register_attach(kind: HolderKind) -> None:
    @operation(
        "iam",
        f"Attach{kind.noun}Policy",
        doc=f"Attach a managed policy to a {kind.word}.",
        members=(kind.name(short=True), m.policy_arn()),
        needs=(kind.needs(f"Attach{kind.noun}Policy"),),
        mutates=True,
        logged=(kind.name_member, "PolicyArn"),
        errors=(
            m.ABSENT,
            m.LIMIT,
            m.INVALID,
            *kind.unmodifiable,
            m.NOT_ATTACHABLE,
            m.FAILURE,
        ),
    )
    def attach(call: Call) -> Answer:
        """Write the policy down with the holder; again changes nothing."""
        holder, arn = kind.find(call), find_policy(call).arn
        if arn not in holder.attached:
            if len(holder.attached) >= ATTACHED_POLICIES:
                raise IamLimitExceededException(
                    f"Cannot exceed quota for PoliciesPer{kind.noun}: {ATTACHED_POLICIES}"
                )
            kind.put(call.writer, replace(holder, attached=(*holder.attached, arn)))
        return {}


def _register_detach(kind: HolderKind) -> None:
    @operation(
        "iam",
        f"Detach{kind.noun}Policy",
        doc=f"Detach a managed policy from a {kind.word}.",
        members=(kind.name(short=True), m.policy_arn()),
        needs=(kind.needs(f"Detach{kind.noun}Policy"),),
        mutates=True,
        logged=(kind.name_member, "PolicyArn"),
        errors=(m.ABSENT, m.LIMIT, m.INVALID, *kind.unmodifiable, m.FAILURE),
    )
    def detach(call: Call) -> Answer:
        """Strike the policy out with the holder."""
        holder, arn = kind.find(call), call.text("PolicyArn")
        if arn not in holder.attached:
            find_policy(call)
            raise NoSuchEntityException(f"Policy {arn} was not found.")
        kept = tuple(each for each in holder.attached if each != arn)
        kind.put(call.writer, replace(holder, attached=kept))
        return {}


def _register_list(kind: HolderKind) -> None:
    @operation(
        "iam",
        f"ListAttached{kind.noun}Policies",
        doc=f"List the managed policies that are attached to a {kind.word}.",
        members=(kind.name(short=True), m.path_prefix(m.POLICY_PATH_PATTERN), *m.PAGING),
        answer=(Member("AttachedPolicies", Kind.LIST), *m.PAGE_ANSWER),
        needs=(kind.needs(f"ListAttached{kind.noun}Policies"),),
        while_verifying=True,
        logged=(kind.name_member, "PathPrefix", "Marker", "MaxItems"),
        errors=(m.ABSENT, m.INVALID, m.FAILURE),
    )
    def list_attached(call: Call) -> Answer:
        """Return a page of policies, by name and by whether AWS manages them."""
        holder, prefix = kind.find(call), call.text("PathPrefix", "/")
        arns = [arn for arn in holder.attached if _path_of(arn).startswith(prefix)]
        return listed(
            call,
            "AttachedPolicies",
            sorted(shapes.attached_policies(arns), key=_place),
            place=_place,
            show=lambda entry: entry,
            scope=f"{holder.arn} {prefix}",
        )


def _path_of(arn: str) -> str:
    return arn.partition(":policy")[2].rpartition("/")[0] + "/"


def _place(entry: shapes.Shown) -> str:
    name: str = entry["PolicyName"]
    return f"{name.lower()} {':aws:policy/' in entry['PolicyArn']}"


def _register_bound(kind: HolderKind) -> None:
    @operation(
        "iam",
        f"Put{kind.noun}PermissionsBoundary",
        doc=f"Bound what a {kind.word} can be allowed by a managed policy.",
        members=(kind.name(short=True), m.policy_arn("PermissionsBoundary")),
        needs=(kind.needs(f"Put{kind.noun}PermissionsBoundary"),),
        mutates=True,
        logged=(kind.name_member, "PermissionsBoundary"),
        errors=(m.ABSENT, m.INVALID, *kind.unmodifiable, m.NOT_ATTACHABLE, m.FAILURE),
    )
    def put(call: Call) -> Answer:
        """Write the policy down as the holder's bound."""
        boundary = find_policy(call, "PermissionsBoundary").arn
        kind.put(call.writer, with_boundary(kind.find(call), boundary))
        return {}

    @operation(
        "iam",
        f"Delete{kind.noun}PermissionsBoundary",
        doc=f"Let a {kind.word} be allowed anything again.",
        members=(kind.name(short=True),),
        needs=(kind.needs(f"Delete{kind.noun}PermissionsBoundary"),),
        mutates=True,
        logged=(kind.name_member,),
        errors=(m.ABSENT, *kind.unmodifiable, m.FAILURE),
    )
    def delete(call: Call) -> Answer:
        """Strike the bound out."""
        holder = kind.find(call)
        if not boundary_of(holder):
            raise NoSuchEntityException(
                f"The {kind.word} {holder.name} has no permissions boundary."
            )
        kind.put(call.writer, with_boundary(holder, ""))
        return {}


def uses_of(call: Call) -> dict[str, tuple[int, int]]:
    """Return how often each managed policy is attached, and how often it bounds, by ARN."""
    found = tuple(holders(call))
    attached = Counter(arn for holder in found for arn in holder.attached)
    bounds = Counter(boundary_of(holder) for holder in found)
    return {arn: (attached[arn], bounds[arn]) for arn in attached.keys() | bounds.keys()}


for _kind in KINDS:
    _register_attach(_kind)
    _register_detach(_kind)
    _register_list(_kind)
for _kind in (USER, ROLE):
    _register_bound(_kind)
