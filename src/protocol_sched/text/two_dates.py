"""What rules about the dates of two visits say: each kind in every language, side by side."""

from __future__ import annotations

from protocol_sched.model.agenda import NextWorkingDay, OfDates, OtherWeekday, WeekApart
from protocol_sched.model.rules import Week


def in_english(rule: OfDates, later: str, earlier: str) -> str:
    """Return a rule in English, with what its visits are called."""
    match rule:
        case NextWorkingDay(days=1):
            return f"{later} comes on the next working day after {earlier} (Monday to Friday)"
        case NextWorkingDay():
            return f"{later} comes {rule.days} working days (Monday to Friday) after {earlier}"
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
        case OtherWeekday():
            return f"{later} is on another weekday than {earlier}"
        case _:
            raise TypeError(f"a rule about two dates is needed, got {type(rule).__name__}")


def in_german(rule: OfDates, later: str, earlier: str) -> str:
    """Return a rule in German, with what its visits are called."""
    match rule:
        case NextWorkingDay(days=1):
            return f"{later} ist am nächsten Werktag (Montag bis Freitag) nach {earlier}"
        case NextWorkingDay():
            return f"{later} ist {rule.days} Werktage (Montag bis Freitag) nach {earlier}"
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
        case OtherWeekday():
            return f"{later} ist an einem anderen Wochentag als {earlier}"
        case _:
            raise TypeError(f"a rule about two dates is needed, got {type(rule).__name__}")
