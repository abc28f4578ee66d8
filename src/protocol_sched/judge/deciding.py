"""What the rules of one visit come to on one date: which of them decides, and by how much."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

import attrs

from protocol_sched.expansion.forecast import Bounds, Calendar, Edge, bounds_of, moves_with
from protocol_sched.expansion.lateness import due_by, follows
from protocol_sched.expansion.track import Effect, Track
from protocol_sched.expansion.wording import EARLIEST, LATEST, TARGET, in_words
from protocol_sched.judge.measured import (
    Finding,
    Side,
    When,
    findings,
    off_target,
    outside,
    worst,
)
from protocol_sched.model.agenda import (
    FLOOR,
    PREFERRED,
    SPREAD,
    AtMost,
    ByWeekday,
    DatedBy,
    Due,
    FixedAt,
    Gated,
    OfTwo,
    OnDaysOfMonth,
    Question,
    Rules,
    Spacing,
)
from protocol_sched.model.sentences import told
from protocol_sched.model.standing import Waived
from protocol_sched.model.verdict import Judged, Verdict


@attrs.frozen
class About:
    """The visit that is judged."""

    id: str
    title: str
    when: When


@attrs.frozen(kw_only=True)
class Ahead:
    """A visit that is still due."""

    due: Due
    """As the list of dates shows it."""
    edges: Bounds = Bounds()
    """What visits beside it that are due as well leave it; none of its own rules says so."""
    waits: str = ""
    """The question without whose answer its date cannot be told."""


def against(
    about: About,
    rules: Iterable[Rules],
    soft: Iterable[Rules],
    late: Effect | Question | None,
    track: Track,
    titles: Mapping[str, str],
    ahead: Ahead | None = None,
) -> Verdict:
    """
    Return what the rules of a visit come to.

    Args:
        about: The visit, and when it is.
        rules: All that bind it, those waived included.
        soft: Those outside which a date is an exception, and no fault.
        late: What the protocol says of a visit on that date, if it is late then.
        track: The course it is part of.
        titles: Titles by identity.
        ahead: What the list of dates shows of it, where it is still due.
    """
    calendar, visit = track.calendar, about.id
    told = [track.history.decided(visit, rule) for rule in rules]
    lifted = [rule for rule in told if isinstance(rule.status, Waived)]
    rules = [rule for rule in told if rule not in lifted]
    soft = [rule for rule in soft if track.history.decided(visit, rule).status is None]
    graces = [rule for rule in soft if rule.rule == "grace"]
    known = [rule for rule in soft if rule.rule != "grace"]
    dates = bounds_of(visit, [*rules, *known], calendar)
    found = list(findings(visit, about.when, rules, calendar))
    nearer = list(findings(visit, about.when, list(_preferred(rules)), calendar))
    forgiven = [
        one for one in found if one.side is Side.EARLY and _forgiven(one.rule, graces, about, track)
    ]
    aims = [
        rule
        for rule in rules
        if not isinstance(rule, FixedAt | ByWeekday)
        and (isinstance(rule, Spacing) or rule.rule not in ("start", "finish"))
        and rule.rule != SPREAD
    ]
    stated = bounds_of(visit, [*aims, *known], calendar)
    asides = list(findings(visit, about.when, known, calendar))
    if ahead is not None:
        found += outside(ahead.edges, about.when.on)
    judged = decided(about, [*found, *nearer], forgiven, dates, stated, late, titles, asides, ahead)
    return attrs.evolve(
        judged,
        off_target=off_target(rules, about.when, calendar),
        waived=tuple(dict.fromkeys(filter(None, map(_waived_by, lifted)))),
        foreseen=() if ahead is None else _foreseen(rules, calendar, titles),
    )


def _foreseen(
    rules: Iterable[Rules], calendar: Calendar, titles: Mapping[str, str]
) -> Iterator[tuple[str, date]]:
    """Yield the visits still due that rules count from, each with the date it is foreseen on."""
    counted = [rule for rule in rules if not moves_with(rule, calendar)]
    for visit in dict.fromkeys(one for rule in counted for one in _counted_from(rule)):
        day = calendar.days.get(visit)
        if day is not None and visit not in calendar.fixed:
            yield titles.get(visit, visit), day


def _counted_from(rule: Rules) -> Iterator[str]:
    if isinstance(rule, OfTwo) and rule.rule != "order" and isinstance(rule.earlier, str):
        yield rule.earlier
    elif isinstance(rule, AtMost):
        yield from (one for one in rule.visits[:-1] if isinstance(one, str))


def _waived_by(rule: Rules) -> str:
    """Return ``gate of lab, by Dr Okoye on 2027-03-08 (stable)``; empty where nobody did it."""
    assert isinstance(rule.status, Waived)
    if not rule.status.by:
        return ""
    what: str = rule.rule
    if isinstance(rule, Gated):
        what = told("{rule} of {gate}", rule=rule.rule, gate=rule.gate)
    why = f" ({rule.status.why})" if rule.status.why else ""
    return told(
        "{what}, by {by} on {on}{why}",
        what=what,
        by=rule.status.by,
        on=rule.status.waived_on,
        why=why,
    )


def decided(
    about: About,
    found: list[Finding],
    forgiven: Iterable[Finding],
    dates: Bounds,
    stated: Bounds,
    late: Effect | Question | None,
    titles: Mapping[str, str],
    asides: Iterable[Finding] = (),
    ahead: Ahead | None = None,
) -> Verdict:
    """
    Return the verdict of what was found.

    Args:
        found: Rules that are not kept.
        forgiven: Those of them that a grace forgives.
        dates: What all rules leave the visit.
        stated: The same without what the course itself sets.
        asides: What was found of rules that are no limits.
    """
    on, after, due = about.when.on, _what_follows(late), due_by(stated)

    def dated(edge: Edge | None, which: str) -> DatedBy | None:
        if edge is None:
            return None
        return DatedBy(edge.day, in_words(edge.rule, which, about.id, titles), edge.rule.source)

    if ahead is None:
        first, aimed = dated(dates.earliest, EARLIEST), dated(stated.target, TARGET)
        until = stated.target_until
        expected, last_day = None, dated(dates.latest, LATEST)
    else:
        first, aimed = ahead.due.earliest, ahead.due.target
        until = ahead.due.target_until
        expected, last_day = ahead.due.forecast, ahead.due.latest

    def says(
        judged: Judged, by: DatedBy | None, days: int, what: str = "", one: Finding | None = None
    ) -> Verdict:
        return Verdict(
            visit=about.id,
            title=about.title,
            on=on,
            start=about.when.start,
            judged=judged,
            days=one.days if one is not None else days,
            minutes=one.minutes if one is not None else 0,
            between=one.between if one is not None else None,
            rule=by.rule if by else "",
            source=by.source if by else "",
            follows=what,
            earliest=first,
            target=aimed,
            target_until=until if aimed is not None else None,
            forecast=expected,
            latest=last_day,
        )

    def finding(judged: Judged, one: Finding, what: str = "") -> Verdict:
        which = LATEST if one.side is Side.LATE else EARLIEST
        by = DatedBy(one.day or on, in_words(one.rule, which, about.id, titles), one.rule.source)
        return says(judged, by, 0, what, one)

    allowed, asides = list(forgiven), list(asides)
    nearer = [one for one in found if one.rule.rule in (FLOOR, PREFERRED) and one.told]
    found = [one for one in found if one not in nearer]
    floors = [one for one in nearer if one.rule.rule == FLOOR]
    early, last = worst(found, Side.EARLY), worst(found, Side.LATE)
    # Where a limit is broken, the rule that sets the nearest date inside all rules is named.
    early = early and worst([*found, *floors, *asides], Side.EARLY)
    last = last and worst([*found, *floors, *asides], Side.LATE)
    if early is not None:
        all_forgiven = all(one in allowed for one in found if one.side is Side.EARLY and one.told)
        return finding(Judged.GRACE if all_forgiven else Judged.TOO_EARLY, early)
    if last is not None:
        answered = late is not None and not last.rule.safety and _of_protocol(last.rule)
        return finding(Judged.LATE if answered else Judged.TOO_LATE, last, after)
    for one in found:
        if one.side is Side.WEEKDAY:
            by_month = isinstance(one.rule, OnDaysOfMonth)
            wrong = Judged.WRONG_DAY_OF_MONTH if by_month else Judged.WRONG_WEEKDAY
            return finding(wrong, one, after)
    for side in Side:
        if (before := worst(nearer, side)) is not None:
            return finding(Judged.BEFORE_TARGET, before)
    for one in found:
        if not one.told:
            return finding(Judged.CANNOT_BE_TOLD, one, after)
    for one in asides:
        if one.side is Side.LATE and one.told:
            return finding(Judged.LATE if late is not None else Judged.EXCEPTION, one, after)
    for one in asides:
        if one.told:
            return finding(Judged.EXCEPTION, one)
    target = stated.target
    passed = stated.latest is None and due is not None and on > due
    moves = ahead is not None and expected is not None
    if passed and due is not None and target is not None and not moves:
        return says(Judged.LATE, dated(target, TARGET), (on - due).days, after)
    if ahead is not None and ahead.due.foreseen is None:
        return says(Judged.CANNOT_BE_TOLD, None, 0, ahead.waits)
    return says(Judged.IN_WINDOW, dated(target, TARGET), 0, after)


def _of_protocol(rule: Rules) -> bool:
    """Tell whether a rule is the protocol's own, which a late table may answer."""
    return rule.rule not in ("finish", "pinned")


def _what_follows(late: Effect | Question | None) -> str:
    match late:
        case Effect():
            return follows(late.tier)
        case Question():
            return late.asks
        case None:
            return ""


def _forgiven(rule: Rules, graces: Iterable[Rules], about: About, track: Track) -> bool:
    """Tell whether a rule that calls a visit too early has a grace that reaches it."""
    own = [one for one in graces if isinstance(one, Spacing) and _is_grace(one, rule)]
    found = findings(about.id, about.when, own, track.calendar)
    return bool(own) and not any(one.side is Side.EARLY for one in found)


def _preferred(rules: Iterable[Rules]) -> Iterator[Spacing]:
    """Yield the least distances that are preferred to those that have to be kept."""
    for rule in rules:
        if isinstance(rule, Spacing) and rule.rule == "separation" and rule.target is not None:
            least = rule.target.least
            yield attrs.evolve(rule, rule=PREFERRED, least=least, most=None, target=None)


def _is_grace(grace: Spacing, rule: Rules) -> bool:
    return (
        isinstance(rule, Spacing)
        and rule.rule == "separation"
        and (grace.earlier, grace.source) == (rule.earlier, rule.source)
    )
