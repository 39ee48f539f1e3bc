"""The command line, run in this process on a cheap keystore, or as a program of its own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from kmstui.cli import main
from kmstui.core.secret import Secret
from kmstui.engine import Engine, Host
from kmstui.engine.opening import NewKeystore
from kmstui.hsm import CHEAPEST
from tests.helpers.engines import ACCOUNT, PASSPHRASE, REGION

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended.

    Attributes:
        code: The exit code.
        out: Standard output.
        err: Standard error.
    """

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, read as JSON."""
        return json.loads(self.out)


def run(*arguments: str, stdin: bytes = b"") -> Outcome:
    """Run the command line in this process, without a terminal."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    given = io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
    code: Any = 0
    with patch.multiple(sys, stdin=given, stdout=out, stderr=err):
        try:
            main(list(arguments))
        except SystemExit as ended:
            code = ended.code
    return Outcome(int(code or 0), _text(out), _text(err))


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    data: bytes = stream.buffer.getvalue()  # type: ignore[attr-defined]
    return data.decode()


def spawn(*arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Outcome:
    """Run the command line as a program of its own, without a terminal."""
    ended = subprocess.run(
        [sys.executable, "-m", "kmstui", *arguments],
        input=stdin,
        capture_output=True,
        cwd=CHECKOUT,
        env={**os.environ, **(env or {})},
        timeout=60,
        check=False,
    )
    return Outcome(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


@dataclass(frozen=True, slots=True)
class Vault:
    """A cheap keystore, closed, and the file with its passphrase.

    Attributes:
        directory: The keystore.
        passphrase_file: Holds its passphrase.
        code: Its recovery code.
    """

    directory: Path
    passphrase_file: Path
    code: str

    @classmethod
    def make(
        cls,
        base: Path,
        *,
        training: bool = False,
        administrator: str = "",
        mfa_guardrail: bool = False,
    ) -> Vault:
        """Create a keystore in ``base/keystore``, cheap, and without guardrail unless asked."""
        directory = base / "keystore"
        new = NewKeystore(
            ACCOUNT,
            REGION,
            CHEAPEST,
            training=training,
            test_profile=True,
            administrator=administrator,
            mfa_guardrail=mfa_guardrail,
        )
        engine, _, code = Engine.create(
            directory, host=Host.system("tests"), new=new, passphrase=Secret.from_text(PASSPHRASE)
        )
        engine.close()
        file = base / "passphrase"
        file.write_text(f"{PASSPHRASE}\n")
        return cls(directory, file, code.reveal().decode())

    @property
    def options(self) -> tuple[str, ...]:
        """The options that name the keystore and its passphrase."""
        return (
            *("--keystore", str(self.directory)),
            *("--passphrase-file", str(self.passphrase_file)),
        )

    def run(self, *arguments: str, stdin: bytes = b"") -> Outcome:
        """Run a verb on this keystore."""
        return run(*self.options, *arguments, stdin=stdin)

    def call(self, operation: str, *arguments: str) -> Any:
        """Perform an operation that must succeed, and return its answer."""
        outcome = self.run("call", operation, *arguments)
        assert outcome.code == 0, outcome.err
        return outcome.json

    def key(self, alias: str = "") -> str:
        """Create a key, and an alias for it if one is named; return its id."""
        key_id: str = self.call("CreateKey")["KeyMetadata"]["KeyId"]
        if alias:
            created = self.run(
                "call", "CreateAlias", "--alias-name", alias, "--target-key-id", key_id
            )
            assert created.code == 0, created.err
        return key_id

    def open(self) -> Engine:
        """Open it in this process, locked, as another user of it would."""
        return Engine.open(self.directory, host=Host.system("kmstui console"))
