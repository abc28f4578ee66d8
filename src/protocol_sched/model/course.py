"""One person's run through a protocol: its past is an append-only list of events."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING, assert_never

import attrs

from protocol_sched.errors import InvalidValue
from protocol_sched.model.availability import Assigned
from protocol_sched.model.former import keeps_former, names_of, rule_now
from protocol_sched.model.gates import Gate
from protocol_sched.model.moments import as_instant, utc, zoned
from protocol_sched.model.plain import as_pairs, as_tuple
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.spans import CalendarSpan, calendar_span
from protocol_sched.model.typed import typed


@attrs.frozen(kw_only=True, field_transformer=typed)
class Given:
    """
    A visit took place.

    ``visit`` is its identity in the agenda (``induction-3``). A visit that did not count still
    starts the clock where a rule measures from the previous visit; it stays due.
    """

    visit: str
    on: date
    start: datetime | None = attrs.field(default=None, eq=as_instant)
    counts: bool = True
    why_not: str = ""
    shifts: bool | None = None
    """Of a visit that nobody planned (``maintenance-unplanned-1``): whether the visits behind it
    count from it; ``None`` asks a clinician."""

    def __attrs_post_init__(self) -> None:
        if self.start is not None:
            zoned(f"given {self.visit!r}", "start", self.start)
        if self.shifts is not None and self.unplanned_in is None:
            owner, wanted = f"given {self.visit!r}", "left out, except of a visit nobody planned"
            raise InvalidValue(owner, "shifts", str(self.shifts).lower(), wanted)

    @property
    def unplanned_in(self) -> str | None:
        """Return the phase in which a visit that nobody planned was given; ``None`` of others."""
        match = re.fullmatch(r"(.+)-unplanned-\d{1,4}", self.visit)
        return None if match is None else match[1]


@attrs.frozen(kw_only=True, field_transformer=typed)
class Missed:
    """
    A visit was agreed on and did not take place, such as when the person did not come.

    It stays due, from the next date on. A moment it was pinned to is over with it.
    """

    visit: str
    on: date
    """
    The date on which it should have been: the one people know, if they were told of one.

    A visit called off before that date is put off: see `Deferred`.
    """
    why: str = ""


@attrs.frozen(kw_only=True, field_transformer=typed)
class Deferred:
    """
    A clinician puts a visit off, and every visit behind it in its series with it.

    Unlike an omitted visit it is still given; unlike a late one, what comes after is measured
    from it, where the original dates hold as well. A greatest distance that the delay goes beyond
    is broken and named so; how far is counted from ``until``. A safety rule has to be waived
    first: see `Exempted`.
    """

    visit: str
    on: date
    until: date | None = None
    """The first date on which it may be; ``None`` holds it until a clinician names one."""
    why: str = ""

    def __attrs_post_init__(self) -> None:
        if self.until is not None and self.until < self.on:
            owner, wanted = f"deferred {self.visit!r}", f"{self.on}, when it was said, or later"
            raise InvalidValue(owner, "until", str(self.until), wanted)


@attrs.frozen(kw_only=True, field_transformer=typed)
class Omitted:
    """A visit that will not be made up for: the next one keeps its own place."""

    visit: str
    on: date
    why: str = ""


@attrs.frozen(kw_only=True, field_transformer=typed)
class Discontinued:
    """No further treatment visits from this date on."""

    on: date
    why: str = ""


@attrs.frozen(kw_only=True, field_transformer=typed)
class Amended:
    """
    From a date on the course follows another protocol, such as the label's new version.

    Visits given before that date were given by the old one. The run of visits goes on in the
    phase of the same name.
    """

    protocol: Protocol
    on: date
    why: str = ""


@attrs.frozen(kw_only=True, field_transformer=typed)
class Happened:
    """Something outside the course took place, such as a transplant or a dialysis session."""

    event: str
    on: date


@attrs.frozen(kw_only=True, field_transformer=typed)
class Tested:
    """
    A gate's test was done, with its result in a number, in a word, or in both.

    Where the gate names the numbers that pass, the value says whether it did. Otherwise ``passed``
    is what a clinician made of it.
    """

    gate: str
    on: date
    at: datetime | None = attrs.field(default=None, eq=as_instant)
    passed: bool | None = None
    """``None`` leaves it to the value; without a value it was passed."""
    value: float | None = None

    def __attrs_post_init__(self) -> None:
        if self.at is not None:
            zoned(f"tested {self.gate!r}", "at", self.at)

    def passes(self, gate: Gate) -> bool:
        """Tell whether it was passed, by the number that the gate asks for or as it was told."""
        if gate.band and self.value is not None:
            return gate.band.holds(self.value)
        return self.passed is not False


@attrs.frozen(kw_only=True, field_transformer=typed)
class Reviewed:
    """A response was recorded: named measures with their values, as a mapping or as pairs."""

    on: date
    scores: tuple[tuple[str, float], ...] = attrs.field(converter=as_pairs)


@attrs.frozen(kw_only=True, field_transformer=typed)
class Requested:
    """A clinician asks for the next visit or cycle of a phase that runs on demand."""

    phase: str
    on: date
    wanted: date | None = None
    """The date it is asked for; ``None`` is as soon as the rules allow."""
    visits: int | None = None
    """How many visits the block asked for has, where the protocol leaves that open."""

    def __attrs_post_init__(self) -> None:
        number = self.visits
        if number is not None and (not isinstance(number, int) or isinstance(number, bool)):
            raise InvalidValue("requested", "visits", repr(number), "a whole number, 1 or more")
        if number is not None and number < 1:
            raise InvalidValue("requested", "visits", str(number), "a whole number, 1 or more")


@attrs.frozen(kw_only=True, field_transformer=typed)
class Answered:
    """A clinician answered a question that the protocol's source leaves open."""

    question: str
    answer: str
    on: date


