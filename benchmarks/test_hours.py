"""Published courses whose rules count hours, against CP-SAT with intervals on the places."""

from __future__ import annotations

import importlib
from datetime import timedelta

import made
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from test_courses import levels

import cpsat
from protocol_sched import expand
from protocol_sched.engine.compiler import compile_agenda
from protocol_sched.engine.horizon import horizon
from protocol_sched.engine.solvers import exact
from protocol_sched.engine.solvers.result import Status

HOURS = [
    ("bortezomib-21-days", "clinic", 60, "injections at least 72 h apart"),
    ("dhe-repetitive", "inpatient-clinic", 10, "nine infusions 8 h apart"),
    ("dhe-five-days", "inpatient-clinic", 12, "infusions 8 h apart for five days"),
    ("folfox-6", "inpatient-clinic", 190, "a pump off after 46 h, twelve cycles"),
]


@pytest.mark.parametrize(("name", "where", "days", "rule"), HOURS, ids=[row[0] for row in HOURS])
def test_rules_in_hours(
    benchmark: BenchmarkFixture, name: str, where: str, days: int, rule: str, peers: bool
) -> None:
    clinic, person = made.example(where, days, 50)
    course = made.published(name)
    first, last = made.FIRST, made.FIRST + timedelta(days=days)
    agenda, stretch = expand(course, first), horizon(clinic.zone, first, last)
    compiled = compile_agenda(agenda, course.protocol, clinic, person, stretch)
    problem = compiled.problem
    result = benchmark.pedantic(exact.solve, (problem,), rounds=7, warmup_rounds=1)
    assert result.status is Status.OPTIMAL
    info = benchmark.extra_info
    info.update(course=name, rule=rule, visits=len(problem.items), days=days)
    if peers:
        clock = benchmark._timer
        began = clock()
        second = importlib.import_module("intervals").solve(compiled, clinic)
        middle = clock()
        third = cpsat.solve(problem, workers=2)
        info["peers"] = {"intervals": 1000 * (middle - began), "own": 1000 * (clock() - middle)}
        info["proved"] = second.status is not Status.EFFORT_SPENT
        assert levels(third) == levels(result)
        assert not info["proved"] or levels(second) == levels(result)
