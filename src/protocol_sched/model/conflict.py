"""Rules that cannot all hold, as facts; sentences are made in `wording` and its like."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import attrs

from protocol_sched.model.agenda import Spacing
from protocol_sched.model.causes import Origin
from protocol_sched.model.plain import Shown, as_tuple


@attrs.frozen(kw_only=True)
class Reason:
    """One rule of a conflict, one that a person would recognise."""

    rule: Origin
    visits: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Identities of the visits it stands in the way of, in the order in which they come."""
    dates: tuple[date, ...] = attrs.field(default=(), converter=as_tuple)
    """
    Dates that the other rules of the conflict leave such a visit, and this one does not; empty
    for a rule between visits, and where they are more than `MANY` dates.
    """
    enough: bool | None = None
    """
    Whether the whole course has room as soon as this rule is gone, all others kept; ``None``
    where the allowed effort ended first. Of spacings read as one, it is told of them all.
    """


MANY = 31
"""More dates than these are not listed with a reason."""


@attrs.frozen(kw_only=True)
class Conflict(Shown):
    """
    A smallest set of rules that cannot all hold.

    Proved impossible: with these rules alone, all others dropped, the visits have no room. And
    minimal: with any single one of them gone, the rest of them leave room.
    """

    visit: str
    """The first visit that cannot be placed: those before it can be, alone."""
    reasons: tuple[Reason, ...] = attrs.field(converter=as_tuple)
    """What a reader can change comes first; see `protocol_sched.planning.conflicts.rank`."""
    minimal: bool = True
    """False only where the allowed effort ended before each rule was shown to matter."""


def as_read(reasons: Sequence[Reason]) -> list[list[Reason]]:
    """
    Return reasons as people read them, in their order.

    Each stands alone, but spacings that ask the same of each next visit are one rule.
    """
    waiting, lines = list(reasons), []
    while waiting:
        chain = _chain(waiting)
        waiting = [one for one in waiting if one not in chain]
        lines.append(chain)
    return lines


def _chain(reasons: Sequence[Reason]) -> list[Reason]:
    """Return the first reason with those that ask the same of each next visit."""
    chain = [reasons[0]]
    rule = last = reasons[0].rule
    if not isinstance(rule, Spacing) or not isinstance(rule.earlier, str):
        return chain
    for one in reasons[1:]:
        other = one.rule
        assert isinstance(last, Spacing)
        if isinstance(other, Spacing) and other.earlier == last.later:
            alike = attrs.evolve(other, earlier=rule.earlier, later=rule.later)
            if alike == rule:
                chain.append(one)
                last = other
    return chain
