"""What a crash leaves at the end of a trail is put right, and nothing else is."""

from __future__ import annotations

from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from kmstui.core.errors import TrailTamperedError
from kmstui.core.position import TrailPosition
from kmstui.trail.lines import GENESIS
from kmstui.trail.log import Trail
from kmstui.trail.verify import verify
from tests.helpers.trails import STORE, event, filled, lines_of, numbers

SEGMENT = "000001.jsonl"


def test_a_last_line_torn_at_any_byte_is_cut(directory: Path) -> None:
    """Power loss may end the last line at any byte: it is cut, and all lines before stay."""
    with closing(filled(directory, 3)) as trail:
        place = trail.sync()
        trail.append(event(3))
    path = directory / SEGMENT
    whole = path.read_bytes()
    for length in range(place.offset, len(whole)):
        path.write_bytes(whole[:length])
        torn = whole[place.offset : length]
        with closing(Trail.open(directory, store_id=STORE, position=place)) as opened:
            assert place == opened.position
            if torn:
                assert opened.recovery is not None
                assert opened.recovery.length == len(torn)
                assert opened.recovery.offset == place.offset
                assert opened.recovery.digest == sha256(torn).hexdigest()
            else:
                assert opened.recovery is None
            opened.append(event(9))
            assert numbers(opened.latest(9)) == [9, 2, 1, 0]
            assert verify(directory, position=opened.position).ok


def test_an_unfinished_end_before_the_place_is_tampering(directory: Path) -> None:
    """What the keystore knows to be durable cannot have been torn by a crash."""
    with closing(filled(directory, 3)) as trail:
        place = trail.position
    path = directory / SEGMENT
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(TrailTamperedError):
            Trail.open(directory, store_id=STORE, position=place)
        assert path.read_bytes() == whole[:length]


def test_a_tail_of_nul_bytes_is_cut(directory: Path) -> None:
    """Blocks that a file system filled with NUL after power loss are cut, whatever follows."""
    with closing(filled(directory, 3)) as trail:
        place = trail.sync()
        for number in range(3, 6):
            trail.append(event(number))
    path = directory / SEGMENT
    whole = path.read_bytes()
    lines = whole[place.offset :].split(b"\n")
    hole = b"\0" * (len(lines[1]) + 1)
    for tail in (
        lines[0] + b"\n" + hole,
        lines[0] + b"\n" + hole + lines[2] + b"\n",
        lines[0] + b"\n" + hole[:20] + lines[1][20:] + b"\n" + lines[2] + b"\n",
    ):
        path.write_bytes(whole[: place.offset] + tail)
        with closing(Trail.open(directory, store_id=STORE, position=place)) as opened:
            assert numbers(opened.latest(9)) == [3, 2, 1, 0]
            assert opened.recovery is not None
            assert verify(directory, position=opened.position).ok


@pytest.mark.parametrize("kept", [0, 1, 40, -1])
def test_a_segment_whose_first_line_is_unfinished_is_removed(directory: Path, kept: int) -> None:
    """A crash while a segment begins leaves the one before as the last, and the mark undone."""
    with closing(filled(directory, 3)) as trail:
        place = trail.position
        trail.start_segment("restore monday")
    second = directory / "000002.jsonl"
    second.write_bytes(second.read_bytes()[:kept])
    with closing(Trail.open(directory, store_id=STORE, position=place)) as opened:
        assert place == opened.position
        assert not second.exists()
        assert opened.start_segment("restore monday").segment == 2
        assert verify(directory, position=opened.position).ok


START = TrailPosition(0, 0, 0, GENESIS)


@pytest.mark.parametrize("kept", [None, 0, 1, 100, -1])
def test_a_crash_while_the_trail_begins_is_put_right(directory: Path, kept: int | None) -> None:
    """A keystore that never kept a place begins the trail that a crash has not, or has in part."""
    filled(directory, 0).close()
    path = directory / SEGMENT
    whole = path.read_bytes()
    if kept is None:
        path.unlink()
    else:
        path.write_bytes(whole[:kept])
    with closing(Trail.open(directory, store_id=STORE, position=START)) as opened:
        assert whole == path.read_bytes()
        opened.append(event(0))
        assert numbers(list(opened.since(START))) == [0]
        assert verify(directory, position=opened.position).ok


def test_a_trail_of_which_no_place_is_known_is_checked_whole(directory: Path) -> None:
    """From the start every line is followed, over segments, and a change is found."""
    with closing(filled(directory, 9, segment_bytes=500)) as trail:
        end = trail.position
    with closing(Trail.open(directory, store_id=STORE, position=START)) as opened:
        assert end == opened.position
        assert numbers(list(opened.since(START))) == list(range(9))
    path = directory / SEGMENT
    path.write_bytes(path.read_bytes().replace(b'"n":0', b'"n":9', 1))
    with pytest.raises(TrailTamperedError):
        Trail.open(directory, store_id=STORE, position=START)


def test_an_unfinished_line_before_the_last_segment_is_tampering(directory: Path) -> None:
    """A segment is durable before the next begins, so that only the last may be unfinished."""
    with closing(filled(directory, 3)) as trail:
        place = trail.sync()
        trail.append(event(3))
        trail.start_segment("two")
    path = directory / SEGMENT
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(TrailTamperedError):
        Trail.open(directory, store_id=STORE, position=place)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("a line of another kind", lambda lines: [*lines[:5], b"not a line", *lines[5:]]),
        ("a removed line", lambda lines: lines[:5] + lines[6:]),
        ("swapped lines", lambda lines: [*lines[:5], lines[6], lines[5], *lines[7:]]),
        ("a repeated line", lambda lines: [*lines[:6], lines[5], *lines[6:]]),
        ("a segment's head inside", lambda lines: [*lines[:5], lines[0], *lines[5:]]),
        ("an empty line", lambda lines: [*lines[:5], b"", *lines[5:]]),
        ("a huge line", lambda lines: [*lines[:5], b"x" * (1 << 21), *lines[5:]]),
    ],
)
def test_a_broken_chain_after_the_place_changes_nothing(
    directory: Path, name: str, change: object
) -> None:
    """Complete lines that do not continue the chain are reported and left for the verifier."""
    assert callable(change), name
    with closing(filled(directory, 2)) as trail:
        place = trail.sync()
        for number in range(2, 9):
            trail.append(event(number))
    path = directory / SEGMENT
    path.write_bytes(b"".join(line + b"\n" for line in change(lines_of(directory))))
    before = path.read_bytes()
    with pytest.raises(TrailTamperedError):
        Trail.open(directory, store_id=STORE, position=place)
    assert before == path.read_bytes()
