"""
Measure the planner, each answer checked before it is timed, and write a page of tables.

    python benchmarks/run.py [--quick] [--suite DIR] [--out docs/performance.md]

Beside the page a picture of the same name, ``performance.svg``, shows how cost grows. With
``--suite`` the folder of a bench in the schema infusion-bench/1 is measured too (``gen.py``,
``check.py``, ``peer_cpsat_course.py``, ``course_optima.csv``); without OR-Tools the peers are
left out. Times are medians on the clock; ratios are taken within one run.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import os
import platform
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby
from pathlib import Path
from statistics import median
from time import perf_counter
from types import ModuleType
from typing import Any, NamedTuple, TypeVar

import attrs
import made
import solve_instance

from protocol_sched import Plan, Proof, best_courses, expand, first_dates, plan_agenda, plan_course
from protocol_sched.checker import violations
from protocol_sched.compiler import Compiled, compile_agenda
from protocol_sched.formats.ics import clinic_calendar, patient_calendar
from protocol_sched.horizon import horizon
from protocol_sched.solvers import cpsat, exact
from protocol_sched.solvers.result import Result, Status

T = TypeVar("T")
BARS = {"50 %, 8": 80, "80 %, 8": 60, "95 %, 14": 25, "95 %, 8": 10}
"""How many times faster than CP-SAT a solve is meant to be, by load and chairs."""


def have_ortools() -> bool:
    """Tell whether the peers can run."""
    try:
        version("ortools")
    except PackageNotFoundError:
        return False
    return True


def timed(call: Callable[[], T], repeat: int) -> tuple[float, T]:
    """Return the median milliseconds of some calls, and what the last one returned."""
    times = []
    for _ in range(repeat):
        began = perf_counter()
        answer = call()
        times.append(perf_counter() - began)
    return 1000 * median(times), answer


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a Markdown table; numbers keep two or three digits."""
    lines = [list(head), ["---"] * len(list(head))]
    lines += [[_cell(value) for value in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"
    return str(value)


# --- the course suite ------------------------------------------------------------------------


class Course(NamedTuple):
    """One instance of the suite, measured; milliseconds."""

    group: str
    solve: float
    whole: float
    peers: dict[str, float]

    @property
    def best(self) -> float:
        """Return the milliseconds of the fastest peer."""
        return min(self.peers.values(), default=float("nan"))


def suite(folder: Path, quick: bool, repeat: int) -> Iterator[Course]:
    """Measure each instance of the suite; every answer equals the proved optimum."""
    sys.path.insert(0, str(folder))
    gen, check = importlib.import_module("gen"), importlib.import_module("check")
    peer = importlib.import_module("peer_cpsat_course") if have_ortools() else None
    optima = {row["name"]: row for row in csv.DictReader((folder / "course_optima.csv").open())}
    for seed, load, chairs in gen.COURSE_SUITE + gen.COURSE_INFEASIBLE:
        if quick and seed > 3:
            continue
        instance = gen.course(seed, load, chairs)
        yield _measured(instance, optima[instance["name"]], check, peer, repeat)


def _measured(
    instance: dict[str, Any],
    optimum: dict[str, str],
    check: ModuleType,
    peer: ModuleType | None,
    repeat: int,
) -> Course:
    agenda, protocol, clinic, person, first, last = solve_instance.model(instance)
    stretch = horizon(clinic.zone, first, last)
    compiled = compile_agenda(agenda, protocol, clinic, person, stretch)
    wanted = [int(optimum[key] or 0) for key in LEVELS] if optimum["finish_day"] else None

    def whole() -> Plan:
        return plan_agenda(agenda, protocol, clinic, person, first=first, until=last)

    plan = whole()
    answer = solve_instance.solution(instance, plan)
    if wanted is None:
        assert plan.proof is Proof.IMPOSSIBLE, instance["name"]
    else:
        assert plan.proof is Proof.OPTIMAL, instance["name"]
        assert answer["objective"][1:] == wanted, instance["name"]
        assert check.check(instance, answer)["ok"], instance["name"]
    solve_ms, _ = timed(lambda: exact.solve(compiled.problem), repeat)
    whole_ms, _ = timed(whole, repeat)
    peers = {}
    if peer is not None:
        for encoding in ("domain", "day"):
            found = peer.solve(instance, encoding)
            assert (found["objective"] or [None])[1:] == (wanted or []), instance["name"]
            peers[encoding] = 1000 * found["seconds"]
        peers["own"], second = timed(lambda: cpsat.solve(compiled.problem, workers=2), 1)
        assert levels(second) == levels(exact.solve(compiled.problem)), instance["name"]
    load, chairs = instance["name"].split("-")[1:3]
    return Course(f"{load} %, {chairs.rstrip('c')}", solve_ms, whole_ms, peers)


LEVELS = ("deviation_days", "finish_day", "time_of_day_min")


def levels(result: Result) -> tuple[Status, int, int, int, int]:
    """Return what two solvers must agree on."""
    costs = (result.deviation, result.preferences, result.finish, result.time_of_day)
    return (result.status, *costs)


def suite_table(courses: list[Course]) -> str:
    """Return medians by load and chairs."""
    rows = []
    for group, some in groupby(courses, key=lambda course: course.group):
        same = list(some)
        solve, whole = median(c.solve for c in same), median(c.whole for c in same)
        row: list[object] = [group, len(same), solve, whole]
        if same[0].peers:
            row += [median(c.peers[name] for c in same) for name in ("domain", "day", "own")]
            row.append(f"{median(c.best / c.solve for c in same):.0f}")
            row.append(BARS[group])
            row.append(f"{median(c.best / c.whole for c in same):.0f}")
        rows.append(row)
    head = ["load, chairs", "courses", "solve, ms", "whole call, ms"]
    if courses[0].peers:
        head += ["CP-SAT domain, ms", "CP-SAT day, ms", "CP-SAT own, ms"]
        head += ["solve: times faster", "wanted", "whole call: times faster"]
    return table(head, rows)


# --- rules in hours --------------------------------------------------------------------------

HOURS = [
    ("bortezomib-21-days", "clinic", 60, "injections at least 72 h apart"),
    ("dhe-repetitive", "inpatient-clinic", 10, "nine infusions 8 h apart"),
    ("dhe-five-days", "inpatient-clinic", 12, "infusions 8 h apart for five days"),
    ("folfox-6", "inpatient-clinic", 190, "a pump off after 46 h, twelve cycles"),
]


def in_hours(repeat: int) -> Iterator[list[object]]:
    """Measure courses with elapsed rules at half load, against CP-SAT with intervals."""
    for name, where, days, what in HOURS:
        clinic, person = made.example(where, days, 50)
        course = made.published(name)
        first, last = made.FIRST, made.FIRST + timedelta(days=days)
        agenda, stretch = expand(course, first), horizon(clinic.zone, first, last)
        compiled = compile_agenda(agenda, course.protocol, clinic, person, stretch)
        ms, result = timed(lambda: exact.solve(compiled.problem), repeat)  # noqa: B023
        row: list[object] = [name, what, len(compiled.problem.items), days, result.status.value, ms]
        if have_ortools():
            intervals = importlib.import_module("intervals")
            peer_ms, second = timed(lambda: intervals.solve(compiled, clinic), 1)  # noqa: B023
            own_ms, third = timed(lambda: cpsat.solve(compiled.problem, workers=2), 1)  # noqa: B023
            assert levels(third) == levels(result), name
            proved = second.status is not Status.EFFORT_SPENT
            assert not proved or levels(second) == levels(result), name
            row += [peer_ms if proved else f"over {peer_ms / 1000:.0f} s", own_ms, peer_ms / ms]
        yield row


def hours_table(rows: list[list[object]]) -> str:
    """Return one row for each course."""
    head = ["course", "rule", "visits", "days", "answer", "solve, ms"]
    if have_ortools():
        head += ["CP-SAT intervals, ms", "CP-SAT own, ms", "times faster than intervals"]
    return table(head, rows)


# --- other calls -----------------------------------------------------------------------------


def other_calls(repeat: int) -> Iterator[list[object]]:
    """Measure what else a program asks for, in a year of a clinic at 80 %."""
    clinic, person = made.clinic(365), made.person()
    course = made.published("ketamine-induction")
    clinic = attrs.evolve(clinic, staff=made.example("clinic", 1, 0)[0].staff)
    asked: Any = {"as_of": made.FIRST, "until": made.FIRST + timedelta(days=364)}
    one_ms, plan = timed(lambda: plan_course(course, clinic, person, **asked), repeat)
    assert plan.schedule is not None
    assert plan.proof is Proof.OPTIMAL
    schedule, protocol = plan.schedule, course.protocol
    assert violations(plan.agenda, schedule, clinic, person, protocol) == ()
    visits = len(schedule.visits)
    yield [f"plan_course, {visits} visits, a year", one_ms, ""]
    ms, plans = timed(lambda: best_courses(course, clinic, person, count=3, **asked), repeat)
    assert len(plans) == 3
    assert plans[0] == plan
    yield ["best_courses, the best three", ms, f"{ms / one_ms:.1f} times one; wanted under 5"]
    ms, dates = timed(lambda: first_dates(course, clinic, person, **asked), repeat)
    assert plan.objective is not None
    assert min(first.deviation for first in dates) == plan.objective.deviation
    yield [f"first_dates, {len(dates)} dates found", ms, "wanted under 100"]
    ms, found = timed(lambda: violations(plan.agenda, schedule, clinic, person, protocol), repeat)
    assert found == ()
    yield ["violations of the plan", ms, ""]
    now = datetime(2027, 2, 20, 12, tzinfo=UTC)
    for name, write in (
        ("patient_calendar", lambda: patient_calendar(schedule, clinic, person, protocol, now=now)),
        ("clinic_calendar", lambda: clinic_calendar(schedule, clinic, person, protocol, now=now)),
    ):
        ms, text = timed(write, repeat)
        assert text.count(b"BEGIN:VEVENT") >= visits
        yield [f"{name}, {visits} visits", ms, f"{len(text)} bytes"]
    long, after = made.ten_years()
    ms, agenda = timed(lambda: expand(long, after), repeat)
    assert len(agenda.past) == 130
    assert agenda.dues
    yield ["expand, ten years of history (130 infusions)", ms, ""]
    program = "import protocol_sched"
    bare, _ = timed(lambda: _python("pass"), repeat)
    ms, _ = timed(lambda: _python(program), repeat)
    yield ["import protocol_sched", max(0.0, ms - bare), "wanted under 300"]
    ms, _ = timed(lambda: _python("from protocol_sched import plan_course"), repeat)
    yield ["from protocol_sched import plan_course", max(0.0, ms - bare), "wanted under 300"]


def _python(program: str) -> None:
    subprocess.run([sys.executable, "-c", program], check=True)


# --- growth ----------------------------------------------------------------------------------


class Growth(NamedTuple):
    """One size, measured: years, visits, milliseconds and the peak of memory in megabytes."""

    years: int
    visits: int
    compile: float
    solve: float
    whole: float
    peak: float


def growth(repeat: int) -> Iterator[Growth]:
    """Measure longer horizons, then more visits, in a clinic at 80 %."""
    for years, visits in [(n, 12) for n in (1, 2, 3, 4)] + [(1, n) for n in (10, 20, 40, 60)]:
        days = 365 * years
        clinic, person = made.clinic(days), made.person()
        agenda, protocol = made.series(visits)
        stretch = horizon(clinic.zone, made.FIRST, made.FIRST + timedelta(days=days - 1))

        def compiled() -> Compiled:
            return compile_agenda(agenda, protocol, clinic, person, stretch)  # noqa: B023

        def whole() -> Plan:
            last = stretch.date_of(stretch.days - 1)  # noqa: B023
            return plan_agenda(agenda, protocol, clinic, person, first=made.FIRST, until=last)  # noqa: B023

        assert whole().proof is Proof.OPTIMAL
        compile_ms, problem = timed(compiled, repeat)
        solve_ms, _ = timed(lambda: exact.solve(problem.problem), repeat)  # noqa: B023
        whole_ms, _ = timed(whole, repeat)
        tracemalloc.start()
        whole()
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        yield Growth(years, visits, compile_ms, solve_ms, whole_ms, peak)


def growth_table(sizes: list[Growth]) -> str:
    """Return one row for each size."""
    head = ["years", "visits", "compile, ms", "solve, ms", "whole call, ms", "memory peak, MB"]
    return table(head, sizes)


def picture(sizes: list[Growth]) -> str:
    """Return an SVG with milliseconds over years and over visits, two lines each."""
    parts = []
    by_years, by_visits = sizes[:4], sizes[4:]
    for n, (label, some) in enumerate((("years", by_years), ("visits", by_visits))):
        at = [getattr(size, label) for size in some]
        top = max(size.whole for size in some)
        left = 50 + 320 * n

        def point(x: float, ms: float) -> str:
            return f"{left + 240 * x / at[-1]:.1f},{200 - 160 * ms / top:.1f}"  # noqa: B023

        parts.append(f'<path d="M{left},40V200H{left + 250}" fill="none" stroke="#777"/>')
        parts.append(f'<text x="{left + 120}" y="235" text-anchor="middle">{label}</text>')
        parts.append(f'<text x="{left - 5}" y="45" text-anchor="end">{top:.0f} ms</text>')
        for x in at:
            tick = f'x="{left + 240 * x / at[-1]:.1f}" y="216" text-anchor="middle"'
            parts.append(f"<text {tick}>{x}</text>")
        for name, colour in (("whole", "#1b6ca8"), ("solve", "#c2571a")):
            line = " ".join(point(x, getattr(s, name)) for x, s in zip(at, some, strict=True))
            parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}"/>')
    parts.append('<text x="60" y="24" fill="#1b6ca8">whole call</text>')
    parts.append('<text x="150" y="24" fill="#c2571a">solve</text>')
    body = "\n".join(parts)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 250" width="640" height="250"'
        ' font-family="sans-serif" font-size="12" role="img">\n'
        "<title>Milliseconds against years of horizon and number of visits</title>\n"
        f"{body}\n</svg>\n"
    )


