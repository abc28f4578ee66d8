"""
How many new courses a week a clinic carries.

A model of the booking desk: people ask week after week, each course is booked whole, around all
that are booked already, and what people were told stays. Nobody knows who will ask next. So it is
less than what a plan of all courses together could hold, and what a clinic can live by.

Whoever misses a visit is planned anew the day after; a visit that takes longer than planned makes
those after it on the same place late. Both are drawn by a seed, for each visit by itself, so that
other numbers of courses draw the same for the same visit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from random import Random

import attrs

from protocol_sched.clinic.courses import Held, booked, held_by
from protocol_sched.engine.candidates import Calendars
from protocol_sched.errors import InvalidValue
from protocol_sched.model.availability import Clinic, Hours, LocalWindow, merged
from protocol_sched.model.capacity import Capacity, CapacityWeek, Load, OneMore, Share
from protocol_sched.model.course import Course, Event, Given, Missed
from protocol_sched.model.moments import utc
from protocol_sched.model.notifying import notifications
from protocol_sched.model.references import require_least
from protocol_sched.model.schedule import Schedule, Visit
from protocol_sched.planning.course import EFFORT, plan_course
from protocol_sched.planning.replan import replan_course

LATE = timedelta(minutes=15)
"""A visit is called late from here on."""
MOST_A_WEEK = 1_000
"""New courses a week that are tried at the most."""
DAY = timedelta(days=1)
WEEK = timedelta(days=7)

Tried = Callable[[int, bool], None]
"""Told of each number of courses a week that was tried, and whether it was carried."""


def capacity(
    clinic: Clinic,
    mix: Iterable[Share],
    *,
    first: date,
    weeks: int = 52,
    patience: int = 14,
    no_show: int = 0,
    overrun: int = 0,
    overrun_minutes: int = 30,
    seed: int = 1,
    effort: int = EFFORT,
    tried: Tried | None = None,
) -> Capacity:
    """
    Return how many new courses a week a clinic carries, and what would make it one more.

    So many are carried if every course that is asked for in any of the weeks has a plan, with its
    first visit in time. Found by doubling and halving: the number after it was tried and is not
    carried; that a far greater one could be is not ruled out.

    Args:
        clinic: Its bookings are those of others.
        mix: What courses begin, and in what proportion; those of each week follow on one another
            in the same order for every number.
        first: The day on which the first week begins; those of a week ask on its first day.
        weeks: For how many weeks people ask. Visits reach beyond them.
        patience: The most days from asking to the first visit.
        no_show: How many of a hundred visits nobody comes to.
        overrun: How many of a hundred visits take longer than planned.
        overrun_minutes: By how much.
        seed: For what is drawn.
        effort: As for `plan_course`, for each course.
        tried: Told of each number that was tried.

    Raises:
        InvalidValue: No share, or a number out of range.
    """
    shares = tuple(mix)
    if not shares:
        raise InvalidValue("capacity", "mix", "nothing", "at least one kind of course")
    for name, number in (("weeks", weeks), ("overrun_minutes", overrun_minutes)):
        require_least(1, "capacity", name, number)
    require_least(0, "capacity", "patience", patience)
    for name, number in (("no_show", no_show), ("overrun", overrun)):
        if not 0 <= number <= 100:
            raise InvalidValue("capacity", name, str(number), "0 to 100, of a hundred visits")
    chances = _Chances(seed, no_show, overrun, timedelta(minutes=overrun_minutes))

    def run(number: int, at: Clinic) -> _Desk:
        desk = _Desk(at, first, patience, chances, effort)
        desk.take(shares, number, weeks)
        if at is clinic and tried is not None:
            tried(number, desk.failed is None)
        return desk

    carried, too_many = _largest(lambda number: run(number, clinic))
    number = 0 if carried is None else carried.a_week
    return Capacity(
        a_week=number,
        weeks=[] if carried is None else carried.weeks(weeks),
        courses=0 if carried is None else len(carried.courses),
        visits=0 if carried is None else sum(1 for _ in carried.visits()),
        missed=0 if carried is None else carried.missed,
        late=0 if carried is None else carried.late(),
        stopped_by="" if too_many is None else too_many.failed or "",
        stopped_in=None if too_many is None else too_many.failed_in,
        one_more=[]
        if too_many is None
        else [
            OneMore(kind=kind, enough=run(number + 1, larger).failed is None)
            for kind, larger in _one_more(clinic)
        ],
    )


def _largest(run: Callable[[int], _Desk]) -> tuple[_Desk | None, _Desk | None]:
    """Return the run with the most courses a week that is carried, and the one after it."""
    carried: _Desk | None = None
    too_many: _Desk | None = None
    number = 1
    while too_many is None and number <= MOST_A_WEEK:
        one = run(number)
        if one.failed is None:
            carried, number = one, 2 * number
        else:
            too_many = one
    low = 0 if carried is None else carried.a_week
    while too_many is not None and too_many.a_week - low > 1:
        one = run((low + too_many.a_week) // 2)
        if one.failed is None:
            carried, low = one, one.a_week
        else:
            too_many = one
    return carried, too_many


# --- what is drawn -------------------------------------------------------------------------------


@attrs.frozen
class _Chances:
    seed: int
    no_show: int
    overrun: int
    longer: timedelta

    def missed(self, course: int, visit: str, times: int) -> bool:
        return self._drawn(self.no_show, f"missed {course} {visit} {times}")

    def extra(self, course: int, visit: str) -> timedelta:
        drawn = self._drawn(self.overrun, f"longer {course} {visit}")
        return self.longer if drawn else timedelta()

    def _drawn(self, of_a_hundred: int, what: str) -> bool:
        # A generator of its own for each visit: what one draws says nothing of the next.
        return of_a_hundred > 0 and Random(f"{self.seed} {what}").random() * 100 < of_a_hundred


# --- one number of courses a week ----------------------------------------------------------------


class _Booked:
    """A course that was booked, with what happened in it."""

    def __init__(self, course: Course, share: Share, asked: date, schedule: Schedule) -> None:
        self.course, self.share, self.asked = course, share, asked
        self.events: tuple[Event, ...] = ()
        self.given: list[Visit] = []
        self.schedule = schedule
        self.misses = 0


class _Desk:
    """Books courses as they are asked for, day by day."""

    def __init__(
        self, clinic: Clinic, first: date, patience: int, chances: _Chances, effort: int
    ) -> None:
        self.clinic, self.first, self.patience = clinic, first, patience
        self.chances, self.effort = chances, effort
        self.calendars = Calendars()
        self.a_week = self.missed = 0
        self.courses: list[_Booked] = []
        self.failed: str | None = None
        self.failed_in: date | None = None
        self.held: dict[int, tuple[Held, ...]] = {}
        self.full = clinic

    def take(self, shares: Sequence[Share], a_week: int, weeks: int) -> None:
        """Book so many courses each week, until one cannot be."""
        self.a_week = a_week
        for week in range(weeks):
            monday = self.first + week * WEEK
            self._look_again(monday)
            for number in range(week * a_week, (week + 1) * a_week):
                if not self._book(number, _share_of(shares, number), monday):
                    self.failed_in = monday
                    return
            for day in (monday + n * DAY for n in range(7)):
                if self.chances.no_show:
                    self._see(day)
        day, last = self.first + weeks * WEEK, self._last()
        while self.chances.no_show and day <= last:
            self._see(day)
            day, last = day + DAY, self._last()

    def _book(self, number: int, share: Share, asked: date) -> bool:
        course = Course(key=f"course-{number + 1}", protocol=share.protocol)
        plan = plan_course(
            course,
            self.full,
            share.person,
            as_of=asked,
            effort=self.effort,
            calendars=self.calendars,
        )
        schedule = plan.schedule
        if schedule is None or not schedule.visits:
            self.failed = f"a course of {share.protocol.title or share.protocol.name} has no plan"
            return False
        wait = (schedule.visits[0].day - asked).days
        if wait > self.patience:
            self.failed = (
                f"a course of {share.protocol.title or share.protocol.name} begins {wait} days "
                f"after it is asked for"
            )
            return False
        one = _Booked(course, share, asked, schedule)
        one.events = notifications(schedule, course, on=asked)
        self.courses.append(one)
        self._hold(number, schedule, asked)
        return True

    def _hold(self, number: int, schedule: Schedule, today: date) -> None:
        """Take what the visits to come hold, in place of what the course held before."""
        new = held_by(
            [one for one in schedule.visits if one.day >= today],
            self.courses[number].share.protocol,
            self.clinic,
        )
        if number in self.held:
            del self.held[number]
            self.full = booked(self.clinic, (one for each in self.held.values() for one in each))
        self.held[number] = new
        self.full = booked(self.full, new)

    def _look_again(self, today: date) -> None:
        """Forget what is over, so that a year's bookings are not gone through for each course."""
        for number, each in list(self.held.items()):
            left = tuple(one for one in each if one.end.date() >= today - DAY)
            self.held[number] = left
        self.full = booked(self.clinic, (one for each in self.held.values() for one in each))

    def _see(self, day: date) -> None:
        """See who comes on a day; whoever does not is planned anew from the next day on."""
        for number, one in enumerate(self.courses):
            today = [visit for visit in one.schedule.visits if visit.day == day]
            for visit in today:
                if not self.chances.missed(number, visit.id, one.misses):
                    one.given.append(visit)
                    one.events += (Given(visit=visit.id, on=day, start=visit.start),)
                    continue
                self.missed += 1
                one.misses += 1
                one.events += (Missed(visit=visit.id, on=day),)
                self._plan_again(number, one, day + DAY)
                break

    def _plan_again(self, number: int, one: _Booked, today: date) -> None:
        own = self.held.pop(number, ())
        around = booked(self.clinic, (held for each in self.held.values() for held in each))
        self.held[number] = own
        replan = replan_course(
            attrs.evolve(one.course, events=one.events),
            around,
            one.share.person,
            as_of=today,
            effort=self.effort,
        )
        if replan.plan.schedule is None:
            return  # a question to a clinician; the course goes no further
        one.schedule = replan.plan.schedule
        one.events += replan.events(today)
        self._hold(number, one.schedule, today)

    def _last(self) -> date:
        return max(
            (visit.day for one in self.courses for visit in one.schedule.visits),
            default=self.first,
        )

    # --- what came of it ---

    def visits(self) -> Iterator[tuple[int, Visit]]:
        """Yield the visits that took place, each with its course's number."""
        for number, one in enumerate(self.courses):
            known = {visit.id for visit in one.given}
            yield from ((number, visit) for visit in one.given)
            yield from ((number, visit) for visit in one.schedule.visits if visit.id not in known)

    def late(self) -> int:
        """Return how many visits begin late, as those before them on a place took longer."""
        uses: defaultdict[tuple[str, date], list[tuple[int, Visit]]] = defaultdict(list)
        for number, visit in self.visits():
            for _, name in visit.places:
                uses[name, visit.day].append((number, visit))
        late = set()
        for (_, _), visits in sorted(uses.items()):
            free = None
            for number, visit in sorted(visits, key=lambda one: (utc(one[1].start), one[0])):
                planned = utc(visit.start)
                begins = planned if free is None else max(planned, free)
                if begins - planned >= LATE:
                    late.add((number, visit.id))
                length = utc(visit.discharge_by) - planned
                free = begins + length + self.chances.extra(number, visit.id)
        return len(late)

    def weeks(self, count: int) -> list[CapacityWeek]:
        """Return the weeks in which people ask, with what is held in each."""
        held: defaultdict[tuple[int, str], int] = defaultdict(int)
        kinds = {place.name: place.kind for place in self.clinic.places}
        kinds |= {member.name: member.role for member in self.clinic.team}
        for number, visit in self.visits():
            for one in held_by([visit], self.courses[number].share.protocol, self.clinic):
                week = (one.start.astimezone(self.clinic.zone).date() - self.first) // WEEK
                minutes = (one.end - one.start) // timedelta(minutes=1)
                held[week, kinds.get(one.name, one.name)] += -(-minutes * one.units // one.of)
        found = []
        for week in range(count):
            monday = self.first + week * WEEK
            waits = [
                (one.given or one.schedule.visits)[0].day - one.asked
                for one in self.courses
                if one.asked == monday
            ]
            there = _minutes_open(self.clinic, monday)
            found.append(
                CapacityWeek(
                    first=monday,
                    wait=max(waits).days,
                    loads=[
                        Load(kind=kind, held=held[week, kind], open=units * there)
                        for kind, units in _units(self.clinic).items()
                    ],
                )
            )
        return found


def _share_of(shares: Sequence[Share], number: int) -> Share:
    """Return the kind of a course by its number, so that any run of them has about its parts."""
    total = sum(share.parts for share in shares)
    owed = [0] * len(shares)
    chosen = 0
    for _ in range(number % total + 1):
        owed = [have + share.parts for have, share in zip(owed, shares, strict=True)]
        chosen = owed.index(max(owed))
        owed[chosen] -= total
    return shares[chosen]


def _units(clinic: Clinic) -> dict[str, int]:
    """Return how many there are of each kind of place and of staff."""
    units: defaultdict[str, int] = defaultdict(int)
    for place in clinic.places:
        units[place.kind] += 1
    for staff in clinic.staff:
        units[staff.kind] += staff.units
    for member in clinic.team:
        units[member.role] += 1
    return dict(units)


def _minutes_open(clinic: Clinic, monday: date) -> int:
    """Return for how many minutes of a week the clinic is open, by the clock on its wall."""
    total = 0
    for day in (monday + n * DAY for n in range(7)):
        hours = [*clinic.hours.on(day)]
        hours += [window for one in clinic.extra_openings for window in one.on(day)]
        shut = merged(window for one in clinic.closures for window in one.on(day))
        total += sum(b - a - _overlap((a, b), shut) for a, b in merged(hours))
    return total


def _overlap(window: LocalWindow, others: Iterable[LocalWindow]) -> int:
    return sum(max(min(window[1], b) - max(window[0], a), 0) for a, b in others)


def _one_more(clinic: Clinic) -> Iterator[tuple[str, Clinic]]:
    """Yield the clinic with one more of each thing it has."""
    for kind in dict.fromkeys(place.kind for place in clinic.places):
        name = _unused(f"one more {kind}", (place.name for place in clinic.places))
        place = attrs.evolve(
            next(one for one in clinic.places if one.kind == kind), name=name, booked=()
        )
        yield kind, attrs.evolve(clinic, places=(*clinic.places, place))
    for staff in clinic.staff:
        more = attrs.evolve(staff, units=staff.units + 1)
        rest = (more if one is staff else one for one in clinic.staff)
        yield staff.kind, attrs.evolve(clinic, staff=tuple(rest))
    for role in dict.fromkeys(member.role for member in clinic.team):
        name = _unused(f"one more {role}", (member.name for member in clinic.team))
        skills = {skill for one in clinic.team if one.role == role for skill in one.skills}
        member = attrs.evolve(
            next(one for one in clinic.team if one.role == role),
            name=name,
            skills=sorted(skills),
            absent=(),
            booked=(),
        )
        yield role, attrs.evolve(clinic, team=(*clinic.team, member))
    yield "hours", attrs.evolve(clinic, hours=_longer(clinic.hours))


def _unused(name: str, taken: Iterable[str]) -> str:
    names = set(taken)
    while name in names:
        name += "'"
    return name


def _longer(hours: Hours) -> Hours:
    """Return hours that end an hour later on each open day, at midnight at the latest."""

    def later(windows: Sequence[LocalWindow]) -> tuple[LocalWindow, ...]:
        return (*windows[:-1], (windows[-1][0], min(windows[-1][1] + 60, 1440))) if windows else ()

    return Hours(
        tuple(later(windows) for windows in hours.week),
        tuple((day, later(windows)) for day, windows in hours.dates),
    )
