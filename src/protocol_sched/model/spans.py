"""
Lengths of time as protocols write them: calendar days and elapsed hours are two types.

``2 days`` counts dates. ``48 hours`` counts real time, across a clock change. Months are
calendar months and need a named policy for days that do not exist.
"""

from __future__ import annotations

import enum
import re
from datetime import date, timedelta
from functools import lru_cache
from typing import assert_never

import attrs
from dateutil.relativedelta import relativedelta

from protocol_sched.errors import InvalidValue
from protocol_sched.model.former import keeps_former
from protocol_sched.model.typed import typed


@keeps_former
class MonthEnd(enum.Enum):
    """
    Where a date goes that does not exist, such as 31 March + 6 months.

    Source:
        ``next_day`` is rule CALCDT-5 of the CDC's CDSi logic specification 4.6, table 3-6;
        ``last_day`` is what dateutil and most calendars do.
    """

    NEXT_DAY = "next_day"
    """Forward to the 1st of the next month: 1 October."""
    LAST_DAY = "last_day"
    """Back to the last day of the month: 30 September."""


_TERM = re.compile(r"\s*([+-]?)\s*(\d+)\s+([a-z]+)\s*")
_CALENDAR_UNITS = ("years", "months", "weeks", "days")
_ELAPSED_UNITS = {"hours": 60, "minutes": 1}
_SHORT = {"min": "minutes", "h": "hours", "d": "days", "wk": "weeks"}


def _plural(unit: str) -> str:
    unit = _SHORT.get(unit, unit)
    return unit if unit.endswith("s") else unit + "s"


def _written(terms: list[tuple[int, str]]) -> str:
    text = ""
    for number, unit in terms:
        sign = ("- " if number < 0 else "") if not text else (" - " if number < 0 else " + ")
        text += f"{sign}{abs(number)} {unit if abs(number) != 1 else unit[:-1]}"
    return text


@attrs.frozen(field_transformer=typed)
class CalendarSpan:
    """
    A signed sum of calendar units, such as ``2 days`` or ``6 months - 4 days``.

    Years and months are applied first, then weeks and days (CDSi rule CALCDT-6). The parts
    are never exchanged: 4 weeks is not 1 month.
    """

    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0

    @property
    def by_months(self) -> bool:
        """Tell whether the length in days depends on the date it starts from."""
        return bool(self.years or self.months)

    @property
    def in_days(self) -> int:
        """
        Return the length in days.

        Raises:
            InvalidValue: The span has months or years.
        """
        if self.by_months:
            raise InvalidValue("span", "length", str(self), "in weeks and days only")
        return 7 * self.weeks + self.days

    def after(self, day: date, month_end: MonthEnd) -> date:
        """
        Return the date this span after ``day`` (before it, where the span is negative).

        Raises:
            OverflowError: The date would leave the years 1 to 9999.
        """
        landed = day
        if self.by_months:
            landed += _months(self.years, self.months)
        if landed.day != day.day and month_end is MonthEnd.NEXT_DAY:
            landed += timedelta(days=1)
        return landed + timedelta(days=7 * self.weeks + self.days)

    def times(self, count: int) -> CalendarSpan:
        """Return the span taken ``count`` times, unit by unit: 1 month x 6 is 6 months."""
        return CalendarSpan(
            self.years * count, self.months * count, self.weeks * count, self.days * count
        )

    def plus(self, other: CalendarSpan) -> CalendarSpan:
        """Return the sum of two spans, unit by unit."""
        return CalendarSpan(
            self.years + other.years,
            self.months + other.months,
            self.weeks + other.weeks,
            self.days + other.days,
        )

    def __str__(self) -> str:
        terms = [(getattr(self, unit), unit) for unit in _CALENDAR_UNITS if getattr(self, unit)]
        return _written(terms or [(0, "days")])


@lru_cache(maxsize=256)
def _months(years: int, months: int) -> relativedelta:
    """Return years and months to be added to a date; many dates ask for the same."""
    return relativedelta(years=years, months=months)


@attrs.frozen(field_transformer=typed)
class ElapsedSpan:
    """Real time, in whole minutes, the same on the night the clocks change."""

    minutes: int

    @property
    def delta(self) -> timedelta:
        """Return the span as a ``timedelta``, to be added to moments in UTC only."""
        return timedelta(minutes=self.minutes)

    def __str__(self) -> str:
        hours, minutes = divmod(abs(self.minutes), 60)
        sign = -1 if self.minutes < 0 else 1
        if self.minutes and not minutes:
            return _written([(sign * hours, "hours")])
        if abs(self.minutes) < 120:
            return _written([(self.minutes, "minutes")])
        return _written([(sign * hours, "hours"), (sign * minutes, "minutes")])


