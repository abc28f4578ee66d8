"""
The kinds of rule a protocol is made of, each a small frozen value.

A rule says nothing about dates or people. Every rule with a number names its ``source``: a
key of the protocol's ``sources``, or ``local`` for a clinic's own choice, or ``memory`` for
what was not checked. ``unverified`` lists the fields taken from memory.
"""

from __future__ import annotations

import enum
import math
import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import attrs

from protocol_sched.errors import InvalidValue
from protocol_sched.model.former import keeps_former, names_of
from protocol_sched.model.moments import later_by
from protocol_sched.model.references import (
    CoursePoint,
    EndOf,
    OutsideEvent,
    PreviousVisit,
    Reference,
    StartOf,
    require_least,
)
from protocol_sched.model.spans import (
    CalendarSpan,
    ElapsedSpan,
    Span,
    SpanRange,
    comparable,
    elapsed_span,
)

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def as_tuple(items: Iterable[Any]) -> tuple[Any, ...]:
    """
    Return the items as a tuple, so that a frozen value stays hashable.

    Not generic: type checkers do not solve a converter's own type variable.
    """
    return tuple(items)


# --- how many, and which of them -------------------------------------------------------------


@attrs.frozen
class Count:
    """How many: exactly ``6``, ``4 to 8``, or ``open`` (no end)."""

    least: int
    most: int | None

    def __attrs_post_init__(self) -> None:
        require_least(0, "count", "least", self.least)
        if self.most is not None and self.most < max(self.least, 1):
            raise InvalidValue("count", "most", str(self.most), f"{max(self.least, 1)} or more")

    @property
    def fixed(self) -> bool:
        """Tell whether the number is known from the protocol alone."""
        return self.least == self.most

    @classmethod
    def parse(cls, text: str) -> Count:
        """Read ``6``, ``4 to 8``, ``at least 4`` or ``open``."""
        if text == "open":
            return cls(0, None)
        if match := re.fullmatch(r"at least (\d{1,6})", text):
            return cls(int(match[1]), None)
        if match := re.fullmatch(r"(\d{1,6})(?: to (\d{1,6}))?", text):
            return cls(int(match[1]), int(match[2] or match[1]))
        raise InvalidValue("count", "text", repr(text), "such as 6, '4 to 8' or 'open'")

    def __str__(self) -> str:
        if self.most is None:
            return f"at least {self.least}" if self.least else "open"
        return str(self.least) if self.fixed else f"{self.least} to {self.most}"


ONE = Count(1, 1)


@attrs.frozen
class Ordinals:
    """Which visits of a run a rule is about: ``each``, ``first``, ``2, 5 to 7``, ``from 4``."""

    ranges: tuple[tuple[int, int | None], ...] = attrs.field(converter=as_tuple)

    def __contains__(self, ordinal: int) -> bool:
        return any(a <= ordinal and (b is None or ordinal <= b) for a, b in self.ranges)

    @classmethod
    def parse(cls, text: str) -> Ordinals:
        """Read the words above; visits are counted from 1."""
        if text == "each":
            return cls(((1, None),))
        if text == "first":
            return cls(((1, 1),))
        ranges: list[tuple[int, int | None]] = []
        for part in text.split(","):
            if match := re.fullmatch(r"\s*from (\d{1,6})\s*", part):
                ranges.append((int(match[1]), None))
            elif match := re.fullmatch(r"\s*(\d{1,6})(?: to (\d{1,6}))?\s*", part):
                ranges.append((int(match[1]), int(match[2] or match[1])))
            else:
                raise InvalidValue(
                    "visits", "text", repr(text), "such as 'each', 'first', '2, 5 to 7', 'from 4'"
                )
            a, b = ranges[-1]
            if a < 1 or (b is not None and b < a):
                raise InvalidValue("visits", "text", repr(text), "counted upwards from 1")
        return cls(ranges)

    def __str__(self) -> str:
        if self.ranges == ((1, None),):
            return "each"
        if self.ranges == ((1, 1),):
            return "first"
        words = [
            f"from {a}" if b is None else str(a) if a == b else f"{a} to {b}"
            for a, b in self.ranges
        ]
        return ", ".join(words)


EACH = Ordinals.parse("each")
FIRST = Ordinals.parse("first")


