"""How the judge reckons with moments and dates: each edge of each small function by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from protocol_sched.judge import clock
from protocol_sched.model.availability import DatedHours
from protocol_sched.model.spans import CalendarSpan, MonthEnd

BERLIN = ZoneInfo("Europe/Berlin")
MIDNIGHT = datetime(2027, 3, 9, tzinfo=UTC)


def hour(number: int) -> datetime:
    return MIDNIGHT + timedelta(hours=number)


def stretch(*hours: int) -> clock.Windows:
    """Return windows from pairs of hours."""
    return [(hour(a), hour(b)) for a, b in zip(hours[::2], hours[1::2], strict=True)]


@pytest.mark.parametrize(
    ("windows", "found"),
    [
        ((1, 2, 2, 3), (1, 3)),
        ((1, 2, 3, 4), (1, 2, 3, 4)),
        ((1, 5, 2, 3), (1, 5)),
        ((3, 4, 1, 2), (1, 2, 3, 4)),
        ((2, 2), ()),
        ((3, 2), ()),
        ((2, 2, 3, 4), (3, 4)),
    ],
)
def test_windows_that_touch_are_one_and_empty_ones_are_none(
    windows: tuple[int, ...], found: tuple[int, ...]
) -> None:
    assert clock.joined(stretch(*windows)) == stretch(*found)


@pytest.mark.parametrize(
    ("taken", "left"),
    [
        ((0, 1), (2, 6)),
        ((0, 2), (2, 6)),
        ((2, 3), (3, 6)),
        ((3, 4), (2, 3, 4, 6)),
        ((5, 6), (2, 5)),
        ((6, 7), (2, 6)),
        ((2, 6), ()),
        ((1, 7), ()),
    ],
)
def test_what_is_taken_from_a_window_leaves_the_rest(
    taken: tuple[int, ...], left: tuple[int, ...]
) -> None:
    assert clock.without(stretch(2, 6), stretch(*taken)) == stretch(*left)


def test_what_ends_as_another_begins_does_not_meet_it() -> None:
    open_hours = stretch(2, 6)
    assert clock.covers(open_hours, hour(2), hour(6))
    assert not clock.covers(open_hours, hour(1), hour(6))
    assert not clock.covers(open_hours, hour(2), hour(7))
    assert not clock.meets(open_hours, hour(1), hour(2))
    assert not clock.meets(open_hours, hour(6), hour(7))
    assert clock.meets(open_hours, hour(1), hour(3))
    assert clock.meets(open_hours, hour(5), hour(7))


def closed(first: int, last: int) -> DatedHours:
    return DatedHours(first=date(2027, 3, first), last=date(2027, 3, last))


def test_closures_as_far_off_as_a_zone_can_bring_them_are_looked_at() -> None:
    days = {day: closed(day, day) for day in range(5, 14)}
    met = list(clock.near(days.values(), hour(9), hour(33)))
    assert met == [days[day] for day in (8, 9, 10, 11)]
    assert list(clock.near([closed(1, 20)], hour(9), hour(10))) == [closed(1, 20)]


def test_hours_until_midnight_still_hold_at_the_midnight_they_end_with() -> None:
    def always(_: date) -> list[tuple[int, int]]:
        return [(0, 24 * 60)]

    def evenings(_: date) -> list[tuple[int, int]]:
        return [(22 * 60, 24 * 60)]

    assert clock.windows_of(always, UTC, hour(9), hour(24)) == stretch(0, 48)
    assert clock.windows_of(always, UTC, hour(9), hour(23)) == stretch(0, 24)
    assert clock.windows_of(evenings, UTC, hour(0), hour(1)) == stretch(-2, 0, 22, 24)


def test_a_time_that_is_skipped_is_the_moment_the_clock_jumps_and_a_doubled_one_is_two() -> None:
    spring, autumn = date(2027, 3, 28), date(2027, 10, 31)
    jump = datetime(2027, 3, 28, 1, tzinfo=UTC)
    assert clock.instant(BERLIN, spring, 2 * 60 + 30) == jump
    assert clock.instant(BERLIN, spring, 3 * 60) == jump
    assert clock.instant(UTC, MIDNIGHT.date(), 90) == MIDNIGHT + timedelta(minutes=90)
    first = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert clock.instant(BERLIN, autumn, 2 * 60 + 30) == first
    assert clock.instant(BERLIN, autumn, 2 * 60 + 30, end=True) == first + timedelta(hours=1)
    assert clock.instant(BERLIN, spring, 24 * 60) == datetime(2027, 3, 28, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "months", "last_day", "next_day"),
    [
        ((2027, 1, 31), 1, (2027, 2, 28), (2027, 3, 1)),
        ((2027, 1, 30), 1, (2027, 2, 28), (2027, 3, 1)),
        ((2027, 1, 28), 1, (2027, 2, 28), (2027, 2, 28)),
        ((2028, 1, 29), 1, (2028, 2, 29), (2028, 2, 29)),
        ((2028, 1, 30), 1, (2028, 2, 29), (2028, 3, 1)),
        ((2027, 3, 31), 1, (2027, 4, 30), (2027, 5, 1)),
        ((2027, 1, 5), 12, (2028, 1, 5), (2028, 1, 5)),
        ((2027, 12, 5), 1, (2028, 1, 5), (2028, 1, 5)),
        ((2027, 1, 5), -1, (2026, 12, 5), (2026, 12, 5)),
    ],
)
def test_a_month_without_the_day_ends_earlier_or_goes_over(
    day: tuple[int, int, int],
    months: int,
    last_day: tuple[int, int, int],
    next_day: tuple[int, int, int],
) -> None:
    span = CalendarSpan(months=months)
    for end, found in ((MonthEnd.LAST_DAY, last_day), (MonthEnd.NEXT_DAY, next_day)):
        assert clock.ordinal_after(date(*day), span, end) == date(*found).toordinal()


def test_weeks_and_days_are_counted_after_months_and_years() -> None:
    span = CalendarSpan(years=1, months=1, weeks=2, days=3)
    assert clock.ordinal_after(date(2027, 1, 31), span, MonthEnd.LAST_DAY) == (
        date(2028, 2, 29).toordinal() + 17
    )


def test_dates_beyond_the_calendar_are_its_edge_and_said_so() -> None:
    far = clock.ordinal_after(date(9999, 12, 1), CalendarSpan(months=1), MonthEnd.LAST_DAY)
    assert far == date.max.toordinal()
    assert clock.ordinal_after(date(9999, 11, 1), CalendarSpan(months=1), MonthEnd.LAST_DAY) == (
        date(9999, 12, 1).toordinal()
    )
    back = clock.ordinal_after(date(1, 1, 9), CalendarSpan(months=-1), MonthEnd.LAST_DAY)
    assert back == date.min.toordinal()
    assert clock.date_text(date.max.toordinal()) == "Fri 9999-12-31"
    assert clock.date_text(1) == "Mon 0001-01-01"
    outside = "a date outside the calendar"
    assert clock.date_text(0) == clock.date_text(date.max.toordinal() + 1) == outside


def test_seconds_are_said_only_where_there_are_any() -> None:
    assert clock.moment_text(hour(9), BERLIN) == "Tue 2027-03-09 10:00"
    assert clock.moment_text(hour(9) + timedelta(seconds=5), BERLIN) == "Tue 2027-03-09 10:00:05"


def test_a_moment_is_usual_within_reach_on_a_date_without_a_clock_change() -> None:
    noon = hour(12)
    assert clock.is_usual(BERLIN, noon)
    assert not clock.is_usual(BERLIN, datetime(2027, 3, 28, 12, tzinfo=UTC))
    for year, reached in ((clock.FIRST_YEAR, True), (clock.LAST_YEAR, True)):
        assert clock.is_usual(UTC, noon.replace(year=year)) is reached
    assert not clock.is_usual(UTC, noon.replace(year=clock.FIRST_YEAR - 1))
    assert not clock.is_usual(UTC, noon.replace(year=clock.LAST_YEAR + 1))


def test_a_moment_without_a_zone_or_out_of_reach_is_not_reckoned_with() -> None:
    for year in (clock.FIRST_YEAR, clock.LAST_YEAR):
        moment = datetime(year, 7, 1, 12, tzinfo=BERLIN)
        assert clock.in_utc(moment) == moment
        assert clock.in_utc(moment.replace(tzinfo=None)) is None
        assert clock.reckonable(moment.date()) == moment.date()
    assert clock.in_utc(datetime(clock.FIRST_YEAR - 1, 7, 1, tzinfo=UTC)) is None
    assert clock.in_utc(datetime(clock.LAST_YEAR + 1, 7, 1, tzinfo=UTC)) is None
    assert clock.reckonable(date.min) == date(clock.FIRST_YEAR, 1, 1)
    assert clock.reckonable(date.max) == date(clock.LAST_YEAR, 12, 31)


def test_a_distance_is_never_negative_and_never_leaves_the_calendar() -> None:
    assert clock.minutes_after(hour(1), 60) == hour(2)
    assert clock.minutes_after(hour(1), 0) == clock.minutes_after(hour(1), -60) == hour(1)
    far = clock.minutes_after(hour(0), 10**12)
    assert far == clock.minutes_after(hour(0), 10**13)
    assert far > hour(0)
