"""The solver against brute force, on small problems of integers with every kind of lag."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import attrs
from hypothesis import example, given, settings
from hypothesis import strategies as st

from problems import anchored, problems
from protocol_sched.engine.problem import (
    USUAL,
    Allowed,
    Announced,
    DayLag,
    Item,
    Lag,
    Problem,
    SlotLag,
    TableLag,
    Target,
    Window,
)
from protocol_sched.engine.solvers.budget import Budget
from protocol_sched.engine.solvers.choices import visit_starts
from protocol_sched.engine.solvers.elapsed import steps
from protocol_sched.engine.solvers.exact import first_days, in_implied_order, solve, with_option
from protocol_sched.engine.solvers.result import FirstDay, Status, Unlike
from protocol_sched.engine.solvers.search import search
from protocol_sched.engine.solvers.visits import near

Costs = tuple[int, int, int, int, int, int, int]
"""Visits moved, minutes moved, rides changed, deviation, preferences, finish, time of day."""


def clock(problem: Problem, slot: int) -> int:
    """Return what the clock shows at a slot, in minutes after midnight."""
    day = day_of(problem, slot)
    offset = slot - problem.day_slots[day]
    irregular = dict(problem.irregular)
    return irregular[day][offset] if day in irregular else offset * problem.slot_minutes


def day_of(problem: Problem, slot: int) -> int:
    """Return the day a slot is in."""
    return max(n for n, first in enumerate(problem.day_slots[:-1]) if first <= slot)


def lag_cost(problem: Problem, lag: Lag, a: int, b: int) -> int | None:
    """Return what one lag makes of two start slots; ``None`` where it forbids them."""
    if isinstance(lag, SlotLag):
        cost = lag.window.cost(b - a)
        return None if cost is None else -(-cost // lag.unit)
    first, second = day_of(problem, a), day_of(problem, b)
    window = lag.window if isinstance(lag, DayLag) else lag.windows[first]
    return window.cost(second - first)


def shares_days(problem: Problem, starts: tuple[int, ...], unlike: Unlike) -> bool:
    """Tell whether a plan is too like one of the courses it must differ from."""
    days = [day_of(problem, slot) for slot in starts]
    shared = [sum(a == b for a, b in zip(days, other, strict=True)) for other in unlike.days]
    return max(shared, default=0) > unlike.shared


def brute_force(
    problem: Problem, unlike: Unlike | None = None, order: tuple[int, ...] = USUAL
) -> Costs | None:
    """
    Return the least cost over every combination of allowed starts, and of options.

    Args:
        order: As a problem has it; costs are returned in the usual one.
    """

    def rank(costs: Costs) -> list[int]:
        return [costs[place - 1] for place in order if place]

    best: Costs | None = None
    for options in product(*problem.preferences):
        chosen = attrs.evolve(problem, preferences=())
        for option in options:
            chosen = with_option(chosen, option)
        found = _brute_force(chosen, unlike, rank)
        if found is not None:
            preferences = found[4] + sum(option.cost for option in options)
            found = (*found[:4], preferences, *found[5:])
            best = found if best is None else min(best, found, key=rank)
    return best


def _brute_force(
    problem: Problem, unlike: Unlike | None, rank: Callable[[Costs], list[int]]
) -> Costs | None:
    starts = []
    for item in problem.items:
        starts.append(
            [
                slot
                for slot in range(problem.day_slots[-1])
                if all(rule.bits >> slot & 1 for rule in item.slots)
                and all(rule.bits >> day_of(problem, slot) & 1 for rule in item.days)
            ]
        )
    best: Costs | None = None
    for combination in product(*starts):
        costs = [
            lag_cost(problem, lag, combination[lag.earlier], combination[lag.later])
            for lag in problem.lags
        ]
        if any(cost is None for cost in costs):
            continue
        if unlike is not None and shares_days(problem, combination, unlike):
            continue
        deviation = sum(cost for cost in costs if cost is not None)
        preferences = 0
        moved = minutes = rides = 0
        for item, slot in zip(problem.items, combination, strict=True):
            preferences += sum(p.cost for p in item.penalties if p.bits >> slot & 1)
            deviation += sum(t.cost(day_of(problem, slot)) for t in item.day_targets)
            deviation += sum(t.cost(slot) for t in item.slot_targets)
            if item.announced is not None:
                moved += slot != item.announced.slot
                minutes += problem.slot_minutes * abs(slot - item.announced.slot)
                rides += not item.announced.rides >> slot & 1
        finish = max(day_of(problem, slot) for slot in combination)
        clocks = sum(clock(problem, slot) for slot in combination)
        total = (moved, minutes, rides, deviation, preferences, finish, clocks)
        best = total if best is None else min(best, total, key=rank)
    return best


def answer(problem: Problem, unlike: Unlike | None = None) -> Costs | None:
    """Return the solver's costs; ``None`` where it proves there is no plan."""
    result = solve(problem, unlike=unlike)
    if result.status is Status.INFEASIBLE:
        assert result.starts is None
        return None
    assert result.status is Status.OPTIMAL
    assert result.starts is not None
    assert result.bound == result.deviation
    breach, moved, minutes, rides, deviation, preferences, finish, clocks = result.costs
    assert breach == 0
    return moved, minutes, rides, deviation, preferences, finish, clocks


