"""Catalog protocols as courses from Monday 1 March 2027 on, and their dates as days from it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from protocol_sched import catalog
from protocol_sched.expansion import expand
from protocol_sched.model.agenda import Agenda, Due
from protocol_sched.model.course import Course, Event, Given, Tested
from protocol_sched.model.rules import Rule

START = date(2027, 3, 1)
BEFORE = date(2027, 2, 20)
"""Ten days earlier, when the course is laid out."""


def on(days: int) -> date:
    """Return the date so many days after the start."""
    return START + timedelta(days=days)


def course_through(name: str, *events: Event) -> Course:
    """
    Return a course through a protocol of the catalog.

    Tests that have to lie some time back, such as vaccines, were passed a year before.
    """
    protocol = catalog.load(name)
    long_ago = START - timedelta(days=365)
    ready = [
        Tested(gate=gate.name, on=long_ago)
        for gate in protocol.gates
        if gate.visit is None and gate.min_age is not None
    ]
    return Course(key="course-1", protocol=protocol, not_before=START, events=(*ready, *events))


def laid_out(name: str, *events: Event, as_of: date = BEFORE, until: int = 0) -> Agenda:
    """Return the agenda of a course through a protocol of the catalog."""
    return expand(course_through(name, *events), as_of, on(until) if until else None)


def given(visit: str, days: int) -> Given:
    """Return the event that a visit took place so many days after the start."""
    return Given(visit=visit, on=on(days))


def targets(agenda: Agenda) -> dict[str, int | None]:
    """Return the first target date of every visit due, in days from the start."""
    return {due.id: _days(due.foreseen.day if due.foreseen else None) for due in agenda.dues}


def windows(agenda: Agenda) -> dict[str, tuple[int | None, int | None]]:
    """Return the earliest and latest date of every visit due, in days from the start."""
    return {
        due.id: (
            _days(due.earliest.day if due.earliest else None),
            _days(due.latest.day if due.latest else None),
        )
        for due in agenda.dues
    }


def ranges(agenda: Agenda) -> dict[str, tuple[int | None, int | None]]:
    """
    Return the first and last target date of every visit due, in days from the start.

    A visit the protocol names no target for has its forecast, and no last date.
    """
    return {due.id: (_days(_first(due)), _days(due.target_until)) for due in agenda.dues}


def run(name: str, *days: int) -> dict[str, int | None]:
    """Return the expected targets of a phase's visits, numbered from 1."""
    return {f"{name}-{number}": day for number, day in enumerate(days, start=1)}


def _first(due: Due) -> date | None:
    return due.foreseen.day if due.foreseen else None


def _days(day: date | None) -> int | None:
    return None if day is None else (day - START).days


def rules(part: object) -> Iterator[Rule]:
    """Yield every rule of a protocol, however deep it lies."""
    if isinstance(part, Rule):
        yield part
    if isinstance(part, tuple):
        for one in part:
            yield from rules(one)
    else:
        for field in getattr(part, "__attrs_attrs__", ()):
            yield from rules(getattr(part, field.name))
