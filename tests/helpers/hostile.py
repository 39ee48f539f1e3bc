"""Strings that other people may put into names, descriptions, tags, policies and errors."""

from __future__ import annotations

import re

_ESC, _CSI, _OSC, _DCS, _ST = "\x1b", "\x9b", "\x9d", "\x90", "\x9c"

MARKUP = (
    "[/]",
    "[/foo]",
    "[b]bold",
    "[@click=app.quit]x[/]",
    "[@click=app.boom('x')]desc[/]",
    "[link=https://example.invalid]here[/link]",
    "[red on blue]alert[/]",
    "[$error]x[/$error]",
    "[on $background $background]hidden[/]",
    "[[double]]",
    "unterminated [bold",
    "\\[escaped]",
    "trailing backslash \\",
    "$variable ${variable} $$",
    "arn:[x]",
    "{braces} %s %(name)s",
    "]]]",
)
"""Textual and Rich markup, template places, format strings."""

CONTROL = (
    f"{_ESC}[2J",
    f"{_ESC}[31mred{_ESC}[0m",
    f"{_ESC}]0;title\x07",
    f"{_ESC}]8;;https://example.invalid\x07link{_ESC}]8;;\x07",
    f"{_ESC}]52;c;c3RvbGVu\x07",
    f"{_ESC}P$q\x22p{_ESC}\\",
    f"{_ESC}c",
    f"{_ESC}[?1049l",
    f"{_ESC}[6n",
    f"{_ESC}",
    f"{_CSI}2J",
    f"{_OSC}0;title{_ST}",
    f"{_DCS}payload{_ST}",
    "carriage\rreturn",
    "back\x08\x08space",
    "bell\x07",
    "null\x00byte",
    "delete\x7f",
    "next\x85line",
    "tab\tstop",
    "form\x0cfeed",
    "shift\x0eout\x0f",
)
"""C0, C1, CSI, OSC, DCS, with 7-bit and 8-bit introducers."""

LINES = ("two\nlines", "\n\n\n", "line\u2028separator", "paragraph\u2029separator", "cr\r\nlf")
"""Line breaks of every kind."""

BIDI = (
    "\u202egnp.exe",
    "\u202dleft to right\u202c",
    "\u2066isolate\u2069",
    "\u2067isolate\u2069",
    "\u200emark\u200f",
    "\u061carabic mark",
)
"""Characters that change the direction of what stands beside them."""

INVISIBLE = (
    "zero\u200bwidth",
    "join\u200der",
    "word\u2060joiner",
    "\ufeffbyte order mark",
    "soft\u00adhyphen",
    "no\u00a0break",
    "hangul\u3164filler",
    "tag\U000e0041character",
    "variation\ufe0fselector",
    "braille\u2800blank",
    "private\ue000use",
    "unassigned\U000e0fff",
    "lone\ud800surrogate",
)
"""Characters that show nothing, or nothing that can be told from something else."""

WIDE = (
    "日本語のキー",
    "한국어 키",
    "👩‍👩‍👧‍👦 family",
    "🇩🇪 flag",
    "e\u0301 combined",
    "z" + "\u0301" * 40 + "algo",
    "\u0301leading mark",
    "\uff46\uff55\uff4c\uff4c",
    "payments-\u0501b",
    "a" * 256,
    "字" * 256,
    " leading and trailing ",
    "",
)
"""Widths other than one cell, look-alikes, lengths at the limit."""

HOSTILE = MARKUP + CONTROL + LINES + BIDI + INVISIBLE + WIDE
"""All of them."""

FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
"""What must never reach a terminal from a string of somebody else's; line breaks may."""
