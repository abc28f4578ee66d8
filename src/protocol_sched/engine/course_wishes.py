"""Wishes about all visits of a course together: one time of day or weekday, few escorts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from itertools import combinations
from operator import and_, or_

from protocol_sched.engine.candidates import Holder
from protocol_sched.engine.groundwork import Groundwork
from protocol_sched.engine.problem import Allowed, Item, Option, Penalty
from protocol_sched.model import causes
from protocol_sched.model.plain import WEEKDAYS


def course_wishes(ground: Groundwork, items: tuple[Item, ...]) -> Iterator[tuple[Option, ...]]:
    """Yield the options of each preference about all visits together."""
    preferences = ground.person.preferences
    for kind in dict.fromkeys(due.kind for due in ground.dues):
        visits = [n for n, due in enumerate(ground.dues) if due.kind == kind]
        if preferences.same_time and len(visits) > 1:
            yield tuple(_at_one_time(ground, kind, visits, items))
        if preferences.same_weekday and len(visits) > 1:
            yield tuple(_on_one_weekday(ground, kind, visits))
    ridden = [n for n, shape in enumerate(ground.shapes) if shape.escorted]
    if preferences.few_escorts and ridden and len(ground.person.escorts) > 1:
        yield tuple(_with_few_escorts(ground, ridden))


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


def _with_few_escorts(ground: Groundwork, visits: list[int]) -> Iterator[Option]:
    """Yield one option for each choice of escorts."""
    names = [escort.name for escort in ground.person.escorts]
    alike = _with_same_holders(ground, visits)
    for count in range(1, len(names) + 1):
        for some in combinations(names, count):
            cause = causes.FewEscorts(some)
            allowed: list[tuple[int, Allowed]] = []
            for holders, those in alike:
                free = (h.starts for h in holders if h.kind == "escort" and h.name in some)
                rule = Allowed(reduce(or_, free, 0), cause)
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
