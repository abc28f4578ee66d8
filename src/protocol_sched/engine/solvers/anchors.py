"""
Visits that many others are measured from, one day of theirs after the other.

A course remembers, at each visit, how far back those visits are that a later one is still
measured from. Where many visits lie before the one they are all measured from, that is more than
can be listed. So the days of that visit, the anchor, are taken in turn: then each distance to it
is a rule about one visit (`folding`). The days come in the order of what a course with the
anchor there costs at least, and end where that is more than the best course found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import attrs

from protocol_sched.engine.bitsets import members, span
from protocol_sched.engine.problem import Allowed, Lag, Problem, SlotLag, TableLag, Target, Window
from protocol_sched.engine.solvers.budget import Budget, Spent
from protocol_sched.engine.solvers.choices import Starts
from protocol_sched.engine.solvers.elapsed import days_of
from protocol_sched.engine.solvers.folding import before
from protocol_sched.engine.solvers.result import Change, Result, Status

Bound = tuple[int, int, int, int, int, int]
"""Visits moved, minutes moved, rides changed, deviation, preferences, finish: at least."""
Dearest = tuple[int, int]
"""A deviation and preferences; what costs more need not be found."""
Solver = Callable[[Problem, Dearest | None], Result]


def anchor_of(problem: Problem) -> int | None:
    """
    Return the visit whose day to fix, so that least has to be remembered of earlier visits.

    ``None`` where nothing that grows with the horizon is remembered of more than one visit, or
    no visit's day would change that.
    """
    lags = [lag for lag in problem.lags if lag.later > lag.earlier + 1 and _is_wide(lag)]
    most = _remembered(lags)
    if most < 2:
        return None
    ends = [n for lag in lags if not isinstance(lag, SlotLag) for n in (lag.earlier, lag.later)]
    best: tuple[int, int, int] | None = None
    for n in sorted(set(ends)):
        if ends.count(n) < 2:
            continue
        rest = [
            lag for lag in lags if isinstance(lag, SlotLag) or n not in (lag.earlier, lag.later)
        ]
        found = (_remembered(rest), -ends.count(n), n)
        best = found if best is None else min(best, found)
    return best[2] if best is not None and best[0] < most else None


def _is_wide(lag: Lag) -> bool:
    """Tell whether a lag's earlier visit matters however far back it is."""
    if isinstance(lag, TableLag):
        return True
    return lag.window.most is not None or lag.window.hi is not None


def _remembered(lags: list[Lag]) -> int:
    """Return of how many earlier visits the place matters at once, at the most."""
    last_use: dict[int, int] = {}
    for lag in lags:
        last_use[lag.earlier] = max(last_use.get(lag.earlier, 0), lag.later)
    visits = {n for lag in lags for n in (lag.earlier, lag.later)}
    return max((sum(a < n < b for a, b in last_use.items()) for n in visits), default=0)


def solve_by_anchor(
    problem: Problem,
    starts: tuple[Starts, ...],
    anchor: int,
    budget: Budget,
    solver: Solver,
    dearest: Dearest | None,
) -> Result:
    """
    Return the best plan over all days of one visit.

    Args:
        solver: Solves the problem with the visit on one day.
        dearest: As for the solver.
    """
    began = budget.spent
    try:
        tried = sorted(_Bounds(problem, starts, anchor).each(budget))
    except Spent:
        return Result(Status.EFFORT_SPENT, work=budget.spent - began)
    any_announced = any(item.announced is not None for item in problem.items)
    floor = min((bound[3] for bound, _ in tried), default=0)
    best: Result | None = None
    reached = anchor
    for bound, day in tried:
        if best is not None and bound > _bounded(best):
            break
        if dearest is not None and bound[3:5] > dearest and not any_announced:
            break
        only = Allowed(1 << day, "the anchor's day")
        items = list(problem.items)
        items[anchor] = attrs.evolve(items[anchor], days=(*items[anchor].days, only))
        if best is not None and not any_announced:
            dearest = best.deviation, best.preferences
        found = solver(attrs.evolve(problem, items=tuple(items)), dearest)
        if found.starts is not None and (best is None or _rank(found) < _rank(best)):
            best = found
        if found.status is Status.EFFORT_SPENT:
            # Days not tried cost at least what this one does.
            least = floor if any_announced else bound[3]
            if best is not None:
                least = min(least, best.deviation)
            spent = best or found
            return attrs.evolve(
                spent, status=Status.EFFORT_SPENT, bound=least, work=budget.spent - began
            )
        reached = max(reached, found.reached)
    work = budget.spent - began
    if best is None:
        reached = min(reached, len(problem.items) - 1)
        return Result(Status.INFEASIBLE, reached=reached, work=work)
    return attrs.evolve(best, work=work)


def _bounded(result: Result) -> Bound:
    """Return the costs of a plan that a bound speaks of."""
    moved, minutes, rides = result.change
    return moved, minutes, rides, result.deviation, result.preferences, result.finish


