"""Colour themes."""

from __future__ import annotations

import math
from itertools import combinations
from pathlib import Path

import pytest
from textual.color import Color
from textual.widgets import Button, Input, Static

from kmstui.core.errors import ThemeError
from kmstui.tui import text, themes
from kmstui.tui.themes import (
    ROLES,
    ThemeEntry,
    load_theme,
    load_themes,
    text_contrasts,
    theme_variable_defaults,
)
from kmstui.tui.widgets.context_editor import ContextEditor
from kmstui.tui.widgets.json_view import JsonView
from kmstui.tui.widgets.virtual_table import VirtualTable
from tests.helpers.stage import NOWHERE, Stage

SHIPPED = load_themes(NOWHERE).entries
STATES = ("state-enabled", "state-disabled", "state-pending", "state-unavailable", "danger")

READABLE = 4.5
"""WCAG 2.2, success criterion 1.4.3."""

# Machado, Oliveira and Fernandes 2009, severity 1.0, over linear RGB.
DEUTERANOPIA = (
    (0.367322, 0.860646, -0.227968),
    (0.280085, 0.672501, 0.047413),
    (-0.011820, 0.042940, 0.968881),
)
PROTANOPIA = (
    (0.152286, 1.052583, -0.204868),
    (0.114503, 0.786281, 0.099216),
    (-0.003882, -0.048116, 1.051998),
)

VALID = """
name = "mine"
[colors]
primary = "#ffffff"
foreground = "#eeeeee"
background = "#000000"
"""


def named(name: str) -> ThemeEntry:
    """Return a shipped theme."""
    return next(entry for entry in SHIPPED if entry.name == name)


def shipped(entry: ThemeEntry) -> str:
    """Name a parameter."""
    return entry.name


class TestShipped:
    """The themes that come with kmstui."""

    def test_all_load(self) -> None:
        """Every file of themes/ is a theme, named like its file."""
        files = {path.stem for path in themes.shipped_directory().glob("*.toml")}
        assert files == {entry.name for entry in SHIPPED}
        assert load_themes(NOWHERE).problems == ()

    def test_the_promised_ones(self) -> None:
        """The signatures, high contrast, a pair for red-green blindness, the terminal's own."""
        assert {
            "kmstui-dark",
            "kmstui-light",
            "high-contrast",
            "deuteranopia-dark",
            "deuteranopia-light",
            "terminal-native",
        } <= {entry.name for entry in SHIPPED}

    @pytest.mark.parametrize("entry", SHIPPED, ids=shipped)
    def test_roles(self, entry: ThemeEntry) -> None:
        """Each defines every role itself."""
        assert set(entry.theme.variables) >= ROLES

    @pytest.mark.parametrize("entry", SHIPPED, ids=shipped)
    def test_contrast(self, entry: ThemeEntry) -> None:
        """Text of every role is readable on every fill."""
        assert [pair for pair in text_contrasts(entry.theme) if pair[2] < READABLE] == []

    def test_high_contrast(self) -> None:
        """The high-contrast theme reaches 7:1 outside the cursor."""
        pairs = text_contrasts(named("high-contrast").theme)
        assert [pair for pair in pairs if pair[2] < 7 and pair[1] != "row-cursor"] == []

    @pytest.mark.parametrize("matrix", [DEUTERANOPIA, PROTANOPIA], ids=["deutan", "protan"])
    @pytest.mark.parametrize("name", ["deuteranopia-dark", "deuteranopia-light"])
    def test_colour_blind_pair(self, name: str, matrix: tuple[tuple[float, ...], ...]) -> None:
        """States stay apart for eyes without red or green cones."""
        colors = named(name).theme.variables
        seen = {role: lab(simulate(colors[role], matrix)) for role in STATES}
        close = [pair for pair in combinations(STATES, 2) if apart(seen, pair) < 15]
        assert close == []

    @pytest.mark.parametrize("entry", SHIPPED, ids=shipped)
    async def test_every_widget(self, entry: ThemeEntry) -> None:
        """A screen of ours and Textual's widgets comes up under each."""
        app = Stage(
            Static(text.literal("x")),
            Button(text.literal("x")),
            Input,
            VirtualTable(()),
            JsonView("{}"),
            ContextEditor(),
            theme=entry.name,
        )
        async with app.play():
            assert app.is_running


