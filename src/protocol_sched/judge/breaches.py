"""Rules that no schedule can keep any more, judged afresh: which are not kept, and by how much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import assert_never

from protocol_sched.judge.block_days import days_of_block
from protocol_sched.judge.clock import DAY, MINUTE, ordinal_after
from protocol_sched.judge.rules import made_up_on, mark_of, open_day_after
from protocol_sched.judge.violation import Case, Placed, Violation, claims_of
from protocol_sched.model.agenda import (
    Agenda,
    Breach,
    CaughtUp,
    FilledWeek,
    MadeUp,
    NextWorkingDay,
    OnOpenDay,
    PastVisit,
    Rules,
    Spacing,
    WeekApart,
)
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.cadences import Week
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.rules import Between
from protocol_sched.model.schedule import Schedule
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span
from protocol_sched.model.standing import BrokenBy, Open, Unit

ByDays = WeekApart | NextWorkingDay | OnOpenDay | MadeUp | CaughtUp | FilledWeek


def breaches(
    agenda: Agenda, schedule: Schedule, clinic: Clinic, person: Person, protocol: Protocol
) -> tuple[Breach, ...]:
    """
    Return the broken and waived rules that a schedule does not keep, in the agenda's order.

    They are no violations: no schedule could keep them, or a clinician waived them. What visits
    already given did not keep stands in the agenda.
    """
    case = Case(agenda, clinic, person, protocol)
    return tuple(breaches_of(case, case.placed(claims_of(schedule.visits))))


def breaches_of(case: Case, placed: Sequence[Placed]) -> Iterator[Breach]:
    """Yield the breaches among visits with their real times."""
    by_id = {one.due.id: one for one in reversed(placed)}
    for rule in case.agenda.bindings:
        if rule.status is None or isinstance(rule.status, Open) or rule.forbids:
            continue
        match rule:
            case Spacing():
                for limit, least in ((rule.least, True), (rule.most, False)):
                    if limit is not None and not (least and rule.keeps_least):
                        yield from _of_distance(case, rule, limit, least, by_id)
            case (
                WeekApart() | NextWorkingDay() | OnOpenDay() | MadeUp() | CaughtUp() | FilledWeek()
            ):
                yield from _of_days(case, rule, by_id)
            case _:
                pass


def _of_distance(
    case: Case, rule: Spacing, limit: Span, least: bool, by_id: dict[str, Placed]
) -> Iterator[Breach]:
    mark = mark_of(case, rule.earlier, by_id, rule.between)
    if mark is None or rule.later not in by_id:
        return
    later = by_id[rule.later]
    match limit:
        case CalendarSpan():
            edge = ordinal_after(mark.day, limit, case.agenda.month_end)
            beyond = later.day.toordinal() - edge
            found, unit = (later.day - mark.day).days, Unit.DAYS
        case ElapsedSpan():
            passed = (later.start - (mark.last if least else mark.first)) // MINUTE
            beyond, found, unit = passed - limit.minutes, passed, Unit.MINUTES
        case _:
            assert_never(limit)
    yield from _breach(rule, later, found, -beyond if least else beyond, least, unit)


def _of_days(case: Case, rule: ByDays, by_id: dict[str, Placed]) -> Iterator[Breach]:
    mark = mark_of(case, rule.earlier, by_id, Between.STARTS)
    if mark is None or rule.later not in by_id:
        return
    later = by_id[rule.later]
    first, last = _dates_of(case, rule, mark.day)
    found = (later.day - mark.day).days
    if later.day > last:
        yield from _breach(rule, later, found, (later.day - last).days, False, Unit.DAYS)
    elif not rule.keeps_least and later.day < first:
        yield from _breach(rule, later, found, (first - later.day).days, True, Unit.DAYS)


def _dates_of(case: Case, rule: ByDays, day: date) -> tuple[date, date]:
    match rule:
        case WeekApart():
            return _week(rule, day)
        case NextWorkingDay():
            return _working(rule, day)
        case OnOpenDay():
            only = open_day_after(case, rule, day) or date.max
            return only, only
        case MadeUp():
            either = made_up_on(case, rule, day) or (date.max,)
            return either[0], either[-1]
        case CaughtUp() | FilledWeek():
            return days_of_block(case, rule, day) or (date.max, date.max)
        case _:
            assert_never(rule)


def _week(rule: WeekApart, day: date) -> tuple[date, date]:
    back = day.weekday() + (rule.begins is Week.SUNDAY)
    first = day - (back % 7) * DAY + 7 * rule.weeks * DAY
    return first, first + 6 * DAY


def _working(rule: NextWorkingDay, day: date) -> tuple[date, date]:
    left = rule.days
    while left:
        day += DAY
        left -= day.weekday() < 5
    return day, day


def _breach(
    rule: Spacing | ByDays,
    later: Placed,
    found: int,
    amount: int,
    too_soon: bool,
    unit: Unit,
) -> Iterator[Breach]:
    if amount <= 0:
        return
    counted, broken = 0, rule.broken
    if broken is not None and not too_soon:
        counted = amount if unit is Unit.DAYS else -(-amount // (24 * 60))
        if isinstance(rule.earlier, str):
            counted = max(0, (later.day - broken.limit).days)
        if broken.cause is BrokenBy.DEFERRED:
            counted = max(0, (later.day - broken.first).days)
    yield Breach(
        rule=rule,
        visits=(_name(rule.earlier), rule.later),
        found=found,
        amount=amount,
        unit=unit,
        too_soon=too_soon,
        counted=counted,
    )


def _name(where: str | PastVisit) -> str:
    return where.id if isinstance(where, PastVisit) else where


def wrong_breaches(
    case: Case, placed: Sequence[Placed], said: Sequence[Breach]
) -> Iterator[Violation]:
    """Yield each breach that a plan hides, and each it names that is none."""
    right = tuple(breaches_of(case, placed))
    for one in right:
        if one not in said:
            yield _wrong(one.rule, one, "the plan does not name it", "every breach is named")
    for one in said:
        if one not in right:
            yield _wrong(
                one.rule, one, "the plan names a breach that is not one", "those there are"
            )


def _wrong(rule: Rules, one: Breach, found: str, wanted: str) -> Violation:
    found = f"{rule.rule} of {one.visits[-1]}, {one.amount} {one.unit.value} outside: {found}"
    return Violation(
        rule="breach", visits=one.visits, found=found, wanted=wanted, source=rule.source
    )
