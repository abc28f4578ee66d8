"""The agenda's rules, judged: visits together, their order, distances and caps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, assert_never

from protocol_sched.judge.block_days import days_of_block
from protocol_sched.judge.clock import (
    DAY,
    MINUTE,
    date_text,
    day_text,
    in_utc,
    instant,
    is_open,
    moment_text,
    ordinal_after,
    reckonable,
)
from protocol_sched.judge.insisted import insisted
from protocol_sched.judge.violation import Case, Placed, Violation, on_weekdays
from protocol_sched.model.agenda import (
    AtMost,
    CaughtUp,
    FilledWeek,
    FixedAt,
    Gated,
    MadeUp,
    NextWorkingDay,
    NotAfter,
    NotBefore,
    Noticed,
    OnDaysOfMonth,
    OnOpenDay,
    OnWeekdays,
    OtherWeekday,
    PastVisit,
    Rules,
    Spacing,
    WeekApart,
)
from protocol_sched.model.cadences import ClosedDay, Week
from protocol_sched.model.rules import Between
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan


def together(case: Case, placed: list[Placed]) -> Iterator[Violation]:
    ordered = sorted(placed, key=lambda one: one.start)
    for n, a in enumerate(ordered):
        for b in ordered[n + 1 :]:
            if b.start >= a.discharge_by:
                break  # and so do all that start after it
            if a.due.id != b.due.id and a.start < b.discharge_by:
                text = f"{b.title} starts on {moment_text(b.start, case.clinic.zone)}"
                wanted = f"a start after {a.title} ends on "
                yield Violation(
                    rule="overlap",
                    visits=(a.due.id, b.due.id),
                    found=text,
                    wanted=wanted + moment_text(a.discharge_by, case.clinic.zone),
                )
    yield from _turnovers(case, ordered)
    yield from _with_past(case, ordered)
    yield from insisted(case, ordered)
    by_id = {one.due.id: one for one in reversed(placed)}
    for binding in case.agenda.bindings:
        yield from _binding(case, binding, by_id)


def _turnovers(case: Case, placed: list[Placed]) -> Iterator[Violation]:
    """
    Yield where two visits hold something of one kind at once, the work around them included.

    Each holds a kind from its first need to its last. That the person is at both is told already.
    """
    if not any(one.tasks for one in placed):
        return
    for n, a in enumerate(placed):
        for b in placed[n + 1 :]:
            if a.due.id == b.due.id or b.start < a.discharge_by:
                continue
            mine, other = _holds(a), _holds(b)
            for kind in (kind for kind in mine if kind in other):
                if mine[kind][0] < other[kind][1] and other[kind][0] < mine[kind][1]:
                    zone = case.clinic.zone
                    until = moment_text(mine[kind][1], zone)
                    text = f"{b.title} needs a {kind} on {moment_text(other[kind][0], zone)}"
                    yield Violation(
                        rule="turnover",
                        visits=(a.due.id, b.due.id),
                        found=text,
                        wanted=f"it later: {a.title} holds one until {until}",
                    )


def _holds(one: Placed) -> dict[str, tuple[datetime, datetime]]:
    """Return from when until when a visit holds each kind of place or staff."""
    found: dict[str, tuple[datetime, datetime]] = {}
    needs = [
        (kind, one.start + begins, one.start + ends_by)
        for stage, (begins, _, _, ends_by) in zip(one.stages, one.ranges, strict=True)
        for kind, _ in stage.needs
    ]
    needs += [(kind, a, b) for work, a, b in one.tasks for kind, _ in work.needs]
    for kind, start, end in needs:
        first, last = found.get(kind, (start, end))
        found[kind] = (min(first, start), max(last, end))
    return found


def _with_past(case: Case, placed: list[Placed]) -> Iterator[Violation]:
    """Yield where a visit is at the same time as one that was given."""
    given: list[tuple[PastVisit, datetime, datetime]] = []
    for past in case.agenda.past:
        start = None if past.start is None else in_utc(past.start)
        end = None if past.end is None else in_utc(past.end)
        if start is not None and end is not None:
            given.append((past, start, end))
    for one in placed:
        for past, start, end in given:
            if start < one.discharge_by and one.start < end:
                text = f"{one.title} starts on {moment_text(one.start, case.clinic.zone)}"
                yield Violation(
                    rule="overlap",
                    visits=(past.id, one.due.id),
                    found=text,
                    wanted=f"a start after {past.title or past.id} ends on "
                    + moment_text(end, case.clinic.zone),
                )


class Seen(NamedTuple):
    """Something measured from: its date, and its moment where that is known."""

    day: date
    moment: datetime | None


class _Mark(NamedTuple):
    """What a rule measures from: a date, and the moments a most and a least count from, in UTC."""

    id: str
    title: str
    day: date
    first: datetime
    last: datetime


def past_moment(past: PastVisit, between: Between) -> datetime | None:
    """Return when the past visit started, or ended where the rule asks; ``None`` if unknown."""
    moment = past.end if between is Between.END_AND_START else past.start
    return None if moment is None or in_utc(moment) is None else moment


def mark_of(
    case: Case, where: str | PastVisit, by_id: dict[str, Placed], between: Between
) -> _Mark | None:
    """Return what a rule measures from; ``None`` where that visit is not placed."""
    if isinstance(where, str):
        if where not in by_id:
            return None
        one = by_id[where]
        moment = one.discharge_by if between is Between.END_AND_START else one.start
        return _Mark(where, one.title, one.day, moment, moment)
    title = where.title or where.id
    exact = past_moment(where, between)
    if exact is not None:
        moment = exact.astimezone(UTC)
        return _Mark(where.id, title, where.on, moment, moment)
    zone, day = case.clinic.zone, reckonable(where.on)
    started = past_moment(where, Between.STARTS)
    first = started.astimezone(UTC) if started is not None else instant(zone, day, 0)
    return _Mark(where.id, title, where.on, first, instant(zone, day + DAY, 0))


def _binding(case: Case, binding: Rules, by_id: dict[str, Placed]) -> Iterator[Violation]:
    """Yield how one rule is broken; rules about visits that are not placed bind nothing."""
    zone = case.clinic.zone
    if not (binding.keeps_least or binding.keeps_most):
        return  # waived or open; `breaches` tells how far a waived one is not kept

    def broken(ids: Iterable[str], found: str, wanted: str) -> Violation:
        return Violation(
            rule=binding.rule,
            visits=tuple(ids),
            found=found,
            wanted=wanted,
            source=binding.source,
        )

    match binding:
        case Spacing():
            yield from _spacing(case, binding, by_id)
        case NextWorkingDay():
            mark = mark_of(case, binding.earlier, by_id, Between.STARTS)
            if mark is not None and binding.later in by_id:
                later = by_id[binding.later]
                days, day = 0, mark.day
                while day < later.day:
                    day += DAY
                    days += day.weekday() < 5
                late = days > binding.days or later.day.weekday() >= 5
                soon = later.day < mark.day or days < binding.days
                if soon or (late and binding.keeps_most):
                    text = f"{later.title} is on {day_text(later.day)}, {mark.title} on "
                    wanted = f"{binding.days} working days later, Monday to Friday"
                    yield broken((mark.id, later.due.id), text + day_text(mark.day), wanted)
        case OnOpenDay():
            mark = mark_of(case, binding.earlier, by_id, Between.STARTS)
            if mark is not None and binding.later in by_id:
                later, wanted_day = by_id[binding.later], open_day_after(case, binding, mark.day)
                soon = wanted_day is None or later.day < wanted_day
                late = wanted_day is not None and later.day > wanted_day
                if soon or (late and binding.keeps_most):
                    text = f"{later.title} is on {day_text(later.day)}, {mark.title} on "
                    wanted = "no date: the clinic is closed"
                    if wanted_day is not None:
                        wanted = f"{day_text(wanted_day)}, by the days on which the clinic is open"
                    yield broken((mark.id, later.due.id), text + day_text(mark.day), wanted)
        case MadeUp():
            mark = mark_of(case, binding.earlier, by_id, Between.STARTS)
            if mark is not None and binding.later in by_id:
                later, either = by_id[binding.later], made_up_on(case, binding, mark.day)
                beyond = bool(either) and later.day > max(either)
                if later.day not in either and (binding.keeps_most or not beyond):
                    text = f"{later.title} is on {day_text(later.day)}, {mark.title} on "
                    wanted = " or ".join(map(day_text, either)) or "no date"
                    wanted += ", by the days on which the clinic is open"
                    yield broken((mark.id, later.due.id), text + day_text(mark.day), wanted)
        case CaughtUp() | FilledWeek():
            mark = mark_of(case, binding.earlier, by_id, Between.STARTS)
            if mark is not None and binding.later in by_id:
                later, held = by_id[binding.later], days_of_block(case, binding, mark.day)
                soon = held is None or later.day < held[0]
                late = held is not None and later.day > held[1]
                if soon or (late and binding.keeps_most):
                    text = f"{later.title} is on {day_text(later.day)}, {mark.title} on "
                    wanted = "no date: the clinic is closed"
                    if held is not None:
                        wanted = " to ".join(map(day_text, dict.fromkeys(held)))
                        wanted += ", by the days on which the clinic is open"
                    yield broken((mark.id, later.due.id), text + day_text(mark.day), wanted)
        case WeekApart():
            mark = mark_of(case, binding.earlier, by_id, Between.STARTS)
            if mark is not None and binding.later in by_id:
                later = by_id[binding.later]
                weeks = _week_of(later.day, binding.begins) - _week_of(mark.day, binding.begins)
                if weeks < binding.weeks or (weeks > binding.weeks and binding.keeps_most):
                    text = f"{later.title} is {weeks} calendar weeks after {mark.title}"
                    yield broken((mark.id, later.due.id), text, f"{binding.weeks}")
        case OtherWeekday():
            mark = mark_of(case, binding.earlier, by_id, Between.STARTS)
            if mark is not None and binding.later in by_id:
                later = by_id[binding.later]
                if later.day.weekday() == mark.day.weekday():
                    text = f"{later.title} is on {day_text(later.day)}, {mark.title} on "
                    wanted = "another weekday"
                    yield broken((mark.id, later.due.id), text + day_text(mark.day), wanted)
        case AtMost():
            found = crowded(binding, by_id)
            if found is not None and found[0] > binding.most:
                count, first, ids = found
                text = f"{count} visits in {binding.days} days from {day_text(first)}"
                yield broken(ids, text, f"at most {binding.most} in any {binding.days} days")
        case NotBefore(visit=visit, day=day):
            if visit in by_id and by_id[visit].day < day:
                text = f"{by_id[visit].title} is on {day_text(by_id[visit].day)}"
                yield broken((visit,), text, f"{day_text(day)} or later")
        case NotAfter(visit=visit, day=day):
            if visit in by_id and by_id[visit].day > day:
                text = f"{by_id[visit].title} is on {day_text(by_id[visit].day)}"
                yield broken((visit,), text, f"{day_text(day)} or earlier")
        case OnWeekdays(visit=visit):
            if visit in by_id:
                yield from on_weekdays(binding.rule, binding.source, by_id[visit], binding.weekdays)
        case OnDaysOfMonth(visit=visit, first=least, last=most):
            if visit in by_id and binding.keeps_least:
                day = by_id[visit].day
                if not least <= day.day <= most:
                    text = f"{by_id[visit].title} is on {day_text(day)}"
                    yield broken((visit,), text, f"{binding.days} of a month")
        case FixedAt(visit=visit):
            if visit in by_id and by_id[visit].start != in_utc(binding.start):
                pin = in_utc(binding.start)
                text = f"{by_id[visit].title} starts on {moment_text(by_id[visit].start, zone)}"
                yield broken((visit,), text, moment_text(pin, zone) if pin else str(binding.start))
        case Noticed(visit=visit):
            if visit in by_id and by_id[visit].start != _utc(binding.stays):
                opens, one = _utc(binding.not_before), by_id[visit]
                if opens is not None and one.start < opens:
                    text = f"{one.title} starts on {moment_text(one.start, zone)}"
                    why = f"with {binding.notice} of notice" if binding.notice else "to leave time"
                    more = f" for {binding.work}" if binding.work else ""
                    wanted = f"{moment_text(opens, zone)} or later, {why}{more}"
                    yield broken((visit,), text, wanted)
        case Gated(visit=visit):
            if visit in by_id:
                yield from _gated(case, binding, by_id[visit])
        case _:
            assert_never(binding)


_YEAR = 400
"""So many days either side are looked at for one on which the clinic is open."""


def open_day_after(case: Case, rule: OnOpenDay, day: date) -> date | None:
    """Return the date that a rule by open days means; ``None`` where none is near."""
    ordinal = ordinal_after(day, rule.after, case.agenda.month_end)
    for away in range(_YEAR):
        later, sooner = ordinal + away, ordinal - away
        for tried, allowed in (
            (later, away == 0 or rule.closed_day is not ClosedDay.PREVIOUS),
            (sooner, rule.closed_day is not ClosedDay.NEXT),
        ):
            if not allowed or not date.min.toordinal() <= tried <= date.max.toordinal():
                continue
            found = date.fromordinal(tried)
            if (rule.weekends or found.isoweekday() <= 5) and is_open(case.clinic, found):
                return found
    return None


def made_up_on(case: Case, rule: MadeUp, day: date) -> tuple[date, ...]:
    """Return the one or two dates that a visit may have, in order; none where all is closed."""

    def working(one: date) -> bool:
        return rule.weekends or one.isoweekday() <= 5

    left = rule.days
    while left:
        day += DAY
        left -= working(day)
    found = []
    for step in (-DAY, DAY):
        near = (day + n * step for n in range(_YEAR))
        opened = (one for one in near if working(one) and is_open(case.clinic, one))
        found.append(next(opened, date.max))
    return () if date.max in found else tuple(dict.fromkeys(found))


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else in_utc(moment)


def _gated(case: Case, rule: Gated, one: Placed) -> Iterator[Violation]:
    """Yield where no test on record counts for a visit and none can be done in time any more."""
    if rule.again is None or is_met(case, rule, one):
        return
    zone, month_end = case.clinic.zone, case.agenda.month_end
    opens = instant(zone, reckonable(rule.again), 0)
    match rule.least:
        case None:
            in_time = one.day >= rule.again
        case CalendarSpan():
            in_time = one.day.toordinal() >= ordinal_after(rule.again, rule.least, month_end)
        case ElapsedSpan():
            in_time = one.start - opens >= _delta(rule.least.minutes)
    if in_time:
        return
    least = f"at least {rule.least} after it" if rule.least is not None else "on its date or later"
    tests = " or ".join(test.title for test in rule.tests) or f"no {rule.gate}"
    text = f"{one.title} is on {day_text(one.day)}, with {tests} on record and no other "
    yield Violation(
        rule=rule.rule,
        visits=(one.due.id,),
        found=text + f"{rule.gate} before {day_text(rule.again)}",
        wanted=f"a {rule.gate} in time, {least}",
        source=rule.source,
    )


def is_met(case: Case, rule: Gated, one: Placed) -> bool:
    """Tell whether a test on record, or what its source accepts instead, counts for a visit."""
    if rule.instead is not None and one.day >= rule.instead.on:
        return True
    return any(counts_for(case, rule, test, one) for test in rule.tests)


def counts_for(case: Case, rule: Gated, test: PastVisit, one: Placed) -> bool:
    """Tell whether a test on record counts for a visit where it is placed."""
    month_end = case.agenda.month_end
    mark = mark_of(case, test, {}, Between.STARTS)
    if mark is None or one.day < mark.day or (test.start is not None and one.start < mark.first):
        return False
    for limit, is_least in ((rule.least, True), (rule.most, False)):
        match limit:
            case None:
                continue
            case CalendarSpan():
                beyond = one.day.toordinal() - ordinal_after(mark.day, limit, month_end)
            case ElapsedSpan():
                passed = one.start - (mark.last if is_least else mark.first)
                beyond = (passed - _delta(limit.minutes)) // MINUTE
                if passed > _delta(limit.minutes):
                    beyond = max(beyond, 1)
            case _:
                assert_never(limit)
        if beyond < 0 if is_least else beyond > 0:
            return False
    return True


def _week_of(day: date, begins: Week) -> int:
    """Return the number of the calendar week; 1 January of the year 1 was a Monday."""
    sunday_first = begins is Week.SUNDAY
    return (day.toordinal() - 1 + sunday_first) // 7


def crowded(binding: AtMost, by_id: dict[str, Placed]) -> tuple[int, date, tuple[str, ...]] | None:
    """Return the fullest window of days: how many visits, its first date, which visits."""
    days: list[tuple[date, str]] = []
    for visit in binding.visits:
        if isinstance(visit, PastVisit):
            days.append((visit.on, visit.id))
        elif visit in by_id:
            days.append((by_id[visit].day, visit))
    fullest: tuple[int, date, tuple[str, ...]] | None = None
    days.sort()
    # A fullest window can always be moved on until it begins with a visit.
    for first, _ in days:
        inside = [(day, name) for day, name in days if 0 <= (day - first).days < binding.days]
        if fullest is None or len(inside) > fullest[0]:
            fullest = (len(inside), first, tuple(name for _, name in inside))
    return fullest


def _spacing(case: Case, binding: Spacing, by_id: dict[str, Placed]) -> Iterator[Violation]:
    mark = mark_of(case, binding.earlier, by_id, binding.between)
    if mark is None or binding.later not in by_id:
        return
    later, month_end = by_id[binding.later], case.agenda.month_end
    most = binding.most if binding.keeps_most else None
    for limit, is_least in ((binding.least, True), (most, False)):
        match limit:
            case None:
                continue
            case CalendarSpan():
                edge = ordinal_after(mark.day, limit, month_end)
                beyond = later.day.toordinal() - edge
                if beyond >= 0 if is_least else beyond <= 0:
                    continue
                days = (later.day - mark.day).days
                found = f"{later.title} comes {count_text(days, 'day')} after {mark.title}"
                bound = f"{limit}, so {date_text(edge)} or {'later' if is_least else 'earlier'}"
            case ElapsedSpan():
                passed = later.start - (mark.last if is_least else mark.first)
                asked = _delta(limit.minutes)
                if passed >= asked if is_least else passed <= asked:
                    continue
                found = f"{later.title} comes {ElapsedSpan(passed // MINUTE)} after "
                found += f"{mark.title}{_end_words(binding.between)}"
                bound = str(limit)
            case _:
                assert_never(limit)
        yield Violation(
            rule=binding.rule,
            visits=(mark.id, later.due.id),
            found=found,
            wanted=f"at {'least' if is_least else 'most'} {bound}",
            source=binding.source,
        )


def _delta(minutes: int) -> timedelta:
    """Return a length no moment is further apart than, where it is longer than datetimes hold."""
    most = timedelta.max // MINUTE
    return max(min(minutes, most), -most) * MINUTE


def count_text(number: int, unit: str) -> str:
    return f"{number} {unit}" if abs(number) == 1 else f"{number} {unit}s"


def _end_words(between: Between) -> str:
    return " ends" if between is Between.END_AND_START else ""


def outside_by(found: int, least: int, most: int | None) -> int:
    return max(least - found, 0) + (0 if most is None else max(found - most, 0))
