"""
Many courses at one clinic, one at a time: who holds what, who could take a place that frees.

Every course is planned against the bookings of all the others; this module works those out from
what people know, so that nothing has to be entered twice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from itertools import islice
from operator import and_

import attrs

from protocol_sched.bitsets import span
from protocol_sched.errors import InvalidValue
from protocol_sched.expansion import expand
from protocol_sched.model.availability import Booking, Clinic, Person
from protocol_sched.model.causes import PlacesTaken
from protocol_sched.model.changes import Replan
from protocol_sched.model.course import Course, zoned
from protocol_sched.model.known import known
from protocol_sched.model.protocol import Protocol, VisitType
from protocol_sched.model.schedule import Ride, Visit
from protocol_sched.planning import EFFORT
from protocol_sched.problem import Allowed
from protocol_sched.replanning import Prepared, holds, prepare, replan_course
from protocol_sched.shapes import held, staff_profile


@attrs.frozen(kw_only=True)
class Case:
    """One course and whose it is."""

    course: Course
    person: Person


# --- who holds what ----------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class Held:
    """A place, or units of staff, held by one visit from a moment to another."""

    name: str
    """The place's name, or the kind of staff."""
    start: datetime
    end: datetime
    units: int = 1


def holdings(course: Course, as_of: date) -> tuple[Held, ...]:
    """
    Return what the visits of a course hold of the clinic that people know of and that are to come.

    Each visit holds its places from the first stage that needs one to the last, and staff stage
    by stage, as long as it can take.
    """
    people_know = {
        visit: one
        for visit, one in known(course.events).items()
        if not one.withdrawn and not one.given and one.told.start.date() >= as_of
    }
    if not people_know:
        return ()
    agenda, protocol = expand(course, as_of), course.protocol_on(as_of)
    found: list[Held] = []
    for due in agenda.dues:
        one = people_know.get(due.id)
        if one is not None:
            kind = protocol.visit_type(due.kind)
            found += _held(kind, due.type_ordinal, one.told.start, one.told.places)
    return tuple(found)


def held_by(visits: Iterable[Visit], protocol: Protocol) -> tuple[Held, ...]:
    """Return what planned visits hold of the clinic."""
    found: list[Held] = []
    for visit in visits:
        kind = protocol.visit_type(visit.kind)
        found += _held(kind, visit.type_ordinal, visit.start, visit.places)
    return tuple(found)


def _held(
    kind: VisitType, ordinal: int, start: datetime, places: Iterable[tuple[str, str]]
) -> Iterator[Held]:
    names = dict(places)
    begins = start.astimezone(UTC)

    def at(minutes: int) -> datetime:
        return begins + timedelta(minutes=minutes)

    for need, stretches in held(kind.stages_of(ordinal)).items():
        if need in names:
            first = min(start for start, _, _ in stretches)
            last = max(end for _, end, _ in stretches)
            yield Held(name=names[need], start=at(first), end=at(last))
        else:
            for first, last, units in staff_profile(stretches):
                yield Held(name=need, start=at(first), end=at(last), units=units)


def booked(clinic: Clinic, holding: Iterable[Held]) -> Clinic:
    """
    Return the clinic with more bookings; what it has no place or staff of that name for is left.

    On a day whose clock goes back an hour comes twice, and a booking in it holds both.
    """
    more: dict[str, list[Booking]] = {}
    for one in holding:
        more.setdefault(one.name, []).extend(_bookings(one, clinic))
    return attrs.evolve(
        clinic,
        places=[
            attrs.evolve(place, booked=(*place.booked, *more[place.name]))
            if place.name in more
            else place
            for place in clinic.places
        ],
        staff=[
            attrs.evolve(staff, booked=(*staff.booked, *more[staff.kind]))
            if staff.kind in more
            else staff
            for staff in clinic.staff
        ],
    )


def _bookings(one: Held, clinic: Clinic) -> Iterator[Booking]:
    """Yield one booking for each local date of a stretch."""
    start, end = one.start.astimezone(clinic.zone), one.end.astimezone(clinic.zone)
    day = start.date()
    while day <= end.date():
        first = 60 * start.hour + start.minute if day == start.date() else 0
        last = 60 * end.hour + end.minute if day == end.date() else 24 * 60
        if last <= first and day == start.date() == end.date():  # across the hour that comes twice
            first, last = last, max(first, last + 1)
        if first < last:
            yield Booking(day=day, start=first, end=last, units=one.units)
        day += timedelta(days=1)


# --- a nurse is ill: courses one at a time -----------------------------------------------------


