"""
The judge of a clinic as a whole: no place twice at one moment, no staff over what there is.

Each course has been judged by itself; this looks at all of them together, by real moments, and
shares no code with what plans them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

import attrs

from protocol_sched.judge.checker import _beside, _needs
from protocol_sched.judge.clock import instant, moment_text, range_text
from protocol_sched.judge.team import Need, _parts, share_of, whole_of
from protocol_sched.judge.violation import Case, Placed, Violation, claims_of
from protocol_sched.model.agenda import Agenda
from protocol_sched.model.availability import Booking, Clinic, Person
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Schedule
from protocol_sched.model.typed import typed

DAY = timedelta(days=1)


@attrs.frozen(kw_only=True, field_transformer=typed)
class Beside:
    """One course's schedule with what it is judged by."""

    agenda: Agenda
    schedule: Schedule
    protocol: Protocol
    person: Person


class _Use(NamedTuple):
    """Units held from a moment to another, and by whom: a course and visit, or others."""

    start: datetime
    end: datetime
    units: Fraction
    """In shares of one."""
    by: tuple[str, str] | None
    title: str


def clinic_violations(courses: Iterable[Beside], clinic: Clinic) -> tuple[Violation, ...]:
    """
    Return where courses hold together more of a clinic than there is.

    Args:
        courses: Their tentative visits count as the others do.
        clinic: With the bookings of everybody else.

    Returns:
        One for each two visits in one place at once and for each kind of staff and date on which
        more is held than there is, in the clinic's order. `Violation.visits` holds
        ``course/visit``. What one course breaks by itself is for
        `protocol_sched.judge.checker.violations`.
    """
    places: dict[str, list[_Use]] = {}
    staff: dict[str, list[_Use]] = {}
    kinds = {each.kind for each in clinic.staff}
    members: dict[str, list[_Use]] = {}
    for one in courses:
        case = Case(one.agenda, clinic, one.person, one.protocol)
        for placed in case.placed(claims_of(one.schedule.visits)):
            for held, use in _uses(case, placed):
                (staff if held in kinds else places).setdefault(held, []).append(use)
            for name, use in _of_team(case, placed):
                members.setdefault(name, []).append(use)
    found: list[Violation] = []
    for place in clinic.places:
        uses = places.get(place.name, [])
        found += _twice(place.name, [*uses, *_bookings(place.booked, uses, clinic)], clinic)
    for each in clinic.staff:
        uses = staff.get(each.kind, [])
        whole = whole_of(clinic, each.kind)
        of_all = [*uses, *_bookings(each.booked, uses, clinic, whole)]
        found += _too_much(each.kind, each.units, whole, of_all, clinic)
    for member in clinic.team:
        uses = members.get(member.name, [])
        whole = whole_of(clinic, member.role)
        of_all = [*uses, *_bookings(member.booked, uses, clinic, whole)]
        found += _too_much(member.name, 1, whole, of_all, clinic)
    return tuple(found)


def _uses(case: Case, placed: Placed) -> Iterator[tuple[str, _Use]]:
    """Yield what a visit holds: the name of a place or the kind of staff by number, and when."""
    by = (case.agenda.course, placed.visit.id)
    names = dict(placed.visit.places)
    needs, beside = _needs(case, placed), _beside(case, placed)
    for kind in dict.fromkeys((*needs, *beside)):
        stretches, more = needs.get(kind, []), beside.get(kind, [])
        if kind in names:
            start = min(need[0] for need in (*stretches, *more))
            end = max(need[1] for need in (*stretches, *more))
            yield names[kind], _Use(start, end, Fraction(1), by, placed.title)
        else:
            for start, end, units in _levels(stretches, more):
                yield kind, _Use(start, end, Fraction(units), by, placed.title)


def _of_team(case: Case, placed: Placed) -> Iterator[tuple[str, _Use]]:
    """Yield who of the team is held by a visit, and when, in shares of one."""
    by = (case.agenda.course, placed.visit.id)
    for name, role in dict.fromkeys((one.name, one.role) for one in placed.visit.staff):
        mine = {one.during for one in placed.visit.staff if one.name == name}
        stretches: list[Need] = []
        more: list[Need] = []
        for part, apart, start, end, _, _ in _parts(placed):
            if part in mine:
                share = share_of(case.clinic, role, part)
                (more if apart else stretches).append((start, end, share))
        for start, end, units in _levels(stretches, more):
            yield name, _Use(start, end, Fraction(units), by, placed.title)


def _levels(stretches: list[Need], more: list[Need]) -> Iterator[Need]:
    """Yield how much is held when, of what runs one at a time and of what runs beside it."""
    edges = sorted({edge for a, b, _ in (*stretches, *more) for edge in (a, b)})
    for first, last in pairwise(edges):
        units = max((u for a, b, u in stretches if a <= first < b), default=0)
        units += sum(u for a, b, u in more if a <= first < b)
        if units:
            yield first, last, units


def _bookings(
    booked: Iterable[Booking], uses: list[_Use], clinic: Clinic, whole: int = 1
) -> Iterator[_Use]:
    """Yield the bookings of others on the dates that are used, in shares of one."""
    zone = clinic.zone
    days: set[date] = set()
    for use in uses:
        day = use.start.astimezone(zone).date()
        while day <= use.end.astimezone(zone).date():
            days.add(day)
            day += DAY
    for one in booked:
        if one.day in days:
            start = instant(zone, one.day, one.start)
            end = instant(zone, one.day, one.end, end=True)
            yield _Use(start, end, Fraction(one.units * whole, one.of), None, "others")


def _twice(name: str, uses: list[_Use], clinic: Clinic) -> Iterator[Violation]:
    uses.sort(key=lambda use: (use.start, use.end))
    latest: _Use | None = None
    for use in uses:
        if latest is not None and use.start < latest.end and (use.by or latest.by):
            when = range_text(use.start, min(use.end, latest.end), clinic.zone)
            text = f"{name} is held by {_who(latest)} and {_who(use)} during {when}"
            visits = tuple("/".join(one.by) for one in (latest, use) if one.by is not None)
            yield Violation(rule="place", visits=visits, found=text, wanted="one at a time")
        if latest is None or use.end > latest.end:
            latest = use


def _too_much(
    kind: str, units: int, whole: int, uses: list[_Use], clinic: Clinic
) -> Iterator[Violation]:
    edges: dict[datetime, list[tuple[Fraction, _Use]]] = {}
    for use in uses:
        edges.setdefault(use.start, []).append((use.units, use))
        edges.setdefault(use.end, []).append((-use.units, use))
    level = Fraction()
    here: dict[_Use, None] = {}
    told: set[date] = set()
    for moment in sorted(edges):
        for change, use in edges[moment]:
            level += change
            if change > 0:
                here[use] = None
            else:
                here.pop(use, None)
        day = moment.astimezone(clinic.zone).date()
        visits = tuple("/".join(use.by) for use in here if use.by is not None)
        # Starts and ends of one moment are taken together: back to back is not at once.
        if level > units * whole and visits and day not in told:
            told.add(day)
            text = f"{level / whole} of {kind} is held on {moment_text(moment, clinic.zone)}"
            yield Violation(rule="staff", visits=visits, found=text, wanted=f"at most {units}")


def _who(use: _Use) -> str:
    return use.title if use.by is None else f"{use.by[0]} ({use.title})"
