"""A visit as people were last told of it, for entries that are cancelled or replaced."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from protocol_sched.model.course import Amended, Course, Notified
from protocol_sched.model.moments import elapsed, later_by
from protocol_sched.model.protocol import Protocol, VisitType
from protocol_sched.model.schedule import PlannedStage, Ride, Visit

_MOST_ORDINALS = 100
"""Stages differ between the first visits of a type, if they differ at all."""


def as_notified(told: Notified, zone: str, course: Course) -> Visit:
    """
    Return a visit as people were told of it, times in the clinic's zone.

    Its type follows from its identity and its stages from its length; its title is its type's
    name. Without type and stages where no protocol the course followed has such a visit.
    """

    def local(moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(zone))

    amended = [event.protocol for event in course.events if isinstance(event, Amended)]
    found = (_kind_of(told.visit, protocol) for protocol in (*reversed(amended), course.protocol))
    kind, phase, ordinal = next((one for one in found if one[0] is not None), (None, "", 1))
    leave, by = local(told.discharge), local(told.discharge_by)
    no_driving = None if kind is None else kind.no_driving
    type_ordinal = 1 if kind is None else _type_ordinal(told, kind)
    if kind is not None and type_ordinal is None and told.escort is None:
        kind = kind.unescorted
        type_ordinal = _type_ordinal(told, kind)
    return Visit(
        id=told.visit,
        title="" if kind is None else kind.name,
        kind="" if kind is None else kind.name,
        phase=phase,
        ordinal=ordinal,
        type_ordinal=type_ordinal or 1,
        start=local(told.start),
        discharge=leave,
        discharge_by=by,
        stages=_stages(local(told.start), kind, type_ordinal) if kind and type_ordinal else (),
        places=told.places,
        staff=told.staff,
        escort=told.escort,
        ride=None if told.escort is None else Ride.UNCONFIRMED,
        no_driving_until=None if no_driving is None else no_driving.over(by),
    )


def _kind_of(identity: str, protocol: Protocol) -> tuple[VisitType | None, str, int]:
    """Return the type, phase and number of a visit's identity: ``induction-3``, ``consent``."""
    runs = {phase.name: phase.visit for phase in protocol.phases}
    runs |= {other_visit.name: other_visit.visit for other_visit in protocol.other_visits}
    runs |= {gate.name: gate.visit for gate in protocol.gates if gate.visit is not None}
    numbered = re.fullmatch(r"(.+)-(\d+)", identity)
    found = [(identity, 1)]
    if numbered:
        found.insert(0, (numbered[1], int(numbered[2])))
    for name, number in found:
        if name in runs:
            return protocol.visit_type(runs[name]), name, number
    return None, "", 1


def _type_ordinal(told: Notified, kind: VisitType) -> int | None:
    """Return the first number among the visits of its type whose stages last as long."""
    lengths = [
        elapsed(told.start, moment) / timedelta(minutes=1)
        for moment in (told.discharge, told.discharge_by)
    ]
    for number in range(1, _MOST_ORDINALS):
        if [kind.least(number), kind.most(number)] == lengths:
            return number
    return None


def _stages(start: datetime, kind: VisitType, ordinal: int) -> Iterator[PlannedStage]:
    def after(minutes: int) -> datetime:
        return later_by(start, timedelta(minutes=minutes))

    least = most = 0
    for stage in kind.stages_of(ordinal):
        yield PlannedStage(
            name=stage.name,
            start=after(least),
            start_by=after(most),
            end=after(least + stage.least),
            end_by=after(most + stage.most),
            until=stage.criterion,
        )
        least, most = least + stage.least, most + stage.most
