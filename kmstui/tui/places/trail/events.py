"""A CloudTrail record as the console knows it, and what it says in plain words. Pure.

Every string in a record may be somebody else's: it is painted through :mod:`kmstui.tui.text` only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from kmstui.core import errors, store_errors
from kmstui.core.errors import KmsError
from kmstui.tui import text
from kmstui.tui.callers import caller_name
from kmstui.tui.calls import Outcome
from kmstui.tui.filter_fields import Field, Kind
from kmstui.tui.keys_model import short_alias, short_id
from kmstui.tui.text import Content

Naming = Callable[[str], str]
"""Turns a key's ARN into what a person calls the key; empty if nobody knows."""

_LOOKUPS = ("Describe", "Get", "List", "Read")
_KEY, _ALIAS = ":key/", ":alias/"

_DEEDS = {
    "CancelKeyDeletion": "cancelled the deletion of",
    "CreateAlias": "named",
    "CreateKey": "created",
    "Decrypt": "decrypted with",
    "DeleteAlias": "took a name from",
    "DescribeKey": "looked at",
    "DisableKey": "disabled",
    "DisableKeyRotation": "stopped the rotation of",
    "EnableKey": "enabled",
    "EnableKeyRotation": "set the rotation of",
    "Encrypt": "encrypted with",
    "GenerateDataKey": "made a data key under",
    "GenerateDataKeyWithoutPlaintext": "made a sealed data key under",
    "GetKeyPolicy": "read the policy of",
    "GetKeyRotationStatus": "asked for the rotation of",
    "ListKeyRotations": "listed the rotations of",
    "ListResourceTags": "read the tags of",
    "PutKeyPolicy": "replaced the policy of",
    "ReEncrypt": "re-encrypted with",
    "ReplicateKey": "replicated",
    "RotateKeyOnDemand": "rotated",
    "ScheduleKeyDeletion": "scheduled the deletion of",
    "TagResource": "tagged",
    "UntagResource": "took tags from",
    "UpdateAlias": "moved a name to",
    "UpdateKeyDescription": "described",
    "UpdatePrimaryRegion": "changed the primary Region of",
}
_OWN_DEEDS = {
    "AdvanceClock": "moved account time forward",
    "ChangePassphrase": "changed the passphrase",
    "CheckpointRestored": "The keystore was put back to a checkpoint",
    "ClockAdvanced": "Account time was moved forward",
    "ClockWentBack": "The host's clock was found to run behind",
    "ConnectCustomKeyStore": "connected a key store",
    "CreateCheckpoint": "kept a checkpoint",
    "CreateCluster": "made a cluster",
    "CreateCustomKeyStore": "set up a key store",
    "CreateKeyManager": "made an external key manager",
    "CreateKeystore": "The keystore was created",
    "DeleteCluster": "destroyed a cluster",
    "DeleteCustomKeyStore": "deleted a key store",
    "DeleteKeyManager": "destroyed an external key manager",
    "DisconnectCustomKeyStore": "disconnected a key store",
    "ExportBackup": "exported a backup",
    "PutSetting": "changed a setting",
    "RestoreCheckpoint": "restored a checkpoint",
    "SwitchRegion": "went to another Region",
    "Unlock": "signed in",
    "UpdateCluster": "changed a cluster",
    "UpdateCustomKeyStore": "changed a key store",
    "UpdateKeyManager": "changed an external key manager",
}
_SERVICE_DEEDS = {
    "DeleteKey": "was destroyed: its waiting period was over",
    "KeyDeletionDue": "is due to be destroyed",
    "RotateKey": "has new key material and keeps the old for decrypting",
}


