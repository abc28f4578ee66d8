"""
Limits that cannot be kept any more, as costs: the days outside them outweigh all others.

Each is a target about one visit alone, on which it is from its limit to the first start that the
rules about it leave: what no plan can avoid costs nothing, so that the solver counts from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import and_

import attrs

from protocol_sched.engine.bitsets import inhabited
from protocol_sched.engine.problem import Item, Lag, SlotLag, TableLag, Target, Window
from protocol_sched.model.agenda import Rules, Spacing


def kept_ends(rule: Spacing) -> Spacing:
    """Return a spacing with the limits that have to be kept, and its target."""
    if rule.status is None:
        return rule
    return attrs.evolve(
        rule,
        least=rule.least if rule.keeps_least else None,
        most=rule.most if rule.keeps_most else None,
    )


def by_day(rule: Rules, last: int) -> Target:
    """Return the target of a limit whose last day is ``last``, unweighted."""
    return Target(Window(hi=last), rule)


def with_breaches(
    items: Sequence[Item],
    lags: Sequence[Lag],
    breaches: Sequence[tuple[tuple[Target, ...], tuple[Target, ...]]],
    day_slots: tuple[int, ...],
) -> tuple[tuple[Item, ...], int, int]:
    """
    Return the visits with the targets of broken limits, what a day outside one weighs, and how
    many such days there are in any course.

    Args:
        breaches: For each visit the targets of its broken limits in days, then in slots.
    """
    if not any(days or slots for days, slots in breaches):
        return tuple(items), 0, 0
    weight = _most_off(items, lags, day_slots) + 1
    found, unavoidable = [], 0
    for item, (days, slots) in zip(items, breaches, strict=True):
        first = _first_start(item, day_slots)
        if first is not None and (days or slots):
            day, slot = first
            unavoidable += sum(target.cost(day) for target in days)
            unavoidable += sum(target.cost(slot) for target in slots)
            by_days = (_reached(target, day, weight) for target in days)
            by_slots = (_reached(target, slot, weight) for target in slots)
            item = attrs.evolve(
                item,
                day_targets=(*item.day_targets, *by_days),
                slot_targets=(*item.slot_targets, *by_slots),
            )
        found.append(item)
    return tuple(found), weight, unavoidable


def _first_start(item: Item, day_slots: tuple[int, ...]) -> tuple[int, int] | None:
    """Return the first day and slot the rules about a visit alone leave it, if any."""
    slots = reduce(and_, (one.bits for one in item.slots), (1 << day_slots[-1]) - 1)
    days = reduce(and_, (one.bits for one in item.days), (1 << len(day_slots) - 1) - 1)
    days &= inhabited(slots, day_slots)
    if not days:
        return None
    day = (days & -days).bit_length() - 1
    left = slots >> day_slots[day]
    return day, day_slots[day] + (left & -left).bit_length() - 1


def _reached(target: Target, first: int, weight: int) -> Target:
    """Return a target whose limit is moved on by the whole units that no start can avoid."""
    last = target.window.hi
    assert last is not None, "a broken limit has a last day or slot"
    beyond = max(0, -(-(first - last) // target.unit))
    window = Window(hi=last + beyond * target.unit)
    return attrs.evolve(target, window=window, weight=weight)


def _most_off(items: Iterable[Item], lags: Iterable[Lag], day_slots: tuple[int, ...]) -> int:
    """Return units off target that no course has more of, broken limits aside."""
    days, slots = len(day_slots) - 1, day_slots[-1]
    total = 0
    for item in items:
        total += sum(_far(target.window, days) for target in item.day_targets)
        for target in item.slot_targets:
            total += -(-_far(target.window, slots) // target.unit)
    for lag in lags:
        if isinstance(lag, TableLag):
            total += max(_far(window, days) for window in lag.windows)
        elif isinstance(lag, SlotLag):
            total += -(-_far(lag.window, slots) // lag.unit)
        else:
            total += _far(lag.window, days)
    return total


def _far(window: Window, reach: int) -> int:
    return reach + max((abs(end) for end in (window.lo, window.hi) if end is not None), default=0)
