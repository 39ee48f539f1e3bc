"""The sections of Settings: what each says, and what can be done there. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from kmstui.core.naming import follows
from kmstui.tui import text, timefmt
from kmstui.tui.places.settings.lines import deed as _do
from kmstui.tui.places.settings.lines import muted as _muted
from kmstui.tui.places.settings.mfa_section import mfa_actions, mfa_facts
from kmstui.tui.places.settings.quota_section import Quotas, quota_actions, quota_facts
from kmstui.tui.places.settings.stores.section import LABEL_CELLS as STORE_LABELS
from kmstui.tui.places.settings.stores.section import STORES, store_actions, store_facts
from kmstui.tui.text import Content
from kmstui.tui.widgets.fact_list import GAP, LABEL_CELLS, Fact
from kmstui.tui.widgets.link_list import Line

if TYPE_CHECKING:
    from kmstui.engine.status import EngineStatus
    from kmstui.tui.mfa.status import MfaStatus
    from kmstui.tui.places.settings.stores.model import Stores

_CLOCK_APART = 60.0
"""Seconds between the clocks that are worth a warning."""

QUOTAS = "quotas"
"""The section whose facts are read only while it shows."""

EXAMPLE_ALIASES = ("alias/prod-ledger-payments", "alias/legacy/fileserver")


@dataclass(frozen=True, slots=True)
class State:
    """What was read for the sections.

    Attributes:
        status: The engine's condition.
        location: The keystore's path.
        region: The session's Region.
        host_now: Host time.
        settings: Name to value.
        checkpoints: Name and size in bytes of each.
        theme: The theme in use.
        idle_minutes: Minutes until the console locks; 0 for never.
        masked: Whether names are hidden.
        mfa: The person's second factor; None if it could not be read.
        loose: Serial numbers of devices that were made and never enabled.
        recovery: Whether the recovery code signed the person in.
        quotas: The request quotas; None unless their section shows.
        stores: The custom key stores; None unless their section shows.
        stores_refused: Why they could not be read.
    """

    status: EngineStatus
    location: str
    region: str
    host_now: datetime
    settings: dict[str, str] = field(default_factory=dict)
    checkpoints: Sequence[tuple[str, int]] = ()
    theme: str = ""
    idle_minutes: int = 0
    masked: bool = False
    mfa: MfaStatus | None = None
    loose: Sequence[str] = ()
    recovery: bool = False
    quotas: Quotas | None = None
    stores: Stores | None = None
    stores_refused: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A section.

    Attributes:
        id: Its name in the program.
        title: Its name on the screen.
        facts: What it says.
        actions: What can be done, as lines whose target names the deed.
        label_cells: Cells of what stands before the facts.
    """

    id: str
    title: str
    facts: Callable[[State], list[Fact]]
    actions: Callable[[State], list[Line]]
    label_cells: int = LABEL_CELLS


def _identity(state: State, value: str) -> Content:
    return text.mask(value) if state.masked else text.literal(value)


def verification(status: EngineStatus) -> Content:
    """Say how far the verification of all rows is."""
    if status.verification == "verified":
        return text.literal("✓ every row verified at sign-in", "$ok")
    if status.verification == "failed":
        return text.literal("✗ TAMPERED: the keystore is sealed", "$danger")
    done, total = status.verified_rows, status.total_rows
    return text.literal(f"◌ verifying, {done:,} of {total:,} rows", "$warn")


def memory_words(status: EngineStatus) -> str:
    """Return the memory line without the words that the label says."""
    return status.memory_protection.removeprefix("memory protection: ")


def rollback(status: EngineStatus) -> list[Fact]:
    """Say whether an older copy of the keystore would be noticed, and what to do if not."""
    if status.rollback_protection == "anchor":
        facts = [Fact("Rollback", text.literal("✓ an older copy would be noticed", "$ok"))]
        if status.anchor_directory:
            facts.append(Fact("", _muted(f"anchor in {status.anchor_directory}")))
        return facts
    if status.training:
        return [Fact("Rollback", _muted("a training keystore goes back on purpose"))]
    where = status.anchor_directory or "the user's state directory"
    return [
        Fact("Rollback", text.literal("▲ none: an older copy would go unnoticed", "$warn")),
        Fact(
            "",
            _muted(
                f"The anchor belongs in {where}, apart from the keystore. Make that directory "
                "writable for yourself alone, lock, and sign in again."
            ),
        ),
    ]


