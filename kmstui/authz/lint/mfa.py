"""Checks of conditions on MFA, which are easily written so that they do nothing.

Sessions without MFA have neither key, and long-term credentials never do; so what a condition
says of a missing key is the point.
"""

from __future__ import annotations

from collections.abc import Iterator

from kmstui.authz.lint.facts import about
from kmstui.authz.lint.finding import Mark
from kmstui.authz.lint.reading import Clause, Document, Passage
from kmstui.authz.statement import Comparison

_PRESENT = "aws:multifactorauthpresent"
_AGE = "aws:multifactorauthage"
_YOUNGER = frozenset({Comparison.NUMERIC_LESS_THAN, Comparison.NUMERIC_LESS_THAN_EQUALS})
_OLDER = frozenset({Comparison.NUMERIC_GREATER_THAN, Comparison.NUMERIC_GREATER_THAN_EQUALS})


def bad_mfa_pattern(passage: Passage, document: Document) -> Iterator[Mark]:
    """Find conditions on MFA that let calls without it through."""
    if passage.allow is None:
        return
    for clause in passage.clauses:
        if clause.key in {_PRESENT, _AGE}:
            reason = _in_allow(clause) if passage.allow else _in_deny(clause, passage, document)
            if reason:
                yield Mark(clause.line, *reason)


def _in_allow(clause: Clause) -> tuple[str, str] | None:
    operator = clause.operator
    if operator.if_exists and (_says(clause, "true") or operator.comparison in _YOUNGER):
        return (
            "IfExists lets calls without MFA through.",
            f"Write {operator.comparison} without IfExists.",
        )
    if operator.comparison in _OLDER:
        return ("This allows only when the code is old.", "Use NumericLessThan.")
    if operator.comparison is Comparison.NULL and _says(clause, "true"):
        return ("This allows only calls without MFA.", 'Use Null "false".')
    if operator.comparison is Comparison.BOOL and _says(clause, "false"):
        return ("This allows only calls without MFA.", "Compare with true.")
    return None


def _in_deny(clause: Clause, passage: Passage, document: Document) -> tuple[str, str] | None:
    operator = clause.operator
    if operator.comparison in _YOUNGER:
        return (
            "This denies when the code is fresh, and not when there is none.",
            "Use NumericGreaterThanEqualsIfExists.",
        )
    if operator.comparison is Comparison.BOOL and _says(clause, "true"):
        return ("This denies calls with MFA.", "Compare with false, in BoolIfExists.")
    weak = (operator.comparison is Comparison.BOOL and _says(clause, "false")) or (
        operator.comparison in _OLDER
    )
    if weak and not operator.if_exists and not _missing_denied(passage, document):
        return (
            f"Calls without MFA have no {clause.written}, so this Deny does not reach them.",
            f"Write {operator.comparison}IfExists.",
        )
    return None


def _missing_denied(passage: Passage, document: Document) -> bool:
    """Tell whether other Denies reach calls without MFA for all of a statement's actions."""
    names = {word.text.lower() for word in passage.actions}
    left = about(passage)
    for other in document.statements:
        if other.allow is False and any(_reaches_missing(clause) for clause in other.clauses):
            left -= about(other)
            theirs = {word.text.lower() for word in other.actions}
            names = set() if "*" in theirs else names - theirs
    return not names or (bool(about(passage)) and not left)


def _reaches_missing(clause: Clause) -> bool:
    if clause.key not in {_PRESENT, _AGE}:
        return False
    operator = clause.operator
    if operator.comparison is Comparison.NULL:
        return _says(clause, "true")
    return operator.if_exists and (_says(clause, "false") or operator.comparison in _OLDER)


def _says(clause: Clause, value: str) -> bool:
    return [word.text.lower() for word in clause.values] == [value]
