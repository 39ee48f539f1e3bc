"""Listings of MFA devices."""

from __future__ import annotations

from typing import Any

from kmstui.core.spec import Answer, Kind, Member, Needs, ResourceKind, operation
from kmstui.keystore import MfaDeviceRecord
from kmstui.ops.call import Call
from kmstui.ops.iam import members as m
from kmstui.ops.iam.devices import ROOT_NAME, devices_of, named_owner
from kmstui.ops.iam.pages import listed
from kmstui.ops.iam.resolve import reads
from kmstui.ops.iam.shapes import listed_user


@operation(
    "iam",
    "ListMFADevices",
    doc="List the MFA devices of a user.",
    members=(m.user_name(required=False), *m.PAGING),
    answer=(Member("MFADevices", Kind.LIST), *m.PAGE_ANSWER),
    needs=(Needs("iam:ListMFADevices", ResourceKind.USER, member="UserName", role="user"),),
    while_verifying=True,
    logged=("UserName", "Marker", "MaxItems"),
    errors=("NoSuchEntityException", "ServiceFailureException"),
)
def list_mfa_devices(call: Call) -> Answer:
    """Return a page of the user's devices."""
    owner = named_owner(call)
    found = sorted(devices_of(call, owner), key=_serial)
    return listed(call, "MFADevices", found, place=_serial, show=_mfa_device, scope=owner)


@operation(
    "iam",
    "ListVirtualMFADevices",
    doc="List the virtual MFA devices of the account.",
    members=(
        Member(
            "AssignmentStatus",
            Kind.TEXT,
            enum=("Assigned", "Unassigned", "Any"),
            doc="Only those that have a user, or have none.",
        ),
        *m.PAGING,
    ),
    answer=(Member("VirtualMFADevices", Kind.LIST), *m.PAGE_ANSWER),
    needs=(Needs("iam:ListVirtualMFADevices", ResourceKind.ACCOUNT, member=""),),
    while_verifying=True,
    logged=("AssignmentStatus", "Marker", "MaxItems"),
)
def list_virtual_mfa_devices(call: Call) -> Answer:
    """Return a page of the account's devices."""
    status = call.text("AssignmentStatus", "Any")
    found = [
        device
        for device in reads(call).mfa_devices(call.caller.account)
        if status == "Any" or bool(device.owner) == (status == "Assigned")
    ]
    return listed(
        call,
        "VirtualMFADevices",
        sorted(found, key=_serial),
        place=_serial,
        show=lambda device: _virtual_device(call, device),
        scope=status,
    )


def _serial(device: MfaDeviceRecord) -> str:
    return device.arn


def _mfa_device(device: MfaDeviceRecord) -> dict[str, Any]:
    return {
        "UserName": device.owner.rpartition(":")[2].rpartition("/")[2],
        "SerialNumber": device.arn,
        "EnableDate": device.enabled,
    }


def _virtual_device(call: Call, device: MfaDeviceRecord) -> dict[str, Any]:
    entry: dict[str, Any] = {"SerialNumber": device.arn}
    if device.owner:
        entry |= {"EnableDate": device.enabled, "User": _user_entry(call, device.owner)}
    return entry


def _user_entry(call: Call, owner: str) -> dict[str, Any]:
    user = reads(call).user(call.caller.account, owner.rpartition("/")[2])
    if user is None:
        account = call.caller.account
        return {"Path": "/", "UserName": ROOT_NAME, "UserId": account, "Arn": owner}
    return listed_user(user)
