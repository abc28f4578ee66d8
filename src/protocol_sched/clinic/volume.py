"""
A bound on what all courses together cost at least, by the volume algorithm, with numpy.

Each slot of each kind, and each day as a whole, has a price. Every course by itself takes its
cheapest dates at these prices; what that costs, less what the clinic's capacity is worth, is below
the cost of every plan, whatever the prices. They rise where too much is asked for and fall where
too little is, so that the bound rises (Barahona and Anbil, 2000).

The prices and the dates that were taken most often are worth as much as the bound: they show a
search where the clinic is really full.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import attrs
import numpy as np

from protocol_sched.clinic.chains import Chain, Steps
from protocol_sched.clinic.loads import Fields, Pool, Profile
from protocol_sched.clinic.rows import Array, Rows

FURTHEST = 40
"""The dearest first day that a course is priced for; any other costs more than that already."""
REMEMBERED = 70
"""The rounds whose dates are remembered."""
TOLERANCE = 1e-6
"""How much a bound may be off by rounding, for each course."""


@attrs.frozen(eq=False)
class Bound:
    """The bound with the prices that prove it and what they led to."""

    value: float
    """Of the courses that were priced; no plan of all of them costs less."""
    worth: Array
    """What a start is worth, by profile, day and slot."""
    taken: tuple[tuple[tuple[int, ...], ...], ...]
    """For each course the dates it took in the last rounds."""
    rounds: int


# --- what one round asks of each course --------------------------------------------------------


class Group:
    """Courses with the same steps, priced together."""

    def __init__(
        self,
        numbers: Sequence[int],
        chains: Sequence[Chain],
        steps: Steps,
        rows: Rows,
        fields: Fields,
    ) -> None:
        self.numbers, self.steps, self.count = numbers, steps, len(chains)
        stops = len(chains[0].stops)
        self.base = np.array([_first(chain.stops[0].days) for chain in chains])
        gaps = [
            [(gap, longer) for row in each for gap, _, _, longer in row] for each in steps.onward
        ]
        begins = [self._begins(chain) for chain in chains]
        self.beyond = np.array([cost for _, cost in begins], float)
        low, high = [0], [max(last for last, _ in begins)]
        for each in gaps:
            low.append(low[-1] + min((gap for gap, _ in each), default=0))
            furthest = max((rows.days if longer else gap for gap, longer in each), default=0)
            high.append(high[-1] + furthest)
        self.low = low
        self.high = [min(one, rows.days - 1) for one in high]
        self.width = self.high[-1] + 1
        inf = np.inf
        self.own: list[Array] = [
            np.full((self.count, self.width), inf, np.float32) for _ in range(stops)
        ]
        self.kind = [np.array([chain.stops[n].kind for chain in chains]) for n in range(stops)]
        kinds = max(chain.kinds for chain in chains)
        ranges = self._ranges(chains, kinds, rows, fields)
        self.profile: Array = np.zeros((kinds, self.count), np.int32)
        for p, chain in enumerate(chains):
            for n, stop in enumerate(chain.stops):
                self.profile[stop.kind, p] = stop.profile
                self._own_costs(n, p, stop, begins[p][0], chain)
        self._index(ranges, kinds, rows)

    def _begins(self, chain: Chain) -> tuple[int, float]:
        """Return the last first day that is priced, from the base, and what any later one costs."""
        stop = chain.stops[0]
        base = _first(stop.days)
        if chain.stops[0].known is not None:
            return stop.days.bit_length() - 1 - base, np.inf
        last, beyond = 0, np.inf
        for cost, days in stop.costs:
            if cost <= FURTHEST:
                last = max(last, days.bit_length() - 1 - base)
            else:
                beyond = min(beyond, cost)
        return last, beyond

    def _own_costs(self, n: int, p: int, stop: Any, last: int, chain: Chain) -> None:
        base = int(self.base[p])
        row = self.own[n][p]
        window = (1 << self.width) - 1
        for cost, days in stop.costs:
            part = days >> base & window
            if n == 0:
                if cost > FURTHEST and chain.stops[0].known is None:
                    continue
                part &= (1 << last + 1) - 1
            while part:
                one = part & -part
                row[one.bit_length() - 1] = cost
                part ^= one

    def _ranges(
        self, chains: Sequence[Chain], kinds: int, rows: Rows, fields: Fields
    ) -> list[dict[tuple[int, int], tuple[tuple[int, int], ...]]]:
        found: list[dict[tuple[int, int], tuple[tuple[int, int], ...]]] = [{} for _ in range(kinds)]
        known: dict[int, tuple[tuple[int, int], ...]] = {}
        for p, chain in enumerate(chains):
            done: set[int] = set()
            for stop in chain.stops:
                if stop.kind in done:
                    continue
                done.add(stop.kind)
                base = int(self.base[p])
                for day in range(base, min(base + self.width, rows.days)):
                    starts = stop.starts[day]
                    if starts:
                        if starts not in known:
                            known[starts] = tuple(_runs(fields.members(starts)))
                        found[stop.kind][p, day - base] = known[starts]
        return found

    def _index(
        self,
        ranges: list[dict[tuple[int, int], tuple[tuple[int, int], ...]]],
        kinds: int,
        rows: Rows,
    ) -> None:
        """Lay out where the lowest price of each course and day is found in the table of minima."""
        most = max((len(one) for each in ranges for one in each.values()), default=1)
        shape = (kinds, self.count, self.width, most)
        self.from_: Array = np.zeros(shape, np.int16)
        self.to: Array = np.zeros(shape, np.int16)
        self.exists: Array = np.zeros(shape, bool)
        for kind, each in enumerate(ranges):
            for (p, t), parts in each.items():
                for r, (low, high) in enumerate(parts):
                    self.from_[kind, p, t, r] = low
                    self.to[kind, p, t, r] = high
                    self.exists[kind, p, t, r] = True
        level: Array = np.zeros(shape, np.int32)
        size = self.to.astype(np.int32) - self.from_ + 1
        for power in range(1, 12):
            level[size >= 1 << power] = power
        self.levels = int(level.max()) + 1
        days = np.minimum(self.base[:, None] + np.arange(self.width)[None, :], rows.days - 1)
        cell = (self.profile[:, :, None, None] * rows.days + days[None, :, :, None]) * rows.slots
        plane = len(rows.profiles) * rows.days * rows.slots
        self.left = (level * plane + cell + self.from_).astype(np.int32)
        self.right = (level * plane + cell + self.to - (1 << level) + 1).astype(np.int32)

    def best(self, minima: Array) -> tuple[Array, Array, Array]:
        """
        Return for each course what its cheapest dates cost, their days, and where it has none.

        Args:
            minima: Lowest prices of 1, 2, 4, ... starts in a row, flat.
        """
        lowest = np.minimum(minima[self.left], minima[self.right])
        lowest[~self.exists] = np.inf
        self.by_range = lowest
        prices = lowest.min(axis=3)
        at = np.arange(self.count)
        visit = [self.visit(n, prices, minima) for n in range(len(self.own))]
        first = np.full((self.count, self.width), np.inf, minima.dtype)
        first[:, : self.high[0] + 1] = visit[0][:, : self.high[0] + 1]
        layers = [[first]]
        states = self.steps.states
        for n, each in enumerate(self.steps.onward):
            low, high = self.low[n], self.high[n]
            nexts = [
                np.full((self.count, self.width), np.inf, minima.dtype)
                for _ in range(states[n + 1])
            ]
            for state, row in enumerate(each):
                here = layers[n][state]
                for gap, cost, to, longer in row:
                    end = min(high, self.high[n + 1] - gap)
                    if end < low:
                        continue
                    if longer:
                        into = nexts[to][:, low + gap : self.high[n + 1] + 1]
                        lowest_yet = np.minimum.accumulate(here, axis=1)
                        span = slice(low, low + into.shape[1])
                        np.minimum(into, lowest_yet[:, span] + minima.dtype.type(cost), out=into)
                        continue
                    into = nexts[to][:, low + gap : end + gap + 1]
                    np.minimum(into, here[:, low : end + 1] + minima.dtype.type(cost), out=into)
            a, b = self.low[n + 1], self.high[n + 1] + 1
            for one in nexts:
                one[:, a:b] += visit[n + 1][:, a:b]
            layers.append(nexts)
        stacked = np.stack(layers[-1], axis=1).reshape(self.count, -1)
        flat = stacked.argmin(axis=1)
        value = stacked[at, flat]
        state, t = np.divmod(flat, self.width)
        days: Array = np.zeros((len(self.own), self.count), np.int32)
        days[-1] = t
        for n in range(len(self.steps.onward) - 1, -1, -1):
            options, sources, befores = [], [], []
            for prior, row in enumerate(self.steps.onward[n]):
                for gap, cost, to, longer in row:
                    before = t - gap
                    if longer:
                        # The cheapest of all days up to then.
                        far = layers[n][prior].copy()
                        far[np.arange(self.width) > before[:, None]] = np.inf
                        before = np.where(before < 0, -1, far.argmin(axis=1))
                    one = layers[n][prior][at, np.maximum(before, 0)] + minima.dtype.type(cost)
                    one[(before < 0) | (state != to)] = np.inf
                    options.append(one)
                    sources.append(prior)
                    befores.append(before)
            chosen = np.stack(options).argmin(axis=0)
            t = np.maximum(np.stack(befores)[chosen, at], 0)
            state = np.array(sources)[chosen]
            days[n] = t
        none = ~np.isfinite(value) | (value >= self.beyond)
        return np.minimum(value, self.beyond), days, none

    def visit(self, n: int, prices: Array, minima: Array) -> Array:
        """
        Return what a visit of each course comes to on each day.

        Args:
            prices: The lowest of each kind, course and day.
            minima: As for `best`.
        """
        return self.own[n] + prices[self.kind[n], np.arange(self.count)]

    def visits(
        self, worth: Array, days: Array, none: Array
    ) -> Iterable[tuple[Array, Array, Array]]:
        """Yield profile, day and cheapest start of the visits on some days."""
        slots = np.arange(worth.shape[2])
        some = np.flatnonzero(~none)
        for n in range(len(self.own)):
            kind = self.kind[n][some]
            t = days[n][some]
            r = self.by_range[kind, some, t].argmin(axis=1)
            low, high = self.from_[kind, some, t, r], self.to[kind, some, t, r]
            profile = self.profile[kind, some]
            day = np.minimum(self.base[some] + t, worth.shape[1] - 1)
            prices = worth[profile, day]
            prices = np.where((slots >= low[:, None]) & (slots <= high[:, None]), prices, np.inf)
            yield profile, day, prices.argmin(axis=1)


def _first(days: int) -> int:
    return (days & -days).bit_length() - 1 if days else 0


def _runs(slots: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = before = slots[0]
    for slot in slots[1:]:
        if slot != before + 1:
            yield first, before
            first = slot
        before = slot
    yield first, before


# --- the rounds --------------------------------------------------------------------------------


def bound(
    chains: Sequence[Chain | None],
    fields: Fields,
    profiles: Sequence[Profile],
    days: Sequence[tuple[Pool, ...]],
    *,
    places: int,
    kinds: int,
    goal: float,
    rounds: int,
    report: Callable[[int, float], bool],
    group_of: type[Group] = Group,
) -> Bound:
    """
    Return a bound on the cost of every plan that places all of some courses.

    Args:
        chains: ``None`` is a course that is left out; the bound holds without it.
        days: The pools of each day.
        places: How many kinds are kinds of places; they come first.
        goal: What the best plan known costs.
        rounds: How often prices change at the most; it ends sooner where they gain no more.
        report: Called now and then with rounds and bound; ``False`` ends it.
        group_of: How courses with the same steps are priced.
    """
    some = [chain for chain in chains if chain is not None]
    rows = Rows(fields, profiles, days, kinds, places, some)
    by_steps: dict[Steps, list[int]] = {}
    for n, chain in enumerate(chains):
        if chain is not None:
            by_steps.setdefault(chain.steps, []).append(n)
    groups = [
        group_of(
            numbers, [c for c in (chains[n] for n in numbers) if c is not None], steps, rows, fields
        )
        for steps, numbers in by_steps.items()
    ]
    levels = max((group.levels for group in groups), default=1)
    capacity = rows.capacity
    day_capacity = np.array([one for _, _, one in rows.shares]).reshape(-1, rows.days)
    history: list[list[Array]] = [[] for _ in groups]

    def priced(slot_prices: Array, day_prices: Array, dtype: Any) -> tuple[float, Array, Array]:
        worth = rows.worth(slot_prices.astype(dtype), day_prices.astype(dtype))
        minima = _minima(worth, levels)
        value = -float((slot_prices * capacity).sum() + (day_prices * day_capacity).sum())
        use, by_day = -capacity, -day_capacity
        for group, past in zip(groups, history, strict=True):
            costs, when, none = group.best(minima)
            value += float(costs.sum(dtype=np.float64))
            past.append(np.where(none[None, :], -1, when + group.base[None, :]))
            del past[:-REMEMBERED]
            each = list(group.visits(worth, when, none))
            one = [np.concatenate(part) for part in zip(*each, strict=True)]
            more, more_days = rows.used(one[0], one[1], one[2])
            use, by_day = use + more, by_day + more_days
        return value, use, by_day

    centre = np.zeros_like(capacity), np.zeros_like(day_capacity)
    best, use, by_day = priced(*centre, np.float32)
    drift = use, by_day
    step, failures, since, mark = 0.3, 0, 0, best
    done = 0
    for done in range(1, rounds + 1):
        target = min(goal, max(1.1 * best, best + 5)) if goal > best else best + 1
        # A price of nothing does not fall, so it is no part of the way.
        slope = (
            np.where((centre[0] > 0) | (drift[0] > 0), drift[0], 0) * rows.scale,
            np.where((centre[1] > 0) | (drift[1] > 0), drift[1], 0) * rows.day_scale,
        )
        norm = float((slope[0] ** 2).sum() + (slope[1] ** 2).sum())
        if norm < 1e-9:
            break
        length = step * (target - best) / norm
        prices = (
            np.maximum(0, centre[0] + length * slope[0] * rows.scale),
            np.maximum(0, centre[1] + length * slope[1] * rows.day_scale),
        )
        value, use, by_day = priced(*prices, np.float32)
        # The share of the new round that leaves the least of both.
        a = _share_of((use, by_day), drift, rows)
        drift = a * use + (1 - a) * drift[0], a * by_day + (1 - a) * drift[1]
        if value > best:
            ahead = (use * drift[0] * rows.scale**2).sum() + (
                by_day * drift[1]
            ).sum() * rows.day_scale**2
            if ahead > 0:
                step = min(step * 1.1, 2.0)
            best, centre, failures = value, prices, 0
        else:
            failures += 1
            if failures >= 5:
                step, failures = max(step * 0.75, 1e-3), 0
        since += 1
        if since == 200:
            if best - mark < 0.001 * abs(best):
                break
            since, mark = 0, best
        if done % 8 == 0 and (not report(done, best) or math.ceil(best - 0.01) >= goal):
            break
    taken = _taken(history, groups, len(chains))
    exact, _, _ = priced(*centre, np.float64)
    sure = exact - TOLERANCE * max(1, len(chains))
    return Bound(sure, rows.worth(*centre), taken, done)


def _minima(worth: Array, levels: int) -> Array:
    tables = [worth]
    for power in range(levels - 1):
        before, half = tables[-1], 1 << power
        after = before.copy()
        after[:, :, :-half] = np.minimum(before[:, :, :-half], before[:, :, half:])
        tables.append(after)
    return np.stack(tables).reshape(-1)


def _share_of(new: tuple[Array, Array], old: tuple[Array, Array], rows: Rows) -> float:
    """Return how much of a new direction makes the mean of both the shortest, within bounds."""
    apart = (new[0] - old[0]) * rows.scale, (new[1] - old[1]) * rows.day_scale
    length = float((apart[0] ** 2).sum() + (apart[1] ** 2).sum())
    if length == 0:
        return 0.1
    along = -float(
        (apart[0] * old[0] * rows.scale).sum() + (apart[1] * old[1] * rows.day_scale).sum()
    )
    return min(0.05, max(0.01, along / length))


def _taken(
    history: list[list[Array]], groups: list[Group], count: int
) -> tuple[tuple[tuple[int, ...], ...], ...]:
    found: list[tuple[tuple[int, ...], ...]] = [()] * count
    for group, past in zip(groups, history, strict=True):
        stacked = np.stack(past)  # rounds, visits, courses
        for p, number in enumerate(group.numbers):
            rounds = [tuple(int(day) for day in one[:, p]) for one in stacked]
            found[number] = tuple(one for one in rounds if one[0] >= 0)
    return tuple(found)
