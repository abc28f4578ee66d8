"""
Who of a clinic's team could be there for a visit, and from which starts.

A visit's seats are taken by name, each by one person from its beginning to its end. Most seats
stand alone. Where one person could be wanted for two at a time, or where one and the same person
must take several, they hang together and are taken together: such a group is a handful of seats,
and every way to fill it is tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import attrs

from protocol_sched.engine.held import Profile, profile
from protocol_sched.model.around import Task
from protocol_sched.model.availability import Assigned, Clinic, Member
from protocol_sched.model.protocol import VisitType
from protocol_sched.model.stages import Stage
from protocol_sched.model.team import Seat, seats

Load = Profile
"""What one person has to do in a visit."""


@attrs.frozen
class Crew:
    """One way to fill seats that hang together, and the starts at which it is possible."""

    seats: tuple[Seat, ...]
    names: tuple[str, ...]
    """For each seat; empty where the clinic has nobody for one of them."""
    starts: int


def crews_of(
    stages: Iterable[Stage],
    tasks: Iterable[Task],
    kind: VisitType,
    clinic: Clinic,
    has_time: Callable[[Member, Load], int],
    every: int,
) -> tuple[tuple[Crew, ...], ...]:
    """
    Return for each group of seats every way to fill it, those of the first in the team first.

    Args:
        has_time: The starts, as a bit set, at which somebody has time for a load.
        every: All starts.
    """
    found = []
    for group in _groups(seats(stages, tasks, clinic), kind, clinic):
        ways = tuple(_ways(group, kind, clinic, has_time, every))
        found.append(ways or (Crew(group, (), 0),))
    return tuple(found)


def _groups(
    all_seats: Sequence[Seat], kind: VisitType, clinic: Clinic
) -> Iterator[tuple[Seat, ...]]:
    """Yield seats that hang together, step by step."""
    left = list(all_seats)
    while left:
        group = [left.pop(0)]
        for seat in group:
            more = [one for one in left if _together(seat, one, kind, clinic)]
            left = [one for one in left if one not in more]
            group += more
        yield tuple(one for one in all_seats if one in group)


def _together(a: Seat, b: Seat, kind: VisitType, clinic: Clinic) -> bool:
    if _same(a, b, kind):
        return True
    rivals = _side_by_side(a, b) or (
        (a.beside or b.beside)
        and any(s < end and start < e for s, e in a.stretches for start, end in b.stretches)
    )
    return rivals and any(a.fits(member) and b.fits(member) for member in clinic.team)


def _side_by_side(a: Seat, b: Seat) -> bool:
    return (a.during, a.role) == (b.during, b.role)


def _same(a: Seat, b: Seat, kind: VisitType) -> bool:
    """Tell whether one and the same person must take both."""
    stays = a.role in kind.same_staff and not a.beside and not b.beside
    return stays and (a.role, a.number) == (b.role, b.number)


def _ways(
    group: tuple[Seat, ...],
    kind: VisitType,
    clinic: Clinic,
    has_time: Callable[[Member, Load], int],
    every: int,
) -> Iterator[Crew]:
    members = {member.name: member for member in clinic.team}

    def starts_of(taken: tuple[str, ...], name: str) -> int:
        own = [seat for seat, who in zip(group, taken, strict=False) if who == name]
        return has_time(members[name], load(own))

    def fill(taken: tuple[str, ...], starts: int) -> Iterator[Crew]:
        if not starts:
            return
        if len(taken) == len(group):
            yield Crew(group, taken, starts)
            return
        seat = group[len(taken)]
        before = list(zip(group, taken, strict=False))
        for name in members:
            if not seat.fits(members[name]):
                continue
            if any(_same(seat, one, kind) and who != name for one, who in before):
                continue
            if any(who == name and _side_by_side(seat, one) for one, who in before):
                continue
            if any(_alike(one, seat) and order(who) > order(name) for one, who in before):
                continue  # the same two people the other way round
            more = (*taken, name)
            yield from fill(more, starts & starts_of(more, name))

    order = list(members).index

    def _alike(a: Seat, b: Seat) -> bool:
        return _side_by_side(a, b) and a.role not in kind.same_staff

    yield from fill((), every)


def load(own: Iterable[Seat]) -> Load:
    """Return what somebody has to do who takes these seats of one visit."""
    stages: list[tuple[int, int, int]] = []
    beside: list[tuple[int, int, int]] = []
    for seat in own:
        for start, end in seat.stretches:
            (beside if seat.beside else stages).append((start, end, seat.units))
    return tuple(profile(stages, beside))


def chosen(
    groups: Iterable[tuple[Crew, ...]], slot: int, known: Iterable[Assigned] = ()
) -> tuple[Assigned, ...]:
    """
    Return who is there for a visit that begins at a slot, in the order of its seats.

    Those people know of where they can, else as few different people as one look ahead finds,
    else the first of the team.

    Args:
        groups: See `crews_of`; each has a way for this slot.
    """
    before = {(one.during, one.role, one.name) for one in known}
    open_ = [[crew for crew in ways if crew.starts >> slot & 1] for ways in groups]
    found: list[Assigned] = []
    used: set[str] = set()
    for n, ways in enumerate(open_):
        later = [{name for crew in more for name in crew.names} for more in open_[n + 1 :]]

        def worth(crew: Crew, later: list[set[str]] = later) -> tuple[int, int, int]:
            seats = zip(crew.seats, crew.names, strict=True)
            kept = sum((seat.during, seat.role, name) in before for seat, name in seats)
            more = len({*crew.names} - used)
            ahead = sum(name in names for names in later for name in {*crew.names})
            return kept, -more, ahead

        best = max(ways, key=worth)  # the first of several
        used.update(best.names)
        found += [
            Assigned(during=seat.during, role=seat.role, name=name)
            for seat, name in zip(best.seats, best.names, strict=True)
        ]
    return tuple(found)
