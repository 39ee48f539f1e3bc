"""Rules for tags and policies that several operations share."""

from __future__ import annotations

from kmstui.authz.document import parse_policy
from kmstui.authz.model import PolicyKind
from kmstui.core.errors import (
    MalformedPolicyDocumentException,
    TagException,
    UnsupportedOperationException,
)
from kmstui.core.limits import TAGS_PER_KEY
from kmstui.keystore.records import KeyRecord
from kmstui.ops.call import Call


def tag_pairs(call: Call) -> tuple[tuple[str, str], ...]:
    """Return the tags of the request."""
    return tuple((tag["TagKey"], tag["TagValue"]) for tag in call.items("Tags"))


def check_tags(call: Call) -> None:
    """Refuse tags that no key may carry.

    Raises:
        TagException: A reserved prefix, a duplicate key, or too many.
    """
    keys = [key for key, _ in tag_pairs(call)]
    check_tag_keys(keys)
    if len(set(keys)) != len(keys):
        raise TagException("Duplicate tag keys")
    if len(keys) > TAGS_PER_KEY:
        raise TagException("Too many tags")


def check_tag_keys(keys: list[str]) -> None:
    """Refuse tag keys with the reserved prefix, in any case.

    Raises:
        TagException: A key begins with ``aws:``.
    """
    if any(key.lower().startswith("aws:") for key in keys):
        raise TagException("Tags beginning with aws: are reserved")


def origin_refusal(key: KeyRecord) -> UnsupportedOperationException:
    """Return the refusal of what a key of its origin does not have."""
    return UnsupportedOperationException(
        f"{key.arn} origin is {key.origin} which is not valid for this operation."
    )


def check_policy(call: Call) -> None:
    """Refuse a policy document that is malformed or names a principal that does not exist.

    Raises:
        LimitExceededException: The document is longer than 32,768 bytes.
        MalformedPolicyDocumentException: It is malformed.
    """
    if not call.has("Policy"):
        return
    for statement in parse_policy(call.text("Policy"), PolicyKind.KEY).statements:
        for principal in () if statement.principals is None else statement.principals.aws:
            if not call.services.access.exists(principal):
                raise MalformedPolicyDocumentException(
                    "Policy contains a statement with one or more invalid principals.",
                    hint=f"{principal} does not exist.",
                )


def check_lockout(call: Call, arn: str, key: KeyRecord | None = None) -> None:
    """Refuse a policy for a key that would lock the caller out.

    Args:
        call: The call that brings the policy.
        arn: The key's ARN.
        key: The key; ``None`` for one that is still to be made.

    Raises:
        MalformedPolicyDocumentException: The lockout safety check fails.
    """
    if not call.has("Policy") or call.flag("BypassPolicyLockoutSafetyCheck"):
        return
    policy = call.text("Policy")
    if not call.services.access.keeps_control(call, policy=policy, key=key, arn=arn):
        raise MalformedPolicyDocumentException(
            "The new key policy will not allow you to update the key policy in the future.",
            hint="Keep a statement that lets you, or the account, call kms:PutKeyPolicy.",
        )
