"""
Turns a treatment protocol, one person's history and real calendars into dated visits.

A protocol says what is given and how far apart; a course is one person's run through it.
`expand` tells what is still due, `plan_course` places it on real calendars so that every rule
is kept and no better plan exists, and `violations` judges any schedule independently.
Files, calendars and texts are written and read by what `protocol_sched.formats` holds; what most
programs need of it has its name here too.

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
        InternalFault,
        InvalidDocument,
        InvalidEvent,
        InvalidValue,
        NaiveMoment,
        ProtocolSchedError,
        UnknownName,
    )
    from protocol_sched.expansion import expand
    from protocol_sched.explaining import explain_agenda, explain_course, why_course
    from protocol_sched.formats.changes import changes_text, spoken_text
    from protocol_sched.formats.documents import (
        read_clinic,
        read_course,
        read_person,
        read_protocol,
        write_events,
    )
    from protocol_sched.formats.explanation import explanation_text, why_text
    from protocol_sched.formats.ics import clinic_calendar, escort_calendar, patient_calendar
    from protocol_sched.formats.ics_back import read_calendar
    from protocol_sched.formats.ics_busy import away_escort, away_person, read_busy
    from protocol_sched.formats.ics_file import CalendarOptions
    from protocol_sched.formats.ics_messages import ride_notices
    from protocol_sched.formats.ics_replies import read_reply
    from protocol_sched.formats.svg import course_picture
    from protocol_sched.formats.table import agenda_text, plan_text
    from protocol_sched.jobs import Job, replan_many
    from protocol_sched.judging import judge_calendar
    from protocol_sched.lookahead import Startable, startable
    from protocol_sched.model.agenda import Agenda
    from protocol_sched.model.availability import Clinic, Escort, Person
    from protocol_sched.model.changes import Change, Replan
    from protocol_sched.model.course import (
        Amended,
        Answered,
        Ceased,
        Confirmed,
        Course,
        Declined,
        Deferred,
        Given,
        Happened,
        Missed,
        Omitted,
        Pinned,
        Requested,
        Reviewed,
        Tested,
        Told,
        Waived,
        Withdrawn,
    )
    from protocol_sched.model.known import Known, known
    from protocol_sched.model.protocol import Protocol
    from protocol_sched.model.schedule import Keep, Plan, Proof, Schedule
    from protocol_sched.model.telling import tellings
    from protocol_sched.planning import best_courses, first_dates, plan_agenda, plan_course
    from protocol_sched.recording import record
    from protocol_sched.replanning import replan_course
    from protocol_sched.rides import AtRisk, at_risk
    from protocol_sched.verdicts import Verdict, compliance, verdict
    from protocol_sched.waiting import Offer, Opening, WaitingList, waiting_list, who_can_take

__all__ = [
    "Agenda",
    "Amended",
    "Answered",
    "AtRisk",
    "CalendarOptions",
    "Calendars",
    "Case",
    "Ceased",
    "Change",
    "Clinic",
    "Confirmed",
    "Course",
    "Declined",
    "Deferred",
    "Escort",
    "Given",
    "Happened",
    "InternalFault",
    "InvalidDocument",
    "InvalidEvent",
    "InvalidValue",
    "Job",
    "Keep",
    "Known",
    "Missed",
    "NaiveMoment",
    "Offer",
    "Omitted",
    "Opening",
    "Person",
    "Pinned",
    "Plan",
    "Proof",
    "Protocol",
    "ProtocolSchedError",
    "Replan",
    "Requested",
    "Reviewed",
    "Schedule",
    "Startable",
    "Tested",
    "Told",
    "UnknownName",
    "Verdict",
    "Violation",
    "WaitingList",
    "Waived",
    "Withdrawn",
    "agenda_text",
    "at_risk",
    "away_escort",
    "away_person",
    "best_courses",
    "booked",
    "changes_text",
    "clinic_calendar",
    "compliance",
    "course_picture",
    "escort_calendar",
    "expand",
    "explain_agenda",
    "explain_course",
    "explanation_text",
    "first_dates",
    "holdings",
    "judge_calendar",
    "known",
    "patient_calendar",
    "plan_agenda",
    "plan_course",
    "plan_text",
    "read_busy",
    "read_calendar",
    "read_clinic",
    "read_course",
    "read_person",
    "read_protocol",
    "read_reply",
    "record",
    "replan_course",
    "replan_in_turn",
    "replan_many",
    "ride_notices",
    "spoken_text",
    "startable",
    "tellings",
    "verdict",
    "violations",
    "waiting_list",
    "who_can_take",
    "why_course",
    "why_text",
    "write_events",
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
        "InternalFault",
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
    "formats.changes": (
        "changes_text",
        "spoken_text",
    ),
    "formats.documents": (
        "read_clinic",
        "read_course",
        "read_person",
        "read_protocol",
        "write_events",
    ),
    "formats.explanation": (
        "explanation_text",
        "why_text",
    ),
    "formats.ics": (
        "clinic_calendar",
        "escort_calendar",
        "patient_calendar",
    ),
    "formats.ics_back": ("read_calendar",),
    "formats.ics_busy": (
        "away_escort",
        "away_person",
        "read_busy",
    ),
    "formats.ics_file": ("CalendarOptions",),
    "formats.ics_messages": ("ride_notices",),
    "formats.ics_replies": ("read_reply",),
    "formats.svg": ("course_picture",),
    "formats.table": (
        "agenda_text",
        "plan_text",
    ),
    "jobs": (
        "Job",
        "replan_many",
    ),
    "judging": ("judge_calendar",),
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
    "model.course": (
        "Amended",
        "Answered",
        "Ceased",
        "Confirmed",
        "Course",
        "Declined",
        "Deferred",
        "Given",
        "Happened",
        "Missed",
        "Omitted",
        "Pinned",
        "Requested",
        "Reviewed",
        "Tested",
        "Told",
        "Waived",
        "Withdrawn",
    ),
    "model.known": (
        "Known",
        "known",
    ),
    "model.protocol": ("Protocol",),
    "model.schedule": (
        "Keep",
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
