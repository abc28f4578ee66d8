"""How many new courses a week a clinic carries: what is asked, and what is answered."""

from __future__ import annotations

from datetime import date

import attrs

from protocol_sched.model.availability import Person
from protocol_sched.model.plain import Shown, as_tuple
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.references import require_least
from protocol_sched.model.typed import typed

ANYONE = Person(key="anyone")
"""Somebody who can come at any hour."""


@attrs.frozen(kw_only=True, field_transformer=typed)
class Share:
    """One kind of course among those that begin at a clinic, and how many of them there are."""

    protocol: Protocol
    parts: int = 1
    """Of all shares together: 2 beside 1 is two courses of three."""
    person: Person = ANYONE
    """When such people can come, and who takes them home."""

    def __attrs_post_init__(self) -> None:
        require_least(1, f"share of {self.protocol.name!r}", "parts", self.parts)


@attrs.frozen(kw_only=True, field_transformer=typed)
class Load:
    """How much of a kind of place or of staff is held in a week."""

    kind: str
    held: int
    """Minutes times units that visits hold; staff in shares of one person are rounded up."""
    open: int
    """Minutes times units that there are while the clinic is open."""

    @property
    def percent(self) -> int:
        """Return the share that is held, in percent; work after hours can make it over 100."""
        return round(100 * self.held / self.open) if self.open else 0


@attrs.frozen(kw_only=True, field_transformer=typed)
class CapacityWeek:
    """One week of a clinic that takes as many courses as it carries."""

    first: date
    wait: int
    """The most days between asking and the first visit, of those who asked in this week."""
    loads: tuple[Load, ...] = attrs.field(converter=as_tuple)


@attrs.frozen(kw_only=True, field_transformer=typed)
class OneMore:
    """What a clinic would carry with one more of something."""

    kind: str
    """A kind of place or of staff; ``hours`` for an hour more on each open day."""
    enough: bool
    """With it, one more course a week is carried."""


@attrs.frozen(kw_only=True, field_transformer=typed)
class Capacity(Shown):
    """How many new courses a week a clinic carries, week after week."""

    a_week: int
    """New courses a week; 0 where not even one is carried."""
    weeks: tuple[CapacityWeek, ...] = attrs.field(converter=as_tuple)
    """The weeks with so many; empty where none is carried."""
    courses: int
    visits: int
    """Visits of all those courses, those missed not among them."""
    missed: int
    """Visits to which nobody came, drawn by the seed; each was planned anew."""
    late: int
    """Visits that began at least a quarter of an hour late, as one before them took longer."""
    stopped_by: str
    """What one more course a week came to: a course without a plan, or one that waits too long."""
    stopped_in: date | None
    """The week in which it did."""
    one_more: tuple[OneMore, ...] = attrs.field(converter=as_tuple)
    """Whether one more of each kind would carry one more course a week."""

    @property
    def binding(self) -> tuple[str, ...]:
        """Return the kinds of which one more alone is enough for one more course a week."""
        return tuple(one.kind for one in self.one_more if one.enough)
