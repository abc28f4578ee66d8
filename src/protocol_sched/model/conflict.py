"""Rules that cannot all hold, as facts; sentences are made in `wording` and its like."""

from __future__ import annotations

from datetime import date

import attrs

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
    enough: bool = False
    """The whole course has room as soon as this one rule is gone, all others kept."""


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
