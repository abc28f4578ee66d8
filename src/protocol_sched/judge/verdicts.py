"""Real dates judged: was a visit too early, in its window, late, or not due at all?"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from datetime import date

import attrs

from protocol_sched.expansion.forecast import Bounds, Calendar, Edge, bounds_of
from protocol_sched.expansion.lateness import due_by, follows, lateness
from protocol_sched.expansion.milestones import Aside, milestone_visits
from protocol_sched.expansion.track import Effect, Laid
from protocol_sched.expansion.walk import Outline, outline
from protocol_sched.expansion.wording import EARLIEST, LATEST, TARGET, in_words
from protocol_sched.model.agenda import (
    FLOOR,
    DatedBy,
    FixedAt,
    Need,
    OnWeekdays,
    Question,
    Rules,
    Spacing,
)
from protocol_sched.model.course import (
    Amended,
    Ceased,
    Course,
    Deferred,
    Event,
    Given,
    Missed,
    Omitted,
    Reviewed,
    Tested,
)
from protocol_sched.model.rules import as_tuple


class Judged(enum.Enum):
    """What a date is for a visit."""

    TOO_EARLY = "too early"
    GRACE = "grace"
    """Sooner than its separation, and close enough to count."""
    EXCEPTION = "exception"
    """Outside a tolerance that is no limit: it counts and is reported."""
    IN_WINDOW = "in window"
    LATE = "late"
    """After its due date; ``follows`` says what the protocol makes of it."""
    TOO_LATE = "too late"
    """After a limit, and the protocol says nothing about it."""
    NOT_DUE = "not due"
    """No such visit is due in this course on that date."""
    BEFORE_TARGET = "before target"
    """Sooner than the target, where the source gives a distance and no earlier limit."""


@attrs.frozen(kw_only=True)
class Verdict:
    """What the protocol says about one visit on one date."""

    visit: str
    title: str
    on: date
    judged: Judged
    days: int = 0
    """How many days too early, too late, or after the due date."""
    rule: str = ""
    """The rule that decided, in words."""
    source: str = ""
    follows: str = ""
    """For a late visit: the tier's words, or the question its source leaves open."""
    earliest: DatedBy | None = None
    target: DatedBy | None = None
    latest: DatedBy | None = None
    unmet: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Gates that were not passed in time for this date."""


def verdict(course: Course, visit_id: str, on: date) -> Verdict:
    """
    Return what a date would be for a visit, seen from the history before that date.

    Args:
        course: The course; what it records of the visit itself, and of treatments and tests
            after the date, is left out of view.
        visit_id: The visit's identity in the agenda.
        on: The date, which may be past or to come.
    """
    own = next(
        (
            n
            for n, event in enumerate(course.events)
            if isinstance(event, Given) and event.visit == visit_id and event.on == on
        ),
        None,
    )
    return _judged(course, visit_id, on, own)


def compliance(course: Course) -> tuple[Verdict, ...]:
    """Return a verdict for every visit given, in order of date, each against what came before."""
    given = [(event.on, n) for n, event in enumerate(course.events) if isinstance(event, Given)]
    verdicts = []
    for on, n in sorted(given):
        event = course.events[n]
        assert isinstance(event, Given)
        verdicts.append(_judged(course, event.visit, on, n))
    return tuple(verdicts)


def _judged(course: Course, visit: str, on: date, own: int | None) -> Verdict:
    before = attrs.evolve(course, events=tuple(_before(course.events, visit, on, own)))
    tried = outline(before.after([Given(visit=visit, on=on)]), on)
    laid = _find(tried, visit)
    plain = outline(before, on)
    if laid is None or _passed_over(tried) - _passed_over(plain):
        tried, laid = plain, _find(plain, visit)
    if laid is not None and not laid.omitted:
        return _of_treatment(laid, on, tried)
    for item in milestone_visits(tried, on):
        if isinstance(item, Aside) and item.id == visit:
            return _of_aside(item, on, tried)
    return _of_gate(visit, on, tried) or Verdict(
        visit=visit, title=visit, on=on, judged=Judged.NOT_DUE
    )


def _before(events: Iterable[Event], visit: str, on: date, own: int | None) -> Iterator[Event]:
    """Yield what was known before the visit; answers and outside events count whenever told."""
    for n, event in enumerate(events):
        match event:
            case Given():
                later = own is not None and n >= own and event.on == on
                if event.on > on or later or (event.visit == visit and event.on >= on):
                    continue
                if event.visit == visit and event.counts:
                    continue
            case Reviewed() | Tested() | Ceased() | Amended() | Deferred() | Missed():
                if event.on > on:
                    continue
            case Omitted():
                if event.on > on or event.visit == visit:
                    continue
            case _:
                pass
        yield event


def _find(found: Outline, visit: str) -> Laid | None:
    return next((laid for laid in found.track.laid if laid.slot.id == visit), None)


def _passed_over(found: Outline) -> set[str]:
    return {question.id for question in found.questions if question.id.startswith("missing-")}


def _titles(found: Outline) -> dict[str, str]:
    return {laid.slot.id: laid.title for laid in found.track.laid}


def _of_treatment(laid: Laid, on: date, found: Outline) -> Verdict:
    index = found.track.laid.index(laid)
    track = attrs.evolve(found.track, laid=found.track.laid[:index])
    late = laid.late
    if late is None and laid.past is None:
        late = lateness(laid.slot, laid.stated, laid.tries, on, laid.title, track)
    judged = _against(
        laid.slot.id,
        laid.title,
        on,
        (*laid.rules, *(one.rule for one in laid.overruled)),
        laid.soft,
        laid.stated,
        late,
        track.calendar,
        _titles(found),
    )
    return attrs.evolve(judged, unmet=_unmet(laid.needs, on))


def _unmet(needs: Iterable[Need], on: date) -> Iterator[str]:
    for need in needs:
        if not need.done:
            yield need.gate


def _of_aside(one: Aside, on: date, found: Outline) -> Verdict:
    return _against(
        one.id,
        one.kind,
        on,
        (*one.rules, *(waived.rule for waived in one.overruled)),
        (),
        one.stated,
        None,
        found.track.calendar,
        _titles(found),
    )


def _of_gate(visit: str, on: date, found: Outline) -> Verdict | None:
    """Return a gate's visit in its window: only the visit behind it can show that it was late."""
    for one in found.gates_past:
        if one.id == visit:
            return Verdict(visit=visit, title=one.title, on=on, judged=Judged.IN_WINDOW)
    return None


