"""
The entries of a calendar as they really take place: recurrences, exceptions and moves resolved.

Of entries with one UID the newest counts (SEQUENCE, then DTSTAMP); where neither tells, all do.
DTSTART is the first occurrence even where the rule would not give it. An entry that replaces one
occurrence (RECURRENCE-ID) also stands where no occurrence was, unless the series is newer than it
and has that occurrence no more. RANGE=THISANDFUTURE moves all later ones as it moves its own, by
the clock of the series.

Which occurrence a RECURRENCE-ID or an EXDATE means: of a series with times the one at that
instant, or all those of a date; of a series of dates the one of that date, see `_days`.

What cannot be read is a fault, unless the entry takes no time or none of it can lie in the
stretch that is asked for: then it is passed over.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Container, Iterable, Iterator
from datetime import date
from functools import partial
from typing import TypeVar

import attrs

from protocol_sched.formats.ics.reading.clocks import PROPERTIES, Clock, Clocks, wall_of
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

_T = TypeVar("_T")

_RULE, _ENTRY, _FOUND, _ITEM = 10, 12, 8, 8
"""Steps that it costs to read a rule, an entry, an occurrence and an item of a list; in proportion
to what each takes, so that all files of so many steps take about as long."""
_A_YEAR = 366 * DAY
_FIRST, _LAST = 3 * DAY, (date.max.toordinal() - 2) * DAY


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
    start: When | None
    """``None`` if it takes no time and nobody can read when it would."""
    length: Length
    """A DTEND is real seconds, or whole days between dates."""
    replaces: When | None
    onwards: bool
    """It replaces what comes after as well."""
    newness: tuple[int, str]
    """SEQUENCE, then DTSTAMP if that can be read; without others of its UID, SEQUENCE alone."""
    counts: bool
    """It takes time."""

    @property
    def line(self) -> int:
        return self.component.line


@attrs.frozen(kw_only=True)
class _Scope:
    """What is asked of a calendar's entries."""

    clocks: Clocks
    since: int
    until: int
    reading: Reading
    counts: Callable[[Component], bool]
    all_listed: bool
    instants: bool

    def tried(self, component: Component, read: Callable[[], _T]) -> _T | None:
        """Return what ``read`` returns; if it cannot, ``None`` and a fault, if that matters."""
        try:
            return read()
        except Unreadable as error:
            if self.counts(component) and _could(component, self):
                self.reading.refused(error, component.line)
            else:
                self.reading.ignored(error, component.line)
            return None


def _always(_: Component) -> bool:
    return True


def occurrences(
    entries: Iterable[Component],
    clocks: Clocks,
    since: int,
    until: int,
    reading: Reading,
    *,
    counts: Callable[[Component], bool] = _always,
    all_listed: bool = False,
    instants: bool = True,
) -> list[Occurrence]:
    """
    Return when entries take place, as far as it is in ``[since, until)``, in the file's order.

    Faults are noted in ``reading``; an entry with one is left out.

    Args:
        counts: Whether an entry takes time. One that does not is only read to know which others
            it takes the place of.
        all_listed: Whether those that do not count are returned too.
        instants: Whether those that have no length are returned too.
    """
    scope = _Scope(
        clocks=clocks,
        since=since,
        until=until,
        reading=reading,
        counts=counts,
        all_listed=all_listed,
        instants=instants,
    )
    groups: dict[str, list[Component]] = {}
    for component in entries:
        reading.spend(_ENTRY, component.line)
        name = component.text("UID") or f"\n{component.line}"
        groups.setdefault(name, []).append(component)
    found: list[Occurrence] = []
    for several in groups.values():
        read = ((one, partial(_read, one, len(several) == 1, scope)) for one in several)
        events = [event for one, how in read if (event := scope.tried(one, how)) is not None]
        found += _of_one(events, scope)
    return sorted(found, key=lambda one: one.event.line)


