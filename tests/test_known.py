"""What people know of a course: a fold over its events."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import attrs

from protocol_sched import catalog
from protocol_sched.model.course import Confirmed, Course, Declined, Event, Given, Told, Withdrawn
from protocol_sched.model.known import known
from protocol_sched.model.schedule import Ride

ON = date(2027, 3, 1)
START = datetime(2027, 3, 3, 9, tzinfo=UTC)


def told(start: datetime = START, escort: str | None = "Priya") -> Told:
    leave = start + timedelta(hours=2)
    return Told(
        visit="dose-1", on=ON, start=start, discharge=leave, discharge_by=leave, escort=escort
    )


def test_sequence_counts_every_telling_after_the_first() -> None:
    moved = told(START + timedelta(days=1))
    withdrawn = Withdrawn(visit="dose-1", on=ON)
    found = [known(events)["dose-1"].sequence for events in ([told()], [told(), moved])]
    assert [*found, known([told(), moved, withdrawn])["dose-1"].sequence] == [0, 1, 2]
    again = known([told(), withdrawn, told()])["dose-1"]
    assert (again.sequence, again.withdrawn) == (2, False)


def test_a_yes_holds_until_the_visit_moves() -> None:
    yes = Confirmed(visit="dose-1", escort="Priya", on=ON)
    assert known([told(), yes])["dose-1"].ride is Ride.CONFIRMED
    assert known([told(), yes, told()])["dose-1"].ride is Ride.CONFIRMED
    moved = told(START + timedelta(hours=1))
    assert known([told(), yes, moved])["dose-1"].ride is Ride.UNCONFIRMED
    assert known([told(), yes, told(escort="Tomas")])["dose-1"].ride is Ride.UNCONFIRMED


def test_answers_count_in_the_order_in_which_they_were_given() -> None:
    early = Declined(visit="dose-1", escort="Priya", on=ON, at=START - timedelta(hours=9))
    late = Confirmed(visit="dose-1", escort="Priya", on=ON, at=START - timedelta(hours=8))
    assert known([told(), late, early])["dose-1"].ride is Ride.CONFIRMED
    assert known([told(), early, late])["dose-1"].ride is Ride.CONFIRMED
    assert known([told(), early])["dose-1"].declined == ("Priya",)


def test_a_stranger_and_an_unknown_visit_change_nothing() -> None:
    stranger = Confirmed(visit="dose-1", escort="Mallory", on=ON)
    assert known([told(), stranger])["dose-1"].ride is Ride.UNCONFIRMED
    assert known([stranger, Withdrawn(visit="dose-1", on=ON), Given(visit="dose-1", on=ON)]) == {}


def test_the_escort_is_asked_anew_only_for_another_time_or_after_a_withdrawal() -> None:
    chair = attrs.evolve(told(), places=(("chair", "chair 2"),))
    withdrawn = Withdrawn(visit="dose-1", on=ON)
    asked = [known(events)["dose-1"].asked for events in ([told()], [told(), chair])]
    assert asked == [0, 0]
    assert known([told(), chair, told(START + timedelta(hours=1))])["dose-1"].asked == 2
    assert known([told(), withdrawn])["dose-1"].asked is None
    assert known([told(), withdrawn, told()])["dose-1"].asked == 2
    assert known([told(escort=None)])["dose-1"].asked is None


def test_a_course_is_known_by_its_events() -> None:
    events: list[Event] = [told(), Confirmed(visit="dose-1", on=ON, escort="Priya")]
    course = Course(key="c1", protocol=catalog.load("ketamine-migraine"), events=events)
    assert known(course) == known(events)
