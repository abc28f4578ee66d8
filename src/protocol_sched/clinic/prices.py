"""What the clinic's days and slots are worth, which settles what costs the same otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

import attrs

from protocol_sched.clinic.chains import Chain
from protocol_sched.clinic.loads import Fields, Profile

ALIKE = 0.1
"""Starts whose worth differs by less, in days off target, are worth the same."""


@attrs.frozen(eq=False)
class Level:
    """Starts of a day that are worth the same."""

    price: float
    starts: int
    """As one set."""
    ranked: tuple[int, ...]
    """Each as a set of one, the least wanted first."""


@attrs.frozen(eq=False)
class Prices:
    """For each profile and day its starts by what they are worth, cheapest first."""

    levels: tuple[tuple[tuple[Level, ...], ...], ...]

    def cheapest(self, profile: int, day: int, free: int) -> float:
        """Return the price of the cheapest of some starts, of which there is one at least."""
        for level in self.levels[profile][day]:
            if level.starts & free:
                return level.price
        raise ValueError("no start is free")

    def choose(self, profile: int, day: int, free: int, snug: tuple[int, int]) -> tuple[int, float]:
        """
        Return the start to take of some, as a set of one, and its price.

        Of those that are worth the same, one that leaves no gap in the day, else the least
        wanted.

        Args:
            free: The starts that can be; one at least.
            snug: The starts that leave no gap before the visit, and those that leave none after.
        """
        before, after = snug
        for level in self.levels[profile][day]:
            here = level.starts & free
            if here:
                begins = here & before
                best = begins & after or begins or here & after or here
                return next(start for start in level.ranked if start & best), level.price
        raise ValueError("no start is free")


WHOLE = 720720
"""One course, in parts that divide evenly among up to 16 starts."""
Demand = tuple[tuple[tuple[float, ...], ...], ...]
"""By profile, weekday and slot how much the slots that a start takes are wanted."""


def demand_of(
    fields: Fields, profiles: Sequence[Profile], chains: Iterable[Chain | None], days: int
) -> Demand:
    """
    Return how many courses could use the slots from each start on.

    A course that has few starts on a day wants each of them more. Days of equal demand are one
    week apart.
    """
    # Up where what a start takes begins and down where it ends, in whole numbers: sums of parts
    # would differ in their last digits with the order of the courses.
    change = [[0] * (fields.slots + 1) for _ in range(7)]
    ends = [profile.end for profile in profiles]
    for chain in chains:
        if chain is None:
            continue
        stop = chain.stops[0]
        seen: set[int] = set()
        for day in range(days):
            starts = stop.starts[day]
            if starts and day % 7 not in seen:
                seen.add(day % 7)
                slots, row = fields.members(starts), change[day % 7]
                each, length = WHOLE // len(slots), max(ends[stop.profile], 0)
                for slot in slots:
                    row[slot] += each
                    row[min(slot + length, fields.slots)] -= each
            if len(seen) == 7:
                break
    demand = [[one / WHOLE for one in accumulate(row[:-1])] for row in change]
    return tuple(
        tuple(
            tuple(sum(row[slot : slot + max(profile.end, 1)]) for slot in range(fields.slots))
            for row in demand
        )
        for profile in profiles
    )


def prices_of(fields: Fields, worth: Sequence[Sequence[Sequence[float]]], demand: Demand) -> Prices:
    """
    Return prices from what each start is worth.

    Args:
        worth: By profile, day and slot.
    """
    made = _Made(fields)
    return Prices(
        tuple(
            tuple(made(row, week[day % 7]) for day, row in enumerate(profile))
            for profile, week in zip(worth, demand, strict=True)
        )
    )


def wanted(fields: Fields, demand: Demand, days: int) -> Prices:
    """Return prices for as long as there is no bound: days are worth nothing."""
    made = _Made(fields)
    none = (0.0,) * fields.slots
    weeks = [[made(none, row) for row in week] for week in demand]
    return Prices(tuple(tuple(week[day % 7] for day in range(days)) for week in weeks))


class _Made:
    """Makes the levels of a day; equal ones are one."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields
        self._known: dict[tuple[tuple[float, ...], tuple[float, ...]], tuple[Level, ...]] = {}

    def __call__(self, row: Sequence[float], wants: tuple[float, ...]) -> tuple[Level, ...]:
        # Sums of the same prices differ in their last digits, which is no reason to prefer one.
        key = tuple(round(price, 4) for price in row), wants
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = tuple(self._levels(*key))
        return found

    def _levels(self, row: tuple[float, ...], wants: tuple[float, ...]) -> Iterator[Level]:
        order = sorted(range(len(row)), key=row.__getitem__)
        while order:
            price = row[order[0]]
            alike = [slot for slot in order if row[slot] <= price + ALIKE]
            order = order[len(alike) :]
            ranked = [
                self.fields.start(slot) for slot in sorted(alike, key=lambda n: (wants[n], n))
            ]
            yield Level(price, sum(ranked), tuple(ranked))
