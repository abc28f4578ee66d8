"""
A course as a chain of visits on days, for the search of its cheapest dates.

The rules between the visits become steps: what a visit may follow another by in days, at which
cost, and what must be remembered of it for later visits. What has to be remembered is a number,
so that a step is a shift of a set of days.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise

import attrs

from protocol_sched.engine.problem import DayLag, Window

LONGEST = 64
"""The most distances between two visits that a chain is made for."""
MEMORIES = 4000
"""The most states that are looked at; courses with more are planned one by one."""

Step = tuple[int, int, int, bool]
"""``(gap in days, cost, state after it, whether any longer gap is the same)``."""
Way = tuple[int, int, bool]
"""``(gap, node after it, whether any longer gap is the same)``."""


@attrs.frozen(eq=False)
class Steps:
    """For each visit but the last and each state after it the steps to the next visit."""

    onward: tuple[tuple[tuple[Step, ...], ...], ...]
    nodes: tuple[range, ...] = attrs.field(init=False)
    """Of each visit the numbers of its states, counted through all visits."""
    ahead: tuple[tuple[tuple[int, tuple[Way, ...]], ...], ...] = attrs.field(init=False)
    """From each node ``(cost, ways)``, cheapest first."""
    behind: tuple[tuple[Step, ...], ...] = attrs.field(init=False)
    """To each node ``(gap, cost, node before it, whether any longer gap is the same)``."""

    def __attrs_post_init__(self) -> None:
        ends = list(accumulate(self.states, initial=0))
        ahead: list[dict[int, list[Way]]] = [{} for _ in range(ends[-1])]
        behind: list[list[Step]] = [[] for _ in range(ends[-1])]
        for n, rows in enumerate(self.onward):
            for state, row in enumerate(rows):
                here = ends[n] + state
                for gap, cost, to, longer in row:
                    there = ends[n + 1] + to
                    ahead[here].setdefault(cost, []).append((gap, there, longer))
                    behind[there].append((gap, cost, here, longer))
        put = object.__setattr__
        put(self, "nodes", tuple(range(a, b) for a, b in pairwise(ends)))
        put(self, "ahead", tuple(tuple((c, tuple(r)) for c, r in sorted(x.items())) for x in ahead))
        put(self, "behind", tuple(map(tuple, behind)))

    @property
    def states(self) -> tuple[int, ...]:
        """Return how many states there are after each visit."""
        inner = [len(each) for each in self.onward]
        last = 1 + max(
            (to for one in self.onward[-1:] for s in one for _, _, to, _ in s), default=0
        )
        return (*inner, last)


Rule = tuple[int, int, Window]
"""Earlier visit, later visit, distance in days."""


@lru_cache(maxsize=256)
def steps_of(count: int, rules: tuple[Rule, ...]) -> Steps | None:
    """
    Return the steps of so many visits, or ``None`` where they are too many to write down.

    Each visit must be one day or more after the one before it. Where nothing says how long after
    it may be, all that is longer than any rule asks for is one step.
    """
    gaps = [_gaps(n, rules) for n in range(count - 1)]
    if any(one is None for one in gaps):
        return None
    allowed = [one[0] for one in gaps if one is not None]
    opens = [one[1] for one in gaps if one is not None]
    layers: list[dict[tuple[tuple[int, int], ...], int]] = [{(): 0}]
    onward: list[list[list[Step]]] = []
    total = 1
    for n, options in enumerate(allowed):
        rest = [min(one) if one else 0 for one in allowed[n + 1 :]]
        follows: dict[tuple[tuple[int, int], ...], int] = {}
        rows: list[list[Step]] = []
        for memory in layers[-1]:
            row: list[Step] = []
            for gap in options:
                far = {first: away + gap for first, away in (*memory, (n, 0))}
                costs = [
                    window.cost(far[first])
                    for first, later, window in rules
                    if later == n + 1 and first in far
                ]
                if None in costs:
                    continue
                longer = opens[n] and gap == options[-1]
                kept = () if longer else tuple(_remembered(far, n + 1, rules, rest))
                to = follows.setdefault(kept, len(follows))
                row.append((gap, sum(cost or 0 for cost in costs), to, longer))
            rows.append(row)
        total += len(follows)
        if total > MEMORIES:
            return None
        onward.append(rows)
        layers.append(follows)
    return Steps(_merged(onward))


def _gaps(n: int, rules: tuple[Rule, ...]) -> tuple[range, bool] | None:
    """
    Return the distances that rules leave a visit from the one before it.

    With them whether any longer one is as good as the last.
    """
    own = [window for first, later, window in rules if (first, later) == (n, n + 1)]
    least = max([one.least for one in own if one.least is not None], default=None)
    most = min([one.most for one in own if one.most is not None], default=None)
    if least is None or least < 1:
        return None
    open_ = most is None
    if most is None:
        across = [window for first, later, window in rules if first <= n < later]
        if any(one.most is not None or one.hi is not None or one.holes for one in across):
            return None
        most = max([least, *(end for one in across for end in (one.least, one.lo) if end)])
    return None if most - least >= LONGEST else (range(least, most + 1), open_)


def _remembered(
    far: dict[int, int], at: int, rules: tuple[Rule, ...], rest: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Yield how far ago each visit is that a later one is still measured from, if it matters."""
    for first, away in sorted(far.items()):
        open_ = [(later, window) for a, later, window in rules if a == first and later > at]
        if any(
            window.most is not None
            or window.lo is not None
            or window.hi is not None
            or window.holes
            or (window.least is not None and away + sum(rest[: later - at]) < window.least)
            for later, window in open_
        ):
            yield first, away


