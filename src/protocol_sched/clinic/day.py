"""Who is where on a day of the clinic: from plans, or from what people know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta

from protocol_sched.clinic.courses import Case, known_visits
from protocol_sched.model.around import tasks
from protocol_sched.model.availability import Booking, Clinic, Person
from protocol_sched.model.course import Notified
from protocol_sched.model.day_list import ClinicVisits, DayLine, DayList, DayOf, Part
from protocol_sched.model.moments import later_by, utc
from protocol_sched.model.protocol import Protocol, VisitType
from protocol_sched.model.schedule import Schedule, Visit, kind_of
from protocol_sched.model.stages import Cleaning, Preparation, Stage

# --- all visits, part by part ------------------------------------------------------------------


def clinic_visits(parts: Iterable[Part], clinic: Clinic) -> ClinicVisits:
    """Return parts of visits in order of time."""
    order = sorted(parts, key=lambda part: (utc(part.start), utc(part.end), part.course))
    return ClinicVisits(zone=clinic.zone.key, parts=order)


def planned_parts(
    schedule: Schedule, person: Person, protocol: Protocol, clinic: Clinic
) -> tuple[Part, ...]:
    """Return the parts of the visits of a plan."""
    return tuple(
        part
        for visit in schedule.visits
        for part in _parts(
            visit, visit.id, visit.title, kind_of(visit, protocol), visit.type_ordinal,
            schedule.course, person, clinic,
        )
    )  # fmt: skip


def known_parts(case: Case, as_of: date, clinic: Clinic) -> tuple[Part, ...]:
    """Return the parts of the visits that people know of and that are to come."""
    return tuple(
        part
        for due, kind, notice in known_visits(case.course, as_of)
        for part in _parts(
            notice, due.id, due.title, kind, due.type_ordinal, case.course.key, case.person, clinic
        )
    )


def _parts(
    what: Visit | Notified,
    identity: str,
    title: str,
    kind: VisitType,
    ordinal: int,
    course: str,
    person: Person,
    clinic: Clinic,
) -> Iterator[Part]:
    names = dict(what.places)

    def part(one: Stage | Preparation | Cleaning, first: int, last: int) -> Part:
        members = [each for each in what.staff if each.during == one.name]
        roles = {each.role for each in members}
        staff = [each.name for each in members]
        for need, count in one.needs:
            if need not in names and need not in roles:
                staff += [need] * count
        return Part(
            course=course,
            person=person.key,
            name=person.name,
            visit=identity,
            title=title,
            stage=one.name,
            start=later_by(what.start, timedelta(minutes=first)).astimezone(clinic.zone),
            end=later_by(what.start, timedelta(minutes=last)).astimezone(clinic.zone),
            places=[names[need] for need, _ in one.needs if need in names],
            staff=staff,
        )

    least = most = 0
    for stage in kind.stages_of(ordinal):
        most += stage.most
        yield part(stage, least, most)
        least += stage.least
    for task in tasks(kind, ordinal):
        yield part(task.work, task.start, task.end)


# --- one day -----------------------------------------------------------------------------------


def day_list(visits: ClinicVisits, clinic: Clinic, day: date) -> DayList:
    """
    Return a day of the clinic by place and by staff.

    A visit holds a place from the first part of it that needs the place to the last. What begins
    the day before or ends on the day after is on both. Bookings of others are those of the clinic.
    """
    first = datetime.combine(day, time(), clinic.zone)
    last = datetime.combine(day + timedelta(days=1), time(), clinic.zone)
    places: dict[str, list[DayLine]] = {place.name: [] for place in clinic.places}
    for place in clinic.places:
        places[place.name] += _booked(place.booked, clinic, day)
    staff: dict[str, list[DayLine]] = {member.name: [] for member in clinic.team}
    for member in clinic.team:
        staff[member.name] += _booked(member.booked, clinic, day)
    for kind in clinic.staff:
        staff.setdefault(kind.kind, []).extend(_booked(kind.booked, clinic, day))
    others: list[DayLine] = []
    stays: dict[tuple[str, str, str], list[Part]] = {}
    for part in visits.parts:
        for name in part.places:
            stays.setdefault((name, part.course, part.visit), []).append(part)
        if utc(part.end) <= utc(first) or utc(part.start) >= utc(last):
            continue
        for name in dict.fromkeys(part.staff):
            line = _line([part], part.places, part.staff.count(name))
            staff.setdefault(name, []).append(line)
        if not part.places and not part.staff:
            others.append(_line([part], ()))
    for (name, _, _), parts in stays.items():
        line = _line(parts, [one for part in parts for one in part.staff])
        if utc(line.end) > utc(first) and utc(line.start) < utc(last):
            places.setdefault(name, []).append(line)
    return DayList(
        clinic=clinic.name,
        zone=clinic.zone.key,
        day=day,
        places=_in_order(places),
        staff=_in_order(staff),
        others=sorted(others, key=_when),
    )


def _line(parts: Sequence[Part], beside: Iterable[str], units: int = 1) -> DayLine:
    first = parts[0]
    return DayLine(
        start=min((part.start for part in parts), key=utc),
        end=max((part.end for part in parts), key=utc),
        who=first.name or first.person,
        title=first.title,
        stages=dict.fromkeys(part.stage for part in parts),
        units=units,
        beside=dict.fromkeys(beside),
    )


def _booked(bookings: Iterable[Booking], clinic: Clinic, day: date) -> Iterator[DayLine]:
    midnight = datetime.combine(day, time())
    for one in bookings:
        if one.day == day:
            # Bookings are read off the clinic's clock, so the clock is what counts minutes here.
            start, end = (
                (midnight + timedelta(minutes=minutes)).replace(tzinfo=clinic.zone)
                for minutes in (one.start, one.end)
            )
            yield DayLine(start=start, end=end, units=one.units, of=one.of)


def _in_order(lines: dict[str, list[DayLine]]) -> tuple[DayOf, ...]:
    return tuple(DayOf(name=name, lines=sorted(of, key=_when)) for name, of in lines.items())


def _when(line: DayLine) -> tuple[datetime, datetime, str]:
    return utc(line.start), utc(line.end), line.who
