"""The bytes that reach a terminal when every untrusted field holds hostile strings.

Everything the program sends is read as a terminal reads it: a control character or an escape
sequence that the console itself does not use has come out of somebody's data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from kmstui.core.secret import Secret
from kmstui.engine import Engine, Host
from kmstui.tui.place import places
from tests.helpers.engines import PASSPHRASE
from tests.helpers.hostile import CONTROL, FORBIDDEN
from tests.helpers.hostile_account import PAYLOADS, HostileAccount, marked
from tests.helpers.program import Vault
from tests.pty.terminal import Terminal, leaving
from tests.pty.test_console import printed, show_keys, sign_in

TALL = (170, 110)
"""Columns and rows that show a whole list, and a whole page, at once."""

SMALL = (60, 16)

ENOUGH = 40
"""Hostile strings that must be seen in a field before its bytes prove anything."""

OWN_SEQUENCES = re.compile(
    r"\r\n|\x1b\[(?:0|[1-9](?:;[1-9])*|(?:[1-9];)*[34]8;2;\d+;\d+;\d+(?:;[34]8;2;\d+;\d+;\d+)?)m"
    r"|\x1b\[\d+;\d+H|\x1b\[\?(?:1049|25|1000|1003|1004|1015|1006|2004|2026|2048)[hl]"
    r"|\x1b\[\?7[hl]|\x1b\]22;default\x07|\x1b\[\?2026\$p|\x1b\[\?2048\$p|\x1b\[[<>]\d*u|\x1b\[=\d+;\d+u"
)
"""What the console sends to paint: line ends, colours in full, moves of the cursor, modes."""

BROKEN_LINE = re.compile(r"Mk\d\d=(?:two|cr|line|paragraph)?(?:\x1b\[[0-9;]*m)*\r?\n[lsf]")
"""A line break of a string's own, in the midst of it."""

_STEP = "\u203a"
"""What stands between breadcrumbs."""

_EDGE = "▌"
"""The edge of every dialog."""

_MARK = re.compile(r"Mk\d\d(?==)")


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Vault, HostileAccount]]:
    """Return a hostile account in a directory of a hostile name, with a hostile theme beside."""
    base = tmp_path_factory.mktemp("hostile")
    base.chmod(0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(base / "state"))
        vault = Vault.make(base)
        engine = Engine.open(vault.directory, host=Host.system("tests"))
        session = engine.unlock(Secret.from_text(PASSPHRASE))

        def call(operation: str, members: Mapping[str, object]) -> dict[str, Any]:
            name = operation if ":" in operation else f"kms:{operation}"
            return engine.call(session, name, members)

        account = HostileAccount.plant(call)
        engine.close()
        yield vault, account


def foreign(sent: str) -> list[str]:
    """Return the control characters that the console itself does not send, with what follows."""
    rest = OWN_SEQUENCES.sub("", sent)
    broken = [match.group() for match in BROKEN_LINE.finditer(sent)]
    return broken + [
        rest[match.start() : match.start() + 24] for match in FORBIDDEN.finditer(rest)
    ]


def marks(shown: str) -> set[str]:
    """Return the marks of the hostile strings on a screen."""
    return set(_MARK.findall(shown))


def open_console(vault: Vault, size: tuple[int, int]) -> Terminal:
    """Start the console on the hostile account and sign in."""
    terminal = Terminal("--keystore", str(vault.directory), size=size)
    sign_in(terminal)
    return terminal


