"""One record of every kind of identity and access, for tests of what keeps them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from kmstui.keystore import (
    AccessKeyRecord,
    AccountRecord,
    DepartedRecord,
    GrantRecord,
    GroupRecord,
    Keystore,
    ManagedPolicyRecord,
    MfaDeviceRecord,
    PolicyText,
    PolicyVersion,
    RecoveryCodesRecord,
    RoleRecord,
    UnitOfWork,
    UserRecord,
)
from tests.helpers.keystores import ACCOUNT, REGION, START, key_id

TEXT = '{"Version":"2012-10-17","Statement":[]}'
USER_ARN = f"arn:aws:iam::{ACCOUNT}:user/team/Ada"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/Deploy"
POLICY_ARN = f"arn:aws:iam::{ACCOUNT}:policy/Use"
DEVICE_ARN = f"arn:aws:iam::{ACCOUNT}:mfa/phone"
ACCESS_KEY_ID = "AKIAIOSFODNN7EXAMPLE"

INLINE = (PolicyText("use", TEXT),)

ACCOUNT_FACTS = AccountRecord(ACCOUNT, "Payments", START, (PolicyText("mfa", TEXT),))
USER = UserRecord(
    ACCOUNT,
    "Ada",
    "AIDAUSER",
    START,
    path="/team/",
    inline=INLINE,
    attached=(POLICY_ARN,),
    groups=("Keepers",),
    boundary=POLICY_ARN,
    tags=(("team", "payments"),),
)
GROUP = GroupRecord(ACCOUNT, "Keepers", "AGPAGROUP", START, inline=INLINE, attached=(POLICY_ARN,))
ROLE = RoleRecord(
    ACCOUNT,
    "Deploy",
    "AROAROLE",
    START,
    TEXT,
    inline=INLINE,
    attached=(POLICY_ARN,),
    boundary=POLICY_ARN,
    tags=(("team", "payments"),),
    description="deploys",
    max_session_seconds=7200,
)
POLICY = ManagedPolicyRecord(
    ACCOUNT,
    "Use",
    "ANPAPOLICY",
    START,
    START,
    (PolicyVersion("v1", "{}", START), PolicyVersion("v3", TEXT, START)),
    "v3",
    description="lets use",
    tags=(("team", "payments"),),
    next_version=4,
)
ACCESS_KEY = AccessKeyRecord(
    ACCOUNT, ACCESS_KEY_ID, "Ada", b"sealed secret", active=True, created=START
)
DEVICE = MfaDeviceRecord(
    ACCOUNT,
    "phone",
    DEVICE_ARN,
    b"sealed secret",
    START,
    owner=USER_ARN,
    enabled=START,
    locked_until=START,
    drift=-2,
    tags=(("owner", "Ada"),),
)
CODES = RecoveryCodesRecord(USER_ARN, ACCOUNT, (b"one", b"two"), START)
DEPARTED = DepartedRecord(ACCOUNT, USER_ARN, "AIDAOLD", START - timedelta(days=1))


def make_grant(number: int = 1, *, key: int = 1, **members: object) -> GrantRecord:
    """Return a grant on the numbered key; ids ascend with numbers."""
    grant = GrantRecord(
        ACCOUNT,
        REGION,
        key_id(key),
        f"{number:064x}",
        "",
        START,
        grantee=ROLE_ARN,
        grantee_is_service=False,
        retiring=USER_ARN,
        retiring_is_service=False,
        issuing_account=f"arn:aws:iam::{ACCOUNT}:root",
        operations=("Decrypt",),
        equals=None,
        subset=(("project", "golden"),),
    )
    return replace(grant, **members)  # type: ignore[arg-type]


def put_each(unit: UnitOfWork) -> None:
    """Write one of every kind."""
    unit.put_account(ACCOUNT_FACTS)
    unit.put_user(USER)
    unit.put_group(GROUP)
    unit.put_role(ROLE)
    unit.put_managed_policy(POLICY)
    unit.put_access_key(ACCESS_KEY)
    unit.put_mfa_device(DEVICE)
    unit.put_recovery_codes(CODES)
    unit.put_departed(DEPARTED)
    unit.put_grant(make_grant())


def assert_each(reads: Keystore | UnitOfWork) -> None:
    """Find each of them by its name, and in its list."""
    assert reads.account(ACCOUNT) == ACCOUNT_FACTS
    assert reads.accounts() == (ACCOUNT_FACTS,)
    assert reads.user(ACCOUNT, "Ada") == USER
    assert reads.users(ACCOUNT) == (USER,)
    assert reads.group(ACCOUNT, "Keepers") == GROUP
    assert reads.groups(ACCOUNT) == (GROUP,)
    assert reads.role(ACCOUNT, "Deploy") == ROLE
    assert reads.roles(ACCOUNT) == (ROLE,)
    assert reads.managed_policy(ACCOUNT, "Use") == POLICY
    assert reads.managed_policies(ACCOUNT) == (POLICY,)
    assert reads.access_key(ACCESS_KEY_ID) == ACCESS_KEY
    assert reads.access_keys(ACCOUNT, "Ada") == (ACCESS_KEY,)
    assert reads.mfa_device(DEVICE_ARN) == DEVICE
    assert reads.mfa_devices(ACCOUNT) == (DEVICE,)
    assert reads.mfa_devices(ACCOUNT, USER_ARN) == (DEVICE,)
    assert reads.recovery_codes(USER_ARN) == CODES
    assert reads.departed(USER_ARN) == (DEPARTED,)
    grant = make_grant()
    assert reads.grant(ACCOUNT, REGION, key_id(1), grant.grant_id) == grant
    assert reads.grants_of_key(ACCOUNT, REGION, key_id(1), limit=10) == [grant]
    assert reads.grants_for(ACCOUNT, REGION, key_id(1), ROLE_ARN) == (grant,)
    assert reads.grants_retirable(USER_ARN, region=REGION, limit=10) == [grant]
    assert reads.grants_in(ACCOUNT, REGION, limit=10) == [grant]
