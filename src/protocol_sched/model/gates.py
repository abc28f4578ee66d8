"""Gates: a test or a visit that must come before others."""

from __future__ import annotations

import enum

import attrs

from protocol_sched.errors import InvalidValue
from protocol_sched.model.former import keeps_former
from protocol_sched.model.numbers import FIRST, Band, Ordinals
from protocol_sched.model.references import require_least
from protocol_sched.model.rules import Rule
from protocol_sched.model.spans import CalendarSpan, Span, comparable
from protocol_sched.model.typed import typed


class Outcome(enum.Enum):
    """What a gate that is not passed does to the visit behind it."""

    HOLD = "hold"
    DELAY = "delay"
    STOP = "stop"
    ASK = "ask"
    """Held as well, until somebody says that it goes on all the same."""


@keeps_former
@attrs.frozen(kw_only=True, field_transformer=typed)
class Gate(Rule):
    """
    A test or a visit that must come before some visits, not too old and not too late.

    ``visit`` names a visit type if the gate is a visit to be planned; without it the gate is a
    test whose date window the agenda tells.
    """

    name: str
    phase: str | None = None
    """The phase it guards; ``None`` guards the treatment visits of the whole course."""
    before: Ordinals = FIRST
    """Counted over the visits really given, so it moves with inserted and missed ones."""
    each_cycle: bool = False
    """Counted again in each cycle of a phase, so that ``first`` is the first of every cycle."""
    visit: str | None = None
    max_age: Span | None = None
    min_age: Span | None = None
    """Least distance from the gate to the visit behind it."""
    target: Span | None = None
    """How long before the visit behind it a gate's visit is best; without it no date in its
    range is better, and a plan has it as early as may be."""
    over: float | None = None
    at_least: float | None = None
    under: float | None = None
    up_to: float | None = None
    """The numbers that pass, with edges as those of an adaptation; without any edge a clinician
    tells whether the test was passed. A visit's result is told as that of a test is; without any
    edge it was passed unless somebody says that it was not."""
    in_a_row: int = 1
    """So many results one after another must be passed; age and lead count from the last. Where
    the gate is a visit, only the next of them is planned."""
    failed_in_a_row: int = 1
    """Only so many results one after another that were not passed do what ``if_not`` says; fewer
    hold the visit and ask."""
    repeat_after: CalendarSpan | None = None
    """How long after one that was not passed the next may be at the earliest; a test done sooner
    does not count. Without it another one may be on the next date."""
    if_not: Outcome = Outcome.HOLD
    asks: str = ""
    """Who is asked whether a visit goes on: ``the treating neurologist``; empty is a clinician."""
    unless: str = ""
    """An outside event that its source accepts instead, from its date on: ``antibiotic cover``."""
    receipt: bool = False
    """It is no test but something that is received and expires, ``max_age`` after that: a drug
    ordered for the person, a form that somebody signs. Event `Tested` tells when it came."""
    safety: bool = True

    @property
    def band(self) -> Band:
        """Return the numbers that pass; an empty band where none is asked for."""
        return Band(over=self.over, at_least=self.at_least, under=self.under, up_to=self.up_to)

    def __attrs_post_init__(self) -> None:
        self._numbers()
        if (
            self.max_age is not None
            and self.min_age is not None
            and comparable(self.max_age) < comparable(self.min_age)
        ):
            raise InvalidValue(
                f"gate {self.name!r}", "max_age", str(self.max_age), f"at least {self.min_age}"
            )

        self._aim()

    def _aim(self) -> None:
        if self.target is None:
            return
        owner, ends = f"gate {self.name!r}", (self.min_age, self.max_age)
        if self.visit is None:
            wanted = "left out where the gate is not a visit to be planned"
            raise InvalidValue(owner, "target", str(self.target), wanted)
        least, most = (None if end is None else comparable(end) for end in ends)
        if any(end is not None and type(end) is not type(self.target) for end in ends):
            wanted = "in days or in hours, as min_age and max_age are"
            raise InvalidValue(owner, "target", str(self.target), wanted)
        aim = comparable(self.target)
        if aim < (0 if least is None else least) or (most is not None and aim > most):
            wanted = "not nearer than min_age and not farther than max_age"
            raise InvalidValue(owner, "target", str(self.target), wanted)

    def _numbers(self) -> None:
        owner = f"gate {self.name!r}"
        for one, other in (("over", "at_least"), ("under", "up_to")):
            value = getattr(self, one)
            if value is not None and getattr(self, other) is not None:
                raise InvalidValue(owner, one, f"{value:g}", f"given without {other}")
        if not self.band.overlaps(self.band):
            raise InvalidValue(owner, "band", str(self.band), "edges with a number between them")
        for field in ("in_a_row", "failed_in_a_row"):
            require_least(1, owner, field, getattr(self, field))
        if self.repeat_after is not None:
            require_least(1, owner, "repeat_after", comparable(self.repeat_after))
        if self.asks and self.if_not is not Outcome.ASK and self.failed_in_a_row == 1:
            wanted = "left out where nobody is asked, as with if_not = 'ask'"
            raise InvalidValue(owner, "asks", repr(self.asks), wanted)
        if self.receipt:
            for field, bare in (
                ("visit", None),
                ("band", Band()),
                ("in_a_row", 1),
                ("repeat_after", None),
            ):
                if getattr(self, field) != bare:
                    wanted = "left out where something is received"
                    raise InvalidValue(owner, field, str(getattr(self, field)), wanted)
        if self.visit is not None and self.unless:
            wanted = "left out where the gate is a visit"
            raise InvalidValue(owner, "unless", self.unless, wanted)
