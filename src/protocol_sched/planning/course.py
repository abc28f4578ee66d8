"""From a course and real calendars to a plan: the whole road in one call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cached_property

import attrs

from protocol_sched.engine.candidates import Calendars, nights
from protocol_sched.engine.compiler import NOTHING, Compiled, compile_agenda
from protocol_sched.engine.horizon import MAX_DAYS, horizon
from protocol_sched.engine.lifting import lift
from protocol_sched.engine.solvers.budget import Budget
from protocol_sched.engine.solvers.exact import first_days, solve
from protocol_sched.engine.solvers.result import FirstDays, Result, Status, Unlike
from protocol_sched.errors import InvalidValue
from protocol_sched.expansion.agenda import agenda_of
from protocol_sched.expansion.outline import outline
from protocol_sched.expansion.track import UNPLANNED
from protocol_sched.judge.recording import refuse_impossible
from protocol_sched.judge.signing import signed
from protocol_sched.model.agenda import WAITING, Agenda, FixedAt, PastVisit, Spacing
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.causes import Asked
from protocol_sched.model.checks import need_a, need_date
from protocol_sched.model.course import Course, Given, by_the_clock_of
from protocol_sched.model.last_notice import lapsed_visits, last_notices, unrecorded_visits
from protocol_sched.model.objective import ORDER, Level, Objective, ordered
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import FirstDate, FirstDates, Keep, Plan, Proof
from protocol_sched.model.team import check_ratios
from protocol_sched.planning.conflicts import conflicts
from protocol_sched.planning.cutting import shown
from protocol_sched.planning.declined import without_declined
from protocol_sched.planning.fitting import fits
from protocol_sched.planning.notice import with_notice
from protocol_sched.planning.settling import Settled, Times, settled

LOOK_AHEAD = timedelta(days=366)
"""How far beyond the last target or forecast a plan may look, unless told otherwise."""
EFFORT = 20_000_000
"""Steps of all parts of one call, after which its answer may stay unproved: about a minute on a
laptop at worst. See `Budget`."""

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
    order: Iterable[Level] = ORDER,
    effort: int = EFFORT,
    now: datetime | None = None,
    why: bool = True,
) -> Plan:
    """
    Place every visit still due so that all rules are kept, and prove that no plan is better.

    Better is, in this order: fewer days off target, fewer of the person's preferences unmet, an
    earlier last visit, earlier times of day. Ties are broken the same way every time. Where
    ``keep`` says how people know visits, three things come before these: fewer visits moved,
    fewer minutes moved in all, fewer rides changed. Where history, a clinician's date or today
    left a visit no date inside a limit, the days outside it come first of all, and the plan
    names them; a safety rule so broken has to be waived before there is a plan (`Exempted`).

    Args:
        course: The protocol with its history.
        clinic: Its zone is the zone of all times in the plan.
        person: With the escorts who can take them home.
        as_of: The date on which the plan is made; no visit is before it.
        until: The last date of which visits are shown. The whole course is planned as without
            it, a year beyond the last target or forecast at the most; later visits are left out of
            the schedule, which names them. A date after that year lets planning look as far.
            The date by which a course must be over is its own ``finish_by``.
        keep: How people know visits, by identity; those that are not due are passed over.
        calendars: Give one `Calendars` to calls that share a clinic or a person, and what they
            have in common is worked out once; a plan never depends on it.
        order: What matters most first; levels that are not named follow in the order above. In
            another order than that the search is slower.
        effort: Solver steps after which the search stops without a proof.
        now: The moment from which visits' notice is counted; without it the beginning of
            ``as_of``.
        why: Where no plan exists, also say why and how many visits fit; without it the answer is
            the proof alone, and sooner there.

    Returns:
        A plan with a schedule and its proof; or without a schedule, with the smallest sets of
        rules that cannot all hold. No feasible plan is an answer, not an error.

    Raises:
        InvalidValue: ``as_of`` is not a date, or ``until`` or ``finish_by`` lies before the first
            possible date, or ``finish_by`` more than four years after it.
        InvalidEvent: The history holds something that cannot have happened; see `record`.
        UnknownName: A rule of the protocol names something it does not have.
        InternalFault: The judge refuses the plan that was made, so that none is handed out.
    """
    road = road_of(course, clinic, person, as_of, until, keep, calendars, order=order, now=now)
    return shown(settled_answer(road, Budget(effort), why=why), until)


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
    order: Iterable[Level] = ORDER,
    effort: int = EFFORT,
    why: bool = True,
) -> Plan:
    """
    Place the visits of an agenda from ``first`` on; see `plan_course`.

    Here ``until`` is the last date of the horizon, on or before which every visit must be.
    """
    compiled = compile_within(
        agenda, protocol, clinic, person, first, until, keep, calendars, order
    )
    budget = Budget(effort)
    return answer(compiled, solve(compiled.problem, budget), clinic, budget=budget, why=why)


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
    order: Iterable[Level] = ORDER,
    effort: int = EFFORT,
) -> tuple[Plan, ...]:
    """
    Return the best whole courses, each really different from those before it.

    The first is that of `plan_course`. Each further one is the best of all courses that have at
    most ``shared`` visits on the same date as each of those before it.

    Args:
        count: How many at the most.
        shared: By default half of the visits, rounded down.
        until: As for `plan_course`.

    Returns:
        Plans with a schedule, best first, fewer than ``count`` if there are no more or the last
        is not proved; or the one plan without a schedule that says why there is none.

    Raises:
        InvalidValue: ``count`` is not positive, or as for `plan_course`.
    """
    if count < 1:
        raise InvalidValue("best courses", "count", str(count), "1 or more")
    road = road_of(course, clinic, person, as_of, until, NOTHING, calendars, order=order)
    compiled = road.laid_out()
    visits = len(compiled.problem.items)
    unlike = Unlike((), visits // 2 if shared is None else shared)
    plans: list[Plan] = []
    budget = Budget(effort)
    while len(plans) < count:
        result = solve(compiled.problem, budget, unlike)
        if result.starts is None and plans:
            break
        one = answer_settled(road, settled(road, compiled, result, budget), budget=budget)
        plans.append(shown(one, until))
        if not result.starts or result.status is Status.EFFORT_SPENT:
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
) -> FirstDates:
    """
    Return every date on which the first visit can be and the whole course still be placed.

    In one pass, with what the best course from each date costs. A date that is missing is one
    from which some later visit has no room, unless the answer is not complete: then the allowed
    effort ended first. No date after ``until`` is named.
    """
    compiled = road_of(course, clinic, person, as_of, until, NOTHING, calendars).laid_out()
    found = dates_of(compiled, first_days(compiled.problem, effort))
    if until is None:
        return found
    return attrs.evolve(found, dates=[one for one in found.dates if one.day <= until])


def dates_of(compiled: Compiled, found: FirstDays) -> FirstDates:
    """Return the first days of a course as dates."""
    dates = (
        FirstDate(
            day=compiled.horizon.date_of(one.day),
            deviation=one.deviation,
            preferences=one.preferences,
            finish=compiled.horizon.date_of(one.finish),
            breach=compiled.problem.unavoidable + one.breach,
        )
        for one in found.days
    )
    return FirstDates(dates=tuple(dates), complete=found.complete)


@attrs.frozen(kw_only=True)
class CourseRoad:
    """A course with all it is planned with, to be laid out and compiled again."""

    course: Course
    clinic: Clinic
    person: Person
    as_of: date
    last: date | None
    """The last date of the horizon; ``None`` is as far as a plan looks."""
    keep: Mapping[str, Keep]
    calendars: Calendars
    unrecorded: tuple[str, ...] = ()
    """Identities of visits taken to be given, since their time has come."""
    order: tuple[Level, ...] = ORDER
    """What of a plan matters most, first."""
    now: datetime
    """The moment from which the notice of visits is counted."""
    stays: Mapping[str, datetime]
    """When people know visits to be, by identity: there they need no notice."""

    def unrecorded_in(self, agenda: Agenda) -> tuple[PastVisit, ...]:
        """Return the visits that nobody recorded as an agenda of the course has them."""
        return tuple(visit for visit in agenda.past if visit.id in self.unrecorded)

    def agenda(self, planned: Times, given_way: frozenset[str]) -> Agenda:
        """Return what is due where visits are as planned, some after their limits."""
        found = agenda_of(outline(self.course, self.as_of, None, planned, given_way, self.clinic))
        agenda = with_notice(
            found, self.course.protocol_on(self.as_of), self.clinic, self.now, self.stays
        )
        return _waiting_from(self._first_date, agenda) if planned else agenda

    @cached_property
    def _first_date(self) -> Spacing | None:
        """Return what counts how long the course waits, before anything is planned."""
        return _waiting(self.agenda(UNPLANNED, frozenset()))

    def compiled(self, agenda: Agenda) -> Compiled:
        """Return an agenda as a problem of integers."""
        return compile_within(
            agenda,
            self.course.protocol_on(self.as_of),
            self.clinic,
            self.person,
            max(self.as_of, self.course.not_before or self.as_of),
            self.last,
            self.keep,
            self.calendars,
            self.order,
        )

    def laid_out(self) -> Compiled:
        """Return the course compiled as its forecast lays it out."""
        return self.compiled(self.agenda(UNPLANNED, frozenset()))


def _waiting(agenda: Agenda) -> Spacing | None:
    rules = (rule for rule in agenda.bindings if isinstance(rule, Spacing))
    return next((rule for rule in rules if rule.rule == WAITING), None)


def _waiting_from(first: Spacing | None, agenda: Agenda) -> Agenda:
    """
    Return an agenda whose first visit waits from the date it could have been on all along.

    A visit planned before it may leave it a later first date; that is waiting too, and what plans
    of one course cost can be compared.
    """
    now = _waiting(agenda)
    if first is None or now is None or now.later != first.later:
        return agenda
    bindings = [first if rule == now else rule for rule in agenda.bindings]
    return attrs.evolve(agenda, bindings=bindings)


def settled_answer(road: CourseRoad, budget: Budget, why: bool = True) -> Plan:
    """Return the plan of a course that its own dates lead to again."""
    compiled = road.laid_out()
    result = solve(compiled.problem, budget)
    return answer_settled(road, settled(road, compiled, result, budget), budget=budget, why=why)


def answer_settled(
    road: CourseRoad,
    found: Settled,
    asked: Sequence[Asked] = (),
    budget: Budget | None = None,
    why: bool = True,
) -> Plan:
    """Return a settled result as `answer` does; proved best only if no date of it was settled."""
    plan = answer(found.compiled, found.result, road.clinic, asked, budget, why)
    plan = attrs.evolve(plan, unrecorded=road.unrecorded_in(plan.agenda))
    if plan.proof is Proof.IMPOSSIBLE or not found.rests_on:
        return plan
    # Its bound is one of the rules as they come out from these dates, and says nothing of others.
    costs = None if plan.objective is None else attrs.evolve(plan.objective, bound=0)
    return attrs.evolve(
        plan,
        proof=Proof.NOT_PROVED,
        rests_on=found.rests_on,
        given_way=found.given_way,
        hinges=found.hinges,
        objective=costs,
    )


def road_of(
    course: Course,
    clinic: Clinic,
    person: Person,
    as_of: date,
    until: date | None,
    keep: Mapping[str, Keep] = NOTHING,
    calendars: Calendars | None = None,
    unrecorded: Iterable[Given] | None = None,
    order: Iterable[Level] = ORDER,
    now: datetime | None = None,
) -> CourseRoad:
    """
    Return a course ready to be laid out and compiled; arguments and errors as for `plan_course`.

    Visits ``unrecorded`` are taken to be given, and not judged as recorded ones are. Without them
    they are those people were told of for a date before ``as_of``; and an escort who said no to a
    visit is not asked again for its date.
    """
    need_date("plan", "as_of", as_of)
    if until is not None:
        need_date("plan", "until", until)
    need_a("plan", "course", course, Course)
    need_a("plan", "clinic", clinic, Clinic)
    need_a("plan", "person", person, Person)
    course = by_the_clock_of(clinic.zone, course)
    found = outline(course, as_of, clinic=clinic)
    agenda = agenda_of(found)
    refuse_impossible(course, found, agenda)
    first, last = max(as_of, course.not_before or as_of), course.finish_by
    if until is not None and until < first:
        raise InvalidValue("plan", "last date", str(until), f"{first}, the first date, or later")
    furthest = first + timedelta(days=MAX_DAYS - 1)
    if last is not None and last > furthest:
        raise InvalidValue(
            f"course {course.key!r}",
            "finish_by",
            str(last),
            f"{furthest} or earlier; a plan looks at most four years ahead",
        )
    if last is None and until is not None and until > look_ahead(agenda, first):
        last = min(until, furthest)
    if unrecorded is None:
        notices = last_notices(course.events)
        begins = datetime.combine(as_of, time(), clinic.zone)
        unrecorded = unrecorded_visits(course, notices, begins, clinic.zone)
        person = without_declined(person, notices, clinic)
    taken = tuple(unrecorded)
    lapsed = dict(lapsed_visits(course))
    stays = {
        visit: one.notice.start
        for visit, one in last_notices(course.events).items()
        if not (one.cancelled or one.given or visit in lapsed)
    }
    course = course.after(taken)
    return CourseRoad(
        course=course,
        clinic=clinic,
        person=person,
        as_of=as_of,
        last=last,
        keep=keep,
        calendars=Calendars() if calendars is None else calendars,
        unrecorded=tuple(event.visit for event in taken),
        order=ordered(order),
        now=datetime.combine(as_of, time(), clinic.zone) if now is None else now,
        stays={**stays, **{visit: one.start for visit, one in keep.items()}},
    )


def compile_course(
    course: Course,
    clinic: Clinic,
    person: Person,
    as_of: date,
    until: date | None,
) -> Compiled:
    """Return a course as a problem of integers, as its forecast lays it out."""
    return road_of(course, clinic, person, as_of, until).laid_out()


def compile_within(
    agenda: Agenda,
    protocol: Protocol,
    clinic: Clinic,
    person: Person,
    first: date,
    until: date | None,
    keep: Mapping[str, Keep] = NOTHING,
    calendars: Calendars | None = None,
    order: Iterable[Level] = ORDER,
) -> Compiled:
    """
    Compile an agenda for the dates from ``first`` to ``until`` or as far as it looks.

    Raises:
        InvalidValue: ``until`` is before ``first``, or a ratio misspells a stage.
    """
    dues = [due for due in agenda.dues if not due.tentative]
    last = until or look_ahead(agenda, first)
    if last < first:
        raise InvalidValue("plan", "last date", str(last), f"{first}, the first date, or later")
    kept = Calendars() if calendars is None else calendars
    beyond = 0
    if until:
        kinds = tuple(protocol.visit_type(kind) for kind in sorted({due.kind for due in dues}))
        beyond = kept.once("nights", (clinic,), lambda: nights(clinic, kinds), kinds)
    stretch = horizon(clinic.zone, first, last, beyond)
    check_ratios(protocol, clinic)
    agenda = _at_the_clinic(agenda, clinic)
    compiled = compile_agenda(agenda, protocol, clinic, person, stretch, keep, kept)
    places = tuple(ORDER.index(level) for level in ordered(order))
    return attrs.evolve(compiled, problem=attrs.evolve(compiled.problem, order=places))


def _at_the_clinic(agenda: Agenda, clinic: Clinic) -> Agenda:
    """Return the agenda with pins told by the clinic's clock, whatever zone they were noted in."""
    if not any(isinstance(rule, FixedAt) for rule in agenda.bindings):
        return agenda

    def here(pin: FixedAt) -> FixedAt:
        return attrs.evolve(pin, start=pin.start.astimezone(clinic.zone))

    bindings = [here(rule) if isinstance(rule, FixedAt) else rule for rule in agenda.bindings]
    overruled = [attrs.evolve(one, by=here(one.by)) for one in agenda.overruled]
    return attrs.evolve(agenda, bindings=bindings, overruled=overruled)


