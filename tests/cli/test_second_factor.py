"""``kmstui call --mfa-code``."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

import click
import pytest

from kmstui.cli.second_factor import ASK, call_with_code
from kmstui.core.errors import (
    AccessDeniedException,
    InvalidAuthenticationCodeException,
    UsageError,
    ValidationException,
)
from tests.conftest import MakeBench
from tests.helpers.engines import Bench
from tests.helpers.mfa import Phone, enable, make_phone
from tests.helpers.program import Vault


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """Return a keystore with its guardrail, and the administrator signed in."""
    return make_bench(administrator="admin", mfa_guardrail=True)


@pytest.fixture
def phone(bench: Bench) -> Phone:
    """Return a phone that was enrolled some minutes ago."""
    made = make_phone(bench)
    enable(made, "admin")
    bench.clock.advance(400)
    return made


def delete(bench: Bench, code: str | None, device: str = "") -> Any:
    """Schedule the deletion of a new key."""
    request = {"KeyId": bench.key()}
    return call_with_code(
        bench.engine,
        bench.session,
        "kms:ScheduleKeyDeletion",
        request,
        code=code,
        device=device,
    )


@pytest.mark.parametrize("form", ["{} {}", "{}-{}", "{}{}"])
def test_the_code_is_given_and_the_call_repeated(bench: Bench, phone: Phone, form: str) -> None:
    """A code in any usual form; a further call needs none while it is fresh."""
    code = phone.code()
    assert "PendingDeletion" == delete(bench, form.format(code[:3], code[3:]))["KeyState"]
    assert "PendingDeletion" == delete(bench, None)["KeyState"]


def test_without_the_option_the_refusal_says_so(bench: Bench, phone: Phone) -> None:
    """The hint names the option; nothing is asked."""
    assert phone.serial
    with pytest.raises(AccessDeniedException) as caught:
        delete(bench, None)
    assert "--mfa-code" in caught.value.hint


def test_a_wrong_code_is_the_error(bench: Bench, phone: Phone) -> None:
    """What was given on the command line is tried once."""
    with pytest.raises(InvalidAuthenticationCodeException):
        delete(bench, phone.wrong())


def test_a_recovery_code_stands_in(bench: Bench, phone: Phone) -> None:
    """Whatever has not six digits is taken for one."""
    bench.call("kmstui:AuthenticateMfa", TokenCode=phone.code())
    codes = bench.call("kmstui:CreateMfaRecoveryCodes", {})["RecoveryCodes"]
    bench.clock.advance(400)
    assert "PendingDeletion" == delete(bench, codes[0])["KeyState"]


def test_of_several_devices_one_is_named(bench: Bench, phone: Phone) -> None:
    """By its name or its ARN."""
    bench.call("kmstui:AuthenticateMfa", TokenCode=phone.code())
    tablet = make_phone(bench, "tablet")
    enable(tablet, "admin")
    bench.clock.advance(400)
    with pytest.raises(ValidationException):
        delete(bench, tablet.code())
    assert "PendingDeletion" == delete(bench, tablet.code(), "tablet")["KeyState"]


def test_other_refusals_are_not_asked_about(bench: Bench, phone: Phone) -> None:
    """A call that a code would not help is refused as it is."""
    assert phone.serial
    with pytest.raises(AccessDeniedException) as caught:
        call_with_code(bench.engine, bench.session, "kmstui:ResetMfa", {}, code=ASK)
    assert "--mfa-code" not in caught.value.hint


def test_asking_needs_a_terminal(bench: Bench, phone: Phone) -> None:
    """Without one the way out is named."""
    assert phone.serial
    with patch.object(sys, "stdin", io.StringIO()), pytest.raises(UsageError, match="terminal"):
        delete(bench, ASK)


def test_asking_goes_on_until_the_code_is_right(
    bench: Bench, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three tries, on standard error, without echo."""
    typed = iter([phone.wrong(), phone.code()])
    asked: list[dict[str, Any]] = []

    def prompt(text: str, **options: Any) -> str:
        asked.append({"text": text, **options})
        return next(typed)

    monkeypatch.setattr(click, "prompt", prompt)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    assert "PendingDeletion" == delete(bench, ASK)["KeyState"]
    assert 2 == len(asked)
    assert asked[0] == {
        "text": "MFA code for kms:ScheduleKeyDeletion",
        "hide_input": True,
        "err": True,
    }


def test_exit_codes_are_those_of_every_refusal(tmp_path: Path) -> None:
    """Refused without and with the option, without a device: 1 both times, and 2 untypeable."""
    tmp_path.chmod(0o700)
    vault = Vault.make(tmp_path, administrator="admin", mfa_guardrail=True)
    key_id = vault.key()
    plain = vault.run("call", "ScheduleKeyDeletion", "--key-id", key_id)
    assert 1 == plain.code
    assert "hint: It needs a fresh MFA code. Add --mfa-code to be asked for it." in plain.err
    given = vault.run("call", "ScheduleKeyDeletion", "--key-id", key_id, "--mfa-code", "123456")
    assert 1 == given.code
    assert "no enabled MFA device" in given.err
    asked = vault.run("call", "ScheduleKeyDeletion", "--key-id", key_id, "--mfa-code")
    assert (2, "") == (asked.code, asked.out)
