"""The dates of one course that cost the least with what days are worth, exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf

from protocol_sched.clinic.chains import Chain
from protocol_sched.clinic.cheapest import Dates, cost_of
from protocol_sched.engine.bitsets import members

Worth = Callable[[int, int], float]
"""What a visit of a course is worth on a day, by visit and day; infinite where it cannot be."""


Value = tuple[float, int, int]
Reached = dict[int, Value]
"""What each day costs, and from which day and state it was reached."""


def _after(here: Reached, gap: int, allowed: int) -> Iterator[tuple[int, int, Value]]:
    """
    Yield from which day which day is reached, and what the former cost.

    Args:
        allowed: Where any longer gap is the same, the days that can be; from each of these only
            the cheapest day before it matters.
    """
    if not allowed:
        for day, value in here.items():
            yield day, day + gap, value
        return
    ordered = sorted(here)
    best, n = -1, 0
    for then in members(allowed):
        while n < len(ordered) and ordered[n] + gap <= then:
            if best < 0 or here[ordered[n]][0] < here[best][0]:
                best = ordered[n]
            n += 1
        if best >= 0:
            yield best, then, here[best]


def cheapest_priced(chain: Chain, worth: Worth, furthest: int) -> tuple[float, Dates] | None:
    """
    Return the course for which cost and what its days are worth come to the least.

    Args:
        furthest: The dearest first day that is looked at.
    """
    stops, onward = chain.stops, chain.steps.onward
    layers: list[dict[int, Reached]] = []
    first: Reached = {}
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
        reach: dict[int, Reached] = {}
        costs, allowed = stops[n].costs, stops[n].days
        plain = len(costs) == 1 and not costs[0][0]
        for state, here in layers[-1].items():
            for gap, dear, to, longer in rows[state]:
                into = reach.setdefault(to, {})
                for day, then, before in _after(here, gap, allowed if longer else 0):
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
