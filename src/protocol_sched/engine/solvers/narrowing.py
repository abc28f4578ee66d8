"""
What lags leave each visit: days and slots as sets, narrowed until nothing changes.

Source:
    Mackworth, "Consistency in networks of relations", Artificial Intelligence 8 (1977).
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from itertools import groupby, pairwise

from protocol_sched.engine.bitsets import members, pieces, span
from protocol_sched.engine.problem import DayLag, Lag, Problem, SlotLag, TableLag
from protocol_sched.engine.solvers.budget import Budget

TRIES = 2_000
"""Choices after which a search for any course gives up."""


class Dead(Exception):
    """A visit has no day left."""


class Days:
    """Goes from slots to days and back."""

    def __init__(self, starts: tuple[int, ...]) -> None:
        self.starts = starts
        self.all = (1 << (len(starts) - 1)) - 1
        widths = [last - first for first, last in pairwise(starts)]
        self.runs: list[tuple[int, int, int]] = []
        """Runs of days of one width: the width, the first day and the day after the last."""
        day = 0
        for width, run in groupby(widths):
            after = day + len(list(run))
            self.runs.append((width, day, after))
            day = after

    def of(self, slots: int) -> int:
        """Return the days that have any of these slots."""
        days = 0
        for width, first, after in self.runs:
            start, end = self.starts[first], self.starts[after]
            part = slots >> start & ((1 << (end - start)) - 1)
            if not part:
                continue
            if width % 8:
                starts = tuple(n - start for n in self.starts[first : after + 1])
                for n, _ in pieces(part, starts):
                    days |= 1 << (first + n)
                continue
            size = width // 8
            raw = part.to_bytes((end - start) // 8, "little")
            # One byte of each day at a time, all days at once.
            merged = 0
            for k in range(size):
                merged |= int.from_bytes(raw[k::size], "big")
            lanes = merged.to_bytes(after - first, "big").translate(_ANY)
            days |= int(lanes[::-1], 2) << first
        return days

    def whole(self, days: int) -> int:
        """Return all slots of these days."""
        slots = 0
        while days:
            first = (days & -days).bit_length() - 1
            run = days >> first
            length = (~run & run + 1).bit_length() - 1
            slots |= span(self.starts[first], self.starts[first + length])
            days &= ~(((1 << length) - 1) << first)
        return slots


_ANY = b"0" + b"1" * 255


def _apart(bits: int, least: int | None, most: int | None, whole: int) -> int:
    """Return every number of ``whole`` that is ``least`` to ``most`` above one of ``bits``."""
    if not bits:
        return 0
    if least is not None and most is not None:
        if most < least:
            return 0
        have, width = 1, most - least + 1
        while have < width:
            step = min(have, width - have)
            bits |= bits << step
            have += step
        return (bits << least if least >= 0 else bits >> -least) & whole
    if least is not None:
        return whole & ~span(0, (bits & -bits).bit_length() - 1 + least)
    if most is not None:
        return whole & span(0, bits.bit_length() + most)
    return whole


def _minus(bound: int | None) -> int | None:
    return None if bound is None else -bound


class _Barred:
    """Distances that are not allowed, where all others are."""

    def __init__(self, holes: frozenset[int]) -> None:
        self.low = min(holes)
        self.bits = sum(1 << (hole - self.low) for hole in holes)

    def clear(self, some: int, whole: int) -> int:
        """Return every number of ``whole`` that is at an allowed distance from one of some."""
        if not some:
            return 0
        barred = whole
        for n in members(some):
            at = n + self.low
            barred &= self.bits << at if at >= 0 else self.bits >> -at
            if not barred:
                break  # two numbers that bar nothing in common leave the rest, as most do
        return whole & ~barred


class Narrowing:
    """One lag as two ways of narrowing: what its later end has left, and its earlier end."""

    def __init__(self, lag: Lag, problem: Problem) -> None:
        self.lag, self.earlier, self.later = lag, lag.earlier, lag.later
        self.timed = isinstance(lag, SlotLag)
        by_day, by_slot = (1 << problem.days) - 1, (1 << problem.day_slots[-1]) - 1
        self.whole = by_slot if self.timed else by_day
        self.price = 4 + self.whole.bit_length() // 1_000
        """Steps of a budget that narrowing by it takes."""
        self.barred: list[tuple[_Barred, _Barred, int]] = []
        """Of windows that only bar distances: forth and back, with the earlier visit's days."""
        groups: dict[tuple[int | None, int | None], int] = {}
        match lag:
            case DayLag(window=window) | SlotLag(window=window):
                groups[window.least, window.most] = self.whole
            case TableLag():
                for window, days in lag.days_of_window.items():
                    if window.holes and window.least is window.most is None:
                        back = frozenset(-hole for hole in window.holes)
                        self.barred.append((_Barred(window.holes), _Barred(back), days))
                        continue
                    for run in window.runs():
                        groups[run] = groups.get(run, 0) | days
        self.groups = list(groups.items())

    def forth(self, earlier: int) -> int:
        """Return where the later visit can be."""
        found = 0
        for (least, most), days in self.groups:
            found |= _apart(earlier & days, least, most, self.whole)
        for forth, _, days in self.barred:
            found |= forth.clear(earlier & days, self.whole)
        return found

    def back(self, later: int) -> int:
        """Return where the earlier visit can be."""
        found = 0
        for (least, most), days in self.groups:
            found |= days & _apart(later, _minus(most), _minus(least), self.whole)
        for _, back, days in self.barred:
            found |= days & back.clear(later, self.whole)
        return found


