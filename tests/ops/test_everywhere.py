"""What AWS's operations have in common: dry runs and grant tokens, wherever the model has them."""

from __future__ import annotations

from functools import cache
from typing import Any

import botocore.session
import pytest

from kmstui.ops import load
from tests.helpers.engines import ROOT, Bench
from tests.helpers.requests import VALID, Things, make_things


@cache
def having(member: str) -> list[str]:
    """Return the operations whose request has a member, by AWS's model."""
    model: Any = botocore.session.get_session().get_service_model("kms")
    shapes = {name: model.operation_model(name).input_shape for name in model.operation_names}
    return sorted(name for name, shape in shapes.items() if shape and member in shape.members)


def test_the_model_has_as_many_as_ever() -> None:
    """The operations below are those of the model, and all of them are here."""
    assert (len(having("DryRun")), len(having("GrantTokens"))) == (17, 17)
    kms = {spec.name for spec in load().values() if spec.service == "kms"}
    assert {*having("DryRun"), *having("GrantTokens")} <= kms


def token_of(things: Things, request: dict[str, Any]) -> str:
    """Return a token of a new grant on the key that a request names."""
    key = request.get("KeyId") or request.get("DestinationKeyId") or things.key
    token: str = things.bench.call(
        "CreateGrant", KeyId=key, GranteePrincipal=ROOT, Operations=["DescribeKey"]
    )["GrantToken"]
    return token


@pytest.mark.parametrize("name", having("DryRun"))
def test_a_dry_run_says_that_it_would_have_succeeded(bench: Bench, name: str) -> None:
    """It ends with AWS's own error, changes nothing, is no use of the key, and is recorded."""
    things = make_things(bench)
    request = VALID[f"kms:{name}"](things)
    head, sequence, used = bench.core.keystore.head, bench.sequence(), dict(bench.core.usage)
    error = bench.refusal(name, request, DryRun=True)
    assert error.code == "DryRunOperationException"
    assert error.message == ("The request would have succeeded, but the DryRun option is set.")
    assert head == bench.core.keystore.head
    assert used == bench.core.usage
    (event,) = bench.events(after=sequence)
    assert (event["eventName"], event["errorCode"]) == (name, "DryRunOperationException")


@pytest.mark.parametrize("name", having("DryRun"))
def test_a_dry_run_that_is_off_is_none(bench: Bench, name: str) -> None:
    """``DryRun`` false is the same as without it."""
    bench.call(name, VALID[f"kms:{name}"](make_things(bench)), DryRun=False)


@pytest.mark.parametrize("name", having("GrantTokens"))
def test_grant_tokens_are_taken(bench: Bench, name: str) -> None:
    """A token of a grant on the key is accepted, whether the call needs it or not."""
    things = make_things(bench)
    request = VALID[f"kms:{name}"](things)
    bench.call(name, request, GrantTokens=[token_of(things, request)])


@pytest.mark.parametrize("name", having("GrantTokens"))
def test_what_is_no_grant_token_is_refused(bench: Bench, name: str) -> None:
    """Something else, a token that was altered, or one of another keystore: AWS's one refusal."""
    things = make_things(bench)
    request = VALID[f"kms:{name}"](things)
    token = token_of(things, request)
    altered = ("A" if token[0] != "A" else "B") + token[1:]
    generation = bench.core.keystore.head.generation
    for bogus in ("nonsense", "bm9uc2Vuc2U=", altered, token[:-4], f"{token}AAAA"):
        for tokens in ([bogus], [token, bogus]):
            error = bench.refusal(name, request, GrantTokens=tokens)
            assert error.code == "InvalidGrantTokenException", bogus
    assert generation == bench.core.keystore.head.generation
