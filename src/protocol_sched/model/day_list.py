"""Who is in a clinic when, part by part, and one day of it by place and by staff."""

from __future__ import annotations

from datetime import date, datetime

import attrs

from protocol_sched.model.moments import as_instant, zoned
from protocol_sched.model.plain import Shown, as_tuple


@attrs.frozen(kw_only=True)
class Part:
    """A stage of one visit, or work around it, and what it holds of the clinic."""

    course: str
    person: str
    """The person's key."""
    name: str = ""
    """The person's name; empty where they have none."""
    visit: str
    """The visit's identity."""
    title: str
    stage: str
    """The stage or the work."""
    start: datetime = attrs.field(eq=as_instant)
    """The earliest it may begin, in the clinic's zone."""
    end: datetime = attrs.field(eq=as_instant)
    """The latest it may end."""
    places: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Names."""
    staff: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Names of the team; of staff by number the kind, as often as it is needed."""

    def __attrs_post_init__(self) -> None:
        for field in ("start", "end"):
            zoned(f"part {self.stage!r} of visit {self.visit!r}", field, getattr(self, field))


@attrs.frozen(kw_only=True)
class ClinicVisits:
    """All visits of a clinic's courses."""

    zone: str
    """The clinic's time zone."""
    parts: tuple[Part, ...] = attrs.field(default=(), converter=as_tuple)
    """In order of time."""


@attrs.frozen(kw_only=True)
class DayLine:
    """What one place or one of the staff is taken by, from a moment to another."""

    start: datetime = attrs.field(eq=as_instant)
    end: datetime = attrs.field(eq=as_instant)
    who: str = ""
    """The person's name, or their key; empty where others have booked it."""
    title: str = ""
    """The visit."""
    stages: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    units: int = 1
    """How many of the staff."""
    of: int = 1
    """Into how many shares one of them is cut in a booking of others: 1 of 2 is half a nurse."""
    beside: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Of a place, who of the staff is there; of staff, which places it is at."""


@attrs.frozen(kw_only=True)
class DayOf:
    """The day of one place, or of one of the staff."""

    name: str
    lines: tuple[DayLine, ...] = attrs.field(default=(), converter=as_tuple)
    """In order of time."""


@attrs.frozen(kw_only=True)
class DayList(Shown):
    """One day of a clinic."""

    clinic: str
    zone: str
    day: date
    places: tuple[DayOf, ...] = attrs.field(default=(), converter=as_tuple)
    """In the clinic's order."""
    staff: tuple[DayOf, ...] = attrs.field(default=(), converter=as_tuple)
    """Those known by name first."""
    others: tuple[DayLine, ...] = attrs.field(default=(), converter=as_tuple)
    """What takes neither a place nor staff."""
