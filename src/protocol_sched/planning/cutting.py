"""
A plan shown as far as a date: the whole course is planned, and later visits are left out.

What is asked to be shown never changes what is planned; a date by which a course must be
finished is the course's own ``finish_by``.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import attrs

from protocol_sched.model.schedule import Plan, Schedule


def shown(plan: Plan, until: date | None, notified: Collection[str] = ()) -> Plan:
    """
    Return a plan without the visits after a date; what it costs stays that of the whole course.

    Args:
        until: The last date shown; ``None`` shows all.
        told: Identities of visits that people know of; they are shown wherever they are.
    """
    if plan.schedule is None or until is None:
        return plan
    return attrs.evolve(plan, schedule=_cut(plan.schedule, until, notified))


def _cut(schedule: Schedule, until: date, notified: Collection[str]) -> Schedule:
    later = [one.id for one in schedule.visits if one.day > until and one.id not in notified]
    return attrs.evolve(
        schedule,
        visits=[one for one in schedule.visits if one.id not in later],
        slacks=[one for one in schedule.slacks if one.rule.due.isdisjoint(later)],
        until=until,
        later=later,
    )
