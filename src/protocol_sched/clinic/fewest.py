"""
How many visits must move at the least when a clinic has less room than people were told.

Each slot of each kind of place or staff has a price. Every course by itself, at these prices,
either stays where people know it and pays, or moves visits and goes where it is cheap. What that
costs all of them, less what the clinic's capacity is worth, is never above the moves of any plan,
whatever the prices. They rise where more is held than there is, and fall where less is. Most slots
stay worth nothing, and a course none of whose slots is worth anything stays as it is; so only the
courses near what happened are ever looked at.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import attrs

from protocol_sched.clinic.chains import Chain, Steps
from protocol_sched.clinic.loads import Fields, Pool, Profile
from protocol_sched.engine.bitsets import members

Row = tuple[int, int]
"""A day and a kind."""
Holding = tuple[int, int, int, int, int]
"""``(day, kind, first slot, slots, units)``."""
TOLERANCE = 1e-6
"""How much a bound may be off by rounding, for each course."""


class Capacity:
    """How much there is of each kind at each slot of a day."""

    def __init__(self, fields: Fields, days: Sequence[tuple[Pool, ...]]) -> None:
        self.fields, self.days = fields, days
        self._known: dict[Row, list[int]] = {}

    def __call__(self, row: Row) -> list[int]:
        found = self._known.get(row)
        if found is None:
            day, kind = row
            width = self.fields.width
            mask = (1 << width) - 1
            packed = [pool.capacity for pool in self.days[day] if pool.kind == kind]
            found = self._known[row] = [
                sum(one >> n * width & mask for one in packed) for n in range(self.fields.slots)
            ]
        return found


def holdings_of(profile: Profile, day: int, slot: int) -> Iterator[Holding]:
    """Yield what a visit holds that begins at a slot."""
    for need in profile.needs:
        for first, count, units in need.stretches:
            yield day, need.kind, slot + first, count, units


@attrs.frozen
class _Told:
    """A chain with its dates told: what staying holds, or that it cannot stay as it is."""

    chain: Chain
    """With no cost but that of moving."""
    days: tuple[int, ...]
    stays: bool


def fewest_moves(
    chains: Sequence[Chain],
    loose: Sequence[Sequence[Holding]],
    fields: Fields,
    profiles: Sequence[Profile],
    days: Sequence[tuple[Pool, ...]],
    *,
    goal: int,
    rounds: int,
) -> int:
    """
    Return a number of visits that any plan of all courses moves at the least.

    Args:
        chains: Courses that can be planned; visits that people know have their place in
            `Stop.known`.
        loose: What each visit holds of courses that are no chains, and that need not move by
            themselves: it stays or it moves.
        days: The pools of each day.
        goal: The visits that the best plan known moves; the work ends where that is proved.
        rounds: How often prices change at the most.
    """
    if goal <= 0:
        return 0
    work = _Work(chains, loose, fields, profiles, days)
    best = 0.0
    step, failures = 0.3, 0
    centre: dict[Row, list[float]] = {}
    drift: dict[Row, list[float]] = {}
    sure = TOLERANCE * (1 + len(chains))  # what rounding may have added
    since, mark = 0, 0.0
    for _ in range(rounds):
        prices = _stepped(centre, drift, step, goal, best)
        value, over = work.priced(prices)
        if value > best + 1e-9:
            if drift and _along(over, drift) > 0:
                step = min(step * 1.1, 2.0)
            best, centre, failures = value, prices, 0
        else:
            failures += 1
            if failures >= 5:
                step, failures = step * 0.7, 0
        if math.ceil(best - sure) >= goal or not (centre or any(max(r) > 0 for r in over.values())):
            break
        drift = _mixed(over, drift, 0.05) if drift else over
        since += 1
        if since == 60:
            if best - mark < 0.002 * best:
                break
            since, mark = 0, best
    return min(goal, max(0, math.ceil(best - sure)))


def _stepped(
    centre: Mapping[Row, list[float]],
    drift: Mapping[Row, list[float]],
    step: float,
    goal: int,
    best: float,
) -> dict[Row, list[float]]:
    """Return the prices after a step from the centre along a direction."""
    norm = 0.0
    for key, row in drift.items():
        at = centre.get(key)
        norm += sum(x * x for n, x in enumerate(row) if x > 0 or (at is not None and at[n] > 0))
    if norm < 1e-12:
        return dict(centre)
    length = step * (max(goal, best + 1) - best) / norm
    found: dict[Row, list[float]] = {}
    for key in {**centre, **drift}:
        have, along = centre.get(key), drift.get(key)
        if have is None and along is not None:
            row = [max(0.0, length * x) for x in along]
        elif along is None and have is not None:
            row = have
        else:
            assert have is not None
            assert along is not None
            row = [max(0.0, a + length * x) for a, x in zip(have, along, strict=True)]
        if any(row):
            found[key] = row
    return found


def _along(one: Mapping[Row, list[float]], other: Mapping[Row, list[float]]) -> float:
    return sum(
        x * y for key in one if key in other for x, y in zip(one[key], other[key], strict=True)
    )


def _mixed(
    new: Mapping[Row, list[float]], old: Mapping[Row, list[float]], share: float
) -> dict[Row, list[float]]:
    found = {}
    for key in {**old, **new}:
        a, b = new.get(key), old.get(key)
        if a is None:
            a = [0.0] * len(b or ())
        if b is None:
            b = a
        found[key] = [share * x + (1 - share) * y for x, y in zip(a, b, strict=True)]
    return found


class _Work:
    """What does not change while prices do."""

    def __init__(
        self,
        chains: Sequence[Chain],
        loose: Sequence[Sequence[Holding]],
        fields: Fields,
        profiles: Sequence[Profile],
        days: Sequence[tuple[Pool, ...]],
    ) -> None:
        self.fields, self.profiles, self.pools = fields, profiles, days
        self.told = [_told(chain) for chain in chains]
        self.loose = loose
        self.capacity = Capacity(fields, days)
        self.held: dict[Row, list[int]] = {}
        """What is held where all who can stay do."""
        self.on: dict[Row, dict[int, None]] = {}
        """The chains that hold something there as people know them."""
        self.rows_of: list[list[Row]] = []
        for n, one in enumerate(self.told):
            mine: dict[Row, None] = {}
            for day, kind, first, count, units in self._holds(one) if one.stays else ():
                self._add(self.held, day, kind, first, count, units)
                self.on.setdefault((day, kind), {})[n] = None
                mine[day, kind] = None
            self.rows_of.append(list(mine))
        for visit in loose:
            for day, kind, first, count, units in visit:
                self._add(self.held, day, kind, first, count, units)

    def _holds(self, one: _Told) -> Iterator[Holding]:
        for stop, day in zip(one.chain.stops, one.days, strict=True):
            assert stop.known is not None
            slot = self.fields.slot(stop.known[1])
            yield from holdings_of(self.profiles[stop.profile], day, slot)

    def _add(
        self, to: dict[Row, list[int]], day: int, kind: int, first: int, count: int, units: int
    ) -> None:
        row = to.get((day, kind))
        if row is None:
            row = to[day, kind] = [0] * self.fields.slots
        for slot in range(max(first, 0), min(first + count, len(row))):
            row[slot] += units

    def priced(self, prices: Mapping[Row, list[float]]) -> tuple[float, dict[Row, list[float]]]:
        """Return what all courses come to at some prices, and how much too much is asked for."""
        value = 0.0
        for row, each in prices.items():
            value -= sum(p * c for p, c in zip(each, self.capacity(row), strict=True))
        use = {row: list(each) for row, each in self.held.items()}
        near: dict[int, None] = {}
        for row in prices:
            near.update(self.on.get(row, {}))
        starts = _Starts(self.fields, self.profiles, prices)
        for n, one in enumerate(self.told):
            if one.stays:
                if n not in near:
                    continue
                for day, kind, first, count, units in self._holds(one):
                    self._add(use, day, kind, first, count, -units)
            worth = _Worth(starts, one.chain)
            # Staying is one way to go, so that no dearer one is looked at.
            stay = [worth(k, day) for k, day in enumerate(one.days)] if one.stays else []
            most = sum(stay) if one.stays else math.inf
            if most <= 1:  # any other way moves a visit
                cost, dates = most, one.days
            else:
                cost, dates = _cheapest(one.chain, worth, most, _ahead(stay)) or (most, one.days)
            if cost == math.inf:
                continue
            value += cost
            for stop, day in zip(one.chain.stops, dates, strict=True):
                slot = starts.chosen(stop.profile, day, stop.starts[day], stop.known)
                for holding in holdings_of(self.profiles[stop.profile], day, slot):
                    self._add(use, *holding)
        for visit in self.loose:
            paid = 0.0
            for day, kind, first, count, units in visit:
                dear = prices.get((day, kind))
                if dear is not None:
                    paid += units * sum(dear[max(first, 0) : first + count])
            if paid > 1:
                value += 1
                for day, kind, first, count, units in visit:
                    self._add(use, day, kind, first, count, -units)
            else:
                value += paid
        over: dict[Row, list[float]] = {}
        for key, held in use.items():
            more = [float(h - c) for h, c in zip(held, self.capacity(key), strict=True)]
            if key in prices or any(x > 0 for x in more):
                over[key] = more
        return value, over


class _Starts:
    """What starts are worth at some prices, worked out where they are asked for."""

    def __init__(
        self,
        fields: Fields,
        profiles: Sequence[Profile],
        prices: Mapping[Row, list[float]],
    ) -> None:
        self.fields, self.profiles, self.prices = fields, profiles, prices
        self.days = {day for day, _ in prices}
        self._rows: dict[tuple[int, int], list[float]] = {}
        self._least: dict[tuple[int, int, int], tuple[float, int]] = {}

    def row(self, profile: int, day: int) -> list[float]:
        """Return what each start of a day is worth."""
        found = self._rows.get((profile, day))
        if found is None:
            slots = self.fields.slots
            found = [0.0] * slots
            for need in self.profiles[profile].needs:
                prices = self.prices.get((day, need.kind))
                if prices is None:
                    continue
                sums = [0.0]
                for price in prices:
                    sums.append(sums[-1] + price)
                for first, count, units in need.stretches:
                    for slot in range(slots):
                        low = min(max(slot + first, 0), slots)
                        high = min(max(slot + first + count, 0), slots)
                        found[slot] += units * (sums[high] - sums[low])
            self._rows[profile, day] = found
        return found

    def least(self, profile: int, day: int, starts: int) -> tuple[float, int]:
        """Return the cheapest of some starts: its price and its slot."""
        key = (profile, day, starts)
        found = self._least.get(key)
        if found is None:
            row = self.row(profile, day)
            found = self._least[key] = min((row[s], s) for s in self.fields.members(starts))
        return found

    def worth(self, profile: int, day: int, starts: int, known: tuple[int, int] | None) -> float:
        """Return what a visit on a day comes to: the price of its cheapest start, and its move."""
        if day not in self.days:
            return float(known is not None and not (known[0] == day and known[1] & starts))
        price = self.least(profile, day, starts)[0]
        if known is None:
            return price
        if known[0] == day and known[1] & starts:
            return min(1 + price, self.row(profile, day)[self.fields.slot(known[1])])
        return 1 + price

    def chosen(self, profile: int, day: int, starts: int, known: tuple[int, int] | None) -> int:
        """Return the slot of the start that is worth so much."""
        here = known is not None and known[0] == day and known[1] & starts
        if day not in self.days and not here:
            return self.fields.slot(starts & -starts)
        price, slot = self.least(profile, day, starts)
        if here and known is not None:
            own = self.fields.slot(known[1])
            if day not in self.days or self.row(profile, day)[own] <= 1 + price:
                return own
        return slot


@attrs.frozen
class _Worth:
    """What a chain's visits come to on a day."""

    starts: _Starts
    chain: Chain

    def __call__(self, n: int, day: int) -> float:
        stop = self.chain.stops[n]
        if day >= len(stop.starts) or not stop.starts[day]:
            return math.inf
        return self.starts.worth(stop.profile, day, stop.starts[day], stop.known)


