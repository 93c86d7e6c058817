"""Working calendars of declarative files: opening hours, public holidays by country, a planner's own days."""

from functools import cache

import holidays
from pydantic import Field

from radar.calendars import WorkCalendar
from radar.errors import InputError
from radar.instant import MINUTE_US
from scenarios.loader import Declared, Document, ScenarioError
from scenarios.scalars import Day, Flag, Opening, Zone, parse_weekdays

FIRST_YEAR, LAST_YEAR = 2005, 2040
"""Years whose public holidays are known to a calendar; official make-up workdays end with the last published year."""

Days = frozenset[Day]


class CalendarModel(Declared):
    """Opening hours of one place."""

    zone: Zone
    """IANA zone of the place."""
    hours: dict[str, Opening]
    """Weekday (``mon``), range (``mon-fri``) or list (``sat, sun``) -> ``08:00-12:00, 13:00-18:00`` or ``closed``."""
    holidays: str | None = None
    """Country, with a region after a dash where wanted: ``CN``, ``BR-SP`` (names of the ``holidays`` library)."""
    make_up_workdays: Flag = True
    """Whether the weekend days a country declares workdays (China) are worked."""
    extra_holidays: Days = Field(default=frozenset(), max_length=2000)
    """Days off besides the public ones; they win over make-up workdays."""
    extra_workdays: Days = Field(default=frozenset(), max_length=2000)
    """Days worked whatever weekday or holiday they are; they win over everything."""


def compiled_calendar(name: str, model: CalendarModel, document: Document) -> WorkCalendar:
    """Return the core's calendar.

    Raises:
        ScenarioError: Unknown weekday or country, hours that overlap, no open hour at all.
    """
    where = ("calendars", name)
    both = model.extra_holidays & model.extra_workdays
    if both:
        problem = f"{min(both)} is among extra_holidays too"
        raise _wrong(document, (*where, "extra_workdays"), problem, "allowed: a day in one of the two")
    off, worked = _public_days(model, document, where)
    try:
        return WorkCalendar(
            name,
            model.zone,
            _weekly_hours(name, model, document),
            (off - model.extra_workdays) | model.extra_holidays,
            (worked - model.extra_holidays) | model.extra_workdays,
        )
    except InputError as error:
        raise ScenarioError(f"{document.place}: {error}") from error


def workday_us(model: CalendarModel) -> int:
    """Return the work of an ordinary day: the first open weekday from Monday."""
    hours = {day: opening for key, opening in model.hours.items() for day in parse_weekdays(key) or ()}
    first = next((hours[day] for day in range(7) if hours.get(day)), ())
    return sum((close - opened if close > opened else close + 1440 - opened) * MINUTE_US for opened, close in first)


def _weekly_hours(name: str, model: CalendarModel, document: Document) -> dict[int, tuple[tuple[int, int], ...]]:
    week: dict[int, tuple[tuple[int, int], ...]] = {}
    for key, opening in model.hours.items():
        days = parse_weekdays(key)
        if days is None:
            where = ("calendars", name, "hours", key)
            raise _wrong(document, where, f"{key!r} is no weekday", "allowed: mon, mon-fri or sat, sun")
        for day in days:
            if day in week:
                raise _wrong(document, ("calendars", name, "hours", key), "a weekday given twice")
            week[day] = opening
    return week


def _public_days(model: CalendarModel, document: Document, where: tuple[str, ...]) -> tuple[Days, Days]:
    if model.holidays is None:
        return frozenset(), frozenset()
    country, _, region = model.holidays.partition("-")
    try:
        off, worked = _country_days(country, region)
    except NotImplementedError as error:
        allowed = "allowed: a country such as CN, with a region as in BR-SP"
        raise _wrong(document, (*where, "holidays"), f"{model.holidays!r} is not known", allowed) from error
    return off, worked if model.make_up_workdays else frozenset()


def public_holidays(name: str) -> Days | None:
    """Return the public holidays of a country, ``BR``, or region, ``BR-SP``; None when it is not known.

    ``BR+optional`` adds the days off that a country calls optional, on which carriers rest all the same (Carnival).
    """
    place, plus, category = name.partition("+")
    country, _, region = place.partition("-")
    if plus and category != holidays.OPTIONAL:
        return None
    try:
        return _country_days(country, region)[0] | (_optional_days(country, region) if plus else frozenset())
    except (NotImplementedError, ValueError):
        return None


@cache
def _optional_days(country: str, region: str) -> Days:
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    return frozenset(
        holidays.country_holidays(country, subdiv=region or None, years=years, categories=(holidays.OPTIONAL,))
    )


@cache
def _country_days(country: str, region: str) -> tuple[Days, Days]:
    """Return the public holidays and the make-up workdays of a country."""
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    found = holidays.country_holidays(country, subdiv=region or None, years=years)
    return frozenset(found), frozenset(found.weekend_workdays)


def _wrong(document: Document, where: tuple[str | int, ...], problem: str, allowed: str = "") -> ScenarioError:
    return ScenarioError(str(ScenarioError.at(document.place, document.field(where), problem, allowed)))
