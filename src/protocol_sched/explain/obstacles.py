"""What stands in the way of one visit, day by day."""

from __future__ import annotations

from functools import reduce

from protocol_sched.bitsets import members, span
from protocol_sched.problem import Allowed, Item, Problem


def obstacles(problem: Problem, item: Item, days: int) -> tuple[tuple[object, int], ...]:
    """
    Return the rules about one visit that leave it no start on any of some days.

    On each day the set is minimal: without any single one of its rules that day would have a
    start. Rules that come later in the item are given up first, so the item's order says which
    of several minimal sets is found.

    Args:
        days: Bit set of day numbers; days on which the visit could start are passed over.

    Returns:
        Each rule's origin with the bit set of the days it helps to close, in the item's order.
    """
    closing: dict[int, int] = {}
    rules = (*item.days, *item.slots)
    for day in members(days):
        first, last = problem.day_slots[day], problem.day_slots[day + 1]
        here = [_on(day, rule, rule in item.days, first, last) for rule in rules]
        for n in _minimal(here, (1 << (last - first)) - 1):
            closing[n] = closing.get(n, 0) | 1 << day
    return tuple((rules[n].origin, closing[n]) for n in sorted(closing))


def _on(day: int, rule: Allowed, by_day: bool, first: int, last: int) -> int:
    if by_day:
        return span(0, last - first) if rule.bits >> day & 1 else 0
    return rule.bits >> first & ((1 << (last - first)) - 1)


def _minimal(sets: list[int], whole: int) -> list[int]:
    """Return the places of sets whose intersection is empty, none of which can be left out."""
    kept = list(range(len(sets)))
    if reduce(lambda a, b: a & b, sets, whole):
        return []
    for n in reversed(range(len(sets))):
        rest = [sets[k] for k in kept if k != n]
        if not reduce(lambda a, b: a & b, rest, whole):
            kept.remove(n)
    return kept
