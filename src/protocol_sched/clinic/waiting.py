"""The waiting list: who may lawfully take a place that has become free, and at what price."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

import attrs

from protocol_sched.clinic.courses import Case, booked, holdings
from protocol_sched.engine.bitsets import inhabited, shifted, span
from protocol_sched.engine.candidates import Calendars
from protocol_sched.engine.problem import Allowed, DayLag, Problem, Window
from protocol_sched.engine.solvers.budget import Budget
from protocol_sched.engine.solvers.exact import solve
from protocol_sched.errors import InvalidValue, UnknownName
from protocol_sched.model.availability import Clinic
from protocol_sched.model.causes import PlacesTaken, Request
from protocol_sched.model.changes import Replan
from protocol_sched.model.former import keeps_former, names_of
from protocol_sched.model.moments import as_instant, elapsed, utc, zoned
from protocol_sched.model.schedule import Ride
from protocol_sched.model.typed import typed
from protocol_sched.planning.course import EFFORT
from protocol_sched.planning.replan import Prepared, holds, prepare


@attrs.frozen(kw_only=True, field_transformer=typed)
class FreedPlace:
    """A place that has become free from a moment to another."""

    place: str
    """Its name: ``chair 2``."""
    start: datetime = attrs.field(eq=as_instant)
    end: datetime = attrs.field(eq=as_instant)

    def __attrs_post_init__(self) -> None:
        for field in ("start", "end"):
            zoned("freed place", field, getattr(self, field))
        if utc(self.end) <= utc(self.start):
            raise InvalidValue("freed place", "end", str(self.end), f"after {self.start}")


@attrs.frozen(kw_only=True, field_transformer=typed)
class Offer:
    """Somebody who may lawfully take a freed place, and what it does to their other visits."""

    person: str
    """The person's key."""
    course: str
    visit: str
    title: str
    start: datetime = attrs.field(eq=as_instant)
    sooner: timedelta
    """How much sooner than people know the visit would be; zero for one missed or put off, which
    has no time at all."""
    overdue: bool
    replan: Replan
    """All their visits if they take it."""

    @property
    def others_moved(self) -> int:
        """Return how many of their other visits would move."""
        return sum(change.visit != self.visit for change in self.replan.moved)


@attrs.frozen(kw_only=True)
class Waiting:
    """A course made ready."""

    case: Case
    prepared: Prepared
    reach: tuple[int, ...]
    """For each visit the days outside which the others have no room, as a bit set."""


@attrs.frozen(kw_only=True, field_transformer=typed)
class WaitingList:
    """Courses made ready once, so that a freed place finds who can take it at once."""

    clinic: Clinic
    waiting: tuple[Waiting, ...]

    def without(self, course: str) -> WaitingList:
        """Return the list without a course, such as one that has just been offered a place."""
        left = tuple(one for one in self.waiting if one.case.course.key != course)
        return attrs.evolve(self, waiting=left)


def waiting_list(
    cases: Iterable[Case], clinic: Clinic, *, as_of: date, now: datetime | None = None
) -> WaitingList:
    """
    Make courses ready to be asked who could take a freed place.

    Each is compiled around what the others hold, which takes some milliseconds a course; do it
    when a day begins and again for courses to which something happened.
    """
    listed = tuple(cases)
    holding = [holdings(case.course, as_of, clinic) for case in listed]
    calendars = Calendars()
    ready = []
    for n, case in enumerate(listed):
        others = [one for m, part in enumerate(holding) if m != n for one in part]
        around = booked(clinic, others)
        prepared = prepare(
            case.course, around, case.person, as_of=as_of, now=now, calendars=calendars
        )
        reach = _within_reach(prepared.compiled.problem)
        ready.append(Waiting(case=case, prepared=prepared, reach=reach))
    return WaitingList(clinic=clinic, waiting=tuple(ready))


