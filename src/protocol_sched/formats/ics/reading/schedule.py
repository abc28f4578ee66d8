"""
A calendar file read back as a schedule: our own files exactly, anybody's by rules.

Which entry is which visit is decided in this order, each visit and each entry once:

1. by UID, for entries this library wrote, whatever has happened to their times since;
2. by title, where it names a visit that is due: ``Infusion 3 of 6`` is *infusion 3*;
3. by kind, where the title names a visit type without a number: the first entry is the first
   visit of that type still without one, in order of time;
4. by order alone, where the title or place names the clinic, the protocol or an appointment: the
   first entry is the first visit still without one. If no entry of the file hints at anything, the
   file is taken to be about the course alone, and all its entries go by order.

Entries for whole days, cancelled ones and those that take no time of their own (TRANSP) are no
visits. What is not matched is listed with the reason; nothing is dropped without a word.

Where a file does not say something, such as stages, it is filled in from the visit's type, and
what the course tells (`last_notices`) fills in places and rides if the visit is at the time last
told.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs

from protocol_sched.errors import Fault
from protocol_sched.formats.ics import uids
from protocol_sched.formats.ics.reading.busy import address_of, stretch
from protocol_sched.formats.ics.reading.clocks import clocks_of, moment_of
from protocol_sched.formats.ics.reading.events import EVENT_PROPERTIES, Occurrence, occurrences
from protocol_sched.formats.ics.reading.lines import (
    LIMITS,
    Component,
    Limits,
    Reading,
    calendars,
    read_text,
)
from protocol_sched.model.agenda import Agenda, Due
from protocol_sched.model.availability import Assigned, Clinic, Person
from protocol_sched.model.course import Event
from protocol_sched.model.last_notice import LastNotice, last_notices
from protocol_sched.model.moments import as_instant, later_by, utc
from protocol_sched.model.plain import as_tuple
from protocol_sched.model.protocol import Protocol, VisitType
from protocol_sched.model.schedule import PlannedStage, Ride, Schedule, Visit
from protocol_sched.model.stages import Stage

__all__ = ["By", "FromCalendar", "Matched", "Unmatched", "read_calendar"]


class By(enum.Enum):
    """How an entry was found to be a visit."""

    UID = "UID"
    TITLE = "title"
    KIND = "kind and order"
    ORDER = "order"


@attrs.frozen(kw_only=True)
class Matched:
    """An entry that is a visit."""

    visit: str
    by: By
    title: str
    """As the file has it."""
    line: int
    start: datetime = attrs.field(eq=as_instant)
    unsaid: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """What neither the file nor the course says: ``places``, ``staff``, ``length``, ``ride``."""


@attrs.frozen(kw_only=True)
class Unmatched:
    """An entry that is no visit of the course, or not known to be one."""

    why: str
    title: str
    line: int
    start: datetime | None = attrs.field(default=None, eq=as_instant)
    """``None`` where it takes place outside the years looked at."""


@attrs.frozen(kw_only=True)
class FromCalendar:
    """What a calendar file says of a course."""

    schedule: Schedule
    """Visits in order of time, cancelled ones left out; ``slacks`` is empty."""
    matched: tuple[Matched, ...] = attrs.field(converter=as_tuple)
    """In the order of ``schedule.visits``."""
    unmatched: tuple[Unmatched, ...] = attrs.field(converter=as_tuple)
    tentative: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Identities of visits that are not agreed yet (STATUS)."""
    cancelled: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Identities of visits that the file says no longer take place."""
    passed: tuple[Fault, ...] = attrs.field(default=(), converter=as_tuple)
    """What was damaged in the file and passed over, because it cannot change the visits."""


_WANTED = EVENT_PROPERTIES | {"SUMMARY", "DESCRIPTION", "LOCATION", "RESOURCES", "REFID"}
_YEARS_ON = 3
"""How long after the agenda's date recurring entries are followed."""


