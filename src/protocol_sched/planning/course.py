"""From a course and real calendars to a plan: the whole road in one call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

import attrs

from protocol_sched.engine.candidates import Calendars, nights
from protocol_sched.engine.compiler import NOTHING, Compiled, compile_agenda
from protocol_sched.engine.horizon import MAX_DAYS, horizon
from protocol_sched.engine.lifting import lift
from protocol_sched.engine.solvers.exact import first_days, solve
from protocol_sched.engine.solvers.result import Result, Status, Unlike
from protocol_sched.errors import InvalidValue
from protocol_sched.expansion.agenda import agenda_of
from protocol_sched.expansion.walk import outline
from protocol_sched.judge.recording import refuse_impossible
from protocol_sched.judge.signing import signed
from protocol_sched.model.agenda import Agenda, FixedAt
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.course import Course, Event, Given, Pinned, Tested
from protocol_sched.model.explanation import Asked
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import FirstDate, Keep, Objective, Plan, Proof
from protocol_sched.planning.conflicts import conflicts

LOOK_AHEAD = timedelta(days=366)
"""How far beyond the last target or forecast a plan may look, unless told otherwise."""
EFFORT = 20_000_000
"""Solver steps after which an answer may stay unproved; about a minute on a laptop."""

_PROOFS = {
    Status.OPTIMAL: Proof.OPTIMAL,
    Status.INFEASIBLE: Proof.IMPOSSIBLE,
    Status.EFFORT_SPENT: Proof.NOT_PROVED,
}


def plan_course(
    course: Course,
    clinic: Clinic,
    person: Person,
    *,
    as_of: date,
    until: date | None = None,
    keep: Mapping[str, Keep] = NOTHING,
    calendars: Calendars | None = None,
    effort: int = EFFORT,
) -> Plan:
    """
    Place every visit still due so that all rules are kept, and prove that no plan is better.

    Better is, in this order: fewer days off target, fewer of the person's wishes unmet, an
    earlier last visit, earlier times of day. Ties are broken the same way every time. Where
    ``keep`` says how people know visits, three things come before these: fewer visits moved,
    fewer minutes moved in all, fewer rides changed.

    Args:
        course: The protocol with its history.
        clinic: Its zone is the zone of all times in the plan.
        person: With the escorts who can take them home.
        as_of: The date on which the plan is made; no visit is before it.
        until: The last date a visit may be on; by default the course's ``finish_by``, or a
            year beyond the last target or forecast.
        keep: How people know visits, by identity; those that are not due are passed over.
        calendars: Give one `Calendars` to calls that share a clinic or a person, and what they
            have in common is worked out once; a plan never depends on it.
        effort: Solver steps after which the search stops without a proof.

    Returns:
        A plan with a schedule and its proof; or without a schedule, with the smallest sets of
        rules that cannot all hold. No feasible plan is an answer, not an error.

    Raises:
        InvalidValue: ``as_of`` is not a date, or ``until`` lies before the first possible date.
        InvalidEvent: The history holds something that cannot have happened; see `record`.
        UnknownName: A rule of the protocol names something it does not have.
        InternalFault: The judge refuses the plan that was made, so that none is handed out.
    """
    compiled = compile_course(course, clinic, person, as_of, until, keep, calendars)
    return answer(compiled, solve(compiled.problem, effort), clinic)


def plan_agenda(
    agenda: Agenda,
    protocol: Protocol,
    clinic: Clinic,
    person: Person,
    *,
    first: date,
    until: date | None = None,
    keep: Mapping[str, Keep] = NOTHING,
    calendars: Calendars | None = None,
    effort: int = EFFORT,
) -> Plan:
    """Place the visits of an agenda from ``first`` on; see `plan_course`."""
    compiled = compile_within(agenda, protocol, clinic, person, first, until, keep, calendars)
    return answer(compiled, solve(compiled.problem, effort), clinic)


def best_courses(
    course: Course,
    clinic: Clinic,
    person: Person,
    *,
    as_of: date,
    count: int = 3,
    shared: int | None = None,
    until: date | None = None,
    calendars: Calendars | None = None,
    effort: int = EFFORT,
) -> tuple[Plan, ...]:
    """
    Return the best whole courses, each really different from those before it.

    The first is that of `plan_course`. Each further one is the best of all courses that have at
    most ``shared`` visits on the same date as each of those before it.

    Args:
        count: How many at the most.
        shared: By default half of the visits, rounded down.

    Returns:
        Plans with a schedule, best first, fewer than ``count`` if there are no more; or the one
        plan without a schedule that says why there is none.

    Raises:
        InvalidValue: ``count`` is not positive, or as for `plan_course`.
    """
    if count < 1:
        raise InvalidValue("best courses", "count", str(count), "1 or more")
    compiled = compile_course(course, clinic, person, as_of, until, NOTHING, calendars)
    visits = len(compiled.problem.items)
    unlike = Unlike((), visits // 2 if shared is None else shared)
    plans: list[Plan] = []
    while len(plans) < count:
        result = solve(compiled.problem, effort, unlike)
        if result.starts is None and plans:
            break
        plans.append(answer(compiled, result, clinic))
        if not result.starts:
            break
        ticks = [slot * compiled.problem.slot_minutes for slot in result.starts]
        days = tuple(compiled.horizon.day_of(tick) for tick in ticks)
        unlike = Unlike((*unlike.days, days), unlike.shared)
    return tuple(plans)


def first_dates(
    course: Course,
    clinic: Clinic,
    person: Person,
    *,
    as_of: date,
    until: date | None = None,
    calendars: Calendars | None = None,
    effort: int = EFFORT,
) -> tuple[FirstDate, ...]:
    """
    Return every date on which the first visit can be and the whole course still be placed.

    In one pass, with what the best course from each date costs. A date that is missing is one
    from which some later visit has no room.
    """
    compiled = compile_course(course, clinic, person, as_of, until, NOTHING, calendars)
    return tuple(
        FirstDate(
            day=compiled.horizon.date_of(one.day),
            deviation=one.deviation,
            preferences=one.preferences,
            finish=compiled.horizon.date_of(one.finish),
        )
        for one in first_days(compiled.problem, effort)
    )


def compile_course(
    course: Course,
    clinic: Clinic,
    person: Person,
    as_of: date,
    until: date | None,
    keep: Mapping[str, Keep] = NOTHING,
    calendars: Calendars | None = None,
    unrecorded: Iterable[Given] = (),
) -> Compiled:
    """
    Return a course as a problem of integers; arguments and errors as for `plan_course`.

    Visits ``unrecorded`` are taken to be given, and not judged as recorded ones are.
    """
    if not isinstance(as_of, date) or isinstance(as_of, datetime):
        raise InvalidValue("plan", "as_of", repr(as_of), "a date without a time")
    course = by_the_clock_of(clinic, course)
    found = outline(course, as_of)
    agenda = agenda_of(found)
    refuse_impossible(course, found, agenda)
    if taken := tuple(unrecorded):
        agenda = agenda_of(outline(course.after(taken), as_of))
    first = max(as_of, course.start or as_of)
    last = until or course.finish_by
    return compile_within(
        agenda, course.protocol_on(as_of), clinic, person, first, last, keep, calendars
    )


def compile_within(
    agenda: Agenda,
    protocol: Protocol,
    clinic: Clinic,
    person: Person,
    first: date,
    until: date | None,
    keep: Mapping[str, Keep] = NOTHING,
    calendars: Calendars | None = None,
) -> Compiled:
    """Compile an agenda for the dates from ``first`` to ``until`` or as far as it looks."""
    dues = [due for due in agenda.dues if not due.tentative]
    last = until or _look_ahead(first, (due.foreseen.day for due in dues if due.foreseen))
    if last < first:
        raise InvalidValue("plan", "last date", str(last), f"{first}, the first date, or later")
    kinds = {due.kind for due in dues}
    beyond = nights(clinic, [protocol.visit_type(kind) for kind in sorted(kinds)]) if until else 0
    stretch = horizon(clinic.zone, first, last, beyond)
    agenda = _at_the_clinic(agenda, clinic)
    return compile_agenda(agenda, protocol, clinic, person, stretch, keep, calendars)


def _at_the_clinic(agenda: Agenda, clinic: Clinic) -> Agenda:
    """Return the agenda with pins told by the clinic's clock, whatever zone they were noted in."""
    if not any(isinstance(rule, FixedAt) for rule in agenda.bindings):
        return agenda
    bindings = [
        attrs.evolve(rule, start=rule.start.astimezone(clinic.zone))
        if isinstance(rule, FixedAt)
        else rule
        for rule in agenda.bindings
    ]
    return attrs.evolve(agenda, bindings=bindings)


