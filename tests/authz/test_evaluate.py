"""How key policies, identity policies, boundaries, sessions and SCPs make one decision."""

from __future__ import annotations

from typing import Any

import pytest

from kmstui.authz.document import default_key_policy, parse_policy
from kmstui.authz.evaluate import evaluate
from kmstui.authz.model import (
    AttachedPolicy,
    Decision,
    Layer,
    Outcome,
    PolicyKind,
    PolicySet,
    Principal,
)
from tests.helpers.decisions import (
    ACCOUNT,
    KEY,
    PARTNER,
    PARTNER_ROOT,
    PARTNER_ROOT_ARN,
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
    allowing,
    attached,
    denying,
    key_policy,
    request,
    statement,
)

IDENTITY = attached(PolicyKind.IDENTITY, statement(), name="user policy")
IDENTITY_DENY = attached(PolicyKind.IDENTITY, statement("Deny"), name="user policy")
NOTHING = statement(Action="s3:*")
BOUNDARY = attached(PolicyKind.BOUNDARY, NOTHING)
SESSION_POLICY = attached(PolicyKind.SESSION, NOTHING)
SCP = attached(PolicyKind.SCP, statement(), name="FullAccess")
SCP_NOTHING = attached(PolicyKind.SCP, NOTHING)
DELEGATING = key_policy(allowing(ROOT_ARN))
DEFAULT = AttachedPolicy("key policy", parse_policy(default_key_policy(ACCOUNT), PolicyKind.KEY))


def answer(principal: Principal, policies: PolicySet, **more: Any) -> str:
    """Return a decision as ``+layer``, ``-layer`` or ``!layer`` (an explicit deny)."""
    decision = evaluate(request(principal, **more), policies)
    sign = {
        Outcome.ALLOWED: "+",
        Outcome.IMPLICITLY_DENIED: "-",
        Outcome.EXPLICITLY_DENIED: "!",
    }[decision.outcome]
    return f"{sign}{decision.layer}"


ALLOWED_BY_KEY, ALLOWED_BY_IDENTITY = "+resource policy", "+identity policy"
NO_KEY, NO_IDENTITY = "-resource policy", "-identity policy"
NO_BOUNDARY, NO_SESSION = "-permissions boundary", "-session policy"
NO_SCP = "-service control policy"


@pytest.mark.parametrize(
    ("principal", "named", "identity", "expected"),
    [
        (USER, USER_ARN, (), ALLOWED_BY_KEY),
        (USER, "*", (), ALLOWED_BY_KEY),
        (USER, ROOT_ARN, (), NO_IDENTITY),
        (USER, ROOT_ARN, (IDENTITY,), ALLOWED_BY_IDENTITY),
        (USER, ACCOUNT, (IDENTITY,), ALLOWED_BY_IDENTITY),
        (USER, ROLE_ARN, (IDENTITY,), NO_KEY),
        (USER, PARTNER, (IDENTITY,), NO_KEY),
        (SESSION, ROLE_ARN, (), ALLOWED_BY_KEY),
        (SESSION, SESSION_ARN, (), ALLOWED_BY_KEY),
        (SESSION, f"arn:aws:iam::{ACCOUNT}:role/App", (), NO_KEY),
        (SESSION, SESSION_ARN.replace("i-1", "i-2"), (), NO_KEY),
        (SESSION, ROOT_ARN, (IDENTITY,), ALLOWED_BY_IDENTITY),
        (ROLE, ROLE_ARN, (), ALLOWED_BY_KEY),
        (ROLE, ROOT_ARN, (IDENTITY,), ALLOWED_BY_IDENTITY),
        (ROOT, ROOT_ARN, (), ALLOWED_BY_KEY),
        (ROOT, ACCOUNT, (), ALLOWED_BY_KEY),
        (ROOT, USER_ARN, (), NO_KEY),
        (ROOT, PARTNER, (), NO_KEY),
        (SERVICE, "*", (), ALLOWED_BY_KEY),
        (SERVICE, ROOT_ARN, (), NO_KEY),
        (PARTNER_USER, PARTNER_USER_ARN, (), NO_IDENTITY),
        (PARTNER_USER, PARTNER_USER_ARN, (IDENTITY,), ALLOWED_BY_KEY),
        (PARTNER_USER, PARTNER_ROOT_ARN, (IDENTITY,), ALLOWED_BY_KEY),
        (PARTNER_USER, PARTNER, (), NO_IDENTITY),
        (PARTNER_USER, "*", (), NO_IDENTITY),
        (PARTNER_USER, "*", (IDENTITY,), ALLOWED_BY_KEY),
        (PARTNER_USER, ROOT_ARN, (IDENTITY,), NO_KEY),
        (PARTNER_ROOT, PARTNER, (), ALLOWED_BY_KEY),
        (PARTNER_ROOT, ROOT_ARN, (), NO_KEY),
        (USER, "AIDAEXAMPLEEXAMPLE123", (IDENTITY,), NO_KEY),
    ],
)
def test_who_is_named_and_how(
    principal: Principal, named: str, identity: tuple[AttachedPolicy, ...], expected: str
) -> None:
    """Directly is enough in one account; an account leaves it to its own identity policies."""
    policies = PolicySet(key_policy(allowing(named)), identity)
    assert expected == answer(principal, policies)


