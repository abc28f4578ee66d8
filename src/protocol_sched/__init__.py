"""
Turns a treatment protocol, one person's history and real calendars into dated visits.

A protocol says what is given and how far apart; a course is one person's run through it.
`expand` tells what is still due, `plan_course` places it on real calendars so that every rule
is kept and no better plan exists, and `violations` judges any schedule independently.
Calendar files, tables and pictures live in `protocol_sched.formats`, which is imported by name.

The library schedules. It never doses or recommends treatment.

Public names are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from protocol_sched.candidates import Calendars
    from protocol_sched.checker import Violation, violations
    from protocol_sched.clinic import Case, booked, holdings, replan_in_turn
    from protocol_sched.errors import (
        InvalidDocument,
        InvalidEvent,
        InvalidValue,
        NaiveMoment,
        ProtocolSchedError,
        UnknownName,
    )
    from protocol_sched.expansion import expand
    from protocol_sched.explaining import explain_agenda, explain_course, why_course
    from protocol_sched.formats.documents import (
        read_clinic,
        read_course,
        read_person,
        read_protocol,
    )
    from protocol_sched.jobs import Job, replan_many
    from protocol_sched.lookahead import Startable, startable
    from protocol_sched.model.agenda import Agenda
    from protocol_sched.model.availability import Clinic, Escort, Person
    from protocol_sched.model.changes import Change, Replan
    from protocol_sched.model.course import Course
    from protocol_sched.model.known import Known, known
    from protocol_sched.model.protocol import Protocol
    from protocol_sched.model.schedule import Plan, Proof, Schedule
    from protocol_sched.model.telling import tellings
    from protocol_sched.planning import best_courses, first_dates, plan_agenda, plan_course
    from protocol_sched.recording import record
    from protocol_sched.replanning import replan_course
    from protocol_sched.rides import AtRisk, at_risk
    from protocol_sched.verdicts import Verdict, compliance, verdict
    from protocol_sched.waiting import Offer, Opening, WaitingList, waiting_list, who_can_take

__all__ = [
    "Agenda",
    "AtRisk",
    "Calendars",
    "Case",
    "Change",
    "Clinic",
    "Course",
    "Escort",
    "InvalidDocument",
    "InvalidEvent",
    "InvalidValue",
    "Job",
    "Known",
    "NaiveMoment",
    "Offer",
    "Opening",
    "Person",
    "Plan",
    "Proof",
    "Protocol",
    "ProtocolSchedError",
    "Replan",
    "Schedule",
    "Startable",
    "UnknownName",
    "Verdict",
    "Violation",
    "WaitingList",
    "at_risk",
    "best_courses",
    "booked",
    "compliance",
    "expand",
    "explain_agenda",
    "explain_course",
    "first_dates",
    "holdings",
    "known",
    "plan_agenda",
    "plan_course",
    "read_clinic",
    "read_course",
    "read_person",
    "read_protocol",
    "record",
    "replan_course",
    "replan_in_turn",
    "replan_many",
    "startable",
    "tellings",
    "verdict",
    "violations",
    "waiting_list",
    "who_can_take",
    "why_course",
]

_HOMES = {
    "candidates": ("Calendars",),
    "checker": (
        "Violation",
        "violations",
    ),
    "clinic": (
        "Case",
        "booked",
        "holdings",
        "replan_in_turn",
    ),
    "errors": (
        "InvalidDocument",
        "InvalidEvent",
        "InvalidValue",
        "NaiveMoment",
        "ProtocolSchedError",
        "UnknownName",
    ),
    "expansion": ("expand",),
    "explaining": (
        "explain_agenda",
        "explain_course",
        "why_course",
    ),
    "formats.documents": (
        "read_clinic",
        "read_course",
        "read_person",
        "read_protocol",
    ),
    "jobs": (
        "Job",
        "replan_many",
    ),
    "lookahead": (
        "Startable",
        "startable",
    ),
    "model.agenda": ("Agenda",),
    "model.availability": (
        "Clinic",
        "Escort",
        "Person",
    ),
    "model.changes": (
        "Change",
        "Replan",
    ),
    "model.course": ("Course",),
    "model.known": (
        "Known",
        "known",
    ),
    "model.protocol": ("Protocol",),
    "model.schedule": (
        "Plan",
        "Proof",
        "Schedule",
    ),
    "model.telling": ("tellings",),
    "planning": (
        "best_courses",
        "first_dates",
        "plan_agenda",
        "plan_course",
    ),
    "recording": ("record",),
    "replanning": ("replan_course",),
    "rides": (
        "AtRisk",
        "at_risk",
    ),
    "verdicts": (
        "Verdict",
        "compliance",
        "verdict",
    ),
    "waiting": (
        "Offer",
        "Opening",
        "WaitingList",
        "waiting_list",
        "who_can_take",
    ),
}
"""Each module with the public names it holds."""


if not TYPE_CHECKING:  # a type checker shall still refuse a name that is not public

    def __getattr__(name: str) -> Any:
        for home, names in _HOMES.items():
            if name in names:
                return getattr(import_module(f"{__name__}.{home}"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
