"""Real dates judged: was a visit too early, in its window, late, or not due at all?"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

import attrs

from protocol_sched.expansion.beside import visits_beside
from protocol_sched.expansion.due import course_fences
from protocol_sched.expansion.forecast import Bounds, Edge, bounds_of, put_off
from protocol_sched.expansion.gates import gate_of, once, window
from protocol_sched.expansion.lateness import due_by, follows, lateness
from protocol_sched.expansion.outline import outline
from protocol_sched.expansion.track import Aside, Effect, Laid, Track
from protocol_sched.expansion.walk import Outline
from protocol_sched.expansion.wording import EARLIEST, LATEST, TARGET, in_words
from protocol_sched.judge.measured import (
    Finding,
    Side,
    When,
    findings,
    held,
    pinned_at,
    stretch,
    worst,
    zone_of,
)
from protocol_sched.model.agenda import (
    FLOOR,
    PREFERRED,
    SPREAD,
    ByWeekday,
    DatedBy,
    FixedAt,
    Gated,
    OnDaysOfMonth,
    OnWeekdays,
    PastVisit,
    Question,
    Rules,
    Spacing,
)
from protocol_sched.model.checks import need_a, need_date
from protocol_sched.model.course import (
    Amended,
    Answered,
    Course,
    Deferred,
    Discontinued,
    Event,
    Given,
    Missed,
    Omitted,
    Reviewed,
    Tested,
    too_soon,
)
from protocol_sched.model.former import names_of
from protocol_sched.model.gates import Gate
from protocol_sched.model.moments import as_instant, utc, zoned
from protocol_sched.model.spans import ElapsedSpan, comparable
from protocol_sched.model.standing import Waived
from protocol_sched.model.verdict import Judged as Judged
from protocol_sched.model.verdict import Verdict as Verdict


def verdict(course: Course, visit_id: str, on: date) -> Verdict:
    """
    Return what a date would be for a visit, seen from the history before that date.

    Every visit has one: treatments, those beside them, and what must come before them. Weekdays,
    the moment a visit is fixed at, and the first and last date of the course count as well.

    Args:
        course: The course; what it records of the visit itself, tries that did not count aside,
            and of treatments and tests after the date, is left out of view.
        visit_id: The visit's identity in the agenda.
        on: The date, which may be past or to come; or the moment, with which rules in hours are
            judged to the minute. With a date alone such a rule is kept if it is at every minute
            of the date and broken if it is at none; else it cannot be told.

    Raises:
        InvalidValue: ``on`` is neither a date nor a moment.
        NaiveMoment: The moment carries no zone.
    """
    need_a("verdict", "course", course, Course)
    need_a("verdict", "on", on, date)
    when = When.of(on)
    need_date("verdict", "on", when.on)
    if when.start is not None:
        zoned("verdict", "on", when.start)
    own = next(
        (
            n
            for n, event in enumerate(course.events)
            if isinstance(event, Given)
            and event.visit == visit_id
            and event.counts
            and event.on == when.on
            and (when.start is None or as_instant(event.start) == as_instant(when.start))
        ),
        None,
    )
    return _judged(course, visit_id, when, own)


def judge_history(course: Course) -> tuple[Verdict, ...]:
    """
    Return a verdict for every visit given, in order of date, each against what came before.

    Rules in hours are judged by the moments on record. What hangs on a later visit, such as a
    screening on the first day of treatment, is judged by that visit once it was given.
    """
    given = [(event.on, n) for n, event in enumerate(course.events) if isinstance(event, Given)]
    verdicts = []
    for on, n in sorted(given):
        event = course.events[n]
        assert isinstance(event, Given)
        verdicts.append(_judged(course, event.visit, When(on=on, start=event.start), n))
    return tuple(verdicts)


SCANNED = 366
"""So many dates are looked through for one that would be right."""


def nearest(course: Course, found: Verdict) -> tuple[date | None, date | None]:
    """
    Return the nearest dates before and after a verdict's own on which all would be right.

    What must be passed before it, and is not on any date near, is left out of view.
    """
    near = _nearest(course, found, set())
    return (
        near if near != (None, None) or not found.unmet else _nearest(course, found, {*found.unmet})
    )


def _nearest(course: Course, found: Verdict, unmet: set[str]) -> tuple[date | None, date | None]:
    def right(day: date) -> bool:
        other = verdict(course, found.visit, day)
        met = not {*other.unmet, *other.untold} - unmet
        return met and other.judged is Judged.IN_WINDOW

    first = found.earliest.day if found.earliest is not None else found.on
    last = found.latest.day if found.latest is not None else date.max
    before = min(found.on - timedelta(days=1), last)
    after = max(found.on + timedelta(days=1), first)
    back = min(SCANNED, (before - first).days + 1)
    ahead = min(SCANNED, (last - after).days + 1)
    sooner = (before - timedelta(days=n) for n in range(back))
    later = (after + timedelta(days=n) for n in range(ahead))
    return next(filter(right, sooner), None), next(filter(right, later), None)


# --- one visit, seen from what came before ---------------------------------------------------


def _judged(course: Course, visit: str, when: When, own: int | None) -> Verdict:
    on, here = when.on, Given(visit=visit, on=when.on, start=when.start)
    before = attrs.evolve(course, events=tuple(_before(course.events, visit, when, own)))
    tried = outline(before.after([here]), on)
    laid = _find(tried, visit)
    plain = outline(before, on)
    if laid is None or _passed_over(tried) - _passed_over(plain):
        tried, laid = plain, _find(plain, visit)
    if laid is not None and not laid.omitted:
        return _of_treatment(laid, when, tried)
    others = [
        event for event in course.events if not (isinstance(event, Given) and event.visit == visit)
    ]
    whole = outline(attrs.evolve(course, events=(*others, here)), on)
    aside = _aside(visit, tried, on)
    if aside is not None:
        backward = any(isinstance(r, Spacing) and _backward(r) for r in aside.written)
        later = _aside(visit, whole, on) if backward else None
        return _of_aside(later or aside, when, tried)
    for found in (whole, tried, plain):
        if (judged := _of_gate(visit, when, found)) is not None:
            return judged
    return Verdict(visit=visit, title=visit, on=on, start=when.start, judged=Judged.NOT_DUE)


def _aside(visit: str, found: Outline, on: date) -> Aside | None:
    gates = {one.id for one in found.gate_visits}
    visits = visits_beside(found, on)
    return next(
        (
            one
            for one in visits
            if isinstance(one, Aside) and one.id == visit and visit not in gates
        ),
        None,
    )


def _backward(rule: Spacing) -> bool:
    """Tell whether a visit comes before the one it hangs on."""
    return rule.target is not None and comparable(rule.target.least) < 0


def _before(events: Iterable[Event], visit: str, when: When, own: int | None) -> Iterator[Event]:
    """Yield what was known before the visit; answers and outside events count whenever told."""
    on, events = when.on, tuple(events)
    again = any(isinstance(one, Given) and one.visit == visit and one.on < on for one in events)
    for n, event in enumerate(events):
        match event:
            case Given():
                later = own is not None and n >= own and event.on == on
                if event.on == on and event.start is not None and when.start is not None:
                    later = later or utc(event.start) > utc(when.start)
                tried = not event.counts and event.on == on and (own is None or n < own)
                same = event.visit == visit and event.on >= on and not tried
                if event.on > on or later or same:
                    continue
                if event.visit == visit and event.counts:
                    continue
            case Reviewed() | Tested() | Discontinued() | Amended() | Deferred() | Missed():
                if event.on > on:
                    continue
            case Omitted():
                if event.on > on or event.visit == visit:
                    continue
            case Answered():
                if event.question == too_soon(visit, on, again):
                    continue  # the visit is judged as it was, whatever was made of it afterwards
            case _:
                pass
        yield event


def _find(found: Outline, visit: str) -> Laid | None:
    return next((laid for laid in found.track.laid if laid.turn.id == visit), None)


def _passed_over(found: Outline) -> set[str]:
    return {question.id for question in found.questions if question.id.startswith("missing-")}


def _titles(found: Outline) -> dict[str, str]:
    return {laid.turn.id: laid.title for laid in found.track.laid}


def _of_treatment(laid: Laid, when: When, found: Outline) -> Verdict:
    index = found.track.laid.index(laid)
    track = attrs.evolve(found.track, laid=found.track.laid[:index])
    late = laid.late
    if late is None and laid.past is None:
        late = lateness(laid.turn, laid.stated, laid.tries, when.on, laid.title, track)
    waiting = {one.id for one in found.gate_visits}
    gating = [
        rule
        for rule in (*laid.gating, *laid.rules)
        if rule.rule == "gate" and getattr(rule, "earlier", None) not in waiting
    ]
    judged = _against(
        _Visit(laid.turn.id, laid.title, when),
        [
            *laid.written,
            *(one.rule for one in laid.overruled),
            *dict.fromkeys(gating),
            *course_fences(laid.turn, track),
        ],
        laid.soft,
        late,
        track,
        _titles(found),
    )
    tests = list(_tests(laid, when, track))
    return attrs.evolve(
        judged,
        waived=[*judged.waived, *_exceptions(laid, when.on, track)],
        unmet=[gate for gate, side in tests if side is _Test.MISSING],
        untold=[gate for gate, side in tests if side is _Test.UNTOLD],
    )


# --- tests that must be passed before --------------------------------------------------------


class _Test(enum.Enum):
    MISSING = "missing"
    UNTOLD = "untold"


def _tests(laid: Laid, when: When, track: Track) -> Iterator[tuple[str, _Test]]:
    """Yield the gates not passed in time, and those of which that cannot be told."""
    gates = {gate.name: gate for gate in track.course.protocol.gates}
    for need in laid.needs:
        gate = gates.get(need.gate)
        if gate is not None and _replaced(gate, when.on, track) is not None:
            continue
        hours = gate is not None and any(
            isinstance(span, ElapsedSpan) for span in (gate.min_age, gate.max_age)
        )
        if gate is None or gate.visit is not None or not hours:
            if not need.done:
                yield need.gate, _Test.MISSING
        elif (found := _tested(gate, when, track)) is not None:
            yield need.gate, found


def _replaced(gate: Gate, on: date, track: Track) -> date | None:
    """Return when what a gate's source accepts instead happened, if by a date it did."""
    days = track.history.happened.get(gate.unless, ()) if gate.unless else ()
    return min((day for day in days if day <= on), default=None)


