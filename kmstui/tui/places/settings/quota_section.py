"""What Settings says of request quotas: a meter for each class that was called. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kmstui.tui import text
from kmstui.tui.places.settings.lines import deed, muted
from kmstui.tui.text import Content
from kmstui.tui.widgets.fact_list import GAP, Fact
from kmstui.tui.widgets.link_list import Line

if TYPE_CHECKING:
    from kmstui.tui.places.settings.sections import State

QUOTA_SCALE = "request-quota-scale"
"""The setting that holds the scale."""

_BAR_CELLS = 8
_NAME_CELLS = 23
_LITTLE = 0.25
_PAIRS = "Data key pairs "
_ALWAYS = 5
"""Classes that show though nothing was called: those of the kinds of keys."""


@dataclass(frozen=True, slots=True)
class Quota:
    """One class of calls.

    Attributes:
        name: Its name.
        rate: Calls a second.
        burst: The most tokens.
        left: Tokens now.
        refused: Calls that were refused.
    """

    name: str
    rate: float
    burst: float
    left: float
    refused: int

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> Quota:
        """Read an entry of ``kmstui:ShowRequestQuotas``."""
        return cls(
            str(entry["Class"]),
            float(entry["Rate"]),
            float(entry["Burst"]),
            float(entry["Left"]),
            int(entry["Refused"]),
        )

    @property
    def used(self) -> bool:
        """Whether anything is missing, or was refused."""
        return self.left < self.burst or self.refused > 0


@dataclass(frozen=True, slots=True)
class Quotas:
    """The quotas of an account and Region.

    Attributes:
        scale: What AWS's rates are multiplied by, as it is written; ``0`` while off.
        fixed: Whether the command line says so.
        classes: Every class.
    """

    scale: str
    fixed: bool
    classes: Sequence[Quota]

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> Quotas:
        """Read the answer of ``kmstui:ShowRequestQuotas``."""
        classes = tuple(Quota.read(entry) for entry in answer["Quotas"])
        return cls(str(answer["Scale"]), bool(answer["Fixed"]), classes)


def scale_problem(typed: str) -> str | None:
    """Say what is wrong with a scale, or None; the engine has the last word."""
    whole, dot, part = typed.strip().partition(".")
    good = typed.isascii() and whole.isdigit() and (part.isdigit() if dot else not part)
    return None if good else "A number such as 1, 0.1 or 10; 0 turns the quotas off."


def quota_facts(state: State) -> list[Fact]:
    """Say what is enforced, and how much of it is left."""
    quotas = state.quotas
    if quotas is None:
        return [Fact("Enforced", muted("reading…"))]
    facts = [Fact("Enforced", _enforced(quotas))]
    if quotas.scale == "0":
        said = "A program that runs against AWS is throttled there; here nothing is, unless asked."
        return [*facts, Fact("", muted(said))]
    shown = [each for each in quotas.classes if each.used]
    shown += [each for each in quotas.classes[:_ALWAYS] if not each.used]
    facts += [GAP, *(_meter(each) for each in shown)]
    rest = len(quotas.classes) - len(shown)
    return [*facts, GAP, Fact("", muted(f"and {rest} more, none of them used"))]


def _enforced(quotas: Quotas) -> Content:
    by = muted(" · by --quota-scale") if quotas.fixed else text.literal("")
    if quotas.scale == "0":
        return text.literal("no") + by
    times = muted(f" times {quotas.scale}") if quotas.scale != "1" else text.literal("")
    return text.literal("AWS's rates", "$info") + times + by


def _meter(quota: Quota) -> Fact:
    share = quota.left / quota.burst
    full = round(_BAR_CELLS * share)
    style = "$warn" if share <= _LITTLE else "$info"
    bar = text.literal("━" * full, style) + text.literal("━" * (_BAR_CELLS - full), "$faint")
    said = text.literal(f" {_number(quota.left)}") + muted(f" of {_number(quota.burst)}")
    if quota.rate < quota.burst:
        said += muted(f", {_number(quota.rate)}/s")
    if quota.refused:
        said += text.literal(f" {quota.refused:,} refused", "$danger")
    return Fact(_label(quota.name), bar + said)


def _label(name: str) -> str:
    shown = f"{name.removeprefix(_PAIRS)} pairs" if name.startswith(_PAIRS) else name
    return text.cell_fit(shown, _NAME_CELLS).rstrip()


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) or value >= 10 else f"{value:.2g}"


def quota_actions(state: State) -> list[Line]:
    """List what can be done."""
    if state.quotas is None or state.quotas.fixed:
        return []
    return [deed("Change the scale…", "1 is AWS's, 0 off", "quotas")]
