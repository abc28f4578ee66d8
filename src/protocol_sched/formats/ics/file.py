"""
One calendar file being written: what every entry has, and how much its texts may tell.

`formats.ics.entries` and `formats.ics.messages` write entries with a `CalendarFile`.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs
from icalendar import CLASS, STATUS, TRANSP, Alarm, Calendar, Event, vCalAddress, vDuration, vText
from icalendar.parser import Contentline

from protocol_sched.errors import InvalidValue
from protocol_sched.formats.ics import uids
from protocol_sched.formats.ics.told import as_notified
from protocol_sched.formats.ics.words import mail_address, one_line, place, safe
from protocol_sched.formats.ics.zones import (
    Observance,
    doubled,
    observances,
    steady,
    vtimezone,
    written,
    zone_of,
)
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.course import Course
from protocol_sched.model.moments import as_instant, elapsed, later_by, utc, zoned
from protocol_sched.model.notifying import once_notified
from protocol_sched.model.plain import as_tuple
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Ride, Schedule, Visit
from protocol_sched.model.typed import typed
from protocol_sched.text.calendar_words import CalendarWords
from protocol_sched.text.day_numbers import dates_in, numbers_of
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.privacy import Privacy, medical_words, tells
from protocol_sched.text.secrets import secrets_of

MINUTE = timedelta(minutes=1)
LINE = 74
"""Bytes of a line before it is folded, its end aside."""


class Reader(enum.Enum):
    """Whom a calendar file is for."""

    PATIENT = "patient"
    ESCORT = "escort"
    CLINIC = "clinic"


DEFAULT = {
    Reader.PATIENT: Privacy.NEUTRAL,
    Reader.ESCORT: Privacy.MINIMAL,
    Reader.CLINIC: Privacy.FULL,
}


def _numbers(items: Mapping[str, int] | Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    pairs = items.items() if isinstance(items, Mapping) else items
    return tuple(sorted((str(visit), number) for visit, number in pairs))


def _answers(
    items: Mapping[str, Ride] | Iterable[tuple[str, Ride]],
) -> tuple[tuple[str, Ride], ...]:
    pairs = items.items() if isinstance(items, Mapping) else items
    return tuple(sorted(pairs, key=lambda pair: pair[0]))


@attrs.frozen(kw_only=True)
class FormerRide:
    """A ride somebody was asked for and need not drive any more: another does, or nobody."""

    visit: Visit
    """As it was when they were last asked; its ``escort`` is who was."""
    sequence: int
    """The SEQUENCE that took the ride from them."""


@attrs.frozen(kw_only=True, field_transformer=typed)
class CalendarOptions:
    """
    What a calendar file is told beside the schedule.

    Make one with what you choose, and let `knowing` fill in what the course remembers::

        CalendarOptions(domain="calendar.example.org").knowing(course, schedule)

    Raises:
        InvalidValue: A language there is not, a negative sequence number, a domain that cannot
            stand in a UID, an organizer that is no e-mail address, a time to refresh that is not
            positive.
    """

    privacy: Privacy | None = None
    """``None`` is the reader's own: escort minimal, patient neutral, clinic full."""
    domain: str = "calendar.invalid"
    """
    What follows the ``@`` in UIDs, such as a domain you own; never change it afterwards.

    UIDs reach the escort, so it may hold no medical word, not even *clinic*.
    """
    organizer: str = ""
    """
    An e-mail address. With it a file is a publication (``METHOD:PUBLISH``, RFC 5546), which some
    readers update by; without it the file has no METHOD, as for import and CalDAV. It reaches the
    escort too, so it may hold no medical word.
    """
    refresh: timedelta | None = None
    """For a feed: how often readers should ask again. Google asks when it likes, every 8 to 24
    hours."""
    details: bool = False
    """The clinic's file at the full level also says in RFC 9073 components where (VLOCATION),
    who drives (PARTICIPANT) and which visit it is (STRUCTURED-DATA). Off, because one reader
    takes a component's UID for its event's."""
    tentative: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Identities of visits that are not agreed yet."""
    sequences: tuple[tuple[str, int], ...] = attrs.field(default=(), converter=_numbers)
    """
    How often each visit, by identity, was changed since it was first sent; 0 if not named.

    Give a mapping or pairs. A calendar takes a move only if the number went up.
    """
    cancelled: tuple[Visit, ...] = attrs.field(default=(), converter=as_tuple)
    """
    Visits that were sent once and no longer take place, as they were last.

    They stay in the file as cancelled, one sequence number higher than ``sequences`` says.
    """
    asked: tuple[tuple[str, int], ...] = attrs.field(default=(), converter=_numbers)
    """The same number for rides, by visit, where it differs: another chair changes no ride."""
    rides: tuple[tuple[str, Ride], ...] = attrs.field(default=(), converter=_answers)
    """Where the escorts' answers stand, by visit; the schedule's own word if not named."""
    former: tuple[FormerRide, ...] = attrs.field(default=(), converter=as_tuple)
    """Rides taken from somebody, in the order in which they were."""
    language: str = "en"
    """
    The code of a language in `text.languages`. What a protocol or a clinic calls things stays.
    """

    def __attrs_post_init__(self) -> None:
        owner = "calendar options"
        if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", self.domain):
            wanted = "letters, digits, '.' and '-', such as calendar.example.org"
            raise InvalidValue(owner, "domain", repr(self.domain), wanted)
        if self.organizer:
            mail_address(owner, "organizer", self.organizer)
        for field in ("domain", "organizer"):
            if words := medical_words(getattr(self, field)):
                wanted = f"free of medical words, because the escort sees it (not {words[0]!r})"
                raise InvalidValue(owner, field, repr(getattr(self, field)), wanted)
        if self.language not in LANGUAGES:
            wanted = f"one of {', '.join(LANGUAGES)}"
            raise InvalidValue(owner, "language", repr(self.language), wanted)
        for visit, number in (*self.sequences, *self.asked):
            if not 0 <= number < 2**31 - 1:
                raise InvalidValue(owner, f"sequence of {visit!r}", str(number), "0 or more")
        if self.refresh is not None and self.refresh < MINUTE:
            raise InvalidValue(owner, "refresh", str(self.refresh), "a minute or longer")

    def knowing(self, course: Course, schedule: Schedule) -> CalendarOptions:
        """
        Return these options with what people will know once they are told of a schedule.

        Sequence numbers, visits cancelled, rides taken from an escort and the escorts' answers
        all come from the course's events, whether or not this schedule's `notifications` are among
        them yet.

        Raises:
            InvalidValue: The schedule is of another course.
        """
        state = once_notified(schedule, course)
        gone = {visit: one for visit, one in state.items() if one.cancelled}
        planned = {visit.id for visit in schedule.visits}
        return attrs.evolve(
            self,
            sequences={visit: one.sequence - one.cancelled for visit, one in state.items()},
            cancelled=[as_notified(one.notice, schedule.zone, course) for one in gone.values()],
            asked={visit: one.asked for visit, one in state.items() if one.asked is not None},
            rides={v: one.ride for v, one in state.items() if v in planned and one.ride},
            former=[
                FormerRide(visit=as_notified(notice, schedule.zone, course), sequence=sequence)
                for one in state.values()
                for notice, sequence in one.former
            ],
        )


NO_OPTIONS = CalendarOptions()


@attrs.frozen(kw_only=True)
class CalendarFile:
    """What entries are made of, and how they are written."""

    reader: Reader
    privacy: Privacy
    schedule: Schedule
    clinic: Clinic
    person: Person
    protocol: Protocol
    now: datetime = attrs.field(eq=as_instant)
    options: CalendarOptions
    zone: ZoneInfo
    described: tuple[Observance, ...]
    """How the zone is written; empty if all times are in UTC."""
    visits: tuple[Visit, ...]
    """Cancelled ones included, in order of time."""
    numbers: Mapping[str, int]
    """Each visit's number in the course, visits already given counted; none for cancelled ones."""
    called: str = ""
    """The calendar's name where it is not that of a course."""

    @property
    def words(self) -> CalendarWords:
        """Return what the file says, in its language."""
        return LANGUAGES[self.options.language].calendar

    def uid(self, role: str, visit: str) -> str:
        """
        Return an identity that is the same for ever and tells nothing.

        A digest, because visit identities hold medical words. The role keeps apart what two
        readers have of one visit, in case both files land in one calendar.
        """
        return uids.uid(self.schedule.course, visit, role, self.options.domain)

    def cancelled(self, visit: Visit) -> bool:
        return visit.id not in self.numbers

    def title(self, visit: Visit) -> str:
        """Return what the level calls a visit, such as ``infusion 2`` or ``Appointment``."""
        match self.privacy:
            case Privacy.FULL:
                return one_line(visit.title) or self.words.appointment
            case Privacy.NEUTRAL if not self.cancelled(visit):
                return self.words.numbered(self.numbers[visit.id])
            case Privacy.NEUTRAL:
                return self.words.clinic_appointment
            case _:
                return self.words.appointment

    def course_day(self, visit: Visit) -> Iterator[str]:
        """Yield the number of a visit's date and week, to those who are told all."""
        numbers = numbers_of(visit.day, dates_in(self.schedule), self.protocol)
        if numbers is not None and self.privacy is Privacy.FULL:
            text = self.words.course_day(*numbers)
            yield f"{text[0].upper()}{text[1:]}."

    def secrets(self) -> tuple[str, ...]:
        """Return what no text below the full level may have beside the listed words."""
        return secrets_of(self.person, self.protocol)

    @cached_property
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
            yield self.words.phone(phone)

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
        text = self.words.time(text)
        if since is not None and since.astimezone(self.zone).date() != local.date():
            return self.words.clock_on(text, local.date())
        return text

    def between(self, first: datetime, last: datetime, since: datetime) -> str:
        ends = last if elapsed(first, last) else first
        return self.words.between(self.clock(first, since), self.clock(ends, since))

    def elsewhere(self, zone: ZoneInfo | None) -> Iterator[str]:
        """Yield whose clock the times are, to a reader who lives by another."""
        if zone is not None and zone.key != self.zone.key:
            yield self.words.times_of(self.zone.key)

    def status(self, visit: Visit) -> STATUS:
        """Return whether a visit is agreed, not agreed yet, or cancelled."""
        if self.cancelled(visit):
            return STATUS.CANCELLED
        tentative = visit.tentative or visit.id in self.options.tentative
        return STATUS.TENTATIVE if tentative else STATUS.CONFIRMED

    def unsettled(self, visit: Visit) -> str:
        """Return the end of a tentative visit's title: decided on by an answer, or not agreed."""
        if self.status(visit) is not STATUS.TENTATIVE:
            return ""
        return self.words.provisional if visit.tentative else self.words.not_agreed

    def sequence(self, visit: Visit) -> int:
        """Return how often a visit was changed since it was first sent."""
        return dict(self.options.sequences).get(visit.id, 0) + self.cancelled(visit)

    def event(
        self,
        visit: Visit,
        role: str,
        span: tuple[datetime, datetime] | tuple[date, date],
        summary: str,
        lines: Iterable[str],
        status: STATUS,
        *,
        sequence: int | None = None,
        transparent: bool = False,
        gone: str = "",
    ) -> Event:
        """
        Return an entry with what every entry has.

        A cancelled one says so in words, since some readers show no status, and says ``gone``
        (or that it is off) instead of its lines: nobody shall fast for a visit that is no more.
        """
        if status is STATUS.CANCELLED:
            summary, transparent = self.words.cancelled(summary), True
            lines = [gone or self.words.gone]
        start, end = span
        if isinstance(start, datetime) and isinstance(end, datetime):
            start, end = written(self.zone, bool(self.described), start, end)
        event = Event.new(
            uid=self.uid(role, visit.id),
            stamp=self.now,
            last_modified=self.now,
            start=start,
            end=end,
            summary=one_line(summary),
            description=safe("\n".join(lines)) or None,
            status=status,
            sequence=self.sequence(visit) if sequence is None else sequence,
            transparency=TRANSP.TRANSPARENT if transparent else TRANSP.OPAQUE,
            classification=(CLASS.CONFIDENTIAL if self.reader is Reader.CLINIC else CLASS.PRIVATE),
        )
        if status is STATUS.TENTATIVE:
            event.add("X-MICROSOFT-CDO-BUSYSTATUS", "TENTATIVE")
        if self.reader is not Reader.ESCORT:
            refid = uids.digest(self.schedule.course, "", uids.COURSE)
            event.add("REFID", vText(refid))
        if self.options.organizer:
            event.organizer = vCalAddress.new(self.options.organizer)
        return event

    def alarm(self, event: Event, text: str, before: timedelta) -> None:
        """
        Add an alarm; it keeps its UID (RFC 9074), so that one put off is known again.

        If the clock changes after it rings the entry is told in UTC, for some programs reckon
        back by the clock on the wall.
        """
        times = [time for time in (event.DTSTART, event.DTEND) if isinstance(time, datetime)]
        if times and not steady(later_by(times[0], -before), times[0]):
            event.start, event.end = map(utc, times)
        number = len(event.walk("VALARM")) + 1
        alarm = Alarm.new_display(one_line(text), -before)
        alarm.uid = uids.alarm(str(event.uid), number)
        event.add_component(alarm)

    def written(self, events: Iterable[Event], method: str = "") -> bytes:
        """Return the file of these entries, in their order."""
        entries = tuple(events)
        hint = "Scheduler" if self.privacy is Privacy.MINIMAL else "protocol-sched"
        calendar = Calendar()
        calendar.add("PRODID", f"-//{hint}//Calendar//{self.options.language.upper()}")
        calendar.add("VERSION", "2.0")
        calendar.add("CALSCALE", "GREGORIAN")
        if method:
            calendar.add("METHOD", method)
        else:
            self._add_head(calendar)
        local = any("TZID" in event[name].params for event in entries for name in _times(event))
        if local:
            calendar.add_component(vtimezone(self.zone.key, self.described))
        elif not entries:
            # A calendar needs one component; readers refuse an empty one.
            calendar.add_component(vtimezone("Etc/UTC", (_EMPTY,)))
        for event in entries:
            calendar.add_component(event)
        return folded(calendar.content_lines())

    def _add_head(self, calendar: Calendar) -> None:
        """Add what a calendar has and a message has not."""
        if self.options.organizer:
            calendar.add("METHOD", "PUBLISH")
        # As they are, icalendar writes these two without escapes: a comma in them would be a list.
        calendar["NAME"] = calendar["X-WR-CALNAME"] = vText(self.name())
        if self.options.refresh is not None:
            every = vDuration(self.options.refresh // MINUTE * MINUTE)
            calendar["REFRESH-INTERVAL"] = calendar["X-PUBLISHED-TTL"] = every
            calendar["REFRESH-INTERVAL"] = vDuration(every.td, params={"VALUE": "DURATION"})

    def name(self) -> str:
        """Return the calendar's name."""
        if self.called and self.privacy is Privacy.FULL:
            return one_line(self.called)
        if self.reader is Reader.ESCORT:
            return self.words.rides
        match self.privacy:
            case Privacy.MINIMAL:
                return self.words.appointments
            case Privacy.NEUTRAL:
                return self.words.clinic_appointments
            case _ if self.reader is Reader.CLINIC:
                return one_line(f"{self.protocol.title}, {self.person.key}")
            case _:
                return one_line(self.protocol.title) or self.words.clinic_appointments


def folded(lines: Iterable[Contentline]) -> bytes:
    """
    Return lines as the bytes of a file, each folded to 74 bytes (RFC 5545, section 3.1).

    The same as icalendar, which looks at each letter, and several times as fast.
    """
    return b"".join(_fold(line) + b"\r\n" for line in lines if line)


def _fold(line: Contentline) -> bytes:
    if not line.isascii():
        return bytes(line.to_ical())  # type: ignore[no-untyped-call]  # icalendar has none
    rest, parts = line.encode(), []
    while len(rest) > LINE:
        # What a backslash or caret begins stays on one line.
        end = LINE - 1 if rest[LINE - 1] in b"\\^" else LINE
        parts.append(rest[:end])
        rest = rest[end:]
    return b"\r\n ".join([*parts, rest])


_EMPTY = Observance(datetime(1970, 1, 1), timedelta(0), timedelta(0), "UTC")  # noqa: DTZ001


def _times(event: Event) -> tuple[str, ...]:
    return tuple(name for name in ("DTSTART", "DTEND") if name in event)


def open_file(
    reader: Reader,
    schedule: Schedule,
    clinic: Clinic,
    person: Person,
    protocol: Protocol,
    now: datetime,
    options: CalendarOptions,
) -> CalendarFile:
    owner = f"schedule of course {schedule.course!r}"
    try:
        zone = ZoneInfo(schedule.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        wanted = "a time zone such as America/New_York"
        raise InvalidValue(owner, "zone", repr(schedule.zone), wanted) from error
    answers = dict(options.rides)
    planned = tuple(
        attrs.evolve(v, ride=answers.get(v.id, v.ride) if v.ride is not None else None)
        for v in schedule.visits
    )
    visits = (*planned, *options.cancelled)
    seen: set[str] = set()
    for visit in visits:
        if visit.id in seen:
            raise InvalidValue(owner, "visits", f"{visit.id!r} twice", "each visit once")
        seen.add(visit.id)
    for visit in (*visits, *(ride.visit for ride in options.former)):
        _check(visit)
    for visit in schedule.visits:
        protocol.visit_type(visit.kind)
    sent = (*visits, *(ride.visit for ride in options.former))
    years = [moment.astimezone(UTC).year for v in sent for moment in (v.start, v.discharge_by)]
    given = sum(1 for past in schedule.past if past.kind)
    return CalendarFile(
        reader=reader,
        privacy=options.privacy or DEFAULT[reader],
        schedule=schedule,
        clinic=clinic,
        person=person,
        protocol=protocol,
        now=utc(zoned("calendar", "now", now)).replace(microsecond=0),
        options=options,
        zone=zone,
        described=observances(zone.key, min(years), max(years)) if years else (),
        visits=in_order(visits),
        numbers={visit.id: n for n, visit in enumerate(in_order(schedule.visits), given + 1)},
    )


def sharing(files: Iterable[CalendarFile], called: str) -> tuple[CalendarFile, ...]:
    """
    Return files whose entries can stand in one calendar, by the name ``called``.

    Their zone is written once, for the years of them all; if they have several, all is in UTC.
    """
    several = tuple(files)
    zones = {file.zone.key for file in several}
    years = [at.astimezone(UTC).year for f in several for v in f.visits for at in _span(v)]
    described: tuple[Observance, ...] = ()
    if len(zones) == 1 and years:
        described = observances(*zones, min(years), max(years))
    return tuple(attrs.evolve(file, described=described, called=called) for file in several)


def _span(visit: Visit) -> tuple[datetime, datetime]:
    return visit.start, visit.discharge_by


def in_order(visits: Iterable[Visit]) -> tuple[Visit, ...]:
    return tuple(sorted(visits, key=lambda visit: (utc(visit.start), visit.id)))


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
    if not elapsed(visit.start, visit.discharge) > timedelta(0):
        raise InvalidValue(owner, "discharge", str(visit.discharge), f"after {visit.start}")
    if elapsed(visit.discharge, visit.discharge_by) < timedelta(0):
        wanted = f"{visit.discharge} or later"
        raise InvalidValue(owner, "discharge_by", str(visit.discharge_by), wanted)
    if isinstance(until, datetime):
        if elapsed(visit.discharge, until) <= timedelta(0):
            raise InvalidValue(owner, "no_driving_until", str(until), f"after {visit.discharge}")
    elif until is not None and until <= visit.discharge.date():
        wanted = f"later than {visit.discharge.date()}"
        raise InvalidValue(owner, "no_driving_until", str(until), wanted)


# --- a file taken apart into what a CalDAV server stores -------------------------------------


KEPT = ("VERSION", "PRODID", "CALSCALE")
"""What an object has of its file; a METHOD it must not have (RFC 4791, section 4.1)."""


def calendar_objects(raw: bytes) -> dict[str, bytes]:
    """
    Return each entry of a file of this library as a calendar object of its own, by UID.

    In the file's order. Put each at a name made of its UID, such as ``<uid>.ics``: then a newer
    file replaces it, and a cancelled entry stays as cancelled.

    Args:
        raw: As `formats.ics.entries` writes it.
    """
    calendar = Calendar.from_ical(raw)
    zones = {str(zone["TZID"]): zone for zone in calendar.walk("VTIMEZONE")}
    objects = {}
    for event in calendar.walk("VEVENT"):
        one = Calendar()
        for name in KEPT:
            one[name] = calendar[name]
        for key in sorted(
            {event[n].params["TZID"] for n in ("DTSTART", "DTEND") if "TZID" in event[n].params}
        ):
            one.add_component(zones[key])
        one.add_component(event)
        objects[str(event["UID"])] = bytes(one.to_ical())
    return objects
