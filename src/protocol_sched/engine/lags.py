"""The windows that a rule between two visits leaves: in days, weeks, working days, minutes."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import attrs

from protocol_sched.engine.problem import Lag, TableLag, Window
from protocol_sched.model.agenda import (
    CaughtUp,
    FilledWeek,
    MadeUp,
    NextWorkingDay,
    OfDates,
    OnOpenDay,
    OtherWeekday,
    Spacing,
    WeekApart,
)
from protocol_sched.model.availability import Clinic
from protocol_sched.model.cadences import Week
from protocol_sched.model.open_days import (
    caught_up_on,
    days_of_made_up,
    filled_week,
    open_day,
    opens_on,
)
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, MonthEnd, Span

NEVER = Window(least=1, most=0)
"""No date at all."""


def turned(lag: Lag) -> Lag:
    """
    Return the same rule as a distance from its later visit to its earlier one.

    Needed where rules measure two visits from each other, so that either order leaves one of
    them turned; most such rules contradict each other, which is for the solver to find.
    """
    if isinstance(lag, TableLag):
        windows = tuple(_window_back(lag, day) for day in range(len(lag.windows)))
        return TableLag(lag.later, lag.earlier, windows, lag.origin)

    def back(bound: int | None) -> int | None:
        return None if bound is None else -bound

    one = lag.window
    window = Window(back(one.most), back(one.least), back(one.hi), back(one.lo))
    return attrs.evolve(lag, earlier=lag.later, later=lag.earlier, window=window)


def _window_back(lag: TableLag, day: int) -> Window:
    """Return how far from a later visit on ``day`` the earlier one may be and is on target."""
    costs = {n - day: window.cost(day - n) for n, window in enumerate(lag.windows)}
    allowed = {away: cost for away, cost in costs.items() if cost is not None}
    if not allowed:
        return NEVER
    best = [away for away, cost in allowed.items() if cost == min(allowed.values())]
    first, last = min(allowed), max(allowed)
    holes = frozenset(range(first, last)).difference(allowed) if _has_holes(lag) else frozenset()
    return Window(first, last, min(best), max(best), holes)


def _has_holes(lag: TableLag) -> bool:
    return any(window.holes for window in lag.days_of_window)


def exactly(days: int) -> Window:
    return Window(least=days, most=days)


def day_window(binding: Spacing, day: date, month_end: MonthEnd) -> Window:
    """Return the calendar part of a spacing in days, from a visit on ``day``."""

    def days(length: Span | None) -> int | None:
        if not isinstance(length, CalendarSpan):
            return None
        return (length.after(day, month_end) - day).days if length.by_months else length.in_days

    target = binding.target
    return Window(
        days(binding.least),
        days(binding.most),
        days(target.least) if target else None,
        days(target.most) if target else None,
    )


def date_window(
    binding: OfDates, day: date, reach: int, clinic: Clinic, month_end: MonthEnd
) -> Window:
    """
    Return in days what a rule about two dates leaves, from a visit on ``day``.

    Args:
        reach: How many days apart the two visits can be at the most.
        clinic: Says which days are closed.
        month_end: Where a date goes that does not exist.
    """
    match binding:
        case NextWorkingDay():
            return exactly((working_days_after(day, binding.days) - day).days)
        case OnOpenDay():
            found = open_day(binding, day, month_end, partial(opens_on, clinic))
            return NEVER if found is None else exactly((found - day).days)
        case MadeUp():
            either = days_of_made_up(binding, day, partial(opens_on, clinic))
            if either is None:
                return NEVER
            first, last = ((one - day).days for one in either)
            return Window(first, last, holes=frozenset(range(first + 1, last)))
        case CaughtUp():
            found = caught_up_on(binding, day, partial(opens_on, clinic))
            return NEVER if found is None else exactly((found - day).days)
        case FilledWeek():
            week = filled_week(binding, day, partial(opens_on, clinic))
            if week is None:
                return NEVER
            first, last = ((one - day).days for one in week)
            return Window(first, last)
        case WeekApart():
            return week_window(day, binding)
        case OtherWeekday():
            weeks = reach // 7
            return Window(holes=frozenset(7 * week for week in range(-weeks, weeks + 1)))
        case _:
            raise TypeError(f"a rule about two dates is needed, got {type(binding).__name__}")


def working_days_after(day: date, count: int) -> date:
    """Return the date so many days, Monday to Friday, after ``day``."""
    while count:
        day += timedelta(days=1)
        if day.weekday() < 5:
            count -= 1
    return day


def week_window(day: date, binding: WeekApart) -> Window:
    begins = 6 if binding.begins is Week.SUNDAY else 0
    into = (day.weekday() - begins) % 7
    first = 7 * binding.weeks - into
    return Window(least=first, most=first + 6)


def minutes_window(binding: Spacing) -> Window:
    """Return the elapsed part of a spacing in minutes."""

    def minutes(length: Span | None) -> int | None:
        return length.minutes if isinstance(length, ElapsedSpan) else None

    target = binding.target
    return Window(
        minutes(binding.least),
        minutes(binding.most),
        minutes(target.least) if target else None,
        minutes(target.most) if target else None,
    )
