"""
Many courses at one clinic: who holds what.

Every course is planned around the bookings of all the others; this module works those out from
what people know, so that nothing has to be entered twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

import attrs

from protocol_sched.engine.candidates import Calendars
from protocol_sched.engine.held import held, whole
from protocol_sched.engine.solvers.budget import Budget
from protocol_sched.expansion import expand
from protocol_sched.model.agenda import Due
from protocol_sched.model.around import tasks
from protocol_sched.model.availability import Booking, Clinic, Person
from protocol_sched.model.changes import Replan
from protocol_sched.model.course import Course, Notified
from protocol_sched.model.last_notice import lapsed_visits, last_notices
from protocol_sched.model.moments import as_instant, later_by
from protocol_sched.model.protocol import Protocol, VisitType
from protocol_sched.model.schedule import Visit, kind_of
from protocol_sched.model.typed import typed
from protocol_sched.planning.course import EFFORT
from protocol_sched.planning.replan import replan_course


@attrs.frozen(kw_only=True, field_transformer=typed)
class Case:
    """One course and whose it is."""

    course: Course
    person: Person


# --- who holds what ----------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class Held:
    """A place, or units of staff, held by one visit from a moment to another."""

    name: str
    """The place's name, that of one of the team, or the kind of staff by number."""
    start: datetime = attrs.field(eq=as_instant)
    end: datetime = attrs.field(eq=as_instant)
    units: int = 1
    of: int = 1
    """Into how many shares one of the staff is cut: 1 of 2 is half a nurse."""


def holdings(course: Course, as_of: date, clinic: Clinic | None = None) -> tuple[Held, ...]:
    """
    Return what the visits of a course hold of the clinic that people know of and that are to come.

    A visit missed or put off holds nothing until people are told of another time. Each other
    holds its places from the first stage that needs one to the last, and staff stage
    by stage, as long as it can take; preparation and cleaning hold theirs too.

    Args:
        clinic: Whose ratios say how much of one of the staff each takes; without it all of them.
    """
    found: list[Held] = []
    for due, kind, notice in known_visits(course, as_of):
        found += _held(kind, due.type_ordinal, notice, clinic)
    return tuple(found)


def known_visits(course: Course, as_of: date) -> Iterator[tuple[Due, VisitType, Notified]]:
    """
    Yield the visits that people know of and that are to come, in order of the agenda.

    Each with its type, as it is where its ride home was waived, and what people were told last.
    A visit missed or put off is not among them until people are told of another time.
    """
    lapsed = dict(lapsed_visits(course))
    notices = {
        visit: one
        for visit, one in last_notices(course.events).items()
        if not (one.cancelled or one.given or visit in lapsed) and one.notice.start.date() >= as_of
    }
    if not notices:
        return
    agenda, protocol = expand(course, as_of), course.protocol_on(as_of)
    for due in agenda.dues:
        one = notices.get(due.id)
        if one is not None:
            kind = protocol.visit_type(due.kind)
            yield due, kind.unescorted if due.id in agenda.waived else kind, one.notice


def held_by(
    visits: Iterable[Visit], protocol: Protocol, clinic: Clinic | None = None
) -> tuple[Held, ...]:
    """Return what planned visits hold of the clinic."""
    found: list[Held] = []
    for visit in visits:
        kind = kind_of(visit, protocol)
        found += _held(kind, visit.type_ordinal, visit, clinic)
    return tuple(found)


def _held(
    kind: VisitType, ordinal: int, what: Visit | Notified, clinic: Clinic | None
) -> Iterator[Held]:
    names = dict(what.places)
    by_name = {one.role for one in what.staff}
    stages, around = kind.stages_of(ordinal), tasks(kind, ordinal)

    def at(minutes: int) -> datetime:
        return later_by(what.start, timedelta(minutes=minutes))

    for need, profile in held(stages, around, clinic).items():
        if need in names:
            first, last = whole(profile)
            yield Held(name=names[need], start=at(first), end=at(last))
        elif need not in by_name:
            of = 1 if clinic is None else clinic.whole(need)
            for first, last, units in profile:
                yield Held(name=need, start=at(first), end=at(last), units=units, of=of)
    for name, role in dict.fromkeys((one.name, one.role) for one in what.staff):
        parts = {one.during for one in what.staff if one.name == name}

        def mine(part: str, role: str = role, parts: set[str] = parts) -> Needs:
            return ((role, 1),) if part in parts else ()

        own = held(
            [attrs.evolve(one, needs=mine(one.name), skills=()) for one in stages],
            [
                attrs.evolve(one, work=attrs.evolve(one.work, needs=mine(one.work.name), skills=()))
                for one in around
            ],
            clinic,
        )
        of = 1 if clinic is None else clinic.whole(role)
        for first, last, units in own.get(role, ()):
            yield Held(name=name, start=at(first), end=at(last), units=units, of=of)