def _against(
    visit: str,
    title: str,
    on: date,
    rules: Iterable[Rules],
    soft: Iterable[Rules],
    stated: Bounds,
    late: Effect | Question | None,
    calendar: Calendar,
    titles: dict[str, str],
) -> Verdict:
    binding = [rule for rule in rules if not isinstance(rule, FixedAt)]
    hard = bounds_of(visit, [r for r in binding if not isinstance(r, OnWeekdays)], calendar)
    hard = attrs.evolve(hard, latest=_earlier(hard.latest, stated.latest, soft))

    def dated(edge: Edge | None, which: str) -> DatedBy | None:
        if edge is None:
            return None
        return DatedBy(edge.day, in_words(edge.rule, which, visit, titles), edge.rule.source)

    def says(judged: Judged, edge: Edge | None, which: str, days: int, what: str = "") -> Verdict:
        by = dated(edge, which)
        return Verdict(
            visit=visit,
            title=title,
            on=on,
            judged=judged,
            days=days,
            rule=by.rule if by else "",
            source=by.source if by else "",
            follows=what,
            earliest=dated(stated.earliest, EARLIEST),
            target=dated(stated.target, TARGET),
            latest=dated(stated.latest, LATEST),
        )

    early, last = hard.earliest, hard.latest
    if early is not None and on < early.day and _only_floors(visit, on, binding, calendar):
        return says(Judged.BEFORE_TARGET, early, EARLIEST, (early.day - on).days)
    if early is not None and on < early.day:
        forgiven = _forgiven(visit, on, binding, soft, calendar)
        kind = Judged.GRACE if forgiven else Judged.TOO_EARLY
        return says(kind, early, EARLIEST, (early.day - on).days)
    after = _what_follows(late)
    due = due_by(stated)
    if last is not None and on > last.day:
        kind = Judged.LATE if late is not None else Judged.TOO_LATE
        return says(kind, last, LATEST, (on - last.day).days, after)
    if stated.latest is not None and on > stated.latest.day:
        kind = Judged.LATE if late is not None else Judged.EXCEPTION
        return says(kind, stated.latest, LATEST, (on - stated.latest.day).days, after)
    if stated.earliest is not None and on < stated.earliest.day:
        return says(Judged.EXCEPTION, stated.earliest, EARLIEST, (stated.earliest.day - on).days)
    if stated.latest is None and due is not None and on > due and stated.target is not None:
        return says(Judged.LATE, stated.target, TARGET, (on - due).days, after)
    return says(Judged.IN_WINDOW, stated.target, TARGET, 0, after)


def _only_floors(visit: str, on: date, rules: Iterable[Rules], calendar: Calendar) -> bool:
    """Tell whether nothing but floors, which no source publishes, calls a date too early."""
    written = [one for one in rules if one.rule != FLOOR and not isinstance(one, OnWeekdays)]
    early = bounds_of(visit, written, calendar).earliest
    return early is None or on >= early.day


def _earlier(one: Edge | None, other: Edge | None, soft: Iterable[Rules]) -> Edge | None:
    """Return the hard latest date, one that was dropped from a late visit's rules included."""
    if other is None or any(other.rule == rule for rule in soft):
        return one
    return other if one is None or other.day < one.day else one


def _what_follows(late: Effect | Question | None) -> str:
    match late:
        case Effect():
            return follows(late.tier)
        case Question():
            return late.asks
        case None:
            return ""


def _forgiven(
    visit: str, on: date, rules: Iterable[Rules], soft: Iterable[Rules], calendar: Calendar
) -> bool:
    """Tell whether every rule that calls the date too early has a grace that reaches it."""
    graces = [rule for rule in soft if isinstance(rule, Spacing) and rule.rule == "grace"]
    for rule in rules:
        early = bounds_of(visit, [rule], calendar).earliest
        if early is None or on >= early.day:
            continue
        own = [grace for grace in graces if _is_grace(grace, rule)]
        reached = bounds_of(visit, own, calendar).earliest
        if reached is None or on < reached.day:
            return False
    return True


def _is_grace(grace: Spacing, rule: Rules) -> bool:
    return (
        isinstance(rule, Spacing)
        and rule.rule == "separation"
        and (grace.earlier, grace.source) == (rule.earlier, rule.source)
    )
