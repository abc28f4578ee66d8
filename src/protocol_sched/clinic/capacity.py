"""
How many new courses a week a clinic carries, and which resource runs out first.

Courses of a mix ask week after week, each is put in at its best dates on what is left when it
asks, and nobody moves for those who come later. A rate is carried if everybody has a whole plan
and nobody waits much longer than they would in an empty clinic: where more come than a clinic can
take, waits grow from week to week.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from heapq import heappop, heappush
from random import Random

import attrs

from protocol_sched.clinic.cheapest import cheapest
from protocol_sched.clinic.courses import Case
from protocol_sched.clinic.intake import Intake, intake
from protocol_sched.clinic.loads import Held, Loads, Pool
from protocol_sched.clinic.prices import Prices, demand_of, wanted
from protocol_sched.clinic.search import Board
from protocol_sched.clinic.seats import seats
from protocol_sched.engine.candidates import Calendars
from protocol_sched.engine.compiler import Compiled
from protocol_sched.errors import InvalidValue
from protocol_sched.model.availability import Clinic
from protocol_sched.model.clinic_capacity import Chances, ClinicCapacity, KindLoad
from protocol_sched.model.open_days import open_windows
from protocol_sched.model.typed import typed
from protocol_sched.planning.course import road_of

MOST = 1000
"""No more new courses a week are asked about."""
FURTHEST = 400
"""The most days off target that one course may have together."""
LATE = 15
"""Minutes after which a visit counts as late."""


@attrs.frozen(kw_only=True, field_transformer=typed)
class Share:
    """A part of a mix: courses like this one, so many of all."""

    case: Case
    """What has happened in it, and its first date, are passed over."""
    weight: int = 1

    def __attrs_post_init__(self) -> None:
        if self.weight < 1:
            raise InvalidValue("share", "weight", str(self.weight), "1 or more")


def capacity(
    clinic: Clinic,
    mix: Iterable[Share],
    *,
    as_of: date,
    weeks: int = 52,
    within: int = 14,
    chances: Chances | None = None,
    seed: int = 1,
    report: Callable[[int], bool | None] | None = None,
) -> ClinicCapacity:
    """
    Return how many new courses a week of a mix a clinic carries.

    Args:
        clinic: Its bookings are what others hold already.
        mix: Courses whose rules count days. They come in turn, as often as their weights say,
            spread evenly over each week.
        as_of: Courses ask from the next Monday on.
        weeks: For how many weeks they ask. Visits may come after that.
        within: How many days later than in an empty clinic a course may begin, and a visit that
            was missed may be made up for.
        chances: Visits missed and visits that take longer; none by default.
        seed: Of what is drawn. The same one gives the same answer.
        report: Told each rate before it is tried; ``False`` ends the search, and the largest rate
            known to be carried is the answer.

    Raises:
        InvalidValue: The mix is empty, ``weeks`` or ``within`` is out of range, or a course of the
            mix has rules in hours, months or about the whole course, or no plan in the empty
            clinic.
    """
    shares = tuple(mix)
    if not shares:
        raise InvalidValue("capacity", "mix", "nothing", "one course or more")
    if not 1 <= weeks <= 104:
        raise InvalidValue("capacity", "weeks", str(weeks), "from 1 to 104")
    if within < 0:
        raise InvalidValue("capacity", "within", str(within), "0 or more")
    year = _Year(clinic, shares, as_of, weeks, within, chances or Chances(), seed)
    on = True

    def tried(rate: int) -> _Outcome | None:
        nonlocal on
        if on and report is not None:
            on = report(rate) is not False
        return year.outcome(rate) if on else None

    best, low, high = year.outcome(0), 0, 1
    failed: _Outcome | None = None
    while high <= MOST and (found := tried(high)) is not None:
        if not found.carried:
            failed = found
            break
        best, low, high = found, high, 2 * high
    while failed is not None and high - low > 1 and (found := tried((low + high) // 2)) is not None:
        if found.carried:
            best, low = found, (low + high) // 2
        else:
            failed, high = found, (low + high) // 2
    late = failed is not None and failed.only_late
    return ClinicCapacity(
        rate=low,
        weeks=weeks,
        within=within,
        binding=() if failed is None or late else year.binding(high),
        overruns=late,
        loads=year.loads(best),
        waits=best.waits,
        beyond=() if failed is None else failed.waits,
        visits=len(best.held),
        missed=best.missed,
        late=best.late,
    )


@attrs.frozen(kw_only=True, eq=False)
class _Outcome:
    """What became of all who asked."""

    carried: bool
    only_late: bool
    """Everybody had room in time, and too many visits began late."""
    waits: tuple[int, ...]
    held: tuple[Held, ...]
    missed: int
    late: int


class _Year:
    """A clinic, a mix, and every course of it on every day that one may ask on."""

    def __init__(
        self,
        clinic: Clinic,
        shares: Sequence[Share],
        as_of: date,
        weeks: int,
        within: int,
        chances: Chances,
        seed: int,
    ) -> None:
        self.clinic, self.shares = clinic, shares
        self.weeks, self.within, self.chances, self.seed = weeks, within, chances, seed
        self.monday = as_of + timedelta(days=-as_of.weekday() % 7)
        self.order = _in_turn([share.weight for share in shares])
        calendars = Calendars(256)
        compiled = [
            self._asked(share.case, self.monday + timedelta(days=n), calendars)
            for share in shares
            for n in range(7 * weeks)
        ]
        self.whole: Intake = intake(compiled, clinic)
        horizon = self.whole.axis.horizon
        self.first = horizon.number_of(self.monday)
        self.alone: list[int] = []
        empty = self.whole.loads()
        for chain, one in zip(self.whole.chains, compiled, strict=True):
            key = one.agenda.course
            if chain is None:
                raise InvalidValue("capacity", "mix", key, "courses whose rules count days")
            dates = cheapest(chain, empty, FURTHEST, lambda _stop, _day: 0.0)
            if dates is None:
                raise InvalidValue("capacity", "mix", key, "courses with a plan in the clinic")
            self.alone.append(dates.days[0])
        fields = self.whole.axis.fields
        demand = demand_of(fields, self.whole.profiles, self.whole.chains, horizon.days)
        self.prices: Prices = wanted(fields, demand, horizon.days)

    def _asked(self, case: Case, day: date, calendars: Calendars) -> Compiled:
        course = attrs.evolve(case.course, events=(), not_before=day, finish_by=None)
        road = road_of(course, self.clinic, case.person, day, None, calendars=calendars)
        return road.laid_out()

    def outcome(self, rate: int, more: Iterable[str] = ()) -> _Outcome:
        """
        Return what becomes of all if so many ask each week.

        Args:
            more: Kinds of which there is twice as much; then nothing is said of who is late.
        """
        loads = self._loads(frozenset(more))
        board = Board(self.whole.chains, loads, self.prices, Random(self.seed), [])
        waits = [0] * self.weeks
        week = 0
        everyone: list[tuple[int, int]] = []  # the day on which each asks, and the chain
        for week in range(self.weeks):
            for n in range(rate):
                day = 7 * week + 7 * n // rate
                share = self.order[(week * rate + n) % len(self.order)]
                everyone.append((day, share * 7 * self.weeks + day))
        # In order of time: who asks, and visits that are missed and made up for.
        queue: list[tuple[int, int, int, int]] = []
        for n, (day, _) in enumerate(everyone):
            heappush(queue, (self.first + day, 1, n, 0))
        visits: dict[int, list[Held]] = {}
        missed, carried = 0, True
        gone: set[tuple[int, int]] = set()
        while queue and carried:
            day, asks, n, k = heappop(queue)
            if not asks:
                missed += 1
                gone.add((n, k))
                carried = self._made_up(loads, n, k, everyone[n][1], visits, queue)
                continue
            number = everyone[n][1]
            dates = board.look(number, FURTHEST)
            week = everyone[n][0] // 7
            if dates is None:
                carried = False
                waits[week] = max(waits[week], self.within + 1)
                continue
            board.put(number, dates)
            placed = board.placed.pop(number)
            visits[n] = list(placed.visits)
            waits[week] = max(waits[week], dates.days[0] - self.alone[number])
            carried = waits[week] <= self.within
            for k, held in enumerate(placed.visits):
                if self._draws(n, k, 0) < self.chances.no_show:
                    heappush(queue, (held.day, 0, n, k))
        late = 0
        if carried and not more and self.chances.overrun:
            late = self._late(loads, visits, gone)
        all_of = tuple(one for each in visits.values() for one in each)
        timely = late <= self.chances.late * len(all_of)
        return _Outcome(
            carried=carried and timely,
            only_late=carried and not timely,
            waits=tuple(waits if carried else waits[: week + 1]),
            held=all_of,
            missed=missed,
            late=late,
        )

    def _made_up(
        self,
        loads: Loads,
        n: int,
        k: int,
        number: int,
        visits: Mapping[int, list[Held]],
        queue: list[tuple[int, int, int, int]],
    ) -> bool:
        """Give a visit that was missed room once more; tell whether there was any in time."""
        chain = self.whole.chains[number]
        assert chain is not None
        was = visits[n][k]
        stop = chain.stops[min(k, len(chain.stops) - 1)]
        for day in range(was.day + 1, min(was.day + self.within + 1, len(stop.starts))):
            free = stop.starts[day] & loads.room(was.profile, day)
            if free:
                visits[n].append(loads.hold(was.profile, day, free & -free))
                last = len(visits[n]) - 1
                if self._draws(n, last, 0) < self.chances.no_show:
                    heappush(queue, (day, 0, n, last))
                return True
        return False

    def _draws(self, n: int, k: int, what: int) -> float:
        """Return a number for a visit, the same at every rate, from 0 to 1."""
        return Random((self.seed * 1_000_003 + n) * 4096 + 2 * k + what).random()

    def _late(
        self, loads: Loads, visits: Mapping[int, list[Held]], gone: set[tuple[int, int]]
    ) -> int:
        """Return how many visits begin late where those before them take longer."""
        names = seats(loads, visits, {})
        fields, minutes = loads.fields, self.whole.axis.minutes
        rows: dict[tuple[int, str], list[tuple[int, int, int, int]]] = {}
        for (n, k, need), name in names.items():
            one = visits[n][k]
            first, count, _ = loads.profiles[one.profile].needs[need].stretches[0]
            start = (fields.slot(one.start) + first) * minutes
            rows.setdefault((one.day, name), []).append((start, start + count * minutes, n, k))
        found: set[tuple[int, int]] = set()
        for row in rows.values():
            free = -1
            for start, end, n, k in sorted(row):
                if (n, k) in gone:
                    continue
                begins = max(start, free)
                if begins - start > LATE:
                    found.add((n, k))
                longer = self._draws(n, k, 1) < self.chances.overrun
                free = begins + end - start + (self.chances.overrun_minutes if longer else 0)
        return len(found)

    def _loads(self, more: frozenset[str]) -> Loads:
        if not more:
            return self.whole.loads()
        twice = {n for n, kind in enumerate(self.whole.kinds) if kind in more}
        known: dict[tuple[Pool, ...], tuple[Pool, ...]] = {}
        for pools in self.whole.pools:
            if pools not in known:
                known[pools] = tuple(
                    # Every field has room for twice of what there is, and a bit to guard it.
                    attrs.evolve(pool, capacity=2 * pool.capacity) if pool.kind in twice else pool
                    for pool in pools
                )
        days = [known[pools] for pools in self.whole.pools]
        return Loads(self.whole.axis.fields, self.whole.profiles, days)

    def binding(self, rate: int) -> tuple[str, ...]:
        """Return the kinds of which twice as much would carry a rate."""
        used = {need.kind for profile in self.whole.profiles for need in profile.needs}
        kinds = [kind for n, kind in enumerate(self.whole.kinds) if n in used]
        alone = tuple(kind for kind in kinds if self.outcome(rate, [kind]).carried)
        if alone or not self.outcome(rate, kinds).carried:
            return alone
        needed = list(kinds)
        for kind in kinds:
            rest = [one for one in needed if one != kind]
            if self.outcome(rate, rest).carried:
                needed = rest
        return tuple(needed)

    def loads(self, outcome: _Outcome) -> tuple[KindLoad, ...]:
        """Return how much of each kind is taken in each week."""
        axis, kinds = self.whole.axis, self.whole.kinds
        there = [[0.0] * self.weeks for _ in kinds]
        taken = [[0.0] * self.weeks for _ in kinds]
        mask = (1 << axis.fields.width) - 1
        for day in range(7 * self.weeks):
            on = self.monday + timedelta(days=day)
            for start, end in open_windows(self.clinic, on):
                first = start // axis.minutes - axis.base
                last = end // axis.minutes - axis.base
                for slot in range(max(first, 0), min(last, axis.fields.slots)):
                    for pool in self.whole.pools[self.first + day]:
                        units = pool.capacity >> slot * axis.fields.width & mask
                        there[pool.kind][day // 7] += units
        for one in outcome.held:
            week = (one.day - self.first) // 7
            if 0 <= week < self.weeks:
                for need in self.whole.profiles[one.profile].needs:
                    taken[need.kind][week] += sum(n * units for _, n, units in need.stretches)
        return tuple(
            KindLoad(
                kind=kind,
                weeks=[t / all_of if all_of else 0.0 for t, all_of in zip(*both, strict=True)],
            )
            for kind, *both in zip(kinds, taken, there, strict=True)
        )


def _in_turn(weights: Sequence[int]) -> list[int]:
    """Return whose turn it is, each as often as its weight says, as evenly as can be."""
    common = math.gcd(*weights)
    parts = [weight // common for weight in weights]
    total = sum(parts)
    given = [0] * len(parts)
    found = []
    for n in range(1, total + 1):
        k = max(range(len(parts)), key=lambda k: (parts[k] * n / total - given[k], -k))
        given[k] += 1
        found.append(k)
    return found
