"""The 200 decisions of an independent simulator, and what a trace adds to them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kmstui.authz.evaluate import evaluate, explain
from tests.vectors.policy_adapter import decide, policies_of, request_of

LINES = (Path(__file__).parents[1] / "vectors" / "policy-cases.jsonl").read_text().splitlines()
CASES: list[dict[str, Any]] = [json.loads(line) for line in LINES]


def test_the_cases_are_all_there() -> None:
    """Two hundred of them."""
    assert len(CASES) == 200


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_decisions_agree(case: dict[str, Any]) -> None:
    """The decision is the simulator's."""
    assert case["expected"] == decide(case)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_traces_decide_the_same(case: dict[str, Any]) -> None:
    """With a trace the decision is the same, to the statement."""
    request, policies = request_of(case), policies_of(case)
    trace = explain(request, policies)
    assert trace.decision == evaluate(request, policies)
    assert trace.steps
