"""Virtual MFA devices: made, proven, synchronised and taken away."""

from __future__ import annotations

from base64 import b32decode
from dataclasses import replace
from datetime import timedelta

import pytest

from kmstui.core.errors import WrongPassphraseError
from kmstui.core.otpauth import otpauth_text
from kmstui.core.secret import Secret
from kmstui.keystore import MfaDeviceRecord, UserRecord
from kmstui.ops.iam.mfa import qr_code_png
from tests.conftest import MakeBench
from tests.helpers.engines import ACCOUNT, OTHER_ACCOUNT, PASSPHRASE, ROOT, START, Bench
from tests.helpers.mfa import Phone, enable, enrolled, make_phone

ALICE = UserRecord(ACCOUNT, "alice", "AIDAALICE", START, path="/team/")
PNG = b"\x89PNG\r\n\x1a\n"


def store(bench: Bench, *records: MfaDeviceRecord | UserRecord) -> None:
    """Write records past the operations."""
    keystore = bench.core.keystore
    with keystore.begin() as changes:
        for record in records:
            if isinstance(record, UserRecord):
                changes.put_user(record)
            else:
                changes.put_mfa_device(record)
        changes.commit(clock_mark=keystore.head.clock_mark, trail=keystore.head.trail)


def stored(phone: Phone) -> MfaDeviceRecord:
    """Return a device as the keystore has it."""
    device = phone.bench.core.keystore.mfa_device(phone.serial)
    assert device is not None
    return device


def listed(bench: Bench, user: str = "root") -> list[str]:
    """Return the serial numbers of a user's devices."""
    found = bench.call("iam:ListMFADevices", UserName=user)["MFADevices"]
    return [device["SerialNumber"] for device in found]


def test_a_new_device_shows_its_secret_once(bench: Bench) -> None:
    """The answer has serial number, seed and QR code; nothing else ever shows the seed."""
    answer = bench.call(
        "iam:CreateVirtualMFADevice",
        Path="/team/",
        VirtualMFADeviceName="phone",
        Tags=[{"Key": "owner", "Value": "Ada"}],
    )["VirtualMFADevice"]
    assert answer["SerialNumber"] == f"arn:aws:iam::{ACCOUNT}:mfa/team/phone"
    assert len(b32decode(answer["Base32StringSeed"])) == 20
    assert answer["QRCodePNG"].startswith(PNG)
    assert answer["Tags"] == [{"Key": "owner", "Value": "Ada"}]
    seed = answer["Base32StringSeed"].decode()
    assert seed not in str(bench.events())
    assert seed not in str(bench.call("iam:ListVirtualMFADevices"))


def test_the_qr_code_is_of_awss_text() -> None:
    """The text is otpauth's, its label at most twenty characters, and the picture is of it."""
    text = otpauth_text("a-very-long-device-name", ACCOUNT, "SEED")
    assert text == f"otpauth://totp/a-very-@{ACCOUNT}?secret=SEED"
    assert otpauth_text("a+b", ACCOUNT, "SEED") == f"otpauth://totp/a%2Bb@{ACCOUNT}?secret=SEED"
    assert qr_code_png(text) == qr_code_png(text)
    assert qr_code_png(text) != qr_code_png(f"{text}X")


def test_names_are_unique_in_a_path(bench: Bench) -> None:
    """A second device of a name and path is refused, also if only the case differs."""
    make_phone(bench, "phone")
    for name in ("phone", "PHONE"):
        error = bench.refusal("iam:CreateVirtualMFADevice", VirtualMFADeviceName=name)
        assert error.code == "EntityAlreadyExists"
    bench.call("iam:CreateVirtualMFADevice", VirtualMFADeviceName="phone", Path="/other/")


def test_a_serial_number_that_is_too_long_is_refused(bench: Bench) -> None:
    """What could never be named again is not made."""
    error = bench.refusal("iam:CreateVirtualMFADevice", VirtualMFADeviceName="a" * 300)
    assert error.code == "ValidationException"


def test_two_consecutive_codes_enable_a_device(bench: Bench) -> None:
    """It is then listed with its user, and the session counts as fresh."""
    phone = make_phone(bench)
    assert bench.call("kmstui:GetMfaStatus")["Fresh"] is False
    enable(phone)
    assert listed(bench) == [phone.serial]
    assert bench.call("kmstui:GetMfaStatus")["Fresh"] is True
    device = stored(phone)
    assert (device.owner, device.enabled) == (ROOT, START)


