"""
Turns a treatment protocol, one person's history and real calendars into dated visits.

A protocol says what is given and how far apart; a course is one person's run through it.
`expand` tells what is still due, `plan_course` places it on real calendars so that every rule
is kept and no better plan exists, and `violations` judges any schedule independently.
Calendar files, tables and pictures live in `protocol_sched.formats`, which is imported by name.

The library schedules. It never doses or recommends treatment.
"""

from protocol_sched.checker import Violation, violations
from protocol_sched.errors import (
    InvalidDocument,
    InvalidEvent,
    InvalidValue,
    NaiveMoment,
    ProtocolSchedError,
    UnknownName,
)
from protocol_sched.expansion import expand
from protocol_sched.formats.documents import (
    read_clinic,
    read_course,
    read_person,
    read_protocol,
)
from protocol_sched.model.agenda import Agenda
from protocol_sched.model.availability import Clinic, Escort, Person
from protocol_sched.model.course import Course
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Plan, Proof, Schedule
from protocol_sched.planning import best_courses, first_dates, plan_agenda, plan_course
from protocol_sched.verdicts import Verdict, compliance, verdict

__all__ = [
    "Agenda",
    "Clinic",
    "Course",
    "Escort",
    "InvalidDocument",
    "InvalidEvent",
    "InvalidValue",
    "NaiveMoment",
    "Person",
    "Plan",
    "Proof",
    "Protocol",
    "ProtocolSchedError",
    "Schedule",
    "UnknownName",
    "Verdict",
    "Violation",
    "best_courses",
    "compliance",
    "expand",
    "first_dates",
    "plan_agenda",
    "plan_course",
    "read_clinic",
    "read_course",
    "read_person",
    "read_protocol",
    "verdict",
    "violations",
]
