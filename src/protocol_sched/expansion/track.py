"""The visits of a course laid out so far: what each later rule can be measured from."""

from __future__ import annotations

import enum
import functools
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from types import MappingProxyType

import attrs

from protocol_sched.expansion.forecast import NOON, Bounds, Calendar, Edge
from protocol_sched.expansion.history import History, as_given
from protocol_sched.expansion.wording import Where
from protocol_sched.model.agenda import Need, Overruled, PastVisit, Question, Rules, Spacing
from protocol_sched.model.availability import Clinic
from protocol_sched.model.course import Course, Given
from protocol_sched.model.protocol import Phase
from protocol_sched.model.rules import LateTable, Tier
from protocol_sched.model.spans import CalendarSpan, MonthEnd

UNPLANNED: Mapping[str, datetime] = MappingProxyType({})
"""No visit is taken to be at the time it is planned for."""


class Role(enum.Enum):
    """Why a treatment visit is in the course."""

    REGULAR = "regular"
    EXTRA = "extra"
    """Added by a late table, between two regular visits."""
    INSERTED = "inserted"
    """Added by an adaptation; the dates of the others do not depend on it."""
    UNPLANNED = "unplanned"
    """Given though nobody had planned it; the visits behind it count from it."""
    UNPLANNED_BESIDE = "unplanned beside"
    """The same, but the others keep their dates and only their least distances from it."""


@attrs.frozen
class Position:
    """A place in a phase's own time: the cycle, and the step inside it, both from 1."""

    cycle: int
    step: int


@attrs.frozen
class Origin:
    """What the next targets of a phase depend on, and where in the phase's time that is."""

    where: Where
    position: Position
    after: CalendarSpan = CalendarSpan()
    """How long after ``where`` that place is."""


@attrs.frozen(kw_only=True)
class Turn:
    """One treatment visit of a course, before it has a date."""

    id: str
    phase: Phase
    """Its cadence is the one that holds for this visit."""
    number: int
    """Its number in the phase, from 1, cycles and restarts counted on."""
    place: int
    """Its number in this run of the phase, which the phase's rules speak of."""
    run: int
    """How many runs of phases were begun before; a restart or a step back begins one."""
    position: Position
    role: Role = Role.REGULAR
    first: bool = False
    """The first of its run."""
    asap: bool = False
    """Begins a restart: due as soon as the rules allow."""
    tentative: bool = False
    awaiting: bool = False
    """Tentative because a score is missing, which a visit before it may bring."""

    @property
    def unplanned(self) -> bool:
        """Tell whether nobody had planned it: no number of the protocol's counts it."""
        return self.role in (Role.UNPLANNED, Role.UNPLANNED_BESIDE)


@attrs.frozen(kw_only=True)
class Effect:
    """What a late visit does to the ones after it."""

    table: LateTable
    tier: Tier


@attrs.frozen(kw_only=True)
class Laid:
    """A treatment visit with its rules and its date: given, forecast, or neither."""

    turn: Turn
    title: str
    type_ordinal: int
    rules: tuple[Rules, ...]
    soft: tuple[Rules, ...] = ()
    """Rules that do not bind a plan; a date outside them is an exception to be reported."""
    stated: Bounds
    """What the rules alone say, wherever today is."""
    bounds: Bounds
    """The same with today, the start of the course and lateness in view."""
    past: PastVisit | None = None
    tries: tuple[PastVisit, ...] = ()
    """Doses of this visit that did not count."""
    omitted: bool = False
    deferred: bool = False
    """A clinician put it off, and what comes after it with it."""
    day: date | None
    """The date given or forecast."""
    clock: int = NOON
    """Minutes after midnight at which the forecast has it."""
    original: Where
    """Its place among the original dates as first laid out."""
    due_by: date | None = None
    """The last date of its target; one day later it is late."""
    late: Effect | Question | None = None
    """What the protocol says about its lateness, if it is late."""
    effect: Effect | None = None
    """The part of that which the next visits still follow."""
    unsettled: bool = False
    """A question is open, and the visits after it depend on the answer."""
    overdue_since: date | None = None
    """The last date it should have been on, where that has passed."""
    tentative: bool = False
    open: str = ""
    """The question its dates depend on, by identity, while nobody has answered it."""
    needs: tuple[Need, ...] = ()
    written: tuple[Rules, ...] = ()
    """Its rules as the protocol writes them, none of them over because time has passed."""
    gating: tuple[Rules, ...] = ()
    """For a visit given: the distances from what had to come before it."""
    overruled: tuple[Overruled, ...] = ()
    """Rules that a pin overrules; they are none of ``rules``."""
    guarded: Bounds = Bounds()
    """What the visits of gates that are still due leave it."""

    @property
    def overdue(self) -> bool:
        """Tell whether its last date has passed."""
        return self.overdue_since is not None

    @property
    def where(self) -> Where:
        """Return the visit as a place to measure from."""
        return self.turn.id if self.past is None else self.past


