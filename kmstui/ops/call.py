"""What an operation's function is given: the checked request, what it named, and the services."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from kmstui.authz.model import Decision
from kmstui.core.arn import KeyIdentifier
from kmstui.core.caller import Caller
from kmstui.core.errors import KmsError, KMSInternalException
from kmstui.core.ids import IdSource
from kmstui.core.spec import Needs, OperationSpec, Request
from kmstui.core.strictjson import JsonValue
from kmstui.hsm.base import Attestation, Hsm
from kmstui.keystore import Keystore, OutboxRecord, UnitOfWork
from kmstui.keystore.principals import AccountRecord, GrantRecord, PolicyText
from kmstui.keystore.records import KeyRecord, UsageRecord
from kmstui.ops.simulation import SimulatedCall, SimulatedDecision
from kmstui.ops.standing import Standing, TemporaryCredentials

if TYPE_CHECKING:
    from kmstui.hsm.devices import Devices


class TrailReader(Protocol):
    """The part of the trail that operations may read."""

    def latest(self, limit: int, *, before_sequence: int | None = None) -> list[bytes]:
        """Return the newest lines, newest first."""


class Control(Protocol):
    """What the engine does on behalf of operations that AWS has no API for."""

    def status(self) -> Mapping[str, Any]:
        """Return facts about the engine, in an answer's form."""

    def advance_clock(self, by: timedelta) -> datetime:
        """Move account time forward and run maintenance; return account time."""

    def checkpoints(self) -> list[Mapping[str, Any]]:
        """Return the training checkpoints, newest first."""

    def make_checkpoint(self, name: str) -> None:
        """Keep the keystore's present state under a name."""

    def restore_checkpoint(self, name: str) -> None:
        """Put a kept state back."""

    def export_backup(self, destination: Path) -> Mapping[str, Any]:
        """Write a sealed backup and prove that it opens."""

    def managed_key(self, call: Call, named: KeyIdentifier, needs: Needs) -> KeyRecord | None:
        """Return the key of an AWS service that a call is the first to need.

        ``None`` when the alias is no service's, or the call is neither that service's nor one
        that only looks.

        Raises:
            AccessDeniedException: The key's policy will not allow the pair: it is not made.
        """

    def settings(self) -> Mapping[str, JsonValue]:
        """Return every setting with its value."""

    def scrub(self) -> None:
        """Leave no byte of what a committed change has removed in any file.

        Raises:
            KmsError: Something may be left; maintenance tries again.
        """

    def settings_changed(self) -> None:
        """Go by the settings that were just stored."""

    def quotas(self, caller: Caller) -> Mapping[str, Any]:
        """Return the request quotas of a caller's account and Region, in an answer's form."""


class Access(Protocol):
    """What the engine knows of principals and their policies."""

    def authorise(self, call: Call, needs: Needs) -> None:
        """Decide one pair of a call, whose resource has been resolved.

        Raises:
            AccessDeniedException: It is denied; the refusal is attached as data.
        """

    def require_caller(self, standing: Standing) -> None:
        """Refuse whoever was deleted since the session began.

        Raises:
            SessionError: The user or role is gone.
        """

    def principal_tags(self, standing: Standing) -> tuple[tuple[str, str], ...]:
        """Return the tags of a caller."""

    def has_mfa_device(self, standing: Standing) -> bool:
        """Tell whether the user behind a session has an enabled MFA device."""

    def exists(self, principal: str) -> bool:
        """Tell whether a principal exists; those of accounts held elsewhere always do."""

    def account(self, account: str) -> AccountRecord | None:
        """Return an account, if it is in this keystore."""

    def holds(self, account: str) -> bool:
        """Tell whether an account is in this keystore."""

    def default_scps(self) -> tuple[PolicyText, ...]:
        """Return the service control policies that an account begins with."""

    def simulate(self, call: Call, wanted: SimulatedCall) -> SimulatedDecision:
        """Decide a call that is not made.

        Raises:
            NotFoundException: The key does not exist.
            ValidationException: The principal is none.
        """

    def keeps_control(self, call: Call, *, policy: str, key: KeyRecord | None, arn: str) -> bool:
        """Tell whether the caller of a call could still replace a key's policy.

        Args:
            call: The call whose facts count.
            policy: The key policy to decide by, which is not the key's own yet.
            key: The key; ``None`` for one that is still to be made.
            arn: The key's ARN.
        """