# --- numbers ---------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class Band:
    """Numbers between two edges, which say themselves whether they are included; no edge is any."""

    over: float | None = None
    at_least: float | None = None
    under: float | None = None
    up_to: float | None = None

    def __bool__(self) -> bool:
        return self != Band()

    def __str__(self) -> str:
        edges = {
            "over": self.over,
            "at least": self.at_least,
            "under": self.under,
            "up to": self.up_to,
        }
        words = [f"{word} {edge:g}" for word, edge in edges.items() if edge is not None]
        return " and ".join(words) or "any number"

    def holds(self, value: float) -> bool:
        """Tell whether a number lies in the band."""
        return not self.above(value) and not self.below(value)

    def above(self, value: float) -> bool:
        """Tell whether the whole band lies above a number."""
        return (self.over is not None and value <= self.over) or (
            self.at_least is not None and value < self.at_least
        )

    def below(self, value: float) -> bool:
        """Tell whether the whole band lies below a number."""
        return (self.under is not None and value >= self.under) or (
            self.up_to is not None and value > self.up_to
        )

    def overlaps(self, other: Band) -> bool:
        """Tell whether some number lies in both bands."""
        edges = [one for band in (self, other) for one in (band.over, band.at_least)]
        low = max((edge for edge in edges if edge is not None), default=-math.inf)
        edges = [one for band in (self, other) for one in (band.under, band.up_to)]
        high = min((edge for edge in edges if edge is not None), default=math.inf)
        return low < high or (low == high and self.holds(low) and other.holds(low))


def _band_of(rule: Gate | Adaptation) -> Band:
    return Band(over=rule.over, at_least=rule.at_least, under=rule.under, up_to=rule.up_to)


# --- cadence: how a run of visits is laid out in time ----------------------------------------


class Week(enum.Enum):
    """Where a week of ``2 per week`` begins."""

    FIRST_VISIT = "first visit"
    """Seven days from the phase's first visit, and so on."""
    MONDAY = "Monday"
    SUNDAY = "Sunday"


@attrs.frozen(kw_only=True)
class Every:
    """One visit each so often: ``every = "2 to 3 days"``; the range is the target."""

    every: SpanRange

    def __attrs_post_init__(self) -> None:
        if comparable(self.every.least) <= 0:
            raise InvalidValue("cadence", "every", str(self.every), "longer than zero")
        if self.every.most is None:
            raise InvalidValue("cadence", "every", str(self.every), "a length or a range of two")


@attrs.frozen(kw_only=True)
class At:
    """Visits at listed points; with ``cycle``, the list repeats each time so long."""

    at: tuple[CoursePoint, ...] = attrs.field(converter=as_tuple)
    cycle: CalendarSpan | None = None

    def __attrs_post_init__(self) -> None:
        if not self.at:
            raise InvalidValue("cadence", "at", "an empty list", "one point or more")
        order = [comparable(point.span) for point in self.at]
        if sorted(set(order)) != order:
            found = ", ".join(map(str, self.at))
            raise InvalidValue("cadence", "at", found, "in order, each later than the one before")
        if self.cycle is not None and comparable(self.cycle) <= order[-1]:
            raise InvalidValue("cadence", "cycle", str(self.cycle), f"longer than {self.at[-1]}")


@attrs.frozen(kw_only=True)
class PerWeek:
    """So many visits a week, with no stated distance inside the week: a set, not dates."""

    per_week: int
    week: Week = Week.FIRST_VISIT
    spread: bool = True
    """Whether they are best spread over the week; else any days of it are as good."""

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.per_week <= 7:
            raise InvalidValue("cadence", "per_week", str(self.per_week), "1 to 7")


class ClosedDays(enum.Enum):
    """What a day on which the clinic is closed means to a block of days in a row."""

    COUNTED = "counted"
    """It is a day like any other, so that no block can span it."""
    SKIP = "skip"
    """It is no day of the block, which goes on on the next open day and ends as much later."""
    MAKE_UP = "make up"
    """Its visit is a second one on the open day before or after it, so that the end stays."""


class ClosedDay(enum.Enum):
    """Where a visit goes whose date is one on which the clinic is closed."""

    PREVIOUS = "previous"
    NEXT = "next"
    NEAREST = "nearest"
    """The later one of two that are equally near."""


