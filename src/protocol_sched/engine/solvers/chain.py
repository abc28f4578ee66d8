"""
Courses as chains of days: every rule counts days and the visits come in a fixed order.

A course is a path over (visit, gaps to earlier visits that a later rule still looks at), and all
days move at once: a set of days is one integer, and one shift moves it to the next visit. Here
stand the ways from each visit to the next; `settle` moves along them, `best` says which course is
the best.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import repeat

from protocol_sched.engine.bitsets import numbered
from protocol_sched.engine.problem import DayLag, Lag, Problem, SlotLag, TableLag, Window
from protocol_sched.engine.solvers.budget import Budget
from protocol_sched.engine.solvers.choices import Starts
from protocol_sched.engine.solvers.result import Unlike
from protocol_sched.engine.solvers.states import ANY, Path, State, Way
from protocol_sched.engine.solvers.visits import Visits

CAPS = (10, 40, 160, None)
"""Days of deviation one distance may cost, tried in turn."""
MANY = 2
"""With more visits than these that have targets of their own, small caps are tried first."""


class Chain(Visits):
    """One solve: visits in order, and the ways from each to the next."""

    def __init__(
        self,
        problem: Problem,
        starts: tuple[Starts, ...],
        budget: Budget,
        unlike: Unlike | None,
    ) -> None:
        super().__init__(problem, starts, budget, unlike)
        self.price = 1
        """What a move of a set of candidates takes of the budget."""
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
        self.gaps_into = [
            [gap for gap in problem.gaps if gap.later == n] for n in range(self.count)
        ]
        by_days = [lag for lag in problem.lags if not isinstance(lag, SlotLag)]
        self.frontier = self.still_used(
            {(one.earlier, one.later) for one in (*by_days, *problem.gaps)}
        )
        """For each visit, the earlier ones that a rule of a later visit still looks at."""
        self.split = [len(frontier) for frontier in self.frontier]
        """How much of a visit's state is gaps."""
        self.horizons = [self._far_enough(j) for j in range(self.count)]
        self.loosest = [[_loosest(lag) for lag in lags] for lags in self.lags_into]
        self.ways_found: dict[tuple[int, State, int | None], list[Way]] = {}
        self.left: int | None = None
        """Days of deviation that one distance may cost, where ways are being found."""
        self.bounds: list[list[tuple[int, int, int]]] = []
        """For each visit the lags into it: the earlier visit, least and most distance."""
        self.like: list[int] = []
        """For each visit but the last a number; those whose ways are alike have the same."""
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

    # --- what is looked at -----------------------------------------------------------------------

    def caps(self) -> tuple[int | None, ...]:
        """Return the caps to try; small ones too where visits have targets of their own."""
        aiming = sum(bool(item.day_targets) for item in self.problem.items)
        return (2, *CAPS) if aiming > MANY else CAPS

    def limit(self, cap: int | None) -> bool:
        """
        Leave out days and distances that alone cost more days of deviation than ``cap``.

        Returns:
            Whether there are any.
        """
        self.ways_found, self.cap = {}, cap
        left_out = self.look()
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

    def to_pay(self, below: int) -> int | None:
        """Return how many days off target cost less than so much; here it never matters."""
        return None

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
        return max([far, *(gap.last + 1 for gap in self.problem.gaps if gap.earlier == j)])

    def ways(self, n: int, gaps: State, left: int | None = None) -> list[Way]:
        """
        Return every way from visit n with these gaps to visit n + 1.

        Args:
            left: Days of deviation that may still be paid; ways that cost more may be left out.
        """
        key = (self.like[n], gaps, left)
        ways = self.ways_found.get(key)
        if ways is None:
            self.left = self.cap if left is None else left
            ways = self.ways_found[key] = list(self.each_way(n, gaps, self.spans[n + 1]))
            self.budget.spend(len(ways))
        return ways

    def about_ways(self, n: int) -> tuple[object, ...]:
        """Return all that the ways from visit n depend on; many visits have it in common."""
        return (
            self.spans[n],
            self.spans[n + 1],
            tuple([(n - earlier, first, last) for earlier, first, last in self.bounds[n + 1]]),
            self.windows_into[n + 1],
            tuple([(n - gap.earlier, gap.asks) for gap in self.gaps_into[n + 1]]),
            tuple([(n - j, self.horizons[j]) for j in self.frontier[n + 1]]),
            tuple([n - j for j in self.frontier[n]]),
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
        back = {n: 0, **dict(zip(self.frontier[n], gaps, strict=False))}
        own = self.spans[n]
        least, most = max(0, nearest[0] - own[1], apart.least or 0), nearest[1] - own[0]
        if apart.most is not None:
            most = min(most, apart.most)
        for earlier, first, last in self.bounds[n + 1]:
            least = max(least, first - back[earlier])
            most = min(most, last - back[earlier])
        frontier = [(back[j], self.horizons[j]) for j in self.frontier[n + 1]]
        costing: list[tuple[int, Window]] = []
        tables: list[tuple[int, TableLag]] = []
        for lag in self.lags_into[n + 1]:
            if isinstance(lag, TableLag):
                tables.append((back[lag.earlier], lag))
            elif lag.window.lo is not None or lag.window.hi is not None:
                costing.append((back[lag.earlier], lag.window))
        for gap in range(least, most + 1):
            after = tuple([min(days + gap, far) for days, far in frontier])
            base, masks = 0, {0: -1}
            for days, window in costing:
                base += window.cost(days + gap) or 0
            for days, table in tables:
                masks = self._with_table(table, days + gap, days, masks)
            unmet = sum(one.cost(back[one.earlier] + gap) for one in self.gaps_into[n + 1])
            for cost, mask in masks.items():
                yield Way(gap, base + cost, after, mask, unmet=unmet)

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
