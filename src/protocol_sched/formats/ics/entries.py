"""
Calendar files (iCalendar, RFC 5545): one for the person, one for an escort, one for the clinic.

Each is made from a `Schedule` and tells no more than its reader needs; see `Privacy`. Visits keep
their UID through every move, so a newer file replaces entries and never doubles them. Nothing
here reads a clock: the same values and the same ``now`` give the same bytes.

Alarms are a courtesy. Many calendars drop them, so what an alarm says stands in the description
too. ``CLASS`` asks and does not lock.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

import attrs
from icalendar import STATUS, Component, Event, vCalAddress, vText

from protocol_sched.errors import InvalidValue, UnknownName
from protocol_sched.formats.ics import uids
from protocol_sched.formats.ics.before import events_before
from protocol_sched.formats.ics.file import (
    DEFAULT,
    MINUTE,
    NO_OPTIONS,
    CalendarFile,
    CalendarOptions,
    FormerRide,
    Reader,
    open_file,
    sharing,
)
from protocol_sched.formats.ics.words import is_mail_address, one_line, safe
from protocol_sched.model.agenda import PastVisit, Spacing, days_after
from protocol_sched.model.around import Fast, Task, fasts, tasks
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.moments import elapsed, later_by, utc
from protocol_sched.model.protocol import Protocol, VisitType
from protocol_sched.model.rules import Between
from protocol_sched.model.schedule import PlannedStage, Ride, Schedule, Visit, kind_of
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, MonthEnd, comparable
from protocol_sched.text.around import (
    checks_of,
    co_medications_of,
    left_out,
    tasks_of,
    team_text,
)
from protocol_sched.text.lengths import backward
from protocol_sched.text.privacy import Privacy, is_plain, tells

__all__ = [
    "CalendarOptions",
    "ClinicCourse",
    "FormerRide",
    "Privacy",
    "Reader",
    "clinic_calendar",
    "escort_calendar",
    "escort_calendars",
    "escort_file_names",
    "file_name",
    "patient_calendar",
    "whole_clinic_calendar",
]

AT_THE_DOOR = timedelta(minutes=15)
"""An escort's entry begins so long before the earliest discharge and ends so long after the
latest: time to park and to find the door. A convention of this library."""
LAST_ALARM = timedelta(hours=2)
"""The last alarm rings so long before the start: time to get ready and travel."""
EVENING = time(18)
"""When the first alarm rings, on the day before."""
SCHEMA = "urn:protocol-sched:visit"
"""What the JSON in STRUCTURED-DATA is: the keys of course and visit."""
WAKING = range(7, 22)
"""Hours of the day in which an alarm for the beginning of a fast may ring."""


def file_name(reader: Reader, privacy: Privacy | None = None) -> str:
    """Return the suggested name of a reader's file; at the minimal level without a hint."""
    if (privacy or DEFAULT[reader]) is Privacy.MINIMAL and reader is not Reader.ESCORT:
        return "appointments.ics"
    return f"{reader.value}.ics"


def patient_calendar(
    schedule: Schedule,
    clinic: Clinic,
    person: Person,
    protocol: Protocol,
    *,
    now: datetime,
    options: CalendarOptions = NO_OPTIONS,
) -> bytes:
    """
    Return the person's calendar file: every visit with alarms, and when not to drive.

    A visit lasts from the arrival to the latest discharge; a test it waits for fills the whole days
    on which it counts, and blocks none. At most three alarms: the evening
    before, the beginning of the shortest fast that begins in waking hours, two hours before.

    Args:
        schedule: In any order of time; identities must differ.
        now: The moment of writing, for DTSTAMP and LAST-MODIFIED; any time zone, cut to seconds.

    Returns:
        UTF-8 bytes with CRLF line ends, ready to be written to a file as they are.

    Raises:
        InvalidValue: A moment in a zone that has no name, a visit that ends before it starts,
            one identity twice.
        NaiveMoment: ``now`` has no time zone.
        UnknownName: A visit is of a type the protocol does not have.
    """
    file = open_file(Reader.PATIENT, schedule, clinic, person, protocol, now, options)
    return file.written(event for visit in file.visits for event in _patient_events(file, visit))


