"""Deciding: explicit deny, then allow, then default deny; wildcards in bounded time."""

from __future__ import annotations

import fnmatch
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmstui.authz.decide import decide, decide_account, matches
from kmstui.core.caller import Caller, root_caller

ACCOUNT, OTHER = "111122223333", "444455556666"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROOT = root_caller(ACCOUNT, "us-east-1")
FOREIGN_ROOT = root_caller(OTHER, "us-east-1")
ALICE_ARN = f"arn:aws:iam::{ACCOUNT}:user/alice"
ALICE = Caller(ALICE_ARN, "IAMUser", "AIDA", ACCOUNT, "us-east-1")
DELEGATE = {
    "Sid": "all",
    "Effect": "Allow",
    "Principal": {"AWS": ROOT.arn},
    "Action": "kms:*",
    "Resource": "*",
}


def policy(*statements: dict[str, Any]) -> str:
    """Return a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def deny(**changes: Any) -> dict[str, Any]:
    """Return a statement that denies everything to everyone, with some elements changed."""
    return {
        "Sid": "no",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "*",
        "Resource": "*",
    } | changes


def allow(**changes: Any) -> dict[str, Any]:
    """Return a statement that allows everything to everyone, with some elements changed."""
    sound = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"} | changes
    return {name: value for name, value in sound.items() if value is not None}


CASES: list[tuple[str, Caller, str, bool, bool]] = [
    (policy(DELEGATE), ROOT, "kms:Encrypt", True, False),
    (policy(DELEGATE), ALICE, "kms:Encrypt", False, False),
    (policy(DELEGATE), FOREIGN_ROOT, "kms:Encrypt", False, False),
    (policy(allow(Principal={"AWS": ACCOUNT})), ROOT, "kms:Encrypt", True, False),
    (policy(allow(Principal={"AWS": ACCOUNT})), ALICE, "kms:Encrypt", False, False),
    (policy(allow(Principal={"AWS": ALICE_ARN})), ALICE, "kms:Encrypt", True, False),
    (policy(allow(Principal={"AWS": ALICE_ARN})), ROOT, "kms:Encrypt", False, False),
    (policy(allow()), FOREIGN_ROOT, "kms:Encrypt", True, False),
    (policy(allow(Principal={"Service": "s3.amazonaws.com"})), ROOT, "kms:Encrypt", False, False),
    (policy(DELEGATE, deny()), ROOT, "kms:Encrypt", False, True),
    (policy(deny(), DELEGATE), ROOT, "kms:Encrypt", False, True),
    (policy(DELEGATE, deny(Principal={"AWS": ACCOUNT})), ROOT, "kms:Encrypt", False, True),
    (policy(allow(), deny(Principal={"AWS": ROOT.arn})), ALICE, "kms:Encrypt", False, True),
    (policy(DELEGATE, deny(Principal={"AWS": ALICE_ARN})), ROOT, "kms:Encrypt", True, False),
    (policy(DELEGATE, deny(Action="kms:Decrypt")), ROOT, "kms:Encrypt", True, False),
    (policy(DELEGATE, deny(Action="KMS:ENCRYPT")), ROOT, "kms:Encrypt", False, True),
    (policy(DELEGATE, deny(Action="kms:En?rypt")), ROOT, "kms:Encrypt", False, True),
    (policy(DELEGATE, deny(Resource=KEY)), ROOT, "kms:Encrypt", False, True),
    (policy(DELEGATE, deny(Resource=KEY.upper())), ROOT, "kms:Encrypt", True, False),
    (
        policy(DELEGATE, deny(Condition={"Bool": {"a:b": "true"}})),
        ROOT,
        "kms:Encrypt",
        False,
        True,
    ),
    (policy(allow(Condition={"Bool": {"a:b": "true"}})), ROOT, "kms:Encrypt", False, False),
    (policy(allow(Action=["kms:De*", "kms:Enc*"])), ROOT, "kms:Encrypt", True, False),
    (policy(allow(Action=None)), ROOT, "kms:Encrypt", False, False),
    (policy(allow(Resource=None)), ROOT, "kms:Encrypt", False, False),
    (policy(allow(Action=None, NotAction="kms:De*")), ROOT, "kms:Encrypt", True, False),
    (policy(allow(Action=None, NotAction="kms:En*")), ROOT, "kms:Encrypt", False, False),
    (policy(allow(Resource=None, NotResource="arn:*:s3:*")), ROOT, "kms:Encrypt", True, False),
    (policy(allow(Resource=None, NotResource="*")), ROOT, "kms:Encrypt", False, False),
    (
        policy(DELEGATE, deny(Principal=None, NotPrincipal={"AWS": ROOT.arn})),
        ROOT,
        "kms:Encrypt",
        True,
        False,
    ),
]
CASES = [
    (re.sub(r'"Principal": null, ?', "", text), caller, action, allowed, explicit)
    for text, caller, action, allowed, explicit in CASES
]


@pytest.mark.parametrize(
    ("text", "caller", "action", "allowed", "explicit"), CASES, ids=range(len(CASES))
)
def test_statements_decide(
    text: str, caller: Caller, action: str, allowed: bool, explicit: bool
) -> None:
    """Who, what and on which key; a Condition is read on the safe side."""
    decision = decide(caller, action, text, KEY)
    assert (allowed, explicit) == (decision.allowed, decision.explicit)


def test_a_decision_names_its_statement() -> None:
    """The first allow, the first deny, or that nothing allowed it."""
    allowing = decide(ROOT, "kms:Encrypt", policy(deny(Action="s3:x"), DELEGATE, DELEGATE), KEY)
    assert allowing.statement == 'key policy, statement 2 "all"'
    denying = decide(ROOT, "kms:Encrypt", policy(DELEGATE, deny(), deny()), KEY)
    assert denying.statement == 'key policy, statement 2 "no"'
    nothing = decide(ALICE, "kms:Encrypt", policy(DELEGATE), KEY)
    assert nothing.statement == "no statement of the key policy allows it"


def test_account_actions_are_the_root_users_own() -> None:
    """In its own account, and nobody else's."""
    assert decide_account(ROOT, ACCOUNT).allowed
    assert not decide_account(ROOT, OTHER).allowed
    assert not decide_account(ALICE, ACCOUNT).allowed


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("", "", True),
        ("", "a", False),
        ("*", "", True),
        ("*", "anything:/é\n", True),
        ("?", "", False),
        ("?", "a", True),
        ("a*", "a", True),
        ("*a", "ba", True),
        ("*a", "ab", False),
        ("a*b*c", "aXXbYYc", True),
        ("a*b*c", "aXXcYYb", False),
        ("**a**", "xax", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("[a]", "a", False),
        ("[a]", "[a]", True),
        ("a.c", "abc", False),
        ("kms:*", "kms", False),
        ("*ab*ab", "abab", True),
        ("*ab", "aab", True),
    ],
)
def test_wildcards(pattern: str, text: str, expected: bool) -> None:
    """Star is any run, question mark one character; everything else is itself."""
    assert matches(pattern, text) is expected


@given(st.text(alphabet="ab*?", max_size=8), st.text(alphabet="ab", max_size=10))
def test_wildcards_agree_with_a_reference(pattern: str, text: str) -> None:
    """The same answers as the standard library's translation to a regular expression."""
    assert matches(pattern, text) is fnmatch.fnmatchcase(text, pattern)


class Counting(str):
    """Counts how often its characters are looked at."""

    __slots__ = ("looks",)

    looks: int

    def __getitem__(self, index: Any) -> str:
        self.looks += 1
        return super().__getitem__(index)


@pytest.mark.parametrize("stars", [1, 10, 100, 1000])
def test_many_stars_take_few_steps(stars: int) -> None:
    """a*a*a*...b against 8 KiB of a: no more steps than a few for each character."""
    text = Counting("a" * 8192)
    text.looks = 0
    assert not matches("a*" * stars + "b", text)
    assert text.looks <= 3 * len(text)


def test_the_worst_pattern_is_bounded() -> None:
    """Steps are at most the product of both lengths, which the sizes of ARNs keep small."""
    text = Counting("a" * 512)
    text.looks = 0
    assert not matches("*" + "a" * 256 + "b", text)
    assert text.looks <= 512 * 258
