"""The rules between two visits that are both still due, as lags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import combinations

from protocol_sched.engine.breaching import kept_ends
from protocol_sched.engine.groundwork import Groundwork
from protocol_sched.engine.held import held, whole
from protocol_sched.engine.lags import date_window, day_window
from protocol_sched.engine.order import Order, followed, orders
from protocol_sched.engine.problem import DayLag, Lag, SlotLag, TableLag, Window
from protocol_sched.model import causes
from protocol_sched.model.agenda import AtMost, OfDates, Spacing
from protocol_sched.model.rules import Between
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span


def lags_between(ground: Groundwork) -> tuple[Lag, ...]:
    """Return every rule between two visits, and what keeps the person out of two at once."""
    lags = tuple(_of_rules(ground))
    lags += tuple(_one_at_a_time(ground, lags))
    return (*lags, *_turnovers(ground, lags))


def _of_rules(ground: Groundwork) -> Iterator[Lag]:
    """Yield every rule between two visits that are both still due."""
    for binding in ground.agenda.bindings:
        if not isinstance(binding, AtMost) and not binding.due <= ground.index.keys():
            continue  # a visit that is only tentative is not placed; a cap may lose some
        match binding:
            case Spacing(earlier=str(name)):
                yield from _spacing(
                    ground, binding, ground.index[name], ground.index[binding.later]
                )
            case OfDates(earlier=str(name)) if binding.keeps_most:
                windows = _by_dates(ground, binding)
                yield TableLag(ground.index[name], ground.index[binding.later], windows, binding)
            case AtMost() if binding.keeps_least:
                yield from _at_most(ground, binding)
            case _:
                pass  # about one visit, or waived, and no limit from a date


def _spacing(ground: Groundwork, binding: Spacing, earlier: int, later: int) -> Iterator[Lag]:
    target, kept = binding.target, kept_ends(binding)
    lo: Span | None = target.least if target else None
    hi: Span | None = target.most if target else None
    spans, month_end = (kept.least, kept.most, lo, hi), ground.agenda.month_end
    by_date = [length for length in spans if isinstance(length, CalendarSpan)]
    if by_date:
        if any(length.by_months for length in by_date):
            windows = ground.calendars.once(
                "months",
                (),
                lambda: _by_months(ground, kept),
                spans,
                month_end,
                ground.horizon,
                size=100 * ground.horizon.days,
            )
            yield TableLag(earlier, later, windows, binding)
        else:
            window = day_window(kept, ground.horizon.first, month_end)
            yield DayLag(earlier, later, window, binding)
    if len(by_date) + spans.count(None) == len(spans):
        return
    minutes = ground.slots.minutes
    ends = binding.between is Between.END_AND_START
    base = ground.shapes[earlier].most // minutes if ends else 0

    def slots(length: Span | None) -> int | None:
        if not isinstance(length, ElapsedSpan):
            return None
        return base + length.minutes // minutes

    window = Window(slots(kept.least), slots(kept.most), slots(lo), slots(hi))
    if window != Window():
        yield SlotLag(earlier, later, window, binding, 1440 // minutes)


def _by_months(ground: Groundwork, binding: Spacing) -> tuple[Window, ...]:
    """Return the window from each date; equal ones are one value."""
    found: dict[Window, Window] = {}
    windows = (day_window(binding, day, ground.agenda.month_end) for day in _dates(ground))
    return tuple([found.setdefault(window, window) for window in windows])


def _by_dates(ground: Groundwork, binding: OfDates) -> tuple[Window, ...]:
    """Return the window from each date; equal ones are one value."""
    found: dict[Window, Window] = {}
    days, month_end = ground.horizon.days, ground.agenda.month_end
    windows = (date_window(binding, one, days, ground.clinic, month_end) for one in _dates(ground))
    return tuple([found.setdefault(window, window) for window in windows])


def _dates(ground: Groundwork) -> list[date]:
    return [ground.horizon.date_of(n) for n in range(ground.horizon.days)]


def _at_most(ground: Groundwork, binding: AtMost) -> Iterator[Lag]:
    """
    Compile "at most k of these in any N days" for visits in order of time.

    It holds exactly when each visit comes N days or more after the k-th before it.
    """
    visits = ground.counted(binding)
    for first, last in zip(visits, visits[binding.most :], strict=False):
        if isinstance(first, str) and isinstance(last, str):
            window = Window(least=binding.days)
            yield DayLag(ground.index[first], ground.index[last], window, binding)


def _one_at_a_time(ground: Groundwork, lags: Iterable[Lag]) -> Iterator[Lag]:
    """
    Yield what keeps the person from being at two visits at once, where the rules do not.

    A rule that counts dates keeps two visits apart unless the earlier one runs past midnight.
    Of two visits that no rule puts in order the one listed first comes first.
    """
    count = len(ground.dues)
    nights = [ground.candidates.nights(shape) for shape in ground.shapes]
    before, apart = [0] * count, [0] * count
    """For each visit those that begin after it, and those that begin after it is over."""
    for lag in lags:
        for first, second, days, slots in orders(lag):
            before[first] |= 1 << second
            over = days > nights[first] or slots >= ground.length(first)
            apart[first] |= over << second
    if all(apart[n] >> (n + 1) & 1 for n in range(count - 1)):
        return  # each visit is over before the next one begins
    for row in (before, apart):
        for n in range(count):
            followed(row, n)
    for second in range(count):
        for first in range(second - 1, -1, -1):
            if (apart[first] >> second | apart[second] >> first) & 1:
                continue
            a, b = (second, first) if before[second] >> first & 1 else (first, second)
            window = Window(least=ground.length(a))
            yield SlotLag(a, b, window, causes.InOrder(), 1440 // ground.slots.minutes)
            for row in (before, apart):
                row[a] |= 1 << b | row[b]
                followed(row, a)


def _turnovers(ground: Groundwork, lags: Iterable[Lag]) -> Iterator[Lag]:
    """
    Yield what keeps the work around one visit apart from what the next ones hold.

    Two visits of a course hold nothing of one kind at once. While only the person is there to
    hold it that is so by itself; cleaning goes on when they have left, and preparation begins
    before they come.

    Args:
        lags: What puts any two visits in order.
    """
    if not any(shape.tasks for shape in ground.shapes):
        return
    count, minutes = len(ground.dues), ground.slots.minutes
    order = Order(count, lags)
    after, later = order.after, order.later
    held_of = [held(shape.stages, shape.tasks, ground.clinic) for shape in ground.shapes]
    inside = [ground.candidates.within_a_date(shape) for shape in ground.shapes]
    for first, second in combinations(range(count), 2):
        a, b = (second, first) if after[second] >> first & 1 else (first, second)
        if later[a] >> b & 1 and inside[a] and inside[b]:
            continue
        for kind in held_of[a]:
            if kind in held_of[b]:
                least = whole(held_of[a][kind])[1] - whole(held_of[b][kind])[0]
                if least > ground.shapes[a].most:
                    window = Window(least=least // minutes)
                    yield SlotLag(a, b, window, causes.Turnover(kind), 1440 // minutes)
