"""
Courses that people know, planned again with the fewest visits moved.

All who can stay do; where that is too much for a day, the fewest visits that make room leave it.
Courses that must move are then put in around the others, and taken out again in groups with those
near them, as long as that moves fewer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import exp, log

from protocol_sched.clinic.chains import Chain, Stop
from protocol_sched.clinic.cheapest import Dates, cost_of
from protocol_sched.clinic.fewest import known_days
from protocol_sched.clinic.intake import MOVED
from protocol_sched.clinic.loads import Held
from protocol_sched.clinic.search import Board, Placed

UNPLACED = 50 * MOVED
"""What a course without a plan counts: more than any moves that could avoid it."""
POLISH = 150
"""Steps that are made once it is proved that no fewer visits move."""


class Staying(Board):
    """A board on which a visit that moves goes as near as it can to where people know it."""

    def score(self, stop: Stop, day: int) -> float:
        """Return what a visit on a day is worth avoiding: how far it is from where it is known."""
        away = 0.0 if stop.known is None else 0.01 * abs(day - stop.known[0])
        return away + 0.3 * self.random.random()

    def put(self, number: int, dates: Dates) -> None:
        """Put a course in at its dates, each visit as near as it can to where people know it."""
        chain = self.chains[number]
        assert chain is not None
        loads, held = self.loads, []
        for stop, day in zip(chain.stops, dates.days, strict=True):
            free = stop.starts[day] & loads.room(stop.profile, day)
            start = nearest(free, stop.known)
            held.append(loads.hold(stop.profile, day, start))
            self.on_day[day][number] = None
        self.placed[number] = Placed(dates.cost, tuple(held))

    @property
    def moved(self) -> int:
        """Return how many visits are not where people know them."""
        return sum(
            moved_of(chain, placed)
            for n, placed in self.placed.items()
            if (chain := self.chains[n]) is not None
        )

    def stay(self, number: int, days: Sequence[int]) -> bool:
        """Put a course in where people know it, if there is room."""
        chain = self.chains[number]
        assert chain is not None
        loads = self.loads
        held: list[Held] = []
        for stop in chain.stops:
            assert stop.known is not None
            day, start = stop.known
            if not start & loads.room(stop.profile, day):
                for one in held:
                    loads.release(one)
                return False
            held.append(loads.hold(stop.profile, day, start))
        for day in days:
            self.on_day[day][number] = None
        self.placed[number] = Placed(cost_of(chain, tuple(days)), tuple(held))
        return True


def nearest(free: int, known: tuple[int, int] | None) -> int:
    """Return the start nearest to that of a known one, by the clock; the first if none is known."""
    first = free & -free
    if known is None or not known[1]:
        return first
    if known[1] & free:
        return known[1]
    before = free & (known[1] - 1)
    after = free & ~((known[1] << 1) - 1)
    low = 1 << before.bit_length() - 1 if before else 0
    high = after & -after
    if not low or not high:
        return low or high
    own = known[1].bit_length()
    return low if own - low.bit_length() <= high.bit_length() - own else high


def moved_of(chain: Chain, placed: Placed) -> int:
    """Return how many visits of a course are not where people know them."""
    return sum(
        stop.known is not None and (held.day, held.start) != stop.known
        for stop, held in zip(chain.stops, placed.visits, strict=True)
    )


def settle(board: Staying, order: Iterable[int], leave: Iterable[int], ceiling: int) -> None:
    """Let all stay who can, but for some, and put the others in around them."""
    out = dict.fromkeys(leave)
    for n in order:
        chain = board.chains[n]
        assert chain is not None
        days = None if n in out else known_days(chain)
        if days is None or not board.stay(n, days):
            out[n] = None
    for n in out:
        dates = board.look(n, ceiling)
        if dates is not None:
            board.put(n, dates)


def improve(
    board: Staying,
    moves: int,
    *,
    ceiling: int,
    fewest: int,
    report: Callable[[int, int, int], bool],
) -> None:
    """
    Take courses out in groups and put them back as long as that moves fewer visits.

    Args:
        board: Is left as the best that was found.
        ceiling: The most one course may cost.
        fewest: How many visits any plan moves at the least. Once no more move, a few steps more
            look for dates nearer to their targets.
        report: Called now and then with steps made, courses without a plan and visits moved;
            ``False`` ends the search.
    """
    random, chains = board.random, board.chains
    everyone = [
        n for n, chain in enumerate(chains) if chain is not None and board.floors[n] is not None
    ]
    best, missing = dict(board.placed), [n for n in everyone if n not in board.placed]
    now = board.cost
    best_value = (len(missing), now)
    hot, cold = 0.9 * MOVED, 0.15 * MOVED
    step, polish = 0, POLISH
    count = board.moved
    for step in range(moves):
        proved = best_value[0] == 0 and count <= fewest
        if proved and (polish := polish - 1) < 0:
            break
        if step % 64 == 0 and not report(step, best_value[0], count):
            break
        heat = 1.0 if proved else hot * exp(log(cold / hot) * step / moves)
        group = _group(board, everyone, missing)
        if group is None:
            break
        board.loads.begin()
        before = {n: board.take(n) for n in group}
        old = sum(UNPLACED if one is None else one.cost for one in before.values())
        allowed = old - heat * log(1 - random.random())
        rest = sum(board.floors[n] or 0 for n in group)
        new, out, good = 0, [], True
        if random.random() < 0.5:
            random.shuffle(group)
        for n in group:
            rest -= board.floors[n] or 0
            most = min(ceiling, int(allowed - new - rest))
            dates = board.look(n, most) if most >= (board.floors[n] or 0) else None
            if dates is not None:
                board.put(n, dates)
                new += dates.cost
            elif new + UNPLACED + rest <= allowed:
                new += UNPLACED
                out.append(n)
            else:
                good = False
                break
        if not good or new > allowed:
            for n in group:
                placed = board.placed.pop(n, None)
                for held in placed.visits if placed is not None else ():
                    board.on_day[held.day].pop(n, None)
            board.loads.undo()
            for n, kept in before.items():
                if kept is not None:
                    board.put_back(n, kept)
            continue
        now += new - UNPLACED * len(out) - sum(one.cost for one in before.values() if one)
        missing = [n for n in everyone if n not in board.placed]
        if (len(missing), now) < best_value:
            best_value, best = (len(missing), now), dict(board.placed)
            count = board.moved
    for n in list(board.placed):
        if board.placed[n] is not best.get(n):
            board.take(n)
    for n, placed in best.items():
        if n not in board.placed:
            visits = tuple(board.loads.hold(h.profile, h.day, h.start) for h in placed.visits)
            board.put_back(n, Placed(placed.cost, visits))
    report(step + 1 if moves else 0, best_value[0], count)


def _group(board: Staying, everyone: list[int], missing: list[int]) -> list[int] | None:
    """Return who is taken out together: one who moves, and some on days it would rather have."""
    random = board.random
    worse = [
        n
        for n in everyone
        if n not in board.placed or board.placed[n].cost > (board.floors[n] or 0)
    ]
    if not worse:
        return None
    lead = worse[int(random.random() * len(worse))]
    if missing and random.random() < 0.5:
        lead = missing[int(random.random() * len(missing))]
    chain, placed = board.chains[lead], board.placed.get(lead)
    assert chain is not None
    days = [
        stop.known[0]
        for n, stop in enumerate(chain.stops)
        if stop.known is not None
        and (placed is None or (placed.visits[n].day, placed.visits[n].start) != stop.known)
    ]
    if not days:
        days = [held.day for held in placed.visits] if placed is not None else [0]
    group = [lead]
    for _ in range(1 + int(random.random() * 2)):
        day = days[int(random.random() * len(days))]
        if random.random() < 0.4:
            day += int(random.random() * 9) - 4
        day = min(max(day, 0), len(board.on_day) - 1)
        near = [n for n in board.on_day[day] if n not in group]
        if near:
            group += random.sample(near, min(len(near), 1 + int(random.random() * 2)))
    return group
