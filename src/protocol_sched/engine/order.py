"""Which visits surely come after which, and on a later date, by the rules between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_

from protocol_sched.engine.bitsets import members
from protocol_sched.engine.problem import DayLag, Lag, SlotLag, TableLag, Window


class Order:
    """For each of so many visits, as bit sets, those that come after it by some lags."""

    def __init__(self, count: int, lags: Iterable[Lag]) -> None:
        self.after = [0] * count
        """Those that begin after it."""
        self.later = [0] * count
        """Those that begin on a later date."""
        self.apart = [0] * count
        """Those that begin two dates later, or more."""
        for lag in lags:
            for first, second, days, _ in orders(lag):
                self.after[first] |= 1 << second
                self.later[first] |= (days > 0) << second
                self.apart[first] |= (days > 1) << second
        for n in range(count):
            followed(self.after, n)
        self.later, apart = self._on_the_way(self.later), self._on_the_way(self.apart)
        self.apart = [
            apart[n] | reduce(or_, (self.later[m] for m in members(self.later[n])), 0)
            for n in range(count)
        ]

    def _on_the_way(self, direct: list[int]) -> list[int]:
        """Return for each visit those that are reached by way of some lag of these."""
        onward = [reduce(or_, (self.after[m] for m in members(some)), some) for some in direct]
        return [
            reduce(or_, (onward[m] for m in members(after)), onward[n])
            for n, after in enumerate(self.after)
        ]

    def listed(self, visits: Iterable[int]) -> list[int]:
        """Return visits so that each comes after those it follows."""
        some = list(visits)
        return sorted(some, key=lambda n: (sum(self.after[m] >> n & 1 for m in some), n))


def orders(lag: Lag) -> Iterator[tuple[int, int, int, int]]:
    """Yield which visit a lag puts before which, and by how many days and slots at the least."""
    match lag:
        case DayLag(window=Window(least=int(least))) if least > 0:
            yield lag.earlier, lag.later, least, 0
        case DayLag(window=Window(most=int(most))) if most < 0:
            yield lag.later, lag.earlier, -most, 0
        case SlotLag(window=Window(least=int(least))) if least > 0:
            yield lag.earlier, lag.later, 0, least
        case SlotLag(window=Window(most=int(most))) if most < 0:
            yield lag.later, lag.earlier, 0, -most
        case TableLag(windows=windows):
            least = min((0 if one.least is None else one.least for one in windows), default=0)
            most = max((0 if one.most is None else one.most for one in windows), default=0)
            if least > 0:
                yield lag.earlier, lag.later, least, 0
            elif most < 0:
                yield lag.later, lag.earlier, -most, 0
        case _:
            pass


def followed(row: list[int], middle: int) -> None:
    """Let all that comes before a visit come before what follows it too."""
    for n, after in enumerate(row):
        if after >> middle & 1:
            row[n] = after | row[middle]
