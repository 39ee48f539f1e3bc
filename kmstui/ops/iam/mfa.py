"""Virtual MFA devices: made, enabled by two consecutive codes, synchronised, taken away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any, Final

from kmstui.core.arn import iam_arn
from kmstui.core.errors import (
    DeleteConflictException,
    EntityAlreadyExistsException,
    IamLimitExceededException,
    NoSuchEntityException,
    PassphraseNeededError,
    ValidationException,
)
from kmstui.core.limits import (
    MFA_DEVICES_PER_ACCOUNT,
    MFA_DEVICES_PER_USER,
)
from kmstui.core.otpauth import otpauth_text
from kmstui.core.spec import Answer, Kind, Member, Needs, ResourceKind, operation
from kmstui.hsm.base import TotpBinding
from kmstui.keystore import MfaDeviceRecord
from kmstui.ops.call import Call
from kmstui.ops.iam import members as m
from kmstui.ops.iam.devices import (
    accept,
    binding_of,
    devices_of,
    find_device,
    named_owner,
    refuse,
    require_open,
    step_of,
)
from kmstui.ops.iam.shapes import tag_list
from kmstui.ops.iam.tags import check_tags, given_tags

PASSPHRASE_FRESH: Final = timedelta(minutes=5)
"""How long ago the passphrase may have been typed when a first device is enabled; host time."""

RESYNC_WINDOW: Final = 20
"""Time steps that a device's clock may be off to be synchronised: ten minutes."""

_SERIAL: Final = Member(
    "SerialNumber",
    Kind.TEXT,
    required=True,
    minimum=9,
    maximum=256,
    pattern=r"[\w+=/:,.@-]+",
    doc="The device: its ARN.",
)
_CODES: Final = tuple(
    Member(
        name,
        Kind.TEXT,
        required=True,
        minimum=6,
        maximum=6,
        pattern=r"[\d]+",
        sensitive=True,
        doc=doc,
    )
    for name, doc in (
        ("AuthenticationCode1", "A code that the device shows."),
        ("AuthenticationCode2", "The code that it shows next."),
    )
)


def _owned_device(call: Call) -> MfaDeviceRecord:
    """Return the named device, which has to be enabled for the named user."""
    device, owner = find_device(call, call.text("SerialNumber")), named_owner(call)
    if device.owner != owner:
        raise NoSuchEntityException(
            f"MFA device {device.arn} is not enabled for {owner}.",
            hint="ListMFADevices shows a user's devices.",
        )
    return device


def qr_code_png(text: str) -> bytes:
    """Return a QR code as a PNG image, dark on light, with the quiet zone that scanners want."""
    import segno  # noqa: PLC0415 - only enrolment needs it

    image = BytesIO()
    segno.make(text, micro=False).save(image, kind="png", scale=6, border=4)
    return image.getvalue()


@operation(
    "iam",
    "CreateVirtualMFADevice",
    doc="Make a virtual MFA device; its secret is shown this once.",
    members=(
        m.path(),
        Member(
            "VirtualMFADeviceName",
            Kind.TEXT,
            required=True,
            minimum=1,
            pattern=m.NAME_PATTERN,
            doc="The device's name.",
        ),
        m.tags(),
    ),
    answer=(
        Member(
            "VirtualMFADevice",
            Kind.STRUCTURE,
            sensitive=True,
            members=(
                Member("SerialNumber", Kind.TEXT),
                Member("Base32StringSeed", Kind.BLOB, sensitive=True),
                Member("QRCodePNG", Kind.BLOB, sensitive=True),
                Member("Tags", Kind.LIST),
            ),
        ),
    ),
    needs=(
        Needs(
            "iam:CreateVirtualMFADevice",
            ResourceKind.MFA_DEVICE,
            member="VirtualMFADeviceName",
            role="device",
        ),
    ),
    mutates=True,
    check=check_tags,
    logged=("Path", "VirtualMFADeviceName", "Tags"),
    errors=(
        "LimitExceededException",
        "InvalidInputException",
        "EntityAlreadyExistsException",
        "ConcurrentModificationException",
        "ServiceFailureException",
    ),
)
def create_virtual_mfa_device(call: Call) -> Answer:
    """Have the HSM make a secret, keep it sealed, and show it."""
    account, name, path = (
        call.caller.account,
        call.text("VirtualMFADeviceName"),
        call.text("Path", "/"),
    )
    arn = iam_arn(account, "mfa", path, name)
    if len(arn) > (_SERIAL.maximum or 0):
        raise ValidationException("Path and VirtualMFADeviceName are too long together.")
    if call.writer.mfa_device(arn) is not None:
        raise EntityAlreadyExistsException(
            "MFADevice entity at the same path and name already exists."
        )
    if len(call.writer.mfa_devices(account)) >= MFA_DEVICES_PER_ACCOUNT:
        raise IamLimitExceededException(
            f"Cannot exceed quota for MFADevicesPerAccount: {MFA_DEVICES_PER_ACCOUNT}"
        )
    demo = call.services.keystore.head.training
    new = call.services.hsm.totp_enrol(TotpBinding(account, arn, demo=demo))
    tags = given_tags(call)
    call.writer.put_mfa_device(
        MfaDeviceRecord(account, name, arn, new.token, call.now, path=path, demo=demo, tags=tags)
    )
    shown: dict[str, Any] = {
        "SerialNumber": arn,
        "Base32StringSeed": new.seed,
        "QRCodePNG": qr_code_png(otpauth_text(name, account, new.seed.decode("ascii"))),
    }
    if tags:
        shown["Tags"] = tag_list(tags)
    return {"VirtualMFADevice": shown}


