"""The status strip: who, how and where, and else only what is out of the ordinary. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from kmstui.authz.guardrail import MFA_SECONDS
from kmstui.tui import text
from kmstui.tui.text import Content

if TYPE_CHECKING:
    from kmstui.engine.status import EngineStatus
    from kmstui.tui.launch import Session

_CLOCK_ALARM = 60.0
"""Seconds the wall clock may be behind account time before the strip says so."""

_MINUTE = 60.0

SEPARATOR = text.literal(" · ", "$muted")


@dataclass(frozen=True, slots=True)
class Role:
    """Whom a person has become for a while.

    Attributes:
        name: Name of the role, principal or service; untrusted text.
        arn: Its ARN, or the service's name.
        acting: Whether it is acted as, which training alone allows, and not assumed.
    """

    name: str
    arn: str
    acting: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What the strip shows, most important first; it drops from the right.

    Attributes:
        identity: The user who signed in; never dropped.
        role: Whom the user has become; as little dropped; None for nobody else.
        training: Whether the keystore is for training.
        read_only: Whether the session may only read.
        alerts: What is out of the ordinary, in few words.
        mfa_age: Seconds since the last MFA code, while it is fresh; else None.
        region: The session's Region.
        account_time: The account's clock.
    """

    identity: str = ""
    training: bool = False
    read_only: bool = False
    alerts: tuple[str, ...] = ()
    mfa_age: float | None = None
    region: str = ""
    account_time: datetime | None = None
    role: Role | None = None

    def items(self) -> list[Content]:
        """Write each item, the one to drop last first."""
        shown = [self._who()]
        if self.training:
            shown.append(text.literal("TRAINING", "bold $warn"))
        if self.read_only:
            shown.append(text.literal("READ ONLY", "bold $info"))
        shown += [text.literal(alert, "$danger") for alert in self.alerts]
        if self.mfa_age is not None:
            shown += self._mfa(MFA_SECONDS - self.mfa_age)
        if self.region:
            shown.append(text.literal(self.region, "$muted"))
        if self.account_time is not None:
            shown.append(text.literal(f"{self.account_time:%-d %b %H:%M}Z", "$muted"))
        return shown

    def _who(self) -> Content:
        who = text.literal(self.identity, "bold")
        if self.role is None:
            return who
        # A glyph and a word, and only then a colour.
        mark, style = ("▲ as", "bold $warn") if self.role.acting else ("▸", "bold $info")
        return text.join([who, text.literal(mark, style), text.literal(self.role.name, style)])

    @staticmethod
    def _mfa(left: float) -> list[Content]:
        """Write what is left of a code's freshness; nothing once it is over."""
        if left <= 0:
            return []
        shown = f"{-int(-left // 60)}m" if left > _MINUTE else f"{-int(-left // 1)}s"
        return [text.literal(f"MFA {shown}", "$ok" if left > _MINUTE else "$warn")]


def standing_of(session: Session, status: EngineStatus) -> Standing:
    """Put together what the strip shows for a session and the engine's condition."""
    return Standing(
        identity=session.user_name,
        training=status.training,
        alerts=tuple(_alerts(status)),
        region=session.region,
        account_time=status.now,
    )


def _alerts(status: EngineStatus) -> Iterable[str]:
    if status.trail_broken:
        yield "trail cannot be written"
    if status.verification == "failed":
        yield "TAMPERED: sealed"
    elif status.verification == "pending" and status.total_rows:
        yield f"verifying {100 * status.verified_rows // status.total_rows}%"
    if status.rollback_protection == "none" and not status.training:
        yield "rollback protection: none"
    if status.clock_behind >= _CLOCK_ALARM:
        yield "host clock behind"


def strip(standing: Standing, width: int) -> Content:
    """Write as many items as fit, dropping from the right; the identity always stays."""
    items = standing.items()
    while len(items) > 1 and SEPARATOR.join(items).cell_length > width:
        items.pop()
    return SEPARATOR.join(items).truncate(max(width, 0), ellipsis=True)


def breadcrumbs(crumbs: Iterable[Content], width: int) -> Content:
    """Write the way to the view; the first crumb and the last stay longest."""
    parts = [crumb for crumb in crumbs if crumb.plain]
    arrow = text.literal(" › ", "$muted")  # noqa: RUF001 - the breadcrumbs' arrow
    styled = [part.stylize_before("bold $key-accent") for part in parts[:1]] + parts[1:]
    while len(styled) > 2 and arrow.join(styled).cell_length > width:
        styled[1:-1] = [text.literal("…")] if len(styled) > 3 else []
    return arrow.join(styled).truncate(max(width, 0), ellipsis=True)


def bar(crumbs: Iterable[Content], note: Content, standing: Standing, width: int) -> Content:
    """Lay out the first row: breadcrumbs and note on the left, the strip on the right.

    The breadcrumbs get what they need up to half the row before the strip drops anything.
    """
    inner = max(width - 2, 0)
    left = breadcrumbs(crumbs, inner)
    if note.plain:
        left = text.join([left, note], "   ")
    right = strip(standing, max(inner - min(left.cell_length, inner // 2) - 3, 0))
    left = text.content_fit(left, max(inner - right.cell_length, 0))
    return text.join([text.literal(""), left + right, text.literal("")], " ")
