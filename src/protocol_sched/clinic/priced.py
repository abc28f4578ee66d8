"""The dates of one course that cost the least with what days are worth, exactly."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from protocol_sched.clinic.chains import Chain
from protocol_sched.clinic.cheapest import Dates, cost_of

Worth = Callable[[int, int], float]
"""What a visit of a course is worth on a day, by visit and day; infinite where it cannot be."""


def cheapest_priced(chain: Chain, worth: Worth, furthest: int) -> tuple[float, Dates] | None:
    """
    Return the course for which cost and what its days are worth come to the least.

    Args:
        furthest: The dearest first day that is looked at.
    """
    stops, onward = chain.stops, chain.steps.onward
    layers: list[dict[int, dict[int, tuple[float, int, int]]]] = []
    first: dict[int, tuple[float, int, int]] = {}
    for cost, days in stops[0].costs:
        if cost > furthest:
            break
        while days:
            low = days & -days
            days ^= low
            day = low.bit_length() - 1
            value = cost + worth(0, day)
            if value < inf:
                first[day] = (value, -1, 0)
    layers.append({0: first})
    for n, rows in enumerate(onward, 1):
        own: dict[int, float] = {}
        reach: dict[int, dict[int, tuple[float, int, int]]] = {}
        costs, allowed = stops[n].costs, stops[n].days
        plain = len(costs) == 1 and not costs[0][0]
        for state, here in layers[-1].items():
            for gap, dear, to in rows[state]:
                into = reach.setdefault(to, {})
                for day, before in here.items():
                    then = day + gap
                    price = own.get(then)
                    if price is None:
                        if allowed >> then & 1:
                            price = worth(n, then)
                            if not plain:
                                price += next(c for c, on in costs if on >> then & 1)
                        else:
                            price = inf
                        own[then] = price
                    value = before[0] + dear + price
                    known = into.get(then)
                    if value < inf and (known is None or value < known[0]):
                        into[then] = (value, day, state)
        layers.append(reach)
    ends = [
        (value[0], day, state) for state, here in layers[-1].items() for day, value in here.items()
    ]
    if not ends:
        return None
    best, day, state = min(ends)
    found = []
    for reach in reversed(layers):
        found.append(day)
        _, day, state = reach[state][day]
    dates = tuple(reversed(found))
    return best, Dates(cost_of(chain, dates), dates)
