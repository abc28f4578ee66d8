"""What else a program asks for, in a year of a clinic booked to 80 %."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import made
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from protocol_sched import Plan, Proof, best_courses, expand, first_dates, plan_course, violations
from protocol_sched.formats.ics.entries import clinic_calendar, patient_calendar
from protocol_sched.formats.ics.reading.busy import read_busy
from protocol_sched.formats.ics.reading.schedule import read_calendar

NOW = datetime(2027, 2, 20, 12, tzinfo=UTC)
COURSE, PERSON = made.published("ketamine-induction"), made.person()
CLINIC = attrs.evolve(made.clinic(365), staff=made.example("clinic", 1, 0)[0].staff)
ASKED: Any = {"as_of": made.FIRST, "until": made.FIRST + timedelta(days=364)}


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Return the plan, judged."""
    plan = plan_course(COURSE, CLINIC, PERSON, **ASKED)
    assert plan.proof is Proof.OPTIMAL
    assert plan.schedule is not None
    judged = (plan.agenda, plan.schedule, CLINIC, PERSON, COURSE.protocol)
    assert violations(*judged) == ()
    return plan


def called(benchmark: BenchmarkFixture, wanted: str, call: Any, *args: Any, **more: Any) -> Any:
    """Measure a call that was tried before, and say what is wanted of it."""
    benchmark.extra_info["wanted"] = wanted
    benchmark.extra_info["call"] = args[0][-1] if call is subprocess.run else call.__name__
    return benchmark.pedantic(call, args, more, rounds=7, warmup_rounds=1)


def test_plan_course(benchmark: BenchmarkFixture, plan: Plan) -> None:
    assert called(benchmark, "", plan_course, COURSE, CLINIC, PERSON, **ASKED) == plan


def test_best_three_courses(benchmark: BenchmarkFixture, plan: Plan) -> None:
    plans = called(
        benchmark, "under 5 times one", best_courses, COURSE, CLINIC, PERSON, count=3, **ASKED
    )
    assert len(plans) == 3
    assert plans[0] == plan


def test_first_dates(benchmark: BenchmarkFixture, plan: Plan) -> None:
    found = called(benchmark, "under 100 ms", first_dates, COURSE, CLINIC, PERSON, **ASKED)
    assert plan.objective is not None
    assert min(first.deviation for first in found.dates) == plan.objective.deviation


def test_violations(benchmark: BenchmarkFixture, plan: Plan) -> None:
    judged = (plan.agenda, plan.schedule, CLINIC, PERSON, COURSE.protocol)
    assert called(benchmark, "", violations, *judged) == ()


@pytest.mark.parametrize("write", [patient_calendar, clinic_calendar])
def test_calendar_written(benchmark: BenchmarkFixture, plan: Plan, write: Any) -> None:
    assert plan.schedule is not None
    world = (plan.schedule, CLINIC, PERSON, COURSE.protocol)
    text = called(benchmark, "", write, *world, now=NOW)
    assert text.count(b"BEGIN:VEVENT") >= len(plan.schedule.visits)


def test_calendar_read_back(benchmark: BenchmarkFixture, plan: Plan) -> None:
    assert plan.schedule is not None
    protocol = COURSE.protocol
    text = clinic_calendar(plan.schedule, CLINIC, PERSON, protocol, now=NOW)
    found = called(benchmark, "", read_calendar, text, plan.agenda, CLINIC, PERSON, protocol)
    assert [v.start for v in found.schedule.visits] == [v.start for v in plan.schedule.visits]


def test_busy_calendar_read(benchmark: BenchmarkFixture) -> None:
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}\r\nDTSTAMP:20270101T000000Z\r\n"
        f"DTSTART:20270301T{8 + n % 9:02d}0000Z\r\nDURATION:PT30M\r\n"
        f"RRULE:FREQ=WEEKLY;COUNT={n + 1}\r\nEND:VEVENT\r\n"
        for n in range(50)
    )
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//EN\r\n{events}END:VCALENDAR\r\n"
    last = made.FIRST + timedelta(days=364)
    busy = called(benchmark, "", read_busy, text, zone=CLINIC.zone, first=made.FIRST, last=last)
    assert busy.times


def test_expand_ten_years_of_history(benchmark: BenchmarkFixture) -> None:
    course, after = made.ten_years()
    agenda = called(benchmark, "", expand, course, after)
    assert len(agenda.past) == 130
    assert agenda.dues


@pytest.mark.parametrize(
    ("program", "wanted"),
    [
        ("pass", ""),
        ("import protocol_sched", "under 300 ms more than bare Python"),
        ("from protocol_sched import plan_course", "under 300 ms more than bare Python"),
    ],
)
def test_import(benchmark: BenchmarkFixture, program: str, wanted: str) -> None:
    command = [sys.executable, "-c", program]
    done = called(benchmark, wanted, subprocess.run, command, check=True)
    assert done.returncode == 0
