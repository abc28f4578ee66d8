"""What a protocol says about one visit on one date: the values a verdict is made of."""

from __future__ import annotations

import enum
from datetime import date, datetime

import attrs

from protocol_sched.model.agenda import DatedBy
from protocol_sched.model.moments import as_instant
from protocol_sched.model.plain import as_tuple
from protocol_sched.model.typed import typed


class Judged(enum.Enum):
    """What a date is for a visit."""

    TOO_EARLY = "too early"
    GRACE = "grace"
    """Sooner than its separation, and close enough to count."""
    EXCEPTION = "exception"
    """Outside a tolerance that is no limit: it counts and is reported."""
    IN_WINDOW = "in window"
    LATE = "late"
    """After its due date; ``follows`` says what the protocol makes of it."""
    TOO_LATE = "too late"
    """After a limit, and the protocol says nothing about it."""
    NOT_DUE = "not due"
    """No such visit is due in this course on that date."""
    BEFORE_TARGET = "before its target"
    """Nearer than the protocol's distance, which publishes no limit on that side."""
    WRONG_WEEKDAY = "wrong weekday"
    """On a weekday on which the visit may not be."""
    WRONG_DAY_OF_MONTH = "wrong day of the month"
    """On a day of the month on which the first visit of its phase may not be."""
    CANNOT_BE_TOLD = "cannot be told"
    """
    A rule counts hours and only a date is on record; ``between`` says what may be. Or its dates
    depend on something that is not decided yet, which ``follows`` asks where that is known.
    """

    @property
    def broken(self) -> bool:
        """Tell whether a rule is broken for certain and nothing in the protocol forgives it."""
        return self in (
            Judged.TOO_EARLY,
            Judged.TOO_LATE,
            Judged.WRONG_WEEKDAY,
            Judged.WRONG_DAY_OF_MONTH,
        )


@attrs.frozen(kw_only=True, field_transformer=typed)
class Verdict:
    """What the protocol says about one visit on one date."""

    visit: str
    title: str
    on: date
    judged: Judged
    days: int = 0
    """How many days too early, too late, or after the due date, where the rule counts dates."""
    rule: str = ""
    """The rule that decided, in words."""
    source: str = ""
    follows: str = ""
    """For a late visit: the tier's words, or the question its source leaves open."""
    earliest: DatedBy | None = None
    target: DatedBy | None = None
    latest: DatedBy | None = None
    unmet: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Gates that were not passed in time for this date."""
    start: datetime | None = attrs.field(default=None, eq=as_instant)
    """When the visit begins, where that is known."""
    minutes: int = 0
    """How much real time too early or too late at the least, where the rule counts hours."""
    between: tuple[int, int] | None = None
    """Where it cannot be told: the least and the greatest distance, in minutes, that may be."""
    waived: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Rules that somebody waived for this visit, in words, by whom and why; none of them counts."""
    untold: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Gates that count hours, and of which only a date is on record."""
    forecast: DatedBy | None = None
    """Where it is due and the protocol names no target: the date it is expected on."""
    foreseen: tuple[tuple[str, date], ...] = attrs.field(default=(), converter=as_tuple)
    """Visits still due that its dates count from, by title, and the date each is foreseen on."""
    target_until: date | None = None
    """The last date of its target; that of ``target`` is the first."""
    off_target: int = 0
    """By how many days the date is outside the target, inside its limits or not."""
    took_place: Verdict | None = None
    """Where the visit is on record as given: how it was, by `judge_history`."""

    @property
    def pending(self) -> bool:
        """Tell whether it is due and has no date until something is known or decided."""
        shown = self.target is not None or self.forecast is not None
        return self.judged is Judged.CANNOT_BE_TOLD and not self.rule and not shown

    @property
    def broken(self) -> bool:
        """Tell whether the protocol is not kept for certain: by the date, or by a gate."""
        return self.judged.broken or bool(self.unmet)
