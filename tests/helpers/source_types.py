"""Types of expressions, inferred from syntax trees and annotations.

Just enough for the rule of :mod:`tests.helpers.text_door`: a type is what an annotation would
write, without spaces; what cannot be told is unknown, and unknown is never content.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

WIDGETS = frozenset(
    {
        "Static",
        "Label",
        "Button",
        "Checkbox",
        "RadioButton",
        "Option",
        "Tab",
        "TabPane",
        "Collapsible",
        "Link",
        "Placeholder",
    }
)
"""Classes whose first argument Textual reads as markup if it is a string."""

CONTENT_METHODS = frozenset(
    {
        "truncate",
        "pad_left",
        "pad_right",
        "pad",
        "center",
        "right",
        "stylize",
        "stylize_before",
        "append",
        "append_text",
        "join",
        "simplify",
        "rstrip",
    }
)
COLLECTIONS = frozenset({"set", "dict", "frozenset", "Mapping", "MutableMapping"})
PASSING = frozenset({"reversed", "list", "tuple", "sorted"})
ITERABLES = frozenset(
    {"list", "tuple", "set", "frozenset", "Sequence", "Iterable", "Iterator", "Collection"}
)

CONTENT = "Content"
"""The type of what may be painted; literals written in the project count as it."""

UNKNOWN = ""

Types: TypeAlias = dict[str, str]
"""Annotations, written without spaces, by name."""


@dataclass
class ClassFacts:
    """What is known of one class."""

    bases: tuple[str, ...] = ()
    attributes: Types = field(default_factory=dict)
    methods: Types = field(default_factory=dict)


@dataclass
class Project:
    """What is known of all modules together."""

    returns: Types = field(default_factory=dict)
    classes: dict[str, ClassFacts] = field(default_factory=dict)

    def attribute(self, owner: str, name: str) -> str:
        """Look up the type of an attribute in a class and its bases."""
        facts = self.classes.get(head(owner))
        if facts is None:
            return UNKNOWN
        return facts.attributes.get(name) or _first(self.attribute(b, name) for b in facts.bases)

    def method(self, owner: str, name: str) -> str:
        """Look up what a method returns; of the only class that has it, if none is named."""
        facts = self.classes.get(head(owner))
        if facts is not None:
            return facts.methods.get(name) or _first(self.method(b, name) for b in facts.bases)
        if owner:
            return self.returns.get(name, UNKNOWN)
        every = {facts.methods[name] for facts in self.classes.values() if name in facts.methods}
        return every.pop() if len(every) == 1 else UNKNOWN

    def is_widget(self, name: str) -> bool:
        """Tell whether calling a class hands its first argument to a widget."""
        facts = self.classes.get(name)
        if facts is None:
            return name in WIDGETS
        return "__init__" not in facts.methods and any(map(self.is_widget, facts.bases))

    def extends_widget(self, name: str) -> bool:
        """Tell whether a class is one of the widgets or derives from one."""
        facts = self.classes.get(name)
        return name in WIDGETS or (
            facts is not None and any(map(self.extends_widget, facts.bases))
        )


def survey(trees: list[ast.Module]) -> Project:
    """Gather what all modules together declare."""
    project = Project()
    for tree in trees:
        for statement in tree.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                found = _written(statement.returns)
                if project.returns.setdefault(statement.name, found) != found:
                    project.returns[statement.name] = UNKNOWN
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    for node in classes:
        project.classes[node.name] = _annotations(node)
    # Attributes assigned from what other classes hold settle after a few rounds.
    for _ in range(3):
        for node in classes:
            _assigned_attributes(project, node)
    return project


def _annotations(node: ast.ClassDef) -> ClassFacts:
    facts = ClassFacts(tuple(head(_written(base)) for base in node.bases))
    for statement in node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                facts.attributes[name] = _written(annotation).removeprefix("ClassVar")
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                facts.methods[name] = _written(statement.returns)
                if any(_written(one).endswith("property") for one in statement.decorator_list):
                    facts.attributes[name] = _written(statement.returns)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str())):
                facts.attributes[name] = CONTENT
    return facts


def _assigned_attributes(project: Project, node: ast.ClassDef) -> None:
    found: dict[str, set[str]] = {}
    for function in ast.walk(node):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            scope = Scope(project, node.name, function)
            for name, inferred in scope.self_assignments(function):
                found.setdefault(name, set()).add(inferred)
    for name, types in found.items():
        if len(types) == 1:
            project.classes[node.name].attributes.setdefault(name, types.pop())


def _written(annotation: ast.expr | None) -> str:
    """Write an annotation in one way: without spaces, quotes, module names and None."""
    if annotation is None:
        return UNKNOWN
    words = ast.unparse(annotation).replace(" ", "").replace("text.Content", CONTENT)
    return words.strip("\"'").removesuffix("|None").removeprefix("None|")


def head(written: str) -> str:
    """Return the name of a type without its arguments and its module."""
    return written.partition("[")[0].rpartition(".")[2]


def _arguments(written: str) -> list[str]:
    """Split the arguments of a generic: ``tuple[int,list[str]]`` has two."""
    inner = written.partition("[")[2].removesuffix("]")
    parts, depth = [""], 0
    for character in inner:
        depth += {"[": 1, "]": -1}.get(character, 0)
        if character == "," and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def item(written: str) -> str:
    """Return the type of what iterating gives."""
    parts = _arguments(written)
    if head(written) not in ITERABLES:
        return UNKNOWN
    if head(written) == "tuple" and parts[-1] != "...":
        return parts[0] if len(set(parts)) == 1 else UNKNOWN
    return parts[0]


def _first(found: Iterable[str]) -> str:
    return next(filter(None, found), UNKNOWN)


class Scope:
    """The names of one function and their types."""

    def __init__(self, project: Project, owner: str, function: ast.AST | None) -> None:
        self._project = project
        self._owner = owner
        self._names: Types = {}
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for argument in (*function.args.args, *function.args.kwonlyargs):
                self._names[argument.arg] = _written(argument.annotation)
            if (rest := function.args.vararg) is not None:
                self._names[rest.arg] = f"tuple[{_written(rest.annotation)},...]"
            for _ in range(2):
                self._assignments(function)

    def self_assignments(self, function: ast.AST) -> Iterator[tuple[str, str]]:
        """Yield what a method assigns to attributes of its object, with its type."""
        for node in ast.walk(function):
            match node:
                case ast.Assign(
                    targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=value
                ):
                    yield name, self.infer(value)
                case ast.AnnAssign(
                    target=ast.Attribute(value=ast.Name(id="self"), attr=name),
                    annotation=annotation,
                ):
                    yield name, _written(annotation)

    def _assignments(self, function: ast.AST) -> None:
        found: dict[str, set[str]] = {}
        for node in ast.walk(function):
            for target, inferred in self._bindings(node):
                for name, each in _unpacked(target, inferred):
                    found.setdefault(name, set()).add(each)
        for name, types in found.items():
            self._names[name] = types.pop() if len(types) == 1 else UNKNOWN

    def _bindings(self, node: ast.AST) -> Iterator[tuple[ast.expr, str]]:
        match node:
            case ast.Assign(targets=[target], value=value):
                yield target, self.infer(value)
            case ast.AugAssign(target=target, value=value):
                yield target, self.infer(value)
            case ast.NamedExpr(target=target, value=value):
                yield target, self.infer(value)
            case ast.AnnAssign(target=target, annotation=annotation):
                yield target, _written(annotation)
            case ast.For(target=target, iter=source) | ast.AsyncFor(target=target, iter=source):
                yield target, item(self.infer(source))
            case ast.comprehension(target=target, iter=source):
                yield target, item(self.infer(source))

    def infer(  # noqa: C901, PLR0911, PLR0912 - one branch a kind of expression
        self, node: ast.expr
    ) -> str:
        """Tell the type of an expression, as an annotation would write it."""
        match node:
            case ast.Constant(value=str() | None):
                return CONTENT
            case ast.Name(id=name):
                return self._names.get(name, UNKNOWN)
            case ast.Attribute(value=value, attr=name):
                return self._project.attribute(self._owner_of(value), name)
            case ast.Call():
                return self._call(node)
            case ast.Await(value=value):
                return self.infer(value)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._same(left, right)
            case ast.IfExp(body=body, orelse=orelse):
                return self._same(body, orelse)
            case ast.BoolOp(values=values):
                return self._same(*values)
            case ast.ListComp(elt=element) | ast.GeneratorExp(elt=element):
                return f"list[{self.infer(element)}]"
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return f"tuple[{','.join(map(self.infer, elements))}]"
            case ast.Subscript(value=value, slice=index):
                inferred = self.infer(value)
                return inferred if isinstance(index, ast.Slice) else item(inferred)
            case ast.Dict() | ast.DictComp():
                return "dict"
            case ast.Set() | ast.SetComp():
                return "set"
        return UNKNOWN

    def _same(self, *nodes: ast.expr) -> str:
        types = {self.infer(node) for node in nodes}
        return types.pop() if len(types) == 1 else UNKNOWN

    def _owner_of(self, value: ast.expr) -> str:
        match value:
            case ast.Name(id="self" | "cls"):
                return self._owner
            case ast.Name(id=name):
                return self._names.get(name) or name
        return self.infer(value)

    def _call(self, node: ast.Call) -> str:  # noqa: PLR0911 - one branch a kind of call
        match node.func:
            case ast.Name(id=name) if name in PASSING and node.args:
                return f"tuple[{item(self.infer(node.args[0]))},...]"
            case ast.Name(id="enumerate"):
                return f"list[tuple[int,{item(self.infer(node.args[0]))}]]"
            case ast.Name(id="zip"):
                items = ",".join(item(self.infer(source)) for source in node.args)
                return f"list[tuple[{items}]]"
            case ast.Name(id=name) if name in COLLECTIONS or self._project.classes.get(name):
                return name
            case ast.Name(id=name):
                return self._project.returns.get(name, UNKNOWN)
            case ast.Attribute(value=ast.Name(id="Content"), attr="empty" | "blank"):
                return CONTENT
            case ast.Attribute(value=receiver, attr=name):
                literal = isinstance(receiver, ast.Constant)
                owner = self._owner_of(receiver)
                if owner == CONTENT and name in CONTENT_METHODS and not literal:
                    return CONTENT
                return UNKNOWN if literal else self._project.method(owner, name)
        return UNKNOWN


def _unpacked(target: ast.expr, inferred: str) -> Iterator[tuple[str, str]]:
    match target:
        case ast.Name(id=name):
            yield name, inferred
        case ast.Tuple(elts=elements):
            parts = _arguments(inferred) if head(inferred) == "tuple" else []
            each = parts if len(parts) == len(elements) else [UNKNOWN] * len(elements)
            for element, part in zip(elements, each, strict=True):
                yield from _unpacked(element, part)
