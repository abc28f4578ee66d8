"""Visits that a clinician put off: from when they may be, and which limits the delay leaves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import attrs

from protocol_sched.expansion.forecast import Calendar, bounds_of, plus_days
from protocol_sched.expansion.history import History
from protocol_sched.model.agenda import (
    NextWorkingDay,
    NotBefore,
    Question,
    Rules,
    Spacing,
    WeekApart,
)


def put_off(
    visit: str, rules: Iterable[Rules], history: History, calendar: Calendar
) -> Iterator[Rules]:
    """
    Yield the rules of a visit as they bind it once it was put off; unchanged if it was not.

    Limits that end before the first date it may be on are left out: that date was a clinician's
    decision, and it would leave no date at all. Safety rules stay.
    """
    deferral = history.deferred.get(visit)
    if deferral is None or deferral.until is None:
        yield from rules
        return
    for rule in rules:
        yield from _reached(visit, rule, deferral.until, calendar)
    if (floor := put_off_until(visit, history)) is not None:
        yield floor


def _reached(visit: str, rule: Rules, until: date, calendar: Calendar) -> Iterator[Rules]:
    latest = bounds_of(visit, [rule], calendar).latest
    if latest is None or latest.day >= until or rule.safety:
        yield rule
        return
    match rule:
        case Spacing():
            if rule.least is not None or rule.target is not None:
                yield attrs.evolve(rule, most=None)
        case WeekApart() | NextWorkingDay():
            return
        case _:
            yield rule


def put_off_until(visit: str, history: History) -> NotBefore | None:
    """Return the first date a visit put off may be on; ``None`` of any other."""
    deferral = history.deferred.get(visit)
    if deferral is None or deferral.until is None:
        return None
    return NotBefore(rule="deferred", visit=visit, day=deferral.until)


def missed_floor(visit: str, history: History, floor: date) -> NotBefore | None:
    """Return the day after a visit was last missed, if it comes after another first date."""
    days = history.missed.get(visit, ())
    if not days or plus_days(max(days), 1) <= floor:
        return None
    return NotBefore(rule="missed", visit=visit, day=plus_days(max(days), 1))


def first_open(visit: str, history: History, floor: date) -> date:
    """Return the first date a visit may be on: missed, put off or pinned as it may have been."""
    found = (missed_floor(visit, history, floor), put_off_until(visit, history))
    pins = [history.pins[visit].start.date()] if visit in history.pins else []
    return max([floor, *pins, *(one.day for one in found if one is not None)])


def open_question(visit: str, title: str, history: History) -> Question | None:
    """Return what has to be asked of a visit put off without a date; ``None`` of any other."""
    deferral = history.deferred.get(visit)
    if deferral is None or deferral.until is not None:
        return None
    why = f" ({deferral.why})" if deferral.why else ""
    asks = f"{title} was put off on {deferral.on}{why}; from which date on may it be?"
    return Question(id=f"deferred-{visit}", asks=asks, about=visit)
