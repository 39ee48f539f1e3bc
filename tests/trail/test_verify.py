"""The offline verifier finds every change and names the first bad line."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kmstui.core.errors import TrailError
from kmstui.core.position import TrailPosition
from kmstui.trail.lines import chain_event, hash_line
from kmstui.trail.verify import Flaw, VerifyReport, verify
from tests.helpers.trails import STORE, event, filled, lines_of

COUNT = 500
"""Lines of the log that is attacked, its head included."""

Lines = list[bytes]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Lines, TrailPosition]:
    """A log of 500 lines, its lines, and the place that the keystore's head would keep."""
    directory = tmp_path_factory.mktemp("t07") / "trail"
    with closing(filled(directory, COUNT - 1)) as trail:
        return directory, lines_of(directory), trail.position


def _check(log: tuple[Path, Lines, TrailPosition], lines: Lines) -> VerifyReport:
    directory, _, position = log
    (directory / "000001.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    return verify(directory, position=position, store_id=STORE)


def _edited(line: bytes) -> bytes:
    """The line with one character of its record (or of a head, its store) changed."""
    old, new = (b"Encrypt", b"Decrypt") if b"Encrypt" in line else (STORE.encode(), b"store-2")
    return line.replace(old, new, 1)


def _edited_chain(line: bytes) -> bytes:
    """The line with the last digit of the hash that it names changed."""
    at = line.index(b'"previous":"') + 75
    return line[:at] + (b"1" if line[at : at + 1] != b"1" else b"2") + line[at + 1 :]


def _rewritten(lines: Lines, start: int) -> Lines:
    """A tail whose hashes were all computed again after one record was changed."""
    changed = lines[:start]
    for number, line in enumerate(lines[start:], start=start):
        body = _edited(line) if number == start else line
        record = orjson.loads(body)
        chain = record.pop("kmstui")
        previous = hash_line(changed[-1]) if changed else "0" * 64
        if "segment" in chain:
            changed.append(body)
        else:
            changed.append(chain_event(orjson.dumps(record), number + 1, previous))
    return changed


ATTACKS: dict[str, Callable[[Lines, int], Lines]] = {
    "edit": lambda lines, n: [*lines[:n], _edited(lines[n]), *lines[n + 1 :]],
    "edit the chain": lambda lines, n: [*lines[:n], _edited_chain(lines[n]), *lines[n + 1 :]],
    "delete": lambda lines, n: lines[:n] + lines[n + 1 :],
    "insert a copy": lambda lines, n: [*lines[:n], lines[(n + 7) % COUNT], *lines[n:]],
    "insert a forgery": lambda lines, n: [
        *lines[:n],
        chain_event(event(9999), n + 1, hash_line(lines[n - 1]) if n else "0" * 64),
        *lines[n:],
    ],
    "swap": lambda lines, n: (
        [*lines[:n], lines[n + 1], lines[n], *lines[n + 2 :]]
        if n + 1 < COUNT
        else [lines[n], *lines[1:n], lines[0]]
    ),
    "truncate": lambda lines, n: lines[:n],
    "truncate with a torn line": lambda lines, n: [*lines[:n], lines[n][:-30]],
    "rewrite from here": _rewritten,
}


class TestAttacks:
    """T07: every attack at every line of a log of 500."""

    @pytest.mark.parametrize("attack", ATTACKS)
    def test_is_found_at_every_line(
        self, log: tuple[Path, Lines, TrailPosition], attack: str
    ) -> None:
        """The verifier finds the attack at each line, and names the first line that is wrong."""
        lines = log[1]
        for n in range(COUNT):
            report = _check(log, ATTACKS[attack](lines, n))
            assert report.flaw is not None, (attack, n)
            first = self._first_wrong(attack, n)
            assert first == report.flaw.sequence, (attack, n, report.flaw)
            assert first == report.flaw.line
            assert report.flaw.segment == 1
            assert report.lines < COUNT

    @staticmethod
    def _first_wrong(attack: str, n: int) -> int:
        """The number of the first wrong line."""
        if attack == "rewrite from here":
            # Only the last line is known from elsewhere; but a head names its keystore.
            return COUNT if n else 1
        if attack == "swap" and n == COUNT - 1:
            return 1
        return n + 1

    def test_an_untouched_log_is_good(self, log: tuple[Path, Lines, TrailPosition]) -> None:
        """A log that nobody touched has no flaw and all its lines."""
        report = _check(log, log[1])
        assert (
            VerifyReport(
                store_id=STORE,
                marks=("create",),
                lines=COUNT,
                events=COUNT - 1,
                digests=0,
                end=log[2],
                unfinished=0,
                flaw=None,
            )
            == report
        )
        assert report.ok

    def test_without_a_known_place_a_cut_tail_is_not_found(
        self, log: tuple[Path, Lines, TrailPosition]
    ) -> None:
        """The limit is stated: the chain alone cannot tell that a tail was cut off."""
        directory, lines, _ = log
        _check(log, lines[:100])
        assert verify(directory).ok


class TestSegments:
    """Flaws between segments."""

    @pytest.fixture
    def position(self, directory: Path) -> TrailPosition:
        """A trail of several segments."""
        with closing(filled(directory, 40, segment_bytes=1000)) as trail:
            assert trail.position.segment > 4
            return trail.position

    def test_counts_and_marks(self, directory: Path, position: TrailPosition) -> None:
        """Each segment's mark is told, and heads are not counted as records."""
        report = verify(directory, position=position)
        assert report.ok
        assert report.events == 40
        assert report.lines == 40 + position.segment
        assert len(report.marks) == position.segment

    @pytest.mark.parametrize("number", [1, 2, 5])
    def test_names_a_missing_segment(
        self, directory: Path, position: TrailPosition, number: int
    ) -> None:
        """A missing segment is named, wherever it is."""
        assert position.segment >= number
        (directory / f"{number:06}.jsonl").unlink()
        flaw = verify(directory, position=position).flaw
        assert flaw is not None
        assert (number, 1) == (flaw.segment, flaw.line)
        assert "missing" in flaw.what

    def test_finds_exchanged_segments(self, directory: Path, position: TrailPosition) -> None:
        """Segments under each other's names are found at the first."""
        assert position.segment > 3
        second, third = directory / "000002.jsonl", directory / "000003.jsonl"
        one, other = second.read_bytes(), third.read_bytes()
        second.write_bytes(other)
        third.write_bytes(one)
        flaw = verify(directory).flaw
        assert flaw is not None
        assert (flaw.segment, flaw.line) == (2, 1)

    def test_names_the_last_line_of_a_segment(
        self, directory: Path, position: TrailPosition
    ) -> None:
        """A change of a segment's last line is pinned on it, not on the segment that follows."""
        assert position.segment > 2
        path = directory / "000001.jsonl"
        lines = path.read_bytes().splitlines()
        lines[-1] = _edited(lines[-1])
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        flaw = verify(directory).flaw
        assert Flaw(1, len(lines), len(lines), "was changed") == flaw

    def test_other_files_do_not_matter(self, directory: Path, position: TrailPosition) -> None:
        """Files that are no segments are passed over."""
        for name in ("notes.txt", "000001.jsonl.bak", "000000.jsonl", "1.jsonl"):
            (directory / name).write_text("x")
        assert verify(directory, position=position).ok

    def test_tells_its_progress(self, directory: Path, position: TrailPosition) -> None:
        """Progress ends at all bytes of all bytes."""
        told: list[tuple[int, int]] = []
        verify(directory, progress=lambda done, total: told.append((done, total)))
        total = sum(path.stat().st_size for path in directory.iterdir())
        assert told[-1] == (total, total)
        assert position.segment > 1

    def test_names_the_wrong_keystore(self, directory: Path, position: TrailPosition) -> None:
        """A trail of another keystore is named as such."""
        flaw = verify(directory, position=position, store_id="store-2").flaw
        assert Flaw(1, 1, 1, "belongs to the trail of another keystore") == flaw


class TestHostileFiles:
    """Files that nobody's trail wrote."""

    @pytest.mark.parametrize(
        ("data", "what"),
        [
            (b"", "empty"),
            (b"\n", "place in the chain"),
            (b"{}\n", "place in the chain"),
            (b"\xff\xfe\x00\n", "place in the chain"),
            (b"x" * 5_000_000, "longer"),
            (b"x" * 5_000_000 + b"\n", "longer"),
            (b"[" * 100_000 + b"\n", "place in the chain"),
            (b'{"kmstui":{"sequence":1,"previous":"' + b"0" * 64 + b'","segment":{\n', "JSON"),
            (
                b'{"kmstui":{"sequence":1,"previous":"' + b"0" * 64 + b'","segment":{}}}\n',
                "first line",
            ),
            (
                b'{"kmstui":{"sequence":1,"previous":"' + b"0" * 64 + b'","segment":{"format":2,'
                b'"store":"s","number":1,"mark":"m"}}}\n',
                "format 2",
            ),
            (
                b'{"a":"\xff","kmstui":{"sequence":1,"previous":"' + b"0" * 64 + b'"}}\n',
                "not JSON in UTF-8",
            ),
            (
                b'{"a":1,"kmstui":{"sequence":1,"previous":"' + b"0" * 64 + b'"}}\n',
                "should begin its segment",
            ),
            (
                b'["a",0,"kmstui":{"sequence":1,"previous":"' + b"0" * 64 + b'"}}\n',
                "not JSON",
            ),
        ],
    )
    def test_names_the_first_line(self, directory: Path, data: bytes, what: str) -> None:
        """Whatever the bytes, the report says what is wrong with line 1."""
        directory.mkdir(mode=0o700)
        path = directory / "000001.jsonl"
        path.touch(mode=0o600)
        path.write_bytes(data)
        flaw = verify(directory).flaw
        assert flaw is not None
        assert (flaw.segment, flaw.line, flaw.sequence) == (1, 1, 1)
        assert what in flaw.what

    def test_a_change_before_a_hole_is_pinned_on_its_line(self, directory: Path) -> None:
        """A second flaw right after the first does not hide it, and no known end is needed."""
        filled(directory, 5).close()
        lines = lines_of(directory)
        path = directory / "000001.jsonl"
        for tail in (b"x" * 3_000_000, b"no line\n", b""):
            path.write_bytes(
                b"".join(line + b"\n" for line in [*lines[:2], _edited(lines[2]), lines[3]]) + tail
            )
            flaw = verify(directory).flaw
            assert flaw is not None
            assert flaw.sequence in {3, 4}
            assert "changed" in flaw.what

    def test_the_last_line_but_one_is_told_from_the_last(self, directory: Path) -> None:
        """With a known end, a change of the line before it and of its chain are told apart."""
        with closing(filled(directory, 5)) as trail:
            position = trail.position
        *first, before, last = lines_of(directory)
        path = directory / "000001.jsonl"
        for lines, sequence in (
            ([*first, _edited(before), last], 5),
            ([*first, before, _edited_chain(last)], 6),
        ):
            path.write_bytes(b"".join(line + b"\n" for line in lines))
            flaw = verify(directory, position=position).flaw
            assert flaw is not None
            assert sequence == flaw.sequence

    def test_a_missing_newline_is_found(self, directory: Path) -> None:
        """Two lines run into one are found at the first of them."""
        with closing(filled(directory, 5)) as trail:
            position = trail.position
        lines = lines_of(directory)
        (directory / "000001.jsonl").write_bytes(
            b"\n".join([*lines[:3], lines[3] + lines[4], lines[5], b""])
        )
        flaw = verify(directory, position=position).flaw
        assert flaw is not None
        assert flaw.sequence == 4

    def test_an_unfinished_end_is_told(self, directory: Path) -> None:
        """What a crash leaves after the last line is no flaw, but it is told."""
        with closing(filled(directory, 5)) as trail:
            position = trail.position
        with (directory / "000001.jsonl").open("ab") as file:
            file.write(b'{"half":')
        report = verify(directory, position=position)
        assert report.ok
        assert report.unfinished == 8

    def test_a_missing_directory_is_an_error(self, tmp_path: Path) -> None:
        """A trail that is not there cannot be checked."""
        with pytest.raises(TrailError):
            verify(tmp_path / "nowhere")

    def test_an_empty_directory_has_a_flaw(self, directory: Path) -> None:
        """A directory without segments is a trail that is gone."""
        directory.mkdir(mode=0o700)
        flaw = verify(directory).flaw
        assert flaw is not None
        assert "missing" in flaw.what

    def test_a_flaw_reads_as_a_sentence(self) -> None:
        """A flaw names file, line and number."""
        assert (
            str(Flaw(3, 12, 345, "was changed"))
            == "000003.jsonl, line 12 (number 345 of the trail) was changed"
        )

    @settings(
        max_examples=300,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(data=st.data())
    def test_any_change_of_bytes_is_found(self, directory: Path, data: st.DataObject) -> None:
        """Any edit of any bytes of a small log, given its end, is a flaw or an error of ours."""
        if not directory.exists():
            filled(directory, 6).close()
            directory.with_suffix(".good").write_bytes((directory / "000001.jsonl").read_bytes())
        good = directory.with_suffix(".good").read_bytes()
        lines = good.splitlines()
        position = TrailPosition(1, len(good), len(lines), hash_line(lines[-1]))
        at = data.draw(st.integers(0, len(good)))
        removed = data.draw(st.integers(0, 20))
        inserted = data.draw(st.binary(max_size=20))
        changed = good[:at] + inserted + good[at + removed :]
        (directory / "000001.jsonl").write_bytes(changed)
        report = verify(directory, position=position)
        if changed == good:
            assert report.ok
        elif changed.startswith(good) and b"\n" not in changed[len(good) :]:
            assert report.unfinished == len(changed) - len(good)
        else:
            assert not report.ok

    def test_a_digest_line_is_counted(self, directory: Path) -> None:
        """A line that carries a signed digest has its place in the chain and is counted."""
        with closing(filled(directory, 2)) as trail:
            end = trail.position
        line = b'{"kmstui":{"sequence":%d,"previous":"%b","digest":{"algorithm":"x"}}}' % (
            end.sequence + 1,
            end.line_hash.encode(),
        )
        with (directory / "000001.jsonl").open("ab") as file:
            file.write(line + b"\n")
        report = verify(directory, position=end)
        assert report.ok
        assert (report.events, report.digests) == (2, 1)
        assert json.loads(line)["kmstui"]["digest"] == {"algorithm": "x"}
