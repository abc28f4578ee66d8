"""What stands in the way of one visit, day by day."""

from __future__ import annotations

from functools import reduce
from operator import and_

from protocol_sched.bitsets import members, span
from protocol_sched.problem import Allowed, Item, Problem


def obstacles(problem: Problem, item: Item, days: int) -> tuple[tuple[object, int], ...]:
    """
    Return the rules about one visit that leave it no start on any of some days.

    On each day the set is minimal: without any single one of its rules that day would have a
    start. Of several such sets the one with the rules that close most days is taken, so that a
    person reads of the fewest rules.

    Args:
        days: Bit set of day numbers; days on which the visit could start are passed over.

    Returns:
        Each rule's origin with the bit set of the days it helps to close; the rule that closes
        most comes first.
    """
    left: dict[int, list[int]] = {}
    for day in members(days):
        first, last = problem.day_slots[day], problem.day_slots[day + 1]
        by_day = [_whole_day(rule, day, last - first) for rule in item.days]
        left[day] = by_day + [_part(rule, first, last) for rule in item.slots]
    rules = (*item.days, *item.slots)
    alone = [sum(not sets[n] for sets in left.values()) for n in range(len(rules))]
    order = sorted(range(len(rules)), key=lambda n: -alone[n])
    closing: dict[int, int] = {}
    for day, sets in left.items():
        for n in _minimal(sets, order):
            closing[n] = closing.get(n, 0) | 1 << day
    return tuple((rules[n].origin, closing[n]) for n in order if n in closing)


def _whole_day(rule: Allowed, day: int, width: int) -> int:
    return span(0, width) if rule.bits >> day & 1 else 0


def _part(rule: Allowed, first: int, last: int) -> int:
    return rule.bits >> first & ((1 << (last - first)) - 1)


def _minimal(sets: list[int], order: list[int]) -> list[int]:
    """Return the places of sets with nothing in common, the last in order given up first."""
    if reduce(and_, sets):
        return []
    kept = list(order)
    for n in reversed(order):
        rest = [sets[k] for k in kept if k != n]
        if rest and not reduce(and_, rest):
            kept.remove(n)
    return kept