def _exceptions(laid: Laid, on: date, track: Track) -> Iterator[str]:
    """Yield the gates of which something else counts, in words."""
    names = [need.gate for need in laid.needs]
    for gate in track.course.protocol.gates:
        day = _replaced(gate, on, track)
        if day is not None and gate.name in names:
            yield f"gate of {gate.name}, with {gate.unless} on {day} instead ({gate.source})"


def _tested(gate: Gate, when: When, track: Track) -> _Test | None:
    """Return what is wrong with the tests of a gate that counts hours; the newest come first."""
    tests = [one for one in track.history.tested.get(gate.name, ()) if one.on <= when.on]
    failed = [n for n, one in enumerate(tests) if not one.passes(gate)]
    row = tests[failed[-1] + 1 :] if failed else tests
    tests = row[gate.in_a_row - 1 :]
    if gate.max_age is None and not once(gate) and track.real:
        last = track.real[-1].day  # a test counts for one visit
        tests = [one for one in tests if last is None or one.on > last]
    missing = _Test.MISSING
    for test in reversed(tests):
        place = PastVisit(gate.name, gate.name, test.on, test.at)
        rule = Spacing(rule="gate", earlier=place, later="", least=gate.min_age, most=gate.max_age)
        found = list(findings("", when, [rule], track.calendar))
        zone = zone_of(when.start, test.at)
        first, last_ = stretch(test.on, test.at, zone), stretch(when.on, when.start, zone)
        after = first.first > last_.last or (first.exact and last_.exact and first == last_)
        if after or any(one.told for one in found):
            continue
        if not found:
            return None
        missing = _Test.UNTOLD
    return missing


