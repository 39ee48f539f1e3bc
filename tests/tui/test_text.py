"""The one door through which strings become content."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Span
from textual.widgets import Static

from kmstui.tui import text
from tests._textual_private import screen_text
from tests.helpers.hostile import FORBIDDEN, HOSTILE, MARKUP
from tests.helpers.stage import Stage

MARKUP_AND_PLAIN = (*MARKUP, "", "payments-db", "日本語")


class TestVisible:
    """What is written out and what is not."""

    @pytest.mark.parametrize("source", HOSTILE)
    def test_nothing_hidden(self, source: str) -> None:
        """No character is left that a terminal would obey or hide."""
        assert FORBIDDEN.search(text.visible(source)) is None
        assert "\n" not in text.visible(source)

    @pytest.mark.parametrize("source", MARKUP_AND_PLAIN)
    def test_plain(self, source: str) -> None:
        """What can be seen stays as it is, markup included."""
        assert source == text.visible(source)

    @pytest.mark.parametrize(
        ("expected", "source"),
        [
            (r"\u{202E}gpj.exe", "\u202egpj.exe"),
            (r"\u{001B}[2J", "\x1b[2J"),
            (r"two\u{000A}lines", "two\nlines"),
            (r"\u{D800}", "\ud800"),
            (r"\u{E0041}", "\U000e0041"),
            (r"\u{0301}x", "\u0301x"),
            ("e\u0301", "e\u0301"),
            ("z\u0301\u0301" + r"\u{0301}", "z\u0301\u0301\u0301"),
        ],
    )
    def test_code_points(self, expected: str, source: str) -> None:
        """A hidden character is written as its code point, a combining mark only in excess."""
        assert expected == text.visible(source)

    def test_newlines(self) -> None:
        """Line breaks and tabs are kept on request."""
        assert text.visible("a\n\tb", newlines=True) == "a\n    b"

    @given(st.text())
    def test_any_text(self, source: str) -> None:
        """Whatever the string, nothing forbidden comes out, and twice is the same as once."""
        shown = text.visible(source)
        assert FORBIDDEN.search(shown) is None
        assert shown == text.visible(shown)


class TestLiteral:
    """Content that shows a string as it is."""

    @pytest.mark.parametrize("source", HOSTILE)
    def test_plain(self, source: str) -> None:
        """The content reads as the visible text."""
        assert text.visible(source) == text.literal(source, "bold").plain

    def test_escapes_are_styled(self) -> None:
        """A code point that was written out can be told from the same characters typed."""
        (span,) = text.literal("a\u202eb").spans
        assert (span.start, span.end, span.style) == (1, 9, text.ESCAPE_STYLE)
        assert not text.literal(r"a\u{202E}b").spans

    @pytest.mark.parametrize("source", HOSTILE)
    async def test_on_screen(self, source: str) -> None:
        """On a screen it neither raises nor lets a forbidden character through."""
        app = Stage(Static(text.one_line(source, 60)))
        async with app.play((80, 3)):
            assert FORBIDDEN.search(screen_text(app)) is None

    async def test_click_runs_nothing(self) -> None:
        """A click on a string that spells an action leaves the application running."""
        app = Stage(Static(text.literal("[@click=app.exit]x[/]")))
        async with app.play((80, 3)) as pilot:
            await pilot.click(Static, offset=(18, 0))
            assert app.is_running
            assert screen_text(app).strip() == "[@click=app.exit]x[/]"


class TestTemplate:
    """Our own markup with places for other people's strings."""

    @pytest.mark.parametrize("value", HOSTILE)
    def test_values(self, value: str) -> None:
        """A value is shown literally, whatever it is."""
        content = text.template("[b]$name[/b] is $state", name=value, state="on")
        assert f"{text.visible(value)} is on" == content.plain

    def test_styles(self) -> None:
        """The markup around a place styles the value; content keeps its own styles inside."""
        content = text.template("[b]<$one>[/b]", one=text.styled("x", "italic"))
        assert {(0, 3, "b"), (1, 2, "italic")} <= {
            (span.start, span.end, span.style) for span in _merged(content)
        }

    def test_number(self) -> None:
        """A number is written in digits."""
        assert text.template("$count keys", count=3).plain == "3 keys"

    def test_value_that_spells_a_place(self) -> None:
        """A value is not searched for places."""
        assert text.template("$a $b", a="$b", b="b").plain == "$b b"

    def test_missing_value(self) -> None:
        """A place without a value is an error of ours and raises."""
        with pytest.raises(KeyError):
            text.template("$name $other", name="x")

    def test_missing_place(self) -> None:
        """A value without a place is an error of ours and raises."""
        with pytest.raises(KeyError):
            text.template("$name", name="x", other="y")


