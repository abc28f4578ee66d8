"""What distances between visits say together: the shortest paths over all of them."""

from __future__ import annotations

from collections.abc import Iterable

FAR = 10**9
"""More than any distance in a horizon."""

Most = list[list[int]]
"""For two visits, how far the second may come after the first at the most; `FAR` is any."""


def closed(count: int, bounds: Iterable[tuple[int, int, int, int]]) -> Most:
    """
    Return how far each visit may come after each other one, by all distances together.

    Args:
        bounds: For two visits the least and most distance from the first to the second.

    Source:
        Floyd, "Algorithm 97: shortest path", Communications of the ACM 5 (1962).
    """
    most = [[0 if a == b else FAR for b in range(count)] for a in range(count)]
    for first, second, least, greatest in bounds:
        most[first][second] = min(most[first][second], greatest)
        most[second][first] = min(most[second][first], -least)
    for middle in range(count):
        through = most[middle]
        for row in most:
            if (so_far := row[middle]) < FAR:
                row[:] = [
                    there if there <= so_far + more else so_far + more
                    for there, more in zip(row, through, strict=True)
                ]
    return most
