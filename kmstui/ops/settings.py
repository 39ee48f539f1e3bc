"""The settings of a keystore: one table of names, meanings, defaults and checks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kmstui.core.errors import NotTrainingError, ValidationException
from kmstui.core.limits import GRANTS_PER_KEY, QUOTA_SCALE_MAX
from kmstui.keystore import Keystore

REQUEST_QUOTA_SCALE: Final = "request-quota-scale"
GRANTS_PER_PRINCIPAL: Final = "grants-per-principal"
ATTESTATION_ROOT: Final = "attestation-test-root"


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting.

    Attributes:
        name: Its name.
        default: The value while it was never changed.
        doc: One sentence.
        problem: Returns what is wrong with a value; empty when it is fine.
        training: Whether only training keystores have it.
    """

    name: str
    default: str
    doc: str
    problem: Callable[[str], str]
    training: bool = False


def _pattern_problem(value: str) -> str:
    parts = re.findall(r"<[^<>]*>", value)
    if value and (not parts or not value.startswith("alias/")):
        return "it must begin with alias/ and hold at least one <Part>"
    return ""


def _minutes_problem(value: str) -> str:
    if not re.fullmatch(r"[0-9]{1,3}", value, re.ASCII):
        return "it must be a number of minutes, 0 to 999"
    return ""


def _scale_problem(value: str) -> str:
    sound = re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,6})?", value, re.ASCII)
    if not sound or float(value) > QUOTA_SCALE_MAX:
        return f"it must be a number, 0 to {QUOTA_SCALE_MAX}, with at most six decimals"
    return ""


def _grants_problem(value: str) -> str:
    if not re.fullmatch(r"[0-9]{1,5}", value, re.ASCII) or int(value) > GRANTS_PER_KEY:
        return f"it must be a number, 0 to {GRANTS_PER_KEY}"
    return ""


def _root_problem(value: str) -> str:
    if not value:
        return ""
    # X.509 is loaded where it is used, not at every start.
    from kmstui.hsm import attestation  # noqa: PLC0415

    return attestation.root_problem(value)


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
    Setting(
        REQUEST_QUOTA_SCALE,
        "0",
        "What AWS's request quotas are multiplied by; 0 for no request quotas.",
        _scale_problem,
    ),
    Setting(
        GRANTS_PER_PRINCIPAL,
        "0",
        "Grants on one key to one principal, as AWS once limited them to 500; 0 for no limit.",
        _grants_problem,
    ),
    Setting(
        ATTESTATION_ROOT,
        "",
        "The certificate, in PEM, under which attestation documents count; empty for none.",
        _root_problem,
        training=True,
    ),
)

_DEFAULTS: Final = {setting.name: setting.default for setting in SETTINGS}


def setting_of(keystore: Keystore, name: str) -> str:
    """Return a setting's value in a keystore, or its default."""
    stored = keystore.setting(name)
    return _DEFAULTS[name] if stored is None else stored.value


def check_setting(name: str, value: str, *, training: bool) -> None:
    """Refuse an unknown setting or a value that makes no sense.

    Args:
        name: The setting.
        value: Its new value.
        training: Whether the keystore is a training keystore.

    Raises:
        NotTrainingError: Only training keystores have the setting.
        ValidationException: It says which names there are, or what a value must look like.
    """
    setting = next((setting for setting in SETTINGS if setting.name == name), None)
    if setting is None:
        names = ", ".join(setting.name for setting in SETTINGS)
        raise ValidationException(f"There is no setting {name}.", hint=f"Settings are: {names}.")
    if setting.training and not training:
        raise NotTrainingError(f"{name} is a setting of training keystores only.")
    problem = setting.problem(value)
    if problem:
        raise ValidationException(f"{value} is no value for {name}: {problem}.")
