"""
What is still due in a course, and the rules that still bind.

A `Binding` is a protocol's rule with the visits it is about filled in. It is what a plan has
to keep, what the checker checks, and what an explanation names.
"""

from __future__ import annotations

from datetime import date, datetime

import attrs

from protocol_sched.model.moments import as_instant
from protocol_sched.model.rules import Between, Week, as_tuple
from protocol_sched.model.spans import CalendarSpan, MonthEnd, Span, SpanRange


@attrs.frozen
class PastVisit:
    """A visit that was given, or an outside event: a fixed place to measure from."""

    id: str
    title: str
    on: date
    start: datetime | None = attrs.field(default=None, eq=as_instant)
    end: datetime | None = attrs.field(default=None, eq=as_instant)
    kind: str = ""
    """Its visit type; empty for an outside event."""
    counts: bool = True


@attrs.frozen
class DatedBy:
    """A date and the rule that set it."""

    day: date
    rule: str
    """In words: ``2 days after infusion 2``."""
    source: str = ""


@attrs.frozen(kw_only=True)
class Need:
    """A test that a visit waits for, and the dates on which it counts."""

    gate: str
    earliest: date | None
    latest: date | None
    done: bool = False
    source: str = ""


@attrs.frozen(kw_only=True)
class Untested:
    """A test that is not on record as passed for visits that were given all the same."""

    gate: str
    visits: tuple[str, ...] = attrs.field(converter=as_tuple)
    """Titles of the visits, in order."""


@attrs.frozen(kw_only=True)
class Due:
    """
    One visit still due.

    The dates are those it has if every visit before it falls on its target or forecast; a plan is
    bound by the agenda's ``bindings``, which follow the visits as they are really placed.
    """

    id: str
    """Stable identity in the course, such as ``induction-3``; it survives every move."""
    title: str
    """What people call it: ``infusion 3``."""
    kind: str
    """The visit type."""
    phase: str
    """The phase, milestone or gate it belongs to."""
    ordinal: int
    """Its number in the phase, from 1, cycles counted on."""
    type_ordinal: int
    """Its number among the course's visits of its type, from 1; stages depend on it."""
    earliest: DatedBy | None = None
    target: DatedBy | None = None
    target_until: date | None = None
    """The last date of the target, where it is a range; else the target's own date."""
    latest: DatedBy | None = None
    needs: tuple[Need, ...] = attrs.field(default=(), converter=as_tuple)
    overdue: bool = False
    """The latest date has passed on the day the agenda was made."""
    tentative: bool = False
    """Depends on a decision that is not made yet, such as one more cycle."""
    forecast: DatedBy | None = None
    """Where the protocol names no target: the date it is expected on, the first it can have. A plan
    is no better for being near it."""

    @property
    def foreseen(self) -> DatedBy | None:
        """Return the date on which it is expected: its target, or where there is none a forecast."""
        return self.target if self.target is not None else self.forecast


@attrs.frozen(kw_only=True)
class Binding:
    """What every binding rule has."""

    rule: str
    """The kind of rule: ``cadence``, ``separation``, ``tolerance``, ``gate``, ``order`` ..."""
    source: str = "local"
    safety: bool = False


@attrs.frozen(kw_only=True)
class Spacing(Binding):
    """
    How far ``later`` comes after ``earlier``.

    ``least`` and ``most`` are limits, both included. ``target`` is what the plan comes as near
    to as it can; days outside it are the deviation. Calendar spans count dates, elapsed spans
    real time between the two moments ``between`` names.
    """

    earlier: str | PastVisit
    """The identity of a visit that is still due, or a visit already given."""
    later: str
    least: Span | None = None
    most: Span | None = None
    target: SpanRange | None = None
    between: Between = Between.STARTS


@attrs.frozen(kw_only=True)
class NextWorkingDay(Binding):
    """
    ``later`` comes so many of the clinic's weekdays, Monday to Friday, after ``earlier``.

    Weekends do not count and a visit is never on one.
    """

    earlier: str | PastVisit
    later: str
    days: int = 1


@attrs.frozen(kw_only=True)
class WeekApart(Binding):
    """``later`` is so many calendar weeks after ``earlier``; 0 is the same week."""

    earlier: str | PastVisit
    later: str
    weeks: int
    begins: Week


@attrs.frozen(kw_only=True)
class AtMost(Binding):
    """At most ``most`` of these visits in any ``days`` days in a row."""

    most: int
    days: int
    visits: tuple[str | PastVisit, ...] = attrs.field(converter=as_tuple)
    """In order of time."""


@attrs.frozen(kw_only=True)
class NotBefore(Binding):
    """The visit is on this date or later."""

    visit: str
    day: date


@attrs.frozen(kw_only=True)
class NotAfter(Binding):
    """The visit is on this date or earlier."""

    visit: str
    day: date


@attrs.frozen(kw_only=True)
class OnWeekdays(Binding):
    """The visit is on one of these weekdays."""

    visit: str
    weekdays: tuple[str, ...]


@attrs.frozen(kw_only=True)
class FixedAt(Binding):
    """The visit begins at this moment."""

    visit: str
    start: datetime = attrs.field(eq=as_instant)


Rules = Spacing | NextWorkingDay | WeekApart | AtMost | NotBefore | NotAfter | OnWeekdays | FixedAt


@attrs.frozen(kw_only=True)
class Question:
    """Something the source leaves open, or a decision only a clinician can make."""

    id: str
    asks: str
    choices: tuple[str, ...] = ()
    about: str = ""
    """The visit, phase or rule it is about."""


@attrs.frozen(kw_only=True)
class Agenda:
    """What is still due and the rules that still bind, as of a date."""

    course: str
    protocol: str
    as_of: date
    month_end: MonthEnd
    dues: tuple[Due, ...] = attrs.field(converter=as_tuple)
    """In the order in which they come."""
    bindings: tuple[Rules, ...] = attrs.field(converter=as_tuple)
    past: tuple[PastVisit, ...] = attrs.field(default=(), converter=as_tuple)
    waived: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Identities of visits that need no ride home."""
    left_out: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Identities of visits that were omitted."""
    questions: tuple[Question, ...] = attrs.field(default=(), converter=as_tuple)
    untested: tuple[Untested, ...] = attrs.field(default=(), converter=as_tuple)
    """Tests that may have been recorded elsewhere; nothing is planned differently for them."""
    ended: str = ""
    """Why nothing more is due, where that is so."""

    def due(self, visit: str) -> Due:
        """
        Return the due visit of that identity.

        Raises:
            KeyError: Nothing of that identity is due.
        """
        for due in self.dues:
            if due.id == visit:
                return due
        raise KeyError(visit)


def days_after(span: CalendarSpan, day: date, month_end: MonthEnd) -> int:
    """Return how many dates after ``day`` the span ends."""
    return (span.after(day, month_end) - day).days
