"""Colour themes: read from TOML, checked, and given to Textual.

A theme file names Textual's base colours under ``[colors]``, the colours of kmstui's own concepts
under ``[roles]`` (:data:`TEXT_ROLES`, :data:`FILL_ROLES`) and any of Textual's variables under
``[variables]``. Every role has a default, because Textual fails to parse a style sheet whose
variable exists in one theme only: the application returns :func:`theme_variable_defaults` from
``App.get_theme_variable_defaults``.

Themes that ship lie in ``themes/`` of the checkout and in ``kmstui/_themes`` of the wheel. A
person's own lie in ``themes/`` of the user's configuration directory; one that is broken is
reported by file and key and the others still load.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import platformdirs
from textual.color import Color, ColorParseError
from textual.theme import Theme

from kmstui.core.errors import ThemeError

DEFAULT_THEME = "kmstui-dark"
DEFAULT_LIGHT_THEME = "kmstui-light"
ANSI_THEME = "terminal-native"

TEXT_ROLES = (
    "key-accent",
    "info",
    "ok",
    "warn",
    "danger",
    "muted",
    "masked",
    "escaped",
    "state-enabled",
    "state-disabled",
    "state-pending",
    "state-unavailable",
    "json-key",
    "json-string",
    "json-number",
    "json-literal",
    "json-punctuation",
)
"""Roles that colour text; each is readable (4.5:1) on every fill of its theme."""

FILL_ROLES = ("row-stripe", "row-cursor", "row-cursor-blurred", "row-marked", "row-header")
"""Roles that lie behind text."""

LINE_ROLES = ("faint",)
"""Roles for rules and borders, which carry no text."""

ROLES = frozenset((*TEXT_ROLES, *FILL_ROLES, *LINE_ROLES))

COLORS = frozenset(
    {
        "primary",
        "secondary",
        "accent",
        "foreground",
        "background",
        "surface",
        "panel",
        "boost",
        "success",
        "warning",
        "error",
    }
)
_MISSING_FROM_ANSI = {
    "ansi-background": "ansi_default",
    "ansi-foreground": "ansi_default",
    "foreground-disabled": "ansi_default",
    "surface-active": "ansi_default",
}
"""Variables Textual's own style sheets use and its terminal-coloured themes do not generate."""

_REQUIRED_COLORS = ("primary", "foreground", "background")
_TABLES = frozenset({"name", "title", "dark", "ansi", "colors", "roles", "variables"})
_MAX_FILE_BYTES = 65_536
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_COLOR = re.compile(r"(?P<color>#[0-9A-Fa-f]{3,8}|ansi_[a-z_]+|transparent)(?: [0-9]{1,3}%)?")
_TEXT_STYLES = frozenset(
    {"none", "not", "bold", "b", "dim", "italic", "i", "underline", "u", "reverse", "r", "strike"}
)


@dataclass(frozen=True, slots=True)
class ThemeEntry:
    """One theme that loaded.

    Attributes:
        theme: What Textual registers.
        title: The name a person reads in Settings.
        path: The file it came from.
        shipped: Whether it is part of kmstui.
    """

    theme: Theme
    title: str
    path: Path
    shipped: bool

    @property
    def name(self) -> str:
        """The name Textual knows the theme by."""
        return self.theme.name


@dataclass(frozen=True, slots=True)
class ThemeCatalogue:
    """Every theme found, and what is wrong with the files that did not load."""

    entries: tuple[ThemeEntry, ...]
    problems: tuple[ThemeError, ...]

    def __contains__(self, name: object) -> bool:
        return any(entry.name == name for entry in self.entries)


def shipped_directory() -> Path:
    """Find the themes of this installation, in a wheel or in a checkout.

    Raises:
        ThemeError: There are none, so the installation is broken.
    """
    package = Path(str(files("kmstui")))
    for candidate in (package / "_themes", package.parent / "themes"):
        if candidate.is_dir():
            return candidate
    raise ThemeError("The themes that ship with kmstui are missing.", hint="Install kmstui again.")


def user_directory() -> Path:
    """Return where a person's own themes lie; the directory need not exist."""
    return Path(platformdirs.user_config_dir("kmstui", appauthor=False)) / "themes"


def load_themes(own: Path | None = None) -> ThemeCatalogue:
    """Load the themes that ship and a person's own.

    Args:
        own: Directory of the person's themes; the platform's configuration directory if None.

    Returns:
        The catalogue; a file that is not valid is a problem in it and nothing more.

    Raises:
        ThemeError: The installation has no themes at all.
    """
    entries: dict[str, ThemeEntry] = {}
    problems: list[ThemeError] = []
    directories = ((shipped_directory(), True), (user_directory() if own is None else own, False))
    for directory, shipped in directories:
        for path in sorted(directory.glob("*.toml")):
            try:
                entry = load_theme(path, shipped=shipped)
                if entry.name in entries:
                    raise _problem(path, "name", f"{entry.name} is the name of another theme")
            except ThemeError as error:
                problems.append(error)
            else:
                entries[entry.name] = entry
    return ThemeCatalogue(tuple(entries.values()), tuple(problems))


