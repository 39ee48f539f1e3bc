"""Every check, in one table: what it is called, how much it matters, and where it applies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from kmstui.authz.lint import form, mfa, posture, under, values, what, whom
from kmstui.authz.lint.finding import Finding, Level, Mark
from kmstui.authz.lint.reading import Document, Passage
from kmstui.authz.model import PolicyKind

Look: TypeAlias = Callable[[Passage, Document], Iterator[Mark]]
LookAtAll: TypeAlias = Callable[[Document], Iterator[Mark]]

_EVERY: Final = frozenset(PolicyKind)
_KEY: Final = frozenset({PolicyKind.KEY})
_TRUST: Final = frozenset({PolicyKind.TRUST})
_NAMING: Final = _KEY | _TRUST
_IDENTITY: Final = frozenset({PolicyKind.IDENTITY})
_ATTACHED: Final = _EVERY - _NAMING
_GRANTING: Final = _KEY | _IDENTITY
_MOST_OF_ONE: Final = 50


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        code: What its findings are called.
        level: How much they matter.
        kinds: The kinds of policy that it is for.
        look: Yields the marks in one statement.
        hint: What to do, where a mark does not say so itself.
    """

    code: str
    level: Level
    kinds: frozenset[PolicyKind]
    look: Look
    hint: str = ""


@dataclass(frozen=True, slots=True)
class WholeCheck:
    """A check of the whole document; its attributes are those of ``Check``."""

    code: str
    level: Level
    kinds: frozenset[PolicyKind]
    look: LookAtAll
    hint: str = ""


_E, _W, _S, _N = Level.ERROR, Level.WARNING, Level.SECURITY, Level.SUGGESTION

CHECKS: Final[tuple[Check, ...]] = (
    Check("UNKNOWN_PRINCIPAL", _E, _NAMING, whom.unknown_principal, "Create it first."),
    Check(
        "PUBLIC_PRINCIPAL",
        _S,
        _NAMING,
        whom.public_principal,
        "Name principals, or add a condition such as StringEquals on aws:PrincipalAccount.",
    ),
    Check(
        "VIA_SERVICE_WITHOUT_CALLER",
        _S,
        _KEY,
        whom.via_service_alone,
        "Add StringEquals on kms:CallerAccount.",
    ),
    Check(
        "SERVICE_WITHOUT_SOURCE",
        _S,
        _KEY,
        whom.service_without_source,
        "Add StringEquals on aws:SourceAccount or ArnLike on aws:SourceArn.",
    ),
    Check(
        "ALLOW_NOT_PRINCIPAL",
        _S,
        _NAMING,
        whom.allow_not_principal,
        "Name those who may, in Principal.",
    ),
    Check(
        "DENY_NOT_PRINCIPAL",
        _W,
        _NAMING,
        whom.deny_not_principal,
        'Use Principal "*" with ArnNotLike on aws:PrincipalArn.',
    ),
    Check("DEAD_PRINCIPAL", _W, _NAMING, whom.dead_principal, "Remove it, or name a successor."),
    Check("FOREIGN_ACCOUNT", _W, _NAMING, whom.foreign_account, "Make sure that you trust it."),
    Check("UNKNOWN_ACTION", _W, _EVERY, what.unknown_action),
    Check("WILDCARD_IN_SERVICE", _N, _EVERY, what.wildcard_in_service, "Write kms: out."),
    Check("ACTION_WITHOUT_EFFECT", _W, _NAMING, what.action_without_effect, "Remove it."),
    Check(
        "RETIRE_IN_KEY_POLICY",
        _N,
        _KEY,
        what.retire_in_key_policy,
        "An identity policy can give it, or the grant itself.",
    ),
    Check("MISSING_ACTION", _W, _KEY, what.missing_action, "Add actions, or remove it."),
    Check("MISSING_RESOURCE", _W, _KEY, what.missing_resource, 'Add "Resource": "*".'),
    Check("REDUNDANT_ACTION", _N, _EVERY, what.redundant_action, "Remove it."),
    Check("REDUNDANT_RESOURCE", _N, _EVERY, what.redundant_resource, "Remove it."),
    Check("KEY_POLICY_RESOURCE", _W, _KEY, what.key_policy_resource, 'Write "*".'),
    Check(
        "INVALID_ARN",
        _W,
        _ATTACHED,
        what.invalid_arn,
        "Write arn:aws:kms:region:account:key/id.",
    ),
    Check(
        "ALIAS_AS_RESOURCE",
        _W,
        _ATTACHED,
        what.alias_as_resource,
        "Use the key's ARN, or a condition on kms:RequestAlias or kms:ResourceAliases.",
    ),
    Check(
        "RESOURCE_MISMATCH",
        _W,
        _ATTACHED,
        what.resource_mismatch,
        'Put it into a statement of its own with "Resource": "*".',
    ),
    Check("UNKNOWN_CONDITION_KEY", _W, _EVERY, under.unknown_condition_key),
    Check("MISSING_TAG_KEY", _W, _EVERY, under.missing_tag_key, "Write it behind the key's name."),
    Check(
        "IRRELEVANT_CONDITION_KEY",
        _W,
        _EVERY,
        under.irrelevant_condition_key,
        "Remove it, or move it to the actions that have it.",
    ),
    Check(
        "PARTLY_IRRELEVANT_CONDITION_KEY",
        _N,
        _EVERY,
        under.partly_irrelevant_key,
        "Move the actions without it to a statement of their own, or use IfExists.",
    ),
    Check("OPERATOR_TYPE", _W, _EVERY, under.operator_type),
    Check("OPERATOR_TYPE_USABLE", _N, _EVERY, under.operator_type_usable),
    Check(
        "FOR_ALL_VALUES_SINGLE",
        _S,
        _EVERY,
        under.for_all_values_single,
        "Use the operator without ForAllValues.",
    ),
    Check(
        "SET_OPERATOR_SINGLE",
        _N,
        _EVERY,
        under.set_operator_single,
        "Use the operator by itself.",
    ),
    Check(
        "FOR_ALL_VALUES_OPEN",
        _S,
        _GRANTING | _TRUST,
        under.for_all_values_open,
        'Add Null "false" for the same key.',
    ),
    Check(
        "MISSING_SET_OPERATOR",
        _W,
        _EVERY,
        under.missing_set_operator,
        "Put ForAnyValue: or ForAllValues: before the operator.",
    ),
    Check("NULL_WITH_SET_OPERATOR", _N, _EVERY, under.null_with_set_operator, "Write Null."),
    Check("DEPRECATED_KEY", _W, _EVERY, under.deprecated_key),
    Check("KEY_ONLY_IN_IDENTITY", _W, _KEY, under.key_only_in_identity, "Use kms:RequestAlias."),
    Check("EMPTY_CONDITION", _N, _EVERY, under.empty_condition, "Remove it."),
    Check("EMPTY_LIST", _N, _EVERY, under.empty_list, "Fill it, or remove it."),
    Check("INVALID_VALUE", _W, _EVERY, values.invalid_value, "Otherwise it never matches."),
    Check("PRIVATE_ADDRESS", _W, _EVERY, values.private_address, "Use aws:VpcSourceIp."),
    Check("SEVERAL_BOOLEANS", _W, _EVERY, values.several_booleans, "Write one."),
    Check("WILDCARD_WITHOUT_LIKE", _W, _EVERY, values.wildcard_without_like),
    Check("REDUNDANT_VALUE", _N, _EVERY, values.redundant_value, "Remove it."),
    Check("VARIABLE_FORM", _W, _EVERY, values.variable_form, "Write ${key} or ${key, 'text'}."),
    Check(
        "VARIABLE_WITHOUT_VERSION",
        _W,
        _EVERY,
        values.variable_without_version,
        'Set "Version": "2012-10-17".',
    ),
    Check("VARIABLE_NOT_HERE", _W, _EVERY, values.variable_not_here, "Write the value out."),
    Check("BAD_MFA_PATTERN", _S, _EVERY, mfa.bad_mfa_pattern),
    Check("FULL_ACCESS", _S, _GRANTING, posture.full_access, "List what is needed."),
    Check(
        "CRITICAL_WITHOUT_MFA",
        _W,
        _GRANTING,
        posture.critical_without_mfa,
        "Add NumericLessThan on aws:MultiFactorAuthAge, or a Deny for what is older.",
    ),
    Check(
        "CREATE_GRANT_UNBOUNDED",
        _S,
        _GRANTING,
        posture.create_grant_unbounded,
        "Add Bool kms:GrantIsForAWSResource, or bound kms:GrantOperations.",
    ),
    Check(
        "DECRYPT_ON_ALL_KEYS",
        _S,
        _IDENTITY,
        posture.decrypt_on_all_keys,
        "Name the keys' ARNs.",
    ),
    Check(
        "CONTEXT_NOT_REQUIRED",
        _N,
        _KEY,
        posture.context_not_required,
        "Add a condition on kms:EncryptionContext: or kms:EncryptionContextKeys.",
    ),
    Check("EMPTY_SID", _N, _EVERY, form.empty_sid, "Name the statement, or remove the Sid."),
)
"""The checks of one statement."""

