"""Limits that visits already given did not keep: history, told with amounts and never silent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import attrs

from protocol_sched.expansion.dates import first_and_last, plus_days
from protocol_sched.expansion.forecast import shifted
from protocol_sched.expansion.track import Aside, Laid
from protocol_sched.expansion.walk import Outline
from protocol_sched.model.agenda import (
    AtMost,
    Breach,
    Gated,
    OfDates,
    OfTwo,
    PastVisit,
    Rules,
    Spacing,
)
from protocol_sched.model.moments import elapsed
from protocol_sched.model.needs import need_of
from protocol_sched.model.rules import Between
from protocol_sched.model.spans import CalendarSpan, MonthEnd, Span
from protocol_sched.model.standing import Broken, BrokenBy, Unit, Waived

MINUTE = timedelta(minutes=1)
A_DAY = 24 * 60


def past_breaches(found: Outline, asides: Iterable[Aside]) -> Iterator[Breach]:
    """
    Yield the rules that visits given did not keep, in the order of the course.

    Inside its grace a visit kept its distance. A visit that came late as a late table foresees
    broke no rule but a safety rule. What a date alone cannot tell is not held against it.
    """
    for laid in found.track.laid:
        if laid.past is None or laid.omitted:
            continue
        graces = [rule for rule in laid.soft if rule.rule == "grace"]
        for rule in (*laid.rules, *laid.gating):
            for breach in _broken(rule, laid.past, found):
                if breach.too_soon and _forgiven(breach, graces, laid, found):
                    continue
                if breach.too_soon or laid.late is None or rule.safety:
                    yield breach
    for one in asides:
        if one.past is not None:
            for rule in one.rules:
                yield from _broken(rule, one.past, found)


def _forgiven(breach: Breach, graces: Iterable[Rules], laid: Laid, found: Outline) -> bool:
    assert laid.past is not None
    for grace in graces:
        if getattr(grace, "earlier", None) != getattr(breach.rule, "earlier", None):
            continue
        if grace.source == breach.rule.source and not any(_broken(grace, laid.past, found)):
            return True
    return False


def _broken(rule: Rules, visit: PastVisit, found: Outline) -> Iterator[Breach]:
    """Yield how a visit given is outside a rule's limits, too soon or too late."""
    if isinstance(rule, AtMost | Gated):
        yield from _before_it(rule, visit, found)
        return
    earlier = rule.earlier if isinstance(rule, OfTwo) else None
    exempted = found.track.history.waiver(visit.id, rule.rule) is not None
    if not rule.can_be_waived or not isinstance(earlier, PastVisit):
        return
    if rule.status is not None and not exempted:
        return
    match rule:
        case Spacing():
            for limit, too_soon in ((rule.least, True), (rule.most, False)):
                if limit is not None:
                    yield from _apart(rule, earlier, visit, limit, too_soon, found)
        case OfDates():
            first, last = first_and_last(rule, earlier.on, found.track.calendar.counted)
            for limit_day, too_soon in ((first, True), (last, False)):
                if limit_day is not None:
                    yield from _by_days(rule, earlier, limit_day, visit, too_soon, found)
        case _:
            return


def _before_it(rule: AtMost | Gated, visit: PastVisit, found: Outline) -> Iterator[Breach]:
    """Yield that a visit was given before a cap left it room, or too soon after its test."""
    match rule:
        case AtMost():
            # The rule laid out with the visit itself: what comes behind has one of its own.
            place = len(rule.visits) - 1 - rule.most
            first = rule.visits[place] if place >= 0 else None
            if rule.visits[-1] == visit.id and isinstance(first, PastVisit):
                limit = plus_days(first.on, rule.days)
                yield from _by_days(rule, first, limit, visit, True, found)
        case Gated(tests=tests, least=CalendarSpan() as least) if tests and rule.status is None:
            month_end = found.track.month_end
            if not need_of(rule, visit.on, month_end, visit.start).done:
                limit = shifted(tests[0].on, least, month_end)
                yield from _by_days(rule, tests[0], limit, visit, True, found)
        case _:
            return


def _apart(
    rule: Spacing, earlier: PastVisit, visit: PastVisit, limit: Span, too_soon: bool, found: Outline
) -> Iterator[Breach]:
    if isinstance(limit, CalendarSpan):
        day = shifted(earlier.on, limit, found.track.month_end)
        yield from _by_days(rule, earlier, day, visit, too_soon, found)
        return
    passed = _minutes(rule, earlier, visit, too_soon)
    over = limit.minutes - passed if too_soon else passed - limit.minutes
    if over > 0:
        day = shifted(earlier.on, limit, MonthEnd.LAST_DAY, 0)
        broken = Broken(limit=day, cause=BrokenBy.GIVEN, first=visit.on)
        yield Breach(
            rule=_as_broken(rule, visit, broken, found),
            visits=(earlier.id, visit.id),
            found=passed,
            amount=over,
            unit=Unit.MINUTES,
            too_soon=too_soon,
            counted=-(-over // A_DAY),
        )


def _minutes(rule: Spacing, earlier: PastVisit, visit: PastVisit, most: bool) -> int:
    """Return the real time between two visits; without times what the visit has in its favour."""
    before = earlier.start
    if rule.between is Between.END_AND_START:
        before = earlier.end or earlier.start
    if before is not None and visit.start is not None:
        return elapsed(before, visit.start) // MINUTE
    days = (visit.on - earlier.on).days
    return A_DAY * (days + 1) if most else A_DAY * (days - 1)


def _by_days(
    rule: Rules, earlier: PastVisit, limit: date, visit: PastVisit, too_soon: bool, found: Outline
) -> Iterator[Breach]:
    over = (limit - visit.on).days if too_soon else (visit.on - limit).days
    if over > 0:
        broken = Broken(limit=limit, cause=BrokenBy.GIVEN, first=visit.on)
        yield Breach(
            rule=_as_broken(rule, visit, broken, found),
            visits=(earlier.id, visit.id),
            found=(visit.on - earlier.on).days,
            amount=over,
            unit=Unit.DAYS,
            too_soon=too_soon,
            counted=over,
        )


def _as_broken(rule: Rules, visit: PastVisit, broken: Broken, found: Outline) -> Rules:
    event = found.track.history.exempted.get((visit.id, rule.rule))
    if event is None:
        return attrs.evolve(rule, status=broken)
    waived = Waived(waived_on=event.on, by=event.by, why=event.why, broken=broken)
    return attrs.evolve(rule, status=waived)
