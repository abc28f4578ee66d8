"""
All courses of a clinic planned together, with a bound on how much better any plan could be.

Courses whose rules count days are planned at once; those with rules in hours, or with wishes about
the whole course, come first, one after another. Every plan is signed by the judge of a course, and
all of them together by the judge of the clinic.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

import attrs

from protocol_sched.clinic.courses import Case, Held, booked, held_by
from protocol_sched.clinic.intake import Intake, intake
from protocol_sched.clinic.loads import Held as Placement
from protocol_sched.clinic.loads import Loads
from protocol_sched.clinic.search import Placed
from protocol_sched.clinic.seats import seats
from protocol_sched.clinic.together import STANDARD, Effort, Report, together
from protocol_sched.engine.candidates import Calendars
from protocol_sched.engine.compiler import Compiled
from protocol_sched.engine.problem import Allowed
from protocol_sched.engine.solvers.budget import Budget
from protocol_sched.engine.solvers.exact import solve
from protocol_sched.engine.solvers.result import Result
from protocol_sched.errors import InternalFault, InvalidValue
from protocol_sched.judge.clinic import Beside, clinic_violations
from protocol_sched.model import causes
from protocol_sched.model.agenda import Agenda
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.changes import Change
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Plan, Proof
from protocol_sched.model.typed import typed
from protocol_sched.planning.course import EFFORT, answer, compile_within
from protocol_sched.planning.replan import Prepared, prepare


@attrs.frozen(kw_only=True, field_transformer=typed)
class ClinicPlan:
    """A plan for every course of a clinic, and how good it is."""

    plans: tuple[Plan, ...]
    """In the order of the courses. One without a schedule says what stands in its way, beside all
    the others as they are."""
    changes: tuple[tuple[Change, ...], ...]
    """For each course what becomes of each visit people know of, or do not know of yet."""
    bound: int
    """Days off target that no plan of all these courses can be under."""
    rounds: int
    """How often the bound's prices changed."""
    moves: int
    """How often courses were taken out and put back."""

    @property
    def unplaced(self) -> tuple[str, ...]:
        """Return the keys of the courses without a plan."""
        return tuple(plan.agenda.course for plan in self.plans if plan.schedule is None)

    @property
    def deviation(self) -> int:
        """Return the days off target of all courses with a plan together."""
        return sum(plan.objective.deviation for plan in self.plans if plan.objective is not None)

    @property
    def gap(self) -> int | None:
        """Return how many days off target a better plan could save at most; 0 is proved best.

        ``None`` where a course has no plan.
        """
        return None if self.unplaced else self.deviation - self.bound


@attrs.frozen(kw_only=True, field_transformer=typed)
class Ask:
    """An agenda to be planned beside others, as for `plan_agenda`."""

    agenda: Agenda
    protocol: Protocol
    person: Person
    first: date
    until: date | None = None


def plan_clinic(
    cases: Iterable[Case],
    clinic: Clinic,
    *,
    as_of: date,
    now: datetime | None = None,
    seed: int = 1,
    effort: Effort = STANDARD,
    report: Report | None = None,
    calendars: Calendars | None = None,
) -> ClinicPlan:
    """
    Plan all courses of a clinic together: as many as possible whole, then the least change for
    people who know their visits, then the fewest days off target.

    Args:
        cases: Each person has one course. What is pinned stays; what people were told of moves
            only where it must.
        clinic: Its bookings are those of others, not of these courses.
        as_of: Today at the clinic.
        now: As for `replan_course`.
        seed: Another number leads the search elsewhere. The same one gives the same plan.
        effort: Counted steps.
        report: Told how far it has come, and asked whether to go on.
        calendars: As for `plan_course`.

    Returns:
        A plan for each course, in their order, with a bound. A course without a plan is an
        answer, not an error.

    Raises:
        InvalidValue: Two courses have the same key, or there is none.
        InvalidEvent, UnknownName: As for `plan_course`.
        InternalFault: A judge refuses a plan that was made.
    """
    kept = Calendars(256) if calendars is None else calendars
    seekers = [_OfCase(case, clinic, as_of, now, kept) for case in cases]
    return _planned(seekers, clinic, seed, effort, report)


def plan_agendas(
    asks: Iterable[Ask],
    clinic: Clinic,
    *,
    seed: int = 1,
    effort: Effort = STANDARD,
    report: Report | None = None,
    calendars: Calendars | None = None,
) -> ClinicPlan:
    """Plan agendas of one clinic together; see `plan_clinic`."""
    kept = Calendars(256) if calendars is None else calendars
    seekers = [_OfAgenda(ask, clinic, kept) for ask in asks]
    return _planned(seekers, clinic, seed, effort, report)


# --- one course among others -------------------------------------------------------------------


class _Seeker:
    """A course that is planned beside others."""

    compiled: Compiled
    protocol: Protocol
    person: Person

    def beside(self, clinic: Clinic) -> Compiled:
        """Return the course compiled for what others have left of the clinic."""
        raise NotImplementedError

    def answer(
        self, compiled: Compiled, result: Result, clinic: Clinic
    ) -> tuple[Plan, tuple[Change, ...]]:
        """Return the signed plan and what changes."""
        raise NotImplementedError


