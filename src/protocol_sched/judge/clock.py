"""
Moments, dates and windows as the judge reckons with them: plainly, and with nothing borrowed.

Whoever makes a schedule reckons elsewhere (`engine.horizon`, `model.spans`); what is worked out
twice is not wrong in the same way twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from protocol_sched.model.availability import (
    Booking,
    Clinic,
    DatedHours,
    Hours,
    HoursOver,
    LocalWindow,
)
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.spans import CalendarSpan, MonthEnd

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
FIRST_YEAR, LAST_YEAR = 1000, 9000
"""Moments outside these years are reported and not reckoned with: sums would leave the calendar."""
_FAR = 100 * 366 * 24 * 60
"""Minutes. Longer distances between two moments of one visit are cut to this, for that reason."""


def wall_clock(moment: datetime) -> timedelta:
    """Return what the wall clock shows, as time after midnight."""
    return timedelta(
        hours=moment.hour,
        minutes=moment.minute,
        seconds=moment.second,
        microseconds=moment.microsecond,
    )


def in_utc(moment: datetime) -> datetime | None:
    """Return the moment in UTC; ``None`` without a zone or too far away to reckon with."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR or moment.utcoffset() is None:
        return None
    return moment.astimezone(UTC)


def minutes_after(moment: datetime, minutes: int) -> datetime:
    return moment + min(max(minutes, 0), _FAR) * MINUTE


def reckonable(day: date) -> date:
    return min(max(day, date(FIRST_YEAR, 1, 1)), date(LAST_YEAR, 12, 31))


@lru_cache(maxsize=4096)
def _midnight(zone: tzinfo, day: date) -> tuple[datetime, bool]:
    """Return the real moment a date begins, and whether it has 24 hours; asked for very often."""
    begins = _by_the_clock(zone, day, 0)
    return begins, _by_the_clock(zone, day + DAY, 0) - begins == DAY


def _by_the_clock(zone: tzinfo, day: date, minute: int, end: bool = False) -> datetime:
    wall = datetime.combine(day, time()) + minute * MINUTE
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second:
        return second if end else first
    # Skipped: ``second`` lies before the change. Walk until the clock has jumped over it.
    while second.astimezone(zone).replace(tzinfo=None) < wall:
        second += MINUTE
    return second


def instant(zone: tzinfo, day: date, minute: int, end: bool = False) -> datetime:
    """Return the real moment of a local wall-clock time; see `violations` for clock changes."""
    if minute == 24 * 60:
        return _midnight(zone, day + DAY)[0]
    begins, regular = _midnight(zone, day)
    return begins + minute * MINUTE if regular else _by_the_clock(zone, day, minute, end)


def is_usual(zone: tzinfo, moment: datetime) -> bool:
    """Tell whether a moment of the zone lies in reach, on a date on which no clock changes."""
    return FIRST_YEAR <= moment.year <= LAST_YEAR and _midnight(zone, moment.date())[1]


# --- a visit with what its type says of it ---------------------------------------------------


Windows = list[tuple[datetime, datetime]]
"""Stretches of real time in UTC, in order, apart from one another."""


def joined(windows: Iterable[tuple[datetime, datetime]]) -> Windows:
    result: Windows = []
    for start, end in sorted(windows):
        if end <= start:
            continue
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return result


def near(closures: Iterable[DatedHours], start: datetime, end: datetime) -> Iterator[DatedHours]:
    """Yield those that could meet a stretch of real time in some zone: a clinic may have many."""
    first, last = start.toordinal() - 1, end.toordinal() + 1
    for one in closures:
        if one.first.toordinal() <= last and one.last.toordinal() >= first:
            yield one


def windows_of(
    hours: Callable[[date], Iterable[LocalWindow]],
    zone: tzinfo,
    start: datetime,
    end: datetime,
    *,
    opening: bool = False,
) -> Windows:
    """
    Return local hours as real windows, for the dates of a stretch of real time.

    Hours until 24:00 still hold at the midnight they end with, which is of the next date.

    Args:
        opening: Count only what the clock shows inside the hours. Otherwise what lies between
            the first reading of their start and the last of their end is all taken.
    """
    day = last = start.astimezone(zone).date()
    begins, regular = _midnight(zone, day)
    if not regular or end >= begins + DAY:
        last = end.astimezone(zone).date()
    if start <= begins:
        day -= DAY
    found: Windows = []
    while day <= last:
        begins, regular = _midnight(zone, day)
        for opens, closes in hours(day):
            if regular:
                found.append((begins + opens * MINUTE, begins + closes * MINUTE))
            elif opening and _comes_twice(zone, day, opens, closes):
                found.extend(_minutes_shown(zone, day, opens, closes))
            else:
                found.append((instant(zone, day, opens), instant(zone, day, closes, end=True)))
        day += DAY
    return joined(found)


