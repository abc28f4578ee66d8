"""
Courses with rules in elapsed time, solved as chains of days whose times are found last.

Loosened to days, a rule of 72 hours becomes one of two or three days. The chains of days are
taken in rising cost, and for each cost in order of the finish; the times of day on a chain's days
are then found by dynamic programming over (visit, day, slot). A loosened rule never forbids or
costs more than the true one, so the first chain that has times is optimal.
"""

from __future__ import annotations

import attrs

from protocol_sched.bitsets import members
from protocol_sched.problem import DayLag, Lag, Problem, SlotLag, Window
from protocol_sched.solvers.chain import Chain, Level, State
from protocol_sched.solvers.choices import Choice, day_starts
from protocol_sched.solvers.result import Result, Status, Unlike

Slots = tuple[int, ...]
"""Start slots of earlier visits that an elapsed rule of a later one still looks at."""


def untimed(problem: Problem) -> bool:
    """Tell whether no rule is in elapsed time."""
    slot_lags = any(isinstance(lag, SlotLag) for lag in problem.lags)
    return not slot_lags and not any(item.slot_targets for item in problem.items)


def aims_in_hours(problem: Problem) -> bool:
    """Tell whether some rule has its target, and so its cost, in elapsed time."""
    if any(item.slot_targets for item in problem.items):
        return True
    windows = [lag.window for lag in problem.lags if isinstance(lag, SlotLag)]
    return any(window.lo is not None or window.hi is not None for window in windows)


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
    """One solve of a problem whose elapsed rules are limits without a target."""

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
        waiting: dict[int, list[dict[State, int]]] = {}
        for level in chain.domains[0]:
            if max(level.shares, default=0) <= chain.unlike.shared:
                chain.wait(waiting, level.cost, 0, level.shares, level.days)
        laid: list[dict[tuple[State, int], int]] = [{} for _ in range(self.count)]
        while waiting:
            cost = min(waiting)
            front = waiting.pop(cost)
            for n in range(self.count):
                for state, days in front[n].items():
                    laid[n][state, cost] = days
                    if n < self.count - 1:
                        chain.spread(waiting, front, cost, n, state, days)
            if found := self._with_times(laid, cost):
                return found
            if chain.work > self.effort:
                return Result(
                    Status.EFFORT_SPENT,
                    bound=cost // chain.unit,
                    reached=self.reached,
                    work=chain.work,
                )
        return self._none()

    def _none(self) -> Result:
        """Say that no chain of days has times, and which visit was the first without."""
        chain = self.chain
        reached = min(self.reached, self.count - 1)
        within = (1 << self.problem.days) - 1
        return Result(Status.INFEASIBLE, reached=reached, within=within, work=chain.work)

    def _with_times(self, laid: list[dict[tuple[State, int], int]], cost: int) -> Result | None:
        """Return the best course of exactly this cost that has times; ``None`` if there is none."""
        chain = self.chain
        ends = {state: days for (state, at), days in laid[-1].items() if at == cost}
        every = 0
        for days in ends.values():
            every |= days
        for finish in members(every):
            final = {(s, cost): 1 << finish for s, days in ends.items() if days >> finish & 1}
            slots = self._times(chain.leading(laid, final))
            if slots is not None:
                return Result(
                    Status.OPTIMAL,
                    slots[1],
                    deviation=cost // chain.unit,
                    preferences=cost % chain.unit,
                    finish=finish,
                    time_of_day=slots[0],
                    bound=cost // chain.unit,
                    reached=self.count,
                    work=chain.work,
                )
            if chain.work > self.effort:
                return None
        return None

    def _times(
        self, leading: list[dict[tuple[State, int], int]]
    ) -> tuple[int, tuple[int, ...]] | None:
        """Return the least sum of clock times on these chains of days, with its start slots."""
        chain = self.chain
        Best = dict[tuple[State, int, int, Slots], tuple[int, tuple[int, ...]]]  # noqa: N806
        best: Best = {}
        for (state, cost), days in leading[0].items():
            for day in members(days):
                for choice in self._starts(0, day, cost):
                    key = (state, cost, day, self._keep((choice.slot,)))
                    best[key] = min(best.get(key, _FAR), (choice.wall, (choice.slot,)))
        for n in range(self.count - 1):
            self.reached = max(self.reached, n + 1 if best else n)
            after: Best = {}
            for (state, cost, day, _), (total, path) in best.items():
                for step in chain.ways(n, state):
                    to, at = day + step.gap, (step.state, cost + step.cost)
                    chain.work += 1
                    if not step.mask >> day & 1:
                        continue
                    if not (leading[n + 1].get(at, 0) & step.domain) >> to & 1:
                        continue
                    for choice in self._starts(n + 1, to, step.unary):
                        chain.work += 1
                        if self._apart(path, n + 1, choice.slot):
                            slots = (*path, choice.slot)
                            key = (*at, to, self._keep(slots))
                            found = (total + choice.wall, slots)
                            after[key] = min(after.get(key, _FAR), found)
            best = after
        return min(best.values()) if best else None

    def _starts(self, n: int, day: int, unary: int) -> list[Choice]:
        """Return the starts on a day that cost what the chain reckoned for them."""
        penalty = unary % self.chain.unit
        return [choice for choice in self.chain.starts[n][day] if choice.penalty == penalty]

    def _keep(self, slots: tuple[int, ...]) -> Slots:
        return tuple(slots[j] for j in self.kept[len(slots) - 1])

    def _apart(self, slots: tuple[int, ...], n: int, slot: int) -> bool:
        """Tell whether every elapsed rule allows visit n to start at a slot."""
        return all(lag.window.cost(slot - slots[lag.earlier]) is not None for lag in self.into[n])


_FAR: tuple[int, tuple[int, ...]] = (1 << 62, ())
