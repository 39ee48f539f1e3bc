"""Checks of the document as a whole: version, names of statements, repetition, size."""

from __future__ import annotations

from collections.abc import Iterator

from kmstui.authz.lint.facts import about, is_account_principal, quote
from kmstui.authz.lint.finding import Mark
from kmstui.authz.lint.reading import Document, Passage
from kmstui.core.limits import POLICY_BYTES

_NEAR = 0.9
_MOST_COMPARED = 60


def missing_version(document: Document) -> Iterator[Mark]:
    """Find documents without a Version, which are read as the old one."""
    if document.version is None:
        yield Mark(document.line, "Without a Version the policy is read as of 2008: no variables.")


def old_version(document: Document) -> Iterator[Mark]:
    """Find documents in the old version."""
    if document.version is not None and document.version.text == "2008-10-17":
        yield Mark(document.version.line, "This version of the policy language has no variables.")


def near_the_limit(document: Document) -> Iterator[Mark]:
    """Find documents that can hardly grow."""
    size = len(document.text.encode("utf-8", "replace"))
    if _NEAR * POLICY_BYTES < size <= POLICY_BYTES:
        yield Mark(document.line, f"The policy has {size:,} bytes; {POLICY_BYTES:,} are allowed.")


def unusual_characters(document: Document) -> Iterator[Mark]:
    """Find characters that AWS does not accept in a key policy; U+00FF is the last it does."""
    for number, line in enumerate(document.text.split("\n"), start=1):
        odd = next((c for c in line if c > "\u00ff" or (c < " " and c not in "\t\r")), None)
        if odd is not None:
            yield Mark(number, f"AWS does not accept the character U+{ord(odd):04X} here.")
            return


def no_delegation(document: Document) -> Iterator[Mark]:
    """Find key policies that leave their own care to users and roles alone."""
    for passage in document.statements:
        if (
            passage.allow
            and not passage.clauses
            and not passage.inverted_principal
            and "kms:PutKeyPolicy" in about(passage)
            and any(is_account_principal(named) for named in passage.principals)
        ):
            return
    if document.statements:
        yield Mark(
            document.line,
            "No statement delegates PutKeyPolicy to the account: if the users and roles that are "
            "named go, nobody can manage the key.",
        )


def duplicate_sid(document: Document) -> Iterator[Mark]:
    """Find statements of a key policy with the same Sid."""
    seen: set[str] = set()
    for passage in document.statements:
        if passage.sid is None or not passage.sid.text:
            continue
        if passage.sid.text in seen:
            yield Mark(passage.sid.line, f"Sid {quote(passage.sid.text)} is used twice.")
        seen.add(passage.sid.text)


def empty_sid(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find Sids with nothing in them."""
    if passage.sid is not None and not passage.sid.text:
        yield Mark(passage.sid.line, f"Sid of statement {passage.number} is empty.")


def redundant_statement(document: Document) -> Iterator[Mark]:
    """Find statements that say what an earlier one says, or less."""
    compared = document.statements[:_MOST_COMPARED]
    for index, passage in enumerate(compared):
        for other in compared[:index]:
            if _includes(other, passage):
                yield Mark(
                    passage.line,
                    f"Statement {passage.number} says nothing that statement {other.number} does "
                    "not.",
                )
                break


def _includes(wide: Passage, narrow: Passage) -> bool:
    """Tell whether all that one statement says is said by another; the unreadable never is."""
    if wide.allow is None or not narrow.actions or _setting(wide) != _setting(narrow):
        return False
    resources = {word.text for word in wide.resources}
    actions = {word.text.lower() for word in wide.actions}
    asked = {word.text for word in narrow.resources}
    wanted = {word.text.lower() for word in narrow.actions}
    if wide.inverted_action or wide.inverted_resource:
        return wanted == actions and asked == resources
    if not ("*" in resources or asked <= resources):
        return False
    if wanted <= actions or "*" in actions:
        return True
    ours = all(text.startswith("kms:") for text in wanted)
    return ours and bool(about(narrow)) and about(narrow) <= about(wide)


def _setting(passage: Passage) -> tuple[object, ...]:
    """Return everything of a statement but the names of its actions and resources."""
    return (
        passage.allow,
        passage.inverted_principal,
        passage.inverted_action,
        passage.inverted_resource,
        _principals(passage),
        _conditions(passage),
    )


def _principals(passage: Passage) -> frozenset[tuple[str, str]]:
    return frozenset((named.kind, named.text) for named in passage.principals)


def _conditions(passage: Passage) -> frozenset[tuple[str, str, frozenset[str]]]:
    return frozenset(
        (str(clause.operator), clause.key, frozenset(value.text for value in clause.values))
        for clause in passage.clauses
    )
