"""Making sessions: from an unlock slot, a token of credentials, or in another's place."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import orjson

from kmstui.core.arn import Arn
from kmstui.core.caller import Caller, root_caller, service_caller, session_caller, user_caller
from kmstui.core.errors import (
    ExpiredTokenException,
    InvalidClientTokenId,
    KeystoreTamperedError,
    SessionError,
)
from kmstui.engine.core import Core
from kmstui.engine.session import Session
from kmstui.hsm import RECOVERY_SLOT, UnlockSlot
from kmstui.hsm.base import Purpose
from kmstui.ops.call import Call
from kmstui.ops.standing import Acting, Freshness, Standing, TemporaryCredentials
from kmstui.trail.event import Actor, SessionContext

_TOKEN: Final = b"kmstui session token"


class SessionMaker:
    """Makes sessions of a core, and implements ``ops.call.Sessions``.

    Args:
        core: Whose sessions.
    """

    def __init__(self, core: Core) -> None:
        self._core = core

    def caller_of(self, principal: str, region: str) -> Caller:
        """Return the caller of a root user, user or role that the keystore holds.

        Raises:
            SessionError: There is no such principal, or it is none that can call.
        """
        try:
            parts = Arn.parse(principal)
        except ValueError:
            raise SessionError(f"{principal} is not the ARN of a principal.") from None
        kind, _, rest = parts.resource.partition("/")
        name = rest.rpartition("/")[2]
        if parts.resource == "root" and self._core.access.holds(parts.account):
            return root_caller(parts.account, region)
        if kind == "user":
            user = self._core.keystore.user(parts.account, name)
            if user is not None and user.arn == principal:
                return user_caller(user.arn, user.unique_id, region)
        if kind == "role":
            role = self._core.keystore.role(parts.account, name)
            if role is not None and role.arn == principal:
                return session_caller(role.arn, role.unique_id, "console", region)
        raise SessionError(f"{principal} does not exist in this keystore.")

    def begin(self, slot: UnlockSlot) -> tuple[Session, Standing]:
        """Make the session of an unlock slot that has just been opened."""
        core = self._core
        head = core.keystore.head
        caller = self.caller_of(slot.principal, head.region)
        recovery = slot.kind == RECOVERY_SLOT
        session = Session(caller, slot.slot_id, recovery)
        now = core.now()
        standing = Standing(
            caller,
            self._actor(caller, now, mfa=False),
            origin=slot.principal,
            issued=now,
            freshness=Freshness(passphrase_at=core.host.clock.wall()),
            recovery=recovery,
        )
        core.standings[session] = standing
        return session, standing

    def switch_region(self, session: Session, region: str) -> Session:
        """Return a session like another whose calls go to another Region."""
        standing = self._require(session)
        caller = replace(standing.caller, region=region)
        actor = _like(standing.actor, caller)
        return self._add(session, replace(standing, caller=caller, actor=actor))

    def act_as(self, session: Session, principal: str, service: str, source_arn: str) -> Session:
        """Return a session in the place of a principal, a service, or one by way of a service.

        Args:
            session: Whose person acts.
            principal: ARN of the principal; empty for a service that calls for itself, or for
                the session's own principal.
            service: Such as ``ec2.amazonaws.com``; empty for a direct call.
            source_arn: ``aws:SourceArn`` of the service's call; may be empty.
        """
        standing = self._require(session)
        region = standing.caller.region
        caller = standing.caller if not principal else self.caller_of(principal, region)
        acting = Acting(service, on_behalf=bool(principal), source_arn=source_arn)
        if service and not principal:
            caller = service_caller(service, standing.caller.account, region)
        changed = replace(
            standing,
            caller=caller,
            actor=_invoked(self._actor(caller, standing.issued, mfa=False), service),
            freshness=Freshness(),
            policies=None,
            acting=acting if service else None,
        )
        return self._add(session, changed)

    def issue(self, call: Call, credentials: TemporaryCredentials) -> str:
        """Return the session token of temporary credentials: sealed, and complete in itself."""
        fields = {
            "arn": credentials.caller.arn,
            "kind": credentials.caller.kind,
            "id": credentials.caller.principal_id,
            "account": credentials.caller.account,
            "role": credentials.caller.role_arn,
            "origin": credentials.origin,
            "key": credentials.access_key_id,
            "issued": call.now.isoformat(),
            "expires": credentials.expires.isoformat(),
            "mfa": None if credentials.mfa_at is None else credentials.mfa_at.isoformat(),
            "policies": list(credentials.policies),
        }
        sealed = self._core.hsm.seal(Purpose.SESSION_TOKEN, orjson.dumps(fields), _TOKEN)
        return b64encode(sealed).decode()

    def secret_of(self, token: str) -> str:
        """Return the secret access key that goes with a session token: 40 characters."""
        mac = self._core.hsm.mac(Purpose.SESSION_TOKEN, token.encode())
        return b64encode(mac).decode()[:40]

    def from_token(self, token: str, region: str, like: Session | None = None) -> Session:
        """Return the session of temporary credentials.

        Args:
            token: The session token.
            region: The Region that its calls go to.
            like: The session that asked for them: a code given in one counts in the other.

        Raises:
            InvalidClientTokenId: The token is not ours.
            ExpiredTokenException: It is over.
        """
        fields = self._opened(token)
        expires = datetime.fromisoformat(fields["expires"])
        if self._core.now() >= expires:
            raise ExpiredTokenException("The security token included in the request is expired")
        caller = Caller(
            fields["arn"],
            fields["kind"],
            fields["id"],
            fields["account"],
            region,
            fields["role"],
        )
        issued = datetime.fromisoformat(fields["issued"])
        mfa_at = None if fields["mfa"] is None else datetime.fromisoformat(fields["mfa"])
        freshness = Freshness(mfa_at) if like is None else self._require(like).freshness
        standing = Standing(
            caller,
            self._actor(
                caller,
                issued,
                mfa=freshness.mfa_at is not None,
                access_key_id=fields["key"],
            ),
            origin=fields["origin"],
            issued=issued,
            freshness=freshness,
            expires=expires,
            policies=self._core.access.session_policies(fields["policies"]),
        )
        session = Session(caller, "" if like is None else like.slot_id, recovery=False)
        self._core.standings[session] = standing
        return session

    def confirm_mfa(self, call: Call) -> None:
        """Note that the caller has just given a valid code, for all its sessions."""
        freshness = call.standing.freshness
        freshness.mfa_at = call.now
        for session, standing in self._core.standings.items():
            if standing.freshness is freshness:
                actor = self._actor(
                    standing.caller,
                    standing.issued,
                    mfa=True,
                    access_key_id=standing.actor.access_key_id,
                )
                if standing.acting is not None:
                    actor = _invoked(actor, standing.acting.service)
                self._core.standings[session] = replace(standing, actor=actor)

    def present(self, call: Call) -> list[Mapping[str, Any]]:
        """Return the sessions of the caller's account, in an answer's form."""
        found: list[Mapping[str, Any]] = []
        for standing in self._core.standings.values():
            if standing.caller.account != call.caller.account:
                continue
            entry: dict[str, Any] = {
                "Arn": standing.caller.arn,
                "Origin": standing.origin,
                "Issued": standing.issued,
                "Current": standing is call.standing,
            }
            age = standing.mfa_age(call.now)
            if age is not None:
                entry["MfaAge"] = int(age)
            if standing.expires is not None:
                entry["Expires"] = standing.expires
            if standing.acting is not None:
                entry["Acting"] = standing.acting.service
            found.append(entry)
        return found

    def end(self, origin: str) -> None:
        """End every session that a user began."""
        standings = self._core.standings
        for session in [each for each, known in standings.items() if known.origin == origin]:
            del standings[session]

    def _opened(self, token: str) -> Mapping[str, Any]:
        try:
            sealed = b64decode(token, validate=True)
            opened = self._core.hsm.unseal(Purpose.SESSION_TOKEN, sealed, _TOKEN)
        except (ValueError, KeystoreTamperedError):
            raise InvalidClientTokenId(
                "The security token included in the request is invalid."
            ) from None
        fields: Mapping[str, Any] = orjson.loads(opened)
        return fields

    def _require(self, session: Session) -> Standing:
        standing = self._core.standings.get(session)
        if standing is None:
            raise SessionError("The session has ended.")
        return standing

    def _add(self, session: Session, standing: Standing) -> Session:
        made = Session(standing.caller, session.slot_id, session.recovery)
        self._core.standings[made] = standing
        return made

    def _actor(
        self, caller: Caller, issued: datetime, *, mfa: bool, access_key_id: str = ""
    ) -> Actor:
        host = self._core.host
        issuer = None
        if caller.role_arn:
            role_id = caller.principal_id.partition(":")[0]
            issuer = Caller(caller.role_arn, "Role", role_id, caller.account, caller.region)
        # The root user's record stays as short as CloudTrail's own until there is more to say.
        context = SessionContext(issued, mfa, issuer) if mfa or not caller.is_root else None
        return Actor(caller, host.source_ip, host.user_agent, access_key_id, context)


def _like(actor: Actor, caller: Caller) -> Actor:
    return replace(actor, caller=caller)


def _invoked(actor: Actor, service: str) -> Actor:
    """Return an actor as CloudTrail shows it when a service makes the call."""
    if not service:
        return actor
    return replace(actor, source_ip=service, user_agent=service, invoked_by=service)
