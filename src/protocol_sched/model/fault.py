"""A plan that its judge refused, with all that it was made from."""

from __future__ import annotations

from datetime import date

import attrs

from protocol_sched.model.agenda import Agenda
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.plain import as_tuple
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Keep, Plan


@attrs.frozen(kw_only=True)
class Refused:
    """
    The inputs of `plan_agenda`, the plan it made of them, and what is wrong with it.

    It holds all that is known of the person and the clinic.
    """

    agenda: Agenda
    protocol: Protocol
    clinic: Clinic
    person: Person
    first: date
    """The first date the plan could use."""
    last: date
    keep: tuple[tuple[str, Keep], ...] = attrs.field(default=(), converter=as_tuple)
    """How people knew visits, by identity."""
    plan: Plan
    violations: tuple[str, ...] = attrs.field(converter=as_tuple)
    """What the checker says."""


@attrs.frozen(kw_only=True)
class RefusedCourse:
    """One course of a clinic whose judge refused its plans, with its own plan."""

    agenda: Agenda
    protocol: Protocol
    person: Person
    plan: Plan


@attrs.frozen(kw_only=True)
class RefusedClinic:
    """
    All plans of a clinic that its judge refused, with what they are judged by.

    It holds all that is known of the people and the clinic.
    """

    clinic: Clinic
    courses: tuple[RefusedCourse, ...] = attrs.field(converter=as_tuple)
    """Those with a plan."""
    violations: tuple[str, ...] = attrs.field(converter=as_tuple)
    """What the judge says."""
