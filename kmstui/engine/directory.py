"""Principals and the policies that apply to them, compiled once and kept until they change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from kmstui.authz.document import CURRENT_VERSION, Policy, parse_policy
from kmstui.authz.guardrail import FULL_ACCESS, GUARDRAIL, full_access, guardrail
from kmstui.authz.model import AttachedPolicy, PolicyKind, Principal, PrincipalType
from kmstui.core.arn import Arn
from kmstui.core.errors import SessionError
from kmstui.keystore import Keystore
from kmstui.keystore.principals import (
    AccountRecord,
    GroupRecord,
    PolicyText,
    RoleRecord,
    UserRecord,
)
from kmstui.ops.iam.managed import managed_policy_text
from kmstui.ops.standing import Standing

_NOTHING = Policy("", PolicyKind.BOUNDARY, CURRENT_VERSION, "", ())


@dataclass(frozen=True, slots=True)
class CallerPolicies:
    """What applies to a caller wherever it goes.

    Attributes:
        identity: Inline and managed policies of the caller and of its groups.
        boundary: Its permissions boundary; ``None`` without one.
        scps: Levels of service control policies that bind it.
        tags: Its tags.
    """

    identity: tuple[AttachedPolicy, ...] = ()
    boundary: AttachedPolicy | None = None
    scps: tuple[tuple[AttachedPolicy, ...], ...] = ()
    tags: tuple[tuple[str, str], ...] = ()


def default_scps(*, mfa_guardrail: bool = True) -> tuple[PolicyText, ...]:
    """Return the service control policies that an account begins with."""
    kept = (PolicyText(FULL_ACCESS, full_access()),)
    return (*kept, PolicyText(GUARDRAIL, guardrail())) if mfa_guardrail else kept


@lru_cache(maxsize=4096)
def attached(name: str, text: str, kind: PolicyKind) -> AttachedPolicy:
    """Return a policy by its name and text, parsed; the same object for the same text."""
    return AttachedPolicy(name, parse_policy(text, kind))


class Directory:
    """Looks principals up, and keeps what it found until :meth:`forget`.

    Args:
        keystore: Where they are stored.
    """

    def __init__(self, keystore: Keystore) -> None:
        self._keystore = keystore
        self._known: dict[tuple[str, str], CallerPolicies] = {}
        self._enrolled: dict[str, bool] = {}

    def forget(self) -> None:
        """Look everything up anew; called after each change of principals or policies."""
        self._known.clear()
        self._enrolled.clear()

    def account(self, account: str) -> AccountRecord | None:
        """Return an account that the keystore holds, if it does."""
        found = self._keystore.account(account)
        if found is None and account == self._keystore.head.account:
            created = self._keystore.header.created
            return AccountRecord(account, "", created, default_scps())
        return found

    def holds(self, account: str) -> bool:
        """Tell whether an account is in this keystore."""
        return self.account(account) is not None

    def exists(self, arn: str) -> bool:
        """Tell whether a principal exists; those of accounts held elsewhere always do."""
        try:
            parts = Arn.parse(arn)
        except ValueError:
            return True
        if not self.holds(parts.account):
            return True
        kind, _, rest = parts.resource.partition("/")
        name = rest.rpartition("/")[2]
        if kind == "user":
            user = self._keystore.user(parts.account, name)
            return user is not None and user.arn == arn
        if kind == "role":
            role = self._keystore.role(parts.account, name)
            return role is not None and role.arn == arn
        if kind == "assumed-role":
            return self._keystore.role(parts.account, rest.partition("/")[0]) is not None
        return True

    def caller(self, standing: Standing) -> CallerPolicies:
        """Return what applies to a session's principal.

        Raises:
            SessionError: The user or role was deleted since the session began.
        """
        caller = standing.caller
        place = (caller.arn, caller.principal_id)
        known = self._known.get(place)
        if known is None:
            known = self._known[place] = self._look_up(standing.principal, caller.principal_id)
        return known

    def principal(self, principal: Principal) -> CallerPolicies:
        """Return what would apply to a principal that has no session."""
        place = (principal.arn, "")
        known = self._known.get(place)
        if known is None:
            known = self._known[place] = self._look_up(principal, "")
        return known

    def has_mfa_device(self, arn: str) -> bool:
        """Tell whether a user has an MFA device that is enabled."""
        known = self._enrolled.get(arn)
        if known is None:
            devices = self._keystore.mfa_devices(Arn.parse(arn).account, owner=arn)
            known = self._enrolled[arn] = any(device.enabled for device in devices)
        return known

    def _look_up(self, principal: Principal, principal_id: str) -> CallerPolicies:
        if principal.kind is PrincipalType.SERVICE:
            return CallerPolicies()
        scps = self._scps(principal.account)
        if principal.kind is PrincipalType.ROOT:
            return CallerPolicies(scps=scps)
        if principal.kind is PrincipalType.USER:
            user = self._user(principal, principal_id)
            if user is None:
                return CallerPolicies(scps=scps)
            identity = tuple(self._identity(user, "user"))
            for name in user.groups:
                group = self._keystore.group(user.account, name)
                if group is not None:
                    identity += tuple(self._identity(group, "group"))
            return CallerPolicies(identity, self._boundary(user.boundary), scps, user.tags)
        role = self._role(principal, principal_id)
        if role is None:
            return CallerPolicies(scps=scps)
        identity = tuple(self._identity(role, "role"))
        return CallerPolicies(identity, self._boundary(role.boundary), scps, role.tags)

    def _user(self, principal: Principal, principal_id: str) -> UserRecord | None:
        user = self._keystore.user(principal.account, principal.arn.rpartition("/")[2])
        if principal_id and (user is None or user.unique_id != principal_id):
            raise SessionError(f"{principal.arn} has been deleted; the session has ended.")
        return user

    def _role(self, principal: Principal, principal_id: str) -> RoleRecord | None:
        arn = principal.role_arn or principal.arn
        role = self._keystore.role(principal.account, arn.rpartition("/")[2])
        unique_id = principal_id.partition(":")[0]
        if unique_id and (role is None or role.unique_id != unique_id):
            raise SessionError(f"{arn} has been deleted; the session has ended.")
        return role

    def _identity(
        self, owner: UserRecord | GroupRecord | RoleRecord, kind: str
    ) -> Iterator[AttachedPolicy]:
        for policy in owner.inline:
            name = f"{kind} policy {owner.name}/{policy.name}"
            yield attached(name, policy.text, PolicyKind.IDENTITY)
        for arn in owner.attached:
            text = self._managed(arn)
            if text is not None:
                yield attached(arn, text, PolicyKind.IDENTITY)

    def _boundary(self, arn: str) -> AttachedPolicy | None:
        if not arn:
            return None
        # A bound whose policy is not there lets nothing through.
        text = self._managed(arn)
        if text is None:
            return AttachedPolicy(arn, _NOTHING)
        return attached(arn, text, PolicyKind.BOUNDARY)

    def _managed(self, arn: str) -> str | None:
        text = managed_policy_text(arn)
        if text is not None:
            return text
        parts = Arn.parse(arn)
        record = self._keystore.managed_policy(parts.account, parts.resource.rpartition("/")[2])
        return None if record is None else record.text

    def _scps(self, account: str) -> tuple[tuple[AttachedPolicy, ...], ...]:
        record = self.account(account)
        if record is None or not record.scps:
            return ()
        return (tuple(attached(scp.name, scp.text, PolicyKind.SCP) for scp in record.scps),)
