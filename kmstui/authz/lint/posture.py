"""Checks of how much is given, after AWS's best practices for KMS."""

from __future__ import annotations

from collections.abc import Iterator

from kmstui.authz.coverage import ALL, CRITICAL, USE
from kmstui.authz.lint.facts import (
    ADMINISTRATION,
    about,
    gives_directly,
    is_account_principal,
    mentions,
    quote,
)
from kmstui.authz.lint.finding import Mark
from kmstui.authz.lint.reading import Document, Passage
from kmstui.authz.model import PolicyKind
from kmstui.authz.patterns import has_wildcard

_ARN_PARTS = 6
_ALL_KEYS = frozenset({"kms:Decrypt", "kms:ReEncryptFrom"})
_GRANT_BOUNDS = (
    "kms:grantisforawsresource",
    "kms:grantoperations",
    "kms:grantconstrainttype",
    "kms:grantconstraintsourcearn",
    "kms:granteeprincipal",
    "kms:granteeserviceprincipal",
    "kms:encryptioncontext:",
)
_SET_BOUND = "kms:grantoperations"
_CONTEXT_KEYS = ("kms:encryptioncontext:", "kms:encryptioncontextkeys")


def _place(passage: Passage) -> int:
    return passage.at("Action", "NotAction")


def full_access(passage: Passage, document: Document) -> Iterator[Mark]:
    """Find every KMS action for a user or role."""
    if gives_directly(passage, document.kind) and about(passage) >= ALL:
        whom = "a user or role" if document.kind is PolicyKind.KEY else "whom it is attached to"
        yield Mark(_place(passage), f"Statement {passage.number} gives {whom} every KMS action.")


def admin_and_use(document: Document) -> Iterator[Mark]:
    """Find principals that may both administer a key and use it."""
    duties: dict[str, set[str]] = {}
    for passage in document.statements:
        named = about(passage)
        if not gives_directly(passage, document.kind) or named >= ALL:
            continue
        found = {
            name
            for name, actions in (("administer", ADMINISTRATION), ("use", USE))
            if named & actions
        }
        for whom in _whom(passage, document):
            before = duties.setdefault(whom, set())
            if found - before and before | found == {"administer", "use"}:
                yield Mark(
                    _place(passage),
                    f"{quote(whom)} may both administer the key and use it."
                    if document.kind is PolicyKind.KEY
                    else "The policy lets one principal both administer keys and use them.",
                )
            before |= found


def _whom(passage: Passage, document: Document) -> tuple[str, ...]:
    if document.kind is PolicyKind.IDENTITY:
        return ("*",)
    return tuple(
        named.text
        for named in passage.principals
        if named.kind == "AWS" and not is_account_principal(named)
    )


def critical_without_mfa(passage: Passage, document: Document) -> Iterator[Mark]:
    """Find critical actions given without asking for a fresh MFA code."""
    if not gives_directly(passage, document.kind) or mentions(passage, "aws:multifactorauth"):
        return
    open_to = about(passage) & CRITICAL
    for other in document.statements:
        if other.allow is False and any(
            clause.key.startswith("aws:multifactorauth") for clause in other.clauses
        ):
            open_to -= about(other)
    if open_to:
        yield Mark(
            _place(passage),
            f"{', '.join(sorted(open_to))} can be called without a fresh MFA code.",
        )


def create_grant_unbounded(passage: Passage, document: Document) -> Iterator[Mark]:
    """Find CreateGrant without a bound on what is granted, or to whom."""
    named = about(passage)
    if not gives_directly(passage, document.kind) or "kms:CreateGrant" not in named:
        return
    if named >= ALL or mentions(passage, *_GRANT_BOUNDS):
        return
    if any(clause.key == _SET_BOUND for clause in passage.clauses):
        return
    yield Mark(
        _place(passage),
        "CreateGrant without a bound lets its caller give any use of the key to anyone.",
    )


def decrypt_on_all_keys(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find Decrypt or ReEncryptFrom on every key in an identity policy (Security Hub KMS.1)."""
    named = about(passage) & _ALL_KEYS
    if not passage.allow or not named or about(passage) >= ALL:
        return
    wide = passage.inverted_resource or any(_is_any_key(word.text) for word in passage.resources)
    if wide:
        yield Mark(
            passage.at("Resource", "NotResource"),
            f"{', '.join(sorted(named))} on every key, those to come too.",
        )


def _is_any_key(pattern: str) -> bool:
    if set(pattern) <= {"*"}:
        return True
    parts = pattern.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS or parts[2] not in {"kms", "*"}:
        return False
    return has_wildcard(parts[5]) and parts[5].removeprefix("key/").strip("*?") == ""


def context_not_required(passage: Passage, document: Document) -> Iterator[Mark]:
    """Find Encrypt or Decrypt given without asking for an encryption context."""
    if not gives_directly(passage, document.kind) or mentions(passage, *_CONTEXT_KEYS):
        return
    named = about(passage)
    if named >= ALL or not named & {"kms:Encrypt", "kms:Decrypt"}:
        return
    yield Mark(_place(passage), f"Statement {passage.number} asks for no encryption context.")
