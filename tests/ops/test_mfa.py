"""Signing in with a second factor: what is accepted, counted, waited for and recovered from."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kmstui.core.errors import KmsError
from kmstui.core.secret import Secret
from tests.conftest import MakeBench
from tests.helpers.engines import ROOT, Bench
from tests.helpers.mfa import Phone, enrolled, make_phone

MALFORMED = (
    "",
    " ",
    "{0}{1}{2}{3}{4}",
    "{0}{1}{2}{3}{4}{5}0",
    " {0}{1}{2}{3}{4}{5}",
    "{0}{1}{2} {3}{4}{5}",
    "{0}{1}{2}{3}{4}{5}\n",
    "\t{0}{1}{2}{3}{4}{5}",
    "+{1}{2}{3}{4}{5}",
    "-{1}{2}{3}{4}{5}",
)
FOREIGN_ZEROS = {"full-width": 0xFF10, "Arabic-Indic": 0x0660}
WRONG = "InvalidAuthenticationCode"
BUSY = "ThrottlingException"
TRIES = 100_000


def status(bench: Bench) -> dict[str, Any]:
    """Return how codes stand."""
    return bench.call("kmstui:GetMfaStatus")


def sign_in(bench: Bench, code: str, **members: Any) -> str:
    """Try a code; return the error's code, or nothing."""
    try:
        bench.call("kmstui:AuthenticateMfa", TokenCode=code, **members)
    except KmsError as error:
        return error.code
    return ""


def recover(bench: Bench, code: str) -> str:
    """Try a recovery code; return the error's code, or nothing."""
    try:
        bench.call("kmstui:AuthenticateMfa", RecoveryCode=code)
    except KmsError as error:
        return error.code
    return ""


def fail(bench: Bench, phone: Phone, times: int) -> None:
    """Give wrong codes, each as soon as it is looked at."""
    for _ in range(times):
        bench.clock.advance(status(bench).get("LockedSeconds", 0))
        assert sign_in(bench, phone.wrong()) == WRONG


@pytest.fixture
def phone(bench: Bench) -> Phone:
    """A device of the root user."""
    return enrolled(bench)


def test_a_code_makes_the_session_fresh(bench: Bench, phone: Phone) -> None:
    """Age counts from the code on, in account time."""
    bench.clock.advance(400)
    assert (status(bench)["Fresh"], status(bench)["AgeSeconds"]) == (False, 400)
    assert sign_in(bench, phone.code()) == ""
    assert (status(bench)["Fresh"], status(bench)["AgeSeconds"]) == (True, 0)
    bench.clock.advance(299)
    assert status(bench)["Fresh"] is True
    bench.clock.advance(1)
    assert status(bench)["Fresh"] is False


def test_a_wrong_code_does_not(bench: Bench, phone: Phone) -> None:
    """It is counted, recorded and leaves the session as it was."""
    bench.clock.advance(400)
    assert sign_in(bench, phone.wrong()) == WRONG
    assert status(bench)["Fresh"] is False
    assert status(bench)["TriesLeft"] == 4
    events = [event for event in bench.events() if event["eventName"] == "AuthenticateMfa"]
    assert [event["errorCode"] for event in events] == [WRONG]


def test_codes_never_reach_the_trail(bench: Bench, phone: Phone) -> None:
    """Neither right nor wrong codes, nor recovery codes, are recorded."""
    right, wrong = phone.code(), phone.wrong()
    recovery = bench.call("kmstui:CreateMfaRecoveryCodes")["RecoveryCodes"][0]
    sign_in(bench, wrong)
    sign_in(bench, right)
    recover(bench, recovery)
    trail = str([event["requestParameters"] for event in bench.events()])
    assert recovery not in str(bench.events())
    assert wrong not in trail
    assert right not in trail


