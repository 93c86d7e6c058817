"""Bytes become the same lines however they arrive; nothing is lost, nothing too long is held."""

import gzip
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radar.errors import InputError
from streams import taps
from streams.lines import KEPT_BYTES_MAX, LineReader
from streams.taps import FileTap, GzipTap

pytestmark = pytest.mark.req("R50")


class Chunks:
    """A tap that gives out the chunks it was made of."""

    begin = b""

    def __init__(self, chunks):
        self.is_dry = False
        self._chunks = list(chunks)

    def read(self):
        if self._chunks:
            return self._chunks.pop(0)
        self.is_dry = True
        return b""

    def close(self):
        assert self.is_dry


def all_lines(reader, size=3):
    found: list[tuple[int, bytes]] = []
    while not reader.is_ended:
        lines, offsets = reader.read(size)
        found += zip(offsets, lines, strict=True)
    return found


def expected(text):
    found, offset = [], 0
    for line in text.split(b"\n"):
        if line or offset + len(line) < len(text):
            found.append((offset, line))
        offset += len(line) + 1
    return found


@given(st.lists(st.sampled_from([b"a", b"bc\n", b"\n", b"defgh", b'{"x": 1}\n']), max_size=12), st.integers(1, 4))
def test_lines_and_offsets_do_not_depend_on_the_chunks(chunks, size):
    chunks = [chunk for chunk in chunks if chunk]
    assert all_lines(LineReader(Chunks(chunks), 0), size) == expected(b"".join(chunks))


@pytest.mark.parametrize("over", [-1, 0, 1, 300_000])
def test_a_line_beyond_the_limit_is_cut_and_the_next_one_found(over):
    long_line = b"x" * (KEPT_BYTES_MAX + over)
    text = b"first\n" + long_line + b"\nlast"
    chunks = [text[start : start + 100_000] for start in range(0, len(text), 100_000)]
    found = all_lines(LineReader(Chunks(chunks), 0))
    assert [offset for offset, _ in found] == [0, 6, 7 + len(long_line)]
    assert min(len(long_line), KEPT_BYTES_MAX) <= len(found[1][1]) <= KEPT_BYTES_MAX + 100_000
    assert found[2][1] == b"last"


def test_a_file_without_line_feeds_does_not_fill_the_memory():
    reader = LineReader(Chunks([b"\0" * 250_000] * 40), 0)
    ((offset, line),) = all_lines(reader)
    assert (offset, len(line), reader.offset) == (0, KEPT_BYTES_MAX, 10_000_000)


def test_a_last_line_waits_for_its_rest_while_the_file_may_grow(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"one\ntw")
    reader = LineReader(FileTap(path, 0, is_complete=False), 0)
    assert reader.read(10) == ([b"one"], [0])
    assert reader.read(10) == ([], [])
    with path.open("ab") as file:
        file.write(b"o\nthree")
    assert reader.read(10) == ([b"two"], [4])
    assert (reader.offset, reader.is_ended) == (8, False)
    reader.close()


def test_at_the_end_of_a_complete_file_it_is_a_line(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"one\ntwo")
    reader = LineReader(FileTap(path, 0, is_complete=True), 0)
    assert reader.read(10) == ([b"one", b"two"], [0, 4])
    assert reader.is_ended
    reader.close()


@pytest.mark.parametrize("how", ["cut", "replaced", "removed"])
def test_a_file_that_does_not_only_grow_is_told(tmp_path, how):
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"one\ntwo\n")
    reader = LineReader(FileTap(path, 0, is_complete=False), 0)
    assert len(reader.read(10)[0]) == 2
    path.unlink() if how != "cut" else path.write_bytes(b"one\n")
    if how == "replaced":
        (tmp_path / "keep the inode").write_bytes(b"")
        path.write_bytes(b"new\n" * 9)
    assert reader.read(10) == ([], [])
    words = {"cut": "has 4 bytes, but 8 were read", "replaced": "was replaced", "removed": "was removed"}
    assert words[how] in str(reader.failure)
    reader.close()


def test_a_file_shorter_than_what_was_read_before_is_refused(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"one\n")
    with pytest.raises(InputError, match="has 4 bytes, but 9 were read before"):
        FileTap(path, 9, is_complete=True)


def gz(path: Path, text: bytes) -> Path:
    path.write_bytes(gzip.compress(text))
    return path


@pytest.mark.parametrize("offset", [0, 1, 4, 1000, 59_999, 60_000])
def test_a_compressed_file_is_read_on_from_any_offset(tmp_path, monkeypatch, offset):
    monkeypatch.setattr(taps, "CHUNK_BYTES", 1024)
    text = b"".join(b"%05d\n" % number for number in range(10_000))
    path = gz(tmp_path / "events.jsonl.gz", text[:30_000])
    path.write_bytes(path.read_bytes() + gzip.compress(text[30_000:]))
    found = all_lines(LineReader(GzipTap(path, offset), offset), 100)
    assert b"\n".join(line for _, line in found) + b"\n" == (text[offset:] or b"\n")
    assert found[:1] == [(offset, text[offset:].split(b"\n")[0])] or offset == len(text)


def test_what_a_torn_compressed_file_holds_is_read_and_then_told(tmp_path, monkeypatch):
    monkeypatch.setattr(taps, "CHUNK_BYTES", 1024)
    luck = random.Random(1)
    text = b"".join(b"%d\n" % luck.getrandbits(200) for _ in range(1000))
    path = gz(tmp_path / "events.jsonl.gz", text)
    path.write_bytes(path.read_bytes()[:-2000])
    reader = LineReader(GzipTap(path, 0), 0)
    found = [line for _, line in all_lines(reader)]
    assert len(found) > 500
    assert text.startswith(b"\n".join(found) + b"\n"), "a torn last line is no line"
    assert "ends too early" in str(reader.failure)


def test_a_damaged_compressed_file_is_told(tmp_path):
    path = gz(tmp_path / "events.jsonl.gz", b"one\n" * 5000)
    broken = bytearray(path.read_bytes())
    broken[20:30] = b"\xff" * 10
    path.write_bytes(broken)
    reader = LineReader(GzipTap(path, 0), 0)
    all_lines(reader)
    assert "is damaged" in str(reader.failure)
