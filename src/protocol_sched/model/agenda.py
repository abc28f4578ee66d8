"""
What is still due in a course, and the rules that still bind.

A `Binding` is a protocol's rule with the visits it is about filled in. It is what a plan has
to keep, what the checker checks, and what an explanation names.
"""

from __future__ import annotations

from datetime import date, datetime

import attrs

from protocol_sched.errors import InvalidValue
from protocol_sched.model.before_and_after import Notice
from protocol_sched.model.cadences import ClosedDay, Week
from protocol_sched.model.moments import as_instant
from protocol_sched.model.numbers import Band
from protocol_sched.model.plain import Shown, as_tuple
from protocol_sched.model.rules import Between
from protocol_sched.model.spans import CalendarSpan, MonthEnd, Span, SpanRange
from protocol_sched.model.standing import Broken, BrokenBy, Status, Unit, Waived
from protocol_sched.model.typed import typed


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
    band: Band = Band()
    """The numbers that pass; empty where the test asks for none."""
    more: int = 1
    """How many results still have to be passed, one after another."""
    receipt: bool = False
    """It is no test but something that has to be received."""


@attrs.frozen(kw_only=True)
class Untested:
    """A test that is not on record as passed for visits that were given all the same."""

    gate: str
    visits: tuple[str, ...] = attrs.field(converter=as_tuple)
    """Titles of the visits, in order."""
    receipt: bool = False


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
    """The phase, other visit or gate it belongs to."""
    ordinal: int
    """Its number in the phase, from 1, cycles counted on."""
    type_ordinal: int
    """Its number among the course's visits of its type, from 1; stages depend on it. Where a late
    one is loaded again it counts again from that one."""
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
    open: str = ""
    """The question its dates depend on, by identity: a plan may hold a place for it and no more."""
    forecast: DatedBy | None = None
    """Where the protocol names no target: the date it is expected on, the first it can have. A plan
    is no better for being near it."""
    at: datetime | None = attrs.field(default=None, eq=as_instant)
    """The moment of its target, where it is pinned or hours lead to it from a moment on record."""

    @property
    def foreseen(self) -> DatedBy | None:
        """Return the date on which it is expected: its target, or else the forecast."""
        return self.target if self.target is not None else self.forecast


@attrs.frozen(kw_only=True)
class Binding:
    """
    What every binding rule has.

    Each keeps its hash, since a rule is looked up again and again while a plan is made and judged.
    """

    rule: str
    """The kind of rule: ``cadence``, ``separation``, ``tolerance``, ``gate``, ``order`` ..."""
    source: str = "local"
    safety: bool = False
    status: Status | None = None
    """``None`` while it binds. No rule is ever taken away: one that does not bind says why."""

    @property
    def about(self) -> tuple[str | PastVisit, ...]:
        """Return the visits it is about, in order of time."""
        raise NotImplementedError

    @property
    def dated(self) -> str | None:
        """Return the visit it says the dates of; ``None`` of a rule about several alike."""
        return None

    @property
    def due(self) -> frozenset[str]:
        """Return the visits it is about that are still due."""
        return frozenset(one for one in self.about if isinstance(one, str))

    @property
    def from_past(self) -> bool:
        """Tell whether it measures from a visit already given."""
        return False

    @property
    def can_be_waived(self) -> bool:
        """Tell whether a clinician can exempt a visit from it: one of the protocol's distances."""
        return False

    @property
    def broken(self) -> Broken | None:
        """Return how its limit cannot be kept, be that waived or not."""
        return (
            self.status.broken
            if isinstance(self.status, Waived)
            else (self.status if isinstance(self.status, Broken) else None)
        )

    @property
    def forbids(self) -> bool:
        """Tell whether no plan may be made: a safety rule is broken and nobody waived it."""
        return self.safety and isinstance(self.status, Broken)

    @property
    def keeps_least(self) -> bool:
        """Tell whether a least distance, or a first date, has to be kept."""
        return self.status is None or isinstance(self.status, Broken)

    @property
    def keeps_most(self) -> bool:
        """Tell whether a greatest distance, or a last date, has to be kept."""
        return self.status is None or self.forbids


@attrs.frozen(kw_only=True)
class OfOne(Binding):
    """A rule about one visit still due, by itself."""

    visit: str

    @property
    def about(self) -> tuple[str | PastVisit, ...]:
        return (self.visit,)

    @property
    def dated(self) -> str:
        return self.visit


