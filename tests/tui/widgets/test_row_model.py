"""The rows behind a table."""

from __future__ import annotations

import pytest

from kmstui.tui.widgets.row_model import RowModel


@pytest.fixture
def model() -> RowModel[str]:
    """Return five rows, a to e, keyed by their own names."""
    made: RowModel[str] = RowModel()
    made.replace("ABCDE", "abcde")
    return made


def test_positions(model: RowModel[str]) -> None:
    """A position counts visible rows in the order shown."""
    model.show([4, 0])
    assert (model.key_at(0), model.row_at(1), model.visible_count) == ("e", "A", 2)
    assert (model.position("a"), model.position("b"), model.position("z")) == (1, None, None)


def test_extend(model: RowModel[str]) -> None:
    """New rows come at the end."""
    model.extend("F", "f")
    assert (len(model), model.position("f"), model.row("f")) == (6, 5, "F")


@pytest.mark.parametrize(("rows", "keys"), [("XY", "xx"), ("XY", "x"), ("X", "a")])
def test_keys_are_unique(model: RowModel[str], rows: str, keys: str) -> None:
    """Every row needs a key of its own."""
    with pytest.raises(ValueError, match="key of its own"):
        model.extend(rows, keys)


def test_update(model: RowModel[str]) -> None:
    """A row is replaced in place, and counts as another version."""
    assert model.update("c", "new") == 2
    assert (model.row("c"), model.version("c"), model.version("a")) == ("new", 1, 0)
    with pytest.raises(KeyError):
        model.update("z", "new")


def test_marks(model: RowModel[str]) -> None:
    """Marks outlive a filter; the rows to act on are those marked and visible."""
    model.set_marks({"b", "d", "z"})
    model.show([3, 2])
    assert model.marks == {"b", "d"}
    assert model.marked_visible() == ["d"]


def test_replace_keeps_marks(model: RowModel[str]) -> None:
    """Marks stay with the keys that are still there."""
    model.set_marks({"b", "d"})
    model.replace("DX", "dx")
    assert model.marks == {"d"}
