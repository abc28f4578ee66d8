"""
Elapsed time in solvers: which days slots can be apart, and which starts of a day there are.

Where a clock changes a day has more or fewer slots than others, so a distance in slots is a
number of days only within bounds.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd

import attrs

from protocol_sched.engine.bitsets import members, pieces
from protocol_sched.engine.problem import Problem, SlotLag, Target, Window
from protocol_sched.engine.solvers.states import State

Lags = list[tuple[int, SlotLag]]
"""Elapsed lags into a visit, each with the slots from its earlier visit to the one before."""


def untimed(problem: Problem) -> bool:
    """Tell whether no rule is in elapsed time."""
    slot_lags = any(isinstance(lag, SlotLag) for lag in problem.lags)
    return not slot_lags and not any(item.slot_targets for item in problem.items)


def days_of(window: Window, shortest: int, longest: int) -> Window:
    """
    Return the days apart on which slots can be as far apart as a window says, or more days.

    Args:
        shortest: Slots of the shortest day; days differ where clocks change.
        longest: Slots of the longest.
    """
    least = most = None
    if window.least is not None:
        width = longest if window.least >= 0 else shortest
        least = -(-(window.least + 1) // width) - 1
    if window.most is not None:
        width = shortest if window.most >= 1 else longest
        most = (window.most - 1) // width + 1
    return Window(least, most)


def lattice(problem: Problem, starts: set[int]) -> tuple[int, int, int]:
    """Return first offset, step and number of the offsets in the day that some start has."""
    offsets = 0
    for bits in starts:
        for _, part in pieces(bits, problem.day_slots):
            offsets |= part
    if not offsets:
        return 0, 1, 1
    every = list(members(offsets))
    step = gcd(*(offset - every[0] for offset in every)) or 1
    return every[0], step, (every[-1] - every[0]) // step + 1


def steps(target: Target, first: int, last: int) -> Iterator[tuple[int, int, int]]:
    """Yield runs of slots, first to last of each, that a target makes cost the same."""
    window, unit, at = target.window, target.unit, first
    while at <= last:
        cost, end = target.cost(at), last
        units = cost // target.weight
        if window.lo is not None and at < window.lo:
            end = window.lo - (units - 1) * unit - 1
        elif window.hi is not None:
            end = window.hi + units * unit
        yield at, min(end, last), cost
        at = end + 1


def least_cost(lag: SlotLag, first: int, last: int, grid: int) -> int:
    """Return what a lag costs at least at the multiples of a grid from first to last."""
    window = lag.window
    costs = []
    for wanted in (first, last, window.lo, window.hi):
        for near in () if wanted is None else (wanted // grid * grid, -(-wanted // grid) * grid):
            if first <= near <= last:
                off = attrs.evolve(window, least=None, most=None).cost(near) or 0
                costs.append(-(-off // lag.unit))
    return min(costs, default=0)


def alike(
    first: int, last: int, lags: Lags, later: list[tuple[int, int]], grid: int = 1
) -> Iterator[tuple[int, int, int, State]]:
    """
    Yield ranges of distances that cost the same and leave the same behind.

    Args:
        grid: Distances are a multiple of so many slots; no others are looked at.

    Returns:
        First and last slots of each range, its cost, and the distances that matter later.
    """
    at = -(-first // grid) * grid
    while at <= last:
        off = 0
        end = last
        for away, lag in lags:
            distance, window, unit = at + away, lag.window, lag.unit
            if window.lo is not None and distance < window.lo:
                units = -(-(window.lo - distance) // unit)
                end = min(end, window.lo - (units - 1) * unit - 1 - away)
                off += units
            elif window.hi is not None and distance > window.hi:
                units = -(-(distance - window.hi) // unit)
                end = min(end, window.hi + units * unit - away)
                off += units
            elif window.hi is not None:
                end = min(end, window.hi - away)
        for away, far in later:
            if at + away < far:
                end = at
        yield at, end, off, tuple(min(at + away, far) for away, far in later)
        at = -(-(end + 1) // grid) * grid
