"""Key policies: reading and replacing them."""

from __future__ import annotations

from dataclasses import replace

from kmstui.authz.model import PolicyKind
from kmstui.core.errors import NotFoundException, ValidationException
from kmstui.core.limits import LIST_POLICIES_DEFAULT, LIST_POLICIES_MAX
from kmstui.core.spec import Answer, Kind, Member, Needs, operation
from kmstui.ops.call import Call
from kmstui.ops.iam.departed import shown_policy
from kmstui.ops.kms import answers
from kmstui.ops.kms import members as m
from kmstui.ops.kms.guard import check_lockout, check_policy
from kmstui.ops.paging import page_limit, paged, read_marker

_ERRORS = (
    "NotFoundException",
    "InvalidArnException",
    "DependencyTimeoutException",
    "KMSInternalException",
    "KMSInvalidStateException",
)
_POLICY_NAME = Member(
    "PolicyName", Kind.TEXT, minimum=1, maximum=128, pattern=r"[\w]+", default="default"
)


def _require_default(call: Call) -> None:
    if call.text("PolicyName", "default") != "default":
        raise NotFoundException("No such policy exists")


@operation(
    "kms",
    "GetKeyPolicy",
    doc="Show a key's policy.",
    members=(m.key_id(), _POLICY_NAME),
    answer=(Member("Policy", Kind.TEXT), Member("PolicyName", Kind.TEXT)),
    needs=(Needs("kms:GetKeyPolicy"),),
    while_verifying=True,
    logged=("KeyId", "PolicyName"),
    errors=_ERRORS,
)
def get_key_policy(call: Call) -> Answer:
    """Return the policy as it was put, but for unique ids of those who were deleted since."""
    _require_default(call)
    policy = shown_policy(call.services.keystore, call.key.policy, PolicyKind.KEY)
    return {"Policy": policy, "PolicyName": "default"}


def _check_put(call: Call) -> None:
    name = call.text("PolicyName", "default")
    if name == "AWS_RAM":
        raise ValidationException("The AWS_RAM policy can only be managed by the RAM service")
    _require_default(call)
    check_policy(call)


def _fits_put(call: Call) -> None:
    check_lockout(call, call.key.arn, call.key)


@operation(
    "kms",
    "PutKeyPolicy",
    doc="Replace a key's policy.",
    members=(m.key_id(), _POLICY_NAME, m.policy(required=True), m.BYPASS),
    needs=(Needs("kms:PutKeyPolicy"),),
    mutates=True,
    critical=True,
    check=_check_put,
    fits=_fits_put,
    logged=("KeyId", "PolicyName", "Policy", "BypassPolicyLockoutSafetyCheck"),
    errors=(
        *_ERRORS,
        "MalformedPolicyDocumentException",
        "UnsupportedOperationException",
        "LimitExceededException",
    ),
)
def put_key_policy(call: Call) -> Answer:
    """Store the policy text."""
    call.writer.put_key(replace(call.key, policy=call.text("Policy")))
    return {}


@operation(
    "kms",
    "ListKeyPolicies",
    doc="List the names of a key's policies.",
    members=(m.key_id(), m.LIMIT, m.MARKER),
    answer=(answers.texts("PolicyNames"), m.NEXT_MARKER, m.TRUNCATED),
    needs=(Needs("kms:ListKeyPolicies"),),
    while_verifying=True,
    logged=("KeyId", "Limit", "Marker"),
    errors=_ERRORS,
)
def list_key_policies(call: Call) -> Answer:
    """Return the one name there is."""
    limit = page_limit(call, LIST_POLICIES_DEFAULT, LIST_POLICIES_MAX)
    after = read_marker(call, call.key.arn)
    names = [name for name in ("default",) if after is None or name > after]
    return paged(
        call,
        "PolicyNames",
        names,
        limit,
        place=lambda name: name,
        show=lambda name: name,
        scope=call.key.arn,
    )
