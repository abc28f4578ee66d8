"""References: the visit, date or point of a course that a distance is measured from."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from protocol_sched.errors import InvalidValue
from protocol_sched.model.former import names_of, value_now
from protocol_sched.model.spans import CalendarSpan, Span, parse_span


def require_least(least: int, owner: str, field: str, value: int) -> None:
    """Refuse a whole number below ``least``, naming whose field it is."""
    if value < least:
        raise InvalidValue(owner, field, str(value), f"{least} or more")


@attrs.frozen
class PreviousVisit:
    """The visit before this one in the same series, as it was really given."""

    def __str__(self) -> str:
        return "previous visit"


@attrs.frozen
class VisitNumber:
    """The k-th treatment visit of the course, or of one phase."""

    number: int
    phase: str | None = None

    def __attrs_post_init__(self) -> None:
        require_least(1, "reference", "visit number", self.number)

    def __str__(self) -> str:
        return f"visit {self.number}" + (f" of {self.phase}" if self.phase else "")


@attrs.frozen
class EachVisit:
    """Each treatment visit of a phase in turn; a visit beside the treatments hangs one of its
    visits on each."""

    phase: str

    def __str__(self) -> str:
        return f"each visit of {self.phase}"


@attrs.frozen
class OriginalDates:
    """The dates as first laid out; a visit given early or late does not move the next."""

    def __str__(self) -> str:
        return "original dates"


@attrs.frozen
class DayOfMonth:
    """A fixed day of each month; ``None`` is the day of the month of the phase's first visit."""

    day: int | None = None

    def __attrs_post_init__(self) -> None:
        if self.day is not None and not 1 <= self.day <= 31:
            raise InvalidValue("reference", "day of the month", str(self.day), "1 to 31")

    def __str__(self) -> str:
        return f"day {self.day} of the month" if self.day else "same day of the month"


@attrs.frozen
class StartOf:
    """The first visit of a phase, of this ``cycle``, of the ``previous cycle``, of the course."""

    what: str

    def __str__(self) -> str:
        return f"start of {self.what}"


@attrs.frozen
class EndOf:
    """The last visit of a phase or of the ``previous cycle``."""

    what: str

    def __str__(self) -> str:
        return f"end of {self.what}"


@attrs.frozen
class OutsideEvent:
    """Something that is not a visit of this course and has a date, such as a transplant."""

    name: str

    def __str__(self) -> str:
        return f"event {self.name}"


@attrs.frozen
class AnotherSeries:
    """Dates that another course of care sets, such as dialysis sessions, one after another."""

    name: str

    def __str__(self) -> str:
        return f"series {self.name}"


Reference = (
    PreviousVisit
    | VisitNumber
    | EachVisit
    | OriginalDates
    | DayOfMonth
    | StartOf
    | EndOf
    | OutsideEvent
    | AnotherSeries
)


def parse_reference(text: str) -> Reference:
    """
    Read ``previous visit``, ``visit 1``, ``visit 1 of induction``, ``each visit of treatment``,
    ``original dates``, ``same day of the month``, ``day 15 of the month``, ``start of induction``,
    ``end of previous cycle``, ``event transplant`` or ``series dialysis``.

    Raises:
        InvalidValue: None of these.
    """
    fixed: dict[str, Reference] = {
        "previous visit": PreviousVisit(),
        "original dates": OriginalDates(),
        "same day of the month": DayOfMonth(),
    }
    text = value_now("Reference", text)
    if text in fixed:
        return fixed[text]
    if match := re.fullmatch(r"visit (\d{1,6})(?: of (\S.*))?", text):
        return VisitNumber(int(match[1]), match[2])
    if match := re.fullmatch(r"day (\d{1,2}) of the month", text):
        return DayOfMonth(int(match[1]))
    if match := re.fullmatch(r"(each visit of|start of|end of|event|series) (\S.*)", text):
        kinds: dict[str, Callable[[str], Reference]] = {
            "each visit of": EachVisit,
            "start of": StartOf,
            "end of": EndOf,
            "event": OutsideEvent,
            "series": AnotherSeries,
        }
        return kinds[match[1]](match[2])
    raise InvalidValue(
        "reference",
        "text",
        repr(text),
        "'previous visit', 'visit 1', 'original dates', 'same day of the month', 'start of ...', "
        "'end of ...', 'each visit of ...', 'event ...' or 'series ...'",
    )


@attrs.frozen
class CoursePoint:
    """
    A point on course time: ``day 8``, ``week 6``, ``month 3 + 1 week``, or ``46 hours``.

    Days are counted from 1: day 1 is the anchor's own date, day -1 the one before it; there is
    no day 0. Weeks, months and years are counted from 0: week 0 is the anchor's week, week -2
    two weeks before it.

    Source:
        CDISC's Study Data Tabulation Model counts study days so (variable --DY): no day 0.
    """

    text: str
    span: Span = attrs.field(init=False, eq=False)

    def __attrs_post_init__(self) -> None:
        match = re.fullmatch(r"(day|week|month|year) (-?\d{1,5})\s*([+-].*)?", self.text)
        if not match:
            object.__setattr__(self, "span", parse_span(self.text))
            return
        unit, number = match[1], int(match[2])
        if unit == "day" and number == 0:
            raise InvalidValue(
                "course point", "day", "day 0", "day 1 or later, or day -1 or earlier"
            )
        count = number - 1 if unit == "day" and number > 0 else number
        span: Span = CalendarSpan(**{unit + "s": count})
        if match[3]:
            more = parse_span(match[3])
            if not isinstance(more, CalendarSpan):
                raise InvalidValue("course point", "text", repr(self.text), "in calendar units")
            span = CalendarSpan(**{unit + "s": count}).plus(more)
        object.__setattr__(self, "span", span)

    def __str__(self) -> str:
        return self.text


if not TYPE_CHECKING:  # a checker shall know the present names only
    __getattr__ = names_of(__name__)
