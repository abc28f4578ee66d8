"""What rules about the dates of two visits say in French."""

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
from protocol_sched.text.french.words import counted, length, of


def in_french(rule: OfDates, later: str, earlier: str) -> str:
    """Return a rule, with what its visits are called."""
    match rule:
        case NextWorkingDay(days=1):
            return f"{later} a lieu le jour ouvré (lundi à vendredi) qui suit {earlier}"
        case NextWorkingDay():
            return f"{later} a lieu {rule.days} jours ouvrés (lundi à vendredi) après {earlier}"
        case MadeUp():
            days = counted(rule.days, "jour", "jours")
            if not rule.weekends:
                days = counted(rule.days, "jour ouvré", "jours ouvrés")
            return (
                f"{later} a lieu {days} après {earlier} ou, si le centre est alors fermé, le jour "
                "d'ouverture précédent ou suivant"
            )
        case CaughtUp():
            days = counted(rule.days, "jour ouvré", "jours ouvrés")
            return (
                f"{later} a lieu {days} d'ouverture (lundi à vendredi) après {earlier} ; un samedi "
                "ou un dimanche ouvert compense un jour fermé"
            )
        case FilledWeek():
            week = "la semaine où il y a de la place"
            if rule.weeks:
                week = "la semaine qui suit celle où le rendez-vous précédent a sa place"
            return (
                f"{later} a lieu dans {week} ({rule.per_week} par semaine à partir {of(earlier)}, "
                "et pas plus que de jours d'ouverture)"
            )
        case WeekApart():
            weeks = {
                Week.FIRST_VISIT: "semaines comptées du jour du premier rendez-vous",
                Week.MONDAY: "semaines comptées du lundi",
                Week.SUNDAY: "semaines comptées du dimanche",
            }[rule.begins]
            if rule.weeks == 0:
                return f"{later} a lieu la même semaine que {earlier} ({weeks})"
            apart = counted(rule.weeks, "semaine", "semaines")
            return f"{later} a lieu {apart} après la semaine {of(earlier)} ({weeks})"
        case OnOpenDay(after=CalendarSpan(days=1), closed_day=ClosedDay.NEXT):
            day = "jour" if rule.weekends else "jour ouvré (lundi à vendredi)"
            return f"{later} a lieu le premier {day} d'ouverture après {earlier}"
        case OnOpenDay():
            which = {
                ClosedDay.PREVIOUS: "le jour d'ouverture précédent",
                ClosedDay.NEXT: "le jour d'ouverture suivant",
                ClosedDay.NEAREST: "le jour d'ouverture le plus proche",
            }[rule.closed_day]
            return (
                f"{later} a lieu {length(rule.after)} après {earlier} ou, si le centre est alors "
                f"fermé, {which}"
            )
        case OtherWeekday():
            return f"{later} a lieu un autre jour de la semaine que {earlier}"
        case _:
            raise TypeError(f"a rule about two dates is needed, got {type(rule).__name__}")
