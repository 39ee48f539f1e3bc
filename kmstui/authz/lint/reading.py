"""A policy document as lint sees it: what could be read of it, each part with its line.

The strict parser answers with one refusal; a person who edits wants to see all of them, and the
other remarks too while one statement is still broken. So nothing here raises: what does not fit
the grammar becomes an error with its line, and the rest is read on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from kmstui.authz.lint.finding import Finding, Level
from kmstui.authz.lint.scan import Array, Member, Node, Object, Scalar
from kmstui.authz.model import PolicyKind
from kmstui.authz.statement import ConditionOperator

VERSIONS = frozenset({"2012-10-17", "2008-10-17"})
ELEMENTS = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
PRINCIPAL_TYPES = ("AWS", "Service", "Federated", "CanonicalUser")


@dataclass(frozen=True, slots=True)
class Word:
    """A text and its line.

    Attributes:
        text: What stands there; numbers and truth values as JSON has them.
        line: From 1.
    """

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Named:
    """A principal of a statement.

    Attributes:
        kind: ``AWS``, ``Service``, ``Federated`` or ``CanonicalUser``.
        text: As it is written.
        line: From 1.
    """

    kind: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition: one operator on one key.

    Attributes:
        operator: How it compares.
        key: The key in lower case.
        written: The key as it is written.
        line: The line of the key.
        values: What it compares with.
    """

    operator: ConditionOperator
    key: str
    written: str
    line: int
    values: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """One statement, as far as it could be read.

    Attributes:
        number: Counted from 1.
        line: Where it begins.
        members: The elements that it has, with their lines, first of each.
        sid: Its Sid; ``None`` without one.
        allow: ``True`` for Allow, ``False`` for Deny, ``None`` when it is neither.
        principals: Whom it names.
        inverted_principal: Whether it is NotPrincipal.
        actions: Action patterns.
        inverted_action: Whether it is NotAction.
        resources: Resource patterns.
        inverted_resource: Whether it is NotResource.
        clauses: The conditions that could be read.
    """

    number: int
    line: int
    members: tuple[Member, ...]
    sid: Word | None = None
    allow: bool | None = None
    principals: tuple[Named, ...] = ()
    inverted_principal: bool = False
    actions: tuple[Word, ...] = ()
    inverted_action: bool = False
    resources: tuple[Word, ...] = ()
    inverted_resource: bool = False
    clauses: tuple[Clause, ...] = ()

    def at(self, *elements: str) -> int:
        """Return the line of the first of some elements that it has, else its own."""
        for member in self.members:
            if member.name in elements:
                return member.line
        return self.line

    def node(self, element: str) -> Node | None:
        """Return the value of an element, if it has it."""
        return next((member.node for member in self.members if member.name == element), None)


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document, as far as it could be read.

    Attributes:
        text: The document.
        kind: What it is attached to.
        line: Where its object begins.
        version: Its Version; ``None`` without one.
        statements: The statements that are objects.
        known: Tells whether a principal of an account that is held here exists.
        held: The accounts that are held here.
    """

    text: str
    kind: PolicyKind
    line: int = 1
    version: Word | None = None
    statements: tuple[Passage, ...] = ()
    known: Callable[[str], bool] | None = None
    held: frozenset[str] = frozenset()


@dataclass(slots=True)
class Reader:
    """Reads nodes into passages and keeps the errors.

    Attributes:
        kind: What the document is attached to.
        errors: What did not fit the grammar, as it was met.
    """

    kind: PolicyKind
    errors: list[Finding] = field(default_factory=list)

    def refuse(self, line: int, code: str, message: str, hint: str = "") -> None:
        """Note an error."""
        self.errors.append(Finding(Level.ERROR, line, code, message, hint))

    def members(self, node: Object, allowed: tuple[str, ...], where: str) -> tuple[Member, ...]:
        """Return the known members of an object, each once; note the unknown and the doubled."""
        found: dict[str, Member] = {}
        for member in node.members:
            if member.name in found:
                self.refuse(
                    member.line,
                    "DUPLICATE_KEY",
                    f"{where} has {member.name[:80]!r} twice.",
                    "Use one list of values.",
                )
                continue
            found[member.name] = member
            if member.name not in allowed:
                self._unknown(member, allowed, where)
        return tuple(found.values())

    def _unknown(self, member: Member, allowed: tuple[str, ...], where: str) -> None:
        fitting = [name for name in allowed if name.lower() == member.name.lower()]
        self.refuse(
            member.line,
            "UNKNOWN_ELEMENT",
            f"{where} has an unknown element {member.name[:80]!r}.",
            f"Write {fitting[0]}: names are case-sensitive." if fitting else "Remove it.",
        )

    def words(self, node: Node, where: str) -> tuple[Word, ...]:
        """Return one text or a list of texts; note what is neither."""
        items = node.items if isinstance(node, Array) else (node,)
        found: list[Word] = []
        for item in items:
            if isinstance(item, Scalar) and isinstance(item.value, str):
                found.append(Word(item.value, item.line))
            else:
                self.refuse(item.line, "WRONG_TYPE", f"{where} holds something that is no text.")
        return tuple(found)

    def scalars(self, node: Node, where: str) -> tuple[Word, ...]:
        """Return the values of a condition key as texts; note what has no such form."""
        items = node.items if isinstance(node, Array) else (node,)
        found: list[Word] = []
        for item in items:
            if isinstance(item, Scalar) and item.value is not None:
                found.append(Word(_as_text(item.value), item.line))
            else:
                self.refuse(
                    item.line, "WRONG_TYPE", f"{where} has a value that is no text or number."
                )
        return tuple(found)

    def either(self, members: tuple[Member, ...], name: str, where: str) -> Member | None:
        """Return an element or its Not form; note it when both are there."""
        inverted = f"Not{name}"
        found = [member for member in members if member.name in {name, inverted}]
        if len(found) > 1:
            self.refuse(
                found[1].line,
                "ELEMENT_COMBINATION",
                f"{where} has both {name} and {inverted}.",
                "Split it into two statements.",
            )
        return found[0] if found else None


def _as_text(value: str | float | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