@settings(max_examples=200, deadline=None)
@given(problem=problems(ordered=True, timed=False))
def test_chain_of_days_is_as_good_as_brute_force(problem: Problem) -> None:
    assert answer(problem) == brute_force(problem)


@settings(max_examples=200, deadline=None)
@given(problem=problems(ordered=True, aims=False) | problems(ordered=True))
def test_chain_with_elapsed_rules_is_as_good_as_brute_force(problem: Problem) -> None:
    assert answer(problem) == brute_force(problem)


@settings(max_examples=150, deadline=None)
@given(problem=problems())
@example(Problem((), (), (0, 2), 60))
def test_any_problem_is_solved_as_well_as_by_brute_force(problem: Problem) -> None:
    if not problem.items:
        assert solve(problem).starts == ()
        return
    assert answer(problem) == brute_force(problem)


@settings(max_examples=200, deadline=None)
@given(
    problem=problems(ordered=True, timed=False, announced=True)
    | problems(ordered=True, announced=True)
    | problems(announced=True)
)
def test_least_change_is_as_little_as_brute_force_finds(problem: Problem) -> None:
    assert answer(problem) == brute_force(problem)


@settings(max_examples=150, deadline=None)
@given(problem=anchored() | anchored(timed=False) | anchored(announced=True))
def test_visits_before_their_anchor_are_placed_as_well_as_by_brute_force(problem: Problem) -> None:
    assert answer(problem) == brute_force(problem)


@settings(max_examples=100, deadline=None)
@given(problem=anchored() | anchored(announced=True), shared=st.integers(0, 4), data=st.data())
def test_plan_unlike_others_around_an_anchor_is_as_good_as_brute_force(
    problem: Problem, shared: int, data: st.DataObject
) -> None:
    course = st.tuples(*[st.integers(0, problem.days - 1) for _ in problem.items])
    unlike = Unlike(tuple(data.draw(st.lists(course, min_size=1, max_size=2))), shared)
    assert answer(problem, unlike) == brute_force(problem, unlike)


@settings(max_examples=100, deadline=None)
@given(problem=anchored() | anchored(announced=True))
def test_of_plans_that_cost_the_same_the_roads_choose_the_same(problem: Problem) -> None:
    plain = search(problem, visit_starts(problem), Budget(10**9))
    assert solve(problem).costs == plain.costs