@attrs.frozen(kw_only=True)
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


@attrs.frozen(kw_only=True)
class Within:
    """All visits of the phase inside a span from the first to the last: ``7 to 28 days``."""

    within: SpanRange


@attrs.frozen(kw_only=True)
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


class Earlier(enum.Enum):
    """Whether a visit may come before its target, where no tolerance or least distance says so."""

    NOT_BEFORE = "not before target"
    ALLOWED = "allowed"


# --- rules: values that carry their source ---------------------------------------------------


@attrs.frozen(kw_only=True)
class Rule:
    """What every rule has: where it is from, and which of its fields are from memory."""

    source: str
    unverified: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)


@attrs.frozen(kw_only=True)
class Tolerance(Rule):
    """
    Days or hours either side of the target, both included (clinics say window).

    Days count from the target's date. Hours, such as those of a sample 5 minutes either side of
    its time, count from the target in real time; there a target in days is so many times 24 hours.
    A hard tolerance is a limit. A soft one says which dates are an exception to be reported.
    """

    before: Span = CalendarSpan()
    after: Span = CalendarSpan()
    visits: Ordinals = EACH
    hard: bool = True

    def __attrs_post_init__(self) -> None:
        for field in ("before", "after"):
            if comparable(getattr(self, field)) < 0:
                found = str(getattr(self, field))
                raise InvalidValue("tolerance", field, found, "zero or longer")


class Between(enum.Enum):
    """Which two moments an elapsed separation is measured between."""

    STARTS = "start to start"
    END_AND_START = "end to start"


@attrs.frozen(kw_only=True)
class Separation(Rule):
    """
    How close and how far a visit may be from one or more references; the strictest wins.

    ``grace`` shortens ``least``: inside it a visit counts and is reported (CDSi's four days).
    Calendar spans count dates. Elapsed spans count real time between the two visits' starts,
    or from the end of the earlier one where ``between`` says so.
    """

    from_: tuple[Reference, ...] = attrs.field(default=(PreviousVisit(),), converter=as_tuple)
    least: Span | None = None
    most: Span | None = None
    grace: CalendarSpan | None = None
    between: Between = Between.STARTS
    visits: Ordinals = EACH
    safety: bool | None = None
    """
    A safety rule is never offered for relaxation. Where nothing is said, ``least`` is one and
    ``most`` is not.
    """

    def __attrs_post_init__(self) -> None:
        if self.least is None and self.most is None:
            raise InvalidValue("separation", "least", "nothing", "given, or most")
        if not self.from_:
            raise InvalidValue("separation", "from", "an empty list", "one reference or more")
        if (
            self.least is not None
            and self.most is not None
            and comparable(self.most) < comparable(self.least)
        ):
            raise InvalidValue("separation", "most", str(self.most), f"at least {self.least}")


@attrs.frozen(kw_only=True)
class Cap(Rule):
    """At most so many visits of the phase in any so many days in a row."""

    most: int
    in_any: CalendarSpan

    def __attrs_post_init__(self) -> None:
        require_least(1, "cap", "most", self.most)
        if self.in_any.by_months:
            raise InvalidValue("cap", "in_any", str(self.in_any), "in weeks and days only")
        require_least(1, "cap", "in_any", self.in_any.in_days)


class Clock(enum.Enum):
    """What lateness is counted from."""

    DUE_DATE = "due date"
    LAST_VISIT = "last visit"
    FIRST_VISIT = "first visit"


class Give(enum.Enum):
    """What becomes of the late visit itself."""

    NOW = "now"
    SKIP = "skip"
    RESTART_PHASE = "restart phase"
    RESTART_COURSE = "restart course"


@keeps_former
class Then(enum.Enum):
    """What the visits after the late one hang on."""

    ORIGINAL_DATES = "original dates"
    FROM_THIS_VISIT = "from this visit"
    AS_BEFORE = "as before"