WHOLE_CHECKS: Final[tuple[WholeCheck, ...]] = (
    WholeCheck(
        "MISSING_VERSION", _W, _EVERY, form.missing_version, 'Add "Version": "2012-10-17".'
    ),
    WholeCheck("OLD_VERSION", _W, _EVERY, form.old_version, "Write 2012-10-17."),
    WholeCheck("NEAR_THE_LIMIT", _W, _EVERY, form.near_the_limit, "Join statements."),
    WholeCheck("UNUSUAL_CHARACTER", _W, _KEY, form.unusual_characters, "Keep to Latin-1."),
    WholeCheck(
        "NO_DELEGATION",
        _W,
        _KEY,
        form.no_delegation,
        "Add a statement for the account's root with kms:*.",
    ),
    WholeCheck("DUPLICATE_SID", _W, _KEY, form.duplicate_sid, "Give each a name of its own."),
    WholeCheck("REDUNDANT_STATEMENT", _N, _EVERY, form.redundant_statement, "Remove one of them."),
    WholeCheck(
        "ADMIN_AND_USE",
        _S,
        _GRANTING,
        posture.admin_and_use,
        "Give administration and use to different principals.",
    ),
)
"""The checks of a document."""


def look(document: Document) -> list[Finding]:
    """Return what the checks of the table find in a document."""
    found: list[Finding] = []
    for whole in WHOLE_CHECKS:
        if document.kind in whole.kinds:
            found += _findings(whole, whole.look(document))
    for check in CHECKS:
        if document.kind in check.kinds:
            marks = (
                mark for passage in document.statements for mark in check.look(passage, document)
            )
            found += _findings(check, marks)
    return found


def _findings(check: Check | WholeCheck, marks: Iterable[Mark]) -> Iterator[Finding]:
    for _, mark in zip(range(_MOST_OF_ONE), marks, strict=False):
        yield Finding(check.level, mark.line, check.code, mark.message, mark.hint or check.hint)
