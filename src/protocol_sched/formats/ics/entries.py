"""
Calendar files (iCalendar, RFC 5545): one for the person, one for an escort, one for the clinic.

Each is made from a `Schedule` and tells no more than its reader needs; see `Privacy`. Visits keep
their UID through every move, so a newer file replaces entries and never doubles them. Nothing
here reads a clock: the same values and the same ``now`` give the same bytes.

Alarms are a courtesy. Many calendars drop them, so what an alarm says stands in the description
too. ``CLASS`` asks and does not lock.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime

import attrs

from protocol_sched.errors import InvalidValue, UnknownName
from protocol_sched.formats.ics.clinic_entries import clinic_events
from protocol_sched.formats.ics.escort_entries import former_event, ride_event
from protocol_sched.formats.ics.file import (
    DEFAULT,
    NO_OPTIONS,
    CalendarOptions,
    FormerRide,
    Reader,
    open_file,
    sharing,
)
from protocol_sched.formats.ics.person_entries import person_events
from protocol_sched.formats.ics.words import safe
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.moments import utc
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Schedule
from protocol_sched.text.privacy import Privacy, tells

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
    on which it counts, and blocks none. At most three alarms: the evening before, the
    beginning of the shortest fast that begins in waking hours, two hours before.

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
    return file.written(event for visit in file.visits for event in person_events(file, visit))


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
    return file.written(event for visit in file.visits for event in clinic_events(file, visit))


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
    return files[0].written(event for visit, file in visits for event in clinic_events(file, visit))
