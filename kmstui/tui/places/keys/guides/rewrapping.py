"""Re-wrapping: each data key goes under another key, in this Region or another.

Within a Region ReEncrypt does it inside the HSM. To another Region a data key is decrypted here
and encrypted there, two calls that policies decide on; it is in memory only, and wiped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kmstui.core.errors import KeystoreLockedError, KmsError, SessionError, UsageError
from kmstui.core.secret import Secret
from kmstui.tui.elsewhere import attempt_in
from kmstui.tui.mfa.status import wants_code
from kmstui.tui.places.keys.guides import data_keys

if TYPE_CHECKING:
    from kmstui.tui.app import KmsApp
    from kmstui.tui.calls import Outcome


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be re-wrapped, and to where.

    Attributes:
        paths: The files.
        source: ARN of the key that encrypted the data keys.
        target: The key they go under, as its Region knows it: alias, id or ARN.
        source_region: The Region of the source.
        target_region: The Region of the target.
        folder: Where the new files go.
        context: The encryption context, the same before and after.
    """

    paths: Sequence[str]
    source: str
    target: str
    source_region: str
    target_region: str
    folder: str
    context: Mapping[str, str] = field(default_factory=dict)

    @property
    def crosses(self) -> bool:
        """Whether the data keys go to another Region."""
        return self.source_region != self.target_region


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one file.

    Attributes:
        path: The original.
        written: The new file; empty if there is none.
        outcome: How the call ended that was refused, for whoever explains it.
        error: Why there is none.
    """

    path: str
    written: str = ""
    outcome: Outcome | None = None
    error: KmsError | None = None


class Rewrap:
    """Carries a job out, one file after the other.

    Args:
        console: The application.
        job: What to do.
        told: Called with each result.
    """

    def __init__(self, console: KmsApp, job: Job, told: Callable[[Result], None]) -> None:
        self._console = console
        self._job = job
        self._told = told
        self._stopping = False
        self.running = False
        self.results: list[Result] = []

    @property
    def stopping(self) -> bool:
        """Whether it ends after the file that it works on."""
        return self._stopping

    def stop(self) -> None:
        """End after the file that is worked on."""
        self._stopping = True

    async def run(self) -> None:
        """Do one file after the other until all are done or it is stopped."""
        self.running = True
        try:
            for path in self._job.paths:
                if self._stopping or self._console.session is None:
                    break
                result = await self._one(path)
                self.results.append(result)
                self._told(result)
                if isinstance(result.error, KeystoreLockedError | SessionError) or wants_code(
                    result.error
                ):
                    break
        finally:
            self.running = False

    async def _one(self, path: str) -> Result:
        run = self._console.caller.run
        try:
            file = await run(data_keys.read, path)
            blob = await self._moved(file.blob)
            if isinstance(blob, bytes):
                written = await run(data_keys.write, self._job.folder, file, blob)
                return Result(path, str(written))
        except KmsError as error:
            return Result(path, error=error)
        return Result(path, outcome=blob, error=blob.error)

    async def _moved(self, blob: bytes) -> bytes | Outcome:
        """Return the ciphertext under the other key, or the call that was refused."""
        return await (self._across(blob) if self._job.crosses else self._within(blob))

    async def _within(self, blob: bytes) -> bytes | Outcome:
        job = self._job
        members: dict[str, object] = {
            "CiphertextBlob": blob,
            "SourceKeyId": job.source,
            "DestinationKeyId": job.target,
        }
        if job.context:
            members["SourceEncryptionContext"] = dict(job.context)
            members["DestinationEncryptionContext"] = dict(job.context)
        outcome, answer = await attempt_in(
            self._console, job.source_region, "ReEncrypt", members, about=job.target
        )
        return outcome if answer is None else bytes(answer["CiphertextBlob"])

    async def _across(self, blob: bytes) -> bytes | Outcome:
        job = self._job
        context = {"EncryptionContext": dict(job.context)} if job.context else {}
        opened, answer = await attempt_in(
            self._console,
            job.source_region,
            "Decrypt",
            {"KeyId": job.source, "CiphertextBlob": blob, **context},
            about=job.source,
        )
        if answer is None:
            return opened
        data_key = Secret(answer.pop("Plaintext"))
        try:
            members = {"KeyId": job.target, "Plaintext": data_key.reveal(), **context}
            sealed, there = await attempt_in(
                self._console, job.target_region, "Encrypt", members, about=job.target
            )
        finally:
            data_key.wipe()
        return sealed if there is None else bytes(there["CiphertextBlob"])


def check(job: Job) -> None:
    """Refuse a job that would do nothing.

    Raises:
        UsageError: Source and target are the same, or no target is named.
    """
    if not job.target:
        raise UsageError("Name the key that they go under: alias/NAME, an id or an ARN.")
    if job.target == job.source and not job.crosses:
        raise UsageError("That is the same key.", hint="Its rotation needs no re-wrapping.")
