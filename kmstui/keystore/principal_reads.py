"""Reads of identity and access, the same for the keystore and for a unit of work."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from kmstui.core.arn import Arn
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
from kmstui.keystore.ledger import Ledger
from kmstui.keystore.names import entity_id, link_scope
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

_Record = TypeVar("_Record")
Decoder = Callable[[Fields, str], _Record]

KEYS_OF_USER = "access-key"
DEVICES_OF_OWNER = "mfa"
GRANTS_TO = "grantee"
GRANTS_RETIRED_BY = "retiring"


class _Named(Protocol):
    @property
    def name(self) -> str: ...


_NamedRecord = TypeVar("_NamedRecord", bound=_Named)


class PrincipalReads(ABC):
    """Records of identity and access by their natural names.

    Lists of an account's resources are in the order of their names without regard to case, and
    remembered until one of them changes. Methods raise what those of ``Reads`` raise.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @abstractmethod
    def find(self, table: str, row_id: str, decode: Decoder[_Record]) -> _Record | None:
        """Return the record of a row, if there is one."""

    @abstractmethod
    def every(self, table: str, scope: str, decode: Decoder[_Record]) -> tuple[_Record, ...]:
        """Return all records whose row ids begin with ``scope`` and a slash, by row id.

        An empty scope is the whole table. What was found may be remembered.
        """

    @abstractmethod
    def page(
        self, table: str, scope: str, decode: Decoder[_Record], *, after: str | None, limit: int
    ) -> list[_Record]:
        """Return at most ``limit`` records of a scope behind a row id, without holding them."""

    def account(self, account: str) -> AccountRecord | None:
        """Return what is known of an account; older keystores know nothing."""
        return self.find(ACCOUNTS, account, codecs.ACCOUNT.record)

    def accounts(self) -> tuple[AccountRecord, ...]:
        """Return every account that something is known of, by number."""
        return self.every(ACCOUNTS, "", codecs.ACCOUNT.record)

    def user(self, account: str, name: str) -> UserRecord | None:
        """Return a user, if there is one."""
        return self.find(USERS, self._id(account, USERS, name), codecs.USER.record)

    def users(self, account: str) -> tuple[UserRecord, ...]:
        """Return an account's users."""
        return _by_name(self.every(USERS, account, codecs.USER.record))

    def group(self, account: str, name: str) -> GroupRecord | None:
        """Return a group, if there is one."""
        return self.find(GROUPS, self._id(account, GROUPS, name), codecs.GROUP.record)

    def groups(self, account: str) -> tuple[GroupRecord, ...]:
        """Return an account's groups."""
        return _by_name(self.every(GROUPS, account, codecs.GROUP.record))

    def role(self, account: str, name: str) -> RoleRecord | None:
        """Return a role, if there is one."""
        return self.find(ROLES, self._id(account, ROLES, name), codecs.ROLE.record)

    def roles(self, account: str) -> tuple[RoleRecord, ...]:
        """Return an account's roles."""
        return _by_name(self.every(ROLES, account, codecs.ROLE.record))

    def managed_policy(self, account: str, name: str) -> ManagedPolicyRecord | None:
        """Return a customer managed policy, if there is one."""
        row_id = self._id(account, MANAGED_POLICIES, name)
        return self.find(MANAGED_POLICIES, row_id, codecs.MANAGED_POLICY.record)

    def managed_policies(self, account: str) -> tuple[ManagedPolicyRecord, ...]:
        """Return an account's customer managed policies."""
        found = self.every(MANAGED_POLICIES, account, codecs.MANAGED_POLICY.record)
        return _by_name(found)

    def access_key(self, access_key_id: str) -> AccessKeyRecord | None:
        """Return an access key of any account, if there is one."""
        return self.find(ACCESS_KEYS, access_key_id, codecs.ACCESS_KEY.record)

    def access_keys(self, account: str, user: str) -> tuple[AccessKeyRecord, ...]:
        """Return a user's access keys, by id."""
        scope = link_scope(self._ledger, KEYS_OF_USER, account, user.lower())
        return self._linked(scope, ACCESS_KEYS, codecs.ACCESS_KEY.record)

    def mfa_device(self, arn: str) -> MfaDeviceRecord | None:
        """Return the MFA device with a serial number, if there is one."""
        row_id = self._arn_id(MFA_DEVICES, arn)
        return self.find(MFA_DEVICES, row_id, codecs.MFA_DEVICE.record)

    def mfa_devices(self, account: str, owner: str | None = None) -> tuple[MfaDeviceRecord, ...]:
        """Return an account's MFA devices, or those enabled for the principal with an ARN."""
        if owner is None:
            return _by_name(self.every(MFA_DEVICES, account, codecs.MFA_DEVICE.record))
        scope = link_scope(self._ledger, DEVICES_OF_OWNER, account, owner)
        return _by_name(self._linked(scope, MFA_DEVICES, codecs.MFA_DEVICE.record))

    def recovery_codes(self, principal: str) -> RecoveryCodesRecord | None:
        """Return the recovery codes of the principal with an ARN, if it has any."""
        row_id = self._arn_id(RECOVERY_CODES, principal)
        return self.find(RECOVERY_CODES, row_id, codecs.RECOVERY_CODES.record)

    def departed(self, arn: str) -> tuple[DepartedRecord, ...]:
        """Return the deleted users or roles that had an ARN, the last one deleted at the end."""
        found = self.every(DEPARTED, self._arn_id(DEPARTED, arn), codecs.DEPARTED.record)
        return tuple(sorted(found, key=lambda each: (each.deleted, each.unique_id)))

    def grant(self, account: str, region: str, key_id: str, grant_id: str) -> GrantRecord | None:
        """Return a grant, if there is one."""
        row_id = f"{account}/{region}/{key_id}/{grant_id}"
        return self.find(GRANTS, row_id, codecs.GRANT.record)

    def grants_of_key(
        self, account: str, region: str, key_id: str, *, after: str | None = None, limit: int
    ) -> list[GrantRecord]:
        """Return at most ``limit`` grants on a key, by grant id, behind that of ``after``."""
        scope = f"{account}/{region}/{key_id}"
        return self._grants(scope, after, limit)

    def grants_in(
        self, account: str, region: str, *, after: str | None = None, limit: int
    ) -> list[GrantRecord]:
        """Return at most ``limit`` grants on the keys of an account and Region.

        Args:
            account: Twelve digits.
            region: Such as ``eu-west-1``.
            after: ``key id/grant id`` of the grant to begin behind.
            limit: Most grants to return; negative for all.
        """
        return self._grants(f"{account}/{region}", after, limit)

    def grants_for(
        self, account: str, region: str, key_id: str, grantee: str
    ) -> tuple[GrantRecord, ...]:
        """Return the grants on a key to a grantee: an ARN or a service's name.

        That there are none is known without looking, once it was found.
        """
        scope = link_scope(self._ledger, GRANTS_TO, account, region, key_id, grantee)
        return self._linked(scope, GRANTS, codecs.GRANT.record)

    def grants_retirable(
        self, principal: str, *, region: str, after: str | None = None, limit: int
    ) -> list[GrantRecord]:
        """Return at most ``limit`` grants of a Region that name their retiring principal so.

        Args:
            principal: An ARN or a service's name.
            region: Such as ``eu-west-1``.
            after: ``account/region/key id/grant id`` of the grant to begin behind.
            limit: Most grants to return; negative for all.
        """
        scope = link_scope(self._ledger, GRANTS_RETIRED_BY, region, principal)
        place = None if after is None else f"{scope}/{after}"
        targets = self.page(LINKS, scope, _target, after=place, limit=limit)
        found = [self.find(GRANTS, target, codecs.GRANT.record) for target in targets]
        return [grant for grant in found if grant is not None]

    def _grants(self, scope: str, after: str | None, limit: int) -> list[GrantRecord]:
        place = None if after is None else f"{scope}/{after}"
        return self.page(GRANTS, scope, codecs.GRANT.record, after=place, limit=limit)

    def _linked(self, scope: str, table: str, decode: Decoder[_Record]) -> tuple[_Record, ...]:
        targets = self.every(LINKS, scope, _target)
        if not targets:
            return ()
        found = [self.find(table, target, decode) for target in targets]
        return tuple(record for record in found if record is not None)

    def _id(self, account: str, kind: str, name: str) -> str:
        return entity_id(self._ledger, account, kind, name)

    def _arn_id(self, kind: str, arn: str) -> str:
        return entity_id(self._ledger, Arn.parse(arn).account, kind, arn)


def _by_name(found: tuple[_NamedRecord, ...]) -> tuple[_NamedRecord, ...]:
    return tuple(sorted(found, key=lambda record: record.name.lower()))


def _target(fields: Fields, _row_id: str) -> Any:
    return fields["to"]
