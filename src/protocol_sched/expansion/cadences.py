"""From a phase's cadence to the rules that place one of its visits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import assert_never

import attrs

from protocol_sched.expansion.forecast import landing
from protocol_sched.expansion.references import (
    day_of_month,
    find,
    monthly,
    on_original_dates,
    previous,
)
from protocol_sched.expansion.track import Item, Laid, Origin, Position, Role, Track, Turn
from protocol_sched.expansion.wording import Where
from protocol_sched.model.agenda import (
    LIBRARY,
    SPREAD,
    AtMost,
    CaughtUp,
    FilledWeek,
    MadeUp,
    NextWorkingDay,
    OnOpenDay,
    OnWeekdays,
    PastVisit,
    Question,
    Spacing,
    WeekApart,
)
from protocol_sched.model.cadences import (
    At,
    Cadence,
    ClosedDays,
    Consecutive,
    Every,
    OnDemand,
    PerWeek,
    Week,
    Within,
)
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.references import (
    AnotherSeries,
    DayOfMonth,
    OriginalDates,
    PreviousVisit,
    Reference,
    StartOf,
    VisitNumber,
)
from protocol_sched.model.rules import Between, Starts
from protocol_sched.model.sentences import told
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span, SpanRange

Tries = tuple[PastVisit, ...]
NO_DAYS = CalendarSpan()


# --- spans in a phase's own time ---------------------------------------------------------------


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


def point(cadence: At, position: Position) -> Span:
    """Return where a position lies on the phase's time, from the start of its first cycle."""
    span = cadence.at[min(position.step, len(cadence.at)) - 1].span
    return plus(span, (cadence.cycle or NO_DAYS).times(position.cycle - 1))


def offset(cadence: Every | At, start: Position, end: Position) -> SpanRange | None:
    """Return the distance between two positions; ``None`` where the cadence does not say."""
    match cadence:
        case Every(every=every):
            steps = end.step - start.step
            if start.cycle != end.cycle or steps < 0:
                return None
            most = times(every.most or every.least, steps)
            return SpanRange(times(every.least, steps), most)
        case At():
            if cadence.cycle is None and start.cycle != end.cycle:
                return None
            span = plus(point(cadence, end), times(point(cadence, start), -1))
            return SpanRange(span, span)
        case _:
            assert_never(cadence)


# --- one visit ---------------------------------------------------------------------------------


def placed(turn: Turn, tries: Tries, track: Track) -> Iterator[Item]:
    """Yield what places a visit in time, by its phase's cadence, anchor and start."""
    phase, cadence = turn.phase, turn.phase.cadence
    if turn.asap:
        return
    effect = track.effect
    if turn.role is Role.EXTRA:
        yield from _extra(turn, tries, track)
    elif effect is not None and effect.tier.next_after is not None and not tries:
        span = SpanRange(effect.tier.next_after, effect.tier.next_after)
        yield _aim(turn, track.real[-1].where, span, "late", effect.table.source)
    elif isinstance(phase.anchor, AnotherSeries):
        yield from _with_series(turn, phase.anchor, tries, track)
    elif turn.first:
        yield from _first_of_phase(turn, tries, track)
    elif turn.position.step == 1 and turn.position.cycle > 1:
        yield from _first_of_cycle(turn, tries, track)
    else:
        match cadence:
            case Every() | At():
                yield from _anchored(turn, cadence, tries, track)
            case PerWeek():
                yield from _per_week(turn, cadence, track)
            case Consecutive():
                yield from _consecutive(turn, cadence, tries, track)
            case Within():
                yield from _within(turn, cadence, track)
            case OnDemand():
                pass
            case _:
                assert_never(cadence)
    yield from _weekdays(turn)


def _weekdays(turn: Turn) -> Iterator[Item]:
    cadence = turn.phase.cadence
    if isinstance(cadence, Consecutive) and not cadence.weekends:
        if cadence.closed_days is ClosedDays.EXTRA_OPENING and turn.position.step > 1:
            return
        yield OnWeekdays(
            rule="cadence", source=turn.phase.source, visit=turn.id, weekdays=WEEKDAYS[:5]
        )