RIDE_HOME = "ride home"
"""What a clinician exempts a visit from who waives its escort."""


@attrs.frozen(kw_only=True, field_transformer=typed)
class Waived:
    """A clinician exempts one visit from the ride home, and says why."""

    visit: str
    by: str
    why: str
    on: date


@attrs.frozen(kw_only=True, field_transformer=typed)
class Pinned:
    """A visit is fixed at a moment; planning may not move it."""

    visit: str
    start: datetime = attrs.field(eq=as_instant)
    on: date

    def __attrs_post_init__(self) -> None:
        zoned(f"pinned {self.visit!r}", "start", self.start)


@attrs.frozen(kw_only=True, field_transformer=typed)
class Exempted:
    """
    A clinician exempts one visit from one rule, and says why.

    The rule is still shown, as waived and by whom, and a plan comes as near to it as it can.
    """

    visit: str
    rule: str = attrs.field(converter=rule_now)
    """The kind of rule, as an answer names it: ``separation``, ``tolerance``, ``gate`` ...; one
    gate by its name; or ``ride home``, which is what `Waived` says."""
    by: str
    why: str
    on: date


@attrs.frozen(kw_only=True, field_transformer=typed)
class Notified:
    """
    The people concerned were told when a visit is and who takes the person home.

    One event for each visit and notification; told again, it has moved. What people know now is the
    last notification; see `last_notices`.
    """

    visit: str
    on: date
    start: datetime = attrs.field(eq=as_instant)
    """Arrival."""
    discharge: datetime = attrs.field(eq=as_instant)
    """The earliest the person may leave."""
    discharge_by: datetime = attrs.field(eq=as_instant)
    """The latest."""
    places: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=as_pairs)
    """Kind and name of each place, as a mapping or as pairs: ``(("chair", "chair 2"),)``."""
    escort: str | None = None
    staff: tuple[Assigned, ...] = attrs.field(default=(), converter=as_tuple)
    """Who of the clinic's team is to be there."""
    at: datetime | None = attrs.field(default=None, eq=as_instant)
    """When they were told; tells two notifications of one date apart."""

    def __attrs_post_init__(self) -> None:
        owner = f"notified {self.visit!r}"
        if self.at is not None:
            zoned(owner, "at", self.at)
        for field in ("start", "discharge", "discharge_by"):
            zoned(owner, field, getattr(self, field))
        if not utc(self.start) < utc(self.discharge) <= utc(self.discharge_by):
            found = f"{self.discharge} and {self.discharge_by}"
            raise InvalidValue(owner, "discharge", found, f"after {self.start} and in order")

    @property
    def times(self) -> tuple[object, ...]:
        """Return what arrival and earliest and latest discharge are compared by."""
        return tuple(map(as_instant, (self.start, self.discharge, self.discharge_by)))


