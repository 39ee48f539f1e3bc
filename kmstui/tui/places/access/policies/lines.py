"""Where the statements of a policy stand in its text. Pure."""

from __future__ import annotations

from kmstui.authz.lint.scan import Array, Node, Object, ScanError, scan


def statement_lines(source: str, number: int) -> range:
    """Return the lines of a statement, counted from 1; an empty range if it is not there.

    Args:
        source: The document as it is laid out.
        number: The statement's place, from 1.
    """
    try:
        root = scan(source)
    except ScanError:
        return range(0)
    node = next(iter(_members(root, "Statement")), None)
    statements = node.items if isinstance(node, Array) else () if node is None else (node,)
    if not 1 <= number <= len(statements):
        return range(0)
    statement = statements[number - 1]
    return range(
        statement.line, _closed(source.splitlines(), statement.line, _last_line(statement)) + 1
    )


def _closed(lines: list[str], first: int, last: int) -> int:
    """Return the line of the brace that closes what begins on a line, given its last value's."""
    margin = _indent(lines[first - 1])
    while last < len(lines):
        line = lines[last]
        if line.strip(" ,}]") or _indent(line) < margin:
            break
        last += 1
        if _indent(line) == margin:
            break
    return last


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _members(node: Node, name: str) -> list[Node]:
    if not isinstance(node, Object):
        return []
    return [member.node for member in node.members if member.name == name]


def _last_line(node: Node) -> int:
    below: list[Node] = []
    if isinstance(node, Array):
        below = list(node.items)
    elif isinstance(node, Object):
        below = [member.node for member in node.members]
    return max((_last_line(each) for each in below), default=node.line)
