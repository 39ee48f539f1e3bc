"""Rules that the package's source keeps."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import kmstui.hsm

_FILES = sorted(Path(kmstui.hsm.__file__).parent.glob("*.py"))
_SECRET_NAMES = {
    "check",
    "commitment",
    "committed",
    "derived",
    "known",
    "mac",
    "material",
    "passphrase",
    "plaintext",
    "reveal",
    "root",
    "sealed",
    "secret",
    "tag",
}
_PUBLIC = {"selftest.py", "selftest_pairs.py"}
"""Known answers are public, so their comparison may take any time."""


def _names(node: ast.AST) -> set[str]:
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            found.add(part.id)
        elif isinstance(part, ast.Attribute):
            found.add(part.attr)
    return found


@pytest.mark.parametrize(
    "path", [path for path in _FILES if path.name not in _PUBLIC], ids=lambda path: path.name
)
def test_secrets_are_not_compared_by_equality(path: Path) -> None:
    """No == or in touches a secret, a MAC or a tag; sizes may be compared."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Compare):
            continue
        if not any(isinstance(op, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for op in node.ops):
            continue
        for side in (node.left, *node.comparators):
            if isinstance(side, ast.Call) and _names(side.func) == {"len"}:
                continue
            assert not _names(side) & _SECRET_NAMES, f"{path.name}:{node.lineno}"


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.name)
def test_randomness_comes_from_the_operating_system(path: Path) -> None:
    """Neither random nor secrets nor uuid4 is used; os.urandom is."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            assert not {alias.name for alias in node.names} & {"random", "secrets"}
        elif isinstance(node, ast.ImportFrom):
            assert node.module not in {"random", "secrets"}
        elif isinstance(node, ast.Attribute):
            assert node.attr != "uuid4"


def test_equality_rule_sees_what_it_is_about() -> None:
    """The rule above would notice a comparison of tags."""
    node = ast.parse("tag == self.mac(data)").body[0]
    assert _names(node) & _SECRET_NAMES == {"tag", "mac"}
