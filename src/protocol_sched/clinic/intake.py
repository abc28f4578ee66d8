"""
Many compiled courses on one axis of days and slots, ready to be planned together.

A course whose rules all count days, one visit after another, becomes a `Chain`. Any other is left
as it is, and is planned by itself around what the chains hold.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache, reduce
from operator import and_, or_

import attrs

from protocol_sched.clinic.chains import Chain, Stop, rules_of, steps_of
from protocol_sched.clinic.loads import Fields, Loads, Need, Pool, Profile
from protocol_sched.engine.bitsets import members, numbered, pieces
from protocol_sched.engine.candidates import Shape
from protocol_sched.engine.compiler import Compiled
from protocol_sched.engine.held import held
from protocol_sched.engine.held import whole as whole_of
from protocol_sched.engine.horizon import Horizon
from protocol_sched.engine.problem import Item, Target, Window
from protocol_sched.model.availability import Booking, Clinic

MOVED = 1000
"""What a visit that people know weighs against days off target, when it moves."""


@attrs.frozen(kw_only=True)
class Axis:
    """The days and slots that all courses of a clinic are planned on."""

    horizon: Horizon
    minutes: int
    base: int
    """The slot of a day, after its midnight, that the fields begin with."""
    fields: Fields

    def slot(self, start: int) -> int:
        """Return how many slots after midnight a start is."""
        return self.base + self.fields.slot(start)


def as_chains(chains: Iterable[Chain | None]) -> tuple[Chain | None, ...]:
    return tuple(chains)


@attrs.frozen(kw_only=True)
class Intake:
    """What many courses share, and each as a chain where it is one."""

    axis: Axis
    kinds: tuple[str, ...]
    profiles: tuple[Profile, ...]
    pools: tuple[tuple[Pool, ...], ...]
    """Of each day."""
    chains: tuple[Chain | None, ...] = attrs.field(converter=as_chains)
    """In the order of the courses."""

    def loads(self) -> Loads:
        """Return the clinic with nothing held but what others have booked."""
        return Loads(self.axis.fields, self.profiles, self.pools)


def intake(
    compiled: Sequence[Compiled],
    clinic: Clinic,
    moved: int = MOVED,
    *,
    whole_days: bool = False,
) -> Intake:
    """
    Return courses of one clinic on one axis.

    Args:
        whole_days: The slots are those of whole days, and not only those that chains can use.
    """
    stretch = _stretch([one.horizon for one in compiled])
    minutes = math.gcd(1440, *(one.problem.slot_minutes for one in compiled))
    for _, bookings in _booked(clinic):
        minutes = math.gcd(minutes, *(n for one in bookings for n in (one.start, one.end)))
    minutes = math.gcd(minutes, *(midnight for midnight in stretch.midnights))
    kinds: dict[str, int] = {}
    for place in clinic.places:
        kinds.setdefault(place.kind, len(kinds))
    places = len(kinds)
    for staff in clinic.staff:
        kinds.setdefault(staff.kind, len(kinds))
    shapes = _Shapes(kinds, places, minutes)
    drafts = [_Draft.of(one, stretch, minutes, shapes) for one in compiled]
    used = [part for draft in drafts if draft is not None for part in draft.parts()]
    listed = tuple(shapes.profiles)
    early = min([0, *(profile.first for profile in listed)])
    late = max([0, *(profile.end for profile in listed)])
    base = min([(part & -part).bit_length() - 1 for part in used], default=0) + early
    top = max([part.bit_length() for part in used], default=1) + late
    if whole_days:
        base, top = early, 1440 // minutes + late
    most = max(
        [sum(place.kind == kind for place in clinic.places) for kind in kinds]
        + [staff.units * clinic.whole(staff.kind) for staff in clinic.staff]
        + [units for p in listed for need in p.needs for _, _, units in need.stretches]
        + [1]
    )
    fields = Fields(top - base, most.bit_length() + 2)
    axis = Axis(horizon=stretch, minutes=minutes, base=base, fields=fields)
    spread = _Spread(axis)
    return Intake(
        axis=axis,
        kinds=tuple(kinds),
        profiles=listed,
        pools=tuple(_pools(clinic, axis, kinds)),
        chains=tuple(None if one is None else one.chain(spread, moved) for one in drafts),
    )


def _stretch(horizons: Sequence[Horizon]) -> Horizon:
    first = min(one.first for one in horizons)
    end = max(one.number_of(one.first) + (one.first - first).days + one.days for one in horizons)
    return Horizon(horizons[0].zone, first, end)


class _Spread:
    """Turns sets of slots of one day into sets of starts on the axis; equal ones are one."""

    def __init__(self, axis: Axis) -> None:
        self.axis = axis
        self._made: dict[int, int] = {0: 0}

    def __call__(self, part: int) -> int:
        found = self._made.get(part)
        if found is None:
            fields, base = self.axis.fields, self.axis.base
            found = self._made[part] = sum(fields.start(slot - base) for slot in members(part))
        return found


class _Shapes:
    """What visits of each shape hold, as profiles by number; worked out once for each shape."""

    def __init__(self, kinds: dict[str, int], places: int, minutes: int) -> None:
        self.kinds, self.places, self.minutes = kinds, places, minutes
        self.profiles: dict[Profile, int] = {}
        self._known: dict[tuple[Shape, Clinic], tuple[int, Profile] | None] = {}

    def __call__(self, shape: Shape, clinic: Clinic) -> tuple[int, Profile] | None:
        """Return a profile and its number; ``None`` where a visit needs somebody by name."""
        key = shape, clinic
        if key not in self._known:
            self._known[key] = self._of(shape, clinic)
        return self._known[key]

    def _of(self, shape: Shape, clinic: Clinic) -> tuple[int, Profile] | None:
        roles = {member.role for member in clinic.team}
        if any(kind in roles for kind in held(shape.stages, shape.tasks, None)):
            return None  # who, depends on all its stages
        profile = profile_of_shape(shape, clinic, self.kinds, self.places, self.minutes)
        return self.profiles.setdefault(profile, len(self.profiles)), profile


@attrs.frozen
class _Draft:
    """A course that will be a chain, once it is known where the day of all courses begins."""

    compiled: Compiled
    shift: int
    """Days from the first of the axis to the first of the course."""
    kinds: tuple[dict[int, int], ...]
    """The slots of each day at which visits of a kind can begin in an empty clinic."""
    kind_of: tuple[int, ...]
    profile_of: tuple[int, ...]
    days: int

    @classmethod
    def of(
        cls,
        compiled: Compiled,
        stretch: Horizon,
        minutes: int,
        shapes: _Shapes,
    ) -> _Draft | None:
        problem = compiled.problem
        if not _simple(compiled):
            return None
        owns: list[tuple[int, Profile]] = []
        for shape in compiled.shapes:
            own = shapes(shape, compiled.clinic)
            if own is None:
                return None
            owns.append(own)
        ratio = problem.slot_minutes // minutes
        shift = (compiled.horizon.first - stretch.first).days
        kind_of = numbered(
            (number, tuple([allowed.bits for allowed in item.slots]))
            for item, (number, _) in zip(problem.items, owns, strict=True)
        )
        sets: list[dict[int, int]] = []
        for item, kind, (_, profile) in zip(problem.items, kind_of, owns, strict=True):
            if kind < len(sets):
                continue
            bits = reduce(and_, (allowed.bits for allowed in item.slots))
            parts = {
                shift + day: _finer(part, ratio) for day, part in pieces(bits, problem.day_slots)
            }
            union = reduce(or_, parts.values(), 0)
            if union and _beyond(union, 1440 // minutes, profile.first, profile.end):
                return None
            sets.append(parts)
        profile_of = tuple(number for number, _ in owns)
        return cls(compiled, shift, tuple(sets), tuple(kind_of), profile_of, stretch.days)

    def parts(self) -> set[int]:
        """Return every set of slots of a day that it has."""
        return {part for kind in self.kinds for part in kind.values()}

    def chain(self, spread: _Spread, moved: int) -> Chain | None:
        problem = self.compiled.problem
        rules = rules_of(problem.lags)
        steps = None if rules is None else steps_of(len(problem.items), rules)
        if steps is None:
            return None
        starts = [self._starts(kind, spread) for kind in self.kinds]
        inhabited = [sum(1 << day for day in kind) for kind in self.kinds]
        stops = tuple(
            self._stop(item, kind, profile, starts[kind], inhabited[kind], spread)
            for item, kind, profile in zip(
                problem.items, self.kind_of, self.profile_of, strict=True
            )
        )
        name = self.compiled.agenda.course
        return Chain(name, stops, steps, len(self.kinds), moved)

    def _starts(self, kind: dict[int, int], spread: _Spread) -> tuple[int, ...]:
        found = [0] * self.days
        for day, part in kind.items():
            found[day] = spread(part)
        return tuple(found)

    def _stop(
        self,
        item: Item,
        kind: int,
        profile: int,
        starts: tuple[int, ...],
        inhabited: int,
        spread: _Spread,
    ) -> Stop:
        days = inhabited
        for allowed in item.days:
            days &= allowed.bits << self.shift
        costs: dict[int, int] = {}
        if item.day_targets:
            each = [_costs(t.window, t.unit, t.weight, self.days) for t in item.day_targets]
            for day in members(days):
                cost = sum(costs_of[day - self.shift] for costs_of in each)
                costs[cost] = costs.get(cost, 0) | 1 << day
        else:
            costs[0] = days
        known = None
        if item.announced is not None:
            # Where the day is over, or the start is not on the axis, no start is as known.
            known = (0, 0)
            slots = self.compiled.problem.day_slots
            at = item.announced.slot
            for day in range(len(slots) - 1):
                if slots[day] <= at < slots[day + 1]:
                    ratio = self.compiled.problem.slot_minutes // spread.axis.minutes
                    part = 1 << (at - slots[day]) * ratio
                    held_ = self.kinds[kind].get(day + self.shift, 0) & part
                    known = (day + self.shift, spread(held_))
        return Stop(profile, kind, starts, days, tuple(sorted(costs.items())), known)


@lru_cache(maxsize=256)
def _costs(window: Window, unit: int, weight: int, days: int) -> tuple[int, ...]:
    """Return what each day costs a target; courses that may begin on one day have these alike."""
    target = Target(window, None, unit, weight)
    return tuple([target.cost(day) for day in range(days)])


def _simple(compiled: Compiled) -> bool:
    """Tell whether a course may be a chain: days only, nothing that all visits decide together."""
    problem = compiled.problem
    return not (
        not problem.items
        or problem.preferences
        or problem.breach
        or any(due.open for due in compiled.dues)
        or any(item.slot_targets for item in problem.items)
        or rules_of(problem.lags) is None
    )


def profile_of_shape(
    shape: Shape, clinic: Clinic, kinds: dict[str, int], places: int, minutes: int
) -> Profile:
    """Return what a visit of a shape holds, in slots and shares; places are the first kinds."""
    needs = []
    for kind, stretches in held(shape.stages, shape.tasks, clinic).items():
        number = kinds.get(kind)
        if number is None:
            continue  # no start is left of such a visit
        if number < places:
            start, end = whole_of(stretches)
            stretches = ((start, end, 1),)
        cut = ((a // minutes, -(-b // minutes), units) for a, b, units in stretches)
        needs.append(Need(number, tuple((a, b - a, units) for a, b, units in cut)))
    return Profile(tuple(needs))


def _finer(part: int, ratio: int) -> int:
    return part if ratio == 1 else sum(1 << slot * ratio for slot in members(part))


def _beyond(part: int, slots: int, first: int, end: int) -> bool:
    """Tell whether a visit at any of some starts holds anything of another day."""
    low, high = (part & -part).bit_length() - 1, part.bit_length() - 1
    return low + min(first, 0) < 0 or high + max(end, 0) > slots


def _booked(clinic: Clinic) -> Iterator[tuple[str, tuple[Booking, ...]]]:
    """Yield each place and kind of staff by name, with its bookings."""
    for place in clinic.places:
        yield f"place {place.name}", place.booked
    for staff in clinic.staff:
        yield f"staff {staff.kind}", staff.booked


def _pools(clinic: Clinic, axis: Axis, kinds: dict[str, int]) -> Iterator[tuple[Pool, ...]]:
    """Yield the pools of each day: places of one kind that are booked alike, and staff."""
    booked: dict[str, dict[int, list[Booking]]] = {}
    for name, bookings in _booked(clinic):
        for booking in bookings:
            day = axis.horizon.number_of(booking.day)
            if not 0 <= day < axis.horizon.days:
                continue
            booked.setdefault(name, {}).setdefault(day, []).append(booking)
    free = _pool_day(clinic, axis, kinds, {})
    busy = {day for days in booked.values() for day in days}
    for day in range(axis.horizon.days):
        if day in busy:
            taken = {
                name: _taken(day, days[day], axis) for name, days in booked.items() if day in days
            }
            yield _pool_day(clinic, axis, kinds, taken)
        else:
            yield free


def _pool_day(
    clinic: Clinic, axis: Axis, kinds: dict[str, int], taken: dict[str, list[Fraction]]
) -> tuple[Pool, ...]:
    none = [Fraction()] * axis.fields.slots
    groups: dict[tuple[int, tuple[int, ...]], list[str]] = {}
    for place in clinic.places:
        free = tuple(int(not units) for units in taken.get(f"place {place.name}", none))
        groups.setdefault((kinds[place.kind], free), []).append(place.name)
    found = [
        Pool(kind, axis.fields.packed(len(names) * one for one in free), tuple(names))
        for (kind, free), names in groups.items()
    ]
    for staff in clinic.staff:
        whole = clinic.whole(staff.kind)
        left = (
            max(0, math.floor((staff.units - units) * whole))
            for units in taken.get(f"staff {staff.kind}", none)
        )
        found.append(Pool(kinds[staff.kind], axis.fields.packed(left)))
    return tuple(found)


def _taken(day: int, bookings: Iterable[Booking], axis: Axis) -> list[Fraction]:
    """Return how much is booked at each slot of a day, by real time from its midnight."""
    taken = [Fraction()] * axis.fields.slots
    midnight = axis.horizon.midnights[day]
    for booking in bookings:
        start = axis.horizon.local_tick(day, booking.start) - midnight
        end = axis.horizon.local_tick(day, booking.end, end=True) - midnight
        first, last = start // axis.minutes - axis.base, -(-end // axis.minutes) - axis.base
        for slot in range(max(first, 0), min(last, len(taken))):
            taken[slot] += Fraction(booking.units, booking.of)
    return taken
