"""How the editor puts the text and its remarks into words. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from kmstui.authz.lint import Finding, Level
from kmstui.tui import text
from kmstui.tui.places.access.policies.remarks import LOOKS
from kmstui.tui.text import Content


def headline(
    source: str, findings: Sequence[Finding], *, most: int, dirty: bool, looking: bool
) -> Content:
    """Say in one line whether it is saved, how long it is, and what there is to remark.

    Args:
        source: The text.
        findings: The remarks on it.
        most: Bytes it may have.
        dirty: Whether it is not saved.
        looking: Whether it was changed since the remarks were made.
    """
    size = len(source.encode("utf-8", "replace"))
    errors = sum(1 for finding in findings if finding.level is Level.ERROR)
    parts = [
        text.styled("DRAFT", "bold $warn") if dirty else text.literal("as stored", "$muted"),
        text.literal(f"{size:,} / {most:,} bytes", "$danger" if size > most else "$muted"),
    ]
    if looking:
        return text.join([*parts, text.literal("looking…", "$muted")], "   ")
    if errors:
        parts.append(text.styled(f"✗ {text.plural(errors, 'error').plain}", "$danger"))
    else:
        parts.append(text.styled("✓ no errors", "$ok"))
    others = len(findings) - errors
    if others:
        parts.append(text.styled(text.plural(others, "remark").plain, "$warn"))
    return text.join(parts, "   ")


def written(finding: Finding) -> Content:
    """Write a remark: its line and level, what is wrong, what to do."""
    glyph, style = LOOKS[finding.level]
    head = text.template(
        "[$muted]line $line[/] $level",
        line=str(finding.line),
        level=text.styled(finding.level, style),
    )
    lines = [text.styled(f"{glyph} ", style) + head, text.literal(finding.message)]
    if finding.hint:
        lines.append(text.literal(finding.hint, "$muted"))
    return text.lines(*lines)
