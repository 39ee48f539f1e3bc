"""The language of the filter and its index."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmstui.core.errors import FilterError
from kmstui.tui.filter_fields import Field, Kind
from kmstui.tui.filter_index import FilterIndex
from kmstui.tui.filtering import Filter, compile_filter
from tests.helpers.hostile import HOSTILE

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Key:
    """A row of a list of keys."""

    aliases: tuple[str, ...]
    state: str = "Enabled"
    tags: dict[str, str] = field(default_factory=dict)
    grants: int | None = 0
    used: datetime | None = None
    deletion: datetime | None = None
    description: str = ""


FIELDS: tuple[Field[Key], ...] = (
    Field("alias", Kind.TEXT, lambda key: key.aliases, free=True),
    Field("text", Kind.TEXT, lambda key: key.description, free=True),
    Field("tag", Kind.TAGS, lambda key: key.tags, free=True),
    Field(
        "state",
        Kind.CHOICE,
        lambda key: key.state,
        choices=("Enabled", "Disabled", "PendingDeletion", "PendingImport"),
    ),
    Field("grants", Kind.NUMBER, lambda key: key.grants),
    Field("lastuse", Kind.AGE, lambda key: key.used),
    Field("deletion", Kind.LEFT, lambda key: key.deletion),
)

ROWS = (
    Key(
        ("payments-db", "pay/db"),
        tags={"env": "prod", "Owner": "Payments"},
        grants=3,
        used=NOW - timedelta(minutes=2),
        description="Card data, two words",
    ),
    Key(("payments-test",), "Disabled", {"env": "test"}, 9, NOW - timedelta(days=400)),
    Key(("archive[1]*",), "PendingDeletion", {}, None, None, NOW + timedelta(days=6)),
    Key((), "PendingImport", {"env": "production"}, description="-legacy key:value"),
)


def passing(query: str) -> list[int]:
    """Return the indices of the rows that pass, by the predicate and by the index alike."""
    compiled = compile_filter(query, FIELDS, now=NOW)
    one_by_one = [index for index, row in enumerate(ROWS) if compiled(row)]
    indexed: FilterIndex[Key] = FilterIndex(FIELDS)
    indexed.set_rows(ROWS)
    at_once = indexed.apply(compiled)
    assert one_by_one == list(range(len(ROWS)) if at_once is None else at_once)
    return one_by_one


@pytest.mark.parametrize(
    ("expected", "query"),
    [
        ([0, 1, 2, 3], ""),
        ([0, 1, 2, 3], "   "),
        ([0, 1], "PAYMENTS"),
        ([0], "payments card"),
        ([0], '"two words"'),
        ([0], '"two wor'),
        ([3], '"-legacy"'),
        ([3], '"key:value"'),
        ([2, 3], "-payments"),
        ([2], "-payments -legacy"),
        ([0, 3], "env=prod"),
        ([1], "env=test"),
        ([0], "/^pay.*db$/"),
        ([1, 2, 3], "-/^pay.*db$/"),
        ([0], "/card data/"),
        ([0], "alias:pay/"),
        ([0, 1], "alias:pay*"),
        ([0], "alias:pay*db"),
        ([0], "alias:*db"),
        ([2], "alias:*ive*"),
        ([2], "alias:archive[1]?"),
        ([0, 2], "alias:*db,archive"),
        ([0], "alias=payments-db"),
        ([], "alias=payments"),
        ([2], "alias=archive[1]*"),
        ([2, 3], "-alias:pay"),
        ([0], "state:enabled"),
        ([2, 3], "state:pending"),
        ([2], "state:pending-del"),
        ([1, 2, 3], "state:dis,pend"),
        ([0, 1], "-state:pending"),
        ([0, 3], "tag:env=prod"),
        ([3], "tag:env=*ion"),
        ([0, 1, 3], "tag:env"),
        ([0, 1, 3], "tag:env="),
        ([0], "tag:owner=payments"),
        ([2], "-tag:env"),
        ([1], "grants>3"),
        ([0, 1], "grants>=3"),
        ([0], "grants=3"),
        ([0], "grants:3"),
        ([0, 3], "grants<9"),
        ([1, 2, 3], "lastuse>90d"),
        ([0], "lastuse<1h"),
        ([2, 3], "lastuse:never"),
        ([2], "deletion<7d"),
        ([], "deletion>7d"),
        ([2], "state:pending deletion<7d -payments"),
        ([0, 1, 2, 3], "state: grants> lastuse< alias: tag:"),
        ([], "arn:aws:kms"),
        ([0, 1], "STATE:enabled,disabled"),
    ],
)
def test_queries(expected: list[int], query: str) -> None:
    """Every form of the grammar lets through what it says."""
    assert passing(query) == expected


@pytest.mark.parametrize(
    ("message", "query"),
    [
        ("There is no field 'stat'", "stat:enabled"),
        ("There is no field 'grant'", "grant>5"),
        ("No state begins with 'lost'", "state:lost"),
        ("not a regular expression", "/pay(/"),
        ("ends with a slash", "/pay"),
        ("not a span of time", "lastuse>90"),
        ("lastuse cannot be compared with :", "lastuse:90d"),
        ("deletion cannot be compared with =", "deletion=3d"),
        ("compared with a number", "grants>many"),
        ("alias cannot be compared with >", "alias>5"),
        ("tag cannot be compared with =", "tag=5"),
        ("state cannot be compared with <", "state<5"),
        ("at most 1,000 characters", "x" * 1_001),
    ],
)
def test_errors(message: str, query: str) -> None:
    """What makes no sense is told in a sentence."""
    with pytest.raises(FilterError, match=message):
        compile_filter(query, FIELDS, now=NOW)


@pytest.mark.parametrize("query", HOSTILE)
def test_hostile(query: str) -> None:
    """Any string is a filter or a filter error."""
    with suppress(FilterError):
        passing(query)


@given(st.text(max_size=40))
def test_any_query(query: str) -> None:
    """Whatever is typed, the index and the predicate agree."""
    with suppress(FilterError):
        passing(query)


WORDS = (
    "pay",
    "payments",
    "-pay",
    "-payments",
    "state:pend",
    "state:pending",
    "tag:env",
    "tag:env=p",
    "lastuse>1d",
    "-alias:pay",
    "/db/",
    "grants>1",
)


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=3), max_size=5))
def test_narrowing(queries: list[list[str]]) -> None:
    """A scan of what the last query left gives what a scan of everything gives."""
    kept: FilterIndex[Key] = FilterIndex(FIELDS)
    kept.set_rows(ROWS)
    for words in queries:
        compiled = compile_filter(" ".join(words), FIELDS, now=NOW)
        expected = [index for index, row in enumerate(ROWS) if compiled(row)]
        assert shown(kept.apply(compiled)) == expected


@pytest.mark.parametrize(
    ("expected", "query", "before"),
    [
        (True, "paym", "pay"),
        (True, "pay state:pending", "pay"),
        (True, "-pa", "-pay"),
        (False, "-pay", "-pa"),
        (False, "pay", "paym"),
        (False, "state:pending", "state:pen"),
        (False, "lastuse>2d", "lastuse>1d"),
        (True, "anything", ""),
    ],
)
def test_narrows(expected: bool, query: str, before: str) -> None:
    """A query narrows another only if that follows from their words."""
    assert expected is compiled_from(query).narrows(compiled_from(before))


class TestIndex:
    """Rows that come, change and are ordered."""

    @pytest.fixture
    def index(self) -> FilterIndex[Key]:
        """Return an index over the rows."""
        made: FilterIndex[Key] = FilterIndex(FIELDS)
        made.set_rows(ROWS)
        return made

    def test_order(self, index: FilterIndex[Key]) -> None:
        """What passes keeps the order set."""
        index.set_order([3, 1, 0, 2])
        assert index.apply(compiled_from("pay")) == (1, 0)
        assert index.apply(compiled_from("")) == [3, 1, 0, 2]

    def test_extend(self, index: FilterIndex[Key]) -> None:
        """Rows that arrive are found by the query in force."""
        index.apply(compiled_from("payroll"))
        index.extend([Key(("payroll",))])
        assert index.apply(compiled_from("payroll")) == (4,)

    def test_update(self, index: FilterIndex[Key]) -> None:
        """A row that changes is judged anew."""
        index.apply(compiled_from("payments"))
        index.update(2, Key(("payments-new",), "Enabled"))
        assert index.apply(compiled_from("payments state:enabled")) == (0, 2)

    def test_set_rows(self, index: FilterIndex[Key]) -> None:
        """Other rows take the place of all."""
        index.set_order([3, 1, 0, 2])
        index.set_rows(ROWS[:1])
        assert (len(index), index.apply(compiled_from(""))) == (1, None)


def test_keystrokes_at_100_000_rows() -> None:
    """The median keystroke over 100,000 rows takes less than 33 ms."""
    rows = [
        Key((f"prod-{number % 97}-{number}",), tags={"env": "prod"}) for number in range(100_000)
    ]
    index: FilterIndex[Key] = FilterIndex(FIELDS)
    index.set_rows(rows)
    taken = []
    for query in ("p", "pr", "pro", "prod", "prod-1", "prod-1 s", "state:en", "tag:env=prod", "9"):
        compiled = compiled_from(query)
        began = time.perf_counter()
        index.apply(compiled)
        taken.append(time.perf_counter() - began)
    assert sorted(taken)[len(taken) // 2] < 0.033


def compiled_from(query: str) -> Filter[Key]:
    """Compile a query for the rows of these tests."""
    return compile_filter(query, FIELDS, now=NOW)


def shown(passed: Sequence[int] | None) -> list[int]:
    """Spell out that all rows pass."""
    return list(range(len(ROWS)) if passed is None else passed)
