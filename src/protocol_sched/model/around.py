"""When companion drugs are given or barred around one visit, as dates and moments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import attrs

from protocol_sched.model.moments import as_instant, later_by, zoned
from protocol_sched.model.protocol import VisitType
from protocol_sched.model.rules import Companion
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, MonthEnd, Span


@attrs.frozen(kw_only=True)
class CompanionWindow:
    """
    A stretch around a visit in which another drug is given, or in which it is barred.

    Calendar rules give dates, both included; elapsed rules give moments in the visit's zone.
    """

    name: str
    barred: bool
    first: date | datetime = attrs.field(eq=as_instant)
    last: date | datetime | None = attrs.field(eq=as_instant)
    """``None`` where the rule has no end."""
    source: str


def companion_windows(
    kind: VisitType, start: datetime, end: datetime, month_end: MonthEnd = MonthEnd.NEXT_DAY
) -> tuple[CompanionWindow, ...]:
    """
    Return the companions' windows around a visit, in the order of its type.

    Args:
        start: Arrival; what comes ``before`` is measured back from it.
        end: Discharge; what comes ``after`` is measured from it.
        month_end: For rules that count in months.

    Raises:
        NaiveMoment: A moment carries no zone.
    """
    zoned(f"visit type {kind.name!r}", "start", start)
    zoned(f"visit type {kind.name!r}", "end", end)
    return tuple(
        window for rule in kind.companions for window in _windows(rule, start, end, month_end)
    )


def _windows(
    rule: Companion, start: datetime, end: datetime, month_end: MonthEnd
) -> Iterator[CompanionWindow]:
    if rule.before is not None:
        first = _back(start, rule.before.most or rule.before.least, month_end)
        last = _back(start, rule.before.least, month_end)
        yield CompanionWindow(
            name=rule.name, barred=rule.barred, first=first, last=last, source=rule.source
        )
    if rule.after is not None:
        most = rule.after.most
        yield CompanionWindow(
            name=rule.name,
            barred=rule.barred,
            first=_on(end, rule.after.least, month_end),
            last=None if most is None else _on(end, most, month_end),
            source=rule.source,
        )


def _back(moment: datetime, span: Span, month_end: MonthEnd) -> date | datetime:
    if isinstance(span, CalendarSpan):
        return _on(moment, span.times(-1), month_end)
    return _on(moment, ElapsedSpan(-span.minutes), month_end)


def _on(moment: datetime, span: Span, month_end: MonthEnd) -> date | datetime:
    if isinstance(span, CalendarSpan):
        return span.after(moment.date(), month_end)
    return later_by(moment, span.delta)