@keeps_former
@attrs.frozen(kw_only=True)
class Tier:
    """
    One row of a late table: how late, and what follows.

    The edges say themselves whether they are included: ``over`` (>), ``at_least`` (>=),
    ``under`` (<), ``up_to`` (<=). What no tier covers, the source leaves open.
    """

    over: CalendarSpan | None = None
    at_least: CalendarSpan | None = None
    under: CalendarSpan | None = None
    up_to: CalendarSpan | None = None
    give: Give = Give.NOW
    then: Then = Then.AS_BEFORE
    extra: int = 0
    """Visits added after the late one, each ``extra_after`` the one before."""
    extra_after: CalendarSpan | None = None
    next_after: CalendarSpan | None = None
    """The next regular visit, from the last of the late one and its extras."""
    original_at_least: CalendarSpan | None = None
    """The next original date is kept only if at least so far away; a nearer one is skipped."""
    note: str = ""

    def __attrs_post_init__(self) -> None:
        if self.over is not None and self.at_least is not None:
            raise InvalidValue("tier", "over", str(self.over), "given without at_least")
        if self.under is not None and self.up_to is not None:
            raise InvalidValue("tier", "under", str(self.under), "given without up_to")
        if self.extra and self.extra_after is None:
            raise InvalidValue("tier", "extra_after", "nothing", "given with extra")


@attrs.frozen(kw_only=True)
class LateTable(Rule):
    """What happens when a visit is late: a clock and tiers in rising order."""

    clock: Clock
    tiers: tuple[Tier, ...] = attrs.field(converter=as_tuple)
    visits: Ordinals = EACH

    def __attrs_post_init__(self) -> None:
        if not self.tiers:
            raise InvalidValue("late table", "tiers", "an empty list", "one tier or more")


@attrs.frozen(kw_only=True)
class Starts(Rule):
    """How the first visit of a phase hangs on what came before it."""

    after: SpanRange
    from_: tuple[Reference, ...] = attrs.field(default=(PreviousVisit(),), converter=as_tuple)
    """With several references the latest date wins."""


class Outcome(enum.Enum):
    """What a gate that is not passed does to the visit behind it."""

    HOLD = "hold"
    DELAY = "delay"
    STOP = "stop"
    ASK = "ask"
    """Held as well, until somebody says that it goes on all the same."""


@keeps_former
@attrs.frozen(kw_only=True)
class Gate(Rule):
    """
    A test or a visit that must come before some visits, not too old and not too late.

    ``visit`` names a visit type if the gate is a visit to be planned; without it the gate is a
    test whose date window the agenda tells.
    """

    name: str
    phase: str | None = None
    """The phase it guards; ``None`` guards the treatment visits of the whole course."""
    before: Ordinals = FIRST
    """Counted over the visits really given, so it moves with inserted and missed ones."""
    each_cycle: bool = False
    """Counted anew in each cycle of a phase, so that ``first`` is the first of every cycle."""
    visit: str | None = None
    max_age: Span | None = None
    min_age: Span | None = None
    """Least distance from the gate to the visit behind it."""
    over: float | None = None
    at_least: float | None = None
    under: float | None = None
    up_to: float | None = None
    """The numbers that pass, with edges as those of an adaptation; without any edge a clinician
    tells whether the test was passed."""
    in_a_row: int = 1
    """So many results one after another must be passed; age and lead count from the last."""
    failed_in_a_row: int = 1
    """Only so many results one after another that were not passed do what ``if_not`` says; fewer
    hold the visit and ask."""
    if_not: Outcome = Outcome.HOLD
    asks: str = ""
    """Who is asked whether a visit goes on: ``the treating neurologist``; empty is a clinician."""
    unless: str = ""
    """An outside event that its source accepts instead, from its date on: ``antibiotic cover``."""
    safety: bool = True

    @property
    def band(self) -> Band:
        """Return the numbers that pass; an empty band where none is asked for."""
        return _band_of(self)

    def __attrs_post_init__(self) -> None:
        self._numbers()
        if (
            self.max_age is not None
            and self.min_age is not None
            and comparable(self.max_age) < comparable(self.min_age)
        ):
            raise InvalidValue(
                f"gate {self.name!r}", "max_age", str(self.max_age), f"at least {self.min_age}"
            )

    def _numbers(self) -> None:
        owner = f"gate {self.name!r}"
        for one, other in (("over", "at_least"), ("under", "up_to")):
            value = getattr(self, one)
            if value is not None and getattr(self, other) is not None:
                raise InvalidValue(owner, one, f"{value:g}", f"given without {other}")
        if not self.band.overlaps(self.band):
            raise InvalidValue(owner, "band", str(self.band), "edges with a number between them")
        for field in ("in_a_row", "failed_in_a_row"):
            require_least(1, owner, field, getattr(self, field))
        if self.asks and self.if_not is not Outcome.ASK and self.failed_in_a_row == 1:
            wanted = "left out where nobody is asked, as with if_not = 'ask'"
            raise InvalidValue(owner, "asks", repr(self.asks), wanted)
        if self.visit is not None:
            for field in ("band", "in_a_row", "failed_in_a_row", "asks", "unless"):
                value = getattr(self, field)
                if value not in (Band(), 1, ""):
                    wanted = "left out where the gate is a visit"
                    raise InvalidValue(owner, field, str(value), wanted)


