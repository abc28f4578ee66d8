"""What the entries of several readers share."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from icalendar import Event

from protocol_sched.formats.ics.file import CalendarFile
from protocol_sched.formats.ics.words import one_line
from protocol_sched.model.around import Fast
from protocol_sched.model.moments import elapsed
from protocol_sched.model.schedule import PlannedStage, Visit
from protocol_sched.model.spans import ElapsedSpan
from protocol_sched.text.around import left_out
from protocol_sched.text.privacy import Privacy

LAST_ALARM = timedelta(hours=2)
"""The last alarm rings so long before the start: time to get ready and travel."""


def until_text(file: CalendarFile, until: date | datetime, visit: Visit) -> str:
    if isinstance(until, datetime):
        return file.clock(until, visit.start)
    return file.words.day(until)


def night(file: CalendarFile, visit: Visit) -> ElapsedSpan | None:
    """Return how long a night's rest before driving is; ``None`` where none is asked for."""
    rule = file.protocol.visit_type(visit.kind).no_driving
    return None if rule is None else rule.rest


def what_to_leave_out(file: CalendarFile, fast: Fast) -> str:
    """Return what to leave out, without a negation."""
    return file.words.what(one_line(left_out(fast)))


def stage_line(file: CalendarFile, visit: Visit, stage: PlannedStage) -> str:
    begins, by = file.clock(stage.start, visit.start), ""
    if elapsed(stage.start, stage.start_by):
        by = file.clock(stage.start_by, visit.start)
    return file.words.stage(begins, by, one_line(stage.name), one_line(stage.until))


def add_place(file: CalendarFile, event: Event) -> None:
    if where := file.location:
        event.add("LOCATION", where)


def add_category(file: CalendarFile, event: Event, visit: Visit) -> None:
    if file.privacy is Privacy.NEUTRAL:
        event.categories = [file.words.appointment]
    elif file.privacy is Privacy.FULL:
        event.categories = [one_line(visit.kind) or file.words.appointment]
