"""
By which clock a calendar's times are read: which zone a TZID means, and when a local time is.

A name such as ``America/New_York`` means that zone of the tz database, whatever the file says of
it: writers make mistakes there. Any other name means what the file's own VTIMEZONE says (vobject
writes all of New York's clock changes under ``EST``). Only if there is none, the database's short
names, Windows names, vendors' prefixes before a name of the database and offsets such as
``UTC-05:00`` are understood. Nothing is remembered from one file to the next.

A value that names no zone goes by the clock of the DTSTART it stands beside (`When.beside`); a
DTSTART that names none by the calendar's own clock, else by the owner's.
"""

from __future__ import annotations

import contextlib
import re
from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from itertools import accumulate
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import attrs

from protocol_sched.formats.ics.reading.lines import (
    DAY,
    HOUR,
    LOOK,
    MINUTE,
    Component,
    Property,
    Reading,
    Unreadable,
    When,
    read_offset,
    read_text,
    read_when,
    value_of,
    when_of,
)
from protocol_sched.formats.ics.reading.recurrence import read_rule, starts
from protocol_sched.formats.ics.reading.windows import database_name

PROPERTIES = frozenset(
    ("TZID", "TZOFFSETFROM", "TZOFFSETTO", "DTSTART", "RRULE", "RDATE", "X-WR-TIMEZONE")
)
"""What must be kept of a file for its clocks."""

_EPOCH = datetime(1, 1, 1, tzinfo=UTC)
_FROM = datetime(1970, 1, 1, tzinfo=UTC).toordinal() * DAY
_LAST = date.max.toordinal() * DAY


def moment_of(instant: int) -> datetime:
    """Return an instant as a moment in UTC; it must lie in the years 1 to 9999."""
    return _EPOCH + timedelta(seconds=instant - DAY)


def instant_of(moment: datetime) -> int:
    """Return a zoned moment as an instant, cut to seconds."""
    return (moment - _EPOCH) // timedelta(seconds=1) + DAY


class Clock(Protocol):
    """A clock on some wall."""

    def instant(self, wall: int) -> int:
        """
        Return when it shows a time: of two moments the first.

        A time that the clock skips is read by the offset before (RFC 5545, 3.3.5).
        """

    def again(self, wall: int) -> int:
        """Return when it shows a time: of two moments the second."""


@attrs.frozen
class ZoneClock:
    """The clock of a zone of the tz database, or of a fixed offset."""

    zone: tzinfo

    def instant(self, wall: int) -> int:
        return self._instant(wall, 0)

    def again(self, wall: int) -> int:
        # Of a time that is skipped this is the moment by the offset after, which is the earlier.
        return max(self._instant(wall, 0), self._instant(wall, 1))

    def _instant(self, wall: int, fold: int) -> int:
        if self.zone is UTC:
            return wall
        day, second = divmod(min(max(wall, DAY), _LAST), DAY)
        hour, second = divmod(second, HOUR)
        minute, second = divmod(second, MINUTE)
        at = time(hour, minute, second, tzinfo=self.zone, fold=fold)
        offset = datetime.combine(date.fromordinal(day), at).utcoffset() or timedelta(0)
        return wall - (offset.days * DAY + offset.seconds)


UTC_CLOCK = ZoneClock(UTC)


@attrs.frozen
class FileClock:
    """The clock of a VTIMEZONE."""

    since: tuple[int, ...]
    """By the clock, the first time that can only come after each change, in order."""
    offsets: tuple[int, ...]
    """Seconds ahead of UTC, one more than changes: before the first, and after each."""
    second: tuple[int, ...] = ()
    """By the clock, the first time that can also come after each change, in order."""

    def instant(self, wall: int) -> int:
        return wall - self.offsets[bisect_right(self.since, wall)]

    def again(self, wall: int) -> int:
        return max(self.instant(wall), wall - self.offsets[bisect_right(self.second, wall)])


def wall_of(instant: int, clock: Clock) -> int:
    """Return what a clock shows at an instant."""
    # A clock tells only when it shows a time; two steps back find the time it shows.
    wall = instant + (instant - clock.instant(instant))
    return wall + (instant - clock.instant(wall))


