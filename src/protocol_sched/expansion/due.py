"""A visit that is still due: its rules as they bind from today on, and its forecast."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import attrs

from protocol_sched.expansion.forecast import (
    Bounds,
    Edge,
    bounds_of,
    clear_of_gaps,
    clock_aimed,
    missed_floor,
    on_weekdays,
    put_off_until,
    settled,
)
from protocol_sched.expansion.gate_tests import needs_on
from protocol_sched.expansion.guarding import Guarding
from protocol_sched.expansion.sequence import wanted
from protocol_sched.expansion.track import Laid, Track, Turn
from protocol_sched.model.agenda import NotAfter, NotBefore, Rules, Spacing


def floor_of(turn: Turn, track: Track) -> NotBefore:
    """
    Return the first date a visit may have.

    Today, the course's start, when it was asked for, or the day after it was last missed.
    """
    missed = missed_floor(turn.id, track.history, track.floor)
    if missed is not None:
        return missed
    asked = wanted(turn, track)
    if asked is not None and asked > track.floor:
        return NotBefore(rule="request", source=turn.phase.source, visit=turn.id, day=asked)
    started = track.course.not_before is not None and track.course.not_before >= track.as_of
    return NotBefore(rule="start" if started else "today", visit=turn.id, day=track.floor)


def open_from(laid: Laid, track: Track) -> date:
    """Return the first date its rules and today leave a visit, its gates aside."""
    floor = floor_of(laid.turn, track).day
    return floor if laid.stated.earliest is None else max(floor, laid.stated.earliest.day)


def forecast(laid: Laid, guarding: Guarding, track: Track) -> Laid:
    """
    Return a visit that is due with its forecast and the rules that bind it from today on.

    A target that has passed is as soon as possible. Where something it depends on has no date,
    it has no target either.
    """
    turn, floor = laid.turn, floor_of(laid.turn, track)
    behind = track.behind_of(turn.id)
    stated = [*behind.settled, *laid.rules, *laid.soft, *guarding.settled]
    bounds = bounds_of(turn.id, stated, track.calendar).not_before(Edge(floor.day, floor))
    if guarding.not_before is not None:
        bounds = bounds.not_before(guarding.not_before)
    if behind.not_before is not None:
        bounds = bounds.not_before(behind.not_before)
    if guarding.not_after is not None:
        bounds = bounds.not_after(guarding.not_after)
    bounds = settled(on_weekdays(bounds, stated, track.calendar))
    blocked = bool(track.real) and track.real[-1].unsettled
    if guarding.held or laid.unsettled or blocked or bounds.unknown:
        bounds = attrs.evolve(bounds, target=None, target_until=None)
    elif bounds.target is None and bounds.earliest is not None:
        first = bounds.earliest
        for aimed in (behind.aimed, guarding.aimed):
            if aimed is not None and aimed.day > first.day:
                first = aimed
        bounds = attrs.evolve(bounds.aimed(first, first.day), forecast=True)
    bounds = clear_of_gaps(bounds, stated, track.calendar)
    bounds = on_weekdays(bounds, stated, track.calendar)
    rules = [*guarding.rules, *laid.rules]
    planned = track.planned.get(turn.id)
    foreseen = bounds.target or bounds.earliest
    on = None if foreseen is None else foreseen.day
    on = planned.date() if planned is not None else on
    needs = guarding.needs if on is None else needs_on(on, guarding, track)
    day, clock = (
        bounds.target.day if bounds.target else None,
        clock_aimed(bounds.target, track.calendar),
    )
    if planned is not None:
        day, clock = planned.date(), 60 * planned.hour + planned.minute
    return attrs.evolve(
        laid,
        rules=(*rules, *_fences(turn, floor, rules, track)),
        bounds=on_weekdays(ended(bounds, turn.id, track), stated, track.calendar),
        day=day,
        clock=clock,
        overdue_since=_overdue_since(laid, bounds, track),
        needs=needs,
        tentative=laid.tentative or guarding.held,
        guarded=Bounds(earliest=guarding.not_before, latest=guarding.not_after),
    )


def ended(bounds: Bounds, visit: str, track: Track) -> Bounds:
    """Return the bounds of a visit with the last date of its course as a latest date."""
    last = track.course.finish_by
    if last is None:
        return bounds
    return bounds.not_after(Edge(last, NotAfter(rule="finish", visit=visit, day=last)))


def _overdue_since(laid: Laid, bounds: Bounds, track: Track) -> date | None:
    last = laid.due_by if bounds.latest is None else bounds.latest.day
    put_off = put_off_until(laid.turn.id, track.history)
    if last is not None and put_off is not None:
        last = max(last, put_off.day)
    return last if last is not None and last < track.as_of else None


def _fences(turn: Turn, floor: NotBefore, rules: Iterable[Rules], track: Track) -> Iterator[Rules]:
    """Yield the first and last date the course itself sets, where no visit due implies it."""
    behind = any(
        isinstance(rule, Spacing) and rule.rule == "order" and isinstance(rule.earlier, str)
        for rule in rules
    )
    if not behind or floor.rule in ("request", "missed"):
        yield floor
    if track.course.finish_by is not None:
        yield NotAfter(rule="finish", visit=turn.id, day=track.course.finish_by)


def course_fences(visit: Turn | str, track: Track) -> Iterator[Rules]:
    """
    Yield the first and the last date the course itself sets a visit, wherever today is.

    Its start and end, the day after it was missed, and the date it was asked for.

    Args:
        visit: The treatment, or the identity of a visit beside them.
        track: What came before it.
    """
    course = track.course
    name, source = (visit, "local") if isinstance(visit, str) else (visit.id, visit.phase.source)
    if course.not_before is not None:
        yield NotBefore(rule="start", visit=name, day=course.not_before)
    missed = missed_floor(name, track.history, date.min)
    if missed is not None:
        yield missed
    asked = None if isinstance(visit, str) else wanted(visit, track)
    if asked is not None:
        yield NotBefore(rule="request", source=source, visit=name, day=asked)
    if course.finish_by is not None:
        yield NotAfter(rule="finish", visit=name, day=course.finish_by)
