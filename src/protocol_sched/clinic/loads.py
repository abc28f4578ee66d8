"""
What is held of a clinic, day by day, as packed integers.

A day is one Python integer for each pool of resources: a field of bits for every slot holds how
much of the pool is taken then. So whether a visit has room is answered for all starts of a day at
once. A pool is what can stand in for each other: the chairs that are free at the same times of a
day, or the units of one kind of staff.

A set of starts has one bit for each slot too, the top bit of its field.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs


@attrs.frozen
class Fields:
    """How a day is cut: so many slots, each a field of so many bits."""

    slots: int
    width: int

    @property
    def ones(self) -> int:
        """Return 1 in every field."""
        return ((1 << self.slots * self.width) - 1) // ((1 << self.width) - 1)

    @property
    def tops(self) -> int:
        """Return the top bit of every field: the set of all starts."""
        return self.ones << self.width - 1

    def packed(self, amounts: Iterable[int]) -> int:
        """Return one amount for each slot, in order, as one integer."""
        return sum(amount << n * self.width for n, amount in enumerate(amounts))

    def start(self, slot: int) -> int:
        """Return the set of one start."""
        return 1 << slot * self.width + self.width - 1

    def slot(self, start: int) -> int:
        """Return the slot of a set of one start."""
        return (start.bit_length() - 1) // self.width

    def members(self, starts: int) -> list[int]:
        """Return the slots in a set of starts, lowest first."""
        found = []
        while starts:
            low = starts & -starts
            found.append(self.slot(low))
            starts ^= low
        return found


@attrs.frozen
class Need:
    """How much of one kind a visit holds: ``(first slot, slots, units)``, from its start."""

    kind: int
    stretches: tuple[tuple[int, int, int], ...]
    """In order and apart from one another."""


@attrs.frozen
class Profile:
    """What visits of one shape hold of a clinic."""

    needs: tuple[Need, ...]

    @property
    def first(self) -> int:
        """Return the first slot held, from the start; negative for preparation before it."""
        return min((need.stretches[0][0] for need in self.needs), default=0)

    @property
    def end(self) -> int:
        """Return the slot after the last one held, from the start."""
        return max((a + n for need in self.needs for a, n, _ in need.stretches), default=0)


@attrs.frozen
class Pool:
    """What can stand in for each other on one day."""

    kind: int
    capacity: int
    """Packed: how much there is at each slot."""
    names: tuple[str, ...] = ()
    """Of places; empty for staff."""


@attrs.frozen
class Held:
    """Where one visit is: its day, its start as a set of one, and the pool of each need."""

    day: int
    start: int
    profile: int
    pools: tuple[int, ...]


Snapshot = tuple[list[int], dict[int, int]]


class Loads:
    """
    What is held on each day, and for each profile the starts at which there is room.

    Args:
        fields: How a day is cut.
        profiles: What visits hold, by number.
        days: The pools of each day.
    """

    def __init__(
        self, fields: Fields, profiles: Iterable[Profile], days: Iterable[tuple[Pool, ...]]
    ) -> None:
        self.fields = fields
        self.profiles = tuple(profiles)
        self.pools = tuple(days)
        self._width, self._ones, self._tops = fields.width, fields.ones, fields.tops
        # All fields of a day; and a day with one slot more, as which its end is seen.
        self._all = (1 << fields.slots * fields.width) - 1
        on = attrs.evolve(fields, slots=fields.slots + 1)
        self._ones_on, self._tops_on = on.ones, on.tops
        # What is left of each pool, with the top bit of each field set as a guard: it stays set
        # after a subtraction exactly where enough was left.
        self._left = [[pool.capacity | self._tops for pool in day] for day in self.pools]
        self._rooms: list[dict[int, int]] = [{} for _ in self.pools]
        self._plans = self._planned()
        self._patterns = [
            tuple(
                sum(
                    fields.packed([units] * count) << (a - profile.first) * fields.width
                    for a, count, units in need.stretches
                )
                for need in profile.needs
            )
            for profile in self.profiles
        ]
        self._firsts = [profile.first * fields.width for profile in self.profiles]
        self._saved: dict[int, Snapshot] | None = None

    def room(self, profile: int, day: int) -> int:
        """Return the starts of a day at which a visit of a profile finds all it needs."""
        rooms = self._rooms[day]
        found = rooms.get(profile)
        if found is None:
            found = rooms[profile] = self._room(profile, day)
        return found

    def _planned(self) -> list[list[tuple[tuple[tuple[int, ...], Tests], ...]]]:
        """Return for each day and profile which pools serve each need, and how it is tested."""
        tests = [[_tests(need, self.fields) for need in one.needs] for one in self.profiles]
        known: dict[tuple[Pool, ...], list[tuple[tuple[tuple[int, ...], Tests], ...]]] = {}
        found = []
        for pools in self.pools:
            if pools not in known:
                known[pools] = [
                    tuple(
                        (tuple(n for n, pool in enumerate(pools) if pool.kind == need.kind), test)
                        for need, test in zip(profile.needs, each, strict=True)
                    )
                    for profile, each in zip(self.profiles, tests, strict=True)
                ]
            found.append(known[pools])
        return found

    def _room(self, profile: int, day: int) -> int:
        found, tops = self._tops, self._tops
        left = self._left[day]
        for pools, tests in self._plans[day][profile]:
            if len(pools) == 1:
                free = left[pools[0]]
                for units, steps, first in tests:
                    enough = free - units & tops
                    for step in steps:
                        enough &= enough >> step
                    found &= enough >> first if first >= 0 else enough << -first
            else:
                anywhere = 0
                for n in pools:
                    anywhere |= _fits(left[n], tests, tops)
                found &= anywhere
        return found

    def snug(self, profile: int, day: int) -> tuple[int, int]:
        """
        Return the starts that leave no gap in the day before a visit, and those that leave none
        after it.

        None is left where one more place is free from then on, or until then: it would stay free
        for what is shorter only.
        """
        before = after = 0
        left, width = self._left[day], self._width
        for need, (numbers, _) in zip(
            self.profiles[profile].needs, self._plans[day][profile], strict=True
        ):
            begin, count, _ = need.stretches[0]
            first, end = begin * width, (begin + count) * width
            for n in numbers:
                if not self.pools[day][n].names:
                    break
                # A field keeps its guard where more is left than at its neighbour.
                free = left[n] ^ self._tops
                earlier = free << width
                more = left[n] - self._ones - (earlier & self._all) & self._tops
                less = (earlier | self._tops_on) - self._ones_on - free & self._tops_on
                before |= more >> first if first >= 0 else more << -first
                after |= less >> end if end >= 0 else less << -end
        return before & self._tops, after & self._tops

    def short_of(self, profile: int, day: int, start: int) -> int | None:
        """Return the first kind of which a visit at a start would not have enough."""
        left, tops = self._left[day], self._tops
        for need, (pools, tests) in zip(
            self.profiles[profile].needs, self._plans[day][profile], strict=True
        ):
            if not any(_fits(left[n], tests, tops) & start for n in pools):
                return need.kind
        return None

    def hold(self, profile: int, day: int, start: int) -> Held:
        """Let a visit hold what it needs from a start at which there is room."""
        left = self._touched(day)
        shift = start.bit_length() - self._width + self._firsts[profile]
        chosen = []
        for (pools, tests), pattern in zip(
            self._plans[day][profile], self._patterns[profile], strict=True
        ):
            n = pools[0]
            if len(pools) > 1:
                n = next(n for n in pools if _fits(left[n], tests, self._tops) & start)
            left[n] -= pattern << shift
            chosen.append(n)
        return Held(day, start, profile, tuple(chosen))

    def release(self, held: Held) -> None:
        """Let go of what a visit holds."""
        left = self._touched(held.day)
        shift = held.start.bit_length() - self._width + self._firsts[held.profile]
        for n, pattern in zip(held.pools, self._patterns[held.profile], strict=True):
            left[n] += pattern << shift

    def _touched(self, day: int) -> list[int]:
        """Return what is left of a day to be changed, and forget what followed from it."""
        if self._saved is not None and day not in self._saved:
            self._saved[day] = (self._left[day], self._rooms[day])
            self._left[day] = list(self._left[day])
        self._rooms[day] = {}
        return self._left[day]

    def begin(self) -> None:
        """Remember from now on what changes."""
        self._saved = {}

    def undo(self) -> None:
        """Go back to what was so at `begin`."""
        for day, (left, rooms) in (self._saved or {}).items():
            self._left[day], self._rooms[day] = left, rooms
        self._saved = None


Tests = tuple[tuple[int, tuple[int, ...], int], ...]
"""For each stretch of a need its units in every field, how its length is doubled up, and how far
it is from the start."""


def _tests(need: Need, fields: Fields) -> Tests:
    found = []
    for first, count, units in need.stretches:
        steps, have = [], 1
        while have < count:
            step = min(have, count - have)
            steps.append(step * fields.width)
            have += step
        found.append((units * fields.ones, tuple(steps), first * fields.width))
    return tuple(found)


def _fits(free: int, tests: Tests, tops: int) -> int:
    """Return the starts at which a pool has room for a need."""
    found = tops
    for units, steps, first in tests:
        enough = free - units & tops
        for step in steps:
            enough &= enough >> step
        found &= enough >> first if first >= 0 else enough << -first
    return found
