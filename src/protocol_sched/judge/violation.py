"""What is judged and what is found: a visit with what its type says of it, and a broken rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

import attrs

from protocol_sched.judge.clock import (
    _FAR,
    MINUTE,
    day_text,
    in_utc,
    instant,
    minutes_after,
    reckonable,
)
from protocol_sched.model.agenda import Agenda, Due, FixedAt, Gated, OnWeekdays
from protocol_sched.model.availability import Booking, Clinic, Member, Person, Place, Staff
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Protocol, VisitType
from protocol_sched.model.schedule import Visit
from protocol_sched.model.stages import Cleaning, Preparation, Stage
from protocol_sched.model.typed import typed


@attrs.frozen(kw_only=True, field_transformer=typed)
class Violation:
    """One rule that a schedule breaks; ``str`` gives the sentence."""

    rule: str
    """The binding's own ``rule`` (``separation``), or what was looked at: ``opening hours``."""
    visits: tuple[str, ...]
    """Identities of the visits it is about, in the order of the rule; empty for the whole."""
    found: str
    wanted: str
    source: str = ""

    @property
    def says(self) -> str:
        """Return the sentence a person reads."""
        return f"{self.found}; wanted {self.wanted} ({self.rule})"

    def __str__(self) -> str:
        return self.says


def _by_day(bookings: Iterable[Booking], days: set[date]) -> dict[date, list[Booking]]:
    found: dict[date, list[Booking]] = {}
    for one in [one for one in bookings if one.day in days]:
        found.setdefault(one.day, []).append(one)
    return found


_Range = tuple[timedelta, timedelta, timedelta, timedelta]
"""Earliest and latest begin, earliest and latest end."""
_NO_TIME = timedelta()


Claim = tuple[Visit, datetime | None, datetime | None, datetime | None]
"""
A visit with its start and its discharge, earliest and latest, as it shows them, in UTC; ``None``
for a moment that cannot be reckoned with.
"""


def claims_of(visits: Iterable[Visit]) -> list[Claim]:
    """Return visits with the moments they show."""
    return [
        (visit, in_utc(visit.start), in_utc(visit.discharge), in_utc(visit.discharge_by))
        for visit in visits
    ]


Task = tuple[Preparation | Cleaning, datetime, datetime]
"""What is done around a visit without the person, from when until when, in UTC."""


class Placed(NamedTuple):
    """A visit that is due, with its real times worked out from its type; moments in UTC."""

    visit: Visit
    due: Due
    kind: VisitType | None
    stages: tuple[Stage, ...]
    ranges: tuple[_Range, ...]
    """For each stage how long after the start it begins and ends, at the earliest and latest."""
    day: date
    start: datetime
    discharge: datetime
    discharge_by: datetime
    tasks: tuple[Task, ...] = ()

    @property
    def title(self) -> str:
        return self.due.title or self.due.id


def _ranges(stages: Iterable[Stage]) -> Iterator[_Range]:
    begins = begins_by = _NO_TIME
    for stage in stages:
        ends = begins + min(max(stage.least, 0), _FAR) * MINUTE
        ends_by = begins_by + min(max(stage.most, 0), _FAR) * MINUTE
        yield begins, begins_by, ends, ends_by
        begins, begins_by = ends, ends_by


def _tasks(
    kind: VisitType | None,
    ordinal: int,
    stages: tuple[Stage, ...],
    ranges: tuple[_Range, ...],
    arrives: datetime,
    leaves_by: datetime,
) -> Iterator[Task]:
    """Yield what is done around a visit, in the order of its type."""
    if kind is None or not (kind.preparation or kind.cleaning):
        return
    firsts = [stage.name for stage in stages]
    for ready in kind.preparation:
        at = arrives
        if ready.before in firsts:
            at += ranges[firsts.index(ready.before)][0]
        if ready.ahead is not None:
            at -= min(ready.ahead.minutes, _FAR) * MINUTE
        if ordinal in ready.visits and (not ready.before or ready.before in firsts):
            yield ready, at - min(ready.length.minutes, _FAR) * MINUTE, at
    lasts = {stage.name: ends_by for stage, (*_, ends_by) in zip(stages, ranges, strict=True)}
    for clean in kind.cleaning:
        at = arrives + lasts[clean.after] if clean.after in lasts else leaves_by
        if ordinal in clean.visits and (not clean.after or clean.after in lasts):
            yield clean, at, minutes_after(at, clean.length.minutes)


