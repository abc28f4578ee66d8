"""What people wish for or insist on about several visits at once."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings

from protocol_sched.formats.documents.documents import person_to_dict, read_person, write_toml
from protocol_sched.judge.checker import violations
from protocol_sched.judge.objective import preferences_of
from protocol_sched.model.availability import (
    Clinic,
    Escort,
    Hours,
    Person,
    Preferences,
    Requirements,
)
from protocol_sched.model.before_and_after import RideHome
from protocol_sched.model.course import Course, Given
from protocol_sched.model.explanation import Explanation
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.schedule import Plan, Proof
from protocol_sched.model.wishes import wishes_of
from protocol_sched.planning.course import plan_agenda, plan_course
from protocol_sched.planning.explain import explain_course
from protocol_sched.text.explanations import explanation_text
from protocol_sched.text.plans import plan_text
from protocol_sched.text.wishes import wishes_text
from protocols import at, course, every, phase, protocol
from worlds import World, worlds

UTC_ZONE = ZoneInfo("UTC")
SUNDAY = date(2026, 1, 4)
WARD = Clinic(
    name="Ward", zone=UTC_ZONE, hours=Hours.of(dict.fromkeys(WEEKDAYS[:5], "08:00-16:00"))
)
ANYONE = Person(key="p-1", name="Jane Roe")


def wishing(**wishes: object) -> Person:
    return attrs.evolve(ANYONE, preferences=Preferences(**wishes))  # type: ignore[arg-type]


def insisting(**wishes: bool) -> Person:
    return attrs.evolve(ANYONE, requires=Requirements(**wishes))


def run_of(spacing: str, visits: int = 3) -> Course:
    return course(protocol(phase("run", every(spacing), str(visits))), start="2026-01-05")


def planned(run: Course, person: Person, clinic: Clinic = WARD) -> Plan:
    plan = plan_course(run, clinic, person, as_of=SUNDAY)
    assert plan.proof is Proof.OPTIMAL
    return plan


def dates_of(plan: Plan) -> list[date]:
    assert plan.schedule is not None
    return [visit.day for visit in plan.schedule.visits]


def gaps_of(plan: Plan) -> list[int]:
    return [(b - a).days for a, b in pairwise(dates_of(plan))]


def explained(found: Explanation, language: str = "en") -> str:
    return " ".join(explanation_text(found, language=language).split())


def unmet(plan: Plan, person: Person) -> int:
    """Return how many wishes a plan says are not met; the judge says the same."""
    assert plan.schedule is not None
    assert plan.objective is not None
    counted = preferences_of(plan.schedule, person, plan.agenda.past)
    assert counted == plan.objective.preferences
    return counted


# --- not two days running -------------------------------------------------------------------------


def test_visits_are_not_on_two_days_running_where_that_is_wished_for() -> None:
    run = run_of("1 to 3 days", 4)
    assert 1 in gaps_of(planned(run, ANYONE))
    minding = wishing(not_two_days_running=True)
    plan = planned(run, minding)
    assert min(gaps_of(plan)) == 2
    assert unmet(plan, minding) == 0


def test_the_target_comes_before_the_wish_and_each_pair_is_counted() -> None:
    minding = wishing(not_two_days_running=True)
    plan = planned(run_of("1 day", 3), minding)
    assert gaps_of(plan) == [1, 1]
    assert unmet(plan, minding) == 2


def test_a_visit_given_the_day_before_counts_too() -> None:
    run = attrs.evolve(run_of("1 to 3 days", 2), events=[Given(visit="run-1", on=date(2026, 1, 5))])
    for person in (wishing(not_two_days_running=True), insisting(not_two_days_running=True)):
        plan = plan_course(run, WARD, person, as_of=date(2026, 1, 5))
        assert dates_of(plan) == [date(2026, 1, 7)]
        assert unmet(plan, person) == 0
    assert dates_of(plan_course(run, WARD, ANYONE, as_of=date(2026, 1, 5))) == [date(2026, 1, 6)]


def test_who_insists_gets_no_two_days_running_off_target_too() -> None:
    plan = planned(run_of("1 day", 3), insisting(not_two_days_running=True))
    assert min(gaps_of(plan)) >= 2
    assert plan.proof is Proof.OPTIMAL


def test_the_judge_finds_two_days_running() -> None:
    run = run_of("1 day", 2)
    plan = planned(run, ANYONE)
    assert plan.schedule is not None
    person = insisting(not_two_days_running=True)
    found = violations(plan.agenda, plan.schedule, WARD, person, run.protocol)
    assert [str(one) for one in found] == [
        "infusion 2 is on Tue 2026-01-06 and infusion 1 on Mon 2026-01-05; "
        "wanted no visits on two days running (two days running)"
    ]


def test_an_explanation_names_what_a_person_insists_on() -> None:
    run = attrs.evolve(run_of("1 day", 3), finish_by=date(2026, 1, 8))
    found = explain_course(run, WARD, insisting(not_two_days_running=True), as_of=SUNDAY)
    assert found.plan.proof is Proof.IMPOSSIBLE
    assert "Jane Roe cannot come on two days running" in explained(found)
    german = explained(found, "de")
    assert "Jane Roe kann nicht an zwei Tagen nacheinander kommen" in german


# --- one weekday, one escort ---------------------------------------------------------------------


def test_who_insists_on_one_weekday_gets_one() -> None:
    run = run_of("8 days", 3)
    plan = planned(run, insisting(same_weekday=True))
    assert len({day.weekday() for day in dates_of(plan)}) == 1
    assert plan.proof is Proof.OPTIMAL


def test_no_plan_where_one_weekday_cannot_be() -> None:
    run = attrs.evolve(run_of("8 days", 3), finish_by=date(2026, 1, 12))
    person = insisting(same_weekday=True)
    found = explain_course(run, WARD, person, as_of=SUNDAY)
    assert found.plan.proof is Proof.IMPOSSIBLE
    assert "can come to visits of one kind only on one weekday" in explained(found)
    assert "zu Terminen einer Art nur am selben Wochentag kommen" in explained(found, "de")


def test_the_judge_finds_another_weekday() -> None:
    run = run_of("8 days", 2)
    plan = planned(run, ANYONE)
    assert plan.schedule is not None
    found = violations(plan.agenda, plan.schedule, WARD, insisting(same_weekday=True), run.protocol)
    assert [str(one) for one in found] == [
        "infusion 2 is on Tue 2026-01-13; wanted a Monday, as infusion 1 is (one weekday)"
    ]


def driven(**wishes: bool) -> Person:
    days = {"Priya": ("Monday", "Tuesday"), "Tomas": ("Wednesday", "Thursday", "Friday")}
    return attrs.evolve(
        insisting(**wishes),
        escorts=[
            Escort(name=name, available=Hours.of(dict.fromkeys(some, "00:00-24:00")))
            for name, some in days.items()
        ],
    )


def escorted_run(visits: int = 3) -> Course:
    run = run_of("1 to 3 days", visits)
    ride = RideHome(source="local")
    kinds = [attrs.evolve(kind, ride_home=ride) for kind in run.protocol.visit_types]
    changed = attrs.evolve(run.protocol, visit_types=kinds)
    return attrs.evolve(run, protocol=changed)


def escorts_of(plan: Plan) -> set[str | None]:
    assert plan.schedule is not None
    return {visit.escort for visit in plan.schedule.visits}


def test_who_insists_on_one_escort_is_driven_by_one() -> None:
    run = escorted_run()
    assert escorts_of(planned(run, driven())) == {"Priya", "Tomas"}
    plan = planned(run, driven(one_escort=True))
    assert escorts_of(plan) == {"Tomas"}
    assert plan.proof is Proof.OPTIMAL


def test_the_judge_finds_a_second_escort() -> None:
    run = escorted_run()
    plan = planned(run, driven())
    assert plan.schedule is not None
    found = violations(plan.agenda, plan.schedule, WARD, driven(one_escort=True), run.protocol)
    assert {one.rule for one in found} == {"one escort"}
    assert "wanted 'Priya', as infusion 1 has" in str(found[0])


def test_an_explanation_names_one_escort_for_all_visits() -> None:
    run = attrs.evolve(escorted_run(4), finish_by=date(2026, 1, 8))
    assert planned(run, driven()).schedule is not None
    found = explain_course(run, WARD, driven(one_escort=True), as_of=SUNDAY)
    assert found.plan.proof is Proof.IMPOSSIBLE
    assert "can come only with the same escort every time" in explained(found)
    assert "kann nur immer mit derselben Begleitung kommen" in explained(found, "de")


# --- evenly spread, hours of the week -------------------------------------------------------------


def test_visits_are_evenly_spread_where_that_is_wished_for() -> None:
    run = attrs.evolve(run_of("1 to 5 days", 4), not_before=date(2026, 1, 8))
    assert gaps_of(planned(run, ANYONE)) == [1, 3, 1]
    spread = wishing(evenly_spread=True)
    plan = planned(run, spread)
    assert max(gaps_of(plan)) - min(gaps_of(plan)) <= 1
    assert unmet(plan, spread) == 0


def test_a_distance_unlike_the_others_costs_one_wish() -> None:
    spread = wishing(evenly_spread=True)
    listed = phase("run", at("day 1", "day 3", "day 5", "day 12"), "4")
    plan = planned(course(protocol(listed), start="2026-01-05"), spread)
    assert gaps_of(plan) == [2, 2, 7]
    assert unmet(plan, spread) == 1


def test_mornings_can_be_wished_for_by_weekday() -> None:
    mornings = wishing(hours=Hours.of({"Monday": "12:00-16:00", "Tuesday": "08:00-12:00"}))
    plan = planned(run_of("1 to 3 days", 2), mornings)
    assert plan.schedule is not None
    starts = [(visit.day, visit.start.hour) for visit in plan.schedule.visits]
    assert starts == [(date(2026, 1, 5), 12), (date(2026, 1, 6), 8)]
    assert unmet(plan, mornings) == 0


def test_a_visit_outside_the_hours_wished_for_costs_one() -> None:
    sundays = wishing(hours=Hours.of({"Sunday": "08:00-12:00"}))
    assert unmet(planned(run_of("1 to 3 days", 2), sundays), sundays) == 2


def test_a_plan_says_how_far_each_wish_is_met() -> None:
    minding = wishing(not_two_days_running=True, latest=540, weekdays=("Monday",))
    plan = planned(run_of("1 day", 3), minding)
    assert plan.schedule is not None
    assert wishes_text(plan.schedule, minding) == (
        "preferences met only in part: on a preferred weekday 1 of 3 visits, "
        "not on two days running 0 of 2 pairs of visits"
    )
    assert wishes_text(plan.schedule, minding, language="de") == (
        "Wünsche nur zum Teil erfüllt: an einem gewünschten Wochentag 1 von 3 Terminen, "
        "nicht an zwei Tagen nacheinander 0 von 2 Paaren von Terminen"
    )
    said = " ".join(plan_text(plan, person=minding).split())
    assert "Preferences met only in part: on a preferred weekday 1 of 3 visits" in said
    assert sum(one.unmet for one in wishes_of(plan.schedule, minding)) == unmet(plan, minding)
    assert wishes_text(plan.schedule, ANYONE) == ""


@given(world=worlds())
@settings(max_examples=40)
def test_what_is_said_to_be_unmet_is_what_the_judge_counts(world: World) -> None:
    wanted = attrs.evolve(world.person.preferences, hours=None)
    person = attrs.evolve(world.person, preferences=wanted)
    horizon = (world.agenda, world.protocol, world.clinic, person)
    plan = plan_agenda(*horizon, first=world.first, until=world.last)
    if plan.schedule is not None:
        said = sum(one.unmet for one in wishes_of(plan.schedule, person))
        assert said == preferences_of(plan.schedule, person, plan.agenda.past)


def test_files_keep_wishes_and_what_is_insisted_on() -> None:
    person = attrs.evolve(
        wishing(evenly_spread=True, hours=Hours.of({"Monday": "08:00-12:00"})),
        requires=Requirements(one_escort=True, not_two_days_running=True),
    )
    text = write_toml(person_to_dict(person))
    assert "evenly_spread = true" in text
    assert "one_escort = true" in text
    assert read_person(text) == person


@pytest.mark.parametrize(
    ("gaps", "cost"),
    [((9,), 0), ((2, 2), 0), ((2, 3), 0), ((3, 2), 0), ((2, 4), 1), ((2, 7), 1), ((2, 3, 4), 1),
     ((2, 4, 6, 8), 3), ((5, 1, 5, 9), 2)],
)  # fmt: skip
def test_the_judge_counts_the_distances_unlike_the_most_that_are_alike(
    gaps: tuple[int, ...], cost: int
) -> None:
    """Alike are distances of which each has the same number of days, or one more."""
    schedule = planned(run_of("1 to 9 days", len(gaps) + 1), ANYONE).schedule
    assert schedule is not None
    first, *_ = schedule.visits
    dates = [timedelta(days=day) for day in itertools.accumulate(gaps, initial=0)]
    visits = [
        attrs.evolve(
            first,
            start=first.start + later,
            discharge=first.discharge + later,
            discharge_by=first.discharge_by + later,
        )
        for later in dates
    ]
    apart = attrs.evolve(schedule, visits=visits[::-1])
    assert preferences_of(apart, wishing(evenly_spread=True)) == cost
