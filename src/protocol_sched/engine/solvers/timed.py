"""
Courses with rules in elapsed time: chains in which a candidate is a start, not only a day.

Each day is a field of candidates (`fields`), one for each time of day at which some visit could
start, so that one shift moves a visit's starts by days and a few more spread them within the
day. The distance of two starts is then a number of days and a distance within the day, and an
elapsed rule allows, for each number of days, a range of distances within the day; where a clock
changes between them, another range. All else is as in `chain`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate, pairwise
from math import gcd

from protocol_sched.engine.bitsets import members, pieces, span
from protocol_sched.engine.problem import Item, Problem, SlotLag, TableLag, Target, Window
from protocol_sched.engine.solvers.budget import Budget
from protocol_sched.engine.solvers.chain import CAPS, Chain
from protocol_sched.engine.solvers.choices import Choice, Starts, change_at
from protocol_sched.engine.solvers.closing import Most, closed
from protocol_sched.engine.solvers.elapsed import (
    Lags,
    alike,
    days_of,
    lattice,
    least_cost,
    steps,
)
from protocol_sched.engine.solvers.fields import Fields
from protocol_sched.engine.solvers.result import Unlike
from protocol_sched.engine.solvers.states import ANY, Group, Path, Spans, State, Way
from protocol_sched.engine.solvers.visits import near

FEW = 40
"""Of so few days each is looked at alone; of more all are looked at together."""
WORD = 16_000
"""So many candidates more make a move of a set take one step more of a budget."""


class Timed(Chain):
    """One solve of a problem with elapsed rules."""

    def __init__(
        self,
        problem: Problem,
        starts: tuple[Starts, ...],
        budget: Budget,
        unlike: Unlike | None,
    ) -> None:
        slot_lags = [lag for lag in problem.lags if isinstance(lag, SlotLag)]
        self.timed = {n for n, item in enumerate(problem.items) if item.slot_targets}
        """Visits whose time of day matters to another; of the others each day has one candidate."""
        for lag in slot_lags:
            self.timed |= {lag.earlier, lag.later}
        widths = [end - start for start, end in pairwise(problem.day_slots)]
        self.shortest, self.longest = min(widths), max(widths)
        self.irregular = dict(problem.irregular)
        some = {starts[n].slots for n in self.timed}
        self.first, self.step, width = lattice(problem, some)
        self.fields = Fields(problem.days, width)
        self.grid = gcd(*widths) if width == 1 else gcd(self.step, *widths)
        """Slots from one start to another are a multiple of so many."""
        self.stride = self.fields.stride
        self.chosen: dict[tuple[int, int], Choice] = {}
        self.day_gaps: dict[int, Spans] = {}
        self.slots_into = [[lag for lag in slot_lags if lag.later == n] for n in range(len(starts))]
        super().__init__(problem, starts, budget, unlike)
        self.price = 1 + self.stride * problem.days // WORD
        self.clocked = self.still_used({(lag.earlier, lag.later) for lag in slot_lags})
        """For each visit, the earlier ones whose start an elapsed rule of a later one looks at."""
        self.far_slots = [self._far_enough_slots(j, slot_lags) for j in range(self.count)]
        self.most: Most = []
        """For two visits the most slots from one to the other; empty where it is of no use."""
        self.split = [len(a) + len(b) for a, b in zip(self.frontier, self.clocked, strict=True)]

    def _far_enough_slots(self, j: int, lags: list[SlotLag]) -> int:
        """Return a distance from which on visit j's exact start no longer matters."""
        far = 0
        for lag in lags:
            if lag.earlier == j:
                if lag.window.most is not None or lag.window.hi is not None:
                    return self.problem.day_slots[-1]
                far = max(far, lag.window.least or 0, lag.window.lo or 0)
        # Visits in the order of their days may begin sooner on one day than the visit before.
        in_order = all(map(self._begins_after, range(j + 2, self.count)))
        return far if in_order else far + self.longest - 1

    def _begins_after(self, n: int) -> bool:
        """Tell whether a visit never begins before the one before it."""
        for lag in self.problem.lags:
            if lag.earlier == n - 1 and lag.later == n and not isinstance(lag, TableLag):
                least = lag.window.least
                if least is not None and least >= (0 if isinstance(lag, SlotLag) else 1):
                    return True
        return False

    # --- the candidates of one visit -------------------------------------------------------------

    def costs_of(self, n: int) -> list[Group]:
        if n not in self.timed:
            return [
                (cost, sum(1 << day * self.stride for day in members(days)))
                for cost, days in super().costs_of(n)
            ]
        item = self.problem.items[n]
        targets = (item.day_targets, item.slot_targets)
        own = tuple(tuple(one.asks for one in some) for some in targets)
        key = ("each start", self.cap if any(own) else None, self.starts[n], own)
        if key not in self.alike:
            self.alike[key] = list(self._costs_of_starts(n, item))
        return self.alike[key]

    def near_slots(self, n: int) -> int:
        """Return the starts of a visit that no elapsed target makes cost more than the cap."""
        slots, whole = self.starts[n].slots, self.problem.day_slots[-1]
        if self.cap is not None:
            for target in self.problem.items[n].slot_targets:
                slots &= near(target, self.cap, whole)
        return slots

    def far_from_target(self, n: int) -> bool:
        if super().far_from_target(n):
            return True
        return bool(self.starts[n].slots & ~self.near_slots(n))

    def _costs_of_starts(self, n: int, item: Item) -> Iterator[Group]:
        starts, near = self.starts[n], self.near_slots(n)
        days = self.near_targets(n)
        by_cost: dict[int, dict[int, int]] = {}
        for price, bits in starts.priced:
            for day, part in self._pieces(bits & near, days):
                off = sum(target.cost(day) for target in item.day_targets)
                for more, some in self._by_slot_target(item.slot_targets, day, part):
                    cost = price + self.unit * (off + more)
                    row = by_cost.setdefault(cost, {})
                    row[day] = row.get(day, 0) | self._squeezed(some)
        for cost, row in by_cost.items():
            if len(row) < FEW:
                yield cost, sum(some << day * self.stride for day, some in row.items())
            else:
                yield cost, self.fields.of([row.get(n, 0) for n in range(self.problem.days)])

    def _pieces(self, bits: int, days: int) -> Iterator[tuple[int, int]]:
        """Yield the days of a set on which some of the starts are, with those starts."""
        starts = self.problem.day_slots
        if days.bit_count() < FEW:
            for day in members(days):
                part = bits >> starts[day] & ((1 << starts[day + 1] - starts[day]) - 1)
                if part:
                    yield day, part
            return
        for day, part in pieces(bits, starts):
            if days >> day & 1:
                yield day, part

    def _by_slot_target(
        self, targets: tuple[Target, ...], day: int, part: int
    ) -> list[tuple[int, int]]:
        """Split starts of a day by units off their elapsed targets."""
        if not targets:
            return [(0, part)]
        first = self.problem.day_slots[day]
        last = first + part.bit_length() - 1
        split = {0: part}
        for target in targets:
            after: dict[int, int] = {}
            for start, end, cost in steps(target, first, last):
                here = span(start - first, end - first + 1)
                for so_far, some in split.items():
                    if both := some & here:
                        after[so_far + cost] = after.get(so_far + cost, 0) | both
            split = after
        return list(split.items())

    def _squeezed(self, offsets: int) -> int:
        """Return offsets of a day as candidates of its field."""
        if self.step == 1:
            return offsets >> self.first
        return int(f"{offsets >> self.first:b}"[::-1][:: self.step][::-1], 2)

    def candidate_of(self, n: int, slot: int) -> int:
        day = self.slot_day(slot)
        if n not in self.timed:
            return 1 << day * self.stride
        offset = slot - self.problem.day_slots[day]
        return 1 << day * self.stride + (offset - self.first) // self.step

    def each_start(self, n: int) -> bool:
        return n in self.timed

    def choice(self, n: int, candidate: int) -> Choice:
        day, at = divmod(candidate, self.stride)
        if n not in self.timed:
            return self.starts[n][day]
        if (n, candidate) not in self.chosen:
            offset = self.first + at * self.step
            slot = self.problem.day_slots[day] + offset
            clock = self.irregular.get(day)
            wall = offset * self.problem.slot_minutes if clock is None else clock[offset]
            change = change_at(self.problem, self.problem.items[n], slot)
            self.chosen[n, candidate] = Choice(slot, wall, 0, change)
        return self.chosen[n, candidate]

    def breach_of(self, n: int, candidate: int) -> int:
        slot_targets = self.problem.items[n].slot_targets
        found = super().breach_of(n, candidate)
        if not any(target.weight > 1 for target in slot_targets):
            return found
        slot = self.choice(n, candidate).slot
        return found + sum(target.breach(slot) for target in slot_targets)

    def on_days(self, n: int, first: int, last: int) -> int:
        start, end = max(first, 0) * self.stride, (last + 1) * self.stride
        return self.domain[n] & ((1 << max(end - start, 0)) - 1) << start

    def candidates_on(self, days: int) -> int:
        return self.fields.every(days)

    # --- ways from one visit to the next -----------------------------------------------------

    def each_way(
        self, n: int, gaps: State, nearest: tuple[int, int], apart: Window = ANY
    ) -> Iterator[Way]:
        away = {n: 0, **dict(zip(self.clocked[n], gaps[len(self.frontier[n]) :], strict=True))}
        lags = [(away[lag.earlier], lag) for lag in self.slots_into[n + 1]]
        later = [(away[j], self.far_slots[j]) for j in self.clocked[n + 1]]
        if not lags and not later:
            yield from super().each_way(n, gaps, nearest, apart)
            return
        limits = self._limits(lags, n, away)
        by_days = days_of(limits, self.shortest, self.longest)
        for way in super().each_way(n, gaps, nearest, by_days):
            for off, distances, spans in self._spread_out(way.gap, limits, lags, later):
                state = way.state + distances
                yield Way(way.gap, way.off + off, state, way.mask, spans, way.unmet)

    def about_ways(self, n: int) -> tuple[object, ...]:
        lags = self.slots_into[n + 1]
        return (
            *super().about_ways(n),
            self.cap,
            tuple([(n - lag.earlier, lag.window, lag.unit) for lag in lags]),
            tuple([(n - j, self.far_slots[j]) for j in self.clocked[n + 1]]),
            tuple([n - j for j in self.clocked[n]]),
            tuple([(self.most[n + 1][j], self.most[j][n + 1]) for j in self._exact(n)]),
        )

    @cached_property
    def remembers(self) -> bool:
        """Tell whether a state holds starts of earlier visits however far back they are."""
        whole = self.problem.day_slots[-1]
        return any(self.far_slots[j] >= whole for row in self.clocked for j in row)

    def caps(self) -> tuple[int | None, ...]:
        if self.remembers:
            return (0, 1, 2, 3, 5, *CAPS)
        return super().caps()

    def _limits(self, lags: Lags, n: int, back: dict[int, int]) -> Window:
        """Return the least and most slots from visit n to the next that distances allow."""
        least = [lag.window.least - away for away, lag in lags if lag.window.least is not None]
        most = [lag.window.most - away for away, lag in lags if lag.window.most is not None]
        if self.left is not None:
            for away, lag in lags:
                far = self.left * lag.unit
                least += [] if lag.window.lo is None else [lag.window.lo - far - away]
                most += [] if lag.window.hi is None else [lag.window.hi + far - away]
        for j in self._exact(n):
            least.append(-self.most[n + 1][j] - back[j])
            most.append(self.most[j][n + 1] - back[j])
        return Window(max(least, default=None), min(most, default=None))

    def to_pay(self, below: int) -> int | None:
        if not self.remembers:
            return None
        left = max(below - 1, 0) // self.unit
        return left if self.cap is None else min(left, self.cap)

    def _exact(self, n: int) -> list[int]:
        """Return the visits whose distance to visit n a state holds, however far they are."""
        if not self.most:
            return []
        return [n, *(j for j in self.clocked[n] if self.far_slots[j] >= self.problem.day_slots[-1])]

    def close(self) -> None:
        if not self.remembers:
            return
        self.most = self._closed(self.cap)
        # What is left out counts, too, in what every course costs: so this looks at all of it.
        loosest = self.most if self.cap is None else self._closed(None)
        for n, lags in enumerate(self.slots_into):
            for lag in lags:
                apart = -loosest[n][lag.earlier], loosest[lag.earlier][n]
                self.apart[n] += self.unit * least_cost(lag, *apart, self.grid)
            self.least[n] += self.apart[n]
        self.rest = [*accumulate(reversed(self.least), initial=0)][::-1]

    def _days_apart(self, n: int) -> Iterator[tuple[int, int, int]]:
        """Yield the lags in days into a visit, whatever they cost: earlier visit, least, most."""
        for lag, window in zip(self.lags_into[n], self.loosest[n], strict=True):
            first = -self.problem.days if window.least is None else window.least
            last = self.problem.days if window.most is None else window.most
            yield lag.earlier, first, last

    def _closed(self, cap: int | None) -> Most:
        """Return what distances say together where each costs no more than a cap."""
        lags = [lag for row in self.slots_into for lag in row]
        self.budget.spend(1 + self.count**3 // 100)
        whole, starts, rows = self.problem.day_slots[-1], self.problem.day_slots, []
        for lag in lags:
            least = [bound for bound in (lag.window.least,) if bound is not None]
            most = [bound for bound in (lag.window.most,) if bound is not None]
            if cap is not None:
                far = cap * lag.unit
                least += [] if lag.window.lo is None else [lag.window.lo - far]
                most += [] if lag.window.hi is None else [lag.window.hi + far]
            first, last = max(least, default=-whole), min([*most, whole])
            first, last = -(-first // self.grid) * self.grid, last // self.grid * self.grid
            rows.append((lag.earlier, lag.later, first, last))
        for n, into in enumerate(self.bounds):
            for earlier, first, last in into if cap is not None else self._days_apart(n):
                width = self.shortest if first >= 1 else self.longest
                wide = self.longest if last >= 0 else self.shortest
                rows.append((earlier, n, (first - 1) * width + 1, (last + 1) * wide - 1))
        for n, (first, last) in enumerate(self.spans):
            if first <= last and (cap is not None or self.cap is None):
                # from the horizon's beginning
                rows.append((self.count, n, starts[first], starts[last + 1] - 1))
        return closed(self.count + 1, rows)

    def _spread_out(
        self, gap: int, limits: Window, lags: Lags, later: list[tuple[int, int]]
    ) -> Iterator[tuple[int, State, Spans | None]]:
        """
        Yield the ways so many days on: units off target, distances after it, and spans.

        Args:
            later: Slots from earlier visits that matter later on to the visit before, each with
                the distance from which on it no longer matters.
        """
        classes = self._classes(gap)
        reach = (self.fields.width - 1) * self.step
        first = min((base for _, base, _ in classes), default=0) - reach
        last = max((base for _, base, _ in classes), default=-1) + reach
        if limits.least is not None:
            first = max(first, limits.least)
        if limits.most is not None:
            last = min(last, limits.most)
        for start, end, off, distances in alike(first, last, lags, later, self.grid):
            spans = []
            for mask, base, _ in classes:
                # Distances within the day that make up the slots, the part of a day left over.
                low, high = -(-(start - base) // self.step), (end - base) // self.step
                low, high = max(low, 1 - self.fields.width), min(high, self.fields.width - 1)
                if low <= high:
                    spans.append((mask, low, high))
            if spans:
                whole = len(spans) == len(classes) and all(
                    high - low == 2 * self.fields.width - 2 for _, low, high in spans
                )
                yield off, distances, None if whole else tuple(spans)

    def _classes(self, gap: int) -> Spans:
        """Return the days before by how many slots lie between their starts and so many days on."""
        if gap not in self.day_gaps:
            starts, days = self.problem.day_slots, self.problem.days
            bases: dict[int, int] = {}
            for day in range(days - gap):
                base = starts[day + gap] - starts[day]
                bases[base] = bases.get(base, 0) | 1 << day
            one = len(bases) == 1
            self.day_gaps[gap] = tuple(
                (-1 if one else self.fields.every(some), base, 0) for base, some in bases.items()
            )
        return self.day_gaps[gap]

    def limit(self, cap: int | None) -> bool:
        left_out = super().limit(cap)
        for lags in self.slots_into:
            for lag in lags:
                if cap is not None:
                    window, far = lag.window, cap * lag.unit
                    least, most = window.least, window.most
                    left_out |= window.lo is not None and (least is None or window.lo - far > least)
                    left_out |= window.hi is not None and (most is None or window.hi + far < most)
        return left_out

    def arrivals(
        self, n: int, gaps: State, candidates: int, left: int | None = None
    ) -> Iterator[tuple[Way, int]]:
        fields, domain = self.fields, self.domain[n + 1]
        filled = None
        ways = self.ways(n, gaps, left)
        self.budget.spend(len(ways) * self.price)
        for way in ways:
            moved = 0
            if way.spans is None:
                if way.mask == -1:
                    if filled is None:
                        filled = fields.filled(candidates)
                    moved = filled
                elif here := candidates & way.mask:
                    moved = fields.filled(here)
            else:
                for mask, first, last in way.spans:
                    if here := candidates & way.mask & mask:
                        moved |= fields.within(here, first, last)
            if arrived := (moved << way.gap * self.stride) & domain:
                yield way, arrived

    def back(self, way: Way, candidates: int) -> int:
        moved = candidates >> way.gap * self.stride
        if way.spans is None:
            return self.fields.filled(moved) & way.mask
        found = 0
        for mask, first, last in way.spans:
            found |= self.fields.within(moved, -last, -first) & mask
        return found & way.mask

    # --- the best of the cheapest courses ----------------------------------------------------

    def extend(
        self, n: int, way: Way, candidates: int, table: dict[int, Path], row: dict[int, Path]
    ) -> None:
        spans = way.spans or ((-1, -self.fields.width, self.fields.width),)
        by_day: dict[int, list[int]] = {}
        for candidate in table:
            if way.mask >> candidate & 1:
                by_day.setdefault(candidate // self.stride, []).append(candidate)
        for day, befores in by_day.items():
            afters = list(members(self._there(candidates, day + way.gap)))
            if not afters:
                continue
            for mask, first, last in spans:
                here = sorted(candidate for candidate in befores if mask >> candidate & 1)
                self._nearest(n, way.gap, here, afters, (first, last), table, row)

    def _there(self, candidates: int, day: int) -> int:
        """Return the part of a set that is on one day."""
        return candidates & self.fields.all & ((1 << self.stride) - 1) << day * self.stride

    def _nearest(
        self,
        n: int,
        gap: int,
        befores: list[int],
        afters: list[int],
        window: tuple[int, int],
        table: dict[int, Path],
        row: dict[int, Path],
    ) -> None:
        """Extend the best path of those within reach, for each candidate after in turn."""
        first, last = window
        # The best of a sliding window: what is worse and leaves earlier is forgotten.
        best: deque[int] = deque()
        waiting = iter(befores)
        coming = next(waiting, None)
        self.budget.spend(len(afters))
        for to in afters:
            at = to - gap * self.stride
            while coming is not None and coming <= at - first:
                while best and table[best[-1]] >= table[coming]:
                    best.pop()
                best.append(coming)
                coming = next(waiting, None)
            while best and best[0] < at - last:
                best.popleft()
            if best:
                total, path = table[best[0]]
                found = (total + self.choice(n + 1, to).wall, (*path, to))
                if to not in row or found < row[to]:
                    row[to] = found
