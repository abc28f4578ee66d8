"""Closures from a feed of public holidays: the all-day events of a calendar file."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from protocol_sched.formats.ics_busy import stretch
from protocol_sched.formats.ics_clocks import clocks_of
from protocol_sched.formats.ics_events import EVENT_PROPERTIES, occurrences
from protocol_sched.formats.ics_reading import DAY, LIMITS, Limits, Reading, calendars, read_text
from protocol_sched.model.availability import DatedHours

__all__ = ["read_closures"]


def read_closures(
    file: str | bytes,
    *,
    first: date,
    last: date,
    name: str = "calendar",
    limits: Limits = LIMITS,
) -> tuple[DatedHours, ...]:
    """
    Return each all-day event as a closure called by its title, in order of dates.

    Such feeds mark their days as free time, so TRANSP is not looked at; cancelled events do not
    count, nor do events with times of day. A date with two names has two closures.

    Args:
        first, last: The first and the last date that are looked at, at most ten years apart.

    Raises:
        InvalidDocument, InvalidValue: As `protocol_sched.formats.ics_busy.read_busy` raises them.
    """
    zone = ZoneInfo("UTC")
    low, high = stretch(zone, first, last)
    reading = Reading(name, limits)
    found: set[tuple[date, date, str]] = set()
    for calendar in calendars(file, reading, EVENT_PROPERTIES | {"SUMMARY"}):
        clocks = clocks_of(calendar, reading, zone, high)
        for one in occurrences(calendar.inside("VEVENT"), clocks, low, high, reading):
            if not one.all_day or one.event.says("STATUS").upper() == "CANCELLED":
                continue
            begins = date.fromordinal(max(one.start, low) // DAY)
            ends = date.fromordinal(min(one.end, high) // DAY) - timedelta(days=1)
            title = " ".join(read_text(one.event.says("SUMMARY")).split())
            found.add((begins, ends, title[:200]))
    reading.settle()
    return tuple(DatedHours(first=a, last=b, why=why) for a, b, why in sorted(found))
