"""What people call a visit: its type, with a number unless it is the only one."""

from __future__ import annotations

from collections.abc import Iterator

from protocol_sched.expansion.gate_names import once
from protocol_sched.model.cadences import At
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.references import EachVisit


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
    """Yield how many visits of a type each phase, gate and other visit has; 2 stands for more."""
    for phase in protocol.phases:
        if phase.visit == kind:
            yield phase.visits.least if phase.visits.fixed and phase.cycles.most == 1 else 2
    for gate in protocol.gates:
        if gate.visit == kind:
            yield 1 if once(gate) else 2
    for other_visit in protocol.other_visits:
        if other_visit.visit == kind:
            yield _points(other_visit)


def _points(other_visit: OtherVisit) -> int:
    if isinstance(other_visit.anchor, EachVisit):
        return 2
    if other_visit.visits is not None and other_visit.visits.fixed:
        return other_visit.visits.least
    cadence = other_visit.cadence
    return len(cadence.at) if isinstance(cadence, At) and cadence.cycle is None else 2