@attrs.frozen(kw_only=True, field_transformer=typed)
class Cancelled:
    """The people concerned were told that a visit they knew of no longer takes place."""

    visit: str
    on: date
    why: str = ""
    at: datetime | None = attrs.field(default=None, eq=as_instant)

    def __attrs_post_init__(self) -> None:
        if self.at is not None:
            zoned(f"cancelled {self.visit!r}", "at", self.at)


@attrs.frozen(kw_only=True, field_transformer=typed)
class RideAnswer:
    """What an escort answered about the ride home from a visit, as it was last told."""

    visit: str
    escort: str
    on: date
    at: datetime | None = attrs.field(default=None, eq=as_instant)
    """When they answered, where that is known; answers count in this order."""

    def __attrs_post_init__(self) -> None:
        if self.at is not None:
            zoned(f"{type(self).__name__.lower()} {self.visit!r}", "at", self.at)


@attrs.frozen(kw_only=True, field_transformer=typed)
class Confirmed(RideAnswer):
    """An escort said yes to the ride home."""


@attrs.frozen(kw_only=True, field_transformer=typed)
class Declined(RideAnswer):
    """An escort said no to the ride home."""


Event = (
    Given
    | Missed
    | Deferred
    | Omitted
    | Discontinued
    | Amended
    | Happened
    | Tested
    | Reviewed
    | Requested
    | Answered
    | Waived
    | Pinned
    | Notified
    | Cancelled
    | Confirmed
    | Declined
    | Exempted
)


# Of these the last one said counts, so the same can be said again after another.
_Said = Deferred | Answered | Pinned | Notified | Cancelled | Confirmed | Declined


def distinct(events: Iterable[Event]) -> tuple[Event, ...]:
    """
    Return the events without those told twice, in order.

    An event equal to one before it is the same event. What can be said again, such as when a
    visit is, counts again if something else was said about it in between and it bears no time
    (``at``) by which it is known to be the same.
    """
    kept: dict[Event, None] = {}
    result: list[Event] = []
    last: dict[tuple[str, str], Event] = {}
    for event in events:
        said = isinstance(event, _Said)
        if event in kept and not (said and getattr(event, "at", None) is None):
            continue
        if isinstance(event, _Said):
            about = _about(event)
            if last.get(about) == event:
                continue
            last[about] = event
        kept[event] = None
        result.append(event)
    return tuple(result)


def _about(event: _Said) -> tuple[str, str]:
    """Return what an event says something about: of those alike the last one counts."""
    match event:
        case Notified() | Cancelled():
            return "notified", event.visit
        case Confirmed() | Declined():
            return "ride", event.visit
        case Deferred():
            return "deferred", event.visit
        case Pinned():
            return "pinned", event.visit
        case Answered():
            return "answered", event.question
        case _:
            assert_never(event)


COUNTS, COUNTS_NOT = "it counts", "it does not count"
"""What a clinician can answer about a visit given sooner than a rule allows."""


def too_soon(visit: str, on: date, again: bool) -> str:
    """
    Return the identity of the question whether a visit given too soon counts.

    Args:
        again: Whether it was given before without counting; then its date tells them apart.
    """
    return f"too-soon-{visit}-{on}" if again else f"too-soon-{visit}"


