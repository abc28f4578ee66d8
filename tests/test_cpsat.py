"""The exact solver against CP-SAT, an independent judge; runs where OR-Tools is installed."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import cpsat
from catalog_dates import BEFORE, course_through, on
from problems import problems
from protocol_sched import catalog
from protocol_sched.engine.compiler import compile_agenda
from protocol_sched.engine.horizon import horizon
from protocol_sched.engine.problem import Problem
from protocol_sched.engine.solvers import exact
from protocol_sched.engine.solvers.result import Result, Status, Unlike
from protocol_sched.expansion import expand
from protocol_sched.formats.documents.documents import read_clinic, read_course, read_person
from protocol_sched.model.course import Course

pytest.importorskip("ortools", reason="pip install 'protocol-sched[cpsat]'")

EXAMPLES = Path(__file__).parents[1] / "examples"


def costs(result: Result) -> tuple[Status, *tuple[int, ...]]:
    """Return what two solvers must agree on."""
    return (result.status, *result.costs)


@settings(max_examples=100, deadline=None)
@given(
    problem=problems(ordered=True, timed=False)
    | problems()
    | problems(announced=True, preferences=True)
)
@example(Problem((), (), (0, 2), 60))
def test_any_problem_is_solved_as_well_as_by_cpsat(problem: Problem) -> None:
    assert costs(exact.solve(problem)) == costs(cpsat.solve(problem))


@settings(max_examples=60, deadline=None)
@given(
    problem=problems(ordered=True, timed=False) | problems(),
    shared=st.integers(0, 3),
    data=st.data(),
)
def test_best_plan_unlike_others_is_as_good_as_that_of_cpsat(
    problem: Problem, shared: int, data: st.DataObject
) -> None:
    course = st.tuples(*[st.integers(0, problem.days - 1) for _ in problem.items])
    unlike = Unlike(tuple(data.draw(st.lists(course, min_size=1, max_size=2))), shared)
    expected = costs(cpsat.solve(problem, unlike=unlike))
    assert costs(exact.solve(problem, unlike=unlike)) == expected


def compiled(course: Course, who: str, where: str, first: date, last: date) -> Problem:
    """Return a course on an example clinic as a problem."""
    clinic = read_clinic((EXAMPLES / f"{where}.toml").read_text(encoding="utf-8"))
    person = read_person((EXAMPLES / f"{who}.toml").read_text(encoding="utf-8"))
    agenda, stretch = expand(course, first), horizon(clinic.zone, first, last)
    return compile_agenda(agenda, course.protocol, clinic, person, stretch).problem


def test_the_founding_example_is_solved_as_well_as_by_cpsat() -> None:
    course = read_course((EXAMPLES / "course.toml").read_text(encoding="utf-8"), catalog.load)
    first = date(2027, 2, 20)
    problem = compiled(course, "person", "clinic", first, first + timedelta(days=90))
    assert costs(exact.solve(problem)) == costs(cpsat.solve(problem))


@pytest.mark.parametrize(
    ("name", "who", "where", "days"),
    [
        ("ketamine-migraine", "person", "clinic", 60),
        ("esketamine-depression", "person", "clinic", 90),
        ("dhe-repetitive", "person-any-day", "inpatient-clinic", 8),
        ("bortezomib-21-days", "person-any-day", "clinic", 40),
        ("eptinezumab-3-months", "person", "clinic", 120),
        ("infliximab", "person", "clinic", 120),
    ],
)
def test_a_published_course_is_solved_as_well_as_by_cpsat(
    name: str, who: str, where: str, days: int
) -> None:
    problem = compiled(course_through(name), who, where, BEFORE, on(days))
    assert costs(exact.solve(problem)) == costs(cpsat.solve(problem))


def test_without_proof_the_bound_is_under_every_plan() -> None:
    course = read_course((EXAMPLES / "course.toml").read_text(encoding="utf-8"), catalog.load)
    problem = compiled(course, "person", "clinic", date(2027, 2, 20), date(2027, 6, 1))
    result = cpsat.solve(problem, effort=1e-6)
    assert result.status is Status.EFFORT_SPENT
    assert result.bound <= exact.solve(problem).deviation
