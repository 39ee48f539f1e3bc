"""The keys of the session's account and Region, as every view of the place sees them.

One roster stands behind all views of one console: the first page comes at once, the rest in the
background. The engine's events say which keys changed, and only those are read again.
"""

from __future__ import annotations

import asyncio
import contextvars
import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from kmstui.core.errors import KeystoreLockedError, KmsError, SessionError
from kmstui.tui.calls import Outcome
from kmstui.tui.keys_model import KeySummary

if TYPE_CHECKING:
    from kmstui.engine.status import EngineEvent
    from kmstui.tui.app import KmsApp
    from kmstui.tui.main_screen import MainScreen

FIRST_PAGE = 60
"""Keys read before the first frame of the list: more than a tall terminal shows."""

PAGE = 2_000
"""Keys of each further page."""

SLICE = 250
"""Keys handed to the views at a time, so that a key press never waits for a whole page."""

FREEZE_ABOVE = 5_000
"""Keys above which the garbage collector is told to leave them alone."""

COLLECT_EVERY = 20_000
"""New objects between two rounds of the collector once rows are frozen.

A keystroke makes a thousand. With nothing but the young left, Python's 700 would go through all of
them every few keystrokes and hold each up by 20 ms.
"""

RELOAD_ABOVE = 1_000
"""Changed keys above which reading everything again is cheaper."""

WORKERS = "keys"
"""Name of the worker group that reads keys."""

_READS = ("Describe", "Get", "List")


class Kind(Enum):
    """What happened to the roster."""

    RESET = auto()
    """Every row may be another one."""
    ADDED = auto()
    """Rows were added at the end."""
    CHANGED = auto()
    """Rows changed where they are."""
    SETTLED = auto()
    """Reading has ended."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the roster.

    Attributes:
        kind: What happened.
        keys: The keys that were added or changed.
    """

    kind: Kind
    keys: Sequence[KeySummary] = ()


Listener = Callable[[Change], None]


