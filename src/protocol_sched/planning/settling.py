"""
A plan as a fixed point: its own dates, recorded as given, lead to the same plan again.

What a protocol says of a late visit, and what it counts from the month or week of another, hangs
on dates that only the plan has. So a plan is laid out again from its own dates. Where rules come
out otherwise, the visits up to the first that changes them are settled where they are, and the
rest is planned again; each round settles at least one visit more, so it ends. Where what is settled
leaves the rest no dates, the visit that changed the rules is planned on another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import attrs

from protocol_sched.engine.compiler import Compiled
from protocol_sched.engine.problem import Problem, Required
from protocol_sched.engine.solvers.budget import Budget
from protocol_sched.engine.solvers.exact import solve
from protocol_sched.engine.solvers.result import Result, Status
from protocol_sched.model.agenda import Agenda
from protocol_sched.model.causes import Asked, Request
from protocol_sched.model.moments import utc
from protocol_sched.planning.conflicts import with_requests

Times = Mapping[str, datetime]

OTHER_DATES = 20
"""So many dates that leave the rest no plan are given up, before the search is."""


class Road(Protocol):
    """What a course is laid out and compiled again with."""

    def agenda(self, planned: Times, given_way: frozenset[str]) -> Agenda:
        """Return what is due where visits are as planned, some after their limits."""

    def compiled(self, agenda: Agenda) -> Compiled:
        """Return an agenda as a problem of integers."""


@attrs.frozen(kw_only=True)
class Settled:
    """A plan that is a fixed point; or what was found instead."""

    compiled: Compiled
    result: Result
    rests_on: tuple[str, ...] = ()
    """Visits that were settled first, in order of time, because rules of others depend on their
    dates; no other date of theirs was weighed against what it brings."""
    given_way: tuple[str, ...] = ()
    """Those of them that can only be late, so that their own limits gave way."""
    hinges: tuple[str, ...] = ()
    """Those of them whose dates changed the rules of others."""


@attrs.frozen
class _Draft:
    """One round: what was settled before it, and what came out."""

    planned: Times
    given_way: frozenset[str]
    compiled: Compiled
    result: Result
    hinges: tuple[str, ...] = ()
    """Visits whose dates changed the rules of others, in the order in which that was found."""
    before: _Draft | None = None
    """The round whose dates changed the rules; ``None`` of the first."""
    by: str = ""
    """The visit whose date there changed them."""
    never: tuple[Request, ...] = ()
    """Dates that are given up in this round: they leave later visits none."""

    @property
    def given_up(self) -> tuple[str, ...]:
        """Return the visits of which dates were given up, in this round and before it."""
        before = () if self.before is None else self.before.given_up
        return (*before, *(request.visit or "" for request in self.never))


def settled(
    road: Road, compiled: Compiled, result: Result, budget: Budget, asked: Sequence[Asked] = ()
) -> Settled:
    """
    Return a plan that its own dates lead to again.

    Args:
        road: Lays out and compiles the course again.
        compiled: The course as laid out by its forecast.
        result: What `solve` said to it and to what was asked for.
        budget: Solver steps for all rounds together.
        asked: What was asked for beside the rules.

    Returns:
        The plan as it was where its dates change no rule. Where a limit leaves a visit no date
        and its late table says what follows then, that visit is planned late. The result is as
        it was where nothing helps.
    """
    first = _Draft({}, frozenset(), compiled, result)
    draft, others = first, OTHER_DATES
    while True:
        if draft.result.starts is None:
            later = _given_way(road, draft, budget, asked)
            if later is not None:
                later = attrs.evolve(later, before=draft.before, by=draft.by)
            elif others:
                later, others = _otherwise(draft, budget, asked), others - 1
            if later is None:
                return _unsettled(first, draft)
        else:
            times = _times(draft)
            agenda = road.agenda(times, draft.given_way)
            if _alike(agenda, draft.compiled.agenda):
                renewed = attrs.evolve(draft.compiled.agenda, late=agenda.late)
                done = attrs.evolve(draft.compiled, agenda=renewed)
                return Settled(
                    compiled=done,
                    result=draft.result,
                    rests_on=_once((*draft.planned, *draft.given_up)),
                    given_way=tuple(visit for visit in draft.planned if visit in draft.given_way),
                    hinges=_once((*draft.hinges, *draft.given_up)),
                )
            later = _next(road, draft, times, budget, asked)
        draft = later


def _once(names: Iterable[str]) -> tuple[str, ...]:
    """Return each name once, in the order in which they come."""
    return tuple(dict.fromkeys(names))


def _unsettled(first: _Draft, last: _Draft) -> Settled:
    """Return the first round where it had no plan; else that no plan was found to stand."""
    if first.result.starts is None:
        return Settled(compiled=first.compiled, result=first.result)
    none = Result(Status.EFFORT_SPENT, work=last.result.work)
    return Settled(
        compiled=last.compiled,
        result=none,
        rests_on=tuple(last.planned),
        hinges=tuple(dict.fromkeys(last.hinges)),
    )


def _times(draft: _Draft) -> dict[str, datetime]:
    """Return when each visit is planned, in order of time."""
    minutes = draft.compiled.problem.slot_minutes
    starts = sorted(
        zip(draft.result.starts or (), draft.compiled.dues, strict=True), key=lambda one: one[0]
    )
    placed = {due.id: draft.compiled.horizon.moment(slot * minutes) for slot, due in starts}
    return {**draft.planned, **placed}


def _next(
    road: Road, draft: _Draft, times: Times, budget: Budget, asked: Sequence[Asked]
) -> _Draft:
    """Return the round after one whose dates change its own rules, from the first that does."""
    prefix = dict(draft.planned)
    agenda, hinge = draft.compiled.agenda, ""
    for visit, at in times.items():
        prefix[visit] = at
        agenda = road.agenda(prefix, draft.given_way)
        if not _alike(agenda, draft.compiled.agenda):
            hinge = visit
            break
    hinges = (*draft.hinges, hinge) if hinge else draft.hinges
    found = _solved(road, agenda, prefix, draft.given_way, hinges, budget, asked)
    return attrs.evolve(found, before=draft, by=hinge)


def _otherwise(draft: _Draft, budget: Budget, asked: Sequence[Asked]) -> _Draft | None:
    """
    Return an earlier round with another date for the visit that led to one without a plan.

    The latest such round that has one; ``None`` where none has, or where that is not known.
    """
    while draft.result.status is Status.INFEASIBLE and draft.before is not None and draft.by:
        before = draft.before
        given_up = Request(visit=draft.by, never=draft.planned[draft.by].date())
        never = (*before.never, given_up)
        pins = _pins(before.compiled, before.planned)
        other = with_requests(before.compiled, (*asked, *pins, *never))
        draft = attrs.evolve(before, result=solve(other.problem, budget), never=never)
        if draft.result.starts is not None:
            return draft
    return None


def _alike(one: Agenda, other: Agenda) -> bool:
    """Tell whether two agendas ask the same of a plan."""
    return _asks(one) == _asks(other) and one.questions == other.questions


def _asks(agenda: Agenda) -> tuple[object, ...]:
    """Return what an agenda asks; that visits come one by one, any plan keeps in its own order."""
    rules = [rule for rule in agenda.bindings if rule.rule != "order"]
    dues = sorted((due.id, due.kind, due.tentative, due.open) for due in agenda.dues)
    return rules, dues


def _solved(
    road: Road,
    agenda: Agenda,
    planned: Times,
    given_way: frozenset[str],
    hinges: tuple[str, ...],
    budget: Budget,
    asked: Sequence[Asked],
) -> _Draft:
    compiled = road.compiled(agenda)
    pinned = with_requests(compiled, (*asked, *_pins(compiled, planned)))
    return _Draft(planned, given_way, compiled, solve(pinned.problem, budget), hinges)


def _pins(compiled: Compiled, planned: Times) -> list[Request]:
    """Return requests that hold visits where they are planned."""
    due = {due.id for due in compiled.dues}
    return [
        Request(
            visit=visit,
            first=at.date(),
            last=at.date(),
            earliest=60 * at.hour + at.minute,
            latest=60 * at.hour + at.minute,
        )
        for visit, at in planned.items()
        if visit in due
    ]


# --- a visit that can only be late -----------------------------------------------------------


def _given_way(road: Road, draft: _Draft, budget: Budget, asked: Sequence[Asked]) -> _Draft | None:
    """
    Return a round in which the first visit without a date is planned late, as its table says.

    Its own limits give way then as they do once their last date has passed. One that is planned
    late already is planned later still, where others turned out to come before it. ``None`` where
    it has no table, or no date even so.
    """
    tables = any(phase.late for phase in draft.compiled.protocol.phases)
    if draft.result.status is not Status.INFEASIBLE or not tables:
        return None
    compiled = with_requests(draft.compiled, (*asked, *_pins(draft.compiled, draft.planned)))
    number = _first_without(compiled.problem, budget)
    if number is None:
        return None
    due = draft.compiled.dues[number]
    if not _has_table(draft.compiled, due.phase):
        return None
    way = draft.given_way | {due.id}
    open_ended = road.compiled(road.agenda(draft.planned, way))
    ids = [one.id for one in open_ended.dues]
    others = {visit: at for visit, at in draft.planned.items() if visit != due.id}
    requested = with_requests(open_ended, (*asked, *_pins(open_ended, others)))
    part = _first_of(requested.problem, ids.index(due.id) + 1)
    result = solve(part, budget)
    if result.starts is None:
        return None
    at = open_ended.horizon.moment(result.starts[-1] * part.slot_minutes)
    before = draft.planned.get(due.id)
    if before is not None and utc(at) <= utc(before):
        return None
    planned = {**others, due.id: at}
    hinges = (*draft.hinges, due.id)
    found = _solved(road, road.agenda(planned, way), planned, way, hinges, budget, asked)
    if not _still_without(due.id, found, budget, asked):
        return found
    # Its limits count from visits that could still move on until it is inside them, where other
    # rules do not let it be. They stay where they are, and it is late from there.
    starts = zip(ids, result.starts[:-1], strict=False)
    stay = {one: open_ended.horizon.moment(slot * part.slot_minutes) for one, slot in starts}
    planned = {**stay, **planned}
    return _solved(road, road.agenda(planned, way), planned, way, hinges, budget, asked)


def _still_without(visit: str, draft: _Draft, budget: Budget, asked: Sequence[Asked]) -> bool:
    """Tell whether a visit that is planned late is the first without a date all the same."""
    if draft.result.status is not Status.INFEASIBLE:
        return False
    pinned = with_requests(draft.compiled, (*asked, *_pins(draft.compiled, draft.planned)))
    number = _first_without(pinned.problem, budget)
    return number is not None and draft.compiled.dues[number].id == visit


def _has_table(compiled: Compiled, phase: str) -> bool:
    return any(one.name == phase and one.late for one in compiled.protocol.phases)


def _first_without(problem: Problem, budget: Budget) -> int | None:
    """Return the number of the first visit that has no date after those before it."""
    low, high = 0, len(problem.items)
    while low < high:
        middle = (low + high) // 2
        if solve(_first_of(problem, middle + 1), budget).status is Status.INFEASIBLE:
            high = middle
        else:
            low = middle + 1
    return low if low < len(problem.items) else None


def _first_of(problem: Problem, count: int) -> Problem:
    """Return the problem of the first visits alone, without preferences about the whole course."""
    lags = tuple(lag for lag in problem.lags if max(lag.earlier, lag.later) < count)
    gaps = tuple(gap for gap in problem.gaps if gap.later < count)
    required = tuple(_of_first(one, count) for one in problem.required)
    return attrs.evolve(
        problem,
        items=problem.items[:count],
        lags=lags,
        preferences=(),
        gaps=gaps,
        required=required,
    )


def _of_first(one: Required, count: int) -> Required:
    """Return what a limit with options asks of the first visits."""
    options = (
        attrs.evolve(
            option,
            allowed=tuple(own for own in option.allowed if own[0] < count),
            other_rides=tuple(n for n in option.other_rides if n < count),
        )
        for option in one.options
    )
    return attrs.evolve(one, options=tuple(options))
