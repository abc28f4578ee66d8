"""
A course laid out from its beginning, as seen on a date.

Visits that come before the treatment they are measured from bind it too. Which treatment that is
comes out of the walk, so that a course with such visits is walked a second time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from protocol_sched.expansion.beside import before_anchors, visits_beside
from protocol_sched.expansion.track import NOTHING_BEFORE, UNPLANNED, Aside
from protocol_sched.expansion.walk import Outline, walked
from protocol_sched.model.availability import Clinic
from protocol_sched.model.course import Course
from protocol_sched.model.protocol import Phase, Protocol
from protocol_sched.model.references import EndOf, StartOf
from protocol_sched.model.rules import Starts


def outline(
    course: Course,
    as_of: date,
    until: date | None = None,
    planned: Mapping[str, datetime] = UNPLANNED,
    given_way: frozenset[str] = frozenset(),
    clinic: Clinic | None = None,
) -> Outline:
    """
    Lay out a course as seen on a date; open runs as far as ``until``.

    Args:
        planned: When visits still due are planned, by identity. They stay due; what follows is
            laid out as if each was given then.
        given_way: Those of them whose limits give way as they do once they have passed.
        clinic: Whose closed days count; without one no day is known to be closed.
    """
    found = walked(course, as_of, until, planned, given_way, NOTHING_BEFORE, clinic)
    behind = before_anchors(found)
    if behind:
        found = walked(course, as_of, until, planned, given_way, behind, clinic)
    # Each phase that waits for other visits is laid out once those are; those behind it, later.
    for _ in waiting_phases(found.track.course.protocol):
        asides = tuple(one for one in visits_beside(found, until) if isinstance(one, Aside))
        found = walked(course, as_of, until, planned, given_way, behind, clinic, asides)
    return found


def waiting_phases(protocol: Protocol) -> list[Phase]:
    """Return the phases of which a visit counts from one beside the treatments."""
    beside = {one.name for one in protocol.other_visits}
    return [phase for phase in protocol.phases if beside & set(_counted_from(phase))]


def _counted_from(phase: Phase) -> Iterator[str]:
    starts = phase.starts.from_ if isinstance(phase.starts, Starts) else ()
    for reference in (*starts, *(one for rule in phase.separations for one in rule.from_)):
        if isinstance(reference, StartOf | EndOf):
            yield reference.what