@attrs.frozen(kw_only=True)
class OfTwo(Binding):
    """A rule that says where a visit still due may be, measured from another one."""

    earlier: str | PastVisit
    """The identity of a visit that is still due, or a visit already given."""
    later: str

    @property
    def about(self) -> tuple[str | PastVisit, ...]:
        return (self.earlier, self.later)

    @property
    def dated(self) -> str:
        return self.later

    @property
    def from_past(self) -> bool:
        return isinstance(self.earlier, PastVisit)


@attrs.frozen(kw_only=True)
class OfDates(OfTwo):
    """A rule about the dates of two visits and nothing else: no hours, no target, no limits."""

    @property
    def can_be_waived(self) -> bool:
        return True


@attrs.frozen(kw_only=True)
class ByWeekday(Binding):
    """A rule that leaves a visit some weekdays, or days of the month, and sets it no first and no
    last date."""


@attrs.frozen(kw_only=True, cache_hash=True)
class Spacing(OfTwo):
    """
    How far ``later`` comes after ``earlier``.

    ``least`` and ``most`` are limits, both included. ``target`` is what the plan comes as near
    to as it can; days outside it are the deviation. Calendar spans count dates, elapsed spans
    real time between the two moments ``between`` names.
    """

    least: Span | None = None
    most: Span | None = None
    target: SpanRange | None = None
    between: Between = Between.STARTS
    safe_least: bool = False
    """``least`` keeps the person safe, whatever ``safety`` says of the rule as a whole."""

    @property
    def can_be_waived(self) -> bool:
        if self.rule == "order":  # that visits do not overlap is no rule that anyone can waive
            return isinstance(self.least, CalendarSpan)
        return not (self.least is None and self.most is None)


@attrs.frozen(kw_only=True, cache_hash=True)
class NextWorkingDay(OfDates):
    """
    ``later`` comes so many of the clinic's weekdays, Monday to Friday, after ``earlier``.

    Weekends do not count and a visit is never on one.
    """

    days: int = 1


@attrs.frozen(kw_only=True, cache_hash=True)
class OnOpenDay(OfDates):
    """
    ``later`` is so long after ``earlier``; where that day is closed, on a day that is open.

    The calendar of the clinic that plans it decides which days are open.
    """

    after: CalendarSpan
    closed_day: ClosedDay = ClosedDay.NEXT
    weekends: bool = True
    """Whether a Saturday or a Sunday counts on which the clinic is open."""


@attrs.frozen(kw_only=True, cache_hash=True)
class MadeUp(OfDates):
    """
    ``later`` is so many days after ``earlier``, closed ones counted.

    Where that day is closed it is on the open day before or after. The calendar of the clinic
    that plans it decides which days are open.
    """

    days: int
    weekends: bool = True
    """Whether Saturdays and Sundays count, and a visit may be on one."""


@attrs.frozen(kw_only=True, cache_hash=True)
class CaughtUp(OfDates):
    """
    ``later`` is so many working days, Monday to Friday, after ``earlier``; a closed day is none.

    While days are owed, an open Saturday or Sunday is one more: each closed day in between is owed
    one, and so is what a block that began on ``since`` was behind by then. The calendar of the
    clinic that plans it decides which days are open.
    """

    days: int
    since: date | None = None
    """The date of the block's first visit, where it was given and is not ``earlier``."""
    done: int = 0
    """How many days of the block after its first were over with ``earlier``; with ``since``."""

    def owed(self, day: date) -> int:
        """Return how many days the block is behind once ``earlier`` is on ``day``."""
        if self.since is None:
            return 0
        weeks, rest = divmod(max(0, (day - self.since).days), 7)
        begins = self.since.weekday()
        worked = 5 * weeks + sum((begins + n) % 7 < 5 for n in range(1, rest + 1))
        return max(0, worked - self.done)


@attrs.frozen(kw_only=True, cache_hash=True)
class FilledWeek(OfDates):
    """
    ``later`` is the n-th visit after ``earlier``, in the week that has room for it.

    A week holds ``per_week`` visits, and no more than it has days on which the clinic is open (the
    first one, days after ``earlier``); what it has no room for is in the next one. The calendar of
    the clinic that plans it decides that.
    """

    visits: int
    per_week: int
    begins: Week
    into: int = 0
    """How many days of its week are over on the day of ``earlier``, where weeks begin with the
    first visit."""
    used: int = 1
    """How many visits of that week come before ``later``'s count, ``earlier`` included."""
    gone: int = 0
    """How many days after ``earlier`` were over when this was asked, and have no room any more."""
    weeks: int = 0
    """So many weeks later than that."""


