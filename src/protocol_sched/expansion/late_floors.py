"""
The least distances that late tables name, kept as rules.

A tier says which date comes next, and the number it goes by is a limit too: "on the original
dates, if at least 14 days away" forbids what is nearer than 14 days.
"""

from __future__ import annotations

from collections.abc import Iterator

from protocol_sched.expansion.references import previous
from protocol_sched.expansion.track import Item, Laid, Role, Track, Turn
from protocol_sched.model.agenda import PastVisit, Spacing
from protocol_sched.model.rules import Then
from protocol_sched.model.spans import CalendarSpan

LATE_TABLE = "late table"


def late_floors(turn: Turn, tries: tuple[PastVisit, ...], track: Track) -> Iterator[Item]:
    """Yield how far a visit has to be from a late one before it, by the late one's tier."""
    effect, late = track.effect, _late(track)
    if effect is None or late is None or turn.role is Role.INSERTED:
        return
    tier, source = effect.tier, effect.table.source
    if turn.role is Role.EXTRA:
        earlier = previous(tries, track)
        if tier.extra_after is not None and earlier is not None:
            yield _floor(turn, earlier, tier.extra_after, source)
    elif tier.next_after is not None and not tries:
        yield _floor(turn, track.real[-1].where, tier.next_after, source)
    elif tier.then is Then.ORIGINAL_DATES and tier.original_at_least is not None:
        yield _floor(turn, late.where, tier.original_at_least, source)


def _late(track: Track) -> Laid | None:
    """Return the last regular visit, whose lateness says what follows."""
    return next((one for one in reversed(track.real) if one.turn.role is Role.REGULAR), None)


def _floor(turn: Turn, earlier: str | PastVisit, least: CalendarSpan, source: str) -> Spacing:
    return Spacing(rule=LATE_TABLE, source=source, earlier=earlier, later=turn.id, least=least)
