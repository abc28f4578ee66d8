"""The weekdays on which a person can come at all, and one weekday for all visits of a type."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import attrs
import pytest

from protocol_sched.errors import UnknownName
from protocol_sched.formats.documents.documents import person_to_dict, read_person, write_toml
from protocol_sched.judge.checker import violations
from protocol_sched.judge.objective import preferences_of
from protocol_sched.model.availability import Clinic, DatedHours, Hours, Person, Preferences
from protocol_sched.model.course import Course
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.schedule import Plan, Proof
from protocol_sched.planning.course import plan_course
from protocol_sched.planning.explain import explain_course
from protocol_sched.text.explanations import explanation_text
from protocols import course, every, phase, protocol, window

UTC_ZONE = ZoneInfo("UTC")
MONDAY = date(2026, 1, 5)
WARD = Clinic(
    name="Ward", zone=UTC_ZONE, hours=Hours.of(dict.fromkeys(WEEKDAYS[:5], "08:00-12:00"))
)
ANYONE = Person(key="p-1", name="Jane Roe")
TWO_DAYS = attrs.evolve(ANYONE, only_weekdays=("Monday", "Thursday"))
ONE_DAY = attrs.evolve(ANYONE, preferences=Preferences(same_weekday=True))


def weekly(visits: int = 3) -> Course:
    run = phase("run", every("6 to 8 days"), str(visits), tolerances=[window("1 day", "1 day")])
    return course(protocol(run), start="2026-01-06")


def planned(run: Course, clinic: Clinic, person: Person) -> Plan:
    return plan_course(run, clinic, person, as_of=MONDAY)


def weekdays_of(plan: Plan) -> list[str]:
    assert plan.schedule is not None
    return [WEEKDAYS[visit.day.weekday()] for visit in plan.schedule.visits]


def test_a_visit_is_only_on_the_weekdays_on_which_the_person_can_come() -> None:
    plan = planned(weekly(), WARD, TWO_DAYS)
    assert plan.proof is Proof.OPTIMAL
    assert set(weekdays_of(plan)) <= {"Monday", "Thursday"}


def test_the_judge_finds_a_visit_on_another_weekday() -> None:
    plan = planned(weekly(1), WARD, ANYONE)
    assert plan.schedule is not None
    found = violations(plan.agenda, plan.schedule, WARD, TWO_DAYS, weekly(1).protocol)
    assert [str(one) for one in found] == [
        "infusion is on Tue 2026-01-06; wanted Monday or Thursday (person weekdays)"
    ]


def test_a_conflict_says_on_which_weekdays_the_person_can_come() -> None:
    run = attrs.evolve(weekly(1), finish_by=date(2026, 1, 7))
    found = explain_course(run, WARD, TWO_DAYS, as_of=MONDAY)
    assert found.plan.proof is Proof.IMPOSSIBLE
    words = " ".join(explanation_text(found).split())
    assert "can come only on a Monday or a Thursday" in words
    german = " ".join(explanation_text(found, language="de").split())
    assert "nur an einem Montag oder Donnerstag kommen" in german


def test_visits_of_a_type_are_on_one_weekday_where_that_is_wished_for() -> None:
    holiday = attrs.evolve(WARD, closures=[DatedHours(first=date(2026, 1, 6))])
    plan = planned(weekly(4), holiday, ONE_DAY)
    assert plan.proof is Proof.OPTIMAL
    assert len(set(weekdays_of(plan))) == 1
    assert plan.objective is not None
    assert plan.objective.preferences == 0


def test_a_visit_on_another_weekday_than_most_costs_one_wish() -> None:
    run = weekly(3)
    closed = [DatedHours(first=date(2026, 1, 13)), DatedHours(first=date(2026, 1, 19))]
    plan = planned(run, attrs.evolve(WARD, closures=closed), ONE_DAY)
    assert plan.schedule is not None
    assert plan.objective is not None
    counted = preferences_of(plan.schedule, ONE_DAY)
    days = weekdays_of(plan)
    assert counted == plan.objective.preferences == 3 - max(map(days.count, days))


def test_a_weekday_that_is_none_is_refused() -> None:
    with pytest.raises(UnknownName, match="only_weekdays"):
        Person(key="p", only_weekdays=["Moonday"])


def test_files_keep_both() -> None:
    person = attrs.evolve(TWO_DAYS, preferences=Preferences(same_weekday=True))
    text = write_toml(person_to_dict(person))
    assert 'only_weekdays = [\n    "Monday",\n    "Thursday",\n]' in text
    assert "same_weekday = true" in text
    assert read_person(text) == person


def test_the_weekday_is_that_of_the_clinic() -> None:
    abroad = attrs.evolve(TWO_DAYS, zone=ZoneInfo("Pacific/Auckland"), only_weekdays=("Thursday",))
    plan = planned(weekly(1), WARD, abroad)
    assert plan.schedule is not None
    assert plan.schedule.visits[0].start == datetime(2026, 1, 8, 8, tzinfo=UTC_ZONE)
