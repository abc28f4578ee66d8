"""
Times conflicts of random impossible courses, each checked first: minimal and complete.

A course is impossible by what happens to it at random: closures, fixed visits, few hours of an
escort, commitments, booked chairs, a last date. With its named rules alone, all others dropped
from the agenda and the calendars, there must be no room; with any one of them dropped too there
must be. That is judged without costs and without the search for conflicts, by
`engine.solvers.feasible`, which the tests hold against the full solver. ``--count`` courses are
timed, ``--checked`` of them checked.

Run from the checkout: ``PYTHONPATH=tests python benchmarks/explain.py``.
"""

from __future__ import annotations

import argparse
from datetime import date, datetime, timedelta
from random import Random
from statistics import median
from time import perf_counter
from zoneinfo import ZoneInfo

import attrs
from made import FIRST, WEEK, booked, series

from dropping import only, possible
from protocol_sched import Clinic, Escort, Person
from protocol_sched.engine.compiler import Compiled, compile_agenda
from protocol_sched.engine.horizon import horizon
from protocol_sched.model.agenda import FixedAt, NotAfter, NotBefore, Rules
from protocol_sched.model.availability import Commitment, DatedHours, Hours, Place
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.planning.conflicts import conflicts
from worlds import World

YEAR = timedelta(days=366)


def world(seed: int) -> World:
    """Return a course of some visits with some things in its way."""
    random = Random(seed)
    count = random.choice((3, 4, 6, 6, 8, 12))
    days = random.choice((21, 30, 60, 120, 366))
    agenda, protocol = series(count)
    clinic = Clinic(
        name="Made-up Clinic",
        zone=_zone(),
        hours=Hours.of(dict(random.sample(list(WEEK.items()), random.choice((3, 4, 5, 5, 5))))),
        closures=[
            DatedHours(first=FIRST + timedelta(days=random.randrange(21)), why=f"closure {n}")
            for n in range(random.randrange(5))
        ],
        places=[
            Place(name=f"chair {n}", kind="chair", booked=booked(seed + n, days, 60))
            for n in range(random.choice((1, 1, 2, 4)))
        ],
        grid=15,
    )
    person = Person(
        key="p1",
        away=[
            DatedHours(first=FIRST + timedelta(days=random.randrange(21)))
            for _ in range(random.randrange(4))
        ],
        commitments=[
            Commitment(what=f"commitment {n}", hours=Hours.of(_some_hours(random)))
            for n in range(random.randrange(3))
        ],
        escorts=[
            Escort(name=f"escort {n}", available=Hours.of(_some_hours(random)))
            for n in range(random.choice((1, 1, 2)))
        ],
    )
    names = [due.id for due in agenda.dues]
    rules: list[Rules] = [NotBefore(rule="start", visit=names[0], day=FIRST)]
    if random.random() < 0.5:
        last = FIRST + timedelta(days=random.randrange(2 * count, 8 * count))
        rules += [NotAfter(rule="finish", visit=name, day=last) for name in names]
        days = min(days, (last - FIRST).days + 1)
    for name in random.sample(names, random.choice((0, 0, 0, 1, 2))):
        day = FIRST + timedelta(days=random.randrange(days if days < 30 else 30))
        start = datetime(day.year, day.month, day.day, random.randrange(8, 15), tzinfo=_zone())
        rules.append(FixedAt(rule="pinned", visit=name, start=start))
    agenda = attrs.evolve(agenda, bindings=(*agenda.bindings, *rules))
    return World(agenda, clinic, person, protocol, FIRST, FIRST + timedelta(days=days - 1))


def _zone() -> ZoneInfo:
    return ZoneInfo("America/New_York")


def _some_hours(random: Random) -> dict[str, str]:
    some = random.sample(WEEKDAYS[:5], random.choice((2, 3, 4, 5)))
    return {day: f"{random.randint(8, 12):02d}:00-{random.randint(13, 18):02d}:00" for day in some}


def compiled(one: World, first: date, last: date) -> Compiled:
    """Compile a world for some dates."""
    dates = horizon(one.clinic.zone, first, last)
    return compile_agenda(one.agenda, one.protocol, one.clinic, one.person, dates)


def main() -> None:
    """Print how long conflicts took and what was checked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--checked", type=int, default=1000)
    options = parser.parse_args()
    taken: list[float] = []
    sizes: list[int] = []
    seed = checked = probes = 0
    while len(taken) < options.count:
        one, seed = world(seed), seed + 1
        if possible(one):
            continue
        problem = compiled(one, one.first, one.last)
        started = perf_counter()
        found = conflicts(problem)
        taken.append(1000 * (perf_counter() - started))
        assert found, f"seed {seed - 1}: no conflict"
        sizes.append(len(found[0].reasons))
        if checked < options.checked:
            checked += 1
            for conflict in found:
                rules = [reason.rule for reason in conflict.reasons]
                assert conflict.minimal
                assert not possible(only(one, rules, YEAR)), f"seed {seed - 1}: not complete"
                for rule in rules:
                    probes += 1
                    left = [other for other in rules if other != rule]
                    assert possible(only(one, left, YEAR)), f"seed {seed - 1}: not minimal: {rule}"
    taken.sort()
    print(
        f"{len(taken)} impossible courses of {seed} made; {checked} checked, "
        f"each of {probes} rules dropped once"
    )
    print(f"rules in the first conflict: median {median(sizes)}, most {max(sizes)}")
    print(
        f"milliseconds: median {median(taken):.1f}, 95 % {taken[int(0.95 * len(taken))]:.1f}, "
        f"most {taken[-1]:.1f}"
    )


if __name__ == "__main__":
    main()
