"""What operations really answer, against AWS's published service model."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

import botocore.session
import pytest

from kmstui.ops import load
from tests.conftest import MakeBench
from tests.helpers.requests import VALID, make_things

NAMES = sorted(spec.name for spec in load().values() if spec.service == "kms")
TYPES: dict[str, Any] = {
    "string": str,
    "blob": bytes,
    "integer": int,
    "boolean": bool,
    "timestamp": datetime,
    "map": dict,
    "list": list,
    "structure": dict,
}


@cache
def model() -> Any:
    """Return botocore's model of AWS KMS."""
    return botocore.session.get_session().get_service_model("kms")


def misfits(shape: Any, value: Any, path: str) -> Iterator[str]:
    """Yield what of a value is not as the model says."""
    if value.__class__ is not TYPES[shape.type_name]:
        yield f"{path} is {type(value).__name__}, not {shape.type_name}"
    elif shape.type_name == "structure":
        yield from _inside(shape, value, path)
    elif shape.type_name == "list":
        for entry in value:
            yield from misfits(shape.member, entry, f"{path}[]")
    elif shape.type_name == "string":
        allowed = getattr(shape, "enum", None)
        if allowed and value not in allowed:
            yield f"{path} is {value}, none of the enum"
    elif shape.type_name == "timestamp" and value.tzinfo is None:
        yield f"{path} has no time zone"


def _inside(shape: Any, value: dict[str, Any], path: str) -> Iterator[str]:
    for name, entry in value.items():
        inner = shape.members.get(name)
        if inner is None:
            yield f"{path}.{name} is in no model"
        else:
            yield from misfits(inner, entry, f"{path}.{name}")
    for name in shape.required_members:
        if name not in value:
            yield f"{path} lacks {name}"


@pytest.mark.parametrize("name", NAMES)
def test_answers_are_those_of_the_model(make_bench: MakeBench, name: str) -> None:
    """Every member that is answered is in the model, with its type and its values."""
    bench = make_bench(training=True)
    things = make_things(bench)
    request = VALID[f"kms:{name}"](things)
    if name == "CancelKeyDeletion":
        bench.call("ScheduleKeyDeletion", request)
    answer = bench.call(name, request)
    shape = model().operation_model(name).output_shape
    if shape is None:
        assert answer == {}
    else:
        assert list(misfits(shape, answer, name)) == []
