"""What signing, verifying and MACs ask for, and the calls they make."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Static

from kmstui.core.errors import UsageError
from kmstui.core.limits import MESSAGE_BYTES
from kmstui.core.message_digests import HashedMessage, MessageDigest, MessageRepresentative
from kmstui.engine.key_kinds import AlgorithmFacts, KeyKind
from kmstui.tui import text
from kmstui.tui.places.keys.detail.try_it.algorithm_field import AlgorithmField
from kmstui.tui.places.keys.detail.try_it.blob_field import BlobField
from kmstui.tui.places.keys.detail.try_it.form import Form, Request, labelled
from kmstui.tui.places.keys.detail.try_it.message_field import LongFile, MessageField
from kmstui.tui.text import Content
from kmstui.tui.user_files import Reading, hash_file, read_file
from kmstui.tui.widgets.opaque_value import OpaqueKind
from kmstui.tui.widgets.pick import Pick, PickOption

RAW, MU = "RAW", "EXTERNAL_MU"
SIGNATURE_BYTES = 6_144
"""Longest signature that Verify takes (AWS KMS API Reference)."""

_ED25519 = "ED25519_SHA_512"
_SENT = {
    RAW: "the message itself goes to the HSM, which hashes it with $hash",
    "DIGEST": "$hash is computed here, and only the digest goes to the HSM",
    MU: "FIPS 204's mu, SHAKE256 over public key and message, is computed here",
}
_TOO_LONG = f"RAW takes {MESSAGE_BYTES:,} bytes at most"


class MessageForm(Form):
    """A form about a message."""

    KEEPS = True
    HINT = ""

    def message_field(self, placeholder: str, *, hashed: bool) -> Widget:
        """Return the field for the message."""
        field = MessageField(placeholder, MESSAGE_BYTES, hint=self.HINT, hashed=hashed)
        return labelled("Message", field)

    @property
    def message(self) -> MessageField:
        """The message."""
        return self.query_one(MessageField)

    @property
    def algorithm(self) -> AlgorithmFacts:
        """The algorithm picked."""
        return self.query_one(AlgorithmField).algorithm

    @property
    def takes_file(self) -> str:
        """A file can be the message."""
        return "the message"

    def set_masked(self, masked: bool) -> None:
        """Hide or show what is typed."""
        self.message.set_masked(masked)

    def entry(self) -> Widget:
        """Start typing."""
        return self.message.input

    def like(self, other: MessageForm) -> None:
        """Hold the message and the algorithm of another form."""
        self.message.copy_from(other.message)
        self.query_one(AlgorithmField).copy_from(other.query_one(AlgorithmField))

    async def take_file(self, path: str) -> None:
        """Use a file as the message."""
        await self.message.take_file(path)

    def wipe(self) -> None:
        """Drop the message."""
        self.message.wipe()

    @on(BlobField.Submitted)
    def _go(self, event: BlobField.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted())


class SignForm(MessageForm):
    """A message to sign, an algorithm, and what of the message is sent."""

    OPERATION = "Sign"

    def __init__(self, kind: KeyKind) -> None:
        super().__init__(kind)
        self._reading: Reading | None = None

    def compose(self) -> ComposeResult:
        """Lay out message, algorithm and message type."""
        hashed = any(set(each.message_types) - {RAW} for each in self.kind.algorithms)
        yield self.message_field("type a message, or f for a file", hashed=hashed)
        yield AlgorithmField(self.kind.algorithms)
        yield labelled("Sent as", Pick(self._types(), id="sent"))
        yield labelled("", Static(classes="note"))

    def on_mount(self) -> None:
        """Say what is sent."""
        self._paint()

    def _types(self) -> list[PickOption]:
        types = self.kind.algorithms[0].message_types
        held = self.message.source if self.is_mounted else b""
        reason = _TOO_LONG if isinstance(held, LongFile) and len(types) > 1 else ""
        return [PickOption(each, each, reason if each == RAW else "") for each in types]

    @property
    def _sent(self) -> str:
        return self.query_one("#sent", Pick).value

    @on(MessageField.Changed)
    @on(AlgorithmField.Changed)
    def _changed(self, event: MessageField.Changed | AlgorithmField.Changed) -> None:
        event.stop()
        self.query_one("#sent", Pick).offer(self._types())
        self._paint()

    @on(Pick.Changed, "#sent")
    def _picked(self, event: Pick.Changed) -> None:
        event.stop()
        self._paint()

    def _paint(self) -> None:
        self.query_one(".note", Static).update(self._note())

    def _note(self) -> Content:
        said = _SENT[self._sent]
        if self.algorithm.name == _ED25519:
            said = "the message itself goes to the HSM: pure Ed25519 takes no digest"
        elif self._sent == RAW and self.kind.algorithms[0].message_types[-1] == MU:
            said = "the message itself goes to the HSM, which computes mu from it"
        digest = self.algorithm.digest.replace("_", "-")
        return text.literal(said.replace("$hash", digest), "$muted")

    async def request(self, key_id: str) -> Request:
        """Sign the message, or its digest."""
        if not self.message.source:
            raise UsageError("There is no message.", hint="Type one, or f uses a file.")
        members: dict[str, Any] = {
            "KeyId": key_id,
            "SigningAlgorithm": self.algorithm.name,
            "MessageType": self._sent,
            "Message": (
                self.message.sendable() if self._sent == RAW else await self._hashed(key_id)
            ),
        }
        return self.OPERATION, members

    async def _hashed(self, key_id: str) -> bytes:
        digest: MessageDigest
        if self._sent == MU:
            public = await self.ask("GetPublicKey", about="its public key", KeyId=key_id)
            digest = MessageRepresentative(public["PublicKey"])
        else:
            digest = HashedMessage(self.algorithm.digest)
        source = self.message.source
        if not isinstance(source, LongFile):
            digest.feed(source)
            return digest.digest()
        self._reading = reading = Reading(size=source.size)
        ticking = self.set_interval(0.2, self._show_progress)
        try:
            hashed: bytes = await self.console.caller.run(hash_file, source.path, digest, reading)
        finally:
            ticking.stop()
            self._reading = None
            if self.is_attached:
                self._paint()
        return hashed

    def _show_progress(self) -> None:
        if self._reading is not None:
            said = text.template(
                "[$key-accent]◌[/] hashing, $percent % of $size bytes · [b $key-accent]esc[/] "
                "[$muted]stops[/]",
                percent=self._reading.percent,
                size=f"{self._reading.size:,}",
            )
            self.query_one(".note", Static).update(said)

    def like(self, other: MessageForm) -> None:
        """Hold message, algorithm and message type of another form."""
        super().like(other)
        self.query_one("#sent", Pick).offer(self._types())
        self.query_one("#sent", Pick).value = other.query_one("#sent", Pick).value

    def stop(self) -> bool:
        """Stop hashing."""
        if self._reading is None:
            return False
        self._reading.stopped = True
        return True

    def wipe(self) -> None:
        """Drop the message, and stop reading it."""
        self.stop()
        super().wipe()


class VerifyForm(SignForm):
    """A message, and the signature that may be one over it."""

    OPERATION = "Verify"

    def compose(self) -> ComposeResult:
        """Lay out message, signature and algorithm."""
        yield from super().compose()
        hint = "Paste one in Base64, or sign something first."
        yield labelled("Signature", BlobField(OpaqueKind.SIGNATURE, hint))

    @property
    def field(self) -> BlobField:
        """The signature."""
        return self.query_one(BlobField)

    @property
    def takes_file(self) -> str:
        """A file can be the message, or the signature where that has the focus."""
        return "the signature" if self._in_blob else "the message"

    @property
    def _in_blob(self) -> bool:
        focused = self.screen.focused
        return focused is not None and self.field in focused.ancestors_with_self

    async def take_file(self, path: str) -> None:
        """Use a file as the signature or as the message."""
        if self._in_blob:
            self.field.set_blob(await self.console.caller.run(read_file, path, SIGNATURE_BYTES))
        else:
            await super().take_file(path)

    async def request(self, key_id: str) -> Request:
        """Verify the signature."""
        signature = self.field.blob()
        operation, members = await super().request(key_id)
        return operation, members | {"Signature": signature}

    async def verdict(self, answer: dict[str, Any]) -> Content:
        """Say that it verifies: a wrong one is an error."""
        return text.template(
            "[$ok]✓ [b]The signature is valid.[/b][/] [$muted]$algorithm, by this key[/]",
            algorithm=str(answer["SigningAlgorithm"]),
        )


class MacForm(MessageForm):
    """A message to make a MAC of."""

    HINT = "For more, hash it first and make the MAC of the digest; say so where it is verified."

    def compose(self) -> ComposeResult:
        """Lay out message and algorithm."""
        yield self.message_field("type a message, or f for a file", hashed=False)
        yield AlgorithmField(self.kind.algorithms)

    async def request(self, key_id: str) -> Request:
        """Make the MAC."""
        if not self.message.source:
            raise UsageError("There is no message.", hint="Type one, or f uses a file.")
        message = self.message.sendable()
        members = {"KeyId": key_id, "Message": message, "MacAlgorithm": self.algorithm.name}
        return "GenerateMac", members


class VerifyMacForm(MacForm):
    """A message, and the MAC that may be its own."""

    def compose(self) -> ComposeResult:
        """Lay out message, algorithm and MAC."""
        yield from super().compose()
        hint = "Paste one in Base64, or make one first."
        yield labelled("MAC", BlobField(OpaqueKind.MAC, hint))

    @property
    def field(self) -> BlobField:
        """The MAC."""
        return self.query_one(BlobField)

    async def request(self, key_id: str) -> Request:
        """Verify the MAC."""
        mac = self.field.blob()
        _, members = await super().request(key_id)
        return "VerifyMac", members | {"Mac": mac}

    async def verdict(self, answer: dict[str, Any]) -> Content:
        """Say that it verifies: a wrong one is an error."""
        return text.template(
            "[$ok]✓ [b]The MAC is valid.[/b][/] [$muted]$algorithm, under this key[/]",
            algorithm=str(answer["MacAlgorithm"]),
        )
