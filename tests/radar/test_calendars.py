"""Working time against an oracle that walks minute by minute and reads the wall clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radar.calendars import WorkCalendar
from radar.errors import InputError
from radar.instant import DAY_US, HOUR_US, MINUTE_US, Instant, to_datetime, to_instant

OFFICE_HOURS = dict.fromkeys(range(5), ((9 * 60, 18 * 60),))


def office(**more) -> WorkCalendar:
    return WorkCalendar("office", "Asia/Shanghai", OFFICE_HOURS, **more)


def at(text: str, zone: str = "Asia/Shanghai") -> Instant:
    return to_instant(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def wall_clock_is_open(calendar: WorkCalendar, instant: Instant) -> bool:
    """The definition, read off the wall clock of one instant; shares no code with the layout of a year."""
    local = to_datetime(instant).astimezone(ZoneInfo(calendar.zone))
    for back in (0, 1):
        day = local.date() - timedelta(days=back)
        hours = calendar.hours[day.weekday()] if day not in calendar.holidays else ()
        if day in calendar.extra_workdays:
            hours = next(calendar.hours[weekday] for weekday in range(7) if calendar.hours[weekday])
        minutes = back * 1440 + local.hour * 60 + local.minute
        if any(opening <= minutes < closing for opening, closing in hours):
            return True
    return False


def brute_between(calendar: WorkCalendar, start: Instant, end: Instant) -> int:
    minutes = range(start, end, MINUTE_US)
    return sum(MINUTE_US for minute in minutes if wall_clock_is_open(calendar, Instant(minute)))


def brute_add(calendar: WorkCalendar, start: Instant, work_us: int) -> Instant:
    now, done = start, 0
    while done < work_us:
        done += MINUTE_US if wall_clock_is_open(calendar, now) else 0
        now = Instant(now + MINUTE_US)
    return now


def test_two_working_hours_after_half_an_hour_before_closing_are_due_on_monday():
    found = office().explain(at("2024-03-01T17:30"), 2 * HOUR_US)
    assert found.due_at == at("2024-03-04T10:30")
    assert found.text == "2 working h after Fri 2024-03-01 17:30 -> Mon 2024-03-04 10:30 (office, Asia/Shanghai)"


def test_no_work_is_due_at_once_even_while_closed():
    assert office().add(at("2024-03-02T12:00"), 0) == at("2024-03-02T12:00")


def test_work_that_just_fills_the_day_is_due_at_closing_time():
    assert office().add(at("2024-03-01T17:00"), HOUR_US) == at("2024-03-01T18:00")
    assert office().add(at("2024-03-01T17:00"), HOUR_US + 1) == at("2024-03-04T09:00") + 1


def test_the_opening_instant_is_open_and_the_closing_instant_is_closed():
    calendar = office()
    assert calendar.is_open(at("2024-03-01T09:00"))
    assert not calendar.is_open(Instant(at("2024-03-01T09:00") - 1))
    assert calendar.is_open(Instant(at("2024-03-01T18:00") - 1))
    assert not calendar.is_open(at("2024-03-01T18:00"))


def test_a_holiday_has_no_hours_and_a_make_up_sunday_has_those_of_a_workday():
    calendar = office(holidays=[date(2024, 2, 12)], extra_workdays=[date(2024, 2, 4)])
    assert not calendar.is_open(at("2024-02-12T10:00"))
    assert calendar.is_open(at("2024-02-04T10:00"))


def test_an_extra_workday_wins_over_a_holiday():
    calendar = office(holidays=[date(2024, 2, 12)], extra_workdays=[date(2024, 2, 12)])
    assert calendar.is_open(at("2024-02-12T10:00"))


def test_a_night_shift_belongs_to_the_day_it_began_on():
    calendar = WorkCalendar("night", "UTC", {4: ((22 * 60, 6 * 60),)}, holidays=[date(2024, 3, 8)])
    assert calendar.is_open(at("2024-03-02T05:59", "UTC"))
    assert not calendar.is_open(at("2024-03-09T05:00", "UTC"))


def test_a_night_shift_loses_the_hour_the_clock_skips():
    calendar = WorkCalendar("night", "Europe/Berlin", {5: ((22 * 60, 6 * 60),)})
    skipped = at("2024-03-30T22:00", "Europe/Berlin")
    repeated = at("2024-10-26T22:00", "Europe/Berlin")
    assert calendar.between(skipped, Instant(skipped + DAY_US)) == 7 * HOUR_US
    assert calendar.between(repeated, Instant(repeated + DAY_US)) == 9 * HOUR_US


def test_a_day_whose_midnight_does_not_exist_is_laid_out():
    """Brazil's summer time began at midnight: 2017-10-15 has no 00:00."""
    calendar = WorkCalendar("always", "America/Sao_Paulo", dict.fromkeys(range(7), ((0, 1440),)))
    start = to_instant(datetime(2017, 10, 14, tzinfo=UTC))
    assert calendar.between(start, Instant(start + 3 * DAY_US)) == 3 * DAY_US


