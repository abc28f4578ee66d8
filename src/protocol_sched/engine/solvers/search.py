"""
The general exact search, for visits in no fixed order.

Best first over whole partial courses, with the cheapest way to the end by days alone as the
bound: that bound never asks too much, so the first whole course taken is optimal.

Source:
    Hart, Nilsson, Raphael, "A formal basis for the heuristic determination of minimum cost
    paths", IEEE Transactions on Systems Science and Cybernetics 4 (1968).
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import count

import attrs

from protocol_sched.engine.bitsets import members
from protocol_sched.engine.problem import USUAL, DayLag, Lag, Problem, SlotLag, TableLag, Window
from protocol_sched.engine.solvers.budget import Budget, Spent
from protocol_sched.engine.solvers.choices import Choice, Starts
from protocol_sched.engine.solvers.elapsed import days_of
from protocol_sched.engine.solvers.result import Change, Result, Status, Unlike

Cost = tuple[int, int, int, int, int, int, int, int]
"""
Days outside broken limits, visits moved, minutes moved, rides changed, deviation, preferences,
last day, sum of clocks.
"""
DEVIATION, LAST_DAY = 4, 6
"""Places in a cost."""
ZERO: Cost = (0, 0, 0, 0, 0, 0, 0, 0)


@attrs.frozen
class _Node:
    """The first visits placed: their days and slots, and what they cost."""

    days: tuple[int, ...]
    slots: tuple[int, ...]
    cost: Cost


def search(
    problem: Problem,
    starts: tuple[Starts, ...],
    budget: Budget,
    unlike: Unlike | None = None,
) -> Result:
    """
    Return a plan of least cost, or a proof that there is none, or what was shown in ``budget``.

    Args:
        starts: Those of each visit.
        budget: When it is spent, the bound found so far is returned.
        unlike: Courses the plan must differ from.
    """
    one = _Search(problem, starts, budget, unlike or Unlike())
    try:
        return one.run()
    except Spent:
        return Result(Status.EFFORT_SPENT, bound=one.proved, reached=one.reached)


class _Search:
    def __init__(
        self,
        problem: Problem,
        starts: tuple[Starts, ...],
        budget: Budget,
        unlike: Unlike,
    ) -> None:
        self.problem, self.budget, self.unlike = problem, budget, unlike
        self.count = len(problem.items)
        self.into: list[list[Lag]] = [[] for _ in range(self.count)]
        timed: set[int] = {n for n, item in enumerate(problem.items) if item.slot_targets}
        for lag in problem.lags:
            self.into[lag.later].append(lag)
            if isinstance(lag, SlotLag):
                timed |= {lag.earlier, lag.later}
        self.gaps_into = [
            [gap for gap in problem.gaps if gap.later == n] for n in range(self.count)
        ]
        self.timed = timed
        """Visits whose time of day matters to another."""
        self.starts: list[dict[int, list[Choice]]] = [
            {
                day: own.on(day) if n in timed or problem.order != USUAL else [own[day]]
                for day in members(own.days)
            }
            for n, own in enumerate(starts)
        ]
        self.frontier = [
            [
                j
                for j in range(n + 1)
                if any(
                    one.earlier == j
                    for k in range(n + 1, self.count)
                    for one in (*self.into[k], *self.gaps_into[k])
                )
            ]
            for n in range(self.count)
        ]
        widths = [b - a for a, b in zip(problem.day_slots, problem.day_slots[1:], strict=False)]
        self.shortest, self.longest = min(widths), max(widths)
        self.proved, self.reached = 0, 0
        """A deviation that no plan is under, and how many visits could be placed."""
        self.to_go: list[dict[int, Cost]] = []

    # --- the bound: the cheapest way to the end by days alone --------------------------------

    def _bounds(self) -> list[dict[int, Cost]]:
        """Return, for each visit and day, no more than what the visits after it will cost."""
        to_go: list[dict[int, Cost]] = [{} for _ in range(self.count)]
        to_go[-1] = dict.fromkeys(self.starts[-1], ZERO)
        for n in range(self.count - 2, -1, -1):
            windows = [lag for lag in self.into[n + 1] if lag.earlier == n]
            rest = {day: _plus(self._unary(n + 1, day), cost) for day, cost in to_go[n + 1].items()}
            for day in self.starts[n]:
                best: Cost | None = None
                for later, cost in self._reachable(rest, day, windows):
                    lag_cost = 0
                    for lag in windows:
                        here = self._by_days(lag, day).cost(later - day)
                        lag_cost = -1 if here is None or lag_cost < 0 else lag_cost + here
                    if lag_cost < 0:
                        continue
                    found = _plus((0, 0, 0, 0, lag_cost, 0, 0, 0), cost)
                    best = found if best is None else _least(best, found)
                if best is not None:
                    to_go[n][day] = best
        return to_go

    def _reachable(
        self, rest: dict[int, Cost], day: int, lags: list[Lag]
    ) -> Iterator[tuple[int, Cost]]:
        least, most = -self.problem.days, self.problem.days
        for lag in lags:
            window = self._by_days(lag, day)
            least = least if window.least is None else max(least, window.least)
            most = most if window.most is None else min(most, window.most)
        if most - least < len(rest):
            for later in range(day + least, day + most + 1):
                self.budget.spend()
                if later in rest:
                    yield later, rest[later]
        else:
            self.budget.spend(len(rest))
            for later, cost in rest.items():
                if least <= later - day <= most:
                    yield later, cost

    def _by_days(self, lag: Lag, day: int) -> Window:
        """Return the days a lag allows from an earlier visit on ``day``, or more than those."""
        match lag:
            case DayLag():
                return lag.window
            case TableLag():
                return lag.windows[day]
            case SlotLag(window=window):
                return days_of(window, self.shortest, self.longest)

    def _unary(self, n: int, day: int) -> Cost:
        choices = self.starts[n][day]
        own = self.problem.items[n].day_targets
        targets = sum(target.cost(day) for target in own if target.weight == 1)
        penalty = min(choice.penalty for choice in choices)
        clock = min(choice.wall for choice in choices)
        breach = sum(target.breach(day) for target in own)
        moved = min(choice.change.moved for choice in choices)
        minutes = min(choice.change.minutes for choice in choices)
        rides = min(choice.change.rides for choice in choices)
        return (breach, moved, minutes, rides, targets, penalty, day, clock)

    # --- the search --------------------------------------------------------------------------

    def run(self) -> Result:
        """Take the partial course with the lowest bound until a whole one is taken."""
        self.to_go = self._bounds()
        queue: list[tuple[tuple[int, ...], int, _Node]] = []
        ticket = count()
        taken: set[tuple[object, ...]] = set()
        for node in self._next(_Node((), (), ZERO)):
            heappush(queue, (self._rank(node), -next(ticket), node))
        while queue:
            rank, _, node = heappop(queue)
            key = self._key(node)
            if key in taken:
                continue
            taken.add(key)
            self.budget.spend()
            self.proved = max(self.proved, self._proved(rank))
            self.reached = max(self.reached, len(node.days))
            if len(node.days) == self.count:
                breach, moved, minutes, rides, deviation, preferences, finish, clock = node.cost
                return Result(
                    Status.OPTIMAL,
                    node.slots,
                    deviation,
                    preferences,
                    finish,
                    clock,
                    Change(moved, minutes, rides),
                    bound=deviation,
                    reached=self.count,
                    breach=breach,
                )
            for child in self._next(node):
                heappush(queue, (self._rank(child), -next(ticket), child))
        return Result(Status.INFEASIBLE, reached=self.reached)

    def _proved(self, rank: tuple[int, ...]) -> int:
        """Return the deviation that no plan is under, given the least whole cost."""
        usual = self.problem.order == USUAL
        announced = any(item.announced for item in self.problem.items)
        return rank[DEVIATION] if usual and not announced and not self.problem.breach else 0

    def _rank(self, node: _Node) -> tuple[int, ...]:
        """Return what a course from here costs at least, most important first."""
        least = _plus(node.cost, self.to_go[len(node.days) - 1][node.days[-1]])
        return tuple(least[place] for place in self.problem.order)

    def _key(self, node: _Node) -> tuple[object, ...]:
        """Return what the rest of the course depends on."""
        n = len(node.days) - 1
        seen = tuple(node.slots[j] if j in self.timed else node.days[j] for j in self.frontier[n])
        return (n, node.days[-1], node.cost[LAST_DAY], seen, self._shared(node.days))

    def _shared(self, days: tuple[int, ...]) -> tuple[int, ...]:
        """Return for each course to differ from how many visits so far are on its days."""
        return tuple(
            sum(a == b for a, b in zip(days, other, strict=False)) for other in self.unlike.days
        )

    def _next(self, node: _Node) -> Iterator[_Node]:
        """Yield the partial course with one more visit, in every way the rules allow."""
        n = len(node.days)
        least, most = self._days_left(node)
        for day in range(least, most + 1):
            self.budget.spend()
            if day not in self.to_go[n]:
                continue
            days_cost = self._day_cost(node, n, day)
            if days_cost is None:
                continue
            if max(self._shared((*node.days, day)), default=0) > self.unlike.shared:
                continue
            unmet = sum(gap.cost(day - node.days[gap.earlier]) for gap in self.gaps_into[n])
            self.budget.spend(len(self.starts[n][day]))
            for choice in self.starts[n][day]:
                slot_cost = self._slot_cost(node, n, choice.slot)
                if slot_cost is not None:
                    off = days_cost + slot_cost
                    moved, minutes, rides = choice.change
                    breach = self._breach(n, day, choice.slot)
                    unkept = choice.penalty + unmet
                    more = (breach, moved, minutes, rides, off, unkept, day, choice.wall)
                    cost = _plus(node.cost, more)
                    yield _Node((*node.days, day), (*node.slots, choice.slot), cost)

    def _days_left(self, node: _Node) -> tuple[int, int]:
        """Return the first and last day the lags leave for the next visit."""
        least, most = 0, self.problem.days - 1
        for lag in self.into[len(node.days)]:
            base = node.days[lag.earlier]
            window = self._by_days(lag, base)
            least = least if window.least is None else max(least, base + window.least)
            most = most if window.most is None else min(most, base + window.most)
        return least, most

    def _day_cost(self, node: _Node, n: int, day: int) -> int | None:
        own = self.problem.items[n].day_targets
        total = sum(target.cost(day) for target in own if target.weight == 1)
        for lag in self.into[n]:
            if isinstance(lag, SlotLag):
                continue
            earlier = node.days[lag.earlier]
            cost = self._by_days(lag, earlier).cost(day - earlier)
            if cost is None:
                return None
            total += cost
        return total

    def _breach(self, n: int, day: int, slot: int) -> int:
        """Return the days a start is outside limits of its visit that cannot be kept."""
        item = self.problem.items[n]
        by_day = sum(target.breach(day) for target in item.day_targets)
        return by_day + sum(target.breach(slot) for target in item.slot_targets)

    def _slot_cost(self, node: _Node, n: int, slot: int) -> int | None:
        own = self.problem.items[n].slot_targets
        total = sum(target.cost(slot) for target in own if target.weight == 1)
        for lag in self.into[n]:
            if not isinstance(lag, SlotLag):
                continue
            cost = lag.window.cost(slot - node.slots[lag.earlier])
            if cost is None:
                return None
            total += -(-cost // lag.unit)
        return total


def _plus(a: Cost, b: Cost) -> Cost:
    breach, moved, minutes, rides, off, preferences, day, clock = b
    return (
        a[0] + breach,
        a[1] + moved,
        a[2] + minutes,
        a[3] + rides,
        a[4] + off,
        a[5] + preferences,
        max(a[6], day),
        a[7] + clock,
    )


def _least(a: Cost, b: Cost) -> Cost:
    """Return a bound under both, part by part, so that no later part asks too much."""
    breach, moved, minutes, rides, off, preferences, day, clock = map(min, a, b)
    return (breach, moved, minutes, rides, off, preferences, day, clock)
