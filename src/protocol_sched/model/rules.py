"""
The rules of a protocol about distances in time, each a small frozen value.

A rule says nothing about dates or people. Every rule with a number names its ``source``: a
key of the protocol's ``sources``, or ``local`` for a clinic's own choice, or ``memory`` for
what was not checked. ``unverified`` lists the fields taken from memory.
"""

from __future__ import annotations

import enum

import attrs

from protocol_sched.errors import InvalidValue
from protocol_sched.model.former import keeps_former
from protocol_sched.model.numbers import EACH, Ordinals
from protocol_sched.model.plain import as_tuple
from protocol_sched.model.references import PreviousVisit, Reference, require_least
from protocol_sched.model.spans import CalendarSpan, Span, SpanRange, comparable
from protocol_sched.model.typed import typed


class Earlier(enum.Enum):
    """Whether a visit may come before its target, where no tolerance or least distance says so."""

    NOT_BEFORE = "not before target"
    ALLOWED = "allowed"


@attrs.frozen(kw_only=True, field_transformer=typed)
class Rule:
    """What every rule has: where it is from, and which of its fields are from memory."""

    source: str
    unverified: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)


@attrs.frozen(kw_only=True, field_transformer=typed)
class Tolerance(Rule):
    """
    Days or hours either side of the target, both included (clinics say window).

    Days count from the target's date. Hours, such as those of a sample 5 minutes either side of
    its time, count from the target in real time; there a target in days is so many times 24 hours.
    A hard tolerance is a limit. A soft one says which dates are an exception to be reported.
    """

    before: Span = CalendarSpan()
    after: Span = CalendarSpan()
    visits: Ordinals = EACH
    hard: bool = True

    def __attrs_post_init__(self) -> None:
        for field in ("before", "after"):
            if comparable(getattr(self, field)) < 0:
                found = str(getattr(self, field))
                raise InvalidValue("tolerance", field, found, "zero or longer")


class Between(enum.Enum):
    """Which two moments an elapsed separation is measured between."""

    STARTS = "start to start"
    END_AND_START = "end to start"


@attrs.frozen(kw_only=True, field_transformer=typed)
class Separation(Rule):
    """
    How close and how far a visit may be from one or more references; the strictest wins.

    ``grace`` shortens ``least``: inside it a visit counts and is reported (CDSi's four days).
    ``preferred`` is a least distance that is aimed at and that may be left, down to ``least``: each
    day nearer than it is a day off target.
    Calendar spans count dates. Elapsed spans count real time between the two visits' starts,
    or from the end of the earlier one where ``between`` says so.
    """

    from_: tuple[Reference, ...] = attrs.field(default=(PreviousVisit(),), converter=as_tuple)
    least: Span | None = None
    most: Span | None = None
    preferred: Span | None = None
    grace: CalendarSpan | None = None
    between: Between = Between.STARTS
    visits: Ordinals = EACH
    safety: bool | None = None
    """
    A safety rule is never offered for relaxation. Where nothing is said, ``least`` is one and
    ``most`` is not.
    """

    def __attrs_post_init__(self) -> None:
        if self.least is None and self.most is None:
            raise InvalidValue("separation", "least", "nothing", "given, or most")
        if not self.from_:
            raise InvalidValue("separation", "from", "an empty list", "one reference or more")
        if (
            self.least is not None
            and self.most is not None
            and comparable(self.most) < comparable(self.least)
        ):
            raise InvalidValue("separation", "most", str(self.most), f"at least {self.least}")
        if self.preferred is not None:
            self._check_preferred(self.preferred)

    def _check_preferred(self, preferred: Span) -> None:
        """Refuse a preferred least distance that is not between the limits, counted as they are."""
        for end, sooner in ((self.least, True), (self.most, False)):
            if end is None:
                continue
            if type(end) is not type(preferred):
                wanted = "days or hours, as the limits are"
                raise InvalidValue("separation", "preferred", str(preferred), wanted)
            first, last = (end, preferred) if sooner else (preferred, end)
            if comparable(last) < comparable(first):
                wanted = f"{'at least' if sooner else 'at most'} {end}"
                raise InvalidValue("separation", "preferred", str(preferred), wanted)


@attrs.frozen(kw_only=True, field_transformer=typed)
class Cap(Rule):
    """At most so many visits of the phase in any so many days in a row."""

    most: int
    in_any: CalendarSpan
    safety: bool = False
    """A safety rule is never offered for relaxation."""

    def __attrs_post_init__(self) -> None:
        require_least(1, "cap", "most", self.most)
        if self.in_any.by_months:
            raise InvalidValue("cap", "in_any", str(self.in_any), "in weeks and days only")
        require_least(1, "cap", "in_any", self.in_any.in_days)


