"""Rides at risk: listed in time, with whoever could be asked next."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs
import pytest

from histories import CLINIC, NEW_YORK, PERSON, PROTOCOL
from protocol_sched.errors import NaiveMoment
from protocol_sched.judge.recording import record
from protocol_sched.judge.rides import rides_at_risk
from protocol_sched.model.availability import DatedHours
from protocol_sched.model.course import Confirmed, Course, Declined, Notified, Waived
from protocol_sched.model.last_notice import last_notices
from protocol_sched.model.schedule import Ride
from test_replanning import BEGUN, again, fates, on

DOSE_2 = last_notices(BEGUN.events)["dose-2"].notice
DOSE_3 = last_notices(BEGUN.events)["dose-3"].notice


def listed(course: Course, now: datetime) -> list[tuple[str, str, str | None]]:
    risks = rides_at_risk(course, CLINIC, PERSON, now=now)
    return [(risk.visit, risk.ride.value, risk.next_escort) for risk in risks]


def test_an_unconfirmed_ride_is_at_risk_from_its_confirm_by_time_on() -> None:
    due = DOSE_3.start - timedelta(hours=24)  # the clocks went forward just before
    assert due == datetime(2027, 3, 14, 9, tzinfo=NEW_YORK)
    yes = Confirmed(visit="dose-2", escort="Priya", on=on(1))
    course = record(BEGUN, [yes], as_of=on(1))
    assert listed(course, due - timedelta(minutes=1)) == []
    assert listed(course, due) == [("dose-3", "unconfirmed", "Priya")]
    (risk,) = rides_at_risk(course, CLINIC, PERSON, now=due)
    assert (risk.title, risk.start, risk.escort) == ("dose 3", DOSE_3.start, "Tomas")
    assert risk.confirm_before == due


def test_a_confirmed_or_waived_ride_is_not_at_risk() -> None:
    late = DOSE_2.start - timedelta(hours=1)
    assert listed(BEGUN, late) == [("dose-2", "unconfirmed", None)]
    for event in (
        Confirmed(visit="dose-2", escort="Priya", on=on(1)),
        Waived(visit="dose-2", by="Dr. Osei", why="stays near", on=on(1)),
    ):
        assert listed(record(BEGUN, [event], as_of=on(1)), late) == []


def test_a_visit_that_needs_no_ride_or_whose_day_nobody_was_told_hides_no_other() -> None:
    late = DOSE_3.start - timedelta(hours=1)
    told = (one for one in BEGUN.events if isinstance(one, Notified))
    (dose_2,) = [one for one in told if one.visit == "dose-2"]
    untold = [one for one in BEGUN.events if one != dose_2]
    assert listed(attrs.evolve(BEGUN, events=untold), late) == [("dose-3", "unconfirmed", "Priya")]
    (kind,) = [one for one in PROTOCOL.visit_types if one.name == "dose"]
    alone = attrs.evolve(kind, ride_home=None)
    others = [alone if one is kind else one for one in PROTOCOL.visit_types]
    without = attrs.evolve(BEGUN, protocol=attrs.evolve(PROTOCOL, visit_types=others))
    assert listed(without, late) == []
    walks = [
        attrs.evolve(one, escort=None) if isinstance(one, Notified) else one for one in BEGUN.events
    ]
    assert listed(attrs.evolve(BEGUN, events=walks), late) == []


def test_a_declined_ride_is_at_risk_at_once_and_only_who_is_free_is_named() -> None:
    no = Declined(visit="dose-3", escort="Tomas", on=on(1))
    course = record(BEGUN, [no], as_of=on(1))
    now = DOSE_2.start - timedelta(days=2)
    assert listed(course, now) == [("dose-3", "declined", "Priya")]
    tomas, priya = PERSON.escorts
    away = attrs.evolve(priya, away=[DatedHours(first=DOSE_3.start.date())])
    person = attrs.evolve(PERSON, escorts=[tomas, away])
    (risk,) = rides_at_risk(course, CLINIC, person, now=now)
    assert (risk.ride, risk.next_escort) == (Ride.DECLINED, None)


def test_a_declined_ride_plans_anew_only_what_it_must() -> None:
    no = Declined(visit="dose-3", escort="Tomas", on=on(1))
    found = again(record(BEGUN, [no], as_of=on(1)), on(1), hour=14)
    assert fates(found) == {"dose-2": "kept", "dose-3": "kept"}
    changed = {change.visit for change in found.changes if change.to_tell}
    assert changed == {"dose-3"}


def test_now_needs_a_zone() -> None:
    with pytest.raises(NaiveMoment):
        rides_at_risk(BEGUN, CLINIC, PERSON, now=datetime(2027, 3, 8, 9))  # noqa: DTZ001
    assert PROTOCOL.visit_type("dose").ride_home is not None
