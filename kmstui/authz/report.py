"""A decision as one page of text, two decisions side by side, and a trace as plain data."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from kmstui.authz.advice import Suggestion
from kmstui.authz.model import (
    Decision,
    Element,
    Layer,
    Outcome,
    Step,
    StepOutcome,
    Trace,
)
from kmstui.authz.near import NearMiss, nearly
from kmstui.core.errors import ValidationException
from kmstui.core.strictjson import JsonValue

_WIDTH: Final = 80
_LABEL: Final = 11
_MOST_NEAR: Final = 6
_MOST_CONDITIONS: Final = 12
_OUTCOMES: Final = {
    Outcome.ALLOWED: "Allowed",
    Outcome.IMPLICITLY_DENIED: "Denied: nothing allows it",
    Outcome.EXPLICITLY_DENIED: "Denied by a Deny, which nothing overrides",
}
_VERDICTS: Final = {StepOutcome.MATCH: "holds", StepOutcome.NO_MATCH: "does not hold"}
_CONDITIONS: Final = frozenset({Element.CONDITION, Element.CONSTRAINT})


def as_text(trace: Trace, *, title: str, when: str, suggestion: Suggestion | None = None) -> str:
    """Return a decision as a page of plain text, at most 80 columns wide.

    Args:
        trace: How it was decided.
        title: The first line.
        when: The time of the call, as it is to be shown.
        suggestion: What would allow it, if that is to be said.
    """
    principal, action, resource = _request(trace)
    lines = [_plain(title), "=" * min(len(_plain(title)), _WIDTH)]
    for label, text in (
        ("Time", when),
        ("Principal", principal),
        ("Action", action),
        ("Resource", resource),
        ("Decision", _OUTCOMES[trace.decision.outcome]),
        ("Decided by", _decider(trace.decision)),
    ):
        lines += _row(label, text)
    lines += _section("Conditions of the deciding statement", _conditions(trace))
    lines += _section("Nearly matched", _near(nearly(trace)))
    lines += _section("What would allow it", _suggested(suggestion))
    return "\n".join(lines) + "\n"


def _request(trace: Trace) -> tuple[str, str, str]:
    parts = trace.request_line.split(" ", 2)
    principal, action, resource = (*parts, "", "", "")[:3]
    return principal, action, resource


def _plain(text: str) -> str:
    """Return a text in which control characters show instead of acting on the terminal."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )


def _row(label: str, text: str) -> list[str]:
    text = _plain(text)
    if len(text) <= _WIDTH - _LABEL:
        return [f"{label.ljust(_LABEL)}{text}".rstrip()]
    # On lines of its own, where an ARN of the usual length stays whole and can be copied.
    return [label, *_wrapped(text, "  ", "  ")]


def _wrapped(text: str, first: str, later: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=first, subsequent_indent=later, break_on_hyphens=False
    )


def _section(title: str, items: Iterable[str]) -> list[str]:
    found = list(items)
    if not found:
        return []
    lines = ["", title]
    for item in found:
        lines += _wrapped(_plain(item), "  - ", "    ")
    return lines


def _decider(decision: Decision) -> str:
    if decision.grant_id:
        return f"grant {decision.grant_id}"
    if not decision.statement:
        if decision.layer is Layer.SERVICE:
            return "the service: the action does not work on a key of another account"
        return decision.policy or f"no {decision.layer} allows it"
    name = f' "{decision.sid}"' if decision.sid else ""
    return f"{decision.policy}, statement {decision.statement}{name}"


def _conditions(trace: Trace) -> Iterator[str]:
    decision = trace.decision
    name = decision.grant_id or decision.policy
    found = [
        step
        for step in trace.steps
        if step.element in _CONDITIONS
        and step.layer is decision.layer
        and step.policy == name
        and step.statement == decision.statement
    ]
    for step in found[:_MOST_CONDITIONS]:
        yield f"{step.wanted}: {_seen(step.seen)}, {_VERDICTS.get(step.outcome, step.outcome)}"
    if len(found) > _MOST_CONDITIONS:
        yield f"and {len(found) - _MOST_CONDITIONS} more"


def _seen(text: str) -> str:
    return f"the call has {text}" if text else "the call has no such value"


def _near(misses: tuple[NearMiss, ...]) -> Iterator[str]:
    for miss in misses[:_MOST_NEAR]:
        where = f"{miss.layer}, {miss.policy}"
        if miss.statement:
            where += f", statement {miss.statement}" + (f' "{miss.sid}"' if miss.sid else "")
        effect = "would have allowed it" if miss.allow else "would have denied it"
        yield f"{where}: {effect} but for {miss.element} {miss.wanted}; {_seen(miss.seen)}"
    if len(misses) > _MOST_NEAR:
        yield f"and {len(misses) - _MOST_NEAR} more"


