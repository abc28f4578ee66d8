"""Which visits pay for a plan that costs more than another one, and at which level."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import attrs

from protocol_sched.judge.objective import preferences_of
from protocol_sched.model.agenda import Spacing
from protocol_sched.model.availability import Person
from protocol_sched.model.explanation import Pays
from protocol_sched.model.objective import Level
from protocol_sched.model.schedule import Plan, Schedule


def pays(now: Plan, before: Plan, person: Person) -> tuple[Pays, ...]:
    """
    Return what each visit costs more in one plan than in another, in the order of the visits.

    Preferences about all visits together, such as the same time of day, are no single visit's.
    """
    if now.schedule is None or before.schedule is None:
        return ()
    return tuple(_pays(now.schedule, before.schedule, person))


def _pays(now: Schedule, before: Schedule, person: Person) -> Iterator[Pays]:
    costs = (
        (Level.DEVIATION, _off(now), _off(before)),
        (Level.PREFERENCES, _unmet(now, person), _unmet(before, person)),
    )
    for level, costs_now, cost_before in costs:
        for visit in now.visits:
            more = costs_now[visit.id] - cost_before[visit.id]
            if more > 0:
                yield Pays(level, visit.id, more)


def _off(schedule: Schedule) -> Counter[str]:
    """Return how many days each visit is off its targets."""
    off: Counter[str] = Counter()
    for slack in schedule.slacks:
        if isinstance(slack.rule, Spacing):
            off[slack.rule.later] += slack.deviation
    return off


def _unmet(schedule: Schedule, person: Person) -> Counter[str]:
    """Return how many preferences about single visits each of them does not meet."""
    return Counter(
        {
            visit.id: preferences_of(attrs.evolve(schedule, visits=[visit]), person)
            for visit in schedule.visits
        }
    )