@keeps_former
def who_can_take(
    freed: FreedPlace, waiting: WaitingList, most: int = 5, *, effort: int = EFFORT
) -> tuple[Offer, ...]:
    """
    Return who may take a place that has become free, best first.

    A visit is offered if it was missed or put off and has no new time yet, or would come sooner
    than people know; and if every rule about it holds at that time, and the person's other
    visits still have room around it. Pinned visits and those whose ride is confirmed are not
    asked for. First come visits overdue, missed or put off, then those that move the fewest
    others, then those that are nearest to their target.

    Args:
        freed: The clinic of the list must have the place free then.
        most: How many offers at the most; each is planned in full and so keeps every rule.
        effort: Steps for all offers together. Once they are spent, nobody more is offered; an
            offer whose plan is not proved best says so.

    Raises:
        UnknownName: The clinic has no place of that name.
    """
    places = tuple(place.name for place in waiting.clinic.places)
    if freed.place not in places:
        raise UnknownName(f"clinic {waiting.clinic.name!r}", "place", freed.place, places)
    day = freed.start.astimezone(waiting.clinic.zone).date()
    found: list[tuple[_Rank, Waiting, int, int]] = []
    for one in waiting.waiting:
        for n, starts in _fits(freed, one):
            moves = _disturbed(one.prepared, n, (starts & -starts).bit_length() - 1)
            found.append((_rank(one.case, one.prepared, n, moves, day), one, n, starts))
    budget = Budget(effort)
    offers: dict[str, tuple[_Rank, Offer]] = {}
    for _, one, n, starts in sorted(found, key=lambda fit: fit[0]):
        if len(offers) >= most:
            break
        case, prepared = one.case, one.prepared
        if case.course.key not in offers:
            offer = _offer(case, prepared, n, starts, freed.place, budget)
            if offer is not None:
                rank = _rank(case, prepared, n, offer.others_moved, day)
                offers[case.course.key] = rank, offer
    return tuple(offer for _, offer in sorted(offers.values(), key=lambda one: one[0]))


_Rank = tuple[bool, int, int, int, str]


def _rank(case: Case, prepared: Prepared, n: int, moves: int, day: date) -> _Rank:
    """Return what orders offers; the smaller comes first, and no two are equal."""
    due = prepared.compiled.dues[n]
    away = abs((day - due.target.day).days) if due.target is not None else 0
    waits = due.overdue or due.id in prepared.lapsed
    return not waits, moves, away, n, case.course.key