def read_calendar(
    file: str | bytes,
    agenda: Agenda,
    clinic: Clinic,
    person: Person,
    protocol: Protocol,
    *,
    events: Iterable[Event] = (),
    title: str = "",
    strict: bool = False,
    name: str = "calendar",
    limits: Limits = LIMITS,
) -> FromCalendar:
    """
    Return the schedule that a calendar file holds.

    Args:
        file: Of any program; several calendars in one file are one.
        agenda: What is due, and from when on; with its past visits.
        person: Whose escorts are looked for among the attendees.
        events: The course's, for what people were told.
        title: Only entries whose title contains this are matched by rules 2 to 4; then all of
            them count as hinting at the course. Case does not matter.
        strict: As in `read_busy`.
        name: What errors call the file.

    Raises:
        InvalidDocument: The file is malformed, is an answer to a message, or breaks a limit;
            with the line of each fault.
    """
    reading = Reading(name, limits, strict=strict)
    case = _Case(
        agenda=agenda,
        clinic=clinic,
        person=person,
        protocol=protocol,
        notices=last_notices(events),
        title=_plain(title),
    )
    entries = _entries(file, case, reading)
    reading.settle()
    own, foreign, unmatched = _sorted_out(entries, case)
    visits: dict[str, tuple[Visit, Matched]] = {}
    cancelled: list[str] = []
    for visit, several in own.items():
        theirs = several.get(uids.PATIENT_VISIT)
        main = several.get(uids.CLINIC_VISIT) or theirs
        due = case.dues.get(visit)
        if main is None or due is None or main.start is None:
            why = "it belongs to a visit that is not in the file"
            unmatched += [one.unmatched(why) for one in several.values()]
            continue
        if theirs is not None and theirs.says != main.says:
            unmatched.append(theirs.unmatched(f"the clinic's entry of {visit} says otherwise"))
        if main.status == "CANCELLED":
            cancelled.append(visit)
        else:
            visits[visit] = _own_visit(due, main, several, case)
    rest = [due for due in agenda.dues if due.id not in visits]
    for due, by, entry in _by_rules(foreign, rest, case, unmatched):
        visits[due.id] = _foreign_visit(due, by, entry, case)
    ordered = sorted(visits.values(), key=lambda pair: (utc(pair[0].start), pair[0].id))
    statuses = {entry.component.line: entry.status for entry in entries}
    tentative = [m.visit for _, m in ordered if statuses.get(m.line) == "TENTATIVE"]
    return FromCalendar(
        schedule=Schedule(
            course=agenda.course,
            zone=clinic.zone.key,
            visits=[visit for visit, _ in ordered],
            past=agenda.past,
        ),
        matched=[matched for _, matched in ordered],
        unmatched=sorted(unmatched, key=lambda one: one.line),
        tentative=tentative,
        cancelled=cancelled,
        passed=reading.passed,
    )


# --- entries ---------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class _Entry:
    component: Component
    start: datetime | None = attrs.field(eq=as_instant)
    end: datetime | None = attrs.field(eq=as_instant)
    all_day: bool
    cancelled: bool

    @property
    def says(self) -> tuple[object, str]:
        """Return when it is, and how certain."""
        return as_instant(self.start), self.status

    @property
    def status(self) -> str:
        return "CANCELLED" if self.cancelled else self.component.says("STATUS").upper()

    @property
    def title(self) -> str:
        return " ".join(self.component.text("SUMMARY").split())[:200]

    @property
    def lines(self) -> tuple[str, ...]:
        """Return the lines of its description."""
        return tuple(self.component.text("DESCRIPTION").split("\n"))

    def unmatched(self, why: str) -> Unmatched:
        return Unmatched(why=why, title=self.title, line=self.component.line, start=self.start)


@attrs.frozen(kw_only=True)
class _Case:
    agenda: Agenda
    clinic: Clinic
    person: Person
    protocol: Protocol
    notices: dict[str, LastNotice]
    title: tuple[str, ...]
    dues: dict[str, Due] = attrs.field(init=False)

    @dues.default
    def _by_id(self) -> dict[str, Due]:
        return {due.id: due for due in self.agenda.dues}

    def kind(self, due: Due) -> VisitType | None:
        return next((k for k in self.protocol.visit_types if k.name == due.kind), None)