def escort_calendar(
    schedule: Schedule,
    clinic: Clinic,
    person: Person,
    protocol: Protocol,
    *,
    now: datetime,
    escort: str | None = None,
    options: CalendarOptions = NO_OPTIONS,
) -> bytes:
    """
    Return an escort's calendar file: one entry for each ride, and nothing else.

    An entry lasts from 15 minutes before the earliest discharge to 15 minutes after the latest
    one and the time the escort stays with the person. At the default level it says when and at
    which address; a part of the address with a medical word is left out.

    A ride not confirmed yet is tentative, one the escort declined is cancelled.

    Args:
        escort: Name of the escort; ``None`` writes the rides of all escorts, and says whose
            each is if there are several.

    Raises:
        UnknownName: The person has no escort of that name, or a visit is of an unknown type.
        InvalidValue, NaiveMoment: As in `patient_calendar`.
    """
    file = open_file(Reader.ESCORT, schedule, clinic, person, protocol, now, options)
    rides = [v for v in file.visits if v.escort and v.ride is not None and not v.waived]
    known = dict.fromkeys([escort.name for escort in person.escorts])
    known |= dict.fromkeys([visit.escort or "" for visit in rides])
    known |= dict.fromkeys([ride.visit.escort or "" for ride in options.former])
    if escort is not None and escort not in known:
        raise UnknownName(f"person {person.key!r}", "escort", escort, tuple(known))
    mine = [visit for visit in rides if escort in (None, visit.escort)]
    several = len({visit.escort for visit in mine}) > 1
    # Of a ride that went from hand to hand, a file for all escorts has the last one.
    taken = {r.visit.id: r for r in options.former if escort in (None, r.visit.escort)}
    entries = [(visit, ride_event(file, visit, several)) for visit in mine]
    held = {visit.id for visit in mine}
    entries += [(r.visit, former_event(file, r)) for r in taken.values() if r.visit.id not in held]
    entries.sort(key=lambda entry: (utc(entry[0].start), entry[0].id))
    return file.written(event for _, event in entries)


def escort_calendars(
    schedule: Schedule,
    clinic: Clinic,
    person: Person,
    protocol: Protocol,
    *,
    now: datetime,
    options: CalendarOptions = NO_OPTIONS,
) -> dict[str, bytes]:
    """
    Return a calendar file for each escort who drives or was asked to, by their names.

    In one file for all of them a ride that changes hands would become another escort's entry, and
    who lost it would never learn so: in a file of their own it is struck.

    Returns:
        In the person's order of escorts, then those the person no longer has. Nobody without an
        entry.

    Raises:
        InvalidValue, NaiveMoment, UnknownName: As `escort_calendar` raises them.
    """
    visits = [*schedule.visits, *options.cancelled, *(ride.visit for ride in options.former)]
    asked = {visit.escort for visit in visits if visit.ride is not None and not visit.waived}
    names = dict.fromkeys(escort.name for escort in person.escorts)
    names |= dict.fromkeys(visit.escort for visit in visits if visit.escort is not None)
    return {
        name: escort_calendar(
            schedule, clinic, person, protocol, now=now, escort=name, options=options
        )
        for name in names
        if name in asked
    }


def escort_file_names(names: Iterable[str]) -> dict[str, str]:
    """
    Return the suggested name of each escort's file: ``escort-Priya-Nair.ics``.

    Names have letters, digits and hyphens, and differ on every file system. A name with no letter
    or with a medical word in it is a number.
    """
    found: dict[str, str] = {}
    for number, name in enumerate(dict.fromkeys(names), 1):
        plain = unicodedata.normalize("NFC", safe(name))
        shown = "-".join(re.findall(r"[^\W_]+", plain))[:80]
        if not shown or tells(shown, Privacy.MINIMAL):
            shown = str(number)
        if shown.casefold() in (one.casefold() for one in found.values()):
            shown = f"{shown}-{number}"
        found[name] = shown
    return {name: f"escort-{shown}.ics" for name, shown in found.items()}


