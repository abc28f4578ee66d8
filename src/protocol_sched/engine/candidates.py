"""
The starts that calendars leave a visit: those of the clinic, the person and the escorts.

Only what a visit needs matters here, its shape; which visit it is and when others are does not.
So plans that are made one after another for one clinic or one person have most of this in
common, and `Calendars` keeps it between them.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from difflib import get_close_matches
from functools import cached_property, partial, reduce
from operator import and_, or_
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import attrs

from protocol_sched.engine.bitsets import eroded, pieces, shifted, span
from protocol_sched.engine.calendars import SlotCalendar, dated, foreign, local_windows
from protocol_sched.engine.crews import Crew, Load, crews_of, load
from protocol_sched.engine.held import Profile, held, whole
from protocol_sched.engine.horizon import Horizon, instant
from protocol_sched.engine.problem import Allowed, Penalty
from protocol_sched.model import causes
from protocol_sched.model.around import Task, tasks
from protocol_sched.model.availability import (
    MINUTES_A_DAY,
    Booking,
    Clinic,
    Commitment,
    DatedHours,
    Hours,
    HoursOver,
    Member,
    Person,
    Place,
    Staff,
)
from protocol_sched.model.numbers import EACH
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import VisitType
from protocol_sched.model.stages import Stage
from protocol_sched.model.team import Seat, in_shares
from protocol_sched.model.typed import check_of, refuse

T = TypeVar("T")

CHANGE = 120
"""Minutes. No change of a clock takes or gives more."""


class Calendars:
    """
    What plans made one after another have in common, kept between calls.

    Give the same one to several calls: whatever they share, a clinic, a place, a person, is
    turned into sets of slots once. A plan never depends on it. Values that are equal are one, so
    a clinic changed with `attrs.evolve` keeps what did not change. Not to be shared by threads.

    Args:
        megabytes: About how much to keep; when there is more, all is forgotten.
    """

    def __init__(self, megabytes: int = 64) -> None:
        refuse("calendars", "megabytes", megabytes, check_of(int))
        self._most = megabytes * 1_000_000
        self._size = 0
        self._made: dict[tuple[Hashable, ...], Any] = {}

    def once(
        self,
        what: str,
        of: tuple[Hashable, ...],
        work: Callable[[], T],
        *more: Hashable,
        size: int = 100,
    ) -> T:
        """
        Return what ``work`` returns, worked out once for these values.

        Args:
            of: The values it is worked out from. Those of the model keep their hash, so that a
                large clinic is hashed once.
            more: Further values that it depends on.
            size: About how many bytes are kept.
        """
        key = (what, of, *more)
        if key not in self._made:
            result = work()
            self._size += size
            if self._size > self._most:
                self._made, self._size = {}, size
            self._made[key] = result
            return result
        kept: T = self._made[key]
        return kept


@attrs.frozen
class Holder:
    """A place or an escort and the starts at which a visit could have them."""

    kind: str
    name: str
    starts: int


class Candidates:
    """The starts that the calendars of a clinic and a person leave visits of each shape."""

    def __init__(
        self,
        clinic: Clinic,
        person: Person,
        horizon: Horizon,
        numbers: Iterable[int],
        calendars: Calendars,
        as_of: date,
    ) -> None:
        self.clinic, self.person, self.horizon, self.as_of = clinic, person, horizon, as_of
        self.zone = person.zone or clinic.zone
        self.calendars = calendars
        own = calendars.once(
            "numbers", (clinic, person), lambda: math.gcd(*self._numbers()), horizon
        )
        minutes = math.gcd(own, *numbers)
        self.slots = calendars.once(
            "slots", (), lambda: SlotCalendar(horizon, minutes), horizon, minutes
        )
        self._bytes = self.slots.total // 8
        grid = self._once(
            "grid", (), lambda: self.slots.starting_at(clinic.start_every), clinic.start_every
        )
        self.grid = Allowed(grid, causes.StartTimes(clinic.start_every))

    def _once(
        self,
        what: str,
        of: tuple[Hashable, ...],
        work: Callable[[], T],
        *more: Hashable,
        sets: int = 1,
    ) -> T:
        """Return what is worked out once for these values on these slots."""
        return self.calendars.once(
            what, (*of, self.slots), work, *more, self.as_of, size=100 + sets * self._bytes
        )

    def _numbers(self) -> Iterator[int]:
        """Yield numbers of minutes that are all whole numbers of slots."""
        clinic, person = self.clinic, self.person
        yield self.calendars.once(
            "numbers", (clinic,), lambda: math.gcd(*self._clinic_numbers()), self.horizon
        )
        yield from self._hours_numbers(person.available, self.zone)
        if person.preferences.hours is not None:
            yield from self._hours_numbers(person.preferences.hours, clinic.zone)
        for commitment in person.commitments:
            yield from self._hours_numbers(commitment.hours, self.zone)
        for away in person.away:
            yield from self._edges(dated(self.horizon, away, self.zone))
        for escort in person.escorts:
            zone = escort.zone or clinic.zone
            yield from self._hours_numbers(escort.available, zone)
            for away in escort.away:
                yield from self._edges(dated(self.horizon, away, zone))

    def _clinic_numbers(self) -> Iterator[int]:
        """Yield those of the clinic, which all its courses have in common."""
        clinic = self.clinic
        yield clinic.start_every
        yield from self.horizon.midnights
        yield from self._hours_numbers(clinic.hours, clinic.zone)
        for closure in clinic.closures:
            yield from self._edges(dated(self.horizon, closure, clinic.zone))
        for opening in clinic.extra_openings:
            yield from self._edges(dated(self.horizon, opening, clinic.zone, opening=True))
        for member in clinic.team:
            yield from self._hours_numbers(member.hours, clinic.zone)
            for absent in member.absent:
                yield from self._edges(dated(self.horizon, absent, clinic.zone))
        for one in (*clinic.places, *clinic.staff, *clinic.team):
            yield self.calendars.once("booked", (one,), lambda one=one: _common(one.booked))  # type: ignore[misc]

    def _edges(self, windows: Iterable[tuple[int, int]]) -> Iterator[int]:
        for window in windows:
            yield from window

    def _hours_numbers(self, hours: Hours, zone: ZoneInfo) -> Iterator[int]:
        if zone.key != self.horizon.zone.key:
            yield from self._edges(foreign(self.horizon, hours, zone, opening=True))
        else:
            for n in self.horizon.irregular:
                windows = hours.on(self.horizon.date_of(n))
                yield from self._edges(local_windows(self.horizon, zone, n, windows, opening=True))
        for windows in (*hours.week, *(windows for _, windows in hours.dates)):
            for window in windows:
                yield from window

    def allowed(self, shape: Shape) -> tuple[Allowed, ...]:
        """Return the starts each calendar allows a visit of this shape."""
        of = (self.clinic, self.person, shape)
        return self._once("allowed", of, lambda: tuple(self._calendars(shape)), sets=10)

    def nights(self, shape: Shape) -> int:
        """Return how many midnights a visit of this shape can run past, whichever its start."""
        # A visit of days runs past them even where calendars leave it no start at all.
        surely = shape.most // MINUTES_A_DAY
        if not _open_at_midnight(self.clinic):
            return surely
        of = (self.clinic, self.person, shape)
        return max(surely, self._once("nights", of, lambda: self._nights(shape), sets=0))

    def within_a_date(self, shape: Shape) -> bool:
        """Tell whether a visit and the work around it are surely over on the date they begin."""
        if _open_at_midnight(self.clinic):
            return False
        windows = _windows(self.clinic)
        opens = min((start for start, _ in windows), default=0)
        closes = max((end for _, end in windows), default=0)
        alone = [task for task in shape.tasks if task.work.after_hours or task.end < 0]
        early = min((task.start for task in alone), default=0)
        late = max((task.end - shape.most for task in alone), default=0)
        return (opens + early >= CHANGE and closes + late <= MINUTES_A_DAY - CHANGE) or not alone

    def _nights(self, shape: Shape) -> int:
        days, length = self.slots.starts, shape.most // self.slots.minutes
        starts = reduce(and_, (allowed.bits for allowed in self.allowed(shape)), self.slots.all)
        ends = (days[n] + part.bit_length() - 1 + length for n, part in pieces(starts, days))
        begins = (n for n, _ in pieces(starts, days))
        return max(
            (bisect_left(days, end) - 1 - n for n, end in zip(begins, ends, strict=True)), default=0
        )

    def _open(self, hours: Hours, zone: ZoneInfo) -> int:
        """Return the slots inside weekly and dated hours, worked out once for each calendar."""
        return self._once("open", (hours,), lambda: self.slots.open(hours, zone), zone.key)

    def _engaged(self, hours: Hours, zone: ZoneInfo) -> int:
        """Return the slots that the hours of a commitment take, worked out once for each."""
        return self._once("taken", (hours,), lambda: self.slots.hours(hours, zone), zone.key)

    def _unbooked(self, place: Place) -> int:
        """Return the slots at which nobody holds the place, worked out once."""
        slots = self.slots
        return self._once("free", (place,), lambda: slots.all & ~slots.booked(place.booked))

    def _outside(self, busy: int, length: int) -> int:
        """Return the starts of stretches of ``length`` slots that touch nothing busy."""
        return eroded(self.slots.all & ~busy, length)

    def _during(self, free: int, start: int, end: int) -> int:
        """Return the starts from which a stretch, in minutes after them, touches free slots only.

        It may begin before the start.
        """
        step = self.slots.minutes
        return shifted(eroded(free, (end - start) // step), -start // step) & self.slots.all

    def _when(self, free: Callable[[Candidates], int], start: int, end: int) -> int:
        """
        Return the starts from which a stretch touches only what is free on some slots.

        What is over before the start, as the work of the day before, may lie before the horizon.
        What of it lies before the agenda's date may have been done: `Noticed` says for which
        visits it cannot have been.
        """
        if end >= 0:
            return self._during(free(self), start, end)
        days = -start // MINUTES_A_DAY + 1
        first = self.horizon.first - timedelta(days=days)
        longer = Horizon(self.horizon.zone, first, self.horizon.days + days, self.horizon.beyond)
        earlier = Candidates(
            self.clinic, self.person, longer, [self.slots.minutes], self.calendars, self.as_of
        )
        step, opens = earlier.slots.minutes, longer.midnights[days]
        done = longer.tick(instant(longer.zone, self.as_of, 0)) // step
        bits = free(earlier) | span(0, min(max(done, 0), earlier.slots.total))
        found = earlier._during(bits, start, end) >> opens // step
        if step != self.slots.minutes:  # a clock change before the horizon asks for finer slots
            times = self.slots.minutes // step
            found = sum(1 << n for n in range(self.slots.total) if found >> n * times & 1)
        return found & self.slots.all

    def _opened(self) -> int:
        """Return the slots at which the clinic is open, closures aside."""
        opened = self._open(self.clinic.hours, self.clinic.zone)
        for opening in self.clinic.extra_openings:
            opened |= self.slots.dated(opening, self.clinic.zone, opening=True)
        return opened

    def _without(self, closure: DatedHours) -> int:
        """Return the slots that a closure leaves."""
        return self.slots.all & ~self.slots.dated(closure, self.clinic.zone)

    def _calendars(self, shape: Shape) -> Iterator[Allowed]:
        of = (self.clinic, shape)
        yield from self._once("open to", of, lambda: tuple(self._clinic_open(shape)), sets=5)
        yield from self._person_free(shape)
        yield from self._once("resources", of, lambda: tuple(self._resources(shape)), sets=5)
        if shape.escorted:
            starts = reduce(or_, (holder.starts for holder in self._escorts(shape)), 0)
            names = tuple(escort.name for escort in self.person.escorts)
            yield Allowed(starts, causes.EscortFree(names))

    def _clinic_open(self, shape: Shape) -> Iterator[Allowed]:
        """Yield the starts at which the clinic is open, whoever comes."""
        clinic, slots = self.clinic, self.slots
        length = shape.most // slots.minutes
        rule = causes.OpeningHours(clinic.name, clinic.hours, clinic.extra_openings)
        yield Allowed(eroded(self._opened(), length), rule)
        at_work = [task for task in shape.tasks if not task.work.after_hours]
        for task in at_work:
            rule = attrs.evolve(rule, work=task.work.name)
            yield Allowed(self._when(Candidates._opened, task.start, task.end), rule)
        for task in shape.tasks:
            if task.start < 0 <= task.end and task.work.after_hours:
                # It needs no open clinic, but nothing is done before the plan begins.
                begun = self._during(slots.all, task.start, min(task.end, 0))
                yield Allowed(begun, causes.TooLateFor(task.work.name))
        ahead = any(task.end < 0 for task in at_work)
        outside: dict[int, int] = {}  # many closures may be of the same hours
        for closure in clinic.closures:
            shut = slots.dated(closure, clinic.zone)
            over = isinstance(closure, HoursOver)
            if not shut and not over and not ahead:  # on other dates: it leaves every start
                continue
            known = closure.by_clock if isinstance(closure, HoursOver) else closure
            if shut not in outside:
                outside[shut] = self._outside(shut, length)
            yield Allowed(outside[shut], causes.Closed(clinic.name, known))
            for task in shape.tasks if over else at_work:
                name = task.work.name
                left = partial(Candidates._without, closure=closure)
                free = self._when(left, task.start, task.end)
                late = causes.TooLateFor(name) if over else causes.Closed(clinic.name, known, name)
                yield Allowed(free, late)

    def _person_free(self, shape: Shape) -> Iterator[Allowed]:
        """Yield the starts at which the person can come, whatever the clinic has."""
        person, slots = self.person, self.slots
        length = shape.most // slots.minutes
        who = person.name
        free = eroded(self._open(person.available, self.zone), length)
        yield Allowed(free, causes.PersonFree(who, person.available))
        if person.only_weekdays:
            bits = slots.on_weekdays(person.only_weekdays)
            yield Allowed(bits, causes.OnlyWeekdays(who, person.only_weekdays))
        for away in person.away:
            free = self._outside(slots.dated(away, self.zone), length)
            yield Allowed(free, causes.PersonAway(who, away))
        for commitment in person.commitments:
            busy = self._engaged(commitment.hours, self.zone)
            yield Allowed(self._outside(busy, length), causes.PersonBusy(who, commitment))
            if commitment.needs_driving and shape.kind.no_driving is not None:
                barred = self._barred(shape, commitment)
                must = causes.MustDrive(who, commitment, rest=shape.rest is not None)
                yield Allowed(slots.all & ~barred, must)

    def _barred(self, shape: Shape, commitment: Commitment) -> int:
        """Return the starts after which the person would have to drive while it is barred."""
        horizon, slots, bits = self.horizon, self.slots, 0
        for start, end in foreign(horizon, commitment.hours, self.zone):
            firsts = []
            if shape.no_driving is not None:
                firsts.append(start - shape.most - shape.no_driving + slots.minutes)
            elif start < horizon.midnights[-1]:
                # Barred to the end of the day of the discharge: that day is this one or later.
                firsts.append(horizon.midnights[horizon.day_of(start)] - shape.most)
            if shape.rest is not None:
                # A visit that ends later than this leaves no time to rest before the drive.
                last = self._last_rest(start, shape.rest)
                firsts.append(last - shape.most + slots.minutes)
            if firsts:
                bits |= slots.slots(min(firsts), end - shape.least)
        return bits

    def _last_rest(self, drive: int, rest: int) -> int:
        """Return the last minute at which so long a rest before a drive can begin."""
        ends = drive
        for start, end in reversed(self._taken):
            if start >= ends:
                continue
            if end < ends and ends - end >= rest:
                break
            ends = min(ends, start)
        return ends - rest

    @cached_property
    def _taken(self) -> list[tuple[int, int]]:
        """When commitments of any kind take the person, in order of their ends."""
        found = [
            window
            for commitment in self.person.commitments
            for window in foreign(self.horizon, commitment.hours, self.zone)
        ]
        return sorted(found, key=lambda window: window[1])

    def _resources(self, shape: Shape) -> Iterator[Allowed]:
        slots = self.slots
        staffed = {staff.kind for staff in self.clinic.staff}
        named = {member.role for member in self.clinic.team}
        known = staffed | {place.kind for place in self.clinic.places}
        for kind, profile in self.held(shape).items():
            if kind in named:
                continue
            if kind not in known:
                near = _near(kind, sorted(known | named))
                yield Allowed(0, causes.NoSuchKind(self.clinic.name, kind, near))
                continue
            if kind not in staffed:
                free = (holder.starts for holder in self._places(shape) if holder.kind == kind)
                yield Allowed(reduce(or_, free, 0), causes.PlacesTaken(kind))
                continue
            starts = slots.all
            for start, end, units in profile:
                free_of = partial(Candidates._staff_free, kind=kind, units=units)
                starts &= self._when(free_of, start, end)
            yield Allowed(starts, causes.StaffTaken(kind))
        for crews in self.crews(shape):
            yield from self._team(crews)

    def _team(self, crews: tuple[Crew, ...]) -> Iterator[Allowed]:
        """Yield the starts at which somebody of the team is free for some seats of a visit."""
        wants: dict[causes.Wanted, list[Seat]] = {}
        for seat in crews[0].seats:
            wants.setdefault(causes.Wanted(seat.role, tuple(sorted(seat.skills))), []).append(seat)
        nobody = [wanted for wanted, same in wants.items() if not self._fitting(same[0])]
        for wanted in nobody:
            yield Allowed(0, causes.TeamTaken((wanted,), nobody=True, near=self._meant(wanted)))
        if nobody:
            return  # that there is no time either goes without saying
        for wanted, same in wants.items() if len(crews[0].seats) > 1 else ():
            alone = self.slots.all
            for seat in same:
                who = self._fitting(seat)
                times = (self._has_time(member, load([seat])) for member in who)
                alone &= reduce(or_, times, 0)
            yield Allowed(alone, causes.TeamTaken((wanted,)))
        starts = reduce(or_, (crew.starts for crew in crews), 0)
        yield Allowed(starts, causes.TeamTaken(tuple(wants), together=len(crews[0].seats) > 1))

    def _fitting(self, seat: Seat) -> list[Member]:
        """Return who of the team could take a seat, free or not."""
        return [member for member in self.clinic.team if seat.fits(member)]

    def _meant(self, wanted: causes.Wanted) -> str:
        """Return the skill of somebody in that role that is written like one nobody has."""
        team = [member for member in self.clinic.team if member.role == wanted.role]
        skills = sorted({skill for member in team for skill in member.skills})
        unknown = [skill for skill in wanted.skills if skill not in skills]
        return next(filter(None, (_near(skill, skills) for skill in unknown)), "")

    def crews(self, shape: Shape) -> tuple[tuple[Crew, ...], ...]:
        """
        Return who of the clinic's team could be there for a visit, and at which starts.

        One group for seats that hang together: whoever takes one may be wanted for another.
        """
        of = (self.clinic, shape)
        return self._once("crews", of, lambda: self._crews(shape), sets=10)

    def _crews(self, shape: Shape) -> tuple[tuple[Crew, ...], ...]:
        return crews_of(
            shape.stages, shape.tasks, shape.kind, self.clinic, self._has_time, self.slots.all
        )

    def _has_time(self, member: Member, load: Load) -> int:
        """Return the starts at which somebody can do all this in a visit."""
        starts = self.slots.all
        for start, end, units in load:
            free = partial(Candidates._free, member=member, units=units)
            starts &= self._when(free, start, end)
        return starts

    def _free(self, member: Member, units: int) -> int:
        """Return the slots at which somebody is there with so many shares to spare."""
        whole = self.clinic.whole(member.role)
        return self._once(
            "member", (member,), lambda: self._spare(member, units, whole), units, whole
        )

    def _spare(self, member: Member, units: int, whole: int) -> int:
        slots, zone = self.slots, self.clinic.zone
        if units > whole:
            return 0
        scale, booked = in_shares(member.booked, whole)
        free = self._open(member.hours, zone)
        for absent in member.absent:
            free &= ~slots.dated(absent, zone)
        return free & ~slots.overbooked(booked, scale - units * scale // whole)

    def _staff_free(self, kind: str, units: int) -> int:
        """Return the slots at which so many shares of the kind are left by the bookings."""
        staff = next(staff for staff in self.clinic.staff if staff.kind == kind)
        whole = self.clinic.whole(kind)
        work = lambda: self._units_free(staff, units, whole)  # noqa: E731
        return self._once("staff", (staff,), work, units, whole)

    def _units_free(self, staff: Staff, units: int, whole: int) -> int:
        if units > staff.units * whole:
            return 0
        scale, booked = in_shares(staff.booked, whole)
        spare = staff.units * scale - units * scale // whole
        return self.slots.all & ~self.slots.overbooked(booked, spare)

    def holders(self, shape: Shape) -> tuple[Holder, ...]:
        """Return each place and escort with the starts at which a visit could have them."""
        of = (self.clinic, self.person, shape)
        return self._once(
            "holders", of, lambda: (*self._places(shape), *self._escorts(shape)), sets=0
        )

    def held(self, shape: Shape) -> Mapping[str, Profile]:
        """Return for each kind of place or staff how much of it a visit needs when."""
        of = (self.clinic, shape)
        return self.calendars.once(
            "held", of, lambda: held(shape.stages, shape.tasks, self.clinic), size=1000
        )

    def _places(self, shape: Shape) -> tuple[Holder, ...]:
        """Return each place, which does not depend on the person."""
        of = (self.clinic, shape)
        return self._once("places", of, lambda: tuple(self._free_places(shape)), sets=10)

    def _free_places(self, shape: Shape) -> Iterator[Holder]:
        needs = self.held(shape)
        for place in self.clinic.places:
            if place.kind in needs:
                start, end = whole(needs[place.kind])
                free = partial(Candidates._unbooked, place=place)
                yield Holder(place.kind, place.name, self._when(free, start, end))

    def _escorts(self, shape: Shape) -> tuple[Holder, ...]:
        """Return each escort, who does not depend on what the clinic has."""
        of = (self.person, shape)
        work = lambda: tuple(self._free_escorts(shape))  # noqa: E731
        return self._once("escorts", of, work, self.clinic.zone.key, sets=3)

    def _free_escorts(self, shape: Shape) -> Iterator[Holder]:
        slots = self.slots
        if not shape.escorted or shape.kind.ride_home is None:
            return
        wait = shape.most - shape.least + shape.kind.ride_home.stay_with.minutes
        for escort in self.person.escorts:
            zone = escort.zone or self.clinic.zone
            free = self._open(escort.available, zone)
            for away in escort.away:
                free &= ~slots.dated(away, zone)
            starts = eroded(free, wait // slots.minutes) >> (shape.least // slots.minutes)
            yield Holder("escort", escort.name, starts & slots.all)

    def penalties(self, shape: Shape) -> tuple[Penalty, ...]:
        """Return the starts that cost because a preference is not met."""
        of = (self.person,)
        return self._once(
            "preferences", of, lambda: tuple(self._preferences(shape.most)), shape.most, sets=3
        )

    def _preferences(self, most: int) -> Iterator[Penalty]:
        preferences, horizon, slots = self.person.preferences, self.horizon, self.slots
        if preferences.weekdays:
            first = horizon.first.weekday()
            others = [
                n
                for n in range(horizon.days)
                if WEEKDAYS[(first + n) % 7] not in preferences.weekdays
            ]
            yield Penalty(slots.days(others), 1, ("preferences", "weekdays"))
        if preferences.earliest is not None:
            yield Penalty(self._by_clock(0, preferences.earliest), 1, ("preferences", "earliest"))
        if preferences.latest is not None:
            late = self._late(most, preferences.latest)
            yield Penalty(late, 1, ("preferences", "latest"))
        if preferences.hours is not None:
            wished = eroded(self._open(preferences.hours, self.clinic.zone), most // slots.minutes)
            yield Penalty(slots.all & ~wished, 1, ("preferences", "hours"))

    def _by_clock(self, start: int, end: int) -> int:
        """Return the slots at which the clock shows ``start`` or later and before ``end``."""
        slots, days = self.slots, self.horizon.days
        step = slots.minutes
        mask = span(-(-start // step), -(-end // step))
        bits = slots.of_days([mask] * days, [()] * days)
        for n in slots.irregular:
            for slot, minute in enumerate(slots.walls[n], slots.starts[n]):
                if start <= minute < end:
                    bits |= 1 << slot
        return bits

    def _late(self, most: int, latest: int) -> int:
        """Return the starts whose latest discharge is after a clock time, or on a later date."""
        slots, horizon, bits = self.slots, self.horizon, 0
        for n in range(horizon.days):
            if horizon.regular(n):
                first = -(-(horizon.midnights[n] + latest - most + 1) // slots.minutes)
                bits |= span(max(first, slots.starts[n]), slots.starts[n + 1])
                continue
            for slot in range(slots.starts[n], slots.starts[n + 1]):
                end = slot * slots.minutes + most
                midnight = horizon.midnights[n + 1]  # belongs to the day that it ends
                clock = 1440 if end == midnight else horizon.wall_minute(end)
                if end > midnight or clock > latest:
                    bits |= 1 << slot
        return bits


def nights(clinic: Clinic, kinds: Iterable[VisitType]) -> int:
    """Return how many midnights the longest of some visits and what follows it may run past."""
    longest = stay = 0
    for kind in kinds:
        for each in (kind, kind.unescorted):
            longest = max(longest, sum(stage.most for stage in each.stages))
        if kind.ride_home is not None:
            stay = max(stay, kind.ride_home.stay_with.minutes)
        stay = max(stay, *(clean.length.minutes for clean in kind.cleaning), 0)
    closes = max((end for _, end in _windows(clinic)), default=0)
    return (closes + stay + (longest if _open_at_midnight(clinic) else 0)) // 1440


def _windows(clinic: Clinic) -> list[tuple[int, int]]:
    windows = [window for day in clinic.hours.week for window in day]
    windows += [window for _, day in clinic.hours.dates for window in day]
    return windows + [window for one in clinic.extra_openings for window in one.hours]


def _open_at_midnight(clinic: Clinic) -> bool:
    """Tell whether a clinic may be open before and after a midnight, without a break."""
    windows = _windows(clinic)
    return any(start == 0 for start, _ in windows) and any(end == 1440 for _, end in windows)


def _common(bookings: Collection[Booking]) -> int:
    """Return the largest number of minutes that divides every edge of some bookings."""
    return math.gcd(*{one.start for one in bookings}, *{one.end for one in bookings})


def shape_of(kind: VisitType, ordinal: int, escorted: bool, calendars: Calendars) -> Shape:
    """Return what a visit needs; visits of one kind share one value, unless stages differ."""
    each = [stage.visits for stage in kind.stages]
    each += [work.visits for work in (*kind.preparation, *kind.cleaning)]
    key = 0 if all(visits == EACH for visits in each) else ordinal

    def shape() -> Shape:
        own = kind if escorted else kind.unescorted
        return Shape(own.stages_of(ordinal), own, escorted, tasks(own, ordinal))

    return calendars.once("shape", (kind,), shape, key, escorted)


# --- what a visit needs: its stages end to end, and what each holds --------------------------


@attrs.frozen(eq=False)
class Shape:
    """
    What a visit needs of the calendars; visits of one shape share one value.

    Compared by identity, since it is the key under which a shape's sets are kept.
    """

    stages: tuple[Stage, ...]
    kind: VisitType
    escorted: bool
    tasks: tuple[Task, ...] = ()
    """What is done around it without the person."""

    @cached_property
    def least(self) -> int:
        """Return minutes from arrival to the earliest discharge."""
        return sum(stage.least for stage in self.stages)

    @cached_property
    def most(self) -> int:
        """Return minutes from arrival to the latest discharge."""
        return sum(stage.most for stage in self.stages)

    @property
    def no_driving(self) -> int | None:
        """Return minutes without driving after the discharge; ``None`` for the next day."""
        rule = self.kind.no_driving
        return None if rule is None or rule.hours is None else rule.hours.minutes

    @property
    def rest(self) -> int | None:
        """Return how many minutes a night's rest takes; ``None`` where none is asked for."""
        rule = self.kind.no_driving
        return None if rule is None or rule.rest is None else rule.rest.minutes


def _near(name: str, known: Sequence[str]) -> str:
    """Return the one of some names that is written most like another; empty for none."""
    return next(iter(get_close_matches(name, known, 1)), "")
