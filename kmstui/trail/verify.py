"""Checking a whole trail offline, with nothing but its files: no passphrase, no keystore.

The chain alone finds any line that was edited, removed, inserted or moved, but not a tail that
was cut off or rewritten as a whole; for that a place that is known from elsewhere is needed, as
the keystore's head keeps one. Signed digests will be another; the format has their place, and
this module counts them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import orjson

from kmstui.core.disk import HOST_DISK, Disk
from kmstui.core.errors import TrailError, TrailTamperedError
from kmstui.core.position import TrailPosition
from kmstui.trail.lines import (
    GENESIS,
    Chain,
    LineKind,
    SegmentHead,
    hash_line,
    read_chain,
    read_segment,
)
from kmstui.trail.reading import lines_forward
from kmstui.trail.segments import Segments, segment_name

Progress = Callable[[int, int], None]
"""Called with bytes checked and bytes in all."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """The first thing that is wrong with a trail.

    Attributes:
        segment: Number of the segment file.
        line: Line of that file, from 1.
        sequence: Number in the whole trail of the line that is wrong or missing.
        what: What is wrong with it, to follow "line 12".
    """

    segment: int
    line: int
    sequence: int
    what: str

    def __str__(self) -> str:
        return (
            f"{segment_name(self.segment)}, line {self.line} (number {self.sequence} of the "
            f"trail) {self.what}"
        )


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What checking a trail found.

    Attributes:
        store_id: The keystore that the trail says it belongs to; empty if it does not say.
        marks: The mark of each segment that was reached.
        lines: Lines found good.
        events: How many of them are records.
        digests: How many of them are signed digests, whose signatures were not checked.
        end: The place after the last good line; None if there is none.
        unfinished: Bytes after the last line, as a crash leaves; the next opening cuts them.
        flaw: The first thing wrong; None if nothing is.
    """

    store_id: str
    marks: tuple[str, ...]
    lines: int
    events: int
    digests: int
    end: TrailPosition | None
    unfinished: int
    flaw: Flaw | None

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return self.flaw is None


def verify(
    directory: Path,
    *,
    position: TrailPosition | None = None,
    store_id: str | None = None,
    progress: Progress | None = None,
    disk: Disk = HOST_DISK,
) -> VerifyReport:
    """Check every line of a trail, and stop at the first that is wrong.

    Args:
        directory: Where the segments are.
        position: A place that the trail must hold, such as a keystore keeps.
        store_id: The keystore that it must belong to.
        progress: Told how far it is, once for each segment and about every 1,000 lines.
        disk: The system calls.

    Raises:
        TrailError: The directory is missing or cannot be read.
        UnsafePathError: A file or the directory is a link or not ours.
        UnsafePermissionsError: Others can reach a file or the directory.
    """
    try:
        segments = Segments.open(directory, disk=disk)
        try:
            return _Verifier(segments, position, store_id, progress).run()
        finally:
            segments.close()
    except OSError as error:
        raise TrailError(f"Cannot read the audit trail: {error.strerror or error}.") from error


@dataclass(frozen=True, slots=True)
class _Place:
    """A line as it lies in the files."""

    segment: int
    number: int
    end: int
    line: bytes


