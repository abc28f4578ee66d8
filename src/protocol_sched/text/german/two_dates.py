"""What rules about the dates of two visits say in German."""

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


def in_german(rule: OfDates, later: str, earlier: str, length: Callable[[Span], str]) -> str:
    """Return a rule, with what its visits are called and what says a length."""
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
