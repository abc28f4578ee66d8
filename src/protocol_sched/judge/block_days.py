"""Blocks and weeks that a closed day makes longer: reckoned here from the clinic's own days."""

from __future__ import annotations

from datetime import date

from protocol_sched.judge.clock import DAY, is_open
from protocol_sched.judge.violation import Case
from protocol_sched.model.agenda import CaughtUp, FilledWeek
from protocol_sched.model.cadences import Week

_YEAR = 400
"""So many days on are looked at for one on which the clinic is open."""


def _caught_up_on(case: Case, rule: CaughtUp, day: date) -> date | None:
    """Return the date that a visit has; ``None`` where none is near."""
    owed, left = 0, rule.days
    if rule.since is not None:
        between = range(rule.since.toordinal() + 1, day.toordinal() + 1)
        owed = max(0, sum(date.fromordinal(one).isoweekday() <= 5 for one in between) - rule.done)
    last = min(date.max.toordinal(), day.toordinal() + _YEAR + 2 * rule.days)
    for one in range(day.toordinal() + 1, last + 1):
        tried = date.fromordinal(one)
        weekend, opened = tried.isoweekday() > 5, is_open(case.clinic, tried)
        if opened and not weekend:
            left -= 1
        elif opened and owed:
            left, owed = left - 1, owed - 1
        elif not opened and not weekend:
            owed += 1
        if left == 0:
            return tried
    return None


def _filled_week(case: Case, rule: FilledWeek, day: date) -> tuple[date, date] | None:
    """Return the first and last date of the week in which a visit is; ``None`` if none is near."""
    match rule.begins:
        case Week.FIRST_VISIT:
            back = rule.into
        case Week.MONDAY:
            back = day.isoweekday() - 1
        case Week.SUNDAY:
            back = day.isoweekday() % 7
    monday, used, left = day.toordinal() - back, rule.used, rule.visits
    after = day.toordinal() + 1 + rule.gone
    for _ in range(_YEAR // 7 + rule.visits + rule.gone):
        week = range(monday, monday + 7)
        if week[0] < 1 or week[-1] > date.max.toordinal():
            return None
        held = 0
        for one in week:
            full = used + held >= rule.per_week or held == left
            held += one >= after and not full and is_open(case.clinic, date.fromordinal(one))
        left -= held
        if left == 0:
            first = date.fromordinal(monday) + 7 * rule.weeks * DAY
            return first, first + 6 * DAY
        used, monday = 0, monday + 7
    return None


def days_of_block(case: Case, rule: CaughtUp | FilledWeek, day: date) -> tuple[date, date] | None:
    """Return the first and last date that a rule leaves a visit; ``None`` where none is near."""
    if isinstance(rule, FilledWeek):
        return _filled_week(case, rule, day)
    only = _caught_up_on(case, rule, day)
    return None if only is None else (only, only)
