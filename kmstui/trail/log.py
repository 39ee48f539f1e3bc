"""The trail itself: append one line per call, durable by policy, and read back.

No trail, no service: after a write or sync fails, a :class:`Trail` refuses everything, because
what the disk then holds is not known. Opening the trail again finds out and carries on.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Final, NoReturn, Self

from kmstui.core.disk import HOST_DISK, Disk
from kmstui.core.errors import TrailError, TrailTamperedError
from kmstui.core.position import TrailPosition
from kmstui.trail.beginning import begin_segment, closed_on_failure
from kmstui.trail.history import events_since, latest_events
from kmstui.trail.lines import GENESIS, LINE_BYTES
from kmstui.trail.recovery import Recovery, recover
from kmstui.trail.segments import MAX_SEGMENTS, Segment, Segments

SEGMENT_BYTES: Final = 64 * 1024 * 1024
"""A segment that has reached this size is followed by a new one."""

SYNC_SECONDS: Final = 0.05
"""How long a line may stay unsynced under :attr:`SyncPolicy.INTERVAL`."""

EVENT_BYTES: Final = LINE_BYTES - 1024
"""The longest record that :meth:`Trail.append` takes."""

MARK_CHARACTERS: Final = 256
"""The longest mark of a segment."""

CREATE_MARK: Final = "create"
ROLL_MARK: Final = "roll"


class SyncPolicy(StrEnum):
    """When a line becomes safe from power loss. Under each of them kill -9 loses none."""

    EACH = "each"
    """Before :meth:`Trail.append` returns."""

    INTERVAL = "interval"
    """Within :data:`SYNC_SECONDS`, by a thread of the trail."""

    NONE = "none"
    """When the system gets to it; at the latest at :meth:`Trail.sync` or :meth:`Trail.close`."""


class Trail:
    """An open audit trail; one per directory, guarded by the keystore's lock.

    Thread-safe. Lines are in the order in which :meth:`append` returned.

    Attributes:
        recovery: What opening had to cut, or None.
    """

    def __init__(
        self,
        segments: Segments,
        segment: Segment,
        store_id: str,
        position: TrailPosition,
        *,
        policy: SyncPolicy,
        disk: Disk,
        segment_bytes: int,
        sync_seconds: float,
        recovery: Recovery | None = None,
    ) -> None:
        self.recovery = recovery
        self._segments = segments
        self._segment = segment
        self._store_id = store_id
        self._position = position
        self._synced = position
        self._policy = policy
        self._sync_each = policy is SyncPolicy.EACH
        self._sync_later = policy is SyncPolicy.INTERVAL
        self._write = disk.write
        self._segment_bytes = segment_bytes
        self._sync_seconds = sync_seconds
        # A descriptor may be used under either lock and is closed under both, taken in this order.
        self._sync_lock = Lock()
        self._lock = Lock()
        self._failure: OSError | None = None
        self._closed = False
        self._unsynced = Event()
        self._stop = Event()
        self._thread: Thread | None = None

    @classmethod
    def create(
        cls,
        directory: Path,
        *,
        store_id: str,
        policy: SyncPolicy = SyncPolicy.INTERVAL,
        disk: Disk = HOST_DISK,
        segment_bytes: int = SEGMENT_BYTES,
        sync_seconds: float = SYNC_SECONDS,
    ) -> Self:
        """Begin a trail in a directory of its own, which is made if it is not there.

        Args:
            directory: Where the segments go.
            store_id: The keystore that the trail belongs to; every segment names it.
            policy: When lines are made durable.
            disk: The system calls.
            segment_bytes: When a segment is full.
            sync_seconds: The interval of :attr:`SyncPolicy.INTERVAL`.

        Raises:
            TrailError: There is a trail already, or the disk fails.
            UnsafePathError: The directory is a link or not ours.
            UnsafePermissionsError: Others can reach the directory.
        """
        try:
            segments = Segments.create(directory, disk=disk)
            with closed_on_failure(segments):
                if segments.numbers():
                    raise TrailError(f"There is a trail in {directory} already.")
                before = TrailPosition(0, 0, 0, GENESIS)
                segment, position = begin_segment(segments, store_id, before, CREATE_MARK)
        except OSError as error:
            raise _cannot("begin", error) from error
        return cls(
            segments,
            segment,
            store_id,
            position,
            policy=policy,
            disk=disk,
            segment_bytes=segment_bytes,
            sync_seconds=sync_seconds,
        )

    @classmethod
    def open(
        cls,
        directory: Path,
        *,
        store_id: str,
        position: TrailPosition,
        policy: SyncPolicy = SyncPolicy.INTERVAL,
        disk: Disk = HOST_DISK,
        segment_bytes: int = SEGMENT_BYTES,
        sync_seconds: float = SYNC_SECONDS,
    ) -> Self:
        """Continue a trail, after checking it from ``position`` to its end.

        The unfinished line that a crash may have left is cut, and :attr:`recovery` tells. What is
        kept is durable when this returns.

        Args:
            directory: Where the segments are.
            store_id: The keystore that the trail must belong to.
            position: What :attr:`synced` was when the keystore last kept it; number 0, with 64
                zeros for a hash, if it never did.
            policy: When lines are made durable.
            disk: The system calls.
            segment_bytes: When a segment is full.
            sync_seconds: The interval of :attr:`SyncPolicy.INTERVAL`.

        Raises:
            TrailTamperedError: The trail is missing, does not hold the position, or breaks after.
            TrailError: The disk fails.
            UnsafePathError: A file or the directory is a link or not ours.
            UnsafePermissionsError: Others can reach a file or the directory.
        """
        try:
            segments = Segments.open(directory, disk=disk)
            with closed_on_failure(segments):
                end, recovery = recover(segments, store_id, position)
                if end.sequence == 0:
                    first, end = begin_segment(segments, store_id, end, CREATE_MARK)
                    first.close()
                segment = segments.appending(end.segment)
                with closed_on_failure(segment):
                    segment.sync()
        except FileNotFoundError as error:
            raise TrailTamperedError(f"The trail in {directory} is missing.") from error
        except OSError as error:
            raise _cannot("open", error) from error
        return cls(
            segments,
            segment,
            store_id,
            end,
            policy=policy,
            disk=disk,
            segment_bytes=segment_bytes,
            sync_seconds=sync_seconds,
            recovery=recovery,
        )

    @property
    def position(self) -> TrailPosition:
        """The end of the trail: after the last line that :meth:`append` returned."""
        return self._position

    @property
    def synced(self) -> TrailPosition:
        """The end of what power loss cannot take; this is what a keystore keeps."""
        return self._synced

    @property
    def broken(self) -> bool:
        """Whether a write or sync has failed, so that everything is refused."""
        return self._failure is not None

    @property
    def policy(self) -> SyncPolicy:
        """When lines are made durable."""
        return self._policy

    def append(self, event: bytes) -> TrailPosition:
        """Add one record as the next line, with one write.

        When this returns the system has accepted the whole line; how soon it is safe from power
        loss is the policy's matter.

        Args:
            event: A JSON object with at least one member, on one line, of at most
                :data:`EVENT_BYTES`, without a member ``kmstui``.

        Raises:
            TrailError: The record is not of that form (and nothing has changed), or the disk
                fails, or has failed before.
        """
        if event[:2] != b'{"' or event[-1:] != b"}" or b"\n" in event or len(event) > EVENT_BYTES:
            raise TrailError("An event for the trail is not one JSON object on one line.")
        if self._position.offset >= self._segment_bytes:
            self._begin(ROLL_MARK, only_if_full=True)
        with self._lock:
            if self._failure is not None or self._closed:
                self._check_usable()
            last = self._position
            sequence = last.sequence + 1
            # lines.chain_event and hash_line, written out: this is the cost of every call.
            line = b'%b,"kmstui":{"sequence":%d,"previous":"%b"}}' % (
                event[:-1],
                sequence,
                last.line_hash.encode(),
            )
            length = len(line) + 1
            try:
                taken = self._write(self._segment.fd, line + b"\n")
                if self._sync_each:
                    self._segment.sync()
            except OSError as error:
                self._fail(error)
            if taken != length:
                self._fail(OSError(errno.ENOSPC, "only a part of the line was taken"))
            # What TrailPosition(...) does, without the two calls that it takes.
            position = tuple.__new__(
                TrailPosition,
                (last.segment, last.offset + length, sequence, sha256(line).hexdigest()),
            )
            self._position = position
            if self._sync_each:
                self._synced = position
            elif self._sync_later and not self._unsynced.is_set():
                self._ask_for_sync()
        return position

    def sync(self) -> TrailPosition:
        """Make everything appended so far durable and return its end.

        Raises:
            TrailError: The disk fails, or has failed before.
        """
        with self._sync_lock:
            with self._lock:
                self._check_usable()
                position = self._position
            try:
                self._segment.sync()
            except OSError as error:
                self._fail(error)
            with self._lock:
                if position.sequence > self._synced.sequence:
                    self._synced = position
        return position

    def start_segment(self, mark: str) -> TrailPosition:
        """Begin a new segment whose first line carries ``mark``; durable on return.

        Args:
            mark: Why, in at most :data:`MARK_CHARACTERS` characters.

        Returns:
            The position after that line.

        Raises:
            TrailError: The mark is too long or not encodable (and nothing has changed), or the
                disk fails, or has failed before.
        """
        if len(mark) > MARK_CHARACTERS or any("\ud800" <= each <= "\udfff" for each in mark):
            raise TrailError("The mark of a segment is too long, or is not Unicode text.")
        return self._begin(mark, only_if_full=False)

    def since(self, position: TrailPosition) -> Iterator[bytes]:
        """The event lines after a position, oldest first, without newlines.

        Args:
            position: A place in this trail.

        Raises:
            TrailTamperedError: A line is too long, or a segment is missing.
            TrailError: The files cannot be read.
        """
        return events_since(self._segments, position, self._position)

    def latest(self, limit: int, *, before_sequence: int | None = None) -> list[bytes]:
        """The newest event lines, newest first, without newlines.

        The cost is that of the lines returned, wherever in the trail they are.

        Args:
            limit: How many at most.
            before_sequence: Only lines with a lower number, to page back.

        Raises:
            TrailTamperedError: A line is not one of a trail, or a segment is missing.
            TrailError: The files cannot be read.
        """
        return latest_events(self._segments, self._position, limit, before_sequence)

    def close(self) -> None:
        """Make everything durable and close the files; a second call does nothing.

        Raises:
            TrailError: The last sync fails. The files are closed all the same.
        """
        self._stop.set()
        self._unsynced.set()
        if self._thread is not None:
            self._thread.join()
        with self._sync_lock, self._lock:
            if self._closed:
                return
            self._closed = True
            try:
                if self._failure is None:
                    self._segment.sync()
                    self._synced = self._position
            except OSError as error:
                self._fail(error)
            finally:
                self._segment.close()
                self._segments.close()

    def _begin(self, mark: str, *, only_if_full: bool) -> TrailPosition:
        with self._sync_lock, self._lock:
            self._check_usable()
            last = self._position
            if only_if_full and last.offset < self._segment_bytes:
                # Another thread began the segment while this one waited.
                return last
            if last.segment == MAX_SEGMENTS:
                raise TrailError("The trail has as many segments as it can have.")
            try:
                self._segment.sync()
                segment, position = begin_segment(self._segments, self._store_id, last, mark)
                self._segment.close()
            except OSError as error:
                self._fail(error)
            self._segment = segment
            self._position = self._synced = position
        return position

    def _ask_for_sync(self) -> None:
        self._unsynced.set()
        if self._thread is None:
            self._thread = Thread(target=self._sync_loop, name="trail-sync", daemon=True)
            self._thread.start()

    def _sync_loop(self) -> None:
        while True:
            self._unsynced.wait()
            if self._stop.wait(self._sync_seconds):
                return
            self._unsynced.clear()
            try:
                self.sync()
            except TrailError:
                # Kept as the trail's failure: the next append raises it.
                return

    def _check_usable(self) -> None:
        if self._failure is not None:
            raise TrailError(
                f"The audit trail failed earlier ({_reason(self._failure)}) and takes no more."
            ) from self._failure
        if self._closed:
            raise TrailError("The audit trail is closed.")

    def _fail(self, error: OSError) -> NoReturn:
        self._failure = error
        raise _cannot("write", error) from error


def _cannot(what: str, error: OSError) -> TrailError:
    return TrailError(f"Cannot {what} the audit trail: {_reason(error)}.")


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
