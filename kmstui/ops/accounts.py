"""Accounts of a keystore, their service control policies, and who may open it.

AWS has these in Organizations and in its sign-in service; here they are operations of service
``kmstui``, decided by the same policies and recorded in the same trail.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from kmstui.authz.document import parse_policy
from kmstui.authz.guardrail import FULL_ACCESS, full_access
from kmstui.authz.model import PolicyKind
from kmstui.core.arn import Arn, is_account
from kmstui.core.errors import (
    AlreadyExistsException,
    NotFoundException,
    ValidationException,
)
from kmstui.core.spec import Answer, Kind, Member, Needs, ResourceKind, operation
from kmstui.hsm import PASSPHRASE_SLOT
from kmstui.keystore.principals import AccountRecord, PolicyText
from kmstui.ops.call import Call
from kmstui.ops.management import manages, own_action, require_managed, require_owner

SCPS_PER_ACCOUNT: Final = 5
"""Source: AWS Organizations User Guide, *Quotas*."""

_ACCOUNT = Member(
    "AccountId",
    Kind.TEXT,
    minimum=12,
    maximum=12,
    pattern=r"^\d{12}$",
    doc="Twelve digits; your own account when absent.",
)
_POLICY_NAME = Member(
    "PolicyName",
    Kind.TEXT,
    required=True,
    minimum=1,
    maximum=128,
    pattern=r"^[\w+=,.@-]+$",
    doc="What the service control policy is called.",
)
_PRINCIPAL = Member("Principal", Kind.TEXT, minimum=20, maximum=2048, doc="ARN of a principal.")
_SERVICE = Member(
    "Service",
    Kind.TEXT,
    minimum=5,
    maximum=128,
    pattern=r"^[a-z0-9-]+\.amazonaws\.com$",
    doc="Such as ec2.amazonaws.com.",
)


def _account(call: Call) -> AccountRecord:
    account = call.text("AccountId", call.caller.account)
    require_managed(call, account)
    found = call.services.access.account(account)
    if found is None:
        raise NotFoundException(
            f"Account {account} is not in this keystore.", hint="`:accounts` lists them."
        )
    return found


@operation(
    "kmstui",
    "ListAccounts",
    doc="List the accounts of this keystore that the caller's own sees to.",
    answer=(Member("Accounts", Kind.LIST),),
    needs=(),
    while_verifying=True,
)
def list_accounts(call: Call) -> Answer:
    """Return accounts with their names and the names of their service control policies."""
    access = call.services.access
    stored = {record.account for record in call.services.keystore.accounts()}
    known = sorted(stored | {call.services.keystore.head.account})
    records = [access.account(each) for each in known if manages(call, each)]
    return {
        "Accounts": [
            {
                "AccountId": record.account,
                "Name": record.name,
                "Created": record.created,
                "ServiceControlPolicies": [scp.name for scp in record.scps],
            }
            for record in records
            if record is not None
        ]
    }


def _check_create(call: Call) -> None:
    account = call.text("AccountId")
    if not is_account(account):
        raise ValidationException(f"{account} is not an account id: twelve digits.")


def _fits_create(call: Call) -> None:
    require_owner(call)
    account = call.text("AccountId")
    if call.services.access.holds(account):
        raise AlreadyExistsException(f"Account {account} is in this keystore already.")


@operation(
    "kmstui",
    "CreateAccount",
    doc="Add an account to this keystore, with its root user and the guardrail.",
    members=(
        replace(_ACCOUNT, required=True, doc="Twelve digits."),
        Member("Name", Kind.TEXT, required=True, minimum=1, maximum=50, doc="Your name for it."),
    ),
    needs=own_action("CreateAccount"),
    mutates=True,
    check=_check_create,
    fits=_fits_create,
    logged=("AccountId", "Name"),
)
def create_account(call: Call) -> Answer:
    """Store the account."""
    scps = call.services.access.default_scps()
    call.writer.put_account(
        AccountRecord(call.text("AccountId"), call.text("Name"), call.now, scps)
    )
    return {}


@operation(
    "kmstui",
    "ListServiceControlPolicies",
    doc="Show an account's service control policies, the MFA guardrail among them.",
    members=(_ACCOUNT,),
    answer=(Member("Policies", Kind.LIST),),
    needs=own_action("ListServiceControlPolicies"),
    while_verifying=True,
    logged=("AccountId",),
)
def list_scps(call: Call) -> Answer:
    """Return names and documents."""
    return {
        "Policies": [{"PolicyName": scp.name, "Policy": scp.text} for scp in _account(call).scps]
    }


def _check_scp(call: Call) -> None:
    parse_policy(call.text("Policy"), PolicyKind.SCP)


@operation(
    "kmstui",
    "PutServiceControlPolicy",
    doc="Add or replace a service control policy of an account.",
    members=(
        _ACCOUNT,
        _POLICY_NAME,
        Member("Policy", Kind.TEXT, required=True, minimum=1, maximum=32768, doc="The document."),
    ),
    needs=own_action("PutServiceControlPolicy"),
    mutates=True,
    critical=True,
    check=_check_scp,
    logged=("AccountId", "PolicyName", "Policy"),
)
def put_scp(call: Call) -> Answer:
    """Store the policy among the account's others."""
    account, name = _account(call), call.text("PolicyName")
    put = PolicyText(name, call.text("Policy"))
    kept = [put if scp.name == name else scp for scp in account.scps]
    if put not in kept:
        kept.append(put)
    if len(kept) > SCPS_PER_ACCOUNT:
        raise ValidationException(f"An account has at most {SCPS_PER_ACCOUNT} of them.")
    call.writer.put_account(replace(account, scps=tuple(kept)))
    return {}