def _aim(turn: Turn, earlier: Where, target: SpanRange, rule: str, source: str) -> Spacing:
    """Return the spacing of a target; without an end it is a least distance."""
    if target.most is None:
        return Spacing(rule=rule, source=source, earlier=earlier, later=turn.id, least=target.least)
    return Spacing(rule=rule, source=source, earlier=earlier, later=turn.id, target=target)


def _from(
    turn: Turn, references: tuple[Reference, ...], tries: Tries, track: Track
) -> Iterator[Where | Question]:
    for reference in references:
        found = find(reference, turn, tries, track)
        if found is not None:
            yield found


def _begun(turn: Turn, starts: Starts, tries: Tries, track: Track) -> Iterator[Item]:
    for found in _from(turn, starts.from_, tries, track):
        if isinstance(found, Question):
            yield found
        else:
            after = starts.after
            if starts.from_ == (OriginalDates(),):
                found, after = _after_original(track.real[-1], after, track)
            yield _aim(turn, found, after, "start", starts.source)


def _first_of_phase(turn: Turn, tries: Tries, track: Track) -> Iterator[Item]:
    phase, cadence = turn.phase, turn.phase.cadence
    if isinstance(phase.starts, OnDemand):
        return
    if phase.starts is not None and turn.run == _first_run(turn, track):
        yield from _begun(turn, phase.starts, tries, track)
    elif isinstance(cadence, Every | At) and _hangs_elsewhere(turn, track):
        yield from _anchored(turn, cadence, tries, track)
    elif isinstance(cadence, Every) and track.real:
        last = track.real[-1]
        if isinstance(phase.anchor, OriginalDates):
            place, after = _after_original(last, cadence.every, track)
            yield _aim(turn, place, after, "cadence", phase.source)
        else:
            earlier = tries[-1] if tries else last.where
            yield _aim(turn, earlier, cadence.every, "cadence", phase.source)
    elif isinstance(cadence, PerWeek) and track.real:
        yield from _week_after(turn, track.real[-1], track)


def _first_run(turn: Turn, track: Track) -> int:
    """Return the first run of the turn's phase since the course was last restarted."""
    runs = [
        laid.turn.run
        for laid in track.laid
        if laid.turn.phase.name == turn.phase.name and laid.turn.run >= track.course_run
    ]
    return min([*runs, turn.run])


def _first_of_cycle(turn: Turn, tries: Tries, track: Track) -> Iterator[Item]:
    phase, cadence = turn.phase, turn.phase.cadence
    begins = phase.begins_another
    match begins:
        case Starts():
            yield from _begun(turn, begins, tries, track)
        case OnDemand():
            return
        case None if isinstance(cadence, At) and cadence.cycle is not None:
            yield from _anchored(turn, cadence, tries, track)
        case None:
            yield Question(
                id=f"cycle-{phase.name}",
                asks=told(
                    "How long after one cycle of {phase} does the next begin?", phase=phase.name
                ),
                about=phase.name,
            )
        case _:
            assert_never(begins)


def _extra(turn: Turn, tries: Tries, track: Track) -> Iterator[Item]:
    effect, earlier = track.effect, previous(tries, track)
    span = effect.tier.extra_after if effect is not None else None
    if effect is not None and earlier is not None and span is not None:
        yield _aim(turn, earlier, SpanRange(span, span), "late", effect.table.source)


# --- intervals and lists of points -------------------------------------------------------------


def _hangs_elsewhere(turn: Turn, track: Track) -> bool:
    """Tell whether the anchor is something other than visits of the phase itself."""
    match turn.phase.anchored_on:
        case PreviousVisit() | OriginalDates() | DayOfMonth():
            return False
        case StartOf(what="cycle" | "phase"):
            return False
        case StartOf(what=what):
            return what != turn.phase.name and bool(what != "course" or track.real)
        case VisitNumber(phase=phase):
            return phase != turn.phase.name
        case _:
            return True


