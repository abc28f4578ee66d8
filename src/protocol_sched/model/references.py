"""References: the visit, date or point of a course that a distance is measured from."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from protocol_sched.errors import InvalidValue
from protocol_sched.model.former import names_of, value_now
from protocol_sched.model.spans import CalendarSpan, Span, parse_span
from protocol_sched.model.typed import typed


def require_least(least: int, owner: str, field: str, value: int) -> None:
    """Refuse a whole number below ``least``, naming whose field it is."""
    if value < least:
        raise InvalidValue(owner, field, str(value), f"{least} or more")


@attrs.frozen(field_transformer=typed)
class PreviousVisit:
    """The visit before this one in the same series, as it was really given."""

    def __str__(self) -> str:
        return "previous visit"


@attrs.frozen(field_transformer=typed)
class VisitNumber:
    """The k-th treatment visit of the course, or of one phase."""

    number: int
    phase: str | None = None

    def __attrs_post_init__(self) -> None:
        require_least(1, "reference", "visit number", self.number)

    def __str__(self) -> str:
        return f"visit {self.number}" + (f" of {self.phase}" if self.phase else "")


@attrs.frozen(field_transformer=typed)
class EachVisit:
    """Each treatment visit of a phase in turn; a visit beside the treatments hangs one of its
    visits on each."""

    phase: str

    def __str__(self) -> str:
        return f"each visit of {self.phase}"


@attrs.frozen(field_transformer=typed)
class OriginalDates:
    """The dates as first laid out; a visit given early or late does not move the next."""

    def __str__(self) -> str:
        return "original dates"


@attrs.frozen(field_transformer=typed)
class DayOfMonth:
    """A fixed day of each month; ``None`` is the day of the month of the phase's first visit."""

    day: int | None = None

    def __attrs_post_init__(self) -> None:
        if self.day is not None and not 1 <= self.day <= 31:
            raise InvalidValue("reference", "day of the month", str(self.day), "1 to 31")

    def __str__(self) -> str:
        return f"day {self.day} of the month" if self.day else "same day of the month"


@attrs.frozen(field_transformer=typed)
class StartOf:
    """The first visit of a phase, of this ``cycle``, of the ``previous cycle``, of the course."""

    what: str

    def __str__(self) -> str:
        return f"start of {self.what}"


@attrs.frozen(field_transformer=typed)
class EndOf:
    """The last visit of a phase or of the ``previous cycle``."""

    what: str

    def __str__(self) -> str:
        return f"end of {self.what}"


@attrs.frozen(field_transformer=typed)
class OutsideEvent:
    """Something that is not a visit of this course and has a date, such as a transplant."""

    name: str

    def __str__(self) -> str:
        return f"event {self.name}"


@attrs.frozen(field_transformer=typed)
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


@attrs.frozen(field_transformer=typed)
class Numbering:
    """
    Which number the anchor's own day has, and its week: 1 or 0.

    Where it is 1 there is no 0: day -1 is the date before day 1. Where it is 0, day -1 is the date
    before day 0 and day 1 the date after it.

    Source:
        CDISC's Study Data Tabulation Model counts study days from 1 with no day 0 (variable --DY);
        transplant protocols, for one, count from the day of the infusion as day 0.
    """

    day: int = 1
    week: int = 0

    def __attrs_post_init__(self) -> None:
        for unit in ("day", "week"):
            if getattr(self, unit) not in (0, 1):
                raise InvalidValue("numbering", unit, str(getattr(self, unit)), "0 or 1")

    @classmethod
    def parse(cls, text: str) -> Numbering:
        """Read ``day 0``, ``week 1`` or ``day 0, week 1``; what is not named is as always."""
        found: dict[str, int] = {}
        for part in text.split(","):
            match = re.fullmatch(r"\s*(day|week) ([01])\s*", part)
            if match is None or match[1] in found:
                wanted = "'day 0' or 'day 1', 'week 0' or 'week 1', or one of each"
                raise InvalidValue("numbering", "text", repr(text), wanted)
            found[match[1]] = int(match[2])
        return cls(**found)

    def __str__(self) -> str:
        return f"day {self.day}, week {self.week}"

    def begins(self, unit: str) -> int:
        """Return the number of the anchor's own day, week, month or year."""
        return {"day": self.day, "week": self.week}.get(unit, 0)

    def day_number(self, days: int) -> int:
        """Return the number of the date so many days after the anchor's own; before it below 0."""
        return days + self.day if days >= 0 else days

    def week_number(self, days: int) -> int:
        """Return the number of that date's week, seven days from the anchor's own on.

        The week before the anchor's is week -1.
        """
        return days // 7 + self.week if days >= 0 else days // 7


USUAL = Numbering()
"""Day 1 is the anchor's own date, and week 0 its week."""


@attrs.frozen(field_transformer=typed)
class CoursePoint:
    """
    A point on course time: ``day 8``, ``week 6``, ``month 3 + 1 week``, or ``46 hours``.

    Days and weeks are counted as the protocol's numbering says, and where it says nothing day 1
    is the anchor's own date, day -1 the one before it, and week 0 the anchor's week. Months and
    years are counted from 0.
    """

    text: str
    numbering: Numbering = USUAL
    """That of its protocol, which fills it in."""
    span: Span = attrs.field(init=False, eq=False)

    def __attrs_post_init__(self) -> None:
        unit, number = self._counted
        if not unit:
            object.__setattr__(self, "span", parse_span(self.text))
            return
        if self.numbering.begins(unit) == 1 and number > 0:
            number -= 1
        span = CalendarSpan(**{unit + "s": number})
        rest = self.text.partition(" ")[2].lstrip("-0123456789")
        if rest:
            more = parse_span(rest.lstrip())
            if not isinstance(more, CalendarSpan):
                raise InvalidValue("course point", "text", repr(self.text), "in calendar units")
            span = span.plus(more)
        object.__setattr__(self, "span", span)

    @property
    def _counted(self) -> tuple[str, int]:
        """Return the unit that is counted and the number; no unit where it is a length."""
        match = re.fullmatch(r"(day|week|month|year) (-?\d{1,5})\s*([+-].*)?", self.text)
        return (match[1], int(match[2])) if match else ("", 0)

    def require_number(self) -> None:
        """
        Refuse day 0 or week 0 where counting begins at 1.

        Raises:
            InvalidValue: There is no such day or week.
        """
        unit, number = self._counted
        if unit and number == 0 and self.numbering.begins(unit) == 1:
            wanted = f"{unit} 1 or later, or {unit} -1 or earlier"
            raise InvalidValue("course point", unit, f"{unit} 0", wanted)

    def __str__(self) -> str:
        return self.text


if not TYPE_CHECKING:  # a checker shall know the present names only
    __getattr__ = names_of(__name__)
