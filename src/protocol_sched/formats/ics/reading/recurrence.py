"""
Recurrence rules (RFC 5545, RRULE) as the starts they give inside a stretch of time.

Why not dateutil's ``rrule``, which the tests hold this against: it searches for the next start
without an end, so one rule of a hostile file, such as every second of 30 February, stops the
program; only a clock could end that. Here each date and time looked at is a step, and steps are
counted. A rule without COUNT is begun at the stretch, not at its first start.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator
from datetime import date
from itertools import product
from typing import Literal

import attrs

from protocol_sched.formats.ics.reading.lines import (
    DAY,
    HOUR,
    MINUTE,
    Unreadable,
    When,
    read_number,
    read_when,
)

Spend = Callable[[int], None]
"""Counts steps, and raises when there were too many."""

Freq = Literal["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"]
_FREQS: tuple[Freq, ...] = (
    *("YEARLY", "MONTHLY", "WEEKLY"),
    *("DAILY", "HOURLY", "MINUTELY", "SECONDLY"),
)
_UNITS = {"DAILY": DAY, "HOURLY": HOUR, "MINUTELY": MINUTE, "SECONDLY": 1}
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_LAST = date.max.toordinal()


@attrs.frozen(kw_only=True)
class Rule:
    """One RRULE or EXRULE, its parts sorted."""

    freq: Freq
    interval: int = 1
    count: int | None = None
    until: When | None = None
    seconds: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    weekdays: tuple[tuple[int, int], ...] = ()
    """Which of the period, counted from either end, or 0 for every one; and the weekday."""
    month_days: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    weeks: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    places: tuple[int, ...] = ()
    """BYSETPOS."""
    week_start: int = 0


_LISTS = {
    "BYSECOND": ("seconds", 0, 60, False),
    "BYMINUTE": ("minutes", 0, 59, False),
    "BYHOUR": ("hours", 0, 23, False),
    "BYMONTHDAY": ("month_days", 1, 31, True),
    "BYYEARDAY": ("year_days", 1, 366, True),
    "BYWEEKNO": ("weeks", 1, 53, True),
    "BYMONTH": ("months", 1, 12, False),
    "BYSETPOS": ("places", 1, 366, True),
}
"""Field, least and most, and whether it also counts from the end."""


def read_rule(text: str) -> Rule:
    """
    Return a rule.

    Parts that RFC 5545 has no place for at a frequency, such as BYMONTHDAY with WEEKLY, narrow
    the rule as they do elsewhere.

    Raises:
        Unreadable: A part is malformed, stands twice, or is not understood.
    """
    parts: dict[str, str] = {}
    for part in text.strip().rstrip(";").split(";"):
        name, equals, value = part.partition("=")
        name = name.strip().upper()
        if not equals or not value.strip() or name in parts:
            raise Unreadable(f"a rule must be NAME=VALUE;..., each name once, got {part[:40]!r}")
        parts[name] = value.strip().upper()
    freq = parts.pop("FREQ", "")
    if freq not in _FREQS:
        raise Unreadable(f"FREQ must be one of {', '.join(_FREQS)}, got {freq[:40]!r}")
    fields: dict[str, object] = {"freq": freq}
    for name, value in parts.items():
        if name in _LISTS:
            field, least, most, from_end = _LISTS[name]
            fields[field] = _numbers(name, value, least, most, from_end)
        elif name == "BYDAY":
            fields["weekdays"] = tuple(sorted({_weekday(item) for item in value.split(",")}))
        elif name == "WKST" and value in _WEEKDAYS:
            fields["week_start"] = _WEEKDAYS.index(value)
        elif name == "INTERVAL":
            fields["interval"] = read_number(value, 1, 999_999, name)
        elif name == "COUNT":
            fields["count"] = read_number(value, 1, 999_999_999, name)
        elif name == "UNTIL":
            fields["until"] = read_when(value, "")
        elif not (name.startswith("X-") or (name, value) in _HARMLESS):
            raise Unreadable(f"a rule with {name}={value[:40]} is not understood")
    rule = Rule(**fields)  # type: ignore[arg-type]
    if rule.freq not in ("MONTHLY", "YEARLY") or rule.weeks:
        # A number has no meaning there; without it a rule takes more time, not less.
        rule = attrs.evolve(rule, weekdays=tuple(sorted({(0, day) for _, day in rule.weekdays})))
    return rule


_HARMLESS = {("RSCALE", "GREGORIAN"), ("SKIP", "OMIT")}


def _numbers(name: str, text: str, least: int, most: int, from_end: bool) -> tuple[int, ...]:
    found = set()
    for item in text.split(","):
        number = read_number(item, -most if from_end else least, most, name)
        if from_end and abs(number) < least:
            raise Unreadable(f"{name} must not be 0")
        found.add(number)
    return tuple(sorted(found))


def _weekday(text: str) -> tuple[int, int]:
    text = text.strip()
    if text[-2:] not in _WEEKDAYS:
        raise Unreadable(f"BYDAY must be such as MO or -1FR, got {text[:40]!r}")
    nth = read_number(text[:-2], -53, 53, "BYDAY") if text[:-2] else 0
    if text[:-2] and not nth:
        raise Unreadable("BYDAY must not count from 0")
    return nth, _WEEKDAYS.index(text[-2:])


# --- expansion -------------------------------------------------------------------------------


def starts(
    rule: Rule, first: int, since: int, until: int, spend: Spend, last: int | None = None
) -> Iterator[int]:
    """
    Yield the starts a rule gives, in order, as seconds by the wall clock.

    The first start is among them only if it fits the rule. COUNT counts what fits.

    Args:
        rule: Its UNTIL is not looked at; see ``last``.
        first: The first start (DTSTART).
        since: No start before it is yielded.
        until: No start at or after it is yielded.
        spend: Called with the number of dates and times looked at.
        last: The last start there may be, for UNTIL.
    """
    end = until if last is None else min(until, last + 1)
    filled = _filled(rule, first)
    left = rule.count
    begin = since if left is None else first
    for low, candidates in _periods(filled, first, max(begin, first), spend):
        if low >= end:
            return
        for start in _placed(candidates, rule.places, spend):
            if start < first:
                continue
            if start >= end:
                return
            if left is not None:
                if not left:
                    return
                left -= 1
            if start >= since:
                yield start


def _placed(candidates: Iterator[int], places: tuple[int, ...], spend: Spend) -> Iterator[int]:
    """Yield the candidates of one period, only those in the asked places if any are named."""
    if not places:
        for start in candidates:
            spend(1)
            yield start
        return
    every: list[int] = []
    for start in candidates:
        spend(1)
        every.append(start)
    size = len(every)
    chosen = {place - 1 if place > 0 else size + place for place in places}
    yield from (every[n] for n in sorted(chosen) if 0 <= n < size)


def _filled(rule: Rule, first: int) -> Rule:
    """Return the rule with what its first start says of it filled in."""
    day, second = divmod(first, DAY)
    on = date.fromordinal(day)
    rank = _FREQS.index(rule.freq)
    if not (rule.weekdays or rule.month_days or rule.year_days):
        if rule.freq == "WEEKLY" or rule.weeks:
            rule = attrs.evolve(rule, weekdays=((0, on.weekday()),))
        elif rule.freq in ("YEARLY", "MONTHLY"):
            rule = attrs.evolve(rule, month_days=(on.day,))
            if rule.freq == "YEARLY" and not rule.months:
                rule = attrs.evolve(rule, months=(on.month,))
    if not rule.hours and rank < _FREQS.index("HOURLY"):
        rule = attrs.evolve(rule, hours=(second // HOUR,))
    if not rule.minutes and rank < _FREQS.index("MINUTELY"):
        rule = attrs.evolve(rule, minutes=(second // MINUTE % 60,))
    if not rule.seconds and rank < _FREQS.index("SECONDLY"):
        rule = attrs.evolve(rule, seconds=(second % 60,))
    return rule


def _periods(
    rule: Rule, first: int, begin: int, spend: Spend
) -> Iterator[tuple[int, Iterator[int]]]:
    """Yield each period, from the one of ``begin`` on: its beginning, and its candidates."""
    on = date.fromordinal(first // DAY)
    if rule.freq in _UNITS:
        unit = _UNITS[rule.freq]
        base, step = first // unit, rule.interval
        period = base + max(0, begin // unit - base) // step * step
        while period * unit // DAY <= _LAST:
            spend(1)
            low = period * unit
            if _fits(rule, low // DAY) and _clock_fits(rule, low):
                yield low, _times(rule, [low // DAY], low)
            else:
                yield low, iter(())
            period += step
        return
    match rule.freq:
        case "WEEKLY":
            monday = first // DAY - (on.weekday() - rule.week_start) % 7
            step = 7 * rule.interval
            day = monday + max(0, begin // DAY - monday) // step * step
            while day <= _LAST:
                yield day * DAY, _times(rule, _days(rule, day, day + 7, spend))
                day += step
        case "MONTHLY":
            month = 12 * on.year + on.month - 1
            now = date.fromordinal(min(begin // DAY, _LAST))
            ahead = 12 * now.year + now.month - 1 - month
            month += max(0, ahead) // rule.interval * rule.interval
            while month < 12 * 10_000:
                low, high = _month(*divmod(month, 12))
                yield low * DAY, _times(rule, _days(rule, low, high, spend))
                month += rule.interval
        case _:
            year = on.year
            ahead = date.fromordinal(min(begin // DAY, _LAST)).year - year
            year += max(0, ahead) // rule.interval * rule.interval
            while year < 10_000:
                yield (
                    date(year, 1, 1).toordinal() * DAY,
                    _times(rule, _days_of_year(rule, year, spend)),
                )
                year += rule.interval


def _month(year: int, month: int) -> tuple[int, int]:
    """Return the ordinals of a month, counted from 0: ``[low, high)``."""
    low = date(year, month + 1, 1).toordinal()
    return low, low + calendar.monthrange(year, month + 1)[1]


def _days_of_year(rule: Rule, year: int, spend: Spend) -> list[int]:
    low, high = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1
    if not rule.months:
        return _days(rule, low, high, spend)
    return [day for month in rule.months for day in _days(rule, *_month(year, month - 1), spend)]


def _days(rule: Rule, low: int, high: int, spend: Spend) -> list[int]:
    """
    Return the days of a period that fit.

    The period is also what numbered weekdays count in: the month, or the year where no month
    is named.
    """
    spend((high - low) // 3 + 1)  # which takes as long as to look at a third as many starts
    high = min(high, _LAST + 1)
    return [day for day in range(low, high) if _fits(rule, day, low, high)]


def _fits(rule: Rule, day: int, low: int = 0, high: int = 0) -> bool:
    weekday = (day - 1) % 7
    if rule.weekdays and not any(
        weekday == wanted
        and (not nth or nth in ((day - low) // 7 + 1, -((high - 1 - day) // 7) - 1))
        for nth, wanted in rule.weekdays
    ):
        return False
    if not (rule.months or rule.month_days or rule.year_days or rule.weeks):
        return True
    on = date.fromordinal(day)
    if rule.months and on.month not in rule.months:
        return False
    if rule.month_days:
        length = calendar.monthrange(on.year, on.month)[1]
        if on.day not in rule.month_days and on.day - length - 1 not in rule.month_days:
            return False
    if rule.year_days:
        number = day - date(on.year, 1, 1).toordinal() + 1
        length = 366 if calendar.isleap(on.year) else 365
        if number not in rule.year_days and number - length - 1 not in rule.year_days:
            return False
    return not rule.weeks or not {*_week(day, rule.week_start)}.isdisjoint(rule.weeks)


def _week(day: int, week_start: int) -> tuple[int, int]:
    """Return the number of a day's week in the year that has most of it, from either end."""
    begins = day - ((day - 1) - week_start) % 7
    middle = date.fromordinal(min(max(begins + 3, 1), _LAST))
    number = (middle.timetuple().tm_yday - 1) // 7 + 1
    length = 366 if calendar.isleap(middle.year) else 365
    return number, -((length - middle.timetuple().tm_yday) // 7) - 1


def _clock_fits(rule: Rule, low: int) -> bool:
    """Tell whether a period shorter than a day lies where the rule's clock parts allow."""
    rank = _FREQS.index(rule.freq)
    second = low % DAY
    if rank >= _FREQS.index("HOURLY") and rule.hours and second // HOUR not in rule.hours:
        return False
    if rank >= _FREQS.index("MINUTELY") and rule.minutes:
        return second // MINUTE % 60 in rule.minutes
    return True


def _times(rule: Rule, days: list[int], low: int | None = None) -> Iterator[int]:
    """Yield the starts on some days; ``low`` fixes hour, minute or second for short periods."""
    second = 0 if low is None else low % DAY
    hours, minutes, seconds = rule.hours, rule.minutes, rule.seconds
    if low is not None and rule.freq in ("HOURLY", "MINUTELY", "SECONDLY"):
        hours = (second // HOUR,)
        if rule.freq != "HOURLY":
            minutes = (second // MINUTE % 60,)
        if rule.freq == "SECONDLY":
            if rule.seconds and second % 60 not in rule.seconds:
                return
            seconds = (second % 60,)
    for day in days:
        for hour, minute, s in product(hours, minutes, seconds):
            yield day * DAY + hour * HOUR + minute * MINUTE + min(s, 59)