def _anchored(turn: Turn, cadence: Every | At, tries: Tries, track: Track) -> Iterator[Item]:
    phase, reference = turn.phase, turn.phase.anchored_on
    if isinstance(reference, DayOfMonth):
        yield from _on_day_of_month(turn, cadence, reference, track)
        return
    if tries and isinstance(reference, PreviousVisit):
        origin: Origin | None = Origin(tries[-1], _before(turn.position))
    else:
        origin = track.origin
    if origin is not None:
        target = offset(cadence, origin.position, turn.position)
        if target is not None:
            target = _further(target, origin.after)
            yield _aim(turn, origin.where, target, "cadence", phase.source)
        return
    found = find(reference, turn, tries, track)
    if isinstance(found, Question):
        yield found
    elif found is not None:
        target = _from_outside(turn, cadence, reference, track)
        yield _aim(turn, found, target, "cadence", phase.source)


def _after_original(laid: Laid, target: SpanRange, track: Track) -> tuple[Where, SpanRange]:
    """Return a distance after a visit's original date as one after what that date hangs on."""
    place, after = on_original_dates(laid, track)
    if not in_days(target.least, target.most):  # 4 weeks and a month are no one distance
        return laid.original, target
    return place, _further(target, after)


def _further(target: SpanRange, by: CalendarSpan) -> SpanRange:
    """Return a distance so much longer."""
    if by == NO_DAYS:
        return target
    return SpanRange(plus(target.least, by), None if target.most is None else plus(target.most, by))


def _before(position: Position) -> Position:
    return Position(position.cycle, position.step - 1)


def _from_outside(turn: Turn, cadence: Every | At, reference: Reference, track: Track) -> SpanRange:
    """Return the distance from an anchor that is not a moving visit of the phase."""
    match cadence:
        case At():
            span = point(cadence, turn.position)
            return SpanRange(span, span)
        case Every(every=every):
            # The anchor can be a later step of an earlier cycle; no visit comes before it.
            steps = max(0, turn.position.step - _own_step(turn, reference, track))
            return SpanRange(times(every.least, steps), times(every.most or every.least, steps))
        case _:
            assert_never(cadence)


def _own_step(turn: Turn, reference: Reference, track: Track) -> int:
    """Return the step of an anchor that is a visit of the phase; 0 for any other anchor."""
    found = find(reference, turn, (), track)
    for laid in track.real:
        if laid.where == found and laid.turn.run == turn.run:
            return laid.turn.position.step
    return 0


def _on_day_of_month(
    turn: Turn, cadence: Every | At, reference: DayOfMonth, track: Track
) -> Iterator[Item]:
    """
    Yield the target on a fixed day of the month.

    The date itself is the reference, because no distance from an earlier visit says it; where
    the phase's first visit is still due, it follows from that visit's forecast.
    """
    here = [laid for laid in track.laid if laid.turn.run == turn.run]
    first = here[0].day if here else None
    if first is None:
        return
    wanted = reference.day or first.day
    target = offset(cadence, here[0].turn.position, turn.position)
    if target is None or not isinstance(target.least, CalendarSpan):
        return
    span = target.least
    day = day_of_month(first, 12 * span.years + span.months, wanted, track.month_end)
    day = landing(
        day, CalendarSpan(weeks=span.weeks, days=span.days), Between.STARTS, track.month_end
    )
    fixed = PastVisit(f"{turn.id}@month", monthly(wanted), day)
    yield _aim(turn, fixed, SpanRange(NO_DAYS, NO_DAYS), "cadence", turn.phase.source)


def _with_series(turn: Turn, series: AnotherSeries, tries: Tries, track: Track) -> Iterator[Item]:
    found = find(series, turn, tries, track)
    if isinstance(found, Question):
        yield found
    elif found is not None:
        yield Spacing(
            rule="cadence",
            source=turn.phase.source,
            earlier=found,
            later=turn.id,
            least=NO_DAYS,
            most=NO_DAYS,
            target=SpanRange(NO_DAYS, NO_DAYS),
        )


