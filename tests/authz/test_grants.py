"""Grants: what they allow, beside which denials, and that a child is no wider."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmstui.authz.evaluate import evaluate
from kmstui.authz.grants import GRANT_OPERATIONS, grant_allows, no_wider
from kmstui.authz.model import (
    GrantFacts,
    Layer,
    PolicyKind,
    PolicySet,
    Principal,
)
from tests.helpers.decisions import (
    ACCOUNT,
    PARTNER_ROOT_ARN,
    PARTNER_USER,
    PARTNER_USER_ARN,
    ROLE,
    ROLE_ARN,
    ROOT_ARN,
    SERVICE,
    SERVICE_NAME,
    SESSION,
    SESSION_ARN,
    USER,
    USER_ARN,
    allowing,
    attached,
    denying,
    key_policy,
    request,
    statement,
)

ENCRYPT = frozenset({"Encrypt"})
PAIRS = (("App", "x"), ("Tenant", "1"))
SHUT = key_policy(allowing(f"arn:aws:iam::{ACCOUNT}:user/nobody"))
IDENTITY = attached(PolicyKind.IDENTITY, statement())
NOTHING = attached(PolicyKind.BOUNDARY, statement(Action="s3:*"))


def grant(grantee: str = USER_ARN, **more: Any) -> GrantFacts:
    """Return a grant of Encrypt."""
    return GrantFacts(**{"grant_id": "1", "grantee": grantee, "operations": ENCRYPT} | more)


@pytest.mark.parametrize(
    ("principal", "grantee", "identity", "expected"),
    [
        (USER, USER_ARN, (), True),
        (USER, ROLE_ARN, (IDENTITY,), False),
        (USER, ROOT_ARN, (), False),
        (USER, ROOT_ARN, (IDENTITY,), True),
        (USER, ACCOUNT, (IDENTITY,), True),
        (SESSION, SESSION_ARN, (), True),
        (SESSION, ROLE_ARN, (), True),
        (ROLE, ROLE_ARN, (), True),
        (SERVICE, SERVICE_NAME, (), True),
        (PARTNER_USER, PARTNER_USER_ARN, (), True),
        (PARTNER_USER, PARTNER_ROOT_ARN, (), False),
        (PARTNER_USER, PARTNER_ROOT_ARN, (IDENTITY,), True),
    ],
)
def test_a_grantee_needs_no_policy(
    principal: Principal, grantee: str, identity: tuple[Any, ...], expected: bool
) -> None:
    """But an account's principals need their identity policies, in every account."""
    policies = PolicySet(SHUT, identity, grants=(grant(grantee),))
    decision = evaluate(request(principal), policies)
    assert expected is decision.allowed
    assert decision.grant_id == ("1" if expected else "")
    assert (decision.layer is Layer.GRANT) is expected


@pytest.mark.parametrize(
    "policies",
    [
        PolicySet(key_policy(denying(USER_ARN))),
        PolicySet(SHUT, (attached(PolicyKind.IDENTITY, statement("Deny")),)),
        PolicySet(SHUT, scps=((attached(PolicyKind.SCP, statement("Deny")),),)),
        PolicySet(SHUT, scps=((attached(PolicyKind.SCP, statement(Action="s3:*")),),)),
    ],
)
def test_no_grant_overrides_a_deny(policies: PolicySet) -> None:
    """Nor a service control policy that does not allow."""
    assert not evaluate(request(), replace(policies, grants=(grant(),))).allowed


@pytest.mark.parametrize(
    ("principal", "grantee", "limit", "expected"),
    [
        (USER, USER_ARN, {"boundary": NOTHING}, True),
        (SESSION, SESSION_ARN, {"session": ()}, True),
        (SESSION, ROLE_ARN, {"session": ()}, False),
        (SESSION, ROLE_ARN, {"boundary": NOTHING}, False),
        (USER, ROOT_ARN, {"boundary": NOTHING}, False),
    ],
)
def test_limits_bind_as_for_a_key_policy(
    principal: Principal, grantee: str, limit: dict[str, Any], expected: bool
) -> None:
    """A grantee itself is beyond boundary and session policies; a role or account is not."""
    policies = PolicySet(SHUT, (IDENTITY,), grants=(grant(grantee),), **limit)
    assert expected is evaluate(request(principal), policies).allowed


