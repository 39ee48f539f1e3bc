"""Rules that the whole package's source keeps."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import kmstui

PACKAGE = Path(kmstui.__file__).parent
FILES = sorted(path for path in PACKAGE.rglob("*.py"))
LAYERS = ("core", "hsm", "trail", "keystore", "authz", "ops", "engine", "tui", "cli")
CLOCK = {"core/clock.py"}
IDS = {"core/ids.py"}
NOW = {"now", "utcnow", "today"}
TIME = {"time", "time_ns", "monotonic", "monotonic_ns", "clock_gettime", "localtime", "gmtime"}
EDGES = ("tui/", "cli/", "cli.py", "__main__.py")
"""Edges measure idleness and frames with the machine's own monotonic clock."""


@cache
def tree(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(path.read_text())


def name(path: Path) -> str:
    """Return a file's name below the package."""
    return path.relative_to(PACKAGE).as_posix()


def imports(path: Path) -> set[str]:
    """Return the modules that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def attributes(path: Path) -> set[tuple[str, str]]:
    """Return ``(object, attribute)`` of every attribute of a plain name."""
    return {
        (node.value.id, node.attr)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }


def breaches(rule: Callable[[Path], Iterable[object]]) -> list[str]:
    """Return every breach of a rule, with its file."""
    return [f"{name(path)}: {found}" for path in FILES for found in rule(path)]


def below_the_edges(path: Path) -> bool:
    """Tell whether a file belongs to a layer below the edges."""
    return not name(path).startswith(EDGES)


def test_time_comes_from_the_clock() -> None:
    """Below the edges nothing reads the machine's time but core/clock.py."""

    def rule(path: Path) -> Iterable[object]:
        if name(path) in CLOCK or not below_the_edges(path):
            return ()
        return [
            pair
            for pair in attributes(path)
            if (pair[0] in {"datetime", "date"} and pair[1] in NOW)
            or (pair[0] == "time" and pair[1] in TIME)
        ]

    assert breaches(rule) == []


def test_randomness_comes_from_the_operating_system() -> None:
    """No module random or secrets and no uuid4; os.urandom only in the HSM and for ids."""

    def rule(path: Path) -> Iterable[object]:
        yield from imports(path) & {"random", "secrets"}
        used = attributes(path)
        yield from used & {("uuid", "uuid1"), ("uuid", "uuid4")}
        if below_the_edges(path) and not name(path).startswith("hsm/") and name(path) not in IDS:
            yield from used & {("os", "urandom"), ("os", "getrandom")}

    assert breaches(rule) == []


def test_only_the_hsm_imports_cryptography() -> None:
    """Primitives are in one package; pickle and evaluation are nowhere."""

    def rule(path: Path) -> Iterable[object]:
        for module in imports(path):
            if module.startswith("cryptography") and not name(path).startswith("hsm/"):
                yield module
        yield from imports(path) & {"pickle", "marshal", "shelve"}
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield from {node.func.id} & {"eval", "exec", "compile"}

    assert breaches(rule) == []


def test_imports_point_downwards() -> None:
    """A layer imports itself and those below; keystore and trail do not know each other."""

    def rule(path: Path) -> Iterable[object]:
        layer = name(path).split("/", maxsplit=1)[0]
        if layer not in LAYERS:
            return set()
        allowed = set(LAYERS[: LAYERS.index(layer) + 1])
        if layer == "keystore":
            allowed.discard("trail")
        parts = [module.split(".") for module in imports(path)]
        used = {part[1] for part in parts if part[0] == "kmstui" and len(part) > 1}
        return (used & set(LAYERS)) - allowed

    assert breaches(rule) == []


def test_no_network_below_the_edges() -> None:
    """The engine opens no connection: nothing below the edges has a client or resolver."""
    clients = {"urllib.request", "http.client", "requests", "asyncio", "ssl", "socketserver"}

    def rule(path: Path) -> Iterable[object]:
        if not below_the_edges(path):
            return
        yield from imports(path) & clients
        for pair in attributes(path):
            if pair[0] == "socket" and pair[1] != "gethostname":
                yield pair

    assert breaches(rule) == []


def test_revealed_secrets_are_not_compared_by_equality() -> None:
    """Below the edges neither a secret nor its bytes stand beside == or in."""
    secret = {"reveal", "passphrase", "secret", "recovery_code", "mac"}

    def rule(path: Path) -> Iterable[object]:
        for node in ast.walk(tree(path)):
            if not below_the_edges(path) or not isinstance(node, ast.Compare):
                continue
            if not any(isinstance(op, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for op in node.ops):
                continue
            for side in (node.left, *node.comparators):
                part = side.func if isinstance(side, ast.Call) else side
                final = part.attr if isinstance(part, ast.Attribute) else getattr(part, "id", "")
                if final in secret:
                    yield f"line {node.lineno}: {final}"

    assert breaches(rule) == []


def test_no_exception_is_swallowed() -> None:
    """There is no bare except, and no handler of everything that only passes."""

    def rule(path: Path) -> Iterable[object]:
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.ExceptHandler):
                continue
            caught = node.type.id if isinstance(node.type, ast.Name) else ""
            passes = all(isinstance(each, ast.Pass) for each in node.body)
            if node.type is None or (caught in {"Exception", "BaseException"} and passes):
                yield f"line {node.lineno}"

    assert breaches(rule) == []


def test_annotations_are_not_evaluated() -> None:
    """Every file with code begins alike."""

    def rule(path: Path) -> Iterable[object]:
        body = [node for node in tree(path).body if not isinstance(node, ast.Expr)]
        if body and not (isinstance(body[0], ast.ImportFrom) and body[0].module == "__future__"):
            yield "no __future__ import"

    assert breaches(rule) == []


def test_the_rules_see_what_they_are_about() -> None:
    """The helpers find imports inside functions and attributes of modules."""
    clock, files = PACKAGE / "core" / "clock.py", {name(path) for path in FILES}
    assert ("datetime", "now") in attributes(clock)
    assert ("os", "urandom") in attributes(PACKAGE / "core" / "ids.py")
    assert "zxcvbn" in imports(PACKAGE / "core" / "passphrase.py")
    assert {"core/clock.py", "engine/facade.py", "hsm/software.py"} <= files