class _OfAgenda(_Seeker):
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

    def answer(
        self, compiled: Compiled, result: Result, clinic: Clinic
    ) -> tuple[Plan, tuple[Change, ...]]:
        return answer(compiled, result, clinic, budget=Budget(EFFORT)), ()


class _OfCase(_Seeker):
    def __init__(
        self,
        case: Case,
        clinic: Clinic,
        as_of: date,
        now: datetime | None,
        calendars: Calendars,
    ) -> None:
        self.case, self.as_of, self.now, self.calendars = case, as_of, now, calendars
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

    def answer(
        self, compiled: Compiled, result: Result, clinic: Clinic
    ) -> tuple[Plan, tuple[Change, ...]]:
        done = attrs.evolve(self.prepared, compiled=compiled).replan(result=result)
        return done.plan, done.changes


# --- all of them -------------------------------------------------------------------------------


def _planned(
    seekers: Sequence[_Seeker], clinic: Clinic, seed: int, effort: Effort, report: Report | None
) -> ClinicPlan:
    keys = [one.compiled.agenda.course for one in seekers]
    for key in keys:
        if keys.count(key) > 1:
            raise InvalidValue("clinic", "courses", f"{key!r} twice", "each course once")
    if not keys:
        return ClinicPlan(plans=(), changes=(), bound=0, rounds=0, moves=0)
    answers: dict[int, tuple[Plan, tuple[Change, ...]]] = {}
    held: dict[int, tuple[Held, ...]] = {}
    whole = intake([one.compiled for one in seekers], clinic)
    # First those that are no chains, one after another, so that all others fit around them.
    alone = [n for n, chain in enumerate(whole.chains) if chain is None]
    for n in alone:
        _one_more(n, seekers[n], clinic, answers, held)
    base = whole
    if held:
        around = booked(clinic, (one for each in held.values() for one in each))
        chained = [one.compiled for one in seekers]
        again = intake(chained, around)
        whole = attrs.evolve(
            again, chains=[None if n in alone else one for n, one in enumerate(again.chains)]
        )
    places = len({place.kind for place in clinic.places})
    work = together(whole, base, keys, places=places, seed=seed, effort=effort, report=report)
    names = seats(
        work.loads,
        {n: one.visits for n, one in sorted(work.placed.items())},
        _known(seekers, work.placed),
    )
    late = []
    for n, one in sorted(work.placed.items()):
        chosen = _answer(seekers[n], whole, n, one.visits, names, clinic, work.loads)
        if chosen is None:
            late.append(n)
        else:
            answers[n] = chosen
            held[n] = _held_of(answers[n][0], seekers[n], clinic)
    # Last those whose own dates change their rules, and those that found no room.
    missing = [n for n in range(len(keys)) if n not in answers and n not in late]
    for n in (*late, *missing):
        _one_more(n, seekers[n], clinic, answers, held)
    plans = tuple(answers[n][0] for n in range(len(keys)))
    _judged(plans, seekers, clinic)
    return ClinicPlan(
        plans=plans,
        changes=tuple(answers[n][1] for n in range(len(keys))),
        bound=work.bound,
        rounds=work.rounds,
        moves=work.moves,
    )


def _one_more(
    n: int,
    seeker: _Seeker,
    clinic: Clinic,
    answers: dict[int, tuple[Plan, tuple[Change, ...]]],
    held: dict[int, tuple[Held, ...]],
) -> None:
    """Plan one course around all that others hold."""
    around = booked(clinic, (one for m, each in held.items() if m != n for one in each))
    compiled = seeker.beside(around)
    result = solve(compiled.problem, Budget(EFFORT))
    plan, changes = seeker.answer(compiled, result, around)
    answers[n] = plan, changes
    if plan.schedule is not None:
        held[n] = _held_of(plan, seeker, clinic)


def _held_of(plan: Plan, seeker: _Seeker, clinic: Clinic) -> tuple[Held, ...]:
    visits = plan.schedule.visits if plan.schedule is not None else ()
    return held_by(visits, seeker.protocol, clinic)


def _known(
    seekers: Sequence[_Seeker], placed: Mapping[int, Placed]
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


def _answer(
    seeker: _Seeker,
    whole: Intake,
    n: int,
    visits: Sequence[Placement],
    names: Mapping[tuple[int, int, int], str],
    clinic: Clinic,
    loads: Loads,
) -> tuple[Plan, tuple[Change, ...]] | None:
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


def _judged(plans: Sequence[Plan], seekers: Sequence[_Seeker], clinic: Clinic) -> None:
    """
    Let the judge of the clinic look at all plans together.

    Raises:
        InternalFault: It finds something.
    """
    found = clinic_violations(
        (
            Beside(
                agenda=plan.agenda,
                schedule=plan.schedule,
                protocol=seeker.protocol,
                person=seeker.person,
            )
            for plan, seeker in zip(plans, seekers, strict=True)
            if plan.schedule is not None
        ),
        clinic,
    )
    if found:
        raise InternalFault("all of the clinic", found, "")
