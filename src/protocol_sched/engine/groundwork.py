"""
What all of one compilation stands on: visits in order, who is free when, and the slot length.

Every time that is asked about is a whole number of slots, so the slots are as long as the rules,
the calendars and what people know let them be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

import attrs

from protocol_sched.engine.bitsets import bit
from protocol_sched.engine.candidates import (
    Calendars,
    Candidates,
    Holder,
    Shape,
    shape_of,
)
from protocol_sched.engine.held import stage_ranges
from protocol_sched.engine.horizon import Horizon
from protocol_sched.model.agenda import (
    Agenda,
    AtMost,
    Due,
    FixedAt,
    Gated,
    OfTwo,
    PastVisit,
    Rules,
    Spacing,
)
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.protocol import Protocol, VisitType
from protocol_sched.model.rules import Between
from protocol_sched.model.schedule import Keep
from protocol_sched.model.spans import ElapsedSpan


class Groundwork:
    """
    An agenda's visits in order, with the rules about each, on the calendars of one call.

    Visits of one shape share their sets.
    """

    def __init__(
        self,
        agenda: Agenda,
        protocol: Protocol,
        clinic: Clinic,
        person: Person,
        horizon: Horizon,
        keep: Mapping[str, Keep],
        calendars: Calendars,
    ) -> None:
        self.agenda, self.protocol, self.keep = agenda, protocol, keep
        self.clinic, self.person, self.horizon = clinic, person, horizon
        self.dues = _in_order(agenda)
        self.index = {due.id: n for n, due in enumerate(self.dues)}
        self.rules = _by_visit(agenda)
        self.calendars = calendars
        # Those of other courses that are equal are the very same, and soon found to be.
        self._kinds = {
            name: self._known(protocol.visit_type(name)) for name in {due.kind for due in self.dues}
        }
        self.shapes = tuple(self._shape(due, calendars) for due in self.dues)
        numbers = self._numbers(self.shapes)
        self.candidates = Candidates(clinic, person, horizon, numbers, calendars, agenda.as_of)
        self.slots = self.candidates.slots
        self._holders: dict[Shape, tuple[Holder, ...]] = {}

    def _shape(self, due: Due, calendars: Calendars) -> Shape:
        kind = self._kinds[due.kind]
        escorted = kind.ride_home is not None and due.id not in self.agenda.waived
        return shape_of(kind, due.type_ordinal, escorted, calendars)

    def _known(self, kind: VisitType) -> VisitType:
        return self.calendars.once("kind", (kind,), lambda: kind)

    def _numbers(self, shapes: Iterable[Shape]) -> Iterator[int]:
        """Yield numbers of minutes that are all whole numbers of slots."""
        for shape in set(shapes):
            for _, start, start_by, end, end_by in stage_ranges(shape.stages):
                yield from (start, start_by, end, end_by)
            if shape.kind.ride_home is not None:
                yield shape.kind.ride_home.stay_with.minutes
            yield shape.no_driving or 0
            yield shape.rest or 0
            for task in shape.tasks:
                yield from (task.start, task.end)
        for due in self.dues:
            if due.id in self.keep:
                yield self.horizon.tick(self.keep[due.id].start)
        for binding in self.agenda.bindings:
            match binding:
                case FixedAt():
                    yield self.horizon.tick(binding.start)
                case Spacing():
                    target = binding.target
                    ends = (target.least, target.most) if target else ()
                    for length in (binding.least, binding.most, *ends):
                        if isinstance(length, ElapsedSpan):
                            yield length.minutes
                    # A limit from a visit already given is rounded to slots, a target is not, and
                    # nor is a limit that is broken: how far outside it a visit is counts.
                    if isinstance(binding.earlier, PastVisit) and any(
                        isinstance(end, ElapsedSpan)
                        for end in (*ends, binding.most if binding.broken else None)
                    ):
                        for moment in (binding.earlier.start, binding.earlier.end):
                            yield self.horizon.tick(moment) if moment else 0
                case Gated():
                    for length in (binding.least, binding.most):
                        if isinstance(length, ElapsedSpan):
                            yield length.minutes
                case _:
                    pass

    def length(self, n: int) -> int:
        """Return the longest that a visit can take, in slots."""
        return self.shapes[n].most // self.slots.minutes

    def counted(self, binding: AtMost) -> list[str | PastVisit]:
        """Return the visits a cap counts, without those that are only tentative."""
        return [
            visit for visit in binding.visits if isinstance(visit, PastVisit) or visit in self.index
        ]

    def own_holders(self, due: Due, shape: Shape) -> tuple[Holder, ...]:
        """Return who and what a visit could have; not an escort where they declined."""
        keep = self.keep.get(due.id)
        if keep is None or not keep.declined:
            if shape not in self._holders:
                self._holders[shape] = self.candidates.holders(shape)
            return self._holders[shape]
        slot = self.horizon.tick(keep.start) // self.slots.minutes
        return tuple(
            attrs.evolve(holder, starts=holder.starts & ~bit(slot))
            if holder.kind == "escort" and holder.name in keep.declined
            else holder
            for holder in self.candidates.holders(shape)
        )

    # --- moments in ticks and slots --------------------------------------------------------------

    def midnight(self, day: date, after: int = 0) -> int:
        """Return the slot with which a date begins, cut to the horizon."""
        number = self.horizon.number_of(day) + after
        return self.slots.starts[min(max(number, 0), self.horizon.days)]

    def past_moments(self, past: PastVisit, between: Between) -> tuple[int, int]:
        """
        Return the first and last tick at which the past visit can have been.

        A visit without a time is read carefully: the last minute of its date for a least
        distance, the first for a most.
        """
        moment = past.end if between is Between.END_AND_START else past.start
        if moment is not None:
            tick = self.horizon.tick(moment)
            return tick, tick
        zone = self.clinic.zone
        opens = datetime(past.on.year, past.on.month, past.on.day, tzinfo=zone)
        after = past.on + timedelta(days=1)
        ends = datetime(after.year, after.month, after.day, tzinfo=zone)
        return self.horizon.tick(opens), self.horizon.tick(ends)


def _by_visit(agenda: Agenda) -> dict[str, list[Rules]]:
    """Return for each visit the rules that say where it may be, in the agenda's order."""
    rules: dict[str, list[Rules]] = {due.id: [] for due in agenda.dues}
    for binding in agenda.bindings:
        for visit in (binding.dated,) if binding.dated is not None else binding.about:
            if isinstance(visit, str):
                rules[visit].append(binding)
    return rules


def _in_order(agenda: Agenda) -> tuple[Due, ...]:
    """Return the dues so that each comes after all that a rule measures it from."""
    waiting = [due for due in agenda.dues if not due.tentative]
    after: dict[str, set[str]] = {due.id: set() for due in waiting}
    known = {due.id for due in agenda.dues}
    for binding in agenda.bindings:
        match binding:
            case OfTwo(earlier=str(name), later=later) if later in after and name in known:
                # A tentative visit is not placed, nor one left out: their rules bind nothing.
                after[later].add(name)
            case _:
                pass
    ordered: list[Due] = []
    placed: set[str] = set()
    while waiting:
        ready = next((due for due in waiting if after[due.id] <= placed), waiting[0])
        waiting.remove(ready)
        ordered.append(ready)
        placed.add(ready.id)
    return tuple(ordered)
