"""Decisions as text, side by side, and as plain data."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmstui.authz.advice import smallest_change
from kmstui.authz.evaluate import explain
from kmstui.authz.model import (
    AccessRequest,
    Decision,
    Element,
    GrantFacts,
    Layer,
    Outcome,
    PolicyKind,
    PolicySet,
    Step,
    StepOutcome,
    Trace,
)
from kmstui.authz.report import as_text, compare, trace_fields, trace_from_fields
from kmstui.core.errors import ValidationException
from tests.helpers.decisions import (
    KEY,
    ROLE_ARN,
    ROOT,
    ROOT_ARN,
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

WHEN = "2030-01-31 12:00:00 UTC"
TLS = {"Bool": {"aws:SecureTransport": "true"}}


def page(asked: AccessRequest, policies: PolicySet, *, advice: bool = False) -> str:
    """Return the page on a decision."""
    trace = explain(asked, policies)
    found = smallest_change(asked, policies, trace) if advice else None
    return as_text(trace, title="Why was this denied?", when=WHEN, suggestion=found)


def test_a_page_names_request_and_decision() -> None:
    """Who, what, on what, when, and by which statement."""
    policies = PolicySet(key_policy(allowing(USER_ARN, Sid="Mine", Condition=TLS)))
    text = page(request(context={"aws:securetransport": "true"}), policies)
    assert text == (
        "Why was this denied?\n"
        "====================\n"
        "Time       2030-01-31 12:00:00 UTC\n"
        "Principal  arn:aws:iam::111122223333:user/alice\n"
        "Action     kms:Encrypt\n"
        "Resource\n"
        "  arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab\n"
        "Decision   Allowed\n"
        'Decided by key policy, statement 1 "Mine"\n'
        "\n"
        "Conditions of the deciding statement\n"
        "  - Bool aws:SecureTransport true: the call has true, holds\n"
    )


def test_a_page_on_a_default_deny_says_what_nearly_matched_and_what_would_help() -> None:
    """With the reason why the change is dangerous."""
    policies = PolicySet(key_policy(allowing(USER_ARN, Sid="Mine", Condition=TLS)))
    text = page(request(action="kms:PutKeyPolicy"), policies, advice=True)
    assert "Denied: nothing allows it" in text
    assert "no resource policy allows it" in text
    assert '  - resource policy, key policy, statement 1 "Mine": would have allowed' in text
    assert "no such" in text
    assert "What would allow it" in text
    assert "Careful: " in text


def test_a_page_on_an_explicit_deny_names_it() -> None:
    """And has no advice."""
    policies = PolicySet(key_policy(allowing(USER_ARN), denying(USER_ARN, Sid="Stop")))
    text = page(request(), policies, advice=True)
    assert 'Decided by key policy, statement 2 "Stop"' in text
    assert "What would allow it" not in text


def test_a_page_names_a_grant_and_its_constraints() -> None:
    """Where a grant decided."""
    pairs = (("app", "one"),)
    grant = GrantFacts("g-1", USER_ARN, frozenset({"Encrypt"}), equals=pairs)
    policies = PolicySet(key_policy(allowing(ROLE_ARN)), grants=(grant,))
    text = page(request(encryption_context=pairs), policies)
    assert "Decided by grant g-1" in text
    assert "EncryptionContextEquals app=one: the call has app=one, holds" in text


TEXTS = st.text(max_size=200)
STEPS = st.builds(
    Step,
    st.sampled_from(Layer),
    TEXTS,
    st.integers(0, 9),
    TEXTS,
    st.sampled_from(Element),
    TEXTS,
    TEXTS,
    st.sampled_from(StepOutcome),
)
DECISIONS = st.builds(
    Decision, st.sampled_from(Outcome), st.sampled_from(Layer), TEXTS, st.integers(0, 9), TEXTS
)
TRACES = st.builds(Trace, TEXTS, st.lists(STEPS, max_size=12).map(tuple), DECISIONS)


@given(trace=TRACES, title=TEXTS)
def test_a_page_is_80_columns_of_printable_text(trace: Trace, title: str) -> None:
    """Whatever stands in policies and requests cannot act on a terminal."""
    text = as_text(trace, title=title[:80], when=WHEN)
    assert all(character.isprintable() for character in text.replace("\n", ""))
    assert max(len(line) for line in text.split("\n")[2:]) <= 80


def test_a_page_stays_a_page() -> None:
    """Long lists end with how much there is besides."""
    nearly = [allowing(USER_ARN, Action="kms:Sign") for _ in range(40)]
    text = page(request(), PolicySet(key_policy(*nearly)))
    assert "  - and 34 more" in text
    assert text.count("\n") < 60


@given(trace=TRACES)
def test_a_trace_survives_as_plain_data(trace: Trace) -> None:
    """Also through JSON."""
    assert trace == trace_from_fields(json.loads(json.dumps(trace_fields(trace))))


GOOD = trace_fields(explain(request(), PolicySet(key_policy(allowing(USER_ARN)))))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        GOOD | {"Steps": None},
        GOOD | {"Steps": [1]},
        GOOD | {"Steps": [{}]},
        GOOD | {"Request": 1},
        GOOD | {"Decision": {"Outcome": "Perhaps"}},
        GOOD | {"Decision": dict.fromkeys(("Outcome", "Layer", "Policy", "Sid", "GrantId"), "x")},
    ],
)
def test_what_is_no_trace_is_refused(fields: dict[str, Any]) -> None:
    """With an error of the project, whatever the data is."""
    with pytest.raises(ValidationException):
        trace_from_fields(fields)


def test_a_trace_is_the_same_as_itself() -> None:
    """No difference is marked."""
    trace = explain(request(), PolicySet(key_policy(allowing(USER_ARN))))
    found = compare(trace, trace)
    assert (len(trace.steps), -1) == (len(found.pairs), found.first)


def test_the_first_difference_is_where_two_callers_part() -> None:
    """The same policy, two principals: it is at the statement that names one of them."""
    policies = PolicySet(key_policy(allowing(ROOT_ARN), allowing(ROLE_ARN, Sid="Role")))
    found = compare(explain(request(USER), policies), explain(request(SESSION), policies))
    pair = found.pairs[found.first]
    assert pair.left is not None
    assert pair.right is not None
    assert (Element.PRINCIPAL, "Role") == (pair.left.element, pair.left.sid)
    assert (StepOutcome.NO_MATCH, StepOutcome.MATCH) == (pair.left.outcome, pair.right.outcome)


def test_steps_that_one_trace_alone_has_stand_alone() -> None:
    """Each step of both traces is there once, in its own order."""
    key = key_policy(allowing(ROOT_ARN))
    own = attached(PolicyKind.IDENTITY, statement(), name="user policy")
    left = explain(request(USER), PolicySet(key, (own,)))
    right = explain(request(ROOT), PolicySet(key))
    found = compare(left, right)
    assert left.steps == tuple(pair.left for pair in found.pairs if pair.left is not None)
    assert right.steps == tuple(pair.right for pair in found.pairs if pair.right is not None)
    alone = found.pairs[found.first]
    assert alone.right is None
    assert alone.left is not None
    assert Layer.IDENTITY is alone.left.layer


def test_long_traces_are_compared_quickly() -> None:
    """Thousands of steps take well under a second."""
    policy = key_policy(*(allowing(ROLE_ARN, Action=f"kms:A{n}") for n in range(180)))
    begun = time.process_time()
    compare(
        explain(request(USER), PolicySet(policy)), explain(request(SESSION), PolicySet(policy))
    )
    assert time.process_time() - begun < 0.5


def test_the_resource_is_named_as_it_is() -> None:
    """An ARN stays whole in the data."""
    assert KEY in str(GOOD["Request"])
