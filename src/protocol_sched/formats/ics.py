"""
Calendar files (iCalendar, RFC 5545): one for the person, one for an escort, one for the clinic.

Each is made from a `Schedule` and tells no more than its reader needs; see `Privacy`. Visits keep
their UID through every move, so a newer file replaces entries and never doubles them. Nothing
here reads a clock: the same values and the same ``now`` give the same bytes.

Alarms are a courtesy. Many calendars drop them, so what an alarm says stands in the description
too. ``CLASS`` is a wish, not a lock.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs
from icalendar import CLASS, STATUS, TRANSP, Alarm, Calendar, Event, vText

from protocol_sched.errors import InvalidValue, UnknownName
from protocol_sched.formats import ics_uids
from protocol_sched.formats.ics_words import (
    Privacy,
    is_plain,
    medical_words,
    one_line,
    place,
    safe,
    tells,
)
from protocol_sched.formats.ics_zones import (
    Observance,
    doubled,
    observances,
    vtimezone,
    written,
    zone_of,
)
from protocol_sched.model.agenda import PastVisit, Spacing, days_after
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.course import zoned
from protocol_sched.model.protocol import Protocol, VisitType
from protocol_sched.model.rules import Between, Fasting, as_tuple
from protocol_sched.model.schedule import PlannedStage, Ride, Schedule, Visit
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, MonthEnd, comparable

__all__ = [
    "CalendarOptions",
    "Privacy",
    "Reader",
    "clinic_calendar",
    "escort_calendar",
    "file_name",
    "patient_calendar",
]

_MINUTE = timedelta(minutes=1)
AT_THE_DOOR = timedelta(minutes=15)
"""An escort's entry begins so long before the earliest discharge and ends so long after the
latest: time to park and to find the door. A convention of this library."""
LAST_ALARM = timedelta(hours=2)
"""The last alarm rings so long before the start: time to get ready and travel."""
EVENING = time(18)
"""When the first alarm rings, on the day before."""
WAKING = range(7, 22)
"""Hours of the day in which an alarm for the beginning of a fast may ring."""

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Reader(enum.Enum):
    """Whom a calendar file is for."""

    PATIENT = "patient"
    ESCORT = "escort"
    CLINIC = "clinic"


_DEFAULT = {
    Reader.PATIENT: Privacy.NEUTRAL,
    Reader.ESCORT: Privacy.MINIMAL,
    Reader.CLINIC: Privacy.FULL,
}


def _pairs(items: Mapping[str, int] | Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    pairs = items.items() if isinstance(items, Mapping) else items
    return tuple(sorted((str(visit), number) for visit, number in pairs))


@attrs.frozen(kw_only=True)
class CalendarOptions:
    """
    What a calendar file is told beside the schedule.

    Raises:
        InvalidValue: A negative sequence number, or a domain that cannot stand in a UID.
    """

    privacy: Privacy | None = None
    """``None`` is the reader's own: escort minimal, patient neutral, clinic full."""
    domain: str = "calendar.invalid"
    """
    What follows the ``@`` in UIDs, such as a domain you own; never change it afterwards.

    UIDs reach the escort, so it may hold no medical word, not even *clinic*.
    """
    sequences: tuple[tuple[str, int], ...] = attrs.field(default=(), converter=_pairs)
    """
    How often each visit, by identity, was changed since it was first sent; 0 if not named.

    Give a mapping or pairs. A calendar takes a move only if the number went up.
    """
    tentative: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Identities of visits that are not agreed yet."""
    cancelled: tuple[Visit, ...] = attrs.field(default=(), converter=as_tuple)
    """
    Visits that were sent once and no longer take place, as they were last.

    They stay in the file as cancelled, one sequence number higher than ``sequences`` says.
    """

    def __attrs_post_init__(self) -> None:
        owner = "calendar options"
        if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", self.domain):
            wanted = "letters, digits, '.' and '-', such as calendar.example.org"
            raise InvalidValue(owner, "domain", repr(self.domain), wanted)
        if words := medical_words(self.domain):
            wanted = f"free of medical words, because the escort sees it (not {words[0]!r})"
            raise InvalidValue(owner, "domain", repr(self.domain), wanted)
        for visit, number in self.sequences:
            if not 0 <= number < 2**31 - 1:
                raise InvalidValue(owner, f"sequence of {visit!r}", str(number), "0 or more")


_NO_OPTIONS = CalendarOptions()


def file_name(reader: Reader, privacy: Privacy | None = None) -> str:
    """Return the suggested name of a reader's file; at the minimal level without a hint."""
    if (privacy or _DEFAULT[reader]) is Privacy.MINIMAL and reader is not Reader.ESCORT:
        return "appointments.ics"
    return f"{reader.value}.ics"


