"""
The entries of a calendar as they really take place: recurrences, exceptions and moves resolved.

Of entries with one UID the newest counts (SEQUENCE, then DTSTAMP); where neither tells, all do.
DTSTART is the first occurrence even where the rule would not give it. An entry that replaces one
occurrence (RECURRENCE-ID) also stands where no occurrence was. RANGE=THISANDFUTURE moves all
later ones as it moves its own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import partial

import attrs

from protocol_sched.formats.ics.reading.clocks import PROPERTIES, Clocks
from protocol_sched.formats.ics.reading.lines import (
    DAY,
    Component,
    Length,
    Property,
    Reading,
    Unreadable,
    When,
    read_length,
    read_number,
    read_when,
    value_of,
    when_of,
)
from protocol_sched.formats.ics.reading.recurrence import read_rule, starts

EVENT_PROPERTIES = PROPERTIES | {
    *("UID", "SEQUENCE", "DTSTAMP", "DTEND", "DURATION", "RECURRENCE-ID", "EXDATE", "EXRULE"),
    *("STATUS", "TRANSP", "METHOD", "VERSION", "ATTENDEE", "FREEBUSY"),
    "X-MICROSOFT-CDO-BUSYSTATUS",
}
"""What must be kept of a file for its entries."""

_RULE = 10
"""Steps that reading a rule costs."""


@attrs.frozen(kw_only=True)
class Occurrence:
    """One time at which an entry takes place."""

    start: int
    end: int
    """Instants; equal for an entry that takes no time."""
    all_day: bool
    event: Component


@attrs.frozen(kw_only=True)
class _Event:
    component: Component
    start: When
    length: Length
    """A DTEND is real seconds, or whole days between dates."""
    replaces: When | None
    onwards: bool
    """It replaces what comes after as well."""
    newness: tuple[int, str]

    @property
    def line(self) -> int:
        return self.component.line


def occurrences(
    entries: Iterable[Component], clocks: Clocks, since: int, until: int, reading: Reading
) -> list[Occurrence]:
    """
    Return when entries take place, as far as it is in ``[since, until)``, in the file's order.

    Faults are noted in ``reading``; an entry with one is left out.
    """
    groups: dict[str, list[_Event]] = {}
    for component in entries:
        event = reading.tried(component.line, partial(_read, component, clocks))
        if event is not None:
            name = component.says("UID") or f"\n{component.line}"
            groups.setdefault(name, []).append(event)
    found: list[Occurrence] = []
    for events in groups.values():
        found += _of_one(events, clocks, since, until, reading)
    return sorted(found, key=lambda one: one.event.line)


def _read(component: Component, clocks: Clocks) -> _Event:
    for name in ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "UID"):
        if len(component.all(name)) > 1:
            line = component.all(name)[1].line
            raise Unreadable(f"{component.name} has {name} twice", line)
    opens = component.get("DTSTART")
    if opens is None:
        raise Unreadable(f"{component.name} has no DTSTART")
    start = _when(opens, clocks)
    replaces = component.get("RECURRENCE-ID")
    span = replaces.param("RANGE").upper() if replaces is not None else ""
    if span not in ("", "THISANDFUTURE"):
        says = f"RECURRENCE-ID: RANGE={span[:40]} is not understood"
        raise Unreadable(says, replaces.line if replaces is not None else 0)
    number = component.get("SEQUENCE")
    sequence = value_of(number, _count) if number is not None and number.value.strip() else 0
    return _Event(
        component=component,
        start=start,
        length=length_of(component, start, clocks),
        replaces=_when(replaces, clocks) if replaces is not None else None,
        onwards=bool(span),
        newness=(sequence, component.says("DTSTAMP").upper()),
    )


def _count(text: str) -> int:
    return read_number(text, 0, 2**31 - 1, "it")


def _when(one: Property, clocks: Clocks) -> When:
    """Return a property's time, its zone known."""
    when = when_of(one)
    clocks.clock(when, one.line)
    return when


