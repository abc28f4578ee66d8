"""Any small course with any past: what every plan of it must be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import event, given, settings

from courses import EFFORT, Lived, kinds, lived
from oracle import best
from protocol_sched.formats.documents.documents import plan_to_dict, replan_to_dict, write_json
from protocol_sched.judge.checker import violations
from protocol_sched.judge.recording import record
from protocol_sched.model.availability import Clinic, Escort, Hours, Person, Preferences
from protocol_sched.model.before_and_after import RideHome
from protocol_sched.model.cadences import At
from protocol_sched.model.changes import Replan
from protocol_sched.model.course import Course, Given, Notified, Reviewed
from protocol_sched.model.gates import Gate
from protocol_sched.model.numbers import Ordinals
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.references import CoursePoint, parse_reference
from protocol_sched.model.responses import Adaptation, InsertVisit
from protocol_sched.model.schedule import Plan, Proof
from protocol_sched.model.spans import parse_range, parse_span
from protocol_sched.model.stages import Stage
from protocol_sched.planning.course import best_courses, plan_course
from protocol_sched.planning.replan import replan_course
from protocols import TREATMENT, course, day, every, phase, protocol, starts
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


@settings(max_examples=25)
@given(world=lived())
def test_a_plan_of_any_course_keeps_every_rule_and_is_the_same_again(world: Lived) -> None:
    for kind in kinds(world):
        event(kind)
    plan = planned(world)
    assert broken(world, plan) == []
    if plan.proof is Proof.IMPOSSIBLE:
        assert plan.conflicts
    assert write_json(plan_to_dict(planned(world))) == write_json(plan_to_dict(plan))


@settings(max_examples=15)
@given(world=lived())
def test_what_is_told_of_any_course_can_be_recorded_and_stays(world: Lived) -> None:
    found = replanned(world, world.course)
    assert broken(world, found.plan) == []
    if found.plan.schedule is None:
        return
    assert all(visit.start >= world.now for visit in found.plan.schedule.visits)
    notified = record(world.course, found.events(world.today, world.now), as_of=world.today)
    again = replanned(world, notified)
    assert again.events(world.today, world.now) == ()
    assert broken(world, again.plan) == []
    twice = replanned(world, notified)
    assert write_json(replan_to_dict(twice)) == write_json(replan_to_dict(again))


@settings(max_examples=12)
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


@settings(max_examples=15)
@given(world=lived(small=True))
def test_a_plan_of_a_short_course_is_as_good_as_brute_force(world: Lived) -> None:
    plan = planned(world)
    dues = [due for due in plan.agenda.dues if not due.tentative]
    if len(dues) > 3 or plan.proof is Proof.NOT_PROVED:
        return
    first = max(world.today, world.course.not_before or world.today)
    protocol = world.course.protocol_on(world.today)
    found = best(plan.agenda, world.clinic, world.person, protocol, first, world.until)
    assert costs_of(plan) == found


# --- what they found --------------------------------------------------------------------------

MORNINGS = Clinic(
    name="Clinic",
    zone=ZoneInfo("UTC"),
    hours=Hours.of(dict.fromkeys(WEEKDAYS, "09:00-12:00")),
    start_every=60,
)
ANYONE = Person(key="p")
AFTER = starts("2 to 4 days")


def test_an_escort_who_is_free_until_midnight_takes_someone_home_at_midnight() -> None:
    dose = attrs.evolve(
        TREATMENT,
        stages=[Stage(name="infusion", length=parse_range("1 hour"), source="local")],
        ride_home=RideHome(source="local"),
    )
    one = attrs.evolve(protocol(phase("run", every("1 week"))), visit_types=[dose])
    late = Clinic(
        name="Clinic",
        zone=ZoneInfo("UTC"),
        hours=Hours.of({"Monday": "23:00-24:00"}),
        start_every=60,
    )
    escort = Escort(name="Ida", available=Hours.of({"Monday": "00:00-24:00"}))
    plan = plan_course(
        course(one, start="2027-03-01"),
        late,
        Person(key="p", escorts=[escort]),
        as_of=day("2027-03-01"),
    )
    assert plan.schedule is not None
    assert plan.schedule.visits[0].discharge.isoformat() == "2027-03-02T00:00:00+00:00"


def test_a_visit_inserted_after_one_that_is_not_recorded_can_be_told() -> None:
    """Whether the first took place is still to be recorded; the plan takes it that it did."""
    more = Adaptation(
        name="response",
        measure="pain",
        at_least=5.0,
        then=InsertVisit(insert=CoursePoint("day 4"), phase="run"),
        source="local",
    )
    two = protocol(phase("run", every("2 days"), "2"), adaptations=[more])
    start = datetime(2027, 3, 1, 9, tzinfo=UTC)
    ends = start + timedelta(minutes=30)
    notified = Notified(
        visit="run-1", on=start.date(), start=start, discharge=ends, discharge_by=ends
    )
    reviewed = Reviewed(on=day("2027-03-05"), scores=[("pain", 7)])
    known = course(two, notified, reviewed, start="2027-03-01")
    found = replan_course(known, MORNINGS, ANYONE, as_of=day("2027-03-05"))
    assert [change.visit for change in found.added] == ["run-inserted-1", "run-2"]
    after = record(known, found.events(day("2027-03-05")), as_of=day("2027-03-05"))
    assert len(after.events) == len(known.events) + 2


@pytest.mark.parametrize("effort", [0, 10, 100, 1_000, 5_000, 20_000])
def test_a_request_for_one_time_of_day_needs_no_proof(effort: int) -> None:
    checked = Gate(name="talk", visit="review", before=Ordinals.parse("from 2"), source="local")
    runs = [phase("run", every("1 days")), phase("later", every("1 days"), "2", begins=AFTER)]
    same_time = attrs.evolve(ANYONE, preferences=Preferences(same_time=True))
    plan = plan_course(
        course(protocol(*runs, gates=[checked]), start="2027-03-12"),
        MORNINGS,
        same_time,
        as_of=day("2027-03-11"),
        until=day("2027-03-18"),
        effort=effort,
    )
    assert plan.proof is not Proof.IMPOSSIBLE
    assert plan.schedule is not None or plan.proof is Proof.NOT_PROVED


@pytest.mark.parametrize("kind", ["other visit", "gate"])
def test_nobody_is_at_two_visits_when_one_beside_the_treatments_was_given(kind: str) -> None:
    """A visit beside the treatments takes its time, like any other that was given."""
    day_2 = At(at=[CoursePoint("day 2")])
    sample = OtherVisit(
        name="sample",
        visit="review",
        anchor=parse_reference("start of run"),
        cadence=day_2,
        source="local",
    )
    check = Gate(
        name="sample",
        visit="review",
        before=Ordinals.parse("2"),
        min_age=parse_span("0 minutes"),
        source="local",
    )
    of = protocol(
        phase("run", every("1 days"), "2"),
        other_visits=[sample] if kind == "other visit" else [],
        gates=[check] if kind == "gate" else [],
    )
    nine = datetime(2027, 3, 2, 9, tzinfo=UTC)
    known = course(
        of,
        Given(visit="run-1", on=day("2027-03-01"), start=nine - timedelta(days=1)),
        Given(visit="sample", on=day("2027-03-02"), start=nine),
        start="2027-03-01",
    )
    plan = plan_course(known, MORNINGS, ANYONE, as_of=day("2027-03-02"))
    assert plan.schedule is not None
    [dose] = plan.schedule.visits
    assert dose.start >= nine + timedelta(minutes=30)
    at_once = attrs.evolve(dose, start=nine, discharge=nine + timedelta(minutes=30))
    overlapping = attrs.evolve(plan.schedule, visits=[at_once])
    found = violations(plan.agenda, overlapping, MORNINGS, ANYONE, of)
    assert "overlap" in {one.rule for one in found}
