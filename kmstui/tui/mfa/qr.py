"""QR codes in half blocks: two modules a cell, one above the other. Pure but for the encoder."""

from __future__ import annotations

from kmstui.tui import text
from kmstui.tui.text import Content

BORDER = 2
"""Light modules around the code; four are asked for, two are read by every scanner of today."""

_STYLE = "#000000 on #ffffff"
"""Dark on light whatever the theme: an inverted code is not read by every scanner."""

_HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def modules(said: str) -> list[list[bool]]:
    """Return the modules of a text's QR code, border included; True is dark."""
    import segno  # noqa: PLC0415 - only enrolment needs it

    made = segno.make(said, error="l", micro=False, boost_error=False)
    return [[bool(module) for module in row] for row in made.matrix_iter(border=BORDER)]


def half_blocks(rows: list[list[bool]]) -> list[str]:
    """Write two rows of modules in one line of characters; a missing last row is light."""
    padded = rows if len(rows) % 2 == 0 else [*rows, [False] * len(rows[0])]
    pairs = zip(padded[::2], padded[1::2], strict=True)
    return ["".join(_HALVES[pair] for pair in zip(*each, strict=True)) for each in pairs]


def qr_code(said: str) -> Content:
    """Draw a text's QR code, dark on light."""
    lines = half_blocks(modules(said))
    return text.lines(*(text.literal(line, _STYLE) for line in lines))