# --- sets and blocks ---------------------------------------------------------------------------


def _here(turn: Turn, track: Track) -> list[Laid]:
    """Return the visits of this cycle of the phase, in order."""
    return [
        laid
        for laid in track.laid
        if laid.turn.run == turn.run
        and laid.turn.position.cycle == turn.position.cycle
        and laid.turn.role is Role.REGULAR
    ]


def week_number(turn: Turn, cadence: PerWeek, track: Track) -> int:
    """
    Return in which week of its phase a visit belongs, from 0.

    No week holds more than the cadence's number, so a visit made up for in a later week moves
    the rest on.
    """
    return _least_week(_week_numbers(turn, cadence, track), cadence)


def _week_numbers(turn: Turn, cadence: PerWeek, track: Track) -> list[int]:
    """Return in which week each visit of the phase is that comes before one, left out or not."""
    numbers: list[int] = []
    here = _here(turn, track)
    start = next((laid.day for laid in here if not laid.omitted), None)
    for laid in here:
        number = _least_week(numbers, cadence)
        if laid.past is not None and start is not None:
            number = _week_between(start, laid.past.on, cadence.week)
        elif (
            (laid.overdue or track.fixed_at(laid.turn.id) is not None)
            and laid.day is not None
            and start is not None
        ):
            number = max(number, _week_between(start, laid.day, cadence.week))
        numbers.append(number)
    return numbers


def _least_week(numbers: list[int], cadence: PerWeek) -> int:
    after_last = numbers[-1] if numbers else 0
    full = numbers[-cadence.per_week] + 1 if len(numbers) >= cadence.per_week else 0
    return max(after_last, full)


