"""What the slots and days of a clinic can hold, what visits use of them, and what that is worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from protocol_sched.clinic.chains import Chain
from protocol_sched.clinic.loads import Fields, Pool, Profile

Array = Any


class Rows:
    """The prices of slots and days, and what visits use of them."""

    def __init__(
        self,
        fields: Fields,
        profiles: Sequence[Profile],
        days: Sequence[tuple[Pool, ...]],
        kinds: int,
        places: int,
        chains: Sequence[Chain],
    ) -> None:
        self.slots, self.days, self.kinds = fields.slots, len(days), kinds
        self.profiles = profiles
        self.capacity = _capacity(fields, days, kinds)
        self.capacity *= _reach(fields, profiles, chains, kinds, len(days))
        # One row a day for each kind of place: a part of the day that a visit keeps from others
        # for good, since no other fits into what is left of the place.
        self.shares = _shares(profiles, self.capacity, places)
        # How large a step is for rows of either sort.
        self.scale = np.array([1.0 if kind < places else 0.25 for kind in range(kinds)])[
            :, None, None
        ]
        self.day_scale = 3.0

    def worth(self, slot_prices: Array, day_prices: Array) -> Array:
        """Return what each start is worth, by profile, day and slot."""
        slots = self.slots
        sums = np.zeros((self.kinds, self.days, slots + 1), slot_prices.dtype)
        np.cumsum(slot_prices, axis=2, out=sums[:, :, 1:])
        found = np.zeros((len(self.profiles), self.days, slots), slot_prices.dtype)
        at = np.arange(slots)
        for n, profile in enumerate(self.profiles):
            for need in profile.needs:
                for first, count, units in need.stretches:
                    low = np.clip(at + first, 0, slots)
                    high = np.clip(at + first + count, 0, slots)
                    found[n] += units * (sums[need.kind][:, high] - sums[need.kind][:, low])
            for row, (_, share, _) in enumerate(self.shares):
                found[n] += (day_prices[row] * share[n].astype(slot_prices.dtype))[:, None]
        return found

    def used(self, profile: Array, day: Array, slot: Array) -> tuple[Array, Array]:
        """Return what visits use of each row."""
        slots = self.slots
        edges = np.zeros((self.kinds, self.days * (slots + 1)))
        for n, one in enumerate(self.profiles):
            mine = profile == n
            base = day[mine] * (slots + 1)
            at = slot[mine]
            for need in one.needs:
                for first, count, units in need.stretches:
                    low = base + np.clip(at + first, 0, slots)
                    high = base + np.clip(at + first + count, 0, slots)
                    size = edges.shape[1]
                    edges[need.kind] += units * (
                        np.bincount(low, minlength=size) - np.bincount(high, minlength=size)
                    )
        use = np.cumsum(edges.reshape(self.kinds, self.days, slots + 1), axis=2)[:, :, :slots]
        by_day = np.zeros((len(self.shares), self.days))
        for row, (_, share, _) in enumerate(self.shares):
            by_day[row] = np.bincount(day, weights=share[profile, day], minlength=self.days)
        return use, by_day


def _capacity(fields: Fields, days: Sequence[tuple[Pool, ...]], kinds: int) -> Array:
    mask = (1 << fields.width) - 1
    found = np.zeros((kinds, len(days), fields.slots))
    known: dict[tuple[Pool, ...], Array] = {}
    for day, pools in enumerate(days):
        if pools not in known:
            one = np.zeros((kinds, fields.slots))
            for pool in pools:
                one[pool.kind] += [
                    pool.capacity >> n * fields.width & mask for n in range(fields.slots)
                ]
            known[pools] = one
        found[:, day] = known[pools]
    return found


def _reach(
    fields: Fields, profiles: Sequence[Profile], chains: Sequence[Chain], kinds: int, days: int
) -> Array:
    """Return 1 for each slot of each kind and day that any visit could hold, else 0."""
    starts = [[0] * days for _ in profiles]
    for chain in chains:
        done: set[int] = set()
        for stop in chain.stops:
            if stop.kind not in done:
                done.add(stop.kind)
                row = starts[stop.profile]
                starts[stop.profile] = [a | b for a, b in zip(row, stop.starts, strict=True)]
    found = np.zeros((kinds, days, fields.slots))
    for profile, row in zip(profiles, starts, strict=True):
        known: dict[int, list[int]] = {}
        for day, some in enumerate(row):
            if some not in known:
                known[some] = fields.members(some)
            for slot in known[some]:
                for need in profile.needs:
                    for first, count, _ in need.stretches:
                        found[need.kind, day, max(slot + first, 0) : slot + first + count] = 1
    return found


def _shares(
    profiles: Sequence[Profile], capacity: Array, places: int
) -> list[tuple[int, Array, Array]]:
    """
    Return rows of a day as a whole: kind, share of each profile and day, capacity of each day.

    Of a place that is free for T slots on end, a visit of length t takes the share
    ``floor((k + 1) t / T) / k`` for any k, or t / T where (k + 1) t / T is whole: then no place
    gives more than one whole (a dual feasible function; Fekete and Schepers, 2001). One that is
    free in several parts of a day is taken for several, each as long as the longest part.
    """
    found = []
    for kind in range(places):
        lengths = [
            next((need.stretches[0][1] for need in profile.needs if need.kind == kind), 0)
            for profile in profiles
        ]
        spans = [_longest(row) for row in capacity[kind] > 0]
        parts = np.maximum(np.diff(capacity[kind], axis=1, prepend=0), 0).sum(axis=1)
        plain = _table(lengths, spans, 0)
        rows = [_table(lengths, spans, k) for k in range(1, 9)]
        kept: list[Array] = []
        for row in rows:
            if (row > plain + 1e-9).any() and not any((one >= row - 1e-9).all() for one in kept):
                kept = [one for one in kept if not (row >= one - 1e-9).all()] + [row]
        found += [(kind, row, parts) for row in kept[:3]]
    return found


def _table(lengths: Sequence[int], spans: Sequence[int], k: int) -> Array:
    """Return the share of each profile on each day; with k = 0 its part of the time."""
    known = {
        (length, span): _share(length, span, k) for length in set(lengths) for span in set(spans)
    }
    return np.array([[known[length, span] for span in spans] for length in lengths])


def _share(length: int, span: int, k: int) -> float:
    if length > span or not length:
        return 0.0
    if k == 0 or (k + 1) * length % span == 0:
        return length / span
    return float(math.floor((k + 1) * length / span)) / k


def _longest(row: Array) -> int:
    """Return the length of the longest run of true values."""
    most = here = 0
    for one in row:
        here = here + 1 if one else 0
        most = max(most, here)
    return most
