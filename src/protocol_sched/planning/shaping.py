"""
Which closures say where a visit of an open-day rule goes, for those who ask why nothing fits.

A visit that goes to the next open day depends on its rule and on what closes the days it passes
over. Each date that a rule counts from has closures of its own, so that a conflict names those of
the dates it is about and no others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from functools import partial

import attrs

from protocol_sched.engine.compiler import Compiled
from protocol_sched.engine.problem import Allowed, Item, Lag, Problem, TableLag, Window
from protocol_sched.model.agenda import MadeUp, OnOpenDay, PastVisit
from protocol_sched.model.availability import Clinic, DatedHours, HoursOver
from protocol_sched.model.causes import Closed, OpeningHours, Origin
from protocol_sched.model.open_days import opens_on, passed_over

ByOpenDays = OnOpenDay | MadeUp
ANY_DAY = Window()


@attrs.frozen(cache_hash=True)
class Shaped:
    """A rule by open days where it counts from some dates, and what closes the days it passes."""

    rule: ByOpenDays
    closed_by: tuple[Origin, ...] = ()


def shaped(compiled: Compiled) -> Problem:
    """Return a problem in which rules by open days also belong to what closes days for them."""
    problem = compiled.problem
    if not by_open_days(compiled):
        return problem
    closing = _Closing(compiled)
    items = tuple(closing.item(item) for item in problem.items)
    lags = tuple(part for lag in problem.lags for part in closing.parts(lag))
    return attrs.evolve(problem, items=items, lags=lags)


def by_open_days(compiled: Compiled) -> bool:
    """Tell whether closed days say where a visit goes."""
    return any(isinstance(rule, ByOpenDays) for rule in compiled.agenda.bindings)


def closed_only_by(rules: Collection[Origin], compiled: Compiled) -> Clinic:
    """
    Return the clinic with these closures alone, where closures say where a visit goes.

    On dates further on others do, which are no part of a conflict.
    """
    clinic = compiled.clinic
    if not by_open_days(compiled):
        return clinic
    named = [rule.closure for rule in rules if isinstance(rule, Closed)]
    return attrs.evolve(clinic, closures=[one for one in clinic.closures if one in named])


class _Closing:
    """Says what closes a clinic's dates, by the rules that a problem has them from."""

    def __init__(self, compiled: Compiled) -> None:
        self.compiled = compiled
        origins = {one.origin for item in compiled.problem.items for one in item.slots}
        plain = [one for one in origins if isinstance(one, OpeningHours | Closed) and not one.work]
        self.hours = tuple(one for one in plain if isinstance(one, OpeningHours))
        self.closures: dict[DatedHours, Origin] = {
            one.closure: one for one in plain if isinstance(one, Closed)
        }

    def item(self, item: Item) -> Item:
        """Return a visit whose rules by open days from a visit given are shaped."""

        def of(one: Allowed) -> Allowed:
            rule = one.origin
            if not isinstance(rule, ByOpenDays) or not isinstance(rule.earlier, PastVisit):
                return one
            return attrs.evolve(one, origin=Shaped(rule, self.of(rule, rule.earlier.on)))

        return attrs.evolve(item, days=tuple(map(of, item.days)))

    def parts(self, lag: Lag) -> Iterator[Lag]:
        """Yield a rule between two visits as one for each set of closures that shapes it."""
        rule = lag.origin
        if not isinstance(lag, TableLag) or not isinstance(rule, ByOpenDays):
            yield lag
            return
        if self.turned(lag, rule):  # told from the other visit, whose dates shape nothing
            every = (*self.hours, *self.closures.values())
            yield attrs.evolve(lag, origin=Shaped(rule, every))
            return
        horizon = self.compiled.horizon
        by = [self.of(rule, horizon.date_of(n)) for n in range(len(lag.windows))]
        for closed_by in dict.fromkeys(by):
            windows = tuple(
                window if one == closed_by else ANY_DAY
                for window, one in zip(lag.windows, by, strict=True)
            )
            yield attrs.evolve(lag, windows=windows, origin=Shaped(rule, closed_by))

    def turned(self, lag: TableLag, rule: ByOpenDays) -> bool:
        """Tell whether a rule is told as a distance from its later visit."""
        return self.compiled.dues[lag.earlier].id != rule.earlier

    def of(self, rule: ByOpenDays, day: date) -> tuple[Origin, ...]:
        """Return what closes the days that a rule passes over, from a visit on a date."""
        opens = partial(opens_on, self.compiled.clinic)
        passed = passed_over(rule, day, self.compiled.agenda.month_end, opens)
        if passed is None:  # closed for a year and more
            return (*self.hours, *self.closures.values())
        found = (origin for one in passed for origin in self.on(one))
        return tuple(dict.fromkeys(found))

    def on(self, day: date) -> tuple[Origin, ...]:
        """Return what closes a date: weekly hours, one closure, or several for parts of it."""
        clinic = self.compiled.clinic
        if not opens_on(attrs.evolve(clinic, closures=()), day):
            return self.hours
        on = [one for one in clinic.closures if not isinstance(one, HoursOver) and one.on(day)]
        alone = [one for one in on if not opens_on(attrs.evolve(clinic, closures=[one]), day)]
        return tuple(self.closures[one] for one in (alone[:1] or on) if one in self.closures)
