"""Finds strings that reach Textual without passing ``kmstui.tui.text``.

An expression is *content* when it is a string literal, a call of a function annotated to return
Content, a name or attribute annotated or only ever assigned as such, or put together from content.
What is given to a widget must be content; a string that came from anywhere else is not, whatever
it holds.
"""

from __future__ import annotations

import ast
from pathlib import Path

from tests.helpers.source_types import (
    COLLECTIONS,
    CONTENT,
    WIDGETS,
    Project,
    Scope,
    head,
    item,
    survey,
)

WIDGET_KEYWORDS = frozenset({"content", "label", "prompt", "title", "text", "tooltip"})
MARKUP_ATTRIBUTES = frozenset({"border_title", "border_subtitle", "tooltip"})
METHODS = frozenset({"update", "add_option"})
SAFE_TEXT = frozenset({"visible", "without_hidden", "cell_fit"})
"""Functions of the door that return strings fit for a segment or a toast."""

MAKERS = frozenset({"Content", "Text"})
"""What only the door may make from a string."""


def check(sources: dict[str, str]) -> list[str]:
    """Return what is wrong in these modules, as ``file:line: expression``.

    Args:
        sources: Source by name; the door itself is the one named ``text.py``.
    """
    trees = {name: ast.parse(source) for name, source in sources.items()}
    project = survey(list(trees.values()))
    return [
        f"{name}:{node.lineno}: {ast.unparse(node)}"
        for name, tree in trees.items()
        if Path(name).name != "text.py"
        for node in _Reader(project).problems(tree)
    ]


class _Reader:
    """Goes through one module and gathers what reaches a widget without being content."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._found: list[ast.expr] = []

    def problems(self, tree: ast.Module) -> list[ast.expr]:
        """Return the expressions at fault."""
        self._read(tree, "", Scope(self._project, "", None))
        return self._found

    def _read(self, node: ast.AST, owner: str, scope: Scope) -> None:
        for child in ast.iter_child_nodes(node):
            match child:
                case ast.ClassDef(name=name):
                    self._read(child, name, scope)
                    continue
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self._read(child, owner, Scope(self._project, owner, child))
                    continue
                case ast.Call():
                    self._judge(child, owner, scope)
                case ast.Assign(targets=[ast.Attribute(attr=attribute)], value=value):
                    if attribute in MARKUP_ATTRIBUTES:
                        self._require(value, scope)
            self._read(child, owner, scope)

    def _judge(  # noqa: C901 - one branch a kind of call
        self, call: ast.Call, owner: str, scope: Scope
    ) -> None:
        match call.func:
            case ast.Name(id=name) if name in MAKERS:
                self._found.append(call)
            case ast.Attribute(value=ast.Name(id=name), attr=maker) if name in MAKERS:
                if maker not in {"empty", "blank"}:
                    self._found.append(call)
            case ast.Name(id="Segment"):
                self._require_text(call.args[0])
            case ast.Name(id=name) if self._project.is_widget(name):
                self._require_arguments(call, scope)
            case ast.Name(id="OptionList"):
                for argument in call.args:
                    self._require(argument, scope)
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__"):
                if self._project.extends_widget(owner):
                    self._require_arguments(call, scope)
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="notify"):
                self._require_text(call.args[0])
            case ast.Attribute(value=receiver, attr=method) if (
                method in METHODS and len(call.args) == 1
            ):
                if head(scope.infer(receiver)) not in COLLECTIONS:
                    self._require(call.args[-1], scope)

    def _require_arguments(self, call: ast.Call, scope: Scope) -> None:
        for argument in call.args[:1]:
            self._require(argument, scope)
        for keyword in call.keywords:
            if keyword.arg in WIDGET_KEYWORDS:
                self._require(keyword.value, scope)

    def _require(self, node: ast.expr, scope: Scope) -> None:
        match node:
            case ast.Call(func=ast.Name(id=name)) if self._project.is_widget(name):
                return
            case ast.Starred(value=ast.GeneratorExp(elt=element) | ast.ListComp(elt=element)):
                self._require(element, scope)
            case ast.Starred(value=value):
                if item(scope.infer(value)) not in {CONTENT, *WIDGETS}:
                    self._found.append(value)
            case ast.GeneratorExp() | ast.Dict() | ast.Set():
                return
            case _ if scope.infer(node) not in {CONTENT, *WIDGETS}:
                self._found.append(node)

    def _require_text(self, node: ast.expr) -> None:
        """Hold an expression to plain characters of our own, or to the door's strings."""
        match node:
            case ast.Constant():
                return
            case ast.Name(id=name) if name.isupper():
                return
            case ast.IfExp(body=body, orelse=orelse):
                self._require_text(body)
                self._require_text(orelse)
            case ast.BinOp(left=ast.Constant(), op=ast.Mult()):
                return
            case ast.Call(func=ast.Attribute(value=ast.Name(id="text"), attr=name)):
                if name not in SAFE_TEXT:
                    self._found.append(node)
            case _:
                self._found.append(node)
