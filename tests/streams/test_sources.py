"""The source: specs, the merge by time, journals, ticks and marks, playback."""

import gzip

import pytest

from radar.batch import StreamPosition
from radar.errors import InputError
from radar.instant import Instant
from streams.blocks import Block
from streams.pace import Pace
from streams.sources import FilesSource
from streams.specs import SpecKind, parse_spec

pytestmark = pytest.mark.req("R50")


def line(second: int) -> bytes:
    return b'{"time": "2024-03-01T00:00:%02dZ"}\n' % second


class Clocks:
    """A wall clock and a monotonic clock that move when they are told to."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def wall(self) -> Instant:
        return Instant(int(self.seconds * 1e6))

    def monotonic(self) -> float:
        return self.seconds

    def pace(self, **changed: object) -> Pace:
        return Pace(wall=self.wall, monotonic=self.monotonic, **changed)  # type: ignore[arg-type]


def drained(source, limit=100):
    """Return the blocks until the source is done or has nothing to say."""
    blocks: list[Block] = []
    while not source.is_done and len(blocks) < limit:
        block = source.next_block()
        if block is None:
            break
        blocks.append(block)
    return blocks


def read_lines(blocks):
    return [one + b"\n" for block in blocks for one in block.lines]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kafka://host:9092/orders", "not in this version yet"),
        ("http://0.0.0.0:80", "not in this version yet"),
        ("ftp://host/x", "is unknown"),
        ("no/such/file.jsonl", "there is no such file"),
        ("", "is no path"),
    ],
)
def test_a_spec_that_cannot_be_read_is_refused(text, said):
    with pytest.raises(InputError, match=said):
        parse_spec(text)


def test_a_spec_names_its_zone(tmp_path):
    path = tmp_path / "e.jsonl"
    path.write_bytes(b"")
    assert parse_spec(f"{path}?zone=America/Sao_Paulo").zone == "America/Sao_Paulo"
    assert parse_spec(str(path), "Asia/Taipei").zone == "Asia/Taipei"
    with pytest.raises(InputError, match="'Mars/Olympus' is no time zone"):
        parse_spec(f"{path}?zone=Mars/Olympus")


def test_a_compressed_file_is_known_by_its_first_bytes(tmp_path):
    (tmp_path / "odd-name").write_bytes(b"\x1f\x8b\x08")
    assert parse_spec(str(tmp_path / "odd-name")).kind is SpecKind.GZIP
    assert parse_spec(str(tmp_path)).kind is SpecKind.JOURNAL


def test_several_files_are_merged_by_time(tmp_path):
    for name, seconds in (("a", (1, 2, 7, 8)), ("b", (3, 4, 5, 6))):
        (tmp_path / f"{name}.jsonl").write_bytes(b"".join(map(line, seconds)))
    specs = [parse_spec(str(tmp_path / name)) for name in ("a.jsonl", "b.jsonl")]
    blocks = drained(FilesSource(specs, {}, Pace(block_lines=2)))
    assert read_lines(blocks) == [line(second) for second in range(1, 9)]
    assert [block.stream[-7:] for block in blocks if block.is_end] == ["b.jsonl", "a.jsonl"]
    assert blocks[-1].is_marked


def test_an_empty_file_is_an_end_at_once(tmp_path):
    path = tmp_path / "empty.jsonl"
    path.write_bytes(b"")
    end, last = drained(FilesSource([parse_spec(str(path))], {}, Pace()))
    assert (end.stream, end.lines, end.is_end, last.is_marked) == (str(path), [], True, True)


def test_reading_goes_on_from_the_low_offset(tmp_path):
    path = tmp_path / "e.jsonl"
    path.write_bytes(line(1) + line(2) + line(3))
    size = len(line(1))
    known = {str(path): StreamPosition(str(path), size, 2 * size)}
    blocks = drained(FilesSource([parse_spec(str(path))], known, Pace()))
    assert blocks[0].offsets == [size, 2 * size]


def test_a_journal_is_read_in_the_order_of_its_names_and_followed(tmp_path):
    clocks = Clocks()
    (tmp_path / "2024-03-01.jsonl").write_bytes(line(1))
    (tmp_path / "notes.txt").write_bytes(b"not events")
    source = FilesSource([parse_spec(str(tmp_path))], {}, clocks.pace(is_live=True, until_eof=False))
    assert read_lines(drained(source)) == [line(1)]
    (tmp_path / "2024-03-02.jsonl").write_bytes(line(2))
    with (tmp_path / "2024-03-01.jsonl").open("ab") as file:
        file.write(line(9))
    clocks.seconds += 1
    blocks = drained(source)
    clocks.seconds += 1
    blocks += drained(source)
    assert read_lines(blocks) == [line(9), line(2)]
    ended = [block for block in blocks if block.is_end]
    assert [(block.stream[-16:], block.successor[-16:]) for block in ended] == [
        ("2024-03-01.jsonl", "2024-03-02.jsonl")
    ]
    source.close()


def test_a_journal_read_to_its_end_is_over(tmp_path):
    for number in (1, 2, 3):
        (tmp_path / f"{number}.jsonl").write_bytes(line(number))
    blocks = drained(FilesSource([parse_spec(str(tmp_path))], {}, Pace()))
    assert read_lines(blocks) == [line(1), line(2), line(3)]


def test_the_wall_clock_ticks_only_once_all_lines_have_been_read(tmp_path):
    clocks = Clocks()
    path = tmp_path / "e.jsonl"
    path.write_bytes(b"".join(map(line, range(5))))
    pace = clocks.pace(is_live=True, until_eof=False, block_lines=2)
    source = FilesSource([parse_spec(str(path))], {}, pace)
    assert [block.now for block in drained(source)] == [None, None, None, 100_000_000]
    assert source.next_block() is None
    clocks.seconds += 0.05
    assert source.next_block() is None
    clocks.seconds += 0.06
    tick = source.next_block()
    assert tick is not None
    assert (tick.stream, tick.now) == ("", 100_110_000)
    source.close()


def test_a_mark_comes_once_an_epoch(tmp_path):
    clocks = Clocks()
    path = tmp_path / "e.jsonl"
    path.write_bytes(b"".join(map(line, range(6))))
    source = FilesSource([parse_spec(str(path))], {}, clocks.pace(epoch_s=1.0, block_lines=1))
    marks = []
    for _ in range(6):
        clocks.seconds += 0.5
        block = source.next_block()
        marks.append(block is not None and block.is_marked)
    assert marks == [False, True, False, True, False, True]


def test_a_stopped_source_ends_with_a_mark_and_no_end_of_its_stream(tmp_path):
    path = tmp_path / "e.jsonl"
    path.write_bytes(b"".join(map(line, range(6))))
    source = FilesSource([parse_spec(str(path))], {}, Pace(block_lines=2))
    source.next_block()
    source.stop()
    (last,) = drained(source)
    assert (last.is_marked, last.is_end, source.is_done) == (True, False, True)


def test_recorded_time_is_played_back_faster(tmp_path):
    clocks = Clocks()
    path = tmp_path / "e.jsonl"
    path.write_bytes(b"".join(map(line, (10, 12, 20))))
    source = FilesSource([parse_spec(str(path))], {}, clocks.pace(factor=4.0))
    assert read_lines(drained(source)) == [line(10)]
    clocks.seconds += 0.25
    assert read_lines(drained(source)) == []
    clocks.seconds += 0.25
    assert read_lines(drained(source)) == [line(12)]
    clocks.seconds += 2
    assert read_lines(drained(source)) == [line(20)]
    assert source.is_done


def test_one_torn_file_does_not_stop_the_others(tmp_path):

    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b"".join(map(line, range(50))))[:-12])
    (tmp_path / "b.jsonl").write_bytes(line(55))
    specs = [parse_spec(str(tmp_path / name)) for name in ("a.jsonl.gz", "b.jsonl")]
    source = FilesSource(specs, {}, Pace())
    assert line(55) in read_lines(drained(source))
    assert "ends too early" in str(source.failure)