@attrs.frozen(kw_only=True)
class Aside:
    """A visit beside the treatment visits: one of the protocol's other visits, or a gate's."""

    id: str
    kind: str
    run: str
    """The other visit or gate it belongs to."""
    ordinal: int
    rules: tuple[Rules, ...]
    bounds: Bounds
    stated: Bounds = Bounds()
    """What the rules alone say, wherever today is."""
    past: PastVisit | None = None
    overdue: bool = False
    tentative: bool = False
    written: tuple[Rules, ...] = ()
    """Its rules as the protocol writes them, none of them over because time has passed."""
    soft: tuple[Rules, ...] = ()
    """Rules that do not bind a plan; a date outside them is an exception to be reported."""
    clock: int = 0
    """Minutes after midnight at which the forecast has it; 0 where no rule in hours says it."""
    overruled: tuple[Overruled, ...] = ()
    """Rules that a pin overrules; they are none of ``rules``."""

    @property
    def foreseen(self) -> date | None:
        """Return the date given or forecast."""
        if self.past is not None:
            return self.past.on
        edge = self.bounds.target or self.bounds.earliest
        return None if edge is None else edge.day


@attrs.frozen
class Behind:
    """What visits that come before the treatment they are measured from ask of it."""

    rules: tuple[Spacing, ...] = ()
    """How far it comes after those that were given."""
    settled: tuple[Spacing, ...] = ()
    """The same after those fixed to a moment: they say its dates, and bind from their own end."""
    not_before: Edge | None = None
    """The first date that those still due leave it."""
    aimed: Edge | None = None
    """The first date on which all of those can be on target."""


NOTHING_BEFORE: Mapping[str, Behind] = MappingProxyType({})


@attrs.frozen(kw_only=True)
class Track:
    """Everything a rule of the next visit can look at."""

    course: Course
    history: History
    as_of: date
    floor: date
    """The first date on which a visit still due may be."""
    month_end: MonthEnd
    laid: tuple[Laid, ...] = ()
    origin: Origin | None = None
    course_run: int = 0
    """The first run since the course was last restarted."""
    planned: Mapping[str, datetime] = UNPLANNED
    """When visits still due are planned, by identity: what follows is laid out from there."""
    given_way: frozenset[str] = frozenset()
    """Planned visits whose limits give way as they do once they have passed."""

    behind: Mapping[str, Behind] = NOTHING_BEFORE
    """What visits measured from a visit that they come before ask of it, by its identity."""
    clinic: Clinic | None = None
    """Whose closed days count, where one is known."""
    asides: tuple[Aside, ...] = ()
    """The visits beside the treatments that others can depend on."""

    @functools.cached_property
    def real(self) -> tuple[Laid, ...]:
        """Return the visits of the sequence that were not left out."""
        beside = (Role.INSERTED, Role.UNPLANNED_BESIDE)
        return tuple(
            laid for laid in self.laid if not laid.omitted and laid.turn.role not in beside
        )

    @functools.cached_property
    def foreseen(self) -> tuple[Laid, ...]:
        """Return the visits laid out that the protocol has, those left out too."""
        return tuple(laid for laid in self.laid if not laid.turn.unplanned)

    @property
    def effect(self) -> Effect | None:
        """Return what the last regular visit's lateness says, past the extras it added."""
        for laid in reversed(self.real):
            if laid.turn.role is Role.REGULAR:
                return laid.effect
        return None

    def behind_of(self, visit: str) -> Behind:
        """Return what visits that come before one ask of it; one that is fixed is not forecast."""
        behind = self.behind.get(visit, Behind())
        if visit not in self.history.pins:
            return behind
        return attrs.evolve(behind, not_before=None, aimed=None)

    def fixed_at(self, visit: str) -> datetime | None:
        """Return the moment that a visit still due is planned for or fixed to."""
        pin = self.history.pins.get(visit)
        return self.planned.get(visit, None if pin is None else pin.start)

    def _fixed(self) -> Iterator[tuple[str, PastVisit]]:
        """Yield the visits that are planned for a moment or fixed to it, as if given then."""
        pins = {visit: pin.start for visit, pin in self.history.pins.items()}
        moments = {**pins, **self.planned}
        for laid in self.laid if moments else ():
            start = moments.get(laid.turn.id)
            if start is not None and laid.day == start.date() and laid.past is None:
                kind = self.course.protocol.visit_type(laid.turn.phase.visit)
                given = Given(visit=laid.turn.id, on=laid.day, start=start)
                yield laid.turn.id, as_given(given, laid.title, kind, laid.type_ordinal)
        for one in self.asides if moments else ():
            start = moments.get(one.id)
            if start is not None and one.foreseen == start.date() and one.past is None:
                kind = self.course.protocol.visit_type(one.kind)
                given = Given(visit=one.id, on=one.foreseen, start=start)
                yield one.id, as_given(given, one.kind, kind)

    @functools.cached_property
    def calendar(self) -> Calendar:
        """Return the dates of the visits laid out so far."""
        days = {laid.turn.id: laid.day for laid in self.laid if not laid.omitted}
        bounds = {laid.turn.id: laid.bounds for laid in self.laid}
        clocks = {laid.turn.id: laid.clock for laid in self.laid if laid.clock != NOON}
        for one in self.asides:
            days[one.id], bounds[one.id] = one.foreseen, one.bounds
            if one.clock:
                clocks[one.id] = one.clock
        return Calendar(
            days=days,
            floors={
                visit: found.earliest.day
                for visit, found in bounds.items()
                if found.earliest is not None
            },
            ceilings={
                visit: found.latest.day
                for visit, found in bounds.items()
                if found.latest is not None
            },
            clocks=clocks,
            fixed=dict(self._fixed()),
            month_end=self.month_end,
            clinic=self.clinic,
        )


Tries = tuple[PastVisit, ...]
"""Doses of one visit that were given and did not count, in order."""
Item = Rules | Question
"""What a cadence says about a visit: rules, and questions where its source is silent."""
