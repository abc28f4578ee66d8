"""Adaptations: a recorded response, and what it changes in the course."""

from __future__ import annotations

import enum

import attrs

from protocol_sched.errors import InvalidValue
from protocol_sched.model.cadences import Cadence
from protocol_sched.model.numbers import Band
from protocol_sched.model.plain import as_tuple
from protocol_sched.model.references import CoursePoint, Reference, StartOf, require_least
from protocol_sched.model.rules import Rule
from protocol_sched.model.spans import CalendarSpan, comparable
from protocol_sched.model.typed import typed


@attrs.frozen(kw_only=True, field_transformer=typed)
class NewCadence:
    """From now on the phase runs at another cadence."""

    cadence: Cadence
    phase: str


@attrs.frozen(kw_only=True, field_transformer=typed)
class GoTo:
    """Leave the phase that runs and begin another."""

    go_to: str


@attrs.frozen(kw_only=True, field_transformer=typed)
class InsertVisit:
    """One more visit that leaves the dates of the others alone."""

    insert: CoursePoint
    phase: str


@attrs.frozen(kw_only=True, field_transformer=typed)
class StepBack:
    """Return to the cadence that ran before the present one."""

    step_back: str
    """Name of the ladder: the phases, most frequent first, joined by ``>``."""


@attrs.frozen(kw_only=True, field_transformer=typed)
class Extend:
    """So many more visits in the phase that runs."""

    extend: int
    phase: str


@attrs.frozen(kw_only=True, field_transformer=typed)
class Stop:
    """No further treatment visits; the text says why."""

    stop: str


Action = NewCadence | GoTo | InsertVisit | StepBack | Extend | Stop


class Compared(enum.Enum):
    """Which number of a measure a band is about."""

    VALUE = "value"
    """The score itself."""
    FALL = "percent fall from the first"
    """By how much it has fallen since it was first recorded, in percent of that score."""
    RISE = "rise from the one before"
    """By how much it is higher than when it was recorded before."""


@attrs.frozen(kw_only=True, field_transformer=typed)
class Adaptation(Rule):
    """
    A recorded response and what it changes; the edges of a band say whether they are included.

    ``measure`` is a named score, or a named finding whose value is 1 for yes and 0 for no. A
    score that is needed and was not recorded is asked for, and never guessed.
    """

    name: str
    measure: str
    compared: Compared = Compared.VALUE
    over: float | None = None
    at_least: float | None = None
    under: float | None = None
    up_to: float | None = None
    after: str | None = None
    """The phase after whose end the response is read; ``None`` is at any time."""
    before: str | None = None
    """The phase that waits until the response was read, for what sets how it begins."""
    during: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Phases in which it acts; empty is any. A response read before one counts once it runs."""
    missed: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Phases of which a visit must have been missed or omitted since the review before; empty
    is whether or not one was."""
    times: int | None = None
    """How often it acts in a course; after that a clinician is asked what follows."""
    not_before: CalendarSpan | None = None
    """So long after ``from`` a response counts at the earliest; one before it changes nothing."""
    from_: Reference = StartOf("course")
    """What ``not_before`` is counted from: the start of the course, or of a phase."""
    then: Action

    def __attrs_post_init__(self) -> None:
        if self.times is not None:
            require_least(1, f"adaptation {self.name!r}", "times", self.times)
        if self.after is not None and self.before is not None:
            owner = f"adaptation {self.name!r}"
            raise InvalidValue(owner, "before", repr(self.before), "left out where after is given")
        owner = f"adaptation {self.name!r}"
        if not isinstance(self.from_, StartOf):
            raise InvalidValue(
                owner, "from", repr(str(self.from_)), "the start of course or a phase"
            )
        if self.not_before is None and self.from_ != StartOf("course"):
            raise InvalidValue(owner, "from", repr(str(self.from_)), "given with not_before")
        if self.not_before is not None and comparable(self.not_before) < 0:
            raise InvalidValue(owner, "not_before", str(self.not_before), "zero or longer")

    @property
    def band(self) -> Band:
        """Return the numbers for which it acts."""
        return Band(over=self.over, at_least=self.at_least, under=self.under, up_to=self.up_to)