def by_the_clock_of(clinic: Clinic, course: Course) -> Course:
    """Return the course with its moments told by the clinic's clock, as its dates are."""

    def here(event: Event) -> Event:
        match event:
            case Given(start=datetime() as moment) | Pinned(start=moment):
                return attrs.evolve(event, start=moment.astimezone(clinic.zone))
            case Tested(at=datetime() as moment):
                return attrs.evolve(event, at=moment.astimezone(clinic.zone))
            case _:
                return event

    return attrs.evolve(course, events=map(here, course.events))


def _look_ahead(first: date, targets: Iterable[date]) -> date:
    return min(max([first, *targets]) + LOOK_AHEAD, first + timedelta(days=MAX_DAYS - 1))


def answer(compiled: Compiled, result: Result, clinic: Clinic, asked: Sequence[Asked] = ()) -> Plan:
    """
    Return a solver's result as a plan its judge signed, or as the rules that cannot all hold.

    Args:
        compiled: The course without what was asked for.
        asked: What was asked for beside the rules.

    Raises:
        InternalFault: The judge refuses the plan.
    """
    agenda, proof = compiled.agenda, _PROOFS[result.status]
    if result.starts is None:
        found = conflicts(compiled, asked) if proof is Proof.IMPOSSIBLE else ()
        return Plan(proof=proof, agenda=agenda, conflicts=found, work=result.work)
    objective = Objective(
        deviation=result.deviation,
        preferences=result.preferences,
        finish=compiled.horizon.date_of(result.finish) if result.starts else None,
        time_of_day=result.time_of_day,
        bound=result.bound,
        moved=result.change.moved,
        minutes_moved=result.change.minutes,
        rides_changed=result.change.rides,
    )
    schedule = lift(compiled, result.starts, clinic, result.options)
    plan = Plan(
        proof=proof, agenda=agenda, schedule=schedule, objective=objective, work=result.work
    )
    dates = compiled.horizon
    return signed(
        plan,
        compiled.protocol,
        compiled.clinic,
        compiled.person,
        first=dates.first,
        last=dates.last,
        keep=compiled.keep,
    )
