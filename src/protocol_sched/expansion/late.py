"""What a plan has late, and what depends on a question that is still open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs

from protocol_sched.expansion.lateness import tier_in_words
from protocol_sched.expansion.track import Effect
from protocol_sched.expansion.walk import Outline
from protocol_sched.model.agenda import Due, Late, OfTwo, Rules, Spacing


def planned_late(found: Outline) -> Iterator[Late]:
    """Yield the visits that are planned after they were due, with what follows by their table."""
    track = found.track
    for laid in track.laid:
        at = track.planned.get(laid.turn.id)
        effect = laid.late
        if at is None or laid.past is not None or laid.due_by is None:
            continue
        if isinstance(effect, Effect):
            yield Late(
                visit=laid.turn.id,
                title=laid.title,
                due_by=laid.due_by,
                on=at.date(),
                follows=tier_in_words(effect.tier),
                source=effect.table.source,
            )


def hung_open(dues: Sequence[Due], rules: Iterable[Rules]) -> list[Due]:
    """Return the visits with those marked open whose dates depend on one that is open itself."""
    hangs = [pair for rule in rules for pair in _hangs(rule)]
    waits = {due.id: due.open for due in dues if due.open}
    while True:
        more = {one: waits[on] for one, on in hangs if on in waits and one not in waits}
        if not more:
            return [attrs.evolve(due, open=waits.get(due.id, "")) for due in dues]
        waits |= more


def _hangs(rule: Rules) -> Iterator[tuple[str, str]]:
    """Yield a visit and the one its dates depend on; that visits come in order is no date."""
    match rule:
        case Spacing(rule="order"):
            return
        case Spacing(rule="gate", earlier=str(earlier), later=later):
            yield earlier, later  # dated back from what it stands before
        case OfTwo(earlier=str(earlier), later=later):
            yield later, earlier
        case _:
            return
