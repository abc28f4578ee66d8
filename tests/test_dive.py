"""A legal course found soon, for calls whose effort ends before the best is found."""

from __future__ import annotations

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from problems import anchored, problems
from protocol_sched.engine.problem import Allowed, DayLag, Item, Problem, SlotLag, Target, Window
from protocol_sched.engine.solvers.budget import Budget
from protocol_sched.engine.solvers.dive import dive
from protocol_sched.engine.solvers.exact import solve
from protocol_sched.engine.solvers.narrowing import Days, Narrowing, Room
from protocol_sched.engine.solvers.result import Result, Status

ANY = problems() | problems(ordered=True) | problems(announced=True) | anchored()


def where_it_is(problem: Problem, found: Result) -> Result:
    """Return what the exact solver says of a problem with each visit held where it was put."""
    assert found.starts is not None
    items = [
        attrs.evolve(item, slots=(*item.slots, Allowed(1 << start, "held")))
        for item, start in zip(problem.items, found.starts, strict=True)
    ]
    return solve(attrs.evolve(problem, items=tuple(items)))


@settings(max_examples=200, deadline=None)
@given(problem=ANY)
def test_a_course_is_found_where_there_is_one_and_costs_what_it_says(problem: Problem) -> None:
    found, best = dive(problem, Budget(1_000_000)), solve(problem)
    if best.status is Status.INFEASIBLE:
        assert found is None
        return
    assert found is not None
    held = where_it_is(problem, found)
    assert held.status is Status.OPTIMAL
    assert (found.costs, found.starts) == (held.costs, held.starts)
    assert found.costs >= best.costs


@settings(max_examples=60, deadline=None)
@given(problem=ANY, efforts=st.lists(st.integers(0, 300), min_size=2, max_size=2))
def test_less_effort_finds_the_same_course_or_none(problem: Problem, efforts: list[int]) -> None:
    less, more = (dive(problem, Budget(effort)) for effort in sorted(efforts))
    assert less is None or less == more


def test_what_takes_the_whole_effort_still_has_a_course() -> None:
    """Twenty-four visits with targets that cannot all be met; the best takes far more effort."""
    count, days, width = 24, 20, 24
    opening = sum(((1 << 9) - 1) << day * width + 8 for day in range(days))
    items = [
        Item(
            f"v{n}",
            1,
            (Allowed(opening, "hours"),),
            slot_targets=(Target(Window(lo=11 * n % 97, hi=11 * n % 97), "target", 3),),
        )
        for n in range(count)
    ]
    lags = [SlotLag(n, n + 2, Window(least=2, lo=30, hi=30), "apart", 5) for n in range(count - 2)]
    lags += [SlotLag(0, n, Window(lo=7 * n, hi=7 * n), "aim", 4) for n in range(1, count)]
    problem = Problem(tuple(items), tuple(lags), tuple(range(0, days * width + 1, width)), 60)
    found = solve(problem, 200_000)
    assert (found.status, found.starts is not None) == (Status.EFFORT_SPENT, True)
    assert found.bound <= found.deviation
    held = where_it_is(problem, found)
    assert (held.status, held.costs) == (Status.OPTIMAL, found.costs)


def test_a_long_chain_is_narrowed_in_steps_that_grow_with_its_length() -> None:
    """Each end reaches the other in one sweep; in no order at all it took a step for each pair."""

    def steps(count: int) -> int:
        lags = [DayLag(n, n + 1, Window(least=1, most=3), "spacing") for n in range(count - 1)]
        item = Item("v", 1, (Allowed((1 << 2 * count) - 1, "hours"),))
        problem = Problem((item,) * count, tuple(lags), tuple(range(2 * count + 1)))
        budget = Budget(10_000_000)
        narrowings = [Narrowing(lag, problem) for lag in lags]
        room = Room(Days(problem.day_slots), narrowings, count, budget)
        room.days = [(1 << 2 * count) - 1] * count
        room.narrow(range(len(lags)))
        assert room.days[-1] & -room.days[-1] == 1 << count - 1
        assert room.days[0].bit_length() == count + 1
        return budget.spent

    assert steps(400) < 3 * steps(200)
