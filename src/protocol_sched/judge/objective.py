"""What a schedule costs, counted again, and the distances it says it keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

from protocol_sched.judge.clock import (
    DAY,
    MINUTE,
    covers,
    in_utc,
    ordinal_after,
    wall_clock,
    windows_of,
)
from protocol_sched.judge.rules import Seen, count_text, crowded, mark_of, outside_by, past_moment
from protocol_sched.judge.violation import Case, Placed, Violation
from protocol_sched.model.agenda import Agenda, AtMost, PastVisit, Rules, Spacing
from protocol_sched.model.availability import Person, Preferences
from protocol_sched.model.objective import Objective
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.rules import Between
from protocol_sched.model.schedule import Schedule, Slack
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, MonthEnd, Span


def deviation_of(agenda: Agenda, schedule: Schedule) -> int:
    """
    Return the days outside the targets, over all spacings whose visits are both there.

    Calendar targets count dates, months resolved from the earlier visit's date. Elapsed targets
    count minutes, each spacing's divided by 1440 and rounded up.
    """
    visits = {visit.id: visit for visit in reversed(schedule.visits)}
    total = 0
    for binding in agenda.bindings:
        if isinstance(binding, Spacing) and binding.later in visits:
            later = visits[binding.later]
            earlier = binding.earlier
            if isinstance(earlier, PastVisit):
                seen = Seen(earlier.on, past_moment(earlier, binding.between))
            elif earlier in visits:
                before = visits[earlier]
                ends = binding.between is Between.END_AND_START
                seen = Seen(before.day, before.discharge_by if ends else before.start)
            else:
                continue
            total += _deviation(binding, seen, later.day, later.start, agenda.month_end)
    return total


def preferences_of(schedule: Schedule, person: Person, past: Sequence[PastVisit] = ()) -> int:
    """
    Return how many requests are not met, over all visits.

    A visit costs 1 if it is on no preferred weekday (where any is), 1 if it starts before
    ``earliest``, and 1 if its latest discharge is after ``latest`` on the clock of the date on
    which it started; on a later date it is after. With ``same_time`` each visit costs 1 that
    begins at another clock time than most of its type, with ``same_weekday`` each that is on
    another weekday than most of its type, with ``few_escorts`` each escort after the first. With
    ``hours`` each visit costs 1 that is not inside them on the clock it shows, with
    ``not_two_days_running`` each two visits on dates that follow each other, of which one may be
    in the past, and with ``evenly_spread`` each distance from one visit of a phase to the next
    that is not of so many days or one more, at the number of days that most are.
    """
    preferences, total = person.preferences, 0
    for visit in schedule.visits:
        if preferences.weekdays and WEEKDAYS[visit.day.weekday()] not in preferences.weekdays:
            total += 1
        if (
            preferences.earliest is not None
            and wall_clock(visit.start) < preferences.earliest * MINUTE
        ):
            total += 1
        if preferences.latest is not None:
            nights = visit.discharge_by.date() - visit.day
            total += nights + wall_clock(visit.discharge_by) > preferences.latest * MINUTE
        if preferences.hours is not None:
            start, end = in_utc(visit.start), in_utc(visit.discharge_by)
            zone = visit.start.tzinfo
            if start is not None and end is not None and zone is not None:
                inside = windows_of(preferences.hours.on, zone, start, end)
                total += not covers(inside, start, end)
    total += _course_preferences_unmet(schedule, preferences)
    if preferences.not_two_days_running and not person.requires.not_two_days_running:
        days = [visit.day for visit in schedule.visits]
        total += sum(b - a == DAY for a in days for b in days)
        total += sum(abs(day - one.on) == DAY for day in days for one in past if one.kind)
    return total


def _course_preferences_unmet(schedule: Schedule, preferences: Preferences) -> int:
    total = 0
    if preferences.same_time:
        times: dict[str, Counter[timedelta]] = {}
        for visit in schedule.visits:
            times.setdefault(visit.kind, Counter())[wall_clock(visit.start)] += 1
        total += sum(count.total() - max(count.values()) for count in times.values())
    if preferences.same_weekday:
        weekdays: dict[str, Counter[int]] = {}
        for visit in schedule.visits:
            weekdays.setdefault(visit.kind, Counter())[visit.day.weekday()] += 1
        total += sum(count.total() - max(count.values()) for count in weekdays.values())
    if preferences.few_escorts:
        escorts = {visit.escort for visit in schedule.visits if visit.escort is not None}
        total += max(len(escorts) - 1, 0)
    if preferences.evenly_spread:
        days_of: dict[str, list[date]] = {}
        for visit in sorted(schedule.visits, key=lambda one: one.day):
            days_of.setdefault(visit.phase, []).append(visit.day)
        for days in days_of.values():
            gaps = [(b - a).days for a, b in pairwise(days)]
            if len(gaps) > 1:
                alike = max(sum(gap in (one, one + 1) for gap in gaps) for one in gaps)
                total += len(gaps) - alike
    return total


def objective(agenda: Agenda, schedule: Schedule, person: Person) -> Objective:
    """
    Return what the schedule costs, worked out afresh.

    Dates and times are those the visits show, in the clinic's zone (`violations` reports others).
    A judge proves nothing, so ``bound`` is 0. Breaches are those the schedule names; `violations`
    tells whether they are the right ones.
    """
    return Objective(
        deviation=deviation_of(agenda, schedule),
        preferences=preferences_of(schedule, person, agenda.past),
        finish=max((visit.day for visit in schedule.visits), default=None),
        time_of_day=sum(wall_clock(visit.start) // MINUTE for visit in schedule.visits),
        breach=sum(one.counted for one in schedule.breaches),
    )


def _deviation(
    binding: Spacing, earlier: Seen, day: date, start: datetime, month_end: MonthEnd
) -> int:
    """Return the days outside the target; an elapsed one from an unknown moment costs nothing."""
    target = binding.target
    if target is None:
        return 0
    least, most = target.least, target.most
    if isinstance(least, CalendarSpan):
        lo = ordinal_after(earlier.day, least, month_end)
        hi = ordinal_after(earlier.day, most, month_end) if isinstance(most, CalendarSpan) else None
        return outside_by(day.toordinal(), lo, hi)
    real = None if earlier.moment is None else in_utc(earlier.moment)
    now = in_utc(start)
    if real is None or now is None:
        return 0
    upper = most.minutes if isinstance(most, ElapsedSpan) else None
    return -(-outside_by((now - real) // MINUTE, least.minutes, upper) // (24 * 60))


def wrong_numbers(case: Case, placed: list[Placed], slacks: Sequence[Slack]) -> Iterator[Violation]:
    """
    Check the numbers of each spacing and cap in ``kept``.

    A spacing with an elapsed length is measured in minutes, if the earlier moment is known, and
    else in days. A limit in the other unit has no number. Other rules have none either.
    """
    by_id = {one.due.id: one for one in reversed(placed)}
    listed = Counter(entry.rule for entry in slacks)
    there = Counter(case.agenda.bindings if slacks else ())
    for entry in slacks:
        said = (entry.found, entry.to_least, entry.to_most, entry.deviation)
        wanted = _numbers(case, entry.rule, by_id)
        if entry.rule not in there:
            text = f"kept names a rule of kind {entry.rule.rule!r} that the agenda does not have"
            yield Violation(rule="kept", visits=(), found=text, wanted="only the agenda's rules")
        elif wanted is not None and said != wanted:
            found, right = _numbers_text(said), _numbers_text(wanted)
            yield Violation(rule="kept", visits=_about(entry.rule), found=found, wanted=right)
    for binding, wanted_times in there.items():
        times = listed[binding]
        if (
            times != wanted_times
            and isinstance(binding, Spacing)
            and _numbers(case, binding, by_id)
        ):
            text = f"kept lists the rule {binding.rule!r} {count_text(times, 'time')}"
            wanted_text = count_text(wanted_times, "time")
            yield Violation(rule="kept", visits=_about(binding), found=text, wanted=wanted_text)


def _about(binding: Rules) -> tuple[str, ...]:
    if not isinstance(binding, Spacing):
        return ()
    earlier = binding.earlier
    return (earlier.id if isinstance(earlier, PastVisit) else earlier, binding.later)


_Numbers = tuple[int, int | None, int | None, int]
"""What `Slack` says of a rule: the distance found, the room to its least and most, the
deviation."""


def _numbers_text(numbers: _Numbers) -> str:
    found, to_least, to_most, deviation = numbers
    return f"found {found}, to_least {to_least}, to_most {to_most}, deviation {deviation}"


def _numbers(case: Case, binding: Rules, by_id: dict[str, Placed]) -> _Numbers | None:
    """Return the right numbers of a rule; ``None`` for a rule that has none."""
    if isinstance(binding, AtMost):
        crowd = crowded(binding, by_id)
        count = crowd[0] if crowd else 0
        return count, None, binding.most - count, 0
    if not isinstance(binding, Spacing) or binding.later not in by_id:
        return None
    mark = mark_of(case, binding.earlier, by_id, binding.between)
    if mark is None:
        return None
    later, month_end = by_id[binding.later], case.agenda.month_end
    exact = isinstance(binding.earlier, str) or (
        past_moment(binding.earlier, binding.between) is not None
    )
    lengths = (binding.least, binding.most, binding.target.least if binding.target else None)
    in_minutes = exact and any(isinstance(length, ElapsedSpan) for length in lengths)
    found = (later.start - mark.first) // MINUTE if in_minutes else (later.day - mark.day).days

    def limit(length: Span | None) -> int | None:
        if isinstance(length, ElapsedSpan):
            return length.minutes if in_minutes else None
        if length is None or in_minutes:
            return None
        return ordinal_after(mark.day, length, month_end) - mark.day.toordinal()

    least, most = limit(binding.least), limit(binding.most)
    seen = Seen(mark.day, mark.first if exact else None)
    return (
        found,
        None if least is None else found - least,
        None if most is None else most - found,
        _deviation(binding, seen, later.day, later.start, month_end),
    )
