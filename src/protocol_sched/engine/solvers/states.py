"""What a chain moves and keeps: states, costs, layers of candidates, and ways back."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from protocol_sched.engine.problem import Window

State = tuple[int, ...]
"""
For each earlier visit that still matters, how far before the present one it was; then for each
course to differ from, how many visits so far share its days.
"""
Costs = tuple[int, ...]
Key = tuple[State, Costs]
"""A state with what was paid so far of each cost that is settled already."""
Layer = dict[tuple[Key, int], int]
"""One visit's candidates by key and by what was paid so far of the cost at hand."""
Group = tuple[int, int]
"""A cost and the candidates that have it."""
Spans = tuple[tuple[int, int, int], ...]
"""Candidates of the earlier visit, with how far, first to last, they move within the day."""

ANY = Window()


class Way(NamedTuple):
    """A way from one visit to the next."""

    gap: int
    """Days from one to the other."""
    off: int
    """Days off target."""
    state: State
    """The gaps after it."""
    mask: int
    """Candidates of the visit before from which the way is open; -1 is all of them."""
    spans: Spans | None = None
    """Where on the day it leads; ``None`` is to any candidate of it."""
    unmet: int = 0
    """Preferences about the distance that it does not meet."""


def added(way: Way, weight: int) -> int:
    """Return what a way adds to a cost in which a day off target of a distance weighs so much."""
    return weight * way.off + way.unmet if weight else 0


class Share(NamedTuple):
    """Candidates of one visit that are shared with the same courses."""

    counts: tuple[int, ...]
    """For each course to differ from, 1 if these are on its day of this visit, else 0."""
    candidates: int


class Entry(NamedTuple):
    """Candidates that may be entered: what they add to each cost, and what is paid by then."""

    paid: Costs
    adds: Costs
    candidates: int


class Level(NamedTuple):
    """One cost to be settled."""

    groups: Callable[[int, int], list[Group]]
    """Split candidates of a visit by what they add."""
    weight: int
    """What a day off target of a distance adds; 0 where distances add nothing."""
    left: list[dict[State, list[Entry]]] | None
    """For each visit what the levels before leave open; ``None`` is everything."""


class Settled(NamedTuple):
    """What a level found."""

    cost: int | None
    """The least; ``None`` where no course is left."""
    layers: list[Layer]
    """For each visit the candidates settled."""
    reached: int
    """How many visits could be placed one after another."""

    def ends(self) -> Layer:
        """Return the last visit's candidates that cost the least."""
        return {
            key: candidates for key, candidates in self.layers[-1].items() if key[1] == self.cost
        }


Path = tuple[int, tuple[int, ...]]
"""The sum of the clock times so far, and the candidates."""
EVERYWHERE = (Share((), -1),)