@operation(
    "kmstui",
    "DeleteServiceControlPolicy",
    doc="Remove a service control policy from an account.",
    members=(_ACCOUNT, _POLICY_NAME),
    needs=own_action("DeleteServiceControlPolicy"),
    mutates=True,
    critical=True,
    logged=("AccountId", "PolicyName"),
)
def delete_scp(call: Call) -> Answer:
    """Remove the policy; an account keeps at least the one that takes nothing away."""
    account, name = _account(call), call.text("PolicyName")
    kept = tuple(scp for scp in account.scps if scp.name != name)
    if len(kept) == len(account.scps):
        raise NotFoundException(f"The account has no service control policy {name}.")
    call.writer.put_account(
        replace(account, scps=kept or (PolicyText(FULL_ACCESS, full_access()),))
    )
    return {}


def _check_act(call: Call) -> None:
    if not call.has("Principal") and not call.has("Service"):
        raise ValidationException("Name a Principal, a Service, or both.")
    if call.has("Principal"):
        _acted_account(call)


def _acted_account(call: Call) -> str:
    try:
        return Arn.parse(call.text("Principal")).account
    except ValueError:
        raise ValidationException(f"{call.text('Principal')} is not an ARN.") from None


def _fits_act(call: Call) -> None:
    if call.has("Principal"):
        require_managed(call, _acted_account(call))


@operation(
    "kmstui",
    "ActAs",
    doc="Go on in the place of a principal or an AWS service; for demonstrations.",
    members=(
        _PRINCIPAL,
        _SERVICE,
        Member("SourceArn", Kind.TEXT, minimum=20, maximum=2048, doc="aws:SourceArn of the call."),
    ),
    needs=own_action("ActAs"),
    training=True,
    check=_check_act,
    fits=_fits_act,
    logged=("Principal", "Service", "SourceArn"),
)
def act_as(_call: Call) -> Answer:
    """Record it; the engine then answers with a session of that principal."""
    return {}


_USER = Member(
    "UserName",
    Kind.TEXT,
    required=True,
    minimum=1,
    maximum=64,
    pattern=r"[\w+=,.@-]+",
    doc="An IAM user of your account.",
)


def _of_user(name: str) -> tuple[Needs, ...]:
    """Return the one pair of an operation on a user, whom policies can name as its resource."""
    return (Needs(f"kmstui:{name}", ResourceKind.USER, member="UserName", role="user"),)


def _operator_arn(call: Call) -> str:
    name = call.text("UserName")
    user = call.services.keystore.user(call.caller.account, name)
    if user is None:
        raise NotFoundException(f"There is no user {name}.", hint="Create the user first.")
    return user.arn


def _require_user(call: Call) -> None:
    _operator_arn(call)


@operation(
    "kmstui",
    "CreateOperator",
    doc="Give a user a passphrase that opens this keystore.",
    members=(_USER,),
    needs=_of_user("CreateOperator"),
    read_only=False,
    critical=True,
    fits=_require_user,
    logged=("UserName",),
)
def create_operator(_call: Call) -> Answer:
    """Record it; the engine then makes the unlock slot, which takes a while."""
    return {}


@operation(
    "kmstui",
    "DeleteOperator",
    doc="Take a user's passphrase away; the user itself stays.",
    members=(_USER,),
    needs=_of_user("DeleteOperator"),
    mutates=True,
    fits=_require_user,
    logged=("UserName",),
)
def delete_operator(call: Call) -> Answer:
    """Remove the user's unlock slots and end its sessions, but never the last passphrase."""
    arn = _operator_arn(call)
    slots = call.services.keystore.header.slots
    kept = tuple(slot for slot in slots if slot.principal != arn)
    if len(kept) == len(slots):
        raise NotFoundException(f"{arn} has no passphrase here.")
    if not any(slot.kind == PASSPHRASE_SLOT for slot in kept):
        raise ValidationException("It is the last passphrase that opens this keystore.")
    call.writer.replace_slots(kept)
    call.afterwards.append(lambda: call.services.sessions.end(arn))
    return {}


@operation(
    "kmstui",
    "ListOperators",
    doc="List who can open this keystore.",
    answer=(Member("Operators", Kind.LIST),),
    needs=own_action("ListOperators"),
    while_verifying=True,
)
def list_operators(call: Call) -> Answer:
    """Return each unlock slot's principal and kind, of the accounts that the caller's sees to."""
    return {
        "Operators": [
            {"Principal": slot.principal, "SlotKind": slot.kind, "Created": slot.created}
            for slot in call.services.keystore.header.slots
            if manages(call, Arn.parse(slot.principal).account)
        ]
    }
