"""What several checks want to know of a statement."""

from __future__ import annotations

import re
from typing import Final

from kmstui.authz.coverage import CRITICAL, all_covered
from kmstui.authz.lint.reading import Clause, Named, Passage, Word
from kmstui.authz.model import PolicyKind
from kmstui.authz.patterns import has_wildcard
from kmstui.authz.statement import Quantifier
from kmstui.core.arn import is_account

ADMINISTRATION: Final = CRITICAL | {
    "kms:CancelKeyDeletion",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:ImportKeyMaterial",
    "kms:ReplicateKey",
    "kms:RotateKeyOnDemand",
    "kms:UpdateKeyDescription",
    "kms:UpdatePrimaryRegion",
}
"""Work on the key itself."""

_ROOT = re.compile(r"arn:[a-z-]+:iam::([0-9]{12}):root", re.ASCII)
_ARN_ACCOUNT = re.compile(r"arn:[a-z-]+:(?:iam|sts)::([0-9]{12}):", re.ASCII)


def quote(text: str) -> str:
    """Return a text of the document as a message shows it: in quotes, and not too long."""
    return f'"{text}"' if len(text) <= 80 else f'"{text[:77]}..."'


def about(passage: Passage) -> frozenset[str]:
    """Return the KMS actions that a statement is about."""
    patterns = (word.text for word in passage.actions)
    return all_covered(patterns, inverted=passage.inverted_action)


def account_of(text: str) -> str:
    """Return the account that a principal belongs to; empty when its text does not say."""
    if is_account(text):
        return text
    found = _ARN_ACCOUNT.match(text)
    return found.group(1) if found else ""


def is_account_principal(named: Named) -> bool:
    """Tell whether a principal stands for a whole account."""
    return named.kind == "AWS" and bool(is_account(named.text) or _ROOT.fullmatch(named.text))


def is_person(named: Named) -> bool:
    """Tell whether a principal is a user, a role or a session."""
    return named.kind == "AWS" and named.text != "*" and not is_account_principal(named)


def names_everyone(passage: Passage) -> bool:
    """Tell whether a statement's Principal has a lone ``*``."""
    return not passage.inverted_principal and any(
        named.kind == "AWS" and named.text == "*" for named in passage.principals
    )


def gives_directly(passage: Passage, kind: PolicyKind) -> bool:
    """Tell whether an Allow gives something to users or roles, and does not only delegate.

    An identity policy always does. A key policy does unless it names accounts only, whose own
    policies then decide.
    """
    if passage.allow is not True:
        return False
    if kind is PolicyKind.IDENTITY:
        return True
    return any(is_person(named) or named.text == "*" for named in passage.principals)


def demands(clause: Clause) -> bool:
    """Tell whether a condition fails when the request does not have its key."""
    return not (
        clause.operator.if_exists
        or clause.operator.comparison.negated
        or clause.operator.quantifier is Quantifier.ALL
        or clause.operator.comparison.value == "Null"
    )


def is_fixed(word: Word) -> bool:
    """Tell whether a value stands for known things only.

    A variable never does; a wildcard does in an ARN that names its account.
    """
    if "${" in word.text:
        return False
    return not has_wildcard(word.text) or bool(_ARN_ACCOUNT.match(word.text))


def pins(passage: Passage, keys: frozenset[str]) -> bool:
    """Tell whether a statement demands one of some keys to have fixed values."""
    return any(
        clause.key in keys
        and demands(clause)
        and bool(clause.values)
        and all(is_fixed(value) for value in clause.values)
        for clause in passage.clauses
    )


def mentions(passage: Passage, *prefixes: str) -> bool:
    """Tell whether a statement demands a key that begins in one of some ways."""
    return any(clause.key.startswith(prefixes) and demands(clause) for clause in passage.clauses)
