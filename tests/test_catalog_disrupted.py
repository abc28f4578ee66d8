"""Every course after an absence of three weeks in its middle, and with an end date."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from catalog_dates import BEFORE, course_through, on
from protocol_sched.judge.checker import violations
from protocol_sched.model.availability import DatedHours
from protocol_sched.model.schedule import Plan
from protocol_sched.planning.course import plan_course
from protocol_sched.text.plans import plan_text
from test_catalog_plans import ASKED, PLANS, example_clinic, example_person

KEPT = Path(__file__).parent / "sheets"
LONGEST = 120
"""A course is followed for so many days here; what follows is more of the same."""


def planned(name: str, away: tuple[int, int] | None = None, finish: int | None = None) -> Plan:
    """Return the plan of a course, and check that the judge finds nothing in it."""
    (where, days) = next((where, days) for file, where, days in PLANS if file == name)
    clinic, person = example_clinic(where[0]), example_person(where[1])
    if away is not None:
        gone = DatedHours(first=on(away[0]), last=on(away[1]), why="away")
        person = attrs.evolve(person, away=(*person.away, gone))
    course = course_through(name, *ASKED.get(name, []))
    if finish is not None:
        course = attrs.evolve(course, finish_by=on(finish))
    plan = plan_course(course, clinic, person, as_of=BEFORE, until=on(min(days, LONGEST)))
    if plan.schedule is not None:
        found = violations(plan.agenda, plan.schedule, clinic, person, course.protocol)
        assert [str(one) for one in found] == []
    return plan


def middle(name: str) -> tuple[int, int]:
    days = min(next(days for file, _, days in PLANS if file == name), LONGEST)
    return days // 2, days // 2 + 20


@pytest.mark.parametrize("name", [name for name, _, _ in PLANS])
def test_nobody_is_planned_while_away_and_no_plan_is_without_a_reason(name: str) -> None:
    first, last = middle(name)
    plan = planned(name, away=(first, last))
    if plan.schedule is None:
        assert plan.conflicts
        return
    days = {visit.day for visit in plan.schedule.visits}
    assert days.isdisjoint(on(day) for day in range(first, last + 1))


@pytest.mark.parametrize("name", [name for name, _, _ in PLANS])
def test_an_end_date_is_kept_or_said_to_be_impossible(name: str) -> None:
    finish = middle(name)[0]
    plan = planned(name, finish=finish)
    if plan.schedule is None:
        assert plan.conflicts
        return
    assert all(visit.day <= on(finish) for visit in plan.schedule.visits)


TEXTS = {
    "ketamine-migraine": ((7, 27), 20),
    "paliperidone-monthly": ((20, 40), 30),
    "iron-sucrose-peritoneal": ((10, 30), 20),
}
"""Courses with the days of an absence in their middle, and a day by which they have to end."""


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_said_of_a_course_undisturbed_after_an_absence_and_with_an_end(name: str) -> None:
    away, finish = TEXTS[name]
    texts = [planned(name), planned(name, away=away), planned(name, finish=finish)]
    kept = (KEPT / f"{name}.plans.txt").read_text(encoding="utf-8")
    assert "\n---\n\n".join(map(plan_text, texts)) == kept
