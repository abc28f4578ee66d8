"""What comes before and after a visit: notice, fasting, other drugs, the ride, no driving."""

from __future__ import annotations

import enum
import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import attrs

from protocol_sched.errors import InvalidValue
from protocol_sched.model.former import keeps_former, names_of
from protocol_sched.model.moments import later_by
from protocol_sched.model.numbers import EACH, Ordinals
from protocol_sched.model.references import require_least
from protocol_sched.model.rules import Rule
from protocol_sched.model.spans import ElapsedSpan, SpanRange, elapsed_span
from protocol_sched.model.typed import typed


@keeps_former
@attrs.frozen(kw_only=True, field_transformer=typed)
class RideHome(Rule):
    """
    An escort must be free for the whole time in which the discharge can fall.

    A clinician's waiver, recorded in the course, replaces the escort.
    """

    stay_with: ElapsedSpan = ElapsedSpan(0)
    """How long the escort stays with the person after the discharge."""
    confirm_before: ElapsedSpan = ElapsedSpan(24 * 60)
    """A ride not confirmed so long before the visit puts the visit at risk."""
    safety: bool = False
    """Nobody is offered a visit without an escort; a clinician may still waive one."""


NEXT_DAY = "next day"


@attrs.frozen(kw_only=True, field_transformer=typed)
class NoDriving(Rule):
    """
    No driving until the next calendar day, there until after a night's rest, or for real hours.

    Three published rules that differ: a date (``until = "next day"``), an act (the same with
    ``rest``) and a duration after the discharge (``until = "24 hours"``). A rest is over once the
    person had so long without a break between the discharge and the drive: what a commitment
    takes is no rest.

    Source:
        Esketamine's label: no driving until the next day after a restful sleep. How long a
        restful sleep is, it does not say.
    """

    until: str
    rest: ElapsedSpan | None = None
    """How long a night's rest is at least; only with ``next day``."""

    def __attrs_post_init__(self) -> None:
        owner = "no driving"
        if self.rest is not None:
            require_least(1, owner, "rest", self.rest.minutes)
        if self.until == NEXT_DAY:
            return
        if self.rest is not None:
            wanted = f"nothing where until is not {NEXT_DAY!r}"
            raise InvalidValue(owner, "rest", str(self.rest), wanted)
        try:
            elapsed_span(self.until)
        except InvalidValue:
            wanted = f"{NEXT_DAY!r} or a length such as '24 hours'"
            raise InvalidValue(owner, "until", repr(self.until), wanted) from None

    @property
    def hours(self) -> ElapsedSpan | None:
        """Return the duration; ``None`` where the rule is a date or an act."""
        return None if self.until == NEXT_DAY else elapsed_span(self.until)

    def over(self, leaves: datetime) -> date | datetime:
        """
        Return until when driving is barred; a night's rest has no hour, so it is the next date.

        Args:
            leaves: The latest discharge, told by the clinic's clock.
        """
        if self.hours is not None:
            return later_by(leaves, self.hours.delta)
        return leaves.date() + timedelta(days=1)


@attrs.frozen(kw_only=True, field_transformer=typed)
class Fasting(Rule):
    """Nothing of this kind so long before a stage of the visit begins, or before the arrival."""

    what: str
    lead: ElapsedSpan
    before: str = ""
    """The stage it is counted from, as early as that may begin; empty for the arrival."""

    def __attrs_post_init__(self) -> None:
        require_least(1, f"fasting {self.what!r}", "lead", self.lead.minutes)


class NoticeUnit(enum.Enum):
    """What notice is counted in."""

    WORKING_DAYS = "working day"
    """Days on which the clinic is open; the day of asking does not count."""
    WORKING_HOURS = "working hour"
    """Hours in which the clinic is open."""
    HOURS = "hour"
    """Hours of real time."""


@attrs.frozen(field_transformer=typed)
class Notice:
    """How long before a visit it must be booked: ``2 working days``, ``24 hours``."""

    amount: int
    unit: NoticeUnit

    def __attrs_post_init__(self) -> None:
        require_least(1, "notice", "amount", self.amount)

    @classmethod
    def parse(cls, text: str) -> Notice:
        """Read ``2 working days``, ``8 working hours`` or ``24 hours``."""
        match = re.fullmatch(r"(\d{1,4}) (working day|working hour|hour)s?", text)
        if match is None:
            wanted = "such as '2 working days', '8 working hours' or '24 hours'"
            raise InvalidValue("notice", "text", repr(text), wanted)
        return cls(int(match[1]), NoticeUnit(match[2]))

    def __str__(self) -> str:
        return f"{self.amount} {self.unit.value}{'' if self.amount == 1 else 's'}"


@attrs.frozen(kw_only=True, field_transformer=typed)
class CoMedication(Rule):
    """
    Another drug's place around a visit: given in a span, or barred in one.

    ``before`` and ``after`` are distances from the visit; ``barred`` turns "give between" into
    "not within".
    """

    name: str
    before: SpanRange | None = None
    after: SpanRange | None = None
    barred: bool = False
    visits: Ordinals = EACH


if not TYPE_CHECKING:  # a checker shall know the present names only
    __getattr__ = names_of(__name__)
