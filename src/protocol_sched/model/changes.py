"""What a new plan changes for the people who know the old one."""

from __future__ import annotations

import enum
from datetime import date, datetime

import attrs

from protocol_sched.model.agenda import PastVisit
from protocol_sched.model.course import Cancelled, Event, Notified
from protocol_sched.model.former import keeps_former
from protocol_sched.model.notifying import notice_of, said
from protocol_sched.model.plain import Shown, as_tuple
from protocol_sched.model.reasons import Reason
from protocol_sched.model.schedule import Plan, Visit
from protocol_sched.model.typed import typed


class Fate(enum.Enum):
    """What becomes of a visit."""

    KEPT = "kept"
    """It begins when people know it begins."""
    MOVED = "moved"
    ADDED = "added"
    """Nobody knows of it yet."""
    DROPPED = "dropped"
    """People know of it, and it no longer takes place or waits for a decision."""


@keeps_former
@attrs.frozen(kw_only=True, field_transformer=typed)
class Change(Shown):
    """One visit before and after, and why it is not as it was."""

    visit: str
    """Its identity, the same before and after."""
    title: str
    title_before: str = ""
    """What people called it when they were told, where that is something else by now."""
    fate: Fate
    before: Notified | None = None
    """As people were last told; ``None`` for a visit added."""
    after: Visit | None = None
    """As it is planned; ``None`` for a visit dropped."""
    reason: str = ""
    """The rule or event that forbids the old place, or asks for a visit added, in English."""
    because: Reason | None = attrs.field(default=None, repr=False)
    """The same as a value, which `text.reasons` says in any language."""
    lapsed: bool = False
    """It was missed or put off since people were told, so they are told again in any case."""

    @property
    def to_tell(self) -> bool:
        """Tell whether people know anything about the visit that is no longer so."""
        if self.before is None or self.after is None or self.lapsed:
            return True
        return said(self.before) != said(notice_of(self.after, self.before.on))

    @property
    def only_elsewhere(self) -> bool:
        """Tell whether another place, such as a chair, is all that people do not know."""
        if self.before is None or self.after is None or not self.to_tell or self.lapsed:
            return False
        here = attrs.evolve(notice_of(self.after, self.before.on), places=self.before.places)
        return said(self.before) == said(here)

    @property
    def other_ride(self) -> bool:
        """Tell whether the visit stays and somebody else takes the person home."""
        if self.fate is not Fate.KEPT or self.before is None or self.after is None:
            return False
        return self.before.escort != self.after.escort


@attrs.frozen(kw_only=True, field_transformer=typed)
class Replan(Shown):
    """
    A new plan, and for every visit what becomes of it.

    Without a schedule in its plan nothing was decided: people go on knowing what they know.
    """

    plan: Plan
    changes: tuple[Change, ...] = attrs.field(default=(), converter=as_tuple)
    """In order of time, a visit dropped at its old one."""
    unrecorded: tuple[PastVisit, ...] = attrs.field(default=(), converter=as_tuple)
    """Visits whose time has come without a word of whether they took place; they do not move,
    and what follows is planned as if they did."""

    @property
    def kept(self) -> tuple[Change, ...]:
        """Return the visits that begin when people know they begin."""
        return self._of(Fate.KEPT)

    @property
    def moved(self) -> tuple[Change, ...]:
        """Return the visits that begin at another time."""
        return self._of(Fate.MOVED)

    @property
    def added(self) -> tuple[Change, ...]:
        """Return the visits nobody knows of yet."""
        return self._of(Fate.ADDED)

    @property
    def dropped(self) -> tuple[Change, ...]:
        """Return the visits people know of that no longer take place when they know."""
        return self._of(Fate.DROPPED)

    @property
    def held(self) -> tuple[Change, ...]:
        """Return those of `dropped` that are still due and wait for a test or a decision."""
        due = {one.id for one in self.plan.agenda.dues}
        return tuple(change for change in self.dropped if change.visit in due)

    def _of(self, fate: Fate) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.fate is fate)

    def events(self, on: date, at: datetime | None = None) -> tuple[Event, ...]:
        """
        Return what to add to the course once people were told.

        Args:
            on: The date on which they are told.
            at: The moment, which tells several notifications of one date apart.
        """
        events: list[Event] = []
        for change in self.changes:
            if change.after is None:
                events.append(Cancelled(visit=change.visit, on=on, why=change.reason, at=at))
            elif change.to_tell:
                events.append(notice_of(change.after, on, at))
        return tuple(events)
