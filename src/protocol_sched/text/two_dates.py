"""What rules about the dates of two visits say: each kind in every language, side by side."""

from __future__ import annotations

from collections.abc import Callable

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
from protocol_sched.model.spans import CalendarSpan, Span


def in_english(rule: OfDates, later: str, earlier: str) -> str:
    """Return a rule in English, with what its visits are called."""
    match rule:
        case NextWorkingDay(days=1):
            return f"{later} comes on the next working day after {earlier} (Monday to Friday)"
        case NextWorkingDay():
            return f"{later} comes {rule.days} working days (Monday to Friday) after {earlier}"
        case MadeUp():
            kind = "day" if rule.weekends else "working day"
            days = f"{rule.days} {kind}" if rule.days == 1 else f"{rule.days} {kind}s"
            return (
                f"{later} comes {days} after {earlier}, or where the clinic is closed then, on the "
                "open day before or after"
            )
        case CaughtUp():
            kind = "working day" if rule.days == 1 else "working days"
            return (
                f"{later} comes {rule.days} {kind} (Monday to Friday) after {earlier} on which the "
                "clinic is open; an open Saturday or Sunday makes up for a closed day"
            )
        case FilledWeek():
            week = "the week that has room for it"
            if rule.weeks:
                week = "the week after the one that has room for the visit before it"
            return (
                f"{later} is in {week} ({rule.per_week} a week from {earlier} on, and no more than "
                "it has days on which the clinic is open)"
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
            return f"{later} is {apart} {earlier} ({weeks})"
        case OnOpenDay(after=CalendarSpan(days=1), closed_day=ClosedDay.NEXT):
            day = "day" if rule.weekends else "working day (Monday to Friday)"
            return f"{later} comes on the next {day} after {earlier} on which the clinic is open"
        case OnOpenDay():
            which = f"the {rule.closed_day.value} day on which it is open"
            return (
                f"{later} comes {rule.after} after {earlier}, or where the clinic is closed then, "
                f"on {which}"
            )
        case OtherWeekday():
            return f"{later} is on another weekday than {earlier}"
        case _:
            raise TypeError(f"a rule about two dates is needed, got {type(rule).__name__}")


def in_german(rule: OfDates, later: str, earlier: str, length: Callable[[Span], str]) -> str:
    """Return a rule in German, with what its visits are called and what says a length."""
    match rule:
        case NextWorkingDay(days=1):
            return f"{later} ist am nächsten Werktag (Montag bis Freitag) nach {earlier}"
        case NextWorkingDay():
            return f"{later} ist {rule.days} Werktage (Montag bis Freitag) nach {earlier}"
        case MadeUp():
            kind = "Tag" if rule.weekends else "Werktag"
            days = f"1 {kind}" if rule.days == 1 else f"{rule.days} {kind}e"
            return (
                f"{later} ist {days} nach {earlier}, oder wenn die Klinik dann geschlossen ist, am "
                "geöffneten Tag davor oder danach"
            )
        case CaughtUp():
            days = "1 geöffneten Werktag" if rule.days == 1 else f"{rule.days} geöffnete Werktage"
            return (
                f"{later} ist {days} (Montag bis Freitag) nach {earlier}; ein "
                "geöffneter Samstag oder Sonntag gleicht einen geschlossenen Tag aus"
            )
        case FilledWeek():
            week = "der Woche, die dafür Platz hat"
            if rule.weeks:
                week = "der Woche nach der, die für den Termin davor Platz hat"
            return (
                f"{later} ist in {week} ({rule.per_week} pro Woche ab {earlier}, und nicht mehr, "
                "als sie geöffnete Tage hat)"
            )
        case WeekApart():
            weeks = {
                Week.FIRST_VISIT: "Wochen ab dem Wochentag des ersten Termins",
                Week.MONDAY: "Wochen ab Montag",
                Week.SUNDAY: "Wochen ab Sonntag",
            }[rule.begins]
            if rule.weeks == 0:
                return f"{later} ist in derselben Woche wie {earlier} ({weeks})"
            apart = "1 Woche" if rule.weeks == 1 else f"{rule.weeks} Wochen"
            return f"{later} ist {apart} nach der Woche von {earlier} ({weeks})"
        case OnOpenDay(after=CalendarSpan(days=1), closed_day=ClosedDay.NEXT):
            day = "Tag" if rule.weekends else "Werktag (Montag bis Freitag)"
            return f"{later} ist am nächsten {day} nach {earlier}, an dem die Klinik geöffnet ist"
        case OnOpenDay():
            which = {
                ClosedDay.PREVIOUS: "am letzten geöffneten Tag davor",
                ClosedDay.NEXT: "am nächsten geöffneten Tag danach",
                ClosedDay.NEAREST: "am nächstgelegenen geöffneten Tag",
            }[rule.closed_day]
            return (
                f"{later} ist {length(rule.after)} nach {earlier}, oder wenn die Klinik dann "
                f"geschlossen ist, {which}"
            )
        case OtherWeekday():
            return f"{later} ist an einem anderen Wochentag als {earlier}"
        case _:
            raise TypeError(f"a rule about two dates is needed, got {type(rule).__name__}")
