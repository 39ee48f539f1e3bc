"""What the engine knows of a session, beyond who it is: how it came about and how fresh it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from kmstui.authz.model import AttachedPolicy, Principal, PrincipalType
from kmstui.core.caller import Caller
from kmstui.trail.event import Actor

_TYPES = {
    "Root": PrincipalType.ROOT,
    "IAMUser": PrincipalType.USER,
    "AssumedRole": PrincipalType.SESSION,
    "AWSService": PrincipalType.SERVICE,
}


@dataclass(slots=True)
class Freshness:
    """What a person has proven, shared by every session that grew out of one sign-in.

    Attributes:
        mfa_at: Account time of the last accepted code; ``None`` without one.
        passphrase_at: Host time at which the passphrase was last typed.
    """

    mfa_at: datetime | None = None
    passphrase_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Acting:
    """A service that calls for itself, or on a principal's behalf.

    Attributes:
        service: Such as ``ec2.amazonaws.com``.
        on_behalf: Whether a principal's request made it call (``kms:ViaService``).
        source_arn: ``aws:SourceArn``; empty when the service gives none.
    """

    service: str
    on_behalf: bool
    source_arn: str = ""


@dataclass(frozen=True, slots=True)
class TemporaryCredentials:
    """What temporary credentials are issued for.

    Attributes:
        caller: The principal that they make.
        origin: ARN of the user whose MFA devices answer for them.
        access_key_id: Their ``ASIA`` id.
        expires: When they end, account time.
        mfa_at: Account time of the code they were asked for with; ``None`` without one.
        policies: Texts of the session policies.
    """

    caller: Caller
    origin: str
    access_key_id: str
    expires: datetime
    mfa_at: datetime | None = None
    policies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """A session, as operations and policies see it.

    Attributes:
        caller: The principal, its account and Region.
        actor: What the trail says about it.
        origin: ARN of the user who signed in; its devices answer for the session.
        issued: When the session began, account time.
        freshness: What its person has proven.
        temporary: Whether it has temporary credentials, which alone carry MFA facts.
        recovery: Whether the keystore's recovery code opened it.
        expires: When it ends, account time; ``None`` for as long as the keystore is unlocked.
        policies: Its session policies; ``None`` without any.
        acting: The service that makes the call; ``None`` for a direct call.
        principal: The caller as policies see it.
    """

    caller: Caller
    actor: Actor
    origin: str
    issued: datetime
    freshness: Freshness = field(default_factory=Freshness)
    temporary: bool = True
    recovery: bool = False
    expires: datetime | None = None
    policies: tuple[AttachedPolicy, ...] | None = None
    acting: Acting | None = None
    principal: Principal = field(init=False)

    def __post_init__(self) -> None:
        caller = self.caller
        kind = _TYPES[caller.kind]
        account = "" if kind is PrincipalType.SERVICE else caller.account
        principal = Principal(kind, caller.arn, account, caller.role_arn)
        object.__setattr__(self, "principal", principal)

    def mfa_age(self, now: datetime) -> float | None:
        """Return the seconds since the last accepted code, if the session carries one."""
        fresh = self.freshness.mfa_at
        # Account time goes back to a checkpoint; a code that is still to come proves nothing.
        if fresh is None or fresh > now or not self.temporary:
            return None
        return (now - fresh).total_seconds()
