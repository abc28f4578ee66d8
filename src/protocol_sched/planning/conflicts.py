"""
Which rules cannot all hold: from a compiled course to a conflict in the model's own rules.

Each rule that a person would recognise is kept or dropped as a whole: opening hours for all
visits, each closure, each escort, each spacing between two visits. Time itself is no rule: no
visit is before the date on which the question is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import assert_never

import attrs

from protocol_sched.engine.bitsets import members, span
from protocol_sched.engine.calendars import SlotCalendar
from protocol_sched.engine.candidates import Calendars
from protocol_sched.engine.compiler import Compiled, compile_agenda
from protocol_sched.engine.course_wishes import barred
from protocol_sched.engine.horizon import MAX_DAYS, Horizon
from protocol_sched.engine.problem import Allowed, Item, Problem
from protocol_sched.engine.solvers.budget import Budget
from protocol_sched.engine.solvers.feasible import Feasibility
from protocol_sched.engine.solvers.quickxplain import minimal_conflict
from protocol_sched.model.agenda import Agenda, AtMost, FixedAt, NotAfter, NotBefore, Rules, Spacing
from protocol_sched.model.availability import ALWAYS, Clinic, Hours
from protocol_sched.model.causes import (
    AsAnnounced,
    Asked,
    Cause,
    Closed,
    CourseEnds,
    CourseStarts,
    Declined,
    EscortFree,
    EscortHours,
    EvenlySpread,
    FewEscorts,
    HorizonBegins,
    HorizonEnds,
    InOrder,
    MustDrive,
    NoSuchKind,
    NotTwoDaysRunning,
    OneEscort,
    OneWeekday,
    OnlyWeekdays,
    OpeningHours,
    Origin,
    PersonAway,
    PersonBusy,
    PersonFree,
    PlacesTaken,
    PreferenceKept,
    Request,
    SameTime,
    SameWeekday,
    StaffTaken,
    StartTimes,
    TeamTaken,
    TooLateFor,
    Turnover,
)
from protocol_sched.model.conflict import MANY, Conflict, Reason, as_read
from protocol_sched.model.spans import ElapsedSpan
from protocol_sched.planning.shaping import Shaped, by_open_days, closed_only_by, shaped

EFFORT = 20_000_000
"""Steps for the conflicts of one course where a caller shares none."""
LOOK_FURTHER = timedelta(days=366)
"""How far beyond its end a horizon is lengthened to see whether its end matters."""


def conflicts(
    compiled: Compiled,
    asked: Sequence[Asked] = (),
    budget: Budget | None = None,
    impossible: bool = False,
) -> tuple[Conflict, ...]:
    """
    Return why a course has no room: minimal conflicts that share no rule but the last date.

    They also share a request for a visit on one date: so all that closes the date is named.

    Each is about the fewest of the first visits. Of those it is the one whose rules come first
    by `rank`; where that takes more than `FEW` lines and one that prefers rules between visits
    takes fewer, it is that one. At least one rule of each must give way.

    Args:
        asked: Requests that shall hold as well.
        budget: When it is spent, a conflict is not shown to be minimal, and no more are looked
            for.
        impossible: It is known already that the course has no room.

    Returns:
        Empty where the course has room, or where it is not known that it has none.
    """
    search = _Search(compiled, asked, budget)
    found: list[Conflict] = []
    chosen = search.all
    # A safety rule that is broken forbids a plan whatever calendars say, so it is told first.
    first = search.of_protocol if any(b.forbids for b in compiled.agenda.bindings) else chosen
    while one := search.conflict(first) or search.conflict(chosen, impossible):
        impossible = False  # of what is left without this one nothing is known
        outer = _edges(compiled, search.named_by(one), asked, None, search.budget)
        ends = (_end_reason(compiled, edge, asked, search.budget) for edge in outer)
        reasons = (*search.reasons(one), *ends)
        visit = compiled.dues[one.visits - 1].id
        minimal = one.minimal and not search.budget.ended
        found.append(Conflict(visit=visit, reasons=reasons, minimal=minimal))
        spent = [n for n in one.rules if not _of_one_date(search.rules[n])]
        if not spent:
            break
        chosen &= ~_bits(spent)
        first &= chosen
    return tuple(found)


def _of_one_date(rule: Origin) -> bool:
    return isinstance(rule, Request) and rule.first is not None and rule.first == rule.last


def rules_of_course(compiled: Compiled) -> tuple[Origin, ...]:
    """Return every rule that a conflict of a course could name, in the order of `rank`."""
    return tuple(_Search(compiled, ()).rules)


@attrs.frozen
class Blocking:
    """The first conflict of a course, for those who look for changes that make room."""

    rules: tuple[Origin, ...]
    visits: tuple[tuple[str, ...], ...]
    """For each rule, the visits of the conflict that it is about."""
    dates: tuple[tuple[str, tuple[date, ...]], ...]
    """For each visit of the conflict the dates it could have if no calendar was in its way: only
    there can a change of a calendar help."""
    timed: bool
    """A rule between visits counts hours, so that times of day matter."""


def blocking(
    compiled: Compiled,
    asked: Sequence[Asked] = (),
    calendars: Calendars | None = None,
    budget: Budget | None = None,
) -> Blocking | None:
    """Return the first of `conflicts`; ``None`` where the course has room, or may have."""
    search = _Search(compiled, asked, budget)
    one = search.conflict(search.all)
    if one is None:
        return None
    rules = search.named_by(one)
    outer = _edges(compiled, rules, asked, calendars, search.budget)
    visits = (*search.visits_about(one), *(() for _ in outer))
    timed = any(isinstance(rule, Spacing) and _elapsed(rule) for rule in rules)
    return Blocking((*rules, *outer), visits, tuple(search.open_dates(one)), timed)


def _elapsed(rule: Spacing) -> bool:
    return any(isinstance(length, ElapsedSpan) for length in (rule.least, rule.most))


@attrs.frozen
class Starts:
    """What one constraint leaves a visit on one date; bit n is the n-th slot of the date."""

    bits: int
    needs: frozenset[Origin]
    """The rules that are all kept where this holds."""


def starts_on(
    day: date, compiled: Compiled, asked: Sequence[Asked] = ()
) -> dict[str, list[Starts]]:
    """Return what rules about single visits leave each visit on a date, in the same order."""
    search = _Search(compiled, asked)
    problem, n = search.problem, compiled.horizon.number_of(day)
    first, last = problem.day_slots[n], problem.day_slots[n + 1]
    whole = (1 << (last - first)) - 1
    found = {}
    for item in problem.items:
        by_day = [(whole if a.bits >> n & 1 else 0, a.origin) for a in item.days]
        by_slot = [(a.bits >> first & whole, a.origin) for a in item.slots]
        found[item.name] = [
            Starts(bits, frozenset(search.named(origin))) for bits, origin in (*by_day, *by_slot)
        ]
    return found


def with_requests(compiled: Compiled, asked: Sequence[Asked]) -> Compiled:
    """Return the same course with what is asked for as rules of its own."""
    items = list(compiled.problem.items)
    for request in asked:
        for n, item in enumerate(items):
            if isinstance(request, PreferenceKept):
                whole = (1 << compiled.problem.day_slots[-1]) - 1
                slots = [
                    Allowed(whole & ~penalty.bits, request)
                    for penalty in item.penalties
                    if penalty.origin == ("preferences", request.which)
                ]
            elif request.visit in (None, item.name):
                slots = [Allowed(_requested(compiled, request), request)]
            else:
                continue
            items[n] = attrs.evolve(item, slots=(*item.slots, *slots))
    problem = compiled.problem
    lags = [
        barred(gap, problem.days, request)
        for request in asked
        if isinstance(request, PreferenceKept)
        for gap in problem.gaps
        if gap.origin == ("preferences", request.which)
    ]
    changed = attrs.evolve(problem, items=tuple(items), lags=(*problem.lags, *lags))
    return attrs.evolve(compiled, problem=changed)


def _requested(compiled: Compiled, request: Request) -> int:
    """Return the starts a request allows."""
    horizon, problem = compiled.horizon, compiled.problem
    first = 0 if request.first is None else max(0, horizon.number_of(request.first))
    last = problem.days - 1 - horizon.beyond
    if request.last is not None:
        last = min(last, horizon.number_of(request.last))
    if first > last:
        return 0
    bits = span(problem.day_slots[first], problem.day_slots[last + 1])
    if request.never is not None and 0 <= (n := horizon.number_of(request.never)) < problem.days:
        bits &= ~span(problem.day_slots[n], problem.day_slots[n + 1])
    if request.earliest is None and request.latest is None:
        return bits
    earliest, latest = request.earliest or 0, 1440 if request.latest is None else request.latest
    step, irregular, found = problem.slot_minutes, dict(problem.irregular), 0
    for day in range(first, last + 1):
        start = problem.day_slots[day]
        if day not in irregular:
            found |= span(-(-earliest // step), latest // step + 1) << start
            continue
        for slot, minute in enumerate(irregular[day], start):
            if earliest <= minute <= latest:
                found |= 1 << slot
    return bits & found


class _Search:
    """One course's rules, numbered in the order in which one would rather name them."""

    def __init__(
        self, compiled: Compiled, asked: Sequence[Asked], budget: Budget | None = None
    ) -> None:
        self.budget, self.asked = budget or Budget(EFFORT), asked
        self.compiled = with_requests(compiled, asked)
        self.compiled = attrs.evolve(self.compiled, problem=shaped(self.compiled))
        items = tuple(_with_start_times(self.compiled))
        self.problem = problem = attrs.evolve(self.compiled.problem, items=items)
        self.about: dict[Origin, set[int]] = {}
        """For each rule the visits that it is about, by their places."""
        for place, origin in _origins(problem):
            for rule in self.named(origin):
                self.about.setdefault(rule, set()).add(place)
        self.rules: list[Origin] = sorted(self.about, key=rank)
        self.all = (1 << len(self.rules)) - 1

    @cached_property
    def feasibility(self) -> Feasibility:
        """Answers whether some of the rules can hold together."""
        number = {rule: n for n, rule in enumerate(self.rules)}

        def needs(origin: object) -> int:
            return sum(1 << number[rule] for rule in self.named(origin))

        return Feasibility(self.problem, needs, self.budget)

    def named(self, origin: object) -> tuple[Origin, ...]:
        """Return the rules a constraint belongs to, as people would name them."""
        first, last = self.compiled.horizon.first, self._last
        match origin:
            case Shaped(rule=rule, closed_by=closed_by):
                return (rule, *closed_by)
            case EscortFree(escorts=names) if names:
                return tuple(one for one in self.escorts if one.escort in names)
            case Declined():
                return (origin, *self.escorts)
            case MustDrive(person=person, commitment=commitment, rest=False):
                return (PersonBusy(person, commitment),)
            case NotBefore(rule="today") | HorizonEnds():
                return ()
            # The horizon holds these two as well; `_edges` tells whether they matter.
            case NotBefore(rule="start", day=day) if day <= first:
                return ()
            case NotAfter(rule="finish", day=day) if day >= last:
                return ()
            case NotBefore(rule="start", day=day):
                return (CourseStarts(day),)
            case NotAfter(rule="finish", day=day):
                return (CourseEnds(day),)
            case Spacing(rule="order"):
                return (InOrder(),)
            case Spacing(least=None, most=None):
                return ()
            case _ if isinstance(origin, Rules | Cause):
                return (origin,)
            case _:
                raise TypeError(f"a rule or a cause is needed, got {type(origin).__name__}")

    @cached_property
    def escorts(self) -> tuple[EscortHours, ...]:
        """Return the hours of each escort as a rule."""
        return tuple(
            EscortHours(one.name, one.available, one.away) for one in self.compiled.person.escorts
        )

    @cached_property
    def _last(self) -> date:
        return self.compiled.horizon.last

    @property
    def of_protocol(self) -> int:
        """Return the rules that are of no calendar, as a bit set."""
        return _bits(n for n, rule in enumerate(self.rules) if isinstance(rule, Rules))

    def conflict(self, chosen: int, impossible: bool = False) -> _Found | None:
        """
        Return the preferred conflict among some rules; ``None`` if none is known.

        Where the effort ends first it is the smallest set of them that was found until then.

        Args:
            impossible: It is known already that they cannot all hold.
        """
        feasibility = self.feasibility
        feasibility.look_at(len(self.compiled.dues))
        if not (feasibility.feasible(chosen) is False or impossible):
            return None
        first = feasibility.shortest_impossible(chosen)
        best: _Found | None = None
        for key in (None, _between_visits_first):
            order = sorted(members(chosen), key=lambda n: key(self.rules[n]) if key else 0)
            # Of the first visits alone, which is soon done; then what that leaves, of them all:
            # a rule may matter to the first visits only because later ones were not looked at.
            for count in (first, len(self.compiled.dues)):
                feasibility.look_at(count)
                subset = minimal_conflict(order, lambda some: feasibility.feasible(_bits(some)))
                minimal = subset is not None and subset.minimal
                if subset is not None:
                    order = [order[n] for n in subset.rules]
            visits = feasibility.shortest_impossible(_bits(order))
            found = _Found(sorted(order), visits, minimal)
            if best is None or self.lines(found) < self.lines(best):
                best = found
            if self.lines(best) <= FEW:
                break
        return best

    def lines(self, found: _Found) -> int:
        """Return how many lines a conflict takes: spacings of one protocol rule share one."""
        return len({alike(rule) for rule in self.named_by(found)})

    def named_by(self, found: _Found) -> list[Origin]:
        """Return the rules of a conflict."""
        return [self.rules[n] for n in found.rules]

    def reasons(self, found: _Found) -> Iterator[Reason]:
        """Yield each rule of a conflict with what it stands in the way of."""
        feasibility, dues = self.feasibility, self.compiled.dues
        both, concerned = _bits(found.rules), self.concerned(found)
        lines = as_read([Reason(rule=self.rules[n]) for n in found.rules])
        line_of = {one.rule: [each.rule for each in line] for line in lines for one in line}
        for n in found.rules:
            feasibility.look_at(found.visits)
            others = feasibility.domains(both & ~(1 << n))
            closed = {v: others[v] & ~feasibility.own_days(v, both) for v in concerned}
            visits = [dues[v].id for v, days in closed.items() if days]
            numbers = sorted({day for days in closed.values() for day in members(days)})
            feasibility.look_at(len(dues))
            gone = _bits(self.rules.index(rule) for rule in line_of[self.rules[n]])
            enough = feasibility.feasible(self.all & ~gone)
            if enough:
                enough = self.opens(n)
            dates = [self.compiled.horizon.date_of(day) for day in numbers]
            few = dates if len(dates) <= MANY else ()
            yield Reason(rule=self.rules[n], visits=visits, dates=few, enough=enough)

    def opens(self, n: int) -> bool | None:
        """
        Tell whether a closure's days, once open, leave room where visits go by open days.

        ``None`` where the allowed effort ended first.
        """
        match self.rules[n]:
            case Closed(closure=gone, work=""):
                closures = [one for one in self.compiled.clinic.closures if one != gone]
                clinic = attrs.evolve(self.compiled.clinic, closures=closures)
            case OpeningHours(work=""):
                clinic = attrs.evolve(self.compiled.clinic, hours=Hours(ALWAYS))
            case _:
                return True
        if not by_open_days(self.compiled):
            return True
        of = self.compiled
        world = (of.agenda, of.protocol, clinic, of.person, of.horizon)
        again = _Search(compile_agenda(*world, of.keep), self.asked, self.budget)
        return again.feasibility.feasible(again.all)

    def visits_about(self, found: _Found) -> list[tuple[str, ...]]:
        """Return for each rule of a conflict the visits of the conflict that it is about."""
        dues, concerned = self.compiled.dues, self.concerned(found)
        about = [self.about.get(rule, set()) for rule in self.named_by(found)]
        return [tuple(dues[n].id for n in concerned if n in places) for places in about]

    def concerned(self, found: _Found) -> tuple[int, ...]:
        """Return the fewest visits that the rules of a conflict are impossible for."""
        self.feasibility.look_at(found.visits)
        return self.feasibility.concerned(_bits(found.rules))

    def open_dates(self, found: _Found) -> Iterator[tuple[str, tuple[date, ...]]]:
        """Yield for each visit of a conflict its dates if no calendar was in its way."""
        feasibility, horizon = self.feasibility, self.compiled.horizon
        concerned = self.concerned(found)
        firm = [n for n in found.rules if not isinstance(self.rules[n], Dated)]
        feasibility.passed = frozenset({*range(found.visits)} - {*concerned})
        domains = feasibility.domains(_bits(firm))
        feasibility.passed = frozenset()
        for n in concerned:
            days = tuple(horizon.date_of(day) for day in members(domains[n]))
            yield self.compiled.dues[n].id, days


