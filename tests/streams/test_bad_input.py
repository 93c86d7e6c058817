"""Two hundred kinds of bad line: each is refused for its reason, and the good line beside it survives."""

from collections import Counter

import pytest

from radar.events import Event
from streams.codec import Codec
from streams.second_look import REASONS, Rejection
from tests.bad_files import bad_files
from tests.bad_input import bad_lines, good_line

BAD = bad_lines()


@pytest.mark.req("R51")
@pytest.mark.parametrize("bad", BAD, ids=[bad.name for bad in BAD])
def test_a_bad_line_is_refused_for_its_reason_and_harms_no_other(bad):
    before, refused, after = Codec().decode_block([good_line(1), bad.line, good_line(2)])
    assert isinstance(refused, Rejection)
    assert refused.reason == bad.reason, refused.detail
    assert 0 < len(refused.detail) < 2000
    assert refused.detail.isprintable()
    assert [event.id for event in (before, after) if isinstance(event, Event)] == ["good-1", "good-2"]


def test_there_are_two_hundred_distinct_kinds_and_each_reason_occurs():
    assert len(BAD) >= 200
    assert max(Counter(bad.name for bad in BAD).values()) == 1
    assert max(Counter(bad.line for bad in BAD).values()) == 1
    assert {bad.reason for bad in BAD} == set(REASONS)
    assert not [bad.name for bad in BAD if b"\n" in bad.line]


@pytest.mark.req("R51")
@pytest.mark.parametrize("file", bad_files(), ids=[file.name for file in bad_files()])
def test_what_is_whole_in_a_damaged_file_is_read(file):
    decoded = Codec().decode_block(file.content.split(b"\n"))
    assert len([found for found in decoded if isinstance(found, Event)]) == file.events
    assert [found.reason for found in decoded if isinstance(found, Rejection)] == file.reasons
