"""Distances and windows as FHIR writes them: quantities of time, and ranges of two."""

from __future__ import annotations

from decimal import Decimal

import attrs

from protocol_sched.formats.elsewhere import kind_of
from protocol_sched.formats.fhir.nodes import Node, refused
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span

MOST_NUMBER = 99_999

_UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("wk", "w", "wks", "week", "weeks"), "wk"),
    **dict.fromkeys(("mo", "mos", "month", "months"), "mo"),
    **dict.fromkeys(("a", "y", "yr", "yrs", "year", "years"), "a"),
}
"""Units as UCUM codes them and as people write them; ``m`` is not among them, as it is a metre."""


@attrs.frozen(kw_only=True)
class Distance:
    """A quantity of time as written, and as a span."""

    said: str
    span: Span | None
    """``None`` where nobody can say what it is."""


@attrs.frozen(kw_only=True)
class Window:
    """A range of time; an end that is left out is ``None``."""

    low: Distance | None
    high: Distance | None

    @property
    def said(self) -> str:
        ends = ("none" if end is None else end.said for end in (self.low, self.high))
        return "..".join(ends)

    @property
    def unreadable(self) -> bool:
        """Tell whether nobody can say what one of its ends is."""
        return any(end is not None and end.span is None for end in (self.low, self.high))


def window(owner: Node, field: str) -> Window | None:
    """Return the range that a field holds; ``None`` if it is not there or has no end."""
    found = owner.inside(field)
    if found is None:
        return None
    low, high = distance(found, "low"), distance(found, "high")
    return None if low is None and high is None else Window(low=low, high=high)


def distance(owner: Node, field: str) -> Distance | None:
    """Return a quantity of time; its span is ``None`` where number or unit cannot be read."""
    found = owner.inside(field)
    if found is None:
        return None
    value = found.fields.get("value")
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise refused(found.place("value"), f"must be a number, got {kind_of(value)}")
    number = Decimal(value)
    code, unit, comparator = found.text("code"), found.text("unit"), found.text("comparator")
    units = {_UNITS.get(one.lower()) for one in (code, unit) if one}
    known = units.pop() if len(units) == 1 else None
    most = 10 * MOST_NUMBER if known in ("s", "min", "h") else MOST_NUMBER
    if not number.is_finite() or abs(number) > most:
        raise refused(found.place("value"), f"must be {most:,} or nearer to zero")
    said = " ".join(filter(None, (comparator, _plain(number), unit or code)))
    if len(units) and code:
        said += f" ({code})"
    return Distance(said=said, span=None if comparator or known is None else _span(number, known))


def _plain(number: Decimal) -> str:
    whole = number == number.to_integral_value()
    return str(int(number)) if whole else format(number.normalize(), "f")


def _span(number: Decimal, unit: str) -> Span | None:
    """Return a number of a UCUM unit as a span; parts of a day are counted in real time."""
    whole = int(number) if number == number.to_integral_value() else None
    match unit:
        case "d" if whole is not None:
            return CalendarSpan(days=whole)
        case "wk" if whole is not None:
            return CalendarSpan(weeks=whole)
        case "mo":
            return None if whole is None else CalendarSpan(months=whole)
        case "a":
            return None if whole is None else CalendarSpan(years=whole)
        case "d" | "wk":
            minutes = number * (1440 if unit == "d" else 10080)
        case "s":
            minutes = number / 60
        case _:
            minutes = number * (60 if unit == "h" else 1)
    return ElapsedSpan(int(minutes)) if minutes == minutes.to_integral_value() else None
