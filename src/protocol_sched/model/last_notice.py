"""
What people know of a course: when each visit is, as they were last told, and who said yes.

A fold over the course's events and nothing else, so that whoever writes calendar files or plans
again finds the same state without a store of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

import attrs

from protocol_sched.model.course import (
    Cancelled,
    Confirmed,
    Course,
    Declined,
    Deferred,
    Event,
    Given,
    Missed,
    Notified,
    Omitted,
    as_counted,
)
from protocol_sched.model.former import keeps_former, names_of
from protocol_sched.model.moments import utc
from protocol_sched.model.schedule import Ride
from protocol_sched.model.typed import typed


@keeps_former
@attrs.frozen(kw_only=True, field_transformer=typed)
class LastNotice:
    """What people know of one visit."""

    notice: Notified
    """As they were last told."""
    sequence: int
    """How often it was told or cancelled before that: the SEQUENCE of a calendar entry."""
    before: Notified | None = None
    """As they were told before the last time; ``None`` if they were told once."""
    cancelled: bool = False
    given: bool = False
    ride: Ride | None = None
    """Where the escort's answer stands; ``None`` where nobody was asked."""
    asked: int | None = None
    """``sequence`` as it was when the escort was last asked: the SEQUENCE of the ride's entry, and
    of a reply to it. Another chair at the same time asks nobody again."""
    answer: Confirmed | Declined | None = None
    """The answer that ``ride`` goes by."""
    former: tuple[tuple[Notified, int], ...] = ()
    """Escorts who were asked and are not any more, each as last told, with the ``sequence`` that
    took the ride from them."""
    declined: tuple[str, ...] = ()
    """Names of escorts who said no to the visit at this time."""

    @property
    def answered_too_late(self) -> bool:
        """
        Tell whether the answer says that it was given after the ride.

        No clock that is right says so: it tells nothing of which answer is the last.
        """
        if self.answer is None:
            return False
        if self.answer.at is not None:
            return utc(self.answer.at) > utc(self.notice.discharge_by)
        return self.answer.on > self.notice.discharge_by.date()


def last_notices(of: Course | Iterable[Event]) -> dict[str, LastNotice]:
    """
    Return what people know of each visit they were ever told of, by its identity.

    Args:
        of: A course, or events in the order in which they were recorded. A visit moved or given
            to another escort asks again: an answer counts only for the visit as it was told when
            it was given, and only if its ``at`` is not before that of the last answer that
            counted, unless that one says it was given after the ride.
    """
    found: dict[str, LastNotice] = {}
    for event in as_counted(of.events if isinstance(of, Course) else of):
        now = found.get(event.visit) if isinstance(event, _ABOUT_ONE) else None
        match event:
            case Notified(visit=visit):
                found[visit] = _notified(event, now)
            case Cancelled(visit=visit) if now is not None and not now.cancelled:
                found[visit] = attrs.evolve(
                    now,
                    cancelled=True,
                    sequence=now.sequence + 1,
                    ride=None,
                    answer=None,
                    asked=None,
                )
            case Given(visit=visit, counts=True) if now is not None:
                found[visit] = attrs.evolve(now, given=True)
            case Confirmed(visit=visit) | Declined(visit=visit) if now is not None:
                found[visit] = _answered(event, now)
            case _:
                pass
    return found


_ABOUT_ONE = (Notified, Cancelled, Given, Confirmed, Declined)


def _notified(event: Notified, now: LastNotice | None) -> LastNotice:
    if now is None:
        asked = None if event.escort is None else 0
        return LastNotice(notice=event, sequence=0, ride=_asked(event), asked=asked)
    same_time = event.times == now.notice.times
    same_ride = same_time and event.escort == now.notice.escort and not now.cancelled
    asked = None if event.escort is None else now.sequence + 1
    former = [item for item in now.former if item[0].escort != event.escort]
    if now.notice.escort not in (None, event.escort):
        former.append((now.notice, now.sequence if now.cancelled else now.sequence + 1))
    return attrs.evolve(
        now,
        notice=event,
        before=now.notice,
        sequence=now.sequence + 1,
        cancelled=False,
        given=False,
        ride=now.ride if same_ride else _asked(event),
        asked=now.asked if same_ride else asked,
        former=tuple(former),
        answer=now.answer if same_ride else None,
        declined=now.declined if same_time else (),
    )


def _asked(event: Notified) -> Ride | None:
    return None if event.escort is None else Ride.UNCONFIRMED


def _answered(event: Confirmed | Declined, now: LastNotice) -> LastNotice:
    if now.cancelled or event.escort != now.notice.escort:
        return now
    last = now.answer
    if (
        last is not None
        and not now.answered_too_late
        and last.at is not None
        and event.at is not None
        and utc(event.at) < utc(last.at)
    ):
        return now
    if isinstance(event, Confirmed):
        declined = tuple(name for name in now.declined if name != event.escort)
        return attrs.evolve(now, ride=Ride.CONFIRMED, answer=event, declined=declined)
    declined = tuple(dict.fromkeys((*now.declined, event.escort)))
    return attrs.evolve(now, ride=Ride.DECLINED, answer=event, declined=declined)


def lapsed_visits(course: Course) -> Iterator[tuple[str, Missed | Deferred]]:
    """Yield visits that were missed or put off since people were last told when they are."""
    last: dict[str, Missed | Deferred] = {}
    for event in course.events:
        match event:
            case Notified():
                last.pop(event.visit, None)
            case Missed() | Deferred():
                last[event.visit] = event
            case _:
                pass
    yield from last.items()


def _given_in_vain(course: Course) -> set[str]:
    """Return the visits given without counting since people were last told when they are."""
    found: set[str] = set()
    for event in as_counted(course.events):
        match event:
            case Notified():
                found.discard(event.visit)
            case Given(counts=False):
                found.add(event.visit)
            case _:
                pass
    return found


def unrecorded_visits(
    course: Course, notices: Mapping[str, LastNotice], now: datetime, zone: tzinfo
) -> Iterator[Given]:
    """Yield visits whose time has come and of which nothing was recorded, as if given."""
    over = {visit for visit, _ in lapsed_visits(course)}
    over |= {event.visit for event in course.events if isinstance(event, Omitted)}
    over |= _given_in_vain(course)
    for visit, one in notices.items():
        if one.given or one.cancelled or visit in over or utc(one.notice.start) >= utc(now):
            continue
        start = one.notice.start.astimezone(zone)
        yield Given(visit=visit, on=start.date(), start=start)


if not TYPE_CHECKING:  # a checker shall know the present names only
    __getattr__ = names_of(__name__)
