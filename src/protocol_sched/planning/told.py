"""
What a history says of visits people were told of: missed since, not recorded, rides declined.

Planning and planning anew read it alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import attrs

from protocol_sched.model.availability import Clinic, DatedHours, Person
from protocol_sched.model.course import Course, Deferred, Given, Missed, Omitted, Told
from protocol_sched.model.known import Known
from protocol_sched.model.moments import utc


def lapsed_visits(course: Course) -> Iterator[tuple[str, Missed | Deferred]]:
    """Yield visits that were missed or put off since people were last told when they are."""
    last: dict[str, Missed | Deferred] = {}
    for event in course.events:
        match event:
            case Told():
                last.pop(event.visit, None)
            case Missed() | Deferred():
                last[event.visit] = event
            case _:
                pass
    yield from last.items()


def unrecorded_visits(
    course: Course, people_know: Mapping[str, Known], now: datetime, clinic: Clinic
) -> Iterator[Given]:
    """Yield visits whose time has come and of which nothing was recorded, as if given."""
    over = {visit for visit, _ in lapsed_visits(course)}
    over |= {event.visit for event in course.events if isinstance(event, Omitted)}
    for visit, one in people_know.items():
        if one.given or one.withdrawn or visit in over or utc(one.told.start) >= utc(now):
            continue
        start = one.told.start.astimezone(clinic.zone)
        yield Given(visit=visit, on=start.date(), start=start)


def without_declined(person: Person, people_know: Mapping[str, Known], clinic: Clinic) -> Person:
    """Return the person with no escort asked again for a date on which they said no."""
    if not any(one.declined for one in people_know.values()):
        return person
    escorts = []
    for escort in person.escorts:
        days = [
            one.told.start.astimezone(escort.zone or clinic.zone).date()
            for one in people_know.values()
            if escort.name in one.declined
        ]
        away = (DatedHours(first=day, why="said no") for day in sorted(set(days)))
        escorts.append(attrs.evolve(escort, away=(*escort.away, *away)))
    return attrs.evolve(person, escorts=escorts)
