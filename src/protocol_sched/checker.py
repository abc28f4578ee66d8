"""
An independent judge of a schedule: it shares no code with what makes one.

Every rule is worked out afresh and in the plainest way, with datetimes, lists and sorting, so
that a mistake in the planner cannot hide in a mistake made twice. It knows the model only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import assert_never
from zoneinfo import ZoneInfo

import attrs

from protocol_sched.model.agenda import (
    Agenda,
    AtMost,
    Due,
    FixedAt,
    NextWorkingDay,
    NotAfter,
    NotBefore,
    OnWeekdays,
    PastVisit,
    Rules,
    Spacing,
    WeekApart,
)
from protocol_sched.model.availability import (
    Booking,
    Clinic,
    DatedHours,
    LocalWindow,
    Person,
    Place,
    Preferences,
    Staff,
)
from protocol_sched.model.protocol import Protocol, VisitType
from protocol_sched.model.rules import WEEKDAYS, Between, Stage, Week
from protocol_sched.model.schedule import Kept, Objective, Ride, Schedule, Visit
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, MonthEnd, Span

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
_FIRST_YEAR, _LAST_YEAR = 1000, 9000
"""Moments outside these years are reported and not reckoned with: sums would leave the calendar."""
_FAR = 100 * 366 * 24 * 60
"""Minutes. Longer distances between two moments of one visit are cut to this, for that reason."""


@attrs.frozen(kw_only=True)
class Violation:
    """One rule that a schedule breaks; ``str`` gives the sentence."""

    rule: str
    """The binding's own ``rule`` (``separation``), or what was looked at: ``opening hours``."""
    visits: tuple[str, ...]
    """Identities of the visits it is about, in the order of the rule; empty for the whole."""
    found: str
    wanted: str
    source: str = ""

    @property
    def says(self) -> str:
        """Return the sentence a person reads."""
        return f"{self.found}; wanted {self.wanted} ({self.rule})"

    def __str__(self) -> str:
        return self.says


def violations(
    agenda: Agenda, schedule: Schedule, clinic: Clinic, person: Person, protocol: Protocol
) -> tuple[Violation, ...]:
    """
    Return every rule the schedule breaks; nothing means fine.

    It never raises, whatever moments and names the schedule holds, and gives the same answer
    in the same order every time: first what is about the whole, then visit by visit in the
    schedule's order, then the agenda's rules in theirs, then the numbers in ``kept``.

    A visit's length is taken from its type, not from what the schedule claims, so that a wrong
    discharge is one violation and not many. A visit pinned to a moment need not start on the
    clinic's grid. ``kept`` may be empty; else it must hold every spacing between two visits.

    How what the model leaves open is read:

    - A past visit without a time has only a date. Elapsed rules are read carefully: a least
      distance from the end of that date, a most from its beginning. The same holds for a past
      visit with a start but no end, where a rule measures from the end: a least distance from
      the end of its date, a most from its start. Its elapsed target costs nothing.
    - Hours are local wall clock. A time the clocks skip is the instant of the change; of a time
      that comes twice a window begins at the first and ends at the second. 24:00 is the
      beginning of the next date.
    - The escort is free from the earliest discharge to the latest and the time to stay after
      it, both ends included; both may touch the edges of a free window.
    - A past visit takes its longest; one without a time overlaps nothing.
    """
    case = _Case(agenda, clinic, person, protocol)
    placed = case.places(schedule.visits)
    found: list[Violation] = [*_whole(case, schedule)]
    for one in placed:
        found += _visit(case, one)
    found += _together(case, placed)
    found += _numbers(case, placed, schedule.kept)
    return tuple(dict.fromkeys(found))


def visit_violations(
    visit: Visit, agenda: Agenda, clinic: Clinic, person: Person, protocol: Protocol
) -> tuple[Violation, ...]:
    """Return what is wrong with one visit by itself: calendars, resources, escort, stages."""
    case = _Case(agenda, clinic, person, protocol)
    return tuple(broken for one in case.places([visit]) for broken in _visit(case, one))


def rule_violations(
    visits: Sequence[Visit], agenda: Agenda, clinic: Clinic, person: Person, protocol: Protocol
) -> tuple[Violation, ...]:
    """Return overlaps, and the agenda's rules broken among these visits and the past alone."""
    case = _Case(agenda, clinic, person, protocol)
    return tuple(_together(case, case.places(visits)))


# --- what a schedule costs -------------------------------------------------------------------


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
                seen = _Seen(earlier.on, _past_moment(earlier, binding.between))
            elif earlier in visits:
                before = visits[earlier]
                ends = binding.between is Between.END_AND_START
                seen = _Seen(before.day, before.discharge_by if ends else before.start)
            else:
                continue
            total += _deviation(binding, seen, later.day, later.start, agenda.month_end)
    return total


def preferences_of(schedule: Schedule, person: Person) -> int:
    """
    Return how many wishes are not met, over all visits.

    A visit costs 1 if it is on no wished weekday (where any is wished), 1 if it starts before
    ``earliest``, and 1 if its latest discharge is after ``latest`` on the clock of the date on
    which it started; on a later date it is after. With ``same_time`` each visit costs 1 that
    begins at another clock time than most of its type, with ``few_escorts`` each escort after the
    first.
    """
    wishes, total = person.preferences, 0
    for visit in schedule.visits:
        if wishes.weekdays and WEEKDAYS[visit.day.weekday()] not in wishes.weekdays:
            total += 1
        if wishes.earliest is not None and _clock(visit.start) < wishes.earliest * _MINUTE:
            total += 1
        if wishes.latest is not None:
            nights = visit.discharge_by.date() - visit.day
            total += nights + _clock(visit.discharge_by) > wishes.latest * _MINUTE
    return total + _course_wishes_unmet(schedule, wishes)


