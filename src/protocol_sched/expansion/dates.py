"""What each kind of rule about dates or weekdays leaves a visit: in dates, and in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import attrs

from protocol_sched.model.agenda import (
    Binding,
    CaughtUp,
    FilledWeek,
    MadeUp,
    NextWorkingDay,
    OfDates,
    OnDaysOfMonth,
    OnOpenDay,
    OnWeekdays,
    OtherWeekday,
    PastVisit,
    WeekApart,
)
from protocol_sched.model.availability import Clinic
from protocol_sched.model.cadences import ClosedDay, Week
from protocol_sched.model.open_days import (
    caught_up_on,
    days_of_made_up,
    filled_week,
    open_day,
    opens_on,
)
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Phase, SameWeekday
from protocol_sched.model.sentences import Sentence, told
from protocol_sched.model.spans import CalendarSpan, MonthEnd

ONE_DAY = timedelta(days=1)


@attrs.frozen(kw_only=True)
class Days:
    """What dates are counted with: the month-end policy, and the clinic where one is known."""

    month_end: MonthEnd
    clinic: Clinic | None = None


def by_weekday(
    phase: Phase, weekdays: tuple[str, ...], earlier: str | PastVisit | None, later: str
) -> Iterator[OnWeekdays | OtherWeekday]:
    """
    Yield what a phase says of the weekday of one of its visits.

    Args:
        weekdays: Those on which visits of its type may be; empty is all.
        earlier: The visit of the phase before it; ``None`` for the first.
        later: The visit itself.
    """
    if earlier is not None and phase.same_weekday is SameWeekday.NOT_IN_A_ROW:
        yield OtherWeekday(
            rule="weekday in a row", source=phase.source, earlier=earlier, later=later
        )
    if weekdays:
        yield OnWeekdays(rule="weekdays", source=phase.source, visit=later, weekdays=weekdays)


def first_and_last(rule: OfDates, day: date, days: Days) -> tuple[date | None, date | None]:
    """
    Return the first and the last date of a visit if the one before it is on ``day``.

    Without a clinic nobody knows which days are closed, so that only one of them may be told.
    """
    match rule:
        case OnOpenDay():
            return _open_days(rule, day, days)
        case MadeUp():
            either = days_of_made_up(rule, day, _opens(days))
            return (None, None) if either is None or days.clinic is None else either
        case CaughtUp():
            only = aimed_at(rule, day, days)
            return only, None if days.clinic is None else only
        case FilledWeek():
            week = filled_week(rule, day, _opens(days)) or (None, None)
            return week[0], None if days.clinic is None else week[1]
        case NextWorkingDay():
            working = weekday_after(day, rule.days)
            return working, working
        case WeekApart():
            first = plus_days(week_of(day, rule.begins), 7 * rule.weeks)
            return first, plus_days(first, 6)
        case _:
            return None, None


def aimed_at(rule: OnOpenDay | MadeUp | CaughtUp, day: date, days: Days) -> date | None:
    """Return the date a visit has, in a clinic that is always open where none is known."""
    if isinstance(rule, MadeUp):
        either = days_of_made_up(rule, day, _opens(days))
        return None if either is None else either[1]
    if isinstance(rule, CaughtUp):
        return caught_up_on(rule, day, _opens(days))
    return open_day(rule, day, days.month_end, _opens(days))


def _opens(days: Days) -> Callable[[date], bool]:
    clinic = days.clinic
    return lambda day: clinic is None or opens_on(clinic, day)


def _open_days(rule: OnOpenDay, day: date, days: Days) -> tuple[date | None, date | None]:
    found = aimed_at(rule, day, days)
    known = days.clinic is not None
    return (
        found if known or rule.closed_day is ClosedDay.NEXT else None,
        found if known or rule.closed_day is ClosedDay.PREVIOUS else None,
    )


def weekdays_left(rule: Binding, day: date | None) -> tuple[str, ...]:
    """
    Return the weekdays that a rule leaves a visit.

    Args:
        day: The date of the visit it is measured from, where there is one and it is known.
    """
    match rule:
        case OnWeekdays(weekdays=names) if names:
            return names
        case OtherWeekday() if day is not None and rule.keeps_least:
            return tuple(name for name in WEEKDAYS if name != WEEKDAYS[day.weekday()])
        case _:
            return WEEKDAYS


def leaves(rule: Binding, day: date, measured: date | None) -> bool:
    """
    Tell whether a rule leaves a visit the weekday, or the day of the month, of a date.

    Args:
        measured: The date of the visit it is measured from, where there is one and it is known.
    """
    if isinstance(rule, OnDaysOfMonth):
        return rule.first <= day.day <= rule.last
    return WEEKDAYS[day.weekday()] in weekdays_left(rule, measured)


FAR_ENOUGH = 62
"""Within so many days there is one of every weekday and day of the month, alone and together."""


def dates_in_words(rule: OfDates, name: str) -> str:
    """
    Return what a rule about two dates says of the later one.

    Args:
        name: What the earlier visit is called.
    """
    match rule:
        case NextWorkingDay():
            if rule.days == 1:
                return told("the next working day after {name}", name=name)
            return told("{days} working days after {name}", days=rule.days, name=name)
        case WeekApart():
            begins = {
                Week.FIRST_VISIT: told("the first visit of the phase"),
                Week.MONDAY: told("Monday"),
                Week.SUNDAY: told("Sunday"),
            }[rule.begins]
            if not rule.weeks:
                return told("in the week of {name}, weeks from {begins}", name=name, begins=begins)
            return told(
                "{span} after the week of {name}, weeks from {begins}",
                span=CalendarSpan(weeks=rule.weeks),
                name=name,
                begins=begins,
            )
        case OnOpenDay():
            return open_day_in_words(rule, name)
        case MadeUp():
            return told(
                "{days} after {name}, or made up before or after a day the clinic is closed",
                days=_days(rule.days, rule.weekends),
                name=name,
            )
        case CaughtUp():
            return told(
                "{days} after {name} on which the clinic is open, a weekend only for days that "
                "were closed",
                days=_days(rule.days, weekends=False),
                name=name,
            )
        case FilledWeek():
            week = told("the week after the one that has room for the visit before it")
            if not rule.weeks:
                week = told("the week that has room for it")
            return told(
                "in {week}, {number} a week from {name} on and no more than it has days on which "
                "the clinic is open",
                week=week,
                number=rule.per_week,
                name=name,
            )
        case OtherWeekday():
            return told("on another weekday than {name}", name=name)
        case _:
            raise TypeError(f"a rule about two dates is needed, got {type(rule).__name__}")


def open_day_in_words(rule: OnOpenDay, name: str) -> str:
    """Return what a rule by open days says, its clinic unnamed."""
    if rule.after == CalendarSpan(days=1) and rule.closed_day is ClosedDay.NEXT:
        if rule.weekends:
            return told("the next day after {name} on which the clinic is open", name=name)
        return told(
            "the next day from Monday to Friday after {name} on which the clinic is open", name=name
        )
    which = {
        ClosedDay.NEXT: told("the next day on which the clinic is open"),
        ClosedDay.PREVIOUS: told("the previous day on which the clinic is open"),
        ClosedDay.NEAREST: told("the nearest day on which the clinic is open"),
    }[rule.closed_day]
    return told("{span} after {name}, or on {day}", span=rule.after, name=name, day=which)


def _days(number: int, weekends: bool) -> Sentence:
    """Return ``1 day``, ``3 working days``."""
    if weekends:
        return told("{span}", span=CalendarSpan(days=number))
    return told("{days} working day" if number == 1 else "{days} working days", days=number)


def plus_days(day: date, days: int) -> date:
    """Return the date so many days later, or the last or first possible one."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min


def weekday_after(day: date, count: int) -> date:
    """Return the ``count``-th date from Monday to Friday after ``day``."""
    while count > 0:
        if day == date.max:
            return day
        day += ONE_DAY
        count -= day.weekday() < 5
    return day


def week_of(day: date, begins: Week) -> date:
    """Return the first date of the calendar week of ``day``."""
    back = day.weekday() if begins is Week.MONDAY else (day.weekday() + 1) % 7
    return plus_days(day, -back)
