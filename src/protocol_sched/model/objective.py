"""What a plan costs: named levels in an order, each minimised before the next is looked at."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from datetime import date

import attrs

from protocol_sched.errors import InvalidValue
from protocol_sched.model.typed import typed


class Level(enum.Enum):
    """One thing that a plan costs, by the name of its field in `Objective`, in the usual order."""

    BREACH = "breach"
    MOVED = "moved"
    MINUTES_MOVED = "minutes_moved"
    RIDES_CHANGED = "rides_changed"
    DEVIATION = "deviation"
    PREFERENCES = "preferences"
    FINISH = "finish"
    TIME_OF_DAY = "time_of_day"


ORDER: tuple[Level, ...] = tuple(Level)
"""The usual order, most important first."""


def ordered(first: Iterable[Level]) -> tuple[Level, ...]:
    """
    Return all levels in a caller's order; those that are not named follow in the usual one.

    Limits that what happened broke come before everything: no order puts them behind.

    Raises:
        InvalidValue: A level is named twice, or broken limits are named and not first.
    """
    named = tuple(first)
    for level in named:
        if not isinstance(level, Level):
            raise InvalidValue("order", "level", repr(level), "a Level")
        if named.count(level) > 1:
            raise InvalidValue("order", "level", f"{level.value!r} twice", "each level once")
    if Level.BREACH in named[1:]:
        place = f"place {named.index(Level.BREACH) + 1}"
        raise InvalidValue("order", "breach", place, "the first place, or not named")
    named = tuple(level for level in named if level is not Level.BREACH)
    return (Level.BREACH, *named, *(one for one in ORDER[1:] if one not in named))


@attrs.frozen(kw_only=True, field_transformer=typed)
class Objective:
    """
    What a plan costs; each level is minimised before the next of `order` is looked at.

    ``bound`` is a deviation no plan can be under that is as good in the levels before it; equal
    to ``deviation`` when proved.
    """

    deviation: int
    """Days outside the target, over all spacings."""
    preferences: int
    """Preferences not met; see `Preferences`."""
    finish: date | None
    """Date of the last visit; ``None`` for a plan without visits."""
    time_of_day: int
    """Sum of the arrivals, in minutes after midnight."""
    bound: int = 0
    moved: int = 0
    """Visits that begin at another time than people know. This and the next two come before
    everything above in the usual order."""
    minutes_moved: int = 0
    """Sum over those visits of how far they moved."""
    rides_changed: int = 0
    """Visits whose escort, as people know, cannot stay."""
    breach: int = 0
    """Days outside limits that what happened broke; see `Breach`. It comes before all the
    others, least change too."""
    order: tuple[Level, ...] = attrs.field(default=ORDER, converter=ordered)
    """All levels, most important first."""

    @property
    def levels(self) -> tuple[tuple[Level, int | date | None], ...]:
        """Return what the plan costs in each level, most important first."""
        return tuple((level, getattr(self, level.value)) for level in self.order)