def _entries(file: str | bytes, case: _Case, reading: Reading) -> list[_Entry]:
    """Return every occurrence of every event; one that is never in reach once, without times."""
    zone, agenda = case.clinic.zone, case.agenda
    first = min([agenda.as_of, *(past.on for past in agenda.past)])
    latest = [due.latest.day for due in agenda.dues if due.latest is not None]
    last = max([agenda.as_of, *latest])
    low = stretch(zone, _year(first, -1), _year(first, -1))[0]
    high = stretch(zone, _year(last, _YEARS_ON), _year(last, _YEARS_ON))[1]
    found: list[_Entry] = []
    for calendar in calendars(file, reading, _WANTED):
        method = calendar.says("METHOD").upper()
        if method in ("REPLY", "COUNTER", "REFRESH", "DECLINECOUNTER"):
            line = (calendar.get("METHOD") or calendar).line
            reading.fault(line, f"METHOD:{method} is an answer to a message, not a calendar")
            continue
        clocks = clocks_of(calendar, reading, zone, high)
        events = [*calendar.inside("VEVENT")]
        there = occurrences(
            events, clocks, low, high, reading, counts=_may_be_a_visit, all_listed=True
        )
        seen = {one.event.line for one in there}
        found += [_entry(one, zone, method == "CANCEL") for one in there]
        found += [
            _Entry(
                component=event,
                start=None,
                end=None,
                all_day=False,
                cancelled=method == "CANCEL" or _is_cancelled(event),
            )
            for event in events
            if event.line not in seen
        ]
    return found


def _year(day: date, more: int) -> date:
    """Return 1 January so many years away, within reach."""
    return date(min(max(day.year + more, 1900), 8990), 1, 1)


def _entry(one: Occurrence, zone: ZoneInfo, method_cancels: bool) -> _Entry:
    return _Entry(
        component=one.event,
        start=moment_of(one.start).astimezone(zone),
        end=moment_of(one.end).astimezone(zone),
        all_day=one.all_day,
        cancelled=method_cancels or _is_cancelled(one.event),
    )


def _is_cancelled(event: Component) -> bool:
    return event.words("STATUS") == {"CANCELLED"}


def _may_be_a_visit(event: Component) -> bool:
    """Tell whether it matters when an event is: of others it is only told if it can be read."""
    return not _is_cancelled(event) and event.words("TRANSP") != {"TRANSPARENT"}


_Own = dict[str, dict[str, _Entry]]
"""Of each visit, by its identity, the entries by their roles."""


def _sorted_out(
    entries: Sequence[_Entry], case: _Case
) -> tuple[_Own, list[_Entry], list[Unmatched]]:
    """Return our own entries, those that could be visits by rule, and what can be neither."""
    visits = [*case.dues, *(past.id for past in case.agenda.past)]
    roles = uids.known_digests(case.agenda.course, visits)
    course = uids.digest(case.agenda.course, "", uids.COURSE)
    own: _Own = {}
    foreign: list[_Entry] = []
    unmatched: list[Unmatched] = []
    given = {past.id for past in case.agenda.past}
    for entry in entries:
        mine = roles.get(uids.digest_of(entry.component.text("UID")))
        if mine is not None and mine[0] in given and mine[0] not in case.dues:
            if mine[1] in (uids.CLINIC_VISIT, uids.PATIENT_VISIT):
                unmatched.append(entry.unmatched(f"{mine[0]} was given already"))
        elif mine is not None:
            if own.setdefault(mine[0], {}).setdefault(mine[1], entry) is not entry:
                unmatched.append(entry.unmatched("an earlier entry has the same UID"))
        elif course in entry.component.says("REFID").lower():
            unmatched.append(entry.unmatched("it is of this course, and no visit that is due"))
        elif (why := _no_visit(entry, case)) is not None:
            unmatched.append(entry.unmatched(why))
        else:
            foreign.append(entry)
    return own, foreign, unmatched


def _no_visit(entry: _Entry, case: _Case) -> str | None:
    """Return why a foreign entry is no visit; ``None`` if it could be one."""
    if entry.cancelled:
        return "it is cancelled"
    if entry.start is None:
        return "it takes place in other years"
    if entry.all_day:
        return "it is for whole days"
    component = entry.component
    if component.says("TRANSP").upper() == "TRANSPARENT":
        return "it takes no time of its own (TRANSP)"
    day = entry.start.date()
    for past in case.agenda.past:
        if past.on == day and past.kind and _within(_plain(past.kind), _plain(entry.title)):
            return f"{past.title or past.id} was given on that date already"
    if day < case.agenda.as_of:
        return f"it is before {case.agenda.as_of}"
    return None


