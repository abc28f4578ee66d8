"""Whom to call about a clinic planned again, in the order in which it is safe to promise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from fractions import Fraction

import attrs

from protocol_sched.clinic.courses import Case, Held
from protocol_sched.model.availability import Clinic
from protocol_sched.model.calls import Call
from protocol_sched.model.changes import Change, Fate, Replan
from protocol_sched.model.moments import utc


def calls_of(
    cases: Sequence[Case],
    replans: Sequence[Replan],
    old: Sequence[Sequence[Held]],
    new: Sequence[Sequence[Held]],
    clinic: Clinic,
) -> tuple[Call, ...]:
    """
    Return everybody whose visits people know otherwise, those who must agree first before others.

    Another chair at the time people know is no reason to call: they are shown to it when they come.

    Among people who wait for nobody, the one whose next visit is soonest comes first.

    Args:
        old: What each course held of the clinic as people know it.
        new: What it holds now.
    """
    calls: dict[int, Call] = {}
    for n, (case, replan) in enumerate(zip(cases, replans, strict=True)):
        changes = [
            change
            for change in replan.changes
            if change.before and change.to_tell and not change.only_elsewhere
        ]
        if changes:
            calls[n] = Call(
                course=case.course.key,
                person=case.person.key,
                name=case.person.name,
                changes=changes,
                escorts=tuple(dict.fromkeys(_escorts(changes))),
            )
    waits = {n: _before(n, list(calls), old, new, clinic) for n in calls}
    keys = [case.course.key for case in cases]
    found: list[Call] = []
    left = sorted(calls, key=lambda n: (_soonest(calls[n]), keys[n]))
    while left:
        # Where people take each other's places, nobody is free of others: the soonest goes first.
        free = [n for n in left if not any(m in left for m in waits[n])]
        n = (free or left)[0]
        left.remove(n)
        found.append(attrs.evolve(calls[n], after=[keys[m] for m in waits[n]]))
    return tuple(found)


def _escorts(changes: Sequence[Change]) -> Iterator[str]:
    """Yield who is to be asked again: at another time, or in place of somebody else."""
    for change in changes:
        visit = change.after
        again = change.fate is not Fate.KEPT or change.other_ride
        if visit is not None and visit.escort and again:
            yield visit.escort


def _soonest(call: Call) -> datetime:
    known = [visit for one in call.changes for visit in (one.before, one.after)]
    return min(utc(visit.start) for visit in known if visit is not None)


def _before(
    n: int,
    calls: Sequence[int],
    old: Sequence[Sequence[Held]],
    new: Sequence[Sequence[Held]],
    clinic: Clinic,
) -> tuple[int, ...]:
    """Return who leaves room that a course takes, where there was not enough without that."""
    own = [one for one in new[n] if one not in old[n]]
    limits = {staff.kind: Fraction(staff.units) for staff in clinic.staff}
    found: dict[int, None] = {}
    for one in own:
        leaving = {
            m: [held for held in old[m] if held.name == one.name and held not in new[m]]
            for m in calls
            if m != n
        }
        others = [held for m, each in enumerate(old) if m != n for held in each]
        points = {utc(one.start)} | {
            utc(held.start)
            for held in others
            if held.name == one.name and utc(one.start) < utc(held.start) < utc(one.end)
        }
        limit = limits.get(one.name, Fraction(1))
        for point in sorted(points):
            taken = sum((_share(held) for held in others if _at(held, one.name, point)), Fraction())
            if taken + _booked(one.name, point, clinic) + _share(one) > limit:
                for m, each in leaving.items():
                    if any(_at(held, one.name, point) for held in each):
                        found[m] = None
    return tuple(found)


def _booked(kind: str, moment: datetime, clinic: Clinic) -> Fraction:
    """Return how much of a kind of staff others have booked at a moment."""
    local = moment.astimezone(clinic.zone)
    minute = 60 * local.hour + local.minute
    return sum(
        (
            Fraction(one.units, one.of)
            for staff in clinic.staff
            if staff.kind == kind
            for one in staff.booked
            if one.day == local.date() and one.start <= minute < one.end
        ),
        Fraction(),
    )


def _share(held: Held) -> Fraction:
    return Fraction(held.units, held.of)


def _at(held: Held, name: str, moment: datetime) -> bool:
    return held.name == name and utc(held.start) <= utc(moment) < utc(held.end)
