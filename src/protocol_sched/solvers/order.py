"""Visits that no single rule puts in order, though all rules together do."""

from __future__ import annotations

from itertools import pairwise

import attrs

from protocol_sched.problem import DayLag, Problem, SlotLag, TableLag, Window
from protocol_sched.solvers.timed import days_of

_FAR = 10**9


def in_implied_order(problem: Problem) -> Problem | None:
    """
    Return the problem with a lag from each visit to the next that its lags imply together.

    ``None`` where they leave some visit free to come on a day before the one listed before it, or
    contradict each other.

    Source:
        Floyd, "Algorithm 97: shortest path", Communications of the ACM 5 (1962).
    """
    count = len(problem.items)
    widths = [end - start for start, end in pairwise(problem.day_slots)]
    apart = [[0 if a == b else -_FAR for b in range(count)] for a in range(count)]
    for lag in problem.lags:
        if isinstance(lag, TableLag):
            continue  # what it asks depends on the day; without it less is implied, never more
        window = lag.window
        if isinstance(lag, SlotLag):
            window = days_of(window, min(widths), max(widths))
        if window.least is not None:
            there = apart[lag.earlier]
            there[lag.later] = max(there[lag.later], window.least)
        if window.most is not None:
            back = apart[lag.later]
            back[lag.earlier] = max(back[lag.earlier], -window.most)
    for middle in range(count):
        through = apart[middle]
        for row in apart:
            if (first := row[middle]) > -_FAR:
                for b, more in enumerate(through):
                    if more > -_FAR and first + more > row[b]:
                        row[b] = first + more
    if any(apart[n][n] > 0 for n in range(count)):
        return None
    least = [apart[n][n + 1] for n in range(count - 1)]
    if min(least, default=0) < 0:
        return None
    implied = (DayLag(n, n + 1, Window(least=by), "implied") for n, by in enumerate(least))
    return attrs.evolve(problem, lags=(*problem.lags, *implied))
