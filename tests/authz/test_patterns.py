"""Wildcards: what they match, part by part in ARNs, and in linear time."""

from __future__ import annotations

import fnmatch
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmstui.authz.patterns import ANY, STAR, Texts, arn_matches, glob, glob_of, matches

KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd"


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("", "", True),
        ("", "a", False),
        ("*", "", True),
        ("*", "anything:/é\n", True),
        ("?", "", False),
        ("?", "a", True),
        ("??", "a", False),
        ("a*", "a", True),
        ("*a", "ba", True),
        ("*a", "ab", False),
        ("a*b*c", "aXXbYYc", True),
        ("a*b*c", "aXXcYYb", False),
        ("a*a", "a", False),
        ("**a**", "xax", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("*?", "", False),
        ("*a?c*", "xxabcx", True),
        ("[a]", "a", False),
        ("[a]", "[a]", True),
        ("a.c", "abc", False),
        ("kms:*", "kms", False),
        ("*ab*ab", "abab", True),
        ("*ab", "aab", True),
        ("A", "a", False),
    ],
)
def test_wildcards(pattern: str, text: str, expected: bool) -> None:
    """Star is any run, question mark one character; everything else is itself."""
    assert expected is matches(pattern, text)


@given(st.text(alphabet="ab*?", max_size=8), st.text(alphabet="ab", max_size=10))
def test_wildcards_agree_with_a_reference(pattern: str, text: str) -> None:
    """The same answers as the standard library's translation to a regular expression."""
    assert fnmatch.fnmatchcase(text, pattern) is matches(pattern, text)


@given(st.text(alphabet="ab*?", max_size=6), st.text(alphabet="ab", max_size=8))
def test_long_texts_are_matched_alike(pattern: str, text: str) -> None:
    """Where positions are tried at once the answers are those of a short text."""
    long = f"{text}{'b' * 300}{text}"
    assert fnmatch.fnmatchcase(long, f"*{pattern}*") is matches(f"*{pattern}*", long)


@given(
    st.lists(st.text(alphabet="ab*?", max_size=6), max_size=4),
    st.lists(st.text(alphabet="abé", max_size=6), max_size=6),
)
def test_many_texts_are_matched_alike(patterns: list[str], texts: list[str]) -> None:
    """All at once is the same as one by one."""
    expected = {text for text in texts if any(matches(each, text) for each in patterns)}
    assert expected == Texts(texts).matching((glob(each),) for each in patterns)


PART = st.text(alphabet="ab*?", max_size=3)
TEXT_PART = st.text(alphabet="ab", max_size=3)


@given(
    st.lists(st.tuples(*[PART] * 5, st.text(alphabet="ab*?:", max_size=4)), max_size=4),
    st.lists(st.tuples(*[TEXT_PART] * 5, st.text(alphabet="ab:", max_size=4)), max_size=6),
)
def test_many_arns_are_matched_alike(
    patterns: list[tuple[str, ...]], arns: list[tuple[str, ...]]
) -> None:
    """Part by part, all at once, is the same as one by one."""
    texts = [":".join(parts) for parts in arns]
    expected = {
        text for text in texts if any(arn_matches(":".join(each), text) for each in patterns)
    }
    found = Texts(texts, 6).matching(map(glob, each) for each in patterns)
    assert expected == found


def test_a_literal_is_never_a_wildcard() -> None:
    """Tokens say which star is one."""
    found = glob_of(["a*", STAR, "?"])
    assert found.matches("a*xx?")
    assert not found.matches("abxx?")
    assert not found.matches("a*xxy")
    found = glob_of(["a", STAR, "*", ANY, "c", STAR])
    assert found.matches("a-*xc-")
    assert not found.matches("a-yxc-")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*", True),
        (KEY, True),
        ("arn:aws:kms:*:111122223333:key/*", True),
        ("arn:aws:kms:*:*:*", True),
        ("arn:*:*:*:*:*", True),
        ("arn:aws:kms:us-????-1:111122223333:key/1234*", True),
        ("arn:aws:kms:*", False),
        ("arn:aws:kms:*:key/1234abcd", False),
        ("arn:aws:*:key/1234abcd", False),
        ("arn:aws:kms:us-east-1:111122223333:alias/*", False),
        ("arn:aws:kms:us-east-1:111122223333:KEY/*", False),
        ("arn*", False),
    ],
)
def test_arns_are_compared_part_by_part(pattern: str, expected: bool) -> None:
    """A star does not cross the first five colons; alone it is everything."""
    assert expected is arn_matches(pattern, KEY)


def test_a_resource_may_hold_colons() -> None:
    """After the fifth, a colon is a character like others."""
    assert arn_matches("arn:aws:logs:*:*:log-group:*", "arn:aws:logs:r:1:log-group:a:b")


SLOW = {
    "many stars": ("a*" * 4000 + "b", "a" * 8192),
    "many gaps": ("*a?" * 4000 + "b", "a" * 8192),
    "a long gap": ("?" * 8000 + "*b", "a" * 8192),
    "a long piece": ("*" + "a" * 4000 + "b" + "a" * 4000 + "*", "a" * 8192),
    "pieces that nearly stand": (("*" + "a" * 40 + "b" + "a" * 40) * 90, "a" * 8192),
    "gaps that nearly stand": (("*" + "a" * 40 + "?b" + "a" * 40) * 90, "a" * 8192),
    "half periods": (("*" + "ab" * 30 + "?bb") * 80, "ab" * 4096),
}


@pytest.mark.skipif(sys.gettrace() is not None, reason="being traced takes most of the time")
@pytest.mark.parametrize("name", SLOW)
def test_no_pattern_is_slow(name: str) -> None:
    """Against 8 KiB the worst patterns of 8 KiB take less than 10 ms of computing."""
    pattern, text = SLOW[name]
    best = float("inf")
    for _ in range(5):
        began = time.process_time()
        assert not matches(pattern, text)
        best = min(best, time.process_time() - began)
    assert best < 0.010
