"""What thousands of engines in one process may share, or do without, in tests."""

from __future__ import annotations

import pytest

from kmstui.core.spec import OperationSpec
from kmstui.engine import core
from kmstui.engine.pipeline import Plan, make_plan
from kmstui.hsm import selftest, selftest_pairs

_SLOW = frozenset({"Argon2id"})
"""Self-tests that take longer than all others together."""

_TESTS = tuple((name, test) for name, test in selftest._TESTS if name not in _SLOW)
_plans: dict[tuple[int, str], Plan] = {}


def quicken_self_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out key pairs and Argon2, on which each engine would spend 15 ms."""
    monkeypatch.setattr(selftest, "_TESTS", _TESTS)
    monkeypatch.setattr(selftest_pairs, "TESTS", ())


def share_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the plan of each operation once: they take half of an engine's start."""
    monkeypatch.setattr(core, "make_plan", _plan_once)


def _plan_once(spec: OperationSpec, source: str) -> Plan:
    plan = _plans.get((id(spec), source))
    if plan is None or plan.spec is not spec:
        plan = _plans[id(spec), source] = make_plan(spec, source)
    return plan
