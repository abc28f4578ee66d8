"""From an agenda and calendars to a problem of integers; each rule keeps its origin."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import combinations
from operator import and_, or_
from types import MappingProxyType
from typing import assert_never
from zoneinfo import ZoneInfo

import attrs

from protocol_sched.bitsets import eroded, span
from protocol_sched.calendars import SlotCalendar, dated, foreign
from protocol_sched.horizon import Horizon
from protocol_sched.model import causes
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
from protocol_sched.model.availability import Booking, Clinic, Commitment, Hours, Person, Place
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.rules import EACH, WEEKDAYS, Between, Week
from protocol_sched.model.schedule import Keep
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, MonthEnd, Span
from protocol_sched.problem import (
    Allowed,
    DayLag,
    Item,
    Known,
    Lag,
    Option,
    Penalty,
    Problem,
    SlotLag,
    TableLag,
    Target,
    Window,
)
from protocol_sched.shapes import Shape, held, staff_profile, stage_ranges

NOTHING: Mapping[str, Keep] = MappingProxyType({})


@attrs.frozen
class Holder:
    """A place or an escort and the starts at which a visit could have them."""

    kind: str
    name: str
    starts: int


@attrs.frozen
class Compiled:
    """A problem and what is needed to read its answer."""

    problem: Problem
    agenda: Agenda
    dues: tuple[Due, ...]
    """In the order of the problem's items."""
    shapes: tuple[Shape, ...]
    holders: tuple[tuple[Holder, ...], ...]
    horizon: Horizon
    keep: Mapping[str, Keep] = NOTHING
    """How people know visits, by identity."""


