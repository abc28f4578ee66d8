"""What is new to people in a schedule, as events."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import attrs
import pytest

from protocol_sched.errors import InvalidValue
from protocol_sched.model.course import Cancelled, Confirmed, Course, Given, Notified
from protocol_sched.model.last_notice import last_notices
from protocol_sched.model.notifying import notifications, once_notified
from protocol_sched.model.schedule import Ride
from samples import NEW_YORK, PROTOCOL, course_schedule, schedule, visit

ON = date(2027, 2, 20)
COURSE = Course(key="c-1", protocol=PROTOCOL)
START = datetime(2027, 3, 15, 14, tzinfo=NEW_YORK)
HOUR = timedelta(hours=1)


def names(events: tuple[Notified | Cancelled, ...]) -> list[tuple[str, str]]:
    return [(type(event).__name__, event.visit) for event in events]


def test_at_first_every_visit_is_told_and_then_nothing_is_new() -> None:
    first = notifications(course_schedule(), COURSE, on=ON)
    assert names(first) == [
        ("Notified", "evaluation-1"),
        ("Notified", "induction-1"),
        ("Notified", "induction-2"),
    ]
    assert {event.on for event in first} == {ON}
    assert notifications(course_schedule(), COURSE.after(first), on=ON) == ()


def test_only_what_changed_is_told_and_what_is_gone_is_cancelled() -> None:
    one, two, three = (visit(f"induction-{n}", START + n * 72 * HOUR) for n in (1, 2, 3))
    course = COURSE.after(notifications(schedule(one, two, three), COURSE, on=ON))
    moved = visit("induction-2", two.start + HOUR)
    found = notifications(schedule(one, moved), course, on=ON)
    assert names(found) == [("Notified", "induction-2"), ("Cancelled", "induction-3")]
    course = course.after(found)
    back = notifications(schedule(one, two, three), course, on=ON)
    assert names(back) == [("Notified", "induction-2"), ("Notified", "induction-3")]
    state = last_notices(course.after(back).events)
    assert [state[v.id].sequence for v in (one, two, three)] == [0, 2, 2]


def test_another_chair_or_escort_is_new_and_the_same_instant_in_another_zone_is_not() -> None:
    one = visit("induction-1", START)
    course = COURSE.after(notifications(schedule(one), COURSE, on=ON))
    for change in ({"places": (("chair", "chair 3"),)}, {"escort": "Kim Loe"}):
        assert notifications(schedule(attrs.evolve(one, **change)), course, on=ON)
    notified = course.events[0]
    assert isinstance(notified, Notified)
    in_utc = attrs.evolve(notified, start=notified.start.astimezone(UTC))
    assert notifications(schedule(one), COURSE.after([in_utc]), on=ON) == ()


def test_a_visit_given_is_not_cancelled_unless_it_became_due_again() -> None:
    one = schedule(visit("evaluation-1", START))
    course = COURSE.after(notifications(one, COURSE, on=ON))
    course = course.after([Given(visit="evaluation-1", on=START.date())])
    assert notifications(schedule(), course, on=ON) == ()
    again = schedule(visit("evaluation-1", START + 24 * HOUR))
    course = course.after(notifications(again, course, on=ON))
    assert names(notifications(schedule(), course, on=ON)) == [("Cancelled", "evaluation-1")]


def test_what_people_will_know_is_the_same_before_and_after_it_is_recorded() -> None:
    one = visit("induction-1", START)
    course = COURSE.after(notifications(schedule(one), COURSE, on=ON))
    course = course.after([Confirmed(visit="induction-1", escort="Sam Poe", on=ON)])
    moved = schedule(attrs.evolve(one, places=()))
    before = once_notified(moved, course)["induction-1"]
    after = once_notified(moved, course.after(notifications(moved, course, on=ON)))["induction-1"]
    assert (before.sequence, before.ride) == (after.sequence, after.ride) == (1, Ride.CONFIRMED)


def test_a_schedule_of_another_course_is_refused() -> None:
    other = attrs.evolve(course_schedule(), course="c-2")
    with pytest.raises(InvalidValue) as caught:
        notifications(other, COURSE, on=ON)
    assert str(caught.value) == ("course 'c-1': schedule must be its own, got one of course 'c-2'")