# --- matching by rules -----------------------------------------------------------------------


_Found = tuple[Due, By, _Entry]
_ANY = "*"
"""It hints at the course, and at no type of visit."""


def _by_rules(
    foreign: Iterable[_Entry], dues: Sequence[Due], case: _Case, unmatched: list[Unmatched]
) -> list[_Found]:
    """Return which entry is which visit by rules 2 to 4; the others are added to ``unmatched``."""
    shelf = _Shelf(dues, case)
    found: list[_Found] = []
    rest: list[tuple[_Entry, str, str]] = []
    # All the times of one event are called alike; there may be thousands.
    called: dict[int, tuple[str, ...]] = {}
    hinted: dict[int, str] = {}
    for entry in sorted(foreign, key=lambda entry: (utc(_at(entry)), entry.component.line)):
        line = entry.component.line
        if line not in called:
            called[line] = _plain(entry.title)
            hinted[line] = shelf.hint(called[line], entry)
        words = called[line]
        if case.title and not _within(case.title, words):
            unmatched.append(entry.unmatched("its title is not the one asked for"))
            continue
        title = shelf.named(words)
        due = shelf.take(title) if title else None
        if due is not None:
            found.append((due, By.TITLE, entry))
        else:
            rest.append((entry, title, hinted[line]))
    hints = bool(found) or any(hint for _, _, hint in rest)
    for entry, title, hint in rest:
        kind = "" if hint == _ANY else hint
        if not hint and hints and not case.title:
            unmatched.append(entry.unmatched("nothing in its title or place hints at the course"))
        elif title:
            unmatched.append(entry.unmatched(f"an earlier entry is {title} already"))
        elif (due := shelf.next(kind)) is None:
            what = kind or "visit"
            unmatched.append(entry.unmatched(f"every {what} that is due has its entry already"))
        else:
            found.append((due, By.KIND if kind else By.ORDER, entry))
    return found


def _at(entry: _Entry) -> datetime:
    return entry.start or datetime.max.replace(tzinfo=UTC)


class _Shelf:
    """The visits that are due and have no entry yet; each is taken once."""

    def __init__(self, dues: Sequence[Due], case: _Case) -> None:
        self._taken: set[str] = set()
        self._queues: dict[str, deque[Due]] = {"": deque(dues)}
        self._titles: dict[tuple[str, ...], str] = {}
        for due in dues:
            self._titles.setdefault(_plain(due.title), due.title)
            for key in (due.kind, f"\n{due.title}"):
                self._queues.setdefault(key, deque()).append(due)
        self._titles.pop((), None)
        self._sizes = sorted({len(words) for words in self._titles}, reverse=True)
        kinds = sorted({due.kind for due in dues}, key=lambda kind: (-len(kind), kind))
        self._kinds = [(kind, _plain(kind)) for kind in kinds]
        self._clinic = _plain(case.clinic.name)
        self._street = _plain(case.clinic.address.partition(",")[0])
        self._words = {word for word in _plain(case.protocol.name) if len(word) > 4}
        self._words.add("appointment")

    def named(self, words: tuple[str, ...]) -> str:
        """Return the longest title of a visit that stands among some words; empty for none."""
        for size in self._sizes:
            for n in range(len(words) - size + 1):
                if title := self._titles.get(words[n : n + size]):
                    return title
        return ""

    def hint(self, words: tuple[str, ...], entry: _Entry) -> str:
        """Return the type of visit an entry hints at, ``_ANY``, or nothing."""
        for kind, plain in self._kinds:
            if _within(plain, words):
                return kind
        where = _plain(entry.component.text("LOCATION")[:500])
        named = _within(self._clinic, words) or _within(self._clinic, where)
        return _ANY if named or _within(self._street, where) or self._words & {*words} else ""

    def take(self, title: str) -> Due | None:
        """Return the first visit left that is called so."""
        return self.next(f"\n{title}")

    def next(self, key: str) -> Due | None:
        """Return the first visit left of a type; of any for the empty one."""
        queue = self._queues.get(key, deque())
        while queue:
            due = queue.popleft()
            if due.id not in self._taken:
                self._taken.add(due.id)
                return due
        return None


