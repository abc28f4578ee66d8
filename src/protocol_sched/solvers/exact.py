"""
The exact single-course solver: one door, three roads behind it.

Rules about one visit are settled first: each visit keeps, for each day, its starts. Where every
rule counts days, `chain` moves sets of days; where some rules are in elapsed time, `timed` moves
sets of starts. Visits that only all rules together put in order get the lags that say so
(`order`); those in no fixed order go to the best-first `search`. Each proves what it returns.
"""

from __future__ import annotations

from itertools import product

import attrs

from protocol_sched.bitsets import members
from protocol_sched.problem import Allowed, Problem
from protocol_sched.solvers.chain import Chain
from protocol_sched.solvers.choices import Starts, visit_starts
from protocol_sched.solvers.first_days import first_days as of_chain
from protocol_sched.solvers.order import in_implied_order
from protocol_sched.solvers.result import FirstDay, Result, Status, Unlike
from protocol_sched.solvers.search import search
from protocol_sched.solvers.timed import Timed, untimed
from protocol_sched.solvers.wishes import solve_wishes, with_option


def solve(problem: Problem, effort: int = 50_000_000, unlike: Unlike | None = None) -> Result:
    """
    Return a plan of least deviation, then preferences, then finish, then time of day.

    Where people know of visits, change comes before all of these: fewest visits moved, then the
    smallest moves, then fewest rides changed.

    Args:
        problem: Visits in the order in which they come.
        effort: Steps after which the search stops without a proof.
        unlike: Courses the plan must differ from; the best of all that do is returned.

    Returns:
        Optimal with the start slots, or infeasible, or the effort spent.
    """
    if not problem.items:
        return Result(Status.OPTIMAL, ())
    return solve_wishes(problem, effort, lambda one, left: _solve(one, left, unlike))


def _solve(problem: Problem, effort: int, unlike: Unlike | None) -> Result:
    starts = visit_starts(problem)
    for n, one in enumerate(starts):
        if not one.days:
            return Result(Status.INFEASIBLE, reached=n)
    chain = _chain(problem, starts, effort, unlike)
    return search(problem, starts, effort, unlike) if chain is None else chain.solve()


def _chain(
    problem: Problem, starts: tuple[Starts, ...], effort: int, unlike: Unlike | None
) -> Chain | None:
    """Return the problem as a chain; ``None`` if its visits come in no fixed order."""
    kind = Chain if untimed(problem) else Timed
    chain = kind(problem, starts, effort, unlike)
    if chain.in_time_order:
        return chain
    implied = in_implied_order(problem)
    return None if implied is None else kind(implied, starts, effort, unlike)


def first_days(problem: Problem, effort: int = 50_000_000) -> tuple[FirstDay, ...]:
    """
    Return, for each day on which the first visit can be, what the best course from it costs.

    In one pass over all days where every rule counts days; else one search a day.

    Args:
        effort: Steps after which a search stops; its day is left out then.

    Returns:
        In order of the day; days from which no whole course can be placed are left out.
    """
    if not problem.items:
        return ()
    items = tuple(attrs.evolve(item, known=None) for item in problem.items)
    problem = attrs.evolve(problem, items=items)
    best: dict[int, FirstDay] = {}
    for options in product(*problem.wishes):
        chosen = attrs.evolve(problem, wishes=())
        for option in options:
            chosen = with_option(chosen, option)
        cost = sum(option.cost for option in options)
        for one in _first_days(chosen, effort):
            found = attrs.evolve(one, preferences=one.preferences + cost)
            best[one.day] = min(best.get(one.day, found), found, key=_costs)
    return tuple(best[day] for day in sorted(best))


def _costs(first: FirstDay) -> tuple[int, int, int]:
    return first.deviation, first.preferences, first.finish


def _first_days(problem: Problem, effort: int) -> tuple[FirstDay, ...]:
    starts = visit_starts(problem)
    chain = _chain(problem, starts, effort, None)
    if chain is not None:
        return of_chain(chain)
    found = []
    for day in members(starts[0].days):
        only = Allowed(1 << day, "first day")
        first = attrs.evolve(problem.items[0], days=(*problem.items[0].days, only))
        result = solve(attrs.evolve(problem, items=(first, *problem.items[1:])), effort)
        if result.starts is not None:
            found.append(FirstDay(day, result.deviation, result.preferences, result.finish))
    return tuple(found)
