"""Whether some rules can hold together, against the full solver."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from problems import problems
from protocol_sched.engine.bitsets import members
from protocol_sched.engine.problem import Problem
from protocol_sched.engine.solvers.exact import solve
from protocol_sched.engine.solvers.feasible import Feasibility
from protocol_sched.engine.solvers.narrowing import Days
from protocol_sched.engine.solvers.result import Status


@settings(max_examples=150, deadline=None)
@given(problem=problems())
def test_rules_can_hold_together_when_the_solver_finds_a_course(problem: Problem) -> None:
    found = Feasibility(problem, lambda _: 0)
    assert found.feasible(0) is (solve(problem).status is Status.OPTIMAL)


@settings(max_examples=100, deadline=None)
@given(problem=problems(), chosen=st.integers(0, (1 << 5) - 1))
def test_rules_not_kept_bind_nothing(problem: Problem, chosen: int) -> None:
    names = ["slots", "days", "order", "day", "table", "slot", "cap"]
    found = Feasibility(problem, lambda origin: 1 << names.index(str(origin)))
    assert found.feasible(chosen) is (solve(found.only(chosen)).status is Status.OPTIMAL)


@settings(max_examples=60, deadline=None)
@given(problem=problems())
def test_days_that_a_course_uses_are_never_taken_away(problem: Problem) -> None:
    result = solve(problem)
    if result.starts is None:
        return
    domains = Feasibility(problem, lambda _: 0).domains(0)
    for slot, days in zip(result.starts, domains, strict=True):
        day = sum(first <= slot for first in problem.day_slots) - 1
        assert days >> day & 1


@settings(max_examples=60, deadline=None)
@given(problem=problems())
def test_the_first_visits_that_cannot_be_placed_are_as_few_as_can_be(problem: Problem) -> None:
    found = Feasibility(problem, lambda _: 0)
    if found.feasible(0):
        return
    count = found.shortest_impossible(0)
    assert found.count == len(problem.items)
    found.look_at(count)
    assert found.feasible(0) is False
    found.look_at(count - 1)
    assert found.feasible(0) is True


@settings(max_examples=60, deadline=None)
@given(widths=st.lists(st.integers(1, 24), min_size=1, max_size=9), data=st.data())
def test_slots_become_days_and_days_slots(widths: list[int], data: st.DataObject) -> None:
    starts = [0]
    for width in widths:
        starts.append(starts[-1] + width)
    slots = data.draw(st.integers(0, (1 << starts[-1]) - 1))
    cut = Days(tuple(starts))
    spans = list(pairwise(starts))
    days = {n for n, (a, b) in enumerate(spans) if any(slots >> k & 1 for k in range(a, b))}
    assert set(members(cut.of(slots))) == days
    whole = {k for n in days for k in range(*spans[n])}
    assert set(members(cut.whole(cut.of(slots)))) == whole
