"""Reading a whole document for lint, with every place where it leaves the grammar.

Source: IAM User Guide, *Grammar of the IAM JSON policy language*.
"""

from __future__ import annotations

from collections.abc import Callable

from kmstui.authz.grammar import is_principal, is_service
from kmstui.authz.lint.finding import Finding
from kmstui.authz.lint.reading import (
    ELEMENTS,
    PRINCIPAL_TYPES,
    VERSIONS,
    Clause,
    Document,
    Named,
    Passage,
    Reader,
    Word,
)
from kmstui.authz.lint.scan import Array, Member, Node, Object, Scalar
from kmstui.authz.model import PolicyKind
from kmstui.authz.statement import Comparison, ConditionOperator, Quantifier

_NAMING = frozenset({PolicyKind.KEY, PolicyKind.TRUST})
_SINGLE_VALUED = ("kms:encryptioncontext:", "aws:requesttag/")
_OPERATORS = {comparison.value.lower(): comparison.value for comparison in Comparison}


def read(
    text: str,
    root: Node,
    kind: PolicyKind,
    known: Callable[[str], bool] | None,
    held: frozenset[str],
) -> tuple[Document, list[Finding]]:
    """Return what could be read of a document, and where it leaves the grammar."""
    reader = Reader(kind)
    bare = Document(text, kind, root.line, known=known, held=held)
    if not isinstance(root, Object):
        reader.refuse(root.line, "WRONG_TYPE", "The policy is not an object.")
        return bare, reader.errors
    members = reader.members(root, ("Version", "Id", "Statement"), "The policy")
    named = {member.name: member for member in members}
    version = _version(reader, named.get("Version"))
    _identifier(reader, named.get("Id"))
    passages = _passages(reader, named.get("Statement"), root.line)
    document = Document(text, kind, root.line, version, passages, known, held)
    return document, reader.errors


def _version(reader: Reader, member: Member | None) -> Word | None:
    if member is None:
        return None
    node = member.node
    if isinstance(node, Scalar) and isinstance(node.value, str):
        if node.value in VERSIONS:
            return Word(node.value, node.line)
        reader.refuse(
            node.line,
            "INVALID_VERSION",
            f"There is no version {node.value[:40]!r} of the policy language.",
            "Write 2012-10-17.",
        )
    else:
        reader.refuse(node.line, "WRONG_TYPE", "Version is not a text.", "Write 2012-10-17.")
    return Word("", member.line)


def _identifier(reader: Reader, member: Member | None) -> None:
    if member is None:
        return
    if not (isinstance(member.node, Scalar) and isinstance(member.node.value, str)):
        reader.refuse(member.node.line, "WRONG_TYPE", "Id is not a text.")
    if reader.kind is PolicyKind.SCP:
        reader.refuse(
            member.line, "UNKNOWN_ELEMENT", "A service control policy has no Id.", "Remove it."
        )


def _passages(reader: Reader, member: Member | None, line: int) -> tuple[Passage, ...]:
    if member is None:
        reader.refuse(line, "MISSING_STATEMENT", "The policy has no Statement.", "Add one.")
        return ()
    node = member.node
    items = node.items if isinstance(node, Array) else (node,)
    if not items:
        reader.refuse(node.line, "MISSING_STATEMENT", "Statement is empty.", "Add a statement.")
    found: list[Passage] = []
    for number, item in enumerate(items, start=1):
        if isinstance(item, Object):
            found.append(_passage(reader, item, number))
        else:
            reader.refuse(item.line, "WRONG_TYPE", f"Statement {number} is not an object.")
    if reader.kind is not PolicyKind.KEY:
        _check_sids(reader, found)
    return tuple(found)


def _check_sids(reader: Reader, passages: list[Passage]) -> None:
    seen: set[str] = set()
    for passage in passages:
        if passage.sid is None or not passage.sid.text:
            continue
        if not (passage.sid.text.isascii() and passage.sid.text.isalnum()):
            reader.refuse(
                passage.sid.line,
                "INVALID_SID",
                f"Sid {passage.sid.text[:80]!r} holds other characters than letters and digits.",
                "Leave out spaces and signs; only key policies may have them.",
            )
        if passage.sid.text in seen:
            reader.refuse(
                passage.sid.line,
                "DUPLICATE_SID",
                f"Sid {passage.sid.text[:80]!r} is used twice.",
                "Give each statement a name of its own.",
            )
        seen.add(passage.sid.text)


