"""The difference of two policies: by what they say, with what it gives or takes."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmstui.authz.diff import Change, ChangeKind, Effect, Line, diff
from kmstui.authz.document import Policy, parse_policy, print_policy
from kmstui.authz.model import PolicyKind

ROOT = "arn:aws:iam::111122223333:root"
USER = "arn:aws:iam::111122223333:user/alice"
ROLE = "arn:aws:iam::111122223333:role/app"
KEY = "arn:aws:kms:us-east-1:111122223333:key/1"
AGE = "aws:MultiFactorAuthAge"


def statement(**changes: Any) -> dict[str, Any]:
    """Return a statement of a key policy, with some elements changed; None removes one."""
    sound = {
        "Sid": "One",
        "Effect": "Allow",
        "Principal": {"AWS": USER},
        "Action": ["kms:Encrypt", "kms:Decrypt"],
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:EncryptionContext:a": ["x", "y"]}},
    }
    return {name: value for name, value in (sound | changes).items() if value is not None}


def policy(*statements: Any, **elements: Any) -> Policy:
    """Return a key policy."""
    document = {"Version": "2012-10-17", "Statement": list(statements), **elements}
    return parse_policy(json.dumps(document), PolicyKind.KEY)


def under(operator: str, key: str, *values: Any) -> dict[str, Any]:
    """Return a Condition element."""
    return {"Condition": {operator: {key: list(values)}}}


@pytest.mark.parametrize(
    "other",
    [
        policy(statement(Action=["kms:Decrypt", "KMS:encrypt"])),
        policy(statement(Principal={"AWS": [USER]})),
        policy(statement(**under("StringEquals", "KMS:EncryptionContext:A", "y", "x"))),
        parse_policy(print_policy(policy(statement())), PolicyKind.KEY),
    ],
)
def test_the_way_of_writing_is_no_difference(other: Policy) -> None:
    """Order, case where it means nothing, lists of one and indentation are not changes."""
    assert () == diff(policy(statement()), other)


def test_the_order_of_statements_is_no_difference() -> None:
    """Statements without Sid, too, are found again in another place."""
    one, two = statement(Sid=None), statement(Sid=None, Action="kms:Sign", Condition=None)
    assert () == diff(policy(one, two), policy(two, one))


def test_an_account_and_its_root_are_the_same_principal() -> None:
    """The two spellings of an account are equal."""
    old = policy(statement(Principal={"AWS": ROOT}))
    assert () == diff(old, policy(statement(Principal={"AWS": "111122223333"})))


def test_statements_come_and_go() -> None:
    """An added statement has its new number, a removed one its old."""
    one, two = statement(), statement(Sid="Two", Effect="Deny", Action="kms:Sign")
    (added,) = diff(policy(one), policy(two, one))
    assert (ChangeKind.ADDED, "Two", 0, 1, Effect.LESS) == (
        added.kind,
        added.sid,
        added.number_old,
        added.number_new,
        added.effect,
    )
    assert Line("Action", (), ("kms:Sign",)) in added.lines
    (removed,) = diff(policy(two, one), policy(one))
    assert (ChangeKind.REMOVED, 1, 0, Effect.MORE) == (
        removed.kind,
        removed.number_old,
        removed.number_new,
        removed.effect,
    )


def test_a_new_name_for_the_same_is_a_renaming() -> None:
    """Only the Sid differs."""
    (change,) = diff(policy(statement()), policy(statement(Sid="Uno")))
    assert (ChangeKind.RENAMED, Effect.NEITHER) == (change.kind, change.effect)
    assert (Line("Sid", ("One",), ("Uno",)),) == change.lines


def test_statements_without_a_name_are_matched_by_likeness() -> None:
    """A small change is no removal with an addition."""
    (change,) = diff(
        policy(statement(Sid=None)), policy(statement(Sid=None, Action=["kms:Encrypt"]))
    )
    assert ChangeKind.CHANGED is change.kind
    assert (Line("Action", ("kms:Decrypt",), ()),) == change.lines


def test_the_document_itself_can_change() -> None:
    """Version and Id are changes without a statement."""
    old = policy(statement(), Version="2008-10-17", Id="a")
    version, identifier = diff(old, policy(statement(), Id="b"))
    assert (Line("Version", ("2008-10-17",), ("2012-10-17",)),) == version.lines
    assert (Line("Id", ("a",), ("b",)),) == identifier.lines
    assert Effect.NEITHER is version.effect


def only(changes: tuple[Change, ...]) -> Change:
    """Return the one change that there is."""
    (change,) = changes
    return change


CHANGED: list[tuple[dict[str, Any], dict[str, Any], Effect]] = [
    ({}, {"Action": ["kms:Encrypt"]}, Effect.LESS),
    ({}, {"Action": "kms:*"}, Effect.MORE),
    ({}, {"Action": ["kms:Encrypt", "kms:Sign"]}, Effect.BOTH),
    ({"Action": "kms:*"}, {"Action": ["kms:*", "kms:Sign"]}, Effect.NEITHER),
    ({"Action": "s3:*"}, {"Action": "*"}, Effect.MORE),
    ({"Action": None, "NotAction": "kms:*"}, {"Action": None, "NotAction": "*"}, Effect.LESS),
    (
        {"Action": None, "NotAction": "kms:Sign"},
        {"Action": None, "NotAction": ["kms:Sign", "kms:Verify"]},
        Effect.LESS,
    ),
    ({"Action": None, "NotAction": "kms:Sign"}, {"Action": "kms:Sign"}, Effect.BOTH),
    ({}, {"Principal": {"AWS": [USER, ROLE]}}, Effect.MORE),
    ({}, {"Principal": "*"}, Effect.MORE),
    ({"Principal": "*"}, {"Principal": {"AWS": USER}}, Effect.LESS),
    ({}, {"Principal": {"AWS": ROLE}}, Effect.BOTH),
    ({}, {"Principal": None, "NotPrincipal": {"AWS": USER}}, Effect.BOTH),
    (
        {"Principal": None, "NotPrincipal": {"AWS": USER}, "Effect": "Deny"},
        {"Principal": None, "NotPrincipal": {"AWS": [USER, ROLE]}, "Effect": "Deny"},
        Effect.MORE,
    ),
    ({}, {"Resource": None}, Effect.LESS),
    ({"Resource": KEY}, {"Resource": "*"}, Effect.MORE),
    ({"Resource": KEY}, {"Resource": None, "NotResource": KEY}, Effect.BOTH),
    ({}, {"Condition": None}, Effect.MORE),
    ({"Condition": None}, {}, Effect.LESS),
    ({}, under("StringEquals", "kms:EncryptionContext:a", "x"), Effect.LESS),
    ({}, under("StringEquals", "kms:EncryptionContext:a", "x", "y", "z"), Effect.MORE),
    ({}, under("StringLike", "kms:EncryptionContext:a", "x", "y"), Effect.BOTH),
    (
        under("StringNotEquals", "aws:username", "x"),
        under("StringNotEquals", "aws:username", "x", "y"),
        Effect.LESS,
    ),
    (
        under("NumericLessThan", AGE, 300),
        under("NumericLessThan", AGE, 3600),
        Effect.MORE,
    ),
    (
        under("NumericGreaterThan", AGE, 300) | {"Effect": "Deny"},
        under("NumericGreaterThan", AGE, 3600) | {"Effect": "Deny"},
        Effect.MORE,
    ),
    (
        under("DateLessThan", "aws:CurrentTime", "2030-01-01"),
        under("DateLessThan", "aws:CurrentTime", "2029-01-01"),
        Effect.LESS,
    ),
    ({}, {"Effect": "Deny"}, Effect.LESS),
    ({"Effect": "Deny"}, {}, Effect.MORE),
    ({"Effect": "Deny"}, {"Effect": "Deny", "Action": "kms:Encrypt"}, Effect.MORE),
]


@pytest.mark.parametrize(("old", "new", "effect"), CHANGED)
def test_a_change_says_what_it_gives_and_takes(
    old: dict[str, Any], new: dict[str, Any], effect: Effect
) -> None:
    """An Allow that grows gives more, a Deny that grows takes away."""
    change = only(diff(policy(statement(**old)), policy(statement(**new))))
    assert (ChangeKind.CHANGED, effect) == (change.kind, change.effect)


ACTIONS = st.sampled_from(["kms:Encrypt", "kms:Decrypt", "kms:*", "s3:Get*"])
GENERATED = st.builds(
    statement,
    Sid=st.sampled_from([None, "One", "Two", ""]),
    Effect=st.sampled_from(["Allow", "Deny"]),
    Principal=st.sampled_from([{"AWS": USER}, {"AWS": [ROLE, ROOT]}, "*"]),
    Action=st.lists(ACTIONS, max_size=3),
    Resource=st.sampled_from(["*", KEY, [], None]),
    Condition=st.sampled_from([None, {}, under("Bool", "aws:SecureTransport", True)["Condition"]]),
)
POLICIES = st.lists(GENERATED, min_size=1, max_size=5).map(lambda items: policy(*items))


@given(one=POLICIES)
def test_a_policy_does_not_differ_from_itself(one: Policy) -> None:
    """Nor from itself printed, or with its statements the other way round."""
    assert () == diff(one, one)
    assert () == diff(one, parse_policy(print_policy(one), PolicyKind.KEY))


@given(one=POLICIES, two=POLICIES)
@settings(deadline=None)
def test_every_statement_is_accounted_for_once(one: Policy, two: Policy) -> None:
    """No statement is in two changes, and there is a change if what is said differs."""
    changes = diff(one, two)
    for numbers in (
        [change.number_old for change in changes if change.number_old],
        [change.number_new for change in changes if change.number_new],
    ):
        assert len(set(numbers)) == len(numbers)
    came = sum(change.kind is ChangeKind.ADDED for change in changes)
    went = sum(change.kind is ChangeKind.REMOVED for change in changes)
    assert len(two.statements) - len(one.statements) == came - went


def test_large_policies_are_compared_quickly() -> None:
    """Two documents of 32 KB with nothing in common take well under a second."""
    old = policy(*(statement(Sid=None, Action=f"kms:A{n}", Condition=None) for n in range(230)))
    new = policy(*(statement(Sid=None, Action=f"s3:B{n}", Condition=None) for n in range(230)))
    begun = time.process_time()
    diff(old, new)
    assert time.process_time() - begun < 0.5
