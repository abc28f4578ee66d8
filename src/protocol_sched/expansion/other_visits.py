"""Other visits: visits on course time, or so long after each treatment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import attrs

from protocol_sched.expansion.bindings import in_order, on_open_day
from protocol_sched.expansion.due import ended
from protocol_sched.expansion.floors import floor_of, overruled, speaks_of_earlier
from protocol_sched.expansion.forecast import (
    Bounds,
    Edge,
    bounds_of,
    clock_aimed,
    first_open,
    missed_floor,
    moves_with,
    on_weekdays,
    open_question,
    put_off,
    put_off_until,
    settled,
    shifted,
)
from protocol_sched.expansion.history import as_given
from protocol_sched.expansion.references import event
from protocol_sched.expansion.span_sums import plus, times, widened
from protocol_sched.expansion.track import Aside, Laid, Track
from protocol_sched.expansion.walk import Outline
from protocol_sched.expansion.wording import Where
from protocol_sched.model.agenda import (
    FixedAt,
    NotAfter,
    NotBefore,
    OnWeekdays,
    PastVisit,
    Question,
    Rules,
    Spacing,
)
from protocol_sched.model.cadences import At, Every, OnDemand
from protocol_sched.model.moments import later_by
from protocol_sched.model.other_visits import CountedFrom, OtherVisit
from protocol_sched.model.references import (
    AnotherSeries,
    DayOfMonth,
    EachVisit,
    EndOf,
    OriginalDates,
    OutsideEvent,
    PreviousVisit,
    StartOf,
    VisitNumber,
)
from protocol_sched.model.rules import Between, Earlier
from protocol_sched.model.sentences import told
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span, SpanRange, comparable


def dated_other_visits(
    other_visit: OtherVisit, found: Outline, until: date | None
) -> Iterator[Aside | Question]:
    """Yield the visits of a visit beside the treatments, given and due, and what is not known
    about them."""
    visits = list(_visits(other_visit, found, until)) or list(_without_anchor(other_visit, found))
    given = [n for n, one in enumerate(visits) if isinstance(one, Aside) and one.past]
    last = max(given, default=-1)
    for n, one in enumerate(visits):
        if n >= last or isinstance(one, Question) or one.past is not None:
            yield one


def _visits(
    other_visit: OtherVisit, found: Outline, until: date | None
) -> Iterator[Aside | Question]:
    track, number = found.track, 0
    for place, tentative in _places(other_visit, found):
        if isinstance(place, Question):
            yield place
            continue
        if other_visit.counted_from is CountedFrom.ONE_BEFORE:
            yield from _series(other_visit, place, tentative, found, until)
            continue
        for span in _spans(other_visit, place, found, until):
            number += 1
            several = _several(other_visit)
            identity = f"{other_visit.name}-{number}" if several else other_visit.name
            if identity not in track.history.omitted:
                yield _visit(other_visit, identity, number, place, span, tentative, track)


def _series(
    other_visit: OtherVisit, place: Where, tentative: bool, found: Outline, until: date | None
) -> Iterator[Aside]:
    """
    Yield the visits of a series of its own: each counts from the one before it as really given.

    One that is left out keeps its place: the next is twice as far from the one before.
    """
    track, count, cadence = found.track, other_visit.visits, other_visit.cadence
    assert isinstance(cadence, Every)
    last = _last_date(other_visit, found)
    if other_visit.until is not None and other_visit.until_from is None:
        begins = place.on if isinstance(place, PastVisit) else track.calendar.days.get(place)
        last = None if begins is None else shifted(begins, other_visit.until, track.month_end)
    ahead, given = max(track.as_of, until or track.as_of), _given(other_visit, track)
    away = other_visit.first or cadence.every
    for number in range(1, MOST_REPEATED + 1):
        identity = f"{other_visit.name}-{number}" if _several(other_visit) else other_visit.name
        one = _visit(other_visit, identity, number, place, away, tentative, track)
        day = one.foreseen
        if last is not None and one.past is None and (day is None or day > last):
            return
        if identity in track.history.omitted:
            away = _both(away, cadence.every)
        else:
            yield one
            track = attrs.evolve(track, asides=(*track.asides, one))
            place, away = one.past or one.id, cadence.every
        least = 0 if count is None else count.least
        if count is not None and count.most is not None:
            if number >= max(least, given):
                return
        elif last is None and number > max(least - 1, given) and (day is None or day >= ahead):
            return


def _both(one: SpanRange, other: SpanRange) -> SpanRange:
    """Return one distance after another."""
    most = plus(one.most or one.least, other.most or other.least)
    return SpanRange(plus(one.least, other.least), most)


def _without_anchor(other_visit: OtherVisit, found: Outline) -> Iterator[Aside]:
    """
    Yield the visits given before one that never was: it was left out, or the course has ended.

    They took place all the same, and no rule is left to hold them against.
    """
    if not found.ended and not any(laid.omitted for laid in found.track.laid):
        return
    kind = found.track.course.protocol.visit_type(other_visit.visit)
    for number in range(1, max(1, _given(other_visit, found.track)) + 1):
        several = _several(other_visit)
        identity = f"{other_visit.name}-{number}" if several else other_visit.name
        given = [one for one in found.track.history.given.get(identity, ()) if one.counts]
        if given:
            yield Aside(
                id=identity,
                kind=kind.name,
                run=other_visit.name,
                ordinal=number,
                rules=(),
                bounds=Bounds(),
                past=as_given(given[0], kind.name, kind),
            )


def _several(other_visit: OtherVisit) -> bool:
    if isinstance(other_visit.anchor, EachVisit):
        return True
    if other_visit.visits is not None:
        return other_visit.visits.most != 1
    return not isinstance(other_visit.cadence, At) or len(other_visit.cadence.at) > 1


def _places(other_visit: OtherVisit, found: Outline) -> Iterator[tuple[Where | Question, bool]]:
    """Yield the visits or dates a visit beside the treatments depends on; most depend on one."""
    track, anchor = found.track, other_visit.anchor
    if isinstance(other_visit.cadence, OnDemand):
        yield from ((day, False) for day in _asked_for(other_visit, track))
        return
    if isinstance(anchor, EachVisit):
        for one in (one for one in track.asides if one.run == anchor.phase):
            yield one.past or one.id, one.tentative
    if isinstance(anchor, StartOf | EndOf):
        beside = [one for one in track.asides if one.run == anchor.what]
        for one in beside[:1] if isinstance(anchor, StartOf) else beside[-1:]:
            yield one.past or one.id, one.tentative
    planned = [laid for laid in track.laid if not laid.turn.unplanned]
    real = [laid for laid in planned if not laid.omitted]
    match anchor:
        case EachVisit(phase=phase):
            here = [laid for laid in real if laid.turn.phase.name == phase]
        case StartOf(what="course"):
            here = real[:1]
        case StartOf(what=what):
            here = [laid for laid in real if laid.turn.phase.name == what][:1]
        case EndOf(what=what):
            here = _ended(what, real, found)
        case VisitNumber(number=number, phase=phase):
            counted = [laid for laid in planned if phase is None or laid.turn.phase.name == phase]
            here = [laid for laid in counted[number - 1 : number] if not laid.omitted]
        case PreviousVisit() | OriginalDates() | DayOfMonth():
            here = real[-1:]
        case OutsideEvent(name=name):
            if name in track.history.happened or not other_visit.if_it_happens:
                yield event(name, track), False
            return
        case None:
            return
        case AnotherSeries(name=name):
            for day in track.history.happened.get(name, ()):
                title = told("{name} of {on}", name=name, on=day)
                yield PastVisit(f"{name} {day}", title, day), False
            return
    for laid in here:
        yield _whole(laid, other_visit, track), laid.tentative


def _asked_for(other_visit: OtherVisit, track: Track) -> Iterator[PastVisit]:
    """Yield the dates for which visits on demand were asked, and those of more that were given."""
    wanted = [
        event.wanted or event.on
        for event in track.history.requested
        if event.phase == other_visit.name
    ]
    for number in range(len(wanted) + 1, _given(other_visit, track) + 1):
        given = track.history.given.get(f"{other_visit.name}-{number}", ())
        wanted += [given[0].on] if given else wanted[-1:]
    for number, day in enumerate(wanted, 1):
        yield PastVisit(f"{other_visit.name}-{number} asked", told("day asked for"), day)


def _whole(laid: Laid, other_visit: OtherVisit, track: Track) -> Where:
    """Return a visit as an anchor; a given one whose end counts ends when its stages are over."""
    where = laid.where
    if other_visit.between is Between.STARTS or not isinstance(where, PastVisit):
        return where
    if where.start is None or where.end is not None:
        return where
    kind = track.course.protocol.visit_type(where.kind)
    length = timedelta(minutes=kind.most(laid.type_ordinal))
    return attrs.evolve(where, end=later_by(where.start, length))


def _ended(what: str, real: list[Laid], found: Outline) -> list[Laid]:
    """Return the last visit of a phase or of the course, if it is known to be the last."""
    if what in ("course", "phase"):
        return real[-1:] if found.complete or found.ended else []
    here = [laid for laid in real if laid.turn.phase.name == what]
    later = [laid for laid in real if here and laid.turn.run > here[-1].turn.run]
    done = bool(later) or found.complete or bool(found.ended) or found.left(what)
    return here[-1:] if done else []


def _spans(
    other_visit: OtherVisit, place: Where, found: Outline, until: date | None
) -> Iterator[SpanRange]:
    track, cadence, count = found.track, other_visit.cadence, other_visit.visits
    last = _last_date(other_visit, found)
    match cadence:
        case At(at=at, cycle=cycle):
            rounds = 1
            if cycle is not None and count is not None:
                rounds = -(-count.least // len(at)) if count.least else 1
            spans = [
                plus(one.span, (cycle or CalendarSpan()).times(n))
                for n in range(rounds)
                for one in at
            ]
            for span in spans if count is None else spans[: max(count.least, len(at))]:
                yield SpanRange(span, span)
        case OnDemand():
            yield SpanRange(CalendarSpan(), CalendarSpan())
        case Every(every=every):
            number = 0
            while True:
                number += 1
                if other_visit.until is not None and other_visit.until_from is None:
                    passed = _after(place, times(every.least, number), other_visit.until, track)
                    if passed or number > MOST_REPEATED:
                        return
                    yield SpanRange(
                        times(every.least, number), times(every.most or every.least, number)
                    )
                    continue
                most = times(every.most or every.least, number)
                if last is not None:
                    first = SpanRange(times(every.least, number), times(every.least, number))
                    day = _landing(place, first, track)
                    if day is None or day > last or number > MOST_REPEATED:
                        return
                yield SpanRange(times(every.least, number), most)
                if last is not None:
                    continue
                if count is not None and count.most is not None and number >= count.least:
                    return
                if count is None or count.most is None:
                    day = _landing(place, SpanRange(times(every.least, number), most), track)
                    ahead = max(track.as_of, until or track.as_of)
                    least = max(
                        count.least if count is not None else 0, _given(other_visit, track) + 1
                    )
                    if number >= least and (day is None or day >= ahead or number >= 500):
                        return


def _last_date(other_visit: OtherVisit, found: Outline) -> date | None:
    """Return the last date of visits that end so long after a phase or the course has."""
    reference, until = other_visit.until_from, other_visit.until
    real = [laid for laid in found.track.laid if not laid.omitted]
    match reference:
        case EndOf(what=what):
            here = _ended(what, real, found)
        case StartOf(what=what):
            of_phase = what not in ("course", "phase")
            here = [one for one in real if not of_phase or one.turn.phase.name == what][:1]
        case _:
            return None
    if not here or here[-1].day is None or until is None:
        return None
    return shifted(here[-1].day, until, found.track.month_end)


MOST_REPEATED = 500
"""No other visit is laid out further."""


def _after(place: Where, span: Span, last: Span, track: Track) -> bool:
    """Tell whether one distance from a visit lands after another, in its own calendar."""
    day = place.on if isinstance(place, PastVisit) else track.calendar.days.get(place)
    if day is None or type(span) is not type(last):
        return comparable(span) > comparable(last)
    return shifted(day, span, track.month_end) > shifted(day, last, track.month_end)


def _given(other_visit: OtherVisit, track: Track) -> int:
    """Return the greatest number of the visits that were given."""
    numbers = [0]
    for visit in track.history.given:
        stem, _, number = visit.rpartition("-")
        if stem == other_visit.name and number.isdecimal() and len(number) < 4:
            numbers.append(int(number))
    return max(numbers)


def _landing(place: Where, span: SpanRange, track: Track) -> date | None:
    probe = Spacing(rule="other visit", earlier=place, later="", target=span)
    bounds = bounds_of("", [probe], track.calendar)
    return bounds.target.day if bounds.target else None


def _visit(
    other_visit: OtherVisit,
    identity: str,
    number: int,
    place: Where,
    span: SpanRange,
    tentative: bool,
    track: Track,
) -> Aside:
    kind = track.course.protocol.visit_type(other_visit.visit)
    aim = Spacing(
        rule="other visit",
        source=other_visit.source,
        earlier=place,
        later=identity,
        target=span,
        between=other_visit.between,
    )
    behind = track.behind_of(identity)
    placed = on_open_day(aim, other_visit.closed_day)
    rules: list[Rules] = [placed, *behind.rules]
    soft: list[Rules] = []
    tolerance = other_visit.tolerance
    if tolerance is not None and number in tolerance.visits:
        least, most = widened(span, tolerance.before, tolerance.after)
        limits = Spacing(
            rule="tolerance",
            source=tolerance.source,
            earlier=place,
            later=identity,
            least=least,
            most=most,
            between=other_visit.between,
        )
        (rules if tolerance.hard else soft).append(limits)
    silent = tolerance is None or number not in tolerance.visits or not speaks_of_earlier(tolerance)
    if silent and other_visit.earlier is Earlier.NOT_BEFORE and placed is aim:
        rules.append(floor_of(aim))
    same_day = isinstance(span.least, ElapsedSpan)
    if comparable(span.least) > 0:
        rules.append(in_order(place, identity, same_day))
    given = [event for event in track.history.given.get(identity, ()) if event.counts]
    past = None
    if given:
        past = as_given(given[0], kind.name, kind)
    rules = [track.history.decided(identity, rule) for rule in rules]
    # Its own place comes first: of two rules that set one date, the same is named before and after.
    stated = [rules[0], *behind.settled, *rules[1:], *soft]
    bounds = bounds_of(identity, stated, track.calendar)
    if behind.not_before is not None:
        bounds = bounds.not_before(behind.not_before)
    if bounds.target is not None and moves_with(bounds.target.rule, track.calendar):
        bounds = attrs.evolve(bounds, forecast=True)
    first = first_open(identity, track.history, track.floor)
    waived = tuple(overruled(rules, identity, first, track))
    rules = [rule for rule in rules if all(rule != one.rule for one in waived)]
    aside = finished(
        identity,
        kind.name,
        kind.weekdays,
        other_visit.name,
        number,
        rules,
        bounds,
        track,
        past,
        tentative,
        soft,
    )
    return attrs.evolve(aside, overruled=waived)


def finished(
    identity: str,
    kind: str,
    weekdays: tuple[str, ...],
    run: str,
    ordinal: int,
    rules: list[Rules],
    bounds: Bounds,
    track: Track,
    past: PastVisit | None = None,
    tentative: bool = False,
    soft: Iterable[Rules] = (),
) -> Aside:
    """Return a visit beside the treatments with what the course itself adds to its rules."""
    stated, rules = bounds, list(rules)
    if weekdays:
        rules.append(OnWeekdays(rule="weekdays", visit=identity, weekdays=weekdays))
    if identity in track.history.pins:
        pin = FixedAt(rule="pinned", visit=identity, start=track.history.pins[identity].start)
        rules.append(pin)
        bounds = bounds_of(identity, [pin], track.calendar)
    rules = list(put_off(identity, rules, track.history))
    written = tuple(rules)
    until = put_off_until(identity, track.history)
    if until is not None:
        edge = Edge(until.day, until)
        stated, bounds = settled(stated.not_before(edge)), settled(bounds.not_before(edge))
    rule = (
        "start" if track.course.not_before and track.course.not_before >= track.as_of else "today"
    )
    missed = missed_floor(identity, track.history, track.floor)
    floor = missed or NotBefore(rule=rule, visit=identity, day=track.floor)
    if missed is not None or not any(
        one.rule == "order" and isinstance(_earlier(one), str) for one in rules
    ):
        rules.append(floor)
    if track.course.finish_by is not None:
        rules.append(NotAfter(rule="finish", visit=identity, day=track.course.finish_by))
    bounds = settled(bounds.not_before(Edge(floor.day, floor)))
    latest = stated.latest.day if stated.latest else stated.target_until
    if latest is not None and until is not None:
        latest = max(latest, until.day)
    overdue = latest is not None and latest < track.as_of
    return Aside(
        id=identity,
        kind=kind,
        run=run,
        ordinal=ordinal,
        rules=tuple(rules),
        bounds=settled(on_weekdays(ended(bounds, identity, track), rules, track.calendar)),
        stated=stated,
        past=past,
        overdue=overdue and past is None,
        tentative=tentative or open_question(identity, kind, track.history) is not None,
        written=written,
        soft=tuple(soft),
        clock=_clock(stated, track),
    )


def _clock(stated: Bounds, track: Track) -> int:
    rule = stated.target.rule if stated.target is not None else None
    hours = isinstance(rule, Spacing) and rule.target and isinstance(rule.target.least, ElapsedSpan)
    return clock_aimed(stated.target, track.calendar) if hours else 0


def _earlier(rule: Rules) -> str | PastVisit | None:
    return rule.earlier if isinstance(rule, Spacing) else None