def _read(component: Component, alone: bool, scope: _Scope) -> _Event:
    clocks, reading = scope.clocks, scope.reading
    names = [one.name for one in component.properties]
    if len({*names}) < len(names):
        for name in ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "UID", "SEQUENCE"):
            component.only(name)
    replaces = component.get("RECURRENCE-ID")
    span = replaces.param("RANGE").upper() if replaces is not None else ""
    if span not in ("", "THISANDFUTURE"):
        says = f"RECURRENCE-ID: RANGE={span[:40]} is not understood"
        raise Unreadable(says, replaces.line if replaces is not None else 0)
    number, sequence = said(component, "SEQUENCE", reading), 0
    try:
        sequence = value_of(number[0], _count) if number else 0
    except Unreadable as error:
        if not alone:
            raise
        reading.ignored(error, component.line)
    start, length, counts = None, Length(0, 0), scope.counts(component)
    try:
        opens = component.get("DTSTART")
        if opens is None:
            raise Unreadable(f"{component.name} has no DTSTART", component.line)
        start = _when(opens, clocks)
        length = length_of(component, start, clocks, reading)
    except Unreadable as error:
        if counts:
            raise
        reading.ignored(error, component.line)
    return _Event(
        component=component,
        start=start,
        length=length,
        replaces=_when(replaces, clocks) if replaces is not None else None,
        onwards=bool(span),
        newness=(sequence, "" if alone else _stamp(component)),
        counts=counts,
    )


def _count(text: str) -> int:
    return read_number(text, 0, 2**31 - 1, "it")


def _stamp(component: Component) -> str:
    """Return DTSTAMP, to be compared; empty if it is not there or no time."""
    try:
        read_when(component.says("DTSTAMP"), "")
    except Unreadable:
        return ""
    return component.says("DTSTAMP").upper()


def said(component: Component, name: str, reading: Reading) -> list[Property]:
    """Return the properties of a name that say something; empty ones are passed over."""
    found = component.all(name)
    if not found:
        return found
    for one in found:
        if not one.value.strip():
            reading.pass_over(one.line, f"{name} is empty")
    return [one for one in found if one.value.strip()]


def _when(one: Property, clocks: Clocks) -> When:
    """Return a property's time, its zone known."""
    when = when_of(one)
    clocks.clock(when, one.line)
    return when


def length_of(component: Component, start: When, clocks: Clocks, reading: Reading) -> Length:
    """
    Return how long a component lasts, from DTEND or DURATION; without them a day or no time.

    Raises:
        Unreadable: It ends before it starts, or in another way than it starts, or DTEND and
            DURATION say different lengths.
    """
    ends, lasts = component.get("DTEND"), component.get("DURATION")
    if lasts is not None:
        length = _lasting(lasts, start)
        if ends is None:
            return length
        end = _when(ends, clocks).beside(start)
        clock = clocks.clock(start, component.line)
        same = clock.instant(start.wall + length.days * DAY) + length.seconds
        if clocks.instant(end, ends.line) != same or end.is_date != start.is_date:
            says = f"{component.name} has both DTEND and DURATION, and they differ"
            raise Unreadable(says, lasts.line)
        reading.pass_over(lasts.line, f"{component.name} has both DTEND and DURATION")
    if ends is None:
        return Length(int(start.is_date), 0)
    end = _when(ends, clocks).beside(start)
    if end.is_date != start.is_date:
        says = "DTEND must be a date if DTSTART is one, and a time if DTSTART is one"
        raise Unreadable(says, ends.line)
    if start.is_date:
        days = end.day - start.day
        length = Length(days or 1, 0)  # some write the last date instead of the one after
    else:
        begins = clocks.instant(start, component.line)
        seconds = clocks.instant(end, ends.line) - begins
        if seconds < 0:
            # In the hour that comes twice it can only be the second time.
            seconds = clocks.clock(end, ends.line).again(end.wall) - begins
        if seconds < 0 and end.zone == start.zone:
            # A start that the clock skips is read as later than an end just after the change.
            seconds = end.wall - start.wall
        length = Length(0, seconds)
    if length.days < 0 or length.seconds < 0:
        says = f"DTEND must not be before DTSTART, got {ends.value[:40]!r}"
        raise Unreadable(says, ends.line)
    return length


