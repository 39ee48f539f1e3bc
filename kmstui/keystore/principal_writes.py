"""Changes of identity and access in a unit of work, and of the links that lead to them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

from kmstui.keystore import principals_codec as codecs
from kmstui.keystore.codec import (
    ACCESS_KEYS,
    ACCOUNTS,
    DEPARTED,
    GRANTS,
    GROUPS,
    LINKS,
    MANAGED_POLICIES,
    MFA_DEVICES,
    RECOVERY_CODES,
    ROLES,
    USERS,
    Fields,
)
from kmstui.keystore.names import link_scope
from kmstui.keystore.principal_reads import (
    DEVICES_OF_OWNER,
    GRANTS_RETIRED_BY,
    GRANTS_TO,
    KEYS_OF_USER,
    PrincipalReads,
)
from kmstui.keystore.principals import (
    AccessKeyRecord,
    AccountRecord,
    DepartedRecord,
    GrantRecord,
    GroupRecord,
    ManagedPolicyRecord,
    MfaDeviceRecord,
    RecoveryCodesRecord,
    RoleRecord,
    UserRecord,
)


class PrincipalWrites(PrincipalReads):
    """Every ``put`` writes a whole record, new or over another of that name.

    Every ``delete`` removes what is there and is content if nothing is. What else belongs to a
    user, role or group is the caller's to remove first.
    """

    @abstractmethod
    def stage(self, table: str, changes: Mapping[str, Fields | None]) -> None:
        """Take new documents, and nothing in the place of those that are gone."""

    def put_account(self, account: AccountRecord) -> None:
        """Write what is known of an account."""
        self.stage(ACCOUNTS, {account.account: codecs.ACCOUNT.fields(account)})

    def delete_account(self, account: str) -> None:
        """Forget what is known of an account."""
        self.stage(ACCOUNTS, {account: None})

    def put_user(self, user: UserRecord) -> None:
        """Write a user."""
        self.stage(USERS, {self._id(user.account, USERS, user.name): codecs.USER.fields(user)})

    def delete_user(self, account: str, name: str) -> None:
        """Remove a user."""
        self.stage(USERS, {self._id(account, USERS, name): None})

    def put_group(self, group: GroupRecord) -> None:
        """Write a group."""
        row_id = self._id(group.account, GROUPS, group.name)
        self.stage(GROUPS, {row_id: codecs.GROUP.fields(group)})

    def delete_group(self, account: str, name: str) -> None:
        """Remove a group."""
        self.stage(GROUPS, {self._id(account, GROUPS, name): None})

    def put_role(self, role: RoleRecord) -> None:
        """Write a role."""
        self.stage(ROLES, {self._id(role.account, ROLES, role.name): codecs.ROLE.fields(role)})

    def delete_role(self, account: str, name: str) -> None:
        """Remove a role."""
        self.stage(ROLES, {self._id(account, ROLES, name): None})

    def put_managed_policy(self, policy: ManagedPolicyRecord) -> None:
        """Write a customer managed policy."""
        row_id = self._id(policy.account, MANAGED_POLICIES, policy.name)
        self.stage(MANAGED_POLICIES, {row_id: codecs.MANAGED_POLICY.fields(policy)})

    def delete_managed_policy(self, account: str, name: str) -> None:
        """Remove a customer managed policy."""
        self.stage(MANAGED_POLICIES, {self._id(account, MANAGED_POLICIES, name): None})

    def put_access_key(self, key: AccessKeyRecord) -> None:
        """Write an access key."""
        self.delete_access_key(key.access_key_id)
        self.stage(ACCESS_KEYS, {key.access_key_id: codecs.ACCESS_KEY.fields(key)})
        self._link(self._key_scope(key), key.access_key_id)

    def delete_access_key(self, access_key_id: str) -> None:
        """Remove an access key."""
        key = self.access_key(access_key_id)
        if key is not None:
            self.stage(ACCESS_KEYS, {access_key_id: None})
            self._unlink(self._key_scope(key), access_key_id)

    def put_mfa_device(self, device: MfaDeviceRecord) -> None:
        """Write an MFA device."""
        self.delete_mfa_device(device.arn)
        row_id = self._arn_id(MFA_DEVICES, device.arn)
        self.stage(MFA_DEVICES, {row_id: codecs.MFA_DEVICE.fields(device)})
        if device.owner:
            self._link(self._device_scope(device), row_id)

    def delete_mfa_device(self, arn: str) -> None:
        """Remove the MFA device with a serial number."""
        device = self.mfa_device(arn)
        if device is not None:
            row_id = self._arn_id(MFA_DEVICES, arn)
            self.stage(MFA_DEVICES, {row_id: None})
            if device.owner:
                self._unlink(self._device_scope(device), row_id)

    def put_recovery_codes(self, codes: RecoveryCodesRecord) -> None:
        """Write a principal's recovery codes."""
        row_id = self._arn_id(RECOVERY_CODES, codes.principal)
        self.stage(RECOVERY_CODES, {row_id: codecs.RECOVERY_CODES.fields(codes)})

    def delete_recovery_codes(self, principal: str) -> None:
        """Remove the recovery codes of the principal with an ARN."""
        self.stage(RECOVERY_CODES, {self._arn_id(RECOVERY_CODES, principal): None})

    def put_departed(self, departed: DepartedRecord) -> None:
        """Write down that a user or role was deleted."""
        row_id = f"{self._arn_id(DEPARTED, departed.arn)}/{departed.unique_id}"
        self.stage(DEPARTED, {row_id: codecs.DEPARTED.fields(departed)})

    def put_grant(self, grant: GrantRecord) -> None:
        """Write a grant."""
        self.delete_grant(grant.account, grant.region, grant.key_id, grant.grant_id)
        row_id = _grant_id(grant)
        self.stage(GRANTS, {row_id: codecs.GRANT.fields(grant)})
        for scope in self._grant_scopes(grant):
            self._link(scope, row_id)

    def delete_grant(self, account: str, region: str, key_id: str, grant_id: str) -> None:
        """Remove a grant."""
        grant = self.grant(account, region, key_id, grant_id)
        if grant is not None:
            row_id = _grant_id(grant)
            self.stage(GRANTS, {row_id: None})
            for scope in self._grant_scopes(grant):
                self._unlink(scope, row_id)

    def _link(self, scope: str, target: str) -> None:
        self.stage(LINKS, {f"{scope}/{target}": {"to": target}})

    def _unlink(self, scope: str, target: str) -> None:
        self.stage(LINKS, {f"{scope}/{target}": None})

    def _key_scope(self, key: AccessKeyRecord) -> str:
        return link_scope(self._ledger, KEYS_OF_USER, key.account, key.user_name.lower())

    def _device_scope(self, device: MfaDeviceRecord) -> str:
        return link_scope(self._ledger, DEVICES_OF_OWNER, device.account, device.owner)

    def _grant_scopes(self, grant: GrantRecord) -> list[str]:
        place = (grant.account, grant.region, grant.key_id)
        scopes = [link_scope(self._ledger, GRANTS_TO, *place, grant.grantee)]
        if grant.retiring:
            ends = (grant.region, grant.retiring)
            scopes.append(link_scope(self._ledger, GRANTS_RETIRED_BY, *ends))
        return scopes


def _grant_id(grant: GrantRecord) -> str:
    return f"{grant.account}/{grant.region}/{grant.key_id}/{grant.grant_id}"
