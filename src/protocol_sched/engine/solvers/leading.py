"""
The cheapest courses by a settled cost, as sets of candidates: all of them, and the first of them.

A settled layer holds all candidates that were reached, those of dearer courses too. Going back
from the last visits leaves what lies on a cheapest course.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import add

from protocol_sched.engine.bitsets import members
from protocol_sched.engine.solvers.chain import Chain
from protocol_sched.engine.solvers.states import (
    EVERYWHERE,
    Costs,
    Entry,
    Group,
    Key,
    Layer,
    Path,
    Settled,
    State,
    Way,
    added,
)

Split = Callable[[int, int], list[Group]]
"""From a visit and candidates of it to these by what they add to a cost."""


def left_open(chain: Chain, settled: Settled, *groups: Split) -> list[dict[State, list[Entry]]]:
    """
    Return what a level leaves open for the next: the candidates of its best courses.

    Args:
        groups: How the level split candidates, then how each level before it did.
    """
    cheapest = Cheapest(chain, settled, groups)
    leading = cheapest.layers(settled.ends())
    return [cheapest.entries(n, layer) for n, layer in enumerate(leading)]


class Cheapest:
    """
    The courses that cost what a level settled, and what the levels before it did.

    Args:
        groups: How the level split candidates, then how each level before it did.
        weight: What a day off target of a distance adds to the level's cost.
    """

    def __init__(
        self, chain: Chain, settled: Settled, groups: tuple[Split, ...], weight: int = 0
    ) -> None:
        assert settled.cost is not None, "some course is left"
        self.chain, self.settled_layers, self.total = chain, settled.layers, settled.cost
        self.groups, self.weight = groups, weight

    def layers(self, final: Layer) -> list[Layer]:
        """Return the settled candidates that lie on a cheapest course to the final ones."""
        leading = [final]
        for n in range(self.chain.count - 2, -1, -1):
            after = self.entries(n + 1, leading[-1])
            here: Layer = {}
            for ((state, paid), cost), candidates in self.settled_layers[n].items():
                found = 0
                for way, entry in self._onward(n, state, (*paid, cost), after):
                    self.chain.budget.spend(self.chain.price)
                    found |= candidates & self.chain.back(way, entry.candidates)
                if found:
                    here[(state, paid), cost] = found
            leading.append(here)
        return leading[::-1]

    def entries(self, n: int, layer: Layer) -> dict[State, list[Entry]]:
        """Return the candidates of a layer by state, split by what they add to each cost."""
        found: dict[State, list[Entry]] = {}
        for ((state, paid), cost), candidates in layer.items():
            parts: list[tuple[Costs, int]] = [((), candidates)]
            for split in reversed(self.groups):
                parts = [
                    ((*adds, more), part) for adds, some in parts for more, part in split(n, some)
                ]
            row = found.setdefault(state, [])
            row += [Entry((*paid, cost), adds, part) for adds, part in parts]
        return found

    def _onward(
        self, n: int, state: State, paid: Costs, after: dict[State, list[Entry]]
    ) -> Iterator[tuple[Way, Entry]]:
        """Yield each way from a state of visit n with the entries of visit n + 1 it leads to."""
        chain = self.chain
        split = chain.split[n]
        counts = state[split:]
        left = chain.to_pay(self.total + 1 - paid[-1]) if self.weight else None
        ways = chain.ways(n, state[:split], left)
        chain.budget.spend(len(ways))
        for way in ways:
            cost = (*paid[:-1], paid[-1] + added(way, self.weight))
            for more, share in chain.shares[n + 1] if counts else EVERYWHERE:
                for entry in after.get(way.state + tuple(map(add, counts, more)), ()):
                    if entry.paid == tuple(map(add, cost, entry.adds)):
                        if share == -1:
                            yield way, entry
                        elif part := entry.candidates & share:
                            yield way, Entry(entry.paid, entry.adds, part)

    def earliest(self, leading: list[Layer]) -> tuple[int, ...]:
        """Return the candidates of the course with the least sum of clock times, then earliest."""
        chain = self.chain
        best: dict[tuple[Key, int], dict[int, Path]] = {}
        for at, candidates in leading[0].items():
            best[at] = {p: (chain.choice(0, p).wall, (p,)) for p in members(candidates)}
        for n in range(chain.count - 1):
            after: dict[tuple[Key, int], dict[int, Path]] = {}
            entries = self.entries(n + 1, leading[n + 1])
            for ((state, paid), cost), table in best.items():
                for way, entry in self._onward(n, state, (*paid, cost), entries):
                    counts = tuple(entry.paid)
                    key = (way.state + self._after(state, n, entry), counts[:-1])
                    row = after.setdefault((key, counts[-1]), {})
                    chain.extend(n, way, entry.candidates, table, row)
            best = after
        return min(path for table in best.values() for path in table.values())[1]

    def _after(self, state: State, n: int, entry: Entry) -> State:
        """Return the counts of shared days after a step into an entry's candidates."""
        counts = state[self.chain.split[n] :]
        if not counts:
            return ()
        more = next(
            share.counts
            for share in self.chain.shares[n + 1]
            if entry.candidates & share.candidates
        )
        return tuple(map(add, counts, more))
