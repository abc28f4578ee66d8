"""
Which events can be judged together: a long history is laid out once, and not once for each event.

What an event may be can depend on the course as it stood just before it, such as a question that
was open then. Events of which that is not so are as possible beside all the others as one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from protocol_sched.expansion.gate_names import gate_of
from protocol_sched.model.course import (
    Amended,
    Cancelled,
    Confirmed,
    Course,
    Declined,
    Event,
    Given,
    Missed,
    Notified,
    Tested,
)
from protocol_sched.model.protocol import Protocol

_OF_RIDES = Confirmed | Declined | Cancelled
_TOGETHER = Given | Tested | Missed | Notified | _OF_RIDES


def runs(events: Iterable[Event]) -> Iterator[list[Event]]:
    """Yield the events in their order, those in a row that may go together as one list."""
    for together, some in groupby(events, key=lambda event: isinstance(event, _TOGETHER)):
        row = list(some)
        yield from [row] if together else [[one] for one in row]


def go_together(course: Course, events: Sequence[Event]) -> bool:
    """
    Tell whether events, in order of date, are judged together as they would be one by one.

    Not where one could be stored under another name, or where the order within a date counts.
    """
    plans = _protocols(course)
    if len(events) < 2 or _begins_again(plans):
        return False
    given = {one.visit for one in course.events if isinstance(one, Given) and one.counts}
    told = {one.visit for one in course.events if isinstance(one, Notified)}
    last_given = None
    for event in events:
        match event:
            case Tested():
                if event.on == last_given:
                    return False
            case Confirmed() | Declined() | Cancelled():
                if event.visit not in told:
                    return False
            case Given() | Missed() | Notified():
                if event.visit in given:
                    return False
                if isinstance(event, Notified):
                    told.add(event.visit)
                if not isinstance(event, Given):
                    continue
                if event.on == last_given and any(gate_of(event.visit, plan) for plan in plans):
                    return False
                last_given = event.on
                if event.counts:
                    given.add(event.visit)
            case _:
                return False
    return True


def _protocols(course: Course) -> tuple[Protocol, ...]:
    amended = [event.protocol for event in course.events if isinstance(event, Amended)]
    return course.protocol, *amended


def _begins_again(plans: Iterable[Protocol]) -> bool:
    """Tell whether visits can get another name, since the course may begin again."""
    return any(
        tier.begins_anew
        for plan in plans
        for phase in plan.phases
        for table in phase.late
        for tier in table.tiers
    )
