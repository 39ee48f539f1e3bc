"""One-time codes and the recovery codes that stand in for them."""

from __future__ import annotations

import json
from base64 import b32decode
from dataclasses import replace
from itertools import permutations, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmstui.core.errors import (
    KeystoreLockedError,
    KeystoreTamperedError,
    UnsupportedOperationException,
)
from kmstui.hsm import NewTotp, TotpBinding, totp
from kmstui.hsm.primitives import MacKey
from kmstui.hsm.software import SoftwareHsm
from tests.helpers.hsm import provisioned

BINDING = TotpBinding("111122223333", "arn:aws:iam::111122223333:mfa/alice", demo=False)
DEMO = replace(BINDING, demo=True)
NOW = 1_000_000
PRINCIPAL = "arn:aws:iam::111122223333:user/alice"
VECTORS = Path(__file__).parents[1] / "vectors" / "rfc" / "otp.json"
DIGESTS = {"SHA1": "SHA_1", "SHA256": "SHA_256", "SHA512": "SHA_512"}

MALFORMED = (
    "",
    "{0}{1}{2}{3}{4}",
    "{0}{1}{2}{3}{4}{5}0",
    " {0}{1}{2}{3}{4}{5}",
    "{0}{1}{2}{3}{4}{5} ",
    "{0}{1}{2} {3}{4}{5}",
    "{0}{1}{2}-{3}{4}{5}",
    "\t{0}{1}{2}{3}{4}{5}",
    "{0}{1}{2}{3}{4}{5}\n",
    "{0}{1}{2}{3}{4}{5}\0",
    "+{1}{2}{3}{4}{5}",
    "-{1}{2}{3}{4}{5}",
    "{0}{1}{2}{3}{4}x",
    "{0}_{1}{2}{3}{4}{5}",
    "\ufeff{0}{1}{2}{3}{4}{5}",
    "\u202e{0}{1}{2}{3}{4}{5}",
    "\ud800{1}{2}{3}{4}{5}",
)
"""Spellings made from the digits of the right code that are all wrong codes."""

FOREIGN_ZEROS = {"full-width": 0xFF10, "Arabic-Indic": 0x0660, "Devanagari": 0x0966}


def vectors(kind: str) -> list[dict[str, Any]]:
    """Return the RFCs' vectors of one kind."""
    found: list[dict[str, Any]] = json.loads(VECTORS.read_bytes())[kind]
    return found


def code_of(new: NewTotp, step: int) -> str:
    """Return the code that a phone with the device's seed shows."""
    return totp.hotp(MacKey(b32decode(new.seed), "SHA_1"), step).decode()


def accepted(
    hsm: SoftwareHsm, new: NewTotp, code: str, *, now: int = NOW, last: int = -1
) -> int | None:
    """Return what the HSM says of a code."""
    return hsm.totp_verify(new.token, BINDING, code, step_now=now, last_step=last)


def accepted_pair(
    hsm: SoftwareHsm, new: NewTotp, first: int, second: int, *, window: int = 1
) -> int | None:
    """Return what the HSM says of the codes of two steps."""
    codes = (code_of(new, first), code_of(new, second))
    return hsm.totp_verify_pair(
        new.token, BINDING, codes, step_now=NOW, last_step=-1, window=window
    )


def test_hotp_agrees_with_rfc_4226() -> None:
    """Appendix D's ten codes come out."""
    cases = vectors("hotp")
    assert len(cases) == 10
    for case in cases:
        key = MacKey(case["secret_ascii"].encode(), "SHA_1")
        assert case["hotp"] == totp.hotp(key, case["counter"]).decode()


def test_totp_agrees_with_rfc_6238() -> None:
    """Appendix B's eighteen codes of eight digits come out, at their times' steps."""
    cases = vectors("totp")
    assert len(cases) == 18
    for case in cases:
        key = MacKey(case["secret_ascii"].encode(), DIGESTS[case["mode"]])
        assert case["step"] == case["time"] // totp.STEP_SECONDS
        assert case["totp"] == totp.hotp(key, case["step"], digits=8).decode()


def test_a_device_shows_its_secret_once(hsm: SoftwareHsm) -> None:
    """The seed is 20 bytes in base 32, fresh each time, and not in the token or any repr."""
    one, other = hsm.totp_enrol(BINDING), hsm.totp_enrol(BINDING)
    secret = b32decode(one.seed)
    assert len(secret) == 20
    assert one.seed != other.seed
    assert secret not in one.token
    assert one.seed.decode() not in repr(one)


