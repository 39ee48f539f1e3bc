"""Calls the console makes: in a thread, remembered for the result line, the echo and `u`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from kmstui.core.errors import KmsError
from kmstui.tui.echo import aws_command
from kmstui.tui.launch import Door, Session
from kmstui.tui.undo import Call, changes, inverse

_REMEMBERED = 200
"""Outcomes kept for the echo panel."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one call ended.

    Attributes:
        operation: Its name.
        about: What it was done to, as a person calls it; untrusted text.
        command: The equivalent AWS CLI command.
        error: The refusal, or None if it succeeded.
        undo: The call that takes it back, or None.
        request_id: Id of the call in the trail, if the answer told.
        context: Its encryption context, for whoever explains or simulates the call.
        region: The Region that it went to.
    """

    operation: str
    about: str
    command: str
    error: KmsError | None = None
    undo: Call | None = None
    request_id: str = ""
    context: tuple[tuple[str, str], ...] = ()
    region: str = ""


class Caller:
    """Makes engine calls off the event loop and keeps their outcomes, newest last."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="engine")
        self.outcomes: list[Outcome] = []
        self.running = 0

    async def run(self, work: Any, *arguments: object) -> Any:
        """Run a blocking function in one of the engine's threads and return what it returns."""
        loop = asyncio.get_running_loop()
        self.running += 1
        try:
            return await loop.run_in_executor(self._threads, work, *arguments)
        finally:
            self.running -= 1

    async def fetch(
        self, door: Door, session: Session, operation: str, members: Mapping[str, object]
    ) -> dict[str, Any]:
        """Make one call that nobody asked for by hand; it leaves no outcome.

        Raises:
            KmsError: The engine refused it.
        """
        name = operation if ":" in operation else f"kms:{operation}"
        answer: dict[str, Any] = await self.run(door.call, session, name, dict(members))
        return answer

    async def call(
        self,
        door: Door,
        session: Session,
        operation: str,
        members: Mapping[str, object],
        *,
        about: str = "",
        before: Mapping[str, object] | None = None,
    ) -> tuple[Outcome, dict[str, Any] | None]:
        """Make one call and remember how it ended.

        Returns:
            The outcome, and the answer or None if it was refused.
        """
        command = aws_command(operation, members, region=session.region)
        context = _context(members)
        try:
            answer = await self.fetch(door, session, operation, members)
        except KmsError as error:
            outcome = Outcome(
                operation,
                about,
                command,
                error,
                request_id=getattr(error, "request_id", ""),
                context=context,
                region=session.region,
            )
            self.remember(outcome)
            return outcome, None
        outcome = Outcome(
            operation,
            about,
            command,
            undo=inverse(operation, members, before),
            request_id=str(answer.get("RequestId", "")),
            context=context,
            region=session.region,
        )
        self.remember(outcome)
        return outcome, answer

    def remember(self, outcome: Outcome) -> None:
        """Keep an outcome, dropping the oldest beyond the limit."""
        self.outcomes = [*self.outcomes[1 - _REMEMBERED :], outcome]

    def forget(self) -> None:
        """Drop every outcome, because another person signs in."""
        self.outcomes = []

    @property
    def last(self) -> Outcome | None:
        """The latest outcome."""
        return self.outcomes[-1] if self.outcomes else None

    @property
    def undoable(self) -> Outcome | None:
        """The latest change, if it can be taken back; what changed nothing is passed over."""
        for outcome in reversed(self.outcomes):
            if outcome.error is None and changes(outcome.operation):
                return outcome if outcome.undo is not None else None
        return None

    def take_undo(self) -> tuple[Outcome, Call] | None:
        """Take the undo of the latest change, so that it is done once only."""
        done = self.undoable
        if done is None or done.undo is None:
            return None
        place = next(index for index, each in enumerate(self.outcomes) if each is done)
        self.outcomes[place] = replace(done, undo=None)
        return done, done.undo

    def close(self) -> None:
        """Take no more calls; those that run end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _context(members: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Return the encryption context of a request; it is no secret, AWS logs it too."""
    found = members.get("EncryptionContext") or members.get("SourceEncryptionContext")
    if not isinstance(found, Mapping):
        return ()
    return tuple((str(key), str(value)) for key, value in found.items())