class Roster:
    """Keeps the keys of the session's account and Region.

    Use :func:`roster_of`.

    Args:
        console: The application.
    """

    def __init__(self, console: KmsApp) -> None:
        self._console = console
        self._listeners: list[Listener] = []
        self._rows: list[KeySummary] = []
        self._index: dict[str, int] = {}
        self._touched: set[str] = set()
        self._scope: tuple[str, str] = ("", "")
        self._unsubscribe: Callable[[], None] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._pending: int | None = None
        self._catching = 0
        self.total = 0
        self.error: KmsError | None = None

    @property
    def keys(self) -> Sequence[KeySummary]:
        """All keys read so far, in key id order until some are created."""
        return self._rows

    @property
    def complete(self) -> bool:
        """Whether every key has been read."""
        return self._reading is None and self.error is None

    @property
    def idle(self) -> bool:
        """Whether nothing is being read and no change is known that was not read."""
        return self._reading is None and not self._touched and not self._catching

    @property
    def pending(self) -> int:
        """How many keys wait to be deleted; 0 until every key has been read."""
        if not self.complete:
            return 0
        if self._pending is None:
            self._pending = sum(1 for key in self._rows if key.pending)
        return self._pending

    def get(self, arn: str) -> KeySummary | None:
        """Return a key by its ARN, or None if it is not there (yet)."""
        index = self._index.get(arn)
        return None if index is None else self._rows[index]

    def index(self, arn: str) -> int:
        """Return the place of a key in :attr:`keys`.

        Raises:
            KeyError: It is not there.
        """
        return self._index[arn]

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call a listener for every change; the answer ends that, the last one ends reading."""
        self._listeners.append(listener)

        def forget() -> None:
            self._listeners.remove(listener)
            if not self._listeners:
                self._close()

        return forget

    async def load(self) -> None:
        """Read the first page now and the rest in the background; does nothing if it has begun."""
        if self._reading is None and not (self._rows and self._scope == self._present_scope()):
            await self.reload()

    async def reload(self) -> None:
        """Read everything again, as :meth:`load` does; rows stay until the new ones are there.

        What it was refused for stands in :attr:`error` and on the result line.
        """
        if self._reading is not None:
            self._reading.cancel()
        await self._watch()
        self.error = None
        self._touched.clear()
        self._scope = self._present_scope()
        fresh = not self._rows
        first = asyncio.ensure_future(self._page(FIRST_PAGE, None))
        self._reading = asyncio.ensure_future(self._read(first, fresh=fresh))
        # Whoever asked waits for the first page only.
        await asyncio.wait([first])
        await asyncio.sleep(0)

    async def settle(self) -> None:
        """Wait until reading has ended."""
        while (reading := self._reading) is not None:
            await asyncio.wait([reading])

    async def catch_up(self) -> None:
        """Read the keys that changed since they were read."""
        while self._touched and self._reading is None:
            if len(self._touched) > RELOAD_ABOVE:
                await self.reload()
                return
            arns = sorted(self._touched)
            self._touched.clear()
            ids = [arn.rpartition("/")[2] for arn in arns]
            answer = await self._console.fetch("kmstui:ListKeySummaries", KeyIds=ids)
            self.total = answer["Total"]
            found = {row["Arn"]: KeySummary.from_answer(row) for row in answer["Keys"]}
            self._merge(found, gone=[arn for arn in arns if arn not in found])

    def _merge(self, found: dict[str, KeySummary], gone: Sequence[str]) -> None:
        changed = [key for arn, key in found.items() if arn in self._index]
        added = [key for arn, key in found.items() if arn not in self._index]
        for key in changed:
            self._rows[self._index[key.arn]] = key
        if changed:
            self._tell(Kind.CHANGED, changed)
        if any(arn in self._index for arn in gone):
            lost = frozenset(gone)
            self._replace([key for key in self._rows if key.arn not in lost])
            self._tell(Kind.RESET)
        if added:
            self._append(added)
            self._tell(Kind.SETTLED)

    async def _read(self, first: asyncio.Future[dict[str, Any]], *, fresh: bool) -> None:
        """Read page after page; the first rows show at once, a second reading swaps at its end."""
        kept: list[KeySummary] = []
        try:
            answer = await first
            while True:
                self.total = answer["Total"]
                rows = answer["Keys"]
                for start in range(0, len(rows), SLICE):
                    keys = [KeySummary.from_answer(row) for row in rows[start : start + SLICE]]
                    if fresh:
                        self._append(keys)
                    kept.extend(keys)
                    await asyncio.sleep(0)
                if not answer["Truncated"]:
                    break
                answer = await self._page(PAGE, answer["NextMarker"])
            if not fresh:
                self._replace(kept)
                self._tell(Kind.RESET)
            self._reading = None
        except KmsError as error:
            self._reading = None
            self._failed(error)
        self._tell(Kind.SETTLED)
        self._wake()

    def _failed(self, error: KmsError) -> None:
        self.error = error
        if not isinstance(error, KeystoreLockedError | SessionError):
            self._console.tell(Outcome("ListKeySummaries", "", "", error))

    async def _page(self, limit: int, marker: str | None) -> dict[str, Any]:
        members: dict[str, object] = {"Limit": limit}
        if marker is not None:
            members["Marker"] = marker
        return await self._console.fetch("kmstui:ListKeySummaries", **members)

    def _append(self, keys: Sequence[KeySummary]) -> None:
        start = len(self._rows)
        self._rows.extend(keys)
        self._index.update((key.arn, start + n) for n, key in enumerate(keys))
        if start >= FREEZE_ABOVE:
            # Rows live as long as the console and hold no cycles; to look through 100,000 of
            # them for some, as the collector does now and then, stops everything for 0.1 s.
            gc.freeze()
            gc.set_threshold(COLLECT_EVERY)
        self._tell(Kind.ADDED, keys)

    def _replace(self, keys: list[KeySummary]) -> None:
        self._rows = keys
        self._index = {key.arn: index for index, key in enumerate(keys)}

    def _tell(self, kind: Kind, keys: Sequence[KeySummary] = ()) -> None:
        self._pending = None
        change = Change(kind, keys)
        for listener in tuple(self._listeners):
            listener(change)

    def _present_scope(self) -> tuple[str, str]:
        session = self._console.session
        return ("", "") if session is None else (session.account, session.region)

    async def _watch(self) -> None:
        if self._unsubscribe is None:
            door = await self._console.door()
            loop, context = asyncio.get_running_loop(), contextvars.copy_context()

            def heard(event: EngineEvent) -> None:
                if _matters(event) and not loop.is_closed():
                    # The engine's threads know nothing of the application that Textual's parts
                    # look up in their context.
                    loop.call_soon_threadsafe(self._hear, event, context=context)

            self._unsubscribe = door.subscribe(heard)

    def _hear(self, event: EngineEvent) -> None:
        if event.name.rpartition(":")[2] in _CHANGES_ALL:
            self._console.run_worker(self.reload(), group=WORKERS, exclusive=True)
            return
        account, region = self._scope
        prefix = f":kms:{region}:{account}:key/"
        self._touched.update(arn for arn in event.resources if prefix in arn)
        self._wake()

    def _wake(self) -> None:
        if self._touched and self._reading is None and not self._console.locked:
            self._console.run_worker(self._quietly(), group=WORKERS, exclusive=False)

    async def _quietly(self) -> None:
        self._catching += 1
        try:
            await self.catch_up()
        except KmsError as error:
            self._failed(error)
        finally:
            self._catching -= 1

    def _close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None


_CHANGES_ALL = frozenset(
    {"RestoreCheckpoint", "ConnectCustomKeyStore", "DisconnectCustomKeyStore"}
)
"""Operations that change keys without naming them: the list is read again."""


def _matters(event: EngineEvent) -> bool:
    name = event.name.rpartition(":")[2]
    if event.kind == "service":
        return bool(event.resources)
    changes = event.kind == "call" and not event.error and not name.startswith(_READS)
    return changes and (bool(event.resources) or name in _CHANGES_ALL)


_ROSTERS: WeakKeyDictionary[MainScreen, Roster] = WeakKeyDictionary()


def roster_of(console: KmsApp) -> Roster:
    """Return the roster of a console; another principal's sign-in begins another one.

    Raises:
        KeystoreLockedError: Nobody has signed in yet.
    """
    main = console.main
    roster = _ROSTERS.get(main)
    if roster is None:
        roster = _ROSTERS[main] = Roster(console)
    return roster
