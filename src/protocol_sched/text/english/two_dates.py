"""What rules about the dates of two visits say in English."""

from __future__ import annotations

from protocol_sched.model.agenda import (
    CaughtUp,
    FilledWeek,
    MadeUp,
    NextWorkingDay,
    OfDates,
    OnOpenDay,
    OtherWeekday,
    WeekApart,
)
from protocol_sched.model.cadences import ClosedDay, Week
from protocol_sched.model.spans import CalendarSpan


def in_english(rule: OfDates, later: str, earlier: str) -> str:
    """Return a rule, with what its visits are called."""
    match rule:
        case NextWorkingDay(days=1):
            return f"{later} must come on the next working day after {earlier} (Monday to Friday)"
        case NextWorkingDay():
            return f"{later} must come {rule.days} working days (Monday to Friday) after {earlier}"
        case MadeUp():
            kind = "day" if rule.weekends else "working day"
            days = f"{rule.days} {kind}" if rule.days == 1 else f"{rule.days} {kind}s"
            return (
                f"{later} must come {days} after {earlier}, or where the clinic is closed then, on "
                "the open day before or after"
            )
        case CaughtUp():
            kind = "working day" if rule.days == 1 else "working days"
            return (
                f"{later} must come {rule.days} {kind} (Monday to Friday) after {earlier} on which "
                "the clinic is open; an open Saturday or Sunday makes up for a closed day"
            )
        case FilledWeek():
            week = "the week that has room for it"
            if rule.weeks:
                week = "the week after the one that has room for the visit before it"
            return (
                f"{later} must be in {week} ({rule.per_week} a week from {earlier} on, and no more "
                "than it has open days)"
            )
        case WeekApart():
            weeks = {
                Week.FIRST_VISIT: "weeks begin on the weekday of the first visit",
                Week.MONDAY: "weeks begin on Mondays",
                Week.SUNDAY: "weeks begin on Sundays",
            }[rule.begins]
            match rule.weeks:
                case 0:
                    apart = "in the same week as"
                case 1:
                    apart = "in the week after that of"
                case more:
                    apart = f"{more} weeks after the week of"
            return f"{later} must be {apart} {earlier} ({weeks})"
        case OnOpenDay(after=CalendarSpan(days=1), closed_day=ClosedDay.NEXT):
            day = "day" if rule.weekends else "working day (Monday to Friday)"
            return (
                f"{later} must come on the next {day} after {earlier} on which the clinic is open"
            )
        case OnOpenDay():
            which = f"the {rule.closed_day.value} day on which it is open"
            return (
                f"{later} must come {rule.after} after {earlier}, or where the clinic is closed "
                f"then, on {which}"
            )
        case OtherWeekday():
            return f"{later} must be on another weekday than {earlier}"
        case _:
            raise TypeError(f"a rule about two dates is needed, got {type(rule).__name__}")