class TestFit:
    """Cells of exact width."""

    @pytest.mark.parametrize("source", HOSTILE)
    @pytest.mark.parametrize("width", [0, 1, 2, 7, 40])
    def test_width(self, source: str, width: int) -> None:
        """Text takes exactly the cells asked for, as a string and as content."""
        assert width == cell_len(text.cell_fit(source, width))
        assert width == text.content_fit(text.literal(source), width).cell_length

    @pytest.mark.parametrize(
        ("expected", "source", "align"),
        [
            ("abc   ", "abc", "left"),
            ("   abc", "abc", "right"),
            ("abcde…", "abcdefgh", "left"),
            ("日本 …", "日本語日本", "left"),
        ],
    )
    def test_cut_and_padding(self, expected: str, source: str, align: text.Align) -> None:
        """Short text is padded, long text ends in an ellipsis, no wide character is halved."""
        assert expected == text.cell_fit(source, 6, align)
        assert expected == text.content_fit(text.literal(source), 6, align).plain

    def test_one_line(self) -> None:
        """One line is at most as wide as asked, and no wider than it need be."""
        assert text.one_line("abc", 6).plain == "abc"
        assert text.one_line("abcdefgh", 6).plain == "abcde…"


class TestSmall:
    """The rest of the door."""

    def test_mask(self) -> None:
        """A mask tells nothing of the length, and an empty value has none."""
        assert text.mask("a").plain == text.mask("a" * 100).plain
        assert text.mask("").plain == ""

    @pytest.mark.parametrize(
        ("expected", "source"), [(True, "payments-db"), (False, "zahlungen-ü"), (False, "a\nb")]
    )
    def test_printable_ascii(self, expected: bool, source: str) -> None:
        """Only printable ASCII can be asked back from a person."""
        assert expected is text.printable_ascii(source)

    def test_plural(self) -> None:
        """A count agrees with its noun."""
        counts = [text.plural(count, "key").plain for count in (0, 1, 2000)]
        assert counts == ["0 keys", "1 key", "2,000 keys"]

    def test_join(self) -> None:
        """Contents join with a literal separator, or on lines of their own."""
        parts = [text.literal("a"), text.literal("[b]")]
        assert text.join(parts, "[/]").plain == "a[/][b]"
        assert text.lines(*parts).plain == "a\n[b]"

    def test_without_hidden(self) -> None:
        """Hidden characters can be left out instead of written out."""
        assert text.without_hidden("ev\u202eil\x1b[2J") == "evil[2J"


def _merged(content: text.Content) -> list[Span]:
    """Join spans of one style that touch."""
    merged: list[Span] = []
    for span in sorted(content.spans, key=lambda span: (str(span.style), span.start)):
        last = merged[-1] if merged else None
        if last is not None and last.style == span.style and last.end == span.start:
            merged[-1] = Span(last.start, span.end, span.style)
        else:
            merged.append(span)
    return merged


class TestJsonEscaped:
    """JSON that can be shown as it is."""

    def test_hidden_characters_become_escapes(self) -> None:
        """The document means the same, and a terminal finds nothing to obey."""
        source = '{"a\u202e": "\x1b[31m\U000e0041", "é": "日本"}'
        shown = text.json_escaped(source.replace("\x1b", "\u009b"))
        assert '{"a\\u202e": "\\u009b[31m\\udb40\\udc41", "é": "日本"}' == shown

    def test_line_breaks_stay(self) -> None:
        """Lines are lines, whoever wrote them; a tab is four spaces."""
        assert '{\n    "a": 1\n}' == text.json_escaped('{\r\n\t"a": 1\r\n}')
