"""What gates come to for one treatment visit, as values."""

from __future__ import annotations

import attrs

from protocol_sched.expansion.forecast import Edge
from protocol_sched.model.agenda import Need, PastVisit, Question, Rules, Spacing
from protocol_sched.model.gates import Gate
from protocol_sched.model.spans import CalendarSpan

ONE_DAY = CalendarSpan(days=1)


@attrs.frozen(kw_only=True)
class GateVisit:
    """A visit that must come before a treatment visit and was not given, or is too old."""

    id: str
    gate: Gate
    guarded: str
    ordinal: int
    tries: tuple[PastVisit, ...] = ()
    """Visits given for it that are too old by now."""
    before: tuple[str, ...] = ()
    """The identities under which it was given before; now it is due under one of its own."""
    after: Spacing | None = None
    """What keeps it from the date of one that was not passed, or that begins its row."""


@attrs.frozen(kw_only=True)
class Guarding:
    """What the gates of one treatment visit come to."""

    rules: tuple[Rules, ...] = ()
    past: tuple[PastVisit, ...] = ()
    due: tuple[GateVisit, ...] = ()
    needs: tuple[Need, ...] = ()
    questions: tuple[Question, ...] = ()
    not_before: Edge | None = None
    aimed: Edge | None = None
    """The first date on which a gate's visit still due can be on its target."""
    not_after: Edge | None = None
    """Set by a gate's visit that is fixed to a moment and grows too old."""
    held: bool = False
    stopped: str = ""

    @property
    def settled(self) -> tuple[Rules, ...]:
        """Return the rules whose gate has a date: a visit still due is dated back from its own."""
        due = {one.id for one in self.due}
        return tuple(
            rule
            for rule in self.rules
            if getattr(rule, "earlier", None) not in due and rule.status is None
        )


def joined(one: Guarding, other: Guarding) -> Guarding:
    later = [edge for edge in (one.not_before, other.not_before) if edge is not None]
    aimed = [edge for edge in (one.aimed, other.aimed) if edge is not None]
    sooner = [edge for edge in (one.not_after, other.not_after) if edge is not None]
    return Guarding(
        rules=one.rules + other.rules,
        past=one.past + other.past,
        due=one.due + other.due,
        needs=one.needs + other.needs,
        questions=one.questions + other.questions,
        not_before=max(later, key=lambda edge: edge.day, default=None),
        aimed=max(aimed, key=lambda edge: edge.day, default=None),
        not_after=min(sooner, key=lambda edge: edge.day, default=None),
        held=one.held or other.held,
        stopped=one.stopped or other.stopped,
    )
