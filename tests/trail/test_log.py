"""The trail appends, syncs and continues."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from threading import Event, Lock, Thread

import orjson
import pytest

from kmstui.core.errors import TrailError, TrailTamperedError, UnsafePathError
from kmstui.core.position import TrailPosition
from kmstui.trail.lines import hash_line
from kmstui.trail.log import EVENT_BYTES, MARK_CHARACTERS, SyncPolicy, Trail
from kmstui.trail.verify import verify
from tests.helpers.faults import FaultyDisk
from tests.helpers.trails import STORE, event, filled, lines_of, numbers


class TestAppend:
    """Trail.append."""

    def test_chains_each_line_to_the_one_before(self, directory: Path) -> None:
        """A line is the record with its number and the hash of the line before as last member."""
        with closing(filled(directory, 3)) as trail:
            head, *lines = lines_of(directory)
            previous = hash_line(head)
            for number, line in enumerate(lines):
                record = orjson.loads(line)
                assert list(record) == ["eventName", "n", "pad", "kmstui"]
                assert {"sequence": number + 2, "previous": previous} == record["kmstui"]
                previous = hash_line(line)
            size = (directory / "000001.jsonl").stat().st_size
            assert TrailPosition(1, size, 4, previous) == trail.position

    def test_writes_a_line_with_one_system_call(self, directory: Path) -> None:
        """A call costs one write and, by itself, no sync."""
        disk = FaultyDisk()
        with closing(filled(directory, 0, disk=disk)) as trail:
            before = disk.counts.copy()
            trail.append(event(0))
            assert dict(disk.counts - before) == {"write": 1}

    @pytest.mark.parametrize(
        "bad",
        [b"", b"{}", b"[]", b'{"a":1', b'{"a":\n1}', b'{"a":"' + b"x" * EVENT_BYTES + b'"}'],
        ids=["nothing", "empty", "array", "open", "newline", "long"],
    )
    def test_refuses_what_is_not_an_object_on_one_line(self, directory: Path, bad: bytes) -> None:
        """An event that would break the format is refused, and the trail goes on."""
        with closing(filled(directory, 1)) as trail:
            before = trail.position
            with pytest.raises(TrailError):
                trail.append(bad)
            assert before == trail.position
            assert not trail.broken
            trail.append(event(1))
            assert numbers(trail.latest(9)) == [1, 0]

    def test_takes_the_longest_event(self, directory: Path) -> None:
        """An event of exactly the greatest length is written, read and verified."""
        longest = b'{"n":1,"pad":"' + b"x" * (EVENT_BYTES - 16) + b'"}'
        assert len(longest) == EVENT_BYTES
        with closing(filled(directory, 0)) as trail:
            trail.append(longest)
            assert numbers(trail.latest(9)) == [1]
            assert numbers(list(trail.since(TrailPosition(1, 0, 0, "")))) == [1]
            assert verify(directory, position=trail.position).ok

    def test_keeps_the_order_of_many_threads(self, directory: Path) -> None:
        """8 threads appending at once lose no event, and each thread's stay in its order."""
        per_thread = 200
        with closing(filled(directory, 0, segment_bytes=20_000)) as trail:

            def work(thread: int) -> None:
                for number in range(per_thread):
                    trail.append(orjson.dumps({"n": thread * 1000 + number}))

            threads = [Thread(target=work, args=(thread,)) for thread in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            found = numbers(trail.latest(10_000))[::-1]
            assert verify(directory, position=trail.position).ok
        for number in range(8):
            mine = [n % 1000 for n in found if n // 1000 == number]
            assert list(range(per_thread)) == mine

    def test_refuses_after_close(self, directory: Path) -> None:
        """A closed trail takes nothing, and closing twice is allowed."""
        trail = filled(directory, 1)
        trail.close()
        trail.close()
        with pytest.raises(TrailError):
            trail.append(event(1))
        with pytest.raises(TrailError):
            trail.latest(1)


class TestSyncPolicy:
    """When lines become durable."""

    def test_each_syncs_every_line_before_it_returns(self, directory: Path) -> None:
        """Under `each`, n lines cost n syncs and nothing is ever unsynced."""
        disk = FaultyDisk()
        with closing(filled(directory, 0, policy=SyncPolicy.EACH, disk=disk)) as trail:
            before = disk.counts["fdatasync"]
            for number in range(7):
                assert trail.append(event(number)) == trail.synced
            assert before + 7 == disk.counts["fdatasync"]

    def test_none_syncs_only_on_demand(self, directory: Path) -> None:
        """Under `none`, only sync() and close() sync."""
        disk = FaultyDisk()
        with closing(filled(directory, 9, disk=disk)) as trail:
            start = disk.counts["fdatasync"]
            assert trail.synced.sequence == 1
            assert trail.position == trail.sync()
            assert trail.position == trail.synced
            assert start + 1 == disk.counts["fdatasync"]
            trail.append(event(9))
        assert start + 2 == disk.counts["fdatasync"]
        assert trail.position == trail.synced

    def test_interval_syncs_in_the_background(self, directory: Path) -> None:
        """Under `interval`, lines become durable without anyone asking, and rest costs nothing."""
        synced = Event()

        class Watched(FaultyDisk):
            def fdatasync(self, fd: int) -> None:
                super().fdatasync(fd)
                synced.set()

        disk = Watched()
        trail = Trail.create(
            directory, store_id=STORE, policy=SyncPolicy.INTERVAL, disk=disk, sync_seconds=0.0
        )
        with closing(trail):
            synced.clear()
            before = disk.counts["fdatasync"]
            trail.append(event(0))
            assert synced.wait(10)
            assert before + 1 == disk.counts["fdatasync"]

    def test_interval_gathers_lines_into_one_sync(self, directory: Path) -> None:
        """Under `interval`, many lines within an interval cost one sync."""
        disk = FaultyDisk()
        trail = Trail.create(
            directory, store_id=STORE, policy=SyncPolicy.INTERVAL, disk=disk, sync_seconds=60.0
        )
        with closing(trail):
            before = disk.counts["fdatasync"]
            for number in range(500):
                trail.append(event(number))
            assert before == disk.counts["fdatasync"]
        assert before + 1 == disk.counts["fdatasync"]
        assert trail.position == trail.synced

    def test_a_failing_background_sync_stops_the_trail(self, directory: Path) -> None:
        """Under `interval`, a sync that fails in the background makes the next append fail."""
        failed = Event()

        class Failing(FaultyDisk):
            armed = False

            def fdatasync(self, fd: int) -> None:
                if self.armed:
                    failed.set()
                    raise OSError(5, "Input/output error")
                super().fdatasync(fd)

        disk = Failing()
        trail = Trail.create(
            directory, store_id=STORE, policy=SyncPolicy.INTERVAL, disk=disk, sync_seconds=0.0
        )
        with closing(trail):
            disk.armed = True
            trail.append(event(0))
            assert failed.wait(10)
            assert trail._thread is not None
            trail._thread.join()
            assert trail.broken
            with pytest.raises(TrailError):
                trail.append(event(1))
            assert trail.synced.sequence == 1


class TestSegments:
    """Rolling and marked segments."""

    def test_rolls_when_a_segment_is_full(self, directory: Path) -> None:
        """A segment that has reached its size is followed by the next, and the chain runs on."""
        with closing(filled(directory, 50, segment_bytes=1000)) as trail:
            names = sorted(path.name for path in directory.iterdir())
            assert [f"{number + 1:06}.jsonl" for number in range(len(names))] == names
            assert len(names) > 5
            report = verify(directory, position=trail.position)
        assert report.ok
        assert ("create", *["roll"] * (len(names) - 1)) == report.marks

    def test_a_marked_segment_begins_with_its_mark(self, directory: Path) -> None:
        """start_segment begins a file whose first line carries the mark and which is durable."""
        with closing(filled(directory, 2)) as trail:
            position = trail.start_segment('restore "before lunch"\n')
            assert (position.segment, position.sequence) == (2, 4)
            assert position == trail.position == trail.synced
            first = orjson.loads(lines_of(directory)[3])
            assert first["kmstui"]["segment"] == {
                "format": 1,
                "store": STORE,
                "number": 2,
                "mark": 'restore "before lunch"\n',
            }
            trail.append(event(2))
            assert numbers(trail.latest(9)) == [2, 1, 0]
            assert verify(directory, position=trail.position).ok

    def test_a_mark_may_be_any_word(self, directory: Path) -> None:
        """A mark that happens to be the trail's own word for rolling begins a segment too."""
        with closing(filled(directory, 0)) as trail:
            assert trail.start_segment("roll").segment == 2

    @pytest.mark.parametrize("mark", ["x" * (MARK_CHARACTERS + 1), "\ud800"])
    def test_refuses_a_mark_that_does_not_fit(self, directory: Path, mark: str) -> None:
        """A mark that is too long or not encodable is refused, and the trail goes on."""
        with closing(filled(directory, 0)) as trail:
            with pytest.raises(TrailError):
                trail.start_segment(mark)
            trail.append(event(0))


class TestCreate:
    """Trail.create."""

    def test_makes_private_files(self, directory: Path) -> None:
        """The directory is 0700 and segments are 0600."""
        filled(directory, 1).close()
        assert directory.stat().st_mode & 0o777 == 0o700
        assert (directory / "000001.jsonl").stat().st_mode & 0o777 == 0o600

    def test_refuses_to_begin_twice(self, directory: Path) -> None:
        """A directory that holds a trail is left alone."""
        filled(directory, 3).close()
        before = lines_of(directory)
        with pytest.raises(TrailError):
            Trail.create(directory, store_id=STORE)
        assert before == lines_of(directory)


class TestOpen:
    """Trail.open."""

    def test_continues_where_it_ended(self, directory: Path) -> None:
        """A reopened trail goes on with the next number and the right hash."""
        with closing(filled(directory, 5, segment_bytes=300)) as trail:
            synced, end = trail.synced, trail.position
        for start in (synced, end):
            with closing(Trail.open(directory, store_id=STORE, position=start)) as trail:
                assert end == trail.position == trail.synced
                assert trail.recovery is None
                end = trail.append(event(9))
        assert verify(directory, position=end).ok

    def test_opens_from_every_place(self, directory: Path) -> None:
        """Any place that the trail ever had is one to open it from."""
        trail = filled(directory, 0, segment_bytes=400)
        places = [trail.position] + [trail.append(event(number)) for number in range(12)]
        trail.close()
        for place in places:
            with closing(Trail.open(directory, store_id=STORE, position=place)) as opened:
                assert places[-1] == opened.position

    def test_refuses_a_trail_that_lost_the_place(self, directory: Path) -> None:
        """A trail shorter than the keystore remembers is tampered with, and is left as it is."""
        with closing(filled(directory, 5)) as trail:
            position = trail.position
        path = directory / "000001.jsonl"
        path.write_bytes(b"".join(line + b"\n" for line in lines_of(directory)[:-1]))
        before = path.read_bytes()
        with pytest.raises(TrailTamperedError, match="cut"):
            Trail.open(directory, store_id=STORE, position=position)
        assert before == path.read_bytes()

    @pytest.mark.parametrize("line", range(6))
    def test_refuses_a_changed_line_at_or_after_the_place(
        self, directory: Path, line: int
    ) -> None:
        """A change of the line at the place or of any later one is found on opening."""
        with closing(filled(directory, 0)) as trail:
            place = trail.append(event(0))
            for number in range(1, 7):
                trail.append(event(number))
        path = directory / "000001.jsonl"
        path.write_bytes(path.read_bytes().replace(b'"n":%d' % line, b'"n":9', 1))
        with pytest.raises(TrailTamperedError):
            Trail.open(directory, store_id=STORE, position=place)

    def test_refuses_the_trail_of_another_keystore(self, directory: Path) -> None:
        """A trail names its keystore and opens for no other."""
        with closing(filled(directory, 2)) as trail:
            position = trail.position
        with pytest.raises(TrailTamperedError, match="another keystore"):
            Trail.open(directory, store_id="store-2", position=position)

    def test_refuses_a_missing_trail(self, directory: Path, tmp_path: Path) -> None:
        """A missing directory or segment is tampering, never a new start."""
        with closing(filled(directory, 30, segment_bytes=500)) as trail:
            position = trail.position
        with pytest.raises(TrailTamperedError):
            Trail.open(tmp_path / "nowhere", store_id=STORE, position=position)
        (directory / "000002.jsonl").unlink()
        with pytest.raises(TrailTamperedError, match=r"000002\.jsonl"):
            Trail.open(directory, store_id=STORE, position=position)
        for path in directory.iterdir():
            path.unlink()
        with pytest.raises(TrailTamperedError, match=r"000001\.jsonl"):
            Trail.open(directory, store_id=STORE, position=position)

    def test_refuses_a_link_in_the_place_of_a_segment(
        self, directory: Path, tmp_path: Path
    ) -> None:
        """A symbolic link is not followed, on opening or verifying."""
        with closing(filled(directory, 2)) as trail:
            position = trail.position
        path = directory / "000001.jsonl"
        path.rename(tmp_path / "moved")
        path.symlink_to(tmp_path / "moved")
        with pytest.raises(UnsafePathError):
            Trail.open(directory, store_id=STORE, position=position)
        with pytest.raises(UnsafePathError):
            verify(directory)


class TestReading:
    """Trail.since and Trail.latest."""

    @pytest.mark.parametrize("segment_bytes", [200, 1000, 1 << 20])
    def test_latest_pages_back_over_segments(self, directory: Path, segment_bytes: int) -> None:
        """Pages of any size, joined, are the whole trail, newest first, each line once."""
        with closing(filled(directory, 60, segment_bytes=segment_bytes)) as trail:
            for size in (1, 7, 59, 60, 61):
                found: list[int] = []
                before = None
                while page := trail.latest(size, before_sequence=before):
                    assert len(page) <= size
                    found += numbers(page)
                    before = orjson.loads(page[-1])["kmstui"]["sequence"]
                assert list(range(59, -1, -1)) == found

    def test_latest_finds_any_place_in_a_long_segment(self, directory: Path) -> None:
        """In a segment of many blocks, the line before each number is found."""
        with closing(filled(directory, 4000)) as trail:
            assert trail.position.offset > 4 * 64 * 1024
            for sequence in range(3, 4002, 61):
                assert [sequence - 3] == numbers(trail.latest(1, before_sequence=sequence))
            assert trail.latest(1, before_sequence=2) == []
            assert trail.latest(0) == []
            assert numbers(trail.latest(1, before_sequence=10**9)) == [3999]

    def test_since_gives_the_events_after_a_place(self, directory: Path) -> None:
        """since() gives, oldest first, what was appended after the place and nothing else."""
        with closing(filled(directory, 0, segment_bytes=300)) as trail:
            places = [trail.position] + [trail.append(event(number)) for number in range(20)]
            for count, place in enumerate(places):
                assert list(range(count, 20)) == numbers(list(trail.since(place)))

    def test_reading_does_not_wait_for_a_writer(self, directory: Path) -> None:
        """While another thread holds the writing side, the trail can be read."""
        waiting, go_on = Event(), Event()
        stop = Lock()

        class Slow(FaultyDisk):
            armed = False

            def write(self, fd: int, data: bytes | memoryview) -> int:
                if self.armed:
                    waiting.set()
                    assert go_on.wait(10)
                return super().write(fd, data)

        disk = Slow()
        with closing(filled(directory, 3, disk=disk)) as trail, stop:
            disk.armed = True
            thread = Thread(target=trail.append, args=(event(3),))
            thread.start()
            assert waiting.wait(10)
            assert numbers(trail.latest(9)) == [2, 1, 0]
            go_on.set()
            thread.join()
            assert numbers(trail.latest(9)) == [3, 2, 1, 0]