def replan_in_turn(
    cases: Iterable[Case],
    clinic: Clinic,
    *,
    as_of: date,
    now: datetime | None = None,
    effort: int = EFFORT,
) -> tuple[Replan, ...]:
    """
    Plan courses of one clinic anew, one after another, each around all the others.

    The order is that of ``cases``: a course whose visits still fit stays as it is, one whose
    visits no longer fit moves to where the others leave room, as they are then. Every course
    with a plan is lawful beside all the others afterwards. Fewest moves hold for each course,
    not for all together.

    Args:
        cases: All courses that hold something of the clinic, most important first.
        clinic: With the bookings of everybody else, and what has just changed.

    Returns:
        One for each case, in their order; one without a plan keeps what people know of it.
    """
    listed = tuple(cases)
    holding = [holdings(case.course, as_of) for case in listed]
    found: list[Replan] = []
    for n, case in enumerate(listed):
        others = [one for m, part in enumerate(holding) if m != n for one in part]
        around = booked(clinic, others)
        replan = replan_course(
            case.course, around, case.person, as_of=as_of, now=now, effort=effort
        )
        if replan.plan.schedule is not None:
            protocol = case.course.protocol_on(as_of)
            holding[n] = held_by(replan.plan.schedule.visits, protocol)
        found.append(replan)
    return tuple(found)


# --- many courses, anywhere --------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class Job:
    """One course to plan anew, with all that is needed to do it somewhere else."""

    course: Course
    clinic: Clinic
    person: Person
    as_of: date
    now: datetime | None = None
    until: date | None = None


def replan_job(job: Job) -> Replan:
    """Do a job; the same as `replan_course`."""
    return replan_course(
        job.course, job.clinic, job.person, as_of=job.as_of, now=job.now, until=job.until
    )


def replan_many(
    jobs: Iterable[Job], executor: Executor | None = None, *, at_once: int = 256
) -> Iterator[Replan]:
    """
    Plan independent courses anew, by any executor, and yield the answers in the jobs' order.

    Args:
        jobs: Taken as they are needed; each course is planned around its own clinic's bookings.
        executor: Of ``concurrent.futures`` or alike, such as Dask's
            ``client.get_executor()``; its workers need this package. Without one, in turn here.
        at_once: How many jobs wait in the executor at a time.

    Raises:
        InvalidEvent, InvalidValue: For the first job whose course cannot be planned; the jobs
            that wait are cancelled.
    """
    if at_once < 1:
        raise InvalidValue("replan many", "at_once", str(at_once), "1 or more")
    if executor is None:
        yield from map(replan_job, jobs)
        return
    waiting = iter(jobs)
    futures = deque(executor.submit(replan_job, job) for job in islice(waiting, at_once))
    try:
        while futures:
            done = futures.popleft().result()
            futures.extend(executor.submit(replan_job, job) for job in islice(waiting, 1))
            yield done
    finally:
        for future in futures:
            future.cancel()


# --- the waiting list --------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class Opening:
    """A place that has become free from a moment to another."""

    place: str
    """Its name: ``chair 2``."""
    start: datetime
    end: datetime

    def __attrs_post_init__(self) -> None:
        for field in ("start", "end"):
            zoned("opening", field, getattr(self, field))
        if self.end <= self.start:
            raise InvalidValue("opening", "end", str(self.end), f"after {self.start}")


@attrs.frozen(kw_only=True)
class Offer:
    """Somebody who may lawfully take an opening, and what it does to their other visits."""

    person: str
    """The person's key."""
    course: str
    visit: str
    title: str
    start: datetime
    sooner: timedelta
    """How much sooner than people know the visit would be."""
    overdue: bool
    replan: Replan
    """All their visits if they take it."""

    @property
    def others_moved(self) -> int:
        """Return how many of their other visits would move."""
        return sum(change.visit != self.visit for change in self.replan.moved)


@attrs.frozen(kw_only=True)
class WaitingList:
    """Courses made ready once, so that an opening finds who can take it at once."""

    clinic: Clinic
    cases: tuple[tuple[Case, Prepared], ...]

    def without(self, course: str) -> WaitingList:
        """Return the list without a course, such as one that has just been offered a place."""
        left = tuple(pair for pair in self.cases if pair[0].course.key != course)
        return attrs.evolve(self, cases=left)


def waiting_list(
    cases: Iterable[Case], clinic: Clinic, *, as_of: date, now: datetime | None = None
) -> WaitingList:
    """
    Make courses ready to be asked who could take an opening.

    Each is compiled around what the others hold, which takes some milliseconds a course; do it
    when a day begins and again for courses to which something happened.
    """
    listed = tuple(cases)
    holding = [holdings(case.course, as_of) for case in listed]
    ready = []
    for n, case in enumerate(listed):
        others = [one for m, part in enumerate(holding) if m != n for one in part]
        around = booked(clinic, others)
        prepared = prepare(case.course, around, case.person, as_of=as_of, now=now)
        ready.append((case, prepared))
    return WaitingList(clinic=clinic, cases=tuple(ready))


