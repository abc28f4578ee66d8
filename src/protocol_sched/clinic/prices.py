"""What the clinic's days and slots are worth, which settles what costs the same otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from protocol_sched.clinic.chains import Chain
from protocol_sched.clinic.loads import Fields, Profile

Ranked = tuple[tuple[int, float], ...]
"""Sets of one start each with what it is worth, cheapest first."""


@attrs.frozen(eq=False)
class Prices:
    """For each profile and day the starts with what they are worth, cheapest first."""

    starts: tuple[tuple[Ranked, ...], ...]

    def cheapest(self, profile: int, day: int, free: int) -> tuple[int, float]:
        """Return the cheapest of some starts, of which there is one at least, and its price."""
        for one in self.starts[profile][day]:
            if one[0] & free:
                return one
        raise ValueError("no start is free")


def prices_of(fields: Fields, worth: Sequence[Sequence[Sequence[float]]]) -> Prices:
    """
    Return prices from what each start is worth.

    Args:
        worth: By profile, day and slot. Of equal starts the earlier comes first.
    """
    sets = [fields.start(slot) for slot in range(fields.slots)]
    starts = []
    known: dict[tuple[float, ...], Ranked] = {}
    for profile in worth:
        ranked = []
        for day in profile:
            # Sums of the same prices differ in their last digits, which is no reason to prefer one.
            key = tuple(round(price, 4) for price in day)
            if key not in known:
                order = sorted(range(len(key)), key=key.__getitem__)
                known[key] = tuple((sets[slot], key[slot]) for slot in order)
            ranked.append(known[key])
        starts.append(tuple(ranked))
    return Prices(tuple(starts))


def wanted(
    fields: Fields, profiles: Sequence[Profile], chains: Iterable[Chain | None], days: int
) -> Prices:
    """
    Return prices that rise with how many courses could use a slot: the least wanted comes first.

    They stand in for those of a bound before there is one. A course that has few starts on a day
    wants each of them more. Days are worth nothing, and days of equal demand are one week apart.
    """
    demand = [[0.0] * fields.slots for _ in range(7)]
    for chain in chains:
        if chain is None:
            continue
        stop = chain.stops[0]
        seen: set[int] = set()
        for day in range(days):
            starts = stop.starts[day]
            if starts and day % 7 not in seen:
                seen.add(day % 7)
                slots = fields.members(starts)
                for slot in slots:
                    for held in range(slot, min(slot + profiles[stop.profile].end, fields.slots)):
                        demand[day % 7][held] += 1 / len(slots)
            if len(seen) == 7:
                break
    worth = []
    for profile in profiles:
        length = max(profile.end, 1)
        week = [[sum(row[slot : slot + length]) for slot in range(fields.slots)] for row in demand]
        worth.append([week[day % 7] for day in range(days)])
    ranked = prices_of(fields, worth).starts
    return Prices(
        tuple(
            tuple(tuple((start, 0.0) for start, _ in day) for day in profile) for profile in ranked
        )
    )
