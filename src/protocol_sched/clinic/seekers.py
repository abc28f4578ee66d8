"""Courses that are planned beside others: asked again with less room, and answered when placed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import attrs

from protocol_sched.clinic.courses import Case, Held, booked, held_by
from protocol_sched.clinic.intake import Intake
from protocol_sched.clinic.loads import Held as Placement
from protocol_sched.clinic.loads import Loads
from protocol_sched.clinic.search import Placed
from protocol_sched.engine.candidates import Calendars
from protocol_sched.engine.compiler import Compiled
from protocol_sched.engine.problem import Allowed
from protocol_sched.engine.solvers.budget import Budget
from protocol_sched.engine.solvers.exact import solve
from protocol_sched.engine.solvers.result import Result
from protocol_sched.errors import InvalidValue
from protocol_sched.model import causes
from protocol_sched.model.agenda import Agenda
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.changes import Change
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Plan, Proof
from protocol_sched.model.typed import typed
from protocol_sched.planning.course import EFFORT, answer, compile_within
from protocol_sched.planning.replan import Prepared, prepare

Answer = tuple[Plan, tuple[Change, ...]]
"""The signed plan of a course, and what changes for those who know of it."""


@attrs.frozen(kw_only=True, field_transformer=typed)
class Ask:
    """An agenda to be planned beside others, as for `plan_agenda`."""

    agenda: Agenda
    protocol: Protocol
    person: Person
    first: date
    until: date | None = None


class Seeker(ABC):
    """A course that is planned beside others."""

    compiled: Compiled
    protocol: Protocol
    person: Person

    @abstractmethod
    def beside(self, clinic: Clinic) -> Compiled:
        """Return the course compiled for what others have left of the clinic."""

    @abstractmethod
    def answer(self, compiled: Compiled, result: Result, clinic: Clinic) -> Answer:
        """Return the signed plan and what changes."""

    def holds(self, plan: Plan, clinic: Clinic) -> tuple[Held, ...]:
        """Return what the visits of its plan hold of the clinic."""
        visits = plan.schedule.visits if plan.schedule is not None else ()
        return held_by(visits, self.protocol, clinic)


class OfAgenda(Seeker):
    def __init__(self, ask: Ask, clinic: Clinic, calendars: Calendars) -> None:
        self.ask, self.calendars = ask, calendars
        self.protocol, self.person = ask.protocol, ask.person
        self.compiled = self.beside(clinic)

    def beside(self, clinic: Clinic) -> Compiled:
        ask = self.ask
        return compile_within(
            ask.agenda,
            ask.protocol,
            clinic,
            ask.person,
            ask.first,
            ask.until,
            calendars=self.calendars,
        )

    def answer(self, compiled: Compiled, result: Result, clinic: Clinic) -> Answer:
        return answer(compiled, result, clinic, budget=Budget(EFFORT)), ()


class OfCase(Seeker):
    def __init__(
        self,
        case: Case,
        clinic: Clinic,
        as_of: date,
        now: datetime | None,
        calendars: Calendars,
    ) -> None:
        self.case, self.as_of, self.now, self.calendars = case, as_of, now, calendars
        self.clinic = clinic
        self.protocol, self.person = case.course.protocol_on(as_of), case.person
        self.prepared = self._prepared(clinic)
        self.compiled = self.prepared.compiled

    def _prepared(self, clinic: Clinic) -> Prepared:
        return prepare(
            self.case.course,
            clinic,
            self.case.person,
            as_of=self.as_of,
            now=self.now,
            calendars=self.calendars,
        )

    def beside(self, clinic: Clinic) -> Compiled:
        self.prepared = self._prepared(clinic)
        return self.prepared.compiled

    def answer(self, compiled: Compiled, result: Result, clinic: Clinic) -> Answer:
        done = attrs.evolve(self.prepared, compiled=compiled).replan(result=result)
        return done.plan, done.changes


def each_once(seekers: Sequence[Seeker]) -> list[str]:
    """
    Return the keys of courses.

    Raises:
        InvalidValue: Two are the same.
    """
    keys = [one.compiled.agenda.course for one in seekers]
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise InvalidValue("clinic", "courses", f"{key!r} twice", "each course once")
        seen.add(key)
    return keys


def one_more(
    n: int,
    seeker: Seeker,
    clinic: Clinic,
    answers: dict[int, Answer],
    held: dict[int, tuple[Held, ...]],
) -> None:
    """Plan one course around all that others hold, and note its answer and what it holds."""
    around = booked(clinic, (one for m, each in held.items() if m != n for one in each))
    compiled = seeker.beside(around)
    result = solve(compiled.problem, Budget(EFFORT))
    plan, changes = seeker.answer(compiled, result, around)
    answers[n] = plan, changes
    held.pop(n, None)
    if plan.schedule is not None:
        held[n] = seeker.holds(plan, clinic)


def known_places(
    seekers: Sequence[Seeker], placed: Mapping[int, Placed]
) -> dict[tuple[int, int], tuple[str, ...]]:
    """Return the places that people know visits to have."""
    found: dict[tuple[int, int], tuple[str, ...]] = {}
    for n in placed:
        compiled = seekers[n].compiled
        for visit, due in enumerate(compiled.dues):
            keep = compiled.keep.get(due.id)
            if keep is not None:
                found[n, visit] = tuple(name for _, name in keep.places)
    return found


def answer_at(
    seeker: Seeker,
    whole: Intake,
    n: int,
    visits: Sequence[Placement],
    names: Mapping[tuple[int, int, int], str],
    clinic: Clinic,
    loads: Loads,
) -> Answer | None:
    """Return the plan of a course at the starts found; ``None`` if its own dates forbid it."""
    compiled, axis = seeker.compiled, whole.axis
    problem = compiled.problem
    ratio = problem.slot_minutes // axis.minutes
    shift = (compiled.horizon.first - axis.horizon.first).days
    fixed, told, holders = [], [], []
    chain = whole.chains[n]
    for visit, held in enumerate(visits):
        slot = problem.day_slots[held.day - shift] + axis.slot(held.start) // ratio
        item = problem.items[visit]
        here = Allowed(1 << slot, causes.PlacesTaken(""))
        fixed.append(attrs.evolve(item, slots=(*item.slots, here)))
        # Why it moved is asked of the place that people know.
        known = chain.stops[visit].known if chain is not None else None
        if known is not None and known[1] and item.announced is not None:
            kind = loads.short_of(held.profile, *known)
            if kind is not None:
                name = whole.kinds[kind]
                places = {place.kind for place in clinic.places}
                cause = causes.PlacesTaken(name) if name in places else causes.StaffTaken(name)
                taken = Allowed(
                    ((1 << problem.day_slots[-1]) - 1) ^ 1 << item.announced.slot, cause
                )
                item = attrs.evolve(item, slots=(*item.slots, taken))
        told.append(item)
        needs = whole.profiles[held.profile].needs
        own = {
            whole.kinds[need.kind]: names[n, visit, k]
            for k, need in enumerate(needs)
            if (n, visit, k) in names
        }
        holders.append(
            tuple(one for one in compiled.holders[visit] if own.get(one.kind, one.name) == one.name)
        )
    result = solve(attrs.evolve(problem, items=tuple(fixed)), Budget(EFFORT))
    if result.starts is None:
        return None
    as_told = attrs.evolve(problem, items=tuple(told))
    placed = attrs.evolve(compiled, problem=as_told, holders=tuple(holders))
    plan, changes = seeker.answer(placed, result, clinic)
    if plan.schedule is None or plan.rests_on:
        return None
    costs = plan.objective and attrs.evolve(plan.objective, bound=0)
    return attrs.evolve(plan, proof=Proof.NOT_PROVED, objective=costs), changes
