"""
Law 2: the past binds like the future.

A visit planned at a moment and the same visit given at that moment leave all others the same
windows, the same targets, the same rules named.
"""

from __future__ import annotations

import re

import hypothesis
from hypothesis import settings

from courses import EFFORT, Lived, lived
from protocol_sched.expansion import expand
from protocol_sched.model.agenda import Agenda, Due
from protocol_sched.model.course import Given, Pinned
from protocol_sched.planning.course import plan_course


def windows(agenda: Agenda, beside: str) -> dict[str, tuple[object, ...]]:
    """
    Return the dates of every visit due but one, with the rules that set the target and the latest.

    Of two rules that set the same earliest date either may be named: today is one of them.
    """

    def of(due: Due) -> tuple[object, ...]:
        earliest = due.earliest and due.earliest.day
        forecast = due.forecast and due.forecast.day
        said = [
            (one.day, unnumbered(one.rule)) if one else None for one in (due.target, due.latest)
        ]
        return (earliest, forecast, *said, due.target_until, due.open)

    return {due.id: of(due) for due in agenda.dues if due.id != beside}


def unnumbered(rule: str) -> str:
    """Return a rule without the numbers of visits; a try that did not count has the next one's."""
    return re.sub(r"(check|dose) \d+", r"\1", rule)


@settings(max_examples=60, deadline=None)
@hypothesis.given(world=lived())
def test_a_visit_planned_and_the_same_visit_given_leave_others_the_same_dates(
    world: Lived,
) -> None:
    plan = plan_course(world.course, world.clinic, world.person, as_of=world.today, effort=EFFORT)
    if plan.schedule is None or not plan.schedule.visits:
        return
    first = plan.schedule.visits[0]
    if first.tentative or first.waits_for:
        return
    pin = Pinned(visit=first.id, on=world.today, start=first.start)
    took_place = Given(visit=first.id, on=first.day, start=first.start)
    # What people were told of and nobody recorded is taken to have happened.
    before = [Given(visit=one.id, on=one.on, start=one.start) for one in plan.unrecorded]
    fixed = expand(world.course.after([*before, pin]), first.day)
    given = expand(world.course.after([*before, took_place]), first.day)
    assert windows(given, first.id) == windows(fixed, first.id)