def _week_between(start: date, day: date, week: Week) -> int:
    if week is Week.FIRST_VISIT:
        return (day - start).days // 7
    back = 0 if week is Week.MONDAY else 1
    return ((day.toordinal() - 1 + back) // 7) - ((start.toordinal() - 1 + back) // 7)


def _in_week(turn: Turn, start: Where, weeks: int, week: Week) -> Item:
    if week is not Week.FIRST_VISIT:
        return WeekApart(
            rule="cadence",
            source=turn.phase.source,
            earlier=start,
            later=turn.id,
            weeks=weeks,
            begins=week,
        )
    return Spacing(
        rule="cadence",
        source=turn.phase.source,
        earlier=start,
        later=turn.id,
        least=CalendarSpan(days=7 * weeks),
        most=CalendarSpan(days=7 * weeks + 6),
    )


def _per_week(turn: Turn, cadence: PerWeek, track: Track) -> Iterator[Item]:
    start = next((laid.where for laid in _here(turn, track) if not laid.omitted), None)
    if start is not None and cadence.closed_days is ClosedDays.SKIP:
        yield from _filled(turn, cadence, track)
    elif start is not None:
        number = week_number(turn, cadence, track)
        yield _in_week(turn, start, number, cadence.week)
        numbers = zip(_here(turn, track), _week_numbers(turn, cadence, track), strict=True)
        yield from _spread(turn, cadence, [laid for laid, week in numbers if week == number])


def _filled(turn: Turn, cadence: PerWeek, track: Track) -> Iterator[Item]:
    """Yield the week that has room for a visit, and what spreads visits where that is open."""
    here = _here(turn, track)
    yield _room_in_week(turn, cadence, here, len(here), track)
    earlier = [laid for laid in here if not laid.omitted][-1]
    if cadence.spread and cadence.per_week <= MOST_SPREAD:
        apart = [
            CalendarSpan(days=days) for days in (7 // cadence.per_week, -(-7 // cadence.per_week))
        ]
        target = SpanRange(*apart)
        yield Spacing(
            rule=SPREAD, source=LIBRARY, earlier=earlier.where, later=turn.id, target=target
        )


def _room_in_week(
    turn: Turn, cadence: PerWeek, here: list[Laid], place: int, track: Track, weeks: int = 0
) -> FilledWeek:
    """
    Return the week of a visit, counted from the last one of its cycle that has a date.

    Args:
        here: The visits of the cycle that come before, those left out too.
        place: How many of them come before the one whose week it is.
    """
    first = next(n for n, laid in enumerate(here) if not laid.omitted)
    dated = [
        n
        for n, laid in enumerate(here)
        if laid.day is not None
        and (laid.past or laid.overdue or laid.turn.id in track.history.pins)
    ]
    start, base = here[first].day, max([first, *dated])
    into, used = 0, base + 1
    if base != first and start is not None:
        days = [laid.day for laid in here[: base + 1]]
        week = _week_between(start, days[base] or start, cadence.week)
        same = (day is not None and _week_between(start, day, cadence.week) == week for day in days)
        into = ((days[base] or start) - start).days % 7
        used = base + 1 - list(same).index(True)
    return FilledWeek(
        rule="cadence",
        source=turn.phase.source,
        earlier=here[base].where,
        later=turn.id,
        visits=place - base,
        per_week=cadence.per_week,
        begins=cadence.week,
        into=into if cadence.week is Week.FIRST_VISIT else 0,
        used=used,
        gone=0 if turn.id in track.history.given else _gone(here[base], track),
        weeks=weeks,
    )


def _gone(laid: Laid, track: Track) -> int:
    """Return how many days after a visit given have passed on which nobody can come any more."""
    return 0 if laid.past is None else max(0, (track.floor - laid.past.on).days - 1)


MOST_SPREAD = 4
"""With more visits a week than these there is a day between at most twice: nothing to spread."""


def _spread(turn: Turn, cadence: PerWeek, here: list[Laid]) -> Iterator[Item]:
    """
    Yield the target that spreads visits evenly over their week, one day either side of it.

    Args:
        here: The visits of the same week that come before, those left out too.
    """
    first = next((n for n, laid in enumerate(here) if not laid.omitted), None)
    if not cadence.spread or cadence.per_week > MOST_SPREAD or first is None:
        return

    def place(step: int) -> int:
        """Return the day of the week's n-th visit, from 0: to the nearest day, halves up."""
        return (14 * step + cadence.per_week) // (2 * cadence.per_week)

    apart, steps = place(len(here)) - place(first), len(here) - first
    nearest = max(apart - 1, steps * (7 // cadence.per_week))
    yield Spacing(
        rule=SPREAD,
        source=LIBRARY,
        earlier=here[first].where,
        later=turn.id,
        target=SpanRange(CalendarSpan(days=nearest), CalendarSpan(days=apart + 1)),
    )


def _week_after(turn: Turn, last: Laid, track: Track) -> Iterator[Item]:
    """Yield the week after the last one of a phase counted in weeks, for the next phase."""
    cadence = last.turn.phase.cadence
    if not isinstance(cadence, PerWeek):
        return
    if cadence.closed_days is ClosedDays.SKIP:
        whole = _here(last.turn, track)
        source, before = last.turn.phase.source, whole[: whole.index(last) + 1]
        week = _room_in_week(last.turn, cadence, before, len(before) - 1, track, weeks=1)
        yield attrs.evolve(week, later=turn.id, source=source)
        return
    here = [laid for laid in _here(last.turn, track) if not laid.omitted]
    start, day = here[0].day, last.day
    if start is not None and day is not None:
        own = week_number(last.turn, cadence, _until(track, last))
        weeks = max(own, _week_between(start, day, cadence.week)) + 1
        yield _in_week(turn, here[0].where, weeks, cadence.week)


def _until(track: Track, last: Laid) -> Track:
    return attrs.evolve(track, laid=track.laid[: track.laid.index(last)])


def _consecutive(turn: Turn, cadence: Consecutive, tries: Tries, track: Track) -> Iterator[Item]:
    """Yield exactly one day, or one working day, after the day before; a missed day slides all."""
    here = [laid for laid in _here(turn, track) if not laid.omitted]
    if not here:
        return
    within_day = (turn.position.step - 1) % cadence.per_day
    source = turn.phase.source
    if within_day and here[-1].turn.position.step >= turn.position.step - within_day:
        yield Spacing(
            rule="cadence",
            source=source,
            earlier=here[-1].where,
            later=turn.id,
            least=NO_DAYS,
            most=NO_DAYS,
        )
        return
    earlier = tries[-1] if tries else here[-1].where
    day = CalendarSpan(days=1)
    if cadence.closed_days is ClosedDays.EXTRA_OPENING:
        yield _caught_up(turn, cadence, here, earlier)
    elif cadence.closed_days is ClosedDays.MAKE_UP:
        yield from _made_up(turn, cadence, here, earlier)
    elif cadence.closed_days is ClosedDays.SKIP:
        yield OnOpenDay(
            rule="cadence",
            source=source,
            earlier=earlier,
            later=turn.id,
            after=day,
            weekends=cadence.weekends,
        )
    elif cadence.weekends:
        yield Spacing(
            rule="cadence",
            source=source,
            earlier=earlier,
            later=turn.id,
            least=day,
            most=day,
            target=SpanRange(day, day),
        )
    else:
        yield NextWorkingDay(rule="cadence", source=source, earlier=earlier, later=turn.id)


def _caught_up(turn: Turn, cadence: Consecutive, here: list[Laid], earlier: Where) -> CaughtUp:
    """Return the day of a block that a visit has: from its first, and once that was given from the
    one before it, so that a day on which nobody came moves the rest."""
    first = here[0]

    def number(one: Turn) -> int:
        """Return how many days of the block come before the day of a visit."""
        return (one.position.step - first.turn.position.step) // cadence.per_day

    begun = first.past is not None and earlier != first.where
    return CaughtUp(
        rule="cadence",
        source=turn.phase.source,
        earlier=earlier if begun else first.where,
        later=turn.id,
        days=1 if begun else number(turn),
        since=first.past.on if first.past is not None and begun else None,
        done=number(turn) - 1 if begun else 0,
    )


def _made_up(turn: Turn, cadence: Consecutive, here: list[Laid], earlier: Where) -> Iterator[Item]:
    """Yield the day of a block that a visit has, counted from its first, and two a day at most."""
    source, first = turn.phase.source, here[0]
    yield MadeUp(
        rule="cadence",
        source=source,
        earlier=first.where,
        later=turn.id,
        days=turn.position.step - first.turn.position.step,
        weekends=cadence.weekends,
    )
    yield Spacing(
        rule="cadence",
        source=source,
        safe_least=True,
        earlier=earlier,
        later=turn.id,
        least=cadence.make_up_apart,
        between=Between.END_AND_START,
    )
    visits = tuple(laid.where for laid in here)
    yield AtMost(rule="cadence", source=source, most=2, days=1, visits=(*visits, turn.id))


def _within(turn: Turn, cadence: Within, track: Track) -> Iterator[Item]:
    here = [laid for laid in _here(turn, track) if not laid.omitted]
    if not here:
        return
    last = turn.position.step >= turn.phase.visits.least
    yield Spacing(
        rule="cadence",
        source=turn.phase.source,
        earlier=here[0].where,
        later=turn.id,
        least=cadence.within.least if last else None,
        most=cadence.within.most,
    )


def several_a_day(cadence: Cadence) -> bool:
    """Tell whether two visits in a row may be on one date."""
    match cadence:
        case Every(every=every):
            return isinstance(every.least, ElapsedSpan)
        case At():
            return any(isinstance(one.span, ElapsedSpan) for one in cadence.at)
        case Consecutive():
            return cadence.per_day > 1 or cadence.closed_days is ClosedDays.MAKE_UP
        case PerWeek() | Within() | OnDemand():
            return False
        case _:
            assert_never(cadence)