def _course_wishes_unmet(schedule: Schedule, wishes: Preferences) -> int:
    total = 0
    if wishes.same_time:
        times: dict[str, Counter[timedelta]] = {}
        for visit in schedule.visits:
            times.setdefault(visit.kind, Counter())[_clock(visit.start)] += 1
        total += sum(count.total() - max(count.values()) for count in times.values())
    if wishes.few_escorts:
        escorts = {visit.escort for visit in schedule.visits if visit.escort is not None}
        total += max(len(escorts) - 1, 0)
    return total


def objective(agenda: Agenda, schedule: Schedule, person: Person) -> Objective:
    """
    Return what the schedule costs, worked out afresh.

    Dates and times are those the visits show, in the clinic's zone (`violations` reports others).
    A judge proves nothing, so ``bound`` is 0.
    """
    return Objective(
        deviation=deviation_of(agenda, schedule),
        preferences=preferences_of(schedule, person),
        finish=max((visit.day for visit in schedule.visits), default=None),
        time_of_day=sum(_clock(visit.start) // _MINUTE for visit in schedule.visits),
    )


def _clock(moment: datetime) -> timedelta:
    """Return what the wall clock shows, as time after midnight."""
    return timedelta(
        hours=moment.hour,
        minutes=moment.minute,
        seconds=moment.second,
        microseconds=moment.microsecond,
    )


# --- moments, dates and windows --------------------------------------------------------------


def _utc(moment: datetime) -> datetime | None:
    """Return the moment in UTC; ``None`` without a zone or too far away to reckon with."""
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return None
    known = isinstance(moment.tzinfo, ZoneInfo | timezone)  # these always have an offset
    return moment.astimezone(UTC) if known or moment.utcoffset() is not None else None


def _after(moment: datetime, minutes: int) -> datetime:
    return moment + min(max(minutes, 0), _FAR) * _MINUTE


def _near(day: date) -> date:
    return min(max(day, date(_FIRST_YEAR, 1, 1)), date(_LAST_YEAR, 12, 31))


@lru_cache(maxsize=4096)
def _midnight(zone: tzinfo, day: date) -> tuple[datetime, bool]:
    """Return the real moment a date begins, and whether it has 24 hours; asked for very often."""
    begins = _by_the_clock(zone, day, 0)
    return begins, _by_the_clock(zone, day + _DAY, 0) - begins == _DAY


def _instant(zone: tzinfo, day: date, minute: int, end: bool = False) -> datetime:
    """Return the real moment of a local wall-clock time; see `violations` for clock changes."""
    if minute == 24 * 60:
        return _midnight(zone, day + _DAY)[0]
    begins, regular = _midnight(zone, day)
    return begins + minute * _MINUTE if regular else _by_the_clock(zone, day, minute, end)


def _by_the_clock(zone: tzinfo, day: date, minute: int, end: bool = False) -> datetime:
    wall = datetime.combine(day, time()) + minute * _MINUTE
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second:
        return second if end else first
    # Skipped: ``second`` lies before the change. Walk until the clock has jumped over it.
    while second.astimezone(zone).replace(tzinfo=None) < wall:
        second += _MINUTE
    return second


def _usual(zone: tzinfo, moment: datetime) -> bool:
    """Tell whether a moment of the zone lies in reach, on a date on which no clock changes."""
    return _FIRST_YEAR <= moment.year <= _LAST_YEAR and _midnight(zone, moment.date())[1]


Windows = list[tuple[datetime, datetime]]
"""Stretches of real time in UTC, in order, apart from one another."""


def _joined(windows: Iterable[tuple[datetime, datetime]]) -> Windows:
    result: Windows = []
    for start, end in sorted(windows):
        if end <= start:
            continue
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return result


def _windows(
    hours: Callable[[date], Iterable[LocalWindow]], zone: tzinfo, start: datetime, end: datetime
) -> Windows:
    """Return local hours as real windows, for the dates of a stretch of real time."""
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    found: Windows = []
    while day <= last:
        for opens, closes in hours(day):
            found.append((_instant(zone, day, opens), _instant(zone, day, closes, end=True)))
        day += _DAY
    return _joined(found)


def _without(windows: Windows, taken: Windows) -> Windows:
    for start, end in taken:
        windows = [
            part
            for a, b in windows
            for part in ((a, min(b, start)), (max(a, end), b))
            if part[0] < part[1]
        ]
    return _joined(windows)


def _covers(windows: Windows, start: datetime, end: datetime) -> bool:
    return any(a <= start and end <= b for a, b in windows)


def _meets(windows: Windows, start: datetime, end: datetime) -> bool:
    return any(a < end and start < b for a, b in windows)


def _of_all(dated: Iterable[DatedHours]) -> Callable[[date], list[LocalWindow]]:
    """Return the windows of several dated hours on a date."""
    several = tuple(dated)
    return lambda day: [window for one in several for window in one.on(day)]


def _by_day(bookings: Iterable[Booking]) -> dict[date, list[Booking]]:
    found: dict[date, list[Booking]] = {}
    for one in bookings:
        found.setdefault(one.day, []).append(one)
    return found


def _of_bookings(days: dict[date, list[Booking]]) -> Callable[[date], list[LocalWindow]]:
    return lambda day: [(one.start, one.end) for one in days.get(day, ())]


def _months_after(day: date, months: int, month_end: MonthEnd) -> int:
    """Return the ordinal of the date so many months on; far outside the calendar, its edge."""
    year, month = divmod(12 * day.year + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max.toordinal()
    if year < date.min.year:
        return date.min.toordinal()
    for last in range(day.day, 27, -1):
        try:
            found = date(year, month + 1, last)
        except ValueError:
            continue
        beyond = month_end is MonthEnd.NEXT_DAY and last < day.day
        return found.toordinal() + beyond
    return date(year, month + 1, day.day).toordinal()


def _ordinal_after(day: date, span: CalendarSpan, month_end: MonthEnd) -> int:
    """Return the ordinal of the date a span after ``day``; it may lie outside the calendar."""
    months = 12 * span.years + span.months
    landed = _months_after(day, months, month_end) if months else day.toordinal()
    return landed + 7 * span.weeks + span.days


def _day_text(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()][:3]} {day.isoformat()}"


def _date_text(ordinal: int) -> str:
    if date.min.toordinal() <= ordinal <= date.max.toordinal():
        return _day_text(date.fromordinal(ordinal))
    return "a date outside the calendar"


def _text(moment: datetime, zone: tzinfo) -> str:
    """Return date and wall clock; seconds only where there are any."""
    local = moment.astimezone(zone)
    clock = local.time().isoformat("minutes" if not local.second else "seconds")
    return f"{_day_text(local.date())} {clock}"


def _range_text(start: datetime, end: datetime, zone: tzinfo) -> str:
    return f"{_text(start, zone)} to {_text(end, zone)}"


# --- a visit with what its type says of it ---------------------------------------------------


@attrs.frozen
class _Placed:
    """A visit that is due, with its real times worked out from its type; moments in UTC."""

    visit: Visit
    due: Due
    kind: VisitType | None
    stages: tuple[Stage, ...]
    ranges: tuple[_Range, ...]
    """For each stage how long after the start it begins and ends, at the earliest and latest."""
    day: date
    start: datetime
    discharge: datetime
    discharge_by: datetime

    @property
    def title(self) -> str:
        return self.due.title or self.due.id


_Range = tuple[timedelta, timedelta, timedelta, timedelta]
"""Earliest and latest begin, earliest and latest end."""
_NO_TIME = timedelta()


def _ranges(stages: Iterable[Stage]) -> Iterator[_Range]:
    begins = begins_by = _NO_TIME
    for stage in stages:
        ends = begins + min(max(stage.least, 0), _FAR) * _MINUTE
        ends_by = begins_by + min(max(stage.most, 0), _FAR) * _MINUTE
        yield begins, begins_by, ends, ends_by
        begins, begins_by = ends, ends_by


@attrs.frozen
class _Case:
    """All that a schedule is judged by."""

    agenda: Agenda
    clinic: Clinic
    person: Person
    protocol: Protocol
    _booked: dict[str, dict[date, list[Booking]]] = attrs.field(factory=dict, init=False)
    _days: set[date] = attrs.field(factory=set, init=False)
    """The dates on which a visit begins or ends."""

    @cached_property
    def pinned(self) -> frozenset[str]:
        """Return the identities of the visits that are fixed to a moment."""
        pins = (rule for rule in self.agenda.bindings if isinstance(rule, FixedAt))
        return frozenset(pin.visit for pin in pins)

    def booked(self, what: Place | Staff) -> dict[date, list[Booking]]:
        """Return the bookings of a place or of staff on the visits' dates, looked through once."""
        name = f"{type(what).__name__} {what.name if isinstance(what, Place) else what.kind}"
        if name not in self._booked:
            days = self._days
            self._booked[name] = _by_day(one for one in what.booked if one.day in days)
        return self._booked[name]

    def places(self, visits: Iterable[Visit]) -> list[_Placed]:
        """Return the visits that are due and lie in years that can be reckoned with."""
        dues = {due.id: due for due in self.agenda.dues}
        lengths: dict[tuple[object, ...], tuple[_Range, ...]] = {}
        found: list[_Placed] = []
        for visit in visits:
            claimed = [_utc(m) for m in (visit.start, visit.discharge, visit.discharge_by)]
            start, leaves, leaves_by = claimed
            if visit.id not in dues or start is None or leaves is None or leaves_by is None:
                continue
            due = dues[visit.id]
            kind = next((k for k in self.protocol.visit_types if k.name == due.kind), None)
            stages = kind.stages_of(due.type_ordinal) if kind else ()
            key = (due.kind, tuple(stage.name for stage in stages))
            if key not in lengths:
                lengths[key] = tuple(_ranges(stages))
            if kind is not None:
                last = lengths[key][-1] if stages else (_NO_TIME,) * 4
                leaves, leaves_by = start + last[2], start + last[3]
            day = start.astimezone(self.clinic.zone).date()
            found.append(
                _Placed(visit, due, kind, stages, lengths[key], day, start, leaves, leaves_by)
            )
        self._days.update(one.day for one in found)
        self._days.update(one.discharge_by.astimezone(self.clinic.zone).date() for one in found)
        return found


def _whole(case: _Case, schedule: Schedule) -> Iterator[Violation]:
    """Yield what is wrong with the list of visits as a list."""
    agenda = case.agenda
    if schedule.course != agenda.course:
        found = f"the schedule is of course {schedule.course!r}"
        yield Violation(rule="course", visits=(), found=found, wanted=f"{agenda.course!r}")
    if schedule.zone != str(case.clinic.zone):
        found = f"the schedule is in zone {schedule.zone!r}"
        yield Violation(rule="zone", visits=(), found=found, wanted=f"{case.clinic.zone}")
    known = [due.id for due in agenda.dues]
    there = [visit.id for visit in schedule.visits]
    for due in agenda.dues:
        if due.id not in there and not due.tentative:
            found = f"{due.title or due.id} is not in the schedule"
            yield Violation(rule="missing visit", visits=(due.id,), found=found, wanted="one date")
    for identity in dict.fromkeys(there):
        if identity not in known:
            found, wanted = f"{identity!r} is in the schedule", "only visits that are due"
            yield Violation(rule="unknown visit", visits=(identity,), found=found, wanted=wanted)
        if there.count(identity) > 1:
            found = f"{identity!r} is in the schedule {there.count(identity)} times"
            yield Violation(rule="doubled visit", visits=(identity,), found=found, wanted="once")
    for visit in schedule.visits:
        if any(_utc(m) is None for m in (visit.start, visit.discharge, visit.discharge_by)):
            found = f"{visit.title or visit.id} starts in the year {visit.start.year} and ends in "
            found += f"{visit.discharge_by.year}"
            wanted = f"years from {_FIRST_YEAR} to {_LAST_YEAR}"
            yield Violation(rule="moment", visits=(visit.id,), found=found, wanted=wanted)
    timed = [(visit, _utc(visit.start)) for visit in schedule.visits]
    starts = [(visit, start) for visit, start in timed if start is not None]
    for (a, first), (b, second) in pairwise(starts):
        if second < first:
            found = f"{b.title or b.id} is listed after {a.title or a.id}"
            yield Violation(
                rule="listing", visits=(a.id, b.id), found=found, wanted="visits in order of time"
            )


# --- one visit by itself ---------------------------------------------------------------------


def _visit(case: _Case, one: _Placed) -> Iterator[Violation]:
    yield from _identity(one)
    if one.kind is None:
        found = f"{one.title} is of type {one.due.kind!r}, which the protocol does not have"
        names = ", ".join(kind.name for kind in case.protocol.visit_types)
        yield _alone("visit type", one, found, f"one of {names}")
    yield from _clock_faces(case, one)
    if one.kind is not None:
        yield from _timeline(case, one, one.kind)
    yield from _clinic(case, one)
    yield from _resources(case, one)
    yield from _person(case, one)
    yield from _ride(case, one)


def _alone(rule: str, one: _Placed, found: str, wanted: str) -> Violation:
    return Violation(rule=rule, visits=(one.due.id,), found=found, wanted=wanted)


def _when(one: _Placed, zone: tzinfo) -> str:
    return f"{one.title} is {_range_text(one.start, one.discharge_by, zone)}"


def _identity(one: _Placed) -> Iterator[Violation]:
    for field in ("title", "kind", "phase", "ordinal", "type_ordinal"):
        found, wanted = getattr(one.visit, field), getattr(one.due, field)
        if found != wanted:
            text = f"{one.title} has {field} {found!r}"
            yield _alone("identity", one, text, f"{wanted!r} as in the agenda")


def _clock_faces(case: _Case, one: _Placed) -> Iterator[Violation]:
    """Check that every moment shows the clinic's wall clock; other offsets show another time."""
    zone = case.clinic.zone
    moments = [("start", one.visit.start), ("discharge", one.visit.discharge)]
    moments.append(("discharge_by", one.visit.discharge_by))
    for stage in one.visit.stages:
        moments.append((f"{stage.name} start", stage.start))
        moments.append((f"{stage.name} start_by", stage.start_by))
        moments.append((f"{stage.name} end", stage.end))
        moments.append((f"{stage.name} end_by", stage.end_by))
    for field, moment in moments:
        if moment.tzinfo is zone and _usual(zone, moment):
            continue
        real = _utc(moment)
        if real is None:
            if field not in ("start", "discharge", "discharge_by"):
                text = f"{one.title}: {field} is {moment.isoformat()}"
                yield _alone("moment", one, text, "a moment with a zone, in reach")
        elif moment.utcoffset() != real.astimezone(zone).utcoffset():
            text = f"{one.title}: {field} is written {moment.isoformat()}"
            yield _alone("zone", one, text, f"{real.astimezone(zone).isoformat()} in {zone}")


def _timeline(case: _Case, one: _Placed, kind: VisitType) -> Iterator[Violation]:
    """Check discharge and stages against the lengths the visit's type gives."""
    zone, visit = case.clinic.zone, one.visit
    for field, wanted in (("discharge", one.discharge), ("discharge_by", one.discharge_by)):
        found = _utc(getattr(visit, field))
        if found is not None and found != wanted:
            text = f"{one.title}: {field} is {_text(found, zone)}"
            yield _alone("discharge", one, text, _text(wanted, zone))
    names = [(stage.name, stage.until) for stage in visit.stages]
    wanted_names = [(stage.name, stage.until or "") for stage in one.stages]
    if names != wanted_names:
        listed = ", ".join(name for name, _ in names) or "nothing"
        text = f"{one.title} has the stages {listed}"
        order = ", ".join(
            name + (f" until {until}" if until else "") for name, until in wanted_names
        )
        yield _alone("stages", one, text, order or "no stage")
    else:
        for planned, stage, times in zip(visit.stages, one.stages, one.ranges, strict=True):
            for field, after in zip(("start", "start_by", "end", "end_by"), times, strict=True):
                real = _utc(getattr(planned, field))
                if real is not None and real != one.start + after:
                    text = f"{one.title}: {stage.name} {field} is {_text(real, zone)}"
                    yield _alone("stages", one, text, _text(one.start + after, zone))
    yield from _no_driving_until(case, one, kind)


def _barred_until(case: _Case, one: _Placed) -> datetime | None:
    """Return when driving is allowed again; ``None`` where it is not barred."""
    if one.kind is None or one.kind.no_driving is None:
        return None
    hours = one.kind.no_driving.hours
    if hours is not None:
        return _after(one.discharge_by, hours.minutes)
    zone = case.clinic.zone
    return _instant(zone, one.discharge_by.astimezone(zone).date() + _DAY, 0)


def _no_driving_until(case: _Case, one: _Placed, kind: VisitType) -> Iterator[Violation]:
    zone, found = case.clinic.zone, one.visit.no_driving_until
    until = _barred_until(case, one)
    wanted = "nothing"
    if kind.no_driving is None or until is None:
        right = found is None
    elif kind.no_driving.hours is None:
        day = until.astimezone(zone).date()
        right = found == day and not isinstance(found, datetime)
        wanted = _day_text(day)
    else:
        right = isinstance(found, datetime) and _utc(found) == until
        wanted = _text(until, zone)
    if not right:
        text = f"{one.title}: no_driving_until is {'nothing' if found is None else found}"
        yield _alone("no driving", one, text, wanted)


def _clinic(case: _Case, one: _Placed) -> Iterator[Violation]:
    clinic, zone = case.clinic, case.clinic.zone
    local = one.start.astimezone(zone)
    if _clock(local) % timedelta(minutes=clinic.grid) and one.due.id not in case.pinned:
        text = f"{one.title} starts on {_text(local, zone)}"
        yield _alone("grid", one, text, f"a multiple of {clinic.grid} minutes after midnight")
    if one.kind is not None:
        yield from _on_weekdays("weekdays", "", one, one.kind.weekdays or WEEKDAYS)
    start, end = one.start, one.discharge_by
    hours = _windows(clinic.hours.on, zone, start, end)
    extra = _windows(_of_all(clinic.extra_openings), zone, start, end)
    if not _covers(_joined([*hours, *extra]), start, end):
        when = _when(one, zone)
        yield _alone("opening hours", one, when, f"inside the hours of {clinic.name}")
    for closure in clinic.closures:
        if _meets(_windows(closure.on, zone, start, end), start, end):
            why = f" ({closure.why})" if closure.why else ""
            when = _when(one, zone)
            yield _alone("closure", one, when, f"a time when {clinic.name} is not closed{why}")


def _on_weekdays(
    rule: str, source: str, one: _Placed, weekdays: Iterable[str]
) -> Iterator[Violation]:
    names = tuple(weekdays)
    if WEEKDAYS[one.day.weekday()] not in names:
        text = f"{one.title} is on {_day_text(one.day)}"
        wanted = " or ".join(names) or "no weekday at all"
        yield Violation(rule=rule, visits=(one.due.id,), found=text, wanted=wanted, source=source)


Need = tuple[datetime, datetime, int]
"""From when, until when, and how many units."""


def _needs(one: _Placed) -> dict[str, list[Need]]:
    """Return what each stage may hold, by kind: from its earliest start to its latest end."""
    needs: dict[str, list[Need]] = {}
    for stage, (begins, _, _, ends_by) in zip(one.stages, one.ranges, strict=True):
        for kind, units in stage.needs:
            needs.setdefault(kind, []).append((one.start + begins, one.start + ends_by, units))
    return needs


def _resources(case: _Case, one: _Placed) -> Iterator[Violation]:
    clinic = case.clinic
    needs = _needs(one)
    places = {place.kind for place in clinic.places}
    staff = {staff.kind for staff in clinic.staff}
    for kind, stretches in needs.items():
        if kind in staff:
            yield from _staff(case, one, kind, stretches)
        elif kind in places:
            yield from _held(case, one, kind, stretches)
        else:
            text = f"{one.title} needs a {kind}, which {clinic.name} does not have"
            known = ", ".join(sorted(places | staff)) or "nothing"
            yield _alone("resource", one, text, f"one of {known}")
    for kind, name in one.visit.places:
        if one.kind is not None and (kind not in needs or kind in staff):
            text = f"{one.title} holds {kind} {name!r}"
            yield _alone("place", one, text, "only places that its stages need")


def _held(case: _Case, one: _Placed, kind: str, stretches: list[Need]) -> Iterator[Violation]:
    zone = case.clinic.zone
    start, end = min(need[0] for need in stretches), max(need[1] for need in stretches)
    names = [name for held, name in one.visit.places if held == kind]
    if len(names) != 1:
        text = f"{one.title} holds {len(names)} places of kind {kind!r}"
        yield _alone("place", one, text, "one for the whole time it is needed")
    for name in dict.fromkeys(names):
        place = next((p for p in case.clinic.places if p.name == name and p.kind == kind), None)
        if place is None:
            text = f"{one.title} holds {name!r}, which is no {kind} of {case.clinic.name}"
            known = ", ".join(p.name for p in case.clinic.places if p.kind == kind)
            yield _alone("place", one, text, f"one of {known}")
        elif _meets(_windows(_of_bookings(case.booked(place)), zone, start, end), start, end):
            text = f"{name} is booked by others during {_range_text(start, end, zone)}"
            yield _alone("place", one, text, f"a {kind} that is free for {one.title}")


def _staff(case: _Case, one: _Placed, kind: str, stretches: list[Need]) -> Iterator[Violation]:
    """Look at every stretch in which neither the need nor the bookings change."""
    zone = case.clinic.zone
    staff = next(staff for staff in case.clinic.staff if staff.kind == kind)
    start, end = min(need[0] for need in stretches), max(need[1] for need in stretches)
    taken: list[Need] = []
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    while day <= last:
        for held in case.booked(staff).get(day, ()):
            first, until = _instant(zone, day, held.start), _instant(zone, day, held.end, end=True)
            taken.append((first, until, held.units))
        day += _DAY
    edges = sorted({edge for a, b, _ in (*stretches, *taken) for edge in (a, b)})
    for edge in edges:
        # Constant from one edge to the next, so its first moment speaks for all of it.
        need = max((units for a, b, units in stretches if a <= edge < b), default=0)
        others = sum(units for a, b, units in taken if a <= edge < b)
        if need and need + others > staff.units:
            text = f"{one.title} needs {need} {kind} on {_text(edge, zone)}"
            free = max(staff.units - others, 0)
            yield _alone("staff", one, text, f"at most the {free} of {staff.units} that are free")
            return


def _person(case: _Case, one: _Placed) -> Iterator[Violation]:
    person, zone = case.person, case.clinic.zone
    own = person.zone or zone
    start, end = one.start, one.discharge_by
    if not _covers(_windows(person.available.on, own, start, end), start, end):
        when = _when(one, zone)
        yield _alone("person available", one, when, "inside the hours the person is available")
    for away in person.away:
        if _meets(_windows(away.on, own, start, end), start, end):
            why = f" ({away.why})" if away.why else ""
            when = _when(one, zone)
            yield _alone("person away", one, when, f"a time when the person is not away{why}")
    until = _barred_until(case, one)
    for commitment in person.commitments:
        what = f"{commitment.what!r}"
        if _meets(_windows(commitment.hours.on, own, start, end), start, end):
            when = _when(one, zone)
            yield _alone("commitment", one, when, f"a time apart from {what}")
        if commitment.driving and until is not None:
            busy = _windows(commitment.hours.on, own, one.discharge, until)
            if _meets(busy, one.discharge, until):
                text = f"{one.title} bars driving {_range_text(one.discharge, until, zone)}"
                yield _alone("driving", one, text, f"no need to drive to {what} then")


def _ride(case: _Case, one: _Placed) -> Iterator[Violation]:
    if one.kind is None:
        return
    visit, rule = one.visit, one.kind.ride_home
    waived = rule is not None and one.due.id in case.agenda.waived
    if visit.waived != waived:
        text = f"{one.title} has its ride home {'waived' if visit.waived else 'not waived'}"
        yield _alone("waiver", one, text, "as a clinician recorded it")
    if rule is None or waived:
        if visit.escort is not None or visit.ride is not None:
            text = f"{one.title} has the escort {visit.escort!r}"
            yield _alone("escort", one, text, "none, as no ride home is needed")
        return
    names = [escort.name for escort in case.person.escorts]
    escort = next((e for e in case.person.escorts if e.name == visit.escort), None)
    if escort is None:
        text = f"{one.title} has {'no escort' if visit.escort is None else repr(visit.escort)}"
        yield _alone("escort", one, text, f"one of {', '.join(names) or 'nobody: none is named'}")
        return
    if visit.ride is None or visit.ride is Ride.DECLINED:
        text = (
            f"{one.title} has a ride home that is {visit.ride.value if visit.ride else 'not asked'}"
        )
        yield _alone("escort", one, text, "a ride that is unconfirmed or confirmed")
    own = escort.zone or case.clinic.zone
    start, end = one.discharge, _after(one.discharge_by, rule.stay_with.minutes)
    free = _without(
        _windows(escort.free.on, own, start, end), _windows(_of_all(escort.away), own, start, end)
    )
    if not _covers(free, start, end):
        text = f"{escort.name} is not free for all of {_range_text(start, end, case.clinic.zone)}"
        yield _alone("escort", one, text, f"an escort free for the discharge of {one.title}")


# --- visits together, and the agenda's rules -------------------------------------------------


def _together(case: _Case, placed: list[_Placed]) -> Iterator[Violation]:
    ordered = sorted(placed, key=lambda one: one.start)
    for n, a in enumerate(ordered):
        for b in ordered[n + 1 :]:
            if a.due.id != b.due.id and a.start < b.discharge_by and b.start < a.discharge_by:
                text = f"{b.title} starts on {_text(b.start, case.clinic.zone)}"
                wanted = f"a start after {a.title} ends on "
                yield Violation(
                    rule="overlap",
                    visits=(a.due.id, b.due.id),
                    found=text,
                    wanted=wanted + _text(a.discharge_by, case.clinic.zone),
                )
    for one in ordered:
        yield from _with_past(case, one)
    known = {one.due.id: one for one in reversed(placed)}
    for binding in case.agenda.bindings:
        yield from _binding(case, binding, known)


def _with_past(case: _Case, one: _Placed) -> Iterator[Violation]:
    """Yield where a visit is at the same time as one that was given."""
    for past in case.agenda.past:
        start = None if past.start is None else _utc(past.start)
        end = None if past.end is None else _utc(past.end)
        if start is None or end is None:
            continue
        if start < one.discharge_by and one.start < end:
            text = f"{one.title} starts on {_text(one.start, case.clinic.zone)}"
            yield Violation(
                rule="overlap",
                visits=(past.id, one.due.id),
                found=text,
                wanted=f"a start after {past.title or past.id} ends on "
                + _text(end, case.clinic.zone),
            )


@attrs.frozen
class _Seen:
    """Something measured from: its date, and its moment where that is known."""

    day: date
    moment: datetime | None


@attrs.frozen
class _Mark:
    """What a rule measures from: a date, and the moments a most and a least count from, in UTC."""

    id: str
    title: str
    day: date
    first: datetime
    last: datetime


def _past_moment(past: PastVisit, between: Between) -> datetime | None:
    """Return when the past visit started, or ended where the rule asks; ``None`` if unknown."""
    moment = past.end if between is Between.END_AND_START else past.start
    return None if moment is None or _utc(moment) is None else moment


def _mark(
    case: _Case, where: str | PastVisit, known: dict[str, _Placed], between: Between
) -> _Mark | None:
    """Return what a rule measures from; ``None`` where that visit is not placed."""
    if isinstance(where, str):
        if where not in known:
            return None
        one = known[where]
        moment = one.discharge_by if between is Between.END_AND_START else one.start
        return _Mark(where, one.title, one.day, moment, moment)
    title = where.title or where.id
    exact = _past_moment(where, between)
    if exact is not None:
        moment = exact.astimezone(UTC)
        return _Mark(where.id, title, where.on, moment, moment)
    zone, day = case.clinic.zone, _near(where.on)
    started = _past_moment(where, Between.STARTS)
    first = started.astimezone(UTC) if started is not None else _instant(zone, day, 0)
    return _Mark(where.id, title, where.on, first, _instant(zone, day + _DAY, 0))


def _binding(case: _Case, binding: Rules, known: dict[str, _Placed]) -> Iterator[Violation]:
    """Yield how one rule is broken; rules about visits that are not placed bind nothing."""
    zone = case.clinic.zone

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
            yield from _spacing(case, binding, known)
        case NextWorkingDay():
            mark = _mark(case, binding.earlier, known, Between.STARTS)
            if mark is not None and binding.later in known:
                later = known[binding.later]
                days, day = 0, mark.day
                while day < later.day:
                    day += _DAY
                    days += day.weekday() < 5
                if later.day < mark.day or days != binding.days or later.day.weekday() >= 5:
                    text = f"{later.title} is on {_day_text(later.day)}, {mark.title} on "
                    wanted = f"{binding.days} working days later, Monday to Friday"
                    yield broken((mark.id, later.due.id), text + _day_text(mark.day), wanted)
        case WeekApart():
            mark = _mark(case, binding.earlier, known, Between.STARTS)
            if mark is not None and binding.later in known:
                later = known[binding.later]
                weeks = _week_of(later.day, binding.begins) - _week_of(mark.day, binding.begins)
                if weeks != binding.weeks:
                    text = f"{later.title} is {weeks} calendar weeks after {mark.title}"
                    yield broken((mark.id, later.due.id), text, f"{binding.weeks}")
        case AtMost():
            found = _crowded(binding, known)
            if found is not None and found[0] > binding.most:
                count, first, ids = found
                text = f"{count} visits in {binding.days} days from {_day_text(first)}"
                yield broken(ids, text, f"at most {binding.most} in any {binding.days} days")
        case NotBefore(visit=visit, day=day):
            if visit in known and known[visit].day < day:
                text = f"{known[visit].title} is on {_day_text(known[visit].day)}"
                yield broken((visit,), text, f"{_day_text(day)} or later")
        case NotAfter(visit=visit, day=day):
            if visit in known and known[visit].day > day:
                text = f"{known[visit].title} is on {_day_text(known[visit].day)}"
                yield broken((visit,), text, f"{_day_text(day)} or earlier")
        case OnWeekdays(visit=visit):
            if visit in known:
                yield from _on_weekdays(
                    binding.rule, binding.source, known[visit], binding.weekdays
                )
        case FixedAt(visit=visit):
            if visit in known and known[visit].start != _utc(binding.start):
                pin = _utc(binding.start)
                text = f"{known[visit].title} starts on {_text(known[visit].start, zone)}"
                yield broken((visit,), text, _text(pin, zone) if pin else str(binding.start))
        case _:
            assert_never(binding)


def _week_of(day: date, begins: Week) -> int:
    """Return the number of the calendar week; 1 January of the year 1 was a Monday."""
    sunday_first = begins is Week.SUNDAY
    return (day.toordinal() - 1 + sunday_first) // 7


def _crowded(
    binding: AtMost, known: dict[str, _Placed]
) -> tuple[int, date, tuple[str, ...]] | None:
    """Return the fullest window of days: how many visits, its first date, which visits."""
    days: list[tuple[date, str]] = []
    for visit in binding.visits:
        if isinstance(visit, PastVisit):
            days.append((visit.on, visit.id))
        elif visit in known:
            days.append((known[visit].day, visit))
    fullest: tuple[int, date, tuple[str, ...]] | None = None
    # A fullest window can always be moved on until it begins with a visit.
    for first, _ in sorted(days):
        inside = [
            (day, name) for day, name in sorted(days) if 0 <= (day - first).days < binding.days
        ]
        if fullest is None or len(inside) > fullest[0]:
            fullest = (len(inside), first, tuple(name for _, name in inside))
    return fullest


def _spacing(case: _Case, binding: Spacing, known: dict[str, _Placed]) -> Iterator[Violation]:
    mark = _mark(case, binding.earlier, known, binding.between)
    if mark is None or binding.later not in known:
        return
    later, month_end = known[binding.later], case.agenda.month_end
    for limit, is_least in ((binding.least, True), (binding.most, False)):
        match limit:
            case None:
                continue
            case CalendarSpan():
                edge = _ordinal_after(mark.day, limit, month_end)
                beyond = later.day.toordinal() - edge
                if beyond >= 0 if is_least else beyond <= 0:
                    continue
                days = (later.day - mark.day).days
                found = f"{later.title} comes {_count(days, 'day')} after {mark.title}"
                bound = f"{limit}, so {_date_text(edge)} or {'later' if is_least else 'earlier'}"
            case ElapsedSpan():
                passed = later.start - (mark.last if is_least else mark.first)
                asked = _delta(limit.minutes)
                if passed >= asked if is_least else passed <= asked:
                    continue
                found = f"{later.title} comes {ElapsedSpan(passed // _MINUTE)} after "
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
    most = timedelta.max // _MINUTE
    return max(min(minutes, most), -most) * _MINUTE


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if abs(number) == 1 else f"{number} {unit}s"


def _end_words(between: Between) -> str:
    return " ends" if between is Between.END_AND_START else ""


# --- distances, deviation and the numbers in ``kept`` ----------------------------------------


def _outside(found: int, least: int, most: int | None) -> int:
    return max(least - found, 0) + (0 if most is None else max(found - most, 0))


def _deviation(
    binding: Spacing, earlier: _Seen, day: date, start: datetime, month_end: MonthEnd
) -> int:
    """Return the days outside the target; an elapsed one from an unknown moment costs nothing."""
    target = binding.target
    if target is None:
        return 0
    least, most = target.least, target.most
    if isinstance(least, CalendarSpan):
        lo = _ordinal_after(earlier.day, least, month_end)
        hi = (
            _ordinal_after(earlier.day, most, month_end) if isinstance(most, CalendarSpan) else None
        )
        return _outside(day.toordinal(), lo, hi)
    real = None if earlier.moment is None else _utc(earlier.moment)
    now = _utc(start)
    if real is None or now is None:
        return 0
    upper = most.minutes if isinstance(most, ElapsedSpan) else None
    return -(-_outside((now - real) // _MINUTE, least.minutes, upper) // (24 * 60))


def _numbers(case: _Case, placed: list[_Placed], kept: Sequence[Kept]) -> Iterator[Violation]:
    """
    Check the numbers of each spacing and cap in ``kept``.

    A spacing with an elapsed length is measured in minutes, if the earlier moment is known, and
    else in days. A limit in the other unit has no number. Other rules have none either.
    """
    known = {one.due.id: one for one in reversed(placed)}
    listed = Counter(entry.rule for entry in kept)
    there = Counter(case.agenda.bindings if kept else ())
    for entry in kept:
        wanted = _kept(case, entry.rule, known)
        if entry.rule not in there:
            text = f"kept names a rule of kind {entry.rule.rule!r} that the agenda does not have"
            yield Violation(rule="kept", visits=(), found=text, wanted="only the agenda's rules")
        elif wanted is not None and entry != wanted:
            names = ("found", "to_least", "to_most", "deviation")
            found = ", ".join(f"{name} {getattr(entry, name)}" for name in names)
            right = ", ".join(f"{name} {getattr(wanted, name)}" for name in names)
            yield Violation(rule="kept", visits=_about(entry.rule), found=found, wanted=right)
    for binding, wanted_times in there.items():
        times = listed[binding]
        if times != wanted_times and isinstance(binding, Spacing) and _kept(case, binding, known):
            text = f"kept lists the rule {binding.rule!r} {_count(times, 'time')}"
            wanted_text = _count(wanted_times, "time")
            yield Violation(rule="kept", visits=_about(binding), found=text, wanted=wanted_text)


def _about(binding: Rules) -> tuple[str, ...]:
    if not isinstance(binding, Spacing):
        return ()
    earlier = binding.earlier
    return (earlier.id if isinstance(earlier, PastVisit) else earlier, binding.later)


def _kept(case: _Case, binding: Rules, known: dict[str, _Placed]) -> Kept | None:
    """Return the right numbers of a rule; ``None`` for a rule that has none."""
    if isinstance(binding, AtMost):
        crowd = _crowded(binding, known)
        count = crowd[0] if crowd else 0
        return Kept(rule=binding, found=count, to_most=binding.most - count)
    if not isinstance(binding, Spacing) or binding.later not in known:
        return None
    mark = _mark(case, binding.earlier, known, binding.between)
    if mark is None:
        return None
    later, month_end = known[binding.later], case.agenda.month_end
    exact = isinstance(binding.earlier, str) or (
        _past_moment(binding.earlier, binding.between) is not None
    )
    lengths = (binding.least, binding.most, binding.target.least if binding.target else None)
    in_minutes = exact and any(isinstance(length, ElapsedSpan) for length in lengths)
    found = (later.start - mark.first) // _MINUTE if in_minutes else (later.day - mark.day).days

    def limit(length: Span | None) -> int | None:
        if isinstance(length, ElapsedSpan):
            return length.minutes if in_minutes else None
        if length is None or in_minutes:
            return None
        return _ordinal_after(mark.day, length, month_end) - mark.day.toordinal()

    least, most = limit(binding.least), limit(binding.most)
    seen = _Seen(mark.day, mark.first if exact else None)
    return Kept(
        rule=binding,
        found=found,
        to_least=None if least is None else found - least,
        to_most=None if most is None else most - found,
        deviation=_deviation(binding, seen, later.day, later.start, month_end),
    )
