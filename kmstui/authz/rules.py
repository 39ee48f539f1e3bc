"""Statements matched against one (principal, action, resource), which most of a policy is.

What does not depend on a request's condition keys is decided once and kept; only what is left, a
statement's conditions and resources with variables, is asked on every call.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from kmstui.authz.conditions import Check, compiled
from kmstui.authz.document import Policy
from kmstui.authz.matching import arn_template_matches, arn_templates
from kmstui.authz.model import Context, PolicyKind, Principal
from kmstui.authz.patterns import Glob, arn_matches, matches
from kmstui.authz.principals import Naming, naming
from kmstui.authz.statement import Statement
from kmstui.authz.variables import has_variables


@dataclass(frozen=True, slots=True)
class Subject:
    """What the static part of a statement is matched against.

    Attributes:
        principal: Who calls.
        action: The action.
        resource: The ARN, or ``*``.
        bounded: Whether the caller has a permissions boundary, which NotPrincipal asks.
    """

    principal: Principal
    action: str
    resource: str
    bounded: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A statement that covers a subject, if its checks hold.

    Attributes:
        number: The statement's number, from 1.
        sid: Its Sid.
        allow: Its effect.
        naming: How strongly it names the principal; ``DIRECT`` in policies that name nobody.
        checks: What is left to ask.
    """

    number: int
    sid: str
    allow: bool
    naming: Naming
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class _Covering:
    """The statements that cover a principal and an action, whatever the resource.

    Attributes:
        rules: One for each, as if it covered every resource.
        statements: The statement of each rule whose resource must be looked at; else ``None``.
        everywhere: Whether there is no such statement.
    """

    rules: tuple[Rule, ...]
    statements: tuple[Statement | None, ...]
    everywhere: bool


def rules(policy: Policy, subject: Subject) -> tuple[Rule, ...]:
    """Return the statements of a policy that may cover a subject, in order."""
    covering = _covering(policy, subject.principal, subject.action, subject.bounded)
    if covering.everywhere:
        return covering.rules
    found = []
    for rule, statement in zip(covering.rules, covering.statements, strict=True):
        if statement is None:
            found.append(rule)
            continue
        check = resource_check(policy, statement, subject.resource)
        if check is True:
            found.append(rule)
        elif check is not False:
            found.append(replace(rule, checks=(check, *rule.checks)))
    return tuple(found)


@lru_cache(maxsize=4096)
def _covering(policy: Policy, principal: Principal, action: str, bounded: bool) -> _Covering:
    found: list[Rule] = []
    statements: list[Statement | None] = []
    subject = Subject(principal, action, "", bounded)
    for number, statement in enumerate(policy.statements, start=1):
        strength = principal_named(statement, subject)
        if strength is Naming.NOT or not action_matches(statement, action):
            continue
        checks = condition_checks(policy, number)
        found.append(Rule(number, statement.sid, statement.allow, strength, checks))
        everywhere = policy.kind is PolicyKind.TRUST or (
            statement.resources == ("*",) and not statement.inverted_resource
        )
        statements.append(None if everywhere else statement)
    return _Covering(tuple(found), tuple(statements), not any(statements))


def principal_named(statement: Statement, subject: Subject) -> Naming:
    """Return how a statement names the subject's principal."""
    if statement.principals is None:
        return Naming.DIRECT
    return naming(statement, subject.principal, bounded=subject.bounded)


def action_matches(statement: Statement, action: str) -> bool:
    """Tell whether Action or NotAction covers an action; a missing element covers none."""
    wanted = action.lower()
    found = any(matches(pattern.lower(), wanted) for pattern in statement.actions)
    return found is not statement.inverted_action


def resource_check(policy: Policy, statement: Statement, resource: str) -> bool | Check:
    """Return whether Resource or NotResource covers a resource, or what decides it.

    A trust policy has neither: it is about its own role.
    """
    if policy.kind is PolicyKind.TRUST:
        return True
    inverted = statement.inverted_resource
    if not policy.has_variables or not any(map(has_variables, statement.resources)):
        found = any(arn_matches(pattern, resource) for pattern in statement.resources)
        return found is not inverted
    plain = (pattern for pattern in statement.resources if not has_variables(pattern))
    if any(arn_matches(pattern, resource) for pattern in plain):
        return not inverted
    return _variable_resource(statement.resources, resource, wanted=not inverted)


def _variable_resource(patterns: tuple[str, ...], resource: str, *, wanted: bool) -> Check:
    parts = resource.split(":", 5)
    split = [arn_templates(pattern) for pattern in patterns if has_variables(pattern)]
    # Before the fifth colon a variable is not allowed, so such a pattern matches nothing.
    usable = [pattern for pattern in split if all(isinstance(part, Glob) for part in pattern[:5])]

    def check(context: Context) -> bool:
        found = any(arn_template_matches(pattern, parts, context) for pattern in usable)
        return found is wanted

    return check


@lru_cache(maxsize=8192)
def condition_checks(policy: Policy, number: int) -> tuple[Check, ...]:
    """Return the conditions of a policy's statement, counted from 1, as functions."""
    variables = policy.has_variables
    conditions = policy.statements[number - 1].conditions
    return tuple(compiled(condition, variables=variables) for condition in conditions)
