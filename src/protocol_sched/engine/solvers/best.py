"""
The best course of a chain: what matters more is settled first.

Each further cost is then settled on the best courses of those before it. Candidates far from
what is aimed at are left out at first, and let in only where a course with them could be as good.
"""

from __future__ import annotations

from protocol_sched.engine.problem import Lag, SlotLag, TableLag
from protocol_sched.engine.solvers.budget import Spent
from protocol_sched.engine.solvers.chain import Chain
from protocol_sched.engine.solvers.leading import Cheapest, left_open
from protocol_sched.engine.solvers.result import Change, Result, Status
from protocol_sched.engine.solvers.settle import settle
from protocol_sched.engine.solvers.states import Entry, Level, Settled, State

REACHES = (2, 14, 100, None)
"""Days a visit people know may move, tried in turn."""


def best_course(chain: Chain, dearest: tuple[int, int] | None = None) -> Result:
    """
    Return the best course, or a proof that there is none.

    Args:
        dearest: A deviation and preferences. Unless people know of visits, a course that
            costs more counts as none.
    """
    try:
        if any(item.announced is not None for item in chain.problem.items):
            return _least_changed(chain)
        return _within_caps(chain, None, Change(), dearest)
    except Spent:
        bound = chain.proved // chain.unit
        return Result(Status.EFFORT_SPENT, bound=bound, reached=chain.reached)


def _within_caps(
    chain: Chain,
    index: list[dict[State, list[Entry]]] | None,
    change: Change,
    dearest: tuple[int, int] | None = None,
) -> Result:
    """
    Settle days off target and preferences, then finish and times.

    Distances far from every target are left out at first: a course that costs no more than
    one of them alone would is the best with them too.
    """
    stage = Level(chain.by_cost, chain.unit, index)
    end = None if dearest is None else dearest[0] * chain.unit + dearest[1] + 1
    for cap in chain.caps():
        if dearest is not None and (cap is None or cap > dearest[0]):
            cap = dearest[0]  # what is left out costs more
        left_out = chain.limit(cap)
        # What is left out costs that much alone; the other visits cost what each must.
        more = chain.rest[0] - max(chain.least, default=0)
        below = None if cap is None or not left_out else (cap + 1) * chain.unit + more
        last = below is None or (end is not None and end <= below)
        settled = settle(chain, stage, end if last else below)
        if settled.cost is not None:
            return _first_of(chain, settled, change)
        if last:
            return _none(chain, settled)
        assert below is not None
        chain.proved = max(chain.proved, below)
    raise AssertionError("the last cap leaves nothing out")


def _first_of(chain: Chain, settled: Settled, change: Change) -> Result:
    """Return the earliest finish and times among the cheapest courses."""
    cost = settled.cost
    assert cost is not None
    ends = settled.ends()
    finish = min(chain.day_of((p & -p).bit_length() - 1) for p in ends.values())
    there = chain.on_days(chain.count - 1, finish, finish)
    final = {key: part for key, candidates in ends.items() if (part := candidates & there)}
    (_, paid), _ = next(iter(ends))
    before = (chain.by_change, chain.by_moved) if paid else ()
    cheapest = Cheapest(chain, settled, (chain.by_cost, *before), chain.unit)
    candidates = cheapest.earliest(cheapest.layers(final))
    chosen = [chain.choice(n, candidate) for n, candidate in enumerate(candidates)]
    return Result(
        Status.OPTIMAL,
        tuple(choice.slot for choice in chosen),
        deviation=cost // chain.unit,
        preferences=cost % chain.unit,
        finish=finish,
        time_of_day=sum(choice.wall for choice in chosen),
        change=change,
        bound=cost // chain.unit,
        reached=chain.count,
    )


def _none(chain: Chain, settled: Settled) -> Result:
    """Say that no course is left, and how many visits could be placed."""
    reached = min(settled.reached, chain.count - 1)
    return Result(Status.INFEASIBLE, reached=reached)


# --- what people know ------------------------------------------------------------------------


def _least_changed(chain: Chain) -> Result:
    """Settle how many visits move, how far and whose rides change; then all the rest."""
    fewest = _must_move(chain)
    proved = False
    for reach in REACHES:
        # A course whose visits all stay within reach is the best if none moves further in all.
        moved = _moved_within(chain, reach)
        if moved.cost is None:
            if reach is None:
                return _none(chain, moved)
            continue
        if moved.cost > fewest and not proved and reach is not None:
            fewest, proved = _fewer(chain, moved.cost), True
            chain.reach = reach
            chain.limit(None)
        if moved.cost > fewest:
            continue
        index = left_open(chain, moved, chain.by_moved)
        changed = settle(chain, Level(chain.by_change, 0, index))
        assert changed.cost is not None
        minutes, rides = divmod(changed.cost, chain.count + 1)
        if reach is None or minutes <= reach * 24 * 60:
            index = left_open(chain, changed, chain.by_change, chain.by_moved)
            moves = moved.cost % (chain.count + 1)
            return _within_caps(chain, index, Change(moves, minutes, rides))
    raise AssertionError("the last reach leaves nothing out")


def _moved_within(chain: Chain, reach: int | None, below: int | None = None) -> Settled:
    """Settle how many visits move where none moves further than so many days."""
    chain.reach = reach
    chain.limit(None)
    return settle(chain, Level(chain.by_moved, 0, None), below)


def _fewer(chain: Chain, moved: int) -> int:
    """Return the fewest visits that move in any course, which some course needs ``moved``."""
    found = _moved_within(chain, None, moved)
    return moved if found.cost is None else found.cost


def _must_move(chain: Chain) -> int:
    """Return how many visits must move at least: those alone, and one of two too near."""
    known = [item.announced for item in chain.problem.items]
    moving = {n for n, one in enumerate(known) if one is not None and not chain.unmoved(n)}
    found = len(moving)
    for lag in chain.problem.lags:
        ends = known[lag.earlier], known[lag.later]
        if ends[0] is None or ends[1] is None or moving & {lag.earlier, lag.later}:
            continue
        if not _holds(chain, lag, ends[0].slot, ends[1].slot):
            moving |= {lag.earlier, lag.later}
            found += 1
    return found


def _holds(chain: Chain, lag: Lag, earlier: int, later: int) -> bool:
    """Tell whether two starts inside the horizon keep a lag."""
    if isinstance(lag, SlotLag):
        return lag.window.cost(later - earlier) is not None
    first, last = chain.slot_day(earlier), chain.slot_day(later)
    window = lag.windows[first] if isinstance(lag, TableLag) else lag.window
    return window.cost(last - first) is not None
