"""Which visits leave a day: the fewest that make room for the others where people know them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from protocol_sched.clinic.fewest import Capacity, Holding, Row

LOOKS = 4000
"""How many choices are tried for one day before the best so far is taken."""


def leaving(visits: Sequence[Sequence[Holding]], capacity: Capacity) -> tuple[int, ...]:
    """
    Return the visits that leave, by number, lowest first.

    For each day these are the fewest whose going leaves no more held than there is, if that is
    found within a fixed number of looks. Kinds of places count as one, whichever of them is free.
    """
    held: dict[Row, list[int]] = {}
    on: dict[int, dict[int, None]] = {}
    for n, visit in enumerate(visits):
        for day, kind, first, count, units in visit:
            row = held.setdefault((day, kind), [0] * capacity.fields.slots)
            for slot in range(max(first, 0), min(first + count, len(row))):
                row[slot] += units
            on.setdefault(day, {})[n] = None
    found: list[int] = []
    for day, here in on.items():
        over: dict[tuple[int, int], int] = {}
        for (that, kind), row in held.items():
            if that == day:
                limit = capacity((day, kind))
                for slot, (units, most) in enumerate(zip(row, limit, strict=True)):
                    if units > most:
                        over[kind, slot] = units - most
        if over:
            uses = {n: use for n in here if (use := _use(visits[n], day, over))}
            found += _Day(uses).fewest(over)
    return tuple(sorted(found))


def _use(
    visit: Sequence[Holding], day: int, over: Mapping[tuple[int, int], int]
) -> dict[tuple[int, int], int]:
    """Return what a visit holds where too much is held."""
    found: dict[tuple[int, int], int] = {}
    for that, kind, first, count, units in visit:
        if that == day:
            for slot in range(first, first + count):
                if (kind, slot) in over:
                    found[kind, slot] = found.get((kind, slot), 0) + units
    return found


class _Day:
    """A day on which too much is held."""

    def __init__(self, uses: Mapping[int, Mapping[tuple[int, int], int]]) -> None:
        self.uses = uses
        self.best: list[int] | None = None
        self.looks = LOOKS

    def fewest(self, over: Mapping[tuple[int, int], int]) -> list[int]:
        """Return who leaves."""
        self._try([], dict(over), list(self.uses))
        return self.best or []

    def _try(self, gone: list[int], over: dict[tuple[int, int], int], left: list[int]) -> None:
        if not over:
            self.best = list(gone)
            return
        self.looks -= 1
        known = None if self.best is None else len(self.best)
        point = max(over, key=lambda one: (over[one], (-one[0], -one[1])))
        here = [n for n in left if self.uses[n].get(point)]
        most = max((self.uses[n][point] for n in here), default=0)
        if not most or (known is not None and len(gone) - (-over[point] // most) >= known):
            return
        # The one whose going helps most first; once it was tried, it stays.
        here.sort(key=lambda n: (-self._helps(n, over), n))
        for n in here:
            rest = dict(over)
            for one, units in self.uses[n].items():
                if one in rest:
                    rest[one] -= units
                    if rest[one] <= 0:
                        del rest[one]
            left = [m for m in left if m != n]
            self._try([*gone, n], rest, left)
            if self.looks <= 0 and self.best is not None:
                return

    def _helps(self, n: int, over: Mapping[tuple[int, int], int]) -> int:
        return sum(min(units, over[one]) for one, units in self.uses[n].items() if one in over)