def _plain(text: str) -> tuple[str, ...]:
    """Return the words and numbers of a text, without case and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c for c in apart if not unicodedata.combining(c))
    return tuple(str(int(w)) if w.isdecimal() and len(w) < 9 else w for w in _WORD.findall(letters))


_WORD = re.compile(r"[^\W\d_]+|[0-9]+")


def _within(part: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    """Tell whether words stand in a row among others."""
    size = len(part)
    return bool(part) and any(whole[n : n + size] == part for n in range(len(whole) - size + 1))


# --- visits ----------------------------------------------------------------------------------


def _own_visit(
    due: Due, main: _Entry, several: dict[str, _Entry], case: _Case
) -> tuple[Visit, Matched]:
    """Return a visit from the entries that this library wrote of it."""
    assert main.start is not None
    visit, unsaid = _visit(due, main.start, main.end, case)
    driving = several.get(uids.NO_DRIVING)
    if driving is not None and driving.start is not None and driving.end is not None:
        until: date | datetime = driving.end.date() if driving.all_day else driving.end
        visit = attrs.evolve(visit, no_driving_until=until)
        if not driving.all_day:
            visit = attrs.evolve(visit, discharge=driving.start)
    stages = []
    held: list[str] = []
    for n, stage in enumerate(visit.stages, 1):
        part = several.get(uids.clinic_stage(n))
        if part is not None and part.start is not None and part.end is not None:
            stage = attrs.evolve(stage, start=part.start, end_by=part.end)
            for one in part.component.all("RESOURCES"):
                held += [read_text(name) for name in re.split(r"(?<!\\),", one.value)]
        stages.append(stage)
    lines = main.lines
    places = [
        (place.kind, place.name)
        for place in case.clinic.places
        if place.name in held or f"{place.kind}: {place.name}" in lines
    ]
    if places:
        visit = attrs.evolve(visit, places=tuple(places))
        unsaid = [what for what in unsaid if what != "places"]
    staff = tuple(_staff(lines, case.clinic))
    if staff:
        visit = attrs.evolve(visit, staff=staff)
        unsaid = [what for what in unsaid if what != "staff"]
    visit = _rides(attrs.evolve(visit, stages=stages), several.get(uids.RIDE), lines, case)
    if visit.ride is not None and visit.escort is None and _NOBODY.isdisjoint(lines):
        unsaid.append("ride")
    matched = Matched(
        visit=due.id,
        by=By.UID,
        title=main.title,
        line=main.component.line,
        start=visit.start,
        unsaid=unsaid,
    )
    return visit, matched


_NOBODY = {
    "Someone must take you home; nobody is arranged yet.",
    "Ride home: nobody is arranged yet.",
}
"""What our files say where a ride is needed and has no escort."""


def _rides(visit: Visit, ride: _Entry | None, lines: Sequence[str], case: _Case) -> Visit:
    """Return the visit with the ride home that the file's own words tell."""
    if visit.waived or visit.ride is None:
        return visit
    for escort in case.person.escorts:
        name = " ".join(escort.name.split())
        said = {
            f"Ride home: {name}.": Ride.CONFIRMED,
            f"Ride home: {name} (not confirmed yet).": Ride.UNCONFIRMED,
            f"{name} cannot take you home. Please ask someone else.": Ride.DECLINED,
        }
        for line in lines:
            state = said.get(line)
            for one in Ride:
                begins, ends = f"Ride home: {name}", f"({one.value})."
                between = line.removeprefix(begins).removesuffix(ends)
                if line.startswith(begins) and line.endswith(ends) and between[:1] in (",", " "):
                    state = one
            if state is not None:
                visit = attrs.evolve(visit, escort=escort.name, ride=state)
    if visit.escort is not None and ride is not None:
        states = {"CONFIRMED": Ride.CONFIRMED, "TENTATIVE": Ride.UNCONFIRMED}
        state = states.get(ride.status, Ride.DECLINED)
        visit = attrs.evolve(visit, ride=state)
    return visit