def _passage(reader: Reader, node: Object, number: int) -> Passage:
    where = f"Statement {number}"
    members = reader.members(node, ELEMENTS, where)
    principal = reader.either(members, "Principal", where)
    action = reader.either(members, "Action", where)
    resource = reader.either(members, "Resource", where)
    condition = next((member for member in members if member.name == "Condition"), None)
    actions = _actions(reader, action, where)
    resources = reader.words(resource.node, f"{resource.name} of {where}") if resource else ()
    _check_presence(reader, node.line, where, (action, actions), (resource, resources))
    return Passage(
        number=number,
        line=node.line,
        members=members,
        sid=_sid(reader, members, where),
        allow=_effect(reader, members, node.line, where),
        principals=_principals(reader, principal, node.line, where),
        inverted_principal=principal is not None and principal.name.startswith("Not"),
        actions=actions,
        inverted_action=action is not None and action.name.startswith("Not"),
        resources=resources,
        inverted_resource=resource is not None and resource.name.startswith("Not"),
        clauses=_clauses(reader, condition.node, where) if condition else (),
    )


def _sid(reader: Reader, members: tuple[Member, ...], where: str) -> Word | None:
    member = next((member for member in members if member.name == "Sid"), None)
    if member is None:
        return None
    if isinstance(member.node, Scalar) and isinstance(member.node.value, str):
        return Word(member.node.value, member.line)
    reader.refuse(member.node.line, "WRONG_TYPE", f"Sid of {where} is not a text.")
    return None


def _effect(reader: Reader, members: tuple[Member, ...], line: int, where: str) -> bool | None:
    member = next((member for member in members if member.name == "Effect"), None)
    if member is None:
        reader.refuse(line, "MISSING_EFFECT", f"{where} has no Effect.", "Write Allow or Deny.")
        return None
    value = member.node.value if isinstance(member.node, Scalar) else None
    if value in ("Allow", "Deny"):
        return value == "Allow"
    reader.refuse(
        member.node.line,
        "INVALID_EFFECT",
        f"Effect of {where} is neither Allow nor Deny.",
        "Capital first letter, nothing else.",
    )
    return None


def _actions(reader: Reader, member: Member | None, where: str) -> tuple[Word, ...]:
    if member is None:
        return ()
    found = reader.words(member.node, f"{member.name} of {where}")
    for word in found:
        vendor, _, name = word.text.partition(":")
        if word.text != "*" and not (vendor and name):
            reader.refuse(
                word.line,
                "INVALID_ACTION",
                f"{word.text[:80]!r} is neither * nor service:name.",
                f"Write kms:{word.text[:80]}." if word.text.isalnum() else "",
            )
    return found


def _check_presence(
    reader: Reader,
    line: int,
    where: str,
    action: tuple[Member | None, tuple[Word, ...]],
    resource: tuple[Member | None, tuple[Word, ...]],
) -> None:
    if reader.kind is PolicyKind.KEY:
        return
    if not action[1]:
        place = action[0].line if action[0] else line
        reader.refuse(place, "MISSING_ACTION", f"{where} has no action.", "Name what it is about.")
    member, words = resource
    if reader.kind is PolicyKind.TRUST:
        if member is not None:
            reader.refuse(
                member.line,
                "UNKNOWN_ELEMENT",
                "A trust policy has no Resource: it is about its role.",
                "Remove it.",
            )
        return
    if not words:
        place = member.line if member else line
        reader.refuse(place, "MISSING_RESOURCE", f"{where} has no resource.", 'Write "*" or ARNs.')
    for word in words:
        if word.text != "*" and not word.text.startswith("arn:"):
            reader.refuse(
                word.line,
                "INVALID_RESOURCE",
                f"Resource {word.text[:80]!r} is neither * nor an ARN.",
                "Key ids and alias names do not name a key in a policy; its ARN does.",
            )