def look_ahead(agenda: Agenda, first: date) -> date:
    """Return how far a plan looks: a year beyond the last target or forecast, 4 years in all."""
    targets = [due.foreseen.day for due in agenda.dues if due.foreseen and not due.tentative]
    return min(max([first, *targets]) + LOOK_AHEAD, first + timedelta(days=MAX_DAYS - 1))


def answer(
    compiled: Compiled,
    result: Result,
    clinic: Clinic,
    asked: Sequence[Asked] = (),
    budget: Budget | None = None,
    why: bool = True,
) -> Plan:
    """
    Return a solver's result as a plan its judge signed, or as the rules that cannot all hold.

    Args:
        compiled: The course without what was asked for.
        asked: What was asked for beside the rules.
        budget: What is left of a call's effort, for the rules that cannot all hold.
        why: Look for those rules, and for how many visits fit.

    Raises:
        InternalFault: The judge refuses the plan.
    """
    agenda, proof = compiled.agenda, _PROOFS[result.status]
    if result.starts is None and not why:
        return Plan(proof=proof, agenda=agenda, work=result.work)
    if result.starts is None:
        found = conflicts(compiled, asked, budget, True) if proof is Proof.IMPOSSIBLE else ()
        much = None
        if proof is Proof.IMPOSSIBLE and not asked:
            last = look_ahead(agenda, compiled.horizon.first)
            much = fits(compiled, last, Budget(EFFORT) if budget is None else budget)
        return Plan(proof=proof, agenda=agenda, conflicts=found, work=result.work, fits=much)
    objective = Objective(
        deviation=result.deviation,
        preferences=result.preferences,
        finish=compiled.horizon.date_of(result.finish) if result.starts else None,
        time_of_day=result.time_of_day,
        bound=result.bound,
        moved=result.change.moved,
        minutes_moved=result.change.minutes,
        rides_changed=result.change.rides,
        breach=compiled.problem.unavoidable + result.breach,
        order=tuple(ORDER[place] for place in compiled.problem.order),
    )
    schedule = lift(compiled, result.starts, clinic, result.options)
    if proof is Proof.OPTIMAL and any(visit.tentative for visit in schedule.visits):
        proof = Proof.NOT_PROVED  # the answer to a question decides what is best
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
