"""
When somebody is taken, from any calendar file: their events or a free/busy file.

Nothing is taken over but when: no title, no place, no name. What is doubtful counts as taken,
because a visit planned over a meeting costs more than one planned around a gap.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import attrs

from protocol_sched.errors import Fault, InvalidValue, UnknownName
from protocol_sched.formats.ics.reading.clocks import Clocks, ZoneClock, clocks_of, moment_of
from protocol_sched.formats.ics.reading.events import (
    EVENT_PROPERTIES,
    dates_of,
    length_of,
    occurrences,
    said,
)
from protocol_sched.formats.ics.reading.lines import (
    DAY,
    LIMITS,
    Component,
    Length,
    Limits,
    Property,
    Reading,
    Unreadable,
    calendars,
    read_day,
    when_of,
)
from protocol_sched.formats.ics.uids import digest_of
from protocol_sched.model.availability import (
    Booking,
    Clinic,
    DatedHours,
    LocalWindow,
    Person,
    Place,
    merged,
)

MOST_DAYS = 3650
"""The longest stretch that is looked at: ten years."""

_MINUTE, _ONE_DAY = timedelta(minutes=1), timedelta(days=1)
_ANSWERS = ("REPLY", "COUNTER", "REFRESH", "DECLINECOUNTER")


_NOTHING = {
    "take time": "no time is taken",
    "close days": "no day is closed",
    "open hours": "no hour is open",
}
"""What entries can do on the dates looked at, and what is said if there are none."""


@attrs.frozen(kw_only=True)
class Account:
    """What was read of a calendar, so that an empty or a wrong file is seen."""

    entries: int = 0
    """Events and free/busy answers in the file."""
    taken: int = 0
    """Those of them that take time on the dates that were looked at."""
    first: date | None = None
    last: date | None = None
    """The earliest and the latest date that an entry names as its start, a free/busy answer also
    as its end; a recurring entry goes on after it."""
    others: tuple[tuple[str, int], ...] = ()
    """Other components, such as VTODO, by name, and how many; nothing is read from them."""
    passed: tuple[Fault, ...] = ()
    """What was damaged and passed over, because it cannot change when somebody is taken."""
    does: str = "take time"
    """What an entry can do on those dates, of several: ``close days`` of holidays, ``open hours``
    of opening hours."""

    def lines(self) -> tuple[str, ...]:
        """Return the account in words: a sentence, and one for each thing passed over."""
        do, what = self.does.split()
        if self.entries == 1:
            text = f"1 entry{self._when('begins')}, which {do}s {'' if self.taken else 'no '}{what}"
        elif self.entries:
            text = f"{self.entries} entries{self._when('begin')}, {self.taken or 'none'} of which"
            text += f" {do}{'s' if self.taken == 1 else ''} {what}"
        else:
            text = f"no entries, so {_NOTHING[self.does]}"
        text += " on the dates looked at"
        if self.others:
            listed = ", ".join(f"{count} {name}" for name, count in self.others)
            text += f"; not looked at: {listed}"
        return (f"{text}.", *(f"passed over: {fault}" for fault in self.passed))

    def _when(self, begin: str) -> str:
        if self.first is None or self.last is None:
            return ""
        days = f"on {self.first}" if self.first == self.last else f"{self.first} to {self.last}"
        return f" that {begin} {days}"


@attrs.frozen(kw_only=True)
class Busy:
    """When somebody is taken on the dates from ``first`` to ``last``, both included."""

    first: date
    last: date
    zone: ZoneInfo
    """By whose midnights those dates begin and end, and all-day events."""
    times: tuple[tuple[datetime, datetime], ...]
    """Half-open stretches in UTC, in order, apart from one another, cut to the dates."""
    account: Account = attrs.field(factory=lambda: Account(), eq=False)
    """What was read; says nothing where the times were not read from a file."""

    def by_date(self, zone: ZoneInfo | None = None) -> tuple[tuple[date, LocalWindow], ...]:
        """
        Return the times as windows of local dates, in order.

        Windows are whole minutes, so a time may grow by less than a minute at either end. What
        crosses midnight is one window on each date. Where the clock is put back, a time in the
        doubled hour is taken on both of its passages.
        """
        own = zone or self.zone
        return tuple(piece for start, end in self.times for piece in _pieces(start, end, own))

    def away(self, why: str = "busy", zone: ZoneInfo | None = None) -> tuple[DatedHours, ...]:
        """Return the times as dated hours; dates in a row with the same windows are one."""
        days: dict[date, list[LocalWindow]] = {}
        for day, window in self.by_date(zone):
            days.setdefault(day, []).append(window)
        found: list[DatedHours] = []
        for day, windows in sorted(days.items()):
            hours = merged(windows)
            before = found[-1] if found else None
            if before and before.hours == hours and before.last + _ONE_DAY == day:
                found[-1] = attrs.evolve(before, last=day)
            else:
                found.append(DatedHours(first=day, why=why, hours=hours))
        return tuple(found)


def _pieces(start: datetime, end: datetime, zone: ZoneInfo) -> Iterable[tuple[date, LocalWindow]]:
    """Yield a stretch of real time cut at midnights and at changes of the clock."""
    while start < end:
        local = start.astimezone(zone)
        midnight = datetime(local.year, local.month, local.day, tzinfo=zone) + _ONE_DAY
        upto = min(end, midnight.astimezone(UTC))
        upto = _steady(start, upto, zone)
        last = (upto - timedelta(microseconds=1)).astimezone(zone)
        low = 60 * local.hour + local.minute
        high = 60 * last.hour + last.minute + 1
        yield local.date(), (low, high)
        start = upto


def _steady(start: datetime, end: datetime, zone: ZoneInfo) -> datetime:
    """Return how far the clock goes on as it does at ``start``; at most to ``end``."""
    offset = start.astimezone(zone).utcoffset()
    if (end - timedelta(microseconds=1)).astimezone(zone).utcoffset() == offset:
        return end
    low, high = start, end
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


# --- reading ---------------------------------------------------------------------------------


def read_busy(
    file: str | bytes,
    *,
    zone: ZoneInfo,
    first: date,
    last: date,
    address: str = "",
    own: Container[str] = (),
    tentative: bool = True,
    strict: bool = False,
    name: str = "calendar",
    limits: Limits = LIMITS,
) -> Busy:
    """
    Return when the owner of a calendar is taken.

    Events count unless they are cancelled or transparent, or the owner declined them. Times of
    a VFREEBUSY count unless they are FREE. All-day events take the whole local day.

    Args:
        file: The file's text or octets; may hold several calendars.
        zone: The owner's, for all-day events and for times without a zone in a file that
            names none (X-WR-TIMEZONE).
        first: The first date that is looked at.
        last: The last; at most ten years later.
        address: The owner's mail address. Events that an attendee of that address declined do
            not count.
        own: Beginnings of UIDs, up to the ``@``, that do not count: those of the course's own
            entries, which a person may keep in the same calendar and which must not stand in
            the way when the course is planned again; see `formats.ics.uids.known_digests`.
        tentative: Whether what is only tentative counts.
        strict: Whether what is damaged is refused even where it cannot change the result: words
            in another encoding, entries that take no time or lie outside the dates. Else it is
            passed over and listed in the ``account``.
        name: What errors call the file.

    Raises:
        InvalidDocument: The file is malformed, says what is not understood, or breaks a limit;
            with the line of each fault.
        InvalidValue: ``last`` is before ``first`` or too far from it.
    """
    low, high = stretch(zone, first, last)
    reading = Reading(name, limits, strict=strict)
    wanted = EVENT_PROPERTIES | {"FREEBUSY", "FBTYPE"}
    wanted = wanted | {"ATTENDEE"} if address else wanted - {"ATTENDEE"}
    found: list[tuple[int, int]] = []
    taken: set[int] = set()
    seen: list[Component] = []
    others: Counter[str] = Counter()
    for calendar in calendars(file, reading, wanted):
        seen += calendar.inside("VEVENT")
        seen += calendar.inside("VFREEBUSY")
        others.update(one.name for one in calendar.components if one.name not in _READ)
        word = " ".join(sorted(calendar.words("METHOD")))
        if word in _ANSWERS and any(calendar.inside("VEVENT")):
            line = (calendar.get("METHOD") or calendar).line
            reading.fault(line, f"METHOD:{word} is an answer to a message, not a calendar")
            continue
        clocks = clocks_of(calendar, reading, zone, high)

        def counts(event: Component, word: str = word) -> bool:
            if word == "CANCEL" or digest_of(event.text("UID")) in own:
                return False
            return _counts(event, address, tentative)

        events = occurrences(
            calendar.inside("VEVENT"),
            clocks,
            low - DAY,
            high + DAY,
            reading,
            counts=counts,
            instants=False,
        )
        times = [(one.event.line, one.start, one.end) for one in events]
        for component in calendar.inside("VFREEBUSY"):
            read = partial(_answered, component, word, clocks, tentative, reading)
            times += [(component.line, *one) for one in reading.tried(component.line, read) or ()]
        for line, start, end in times:
            start, end = max(start, low), min(end, high)
            if start < end:
                found.append((start, end))
                taken.add(line)
    reading.settle()
    return Busy(
        first=first,
        last=last,
        zone=zone,
        times=tuple((moment_of(a), moment_of(b)) for a, b in joined(found)),
        account=account_of(seen, taken, others, reading, "take time"),
    )


def account_of(
    seen: list[Component], taken: set[int], others: Counter[str], reading: Reading, does: str
) -> Account:
    """Return the account of some entries, of which those on the lines ``taken`` do something."""
    begin = sorted(_dates(seen))
    return Account(
        entries=len(seen),
        taken=len(taken),
        first=begin[0] if begin else None,
        last=begin[-1] if begin else None,
        others=tuple(sorted(others.items())),
        passed=reading.passed,
        does=does,
    )


_READ = ("VEVENT", "VFREEBUSY", "VTIMEZONE")


def _dates(entries: Iterable[Component]) -> Iterator[date]:
    """Yield the dates on which entries begin, and free/busy answers end, as they are written."""
    for entry in entries:
        for name in ("DTSTART", "DTEND") if entry.name == "VFREEBUSY" else ("DTSTART",):
            with contextlib.suppress(Unreadable):
                yield date.fromordinal(read_day(entry.says(name)[:8]))


def stretch(zone: ZoneInfo, first: date, last: date) -> tuple[int, int]:
    """Return the instants at which some local dates begin and end."""
    if not date(1900, 1, 1) <= first <= date(9000, 1, 1):
        raise InvalidValue("busy times", "first", str(first), "from 1900-01-01 to 9000-01-01")
    if not first <= last <= first + timedelta(days=MOST_DAYS):
        wanted = f"{first} or up to ten years later"
        raise InvalidValue("busy times", "last", str(last), wanted)
    clock = ZoneClock(zone)
    return clock.instant(first.toordinal() * DAY), clock.instant((last.toordinal() + 1) * DAY)


def _counts(event: Component, address: str, tentative: bool) -> bool:
    """Tell whether an event takes time; one that says different things of it does."""
    status, shown = event.words("STATUS"), event.words("X-MICROSOFT-CDO-BUSYSTATUS")
    if status == {"CANCELLED"} or event.words("TRANSP") == {"TRANSPARENT"} or shown == {"FREE"}:
        return False
    if not tentative and {"TENTATIVE"} in (status, shown):
        return False
    return not (address and _declined(event, address))


def _declined(event: Component, address: str) -> bool:
    own = address.strip().lower()
    mine = [one for one in event.all("ATTENDEE") if address_of(one) == own]
    said = {answer.upper() for one in mine for answer in one.params.get("PARTSTAT", ("",))}
    return said == {"DECLINED"}


def address_of(one: Property) -> str:
    """Return the mail address of an ATTENDEE or ORGANIZER in lower case; empty without one."""
    value = one.value.strip().strip("<>").lower()
    if value.startswith("mailto:"):
        return value.removeprefix("mailto:").strip().strip("<>")
    if "@" in value and ":" not in value and "/" not in value:
        return value
    return one.param("EMAIL").strip().lower()


def _answered(
    component: Component, method: str, clocks: Clocks, tentative: bool, reading: Reading
) -> list[tuple[int, int]]:
    """
    Return the times that a VFREEBUSY says are taken.

    Raises:
        Unreadable: It says neither which times are taken nor of which stretch none is.
    """
    opens, kind = component.only("DTSTART"), component.only("FBTYPE")
    start = when_of(opens) if opens is not None else None
    listed = said(component, "FREEBUSY", reading)
    if not listed and method == "REQUEST":
        raise Unreadable("VFREEBUSY with METHOD:REQUEST asks which times are taken and says none")
    if not listed:
        ends = component.only("DTEND") or component.only("DURATION")
        if opens is None or start is None or ends is None:
            raise Unreadable("VFREEBUSY has no FREEBUSY, and not both DTSTART and DTEND")
        length = length_of(component, start, clocks, reading)
        at = clocks.instant(start, opens.line)
        # Some servers write a component for each time, and its kind as a property.
        word = kind.value.strip().upper() if kind is not None else "FREE"
        return [(at, _end(at, length))] if _takes(word, tentative) else []
    found = []
    for one in listed:
        if _takes(one.only("FBTYPE").strip().upper(), tentative):
            for when, length_ in dates_of(one, start, clocks, reading):
                if length_ is None:
                    says = f"must be periods such as 20270308T093000Z/PT1H, got {one.value[:40]!r}"
                    raise Unreadable(f"FREEBUSY: {says}", one.line)
                at = clocks.instant(when, one.line)
                found.append((at, _end(at, length_)))
    return found


def _takes(kind: str, tentative: bool) -> bool:
    return kind != "FREE" and (tentative or kind != "BUSY-TENTATIVE")


def _end(at: int, length: Length) -> int:
    return at + length.days * DAY + length.seconds


def joined(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    result: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if start >= end:
            continue
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return result


# --- availability ----------------------------------------------------------------------------


def away_person(person: Person, busy: Busy, why: str = "busy") -> Person:
    """
    Return the person, away when they are taken.

    Args:
        busy: Read with the person's zone; with the clinic's where they have none of their own.
        why: Marks the entries. Those of an earlier call with the same mark that begin on the
            same dates or later are replaced, so a newer file takes the place of an older one.
    """
    return attrs.evolve(person, away=_replaced(person.away, busy, why, person.zone))


def away_escort(person: Person, escort: str, busy: Busy, why: str = "busy") -> Person:
    """
    Return the person, one of their escorts away when taken; else as `away_person`.

    Raises:
        UnknownName: The person has no escort of that name.
    """
    names = tuple(one.name for one in person.escorts)
    if escort not in names:
        raise UnknownName(f"person {person.key!r}", "escort", escort, names)
    escorts = [
        attrs.evolve(one, away=_replaced(one.away, busy, why, one.zone))
        if one.name == escort
        else one
        for one in person.escorts
    ]
    return attrs.evolve(person, escorts=escorts)


def closed_clinic(clinic: Clinic, busy: Busy, why: str = "closed") -> Clinic:
    """Return the clinic, closed when its calendar is taken; else as `away_person`."""
    return attrs.evolve(clinic, closures=_replaced(clinic.closures, busy, why, clinic.zone))


def booked_place(clinic: Clinic, place: str, busy: Busy) -> Clinic:
    """
    Return the clinic, one of its places booked when the place's calendar is taken.

    Bookings that stood on the dates of ``busy`` are replaced.

    Raises:
        UnknownName: The clinic has no place of that name.
    """
    names = tuple(one.name for one in clinic.places)
    if place not in names:
        raise UnknownName(f"clinic {clinic.name!r}", "place", place, names)
    booked = [
        Booking(day=entry.first + n * _ONE_DAY, start=start, end=end)
        for entry in busy.away(zone=clinic.zone)
        for n in range((entry.last - entry.first).days + 1)
        for start, end in entry.hours
    ]

    def changed(one: Place) -> Place:
        kept = [b for b in one.booked if not busy.first <= b.day <= busy.last]
        return attrs.evolve(one, booked=[*kept, *booked])

    places = [changed(one) if one.name == place else one for one in clinic.places]
    return attrs.evolve(clinic, places=places)


def _replaced(
    entries: Iterable[DatedHours], busy: Busy, why: str, zone: ZoneInfo | None
) -> tuple[DatedHours, ...]:
    kept = [one for one in entries if not (one.why == why and busy.first <= one.first <= busy.last)]
    return (*kept, *busy.away(why, zone))


# --- closures from a feed of public holidays -------------------------------------------------


def unheard(_: Account) -> None:
    """Take an account that nobody asked for."""


def read_closures(
    file: str | bytes,
    *,
    first: date,
    last: date,
    strict: bool = False,
    name: str = "calendar",
    limits: Limits = LIMITS,
    told: Callable[[Account], object] = unheard,
) -> tuple[DatedHours, ...]:
    """
    Return each all-day event as a closure called by its title, in order of dates.

    Such feeds mark their days as free time, so TRANSP is not looked at; cancelled events do not
    count, nor do events with times of day. A date with two names has two closures.

    Args:
        first, last: The first and the last date that are looked at, at most ten years apart.
        strict: As in `read_busy`.
        told: Called once with what was read and what was passed over.

    Raises:
        InvalidDocument, InvalidValue: As `read_busy` raises them.
    """
    zone = ZoneInfo("UTC")
    low, high = stretch(zone, first, last)
    reading = Reading(name, limits, strict=strict)
    found: set[tuple[date, date, str]] = set()
    seen: list[Component] = []
    closing: set[int] = set()
    others: Counter[str] = Counter()
    for calendar in calendars(file, reading, EVENT_PROPERTIES | {"SUMMARY"}):
        clocks = clocks_of(calendar, reading, zone, high)
        events = [*calendar.inside("VEVENT")]
        seen += events
        others.update(
            one.name for one in calendar.components if one.name not in ("VEVENT", "VTIMEZONE")
        )
        for one in occurrences(events, clocks, low, high, reading, counts=_closes):
            if not one.all_day:
                continue  # as an entry that changes all later ones may make them
            begins = max(one.start, low) // DAY
            ends = max(begins, (min(one.end, high) - 1) // DAY)
            title = " ".join(one.event.text("SUMMARY").split())
            found.add((date.fromordinal(begins), date.fromordinal(ends), title[:200]))
            closing.add(one.event.line)
    reading.settle()
    told(account_of(seen, closing, others, reading, "close days"))
    return tuple(DatedHours(first=a, last=b, why=why) for a, b, why in sorted(found))


def _closes(event: Component) -> bool:
    """Tell whether an event is no meeting and not cancelled."""
    start = event.says("DTSTART")
    at_a_time = len(start) > 8 and start[:8].isdecimal() and start[8] in "Tt"
    return not at_a_time and event.words("STATUS") != {"CANCELLED"}
