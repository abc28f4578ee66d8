"""How far apart visits are: lines for people to read, and relations between entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from icalendar import vText

from protocol_sched.formats.ics.file import CalendarFile
from protocol_sched.formats.ics.words import one_line
from protocol_sched.model.agenda import PastVisit, Spacing, days_after
from protocol_sched.model.moments import elapsed
from protocol_sched.model.rules import Between
from protocol_sched.model.schedule import Visit
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, MonthEnd, comparable
from protocol_sched.text.lengths import backward
from protocol_sched.text.privacy import Privacy


def _spacings(file: CalendarFile, later: Visit) -> dict[str, list[Spacing]]:
    """Return the spacings before a visit by the identity of the earlier one."""
    found: dict[str, list[Spacing]] = {}
    for slack in file.schedule.slacks:
        rule = slack.rule
        if isinstance(rule, Spacing) and rule.later == later.id:
            earlier = rule.earlier.id if isinstance(rule.earlier, PastVisit) else rule.earlier
            found.setdefault(earlier, []).append(rule)
    return found


def spacing_lines(file: CalendarFile, visit: Visit) -> Iterator[str]:
    """Yield the strictest distance that a visit keeps from each earlier one, in words."""
    placed = {v.id: v for v in file.visits if not file.cancelled(v)}
    for earlier, rules in _spacings(file, visit).items():
        past = rules[0].earlier
        if earlier in placed:
            name = file.title(placed[earlier])
        elif isinstance(past, PastVisit):
            name = file.words.visit_of(past.on)
            if file.privacy is Privacy.FULL:
                name = one_line(past.title)
        else:
            continue
        least = max((r.least for r in rules if r.least is not None), key=comparable, default=None)
        most = min((r.most for r in rules if r.most is not None), key=comparable, default=None)
        before = most is not None and comparable(most) < 0
        if most is not None and before:
            least, most = backward(most), None if least is None else backward(least)
        if least is not None and comparable(least) <= 0:
            least = None
        if least is not None or most is not None:
            yield file.words.limits(least, most, before, name)


def _least_gap(file: CalendarFile, earlier: Visit, rules: Iterable[Spacing]) -> timedelta:
    """
    Return the least distance of two visits as the GAP of a relation, zero for none.

    Calendar spans stay whole days, which count dates. Elapsed spans that are measured from start
    to start are shortened by the earlier visit, because the relation counts from its end.
    """
    gaps = [timedelta(0)]
    for rule in rules:
        match rule.least:
            case CalendarSpan() as span:
                month_end = file.protocol.month_end or MonthEnd.NEXT_DAY
                gaps.append(timedelta(days=days_after(span, earlier.day, month_end)))
            case ElapsedSpan() as span if rule.between is Between.STARTS:
                gaps.append(span.delta - elapsed(earlier.start, earlier.discharge_by))
            case ElapsedSpan() as span:
                gaps.append(span.delta)
            case None:
                pass
    return max(gaps)


def following(file: CalendarFile, earlier: Visit, role: str) -> Iterator[vText]:
    """
    Yield the relations from a visit to those whose distance depends on it.

    A chain: each visit is named once, by the nearest visit before it, and never points back,
    because a reader that does not know the relation takes the other for a parent (RFC 9253).
    """
    placed = {v.id: v for v in file.visits if not file.cancelled(v)}
    order = list(placed)
    hangs = {
        slack.rule.later
        for slack in file.schedule.slacks
        if isinstance(slack.rule, Spacing) and slack.rule.earlier == earlier.id
    }
    for later in (visit for visit in placed.values() if visit.id in hangs):
        before = [
            (order.index(identity), rules)
            for identity, rules in _spacings(file, later).items()
            if identity in placed and order.index(identity) < order.index(later.id)
        ]
        if not before:
            continue
        nearest, rules = max(before, key=lambda item: item[0])
        if order[nearest] == earlier.id:
            relation = vText(file.uid(role, later.id), params={"RELTYPE": "FINISHTOSTART"})
            if gap := _least_gap(file, earlier, rules):
                relation.GAP = gap
            yield relation
