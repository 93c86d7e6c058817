"""The reorder buffer against a sorted list."""

from hypothesis import given
from hypothesis import strategies as st

from radar.instant import SECOND_US, Instant
from radar.reorder import ReorderBuffer
from tests.radar.harness import at, picked

places = st.integers(0, 90).map(lambda third: Instant(third * SECOND_US // 3))
verbs = st.lists(st.tuples(st.sampled_from(["add", "add", "add", "release", "cut"]), places), max_size=60)


@given(verbs)
def test_a_buffer_gives_back_in_order_what_a_sorted_list_gives(steps):
    buffer, oracle, low = ReorderBuffer(0), [], Instant(0)
    one = picked(at(0))
    for number, (verb, place) in enumerate(steps):
        if verb == "add":
            entry = (max(place, low), f"ev-{number % 3}", "shop", 0, number, one, b"")
            buffer.add(entry)
            oracle.append(entry)
        elif verb == "release":
            low = max(low, place)
            expected = sorted(entry for entry in oracle if entry[0] < low)
            assert [entry for ready in buffer.release(low) for entry in ready] == expected
            oracle = [entry for entry in oracle if entry[0] >= low]
        else:
            expected = sorted(entry for entry in oracle if entry[0] >= place)
            assert buffer.has_from(place) or not expected
            assert buffer.take_from(place) == expected
            oracle = [entry for entry in oracle if entry[0] < place]
        assert buffer.count == len(oracle) == len(list(buffer))
        ranked = sorted(oracle)
        for number_from_end in (1, 3):
            wanted = ranked[-number_from_end][0] if len(ranked) >= number_from_end else None
            assert buffer.place_from_end(number_from_end) == wanted
            different = sorted({entry[0] for entry in oracle}, reverse=True)
            wanted = different[number_from_end - 1] if len(different) >= number_from_end else None
            assert buffer.different_from_end(number_from_end) == wanted
