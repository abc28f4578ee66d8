"""
Wishes about a whole course: the same time each visit, few escorts.

Each is a choice among options that hold for all visits, such as one time of day. A problem with
an option is a problem about single visits again, and never cheaper than the one without; so
options are tried in rising order of what they cost at least, until that is more than the best.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter

import attrs

from protocol_sched.bitsets import numbered
from protocol_sched.problem import Option, Problem
from protocol_sched.solvers.choices import starts_of
from protocol_sched.solvers.result import Result, Status

Solver = Callable[[Problem, int], Result]
"""From a problem without wishes about the whole course, and the effort left."""


def solve_wishes(problem: Problem, effort: int, solver: Solver) -> Result:
    """
    Return the best plan over all options of all wishes.

    Args:
        effort: Steps for all of them together; when they are spent, what was found by then is
            returned without a proof.
    """
    if not problem.wishes:
        return solver(problem, effort)
    bare = attrs.evolve(problem, wishes=())
    loose = solver(bare, effort)
    if loose.status is not Status.OPTIMAL:
        return loose
    first, rest = problem.wishes[0], problem.wishes[1:]
    tried = sorted(((_least(bare, option), option) for option in first), key=itemgetter(0))
    best: Result | None = None
    work = loose.work
    for least, option in tried:
        floor = (*loose.change, loose.deviation, loose.preferences + least)
        if best is not None and (*floor, loose.finish, loose.time_of_day) >= best.costs:
            break
        chosen = attrs.evolve(with_option(bare, option), wishes=rest)
        found = solve_wishes(chosen, effort - work, solver)
        work += found.work
        if found.status is Status.EFFORT_SPENT:
            spent = best or found
            return attrs.evolve(spent, status=Status.EFFORT_SPENT, bound=loose.deviation, work=work)
        if found.starts is not None:
            preferences = found.preferences + option.cost
            options = (option, *found.options)
            found = attrs.evolve(found, preferences=preferences, options=options)
            best = found if best is None or found.costs < best.costs else best
    assert best is not None, "one option of each wish asks for nothing that the course lacks"
    return attrs.evolve(best, work=work)


def with_option(problem: Problem, option: Option) -> Problem:
    """Return the problem in which an option holds."""
    items = list(problem.items)
    for n, allowed in option.allowed:
        items[n] = attrs.evolve(items[n], slots=(*items[n].slots, allowed))
    for n, penalty in option.penalties:
        items[n] = attrs.evolve(items[n], penalties=(*items[n].penalties, penalty))
    for n in option.other_rides:
        if (known := items[n].known) is not None:
            items[n] = attrs.evolve(items[n], known=attrs.evolve(known, rides=0))
    return attrs.evolve(problem, items=tuple(items))


def _least(problem: Problem, option: Option) -> int:
    """Return what an option costs at least, looking at each visit alone."""
    items = [problem.items[n] for n, _ in option.penalties]
    alike = numbered((None, tuple(allowed.bits for allowed in item.slots)) for item in items)
    starts: dict[int, int] = {}
    unmet = 0
    for number, item, (_, penalty) in zip(alike, items, option.penalties, strict=True):
        if number not in starts:
            starts[number] = starts_of(problem, item)
        if not starts[number] & ~penalty.bits:
            unmet += penalty.cost
    return option.cost + unmet
