"""
A legal course found soon: each visit in turn where it costs the least by then.

After each choice every other visit loses what lags leave no room for, so that a choice which
leaves one no room is taken back at once. A visit for which no choice is left comes first in the
next round. Nothing is proved: this is for calls whose effort ends before the best is found.

Source:
    Lecoutre, Sais, Tabary, Vidal, "Reasoning from last conflict(s) in constraint programming",
    Artificial Intelligence 173 (2009), for trying first what failed last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from heapq import nsmallest
from itertools import pairwise

from protocol_sched.engine.bitsets import members
from protocol_sched.engine.problem import GapPenalty, Lag, Problem, SlotLag, TableLag, Target
from protocol_sched.engine.solvers.budget import Budget, Spent
from protocol_sched.engine.solvers.choices import Choice, visit_starts
from protocol_sched.engine.solvers.elapsed import days_of
from protocol_sched.engine.solvers.narrowing import Days, Dead, Narrowing, Room
from protocol_sched.engine.solvers.result import Change, Result, Status

WIDE = 8
"""Days, and starts of each, that are tried for a visit in one round."""


class Place:
    """Where a visit is: its day, its start and what the start costs by itself."""

    def __init__(self, day: int, choice: Choice) -> None:
        self.day, self.choice = day, choice


Placed = Mapping[int, Place]
"""Places of visits, by their number."""


def dive(problem: Problem, budget: Budget) -> Result | None:
    """
    Return a course that keeps every rule, not always the best; ``None`` if none was found.

    Args:
        problem: Without preferences about the whole course and limits that need an option.
        budget: What may be spent on it; less of it finds the same course or none.
    """
    try:
        placed = _Dive(problem, budget).run()
    except (Spent, Dead):
        return None
    return None if placed is None else _result(problem, placed)


def _result(problem: Problem, placed: Placed) -> Result:
    """Return a whole course with what it costs."""
    deviation = preferences = breach = clock = 0
    change = Change()
    for n, item in enumerate(problem.items):
        day, (slot, wall, penalty, own) = placed[n].day, placed[n].choice
        aims = [(target, day) for target in item.day_targets]
        for target, at in (*aims, *((target, slot) for target in item.slot_targets)):
            breach += target.breach(at)
            deviation += target.cost(at) if target.weight == 1 else 0
        preferences += penalty
        clock += wall
        change = Change(*(a + b for a, b in zip(change, own, strict=True)))
    deviation += sum(_off(lag, placed[lag.earlier], placed[lag.later]) for lag in problem.lags)
    preferences += sum(_unmet(gap, placed) for gap in problem.gaps)
    return Result(
        Status.EFFORT_SPENT,
        tuple(placed[n].choice.slot for n in range(len(problem.items))),
        deviation=deviation,
        preferences=preferences,
        finish=max(place.day for place in placed.values()),
        time_of_day=clock,
        change=change,
        reached=len(problem.items),
        breach=breach,
    )


def _off(lag: Lag, earlier: Place, later: Place) -> int:
    """Return what a distance costs that is allowed."""
    if isinstance(lag, SlotLag):
        return -(-(lag.window.cost(later.choice.slot - earlier.choice.slot) or 0) // lag.unit)
    window = lag.windows[earlier.day] if isinstance(lag, TableLag) else lag.window
    return window.cost(later.day - earlier.day) or 0


def _unmet(gap: GapPenalty, placed: Placed) -> int:
    return gap.cost(placed[gap.later].day - placed[gap.earlier].day)


class _Dive:
    def __init__(self, problem: Problem, budget: Budget) -> None:
        self.problem, self.budget = problem, budget
        self.count = len(problem.items)
        self.starts = visit_starts(problem)
        self.cut = Days(problem.day_slots)
        self.narrowings = [Narrowing(lag, problem) for lag in problem.lags]
        widths = [end - first for first, end in pairwise(problem.day_slots)]
        self.widths = min(widths), max(widths)
        self.about: list[list[Lag]] = [[] for _ in range(self.count)]
        for lag in problem.lags:
            self.about[lag.earlier].append(lag)
            self.about[lag.later].append(lag)
        self.gaps = [
            [gap for gap in problem.gaps if n in (gap.earlier, gap.later)]
            for n in range(self.count)
        ]

    def run(self) -> Placed | None:
        """Go through the visits round after round until each has a place."""
        room = self._room()
        order = list(range(self.count))
        for _ in range(2 * self.count):
            placed: dict[int, Place] = {}
            days, slots = list(room.days), dict(room.slots)
            failed = next((n for n in order if not self._put(n, room, placed)), None)
            if failed is None:
                return placed
            room.days, room.slots = days, slots
            order.remove(failed)
            order.insert(0, failed)
        if not room.search():
            return None
        placed = {}
        for n in range(self.count):
            self._put(n, room, placed)
        return placed

    def _room(self) -> Room:
        """Return what all rules leave each visit before any is placed."""
        room = Room(self.cut, self.narrowings, self.count, self.budget)
        for n, own in enumerate(self.starts):
            room.days[n] = own.days
            if n in room.timed:
                room.slots[n] = own.slots & self.cut.whole(own.days)
            if not own.days:
                raise Dead
        room.narrow(range(len(self.narrowings)))
        return room

    def _put(self, n: int, room: Room, placed: dict[int, Place]) -> bool:
        """Place a visit where it costs the least and leaves all others room, if it can be."""
        days, slots = list(room.days), dict(room.slots)
        for place in self._places(n, room, placed):
            try:
                room.keep(n, 1 << place.day, timed=False)
                if n in room.timed:
                    room.keep(n, 1 << place.choice.slot, timed=True)
                room.narrow(room.touching[n])
            except Dead:
                room.days, room.slots = list(days), dict(slots)
                continue
            placed[n] = place
            return True
        return False

    def _places(self, n: int, room: Room, placed: Placed) -> Iterator[Place]:
        """Yield some places of a visit, on the days that cost the least, the cheapest first."""
        self.budget.spend(room.days[n].bit_count() * (1 + len(self.about[n]) // 8))
        near = nsmallest(WIDE, members(room.days[n]), lambda day: self._least(n, day, placed))
        for day in near:
            choices = self.starts[n].on(day)
            if n in room.timed:
                choices = [one for one in choices if room.slots[n] >> one.slot & 1]
            self.budget.spend(len(choices))
            places = [Place(day, choice) for choice in choices]
            yield from nsmallest(WIDE, places, lambda place: self._rank(n, place, placed))

    def _least(self, n: int, day: int, placed: Placed) -> tuple[int, ...]:
        """Return what a visit costs on a day as far as days alone say."""
        off = 0
        for lag in self.about[n]:
            other = lag.later if lag.earlier == n else lag.earlier
            if other in placed:
                off += self._off_by_days(lag, n, day, placed[other].day)
        item = self.problem.items[n]
        breach = sum(target.breach(day) for target in item.day_targets)
        off += sum(target.cost(day) for target in item.day_targets if target.weight == 1)
        first, end = self.problem.day_slots[day : day + 2]
        for target in item.slot_targets:
            least = min(target.cost(at) for at in _nearest(target, first, end - 1))
            breach += least // target.weight if target.weight > 1 else 0
            off += least if target.weight == 1 else 0
        known = item.announced
        away = 0 if known is None else max(first - known.slot, known.slot - (end - 1), 0)
        penalty = self.starts[n][day].penalty if known is None else 0
        unmet = penalty + self._unmet(n, day, placed)
        minutes = away * self.problem.slot_minutes
        return self._ordered((breach, int(away > 0), minutes, 0, off, unmet, day, 0))

    def _off_by_days(self, lag: Lag, n: int, day: int, other: int) -> int:
        earlier, later = (day, other) if lag.earlier == n else (other, day)
        if isinstance(lag, SlotLag):
            window = lag.window
            lo, hi = window.lo, window.hi
            least = days_of(type(window)(lo, hi), *self.widths)
            far = max((least.least or 0) - (later - earlier), 0) if lo is not None else 0
            far += max(later - earlier - (least.most or 0), 0) if hi is not None else 0
            return far * self.widths[0] // lag.unit
        window = lag.windows[earlier] if isinstance(lag, TableLag) else lag.window
        return window.cost(later - earlier) or 0

    def _rank(self, n: int, place: Place, placed: Placed) -> tuple[int, ...]:
        """Return what a visit costs at a place beside those placed."""
        off = 0
        for lag in self.about[n]:
            if lag.earlier == n and lag.later in placed:
                off += _off(lag, place, placed[lag.later])
            elif lag.later == n and lag.earlier in placed:
                off += _off(lag, placed[lag.earlier], place)
        item, choice = self.problem.items[n], place.choice
        breach = 0
        aims = [(target, place.day) for target in item.day_targets]
        for target, at in (*aims, *((target, choice.slot) for target in item.slot_targets)):
            breach += target.breach(at)
            off += target.cost(at) if target.weight == 1 else 0
        unmet = choice.penalty + self._unmet(n, place.day, placed)
        return self._ordered((breach, *choice.change, off, unmet, place.day, choice.wall))

    def _unmet(self, n: int, day: int, placed: Placed) -> int:
        unmet = 0
        for gap in self.gaps[n]:
            if gap.earlier == n and gap.later in placed:
                unmet += gap.cost(placed[gap.later].day - day)
            elif gap.later == n and gap.earlier in placed:
                unmet += gap.cost(day - placed[gap.earlier].day)
        return unmet

    def _ordered(self, costs: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(costs[place] for place in self.problem.order)


def _nearest(target: Target, first: int, last: int) -> tuple[int, int]:
    """Return the slots of a day that are nearest to a target from either side."""
    window = target.window
    low = first if window.lo is None else min(max(window.lo, first), last)
    high = last if window.hi is None else min(max(window.hi, first), last)
    return low, high
