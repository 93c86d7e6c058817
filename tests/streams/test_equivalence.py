"""The result depends on the events alone: not on the engine, the block size, the order of arrival or repetition."""

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.event_mix import events as mixed_events
from radar.instant import HOUR_US
from streams.codec import encode
from streams.pace import Pace
from tests.strategies import event_streams, events
from tests.streams.flow import Flow

pytestmark = pytest.mark.req("R02", "R48")
ORDER_KINDS = (
    "order.placed.v1",
    "order.held.v1",
    "order.validated.v1",
    "order.cancelled.v1",
    "payment.approved.v1",
    "shipment.handed-over.v1",
    "shipment.delivered.v1",
    "source.heartbeat.v1",
)


def as_lines(stream):
    return [encode(event) + b"\n" for event in stream]


@pytest.fixture(scope="module")
def mix():
    return list(mixed_events(60, orders_a_day=40))


@pytest.fixture
def flow(tmp_path, mix):
    made = Flow(tmp_path)
    made.write(as_lines(mix))
    return made


@pytest.mark.parametrize("block_lines", [1, 2, 1000])
def test_bytewax_says_what_the_plain_loop_says_at_any_block_size(flow, block_lines):
    told = flow.run("plain")
    flow.run("bytewax", engine="bytewax", pace=Pace(epoch_s=0.0, block_lines=block_lines))
    assert flow.digest("bytewax") == flow.digest("plain")
    assert sum(told.warnings.values()) > 20, "a stream without warnings proves little"


def test_commits_seldom_or_often_end_in_the_same_store(flow):
    flow.run("often", pace=Pace(epoch_s=0.0, block_lines=7))
    flow.run("once", pace=Pace(epoch_s=3600.0))
    assert flow.digest("often") == flow.digest("once")


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_within_the_lateness_it_is_the_same(flow, mix, seed):
    flow.run("in order")
    luck = random.Random(seed)
    shuffled = sorted(mix, key=lambda event: event.time + luck.randrange(HOUR_US))
    assert shuffled != mix
    flow.write(as_lines(shuffled))
    told = flow.run("shuffled", pace=Pace(epoch_s=0.0, block_lines=5))
    assert (flow.digest("shuffled"), told.late) == (flow.digest("in order"), 0)


@pytest.mark.parametrize("engine", ["plain", "bytewax"])
def test_lines_told_twice_change_nothing_but_the_count(flow, mix, engine):
    flow.run("once")
    luck = random.Random(5)
    doubled = [event for event in mix for _ in range(1 + (luck.random() < 0.3))]
    flow.write(as_lines([*doubled, *mix[-40:]]))
    told = flow.run("doubled", engine=engine, pace=Pace(epoch_s=0.0, block_lines=16))
    assert flow.digest("doubled") == flow.digest("once")
    assert told.duplicates == len(doubled) + 40 - len(mix)


def test_cut_into_several_files_it_is_the_same(flow, mix):
    flow.run("one file")
    parts = [flow.write(as_lines(mix[start::3]), f"part{start}.jsonl") for start in range(3)]
    flow.run("three files", specs=[str(part) for part in parts], pace=Pace(epoch_s=0.0, block_lines=11))
    assert flow.digest("three files") == flow.digest("one file")


@settings(max_examples=25)
@given(event_streams(events(kinds=ORDER_KINDS)), st.sampled_from([1, 2, 3]), st.sampled_from(["plain", "bytewax"]))
def test_ties_and_duplicates_in_any_blocks_end_in_the_same_store(stream, block_lines, engine):
    with TemporaryDirectory() as folder:
        flow = Flow(Path(folder))
        flow.write(as_lines(stream))
        once = flow.run("once", lateness_us=30 * 24 * HOUR_US)
        flow.run(
            "blocks", engine=engine, lateness_us=30 * 24 * HOUR_US, pace=Pace(epoch_s=0.0, block_lines=block_lines)
        )
        assert flow.digest("blocks") == flow.digest("once")
        assert once.lines == once.events + once.duplicates + once.dead_letters


@settings(max_examples=40)
@given(event_streams(events(kinds=ORDER_KINDS)), st.sampled_from([1, 2, 3, 5]), st.sampled_from([0, HOUR_US]))
def test_late_news_does_not_depend_on_the_blocks_it_comes_in(stream, block_lines, lateness_us):
    with TemporaryDirectory() as folder:
        flow = Flow(Path(folder))
        flow.write(as_lines(stream))
        once = flow.run("once", lateness_us=lateness_us)
        blocks = flow.run("blocks", lateness_us=lateness_us, pace=Pace(epoch_s=0.0, block_lines=block_lines))
        assert flow.digest("blocks") == flow.digest("once")
        assert (blocks.late, blocks.duplicates, blocks.events) == (once.late, once.duplicates, once.events)
