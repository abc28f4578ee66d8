"""From an agenda and calendars to a problem of integers; each rule keeps its origin."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import attrs

from protocol_sched.engine.between import lags_between
from protocol_sched.engine.breaching import with_breaches
from protocol_sched.engine.candidates import Calendars, Holder, Shape
from protocol_sched.engine.course_wishes import course_wishes, not_running, required, running
from protocol_sched.engine.crews import Crew
from protocol_sched.engine.groundwork import Groundwork
from protocol_sched.engine.horizon import Horizon
from protocol_sched.engine.lags import turned
from protocol_sched.engine.one_visit import broken_limits, item_of
from protocol_sched.engine.problem import Problem
from protocol_sched.model.agenda import Agenda, Due
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Keep

NOTHING: Mapping[str, Keep] = MappingProxyType({})


@attrs.frozen
class Compiled:
    """A problem and what is needed to read its answer."""

    problem: Problem
    agenda: Agenda
    dues: tuple[Due, ...]
    """In the order of the problem's items."""
    shapes: tuple[Shape, ...]
    holders: tuple[tuple[Holder, ...], ...]
    horizon: Horizon
    protocol: Protocol
    clinic: Clinic
    person: Person
    keep: Mapping[str, Keep] = NOTHING
    """How people know visits, by identity."""
    crews: Mapping[str, tuple[tuple[Crew, ...], ...]] = MappingProxyType({})
    """Who of the clinic's team could be there for each visit, by its identity."""


def compile_agenda(
    agenda: Agenda,
    protocol: Protocol,
    clinic: Clinic,
    person: Person,
    horizon: Horizon,
    keep: Mapping[str, Keep] = NOTHING,
    calendars: Calendars | None = None,
) -> Compiled:
    """
    Turn what is due into a problem of integers, every constraint with the rule it came from.

    Args:
        agenda: What is due; its tentative visits are left out.
        horizon: In the clinic's zone; visits begin and end inside it.
        keep: How people know visits, by identity; what is not due is passed over.
        calendars: What earlier calls worked out, for calls that have a clinic or a person in
            common; the answer does not depend on it.

    Raises:
        UnknownName: A visit type of the agenda is not in the protocol.
    """
    kept = Calendars() if calendars is None else calendars
    ground = Groundwork(agenda, protocol, clinic, person, horizon, keep, kept)
    each = zip(ground.dues, ground.shapes, strict=True)
    holders = tuple([ground.own_holders(due, shape) for due, shape in each])
    crews = {shape: ground.candidates.crews(shape) for shape in set(ground.shapes)}
    return Compiled(
        _problem(ground),
        agenda,
        ground.dues,
        ground.shapes,
        holders,
        horizon,
        protocol,
        clinic,
        person,
        keep,
        {due.id: crews[shape] for due, shape in zip(ground.dues, ground.shapes, strict=True)},
    )


def _problem(ground: Groundwork) -> Problem:
    each = zip(ground.dues, ground.shapes, strict=True)
    items = tuple(item_of(ground, due, shape) for due, shape in each)
    rules = lags_between(ground)
    lags = (*rules, *not_running(ground, rules))
    breaches = [broken_limits(ground, due) for due in ground.dues]
    visits, weight, unavoidable = with_breaches(items, lags, breaches, ground.slots.starts)
    return Problem(
        visits,
        tuple(lag if lag.earlier < lag.later else turned(lag) for lag in lags),
        ground.slots.starts,
        ground.slots.minutes,
        tuple(ground.slots.walls.items()),
        tuple(course_wishes(ground, items, rules)),
        gaps=tuple(running(ground, rules)),
        required=tuple(required(ground)),
        breach=weight,
        unavoidable=unavoidable,
    )
