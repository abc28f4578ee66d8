"""What a visit is made of: its stages, and the work around it that needs no person."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from protocol_sched.errors import InvalidValue, UnknownName
from protocol_sched.model.numbers import EACH, Ordinals
from protocol_sched.model.plain import as_tuple
from protocol_sched.model.references import require_least
from protocol_sched.model.rules import Rule
from protocol_sched.model.spans import ElapsedSpan, SpanRange, comparable
from protocol_sched.model.typed import typed


@attrs.frozen(kw_only=True, field_transformer=typed)
class Check(Rule):
    """
    Something looked at or measured during a stage: every so often, or so long after its start.

    It takes no place and no time of its own; a plan says when each is due.
    """

    what: str
    every: ElapsedSpan | None = None
    at: tuple[ElapsedSpan, ...] = attrs.field(default=(), converter=as_tuple)
    safety: bool = False
    """It is a safety rule."""

    def __attrs_post_init__(self) -> None:
        owner = f"check {self.what!r}"
        if (self.every is None) == (not self.at):
            found = "neither" if self.every is None else "both"
            raise InvalidValue(owner, "every, at", found, "one of the two")
        if self.every is not None:
            require_least(1, owner, "every", self.every.minutes)
        for one in self.at:
            require_least(0, owner, "at", one.minutes)

    def after(self, minutes: int) -> tuple[int, ...]:
        """Return when it is due in a stage of so many minutes, in minutes from its start."""
        if self.every is not None:
            return tuple(range(self.every.minutes, minutes + 1, self.every.minutes))
        return tuple(sorted({one.minutes for one in self.at if one.minutes <= minutes}))


@attrs.frozen(kw_only=True, field_transformer=typed)
class EndsWhen:
    """A score that ends a stage: ``{ measure = "Aldrete score", at_least = 9, in_a_row = 2 }``."""

    measure: str
    at_least: int | None = None
    up_to: int | None = None
    in_a_row: int = 1
    """How many times one after another it has to be found."""

    def __attrs_post_init__(self) -> None:
        owner = f"ends when {self.measure!r}"
        require_least(1, owner, "in_a_row", self.in_a_row)
        if self.at_least is None and self.up_to is None:
            raise InvalidValue(owner, "at_least", "nothing", "a number, or one for up_to")

    def __str__(self) -> str:
        ends = (("at least", self.at_least), ("up to", self.up_to))
        limits = " and ".join(f"{word} {end}" for word, end in ends if end is not None)
        times = {1: "", 2: ", twice in a row"}.get(
            self.in_a_row, f", {self.in_a_row} times in a row"
        )
        return f"{self.measure} {limits}{times}"


def _require_needed(
    owner: str, skills: Iterable[tuple[str, tuple[str, ...]]], needs: Iterable[tuple[str, int]]
) -> None:
    needed = tuple(kind for kind, _ in needs)
    for role, _ in skills:
        if role not in needed:
            raise UnknownName(owner, "skills", role, needed)


@attrs.frozen(kw_only=True, field_transformer=typed)
class Stage(Rule):
    """
    One part of a visit, such as check-in, infusion or recovery; stages follow one another.

    The clinic sets the longest length aside. A stage that ends when a criterion is met
    (``until``) has an open end; then ``allow`` says how long the clinic sets aside, and
    without it the least length is planned.
    """

    name: str
    length: SpanRange
    allow: ElapsedSpan | None = None
    until: str | None = None
    ends_when: EndsWhen | None = None
    """The same as a score; the planned length is what the clinic sets aside all the same."""
    needs: tuple[tuple[str, int], ...] = ()
    """Kinds of place or staff held during the stage, with the units: ``(("chair", 1),)``."""
    skills: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Skills that staff by name must have, by role: ``(("nurse", ("port access",)),)``."""
    visits: Ordinals = EACH
    checks: tuple[Check, ...] = attrs.field(default=(), converter=as_tuple)
    without_escort: SpanRange | None = None
    """Its length where the ride home was waived; ``None`` is the same length."""
    safety: bool = False
    """It is a safety rule, as an observation or a monitored recovery is. No change that is offered
    makes any stage shorter."""

    def __attrs_post_init__(self) -> None:
        owner = f"stage {self.name!r}"
        if self.without_escort is not None:
            least = self.without_escort.least
            if not isinstance(least, ElapsedSpan) or least.minutes <= 0:
                found, wanted = str(self.without_escort), "in hours or minutes, longer than zero"
                raise InvalidValue(owner, "without_escort", found, wanted)
        if not isinstance(self.length.least, ElapsedSpan):
            raise InvalidValue(owner, "length", str(self.length), "in hours or minutes")
        if self.length.least.minutes <= 0:
            raise InvalidValue(owner, "length", str(self.length), "longer than zero")
        if self.allow is not None and self.allow.minutes < self.least:
            raise InvalidValue(owner, "allow", str(self.allow), f"at least {self.length.least}")
        for kind, units in self.needs:
            require_least(1, owner, f"needs {kind}", units)
        _require_needed(owner, self.skills, self.needs)

    @property
    def criterion(self) -> str:
        """Return in words what ends it, beside its least time; empty where nothing does."""
        scores = "" if self.ends_when is None else str(self.ends_when)
        return "; ".join(filter(None, (self.until, scores)))

    @property
    def unescorted(self) -> Stage:
        """Return the stage as it is where nobody takes the person home."""
        if self.without_escort is None:
            return self
        stage = attrs.evolve(self, length=self.without_escort, without_escort=None, allow=None)
        if self.allow is not None and self.allow.minutes >= stage.least:
            stage = attrs.evolve(stage, allow=self.allow)
        return stage

    @property
    def least(self) -> int:
        """Return the shortest the stage can take, in minutes."""
        return comparable(self.length.least)

    @property
    def most(self) -> int:
        """Return what the clinic sets aside for the stage, in minutes."""
        if self.allow is not None:
            return self.allow.minutes
        return self.least if self.length.most is None else comparable(self.length.most)


@attrs.frozen(kw_only=True, field_transformer=typed)
class Work(Rule):
    """What a place, staff or a pharmacy does around a visit without the person."""

    name: str
    length: ElapsedSpan
    needs: tuple[tuple[str, int], ...] = ()
    """Kinds of place or staff held meanwhile, with the units, beside what stages hold."""
    skills: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Skills that staff by name must have, by role."""
    after_hours: bool = False
    """It may run while the clinic is closed."""
    visits: Ordinals = EACH

    def __attrs_post_init__(self) -> None:
        owner = f"{type(self).__name__.lower()} {self.name!r}"
        require_least(1, owner, "length", self.length.minutes)
        for kind, units in self.needs:
            require_least(1, owner, f"needs {kind}", units)
        _require_needed(owner, self.skills, self.needs)


@attrs.frozen(kw_only=True, field_transformer=typed)
class Preparation(Work):
    """Work that is done when a stage of the visit may first begin, such as mixing a drug."""

    before: str = ""
    """The stage; it runs beside those before it. Empty for the arrival."""
    ahead: ElapsedSpan | None = None
    """It is over so long before that stage: the day before is ``24 hours``."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.ahead is not None:
            require_least(1, f"preparation {self.name!r}", "ahead", self.ahead.minutes)


@attrs.frozen(kw_only=True, field_transformer=typed)
class Cleaning(Work):
    """Work that begins when a stage of the visit has ended at the latest."""

    after: str = ""
    """The stage; empty for the discharge."""
