"""Rides at risk: who has not said yes in time, and who could be asked instead."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import attrs

from protocol_sched.engine.calendars import SlotCalendar
from protocol_sched.engine.horizon import horizon
from protocol_sched.expansion import expand
from protocol_sched.model.availability import Clinic, Escort, Person
from protocol_sched.model.course import Course, Notified
from protocol_sched.model.former import keeps_former, names_of
from protocol_sched.model.last_notice import LastNotice, last_notices
from protocol_sched.model.moments import as_instant, later_by, utc, zoned
from protocol_sched.model.schedule import Ride
from protocol_sched.model.typed import typed

_ONE_DAY = timedelta(days=1)


@keeps_former
@attrs.frozen(kw_only=True, field_transformer=typed)
class RideAtRisk:
    """A visit that may fail because its ride home is not certain."""

    visit: str
    title: str
    start: datetime = attrs.field(eq=as_instant)
    ride: Ride
    """Unconfirmed after its time, or declined."""
    escort: str | None
    """Who was asked."""
    confirm_before: datetime = attrs.field(eq=as_instant)
    """When the answer was due."""
    next_escort: str | None
    """Who else is free for the whole time of the discharge and has not said no; ``None`` if
    there is nobody, and then the visit itself has to move."""


def rides_at_risk(
    course: Course, clinic: Clinic, person: Person, *, now: datetime
) -> tuple[RideAtRisk, ...]:
    """
    Return the visits whose ride was declined, or not confirmed by its time, soonest first.

    Args:
        course: What people know, and what escorts answered, comes from its events.
        now: From the moment ``confirm_before`` on, an unconfirmed ride is at risk.
    """
    zoned("rides at risk", "now", now)
    agenda = expand(course, now.astimezone(clinic.zone).date())
    protocol = course.protocol_on(agenda.as_of)
    notices = last_notices(course.events)
    found = []
    for due in agenda.dues:
        one, rule = notices.get(due.id), protocol.visit_type(due.kind).ride_home
        if one is None or rule is None or one.cancelled or one.given or one.ride is None:
            continue
        if (
            utc(one.notice.start) <= utc(now)
            or due.id in agenda.waived
            or one.ride is Ride.CONFIRMED
        ):
            continue
        by = later_by(one.notice.start, -rule.confirm_before.delta)
        if one.ride is Ride.UNCONFIRMED and utc(now) < utc(by):
            continue
        found.append(
            RideAtRisk(
                visit=due.id,
                title=due.title,
                start=one.notice.start,
                ride=one.ride,
                escort=one.notice.escort,
                confirm_before=by.astimezone(clinic.zone),
                next_escort=_next(one, person, clinic, rule.stay_with.minutes),
            )
        )
    return tuple(sorted(found, key=lambda risk: utc(risk.start)))


def _next(one: LastNotice, person: Person, clinic: Clinic, stay: int) -> str | None:
    """Return the first other escort who is free for the ride, in the order they are asked."""
    for escort in person.escorts:
        asked = escort.name == one.notice.escort or escort.name in one.declined
        if not asked and is_free(escort, one.notice, clinic, stay):
            return escort.name
    return None


def is_free(escort: Escort, notice: Notified, clinic: Clinic, stay: int = 0) -> bool:
    """
    Tell whether an escort is free from the earliest discharge to the latest and after it.

    Args:
        stay: Minutes for which they stay with the person after the discharge.
    """
    zone = escort.zone or clinic.zone
    leaves = notice.discharge.astimezone(clinic.zone).date()
    until = later_by(notice.discharge_by, timedelta(minutes=stay))
    last = until.astimezone(clinic.zone).date()
    calendar = SlotCalendar(horizon(clinic.zone, leaves - _ONE_DAY, last + _ONE_DAY), 1)
    free = calendar.open(escort.available, zone)
    for away in escort.away:
        free &= ~calendar.dated(away, zone)
    first, end = calendar.horizon.tick(notice.discharge), calendar.horizon.tick(until)
    wanted = calendar.slots(first, end)
    return free & wanted == wanted


if not TYPE_CHECKING:  # a checker shall know the present names only
    __getattr__ = names_of(__name__)
