"""What people know of a course: a fold over its events."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import attrs

from protocol_sched import catalog
from protocol_sched.model.course import (
    Cancelled,
    Confirmed,
    Course,
    Declined,
    Event,
    Given,
    Notified,
)
from protocol_sched.model.last_notice import last_notices
from protocol_sched.model.schedule import Ride

ON = date(2027, 3, 1)
START = datetime(2027, 3, 3, 9, tzinfo=UTC)


def notified(start: datetime = START, escort: str | None = "Priya") -> Notified:
    leave = start + timedelta(hours=2)
    return Notified(
        visit="dose-1", on=ON, start=start, discharge=leave, discharge_by=leave, escort=escort
    )


def test_sequence_counts_every_notification_after_the_first() -> None:
    moved = notified(START + timedelta(days=1))
    cancelled = Cancelled(visit="dose-1", on=ON)
    found = [
        last_notices(events)["dose-1"].sequence for events in ([notified()], [notified(), moved])
    ]
    assert [*found, last_notices([notified(), moved, cancelled])["dose-1"].sequence] == [0, 1, 2]
    again = last_notices([notified(), cancelled, notified()])["dose-1"]
    assert (again.sequence, again.cancelled) == (2, False)


def test_a_yes_holds_until_the_visit_moves() -> None:
    yes = Confirmed(visit="dose-1", escort="Priya", on=ON)
    assert last_notices([notified(), yes])["dose-1"].ride is Ride.CONFIRMED
    assert last_notices([notified(), yes, notified()])["dose-1"].ride is Ride.CONFIRMED
    moved = notified(START + timedelta(hours=1))
    assert last_notices([notified(), yes, moved])["dose-1"].ride is Ride.UNCONFIRMED
    assert (
        last_notices([notified(), yes, notified(escort="Tomas")])["dose-1"].ride is Ride.UNCONFIRMED
    )


def test_answers_count_in_the_order_in_which_they_were_given() -> None:
    early = Declined(visit="dose-1", escort="Priya", on=ON, at=START - timedelta(hours=9))
    late = Confirmed(visit="dose-1", escort="Priya", on=ON, at=START - timedelta(hours=8))
    assert last_notices([notified(), late, early])["dose-1"].ride is Ride.CONFIRMED
    assert last_notices([notified(), early, late])["dose-1"].ride is Ride.CONFIRMED
    assert last_notices([notified(), early])["dose-1"].declined == ("Priya",)


def test_a_stranger_and_an_unknown_visit_change_nothing() -> None:
    stranger = Confirmed(visit="dose-1", escort="Mallory", on=ON)
    assert last_notices([notified(), stranger])["dose-1"].ride is Ride.UNCONFIRMED
    assert (
        last_notices([stranger, Cancelled(visit="dose-1", on=ON), Given(visit="dose-1", on=ON)])
        == {}
    )


def test_the_escort_is_asked_anew_only_for_another_time_or_after_a_withdrawal() -> None:
    chair = attrs.evolve(notified(), places=(("chair", "chair 2"),))
    cancelled = Cancelled(visit="dose-1", on=ON)
    asked = [last_notices(events)["dose-1"].asked for events in ([notified()], [notified(), chair])]
    assert asked == [0, 0]
    assert (
        last_notices([notified(), chair, notified(START + timedelta(hours=1))])["dose-1"].asked == 2
    )
    assert last_notices([notified(), cancelled])["dose-1"].asked is None
    assert last_notices([notified(), cancelled, notified()])["dose-1"].asked == 2
    assert last_notices([notified(escort=None)])["dose-1"].asked is None


def test_a_course_is_known_by_its_events() -> None:
    events: list[Event] = [notified(), Confirmed(visit="dose-1", on=ON, escort="Priya")]
    course = Course(key="c1", protocol=catalog.load("ketamine-migraine"), events=events)
    assert last_notices(course) == last_notices(events)
