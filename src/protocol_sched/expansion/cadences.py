"""From a phase's cadence to the rules that place one of its visits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from protocol_sched.expansion.forecast import landing
from protocol_sched.expansion.references import (
    day_of_month,
    find,
    monthly,
    on_original_dates,
    previous,
)
from protocol_sched.expansion.span_sums import NO_DAYS, in_days, plus, times
from protocol_sched.expansion.track import Item, Laid, Origin, Position, Role, Track, Tries, Turn
from protocol_sched.expansion.weeks_and_blocks import consecutive, per_week, week_after, within
from protocol_sched.expansion.wording import Where
from protocol_sched.model.agenda import OnWeekdays, PastVisit, Question, Spacing
from protocol_sched.model.cadences import (
    At,
    Cadence,
    ClosedDays,
    Consecutive,
    Every,
    OnDemand,
    PerWeek,
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

# --- positions in a phase's own time -----------------------------------------------------------


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
                yield from per_week(turn, cadence, track)
            case Consecutive():
                yield from consecutive(turn, cadence, tries, track)
            case Within():
                yield from within(turn, cadence, track)
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
        yield from week_after(turn, track.real[-1], track)


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
    """Return a distance after a visit's original date as one after what that date depends on."""
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