def _comes_twice(zone: tzinfo, day: date, *minutes: int) -> bool:
    return any(
        _by_the_clock(zone, day, minute) != _by_the_clock(zone, day, minute, end=True)
        for minute in minutes
    )


def _minutes_shown(zone: tzinfo, day: date, opens: int, closes: int) -> Windows:
    """Return the minutes of a date at which its clock shows a time inside hours, one by one."""
    minute, ends = instant(zone, day, 0), instant(zone, day + DAY, 0)
    found: Windows = []
    while minute < ends:
        if opens * MINUTE <= wall_clock(minute.astimezone(zone)) < closes * MINUTE:
            found.append((minute, minute + MINUTE))
        minute += MINUTE
    return joined(found)


def without(windows: Windows, taken: Windows) -> Windows:
    for start, end in taken:
        windows = [
            part
            for a, b in windows
            for part in ((a, min(b, start)), (max(a, end), b))
            if part[0] < part[1]
        ]
    return joined(windows)


def covers(windows: Windows, start: datetime, end: datetime) -> bool:
    return any(a <= start and end <= b for a, b in windows)


def meets(windows: Windows, start: datetime, end: datetime) -> bool:
    return any(a < end and start < b for a, b in windows)


def of_all(hours: Iterable[Hours | DatedHours]) -> Callable[[date], list[LocalWindow]]:
    """Return the windows of several hours on a date."""
    several = tuple(hours)
    return lambda day: [window for one in several for window in one.on(day)]


def is_open(clinic: Clinic, day: date) -> bool:
    """Tell whether a minute of a date is in a clinic's hours and in none of its closures."""
    closures = [one for one in clinic.closures if not isinstance(one, HoursOver)]
    shut = {minute for opens, closes in of_all(closures)(day) for minute in range(opens, closes)}
    hours = of_all((clinic.hours, *clinic.extra_openings))(day)
    return any(minute not in shut for a, b in hours for minute in range(a, b))


def of_bookings(days: dict[date, list[Booking]]) -> Callable[[date], list[LocalWindow]]:
    return lambda day: [(one.start, one.end) for one in days.get(day, ())]


def _months_after(day: date, months: int, month_end: MonthEnd) -> int:
    """Return the ordinal of the date so many months on; far outside the calendar, its edge."""
    year, month = divmod(12 * day.year + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max.toordinal()
    if year < date.min.year:
        return date.min.toordinal()
    for last in range(day.day, 27, -1):
        try:
            found = date(year, month + 1, last)
        except ValueError:
            continue
        beyond = month_end is MonthEnd.NEXT_DAY and last < day.day
        return found.toordinal() + beyond
    return date(year, month + 1, day.day).toordinal()


def ordinal_after(day: date, span: CalendarSpan, month_end: MonthEnd) -> int:
    """Return the ordinal of the date a span after ``day``; it may lie outside the calendar."""
    months = 12 * span.years + span.months
    landed = _months_after(day, months, month_end) if months else day.toordinal()
    return landed + 7 * span.weeks + span.days


def day_text(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()][:3]} {day.isoformat()}"


def date_text(ordinal: int) -> str:
    if date.min.toordinal() <= ordinal <= date.max.toordinal():
        return day_text(date.fromordinal(ordinal))
    return "a date outside the calendar"


def moment_text(moment: datetime, zone: tzinfo) -> str:
    """Return date and wall clock; seconds only where there are any."""
    local = moment.astimezone(zone)
    clock = local.time().isoformat("minutes" if not local.second else "seconds")
    return f"{day_text(local.date())} {clock}"


def range_text(start: datetime, end: datetime, zone: tzinfo) -> str:
    return f"{moment_text(start, zone)} to {moment_text(end, zone)}"