def _fits(freed: FreedPlace, waiting: Waiting) -> Iterator[tuple[int, int]]:
    """Yield visits that could begin in a freed place as far as is known at once, and when."""
    prepared, compiled = waiting.prepared, waiting.prepared.compiled
    problem, horizon = compiled.problem, compiled.horizon
    first = -(-horizon.tick(freed.start) // problem.slot_minutes)
    last = horizon.tick(freed.end) // problem.slot_minutes
    window = span(max(first, 0), max(0, min(last, problem.day_slots[-1])))
    for n, item in enumerate(problem.items):
        one = prepared.notices.get(item.name)
        if one is None or one.cancelled:
            continue
        open_ = window
        if item.name not in prepared.lapsed:
            if item.announced is None or utc(one.notice.start) <= utc(freed.start):
                continue
            open_ &= span(0, item.announced.slot)  # sooner than people know
        place = next((h.starts for h in compiled.holders[n] if h.name == freed.place), 0)
        starts = reduce(and_, (allowed.bits for allowed in item.slots), open_ & place)
        if not starts or one.ride is Ride.CONFIRMED:
            continue
        day = horizon.day_of(((starts & -starts).bit_length() - 1) * problem.slot_minutes)
        if waiting.reach[n] >> day & 1:
            yield n, starts


def _within_reach(problem: Problem) -> tuple[int, ...]:
    """
    Return the days on which each visit can be as far as the distances between dates go.

    Each set is narrowed by each other's until nothing changes. What is left may still have no
    room; what is not never has.
    """
    whole = (1 << problem.days) - 1
    days = []
    for item in problem.items:
        starts = reduce(and_, (allowed.bits for allowed in item.slots))
        own = reduce(and_, (allowed.bits for allowed in item.days), whole)
        days.append(own & inhabited(starts, problem.day_slots))
    changed = True
    while changed:
        changed = False
        for lag in problem.lags:
            if not isinstance(lag, DayLag):
                continue
            earlier, later = days[lag.earlier], days[lag.later]
            days[lag.later] &= _spread(earlier, lag.window, problem.days)
            least, most = (None if b is None else -b for b in (lag.window.most, lag.window.least))
            back = Window(least, most)
            days[lag.earlier] &= _spread(days[lag.later], back, problem.days)
            changed = changed or (earlier, later) != (days[lag.earlier], days[lag.later])
    return tuple(days)


def _spread(days: int, window: Window, count: int) -> int:
    """Return the days at an allowed distance from one of some days."""
    if not days:
        return 0
    least, most = window.least, window.most
    if least is None or most is None:  # open to one side, so the outermost day decides
        first = (days & -days).bit_length() - 1
        last = days.bit_length() - 1
        low = 0 if least is None else first + least
        high = count if most is None else last + most + 1
        return span(low, min(high, count))
    found = 0
    for by in range(least, most + 1):
        found |= shifted(days, by)
    return found & ((1 << count) - 1)


def _disturbed(prepared: Prepared, index: int, slot: int) -> int:
    """Return how many other visits would be too near or too far if they stayed as known."""
    problem = prepared.compiled.problem
    places = [item.announced.slot if item.announced is not None else None for item in problem.items]
    places[index] = slot
    disturbed: set[int] = set()
    for lag in problem.lags:
        earlier, later = places[lag.earlier], places[lag.later]
        if index not in (lag.earlier, lag.later) or earlier is None or later is None:
            continue
        if not holds(prepared.compiled, lag, earlier, later):
            disturbed.add(lag.later if lag.earlier == index else lag.earlier)
    return len(disturbed)


def _offer(
    case: Case, prepared: Prepared, n: int, starts: int, place: str, budget: Budget
) -> Offer | None:
    """Return a visit planned into a freed place with the rest of its course around it."""
    compiled = prepared.compiled
    due, item = compiled.dues[n], compiled.problem.items[n]
    # Only this place, and no reason to stay where people know the visit.
    kinds = {holder.kind for holder in compiled.holders[n] if holder.name == place}
    here = tuple(h for h in compiled.holders[n] if h.name == place or h.kind not in kinds)
    only = Allowed(starts, PlacesTaken(*kinds))
    items = list(compiled.problem.items)
    items[n] = attrs.evolve(item, slots=(*item.slots, only), announced=None)
    problem = attrs.evolve(compiled.problem, items=tuple(items))
    result = solve(problem, budget)
    if result.starts is None:
        return None
    holders = (*compiled.holders[:n], here, *compiled.holders[n + 1 :])
    changed = attrs.evolve(compiled, problem=problem, holders=holders)
    at = compiled.horizon.moment(result.starts[n] * problem.slot_minutes)
    minute = 60 * at.hour + at.minute
    request = Request(visit=due.id, first=at.date(), last=at.date(), earliest=minute, latest=minute)
    replan = attrs.evolve(prepared, compiled=changed).replan(result=result, asked=(request,))
    if replan.plan.schedule is None:
        return None
    planned = replan.plan.schedule.visit(item.name)
    if place not in dict(planned.places).values():
        return None  # what follows from its date left it another place
    start = planned.start
    notice = prepared.notices[item.name].notice
    return Offer(
        person=case.person.key,
        course=case.course.key,
        visit=item.name,
        title=due.title,
        start=start,
        sooner=timedelta(0) if item.name in prepared.lapsed else elapsed(start, notice.start),
        overdue=due.overdue,
        replan=replan,
    )


if not TYPE_CHECKING:  # a checker shall know the present names only
    __getattr__ = names_of(__name__)