class _FlawError(Exception):
    """Carries the first flaw out of the checks."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw)
        self.flaw = flaw


class _Verifier:
    """One run over a trail."""

    def __init__(
        self,
        segments: Segments,
        position: TrailPosition | None,
        store_id: str | None,
        progress: Progress | None,
    ) -> None:
        self._segments = segments
        self._position = position
        self._store_id = store_id
        self._progress = progress
        self._numbers = segments.numbers()
        self._total = 0
        self._done = 0
        self._unfinished = 0
        self._marks: list[str] = []
        self._counts = dict.fromkeys(LineKind, 0)
        self._end: TrailPosition | None = None
        # Where the line stands that is looked at, for flaws found while reading it.
        self._segment = 1
        self._line = 1

    def run(self) -> VerifyReport:
        """Check everything."""
        flaw: Flaw | None = None
        try:
            self._measure()
            places = self._places()
            for place in places:
                self._check(place, places)
            self._check_end()
        except _FlawError as found:
            flaw = found.flaw
        return VerifyReport(
            store_id=self._store_id or "",
            marks=tuple(self._marks),
            lines=sum(self._counts.values()),
            events=self._counts[LineKind.EVENT],
            digests=self._counts[LineKind.DIGEST],
            end=self._end,
            unfinished=self._unfinished,
            flaw=flaw,
        )

    def _measure(self) -> None:
        for number in self._numbers:
            with self._segments.reading(number) as segment:
                self._total += segment.size()

    def _places(self) -> Iterator[_Place]:
        """Every complete line of every segment, in order."""
        for number in range(1, max(self._numbers, default=1) + 1):
            self._segment, self._line = number, 1
            if number not in self._numbers:
                raise self._flaw("is missing with its whole segment")
            yield from self._places_of(number)
        self._tell()

    def _places_of(self, number: int) -> Iterator[_Place]:
        with self._segments.reading(number) as segment:
            size = segment.size()
            end = 0
            try:
                for line in lines_forward(segment, 0, size):
                    end += len(line) + 1
                    self._done += len(line) + 1
                    yield _Place(number, self._line, end, line)
                    self._line += 1
            except TrailTamperedError:
                raise self._flaw("is longer than any line of a trail") from None
            if end == size:
                return
            if number != self._numbers[-1]:
                raise self._flaw("is unfinished")
            self._unfinished = size - end

    def _check(self, place: _Place, places: Iterator[_Place]) -> None:
        expected = self._sequence() + 1
        try:
            chain = read_chain(place.line)
        except TrailTamperedError:
            raise self._flaw("does not state its place in the chain") from None
        digest = hash_line(place.line)
        if chain.sequence != expected:
            self._blame_order(place, chain, digest, places)
        if chain.previous != (GENESIS if self._end is None else self._end.line_hash):
            self._blame_change(place, digest, places)
        self._check_content(place, chain)
        self._check_position(place, digest)
        self._counts[chain.kind] += 1
        self._end = TrailPosition(place.segment, place.end, expected, digest)
        if expected % 1000 == 0:
            self._tell()

    def _blame_order(
        self, place: _Place, chain: Chain, digest: str, places: Iterator[_Place]
    ) -> NoReturn:
        """Say which line is out of order: this one, or a forgery that was put before it.

        Of two lines with one number, the one that the line after continues is the true one.
        """
        before = self._end
        if before is not None and chain.sequence == before.sequence:
            following = _next_line(places)
            if digest != before.line_hash and following and _continues(following, digest):
                raise self._flaw_of(before, "was inserted")
        self._segment, self._line = place.segment, place.number
        raise self._flaw(f"is missing or moved; number {chain.sequence} is in its place")

    def _blame_change(self, place: _Place, digest: str, places: Iterator[_Place]) -> NoReturn:
        """Say which of two lines was changed: this one, or the one that it should continue.

        If the line after continues this one as it stands, this one is untouched.
        """
        before = self._end
        if before is None:
            raise self._flaw("does not begin the chain")
        following = _next_line(places)
        if following is not None:
            untouched = _continues(following, digest)
        elif self._position is not None and self._position.sequence == before.sequence + 1:
            untouched = self._position.line_hash == digest
        else:
            untouched = True
        if untouched:
            raise self._flaw_of(before, "was changed")
        self._segment, self._line = place.segment, place.number
        raise self._flaw("does not continue the line before: it was changed")

    def _flaw_of(self, place: TrailPosition, what: str) -> _FlawError:
        """The flaw of a line that was passed already."""
        with self._segments.reading(place.segment) as segment:
            line = sum(1 for _ in lines_forward(segment, 0, place.offset))
        return _FlawError(Flaw(place.segment, line, place.sequence, what))

    def _check_content(self, place: _Place, chain: Chain) -> None:
        try:
            record = orjson.loads(place.line)
        except orjson.JSONDecodeError:
            raise self._flaw("is not JSON in UTF-8") from None
        if not isinstance(record, dict) or list(record)[-1] != "kmstui":
            raise self._flaw("is not a record of a trail")
        if (chain.kind is LineKind.SEGMENT) != (place.number == 1):
            raise self._flaw(
                "should begin its segment" if place.number == 1 else "begins a segment inside one"
            )
        if chain.kind is LineKind.SEGMENT:
            self._check_segment(place)

    def _check_segment(self, place: _Place) -> None:
        try:
            head: SegmentHead = read_segment(place.line)
        except TrailTamperedError as error:
            raise self._flaw(f"cannot be read: {error.message}") from None
        if self._store_id is None:
            self._store_id = str(head.store)
        if head.store != self._store_id:
            raise self._flaw("belongs to the trail of another keystore")
        if head.number != place.segment:
            raise self._flaw(f"begins segment {head.number}")
        self._marks.append(str(head.mark))

    def _check_position(self, place: _Place, digest: str) -> None:
        known = self._position
        if known is None or known.sequence != self._sequence() + 1:
            return
        if (known.segment, known.offset, known.line_hash) != (place.segment, place.end, digest):
            raise self._flaw("is not the line that the keystore knows")

    def _check_end(self) -> None:
        known = self._position
        if known is not None and known.sequence > self._sequence():
            raise self._flaw(f"is missing: the trail had {known.sequence} lines")
        if self._end is None:
            raise self._flaw("is missing: the trail is empty")

    def _sequence(self) -> int:
        return 0 if self._end is None else self._end.sequence

    def _flaw(self, what: str) -> _FlawError:
        return _FlawError(Flaw(self._segment, self._line, self._sequence() + 1, what))

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(self._done, self._total)


def _next_line(places: Iterator[_Place]) -> bytes | None:
    try:
        place = next(places, None)
    except _FlawError:
        # A second flaw further on; the first is what is told.
        return None
    return None if place is None else place.line


def _continues(line: bytes, digest: str) -> bool:
    try:
        return read_chain(line).previous == digest
    except TrailTamperedError:
        return False