def _ahead(stay: Sequence[float]) -> list[float]:
    """Return what the visits after each come to at the least: each stays and pays, or moves."""
    if not stay:
        return []
    found = [0.0]
    for price in reversed(stay[1:]):
        found.append(found[-1] + min(price, 1.0))
    return found[::-1]


def _cheapest(
    chain: Chain, worth: _Worth, most: float, ahead: Sequence[float]
) -> tuple[float, tuple[int, ...]] | None:
    """
    Return the days on which a chain comes to less than so much, if there are any.

    Args:
        ahead: What the visits after each come to at the least; empty where nothing is known.
    """
    here: dict[tuple[int, int], float] = {}
    left = most - ahead[0] if ahead else most
    for day in members(chain.stops[0].days):
        value = worth(0, day)
        if value < left:
            here[day, 0] = value
    back: list[dict[tuple[int, int], tuple[int, int]]] = []
    for n, rows in enumerate(chain.steps.onward, 1):
        allowed = chain.stops[n].days
        own: dict[int, float] = {}
        there: dict[tuple[int, int], float] = {}
        origin: dict[tuple[int, int], tuple[int, int]] = {}
        left = most - ahead[n] if ahead else most
        by_state: dict[int, dict[int, float]] = {}
        for (day, state), value in here.items():
            by_state.setdefault(state, {})[day] = value
        for state, reached in by_state.items():
            for gap, _, to, longer in rows[state]:
                for day, at, value in _after(reached, gap, allowed if longer else 0):
                    price = own.get(at)
                    if price is None:
                        price = own[at] = worth(n, at) if allowed >> at & 1 else math.inf
                    total = value + price
                    if total < left and total < there.get((at, to), math.inf):
                        there[at, to] = total
                        origin[at, to] = (day, state)
        back.append(origin)
        here = there
    if not here:
        return None
    cost, key = min((value, key) for key, value in here.items())
    days = [key[0]]
    for origin in reversed(back):
        key = origin[key]
        days.append(key[0])
    return cost, tuple(reversed(days))


