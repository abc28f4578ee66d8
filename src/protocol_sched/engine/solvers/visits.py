"""
The visits of a course one by one: where each can be, and what that costs.

A *candidate* is where a visit can be. Here it is a day; `timed` makes it a start of a day. All
that `chain` says about two visits stands on this.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import reduce
from itertools import accumulate
from operator import or_

from protocol_sched.engine.bitsets import members, span
from protocol_sched.engine.problem import Problem, Target
from protocol_sched.engine.solvers.budget import Budget
from protocol_sched.engine.solvers.choices import Choice, Starts
from protocol_sched.engine.solvers.result import Unlike
from protocol_sched.engine.solvers.states import Group, Share

FEW_LEVELS = 8
"""So many costs of a visit are gone through as fast as those of some days are found."""


class Visits:
    """The visits of one solve, with their candidates as sets."""

    stride = 1
    """How many candidates a day takes."""

    def __init__(
        self,
        problem: Problem,
        starts: tuple[Starts, ...],
        budget: Budget,
        unlike: Unlike | None,
    ) -> None:
        self.problem, self.starts, self.budget = problem, starts, budget
        self.unlike = unlike or Unlike()
        self.count = len(problem.items)
        worst = sum(penalty.cost for item in problem.items for penalty in item.penalties)
        worst += len(problem.gaps)
        self.unit = worst + 1
        """What one day of deviation costs beside one preference not met."""
        self.alike: dict[tuple[object, ...], list[Group]] = {}
        self.cap: int | None = None
        """Days of deviation that one target or distance may cost; ``None`` is any."""
        self.reach: int | None = None
        """Days that visits people know are from there at the most; ``None`` is any."""
        self.levels: list[list[Group]] = []
        """For each visit its candidates in rising cost: days off target, then preferences."""
        self.levels_on: dict[tuple[int, int, int], list[Group]] = {}
        """Those of a visit on some days, from a first to a last one: few of very many costs."""
        self.domain: list[int] = []
        """For each visit its candidates."""
        self.shares: list[list[Share]] = []
        self.spans: list[tuple[int, int]] = []
        """For each visit the first and last day of its domain."""
        self.least: list[int] = []
        """What each visit costs at least, by itself and by its distances to those before it."""
        self.apart: list[int] = []
        """What of that is for the distances."""
        self.rest: list[int] = []
        """What that is for a visit and all after it."""
        self.announced_at: dict[int, int] = {}

    def look(self) -> bool:
        """Find each visit's candidates within cap and reach; tell if the cap leaves out any."""
        self.levels = [sorted(self.costs_of(n)) for n in range(self.count)]
        self.levels_on = {}
        self.domain = [reduce(or_, (candidates for _, candidates in own), 0) for own in self.levels]
        if self.reach is not None:
            self.domain = [self._near_announced(n, self.reach) for n in range(self.count)]
        self.shares = [self._shares(n) for n in range(self.count)]
        self.spans = [self._first_and_last(n) for n in range(self.count)]
        self.least = [own[0][0] if own else 0 for own in self.levels]
        self.apart = [0] * self.count
        self.rest = [*accumulate(reversed(self.least), initial=0)][::-1]
        return self.cap is not None and any(
            self.far_from_target(n) for n, item in enumerate(self.problem.items)
        )

    def far_from_target(self, n: int) -> bool:
        """Tell whether the cap leaves out any candidate of a visit."""
        return self.near_targets(n) != self.starts[n].days

    def costs_of(self, n: int) -> list[Group]:
        """Return the candidates of one visit by cost, worked out once for like visits."""
        item, starts = self.problem.items[n], self.starts[n]
        if item.announced is not None:  # what each day costs is worked out where it is looked at
            return [(0, starts.days)] if starts.days else []
        own = tuple(target.asks for target in item.day_targets)
        key = (self.cap if own else None, starts, own)
        if key not in self.alike:
            days_at: dict[int, int] = {}
            near = self.near_targets(n)
            for penalty, days in starts.by_penalty():
                for off, some in self._by_target(n, days & near):
                    cost = penalty + self.unit * off
                    days_at[cost] = days_at.get(cost, 0) | some
            self.alike[key] = list(days_at.items())
        return self.alike[key]

    def near_targets(self, n: int) -> int:
        """Return the days of a visit that no target of its own makes cost more than the cap."""
        days = self.starts[n].days
        if self.cap is not None:
            for target in self.problem.items[n].day_targets:
                days &= near(target, self.cap, self.problem.days)
        return days

    def _by_target(self, n: int, days: int) -> list[Group]:
        """Split days of a visit by how far they are off its own targets."""
        targets = self.problem.items[n].day_targets
        if not targets:
            return [(0, days)] if days else []
        found: dict[int, int] = {}
        for day in members(days):
            off = sum(target.cost(day) for target in targets)
            found[off] = found.get(off, 0) | 1 << day
        return list(found.items())

    def candidate_of(self, n: int, slot: int) -> int:
        """Return the candidate of a visit that a start inside the horizon has, as a set."""
        return 1 << self.slot_day(slot)

    def each_start(self, n: int) -> bool:
        """Tell whether each start of a visit is a candidate of its own; here none is."""
        return False

    def choice(self, n: int, candidate: int) -> Choice:
        """Return the start that a candidate of a visit stands for."""
        return self.starts[n][candidate]

    def on_days(self, n: int, first: int, last: int) -> int:
        """Return the candidates of a visit on some days, both ends included."""
        first = max(first, 0)
        days = (1 << max(last + 1 - first, 0)) - 1
        return self.domain[n] & days << first

    def day_of(self, candidate: int) -> int:
        """Return the day a candidate is on."""
        return candidate // self.stride

    def _first_and_last(self, n: int) -> tuple[int, int]:
        """Return the first and last day of one visit; a first after every last if it has none."""
        candidates = self.domain[n]
        if not candidates:
            return self.problem.days, -1
        return self.day_of((candidates & -candidates).bit_length() - 1), self.day_of(
            candidates.bit_length() - 1
        )

    def _shares(self, n: int) -> list[Share]:
        """Return the candidates of one visit by the courses to differ from that are there too."""
        found = [Share((), self.domain[n])]
        for course in reversed(self.unlike.days):
            there = self.on_days(n, course[n], course[n])
            found = [
                Share((here, *counts), part)
                for counts, candidates in found
                for here, part in ((0, candidates & ~there), (1, candidates & there))
                if part
            ]
        return found

    def _near_announced(self, n: int, reach: int) -> int:
        """Return a visit's candidates that are at most so many days from what people know."""
        known = self.problem.items[n].announced
        if known is None:
            return self.domain[n]
        far = -(-reach * 24 * 60 // self.problem.slot_minutes)
        return self.on_days(n, self.slot_day(known.slot - far), self.slot_day(known.slot + far))

    def slot_day(self, slot: int) -> int:
        """Return the day of a slot; of one outside the horizon the nearest."""
        return min(max(bisect_right(self.problem.day_slots, slot) - 1, 0), self.problem.days - 1)

    # --- what a candidate costs ------------------------------------------------------------------

    def by_cost(self, n: int, candidates: int) -> list[Group]:
        """Split candidates by days off target and preferences not met."""
        if self.problem.items[n].announced is not None and not self.each_start(n):
            return self._by_own_cost(n, candidates)
        groups = []
        for cost, level in self._levels_of(n, candidates):
            if part := candidates & level:
                groups.append((cost, part))
                candidates ^= part
                if not candidates:
                    break
        return groups

    def _levels_of(self, n: int, candidates: int) -> list[Group]:
        """Return the levels of a visit that candidates can be in, by the days they are on."""
        levels = self.levels[n]
        if len(levels) <= FEW_LEVELS or not candidates:
            return levels
        first = self.day_of((candidates & -candidates).bit_length() - 1)
        last = self.day_of(candidates.bit_length() - 1)
        near = self.levels_on.get((n, first, last))
        if near is None:
            self.budget.spend(len(levels) // 8)
            there = self.on_days(n, first, last)
            near = [(cost, level & there) for cost, level in levels if level & there]
            self.levels_on[n, first, last] = near
        return near

    def _by_own_cost(self, n: int, candidates: int) -> list[Group]:
        """Split candidates of a visit people know, one by one, as there few are looked at."""
        targets = self.problem.items[n].day_targets
        found: dict[int, int] = {}
        self.budget.spend(candidates.bit_count())
        for candidate in members(candidates):
            off = sum(target.cost(self.day_of(candidate)) for target in targets)
            cost = self.choice(n, candidate).penalty + self.unit * off
            found[cost] = found.get(cost, 0) | 1 << candidate
        return list(found.items())

    def by_moved(self, n: int, candidates: int) -> list[Group]:
        """Split candidates by days outside broken limits, then by whether people know them."""
        item = self.problem.items[n]
        there = candidates if item.announced is None else candidates & self.unmoved(n)
        parts = [(cost, part) for cost, part in ((0, there), (1, candidates & ~there)) if part]
        if not self.problem.breach:
            return parts
        found: dict[int, int] = {}
        for moved, part in parts:
            for candidate in members(part):
                cost = moved + self.breach_of(n, candidate) * (self.count + 1)
                found[cost] = found.get(cost, 0) | 1 << candidate
        return list(found.items())

    def breach_of(self, n: int, candidate: int) -> int:
        """Return the days a candidate is outside limits of its visit that cannot be kept."""
        day = self.day_of(candidate)
        return sum(target.breach(day) for target in self.problem.items[n].day_targets)

    def by_change(self, n: int, candidates: int) -> list[Group]:
        """Split candidates by minutes moved, then whether the ride changes."""
        if self.problem.items[n].announced is None:
            return [(0, candidates)]
        found: dict[int, int] = {}
        self.budget.spend(candidates.bit_count())
        for candidate in members(candidates):
            change = self.choice(n, candidate).change
            cost = change.minutes * (self.count + 1) + change.rides
            found[cost] = found.get(cost, 0) | 1 << candidate
        return list(found.items())

    def unmoved(self, n: int) -> int:
        """Return the candidates at which people know a visit: one or none."""
        if n not in self.announced_at:
            known = self.problem.items[n].announced
            assert known is not None
            own, day = self.starts[n], self.slot_day(known.slot)
            free = known.slot >= 0 and own.slots >> known.slot & 1 and own.days >> day & 1
            self.announced_at[n] = self.candidate_of(n, known.slot) if free else 0
        return self.announced_at[n]


def near(target: Target, cap: int, whole: int) -> int:
    """Return the days or slots, of so many in all, that a target makes cost no more than a cap."""
    window, far = target.window, cap // target.weight * target.unit
    first = 0 if window.lo is None else window.lo - far
    last = whole if window.hi is None else window.hi + far
    return span(first, min(last + 1, whole))
