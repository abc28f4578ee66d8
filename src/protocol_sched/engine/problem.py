"""
A course as integers: visits with allowed starts, and lags between them.

Nothing here knows a date, a zone or a person. A slot is a fixed number of ticks; a day is a
run of slots. Every constraint keeps the rule it came from in ``origin``, which a solver never
looks into.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import attrs


@attrs.frozen
class Allowed:
    """The starts one rule allows a visit; bit n stands for slot n, or for day n."""

    bits: int
    origin: object


@attrs.frozen
class Penalty:
    """Slots on which a visit costs ``cost`` more than elsewhere."""

    bits: int
    cost: int
    origin: object


@attrs.frozen
class Window:
    """
    Which distances are allowed and which are on target, both ends included.

    ``None`` is no bound. ``lo`` and ``hi`` are the target; a distance outside costs one for
    each unit.
    """

    least: int | None = None
    most: int | None = None
    lo: int | None = None
    hi: int | None = None
    holes: frozenset[int] = frozenset()
    """Distances between the bounds that are not allowed; only a `TableLag` has any."""

    def cost(self, distance: int) -> int | None:
        """Return what a distance costs; ``None`` where it is not allowed."""
        if self.least is not None and distance < self.least:
            return None
        if self.most is not None and distance > self.most:
            return None
        if distance in self.holes:
            return None
        if self.lo is not None and distance < self.lo:
            return self.lo - distance
        if self.hi is not None and distance > self.hi:
            return distance - self.hi
        return 0

    def moved(self, by: int) -> Window:
        """Return the window with every bound moved by so much."""

        def move(bound: int | None) -> int | None:
            return None if bound is None else bound + by

        holes = frozenset(hole + by for hole in self.holes)
        return Window(move(self.least), move(self.most), move(self.lo), move(self.hi), holes)

    def runs(self) -> Iterator[tuple[int | None, int | None]]:
        """Yield the bounds of each stretch of distances that has no hole in it, in order."""
        first = self.least
        for hole in sorted(self.holes):
            if self.most is not None and hole > self.most:
                break
            if first is None or hole > first:
                yield first, hole - 1
            first = hole + 1 if first is None else max(first, hole + 1)
        yield first, self.most


@attrs.frozen
class Target:
    """Days or slots on which a visit is on target; each ``unit`` outside costs one."""

    window: Window
    origin: object
    unit: int = 1
    weight: int = 1
    """What one unit counts; more than 1 is a breach, see `Problem.breach`."""

    @property
    def asks(self) -> tuple[object, ...]:
        """Return all that its costs depend on: targets that ask the same cost the same."""
        return (self.window, self.unit, self.weight)

    def cost(self, at: int) -> int:
        """Return what being at this day or slot costs."""
        return -(-(self.window.cost(at) or 0) // self.unit) * self.weight

    def breach(self, at: int) -> int:
        """Return the units outside a limit that cannot be kept; 0 of any other target."""
        return self.cost(at) // self.weight if self.weight > 1 else 0


@attrs.frozen
class Announced:
    """Where people know a visit to be; another start is a change for them."""

    slot: int
    """May lie outside the horizon, or where it is forbidden; then the visit must move."""
    rides: int
    """Bit set of the starts at which the ride home they know of can stay as it is."""
    origin: object


@attrs.frozen
class Item:
    """One visit to be placed."""

    name: str
    length: int
    """In slots."""
    slots: tuple[Allowed, ...]
    """Bit sets over slots; a start must be in every one."""
    days: tuple[Allowed, ...] = ()
    """Bit sets over days; the day of the start must be in every one."""
    penalties: tuple[Penalty, ...] = ()
    day_targets: tuple[Target, ...] = ()
    slot_targets: tuple[Target, ...] = ()
    announced: Announced | None = None


@attrs.frozen
class DayLag:
    """How many days ``later`` comes after ``earlier``, the same from every day."""

    earlier: int
    later: int
    window: Window
    origin: object


@attrs.frozen
class TableLag:
    """A day lag whose window depends on the earlier visit's day: months, working days, weeks."""

    earlier: int
    later: int
    windows: tuple[Window, ...]
    """One for each day of the horizon."""
    origin: object

    @cached_property
    def days_of_window(self) -> Mapping[Window, int]:
        """Return each window with the days from which it holds; months and weeks give few."""
        found: dict[Window, int] = {}
        for day, window in enumerate(self.windows):
            found[window] = found.get(window, 0) | 1 << day
        return found


@attrs.frozen
class SlotLag:
    """How many slots of real time ``later`` starts after ``earlier`` starts."""

    earlier: int
    later: int
    window: Window
    origin: object
    unit: int = 1
    """Slots off target that cost one, a part of it counting whole."""


Lag = DayLag | TableLag | SlotLag


@attrs.frozen
class GapPenalty:
    """Distances in days between two visits that cost 1 in preferences; none is forbidden."""

    earlier: int
    """The lower index; with negative distances it comes later."""
    later: int
    first: int
    last: int
    """The distances, both ends included."""
    inside: bool
    """Whether those from ``first`` to ``last`` cost, or all others."""
    origin: object

    def cost(self, distance: int) -> int:
        """Return what a distance costs."""
        return int((self.first <= distance <= self.last) is self.inside)

    @property
    def asks(self) -> tuple[int, int, bool]:
        """Return all that its cost depends on."""
        return (self.first, self.last, self.inside)


@attrs.frozen
class Option:
    """
    One way to meet a preference or a requirement about the whole course.

    What it asks of visits is by their numbers.
    """

    cost: int
    """What it costs in preferences not met, by itself."""
    allowed: tuple[tuple[int, Allowed], ...]
    penalties: tuple[tuple[int, Penalty], ...]
    origin: object
    other_rides: tuple[int, ...] = ()
    """Visits whose ride home, as people know it, cannot stay with this option."""
    gaps: tuple[GapPenalty, ...] = ()


@attrs.frozen
class Required:
    """A limit about several visits that holds if one of its options is taken; it costs nothing."""

    options: tuple[Option, ...]
    origin: object


USUAL: tuple[int, ...] = tuple(range(8))
"""The costs of a plan in their usual order: days outside broken limits, visits moved, minutes
moved, rides changed, days off target, preferences, finish, time of day."""


@attrs.frozen
class Problem:
    """Visits in order and the lags between them; ``earlier`` is always the lower index."""

    items: tuple[Item, ...]
    lags: tuple[Lag, ...]
    day_slots: tuple[int, ...]
    """The first slot of each day, and the slot after the last."""
    slot_minutes: int = 1
    irregular: tuple[tuple[int, tuple[int, ...]], ...] = ()
    """Days on which a clock changes, each with what the clock shows at each of its slots, in
    minutes after midnight."""
    preferences: tuple[tuple[Option, ...], ...] = ()
    """Preferences about the whole course; of each the option that serves best is taken."""
    gaps: tuple[GapPenalty, ...] = ()
    required: tuple[Required, ...] = ()
    breach: int = 0
    """What a day outside a limit that cannot be kept weighs in its target: more than all other
    days off target together can be. 0 where no limit is broken."""
    unavoidable: int = 0
    """Days outside such limits that every course has; targets count those beyond."""
    order: tuple[int, ...] = USUAL
    """Which cost is minimised first, which next: places in the usual order."""

    @property
    def days(self) -> int:
        """Return the number of days."""
        return len(self.day_slots) - 1
