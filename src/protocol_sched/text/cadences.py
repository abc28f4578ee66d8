"""Which visits, how many and how they are laid out, in words as a protocol writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

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
from protocol_sched.model.sentences import Counted, Nth, Sentence, told
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span, SpanRange, parse_span

WEEKDAY: Mapping[str, Sentence] = {
    "Monday": told("Monday"),
    "Tuesday": told("Tuesday"),
    "Wednesday": told("Wednesday"),
    "Thursday": told("Thursday"),
    "Friday": told("Friday"),
    "Saturday": told("Saturday"),
    "Sunday": told("Sunday"),
}


def reference_text(reference: Reference) -> Sentence:
    """Return what a distance is measured from: ``the visit before``, ``the start of induction``."""
    match reference:
        case PreviousVisit():
            return told("the visit before")
        case VisitNumber(phase=None):
            return told("visit {number} of the course", number=reference.number)
        case OriginalDates():
            return told("the original dates")
        case DayOfMonth(day=None):
            return told("the day of the month of the first")
        case StartOf(what="cycle"):
            return told("the start of the cycle")
        case StartOf(what="previous cycle"):
            return told("the start of the previous cycle")
        case StartOf(what="course"):
            return told("the start of the course")
        case StartOf(what="phase"):
            return told("the start of the phase")
        case EndOf(what="cycle"):
            return told("the end of the cycle")
        case EndOf(what="previous cycle"):
            return told("the end of the previous cycle")
        case EndOf(what="course"):
            return told("the end of the course")
        case EndOf(what="phase"):
            return told("the end of the phase")
        case StartOf():
            return told("the start of {what}", what=reference.what)
        case EndOf():
            return told("the end of {what}", what=reference.what)
        case DayOfMonth():
            return told("the day {day} of the month", day=reference.day)
        case OutsideEvent():
            return told("the event {name}", name=reference.name)
        case VisitNumber():
            return told("visit {number} of {phase}", number=reference.number, phase=reference.phase)
        case EachVisit():
            return told("each visit of {phase}", phase=reference.phase)
        case _:
            return told("each date of the series {name}", name=reference.name)


_FROM = "each visit from the {nth} on"


def ordinals_text(ordinals: Ordinals) -> Sentence:
    """Return which visits: ``each visit``, ``the first visit``, ``visits 2, 5 to 7``."""
    if ordinals == EACH:
        return told("each visit")
    if ordinals == FIRST:
        return told("the first visit")
    if len(ordinals.ranges) == 1 and ordinals.ranges[0][1] is None:
        return told(_FROM, nth=Nth(ordinals.ranges[0][0]))
    numbers: list[Sentence | str] = []
    for first, last in ordinals.ranges:
        if last is None:
            numbers.append(told("{first} on", first=first))
        elif first == last:
            numbers.append(str(first))
        else:
            numbers.append(told("{first} to {last}", first=first, last=last))
    return told(
        "visits {numbers}" if several(ordinals) else "visit {numbers}", numbers=tuple(numbers)
    )


def before_visits(ordinals: Ordinals) -> Sentence:
    """Return what something comes before: ``before each visit``, ``before visits 2 and 5``."""
    if ordinals == EACH:
        return told("before each visit")
    if ordinals == FIRST:
        return told("before the first visit")
    visits = ordinals_text(ordinals)
    if visits.template == _FROM:
        return told("before each visit from the {nth} on", nth=Nth(ordinals.ranges[0][0]))
    return told("before {visits}", visits=visits)


def several(ordinals: Ordinals) -> bool:
    """Tell whether visits are named by several numbers, so that a verb is that of several."""
    if ordinals in (EACH, FIRST):
        return False
    (first, last), *more = ordinals.ranges
    return bool(more) or (last is not None and first != last)


def with_visits(text: Sentence, ordinals: Ordinals) -> Sentence:
    """Return a text with `` (only visits 1 to 3)`` behind it; as it is for each visit."""
    if ordinals == EACH:
        return text
    return told("{text} (only {visits})", text=text, visits=ordinals_text(ordinals))


def how_many(count: Count, thing: str) -> Sentence:
    """
    Return a number of things, or that none is stated: ``visits without a stated end``.

    Args:
        thing: ``visit`` or ``cycle``.
    """
    visits = thing == "visit"
    if count.most is None and not count.least:
        return told("visits without a stated end" if visits else "cycles without a stated end")
    if count.most is None:
        least = Counted(count.least, thing)
        return told("at least {things}, without a stated end", things=least)
    if count.fixed:
        return told("{things}", things=Counted(count.most, thing))
    template = "{least} to {most} visits" if visits else "{least} to {most} cycles"
    return told(template, least=count.least, most=count.most)


_POINTS = {
    "day": "day {number}",
    "week": "week {number}",
    "month": "month {number}",
    "year": "year {number}",
}


def _point(text: str) -> Sentence:
    """Return where a visit stands in a cycle: ``day 8``, ``6 weeks``."""
    named = re.fullmatch(r"(day|week|month|year) (-?\d+)(?:\s*([+-])\s*(.*))?", text)
    if named is None:
        return told("{span}", span=parse_span(text))
    template = _POINTS[named[1]]
    point = told(template, number=int(named[2]))
    if not named[4]:
        return point
    template = "{point} + {span}" if named[3] == "+" else "{point} - {span}"
    return told(template, point=point, span=parse_span(named[4]))


def cadence_text(cadence: Cadence, anchor: Reference | None) -> Sentence:
    """Return how visits are laid out: ``one every 8 weeks, counted from the start``."""
    text = _laid_out(cadence, anchor)
    if isinstance(cadence, At):
        return text
    if isinstance(cadence, Every) and anchor in (None, PreviousVisit()):
        return told("{text}, counted from when the visit before was given", text=text)
    if anchor is None:
        return text
    return told("{text}, counted from {start}", text=text, start=reference_text(anchor))


def _laid_out(cadence: Cadence, anchor: Reference | None) -> Sentence:
    match cadence:
        case Every():
            least = cadence.every.least
            if least == cadence.every.most and least in _ONE:
                return _ONE[least]
            return told("one every {span}", span=target(cadence.every))
        case At():
            return _at(cadence, anchor)
        case PerWeek():
            begins = {
                Week.FIRST_VISIT: told("the weekday of the first visit"),
                Week.MONDAY: told("Monday"),
                Week.SUNDAY: told("Sunday"),
            }[cadence.week]
            spread = "{number} a week (weeks begin on {begins}), ideally spread over it"
            free = "{number} a week (weeks begin on {begins}), on any days of it"
            template = spread if cadence.spread else free
            return told(template, number=cadence.per_week, begins=begins)
        case Consecutive():
            return _consecutive(cadence)
        case Within():
            spread = "all of them in {span} from the first to the last, ideally spread over it"
            free = "all of them in {span} from the first to the last, on any days of it"
            return told(spread if cadence.spread else free, span=cadence.within)
        case OnDemand():
            return told("one when it is asked for: {what}", what=cadence.on_demand)


_ONE: Mapping[Span, Sentence] = {
    CalendarSpan(days=1): told("one every day"),
    CalendarSpan(weeks=1): told("one every week"),
    CalendarSpan(months=1): told("one every month"),
    CalendarSpan(years=1): told("one every year"),
    ElapsedSpan(60): told("one every hour"),
    ElapsedSpan(1): told("one every minute"),
}


def target(span: SpanRange) -> Sentence | SpanRange:
    """Return a target: a range of lengths, or ``on the day itself``."""
    on_the_day = span == SpanRange(CalendarSpan(), CalendarSpan())
    return told("on the day itself") if on_the_day else lengths(span)


def lengths(span: SpanRange) -> Sentence | SpanRange:
    """
    Return a range of lengths.

    Ends that differ only by days around months or weeks are told by these days:
    ``12 months (2 days earlier to 3 days later)``.
    """
    least, most = span.least, span.most
    if not isinstance(least, CalendarSpan) or not isinstance(most, CalendarSpan):
        return span
    whole = attrs.evolve(least, days=0)
    around = whole != CalendarSpan() and attrs.evolve(most, days=0) == whole
    if not around or least.days == most.days or least.days > 0 or most.days < 0:
        return span
    earlier, later = CalendarSpan(days=-least.days), CalendarSpan(days=most.days)
    if not least.days:
        return told("{span} (up to {later} later)", span=whole, later=later)
    if not most.days:
        return told("{span} (up to {earlier} earlier)", span=whole, earlier=earlier)
    both = "{span} ({earlier} earlier to {later} later)"
    return told(both, span=whole, earlier=earlier, later=later)


def _at(cadence: At, anchor: Reference | None) -> Sentence:
    start = told("the start of the cycle") if anchor is None else reference_text(anchor)
    points = tuple(_point(point.text) for point in cadence.at)
    template = "{points} after {start}"
    if any(point.startswith(tuple(_POINTS)) for point in points):
        on = points[0].startswith("day ")
        template = "at {points}, counted from {start}"
        if on:
            template = "on {points}, counted from {start}"
    text = told(template, points=points, start=start)
    if cadence.cycle is None:
        return text
    return told("{text}; a cycle is {span} long", text=text, span=cadence.cycle)


def _consecutive(cadence: Consecutive) -> Sentence:
    template = "on {number} days in a row, without weekends"
    if cadence.weekends:
        template = "on {number} days in a row, weekends included"
    text = told(template, number=cadence.consecutive_days)
    if cadence.per_day > 1:
        text = told("{text}, {number} a day", text=text, number=cadence.per_day)
    match cadence.closed_days:
        case ClosedDays.COUNTED:
            return text
        case ClosedDays.SKIP:
            return told("{text}, without closed days", text=text)
        case ClosedDays.EXTRA_OPENING:
            return told(
                "{text}, a closed day made up by the next Saturday or Sunday that is open",
                text=text,
            )
        case ClosedDays.MAKE_UP:
            return told(
                "{text}, a closed day made up by a second visit on the day before or after, at "
                "least {span} apart",
                text=text,
                span=cadence.make_up_apart,
            )