@attrs.frozen
class _Found:
    """A minimal conflict by the numbers of its rules, and how many first visits it is about."""

    rules: list[int]
    visits: int
    minimal: bool


FEW = 4
"""A conflict of more lines is looked for in a second order, and the shorter of both is taken."""

Dated = (
    EscortHours
    | EscortFree
    | PersonFree
    | PersonAway
    | PersonBusy
    | MustDrive
    | PlacesTaken
    | StaffTaken
    | TeamTaken
    | Closed
    | OpeningHours
)
"""Rules of calendars, which can give way on one date alone."""


def alike(rule: Origin) -> object:
    """Return what rules have in common that people read as one: each visit after the one before."""
    if isinstance(rule, Spacing) and isinstance(rule.earlier, str):
        return attrs.evolve(rule, earlier="", later="")
    return rule


def _between_visits_first(rule: Origin) -> tuple[int, int]:
    return (0 if isinstance(rule, AtMost) else 1 if isinstance(rule, Rules) else 2), rank(rule)


def _edges(
    compiled: Compiled,
    rules: list[Origin],
    asked: Sequence[Asked],
    calendars: Calendars | None = None,
    budget: Budget | None = None,
) -> list[Origin]:
    """
    Return which of a horizon's ends a conflict needs: none if its rules alone are impossible.

    A visit cannot be outside the horizon, so its ends were kept by every probe. With them
    dropped, what was impossible may not be. Both are named where the budget ends first.
    """
    budget = budget or Budget(EFFORT)
    first, last = compiled.horizon.first, compiled.horizon.last
    sooner, later = _further(compiled)
    begins, ends = CourseStarts(first), _end(compiled.agenda, last)
    clinic = closed_only_by(rules, compiled)

    def impossible(begin: date, end: date) -> bool:
        if not budget.left:
            return False
        search = _within(compiled, begin, end, clinic, asked, budget, calendars)
        chosen = _bits(n for n, rule in enumerate(search.rules) if rule in rules)
        return search.feasibility.feasible(chosen) is False

    if impossible(sooner, later):
        return list(_beyond(rules, sooner, last, later))
    if sooner == first or impossible(sooner, last):
        return [ends]
    return [begins] if impossible(first, later) else [begins, ends]


