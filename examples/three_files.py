"""
Hand out three calendar files, then change the course and hand out the next three.

    python three_files.py out

Nothing is remembered between the two but the course: its events hold what people were told.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path

from protocol_sched import catalog, plan_course, read_clinic, read_course, read_person
from protocol_sched.formats.ics.entries import (
    CalendarOptions,
    clinic_calendar,
    escort_calendar,
    patient_calendar,
)
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.course import Confirmed, Course, Given, Missed
from protocol_sched.model.notifying import notifications
from protocol_sched.model.schedule import Schedule

HERE = Path(__file__).parent
OPTIONS = CalendarOptions(domain="calendar.example.org")  # a domain of yours, never changed


def planned(course: Course, clinic: Clinic, person: Person, today: date) -> Schedule:
    plan = plan_course(course, clinic, person, as_of=today)
    if plan.schedule is None:
        sys.exit("no plan keeps every rule")
    return plan.schedule


def hand_out(
    schedule: Schedule,
    clinic: Clinic,
    person: Person,
    course: Course,
    now: datetime,
    out: Path,
) -> None:
    out.mkdir(parents=True, exist_ok=True)
    options = OPTIONS.knowing(course, schedule)
    of = (schedule, clinic, person, course.protocol)
    (out / "patient.ics").write_bytes(patient_calendar(*of, now=now, options=options))
    (out / "clinic.ics").write_bytes(clinic_calendar(*of, now=now, options=options))
    for escort in person.escorts:
        raw = escort_calendar(*of, now=now, escort=escort.name, options=options)
        (out / f"{escort.name}.ics").write_bytes(raw)


def main(out: Path) -> None:
    clinic = read_clinic((HERE / "clinic.toml").read_text())
    person = read_person((HERE / "person.toml").read_text())
    course = read_course((HERE / "course.toml").read_text(), catalog.load)

    # The first plan, told to everybody.
    schedule = planned(course, clinic, person, date(2027, 2, 20))
    course = course.after(notifications(schedule, course, on=date(2027, 2, 20)))
    hand_out(schedule, clinic, person, course, datetime(2027, 2, 20, 9, tzinfo=UTC), out / "first")

    # An escort says yes, the evaluation is given, and the first infusion is missed.
    course = course.after(
        [
            Confirmed(visit="induction-1", escort="Priya Nair", on=date(2027, 2, 21)),
            Given(visit="evaluation", on=date(2027, 3, 1)),
            Missed(visit="induction-1", on=date(2027, 3, 3), why="a cold"),
        ]
    )
    schedule = planned(course, clinic, person, date(2027, 3, 4))
    notified = notifications(schedule, course, on=date(2027, 3, 4))
    course = course.after(notified)
    hand_out(schedule, clinic, person, course, datetime(2027, 3, 4, 9, tzinfo=UTC), out / "second")

    for event in notified:
        print(f"{type(event).__name__.lower():10}{event.visit}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python three_files.py OUT (the directory to write to)")
    main(Path(sys.argv[1]))