class Sessions(Protocol):
    """What operations may do to sessions."""

    def confirm_mfa(self, call: Call) -> None:
        """Note that the caller has just given a valid code, for all its sessions."""

    def present(self, call: Call) -> Sequence[Mapping[str, Any]]:
        """Return the sessions of the caller's account, in an answer's form."""

    def end(self, origin: str) -> None:
        """End every session that a user began."""

    def issue(self, call: Call, credentials: TemporaryCredentials) -> str:
        """Return the session token of temporary credentials: sealed, and complete in itself."""

    def secret_of(self, token: str) -> str:
        """Return the secret access key that goes with a session token: 40 characters."""


@dataclass(frozen=True, slots=True)
class Services:
    """The layers below, as operations see them.

    Attributes:
        hsm: Key material and sealing.
        keystore: Stored documents, for reading.
        ids: New identifiers.
        trail: Recorded events, for reading.
        control: The engine's own acts.
        access: Principals and their policies.
        sessions: Sessions and their freshness.
        host_now: Host time; never shifted, unlike account time.
        last_usage: The last use of a key, from memory or the keystore.
        last_usages: The last uses of a page of keys, given the page and the key id before it.
        devices: Clusters and external key managers behind custom key stores.
    """

    hsm: Hsm
    keystore: Keystore
    ids: IdSource
    trail: TrailReader
    control: Control
    access: Access
    sessions: Sessions
    host_now: Callable[[], datetime]
    last_usage: Callable[[KeyRecord], UsageRecord | None]
    last_usages: Callable[[Sequence[KeyRecord], str | None], Mapping[str, UsageRecord]]
    devices: Devices


@dataclass(slots=True)
class Call:
    """One call on its way through the pipeline.

    Attributes:
        spec: The operation.
        request: The members that were sent; validated.
        caller: Who calls.
        standing: The session that calls.
        services: The layers below.
        now: Account time of the call.
        request_id: CloudTrail's requestID.
        event_id: CloudTrail's eventID.
        keys: The keys it names, by role.
        alias_arns: The aliases it names, by role.
        arns: The ARNs of the IAM resources it names, by role.
        grants: The grants it names, by role.
        decisions: What allowed each pair, by role.
        changes: The unit of work of a mutating call.
        refused: What a call ends with whose changes are kept all the same: a wrong code is
            counted, and only then refused.
        events: What is on record of the same changes beside the call itself: what the service
            did because of it, and what it did in another Region.
        afterwards: What is done once the changes are durable, and only then.
        extra: CloudTrail's additionalEventData.
        made: What the operation's work apart from the lock has made.
        attested: What the verified attestation document of a Recipient says.
    """

    spec: OperationSpec
    request: Request
    caller: Caller
    standing: Standing
    services: Services
    now: datetime
    request_id: str
    event_id: str
    keys: dict[str, KeyRecord] = field(default_factory=dict)
    alias_arns: dict[str, str] = field(default_factory=dict)
    arns: dict[str, str] = field(default_factory=dict)
    grants: dict[str, GrantRecord] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    changes: UnitOfWork | None = None
    refused: KmsError | None = None
    events: list[OutboxRecord] = field(default_factory=list)
    afterwards: list[Callable[[], None]] = field(default_factory=list)
    extra: dict[str, JsonValue] = field(default_factory=dict)
    made: Any = None
    attested: Attestation | None = None

    @property
    def key(self) -> KeyRecord:
        """The key in the role ``key``."""
        return self.keys["key"]

    @property
    def writer(self) -> UnitOfWork:
        """The unit of work; only mutating operations have one.

        Raises:
            KMSInternalException: The operation's spec does not say that it mutates.
        """
        if self.changes is None:
            raise KMSInternalException(f"{self.spec.name} is not a mutating operation")
        return self.changes

    def has(self, name: str) -> bool:
        """Tell whether a member was sent."""
        return self.request.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        """Return a text member."""
        value = self.request.get(name)
        return default if value is None else str(value)

    def blob(self, name: str) -> bytes:
        """Return a blob member; empty when absent."""
        value = self.request.get(name)
        return b"" if value is None else bytes(value)

    def number(self, name: str, default: int) -> int:
        """Return an integer member."""
        value = self.request.get(name)
        return default if value is None else int(value)

    def flag(self, name: str) -> bool:
        """Return a boolean member; absent is false."""
        return bool(self.request.get(name))

    def pairs(self, name: str) -> Mapping[str, str]:
        """Return a map member; empty when absent."""
        value: Mapping[str, str] | None = self.request.get(name)
        return {} if value is None else value

    def items(self, name: str) -> list[Any]:
        """Return a list member; empty when absent."""
        value: list[Any] | None = self.request.get(name)
        return [] if value is None else value
