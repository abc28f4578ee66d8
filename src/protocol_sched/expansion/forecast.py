"""Dates from rules: the earliest, target and latest a visit has, each with the rule that set it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import assert_never

import attrs

from protocol_sched.expansion.dates import (
    FAR_ENOUGH,
    Days,
    aimed_at,
    first_and_last,
    leaves,
    plus_days,
)
from protocol_sched.expansion.history import History
from protocol_sched.model.agenda import (
    AtMost,
    ByWeekday,
    CaughtUp,
    FixedAt,
    Gated,
    MadeUp,
    NotAfter,
    NotBefore,
    OfDates,
    OfTwo,
    OnOpenDay,
    PastVisit,
    Question,
    Rules,
    Spacing,
)
from protocol_sched.model.availability import Clinic
from protocol_sched.model.moments import later_by
from protocol_sched.model.rules import Between
from protocol_sched.model.sentences import told
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, MonthEnd, Span, comparable

NOON = 12 * 60
MINUTES_A_DAY = 24 * 60


@attrs.frozen
class Edge:
    """A date and the rule that set it."""

    day: date
    rule: Rules


@attrs.frozen(kw_only=True)
class Bounds:
    """What rules say about the date of one visit."""

    earliest: Edge | None = None
    target: Edge | None = None
    target_until: date | None = None
    latest: Edge | None = None
    unknown: bool = False
    """A reference of a target or limit has no date yet."""
    forecast: bool = False
    """The target is none that the protocol names, only the date that is expected."""

    def not_before(self, edge: Edge) -> Bounds:
        """Return the bounds with one more earliest date; the later one wins."""
        if self.earliest is not None and self.earliest.day >= edge.day:
            return self
        return attrs.evolve(self, earliest=edge)

    def not_after(self, edge: Edge) -> Bounds:
        """Return the bounds with one more latest date; the earlier one wins."""
        if self.latest is not None and self.latest.day <= edge.day:
            return self
        return attrs.evolve(self, latest=edge)

    def aimed(self, edge: Edge, until: date) -> Bounds:
        """Return the bounds with one more target; the later one wins."""
        if self.target is not None and self.target.day >= edge.day:
            return self
        return attrs.evolve(self, target=edge, target_until=until)

    def preferred(self, edge: Edge) -> Bounds:
        """Return the bounds with a target that does not begin before a date."""
        until = edge.day if self.target_until is None else max(self.target_until, edge.day)
        return self.aimed(edge, until)


@attrs.frozen(kw_only=True)
class Calendar:
    """What dates are measured with: the dates of visits still due, and the month-end policy."""

    days: Mapping[str, date | None]
    month_end: MonthEnd
    floors: Mapping[str, date] = attrs.field(factory=dict)
    """The earliest dates of visits still due."""
    ceilings: Mapping[str, date] = attrs.field(factory=dict)
    """The latest dates of visits still due, where they have one."""
    clocks: Mapping[str, int] = attrs.field(factory=dict)
    """Minutes after midnight of visits that depend on others by the hour; noon for the rest."""
    clinic: Clinic | None = None
    """Whose closed days count, where one is known."""
    fixed: Mapping[str, PastVisit] = attrs.field(factory=dict)
    """Visits still due that are fixed to a moment, as if given then: hours count from there."""

    @property
    def counted(self) -> Days:
        """Return what dates are counted with."""
        return Days(month_end=self.month_end, clinic=self.clinic)


def shifted(day: date, span: Span, month_end: MonthEnd, clock: int = NOON) -> date:
    """
    Return the date a span after ``day``; the last or first possible date at the ends of time.

    An elapsed span is counted from ``clock``, in minutes after midnight. It is noon where the
    hour of a visit to come is not known: 46 hours are two dates later, 8 hours the same date.
    """
    try:
        match span:
            case CalendarSpan():
                return span.after(day, month_end)
            case ElapsedSpan():
                return day + timedelta(days=(clock + span.minutes) // MINUTES_A_DAY)
            case _:
                assert_never(span)
    except (OverflowError, ValueError):
        return date.max if _forward(span) else date.min


def _forward(span: Span) -> bool:
    if isinstance(span, ElapsedSpan):
        return span.minutes > 0
    return 365 * span.years + 30 * span.months + 7 * span.weeks + span.days > 0


def landing(
    where: PastVisit | date,
    span: Span,
    between: Between,
    month_end: MonthEnd,
    clock: int = NOON,
    unknown: int = NOON,
) -> date:
    """
    Return the date a span after a visit; real hours where its moment is known.

    Args:
        where: A visit given, or the date of one still due.
        span: The distance.
        between: Which moments of the visits it lies between.
        month_end: Where a date goes that does not exist.
        clock: The minute after midnight from which hours after a visit still due are counted.
        unknown: The same for a visit given whose hour is not on record: a least distance is
            counted from the end of its date, a most from the beginning, as a plan counts them.
    """
    if isinstance(where, date):
        return shifted(where, span, month_end, clock)
    moment = moment_of(where, between, ends=unknown == MINUTES_A_DAY)
    if isinstance(span, ElapsedSpan) and moment is not None:
        try:
            return later_by(moment, span.delta).date()
        except OverflowError:
            pass
    return shifted(where.on, span, month_end, unknown)


def moment_of(past: PastVisit, between: Between, ends: bool = True) -> datetime | None:
    """
    Return the moment of a visit given that a rule counts from; ``None`` where it is not known.

    A moment told by the clock of a place where it was another date says when it was, and not
    what the clock of the clinic showed, so no date follows from it.

    Args:
        ends: Where the end of the visit counts and is not on record, its start will not do.
    """
    moment = past.start
    if between is Between.END_AND_START and (past.end is not None or ends):
        moment = past.end
    foreign = past.start is not None and past.start.date() != past.on
    return None if foreign else moment


def bounds_of(visit: str, rules: Iterable[Rules], calendar: Calendar) -> Bounds:
    """
    Return what rules say about one visit's date, as if the visits before it fall on their dates.

    The latest of several earliest dates and of several targets wins, the earliest of several
    latest dates. The target is never before the earliest date; where a separation moves it past
    a tolerance, the tolerance is still said to end where it ends.
    """
    bounds = Bounds()
    rules = tuple(rules)
    tests: list[Gated] = []
    for rule in rules:
        if isinstance(rule, ByWeekday | AtMost | OfDates) and not rule.keeps_least:
            continue
        if isinstance(rule, Gated):
            tests.append(rule)
        else:
            bounds = _applied(visit, rule, bounds, calendar)
    bounds = clear_of_gaps(bounds, tests, calendar)
    return settled(on_weekdays(bounds, rules, calendar))


def clear_of_gaps(bounds: Bounds, rules: Iterable[Rules], calendar: Calendar) -> Bounds:
    """
    Return the bounds with an earliest date and a target that the tests of rules leave open.

    A visit has to wait for the first date that a test on record, or one still to be done, is old
    enough for; and past the dates on which the one is too old and the other too young.
    """
    for rule in rules:
        if not isinstance(rule, Gated) or not rule.keeps_least:
            continue
        if open_from := list(_open_spans(rule, calendar)):
            bounds = _after_test(bounds.not_before(Edge(open_from[0][0], rule)), rule, open_from)
    return bounds


def _after_test(bounds: Bounds, rule: Gated, spans: Sequence[tuple[date, date]]) -> Bounds:
    def allowed(edge: Edge | None) -> Edge | None:
        if edge is None or any(first <= edge.day <= last for first, last in spans):
            return edge
        later = [first for first, _ in spans if first > edge.day]
        return Edge(min(later), rule) if later else edge

    return attrs.evolve(bounds, earliest=allowed(bounds.earliest), target=allowed(bounds.target))


def _open_spans(rule: Gated, calendar: Calendar) -> Iterator[tuple[date, date]]:
    """Yield the first and last date that each test leaves a visit, in order."""
    month_end, spans = calendar.month_end, []
    for test in rule.tests:
        first, last = test.on, date.max
        if rule.least is not None:
            first = landing(test, rule.least, Between.STARTS, month_end)
        if rule.most is not None and rule.again is not None:
            last = landing(test, rule.most, Between.STARTS, month_end)
        spans.append((first, last))
    if rule.instead is not None:
        spans.append((rule.instead.on, date.max))
    if rule.again is not None:
        least = CalendarSpan() if rule.least is None else rule.least
        spans.append((shifted(rule.again, least, month_end, clock=0), date.max))
    yield from sorted(span for span in spans if span[0] <= span[1])


def settled(bounds: Bounds) -> Bounds:
    """Return the bounds with a target that is not before the earliest date."""
    early, target = bounds.earliest, bounds.target
    if early is None or target is None or target.day >= early.day:
        return bounds
    until = max(bounds.target_until or target.day, early.day)
    return attrs.evolve(bounds, target=early, target_until=until)


def _applied(visit: str, rule: Rules, bounds: Bounds, calendar: Calendar) -> Bounds:
    match rule:
        case Spacing():
            return _spaced(rule, bounds, calendar)
        case OnOpenDay() | MadeUp() | CaughtUp():
            day = _day(rule.earlier, calendar)
            if day is None:
                return attrs.evolve(bounds, unknown=True)
            bounds = _between(rule, *first_and_last(rule, day, calendar.counted), bounds)
            aimed = aimed_at(rule, day, calendar.counted)
            return bounds if aimed is None else bounds.aimed(Edge(aimed, rule), aimed)
        case OfDates():
            day = _day(rule.earlier, calendar)
            if day is None:
                return attrs.evolve(bounds, unknown=True)
            return _between(rule, *first_and_last(rule, day, calendar.counted), bounds)
        case AtMost():
            return _capped(visit, rule, bounds, calendar)
        case NotBefore():
            return bounds.not_before(Edge(rule.day, rule))
        case NotAfter():
            return bounds.not_after(Edge(rule.day, rule))
        case FixedAt():
            edge = Edge(rule.start.date(), rule)
            fixed = bounds.not_before(edge).not_after(edge)
            return attrs.evolve(fixed, target=edge, target_until=edge.day)
        case _:
            return bounds


def _day(where: str | PastVisit, calendar: Calendar) -> date | None:
    return where.on if isinstance(where, PastVisit) else calendar.days.get(where)


def _between(rule: Rules, first: date | None, last: date | None, bounds: Bounds) -> Bounds:
    if first is not None:
        bounds = bounds.not_before(Edge(first, rule))
    if last is not None:
        bounds = bounds.not_after(Edge(last, rule))
    return bounds if first is None or first != last else bounds.aimed(Edge(first, rule), first)


def _spaced(rule: Spacing, bounds: Bounds, calendar: Calendar) -> Bounds:
    where: PastVisit | date | None = rule.earlier if isinstance(rule.earlier, PastVisit) else None
    if isinstance(rule.earlier, str):
        where = calendar.fixed.get(rule.earlier) or calendar.days.get(rule.earlier)
    if where is None:
        floor = calendar.floors.get(str(rule.earlier))
        if floor is not None and rule.least is not None:
            day = landing(floor, rule.least, rule.between, calendar.month_end)
            bounds = bounds.not_before(Edge(day, rule))
        return attrs.evolve(bounds, unknown=True)

    clock = clock_of(rule.earlier, calendar)
    first: PastVisit | date | None = where
    last: PastVisit | date | None = where
    if moves_with(rule, calendar):
        first, last = (
            edges.get(str(rule.earlier)) for edges in (calendar.floors, calendar.ceilings)
        )

    def at(place: PastVisit | date, span: Span, unknown: int = NOON) -> date:
        return landing(place, span, rule.between, calendar.month_end, clock, unknown)

    if first is not None and rule.least is not None and rule.keeps_least:
        bounds = bounds.not_before(Edge(at(first, rule.least, MINUTES_A_DAY), rule))
    if last is not None and rule.most is not None and rule.keeps_most:
        bounds = bounds.not_after(Edge(at(last, rule.most, 0), rule))
    if rule.target is not None and rule.rule == "separation":
        bounds = bounds.preferred(Edge(at(where, rule.target.least), rule))
    elif rule.target is not None:
        until = rule.target.most if rule.target.most is not None else rule.target.least
        bounds = bounds.aimed(Edge(at(where, rule.target.least), rule), at(where, until))
    return bounds


def comes_before(rule: Spacing) -> bool:
    """Tell whether a rule puts a visit before the one it is measured from."""
    spans = [rule.most, rule.least, rule.target.least if rule.target is not None else None]
    return any(comparable(span) < 0 for span in spans if span is not None)


def moves_with(rule: Rules, calendar: Calendar) -> bool:
    """
    Tell whether a visit comes before one that is still due and can move with it.

    Then it may be on any date that leaves the other one a date, and its target is a forecast.
    """
    if not isinstance(rule, Spacing) or not isinstance(rule.earlier, str):
        return False
    return comes_before(rule) and rule.earlier not in calendar.fixed


def clock_of(where: str | PastVisit, calendar: Calendar) -> int:
    """Return the minutes after midnight at which a visit is taken to begin."""
    if isinstance(where, PastVisit):
        return minute_of(moment_of(where, Between.STARTS))
    return calendar.clocks.get(where, NOON)


def minute_of(moment: datetime | None) -> int:
    """Return the minutes after midnight that the clock shows; noon where nothing is known."""
    return NOON if moment is None else 60 * moment.hour + moment.minute


def clock_aimed(target: Edge | None, calendar: Calendar) -> int:
    """Return the minutes after midnight at which a visit's target falls."""
    rule = target.rule if target is not None else None
    if isinstance(rule, Spacing) and rule.target is not None:
        span = rule.target.least
        if isinstance(span, ElapsedSpan):
            return (clock_of(rule.earlier, calendar) + span.minutes) % MINUTES_A_DAY
    return minute_of(rule.start) if isinstance(rule, FixedAt) else NOON


