"""Policies embedded in a user, group or role."""

from __future__ import annotations

from dataclasses import replace

from kmstui.core.errors import IamLimitExceededException, NoSuchEntityException
from kmstui.core.spec import Answer, Kind, Member, operation
from kmstui.keystore import PolicyText
from kmstui.ops.call import Call
from kmstui.ops.iam import members as m
from kmstui.ops.iam.documents import check_identity, size_of
from kmstui.ops.iam.holders import KINDS, Holder, HolderKind
from kmstui.ops.iam.pages import listed

_POLICY_NAME = m.name("PolicyName", doc="Name of the embedded policy.")


def _found(kind: HolderKind, holder: Holder, name: str) -> PolicyText:
    for policy in holder.inline:
        if policy.name == name:
            return policy
    raise NoSuchEntityException(f"The {kind.word} policy with name {name} cannot be found.")


def _without(holder: Holder, name: str) -> tuple[PolicyText, ...]:
    return tuple(policy for policy in holder.inline if policy.name != name)


def _register_put(kind: HolderKind) -> None:
    @operation(
        "iam",
        f"Put{kind.noun}Policy",
        doc=f"Embed a policy in a {kind.word}, or replace the one of that name.",
        members=(kind.name(), _POLICY_NAME, m.document()),
        needs=(kind.needs(f"Put{kind.noun}Policy"),),
        mutates=True,
        check=check_identity,
        logged=(kind.name_member, "PolicyName", "PolicyDocument"),
        errors=(m.LIMIT, m.MALFORMED, m.ABSENT, *kind.unmodifiable, m.FAILURE),
    )
    def put(call: Call) -> Answer:
        """Store the text under its name."""
        holder, name = kind.find(call), call.text("PolicyName")
        added = PolicyText(name, call.text("PolicyDocument"))
        inline = tuple(
            sorted((*_without(holder, name), added), key=lambda policy: policy.name.lower())
        )
        if size_of(policy.text for policy in inline) > kind.characters:
            raise IamLimitExceededException(
                f"Maximum policy size of {kind.characters} bytes exceeded for "
                f"{kind.word} {holder.name}"
            )
        kind.put(call.writer, replace(holder, inline=inline))
        return {}


def _register_get(kind: HolderKind) -> None:
    @operation(
        "iam",
        f"Get{kind.noun}Policy",
        doc=f"Show a policy that is embedded in a {kind.word}.",
        members=(kind.name(), _POLICY_NAME),
        answer=(
            Member(kind.name_member, Kind.TEXT),
            Member("PolicyName", Kind.TEXT),
            Member("PolicyDocument", Kind.TEXT),
        ),
        needs=(kind.needs(f"Get{kind.noun}Policy"),),
        while_verifying=True,
        logged=(kind.name_member, "PolicyName"),
        errors=(m.ABSENT, m.FAILURE),
    )
    def get(call: Call) -> Answer:
        """Return the text as it was put."""
        holder = kind.find(call)
        policy = _found(kind, holder, call.text("PolicyName"))
        return {
            kind.name_member: holder.name,
            "PolicyName": policy.name,
            "PolicyDocument": policy.text,
        }


def _register_list(kind: HolderKind) -> None:
    @operation(
        "iam",
        f"List{kind.noun}Policies",
        doc=f"List the names of the policies that are embedded in a {kind.word}.",
        members=(kind.name(), *m.PAGING),
        answer=(Member("PolicyNames", Kind.LIST), *m.PAGE_ANSWER),
        needs=(kind.needs(f"List{kind.noun}Policies"),),
        while_verifying=True,
        logged=(kind.name_member, "Marker", "MaxItems"),
        errors=(m.ABSENT, m.FAILURE),
    )
    def list_(call: Call) -> Answer:
        """Return a page of names."""
        holder = kind.find(call)
        return listed(
            call,
            "PolicyNames",
            sorted(policy.name for policy in holder.inline),
            place=lambda name: name,
            show=lambda name: name,
            scope=holder.arn,
        )


def _register_delete(kind: HolderKind) -> None:
    @operation(
        "iam",
        f"Delete{kind.noun}Policy",
        doc=f"Remove a policy that is embedded in a {kind.word}.",
        members=(kind.name(), _POLICY_NAME),
        needs=(kind.needs(f"Delete{kind.noun}Policy"),),
        mutates=True,
        logged=(kind.name_member, "PolicyName"),
        errors=(m.ABSENT, m.LIMIT, *kind.unmodifiable, m.FAILURE),
    )
    def delete(call: Call) -> Answer:
        """Drop the text."""
        holder, name = kind.find(call), call.text("PolicyName")
        _found(kind, holder, name)
        kind.put(call.writer, replace(holder, inline=_without(holder, name)))
        return {}


for _kind in KINDS:
    _register_put(_kind)
    _register_get(_kind)
    _register_list(_kind)
    _register_delete(_kind)
