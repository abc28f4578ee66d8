"""Cadences that put visits in weeks, blocks of days and lengths of time, as rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import attrs

from protocol_sched.expansion.span_sums import NO_DAYS
from protocol_sched.expansion.track import Item, Laid, Role, Track, Tries, Turn
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
    Spacing,
    WeekApart,
)
from protocol_sched.model.cadences import ClosedDays, Consecutive, PerWeek, Week, Within
from protocol_sched.model.rules import Between
from protocol_sched.model.spans import CalendarSpan, SpanRange


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


def per_week(turn: Turn, cadence: PerWeek, track: Track) -> Iterator[Item]:
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


def week_after(turn: Turn, last: Laid, track: Track) -> Iterator[Item]:
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


def consecutive(turn: Turn, cadence: Consecutive, tries: Tries, track: Track) -> Iterator[Item]:
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


def within(turn: Turn, cadence: Within, track: Track) -> Iterator[Item]:
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
    yield from _spread_within(turn, cadence, here)


def _spread_within(turn: Turn, cadence: Within, here: list[Laid]) -> Iterator[Item]:
    """
    Yield the target that spreads visits evenly from the first to the last of them.

    A span from 0 is a limit and says nothing of how long they take: they are spread over all of it,
    a day more or less.

    Args:
        here: The visits of the cycle that come before, without those left out.
    """
    least, most, steps = cadence.within.least, cadence.within.most, turn.phase.visits.least - 1
    if not (cadence.spread and isinstance(least, CalendarSpan) and isinstance(most, CalendarSpan)):
        return
    if least.by_months or most.by_months or steps < 2:
        return
    limit = least.in_days == 0
    nearest = most.in_days // steps - 1 if limit else least.in_days // steps
    farthest = -(-most.in_days // steps) + limit
    yield Spacing(
        rule=SPREAD,
        source=LIBRARY,
        earlier=here[-1].where,
        later=turn.id,
        target=SpanRange(CalendarSpan(days=max(nearest, 1)), CalendarSpan(days=farthest)),
    )