_CODE_ERRORS: Final = (
    "InvalidAuthenticationCodeException",
    "NoSuchEntityException",
    "LimitExceededException",
    "ServiceFailureException",
    "ConcurrentModificationException",
)


def _pair_step(call: Call, device: MfaDeviceRecord, window: int) -> int | None:
    """Return the step of the second of the two codes, if they are the device's."""
    return call.services.hsm.totp_verify_pair(
        device.token,
        binding_of(device),
        (call.text("AuthenticationCode1"), call.text("AuthenticationCode2")),
        step_now=step_of(call.services.host_now()),
        last_step=device.last_step,
        window=window,
    )


@operation(
    "iam",
    "EnableMFADevice",
    doc="Enable an MFA device for a user, proven by two consecutive codes.",
    members=(m.user_name(), _SERIAL, *_CODES),
    needs=(Needs("iam:EnableMFADevice", ResourceKind.USER, member="UserName", role="user"),),
    mutates=True,
    logged=("UserName", "SerialNumber"),
    errors=(
        "EntityAlreadyExistsException",
        "EntityTemporarilyUnmodifiableException",
        *_CODE_ERRORS,
    ),
)
def enable_mfa_device(call: Call) -> Answer:
    """Give a device that is nobody's to the user whose codes prove it."""
    device, owner = find_device(call, call.text("SerialNumber")), named_owner(call)
    if device.owner:
        raise EntityAlreadyExistsException(f"MFA device {device.arn} is already in use.")
    present = devices_of(call, owner)
    if len(present) >= MFA_DEVICES_PER_USER:
        raise IamLimitExceededException(
            f"Cannot exceed quota for MFADevicesPerUser: {MFA_DEVICES_PER_USER}"
        )
    own = owner == call.standing.origin
    if own and not present:
        _require_passphrase(call)
    require_open(call, (device,))
    step = _pair_step(call, device, window=1)
    if step is None:
        refuse(call, device, (), "Authentication code for device is not valid.")
        return {}
    enabled = accept(call, device, (), step)
    call.writer.put_mfa_device(replace(enabled, owner=owner, enabled=call.now))
    if own:
        call.afterwards.append(lambda: call.services.sessions.confirm_mfa(call))
    return {}


def _require_passphrase(call: Call) -> None:
    """Refuse one's first device to whoever merely sits before an unlocked terminal.

    A session that an access key signed for has no passphrase to prove; that of a role which was
    assumed after signing in has.

    Raises:
        PassphraseNeededError: The passphrase was not typed within the last minutes.
    """
    typed, now = call.standing.freshness.passphrase_at, call.services.host_now()
    if typed is None and call.standing.actor.access_key_id:
        return
    if typed is None or not typed <= now < typed + PASSPHRASE_FRESH:
        raise PassphraseNeededError("A first MFA device needs the passphrase once more.")


@operation(
    "iam",
    "ResyncMFADevice",
    doc="Synchronise an MFA device whose clock is off, by two consecutive codes.",
    members=(m.user_name(), _SERIAL, *_CODES),
    needs=(Needs("iam:ResyncMFADevice", ResourceKind.USER, member="UserName", role="user"),),
    mutates=True,
    critical=True,
    logged=("UserName", "SerialNumber"),
    errors=_CODE_ERRORS,
)
def resync_mfa_device(call: Call) -> Answer:
    """Remember how far the device's clock is off (RFC 6238, section 6)."""
    device = _owned_device(call)
    sharing = devices_of(call, device.owner)
    require_open(call, sharing)
    step = _pair_step(call, device, window=RESYNC_WINDOW)
    if step is None:
        refuse(call, device, sharing, "Authentication code for device is not valid.")
        return {}
    synced = accept(call, device, sharing, step)
    drift = step - step_of(call.services.host_now())
    call.writer.put_mfa_device(replace(synced, drift=drift))
    return {}


@operation(
    "iam",
    "DeactivateMFADevice",
    doc="Take an MFA device from a user; the device itself stays.",
    members=(m.user_name(required=False), _SERIAL),
    needs=(Needs("iam:DeactivateMFADevice", ResourceKind.USER, member="UserName", role="user"),),
    mutates=True,
    critical=True,
    logged=("UserName", "SerialNumber"),
    errors=(
        "EntityTemporarilyUnmodifiableException",
        "NoSuchEntityException",
        "LimitExceededException",
        "ServiceFailureException",
        "ConcurrentModificationException",
    ),
)
def deactivate_mfa_device(call: Call) -> Answer:
    """Leave the device nobody's; what was accepted and counted stays with it."""
    device = _owned_device(call)
    call.writer.put_mfa_device(replace(device, owner="", enabled=None))
    return {}


@operation(
    "iam",
    "DeleteVirtualMFADevice",
    doc="Delete a virtual MFA device that nobody uses.",
    members=(_SERIAL,),
    needs=(
        Needs(
            "iam:DeleteVirtualMFADevice",
            ResourceKind.MFA_DEVICE,
            member="SerialNumber",
            role="device",
        ),
    ),
    mutates=True,
    critical=True,
    logged=("SerialNumber",),
    errors=(
        "NoSuchEntityException",
        "DeleteConflictException",
        "LimitExceededException",
        "ServiceFailureException",
        "ConcurrentModificationException",
    ),
)
def delete_virtual_mfa_device(call: Call) -> Answer:
    """Drop the device and its secret."""
    device = find_device(call, call.text("SerialNumber"))
    if device.owner:
        raise DeleteConflictException("MFA VirtualDevice in use. Must deactivate first.")
    call.writer.delete_mfa_device(device.arn)
    return {}
