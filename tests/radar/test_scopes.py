"""Silence of whole sources: limits, heartbeats, late words, and the room around them."""

import pytest

from radar.events.transport import ShipmentDelivered, VehiclePosition
from radar.events.world import SourceHeartbeat
from radar.instant import HOUR_US
from radar.outputs import Change, Level, WarningKind
from radar.rules import SilenceRules
from radar.scopes import ScopeWatch
from radar.stages import Stage
from tests.radar.harness import at, event, facts, placed, room_of, rules, run

SOME = rules(silence=SilenceRules(source_us={"wms": 2 * HOUR_US}, source_default_us=10 * HOUR_US, order_us={"*": 0}))


def heartbeat(time, within_s=None, source="shop"):
    return event(SourceHeartbeat(next_within_s=within_s), time, source, source=source)


def said_by(scopes, events, until):
    out = [change for one in events for change in scopes.observe(one)]
    return [(change.change, change.entity, change.at) for change in (*out, *scopes.advance(until))]


@pytest.mark.req("R08", "R11")
def test_a_source_is_silent_strictly_after_its_limit_stamped_with_it():
    scopes = ScopeWatch(SOME)
    assert said_by(scopes, [heartbeat(at(0))], at(10)) == []
    (raised,) = scopes.advance(at(300))
    assert (raised.kind, raised.change, raised.level) == (WarningKind.SOURCE_SILENT, Change.RAISED, Level.WARNING)
    assert (raised.entity, raised.due_at, raised.at) == ("source:shop", at(10), at(10))
    assert facts(raised.reasons[0]) == {"source": "shop", "heard_at": at(0), "limit_us": 10 * HOUR_US}


@pytest.mark.req("R08")
def test_each_source_has_its_own_limit_and_the_next_word_ends_its_silence():
    events = [heartbeat(at(0)), heartbeat(at(0), source="wms"), heartbeat(at(5), source="wms")]
    assert said_by(ScopeWatch(SOME), events, at(10, 1)) == [
        (Change.RAISED, "source:wms", at(2)),
        (Change.RESOLVED, "source:wms", at(5)),
        (Change.RAISED, "source:wms", at(7)),
        (Change.RAISED, "source:shop", at(10)),
    ]


@pytest.mark.req("R08")
def test_a_heartbeat_sets_when_the_next_is_due():
    assert said_by(ScopeWatch(SOME), [heartbeat(at(0), 3600)], at(1)) == []
    assert said_by(ScopeWatch(SOME), [heartbeat(at(0), 3600)], at(1, 1)) == [(Change.RAISED, "source:shop", at(1))]
    assert said_by(ScopeWatch(SOME), [heartbeat(at(0), 0)], at(999)) == []


def words(*hours, source="weather"):
    return [event(VehiclePosition(), at(hour), "truck-1", f"{source}-{hour}", source) for hour in hours]


@pytest.mark.req("R08")
def test_a_source_that_never_said_when_it_speaks_is_not_judged_before_its_rhythm_is_known():
    assert said_by(ScopeWatch(SOME), words(0), at(999)) == []
    assert said_by(ScopeWatch(SOME), words(*range(9)), at(999)) == [], "a storm's alerts promise none for tomorrow"


@pytest.mark.req("R08")
def test_a_busy_source_is_judged_after_one_limit_and_a_seldom_one_after_seven_by_twice_its_widest_gap():
    busy = words(*(n / 2 for n in range(30)))
    assert said_by(ScopeWatch(SOME), busy, at(999)) == [(Change.RAISED, "source:weather", at(14.5 + 10))]
    daily = words(0, 24, 49, 72)
    assert said_by(ScopeWatch(SOME), daily, at(72 + 50)) == []
    assert said_by(ScopeWatch(SOME), daily, at(72 + 50, 1)) == [(Change.RAISED, "source:weather", at(72 + 50))]


@pytest.mark.req("R08")
def test_a_silence_that_was_said_is_no_rhythm():
    outage = words(*(n / 2 for n in range(30)), 60, *(60.5 + n / 2 for n in range(9)))
    said = said_by(ScopeWatch(SOME), outage, at(999))
    assert [change for change, *_ in said] == [Change.RAISED, Change.RESOLVED, Change.RAISED]
    assert said[-1][2] == at(64.5 + 10)