@pytest.mark.parametrize("offset", range(-3, 4))
def test_drift_of_one_step_is_accepted(bench: Bench, phone: Phone, offset: int) -> None:
    """A code is good one step early or late and not further."""
    bench.clock.advance(300)
    assert sign_in(bench, phone.code(offset)) == ("" if abs(offset) <= 1 else WRONG)


def test_a_code_is_accepted_once(bench: Bench, phone: Phone) -> None:
    """Neither it nor an earlier one is accepted again, also not after a restart or a kill."""
    bench.clock.advance(300)
    used, earlier = phone.code(), phone.code(-1)
    assert sign_in(bench, used) == ""
    assert [sign_in(bench, used), sign_in(bench, earlier)] == [WRONG, WRONG]
    bench.reopen()
    assert sign_in(bench, used) == WRONG
    bench.crash()
    bench.restart()
    assert sign_in(bench, used) == WRONG
    bench.clock.advance(30)
    assert sign_in(bench, phone.code()) == ""


def test_an_accepted_step_is_durable_before_the_answer(bench: Bench, phone: Phone) -> None:
    """Killed right after the answer, the keystore refuses the code."""
    bench.clock.advance(300)
    used = phone.code()
    assert sign_in(bench, used) == ""
    bench.crash()
    bench.restart()
    assert sign_in(bench, used) == WRONG


def test_the_codes_of_enrolment_are_used_up(bench: Bench, phone: Phone) -> None:
    """What proved the device does not sign in as well."""
    assert sign_in(bench, phone.code(-1)) == WRONG
    assert sign_in(bench, phone.code()) == ""


@pytest.mark.parametrize("spelling", MALFORMED)
def test_malformed_codes_are_refused_and_counted(
    bench: Bench, phone: Phone, spelling: str
) -> None:
    """Nothing but exactly six ASCII digits is a code."""
    assert sign_in(bench, spelling.format(*phone.code())) == WRONG
    assert status(bench)["TriesLeft"] == 4


@pytest.mark.parametrize("zero", FOREIGN_ZEROS.values(), ids=FOREIGN_ZEROS)
def test_digits_of_other_scripts_are_refused_and_counted(
    bench: Bench, phone: Phone, zero: int
) -> None:
    """What Unicode calls a digit is none here."""
    foreign = "".join(chr(zero + int(digit)) for digit in phone.code())
    assert sign_in(bench, foreign) == WRONG
    assert status(bench)["TriesLeft"] == 4


def test_waits_double_up_to_a_quarter_of_an_hour(bench: Bench, phone: Phone) -> None:
    """The fifth wrong code in a row locks for 30 s, each further one twice as long."""
    waits = []
    for _ in range(12):
        fail(bench, phone, 1)
        waits.append(status(bench).get("LockedSeconds", 0))
    assert waits == [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]


def test_a_code_is_not_looked_at_during_a_wait(bench: Bench, phone: Phone) -> None:
    """Even the right one is refused, is not counted and stays good."""
    fail(bench, phone, 5)
    assert sign_in(bench, phone.code()) == BUSY
    assert status(bench)["FailuresLeft"] == 95
    assert status(bench)["TriesLeft"] == 0
    bench.clock.advance(29)
    assert sign_in(bench, phone.code()) == BUSY
    bench.clock.advance(1)
    assert status(bench)["TriesLeft"] == 1
    assert sign_in(bench, phone.code()) == ""
    assert status(bench)["FailuresLeft"] == 100


def test_waits_outlive_a_restart_and_a_kill(bench: Bench, phone: Phone) -> None:
    """Counts and waits are in the keystore before the refusal is answered."""
    fail(bench, phone, 4)
    bench.crash()
    bench.restart()
    assert status(bench)["TriesLeft"] == 1
    fail(bench, phone, 1)
    bench.crash()
    bench.restart()
    assert sign_in(bench, phone.code()) == BUSY
    assert status(bench)["LockedSeconds"] == 30


