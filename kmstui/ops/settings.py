"""The settings of a keystore: one table of names, meanings, defaults and checks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kmstui.core.errors import ValidationException


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting.

    Attributes:
        name: Its name.
        default: The value while it was never changed.
        doc: One sentence.
        problem: Returns what is wrong with a value; empty when it is fine.
    """

    name: str
    default: str
    doc: str
    problem: Callable[[str], str]


def _pattern_problem(value: str) -> str:
    parts = re.findall(r"<[^<>]*>", value)
    if value and (not parts or not value.startswith("alias/")):
        return "it must begin with alias/ and hold at least one <Part>"
    return ""


def _minutes_problem(value: str) -> str:
    if not re.fullmatch(r"[0-9]{1,3}", value, re.ASCII):
        return "it must be a number of minutes, 0 to 999"
    return ""


SETTINGS: Final = (
    Setting(
        "alias-pattern",
        "alias/<Environment>-<Function>-<Team>",
        "How aliases are named; a deviating name gets a warning. Empty for no rule.",
        _pattern_problem,
    ),
    Setting(
        "idle-lock-minutes",
        "5",
        "Minutes without a key press before the console locks; 0 for never.",
        _minutes_problem,
    ),
)


def check_setting(name: str, value: str) -> None:
    """Refuse an unknown setting or a value that makes no sense.

    Raises:
        ValidationException: It says which names there are, or what a value must look like.
    """
    setting = next((setting for setting in SETTINGS if setting.name == name), None)
    if setting is None:
        names = ", ".join(setting.name for setting in SETTINGS)
        raise ValidationException(f"There is no setting {name}.", hint=f"Settings are: {names}.")
    problem = setting.problem(value)
    if problem:
        raise ValidationException(f"{value} is no value for {name}: {problem}.")
