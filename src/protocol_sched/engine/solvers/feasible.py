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
from itertools import groupby, pairwise, product
from operator import and_, or_

import attrs

from protocol_sched.engine.bitsets import members, numbered, pieces, span
from protocol_sched.engine.problem import Allowed, DayLag, Item, Lag, Problem, SlotLag, TableLag
from protocol_sched.engine.solvers.budget import Budget, Spent
from protocol_sched.engine.solvers.exact import solve
from protocol_sched.engine.solvers.result import Status

PROBE = 2_000_000
"""Solver steps after which one question stays open."""
TRIES = 2_000
"""Choices after which a probe is left to the full solver."""

Needs = Callable[[object], int]
"""For the origin of a constraint the rules it needs, bit n for rule n: it holds if all are kept."""


NONE = -1
"""Stands for no rule at all, not even one that always holds."""


class _Dead(Exception):
    """A visit has no day left."""


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
        self.cut = _Days(problem.day_slots)
        self.needed = needed = cache(needs)
        self.slots = [[(needed(a.origin), a) for a in item.slots] for item in problem.items]
        self.days = [[(needed(a.origin), a) for a in item.days] for item in problem.items]
        self.lags = [(needed(lag.origin), _Narrowing(lag, problem)) for lag in problem.lags]
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
        except _Dead:
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
        except _Dead:
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

    def _lags(self, chosen: int) -> Iterator[_Narrowing]:
        for need, narrowing in self.lags:
            if need & ~chosen or narrowing.later >= self.count:
                continue
            if narrowing.earlier not in self.passed and narrowing.later not in self.passed:
                yield narrowing

    def _start(self, chosen: int, budget: Budget) -> _State:
        state = _State(self.cut, list(self._lags(chosen)), self.count, budget)
        timed = state.timed
        budget.spend(self.count)
        for n in range(self.count):
            slots, days = self._alone(n, chosen)
            state.days[n] = days
            if n in timed:
                state.slots[n] = slots & self.cut.whole(days)
            if not days:
                raise _Dead
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


