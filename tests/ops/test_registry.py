"""The registry against AWS's published service model, and against itself."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
import pytest

from kmstui.core.errors import KmsError
from kmstui.core.spec import Kind, Member, OperationSpec, ResourceKind
from kmstui.ops import load
from tests.helpers.iam_requests import IAM_VALID

SERVICES = ("kms", "iam")
MODELLED = sorted(name for name, spec in load().items() if spec.service in SERVICES)
EVERY = sorted(load())

DIFFERENCES: dict[str, str] = {}
"""Where an operation of AWS KMS differs from the model, by its name, with the reason: nowhere."""

ELSEWHERE: dict[str, str] = {}
"""Errors of the model that nothing here can end with, with the reason."""

Facts = dict[str, Any]


@cache
def model(service: str) -> Any:
    """Return botocore's model of a service."""
    return botocore.session.get_session().get_service_model(service)


def operation_model(spec: OperationSpec) -> Any:
    """Return botocore's model of an operation."""
    return model(spec.service).operation_model(spec.name)


def members_of(shape: Any) -> Any:
    """Return the members of a request or answer; some have none at all."""
    return {} if shape is None else shape.members


def modelled(shape: Any, path: str, *, required: bool) -> Iterator[tuple[str, Facts]]:
    """Yield what the service model says of a member and of everything inside it."""
    facts: Facts = {"kind": shape.type_name, "required": required}
    names = {"min": "minimum", "max": "maximum", "pattern": "pattern"}
    facts |= {
        ours: shape.metadata[theirs] for theirs, ours in names.items() if theirs in shape.metadata
    }
    enum = tuple(getattr(shape, "enum", ()) or ())
    if enum:
        facts["enum"] = enum
    if shape.metadata.get("sensitive"):
        facts["sensitive"] = True
    yield path, facts
    if shape.type_name == "list":
        yield from modelled(shape.member, f"{path}[]", required=False)
    if shape.type_name == "structure":
        for name, inner in shape.members.items():
            needed = name in shape.required_members
            yield from modelled(inner, f"{path}.{name}", required=needed)


def ours(member: Member, path: str) -> Iterator[tuple[str, Facts]]:
    """Yield what a spec says of a member and of everything inside it."""
    facts: Facts = {"kind": member.kind.value, "required": member.required}
    for name in ("minimum", "maximum", "pattern"):
        value = getattr(member, name)
        if value is not None:
            facts[name] = value
    if member.enum:
        facts["enum"] = member.enum
    if member.sensitive:
        facts["sensitive"] = True
    yield path, facts
    if member.item is not None:
        yield from ours(member.item, f"{path}[]")
    for inner in member.members:
        yield from ours(inner, f"{path}.{inner.name}")


def comparable(facts: Facts) -> Facts:
    """Drop what only one side states: sensitivity is ours to extend."""
    return {name: value for name, value in facts.items() if name != "sensitive"}


def test_every_operation_of_the_model_is_there() -> None:
    """All 56 operations of AWS KMS are registered and no other; of IAM those that are needed."""
    names = set(model("kms").operation_names)
    assert len(names) == 56
    assert DIFFERENCES == {}
    assert {f"kms:{name}" for name in names} == {
        name for name in MODELLED if name.startswith("kms:")
    }
    assert {f"iam:{name}" for name in IAM_VALID} <= set(MODELLED)


def test_every_modelled_error_of_kms_has_a_class() -> None:
    """Each error that AWS models can be raised under AWS's code."""
    codes = {error.code for error in _classes(KmsError)}
    missing = {shape.name for shape in model("kms").error_shapes} - codes
    assert missing == set(ELSEWHERE)


def _classes(error: type[KmsError]) -> Iterator[type[KmsError]]:
    yield error
    for inner in error.__subclasses__():
        yield from _classes(inner)


