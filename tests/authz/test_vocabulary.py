"""The words of policies about KMS."""

from __future__ import annotations

import pytest

from kmstui.authz.grants import GRANT_OPERATIONS
from kmstui.authz.vocabulary import (
    CONDITION_KEYS,
    KMS_ACTIONS,
    AccessLevel,
    condition_key,
    works_across_accounts,
)


def test_actions_are_in_order_and_have_their_names() -> None:
    """Each under its own name, in alphabetical order."""
    assert sorted(KMS_ACTIONS) == list(KMS_ACTIONS)
    assert all(name == action.name for name, action in KMS_ACTIONS.items())


def test_what_a_grant_allows_is_an_action() -> None:
    """On keys, and across accounts."""
    actions = [KMS_ACTIONS[f"kms:{operation}"] for operation in GRANT_OPERATIONS]
    assert all(action.on_key and action.across_accounts for action in actions)


@pytest.mark.parametrize(
    ("action", "level", "on_key", "across"),
    [
        ("kms:Encrypt", AccessLevel.WRITE, True, True),
        ("kms:ListKeys", AccessLevel.LIST, False, False),
        ("kms:PutKeyPolicy", AccessLevel.PERMISSIONS, True, False),
        ("kms:TagResource", AccessLevel.TAGGING, True, False),
        ("kms:DescribeKey", AccessLevel.READ, True, True),
        ("kms:CreateAlias", AccessLevel.WRITE, True, False),
    ],
)
def test_actions_are_classed(action: str, level: AccessLevel, on_key: bool, across: bool) -> None:
    """By level, resource, and whether they work across accounts."""
    known = KMS_ACTIONS[action]
    assert (level, on_key) == (known.level, known.on_key)
    assert across is works_across_accounts(action)


def test_condition_keys_have_one_entry_each() -> None:
    """Names differ by more than case, and actions exist."""
    names = [key.name.lower() for key in CONDITION_KEYS]
    assert len(set(names)) == len(names)
    assert all((key.actions or frozenset()) <= set(KMS_ACTIONS) for key in CONDITION_KEYS)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("kms:viaservice", "kms:ViaService"),
        ("AWS:PrincipalTag/Team", "aws:PrincipalTag/"),
        ("kms:EncryptionContext:aws:x", "kms:EncryptionContext:"),
        ("kms:EncryptionContextKeys", "kms:EncryptionContextKeys"),
        ("aws:PrincipalTag/", None),
        ("kms:Nothing", None),
    ],
)
def test_condition_keys_are_found_in_any_case(name: str, expected: str | None) -> None:
    """A member of a family by the family's entry."""
    found = condition_key(name)
    assert expected == (None if found is None else found.name)
