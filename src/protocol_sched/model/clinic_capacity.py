"""How many new courses a clinic carries, and what it runs out of first."""

from __future__ import annotations

import attrs

from protocol_sched.errors import InvalidValue
from protocol_sched.model.plain import as_tuple
from protocol_sched.model.typed import typed


@attrs.frozen(kw_only=True, field_transformer=typed)
class Chances:
    """What does not go as planned: shares from 0 to 1."""

    no_show: float = 0.0
    """How many of all visits are missed. Such a visit has taken its room, and takes room once more
    on a later day."""
    overrun: float = 0.0
    """How many of all visits take longer than planned."""
    overrun_minutes: int = 30
    """How much longer they take."""
    late: float = 0.1
    """How many visits may begin more than a quarter of an hour late since the one before them in
    that place took longer."""

    def __attrs_post_init__(self) -> None:
        for name in ("no_show", "overrun", "late"):
            share = getattr(self, name)
            if not 0 <= share <= 1:
                raise InvalidValue("chances", name, str(share), "from 0 to 1")
        if self.overrun_minutes < 0:
            raise InvalidValue("chances", "overrun_minutes", str(self.overrun_minutes), "0 or more")


@attrs.frozen(kw_only=True, field_transformer=typed)
class KindLoad:
    """How much of a kind of place or staff is taken."""

    kind: str
    weeks: tuple[float, ...] = attrs.field(converter=as_tuple)
    """For each week the share of the open hours that visits hold, from 0 to 1."""


@attrs.frozen(kw_only=True, field_transformer=typed)
class ClinicCapacity:
    """How many new courses a week a clinic carries, and what it runs out of first."""

    rate: int
    """New courses a week, all of which have their whole plan and begin in time."""
    weeks: int
    """For how many weeks they come."""
    within: int
    """How many days later than in an empty clinic a course may begin."""
    binding: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """The kinds of place or staff of which twice as much would carry one more a week; several if
    only all of these together would. Empty where no amount of any would: then hours are short,
    those of the clinic or of people."""
    overruns: bool = False
    """Whether it is visits that begin late that one more a week would make too many of."""
    loads: tuple[KindLoad, ...] = attrs.field(default=(), converter=as_tuple)
    """At the rate that is carried, by kind."""
    waits: tuple[int, ...] = attrs.field(default=(), converter=as_tuple)
    """The longest wait of those who ask in each week, in days beyond that in an empty clinic."""
    beyond: tuple[int, ...] = attrs.field(default=(), converter=as_tuple)
    """The same with one more a week, as far as that went."""
    visits: int = 0
    """Visits of all courses, those made up for included."""
    missed: int = 0
    """How many of them were missed."""
    late: int = 0
    """How many began more than a quarter of an hour late."""
