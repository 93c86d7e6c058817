"""The scalars of declarative files: text in, a checked value out. Each says what would be right.

Values that are already of the type pass, so the models can be built in Python too.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from radar.instant import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from radar.stages import STAGE_OF_LABEL, Stage

REFUSED = "refused"
"""Type of every error made here."""

DURATION_US_MAX = 3660 * DAY_US

_UNITS_US = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), SECOND_US),
    **dict.fromkeys(("min", "minute", "minutes"), MINUTE_US),
    **dict.fromkeys(("h", "hour", "hours"), HOUR_US),
    **dict.fromkeys(("d", "day", "days"), DAY_US),
    **dict.fromkeys(("w", "week", "weeks"), 7 * DAY_US),
}
_DURATION_PART = re.compile(r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*([a-z]+)\s*", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,15})?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_TIME_OF_DAY = re.compile(r"(\d{2}):(\d{2})", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MONTH_DAY = re.compile(r"(\d{2})-(\d{2})", re.ASCII)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Span:
    """A duration on one of two clocks: elapsed, or the working hours of a calendar that is named beside it."""

    us: int = 0
    """Microseconds; of work when ``is_working``."""
    working_days: float = 0.0
    """Whole working days on top, as long as the calendar's ordinary workday."""
    is_working: bool = False


def refused(problem: str, allowed: str) -> PydanticCustomError:
    """Return the error of a value that is wrong, for a validator to raise."""
    return PydanticCustomError(REFUSED, "{problem}", {"problem": problem, "allowed": allowed})


def shown(value: object) -> str:
    """Return a value for a message: quoted, and cut where it is long."""
    text = value if isinstance(value, str) else str(value)
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _text(value: object, what: str, allowed: str) -> str:
    """Return the text of a scalar, or say that a list or mapping stands where one is needed."""
    if isinstance(value, str):
        return value.strip()
    kind = "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else shown(value)
    raise refused(f"{kind} is no {what}", allowed)


_DURATIONS = "allowed: 90min, 36h, 3d, 1d 12h (units s, min, h, d, w; ten years at most)"


def parse_duration(text: str) -> int | None:
    """Return a duration in microseconds, None where the text is none.

    >>> parse_duration("1d 12h") == 36 * HOUR_US
    True
    """
    total, position = 0.0, 0
    while match := _DURATION_PART.match(text, position):
        unit = _UNITS_US.get(match[2])
        if unit is None:
            return None
        total += float(match[1]) * unit
        position = match.end()
    if position == 0 or position != len(text) or total > DURATION_US_MAX:
        return None
    return round(total)


