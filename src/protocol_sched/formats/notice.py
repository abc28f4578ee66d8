"""Short notice: visits so near that what comes before them can hardly be kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from protocol_sched.formats._prose import sentence
from protocol_sched.model.moments import elapsed, later_by, zoned
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Ride, Schedule, Visit
from protocol_sched.model.wording import elapsed_text, listed, moment_text, with_article

_MINUTE = timedelta(minutes=1)


def notice_text(schedule: Schedule, protocol: Protocol, now: datetime) -> str:
    """
    Return a sentence for each visit that is nearer than its own instructions ask; empty for none.

    A planner keeps distances, hours and resources; it does not know whether a person has eaten.
    Someone who reads this decides whether the visit can be told.

    Args:
        now: When the plan is looked at; any zone.
    """
    zoned("short notice", "now", now)
    lines = [
        line
        for visit in schedule.visits
        for text in _nearer(visit, protocol, now)
        for line in sentence(text)
    ]
    return "".join(f"{line}\n" for line in lines)


def _nearer(visit: Visit, protocol: Protocol, now: datetime) -> Iterator[str]:
    kind, name = protocol.visit_type(visit.kind), with_article(visit.title)
    left = elapsed(now, visit.start)
    if left < timedelta(0):
        yield f"{name} would have begun on {moment_text(visit.start)}, which is over"
        return
    begun = [fast for fast in kind.fasting if fast.lead.delta > left]
    if begun:
        what = listed([f"no {fast.what} for {fast.lead}" for fast in begun])
        in_ = elapsed_text(left // _MINUTE) if left else "no time"
        yield f"{name} begins in {in_}; its instructions are {what} before it"
    ride = kind.ride_home
    if ride is not None and visit.ride is Ride.UNCONFIRMED and ride.confirm_by.delta > left:
        by = later_by(visit.start, -ride.confirm_by.delta)
        yield f"the ride home from {name} had to be confirmed by {moment_text(by)}"