class TestDefaults:
    """Roles for themes that do not define them."""

    @pytest.mark.parametrize("name", ["textual-dark", "textual-light", "nord", "ansi-dark"])
    async def test_foreign_theme(self, name: str) -> None:
        """A theme that knows nothing of kmstui works."""
        app = Stage(Static(text.styled("x", "$state-enabled")), VirtualTable(()), theme=name)
        async with app.play():
            assert set(app.theme_variables) >= ROLES

    def test_without_theme(self) -> None:
        """Without a theme the roles are the dark signature's."""
        variables = named("kmstui-dark").theme.variables
        assert theme_variable_defaults() == {role: variables[role] for role in ROLES}


class TestOwn:
    """A person's own themes."""

    def write(self, directory: Path, source: str, name: str = "mine.toml") -> Path:
        """Write a theme file."""
        directory.mkdir(exist_ok=True)
        path = directory / name
        path.write_text(source)
        return path

    def test_loads(self, tmp_path: Path) -> None:
        """Three colours and a name make a theme."""
        self.write(tmp_path, VALID)
        catalogue = load_themes(tmp_path)
        assert "mine" in catalogue
        assert catalogue.problems == ()

    def test_one_bad_file(self, tmp_path: Path) -> None:
        """A bad file is reported and the good ones load."""
        self.write(tmp_path, VALID)
        self.write(tmp_path, "name = 3", "bad.toml")
        catalogue = load_themes(tmp_path)
        assert "mine" in catalogue
        assert [problem.message for problem in catalogue.problems] == [
            "bad.toml: name: must be a string."
        ]

    def test_taken_name(self, tmp_path: Path) -> None:
        """A theme cannot take the place of one that ships."""
        self.write(tmp_path, VALID.replace("mine", "kmstui-dark"))
        (problem,) = load_themes(tmp_path).problems
        assert problem.message == ("mine.toml: name: kmstui-dark is the name of another theme.")

    @pytest.mark.parametrize(
        ("key", "source"),
        [
            ("file", "name = "),
            ("file", "x = '" + "y" * 70_000 + "'"),
            ("name", VALID.replace("mine", "../Mine")),
            ("colour", VALID.replace("[colors]", "colour = 1\n[colors]")),
            ("colors", 'name = "x"\ncolors = 3'),
            ("colors.primary", VALID.replace('primary = "#ffffff"', "")),
            ("colors.primary", VALID.replace("#ffffff", "white; }")),
            ("colors.primary", VALID.replace("#ffffff", "#fffff")),
            ("colors.tertiary", VALID + 'tertiary = "#ffffff"'),
            ("roles.state-enabled", VALID + '[roles]\nstate-enabled = "ansi_mauve"'),
            ("roles.state-lost", VALID + '[roles]\nstate-lost = "#ffffff"'),
            ("variables.border", VALID + '[variables]\nborder = "auto"'),
            ("variables.bordure", VALID + '[variables]\nbordure = "#ffffff"'),
            ("variables.link-style", VALID + '[variables]\nlink-style = "#ffffff"'),
            ("dark", 'dark = "yes"' + VALID),
        ],
    )
    def test_problems(self, tmp_path: Path, key: str, source: str) -> None:
        """What is wrong is told by file and key."""
        with pytest.raises(ThemeError, match=rf"^mine\.toml: {key}: "):
            load_theme(self.write(tmp_path, source))

    def test_not_text(self, tmp_path: Path) -> None:
        """A file that is not UTF-8 is a problem like any other."""
        path = tmp_path / "mine.toml"
        path.write_bytes(b"\xff\xfe")
        with pytest.raises(ThemeError, match="not TOML"):
            load_theme(path)

    def test_unreadable(self, tmp_path: Path) -> None:
        """A directory named like a theme is a problem like any other."""
        (tmp_path / "mine.toml").mkdir()
        (problem,) = load_themes(tmp_path).problems
        assert problem.message == "mine.toml: file: Is a directory."

    def test_directory(self, own_machine: Path) -> None:
        """They lie in the user's configuration directory."""
        assert themes.user_directory() == own_machine / "config" / "kmstui" / "themes"


def simulate(color: str, matrix: tuple[tuple[float, ...], ...]) -> list[float]:
    """Return the linear RGB that a colour looks like."""
    channels = [value / 255 for value in Color.parse(color).rgb]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    mixed = [sum(m * c for m, c in zip(row, linear, strict=True)) for row in matrix]
    return [min(max(value, 0.0), 1.0) for value in mixed]


def lab(linear: list[float]) -> tuple[float, float, float]:
    """Return CIELAB under D65."""
    red, green, blue = linear
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def apart(seen: dict[str, tuple[float, float, float]], pair: tuple[str, str]) -> float:
    """Return the CIE 1976 difference of two roles."""
    one, other = (seen[role] for role in pair)
    return math.dist(one, other)