@pytest.mark.parametrize(
    ("first", "second"), [(-1, -1), (-1, -2), (-2, 0), (0, 2), (1, 2), (-4, -3)]
)
def test_other_pairs_enable_nothing(bench: Bench, first: int, second: int) -> None:
    """Codes that are equal, out of order, apart or too far away are refused and counted."""
    phone = make_phone(bench)
    error = bench.refusal(
        "iam:EnableMFADevice",
        UserName="root",
        SerialNumber=phone.serial,
        AuthenticationCode1=phone.code(first),
        AuthenticationCode2=phone.code(second),
    )
    assert error.code == "InvalidAuthenticationCode"
    assert bench.last_event()["errorCode"] == "InvalidAuthenticationCode"
    assert listed(bench) == []
    assert stored(phone).failures == 1


def test_a_device_has_one_user(bench: Bench) -> None:
    """A device that is in use is not enabled for somebody else."""
    store(bench, ALICE)
    phone = enrolled(bench)
    bench.clock.advance(90)
    with pytest.raises(Exception, match="already in use"):
        enable(phone, "alice")


def test_devices_are_enabled_for_other_users(bench: Bench) -> None:
    """An administrator enables a device for a user, and is not fresh because of it."""
    store(bench, ALICE)
    phone = make_phone(bench)
    enable(phone, "alice")
    assert listed(bench, "alice") == [phone.serial]
    assert bench.call("kmstui:GetMfaStatus")["Fresh"] is False
    entry = bench.call("iam:ListVirtualMFADevices")["VirtualMFADevices"][0]
    assert entry["User"]["Arn"] == ALICE.arn
    assert entry["EnableDate"] == START


@pytest.mark.parametrize("user", ["nobody", "Root"])
def test_devices_of_users_who_do_not_exist(bench: Bench, user: str) -> None:
    """Nobody's devices are neither listed nor enabled."""
    phone = make_phone(bench)
    assert bench.refusal("iam:ListMFADevices", UserName=user).code == "NoSuchEntity"
    with pytest.raises(Exception, match="cannot be found"):
        enable(phone, user)


def test_a_user_has_at_most_eight_devices(bench: Bench) -> None:
    """The ninth is refused."""
    for number in range(8):
        enrolled(bench, f"phone-{number}")
    ninth = make_phone(bench, "ninth")
    with pytest.raises(Exception, match="MFADevicesPerUser: 8"):
        enable(ninth)


def test_a_first_device_needs_the_passphrase_again(bench: Bench) -> None:
    """Five minutes after it was typed a first device is refused until it is typed again."""
    phone, second = make_phone(bench), make_phone(bench, "second")
    bench.clock.advance(timedelta(minutes=5))
    with pytest.raises(Exception, match="passphrase once more"):
        enable(phone)
    with pytest.raises(WrongPassphraseError):
        bench.engine.prove_passphrase(bench.session, Secret.from_text("not the passphrase"))
    with pytest.raises(Exception, match="passphrase once more"):
        enable(phone)
    bench.engine.prove_passphrase(bench.session, Secret.from_text(PASSPHRASE))
    enable(phone)
    bench.clock.advance(timedelta(minutes=10))
    enable(second)
    names = [event["eventName"] for event in bench.events()]
    assert names.count("ProvePassphrase") == 2


def test_account_time_does_not_prove_a_passphrase(make_bench: MakeBench) -> None:
    """Moving account time makes a typed passphrase neither older nor newer."""
    bench = make_bench(training=True)
    bench.call("kmstui:AdvanceClock", Seconds=86_400)
    enrolled(bench)


def test_a_deactivated_device_is_nobodys(bench: Bench) -> None:
    """Its codes no longer sign in; it can be deleted, or enabled with later codes."""
    phone = enrolled(bench)
    bench.call("iam:DeactivateMFADevice", UserName="root", SerialNumber=phone.serial)
    assert listed(bench) == []
    refused = bench.refusal("kmstui:AuthenticateMfa", TokenCode=phone.code())
    assert refused.code == "NoSuchEntity"
    with pytest.raises(Exception, match="not valid"):
        enable(phone)
    bench.clock.advance(60)
    enable(phone)
    assert listed(bench) == [phone.serial]


