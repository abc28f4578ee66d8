"""Escorts who said no, as planning and planning again read it."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from protocol_sched.model.availability import Clinic, DatedHours, Person
from protocol_sched.model.last_notice import LastNotice


def without_declined(person: Person, notices: Mapping[str, LastNotice], clinic: Clinic) -> Person:
    """Return the person with no escort asked again for a date on which they said no."""
    if not any(one.declined for one in notices.values()):
        return person
    escorts = []
    for escort in person.escorts:
        days = [
            one.notice.start.astimezone(escort.zone or clinic.zone).date()
            for one in notices.values()
            if escort.name in one.declined
        ]
        away = (DatedHours(first=day, why="said no") for day in sorted(set(days)))
        escorts.append(attrs.evolve(escort, away=(*escort.away, *away)))
    return attrs.evolve(person, escorts=escorts)
