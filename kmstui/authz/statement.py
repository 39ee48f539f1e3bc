"""The parts of a policy: statements, principals, conditions and the operators that they use.

Source: IAM User Guide, *IAM JSON policy elements reference*.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import lru_cache
from typing import Final


class Comparison(StrEnum):
    """What a condition operator compares, under the operator's plain name."""

    STRING_EQUALS = "StringEquals"
    STRING_NOT_EQUALS = "StringNotEquals"
    STRING_EQUALS_IGNORE_CASE = "StringEqualsIgnoreCase"
    STRING_NOT_EQUALS_IGNORE_CASE = "StringNotEqualsIgnoreCase"
    STRING_LIKE = "StringLike"
    STRING_NOT_LIKE = "StringNotLike"
    NUMERIC_EQUALS = "NumericEquals"
    NUMERIC_NOT_EQUALS = "NumericNotEquals"
    NUMERIC_LESS_THAN = "NumericLessThan"
    NUMERIC_LESS_THAN_EQUALS = "NumericLessThanEquals"
    NUMERIC_GREATER_THAN = "NumericGreaterThan"
    NUMERIC_GREATER_THAN_EQUALS = "NumericGreaterThanEquals"
    DATE_EQUALS = "DateEquals"
    DATE_NOT_EQUALS = "DateNotEquals"
    DATE_LESS_THAN = "DateLessThan"
    DATE_LESS_THAN_EQUALS = "DateLessThanEquals"
    DATE_GREATER_THAN = "DateGreaterThan"
    DATE_GREATER_THAN_EQUALS = "DateGreaterThanEquals"
    BOOL = "Bool"
    BINARY_EQUALS = "BinaryEquals"
    IP_ADDRESS = "IpAddress"
    NOT_IP_ADDRESS = "NotIpAddress"
    ARN_EQUALS = "ArnEquals"
    ARN_NOT_EQUALS = "ArnNotEquals"
    ARN_LIKE = "ArnLike"
    ARN_NOT_LIKE = "ArnNotLike"
    NULL = "Null"

    @property
    def negated(self) -> bool:
        """Whether it holds where nothing matches, and where the key is missing."""
        return self in NEGATED

    @property
    def takes_variables(self) -> bool:
        """Whether ``${...}`` in a value is a policy variable: texts and ARNs only."""
        return self in TAKES_VARIABLES


NEGATED: Final = frozenset(each for each in Comparison if "Not" in each)
"""The comparisons that are negations of others."""

TAKES_VARIABLES: Final = frozenset(each for each in Comparison if each.startswith(("S", "A")))
"""The comparisons of texts and ARNs."""


class Quantifier(Enum):
    """How several values of the request combine."""

    NONE = ""
    ALL = "ForAllValues:"
    ANY = "ForAnyValue:"


@dataclass(frozen=True, slots=True)
class ConditionOperator:
    """A condition operator, taken apart.

    Attributes:
        comparison: What is compared.
        quantifier: The set operator before it, if any.
        if_exists: Whether it ends in IfExists.
    """

    comparison: Comparison
    quantifier: Quantifier = Quantifier.NONE
    if_exists: bool = False

    @staticmethod
    @lru_cache(maxsize=512)
    def parse(text: str) -> ConditionOperator:
        """Return the operator that a text names; names are case-sensitive.

        Raises:
            ValueError: There is no such operator, or it is Null with IfExists.
        """
        rest, quantifier = text, Quantifier.NONE
        for candidate in (Quantifier.ALL, Quantifier.ANY):
            if text.startswith(candidate.value):
                rest, quantifier = text.removeprefix(candidate.value), candidate
        plain = rest.removesuffix("IfExists")
        if_exists = plain != rest
        comparison = Comparison(plain)
        if comparison is Comparison.NULL and if_exists:
            message = "Null takes no IfExists"
            raise ValueError(message)
        return ConditionOperator(comparison, quantifier, if_exists)

    def __str__(self) -> str:
        suffix = "IfExists" if self.if_exists else ""
        return f"{self.quantifier.value}{self.comparison.value}{suffix}"


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator on one key.

    Attributes:
        operator: How it compares.
        key: The condition key in lower case, by which the request's value is found.
        written: The key as the policy writes it.
        values: What the policy compares with, as texts; numbers and booleans as JSON has them.
    """

    operator: ConditionOperator
    key: str
    written: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Principals:
    """The principals that a statement names, by type.

    Attributes:
        aws: Accounts, users, roles and sessions; ``*`` is everyone.
        services: Service principals.
        federated: Identity providers.
        canonical: Canonical user ids.
    """

    aws: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    federated: tuple[str, ...] = ()
    canonical: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy, with lists where the grammar allows one value or several.

    Attributes:
        sid: The statement's name; may be empty.
        allow: ``True`` for Allow, ``False`` for Deny.
        principals: Whom it names; ``None`` in policies that name nobody.
        inverted_principal: Whether it is NotPrincipal.
        actions: Action patterns.
        inverted_action: Whether it is NotAction.
        resources: Resource patterns. Empty where the element is missing, which matches nothing
            but in a role's trust policy.
        inverted_resource: Whether it is NotResource.
        conditions: All of them must hold.
    """

    sid: str
    allow: bool
    principals: Principals | None
    inverted_principal: bool
    actions: tuple[str, ...]
    inverted_action: bool
    resources: tuple[str, ...]
    inverted_resource: bool
    conditions: tuple[Condition, ...]
