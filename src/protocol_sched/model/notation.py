"""
The short notation clinicians write: ``Q21D x 4``, ``weeks 0, 2, 6 then q8w``.

==============================  ============================================================
``q8w``, ``Q21D``, ``q6mo``     every 8 weeks, 21 days, 6 months; also ``h`` and ``y``; open
``Q21D x 4``                    the same, 4 visits; ``x 4 to 8`` is a range
``weeks 0, 2, 6``               visits at those points; ``days`` from 1, ``months`` from 0
``days 1, 8, 15 of 28 x 6``     the points of a cycle of 28 days, 6 cycles; open without ``x``
``2/week for 4 weeks``          2 visits a week, no stated distance between them
``daily x 5``, ``weekdays x 5`` days in a row, with and without weekends
``5 in 14 days``                5 visits within 14 days; ``4 to 8 in 7 to 28 days``
``... then ...``                one run after another
==============================  ============================================================
"""

from __future__ import annotations

import re
from typing import assert_never

import attrs

from protocol_sched.errors import InvalidValue
from protocol_sched.model.cadences import At, Cadence, Consecutive, Every, OnDemand, PerWeek, Within
from protocol_sched.model.numbers import ONE, Count
from protocol_sched.model.plain import as_tuple
from protocol_sched.model.protocol import Phase
from protocol_sched.model.references import CoursePoint
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span, SpanRange, parse_range

OPEN = Count(0, None)
_UNITS = {"d": "days", "w": "weeks", "mo": "months", "y": "years"}
_POINTS = {"days": "day", "weeks": "week", "months": "month"}
_COUNT = r"\d{1,6}(?: to \d{1,6})?"
_WANTED = (
    "such as 'Q21D x 4', 'weeks 0, 2, 6 then q8w', '2/week for 4 weeks', "
    "'days 1, 8, 15 of 28 x 6', 'daily x 5' or '5 in 14 days'"
)


@attrs.frozen
class Run:
    """One part of a notation: a cadence and how often."""

    cadence: Cadence
    visits: Count
    """In one cycle."""
    cycles: Count = ONE
    capital: bool = attrs.field(default=False, eq=False)
    """Written in capitals, as oncology does: ``Q21D``."""

    def __str__(self) -> str:
        return _written(self)


@attrs.frozen
class Notation:
    """Runs, one after another; ``str`` writes them as they were read."""

    runs: tuple[Run, ...] = attrs.field(converter=as_tuple)

    def __str__(self) -> str:
        return " then ".join(map(str, self.runs))

    def phases(self, *, visit: str, source: str) -> tuple[Phase, ...]:
        """Return one phase for each run, named ``part 1``, ``part 2`` and so on."""
        return tuple(
            Phase(
                name=f"part {n}",
                visit=visit,
                cadence=run.cadence,
                visits=run.visits,
                cycles=run.cycles,
                source=source,
            )
            for n, run in enumerate(self.runs, 1)
        )


def parse_notation(text: str) -> Notation:
    """
    Read the notation of the table above; letters of units in either case.

    Raises:
        InvalidValue: Not of this notation; or its numbers make no cadence, such as day 0.
    """
    return Notation(_run(part.strip()) for part in text.split(" then "))


def _run(text: str) -> Run:
    if match := re.fullmatch(rf"q(\d{{1,6}})(h|d|w|mo|m|y)(?: x ({_COUNT}))?", text, re.I):
        unit, number = match[2].lower(), int(match[1])
        span: Span = ElapsedSpan(60 * number)
        if unit != "h":
            span = CalendarSpan(**{_UNITS["mo" if unit == "m" else unit]: number})
        visits = Count.parse(match[3]) if match[3] else OPEN
        return Run(Every(every=SpanRange(span, span)), visits, capital=text[0] == "Q")
    if match := re.fullmatch(
        rf"(days|weeks|months) (\d+(?:, \d+)*)(?: of (\d{{1,6}})(?: x ({_COUNT}))?)?", text
    ):
        numbers = match[2].split(", ")
        points = [CoursePoint(f"{_POINTS[match[1]]} {number}") for number in numbers]
        for point in points:
            point.require_number()
        visits = Count(len(points), len(points))
        if match[3] is None:
            return Run(At(at=points), visits)
        cycle = CalendarSpan(**{match[1]: int(match[3])})
        return Run(At(at=points, cycle=cycle), visits, Count.parse(match[4] or "open"))
    if match := re.fullmatch(r"(\d)/week(?: for (\d{1,4}) weeks?)?", text):
        visits = Count.parse(str(int(match[1]) * int(match[2]))) if match[2] else OPEN
        return Run(PerWeek(per_week=int(match[1])), visits)
    if match := re.fullmatch(rf"(daily|weekdays) x ({_COUNT})", text):
        days = Count.parse(match[2])
        return Run(Consecutive(consecutive_days=days, weekends=match[1] == "daily"), days)
    if match := re.fullmatch(rf"({_COUNT}) in (.+)", text):
        return Run(Within(within=parse_range(match[2])), Count.parse(match[1]))
    raise InvalidValue("notation", "text", repr(text), _WANTED)


def _written(run: Run) -> str:
    cadence, visits = run.cadence, run.visits
    match cadence:
        case Every():
            return _every(run, cadence)
        case At(at=points, cycle=cycle):
            unit = str(points[0]).split(" ")[0] + "s"
            numbers = ", ".join(str(point).split(" ")[1] for point in points)
            text = f"{unit} {numbers}"
            if cycle is None:
                return text
            text += f" of {getattr(cycle, unit)}"
            return text if run.cycles == OPEN else f"{text} x {run.cycles}"
        case PerWeek(per_week=number):
            if visits == OPEN:
                return f"{number}/week"
            weeks = visits.least // number
            return f"{number}/week for {weeks} week{'s' if weeks != 1 else ''}"
        case Consecutive(consecutive_days=days, weekends=weekends):
            return f"{'daily' if weekends else 'weekdays'} x {days}"
        case Within(within=span):
            return f"{visits} in {span}"
        case OnDemand(on_demand=why):
            raise InvalidValue("notation", "cadence", f"on demand: {why}", "one with dates")
        case _:
            assert_never(cadence)


def _every(run: Run, cadence: Every) -> str:
    span = cadence.every.least
    if isinstance(span, ElapsedSpan):
        number, unit = span.minutes // 60, "h"
        whole = span.minutes % 60 == 0
    else:
        parts = {unit: getattr(span, name) for unit, name in _UNITS.items()}
        used = [unit for unit in parts if parts[unit]]
        whole, unit = len(used) == 1, used[0] if used else "d"
        number = parts[unit]
    if not whole or cadence.every.most != span:
        raise InvalidValue(
            "notation", "cadence", f"every {cadence.every}", "one length in one unit"
        )
    text = f"q{number}{unit}"
    text = text.upper() if run.capital else text
    return text if run.visits == OPEN else f"{text} x {run.visits}"
