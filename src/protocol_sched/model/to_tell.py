"""Who has to be told what, once a course was planned anew."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from datetime import datetime

import attrs

from protocol_sched.model.changes import Change, Replan
from protocol_sched.model.moments import as_instant, utc


class Role(enum.Enum):
    """What somebody is to a course."""

    PERSON = "person"
    DRIVER = "driver"
    CLINIC = "clinic"


@attrs.frozen(kw_only=True)
class ToTell:
    """
    One thing that somebody has to be told.

    Times are those of the visit's start; to a driver those at which the person may be fetched.
    """

    who: str
    """Their name; that of the clinic, or the key of a person without a name."""
    role: Role
    visit: str
    """Its identity."""
    title: str
    before: datetime | None = attrs.field(eq=as_instant)
    """When it is as they know it; ``None`` where they know nothing of it."""
    after: datetime | None = attrs.field(eq=as_instant)
    """When it is now; ``None`` where it is nothing to them any more."""


def who_to_tell(replan: Replan, person: str, clinic: str) -> tuple[ToTell, ...]:
    """
    Return who has to be told what, for each visit the person, the clinic, and who drives or drove.

    A visit that only has another chair or another nurse is news to the clinic alone.

    Args:
        person: What the person is called.
        clinic: What the clinic is called.
    """
    return tuple(
        one
        for change in replan.changes
        if change.to_tell
        for one in (
            *_of_the_visit(change, person, Role.PERSON),
            *_of_the_visit(change, clinic, Role.CLINIC),
            *_of_the_ride(change),
        )
    )


def _of_the_visit(change: Change, who: str, role: Role) -> Iterator[ToTell]:
    if role is Role.PERSON and change.only_elsewhere:
        return
    yield ToTell(
        who=who,
        role=role,
        visit=change.visit,
        title=change.title,
        before=change.before.start if change.before is not None else None,
        after=change.after.start if change.after is not None else None,
    )


def _of_the_ride(change: Change) -> Iterator[ToTell]:
    """Yield what is news to whoever drove, and to whoever drives now."""
    known = {} if change.before is None else {change.before.escort: change.before.discharge}
    planned = {} if change.after is None else {change.after.escort: change.after.discharge}
    for who in (*known, *(one for one in planned if one not in known)):
        before, after = known.get(who), planned.get(who)
        same = before is not None and after is not None and utc(before) == utc(after)
        if who is not None and (not same or change.lapsed):
            yield ToTell(
                who=who,
                role=Role.DRIVER,
                visit=change.visit,
                title=change.title,
                before=before,
                after=after,
            )