def _further(compiled: Compiled) -> tuple[date, date]:
    """Return the dates from when and until when a horizon without its ends is looked at."""
    sooner = min(compiled.horizon.first, compiled.agenda.as_of)
    later = min(compiled.horizon.last + LOOK_FURTHER, sooner + timedelta(days=MAX_DAYS - 1))
    return sooner, later


def _within(
    compiled: Compiled,
    begin: date,
    end: date,
    clinic: Clinic,
    asked: Sequence[Asked],
    budget: Budget,
    calendars: Calendars | None = None,
) -> _Search:
    """Return the rules of the same course between other dates."""
    horizon = compiled.horizon
    days = (end - begin).days + 1 + horizon.beyond
    dates = Horizon(horizon.zone, begin, days, horizon.beyond)
    world = (compiled.agenda, compiled.protocol, clinic, compiled.person, dates)
    return _Search(compile_agenda(*world, compiled.keep, calendars), asked, budget)


def _end_reason(compiled: Compiled, edge: Origin, asked: Sequence[Asked], budget: Budget) -> Reason:
    """Return an end of the dates as a reason: is it enough that this one end is gone?"""
    begin, end = compiled.horizon.first, compiled.horizon.last
    sooner, later = _further(compiled)
    match edge:
        case CourseStarts():
            begin = sooner
        case CourseEnds() | HorizonEnds():
            end = later
        case _:
            return Reason(rule=edge)
    if not budget.left:
        return Reason(rule=edge)
    search = _within(compiled, begin, end, compiled.clinic, asked, budget)
    chosen = _bits(n for n, rule in enumerate(search.rules) if rule != edge)
    return Reason(rule=edge, enough=search.feasibility.feasible(chosen))


