"""How much of a course fits by the date it must be finished by."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import attrs

from protocol_sched.engine.compiler import Compiled, compile_agenda
from protocol_sched.engine.horizon import horizon
from protocol_sched.engine.solvers.budget import Budget
from protocol_sched.engine.solvers.exact import solve
from protocol_sched.model.agenda import Agenda, AtMost, NotAfter, PastVisit, Rules
from protocol_sched.model.schedule import Fits

MOST_EFFORT = 2_000_000
"""Solver steps after which no number is told, at the most."""


def fits(compiled: Compiled, last: date, budget: Budget) -> Fits | None:
    """
    Return how many of the next treatments fit where a course cannot be finished in time.

    Args:
        compiled: A course without a plan.
        last: How far it may be planned if it need not be finished by a date.
        budget: Steps for all that is tried, of which a part is taken.

    Returns:
        Nothing where the course has no such date, where it is impossible without it too, or
        where the effort ended first.
    """
    part = budget.part(MOST_EFFORT)
    found = _fits(compiled, last, part)
    budget.take(part)
    return None if part.ended else found


def _fits(compiled: Compiled, last: date, budget: Budget) -> Fits | None:
    agenda = compiled.agenda
    ends = [one.day for one in agenda.bindings if isinstance(one, NotAfter) and _is_end(one)]
    if not ends:
        return None
    by = min(ends)
    free = attrs.evolve(agenda, bindings=[one for one in agenda.bindings if not _is_end(one)])
    days = _planned(compiled, free, last, budget)
    if days is None:
        return None
    phases = {phase.name for phase in compiled.protocol.phases}
    due = [one.id for one in compiled.dues if one.phase in phases]
    count = next((n for n, visit in enumerate(due) if days[visit] > by), len(due))
    while count < len(due) and _planned(compiled, _prefix(agenda, due[count]), by, budget):
        count += 1
    if count == len(due):  # the treatments fit, and what must follow them does not
        return None
    return Fits(by=by, count=count, of=len(due), next=due[count], next_on=days[due[count]])


def _is_end(rule: Rules) -> bool:
    return isinstance(rule, NotAfter) and rule.rule == "finish"


def _planned(
    compiled: Compiled, agenda: Agenda, last: date, budget: Budget
) -> dict[str, date] | None:
    """Return the dates of the best plan of an agenda; ``None`` where none is known or left."""
    if last < compiled.horizon.first:
        return None
    dates = horizon(compiled.horizon.zone, compiled.horizon.first, last)
    world = (agenda, compiled.protocol, compiled.clinic, compiled.person, dates)
    found = compile_agenda(*world, compiled.keep)
    starts = solve(found.problem, budget).starts
    if starts is None:
        return None
    ticks = (start * found.problem.slot_minutes for start in starts)
    days = (dates.date_of(dates.day_of(tick)) for tick in ticks)
    return {due.id: day for due, day in zip(found.dues, days, strict=True)}


def _prefix(agenda: Agenda, visit: str) -> Agenda:
    """Return an agenda as far as a visit, with the rules about those visits."""
    place = next(n for n, due in enumerate(agenda.dues) if due.id == visit)
    dues = agenda.dues[: place + 1]
    there = {due.id for due in dues}
    bindings = [
        one if not isinstance(one, AtMost) else _of_these(one, there)
        for one in agenda.bindings
        if isinstance(one, AtMost) or one.due <= there
    ]
    return attrs.evolve(agenda, dues=dues, bindings=bindings)


def _of_these(cap: AtMost, there: Collection[str]) -> AtMost:
    visits = [one for one in cap.visits if isinstance(one, PastVisit) or one in there]
    return attrs.evolve(cap, visits=visits)