class TestBytes:
    """What reaches the terminal."""

    def test_of_every_screen(self, planted: tuple[Vault, HostileAccount]) -> None:
        """No screen passes on a byte of forty and more strings in each of its fields."""
        vault, account = planted
        with leaving(open_console(vault, TALL)) as terminal:
            show_keys(terminal, "Mk00=")
            assert len(marks(terminal.text)) >= ENOUGH
            for view in ("Deletions", "Rotation", "Aliases"):
                terminal.command(view.lower())
                terminal.wait_for(f"Keys {_STEP} {view}")
            for spec in places():
                terminal.press(spec.digit)
                terminal.wait_until(lambda shown, spec=spec: spec.title in first(shown), spec.id)  # type: ignore[misc]

            terminal.command(f"arn {account.full}")
            shown = terminal.wait_for(f"{_STEP} full", "Tags", "Mk49=")
            assert len(marks(shown)) >= ENOUGH
            for tab, sign in (
                ("access", "StringNotEquals"),
                ("material", "made inside the HSM"),
                ("activity", "CreateGrant"),
                ("try-it", "type what to encrypt"),
            ):
                terminal.command(f"tab {tab}")
                terminal.wait_for(sign)
            terminal.wait_for("enter run")
            terminal.press("escape")
            terminal.wait_gone("enter run")
            look_into_dialogs(terminal)
            terminal.press("4")
            terminal.wait_for("● live")
            terminal.command("refusals")
            terminal.wait_for("NotFoundException")
            terminal.press("enter")
            terminal.wait_for(f"Trail {_STEP}")
        assert [] == foreign(terminal.transcript)
        assert "" == printed(terminal)

    def test_of_what_is_pasted(self, tmp_path: Path) -> None:
        """Control characters that are pasted into a field come back from none of them."""
        tmp_path.chmod(0o700)
        vault = Vault.make(tmp_path)
        vault.key("alias/k00")
        texts = [marked(PAYLOADS.index(each)) for each in CONTROL]
        with leaving(open_console(vault, (120, 40))) as terminal:
            show_keys(terminal, "k00")
            fields = (("/", "esc"), (":", "What needs you today"), ("E", "type what"))
            for number, (key, sign) in enumerate(fields):
                terminal.press(key)
                terminal.wait_for(sign)
                for text in texts[number::3]:
                    terminal.paste(text)
                    terminal.wait_for(text[:5])
                    terminal.press("ctrl+u")
                    terminal.wait_gone(text[:5])
                terminal.press("escape")
                terminal.wait_for("X delete")
        assert [] == foreign(terminal.transcript)

    def test_of_a_keystore_in_a_hostile_place(self, tmp_path: Path) -> None:
        """A directory's name reaches the terminal as text, on the screen and in an error."""
        tmp_path.chmod(0o700)
        place = tmp_path / "Mk\x1b]0;title\x07\u202ex"
        with Terminal("--keystore", str(place)) as terminal:
            terminal.wait_for("There is no keystore yet.")
            terminal.press("escape")
            terminal.wait_exit()
        assert [] == foreign(terminal.transcript)
        with Terminal("doctor", "--keystore", str(place)) as failing:
            assert 0 != failing.wait_exit()
        assert "Mk" in failing.transcript
        assert [] == foreign(failing.transcript)


class TestSmall:
    """At the least size that is supported."""

    def test_every_place_and_a_storm_of_sizes(self, planted: tuple[Vault, HostileAccount]) -> None:
        """Each place shows at 60x16, and the console lives through a window being dragged."""
        vault, _ = planted
        with leaving(open_console(vault, SMALL)) as terminal:
            for spec in places():
                terminal.press(spec.digit)
                terminal.wait_until(lambda shown, spec=spec: spec.title in first(shown), spec.id)  # type: ignore[misc]
            show_keys(terminal)
            for columns in range(50, 150, 7):
                terminal.resize(columns, columns // 4)
            terminal.resize(*SMALL)
            terminal.press("4")
            terminal.wait_for("Trail")
        assert [] == foreign(terminal.transcript)
        assert terminal.restored


def first(shown: str) -> str:
    """Return the line with the breadcrumbs."""
    return shown.split("\n", 1)[0]


def look_into_dialogs(terminal: Terminal) -> None:
    """Open what asks and what tells, and leave it again."""
    panels = (("!", "AWS CLI echo"), ("`", "Messages"))
    for key, sign in (*((key, _EDGE) for key in "iytXTeAMD"), *panels):
        terminal.press(key)
        terminal.wait_for(sign)
        terminal.press("escape")
        terminal.wait_gone(sign)
