"""Second factors under the account's guardrail, and codes in requests for credentials."""

from __future__ import annotations

from typing import Any

import pytest

from kmstui.authz.refusal import Refusal
from kmstui.core.errors import AccessDeniedException, KmsError
from tests.conftest import MakeBench
from tests.helpers.engines import Bench
from tests.helpers.mfa import Phone, enable, enrolled, make_phone

STALE = 400
"""Seconds after which a code is no longer fresh."""

WRONG = "InvalidAuthenticationCode"


@pytest.fixture
def guarded(make_bench: MakeBench) -> Bench:
    """A keystore with the guardrail."""
    return make_bench(mfa_guardrail=True)


def denied(bench: Bench, operation: str, **members: Any) -> bool:
    """Tell whether a call is refused only for want of a fresh code."""
    error = bench.refusal(operation, members)
    assert isinstance(error, AccessDeniedException)
    assert isinstance(error.refusal, Refusal)
    return error.refusal.mfa_would_help


def test_a_first_device_needs_no_code_and_a_second_does(guarded: Bench) -> None:
    """What is enrolled last decides at once, and a fresh code allows more."""
    phone = enrolled(guarded)
    guarded.clock.advance(STALE)
    spare = make_phone(guarded, "spare")
    with pytest.raises(AccessDeniedException, match="explicit deny"):
        enable(spare)
    guarded.call("kmstui:AuthenticateMfa", TokenCode=phone.code())
    enable(spare)


@pytest.mark.parametrize(
    "operation",
    ["iam:DeactivateMFADevice", "iam:ResyncMFADevice", "kmstui:CreateMfaRecoveryCodes"],
)
def test_changes_of_second_factors_need_a_fresh_code(guarded: Bench, operation: str) -> None:
    """Refused when stale, for want of a code alone; carried out after one."""
    phone = enrolled(guarded)
    guarded.clock.advance(STALE)
    requests: dict[str, dict[str, str]] = {
        "iam:DeactivateMFADevice": {"UserName": "root", "SerialNumber": phone.serial},
        "iam:ResyncMFADevice": {
            "UserName": "root",
            "SerialNumber": phone.serial,
            "AuthenticationCode1": phone.code(1),
            "AuthenticationCode2": phone.code(2),
        },
        "kmstui:CreateMfaRecoveryCodes": {},
    }
    assert denied(guarded, operation, **requests[operation])
    guarded.call("kmstui:AuthenticateMfa", TokenCode=phone.code())
    guarded.call(operation, requests[operation])


def test_an_unused_device_is_deleted_only_with_a_fresh_code(guarded: Bench) -> None:
    """Deleting is guarded as well, by the code of another device."""
    phone, spare = enrolled(guarded), make_phone(guarded, "spare")
    guarded.clock.advance(STALE)
    assert denied(guarded, "iam:DeleteVirtualMFADevice", SerialNumber=spare.serial)
    guarded.call("kmstui:AuthenticateMfa", TokenCode=phone.code())
    guarded.call("iam:DeleteVirtualMFADevice", SerialNumber=spare.serial)


def test_the_recovery_code_resets_under_the_guardrail(guarded: Bench) -> None:
    """Who has lost every device needs none to reset them, and none to enrol the next one."""
    enrolled(guarded)
    guarded.session = guarded.engine.unlock(guarded.code)
    guarded.call("kmstui:ResetMfa")
    enrolled(guarded, "new")


def test_the_recovery_code_resets_an_administrators_second_factor(make_bench: MakeBench) -> None:
    """The root user, whose code it is, removes a named user's lost devices and nobody else's."""
    bench = make_bench(mfa_guardrail=True, administrator="ada")
    phone = make_phone(bench)
    enable(phone, "ada")
    assert bench.refusal("kmstui:ResetMfa", UserName="ada").code == "AccessDeniedException"
    bench.session = bench.engine.unlock(bench.code)
    assert bench.refusal("kmstui:ResetMfa", UserName="bob").code == "NoSuchEntity"
    assert bench.call("kmstui:ResetMfa") == {"Removed": []}
    assert bench.call("kmstui:ResetMfa", UserName="ada") == {"Removed": [phone.serial]}


def credentials(phone: Phone, code: str) -> str:
    """Ask for temporary credentials with a code; return the error's code, or nothing."""
    try:
        phone.bench.call("sts:GetSessionToken", SerialNumber=phone.serial, TokenCode=code)
    except KmsError as error:
        return error.code
    return ""


def test_temporary_credentials_count_wrong_codes(bench: Bench) -> None:
    """A code is judged as in signing in: counted, used once, not looked at during a wait."""
    phone = enrolled(bench)
    code = phone.code()
    assert credentials(phone, code) == ""
    assert credentials(phone, code) == WRONG
    assert bench.call("kmstui:GetMfaStatus")["TriesLeft"] == 4
    assert [credentials(phone, phone.wrong()) for _ in range(4)] == [WRONG] * 4
    bench.clock.advance(29)
    assert credentials(phone, phone.code()) == "ThrottlingException"
