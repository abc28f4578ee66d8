"""
A course laid out from its beginning, as seen on a date.

Visits that come before the treatment they are measured from bind it too. Which treatment that is
comes out of the walk, so that a course with such visits is walked a second time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from protocol_sched.expansion.beside import before_anchors
from protocol_sched.expansion.track import NOTHING_BEFORE, UNPLANNED
from protocol_sched.expansion.walk import Outline, walked
from protocol_sched.model.availability import Clinic
from protocol_sched.model.course import Course


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
    if not behind:
        return found
    return walked(course, as_of, until, planned, given_way, behind, clinic)