@attrs.frozen
class Case:
    """All that a schedule is judged by."""

    agenda: Agenda
    clinic: Clinic
    person: Person
    protocol: Protocol
    _booked: dict[str, dict[date, list[Booking]]] = attrs.field(factory=dict, init=False)
    _days: set[date] = attrs.field(factory=set, init=False)
    """The dates on which a visit begins or ends."""

    @cached_property
    def pinned(self) -> frozenset[str]:
        """Return the identities of the visits that are fixed to a moment."""
        pins = (rule for rule in self.agenda.bindings if isinstance(rule, FixedAt))
        return frozenset(pin.visit for pin in pins)

    @cached_property
    def places(self) -> dict[tuple[str, str], Place]:
        """Return the clinic's places by kind and name."""
        return {(place.kind, place.name): place for place in reversed(self.clinic.places)}

    @cached_property
    def place_kinds(self) -> frozenset[str]:
        return frozenset(place.kind for place in self.clinic.places)

    @cached_property
    def staff(self) -> dict[str, Staff]:
        """Return the clinic's staff by kind."""
        return {staff.kind: staff for staff in reversed(self.clinic.staff)}

    @cached_property
    def roles(self) -> frozenset[str]:
        """Return what the clinic's team are by name: nurse, prescriber."""
        return frozenset(member.role for member in self.clinic.team)

    @cached_property
    def free_weekdays(self) -> frozenset[str]:
        """Return the identities of the visits whose weekdays somebody waived."""
        return frozenset(
            rule.visit
            for rule in self.agenda.waived_rules
            if isinstance(rule, OnWeekdays) and rule.rule == "weekdays"
        )

    @cached_property
    def waiting(self) -> dict[str, list[Gated]]:
        """Return for each visit the tests that it waits for unless one on record counts."""
        found: dict[str, list[Gated]] = {}
        for rule in self.agenda.bindings:
            if isinstance(rule, Gated) and rule.again is not None and rule.keeps_least:
                found.setdefault(rule.visit, []).append(rule)
        return found

    def booked(self, what: Place | Staff | Member) -> dict[date, list[Booking]]:
        """Return the bookings of a place or of staff on the visits' dates, looked through once."""
        name = f"{type(what).__name__} {what.kind if isinstance(what, Staff) else what.name}"
        if name not in self._booked:
            self._booked[name] = _by_day(what.booked, self._days)
        return self._booked[name]

    def placed(self, claims: Iterable[Claim]) -> list[Placed]:
        """Return the visits that are due and lie in years that can be reckoned with."""
        dues = {due.id: due for due in self.agenda.dues}
        kinds = {kind.name: kind for kind in reversed(self.protocol.visit_types)}
        lengths: dict[tuple[object, ...], tuple[_Range, ...]] = {}
        zone = self.clinic.zone
        found: list[Placed] = []
        for visit, start, leaves, leaves_by in claims:
            if visit.id not in dues or start is None or leaves is None or leaves_by is None:
                continue
            due = dues[visit.id]
            kind = kinds.get(due.kind)
            waived = due.id in self.agenda.waived
            if kind is not None and waived:
                kind = kind.unescorted
            stages = kind.stages_of(due.type_ordinal) if kind else ()
            key = (due.kind, waived, tuple(stage.name for stage in stages))
            if key not in lengths:
                lengths[key] = tuple(_ranges(stages))
            if kind is not None:
                last = lengths[key][-1] if stages else (_NO_TIME,) * 4
                leaves, leaves_by = start + last[2], start + last[3]
            day = start.astimezone(zone).date()
            self._days.update((day, leaves_by.astimezone(zone).date()))
            each = _tasks(kind, due.type_ordinal, stages, lengths[key], start, leaves_by)
            around = tuple(self._still_to_do(task, start) for task in each)
            for _, begins, ends in around:
                self._days.update((begins.astimezone(zone).date(), ends.astimezone(zone).date()))
            found.append(
                Placed(
                    visit, due, kind, stages, lengths[key], day, start, leaves, leaves_by, around
                )
            )
        return found

    def _still_to_do(self, task: Task, arrives: datetime) -> Task:
        """Return work from the day of the agenda on, where it is over before the visit begins.

        What of it lies before that day may have been done.
        """
        work, begins, ends = task
        if ends >= arrives:
            return task
        opens = instant(self.clinic.zone, reckonable(self.agenda.as_of), 0)
        return work, max(begins, opens), max(ends, opens)


def alone(rule: str, one: Placed, found: str, wanted: str) -> Violation:
    return Violation(rule=rule, visits=(one.due.id,), found=found, wanted=wanted)


def on_weekdays(
    rule: str, source: str, one: Placed, weekdays: Iterable[str]
) -> Iterator[Violation]:
    names = tuple(weekdays)
    if WEEKDAYS[one.day.weekday()] not in names:
        text = f"{one.title} is on {day_text(one.day)}"
        wanted = " or ".join(names) or "no weekday at all"
        yield Violation(rule=rule, visits=(one.due.id,), found=text, wanted=wanted, source=source)