def _duration(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = _text(value, "duration", _DURATIONS)
    parsed = parse_duration(text)
    if parsed is None:
        raise refused(f"{shown(text)} is no duration", _DURATIONS)
    return parsed


def _limit(value: object) -> int:
    if value == "off":
        return 0
    limit = _duration(value)
    if limit == 0 and isinstance(value, str):
        raise refused(f"{shown(value)} is no limit", "allowed: a duration such as 24h, or off")
    return limit


_SPANS = "allowed: 90min, 36h, 3d, and with a calendar 2 working h, 1 working day"


def _span(value: object) -> Span:
    if isinstance(value, Span):
        return value
    text = _text(value, "duration", _SPANS)
    words = text.split()
    if "working" not in words:
        parsed = parse_duration(text)
        span = None if parsed is None else Span(parsed)
    else:
        words.remove("working")
        span = _working_span(" ".join(words))
    if span is None:
        raise refused(f"{shown(text)} is no duration", _SPANS)
    return span


def _working_span(text: str) -> Span | None:
    days = re.fullmatch(r"(\d{1,4}(?:\.\d{1,3})?)\s*(?:d|day|days)", text, re.ASCII)
    if days:
        return Span(working_days=float(days[1]), is_working=True)
    parsed = parse_duration(text)
    # A day inside a longer text ("1d 2h") would be 24 h of work: nobody means that.
    if parsed is None or re.search(r"\d\s*[dw]", text):
        return None
    return Span(parsed, is_working=True)


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    text = _text(value, "yes or no", "allowed: true, false")
    if text not in ("true", "false"):
        raise refused(f"{shown(text)} is no yes or no", "allowed: true, false")
    return text == "true"


def _number(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    text = _text(value, "number", "allowed: 12, 0.5, 1e6")
    if not _NUMBER.fullmatch(text):
        raise refused(f"{shown(text)} is no number", "allowed: 12, 0.5, 1e6")
    return float(text)


def _whole(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = _text(value, "whole number", "allowed: 0, 12, 50000")
    if not _WHOLE.fullmatch(text):
        raise refused(f"{shown(text)} is no whole number", "allowed: 0, 12, 50000")
    return int(text)


def _ratio(value: object) -> float:
    number = _number(value)
    if not 0 <= number <= 1:
        raise refused(f"{shown(value)} is no share", "allowed: 0 to 1")
    return number


def parse_time_of_day(text: str) -> int | None:
    """Return ``HH:MM`` as minutes after midnight, None where the text is none; ``24:00`` is the end of the day."""
    match = _TIME_OF_DAY.fullmatch(text)
    if not match:
        return None
    minutes = int(match[1]) * 60 + int(match[2])
    return minutes if int(match[2]) < 60 and minutes <= 24 * 60 else None


def _time_of_day(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = _text(value, "time of day", "allowed: 00:00 to 24:00")
    minutes = parse_time_of_day(text)
    if minutes is None:
        raise refused(f"{shown(text)} is no time of day", "allowed: 00:00 to 24:00")
    return minutes


_OPENING = "allowed: 09:00-18:00, or several as 09:00-12:00, 13:00-18:00; 22:00-06:00 runs past midnight"


def _opening_hours(value: object) -> tuple[tuple[int, int], ...]:
    if isinstance(value, tuple):
        return value
    text = _text(value, "opening hours", _OPENING)
    if text == "closed":
        return ()
    hours = []
    for part in text.split(","):
        marks = [parse_time_of_day(mark.strip()) for mark in part.split("-")]
        if len(marks) != 2 or marks[0] is None or marks[1] is None or marks[0] == 24 * 60:
            raise refused(f"{shown(part.strip())} are no opening hours", _OPENING)
        hours.append((marks[0], marks[1]))
    return tuple(hours)


def parse_weekdays(text: str) -> list[int] | None:
    """Return the weekdays of ``mon``, ``mon-fri``, ``sat, sun`` (0 = Monday), None where the text is none."""
    days: list[int] = []
    for part in text.lower().split(","):
        ends = [_WEEKDAYS.index(name.strip()) if name.strip() in _WEEKDAYS else None for name in part.split("-")]
        first, last = ends[0], ends[-1]
        if len(ends) > 2 or first is None or last is None:
            return None
        days += [day % 7 for day in range(first, (last if last >= first else last + 7) + 1)]
    return days


def _date(value: object) -> date:
    if isinstance(value, date):
        return value
    text = _text(value, "date", "allowed: 2024-02-29")
    try:
        if not _DATE.fullmatch(text):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError as error:
        raise refused(f"{shown(text)} is no date", "allowed: 2024-02-29") from error


def _month_day(value: object) -> tuple[int, int]:
    if isinstance(value, tuple):
        return value
    text = _text(value, "day of the year", "allowed: 11-01 (month-day)")
    match = _MONTH_DAY.fullmatch(text)
    try:
        if not match:
            raise ValueError(text)
        leap_day = date(2024, int(match[1]), int(match[2]))
    except ValueError as error:
        raise refused(f"{shown(text)} is no day of the year", "allowed: 11-01 (month-day)") from error
    return leap_day.month, leap_day.day


def _moment(value: object) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value
    allowed = "allowed: 2024-03-01T09:00:00+08:00 (with its offset, or Z)"
    text = _text(value, "instant", allowed)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise refused(f"{shown(text)} is no instant", allowed) from error
    if moment.tzinfo is None:
        raise refused(f"{shown(text)} has no UTC offset", allowed)
    return moment


def _zone(value: object) -> str:
    allowed = "allowed: an IANA name such as Asia/Shanghai"
    text = _text(value, "time zone", allowed)
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise refused(f"{shown(text)} is no time zone", allowed) from error
    return text


def _stage(value: object) -> Stage:
    if isinstance(value, Stage):
        return value
    allowed = "allowed: " + ", ".join(STAGE_OF_LABEL)
    text = _text(value, "stage", allowed)
    if text not in STAGE_OF_LABEL:
        raise refused(f"{shown(text)} is no stage", allowed)
    return STAGE_OF_LABEL[text]


def _name(value: object) -> str:
    text = _text(value, "name", "allowed: 1 to 100 printable characters")
    if not 1 <= len(text) <= 100 or not text.isprintable():
        raise refused(f"{shown(text)} is no name", "allowed: 1 to 100 printable characters")
    return text


Duration = Annotated[int, BeforeValidator(_duration)]
"""Elapsed time in microseconds."""
Limit = Annotated[int, BeforeValidator(_limit)]
"""Elapsed time in microseconds, 0 for ``off``."""
WorkingSpan = Annotated[Span, BeforeValidator(_span)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Number = Annotated[float, BeforeValidator(_number)]
Whole = Annotated[int, BeforeValidator(_whole)]
Ratio = Annotated[float, BeforeValidator(_ratio)]
TimeOfDay = Annotated[int, BeforeValidator(_time_of_day)]
"""Minutes after local midnight."""
Opening = Annotated[tuple[tuple[int, int], ...], BeforeValidator(_opening_hours)]
Day = Annotated[date, BeforeValidator(_date)]
MonthDay = Annotated[tuple[int, int], BeforeValidator(_month_day)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
"""An aware datetime."""
Zone = Annotated[str, BeforeValidator(_zone)]
StageName = Annotated[Stage, BeforeValidator(_stage)]
Named = Annotated[str, BeforeValidator(_name)]
