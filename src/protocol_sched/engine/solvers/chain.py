"""
Courses as chains of days: every rule counts days and the visits come in a fixed order.

A course is a cheapest path over (visit, gaps to earlier visits that a later rule still looks
at), and all days move at once: a set of days is one integer, and one shift moves it to the next
visit. Costs are settled in rising order, as in Dial's form of Dijkstra's method, so the first
cost at which a last visit is reached is optimal: every lower one was exhausted. What matters
more is settled first; each further cost is then settled on the best courses of those before it.

A *candidate* is where a visit can be. Here it is a day; `timed` makes it a start of a day.

Source:
    Dial, "Algorithm 360: shortest-path forest with topological ordering", Communications of
    the ACM 12 (1969), for settling costs by buckets.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import reduce
from itertools import accumulate, repeat
from operator import add, le, or_

from protocol_sched.engine.bitsets import members, numbered, span
from protocol_sched.engine.problem import DayLag, Lag, Problem, SlotLag, TableLag, Target, Window
from protocol_sched.engine.solvers.budget import Budget, Spent
from protocol_sched.engine.solvers.choices import Choice, Starts
from protocol_sched.engine.solvers.result import Change, Result, Status, Unlike
from protocol_sched.engine.solvers.states import (
    ANY,
    CAPS,
    EVERYWHERE,
    REACHES,
    Costs,
    Entry,
    Group,
    Key,
    Layer,
    Path,
    Settled,
    Share,
    Stage,
    State,
    T,
    Way,
)

MANY = 2
"""With more visits than these that have targets of their own, small caps are tried first."""


class Chain:
    """One solve: visits in order, sets of candidates, costs settled in rising order."""

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
        self.price = 1
        """What a move of a set of candidates takes of the budget."""
        self.unlike = unlike or Unlike()
        self.count = len(problem.items)
        worst = sum(penalty.cost for item in problem.items for penalty in item.penalties)
        self.unit = worst + 1
        """What one day of deviation costs beside one wish not met."""
        self.lags_into = [
            [lag for lag in problem.lags if not isinstance(lag, SlotLag) and lag.later == n]
            for n in range(self.count)
        ]
        self.windows_into = numbered(
            (
                len(lags),
                tuple(lag.window if isinstance(lag, DayLag) else lag.windows for lag in lags),
            )
            for lags in self.lags_into
        )
        """For each visit a number; those that lags with the same windows lead to have one."""
        by_days = [lag for lag in problem.lags if not isinstance(lag, SlotLag)]
        self.kept = self.still_used({(lag.earlier, lag.later) for lag in by_days})
        """For each visit, the earlier ones that a rule of a later visit still looks at."""
        self.split = [len(kept) for kept in self.kept]
        """How much of a visit's state is gaps."""
        self.horizons = [self._far_enough(j) for j in range(self.count)]
        self.loosest = [[_loosest(lag) for lag in lags] for lags in self.lags_into]
        self.alike: dict[tuple[object, ...], list[Group]] = {}
        self.cap: int | None = None
        self.reach: int | None = None
        """Days that visits people know are from there at the most; ``None`` is any."""
        self.levels: list[list[Group]] = []
        """For each visit its candidates in rising cost: days off target, then wishes."""
        self.domain: list[int] = []
        """For each visit its candidates."""
        self.shares: list[list[Share]] = []
        self.spans: list[tuple[int, int]] = []
        """For each visit the first and last day of its domain."""
        self.least: list[int] = []
        """What each visit costs at least by itself."""
        self.rest: list[int] = []
        """What that is for a visit and all after it."""
        self.known_at: dict[int, int] = {}
        self.known_ways: dict[tuple[int, State, int | None], list[Way]] = {}
        self.left: int | None = None
        """Days of deviation that one distance may cost, where ways are being found."""
        self.bounds: list[list[tuple[int, int, int]]] = []
        """For each visit the lags into it: the earlier visit, least and most distance."""
        self.like: list[int] = []
        """For each visit but the last a number; those whose ways are alike have the same."""
        self.total = 0
        """What the best courses cost, once it is known."""
        self.proved, self.reached = 0, 0
        """What every course costs at least, and how many visits could be placed."""

    def still_used(self, pairs: set[tuple[int, int]]) -> list[list[int]]:
        """Return for each visit the earlier ones that a visit after it is measured from."""
        last_use = [-1] * self.count
        for earlier, later in pairs:
            last_use[earlier] = max(last_use[earlier], later)
        return [[j for j in range(n) if last_use[j] > n] for n in range(self.count)]

    @property
    def in_time_order(self) -> bool:
        """Tell whether each visit is on the day of the one before it or later."""
        return all(any(map(self.in_order, self.into(n), repeat(n))) for n in range(1, self.count))

    def into(self, n: int) -> list[Lag]:
        """Return the lags into a visit."""
        return [lag for lag in self.problem.lags if lag.later == n]

    def in_order(self, lag: Lag, n: int) -> bool:
        """Tell whether a lag puts visit n on the day of the visit before it or later."""
        if isinstance(lag, TableLag) or lag.earlier != n - 1:
            return False
        return lag.window.least is not None and lag.window.least >= 0

    # --- the candidates of one visit -------------------------------------------------------------

    def costs_of(self, n: int) -> list[Group]:
        """Return the candidates of one visit by cost, worked out once for like visits."""
        item, starts = self.problem.items[n], self.starts[n]
        if item.known is not None:  # what each day costs is worked out where it is looked at
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
        return 1 << self._slot_day(slot)

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

    # --- ways from one visit to the next -----------------------------------------------------

    def _far_enough(self, j: int) -> int:
        """Return a distance from which on visit j's exact day no longer matters."""
        far = 0
        for lag in self.problem.lags:
            if lag.earlier != j or isinstance(lag, SlotLag):
                continue
            window = lag.window if isinstance(lag, DayLag) else None
            if window is None or window.most is not None or window.hi is not None:
                return self.problem.days
            far = max(far, window.least or 0, window.lo or 0)
        return far

    def ways(self, n: int, gaps: State, left: int | None = None) -> list[Way]:
        """
        Return every way from visit n with these gaps to visit n + 1.

        Args:
            left: Days of deviation that may still be paid; ways that cost more may be left out.
        """
        key = (self.like[n], gaps, left)
        ways = self.known_ways.get(key)
        if ways is None:
            self.left = self.cap if left is None else left
            ways = self.known_ways[key] = list(self.each_way(n, gaps, self.spans[n + 1]))
            self.budget.spend(len(ways))
        return ways

    def about_ways(self, n: int) -> tuple[object, ...]:
        """Return all that the ways from visit n depend on; many visits have it in common."""
        return (
            self.spans[n],
            self.spans[n + 1],
            tuple([(n - earlier, first, last) for earlier, first, last in self.bounds[n + 1]]),
            self.windows_into[n + 1],
            tuple([(n - j, self.horizons[j]) for j in self.kept[n + 1]]),
            tuple([n - j for j in self.kept[n]]),
        )

    def each_way(
        self, n: int, gaps: State, nearest: tuple[int, int], apart: Window = ANY
    ) -> Iterator[Way]:
        """
        Yield every way from visit n to visit n + 1.

        Args:
            nearest: First and last day on which visit n + 1 can be.
            apart: Least and most days between the two, as far as is known from elsewhere.
        """
        back = {n: 0, **dict(zip(self.kept[n], gaps, strict=False))}
        own = self.spans[n]
        least, most = max(0, nearest[0] - own[1], apart.least or 0), nearest[1] - own[0]
        if apart.most is not None:
            most = min(most, apart.most)
        for earlier, first, last in self.bounds[n + 1]:
            least = max(least, first - back[earlier])
            most = min(most, last - back[earlier])
        kept = [(back[j], self.horizons[j]) for j in self.kept[n + 1]]
        costing: list[tuple[int, Window]] = []
        tables: list[tuple[int, TableLag]] = []
        for lag in self.lags_into[n + 1]:
            if isinstance(lag, TableLag):
                tables.append((back[lag.earlier], lag))
            elif lag.window.lo is not None or lag.window.hi is not None:
                costing.append((back[lag.earlier], lag.window))
        for gap in range(least, most + 1):
            after = tuple([min(days + gap, far) for days, far in kept])
            base, masks = 0, {0: -1}
            for days, window in costing:
                base += window.cost(days + gap) or 0
            for days, table in tables:
                masks = self._with_table(table, days + gap, days, masks)
            for cost, mask in masks.items():
                yield Way(gap, base + cost, after, mask)

    def limit(self, cap: int | None) -> bool:
        """
        Leave out days and distances that alone cost more days of deviation than ``cap``.

        Returns:
            Whether there are any.
        """
        self.known_ways, self.cap = {}, cap
        left_out = self._look()
        self.bounds = []
        for lags, loosest in zip(self.lags_into, self.loosest, strict=True):
            rows = []
            for lag, window in zip(lags, loosest, strict=True):
                first = -self.problem.days if window.least is None else window.least
                last = self.problem.days if window.most is None else window.most
                if cap is not None:
                    if window.lo is not None and window.lo - cap > first:
                        first, left_out = window.lo - cap, True
                    if window.hi is not None and window.hi + cap < last:
                        last, left_out = window.hi + cap, True
                rows.append((lag.earlier, first, last))
            self.bounds.append(rows)
        self.close()
        about: dict[tuple[object, ...], int] = {}
        self.like = [
            about.setdefault(self.about_ways(n), len(about)) for n in range(self.count - 1)
        ]
        return left_out

    def close(self) -> None:
        """Find what distances say together; here nothing, as each state holds few."""

    def _look(self) -> bool:
        """Find each visit's candidates within cap and reach; tell if the cap leaves out any."""
        self.levels = [sorted(self.costs_of(n)) for n in range(self.count)]
        self.domain = [reduce(or_, (candidates for _, candidates in own), 0) for own in self.levels]
        if self.reach is not None:
            self.domain = [self._near_known(n, self.reach) for n in range(self.count)]
        self.shares = [self._shares(n) for n in range(self.count)]
        self.spans = [self._first_and_last(n) for n in range(self.count)]
        self.least = [own[0][0] if own else 0 for own in self.levels]
        self.rest = [*accumulate(reversed(self.least), initial=0)][::-1]
        return self.cap is not None and any(
            self.far_from_target(n) for n, item in enumerate(self.problem.items)
        )

    def far_from_target(self, n: int) -> bool:
        """Tell whether the cap leaves out any candidate of a visit."""
        return self.near_targets(n) != self.starts[n].days

    def _with_table(
        self, lag: TableLag, distance: int, offset: int, masks: dict[int, int]
    ) -> dict[int, int]:
        """Split sets of candidates by what a rule costs that depends on the earlier visit's day."""
        split: dict[int, int] = {}
        for cost, days in self._table(lag, distance).items():
            here = self.candidates_on(days << offset)
            for so_far, mask in masks.items():
                if both := mask & here:
                    split[so_far + cost] = split.get(so_far + cost, 0) | both
        return split

    def _table(self, lag: TableLag, distance: int) -> dict[int, int]:
        """Return the earlier visit's days by what the distance costs from each."""
        table: dict[int, int] = {}
        for window, days in lag.days_of_window.items():
            cost = window.cost(distance)
            if cost is not None:
                table[cost] = table.get(cost, 0) | days
        return table

    def candidates_on(self, days: int) -> int:
        """Return all candidates of the days in a bit set of day numbers."""
        return days

    def arrivals(
        self, n: int, gaps: State, candidates: int, left: int | None = None
    ) -> Iterator[tuple[Way, int]]:
        """Yield each way with the candidates of visit n + 1 to which it leads from some of n."""
        domain = self.domain[n + 1]
        ways = self.ways(n, gaps, left)
        self.budget.spend(len(ways))
        for way in ways:
            arrived = ((candidates & way.mask) << way.gap) & domain
            if arrived:
                yield way, arrived

    def back(self, way: Way, candidates: int) -> int:
        """Return the candidates from which a way leads to some of these."""
        return candidates >> way.gap & way.mask

    # --- what a candidate costs ------------------------------------------------------------------

    def by_cost(self, n: int, candidates: int) -> list[Group]:
        """Split candidates by days off target and wishes not met."""
        if self.problem.items[n].known is not None and not self.each_start(n):
            return self._by_own_cost(n, candidates)
        groups = []
        for cost, level in self.levels[n]:
            if part := candidates & level:
                groups.append((cost, part))
        return groups

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
        there = candidates if item.known is None else candidates & self.unmoved(n)
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
        if self.problem.items[n].known is None:
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
        if n not in self.known_at:
            known = self.problem.items[n].known
            assert known is not None
            own, day = self.starts[n], self._slot_day(known.slot)
            free = known.slot >= 0 and own.slots >> known.slot & 1 and own.days >> day & 1
            self.known_at[n] = self.candidate_of(n, known.slot) if free else 0
        return self.known_at[n]

    # --- settling costs ----------------------------------------------------------------------

    def solve(self, dearest: tuple[int, int] | None = None) -> Result:
        """
        Return the best course, or a proof that there is none.

        Args:
            dearest: A deviation and preferences. Unless people know of visits, a course that
                costs more counts as none.
        """
        try:
            if any(item.known is not None for item in self.problem.items):
                return self._least_changed()
            return self._within_caps(None, Change(), dearest)
        except Spent:
            bound = self.proved // self.unit
            return Result(Status.EFFORT_SPENT, bound=bound, reached=self.reached)

    def _within_caps(
        self,
        index: list[dict[State, list[Entry]]] | None,
        change: Change,
        dearest: tuple[int, int] | None = None,
    ) -> Result:
        """
        Settle days off target and wishes, then finish and times.

        Distances far from every target are left out at first: a course that costs no more than
        one of them alone would is the best with them too.
        """
        stage = Stage(self.by_cost, self.unit, index)
        end = None if dearest is None else dearest[0] * self.unit + dearest[1] + 1
        for cap in self.caps():
            if dearest is not None and (cap is None or cap > dearest[0]):
                cap = dearest[0]  # what is left out costs more
            left_out = self.limit(cap)
            # What is left out costs that much alone; the other visits cost what each must.
            more = self.rest[0] - max(self.least, default=0)
            below = None if cap is None or not left_out else (cap + 1) * self.unit + more
            last = below is None or (end is not None and end <= below)
            settled = self._settle(stage, end if last else below)
            if settled.cost is not None:
                return self._best(settled, change)
            if last:
                return self._none(settled)
            assert below is not None
            self.proved = max(self.proved, below)
        raise AssertionError("the last cap leaves nothing out")

    def caps(self) -> tuple[int | None, ...]:
        """Return the caps to try; small ones too where visits have targets of their own."""
        aiming = sum(bool(item.day_targets) for item in self.problem.items)
        return (2, *CAPS) if aiming > MANY else CAPS

    def _least_changed(self) -> Result:
        """Settle how many visits move, how far and whose rides change; then all the rest."""
        fewest = self._must_move()
        proved = False
        for reach in REACHES:
            # A course whose visits all stay within reach is the best if none moves further in all.
            self.reach = reach
            self.limit(None)
            moved = self._settle(Stage(self.by_moved, 0, None))
            if moved.cost is None:
                if reach is None:
                    return self._none(moved)
                continue
            if moved.cost > fewest and not proved and reach is not None:
                fewest, proved = self._fewer(moved.cost), True
                self.reach = reach
                self.limit(None)
            if moved.cost > fewest:
                continue
            index = self._index(moved, self.by_moved)
            changed = self._settle(Stage(self.by_change, 0, index))
            assert changed.cost is not None
            minutes, rides = divmod(changed.cost, self.count + 1)
            if reach is None or minutes <= reach * 24 * 60:
                index = self._index(changed, self.by_change, self.by_moved)
                moves = moved.cost % (self.count + 1)
                return self._within_caps(index, Change(moves, minutes, rides))
        raise AssertionError("the last reach leaves nothing out")

    def _fewer(self, moved: int) -> int:
        """Return the fewest visits that move in any course, which some course needs ``moved``."""
        self.reach = None
        self.limit(None)
        found = self._settle(Stage(self.by_moved, 0, None), moved)
        return moved if found.cost is None else found.cost

    def _must_move(self) -> int:
        """Return how many visits must move at least: those alone, and one of two too near."""
        known = [item.known for item in self.problem.items]
        moving = {n for n, one in enumerate(known) if one is not None and not self.unmoved(n)}
        found = len(moving)
        for lag in self.problem.lags:
            ends = known[lag.earlier], known[lag.later]
            if ends[0] is None or ends[1] is None or moving & {lag.earlier, lag.later}:
                continue
            if not self._holds(lag, ends[0].slot, ends[1].slot):
                moving |= {lag.earlier, lag.later}
                found += 1
        return found

    def _holds(self, lag: Lag, earlier: int, later: int) -> bool:
        """Tell whether two starts inside the horizon keep a lag."""
        if isinstance(lag, SlotLag):
            return lag.window.cost(later - earlier) is not None
        first, last = self._slot_day(earlier), self._slot_day(later)
        window = lag.windows[first] if isinstance(lag, TableLag) else lag.window
        return window.cost(last - first) is not None

    def _near_known(self, n: int, reach: int) -> int:
        """Return a visit's candidates that are at most so many days from what people know."""
        known = self.problem.items[n].known
        if known is None:
            return self.domain[n]
        far = -(-reach * 24 * 60 // self.problem.slot_minutes)
        return self.on_days(n, self._slot_day(known.slot - far), self._slot_day(known.slot + far))

    def _slot_day(self, slot: int) -> int:
        """Return the day of a slot; of one outside the horizon the nearest."""
        return min(max(bisect_right(self.problem.day_slots, slot) - 1, 0), self.problem.days - 1)

    def _settle(self, stage: Stage, below: int | None = None) -> Settled:
        """
        Settle costs in rising order until a last visit is reached, or nothing is left.

        Args:
            below: Only costs under this one are settled.
        """
        waiting: dict[int, list[dict[Key, int]]] = {}
        seen: list[dict[Key, int]] = [{} for _ in range(self.count)]
        layers: list[Layer] = [{} for _ in range(self.count)]
        cheaper = _Cheaper(self.split) if self.unlike.days and stage.left is None else None
        for counts, candidates in self.shares[0]:
            if max(counts, default=0) <= self.unlike.shared:
                self._enter(stage, waiting, 0, 0, counts, (), candidates & self.domain[0])
        reached, last = 0, self.count - 1
        while waiting:
            cost = min(waiting)
            if below is not None and cost >= below:
                break
            if stage.weight:
                self.proved = max(self.proved, cost)
            front = waiting[cost]
            for n in range(self.count):
                for key, candidates in front[n].items():
                    new = candidates & ~seen[n].get(key, 0)
                    if cheaper is not None:
                        new &= ~cheaper.than(n, key[0])
                    if not new:
                        continue
                    seen[n][key] = seen[n].get(key, 0) | new
                    layers[n][key, cost] = new
                    reached = max(reached, n + 1)
                    self.reached = max(self.reached, reached)
                    if n < last:
                        self._spread(stage, waiting, cost, n, key, new, below)
            del waiting[cost]
            if cheaper is not None:
                cheaper.add(front)
            if any(at == cost for _, at in layers[last]):
                return Settled(cost, layers, reached, seen)
        return Settled(None, layers, reached, seen)

    def _spread(
        self,
        stage: Stage,
        waiting: dict[int, list[dict[Key, int]]],
        cost: int,
        n: int,
        key: Key,
        candidates: int,
        below: int | None,
    ) -> None:
        """Move candidates of visit n on to visit n + 1, where that costs less than ``below``."""
        state, paid = key
        split = self.split[n]
        counts = state[split:]
        shares = self.shares[n + 1]
        weight, groups = stage.weight, stage.groups
        plain = stage.left is None and not counts
        if below is not None and weight:
            below -= self.rest[n + 1]
        left = None if below is None or not weight else self.to_pay(below - cost)
        for way, arrived in self.arrivals(n, state[:split], candidates, left):
            at = cost + weight * way.off
            if below is not None and at >= below:
                continue
            if plain:  # the same as below, for the many calls that need no more
                for adds, some in groups(n + 1, arrived):
                    self.wait(waiting, at + adds, n + 1, (way.state, paid), some)
                continue
            for more, share in shares if counts else EVERYWHERE:
                if not (part := arrived & share):
                    continue
                total = tuple(map(add, counts, more))
                if max(total, default=0) <= self.unlike.shared:
                    self._enter(stage, waiting, at, n + 1, way.state + total, paid, part)

    def _enter(
        self,
        stage: Stage,
        waiting: dict[int, list[dict[Key, int]]],
        cost: int,
        n: int,
        state: State,
        paid: Costs,
        candidates: int,
    ) -> None:
        """Let candidates wait for their turn, split by what they add to the cost."""
        entries = [Entry((), (), -1)]
        if stage.left is not None:
            paid = paid or (0,) * self._paid(stage)
            entries = stage.left[n].get(state, [])
        for entry in entries:
            if entry.paid != tuple(map(add, paid, entry.adds)) or not (
                part := candidates & entry.candidates
            ):
                continue
            key = (state, entry.paid)
            for adds, some in stage.groups(n, part):
                self.wait(waiting, cost + adds, n, key, some)

    def wait(
        self, waiting: dict[int, list[dict[T, int]]], cost: int, n: int, key: T, candidates: int
    ) -> None:
        if cost not in waiting:
            waiting[cost] = [{} for _ in range(self.count)]
        row = waiting[cost][n]
        row[key] = row.get(key, 0) | candidates

    def _paid(self, stage: Stage) -> int:
        """Return how many costs are settled already."""
        assert stage.left is not None
        return next((len(e.paid) for row in stage.left for es in row.values() for e in es), 0)

    def _none(self, settled: Settled) -> Result:
        """Say that no course is left, and how many visits could be placed."""
        reached = min(settled.reached, self.count - 1)
        return Result(Status.INFEASIBLE, reached=reached)

    # --- the best of the cheapest courses ----------------------------------------------------

    def _index(
        self, settled: Settled, *groups: Callable[[int, int], list[Group]]
    ) -> list[dict[State, list[Entry]]]:
        """
        Return what a stage leaves open for the next: the candidates of its best courses.

        Args:
            groups: How the stage split candidates, then how each stage before it did.
        """
        ends = {
            (key, at): candidates
            for (key, at), candidates in settled.layers[-1].items()
            if at == settled.cost
        }
        stage = Stage(groups[0], 0, None)
        leading = self._leading(stage, settled.layers, ends, groups[1:])
        return [self._entries(n, layer, groups) for n, layer in enumerate(leading)]

    def _entries(
        self, n: int, layer: Layer, groups: tuple[Callable[[int, int], list[Group]], ...]
    ) -> dict[State, list[Entry]]:
        """Return the candidates of a layer by state, split by what they add to each cost."""
        found: dict[State, list[Entry]] = {}
        for ((state, paid), cost), candidates in layer.items():
            parts: list[tuple[Costs, int]] = [((), candidates)]
            for split in reversed(groups):
                parts = [
                    ((*adds, more), part) for adds, some in parts for more, part in split(n, some)
                ]
            row = found.setdefault(state, [])
            row += [Entry((*paid, cost), adds, part) for adds, part in parts]
        return found

    def to_pay(self, below: int) -> int | None:
        """Return how many days off target cost less than so much; here it never matters."""
        return None

    def _leading(
        self,
        stage: Stage,
        layers: list[Layer],
        final: Layer,
        before: tuple[Callable[[int, int], list[Group]], ...],
    ) -> list[Layer]:
        """Return the settled candidates that lie on a cheapest course to the final ones."""
        leading = [final]
        groups = (stage.groups, *before)
        for n in range(self.count - 2, -1, -1):
            after = self._entries(n + 1, leading[-1], groups)
            here: Layer = {}
            for ((state, paid), cost), candidates in layers[n].items():
                found = 0
                for way, entry in self._onward(stage, n, state, (*paid, cost), after):
                    self.budget.spend(self.price)
                    found |= candidates & self.back(way, entry.candidates)
                if found:
                    here[(state, paid), cost] = found
            leading.append(here)
        return leading[::-1]

    def _onward(
        self,
        stage: Stage,
        n: int,
        state: State,
        paid: Costs,
        after: dict[State, list[Entry]],
    ) -> Iterator[tuple[Way, Entry]]:
        """Yield each way from a state of visit n with the entries of visit n + 1 it leads to."""
        split = self.split[n]
        counts = state[split:]
        left = self.to_pay(self.total + 1 - paid[-1]) if stage.weight else None
        ways = self.ways(n, state[:split], left)
        self.budget.spend(len(ways))
        for way in ways:
            cost = (*paid[:-1], paid[-1] + stage.weight * way.off)
            for more, share in self.shares[n + 1] if counts else EVERYWHERE:
                for entry in after.get(way.state + tuple(map(add, counts, more)), ()):
                    if entry.paid == tuple(map(add, cost, entry.adds)):
                        if share == -1:
                            yield way, entry
                        elif part := entry.candidates & share:
                            yield way, Entry(entry.paid, entry.adds, part)

    def _best(self, settled: Settled, change: Change) -> Result:
        """Return the earliest finish and times among the cheapest courses."""
        cost = settled.cost
        assert cost is not None
        self.total = cost
        ends = {
            key: candidates for (key, at), candidates in settled.layers[-1].items() if at == cost
        }
        finish = min(self.day_of((p & -p).bit_length() - 1) for p in ends.values())
        there = self.on_days(self.count - 1, finish, finish)
        final = {
            (key, cost): part for key, candidates in ends.items() if (part := candidates & there)
        }
        before = (self.by_change, self.by_moved) if next(iter(ends))[1] else ()
        stage = Stage(self.by_cost, self.unit, None)
        leading = self._leading(stage, settled.layers, final, before)
        candidates = self._earliest(stage, leading, (self.by_cost, *before))
        chosen = [self.choice(n, candidate) for n, candidate in enumerate(candidates)]
        return Result(
            Status.OPTIMAL,
            tuple(choice.slot for choice in chosen),
            deviation=cost // self.unit,
            preferences=cost % self.unit,
            finish=finish,
            time_of_day=sum(choice.wall for choice in chosen),
            change=change,
            bound=cost // self.unit,
            reached=self.count,
        )

    def _earliest(
        self,
        stage: Stage,
        leading: list[Layer],
        groups: tuple[Callable[[int, int], list[Group]], ...],
    ) -> tuple[int, ...]:
        """Return the candidates of the course with the least sum of clock times, then earliest."""
        best: dict[tuple[Key, int], dict[int, Path]] = {}
        for at, candidates in leading[0].items():
            best[at] = {p: (self.choice(0, p).wall, (p,)) for p in members(candidates)}
        for n in range(self.count - 1):
            after: dict[tuple[Key, int], dict[int, Path]] = {}
            entries = self._entries(n + 1, leading[n + 1], groups)
            for ((state, paid), cost), table in best.items():
                for way, entry in self._onward(stage, n, state, (*paid, cost), entries):
                    counts = tuple(entry.paid)
                    key = (way.state + self._after(state, n, entry), counts[:-1])
                    row = after.setdefault((key, counts[-1]), {})
                    self.extend(n, way, entry.candidates, table, row)
            best = after
        return min(path for table in best.values() for path in table.values())[1]

    def _after(self, state: State, n: int, entry: Entry) -> State:
        """Return the counts of shared days after a step into an entry's candidates."""
        counts = state[self.split[n] :]
        if not counts:
            return ()
        more = next(
            share.counts for share in self.shares[n + 1] if entry.candidates & share.candidates
        )
        return tuple(map(add, counts, more))

    def extend(
        self, n: int, way: Way, candidates: int, table: dict[int, Path], row: dict[int, Path]
    ) -> None:
        """Put into ``row`` the best path to each of some candidates of visit n + 1 by one way."""
        self.budget.spend(len(table))
        for candidate, (total, path) in table.items():
            to = candidate + way.gap
            if candidates >> to & 1 and way.mask >> candidate & 1:
                found = (total + self.choice(n + 1, to).wall, (*path, to))
                if to not in row or found < row[to]:
                    row[to] = found


class _Cheaper:
    """
    Candidates at which less was paid with no more days shared, and the same gaps.

    Whatever course follows from a candidate, it could follow from there too and cost less; so
    candidates that come later at a higher cost need no look.
    """

    def __init__(self, split: list[int]) -> None:
        self.split = split
        self.candidates: list[dict[State, dict[State, int]]] = [{} for _ in split]

    def add(self, front: list[dict[Key, int]]) -> None:
        """Add all candidates of one cost; those to come cost more."""
        for n, row in enumerate(front):
            for (state, _), candidates in row.items():
                gaps, counts = state[: self.split[n]], state[self.split[n] :]
                known = self.candidates[n].setdefault(gaps, {})
                known[counts] = known.get(counts, 0) | candidates

    def than(self, n: int, state: State) -> int:
        """Return the candidates of visit n at which a state that costs less was reached."""
        gaps, counts = state[: self.split[n]], state[self.split[n] :]
        candidates = 0
        for other, here in self.candidates[n].get(gaps, {}).items():
            if all(map(le, other, counts)):
                candidates |= here
        return candidates


def near(target: Target, cap: int, whole: int) -> int:
    """Return the days or slots, of so many in all, that a target makes cost no more than a cap."""
    window, far = target.window, cap // target.weight * target.unit
    first = 0 if window.lo is None else window.lo - far
    last = whole if window.hi is None else window.hi + far
    return span(first, min(last + 1, whole))


def _loosest(lag: DayLag | TableLag) -> Window:
    """Return a window that holds whatever the lag allows from any day."""
    if isinstance(lag, DayLag):
        return lag.window
    windows = set(lag.windows)

    def bound(values: list[int | None], loosest: Callable[[list[int]], int]) -> int | None:
        known = [value for value in values if value is not None]
        return loosest(known) if len(known) == len(values) else None

    return Window(
        bound([window.least for window in windows], min),
        bound([window.most for window in windows], max),
        bound([window.lo for window in windows], min),
        bound([window.hi for window in windows], max),
    )
