"""Remarks on a policy document: what is refused, does not work, gives away too much, or is clumsy.

An error means that the document is refused, and every document that is refused has one; all
other remarks are advice. Source: IAM User Guide, *IAM Access Analyzer policy check reference*; AWS
Key Management Service Best Practices, *Key policies*.
"""

from __future__ import annotations

from collections.abc import Callable

from kmstui.authz.document import parse_policy
from kmstui.authz.lint.finding import Finding, Level
from kmstui.authz.lint.grammar import read
from kmstui.authz.lint.scan import ScanError, scan
from kmstui.authz.lint.table import look
from kmstui.authz.model import PolicyKind
from kmstui.core.errors import KmsError
from kmstui.core.limits import POLICY_BYTES, POLICY_CHARACTERS

__all__ = ["Finding", "Level", "lint"]

MOST_FINDINGS = 200
"""Findings of one document; whoever has so many does not read the rest."""


def lint(
    text: str,
    kind: PolicyKind,
    *,
    known: Callable[[str], bool] | None = None,
    held: frozenset[str] = frozenset(),
) -> tuple[Finding, ...]:
    """Return the remarks on a document, by line; never raises, whatever the text is.

    Args:
        text: The document, possibly half written.
        kind: What it is to be attached to.
        known: Tells whether a principal exists; asked about principals of the accounts in
            ``held``, or about all of them when that is empty. ``None`` knows everyone.
        held: The accounts whose principals are known; those of others get a warning.
    """
    if len(text) > POLICY_CHARACTERS:
        message = f"The policy is longer than {POLICY_CHARACTERS} characters."
        return (Finding(Level.ERROR, 1, "POLICY_TOO_LONG", message, "Split it or shorten it."),)
    findings = _length(text)
    try:
        root = scan(text)
    except ScanError as error:
        message = f"This is not JSON: {error.reason}."
        return (*findings, Finding(Level.ERROR, error.line, "MALFORMED_JSON", message))
    document, errors = read(text, root, kind, known, held)
    findings += errors
    if not findings:
        findings += _refusal(text, kind)
    findings += look(document)
    findings.sort(key=lambda finding: finding.level is not Level.ERROR)
    return tuple(sorted(findings[:MOST_FINDINGS], key=lambda finding: finding.line))


def _length(text: str) -> list[Finding]:
    size = len(text.encode("utf-8", "replace"))
    if size <= POLICY_BYTES:
        return []
    message = f"The policy has {size:,} bytes; {POLICY_BYTES:,} are allowed."
    return [Finding(Level.ERROR, 1, "POLICY_TOO_LONG", message, "Split it or shorten it.")]


def _refusal(text: str, kind: PolicyKind) -> list[Finding]:
    """Return the refusal of the parser that is asked in the end, should it know more."""
    try:
        parse_policy(text, kind)
    except KmsError as error:
        return [Finding(Level.ERROR, 1, "MALFORMED", error.message, error.hint)]
    return []
