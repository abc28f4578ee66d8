"""Why a plan has these dates: the rules each date keeps, and the distance found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import attrs

from protocol_sched.model.agenda import (
    FLOOR,
    WAITING,
    Agenda,
    AtMost,
    Gated,
    NotBefore,
    OnDaysOfMonth,
    OnWeekdays,
    PastVisit,
    Rules,
    Spacing,
)
from protocol_sched.model.rules import Between
from protocol_sched.model.schedule import Schedule, Slack, Visit
from protocol_sched.model.spans import ElapsedSpan, Span, SpanRange
from protocol_sched.text.prose import labelled
from protocol_sched.text.wording import (
    around_text,
    binding_text,
    counted,
    elapsed_text,
    named,
    range_text,
    target_text,
)


def why_these_dates(schedule: Schedule, agenda: Agenda) -> Iterator[str]:
    """Yield a paragraph that says for each visit the rules its date keeps, and how well."""
    lines = [
        (visit.title, "; ".join(_reasons(visit, schedule, agenda))) for visit in schedule.visits
    ]
    caps = [rule for rule in agenda.bindings if isinstance(rule, AtMost)]
    lines += [("together", binding_text(rule, agenda)) for rule in caps]
    yield from labelled("Why these dates", [(label, text) for label, text in lines if text])


def _reasons(visit: Visit, schedule: Schedule, agenda: Agenda) -> Iterator[str]:
    """Yield what each rule about a visit and the ones before it asks, and how it is kept."""
    groups: dict[tuple[str | PastVisit, Between, bool], list[Slack]] = {}
    for kept in schedule.slacks:
        rule = kept.rule
        if isinstance(rule, Spacing) and rule.later == visit.id:
            groups.setdefault((rule.earlier, rule.between, _elapsed(rule)), []).append(kept)
    others = [
        binding_text(rule, agenda)
        for rule in agenda.bindings
        if _is_about(rule, visit.id) and not (groups and isinstance(rule, NotBefore))
    ]
    # That visits come in order is only worth a word where nothing says more.
    waits = [found for found in groups.values() if found[0].rule.rule == WAITING]
    if waits and not waits[0][0].deviation:
        groups = {key: found for key, found in groups.items() if found not in waits}
    strict = [found for found in groups.values() if any(k.rule.rule != "order" for k in found)]
    before = _visits_before(visit.id, schedule)
    if all(any(kept.deviation for kept in found) for found in strict):
        # Its own rules do not say why it is then: a visit that comes before it holds it back.
        holding = list(before.values())
    else:
        holding = [found for found in before.values() if any(k.to_most == 0 for k in found)]
    shown = strict if strict or others or holding else list(groups.values())
    yield from (_spacing_text(found, agenda, of_anchor=True) for found in holding)
    yield from (_spacing_text(found, agenda) for found in shown)
    yield from others


def _visits_before(visit: str, schedule: Schedule) -> Mapping[str, Sequence[Slack]]:
    """Return the rules of visits that come before the one they are measured from."""
    found: dict[str, list[Slack]] = {}
    for kept in schedule.slacks:
        rule = kept.rule
        if not isinstance(rule, Spacing) or rule.between is not Between.STARTS:
            continue
        if rule.earlier == visit and kept.found < 0:
            found.setdefault(rule.later, []).append(kept)
    return found


def _is_about(rule: Rules, visit: str) -> bool:
    match rule:
        case Spacing() | AtMost() | OnWeekdays() | OnDaysOfMonth() | Gated(least=None):
            # Spacings and caps are said elsewhere; which weekday it is, the table shows.
            return False
        case _:
            return rule.dated == visit


def _spacing_text(found: Sequence[Slack], agenda: Agenda, *, of_anchor: bool = False) -> str:
    """
    Return ``2 days after infusion 2 (rule: 2 to 5, best 2 to 3)`` of rules on two visits.

    Args:
        of_anchor: The rules are of a visit that comes before, and are told of the one it is
            measured from.
    """
    before = found[0].found < 0
    found = [_turned(kept) for kept in found] if before else found
    rules = [kept.rule for kept in found if isinstance(kept.rule, Spacing)]
    if rules[0].rule == WAITING:
        days = counted(found[0].found, "day")
        return f"{days} after {named(rules[0].earlier, agenda)} ({days} off target)"
    least = min((k for k in found if k.to_least is not None), key=_to_least, default=None)
    most = min((k for k in found if k.to_most is not None), key=_to_most, default=None)
    ends = (
        least.rule.least if least and isinstance(least.rule, Spacing) else None,
        most.rule.most if most and isinstance(most.rule, Spacing) else None,
    )
    limits = around_text(*ends).removesuffix(" of") or range_text(*ends)
    if all(rule.rule == "order" for rule in rules):
        limits = "in this order"
    best = [f"best {_bare(target_text(rule.target))}" for rule in rules if rule.target is not None]
    if least is not None and isinstance(least.rule, Spacing) and least.rule.rule == FLOOR:
        # The floor is the target itself, which is said already.
        limits = range_text(
            None, most.rule.most if most and isinstance(most.rule, Spacing) else None
        )
        best.append("not nearer" if before and not of_anchor else "not sooner")
    says = ", ".join([_bare(limits), *best] if limits else best)
    off = max(kept.deviation for kept in found)
    if off and not of_anchor:  # which is said where the visit before it is
        says += f"; {counted(off, 'day')} off target"
    first = rules[0]
    distance = elapsed_text if _elapsed(first) else _days_text
    if distance is elapsed_text and limits == "in this order" and found[0].found > TWO_DAYS:
        distance = _rounded_text
    end = "the end of " if first.between is Between.END_AND_START else ""
    side = "before" if before and not of_anchor else "after"
    name = named(first.later if of_anchor else first.earlier, agenda)
    text = f"{distance(found[0].found)} {side} {end}{name}"
    if not found[0].found and name.startswith(("day ", "the day ")):
        text = f"on {name}"
    return f"{text} (rule: {says})" if says else text


def _turned(kept: Slack) -> Slack:
    """Return a distance from a visit that comes later as one before it."""
    rule = kept.rule
    assert isinstance(rule, Spacing)

    def back(span: Span | None) -> Span | None:
        if span is None:
            return None
        return ElapsedSpan(-span.minutes) if isinstance(span, ElapsedSpan) else span.times(-1)

    target, least = rule.target, None
    if target is not None:
        least = back(target.least if target.most is None else target.most)
    if target is not None and least is not None:
        target = SpanRange(least, back(target.least))
    rule = attrs.evolve(rule, least=back(rule.most), most=back(rule.least), target=target)
    return attrs.evolve(
        kept, rule=rule, found=-kept.found, to_least=kept.to_most, to_most=kept.to_least
    )


def _to_least(kept: Slack) -> int:
    return kept.to_least or 0


def _to_most(kept: Slack) -> int:
    return kept.to_most or 0


TWO_DAYS = 2 * 1440
"""A distance of more minutes that only tells an order is told in days."""


def _rounded_text(minutes: int) -> str:
    return counted(minutes // 1440, "day")


def _days_text(days: int) -> str:
    return counted(days, "day")


def _elapsed(rule: Spacing) -> bool:
    """Tell whether a kept rule's distance is in minutes; it is in days if a time is not known."""
    spans = (rule.least, rule.most, rule.target.least if rule.target else None)
    if not any(isinstance(span, ElapsedSpan) for span in spans):
        return False
    earlier = rule.earlier
    return not isinstance(earlier, PastVisit) or bool(earlier.start or earlier.end)


def _bare(text: str) -> str:
    """Return ``2 to 5`` for ``2 to 5 days``; other lengths keep their unit."""
    return re.sub(r"^((?:at (?:least|most) )?\d+(?: to \d+)?) days?$", r"\1", text)
