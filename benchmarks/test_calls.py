"""What else a program asks for, in a year of a clinic booked to 80 %."""

from __future__ import annotations

import resource
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import attrs
import made
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from protocol_sched import Plan, Proof, best_courses, expand, first_dates, plan_course, violations
from protocol_sched.formats.ics.entries import clinic_calendar, patient_calendar
from protocol_sched.formats.ics.reading.busy import read_busy
from protocol_sched.formats.ics.reading.schedule import read_calendar
from protocol_sched.judge.signing import signed

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
    benchmark.extra_info["call"] = call.__name__
    return benchmark.pedantic(call, args, more, rounds=7, warmup_rounds=1)


def ran(benchmark: BenchmarkFixture, wanted: str, name: str, *args: str) -> None:
    """Measure a program of its own, from its start to its end, in processor time."""
    benchmark.extra_info.update(wanted=wanted, call=name)
    times = []

    def run() -> None:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([sys.executable, *args], capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert done.returncode in (0, 1), done.stderr
        times.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)

    benchmark.pedantic(run, rounds=5, warmup_rounds=1)
    benchmark.extra_info["ms"] = 1000 * median(times[1:])


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


def test_signed(benchmark: BenchmarkFixture, plan: Plan) -> None:
    assert plan.schedule is not None
    days = [visit.day for visit in plan.schedule.visits]
    whole = (plan, COURSE.protocol, CLINIC, PERSON)
    dates: Any = {"first": days[0], "last": days[-1], "keep": {}}
    assert called(benchmark, "at most 15 % of plan_course", signed, *whole, **dates) == plan


@pytest.mark.parametrize("write", [patient_calendar, clinic_calendar])
def test_calendar_written(benchmark: BenchmarkFixture, plan: Plan, write: Any) -> None:
    assert plan.schedule is not None
    world = (plan.schedule, CLINIC, PERSON, COURSE.protocol)
    text = called(benchmark, "under 2 ms", write, *world, now=NOW)
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


def test_calendar_of_25_000_entries_read(benchmark: BenchmarkFixture) -> None:
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}\r\nDTSTAMP:20270101T000000Z\r\nSUMMARY:Entry {n}\r\n"
        f"DTSTART:2027{1 + n % 12:02d}{1 + n % 28:02d}T{n % 24:02d}0000Z\r\nDURATION:PT30M\r\n"
        "END:VEVENT\r\n"
        for n in range(25_000)
    )
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//EN\r\n{events}END:VCALENDAR\r\n"
    benchmark.extra_info.update(wanted="under 1 s", call="read_busy, 25,000 entries")
    last = made.FIRST + timedelta(days=364)
    busy = benchmark.pedantic(
        read_busy, (text,), {"zone": CLINIC.zone, "first": made.FIRST, "last": last}, rounds=3
    )
    assert busy.times


def test_expand_ten_years_of_history(benchmark: BenchmarkFixture) -> None:
    course, after = made.ten_years()
    agenda = called(benchmark, "under 20 ms", expand, course, after)
    assert len(agenda.past) == 130
    assert agenda.dues


@pytest.mark.parametrize(
    ("program", "wanted"),
    [
        ("pass", ""),
        ("import protocol_sched", "under 150 ms more than bare Python"),
        ("from protocol_sched import plan_course", "under 150 ms more than bare Python"),
    ],
)
def test_import(benchmark: BenchmarkFixture, program: str, wanted: str) -> None:
    ran(benchmark, wanted, program, "-c", program)


DEMO = [str(made.EXAMPLES / "course.toml"), "--protocol"]
DEMO += [str(made.EXAMPLES / "ketamine-migraine.toml"), "--person"]
DEMO += [str(made.EXAMPLES / "person.toml"), "--as-of", "2027-02-20", "--clinic"]
DEMO += [str(made.EXAMPLES / "clinic.toml")]


def test_help(benchmark: BenchmarkFixture) -> None:
    ran(benchmark, "under 200 ms", "protocol-sched --help", "-m", "protocol_sched", "--help")


def test_plan_of_the_demo(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    out = ["--out", str(tmp_path)]
    name = "protocol-sched plan, the demo"
    ran(benchmark, "under 350 ms", name, "-m", "protocol_sched", "plan", *DEMO, *out)


@pytest.mark.parametrize("wish", ["infusion 3 on 2027-03-10 at 16:00", "infusion 6 by 2027-03-11"])
def test_explain(benchmark: BenchmarkFixture, wish: str) -> None:
    name, asked = f"protocol-sched explain, {wish}", ["--wish", wish]
    ran(benchmark, "under 500 ms", name, "-m", "protocol_sched", "explain", *DEMO, *asked)