@pytest.mark.req("R08")
def test_a_late_word_older_than_the_limit_ends_no_silence():
    scopes = ScopeWatch(SOME)
    said_by(scopes, [heartbeat(at(0))], at(30))
    assert said_by(scopes, [heartbeat(at(5))], at(31)) == []
    assert said_by(scopes, [heartbeat(at(25))], at(32)) == [(Change.RESOLVED, "source:shop", at(31))]


@pytest.mark.req("R51")
def test_a_late_repeat_of_an_event_of_no_order_is_known():
    scopes = ScopeWatch(SOME)
    position = event(VehiclePosition(), at(1), "truck-1")
    scopes.observe(position)
    assert scopes.has_seen(position)
    assert not scopes.has_seen(event(VehiclePosition(), at(2), "truck-1"))
    again = ScopeWatch(SOME)
    again.load(scopes.take_dirty())
    assert again.has_seen(position)


@pytest.mark.req("R52")
def test_a_restored_watch_falls_silent_and_speaks_alike():
    first, second = ScopeWatch(SOME), ScopeWatch(SOME)
    said_by(first, [heartbeat(at(0), source="wms"), heartbeat(at(1))], at(3))
    second.load(first.take_dirty())
    rest = [heartbeat(at(4), source="wms")]
    assert said_by(second, rest, at(99)) == said_by(first, rest, at(99))


@pytest.mark.req("R08")
def test_the_feeds_tell_what_was_heard_since_last_asked():
    scopes = ScopeWatch(SOME)
    said_by(scopes, [heartbeat(at(0)), heartbeat(at(3)), heartbeat(at(4), source="wms")], at(4))
    assert [(feed.source, feed.events, feed.last_at, feed.is_silent) for feed in scopes.take_feeds()] == [
        ("shop", 2, at(3), False),
        ("wms", 1, at(4), False),
    ]
    scopes.take_dirty()
    scopes.take_feeds()
    scopes.advance(at(7))
    assert [(feed.source, feed.is_silent) for feed in scopes.take_feeds()] == [("wms", True)]


@pytest.mark.req("R02")
def test_advancing_once_is_advancing_many_times():
    events = [placed(promise_at=at(50)), heartbeat(at(3), source="wms")]
    once, often = room_of(SOME), room_of(SOME)
    expected = run(once, events, until=at(100))
    found = run(often, events)
    for hour in range(101):
        found.extend(often.advance(at(max(hour, 3))))
    assert found == expected
    assert often.take_dirty() == once.take_dirty()
    assert often.next_due() == once.next_due()


def told(payload, time, source):
    return event(payload, time, f"order-{time}", source=source)


@pytest.mark.req("R08")
def test_nobody_tells_a_milestone_while_its_source_misses_its_heartbeats():
    scopes = ScopeWatch(rules())
    for one in (heartbeat(at(0), 3 * 3600, "truck"), told(ShipmentDelivered(), at(1), "truck")):
        scopes.observe(one)
    assert set(scopes.silence(at(2))) == {0}
    assert scopes.silence(at(3))[Stage.DELIVERED] == 2 * HOUR_US
    assert scopes.silence(at(3))[Stage.PACKED] == 0, "nobody was ever heard to tell it"
    scopes.observe(heartbeat(at(3), 3 * 3600, "truck"))
    assert scopes.silence(at(4))[Stage.DELIVERED] == 0, "it stands still and says so"


@pytest.mark.req("R08")
def test_a_milestone_is_told_as_long_as_one_of_its_sources_speaks():
    scopes = ScopeWatch(rules())
    for one in (
        heartbeat(at(0), 3600, "truck"),
        told(ShipmentDelivered(), at(0), "truck"),
        told(ShipmentDelivered(), at(1), "boat"),
    ):
        scopes.observe(one)
    assert scopes.silence(at(9))[Stage.DELIVERED] == 0, "of a source without heartbeats no silence is known"
    again = ScopeWatch(rules())
    again.load(scopes.take_dirty())
    assert again.silence(at(9)) == scopes.silence(at(9))
