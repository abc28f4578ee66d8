"""Visits that are no treatment, such as reviews, scans and screenings."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import attrs

from protocol_sched.errors import InvalidValue
from protocol_sched.model.cadences import At, ClosedDay, Every, OnDemand, require_one_date
from protocol_sched.model.former import names_of
from protocol_sched.model.numbers import Count
from protocol_sched.model.references import (
    EachVisit,
    EndOf,
    OutsideEvent,
    Reference,
    StartOf,
    require_least,
)
from protocol_sched.model.rules import Between, Earlier, Rule, Tolerance
from protocol_sched.model.spans import Span, SpanRange, comparable
from protocol_sched.model.typed import typed


class CountedFrom(enum.Enum):
    """What visits that come every so often are counted from."""

    ANCHOR = "anchor"
    ONE_BEFORE = "one before"
    """The one before as it was really given: a series with a cadence of its own, side by side with
    the phases."""


@attrs.frozen(kw_only=True, field_transformer=typed)
class OtherVisit(Rule):
    """A visit that is not a treatment: on course time, or so long after each treatment."""

    name: str
    visit: str
    cadence: Every | At | OnDemand
    """On demand, each is aimed at the date for which it was asked, and depends on nothing else."""
    anchor: Reference | None = None
    """What it depends on; ``None`` on demand, and only there."""
    visits: Count | None = None
    """How many; ``None`` is once through the list of points."""
    until: Span | None = None
    """How long after the anchor the last of those that come ``every`` so often may be."""
    until_from: Reference | None = None
    """What ``until`` counts from instead, the start or end of a phase or of the course: as long as
    that has no date they go on."""
    counted_from: CountedFrom = CountedFrom.ANCHOR
    """Those that come ``every`` so often, from the anchor or each from the one before it."""
    first: SpanRange | None = None
    """How long after the anchor the first of a series is; ``None`` is as long as between two."""
    if_it_happens: bool = False
    """Nobody is asked about the event it depends on, which may never happen."""
    between: Between = Between.STARTS
    """Hours run from the start of the visit it depends on, or from its end, as a pump's do."""
    tolerance: Tolerance | None = None
    earlier: Earlier = Earlier.NOT_BEFORE
    """Without a tolerance: whether it may be before its target; behind it, if it comes first."""
    closed_day: ClosedDay | None = None
    """As that of a phase."""

    def __attrs_post_init__(self) -> None:
        owner = f"other visit {self.name!r}"
        if self.closed_day is not None:
            require_one_date(owner, self.closed_day, self.cadence, self.tolerance)
        asked_for = isinstance(self.cadence, OnDemand)
        if asked_for != (self.anchor is None):
            found = "nothing" if self.anchor is None else str(self.anchor)
            wanted = "left out where visits come on demand" if asked_for else "what it depends on"
            raise InvalidValue(owner, "anchor", found, wanted)
        if self.until is not None:
            if not isinstance(self.cadence, Every) or self.visits is not None:
                wanted = "left out, except where visits come every so often and are not counted"
                raise InvalidValue(owner, "until", str(self.until), wanted)
            # From the end of a phase or the course on, 0 is as long as that lasts.
            least = 1 if self.until_from is None else 0
            require_least(least, owner, "until", comparable(self.until))
        if self.until_from is not None and (
            self.until is None or not isinstance(self.until_from, StartOf | EndOf)
        ):
            wanted = "the start or end of a phase or of the course, and given with until"
            raise InvalidValue(owner, "until_from", str(self.until_from), wanted)
        series = self.counted_from is CountedFrom.ONE_BEFORE
        if series and not (
            isinstance(self.cadence, Every) and not isinstance(self.anchor, EachVisit)
        ):
            wanted = "'anchor', except where visits come every so often after one anchor"
            raise InvalidValue(owner, "counted_from", "'one before'", wanted)
        if self.first is not None and not series:
            wanted = "left out, except with counted_from = 'one before'"
            raise InvalidValue(owner, "first", str(self.first), wanted)
        if self.if_it_happens and not isinstance(self.anchor, OutsideEvent):
            wanted = "left out, except where it depends on an outside event"
            raise InvalidValue(owner, "if_it_happens", "true", wanted)

    @property
    def hangs_on(self) -> str:
        """Return the phase, gate or other visit whose start, end or visits it depends on; empty for
        others."""
        if isinstance(self.anchor, EachVisit):
            return self.anchor.phase
        return self.anchor.what if isinstance(self.anchor, StartOf | EndOf) else ""


if not TYPE_CHECKING:  # a checker shall know the present names only
    __getattr__ = names_of(__name__)
