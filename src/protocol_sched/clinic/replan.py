"""
All courses of a clinic planned again after something happened, with the fewest visits moved.

Those whose rules count days are searched together; any other stays where it can, and moves around
them where it cannot. A bound says how many visits any plan of all of them moves at the least.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from random import Random

import attrs

from protocol_sched.clinic.calls import calls_of
from protocol_sched.clinic.chains import Chain
from protocol_sched.clinic.courses import Case, Held, booked, holdings
from protocol_sched.clinic.fewest import Capacity, Holding, fewest_moves, holdings_of
from protocol_sched.clinic.intake import MOVED, Axis, Intake, intake
from protocol_sched.clinic.leaving import leaving
from protocol_sched.clinic.prices import demand_of, wanted
from protocol_sched.clinic.search import floors_of
from protocol_sched.clinic.seats import seats
from protocol_sched.clinic.seekers import (
    Answer,
    OfCase,
    answer_at,
    each_once,
    known_places,
    one_more,
)
from protocol_sched.clinic.signing import signed_together
from protocol_sched.clinic.staying import Staying, improve, settle
from protocol_sched.clinic.together import FURTHEST, Effort
from protocol_sched.engine.candidates import Calendars
from protocol_sched.engine.solvers.budget import Budget
from protocol_sched.engine.solvers.exact import solve
from protocol_sched.engine.solvers.result import Status
from protocol_sched.model.availability import Clinic
from protocol_sched.model.calls import Call
from protocol_sched.model.changes import Change, Replan
from protocol_sched.model.moments import utc
from protocol_sched.model.plain import as_tuple
from protocol_sched.model.typed import typed
from protocol_sched.planning.course import EFFORT

STANDARD = Effort(rounds=150, moves=3000)
FASTER = 4
"""Rounds of the bound with numpy for one without: many more would take as long."""
LATER = 42
"""How many days later than people know a course is looked for at first."""


@attrs.frozen(kw_only=True, field_transformer=typed)
class Moving:
    """How far the re-planning of a clinic has come."""

    doing: str
    """``search`` or ``bound``."""
    done: int
    of: int
    unplaced: int
    """Courses without a plan in the best so far."""
    moved: int
    """Visits it moves."""
    bound: int
    """What no plan of all of them can be under, as far as is known."""


Report = Callable[[Moving], bool | None]
"""Called now and then; ``False`` ends the work, and the best so far is the answer."""


@attrs.frozen(kw_only=True, field_transformer=typed)
class ClinicReplan:
    """A plan for every course after something happened, what it changes, and whom to call."""

    replans: tuple[Replan, ...] = attrs.field(converter=as_tuple)
    """In the order of the courses. One without a plan keeps what people know of it, and says what
    stands in its way beside all the others as they are now."""
    calls: tuple[Call, ...] = attrs.field(converter=as_tuple)
    """Everybody who knows something that is no longer so, in the order in which to call them."""
    bound: int
    """Visits that any plan of all these courses moves at the least."""

    @property
    def unplaced(self) -> tuple[str, ...]:
        """Return the keys of the courses without a plan."""
        plans = (one.plan for one in self.replans)
        return tuple(plan.agenda.course for plan in plans if plan.schedule is None)

    @property
    def elsewhere(self) -> tuple[tuple[str, Change], ...]:
        """Return the visits of each course that are as people know them but for their place."""
        return tuple(
            (one.plan.agenda.course, change)
            for one in self.replans
            for change in one.changes
            if change.only_elsewhere
        )

    @property
    def moved(self) -> int:
        """Return how many visits begin at another time than people know."""
        return sum(len(one.moved) for one in self.replans)

    @property
    def gap(self) -> int | None:
        """Return how many moves a better plan could save at most; 0 is proved to be the fewest.

        ``None`` where a course has no plan.
        """
        return None if self.unplaced else self.moved - self.bound


def replan_clinic(
    cases: Iterable[Case],
    clinic: Clinic,
    *,
    as_of: date,
    now: datetime | None = None,
    seed: int = 1,
    effort: Effort = STANDARD,
    report: Report | None = None,
    calendars: Calendars | None = None,
) -> ClinicReplan:
    """
    Plan all courses of a clinic again with the fewest visits moved: a nurse is ill, a chair is out
    of order, a day is closed.

    First as many courses as possible have a plan. Then the fewest visits move over all courses,
    then the fewest days are off target, then visits move as little as they can. What is pinned,
    given or past never moves.

    Args:
        cases: All courses that hold something of the clinic, with what people were told as events.
            Their order does not matter, but for what is equally good.
        clinic: With the bookings of everybody else, and what has just changed: units of staff
            booked, a chair booked, a closure.
        as_of: Today at the clinic.
        now: As for `replan_course`.
        seed: Another number leads the search elsewhere. The same one gives the same plan.
        effort: Counted steps.
        report: Told how far it has come, and asked whether to go on.
        calendars: As for `plan_course`.

    Returns:
        A plan for each course with what it changes, the list of people to call, and a bound.

    Raises:
        InvalidValue: Two courses have the same key.
        InvalidEvent, UnknownName: As for `plan_course`.
        InternalFault: A judge refuses a plan that was made.
    """
    listed = tuple(cases)
    kept = Calendars(256) if calendars is None else calendars
    seekers = [OfCase(case, clinic, as_of, now, kept) for case in listed]
    keys = each_once(seekers)
    if not keys:
        return ClinicReplan(replans=(), calls=(), bound=0)
    old = [holdings(case.course, as_of, clinic) for case in listed]
    compiled = [one.compiled for one in seekers]
    whole = intake(compiled, clinic)
    if None in whole.chains:
        whole = intake(compiled, clinic, whole_days=True)
    leave, loose, must = _who_leaves(whole, seekers, old)
    stay = {n: old[n] for n in loose if n not in leave}
    answers: dict[int, Answer] = {}
    held: dict[int, tuple[Held, ...]] = dict(stay)
    base, whole = whole, _around(whole, seekers, clinic, stay)
    work = _Work(whole, base, keys, seed, leave)
    work.go(effort, loose, must, report)
    names = seats(
        work.board.loads,
        {n: one.visits for n, one in sorted(work.board.placed.items())},
        known_places(seekers, work.board.placed),
    )
    late = []
    for n, one in sorted(work.board.placed.items()):
        chosen = answer_at(seekers[n], whole, n, one.visits, names, clinic, work.board.loads)
        if chosen is None:
            late.append(n)
        else:
            answers[n] = chosen
            held[n] = seekers[n].holds(chosen[0], clinic)
    # Those that are no chains stay where they can; last come those that found no room.
    rest = [n for n in range(len(keys)) if n not in answers and n not in late]
    order = sorted(rest, key=lambda n: (whole.chains[n] is not None, n not in stay, keys[n]))
    for n in (*late, *order):
        one_more(n, seekers[n], clinic, answers, held)
    plans = [answers[n][0] for n in range(len(keys))]
    signed_together(plans, seekers, clinic)
    replans = [
        Replan(plan=answers[n][0], changes=answers[n][1], unrecorded=answers[n][0].unrecorded)
        for n in range(len(keys))
    ]
    new = [held.get(n, old[n]) for n in range(len(keys))]
    return ClinicReplan(
        replans=replans, calls=calls_of(listed, replans, old, new, clinic), bound=work.bound
    )


def _around(
    whole: Intake, seekers: Sequence[OfCase], clinic: Clinic, stay: dict[int, tuple[Held, ...]]
) -> Intake:
    """Return the chains around what other courses hold that stay."""
    if not any(stay.values()):
        return whole
    around = booked(clinic, (one for each in stay.values() for one in each))
    again = intake([one.compiled for one in seekers], around)
    chains = [
        new if old is not None else None
        for old, new in zip(whole.chains, again.chains, strict=True)
    ]
    return attrs.evolve(again, chains=chains)


# --- who can stay -------------------------------------------------------------------------------


def _who_leaves(
    whole: Intake, seekers: Sequence[OfCase], old: Sequence[Sequence[Held]]
) -> tuple[set[int], dict[int, tuple[tuple[Holding, ...], ...]], int]:
    """
    Return the courses with visits that leave so that the others may stay.

    With them what the visits of courses that are no chains hold, by course, where each may stay as
    far as its own rules go; and how many visits of the others must move whatever all others do.
    """
    fields = whole.axis.fields
    loose: dict[int, tuple[tuple[Holding, ...], ...]] = {}
    leave: set[int] = set()
    must = 0
    visits: list[tuple[Holding, ...]] = []
    owner: list[int] = []
    for n, chain in enumerate(whole.chains):
        if chain is None:
            moves = _moves_alone(seekers[n])
            if moves == 0:
                loose[n] = tuple(_on_axis(old[n], whole, seekers[n].clinic))
            else:
                must += moves or 0
                leave.add(n)
            found = loose.get(n, ())
        else:
            found = tuple(
                tuple(holdings_of(whole.profiles[stop.profile], day, fields.slot(start)))
                for stop in chain.stops
                if stop.known is not None
                for day, start in (stop.known,)
                if start & stop.starts[day] and stop.days >> day & 1
            )
        visits += found
        owner += [n] * len(found)
    away = leaving(visits, Capacity(fields, whole.pools))
    leave |= {owner[v] for v in away}
    return leave, loose, must


def _moves_alone(seeker: OfCase) -> int | None:
    """Return how many visits a course moves with nobody beside it; ``None`` if it has no plan."""
    result = solve(seeker.compiled.problem, Budget(EFFORT))
    if result.starts is None:
        return None
    if result.change.moved and result.status is not Status.OPTIMAL:
        return 1
    return result.change.moved


def _on_axis(held: Iterable[Held], whole: Intake, clinic: Clinic) -> Iterable[tuple[Holding, ...]]:
    """Yield what a course holds, each stretch by itself, on the days and slots of all courses."""
    kinds = {kind: n for n, kind in enumerate(whole.kinds)}
    kind_of = {place.name: place.kind for place in clinic.places}
    axis = whole.axis
    by_start: dict[datetime, list[Holding]] = {}
    for one in held:
        kind = kinds.get(kind_of.get(one.name, one.name))
        if kind is not None:
            found = _slots(one, kind, axis)
            if found is not None:
                by_start.setdefault(utc(one.start), []).append(found)
    yield from (tuple(each) for each in by_start.values())


def _slots(one: Held, kind: int, axis: Axis) -> Holding | None:
    first, last = axis.horizon.tick(one.start), axis.horizon.tick(one.end)
    day = axis.horizon.day_of(first)
    if not 0 <= first < axis.horizon.midnights[-1]:
        return None
    midnight = axis.horizon.midnights[day]
    # Whole slots only, so that no more is counted than is held.
    low = -(-(first - midnight) // axis.minutes) - axis.base
    high = (last - midnight) // axis.minutes - axis.base
    return None if high <= low else (day, kind, low, high - low, one.units)


def _near(chain: Chain | None) -> Chain | None:
    """Return a chain that ends not much later than people know it to end, if they know it."""
    known = [] if chain is None else [one.known[0] for one in chain.stops if one.known is not None]
    if chain is None or not known:
        return chain
    days = (1 << max(known) + LATER + 1) - 1
    stops = []
    for stop in chain.stops:
        costs = ((cost, on & days) for cost, on in stop.costs)
        left = tuple((cost, on) for cost, on in costs if on)
        stops.append(attrs.evolve(stop, days=stop.days & days, costs=left or ((0, 0),)))
    return attrs.evolve(chain, stops=tuple(stops))


# --- the search ---------------------------------------------------------------------------------


class _Work:
    """The chains of a clinic, and how far the search for the fewest moves has come."""

    def __init__(
        self, whole: Intake, base: Intake, keys: Sequence[str], seed: int, leave: set[int]
    ) -> None:
        self.base = base
        """The clinic without what courses hold that are no chains."""
        chains = [_near(chain) for chain in whole.chains]
        longest = max((len(chain.stops) for chain in chains if chain is not None), default=0)
        self.ceiling = FURTHEST + longest * MOVED
        self.floors = floors_of(chains, whole.loads(), self.ceiling)
        for n, floor in enumerate(self.floors):
            if floor is None and whole.chains[n] is not None:
                chains[n] = whole.chains[n]
                self.floors[n] = floors_of(chains[n : n + 1], whole.loads(), self.ceiling)[0]
        able = [n for n, floor in enumerate(self.floors) if floor is not None]
        fields, days = whole.axis.fields, whole.axis.horizon.days
        demand = demand_of(fields, whole.profiles, chains, days)
        prices = wanted(fields, demand, days)
        self.board = Staying(chains, whole.loads(), prices, Random(seed), self.floors)
        self.able = able
        self.bound = 0
        settle(
            self.board,
            sorted(able, key=lambda n: (self.floors[n], keys[n])),
            sorted((n for n in leave if n in set(able)), key=lambda n: keys[n]),
            self.ceiling,
        )

    def go(
        self,
        effort: Effort,
        loose: dict[int, tuple[tuple[Holding, ...], ...]],
        must: int,
        report: Report | None,
    ) -> None:
        """Search, find the bound, and search on as long as that may gain anything."""
        on = True

        def tell(doing: str, done: int, of: int, unplaced: int, moved: int) -> bool:
            nonlocal on
            if report is not None and on:
                now = Moving(
                    doing=doing, done=done, of=of, unplaced=unplaced, moved=moved, bound=self.bound
                )
                on = report(now) is not False
            return on

        def searched(steps: int, from_: int) -> None:
            improve(
                self.board,
                steps,
                ceiling=self.ceiling,
                fewest=self.bound - must,
                report=lambda done, unplaced, moved: tell(
                    "search", from_ + done, effort.moves, unplaced, moved
                ),
            )

        first = effort.moves // 3
        searched(first, 0)
        if on and effort.rounds:
            chains = [chain for n in self.able if (chain := self.base.chains[n]) is not None]
            visits = [visit for each in loose.values() for visit in each]
            self.bound = must + _fewest(
                self.base, chains, visits, self.board.moved or 1, effort.rounds
            )
        if on:
            searched(effort.moves - first, first)


def _fewest(
    base: Intake,
    chains: Sequence[Chain],
    loose: Sequence[Sequence[Holding]],
    goal: int,
    rounds: int,
) -> int:
    """Return how many visits any plan moves at the least."""
    what = (base.axis.fields, base.profiles, base.pools)
    if not loose:
        try:
            from protocol_sched.clinic.fewest_fast import fewest_moves_of
        except ModuleNotFoundError:  # numpy is an extra
            pass
        else:
            staffed = {pool.kind for day in base.pools for pool in day if not pool.names}
            places = len(base.kinds) - len(staffed)
            return fewest_moves_of(
                chains,
                *what,
                places=places,
                kinds=len(base.kinds),
                goal=goal,
                rounds=FASTER * rounds,
            )
    return fewest_moves(chains, loose, *what, goal=goal, rounds=rounds)