@pytest.mark.parametrize("drift", range(-4, 5))
def test_only_neighbouring_steps_are_accepted(hsm: SoftwareHsm, drift: int) -> None:
    """A code is good in its own step, the one before and the one after."""
    new = hsm.totp_enrol(BINDING)
    expected = NOW + drift if abs(drift) <= 1 else None
    assert expected == accepted(hsm, new, code_of(new, NOW + drift))


@pytest.mark.parametrize("last", range(NOW - 3, NOW + 4))
def test_only_later_steps_are_accepted(hsm: SoftwareHsm, last: int) -> None:
    """A code whose step is not after the last accepted one is refused."""
    new = hsm.totp_enrol(BINDING)
    for step in (NOW - 1, NOW, NOW + 1):
        expected = step if step > last else None
        assert expected == accepted(hsm, new, code_of(new, step), last=last)


def test_the_first_steps_have_codes(hsm: SoftwareHsm) -> None:
    """At the epoch there is no step before the present one."""
    new = hsm.totp_enrol(BINDING)
    assert accepted(hsm, new, code_of(new, 0), now=0) == 0


@pytest.mark.parametrize("spelling", MALFORMED)
def test_malformed_codes_are_wrong_codes(hsm: SoftwareHsm, spelling: str) -> None:
    """Nothing but exactly six ASCII digits is accepted, whatever it looks like."""
    new = hsm.totp_enrol(BINDING)
    code = code_of(new, NOW)
    assert accepted(hsm, new, code) == NOW
    assert accepted(hsm, new, spelling.format(*code)) is None


@pytest.mark.parametrize("zero", FOREIGN_ZEROS.values(), ids=FOREIGN_ZEROS)
def test_digits_of_other_scripts_are_wrong_codes(hsm: SoftwareHsm, zero: int) -> None:
    """Characters that count as digits elsewhere do not here."""
    new = hsm.totp_enrol(BINDING)
    code = code_of(new, NOW)
    foreign = "".join(chr(zero + int(digit)) for digit in code)
    assert foreign.isdecimal()
    assert accepted(hsm, new, foreign) is None
    assert accepted(hsm, new, code[:5] + foreign[5]) is None


@given(st.text(max_size=8))
def test_any_text_is_judged(text: str) -> None:
    """No text makes verification fail in another way than by saying no."""
    hsm = HSM
    found = hsm.totp_verify(NEW.token, BINDING, text, step_now=NOW, last_step=NOW + 1)
    assert found is None


def test_two_consecutive_codes_prove_a_device(hsm: SoftwareHsm) -> None:
    """They are accepted in their order, at neighbouring steps, inside the window."""
    new = hsm.totp_enrol(BINDING)
    found = {
        (first, second): accepted_pair(hsm, new, NOW + first, NOW + second)
        for first, second in product(range(-4, 4), repeat=2)
    }
    good = {(-2, -1): NOW - 1, (-1, 0): NOW, (0, 1): NOW + 1}
    assert good == {pair: step for pair, step in found.items() if step is not None}


def test_a_wider_window_finds_a_device_whose_clock_is_off(hsm: SoftwareHsm) -> None:
    """Resynchronising looks further, and no further than it is told."""
    new = hsm.totp_enrol(BINDING)
    assert accepted_pair(hsm, new, NOW - 21, NOW - 20, window=20) == NOW - 20
    assert accepted_pair(hsm, new, NOW - 22, NOW - 21, window=20) is None


def test_a_pair_after_the_last_step_is_wanted(hsm: SoftwareHsm) -> None:
    """Neither of two codes may have been used."""
    new = hsm.totp_enrol(BINDING)
    codes = (code_of(new, NOW - 1), code_of(new, NOW))
    verify = hsm.totp_verify_pair
    assert verify(new.token, BINDING, codes, step_now=NOW, last_step=NOW - 2) == NOW
    assert verify(new.token, BINDING, codes, step_now=NOW, last_step=NOW - 1) is None