class Room:
    """What each visit has left at one point of a search."""

    def __init__(self, cut: Days, lags: list[Narrowing], count: int, budget: Budget) -> None:
        self.cut, self.lags, self.count, self.budget = cut, lags, count, budget
        self.days = [0] * count
        self.slots: dict[int, int] = {}
        self.timed = {n for lag in lags if lag.timed for n in (lag.earlier, lag.later)}
        self.touching: list[list[int]] = [[] for _ in range(count)]
        for n, lag in enumerate(lags):
            self.touching[lag.earlier].append(n)
            self.touching[lag.later].append(n)
        along = sorted(range(len(lags)), key=lambda n: (lags[n].earlier, lags[n].later))
        self.place = {n: place for place, n in enumerate(along)}
        """Where each lag comes in a sweep along the course."""
        self.along = along
        self.tries = 0

    def narrow(self, lags: range | list[int]) -> None:
        """
        Take from each visit what its lags leave no room for, until nothing changes.

        It sweeps along the course and back in turn: one sweep brings what binds an end of a chain
        to its other end, where a queue would need as many rounds as there are visits.

        Raises:
            Dead: A visit has nothing left.
            Spent: The budget ended first.
        """
        turn = 1
        waiting = {self.place[n] for n in lags}
        while waiting:
            sweep, waiting = [turn * place for place in waiting], set()
            queued = set(sweep)
            heapify(sweep)
            while sweep:
                now = heappop(sweep)
                queued.remove(now)
                lag = self.lags[self.along[turn * now]]
                self.budget.spend(lag.price)
                for n, left in (
                    (lag.later, lag.forth(self._of(lag.earlier, lag.timed))),
                    (lag.earlier, lag.back(self._of(lag.later, lag.timed))),
                ):
                    if not self.keep(n, left, lag.timed):
                        continue
                    for touched in self.touching[n]:
                        place = turn * self.place[touched]
                        if place < now:
                            waiting.add(turn * place)
                        elif place > now and place not in queued:
                            queued.add(place)
                            heappush(sweep, place)
            turn = -turn

    def _of(self, n: int, timed: bool) -> int:
        return self.slots[n] if timed else self.days[n]

    def keep(self, n: int, left: int, timed: bool) -> bool:
        """Keep only these slots or days of a visit; tell whether it had more."""
        had = self._of(n, timed)
        now = had & left
        if now == had:
            return False
        if not now:
            raise Dead
        if timed:
            self.slots[n] = now
            self.days[n] = self.cut.of(now)
        else:
            self.days[n] = now
            if n in self.timed:
                self.slots[n] &= self.cut.whole(now)
                if not self.slots[n]:
                    raise Dead
        return True

    def search(self) -> bool | None:
        """
        Return whether there is a course; ``None`` if it was not found within `TRIES`.

        Raises:
            Spent: The budget ended first.
        """
        days, slots = list(self.days), dict(self.slots)
        stack: list[tuple[list[int], dict[int, int], int]] = []
        n = 0
        while True:
            while n < self.count and self._settled(n):
                n += 1
            if n == self.count:
                self.days, self.slots = days, slots
                return True
            self.tries += 1
            if self.tries > TRIES:
                self.days, self.slots = days, slots
                return None
            stack.append((list(self.days), dict(self.slots), n))
            if not self._try(n, first=True):
                # Back to the last choice that has another way, and never that first one again.
                while stack:
                    self.days, self.slots, n = stack.pop()
                    if self._try(n, first=False):
                        break
                else:
                    self.days, self.slots = days, slots
                    return False

    def _settled(self, n: int) -> bool:
        if not self.touching[n]:
            return True
        one = self.slots[n] if n in self.timed else self.days[n]
        return not one & (one - 1)

    def _try(self, n: int, first: bool) -> bool:
        """Take the first day of a visit (then its first slot), or take it away."""
        day = self.days[n] & -self.days[n]
        by_slot = day == self.days[n]
        had = self.slots[n] if by_slot else self.days[n]
        low = had & -had
        try:
            self.keep(n, low if first else had & ~low, by_slot)
            self.narrow(self.touching[n])
        except Dead:
            return False
        return True
