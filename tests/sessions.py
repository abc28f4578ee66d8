"""Small protocols of one visit, a clinic open on one day, and the plan they give."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from protocol_sched import plan_course, read_protocol, violations
from protocol_sched.model.availability import Booking, Clinic, Hours, Person, Place
from protocol_sched.model.course import Course, Event
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Plan

PARIS = ZoneInfo("Europe/Paris")
THURSDAY = date(2022, 6, 9)
ANYBODY = Person(key="p")

SESSION = """
name = "sessions"
title = "Sessions"

[[phases]]
name = "one"
visit = "session"
visits = 1
cadence = { every = "7 days" }
source = "local"

[[visit_types]]
name = "session"

[[visit_types.stages]]
name = "session"
length = "60 minutes"
needs = { room = 1 }
source = "local"
"""


def sessions(*more: str, per_day: int = 1) -> Protocol:
    text = SESSION + "".join(more)
    if per_day > 1:
        cadence = f"{{ consecutive_days = 1, weekends = true, per_day = {per_day} }}"
        text = text.replace('visits = 1\ncadence = { every = "7 days" }', f"cadence = {cadence}")
    return read_protocol(text)


def clinic(hours: str = "09:00-17:00", busy: str = "", rooms: int = 1, **more: object) -> Clinic:
    """Return a clinic open on Thursdays, its rooms taken by others for a time on one of them."""
    taken = []
    if busy:
        start, end = (int(at[:2]) * 60 + int(at[3:]) for at in busy.split("-"))
        taken = [Booking(day=THURSDAY, start=start, end=end)]
    own: dict[str, object] = {"grid": 10, **more}
    return Clinic(
        name="Small Centre",
        zone=PARIS,
        hours=Hours.of({"Thursday": hours}),
        places=[Place(name=f"room {n + 1}", kind="room", booked=taken) for n in range(rooms)],
        **own,  # type: ignore[arg-type]
    )


def planned(
    protocol: Protocol, where: Clinic, person: Person = ANYBODY, events: Iterable[Event] = ()
) -> Plan:
    """Return the plan for that Thursday, made eight days before; a judge finds nothing in it."""
    course = Course(
        key="c", protocol=protocol, not_before=THURSDAY, finish_by=THURSDAY, events=tuple(events)
    )
    plan = plan_course(course, where, person, as_of=THURSDAY - timedelta(days=8))
    if plan.schedule is not None:
        assert violations(plan.agenda, plan.schedule, where, person, protocol) == ()
    return plan


def starts(protocol: Protocol, where: Clinic) -> list[str]:
    schedule = planned(protocol, where).schedule
    assert schedule is not None
    return [f"{visit.start:%H:%M}" for visit in schedule.visits]