def test_nothing_is_between_an_instant_and_an_earlier_one():
    assert office().between(at("2024-03-05T12:00"), at("2024-03-04T12:00")) == 0


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ({}, "no open hour"),
        ({0: ((540, 720), (700, 800))}, "before the hours before it close"),
        ({0: ((1320, 360),), 1: ((300, 600),)}, "before the hours before it close"),
        ({6: ((1320, 360),), 0: ((300, 600),)}, "before the hours before it close"),
        ({0: ((1500, 1600),)}, "no opening time"),
        ({0: ((540, 3000),)}, "no opening time"),
    ],
)
def test_impossible_hours_are_refused(hours, said):
    with pytest.raises(InputError, match=said):
        WorkCalendar("bad", "UTC", hours)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "Asia/Shanghai\0"])
def test_an_unknown_zone_is_refused(zone):
    with pytest.raises(InputError, match="is no time zone"):
        WorkCalendar("bad", zone, OFFICE_HOURS)


def test_work_that_takes_over_ten_years_is_refused():
    calendar = WorkCalendar("rare", "UTC", {0: ((540, 541),)})
    with pytest.raises(InputError, match="over 10 years"):
        calendar.add(at("2024-03-01T00:00"), 100 * HOUR_US)


def test_a_calendar_without_a_workday_in_sight_is_refused_when_asked():
    closed = [date(2024, 1, 1) + timedelta(days=day) for day in range(15 * 366)]
    with pytest.raises(InputError, match="over 10 years"):
        office(holidays=closed).add(at("2024-03-01T00:00"), HOUR_US)


def test_equal_calendars_are_equal_and_different_ones_are_not():
    assert office() == office()
    assert office() != office(holidays=[date(2024, 1, 1)])
    assert hash(office()) == hash(office())


ZONES = st.sampled_from(["Asia/Shanghai", "America/Sao_Paulo", "Europe/Berlin", "Australia/Lord_Howe", "UTC"])
QUARTERS = st.integers(0, 95).map(lambda quarter: quarter * 15)
# Clock changes of these zones, so that most draws lie near one.
AROUND = st.sampled_from(
    [
        "2017-10-15T03:00",
        "2018-02-18T02:00",
        "2024-03-31T01:00",
        "2024-10-27T01:00",
        "2024-04-06T15:00",
        "2024-12-31T23:00",
    ]
)


@st.composite
def calendars(draw) -> WorkCalendar:
    hours = {}
    for weekday in draw(st.sets(st.integers(0, 6), min_size=1)):
        marks = sorted(draw(st.sets(QUARTERS, min_size=2, max_size=4)))
        hours[weekday] = tuple(zip(marks[::2], marks[1::2], strict=False))
    if draw(st.booleans()):
        hours[2] = ((23 * 60, 60),) if 3 not in hours or hours[3][0][0] >= 60 else ((23 * 60, 1440),)
    days = st.sets(st.integers(-3, 3).map(lambda back: date(2024, 3, 31) + timedelta(days=back)), max_size=3)
    return WorkCalendar("drawn", draw(ZONES), hours, draw(days), draw(days))


@st.composite
def starts(draw) -> Instant:
    near = to_instant(datetime.fromisoformat(draw(AROUND)).replace(tzinfo=UTC))
    return Instant(near + draw(st.integers(-3 * 1440, 1440)) * MINUTE_US)


@settings(max_examples=30, deadline=None)
@given(calendars(), starts(), st.integers(1, 3000))
def test_open_time_between_two_instants_is_what_the_wall_clock_shows(calendar, start, minutes):
    end = Instant(start + minutes * MINUTE_US)
    assert calendar.between(start, end) == brute_between(calendar, start, end)
    assert calendar.is_open(start) == wall_clock_is_open(calendar, start)


@settings(max_examples=15, deadline=None)
@given(calendars(), starts(), st.integers(1, 600))
def test_adding_work_ends_where_a_walk_by_minutes_ends(calendar, start, minutes):
    assert calendar.add(start, minutes * MINUTE_US) == brute_add(calendar, start, minutes * MINUTE_US)


@settings(max_examples=50, deadline=None)
@given(calendars(), starts(), st.integers(1, 400 * HOUR_US))
def test_the_time_between_is_the_work_added_and_one_microsecond_earlier_it_is_not_done(calendar, start, work_us):
    due = calendar.add(start, work_us)
    assert calendar.between(start, due) == work_us
    assert calendar.between(start, Instant(due - 1)) == work_us - 1