def test_account_time_ends_no_wait(make_bench: MakeBench) -> None:
    """Moving the training clock neither shortens waits nor changes codes."""
    bench = make_bench(training=True)
    phone = enrolled(bench)
    fail(bench, phone, 5)
    bench.call("kmstui:AdvanceClock", Seconds=8 * 86_400)
    assert sign_in(bench, phone.code()) == BUSY
    bench.clock.advance(30)
    assert sign_in(bench, phone.code()) == ""


def test_a_clock_set_back_locks_nobody_out(bench: Bench, phone: Phone) -> None:
    """A wait never lasts longer than the longest there is."""
    fail(bench, phone, 5)
    bench.clock.step_wall(timedelta(days=-365))
    assert "LockedSeconds" not in status(bench)


def test_a_hundred_wrong_codes_disable_until_a_recovery_code(bench: Bench, phone: Phone) -> None:
    """Then no code is accepted, whatever the time, until a recovery code is used."""
    codes = bench.call("kmstui:CreateMfaRecoveryCodes")["RecoveryCodes"]
    fail(bench, phone, 100)
    assert status(bench)["Disabled"] is True
    bench.clock.advance(timedelta(days=1))
    assert sign_in(bench, phone.code()) == "MfaDisabledError"
    bench.reopen()
    assert sign_in(bench, phone.code()) == "MfaDisabledError"
    assert recover(bench, codes[3]) == ""
    assert status(bench)["Disabled"] is False
    assert sign_in(bench, phone.code()) == ""


def test_several_devices_share_one_count(bench: Bench, phone: Phone) -> None:
    """More devices give no more guesses; a right code of any of them clears the count."""
    other = enrolled(bench, "other")
    for number in range(5):
        each = (phone, other)[number % 2]
        assert sign_in(bench, each.wrong(), SerialNumber=each.serial) == WRONG
    assert sign_in(bench, other.code(), SerialNumber=other.serial) == BUSY
    bench.clock.advance(30)
    assert sign_in(bench, other.code(), SerialNumber=other.serial) == ""
    assert [device["Failures"] for device in status(bench)["Devices"]] == [0, 0]


def test_several_devices_have_to_be_told_apart(bench: Bench, phone: Phone) -> None:
    """Without a serial number nothing is guessed; a code is its own device's alone."""
    other = enrolled(bench, "other")
    assert sign_in(bench, phone.code()) == "ValidationException"
    assert sign_in(bench, phone.code(), SerialNumber=other.serial) == WRONG
    assert sign_in(bench, phone.code(), SerialNumber=phone.serial) == ""


def test_without_a_device_there_is_nothing_to_try(bench: Bench) -> None:
    """No code, no device of somebody else and no recovery code signs in."""
    spare = make_phone(bench, "spare")
    assert sign_in(bench, spare.code()) == "NoSuchEntity"
    assert sign_in(bench, spare.code(), SerialNumber=spare.serial) == "NoSuchEntity"
    assert recover(bench, "AAAA-AAAA-AAAA-AAAA") == WRONG
    assert bench.refusal("kmstui:CreateMfaRecoveryCodes").code == "NoSuchEntity"


def test_one_proof_at_a_time(bench: Bench, phone: Phone) -> None:
    """Exactly one of the two kinds of code is taken."""
    code = phone.code()
    assert bench.refusal("kmstui:AuthenticateMfa").code == "ValidationException"
    both = bench.refusal("kmstui:AuthenticateMfa", TokenCode=code, RecoveryCode="x")
    assert both.code == "ValidationException"


