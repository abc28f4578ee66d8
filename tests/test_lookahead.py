"""A first visit is offered only if the rest of the course still has room after it."""

from __future__ import annotations

from datetime import date, timedelta

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from histories import CLINIC, PERSON, PROTOCOL, START
from protocol_sched.errors import InvalidValue
from protocol_sched.model.availability import Clinic, DatedHours
from protocol_sched.model.course import Course
from protocol_sched.model.schedule import FirstDate
from protocol_sched.planning.course import first_dates, plan_course
from protocol_sched.planning.lookahead import Blocked, startable

EMPTY = Course(key="c1", protocol=PROTOCOL, not_before=START)
ASKED = START - timedelta(days=1)


def shut(*days: tuple[int, int]) -> Clinic:
    closures = [
        DatedHours(first=START + timedelta(days=a), last=START + timedelta(days=b)) for a, b in days
    ]
    return attrs.evolve(CLINIC, closures=closures)


def test_a_date_after_which_a_later_visit_has_no_room_names_that_visit() -> None:
    # Open from Monday to Thursday only: evaluation, dose 1, dose 2, and no day for dose 3.
    course = attrs.evolve(EMPTY, finish_by=START + timedelta(days=10))
    found = startable(course, shut((4, 20)), PERSON, as_of=ASKED)
    assert found.dates == ()
    first = found.on(START)
    assert isinstance(first, Blocked)
    assert first.conflict is not None
    assert first.conflict.visit == "dose-3"
    assert first.conflict.reasons
    assert found.on(START + timedelta(days=5)) is None, "closed: no room for the first visit"


@settings(max_examples=10, deadline=None)
@given(
    closed=st.lists(st.tuples(st.integers(0, 12), st.integers(0, 4)), max_size=3),
    days=st.integers(8, 16),
)
def test_every_date_is_offered_or_blocked_as_planning_it_shows(
    closed: list[tuple[int, int]], days: int
) -> None:
    clinic = shut(*((first, first + more) for first, more in closed))
    last = START + timedelta(days=days)
    ending = attrs.evolve(EMPTY, finish_by=last)
    found = startable(ending, clinic, PERSON, as_of=ASKED, within=14)
    offered = {one.day for one in first_dates(ending, clinic, PERSON, as_of=ASKED).dates}
    window = {START + timedelta(days=n) for n in range(14)}
    assert {one.day for one in found.dates} == offered & window
    assert not offered & {one.day for one in found.blocked}
    some: tuple[FirstDate | Blocked, ...] = (*found.dates[:2], *found.blocked[:2])
    for one in some:
        course = attrs.evolve(ending, not_before=one.day)
        plan = plan_course(course, clinic, PERSON, as_of=ASKED)
        begins = plan.schedule and plan.schedule.visits[0].day == one.day
        if isinstance(one, FirstDate):
            assert begins
        else:
            assert one.conflict is not None
            assert not begins


def test_nothing_due_is_nothing_to_offer_and_no_days_are_refused() -> None:
    done = attrs.evolve(EMPTY, not_before=date(2027, 3, 8))
    with pytest.raises(InvalidValue, match="within must be 1 day or more"):
        startable(done, CLINIC, PERSON, as_of=ASKED, within=0)


def test_looking_further_than_any_plan_does_finds_what_looking_that_far_does() -> None:
    """A bit for each of so many days was more than a machine can hold."""
    ending = attrs.evolve(EMPTY, finish_by=START + timedelta(days=10))
    found = startable(ending, CLINIC, PERSON, as_of=ASKED, within=10**18)
    assert found.dates
    assert found == startable(ending, CLINIC, PERSON, as_of=ASKED, within=11)