Span = CalendarSpan | ElapsedSpan


def parse_span(text: str) -> Span:
    """
    Read ``2 days``, ``6 months - 4 days``, ``72 hours`` or ``45 minutes``.

    Days, weeks, months and years make a `CalendarSpan`; hours and minutes an `ElapsedSpan`.

    Raises:
        InvalidValue: Not a span, or calendar and elapsed units in one sum.
    """
    wanted = "a length such as '2 days', '6 months - 4 days', '72 hours' or '45 minutes'"
    totals: dict[str, int] = {}
    at = 0
    while at < len(text):
        match = _TERM.match(text, at)
        unit = _plural(match[3]) if match else ""
        known = unit in _CALENDAR_UNITS or unit in _ELAPSED_UNITS
        if match is None or not known or (at > 0 and not match[1]):
            raise InvalidValue("span", "text", repr(text), wanted)
        number = int(match[2]) * (-1 if match[1] == "-" else 1)
        if len(match[2]) > 6:
            raise InvalidValue("span", "number", match[2], "at most 999999")
        totals[unit] = totals.get(unit, 0) + number
        at = match.end()
    elapsed = {unit: n for unit, n in totals.items() if unit in _ELAPSED_UNITS}
    if not totals:
        raise InvalidValue("span", "text", repr(text), wanted)
    if not elapsed:
        return CalendarSpan(**totals)
    if len(elapsed) != len(totals):
        raise InvalidValue("span", "units", repr(text), "either calendar days or hours, not a sum")
    return ElapsedSpan(sum(_ELAPSED_UNITS[unit] * n for unit, n in elapsed.items()))


def calendar_span(text: str) -> CalendarSpan:
    """Read a span of days, weeks, months or years; see `parse_span`."""
    span = parse_span(text)
    if isinstance(span, CalendarSpan):
        return span
    raise InvalidValue("span", "unit", repr(text), "days, weeks, months or years, not hours")


def elapsed_span(text: str) -> ElapsedSpan:
    """Read a span of hours or minutes; see `parse_span`."""
    span = parse_span(text)
    if isinstance(span, ElapsedSpan):
        return span
    raise InvalidValue("span", "unit", repr(text), "hours or minutes, not days")


def comparable(span: Span) -> int:
    """
    Return a number that orders spans of one kind roughly, for checks like least <= most.

    Units: minutes, with a month as 30 days and a year as 365. Never used for a date.
    """
    match span:
        case CalendarSpan():
            return 1440 * (365 * span.years + 30 * span.months + 7 * span.weeks + span.days)
        case ElapsedSpan():
            return span.minutes
        case _:
            assert_never(span)


@attrs.frozen(field_transformer=typed)
class SpanRange:
    """A least and a most length, both included: ``2 to 3 days``, ``at least 60 minutes``."""

    least: Span
    most: Span | None

    def __attrs_post_init__(self) -> None:
        if self.most is None:
            return
        if type(self.least) is not type(self.most):
            raise InvalidValue(
                "range", "units", f"{self.least} to {self.most}", "days or hours, not a mix"
            )
        if comparable(self.most) < comparable(self.least):
            raise InvalidValue("range", "most", str(self.most), f"at least {self.least}")

    def __str__(self) -> str:
        if self.most is None:
            return f"at least {self.least}"
        if self.least == self.most:
            return str(self.least)
        least, most = str(self.least), str(self.most)
        unit = most.split(" ", 1)[-1].rstrip("s")
        same_unit = least.count(" ") == most.count(" ") == 1
        if same_unit and least.split(" ", 1)[-1].rstrip("s") == unit:
            return f"{least.split(' ')[0]} to {most}"
        return f"{least} to {most}"


def parse_range(text: str) -> SpanRange:
    """
    Read ``2 to 3 days``, ``45 minutes to 2 hours``, ``at least 60 minutes`` or one length.

    Raises:
        InvalidValue: Not a range, or its end comes before its start.
    """
    if text.startswith("at least "):
        return SpanRange(parse_span(text.removeprefix("at least ")), None)
    least, to, most = text.partition(" to ")
    if not to:
        span = parse_span(text)
        return SpanRange(span, span)
    end = parse_span(most)
    if least.strip().isdigit():
        words = most.split()
        if len(words) != 2:
            raise InvalidValue("range", "text", repr(text), "such as '2 to 3 days'")
        least = f"{least.strip()} {words[1]}"
    return SpanRange(parse_span(least), end)