def _suggested(suggestion: Suggestion | None) -> Iterator[str]:
    if suggestion is None:
        return
    yield suggestion.text
    if suggestion.dangerous:
        yield f"Careful: {suggestion.dangerous}."


@dataclass(frozen=True, slots=True)
class Pair:
    """Two steps at the same place of two traces.

    Attributes:
        left: The first trace's step; ``None`` where only the second has one.
        right: The second trace's step; ``None`` where only the first has one.
        same: Whether both are there and found the same.
    """

    left: Step | None
    right: Step | None
    same: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two traces side by side.

    Attributes:
        pairs: The steps, in order.
        first: Index of the first pair that differs; -1 if none does.
    """

    pairs: tuple[Pair, ...]
    first: int


def compare(left: Trace, right: Trace) -> Comparison:
    """Return two traces aligned by step.

    Steps belong together if they look at the same thing: the same layer, policy, statement,
    element and what that wants. What was seen may differ; what was found is compared.
    """
    mine = [_place(step) for step in left.steps]
    theirs = [_place(step) for step in right.steps]
    pairs: list[Pair] = []
    matcher = SequenceMatcher(None, mine, theirs, autojunk=False)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        if tag == "equal":
            both = zip(left.steps[start:end], right.steps[other_start:other_end], strict=True)
            pairs += [Pair(one, two, one.outcome is two.outcome) for one, two in both]
            continue
        pairs += [Pair(one, None, same=False) for one in left.steps[start:end]]
        pairs += [Pair(None, two, same=False) for two in right.steps[other_start:other_end]]
    first = next((index for index, pair in enumerate(pairs) if not pair.same), -1)
    return Comparison(tuple(pairs), first)


def _place(step: Step) -> tuple[str, ...]:
    if step.layer is Layer.RESULT:
        return (step.layer,)
    return (step.layer, step.policy, str(step.statement), step.element, step.wanted)


def trace_fields(trace: Trace) -> dict[str, JsonValue]:
    """Return a trace as plain JSON data, such as an operation's answer carries."""
    decision = trace.decision
    steps: list[JsonValue] = [
        {
            "Layer": str(step.layer),
            "Policy": step.policy,
            "Statement": step.statement,
            "Sid": step.sid,
            "Element": str(step.element),
            "Wanted": step.wanted,
            "Seen": step.seen,
            "Outcome": str(step.outcome),
        }
        for step in trace.steps
    ]
    return {
        "Request": trace.request_line,
        "Steps": steps,
        "Decision": {
            "Outcome": str(decision.outcome),
            "Layer": str(decision.layer),
            "Policy": decision.policy,
            "Statement": decision.statement,
            "Sid": decision.sid,
            "GrantId": decision.grant_id,
        },
    }


def trace_from_fields(fields: Mapping[str, object]) -> Trace:
    """Return the trace that plain data stands for.

    Raises:
        ValidationException: The data is not what ``trace_fields`` gives.
    """
    try:
        steps = fields["Steps"]
        if not isinstance(steps, list):
            raise ValidationException("A trace has a list of steps.")
        return Trace(
            _text(fields, "Request"),
            tuple(_step(_object(item)) for item in steps),
            _decision(_object(fields["Decision"])),
        )
    except (KeyError, ValueError):
        raise ValidationException("This is not a trace.") from None


def _step(fields: Mapping[str, object]) -> Step:
    return Step(
        Layer(_text(fields, "Layer")),
        _text(fields, "Policy"),
        _number(fields, "Statement"),
        _text(fields, "Sid"),
        Element(_text(fields, "Element")),
        _text(fields, "Wanted"),
        _text(fields, "Seen"),
        StepOutcome(_text(fields, "Outcome")),
    )


def _decision(fields: Mapping[str, object]) -> Decision:
    return Decision(
        Outcome(_text(fields, "Outcome")),
        Layer(_text(fields, "Layer")),
        _text(fields, "Policy"),
        _number(fields, "Statement"),
        _text(fields, "Sid"),
        _text(fields, "GrantId"),
    )


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ValidationException("A step of a trace is an object.")
    return value


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields[name]
    if not isinstance(value, str):
        raise ValidationException(f"{name} of a trace is a text.")
    return value


def _number(fields: Mapping[str, object], name: str) -> int:
    value = fields[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValidationException(f"{name} of a trace is a number.")
    return value
