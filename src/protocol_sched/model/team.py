"""
Who of a clinic's staff is there for a visit by name, and what share of them it takes.

One of a role is cut into equal shares, as many as its ratio asks for: one nurse for two infusions
or four recoveries has four, of which an infusion takes two and a recovery one. What has no ratio
takes all of them.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Sequence

import attrs

from protocol_sched.errors import InvalidValue
from protocol_sched.model.around import Task
from protocol_sched.model.availability import Booking, Clinic, Member
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.stages import Cleaning, Preparation, Stage
from protocol_sched.model.typed import typed


@attrs.frozen(field_transformer=typed)
class Seat:
    """One person by name whom a visit needs, in one of its stages or for work around it."""

    during: str
    """The stage or the work."""
    role: str
    number: int
    """Of several of one role that are needed at once, from 0."""
    skills: frozenset[str]
    units: int
    """Shares of the person."""
    stretches: tuple[tuple[int, int], ...]
    """In minutes from arrival, ``[start, end)``."""
    beside: bool
    """Work without the person whose visit it is: what it takes is added to what stages take."""

    def fits(self, member: Member) -> bool:
        """Tell whether somebody has the role and the skills for it."""
        return member.role == self.role and self.skills <= {*member.skills}


def seats(stages: Iterable[Stage], tasks: Iterable[Task], clinic: Clinic) -> tuple[Seat, ...]:
    """
    Return whom a visit needs by name, in the order of its stages and of the work around it.

    Stages of one name have the same people. Where stages may run at the same minute only one of
    them does.
    """
    roles = {member.role for member in clinic.team}
    found: dict[tuple[str, str, int], Seat] = {}

    def add(part: Stage | Task, start: int, end: int) -> None:
        what, beside = (part, False) if isinstance(part, Stage) else (part.work, True)
        skills = dict(what.skills)
        for role, count in what.needs:
            for number in range(count if role in roles else 0):
                key = (what.name, role, number)
                old = found.get(key)
                found[key] = Seat(
                    during=what.name,
                    role=role,
                    number=number,
                    skills=frozenset(skills.get(role, ())) | (old.skills if old else frozenset()),
                    units=clinic.share(role, what.name),
                    stretches=(*(old.stretches if old else ()), (start, end)),
                    beside=beside,
                )

    start = end = 0
    for stage in stages:
        end += stage.most
        add(stage, start, end)
        start += stage.least
    for task in tasks:
        add(task, task.start, task.end)
    return tuple(found.values())


def in_shares(bookings: Sequence[Booking], whole: int) -> tuple[int, tuple[Booking, ...]]:
    """
    Return into how many shares one person is cut, and bookings in such shares.

    At least ``whole``, and more where a booking is of other shares.
    """
    scale = math.lcm(whole, *{one.of for one in bookings})
    if scale == 1:
        return scale, tuple(bookings)
    return scale, tuple(
        attrs.evolve(one, units=one.units * scale // one.of, of=1) for one in bookings
    )


def check_ratios(protocol: Protocol, clinic: Clinic) -> None:
    """
    Refuse a ratio that seems to misspell a stage of a protocol, or work around a visit.

    Unread, it would give that stage one of the staff for itself and nobody would be told. A name
    far from all that the protocol has is passed over: a clinic has other protocols.

    Raises:
        InvalidValue: A name the protocol does not have is nearly one that needs such staff and
            has no number of its own.
    """
    parts: list[Stage | Preparation | Cleaning] = []
    for kind in protocol.visit_types:
        parts += kind.stages
        parts += kind.preparation
        parts += kind.cleaning
    known = {part.name for part in parts}
    for ratio in clinic.ratios:
        numbered = dict(ratio.for_)
        bare = {part.name for part in parts if ratio.one in dict(part.needs)} - {*numbered}
        for name in numbered:
            near = () if name in known else [one for one in sorted(bare) if _misspelt(name, one)]
            if near:
                raise InvalidValue(
                    f"clinic {clinic.name!r}, ratio of one {ratio.one!r}",
                    "for",
                    repr(name),
                    f"a stage or work of protocol {protocol.name!r} (did you mean {near[0]!r}? "
                    "where both are meant, give both a number)",
                )


def _misspelt(one: str, other: str) -> bool:
    """Tell whether two names differ by spelling: not by a number, a letter or a word."""
    words, others = one.casefold().split(), other.casefold().split()
    return len(words) == len(others) and all(
        a == b
        or (
            a.isalpha()
            and b.isalpha()
            and min(len(a), len(b)) > 3
            and difflib.SequenceMatcher(a=a, b=b).ratio() >= 0.8
        )
        for a, b in zip(words, others, strict=True)
    )
