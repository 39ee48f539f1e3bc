"""What encrypting, decrypting and making data keys ask for, and the calls they make."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.widget import Widget

from kmstui.core.errors import KmsError, UsageError
from kmstui.core.limits import CIPHERTEXT_BYTES, RANDOM_BYTES
from kmstui.engine.key_kinds import KeyKind, data_key_pair_specs
from kmstui.tui.places.keys.detail.try_it.algorithm_field import AlgorithmField
from kmstui.tui.places.keys.detail.try_it.blob_field import BlobField
from kmstui.tui.places.keys.detail.try_it.form import Form, Request, labelled
from kmstui.tui.places.keys.detail.try_it.message_field import MessageField
from kmstui.tui.places.keys.wording import short_spec
from kmstui.tui.user_files import read_file
from kmstui.tui.widgets.context_editor import ContextEditor
from kmstui.tui.widgets.opaque_value import OpaqueKind
from kmstui.tui.widgets.pick import Pick, PickOption
from kmstui.tui.widgets.safe_input import SafeInput

SYMMETRIC = "SYMMETRIC_DEFAULT"
_ENVELOPE = "Encrypt long data under a data key, and the data key under the KMS key."
_OAEP = "RSAES_OAEP_SHA_256"


class EncryptingForm(Form):
    """A form that encrypts or decrypts under this key."""

    @property
    def uses_context(self) -> bool:
        """Tell that symmetric encryption binds a context."""
        return self.kind.spec == SYMMETRIC

    def algorithm_field(self) -> Widget:
        """Return the field for the algorithm: nothing for symmetric keys, which have one."""
        field = AlgorithmField(self.kind.algorithms)
        field.display = not self.uses_context
        return field

    def algorithm(self, member: str = "EncryptionAlgorithm") -> dict[str, Any]:
        """Return the member that names the algorithm, where one has to be named."""
        if self.uses_context:
            return {}
        return {member: self.query_one(AlgorithmField).algorithm.name}


class EncryptForm(EncryptingForm):
    """Text or a file to encrypt."""

    def compose(self) -> ComposeResult:
        """Lay out the plaintext, its length and the algorithm."""
        yield labelled(
            "Plaintext",
            MessageField("type what to encrypt", self._limit(self.kind), hint=_ENVELOPE),
        )
        yield self.algorithm_field()

    @staticmethod
    def _limit(kind: KeyKind) -> int:
        return kind.algorithms[-1].plaintext_bytes

    @property
    def message(self) -> MessageField:
        """The plaintext."""
        return self.query_one(MessageField)

    @property
    def secret(self) -> bool:
        """Whether a plaintext stands in the field, readably."""
        return self.message.readable

    @property
    def takes_file(self) -> str:
        """A file can be the plaintext."""
        return "the plaintext"

    def set_masked(self, masked: bool) -> None:
        """Hide or show what is typed."""
        self.message.set_masked(masked)

    def entry(self) -> Widget:
        """Start typing."""
        return self.message.input

    async def take_file(self, path: str) -> None:
        """Encrypt a file instead of what is typed."""
        await self.message.take_file(path)

    @on(AlgorithmField.Changed)
    def _another(self, event: AlgorithmField.Changed) -> None:
        event.stop()
        self.message.set_limit(self.query_one(AlgorithmField).algorithm.plaintext_bytes)

    async def request(self, key_id: str) -> Request:
        """Encrypt the text or the file."""
        if not self.message.source:
            raise UsageError("There is nothing to encrypt.", hint="Type something first.")
        plaintext = self.message.sendable()
        return "Encrypt", {"KeyId": key_id, "Plaintext": plaintext, **self.algorithm()}

    def wipe(self) -> None:
        """Drop the plaintext."""
        self.message.wipe()


class DecryptForm(EncryptingForm):
    """A ciphertext to decrypt."""

    def compose(self) -> ComposeResult:
        """Lay out the ciphertext and the algorithm."""
        yield labelled("Ciphertext", self._ciphertext())
        yield self.algorithm_field()

    @staticmethod
    def _ciphertext() -> BlobField:
        hint = "Paste one in Base64, or encrypt something first."
        return BlobField(OpaqueKind.CIPHERTEXT, hint)

    @property
    def field(self) -> BlobField:
        """The ciphertext."""
        return self.query_one(BlobField)

    @property
    def takes_file(self) -> str:
        """A file can be the ciphertext."""
        return "the ciphertext"

    @on(BlobField.Submitted)
    def _go(self, event: BlobField.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted())

    def entry(self) -> Widget:
        """Start in the field."""
        return self.field.input

    async def take_file(self, path: str) -> None:
        """Decrypt a file."""
        self.field.set_blob(await self.console.caller.run(read_file, path, CIPHERTEXT_BYTES))

    async def request(self, key_id: str) -> Request:
        """Decrypt under this key."""
        members = {"KeyId": key_id, "CiphertextBlob": self.field.blob()}
        return "Decrypt", members | self.algorithm()


class ReEncryptForm(DecryptForm):
    """A ciphertext, and the key and context to move it to."""

    def compose(self) -> ComposeResult:
        """Lay out ciphertext, destination and its context."""
        yield from super().compose()
        yield labelled(
            "To key",
            SafeInput(placeholder="this key, or alias/NAME, id, ARN", compact=True, id="to"),
        )
        yield labelled("New context", ContextEditor(id="new-context"))

    @on(ContextEditor.Submitted)
    def _context_done(self, event: ContextEditor.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted())

    async def request(self, key_id: str) -> Request:
        """Move the ciphertext."""
        editor = self.query_one("#new-context", ContextEditor)
        if editor.problem is not None:
            raise UsageError("The new context cannot be used.", hint=editor.problem.plain)
        to = self.query_one("#to", SafeInput).value.strip() or key_id
        members: dict[str, Any] = {
            "CiphertextBlob": self.field.blob(),
            "SourceKeyId": key_id,
            "DestinationKeyId": to,
            **self.algorithm("SourceEncryptionAlgorithm"),
            **await self._destination(to),
        }
        if editor.context:
            members["DestinationEncryptionContext"] = editor.context
        return "ReEncrypt", members

    async def _destination(self, key_id: str) -> dict[str, Any]:
        """Name the destination's algorithm, if one has to be named."""
        try:
            found = (await self.console.fetch("DescribeKey", KeyId=key_id))["KeyMetadata"]
        except KmsError:
            # Whoever may encrypt under a key need not be allowed to look at it.
            return {}
        return (
            {"DestinationEncryptionAlgorithm": _OAEP}
            if _OAEP in found.get("EncryptionAlgorithms", ())
            else {}
        )