@attrs.frozen(kw_only=True)
class OtherVisit(Rule):
    """A visit that is not a treatment: on course time, or so long after each treatment."""

    name: str
    visit: str
    cadence: Every | At | OnDemand
    """On demand, each is aimed at the date for which it was asked, and hangs on nothing else."""
    anchor: Reference | None = None
    """What it hangs on; ``None`` on demand, and only there."""
    visits: Count | None = None
    """How many; ``None`` is once through the list of points."""
    until: Span | None = None
    """How long after the anchor the last of those that come ``every`` so often may be."""
    if_it_happens: bool = False
    """Nobody is asked about the event it hangs on, which may never happen."""
    between: Between = Between.STARTS
    """Hours run from the start of the visit it hangs on, or from its end, as a pump's do."""
    tolerance: Tolerance | None = None
    earlier: Earlier = Earlier.NOT_BEFORE
    """Without a tolerance: whether it may be before its target; behind it, if it comes first."""
    closed_day: ClosedDay | None = None
    """As that of a phase."""

    def __attrs_post_init__(self) -> None:
        owner = f"other visit {self.name!r}"
        if self.closed_day is not None:
            require_one_date(owner, self.closed_day, self.cadence, self.tolerance)
        asked_for = isinstance(self.cadence, OnDemand)
        if asked_for != (self.anchor is None):
            found = "nothing" if self.anchor is None else str(self.anchor)
            wanted = "left out where visits come on demand" if asked_for else "what it hangs on"
            raise InvalidValue(owner, "anchor", found, wanted)
        if self.until is not None:
            if not isinstance(self.cadence, Every) or self.visits is not None:
                wanted = "left out, except where visits come every so often and are not counted"
                raise InvalidValue(owner, "until", str(self.until), wanted)
            require_least(1, owner, "until", comparable(self.until))
        if self.if_it_happens and not isinstance(self.anchor, OutsideEvent):
            wanted = "left out, except where it hangs on an outside event"
            raise InvalidValue(owner, "if_it_happens", "true", wanted)

    @property
    def hangs_on(self) -> str:
        """Return the phase, gate or other visit whose start or end it hangs on; empty for
        others."""
        return self.anchor.what if isinstance(self.anchor, StartOf | EndOf) else ""


# --- adapting to a response ------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class NewCadence:
    """From now on the phase runs at another cadence."""

    cadence: Cadence
    phase: str


@attrs.frozen(kw_only=True)
class GoTo:
    """Leave the phase that runs and begin another."""

    go_to: str


@attrs.frozen(kw_only=True)
class InsertVisit:
    """One more visit that leaves the dates of the others alone."""

    insert: CoursePoint
    phase: str


@attrs.frozen(kw_only=True)
class StepBack:
    """Return to the cadence that ran before the present one."""

    step_back: str
    """Name of the ladder: the phases, most frequent first, joined by ``>``."""


@attrs.frozen(kw_only=True)
class Extend:
    """So many more visits in the phase that runs."""

    extend: int
    phase: str


@attrs.frozen(kw_only=True)
class Stop:
    """No further treatment visits; the text says why."""

    stop: str


Action = NewCadence | GoTo | InsertVisit | StepBack | Extend | Stop