def clinic_calendar(
    schedule: Schedule,
    clinic: Clinic,
    person: Person,
    protocol: Protocol,
    *,
    now: datetime,
    options: CalendarOptions = NO_OPTIONS,
) -> bytes:
    """
    Return the clinic's calendar file: each visit, with an entry for each stage.

    The person is named by their key. A stage lasts from its earliest start to its latest end,
    which is how long its places are held (RESOURCES); it points to its visit as its parent. So
    does preparation and cleaning. No alarms.

    Raises:
        InvalidValue, NaiveMoment, UnknownName: As in `patient_calendar`.
    """
    file = open_file(Reader.CLINIC, schedule, clinic, person, protocol, now, options)
    return file.written(event for visit in file.visits for event in _clinic_events(file, visit))


@attrs.frozen(kw_only=True)
class ClinicCourse:
    """One course in a calendar of the whole clinic."""

    schedule: Schedule
    person: Person
    protocol: Protocol
    options: CalendarOptions = NO_OPTIONS
    """`CalendarOptions.knowing` its course; the level of privacy is one for all courses."""


def whole_clinic_calendar(
    courses: Iterable[ClinicCourse], clinic: Clinic, *, now: datetime
) -> bytes:
    """
    Return one calendar file with the entries that `clinic_calendar` has for each course.

    Entries have the same identities as there, so either file replaces the other's entries. They
    stand in order of time.

    Raises:
        InvalidValue: No course, one course twice, different levels of privacy; or as in
            `clinic_calendar`.
        NaiveMoment, UnknownName: As in `clinic_calendar`.
    """
    listed = tuple(courses)
    keys = [one.schedule.course for one in listed]
    if len(dict.fromkeys(keys)) != len(keys) or not keys:
        found = ", ".join(map(repr, keys)) or "none"
        raise InvalidValue("calendar of the clinic", "courses", found, "one or more, each once")
    levels = {one.options.privacy for one in listed}
    if len(levels) > 1:
        found = ", ".join(sorted("none" if one is None else one.value for one in levels))
        raise InvalidValue("calendar of the clinic", "privacy", found, "one for all courses")
    files = sharing(
        (
            open_file(
                Reader.CLINIC, one.schedule, clinic, one.person, one.protocol, now, one.options
            )
            for one in listed
        ),
        clinic.name,
    )
    visits = [(visit, file) for file in files for visit in file.visits]
    visits.sort(key=lambda item: (utc(item[0].start), item[1].schedule.course, item[0].id))
    return files[0].written(
        event for visit, file in visits for event in _clinic_events(file, visit)
    )


# --- the person's file -----------------------------------------------------------------------


def _patient_events(file: CalendarFile, visit: Visit) -> Iterator[Event]:
    status = file.status(visit)
    summary = file.title(visit) + file.unsettled(visit)
    span = (visit.start, visit.discharge_by)
    lines = _patient_lines(file, visit)
    event = file.event(visit, uids.PATIENT_VISIT, span, summary, lines, status)
    _add_place(file, event)
    _add_category(file, event, visit)
    if not file.cancelled(visit):
        event.related_to = [*_following(file, visit, uids.PATIENT_VISIT)]
        for before, text in _alarms(file, visit, kind_of(visit, file.protocol)):
            file.alarm(event, text, before)
    yield event
    yield from events_before(file, visit)
    until = visit.no_driving_until
    if until is None:
        return
    rest = _night(file, visit)
    window: tuple[date | datetime, date | datetime] = (visit.discharge, until)
    if not isinstance(until, datetime):
        window = (visit.discharge.astimezone(file.zone).date(), until)
    if rest and not isinstance(until, datetime):
        # Nobody is rested at midnight: the entry lasts until a night from then on would be over.
        midnight = datetime.combine(until, time(), file.zone)
        window = (visit.discharge, later_by(midnight, rest.delta))
    status = STATUS.CANCELLED if file.cancelled(visit) else STATUS.CONFIRMED
    lines = iter([file.words.until(_until_text(file, until, visit), rest)])
    if rest:
        lines = iter([*lines, file.words.night])
    no_driving = file.event(
        visit, uids.NO_DRIVING, window, file.words.no_driving, lines, status, transparent=True
    )
    parent = vText(file.uid(uids.PATIENT_VISIT, visit.id), params={"RELTYPE": "PARENT"})
    no_driving.related_to = [parent]
    yield no_driving


def _until_text(file: CalendarFile, until: date | datetime, visit: Visit) -> str:
    if isinstance(until, datetime):
        return file.clock(until, visit.start)
    return file.words.day(until)


