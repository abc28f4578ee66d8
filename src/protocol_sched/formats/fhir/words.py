"""What distances, windows and relations of a plan are called, and how two distances compare."""

from __future__ import annotations

import attrs

from protocol_sched.formats.elsewhere import backward
from protocol_sched.formats.fhir.quantities import Distance, Window
from protocol_sched.formats.fhir.reading import Related, TimePoint
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span, comparable

A_DAY = 24 * 60
ZERO = CalendarSpan()


def holds_offset(related: Related) -> bool | None:
    """
    Tell how a window reads: ``True`` as offsets themselves, ``False`` as either side of the target.

    ``None`` where both hold: the ends are alike or one is left out or zero.
    """
    window, offset = related.window, related.offset
    if window is None or offset is None or offset.span is None:
        return None
    if window.low is None or window.high is None:
        return None
    if window.low.span is None or window.high.span is None:
        return None
    at = abs(comparable(offset.span))
    low, high = comparable(window.low.span), comparable(window.high.span)
    if not low <= at <= high:
        return False
    return None if low in (0, high) else True


def forward(related: Related) -> Related:
    """Return a relation whose window before its reference has no signs: -9..-5 is 5 to 9 before."""
    window = related.window
    if window is None or window.low is None or window.high is None:
        return related
    low, high = window.low.span, window.high.span
    if not related.relationship.startswith("before") or low is None or high is None:
        return related
    if comparable(low) >= 0 or comparable(high) >= 0:
        return related
    turned = Window(
        low=Distance(said=window.high.said, span=backward(high)),
        high=Distance(said=window.low.said, span=backward(low)),
    )
    return attrs.evolve(related, window=turned)


def less(span: Span, other: Span) -> Span | None:
    """Return the difference of two distances; ``None`` where it depends on the month."""
    if isinstance(span, CalendarSpan) and isinstance(other, CalendarSpan):
        if (span.years, span.months) != (other.years, other.months):
            if span.weeks or span.days or other.weeks or other.days:
                return None
            return CalendarSpan(years=span.years - other.years, months=span.months - other.months)
        if span.days == other.days:
            return CalendarSpan(weeks=span.weeks - other.weeks)
        return CalendarSpan(days=7 * (span.weeks - other.weeks) + span.days - other.days)
    if any(isinstance(one, CalendarSpan) and one.by_months for one in (span, other)):
        return None
    return ElapsedSpan(comparable(span) - comparable(other))


def related_said(related: Related) -> str:
    parts = [related.relationship, related.to]
    if related.offset is not None:
        parts.append(related.offset.said)
    if related.spread is not None:
        parts.append(related.spread.said)
    if related.window is not None:
        parts.append(f"range {related.window.said}")
    return " ".join(filter(None, parts))


def point_said(point: TimePoint) -> str:
    parts = ["" if point.at is None else point.at.said, f"from {point.of}" if point.of else ""]
    if point.window is not None:
        parts.append(f"range {point.window.said}")
    return " ".join(filter(None, parts))


def in_words(minutes: int) -> str:
    days, rest = divmod(minutes, A_DAY)
    return str(ElapsedSpan(minutes) if rest else CalendarSpan(days=days))
