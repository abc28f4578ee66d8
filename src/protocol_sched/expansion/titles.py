"""What people call a visit: ``infusion 3``, or ``evaluation`` where there is only one."""

from __future__ import annotations

from collections.abc import Iterator

from protocol_sched.expansion.gates import once
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.rules import At, EachVisit, Milestone


def titled(kind: str, number: int, protocol: Protocol) -> str:
    """
    Return a visit's title, numbered among the visits of its type unless it is the only one.

    Treatments left out are counted, so that the others keep their titles.
    """
    return kind if number == 1 and single(kind, protocol) else f"{kind} {number}"


def single(kind: str, protocol: Protocol) -> bool:
    """Tell whether a protocol has exactly one visit of a type, so that it needs no number."""
    return sum(_least_visits(kind, protocol)) == 1


def _least_visits(kind: str, protocol: Protocol) -> Iterator[int]:
    """Yield how many visits of a type each phase, gate and milestone has; 2 stands for more."""
    for phase in protocol.phases:
        if phase.visit == kind:
            yield phase.visits.least if phase.visits.fixed and phase.cycles.most == 1 else 2
    for gate in protocol.gates:
        if gate.visit == kind:
            yield 1 if once(gate) else 2
    for milestone in protocol.milestones:
        if milestone.visit == kind:
            yield _points(milestone)


def _points(milestone: Milestone) -> int:
    if isinstance(milestone.anchor, EachVisit):
        return 2
    if milestone.visits is not None and milestone.visits.fixed:
        return milestone.visits.least
    cadence = milestone.cadence
    return len(cadence.at) if isinstance(cadence, At) and cadence.cycle is None else 2
