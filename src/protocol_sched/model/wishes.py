"""How far each of a person's preferences is met in a schedule, counted visit by visit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from itertools import pairwise

import attrs

from protocol_sched.model.availability import Person, Preferences
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.schedule import Schedule, Visit


@attrs.frozen
class Wish:
    """One preference, and how often it is met: of so many visits, distances or escorts."""

    which: str
    """The name of its field in `Preferences`."""
    met: int
    of: int

    @property
    def unmet(self) -> int:
        """Return what it costs in preferences not met."""
        return self.of - self.met


def wishes_of(schedule: Schedule, person: Person) -> tuple[Wish, ...]:
    """
    Return each preference the person has, in the order of their fields, with how far it is met.

    Moments are read on the clock that the visits show, as in the plan. What a person
    insists on is no preference beside it.
    """
    return tuple(_wishes(schedule, person)) if schedule.visits else ()


def _wishes(schedule: Schedule, person: Person) -> Iterator[Wish]:
    wanted, visits = person.preferences, schedule.visits
    alone: tuple[tuple[str, object, Callable[[Visit], bool]], ...] = (
        ("weekdays", wanted.weekdays, lambda one: WEEKDAYS[one.day.weekday()] in wanted.weekdays),
        ("earliest", wanted.earliest is not None, lambda one: not _too_early(one, wanted)),
        ("latest", wanted.latest is not None, lambda one: not _too_late(one, wanted)),
        ("hours", wanted.hours is not None, lambda one: _inside(one, wanted)),
    )
    for which, asked, good in alone:
        if asked:
            yield Wish(which, sum(map(good, visits)), len(visits))
    if wanted.same_time:
        yield _alike("same_time", visits, lambda one: _minutes(one.start.timetz()))
    if wanted.same_weekday and not person.requires.same_weekday:
        yield _alike("same_weekday", visits, lambda one: one.day.weekday())
    escorts = {one.escort for one in visits if one.escort is not None}
    if wanted.few_escorts and escorts:
        yield Wish("few_escorts", 1, len(escorts))
    if wanted.not_two_days_running and not person.requires.not_two_days_running:
        yield _apart(schedule)
    if wanted.evenly_spread:
        yield _spread(visits)


def _alike(which: str, visits: Iterable[Visit], of: Callable[[Visit], object]) -> Wish:
    """Count the visits of each type that are as most of it are."""
    kinds: dict[str, Counter[object]] = {}
    for one in visits:
        kinds.setdefault(one.kind, Counter())[of(one)] += 1
    met = sum(max(count.values()) for count in kinds.values())
    return Wish(which, met, sum(count.total() for count in kinds.values()))


def _apart(schedule: Schedule) -> Wish:
    """Count pairs of neighbours in time, and those of them on two days running."""
    days = sorted(
        [(one.day, True) for one in schedule.visits]
        + [(one.on, False) for one in schedule.past if one.kind]
    )
    running = sum(
        1
        for n, (day, planned) in enumerate(days)
        for other, too in days[n + 1 :]
        if other - day == timedelta(days=1) and (planned or too)
    )
    pairs = max(sum(planned or too for (_, planned), (_, too) in pairwise(days)), running)
    return Wish("not_two_days_running", pairs - running, pairs)


def _spread(visits: Iterable[Visit]) -> Wish:
    """Count the distances within each phase, and those that are as most are or a day more."""
    met = count = 0
    phases: dict[str, list[int]] = {}
    for one in visits:
        phases.setdefault(one.phase, []).append(one.day.toordinal())
    for days in phases.values():
        gaps = Counter(b - a for a, b in pairwise(sorted(days)))
        met += max((gaps[gap] + gaps[gap + 1] for gap in gaps), default=0)
        count += gaps.total()
    return Wish("evenly_spread", met, count)


def _minutes(clock: object) -> str:
    return str(clock)[:5]


def _too_early(visit: Visit, wanted: Preferences) -> bool:
    minute = visit.start.hour * 60 + visit.start.minute
    return wanted.earliest is not None and minute < wanted.earliest


def _too_late(visit: Visit, wanted: Preferences) -> bool:
    return wanted.latest is not None and _end(visit) > wanted.latest


def _end(visit: Visit) -> int:
    """Return when a visit is over, in minutes on the clock after the midnight it began after."""
    end = visit.discharge_by
    return (end.date() - visit.day).days * 24 * 60 + end.hour * 60 + end.minute


def _inside(visit: Visit, wanted: Preferences) -> bool:
    hours = wanted.hours
    start = visit.start.hour * 60 + visit.start.minute
    return hours is not None and any(
        first <= start and _end(visit) <= last for first, last in hours.on(visit.day)
    )