def _capped(visit: str, rule: AtMost, bounds: Bounds, calendar: Calendar) -> Bounds:
    if visit not in rule.visits:
        return bounds
    before = rule.visits.index(visit) - rule.most
    if before < 0:
        return bounds
    day = _day(rule.visits[before], calendar)
    if day is None:
        return attrs.evolve(bounds, unknown=True)
    return bounds.not_before(Edge(plus_days(day, rule.days), rule))


def on_weekdays(bounds: Bounds, rules: Iterable[Rules], calendar: Calendar) -> Bounds:
    """Return the bounds with dates on days that all rules leave: later ones, or a sooner latest."""
    rules = [rule for rule in rules if isinstance(rule, ByWeekday) and rule.keeps_least]

    def allowed(edge: Edge | None, step: int = 1) -> Edge | None:
        if edge is None:
            return None
        by = edge.rule
        for days in range(FAR_ENOUGH):
            day = plus_days(edge.day, step * days)
            bars = [rule for rule in rules if not on_its_weekday(rule, day, calendar)]
            if not bars:
                return Edge(day, by) if days else edge
            by = bars[0]
        return edge

    return attrs.evolve(
        bounds,
        earliest=allowed(bounds.earliest),
        target=allowed(bounds.target),
        latest=allowed(bounds.latest, -1),
    )


