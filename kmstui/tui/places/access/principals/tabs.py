"""What the tabs of a principal's page list: each reads its entries and says how they look."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kmstui.tui import text, timefmt
from kmstui.tui.place import Route
from kmstui.tui.places.access.policies.model import PolicyRef, short_name
from kmstui.tui.places.access.principals import reading
from kmstui.tui.places.access.principals.model import GROUP, ROLE, PrincipalRow
from kmstui.tui.text import Content

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp

_IDENTITY, _TRUST = "identity-based policy", "role trust policy"
_OLD_KEY_DAYS = 90
"""Age from which an access key should be replaced (CIS AWS Foundations Benchmark)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a tab.

    Attributes:
        key: Its stable name.
        cells: What stands in the columns.
        route: Where it leads; None if nowhere.
    """

    key: str
    cells: tuple[Content, ...]
    route: Route | None = None


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab.

    Attributes:
        name: Its name.
        title: What stands in the strip.
        columns: Titles of the columns; the first takes the room that is left.
        read: Reads the entries.
        empty: What to say where there is none.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    read: Callable[[KmsApp, PrincipalRow, datetime], Awaitable[Sequence[Entry]]]
    empty: str


async def _policies(console: KmsApp, row: PrincipalRow, _now: datetime) -> list[Entry]:
    entries = []
    if row.kind == ROLE:
        entries.append(_policy(PolicyRef(_TRUST, row.arn), "who may become it", "trust"))
    entries += [
        _policy(PolicyRef(_IDENTITY, f"{row.arn} {name}"), name, "inline")
        for name in await reading.inline_of(console, row)
    ]
    entries += [
        _policy(PolicyRef(_IDENTITY, arn), short_name(arn), "managed")
        for arn in await reading.attached_to(console, row)
    ]
    for group in row.groups:
        entries += await _of_group(console, row, group)
    if row.boundary:
        ref = PolicyRef(_IDENTITY, row.boundary)
        bounded = _policy(ref, short_name(row.boundary), "permissions boundary")
        entries.append(Entry(f"boundary {bounded.key}", bounded.cells, bounded.route))
    return entries


async def _of_group(console: KmsApp, row: PrincipalRow, name: str) -> list[Entry]:
    account = row.arn.split(":")[4]
    arn = f"arn:aws:iam::{account}:group/{name}"
    group = PrincipalRow(arn, GROUP, name, None, ())
    from_it = f"from group {name}"
    refs = [
        (PolicyRef(_IDENTITY, f"{arn} {each}"), each)
        for each in await reading.inline_of(console, group)
    ]
    refs += [
        (PolicyRef(_IDENTITY, each), short_name(each))
        for each in await reading.attached_to(console, group)
    ]
    found = [_policy(ref, label, from_it) for ref, label in refs]
    return [Entry(f"{name} {each.key}", each.cells, each.route) for each in found]


def _policy(ref: PolicyRef, label: str, kind: str) -> Entry:
    cells = (text.literal(label), text.literal(kind, "$muted"))
    return Entry(ref.argument(), cells, Route("access", "policy", ref.argument()))


async def _access_keys(console: KmsApp, row: PrincipalRow, now: datetime) -> list[Entry]:
    return [
        Entry(
            str(key["AccessKeyId"]),
            (
                text.literal(str(key["AccessKeyId"])),
                text.styled("✓ active", "$ok")
                if key["Status"] == "Active"
                else text.styled("○ inactive", "$muted"),
                text.literal(timefmt.ago(key["LastUsed"], now)),
                _age(key["CreateDate"], now),
            ),
        )
        for key in await reading.access_keys_of(console, row)
    ]


def _age(created: datetime, now: datetime) -> Content:
    days = (now - created).days
    old = text.styled("▲ ", "$warn") if days >= _OLD_KEY_DAYS else text.literal("")
    return old + text.literal(timefmt.span((now - created).total_seconds(), 1))


async def _devices(console: KmsApp, row: PrincipalRow, now: datetime) -> list[Entry]:
    return [
        Entry(
            str(each["SerialNumber"]),
            (
                text.literal(short_name(str(each["SerialNumber"]))),
                text.styled("✓ in use", "$ok"),
                text.literal(timefmt.ago(each.get("EnableDate"), now)),
            ),
        )
        for each in await reading.devices_of(console, row)
    ]


async def _sessions(console: KmsApp, row: PrincipalRow, now: datetime) -> list[Entry]:
    entries = []
    for number, each in enumerate(await reading.sessions_of(console, row)):
        age, expires = each.get("MfaAge"), each.get("Expires")
        entries.append(
            Entry(
                str(number),
                (
                    text.literal(short_name(str(each["Arn"])))
                    + text.styled("  this one" if each.get("Current") else "", "$key-accent"),
                    text.literal(timefmt.ago(each["Issued"], now)),
                    text.literal("never" if expires is None else timefmt.until(expires, now)),
                    text.styled("none", "$muted")
                    if age is None
                    else text.literal(f"{timefmt.span(float(age), 1)} ago"),
                ),
            )
        )
    return entries


async def _tags(_console: KmsApp, row: PrincipalRow, _now: datetime) -> list[Entry]:
    return [Entry(key, (text.literal(key), text.literal(value))) for key, value in row.tags]


async def _activity(console: KmsApp, row: PrincipalRow, now: datetime) -> list[Entry]:
    entries = []
    for event in await reading.events_of(console, row):
        sequence = str(event["kmstui"]["sequence"])
        error = str(event.get("errorCode") or "")
        when = datetime.fromisoformat(str(event["eventTime"]))
        entries.append(
            Entry(
                sequence,
                (
                    text.literal(str(event["eventName"])),
                    text.styled(f"✗ {error}", "$danger") if error else text.styled("✓", "$ok"),
                    text.literal(timefmt.ago(when, now), "$muted"),
                ),
                Route("trail", "event", sequence),
            )
        )
    return entries


async def _members(console: KmsApp, row: PrincipalRow, _now: datetime) -> list[Entry]:
    account = row.arn.split(":")[4]
    return [
        Entry(
            name,
            (text.literal(name),),
            Route("access", "principal", f"arn:aws:iam::{account}:user/{name}"),
        )
        for name in await reading.members_of(console, row)
    ]


_POLICIES = Tab("policies", "Policies", ("POLICY", "HOW"), _policies, "No policy: A attaches one.")
_ACCESS_KEYS = Tab(
    "keys",
    "Access keys",
    ("ACCESS KEY", "STATE", "LAST USE", "AGE"),
    _access_keys,
    "No access key: K creates one.",
)
_MFA = Tab("mfa", "MFA", ("DEVICE", "STATE", "SINCE"), _devices, "No MFA device. :mfa has yours.")
_SESSIONS = Tab(
    "sessions",
    "Sessions",
    ("SESSION", "BEGUN", "ENDS", "MFA"),
    _sessions,
    "No session of it is open.",
)
_TAGS = Tab("tags", "Tags", ("TAG", "VALUE"), _tags, "No tags: T adds some.")
_ACTIVITY = Tab(
    "activity",
    "Last activity",
    ("EVENT", "OUTCOME", "WHEN"),
    _activity,
    f"Not in the newest {reading.EVENTS} events of the trail.",
)
_MEMBERS = Tab("members", "Members", ("USER",), _members, "Nobody is in it: m on a user adds one.")

_TABS = {
    "root": (_MFA, _SESSIONS, _ACTIVITY),
    "user": (_POLICIES, _ACCESS_KEYS, _MFA, _SESSIONS, _TAGS, _ACTIVITY),
    "role": (_POLICIES, _SESSIONS, _TAGS, _ACTIVITY),
    "group": (_POLICIES, _MEMBERS),
}


def tabs_of(kind: str) -> tuple[Tab, ...]:
    """Return the tabs of a kind of principal."""
    return _TABS.get(kind, (_ACTIVITY,))
