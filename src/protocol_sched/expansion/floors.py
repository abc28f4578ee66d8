"""
Silence is not permission: where a source gives a distance and no tolerance, the target is a floor.

A visit is never before such a target; later it is allowed, and counted. The floor is a rule like
any other, and it says that it is this library's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

import attrs

from protocol_sched.expansion.forecast import landing
from protocol_sched.expansion.track import Track, Turn
from protocol_sched.model.agenda import (
    FLOOR,
    LIBRARY,
    SPREAD,
    FixedAt,
    Overruled,
    PastVisit,
    Rules,
    Spacing,
)
from protocol_sched.model.moments import later_by, utc
from protocol_sched.model.rules import Between, Earlier, Tolerance
from protocol_sched.model.spans import ElapsedSpan, comparable


def floors(turn: Turn, rules: Sequence[Rules]) -> Iterator[Spacing]:
    """
    Yield a floor for each target of a treatment about which the protocol says nothing more.

    Args:
        rules: All that places the visit; a least distance from where a target is measured
            speaks for itself.
    """
    if turn.phase.earlier is Earlier.ALLOWED:
        return
    if any(turn.place in one.visits and speaks_of_earlier(one) for one in turn.phase.tolerances):
        return
    written = [
        rule.earlier
        for rule in rules
        if isinstance(rule, Spacing) and rule.rule != "order" and rule.least is not None
    ]
    for rule in rules:
        aims = isinstance(rule, Spacing) and rule.target is not None
        aims &= rule.rule not in (SPREAD, "separation")
        if isinstance(rule, Spacing) and aims and rule.earlier not in written:
            yield floor_of(rule)


def speaks_of_earlier(tolerance: Tolerance) -> bool:
    """
    Tell whether a tolerance says how far before its target a visit may be.

    One that only reports what is late, and names no days before, is silent about it.
    """
    return tolerance.hard or comparable(tolerance.before) > 0


def floor_of(aim: Spacing) -> Spacing:
    """
    Return the floor of a target.

    Where the target lies before what it is measured from, the visit is never nearer to that.
    """
    assert aim.target is not None
    last = aim.target.least if aim.target.most is None else aim.target.most
    backward = comparable(last) < 0
    return attrs.evolve(
        aim,
        rule=FLOOR,
        source=LIBRARY,
        safety=False,
        target=None,
        least=None if backward else aim.target.least,
        most=last if backward else None,
    )


def overruled(rules: Iterable[Rules], visit: str, first: date, track: Track) -> Iterator[Overruled]:
    """
    Yield the floors that a pin of one of their two visits leaves no date for, calendars aside.

    Args:
        visit: The visit whose floors they are.
        first: The first date it may be on, its pin aside.
    """
    for rule in rules:
        if isinstance(rule, Spacing) and rule.rule == FLOOR:
            pin = _pin_against(rule, first, track)
            if pin is not None:
                yield Overruled(rule=rule, by=pin)


def _pin_against(floor: Spacing, first: date, track: Track) -> FixedAt | None:
    pins, earlier = track.history.pins, floor.earlier
    own = pins[floor.later].start if floor.later in pins else None
    other = pins[earlier].start if isinstance(earlier, str) and earlier in pins else None
    if floor.least is not None:
        if own is None or not _short(floor, other, own, track):
            return None
        return FixedAt(rule="pinned", visit=floor.later, start=own)
    # The visit comes first: a pin of either end can leave too little between the two.
    assert floor.most is not None
    anchor = earlier.on if isinstance(earlier, PastVisit) else None
    if other is not None:
        anchor = other.date()
    if anchor is None:  # it can still be later, and the floor be kept
        return None
    last = landing(anchor, floor.most, floor.between, track.month_end)
    if own is not None and own.date() > last:
        return FixedAt(rule="pinned", visit=floor.later, start=own)
    if other is not None and isinstance(earlier, str) and first > last:
        return FixedAt(rule="pinned", visit=earlier, start=other)
    return None


def _short(floor: Spacing, other: datetime | None, own: datetime, track: Track) -> bool:
    """Tell whether a visit pinned at ``own`` is nearer than its floor to whatever comes before."""
    earlier, least = floor.earlier, floor.least
    assert least is not None
    if isinstance(earlier, PastVisit):
        ends = floor.between is Between.END_AND_START
        moment = (earlier.end or earlier.start) if ends else earlier.start
        day: date | None = earlier.on
    else:
        moment = other
        day = other.date() if other is not None else track.calendar.floors.get(earlier)
    if isinstance(least, ElapsedSpan) and moment is not None:
        return utc(own) < utc(later_by(moment, timedelta(minutes=least.minutes)))
    if day is None:
        return False
    return own.date() < landing(day, least, Between.STARTS, track.month_end)