@pytest.mark.parametrize("name", MODELLED)
def test_request_members_are_those_of_the_model(name: str) -> None:
    """Members, types, bounds, patterns, enums and required ones differ nowhere from AWS's."""
    spec = load()[name]
    shape = operation_model(spec).input_shape
    expected = {
        path: comparable(facts)
        for member, inner in members_of(shape).items()
        for path, facts in modelled(inner, member, required=member in shape.required_members)
    }
    found = {
        path: comparable(facts)
        for member in spec.members
        for path, facts in ours(member, member.name)
    }
    assert expected == found


@pytest.mark.parametrize("name", MODELLED)
def test_sensitive_members_of_the_model_are_sensitive(name: str) -> None:
    """What AWS marks as sensitive is never printed here either."""
    spec = load()[name]
    operation = operation_model(spec)
    expected = {
        member
        for shape in (operation.input_shape, operation.output_shape)
        if shape is not None
        for member, inner in shape.members.items()
        if inner.metadata.get("sensitive")
    }
    assert expected <= {m.name for m in (*spec.members, *spec.answer) if m.sensitive}


@pytest.mark.parametrize("name", MODELLED)
def test_answer_members_are_those_of_the_model(name: str) -> None:
    """The members of an answer, and their types, are AWS's; of KMS also what is inside them."""
    spec = load()[name]
    shape = operation_model(spec).output_shape
    expected = {
        path: facts["kind"]
        for member, inner in members_of(shape).items()
        for path, facts in modelled(inner, member, required=False)
    }
    found = {
        path: facts["kind"] for member in spec.answer for path, facts in ours(member, member.name)
    }
    if spec.service != "kms":
        expected, found = _outermost(expected), _outermost(found)
    assert expected == found


def _outermost(kinds: dict[str, str]) -> dict[str, str]:
    return {path: kind for path, kind in kinds.items() if path.isalnum()}


@pytest.mark.parametrize("name", MODELLED)
def test_errors_are_those_of_the_model(name: str) -> None:
    """The modelled errors are AWS's, each named once."""
    spec = load()[name]
    expected = sorted(shape.name for shape in operation_model(spec).error_shapes)
    assert expected == sorted(spec.errors)


@pytest.mark.parametrize("name", EVERY)
def test_a_spec_agrees_with_itself(name: str) -> None:
    """Permissions, logged members and flags name members that exist and fit each other."""
    spec = load()[name]
    members = {member.name for member in spec.members}
    answers = {member.name for member in spec.answer}
    assert set(spec.logged) <= members
    assert set(spec.logged_answer) <= answers
    # What needs no permission is about the caller itself, or asks its own questions.
    assert spec.needs or spec.service in {"kmstui", "sts"}
    for needs in spec.needs:
        assert needs.member in members or needs.resource is ResourceKind.ACCOUNT
        assert not needs.blob or needs.blob in members
        assert not needs.when or needs.when in members
    assert spec.dry_run == ("DryRun" in members)
    # AWS counts the making of temporary credentials as reading.
    assert not (spec.mutates and spec.read_only) or spec.service == "sts"
    assert spec.doc.endswith(".")
    assert inspect.getdoc(spec.run)


@pytest.mark.parametrize("name", EVERY)
def test_nothing_sensitive_may_be_logged(name: str) -> None:
    """No blob and no sensitive member is on a list of what the trail shows."""
    spec = load()[name]
    logged = [member for member in spec.members if member.name in spec.logged]
    logged += [member for member in spec.answer if member.name in spec.logged_answer]
    assert [m.name for m in logged if m.sensitive or m.kind is Kind.BLOB] == []


def test_registering_an_operation_twice_is_refused() -> None:
    """A second operation of the same name is a mistake of ours, found at import."""
    from kmstui.core.spec import Needs, operation

    register = operation("kms", "Encrypt", doc="Twice.", needs=(Needs("kms:Encrypt"),))
    with pytest.raises(ValueError, match="kms:Encrypt is registered twice"):
        register(lambda _call: {})


def test_members_are_found_by_name() -> None:
    """A spec returns its member of a name, and nothing for another name."""
    spec: OperationSpec = load()["kms:Encrypt"]
    found = spec.member("Plaintext")
    assert found is not None
    assert found.sensitive
    assert spec.member("Nonsense") is None