def test_a_device_in_use_is_not_deleted(bench: Bench) -> None:
    """Deactivating comes first."""
    phone = enrolled(bench)
    members = {"SerialNumber": phone.serial}
    assert bench.refusal("iam:DeleteVirtualMFADevice", members).code == "DeleteConflict"
    bench.call("iam:DeactivateMFADevice", UserName="root", SerialNumber=phone.serial)
    bench.call("iam:DeleteVirtualMFADevice", members)
    assert bench.refusal("iam:DeleteVirtualMFADevice", members).code == "NoSuchEntity"


def test_devices_of_others_are_not_found(bench: Bench) -> None:
    """A device of another user, another account or no account at all is no device of this one."""
    store(bench, ALICE)
    phone = enrolled(bench)
    others = (
        ("alice", phone.serial),
        ("root", phone.serial.replace(ACCOUNT, OTHER_ACCOUNT)),
        ("root", f"{phone.serial}x"),
        ("root", "nonsense-serial"),
    )
    for user, serial in others:
        error = bench.refusal("iam:DeactivateMFADevice", UserName=user, SerialNumber=serial)
        assert error.code == "NoSuchEntity"


def test_a_device_whose_clock_is_off_is_synchronised(bench: Bench) -> None:
    """Its codes are refused before, accepted after, and the window moves with it."""
    phone = replace(enrolled(bench), ahead=300)
    refused = bench.refusal("kmstui:AuthenticateMfa", TokenCode=phone.code())
    assert refused.code == "InvalidAuthenticationCode"
    bench.call(
        "iam:ResyncMFADevice",
        UserName="root",
        SerialNumber=phone.serial,
        AuthenticationCode1=phone.code(),
        AuthenticationCode2=phone.code(1),
    )
    assert stored(phone).drift == 11
    assert stored(phone).failures == 0
    bench.clock.advance(60)
    bench.call("kmstui:AuthenticateMfa", TokenCode=phone.code())
    bench.clock.advance(60)
    on_time = replace(phone, ahead=0).code()
    assert bench.refusal("kmstui:AuthenticateMfa", TokenCode=on_time).code == refused.code


def test_codes_too_far_off_do_not_synchronise(bench: Bench) -> None:
    """Beyond ten minutes, or with codes that were used, nothing is synchronised."""
    phone = enrolled(bench)
    for ahead, first in ((630, 0), (-660, 0), (0, -2)):
        off = replace(phone, ahead=ahead)
        error = bench.refusal(
            "iam:ResyncMFADevice",
            UserName="root",
            SerialNumber=phone.serial,
            AuthenticationCode1=off.code(first),
            AuthenticationCode2=off.code(first + 1),
        )
        assert error.code == "InvalidAuthenticationCode"
    assert stored(phone).failures == 3
    assert stored(phone).drift == 0


def test_listings_come_in_pages(bench: Bench) -> None:
    """Markers lead through all devices, once each, and belong to one listing."""
    serials = [make_phone(bench, f"phone-{number}").serial for number in range(5)]
    found: list[str] = []
    page = bench.call("iam:ListVirtualMFADevices", MaxItems=2)
    while True:
        found += [device["SerialNumber"] for device in page["VirtualMFADevices"]]
        if not page["IsTruncated"]:
            break
        marker = page["Marker"]
        page = bench.call("iam:ListVirtualMFADevices", MaxItems=2, Marker=marker)
    assert serials == found
    error = bench.refusal("iam:ListVirtualMFADevices", AssignmentStatus="Assigned", Marker=marker)
    assert error.code == "InvalidMarkerException"


def test_devices_are_listed_by_whether_they_have_a_user(bench: Bench) -> None:
    """Assigned, unassigned and any."""
    phone, spare = enrolled(bench), make_phone(bench, "spare")
    expected = {
        "Assigned": [phone.serial],
        "Unassigned": [spare.serial],
        "Any": [phone.serial, spare.serial],
    }
    for status, serials in expected.items():
        found = bench.call("iam:ListVirtualMFADevices", AssignmentStatus=status)
        assert serials == [device["SerialNumber"] for device in found["VirtualMFADevices"]]


def test_secrets_of_two_devices_cannot_be_swapped(bench: Bench) -> None:
    """A stored secret under another device's name is found to be tampered with."""
    phone, other = enrolled(bench), enrolled(bench, "other")
    store(bench, replace(stored(phone), token=stored(other).token))
    error = bench.refusal(
        "kmstui:AuthenticateMfa", SerialNumber=phone.serial, TokenCode=other.code()
    )
    assert error.code == "KeystoreTamperedError"
