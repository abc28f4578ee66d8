"""The starts each visit has by the rules about it alone, day by day."""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce
from operator import and_
from typing import NamedTuple

from protocol_sched.bitsets import members, pieces
from protocol_sched.problem import Item, Problem
from protocol_sched.solvers.result import Change


class Choice(NamedTuple):
    """The best start of a visit on one day."""

    slot: int
    wall: int
    """Minutes after local midnight."""
    penalty: int
    change: Change = Change()


def day_choices(problem: Problem) -> tuple[dict[int, Choice], ...]:
    """
    Return for each visit, and each day on which it can be, its best start.

    Best is the least change, then the least penalty, then the earliest time by the clock.
    """
    shared: dict[tuple[object, ...], dict[int, Choice]] = {}
    found = []
    for item in problem.items:
        days = reduce(and_, (allowed.bits for allowed in item.days), (1 << problem.days) - 1)
        # Visits of one kind share their sets; what they have in common is worked out once.
        known = (item.known.slot, item.known.rides) if item.known else None
        key = (days, known, *map(id, item.slots), *map(id, item.penalties))
        if key not in shared:
            best = _best_of_days if item.known is None else _least_changed
            shared[key] = best(problem, item, days)
        found.append(shared[key])
    return tuple(found)


def _best_of_days(problem: Problem, item: Item, days: int) -> dict[int, Choice]:
    levels = {0: starts_of(problem, item)}
    for penalty in item.penalties:
        split: dict[int, int] = {}
        for level, bits in levels.items():
            with_, without = bits & penalty.bits, bits & ~penalty.bits
            for at, part in ((level, without), (level + penalty.cost, with_)):
                if part:
                    split[at] = split.get(at, 0) | part
        levels = split
    irregular = dict(problem.irregular)
    best: dict[int, Choice] = {}
    for level in sorted(levels):
        for day, part in pieces(levels[level], problem.day_slots):
            if day in best or not days >> day & 1:
                continue
            first = problem.day_slots[day]
            if day in irregular:
                clock = irregular[day]
                slot = min(members(part), key=lambda s, clock=clock: (clock[s], s))  # type: ignore[misc]
                best[day] = Choice(first + slot, clock[slot], level)
            else:
                slot = (part & -part).bit_length() - 1
                best[day] = Choice(first + slot, slot * problem.slot_minutes, level)
    return {day: best[day] for day in sorted(best)}


def _least_changed(problem: Problem, item: Item, days: int) -> dict[int, Choice]:
    every = dict.fromkeys(members(days))
    found = day_starts(problem, item, every)
    return {day: starts[0] for day, starts in sorted(found.items())}


def change_at(problem: Problem, item: Item, slot: int) -> Change:
    """Return what a start changes for people who know where the visit was."""
    if item.known is None:
        return Change()
    away = abs(slot - item.known.slot)
    ride = int(not item.known.rides >> slot & 1)
    return Change(int(away > 0), away * problem.slot_minutes, ride)


def starts_of(problem: Problem, item: Item) -> int:
    """Return the slots every rule about this visit alone allows, days not looked at."""
    whole = (1 << problem.day_slots[-1]) - 1
    return reduce(and_, (allowed.bits for allowed in item.slots), whole)


def day_starts(problem: Problem, item: Item, days: Collection[int]) -> dict[int, list[Choice]]:
    """Return every start on each of some days, best first: change, penalty, then clock time."""
    irregular = dict(problem.irregular)
    found: dict[int, list[Choice]] = {}
    for day, part in pieces(starts_of(problem, item), problem.day_slots):
        if day not in days:
            continue
        first, row = problem.day_slots[day], []
        for offset in members(part):
            slot = first + offset
            wall = irregular[day][offset] if day in irregular else offset * problem.slot_minutes
            penalty = sum(p.cost for p in item.penalties if p.bits >> slot & 1)
            row.append(Choice(slot, wall, penalty, change_at(problem, item, slot)))
        found[day] = sorted(row, key=lambda one: (one.change, one.penalty, one.wall, one.slot))
    return found