@attrs.frozen
class Clocks:
    """The clocks of one calendar."""

    calendar: Component
    reading: Reading
    floating: Clock
    """By which times without a zone are read."""
    dates: Clock
    """By which dates begin: the owner's own, since an all-day event is theirs wherever they are."""
    until: int
    """No time at or after it is asked for, give or take a few days."""
    _found: dict[str, Clock | None] = attrs.field(factory=dict)
    _broken: dict[str, tuple[tuple[int, str], ...]] = attrs.field(factory=dict)
    """What is wrong with the VTIMEZONEs that were looked at."""
    _zones: dict[str, Component] = attrs.field(init=False)

    @_zones.default
    def _described(self) -> dict[str, Component]:
        """Return the VTIMEZONEs by their names; of two with one name the first."""
        zones = [*self.calendar.inside("VTIMEZONE")]
        return {_plain(zone.says("TZID")): zone for zone in reversed(zones)}

    def of(self, tzid: str, line: int) -> Clock:
        """
        Return the clock of a TZID.

        Raises:
            Unreadable: Nobody knows it.
        """
        if tzid not in self._found:
            self._found[tzid] = self._find(tzid)
        clock = self._found[tzid]
        if clock is None:
            raise Unreadable(
                f"TZID={tzid[:60]!r} is no zone of the tz database or of Windows, and the file "
                "has no sound VTIMEZONE of that name",
                line,
                self._broken.get(_plain(tzid), ()),
            )
        return clock

    def told(self) -> Iterator[Clock]:
        """Yield the clocks that the calendar speaks of, the owner's first."""
        yield from (self.dates, self.floating)
        for name in self._zones:
            with contextlib.suppress(Unreadable):
                yield self.of(name, 0)

    def clock(self, when: When, line: int) -> Clock:
        """Return the clock that a date or time is read by; raises as `of` does."""
        return self.dates if when.is_date else self.of(when.zone, line)

    def instant(self, when: When, line: int) -> int:
        """Return when a time is or a date begins; raises as `of` does."""
        return self.clock(when, line).instant(when.wall)

    def _find(self, tzid: str) -> Clock | None:
        tzid = _plain(tzid)
        if not tzid:
            return self.floating
        named, zone = _database(tzid), self._zones.get(tzid)
        if named is not None and ("/" in tzid or zone is None or named == UTC_CLOCK):
            return named
        return (zone and self._read(tzid, zone)) or _guessed(tzid)

    def _read(self, tzid: str, zone: Component) -> Clock | None:
        """Return the clock of a VTIMEZONE; ``None`` if any of it cannot be read."""
        changes: list[tuple[int, int, int]] = []
        broken = []
        for part in zone.components:
            if part.name in ("STANDARD", "DAYLIGHT"):
                try:
                    changes += self._observance(part)
                except Unreadable as error:
                    broken.append((error.line or part.line, str(error)))
        if broken or not changes:
            self._broken[tzid] = tuple(broken)
            return None
        changes.sort()
        since = [*accumulate((at + max(before, after) for at, before, after in changes), max)]
        second = [*accumulate((at + after for at, _, after in changes), max)]
        offsets = (changes[0][1], *(after for _, _, after in changes))
        return FileClock(tuple(since), offsets, tuple(second))

    def _observance(self, part: Component) -> list[tuple[int, int, int]]:
        """Return the changes to an observance: instant, offset before and after."""
        opens = part.get("DTSTART")
        before, after = part.get("TZOFFSETFROM"), part.get("TZOFFSETTO")
        if opens is None or before is None or after is None:
            raise Unreadable(f"{part.name} must have DTSTART, TZOFFSETFROM and TZOFFSETTO")
        first = when_of(opens).wall
        old, new = value_of(before, read_offset), value_of(after, read_offset)
        walls = {first}
        for one in part.all("RRULE"):
            rule = value_of(one, read_rule)
            last = None
            if rule.until is not None:
                last = rule.until.wall + (old if rule.until.zone else 0)
            spend = self.reading.looking(one.line)
            # Times before 1970 go by the first change of all: nobody plans for them.
            for wall in starts(rule, first, _FROM, self.until + 2 * DAY, spend, last):
                spend(1)
                walls.add(wall)
        for one in part.all("RDATE"):
            walls.update(when.wall + (old if when.zone == "UTC" else 0) for when in self._list(one))
        return [(wall - old, old, new) for wall in walls]

    def _list(self, one: Property) -> list[When]:
        self.reading.spend(LOOK * (one.value.count(",") + 1), one.line)
        items = one.value.split(",")
        return value_of(one, lambda _: [read_when(at.partition("/")[0], "") for at in items])


def clocks_of(calendar: Component, reading: Reading, zone: ZoneInfo, until: int) -> Clocks:
    """
    Return a calendar's clocks for an owner who lives in ``zone``.

    Times without a zone go by the calendar's own (X-WR-TIMEZONE) if it names one that is known.
    """
    own = ZoneClock(zone)
    named = _plain(calendar.says("X-WR-TIMEZONE"))
    floating = (named and (_database(named) or _guessed(named))) or own
    return Clocks(calendar, reading, floating, own, until)


def _plain(tzid: str) -> str:
    """
    Return the name of a zone as it is compared.

    TZID is TEXT where a VTIMEZONE has it, and has no escapes where a time names it (RFC 5545,
    3.8.3.1); some write quotes or escapes in the wrong place, and octets of zero behind it.
    """
    return read_text(tzid).strip('"').rstrip("\0").strip()


def _database(key: str) -> Clock | None:
    if key.upper() in ("UTC", "Z", "GMT", "ETC/UTC"):
        return UTC_CLOCK
    try:
        return ZoneClock(ZoneInfo(_keys().get(key.lower(), "")))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


@cache
def _keys() -> dict[str, str]:
    """Return the names of the tz database by their lower case."""
    return {key.lower(): key for key in sorted(available_timezones())}


_FIXED = re.compile(r"(?:UTC|GMT)([+-])([0-9]{1,2}):?([0-9]{2})?", re.IGNORECASE)


def _guessed(tzid: str) -> Clock | None:
    if windows := database_name(tzid):
        return _database(windows)
    parts = tzid.split("/")
    for n in (3, 2):
        if len(parts) > n and (named := _database("/".join(parts[-n:]))) is not None:
            return named
    match = _FIXED.fullmatch(tzid)
    if match is None or int(match[2]) > 14 or int(match[3] or 0) > 59:
        return None
    seconds = int(match[2]) * HOUR + int(match[3] or 0) * MINUTE
    return FileClock((), (-seconds if match[1] == "-" else seconds,))
