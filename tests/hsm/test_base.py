"""The HSM's types."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from kmstui.hsm import MemoryProtection

_WHOLE = MemoryProtection(
    not_dumpable=True,
    no_core_files=True,
    locked=True,
    excluded_from_dumps=True,
    wiped_on_fork=True,
)


def test_start_up_loads_nothing_for_key_pairs() -> None:
    """The HSM's module does not pay for key pairs before the first self-test."""
    program = (
        "import sys, kmstui.hsm.software as s; before = set(sys.modules); s.selftest.run();"
        "print(any('asymmetric' in n or 'serialization' in n for n in before),"
        " any('asymmetric' in n for n in sys.modules))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert answer.stdout.split() == ["False", "True"]


@pytest.mark.parametrize(
    "module", ["kmstui.hsm", "kmstui.hsm.base", "kmstui.hsm.algorithms", "kmstui.hsm.blob"]
)
def test_types_load_no_cryptographic_library(module: str) -> None:
    """Whoever only needs the types, the table or the blob codec does not pay for the library."""
    program = f"import sys, {module}; print('cryptography' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert answer.stdout.strip() == "False"


def test_status_line_says_what_is_not_protected_even_at_best() -> None:
    """Full protection covers the root key's page only, and the line says so."""
    assert _WHOLE.complete
    assert "root key guarded" in _WHOLE.line
    assert "derived keys are in ordinary memory" in _WHOLE.line


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("not_dumpable", "process not dumpable"),
        ("no_core_files", "core files off"),
        ("locked", "root key locked in RAM"),
        ("excluded_from_dumps", "root key left out of dumps"),
        ("wiped_on_fork", "root key wiped on fork"),
    ],
)
def test_status_line_names_each_missing_protection(field: str, words: str) -> None:
    """A protection that the system refused is named, never passed over."""
    reduced = replace(_WHOLE, **{field: False})
    assert not reduced.complete
    assert f"reduced, without {words};" in reduced.line
