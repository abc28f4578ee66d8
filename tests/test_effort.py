"""Effort ends every call: soon, at the same step everywhere, and with an honest answer."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from problems import anchored, problems
from protocol_sched.clinic.courses import Case, replan_in_turn
from protocol_sched.clinic.jobs import Job, replan_many
from protocol_sched.clinic.waiting import FreedPlace, waiting_list, who_can_take
from protocol_sched.engine.problem import Problem
from protocol_sched.engine.solvers.budget import Budget, Spent
from protocol_sched.engine.solvers.exact import first_days, solve
from protocol_sched.engine.solvers.feasible import Feasibility
from protocol_sched.engine.solvers.result import Result, Status
from protocol_sched.errors import InvalidValue
from protocol_sched.expansion import expand
from protocol_sched.judge.checker import violations
from protocol_sched.model.availability import Clinic, Hours, Person, Place, Preferences
from protocol_sched.model.cadences import At, Every
from protocol_sched.model.causes import Request
from protocol_sched.model.course import Course, Missed
from protocol_sched.model.notifying import notifications
from protocol_sched.model.numbers import Count
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Phase, Protocol, VisitType
from protocol_sched.model.references import CoursePoint, parse_reference
from protocol_sched.model.schedule import FirstDates, Plan, Proof
from protocol_sched.model.spans import parse_range
from protocol_sched.model.stages import Stage
from protocol_sched.planning.course import best_courses, first_dates, plan_agenda, plan_course
from protocol_sched.planning.explain import explain_agenda, explain_course, why_course
from protocol_sched.planning.lookahead import startable
from protocol_sched.planning.replan import replan_course
from worlds import World, kept, worlds

ASKED = date(2027, 2, 20)
UTC = ZoneInfo("UTC")
EFFORTS = [1, 100, 10_000]


def hard_course() -> tuple[Course, Clinic, Person]:
    """Four treatments and six visits measured from the first, most of them before it."""
    stage = Stage(
        name="infusion", length=parse_range("1 hour"), needs=(("chair", 1),), source="local"
    )
    kind = VisitType(name="infusion", stages=[stage])
    points = ["- 9 days", "- 6 days", "- 4 days", "- 2 days", "3 days", "50 hours"]
    asides = [
        OtherVisit(
            name=f"sample-{n}",
            visit="infusion",
            anchor=parse_reference("visit 1"),
            cadence=At(at=[CoursePoint(point)]),
            source="local",
        )
        for n, point in enumerate(points)
    ]
    phase = Phase(
        name="dosing",
        visit="infusion",
        visits=Count(4, 4),
        cadence=Every(every=parse_range("24 to 36 hours")),
        source="local",
    )
    protocol = Protocol(
        name="hard", title="Hard", visit_types=[kind], phases=[phase], other_visits=asides
    )
    week = dict.fromkeys(WEEKDAYS[:5], "08:00-13:00")
    place = Place(name="chair 1", kind="chair")
    clinic = Clinic(name="Ward", zone=UTC, hours=Hours.of(week), places=[place], start_every=60)
    course = Course(
        key="c", protocol=protocol, not_before=date(2027, 3, 1), finish_by=date(2027, 4, 12)
    )
    return course, clinic, Person(key="p", preferences=Preferences(same_time=True))


COURSE, CLINIC, PERSON = hard_course()
BEST = plan_course(COURSE, CLINIC, PERSON, as_of=ASKED)
UNTIL = date(2027, 4, 12)
SHORT = attrs.evolve(COURSE, finish_by=date(2027, 3, 3))
"""The course with a last date that leaves it no room."""


def honest(plan: Plan, impossible: bool = False) -> None:
    """A plan claims no more than what is true of the hard course."""
    if plan.proof is Proof.IMPOSSIBLE:
        assert impossible
    if plan.proof is Proof.OPTIMAL:
        assert not impossible
    if plan.schedule is None:
        return
    assert plan.objective is not None
    assert BEST.objective is not None
    assert plan.objective.bound <= BEST.objective.deviation or plan.objective.moved
    if plan.proof is Proof.OPTIMAL and not plan.objective.moved:
        assert plan.objective.deviation >= BEST.objective.deviation


def test_the_hard_course_has_a_best_plan() -> None:
    assert BEST.proof is Proof.OPTIMAL
    assert BEST.objective is not None
    assert BEST.objective.bound == BEST.objective.deviation


def notified_course() -> Course:
    assert BEST.schedule is not None
    first = BEST.schedule.visits[0]
    notified = COURSE.after(notifications(BEST.schedule, COURSE, on=ASKED))
    return notified.after([Missed(visit=first.id, on=first.day)])


@pytest.mark.parametrize("effort", EFFORTS)
def test_planning_ends(effort: int) -> None:
    plan = plan_course(COURSE, CLINIC, PERSON, as_of=ASKED, effort=effort)
    honest(plan)
    agenda = expand(COURSE, as_of=ASKED)
    first = date(2027, 3, 1)
    world = (agenda, COURSE.protocol, CLINIC, PERSON)
    honest(plan_agenda(*world, first=first, until=UNTIL, effort=effort))
    for one in best_courses(COURSE, CLINIC, PERSON, as_of=ASKED, effort=effort):
        honest(one)
    none = plan_course(SHORT, CLINIC, PERSON, as_of=ASKED, effort=effort)
    honest(none, impossible=True)


NARROW = attrs.evolve(COURSE, finish_by=date(2027, 3, 26))


@pytest.fixture(scope="module")
def whole() -> FirstDates:
    """Return every first date, at any effort."""
    return first_dates(NARROW, CLINIC, PERSON, as_of=ASKED)


@pytest.mark.parametrize("effort", EFFORTS)
def test_first_dates_say_whether_they_are_all(whole: FirstDates, effort: int) -> None:
    course = NARROW
    assert whole.complete
    some = first_dates(course, CLINIC, PERSON, as_of=ASKED, effort=effort)
    assert {one.day for one in some.dates} <= {one.day for one in whole.dates}
    assert some == whole or not some.complete
    begin = startable(course, CLINIC, PERSON, as_of=ASKED, within=10, effort=effort)
    offered = {one.day for one in whole.dates}
    assert {one.day for one in begin.dates} <= offered
    for one in begin.blocked:
        assert one.day not in offered or (one.conflict is None and not begin.complete)


@pytest.mark.parametrize("effort", EFFORTS)
def test_explaining_ends(effort: int) -> None:
    calls, short = (COURSE, CLINIC, PERSON), (SHORT, CLINIC, PERSON)
    honest(explain_course(*calls, as_of=ASKED, effort=effort).plan)
    asked = [Request(visit="dosing-1", first=date(2027, 3, 1), last=date(2027, 3, 1))]
    for requests in ((), asked):
        found = explain_course(*short, as_of=ASKED, asked=requests, effort=effort)
        honest(found.plan, impossible=True)
        assert found.relaxations == () or found.plan.proof is Proof.IMPOSSIBLE
        for one in found.relaxations:
            assert one.plan.schedule is not None
    agenda = expand(COURSE, as_of=ASKED)
    world = (agenda, COURSE.protocol, CLINIC, PERSON)
    answer = explain_agenda(*world, first=date(2027, 3, 1), until=UNTIL, effort=effort)
    honest(answer.plan)
    plan, whys = why_course(*calls, as_of=ASKED, visits=["dosing-1"], effort=effort)
    honest(plan)
    for why in whys:
        for other in (why.nearer, why.sooner, why.earlier):
            if other is not None and other.objective is not None:
                assert other.objective.bound <= other.objective.deviation


@pytest.mark.parametrize("effort", EFFORTS)
def test_planning_anew_ends(effort: int) -> None:
    course = notified_course()
    on = date(2027, 3, 2)
    honest(replan_course(course, CLINIC, PERSON, as_of=on, effort=effort).plan)
    jobs = [Job(course=course, clinic=CLINIC, person=PERSON, as_of=on, effort=effort)]
    honest(next(replan_many(jobs)).plan)
    cases = [
        Case(course=attrs.evolve(course, key=key), person=attrs.evolve(PERSON, key=key))
        for key in ("a", "b")
    ]
    for one in replan_in_turn(cases, CLINIC, as_of=on, effort=effort):
        honest(one.plan)
    ready = waiting_list(cases, CLINIC, as_of=on)
    freed = FreedPlace(
        place="chair 1",
        start=datetime(2027, 3, 3, 8, tzinfo=UTC),
        end=datetime(2027, 3, 3, 17, tzinfo=UTC),
    )
    for offer in who_can_take(freed, ready, effort=effort):
        honest(offer.replan.plan)


# --- the solver -------------------------------------------------------------------------------

ANY = problems() | problems(ordered=True) | problems(preferences=True) | problems(announced=True)


def value(result: Result) -> tuple[object, ...]:
    """Return how good an answer is; the greater the better."""
    if result.status is not Status.EFFORT_SPENT:
        return (2,)
    if result.starts is None:
        return (0, result.bound)
    return (1, [-cost for cost in result.costs], result.bound)


@settings(max_examples=150, deadline=None)
@given(problem=ANY | anchored(), efforts=st.lists(st.integers(0, 400), min_size=2, max_size=2))
def test_more_effort_never_makes_an_answer_worse(problem: Problem, efforts: list[int]) -> None:
    less, more = (solve(problem, effort) for effort in sorted(efforts))
    assert value(less) <= value(more)
    proved = solve(problem)
    for one in (less, more):
        if one.status is not Status.EFFORT_SPENT:
            assert attrs.evolve(one, work=0) == attrs.evolve(proved, work=0)
        elif proved.starts is not None:
            assert one.bound <= proved.deviation
            assert one.starts is None or one.costs >= proved.costs
        else:
            assert one.starts is None


@settings(max_examples=80, deadline=None)
@given(problem=ANY | anchored(), effort=st.integers(0, 300))
def test_first_days_are_incomplete_where_the_effort_ends(problem: Problem, effort: int) -> None:
    some, whole = first_days(problem, effort), first_days(problem)
    assert whole.complete
    assert {one.day for one in some.days} <= {one.day for one in whole.days}
    assert not some.complete or some == whole


@settings(max_examples=80, deadline=None)
@given(problem=ANY | anchored(), effort=st.integers(0, 100))
def test_a_probe_whose_effort_ends_knows_nothing(problem: Problem, effort: int) -> None:
    found = Feasibility(problem, lambda _: 0, Budget(effort)).feasible(0)
    assert found in (None, solve(problem).status is Status.OPTIMAL)


def test_steps_are_counted_alike_for_a_call_and_its_parts() -> None:
    budget = Budget(10)
    part = budget.part(4)
    part.spend(3)
    budget.take(part)
    assert (budget.left, budget.ended) == (7, False)
    with pytest.raises(Spent):
        budget.spend(8)
    assert (budget.left, budget.ended) == (0, True)


@settings(max_examples=30)
@given(st.data(), worlds(), st.sampled_from([100, 1000, 5000, 20_000]))
def test_a_plan_cut_short_costs_what_it_says(
    data: st.DataObject, world: World, effort: int
) -> None:
    """With preferences about the whole course and rides that people know of; the judge signs it."""
    requests = attrs.evolve(world.person.preferences, few_escorts=True, same_time=True)
    person = attrs.evolve(world.person, preferences=requests)
    keep = data.draw(kept(world))
    of = (world.agenda, world.protocol, world.clinic, person)
    plan = plan_agenda(*of, first=world.first, until=world.last, keep=keep, effort=effort)
    if plan.schedule is not None:
        assert not violations(world.agenda, plan.schedule, world.clinic, person, world.protocol)


@pytest.mark.parametrize("steps", [True, -1, 1.0, "5", None])
def test_an_effort_is_a_whole_number_of_steps(steps: object) -> None:
    with pytest.raises(InvalidValue, match="a whole number of steps, 0 or more"):
        Budget(steps)  # type: ignore[arg-type]


def test_a_budget_ends_only_where_more_is_asked_for_than_there_is() -> None:
    budget = Budget(3)
    budget.spend()
    budget.spend(2)
    assert (budget.left, budget.ended) == (0, False)
    with pytest.raises(Spent):
        budget.spend()
    assert (budget.left, budget.ended) == (0, True)
    other = Budget(0)
    other.end()
    assert (other.spent, other.ended) == (1, True)
    assert Budget.of(other) is other
    assert Budget.of(4).left == 4


def test_what_a_part_of_a_budget_spent_is_taken_and_no_more_than_it_had() -> None:
    budget = Budget(10)
    part = budget.part(4)
    with pytest.raises(Spent):
        part.spend(9)
    budget.take(part)
    assert budget.spent == 4
    assert budget.part(9).steps == 6
