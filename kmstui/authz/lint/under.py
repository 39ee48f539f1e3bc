"""Checks of conditions: keys, operators and set operators that do not go together."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

from kmstui.authz.lint.facts import about, quote
from kmstui.authz.lint.finding import Mark
from kmstui.authz.lint.reading import Clause, Document, Passage
from kmstui.authz.lint.scan import Array, Object
from kmstui.authz.statement import Comparison, Quantifier
from kmstui.authz.vocabulary import CONDITION_KEYS, ConditionKey, KeyType, condition_key

_FITTING: Final = {
    KeyType.STRING: ("String",),
    KeyType.ARN: ("Arn", "String"),
    KeyType.BOOL: ("Bool",),
    KeyType.NUMERIC: ("Numeric",),
    KeyType.DATE: ("Date",),
    KeyType.IP: ("IpAddress", "NotIpAddress"),
    KeyType.BINARY: ("Binary",),
}
"""How the operators begin that fit a type."""

_USABLE: Final = frozenset({KeyType.BOOL, KeyType.NUMERIC})
"""Types whose values a String operator still compares, as they are written."""

_HOLDS: Final = {
    KeyType.STRING: "a text",
    KeyType.ARN: "an ARN",
    KeyType.BOOL: "true or false",
    KeyType.NUMERIC: "a number",
    KeyType.DATE: "a time",
    KeyType.IP: "an address",
    KeyType.BINARY: "bytes",
}
_FAMILIES: Final = frozenset(key.name.lower() for key in CONDITION_KEYS if key.is_family)

_DEPRECATED: Final = {
    "kms:customermasterkeyspec": "kms:KeySpec",
    "kms:customermasterkeyusage": "kms:KeyUsage",
}


def _known(passage: Passage) -> Iterator[tuple[Clause, ConditionKey]]:
    for clause in passage.clauses:
        found = condition_key(clause.key)
        if found is not None:
            yield clause, found


@lru_cache(maxsize=512)
def nearest_key(text: str) -> str:
    """Return the condition key that a text most resembles; empty if none is near."""
    folded = {key.name.lower(): key.name for key in CONDITION_KEYS}
    found = get_close_matches(text[:64].lower(), folded, n=1, cutoff=0.75)
    return folded[found[0]] if found else ""


def unknown_condition_key(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find keys of KMS, or of every service, that there are not."""
    for clause in passage.clauses:
        if (
            clause.key.startswith(("kms:", "aws:", "kmstui:"))
            and clause.key not in _FAMILIES
            and condition_key(clause.key) is None
        ):
            near = nearest_key(clause.key)
            yield Mark(
                clause.line,
                f"There is no condition key {quote(clause.written)}.",
                f"Did you mean {near}?" if near else "",
            )


