"""What agreeing on a secret and encapsulating one ask for, and the calls they make."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Static

from kmstui.core.errors import KmsError, UsageError
from kmstui.core.public_keys import PEM_CHARACTERS, read_public_key
from kmstui.engine.key_kinds import KeyKind
from kmstui.tui import text
from kmstui.tui.places.keys.detail.try_it.blob_field import BlobField, PasteInput
from kmstui.tui.places.keys.detail.try_it.blobs import from_base64
from kmstui.tui.places.keys.detail.try_it.form import Form, Request, labelled
from kmstui.tui.text import Content
from kmstui.tui.user_files import read_file
from kmstui.tui.widgets.opaque_value import OpaqueKind

_KEY_NAME = re.compile(r"alias/.+|arn:.+|(mrk-)?[0-9a-f-]{32,40}")
"""What names a KMS key; anything else is a public key itself."""

_AGREED = "[$ok]✓ [b]Both sides have the same secret.[/b][/] [$muted]$how[/]"
_APART = "[$danger]✗ [b]The other side has another secret.[/b][/] [$muted]$how[/]"


class DeriveForm(Form):
    """The other side's public key, and its secret to compare with."""

    KEEPS = True

    def __init__(self, kind: KeyKind) -> None:
        super().__init__(kind)
        self._file: tuple[str, bytes] | None = None
        self._peer = ""
        self._key_id = ""

    def compose(self) -> ComposeResult:
        """Lay out the two fields and what they are for."""
        placeholder = "alias/NAME of a key here, or its public key in PEM or Base64"
        yield labelled("Other side", PasteInput(placeholder=placeholder, compact=True, id="peer"))
        secret = PasteInput(
            placeholder="its secret in Base64, to compare; may stay empty",
            password=True,
            compact=True,
            id="theirs",
        )
        yield labelled("Compare with", secret)
        said = (
            "Both sides derive the same secret from one's private and the other's public key. "
            "It is the raw x-coordinate: pass it through a KDF before use."
        )
        yield labelled("", Static(text.literal(said, "$muted"), classes="note"))

    @property
    def _input(self) -> PasteInput:
        return self.query_one("#peer", PasteInput)

    @property
    def _theirs(self) -> PasteInput:
        return self.query_one("#theirs", PasteInput)

    @property
    def takes_file(self) -> str:
        """A file can be the public key."""
        return "the other side's public key"

    def entry(self) -> Widget:
        """Start with the other side."""
        return self._input

    async def take_file(self, path: str) -> None:
        """Read the public key from a file, in PEM or DER."""
        data = await self.console.caller.run(read_file, path, PEM_CHARACTERS)
        self._file = path, read_public_key(data)
        self._input.clear()
        name = text.visible(path.rpartition("/")[2])
        self._input.placeholder = f"{name}, a public key; typing replaces it"

    async def request(self, key_id: str) -> Request:
        """Derive the secret with the other side's public key."""
        self._peer, self._key_id = "", key_id
        typed = self._input.value.strip()
        if not typed and self._file is None:
            raise UsageError(
                "There is no other side.",
                hint="Name a key, paste a public key, or f reads a file.",
            )
        if typed and _KEY_NAME.fullmatch(typed):
            answer = await self.ask("GetPublicKey", about=typed, KeyId=typed)
            self._peer, public = typed, answer["PublicKey"]
        elif typed:
            public = read_public_key(typed)
        else:
            public = self._file[1] if self._file is not None else b""
        algorithm = self.kind.algorithms[0].name
        members = {"KeyId": key_id, "KeyAgreementAlgorithm": algorithm, "PublicKey": public}
        return "DeriveSharedSecret", members

    async def verdict(self, answer: dict[str, Any]) -> Content | None:
        """Compare both sides: with a key of this keystore by deriving there too."""
        secret, typed = answer["SharedSecret"], self._theirs.value
        if typed:
            same = hmac.compare_digest(secret, from_base64(typed))
            return text.template(_AGREED if same else _APART, how="Compared with what you pasted.")
        if not self._peer:
            said = "The other side needs this key's public key: B shows it."
            return text.literal(said, "$muted")
        try:
            theirs = await self._other_way()
        except KmsError as error:
            said = "[$muted]$peer could not derive it to compare:[/] $code"
            return text.template(said, peer=self._peer, code=error.code)
        same = hmac.compare_digest(secret, theirs)
        how = f"{self._peer} derived it from this key's public key."
        return text.template(_AGREED if same else _APART, how=how)

    async def _other_way(self) -> bytes:
        own = await self.ask("GetPublicKey", about="its public key", KeyId=self._key_id)
        answer = await self.ask(
            "DeriveSharedSecret",
            about=self._peer,
            KeyId=self._peer,
            KeyAgreementAlgorithm=self.kind.algorithms[0].name,
            PublicKey=own["PublicKey"],
        )
        secret: bytes = answer["SharedSecret"]
        return secret

    def wipe(self) -> None:
        """Drop what was pasted."""
        self._file = None
        self._theirs.clear()
        self._input.clear()

    @on(PasteInput.Changed, "#peer")
    def _typed(self, event: PasteInput.Changed) -> None:
        event.stop()
        if event.value:
            self._file = None