# --- visits beside the treatments ------------------------------------------------------------


def _of_aside(one: Aside, when: When, found: Outline) -> Verdict:
    titles = _titles(found)
    fences = course_fences(one.id, found.track)
    about = _Visit(one.id, one.kind, when)
    rules = [*one.written, *(waived.rule for waived in one.overruled), *fences]
    return _against(about, rules, one.soft, None, found.track, titles)


def _of_gate(visit: str, when: When, found: Outline) -> Verdict | None:
    """
    Return a gate's visit judged by the visit it must come before.

    Where that one is given or fixed, by its date or moment. Else by the dates its own rules leave
    it: a gate's visit is too late if nothing behind it is soon enough any more.
    """
    track = found.track
    for laid in track.laid:
        for rule in (*laid.gating, *laid.rules):
            match rule:
                case Spacing(rule="gate", earlier=PastVisit(id=name)) if name == visit:
                    return _before_guarded(visit, when, laid, rule, track)
                case Spacing(rule="gate", earlier=str(name)) if name == visit:
                    return _before_guarded(visit, when, laid, rule, track)
                case _:
                    pass
    for one in found.gates_past:
        if one.id == visit:
            return Verdict(
                visit=visit, title=one.title, on=when.on, start=when.start, judged=Judged.IN_WINDOW
            )
    return None


