"""The wheel: what it carries, and that it runs where there is no checkout."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from kmstui import __version__
from tests.helpers.program import CHECKOUT


def execute(*command: str | Path, cwd: Path) -> str:
    """Run a program that must succeed and return what it printed."""
    ended = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built without reaching for the network."""
    out = tmp_path_factory.mktemp("wheel")
    execute(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", out, cwd=CHECKOUT)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def fresh(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the ``bin`` of an environment with the wheel, its dependencies borrowed from here."""
    base = tmp_path_factory.mktemp("fresh")
    environment = base / "venv"
    execute(sys.executable, "-m", "venv", "--without-pip", environment, cwd=base)
    python = environment / "bin" / "python"
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", python, "install", "-q"]
    execute(*pip, "--no-deps", "--no-index", wheel, cwd=base)
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(execute(python, "-c", where, cwd=base).strip())
    borrowed = dict.fromkeys(sysconfig.get_path(kind) for kind in ("purelib", "platlib"))
    (packages / "borrowed.pth").write_text("\n".join(borrowed))
    return environment / "bin"


def test_carries_what_is_not_code(wheel: Path) -> None:
    """Themes, style sheets, the typing marker and the licence are inside; tests are not."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    themes = {f"kmstui/_themes/{path.name}" for path in CHECKOUT.glob("themes/*.toml")}
    sheets = {str(path.relative_to(CHECKOUT)) for path in CHECKOUT.glob("kmstui/**/*.tcss")}
    assert themes
    assert sheets
    assert themes | sheets | {"kmstui/py.typed"} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert {name.split("/")[0] for name in names} == {"kmstui", f"kmstui-{__version__}.dist-info"}
    assert not any("__pycache__" in name for name in names)


def test_says_its_version(fresh: Path, tmp_path: Path) -> None:
    """The installed program starts."""
    assert execute(fresh / "kmstui", "--version", cwd=tmp_path).endswith(f" {__version__}\n")


def test_has_its_operations(fresh: Path, tmp_path: Path) -> None:
    """The installed program finds its operations."""
    assert "kms:Encrypt" in execute(fresh / "kmstui", "operations", cwd=tmp_path)


def test_has_its_themes_and_style_sheets(fresh: Path, tmp_path: Path) -> None:
    """The installed console finds its themes, and everything it imports."""
    code = (
        "import kmstui.tui.app, kmstui.tui.themes as themes;"
        "print(themes.shipped_directory(), len(list(themes.shipped_directory().iterdir())))"
    )
    where, count = execute(fresh / "python", "-c", code, cwd=tmp_path).split()
    assert Path(where).is_relative_to(fresh.parent)
    assert int(count) == len(list(CHECKOUT.glob("themes/*.toml")))


def test_makes_a_keystore(fresh: Path, tmp_path: Path) -> None:
    """The installed program creates a keystore and a key in it."""
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("an unlikely sentence of mine\n")
    options = ("--keystore", tmp_path / "keystore", "--passphrase-file", passphrase)
    assert "Recovery code" in execute(fresh / "kmstui", *options, "init", cwd=tmp_path)
    assert '"Enabled": true' in execute(
        fresh / "kmstui", *options, "call", "CreateKey", cwd=tmp_path
    )
