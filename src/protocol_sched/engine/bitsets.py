"""Sets of slots or days as Python integers: bit n is set when n is in the set."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from functools import lru_cache
from itertools import pairwise


def span(start: int, end: int) -> int:
    """Return the set ``[start, end)``, cut at 0; empty when nothing is left."""
    start = max(start, 0)
    return ((1 << (end - start)) - 1) << start if end > start else 0


def bit(number: int) -> int:
    """Return the set of one number; empty where that is negative."""
    return 1 << number if number >= 0 else 0


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


@lru_cache(maxsize=16)
def _runs(starts: tuple[int, ...]) -> tuple[tuple[int, int, int], ...]:
    """Return runs of pieces of one width: first piece, how many, width."""
    found: list[tuple[int, int, int]] = []
    for k, (first, last) in enumerate(pairwise(starts)):
        if found and found[-1][2] == last - first:
            found[-1] = (found[-1][0], found[-1][1] + 1, last - first)
        else:
            found.append((k, 1, last - first))
    return tuple(found)


@lru_cache(maxsize=64)
def _tops(count: int, width: int) -> int:
    """Return the highest number of each of so many pieces laid end to end."""
    return joined([1 << width - 1] * count, width)


_DIGITS = bytes(0x31 if byte else 0x30 for byte in range(256))
"""Turns bytes into the digits 0 and 1, by whether they are zero."""


def inhabited(bits: int, starts: tuple[int, ...]) -> int:
    """Return the numbers of the pieces between ``starts`` that have a member, as a set."""
    found = 0
    for k, count, width in _runs(starts):
        if width % 8 or count == 1:
            for n in range(k, k + count):
                if bits >> starts[n] & ((1 << width) - 1):
                    found |= 1 << n
            continue
        # Adding all but the top number of each piece carries into its top if anything is there.
        here = bits >> starts[k] & ((1 << count * width) - 1)
        tops = _tops(count, width)
        below = ((1 << count * width) - 1) ^ tops
        some = ((here & below) + below | here) & tops
        raw = some.to_bytes(count * width // 8, "little")[width // 8 - 1 :: width // 8]
        found |= int(raw.translate(_DIGITS)[::-1], 2) << k
    return found


def numbered(sets: Iterable[tuple[Hashable, tuple[object, ...]]]) -> list[int]:
    """
    Return a number for each of several groups of large sets; equal groups have the same one.

    Each group has a small value first, which is hashed. The sets are compared and not hashed,
    since that would read all of each, and mostly equal ones are the same object.
    """
    known: dict[Hashable, list[tuple[tuple[object, ...], int]]] = {}
    found: list[int] = []
    count = 0
    for small, group in sets:
        alike = known.setdefault(small, [])
        number = next((number for other, number in alike if other == group), None)
        if number is None:
            number, count = count, count + 1
            alike.append((group, number))
        found.append(number)
    return found
