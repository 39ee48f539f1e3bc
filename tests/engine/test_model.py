"""The life of keys against a small model of what AWS says of it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kmstui.core.errors import KmsError
from tests.helpers.engines import Bench, arn_of

ALIASES = ("alias/a", "alias/b", "alias/c")
PICK = st.integers(min_value=0, max_value=9)


@dataclass(slots=True)
class ModelKey:
    """What the model knows of a key."""

    state: str = "Enabled"
    due: datetime | None = None
    aliases: set[str] = field(default_factory=set)
    tags: dict[str, str] = field(default_factory=dict)
    description: str = ""
    blobs: list[tuple[bytes, bytes]] = field(default_factory=list)


class KeyLife(RuleBasedStateMachine):
    """Calls on a training keystore, each with the outcome that the model foretells."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        base = Path(self.directory.name)
        base.chmod(0o700)
        self.bench = Bench.make(base, training=True)
        self.keys: dict[str, ModelKey] = {}
        self.gone: list[tuple[str, bytes]] = []

    def teardown(self) -> None:
        """Give the keystore up."""
        self.bench.close()
        self.directory.cleanup()

    def pick(self, number: int) -> tuple[str, ModelKey]:
        """Return one of the keys."""
        key = sorted(self.keys)[number % len(self.keys)]
        return key, self.keys[key]

    def call(self, expected: str, operation: str, **members: Any) -> dict[str, Any]:
        """Make a call that must end with that code; empty for success."""
        found, answer, text = "", {}, ""
        try:
            answer = self.bench.call(operation, members)
        except KmsError as error:
            found, text = error.code, error.message
        assert expected == found, (operation, members, text)
        return answer

    @rule(description=st.text(alphabet="ab\u202e[", max_size=5))
    def create(self, description: str) -> None:
        """Create a key."""
        answer = self.call("", "CreateKey", Description=description)
        self.keys[answer["KeyMetadata"]["KeyId"]] = ModelKey(description=description)

    @precondition(lambda self: self.keys)
    @rule(number=PICK, enable=st.booleans())
    def toggle(self, number: int, enable: bool) -> None:
        """Enable or disable a key."""
        key, model = self.pick(number)
        pending = model.state == "PendingDeletion"
        expected = "KMSInvalidStateException" if pending else ""
        self.call(expected, "EnableKey" if enable else "DisableKey", KeyId=key)
        if not pending:
            model.state = "Enabled" if enable else "Disabled"

    @precondition(lambda self: self.keys)
    @rule(number=PICK, days=st.sampled_from([5, 7, 30, 31]))
    def schedule(self, number: int, days: int) -> None:
        """Schedule a deletion."""
        key, model = self.pick(number)
        if not 7 <= days <= 30:
            expected = "ValidationException"
        else:
            expected = "KMSInvalidStateException" if model.due else ""
        self.call(expected, "ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=days)
        if not expected:
            model.state = "PendingDeletion"
            model.due = self.bench.core.now() + timedelta(days=days)

    @precondition(lambda self: self.keys)
    @rule(number=PICK)
    def cancel(self, number: int) -> None:
        """Cancel a deletion."""
        key, model = self.pick(number)
        expected = "" if model.due else "KMSInvalidStateException"
        self.call(expected, "CancelKeyDeletion", KeyId=key)
        if model.due:
            model.state, model.due = "Disabled", None

    @precondition(lambda self: self.keys)
    @rule(number=PICK, name=st.sampled_from(ALIASES), update=st.booleans())
    def point(self, number: int, name: str, update: bool) -> None:
        """Create or move an alias."""
        key, model = self.pick(number)
        owner = next((other for other in self.keys.values() if name in other.aliases), None)
        if update and owner is None:
            expected = "NotFoundException"
        elif model.due:
            expected = "KMSInvalidStateException"
        elif owner is not None and not update:
            expected = "AlreadyExistsException"
        else:
            expected = ""
        operation = "UpdateAlias" if update else "CreateAlias"
        self.call(expected, operation, AliasName=name, TargetKeyId=key)
        if not expected:
            if owner is not None:
                owner.aliases.discard(name)
            model.aliases.add(name)

    @rule(name=st.sampled_from(ALIASES))
    def unname(self, name: str) -> None:
        """Delete an alias."""
        owner = next((other for other in self.keys.values() if name in other.aliases), None)
        self.call("" if owner else "NotFoundException", "DeleteAlias", AliasName=name)
        if owner is not None:
            owner.aliases.discard(name)

    @precondition(lambda self: self.keys)
    @rule(number=PICK, tag=st.sampled_from("xyz"), value=st.sampled_from("12"))
    def tag(self, number: int, tag: str, value: str) -> None:
        """Tag a key."""
        key, model = self.pick(number)
        expected = "KMSInvalidStateException" if model.due else ""
        tags = [{"TagKey": tag, "TagValue": value}]
        self.call(expected, "TagResource", KeyId=key, Tags=tags)
        if not expected:
            model.tags[tag] = value

    @precondition(lambda self: self.keys)
    @rule(number=PICK, plaintext=st.binary(min_size=1, max_size=20))
    def encrypt(self, number: int, plaintext: bytes) -> None:
        """Encrypt with a key."""
        key, model = self.pick(number)
        answer = self.call(self.use(model), "Encrypt", KeyId=key, Plaintext=plaintext)
        if answer:
            model.blobs.append((answer["CiphertextBlob"], plaintext))

    @precondition(lambda self: any(model.blobs for model in self.keys.values()))
    @rule(number=PICK)
    def decrypt(self, number: int) -> None:
        """Decrypt what a key encrypted."""
        having = [model for model in self.keys.values() if model.blobs]
        model = having[number % len(having)]
        blob, plaintext = model.blobs[number % len(model.blobs)]
        answer = self.call(self.use(model), "Decrypt", CiphertextBlob=blob)
        if answer:
            assert plaintext == answer["Plaintext"]

    @staticmethod
    def use(model: ModelKey) -> str:
        """Return how a cryptographic use of a key ends."""
        return {
            "Enabled": "",
            "Disabled": "DisabledException",
            "PendingDeletion": "KMSInvalidStateException",
        }[model.state]

    @rule(days=st.integers(min_value=1, max_value=12))
    def wait(self, days: int) -> None:
        """Move account time; what is due is destroyed."""
        self.call("", "kmstui:AdvanceClock", Seconds=days * 86400)
        now = self.bench.core.now()
        for key, model in list(self.keys.items()):
            if model.due and model.due <= now:
                blob = model.blobs[0][0] if model.blobs else b""
                self.gone.append((key, blob))
                del self.keys[key]

    @rule(crash=st.booleans())
    def restart(self, crash: bool) -> None:
        """Close the engine, or lose it, and open the keystore again."""
        if crash:
            self.bench.crash()
            self.bench.restart()
        else:
            self.bench.reopen()

    @precondition(lambda self: self.gone)
    @rule(number=PICK)
    def haunt(self, number: int) -> None:
        """A destroyed key is not found, and its ciphertext is nobody's."""
        key, blob = self.gone[number % len(self.gone)]
        self.call("NotFoundException", "DescribeKey", KeyId=arn_of(key))
        if blob:
            self.call("AccessDeniedException", "Decrypt", CiphertextBlob=blob)

    @invariant()
    def the_keystore_is_as_the_model_says(self) -> None:
        """Summaries, aliases and the index of due keys agree with the model."""
        found = {
            entry["KeyId"]: (
                entry["KeyState"],
                entry.get("DeletionDate"),
                set(entry["Aliases"]),
                entry["Tags"],
                entry["Description"],
            )
            for entry in self.bench.call("kmstui:ListKeySummaries")["Keys"]
        }
        assert found == {
            key: (model.state, model.due, model.aliases, model.tags, model.description)
            for key, model in self.keys.items()
        }
        targets = {
            entry["AliasName"]: entry["TargetKeyId"]
            for entry in self.bench.call("ListAliases")["Aliases"]
        }
        assert targets == {name: key for key, model in self.keys.items() for name in model.aliases}
        due = {record.key_id for record in self.bench.core.keystore.due_keys()}
        assert due == {key for key, model in self.keys.items() if model.due}


TestKeyLife = KeyLife.TestCase
TestKeyLife.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