def _night(file: CalendarFile, visit: Visit) -> ElapsedSpan | None:
    """Return how long a night's rest before driving is; ``None`` where none is asked for."""
    rule = file.protocol.visit_type(visit.kind).no_driving
    return None if rule is None else rule.rest


def _patient_lines(file: CalendarFile, visit: Visit) -> Iterator[str]:
    kind = kind_of(visit, file.protocol)
    when = file.between(visit.discharge, visit.discharge_by, visit.start)
    leave = file.words.leave(when, any(stage.until for stage in visit.stages))
    if visit.tentative:
        yield file.words.date_provisional
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
        yield from (_stage_line(file, visit, stage) for stage in visit.stages)
    yield leave
    yield from _ride_lines(file, visit)
    if visit.no_driving_until is not None:
        until = _until_text(file, visit.no_driving_until, visit)
        yield file.words.do_not_drive(until, _night(file, visit))
    yield from _spacing_lines(file, visit)
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
            yield file.words.fast_from(_what(file, fast), clock)
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


def _what(file: CalendarFile, fast: Fast) -> str:
    """Return what to leave out, without a negation."""
    return file.words.what(one_line(left_out(fast)))


def _last(file: CalendarFile, fast: Fast) -> str:
    """Return what to leave out so long before an appointment; no time of day, so it stays true."""
    return file.words.fast_last(_what(file, fast), ElapsedSpan(fast.lead // MINUTE))


def _ride_lines(file: CalendarFile, visit: Visit) -> Iterator[str]:
    name = one_line(visit.escort or "")
    if tells(name, Privacy.NEUTRAL, file.secrets()):
        name = file.words.escort()  # an alarm shows it on a locked screen, so at every level
    if visit.waived or visit.ride is None:
        return
    yield file.words.taken_home(name, visit.ride)


def _stage_line(file: CalendarFile, visit: Visit, stage: PlannedStage) -> str:
    begins, by = file.clock(stage.start, visit.start), ""
    if elapsed(stage.start, stage.start_by):
        by = file.clock(stage.start_by, visit.start)
    return file.words.stage(begins, by, one_line(stage.name), one_line(stage.until))


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
            alarms[fast.lead] = [file.words.fast_now(_what(file, fast))]
            break
    shown = [_last(file, fast) for fast in known if fast.lead <= LAST_ALARM]
    ride = follow if hidden else [*_ride_lines(file, visit)]
    start = file.words.starts_in(ElapsedSpan(LAST_ALARM // MINUTE))
    alarms[LAST_ALARM] = [start, *shown, *ride]
    for before in sorted(alarms, reverse=True):
        yield before, " ".join(alarms[before])


# --- spacing ---------------------------------------------------------------------------------


def _spacings(file: CalendarFile, later: Visit) -> dict[str, list[Spacing]]:
    """Return the spacings before a visit by the identity of the earlier one."""
    found: dict[str, list[Spacing]] = {}
    for slack in file.schedule.slacks:
        rule = slack.rule
        if isinstance(rule, Spacing) and rule.later == later.id:
            earlier = rule.earlier.id if isinstance(rule.earlier, PastVisit) else rule.earlier
            found.setdefault(earlier, []).append(rule)
    return found


def _spacing_lines(file: CalendarFile, visit: Visit) -> Iterator[str]:
    """Yield the strictest distance that a visit keeps from each earlier one, in words."""
    placed = {v.id: v for v in file.visits if not file.cancelled(v)}
    for earlier, rules in _spacings(file, visit).items():
        past = rules[0].earlier
        if earlier in placed:
            name = file.title(placed[earlier])
        elif isinstance(past, PastVisit):
            name = file.words.visit_of(past.on)
            if file.privacy is Privacy.FULL:
                name = one_line(past.title)
        else:
            continue
        least = max((r.least for r in rules if r.least is not None), key=comparable, default=None)
        most = min((r.most for r in rules if r.most is not None), key=comparable, default=None)
        before = most is not None and comparable(most) < 0
        if most is not None and before:
            least, most = backward(most), None if least is None else backward(least)
        if least is not None and comparable(least) <= 0:
            least = None
        if least is not None or most is not None:
            yield file.words.limits(least, most, before, name)


def _least_gap(file: CalendarFile, earlier: Visit, rules: Iterable[Spacing]) -> timedelta:
    """
    Return the least distance of two visits as the GAP of a relation, zero for none.

    Calendar spans stay whole days, which count dates. Elapsed spans that are measured from start
    to start are shortened by the earlier visit, because the relation counts from its end.
    """
    gaps = [timedelta(0)]
    for rule in rules:
        match rule.least:
            case CalendarSpan() as span:
                month_end = file.protocol.month_end or MonthEnd.NEXT_DAY
                gaps.append(timedelta(days=days_after(span, earlier.day, month_end)))
            case ElapsedSpan() as span if rule.between is Between.STARTS:
                gaps.append(span.delta - elapsed(earlier.start, earlier.discharge_by))
            case ElapsedSpan() as span:
                gaps.append(span.delta)
            case None:
                pass
    return max(gaps)


def _following(file: CalendarFile, earlier: Visit, role: str) -> Iterator[vText]:
    """
    Yield the relations from a visit to those whose distance hangs on it.

    A chain: each visit is named once, by the nearest visit before it, and never points back,
    because a reader that does not know the relation takes the other for a parent (RFC 9253).
    """
    placed = {v.id: v for v in file.visits if not file.cancelled(v)}
    order = list(placed)
    hangs = {
        slack.rule.later
        for slack in file.schedule.slacks
        if isinstance(slack.rule, Spacing) and slack.rule.earlier == earlier.id
    }
    for later in (visit for visit in placed.values() if visit.id in hangs):
        before = [
            (order.index(identity), rules)
            for identity, rules in _spacings(file, later).items()
            if identity in placed and order.index(identity) < order.index(later.id)
        ]
        if not before:
            continue
        nearest, rules = max(before, key=lambda item: item[0])
        if order[nearest] == earlier.id:
            relation = vText(file.uid(role, later.id), params={"RELTYPE": "FINISHTOSTART"})
            if gap := _least_gap(file, earlier, rules):
                relation.GAP = gap
            yield relation


# --- the escort's file -----------------------------------------------------------------------


def ride_event(
    file: CalendarFile, visit: Visit, named: bool = False, status: STATUS | None = None
) -> Event:
    """
    Return the entry of a ride; ``named`` says whose it is, in a file for several escorts.

    Its status is the escort's answer, unless another is given.
    """
    if file.cancelled(visit) or visit.ride is Ride.DECLINED:
        status = STATUS.CANCELLED
    elif status is None:
        status = STATUS.CONFIRMED if visit.ride is Ride.CONFIRMED else STATUS.TENTATIVE
    sequence = file.sequence(visit)
    if not file.cancelled(visit):
        sequence = dict(file.options.asked).get(visit.id, sequence)
    declined = visit.ride is Ride.DECLINED and not file.cancelled(visit)
    gone = file.words.cannot_drive if declined else ""
    return _ride_event(file, visit, named, status, sequence, gone)


def former_event(file: CalendarFile, ride: FormerRide) -> Event:
    """Return the entry that strikes a ride which was taken from its escort."""
    says = file.words.need_not_drive
    return _ride_event(file, ride.visit, False, STATUS.CANCELLED, ride.sequence, says)


def _ride_event(
    file: CalendarFile, visit: Visit, named: bool, status: STATUS, sequence: int, gone: str = ""
) -> Event:
    stay = _stay(file, visit)
    span = (
        later_by(visit.discharge, -AT_THE_DOOR),
        later_by(visit.discharge_by, AT_THE_DOOR + stay),
    )
    of = by = ""
    if file.privacy is Privacy.FULL:
        of = file.person.name or file.person.key
    if named and visit.escort and not tells(visit.escort, file.privacy, file.secrets()):
        by = visit.escort
    summary = file.words.pick_up(of, by)
    if status is STATUS.TENTATIVE:
        summary += file.words.please_confirm
    lines = _ride_home_lines(file, visit, stay)
    event = file.event(visit, uids.RIDE, span, summary, lines, status, sequence=sequence, gone=gone)
    _add_place(file, event)
    if file.privacy is not Privacy.MINIMAL:
        event.categories = [file.words.ride]
    if status is not STATUS.CANCELLED:
        file.alarm(event, file.words.pick_up_in(ElapsedSpan(LAST_ALARM // MINUTE)), LAST_ALARM)
    return event


def _stay(file: CalendarFile, visit: Visit) -> timedelta:
    """Return how long the escort stays; zero where the protocol has the visit no more."""
    kinds = [kind for kind in file.protocol.visit_types if kind.name == visit.kind]
    rules = [kind.ride_home for kind in kinds if kind.ride_home is not None]
    return rules[0].stay_with.delta if rules else timedelta(0)


def _ride_home_lines(file: CalendarFile, visit: Visit, stay: timedelta) -> Iterator[str]:
    ready = file.between(visit.discharge, visit.discharge_by, visit.discharge)
    yield file.words.ready(ready, file.clock(visit.discharge))
    yield file.words.at_the_door(AT_THE_DOOR // MINUTE)
    if stay:
        yield file.words.stay(ElapsedSpan(stay // MINUTE))
    yield from file.phone()
    escorts = [e for e in file.person.escorts if e.name == visit.escort]
    yield from file.elsewhere(escorts[0].zone if escorts else None)


# --- the clinic's file -----------------------------------------------------------------------


def _clinic_events(file: CalendarFile, visit: Visit) -> Iterator[Event]:
    role = uids.CLINIC_VISIT
    status = file.status(visit)
    key = file.person.key
    hidden = file.privacy is Privacy.MINIMAL or tells(key, file.privacy, file.secrets())
    whose = "" if hidden else f", {key}"
    span = (visit.start, visit.discharge_by)
    summary = f"{file.title(visit)}{whose}{file.unsettled(visit)}"
    event = file.event(visit, role, span, summary, _clinic_lines(file, visit), status)
    _add_place(file, event)
    _add_category(file, event, visit)
    if not file.cancelled(visit):
        event.related_to = [*_following(file, visit, role)]
        if file.options.details and file.privacy is Privacy.FULL:
            _add_details(file, event, visit)
    yield event
    if file.privacy is not Privacy.FULL:
        return
    parent = vText(file.uid(role, visit.id), params={"RELTYPE": "PARENT"})
    for n, stage, held in _stages(file, visit):
        summary = f"{stage.name}, {file.title(visit)}{whose}"
        lines = [_stage_line(file, visit, stage)]
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


def _clinic_lines(file: CalendarFile, visit: Visit) -> Iterator[str]:
    kind = kind_of(visit, file.protocol)
    yield file.words.arrives(file.clock(visit.start))
    if file.privacy is Privacy.MINIMAL:
        return
    if file.privacy is Privacy.FULL:
        yield from (_stage_line(file, visit, stage) for stage in visit.stages)
    yield file.words.may_leave(file.between(visit.discharge, visit.discharge_by, visit.start))
    if file.privacy is Privacy.FULL:
        for what, name in visit.places:
            yield one_line(f"{what}: {name}")
        for text in team_text(visit):
            yield one_line(f"{text}.")
        for fast in fasts(kind, visit.type_ordinal, visit.start):
            clock = file.clock(fast.begins, visit.start)
            yield file.words.fast_from(_what(file, fast), clock)
        for window in co_medications_of(visit, file.protocol):
            yield one_line(file.words.co_medication(window))
        for what, times in checks_of(visit, file.protocol):
            yield one_line(file.words.check(what, times))
        for name, start, end, held in tasks_of(visit, file.protocol):
            first, last = file.clock(start, visit.start), file.clock(end, start)
            yield one_line(file.words.task(name, first, last, held))
    yield from _escort_lines(file, visit)
    if visit.no_driving_until is not None:
        until = _until_text(file, visit.no_driving_until, visit)
        yield file.words.no_driving_until(until, _night(file, visit))
    yield from _spacing_lines(file, visit)
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


# --- what entries of two files share ---------------------------------------------------------


def _add_place(file: CalendarFile, event: Event) -> None:
    if where := file.location():
        event.add("LOCATION", where)


def _add_category(file: CalendarFile, event: Event, visit: Visit) -> None:
    if file.privacy is Privacy.NEUTRAL:
        event.categories = [file.words.appointment]
    elif file.privacy is Privacy.FULL:
        event.categories = [one_line(visit.kind) or file.words.appointment]