@pytest.mark.parametrize(
    ("constraint", "pairs", "expected"),
    [
        ({}, PAIRS, True),
        ({"equals": PAIRS}, PAIRS, True),
        ({"equals": PAIRS}, PAIRS[::-1], True),
        ({"equals": PAIRS}, PAIRS[:1], False),
        ({"equals": PAIRS[:1]}, PAIRS, False),
        ({"equals": PAIRS}, (), False),
        ({"subset": PAIRS[:1]}, PAIRS, True),
        ({"subset": PAIRS}, PAIRS[:1], False),
        ({"subset": (("app", "x"),)}, PAIRS, False),
        ({"subset": (("App", "X"),)}, PAIRS, False),
        ({"equals": PAIRS}, None, True),
        ({"source_arn": "arn:aws:s3:::b"}, PAIRS, False),
    ],
)
def test_constraints_bind_the_encryption_context(
    constraint: dict[str, Any], pairs: tuple[tuple[str, str], ...] | None, expected: bool
) -> None:
    """Exactly, in any order; operations without one are not constrained."""
    asked = request(encryption_context=pairs)
    assert expected is grant_allows(grant(**constraint), asked)
    assert expected is evaluate(asked, PolicySet(SHUT, grants=(grant(**constraint),))).allowed


def test_some_operations_ignore_the_encryption_context() -> None:
    """DescribeKey and RetireGrant, whatever the request carries."""
    bound = grant(operations=frozenset({"DescribeKey"}), equals=PAIRS)
    assert grant_allows(bound, request(action="kms:DescribeKey", encryption_context=()))


def test_a_source_constraint_asks_for_the_source() -> None:
    """The resource that a service acts for."""
    context = {"aws:sourcearn": "arn:aws:s3:::b"}
    assert grant_allows(grant(source_arn="arn:aws:s3:::b"), request(context=context))


def test_a_grant_allows_what_it_lists() -> None:
    """No other operation, and nothing that no grant can allow."""
    assert not grant_allows(grant(), request(action="kms:Decrypt"))
    assert not grant_allows(grant(), request(grant_operation=""))


PAIR_SETS = st.sampled_from([None, (), PAIRS, PAIRS[:1], PAIRS[1:], (("App", "y"),)])
GRANTS = st.builds(
    GrantFacts,
    grant_id=st.just("1"),
    grantee=st.just(USER_ARN),
    operations=st.frozensets(st.sampled_from(["Encrypt", "Decrypt", "DescribeKey"])),
    equals=PAIR_SETS,
    subset=PAIR_SETS,
    source_arn=st.sampled_from(["", "arn:aws:s3:::b"]),
)


@given(
    GRANTS,
    GRANTS,
    st.sampled_from(sorted(GRANT_OPERATIONS)),
    st.sampled_from([(), PAIRS, PAIRS[:1], PAIRS[1:], (("App", "y"),), (*PAIRS, ("Z", "1"))]),
    st.booleans(),
)
def test_a_child_allows_nothing_that_its_parent_does_not(
    child: GrantFacts,
    parent: GrantFacts,
    operation: str,
    pairs: tuple[tuple[str, str], ...],
    from_source: bool,
) -> None:
    """Of any two grants where one is no wider, it allows no request that the other refuses."""
    if not no_wider(child, parent):
        return
    context = {"aws:sourcearn": "arn:aws:s3:::b"} if from_source else {}
    asked = request(action=f"kms:{operation}", context=context, encryption_context=pairs)
    assert grant_allows(parent, asked) or not grant_allows(child, asked)


@pytest.mark.parametrize(
    ("child", "parent", "expected"),
    [
        ({}, {}, True),
        ({"operations": frozenset({"Encrypt", "Decrypt"})}, {}, False),
        ({"operations": frozenset()}, {}, True),
        ({"equals": PAIRS}, {}, True),
        ({"equals": PAIRS}, {"equals": PAIRS[::-1]}, True),
        ({"equals": PAIRS}, {"equals": PAIRS[:1]}, False),
        ({}, {"equals": PAIRS}, False),
        ({}, {"subset": PAIRS}, False),
        ({"subset": PAIRS}, {"subset": PAIRS[:1]}, True),
        ({"subset": PAIRS[:1]}, {"subset": PAIRS}, False),
        ({"equals": PAIRS}, {"subset": PAIRS[:1]}, True),
        ({"subset": PAIRS}, {"equals": PAIRS}, False),
        ({"source_arn": "arn:x"}, {}, True),
        ({}, {"source_arn": "arn:x"}, False),
    ],
)
def test_what_is_no_wider(child: dict[str, Any], parent: dict[str, Any], expected: bool) -> None:
    """Fewer or equal operations, constraints at least as strict."""
    assert expected is no_wider(grant(**child), grant(**parent))