def as_counted(events: Iterable[Event]) -> tuple[Event, ...]:
    """
    Return the events, in order, with those visits as not counting of which a clinician said so.

    The last answer about a visit is the one that holds.
    """
    events = tuple(events)
    said = {event.question: event.answer for event in events if isinstance(event, Answered)}
    first: dict[str, date] = {}
    for event in events:
        if isinstance(event, Given):
            first[event.visit] = min(event.on, first.get(event.visit, event.on))

    def read(event: Event) -> Event:
        if isinstance(event, Given) and event.counts:
            asked = too_soon(event.visit, event.on, event.on > first[event.visit])
            if said.get(asked, "").strip() == COUNTS_NOT:
                return attrs.evolve(event, counts=False, why_not="given too soon")
        return event

    return tuple(map(read, events))


class Waiting(enum.Enum):
    """Whether a course that starts later than it could is off target by that."""

    COUNTED = "counted"
    FREE = "free"
    """A plan may wait for as long as other rules gain by it."""


def _span_or_none(span: CalendarSpan | str | None) -> CalendarSpan | None:
    return calendar_span(span) if isinstance(span, str) else span


@keeps_former
@attrs.frozen(kw_only=True, field_transformer=typed)
class Course:
    """A protocol as one person follows it."""

    key: str
    """Stable identity; calendar entries are known by it, so it holds no name."""
    protocol: Protocol
    not_before: date | None = None
    """The first date on which a visit may be; ``None`` is the day after planning."""
    first_treatment_within: CalendarSpan | None = attrs.field(default=None, converter=_span_or_none)
    """How long after ``not_before`` the first treatment visit is still on target, also in words:
    ``"10 days"``; every day later is a day off target. Without it ``waiting`` says what a later
    start costs."""
    finish_by: date | None = None
    """The last date on which a visit of the planned part may be."""
    events: tuple[Event, ...] = attrs.field(default=(), converter=distinct)
    """What happened, in the order in which it was recorded; each event counts once."""
    waiting: Waiting = Waiting.COUNTED
    """What days cost by which the first treatment is later than it could be."""

    def __attrs_post_init__(self) -> None:
        owner = f"course {self.key!r}"
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", self.key):
            raise InvalidValue(owner, "key", repr(self.key), "letters, digits, '.', '_' and '-'")
        if self.first_treatment_within is not None and (
            self.not_before is None or self.first_treatment_within.in_days < 0
        ):
            found = f"{self.first_treatment_within} with not_before {self.not_before}"
            raise InvalidValue(
                owner, "first_treatment_within", found, "zero or longer, and given with not_before"
            )
        if self.not_before and self.finish_by and self.finish_by < self.not_before:
            raise InvalidValue(
                owner, "finish_by", str(self.finish_by), f"{self.not_before} or later"
            )

    def after(self, events: Iterable[Event]) -> Course:
        """
        Return the course with more events at the end of its history, unchecked; see `record`.

        An event that is there already is not added again.
        """
        return attrs.evolve(self, events=(*self.events, *events))

    def protocol_on(self, day: date) -> Protocol:
        """Return the protocol that holds on a date, amendments made by then included."""
        changes = [event for event in self.events if isinstance(event, Amended) and event.on <= day]
        changes.sort(key=lambda event: event.on)
        return changes[-1].protocol if changes else self.protocol


def by_the_clock_of(zone: tzinfo, course: Course) -> Course:
    """Return the course with its moments told by the clock of a zone, as a clinic's dates are."""

    def here(event: Event) -> Event:
        match event:
            case Given(start=datetime() as moment) | Pinned(start=moment):
                return attrs.evolve(event, start=moment.astimezone(zone))
            case Tested(at=datetime() as moment):
                return attrs.evolve(event, at=moment.astimezone(zone))
            case _:
                return event

    return attrs.evolve(course, events=map(here, course.events))


if not TYPE_CHECKING:  # a checker shall know the present names only
    __getattr__ = names_of(__name__)
