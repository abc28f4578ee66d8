"""Values of a wrong type are refused where they are made, in the library's own words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from protocol_sched.errors import InvalidValue, NaiveMoment
from protocol_sched.expansion import expand
from protocol_sched.judge.recording import record
from protocol_sched.judge.verdicts import verdict
from protocol_sched.model.availability import Clinic, Hours, Person
from protocol_sched.model.course import Course, Deferred, Given, Notified, Pinned
from protocol_sched.model.course import Tested as GateTested
from protocol_sched.planning.course import plan_course
from protocols import course, every, phase, protocol
from test_hours_of_a_day import OPEN, PERSON

DAY = date(2027, 3, 1)
AT = datetime(2027, 3, 1, 9, tzinfo=UTC)
RUN = course(protocol(phase("dose", every("1 week"), "2")), start="2027-03-01")
ANY: Any = "2027-03-01"


def plan(**changed: Any) -> object:
    arguments: dict[str, Any] = {"as_of": DAY}
    places = [changed.pop(name, usual) for name, usual in PLACES]
    return plan_course(*places, **{**arguments, **changed})


PLACES: tuple[tuple[str, Any], ...] = (("course", RUN), ("clinic", OPEN), ("person", PERSON))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Given(visit="x", on=ANY), "given: on must be a date without a time"),
        (lambda: Given(visit=3, on=DAY), "given: visit must be a text, got 3"),  # type: ignore[arg-type]
        (lambda: Given(visit="x", on=DAY, start=ANY), "start must be a moment with a time zone"),
        (lambda: Pinned(visit="x", on=DAY, start=ANY), "start must be a moment with a time zone"),
        (lambda: Given(visit="x", on=DAY, counts=ANY), "given: counts must be True or False"),
        (
            lambda: GateTested(gate="x", on=DAY, passed=ANY),
            "tested: passed must be True, False or None",
        ),
        (lambda: Deferred(visit="x", on=DAY, until=ANY), "deferred: until must be a date"),
        (
            lambda: Notified(visit="x", on=DAY, start=AT, discharge=AT, discharge_by=AT, escort=3),  # type: ignore[arg-type]
            "notified: escort must be a text or None, got 3",
        ),
        (
            lambda: Course(key="c", protocol=RUN.protocol, not_before=ANY),
            "course: not_before must be a date",
        ),
        (lambda: Course(key="c", protocol=None), "course: protocol must be a Protocol"),  # type: ignore[arg-type]
        (lambda: Clinic(name="c", zone=ANY, hours=Hours()), "clinic: zone must be a ZoneInfo"),
        (lambda: Person(key="p", available=3), "person: available must be Hours, got 3"),  # type: ignore[arg-type]
        (
            lambda: Person(key="p", available=ANY),
            "person: available must be such as 08:00, from 00:00 to 24:00, got '2027'",
        ),
        (
            lambda: Person(key="p", away=["2027-03-01"]),
            "person: away[0] must be DatedHours, got '2027-03-01'",
        ),
        (lambda: plan(clinic=PERSON, person=OPEN), "clinic must be a Clinic, got a value of type"),
        (lambda: plan(as_of=AT), "plan: as_of must be a date without a time"),
        (lambda: plan(as_of=date.max), "plan: as_of must be 9990-12-31 or earlier"),
        (lambda: plan(until=ANY), "plan: until must be a date without a time"),
        (lambda: plan(until=0), "plan: until must be a date without a time, got 0"),
        (lambda: plan(effort=-1), "plan: effort must be a whole number of steps, 0 or more"),
        (lambda: plan(effort=float("nan")), "plan: effort must be a whole number of steps"),
        (lambda: plan(effort=ANY), "plan: effort must be a whole number of steps"),
        (lambda: plan(effort=True), "plan: effort must be a whole number of steps"),
        (lambda: expand(RUN, ANY), "agenda: as_of must be a date without a time"),
        (lambda: expand(RUN.protocol, DAY), "agenda: course must be a Course"),  # type: ignore[arg-type]
        (lambda: expand(RUN, date.max), "agenda: as_of must be 9990-12-31 or earlier"),
        (lambda: verdict(RUN, "dose-1", ANY), "verdict: on must be a date"),
        (lambda: record(RUN, [], as_of=ANY), "record: as_of must be a date without a time"),
    ],
)
def test_a_value_of_a_wrong_type_is_refused(make: Callable[[], object], says: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        make()
    assert says in str(refused.value)


def test_a_moment_without_a_zone_is_refused_by_a_verdict_too() -> None:
    with pytest.raises(NaiveMoment):
        verdict(RUN, "dose-1", datetime(2027, 3, 1, 9))  # noqa: DTZ001