def _merged(onward: list[list[list[Step]]]) -> tuple[tuple[tuple[Step, ...], ...], ...]:
    """Return the steps with states that lead to the same made one, and without dead ends."""
    names: dict[int, int | None] = {}
    found: list[tuple[tuple[Step, ...], ...]] = []
    for n in range(len(onward) - 1, -1, -1):
        last = n == len(onward) - 1
        seen: dict[tuple[Step, ...], int] = {}
        mine: dict[int, int | None] = {}
        for state, row in enumerate(onward[n]):
            steps = tuple(
                (gap, cost, 0 if last else names[to], longer)
                for gap, cost, to, longer in row
                if last or names[to] is not None
            )
            kept: tuple[Step, ...] = tuple(
                (gap, cost, to, longer) for gap, cost, to, longer in steps if to is not None
            )
            mine[state] = seen.setdefault(kept, len(seen)) if kept or n == 0 else None
        found.append(tuple(seen))
        names = mine
    return tuple(reversed(found))


def step_of(steps: Steps, n: int, state: int, away: int) -> Step:
    """
    Return the step from a visit in a state to the next one so many days later.

    Raises:
        StopIteration: The rules do not allow it.
    """
    return next(
        one for one in steps.onward[n][state] if one[0] == away or (one[3] and one[0] < away)
    )


def rules_of(lags: Iterable[object]) -> tuple[Rule, ...] | None:
    """Return lags as rules of a chain; ``None`` if one does not count days alone."""
    found = []
    for lag in lags:
        if not isinstance(lag, DayLag):
            return None
        found.append((lag.earlier, lag.later, lag.window))
    return tuple(found)


@attrs.frozen(eq=False)
class Stop:
    """One visit of a chain."""

    profile: int
    kind: int
    """Stops of one chain with the same number have the same profile and the same starts."""
    starts: tuple[int, ...]
    """For each day the starts that calendars leave it in an empty clinic."""
    days: int
    """The days that have any start and that its own rules allow."""
    costs: tuple[tuple[int, int], ...]
    """What being on a day costs: ``(cost, set of days)``, cheapest first, each day once."""
    known: tuple[int, int] | None = None
    """The day and start at which people know it; anywhere else it counts as moved."""


@attrs.frozen(eq=False)
class Chain:
    """One course: its visits in order and the steps between them."""

    name: str
    stops: tuple[Stop, ...]
    steps: Steps
    kinds: int
    """How many kinds of stops there are."""
    moved: int = 0
    """What a visit costs that people know elsewhere."""
