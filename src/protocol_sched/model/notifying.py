"""
What is new to people in a schedule: the events that say it, and what they know once it is said.

`notifications` compares a schedule with what people were told before. Recorded in the course, these
events are all the memory that calendar files, invitations and re-planning need::

    course = course.after(notifications(schedule, course, on=today))
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from protocol_sched.errors import InvalidValue
from protocol_sched.model.course import Cancelled, Course, Notified
from protocol_sched.model.former import names_of
from protocol_sched.model.last_notice import LastNotice, last_notices
from protocol_sched.model.schedule import Schedule, Visit


def notifications(
    schedule: Schedule, course: Course, *, on: date, at: datetime | None = None
) -> tuple[Notified | Cancelled, ...]:
    """
    Return what people must be told of a schedule, as events of the day ``on``.

    A visit they do not know, or know otherwise (times, places, staff, escort), is told; a visit
    they know that took place counts as known, and one the schedule no longer has is cancelled. So
    the schedule is taken for the whole of what is to come. Told once more, nothing is new. A
    tentative visit is not told: people know it as before, or not yet.

    Args:
        at: The moment, which tells several notifications of one date apart.

    Returns:
        Visits in the schedule's order, then those cancelled in the order they were first told.

    Raises:
        InvalidValue: The schedule is of another course.
    """
    if schedule.course != course.key:
        raise InvalidValue(
            f"course {course.key!r}", "schedule", f"one of course {schedule.course!r}", "its own"
        )
    before = last_notices(course.events)
    events: list[Notified | Cancelled] = []
    for visit in (one for one in schedule.visits if not one.tentative):
        new = notice_of(visit, on, at)
        old = before.get(visit.id)
        if old is None or old.cancelled or said(old.notice) != said(new):
            events.append(new)
    planned = {visit.id for visit in schedule.visits}
    planned |= {past.id for past in schedule.past if past.counts}  # recorded or not, its time came
    for identity, old in before.items():
        if not (identity in planned or old.cancelled or old.given):
            events.append(Cancelled(visit=identity, on=on, at=at))
    return tuple(events)


def once_notified(schedule: Schedule, course: Course) -> dict[str, LastNotice]:
    """
    Return what people know of each visit once they are told of a schedule.

    The same before and after `notifications` are recorded, since then nothing is new.
    """
    # Which day they are told on changes nothing in what they then know.
    return last_notices(course.after(notifications(schedule, course, on=date.min)).events)


def notice_of(visit: Visit, on: date, at: datetime | None = None) -> Notified:
    """Return the event that people were told of one visit, on a date or at a moment of it."""
    return Notified(
        visit=visit.id,
        on=on,
        start=visit.start,
        discharge=visit.discharge,
        discharge_by=visit.discharge_by,
        places=visit.places,
        escort=visit.escort,
        staff=visit.staff,
        at=at,
    )


def said(notice: Notified) -> tuple[object, ...]:
    """Return what a notification says, moments compared as instants whatever their zone."""
    return (*notice.times, notice.places, notice.staff, notice.escort)


if not TYPE_CHECKING:  # a checker shall know the present names only
    __getattr__ = names_of(__name__)
