"""The front door: watermark and witnesses, wrong clocks, the ledger, live ticks, limits."""

import pytest

from radar import intake as front
from radar.batch import DeadLetter
from radar.instant import DAY_US, HOUR_US, Instant
from radar.intake import Intake
from radar.quarantine import QuarantinedError
from radar.stages import Stage
from radar.standards import Standard
from tests.radar.harness import DictStore, at, delivered, noise, picked, placed, produced, room_of, rules

SOME = rules(Standard(Stage.PRODUCED, 10 * HOUR_US))


def door(lateness_us=0, streams=("a",), say=noise, **more):
    return Intake(room_of(SOME, say), streams, lateness_us, **more)


def take(intake, events, stream=0, start=0):
    entries = [(one, start + step, one.id.encode()) for step, one in enumerate(events)]
    intake.take(stream, entries, start + len(events))


@pytest.mark.req("R48")
def test_the_watermark_is_the_third_largest_time_less_the_lateness():
    intake = door(HOUR_US)
    take(intake, [placed(at(5)), picked(at(9)), delivered(at(7))])
    intake.tick()
    assert intake.watermark == at(4)
    assert intake.take_batch().checkpoint.counters.pending == 3


@pytest.mark.req("R51")
def test_two_mistyped_years_move_no_clock():
    intake = door()
    far = Instant(at(0) + 5000 * DAY_US)
    take(intake, [placed(far, subject="SO-8"), placed(Instant(far + 1), subject="SO-9"), placed(), picked(at(1))])
    intake.tick()
    assert intake.watermark == at(1)
    take(intake, [produced(at(2)), delivered(at(3))], start=4)
    intake.finish(0)
    intake.tick()
    batch = intake.take_batch()
    assert [(letter.reason, letter.order_id) for letter in batch.dead_letters] == [
        ("ahead-of-stream", "SO-8"),
        ("ahead-of-stream", "SO-9"),
    ]
    counters = batch.checkpoint.counters
    assert (counters.lines, counters.applied, counters.dead, counters.pending) == (6, 4, 2, 0)


@pytest.mark.req("R51")
def test_copies_of_one_mistyped_year_are_one_witness():
    """A source that sends everything again repeats its typing error too."""
    intake = door()
    wrong = placed(Instant(at(0) + 5000 * DAY_US), subject="SO-8")
    take(intake, [placed(), *[wrong] * 5, picked(at(1)), produced(at(2))])
    intake.tick()
    assert intake.watermark == at(1)
    take(intake, [delivered(at(3))], start=8)
    intake.finish(0)
    intake.tick()
    batch = intake.take_batch()
    assert {letter.reason for letter in batch.dead_letters} == {"ahead-of-stream"}
    counters = batch.checkpoint.counters
    assert (counters.lines, counters.applied, counters.dead, counters.late) == (9, 4, 5, 0)
    assert batch.checkpoint.clock < wrong.time


@pytest.mark.req("R48")
def test_a_partition_waits_for_its_slowest_unfinished_stream():
    intake = door(0, ("a", "b"))
    take(intake, [placed(at(hour), subject=f"SO-{hour}") for hour in range(9)])
    take(intake, [placed(at(hour), subject=f"SO-1{hour}") for hour in range(3)], stream=1)
    intake.tick()
    assert intake.watermark == at(0)
    intake.finish(1)
    intake.tick()
    assert intake.watermark == at(6)
    intake.finish(0)
    intake.tick()
    assert intake.watermark == at(8, 1)


@pytest.mark.req("R02", "R48")
def test_in_replay_a_deadline_passes_with_the_watermark_alone():
    intake = door()
    take(intake, [placed(), *(picked(at(hour), "SO-2") for hour in (13, 14, 15))])
    intake.tick()
    assert [(change.entity, change.at) for change in intake.take_outputs()] == [("SO-1", at(12))]


@pytest.mark.req("R02")
def test_live_a_deadline_passes_with_the_wall_clock_alone():
    intake = door(5, is_live=True)
    take(intake, [placed()])
    intake.tick(at(1))
    intake.tick(at(12, 5))
    assert intake.take_outputs() == []
    intake.tick(at(12, 6))
    (raised,) = intake.take_outputs()
    assert (raised.due_at, raised.at) == (at(12), at(12))


@pytest.mark.req("R51")
def test_live_an_event_a_day_ahead_waits_and_one_further_is_a_wrong_clock():
    intake = door(is_live=True)
    take(intake, [placed(at(24, -1), subject="SO-1"), placed(at(24), subject="SO-2")])
    intake.tick(at(0))
    batch = intake.take_batch()
    assert [(letter.reason, letter.order_id) for letter in batch.dead_letters] == [("ahead-of-clock", "SO-2")]
    assert (batch.checkpoint.counters.dead, batch.checkpoint.counters.pending) == (1, 1)
    assert batch.checkpoint.positions[0].low_offset == 0


