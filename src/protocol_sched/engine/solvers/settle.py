"""
One cost settled: candidates take their turn in rising order of what a course through them costs.

That is what was paid to reach them, with what each later visit costs at least. So the first
cost at which a last visit is reached is the least: every lower one was exhausted. What matters
more was settled before; then only what that left open is entered.

Source:
    Dial, "Algorithm 360: shortest-path forest with topological ordering", Communications of
    the ACM 12 (1969), for settling costs by buckets, a form of Dijkstra's method; Hart, Nilsson,
    Raphael, "A formal basis for the heuristic determination of minimum cost paths", IEEE
    Transactions on Systems Science and Cybernetics 4 (1968), for what is still to pay.
"""

from __future__ import annotations

from heapq import heappop, heappush
from operator import add, le
from typing import Generic, TypeVar

from protocol_sched.engine.solvers.chain import Chain
from protocol_sched.engine.solvers.states import (
    EVERYWHERE,
    Costs,
    Entry,
    Key,
    Layer,
    Level,
    Settled,
    State,
    added,
)

T = TypeVar("T")


class Waiting(Generic[T]):
    """Candidates that wait for the turn of what courses through them cost: by visit and key."""

    def __init__(self) -> None:
        self.at: dict[int, dict[int, dict[T, int]]] = {}
        """What waits, by its cost and visit; only what waits has a place, for most have nothing."""
        self.order: list[int] = []
        """The costs as a heap: with a cost for each minute there are very many."""

    def __bool__(self) -> bool:
        return bool(self.order)

    def add(self, cost: int, n: int, key: T, candidates: int) -> None:
        """Let candidates of visit n wait; no cost that is over comes back."""
        if cost not in self.at:
            self.at[cost] = {}
            heappush(self.order, cost)
        row = self.at[cost].setdefault(n, {})
        row[key] = row.get(key, 0) | candidates

    def least(self) -> int:
        """Return the least cost that anything waits for."""
        return self.order[0]

    def over(self) -> None:
        """Take away what waited for the least cost."""
        del self.at[heappop(self.order)]


def settle(chain: Chain, stage: Level, below: int | None = None) -> Settled:
    """
    Settle costs in rising order until a last visit is reached, or nothing is left.

    Args:
        below: Only costs under this one are settled.
    """
    return _Settling(chain, stage, below).settled()


class _Settling:
    """One cost of a chain while it is settled."""

    def __init__(self, chain: Chain, stage: Level, below: int | None) -> None:
        self.chain, self.stage, self.below = chain, stage, below
        self.waiting: Waiting[Key] = Waiting()
        self.to_pay = chain.rest[1:] if stage.weight else [0] * chain.count
        """For each visit what those after it cost at least."""

    def settled(self) -> Settled:
        """Return what is found; the chain notes how far this came, should the budget end first."""
        chain, stage, waiting = self.chain, self.stage, self.waiting
        seen: list[dict[Key, int]] = [{} for _ in range(chain.count)]
        layers: list[Layer] = [{} for _ in range(chain.count)]
        cheaper = _Cheaper(chain.split) if chain.unlike.days and stage.left is None else None
        for counts, candidates in chain.shares[0]:
            if max(counts, default=0) <= chain.unlike.shared:
                self._enter(0, 0, counts, (), candidates & chain.domain[0])
        reached, last = 0, chain.count - 1
        while waiting:
            cost = waiting.least()
            if self.below is not None and cost >= self.below:
                break
            if stage.weight:
                chain.proved = max(chain.proved, cost)
            front = waiting.at[cost]
            for n in range(chain.count):
                for key, candidates in front.get(n, {}).items():
                    new = candidates & ~seen[n].get(key, 0)
                    if cheaper is not None:
                        new &= ~cheaper.than(n, key[0])
                    if not new:
                        continue
                    seen[n][key] = seen[n].get(key, 0) | new
                    paid = cost - self.to_pay[n]
                    layers[n][key, paid] = new
                    reached = max(reached, n + 1)
                    chain.reached = max(chain.reached, reached)
                    if n < last:
                        self._spread(paid, n, key, new)
            waiting.over()
            if cheaper is not None:
                cheaper.add(front)
            if any(at == cost for _, at in layers[last]):
                return Settled(cost, layers, reached)
        return Settled(None, layers, reached)

    def _spread(self, cost: int, n: int, key: Key, candidates: int) -> None:
        """Move candidates of visit n on to visit n + 1, where that is not too dear."""
        chain, waiting, below = self.chain, self.waiting, self.below
        state, paid = key
        split = chain.split[n]
        counts = state[split:]
        shares = chain.shares[n + 1]
        weight, groups = self.stage.weight, self.stage.groups
        plain = self.stage.left is None and not counts
        if below is not None and weight:
            below -= chain.rest[n + 1] - chain.apart[n + 1]
        left = None if below is None or not weight else chain.to_pay(below - cost)
        for way, arrived in chain.arrivals(n, state[:split], candidates, left):
            at = cost + added(way, weight)
            if below is not None and at >= below:
                continue
            if plain:  # the same as below, for the many calls that need no more
                for adds, some in groups(n + 1, arrived):
                    whole = at + adds + self.to_pay[n + 1]
                    waiting.add(whole, n + 1, (way.state, paid), some)
                continue
            for more, share in shares if counts else EVERYWHERE:
                if not (part := arrived & share):
                    continue
                total = tuple(map(add, counts, more))
                if max(total, default=0) <= chain.unlike.shared:
                    self._enter(at, n + 1, way.state + total, paid, part)

    def _enter(self, cost: int, n: int, state: State, paid: Costs, candidates: int) -> None:
        """Let candidates wait for their turn, split by what they add to the cost."""
        entries = [Entry((), (), -1)]
        if self.stage.left is not None:
            paid = paid or (0,) * self._settled_before()
            entries = self.stage.left[n].get(state, [])
        for entry in entries:
            if entry.paid != tuple(map(add, paid, entry.adds)) or not (
                part := candidates & entry.candidates
            ):
                continue
            key = (state, entry.paid)
            for adds, some in self.stage.groups(n, part):
                whole = cost + adds + self.to_pay[n]
                self.waiting.add(whole, n, key, some)

    def _settled_before(self) -> int:
        """Return how many costs are settled already."""
        left = self.stage.left
        assert left is not None
        return next((len(e.paid) for row in left for es in row.values() for e in es), 0)


class _Cheaper:
    """
    Candidates at which less was paid with no more days shared, and the same gaps.

    Whatever course follows from a candidate, it could follow from there too and cost less; so
    candidates that come later at a higher cost need no look.
    """

    def __init__(self, split: list[int]) -> None:
        self.split = split
        self.candidates: list[dict[State, dict[State, int]]] = [{} for _ in split]

    def add(self, front: dict[int, dict[Key, int]]) -> None:
        """Add all candidates of one cost; those to come cost more."""
        for n, row in front.items():
            for (state, _), candidates in row.items():
                gaps, counts = state[: self.split[n]], state[self.split[n] :]
                known = self.candidates[n].setdefault(gaps, {})
                known[counts] = known.get(counts, 0) | candidates

    def than(self, n: int, state: State) -> int:
        """Return the candidates of visit n at which a state that costs less was reached."""
        gaps, counts = state[: self.split[n]], state[self.split[n] :]
        candidates = 0
        for other, here in self.candidates[n].get(gaps, {}).items():
            if all(map(le, other, counts)):
                candidates |= here
        return candidates
