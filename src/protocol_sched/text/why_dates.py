"""Why a plan has these dates: the rules each date keeps, and the distance found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import attrs

from protocol_sched.model.agenda import (
    FLOOR,
    WAITING,
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
from protocol_sched.text.language import Language
from protocol_sched.text.naming import Naming
from protocol_sched.text.plan_words import Kept
from protocol_sched.text.prose import labelled


def why_these_dates(schedule: Schedule, language: Language, names: Naming) -> Iterator[str]:
    """Yield a paragraph that says for each visit the rules its date keeps, and how well."""
    lines = [
        (visit.title, language.plan.semicolon.join(_reasons(visit, schedule, language, names)))
        for visit in schedule.visits
    ]
    caps = [rule for rule in names.agenda.bindings if isinstance(rule, AtMost)]
    lines += [(language.plan.together, language.rule(rule, (), names)) for rule in caps]
    yield from labelled(language.plan.why_dates, [(label, text) for label, text in lines if text])


def _reasons(visit: Visit, schedule: Schedule, language: Language, names: Naming) -> Iterator[str]:
    """Yield what each rule about a visit and the ones before it asks, and how it is kept."""
    groups: dict[tuple[str | PastVisit, Between, bool], list[Slack]] = {}
    for kept in schedule.slacks:
        rule = kept.rule
        if isinstance(rule, Spacing) and rule.later == visit.id:
            groups.setdefault((rule.earlier, rule.between, _elapsed(rule)), []).append(kept)
    others = [
        language.rule(rule, (), names)
        for rule in names.agenda.bindings
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
    yield from (
        _spacing_text(found, schedule, language, names, of_anchor=True) for found in holding
    )
    yield from (_spacing_text(found, schedule, language, names) for found in shown)
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


def _spacing_text(
    found: Sequence[Slack],
    schedule: Schedule,
    language: Language,
    names: Naming,
    *,
    of_anchor: bool = False,
) -> str:
    """
    Return ``2 days after infusion 2 (rule: 2 to 5, best 2 to 3)`` of rules on two visits.

    Where they only come in order it is told in dates, as the table of visits tells it.

    Args:
        of_anchor: The rules are of a visit that comes before, and are told of the one it is
            measured from.
    """
    before = found[0].found < 0
    found = [_turned(kept) for kept in found] if before else found
    rules = [kept.rule for kept in found if isinstance(kept.rule, Spacing)]
    first = rules[0]
    words = language.plan
    if first.rule == WAITING:
        return words.waited(found[0].found, words.end(first.earlier, names))
    least = min((k for k in found if k.to_least is not None), key=_to_least, default=None)
    most = min((k for k in found if k.to_most is not None), key=_to_most, default=None)
    nearest = least.rule if least and isinstance(least.rule, Spacing) else None
    farthest = most.rule if most and isinstance(most.rule, Spacing) else None
    # The floor is the target itself, which is said already.
    floor = nearest is not None and nearest.rule == FLOOR
    in_order = all(rule.rule == "order" for rule in rules)
    dates = _dates_apart(first, schedule) if in_order else 0
    return words.kept(
        Kept(
            found=dates or found[0].found,
            elapsed=not dates and _elapsed(first),
            before=before,
            from_end=not dates and first.between is Between.END_AND_START,
            other=words.end(first.later if of_anchor else first.earlier, names),
            least=None if nearest is None or floor else nearest.least,
            most=None if farthest is None else farthest.most,
            in_order=in_order,
            best=[rule.target for rule in rules if rule.target is not None],
            floor=floor,
            of_anchor=of_anchor,
            # Which is said where the visit before it is.
            off=0 if of_anchor else max(kept.deviation for kept in found),
        )
    )


def _dates_apart(rule: Spacing, schedule: Schedule) -> int:
    """Return how many dates the later of two visits comes after the earlier; 0 on one date."""
    earlier = rule.earlier
    on = earlier.on if isinstance(earlier, PastVisit) else schedule.visit(earlier).day
    return (schedule.visit(rule.later).day - on).days


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


def _elapsed(rule: Spacing) -> bool:
    """Tell whether a kept rule's distance is in minutes; it is in days if a time is not known."""
    spans = (rule.least, rule.most, rule.target.least if rule.target else None)
    if not any(isinstance(span, ElapsedSpan) for span in spans):
        return False
    earlier = rule.earlier
    return not isinstance(earlier, PastVisit) or bool(earlier.start or earlier.end)
