"""
The exact single-course solver: one door, three roads behind it.

Rules about one visit are settled first: each visit keeps, for each day, its starts. Where every
rule counts days, `chain` moves sets of days; where some rules are in elapsed time, `timed` moves
sets of starts. Visits that only all rules together put in order get the lags that say so
(`in_implied_order`); those in no fixed order go to the best-first `search`. Each proves what it
returns.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import pairwise, product
from operator import itemgetter

import attrs

from protocol_sched.engine.bitsets import members, numbered, span
from protocol_sched.engine.problem import (
    USUAL,
    Allowed,
    DayLag,
    GapPenalty,
    Option,
    Problem,
    SlotLag,
    TableLag,
    Window,
)
from protocol_sched.engine.solvers.anchors import Dearest, anchor_of, solve_by_anchor
from protocol_sched.engine.solvers.best import best_course
from protocol_sched.engine.solvers.budget import Budget, Spent
from protocol_sched.engine.solvers.chain import Chain
from protocol_sched.engine.solvers.choices import Starts, starts_of, visit_starts
from protocol_sched.engine.solvers.dive import dive
from protocol_sched.engine.solvers.elapsed import days_of, untimed
from protocol_sched.engine.solvers.first_days import first_days as of_chain
from protocol_sched.engine.solvers.folding import fold
from protocol_sched.engine.solvers.result import (
    Change,
    FirstDay,
    FirstDays,
    Result,
    Status,
    Unlike,
)
from protocol_sched.engine.solvers.search import search
from protocol_sched.engine.solvers.timed import Timed

KEPT_BACK = 8
"""One part in so many of an effort is for finding any legal course once the rest is spent."""


def solve(
    problem: Problem, effort: int | Budget = 50_000_000, unlike: Unlike | None = None
) -> Result:
    """
    Return a plan of least deviation, then preferences, then finish, then time of day.

    Where people know of visits, change comes before all of these: fewest visits moved, then the
    smallest moves, then fewest rides changed. Days outside limits that cannot be kept come first.
    In another order than this usual one, every problem goes to the best-first search, which is
    slower.

    Args:
        problem: Visits in the order in which they come.
        effort: Steps after which the search stops without a proof; or what is left of them to a
            call that does more than this.
        unlike: Courses the plan must differ from; the best of all that do is returned.

    Returns:
        Optimal with the start slots, or infeasible, or the effort spent: then with the best legal
        course found by then, if any was, and a deviation no course is under.
    """
    if not problem.items:
        return Result(Status.OPTIMAL, ())
    budget = Budget.of(effort)
    began = budget.spent
    part = budget.part(budget.left - budget.left // KEPT_BACK)

    def weighed(one: Problem) -> Result:
        found = _solve(one, part, unlike, None)
        return _without_weight(found, one.breach) if one.breach else found

    found = solve_required(problem, lambda one: solve_preferences(one, weighed))
    budget.take(part)
    if found.status is Status.EFFORT_SPENT:
        other = None if unlike is not None else _dived(problem, budget.part(budget.left))
        if other is not None and (
            found.starts is None or other.ranked(problem.order) < found.ranked(problem.order)
        ):
            found = attrs.evolve(other, bound=found.bound)
        budget.end()
    return attrs.evolve(found, work=budget.spent - began)


def _dived(problem: Problem, budget: Budget) -> Result | None:
    """Return a legal course found soon, with options of limits and preferences that suit it."""
    for options in product(*(one.options for one in problem.required)):
        chosen = attrs.evolve(problem, required=())
        for option in options:
            chosen = with_option(chosen, option)
        loose = dive(attrs.evolve(chosen, preferences=()), budget)
        if loose is not None:
            whole = _with_nothing(chosen, loose)
            if whole.starts is not None:
                return attrs.evolve(whole, options=(*options, *whole.options))
    return None


def _solve(
    problem: Problem, budget: Budget, unlike: Unlike | None, dearest: Dearest | None
) -> Result:
    starts = visit_starts(problem)
    if (empty := _without_room(starts)) is not None:
        return empty
    problem, starts = fold(problem, starts)
    if (empty := _without_room(starts)) is not None:
        return empty
    if problem.order != USUAL:
        return search(problem, starts, budget, unlike)
    # Day by day of an anchor, change would be settled before what was broken; see `Target.weight`.
    moves = problem.breach and any(item.announced is not None for item in problem.items)
    anchor = None if moves else anchor_of(problem)
    if anchor is not None:

        def on_one_day(one: Problem, dearest: Dearest | None) -> Result:
            return _solve(one, budget, unlike, dearest)

        return solve_by_anchor(problem, starts, anchor, budget, on_one_day, dearest)
    chain = _chain(problem, starts, budget, unlike)
    return search(problem, starts, budget, unlike) if chain is None else best_course(chain, dearest)


def _without_room(starts: tuple[Starts, ...]) -> Result | None:
    """Return the answer where the rules about one visit alone leave it no start."""
    for n, one in enumerate(starts):
        if not one.days:
            return Result(Status.INFEASIBLE, reached=n)
    return None


def _without_weight(found: Result, weight: int) -> Result:
    """Return a result whose deviation holds weighted days with those told apart."""
    breach, deviation = divmod(found.deviation, weight)
    least, bound = divmod(found.bound, weight)
    if found.starts is None:
        return attrs.evolve(found, bound=0 if least else bound)
    bound = bound if least == breach else deviation if least > breach else 0
    return attrs.evolve(found, deviation=deviation, bound=bound, breach=found.breach + breach)


def _chain(
    problem: Problem, starts: tuple[Starts, ...], budget: Budget, unlike: Unlike | None
) -> Chain | None:
    """Return the problem as a chain; ``None`` if its visits come in no fixed order."""
    kind = Chain if untimed(problem) else Timed
    chain = kind(problem, starts, budget, unlike)
    if chain.in_time_order:
        return chain
    implied = in_implied_order(problem)
    return None if implied is None else kind(implied, starts, budget, unlike)


def first_days(problem: Problem, effort: int | Budget = 50_000_000) -> FirstDays:
    """
    Return, for each day on which the first visit can be, what the best course from it costs.

    In one pass over all days where every rule counts days; else one search a day.

    Args:
        effort: Steps after which the search stops, as for `solve`; days not looked at by then
            are left out, and the answer is not complete.

    Returns:
        In order of the day; days from which no whole course can be placed are left out.
    """
    if not problem.items:
        return FirstDays(())
    budget = Budget.of(effort)
    items = tuple(attrs.evolve(item, announced=None) for item in problem.items)
    problem = attrs.evolve(problem, items=items)
    best: dict[int, FirstDay] = {}
    complete = True
    required = (one.options for one in problem.required)
    for options in product(*required, *problem.preferences):
        chosen = attrs.evolve(problem, preferences=(), required=())
        for option in options:
            chosen = with_option(chosen, option)
        cost = sum(option.cost for option in options)
        found = _first_days(chosen, budget)
        complete &= found.complete
        for one in found.days:
            priced = attrs.evolve(one, preferences=one.preferences + cost)
            best[one.day] = min(best.get(one.day, priced), priced, key=_costs)
    return FirstDays(tuple(best[day] for day in sorted(best)), complete)


def _costs(first: FirstDay) -> tuple[int, int, int, int]:
    return first.breach, first.deviation, first.preferences, first.finish


def _first_days(problem: Problem, budget: Budget) -> FirstDays:
    starts = visit_starts(problem)
    chain = _chain(problem, starts, budget, None) if anchor_of(problem) is None else None
    if chain is not None:
        try:
            days = of_chain(chain)
        except Spent:
            return FirstDays((), complete=False)
        if problem.breach:
            days = tuple(
                attrs.evolve(
                    one,
                    breach=one.deviation // problem.breach,
                    deviation=one.deviation % problem.breach,
                )
                for one in days
            )
        return FirstDays(days)
    found: list[FirstDay] = []
    for day in members(starts[0].days):
        only = Allowed(1 << day, "first day")
        first = attrs.evolve(problem.items[0], days=(*problem.items[0].days, only))
        result = solve(attrs.evolve(problem, items=(first, *problem.items[1:])), budget)
        if result.status is Status.EFFORT_SPENT:
            return FirstDays(tuple(found), complete=False)
        if result.starts is not None:
            costs = (result.deviation, result.preferences, result.finish, result.breach)
            found.append(FirstDay(day, *costs))
    return FirstDays(tuple(found))


# --- visits that no single rule puts in order, though all rules together do ------------------


_FAR = 10**9


def in_implied_order(problem: Problem) -> Problem | None:
    """
    Return the problem with a lag from each visit to the next that its lags imply together.

    ``None`` where they leave some visit free to come on a day before the one listed before it, or
    contradict each other.

    Source:
        Floyd, "Algorithm 97: shortest path", Communications of the ACM 5 (1962).
    """
    count = len(problem.items)
    widths = [end - start for start, end in pairwise(problem.day_slots)]
    apart = [[0 if a == b else -_FAR for b in range(count)] for a in range(count)]
    for lag in problem.lags:
        if isinstance(lag, TableLag):
            continue  # what it asks depends on the day; without it less is implied, never more
        window = lag.window
        if isinstance(lag, SlotLag):
            window = days_of(window, min(widths), max(widths))
        if window.least is not None:
            there = apart[lag.earlier]
            there[lag.later] = max(there[lag.later], window.least)
        if window.most is not None:
            back = apart[lag.later]
            back[lag.earlier] = max(back[lag.earlier], -window.most)
    for middle in range(count):
        through = apart[middle]
        for row in apart:
            if (first := row[middle]) > -_FAR:
                for b, more in enumerate(through):
                    if more > -_FAR and first + more > row[b]:
                        row[b] = first + more
    if any(apart[n][n] > 0 for n in range(count)):
        return None
    least = [apart[n][n + 1] for n in range(count - 1)]
    if min(least, default=0) < 0:
        return None
    implied = (DayLag(n, n + 1, Window(least=by), "implied") for n, by in enumerate(least))
    return attrs.evolve(problem, lags=(*problem.lags, *implied))


# --- limits about a whole course ----------------------------------------------------------------


def solve_required(problem: Problem, solver: Solver) -> Result:
    """
    Return the best plan over the options of every limit that needs one of them.

    Where the solver's budget ends first, the best plan found by then, without a proof.
    """
    if not problem.required:
        return solver(problem)
    first, rest = problem.required[0], problem.required[1:]
    best: Result | None = None
    spent, reached = False, 0
    for option in first.options:
        found = solve_required(with_option(attrs.evolve(problem, required=rest), option), solver)
        spent |= found.status is Status.EFFORT_SPENT
        reached = max(reached, found.reached)
        if found.starts is not None:
            one = attrs.evolve(found, options=(option, *found.options))
            if best is None or one.ranked(problem.order) < best.ranked(problem.order):
                best = one
        if spent:
            break
    if best is None:
        status = Status.EFFORT_SPENT if spent else Status.INFEASIBLE
        return Result(status, reached=min(reached, len(problem.items) - 1))
    return attrs.evolve(best, status=Status.EFFORT_SPENT, bound=0) if spent else best


# --- preferences about a whole course -------------------------------------------------------------


ANY_CHANGE = Change(10**6, 10**9, 10**6)
"""More than visits can move."""
Solver = Callable[[Problem], Result]
"""From a problem without preferences about the whole course; its calls share one budget."""


def solve_preferences(problem: Problem, solver: Solver) -> Result:
    """
    Return the best plan over all options of all preferences.

    Each preference is a choice among options that hold for all visits, such as one time of day. A
    problem with an option is a problem about single visits again, and never cheaper than the
    one without; so options are tried in rising order of what they cost at least, until that
    is more than the best.

    Where the solver's budget ends first, the best plan found by then, without a proof.
    """
    if not problem.preferences:
        return solver(problem)
    bare = attrs.evolve(problem, preferences=())
    loose = solver(bare)
    if loose.status is not Status.OPTIMAL:
        return _with_nothing(problem, loose)
    first, rest = problem.preferences[0], problem.preferences[1:]
    # A plan may be as good with more change where change is not settled first.
    change = loose.change if problem.order == USUAL else ANY_CHANGE
    # Of those that cost as little, what suits the plan made without any of them comes first.
    assert loose.starts is not None
    tried = sorted(
        ((_least(bare, option, change), option) for option in first),
        key=lambda one: (one[0], _unmet(bare, one[1], loose.starts or ())),
    )
    best: Result | None = None
    for least, option in tried:
        floor = attrs.evolve(loose, preferences=loose.preferences + least)
        if best is not None and floor.ranked(problem.order) >= best.ranked(problem.order):
            break
        chosen = attrs.evolve(with_option(bare, option), preferences=rest)
        found = solve_preferences(chosen, solver)
        if found.starts is not None:
            preferences = found.preferences + option.cost
            options = (option, *found.options)
            one = attrs.evolve(found, preferences=preferences, options=options)
            if best is None or one.ranked(problem.order) < best.ranked(problem.order):
                best = one
        if found.status is Status.EFFORT_SPENT:
            plain = _with_nothing(problem, loose)
            if best is None or plain.ranked(problem.order) < best.ranked(problem.order):
                best = plain
            return attrs.evolve(best, status=Status.EFFORT_SPENT, bound=loose.deviation)
    assert best is not None, "one option of each preference asks for nothing that the course lacks"
    return best


def _with_nothing(problem: Problem, loose: Result) -> Result:
    """Return a plan made without preferences, with the option of each that serves it best."""
    if loose.starts is None:
        return loose
    taken: list[Option] = []
    preferences = loose.preferences
    for some in problem.preferences:
        priced = [(_price(problem, option, loose.starts), option) for option in some]
        serving = [(price, option) for price, option in priced if price is not None]
        if not serving:  # none of its starts is one that any option allows
            return Result(Status.EFFORT_SPENT, bound=loose.bound, reached=loose.reached)
        price, option = min(serving, key=itemgetter(0))
        taken.append(option)
        preferences += price
    return attrs.evolve(loose, preferences=preferences, options=tuple(taken))


def _price(problem: Problem, option: Option, starts: tuple[int, ...]) -> int | None:
    """Return what an option costs a plan as it is; ``None`` where the plan would have to change."""
    for n in option.other_rides:
        announced = problem.items[n].announced
        if announced is not None and announced.rides >> starts[n] & 1:
            return None  # the ride that people know of stays in this plan
    if any(not one.bits >> starts[n] & 1 for n, one in option.allowed):
        return None
    return option.cost + _unmet(problem, option, starts)


def _unmet(problem: Problem, option: Option, starts: tuple[int, ...]) -> int:
    """Return what an option adds to the preferences that a plan does not meet."""
    unmet = sum(one.cost for n, one in option.penalties if one.bits >> starts[n] & 1)
    days = [bisect_right(problem.day_slots, start) - 1 for start in starts]
    return unmet + sum(gap.cost(days[gap.later] - days[gap.earlier]) for gap in option.gaps)


def with_option(problem: Problem, option: Option) -> Problem:
    """Return the problem in which an option holds."""
    items = list(problem.items)
    for n, allowed in option.allowed:
        items[n] = attrs.evolve(items[n], slots=(*items[n].slots, allowed))
    for n, penalty in option.penalties:
        items[n] = attrs.evolve(items[n], penalties=(*items[n].penalties, penalty))
    for n in option.other_rides:
        if (announced := items[n].announced) is not None:
            items[n] = attrs.evolve(items[n], announced=attrs.evolve(announced, rides=0))
    return attrs.evolve(problem, items=tuple(items), gaps=(*problem.gaps, *option.gaps))


def _least(problem: Problem, option: Option, change: Change) -> int:
    """
    Return what an option costs at least in a course of so little change.

    Each visit is looked at alone: one that people know may move as far as all together do, and
    only so many may.
    """
    items = [problem.items[n] for n, _ in option.penalties]
    alike = numbered((None, tuple(allowed.bits for allowed in item.slots)) for item in items)
    starts: dict[int, int] = {}
    unmet = option.cost
    gains: dict[int, int] = {}  # what each visit meets if it moves
    far = change.minutes // problem.slot_minutes
    for number, item, (n, penalty) in zip(alike, items, option.penalties, strict=True):
        if number not in starts:
            starts[number] = starts_of(problem, item)
        announced, here = item.announced, starts[number]
        stays = announced is not None and announced.slot >= 0 and here >> announced.slot & 1
        if announced is not None:
            here &= span(announced.slot - far, announced.slot + far + 1)
        anywhere = penalty.cost if not here & ~penalty.bits else 0
        if announced is not None and stays:
            there = penalty.cost if penalty.bits >> announced.slot & 1 else 0
            unmet += there
            gains[n] = gains.get(n, 0) + there - anywhere
        else:
            unmet += anywhere
    unmet += sum(_never_met(problem, option.gaps))
    return unmet - sum(sorted(gains.values(), reverse=True)[: change.moved])


def _never_met(problem: Problem, gaps: tuple[GapPenalty, ...]) -> Iterator[bool]:
    """Yield for each wish about a distance whether a rule about the same two rules it out."""
    if not gaps:
        return
    windows: dict[tuple[int, int], list[Window]] = {}
    for lag in problem.lags:
        if isinstance(lag, DayLag):
            windows.setdefault((lag.earlier, lag.later), []).append(lag.window)
    for gap in gaps:
        own = windows.get((gap.earlier, gap.later), [])
        too_far = any(one.least is not None and one.least > gap.last for one in own)
        too_near = any(one.most is not None and one.most < gap.first for one in own)
        yield not gap.inside and (too_far or too_near)
