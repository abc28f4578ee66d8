"""
Loops of a timeline, laid out as often as the caller says.

A decision that leads back to an instance before it makes a loop: what lies between takes place
again from the moment of the decision. How often is a matter of a condition in words, so the file
never says; whoever knows gives a number for the decision.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from protocol_sched.errors import InvalidValue
from protocol_sched.formats.usdm.reading import Instance, Timeline, Timing
from protocol_sched.formats.usdm.timings import AFTER, START_TO_START

MOST_REPEATS = 100


def loop_of(line: Timeline, decision: Instance) -> tuple[Instance, ...]:
    """
    Return what repeats where a decision says so, in the order of the file; empty for no loop.

    The decision itself is the last of it.
    """
    order = [one.id for one in line.instances]
    if decision.id not in order:
        return ()
    end = order.index(decision.id)
    targets = [to for _, to in decision.branches] + [decision.follows]
    begins = [order.index(to) for to in targets if to in order and order.index(to) <= end]
    return line.instances[min(begins) : end + 1] if begins else ()


def unrolled(line: Timeline, repeats: Mapping[str, int]) -> Timeline:
    """
    Return a timeline whose loops are laid out.

    Args:
        repeats: For the identifier of each decision that ends a loop, how often what is in it takes
            place, 1 to 100. What is timed from something in the loop, and stands after it, is timed
            from the last time. Another decision inside a loop repeats with it and is no loop.

    Raises:
        InvalidValue: An identifier of no decision that ends a loop and has a timing, or a number
            out of range.
    """
    for identity, times in repeats.items():
        line = _laid_out(line, identity, times)
    return line


def _laid_out(line: Timeline, identity: str, times: int) -> Timeline:
    ends = {one.id: loop for one in line.instances if (loop := loop_of(line, one))}
    timing = {one.of: one for one in reversed(line.timings)}
    known = [one for one in ends if one in timing]
    if identity not in known:
        there = ", ".join(known) or "no decision"
        wanted = f"a decision that leads back and has a timing, as {there}"
        raise InvalidValue("read_usdm", "repeats", repr(identity), wanted)
    if isinstance(times, bool) or not isinstance(times, int) or not 1 <= times <= MOST_REPEATS:
        raise InvalidValue("read_usdm", "repeats", repr(times), f"1 to {MOST_REPEATS} times")
    body = ends[identity]
    inside = {one.id for one in body}
    copies: list[Instance] = []
    timings: list[Timing] = []
    for turn in range(2, times + 1):
        copies += (_again(one, turn) for one in body)
        timings += _timings_again(timing, body, turn)
    last = {one: f"{one} ({times})" if times > 1 else one for one in inside}
    at = next(n for n, one in enumerate(line.instances) if one.id == identity) + 1
    later = {one.id for one in line.instances[at:]}
    moved = [
        attrs.evolve(one, to=last[one.to]) if one.of in later and one.to in last else one
        for one in line.timings
    ]
    return attrs.evolve(
        line,
        instances=[*line.instances[:at], *copies, *line.instances[at:]],
        timings=[*moved, *timings],
    )


def _again(one: Instance, turn: int) -> Instance:
    """Return an instance of a later turn, which decides nothing more."""
    return attrs.evolve(
        one,
        id=f"{one.id} ({turn})",
        name=f"{one.name or one.label or one.id} ({turn})",
        branches=(),
        follows="",
    )


def _timings_again(
    timing: Mapping[str, Timing], body: tuple[Instance, ...], turn: int
) -> Iterator[Timing]:
    """Yield the timings of a later turn: its first instance is where the turn before ended."""
    first, inside = body[0].id, {one.id for one in body}
    before = body[-1].id if turn == 2 else f"{body[-1].id} ({turn - 1})"
    for one in body:
        if one.id == first:
            yield attrs.evolve(
                timing[body[-1].id],
                kind=AFTER,
                value="PT0M",
                said="0 minutes",
                relation=START_TO_START,
                of=f"{first} ({turn})",
                to=before,
                lower="",
                upper="",
                window="",
            )
        elif one.id in timing:
            own = timing[one.id]
            to = f"{own.to} ({turn})" if own.to in inside else own.to
            yield attrs.evolve(own, of=f"{one.id} ({turn})", to=to)
