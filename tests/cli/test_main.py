"""The program as a whole: exit codes, errors, imports."""

from __future__ import annotations

import errno
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import click
import pytest

from kmstui import __version__
from kmstui.cli import main
from kmstui.cli.exits import EXIT_HELP, Exit, exit_code, printable
from kmstui.cli.main import cli
from kmstui.core import errors
from kmstui.core.errors import KmsError
from tests.helpers.program import CHECKOUT, Vault, run, spawn

VERBS = (
    "init",
    "demo",
    "call",
    "operations",
    "material",
    "doctor",
    "passphrase",
    "export",
    "restore",
)

_MODULES = """
import json, sys
from kmstui.cli import main
try:
    main(json.loads(sys.argv[1]))
except SystemExit as ended:
    code = ended.code or 0
loaded = {name.partition(".")[0] for name in sys.modules}
inner = [name for name in sys.modules if name.startswith("kmstui.")]
print("\\n" + json.dumps([code, sorted(loaded), sorted(inner)]))
"""


def modules(*arguments: str) -> tuple[int, set[str], set[str]]:
    """Run a command as a program; return its exit code and what it imported."""
    ended = subprocess.run(
        [sys.executable, "-c", _MODULES, json.dumps(arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=CHECKOUT,
        timeout=60,
        check=True,
    )
    code, loaded, inner = json.loads(ended.stdout.splitlines()[-1])
    return code, set(loaded), set(inner)


@pytest.mark.parametrize(
    "arguments",
    [
        ("call", "ListKeys"),
        ("doctor",),
        ("export", "{base}/backup"),
        ("restore", "{base}/none"),
        ("passphrase", "--new-passphrase-file", "{base}/passphrase"),
        ("init",),
    ],
)
def test_no_verb_but_the_console_imports_textual(
    vault: Vault, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """Textual is not paid for by those who do not look at it."""
    given = [argument.format(base=tmp_path) for argument in arguments]
    _, loaded, _ = modules(*vault.options, *given)
    assert not {"textual", "rich", "pygments"} & loaded


@pytest.mark.parametrize(
    "arguments", [("--help",), ("--version",), ("init", "--help"), ("call", "--help")]
)
def test_help_imports_next_to_nothing(arguments: tuple[str, ...]) -> None:
    """Help costs neither the cryptography nor the engine."""
    code, loaded, inner = modules(*arguments)
    assert code == 0
    assert not {"cryptography", "sqlite3", "tinydb", "textual", "zxcvbn"} & loaded
    assert not any(
        name.startswith(("kmstui.engine", "kmstui.ops", "kmstui.hsm")) for name in inner
    )


@pytest.mark.parametrize("arguments", [("operations",), ("operations", "Encrypt")])
def test_operations_need_no_cryptography(arguments: tuple[str, ...]) -> None:
    """The registry is read without loading the HSM or the engine."""
    code, loaded, inner = modules(*arguments)
    assert code == 0
    assert not {"cryptography", "textual", "zxcvbn"} & loaded
    assert not any(name.startswith("kmstui.engine") for name in inner)


def test_runs_as_a_module() -> None:
    """``python -m kmstui`` is the program."""
    outcome = spawn("--version")
    assert (outcome.code, outcome.out) == (0, f"kmstui, version {__version__}\n")


def test_help_lists_every_verb_and_every_exit_code() -> None:
    """Help names each verb and documents each exit code."""
    text = " ".join(run("--help").out.split())
    assert EXIT_HELP in text
    assert all(re.search(rf"[:;] {code.value} ", f"; {EXIT_HELP}") for code in Exit)
    for verb in VERBS:
        assert f" {verb} " in text
    assert tuple(cli.list_commands(click.Context(cli))) == VERBS


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_explains_itself(verb: str) -> None:
    """Each verb has help of its own, and its line in the overview is how that begins."""
    outcome = run(verb, "--help")
    assert outcome.code == 0
    assert outcome.out.startswith(f"Usage: kmstui {verb}")


@pytest.mark.parametrize("verb", ["", *VERBS])
def test_a_passphrase_is_never_an_argument(verb: str) -> None:
    """No verb has an option that takes a passphrase; only files are named."""
    command = cli.get_command(click.Context(cli), verb) if verb else cli
    assert command is not None
    for parameter in command.params:
        names = " ".join(parameter.opts)
        if "passphrase" in names or "password" in names:
            assert names.endswith("-file")
            assert isinstance(parameter.type, click.Path)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("UsageError", Exit.USAGE),
        ("WeakPassphraseError", Exit.USAGE),
        ("KeystoreMissingError", Exit.KEYSTORE),
        ("KeystoreBusyError", Exit.KEYSTORE),
        ("WrongPassphraseError", Exit.KEYSTORE),
        ("UnsafePermissionsError", Exit.KEYSTORE),
        ("UnsafePathError", Exit.KEYSTORE),
        ("KeystoreFormatError", Exit.KEYSTORE),
        ("KeystoreTamperedError", Exit.DAMAGED),
        ("KeystoreRollbackError", Exit.DAMAGED),
        ("TrailTamperedError", Exit.DAMAGED),
        ("KdfParametersError", Exit.DAMAGED),
        ("SelfTestError", Exit.DAMAGED),
        ("KeystoreExistsError", Exit.REFUSED),
        ("BackupError", Exit.REFUSED),
        ("TrailError", Exit.REFUSED),
        ("NotFoundException", Exit.REFUSED),
        ("AccessDeniedException", Exit.REFUSED),
        ("DryRunOperationException", Exit.REFUSED),
    ],
)
def test_exit_codes(name: str, code: Exit) -> None:
    """Each kind of error has the exit code that the help promises."""
    kind = getattr(errors, name)
    assert issubclass(kind, KmsError)
    assert exit_code(kind("x")) is code


@pytest.mark.parametrize(
    "arguments",
    [
        ("\x1b[31mnope",),
        ("--\x1b[31mnope",),
        ("doctor", "--\x1b[31mnope"),
        ("call", "Encrypt", "--\x1b[31mnope"),
        ("call", "\x1b[31mnope\u202e"),
        ("operations", "\x9b31mnope"),
        ("init", "--kdf", "\x1b[31mnope"),
        ("--keystore", "/\x1b[31mnope", "doctor"),
        ("call", "ListKeys", "--json", "/\x1b[31mnope\r"),
        ("restore", "/\x1b[31mnope"),
        ("doctor", "--passphrase-file", "\x1b]0;nope\x07"),
    ],
)
def test_hostile_arguments_cannot_act_on_the_terminal(arguments: tuple[str, ...]) -> None:
    """Whatever is typed comes back without control characters, on standard error only."""
    outcome = run(*arguments)
    assert outcome.code > 0
    assert outcome.out == ""
    assert outcome.err
    assert all(character.isprintable() or character == "\n" for character in outcome.err)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain żółw 鍵", "plain żółw 鍵"),
        ("a\nb", r"a\nb"),
        ("\x1b[2J", r"\x1b[2J"),
        ("\u202eabc", r"\u202eabc"),
        ("\x9b", r"\x9b"),
        ("\udcff", r"\udcff"),
    ],
)
def test_printable(text: str, expected: str) -> None:
    """What could act on a terminal or end a line is shown by its number."""
    assert printable(text) == expected


