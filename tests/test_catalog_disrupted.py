"""Every course after an absence of three weeks in its middle, and with an end date."""

from __future__ import annotations

from collections.abc import Iterable
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


def disrupted(name: str) -> tuple[Plan, Plan, Plan]:
    """Return the plans of a course undisturbed, after an absence, and with an end."""
    first, last = middle(name)
    return planned(name), planned(name, away=(first, last)), planned(name, finish=first)


def text_of(plans: Iterable[Plan]) -> str:
    return "\n---\n\n".join(map(plan_text, plans))


@pytest.mark.parametrize("name", [name for name, _, _ in PLANS])
def test_a_course_disrupted_has_a_plan_to_sign_or_says_why_not(name: str) -> None:
    """What is printed is kept whole, to be read; the end of this file keeps it anew."""
    first, last = middle(name)
    plain, absent, ended = disrupted(name)
    assert plain.schedule is not None
    assert [plan for plan in (absent, ended) if plan.schedule is None and not plan.conflicts] == []
    if absent.schedule is not None:
        days = {visit.day for visit in absent.schedule.visits}
        assert days.isdisjoint(on(day) for day in range(first, last + 1))
    if ended.schedule is not None:
        assert all(visit.day <= on(first) for visit in ended.schedule.visits)
    kept = (KEPT / "plans" / f"{name}.txt").read_text(encoding="utf-8")
    assert text_of((plain, absent, ended)) == kept


TEXTS = {
    "ketamine-migraine": ((7, 27), 20),
    "paliperidone-monthly": ((20, 40), 30),
    "iron-sucrose-peritoneal": ((10, 30), 20),
}
"""Courses with the days of an absence in their middle, and a day by which they have to end."""


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_said_of_a_course_undisturbed_after_an_absence_and_with_an_end(name: str) -> None:
    away, finish = TEXTS[name]
    plans = planned(name), planned(name, away=away), planned(name, finish=finish)
    kept = (KEPT / f"{name}.plans.txt").read_text(encoding="utf-8")
    assert text_of(plans) == kept


if __name__ == "__main__":  # keeps anew what every course prints: read what changed
    for course_name in [one for one, *_ in PLANS]:
        printed = text_of(disrupted(course_name))
        (KEPT / "plans" / f"{course_name}.txt").write_text(printed, encoding="utf-8")
