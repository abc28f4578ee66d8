"""
What a person wishes for or insists on about several visits of a course at once.

One time of day or weekday, few escorts or one, visits evenly spread, not two days running.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from itertools import combinations, pairwise
from operator import and_, or_

from protocol_sched.engine.candidates import Holder
from protocol_sched.engine.groundwork import Groundwork
from protocol_sched.engine.order import Order
from protocol_sched.engine.problem import (
    Allowed,
    GapPenalty,
    Item,
    Lag,
    Option,
    Penalty,
    Required,
    TableLag,
    Window,
)
from protocol_sched.model import causes
from protocol_sched.model.plain import WEEKDAYS

RUNNING = ("preferences", "not_two_days_running")
"""The origin of what two visits on two days running cost."""


def course_wishes(
    ground: Groundwork, items: tuple[Item, ...], lags: tuple[Lag, ...]
) -> Iterator[tuple[Option, ...]]:
    """Yield the options of each preference about all visits together."""
    preferences, requires = ground.person.preferences, ground.person.requires
    for kind in dict.fromkeys(due.kind for due in ground.dues):
        visits = [n for n, due in enumerate(ground.dues) if due.kind == kind]
        if preferences.same_time and len(visits) > 1:
            yield tuple(_at_one_time(ground, kind, visits, items))
        if preferences.same_weekday and not requires.same_weekday and len(visits) > 1:
            yield tuple(_on_one_weekday(ground, kind, visits))
    ridden = [n for n, shape in enumerate(ground.shapes) if shape.escorted]
    several = len(ground.person.escorts) > 1 and not requires.one_escort
    if preferences.few_escorts and ridden and several:
        yield tuple(_with_few_escorts(ground, ridden, len(ground.person.escorts)))
    if preferences.evenly_spread:
        order = Order(len(items), lags)
        for phase in dict.fromkeys(due.phase for due in ground.dues):
            some = [n for n, due in enumerate(ground.dues) if due.phase == phase]
            if len(some) > 2:
                yield tuple(_evenly_spread(ground, phase, order.listed(some)))


def required(ground: Groundwork) -> Iterator[Required]:
    """Yield each limit about several visits that one of some options has to meet."""
    requires, who = ground.person.requires, ground.person.name
    for kind in dict.fromkeys(due.kind for due in ground.dues):
        visits = [n for n, due in enumerate(ground.dues) if due.kind == kind]
        if requires.same_weekday and len(visits) > 1:
            options = tuple(_only_on_one_weekday(ground, kind, visits))
            yield Required(options, causes.OneWeekday(who))
    ridden = [n for n, shape in enumerate(ground.shapes) if shape.escorted]
    if requires.one_escort and ridden and len(ground.person.escorts) > 1:
        yield Required(tuple(_with_few_escorts(ground, ridden, 1)), causes.OneEscort(who))


def not_running(ground: Groundwork, lags: tuple[Lag, ...]) -> Iterator[TableLag]:
    """Yield what keeps visits off dates that follow each other, where the person insists."""
    if ground.person.requires.not_two_days_running:
        cause = causes.NotTwoDaysRunning(ground.person.name)
        for gap in _neighbours(ground, lags):
            yield barred(gap, ground.horizon.days, cause)


def barred(gap: GapPenalty, days: int, origin: object) -> TableLag:
    """Return a wish not to be at some distances as a limit."""
    window = Window(holes=frozenset(range(gap.first, gap.last + 1)))
    return TableLag(gap.earlier, gap.later, (window,) * days, origin)


def running(ground: Groundwork, lags: tuple[Lag, ...]) -> Iterator[GapPenalty]:
    """Yield what visits on dates that follow each other cost, where the person minds."""
    requires, preferences = ground.person.requires, ground.person.preferences
    if preferences.not_two_days_running and not requires.not_two_days_running:
        yield from _neighbours(ground, lags)


def _neighbours(ground: Groundwork, lags: tuple[Lag, ...]) -> Iterator[GapPenalty]:
    """Yield one distance of one day for each two visits that no rule keeps two dates apart."""
    order = Order(len(ground.dues), lags)
    for a, b in combinations(range(len(ground.dues)), 2):
        if (order.apart[a] >> b | order.apart[b] >> a) & 1:
            continue
        if not order.after[b] >> a & 1:
            yield GapPenalty(a, b, 1, 1, True, RUNNING)
        if not order.after[a] >> b & 1:
            yield GapPenalty(a, b, -1, -1, True, RUNNING)


def _evenly_spread(ground: Groundwork, phase: str, visits: list[int]) -> Iterator[Option]:
    """
    Yield one option for each number of days that can lie between visits.

    Of two distances or more one is at most half of all dates, so more days serve no better.
    """
    for days in range(ground.horizon.days // 2 + 1):
        cause = causes.EvenlySpread(phase, days)
        gaps = tuple(
            GapPenalty(a, b, days, days + 1, False, cause)
            if a < b
            else GapPenalty(b, a, -days - 1, -days, False, cause)
            for a, b in pairwise(visits)
        )
        yield Option(0, (), (), cause, gaps=gaps)


def _at_one_time(
    ground: Groundwork, kind: str, visits: list[int], items: tuple[Item, ...]
) -> Iterator[Option]:
    """Yield one option for each time of day at which one of the visits could begin."""
    starts = 0
    for bits in {reduce(and_, (one.bits for one in items[n].slots)) for n in visits}:
        starts |= bits
    for minute, slots in ground.slots.by_clock(starts):
        cause = causes.SameTime(kind, minute)
        penalty = Penalty(ground.slots.all & ~slots, 1, cause)
        yield Option(0, (), tuple((n, penalty) for n in visits), cause)
    if not starts:
        yield Option(0, (), (), causes.SameTime(kind, 0))


def _on_one_weekday(ground: Groundwork, kind: str, visits: list[int]) -> Iterator[Option]:
    """Yield one option for each weekday."""
    for name in WEEKDAYS:
        cause = causes.SameWeekday(kind, name)
        others = ground.slots.all & ~ground.slots.on_weekdays((name,))
        penalty = Penalty(others, 1, cause)
        yield Option(0, (), tuple((n, penalty) for n in visits), cause)


def _only_on_one_weekday(ground: Groundwork, kind: str, visits: list[int]) -> Iterator[Option]:
    """Yield one option for each weekday, on which all of them are."""
    for name in WEEKDAYS:
        cause = causes.SameWeekday(kind, name)
        own = ground.slots.on_weekdays((name,))
        rule = Allowed(own, causes.OneWeekday(ground.person.name))
        yield Option(0, tuple((n, rule) for n in visits), (), cause)


def _with_few_escorts(ground: Groundwork, visits: list[int], most: int) -> Iterator[Option]:
    """Yield one option for each choice of escorts, so many of them at the most."""
    names = [escort.name for escort in ground.person.escorts]
    alike = _with_same_holders(ground, visits)
    for count in range(1, most + 1):
        for some in combinations(names, count):
            cause = causes.FewEscorts(some)
            allowed: list[tuple[int, Allowed]] = []
            for holders, those in alike:
                free = (h.starts for h in holders if h.kind == "escort" and h.name in some)
                insisted = ground.person.requires.one_escort
                origin = causes.EscortFree(some) if insisted else cause
                rule = Allowed(reduce(or_, free, 0), origin)
                allowed += [(n, rule) for n in those]
            known = ((n, ground.keep.get(ground.dues[n].id)) for n in visits)
            others = tuple(n for n, keep in known if keep and keep.escort not in (None, *some))
            yield Option(count - 1, tuple(sorted(allowed, key=_place)), (), cause, others)


def _with_same_holders(
    ground: Groundwork, visits: Iterable[int]
) -> list[tuple[tuple[Holder, ...], list[int]]]:
    """Return visits together with those that could have the same places and escorts."""
    alike: list[tuple[tuple[Holder, ...], list[int]]] = []
    for n in visits:
        own = ground.own_holders(ground.dues[n], ground.shapes[n])
        those = next((those for holders, those in alike if holders == own), None)
        if those is None:
            alike.append((own, [n]))
        else:
            those.append(n)
    return alike


def _place(allowed: tuple[int, Allowed]) -> int:
    return allowed[0]