def _lasting(lasts: Property, start: When) -> Length:
    """Return what DURATION says; after a date it is whole days, one at least."""
    length = value_of(lasts, read_length)
    if not start.is_date:
        return length
    if length.seconds % DAY:
        says = f"DURATION must be whole days after a date, got {lasts.value[:40]!r}"
        raise Unreadable(says, lasts.line)
    return Length(max(length.days + length.seconds // DAY, 1), 0)


# --- what may be damaged ---------------------------------------------------------------------


def _could(component: Component, scope: _Scope) -> bool:
    """
    Tell whether any of a damaged entry could lie in the stretch.

    By no clock is a time two days away from what another clock shows. What cannot be read could
    be at any time, but nothing begins before its DTSTART.
    """
    low, high = scope.since - 2 * DAY, scope.until + 2 * DAY
    try:
        opens = component.only("DTSTART")
        if opens is None or component.get("RDATE") is not None:
            return True
        start = when_of(opens).wall
        replaces = component.only("RECURRENCE-ID")
        if replaces is not None:
            # How long the occurrence is that it replaces is not known here.
            named = when_of(replaces).wall
            if replaces.param("RANGE") or low - _A_YEAR <= named < high:
                return True
        if start >= high:
            return False
        longest = _longest(component, start)
        if start + longest >= low:
            return True
        for one in component.all("RRULE"):
            if not one.value.strip():
                continue
            rule = value_of(one, read_rule)
            last = None if rule.until is None else (rule.until.day + 2) * DAY
            spend = scope.reading.looking(one.line)
            for _ in starts(rule, start, low - longest, high, spend, last):
                return True
    except Unreadable:
        return True
    return False


def _longest(component: Component, start: int) -> int:
    """Return how long a component lasts at most, whatever the clocks; raises as `length_of`."""
    ends, lasts = component.only("DTEND"), component.only("DURATION")
    longest = DAY
    if ends is not None:
        longest = max(longest, when_of(ends).wall - start)
    if lasts is not None:
        length = value_of(lasts, read_length)
        longest = max(longest, length.days * DAY + length.seconds)
    return longest


# --- the occurrences of one UID --------------------------------------------------------------


@attrs.frozen
class _Slot:
    """One occurrence before any exception: how others name it, and where it is."""

    wall: int
    instant: int
    length: Length


_Name = tuple[bool, tuple[int, ...]]
"""How an occurrence is named: by dates, of which the first that has one counts, or an instant."""


_LISTS = frozenset(("RRULE", "RDATE", "EXRULE", "EXDATE"))
"""Properties that give an entry other times than its DTSTART."""


def _of_one(events: list[_Event], scope: _Scope) -> Iterator[Occurrence]:
    clocks = scope.clocks
    if len(events) == 1 and not any(one.name in _LISTS for one in events[0].component.properties):
        yield from _once(events[0], scope)
        return
    masters = _newest(event for event in events if event.replaces is None)
    series = next((master.start for master in masters if master.start is not None), None)
    moved: dict[_Name, list[_Event]] = {}
    for event in events:
        if event.replaces is not None:
            start = series or event.start or event.replaces
            moved.setdefault(_name(event.replaces, start, clocks, event.line), []).append(event)
    changed = {name: _newest(group) for name, group in moved.items()}
    gone: set[_Name] = set()
    if masters and any(e.newness[0] < masters[0].newness[0] for es in changed.values() for e in es):
        gone = _dropped(masters, changed, scope)
    for several in (changed := {n: es for n, es in changed.items() if n not in gone}).values():
        for event in several:
            yield from _once(event, scope)
    for master in masters:
        yield from _of_series(master, changed, scope)


def _once(event: _Event, scope: _Scope) -> Iterator[Occurrence]:
    """Yield an entry that takes place at its DTSTART alone."""
    start = event.start
    if start is None or not (scope.instants or event.length != Length(0, 0)):
        return
    clock = scope.clocks.clock(start, event.line)
    at = clock.instant(start.wall)
    yield from _placed(event, start.wall, at, event.length, clock, scope)


def _dropped(
    masters: list[_Event], changed: dict[_Name, list[_Event]], scope: _Scope
) -> set[_Name]:
    """Return what older entries replace in a series that has it no more."""
    newest = masters[0].newness[0]
    names = [
        name for name, several in changed.items() if all(e.newness[0] < newest for e in several)
    ]
    around = [at * DAY if dated else at for dated, places in names for at in places]
    if not around or any(master.start is None for master in masters):
        return set()
    there: set[_Name] = set()
    asked = attrs.evolve(scope, since=min(around) - DAY, until=max(around) + 2 * DAY)
    for master in masters:
        slots = asked.tried(master.component, partial(_occurrences, master, asked))
        if slots is None:
            return set()
        days = {occurrence.wall // DAY for occurrence in slots}
        instants = {occurrence.instant for occurrence in slots}
        there |= {
            (dated, places)
            for dated, places in names
            if any(at in (days if dated else instants) for at in places)
        }
    return {*names} - there


def _of_series(
    master: _Event, changed: dict[_Name, list[_Event]], scope: _Scope
) -> Iterator[Occurrence]:
    """Yield the occurrences of a series that no other entry replaces."""
    start, clocks = master.start, scope.clocks
    if start is None:
        return
    clock = clocks.clock(start, master.line)
    onwards: list[tuple[int, int, _Event, When]] = []
    for several in changed.values():
        for event in several:
            if event.onwards and event.replaces is not None and event.start is not None:
                replaced = _on_wall(event.replaces, start, clocks, event.line)
                at = clock.instant(replaced)
                onwards.append((at, replaced, event, event.start))
    onwards.sort(key=lambda item: item[0])
    begins = [at for at, _, _, _ in onwards]
    entries = [master, *(event for _, _, event, _ in onwards)]
    if not scope.all_listed and not any(one.counts for one in entries):
        return
    lasting = any(one.length != Length(0, 0) for one in entries)
    if not (scope.instants or lasting or master.component.get("RDATE")):
        # Of what takes no time nothing is left, however often it comes; it need not be counted.
        scope.tried(master.component, partial(_rules, master.component, scope.reading))
        return
    # How far away from its place an entry may move others, and how long it makes them.
    far = max(
        (
            abs(opens.wall - wall) + event.length.days * DAY + event.length.seconds + 2 * DAY
            for _, wall, event, opens in onwards
        ),
        default=0,
    )
    asked = attrs.evolve(scope, since=scope.since - far, until=scope.until + far)
    slots = scope.tried(master.component, partial(_occurrences, master, asked)) or []
    dates = {occurrence.wall // DAY for occurrence in slots}
    days, instants = _meant(changed, dates)
    for occurrence in slots:
        if occurrence.wall // DAY in days or occurrence.instant in instants:
            continue
        n = bisect_right(begins, occurrence.instant)
        if not n:
            yield from _placed(
                master, occurrence.wall, occurrence.instant, occurrence.length, clock, scope
            )
            continue
        _, replaced, last, opens = onwards[n - 1]
        own = clocks.clock(opens, last.line)
        if opens.is_date == start.is_date:
            # By the clock of the series, or two clocks would be subtracted from one another.
            moved_to = opens.wall if start.is_date else wall_of(own.instant(opens.wall), clock)
            wall, by = occurrence.wall + moved_to - replaced, clock
        else:
            wall, by = opens.wall + (occurrence.wall // DAY - replaced // DAY) * DAY, own
        yield from _placed(last, wall, by.instant(wall), last.length, by, scope)


def _newest(events: Iterable[_Event]) -> list[_Event]:
    several = list(events)
    newest = max((event.newness for event in several), default=None)
    return [event for event in several if event.newness == newest]


def _name(when: When, start: When, clocks: Clocks, line: int) -> _Name:
    """Return how an occurrence of a series that starts so is told from others."""
    if start.is_date:
        return True, _days(when, clocks)
    if when.is_date:
        return True, (when.day,)
    return False, (clocks.instant(when.beside(start), line),)


def _days(when: When, clocks: Clocks) -> tuple[int, ...]:
    """
    Return the dates that a time may name in a series of dates, the likeliest first.

    It is the date as it is written. Of an instant in UTC it is the date that begins then, as
    programs write a midnight of their own zone: of one that the calendar speaks of, else the
    nearest midnight; and if no occurrence is there, the date as written.
    """
    if when.is_date or when.zone != "UTC":
        return (when.day,)
    if when.wall % DAY == 0:
        return (when.day,)
    walls = (wall_of(when.wall, clock) for clock in clocks.told())
    known = (wall // DAY for wall in walls if wall % DAY == 0)
    return tuple(dict.fromkeys([*known, (when.wall + DAY // 2) // DAY, when.day]))


def _meant(names: Iterable[_Name], dates: Container[int]) -> tuple[set[int], set[int]]:
    """Return the dates and the instants of the occurrences that are named."""
    days: set[int] = set()
    instants: set[int] = set()
    for dated, places in names:
        if dated:
            days.add(next((day for day in places if day in dates), places[0]))
        else:
            instants.update(places)
    return days, instants


def _placed(
    event: _Event, wall: int, at: int, length: Length, clock: Clock, scope: _Scope
) -> Iterator[Occurrence]:
    """Yield the occurrence if any of it lies in the stretch."""
    if not scope.all_listed and not event.counts:
        return
    end = at
    if length.days:
        end = clock.instant(wall + length.days * DAY)
    end += length.seconds
    if at < scope.until and (end > scope.since or at == end == scope.since):
        # What goes on for ever still has an end by every clock.
        at, end = max(at, _FIRST), min(end, _LAST)
        all_day = event.start is not None and event.start.is_date
        yield Occurrence(start=at, end=end, all_day=all_day, event=event.component)


def _occurrences(master: _Event, scope: _Scope) -> list[_Slot]:
    """Return the occurrences around a stretch, in order, those of EXDATE and EXRULE left out."""
    component, start = master.component, master.start
    clocks, reading = scope.clocks, scope.reading
    if start is None:
        return []
    clock = clocks.clock(start, master.line)
    longest = master.length.days * DAY + master.length.seconds
    extra = [
        item
        for one in said(component, "RDATE", reading)
        for item in dates_of(one, start, clocks, reading)
    ]
    longest = max([longest, *(it.days * DAY + it.seconds for _, it in extra if it is not None)])
    # Two days more on either side: walls are no instants.
    low, high = scope.since - longest - 2 * DAY, scope.until + 2 * DAY
    walls: dict[int, Length] = {start.wall: master.length}
    for when, length in extra:
        wall = _on_wall(when, start, clocks, component.line)
        walls[wall] = master.length if length is None else length
    for one in said(component, "RRULE", reading):
        for wall in _starts(one, start, clocks, low, high, reading):
            reading.spend(_FOUND, one.line)
            walls.setdefault(wall, master.length)
    struck: set[int] = set()
    for one in said(component, "EXRULE", reading):
        struck.update(_starts(one, start, clocks, low, high, reading))
    names = [
        _name(when, start, clocks, one.line)
        for one in said(component, "EXDATE", reading)
        for when, _ in dates_of(one, start, clocks, reading)
    ]
    dates = {wall // DAY for wall in walls} if names and start.is_date else set()
    days, instants = _meant(names, dates)
    found = []
    for wall, length in sorted(walls.items()):
        if low <= wall < high and wall not in struck and wall // DAY not in days:
            at = clock.instant(wall)
            if at not in instants or start.is_date:
                found.append(_Slot(wall, at, length))
    return found


def _on_wall(when: When, start: When, clocks: Clocks, line: int) -> int:
    """Return a time that belongs to a series as the clock of its DTSTART shows it."""
    if start.is_date:
        return _days(when, clocks)[0] * DAY
    if when.is_date:
        return when.wall + start.wall % DAY
    when = when.beside(start)
    if when.zone == start.zone:
        return when.wall
    return wall_of(clocks.instant(when, line), clocks.clock(start, line))


def _rules(component: Component, reading: Reading) -> None:
    """Read rules without following them; raises as `read_rule` does."""
    for one in (*said(component, "RRULE", reading), *said(component, "EXRULE", reading)):
        reading.spend(_RULE, one.line)
        value_of(one, read_rule)


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
    for wall in starts(rule, start.wall, low, high, reading.looking(one.line), last):
        if edge is not None and clock.instant(wall) > edge:
            return
        yield wall


def dates_of(
    one: Property, beside: When | None, clocks: Clocks, reading: Reading
) -> list[tuple[When, Length | None]]:
    """
    Return a list of dates, times or periods, a period with its length; some write empty ones.

    Args:
        beside: The DTSTART by whose clock those go that name none.
    """
    reading.spend(_ITEM * (one.value.count(",") + 1), one.line)
    own = one.only("TZID").strip() or (beside.zone if beside is not None else "")
    parts = (part for part in one.value.split(",") if part.strip())
    return value_of(one, lambda _: [_item(part, own, one, clocks) for part in parts])


def _item(item: str, zone: str, one: Property, clocks: Clocks) -> tuple[When, Length | None]:
    """Return the start of an item of a list, and its length if the item is a period."""
    opens, slash, ends = item.partition("/")
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