def test_what_the_system_refuses_is_an_error_and_no_traceback(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A directory that may not be read ends with a message, a hint and the keystore's code."""

    def refused(*_arguments: object, **_options: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(vault.directory))

    monkeypatch.setattr("kmstui.keystore.store.Keystore.open", refused)
    with pytest.raises(SystemExit) as ended:
        main(["doctor", "--offline", "--keystore", str(vault.directory)])
    assert Exit.KEYSTORE == ended.value.code


@pytest.mark.parametrize("arguments", [(), ("demo",)])
def test_the_console_needs_a_terminal(arguments: tuple[str, ...]) -> None:
    """Without a terminal the console is refused, and nothing is made for it."""
    outcome = run(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert "The console needs a terminal." in outcome.err
    assert "kmstui call" in outcome.err


def test_a_reader_that_goes_away_is_no_failure() -> None:
    """``kmstui operations | true`` ends without a word."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as stream:
        ended = subprocess.run(
            [sys.executable, "-m", "kmstui", "operations"],
            stdout=stream,
            stderr=subprocess.PIPE,
            cwd=CHECKOUT,
            timeout=60,
            check=False,
        )
    assert ended.stderr == b""


def test_nothing_is_connected_to(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """No verb opens a connection or looks a name up."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "bind", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "gethostbyname", refuse)
    vault.key("alias/app")
    vault.call("Encrypt", "--key-id", "alias/app", "--plaintext", "text:x")
    assert vault.run("doctor").code == 0