class Clock(enum.Enum):
    """What lateness is counted from."""

    DUE_DATE = "due date"
    LAST_VISIT = "last visit"
    FIRST_VISIT = "first visit"


class Give(enum.Enum):
    """What becomes of the late visit itself."""

    NOW = "now"
    SKIP = "skip"
    RESTART_PHASE = "restart phase"
    RESTART_COURSE = "restart course"


@keeps_former
class Then(enum.Enum):
    """What the visits after the late one depend on."""

    ORIGINAL_DATES = "original dates"
    FROM_THIS_VISIT = "from this visit"
    AS_BEFORE = "as before"


@keeps_former
@attrs.frozen(kw_only=True, field_transformer=typed)
class Tier:
    """
    One row of a late table: how late, and what follows.

    The edges say themselves whether they are included: ``over`` (>), ``at_least`` (>=),
    ``under`` (<), ``up_to`` (<=). What no tier covers, the source leaves open.
    """

    over: CalendarSpan | None = None
    at_least: CalendarSpan | None = None
    under: CalendarSpan | None = None
    up_to: CalendarSpan | None = None
    give: Give = Give.NOW
    phase: str = ""
    """With ``restart phase`` the phase that begins with the late visit, which is of that phase's
    visit type; empty is its own. What depends on the course's start depends on it from then on."""
    then: Then = Then.AS_BEFORE
    extra: int = 0
    """Visits added after the late one, each ``extra_after`` the one before."""
    extra_after: CalendarSpan | None = None
    next_after: CalendarSpan | None = None
    """The next regular visit, from the last of the late one and its extras."""
    original_at_least: CalendarSpan | None = None
    """The next original date is kept only if at least so far away; a nearer one is skipped."""
    reload: bool = False
    """The late visit is as the first of its type: ``visits`` of stages, work and other drugs
    count again from it, so that it is as long as the first and the next as the second."""
    ask: str = ""
    """What a clinician decides instead, such as ``whether injections are still right``: the visit
    and those after it wait for the answer."""
    note: str = ""

    def __attrs_post_init__(self) -> None:
        if self.ask:
            edges = ("over", "at_least", "under", "up_to", "ask", "note")
            for field in attrs.fields(Tier):
                found = getattr(self, field.name)
                if field.name not in edges and found != field.default:
                    wanted = "left out where a clinician decides what follows"
                    raise InvalidValue("tier", field.name, _said(found), wanted)
        if self.phase and self.give is not Give.RESTART_PHASE:
            wanted = "left out, except with give = 'restart phase'"
            raise InvalidValue("tier", "phase", repr(self.phase), wanted)
        if self.reload and self.give is Give.SKIP:
            raise InvalidValue("tier", "reload", "true", "false where the visit is skipped")
        if self.over is not None and self.at_least is not None:
            raise InvalidValue("tier", "over", str(self.over), "given without at_least")
        if self.under is not None and self.up_to is not None:
            raise InvalidValue("tier", "under", str(self.under), "given without up_to")
        if self.extra and self.extra_after is None:
            raise InvalidValue("tier", "extra_after", "nothing", "given with extra")

    @property
    def begins_anew(self) -> bool:
        """Tell whether the course begins again, from its first phase or from one that is named."""
        return self.give is Give.RESTART_COURSE or bool(self.phase)

    @property
    def restarts(self) -> bool:
        """Tell whether the course or a phase begins again."""
        return self.give in (Give.RESTART_COURSE, Give.RESTART_PHASE)


def _said(value: object) -> str:
    return repr(value.value) if isinstance(value, enum.Enum) else str(value)


@attrs.frozen(kw_only=True, field_transformer=typed)
class LateTable(Rule):
    """What happens when a visit is late: a clock and tiers in rising order."""

    clock: Clock
    tiers: tuple[Tier, ...] = attrs.field(converter=as_tuple)
    visits: Ordinals = EACH

    def __attrs_post_init__(self) -> None:
        if not self.tiers:
            raise InvalidValue("late table", "tiers", "an empty list", "one tier or more")


@attrs.frozen(kw_only=True, field_transformer=typed)
class Starts(Rule):
    """How the first visit of a phase depends on what came before it."""

    after: SpanRange
    from_: tuple[Reference, ...] = attrs.field(default=(PreviousVisit(),), converter=as_tuple)
    """With several references the latest date wins."""