@pytest.mark.req("R52")
def test_live_the_clock_stands_still_until_what_waited_has_been_read_again():
    events = [placed(), produced(at(11))]
    first = door(HOUR_US, is_live=True)
    take(first, events)
    first.tick(at(11.5))
    store = DictStore()
    store.commit(first.take_batch())
    second = door(HOUR_US, is_live=True)
    second.load(store.checkpoint, store.rows(DAY_US))
    second.tick(at(40))
    assert (second.watermark, second.take_outputs()) == (at(10.5), [])
    take(second, events[1:], start=1)
    second.tick(at(40))
    assert (second.watermark, second.take_outputs()) == (at(39), [])


@pytest.mark.req("R51")
def test_an_event_at_the_watermark_is_in_time_and_one_microsecond_earlier_is_late():
    intake = door()
    take(intake, [placed(at(hour), subject=f"SO-{hour}") for hour in (1, 2, 3)])
    intake.tick()
    take(intake, [picked(at(1)), picked(at(1, -1))], start=3)
    intake.finish(0)
    intake.tick()
    assert (intake.counters.applied, intake.counters.late) == (5, 1)


@pytest.mark.req("R51")
def test_a_repeat_one_microsecond_late_is_a_repeat():
    intake = door()
    early = placed(at(1, -1), subject="SO-1")
    take(intake, [early, *(placed(at(hour), subject=f"SO-{hour}") for hour in (1, 2, 3))])
    intake.tick()
    take(intake, [early], start=4)
    intake.finish(0)
    intake.tick()
    assert (intake.counters.applied, intake.counters.duplicates, intake.counters.late) == (4, 1, 0)


@pytest.mark.req("R51")
def test_one_id_from_two_sources_is_two_events():
    intake = door()
    one, two = placed(at(1)), picked(at(1))
    take(intake, [one, type(one)(two.time, id=one.id, source="wms", subject=two.subject, data=two.data)])
    intake.finish(0)
    intake.tick()
    assert (intake.counters.applied, intake.counters.duplicates) == (2, 0)


@pytest.mark.req("R51")
def test_dead_lines_and_good_ones_balance():
    intake = door()
    intake.dead(DeadLetter("a", 0, b"{", "bad-json", "not JSON"), 0)
    take(intake, [placed(), placed()], start=1)
    intake.finish(0)
    intake.tick()
    counters = intake.take_batch().checkpoint.counters
    assert (counters.lines, counters.applied, counters.duplicates, counters.dead) == (3, 1, 1, 1)
    assert counters.is_balanced


@pytest.mark.req("R51")
def test_an_old_event_of_an_order_nobody_remembers_is_too_late():
    intake = door()
    later = [placed(Instant(at(0) + 40 * DAY_US + hour), subject=f"SO-{hour}") for hour in range(3)]
    take(intake, [*later, placed(subject="SO-old")])
    intake.finish(0)
    intake.tick()
    (letter,) = intake.take_batch().dead_letters
    assert (letter.reason, letter.order_id, letter.offset) == ("too-late", "SO-old", 3)


def test_more_than_may_wait_is_applied_oldest_first(monkeypatch):
    monkeypatch.setattr(front, "PENDING_MAX", 4)
    intake = door(1000 * HOUR_US)
    take(intake, [placed(at(hour), subject=f"SO-{hour}") for hour in range(9)])
    intake.tick()
    assert (intake.counters.applied, intake.watermark) == (5, at(5))
    take(intake, [placed(at(2), subject="SO-2")], start=9)
    intake.finish(0)
    intake.tick()
    assert (intake.counters.applied, intake.counters.duplicates) == (9, 1)


@pytest.mark.req("R51")
def test_what_a_poison_order_said_before_it_failed_and_what_others_said_with_it_stands():
    def poison(order, now):
        raise ZeroDivisionError

    intake = door(say=poison)
    take(intake, [placed(subject="SO-2"), placed(at(20), promise_at=at(99))])
    intake.finish(0)
    intake.tick()
    batch = intake.take_batch()
    assert [change.entity for change in batch.outputs] == ["SO-2"]
    assert [(letter.reason, letter.order_id) for letter in batch.dead_letters] == [("quarantine", "SO-1")]
    with pytest.raises(QuarantinedError):
        intake.room.observe(picked(at(30)))


@pytest.mark.req("R48")
def test_late_news_is_stamped_with_the_watermark_it_found_although_nothing_was_due():
    for is_ticked in (False, True):
        intake = door(HOUR_US // 2, say=lambda order, now: 0.9)
        take(intake, [placed(at(hour), subject=f"SO-{hour}") for hour in (1, 2, 3)])
        take(intake, [placed(at(hour), subject=f"SO-{hour}") for hour in (4, 5, 6)], start=3)
        if is_ticked:
            intake.tick()
        take(intake, [placed(at(1), promise_at=at(90), subject="SO-9")], start=6)
        intake.finish(0)
        intake.tick()
        assert [(change.entity, change.at) for change in intake.take_outputs()] == [("SO-9", at(3.5))]
