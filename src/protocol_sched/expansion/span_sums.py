"""Sums and multiples of spans, in a phase's own time."""

from __future__ import annotations

from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span, SpanRange

NO_DAYS = CalendarSpan()


def times(span: Span, count: int) -> Span:
    """Return a span taken ``count`` times."""
    return (
        span.times(count) if isinstance(span, CalendarSpan) else ElapsedSpan(span.minutes * count)
    )


def plus(one: Span, other: Span) -> Span:
    """Return the sum; a calendar span of whole days becomes hours beside an elapsed one."""
    if isinstance(one, CalendarSpan) and isinstance(other, CalendarSpan):
        return one.plus(other)
    return ElapsedSpan(_minutes(one) + _minutes(other))


def _minutes(span: Span) -> int:
    if isinstance(span, ElapsedSpan):
        return span.minutes
    return 1440 * (365 * span.years + 30 * span.months + 7 * span.weeks + span.days)


def in_days(*spans: Span | None) -> bool:
    """Tell whether spans count days and weeks, so that their sum is one from any date."""
    return not any(
        isinstance(span, ElapsedSpan) or (span is not None and span.by_months) for span in spans
    )


def widened(target: SpanRange, before: Span, after: Span) -> tuple[Span, Span]:
    """Return the least and most distance of a target with days or hours either side of it."""
    last = target.least if target.most is None else target.most
    return _in_one_unit(_shifted(target.least, times(before, -1))), _in_one_unit(
        _shifted(last, after)
    )


def _shifted(target: Span, by: Span) -> Span:
    """Return a target so much earlier or later; no days either side leave hours as they are."""
    return target if by == NO_DAYS else plus(target, by)


def _in_one_unit(span: Span) -> Span:
    """Return weeks and days as days: 9 days is easier to count than 1 week + 2 days."""
    if isinstance(span, CalendarSpan) and span.weeks and span.days and not span.by_months:
        return CalendarSpan(days=span.in_days)
    return span