def _principals(reader: Reader, member: Member | None, line: int, where: str) -> tuple[Named, ...]:
    if reader.kind not in _NAMING:
        if member is not None:
            reader.refuse(
                member.line,
                "UNKNOWN_ELEMENT",
                f"{where} names a principal, which only key and trust policies do.",
                "Remove it: the policy is about whom it is attached to.",
            )
        return ()
    if member is None:
        reader.refuse(line, "MISSING_PRINCIPAL", f"{where} has no Principal.", "Say to whom.")
        return ()
    node = member.node
    if isinstance(node, Scalar) and node.value == "*":
        return (Named("AWS", "*", node.line),)
    if not isinstance(node, Object) or not node.members:
        reader.refuse(
            node.line,
            "WRONG_TYPE",
            f"{member.name} of {where} is neither * nor an object with entries.",
            'Write {"AWS": "<ARN>"}.',
        )
        return ()
    found: list[Named] = []
    for entry in reader.members(node, PRINCIPAL_TYPES, f"{member.name} of {where}"):
        for word in reader.words(entry.node, f"{member.name} of {where}"):
            found.append(Named(entry.name, word.text, word.line))
            _check_principal(reader, found[-1])
    return tuple(found)


def _check_principal(reader: Reader, named: Named) -> None:
    if named.kind == "AWS" and not is_principal(named.text):
        if named.text.startswith("arn:") and set(named.text) & {"*", "?"}:
            reader.refuse(
                named.line,
                "WILDCARD_IN_PRINCIPAL",
                f"Principal {named.text[:80]!r} has a wildcard; only a lone * may stand there.",
                'Use "*" with a condition ArnLike on aws:PrincipalArn.',
            )
            return
        reader.refuse(
            named.line,
            "INVALID_PRINCIPAL",
            f"{named.text[:80]!r} is no account, root, user, role or session.",
            "Groups are not principals." if ":group/" in named.text else "",
        )
    if named.kind == "Service" and not is_service(named.text):
        reader.refuse(
            named.line,
            "INVALID_SERVICE_PRINCIPAL",
            f"{named.text[:80]!r} is no service principal.",
            "They look like ec2.amazonaws.com.",
        )


def _clauses(reader: Reader, node: Node, where: str) -> tuple[Clause, ...]:
    if not isinstance(node, Object):
        reader.refuse(node.line, "WRONG_TYPE", f"Condition of {where} is not an object.")
        return ()
    found: list[Clause] = []
    names = tuple(dict.fromkeys(member.name for member in node.members))
    for member in reader.members(node, names, f"Condition of {where}"):
        operator = _operator(reader, member)
        if not isinstance(member.node, Object):
            reader.refuse(
                member.node.line,
                "WRONG_TYPE",
                f"{member.name[:80]} in the Condition of {where} is not an object.",
                "Write the condition key and its values.",
            )
        else:
            found.extend(_block(reader, operator, member.node))
    return tuple(found)


def _operator(reader: Reader, member: Member) -> ConditionOperator | None:
    name = member.name
    try:
        return ConditionOperator.parse(name)
    except ValueError:
        if name.endswith("NullIfExists"):
            reader.refuse(
                member.line,
                "NULL_WITH_IF_EXISTS",
                "Null cannot have IfExists: it asks whether the key exists.",
                "Write Null.",
            )
            return None
        fitting = _OPERATORS.get(name.lower().removesuffix("ifexists"))
        reader.refuse(
            member.line,
            "UNKNOWN_OPERATOR",
            f"There is no condition operator {name[:80]!r}.",
            f"Did you mean {fitting}? Names are case-sensitive." if fitting else "",
        )
        return None


def _block(reader: Reader, operator: ConditionOperator | None, node: Object) -> list[Clause]:
    found: list[Clause] = []
    seen: set[str] = set()
    for member in node.members:
        key = member.name.lower()
        if key in seen:
            reader.refuse(
                member.line,
                "DUPLICATE_KEY",
                f"Condition key {member.name[:80]!r} stands twice, upper and lower case aside.",
                "Use one list of values.",
            )
        seen.add(key)
        if ":" not in key:
            reader.refuse(
                member.line,
                "INVALID_CONDITION_KEY",
                f"Condition key {member.name[:80]!r} has no service prefix.",
                "Keys begin with aws: or kms:.",
            )
        values = reader.scalars(member.node, f"Condition key {member.name[:80]!r}")
        if operator is not None:
            found.append(Clause(operator, key, member.name, member.line, values))
            _check_set(reader, found[-1])
    return found


def _check_set(reader: Reader, clause: Clause) -> None:
    if (
        reader.kind is PolicyKind.KEY
        and clause.operator.quantifier is Quantifier.ALL
        and clause.key.startswith(_SINGLE_VALUED)
    ):
        reader.refuse(
            clause.line,
            "OVERLY_PERMISSIVE_CONDITION",
            f"ForAllValues on {clause.written[:80]} also holds where the request has no such key.",
            f"Write {clause.operator.comparison} without ForAllValues.",
        )
