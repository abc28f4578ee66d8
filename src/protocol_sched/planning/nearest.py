"""The nearest date that is possible where a visit cannot be when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

import attrs

from protocol_sched.engine.compiler import Compiled
from protocol_sched.engine.solvers.budget import Budget
from protocol_sched.engine.solvers.feasible import Feasibility
from protocol_sched.model.causes import Asked, Request
from protocol_sched.model.explanation import Nearest
from protocol_sched.model.schedule import Plan
from protocol_sched.planning.conflicts import with_requests

_DAY = 24 * 60


def nearest_possible(
    compiled: Compiled,
    asked: Sequence[Asked],
    planned: Callable[[Sequence[Asked]], Plan],
    budget: Budget,
) -> tuple[Nearest, ...]:
    """
    Return how near to each request about a date a plan can come, all other requests kept.

    Where a visit is asked for on a date at a time, another time of that date is nearer than any
    other date.

    Args:
        asked: What cannot all hold.
        planned: Plans the course with requests.

    Returns:
        Nothing of a request where nothing near it was found before the effort ended.
    """
    found = []
    for n, request in enumerate(asked):
        if not isinstance(request, Request) or request.never is not None:
            continue
        others = (*asked[:n], *asked[n + 1 :])
        if any(isinstance(one, Request) and one.visit == request.visit for one in others):
            continue  # requests that contradict each other are told so

        def possible(one: Request, others: Sequence[Asked] = others) -> bool:
            problem = with_requests(compiled, (*others, one)).problem
            return Feasibility(problem, lambda _: 0, budget).feasible(0) is True

        dates = compiled.horizon.first, compiled.horizon.last
        for near in _nearest(request, possible, *dates):
            schedule = planned((*others, near)).schedule
            if schedule is None:
                continue
            if request.visit is None:
                visit = max(schedule.visits, key=lambda one: one.day)
            else:
                visit = schedule.visit(request.visit)
            found.append(Nearest(request=request, visit=visit))
    return tuple(found)


def _nearest(
    request: Request, possible: Callable[[Request], bool], opens: date, closes: date
) -> Iterator[Request]:
    """Yield what could be asked for instead, on either side the nearest, the sooner side first."""
    first, last = request.first, request.last
    any_time = attrs.evolve(request, earliest=None, latest=None)
    if first is not None and first == last and any_time != request and possible(any_time):
        yield from _other_times(request, possible)
        return

    def between(start: date | None, end: date | None) -> Request:
        return attrs.evolve(any_time, first=start, last=end)

    if first is not None and first > opens:
        reach = (first - opens).days
        found = _least(reach, lambda n: possible(between(first - timedelta(days=n), last)))
        if found is not None:
            day = first - timedelta(days=found)
            yield between(day, None if last is None else day)
    if last is not None and last < closes:
        reach = (closes - last).days
        found = _least(reach, lambda n: possible(between(first, last + timedelta(days=n))))
        if found is not None:
            day = last + timedelta(days=found)
            yield between(None if first is None else day, day)


def _other_times(request: Request, possible: Callable[[Request], bool]) -> Iterator[Request]:
    """Yield the nearest times of the same date."""
    earliest, latest = request.earliest or 0, _DAY if request.latest is None else request.latest

    def between(start: int, end: int) -> Request:
        return attrs.evolve(request, earliest=start, latest=end)

    found = _least(earliest, lambda n: possible(between(earliest - n, latest)))
    if found is not None:
        yield between(earliest - found, earliest - found)
    found = _least(_DAY - latest, lambda n: possible(between(earliest, latest + n)))
    if found is not None:
        yield between(latest + found, latest + found)


def _least(most: int, holds: Callable[[int], bool]) -> int | None:
    """Return the least number from 1 to ``most`` for which something holds that stays true."""
    if most < 1 or not holds(most):
        return None
    low, high = 1, most
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return high