def test_secrets_are_bound_to_their_device() -> None:
    """In an ordered matrix of devices no secret verifies codes for another."""
    hsm, other_store = provisioned()[0], provisioned()[0]
    bindings = [
        TotpBinding(account, f"arn:aws:iam::{account}:mfa/{name}", demo=demo)
        for account, name, demo in product(
            ("111122223333", "444455556666"),
            ("alice", "bob", "team/alice", "Alice"),
            (False, True),
        )
    ]
    devices = {binding: hsm.totp_enrol(binding) for binding in bindings}
    swaps = 0
    for mine, theirs in permutations(bindings, 2):
        swaps += 1
        with pytest.raises(KeystoreTamperedError):
            hsm.totp_verify(devices[theirs].token, mine, "000000", step_now=NOW, last_step=-1)
    assert swaps >= 200
    with pytest.raises(KeystoreTamperedError):
        other_store.totp_verify(
            devices[bindings[0]].token, bindings[0], "000000", step_now=NOW, last_step=-1
        )


def test_altered_secrets_are_rejected(hsm: SoftwareHsm) -> None:
    """Every flipped bit behind the version and every cut is noticed."""
    new = hsm.totp_enrol(BINDING)
    for place in range(1, len(new.token)):
        altered = bytearray(new.token)
        altered[place] ^= 1 << place % 8
        with pytest.raises(KeystoreTamperedError):
            accepted(hsm, replace(new, token=bytes(altered)), "000000")
        with pytest.raises(KeystoreTamperedError):
            accepted(hsm, replace(new, token=new.token[:place]), "000000")


def test_a_device_is_no_key(hsm: SoftwareHsm) -> None:
    """A device's token does not encrypt, whatever binding is made up for it."""
    new = hsm.totp_enrol(BINDING)
    with pytest.raises(UnsupportedOperationException):
        hsm.encrypt(new.token, totp._material(BINDING), b"x", b"")


def test_only_demo_devices_show_codes(hsm: SoftwareHsm) -> None:
    """The code of a demo device is its own; another device's is refused, however it is asked."""
    demo, real = hsm.totp_enrol(DEMO), hsm.totp_enrol(BINDING)
    assert code_of(demo, NOW) == hsm.totp_code(demo.token, DEMO, NOW)
    with pytest.raises(UnsupportedOperationException):
        hsm.totp_code(real.token, BINDING, NOW)
    with pytest.raises(KeystoreTamperedError):
        hsm.totp_code(real.token, DEMO, NOW)


def test_recovery_codes_are_long_distinct_and_hashed(hsm: SoftwareHsm) -> None:
    """Ten codes of 80 bits; what is kept of them does not contain them."""
    found = hsm.mfa_recovery_codes(PRINCIPAL)
    assert len(found) == 10
    assert len(dict(found)) == 10
    hashes = [hashed for _, hashed in found]
    for place, (code, hashed) in enumerate(found):
        assert [4, 4, 4, 4] == [len(group) for group in code.split("-")]
        assert len(hashed) == 32
        assert place == hsm.mfa_recovery_find(PRINCIPAL, code, hashes)


def test_recovery_codes_are_typed_as_people_type(hsm: SoftwareHsm) -> None:
    """Case, separators and lookalikes do not matter; a malformed code matches nothing."""
    code, hashed = hsm.mfa_recovery_codes(PRINCIPAL)[0]
    plain = code.replace("-", "").lower()
    for typed in (plain, f" {code}\n", plain.replace("0", "o").replace("1", "l")):
        assert hsm.mfa_recovery_find(PRINCIPAL, typed, [hashed]) == 0
    for typed in ("", plain[:-1], f"{plain}0", f"{plain[:-1]}u", "\uff10" * 16):
        assert hsm.mfa_recovery_find(PRINCIPAL, typed, [hashed]) is None


def test_recovery_codes_belong_to_one_principal(hsm: SoftwareHsm) -> None:
    """One principal's code is none of another's."""
    code, hashed = hsm.mfa_recovery_codes(PRINCIPAL)[0]
    other = PRINCIPAL.replace("alice", "bob")
    assert hsm.mfa_recovery_find(other, code, [hashed]) is None
    assert hsm.mfa_recovery_find(PRINCIPAL, code, []) is None


def test_a_locked_hsm_knows_no_codes(hsm: SoftwareHsm) -> None:
    """Without keys nothing is enrolled, verified or shown."""
    new = hsm.totp_enrol(DEMO)
    hsm.lock()
    for attempt in (
        lambda: hsm.totp_enrol(BINDING),
        lambda: hsm.totp_code(new.token, DEMO, NOW),
        lambda: hsm.mfa_recovery_codes(PRINCIPAL),
        lambda: accepted(hsm, new, "000000"),
    ):
        with pytest.raises(KeystoreLockedError):
            attempt()


HSM = provisioned()[0]
NEW = HSM.totp_enrol(BINDING)
