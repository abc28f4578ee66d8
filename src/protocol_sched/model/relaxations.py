"""
Small changes that could make room; what they cost and do is in `planning.relaxed`.

A change is of the agenda or of somebody's calendar, so whoever plans or checks after it needs to
know nothing about changes. Each only ever allows more. A rule marked as a safety rule has none.
"""

from __future__ import annotations

import enum
from datetime import date

import attrs

from protocol_sched.model.agenda import AtMost, Spacing
from protocol_sched.model.availability import MINUTES_A_DAY, DatedHours, LocalWindow
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span

ALL_DAY: LocalWindow = (0, MINUTES_A_DAY)


class Whose(enum.Enum):
    """Whose hours a change is about."""

    ESCORT = "escort"
    PERSON = "person"
    CLINIC = "clinic"


@attrs.frozen
class MoreHours:
    """Somebody is free, or the clinic open, for a while more on one date."""

    whose: Whose
    name: str
    """The escort's name; empty for the person and the clinic."""
    day: date
    start: int
    end: int
    """Minutes after local midnight, ``[start, end)``."""


@attrs.frozen
class AnotherEscort:
    """Somebody else takes the person home on one date, or from every visit."""

    day: date | None = None


@attrs.frozen
class WithoutEscort:
    """A clinician waives the escort for one visit."""

    visit: str


@attrs.frozen
class Unpinned:
    """A visit that is fixed may move."""

    visit: str


@attrs.frozen
class Skipped:
    """The person leaves out a commitment on one date."""

    what: str
    day: date


@attrs.frozen
class NotAway:
    """The person is there on one date after all."""

    day: date


@attrs.frozen
class Reopened:
    """A closure of the clinic is lifted, on all its dates."""

    closure: DatedHours


@attrs.frozen
class OneMorePlace:
    """One more place of a kind is made free on one date."""

    place: str
    day: date


@attrs.frozen
class OneMoreStaff:
    """One more of the staff of a kind works on one date."""

    staff: str
    day: date
    skills: tuple[str, ...] = ()
    """Which one more of the team has."""


@attrs.frozen
class Looser:
    """A spacing allows one step more, or one less: a day, or an hour where it counts hours."""

    rule: Spacing
    least: bool
    """The least distance is a step shorter; else the most is a step longer."""
    steps: int = 1


@attrs.frozen
class OneMoreVisit:
    """A cap allows one visit more."""

    rule: AtMost


@attrs.frozen
class EndsLater:
    """The course, or what is looked at, ends some weeks later."""

    day: date
    """The new last date."""
    weeks: int = 1


@attrs.frozen
class StartsSooner:
    """The course starts up to a week sooner."""

    day: date
    """The new first date."""


Change = (
    MoreHours
    | AnotherEscort
    | WithoutEscort
    | Unpinned
    | Skipped
    | NotAway
    | Reopened
    | OneMorePlace
    | OneMoreStaff
    | Looser
    | OneMoreVisit
    | EndsLater
    | StartsSooner
)


def weakens(change: Change) -> bool:
    """Tell whether a change weakens a rule of treatment, so that a clinician must agree to it."""
    return isinstance(change, Looser | OneMoreVisit | WithoutEscort)


def longer_by(length: Span, steps: int) -> Span | None:
    """Return a length so many steps longer; ``None`` if that is less than nothing."""
    if isinstance(length, ElapsedSpan):
        minutes = length.minutes + 60 * steps
        return None if minutes < 0 else ElapsedSpan(minutes)
    longer = length.plus(CalendarSpan(days=steps))
    return None if not longer.by_months and longer.in_days < 0 else longer


def loosened(rule: Spacing, steps: int, least: bool) -> Spacing:
    """Return a spacing with one end so many steps looser."""
    if least:
        return attrs.evolve(rule, least=rule.least and longer_by(rule.least, -steps))
    return attrs.evolve(rule, most=rule.most and longer_by(rule.most, steps))
