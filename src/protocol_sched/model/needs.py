"""Which test a visit waits for on a date, and on which dates the test has to be."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from protocol_sched.model.agenda import Gated, Need, PastVisit
from protocol_sched.model.moments import elapsed, later_by
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, MonthEnd, Span

NOON = 12 * 60
MINUTES_A_DAY = 24 * 60
NOTHING = timedelta(0)
A_DAY = timedelta(days=1)
MOST_OFF = 4
"""By so many dates months counted back can differ from months counted on, and one more."""


def need_of(rule: Gated, day: date, month_end: MonthEnd, start: datetime | None = None) -> Need:
    """
    Return what a visit needs of a test on a date: when it has to be, and whether it was.

    Args:
        rule: The test's rule.
        day: The visit's date.
        month_end: Where the 31st of a shorter month goes.
        start: The visit's start, where it is known; hours are then real time.

    Returns:
        Where another test is needed, dates before which none can be done are left out.
    """
    done = any(counts(test, rule, day, month_end, start) for test in rule.tests)
    done = done or (rule.instead is not None and rule.instead.on <= day)
    latest = day if rule.least is None else _last_before(rule.least, day, month_end, start)
    earliest = None
    if rule.most is not None:
        earliest = _first_before(rule.most, day, month_end, start)
    if not done and rule.again is not None and (earliest is not None or rule.failed is not None):
        earliest = max(earliest or date.min, rule.again)
    return Need(
        gate=rule.gate,
        earliest=earliest,
        latest=latest,
        done=done,
        source=rule.source,
        band=rule.band,
        more=rule.more,
        receipt=rule.receipt,
    )


def counts(
    test: PastVisit, rule: Gated, day: date, month_end: MonthEnd, start: datetime | None = None
) -> bool:
    """
    Tell whether a test on record counts for a visit on a date, or for one at a moment.

    At a moment a test with a date only counts if it does at every time of its date. Without the
    moment hours are read as dates, from noon where the test has no time.
    """
    if test.on > day:
        return False
    first, last = (test.start, test.start) if start is None else _ends(test, start)
    old = NOTHING if start is None or last is None or test.start is None else elapsed(last, start)
    if old < NOTHING:
        return False
    match rule.least:
        case CalendarSpan():
            kept = landing(rule.least, test.on, month_end) <= day
        case ElapsedSpan() if start is not None and last is not None:
            kept = elapsed(last, start) >= rule.least.delta
        case ElapsedSpan():
            kept = _hours_on(rule.least, test) <= day
        case None:
            kept = True
    match rule.most:
        case CalendarSpan():
            return kept and landing(rule.most, test.on, month_end) >= day
        case ElapsedSpan() if start is not None and first is not None:
            return kept and elapsed(first, start) <= rule.most.delta
        case ElapsedSpan():
            return kept and _hours_on(rule.most, test) >= day
        case None:
            return kept


def landing(span: CalendarSpan, day: date, month_end: MonthEnd) -> date:
    """Return the date a span after another, or the last or first possible date."""
    try:
        return span.after(day, month_end)
    except (OverflowError, ValueError):
        ahead = 365 * span.years + 30 * span.months + 7 * span.weeks + span.days > 0
        return date.max if ahead else date.min


def _ends(test: PastVisit, start: datetime) -> tuple[datetime, datetime]:
    """Return the first and last moment at which a test can have been, in the visit's zone."""
    if test.start is not None:
        return test.start, test.start
    begins = datetime(test.on.year, test.on.month, test.on.day, tzinfo=start.tzinfo)
    after = test.on + A_DAY
    return begins, datetime(after.year, after.month, after.day, tzinfo=start.tzinfo)


def _hours_on(span: ElapsedSpan, test: PastVisit) -> date:
    """Return the date some hours after a test; from noon where its time is not known."""
    try:
        if test.start is not None:
            return later_by(test.start, span.delta).date()
        return test.on + timedelta(days=(NOON + span.minutes) // MINUTES_A_DAY)
    except OverflowError:
        return date.max if span.minutes > 0 else date.min


def _last_before(least: Span, day: date, month_end: MonthEnd, start: datetime | None) -> date:
    """Return the last date on which a test is old enough for a visit."""
    if isinstance(least, ElapsedSpan):
        return _hours_before(least, day, start)
    guess = landing(least.times(-1), day, month_end)
    if not least.by_months:
        return guess
    near = [_days_on(guess, n) for n in range(MOST_OFF, -MOST_OFF - 1, -1)]
    return next((one for one in near if landing(least, one, month_end) <= day), guess)


def _first_before(most: Span, day: date, month_end: MonthEnd, start: datetime | None) -> date:
    """Return the first date on which a test is fresh enough for a visit."""
    if isinstance(most, ElapsedSpan):
        return _hours_before(most, day, start)
    guess = landing(most.times(-1), day, month_end)
    if not most.by_months:
        return guess
    near = [_days_on(guess, n) for n in range(-MOST_OFF, MOST_OFF + 1)]
    return next((one for one in near if landing(most, one, month_end) >= day), guess)


def _days_on(day: date, days: int) -> date:
    return landing(CalendarSpan(days=days), day, MonthEnd.LAST_DAY)


def _hours_before(span: ElapsedSpan, day: date, start: datetime | None) -> date:
    try:
        if start is not None:
            return later_by(start, -span.delta).date()
        return day + timedelta(days=(NOON - span.minutes) // MINUTES_A_DAY)
    except OverflowError:
        return date.min if span.minutes > 0 else date.max