def with_holes(problem: Problem, holes: frozenset[int]) -> Problem:
    """Return the problem with distances barred between visits whose rules count days."""
    return attrs.evolve(
        problem,
        lags=tuple(
            TableLag(
                lag.earlier,
                lag.later,
                (attrs.evolve(lag.window, holes=holes),) * problem.days,
                lag.origin,
            )
            if isinstance(lag, DayLag)
            else lag
            for lag in problem.lags
        ),
    )


@settings(max_examples=120, deadline=None)
@given(
    problem=problems(ordered=True, timed=False)
    | problems(ordered=True)
    | problems(announced=True)
    | anchored(),
    holes=st.frozensets(st.integers(-3, 5), min_size=1, max_size=3),
)
def test_distances_that_are_barred_are_never_taken(problem: Problem, holes: frozenset[int]) -> None:
    barred = with_holes(problem, holes)
    assert answer(barred) == brute_force(barred)


@settings(max_examples=120, deadline=None)
@given(
    window=st.builds(Window, lo=st.none() | st.integers(0, 9), hi=st.none() | st.integers(10, 30)),
    unit=st.integers(1, 9),
    weight=st.sampled_from([1, 2, 50]),
    cap=st.integers(0, 200),
)
def test_runs_of_slots_that_cost_the_same_do(
    window: Window, unit: int, weight: int, cap: int
) -> None:
    target = Target(window, "lag", unit, weight)
    runs = list(steps(target, 0, 60))
    assert [slot for start, end, _ in runs for slot in range(start, end + 1)] == list(range(61))
    for start, end, cost in runs:
        assert {target.cost(slot) for slot in range(start, end + 1)} == {cost}
    close = near(target, cap, 61)
    assert [n for n in range(61) if close >> n & 1] == [
        n for n in range(61) if target.cost(n) <= cap
    ]


def test_moves_further_than_the_planner_looks_at_first_are_weighed_too() -> None:
    def visit(name: str, announced: int, days: tuple[int, ...]) -> Item:
        bits = sum(1 << day for day in days)
        return Item(
            name, 1, (Allowed(bits, "days"),), announced=Announced(announced, bits, "notified")
        )

    # A day of one slot: two moves of two days, or one of one and one of three that ends sooner.
    lag = DayLag(0, 1, Window(least=1, most=4), "lag")
    items = (visit("a", 5, (4, 7)), visit("b", 8, (5, 10)))
    problem = Problem(items, (lag,), tuple(range(12)), 1440)
    assert answer(problem) == brute_force(problem) == (2, 4 * 1440, 0, 0, 0, 5, 0)


@settings(max_examples=150, deadline=None)
@given(
    problem=problems(ordered=True, preferences=True)
    | problems(ordered=True, announced=True, preferences=True)
    | problems(preferences=True)
)
def test_preferences_about_the_whole_course_are_met_as_far_as_brute_force_finds(
    problem: Problem,
) -> None:
    assert answer(problem) == brute_force(problem)


@settings(max_examples=120, deadline=None)
@given(
    problem=problems(ordered=True, timed=False)
    | problems(ordered=True, announced=True)
    | problems(ordered=True)
    | problems(),
    shared=st.integers(0, 3),
    data=st.data(),
)
def test_best_plan_unlike_others_is_as_good_as_brute_force(
    problem: Problem, shared: int, data: st.DataObject
) -> None:
    course = st.tuples(*[st.integers(0, problem.days - 1) for _ in problem.items])
    unlike = Unlike(tuple(data.draw(st.lists(course, min_size=1, max_size=2))), shared)
    assert answer(problem, unlike) == brute_force(problem, unlike)


@settings(max_examples=120, deadline=None)
@given(problem=problems(ordered=True, timed=False))
def test_both_roads_of_the_solver_agree(problem: Problem) -> None:
    by_days = solve(problem)
    by_search = search(problem, visit_starts(problem), Budget(10**9))
    assert (by_days.status, by_days.deviation, by_days.preferences) == (
        by_search.status,
        by_search.deviation,
        by_search.preferences,
    )
    assert (by_days.finish, by_days.time_of_day) == (by_search.finish, by_search.time_of_day)


