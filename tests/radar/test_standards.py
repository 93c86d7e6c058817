"""Routes, the most specific standard, seasons, and due times."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radar.calendars import WorkCalendar
from radar.errors import InputError
from radar.instant import HOUR_US, Instant, to_datetime, to_instant
from radar.stages import Stage
from radar.standards import ANY, Season, Standard, Standards

FULL = tuple(Stage)
MARKET = (Stage.PLACED, Stage.PAID, Stage.HANDED_OVER, Stage.DELIVERED)
PEAK = Season("peak", (11, 1), (1, 15), "Asia/Shanghai")
NOON = to_instant(datetime(2024, 3, 1, 12, tzinfo=UTC))


def standards(*rows: Standard, seasons=()) -> Standards:
    return Standards({ANY: FULL, "marketplace": MARKET}, rows, seasons)


def test_an_unknown_order_type_takes_the_route_of_all_others():
    assert standards().route("gift") == FULL
    assert standards().route("marketplace") == MARKET


def test_the_next_stage_skips_what_the_route_does_not_pass():
    table = standards()
    assert table.next_stage("marketplace", Stage.PLACED) == Stage.PAID
    assert table.next_stage("marketplace", Stage.PICKED) == Stage.HANDED_OVER
    assert table.next_stage("marketplace", Stage.DELIVERED) is None
    assert table.next_stage("gift", Stage.PLACED) == Stage.VALIDATED


@pytest.mark.req("R02")
def test_a_stage_is_due_after_its_standard_and_alarms_after_the_grace():
    found = standards(Standard(Stage.PAID, 3 * HOUR_US)).due(Stage.PAID, "gift", "air", NOON)
    assert found is not None
    assert (found.due_at - NOON, found.alarm_at - NOON) == (3 * HOUR_US, 5 * HOUR_US)
    assert found.explain() == "3 h after Fri 2024-03-01 12:00 UTC"


def test_a_stage_without_a_standard_has_no_alarm():
    assert standards().due(Stage.PAID, "gift", "", NOON) is None


def test_the_grace_is_elapsed_time_even_where_the_standard_counts_working_hours():
    calendar = WorkCalendar("office", "UTC", dict.fromkeys(range(5), ((9 * 60, 18 * 60),)))
    found = standards(Standard(Stage.PAID, 6 * HOUR_US, calendar=calendar)).due(Stage.PAID, "", "", NOON)
    assert found is not None
    assert to_datetime(found.due_at) == datetime(2024, 3, 1, 18, tzinfo=UTC)
    assert to_datetime(found.alarm_at) == datetime(2024, 3, 1, 20, tzinfo=UTC)
    assert found.explain() == "6 working h after Fri 2024-03-01 12:00 -> Fri 2024-03-01 18:00 (office, UTC)"


SEGMENTS: list[dict[str, Any]] = [
    {},
    {"season": "peak"},
    {"mode": "air"},
    {"order_type": "gift"},
    {"mode": "air", "season": "peak"},
    {"order_type": "gift", "season": "peak"},
    {"order_type": "gift", "mode": "air"},
    {"order_type": "gift", "mode": "air", "season": "peak"},
]


@pytest.mark.parametrize("count", range(1, len(SEGMENTS) + 1))
@pytest.mark.parametrize("is_reversed", [False, True])
def test_the_most_specific_standard_holds_whatever_the_order_of_the_file(count, is_reversed):
    rows = [Standard(Stage.PAID, index * HOUR_US, **segment) for index, segment in enumerate(SEGMENTS[:count])]
    table = standards(*(reversed(rows) if is_reversed else rows), seasons=[PEAK])
    found = table.due(Stage.PAID, "gift", "air", to_instant(datetime(2024, 12, 1, tzinfo=UTC)))
    assert found is not None
    assert found.standard.duration_us == (count - 1) * HOUR_US


def test_of_two_standards_for_the_same_segment_the_last_listed_holds():
    found = standards(Standard(Stage.PAID, 1), Standard(Stage.PAID, 2)).due(Stage.PAID, "", "", NOON)
    assert found is not None
    assert found.standard.duration_us == 2


def test_an_order_type_called_star_reads_as_any():
    assert standards(Standard(Stage.PAID, 1)).due(Stage.PAID, ANY, ANY, NOON) is not None


def test_many_kinds_of_orders_do_not_grow_the_memory_of_look_ups():
    table = standards(Standard(Stage.PAID, 1, order_type="kind-7"))
    for index in range(10_000):
        table.due(Stage.PAID, f"kind-{index}", "", NOON)
    assert len(table._found) <= 4096
    assert table.due(Stage.PAID, "kind-7", "", NOON) is not None


@pytest.mark.parametrize(
    ("moment", "name"),
    [
        ("2023-10-31T15:59:59.999999", ANY),
        ("2023-10-31T16:00:00", "peak"),
        ("2024-01-15T15:59:59.999999", "peak"),
        ("2024-01-15T16:00:00", ANY),
    ],
)
def test_a_season_begins_and_ends_at_local_midnight_and_runs_over_new_year(moment, name):
    at = to_instant(datetime.fromisoformat(moment).replace(tzinfo=UTC))
    assert standards(seasons=[PEAK]).season_at(at) == name


SEASONS = [PEAK, Season("leap", (2, 29), (2, 29), "UTC"), Season("over", (1, 10), (3, 1), "America/Sao_Paulo")]


@given(st.integers(0, 4_000_000_000))
def test_the_season_is_the_first_that_holds_the_local_date(seconds):
    at = Instant(seconds * 1_000_000)
    expected = ANY
    for season in reversed(SEASONS):
        local = to_datetime(at).astimezone(ZoneInfo(season.zone))
        today = (local.month, local.day)
        after, before = today >= season.first, today <= season.last
        if (after and before) if season.first <= season.last else (after or before):
            expected = season.name
    assert standards(seasons=SEASONS).season_at(at) == expected


def test_a_due_time_does_not_depend_on_the_season_asked_for_before():
    rows = [Standard(Stage.PAID, 2), Standard(Stage.PAID, 1, season="peak")]
    table = standards(*rows, seasons=[PEAK])
    december, march = to_instant(datetime(2024, 12, 1, tzinfo=UTC)), NOON
    dues = [table.due(Stage.PAID, "", "", at) for at in (march, december, march, december, december)]
    assert [due.standard.duration_us for due in dues if due is not None] == [2, 1, 2, 1, 1]


def test_no_route_for_other_order_types_is_refused():
    with pytest.raises(InputError, match="one route for all other"):
        Standards({"marketplace": MARKET})


@pytest.mark.parametrize("route", [(), (Stage.PAID, Stage.PLACED), (Stage.PAID, Stage.PAID)])
def test_a_route_that_does_not_go_forward_is_refused(route):
    with pytest.raises(InputError, match="is no route"):
        Standards({ANY: route})


def test_a_standard_for_an_unknown_season_is_refused():
    with pytest.raises(InputError, match="no season of this file"):
        standards(Standard(Stage.PAID, 1, season="pea"), seasons=[PEAK])


def test_a_season_in_an_unknown_zone_is_refused():
    with pytest.raises(InputError, match="no time zone"):
        standards(seasons=[Season("peak", (1, 1), (1, 2), "Mars/Olympus")])


def test_equal_tables_are_equal():
    assert standards(Standard(Stage.PAID, 1)) == standards(Standard(Stage.PAID, 1))
    assert standards(Standard(Stage.PAID, 1)) != standards()
