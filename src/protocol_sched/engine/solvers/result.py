"""What a solver is asked beside a problem, and what it answers."""

from __future__ import annotations

import enum
from typing import NamedTuple

import attrs

from protocol_sched.engine.problem import Option


class Status(enum.Enum):
    """Three different answers."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    EFFORT_SPENT = "effort spent"
    """Neither proved; ``starts`` may hold a plan, ``bound`` what none can be under."""


class Change(NamedTuple):
    """What differs from what people know; the first cost of a plan, in this order."""

    moved: int = 0
    """Visits that begin at another time."""
    minutes: int = 0
    """Sum over them of how far they moved."""
    rides: int = 0
    """Visits whose ride home cannot stay as it was."""


@attrs.frozen
class Result:
    """Start slots with their cost, or the reason there are none."""

    status: Status
    starts: tuple[int, ...] | None = None
    deviation: int = 0
    preferences: int = 0
    finish: int = 0
    """Day of the last visit."""
    time_of_day: int = 0
    """Sum of the wall-clock starts in minutes."""
    change: Change = Change()
    bound: int = 0
    """A deviation no plan can be under."""
    reached: int = 0
    """How many visits could be placed one after another, before the first that could not."""
    work: int = 0
    """Steps taken; the same on every machine."""
    options: tuple[Option, ...] = ()
    """The option taken of each preference about the whole course."""
    breach: int = 0
    """Days outside limits that cannot be kept, beyond those that no course can avoid."""

    @property
    def costs(self) -> tuple[int, ...]:
        """Return what a plan costs, most important first in the usual order."""
        return (
            self.breach,
            *self.change,
            self.deviation,
            self.preferences,
            self.finish,
            self.time_of_day,
        )

    def ranked(self, order: tuple[int, ...]) -> tuple[int, ...]:
        """Return what a plan costs, most important first in another order."""
        costs = self.costs
        return tuple(costs[place] for place in order)


@attrs.frozen
class Unlike:
    """Courses that a new one must differ from."""

    days: tuple[tuple[int, ...], ...] = ()
    """For each such course the day of each visit."""
    shared: int = 0
    """How many visits, at the most, may be on the same day as in any one of them."""


@attrs.frozen
class FirstDay:
    """What the best course costs whose first visit is on this day."""

    day: int
    deviation: int
    preferences: int
    finish: int
    """Day of its last visit."""
    breach: int = 0


@attrs.frozen
class FirstDays:
    """The days on which a course can begin."""

    days: tuple[FirstDay, ...]
    """In order."""
    complete: bool = True
    """False where the effort ended first: then days may be missing, and the best course from one
    may cost less."""
