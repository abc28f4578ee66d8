"""Whole plans, judged by the checker, by brute force and by laws that any planner must keep."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracle import NOTHING, Costs, best, change
from protocol_sched import catalog, read_clinic, read_course, read_person
from protocol_sched.judge.checker import violations
from protocol_sched.judge.objective import objective
from protocol_sched.model.agenda import FixedAt
from protocol_sched.model.availability import Clinic, Escort, Hours, Person
from protocol_sched.model.cadences import Every
from protocol_sched.model.course import Course, Pinned
from protocol_sched.model.numbers import Count
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Phase, Protocol, VisitType
from protocol_sched.model.schedule import Keep, Plan, Proof
from protocol_sched.model.spans import parse_range
from protocol_sched.model.stages import Stage
from protocol_sched.planning.course import best_courses, first_dates, plan_agenda, plan_course
from protocol_sched.text.english.rules import binding_text
from worlds import World, kept, worlds

EXAMPLES = Path(__file__).parents[1] / "examples"


def planned(world: World, keep: Mapping[str, Keep] = NOTHING) -> Plan:
    """Plan a small world."""
    return plan_agenda(
        world.agenda,
        world.protocol,
        world.clinic,
        world.person,
        first=world.first,
        until=world.last,
        keep=keep,
    )


def costs_of(plan: Plan) -> Costs | None:
    """Return what a plan costs, as the oracle counts it."""
    if plan.objective is None:
        assert plan.proof is Proof.IMPOSSIBLE
        return None
    assert plan.proof is Proof.OPTIMAL
    one = plan.objective
    changed = (one.moved, one.minutes_moved, one.rides_changed)
    return (*changed, one.deviation, one.preferences, one.finish, one.time_of_day)


@settings(max_examples=20, deadline=None)
@given(world=worlds())
def test_checker_finds_nothing_in_any_plan(world: World) -> None:
    plan = planned(world)
    if plan.schedule is not None:
        found = violations(world.agenda, plan.schedule, world.clinic, world.person, world.protocol)
        assert [str(one) for one in found] == []


@settings(max_examples=20, deadline=None)
@given(world=worlds())
def test_plan_is_as_good_as_brute_force(world: World) -> None:
    plan = planned(world)
    costs = best(world.agenda, world.clinic, world.person, world.protocol, world.first, world.last)
    assert costs_of(plan) == costs
    if costs is None:
        assert plan.conflicts


@settings(max_examples=15, deadline=None)
@given(world=worlds(), data=st.data())
def test_least_change_is_as_little_as_brute_force_finds(world: World, data: st.DataObject) -> None:
    keep = data.draw(kept(world, planned(world).schedule))
    plan = planned(world, keep)
    parts = (world.agenda, world.clinic, world.person, world.protocol, world.first, world.last)
    assert costs_of(plan) == best(*parts, keep)
    if plan.schedule is not None:
        found = violations(world.agenda, plan.schedule, world.clinic, world.person, world.protocol)
        assert [str(one) for one in found] == []
        rides = sum(change(visit, keep.get(visit.id))[2] for visit in plan.schedule.visits)
        assert plan.objective is not None
        assert rides == plan.objective.rides_changed


@settings(max_examples=25, deadline=None)
@given(world=worlds())
def test_planning_again_what_people_know_changes_nothing(world: World) -> None:
    plan = planned(world)
    if plan.schedule is not None:
        keep = {
            visit.id: Keep(
                start=visit.start, places=visit.places, escort=visit.escort, ride=visit.ride
            )
            for visit in plan.schedule.visits
        }
        assert planned(world, keep).schedule == plan.schedule


@settings(max_examples=25, deadline=None)
@given(world=worlds())
def test_plan_costs_what_the_checker_counts(world: World) -> None:
    plan = planned(world)
    if plan.schedule is not None:
        assert plan.objective is not None
        counted = objective(world.agenda, plan.schedule, world.person)
        assert (counted.deviation, counted.preferences) == (
            plan.objective.deviation,
            plan.objective.preferences,
        )
        assert (counted.finish, counted.time_of_day) == (
            plan.objective.finish,
            plan.objective.time_of_day,
        )


def moved(value: Any, by: timedelta) -> Any:
    """Return a model value with every date and moment in it moved by whole days."""
    if isinstance(value, datetime | date):
        return value + by
    if isinstance(value, tuple):
        return tuple(moved(item, by) for item in value)
    if attrs.has(type(value)):
        fields = [field for field in attrs.fields(type(value)) if field.init]
        parts = {field.alias: moved(getattr(value, field.name), by) for field in fields}
        return type(value)(**parts)
    return value


@settings(max_examples=15, deadline=None)
@given(world=worlds(zones=["Asia/Kathmandu"], months=False), weeks=st.integers(-60, 60))
def test_a_world_moved_by_whole_weeks_has_the_same_plan_moved(world: World, weeks: int) -> None:
    by = timedelta(weeks=weeks)
    plan, later = planned(world), planned(moved(world, by))
    assert later.proof is plan.proof
    if plan.schedule is not None:
        assert later.schedule is not None
        assert [visit.start - by for visit in later.schedule.visits] == [
            visit.start for visit in plan.schedule.visits
        ]
        assert [visit.escort for visit in later.schedule.visits] == [
            visit.escort for visit in plan.schedule.visits
        ]


PRINT_PLAN = """
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from protocol_sched import catalog, plan_course, read_clinic, read_course, read_person
from protocol_sched.formats.documents.documents import plan_to_dict, write_json
read = lambda name: (Path(sys.argv[1]) / name).read_text()
clinic, person = read_clinic(read("clinic.toml")), read_person(read("person.toml"))
course = read_course(read("course.toml"), catalog.load)
plan = plan_course(course, clinic, person, as_of=date(2027, 2, 20))
sys.stdout.write(write_json(plan_to_dict(plan)))
"""


@pytest.mark.parametrize(("seed", "zone"), [("1", "Pacific/Auckland"), ("77", "America/St_Johns")])
def test_same_input_gives_same_bytes_whatever_hash_seed_and_system_zone(
    seed: str, zone: str
) -> None:
    def printed(seed: str, zone: str) -> bytes:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"}
        command = [sys.executable, "-c", PRINT_PLAN, str(EXAMPLES)]
        return subprocess.run(command, env=environment, capture_output=True, check=True).stdout

    assert printed(seed, zone) == printed("0", "UTC")


@pytest.mark.parametrize("change", [date(2027, 3, 14), date(2027, 11, 7)])
def test_a_visit_on_the_night_of_a_clock_change_takes_its_real_length(change: date) -> None:
    zone = ZoneInfo("America/New_York")
    stage = Stage(name="infusion", length=parse_range("4 hours"), source="local")
    kind = VisitType(name="infusion", stages=[stage])
    phase = Phase(
        name="one",
        visit="infusion",
        visits=Count(1, 1),
        cadence=Every(every=parse_range("1 week")),
        source="local",
    )
    protocol = Protocol(name="night", title="Night", visit_types=[kind], phases=[phase])
    clinic = Clinic(name="Ward", zone=zone, hours=Hours.of({"Sunday": "00:00-05:00"}))
    course = Course(key="c", protocol=protocol, not_before=change, finish_by=change)
    plan = plan_course(course, clinic, Person(key="p"), as_of=change - timedelta(days=1))
    assert plan.schedule is not None
    visit = plan.schedule.visits[0]
    leaves = {3: 5, 11: 3}  # the clock skips an hour in March and repeats one in November
    assert (visit.start.hour, visit.discharge.hour) == (0, leaves[change.month])
    assert visit.discharge.timestamp() - visit.start.timestamp() == 4 * 3600


def examples() -> tuple[Course, Clinic, Person]:
    """Return the example course, clinic and person."""

    def text(name: str) -> str:
        return (EXAMPLES / name).read_text()

    course = read_course(text("course.toml"), catalog.load)
    return course, read_clinic(text("clinic.toml")), read_person(text("person.toml"))


def test_best_courses_get_no_better_and_share_at_most_half_of_their_dates() -> None:
    course, clinic, person = examples()
    plans = best_courses(course, clinic, person, as_of=date(2027, 2, 20), count=3)
    assert plans[0] == plan_course(course, clinic, person, as_of=date(2027, 2, 20))
    costs, dates = [], []
    for plan in plans:
        assert plan.schedule is not None
        assert plan.objective is not None
        assert violations(plan.agenda, plan.schedule, clinic, person, course.protocol) == ()
        objective = plan.objective
        costs.append((objective.deviation, objective.preferences, objective.finish))
        dates.append({visit.id: visit.day for visit in plan.schedule.visits})
    assert costs == sorted(costs)
    for one, other in itertools.combinations(dates, 2):
        assert sum(one[visit] == other[visit] for visit in one) <= len(one) // 2


def test_first_dates_hold_the_whole_course_and_no_others() -> None:
    course, clinic, person = examples()
    course = attrs.evolve(course, finish_by=date(2027, 4, 5))
    found = first_dates(course, clinic, person, as_of=date(2027, 2, 20)).dates
    for day in (date(2027, 3, 1) + timedelta(days=n) for n in range(36)):
        begun = attrs.evolve(course, first_treatment_within=None, not_before=day)
        plan = plan_course(begun, clinic, person, as_of=date(2027, 2, 20))
        later = [one for one in found if one.day >= day]
        assert (plan.schedule is not None) == bool(later)
    assert found[0].day == date(2027, 3, 1)
    assert found[0].finish == date(2027, 3, 29)


def test_the_same_hours_kept_in_two_zones_are_two_calendars() -> None:
    course, clinic, _ = examples()
    nine_to_five = Hours.of(dict.fromkeys(WEEKDAYS, "09:00-17:00"))
    escort = Escort(name="Kiran", available=nine_to_five, zone=ZoneInfo("Asia/Kathmandu"))
    shared = Person(key="p", available=nine_to_five, escorts=[escort])
    copied = moved(shared, timedelta(0))
    assert copied == shared
    plans = [plan_course(course, clinic, who, as_of=date(2027, 2, 20)) for who in (shared, copied)]
    assert plans[0] == plans[1]
    assert plans[0].proof is Proof.IMPOSSIBLE  # 17:00 there is before opening here


def test_a_pin_noted_in_another_zone_is_told_by_the_clinic_s_clock() -> None:
    course, clinic, person = examples()
    at = datetime(2027, 3, 1, 16, tzinfo=ZoneInfo("UTC"))
    pin = Pinned(visit="evaluation", start=at, on=date(2027, 2, 20))
    plan = plan_course(course.after([pin]), clinic, person, as_of=date(2027, 2, 20))
    assert plan.schedule is not None
    assert plan.schedule.visits[0].start == at
    pinned = next(rule for rule in plan.agenda.bindings if isinstance(rule, FixedAt))
    assert binding_text(pinned, plan.agenda) == "the evaluation is fixed on Mon 1 March at 11:00"