def _before_guarded(visit: str, when: When, laid: Laid, rule: Spacing, track: Track) -> Verdict:
    gate = gate_of(visit, track.course.protocol)
    assert gate is not None
    own = attrs.evolve(rule, earlier=visit)
    bounds, found = Bounds(), list[Finding]()
    fixed = pinned_at(laid.written)
    behind = laid.past
    if behind is None and fixed is not None:
        behind = PastVisit(laid.turn.id, laid.title, fixed.date(), fixed)
    if behind is not None:
        opens: date | None = behind.on
        closes: date | None = behind.on
        zone = zone_of(when.start, behind.start)
        here, there = stretch(when.on, when.start, zone), stretch(behind.on, behind.start, zone)
        for side, minutes, between in held(rule.least, rule.most, here, there):
            turned = Side.LATE if side is Side.EARLY else Side.EARLY
            found.append(Finding(rule=own, side=turned, minutes=minutes, between=between))
    else:
        rules = [*laid.written, *course_fences(laid.turn, track)]
        limits = bounds_of(laid.turn.id, rules, track.calendar)
        opens = limits.earliest.day if limits.earliest else None
        closes = limits.latest.day if limits.latest else None
    first, last = _gate_dates(gate, opens, closes, rule, track)
    in_minutes = [isinstance(end, ElapsedSpan) for end in (rule.most, rule.least)]
    if first is not None:
        bounds = bounds.not_before(Edge(first, own))
        if when.on < first and not (in_minutes[0] and behind is not None):
            days = (first - when.on).days
            found.append(Finding(rule=own, side=Side.EARLY, days=days, day=first))
    if last is not None:
        bounds = bounds.not_after(Edge(last, own))
        if when.on > last and not (in_minutes[1] and behind is not None):
            found.append(Finding(rule=own, side=Side.LATE, days=(when.on - last).days, day=last))
    kind = track.course.protocol.visit_type(gate.visit or "")
    alone: list[Rules] = list(course_fences(visit, track))
    if kind.weekdays:
        alone.append(OnWeekdays(rule="weekdays", visit=visit, weekdays=kind.weekdays))
    if visit in track.history.pins:
        alone.append(FixedAt(rule="pinned", visit=visit, start=track.history.pins[visit].start))
    alone = list(put_off(visit, alone, track.history))
    found += findings(visit, when, alone, track.calendar)
    dates = bounds_of(visit, alone, track.calendar)
    bounds = bounds.not_before(dates.earliest) if dates.earliest is not None else bounds
    bounds = bounds.not_after(dates.latest) if dates.latest is not None else bounds
    titles = {laid.turn.id: laid.title}
    return _said(_Visit(visit, kind.name, when), found, (), bounds, bounds, None, titles)