@pytest.mark.parametrize("principal", [USER, SESSION, ROLE, ROOT])
@pytest.mark.parametrize("named", ["*", ACCOUNT, ROOT_ARN])
def test_a_deny_of_an_account_hits_all_its_principals(principal: Principal, named: str) -> None:
    """The root user included, and whatever else allows."""
    policies = PolicySet(key_policy(allowing("*"), denying(named)), (IDENTITY,))
    assert answer(principal, policies) == "!resource policy"


def test_a_service_is_named_by_its_name() -> None:
    """And by no other service's."""
    named = key_policy(statement(Principal={"Service": SERVICE_NAME}))
    other = key_policy(statement(Principal={"Service": "ec2.amazonaws.com"}))
    assert answer(SERVICE, PolicySet(named)) == ALLOWED_BY_KEY
    assert answer(SERVICE, PolicySet(other)) == NO_KEY


@pytest.mark.parametrize(
    ("principal", "listed", "bounded", "expected"),
    [
        (USER, [USER_ARN, ROOT_ARN], False, "+"),
        (USER, [USER_ARN, ACCOUNT], False, "+"),
        (USER, [USER_ARN, ROOT_ARN], True, "!"),
        (USER, [USER_ARN], False, "!"),
        (USER, [ROOT_ARN], False, "!"),
        (USER, [PARTNER_USER_ARN, PARTNER_ROOT_ARN], False, "!"),
        (SESSION, [SESSION_ARN, ROLE_ARN, ROOT_ARN], False, "+"),
        (SESSION, [SESSION_ARN, ROOT_ARN], False, "!"),
        (SESSION, [ROLE_ARN, ROOT_ARN], False, "!"),
        (ROLE, [ROLE_ARN, ROOT_ARN], False, "+"),
        (ROOT, [ROOT_ARN], False, "+"),
        (SERVICE, [ROOT_ARN], False, "!"),
        (USER, ["*"], False, "+"),
    ],
)
def test_not_principal_spares_the_listed(
    principal: Principal, listed: list[str], bounded: bool, expected: str
) -> None:
    """With account and role beside them; nobody with a permissions boundary."""
    sparing = statement("Deny", NotPrincipal={"AWS": listed})
    boundary = attached(PolicyKind.BOUNDARY, statement()) if bounded else None
    policies = PolicySet(key_policy(allowing("*"), sparing), boundary=boundary)
    assert expected == answer(principal, policies)[0]


def test_not_principal_spares_a_listed_service() -> None:
    """By its name."""
    sparing = statement("Deny", NotPrincipal={"Service": SERVICE_NAME})
    assert answer(SERVICE, PolicySet(key_policy(allowing("*"), sparing))) == ALLOWED_BY_KEY


def test_allow_with_not_principal_lets_nobody_in() -> None:
    """AWS does not support it; it would let in everyone but a few."""
    policies = PolicySet(key_policy(statement(NotPrincipal={"AWS": PARTNER_ROOT_ARN})))
    assert answer(USER, policies) == NO_KEY


@pytest.mark.parametrize(
    ("named", "limit", "expected"),
    [
        (USER_ARN, {"boundary": BOUNDARY}, ALLOWED_BY_KEY),
        (USER_ARN, {"session": (SESSION_POLICY,)}, ALLOWED_BY_KEY),
        ("*", {"boundary": BOUNDARY}, ALLOWED_BY_KEY),
        (ROOT_ARN, {"boundary": BOUNDARY}, NO_BOUNDARY),
        (ROOT_ARN, {"session": (SESSION_POLICY,)}, NO_SESSION),
        (ROOT_ARN, {"session": ()}, NO_SESSION),
        (USER_ARN, {"scps": ((SCP_NOTHING,),)}, NO_SCP),
        (USER_ARN, {"scps": ((SCP,), (SCP_NOTHING,))}, NO_SCP),
        (USER_ARN, {"scps": ((SCP,), (SCP_NOTHING, SCP))}, ALLOWED_BY_KEY),
        (USER_ARN, {"scps": ((),)}, NO_SCP),
    ],
)
def test_limits_of_a_user(named: str, limit: dict[str, Any], expected: str) -> None:
    """A direct name is beyond boundary and session policies, an account's is not; SCPs bind."""
    policies = PolicySet(key_policy(allowing(named)), (IDENTITY,), **limit)
    assert expected == answer(USER, policies)


