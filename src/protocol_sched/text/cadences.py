"""Which visits, how many and how they are laid out, in words as a protocol writes them."""

from __future__ import annotations

import re

from protocol_sched.model.cadences import (
    At,
    Cadence,
    ClosedDays,
    Consecutive,
    Every,
    OnDemand,
    PerWeek,
    Week,
    Within,
)
from protocol_sched.model.numbers import EACH, FIRST, Count, Ordinals
from protocol_sched.model.references import (
    DayOfMonth,
    EachVisit,
    EndOf,
    OriginalDates,
    OutsideEvent,
    PreviousVisit,
    Reference,
    StartOf,
    VisitNumber,
)
from protocol_sched.text.english.words import counted, listed, target_text


def reference_text(reference: Reference) -> str:
    """Return what a distance is measured from: ``the visit before``, ``the start of induction``."""
    match reference:
        case PreviousVisit():
            return "the visit before"
        case VisitNumber(phase=None):
            return f"visit {reference.number} of the course"
        case OriginalDates():
            return "the dates first laid out"
        case DayOfMonth(day=None):
            return "the day of the month of the first"
        case StartOf(what="cycle" | "previous cycle" | "course" | "phase"):
            return f"the start of the {reference.what}"
        case EndOf(what="cycle" | "previous cycle" | "course" | "phase"):
            return f"the end of the {reference.what}"
        case DayOfMonth() | StartOf() | EndOf() | OutsideEvent():
            return f"the {reference}"
        case VisitNumber() | EachVisit():
            return str(reference)
        case _:
            return f"each date of the {reference}"


def ordinals_text(ordinals: Ordinals) -> str:
    """Return which visits: ``each visit``, ``the first visit``, ``visits 2, 5 to 7``."""
    if ordinals == EACH:
        return "each visit"
    if ordinals == FIRST:
        return "the first visit"
    if len(ordinals.ranges) == 1 and ordinals.ranges[0][1] is None:
        return f"each visit from the {_nth(ordinals.ranges[0][0])} on"
    numbers = []
    for first, last in ordinals.ranges:
        until = " on" if last is None else f" to {last}"
        numbers.append(str(first) if first == last else f"{first}{until}")
    one = len(numbers) == 1 and numbers[0].isdigit()
    return f"visit{'' if one else 's'} {listed(numbers)}"


def verb(ordinals: Ordinals, one: str, more: str) -> str:
    """Return the verb that fits which visits: one word for one of them, another for several."""
    return more if ordinals_text(ordinals).startswith("visits ") else one


def _nth(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"


def of_visits(ordinals: Ordinals) -> str:
    """Return `` (only visits 1 to 3)``; empty for each visit."""
    return "" if ordinals == EACH else f" (only {ordinals_text(ordinals)})"


def how_many(count: Count, thing: str) -> str:
    """Return a number of things, or that none is stated: ``visits without a stated end``."""
    if count.most is None:
        least = f"at least {counted(count.least, thing)}, " if count.least else f"{thing}s "
        return f"{least}without a stated end"
    return counted(count.most, thing) if count.fixed else f"{count} {thing}s"


_NAMED_POINTS = ("day ", "week ", "month ", "year ")


def cadence_text(cadence: Cadence, anchor: Reference | None) -> str:
    """Return how visits are laid out: ``one every 8 weeks, counted from the start``."""
    match cadence:
        case Every():
            text = f"one every {re.sub(r'^1 (?=[a-z]+$)', '', target_text(cadence.every))}"
            if anchor is None or anchor == PreviousVisit():
                return f"{text}, counted from when the visit before was given"
            return f"{text}, counted from {reference_text(anchor)}"
        case At():
            start = "the start of the cycle" if anchor is None else reference_text(anchor)
            points = listed([str(point) for point in cadence.at])
            named = any(point.text.startswith(_NAMED_POINTS) for point in cadence.at)
            at = "on" if points.startswith("day ") else "at"
            text = f"{at} {points}, counted from {start}" if named else f"{points} after {start}"
            return text if cadence.cycle is None else f"{text}; a cycle is {cadence.cycle} long"
        case PerWeek():
            begins = {Week.FIRST_VISIT: "the weekday of the first visit"}.get(
                cadence.week, cadence.week.value
            )
            text = f"{cadence.per_week} a week (weeks begin on {begins})"
            text += ", best spread over it" if cadence.spread else ", on any days of it"
        case Consecutive():
            text = f"on {cadence.consecutive_days} days in a row, "
            text += "weekends included" if cadence.weekends else "weekends left out"
            text += f", {cadence.per_day} a day" if cadence.per_day > 1 else ""
            closed = {
                ClosedDays.COUNTED: "",
                ClosedDays.SKIP: ", closed days left out",
                ClosedDays.MAKE_UP: ", a closed day made up by a second visit on the day before or "
                f"after, at least {cadence.make_up_apart} apart",
            }
            text += closed[cadence.closed_days]
        case Within():
            text = f"all of them in {cadence.within} from the first to the last"
        case OnDemand():
            text = f"one when it is asked for: {cadence.on_demand}"
    return text if anchor is None else f"{text}, counted from {reference_text(anchor)}"
