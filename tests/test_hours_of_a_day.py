"""Visits that share a date: hours after a visit whose moment is known, and phases 0 days apart."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs
import pytest

from protocol_sched.expansion import expand
from protocol_sched.judge.recording import record
from protocol_sched.model.availability import Clinic, Hours, Person
from protocol_sched.model.course import Course, Given, Pinned
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.references import parse_reference
from protocol_sched.model.schedule import Plan, Proof, Schedule
from protocol_sched.model.spans import parse_range
from protocol_sched.planning.course import plan_course
from protocols import at, course, day, every, given, phase, protocol, starts

OPEN = Clinic(
    name="Open",
    zone=ZoneInfo("UTC"),
    hours=Hours.of(dict.fromkeys(WEEKDAYS, "00:00-24:00")),
    start_every=30,
)
PERSON = Person(key="p")
DOSED = datetime(2026, 3, 2, 9, tzinfo=UTC)


def planned(run: Course, as_of: str, until: date | None = None) -> Schedule:
    plan = plan_course(run, OPEN, PERSON, as_of=day(as_of), until=until)
    assert plan.schedule is not None
    assert plan.proof is Proof.OPTIMAL
    return plan.schedule


def sampled() -> Protocol:
    return protocol(
        phase("dose", at("day 1"), "1"),
        other_visits=[
            OtherVisit(
                name="sample",
                visit="review",
                cadence=at("8 hours", "12 hours", "14 hours", "24 hours", "36 hours"),
                anchor=parse_reference("start of dose"),
                source="local",
            )
        ],
    )


@pytest.mark.parametrize("known", [True, False])
def test_hours_after_a_dose_count_from_its_moment_pinned_or_given(known: bool) -> None:
    dose = Given(visit="dose-1", on=DOSED.date(), start=DOSED)
    pin = Pinned(visit="dose-1", start=DOSED, on=day("2026-03-01"))
    run = course(sampled(), dose if known else pin, start="2026-03-02")
    agenda = expand(run, day("2026-03-02"))
    expected = [f"2026-03-0{n}" for n in (2, 2, 2, 3, 3)]
    samples = [due for due in agenda.dues if due.phase == "sample"]
    assert [str(due.target.day) for due in samples if due.target] == expected
    assert [due.id for due in agenda.dues if due.phase == "dose"] + [d.id for d in samples] == [
        due.id for due in agenda.dues
    ]
    visits = planned(run, "2026-03-02").visits
    assert [v.start - DOSED for v in visits if v.phase == "sample"] == [
        timedelta(hours=n) for n in (8, 12, 14, 24, 36)
    ]


@pytest.mark.parametrize(
    ("after", "start"), [("30 minutes", "09:30"), ("0 days", "09:30"), ("2 hours", "11:00")]
)
def test_two_phases_may_share_a_date_where_the_protocol_says_so(after: str, start: str) -> None:
    plan = protocol(
        phase("dose", at("day 1"), "1"),
        phase("sample", at("day 1"), "1", begins=starts(after, "start of dose")),
    )
    run = course(plan, Given(visit="dose-1", on=DOSED.date(), start=DOSED))
    due = expand(run, day("2026-03-02")).due("sample-1")
    assert due.target is not None
    assert due.target.day == day("2026-03-02")
    (visit,) = planned(run, "2026-03-02").visits
    assert f"{visit.start:%Y-%m-%d %H:%M}" == f"2026-03-02 {start}"
    again = record(run, [Given(visit="sample-1", on=DOSED.date())], as_of=DOSED.date())
    assert again.events[-1].on == DOSED.date()


def test_two_phases_a_day_apart_are_still_on_two_dates() -> None:
    plan = protocol(
        phase("dose", at("day 1"), "1"),
        phase("sample", at("day 1"), "1", begins=starts("1 day", "start of dose")),
    )
    run = course(plan, *given(dose_1="2026-03-02"))
    due = expand(run, day("2026-03-02")).due("sample-1")
    assert due.earliest is not None
    assert due.earliest.day == day("2026-03-03")


NIGHT = attrs.evolve(
    OPEN, hours=Hours.of({"Monday": "22:00-24:00", "Tuesday": "00:00-04:00"}), start_every=60
)


def long_visit() -> Protocol:
    one = protocol(phase("dose", every("1 week"), "1"))
    (kind, *others) = one.visit_types
    (stage,) = kind.stages
    stage = attrs.evolve(stage, length=parse_range("3 hours"))
    return attrs.evolve(one, visit_types=(attrs.evolve(kind, stages=(stage,)), *others))


def over_by(monday: date, clinic: Clinic) -> Plan:
    run = attrs.evolve(course(long_visit(), start=str(monday)), finish_by=monday)
    return plan_course(run, clinic, PERSON, as_of=monday)


def test_on_the_last_date_a_visit_may_run_past_midnight() -> None:
    plan = over_by(day("2027-03-01"), NIGHT)
    assert plan.proof is Proof.OPTIMAL
    assert plan.schedule is not None
    assert f"{plan.schedule.visits[0].start:%Y-%m-%d %H:%M}" == "2027-03-01 22:00"


def test_after_the_last_date_no_visit_begins() -> None:
    tuesday = attrs.evolve(OPEN, hours=Hours.of({"Tuesday": "00:00-24:00"}))
    assert over_by(day("2027-03-01"), tuesday).proof is Proof.IMPOSSIBLE