def _after(
    reached: Mapping[int, float], gap: int, allowed: int
) -> Iterator[tuple[int, int, float]]:
    """
    Yield from which day which day is reached, and what it came to by then.

    Args:
        allowed: Where any longer gap is the same, the days that can be; from each of these only
            the cheapest day before it matters.
    """
    if not allowed:
        for day, value in reached.items():
            yield day, day + gap, value
        return
    days = sorted(reached)
    best, n = -1, 0
    for at in members(allowed >> days[0] + gap):
        at += days[0] + gap
        while n < len(days) and days[n] + gap <= at:
            if best < 0 or reached[days[n]] < reached[best]:
                best = days[n]
            n += 1
        yield best, at, reached[best]


def freed(chain: Chain) -> Chain:
    """Return a chain whose dates cost nothing."""
    stops = tuple(attrs.evolve(stop, costs=((0, stop.days),)) for stop in chain.stops)
    return attrs.evolve(chain, stops=stops, steps=_freed(chain.steps))


@lru_cache(maxsize=256)
def _freed(steps: Steps) -> Steps:
    """Return steps that cost nothing; chains that have theirs in common still do."""
    return Steps(
        tuple(
            tuple(tuple((gap, 0, to, longer) for gap, _, to, longer in row) for row in rows)
            for rows in steps.onward
        )
    )


def _told(chain: Chain) -> _Told:
    """Return a chain that costs nothing but moves, and whether it can stay as people know it."""
    plain = freed(chain)
    days = known_days(plain)
    return _Told(plain, days or (), days is not None)


def known_days(chain: Chain) -> tuple[int, ...] | None:
    """Return the days of a chain if all its visits may stay where people know them."""
    found: list[int] = []
    state = 0
    for n, stop in enumerate(chain.stops):
        if stop.known is None:
            return None
        day, start = stop.known
        if not (stop.days >> day & 1 and start & stop.starts[day]):
            return None
        if n:
            away = day - found[-1]
            step = next(
                (
                    one
                    for one in chain.steps.onward[n - 1][state]
                    if one[0] == away or (one[3] and one[0] < away)
                ),
                None,
            )
            if step is None:
                return None
            state = step[2]
        found.append(day)
    return tuple(found)
