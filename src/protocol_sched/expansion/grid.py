"""The grid: what the next targets of a phase hang on, and the dates as first laid out."""

from __future__ import annotations

from datetime import date

import attrs

from protocol_sched.expansion.cadences import offset
from protocol_sched.expansion.forecast import bounds_of, shifted
from protocol_sched.expansion.track import Laid, Origin, Position, Role, Track
from protocol_sched.expansion.wording import Where
from protocol_sched.model.agenda import PastVisit, Spacing
from protocol_sched.model.rules import At, Every, OriginalGrid, PreviousVisit, StartOf, Then
from protocol_sched.model.spans import CalendarSpan

ORIGINAL = "@original"
"""Ends the identity of a date as first laid out, which is a place and not a visit."""

MOST_SKIPPED = 1000


def original(laid: Laid, track: Track) -> Where:
    """
    Return a visit's place on the grid.

    It is the visit itself, unless the grid holds for it and its target has a date already: then
    it is that date, whenever the visit is given.
    """
    tier = laid.effect.tier if laid.effect else None
    re_anchored = laid.deferred or (tier is not None and tier.then is Then.FROM_THIS_VISIT)
    returns = tier is not None and tier.then is Then.GRID
    if re_anchored or not (returns or isinstance(laid.slot.phase.anchor, OriginalGrid)):
        return laid.where
    aimed = _fixed_target(laid, track)
    if aimed is None or (laid.past is not None and laid.past.on == aimed):
        return laid.where
    return PastVisit(laid.slot.id + ORIGINAL, f"the original date of {laid.title}", aimed)


def _fixed_target(laid: Laid, track: Track) -> date | None:
    """Return a target's own date, before a floor moved it; ``None`` while it can still move."""
    aims = [rule for rule in laid.rules if isinstance(rule, Spacing) and rule.target]
    target = bounds_of(laid.slot.id, aims, track.calendar).target
    if target is None or not isinstance(target.rule, Spacing):
        return None
    return target.day if isinstance(target.rule.earlier, PastVisit) else None


def origin(laid: Laid, track: Track) -> Origin | None:
    """Return what the targets after a visit hang on; ``None`` leaves it to the phase's anchor."""
    slot, tier = laid.slot, laid.effect.tier if laid.effect else None
    before = track.origin
    if slot.role is Role.INSERTED:
        return before
    if laid.deferred or (tier is not None and tier.then is Then.FROM_THIS_VISIT):
        return Origin(laid.where, slot.position)
    if slot.role is Role.EXTRA:
        return before if _is_original(before) else Origin(laid.where, slot.position)
    here = Origin(laid.original, slot.position)
    match slot.phase.anchored_on:
        case PreviousVisit():
            return here
        case OriginalGrid() | StartOf(what="phase"):
            return here if before is None or _out_of_reach(before, laid) else before
        case StartOf(what="cycle"):
            return here if before is None or slot.position.step == 1 else before
        case _:
            return before


def _out_of_reach(before: Origin, laid: Laid) -> bool:
    """Tell whether the grid ends before a visit: one on demand begins the grid of its cycle."""
    cadence = laid.slot.phase.cadence
    if not isinstance(cadence, Every | At):
        return False
    return offset(cadence, before.position, laid.slot.position) is None


def _is_original(place: Origin | None) -> bool:
    where = place.where if place is not None else None
    return isinstance(where, PastVisit) and where.id.endswith(ORIGINAL)


def skipped(laid: Laid, next_position: Position, apart: CalendarSpan, track: Track) -> int:
    """Return how many grid dates after a late visit are nearer to it than a tier allows."""
    start, cadence = origin(laid, track), laid.slot.phase.cadence
    if start is None or laid.day is None or not isinstance(cadence, Every):
        return 0
    first = shifted(laid.day, apart, track.month_end)
    since = start.where.on if isinstance(start.where, PastVisit) else laid.day
    for count in range(MOST_SKIPPED):
        position = attrs.evolve(next_position, step=next_position.step + count)
        target = offset(cadence, start.position, position)
        if target is None or shifted(since, target.least, track.month_end) >= first:
            return count
    return 0
