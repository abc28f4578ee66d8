"""
What the rules about one visit alone leave it: its starts, its days and where it is best.

They are the rules that name a date or a weekday, those measured from visits already given, tests,
and what people know of the visit.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_

import attrs

from protocol_sched.engine.bitsets import bit, members, span
from protocol_sched.engine.breaching import by_day, kept_ends
from protocol_sched.engine.candidates import Shape
from protocol_sched.engine.course_wishes import RUNNING
from protocol_sched.engine.groundwork import Groundwork
from protocol_sched.engine.lags import date_window, day_window, minutes_window
from protocol_sched.engine.problem import Allowed, Announced, Item, Penalty, Target, Window
from protocol_sched.model import causes
from protocol_sched.model.agenda import (
    AtMost,
    Due,
    FixedAt,
    Gated,
    NotAfter,
    NotBefore,
    Noticed,
    OfDates,
    OnDaysOfMonth,
    OnWeekdays,
    PastVisit,
    Spacing,
)
from protocol_sched.model.needs import landing
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.rules import Between
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span
from protocol_sched.model.standing import BrokenBy


def item_of(ground: Groundwork, due: Due, shape: Shape) -> Item:
    """Return a visit with all that the rules about it alone say; limits that are broken aside."""
    own = (
        *_fixed(ground, due),
        *_elapsed_past(ground, due),
        *_tested(ground, due),
        *_noticed(ground, due),
        *_apart_from_past(ground, shape),
        *_without_declined(ground, due, shape),
    )
    return Item(
        due.id,
        shape.most // ground.slots.minutes,
        (*_calendars(ground, due, shape), *own),
        (*_days(ground, due), *_capped(ground, due), *_not_beside_past(ground)),
        (*ground.candidates.penalties(shape), *_beside_past(ground)),
        tuple(_day_targets(ground, due)),
        tuple(_slot_targets(ground, due)),
        _known(ground, due, shape),
    )


def _calendars(ground: Groundwork, due: Due, shape: Shape) -> Iterator[Allowed]:
    """Return what calendars allow; where people know the visit, work for it may have begun."""
    keep = ground.keep.get(due.id)
    for allowed in ground.candidates.allowed(shape):
        if keep is not None and isinstance(allowed.origin, causes.TooLateFor):
            here = bit(ground.horizon.tick(keep.start) // ground.slots.minutes)
            allowed = attrs.evolve(allowed, bits=allowed.bits | here & ground.slots.all)
        yield allowed


def _fixed(ground: Groundwork, due: Due) -> Iterator[Allowed]:
    """Return the start times, or the moment at which the visit is pinned."""
    pins = [rule for rule in ground.rules[due.id] if isinstance(rule, FixedAt)]
    for pin in pins:
        slot = ground.horizon.tick(pin.start) // ground.slots.minutes
        yield Allowed(ground.slots.all & bit(slot), pin)
    if not pins:
        yield ground.candidates.grid


def _elapsed_past(ground: Groundwork, due: Due) -> Iterator[Allowed]:
    """Return the starts that elapsed rules against visits already given allow."""
    for binding in ground.rules[due.id]:
        if not isinstance(binding, Spacing):
            continue
        past = binding.earlier
        if not isinstance(past, PastVisit):
            continue
        kept = kept_ends(binding)
        if not any(isinstance(end, ElapsedSpan) for end in (kept.least, kept.most)):
            continue
        first, last = ground.past_moments(past, binding.between)
        bits, minutes = ground.slots.all, ground.slots.minutes
        if isinstance(kept.least, ElapsedSpan):
            bits &= ~span(0, -(-(last + kept.least.minutes) // minutes))
        if isinstance(kept.most, ElapsedSpan):
            bits &= span(0, (first + kept.most.minutes) // minutes + 1)
        yield Allowed(bits, binding)


def _tested(ground: Groundwork, due: Due) -> Iterator[Allowed]:
    """Return the starts that tests on record, or tests still to be done, allow."""
    for binding in ground.rules[due.id]:
        if isinstance(binding, Gated) and binding.keeps_least:
            bits = 0
            for test in binding.tests:
                bits |= _after_test(ground, binding, test, binding.most)
            if binding.instead is not None:
                bits |= span(ground.midnight(binding.instead.on), ground.slots.total)
            if binding.again is not None:
                bits |= _after_test(ground, binding, _at_midnight(ground, binding.again), None)
            yield Allowed(bits & ground.slots.all, binding)


def _noticed(ground: Groundwork, due: Due) -> Iterator[Allowed]:
    """Return the starts that are late enough for a visit's notice, and where it may stay."""
    minutes = ground.slots.minutes
    for binding in ground.rules[due.id]:
        if isinstance(binding, Noticed):
            first = -(-ground.horizon.tick(binding.not_before) // minutes)
            bits = ground.slots.all & ~span(0, min(max(first, 0), ground.slots.total))
            if binding.stays is not None:
                tick = ground.horizon.tick(binding.stays)
                bits |= ground.slots.all & bit(tick // minutes) if tick >= 0 else 0
            yield Allowed(bits, binding)


def _at_midnight(ground: Groundwork, day: date) -> PastVisit:
    start = datetime(day.year, day.month, day.day, tzinfo=ground.clinic.zone)
    return PastVisit("", "", day, start)


def _after_test(ground: Groundwork, rule: Gated, test: PastVisit, most: Span | None) -> int:
    """Return the starts at which one test counts."""
    minutes, month_end = ground.slots.minutes, ground.agenda.month_end
    earliest, latest = ground.past_moments(test, Between.STARTS)
    first, last = ground.midnight(test.on), ground.slots.total
    if test.start is not None:
        first = max(first, -(-earliest // minutes))
    match rule.least:
        case CalendarSpan():
            day = landing(rule.least, test.on, month_end)
            first = max(first, ground.midnight(day))
        case ElapsedSpan():
            first = max(first, -(-(latest + rule.least.minutes) // minutes))
        case None:
            pass
    match most:
        case CalendarSpan():
            day = landing(most, test.on, month_end)
            last = ground.midnight(day, after=1)
        case ElapsedSpan():
            last = (earliest + most.minutes) // minutes + 1
        case None:
            pass
    return span(first, last) if first < last else 0


def _apart_from_past(ground: Groundwork, shape: Shape) -> Iterator[Allowed]:
    """Return the starts at which a visit does not overlap one that was given."""
    minutes, busy = ground.slots.minutes, 0
    for past in ground.agenda.past:
        if past.start is not None and past.end is not None:
            first = ground.horizon.tick(past.start) - shape.most + 1
            last = ground.horizon.tick(past.end)
            if last > 0:
                busy |= span(max(-(-first // minutes), 0), -(-last // minutes))
    if busy:
        yield Allowed(ground.slots.all & ~busy, causes.InOrder())


# --- days -------------------------------------------------------------------------------------


def _days(ground: Groundwork, due: Due) -> Iterator[Allowed]:
    """Return the dates that rules about this one visit allow."""
    horizon, whole = ground.horizon, (1 << ground.horizon.days) - 1
    first = horizon.first.weekday()
    if horizon.beyond:
        within = span(0, horizon.days - horizon.beyond)
        yield Allowed(within, causes.HorizonEnds(horizon.last))
    kind = ground.protocol.visit_type(due.kind)
    free = any(
        isinstance(one, OnWeekdays) and one.rule == "weekdays" and not one.keeps_least
        for one in ground.rules[due.id]
    )
    if kind.weekdays and not free:
        rule = OnWeekdays(rule="weekdays", visit=due.id, weekdays=kind.weekdays)
        yield Allowed(_weekdays(ground, kind.weekdays, first), rule)
    for binding in ground.rules[due.id]:
        match binding:
            case NotBefore(visit=due.id, day=day):
                yield Allowed(whole & ~span(0, horizon.number_of(day)), binding)
            case NotAfter(visit=due.id, day=day):
                yield Allowed(whole & span(0, horizon.number_of(day) + 1), binding)
            case OnWeekdays(visit=due.id, weekdays=names) if binding.keeps_least:
                yield Allowed(_weekdays(ground, names, first), binding)
            case OnDaysOfMonth(visit=due.id) if binding.keeps_least:
                yield Allowed(_of_month(ground, binding), binding)
            case Spacing(later=due.id, earlier=PastVisit(on=on)):
                window = day_window(kept_ends(binding), on, ground.agenda.month_end)
                yield Allowed(_near(ground, on, window) & whole, binding)
            case OfDates(later=due.id, earlier=PastVisit(on=on)):
                reach = abs((horizon.last - on).days)
                counted = (ground.clinic, ground.agenda.month_end)
                window = _kept_window(binding, date_window(binding, on, reach, *counted))
                yield Allowed(_near(ground, on, window) & whole, binding)
            case _:
                pass


def _weekdays(ground: Groundwork, names: tuple[str, ...], first: int) -> int:
    return sum(1 << n for n in range(ground.horizon.days) if WEEKDAYS[(first + n) % 7] in names)


def _of_month(ground: Groundwork, rule: OnDaysOfMonth) -> int:
    days = (ground.horizon.first + timedelta(days=n) for n in range(ground.horizon.days))
    return sum(1 << n for n, day in enumerate(days) if rule.first <= day.day <= rule.last)


def _near(ground: Groundwork, on: date, window: Window) -> int:
    base = ground.horizon.number_of(on)
    least = 0 if window.least is None else base + window.least
    most = ground.horizon.days if window.most is None else base + window.most + 1
    return span(least, most) & ~sum(bit(base + hole) for hole in window.holes)


def _kept_window(binding: OfDates, window: Window) -> Window:
    """Return a window with the ends that have to be kept."""
    return attrs.evolve(
        window,
        least=window.least if binding.keeps_least else None,
        most=window.most if binding.keeps_most else None,
        holes=window.holes if binding.keeps_least else frozenset(),
    )


def _capped(ground: Groundwork, due: Due) -> Iterator[Allowed]:
    """Return the dates that caps allow after visits already given."""
    whole = (1 << ground.horizon.days) - 1
    for binding in ground.rules[due.id]:
        if not isinstance(binding, AtMost) or not binding.keeps_least:
            continue
        visits = ground.counted(binding)
        for first, last in zip(visits, visits[binding.most :], strict=False):
            if isinstance(first, PastVisit) and last == due.id:
                day = ground.horizon.number_of(first.on) + binding.days
                yield Allowed(whole & ~span(0, day), binding)


def _not_beside_past(ground: Groundwork) -> Iterator[Allowed]:
    """Return the dates on which a visit is not next to one that was given, if that may not be."""
    person = ground.person
    if person.requires.not_two_days_running and ground.agenda.past:
        visits = (past.on for past in ground.agenda.past if past.kind)
        beside = reduce(or_, (_next_to(ground, on) for on in visits), 0)
        whole = (1 << ground.horizon.days) - 1
        yield Allowed(whole & ~beside, causes.NotTwoDaysRunning(person.name))


def _beside_past(ground: Groundwork) -> Iterator[Penalty]:
    """Return what a visit next to each one that was given costs, if the person minds."""
    person = ground.person
    if person.preferences.not_two_days_running and not person.requires.not_two_days_running:
        for past in ground.agenda.past:
            if past.kind and (days := _next_to(ground, past.on)):
                bits = ground.slots.days(members(days))
                yield Penalty(bits, 1, RUNNING)


def _next_to(ground: Groundwork, on: date) -> int:
    """Return the dates before and after a date, as far as they are in the horizon."""
    number = ground.horizon.number_of(on)
    whole = (1 << ground.horizon.days) - 1
    return (bit(number - 1) | bit(number + 1)) & whole


# --- targets ----------------------------------------------------------------------------------


def _day_targets(ground: Groundwork, due: Due) -> Iterator[Target]:
    """Return the dates this visit is best on, measured from visits already given."""
    for binding in ground.rules[due.id]:
        match binding:
            case Spacing(later=due.id, earlier=PastVisit(on=on)) if binding.target:
                if isinstance(binding.target.least, CalendarSpan):
                    window = day_window(binding, on, ground.agenda.month_end)
                    base = ground.horizon.number_of(on)
                    yield Target(Window(lo=window.lo, hi=window.hi).moved(base), binding)
            case _:
                pass


def _slot_targets(ground: Groundwork, due: Due) -> Iterator[Target]:
    """Return the starts this visit is best at, in real time from visits already given."""
    minutes = ground.slots.minutes
    for binding in ground.rules[due.id]:
        match binding:
            case Spacing(later=due.id, earlier=PastVisit() as past) if binding.target:
                window = minutes_window(binding)
                moments = ground.past_moments(past, binding.between)
                if window.lo is not None and moments[0] == moments[1]:
                    last = None if window.hi is None else window.hi // minutes
                    slots = Window(lo=window.lo // minutes, hi=last)
                    base = moments[0] // minutes
                    yield Target(slots.moved(base), binding, 1440 // minutes)
            case _:
                pass


def broken_limits(ground: Groundwork, due: Due) -> tuple[tuple[Target, ...], tuple[Target, ...]]:
    """Return the limits of a visit that cannot be kept as targets, in days and in slots."""
    days, slots = [], []
    for binding in ground.rules[due.id]:
        broken = binding.broken
        if broken is None or binding.forbids:
            continue
        if broken.cause is BrokenBy.DEFERRED:
            days.append(by_day(binding, ground.horizon.number_of(broken.first)))
        elif (
            isinstance(binding, Spacing)
            and isinstance(binding.most, ElapsedSpan)
            and isinstance(binding.earlier, PastVisit)
        ):
            first, _ = ground.past_moments(binding.earlier, binding.between)
            minutes = ground.slots.minutes
            last = (first + binding.most.minutes) // minutes
            slots.append(Target(Window(hi=last), binding, 1440 // minutes))
        else:
            days.append(by_day(binding, ground.horizon.number_of(broken.limit)))
    return tuple(days), tuple(slots)


# --- what people know -------------------------------------------------------------------------


def _known(ground: Groundwork, due: Due, shape: Shape) -> Announced | None:
    """Return where people know the visit to be, and where its ride home can stay."""
    keep = ground.keep.get(due.id)
    if keep is None:
        return None
    slot = ground.horizon.tick(keep.start) // ground.slots.minutes
    rides = ground.slots.all
    if shape.escorted and keep.escort is not None:
        rides = _holder(ground, due, shape, keep.escort)
    return Announced(slot, rides, causes.AsAnnounced(due.id, keep.start))


def _holder(ground: Groundwork, due: Due, shape: Shape, escort: str) -> int:
    found = (h.starts for h in ground.own_holders(due, shape) if h.name == escort)
    return next(found, 0)


def _without_declined(ground: Groundwork, due: Due, shape: Shape) -> Iterator[Allowed]:
    """Return the starts at which an escort is free who did not decline."""
    keep = ground.keep.get(due.id)
    if keep is None or not keep.declined or not shape.escorted:
        return
    starts = 0
    for holder in ground.own_holders(due, shape):
        if holder.kind == "escort":
            starts |= holder.starts
    yield Allowed(starts, causes.Declined(keep.declined))
