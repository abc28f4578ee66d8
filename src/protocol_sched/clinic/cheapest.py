"""
The cheapest dates of one course on what is left of a clinic, exactly.

Sets of days are spread from visit to visit, one cost after another: first all that costs nothing,
then all that costs one, until the last visit is reached. Which of several equally cheap courses is
taken is up to the caller's prices.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush

import attrs

from protocol_sched.clinic.chains import Chain, Stop, step_of
from protocol_sched.clinic.loads import Loads

Score = Callable[[Stop, int], float]
"""What a visit on a day is worth avoiding, among courses that cost the same."""


@attrs.frozen
class Dates:
    """The days of a course's visits and what they cost."""

    cost: int
    days: tuple[int, ...]


def cheapest(chain: Chain, loads: Loads, ceiling: int, score: Score) -> Dates | None:
    """
    Return the cheapest course that costs ``ceiling`` at most; ``None`` if there is none.

    Among equally cheap courses each day is taken for its score, from the last visit back.
    """
    found = _spread(chain, loads, ceiling)
    if found is None:
        return None
    cost, got = found
    return Dates(cost, _back(chain, cost, got, score, loads))


def least_cost(chain: Chain, loads: Loads, ceiling: int) -> int | None:
    """Return what the cheapest course costs, whatever its dates; ``None`` as for `cheapest`."""
    found = _spread(chain, loads, ceiling)
    return None if found is None else found[0]


def cost_of(chain: Chain, days: tuple[int, ...]) -> int:
    """Return what a course costs on some days, visits that people know elsewhere left out."""
    total, state = 0, 0
    for n, (stop, day) in enumerate(zip(chain.stops, days, strict=True)):
        total += next(cost for cost, on in stop.costs if on >> day & 1)
        if n:
            away = day - days[n - 1]
            _, dear, state, _ = step_of(chain.steps, n - 1, state, away)
            total += dear
    return total


Got = dict[int, list[int]]
"""For each cost and node the days that are reached at just that cost."""


def _spread(chain: Chain, loads: Loads, ceiling: int) -> tuple[int, Got] | None:
    """Return the lowest cost at which the last visit is reached, and all that is on the way."""
    stops, nodes, ahead = chain.stops, chain.steps.nodes, chain.steps.ahead
    room = loads.room
    count, last = len(ahead), len(stops) - 1
    known, free = [0] * chain.kinds, [0] * chain.kinds
    seen = [0] * count
    # What arrives at a visit at a cost, before that of its own day; and what is reached with it.
    arriving: Got = {}
    got: Got = {}
    costs: list[int] = []

    def at(cost: int) -> list[int]:
        row = arriving[cost] = [0] * count
        got[cost] = [0] * count
        heappush(costs, cost)
        return row

    def dearer(stop: Stop, node: int, days: int, cost: int) -> None:
        """Let days be reached at what they cost by themselves beside the cost so far."""
        for more, part in _moved(chain, stop, days, loads):
            for dear, on in stop.costs:
                total = cost + more + dear
                if part & on and total <= ceiling:
                    if total not in got:
                        at(total)
                    got[total][node] |= part & on

    first = stops[0]
    plain = [stop.known is None and len(stop.costs) == 1 and not stop.costs[0][0] for stop in stops]
    begins = iter(first.costs)  # cheapest first, and looked at one after another
    start = next(begins, None)
    if first.known is not None:
        start = None
        dearer(first, 0, open_days(first, first.days, loads), 0)
    else:
        plain[0] = True  # its costs are those at which it begins
    while costs or start is not None:
        if start is not None and (not costs or start[0] <= costs[0]):
            if start[0] > ceiling:
                start = None
                continue
            row = arriving.get(start[0]) or at(start[0])
            row[0] = start[1]
            start = next(begins, None)
        cost = heappop(costs)
        row, reach = arriving[cost], got[cost]
        for n, stop in enumerate(stops):
            kind = stop.kind
            for node in nodes[n]:
                days = row[node] & stop.days & ~seen[node]
                unknown = days & ~known[kind]
                if unknown:
                    known[kind] |= unknown
                    starts, profile = stop.starts, stop.profile
                    while unknown:
                        low = unknown & -unknown
                        unknown ^= low
                        day = low.bit_length() - 1
                        if starts[day] & room(profile, day):
                            free[kind] |= low
                days &= free[kind]
                if days and not plain[n]:
                    dearer(stop, node, days, cost)
                    days = 0
                days = reach[node] = (reach[node] | days) & ~seen[node]
                if not days:
                    continue
                if n == last:
                    return cost, got
                seen[node] |= days
                for dear, ways in ahead[node]:
                    if dear:
                        total = cost + dear
                        if total > ceiling:
                            break
                        into = arriving.get(total) or at(total)
                    else:
                        into = row
                    for gap, to, longer in ways:
                        # Negative numbers are sets that go on for ever: all days from the first.
                        into[to] |= -((days & -days) << gap) if longer else days << gap
    return None


def open_days(stop: Stop, days: int, loads: Loads) -> int:
    """Return those of some days on which a visit has room."""
    found, days = 0, days & stop.days
    while days:
        low = days & -days
        days ^= low
        day = low.bit_length() - 1
        if stop.starts[day] & loads.room(stop.profile, day):
            found |= low
    return found


def _moved(chain: Chain, stop: Stop, days: int, loads: Loads) -> tuple[tuple[int, int], ...]:
    """Return what days cost more since people know the visit elsewhere: ``(cost, days)``."""
    if stop.known is None:
        return ((0, days),)
    day, start = stop.known
    here = days & 1 << day if start & stop.starts[day] & loads.room(stop.profile, day) else 0
    return ((0, here), (chain.moved, days & ~here))


def _back(chain: Chain, cost: int, got: Got, score: Score, loads: Loads) -> tuple[int, ...]:
    """Return the days of one course of a cost, from the last visit back."""
    stops, behind = chain.stops, chain.steps.behind
    n = len(stops) - 1
    stop = stops[n]
    row = got[cost]
    ends = []
    for node in chain.steps.nodes[n]:
        days = row[node]
        while days:
            low = days & -days
            days ^= low
            ends.append((low.bit_length() - 1, node))
    day, node = min((score(stop, day), day, node) for day, node in ends)[1:]
    found = [day]
    while n:
        cost -= _own(chain, n, day, loads)
        n -= 1
        stop = stops[n]
        best = None
        for gap, dear, prior, longer in behind[node]:
            before = got.get(cost - dear)
            if before is None or gap > day:
                continue
            reached = before[prior] & (1 << day - gap + 1) - 1
            if not longer:
                reached &= 1 << day - gap
            while reached:
                low = reached & -reached
                reached ^= low
                then = low.bit_length() - 1
                one = (score(stop, then), then, prior, dear)
                if best is None or one < best:
                    best = one
        assert best is not None
        _, day, node, dear = best
        cost -= dear
        found.append(day)
    return tuple(reversed(found))


def _own(chain: Chain, n: int, day: int, loads: Loads) -> int:
    """Return what being on a day costs a visit by itself."""
    stop = chain.stops[n]
    dear = next(cost for cost, days in stop.costs if days >> day & 1)
    moved = next(more for more, days in _moved(chain, stop, 1 << day, loads) if days)
    return dear + moved
