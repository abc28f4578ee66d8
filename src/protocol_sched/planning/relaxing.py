"""Which changes make room: the cheapest ones, each checked by solving with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import reduce
from itertools import combinations
from operator import and_, or_

import attrs

from protocol_sched.engine.candidates import Calendars, nights
from protocol_sched.engine.compiler import Compiled, compile_agenda
from protocol_sched.engine.horizon import horizon
from protocol_sched.engine.solvers.budget import Budget, Spent
from protocol_sched.engine.solvers.corrections import cheapest_corrections
from protocol_sched.engine.solvers.exact import solve
from protocol_sched.model.availability import Preferences
from protocol_sched.model.causes import Asked, Origin, PreferenceKept
from protocol_sched.model.explanation import Relaxation
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.relaxations import (
    AnotherEscort,
    Change,
    EndsLater,
    Looser,
    NotAway,
    OneMorePlace,
    OneMoreVisit,
    Reopened,
    StartsSooner,
    WithoutEscort,
    weakens,
)
from protocol_sched.planning.conflicts import Blocking, Starts, blocking, starts_on, with_requests
from protocol_sched.planning.course import answer
from protocol_sched.planning.relaxed import (
    Situation,
    after,
    changes_of,
    changes_on,
    cost,
    covers,
    given_way,
)

LOOKS = 60
"""Sets of changes that are tried before the search is cut short."""
MOST_DATES = 31
"""Where calendars could give way on more dates than these, only the first are looked at."""
COMPILING = 2_000
"""Steps of a budget that a change takes to compile a course with it."""
TOGETHER = 3
"""So many changes on one date are looked at together, at the most."""
DEAREST = 10
"""Changes on one date that cost more together are not looked at."""


def relaxations(
    situation: Situation,
    protocol: Protocol,
    *,
    asked: Sequence[Asked] = (),
    count: int = 3,
    treatment: bool = True,
    budget: Budget,
) -> tuple[tuple[Relaxation, ...], bool]:
    """
    Return the cheapest changes that make room, and whether it is proved that they are.

    Args:
        situation: Where there is no plan.
        asked: What shall hold beside the rules.
        count: How many at the most.
        treatment: Whether a rule of treatment may be weaker after a change.
        budget: Steps for all of it; when they are spent, what was found by then is returned.
    """
    search = _Search(situation, protocol, asked, budget, treatment)
    corrections = cheapest_corrections(
        search.offered, cost, covers=covers, count=count, looks=LOOKS
    )
    found = []
    dearest = max((price for _, price in corrections.found), default=0)
    proved = not search.cut and dearest <= DEAREST
    proved &= corrections.complete or dearest <= corrections.bound
    for changes, price in corrections.found:
        now = after(situation, changes)
        try:
            compiled = search.compiled(now)
        except Spent:
            proved = False
            break
        result = solve(with_requests(compiled, asked).problem, budget)
        plan = answer(compiled, result, now.clinic, asked, budget)
        if plan.schedule is None:
            proved = False  # the effort ended before the plan was found
            continue
        found.append(Relaxation(changes=changes, cost=price, plan=plan))
    return tuple(found), proved


class _Search:
    def __init__(
        self,
        situation: Situation,
        protocol: Protocol,
        asked: Sequence[Asked],
        budget: Budget,
        treatment: bool,
    ) -> None:
        self.protocol, self.asked, self.budget = protocol, asked, budget
        self.treatment = treatment
        if not any(isinstance(request, PreferenceKept) for request in asked):
            # They only cost, and nobody asks here what a plan costs.
            person = attrs.evolve(situation.person, preferences=Preferences())
            situation = attrs.evolve(situation, person=person)
        self.situation = situation
        self.calendars = Calendars()
        self.cut = False
        """Some changes were not looked at."""
        self._found: dict[tuple[date, frozenset[Change]], dict[str, list[Starts]]] = {}

    def compiled(self, now: Situation) -> Compiled:
        """
        Compile a situation.

        Raises:
            Spent: The budget ended first.
        """
        self.budget.spend(COMPILING)
        kinds = {due.kind for due in now.agenda.dues}
        beyond = nights(now.clinic, [self.protocol.visit_type(kind) for kind in sorted(kinds)])
        dates = horizon(now.clinic.zone, now.first, now.last, beyond)
        world = (now.agenda, self.protocol, now.clinic, now.person, dates)
        return compile_agenda(*world, calendars=self.calendars)

    def offered(self, changes: tuple[Change, ...]) -> list[tuple[Change, ...]] | None:
        """Return what could help after some changes; see `cheapest_corrections`."""
        offered: dict[tuple[Change, ...], None] = {}
        try:
            return self._offered(changes, offered)
        except Spent:
            self.cut = True
            return list(offered)

    def _offered(
        self, changes: tuple[Change, ...], offered: dict[tuple[Change, ...], None]
    ) -> list[tuple[Change, ...]] | None:
        now = after(self.situation, changes)
        found = blocking(self.compiled(now), self.asked, self.calendars, self.budget)
        if found is None:
            return None
        before = given_way(changes)
        for rule, visits in zip(found.rules, found.visits, strict=True):
            for change in self._changes_of(before.get(rule, rule), visits):
                if not isinstance(change, BY_DATE):
                    offered[change,] = None
        for day, some in self._dates(found):
            offered.update(dict.fromkeys(self._on(day, some, found, changes)))
        return list(offered)

    def _changes_of(self, rule: Origin, visits: Iterable[str]) -> Iterator[Change]:
        for change in changes_of(rule, visits, self.situation):
            if isinstance(change, WithoutEscort) and self._must_have_escort(change.visit):
                continue
            if self.treatment or not weakens(change):
                yield change

    def _must_have_escort(self, visit: str) -> bool:
        kind = self.protocol.visit_type(self.situation.agenda.due(visit).kind)
        return kind.ride_home is not None and kind.ride_home.safety

    def _dates(self, found: Blocking) -> Iterator[tuple[date, list[str]]]:
        """Yield dates on which a calendar could give way, with the visits that could be then."""
        dates: dict[date, list[str]] = {}
        for visit, days in found.dates:
            for day in days:
                dates.setdefault(day, []).append(visit)
        self.cut |= len(dates) > MOST_DATES
        for day in sorted(dates)[:MOST_DATES]:
            yield day, dates[day]

    def _starts(self, day: date, near: frozenset[Change]) -> dict[str, list[Starts]]:
        """Return what calendars leave each visit on a date after some changes."""
        key = (day, near)
        if key not in self._found:
            now = after(self.situation, sorted(near, key=repr))
            now = attrs.evolve(now, first=day - timedelta(days=1), last=day + timedelta(days=NEAR))
            self._found[key] = starts_on(day, self.compiled(now), self.asked)
        return self._found[key]

    def _on(
        self, day: date, visits: list[str], found: Blocking, changes: tuple[Change, ...]
    ) -> Iterator[tuple[Change, ...]]:
        """Yield the smallest sets of changes that open a date to a visit."""
        near = frozenset(change for change in changes if _matters_on(change, day))
        base, chosen = self._starts(day, near), set(found.rules)
        options: dict[Change, dict[str, list[int]]] = {}
        for rule in found.rules:
            of_date = changes_on(rule, day, self.situation)
            of_none = self._changes_of(rule, visits)
            for change in (*of_date, *(one for one in of_none if isinstance(one, BY_DATE))):
                if change in options:
                    continue
                if isinstance(change, REMOVES):
                    options[change] = _without(change, rule, base)
                else:
                    after_it = self._starts(day, near | {change})
                    options[change] = {v: [one.bits for one in r] for v, r in after_it.items()}
        rows = {
            visit: [n for n, one in enumerate(base[visit]) if one.needs <= chosen]
            for visit in visits
        }
        opens: list[frozenset[Change]] = []
        for size in range(1, TOGETHER + 1):
            for some in combinations(options, size):
                self.budget.spend()
                if sum(map(cost, some)) > DEAREST or any(less <= set(some) for less in opens):
                    continue
                if _opens(some, rows, base, options, found.timed):
                    opens.append(frozenset(some))
                    yield some


def _matters_on(change: Change, day: date) -> bool:
    """Tell whether a change can matter to a calendar on a date."""
    of = getattr(change, "day", None)
    if isinstance(change, EndsLater | StartsSooner) or of is None:
        return not isinstance(change, Looser | OneMoreVisit)
    return bool(abs((of - day).days) <= NEAR)


NEAR = 3
"""A change on a date so many days away is not felt."""


BY_DATE = (WithoutEscort, Reopened)
"""Changes of more dates than one that open each of them alone."""
REMOVES = (AnotherEscort, NotAway, OneMorePlace, Reopened, WithoutEscort)
"""Changes after which a calendar is not in the way at all on a date."""


def _without(change: Change, rule: Origin, base: dict[str, list[Starts]]) -> dict[str, list[int]]:
    """Return what is left of each visit's starts where a rule is no longer there."""
    only = change.visit if isinstance(change, WithoutEscort) else None
    return {
        visit: [-1 if rule in one.needs and only in (None, visit) else one.bits for one in row]
        for visit, row in base.items()
    }


def _opens(
    some: tuple[Change, ...],
    rows: dict[str, list[int]],
    base: dict[str, list[Starts]],
    options: dict[Change, dict[str, list[int]]],
    timed: bool,
) -> bool:
    """Tell whether changes give a visit a start on a date that had none; any start if timed."""
    for visit, places in rows.items():
        had = reduce(and_, (base[visit][n].bits for n in places), -1)
        if had and not timed:
            continue
        now = -1
        for n in places:
            bits = [base[visit][n].bits, *(options[change][visit][n] for change in some)]
            now &= reduce(or_, bits)
        if now & ~had:
            return True
    return False
