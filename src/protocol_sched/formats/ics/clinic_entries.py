"""The entries of the clinic's calendar file: visits, their stages, and the work around them."""

from __future__ import annotations

import json
from collections.abc import Iterator

from icalendar import Component, Event, vCalAddress, vText

from protocol_sched.formats.ics import uids
from protocol_sched.formats.ics.file import MINUTE, CalendarFile
from protocol_sched.formats.ics.shared import (
    add_category,
    add_place,
    night,
    stage_line,
    until_text,
    what_to_leave_out,
)
from protocol_sched.formats.ics.spacing import following, spacing_lines
from protocol_sched.formats.ics.words import is_mail_address, one_line
from protocol_sched.model.around import Task, fasts, tasks
from protocol_sched.model.moments import later_by
from protocol_sched.model.schedule import PlannedStage, Visit, kind_of
from protocol_sched.text.around import checks_of, co_medications_of, tasks_of, team_text
from protocol_sched.text.privacy import Privacy, tells

SCHEMA = "urn:protocol-sched:visit"
"""What the JSON in STRUCTURED-DATA is: the keys of course and visit."""


def clinic_events(file: CalendarFile, visit: Visit) -> Iterator[Event]:
    role = uids.CLINIC_VISIT
    status = file.status(visit)
    key = file.person.key
    hidden = file.privacy is Privacy.MINIMAL or tells(key, file.privacy, file.secrets())
    whose = "" if hidden else f", {key}"
    span = (visit.start, visit.discharge_by)
    summary = f"{file.title(visit)}{whose}{file.unsettled(visit)}"
    event = file.event(visit, role, span, summary, _lines(file, visit), status)
    add_place(file, event)
    add_category(file, event, visit)
    if not file.cancelled(visit):
        event.related_to = [*following(file, visit, role)]
        if file.options.details and file.privacy is Privacy.FULL:
            _add_details(file, event, visit)
    yield event
    if file.privacy is not Privacy.FULL:
        return
    parent = vText(file.uid(role, visit.id), params={"RELTYPE": "PARENT"})
    for n, stage, held in _stages(file, visit):
        summary = f"{stage.name}, {file.title(visit)}{whose}"
        lines = [stage_line(file, visit, stage)]
        lines.append(file.words.ends(file.between(stage.end, stage.end_by, visit.start)))
        span = (stage.start, stage.end_by)
        part = file.event(visit, uids.clinic_stage(n), span, summary, lines, status)
        part.related_to = [parent]
        if held:
            part.add("RESOURCES", [vText(one_line(name)) for name in held])
        yield part
    for n, task in _work(file, visit):
        start, end = (later_by(visit.start, MINUTE * at) for at in (task.start, task.end))
        lines = [f"{one_line(task.work.name)} {file.between(start, end, visit.start)}."]
        summary = f"{task.work.name}, {file.title(visit)}{whose}"
        part = file.event(visit, uids.clinic_work(n), (start, end), summary, lines, status)
        part.related_to = [parent]
        needs = dict(task.work.needs)
        held = tuple(name for what, name in visit.places if what in needs)
        held += tuple(one.name for one in visit.staff if one.during == task.work.name)
        if held:
            part.add("RESOURCES", [vText(one_line(name)) for name in held])
        yield part


def _work(file: CalendarFile, visit: Visit) -> Iterator[tuple[int, Task]]:
    """Yield number and times of what is done around a visit without the person."""
    if not any(kind.name == visit.kind for kind in file.protocol.visit_types):
        return
    kind = kind_of(visit, file.protocol)
    each = (*kind.preparation, *kind.cleaning)
    for task in tasks(kind, visit.type_ordinal):
        yield next(n for n, one in enumerate(each, 1) if one is task.work), task