class _Compiler:
    """Holds one call's calendars, so that visits of one shape share their sets."""

    def __init__(
        self,
        agenda: Agenda,
        protocol: Protocol,
        clinic: Clinic,
        person: Person,
        horizon: Horizon,
        keep: Mapping[str, Keep],
    ) -> None:
        self.agenda, self.protocol, self.keep = agenda, protocol, keep
        self.clinic, self.person, self.horizon = clinic, person, horizon
        self.dues = _in_order(agenda)
        self.index = {due.id: n for n, due in enumerate(self.dues)}
        self.rules = _by_visit(agenda)
        shapes: dict[tuple[str, int, bool], Shape] = {}
        self.shapes = tuple(self._shape(due, shapes) for due in self.dues)
        self.zone = person.zone or clinic.zone
        self.slots = SlotCalendar(horizon, math.gcd(*self._numbers()))
        self._hours: dict[tuple[int, str], int] = {}
        self._free: dict[str, int] = {}
        grid = self.slots.starting_at(clinic.grid)
        self.grid = Allowed(grid, causes.StartGrid(clinic.grid))
        self._allowed: dict[Shape, tuple[Allowed, ...]] = {}
        self._holders: dict[Shape, tuple[Holder, ...]] = {}
        self._penalties: dict[int, tuple[Penalty, ...]] = {}

    def _shape(self, due: Due, known: dict[tuple[str, int, bool], Shape]) -> Shape:
        kind = self.protocol.visit_type(due.kind)
        escorted = kind.ride_home is not None and due.id not in self.agenda.waived
        whole = all(stage.visits == EACH for stage in kind.stages)
        key = (due.kind, 0 if whole else due.type_ordinal, escorted)
        if key not in known:
            known[key] = Shape(kind.stages_of(due.type_ordinal), kind, escorted)
        return known[key]

    # --- the slot length: every time that is asked about is a whole number of slots ----------

    def _numbers(self) -> Iterator[int]:
        yield self.clinic.grid
        yield from self.horizon.midnights
        for shape in set(self.shapes):
            for _, start, start_by, end, end_by in stage_ranges(shape.stages):
                yield from (start, start_by, end, end_by)
            if shape.kind.ride_home is not None:
                yield shape.kind.ride_home.stay_with.minutes
            yield shape.no_driving or 0
        yield from self._hours_numbers(self.clinic.hours, self.clinic.zone)
        for closure in (*self.clinic.closures, *self.clinic.extra_openings):
            yield from self._edges(dated(self.horizon, closure, self.clinic.zone))
        booked: list[Booking] = []
        for place in self.clinic.places:
            booked.extend(place.booked)
        for staff in self.clinic.staff:
            booked.extend(staff.booked)
        yield math.gcd(*[b.start for b in booked], *[b.end for b in booked])
        person, zone = self.person, self.zone
        yield from self._hours_numbers(person.available, zone)
        for commitment in person.commitments:
            yield from self._hours_numbers(commitment.hours, zone)
        for away in person.away:
            yield from self._edges(dated(self.horizon, away, zone))
        for escort in person.escorts:
            yield from self._hours_numbers(escort.free, escort.zone or self.clinic.zone)
            for away in escort.away:
                yield from self._edges(dated(self.horizon, away, escort.zone or self.clinic.zone))
        for due in self.dues:
            if due.id in self.keep:
                yield self.horizon.tick(self.keep[due.id].start)
        for binding in self.agenda.bindings:
            match binding:
                case FixedAt():
                    yield self.horizon.tick(binding.start)
                case Spacing():
                    target = binding.target
                    ends = (target.least, target.most) if target else ()
                    for length in (binding.least, binding.most, *ends):
                        if isinstance(length, ElapsedSpan):
                            yield length.minutes
                    if isinstance(binding.earlier, PastVisit):
                        for moment in (binding.earlier.start, binding.earlier.end):
                            yield self.horizon.tick(moment) if moment else 0
                case _:
                    pass

    def _edges(self, windows: Iterable[tuple[int, int]]) -> Iterator[int]:
        for window in windows:
            yield from window

    def _hours_numbers(self, hours: Hours, zone: ZoneInfo) -> Iterator[int]:
        if zone.key != self.horizon.zone.key:
            yield from self._edges(foreign(self.horizon, hours, zone))
        for windows in (*hours.week, *(windows for _, windows in hours.dates)):
            for window in windows:
                yield from window

    # --- what one visit may use --------------------------------------------------------------

    def allowed(self, shape: Shape) -> tuple[Allowed, ...]:
        """Return the starts each calendar allows a visit of this shape."""
        if shape not in self._allowed:
            self._allowed[shape] = tuple(self._calendars(shape))
        return self._allowed[shape]

    def _open(self, hours: Hours, zone: ZoneInfo) -> int:
        """Return the slots inside weekly and dated hours, worked out once for each calendar."""
        # The model keeps the hours alive, so their identity is theirs for the whole call.
        key = (id(hours), zone.key)
        if key not in self._hours:
            self._hours[key] = self.slots.hours(hours, zone)
        return self._hours[key]

    def _unbooked(self, place: Place) -> int:
        """Return the slots at which nobody holds the place, worked out once."""
        if place.name not in self._free:
            self._free[place.name] = self.slots.all & ~self.slots.booked(place.booked)
        return self._free[place.name]

    def _outside(self, busy: int, length: int) -> int:
        """Return the starts of stretches of ``length`` slots that touch nothing busy."""
        return eroded(self.slots.all & ~busy, length)

    def _calendars(self, shape: Shape) -> Iterator[Allowed]:
        clinic, person, slots = self.clinic, self.person, self.slots
        length = shape.most // slots.minutes
        opened = self._open(clinic.hours, clinic.zone)
        for opening in clinic.extra_openings:
            opened |= slots.dated(opening, clinic.zone)
        yield Allowed(eroded(opened, length), causes.OpeningHours(clinic.name))
        for closure in clinic.closures:
            free = self._outside(slots.dated(closure, clinic.zone), length)
            yield Allowed(free, causes.Closed(clinic.name, closure))
        who = person.name or person.key
        free = eroded(self._open(person.available, self.zone), length)
        yield Allowed(free, causes.PersonFree(who))
        for away in person.away:
            free = self._outside(slots.dated(away, self.zone), length)
            yield Allowed(free, causes.PersonAway(who, away))
        for commitment in person.commitments:
            busy = self._open(commitment.hours, self.zone)
            yield Allowed(self._outside(busy, length), causes.PersonBusy(who, commitment))
            if commitment.driving and shape.kind.no_driving is not None:
                barred = self._barred(shape, commitment)
                yield Allowed(slots.all & ~barred, causes.MustDrive(who, commitment))
        yield from self._resources(shape)
        if shape.escorted:
            starts = 0
            for holder in self.holders(shape):
                if holder.kind == "escort":
                    starts |= holder.starts
            names = tuple(escort.name for escort in person.escorts)
            yield Allowed(starts, causes.EscortFree(names))

    def _barred(self, shape: Shape, commitment: Commitment) -> int:
        """Return the starts after which the person would have to drive while it is barred."""
        horizon, slots, bits = self.horizon, self.slots, 0
        hours = shape.no_driving
        for start, end in foreign(horizon, commitment.hours, self.zone):
            if hours is None:
                if start >= horizon.midnights[-1]:
                    continue
                # Barred to the end of the day of the discharge: that day is this one or later.
                first = horizon.midnights[horizon.day_of(start)] - shape.most
            else:
                first = start - shape.most - hours + slots.minutes
            bits |= slots.slots(first, end - shape.least)
        return bits

    def _resources(self, shape: Shape) -> Iterator[Allowed]:
        slots = self.slots
        staffed = {staff.kind for staff in self.clinic.staff}
        known = staffed | {place.kind for place in self.clinic.places}
        for kind, stretches in held(shape.stages).items():
            if kind not in known:
                yield Allowed(0, causes.NoSuchKind(self.clinic.name, kind))
                continue
            if kind not in staffed:
                starts = 0
                for holder in self.holders(shape):
                    if holder.kind == kind:
                        starts |= holder.starts
                yield Allowed(starts, causes.PlacesTaken(kind))
                continue
            starts = slots.all
            for start, end, units in staff_profile(stretches):
                free = self._staff_free(kind, units)
                length = (end - start) // slots.minutes
                starts &= eroded(free, length) >> (start // slots.minutes)
            yield Allowed(starts, causes.StaffTaken(kind))

    def _staff_free(self, kind: str, units: int) -> int:
        """Return the slots at which so many units of the kind are left by the bookings."""
        staff = next(staff for staff in self.clinic.staff if staff.kind == kind)
        if units > staff.units:
            return 0
        # taken[k]: the slots at which more than k units are booked.
        taken: list[int] = []
        for booking in staff.booked:
            bits = self.slots.booked([booking])
            for _ in range(booking.units):
                for k, level in enumerate(taken):
                    taken[k], bits = level | bits, level & bits
                    if not bits:
                        break
                if bits:
                    taken.append(bits)
                bits = self.slots.booked([booking])
        spare = staff.units - units
        return self.slots.all & ~taken[spare] if spare < len(taken) else self.slots.all

    def holders(self, shape: Shape) -> tuple[Holder, ...]:
        """Return each place and escort with the starts at which a visit could have them."""
        if shape not in self._holders:
            self._holders[shape] = tuple(self._who_can(shape))
        return self._holders[shape]

    def _who_can(self, shape: Shape) -> Iterator[Holder]:
        slots = self.slots
        needs = held(shape.stages)
        for place in self.clinic.places:
            if place.kind in needs:
                start = min(start for start, _, _ in needs[place.kind])
                end = max(end for _, end, _ in needs[place.kind])
                free = eroded(self._unbooked(place), (end - start) // slots.minutes)
                yield Holder(place.kind, place.name, free >> (start // slots.minutes))
        if not shape.escorted or shape.kind.ride_home is None:
            return
        wait = shape.most - shape.least + shape.kind.ride_home.stay_with.minutes
        for escort in self.person.escorts:
            zone = escort.zone or self.clinic.zone
            free = self._open(escort.free, zone)
            for away in escort.away:
                free &= ~slots.dated(away, zone)
            starts = eroded(free, wait // slots.minutes) >> (shape.least // slots.minutes)
            yield Holder("escort", escort.name, starts & slots.all)

    # --- days and penalties ------------------------------------------------------------------

    def days(self, due: Due) -> Iterator[Allowed]:
        """Return the dates that rules about this one visit allow."""
        horizon, whole = self.horizon, (1 << self.horizon.days) - 1
        first = horizon.first.weekday()
        kind = self.protocol.visit_type(due.kind)
        if kind.weekdays:
            rule = OnWeekdays(rule="weekdays", visit=due.id, weekdays=kind.weekdays)
            yield Allowed(self._weekdays(kind.weekdays, first), rule)
        for binding in self.rules[due.id]:
            match binding:
                case NotBefore(visit=due.id, day=day):
                    yield Allowed(whole & ~span(0, horizon.number_of(day)), binding)
                case NotAfter(visit=due.id, day=day):
                    yield Allowed(whole & span(0, horizon.number_of(day) + 1), binding)
                case OnWeekdays(visit=due.id, weekdays=names):
                    yield Allowed(self._weekdays(names, first), binding)
                case Spacing(later=due.id, earlier=PastVisit(on=on)):
                    window = day_window(binding, on, self.agenda.month_end)
                    yield Allowed(self._near(on, window) & whole, binding)
                case NextWorkingDay(later=due.id, earlier=PastVisit(on=on)):
                    day = working_days_after(on, binding.days)
                    yield Allowed(whole & _bit(horizon.number_of(day)), binding)
                case WeekApart(later=due.id, earlier=PastVisit(on=on)):
                    yield Allowed(self._near(on, _week_window(on, binding)) & whole, binding)
                case _:
                    pass

    def day_targets(self, due: Due) -> Iterator[Target]:
        """Return the dates this visit is best on, measured from visits already given."""
        for binding in self.rules[due.id]:
            match binding:
                case Spacing(later=due.id, earlier=PastVisit(on=on)) if binding.target:
                    if isinstance(binding.target.least, CalendarSpan):
                        window = day_window(binding, on, self.agenda.month_end)
                        base = self.horizon.number_of(on)
                        yield Target(Window(lo=window.lo, hi=window.hi).moved(base), binding)
                case _:
                    pass

    def slot_targets(self, due: Due) -> Iterator[Target]:
        """Return the starts this visit is best at, in real time from visits already given."""
        minutes = self.slots.minutes
        for binding in self.rules[due.id]:
            match binding:
                case Spacing(later=due.id, earlier=PastVisit() as past) if binding.target:
                    window = minutes_window(binding)
                    moments = self._past_moments(past, binding.between)
                    if window.lo is not None and moments[0] == moments[1]:
                        slots = Window(lo=window.lo // minutes, hi=(window.hi or 0) // minutes)
                        base = moments[0] // minutes
                        yield Target(slots.moved(base), binding, 1440 // minutes)
                case _:
                    pass

    def _weekdays(self, names: tuple[str, ...], first: int) -> int:
        return sum(1 << n for n in range(self.horizon.days) if WEEKDAYS[(first + n) % 7] in names)

    def _near(self, on: date, window: Window) -> int:
        base = self.horizon.number_of(on)
        least = 0 if window.least is None else base + window.least
        most = self.horizon.days if window.most is None else base + window.most + 1
        return span(least, most)

    def fixed(self, due: Due) -> Iterator[Allowed]:
        """Return the start grid, or the moment at which the visit is pinned."""
        pins = [rule for rule in self.rules[due.id] if isinstance(rule, FixedAt)]
        for pin in pins:
            slot = self.horizon.tick(pin.start) // self.slots.minutes
            yield Allowed(self.slots.all & _bit(slot), pin)
        if not pins:
            yield self.grid

    def elapsed_past(self, due: Due) -> Iterator[Allowed]:
        """Return the starts that elapsed rules against visits already given allow."""
        for binding in self.rules[due.id]:
            if not isinstance(binding, Spacing):
                continue
            past = binding.earlier
            if not isinstance(past, PastVisit):
                continue
            if not isinstance(binding.least or binding.most, ElapsedSpan):
                continue
            first, last = self._past_moments(past, binding.between)
            bits = self.slots.all
            if isinstance(binding.least, ElapsedSpan):
                bits &= ~self.slots.slots(0, max(0, last + binding.least.minutes))
            if isinstance(binding.most, ElapsedSpan):
                bits &= self.slots.slots(0, first + binding.most.minutes + self.slots.minutes)
            yield Allowed(bits, binding)

    def _past_moments(self, past: PastVisit, between: Between) -> tuple[int, int]:
        """
        Return the first and last tick at which the past visit can have been.

        A visit without a time is read carefully: the last minute of its date for a least
        distance, the first for a most.
        """
        moment = past.end if between is Between.END_AND_START else past.start
        if moment is not None:
            tick = self.horizon.tick(moment)
            return tick, tick
        zone = self.clinic.zone
        opens = datetime(past.on.year, past.on.month, past.on.day, tzinfo=zone)
        after = past.on + timedelta(days=1)
        ends = datetime(after.year, after.month, after.day, tzinfo=zone)
        return self.horizon.tick(opens), self.horizon.tick(ends)

    def penalties(self, shape: Shape) -> tuple[Penalty, ...]:
        """Return the starts that cost because a wish is not met."""
        if shape.most not in self._penalties:
            self._penalties[shape.most] = tuple(self._wishes(shape.most))
        return self._penalties[shape.most]

    def _wishes(self, most: int) -> Iterator[Penalty]:
        wishes, horizon, slots = self.person.preferences, self.horizon, self.slots
        if wishes.weekdays:
            first = horizon.first.weekday()
            others = [
                n for n in range(horizon.days) if WEEKDAYS[(first + n) % 7] not in wishes.weekdays
            ]
            yield Penalty(slots.days(others), 1, ("preferences", "weekdays"))
        if wishes.earliest is not None:
            yield Penalty(self._by_clock(0, wishes.earliest), 1, ("preferences", "earliest"))
        if wishes.latest is not None:
            late = self._late(most, wishes.latest)
            yield Penalty(late, 1, ("preferences", "latest"))

    def _by_clock(self, start: int, end: int) -> int:
        """Return the slots at which the clock shows ``start`` or later and before ``end``."""
        slots, days = self.slots, self.horizon.days
        step = slots.minutes
        mask = span(-(-start // step), -(-end // step))
        bits = slots.of_days([mask] * days, [()] * days)
        for n in slots.irregular:
            for slot, minute in enumerate(slots.wall(n), slots.starts[n]):
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

    # --- what people know --------------------------------------------------------------------

    def known(self, due: Due, shape: Shape) -> Known | None:
        """Return where people know the visit to be, and where its ride home can stay."""
        keep = self.keep.get(due.id)
        if keep is None:
            return None
        slot = self.horizon.tick(keep.start) // self.slots.minutes
        rides = self.slots.all
        if shape.escorted and keep.escort is not None:
            rides = self._holder(due, shape, keep.escort)
        return Known(slot, rides, causes.AsKnown(due.id, keep.start))

    def own_holders(self, due: Due, shape: Shape) -> tuple[Holder, ...]:
        """Return who and what a visit could have; not an escort where they declined."""
        keep = self.keep.get(due.id)
        if keep is None or not keep.declined:
            return self.holders(shape)
        slot = self.horizon.tick(keep.start) // self.slots.minutes
        return tuple(
            attrs.evolve(holder, starts=holder.starts & ~_bit(slot))
            if holder.kind == "escort" and holder.name in keep.declined
            else holder
            for holder in self.holders(shape)
        )

    def _holder(self, due: Due, shape: Shape, escort: str) -> int:
        found = (h.starts for h in self.own_holders(due, shape) if h.name == escort)
        return next(found, 0)

    def without_declined(self, due: Due, shape: Shape) -> Iterator[Allowed]:
        """Return the starts at which an escort is free who did not decline."""
        keep = self.keep.get(due.id)
        if keep is None or not keep.declined or not shape.escorted:
            return
        starts = 0
        for holder in self.own_holders(due, shape):
            if holder.kind == "escort":
                starts |= holder.starts
        yield Allowed(starts, causes.Declined(keep.declined))

    # --- wishes about the whole course -------------------------------------------------------

    def wishes(self, items: tuple[Item, ...]) -> Iterator[tuple[Option, ...]]:
        """Yield the options of each wish about all visits together."""
        wishes = self.person.preferences
        if wishes.same_time:
            for kind in dict.fromkeys(due.kind for due in self.dues):
                visits = [n for n, due in enumerate(self.dues) if due.kind == kind]
                if len(visits) > 1:
                    yield tuple(self._at_one_time(kind, visits, items))
        ridden = [n for n, shape in enumerate(self.shapes) if shape.escorted]
        if wishes.few_escorts and ridden and len(self.person.escorts) > 1:
            yield tuple(self._with_few_escorts(ridden))

    def _at_one_time(
        self, kind: str, visits: list[int], items: tuple[Item, ...]
    ) -> Iterator[Option]:
        """Yield one option for each time of day at which one of the visits could begin."""
        starts = 0
        for bits in {reduce(and_, (one.bits for one in items[n].slots)) for n in visits}:
            starts |= bits
        for minute, slots in self.slots.by_clock(starts):
            cause = causes.SameTime(kind, minute)
            penalty = Penalty(self.slots.all & ~slots, 1, cause)
            yield Option(0, (), tuple((n, penalty) for n in visits), cause)
        if not starts:
            yield Option(0, (), (), causes.SameTime(kind, 0))

    def _with_few_escorts(self, visits: list[int]) -> Iterator[Option]:
        """Yield one option for each choice of escorts."""
        names = [escort.name for escort in self.person.escorts]
        for count in range(1, len(names) + 1):
            for some in combinations(names, count):
                cause = causes.FewEscorts(some)
                sets: dict[int, Allowed] = {}
                allowed = []
                for n in visits:
                    holders = self.own_holders(self.dues[n], self.shapes[n])
                    if id(holders) not in sets:
                        free = (h.starts for h in holders if h.kind == "escort" and h.name in some)
                        sets[id(holders)] = Allowed(reduce(or_, free, 0), cause)
                    allowed.append((n, sets[id(holders)]))
                yield Option(count - 1, tuple(allowed), (), cause)

    # --- lags --------------------------------------------------------------------------------

    def lags(self) -> Iterator[Lag]:
        """Return every rule between two visits that are both still due."""
        for binding in self.agenda.bindings:
            if not _about(binding) <= self.index.keys():
                continue  # a visit that is only tentative is not placed
            match binding:
                case Spacing(earlier=str(name)):
                    yield from self._spacing(binding, self.index[name], self.index[binding.later])
                case NextWorkingDay(earlier=str(name)):
                    windows = tuple(
                        _exactly((working_days_after(day, binding.days) - day).days)
                        for day in self._dates()
                    )
                    yield TableLag(self.index[name], self.index[binding.later], windows, binding)
                case WeekApart(earlier=str(name)):
                    windows = tuple(_week_window(day, binding) for day in self._dates())
                    yield TableLag(self.index[name], self.index[binding.later], windows, binding)
                case AtMost():
                    yield from self._at_most(binding)
                case Spacing() | NextWorkingDay() | WeekApart() | NotBefore() | NotAfter():
                    pass
                case OnWeekdays() | FixedAt():
                    pass
                case _:
                    assert_never(binding)

    def _dates(self) -> list[date]:
        return [self.horizon.date_of(n) for n in range(self.horizon.days)]

    def _spacing(self, binding: Spacing, earlier: int, later: int) -> Iterator[Lag]:
        target = binding.target
        lo: Span | None = target.least if target else None
        hi: Span | None = target.most if target else None
        if any(isinstance(length, CalendarSpan) for length in (binding.least, binding.most, lo)):
            spans = (binding.least, binding.most, lo, hi)
            if any(isinstance(s, CalendarSpan) and s.by_months for s in spans):
                month_end = self.agenda.month_end
                windows = tuple(day_window(binding, day, month_end) for day in self._dates())
                yield TableLag(earlier, later, windows, binding)
            else:
                window = day_window(binding, self.horizon.first, self.agenda.month_end)
                yield DayLag(earlier, later, window, binding)
        minutes = self.slots.minutes
        ends = binding.between is Between.END_AND_START
        base = self.shapes[earlier].most // minutes if ends else 0

        def slots(length: Span | None) -> int | None:
            if not isinstance(length, ElapsedSpan):
                return None
            return base + length.minutes // minutes

        window = Window(slots(binding.least), slots(binding.most), slots(lo), slots(hi))
        if window != Window():
            yield SlotLag(earlier, later, window, binding, 1440 // minutes)

    def _at_most(self, binding: AtMost) -> Iterator[Lag]:
        """
        Compile "at most k of these in any N days" for visits in order of time.

        It holds exactly when each visit comes N days or more after the k-th before it.
        """
        visits = self._counted(binding)
        for first, last in zip(visits, visits[binding.most :], strict=False):
            if isinstance(first, str) and isinstance(last, str):
                window = Window(least=binding.days)
                yield DayLag(self.index[first], self.index[last], window, binding)

    def _counted(self, binding: AtMost) -> list[str | PastVisit]:
        """Return the visits a cap counts, without those that are only tentative."""
        return [
            visit for visit in binding.visits if isinstance(visit, PastVisit) or visit in self.index
        ]

    def capped(self, due: Due) -> Iterator[Allowed]:
        """Return the dates that caps allow after visits already given."""
        whole = (1 << self.horizon.days) - 1
        for binding in self.rules[due.id]:
            if not isinstance(binding, AtMost):
                continue
            visits = self._counted(binding)
            for first, last in zip(visits, visits[binding.most :], strict=False):
                if isinstance(first, PastVisit) and last == due.id:
                    day = self.horizon.number_of(first.on) + binding.days
                    yield Allowed(whole & ~span(0, day), binding)

    def problem(self) -> Problem:
        """Return the whole problem."""
        items = []
        for due, shape in zip(self.dues, self.shapes, strict=True):
            own = (*self.fixed(due), *self.elapsed_past(due), *self.without_declined(due, shape))
            items.append(
                Item(
                    due.id,
                    shape.most // self.slots.minutes,
                    (*self.allowed(shape), *own),
                    (*self.days(due), *self.capped(due)),
                    self.penalties(shape),
                    tuple(self.day_targets(due)),
                    tuple(self.slot_targets(due)),
                    self.known(due, shape),
                )
            )
        return Problem(
            tuple(items),
            tuple(self.lags()),
            self.slots.starts,
            self.slots.minutes,
            tuple((n, self.slots.wall(n)) for n in self.slots.irregular),
            tuple(self.wishes(tuple(items))),
        )


def compile_agenda(
    agenda: Agenda,
    protocol: Protocol,
    clinic: Clinic,
    person: Person,
    horizon: Horizon,
    keep: Mapping[str, Keep] = NOTHING,
) -> Compiled:
    """
    Turn what is due into a problem of integers, every constraint with the rule it came from.

    Args:
        agenda: What is due; its tentative visits are left out.
        horizon: In the clinic's zone; visits begin and end inside it.
        keep: How people know visits, by identity; what is not due is passed over.

    Raises:
        UnknownName: A visit type of the agenda is not in the protocol.
    """
    compiler = _Compiler(agenda, protocol, clinic, person, horizon, keep)
    problem = compiler.problem()
    each = zip(compiler.dues, compiler.shapes, strict=True)
    holders = tuple(compiler.own_holders(due, shape) for due, shape in each)
    return Compiled(problem, agenda, compiler.dues, compiler.shapes, holders, horizon, keep)


def _about(binding: Rules) -> set[str]:
    """Return the visits still due that a rule is about; for a cap none, since it may lose some."""
    match binding:
        case Spacing() | NextWorkingDay() | WeekApart():
            ends = {binding.earlier, binding.later}
            return {end for end in ends if isinstance(end, str)}
        case NotBefore() | NotAfter() | OnWeekdays() | FixedAt():
            return {binding.visit}
        case AtMost():
            return set()
        case _:
            assert_never(binding)


def _by_visit(agenda: Agenda) -> dict[str, list[Rules]]:
    """Return for each visit the rules that say where it may be, in the agenda's order."""
    rules: dict[str, list[Rules]] = {due.id: [] for due in agenda.dues}
    for binding in agenda.bindings:
        match binding:
            case Spacing() | NextWorkingDay() | WeekApart():
                rules[binding.later].append(binding)
            case NotBefore() | NotAfter() | OnWeekdays() | FixedAt():
                rules[binding.visit].append(binding)
            case AtMost():
                for visit in binding.visits:
                    if isinstance(visit, str):
                        rules[visit].append(binding)
            case _:
                assert_never(binding)
    return rules


def _in_order(agenda: Agenda) -> tuple[Due, ...]:
    """Return the dues so that each comes after all that a rule measures it from."""
    waiting = [due for due in agenda.dues if not due.tentative]
    after: dict[str, set[str]] = {due.id: set() for due in waiting}
    for binding in agenda.bindings:
        match binding:
            case (
                Spacing(earlier=str(name), later=later)
                | NextWorkingDay(earlier=str(name), later=later)
                | WeekApart(earlier=str(name), later=later)
            ) if later in after:  # a tentative visit is not placed, its rules bind nothing
                after[later].add(name)
            case _:
                pass
    ordered: list[Due] = []
    placed: set[str] = set()
    while waiting:
        ready = next((due for due in waiting if after[due.id] <= placed), waiting[0])
        waiting.remove(ready)
        ordered.append(ready)
        placed.add(ready.id)
    return tuple(ordered)


def _bit(n: int) -> int:
    return 1 << n if n >= 0 else 0


def _exactly(days: int) -> Window:
    return Window(least=days, most=days)


def day_window(binding: Spacing, day: date, month_end: MonthEnd) -> Window:
    """Return the calendar part of a spacing in days, from a visit on ``day``."""

    def days(length: Span | None) -> int | None:
        if not isinstance(length, CalendarSpan):
            return None
        return (length.after(day, month_end) - day).days if length.by_months else length.in_days

    target = binding.target
    return Window(
        days(binding.least),
        days(binding.most),
        days(target.least) if target else None,
        days(target.most) if target else None,
    )


def working_days_after(day: date, count: int) -> date:
    """Return the date so many days, Monday to Friday, after ``day``."""
    while count:
        day += timedelta(days=1)
        if day.weekday() < 5:
            count -= 1
    return day


def _week_window(day: date, binding: WeekApart) -> Window:
    begins = 6 if binding.begins is Week.SUNDAY else 0
    into = (day.weekday() - begins) % 7
    first = 7 * binding.weeks - into
    return Window(least=first, most=first + 6)


def minutes_window(binding: Spacing) -> Window:
    """Return the elapsed part of a spacing in minutes."""

    def minutes(length: Span | None) -> int | None:
        return length.minutes if isinstance(length, ElapsedSpan) else None

    target = binding.target
    return Window(
        minutes(binding.least),
        minutes(binding.most),
        minutes(target.least) if target else None,
        minutes(target.most) if target else None,
    )
