"""
Cheapest sets of changes that make a problem possible: minimal correction sets by cost.

A change is any value with a cost. What is impossible after some changes tells which further ones
could matter; only those are tried, cheapest sets first. So every set found is proved the cheapest
that is left, as long as the search was not cut short.

Source:
    Reiter, "A theory of diagnosis from first principles", Artificial Intelligence 32 (1987): the
    tree of hitting sets, here searched in order of cost.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from heapq import heappop, heappush
from operator import eq
from typing import Generic, TypeVar

import attrs

C = TypeVar("C", bound=Hashable)

Blocking = Callable[[tuple[C, ...]], Iterable[tuple[C, ...]] | None]
"""
What stands in the way after some changes: the further changes that could help with it, each
alone or those that help only together. ``None`` where nothing stands in the way any more.
"""


@attrs.frozen
class Corrections(Generic[C]):
    """Sets of changes with their costs, cheapest first, and what is proved of them."""

    found: tuple[tuple[tuple[C, ...], int], ...]
    complete: bool
    """False where the search was cut short: then only sets cheaper than ``bound`` were all seen."""
    bound: int
    """No set that makes room and is not named costs less."""


def cheapest_corrections(
    blocking: Blocking[C],
    cost: Callable[[C], int],
    *,
    covers: Callable[[C, C], bool] = eq,
    count: int = 3,
    looks: int = 100,
) -> Corrections[C]:
    """
    Return the cheapest sets of changes that make room, none of which holds another.

    Sets of equal cost come in the order in which their changes were offered.

    Args:
        blocking: Says what stands in the way. Whatever makes room must hold one of the changes
            (or sets of them) that it offers; more changes must never make anything impossible.
        cost: Of one change, above zero; a set costs the sum.
        covers: Whether a first change does all that a second one does. A set that covers one
            already found is left out.
        count: How many sets at the most.
        looks: How often ``blocking`` is asked before the search is cut short.
    """
    found: list[tuple[tuple[C, ...], int]] = []
    order: dict[C, int] = {}
    queue: list[tuple[int, tuple[int, ...], tuple[C, ...]]] = [(0, (), ())]
    seen: set[frozenset[C]] = {frozenset()}
    bound = 0
    while queue and len(found) < count and looks:
        price, _, changes = heappop(queue)
        bound = price
        if _covers_one(changes, found, covers):
            continue
        looks -= 1
        offered = blocking(changes)
        if offered is None:
            found.append((changes, price))
            continue
        for more in offered:
            for one in more:
                order.setdefault(one, len(order))
            together = frozenset((*changes, *more))
            if together in seen:
                continue
            seen.add(together)
            names = tuple(sorted(together, key=order.__getitem__))
            ranked = tuple(order[one] for one in names)
            heappush(queue, (sum(map(cost, names)), ranked, names))
    complete = not queue or len(found) == count
    if not complete:
        # Better some that are perhaps not the cheapest than none: the smallest sets that wait.
        bound = queue[0][0]
        few = sorted(queue, key=lambda one: (len(one[2]), one[:2]))
        for price, _, changes in few[:LAST_LOOKS]:
            if (
                len(found) < count
                and not _covers_one(changes, found, covers)
                and blocking(changes) is None
            ):
                found.append((changes, price))
    return Corrections(tuple(found), complete, bound)


LAST_LOOKS = 20
"""So many of the smallest sets are still tried when a search is cut short."""


def _covers_one(
    changes: tuple[C, ...],
    found: list[tuple[tuple[C, ...], int]],
    covers: Callable[[C, C], bool],
) -> bool:
    return any(
        all(any(covers(one, small) for one in changes) for small in less) for less, _ in found
    )
