"""Which place each visit has, once it is known when each is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from protocol_sched.clinic.loads import Held, Loads

Seat = tuple[int, int, int]
"""A course, a visit and a need, by number."""


def seats(
    loads: Loads,
    placed: Mapping[int, Iterable[Held]],
    known: Mapping[tuple[int, int], Iterable[str]],
) -> dict[Seat, str]:
    """
    Return the name of the place for each need of each visit that holds one.

    As many places are enough as are held at once, since all of a pool are free at the same times:
    in order of their starts, each visit has a place that nobody holds by then. One that people
    know, if it is free; else one that is not known for a later visit before this one ends, of
    these the one that has been free the longest.

    Args:
        placed: The visits of each course, in order.
        known: Names of places people know a visit by, by course and visit.
    """
    rows: dict[tuple[int, int], list[tuple[int, int, bool, Seat]]] = {}
    for course, visits in placed.items():
        for visit, held in enumerate(visits):
            profile = loads.profiles[held.profile]
            start = loads.fields.slot(held.start)
            for need, pool in enumerate(held.pools):
                if loads.pools[held.day][pool].names:
                    first, count, _ = profile.needs[need].stretches[0]
                    told = (course, visit) not in known
                    one = (start + first, start + first + count, told, (course, visit, need))
                    rows.setdefault((held.day, pool), []).append(one)
    found: dict[Seat, str] = {}
    for (day, pool), uses in sorted(rows.items()):
        free_from = dict.fromkeys(loads.pools[day][pool].names, -1)
        wanted: dict[str, list[int]] = {name: [] for name in free_from}
        for first, _, _, seat in sorted(uses):
            for name in known.get(seat[:2], ()):
                if name in wanted:
                    wanted[name].append(first)
        for first, end, _, seat in sorted(uses):
            free = [name for name, since in free_from.items() if since <= first]
            own = [name for name in known.get(seat[:2], ()) if name in free]
            soon = {name: any(first < at < end for at in wanted[name]) for name in free}
            name = own[0] if own else min(free, key=lambda name: (soon[name], free_from[name]))
            free_from[name] = end
            found[seat] = name
    return found