class Compared(enum.Enum):
    """Which number of a measure a band is about."""

    VALUE = "value"
    """The score itself."""
    FALL = "percent fall from the first"
    """By how much it has fallen since it was first recorded, in percent of that score."""
    RISE = "rise from the one before"
    """By how much it is higher than when it was recorded before."""


@attrs.frozen(kw_only=True)
class Adaptation(Rule):
    """
    A recorded response and what it changes; the edges of a band say whether they are included.

    ``measure`` is a named score, or a named finding whose value is 1 for yes and 0 for no. A
    score that is needed and was not recorded is asked for, and never guessed.
    """

    name: str
    measure: str
    compared: Compared = Compared.VALUE
    over: float | None = None
    at_least: float | None = None
    under: float | None = None
    up_to: float | None = None
    after: str | None = None
    """The phase after whose end the response is read; ``None`` is at any time."""
    before: str | None = None
    """The phase that waits until the response was read, for what sets how it begins."""
    during: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Phases in which it acts; empty is any. A response read before one counts once it runs."""
    missed: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Phases of which a visit must have been missed or omitted since the review before; empty
    is whether or not one was."""
    times: int | None = None
    """How often it acts in a course; after that a clinician is asked what follows."""
    not_before: CalendarSpan | None = None
    """So long after ``from`` a response counts at the earliest; one before it changes nothing."""
    from_: Reference = StartOf("course")
    """What ``not_before`` is counted from: the start of the course, or of a phase."""
    then: Action

    def __attrs_post_init__(self) -> None:
        if self.times is not None:
            require_least(1, f"adaptation {self.name!r}", "times", self.times)
        if self.after is not None and self.before is not None:
            owner = f"adaptation {self.name!r}"
            raise InvalidValue(owner, "before", repr(self.before), "left out where after is given")
        owner = f"adaptation {self.name!r}"
        if not isinstance(self.from_, StartOf):
            raise InvalidValue(
                owner, "from", repr(str(self.from_)), "the start of course or a phase"
            )
        if self.not_before is None and self.from_ != StartOf("course"):
            raise InvalidValue(owner, "from", repr(str(self.from_)), "given with not_before")
        if self.not_before is not None and comparable(self.not_before) < 0:
            raise InvalidValue(owner, "not_before", str(self.not_before), "zero or longer")

    @property
    def band(self) -> Band:
        """Return the numbers for which it acts."""
        return _band_of(self)


# --- the visit and what surrounds it ---------------------------------------------------------


@attrs.frozen(kw_only=True)
class Check(Rule):
    """
    Something looked at or measured during a stage: every so often, or so long after its start.

    It takes no place and no time of its own; a plan says when each is due.
    """

    what: str
    every: ElapsedSpan | None = None
    at: tuple[ElapsedSpan, ...] = attrs.field(default=(), converter=as_tuple)

    def __attrs_post_init__(self) -> None:
        owner = f"check {self.what!r}"
        if (self.every is None) == (not self.at):
            found = "neither" if self.every is None else "both"
            raise InvalidValue(owner, "every, at", found, "one of the two")
        if self.every is not None:
            require_least(1, owner, "every", self.every.minutes)
        for one in self.at:
            require_least(0, owner, "at", one.minutes)

    def after(self, minutes: int) -> tuple[int, ...]:
        """Return when it is due in a stage of so many minutes, in minutes from its start."""
        if self.every is not None:
            return tuple(range(self.every.minutes, minutes + 1, self.every.minutes))
        return tuple(sorted({one.minutes for one in self.at if one.minutes <= minutes}))


@attrs.frozen(kw_only=True)
class EndsWhen:
    """A score that ends a stage: ``{ measure = "Aldrete score", at_least = 9, in_a_row = 2 }``."""

    measure: str
    at_least: int | None = None
    up_to: int | None = None
    in_a_row: int = 1
    """How many times one after another it has to be found."""

    def __attrs_post_init__(self) -> None:
        owner = f"ends when {self.measure!r}"
        require_least(1, owner, "in_a_row", self.in_a_row)
        if self.at_least is None and self.up_to is None:
            raise InvalidValue(owner, "at_least", "nothing", "a number, or one for up_to")

    def __str__(self) -> str:
        ends = (("at least", self.at_least), ("up to", self.up_to))
        limits = " and ".join(f"{word} {end}" for word, end in ends if end is not None)
        times = {1: "", 2: ", twice in a row"}.get(
            self.in_a_row, f", {self.in_a_row} times in a row"
        )
        return f"{self.measure} {limits}{times}"