def patient_calendar(
    schedule: Schedule,
    clinic: Clinic,
    person: Person,
    protocol: Protocol,
    *,
    now: datetime,
    options: CalendarOptions = _NO_OPTIONS,
) -> bytes:
    """
    Return the person's calendar file: every visit with alarms, and when not to drive.

    A visit lasts from the arrival to the latest discharge. At most three alarms: the evening
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
    file = _file(Reader.PATIENT, schedule, clinic, person, protocol, now, options)
    return file.written(event for visit in file.visits for event in _patient_events(file, visit))


def escort_calendar(
    schedule: Schedule,
    clinic: Clinic,
    person: Person,
    protocol: Protocol,
    *,
    now: datetime,
    escort: str | None = None,
    options: CalendarOptions = _NO_OPTIONS,
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
    file = _file(Reader.ESCORT, schedule, clinic, person, protocol, now, options)
    known = dict.fromkeys([e.name for e in person.escorts] + [v.escort or "" for v in file.visits])
    if escort is not None and (escort not in known or not escort):
        names = tuple(name for name in known if name)
        raise UnknownName(f"person {person.key!r}", "escort", escort, names)
    rides = [v for v in file.visits if v.escort and v.ride is not None and not v.waived]
    mine = [visit for visit in rides if escort in (None, visit.escort)]
    several = len({visit.escort for visit in mine}) > 1
    return file.written(_ride_event(file, visit, several) for visit in mine)


def clinic_calendar(
    schedule: Schedule,
    clinic: Clinic,
    person: Person,
    protocol: Protocol,
    *,
    now: datetime,
    options: CalendarOptions = _NO_OPTIONS,
) -> bytes:
    """
    Return the clinic's calendar file: each visit, and within it an entry for each stage.

    The person is named by their key. A stage lasts from its earliest start to its latest end,
    which is how long its places are held (RESOURCES); it points to its visit as its parent. No
    alarms.

    Raises:
        InvalidValue, NaiveMoment, UnknownName: As in `patient_calendar`.
    """
    file = _file(Reader.CLINIC, schedule, clinic, person, protocol, now, options)
    return file.written(event for visit in file.visits for event in _clinic_events(file, visit))


# --- one file being written ------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class _File:
    reader: Reader
    privacy: Privacy
    schedule: Schedule
    clinic: Clinic
    person: Person
    protocol: Protocol
    now: datetime
    options: CalendarOptions
    zone: ZoneInfo
    told: tuple[Observance, ...]
    """How the zone is written; empty if all times are in UTC."""
    visits: tuple[Visit, ...]
    """Cancelled ones included, in order of time."""
    numbers: Mapping[str, int]
    """Each visit's number in the course, visits already given counted; none for cancelled ones."""

    def uid(self, role: str, visit: str) -> str:
        """
        Return an identity that is the same for ever and tells nothing.

        A digest, because visit identities hold medical words. The role keeps apart what two
        readers have of one visit, in case both files land in one calendar.
        """
        return ics_uids.uid(self.schedule.course, visit, role, self.options.domain)

    def cancelled(self, visit: Visit) -> bool:
        return visit.id not in self.numbers

    def title(self, visit: Visit) -> str:
        """Return what the level calls a visit, such as ``infusion 2`` or ``Appointment``."""
        match self.privacy:
            case Privacy.FULL:
                return one_line(visit.title) or "Appointment"
            case Privacy.NEUTRAL if not self.cancelled(visit):
                return f"Clinic appointment {self.numbers[visit.id]}"
            case Privacy.NEUTRAL:
                return "Clinic appointment"
            case _:
                return "Appointment"

    def secrets(self) -> tuple[str, ...]:
        """Return what no text below the full level may have beside the listed words."""
        title = f"{self.protocol.name} {self.protocol.title}"
        return (self.person.name, *re.findall(r"[^\W\d_]{5,}", title))

    def location(self) -> str:
        """Return the name and address of the clinic as far as the level tells them."""
        parts = [place(self.clinic.address, self.privacy, self.secrets())]
        named = self.privacy is not Privacy.MINIMAL
        if named and not tells(self.clinic.name, self.privacy, self.secrets()):
            parts.insert(0, one_line(self.clinic.name))
        return ", ".join(part for part in parts if part)

    def phone(self) -> Iterator[str]:
        phone = one_line(self.clinic.phone)
        if phone and not tells(phone, self.privacy, self.secrets()):
            yield f"Phone: {phone}"

    def clock(self, moment: datetime, since: datetime | None = None) -> str:
        """
        Return a time of day at the clinic; with the date where it is not that of ``since``.

        A time that comes twice says how far it is from UTC.
        """
        local = moment.astimezone(self.zone)
        text = f"{local:%H:%M}"
        if doubled(local):
            sign_hours, minutes = f"{local:%z}"[:3], f"{local:%z}"[3:5]
            text += f" (UTC{sign_hours}:{minutes})"
        if since is not None and since.astimezone(self.zone).date() != local.date():
            text += f" on {day_text(local.date())}"
        return text

    def between(self, first: datetime, last: datetime, since: datetime) -> str:
        if not _elapsed(first, last):
            return f"at {self.clock(first, since)}"
        return f"between {self.clock(first, since)} and {self.clock(last, since)}"

    def elsewhere(self, zone: ZoneInfo | None) -> Iterator[str]:
        """Yield whose clock the times are, to a reader who lives by another."""
        if zone is not None and zone.key != self.zone.key:
            yield f"Times are those of {self.zone.key}."

    def event(
        self,
        visit: Visit,
        role: str,
        span: tuple[datetime, datetime] | tuple[date, date],
        summary: str,
        lines: Iterable[str],
        status: STATUS,
        *,
        transparent: bool = False,
    ) -> Event:
        """Return an entry with what every entry has."""
        sequence = dict(self.options.sequences).get(visit.id, 0)
        if self.cancelled(visit):
            status, sequence = STATUS.CANCELLED, sequence + 1
        if status is STATUS.CANCELLED:
            summary, transparent = f"{summary} (cancelled)", True
        start, end = span
        if isinstance(start, datetime) and isinstance(end, datetime):
            start, end = written(self.zone, bool(self.told), start, end)
        event = Event.new(
            uid=self.uid(role, visit.id),
            stamp=self.now,
            last_modified=self.now,
            start=start,
            end=end,
            summary=one_line(summary),
            description=safe("\n".join(lines)) or None,
            status=status,
            sequence=sequence,
            transparency=TRANSP.TRANSPARENT if transparent else TRANSP.OPAQUE,
            classification=(CLASS.CONFIDENTIAL if self.reader is Reader.CLINIC else CLASS.PRIVATE),
        )
        if status is STATUS.TENTATIVE:
            event.add("X-MICROSOFT-CDO-BUSYSTATUS", "TENTATIVE")
        if self.reader is not Reader.ESCORT:
            event.add("REFID", vText(ics_uids.digest(self.schedule.course, "", ics_uids.COURSE)))
        return event

    def written(self, events: Iterable[Event]) -> bytes:
        """Return the file of these entries, in their order."""
        entries = tuple(events)
        hint = "Scheduler" if self.privacy is Privacy.MINIMAL else "protocol-sched"
        calendar = Calendar()
        calendar.add("PRODID", f"-//{hint}//Calendar//EN")
        calendar.add("VERSION", "2.0")
        calendar.add("CALSCALE", "GREGORIAN")
        # As they are, icalendar writes these two without escapes: a comma in them would be a list.
        calendar["NAME"] = calendar["X-WR-CALNAME"] = vText(self.name())
        local = any("TZID" in event[name].params for event in entries for name in _times(event))
        if local:
            calendar.add_component(vtimezone(self.zone.key, self.told))
        elif not entries:
            # A calendar needs one component; readers refuse an empty one.
            calendar.add_component(vtimezone("Etc/UTC", (_EMPTY,)))
        for event in entries:
            calendar.add_component(event)
        return bytes(calendar.to_ical())

    def name(self) -> str:
        """Return the calendar's name."""
        if self.reader is Reader.ESCORT:
            return "Rides"
        match self.privacy:
            case Privacy.MINIMAL:
                return "Appointments"
            case Privacy.NEUTRAL:
                return "Clinic appointments"
            case _ if self.reader is Reader.CLINIC:
                return one_line(f"{self.protocol.title}, {self.person.key}")
            case _:
                return one_line(self.protocol.title) or "Clinic appointments"


