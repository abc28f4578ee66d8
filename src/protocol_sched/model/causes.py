"""
What besides a protocol's own rules can stand in a visit's way.

A `Binding` comes from the protocol or the course; a cause comes from the calendars of the
clinic, the person and the escorts. Both are the ``origin`` of a compiled constraint.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import attrs

from protocol_sched.model.agenda import Rules
from protocol_sched.model.availability import Commitment, DatedHours, Hours, Preferences
from protocol_sched.model.former import keeps_former, names_of
from protocol_sched.model.moments import as_instant
from protocol_sched.model.plain import as_tuple
from protocol_sched.model.typed import typed


@attrs.frozen
class OpeningHours:
    """The clinic is open then, long enough for the whole visit."""

    clinic: str
    hours: Hours = Hours()
    extra: tuple[DatedHours, ...] = attrs.field(default=(), converter=as_tuple)
    """Dates and hours it is open beside them."""
    work: str = ""
    """What is done around the visit in these hours; empty for the visit itself."""


@attrs.frozen
class Closed:
    """The clinic is closed on some dates."""

    clinic: str
    closure: DatedHours
    work: str = ""
    """What cannot be done around the visit then; empty for the visit itself."""


@attrs.frozen
class TooLateFor:
    """Work before the visit would have had to begin by now."""

    work: str


@attrs.frozen
class Turnover:
    """Of a kind of place or staff two visits of one course hold nothing at once, work included."""

    needed: str


@attrs.frozen
class StartTimes:
    """Visits begin at multiples of so many minutes after midnight."""

    minutes: int


@attrs.frozen
class NoSuchKind:
    """A stage needs a kind of place or staff that the clinic does not have."""

    clinic: str
    needed: str
    near: str = attrs.field(default="", eq=False)
    """The kind it has whose name is nearest, as a hint; empty where none is near."""


@attrs.frozen
class PlacesTaken:
    """A chair, bed or room of the kind must be free for the whole time it is needed."""

    place: str


@attrs.frozen
class StaffTaken:
    """Enough staff of the kind must be free."""

    staff: str


@attrs.frozen
class Wanted:
    """Somebody of a role, with skills."""

    role: str
    skills: tuple[str, ...] = ()


@attrs.frozen
class TeamTaken:
    """Somebody by name must be free for each that is wanted, with the skills for it."""

    wanted: tuple[Wanted, ...]
    together: bool = False
    """Several at a time, or one and the same person in several stages."""
    nobody: bool = False
    """Nobody in the team is of that role with these skills, free or not."""
    near: str = attrs.field(default="", eq=False)
    """A skill somebody of that role has whose name is near to one that nobody has, as a hint."""


@attrs.frozen
class PersonFree:
    """The person is available for the whole visit."""

    person: str
    hours: Hours = Hours()


@attrs.frozen
class OnlyWeekdays:
    """The person can come on some weekdays only."""

    person: str
    weekdays: tuple[str, ...]


@attrs.frozen
class PersonAway:
    """The person is away on some dates."""

    person: str
    away: DatedHours


@attrs.frozen
class PersonBusy:
    """The person has something else to do."""

    person: str
    commitment: Commitment


@attrs.frozen
class MustDrive:
    """The person must drive to a commitment at a time when driving is barred."""

    person: str
    commitment: Commitment
    rest: bool = False
    """Driving is barred until a night's rest, and the commitments leave no time for it."""


@attrs.frozen
class EscortFree:
    """One of the escorts is free for the whole time in which the discharge can fall."""

    escorts: tuple[str, ...]


@attrs.frozen
class Declined:
    """Some escorts said no to the visit at the time people know; one who did not must be free."""

    escorts: tuple[str, ...]


@attrs.frozen
class SameTime:
    """A preference: visits of one type begin at the same time of day."""

    visit_type: str
    minute: int
    """After local midnight."""


@attrs.frozen
class SameWeekday:
    """A preference: visits of one type are on the same weekday."""

    visit_type: str
    weekday: str


@attrs.frozen
class FewEscorts:
    """A preference: no other escorts than these."""

    escorts: tuple[str, ...]


@attrs.frozen
class EvenlySpread:
    """A preference: the visits of one phase are so many days apart, or one day more."""

    phase: str
    days: int


@attrs.frozen
class NotTwoDaysRunning:
    """The person insists that no two visits are on dates that follow each other."""

    person: str


@attrs.frozen
class OneWeekday:
    """The person insists that the visits of one type are on the same weekday."""

    person: str


@attrs.frozen
class OneEscort:
    """The person insists that one of the escorts takes them home from every visit."""

    person: str


@keeps_former
@attrs.frozen
class EscortHours:
    """When one escort is free to take the person home; one who is always free has none."""

    escort: str
    available: Hours
    away: tuple[DatedHours, ...] = attrs.field(default=(), converter=as_tuple)


@attrs.frozen
class InOrder:
    """The visits come in their order."""


@attrs.frozen
class CourseStarts:
    """No visit of the course is before this date."""

    day: date


@attrs.frozen
class CourseEnds:
    """No visit of the course is after this date."""

    day: date


@attrs.frozen
class HorizonBegins:
    """Nothing is planned before this date, on which the question is asked."""

    first: date


@attrs.frozen
class HorizonEnds:
    """Planning looks no further than this date."""

    last: date


@attrs.frozen
class AsAnnounced:
    """People know of the visit at another time."""

    visit: str
    start: datetime = attrs.field(eq=as_instant)


@attrs.frozen(kw_only=True, field_transformer=typed)
class Request:
    """
    Something that is asked for: a visit, or every visit, on some dates at some time of day.

    The visit begins on ``first`` to ``last`` and between the clock times ``earliest`` and
    ``latest`` (minutes after midnight), all included; ``None`` is no bound.
    """

    visit: str | None = None
    """Its identity; ``None`` is every visit."""
    first: date | None = None
    last: date | None = None
    earliest: int | None = None
    latest: int | None = None
    never: date | None = None
    """A date on which it shall not begin."""


@attrs.frozen(field_transformer=typed)
class PreferenceKept:
    """One of the person's preferences is asked for on every visit."""

    person: str
    which: str
    """``weekdays``, ``earliest``, ``latest``, ``hours`` or ``not_two_days_running``."""
    preferences: Preferences


Cause = (
    OpeningHours
    | Closed
    | TooLateFor
    | Turnover
    | StartTimes
    | NoSuchKind
    | PlacesTaken
    | StaffTaken
    | TeamTaken
    | PersonFree
    | OnlyWeekdays
    | PersonAway
    | PersonBusy
    | MustDrive
    | EscortFree
    | EscortHours
    | InOrder
    | CourseStarts
    | CourseEnds
    | HorizonBegins
    | HorizonEnds
    | AsAnnounced
    | Declined
    | SameTime
    | SameWeekday
    | FewEscorts
    | EvenlySpread
    | NotTwoDaysRunning
    | OneWeekday
    | OneEscort
    | Request
    | PreferenceKept
)

Origin = Rules | Cause

Asked = Request | PreferenceKept
"""What can be asked for beside the rules."""


if not TYPE_CHECKING:  # a checker shall know the present names only
    __getattr__ = names_of(__name__)
