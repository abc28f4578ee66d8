"""
Visits with one day or one start left: what others are measured from them is theirs alone.

A distance from a visit whose day is known is a rule about the other visit by itself. So it needs
no place in what a course's later visits remember of the earlier ones.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from protocol_sched.engine.bitsets import span
from protocol_sched.engine.problem import (
    Allowed,
    DayLag,
    Item,
    Lag,
    Problem,
    SlotLag,
    TableLag,
    Target,
    Window,
)
from protocol_sched.engine.solvers.choices import Starts, visit_starts


@attrs.frozen
class OnDays(Target):
    """A target of which each day costs what a table says; a day not in it is not allowed."""

    costs: tuple[tuple[int, int], ...] = ()
    """Days that cost something, with what."""

    @property
    def asks(self) -> tuple[object, ...]:
        return (*super().asks, self.costs)

    def cost(self, at: int) -> int:
        return dict(self.costs).get(at, 0)


def fold(problem: Problem, starts: tuple[Starts, ...]) -> tuple[Problem, tuple[Starts, ...]]:
    """
    Return the same problem with distances to placed visits as rules about the other visit.

    Only where a visit placed has a distance to one that is not its neighbour: what neighbours
    know of each other costs nothing.
    """
    while True:
        placed = {n: at for n, own in enumerate(starts) if (at := _place(problem, own)) is not None}
        far = {
            n
            for lag in problem.lags
            for n in (lag.earlier, lag.later)
            if n in placed and lag.later > lag.earlier + 1 and _end(lag, placed) is not None
        }
        if not far:
            return problem, starts
        problem = _folded(problem, {n: placed[n] for n in far})
        starts = visit_starts(problem)


Place = tuple[int, int | None]
"""The one day of a visit, and its one start if it has no other."""


def _place(problem: Problem, own: Starts) -> Place | None:
    if not own.days or own.days & (own.days - 1):
        return None
    day = own.days.bit_length() - 1
    slots = own.slots & span(problem.day_slots[day], problem.day_slots[day + 1])
    return day, None if slots & (slots - 1) else slots.bit_length() - 1


def _end(lag: Lag, placed: dict[int, Place]) -> int | None:
    """Return the end of a lag that is placed as exactly as the lag measures."""
    for n in (lag.earlier, lag.later):
        if n in placed and not (isinstance(lag, SlotLag) and placed[n][1] is None):
            return n
    return None


def _folded(problem: Problem, placed: dict[int, Place]) -> Problem:
    items, lags = list(problem.items), []
    ordered: dict[tuple[int, int], Lag] = {}
    for lag in problem.lags:
        end = _end(lag, placed)
        if end is None:
            lags.append(lag)
            continue
        other = lag.later if end == lag.earlier else lag.earlier
        items[other] = _measured(problem, items[other], lag, end, placed[end])
        if _in_order(lag):
            order = DayLag(lag.earlier, lag.later, Window(least=0), lag.origin)
            ordered[lag.earlier, lag.later] = order
    return attrs.evolve(problem, items=tuple(items), lags=(*lags, *ordered.values()))


def _in_order(lag: Lag) -> bool:
    """Tell whether a lag puts a visit on the day of the one listed before it or later."""
    if isinstance(lag, TableLag) or lag.later != lag.earlier + 1:
        return False
    return lag.window.least is not None and lag.window.least >= 0


def _measured(problem: Problem, item: Item, lag: Lag, end: int, place: Place) -> Item:
    """Return the visit at the other end of a lag with it as its own rule."""
    day, slot = place
    if isinstance(lag, TableLag):
        if end == lag.later:
            return _by_table(item, lag, day)
        window, at = lag.windows[day], day
    elif isinstance(lag, DayLag):
        window, at = lag.window, day
    else:
        assert slot is not None
        window, at = lag.window, slot
    window = window.moved(at) if end == lag.earlier else before(window, at)
    timed = isinstance(lag, SlotLag)
    whole = problem.day_slots[-1] if timed else problem.days
    first = 0 if window.least is None else window.least
    last = whole - 1 if window.most is None else min(window.most, whole - 1)
    inside = span(first, last + 1) & ~_set(hole for hole in window.holes if hole >= 0)
    allowed = [Allowed(inside, lag.origin)]
    if window.least is None and window.most is None and not window.holes:
        allowed = []
    targets = []
    if window.lo is not None or window.hi is not None:
        unit = lag.unit if isinstance(lag, SlotLag) else 1
        targets = [Target(Window(lo=window.lo, hi=window.hi), lag.origin, unit)]
    if timed:
        slots, aims = (*item.slots, *allowed), (*item.slot_targets, *targets)
        return attrs.evolve(item, slots=slots, slot_targets=aims)
    days, aims = (*item.days, *allowed), (*item.day_targets, *targets)
    return attrs.evolve(item, days=days, day_targets=aims)


def before(window: Window, at: int) -> Window:
    """Return where an earlier visit may be, its later one at a place."""

    def back(bound: int | None) -> int | None:
        return None if bound is None else at - bound

    return Window(back(window.most), back(window.least), back(window.hi), back(window.lo))


def _by_table(item: Item, lag: TableLag, day: int) -> Item:
    """Return an earlier visit whose day says how far it may be from the later one's ``day``."""
    found = {n: window.cost(day - n) for n, window in enumerate(lag.windows)}
    allowed = Allowed(_set(n for n, cost in found.items() if cost is not None), lag.origin)
    costs = tuple((n, cost) for n, cost in found.items() if cost)
    aims = (OnDays(Window(), lag.origin, costs=costs),) if costs else ()
    return attrs.evolve(item, days=(*item.days, allowed), day_targets=(*item.day_targets, *aims))


def _set(numbers: Iterable[int]) -> int:
    return sum(1 << n for n in numbers)