def _beyond(rules: list[Origin], first: date, last: date, later: date) -> Iterator[Origin]:
    """Yield the ends of all dates where one request is for none of them and so stands alone."""
    match rules:
        case [Request(last=date() as day)] if day < first:
            yield HorizonBegins(first)
        case [Request(first=date() as day)] if day > later:
            yield HorizonEnds(last)
        case _:
            pass


def _end(agenda: Agenda, last: date) -> Origin:
    """Return whose last date a horizon's is: the course's own, or only that of this question."""
    ends = [b.day for b in agenda.bindings if isinstance(b, NotAfter) and b.rule == "finish"]
    return CourseEnds(last) if last in ends else HorizonEnds(last)


def _origins(problem: Problem) -> Iterator[tuple[int, object]]:
    """Yield the origin of each constraint with the place of the last visit it is about."""
    for n, item in enumerate(problem.items):
        for allowed in (*item.slots, *item.days):
            yield n, allowed.origin
    for lag in problem.lags:
        yield lag.later, lag.origin
    for one in problem.required:
        for n in sorted({n for option in one.options for n, _ in option.allowed}):
            yield n, one.origin


def _with_start_times(compiled: Compiled) -> Iterator[Item]:
    """
    Yield the visits, those pinned at a start time too, with their pin as one of them.

    A pinned visit need not be at a start time, but would have to be without its pin.
    """
    for item in compiled.problem.items:
        pins = [allowed.bits for allowed in item.slots if isinstance(allowed.origin, FixedAt)]
        if pins:
            calendar = SlotCalendar(compiled.horizon, compiled.problem.slot_minutes)
            starts = calendar.starting_at(compiled.clinic.start_every)
            for pin in pins:
                starts |= pin
            grid = Allowed(starts, StartTimes(compiled.clinic.start_every))
            item = attrs.evolve(item, slots=(*item.slots, grid))
        yield item