class EncapsulateForm(Form):
    """Nothing: the HSM makes the secret."""

    def compose(self) -> ComposeResult:
        """Say what comes of it."""
        said = (
            "Makes a fresh secret of 32 bytes, and the same secret encapsulated: only this key "
            "can take it out again. Anybody with the public key can do the same elsewhere."
        )
        yield Static(text.literal(said, "$muted"), classes="note")

    async def request(self, key_id: str) -> Request:
        """Make and encapsulate a secret."""
        algorithm = self.kind.algorithms[0].name
        return "Encapsulate", {"KeyId": key_id, "EncapsulationAlgorithm": algorithm}


class DecapsulateForm(Form):
    """An encapsulated secret."""

    def __init__(self, kind: KeyKind) -> None:
        super().__init__(kind)
        self._proof = b""

    def compose(self) -> ComposeResult:
        """Lay out the encapsulated secret."""
        hint = "Paste one in Base64, or encapsulate one first."
        yield labelled("Encapsulated", BlobField(OpaqueKind.ENCAPSULATED_SECRET, hint))

    @property
    def field(self) -> BlobField:
        """The encapsulated secret."""
        return self.query_one(BlobField)

    @property
    def takes_file(self) -> str:
        """A file can be the encapsulated secret."""
        return "the encapsulated secret"

    def entry(self) -> Widget:
        """Start in the field."""
        return self.field.input

    async def take_file(self, path: str) -> None:
        """Read the encapsulated secret from a file."""
        self.field.set_blob(await self.console.caller.run(read_file, path, PEM_CHARACTERS))

    def expect(self, secret: bytes) -> None:
        """Compare with this secret from now on; only its hash is kept."""
        self._proof = hashlib.sha256(secret).digest()

    async def request(self, key_id: str) -> Request:
        """Take the secret out."""
        members = {
            "KeyId": key_id,
            "EncapsulationAlgorithm": self.kind.algorithms[0].name,
            "SharedSecretCiphertextBlob": self.field.blob(),
        }
        return "Decapsulate", members

    async def verdict(self, answer: dict[str, Any]) -> Content | None:
        """Compare with the secret that was encapsulated last."""
        if not self._proof:
            return None
        found = hashlib.sha256(answer["SharedSecret"]).digest()
        if hmac.compare_digest(found, self._proof):
            return text.template(_AGREED, how="It is the one that was encapsulated.")
        return text.markup(
            "[$warn]▲ Not the secret that was encapsulated last.[/] [$muted]ML-KEM never says "
            "that a ciphertext is wrong: it answers with a secret that nobody else has.[/]"
        )

    @on(BlobField.Submitted)
    def _go(self, event: BlobField.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted())

    def wipe(self) -> None:
        """Drop what was pasted."""
        self.field.wipe()
