"""
Ten jobs of a clinic, a function each, with the files of this directory.

    python ten_jobs.py            # all ten
    python ten_jobs.py ill_nurse  # one of them

Every function makes what it needs from ``CLINIC``, ``PERSON`` and ``COURSE`` and returns the lines
to print. Nothing is stored: a course's past is its events.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs

from protocol_sched import (
    Booking,
    CalendarOptions,
    Case,
    Commitment,
    Course,
    DatedHours,
    FreedPlace,
    Given,
    Hours,
    Missed,
    Person,
    Request,
    Reviewed,
    best_courses,
    catalog,
    changes_text,
    clinic_calendar,
    escort_calendar,
    expand,
    explain_course,
    explanation_text,
    first_dates,
    patient_calendar,
    plan_course,
    read_clinic,
    read_course,
    read_person,
    record,
    replan_clinic,
    replan_course,
    replan_in_turn,
    startable,
    violations,
    waiting_list,
    who_can_take,
)

HERE = Path(__file__).parent
CLINIC = read_clinic((HERE / "clinic.toml").read_text("utf-8"))
PERSON = read_person((HERE / "person.toml").read_text("utf-8"))
COURSE = read_course((HERE / "course.toml").read_text("utf-8"), catalog.load)
TODAY = date(2027, 2, 20)
NEW_YORK = ZoneInfo("America/New_York")


def notified(course: Course, person: Person = PERSON) -> Course:
    """Return the course after its first plan was made and everybody was told of it."""
    first = replan_course(course, CLINIC, person, as_of=TODAY)
    return record(course, first.events(on=TODAY), as_of=TODAY)


def long_course() -> list[str]:
    """1. Every date of a course of three years, before anyone looks into a calendar."""
    course = Course(
        key="course-0712", protocol=catalog.load("natalizumab"), not_before=date(2027, 3, 1)
    )
    agenda = expand(course, as_of=TODAY, until=date(2030, 2, 28))
    return [
        f"{due.title}: {due.foreseen.day:%a %d %b %Y}, {due.foreseen.rule}" for due in agenda.dues
    ]


def three_offers() -> list[str]:
    """2. The best three courses for someone who works Monday to Wednesday, in a busy clinic."""
    work = Commitment(
        what="work",
        hours=Hours.of(dict.fromkeys(("Monday", "Tuesday", "Wednesday"), "07:00-18:00")),
    )
    person = Person(key="person-0610", name="Jo Brandt", commitments=[work])
    course = Course(
        key="course-0610",
        protocol=catalog.load("ferric-carboxymaltose"),
        not_before=date(2027, 3, 1),
    )
    return [
        ", ".join(f"{visit.title} {visit.start:%a %d %b %H:%M}" for visit in offer.schedule.visits)
        for offer in best_courses(course, CLINIC, person, as_of=TODAY, count=3)
        if offer.schedule
    ]


def first_visit_that_holds() -> list[str]:
    """3. A first visit is offered only where the rest of the course still fits after it."""
    found = startable(COURSE, CLINIC, PERSON, as_of=TODAY, within=14, until=date(2027, 3, 25))
    costs = {one.day: one for one in first_dates(COURSE, CLINIC, PERSON, as_of=TODAY).dates}
    offered = [
        f"{one.day:%a %d %b}: the course ends on {costs[one.day].finish:%d %b}"
        for one in found.dates
        if one.day in costs
    ]
    refused = [f"not {one.day:%a %d %b}: no room for {one.conflict.visit}" for one in found.blocked]
    return offered + refused


def rides_not_covered() -> list[str]:
    """4. Priya's week has changed since the plan was made: which discharges have nobody now?"""
    plan = plan_course(COURSE, CLINIC, PERSON, as_of=TODAY)
    assert plan.schedule
    busier = Hours.of({"Wednesday": "13:00-18:00", "Friday": "10:00-18:00"})
    escorts = [
        attrs.evolve(one, available=busier) if one.name == "Priya Nair" else one
        for one in PERSON.escorts
    ]
    person = attrs.evolve(PERSON, escorts=escorts)
    return [
        str(found)
        for found in violations(plan.agenda, plan.schedule, CLINIC, person, COURSE.protocol)
        if found.rule == "escort"
    ]


def cancelled_this_morning() -> list[str]:
    """5. Infusion 3 is off this morning: move it, keep the rest where the rules allow."""
    course = record(
        notified(COURSE),
        [
            Given(visit="evaluation", on=date(2027, 3, 1)),
            Given(visit="induction-1", on=date(2027, 3, 3)),
            Given(visit="induction-2", on=date(2027, 3, 5)),
            Missed(visit="induction-3", on=date(2027, 3, 8), why="a cold"),
        ],
        as_of=date(2027, 3, 8),
    )
    now = datetime(2027, 3, 8, 7, 30, tzinfo=NEW_YORK)
    found = replan_course(course, CLINIC, PERSON, as_of=date(2027, 3, 8), now=now)
    return changes_text(found, CLINIC).splitlines()


