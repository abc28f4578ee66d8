"""Whether those named for a visit may and can do it: role, skills, hours and what else they do."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from datetime import datetime
from fractions import Fraction

from protocol_sched.judge.clock import (
    DAY,
    covers,
    instant,
    moment_text,
    of_all,
    range_text,
    windows_of,
    without,
)
from protocol_sched.judge.violation import Case, Placed, Violation, alone
from protocol_sched.model.availability import Clinic, Member, Staff

Need = tuple[datetime, datetime, int]
"""From when, until when, and how many units; of staff in shares of one."""


def whole_of(clinic: Clinic, kind: str) -> int:
    """Return into how many shares one of a kind is cut, so that every ratio is a whole number."""
    counts = [n for ratio in clinic.ratios if ratio.one == kind for _, n in ratio.for_]
    return math.lcm(*counts)


def share_of(clinic: Clinic, kind: str, part: str) -> int:
    """Return how many shares of one a stage, or work around a visit, takes."""
    if not clinic.ratios:
        return 1
    whole = whole_of(clinic, kind)
    for ratio in clinic.ratios:
        for name, count in ratio.for_:
            if ratio.one == kind and name == part:
                return whole // count
    return whole


def booked_shares(
    case: Case, what: Staff | Member, whole: int, start: datetime, end: datetime
) -> list[tuple[datetime, datetime, Fraction]]:
    """Return what others hold on the dates of a stretch, in shares."""
    zone = case.clinic.zone
    taken: list[tuple[datetime, datetime, Fraction]] = []
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    while day <= last:
        for held in case.booked(what).get(day, ()):
            first, until = instant(zone, day, held.start), instant(zone, day, held.end, end=True)
            taken.append((first, until, Fraction(held.units * whole, held.of)))
        day += DAY
    return taken


Part = tuple[str, bool, datetime, datetime, dict[str, int], dict[str, tuple[str, ...]]]
"""Name, whether beside the person's stages, from when, until when, needs, skills."""


def _parts(one: Placed) -> list[Part]:
    found: list[Part] = []
    for stage, (begins, _, _, ends_by) in zip(one.stages, one.ranges, strict=True):
        span = one.start + begins, one.start + ends_by
        found.append((stage.name, False, *span, dict(stage.needs), dict(stage.skills)))
    for work, begin, end in one.tasks:
        found.append((work.name, True, begin, end, dict(work.needs), dict(work.skills)))
    return found


def team(case: Case, one: Placed) -> Iterator[Violation]:
    """Yield what is wrong with who is named for a visit's stages and for the work around it."""
    if not case.roles and not one.visit.staff:
        return
    parts, named = _parts(one), one.visit.staff
    wanted: dict[tuple[str, str], int] = {}
    for name, _, _, _, needs, _ in parts:
        for role, count in needs.items():
            if role in case.roles:
                wanted[name, role] = max(count, wanted.get((name, role), 0))
    there = {key: [one for one in named if (one.during, one.role) == key] for key in wanted}
    for (part, role), count in wanted.items():
        names = {one.name for one in there[part, role]}
        if len(there[part, role]) != count or len(names) != count:
            text = f"{one.title} has {', '.join(sorted(names)) or 'nobody'} as {role} for {part}"
            yield alone("team", one, text, f"{count} of the team by name")
    for other in dict.fromkeys(named):
        if one.kind is not None and (other.during, other.role) not in wanted:
            text = f"{one.title} has {other.name} as {other.role} for {other.during}"
            yield alone("team", one, text, "only staff that its stages need")
    yield from _constant(one, wanted)
    for name in dict.fromkeys(other.name for other in named):
        member = next((member for member in case.clinic.team if member.name == name), None)
        if member is None:
            text = f"{one.title} has {name}"
            known = ", ".join(member.name for member in case.clinic.team) or "nobody"
            yield alone("team", one, text, f"one of the team: {known}")
        else:
            yield from _member(case, one, member, parts)


def _constant(one: Placed, wanted: dict[tuple[str, str], int]) -> Iterator[Violation]:
    """Yield where others come in for a role of which the same people must stay."""
    stages = [stage.name for stage in one.stages]
    for role in one.kind.same_staff if one.kind is not None else ():
        crews = [
            {other.name for other in one.visit.staff if (other.during, other.role) == (part, role)}
            for part in dict.fromkeys(stages)
            if (part, role) in wanted
        ]
        crews.sort(key=len)
        if any(not few <= more for few, more in itertools.pairwise(crews)):
            names = ", ".join(sorted(set().union(*crews)))
            text = f"{one.title} has {names} as {role} in turn"
            yield alone("team", one, text, f"the same {role} in each stage that needs one")


def _member(case: Case, one: Placed, member: Member, parts: Sequence[Part]) -> Iterator[Violation]:
    mine = {other.during for other in one.visit.staff if other.name == member.name}
    roles = {other.role for other in one.visit.staff if other.name == member.name}
    if roles != {member.role}:
        text = f"{one.title} has {member.name} as {', '.join(sorted(roles))}"
        yield alone("team", one, text, f"{member.name} as {member.role}")
        return
    zone, role = case.clinic.zone, member.role
    stretches: list[tuple[datetime, datetime, int, bool]] = []
    for name, beside, start, end, needs, skills in parts:
        if name not in mine or role not in needs:
            continue
        lacking = [skill for skill in skills.get(role, ()) if skill not in member.skills]
        if lacking:
            text = f"{one.title} has {member.name} for {name}"
            yield alone("team", one, text, f"a {role} with the skill {', '.join(lacking)}")
        stretches.append((start, end, share_of(case.clinic, role, name), beside))
        free = windows_of(member.hours.on, zone, start, end, opening=True)
        if member.absent:
            free = without(free, windows_of(of_all(member.absent), zone, start, end))
        if start < end and not covers(free, start, end):
            text = f"{member.name} is not there for all of {range_text(start, end, zone)}"
            yield alone("team", one, text, f"a {role} who is free for {one.title}")
    if not stretches:
        return
    whole = whole_of(case.clinic, role)
    first, last = min(s[0] for s in stretches), max(s[1] for s in stretches)
    taken = booked_shares(case, member, whole, first, last)
    edges = {edge for a, b, *_ in stretches for edge in (a, b)}
    for edge in sorted(edges | {edge for a, b, _ in taken for edge in (a, b)}):
        own = max((n for a, b, n, beside in stretches if not beside and a <= edge < b), default=0)
        own += sum(n for a, b, n, beside in stretches if beside and a <= edge < b)
        others = sum((n for a, b, n in taken if a <= edge < b), Fraction())
        if own and own + others > whole:
            text = f"{one.title} needs {Fraction(own, whole)} of {member.name} on "
            text += moment_text(edge, zone)
            free_share = max(1 - others / whole, Fraction())
            yield alone("team", one, text, f"at most the {free_share} that is free")
            return
