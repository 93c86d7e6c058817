"""The wheel against a sorted list."""

from hypothesis import given
from hypothesis import strategies as st

from radar.instant import Instant
from radar.wheel import Wheel

dues = st.integers(0, 40).map(Instant)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), dues, st.sampled_from("abc")),
        st.tuples(st.just("pop"), dues, st.none() | st.tuples(dues, st.sampled_from("xy"))),
    ),
    max_size=40,
)


@given(st.sampled_from([1, 3, 10, 100]), steps)
def test_a_wheel_fires_what_a_sorted_list_fires(width, taken):
    wheel, oracle = Wheel(width), []
    for verb, due, more in taken:
        if verb == "add":
            wheel.add(due, more)
            oracle.append((due, more))
            continue
        fired = []
        for wake in wheel.pop_due(due):
            fired.append(wake)
            if more is not None and len(fired) == 1:
                wheel.add(*more)  # while it fires
        expected = []
        while ready := sorted(one for one in oracle if one[0] < due):
            oracle.remove(ready[0])
            expected.append(ready[0])
            if more is not None and len(expected) == 1:
                oracle.append(more)
        assert fired == expected
        assert wheel.floor <= min((one[0] for one in oracle), default=wheel.floor)


def test_exactly_due_is_not_yet_fired_and_an_empty_wheel_wants_nothing():
    wheel = Wheel(60)
    assert wheel.next_due() is None
    wheel.add(Instant(5), "a")
    assert list(wheel.pop_due(Instant(5))) == []
    assert wheel.next_due() == 5
    assert list(wheel.pop_due(Instant(6))) == [(5, "a")]
    assert wheel.next_due() is None
