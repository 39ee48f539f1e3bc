"""Remarks on a policy: beside the lines that they are about, and in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual.strip import Strip

from kmstui.authz.lint import Finding, Level, lint
from kmstui.authz.model import PolicyKind
from kmstui.tui import text
from kmstui.tui.json_colour import pretty
from kmstui.tui.text import Content
from kmstui.tui.widgets.json_view import JsonView

LOOKS = {
    Level.ERROR: ("✗", "$danger"),
    Level.WARNING: ("▲", "$warn"),
    Level.SECURITY: ("◆", "$danger"),
    Level.SUGGESTION: ("·", "$key-accent"),
}
"""Glyph and style of each level."""

_ORDER = (Level.ERROR, Level.SECURITY, Level.WARNING, Level.SUGGESTION)


def remarks_on(
    source: str,
    kind: PolicyKind,
    *,
    known: Callable[[str], bool] | None = None,
    account: str = "",
) -> tuple[Finding, ...]:
    """Return the remarks on a document, laid out as :class:`MarkedJson` shows it."""
    held = frozenset({account}) if account else frozenset()
    return lint(pretty(source), kind, known=known, held=held)


def worst(findings: Iterable[Finding]) -> dict[int, Level]:
    """Return the level that matters most of each line."""
    found: dict[int, Level] = {}
    for finding in findings:
        before = found.get(finding.line, finding.level)
        found[finding.line] = min(before, finding.level, key=_ORDER.index)
    return found


def written(findings: Iterable[Finding]) -> Content:
    """Write remarks under each other."""
    return text.lines(*(_line(finding) for finding in findings))


def _line(finding: Finding) -> Content:
    glyph, style = LOOKS[finding.level]
    said = text.template(
        "[$muted]line $line[/]  $message", line=str(finding.line), message=finding.message
    )
    hint = text.literal(f"  {finding.hint}", "$muted") if finding.hint else text.literal("")
    return text.styled(f"{glyph} {finding.level}  ", style) + said + hint


class MarkedJson(JsonView):
    """A document with a glyph beside each line that there is a remark on."""

    def __init__(self, source: str = "", **options: object) -> None:
        self._remarks: dict[int, Level] = {}
        super().__init__(source, **options)  # type: ignore[arg-type]  # handed on as they came

    def set_remarks(self, findings: Iterable[Finding]) -> None:
        """Put the glyphs of other remarks beside the lines."""
        self._remarks = worst(findings)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Paint a line, its glyph between number and text."""
        strip = super().render_line(y)
        scroll_x, scroll_y = self.scroll_offset
        level = self._remarks.get(y + scroll_y + 1)
        if level is None or scroll_x:
            return strip
        glyph, style = LOOKS[level]
        base = self.get_visual_style("json-view--line")
        mark = Strip(text.styled(glyph, style).render_segments(base))
        at = self._number_width
        return Strip.join([strip.crop(0, at), mark, strip.crop(at + 1)])
