"""Condition keys about what a call of IAM or STS is done to: its tags, its bound, its account.

Source: Service Authorization Reference, *Actions, resources, and condition keys for AWS Identity
and Access Management*.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from kmstui.authz.model import ContextValue
from kmstui.core.arn import Arn
from kmstui.core.spec import Needs, ResourceKind
from kmstui.keystore import ManagedPolicyRecord, MfaDeviceRecord, RoleRecord, UserRecord
from kmstui.ops.call import Call

Target = UserRecord | RoleRecord | ManagedPolicyRecord | MfaDeviceRecord

_NAMED: Final = frozenset({ResourceKind.USER, ResourceKind.ROLE, ResourceKind.MANAGED_POLICY})


def target_of(call: Call, needs: Needs) -> Target | None:
    """Return what a pair is about, if it is of IAM and exists."""
    arn, keystore = call.arns.get(needs.role, ""), call.services.keystore
    if needs.resource is ResourceKind.MFA_DEVICE:
        return keystore.mfa_device(arn)
    if not arn or needs.resource not in _NAMED:
        return None
    parts = Arn.parse(arn)
    name = parts.resource.rpartition("/")[2]
    found: Target | None
    if needs.resource is ResourceKind.USER:
        found = keystore.user(parts.account, name)
    elif needs.resource is ResourceKind.ROLE:
        found = keystore.role(parts.account, name)
    else:
        found = keystore.managed_policy(parts.account, name)
    return found if found is not None and found.arn == arn else None


def target_tags(call: Call, needs: Needs) -> tuple[tuple[str, str], ...]:
    """Return the tags that a pair's user, role, policy or device has."""
    target = target_of(call, needs)
    return () if target is None else target.tags


def bound_of(call: Call, needs: Needs) -> ContextValue | None:
    """Return the permissions boundary that a request sets, or else that its target has."""
    if call.spec.member("PermissionsBoundary") is not None:
        return call.text("PermissionsBoundary") or None
    target = target_of(call, needs)
    return target.boundary or None if isinstance(target, UserRecord | RoleRecord) else None


def owner_of(call: Call, needs: Needs) -> str:
    """Return the account of a resource that is no key: the caller's, but for a role's trust."""
    if needs.action != "sts:AssumeRole":
        return call.caller.account
    return Arn.parse(call.arns[needs.role]).account


_TAG_MEMBERS: Final[Mapping[str, tuple[str, str]]] = {"kms": ("TagKey", "TagValue")}


def request_tags(call: Call) -> list[tuple[str, str]]:
    """Return the tags that a request sets; KMS spells their members otherwise than IAM and STS."""
    key, value = _TAG_MEMBERS.get(call.spec.service, ("Key", "Value"))
    tags: list[dict[str, Any]] = call.items("Tags")
    return [(tag[key], tag[value]) for tag in tags]