def length_of(component: Component, start: When, clocks: Clocks) -> Length:
    """
    Return how long a component lasts, from DTEND or DURATION; without them a day or no time.

    Raises:
        Unreadable: It ends before it starts, or in another way than it starts, or both are there.
    """
    ends, lasts = component.get("DTEND"), component.get("DURATION")
    if ends is not None and lasts is not None:
        raise Unreadable(f"{component.name} must not have both DTEND and DURATION", lasts.line)
    if lasts is not None:
        length = value_of(lasts, read_length)
        if start.is_date and length.seconds % DAY:
            says = f"DURATION must be whole days after a date, got {lasts.value[:40]!r}"
            raise Unreadable(says, lasts.line)
        if start.is_date:
            return Length(max(length.days + length.seconds // DAY, 1), 0)
        return length
    if ends is None:
        return Length(int(start.is_date), 0)
    end = _when(ends, clocks)
    if end.is_date != start.is_date:
        says = "DTEND must be a date if DTSTART is one, and a time if DTSTART is one"
        raise Unreadable(says, ends.line)
    if start.is_date:
        days = end.day - start.day
        length = Length(days or 1, 0)  # some write the last date instead of the one after
    else:
        seconds = clocks.instant(end, ends.line) - clocks.instant(start, component.line)
        if seconds < 0 and end.zone == start.zone:
            # A start that the clock skips is read as later than an end just after the change.
            seconds = end.wall - start.wall
        length = Length(0, seconds)
    if length.days < 0 or length.seconds < 0:
        says = f"DTEND must not be before DTSTART, got {ends.value[:40]!r}"
        raise Unreadable(says, ends.line)
    return length


# --- the occurrences of one UID --------------------------------------------------------------


@attrs.frozen
class _Slot:
    """One occurrence before any exception: how others name it, and where it is."""

    wall: int
    instant: int
    length: Length


def _of_one(
    events: list[_Event], clocks: Clocks, since: int, until: int, reading: Reading
) -> Iterator[Occurrence]:
    masters = _newest(event for event in events if event.replaces is None)
    moved: dict[tuple[bool, int], list[_Event]] = {}
    for event in events:
        if event.replaces is not None:
            moved.setdefault(_name(event.replaces, clocks, event.line), []).append(event)
    changed = [event for group in moved.values() for event in _newest(group)]
    for event in changed:
        at = clocks.instant(event.start, event.line)
        yield from _placed(event, event.start.wall, at, event.length, clocks, since, until)
    onwards = sorted(
        (
            (clocks.instant(e.replaces, e.line), e.replaces.wall, e)
            for e in changed
            if e.onwards and e.replaces
        ),
        key=lambda item: item[0],
    )
    begins = [at for at, _, _ in onwards]
    # How far away from its place an entry may move others.
    far = max((abs(e.start.wall - wall) + 2 * DAY for _, wall, e in onwards), default=0)
    for master in masters:
        read = partial(_slots, master, clocks, since - far, until + far, reading)
        for slot in reading.tried(master.line, read) or ():
            if (True, slot.wall // DAY) in moved or (False, slot.instant) in moved:
                continue
            n = bisect_right(begins, slot.instant)
            if n:
                _, replaced, last = onwards[n - 1]
                wall = last.start.wall + slot.wall - replaced
                at = clocks.clock(last.start, last.line).instant(wall)
                yield from _placed(last, wall, at, last.length, clocks, since, until)
            else:
                yield from _placed(
                    master, slot.wall, slot.instant, slot.length, clocks, since, until
                )


def _newest(events: Iterable[_Event]) -> list[_Event]:
    several = list(events)
    newest = max((event.newness for event in several), default=None)
    return [event for event in several if event.newness == newest]


def _name(when: When, clocks: Clocks, line: int) -> tuple[bool, int]:
    """Return how an occurrence is told from others: by its date or by its instant."""
    if when.is_date:
        return True, when.day
    return False, clocks.instant(when, line)


def _placed(
    event: _Event,
    wall: int,
    at: int,
    length: Length,
    clocks: Clocks,
    since: int,
    until: int,
) -> Iterator[Occurrence]:
    """Yield the occurrence if any of it lies in the stretch."""
    end = at
    if length.days:
        clock = clocks.clock(event.start, event.line)
        end = clock.instant(wall + length.days * DAY)
    end += length.seconds
    if at < until and (end > since or at == end == since):
        yield Occurrence(start=at, end=end, all_day=event.start.is_date, event=event.component)


def _slots(master: _Event, clocks: Clocks, since: int, until: int, reading: Reading) -> list[_Slot]:
    """Return the occurrences around a stretch, in order, those of EXDATE and EXRULE left out."""
    component, start = master.component, master.start
    clock = clocks.clock(start, master.line)
    longest = master.length.days * DAY + master.length.seconds
    extra = [item for one in component.all("RDATE") for item in dates_of(one, clocks, reading)]
    longest = max([longest, *(it.days * DAY + it.seconds for _, it in extra if it is not None)])
    # Two days more on either side: walls are no instants.
    low, high = since - longest - 2 * DAY, until + 2 * DAY
    walls: dict[int, Length] = {start.wall: master.length}
    for when, length in extra:
        wall = _on_wall(when, start, clocks, component.line)
        walls[wall] = master.length if length is None else length
    for one in component.all("RRULE"):
        for wall in _starts(one, start, clocks, low, high, reading):
            walls.setdefault(wall, master.length)
    gone: set[int] = set()
    for one in component.all("EXRULE"):
        gone.update(_starts(one, start, clocks, low, high, reading))
    dates: set[tuple[bool, int]] = set()
    for one in component.all("EXDATE"):
        dates |= {_name(when, clocks, one.line) for when, _ in dates_of(one, clocks, reading)}
    found = []
    for wall, length in sorted(walls.items()):
        at = clock.instant(wall)
        excluded = wall in gone or (True, wall // DAY) in dates or (False, at) in dates
        if start.is_date and (False, wall) in dates:
            excluded = True
        if low <= wall < high and not excluded:
            found.append(_Slot(wall, at, length))
    return found


def _on_wall(when: When, start: When, clocks: Clocks, line: int) -> int:
    """Return a time of RDATE as the clock of DTSTART shows it."""
    if when.is_date and not start.is_date:
        return when.wall + start.wall % DAY
    if when.zone == start.zone or start.is_date:
        return when.wall
    at = clocks.instant(when, line)
    clock = clocks.clock(start, line)
    # A clock tells only when it shows a time; two steps back find the time it shows.
    wall = at + (at - clock.instant(at))
    return wall + (at - clock.instant(wall))


def _starts(
    one: Property, start: When, clocks: Clocks, low: int, high: int, reading: Reading
) -> Iterator[int]:
    """Yield the starts of a rule by the clock of DTSTART, its UNTIL kept."""
    reading.spend(_RULE, one.line)
    rule = value_of(one, read_rule)
    until, clock = rule.until, clocks.clock(start, one.line)
    last = edge = None
    if until is not None and (until.is_date or start.is_date):
        last = until.day * DAY + DAY - 1
    elif until is not None and until.zone == "UTC" and start.zone != "UTC":
        last, edge = until.wall + 2 * DAY, until.wall
    elif until is not None:
        last = until.wall
    for wall in starts(rule, start.wall, low, high, partial(reading.spend, line=one.line), last):
        if edge is not None and clock.instant(wall) > edge:
            return
        yield wall


def dates_of(one: Property, clocks: Clocks, reading: Reading) -> list[tuple[When, Length | None]]:
    """Return a list of dates, times or periods, a period with its length; some write empty ones."""
    reading.spend(one.value.count(",") + 1, one.line)
    return value_of(
        one, lambda text: [_item(part, one, clocks) for part in text.split(",") if part.strip()]
    )


def _item(item: str, one: Property, clocks: Clocks) -> tuple[When, Length | None]:
    """Return the start of an item of a list, and its length if the item is a period."""
    opens, slash, ends = item.partition("/")
    zone = one.param("TZID").strip()
    start = read_when(opens, zone)
    clocks.clock(start, one.line)
    if not slash:
        return start, None
    if ends.strip()[:1].upper() in ("P", "+", "-"):
        return start, read_length(ends)
    end = read_when(ends, zone)
    seconds = clocks.instant(end, one.line) - clocks.instant(start, one.line)
    if seconds < 0:
        raise Unreadable(f"must end after it starts, got {item[:40]!r}")
    return start, Length(0, seconds)
