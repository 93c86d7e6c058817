"""What is said and kept depends on the events alone: not on blocks, arrival, repeats, polling, streams or restarts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radar.orders import Order
from radar.outputs import Change, OrderRow
from tests.radar.harness import DictStore, Play, noise
from tests.radar.histories import LATENESS_US, STRICT, arrivals, dealt, histories, with_repeats

WHOLE = 1000
PLAIN = Play(STRICT, LATENESS_US, block=WHOLE)
blocks = st.sampled_from([1, 2, 7, WHOLE])


def later(play: Play, **changes: object) -> Play:
    return Play(**{**{name: getattr(play, name) for name in play.__dataclass_fields__}, **changes})


@pytest.mark.req("R48", "R51")
@given(histories(), st.data())
def test_blocks_arrival_repeats_and_polling_change_nothing(history, data):
    expected = PLAIN.run([history])
    arrived = data.draw(with_repeats(data.draw(arrivals(history))))
    play = later(PLAIN, block=data.draw(blocks), batch_every=data.draw(st.integers(1, 4)), extra_ticks=1)
    found = play.run([arrived])
    assert list(found.outputs.values()) == list(expected.outputs.values())
    assert found.digest() == expected.digest()
    counters = found.checkpoint.counters
    assert (counters.lines, counters.pending) == (len(arrived), 0)
    assert counters.duplicates + len(found.dead) == len(arrived) - len(history)
    assert {letter.reason for letter in found.dead.values()} <= {"too-late"}  # repeated after the order was forgotten


@pytest.mark.req("R48", "R51")
@given(histories(), st.data())
def test_late_news_has_its_place_whatever_the_blocks(history, data):
    arrived = data.draw(with_repeats(data.draw(arrivals(history, late_us=9 * LATENESS_US))))
    expected = later(PLAIN, block=1, batch_every=1).run([arrived])
    found = later(PLAIN, block=data.draw(blocks), batch_every=data.draw(st.integers(1, 4))).run([arrived])
    assert found.digest() == expected.digest()
    assert found.checkpoint.counters == expected.checkpoint.counters


@pytest.mark.req("R48", "R53")
@given(histories(), st.data())
def test_several_streams_of_a_partition_are_one_history(history, data):
    expected = PLAIN.run([history])
    streams = data.draw(dealt(data.draw(with_repeats(data.draw(arrivals(history))))))
    found = later(PLAIN, block=data.draw(blocks)).run(streams)
    assert found.digest() == expected.digest()


@pytest.mark.req("R52")
@settings(max_examples=200)
@given(histories(), st.data())
def test_stopped_anywhere_and_started_again_nothing_is_lost_or_doubled(history, data):
    arrived = data.draw(with_repeats(data.draw(arrivals(history, late_us=3 * LATENESS_US))))
    streams = data.draw(dealt(arrived))
    play = later(PLAIN, block=data.draw(st.sampled_from([1, 2, 7])), batch_every=data.draw(st.integers(1, 3)))
    expected = play.run(streams)
    stops = data.draw(st.frozensets(st.integers(1, 12), min_size=1, max_size=4))
    found = later(play, stops=stops, dies_before_commit=data.draw(st.booleans())).run(streams)
    assert list(found.outputs.values()) == list(expected.outputs.values())
    assert found.digest() == expected.digest()
    assert found.checkpoint.counters == expected.checkpoint.counters


@pytest.mark.req("R02", "R05")
@given(histories(), st.data())
def test_every_warning_lives_within_its_order_and_is_raised_before_it_ends(history, data):
    store = PLAIN.run([data.draw(with_repeats(history))])
    first = {one.subject: one.time for one in reversed(history)}
    standing: dict[str, int] = {}
    clock = 0
    for change in store.outputs.values():
        assert change.at >= clock, "the clock went backwards"
        clock = change.at
        assert change.due_at <= change.at
        if change.change is Change.RAISED:
            assert (change.warning_id in standing, change.sequence) == (False, 0)
            standing[change.warning_id] = 0
            assert change.at >= first.get(change.entity, 0)
        else:
            assert change.sequence == standing[change.warning_id] + 1
            standing[change.warning_id] = change.sequence
        row = store.orders.get(change.entity)
        if row is not None and row.closed_at is not None:
            assert change.at <= row.closed_at, "said after the order ended"
        if change.change in (Change.RESOLVED, Change.WITHDRAWN):
            del standing[change.warning_id]
    assert len(standing) == sum(row.warnings_open for row in store.orders.values()) + sum(
        feed.is_silent for feed in store.feeds.values()
    )


def poisonous(order: Order, at: int) -> float:
    """A predictor that cannot stand one order."""
    if order.order_id == "SO-2":
        raise ZeroDivisionError("poison")
    return noise(order, at)  # type: ignore[arg-type]  # an int is an instant here


@pytest.mark.req("R51")
@given(histories(), st.data())
def test_a_poison_order_is_put_aside_and_nobody_else_notices(history, data):
    play = later(PLAIN, block=data.draw(blocks), batch_every=data.draw(st.integers(1, 3)))
    healthy = play.run([history])
    stops = data.draw(st.frozensets(st.integers(1, 8), max_size=2))
    found = later(play, say=poisonous, stops=stops).run([history])
    others = {key: change for key, change in healthy.outputs.items() if change.entity != "SO-2"}
    assert {key: change for key, change in found.outputs.items() if change.entity != "SO-2"} == others
    assert without(found.orders, "SO-2") == without(healthy.orders, "SO-2")
    assert {letter.order_id for letter in found.dead.values()} <= {"SO-2"}
    assert {letter.reason for letter in found.dead.values()} <= {"quarantine"}
    again = later(play, say=poisonous, block=1, batch_every=1).run([history])
    assert again.digest() == found.digest()


def without(rows: dict[str, OrderRow], order_id: str) -> dict[str, OrderRow]:
    return {key: row for key, row in rows.items() if key != order_id}


@given(histories(), st.data())
def test_a_store_holds_what_the_room_holds_after_every_commit(history, data):
    arrived = data.draw(arrivals(history, late_us=LATENESS_US))
    store = later(PLAIN, block=data.draw(blocks), batch_every=1).run([arrived])  # checked at every commit
    assert isinstance(store, DictStore)
