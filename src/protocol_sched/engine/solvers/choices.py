"""The starts each visit has by the rules about it alone, and the best of them on each day."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import and_
from typing import NamedTuple

from protocol_sched.engine.bitsets import inhabited, members, numbered
from protocol_sched.engine.problem import Item, Problem
from protocol_sched.engine.solvers.result import Change


class Choice(NamedTuple):
    """A start of a visit."""

    slot: int
    wall: int
    """Minutes after local midnight."""
    penalty: int
    change: Change = Change()

    def badness(self) -> tuple[Change, int, int, int]:
        """Return what of two starts on one day the better one has less of."""
        return (self.change, self.penalty, self.wall, self.slot)


class Starts:
    """
    The starts of one visit.

    The best start of a day is the one of least change, then of least penalty, then the earliest
    by the clock. It is worked out when it is asked for, since few days ever are.
    """

    def __init__(self, problem: Problem, item: Item, days: int) -> None:
        self._problem, self._item = problem, item
        self.slots = starts_of(problem, item)
        """On any day, as a bit set."""
        self.days = inhabited(self.slots, problem.day_slots) & days
        """The days on which the visit can be, as a bit set."""
        self.priced = _by_penalty(item, self.slots)
        """Penalties with their starts, the least first."""
        self._irregular = dict(problem.irregular)
        self._best: dict[int, Choice] = {}

    def __getitem__(self, day: int) -> Choice:
        if day not in self._best:
            if (announced := self._item.announced) is not None and self._has(announced.slot, day):
                self._best[day] = self._at(announced.slot, day)
            elif announced is not None or day in self._irregular:
                self._best[day] = self.on(day)[0]
            else:
                self._best[day] = self._earliest(day)
        return self._best[day]

    def _has(self, slot: int, day: int) -> bool:
        first, last = self._problem.day_slots[day : day + 2]
        return first <= slot < last and bool(self.slots >> slot & 1)

    def _at(self, slot: int, day: int) -> Choice:
        offset = slot - self._problem.day_slots[day]
        clock = self._irregular.get(day)
        wall = offset * self._problem.slot_minutes if clock is None else clock[offset]
        penalty = next(penalty for penalty, slots in self.priced if slots >> slot & 1)
        return Choice(slot, wall, penalty, change_at(self._problem, self._item, slot))

    def _earliest(self, day: int) -> Choice:
        starts = self._problem.day_slots
        for penalty, slots in self.priced:
            if part := slots >> starts[day] & ((1 << starts[day + 1] - starts[day]) - 1):
                offset = (part & -part).bit_length() - 1
                minutes = offset * self._problem.slot_minutes
                return Choice(starts[day] + offset, minutes, penalty)
        raise KeyError(day)

    def on(self, day: int) -> list[Choice]:
        """Return every start on one day, the best first."""
        first, last = self._problem.day_slots[day : day + 2]
        offsets = members(self.slots >> first & ((1 << last - first) - 1))
        return sorted((self._at(first + n, day) for n in offsets), key=Choice.badness)

    def by_penalty(self) -> Iterator[tuple[int, int]]:
        """
        Yield penalties with the days whose best start has them, the least first.

        Not for a visit people know: there the best start is the one of least change.
        """
        left = self.days
        for penalty, slots in self.priced:
            if days := inhabited(slots, self._problem.day_slots) & left:
                yield penalty, days
                left &= ~days


def visit_starts(problem: Problem) -> tuple[Starts, ...]:
    """Return the starts of each visit; like visits share one value."""
    days = [
        reduce(and_, (allowed.bits for allowed in item.days), (1 << problem.days) - 1)
        for item in problem.items
    ]
    # Visits of one kind share their sets; what they have in common is worked out once.
    alike = numbered(
        (
            (own, item.announced, tuple(penalty.cost for penalty in item.penalties)),
            (*(one.bits for one in item.slots), *(one.bits for one in item.penalties)),
        )
        for own, item in zip(days, problem.items, strict=True)
    )
    shared: dict[int, Starts] = {}
    for number, own, item in zip(alike, days, problem.items, strict=True):
        if number not in shared:
            shared[number] = Starts(problem, item, own)
    return tuple(shared[number] for number in alike)


def _by_penalty(item: Item, starts: int) -> tuple[tuple[int, int], ...]:
    """Return starts split by what the preferences they do not meet cost together."""
    priced = {0: starts}
    for penalty in item.penalties:
        split: dict[int, int] = {}
        for price, bits in priced.items():
            with_, without = bits & penalty.bits, bits & ~penalty.bits
            for at, part in ((price, without), (price + penalty.cost, with_)):
                if part:
                    split[at] = split.get(at, 0) | part
        priced = split
    return tuple(sorted(priced.items()))


def change_at(problem: Problem, item: Item, slot: int) -> Change:
    """Return what a start changes for people who know where the visit was."""
    if item.announced is None:
        return Change()
    away = abs(slot - item.announced.slot)
    ride = int(not item.announced.rides >> slot & 1)
    return Change(int(away > 0), away * problem.slot_minutes, ride)


def starts_of(problem: Problem, item: Item) -> int:
    """Return the slots every rule about this visit alone allows, days not looked at."""
    whole = (1 << problem.day_slots[-1]) - 1
    return reduce(and_, (allowed.bits for allowed in item.slots), whole)