def poor_score() -> list[str]:
    """6. The protocol says what a score changes; recording the review is all there is to do."""
    course = Course(
        key="course-0551",
        protocol=catalog.load("ketamine-migraine-response"),
        not_before=date(2027, 3, 1),
    )
    lines = []
    for score in (40, 57, 64):
        scores = {"HIT-6": score, "monthly headache days": 20, "MIDAS": 40}
        reviewed = record(course, [Reviewed(on=TODAY, scores=scores)], as_of=TODAY)
        second = expand(reviewed, as_of=TODAY).due("induction-2")
        lines.append(f"HIT-6 {score}: infusion 2 on {second.foreseen.day}, {second.foreseen.rule}")
    return lines


def why_not() -> list[str]:
    """7. All six by 11 March? Why it cannot be done, and the cheapest change that makes room."""
    asked = [Request(visit="induction-6", last=date(2027, 3, 11))]
    found = explain_course(COURSE, CLINIC, PERSON, as_of=TODAY, asked=asked, count=1)
    return explanation_text(found).splitlines()


def ill_nurse() -> list[str]:
    """8. One of two nurses is ill on Monday: the fewest visits move, and no course is broken."""
    new = [
        Case(
            course=attrs.evolve(COURSE, key=f"course-{name}"),
            person=attrs.evolve(PERSON, key=name),
        )
        for name in ("Ada", "Ben")
    ]
    planned = replan_in_turn(new, CLINIC, as_of=TODAY)
    told = [
        Case(course=record(one.course, first.events(on=TODAY), as_of=TODAY), person=one.person)
        for one, first in zip(new, planned, strict=True)
    ]
    ill = Booking(day=date(2027, 3, 8), start="11:00", end="17:00")
    staff = [
        attrs.evolve(one, booked=[*one.booked, ill]) if one.kind == "nurse" else one
        for one in CLINIC.staff
    ]
    found = replan_clinic(told, attrs.evolve(CLINIC, staff=staff), as_of=date(2027, 2, 22))
    return [
        f"{found.moved} visits move; no plan moves fewer than {found.bound}",
        *(f"call {call.person}" for call in found.calls),
    ]


def freed_chair() -> list[str]:
    """9. A chair is free on Friday from eight to three: who can take it without breaking a rule?"""
    waiting = waiting_list(
        [Case(course=notified(COURSE), person=PERSON)], CLINIC, as_of=date(2027, 3, 1)
    )
    freed = FreedPlace(
        place="chair 1",
        start=datetime(2027, 3, 5, 8, tzinfo=NEW_YORK),
        end=datetime(2027, 3, 5, 15, tzinfo=NEW_YORK),
    )
    return [
        f"{offer.person}: {offer.title} at {offer.start:%a %d %b %H:%M}, "
        f"{offer.others_moved} other visits move"
        for offer in who_can_take(freed, waiting)
    ]


def calendar_files() -> list[str]:
    """10. Files for the person, their escorts and the clinic; tomorrow's replace today's."""
    lines = []
    course, clinic = COURSE, CLINIC
    for as_of in (TODAY, date(2027, 2, 21)):
        schedule = replan_course(course, clinic, PERSON, as_of=as_of).plan.schedule
        assert schedule
        now = datetime(as_of.year, as_of.month, as_of.day, 14, tzinfo=UTC)
        options = CalendarOptions(domain="calendar.example.org").knowing(course, schedule)
        of = (schedule, clinic, PERSON, COURSE.protocol)
        files = {
            "patient.ics": patient_calendar(*of, now=now, options=options),
            "clinic.ics": clinic_calendar(*of, now=now, options=options),
            **{
                f"{escort.name}.ics": escort_calendar(
                    *of, now=now, escort=escort.name, options=options
                )
                for escort in PERSON.escorts
            },
        }
        lines += [
            f"{as_of} {name}: {raw.count(b'BEGIN:VEVENT')} entries, "
            f"{raw.count(b'SEQUENCE:1')} of them changed"
            for name, raw in files.items()
        ]
        # People are told; then the clinic closes on 10 March.
        course = notified(COURSE)
        burst = DatedHours(first=date(2027, 3, 10), why="water damage")
        clinic = attrs.evolve(CLINIC, closures=[*CLINIC.closures, burst])
    return lines


JOBS = [
    long_course,
    three_offers,
    first_visit_that_holds,
    rides_not_covered,
    cancelled_this_morning,
    poor_score,
    why_not,
    ill_nurse,
    freed_chair,
    calendar_files,
]


def main(names: list[str]) -> None:
    known = {job.__name__: job for job in JOBS}
    if unknown := [name for name in names if name not in known]:
        sys.exit(f"no job {unknown[0]!r}; there are {', '.join(known)}")
    for job in [known[name] for name in names] or JOBS:
        print(f"\n{job.__doc__}\n")
        for line in job():
            print(f"  {line}" if line else "")


if __name__ == "__main__":
    main(sys.argv[1:])
