"""
The stretch of calendar a plan may use, and the way between moments and ticks.

A tick is one elapsed minute since the horizon opens at a local midnight. This module is the
only one that asks a time zone anything.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import attrs

from protocol_sched.errors import InvalidValue
from protocol_sched.model.availability import MINUTES_A_DAY

_MINUTE = timedelta(minutes=1)
MAX_DAYS = 4 * 366
"""Four years, the longest horizon."""


def instant(zone: ZoneInfo, day: date, minute: int, *, end: bool = False) -> datetime:
    """
    Return the UTC instant of a local wall-clock time, ``minute`` minutes after midnight.

    A time that the clocks skip is the instant of the change. A time that comes twice is the
    first of the two, or with ``end`` the second, so that a window holds the doubled hour.
    """
    return _readings(zone, day, minute)[end]


def _readings(zone: ZoneInfo, day: date, minute: int) -> tuple[datetime, datetime]:
    """Return the first and the last instant at which a clock shows a time of a date."""
    local = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001
    first = local.replace(tzinfo=zone).astimezone(UTC)
    second = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if first <= second:
        return first, second
    # Skipped: the change lies between the two readings.
    change = _change(zone, second, first)
    return change, change


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the first minute by the other clock, found by bisection."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > _MINUTE:
        middle = before + (after - before) // (2 * _MINUTE) * _MINUTE
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def shown(zone: ZoneInfo, day: date, start: int, end: int) -> tuple[tuple[datetime, datetime], ...]:
    """
    Return when the clock of a zone shows a time from ``start`` on and before ``end`` on a date.

    It is one stretch in UTC, or two where ``start`` or ``end`` is a time that comes twice: 01:30
    to 02:00 is then half an hour before the clock goes back and half an hour after. It may be
    empty where the clock skips it.
    """
    opens, again = _readings(zone, day, start)
    if end == MINUTES_A_DAY:
        before = closes = instant(zone, day + timedelta(days=1), 0)
    else:
        before, closes = _readings(zone, day, end)
    if opens == again and before == closes:
        return ((opens, closes),)
    back = _change(zone, opens, again) if opens != again else _change(zone, before, closes)
    return (opens, min(before, back)), (max(again, back), closes)


@lru_cache(maxsize=64)
def _midnights(zone: ZoneInfo, first: date, days: int) -> tuple[int, ...]:
    """Return the tick of each midnight; a pure sum that plans of one clinic ask for again."""
    opens = instant(zone, first, 0)
    dates = (first + timedelta(days=n) for n in range(days + 1))
    return tuple((instant(zone, day, 0) - opens) // _MINUTE for day in dates)


@lru_cache(maxsize=64)
def _irregular(midnights: tuple[int, ...]) -> tuple[int, ...]:
    days = enumerate(pairwise(midnights))
    return tuple(n for n, (begins, ends) in days if ends - begins != MINUTES_A_DAY)


def _opens(horizon: Horizon) -> datetime:
    return instant(horizon.zone, horizon.first, 0)


def _of(horizon: Horizon) -> tuple[int, ...]:
    return _midnights(horizon.zone, horizon.first, horizon.days)


@attrs.frozen
class Horizon:
    """
    Whole local days from ``first`` on, in one zone.

    Raises:
        InvalidValue: No day, more than `MAX_DAYS`, or a zone whose clock is not on whole
            minutes then.
    """

    zone: ZoneInfo
    first: date
    days: int
    beyond: int = 0
    """How many of the last days only hold what runs past the last date; no visit begins then."""
    opens: datetime = attrs.field(
        init=False, eq=False, repr=False, default=attrs.Factory(_opens, takes_self=True)
    )
    """The UTC instant of tick 0."""
    midnights: tuple[int, ...] = attrs.field(
        init=False, eq=False, repr=False, default=attrs.Factory(_of, takes_self=True)
    )
    """Tick at which each day begins, and the one at which the horizon ends."""

    def __attrs_post_init__(self) -> None:
        offset = self.opens.astimezone(self.zone).utcoffset() or timedelta(0)
        if offset % _MINUTE:
            raise InvalidValue("horizon", "zone", str(self.zone), "on whole minutes from UTC")

    @property
    def last(self) -> date:
        """Return the last date on which a visit may begin."""
        return self.date_of(self.days - 1 - self.beyond)

    def tick(self, moment: datetime) -> int:
        """Return the tick of a zoned moment, rounded down; negative before the horizon."""
        return (moment.astimezone(UTC) - self.opens) // _MINUTE

    def moment(self, tick: int) -> datetime:
        """Return the moment of a tick in the horizon's zone."""
        return (self.opens + tick * _MINUTE).astimezone(self.zone)

    def day_of(self, tick: int) -> int:
        """Return the number of the day a tick falls on, from 0; the last day after the end."""
        return min(max(bisect_right(self.midnights, tick) - 1, 0), self.days - 1)

    def date_of(self, day: int) -> date:
        """Return the date of a day number."""
        return self.first + timedelta(days=day)

    def number_of(self, day: date) -> int:
        """Return the day number of a date, negative before the horizon."""
        return day.toordinal() - self.first.toordinal()

    def regular(self, day: int) -> bool:
        """Tell whether a day has 24 hours."""
        return self.midnights[day + 1] - self.midnights[day] == 1440

    @property
    def irregular(self) -> tuple[int, ...]:
        """Return the days on which a clock changes."""
        return _irregular(self.midnights)

    def local_tick(self, day: int, minute: int, *, end: bool = False) -> int:
        """Return the tick of a wall-clock time on a day of the horizon; see `instant`."""
        if self.regular(day):
            return self.midnights[day] + minute
        if minute == 1440:
            return self.midnights[day + 1]
        at = instant(self.zone, self.date_of(day), minute, end=end)
        return (at - self.opens) // _MINUTE

    def wall_minute(self, tick: int) -> int:
        """Return what the clock shows at a tick, in minutes after local midnight."""
        day = self.day_of(tick)
        if self.regular(day):
            return tick - self.midnights[day]
        moment = self.moment(tick)
        return 60 * moment.hour + moment.minute


def horizon(zone: ZoneInfo, first: date, last: date, beyond: int = 0) -> Horizon:
    """
    Return the horizon of the dates ``first`` to ``last``, both included.

    Args:
        beyond: So many days more for visits that begin on the last date and run past it.

    Raises:
        InvalidValue: ``last`` before ``first``, or more than four years.
    """
    days = (last - first).days + 1
    if not 1 <= days <= MAX_DAYS:
        wanted = f"1 to {MAX_DAYS} days from {first}"
        raise InvalidValue("horizon", "last date", f"{last} ({days} days)", wanted)
    return Horizon(zone, first, days + beyond, beyond)