def _foreign_visit(due: Due, by: By, entry: _Entry, case: _Case) -> tuple[Visit, Matched]:
    """Return a visit from somebody else's entry."""
    assert entry.start is not None
    visit, unsaid = _visit(due, entry.start, entry.end, case)
    if visit.ride is not None:
        for one in entry.component.all("ATTENDEE"):
            for escort in case.person.escorts:
                if escort.email and address_of(one) == escort.email.strip().lower():
                    answers = {"ACCEPTED": Ride.CONFIRMED, "DECLINED": Ride.DECLINED}
                    state = answers.get(one.param("PARTSTAT").upper(), Ride.UNCONFIRMED)
                    visit = attrs.evolve(visit, escort=escort.name, ride=state)
    matched = Matched(
        visit=due.id,
        by=by,
        title=entry.title,
        line=entry.component.line,
        start=visit.start,
        unsaid=unsaid,
    )
    return visit, matched


def _staff(lines: Iterable[str], clinic: Clinic) -> Iterator[Assigned]:
    """Yield who an entry says is there: ``Ada (nurse): check-in, infusion.``"""
    for member in clinic.team:
        begins = f"{member.name} ({member.role}): "
        for line in lines:
            if line.startswith(begins) and line.endswith("."):
                for part in line[len(begins) : -1].split(", "):
                    yield Assigned(during=part, role=member.role, name=member.name)


def _visit(due: Due, start: datetime, end: datetime | None, case: _Case) -> tuple[Visit, list[str]]:
    """
    Return a visit with what its type and the course tell, and what nobody tells.

    Its latest discharge is where the entry ends; an entry that takes no time says no length.
    """
    kind, zone = case.kind(due), case.clinic.zone
    stages = kind.stages_of(due.type_ordinal) if kind is not None else ()
    planned, discharge, most = _stages(stages, start, zone)
    kinds = {place.kind for place in case.clinic.places}
    needs = {kind for stage in stages for kind, _ in stage.needs}
    unsaid = ["places"] if needs & kinds else []
    if needs & {member.role for member in case.clinic.team}:
        unsaid.append("staff")
    if end is None or utc(end) <= utc(start):
        unsaid.append("length")
        end = most
    waived = due.id in case.agenda.waived
    rides = kind is not None and kind.ride_home is not None and not waived
    visit = Visit(
        id=due.id,
        title=due.title,
        kind=due.kind,
        phase=due.phase,
        ordinal=due.ordinal,
        type_ordinal=due.type_ordinal,
        start=start,
        discharge=discharge,
        discharge_by=end,
        stages=planned,
        waived=waived and kind is not None and kind.ride_home is not None,
        ride=Ride.UNCONFIRMED if rides else None,
        no_driving_until=_no_driving(kind, most, zone),
    )
    notice = case.notices.get(due.id)
    if notice is not None and not notice.cancelled and utc(notice.notice.start) == utc(start):
        visit = attrs.evolve(visit, places=notice.notice.places, staff=notice.notice.staff)
        unsaid = [what for what in unsaid if what not in ("places", "staff")]
        if rides and notice.ride is not None:
            visit = attrs.evolve(visit, escort=notice.notice.escort, ride=notice.ride)
    return visit, unsaid


def _stages(
    stages: Iterable[Stage], start: datetime, zone: ZoneInfo
) -> tuple[list[PlannedStage], datetime, datetime]:
    """Return the stages of a visit that starts then, and its earliest and latest discharge."""

    def after(minutes: int) -> datetime:
        return later_by(start, timedelta(minutes=minutes)).astimezone(zone)

    planned, least, most = [], 0, 0
    for stage in stages:
        planned.append(
            PlannedStage(
                name=stage.name,
                start=after(least),
                start_by=after(most),
                end=after(least + stage.least),
                end_by=after(most + stage.most),
                until=stage.until or "",
            )
        )
        least, most = least + stage.least, most + stage.most
    return planned, after(least), after(most)


def _no_driving(kind: VisitType | None, leaves: datetime, zone: ZoneInfo) -> date | datetime | None:
    if kind is None or kind.no_driving is None:
        return None
    return kind.no_driving.over(leaves.astimezone(zone))