@attrs.frozen(kw_only=True)
class Stage(Rule):
    """
    One part of a visit, such as check-in, infusion or recovery; stages follow one another.

    The clinic sets the longest length aside. A stage that ends when a criterion is met
    (``until``) has an open end; then ``allow`` says how long the clinic sets aside, and
    without it the least length is planned.
    """

    name: str
    length: SpanRange
    allow: ElapsedSpan | None = None
    until: str | None = None
    ends_when: EndsWhen | None = None
    """The same as a score; the planned length is what the clinic sets aside all the same."""
    needs: tuple[tuple[str, int], ...] = ()
    """Kinds of place or staff held during the stage, with the units: ``(("chair", 1),)``."""
    visits: Ordinals = EACH
    checks: tuple[Check, ...] = attrs.field(default=(), converter=as_tuple)
    without_escort: SpanRange | None = None
    """Its length where the ride home was waived; ``None`` is the same length."""

    def __attrs_post_init__(self) -> None:
        owner = f"stage {self.name!r}"
        if self.without_escort is not None:
            least = self.without_escort.least
            if not isinstance(least, ElapsedSpan) or least.minutes <= 0:
                found, wanted = str(self.without_escort), "in hours or minutes, longer than zero"
                raise InvalidValue(owner, "without_escort", found, wanted)
        if not isinstance(self.length.least, ElapsedSpan):
            raise InvalidValue(owner, "length", str(self.length), "in hours or minutes")
        if self.length.least.minutes <= 0:
            raise InvalidValue(owner, "length", str(self.length), "longer than zero")
        if self.allow is not None and self.allow.minutes < self.least:
            raise InvalidValue(owner, "allow", str(self.allow), f"at least {self.length.least}")
        for kind, units in self.needs:
            require_least(1, owner, f"needs {kind}", units)

    @property
    def criterion(self) -> str:
        """Return in words what ends it, beside its least time; empty where nothing does."""
        scores = "" if self.ends_when is None else str(self.ends_when)
        return "; ".join(filter(None, (self.until, scores)))

    @property
    def unescorted(self) -> Stage:
        """Return the stage as it is where nobody takes the person home."""
        if self.without_escort is None:
            return self
        stage = attrs.evolve(self, length=self.without_escort, without_escort=None, allow=None)
        if self.allow is not None and self.allow.minutes >= stage.least:
            stage = attrs.evolve(stage, allow=self.allow)
        return stage

    @property
    def least(self) -> int:
        """Return the shortest the stage can take, in minutes."""
        return comparable(self.length.least)

    @property
    def most(self) -> int:
        """Return what the clinic sets aside for the stage, in minutes."""
        if self.allow is not None:
            return self.allow.minutes
        return self.least if self.length.most is None else comparable(self.length.most)


@attrs.frozen(kw_only=True)
class Work(Rule):
    """What a place, staff or a pharmacy does around a visit without the person."""

    name: str
    length: ElapsedSpan
    needs: tuple[tuple[str, int], ...] = ()
    """Kinds of place or staff held meanwhile, with the units, beside what stages hold."""
    after_hours: bool = False
    """It may run while the clinic is closed."""
    visits: Ordinals = EACH

    def __attrs_post_init__(self) -> None:
        owner = f"{type(self).__name__.lower()} {self.name!r}"
        require_least(1, owner, "length", self.length.minutes)
        for kind, units in self.needs:
            require_least(1, owner, f"needs {kind}", units)


@attrs.frozen(kw_only=True)
class Preparation(Work):
    """Work that is done when a stage of the visit may first begin, such as mixing a drug."""

    before: str = ""
    """The stage; it runs beside those before it. Empty for the arrival."""


@attrs.frozen(kw_only=True)
class Cleaning(Work):
    """Work that begins when a stage of the visit has ended at the latest."""

    after: str = ""
    """The stage; empty for the discharge."""


