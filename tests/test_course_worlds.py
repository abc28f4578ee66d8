"""Any small course with any past: what every plan of it must be."""

from __future__ import annotations

from hypothesis import event, given, settings

from courses import EFFORT, Lived, kinds, lived
from oracle import best
from protocol_sched.formats.documents.documents import plan_to_dict, replan_to_dict, write_json
from protocol_sched.judge.checker import violations
from protocol_sched.judge.recording import record
from protocol_sched.model.changes import Replan
from protocol_sched.model.course import Course
from protocol_sched.model.schedule import Plan, Proof
from protocol_sched.planning.course import best_courses, plan_course
from protocol_sched.planning.replan import replan_course
from test_planning import costs_of


def planned(world: Lived) -> Plan:
    """Plan the rest of a course."""
    return plan_course(
        world.course,
        world.clinic,
        world.person,
        as_of=world.today,
        effort=EFFORT,
    )


def replanned(world: Lived, course: Course) -> Replan:
    """Plan it anew for those who know of it."""
    return replan_course(
        course,
        world.clinic,
        world.person,
        as_of=world.today,
        now=world.now,
        effort=EFFORT,
    )


def broken(world: Lived, plan: Plan) -> list[str]:
    """Return what the checker finds in a plan."""
    if plan.schedule is None:
        return []
    protocol = world.course.protocol_on(world.today)
    found = violations(plan.agenda, plan.schedule, world.clinic, world.person, protocol)
    return [str(one) for one in found]


@settings(max_examples=150)
@given(world=lived())
def test_a_plan_of_any_course_keeps_every_rule_and_is_the_same_again(world: Lived) -> None:
    for kind in kinds(world):
        event(kind)
    plan = planned(world)
    assert broken(world, plan) == []
    if plan.proof is Proof.IMPOSSIBLE:
        assert plan.conflicts
    assert write_json(plan_to_dict(planned(world))) == write_json(plan_to_dict(plan))


@settings(max_examples=150)
@given(world=lived())
def test_what_is_told_of_any_course_can_be_recorded_and_stays(world: Lived) -> None:
    found = replanned(world, world.course)
    assert broken(world, found.plan) == []
    if found.plan.schedule is None:
        return
    assert all(visit.start >= world.now for visit in found.plan.schedule.visits)
    told = record(world.course, found.events(world.today, world.now), as_of=world.today)
    again = replanned(world, told)
    assert again.events(world.today, world.now) == ()
    assert broken(world, again.plan) == []
    twice = replanned(world, told)
    assert write_json(replan_to_dict(twice)) == write_json(replan_to_dict(again))


@settings(max_examples=40)
@given(world=lived())
def test_best_courses_of_any_course_keep_every_rule_and_get_no_better(world: Lived) -> None:
    plans = best_courses(
        world.course,
        world.clinic,
        world.person,
        as_of=world.today,
        count=2,
        effort=EFFORT,
    )
    assert [line for plan in plans for line in broken(world, plan)] == []
    costs = [costs for plan in plans if (costs := costs_of_proved(plan)) is not None]
    assert costs == sorted(costs)


def costs_of_proved(plan: Plan) -> tuple[object, ...] | None:
    """Return what a plan costs that is proved best; ``None`` where nothing is proved."""
    return None if plan.proof is Proof.NOT_PROVED else costs_of(plan)


@settings(max_examples=60)
@given(world=lived(small=True))
def test_a_plan_of_a_short_course_is_as_good_as_brute_force(world: Lived) -> None:
    plan = planned(world)
    dues = [due for due in plan.agenda.dues if not due.tentative]
    if len(dues) > 3 or plan.proof is Proof.NOT_PROVED:
        return
    first = max(world.today, world.course.start or world.today)
    protocol = world.course.protocol_on(world.today)
    found = best(plan.agenda, world.clinic, world.person, protocol, first, world.until)
    assert costs_of(plan) == found
