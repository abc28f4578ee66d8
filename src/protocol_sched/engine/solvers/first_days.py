"""
Every first day at once: what the best course from each costs.

What is left to pay is settled from the last visit back, for all days together, and then the
earliest finish among the courses that cost no more.
"""

from __future__ import annotations

from protocol_sched.engine.bitsets import members
from protocol_sched.engine.solvers.chain import Chain
from protocol_sched.engine.solvers.result import FirstDay
from protocol_sched.engine.solvers.settle import Waiting
from protocol_sched.engine.solvers.states import State, Way, added


def first_days(chain: Chain) -> tuple[FirstDay, ...]:
    """Return, for each first day, what the best course of a chain costs."""
    chain.limit(None)
    reached, into = _reached(chain)
    settled = _settled_back(chain, reached, into)
    finish = _finishes(chain, settled, into)
    best: dict[int, tuple[int, int]] = {}
    for (_, cost), candidates in settled[0].items():
        for adds, part in chain.by_cost(0, candidates):
            for candidate in members(part):
                found = (cost + adds, finish[candidate])
                day = chain.day_of(candidate)
                best[day] = min(best.get(day, found), found)
    return tuple(
        FirstDay(day, cost // chain.unit, cost % chain.unit, ends)
        for day, (cost, ends) in sorted(best.items())
    )


def _reached(
    chain: Chain,
) -> tuple[list[dict[State, int]], list[dict[State, list[tuple[State, Way]]]]]:
    """Return the candidates of each visit that some course begins with, and the ways there."""
    reached: list[dict[State, int]] = [{} for _ in range(chain.count)]
    into: list[dict[State, list[tuple[State, Way]]]] = [{} for _ in range(chain.count)]
    reached[0][()] = chain.domain[0]
    for n in range(chain.count - 1):
        for state, candidates in reached[n].items():
            for way, arrived in chain.arrivals(n, state, candidates):
                reached[n + 1][way.state] = reached[n + 1].get(way.state, 0) | arrived
                into[n + 1].setdefault(way.state, []).append((state, way))
    return reached, into


def _settled_back(
    chain: Chain,
    reached: list[dict[State, int]],
    into: list[dict[State, list[tuple[State, Way]]]],
) -> list[dict[tuple[State, int], int]]:
    """Return the candidates of each visit by what the rest of the course costs from there."""
    waiting: Waiting[State] = Waiting()
    for state, candidates in reached[-1].items():
        waiting.add(0, chain.count - 1, state, candidates)
    seen: list[dict[State, int]] = [{} for _ in range(chain.count)]
    settled: list[dict[tuple[State, int], int]] = [{} for _ in range(chain.count)]
    while waiting:
        cost = waiting.least()
        front = waiting.at[cost]
        for n in range(chain.count - 1, -1, -1):
            for state, candidates in front.get(n, {}).items():
                new = candidates & ~seen[n].get(state, 0)
                if not new:
                    continue
                seen[n][state] = seen[n].get(state, 0) | new
                settled[n][state, cost] = new
                groups = chain.by_cost(n, new)
                for before, way in into[n].get(state, ()):
                    for adds, part in groups:
                        chain.budget.spend(chain.price)
                        here = chain.back(way, part) & reached[n - 1][before]
                        if here:
                            at = cost + adds + added(way, chain.unit)
                            waiting.add(at, n - 1, before, here)
        waiting.over()
    return settled


def _finishes(
    chain: Chain,
    settled: list[dict[tuple[State, int], int]],
    into: list[dict[State, list[tuple[State, Way]]]],
) -> dict[int, int]:
    """Return for each first candidate the earliest last day of its cheapest courses."""
    done: list[dict[State, int]] = [{} for _ in range(chain.count)]
    finish: dict[int, int] = {}
    ends: dict[int, dict[State, int]] = {}
    for (state, _), candidates in settled[-1].items():
        for candidate in members(candidates):
            row = ends.setdefault(chain.day_of(candidate), {})
            row[state] = row.get(state, 0) | 1 << candidate
    for last, row in sorted(ends.items()):
        front = {(state, 0): candidates for state, candidates in row.items()}
        for n in range(chain.count - 1, 0, -1):
            before_front: dict[tuple[State, int], int] = {}
            for (at, cost), candidates in front.items():
                groups = chain.by_cost(n, candidates)
                for before, way in into[n].get(at, ()):
                    for adds, part in groups:
                        chain.budget.spend(chain.price)
                        total = cost + adds + added(way, chain.unit)
                        new = settled[n - 1].get((before, total), 0)
                        new &= ~done[n - 1].get(before, 0)
                        if new and (here := new & chain.back(way, part)):
                            done[n - 1][before] = done[n - 1].get(before, 0) | here
                            key = (before, total)
                            before_front[key] = before_front.get(key, 0) | here
            front = before_front
        for candidates in front.values():
            for candidate in members(candidates):
                finish.setdefault(candidate, last)
    return finish
