"""The entries of the person's calendar file: visits with alarms, and when not to drive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from icalendar import STATUS, Event, vText

from protocol_sched.formats.ics import uids
from protocol_sched.formats.ics.before import events_before
from protocol_sched.formats.ics.file import MINUTE, CalendarFile
from protocol_sched.formats.ics.shared import (
    LAST_ALARM,
    add_category,
    add_place,
    night,
    stage_line,
    until_text,
    what_to_leave_out,
)
from protocol_sched.formats.ics.spacing import following, spacing_lines
from protocol_sched.formats.ics.words import one_line
from protocol_sched.model.around import Fast, fasts
from protocol_sched.model.moments import elapsed, later_by
from protocol_sched.model.protocol import VisitType
from protocol_sched.model.schedule import Visit, kind_of
from protocol_sched.model.spans import ElapsedSpan
from protocol_sched.text.around import co_medications_of
from protocol_sched.text.privacy import Privacy, is_plain, tells

EVENING = time(18)
"""When the first alarm rings, on the day before."""
WAKING = range(7, 22)
"""Hours of the day in which an alarm for the beginning of a fast may ring."""


def person_events(file: CalendarFile, visit: Visit) -> Iterator[Event]:
    status = file.status(visit)
    summary = file.title(visit) + file.unsettled(visit)
    span = (visit.start, visit.discharge_by)
    lines = _lines(file, visit)
    event = file.event(visit, uids.PATIENT_VISIT, span, summary, lines, status)
    add_place(file, event)
    add_category(file, event, visit)
    if not file.cancelled(visit):
        event.related_to = [*following(file, visit, uids.PATIENT_VISIT)]
        for before, text in _alarms(file, visit, kind_of(visit, file.protocol)):
            file.alarm(event, text, before)
    yield event
    yield from events_before(file, visit)
    until = visit.no_driving_until
    if until is None:
        return
    rest = night(file, visit)
    window: tuple[date | datetime, date | datetime] = (visit.discharge, until)
    if not isinstance(until, datetime):
        window = (visit.discharge.astimezone(file.zone).date(), until)
    if rest and not isinstance(until, datetime):
        # Nobody is rested at midnight: the entry lasts until a night from then on would be over.
        midnight = datetime.combine(until, time(), file.zone)
        window = (visit.discharge, later_by(midnight, rest.delta))
    status = STATUS.CANCELLED if file.cancelled(visit) else STATUS.CONFIRMED
    lines = iter([file.words.until(until_text(file, until, visit), rest)])
    if rest:
        lines = iter([*lines, file.words.night])
    no_driving = file.event(
        visit, uids.NO_DRIVING, window, file.words.no_driving, lines, status, transparent=True
    )
    parent = vText(file.uid(uids.PATIENT_VISIT, visit.id), params={"RELTYPE": "PARENT"})
    no_driving.related_to = [parent]
    yield no_driving


def _lines(file: CalendarFile, visit: Visit) -> Iterator[str]:
    kind = kind_of(visit, file.protocol)
    when = file.between(visit.discharge, visit.discharge_by, visit.start)
    leave = file.words.leave(when, any(stage.until for stage in visit.stages))
    if visit.tentative:
        yield file.words.date_provisional
    yield from file.course_day(visit)
    yield file.words.arrive(file.clock(visit.start))
    if file.privacy is Privacy.MINIMAL:
        yield leave
        if (
            kind.fasting
            or kind.co_medications
            or visit.ride is not None
            or visit.no_driving_until is not None
        ):
            yield file.words.instructions
        yield from file.elsewhere(file.person.zone)
        return
    yield from _fasting_lines(file, visit, kind)
    if file.privacy is Privacy.FULL:
        yield from (stage_line(file, visit, stage) for stage in visit.stages)
    yield leave
    yield from _ride_lines(file, visit)
    if visit.no_driving_until is not None:
        until = until_text(file, visit.no_driving_until, visit)
        yield file.words.do_not_drive(until, night(file, visit))
    yield from spacing_lines(file, visit)
    if file.privacy is Privacy.FULL and kind.note:
        yield one_line(kind.note)
    yield from file.phone()
    yield from file.elsewhere(file.person.zone)


def _fasting_lines(file: CalendarFile, visit: Visit, kind: VisitType) -> Iterator[str]:
    """Yield what to leave out from when on, first things first, as times of day."""
    unsaid = False
    for fast in fasts(kind, visit.type_ordinal, visit.start):
        if _sayable(file, fast):
            clock = file.clock(fast.begins, visit.start)
            yield file.words.fast_from(what_to_leave_out(file, fast), clock)
        else:
            unsaid = True
    co_medications = co_medications_of(visit, file.protocol)
    if file.privacy is Privacy.FULL:
        yield from (one_line(file.words.co_medication(one)) for one in co_medications)
    elif co_medications:
        unsaid = True
    if unsaid:
        yield file.words.other_instructions


def _sayable(file: CalendarFile, fast: Fast) -> bool:
    """Tell whether what to fast from may be said: food and drink may, a drug may not."""
    return file.privacy is Privacy.FULL or is_plain(fast.what)


def _last(file: CalendarFile, fast: Fast) -> str:
    """Return what to leave out so long before an appointment; no time of day, so it stays true."""
    return file.words.fast_last(what_to_leave_out(file, fast), ElapsedSpan(fast.lead // MINUTE))


def _ride_lines(file: CalendarFile, visit: Visit) -> Iterator[str]:
    name = one_line(visit.escort or "")
    if tells(name, Privacy.NEUTRAL, file.secrets()):
        name = file.words.escort()  # an alarm shows it on a locked screen, so at every level
    if visit.waived or visit.ride is None:
        return
    yield file.words.taken_home(name, visit.ride)


def _alarms(file: CalendarFile, visit: Visit, kind: VisitType) -> Iterator[tuple[timedelta, str]]:
    """
    Yield at most three alarms as time before the start and text, the last one last.

    The texts appear on locked screens, so at no level do they name the treatment; and they say
    no times of day, so they stay true if someone moves the entry by hand.
    """
    hidden = file.privacy is Privacy.MINIMAL
    known = [
        fast
        for fast in fasts(kind, visit.type_ordinal, visit.start)
        if not hidden and is_plain(fast.what) and fast.lead > timedelta(0)
    ]
    instructed = bool(kind.fasting) or bool(kind.co_medications) or visit.ride is not None
    follow = [file.words.instructions] if instructed else []
    day_before = visit.start.astimezone(file.zone).date() - timedelta(days=1)
    evening = datetime.combine(day_before, EVENING, tzinfo=file.zone)
    shown = [_last(file, fast) for fast in known]
    first = elapsed(evening, visit.start) // MINUTE * MINUTE
    alarms = {first: [file.words.tomorrow, *(shown or follow)]}
    for fast in reversed(known):
        begins = fast.begins.astimezone(file.zone)
        if LAST_ALARM < fast.lead != first and begins.hour in WAKING:
            alarms[fast.lead] = [file.words.fast_now(what_to_leave_out(file, fast))]
            break
    shown = [_last(file, fast) for fast in known if fast.lead <= LAST_ALARM]
    ride = follow if hidden else [*_ride_lines(file, visit)]
    start = file.words.starts_in(ElapsedSpan(LAST_ALARM // MINUTE))
    alarms[LAST_ALARM] = [start, *shown, *ride]
    for before in sorted(alarms, reverse=True):
        yield before, " ".join(alarms[before])