def _bits(places: Iterable[int]) -> int:
    return sum(1 << n for n in places)


def rank(rule: Origin) -> int:
    """
    Return where a rule stands among those a conflict would rather name; the lower comes first.

    What a reader can change comes first, and what nobody should change last: what was asked for,
    fixed visits, escorts, the person's own hours, what is booked at the clinic, its closures, its
    hours, the dates of the course, the protocol, rules that keep the person safe.
    """
    match rule:
        case (
            Request()
            | PreferenceKept()
            | SameTime()
            | SameWeekday()
            | FewEscorts()
            | EvenlySpread()
            | AsAnnounced()
        ):
            return 0
        case FixedAt():
            return 1
        case EscortHours() | EscortFree() | Declined():
            return 2
        case PersonFree() | OnlyWeekdays() | PersonAway() | PersonBusy() | MustDrive():
            return 3
        case NotTwoDaysRunning() | OneWeekday() | OneEscort():
            return 3
        case PlacesTaken() | StaffTaken() | TeamTaken() | NoSuchKind():
            return 4
        case Closed() | TooLateFor():
            return 5
        case OpeningHours() | StartTimes():
            return 6
        case CourseStarts() | CourseEnds() | HorizonBegins() | HorizonEnds():
            return 7
        case InOrder() | Turnover():
            return 10
        case _ if isinstance(rule, Rules):
            return 9 if rule.safety else 8
        case _:
            assert_never(rule)