@attrs.frozen(kw_only=True, cache_hash=True)
class WeekApart(OfDates):
    """``later`` is so many calendar weeks after ``earlier``; 0 is the same week."""

    weeks: int
    begins: Week


@attrs.frozen(kw_only=True, cache_hash=True)
class OtherWeekday(OfDates, ByWeekday):
    """``later`` is on another weekday than ``earlier``, however many weeks lie between them."""


@attrs.frozen(kw_only=True, cache_hash=True)
class AtMost(Binding):
    """At most ``most`` of these visits in any ``days`` days in a row."""

    most: int
    days: int
    visits: tuple[str | PastVisit, ...] = attrs.field(converter=as_tuple)
    """In order of time."""

    @property
    def about(self) -> tuple[str | PastVisit, ...]:
        return self.visits

    @property
    def can_be_waived(self) -> bool:
        return True


@attrs.frozen(kw_only=True, cache_hash=True)
class NotBefore(OfOne):
    """The visit is on this date or later."""

    day: date


@attrs.frozen(kw_only=True, cache_hash=True)
class NotAfter(OfOne):
    """The visit is on this date or earlier."""

    day: date


@attrs.frozen(kw_only=True, cache_hash=True)
class OnWeekdays(OfOne, ByWeekday):
    """The visit is on one of these weekdays."""

    weekdays: tuple[str, ...]

    @property
    def can_be_waived(self) -> bool:
        return True


@attrs.frozen(kw_only=True, cache_hash=True)
class OnDaysOfMonth(OfOne, ByWeekday):
    """The visit is on one of these days of a month, both ends included."""

    first: int
    last: int

    @property
    def days(self) -> str:
        """Return the days: ``day 1 to 28``."""
        return f"day {self.first}" + (f" to {self.last}" if self.last > self.first else "")

    @property
    def can_be_waived(self) -> bool:
        return True


@attrs.frozen(kw_only=True, cache_hash=True)
class FixedAt(OfOne):
    """The visit begins at this moment."""

    start: datetime = attrs.field(eq=as_instant)


@attrs.frozen(kw_only=True, cache_hash=True)
class Noticed(OfOne):
    """
    The visit needs notice: it begins at this moment or later, or stays where people know it.

    A plan adds it, counted from when it is made; an agenda by itself has none.
    """

    notice: Notice | None = None
    work: str = ""
    """What is done so long ahead of it; then ``notice`` is ``None``."""
    not_before: datetime = attrs.field(eq=as_instant)
    stays: datetime | None = attrs.field(default=None, eq=as_instant)
    """When people know it to begin; ``None`` where they know of none."""


@attrs.frozen(kw_only=True, cache_hash=True)
class Gated(OfOne):
    """
    A test comes before the visit: one of those on record, or one that can still be done.

    From the test to the visit it is at least ``least`` and at most ``most``, where they are
    given; calendar spans count dates, elapsed spans real time. A test with a date only is read
    carefully: a least distance from the end of its date, a most from its beginning.
    """

    gate: str
    visit: str
    tests: tuple[PastVisit, ...] = attrs.field(default=(), converter=as_tuple)
    """Those that were passed and may count, each by itself, in order."""
    least: Span | None = None
    most: Span | None = None
    again: date | None = None
    """The first date on which another test can be done; ``None`` if the visit was given."""
    failed: date | None = None
    """When it was last not passed, if nothing was passed since."""
    band: Band = Band()
    """The numbers that pass; empty where a clinician says what a test comes to."""
    in_a_row: int = 1
    """So many results in a row must be passed; ``tests`` are those that end such a row."""
    more: int = 1
    """How many results a new row needs, or the one that is begun still does."""
    instead: PastVisit | None = None
    """The outside event that the gate's source accepts instead of a test, from its date on."""
    receipt: bool = False
    """It is no test but something that is received and expires."""

    @property
    def can_be_waived(self) -> bool:
        return True


FLOOR = "floor"
"""The kind of rule of a `Spacing` that keeps a visit from being before its target."""
LIBRARY = "library"
"""The source of a rule that is this library's own, where a protocol says nothing."""
PREFERRED = "preferred"
"""The kind of rule of a least distance that may be left, down to the one that has to be kept."""
SPREAD = "spread"
"""The kind of rule of a target that spreads visits over a week; no date is late by it."""
WAITING = "waiting"
"""The kind of rule of a target by which days count that a course waits before it starts."""