@pytest.mark.parametrize(
    ("named", "limit", "expected"),
    [
        (ROLE_ARN, {"boundary": BOUNDARY}, NO_BOUNDARY),
        (ROLE_ARN, {"session": (SESSION_POLICY,)}, NO_SESSION),
        (ROLE_ARN, {"session": (SESSION_POLICY, IDENTITY)}, ALLOWED_BY_KEY),
        (SESSION_ARN, {"session": (SESSION_POLICY,)}, ALLOWED_BY_KEY),
        (SESSION_ARN, {"boundary": BOUNDARY}, ALLOWED_BY_KEY),
    ],
)
def test_limits_of_a_session(named: str, limit: dict[str, Any], expected: str) -> None:
    """Named by its role it needs boundary and session policy, named itself it does not."""
    assert expected == answer(SESSION, PolicySet(key_policy(allowing(named)), **limit))


def test_limits_bind_across_accounts() -> None:
    """However the key policy names the caller."""
    policies = PolicySet(key_policy(allowing(PARTNER_USER_ARN)), (IDENTITY,), BOUNDARY)
    assert answer(PARTNER_USER, policies) == NO_BOUNDARY


DENY = {
    kind: attached(kind, statement("Deny"))
    for kind in (PolicyKind.BOUNDARY, PolicyKind.SESSION, PolicyKind.SCP)
}


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        (PolicySet(key_policy(allowing("*")), (IDENTITY_DENY,)), "!identity policy"),
        (
            PolicySet(key_policy(allowing("*")), boundary=DENY[PolicyKind.BOUNDARY]),
            "!permissions boundary",
        ),
        (
            PolicySet(key_policy(allowing("*")), session=(DENY[PolicyKind.SESSION],)),
            "!session policy",
        ),
        (
            PolicySet(key_policy(allowing("*")), scps=((SCP, DENY[PolicyKind.SCP]),)),
            "!service control policy",
        ),
        (
            PolicySet(key_policy(denying("*")), (IDENTITY_DENY,), scps=((DENY[PolicyKind.SCP],),)),
            "!service control policy",
        ),
        (PolicySet(key_policy(denying("*")), (IDENTITY_DENY,)), "!resource policy"),
    ],
)
def test_a_deny_anywhere_denies(policies: PolicySet, expected: str) -> None:
    """Of several the first in the order SCP, key, identity, boundary, session is named."""
    assert expected == answer(USER, policies)


