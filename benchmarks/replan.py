"""
What changes cost: re-planning one course, a waiting list, a nurse ill, many courses.

Run: ``python benchmarks/replan.py [COURSES]`` (200 by default). One core, medians in
milliseconds; every answer is judged by the checker before it is timed.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

import attrs

from protocol_sched import Clinic, Course, Escort, Person, catalog
from protocol_sched.clinic.courses import Case, booked, holdings, replan_in_turn
from protocol_sched.clinic.jobs import Job, replan_many
from protocol_sched.clinic.waiting import FreedPlace, waiting_list, who_can_take
from protocol_sched.judge.checker import violations
from protocol_sched.judge.recording import record
from protocol_sched.model.availability import Booking, Hours, Place, Staff
from protocol_sched.model.course import Declined, Deferred, Event, Given, Missed, Notified
from protocol_sched.model.last_notice import last_notices
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.spans import CalendarSpan
from protocol_sched.planning.replan import replan_course

ZONE = ZoneInfo("America/New_York")
TODAY = date(2027, 4, 7)
PROTOCOL = catalog.load("ketamine-migraine")
WEEK = dict.fromkeys(WEEKDAYS[:6], "08:00-18:00")
CLINIC = Clinic(
    name="Made-up Clinic",
    zone=ZONE,
    hours=Hours.of(WEEK),
    places=[Place(name=f"chair {n + 1}", kind="chair") for n in range(24)],
    staff=[Staff(kind="nurse", units=16), Staff(kind="clinician", units=8)],
)
_T = TypeVar("_T")


def timed(call: Callable[[], _T]) -> tuple[_T, float]:
    """Return what a call returns and the milliseconds it took."""
    began = time.perf_counter()
    found = call()
    return found, 1000 * (time.perf_counter() - began)


def made(count: int) -> list[Case]:
    """Return courses begun in the last three weeks, everybody told, what is past given."""
    cases: list[Case] = []
    holding = []
    for n in range(count):
        random = Random(n)
        free = {day: f"{random.randint(9, 12):02d}:00-20:00" for day in WEEKDAYS[:6]}
        escorts = [Escort(name=name, available=Hours.of(free)) for name in ("first", "second")]
        start = TODAY - timedelta(days=random.randint(0, 20))
        course = Course(
            key=f"c{n:04}",
            protocol=PROTOCOL,
            not_before=start,
            first_treatment_within=CalendarSpan(days=7),
        )
        person = Person(key=f"p{n:04}", escorts=escorts)
        asked = start - timedelta(days=1)
        clinic = booked(CLINIC, holding)
        found = replan_course(course, clinic, person, as_of=asked)
        course = record(course, found.events(asked), as_of=asked)
        given = [
            Given(visit=visit, on=one.notice.start.date(), start=one.notice.start)
            for visit, one in last_notices(course.events).items()
            if one.notice.start.date() < TODAY
        ]
        course = record(course, given, as_of=TODAY)
        cases.append(Case(course=course, person=person))
        holding += holdings(course, TODAY)
    return cases


def around(cases: Sequence[Case], n: int) -> Clinic:
    """Return the clinic with what everybody else holds."""
    others = [case for m, case in enumerate(cases) if m != n]
    return booked(CLINIC, [one for case in others for one in holdings(case.course, TODAY)])


def struck(case: Case, n: int) -> Course:
    """Return a course to whose next visit something happens today."""
    coming = [
        one
        for one in last_notices(case.course.events).values()
        if not one.given and one.notice.start.date() >= TODAY
    ]
    notice = min((one.notice for one in coming), key=lambda notice: notice.start)
    acts: list[Event] = [
        _called_off(notice),
        Deferred(visit=notice.visit, on=TODAY, until=TODAY + timedelta(days=3)),
    ]
    if notice.escort is not None:
        acts.append(Declined(visit=notice.visit, escort=notice.escort, on=TODAY))
    return record(case.course, [acts[n % len(acts)]], as_of=TODAY)


def _called_off(notice: Notified) -> Event:
    """Return what is recorded of a visit that does not take place on the date people know."""
    day = notice.start.date()
    if day == TODAY:
        return Missed(visit=notice.visit, on=day)
    return Deferred(visit=notice.visit, on=TODAY, until=day + timedelta(days=1))


def re_planning(cases: Sequence[Case]) -> tuple[list[float], int]:
    """Return what re-planning each course after an event takes, and how many have no plan."""
    times, without = [], 0
    for n, case in enumerate(cases):
        clinic, course = around(cases, n), struck(case, n)
        found, taken = timed(lambda: replan_course(course, clinic, case.person, as_of=TODAY))  # noqa: B023
        times.append(taken)
        if found.plan.schedule is None:
            assert found.plan.conflicts
            without += 1
            continue
        parts = (found.plan.agenda, found.plan.schedule, clinic, case.person, PROTOCOL)
        assert violations(*parts) == ()
    return times, without


def waiting(cases: Sequence[Case]) -> tuple[float, list[float], int]:
    """Return what making the list ready takes, what each opening takes, and offers in all."""
    ready, prepared = timed(lambda: waiting_list(cases, CLINIC, as_of=TODAY))
    times, offers = [], 0
    for hour in range(8, 17):
        at = datetime(TODAY.year, TODAY.month, TODAY.day + 1, hour, tzinfo=ZONE)
        for place in ("chair 1", "chair 2"):
            freed = FreedPlace(place=place, start=at, end=at + timedelta(hours=4))
            found, taken = timed(lambda: who_can_take(freed, ready))  # noqa: B023
            for offer in found:
                n = next(n for n, case in enumerate(cases) if case.course.key == offer.course)
                schedule = offer.replan.plan.schedule
                assert schedule is not None
                agenda = offer.replan.plan.agenda
                clinic, person = around(cases, n), cases[n].person
                assert violations(agenda, schedule, clinic, person, PROTOCOL) == ()
            times.append(taken)
            offers += len(found)
    return prepared, times, offers


def nurse_ill(cases: Sequence[Case]) -> tuple[int, int, int, float]:
    """Return visits on a day on which two in three nurses are ill, what follows, and the time."""
    day = TODAY + timedelta(days=1)
    there = sum(
        one.notice.start.date() == day and not one.given
        for case in cases
        for one in last_notices(case.course.events).values()
    )
    nurses = CLINIC.staff[0]
    ill = Booking(day=day, start=480, end=1080, units=2 * nurses.units // 3)
    staff = [attrs.evolve(nurses, booked=[ill]), *CLINIC.staff[1:]]
    clinic = attrs.evolve(CLINIC, staff=staff)
    found, taken = timed(lambda: list(replan_in_turn(cases, clinic, as_of=TODAY)))
    moved = sum(bool(one.moved) for one in found)
    return there, moved, sum(one.plan.schedule is None for one in found), taken


def main(count: int) -> None:
    """Measure everything and print one line each."""
    cases, taken = timed(lambda: made(count))
    print(f"{count} courses planned one after another: {taken / 1000:.1f} s")
    times, without = re_planning(cases)
    print(
        f"re-plan one course: median {statistics.median(times):.1f} ms, worst {max(times):.1f} ms; "
        f"{without} of {count} have no plan that keeps every rule"
    )
    prepared, times, offers = waiting(cases)
    print(
        f"waiting list of {count}: made ready in {prepared:.0f} ms; an opening: "
        f"median {statistics.median(times):.1f} ms, worst {max(times):.1f} ms, "
        f"{offers} offers to {len(times)} openings"
    )
    there, moved, without, taken = nurse_ill(cases)
    print(
        f"two in three nurses ill, {there} visits that day: {moved} courses moved, "
        f"{without} without a plan, {taken / 1000:.1f} s"
    )
    jobs = [
        Job(course=struck(case, n), clinic=CLINIC, person=case.person, as_of=TODAY)
        for n, case in enumerate(cases)
    ]
    found, taken = timed(lambda: list(replan_many(jobs)))
    assert len(found) == count
    print(f"replan_many without an executor: {1000 * count / taken:.0f} courses a second")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