def _keystore(state: State) -> list[Fact]:
    status = state.status
    kind = "training: its clock moves" if status.training else "production"
    return [
        Fact("Path", text.literal(state.location)),
        Fact("Kind", text.literal(kind, "$warn" if status.training else "")),
        Fact("Account", _identity(state, status.account)),
        Fact("Region", text.literal(state.region) + _muted(f" · home is {status.region}")),
        Fact("Keys", text.literal(f"{status.key_count:,}") + _muted(" in every state and Region")),
        Fact("Generation", text.literal(f"{status.generation:,}") + _muted(" commits")),
        Fact("Trail", text.literal(f"{status.trail_sequence:,}") + _muted(" lines")),
        Fact("Format", text.literal(f"version {status.format_version}")),
        Fact("Store id", text.mask(status.store_id) if state.masked else _muted(status.store_id)),
        Fact("Verified", verification(status)),
        *rollback(status),
    ]


def _keystore_actions(_state: State) -> list[Line]:
    return [
        _do("Verify everything now", "rows and trail", "doctor", "doctor"),
        _do("Export a backup…", "sealed, proven", "backup", "export"),
        _do("Go to another Region…", "for this session", "region", "region"),
    ]


def _protection(state: State) -> list[Fact]:
    status = state.status
    tested = (
        text.literal("✓ passed before the keys were loaded", "$ok")
        if status.self_tested
        else text.literal("◌ not run yet", "$warn")
    )
    whole = "without" not in status.memory_protection
    memory = text.literal("✓ " if whole else "▲ ", "$ok" if whole else "$warn")
    return [
        Fact("Passphrase", text.literal(status.passphrase_cost or "unknown")),
        Fact("", _muted("what every guess costs, yours included")),
        GAP,
        Fact("Memory", memory + text.literal(memory_words(status))),
        Fact(
            "",
            _muted(
                "Locking drops every key. What Python and OpenSSL copied meanwhile "
                "cannot be wiped from here."
            ),
        ),
        GAP,
        Fact("Self-tests", tested),
        Fact("", _muted("known answers for every algorithm in use")),
        GAP,
        *rollback(status),
    ]


def _protection_actions(_state: State) -> list[Line]:
    return [
        _do("Change the passphrase…", "the old one stops working", "passphrase"),
        _do("Verify everything now", "rows and trail", "doctor", "doctor"),
        _do("Lock now", "drop the keys, hide everything", "lock", "lock"),
    ]


def _clock(state: State) -> list[Fact]:
    status = state.status
    now = status.now
    if now is None:
        return [Fact("Account time", _muted("not running"))]
    apart = (now - state.host_now).total_seconds()
    if abs(apart) < 1:
        difference = text.literal("✓ the same", "$ok")
    elif apart > 0:
        style = "$warn" if apart > _CLOCK_APART and not status.training else ""
        difference = text.literal(f"account time is {timefmt.span(apart)} ahead", style)
    else:
        difference = text.literal(f"account time is {timefmt.span(-apart)} behind", "$warn")
    return [
        Fact("Account time", text.literal(timefmt.exact_stamp(now), "bold")),
        Fact("", _muted("waiting periods, event times, policy dates")),
        GAP,
        Fact("Host time", text.literal(timefmt.exact_stamp(state.host_now))),
        Fact("", _muted("the idle lock, codes, signatures of requests")),
        GAP,
        Fact("Difference", difference),
        Fact(
            "",
            _muted(
                "Account time never runs back, so that no waiting period grows or ends "
                "because a clock was set."
            ),
        ),
    ]