@dataclass(frozen=True, slots=True)
class TrailEvent:
    """One record of the trail.

    Attributes:
        sequence: Its place in the trail.
        when: Account time.
        name: The operation, or the service's event.
        who: The principal's short name, or the service.
        keys: ARNs of the keys concerned.
        aliases: Names of the aliases concerned, without ``alias/``.
        error: The error code; empty if it was not refused.
        message: The error's text.
        region: The Region called.
        request_id: The call's id; empty for what the service did by itself.
        read_only: Whether it changed nothing.
        service: Whether the service did it by itself.
        record: The whole record.
    """

    sequence: int
    when: datetime
    name: str
    who: str
    keys: tuple[str, ...]
    aliases: tuple[str, ...]
    error: str
    message: str
    region: str
    request_id: str
    read_only: bool
    service: bool
    record: Mapping[str, Any] = field(repr=False)

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> TrailEvent:
        """Read a record that ``kmstui:ReadTrail`` answered."""
        identity = record.get("userIdentity") or {}
        arns = [str(each.get("ARN") or "") for each in record.get("resources") or ()]
        return cls(
            sequence=int(record["kmstui"]["sequence"]),
            when=datetime.fromisoformat(record["eventTime"]).astimezone(UTC),
            name=str(record["eventName"]),
            who=caller_name(identity),
            keys=tuple(arn for arn in arns if _KEY in arn),
            aliases=tuple(arn.partition(_ALIAS)[2] for arn in arns if _ALIAS in arn),
            error=str(record.get("errorCode") or ""),
            message=str(record.get("errorMessage") or ""),
            region=str(record.get("awsRegion") or ""),
            request_id=str(record.get("requestID") or ""),
            read_only=bool(record.get("readOnly")),
            service=record.get("eventType") == "AwsServiceEvent",
            record=record,
        )

    @property
    def row_key(self) -> str:
        """Its stable name in a table."""
        return str(self.sequence)

    @property
    def lookup(self) -> bool:
        """Whether it only looked at something, and was let."""
        return self.name.startswith(_LOOKUPS) and not self.error

    def label(self, naming: Naming) -> str:
        """Call its key or alias what a person calls it; empty if it is about neither."""
        if self.keys and (known := naming(self.keys[0])):
            return known
        if self.aliases:
            return short_alias(self.aliases[0])
        return short_id(self.keys[0].partition(_KEY)[2]) if self.keys else ""

    def outcome(self, naming: Naming) -> Outcome:
        """Return how the call ended, as `w` explains it."""
        error = known_error(self.error, self.message) if self.error else None
        return Outcome(self.name, self.label(naming), "", error, request_id=self.request_id)


def known_error(code: str, message: str) -> KmsError:
    """Make the error of a code again, with its hint, to explain a refusal of the past."""
    kind = getattr(errors, code, None) or getattr(store_errors, code, None)
    if isinstance(kind, type) and issubclass(kind, KmsError) and kind.code == code:
        return kind(message)
    error = KmsError(message)
    error.code = code  # type: ignore[misc]  # one error's own code, which no class here has
    return error


def summary(event: TrailEvent, label: Content) -> Content:
    """Say in plain words what happened: ``root encrypted with prod-ledger and was let``."""
    if event.name in _SERVICE_DEEDS and event.service:
        return text.template("[b]$key[/] $deed.", key=label, deed=_SERVICE_DEEDS[event.name])
    if event.service:
        said = _OWN_DEEDS.get(event.name, f"The engine recorded {event.name}")
        return text.template("$deed.", deed=said)
    about = event.keys or event.aliases
    if about and event.name in _DEEDS:
        deed = text.template("$deed [b]$key[/]", deed=_DEEDS[event.name], key=label)
    elif not about and event.name in _OWN_DEEDS:
        deed = text.literal(_OWN_DEEDS[event.name])
    elif about:
        deed = text.template("called $name on [b]$key[/]", name=event.name, key=label)
    else:
        deed = text.template("called $name", name=event.name)
    if event.error:
        return text.template(
            "[b]$who[/] was refused: [$danger]$code[/]. The call would have $deed.",
            who=event.who,
            code=event.error,
            deed=deed,
        )
    return text.template("[b]$who[/] $deed.", who=event.who, deed=deed)


def outcome_cell(event: TrailEvent, *, short: bool = False) -> Content:
    """Write how it ended: a glyph and a word; ``short`` leaves out "Exception"."""
    if event.error:
        code = event.error.removesuffix("Exception") if short else event.error
        return text.literal(f"✗ {code}", "$danger")
    return text.literal("✓ ok", "$muted" if event.lookup else "$ok")


def fields(naming: Naming) -> Sequence[Field[TrailEvent]]:
    """List what the filter may ask about."""

    def names(event: TrailEvent) -> list[str]:
        return [event.label(naming), *event.aliases, *event.keys]

    return (
        Field("event", Kind.TEXT, lambda event: event.name, "the operation", free=True),
        Field("who", Kind.TEXT, lambda event: event.who, "who called", free=True),
        Field("key", Kind.TEXT, names, "its key: alias, id or ARN", free=True),
        Field("error", Kind.TEXT, lambda event: event.error, "the error code", free=True),
        Field(
            "outcome",
            Kind.CHOICE,
            lambda event: "refused" if event.error else "ok",
            "how it ended",
            choices=("ok", "refused"),
        ),
        Field("since", Kind.AGE, lambda event: event.when, "how long ago: since<1h"),
        Field(
            "readonly",
            Kind.CHOICE,
            lambda event: "yes" if event.read_only else "no",
            "whether it changed nothing",
            choices=("yes", "no"),
        ),
        Field("region", Kind.TEXT, lambda event: event.region, "the Region called"),
        Field("request", Kind.TEXT, lambda event: event.request_id, "the call's id", free=True),
    )