def _rank(result: Result) -> tuple[tuple[int, ...], tuple[int, ...]]:
    assert result.starts is not None
    return result.costs, result.starts


class _Bounds:
    """What a course costs at least, with the anchor on one day and each visit by itself."""

    def __init__(self, problem: Problem, starts: tuple[Starts, ...], anchor: int) -> None:
        self.problem, self.starts, self.anchor = problem, starts, anchor
        self.whole = (1 << problem.days) - 1
        widths = [end - first for first, end in pairwise(problem.day_slots)]
        self.widths = min(widths), max(widths)
        self.lags: list[list[Lag]] = [[] for _ in problem.items]
        for lag in problem.lags:
            if lag.later == anchor:
                self.lags[lag.earlier].append(lag)
            elif lag.earlier == anchor:
                self.lags[lag.later].append(lag)
        self.priced: dict[Starts, list[tuple[int, int]]] = {}
        """Penalties with their days, by the identity of starts."""

    def each(self, budget: Budget) -> Iterator[tuple[Bound, int]]:
        """Yield each day of the anchor on which every other visit has room, with its bound."""
        for day in members(self.starts[self.anchor].days):
            budget.spend(len(self.starts))
            bound = self._on(day)
            if bound is not None:
                yield bound, day

    def _on(self, day: int) -> Bound | None:
        """
        Return what no course with the anchor on a day is under, the first part first.

        Preferences and finish are those of visits on the days that cost no more than they must:
        on any other the deviation alone is more.
        """
        moved = minutes = off = preferences = finish = 0
        for n, lags in enumerate(self.lags):
            here, aims = self.starts[n].days, []
            if n == self.anchor:
                here = 1 << day
            for lag in lags:
                window = self._window(lag, day)
                here &= self._inside(window)
                if window.lo is not None or window.hi is not None:
                    aims.append(window)
            if not here:
                return None
            aims += [one.window for one in self.problem.items[n].day_targets if type(one) is Target]
            change = self._change(n, here)
            moved, minutes = moved + change.moved, minutes + change.minutes
            least, best = _nearest(here, aims)
            off += least
            preferences += self._preferences(n, best)
            finish = max(finish, (best & -best).bit_length() - 1)
        return moved, minutes, 0, off, preferences, finish

    def _window(self, lag: Lag, day: int) -> Window:
        """Return on which days the visit at a lag's other end can be and is on target."""
        if isinstance(lag, TableLag):
            return lag.windows[day].moved(day) if lag.earlier == self.anchor else Window()
        window = lag.window
        if isinstance(lag, SlotLag):
            window = days_of(window, *self.widths)
        if lag.earlier == self.anchor:
            return window.moved(day)
        return before(window, day)

    def _inside(self, window: Window) -> int:
        first = 0 if window.least is None else window.least
        last = self.problem.days if window.most is None else window.most
        return span(first, last + 1) & self.whole

    def _preferences(self, n: int, days: int) -> int:
        own = self.starts[n]
        if self.problem.items[n].announced is not None:
            return own.priced[0][0]
        if own not in self.priced:
            self.priced[own] = list(own.by_penalty())
        return next(penalty for penalty, some in self.priced[own] if some & days)

    def _change(self, n: int, days: int) -> Change:
        """Return how far a visit moves at least from where people know it."""
        announced, starts = self.problem.items[n].announced, self.problem.day_slots
        if announced is None:
            return Change()
        slot = announced.slot
        first = next((k for k in range(self.problem.days) if starts[k + 1] > slot), -1)
        inside = 0 <= slot < starts[-1]
        if inside and days >> first & 1:
            free = self.starts[n].slots >> slot & 1
            return Change() if free else Change(1, self.problem.slot_minutes)
        away = []
        if later := days >> max(first, 0) if slot < starts[-1] else 0:
            away.append(starts[max(first, 0) + (later & -later).bit_length() - 1] - slot)
        if sooner := days & span(0, first if inside else (0 if slot < 0 else self.problem.days)):
            away.append(slot - starts[sooner.bit_length()] + 1)
        return Change(1, max(min(away), 1) * self.problem.slot_minutes)


def _nearest(days: int, aims: list[Window]) -> tuple[int, int]:
    """Return what days cost at least by some targets, and those of them that cost no more."""
    least, best = 0, days
    for window in aims:
        off, nearest = _off(days, window)
        least, best = least + off, best & nearest
    return (least, best) if best else (least + 1, days)


def _off(days: int, window: Window) -> tuple[int, int]:
    """Return how far the nearest of some days are from a target, and those that are as near."""
    lo = window.lo if window.lo is not None else -1
    hi = window.hi if window.hi is not None else days.bit_length()
    if inside := days & span(lo, hi + 1):
        return 0, inside
    away = []
    if sooner := days & span(0, lo):
        away.append(lo - sooner.bit_length() + 1)
    if later := days >> max(hi + 1, 0):
        away.append(max(hi + 1, 0) + (later & -later).bit_length() - 1 - hi)
    off = min(away)
    return off, days & span(lo - off, hi + off + 1)
