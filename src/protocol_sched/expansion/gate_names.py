"""What the visits of gates are called in a record: by name, by number, and once more."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from protocol_sched.expansion.track import Track
from protocol_sched.model.course import Given
from protocol_sched.model.gates import Gate
from protocol_sched.model.protocol import Protocol


def identity(gate: Gate, ordinal: int) -> str:
    """Return the gate visit's identity: the gate's name, numbered where it guards several."""
    return gate.name if once(gate) else f"{gate.name}-{ordinal}"


def gate_of(visit: str, protocol: Protocol) -> Gate | None:
    """Return the gate whose visit has an identity: by number, or once more, or both."""
    found = [gate for gate in protocol.gates if gate.visit and _is_of(visit, gate)]
    return max(found, key=lambda gate: len(gate.name), default=None)


def _is_of(visit: str, gate: Gate) -> bool:
    numbers = 1 if once(gate) else 2
    return re.fullmatch(rf"{re.escape(gate.name)}(-\d{{1,4}}){{0,{numbers}}}", visit) is not None


def once(gate: Gate) -> bool:
    """Tell whether a gate guards only one visit."""
    ranges = gate.before.ranges
    return not gate.each_cycle and len(ranges) == 1 and ranges[0][0] == ranges[0][1]


def names_of(name: str, track: Track) -> list[str]:
    """
    Return the identities of one gate's visit: the first, and one more each time it was given.

    A visit given that is too old has its identity for good; the next one has the next free.
    """
    return names_after(name, track.history.given, track.course.protocol)


def names_after(name: str, given: Mapping[str, Sequence[Given]], protocol: Protocol) -> list[str]:
    """Return the identities a gate's visit had so far and the one after them; see `names_of`."""
    names, number = [name], 1
    taken = {gate.name for gate in protocol.gates}
    taken |= {other_visit.name for other_visit in protocol.other_visits}
    while any(event.counts for event in given.get(names[-1], ())):
        number += 1
        while f"{name}-{number}" in taken:
            number += 1
        names.append(f"{name}-{number}")
    return names


def names_before(visit: str, gate: Gate, track: Track) -> list[str]:
    """Return the identities under which a gate's visit was given before it had this one."""
    number = visit.removeprefix(gate.name).split("-")[1:2]
    name = gate.name if once(gate) else "-".join([gate.name, *number])
    names = names_of(name, track)
    return names[: names.index(visit)] if visit in names else names[:0]
