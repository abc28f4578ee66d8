"""
Whether some of a problem's rules leave any course at all, asked many times of one problem.

Costs are not looked at, so this is much cheaper than a solve: the days (and, where rules are in
elapsed time, the slots) of each visit are one integer each, every lag narrows both its ends by
shifts, and what is then still undecided is tried, first visits first. That arc consistency is
kept at each step.

Source:
    Mackworth, "Consistency in networks of relations", Artificial Intelligence 8 (1977), for
    narrowing; Sabin and Freuder, "Contradicting conventional wisdom in constraint
    satisfaction", ECAI 1994, for narrowing at each step of the search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, reduce
from itertools import product
from operator import and_, or_

import attrs

from protocol_sched.engine.bitsets import numbered, span
from protocol_sched.engine.problem import Allowed, Item, Problem
from protocol_sched.engine.solvers.budget import Budget, Spent
from protocol_sched.engine.solvers.exact import solve
from protocol_sched.engine.solvers.narrowing import Days, Dead, Narrowing, Room
from protocol_sched.engine.solvers.result import Status

PROBE = 2_000_000
"""Solver steps after which one question stays open."""

Needs = Callable[[object], int]
"""For the origin of a constraint the rules it needs, bit n for rule n: it holds if all are kept."""


NONE = -1
"""Stands for no rule at all, not even one that always holds."""


class Feasibility:
    """
    Answers whether a subset of a problem's rules can hold together.

    Args:
        needs: Which rules a constraint belongs to. Where they are several, the constraint is
            only there while all of them are kept: that nobody can drive is no longer so once
            one of the drivers is free. None at all is a constraint that always holds.
        budget: Steps that all questions share; once they are spent, nothing more is known.
            `PROBE` of them at the most are for one question.
    """

    def __init__(self, problem: Problem, needs: Needs, budget: Budget | None = None) -> None:
        self.problem, self.needs = problem, needs
        self.budget = budget or Budget(50 * PROBE)
        self.cut = Days(problem.day_slots)
        self.needed = needed = cache(needs)
        self.slots = [[(needed(a.origin), a) for a in item.slots] for item in problem.items]
        self.days = [[(needed(a.origin), a) for a in item.days] for item in problem.items]
        self.lags = [(needed(lag.origin), Narrowing(lag, problem)) for lag in problem.lags]
        self.alike = numbered(
            (
                (item.length, tuple(need for need, _ in (*slots, *days))),
                tuple(one.bits for _, one in (*slots, *days)),
            )
            for item, slots, days in zip(problem.items, self.slots, self.days, strict=True)
        )
        """For each visit a number; those that the same rules leave the same starts have one."""
        self.required = [
            (
                needed(one.origin),
                [
                    {
                        n: [(needed(a.origin), a) for m, a in option.allowed if m == n]
                        for n, _ in option.allowed
                    }
                    for option in one.options
                ],
            )
            for one in problem.required
        ]
        """Limits that hold if one of their options is taken; of each the rules by visit."""
        self.taken: tuple[int, ...] = ()
        """The option of each limit that is looked at for now; -1 is none."""
        self.own = [
            reduce(or_, (need for need, _ in (*slots, *days)), 0)
            for slots, days in zip(self.slots, self.days, strict=True)
        ]
        """For each visit all rules that are about it alone."""
        self.count = len(problem.items)
        """Only so many visits, the first ones, are looked at."""
        self.passed: frozenset[int] = frozenset()
        """Visits among them that no rule binds for now."""
        self._own: dict[tuple[object, ...], tuple[int, int]] = {}
        self._answers: dict[tuple[int, int, frozenset[int]], bool | None] = {}

    def look_at(self, count: int) -> None:
        """Look at the first so many visits only, and at the rules between them."""
        self.count = count

    def shortest_impossible(self, chosen: int) -> int:
        """Return how many of the first visits are enough to be impossible; all must be."""
        low, high = 1, len(self.problem.items)
        while low < high:
            self.count = (low + high) // 2
            if self.feasible(chosen) is False:
                high = self.count
            else:
                low = self.count + 1
        self.count = len(self.problem.items)
        return high

    def concerned(self, chosen: int) -> tuple[int, ...]:
        """Return a smallest set of visits among those looked at that rules are impossible for."""
        self.passed = frozenset()
        for n in range(self.count):
            self.passed |= {n}
            if self.feasible(chosen) is not False:
                self.passed -= {n}
        left = tuple(n for n in range(self.count) if n not in self.passed)
        self.passed = frozenset()
        return left

    def feasible(self, chosen: int) -> bool | None:
        """
        Return whether there is a course that keeps these rules; ``None`` if it is not known.

        Args:
            kept: Bit set of rules.
        """
        key = (chosen, self.count, self.passed)
        if key not in self._answers:
            part = self.budget.part(PROBE)
            self._answers[key] = self._feasible(chosen, part)
            self.budget.take(part)
        return self._answers[key]

    def domains(self, chosen: int) -> tuple[int, ...]:
        """
        Return the days each visit has by these rules and the lags among them, as bit sets.

        A day that no course uses may still be in it; one that a course uses always is. All are
        empty where the rules are seen to be impossible.
        """
        try:
            return tuple(self._start(chosen, self.budget).days)
        except Dead:
            return (0,) * self.count
        except Spent:
            return tuple(self._alone(n, chosen)[1] for n in range(self.count))

    def own_days(self, n: int, chosen: int) -> int:
        """Return the days on which the rules about visit n alone leave it a start."""
        return self._alone(n, chosen)[1]

    def _feasible(self, chosen: int, budget: Budget) -> bool | None:
        """Look at every choice of options of the limits that need one."""
        open_ = False
        choices = [
            range(len(options)) if not need & ~chosen else (-1,) for need, options in self.required
        ]
        for self.taken in product(*choices):
            found = self._feasible_so(chosen, budget)
            if found:
                break
            open_ |= found is None
        self.taken = ()
        return True if found else None if open_ else False

    def _feasible_so(self, chosen: int, budget: Budget) -> bool | None:
        try:
            found = self._start(chosen, budget).search()
        except Dead:
            return False
        except Spent:
            return None
        if found is not None:
            return found
        status = solve(self.only(chosen), budget).status
        return {Status.OPTIMAL: True, Status.INFEASIBLE: False}.get(status)

    def only(self, chosen: int) -> Problem:
        """Return the problem of the visits looked at, with these rules alone and no costs."""
        items = []
        for n, item in enumerate(self.problem.items[: self.count]):
            slots = (*self._chosen(self.slots, n, chosen), *self._optional(n, chosen))
            days = tuple(allowed for allowed in self._chosen(self.days, n, chosen))
            inside = Allowed(self._inside(item.length), None)
            items.append(Item(item.name, item.length, (inside, *slots), days))
        lags = tuple(narrowing.lag for narrowing in self._lags(chosen))
        bare = attrs.evolve(self.problem, preferences=(), gaps=(), required=())
        return attrs.evolve(bare, items=tuple(items), lags=lags)

    def _chosen(
        self, rules: list[list[tuple[int, Allowed]]], n: int, chosen: int
    ) -> Iterator[Allowed]:
        if n not in self.passed:
            yield from (allowed for need, allowed in rules[n] if not need & ~chosen)

    def _optional(self, n: int, chosen: int) -> Iterator[Allowed]:
        """Yield what the options looked at for now ask of a visit."""
        if n not in self.passed:
            for (_, options), taken in zip(self.required, self.taken, strict=False):
                if taken >= 0:
                    rows = options[taken].get(n, ())
                    yield from (allowed for need, allowed in rows if not need & ~chosen)

    def _lags(self, chosen: int) -> Iterator[Narrowing]:
        for need, narrowing in self.lags:
            if need & ~chosen or narrowing.later >= self.count:
                continue
            if narrowing.earlier not in self.passed and narrowing.later not in self.passed:
                yield narrowing

    def _start(self, chosen: int, budget: Budget) -> Room:
        state = Room(self.cut, list(self._lags(chosen)), self.count, budget)
        timed = state.timed
        budget.spend(self.count)
        for n in range(self.count):
            slots, days = self._alone(n, chosen)
            state.days[n] = days
            if n in timed:
                state.slots[n] = slots & self.cut.whole(days)
            if not days:
                raise Dead
        state.narrow(range(len(state.lags)))
        return state

    def _inside(self, length: int) -> int:
        """Return the starts from which a visit of this length ends inside the horizon."""
        return span(0, self.problem.day_slots[-1] - length + 1)

    def _alone(self, n: int, chosen: int) -> tuple[int, int]:
        """Return the slots and days that rules about this visit alone leave it."""
        optional = [allowed.bits for allowed in self._optional(n, chosen)]
        own = NONE if n in self.passed else chosen & self.own[n]
        key = (self.alike[n], own, *optional)
        if key not in self._own:
            slots = (*optional, *(one.bits for one in self._chosen(self.slots, n, chosen)))
            days = (allowed.bits for allowed in self._chosen(self.days, n, chosen))
            by_slot = reduce(and_, slots, self._inside(self.problem.items[n].length))
            by_day = reduce(and_, days, self.cut.all)
            self._own[key] = (by_slot, self.cut.of(by_slot) & by_day)
        return self._own[key]
