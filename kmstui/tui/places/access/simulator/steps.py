"""Steps of decisions as lines: under the policy and layer that they look at. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kmstui.authz.model import Element, Layer, Step, StepOutcome, Trace
from kmstui.tui import text
from kmstui.tui.text import Content

Pair = tuple[Step | None, Step | None]
"""A step of each of two decisions that look at the same thing; one alone has None beside it."""

_LOOKS = {
    StepOutcome.MATCH: ("✓", "$ok"),
    StepOutcome.NO_MATCH: ("✗", "$warn"),
    StepOutcome.ALLOW: ("✓", "bold $ok"),
    StepOutcome.DENY: ("✗", "bold $danger"),
    StepOutcome.NOTHING: ("·", "$muted"),
}
_WORDS = {
    StepOutcome.ALLOW: "allows",
    StepOutcome.DENY: "denies",
    StepOutcome.NOTHING: "says nothing about it",
}
_ELEMENT_CELLS = 11
_INDENT = 4
_ARN_COLONS = 5


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the list.

    Attributes:
        step: Index of the pair that it shows, or that it stands above.
        pair: The steps; None for a heading.
        heading: What a heading says.
        depth: 0 for a layer, 1 for a policy's statement, 2 for a step.
    """

    step: int
    pair: Pair | None = None
    heading: str = ""
    depth: int = 2


def lines_of(pairs: Sequence[Pair]) -> list[Line]:
    """Put headings above the steps that they are about."""
    lines: list[Line] = []
    layer: Layer | None = None
    place: tuple[str, int] = ("", 0)
    for index, pair in enumerate(pairs):
        step = pair[0] or pair[1]
        if step is None:
            continue
        if step.layer is not layer:
            layer, place = step.layer, ("", 0)
            lines.append(Line(index, heading=str(layer), depth=0))
        here = (step.policy, step.statement)
        if here != place and step.policy and step.layer is not Layer.RESULT:
            place = here
            lines.append(Line(index, heading=_place(step), depth=1))
        lines.append(Line(index, pair))
    return lines


def deciding_step(trace: Trace) -> int:
    """Return the index of the step that decided, or of the last one if none did."""
    decision = trace.decision
    for index, step in enumerate(trace.steps):
        if step.element is not Element.STATEMENT or step.layer is not decision.layer:
            continue
        if step.layer is Layer.GRANT and step.policy == decision.grant_id:
            return index
        if decision.statement and (step.policy, step.statement) == (
            decision.policy,
            decision.statement,
        ):
            return index
    return max(len(trace.steps) - 1, 0)


def _place(step: Step) -> str:
    if step.layer is Layer.GRANT:
        return f"grant {step.policy[:12]}"
    sid = f" {step.sid}" if step.sid else ""
    return f"{step.policy} · statement {step.statement}{sid}"


def outcome_words(step: Step) -> str:
    """Say what a step found."""
    if step.element in {Element.STATEMENT, Element.RESULT}:
        return _WORDS.get(step.outcome, step.outcome.value)
    return step.outcome.value


def heading_content(line: Line, width: int, *, masked: bool) -> Content:
    """Write a heading."""
    if line.depth == 0:
        return text.one_line(line.heading, width, "bold $key-accent")
    said = text.mask(line.heading) if masked else text.literal(line.heading)
    return (text.literal("  ") + said).truncate(max(width, 0), ellipsis=True)


def step_content(step: Step | None, width: int, *, masked: bool, compact: bool) -> Content:
    """Write a step in one line.

    Args:
        step: The step; None where the other decision alone took one.
        width: Cells there are.
        masked: Whether names are hidden.
        compact: Whether there is room for what is wanted only.
    """
    if step is None:
        return text.content_fit(text.literal("    —", "$faint"), width)
    glyph, style = _LOOKS[step.outcome]
    lead = text.literal(" " * _INDENT) + text.styled(f"{glyph} ", style)
    if step.element in {Element.STATEMENT, Element.RESULT}:
        said = text.styled(_conclusion(step), style)
        return text.content_fit(lead + said, width)
    lead += text.content_fit(text.literal(str(step.element), "$muted"), _ELEMENT_CELLS)
    room = max(width - lead.cell_length, 0)
    wanted = _short(step.wanted, masked=masked)
    if compact or room < 30:
        return text.content_fit(lead + wanted, width)
    half = max(room * 3 // 5, 12)
    seen = text.literal("saw ", "$muted") + (
        _short(step.seen, masked=masked) if step.seen else text.literal("nothing", "italic $muted")
    )
    return (
        lead
        + text.content_fit(wanted, half - 1)
        + text.literal(" ")
        + text.content_fit(seen, room - half)
    )


def _conclusion(step: Step) -> str:
    if step.layer is Layer.RESULT:
        return step.seen or str(step.outcome)
    whose = "the statement" if step.element is Element.STATEMENT else "the layer"
    effect = f" ({step.wanted})" if step.outcome is StepOutcome.NOTHING and step.wanted else ""
    shown = effect if step.element is Element.STATEMENT else ""
    return f"{whose} {outcome_words(step)}{shown}"


def _value(value: str, *, masked: bool) -> Content:
    return text.mask(value) if masked and ":" in value else text.literal(value)


def _short(value: str, *, masked: bool) -> Content:
    """Write a value; of an ARN only what tells it from others, since a row cuts the end off."""
    if value.startswith("arn:") and value.count(":") >= _ARN_COLONS and ", " not in value:
        account, resource = value.split(":", _ARN_COLONS)[-2:]
        value = f"account {account}" if resource == "root" else resource
        return text.mask(value) if masked else text.literal(value)
    return _value(value, masked=masked)


def details(pair: Pair, *, masked: bool) -> Content:
    """Write a step in full, of both decisions if there are two."""
    return text.lines(*_details(pair, masked=masked))


def _details(pair: Pair, *, masked: bool) -> Iterator[Content]:
    for step in pair:
        if step is None or step.element in {Element.STATEMENT, Element.RESULT}:
            continue
        yield text.template(
            "[$muted]$element wants[/] $wanted [$muted]and saw[/] $seen [$muted]→ $outcome[/]",
            element=str(step.element),
            wanted=_value(step.wanted, masked=masked),
            seen=_value(step.seen, masked=masked) if step.seen else text.literal("nothing"),
            outcome=outcome_words(step),
        )