def load_theme(path: Path, *, shipped: bool = False) -> ThemeEntry:
    """Load one theme file.

    Raises:
        ThemeError: The file cannot be read or is not a theme; the message names file and key.
    """
    data = _read(path)
    for key in data:
        if key not in _TABLES:
            raise _problem(path, key, "no such key")
    name = _typed(path, data, "name", str)
    if not _NAME.fullmatch(name):
        raise _problem(path, "name", "use lower-case letters, digits and hyphens, at most 40")
    colors = _colors(path, data, "colors", COLORS)
    for required in _REQUIRED_COLORS:
        if required not in colors:
            raise _problem(path, f"colors.{required}", "missing")
    variables = {
        **_variables(path, data),
        **_colors(path, data, "roles", ROLES),
    }
    theme = Theme(
        name=name,
        primary=colors["primary"],
        dark=_typed(path, data, "dark", bool, default=True),
        ansi=_typed(path, data, "ansi", bool, default=False),
        variables=variables,
    )
    for color, value in colors.items():
        setattr(theme, color, value)
    title = _typed(path, data, "title", str, default=name)
    return ThemeEntry(theme=theme, title=title, path=path, shipped=shipped)


def theme_variable_defaults(theme: Theme | None = None) -> dict[str, str]:
    """Return a colour for every role, for themes that do not define it themselves.

    Args:
        theme: The theme in use, so that a light or terminal-coloured one gets roles to match;
            dark if None.

    Returns:
        A new mapping for ``App.get_theme_variable_defaults``.
    """
    if theme is not None and theme.ansi:
        return {**_MISSING_FROM_ANSI, **_shipped_roles(ANSI_THEME)}
    dark = theme is None or theme.dark
    return dict(_shipped_roles(DEFAULT_THEME if dark else DEFAULT_LIGHT_THEME))


def contrast_ratio(one: str, other: str) -> float:
    """Return the WCAG 2.2 contrast ratio of two opaque colours, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def text_contrasts(theme: Theme) -> Iterator[tuple[str, str, float]]:
    """Yield (text role, fill, ratio) for every pair of a theme in which text can stand.

    A terminal-coloured theme yields nothing: its colours belong to the terminal.
    """
    if theme.ansi:
        return
    generated = theme.to_color_system().generate()
    colors = {**theme_variable_defaults(theme), **generated, **theme.variables}
    for fill in ("background", "surface", "panel", *FILL_ROLES):
        for role in ("foreground", "primary", "success", "warning", "error", *TEXT_ROLES):
            yield role, fill, contrast_ratio(colors[role], colors[fill])


@lru_cache(maxsize=3)
def _shipped_roles(name: str) -> Mapping[str, str]:
    entry = load_theme(shipped_directory() / f"{name}.toml", shipped=True)
    return {role: entry.theme.variables[role] for role in sorted(ROLES)}


def _problem(path: Path, key: str, what: str) -> ThemeError:
    return ThemeError(f"{path.name}: {key}: {what}.", hint=f"Correct {path} or move it away.")


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_FILE_BYTES + 1)
    except OSError as error:
        raise _problem(path, "file", error.strerror or "cannot be read") from error
    if len(data) > _MAX_FILE_BYTES:
        raise _problem(path, "file", f"larger than {_MAX_FILE_BYTES:,} bytes")
    try:
        return tomllib.loads(data.decode())
    except ValueError as error:
        raise _problem(path, "file", f"not TOML ({error})") from error


def _typed(path: Path, data: Mapping[str, Any], key: str, kind: type, default: Any = None) -> Any:
    value = data.get(key, default)
    if value is None:
        raise _problem(path, key, "missing")
    if not isinstance(value, kind):
        expected = {str: "a string", bool: "true or false", dict: "a table"}[kind]
        raise _problem(path, key, f"must be {expected}")
    return value


def _colors(
    path: Path, data: Mapping[str, Any], table: str, known: frozenset[str]
) -> dict[str, str]:
    colors = {}
    for key, value in _typed(path, data, table, dict, default={}).items():
        if key not in known:
            raise _problem(path, f"{table}.{key}", "no such colour")
        if not _is_color(value):
            raise _problem(path, f"{table}.{key}", f"{value!r} is not a colour")
        colors[key] = value
    return colors


def _variables(path: Path, data: Mapping[str, Any]) -> dict[str, str]:
    given: dict[str, str] = _typed(path, data, "variables", dict, default={})
    known = _textual_variables() if given else frozenset()
    for key, value in given.items():
        if key not in known:
            raise _problem(path, f"variables.{key}", "no such variable")
        valid = _is_text_style(value) if key.endswith("-style") else _is_color(value)
        if not valid:
            kind = "text style" if key.endswith("-style") else "colour"
            raise _problem(path, f"variables.{key}", f"{value!r} is not a {kind}")
    return given


@lru_cache(maxsize=1)
def _textual_variables() -> frozenset[str]:
    plain = Theme(name="names", primary="#ffffff")
    native = Theme(name="names", primary="ansi_white", ansi=True)
    names = (theme.to_color_system().generate() for theme in (plain, native))
    return frozenset().union(*names) - COLORS


def _is_color(value: object) -> bool:
    if not isinstance(value, str) or not (match := _COLOR.fullmatch(value)):
        return False
    try:
        Color.parse(match["color"])
    except ColorParseError:
        return False
    return True


def _is_text_style(value: object) -> bool:
    return isinstance(value, str) and bool(value) and _TEXT_STYLES.issuperset(value.split())


def _luminance(color: str) -> float:
    channels = (value / 255 for value in Color.parse(color).rgb)
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