class DataKeyForm(Form):
    """The size of a data key, and its forms."""

    SIZES = (
        PickOption("AES_256", "AES_256, 32 bytes"),
        PickOption("AES_128", "AES_128, 16 bytes"),
        PickOption("64", "64 bytes"),
    )
    FORMS = (PickOption("both", "in clear and encrypted"), PickOption("sealed", "encrypted only"))

    def __init__(self, kind: KeyKind) -> None:
        super().__init__(kind)
        self._bytes = 0

    @property
    def uses_context(self) -> bool:
        """Tell that a data key is bound to a context."""
        return True

    def compose(self) -> ComposeResult:
        """Lay out size and form."""
        yield labelled("Size", Pick(self.SIZES, id="size"))
        yield labelled("Form", Pick(self.FORMS, id="form"))

    def set_bytes(self, count: int) -> None:
        """Ask for a length of its own, once."""
        self._bytes = count

    def entry(self) -> Widget:
        """Start at the size."""
        return self.query_one("#size", Pick)

    @property
    def _sealed(self) -> bool:
        return self.query_one("#form", Pick).value == "sealed"

    async def request(self, key_id: str) -> Request:
        """Make a data key."""
        size, self._bytes = self._bytes, 0
        picked = self.query_one("#size", Pick).value
        members: dict[str, Any] = {"KeyId": key_id}
        if size or picked.isdigit():
            members["NumberOfBytes"] = size or int(picked)
        else:
            members["KeySpec"] = picked
        name = "GenerateDataKeyWithoutPlaintext" if self._sealed else "GenerateDataKey"
        return name, members


class DataKeyPairForm(DataKeyForm):
    """The spec of a key pair whose private key is encrypted under this key."""

    def compose(self) -> ComposeResult:
        """Lay out spec and form."""
        names = sorted(data_key_pair_specs(), key=lambda name: not name.startswith("ECC"))
        options = [PickOption(name, short_spec(name)) for name in names]
        yield labelled("Pair", Pick(options, id="size"))
        yield labelled("Private key", Pick(self.FORMS, id="form"))

    async def request(self, key_id: str) -> Request:
        """Make a key pair."""
        name = "GenerateDataKeyPairWithoutPlaintext" if self._sealed else "GenerateDataKeyPair"
        return name, {"KeyId": key_id, "KeyPairSpec": self.query_one("#size", Pick).value}


class RandomForm(Form):
    """How many random bytes."""

    def compose(self) -> ComposeResult:
        """Lay out the number."""
        yield labelled("Bytes", SafeInput("32", compact=True, id="bytes", type="integer"))

    def entry(self) -> Widget:
        """Start in the number."""
        return self.query_one("#bytes", SafeInput)

    async def request(self, key_id: str) -> Request:
        """Ask the HSM for random bytes; no key has to do with it."""
        del key_id
        typed = self.query_one("#bytes", SafeInput).value.strip()
        if not typed.isdecimal() or not 1 <= int(typed) <= RANDOM_BYTES:
            raise UsageError(f"Type a number from 1 to {RANDOM_BYTES:,}.")
        return "GenerateRandom", {"NumberOfBytes": int(typed)}
