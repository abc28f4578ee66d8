"""
Courses as chains of days: every rule counts days and the visits come in a fixed order.

A course is a cheapest path over (visit, gaps to earlier visits that a later rule still looks
at), and all days move at once: a set of days is one integer, and one shift moves it to the next
visit. Costs are settled in rising order, as in Dial's form of Dijkstra's method, so the first
cost at which a last visit is reached is optimal: every lower one was exhausted.

Source:
    Dial, "Algorithm 360: shortest-path forest with topological ordering", Communications of
    the ACM 12 (1969), for settling costs by buckets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce
from operator import add, le, or_
from typing import NamedTuple

from protocol_sched.bitsets import members, shifted
from protocol_sched.problem import DayLag, Problem, SlotLag, TableLag, Window
from protocol_sched.solvers.choices import Choice
from protocol_sched.solvers.result import Change, FirstDay, Result, Status, Unlike

State = tuple[int, ...]
"""
For each earlier visit that still matters, how many days before the present one it was; then for
each course to differ from, how many visits so far share its days.
"""


Way = tuple[int, int, int, State, int]
"""Days from one visit to the next, what they cost, the rest, the state after, and a mask."""

CAPS = (10, 40, 160, None)
"""Days of deviation one distance may cost, tried in turn."""

WEIGHT = 1 << 64
"""What a minute moved weighs beside days off target: more than all of them together."""


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


class Step(NamedTuple):
    """A way from one visit to the next: days of ``mask`` move ``gap`` days on, into ``domain``."""

    gap: int
    cost: int
    """Of the distance and of the day arrived at."""
    unary: int
    """What of the cost is of the day arrived at."""
    rest: int
    """What is weighed only among courses of the same cost: days off target, where people know
    of visits and moving few of them comes first."""
    state: State
    mask: int
    """Days of the visit before on which this way is open; -1 is all of them."""
    domain: int


class Level(NamedTuple):
    """Days of one visit that cost the same and are shared with the same courses."""

    cost: int
    days: int
    shares: tuple[int, ...]
    """For each course to differ from, 1 if these days are its day of this visit, else 0."""


class _Cheaper:
    """
    Days at which less was paid with no more days shared, and the same gaps.

    Whatever course follows from a day, it could follow from there too and cost less; so days
    that come later at a higher cost need no look.
    """

    def __init__(self, kept: list[list[int]]) -> None:
        self.split = [len(visits) for visits in kept]
        self.days: list[dict[State, dict[State, int]]] = [{} for _ in kept]

    def add(self, front: list[dict[State, int]]) -> None:
        """Add all days of one cost; those to come cost more."""
        for n, row in enumerate(front):
            for state, days in row.items():
                gaps, counts = state[: self.split[n]], state[self.split[n] :]
                known = self.days[n].setdefault(gaps, {})
                known[counts] = known.get(counts, 0) | days

    def than(self, n: int, state: State) -> int:
        """Return the days of visit n at which a state that costs less was reached."""
        gaps, counts = state[: self.split[n]], state[self.split[n] :]
        days = 0
        for other, here in self.days[n].get(gaps, {}).items():
            if all(map(le, other, counts)):
                days |= here
        return days


class Chain:
    """One solve: visits in order, sets of days, costs settled in rising order."""

    def __init__(
        self,
        problem: Problem,
        choices: tuple[dict[int, Choice], ...],
        effort: int,
        unlike: Unlike | None,
    ) -> None:
        self.problem, self.choices, self.effort = problem, choices, effort
        self.unlike = unlike or Unlike()
        self.count = len(problem.items)
        worst = sum(penalty.cost for item in problem.items for penalty in item.penalties)
        self.unit = worst + 1
        """What one day of deviation costs beside one wish not met."""
        self.lags_into = [
            [lag for lag in problem.lags if not isinstance(lag, SlotLag) and lag.later == n]
            for n in range(self.count)
        ]
        self.last_use = [-1] * self.count
        for lag in problem.lags:
            self.last_use[lag.earlier] = max(self.last_use[lag.earlier], lag.later)
        self.kept = [[j for j in range(i) if self.last_use[j] > i] for i in range(self.count)]
        """For each visit, the earlier ones that a rule of a later visit still looks at."""
        self.keeping = any(item.known is not None for item in problem.items)
        """Whether people know of visits; then a visit moved costs one, and all else is rest."""
        self.alike: dict[tuple[object, ...], tuple[list[Level], dict[int, int]]] = {}
        self.rests: list[dict[int, int]] = [{} for _ in problem.items]
        """For each visit what each day adds to the rest."""
        self.domains = [self.levels(n) for n in range(self.count)]
        self.spans = [self._span(n) for n in range(self.count)]
        self.in_time_order = all(
            any(
                isinstance(lag, DayLag)
                and lag.earlier == n - 1
                and lag.window.least is not None
                and lag.window.least >= 0
                for lag in self.lags_into[n]
            )
            for n in range(1, self.count)
        )
        self.horizons = [self._far_enough(j) for j in range(self.count)]
        self.steps: dict[tuple[int, State], tuple[Step, ...]] = {}
        self.by_gaps: dict[tuple[int, State], list[Way]] = {}
        self.grouped: dict[int, dict[Window, int]] = {}
        self.loosest = [[_loosest(lag) for lag in lags] for lags in self.lags_into]
        self.bounds: list[list[tuple[int, int, int]]] = []
        """For each visit the lags into it: the earlier visit, least and most distance."""
        self.limit(None)
        self.work = 0

    def levels(self, n: int) -> tuple[Level, ...]:
        """Return the days of one visit in rising cost."""
        levels = self._by_cost(n)
        for course in reversed(self.unlike.days):
            split: list[Level] = []
            for cost, days, shares in levels:
                same = days & 1 << course[n]
                split += [Level(cost, days & ~same, (0, *shares)), Level(cost, same, (1, *shares))]
            levels = [level for level in split if level.days]
        return tuple(sorted(levels, key=lambda level: (level.cost, level.shares)))

    def _by_cost(self, n: int) -> list[Level]:
        """Return the days of one visit that cost the same, worked out once for like visits."""
        targets = self.problem.items[n].day_targets
        key = (id(self.choices[n]), *map(id, targets))
        if key not in self.alike:
            days_at: dict[int, int] = {}
            rests: dict[int, int] = {}
            for day, choice in self.choices[n].items():
                off = sum([target.cost(day) for target in targets]) if targets else 0
                cost = choice.penalty + self.unit * off
                if self.keeping:
                    moved, minutes, rides = choice.change
                    rests[day] = (minutes * (self.count + 1) + rides) * WEIGHT + cost
                    cost = moved
                days_at[cost] = days_at.get(cost, 0) | 1 << day
            levels = [Level(cost, days, ()) for cost, days in days_at.items()]
            self.alike[key] = levels, rests
        levels, self.rests[n] = self.alike[key]
        return levels

    def _span(self, n: int) -> tuple[int, int]:
        """Return the first and last day of one visit; a first after every last if it has none."""
        days = reduce(or_, (level.days for level in self.domains[n]), 0)
        if not days:
            return self.problem.days, -1
        return (days & -days).bit_length() - 1, days.bit_length() - 1

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

    # --- steps from one visit to the next ----------------------------------------------------

    def ways(self, n: int, state: State) -> tuple[Step, ...]:
        """Return every way from visit n in this state to visit n + 1."""
        key = (n, state)
        if key not in self.steps:
            split = len(self.kept[n])
            levels = list(self._open_levels(n + 1, state[split:]))
            self.steps[key] = tuple(
                Step(gap, cost + level, level, rest, gaps + counts, mask, days)
                for gap, cost, rest, gaps, mask in self._known_ways(n, state[:split])
                for level, days, counts in levels
            )
        return self.steps[key]

    def _known_ways(self, n: int, gaps: State) -> list[Way]:
        """Return every way, worked out once for all counts of shared days."""
        key = (n, gaps)
        if key not in self.by_gaps:
            self.by_gaps[key] = list(self._ways(n, gaps))
        return self.by_gaps[key]

    def _open_levels(self, n: int, counts: State) -> Iterator[Level]:
        """Yield the days of visit n that may still be shared, with the counts they lead to."""
        for cost, days, shares in self.domains[n]:
            more = tuple(map(add, counts, shares))
            if max(more, default=0) <= self.unlike.shared:
                yield Level(cost, days, more)

    def _ways(self, n: int, state: State, nearest: tuple[int, int] | None = None) -> Iterator[Way]:
        """Yield every way into any day of visit n + 1."""
        back = {n: 0, **dict(zip(self.kept[n], state, strict=True))}
        own, nearest = self.spans[n], nearest or self.spans[n + 1]
        least, most = max(0, nearest[0] - own[1]), nearest[1] - own[0]
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
            gaps = tuple([min(days + gap, far) for days, far in kept])
            base, masks = 0, {0: -1}
            for days, window in costing:
                base += window.cost(days + gap) or 0
            for days, table in tables:
                masks = self._with_table(table, days + gap, days, masks)
            for more, mask in masks.items():
                cost = (base + more) * self.unit
                yield (gap, 0, cost, gaps, mask) if self.keeping else (gap, cost, 0, gaps, mask)

    def limit(self, cap: int | None) -> bool:
        """
        Leave out distances that alone cost more days of deviation than ``cap``.

        Returns:
            Whether there are any.
        """
        self.steps, self.by_gaps = {}, {}
        self.bounds, left_out = [], False
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
        return left_out

    def _with_table(
        self, lag: TableLag, distance: int, offset: int, masks: dict[int, int]
    ) -> dict[int, int]:
        """Split sets of days by what a rule costs that depends on the earlier visit's day."""
        split: dict[int, int] = {}
        for cost, days in self._table(lag, distance).items():
            here = days << offset
            for so_far, mask in masks.items():
                if both := mask & here:
                    split[so_far + cost] = split.get(so_far + cost, 0) | both
        return split

    def _table(self, lag: TableLag, distance: int) -> dict[int, int]:
        """Return the earlier visit's days by what the distance costs from each."""
        # Months and weeks give few different windows, so days are grouped by theirs once.
        if id(lag) not in self.grouped:
            groups: dict[Window, int] = {}
            for day, window in enumerate(lag.windows):
                groups[window] = groups.get(window, 0) | 1 << day
            self.grouped[id(lag)] = groups
        table: dict[int, int] = {}
        for window, days in self.grouped[id(lag)].items():
            cost = window.cost(distance)
            if cost is not None:
                table[cost] = table.get(cost, 0) | days
        return table

    # --- settling costs ----------------------------------------------------------------------

    def solve(self) -> Result:
        """
        Return the best course, or a proof that there is none.

        Distances far from every target are left out at first: a course that costs no more than
        one of them alone would is the best with them too.
        """
        for cap in CAPS[-1:] if self.keeping else CAPS:
            left_out = self.limit(cap)
            result = self._settle()
            proved = result.status is not Status.INFEASIBLE and result.bound <= (cap or 0)
            if proved or not left_out:
                return result
        raise AssertionError("the last cap leaves nothing out")

    def _settle(self) -> Result:
        """Settle costs in rising order until a last visit is reached, or nothing is left."""
        waiting: dict[int, list[dict[State, int]]] = {}
        for level in self.domains[0]:
            if max(level.shares, default=0) <= self.unlike.shared:
                self.wait(waiting, level.cost, 0, level.shares, level.days)
        seen: list[dict[State, int]] = [{} for _ in range(self.count)]
        settled: list[dict[tuple[State, int], int]] = [{} for _ in range(self.count)]
        differs = bool(self.unlike.days) and not self.keeping
        cheaper = _Cheaper(self.kept)
        reached = 0
        last = self.count - 1
        while waiting:
            cost = min(waiting)
            front = waiting.pop(cost)
            for n in range(self.count):
                for state, days in front[n].items():
                    new = days & ~seen[n].get(state, 0)
                    if differs:
                        new &= ~cheaper.than(n, state)
                    if not new:
                        continue
                    seen[n][state] = seen[n].get(state, 0) | new
                    settled[n][state, cost] = new
                    reached = max(reached, n + 1)
                    if n < last:
                        self.spread(waiting, front, cost, n, state, new)
            if differs:
                cheaper.add(front)
            if any(at == cost for _, at in settled[last]):
                return self._best(settled, cost)
            if self.work > self.effort:
                bound = 0 if self.keeping else cost // self.unit
                return Result(Status.EFFORT_SPENT, bound=bound, reached=reached, work=self.work)
        within = self.left_for(reached, seen)
        return Result(Status.INFEASIBLE, reached=reached, within=within, work=self.work)

    def left_for(self, n: int, seen: list[dict[State, int]]) -> int:
        """Return the days that the lags leave for visit n after the days reached before it."""
        if n == 0:
            return (1 << self.problem.days) - 1
        left = 0
        for state, days in seen[n - 1].items():
            gaps = state[: len(self.kept[n - 1])]
            for gap, _, _, _, mask in self._ways(n - 1, gaps, (0, self.problem.days - 1)):
                left |= (days & mask) << gap
        return left & ((1 << self.problem.days) - 1)

    def wait(
        self,
        waiting: dict[int, list[dict[State, int]]],
        cost: int,
        n: int,
        state: State,
        days: int,
    ) -> None:
        if cost not in waiting:
            waiting[cost] = [{} for _ in range(self.count)]
        row = waiting[cost][n]
        row[state] = row.get(state, 0) | days

    def spread(
        self,
        waiting: dict[int, list[dict[State, int]]],
        front: list[dict[State, int]],
        cost: int,
        n: int,
        state: State,
        days: int,
    ) -> None:
        for step in self.ways(n, state):
            self.work += 1
            arrived = ((days & step.mask) << step.gap) & step.domain
            if not arrived:
                continue
            if step.cost:
                self.wait(waiting, cost + step.cost, n + 1, step.state, arrived)
            else:
                row = front[n + 1]
                row[step.state] = row.get(step.state, 0) | arrived

    # --- the best of the cheapest courses ----------------------------------------------------

    def _best(self, settled: list[dict[tuple[State, int], int]], cost: int) -> Result:
        ends = {state: days for (state, at), days in settled[-1].items() if at == cost}
        if not self.keeping:
            finish = min((days & -days).bit_length() - 1 for days in ends.values())
            ends = {state: 1 << finish for state, days in ends.items() if days >> finish & 1}
        final = {(state, cost): days for state, days in ends.items()}
        rest, days_of = self._earliest(self.leading(settled, final))
        items = zip(self.choices, days_of, strict=True)
        chosen = [choices[day] for choices, day in items]
        change = Change()
        if self.keeping:
            by, cost = divmod(rest, WEIGHT)
            change = Change(
                sum(choice.change.moved for choice in chosen), *divmod(by, self.count + 1)
            )
        return Result(
            Status.OPTIMAL,
            tuple(choice.slot for choice in chosen),
            deviation=cost // self.unit,
            preferences=cost % self.unit,
            finish=days_of[-1],
            time_of_day=sum(choice.wall for choice in chosen),
            change=change,
            bound=cost // self.unit,
            reached=self.count,
            work=self.work,
        )

    def leading(
        self,
        settled: list[dict[tuple[State, int], int]],
        final: dict[tuple[State, int], int],
    ) -> list[dict[tuple[State, int], int]]:
        """Return the settled days that lie on a cheapest course to the final ones."""
        leading = [final]
        for n in range(self.count - 2, -1, -1):
            after = leading[-1]
            here: dict[tuple[State, int], int] = {}
            for (state, cost), days in settled[n].items():
                found = 0
                for step in self.ways(n, state):
                    self.work += 1
                    if target := after.get((step.state, cost + step.cost)):
                        found |= days & step.mask & shifted(target & step.domain, -step.gap)
                if found:
                    here[state, cost] = found
            leading.append(here)
        return leading[::-1]

    def _earliest(self, leading: list[dict[tuple[State, int], int]]) -> tuple[int, tuple[int, ...]]:
        """
        Return the rest and the days of the best of these courses.

        Least rest, then earliest finish, least sum of clock times, earliest days.
        """
        Best = dict[tuple[State, int, int], tuple[int, int, tuple[int, ...]]]  # noqa: N806
        best: Best = {}
        for (state, cost), days in leading[0].items():
            for day in members(days):
                rest = self.rests[0].get(day, 0)
                best[state, cost, day] = (rest, self.choices[0][day].wall, (day,))
        for n in range(self.count - 1):
            after: Best = {}
            rests = self.rests[n + 1]
            for (state, cost, day), (so_far, total, path) in best.items():
                for step in self.ways(n, state):
                    self.work += 1
                    if not step.mask >> day & 1:
                        continue
                    to = day + step.gap
                    at = (step.state, cost + step.cost)
                    if not (leading[n + 1].get(at, 0) & step.domain) >> to & 1:
                        continue
                    rest = so_far + step.rest + rests.get(to, 0)
                    found = (rest, total + self.choices[n + 1][to].wall, (*path, to))
                    key = (*at, to)
                    if key not in after or found < after[key]:
                        after[key] = found
            best = after
        rest, _, path = min(best.values(), key=lambda one: (one[0], one[2][-1], *one[1:]))
        return rest, path

    # --- every first day at once -------------------------------------------------------------

    def first_days(self) -> tuple[FirstDay, ...]:
        """Settle what is left to pay from the last visit back, then the earliest finish."""
        reached = self._reached()
        into = self._ways_into(reached)
        settled = self.settled_back(reached, into)
        finish = self._finishes(settled, into)
        unary = {day: level.cost for level in self.domains[0] for day in members(level.days)}
        found = []
        for (_, cost), days in settled[0].items():
            for day in members(days):
                total = cost + unary[day]
                ends = finish[day]
                found.append(FirstDay(day, total // self.unit, total % self.unit, ends))
        return tuple(sorted(found, key=lambda first: first.day))

    def _reached(self) -> list[dict[State, int]]:
        """Return the days of each visit that some course can begin with."""
        reached: list[dict[State, int]] = [{} for _ in range(self.count)]
        for level in self.domains[0]:
            reached[0][level.shares] = reached[0].get(level.shares, 0) | level.days
        for n in range(self.count - 1):
            for state, days in reached[n].items():
                for step in self.ways(n, state):
                    self.work += 1
                    if arrived := ((days & step.mask) << step.gap) & step.domain:
                        row = reached[n + 1]
                        row[step.state] = row.get(step.state, 0) | arrived
        return reached

    def _ways_into(
        self, reached: list[dict[State, int]]
    ) -> list[dict[State, list[tuple[State, Step]]]]:
        into: list[dict[State, list[tuple[State, Step]]]] = [{} for _ in range(self.count)]
        for n in range(self.count - 1):
            for state in reached[n]:
                for step in self.ways(n, state):
                    if step.state in reached[n + 1]:
                        into[n + 1].setdefault(step.state, []).append((state, step))
        return into

    def settled_back(
        self,
        reached: list[dict[State, int]],
        into: list[dict[State, list[tuple[State, Step]]]],
    ) -> list[dict[tuple[State, int], int]]:
        """Return the days of each visit by what the rest of the course costs from there."""
        waiting: dict[int, list[dict[State, int]]] = {}
        for state, days in reached[-1].items():
            self.wait(waiting, 0, self.count - 1, state, days)
        seen: list[dict[State, int]] = [{} for _ in range(self.count)]
        settled: list[dict[tuple[State, int], int]] = [{} for _ in range(self.count)]
        while waiting:
            cost = min(waiting)
            front = waiting.pop(cost)
            for n in range(self.count - 1, -1, -1):
                for state, days in front[n].items():
                    new = days & ~seen[n].get(state, 0)
                    if not new:
                        continue
                    seen[n][state] = seen[n].get(state, 0) | new
                    settled[n][state, cost] = new
                    for before, step in into[n].get(state, ()):
                        self.work += 1
                        here = shifted(new & step.domain, -step.gap) & step.mask
                        if here := here & reached[n - 1][before]:
                            at = cost + step.cost
                            if at == cost:
                                row = front[n - 1]
                                row[before] = row.get(before, 0) | here
                            else:
                                self.wait(waiting, at, n - 1, before, here)
        return settled

    def _finishes(
        self,
        settled: list[dict[tuple[State, int], int]],
        into: list[dict[State, list[tuple[State, Step]]]],
    ) -> dict[int, int]:
        """Return for each first day the earliest last day of its cheapest courses."""
        done: list[dict[State, int]] = [{} for _ in range(self.count)]
        finish: dict[int, int] = {}
        ends = [(state, day) for (state, _), days in settled[-1].items() for day in members(days)]
        for state, last in sorted(ends, key=lambda end: end[1]):
            front = {(state, 0): 1 << last}
            for n in range(self.count - 1, 0, -1):
                before_front: dict[tuple[State, int], int] = {}
                for (at, cost), days in front.items():
                    for before, step in into[n].get(at, ()):
                        self.work += 1
                        here = settled[n - 1].get((before, cost + step.cost), 0)
                        here &= shifted(days & step.domain, -step.gap) & step.mask
                        if here := here & ~done[n - 1].get(before, 0):
                            done[n - 1][before] = done[n - 1].get(before, 0) | here
                            key = (before, cost + step.cost)
                            before_front[key] = before_front.get(key, 0) | here
                front = before_front
            for days in front.values():
                for day in members(days):
                    finish.setdefault(day, last)
        return finish
