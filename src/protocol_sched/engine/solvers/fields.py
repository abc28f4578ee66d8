"""Sets of candidates: a run of days in which each day is a field for as many of them."""

from __future__ import annotations

from collections.abc import Iterable

from protocol_sched.engine.bitsets import joined


class Fields:
    """
    Days laid end to end, ``width`` candidates each; candidate n of a day is bit
    ``day * stride + n``.

    A field has a bit or more to spare at its top. It is what lets one subtraction move through
    all days at once and stop at the edge of each; see `upwards`.
    """

    def __init__(self, days: int, width: int) -> None:
        self.days, self.width = days, width
        self.stride = (width // 8 + 1) * 8
        self._ones = joined([1] * days, self.stride)
        self._tops = self._ones << width
        self.all = self._tops - self._ones
        """Every candidate of every day."""
        self._low: dict[int, int] = {}

    def of(self, days: Iterable[int]) -> int:
        """Return the set from one small set for each day."""
        return joined(days, self.stride)

    def every(self, days: int) -> int:
        """Return all candidates of the days in a bit set of day numbers."""
        days &= (1 << self.days) - 1
        found = 0
        while days:  # one run of days at a time: windows leave few
            first = (days & -days).bit_length() - 1
            run = days >> first
            length = (~run & (run + 1)).bit_length() - 1
            found |= (1 << self.stride * length) - 1 << self.stride * first
            days &= ~((1 << length) - 1 << first)
        return found & self.all

    def _some(self, candidates: int) -> int:
        """Return the spare bit of each day that has a candidate in the set."""
        return ((candidates | self._tops) - self._ones) & self._tops

    def filled(self, candidates: int) -> int:
        """Return every candidate of the days that have one in the set."""
        some = self._some(candidates)
        return some - (some >> self.width)

    def upwards(self, candidates: int) -> int:
        """Return on each day the first candidate in the set and all after it."""
        # Taking one from a field clears its lowest bit and sets all below it.
        below = ((candidates | self._tops) - self._ones) & ~candidates
        return self.all & ~below

    def _first(self, count: int) -> int:
        """Return the first ``count`` candidates of each day."""
        if count not in self._low:
            self._low[count] = (self._ones << count) - self._ones
        return self._low[count]

    def within(self, candidates: int, first: int, last: int) -> int:
        """
        Return all candidates of the same day from ``first`` to ``last`` after one in the set.

        Both ends included; negative is before.
        """
        width = self.width
        if first <= 1 - width and last >= width - 1:
            return self.filled(candidates)
        found = 0
        if last >= 0:
            found = self._later(candidates, max(first, 0), last)
        if first < 0:
            found |= self._earlier(candidates, max(-last, 1), -first)
        return found

    def _later(self, candidates: int, first: int, last: int) -> int:
        width = self.width
        if first >= width:
            return 0
        moved = (candidates & self._first(width - first)) << first
        if last >= width - 1:
            return self.upwards(moved)
        have, wanted = 1, last - first + 1
        while have < wanted and moved:
            step = min(have, wanted - have)
            moved |= (moved & self._first(width - step)) << step
            have += step
        return moved

    def _earlier(self, candidates: int, first: int, last: int) -> int:
        width = self.width
        if first >= width:
            return 0
        moved = (candidates & ~self._first(first)) >> first
        have, wanted = 1, min(last, width - 1) - first + 1
        while have < wanted and moved:
            step = min(have, wanted - have)
            moved |= (moved & ~self._first(step)) >> step
            have += step
        return moved