@keeps_former
@attrs.frozen(kw_only=True)
class RideHome(Rule):
    """
    An escort must be free for the whole time in which the discharge can fall.

    A clinician's waiver, recorded in the course, replaces the escort.
    """

    stay_with: ElapsedSpan = ElapsedSpan(0)
    """How long the escort stays with the person after the discharge."""
    confirm_before: ElapsedSpan = ElapsedSpan(24 * 60)
    """A ride not confirmed so long before the visit puts the visit at risk."""


NEXT_DAY = "next day"


@attrs.frozen(kw_only=True)
class NoDriving(Rule):
    """
    No driving until the next calendar day, there until after a night's rest, or for real hours.

    Three published rules that differ: a date (``until = "next day"``), an act (the same with
    ``rest``) and a duration after the discharge (``until = "24 hours"``). A rest is over once the
    person had so long without a break between the discharge and the drive: what a commitment
    takes is no rest.

    Source:
        Esketamine's label: no driving until the next day after a restful sleep. How long a
        restful sleep is, it does not say.
    """

    until: str
    rest: ElapsedSpan | None = None
    """How long a night's rest is at least; only with ``next day``."""

    def __attrs_post_init__(self) -> None:
        owner = "no driving"
        if self.rest is not None:
            require_least(1, owner, "rest", self.rest.minutes)
        if self.until == NEXT_DAY:
            return
        if self.rest is not None:
            wanted = f"nothing where until is not {NEXT_DAY!r}"
            raise InvalidValue(owner, "rest", str(self.rest), wanted)
        try:
            elapsed_span(self.until)
        except InvalidValue:
            wanted = f"{NEXT_DAY!r} or a length such as '24 hours'"
            raise InvalidValue(owner, "until", repr(self.until), wanted) from None

    @property
    def hours(self) -> ElapsedSpan | None:
        """Return the duration; ``None`` where the rule is a date or an act."""
        return None if self.until == NEXT_DAY else elapsed_span(self.until)

    def over(self, leaves: datetime) -> date | datetime:
        """
        Return until when driving is barred; a night's rest has no hour, so it is the next date.

        Args:
            leaves: The latest discharge, told by the clinic's clock.
        """
        if self.hours is not None:
            return later_by(leaves, self.hours.delta)
        return leaves.date() + timedelta(days=1)


@attrs.frozen(kw_only=True)
class Fasting(Rule):
    """Nothing of this kind so long before a stage of the visit begins, or before the arrival."""

    what: str
    lead: ElapsedSpan
    before: str = ""
    """The stage it is counted from, as early as that may begin; empty for the arrival."""

    def __attrs_post_init__(self) -> None:
        require_least(1, f"fasting {self.what!r}", "lead", self.lead.minutes)


class NoticeUnit(enum.Enum):
    """What notice is counted in."""

    WORKING_DAYS = "working day"
    """Days on which the clinic is open; the day of asking does not count."""
    WORKING_HOURS = "working hour"
    """Hours in which the clinic is open."""
    HOURS = "hour"
    """Hours of real time."""


@attrs.frozen
class Notice:
    """How long before a visit it must be booked: ``2 working days``, ``24 hours``."""

    amount: int
    unit: NoticeUnit

    def __attrs_post_init__(self) -> None:
        require_least(1, "notice", "amount", self.amount)

    @classmethod
    def parse(cls, text: str) -> Notice:
        """Read ``2 working days``, ``8 working hours`` or ``24 hours``."""
        match = re.fullmatch(r"(\d{1,4}) (working day|working hour|hour)s?", text)
        if match is None:
            wanted = "such as '2 working days', '8 working hours' or '24 hours'"
            raise InvalidValue("notice", "text", repr(text), wanted)
        return cls(int(match[1]), NoticeUnit(match[2]))

    def __str__(self) -> str:
        return f"{self.amount} {self.unit.value}{'' if self.amount == 1 else 's'}"


@attrs.frozen(kw_only=True)
class CoMedication(Rule):
    """
    Another drug's place around a visit: given in a span, or barred in one.

    ``before`` and ``after`` are distances from the visit; ``barred`` turns "give between" into
    "not within".
    """

    name: str
    before: SpanRange | None = None
    after: SpanRange | None = None
    barred: bool = False
    visits: Ordinals = EACH


if not TYPE_CHECKING:  # a checker shall know the present names only
    __getattr__ = names_of(__name__)