_EMPTY = Observance(datetime(1970, 1, 1), timedelta(0), timedelta(0), "UTC")  # noqa: DTZ001


def _times(event: Event) -> tuple[str, ...]:
    return tuple(name for name in ("DTSTART", "DTEND") if name in event)


def _file(
    reader: Reader,
    schedule: Schedule,
    clinic: Clinic,
    person: Person,
    protocol: Protocol,
    now: datetime,
    options: CalendarOptions,
) -> _File:
    owner = f"schedule of course {schedule.course!r}"
    try:
        zone = ZoneInfo(schedule.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        wanted = "a time zone such as America/New_York"
        raise InvalidValue(owner, "zone", repr(schedule.zone), wanted) from error
    visits = (*schedule.visits, *options.cancelled)
    seen: set[str] = set()
    for visit in visits:
        if visit.id in seen:
            raise InvalidValue(owner, "visits", f"{visit.id!r} twice", "each visit once")
        seen.add(visit.id)
        _check(visit)
        protocol.visit_type(visit.kind)
    years = [moment.astimezone(UTC).year for v in visits for moment in (v.start, v.discharge_by)]
    given = sum(1 for past in schedule.past if past.kind)
    return _File(
        reader=reader,
        privacy=options.privacy or _DEFAULT[reader],
        schedule=schedule,
        clinic=clinic,
        person=person,
        protocol=protocol,
        now=zoned("calendar", "now", now).astimezone(UTC).replace(microsecond=0),
        options=options,
        zone=zone,
        told=observances(zone.key, min(years), max(years)) if years else (),
        visits=_in_order(visits),
        numbers={visit.id: n for n, visit in enumerate(_in_order(schedule.visits), given + 1)},
    )


def _in_order(visits: Iterable[Visit]) -> tuple[Visit, ...]:
    return tuple(sorted(visits, key=lambda visit: (visit.start.astimezone(UTC), visit.id)))


def _check(visit: Visit) -> None:
    owner = f"visit {visit.id!r}"
    moments = [("start", visit.start), ("discharge", visit.discharge)]
    moments.append(("discharge_by", visit.discharge_by))
    for stage in visit.stages:
        for field in ("start", "start_by", "end", "end_by"):
            moments.append((f"{field} of stage {stage.name!r}", getattr(stage, field)))
    until = visit.no_driving_until
    if isinstance(until, datetime):
        moments.append(("no_driving_until", until))
    for field, moment in moments:
        zone_of(owner, field, zoned(owner, field, moment))
    if not _elapsed(visit.start, visit.discharge) > timedelta(0):
        raise InvalidValue(owner, "discharge", str(visit.discharge), f"after {visit.start}")
    if _elapsed(visit.discharge, visit.discharge_by) < timedelta(0):
        wanted = f"{visit.discharge} or later"
        raise InvalidValue(owner, "discharge_by", str(visit.discharge_by), wanted)
    if isinstance(until, datetime):
        if _elapsed(visit.discharge, until) <= timedelta(0):
            raise InvalidValue(owner, "no_driving_until", str(until), f"after {visit.discharge}")
    elif until is not None and until <= visit.discharge.date():
        wanted = f"later than {visit.discharge.date()}"
        raise InvalidValue(owner, "no_driving_until", str(until), wanted)


def _elapsed(earlier: datetime, later: datetime) -> timedelta:
    return later.astimezone(UTC) - earlier.astimezone(UTC)


def _shifted(moment: datetime, by: timedelta) -> datetime:
    """Return the moment so much real time later, in UTC."""
    return moment.astimezone(UTC) + by


def day_text(day: date) -> str:
    """Return a date such as ``Wed 3 Mar 2027``, the same in every locale."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


# --- the person's file -----------------------------------------------------------------------


def _patient_events(file: _File, visit: Visit) -> Iterator[Event]:
    kind = file.protocol.visit_type(visit.kind)
    status = STATUS.TENTATIVE if visit.id in file.options.tentative else STATUS.CONFIRMED
    summary = file.title(visit) + (" (not agreed yet)" if status is STATUS.TENTATIVE else "")
    span = (visit.start, visit.discharge_by)
    lines = _patient_lines(file, visit, kind)
    event = file.event(visit, ics_uids.PATIENT_VISIT, span, summary, lines, status)
    _add_place(file, event)
    _add_category(file, event, visit)
    if not file.cancelled(visit):
        event.related_to = [*_following(file, visit, ics_uids.PATIENT_VISIT)]
        for before, text in _alarms(file, visit, kind):
            event.add_component(Alarm.new_display(one_line(text), -before))
    yield event
    until = visit.no_driving_until
    if until is None:
        return
    window = (
        (visit.discharge, until)
        if isinstance(until, datetime)
        else (visit.discharge.astimezone(file.zone).date(), until)
    )
    text = f"Until {_until_text(file, until, visit)}."
    no_driving = file.event(
        visit,
        ics_uids.NO_DRIVING,
        window,
        "Do not drive",
        [text],
        STATUS.CONFIRMED,
        transparent=True,
    )
    parent = vText(file.uid(ics_uids.PATIENT_VISIT, visit.id), params={"RELTYPE": "PARENT"})
    no_driving.related_to = [parent]
    yield no_driving


def _until_text(file: _File, until: date | datetime, visit: Visit) -> str:
    if isinstance(until, datetime):
        return file.clock(until, visit.start)
    return day_text(until)


def _patient_lines(file: _File, visit: Visit, kind: VisitType) -> Iterator[str]:
    since = visit.start
    leave = f"You may leave {file.between(visit.discharge, visit.discharge_by, since)}."
    if any(stage.until for stage in visit.stages):
        leave += " It may be later."
    yield f"Arrive at {file.clock(visit.start)}."
    if file.privacy is Privacy.MINIMAL:
        yield leave
        if kind.fasting or visit.ride is not None or visit.no_driving_until is not None:
            yield "Follow the instructions you were given."
        yield from file.elsewhere(file.person.zone)
        return
    yield from _fasting_lines(file, visit, kind)
    if file.privacy is Privacy.FULL:
        yield from (_stage_line(file, visit, stage) for stage in visit.stages)
    yield leave
    yield from _ride_lines(file, visit)
    if visit.no_driving_until is not None:
        yield f"Do not drive until {_until_text(file, visit.no_driving_until, visit)}."
    yield from _spacing_lines(file, visit)
    if file.privacy is Privacy.FULL and kind.note:
        yield one_line(kind.note)
    yield from file.phone()
    yield from file.elsewhere(file.person.zone)


def _fasting_lines(file: _File, visit: Visit, kind: VisitType) -> Iterator[str]:
    """Yield what to leave out from when on, first things first, as times of day."""
    unsaid = False
    for fast in sorted(kind.fasting, key=lambda fast: -fast.lead.minutes):
        if _sayable(file, fast):
            begins = file.clock(_shifted(visit.start, -fast.lead.delta), visit.start)
            yield f"No {_what(fast)} from {begins}."
        else:
            unsaid = True
    if unsaid:
        yield "Follow the other instructions you were given for the time before."


def _sayable(file: _File, fast: Fasting) -> bool:
    """Tell whether what to fast from may be said: food and drink may, a drug may not."""
    return file.privacy is Privacy.FULL or is_plain(fast.what)


def _what(fast: Fasting) -> str:
    """Return what to leave out, as it stands after ``no``."""
    return re.sub(r"^(?:no|any)\s+", "", one_line(fast.what), flags=re.IGNORECASE)


def _ride_lines(file: _File, visit: Visit) -> Iterator[str]:
    name = one_line(visit.escort or "")
    if tells(name, Privacy.NEUTRAL, file.secrets()):
        name = "Your escort"  # an alarm shows it on a locked screen, so at every level
    if visit.waived or visit.ride is None:
        return
    if not name:
        yield "Someone must take you home; nobody is named yet."
    elif visit.ride is Ride.CONFIRMED:
        yield f"{name} takes you home."
    elif visit.ride is Ride.UNCONFIRMED:
        yield f"{name} takes you home (not confirmed yet)."
    else:
        yield f"{name} cannot take you home; find someone else."


def _stage_line(file: _File, visit: Visit, stage: PlannedStage) -> str:
    begins = file.clock(stage.start, visit.start)
    if _elapsed(stage.start, stage.start_by):
        begins += f" to {file.clock(stage.start_by, visit.start)}"
    until = f" (until {one_line(stage.until)})" if stage.until else ""
    return f"{begins}: {one_line(stage.name)}{until}"


def _alarms(file: _File, visit: Visit, kind: VisitType) -> Iterator[tuple[timedelta, str]]:
    """
    Yield at most three alarms as time before the start and text, the last one last.

    The texts appear on locked screens, so at no level do they name the treatment; and they say
    no times of day, so they stay true if someone moves the entry by hand.
    """
    hidden = file.privacy is Privacy.MINIMAL
    fasts = sorted(
        (f for f in kind.fasting if not hidden and is_plain(f.what)),
        key=lambda f: -f.lead.minutes,
    )
    instructed = bool(kind.fasting) or visit.ride is not None
    follow = ["Follow the instructions you were given."] if instructed else []
    day_before = visit.start.astimezone(file.zone).date() - timedelta(days=1)
    evening = datetime.combine(day_before, EVENING, tzinfo=file.zone)
    told = [f"No {_what(fast)} in the last {fast.lead} before it." for fast in fasts]
    first = _elapsed(evening, visit.start) // _MINUTE * _MINUTE
    alarms = {first: ["Appointment tomorrow.", *(told or follow)]}
    for fast in reversed(fasts):
        begins = _shifted(visit.start, -fast.lead.delta).astimezone(file.zone)
        if LAST_ALARM < fast.lead.delta != first and begins.hour in WAKING:
            alarms[fast.lead.delta] = [f"No {_what(fast)} from now until your appointment."]
            break
    late = [f for f in fasts if f.lead.delta <= LAST_ALARM]
    told = [f"No {_what(fast)} in the last {fast.lead} before it." for fast in late]
    ride = follow if hidden else [*_ride_lines(file, visit)]
    start = f"Appointment in {ElapsedSpan(LAST_ALARM // _MINUTE)}."
    alarms[LAST_ALARM] = [start, *told, *ride]
    for before in sorted(alarms, reverse=True):
        yield before, " ".join(alarms[before])


# --- spacing ---------------------------------------------------------------------------------


def _spacings(file: _File, later: Visit) -> dict[str, list[Spacing]]:
    """Return the spacings before a visit by the identity of the earlier one."""
    found: dict[str, list[Spacing]] = {}
    for kept in file.schedule.kept:
        rule = kept.rule
        if isinstance(rule, Spacing) and rule.later == later.id:
            earlier = rule.earlier.id if isinstance(rule.earlier, PastVisit) else rule.earlier
            found.setdefault(earlier, []).append(rule)
    return found


def _spacing_lines(file: _File, visit: Visit) -> Iterator[str]:
    """Yield the strictest distance that a visit keeps from each earlier one, in words."""
    placed = {v.id: v for v in file.visits if not file.cancelled(v)}
    for earlier, rules in _spacings(file, visit).items():
        past = rules[0].earlier
        if earlier in placed:
            name = file.title(placed[earlier])
        elif isinstance(past, PastVisit):
            name = f"your visit of {day_text(past.on)}"
            if file.privacy is Privacy.FULL:
                name = one_line(past.title)
        else:
            continue
        least = max((r.least for r in rules if r.least is not None), key=comparable, default=None)
        most = min((r.most for r in rules if r.most is not None), key=comparable, default=None)
        limits = [f"at least {least}"] if least is not None and comparable(least) > 0 else []
        limits += [f"at most {most}"] if most is not None else []
        if limits:
            words = " and ".join(limits)
            yield f"{words[0].upper()}{words[1:]} after {name}."


def _least_gap(file: _File, earlier: Visit, rules: Iterable[Spacing]) -> timedelta:
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
                gaps.append(span.delta - _elapsed(earlier.start, earlier.discharge_by))
            case ElapsedSpan() as span:
                gaps.append(span.delta)
            case None:
                pass
    return max(gaps)


def _following(file: _File, earlier: Visit, role: str) -> Iterator[vText]:
    """
    Yield the relations from a visit to those whose distance hangs on it.

    A chain: each visit is named once, by the nearest visit before it, and never points back,
    because a reader that does not know the relation takes the other for a parent (RFC 9253).
    """
    placed = {v.id: v for v in file.visits if not file.cancelled(v)}
    order = list(placed)
    hangs = {
        kept.rule.later
        for kept in file.schedule.kept
        if isinstance(kept.rule, Spacing) and kept.rule.earlier == earlier.id
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


def _ride_event(file: _File, visit: Visit, named: bool) -> Event:
    """Return the entry of a ride; ``named`` says whose it is, in a file for several escorts."""
    ride_home = file.protocol.visit_type(visit.kind).ride_home
    stay = ride_home.stay_with.delta if ride_home is not None else timedelta(0)
    span = (
        _shifted(visit.discharge, -AT_THE_DOOR),
        _shifted(visit.discharge_by, AT_THE_DOOR + stay),
    )
    summary = "Pick-up"
    if file.privacy is Privacy.FULL:
        summary += f" of {file.person.name or file.person.key}"
    if named and visit.escort and not tells(visit.escort, file.privacy, file.secrets()):
        summary += f" by {visit.escort}"
    status = {
        Ride.CONFIRMED: STATUS.CONFIRMED,
        Ride.UNCONFIRMED: STATUS.TENTATIVE,
        Ride.DECLINED: STATUS.CANCELLED,
        None: STATUS.TENTATIVE,
    }[visit.ride]
    cancelled = file.cancelled(visit) or status is STATUS.CANCELLED
    if status is STATUS.TENTATIVE and not cancelled:
        summary += " (please confirm)"
    event = file.event(
        visit, ics_uids.RIDE, span, summary, _ride_home_lines(file, visit, stay), status
    )
    _add_place(file, event)
    if file.privacy is not Privacy.MINIMAL:
        event.categories = ["Ride"]
    if not cancelled:
        event.add_component(Alarm.new_display("Pick-up in 2 hours.", -LAST_ALARM))
    return event


def _ride_home_lines(file: _File, visit: Visit, stay: timedelta) -> Iterator[str]:
    ready = file.between(visit.discharge, visit.discharge_by, visit.discharge)
    yield f"Ready {ready}. Please be there at {file.clock(visit.discharge)}."
    if stay:
        yield f"Please stay for {ElapsedSpan(stay // _MINUTE)} after that."
    yield from file.phone()
    escorts = [e for e in file.person.escorts if e.name == visit.escort]
    yield from file.elsewhere(escorts[0].zone if escorts else None)


# --- the clinic's file -----------------------------------------------------------------------


def _clinic_events(file: _File, visit: Visit) -> Iterator[Event]:
    role = ics_uids.CLINIC_VISIT
    kind = file.protocol.visit_type(visit.kind)
    status = STATUS.TENTATIVE if visit.id in file.options.tentative else STATUS.CONFIRMED
    key = file.person.key
    hidden = file.privacy is Privacy.MINIMAL or tells(key, file.privacy, file.secrets())
    whose = "" if hidden else f", {key}"
    open_ = " (not agreed yet)" if status is STATUS.TENTATIVE else ""
    span = (visit.start, visit.discharge_by)
    summary = f"{file.title(visit)}{whose}{open_}"
    event = file.event(visit, role, span, summary, _clinic_lines(file, visit, kind), status)
    _add_place(file, event)
    _add_category(file, event, visit)
    if not file.cancelled(visit):
        event.related_to = [*_following(file, visit, role)]
    yield event
    if file.privacy is not Privacy.FULL or len(visit.stages) == 1:
        return  # a single stage would only say the visit again
    parent = vText(file.uid(role, visit.id), params={"RELTYPE": "PARENT"})
    needs = {stage.name: dict(stage.needs) for stage in kind.stages_of(visit.type_ordinal)}
    for n, stage in enumerate(visit.stages, 1):
        summary = f"{stage.name}, {file.title(visit)}{whose}"
        lines = [_stage_line(file, visit, stage)]
        lines.append(f"Ends {file.between(stage.end, stage.end_by, visit.start)}.")
        part = file.event(
            visit, ics_uids.clinic_stage(n), (stage.start, stage.end_by), summary, lines, status
        )
        part.related_to = [parent]
        held = [name for kind_, name in visit.places if kind_ in needs.get(stage.name, {})]
        if held:
            part.add("RESOURCES", [vText(one_line(name)) for name in held])
        yield part


def _clinic_lines(file: _File, visit: Visit, kind: VisitType) -> Iterator[str]:
    yield f"Arrives at {file.clock(visit.start)}."
    if file.privacy is Privacy.MINIMAL:
        return
    if file.privacy is Privacy.FULL:
        yield from (_stage_line(file, visit, stage) for stage in visit.stages)
    yield f"May leave {file.between(visit.discharge, visit.discharge_by, visit.start)}."
    if file.privacy is Privacy.FULL:
        for what, name in visit.places:
            yield one_line(f"{what}: {name}")
        for fast in sorted(kind.fasting, key=lambda fast: -fast.lead.minutes):
            begins = file.clock(_shifted(visit.start, -fast.lead.delta), visit.start)
            yield f"No {_what(fast)} from {begins}."
    yield from _escort_lines(file, visit)
    if visit.no_driving_until is not None:
        yield f"No driving until {_until_text(file, visit.no_driving_until, visit)}."
    yield from _spacing_lines(file, visit)


def _escort_lines(file: _File, visit: Visit) -> Iterator[str]:
    if visit.waived:
        yield "Ride home: waived by a clinician."
    elif visit.ride is not None and visit.escort is None:
        yield "Ride home: nobody is named yet."
    elif visit.ride is not None:
        phones = [escort.phone for escort in file.person.escorts if escort.name == visit.escort]
        reach = f", {phones[0]}" if phones and phones[0] else ""
        yield one_line(f"Ride home: {visit.escort}{reach} ({visit.ride.value}).")


# --- what entries of two files share ---------------------------------------------------------


def _add_place(file: _File, event: Event) -> None:
    if where := file.location():
        event.add("LOCATION", where)


def _add_category(file: _File, event: Event, visit: Visit) -> None:
    if file.privacy is Privacy.NEUTRAL:
        event.categories = ["Appointment"]
    elif file.privacy is Privacy.FULL:
        event.categories = [one_line(visit.kind)]