@settings(max_examples=100, deadline=None)
@given(problem=problems())
def test_starts_of_a_plan_cost_what_the_solver_says(problem: Problem) -> None:
    result = solve(problem)
    if result.starts is not None:
        costs = [
            lag_cost(problem, lag, result.starts[lag.earlier], result.starts[lag.later])
            for lag in problem.lags
        ]
        assert None not in costs
        total = sum(cost for cost in costs if cost is not None)
        for item, slot in zip(problem.items, result.starts, strict=True):
            total += sum(t.cost(day_of(problem, slot)) for t in item.day_targets)
            total += sum(t.cost(slot) for t in item.slot_targets)
        assert total == result.deviation


@settings(max_examples=100, deadline=None)
@given(problem=problems())
def test_an_effort_that_ends_gives_a_bound_and_no_wrong_proof(problem: Problem) -> None:
    best = brute_force(problem)
    result = solve(problem, effort=0)
    if result.status is Status.EFFORT_SPENT:
        assert best is None or result.bound <= best[3]
    elif result.status is Status.INFEASIBLE:
        assert best is None
    else:
        assert best is not None
        assert result.deviation == best[3]


@settings(max_examples=120, deadline=None)
@given(
    problem=problems(ordered=True, timed=False)
    | problems(ordered=True)
    | problems(ordered=True, preferences=True)
    | problems()
    | anchored(),
)
def test_first_days_tell_the_best_course_from_each(problem: Problem) -> None:
    expected = []
    for day in range(problem.days):
        only = Allowed(1 << day, "first day")
        first = attrs.evolve(problem.items[0], days=(*problem.items[0].days, only))
        best = brute_force(attrs.evolve(problem, items=(first, *problem.items[1:])))
        if best is not None:
            expected.append(FirstDay(day, *best[3:6]))
    assert list(first_days(problem).days) == expected


def test_a_visit_may_begin_before_the_one_before_it_on_the_same_day() -> None:
    def visit(name: str, bits: int) -> Item:
        return Item(name, 1, (Allowed(bits, "slots"),))

    # c is best before b and not before a: a at 0, b at 2, c at 1.
    lags = (
        DayLag(0, 1, Window(least=0), "order"),
        DayLag(1, 2, Window(least=0), "order"),
        SlotLag(1, 2, Window(hi=-1), "before b"),
        SlotLag(0, 2, Window(lo=0), "after a"),
    )
    items = (visit("a", 3), visit("b", 7), visit("c", 7))
    problem = Problem(items, lags, (0, 1, 3), 60)
    assert answer(problem) == brute_force(problem) == (0, 0, 0, 0, 0, 1, 60)


def test_visits_that_all_rules_together_put_in_order_are_a_chain() -> None:
    def visit(name: str) -> Item:
        return Item(name, 1, (Allowed((1 << 30) - 1, "days"),))

    # Both are measured from the first: 4 to 6 days and 7 to 9 days, so one before the other.
    near, far = DayLag(0, 1, Window(4, 6, 5, 5), "near"), DayLag(0, 2, Window(7, 9, 8, 8), "far")
    problem = Problem(tuple(map(visit, "abc")), (near, far), tuple(range(31)), 1440)
    implied = in_implied_order(problem)
    assert implied is not None
    assert [lag.window.least for lag in implied.lags[2:] if isinstance(lag, DayLag)] == [4, 1]
    assert answer(problem) == (0, 0, 0, 0, 0, 8, 0)
    loose = attrs.evolve(problem, lags=(near, attrs.evolve(far, window=Window(5, 9, 8, 8))))
    assert in_implied_order(loose) is None
    assert answer(loose) == (0, 0, 0, 0, 0, 8, 0)
