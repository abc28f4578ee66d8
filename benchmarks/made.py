"""Made-up clinics, people and courses for the measurements; a seed gives the same ones again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import attrs

from protocol_sched import Agenda, Clinic, Course, Escort, Person, catalog, read_clinic, read_person
from protocol_sched.model.agenda import AtMost, Due, Rules, Spacing
from protocol_sched.model.availability import Booking, Hours, Place
from protocol_sched.model.before_and_after import RideHome
from protocol_sched.model.cadences import OnDemand
from protocol_sched.model.course import Given
from protocol_sched.model.numbers import Count
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Phase, Protocol, VisitType
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, MonthEnd, SpanRange
from protocol_sched.model.stages import Stage

FIRST = date(2027, 3, 1)
EXAMPLES = Path(__file__).parents[1] / "examples"
WEEK = dict.fromkeys(WEEKDAYS[:5], "08:00-17:00")


def booked(seed: int, days: int, load: int, opens: int = 480, closes: int = 1020) -> list[Booking]:
    """Return bookings that fill ``load`` percent of each day, one to four hours each."""
    random, found = Random(seed), []
    for n in range(days):
        at = opens
        while at < closes:
            end = min(at + 15 * random.randint(4, 16), closes)
            if random.random() < load / 100:
                found.append(Booking(day=FIRST + timedelta(days=n), start=at, end=end))
            at = end
    return found


def clinic(days: int, load: int = 80, chairs: int = 8) -> Clinic:
    """Return a clinic with booked chairs, open on weekdays."""
    return Clinic(
        name="Made-up Clinic",
        zone=ZoneInfo("America/New_York"),
        hours=Hours.of(WEEK),
        places=[
            Place(name=f"chair {n}", kind="chair", booked=booked(n, days, load))
            for n in range(chairs)
        ],
    )


def person(seed: int = 1) -> Person:
    """Return a person who is always free, with an escort free on some afternoons."""
    random = Random(seed)
    free = {day: f"{random.randint(9, 12):02d}:00-18:00" for day in WEEKDAYS[:5]}
    return Person(key="p1", escorts=[Escort(name="escort", available=Hours.of(free))])


def series(visits: int) -> tuple[Agenda, Protocol]:
    """Return so many visits two or three days apart, at most three in any seven days."""
    stages = [
        Stage(
            name="infusion",
            length=SpanRange(ElapsedSpan(minutes), ElapsedSpan(minutes)),
            needs=(("chair", 1),),
            source="local",
        )
        for minutes in (135,)
    ]
    kind = VisitType(name="infusion", stages=stages, ride_home=RideHome(source="local"))
    phase = Phase(
        name="course",
        visit="infusion",
        visits=Count.parse("open"),
        cadence=OnDemand(on_demand="benchmark"),
        source="local",
    )
    protocol = Protocol(name="series", title="Series", visit_types=[kind], phases=[phase])
    names = [f"visit-{n}" for n in range(1, visits + 1)]
    dues = [
        Due(id=name, title=name, kind="infusion", phase="course", ordinal=n, type_ordinal=n)
        for n, name in enumerate(names, 1)
    ]
    agenda = Agenda(
        course="c1",
        protocol="series",
        as_of=FIRST,
        month_end=MonthEnd.LAST_DAY,
        dues=dues,
        bindings=list(_series_rules(names)),
    )
    return agenda, protocol


def _series_rules(names: list[str]) -> Iterator[Rules]:
    days = CalendarSpan
    for earlier, later in pairwise(names):
        yield Spacing(
            rule="separation",
            earlier=earlier,
            later=later,
            least=days(days=2),
            most=days(days=5),
            target=SpanRange(days(days=2), days(days=3)),
        )
    yield AtMost(rule="cap", most=3, days=7, visits=names)


def published(name: str) -> Course:
    """Return a course through a protocol of the catalog."""
    return Course(key="course-1", protocol=catalog.load(name), not_before=FIRST)


def example(clinic_name: str, days: int, load: int) -> tuple[Clinic, Person]:
    """Return an example clinic, its places booked to a load, and a person free on any day."""
    clinic = read_clinic((EXAMPLES / f"{clinic_name}.toml").read_text("utf-8"))
    person = read_person((EXAMPLES / "person-any-day.toml").read_text("utf-8"))
    always = clinic.hours.on(FIRST) == ((0, 1440),)
    hours = (0, 1440) if always else (480, 1020)
    places = [
        attrs.evolve(place, booked=booked(n, days, load, *hours))
        for n, place in enumerate(clinic.places)
    ]
    return attrs.evolve(clinic, places=places), person


def ten_years() -> tuple[Course, date]:
    """Return a course with an infusion every four weeks for ten years, and the day after."""
    course = published("natalizumab")
    days = [FIRST + timedelta(weeks=4 * n) for n in range(130)]
    given = [Given(visit=f"treatment-{n}", on=day) for n, day in enumerate(days, 1)]
    return course.after(given), days[-1] + timedelta(days=1)