def who_can_take(opening: Opening, waiting: WaitingList, most: int = 5) -> tuple[Offer, ...]:
    """
    Return who may take a place that has become free, best first.

    A visit is offered if it would come sooner than people know, every rule about it holds at
    that time, and the person's other visits still have room around it. Pinned visits and those
    whose ride is confirmed are not asked for. Overdue visits come first, then those that
    move the fewest others, then those that are nearest to their target.

    Args:
        opening: The clinic of the list must have the place free then.
        most: How many offers at the most; each is planned in full and so keeps every rule.
    """
    day = opening.start.astimezone(waiting.clinic.zone).date()
    found: list[tuple[_Rank, Case, Prepared, int, int]] = []
    for case, prepared in waiting.cases:
        for n, starts in _fits(opening, prepared):
            moves = _disturbed(prepared, n, (starts & -starts).bit_length() - 1)
            found.append((_rank(case, prepared, n, moves, day), case, prepared, n, starts))
    offers: dict[str, tuple[_Rank, Offer]] = {}
    for _, case, prepared, n, starts in sorted(found, key=lambda one: one[0]):
        if len(offers) >= most:
            break
        if case.course.key not in offers:
            offer = _offer(case, prepared, n, starts, opening.place)
            if offer is not None:
                rank = _rank(case, prepared, n, offer.others_moved, day)
                offers[case.course.key] = rank, offer
    return tuple(offer for _, offer in sorted(offers.values(), key=lambda one: one[0]))


_Rank = tuple[bool, int, int, int, str]


def _rank(case: Case, prepared: Prepared, n: int, moves: int, day: date) -> _Rank:
    """Return what orders offers; the smaller comes first, and no two are equal."""
    due = prepared.compiled.dues[n]
    away = abs((day - due.target.day).days) if due.target is not None else 0
    return not due.overdue, moves, away, n, case.course.key


def _fits(opening: Opening, prepared: Prepared) -> Iterator[tuple[int, int]]:
    """Yield visits that could begin in an opening by the rules about them alone, and when."""
    compiled = prepared.compiled
    problem, horizon = compiled.problem, compiled.horizon
    first = -(-horizon.tick(opening.start) // problem.slot_minutes)
    last = horizon.tick(opening.end) // problem.slot_minutes
    window = span(max(first, 0), max(0, min(last, problem.day_slots[-1])))
    for n, item in enumerate(problem.items):
        one = prepared.people_know.get(item.name)
        if one is None or one.told.start <= opening.start or item.known is None:
            continue
        place = next((h.starts for h in compiled.holders[n] if h.name == opening.place), 0)
        starts = reduce(and_, (allowed.bits for allowed in item.slots), window & place)
        if not starts or one.ride is Ride.CONFIRMED:
            continue
        day = horizon.day_of(((starts & -starts).bit_length() - 1) * problem.slot_minutes)
        if all(allowed.bits >> day & 1 for allowed in item.days):
            yield n, starts


def _disturbed(prepared: Prepared, index: int, slot: int) -> int:
    """Return how many other visits would be too near or too far if they stayed as known."""
    problem = prepared.compiled.problem
    places = [item.known.slot if item.known is not None else None for item in problem.items]
    places[index] = slot
    disturbed: set[int] = set()
    for lag in problem.lags:
        earlier, later = places[lag.earlier], places[lag.later]
        if index not in (lag.earlier, lag.later) or earlier is None or later is None:
            continue
        if not holds(prepared.compiled, lag, earlier, later):
            disturbed.add(lag.later if lag.earlier == index else lag.earlier)
    return len(disturbed)


def _offer(case: Case, prepared: Prepared, n: int, starts: int, place: str) -> Offer | None:
    """Return a visit planned into an opening with the rest of its course around it."""
    compiled = prepared.compiled
    due, item = compiled.dues[n], compiled.problem.items[n]
    # Only this place, and no wish to stay where people know the visit.
    kinds = {holder.kind for holder in compiled.holders[n] if holder.name == place}
    here = tuple(h for h in compiled.holders[n] if h.name == place or h.kind not in kinds)
    only = Allowed(starts, PlacesTaken(*kinds))
    items = list(compiled.problem.items)
    items[n] = attrs.evolve(item, slots=(*item.slots, only), known=None)
    changed = attrs.evolve(
        compiled,
        problem=attrs.evolve(compiled.problem, items=tuple(items)),
        holders=(*compiled.holders[:n], here, *compiled.holders[n + 1 :]),
    )
    replan = attrs.evolve(prepared, compiled=changed).replan()
    if replan.plan.schedule is None:
        return None
    start = replan.plan.schedule.visit(item.name).start
    told = prepared.people_know[item.name].told
    return Offer(
        person=case.person.key,
        course=case.course.key,
        visit=item.name,
        title=due.title,
        start=start,
        sooner=told.start.astimezone(UTC) - start.astimezone(UTC),
        overdue=due.overdue,
        replan=replan,
    )
