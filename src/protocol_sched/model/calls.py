"""Whom a clinic calls when visits move, and in which order."""

from __future__ import annotations

import attrs

from protocol_sched.model.changes import Change
from protocol_sched.model.plain import as_tuple
from protocol_sched.model.typed import typed


@attrs.frozen(kw_only=True, field_transformer=typed)
class Call:
    """One person to be told that visits are not when they know them, and why."""

    course: str
    person: str
    """The person's key."""
    name: str = ""
    """The person's name; empty where they have none."""
    changes: tuple[Change, ...] = attrs.field(default=(), converter=as_tuple)
    """What they are told, in order of time: each visit with its old and its new time, and why."""
    escorts: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Who is to be asked for a ride home before the person is told."""
    after: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """The courses of those who must have agreed before, since they leave the room this one takes;
    all of them stand earlier in the list, unless two take each other's places."""
