"""Cadence: how a run of visits is laid out in time, and what closed days do to it."""

from __future__ import annotations

import enum
from collections.abc import Iterator

import attrs

from protocol_sched.errors import InvalidValue
from protocol_sched.model.numbers import Count
from protocol_sched.model.plain import as_tuple
from protocol_sched.model.references import CoursePoint, Numbering, require_least
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, SpanRange, comparable
from protocol_sched.model.typed import typed


class Week(enum.Enum):
    """Where a week of ``2 per week`` begins."""

    FIRST_VISIT = "first visit"
    """Seven days from the phase's first visit, and so on."""
    MONDAY = "Monday"
    SUNDAY = "Sunday"


@attrs.frozen(kw_only=True, field_transformer=typed)
class Every:
    """One visit each so often: ``every = "2 to 3 days"``; the range is the target."""

    every: SpanRange

    def __attrs_post_init__(self) -> None:
        if comparable(self.every.least) <= 0:
            raise InvalidValue("cadence", "every", str(self.every), "longer than zero")
        if self.every.most is None:
            raise InvalidValue("cadence", "every", str(self.every), "a length or a range of two")


_NUMBERINGS = tuple(Numbering(day, week) for day in (0, 1) for week in (0, 1))


@attrs.frozen(kw_only=True, field_transformer=typed)
class At:
    """Visits at listed points; with ``cycle``, the list repeats each time so long."""

    at: tuple[CoursePoint, ...] = attrs.field(converter=as_tuple)
    cycle: CalendarSpan | None = None

    def __attrs_post_init__(self) -> None:
        if not self.at:
            raise InvalidValue("cadence", "at", "an empty list", "one point or more")
        faults = list(self._faults(None))
        # A list that is in order by another numbering may be one in the protocol's own.
        if faults and all(any(self._faults(one)) for one in _NUMBERINGS):
            raise faults[0]

    def require_order(self) -> None:
        """
        Refuse points that are no days, or not in order, by the numbering of their protocol.

        Raises:
            InvalidValue: Which they are.
        """
        for point in self.at:
            point.require_number()
        for fault in self._faults(None):
            raise fault

    def _faults(self, numbering: Numbering | None) -> Iterator[InvalidValue]:
        points = self.at
        if numbering is not None:
            points = tuple(attrs.evolve(one, numbering=numbering) for one in self.at)
        order = [comparable(point.span) for point in points]
        if sorted(set(order)) != order:
            found = ", ".join(map(str, self.at))
            wanted = "in order, each later than the one before"
            yield InvalidValue("cadence", "at", found, wanted)
        if self.cycle is not None and comparable(self.cycle) <= order[-1]:
            wanted = f"longer than {self.at[-1]}"
            yield InvalidValue("cadence", "cycle", str(self.cycle), wanted)


class ClosedDays(enum.Enum):
    """What a day on which the clinic is closed means to a block of days in a row."""

    COUNTED = "counted"
    """It is a day like any other, so that no block can span it."""
    SKIP = "skip"
    """It is no day of the block, which goes on on the next open day and ends as much later."""
    MAKE_UP = "make up"
    """Its visit is a second one on the open day before or after it, so that the end stays."""
    EXTRA_OPENING = "extra opening"
    """It is no day of the block, which takes the next Saturday or Sunday that is open instead."""


class ClosedDay(enum.Enum):
    """Where a visit goes whose date is one on which the clinic is closed."""

    PREVIOUS = "previous"
    NEXT = "next"
    NEAREST = "nearest"
    """The later one of two that are equally near."""


@attrs.frozen(kw_only=True, field_transformer=typed)
class PerWeek:
    """So many visits a week, with no stated distance inside the week: a set, not dates."""

    per_week: int
    week: Week = Week.FIRST_VISIT
    spread: bool = True
    """Whether they are best spread over the week; else any days of it are as good."""
    closed_days: ClosedDays = ClosedDays.COUNTED
    """With ``SKIP`` a week holds no more visits than it has open days; the rest come later."""

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.per_week <= 7:
            raise InvalidValue("cadence", "per_week", str(self.per_week), "1 to 7")
        if self.closed_days not in (ClosedDays.COUNTED, ClosedDays.SKIP):
            wanted = "'counted' or 'skip' where visits are counted by the week"
            raise InvalidValue("cadence", "closed_days", repr(self.closed_days.value), wanted)


@attrs.frozen(kw_only=True, field_transformer=typed)
class Consecutive:
    """A block of days in a row; without ``weekends``, Friday is followed by Monday."""

    consecutive_days: Count
    weekends: bool
    per_day: int = 1
    closed_days: ClosedDays = ClosedDays.COUNTED
    make_up_apart: ElapsedSpan | None = None
    """Least real time from the end of a visit to the start of the next, where a closed day is made
    up by two on one day."""

    def __attrs_post_init__(self) -> None:
        require_least(1, "cadence", "consecutive_days", self.consecutive_days.least)
        require_least(1, "cadence", "per_day", self.per_day)
        makes_up = self.closed_days is ClosedDays.MAKE_UP
        if makes_up != (self.make_up_apart is not None):
            wanted = "given with closed_days = 'make up', and with nothing else"
            raise InvalidValue("cadence", "make_up_apart", str(self.make_up_apart), wanted)
        if makes_up and self.per_day > 1:
            wanted = "1 where closed days are made up by a second visit"
            raise InvalidValue("cadence", "per_day", str(self.per_day), wanted)
        if self.closed_days is ClosedDays.EXTRA_OPENING and self.weekends:
            wanted = "false where only a closed day is made up on a Saturday or a Sunday"
            raise InvalidValue("cadence", "weekends", "true", wanted)


@attrs.frozen(kw_only=True, field_transformer=typed)
class Within:
    """All visits of the phase inside a span from the first to the last: ``7 to 28 days``."""

    within: SpanRange
    spread: bool = True
    """Whether they are best spread over the span; else any days of it are as good."""


@attrs.frozen(kw_only=True, field_transformer=typed)
class OnDemand:
    """A visit when a clinician asks for one; the text says what makes them ask."""

    on_demand: str


Cadence = Every | At | PerWeek | Consecutive | Within | OnDemand


def require_one_date(
    owner: str, closed_day: ClosedDay, cadence: Cadence, *otherwise: object
) -> None:
    """Refuse a closed day where a visit has no single date, or something else moves it."""
    match cadence:
        case Every(every=every):
            one = isinstance(every.least, CalendarSpan) and every.least == every.most
        case At(at=at):
            one = all(isinstance(point.span, CalendarSpan) for point in at)
        case _:
            one = False
    if any(otherwise) or not one:
        wanted = "left out, or each visit so many days after one other and without a tolerance"
        raise InvalidValue(owner, "closed_day", closed_day.value, wanted)