def _clock_actions(state: State) -> list[Line]:
    if not state.status.training:
        return [
            Line(_muted("Only a training keystore's clock can be moved; `kmstui demo` opens one."))
        ]
    return [
        _do("Move it forward…", "8d, 12h, 1d 6h", "warp", "warp"),
        _do("Move it by a day", "", "warp 1d"),
        _do("Move it by a month", "30 days", "warp 30d"),
    ]


def _training(state: State) -> list[Fact]:
    if not state.status.training:
        return [
            Fact("", text.literal("This is a production keystore.", "bold")),
            GAP,
            Fact(
                "",
                _muted(
                    "Its clock cannot be moved and nothing in it can be put back: a key "
                    "that was destroyed stays destroyed, which is what it is for."
                ),
            ),
            GAP,
            Fact(
                "",
                _muted(
                    "To learn and to try things out, `kmstui demo` opens a keystore with "
                    "a year of history, and `kmstui init --training` makes an empty one."
                ),
            ),
        ]
    facts = [
        Fact("Checkpoints", text.plural(len(state.checkpoints), "checkpoint")),
        Fact("", _muted("each a whole keystore to come back to, clock included")),
        GAP,
    ]
    facts += [
        Fact("", text.literal(name) + _muted(f"  {size:,} bytes"))
        for name, size in state.checkpoints
    ]
    return facts


def _training_actions(state: State) -> list[Line]:
    if not state.status.training:
        return []
    return [
        _do("Keep a checkpoint…", "of this moment", "checkpoint", "checkpoint"),
        *(
            _do(f"Go back to {name}…", "typed confirmation", f"restore {name}")
            for name, _ in state.checkpoints
        ),
        _do("Reset…", "back to its beginning", "reset", "reset"),
    ]


def pattern_example(pattern: str) -> list[Content]:
    """Show what a naming rule says of two aliases."""
    if not pattern:
        return [_muted("no rule: every alias is fine")]
    return [
        text.join(
            [
                text.literal("✓", "$ok")
                if follows(pattern, alias)
                else text.literal("▲", "$warn"),
                text.literal(alias),
                _muted("follows" if follows(pattern, alias) else "is warned about"),
            ],
            " ",
        )
        for alias in EXAMPLE_ALIASES
    ]


def _console(state: State) -> list[Fact]:
    minutes = state.idle_minutes
    idle = text.plural(minutes, "minute") if minutes else text.literal("never", "$warn")
    pattern = state.settings.get("alias-pattern", "")
    mask = text.literal("on", "$info") if state.masked else text.literal("off")
    return [
        Fact("Theme", text.literal(state.theme)),
        Fact("Idle lock", idle + _muted(" without a key or a click")),
        Fact("Mask", mask + _muted(" · F12 hides names while somebody looks on")),
        GAP,
        Fact("Alias rule", text.literal(pattern or "none")),
        *(Fact("", line) for line in pattern_example(pattern)),
    ]


def _console_actions(_state: State) -> list[Line]:
    return [
        _do("Theme…", "shows as you choose", "theme", "theme"),
        _do("Idle lock…", "minutes; 0 for never", "idle"),
        _do("Alias rule…", "how aliases are named", "pattern"),
        _do("Privacy mask", "on or off", "mask", "mask"),
    ]


SECTIONS: tuple[Section, ...] = (
    Section("keystore", "Keystore", _keystore, _keystore_actions),
    Section("protection", "Protection", _protection, _protection_actions),
    Section("mfa", "MFA devices", mfa_facts, mfa_actions),
    Section("clock", "Clock", _clock, _clock_actions),
    Section("training", "Training", _training, _training_actions),
    Section("console", "Console", _console, _console_actions),
    Section(STORES, "Key stores", store_facts, store_actions, STORE_LABELS),
    Section(QUOTAS, "Request quotas", quota_facts, quota_actions, 24),
)
"""Every section, in order."""


def section(identity: str) -> Section:
    """Return a section by id; the first one if there is none of that name."""
    return next((each for each in SECTIONS if each.id == identity), SECTIONS[0])