@pytest.mark.parametrize(
    ("element", "action", "expected"),
    [
        ({"Action": "KMS:ENCRYPT"}, "kms:Encrypt", "+"),
        ({"Action": "*"}, "kms:Encrypt", "+"),
        ({"Action": "kms:Enc*"}, "kms:Encrypt", "+"),
        ({"Action": "kms:En?rypt"}, "kms:Encrypt", "+"),
        ({"Action": ["kms:Decrypt", "kms:*crypt"]}, "kms:Encrypt", "+"),
        ({"Action": "s3:*"}, "kms:Encrypt", "-"),
        ({"Action": None}, "kms:Encrypt", "-"),
        ({"Action": None, "NotAction": "s3:*"}, "kms:Encrypt", "+"),
        ({"Action": None, "NotAction": "kms:enc*"}, "kms:Encrypt", "-"),
        ({"Resource": None}, "kms:Encrypt", "-"),
        ({"Resource": KEY}, "kms:Encrypt", "+"),
        ({"Resource": KEY.upper()}, "kms:Encrypt", "-"),
        ({"Resource": f"arn:aws:kms:*:{ACCOUNT}:key/*"}, "kms:Encrypt", "+"),
        ({"Resource": f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/x"}, "kms:Encrypt", "-"),
        ({"Resource": None, "NotResource": "arn:aws:s3:::x"}, "kms:Encrypt", "+"),
        ({"Resource": None, "NotResource": KEY}, "kms:Encrypt", "-"),
    ],
)
def test_what_a_statement_covers(element: dict[str, Any], action: str, expected: str) -> None:
    """Actions ignore case, resources do not; what is not listed is covered by Not elements."""
    policies = PolicySet(key_policy(allowing(USER_ARN, **element)))
    assert expected == answer(USER, policies, action=action)[0]


@pytest.mark.parametrize(
    ("resource", "name", "expected"),
    [
        (f"arn:aws:kms:us-east-1:{ACCOUNT}:key/${{aws:username}}*", "1234", "+"),
        (f"arn:aws:kms:us-east-1:{ACCOUNT}:key/${{aws:username}}*", "*", "-"),
        (f"arn:aws:kms:us-east-1:{ACCOUNT}:key/${{aws:username}}*", None, "-"),
        ("arn:aws:kms:us-east-1:${aws:account}:key/${aws:username}*", "1234", "-"),
    ],
)
def test_a_resource_may_hold_variables(resource: str, name: str | None, expected: str) -> None:
    """After the fifth colon, with the value of each call."""
    identity = attached(PolicyKind.IDENTITY, statement(Resource=resource))
    context = {"aws:account": ACCOUNT} | ({} if name is None else {"aws:username": name})
    assert expected == answer(USER, PolicySet(DEFAULT, (identity,)), context=context)[0]
    inverted = attached(PolicyKind.IDENTITY, statement(Resource=None, NotResource=resource))
    contrary = answer(USER, PolicySet(DEFAULT, (inverted,)), context=context)[0]
    assert {"+": "-", "-": "+"}[expected] == contrary


def test_conditions_are_asked_on_every_call() -> None:
    """The same policies allow one call and not the next."""
    stale = {"NumericGreaterThanEqualsIfExists": {"aws:MultiFactorAuthAge": "300"}}
    policies = PolicySet(key_policy(allowing(USER_ARN), denying("*", Condition=stale)))
    ages = {"0": "+", "299": "+", "300": "!", "9999": "!"}
    found = {
        age: answer(USER, policies, context={"aws:multifactorauthage": age})[0] for age in ages
    }
    assert ages == found
    assert answer(USER, policies) == "!resource policy"


def test_other_policies_of_the_same_caller_are_looked_at() -> None:
    """What is remembered belongs to one set of policies."""
    asked = request()
    assert not evaluate(asked, PolicySet(DELEGATING)).allowed
    assert evaluate(asked, PolicySet(DELEGATING, (IDENTITY,))).allowed
    assert not evaluate(asked, PolicySet(DELEGATING)).allowed


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest is forgotten and worked out again."""
    monkeypatch.setattr("kmstui.authz.evaluate._PLANS_KEPT", 2)
    policies = PolicySet(DELEGATING, (IDENTITY,))
    asked = [request(resource=f"{KEY}{number}") for number in range(4)]
    assert all(evaluate(each, policies).allowed for each in (*asked, *asked))
    from kmstui.authz import evaluate as module

    assert len(module._plans) == 2


@pytest.mark.parametrize(
    ("principal", "identity", "expected"),
    [
        (USER, (), NO_IDENTITY),
        (USER, (IDENTITY,), ALLOWED_BY_IDENTITY),
        (ROOT, (), ALLOWED_BY_IDENTITY),
        (PARTNER_USER, (IDENTITY,), NO_KEY),
        (PARTNER_ROOT, (), NO_KEY),
    ],
)
def test_actions_without_a_key(
    principal: Principal, identity: tuple[AttachedPolicy, ...], expected: str
) -> None:
    """Identity policies alone decide, in the caller's own account."""
    asked = {"action": "kms:ListKeys", "resource": "*"}
    assert expected == answer(principal, PolicySet(identity=identity), **asked)


def test_some_operations_do_not_work_across_accounts() -> None:
    """Even if both accounts allow them."""
    policies = PolicySet(key_policy(allowing(PARTNER_USER_ARN)), (IDENTITY,))
    assert answer(PARTNER_USER, policies, cross_account=False) == "-service"


def test_a_trust_policy_has_no_resource() -> None:
    """It is about its own role; an account match asks the identity policies here too."""
    assume = {"Action": "sts:AssumeRole", "Resource": None}
    allow = attached(PolicyKind.IDENTITY, statement(Action="sts:*"))
    asked = {"action": "sts:AssumeRole", "resource": ROLE_ARN}
    direct = attached(PolicyKind.TRUST, allowing(USER_ARN, **assume))
    delegating = attached(PolicyKind.TRUST, allowing(ROOT_ARN, **assume))
    assert answer(USER, PolicySet(direct), **asked) == ALLOWED_BY_KEY
    assert answer(USER, PolicySet(delegating), **asked) == NO_IDENTITY
    assert answer(USER, PolicySet(delegating, (allow,)), **asked) == ALLOWED_BY_IDENTITY
    assert answer(SESSION, PolicySet(direct, (allow,)), **asked) == NO_KEY


def test_a_decision_names_what_decided() -> None:
    """Policy, statement and Sid of the Deny, or else of the Allow."""
    named = key_policy(denying("*", Action="s3:*"), allowing(USER_ARN, Sid="Use it"))
    expected = Decision(Outcome.ALLOWED, Layer.RESOURCE, "key policy", 2, "Use it")
    assert expected == evaluate(request(), PolicySet(named))
    expected = Decision(Outcome.EXPLICITLY_DENIED, Layer.IDENTITY, "user policy", 1)
    assert expected == evaluate(request(), PolicySet(named, (IDENTITY_DENY,)))
    assert Decision(Outcome.IMPLICITLY_DENIED, Layer.RESOURCE) == evaluate(
        request(SESSION), PolicySet(named)
    )
