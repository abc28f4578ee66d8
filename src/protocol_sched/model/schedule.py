"""A schedule: visits with dates and times, and how well each rule is kept."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING

import attrs

from protocol_sched.model.agenda import Agenda, Breach, Need, PastVisit, Question, Rules
from protocol_sched.model.availability import Assigned
from protocol_sched.model.conflict import Conflict
from protocol_sched.model.former import keeps_former, names_of
from protocol_sched.model.moments import as_instant, elapsed, zoned
from protocol_sched.model.objective import Objective
from protocol_sched.model.plain import Shown, as_tuple
from protocol_sched.model.protocol import Protocol, VisitType
from protocol_sched.model.typed import typed


@attrs.frozen(kw_only=True, field_transformer=typed)
class PlannedStage:
    """
    One part of a planned visit.

    Stages before it may take their least or their longest time, so its start and its end are
    ranges: it starts between ``start`` and ``start_by`` and ends between ``end`` and ``end_by``.
    """

    name: str
    start: datetime = attrs.field(eq=as_instant)
    start_by: datetime = attrs.field(eq=as_instant)
    end: datetime = attrs.field(eq=as_instant)
    end_by: datetime = attrs.field(eq=as_instant)
    until: str = ""
    """The criterion that ends it, beside its least time."""


class Ride(enum.Enum):
    """Where an escort's answer stands."""

    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


@attrs.frozen(kw_only=True, field_transformer=typed)
class Visit:
    """One visit with its date and times, all in the clinic's zone."""

    id: str
    title: str
    kind: str
    """The visit type."""
    phase: str
    ordinal: int
    type_ordinal: int
    start: datetime = attrs.field(eq=as_instant)
    """Arrival."""
    discharge: datetime = attrs.field(eq=as_instant)
    """The earliest the person may leave."""
    discharge_by: datetime = attrs.field(eq=as_instant)
    """The latest: what the clinic sets aside, and how long the escort must be free."""
    stages: tuple[PlannedStage, ...] = attrs.field(converter=as_tuple)
    places: tuple[tuple[str, str], ...] = ()
    """Kind and name of each place held: ``(("chair", "chair 2"),)``."""
    staff: tuple[Assigned, ...] = attrs.field(default=(), converter=as_tuple)
    """Who of the clinic's team is there for each stage, and for work around the visit."""
    escort: str | None = None
    """Name of the escort; ``None`` where none is needed or a clinician waived it."""
    waived: bool = False
    ride: Ride | None = None
    """``None`` where no ride home is needed."""
    no_driving_until: date | datetime | None = attrs.field(default=None, eq=as_instant)
    """The first date (a date) or moment (a datetime) at which driving is allowed again."""
    waits_for: tuple[Need, ...] = attrs.field(default=(), converter=as_tuple)
    """Tests without which it is not settled: none on record counts for this date."""
    tentative: str = ""
    """The question its date depends on, by identity: provisional until a clinician answers it."""

    def __attrs_post_init__(self) -> None:
        for field in ("start", "discharge", "discharge_by"):
            zoned(f"visit {self.id!r}", field, getattr(self, field))

    @property
    def day(self) -> date:
        """Return the local date of arrival."""
        return self.start.date()