def test_a_recovery_code_is_good_once(bench: Bench, phone: Phone) -> None:
    """It makes the session fresh, is used up durably, and new codes end the old ones."""
    bench.clock.advance(400)
    codes = bench.call("kmstui:CreateMfaRecoveryCodes")["RecoveryCodes"]
    assert len(codes) == 10
    assert recover(bench, f" {codes[0].lower().replace('-', ' ')}") == ""
    assert status(bench)["Fresh"] is True
    assert status(bench)["RecoveryCodesLeft"] == 9
    assert recover(bench, codes[0]) == WRONG
    bench.crash()
    bench.restart()
    assert recover(bench, codes[0]) == WRONG
    bench.call("kmstui:CreateMfaRecoveryCodes")
    assert recover(bench, codes[1]) == WRONG
    assert phone.serial in str(status(bench)["Devices"])


def test_a_recovery_code_ends_a_wait(bench: Bench, phone: Phone) -> None:
    """Who mistyped and has a code need not wait."""
    code = bench.call("kmstui:CreateMfaRecoveryCodes")["RecoveryCodes"][0]
    fail(bench, phone, 8)
    assert recover(bench, code) == ""
    assert status(bench)["TriesLeft"] == 5
    assert sign_in(bench, phone.code()) == ""


@pytest.mark.usefixtures("phone")
def test_guessing_a_hundred_thousand_times_is_of_no_use(bench: Bench) -> None:
    """At most 100 codes are looked at, three of a million right: a chance below 3 in 10,000."""
    judged = accepted = 0
    for number in range(TRIES):
        outcome = sign_in(bench, f"{number * 7919 % 1_000_000:06}")
        judged += outcome in {WRONG, ""}
        accepted += outcome == ""
        bench.clock.advance(30)
    assert accepted / TRIES <= 3e-4
    assert accepted or judged == 100


def test_a_demo_device_shows_its_codes(make_bench: MakeBench) -> None:
    """In a training keystore the codes before, now and next are a phone's own."""
    bench = make_bench(training=True)
    phone = enrolled(bench)
    bench.clock.advance(12)
    shown = bench.call("kmstui:ShowDemoCode")
    assert shown == {
        "SerialNumber": phone.serial,
        "PreviousCode": phone.code(-1),
        "Code": phone.code(),
        "NextCode": phone.code(1),
        "SecondsLeft": 18,
    }
    assert sign_in(bench, shown["Code"]) == ""


def test_other_devices_show_none(bench: Bench, phone: Phone) -> None:
    """A production keystore has no demo authenticator."""
    refused = bench.refusal("kmstui:ShowDemoCode", SerialNumber=phone.serial)
    assert refused.code == "NotTrainingError"
    assert status(bench)["Devices"][0]["Demo"] is False


def test_the_keystores_recovery_code_resets_mfa(bench: Bench, phone: Phone) -> None:
    """Only a session that it opened removes lost devices; then a new one can be enrolled."""
    bench.call("kmstui:CreateMfaRecoveryCodes")
    assert bench.refusal("kmstui:ResetMfa").code == "AccessDeniedException"
    bench.session = bench.engine.unlock(bench.code)
    assert bench.call("kmstui:ResetMfa") == {"Removed": [phone.serial]}
    event = bench.last_event()
    assert event["eventName"] == "ResetMfa"
    assert event["responseElements"] == {"removed": [phone.serial]}
    assert status(bench)["Devices"] == []
    assert status(bench)["RecoveryCodesLeft"] == 0
    enrolled(bench)


def test_the_status_is_of_whoever_signed_in(bench: Bench, phone: Phone) -> None:
    """It names the principal, its devices and the seconds left of the present code."""
    bench.clock.advance(7)
    found = status(bench)
    assert found["Principal"] == ROOT
    assert [device["SerialNumber"] for device in found["Devices"]] == [phone.serial]
    assert found["CodeSecondsLeft"] == 23


def test_a_wrong_passphrase_proves_nothing(bench: Bench) -> None:
    """The attempt is recorded with its error."""
    with pytest.raises(KmsError):
        bench.engine.prove_passphrase(bench.session, Secret.from_text("wrong"))
    event = bench.last_event()
    assert (event["eventName"], event["errorCode"]) == ("ProvePassphrase", "WrongPassphraseError")
