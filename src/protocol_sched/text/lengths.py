"""Lengths of rules as every language needs them, whatever it calls them."""

from __future__ import annotations

from typing import assert_never

from protocol_sched.model.agenda import (
    Spacing,
)
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span


def backward(span: Span) -> Span:
    """Return a distance as it is from the other end: 14 days for 14 days before."""
    return ElapsedSpan(-span.minutes) if isinstance(span, ElapsedSpan) else span.times(-1)


def floor_length(rule: Spacing) -> Span:
    """Return how far a floor is from what it is measured from, whichever comes first."""
    if rule.least is not None:
        return rule.least
    match rule.most:
        case CalendarSpan():
            return rule.most.times(-1)
        case ElapsedSpan():
            return ElapsedSpan(-rule.most.minutes)
        case None:
            raise ValueError(f"floor of {rule.later!r} has no length")
        case _:
            assert_never(rule.most)


def in_days(span: Span) -> Span:
    """Return weeks as days: six days, and not a week less a day; other lengths unchanged."""
    if isinstance(span, CalendarSpan) and not span.by_months:
        return CalendarSpan(days=span.in_days)
    return span
