"""Names of ours that would silently replace a private one of Textual's."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from textual.app import App
from textual.widget import Widget

import kmstui.tui

ROOT = Path(kmstui.tui.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
ON_PURPOSE = {"_handle_exception", "_fatal_error"}
"""Overridden to print our report instead of local variables; tests/tui/test_crash.py."""


def private_names(tree: ast.ClassDef) -> Iterator[str]:
    """Yield the private names a class defines or assigns; handlers run beside Textual's own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            name = node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            name = node.attr
        else:
            continue
        if name.startswith("_") and not name.startswith(("__", "_on_")):
            yield name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_private_name_of_textual_is_taken(path: Path) -> None:
    """No class uses a private name that the Textual class it derives from has already."""
    parts = path.relative_to(ROOT.parents[1]).with_suffix("").parts
    module = import_module(".".join(parts).removesuffix(".__init__"))
    taken = []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        owner = getattr(module, node.name) if isinstance(node, ast.ClassDef) else None
        if not isinstance(owner, type) or not issubclass(owner, Widget | App):
            continue
        base = next(each for each in owner.__mro__ if each.__module__.startswith("textual"))
        known = set(dir(base)) | set(dir(Widget())) if issubclass(base, Widget) else set(dir(base))
        assert isinstance(node, ast.ClassDef)
        taken += [name for name in private_names(node) if name in known - ON_PURPOSE]
    assert taken == []