def on_its_weekday(rule: Rules, day: date, calendar: Calendar) -> bool:
    """Tell whether a rule leaves a visit the weekday, or the day of the month, of a date."""
    measured = _day(rule.earlier, calendar) if isinstance(rule, OfTwo) else None
    return leaves(rule, day, measured)


# --- visits that a clinician put off ---------------------------------------------------------


def put_off(visit: str, rules: Iterable[Rules], history: History) -> Iterator[Rules]:
    """Yield the rules of a visit, and the first date it may be on where it was put off."""
    yield from rules
    if (floor := put_off_until(visit, history)) is not None:
        yield floor


def put_off_until(visit: str, history: History) -> NotBefore | None:
    """Return the first date a visit put off may be on; ``None`` of any other."""
    deferral = history.deferred.get(visit)
    if deferral is None or deferral.until is None:
        return None
    return NotBefore(rule="deferred", visit=visit, day=deferral.until)


def missed_floor(visit: str, history: History, floor: date) -> NotBefore | None:
    """Return the day after a visit was last missed, if it comes after another first date."""
    days = history.missed.get(visit, ())
    if not days or plus_days(max(days), 1) <= floor:
        return None
    return NotBefore(rule="missed", visit=visit, day=plus_days(max(days), 1))


def first_open(visit: str, history: History, floor: date) -> date:
    """Return the first date a visit may be on: missed, put off or pinned as it may have been."""
    found = (missed_floor(visit, history, floor), put_off_until(visit, history))
    pins = [history.pins[visit].start.date()] if visit in history.pins else []
    return max([floor, *pins, *(one.day for one in found if one is not None)])


def open_question(visit: str, title: str, history: History) -> Question | None:
    """Return what has to be asked of a visit put off without a date; ``None`` of any other."""
    deferral = history.deferred.get(visit)
    if deferral is None or deferral.until is not None:
        return None
    why = f" ({deferral.why})" if deferral.why else ""
    asks = told(
        "{title} was postponed on {on}{why}; what is the first date it may be on?",
        title=title,
        on=deferral.on,
        why=why,
    )
    return Question(id=f"deferred-{visit}", asks=asks, about=visit)
