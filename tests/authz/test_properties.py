"""What holds of every policy: generated ones, up to the largest."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kmstui.authz.document import Policy, parse_policy, print_policy
from kmstui.authz.evaluate import evaluate, explain
from kmstui.authz.model import (
    AccessRequest,
    AttachedPolicy,
    ContextValue,
    GrantFacts,
    Layer,
    Outcome,
    PolicyKind,
    PolicySet,
    StepOutcome,
)
from kmstui.authz.statement import NEGATED, Comparison
from tests.helpers.decisions import (
    ACCOUNT,
    KEY,
    PARTNER,
    PARTNER_ROOT,
    PARTNER_USER,
    PARTNER_USER_ARN,
    ROLE,
    ROLE_ARN,
    ROOT,
    ROOT_ARN,
    SERVICE,
    SERVICE_NAME,
    SESSION,
    SESSION_ARN,
    USER,
    USER_ARN,
)

WORDS = ["alice", "a*", "*", "300", "301", "true", "203.0.113.9", "10.0.0.0/8", "2024-01-01"]
VALUES = st.sampled_from([*WORDS, USER_ARN, "arn:aws:iam::*:*", "${aws:username}", "${*}", "${"])
KEYS = ["aws:username", "aws:PrincipalArn", "aws:MultiFactorAuthAge", "kms:GrantOperations"]
SEEN = st.one_of(st.sampled_from([*WORDS, USER_ARN]), st.tuples(), st.tuples(VALUES, VALUES))
CONTEXTS: st.SearchStrategy[dict[str, ContextValue]] = st.dictionaries(
    st.sampled_from([key.lower() for key in KEYS]), SEEN
)


def one_or_several(values: list[str]) -> st.SearchStrategy[Any]:
    """Return one of some values, or a list of some."""
    several = st.lists(st.sampled_from(values), min_size=1, max_size=3)
    return st.one_of(st.sampled_from(values), several)


@st.composite
def operators(draw: st.DrawFn) -> str:
    """Return a condition operator with whatever may stand before and behind it."""
    comparison = draw(st.sampled_from(Comparison))
    if comparison is Comparison.NULL:
        return comparison.value
    quantifier = draw(st.sampled_from(["", "ForAllValues:", "ForAnyValue:"]))
    return f"{quantifier}{comparison.value}{draw(st.sampled_from(['', 'IfExists']))}"


CONDITIONS = st.dictionaries(
    operators(),
    st.dictionaries(
        st.sampled_from(KEYS), st.one_of(VALUES, st.lists(VALUES, max_size=2)), max_size=2
    ),
    max_size=2,
)
ACTIONS = one_or_several(["kms:*", "kms:Encrypt", "KMS:enc*", "*", "s3:*", "kms:En?rypt"])
RESOURCES = one_or_several(
    ["*", KEY, f"arn:aws:kms:*:{ACCOUNT}:key/*", "arn:aws:s3:::${aws:username}"]
)
NAMED = one_or_several(["*", ROOT_ARN, PARTNER, USER_ARN, ROLE_ARN, SESSION_ARN, PARTNER_USER_ARN])


@st.composite
def statements(draw: st.DrawFn, kind: PolicyKind, effect: str = "") -> dict[str, Any]:
    """Return a statement of a kind of policy."""
    found: dict[str, Any] = {"Effect": effect or draw(st.sampled_from(["Allow", "Deny"]))}
    if kind in {PolicyKind.KEY, PolicyKind.TRUST}:
        name = draw(st.sampled_from(["Principal", "Principal", "NotPrincipal"]))
        services = st.just({"Service": SERVICE_NAME})
        found[name] = draw(
            st.one_of(st.just("*"), st.builds(lambda aws: {"AWS": aws}, NAMED), services)
        )
    found[draw(st.sampled_from(["Action", "Action", "NotAction"]))] = draw(ACTIONS)
    if kind is not PolicyKind.TRUST:
        found[draw(st.sampled_from(["Resource", "Resource", "NotResource"]))] = draw(RESOURCES)
    if conditions := draw(CONDITIONS):
        found["Condition"] = conditions
    return found


@st.composite
def policies(draw: st.DrawFn, kind: PolicyKind, effect: str = "") -> AttachedPolicy:
    """Return a policy of a kind."""
    found: dict[str, Any] = {
        "Statement": draw(st.lists(statements(kind, effect), min_size=1, max_size=3))
    }
    version = draw(st.sampled_from(["2012-10-17", "2012-10-17", "2008-10-17", ""]))
    if version:
        found["Version"] = version
    if kind is not PolicyKind.SCP and draw(st.booleans()):
        found["Id"] = "x"
    return AttachedPolicy(kind.value, parse_policy(json.dumps(found), kind))


def some(kind: PolicyKind, size: int = 2) -> st.SearchStrategy[tuple[AttachedPolicy, ...]]:
    """Return some policies of a kind."""
    return st.lists(policies(kind), max_size=size).map(tuple)


GRANTS = st.builds(
    GrantFacts,
    grant_id=st.sampled_from(["1", "2"]),
    grantee=st.sampled_from([USER_ARN, ROLE_ARN, ROOT_ARN, SERVICE_NAME, PARTNER_USER_ARN]),
    operations=st.frozensets(st.sampled_from(["Encrypt", "Decrypt"])),
    subset=st.sampled_from([None, (("a", "1"),)]),
)
SETS = st.builds(
    PolicySet,
    resource=st.one_of(st.none(), policies(PolicyKind.KEY), policies(PolicyKind.TRUST)),
    identity=some(PolicyKind.IDENTITY),
    boundary=st.one_of(st.none(), policies(PolicyKind.BOUNDARY)),
    session=st.one_of(st.none(), some(PolicyKind.SESSION, 1)),
    scps=st.lists(some(PolicyKind.SCP, 1), max_size=2).map(tuple),
    grants=st.lists(GRANTS, max_size=2).map(tuple),
)
REQUESTS = st.builds(
    AccessRequest,
    principal=st.sampled_from([USER, ROOT, SESSION, ROLE, SERVICE, PARTNER_USER, PARTNER_ROOT]),
    action=st.sampled_from(["kms:Encrypt", "kms:Decrypt"]),
    resource=st.sampled_from([KEY, "*"]),
    resource_account=st.just(ACCOUNT),
    context=CONTEXTS,
    grant_operation=st.sampled_from(["Encrypt", ""]),
    cross_account=st.booleans(),
    encryption_context=st.sampled_from([None, (), (("a", "1"),)]),
)


@pytest.mark.parametrize("kind", PolicyKind)
@given(data=st.data())
def test_policies_print_and_parse_alike(kind: PolicyKind, data: st.DataObject) -> None:
    """What is printed is read as what was printed."""
    policy: Policy = data.draw(policies(kind)).policy
    again = parse_policy(print_policy(policy), kind)
    assert (policy.version, policy.id, policy.statements) == (
        again.version,
        again.id,
        again.statements,
    )
    assert print_policy(policy) == print_policy(again)


@given(REQUESTS, SETS)
def test_a_trace_gives_the_same_decision(asked: AccessRequest, found: PolicySet) -> None:
    """Always, and its steps show the statement or grant that decided."""
    trace = explain(asked, found)
    decision = evaluate(asked, found)
    assert decision == trace.decision
    if decision.statement:
        wanted = StepOutcome.ALLOW if decision.allowed else StepOutcome.DENY
        assert any(
            step.statement == decision.statement
            and (step.layer, step.outcome) == (decision.layer, wanted)
            for step in trace.steps
        )
    elif decision.layer is Layer.GRANT:
        assert any(step.outcome is StepOutcome.ALLOW for step in trace.steps)


@given(REQUESTS, SETS, policies(PolicyKind.IDENTITY, "Deny"))
def test_another_deny_never_allows(
    asked: AccessRequest, found: PolicySet, more: AttachedPolicy
) -> None:
    """Who is denied stays denied when a policy that only denies is added."""
    before = evaluate(asked, found)
    after = evaluate(asked, replace(found, identity=(*found.identity, more)))
    assert before.allowed or not after.allowed
    if before.outcome is Outcome.EXPLICITLY_DENIED:
        assert after.outcome is Outcome.EXPLICITLY_DENIED


@given(REQUESTS, SETS, statements(PolicyKind.KEY, "Deny"))
def test_another_deny_in_the_key_policy_never_allows(
    asked: AccessRequest, found: PolicySet, more: dict[str, Any]
) -> None:
    """Nor when the key policy itself denies more."""
    key = found.resource
    if key is None or key.policy.kind is not PolicyKind.KEY:
        return
    document = json.loads(print_policy(key.policy))
    document["Statement"].append(more)
    wider = AttachedPolicy(key.name, parse_policy(json.dumps(document), PolicyKind.KEY))
    after = evaluate(asked, replace(found, resource=wider))
    assert evaluate(asked, found).allowed or not after.allowed


@given(REQUESTS, SETS, GRANTS)
def test_another_grant_never_denies(
    asked: AccessRequest, found: PolicySet, more: GrantFacts
) -> None:
    """A grant only allows."""
    after = evaluate(asked, replace(found, grants=(*found.grants, more)))
    assert after.allowed or not evaluate(asked, found).allowed


@given(REQUESTS, SETS)
def test_a_boundary_only_takes_away(asked: AccessRequest, found: PolicySet) -> None:
    """Who is allowed with boundary, session policies and SCPs is allowed without."""
    without = replace(found, boundary=None, session=None, scps=())
    assert evaluate(asked, without).allowed or not evaluate(asked, found).allowed


LONG = "a" * 4096
CONTEXT: dict[str, ContextValue] = {
    "kms:encryptioncontext:x": LONG,
    "kms:encryptioncontext:m": "ab" * 2048,
    "kms:encryptioncontextkeys": tuple(f"key{number}" for number in range(500)),
    "aws:username": "alice",
    "aws:principalarn": USER_ARN,
    "aws:sourceip": "203.0.113.9",
    "aws:currenttime": "2024-06-15T12:30:00Z",
}
PIECES = st.text(alphabet="ab*?", min_size=1, max_size=60)
UNITS = st.one_of(
    PIECES,
    st.builds("*{}*".format, PIECES),
    st.builds("arn:aws:kms:*:*:{}".format, PIECES),
    st.sampled_from(["${aws:username}", "*${kms:EncryptionContext:x}", "*${aws:username}?b*"]),
    st.builds("10.{}.{}.0/24".format, st.integers(0, 255), st.integers(0, 255)),
    st.integers(0, 10**9).map(str),
)
ASKED = [
    "kms:EncryptionContext:x",
    "kms:EncryptionContext:m",
    "kms:EncryptionContextKeys",
    "aws:PrincipalArn",
    "aws:SourceIp",
    "aws:CurrentTime",
]
PLACES = st.sampled_from(["Action", "Resource", "Condition", "Statement"])


def large(units: list[str], place: str, operator: str, key: str) -> str:
    """Return a policy of nearly 32 KB that repeats some values in one place."""
    room = 32_000
    each = sum(len(json.dumps(unit)) + 2 for unit in units)
    values = units * max(1, room // each)
    whole: dict[str, Any] = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}
    if place == "Statement":
        block = whole | {"Condition": {operator: {key: units[:2]}}}
        count = room // (len(json.dumps(block)) + 2)
        return json.dumps({"Version": "2012-10-17", "Statement": [block] * count})
    if place == "Condition":
        whole["Condition"] = {operator: {key: values}}
    elif place == "Action":
        whole["Action"] = [f"k:{value}" for value in values[: room // (each // len(units) + 2)]]
    else:
        whole["Resource"] = values
    return json.dumps({"Version": "2012-10-17", "Statement": whole})


@given(
    st.lists(UNITS, min_size=1, max_size=4),
    PLACES,
    operators(),
    st.sampled_from(ASKED),
)
@pytest.mark.skipif(sys.gettrace() is not None, reason="being traced takes most of the time")
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_no_policy_takes_long(units: list[str], place: str, operator: str, key: str) -> None:
    """Less than 50 ms of computing for 32 KB, nothing of it remembered."""
    text = large(units, place, operator.replace("ForAllValues:", "ForAnyValue:"), key)
    if len(text) > 32_768:
        return
    asked = AccessRequest(USER, "kms:Encrypt", KEY, ACCOUNT, CONTEXT)
    best = float("inf")
    for version in range(3):
        # Text that differs by a space is another policy, of which nothing is known yet.
        policy = parse_policy(text + " " * version, PolicyKind.KEY)
        found = PolicySet(AttachedPolicy("key policy", policy))
        began = time.process_time()
        evaluate(asked, found)
        best = min(best, time.process_time() - began)
        if best < 0.050:
            return
    assert best < 0.050


def test_negated_operators_are_named_so() -> None:
    """The names of the policy language say it."""
    assert {each for each in Comparison if each.negated} == NEGATED
    assert Comparison.NOT_IP_ADDRESS in NEGATED
    assert Comparison.NUMERIC_EQUALS not in NEGATED
