"""Sets of slots or days as Python integers: bit n is set when n is in the set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise


def span(start: int, end: int) -> int:
    """Return the set ``[start, end)``, cut at 0; empty when nothing is left."""
    start = max(start, 0)
    return ((1 << (end - start)) - 1) << start if end > start else 0


def shifted(bits: int, by: int) -> int:
    """Return the set with every number moved by ``by``; what falls below 0 is lost."""
    return bits << by if by >= 0 else bits >> -by


def members(bits: int) -> Iterator[int]:
    """Yield the numbers in the set, lowest first."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


def eroded(free: int, length: int) -> int:
    """
    Return every n such that ``n .. n + length - 1`` are all in the set.

    In log2(length) steps. A length of 0 gives the set itself with nothing asked: every n
    inside or at the end of a run.
    """
    if length == 0:
        return free | free << 1
    have = 1
    while have < length and free:
        step = min(have, length - have)
        free &= free >> step
        have += step
    return free


def joined(days: Iterable[int], width: int) -> int:
    """Return sets of ``width`` numbers each, laid end to end; ``width`` a multiple of 8."""
    size = width // 8
    return int.from_bytes(b"".join([day.to_bytes(size, "little") for day in days]), "little")


def pieces(bits: int, starts: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """
    Yield ``(k, part)`` for each non-empty part of the set cut at ``starts``.

    Part k holds the numbers from ``starts[k]`` up to ``starts[k + 1]``, moved to begin at 0.
    """
    raw = bits.to_bytes((max(bits.bit_length(), starts[-1]) + 7) // 8, "little")
    width = mask = 0
    for k, (first, last) in enumerate(pairwise(starts)):
        if last - first != width:
            width, mask = last - first, (1 << (last - first)) - 1
        part = int.from_bytes(raw[first >> 3 : (last + 7) >> 3], "little") >> (first & 7) & mask
        if part:
            yield k, part
