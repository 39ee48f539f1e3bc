"""Checks of actions and resources: names that match nothing, and names said twice."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache

from kmstui.authz.coverage import covered
from kmstui.authz.lint.facts import about, quote
from kmstui.authz.lint.finding import Mark
from kmstui.authz.lint.reading import Document, Passage, Word
from kmstui.authz.model import PolicyKind
from kmstui.authz.patterns import has_wildcard, matches
from kmstui.authz.vocabulary import KMS_ACTIONS

ACCOUNT_ONLY = frozenset(
    name for name, action in KMS_ACTIONS.items() if not action.on_key and not action.on_alias
)
"""Actions that are not about one key; key policies are not asked about them."""

_MOST_GUESSES = 20
_MOST_PATTERNS = 40
_ARN_PARTS = 6


@lru_cache(maxsize=512)
def nearest_action(text: str) -> str:
    """Return the KMS action that a text most resembles; empty if none is near."""
    folded = {action.lower(): action for action in KMS_ACTIONS}
    found = get_close_matches(text[:64].lower(), folded, n=1, cutoff=0.75)
    return folded[found[0]] if found else ""


def unknown_action(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find KMS actions that there are not."""
    guesses = 0
    for word in passage.actions:
        vendor, _colon, _name = word.text.lower().partition(":")
        if vendor != "kms" or covered(word.text):
            continue
        guesses += 1
        near = nearest_action(word.text) if guesses <= _MOST_GUESSES else ""
        yield Mark(
            word.line,
            f"KMS has no action {quote(word.text)}.",
            f"Did you mean {near}?" if near else "",
        )


def wildcard_in_service(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find wildcards before the colon of an action."""
    for word in passage.actions:
        vendor, colon, _name = word.text.partition(":")
        if colon and has_wildcard(vendor):
            yield Mark(word.line, f"{quote(word.text)} has a wildcard in the service's name.")


def action_without_effect(passage: Passage, document: Document) -> Iterator[Mark]:
    """Find actions that this kind of policy is never asked about."""
    if passage.inverted_action:
        return
    for word in passage.actions:
        vendor, colon, _name = word.text.lower().partition(":")
        if not colon or has_wildcard(vendor):
            continue
        if document.kind is PolicyKind.TRUST:
            if vendor != "sts":
                yield Mark(word.line, f"A trust policy is not asked about {quote(word.text)}.")
        elif vendor != "kms":
            yield Mark(word.line, f"A key policy is not asked about {quote(word.text)}.")
        elif covered(word.text) and covered(word.text) <= ACCOUNT_ONLY:
            yield Mark(word.line, f"{quote(word.text)} is not about a key.")


def retire_in_key_policy(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find Allow of RetireGrant by name in a key policy, which does nothing."""
    for word in passage.actions:
        if passage.allow and covered(word.text) == {"kms:RetireGrant"}:
            yield Mark(word.line, "kms:RetireGrant in a key policy gives nothing.")


def missing_action(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find statements of a key policy without actions."""
    if not passage.actions and not passage.inverted_action:
        yield Mark(
            passage.at("Action"), f"Statement {passage.number} names no action and has no effect."
        )


def missing_resource(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find statements of a key policy without resources."""
    if not passage.resources and not passage.inverted_resource:
        yield Mark(
            passage.at("Resource"),
            f"Statement {passage.number} names no resource and has no effect.",
        )


def redundant_action(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find actions that another of the statement's patterns covers."""
    folded = [Word(word.text.lower(), word.line) for word in passage.actions]
    for word, other in _covered_by_another(folded):
        yield Mark(word.line, f"{quote(word.text)} is covered by {quote(other.text)}.")


def redundant_resource(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find resources that another of the statement's patterns covers."""
    for word, other in _covered_by_another(list(passage.resources)):
        yield Mark(word.line, f"{quote(word.text)} is covered by {quote(other.text)}.")


def _covered_by_another(words: list[Word]) -> Iterator[tuple[Word, Word]]:
    first: dict[str, Word] = {}
    patterns = [word for word in words if has_wildcard(word.text)][:_MOST_PATTERNS]
    for word in words:
        twin = first.setdefault(word.text, word)
        if twin is not word:
            yield word, twin
            continue
        for pattern in patterns:
            if pattern.text != word.text and matches(pattern.text, word.text):
                yield word, pattern
                break


def key_policy_resource(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find resources other than ``*`` in a key policy."""
    for word in passage.resources:
        if word.text != "*":
            yield Mark(
                word.line,
                f"{quote(word.text)}: a key policy is about its own key, which * stands for.",
            )


def invalid_arn(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find resources that begin like an ARN and have not its six parts."""
    for word in passage.resources:
        if not word.text.startswith("arn:"):
            continue
        parts = word.text.split(":", _ARN_PARTS - 1)
        if len(parts) < _ARN_PARTS or not all((parts[1], parts[2], parts[5])):
            yield Mark(word.line, f"{quote(word.text)} has not the six parts of an ARN.")


def alias_as_resource(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find alias ARNs where the actions are not about aliases."""
    named = about(passage)
    if not named or any(action.endswith("Alias") for action in named):
        return
    for word in passage.resources:
        parts = word.text.split(":", _ARN_PARTS - 1)
        if len(parts) == _ARN_PARTS and parts[2] == "kms" and parts[5].startswith("alias/"):
            yield Mark(word.line, f"{quote(word.text)} gives no use of the key behind the alias.")


def resource_mismatch(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find actions without a resource beside resources that are all keys."""
    if not passage.resources or passage.inverted_resource or passage.inverted_action:
        return
    if "*" in {word.text for word in passage.resources}:
        return
    for word in passage.actions:
        named = covered(word.text)
        if named and named <= ACCOUNT_ONLY:
            yield Mark(word.line, f"{quote(word.text)} is not about single keys and needs *.")
