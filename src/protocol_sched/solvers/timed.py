"""
Courses with rules in elapsed time, solved as chains of days whose times are found last.

Loosened to days, a rule of 72 hours becomes one of two or three days. The chains of days are
taken in rising cost, and for each cost in order of the finish; the times of day on a chain's days
are then found by dynamic programming over (visit, day, slot), which also adds what elapsed
targets cost. A loosened rule never forbids or costs more than the true one, so nothing better is
left as soon as the chains cost as much as the best course found.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import reduce
from operator import attrgetter, or_

import attrs

from protocol_sched.bitsets import members
from protocol_sched.problem import DayLag, Lag, Problem, SlotLag, Window
from protocol_sched.solvers.chain import Chain, Level, State
from protocol_sched.solvers.choices import Choice, day_starts
from protocol_sched.solvers.result import Result, Status, Unlike

Best = tuple[int, int, int, tuple[int, ...]]
"""Cost, last day, sum of clock times and start slots; the smaller is the better course."""
Times = tuple[int, int, tuple[int, ...]]
"""Cost of elapsed targets, sum of clock times and start slots."""
Slots = tuple[int, ...]
"""Start slots of earlier visits that an elapsed rule of a later one still looks at."""


def untimed(problem: Problem) -> bool:
    """Tell whether no rule is in elapsed time."""
    slot_lags = any(isinstance(lag, SlotLag) for lag in problem.lags)
    return not slot_lags and not any(item.slot_targets for item in problem.items)


def loosened(problem: Problem) -> Problem:
    """Return the problem with every elapsed rule loosened to days, its target left out."""
    widths = [b - a for a, b in zip(problem.day_slots, problem.day_slots[1:], strict=False)]
    shortest, longest = min(widths), max(widths)
    lags: list[Lag] = []
    for lag in problem.lags:
        if isinstance(lag, SlotLag):
            window = days_of(lag.window, shortest, longest)
            lags.append(DayLag(lag.earlier, lag.later, window, lag.origin))
        else:
            lags.append(lag)
    items = tuple(attrs.evolve(item, slot_targets=()) for item in problem.items)
    return attrs.evolve(problem, items=items, lags=tuple(lags))


def days_of(window: Window, shortest: int, longest: int) -> Window:
    """
    Return the days apart on which slots can be as far apart as a window says, or more days.

    Args:
        shortest: Slots of the shortest day; days differ where clocks change.
        longest: Slots of the longest.
    """
    least = most = None
    if window.least is not None:
        width = longest if window.least >= 0 else shortest
        least = -(-(window.least + 1) // width) - 1
    if window.most is not None:
        width = shortest if window.most >= 1 else longest
        most = (window.most - 1) // width + 1
    return Window(least, most)


_slot = attrgetter("slot")


class _TimedChain(Chain):
    """A chain of days that may also take a day for the dearer starts on it."""

    def __init__(
        self, problem: Problem, starts: list[dict[int, list[Choice]]], effort: int, unlike: Unlike
    ) -> None:
        self.starts = starts
        best = tuple({day: choices[0] for day, choices in row.items()} for row in starts)
        super().__init__(problem, best, effort, unlike)

    def levels(self, n: int) -> tuple[Level, ...]:
        targets = self.problem.items[n].day_targets
        taken = [days[n] for days in self.unlike.days]
        found: dict[tuple[int, tuple[int, ...]], int] = {}
        for day, choices in self.starts[n].items():
            cost = self.unit * sum(target.cost(day) for target in targets)
            shares = tuple(int(day == other) for other in taken)
            for penalty in {choice.penalty for choice in choices}:
                key = (cost + penalty, shares)
                found[key] = found.get(key, 0) | 1 << day
        return tuple(Level(cost, found[cost, shares], shares) for cost, shares in sorted(found))


class Timed:
    """One solve of a problem with elapsed rules."""

    def __init__(
        self,
        problem: Problem,
        choices: tuple[dict[int, Choice], ...],
        effort: int,
        unlike: Unlike | None,
    ) -> None:
        self.problem, self.choices, self.effort = problem, choices, effort
        self.count = len(problem.items)
        timed: set[int] = set()
        self.into: list[list[SlotLag]] = [[] for _ in range(self.count)]
        for lag in problem.lags:
            if isinstance(lag, SlotLag):
                self.into[lag.later].append(lag)
                timed |= {lag.earlier, lag.later}
        timed |= {n for n, item in enumerate(problem.items) if item.slot_targets}
        starts = [
            day_starts(problem, item, choices[n])
            if n in timed
            else {day: [choice] for day, choice in choices[n].items()}
            for n, item in enumerate(problem.items)
        ]
        self.chain = _TimedChain(loosened(problem), starts, effort, unlike or Unlike())
        self.kept = [
            sorted({lag.earlier for later in self.into[n + 1 :] for lag in later} & {*range(n + 1)})
            for n in range(self.count)
        ]
        """For each visit, those up to it whose start a later elapsed rule looks at."""
        self.ordered: dict[tuple[int, int, int], list[Choice]] = {}
        self.reached = 0

    @property
    def in_time_order(self) -> bool:
        """Tell whether the visits come in a fixed order."""
        return self.chain.in_time_order

    def solve(self) -> Result:
        """Take chains of days in rising cost until one has times, or none is left."""
        chain = self.chain
        loose = Chain(chain.problem, self.choices, self.effort, chain.unlike).solve()
        if loose.status is not Status.OPTIMAL:
            return loose
        for cap in (loose.deviation + 10, loose.deviation + 160, None):
            left_out = chain.limit(cap)
            result = self._take()
            proved = result.status is not Status.INFEASIBLE and result.bound <= (cap or 0)
            if proved or not left_out:
                return result
        raise AssertionError("the last cap leaves nothing out")

    def _take(self) -> Result:
        chain = self.chain
        waiting: dict[int, list[dict[State, int]]] = {}
        for level in chain.domains[0]:
            if max(level.shares, default=0) <= chain.unlike.shared:
                chain.wait(waiting, level.cost, 0, level.shares, level.days)
        laid: list[dict[tuple[State, int], int]] = [{} for _ in range(self.count)]
        best: Best | None = None
        while waiting:
            cost = min(waiting)
            if best is not None and best[0] < cost:
                break
            front = waiting.pop(cost)
            for n in range(self.count):
                for state, days in front[n].items():
                    laid[n][state, cost] = days
                    if n < self.count - 1:
                        chain.spread(waiting, front, cost, n, state, days)
            best = self._with_times(laid, cost, best)
            if chain.work > self.effort:
                return self._spent(cost, best)
            if best is not None and best[0] <= cost:
                break
        return self._none() if best is None else self._result(Status.OPTIMAL, best, best[0])

    def _result(self, status: Status, best: Best, bound: int) -> Result:
        cost, finish, clock, slots = best
        unit = self.chain.unit
        return Result(
            status,
            slots,
            deviation=cost // unit,
            preferences=cost % unit,
            finish=finish,
            time_of_day=clock,
            bound=bound // unit,
            reached=self.count,
            work=self.chain.work,
        )

    def _spent(self, cost: int, best: Best | None) -> Result:
        """Say what is known when the effort ends: no course costs less than ``cost``."""
        if best is not None:
            status = Status.OPTIMAL if best[0] <= cost else Status.EFFORT_SPENT
            return self._result(status, best, min(cost, best[0]))
        bound, work = cost // self.chain.unit, self.chain.work
        return Result(Status.EFFORT_SPENT, bound=bound, reached=self.reached, work=work)

    def _none(self) -> Result:
        """Say that no chain of days has times, and which visit was the first without."""
        chain = self.chain
        reached = min(self.reached, self.count - 1)
        within = (1 << self.problem.days) - 1
        return Result(Status.INFEASIBLE, reached=reached, within=within, work=chain.work)

    def _with_times(
        self, laid: list[dict[tuple[State, int], int]], cost: int, best: Best | None
    ) -> Best | None:
        """Return the best of ``best`` and the courses whose days alone cost exactly ``cost``."""
        chain = self.chain
        ends = {state: days for (state, at), days in laid[-1].items() if at == cost}
        every = reduce(or_, ends.values(), 0)
        for finish in members(every):
            if best is not None and best[:2] < (cost, finish):
                break
            final = {(s, cost): 1 << finish for s, days in ends.items() if days >> finish & 1}
            timed = self._times(chain.leading(laid, final))
            if timed is not None:
                off, clock, slots = timed
                found = (cost + off * chain.unit, finish, clock, slots)
                best = found if best is None else min(best, found)
            if chain.work > self.effort:
                break
        return best

    def _times(self, leading: list[dict[tuple[State, int], int]]) -> Times | None:
        """
        Return the best times on these chains of days.

        Least cost of elapsed targets, then least sum of clock times; with the start slots.
        """
        chain = self.chain
        Found = dict[tuple[State, int, int, Slots], Times]  # noqa: N806
        best: Found = {}
        for (state, cost), days in leading[0].items():
            for day in members(days):
                for choice in self._starts(0, day, cost):
                    if (off := self._off((), 0, choice.slot)) is not None:
                        key = (state, cost, day, self._keep((choice.slot,)))
                        found: Times = (off, choice.wall, (choice.slot,))
                        best[key] = min(best.get(key, found), found)
        for n in range(self.count - 1):
            self.reached = max(self.reached, n + 1 if best else n)
            after: Found = {}
            for (state, cost, day, _), (so_far, total, path) in best.items():
                for step in chain.ways(n, state):
                    to, at = day + step.gap, (step.state, cost + step.cost)
                    chain.work += 1
                    if not step.mask >> day & 1:
                        continue
                    if not (leading[n + 1].get(at, 0) & step.domain) >> to & 1:
                        continue
                    for choice in self._between(n + 1, to, step.unary, *self._bounds(path, n + 1)):
                        chain.work += 1
                        off = self._off(path, n + 1, choice.slot)
                        if off is not None:
                            slots = (*path, choice.slot)
                            key = (*at, to, self._keep(slots))
                            found = (so_far + off, total + choice.wall, slots)
                            after[key] = min(after.get(key, found), found)
            best = after
        return min(best.values()) if best else None

    def _starts(self, n: int, day: int, unary: int) -> list[Choice]:
        """Return the starts on a day that cost what the chain reckoned for them, by slot."""
        key = (n, day, unary % self.chain.unit)
        if key not in self.ordered:
            choices = [one for one in self.chain.starts[n][day] if one.penalty == key[2]]
            self.ordered[key] = sorted(choices, key=_slot)
        return self.ordered[key]

    def _between(self, n: int, day: int, unary: int, first: int, last: int) -> list[Choice]:
        """Return those of the starts that lie in a range of slots, both ends included."""
        choices = self._starts(n, day, unary)
        start = bisect_left(choices, first, key=_slot)
        return choices[start : bisect_right(choices, last, key=_slot)]

    def _bounds(self, slots: tuple[int, ...], n: int) -> tuple[int, int]:
        """Return the first and last slot that elapsed rules leave visit n."""
        first, last = 0, self.problem.day_slots[-1]
        for lag in self.into[n]:
            base = slots[lag.earlier]
            if lag.window.least is not None:
                first = max(first, base + lag.window.least)
            if lag.window.most is not None:
                last = min(last, base + lag.window.most)
        return first, last

    def _keep(self, slots: tuple[int, ...]) -> Slots:
        return tuple(slots[j] for j in self.kept[len(slots) - 1])

    def _off(self, slots: tuple[int, ...], n: int, slot: int) -> int | None:
        """Return what elapsed rules cost of visit n at a slot; ``None`` if one forbids it."""
        total = sum(target.cost(slot) for target in self.problem.items[n].slot_targets)
        for lag in self.into[n]:
            cost = lag.window.cost(slot - slots[lag.earlier])
            if cost is None:
                return None
            total += -(-cost // lag.unit)
        return total