@attrs.frozen(kw_only=True, field_transformer=typed)
class Keep:
    """How people know a visit, to be left as it is where the rules allow."""

    start: datetime = attrs.field(eq=as_instant)
    places: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=as_tuple)
    """Kind and name of each place; taken again if free."""
    staff: tuple[Assigned, ...] = attrs.field(default=(), converter=as_tuple)
    """Who of the clinic's team was to be there; chosen again if free."""
    escort: str | None = None
    """Who was asked to take the person home."""
    ride: Ride | None = None
    """Their answer; it stands as long as start and escort stay the same."""
    declined: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Escorts who said no to the visit at this start; at another they may be asked again."""

    def __attrs_post_init__(self) -> None:
        zoned("keep", "start", self.start)


@attrs.frozen(kw_only=True, field_transformer=typed)
class Slack:
    """How a plan keeps one rule: the distance found, and the room left on either side."""

    rule: Rules
    found: int
    """
    In days for calendar rules, in minutes for elapsed ones; a number of visits for caps. For a
    first or last date, days after it.
    """
    to_least: int | None = None
    """How much nearer it could be; ``None`` where there is no least."""
    to_most: int | None = None
    """How much further it could be; ``None`` where there is no most."""
    deviation: int = 0
    """Days outside the target."""


@keeps_former
@attrs.frozen(kw_only=True, field_transformer=typed)
class Schedule:
    """Dated visits of one course, in the order in which they come."""

    course: str
    zone: str
    """The clinic's time zone."""
    visits: tuple[Visit, ...] = attrs.field(converter=as_tuple)
    past: tuple[PastVisit, ...] = attrs.field(default=(), converter=as_tuple)
    slacks: tuple[Slack, ...] = attrs.field(default=(), converter=as_tuple)
    questions: tuple[Question, ...] = attrs.field(default=(), converter=as_tuple)
    """What its tentative visits depend on."""
    breaches: tuple[Breach, ...] = attrs.field(default=(), converter=as_tuple)
    """Rules that no schedule could keep any more, each with how far this one is outside it."""
    until: date | None = None
    """The last date that was asked for; ``None`` where the whole course is here."""
    later: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Identities of the visits that are planned after it and left out here, in order."""

    def visit(self, identity: str) -> Visit:
        """
        Return the visit of that identity.

        Raises:
            KeyError: There is none.
        """
        for visit in self.visits:
            if visit.id == identity:
                return visit
        raise KeyError(identity)


class Proof(enum.Enum):
    """What is known about an answer."""

    OPTIMAL = "optimal"
    """No better plan exists."""
    IMPOSSIBLE = "impossible"
    """No plan exists."""
    NOT_PROVED = "not proved"
    """The allowed effort ended first, or the plan rests on dates that were not all tried."""


@attrs.frozen(kw_only=True, field_transformer=typed)
class FirstDate:
    """A date on which a course can begin, and what the best course from then costs."""

    day: date
    deviation: int
    """Days outside the target, over all spacings."""
    preferences: int
    """Preferences not met; see `Preferences`."""
    finish: date
    """Date of the last visit."""
    breach: int = 0
    """Days outside limits that what happened broke."""


class Unproved(enum.Enum):
    """Why a plan is not proved best."""

    EFFORT = "effort"
    """The allowed effort ended first."""
    LATE = "late"
    """Rules of later visits depend on the date of one, and not all its dates were tried."""
    OPEN = "open"
    """A date depends on a question that nobody has answered yet."""


@attrs.frozen(kw_only=True, field_transformer=typed)
class FirstDates:
    """The dates on which a course can begin, in order; it can be walked through like a tuple."""

    dates: tuple[FirstDate, ...] = attrs.field(default=(), converter=as_tuple)
    """In order."""
    complete: bool = True
    """False where the allowed effort ended first: then dates may be missing, and the best course
    from one may cost less."""

    def __iter__(self) -> Iterator[FirstDate]:
        return iter(self.dates)

    def __len__(self) -> int:
        return len(self.dates)

    def __getitem__(self, place: int) -> FirstDate:
        return self.dates[place]


@attrs.frozen(kw_only=True, field_transformer=typed)
class Fits:
    """How much of a course can be done by the date it must be finished by."""

    by: date
    """That date."""
    count: int
    """How many of the treatments still due fit, from the next one on."""
    of: int
    """How many are still due."""
    next: str
    """Identity of the first one that does not fit."""
    next_on: date
    """Its date in the best plan of the course without that date."""


@attrs.frozen(kw_only=True, field_transformer=typed)
class Plan(Shown):
    """The answer: a schedule with its proof, or what stands in the way."""

    proof: Proof
    agenda: Agenda
    schedule: Schedule | None = None
    objective: Objective | None = None
    conflicts: tuple[Conflict, ...] = attrs.field(default=(), converter=as_tuple)
    """Where no plan exists: rules that cannot all hold; see `protocol_sched.planning.conflicts`."""
    work: int = 0
    """Effort spent, in the solver's own units; the same on every machine."""
    fits: Fits | None = None
    """Where only the course's last date leaves no plan: how much of the course fits."""
    rests_on: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Visits that were settled first, since the rules of others depend on the date of one of them,
    such as one that can only be late; the rest is planned from there. Where it is not empty,
    nothing is proved."""
    hinges: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Those of them whose dates change the rules of others."""
    given_way: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Those of them that can only be late: what limits them, safety aside, gave way as it does
    once the last date has passed."""
    unrecorded: tuple[PastVisit, ...] = attrs.field(default=(), converter=as_tuple)
    """Visits people were told of for a date that is over, and of which nothing was recorded;
    planned as if they were given."""

    @property
    def unproved(self) -> Unproved:
        """Return why it is not proved best, where it is not."""
        if self.schedule is not None and any(visit.tentative for visit in self.schedule.visits):
            return Unproved.OPEN
        return Unproved.LATE if self.rests_on else Unproved.EFFORT


# --- which stage a visit is about ------------------------------------------------------------


def kind_of(visit: Visit, protocol: Protocol) -> VisitType:
    """
    Return a visit's type, with the stages it has where its ride home was waived.

    Raises:
        UnknownName: The protocol has no such type.
    """
    kind = protocol.visit_type(visit.kind)
    return kind.unescorted if visit.waived else kind


PURPOSES = ("infusion", "injection", "administration", "dosing")
"""Stages of such names are what a visit is for, where none is named like its type."""


def main_stage(visit: Visit) -> PlannedStage | None:
    """
    Return the stage a visit is about; ``None`` of a visit without stages.

    The first one named like the visit's type, else like a purpose, else the longest.
    """
    for name in filter(None, (visit.kind.lower(), *PURPOSES)):
        for stage in visit.stages:
            if name in stage.name.lower():
                return stage
    lengths = [elapsed(stage.start, stage.end_by) for stage in visit.stages]
    return visit.stages[lengths.index(max(lengths))] if lengths else None


if not TYPE_CHECKING:  # a checker shall know the present names only
    __getattr__ = names_of(__name__)
