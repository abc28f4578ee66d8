"""
Time zones in calendar files, written so that all readers agree.

Readers treat long ``RDATE`` lists and irregular zones each in their own way, and two yearly
``RRULE`` alike. So a zone is written only if its clock changes twice a year by one simple rule,
or never; everything else is told in UTC.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs
from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur

from protocol_sched.errors import InvalidValue

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_YEARS_ON = 7
"""A rule must also hold for some years after the last event: files are read for long."""


@attrs.frozen
class Observance:
    """One of the two times of a zone: from when, and how far from UTC before and after."""

    onset: datetime
    """The first change told, as the clock on the wall shows it just before; without a zone."""
    before: timedelta
    after: timedelta
    name: str
    by_day: str = ""
    """The day of the onset's month each year, such as ``2SU`` or ``-1SU``; empty for never."""


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def _changes(zone: ZoneInfo, first: int, last: int) -> Iterator[datetime]:
    """Yield the UTC instants in the years first to last at which the offset changes."""
    at, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)
    day, second = timedelta(days=1), timedelta(seconds=1)
    while at < end:
        before, after = at, at + day
        if _offset(zone, before) != (offset := _offset(zone, after)):
            while after - before > second:
                middle = before + (after - before) // (2 * second) * second
                if _offset(zone, middle) == offset:
                    after = middle
                else:
                    before = middle
            yield after
        at += day


def _by_days(wall: datetime) -> set[str]:
    """Return the ways to say a date's place in its month: ``4SU``, ``-1SU``."""
    weekday = _WEEKDAYS[wall.weekday()]
    ways = {f"{(wall.day - 1) // 7 + 1}{weekday}"}
    if (wall + timedelta(days=7)).month != wall.month:
        ways.add(f"-1{weekday}")
    return ways


@functools.cache
def observances(key: str, first: int, last: int) -> tuple[Observance, ...]:
    """
    Return what to write of a zone for events in the years first to last, both included.

    One observance where the clock never changes, two where it changes twice a year by one rule
    in the whole stretch. Empty where neither is so, the zone is UTC or its name no ``Area/City``:
    then write UTC times.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: No zone has this key.
    """
    zone = ZoneInfo(key)
    if "/" not in key:
        return ()  # readers take ``MET`` or ``EST`` for an abbreviation with a fixed offset
    start, end = first - 1, last + _YEARS_ON
    if start < 1901 or end > 9990:
        return ()
    opens = datetime(start, 1, 1, tzinfo=UTC).astimezone(zone)
    offset = opens.utcoffset() or timedelta(0)
    found = [(at, _offset(zone, at - timedelta(seconds=1))) for at in _changes(zone, start, end)]
    if not found:
        if opens.tzname() == "UTC" or offset % timedelta(minutes=1):
            return ()
        since = datetime(min(start, 1970), 1, 1)  # noqa: DTZ001 - a wall clock
        return (Observance(since, offset, offset, str(opens.tzname())),)
    # One year more before it: a reader that takes a change for midnight's loses the first one.
    start -= 1
    earlier = [
        (at, _offset(zone, at - timedelta(seconds=1))) for at in _changes(zone, start, start)
    ]
    found = earlier + found
    walls = [((at + before).replace(tzinfo=None), at, before) for at, before in found]
    months = sorted({wall.month for wall, _, _ in walls})
    if len(months) != 2:
        return ()
    result = []
    for month in months:
        yearly = [item for item in walls if item[0].month == month]
        ways = set.intersection(*(_by_days(wall) for wall, _, _ in yearly))
        shapes = {(wall.time(), before, _offset(zone, at)) for wall, at, before in yearly}
        years = [wall.year for wall, _, _ in yearly]
        if not ways or len(shapes) != 1 or years != list(range(start, end + 1)):
            return ()
        wall, at, before = yearly[0]
        local = at.astimezone(zone)
        by_day = min(ways)  # "-1SU" before "4SU", where both hold for all the years
        result.append(Observance(wall, before, _offset(zone, at), str(local.tzname()), by_day))
    return tuple(result)


def vtimezone(key: str, parts: tuple[Observance, ...]) -> Timezone:
    """Return the VTIMEZONE of observances, `observances` of the same key."""
    component = Timezone()
    component.add("TZID", key)
    for part in parts:
        sub = TimezoneDaylight() if part.after > part.before else TimezoneStandard()
        sub.add("DTSTART", part.onset)
        sub.add("TZOFFSETFROM", part.before)
        sub.add("TZOFFSETTO", part.after)
        sub.add("TZNAME", part.name)
        if part.by_day:
            rule = {"FREQ": "YEARLY", "BYMONTH": part.onset.month, "BYDAY": part.by_day}
            sub.add("RRULE", vRecur(rule))
        component.add_component(sub)
    return component


def zone_of(owner: str, field: str, moment: datetime) -> None:
    """
    Refuse a moment whose zone a calendar file cannot name.

    Raises:
        InvalidValue: Neither a ``ZoneInfo`` made from a key nor UTC, such as a fixed offset.
    """
    zone = moment.tzinfo
    if zone == UTC or (isinstance(zone, ZoneInfo) and zone.key):
        return
    wanted = "in a zone such as ZoneInfo('America/New_York'), or in UTC"
    raise InvalidValue(owner, field, f"{moment.isoformat()} ({zone!r})", wanted)


def written(zone: ZoneInfo, described: bool, *moments: datetime) -> tuple[datetime, ...]:
    """
    Return moments as a file should have them, all in the zone or all in UTC.

    UTC where the zone is not told, where one of them falls on a date on which the clock is put
    forward or back, or was given as a time the clock skips. Readers disagree which of a doubled
    hour is meant, and one takes the change for midnight's.
    """
    instants = [moment.astimezone(UTC) for moment in moments]
    locals_ = [at.astimezone(zone) for at in instants]
    doubtful = any(map(_changing, locals_)) or any(
        at.astimezone(moment.tzinfo).replace(tzinfo=None, fold=0)
        != moment.replace(tzinfo=None, fold=0)
        for at, moment in zip(instants, moments, strict=True)
    )
    return tuple(locals_ if described and not doubtful else instants)


def _changing(local: datetime) -> bool:
    """Tell whether the clock changes on the date of a moment, both its midnights included."""
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    edges = (midnight - timedelta(seconds=1), midnight + timedelta(days=1, seconds=1))
    return not steady(*edges)


def steady(first: datetime, last: datetime) -> bool:
    """Tell whether two moments by the clock of one zone are equally far from UTC."""
    return first.utcoffset() == last.utcoffset()


def doubled(local: datetime) -> bool:
    """Tell whether a local time comes twice because the clock is put back."""
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