def _gate_dates(
    gate: Gate, opens: date | None, closes: date | None, rule: Spacing, track: Track
) -> tuple[date | None, date | None]:
    """Return the first and last date that count for a visit between two dates."""
    first = window(gate, opens, track)[0] if opens is not None else None
    last = window(gate, closes, track)[1] if closes is not None else None
    if last is not None and gate.min_age is None and rule.least is not None:
        last -= timedelta(days=1)
    return first, last


# --- from rules to a verdict -----------------------------------------------------------------


@attrs.frozen
class _Visit:
    """The visit that is judged."""

    id: str
    title: str
    when: When


def _against(
    about: _Visit,
    rules: Iterable[Rules],
    soft: Iterable[Rules],
    late: Effect | Question | None,
    track: Track,
    titles: Mapping[str, str],
) -> Verdict:
    calendar, visit = track.calendar, about.id
    told = [track.history.decided(visit, rule) for rule in rules]
    lifted = [rule for rule in told if isinstance(rule.status, Waived) and rule.status.by]
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
        and rule.rule not in ("start", "finish", SPREAD)
    ]
    stated = bounds_of(visit, [*aims, *known], calendar)
    asides = list(findings(visit, about.when, known, calendar))
    said = _said(about, [*found, *nearer], forgiven, dates, stated, late, titles, asides)
    return attrs.evolve(said, waived=tuple(dict.fromkeys(map(_waived_by, lifted))))


def _waived_by(rule: Rules) -> str:
    """Return ``gate of lab, by Dr Okoye on 2027-03-08 (stable)``."""
    assert isinstance(rule.status, Waived)
    what = f"{rule.rule} of {rule.gate}" if isinstance(rule, Gated) else rule.rule
    by = f"{what}, by {rule.status.by} on {rule.status.waived_on}"
    return f"{by} ({rule.status.why})" if rule.status.why else by


def _said(
    about: _Visit,
    found: list[Finding],
    forgiven: Iterable[Finding],
    dates: Bounds,
    stated: Bounds,
    late: Effect | Question | None,
    titles: Mapping[str, str],
    asides: Iterable[Finding] = (),
) -> Verdict:
    on, after, due = about.when.on, _what_follows(late), due_by(stated)

    def dated(edge: Edge | None, which: str) -> DatedBy | None:
        if edge is None:
            return None
        return DatedBy(edge.day, in_words(edge.rule, which, about.id, titles), edge.rule.source)

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
            earliest=dated(dates.earliest, EARLIEST),
            target=dated(stated.target, TARGET),
            latest=dated(dates.latest, LATEST),
        )

    def finding(judged: Judged, one: Finding, what: str = "") -> Verdict:
        which = LATEST if one.side is Side.LATE else EARLIEST
        by = DatedBy(one.day or on, in_words(one.rule, which, about.id, titles), one.rule.source)
        return says(judged, by, 0, what, one)

    allowed, asides = list(forgiven), list(asides)
    floors = [one for one in found if one.rule.rule in (FLOOR, PREFERRED) and one.told]
    found = [one for one in found if one not in floors]
    early, last = worst(found, Side.EARLY), worst(found, Side.LATE)
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
        if (nearer := worst(floors, side)) is not None:
            return finding(Judged.BEFORE_TARGET, nearer)
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
    if stated.latest is None and due is not None and on > due and target is not None:
        return says(Judged.LATE, dated(target, TARGET), (on - due).days, after)
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


def _forgiven(rule: Rules, graces: Iterable[Rules], about: _Visit, track: Track) -> bool:
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


if not TYPE_CHECKING:  # a checker shall know the present names only
    __getattr__ = names_of(__name__)