def _stages(
    file: CalendarFile, visit: Visit
) -> Iterator[tuple[int, PlannedStage, tuple[str, ...]]]:
    """
    Yield number, times and places of the stages that have an entry of their own.

    Not of a single stage, which would only say the visit again. A cancelled visit whose stages
    are not known any more has all its type can have, so that none is left over in a calendar.
    """
    kind = next((kind for kind in file.protocol.visit_types if kind.name == visit.kind), None)
    stages, needs = visit.stages, {}
    if kind is not None:
        needs = {stage.name: dict(stage.needs) for stage in kind.stages_of(visit.type_ordinal)}
        if file.cancelled(visit) and not stages:
            a, b = visit.start, visit.discharge_by
            stages = tuple(
                PlannedStage(name=stage.name, start=a, start_by=a, end=b, end_by=b)
                for stage in kind.stages
            )
    if len(stages) > 1:
        for n, stage in enumerate(stages, 1):
            held = [name for what, name in visit.places if what in needs.get(stage.name, {})]
            held += [one.name for one in visit.staff if one.during == stage.name]
            yield n, stage, tuple(held)


def _add_details(file: CalendarFile, event: Event, visit: Visit) -> None:
    """Add place, escort and identity as RFC 9073 has them."""
    where = Component.get_component_class("VLOCATION")()
    where.add("UID", file.uid("clinic location", visit.id))
    where["NAME"] = vText(", ".join([one_line(file.clinic.name), *_place_names(visit)]))
    event.add_component(where)
    if visit.escort and visit.ride is not None:
        who = Component.get_component_class("PARTICIPANT")()
        who.add("UID", file.uid("clinic escort", visit.id))
        who["PARTICIPANT-TYPE"] = vText("CONTACT")
        who["SUMMARY"] = vText(one_line(file.words.ride_home([visit.escort], None)))
        for escort in file.person.escorts:
            if escort.name == visit.escort and is_mail_address(escort.email):
                who["CALENDAR-ADDRESS"] = vCalAddress.new(escort.email)
        event.add_component(who)
    identity = {"course": file.schedule.course, "visit": one_line(visit.id)}
    params = {"VALUE": "TEXT", "FMTTYPE": "application/json", "SCHEMA": SCHEMA}
    event["STRUCTURED-DATA"] = vText(json.dumps(identity, ensure_ascii=False), params=params)


def _place_names(visit: Visit) -> list[str]:
    return [one_line(name) for _, name in visit.places]


def _lines(file: CalendarFile, visit: Visit) -> Iterator[str]:
    kind = kind_of(visit, file.protocol)
    yield from file.course_day(visit)
    yield file.words.arrives(file.clock(visit.start))
    if file.privacy is Privacy.MINIMAL:
        return
    if file.privacy is Privacy.FULL:
        yield from (stage_line(file, visit, stage) for stage in visit.stages)
    yield file.words.may_leave(file.between(visit.discharge, visit.discharge_by, visit.start))
    if file.privacy is Privacy.FULL:
        for what, name in visit.places:
            yield one_line(f"{what}: {name}")
        for text in team_text(visit):
            yield one_line(f"{text}.")
        for fast in fasts(kind, visit.type_ordinal, visit.start):
            clock = file.clock(fast.begins, visit.start)
            yield file.words.fast_from(what_to_leave_out(file, fast), clock)
        for window in co_medications_of(visit, file.protocol):
            yield one_line(file.words.co_medication(window))
        for what, times in checks_of(visit, file.protocol):
            yield one_line(file.words.check(what, times))
        for name, start, end, held in tasks_of(visit, file.protocol):
            first, last = file.clock(start, visit.start), file.clock(end, start)
            yield one_line(file.words.task(name, first, last, held))
    yield from _escort_lines(file, visit)
    if visit.no_driving_until is not None:
        until = until_text(file, visit.no_driving_until, visit)
        yield file.words.no_driving_until(until, night(file, visit))
    yield from spacing_lines(file, visit)
    if file.privacy is Privacy.FULL:
        for question in file.schedule.questions:
            if question.id == visit.tentative:
                yield one_line(file.words.provisional_until(question.asks))


def _escort_lines(file: CalendarFile, visit: Visit) -> Iterator[str]:
    if visit.waived:
        yield file.words.ride_waived
    elif visit.ride is not None and visit.escort is None:
        yield file.words.ride_unnamed
    elif visit.ride is not None:
        phones = [escort.phone for escort in file.person.escorts if escort.name == visit.escort]
        said = [text for text in (visit.escort or "", *phones[:1]) if text.strip()]
        shown = [text for text in said if not tells(text, file.privacy, file.secrets())]
        yield one_line(f"{file.words.ride_home(shown, visit.ride)}.")
