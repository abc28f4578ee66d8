"""
A program as a user writes it, for the ten jobs of the documentation.

It is there for type checkers: `make types` reads it with mypy, and `pyright` in its strict mode
finds nothing in it either.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from protocol_sched import (
    Case,
    FreedPlace,
    Given,
    Proof,
    Request,
    Reviewed,
    best_courses,
    catalog,
    changes_text,
    expand,
    explain_course,
    explanation_text,
    first_dates,
    patient_calendar,
    plan_course,
    plan_text,
    read_busy,
    read_clinic,
    read_course,
    read_person,
    record,
    replan_course,
    rides_at_risk,
    startable,
    violations,
    waiting_list,
    who_can_take,
)

EXAMPLES = Path(__file__).parents[1] / "examples"
TODAY = date(2027, 2, 20)


def ten_jobs() -> list[str]:
    """Return a line or more for each job."""
    clinic = read_clinic((EXAMPLES / "clinic.toml").read_text())
    person = read_person((EXAMPLES / "person.toml").read_text())
    course = read_course((EXAMPLES / "course.toml").read_text(), catalog.load)
    said: list[str] = []

    plan = plan_course(course, clinic, person, as_of=TODAY)
    schedule = plan.schedule
    assert schedule is not None
    assert plan.proof is Proof.OPTIMAL
    said.append(plan_text(plan))
    said += [one.says for one in violations(plan.agenda, schedule, clinic, person, course.protocol)]

    second = schedule.visits[2]
    wish = Request(visit=second.id, first=second.day, last=second.day)
    said.append(explanation_text(explain_course(course, clinic, person, as_of=TODAY, asked=[wish])))

    agenda = expand(course, as_of=TODAY)
    said += [f"{due.title}: {due.foreseen.day}" for due in agenda.dues if due.foreseen is not None]

    told = replan_course(course, clinic, person, as_of=TODAY)
    known = record(course, told.events(on=TODAY), as_of=TODAY)
    said.append(changes_text(told, clinic))

    for offer in best_courses(course, clinic, person, as_of=TODAY, count=2):
        if offer.objective is not None:
            said.append(f"{offer.objective.deviation} off target, ends {offer.objective.finish}")
    said += [str(one.day) for one in startable(course, clinic, person, as_of=TODAY).dates]
    said += [str(one.finish) for one in first_dates(course, clinic, person, as_of=TODAY).dates]

    ready = waiting_list([Case(course=known, person=person)], clinic, as_of=date(2027, 3, 1))
    zone = ZoneInfo("America/New_York")
    start, end = datetime(2027, 3, 5, 8, tzinfo=zone), datetime(2027, 3, 5, 15, tzinfo=zone)
    freed = FreedPlace(place="chair 1", start=start, end=end)
    said += [f"{one.person}: {one.title} {one.start}" for one in who_can_take(freed, ready)]

    now = datetime(2027, 2, 20, 12, tzinfo=UTC)
    file = patient_calendar(schedule, clinic, person, course.protocol, now=now)
    busy = read_busy(file.decode(), zone=clinic.zone, first=TODAY, last=date(2027, 4, 30))
    said += [str(one) for one in busy.times]
    said += [f"{one}" for one in rides_at_risk(known, clinic, person, now=now)]

    given = Given(visit=schedule.visits[0].id, on=schedule.visits[0].day)
    reviewed = Reviewed(on=schedule.visits[0].day, scores={"HIT-6": 57})
    said.append(str(len(course.after([given, reviewed]).events)))
    return said
