"""
The standard courses of a bench: solved, planned whole, planned again, and moved.

Each answer is held against the proved optimum and judged by the bench's own checker before
anything is timed.
"""

from __future__ import annotations

import importlib
from typing import Any, NamedTuple

import attrs
import pytest
import solve_instance
from pytest_benchmark.fixture import BenchmarkFixture

import cpsat
from protocol_sched import Agenda, Calendars, Clinic, Person, Plan, Proof, Protocol, plan_agenda
from protocol_sched.engine.compiler import compile_agenda
from protocol_sched.engine.horizon import horizon
from protocol_sched.engine.solvers import exact
from protocol_sched.engine.solvers.result import Result, Status
from protocol_sched.judge.checker import violations
from protocol_sched.model.availability import DatedHours
from protocol_sched.model.schedule import Keep

LEVELS = ("deviation_days", "finish_day", "time_of_day_min")
Optimum = dict[str, str]


class Case(NamedTuple):
    """One standard course as model values."""

    instance: dict[str, Any]
    agenda: Agenda
    protocol: Protocol
    clinic: Clinic
    person: Person
    dates: dict[str, Any]
    wanted: list[int] | None
    """The optimum; ``None`` where no plan exists."""

    @property
    def group(self) -> str:
        """Return load and chairs, such as ``80 %, 8``."""
        load, chairs = self.instance["name"].split("-")[1:3]
        return f"{load} %, {chairs.rstrip('c')}"

    def plan(self, clinic: Clinic | None = None, **more: Any) -> Plan:
        """Plan the course with the public call."""
        given = (self.agenda, self.protocol, clinic or self.clinic, self.person)
        return plan_agenda(*given, **self.dates, **more)


@pytest.fixture(scope="module")
def case(standard: tuple[dict[str, Any], Optimum]) -> Case:
    """Return the course, its plan checked."""
    instance, optimum = standard
    agenda, protocol, clinic, person, first, last = solve_instance.model(instance)
    wanted = [int(optimum[key] or 0) for key in LEVELS] if optimum["finish_day"] else None
    dates = {"first": first, "until": last}
    case = Case(instance, agenda, protocol, clinic, person, dates, wanted)
    plan = case.plan()
    answer = solve_instance.solution(instance, plan)
    if wanted is None:
        assert plan.proof is Proof.IMPOSSIBLE
    else:
        assert plan.proof is Proof.OPTIMAL
        assert answer["objective"][1:] == wanted
        assert importlib.import_module("check").check(instance, answer)["ok"]
    return case


def levels(result: Result) -> tuple[Status, *tuple[int, ...]]:
    """Return what two solvers must agree on."""
    return (result.status, *result.costs)


def test_solve(benchmark: BenchmarkFixture, case: Case, peers: bool) -> None:
    stretch = horizon(case.clinic.zone, case.dates["first"], case.dates["until"])
    compiled = compile_agenda(case.agenda, case.protocol, case.clinic, case.person, stretch)
    result = benchmark.pedantic(exact.solve, (compiled.problem,), rounds=7, warmup_rounds=1)
    benchmark.extra_info["group"] = case.group
    if peers:
        peer = importlib.import_module("peer_cpsat_course")
        times, clock = {}, benchmark._timer
        for encoding in ("domain", "day"):
            began = clock()
            found = peer.solve(case.instance, encoding)
            times[encoding] = 1000 * (clock() - began)
            assert (found["objective"] or [None])[1:] == (case.wanted or [])
        began = clock()
        second = cpsat.solve(compiled.problem, workers=2)
        times["own"] = 1000 * (clock() - began)
        assert levels(second) == levels(result)
        benchmark.extra_info["peers"] = times


def test_whole_call(benchmark: BenchmarkFixture, case: Case) -> None:
    benchmark.extra_info["group"] = case.group
    plan = benchmark.pedantic(case.plan, rounds=7, warmup_rounds=1)
    assert (plan.schedule is None) == (case.wanted is None)


def test_again_with_calendars_kept(benchmark: BenchmarkFixture, case: Case) -> None:
    calendars = Calendars()
    plan = case.plan(calendars=calendars)
    benchmark.extra_info["group"] = case.group
    again = benchmark.pedantic(
        case.plan, kwargs={"calendars": calendars}, rounds=7, warmup_rounds=1
    )
    assert again == plan


def test_the_proof_alone(benchmark: BenchmarkFixture, case: Case) -> None:
    if case.wanted is not None:
        pytest.skip("a plan has its proof with it")
    benchmark.extra_info["group"] = case.group
    plan = benchmark.pedantic(case.plan, kwargs={"why": False}, rounds=7, warmup_rounds=1)
    assert plan.proof is Proof.IMPOSSIBLE


def test_least_change_when_a_day_closes(benchmark: BenchmarkFixture, case: Case) -> None:
    calendars = Calendars()
    plan = case.plan(calendars=calendars)
    if plan.schedule is None:
        pytest.skip("no plan to be changed")
    keep = {
        visit.id: Keep(start=visit.start, places=visit.places, escort=visit.escort)
        for visit in plan.schedule.visits
    }
    closed = DatedHours(first=plan.schedule.visits[3].day)
    clinic = attrs.evolve(case.clinic, closures=[closed])
    benchmark.extra_info["group"] = case.group
    moved = benchmark.pedantic(
        case.plan,
        (clinic,),
        {"calendars": calendars, "keep": keep},
        rounds=7,
        warmup_rounds=1,
    )
    if moved.schedule is not None:
        assert moved.objective.moved >= 1
        judged = (case.agenda, moved.schedule, clinic, case.person, case.protocol)
        assert violations(*judged) == ()
