"""Traces: every part of every statement, in order, and what they come to."""

from __future__ import annotations

from kmstui.authz.evaluate import evaluate, explain
from kmstui.authz.explain import GRANTS_TOLD
from kmstui.authz.model import (
    Element,
    GrantFacts,
    Layer,
    PolicyKind,
    PolicySet,
    Step,
    StepOutcome,
)
from tests.helpers.decisions import (
    KEY,
    ROOT_ARN,
    SESSION_ARN,
    USER_ARN,
    allowing,
    attached,
    denying,
    key_policy,
    request,
    statement,
)

MATCH, NO_MATCH = StepOutcome.MATCH, StepOutcome.NO_MATCH
ALLOW, DENY, NOTHING = StepOutcome.ALLOW, StepOutcome.DENY, StepOutcome.NOTHING


def test_a_statement_is_told_whole() -> None:
    """Principal, action, resource, each condition with what it saw, and the outcome."""
    condition = {"NumericLessThan": {"aws:MultiFactorAuthAge": "300"}, "Null": {"aws:X": "true"}}
    policies = PolicySet(
        key_policy(allowing(USER_ARN, Sid="Use", Action=["kms:En*", "s3:*"], Condition=condition))
    )
    trace = explain(request(context={"aws:multifactorauthage": "301"}), policies)
    place = (Layer.RESOURCE, "key policy", 1, "Use")
    assert trace.request_line == f"{USER_ARN} kms:Encrypt {KEY}"
    assert trace.steps == (
        Step(*place, Element.PRINCIPAL, USER_ARN, USER_ARN, MATCH),
        Step(*place, Element.ACTION, "kms:En*, s3:*", "kms:Encrypt", MATCH),
        Step(*place, Element.RESOURCE, "*", KEY, MATCH),
        Step(
            *place,
            Element.CONDITION,
            "NumericLessThan aws:MultiFactorAuthAge 300",
            "301",
            NO_MATCH,
        ),
        Step(*place, Element.CONDITION, "Null aws:X true", "", MATCH),
        Step(*place, Element.STATEMENT, "Allow", "", NOTHING),
        Step(Layer.RESOURCE, "", 0, "", Element.RESULT, "key policy", "", NOTHING),
        Step(
            Layer.RESULT,
            "resource policy",
            0,
            "",
            Element.RESULT,
            "",
            "ImplicitlyDenied",
            NOTHING,
        ),
    )


def test_layers_are_told_in_the_order_of_evaluation() -> None:
    """SCP, key policy, identity policies, boundary, session policies, grants, decision."""
    policies = PolicySet(
        key_policy(allowing(ROOT_ARN)),
        (attached(PolicyKind.IDENTITY, statement(NotAction="s3:*", Action=None)),),
        attached(PolicyKind.BOUNDARY, statement()),
        (attached(PolicyKind.SESSION, statement()),),
        ((attached(PolicyKind.SCP, statement()),),),
        (GrantFacts("7", SESSION_ARN, frozenset({"Encrypt"})),),
    )
    trace = explain(request(), policies)
    layers = list(dict.fromkeys(step.layer for step in trace.steps))
    assert list(Layer)[1:] == layers
    wanted = [step.wanted for step in trace.steps if step.wanted.startswith("not ")]
    assert wanted == ["not s3:*"]


def test_a_grant_is_told_with_its_constraints() -> None:
    """Grantee, operations, each constraint, and the outcome."""
    grant = GrantFacts(
        "7",
        USER_ARN,
        frozenset({"Encrypt", "Decrypt"}),
        subset=(("b", "2"), ("a", "1")),
        source_arn="arn:x",
    )
    pairs = (("a", "1"), ("b", "2"))
    asked = request(context={"aws:sourcearn": "arn:x"}, encryption_context=pairs)
    trace = explain(asked, PolicySet(key_policy(allowing(ROOT_ARN)), grants=(grant,)))
    place = (Layer.GRANT, "7", 0, "")
    assert [step for step in trace.steps if step.layer is Layer.GRANT] == [
        Step(*place, Element.PRINCIPAL, USER_ARN, USER_ARN, MATCH),
        Step(*place, Element.ACTION, "Decrypt, Encrypt", "Encrypt", MATCH),
        Step(*place, Element.CONSTRAINT, "EncryptionContextSubset a=1, b=2", "a=1, b=2", MATCH),
        Step(*place, Element.CONSTRAINT, "SourceArn arn:x", "arn:x", MATCH),
        Step(*place, Element.STATEMENT, "Allow", "", ALLOW),
    ]
    assert trace.decision.grant_id == "7"


def test_a_layer_that_denies_says_so() -> None:
    """A Deny outweighs an Allow in the layer's own step."""
    policies = PolicySet(key_policy(allowing(USER_ARN), denying("*", Sid="no")))
    trace = explain(request(), policies)
    results = [step for step in trace.steps if step.element is Element.RESULT]
    assert [step.outcome for step in results] == [DENY, DENY]
    assert (results[-1].policy, results[-1].statement, results[-1].sid) == ("key policy", 2, "no")
    assert trace.decision == evaluate(request(), policies)


def test_of_very_many_grants_the_deciding_one_is_told() -> None:
    """A refusal or decision stays readable, and takes no longer, with any number of grants."""
    many = tuple(
        GrantFacts(f"g{number}", USER_ARN, frozenset({"Encrypt"}), None, (("n", str(number)),))
        for number in range(1_000)
    )
    policies = PolicySet(key_policy(allowing(ROOT_ARN)), grants=many)
    asked = request(grant_operation="Encrypt", encryption_context=(("n", "999"),))
    trace = explain(asked, policies)
    assert evaluate(asked, policies) == trace.decision
    told = {step.policy for step in trace.steps if step.layer is Layer.GRANT}
    assert "g999" in told
    assert GRANTS_TOLD + 1 == len(told)
    further = [step for step in trace.steps if step.element is Element.RESULT]
    assert f"{1_000 - GRANTS_TOLD} further grants" in {step.wanted for step in further}
