"""On which dates a clinic is open, and which of them a rule means where a day is closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from protocol_sched.model.agenda import CaughtUp, FilledWeek, MadeUp, OnOpenDay
from protocol_sched.model.availability import (
    Clinic,
    DatedHours,
    Hours,
    HoursOver,
    LocalWindow,
    merged,
)
from protocol_sched.model.before_and_after import Notice, NoticeUnit
from protocol_sched.model.cadences import ClosedDay, Week
from protocol_sched.model.moments import later_by
from protocol_sched.model.spans import MonthEnd

LOOKED = 400
"""So many dates either side are looked through for one on which the clinic is open."""


@lru_cache(maxsize=16384)
def opens_on(clinic: Clinic, day: date) -> bool:
    """
    Tell whether a clinic is open on a date for any part of it.

    Time that is over closes nothing: a clinic that was open this morning is open today.
    """
    return bool(open_windows(clinic, day))


def open_windows(clinic: Clinic, day: date) -> tuple[LocalWindow, ...]:
    """Return when a clinic is open on a date, time that is over included."""
    hours: tuple[Hours | DatedHours, ...] = (clinic.hours, *clinic.extra_openings)
    opened = merged(window for one in hours for window in one.on(day))
    closures = (one for one in clinic.closures if not isinstance(one, HoursOver))
    for a, b in merged(window for one in closures for window in one.on(day)):
        opened = tuple(
            part
            for start, end in opened
            for part in ((start, min(end, a)), (max(start, b), end))
            if part[0] < part[1]
        )
    return opened


def notice_ends(notice: Notice, now: datetime, clinic: Clinic) -> datetime:
    """
    Return the first moment for which a visit can still be booked.

    After so many working days it is the midnight with which the last of them begins: asked on a
    Thursday, two working days are over on Monday. Working hours are those of the clock.
    """
    if notice.unit is NoticeUnit.HOURS:
        return later_by(now, timedelta(hours=notice.amount))
    local = now.astimezone(clinic.zone)
    left = notice.amount if notice.unit is NoticeUnit.WORKING_DAYS else 60 * notice.amount
    over = 60 * local.hour + local.minute
    day = local.date()
    for _ in range(LOOKED):
        if notice.unit is NoticeUnit.WORKING_HOURS:
            for start, end in open_windows(clinic, day):
                start = max(start, over)
                if end - start >= left:
                    return _at(clinic, day, start + left)
                left -= max(0, end - start)
        elif day != local.date() and opens_on(clinic, day):
            left -= 1
            if left == 0:
                return _at(clinic, day, 0)
        day, over = day + timedelta(days=1), 0
    return _at(clinic, day, 0)


def _at(clinic: Clinic, day: date, minute: int) -> datetime:
    days, minute = divmod(minute, 24 * 60)
    clock = time(minute // 60, minute % 60)
    return datetime.combine(day + timedelta(days=days), clock, clinic.zone)


def counts(rule: OnOpenDay | MadeUp, day: date, opens: Callable[[date], bool]) -> bool:
    """Tell whether a visit that a rule places by open days may be on a date."""
    return (day.weekday() < 5 or rule.weekends) and opens(day)


def open_day(
    rule: OnOpenDay, day: date, month_end: MonthEnd, opens: Callable[[date], bool]
) -> date | None:
    """
    Return the date that a rule by open days gives a visit, from one on ``day``.

    Of two dates equally near it is the later one, so that no distance becomes less than need be.

    Returns:
        ``None`` where the clinic is closed for more than a year either side.
    """
    try:
        wanted = rule.after.after(day, month_end)
        return next((one for one in _tried(rule, wanted) if counts(rule, one, opens)), None)
    except (OverflowError, ValueError):
        return None


def _tried(rule: OnOpenDay, wanted: date) -> Iterator[date]:
    """Yield the dates a rule would have, best first."""
    yield wanted
    for away in range(1, LOOKED):
        if rule.closed_day is not ClosedDay.PREVIOUS:
            yield wanted + timedelta(days=away)
        if rule.closed_day is not ClosedDay.NEXT:
            yield wanted - timedelta(days=away)


def passed_over(
    rule: OnOpenDay | MadeUp, day: date, month_end: MonthEnd, opens: Callable[[date], bool]
) -> tuple[date, ...] | None:
    """
    Return the dates that a visit would have but for closed days, from a visit on ``day``.

    Returns:
        None at all where the first choice is open; ``None`` where no date was found.
    """
    if isinstance(rule, OnOpenDay):
        found = open_day(rule, day, month_end, opens)
        if found is None:
            return None
        tried = list(_tried(rule, rule.after.after(day, month_end)))
        passed = tried[: tried.index(found)]
    else:
        either = days_of_made_up(rule, day, opens)
        if either is None:
            return None
        first, last = either
        passed = [first + timedelta(days=n) for n in range(1, (last - first).days)]
    return tuple(one for one in passed if one.weekday() < 5 or rule.weekends)


def days_of_made_up(
    rule: MadeUp, day: date, opens: Callable[[date], bool]
) -> tuple[date, date] | None:
    """
    Return the two dates of which a visit of a closed day has one, from a visit on ``day``.

    Returns:
        The same date twice where that one is open; ``None`` where the clinic is closed for more
        than a year before or after it.
    """
    try:
        wanted = day
        for _ in range(rule.days):
            wanted += timedelta(days=1)
            while wanted.weekday() >= 5 and not rule.weekends:
                wanted += timedelta(days=1)
        away = [timedelta(days=n) for n in range(LOOKED)]
        before = next((wanted - by for by in away if counts(rule, wanted - by, opens)), None)
        after = next((wanted + by for by in away if counts(rule, wanted + by, opens)), None)
    except OverflowError:
        return None
    return None if before is None or after is None else (before, after)


def caught_up_on(rule: CaughtUp, day: date, opens: Callable[[date], bool]) -> date | None:
    """
    Return the date of a visit whose block makes up for closed days at weekends.

    Returns:
        ``None`` where the clinic is closed for more than a year.
    """
    left, owed = rule.days, rule.owed(day)
    try:
        for _ in range(LOOKED + 2 * rule.days):
            if left == 0:
                return day
            day += timedelta(days=1)
            works, is_open = day.weekday() < 5, opens(day)
            if is_open and (works or owed):
                left -= 1
                owed -= not works
            elif works:
                owed += 1
    except OverflowError:
        return None
    return day if left == 0 else None


def filled_week(
    rule: FilledWeek, day: date, opens: Callable[[date], bool]
) -> tuple[date, date] | None:
    """
    Return the first and the last date of the week that has room for a visit.

    Returns:
        ``None`` where the clinic is closed for more than a year.
    """
    back = {Week.FIRST_VISIT: rule.into, Week.MONDAY: day.weekday()}
    into = back.get(rule.begins, (day.weekday() + 1) % 7)
    over = into + 1 + rule.gone
    left, taken = rule.visits, rule.used
    try:
        first = day - timedelta(days=into)
        for _ in range(LOOKED // 7 + rule.visits + rule.gone):
            days_open = sum(opens(first + timedelta(days=n)) for n in range(over, 7))
            room = max(0, min(rule.per_week - taken, days_open))
            if left <= room:
                first += timedelta(days=7 * rule.weeks)
                return first, first + timedelta(days=6)
            left, taken, over = left - room, 0, max(0, over - 7)
            first += timedelta(days=7)
    except OverflowError:
        pass
    return None
