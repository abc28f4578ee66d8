"""What each kind of rule about dates or weekdays leaves a visit: in dates, and in words."""

from __future__ import annotations

from datetime import date, timedelta

from protocol_sched.model.agenda import (
    Binding,
    NextWorkingDay,
    OfDates,
    OnWeekdays,
    OtherWeekday,
    WeekApart,
)
from protocol_sched.model.rules import WEEKDAYS, Week

ONE_DAY = timedelta(days=1)


def first_and_last(rule: OfDates, day: date) -> tuple[date | None, date | None]:
    """Return the first and the last date of a visit if the one before it is on ``day``."""
    match rule:
        case NextWorkingDay():
            only = weekday_after(day, rule.days)
            return only, only
        case WeekApart():
            first = plus_days(week_of(day, rule.begins), 7 * rule.weeks)
            return first, plus_days(first, 6)
        case _:
            return None, None


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


def dates_in_words(rule: OfDates, name: str) -> str:
    """
    Return what a rule about two dates says of the later one.

    Args:
        name: What the earlier visit is called.
    """
    match rule:
        case NextWorkingDay():
            day = "the next working day" if rule.days == 1 else f"{rule.days} working days"
            return f"{day} after {name}"
        case WeekApart():
            weeks = f"{rule.weeks} week" if rule.weeks == 1 else f"{rule.weeks} weeks"
            apart = f"{weeks} after the week of" if rule.weeks else "in the week of"
            return f"{apart} {name}, weeks from {rule.begins.value}"
        case OtherWeekday():
            return f"on another weekday than {name}"
        case _:
            raise TypeError(f"a rule about two dates is needed, got {type(rule).__name__}")


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
