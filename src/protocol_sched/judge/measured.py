"""
One rule held against one visit on record: kept, broken and by how much, or not to be told.

Rules in days compare dates. Rules in hours compare moments in real time; where only a date is on
record, the visit began at any minute of it, and the answer may be that it cannot be told.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import attrs

from protocol_sched.expansion.forecast import (
    Bounds,
    Calendar,
    bounds_of,
    moves_with,
    on_its_weekday,
    shifted,
)
from protocol_sched.model.agenda import (
    ByWeekday,
    CaughtUp,
    FilledWeek,
    FixedAt,
    MadeUp,
    OnOpenDay,
    PastVisit,
    Rules,
    Spacing,
)
from protocol_sched.model.moments import utc
from protocol_sched.model.rules import Between
from protocol_sched.model.spans import ElapsedSpan, Span

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@attrs.frozen(kw_only=True)
class When:
    """When a visit is or was: its date, and the moment it begins where that is known."""

    on: date
    start: datetime | None = None

    @classmethod
    def of(cls, when: date) -> When:
        """Return a date, or a moment with the date it has in its own zone."""
        return cls(on=when.date(), start=when) if isinstance(when, datetime) else cls(on=when)


class Side(enum.Enum):
    """On which side of a rule a visit is."""

    EARLY = "early"
    LATE = "late"
    WEEKDAY = "weekday"


@attrs.frozen(kw_only=True)
class Finding:
    """A rule that is not kept, or of which that cannot be told."""

    rule: Rules
    side: Side
    days: int = 0
    """How many dates beyond it, where the rule counts dates."""
    minutes: int = 0
    """How much real time beyond it at the least, where the rule counts hours."""
    by_closures: bool = False
    """Whether it is broken depends on the days on which the clinic was closed."""
    between: tuple[int, int] | None = None
    """Where it cannot be told: the least and the greatest distance in minutes that may be."""
    day: date | None = None
    """The first date that is not too early, or the last one that is not too late."""

    @property
    def told(self) -> bool:
        """Tell whether the rule is broken for certain."""
        return self.between is None and not self.by_closures

    @property
    def size(self) -> int:
        """Return by how many minutes it is broken, for the greatest of several."""
        return 1440 * self.days + self.minutes


# --- real time between two visits ------------------------------------------------------------


@attrs.frozen
class Stretch:
    """The moments at which something can have been, in UTC, the last one not included."""

    first: datetime
    last: datetime

    @property
    def exact(self) -> bool:
        """Tell whether the moment is known."""
        return self.first == self.last


def stretch(on: date, moment: datetime | None, zone: tzinfo) -> Stretch:
    """Return a moment, or the whole of a date by the clock of a zone."""
    if moment is not None:
        return Stretch(utc(moment), utc(moment))
    opens = datetime.combine(on, time(), zone)
    ends = datetime.combine(on + DAY if on < date.max else on, time(), zone)
    return Stretch(utc(opens), utc(ends))


def zone_of(*moments: datetime | None) -> tzinfo:
    """Return the zone of the first moment that is known; days have 24 hours where none is."""
    zones = (moment.tzinfo for moment in moments if moment is not None)
    return next((zone for zone in zones if zone is not None), UTC)


def minutes_between(earlier: Stretch, later: Stretch) -> tuple[int, int]:
    """Return the least and the greatest distance in minutes."""
    return (later.first - earlier.last) // MINUTE, (later.last - earlier.first) // MINUTE


def held(
    least: Span | None, most: Span | None, earlier: Stretch, later: Stretch
) -> Iterator[tuple[Side, int, tuple[int, int] | None]]:
    """
    Yield on which side hours are not kept, by how many minutes, and between what it may be.

    The amount is 0 and the two distances are given where it cannot be told.
    """
    low, high = minutes_between(earlier, later)
    exact = earlier.exact and later.exact
    if isinstance(least, ElapsedSpan) and low < least.minutes:
        broken = high < least.minutes or (high == least.minutes and not exact)
        yield (Side.EARLY, least.minutes - high, None) if broken else (Side.EARLY, 0, (low, high))
    if isinstance(most, ElapsedSpan) and high > most.minutes:
        broken = low > most.minutes or (low == most.minutes and not earlier.exact)
        yield (Side.LATE, low - most.minutes, None) if broken else (Side.LATE, 0, (low, high))


# --- one visit and its rules -----------------------------------------------------------------


def findings(
    visit: str, when: When, rules: Iterable[Rules], calendar: Calendar
) -> Iterator[Finding]:
    """Yield every rule that a visit does not keep, or of which that cannot be told."""
    for rule in rules:
        match rule:
            case ByWeekday():
                if not on_its_weekday(rule, when.on, calendar):
                    yield Finding(rule=rule, side=Side.WEEKDAY)
            case OnOpenDay() | MadeUp() | CaughtUp() | FilledWeek() if calendar.clinic is None:
                yield from _by_open_days(visit, when.on, rule, calendar)
            case Spacing(earlier=PastVisit()) if _in_hours(rule):
                dates = attrs.evolve(
                    rule, least=_in_dates(rule.least), most=_in_dates(rule.most), target=None
                )
                edges = bounds_of(visit, [rule], calendar)
                for one in outside(bounds_of(visit, [dates], calendar), when.on):
                    yield attrs.evolve(one, rule=rule)
                yield from _by_minutes(rule, when, edges)
            case _:
                yield from outside(bounds_of(visit, [rule], calendar), when.on)


def _by_open_days(
    visit: str, on: date, rule: OnOpenDay | MadeUp | CaughtUp | FilledWeek, calendar: Calendar
) -> Iterator[Finding]:
    """Yield where a visit is not on the day it has in a clinic that is always open."""
    bounds = bounds_of(visit, [rule], calendar)
    broken = list(outside(bounds, on))
    yield from broken
    wanted, opens = bounds.target, bounds.earliest
    if isinstance(rule, FilledWeek) and opens is not None and (on - opens.day).days > 6:
        yield Finding(rule=rule, side=Side.LATE, day=opens.day + 6 * DAY, by_closures=True)
    if not broken and wanted is not None and on != wanted.day:
        side = Side.LATE if on > wanted.day else Side.EARLY
        yield Finding(rule=rule, side=side, day=wanted.day, by_closures=True)


def _in_hours(rule: Spacing) -> bool:
    return any(isinstance(end, ElapsedSpan) for end in (rule.least, rule.most))


def _in_dates(span: Span | None) -> Span | None:
    return None if isinstance(span, ElapsedSpan) else span


def outside(bounds: Bounds, on: date) -> Iterator[Finding]:
    """Yield on which side of its first or last date a visit is, if it is outside them."""
    early, late = bounds.earliest, bounds.latest
    if early is not None and on < early.day:
        days = (early.day - on).days
        yield Finding(rule=early.rule, side=Side.EARLY, days=days, day=early.day)
    if late is not None and on > late.day:
        days = (on - late.day).days
        yield Finding(rule=late.rule, side=Side.LATE, days=days, day=late.day)


def _by_minutes(rule: Spacing, when: When, edges: Bounds) -> Iterator[Finding]:
    past = rule.earlier
    assert isinstance(past, PastVisit)
    zone = zone_of(when.start, past.start)
    later = stretch(when.on, when.start, zone)
    ends = rule.between is Between.END_AND_START
    moment = past.end if ends else past.start
    earlier = stretch(past.on, moment, zone)
    if ends and moment is None and past.start is not None:
        earlier = Stretch(utc(past.start), earlier.last)
    for side, minutes, between in held(rule.least, rule.most, earlier, later):
        edge = edges.earliest if side is Side.EARLY else edges.latest
        yield Finding(
            rule=rule,
            side=side,
            minutes=minutes,
            between=between,
            day=edge.day if edge is not None else None,
        )


def off_target(rules: Iterable[Rules], when: When, calendar: Calendar) -> int:
    """
    Return how many days a visit is outside the targets of its rules, as a plan counts them.

    A target in hours counts where both moments are known, a begun day as a whole one. What moves
    with the visit has no target for it.
    """
    return sum(
        _off(rule, when, calendar)
        for rule in dict.fromkeys(rules)
        if isinstance(rule, Spacing) and rule.target is not None and not moves_with(rule, calendar)
    )


def _off(rule: Spacing, when: When, calendar: Calendar) -> int:
    target, earlier = rule.target, rule.earlier
    assert target is not None
    past = earlier if isinstance(earlier, PastVisit) else calendar.fixed.get(earlier)
    if isinstance(target.least, ElapsedSpan):
        most = target.most.minutes if isinstance(target.most, ElapsedSpan) else None
        end = rule.between is Between.END_AND_START
        moment = None if past is None else past.end if end else past.start
        if moment is None or when.start is None:
            return 0
        found = (utc(when.start) - utc(moment)) // MINUTE
        return -(-_beyond(found, target.least.minutes, most) // (24 * 60))
    on = past.on if past is not None else calendar.days.get(str(earlier))
    if on is None:
        return 0
    first = shifted(on, target.least, calendar.month_end).toordinal()
    last = shifted(on, target.most, calendar.month_end).toordinal() if target.most else None
    return _beyond(when.on.toordinal(), first, last)


def _beyond(found: int, first: int, last: int | None) -> int:
    """Return how far a number is outside a range."""
    return max(first - found, 0 if last is None else found - last, 0)


def pinned_at(rules: Iterable[Rules]) -> datetime | None:
    """Return the moment at which a visit is fixed, if it is."""
    return next((rule.start for rule in rules if isinstance(rule, FixedAt)), None)


def worst(found: Iterable[Finding], side: Side) -> Finding | None:
    """Return the rule broken by most on one side, the first of equals; ``None`` for none."""
    return max(
        (one for one in found if one.side is side and one.told),
        key=lambda one: one.size,
        default=None,
    )