Rules = (
    Spacing
    | NextWorkingDay
    | OnOpenDay
    | MadeUp
    | CaughtUp
    | FilledWeek
    | WeekApart
    | OtherWeekday
    | AtMost
    | NotBefore
    | NotAfter
    | OnWeekdays
    | OnDaysOfMonth
    | FixedAt
    | Noticed
    | Gated
)


@attrs.frozen(kw_only=True)
class Breach:
    """A rule that is not kept because of what happened, and by how much."""

    rule: Rules
    visits: tuple[str, ...] = attrs.field(converter=as_tuple)
    """Identities, in the order of the rule."""
    found: int
    """The distance found, in ``unit``; 0 of a rule that is no distance."""
    amount: int
    """How far outside the limit, in ``unit``."""
    unit: Unit
    too_soon: bool = False
    """A least distance is broken and not a greatest one."""
    counted: int = 0
    """Days that count in a plan's objective: part of a day is whole. After a clinician put the
    visit off it is the days after the date they named; of a limit that counts from a visit still
    due, the dates after the last one inside it wherever that visit is."""

    def __attrs_post_init__(self) -> None:
        if not self.visits:
            raise InvalidValue("breach", "visits", "an empty list", "one identity or more")

    @property
    def cause(self) -> BrokenBy | None:
        """Return what broke it; ``None`` of a rule that was waived before."""
        broken = self.rule.broken
        return None if broken is None else broken.cause


@attrs.frozen(kw_only=True)
class Overruled:
    """A floor that does not bind, since a clinician fixed a visit where it leaves no date."""

    rule: Spacing
    by: FixedAt


@attrs.frozen(kw_only=True)
class Question:
    """Something the source leaves open, or a decision only a clinician can make."""

    id: str
    asks: str
    choices: tuple[str, ...] = ()
    about: str = ""
    """The visit, phase or rule it is about."""


@attrs.frozen(kw_only=True)
class Late:
    """A visit that is planned after it was due, and what its late table says of that."""

    visit: str
    title: str
    due_by: date
    on: date
    """The date it is planned for."""
    follows: str
    """The tier in words: ``over 1 week: give now, then from this visit``."""
    source: str = ""


@attrs.frozen(kw_only=True, field_transformer=typed)
class Agenda(Shown):
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
    late: tuple[Late, ...] = attrs.field(default=(), converter=as_tuple)
    """Visits that a plan has after they were due, in order."""
    breaches: tuple[Breach, ...] = attrs.field(default=(), converter=as_tuple)
    """Rules that visits given did not keep; those of visits due stand in ``bindings``."""
    cut_after: int = 0
    """More visits follow than were laid out: this many were; 0 where all of them were."""
    overruled: tuple[Overruled, ...] = attrs.field(default=(), converter=as_tuple)
    """Rules of visits still due that a pin overrules."""
    aliases: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=as_tuple)
    """Another name for a visit due, and the identity under which it is stored: the place it would
    have had, where the course begins again; the one before, where that is too old."""

    @property
    def broken(self) -> tuple[Rules, ...]:
        """Return the rules whose limit visits due cannot keep, waived or not, in order."""
        return tuple(rule for rule in self.bindings if rule.broken is not None)

    @property
    def waived_rules(self) -> tuple[Rules, ...]:
        """Return the rules that somebody waived, in order."""
        return tuple(rule for rule in self.bindings if isinstance(rule.status, Waived))

    def left_out_between(self, rule: Rules) -> tuple[str, ...]:
        """Return the visits left out between the two a rule is about, by identity, in order."""
        if not isinstance(rule, OfTwo):
            return ()
        ends = [_place(one.id if isinstance(one, PastVisit) else one) for one in rule.about]
        places = {one: _place(one) for one in self.left_out}
        between = [one for one, place in places.items() if ends[0] < place < ends[1]]
        return tuple(one for one in between if places[one][0] == ends[0][0] == ends[1][0])

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


def _place(visit: str) -> tuple[str, int]:
    """Return the run an identity belongs to and its number there: ``("induction", 3)``."""
    stem, _, number = visit.rpartition("-")
    return (stem, int(number)) if stem and number.isdecimal() else (visit, 0)