class _Days:
    """Goes from slots to days and back."""

    def __init__(self, starts: tuple[int, ...]) -> None:
        self.starts = starts
        self.all = (1 << (len(starts) - 1)) - 1
        widths = [last - first for first, last in pairwise(starts)]
        self.runs: list[tuple[int, int, int]] = []
        """Runs of days of one width: the width, the first day and the day after the last."""
        day = 0
        for width, run in groupby(widths):
            after = day + len(list(run))
            self.runs.append((width, day, after))
            day = after

    def of(self, slots: int) -> int:
        """Return the days that have any of these slots."""
        days = 0
        for width, first, after in self.runs:
            start, end = self.starts[first], self.starts[after]
            part = slots >> start & ((1 << (end - start)) - 1)
            if not part:
                continue
            if width % 8:
                starts = tuple(n - start for n in self.starts[first : after + 1])
                for n, _ in pieces(part, starts):
                    days |= 1 << (first + n)
                continue
            size = width // 8
            raw = part.to_bytes((end - start) // 8, "little")
            # One byte of each day at a time, all days at once.
            merged = 0
            for k in range(size):
                merged |= int.from_bytes(raw[k::size], "big")
            lanes = merged.to_bytes(after - first, "big").translate(_ANY)
            days |= int(lanes[::-1], 2) << first
        return days

    def whole(self, days: int) -> int:
        """Return all slots of these days."""
        slots = 0
        while days:
            first = (days & -days).bit_length() - 1
            run = days >> first
            length = (~run & run + 1).bit_length() - 1
            slots |= span(self.starts[first], self.starts[first + length])
            days &= ~(((1 << length) - 1) << first)
        return slots


_ANY = b"0" + b"1" * 255


def _apart(bits: int, least: int | None, most: int | None, whole: int) -> int:
    """Return every number of ``whole`` that is ``least`` to ``most`` above one of ``bits``."""
    if not bits:
        return 0
    if least is not None and most is not None:
        if most < least:
            return 0
        have, width = 1, most - least + 1
        while have < width:
            step = min(have, width - have)
            bits |= bits << step
            have += step
        return (bits << least if least >= 0 else bits >> -least) & whole
    if least is not None:
        return whole & ~span(0, (bits & -bits).bit_length() - 1 + least)
    if most is not None:
        return whole & span(0, bits.bit_length() + most)
    return whole


def _minus(bound: int | None) -> int | None:
    return None if bound is None else -bound


class _Barred:
    """Distances that are not allowed, where all others are."""

    def __init__(self, holes: frozenset[int]) -> None:
        self.low = min(holes)
        self.bits = sum(1 << (hole - self.low) for hole in holes)

    def clear(self, some: int, whole: int) -> int:
        """Return every number of ``whole`` that is at an allowed distance from one of some."""
        if not some:
            return 0
        barred = whole
        for n in members(some):
            at = n + self.low
            barred &= self.bits << at if at >= 0 else self.bits >> -at
            if not barred:
                break  # two numbers that bar nothing in common leave the rest, as most do
        return whole & ~barred


class _Narrowing:
    """One lag as two ways of narrowing: what its later end has left, and its earlier end."""

    def __init__(self, lag: Lag, problem: Problem) -> None:
        self.lag, self.earlier, self.later = lag, lag.earlier, lag.later
        self.timed = isinstance(lag, SlotLag)
        by_day, by_slot = (1 << problem.days) - 1, (1 << problem.day_slots[-1]) - 1
        self.whole = by_slot if self.timed else by_day
        self.price = 4 + self.whole.bit_length() // 1_000
        """Steps of a budget that narrowing by it takes."""
        self.barred: list[tuple[_Barred, _Barred, int]] = []
        """Of windows that only bar distances: forth and back, with the earlier visit's days."""
        groups: dict[tuple[int | None, int | None], int] = {}
        match lag:
            case DayLag(window=window) | SlotLag(window=window):
                groups[window.least, window.most] = self.whole
            case TableLag():
                for window, days in lag.days_of_window.items():
                    if window.holes and window.least is window.most is None:
                        back = frozenset(-hole for hole in window.holes)
                        self.barred.append((_Barred(window.holes), _Barred(back), days))
                        continue
                    for run in window.runs():
                        groups[run] = groups.get(run, 0) | days
        self.groups = list(groups.items())

    def forth(self, earlier: int) -> int:
        """Return where the later visit can be."""
        found = 0
        for (least, most), days in self.groups:
            found |= _apart(earlier & days, least, most, self.whole)
        for forth, _, days in self.barred:
            found |= forth.clear(earlier & days, self.whole)
        return found

    def back(self, later: int) -> int:
        """Return where the earlier visit can be."""
        found = 0
        for (least, most), days in self.groups:
            found |= days & _apart(later, _minus(most), _minus(least), self.whole)
        for _, back, days in self.barred:
            found |= days & back.clear(later, self.whole)
        return found


class _State:
    """What each visit has left at one point of a search."""

    def __init__(self, cut: _Days, lags: list[_Narrowing], count: int, budget: Budget) -> None:
        self.cut, self.lags, self.count, self.budget = cut, lags, count, budget
        self.days = [0] * count
        self.slots: dict[int, int] = {}
        self.timed = {n for lag in lags if lag.timed for n in (lag.earlier, lag.later)}
        self.touching: list[list[int]] = [[] for _ in range(count)]
        for n, lag in enumerate(lags):
            self.touching[lag.earlier].append(n)
            self.touching[lag.later].append(n)
        self.tries = 0

    def narrow(self, lags: range | list[int]) -> None:
        """
        Take from each visit what its lags leave no room for, until nothing changes.

        Raises:
            _Dead: A visit has nothing left.
            Spent: The budget ended first.
        """
        waiting = dict.fromkeys(lags)
        while waiting:
            at = next(iter(waiting))
            del waiting[at]
            lag = self.lags[at]
            self.budget.spend(lag.price)
            for n, left in (
                (lag.later, lag.forth(self._of(lag.earlier, lag.timed))),
                (lag.earlier, lag.back(self._of(lag.later, lag.timed))),
            ):
                if self._keep(n, left, lag.timed):
                    waiting.update(dict.fromkeys(k for k in self.touching[n] if k != at))

    def _of(self, n: int, timed: bool) -> int:
        return self.slots[n] if timed else self.days[n]

    def _keep(self, n: int, left: int, timed: bool) -> bool:
        """Keep only these slots or days of a visit; tell whether it had more."""
        had = self._of(n, timed)
        now = had & left
        if now == had:
            return False
        if not now:
            raise _Dead
        if timed:
            self.slots[n] = now
            self.days[n] = self.cut.of(now)
        else:
            self.days[n] = now
            if n in self.timed:
                self.slots[n] &= self.cut.whole(now)
                if not self.slots[n]:
                    raise _Dead
        return True

    def search(self) -> bool | None:
        """
        Return whether there is a course; ``None`` if it was not found within `TRIES`.

        Raises:
            Spent: The budget ended first.
        """
        days, slots = list(self.days), dict(self.slots)
        stack: list[tuple[list[int], dict[int, int], int]] = []
        n = 0
        while True:
            while n < self.count and self._settled(n):
                n += 1
            if n == self.count:
                self.days, self.slots = days, slots
                return True
            self.tries += 1
            if self.tries > TRIES:
                self.days, self.slots = days, slots
                return None
            stack.append((list(self.days), dict(self.slots), n))
            if not self._try(n, first=True):
                # Back to the last choice that has another way, and never that first one again.
                while stack:
                    self.days, self.slots, n = stack.pop()
                    if self._try(n, first=False):
                        break
                else:
                    self.days, self.slots = days, slots
                    return False

    def _settled(self, n: int) -> bool:
        if not self.touching[n]:
            return True
        one = self.slots[n] if n in self.timed else self.days[n]
        return not one & (one - 1)

    def _try(self, n: int, first: bool) -> bool:
        """Take the first day of a visit (then its first slot), or take it away."""
        day = self.days[n] & -self.days[n]
        by_slot = day == self.days[n]
        had = self.slots[n] if by_slot else self.days[n]
        low = had & -had
        try:
            self._keep(n, low if first else had & ~low, by_slot)
            self.narrow(self.touching[n])
        except _Dead:
            return False
        return True
