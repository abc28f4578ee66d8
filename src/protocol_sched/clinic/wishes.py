"""
What people would rather have, met where it costs nobody anything.

It comes last: each course in turn goes to those of its equally good dates and starts that leave the
fewest of its wishes unmet, beside all the others as they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

from protocol_sched.clinic.chains import Chain, Stop
from protocol_sched.clinic.cheapest import Dates
from protocol_sched.clinic.priced import cheapest_priced
from protocol_sched.clinic.search import Board, Placed

LIGHT = 1e-5
"""What a wish weighs against a day off target: all wishes of a course are less than one day."""
TURNS = 4
"""How often all courses are gone through at the most."""


def unmet(stop: Stop, day: int, start: int) -> int:
    """Return what the wishes cost that a start, as a set of one, does not meet."""
    return sum(cost for cost, starts in stop.unwanted if starts[day] & start)


def meet(board: Board, order: Iterable[int]) -> None:
    """Let courses meet wishes in turn, until none of them can meet more by itself."""
    wishing = [
        n
        for n in order
        if n in board.placed
        and (chain := board.chains[n]) is not None
        and any(stop.unwanted for stop in chain.stops)
    ]
    for _ in range(TURNS):
        moved = [_met(board, n) for n in wishing]  # each of them, whoever has moved before
        if not any(moved):
            return


def _met(board: Board, number: int) -> bool:
    """Move one course to where more of its wishes are met; return whether it moved."""
    chain, was = board.chains[number], board.placed[number]
    assert chain is not None
    before = sum(
        unmet(stop, held.day, held.start)
        for stop, held in zip(chain.stops, was.visits, strict=True)
    )
    if not before:
        return False
    board.take(number)
    found = _best(board, chain, was)
    if found is None or _count(found, was) >= before:
        board.put_at(number, was)
        return False
    board.put_among(
        number,
        Dates(was.cost, found[1]),
        [_fewest(board, stop, day)[2] for stop, day in zip(chain.stops, found[1], strict=True)],
    )
    return True


def _best(board: Board, chain: Chain, was: Placed) -> tuple[float, tuple[int, ...]] | None:
    def worth(n: int, day: int) -> float:
        moved, wishes, starts = _fewest(board, chain.stops[n], day)
        return moved * chain.moved + wishes * LIGHT if starts else inf

    found = cheapest_priced(chain, worth, was.cost)
    return None if found is None else (found[0], found[1].days)


def _count(found: tuple[float, tuple[int, ...]], was: Placed) -> int:
    return round((found[0] - was.cost) / LIGHT)


def _fewest(board: Board, stop: Stop, day: int) -> tuple[int, int, int]:
    """
    Return whether a visit moves on a day, what its wishes cost there at the least, and the starts
    at which that is so.
    """
    free = stop.starts[day] & board.loads.room(stop.profile, day)
    if stop.known is not None and stop.known[0] == day and stop.known[1] & free:
        return 0, unmet(stop, day, stop.known[1]), stop.known[1]
    moved = int(stop.known is not None)
    by_cost: dict[int, int] = {}
    rest = free
    while rest:
        start = rest & -rest
        rest ^= start
        cost = unmet(stop, day, start)
        by_cost[cost] = by_cost.get(cost, 0) | start
    if not by_cost:
        return moved, 0, 0
    least = min(by_cost)
    return moved, least, by_cost[least]
