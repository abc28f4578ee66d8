"""
The bound on moves of `fewest.py` by the volume algorithm of `volume.py`, with numpy.

What courses cost here are their moves: a visit costs one wherever it is but at the start that
people know, and the price of where it is in any case.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from protocol_sched.clinic.chains import Chain, Steps
from protocol_sched.clinic.fewest import freed
from protocol_sched.clinic.loads import Fields, Pool, Profile
from protocol_sched.clinic.rows import Array, Rows
from protocol_sched.clinic.volume import Group, bound


def fewest_moves_of(
    chains: Sequence[Chain],
    fields: Fields,
    profiles: Sequence[Profile],
    days: Sequence[tuple[Pool, ...]],
    *,
    places: int,
    kinds: int,
    goal: int,
    rounds: int,
) -> int:
    """
    Return a number of visits that any plan of all courses moves at the least.

    Args:
        chains: Courses that can be planned; visits that people know have their place in
            `Stop.known`.
        days: The pools of each day.
        places: How many kinds are kinds of places; they come first.
        goal: The visits that the best plan known moves; the work ends where that is proved.
        rounds: How often prices change at the most.
    """
    if goal <= 0 or not chains:
        return 0
    found = bound(
        [freed(chain) for chain in chains],
        fields,
        profiles,
        days,
        places=places,
        kinds=kinds,
        goal=float(goal),
        rounds=rounds,
        report=lambda _done, _best: True,
        group_of=_Told,
    )
    return min(goal, max(0, math.ceil(found.value)))


class _Told(Group):
    """Courses with the same steps, whose visits people know."""

    def __init__(
        self,
        numbers: Sequence[int],
        chains: Sequence[Chain],
        steps: Steps,
        rows: Rows,
        fields: Fields,
    ) -> None:
        super().__init__(numbers, chains, steps, rows, fields)
        stops = range(len(self.own))
        # The cost of a move, and for each course the day known, from its base, and the slot.
        self.move: list[Array] = [np.zeros((self.count, 1), np.float32) for _ in stops]
        self.known: list[Array] = [np.full(self.count, -1) for _ in stops]
        self.slot: list[Array] = [np.zeros(self.count, int) for _ in stops]
        self.cell: list[Array] = [np.zeros(self.count, int) for _ in stops]
        """Where what the known start is worth stands in the table of minima."""
        for p, chain in enumerate(chains):
            for n, stop in enumerate(chain.stops):
                if stop.known is None:
                    continue
                self.move[n][p] = 1
                day, start = stop.known
                t = day - int(self.base[p])
                if 0 <= t < self.width and start & stop.starts[day]:
                    slot = fields.slot(start)
                    self.known[n][p], self.slot[n][p] = t, slot
                    self.cell[n][p] = (stop.profile * rows.days + day) * rows.slots + slot

    def visit(self, n: int, prices: Array, minima: Array) -> Array:
        found = super().visit(n, prices, minima) + self.move[n]
        there = np.flatnonzero(self.known[n] >= 0)
        t = self.known[n][there]
        stays = self.own[n][there, t] + minima[self.cell[n][there]]
        found[there, t] = np.minimum(found[there, t], stays)
        return found

    def visits(self, worth: Array, days: Array, none: Array) -> list[tuple[Array, Array, Array]]:
        some = np.flatnonzero(~none)
        found = []
        for n, (profile, day, slot) in enumerate(super().visits(worth, days, none)):
            own = self.slot[n][some]
            here = days[n][some] == self.known[n][some]
            stays = here & (worth[profile, day, own] <= 1 + worth[profile, day, slot])
            found.append((profile, day, np.where(stays, own, slot)))
        return found
