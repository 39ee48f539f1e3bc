"""Advice on a default deny: what nearly matched, and the smallest change that would allow it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmstui.authz.advice import NearMiss, Suggestion, apply, nearly, smallest_change
from kmstui.authz.document import parse_policy
from kmstui.authz.evaluate import evaluate, explain
from kmstui.authz.model import (
    AccessRequest,
    Element,
    GrantFacts,
    Layer,
    Outcome,
    PolicyKind,
    PolicySet,
    Principal,
)
from tests.helpers.decisions import (
    ACCOUNT,
    KEY,
    PARTNER_USER,
    ROLE,
    ROLE_ARN,
    ROOT,
    ROOT_ARN,
    SERVICE,
    SESSION,
    USER,
    USER_ARN,
    allowing,
    attached,
    denying,
    key_policy,
    request,
    statement,
)

IDENTITY = attached(PolicyKind.IDENTITY, statement(Action="kms:Sign"), name="user policy Mine")
DELEGATING = key_policy(allowing(ROOT_ARN))
AGE = "aws:MultiFactorAuthAge"
PAIRS = (("app", "one"), ("stage", "test"))
CONTEXT = {"kms:encryptioncontext:app": "one", "kms:encryptioncontext:stage": "test"}


def advised(asked: AccessRequest, policies: PolicySet) -> Suggestion:
    """Return the advice on a denied request, which must help when it is followed."""
    found = smallest_change(asked, policies, explain(asked, policies))
    assert found is not None
    if found.edits:
        assert evaluate(asked, apply(policies, found)).allowed
    return found


def refused(asked: AccessRequest, policies: PolicySet) -> bool:
    """Tell whether there is no advice."""
    return smallest_change(asked, policies, explain(asked, policies)) is None


def one_statement(found: Suggestion) -> dict[str, Any]:
    """Return the statement of advice with one edit."""
    (edit,) = found.edits
    item: dict[str, Any] = json.loads(edit.statement)
    return item


def test_nothing_is_advised_where_nothing_is_missing() -> None:
    """Not for what is allowed, nor against a Deny."""
    assert refused(request(), PolicySet(key_policy(allowing(USER_ARN))))
    assert refused(request(), PolicySet(key_policy(allowing(USER_ARN), denying(USER_ARN))))


def test_a_key_policy_names_the_caller() -> None:
    """A new statement has this principal, this action and nothing else."""
    found = advised(request(), PolicySet(key_policy(allowing(ROLE_ARN))))
    assert {
        "Sid": "AllowEncryptalice",
        "Effect": "Allow",
        "Principal": {"AWS": USER_ARN},
        "Action": "kms:Encrypt",
        "Resource": "*",
    } == one_statement(found)
    assert Layer.RESOURCE is found.edits[0].layer
    assert found.dangerous == ""
    assert f"Add a statement to key policy that allows kms:Encrypt to {USER_ARN}." == found.text


def test_a_session_is_named_by_its_role() -> None:
    """A session ends; its role stays."""
    found = advised(request(SESSION), PolicySet(key_policy(allowing(USER_ARN))))
    assert {"AWS": ROLE_ARN} == one_statement(found)["Principal"]


def test_a_service_is_named_by_its_name() -> None:
    """As a Service, not as an AWS principal."""
    found = advised(request(SERVICE), PolicySet(key_policy(allowing(ROOT_ARN))))
    assert {"Service": "s3.amazonaws.com"} == one_statement(found)["Principal"]


def test_where_the_key_delegates_the_identity_policy_is_missing() -> None:
    """The new policy names this key, and never every key."""
    found = advised(request(), PolicySet(DELEGATING, (IDENTITY,)))
    assert (Layer.IDENTITY, "") == (found.edits[0].layer, found.edits[0].policy)
    assert KEY == one_statement(found)["Resource"]
    parse_policy(found.edits[0].document, PolicyKind.IDENTITY)


def test_the_encryption_context_of_the_call_is_part_of_it() -> None:
    """A new statement asks for the pairs that the call has."""
    asked = request(context=CONTEXT, encryption_context=PAIRS)
    found = advised(asked, PolicySet(DELEGATING))
    assert {
        "StringEquals": {"kms:EncryptionContext:app": "one", "kms:EncryptionContext:stage": "test"}
    } == one_statement(found)["Condition"]


def test_text_like_a_variable_stays_text() -> None:
    """A value with ${...} in it is compared as it is."""
    asked = request(
        context={"kms:encryptioncontext:a": "${aws:username}"},
        encryption_context=(("a", "${aws:username}"),),
    )
    advised(asked, PolicySet(DELEGATING))


def test_an_entry_is_enough_where_only_the_action_differs() -> None:
    """A statement for this caller and key alone gets a further action."""
    mine = allowing(USER_ARN, Action=["kms:Decrypt", "kms:DescribeKey"], Sid="Mine")
    found = advised(request(), PolicySet(key_policy(allowing(ROLE_ARN), mine)))
    (edit,) = found.edits
    assert (2, "Action", "kms:Encrypt") == (edit.number, edit.element, edit.entry)
    assert ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt"] == one_statement(found)["Action"]
    assert 'Add "kms:Encrypt" to Action of statement 2 of key policy.' == found.text


def test_a_statement_for_others_too_is_left_alone() -> None:
    """An entry there would give the action to all that it names."""
    shared = allowing(USER_ARN, ROLE_ARN, Action="kms:Decrypt")
    (edit,) = advised(request(), PolicySet(key_policy(shared))).edits
    assert (0, "") == (edit.number, edit.entry)


def test_an_entry_is_enough_where_only_the_principal_differs() -> None:
    """Where a statement is about this action alone, it gets a further principal."""
    others = allowing(ROLE_ARN, Action="kms:Encrypt")
    (edit,) = advised(request(), PolicySet(key_policy(others))).edits
    assert ("Principal", USER_ARN) == (edit.element, edit.entry)


def test_an_entry_is_enough_where_only_a_value_differs() -> None:
    """A condition gets a further value where the statement is about this call alone."""
    mine = allowing(
        USER_ARN,
        Action="kms:Encrypt",
        Condition={"StringEquals": {"kms:EncryptionContext:app": "two"}},
    )
    asked = request(context=CONTEXT, encryption_context=PAIRS)
    (edit,) = advised(asked, PolicySet(key_policy(mine))).edits
    assert ("Condition StringEquals kms:EncryptionContext:app", "one") == (
        edit.element,
        edit.entry,
    )


@pytest.mark.parametrize("key", ["aws:PrincipalAccount", "kms:CallerAccount"])
def test_conditions_on_the_caller_are_not_loosened(key: str) -> None:
    """A further statement names the caller instead."""
    mine = allowing(USER_ARN, Action="kms:Encrypt", Condition={"StringEquals": {key: "1"}})
    asked = request(context={key.lower(): ACCOUNT})
    (edit,) = advised(asked, PolicySet(key_policy(mine))).edits
    assert edit.number == 0


def test_a_further_grant_where_grants_give_access() -> None:
    """A grantee without this one operation gets a grant of it, for the same context."""
    grant = GrantFacts("g-1", USER_ARN, frozenset({"Decrypt"}))
    asked = request(context=CONTEXT, encryption_context=PAIRS)
    found = advised(asked, PolicySet(key_policy(allowing(ROLE_ARN)), grants=(grant,)))
    assert {
        "GranteePrincipal": USER_ARN,
        "Operations": ["Encrypt"],
        "Constraints": {"EncryptionContextEquals": dict(PAIRS)},
    } == one_statement(found)
    assert f"Create a grant of Encrypt for {USER_ARN}." == found.text


def test_a_fresh_code_is_the_smallest_change() -> None:
    """No policy is touched where a code would do."""
    policy = key_policy(allowing(USER_ARN, Condition={"NumericLessThan": {AGE: 300}}))
    found = advised(request(action="kms:PutKeyPolicy"), PolicySet(policy))
    assert () == found.edits
    assert "MFA" in found.text


def test_another_account_needs_both_sides() -> None:
    """Its own identity policy and the key policy, which is said to be dangerous."""
    found = advised(request(PARTNER_USER), PolicySet(key_policy(allowing(ROOT_ARN))))
    assert {Layer.RESOURCE, Layer.IDENTITY} == {edit.layer for edit in found.edits}
    assert "444455556666" in found.dangerous


def test_what_does_not_work_across_accounts_cannot_be_allowed() -> None:
    """No policy helps there."""
    asked = request(PARTNER_USER, "kms:PutKeyPolicy", cross_account=False)
    assert refused(asked, PolicySet(key_policy(allowing("*"))))


def test_every_bound_is_looked_at() -> None:
    """Service control policies, boundary and session policies each get their statement."""
    nothing = statement(Action="s3:*")
    policies = PolicySet(
        key_policy(allowing(ROLE_ARN)),
        boundary=attached(PolicyKind.BOUNDARY, nothing),
        session=(attached(PolicyKind.SESSION, nothing),),
        scps=((attached(PolicyKind.SCP, nothing),), (attached(PolicyKind.SCP, nothing),)),
    )
    found = advised(request(SESSION), policies)
    layers = [Layer.SCP, Layer.SCP, Layer.BOUNDARY, Layer.SESSION]
    assert layers == [edit.layer for edit in found.edits]
    assert "account" in found.dangerous


@pytest.mark.parametrize(
    ("action", "context", "part"),
    [
        ("kms:PutKeyPolicy", {}, "every right"),
        ("kms:ScheduleKeyDeletion", {}, "deleted key"),
        ("kms:CreateGrant", {}, "unbounded"),
        ("kms:CreateGrant", {"kms:grantoperations": ("Decrypt",)}, ""),
        ("kms:CreateGrant", {"kms:granteeprincipal": USER_ARN}, ""),
        ("kms:Encrypt", {}, ""),
    ],
)
def test_dangerous_advice_says_why(action: str, context: dict[str, Any], part: str) -> None:
    """What gives away more than one call has a reason beside it."""
    found = advised(request(action=action, context=context), PolicySet(DELEGATING))
    assert part in found.dangerous
    assert bool(part) == bool(found.dangerous)


@pytest.mark.parametrize(
    ("action", "part"), [("iam:PutUserPolicy", "itself more"), ("iam:DeactivateMFADevice", "away")]
)
def test_rights_over_rights_are_dangerous(action: str, part: str) -> None:
    """Also outside of KMS."""
    asked = request(action=action, resource=USER_ARN, grant_operation="")
    assert part in advised(asked, PolicySet()).dangerous


def test_names_of_statements_stay_unique() -> None:
    """A Sid that is taken gets a number."""
    policy = key_policy(allowing(ROLE_ARN, Sid="AllowEncryptalice"))
    found = advised(request(), PolicySet(policy))
    assert one_statement(found)["Sid"] == "AllowEncryptalice2"


def test_a_trust_policy_has_no_resource() -> None:
    """Who may assume a role is said without one."""
    trust = attached(
        PolicyKind.TRUST,
        {"Effect": "Allow", "Principal": {"AWS": ROOT_ARN}, "Action": "sts:TagSession"},
    )
    asked = request(action="sts:AssumeRole", resource=ROLE_ARN, grant_operation="")
    found = advised(asked, PolicySet(trust, (IDENTITY,)))
    assert "Resource" not in one_statement(found)


def test_what_nearly_matched_misses_one_element() -> None:
    """With what the statement wants and what was seen."""
    policies = PolicySet(
        key_policy(
            allowing(USER_ARN, Action="kms:Decrypt", Sid="Near"),
            allowing(ROLE_ARN, Action="kms:Decrypt", Sid="Far"),
            denying(USER_ARN, Condition={"Bool": {"aws:SecureTransport": "false"}}, Sid="Deny"),
        ),
        grants=(GrantFacts("g-1", USER_ARN, frozenset({"Decrypt"})),),
    )
    found = nearly(explain(request(context={"aws:securetransport": "true"}), policies))
    key = Layer.RESOURCE
    assert (
        NearMiss(key, "key policy", 1, "Near", True, Element.ACTION, "kms:Decrypt", "kms:Encrypt"),
        NearMiss(
            key,
            "key policy",
            3,
            "Deny",
            False,
            Element.CONDITION,
            "Bool aws:SecureTransport false",
            "true",
        ),
        NearMiss(Layer.GRANT, "g-1", 0, "", True, Element.ACTION, "Decrypt", "Encrypt"),
    ) == found


PRINCIPALS = st.sampled_from([USER, ROLE, SESSION, ROOT, SERVICE, PARTNER_USER])
ACTIONS = st.sampled_from(["kms:Encrypt", "kms:Decrypt", "kms:PutKeyPolicy", "kms:CreateGrant"])
PATTERNS = st.sampled_from(["kms:*", "kms:Enc*", "kms:Decrypt", "kms:PutKeyPolicy", "s3:*"])
CONDITIONS = st.sampled_from(
    [
        None,
        {"StringEquals": {"kms:EncryptionContext:app": "two"}},
        {"StringLike": {"kms:EncryptionContext:app": "o*"}},
        {"Bool": {"aws:SecureTransport": "true"}},
        {"NumericLessThan": {AGE: "300"}},
        {"ForAllValues:StringEquals": {"kms:GrantOperations": ["Decrypt"]}},
    ]
)
EFFECTS = st.sampled_from(["Allow", "Allow", "Allow", "Deny"])
PLAIN = st.builds(
    statement,
    EFFECTS,
    Action=st.lists(PATTERNS, min_size=1, max_size=2),
    Resource=st.sampled_from(["*", KEY, f"{KEY}x"]),
    Condition=CONDITIONS,
)
WITH_PRINCIPAL = st.builds(
    statement,
    EFFECTS,
    Principal=st.sampled_from(
        [{"AWS": USER_ARN}, {"AWS": [ROLE_ARN, ROOT_ARN]}, {"AWS": PARTNER_USER.arn}]
    ),
    Action=st.lists(PATTERNS, min_size=1, max_size=2),
    Condition=CONDITIONS,
)


def policies_of(kind: PolicyKind) -> st.SearchStrategy[Any]:
    """Return policies of a kind."""
    items = st.lists(PLAIN, min_size=1, max_size=3)
    return items.map(lambda found: attached(kind, *found))


SETS = st.builds(
    PolicySet,
    resource=st.lists(WITH_PRINCIPAL, min_size=1, max_size=3).map(
        lambda found: key_policy(*found)
    ),
    identity=st.lists(policies_of(PolicyKind.IDENTITY), max_size=2).map(tuple),
    boundary=st.none() | policies_of(PolicyKind.BOUNDARY),
    session=st.none() | st.lists(policies_of(PolicyKind.SESSION), max_size=1).map(tuple),
    scps=st.lists(
        st.lists(policies_of(PolicyKind.SCP), min_size=1, max_size=1).map(tuple), max_size=2
    ).map(tuple),
    grants=st.lists(
        st.builds(
            GrantFacts,
            st.just("g-1"),
            st.sampled_from([USER_ARN, ROLE_ARN, ROOT_ARN]),
            st.sampled_from([frozenset({"Decrypt"}), frozenset({"Encrypt", "Decrypt"})]),
            equals=st.sampled_from([None, PAIRS]),
            source_arn=st.sampled_from(["", KEY]),
        ),
        max_size=2,
    ).map(tuple),
)


@given(principal=PRINCIPALS, action=ACTIONS, policies=SETS, with_context=st.booleans())
@settings(max_examples=300, deadline=None)
def test_advice_that_is_followed_helps(
    principal: Principal, action: str, policies: PolicySet, with_context: bool
) -> None:
    """Every default deny of a call in reach has advice, and with it the call is allowed."""
    asked = request(principal, action)
    if with_context:
        asked = replace(asked, context=CONTEXT, encryption_context=PAIRS)
    before = explain(asked, policies)
    found = smallest_change(asked, policies, before)
    assert (before.decision.outcome is Outcome.IMPLICITLY_DENIED) == (found is not None)
    if found is not None and found.edits:
        assert evaluate(asked, apply(policies, found)).allowed