Needs = tuple[tuple[str, int], ...]
"""Kinds of place or staff, with units."""


def booked(clinic: Clinic, holding: Iterable[Held]) -> Clinic:
    """
    Return the clinic with more bookings; what it has no place or staff of that name for is left.

    On a day whose clock goes back an hour comes twice, and a booking in it holds both.
    """
    more: dict[str, list[Booking]] = {}
    for one in holding:
        more.setdefault(one.name, []).extend(_bookings(one, clinic))
    return attrs.evolve(
        clinic,
        places=[
            attrs.evolve(place, booked=(*place.booked, *more[place.name]))
            if place.name in more
            else place
            for place in clinic.places
        ],
        staff=[
            attrs.evolve(staff, booked=(*staff.booked, *more[staff.kind]))
            if staff.kind in more
            else staff
            for staff in clinic.staff
        ],
        team=[
            attrs.evolve(member, booked=(*member.booked, *more[member.name]))
            if member.name in more
            else member
            for member in clinic.team
        ],
    )


def _bookings(one: Held, clinic: Clinic) -> Iterator[Booking]:
    """Yield one booking for each local date of a stretch."""
    start, end = one.start.astimezone(clinic.zone), one.end.astimezone(clinic.zone)
    day = start.date()
    while day <= end.date():
        first = 60 * start.hour + start.minute if day == start.date() else 0
        last = 60 * end.hour + end.minute if day == end.date() else 24 * 60
        if last <= first and day == start.date() == end.date():  # across the hour that comes twice
            first, last = last, max(first, last + 1)
        if first < last:
            yield Booking(day=day, start=first, end=last, units=one.units, of=one.of)
        day += timedelta(days=1)


# --- a nurse is ill: courses one at a time -----------------------------------------------------


def replan_in_turn(
    cases: Iterable[Case],
    clinic: Clinic,
    *,
    as_of: date,
    now: datetime | None = None,
    effort: int = EFFORT,
) -> Iterator[Replan]:
    """
    Plan courses of one clinic again, one after another, each around all the others.

    A former way: `replan_clinic` moves the fewest visits over all courses together, in whatever
    order they are given.

    The order is that of ``cases``: a course whose visits still fit stays as it is, one whose
    visits no longer fit moves to where the others leave room, as they are then. Every course
    with a plan is lawful beside all the others afterwards. Fewest moves hold for each course,
    not for all together.

    Args:
        cases: All courses that hold something of the clinic, most important first.
        clinic: With the bookings of everybody else, and what has just changed.
        effort: Steps for all courses together; each may use its share of what those before it
            have left.

    Returns:
        One for each case, in their order, each as soon as it is planned; one without a plan
        keeps what people know of it.
    """
    listed = tuple(cases)
    holding = [holdings(case.course, as_of, clinic) for case in listed]
    calendars = Calendars()
    budget = Budget(effort)
    for n, case in enumerate(listed):
        part = budget.part(budget.left // (len(listed) - n))
        others = [one for m, held in enumerate(holding) if m != n for one in held]
        around = booked(clinic, others)
        replan = replan_course(
            case.course,
            around,
            case.person,
            as_of=as_of,
            now=now,
            effort=part,
            calendars=calendars,
        )
        if replan.plan.schedule is not None:
            protocol = case.course.protocol_on(as_of)
            holding[n] = held_by(replan.plan.schedule.visits, protocol, clinic)
        budget.take(part)
        yield replan