def missing_tag_key(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find keys that need a name behind them and have none."""
    for clause in passage.clauses:
        if clause.key in _FAMILIES:
            yield Mark(clause.line, f"{quote(clause.written)} lacks the name that it is about.")


def irrelevant_condition_key(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find keys that none of the statement's actions has."""
    named = about(passage)
    if not named or not all(word.text.lower().startswith("kms:") for word in passage.actions):
        return
    for clause, key in _known(passage):
        if key.actions is not None and not named & key.actions:
            yield Mark(
                clause.line, f"None of the statement's actions has {quote(clause.written)}."
            )


def partly_irrelevant_key(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find keys that only some of the actions of an Allow have, which loses the others."""
    if not passage.allow or passage.inverted_action:
        return
    named = about(passage)
    for clause, key in _known(passage):
        if key.actions is None or clause.operator.if_exists or clause.operator.comparison.negated:
            continue
        without = named - key.actions
        if without and named & key.actions and clause.operator.comparison is not Comparison.NULL:
            yield Mark(
                clause.line,
                f"{quote(clause.written)} is never there for {min(without)}, which this Allow "
                "then does not give.",
            )


def operator_type(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find operators that cannot compare what the key holds."""
    for clause, key in _known(passage):
        if _misfit(clause, key) and not _is_usable(clause, key):
            yield Mark(
                clause.line,
                f"{clause.operator.comparison} does not fit {quote(clause.written)}, which holds "
                f"{_HOLDS[key.type]}.",
                f"Use {_proposed(key)}.",
            )


def operator_type_usable(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find operators of another type that work all the same."""
    for clause, key in _known(passage):
        if _misfit(clause, key) and _is_usable(clause, key):
            yield Mark(
                clause.line,
                f"{quote(clause.written)} holds {_HOLDS[key.type]}; "
                f"{clause.operator.comparison} compares it as a text.",
                f"Use {_proposed(key)}.",
            )


def _misfit(clause: Clause, key: ConditionKey) -> bool:
    comparison = clause.operator.comparison
    if comparison is Comparison.NULL or comparison.value.startswith(_FITTING[key.type]):
        return False
    if clause.key == "aws:epochtime" and comparison.value.startswith("Numeric"):
        return False
    return not (clause.key.endswith("principal") and comparison.value.startswith("Arn"))


def _is_usable(clause: Clause, key: ConditionKey) -> bool:
    return key.type in _USABLE and clause.operator.comparison.value.startswith("String")


def _proposed(key: ConditionKey) -> str:
    return {
        KeyType.STRING: "StringEquals or StringLike",
        KeyType.ARN: "ArnEquals or ArnLike",
        KeyType.BOOL: "Bool",
        KeyType.NUMERIC: "NumericEquals or another Numeric operator",
        KeyType.DATE: "DateLessThan or another Date operator",
        KeyType.IP: "IpAddress",
        KeyType.BINARY: "BinaryEquals",
    }[key.type]


def for_all_values_single(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find ForAllValues in an Allow on a key with one value: it holds without the key too."""
    for clause, key in _known(passage):
        if passage.allow and clause.operator.quantifier is Quantifier.ALL and not key.multivalued:
            yield Mark(
                clause.line,
                f"ForAllValues on {quote(clause.written)}, which has one value, also holds where "
                "the request has none.",
            )


def set_operator_single(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find set operators on keys with one value where they are only superfluous."""
    for clause, key in _known(passage):
        quantifier = clause.operator.quantifier
        if key.multivalued or quantifier is Quantifier.NONE:
            continue
        if not (passage.allow and quantifier is Quantifier.ALL):
            yield Mark(clause.line, f"{quote(clause.written)} has one value and needs no set.")


def for_all_values_open(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find ForAllValues in an Allow without a test that the key is there."""
    present = {
        clause.key
        for clause in passage.clauses
        if clause.operator.comparison is Comparison.NULL
        and [value.text.lower() for value in clause.values] == ["false"]
    }
    for clause, key in _known(passage):
        if (
            passage.allow
            and clause.operator.quantifier is Quantifier.ALL
            and key.multivalued
            and clause.key not in present
        ):
            yield Mark(
                clause.line,
                f"ForAllValues on {quote(clause.written)} also holds where the request has no "
                "such key.",
            )


def missing_set_operator(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find keys with several values and an operator for one."""
    for clause, key in _known(passage):
        if (
            key.multivalued
            and clause.operator.quantifier is Quantifier.NONE
            and clause.operator.comparison is not Comparison.NULL
        ):
            yield Mark(clause.line, f"{quote(clause.written)} can have several values.")


def null_with_set_operator(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find Null with a set operator."""
    for clause in passage.clauses:
        if (
            clause.operator.comparison is Comparison.NULL
            and clause.operator.quantifier is not Quantifier.NONE
        ):
            yield Mark(clause.line, f"{clause.operator} asks no more than Null does.")


def deprecated_key(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find condition keys that have another name now."""
    for clause in passage.clauses:
        if clause.key in _DEPRECATED:
            yield Mark(
                clause.line,
                f"{quote(clause.written)} is deprecated.",
                f"Use {_DEPRECATED[clause.key]}.",
            )


def key_only_in_identity(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find keys in a key policy that only identity policies are given."""
    for clause in passage.clauses:
        if clause.key == "kms:resourcealiases":
            yield Mark(
                clause.line, f"{quote(clause.written)} works in identity policies, not here."
            )


def empty_condition(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find conditions and operators with nothing in them, which always hold."""
    node = passage.node("Condition")
    if not isinstance(node, Object):
        return
    if not node.members:
        yield Mark(node.line, f"Condition of statement {passage.number} is empty.")
    for member in node.members:
        if isinstance(member.node, Object) and not member.node.members:
            yield Mark(member.line, f"{quote(member.name)} has no condition key.")


def empty_list(passage: Passage, _: Document) -> Iterator[Mark]:
    """Find empty lists of actions, resources, principals and values."""
    for member in passage.members:
        if isinstance(member.node, Array) and not member.node.items:
            yield Mark(member.line, f"{quote(member.name)} is an empty list.")
        if "Principal" in member.name and isinstance(member.node, Object):
            for entry in member.node.members:
                if isinstance(entry.node, Array) and not entry.node.items:
                    yield Mark(entry.line, f"{quote(entry.name)} is an empty list.")
    for clause in passage.clauses:
        if not clause.values:
            yield Mark(clause.line, f"{quote(clause.written)} is compared with nothing.")
