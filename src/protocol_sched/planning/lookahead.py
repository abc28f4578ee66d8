"""Look-ahead: a first visit is offered only if the rest of the course still has room after it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import attrs

from protocol_sched.engine.bitsets import members, span
from protocol_sched.engine.compiler import Compiled
from protocol_sched.engine.problem import Allowed
from protocol_sched.engine.solvers.budget import Budget
from protocol_sched.engine.solvers.choices import visit_starts
from protocol_sched.engine.solvers.exact import first_days, solve
from protocol_sched.errors import InvalidValue
from protocol_sched.model.agenda import NotAfter, NotBefore
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.causes import Request
from protocol_sched.model.conflict import Conflict
from protocol_sched.model.course import Course
from protocol_sched.model.plain import as_tuple
from protocol_sched.model.schedule import FirstDate
from protocol_sched.model.typed import typed
from protocol_sched.planning.conflicts import with_requests
from protocol_sched.planning.course import EFFORT, answer, compile_course, dates_of


@attrs.frozen(kw_only=True)
class Blocked:
    """A date on which the first visit itself would have room, but a later one would not."""

    day: date
    conflict: Conflict | None
    """The visit that blocks and the rules that cannot all hold, that the first visit is on this
    date among them; ``None`` if the effort ended first."""


@attrs.frozen(kw_only=True, field_transformer=typed)
class Startable:
    """The dates on which a course can begin, and those on which it only seems to."""

    dates: tuple[FirstDate, ...] = attrs.field(converter=as_tuple)
    """In order; the whole course has room after each."""
    blocked: tuple[Blocked, ...] = attrs.field(converter=as_tuple)
    """In order; each names the visit that blocks."""
    complete: bool = True
    """False where the allowed effort ended first: then a date of which nothing is said, or that
    is blocked without a conflict, may be possible all the same."""

    def on(self, day: date) -> FirstDate | Blocked | None:
        """Return what is known about one date; ``None`` if the first visit has no room on it."""
        both: tuple[FirstDate | Blocked, ...] = (*self.dates, *self.blocked)
        return next((one for one in both if one.day == day), None)


def startable(
    course: Course,
    clinic: Clinic,
    person: Person,
    *,
    as_of: date,
    within: int = 28,
    until: date | None = None,
    effort: int = EFFORT,
) -> Startable:
    """
    Return on which dates the next visit can be, with the rest of the course still placed after it.

    Args:
        within: How many days from the first possible date on are looked at.
        until: The last date that is looked at; it says nothing of the rest of the course.

    Returns:
        The dates that can be offered, with what the best course from each costs; and the dates
        that cannot although the first visit would have room, each with the visit that blocks.

    Raises:
        InvalidValue: ``within`` is not positive, or as for `plan_course`.
    """
    if within < 1:
        raise InvalidValue("look-ahead", "within", str(within), "1 day or more")
    compiled = compile_course(course, clinic, person, as_of, until)
    if not compiled.problem.items:
        return Startable(dates=(), blocked=())
    if until is not None:
        within = min(within, compiled.horizon.number_of(until) + 1)
    near = _narrowed(compiled, span(0, min(within, compiled.horizon.days)))
    budget = Budget(effort)
    found = dates_of(near, first_days(near.problem, budget))
    offered = {one.day for one in found.dates}
    blocked = tuple(_blocked(compiled, near, clinic, offered, budget))
    return Startable(
        dates=found.dates, blocked=blocked, complete=found.complete and not budget.ended
    )


def _narrowed(compiled: Compiled, days: int) -> Compiled:
    """Return the problem with its first visit on some days only."""
    first = compiled.problem.items[0]
    dates = [compiled.horizon.date_of(n) for n in members(days & (1 << compiled.horizon.days) - 1)]
    # Two rules that a sentence can name, should they be what stands in the way.
    rules = (
        NotBefore(rule="offer", visit=first.name, day=min(dates)),
        NotAfter(rule="offer", visit=first.name, day=max(dates)),
    )
    limits = tuple(Allowed(days, rule) for rule in rules)
    item = attrs.evolve(first, days=(*first.days, *limits))
    problem = attrs.evolve(compiled.problem, items=(item, *compiled.problem.items[1:]))
    return attrs.evolve(compiled, problem=problem)


def _blocked(
    compiled: Compiled, near: Compiled, clinic: Clinic, offered: set[date], budget: Budget
) -> Iterator[Blocked]:
    for number in members(visit_starts(near.problem)[0].days):
        day = compiled.horizon.date_of(number)
        if day not in offered:
            asked = [Request(visit=compiled.problem.items[0].name, first=day, last=day)]
            result = solve(with_requests(compiled, asked).problem, budget)
            found = answer(compiled, result, clinic, asked, budget)
            if found.schedule is not None:
                continue  # possible after all: the effort ended before the dates were found
            conflict = found.conflicts[0] if found.conflicts else None
            yield Blocked(day=day, conflict=conflict)
