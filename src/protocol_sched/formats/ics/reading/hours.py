"""
Opening hours from a calendar file: VAVAILABILITY and AVAILABLE (RFC 7953).

Each VAVAILABILITY closes its whole stretch but for what is AVAILABLE in it, and stands above all
those of lower PRIORITY (1 is the highest; 9, then 0 or none the lowest). Of several with one
priority, all must be open. What no VAVAILABILITY covers is closed, because the file says nothing
of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

import attrs

from protocol_sched.formats.ics.reading.busy import (
    Account,
    Busy,
    account_of,
    joined,
    stretch,
    unheard,
)
from protocol_sched.formats.ics.reading.clocks import Clocks, clocks_of, moment_of
from protocol_sched.formats.ics.reading.events import EVENT_PROPERTIES, length_of, occurrences
from protocol_sched.formats.ics.reading.lines import (
    DAY,
    LIMITS,
    Component,
    Limits,
    Reading,
    calendars,
    read_number,
    value_of,
    when_of,
)
from protocol_sched.model.availability import CLOSED_WEEK, Hours, LocalWindow

__all__ = ["read_hours"]

_Stretch = tuple[int, int]
_READ = ("VAVAILABILITY", "VTIMEZONE")


def read_hours(
    file: str | bytes,
    *,
    zone: ZoneInfo,
    first: date,
    last: date,
    tentative: bool = True,
    strict: bool = False,
    name: str = "calendar",
    limits: Limits = LIMITS,
    told: Callable[[Account], object] = unheard,
) -> Hours:
    """
    Return the hours that a file's VAVAILABILITY leaves open, date by date.

    They suit a clinic (``attrs.evolve(clinic, hours=...)``), a person (``available``) or an
    escort (``free``). Other dates than ``first`` to ``last`` are closed. Windows are whole
    minutes, none longer than the file says; a window in the hour that comes twice is open only
    if both passages are.

    Args:
        zone: Of whose dates and clock the hours are.
        first, last: The first and the last date that are looked at, at most ten years apart.
        tentative: Whether time closed only tentatively (BUSYTYPE:BUSY-TENTATIVE) is closed.
        strict: As in `read_busy`.
        told: Called once with what was read and what was passed over; AVAILABLE is an entry.

    Raises:
        InvalidDocument: As `read_busy` raises it; also if there is no VAVAILABILITY.
        InvalidValue: ``last`` is before ``first`` or too far from it.
    """
    low, high = stretch(zone, first, last)
    reading = Reading(name, limits, strict=strict)
    ranked: dict[int, list[tuple[_Stretch, list[_Stretch]]]] = {}
    seen: list[Component] = []
    opening: set[int] = set()
    others: Counter[str] = Counter()
    for calendar in calendars(file, reading, EVENT_PROPERTIES | {"PRIORITY", "BUSYTYPE"}):
        clocks = clocks_of(calendar, reading, zone, high)
        others.update(one.name for one in calendar.components if one.name not in _READ)
        for component in calendar.inside("VAVAILABILITY"):
            seen += component.inside("AVAILABLE")
            read = partial(_read, component, clocks, low, high, tentative, reading)
            found = reading.tried(component.line, read)
            if found is not None:
                rank, covered, closed, lines = found
                opening |= lines
                ranked.setdefault(rank, []).append((covered, closed))
    reading.settle()
    if not ranked:
        raise reading.refuse(1, "the file holds no VAVAILABILITY, so no opening hours")
    told(account_of(seen, opening, others, reading, "open hours"))
    shut: list[_Stretch] = [(low, high)]
    for rank in sorted(ranked, reverse=True):
        closed = [one for _, several in ranked[rank] for one in several]
        shut = joined([*_without(shut, [covers for covers, _ in ranked[rank]]), *closed])
    times = tuple((moment_of(max(a, low)), moment_of(min(b, high))) for a, b in shut)
    busy = Busy(first=first, last=last, zone=zone, times=times)
    return _hours(busy, (moment_of(low), moment_of(high)))


def _read(
    component: Component,
    clocks: Clocks,
    low: int,
    high: int,
    tentative: bool,
    reading: Reading,
) -> tuple[int, _Stretch, list[_Stretch], set[int]]:
    """
    Return a VAVAILABILITY's rank, what it covers of a stretch, and what of that is closed.

    The last are the lines of what is AVAILABLE in the stretch.
    """
    number = component.get("PRIORITY")
    rank = 0
    if number is not None:
        rank = value_of(number, lambda text: read_number(text, 0, 9, "it"))
    begin, end = low, high
    opens = component.get("DTSTART")
    if opens is not None:
        start = when_of(opens)
        begin = clocks.instant(start, opens.line)
        if component.get("DTEND") or component.get("DURATION"):
            length = length_of(component, start, clocks, reading)
            clock = clocks.clock(start, opens.line)
            end = clock.instant(start.wall + length.days * DAY) + length.seconds
    elif (ends := component.get("DTEND")) is not None:
        end = clocks.instant(when_of(ends), ends.line)
    covered = (max(begin, low), max(min(end, high), max(begin, low)))
    free = occurrences(component.inside("AVAILABLE"), clocks, low, high, reading)
    kind = component.says("BUSYTYPE").upper()
    closed = _without([covered], [(one.start, one.end) for one in free])
    if kind == "BUSY-TENTATIVE" and not tentative:
        closed = []
    return rank or 10, covered, closed, {one.event.line for one in free}


def _without(stretches: Iterable[_Stretch], taken: Iterable[_Stretch]) -> list[_Stretch]:
    """Return stretches without others; both in any order."""
    gone = joined(taken)
    result: list[_Stretch] = []
    n = 0
    for start, end in joined(stretches):
        while n < len(gone) and gone[n][1] <= start:
            n += 1
        at = n
        while at < len(gone) and gone[at][0] < end:
            if gone[at][0] > start:
                result.append((start, gone[at][0]))
            start = max(start, gone[at][1])
            at += 1
        if start < end:
            result.append((start, end))
    return result


def _hours(shut: Busy, whole: tuple[datetime, datetime]) -> Hours:
    """Return what closed times leave of each date; minutes that the clock skips are not open."""
    closed = _by_date(shut)
    dates = []
    for day, there in _by_date(attrs.evolve(shut, times=(whole,))).items():
        open_ = tuple(_without(there, closed.get(day, ())))
        if open_:
            dates.append((day, open_))
    return Hours(CLOSED_WEEK, tuple(dates))


def _by_date(busy: Busy) -> dict[date, list[LocalWindow]]:
    windows: dict[date, list[LocalWindow]] = {}
    for day, window in busy.by_date():
        windows.setdefault(day, []).append(window)
    return windows