# --- the page --------------------------------------------------------------------------------


def machine() -> str:
    """Return processor, system and versions in a sentence."""
    cpuinfo = Path("/proc/cpuinfo")
    names = [
        line.split(":")[1].strip()
        for line in (cpuinfo.read_text().splitlines() if cpuinfo.exists() else ())
        if line.startswith("model name")
    ]
    processor = names[0] if names else platform.processor() or platform.machine()
    solver = f", OR-Tools {version('ortools')} with 2 workers" if have_ortools() else ""
    return (
        f"{processor}, {os.cpu_count()} cores, {platform.system()}; "
        f"Python {platform.python_version()}, protocol_sched {version('protocol-sched')}{solver}"
    )


INTRO = """\
# Performance

Made by `python benchmarks/run.py`; every answer was checked before it was timed. Times are
medians in milliseconds and depend on the machine; ratios were taken within the same run.

Measured on {machine}.
"""
SUITE = """
## One course

A year, 13 visits (an evaluation, six infusions, six more four weeks apart), an escort, chairs
booked to the load named. *Solve* is from the compiled problem to the proved result, the *whole
call* from model values to a schedule, calendars compiled anew. The last group has no plan; the
proof is timed. CP-SAT runs three encodings, the fastest of which is compared: *domain* and *day*
of the bench, and `protocol_sched.solvers.cpsat`.

"""
IN_HOURS = """
## Rules in hours

Published courses whose rules count hours, places booked to one half. *CP-SAT intervals* is the
model a user would write first, an optional interval on each place; *own* is
`protocol_sched.solvers.cpsat`, whose start domains already hold the bookings.

"""
OTHER = """
## Other calls

"""
GROWTH = """
## Growth

Visits two to five days apart, at most three in any seven days, eight chairs booked to 80 %.

![Milliseconds against years of horizon and number of visits](performance.svg)

"""


def main() -> int:
    """Run all measurements and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer courses, under two minutes")
    parser.add_argument("--suite", type=Path, help="folder with a bench of standard courses")
    parser.add_argument("--out", type=Path, help="the page to write; without it, only the screen")
    chosen = parser.parse_args()
    repeat = 3 if chosen.quick else 7
    page = INTRO.format(machine=machine())
    if chosen.suite is not None:
        page += SUITE + suite_table(list(suite(chosen.suite, chosen.quick, repeat)))
    page += IN_HOURS + hours_table(list(in_hours(min(repeat, 3))))
    page += OTHER + table(["call", "ms", ""], other_calls(repeat))
    sizes = list(growth(repeat))
    page += GROWTH + growth_table(sizes)
    print(page)
    if chosen.out is not None:
        chosen.out.write_text(page, "utf-8")
        chosen.out.with_suffix(".svg").write_text(picture(sizes), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
