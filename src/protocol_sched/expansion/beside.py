"""
The visits beside the treatments: those of gates and of other visits, some hanging on others.

A visit beside the treatments may depend on another other visit or on a gate's visit, so each is
laid out after what it depends on. And a visit that comes before the one it is measured from binds
that one too.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from datetime import date

import attrs

from protocol_sched.expansion.dates import plus_days
from protocol_sched.expansion.forecast import Bounds, Edge, comes_before, first_open, shifted
from protocol_sched.expansion.gate_names import gate_of
from protocol_sched.expansion.gates import window
from protocol_sched.expansion.guarding import ONE_DAY, GateVisit
from protocol_sched.expansion.history import as_given
from protocol_sched.expansion.other_visits import dated_other_visits, finished
from protocol_sched.expansion.span_sums import times
from protocol_sched.expansion.track import Aside, Behind, Track
from protocol_sched.expansion.walk import Outline
from protocol_sched.model.agenda import PastVisit, Question, Rules, Spacing
from protocol_sched.model.cadences import At
from protocol_sched.model.course import Given
from protocol_sched.model.gates import Gate
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.spans import Span, SpanRange, comparable


def visits_beside(found: Outline, until: date | None) -> Iterator[Aside | Question]:
    """Yield the visits of gates and other visits, given and due, and what is not known about
    them."""
    due = [_gate_visit(one, found) for one in found.gate_visits]
    yield from due
    given = [_gate_given(past, found) for past in found.gates_past]
    track = attrs.evolve(found.track, asides=(*given, *due))
    for other_visit in _in_turn(found.track.course.protocol):
        laid = list(dated_other_visits(other_visit, attrs.evolve(found, track=track), until))
        asides = [one for one in laid if isinstance(one, Aside)]
        track = attrs.evolve(track, asides=(*track.asides, *asides))
        yield from laid


def _in_turn(protocol: Protocol) -> Iterator[OtherVisit]:
    """Yield other visits after those they depend on, and otherwise as the protocol lists them."""
    left = list(protocol.other_visits)
    while left:
        waiting = {one.name for one in left}
        ready = [one for one in left if one.hangs_on not in waiting - {one.name}]
        # A protocol is refused where they depend on one another in a circle.
        assert ready, [one.name for one in left]
        yield from ready
        left = [one for one in left if one not in ready]


def _gate_given(past: PastVisit, found: Outline) -> Aside:
    """Return a gate's visit that was given, as something to hang on."""
    gate = gate_of(past.id, found.track.course.protocol)
    run = past.id if gate is None else gate.name
    return Aside(
        id=past.id, kind=past.kind, run=run, ordinal=1, rules=(), bounds=Bounds(), past=past
    )


def _gate_visit(one: GateVisit, found: Outline) -> Aside:
    """Return a gate's visit, dated back from the visit behind it."""
    track, gate = found.track, one.gate
    guarded = next(laid for laid in track.laid if laid.turn.id == one.guarded)
    rule = next(rule for rule in guarded.rules if getattr(rule, "earlier", None) == one.id)
    bounds, kind = Bounds(), track.course.protocol.visit_type(gate.visit or "")
    if guarded.day is not None:
        best = _before(gate, guarded.day, track)[1]
        if gate.target is not None:
            best = shifted(guarded.day, times(gate.target, -1), track.month_end)
        best = _best(best, kind.weekdays, track.floor)
        bounds = bounds.aimed(Edge(best, rule), best)
        bounds = attrs.evolve(bounds, forecast=gate.target is None)
    rules: list[Rules] = []
    if one.after is not None and isinstance(one.after.earlier, PastVisit):
        rules.append(one.after)
        opens = shifted(one.after.earlier.on, one.after.least or ONE_DAY, track.month_end)
        bounds = bounds.not_before(Edge(opens, one.after))
    limits = guarded.bounds
    if limits.earliest is not None:
        first, _ = _before(gate, limits.earliest.day, track)
        bounds = bounds if first is None else bounds.not_before(Edge(first, rule))
    if limits.latest is not None:
        bounds = bounds.not_after(Edge(_before(gate, limits.latest.day, track)[1], rule))
    return finished(
        one.id,
        kind.name,
        kind.weekdays,
        gate.name,
        one.ordinal,
        rules,
        bounds,
        track,
        tentative=guarded.tentative and not guarded.turn.awaiting,
    )


def _best(last: date, weekdays: Container[str], floor: date) -> date:
    """Return the last date that counts on which a gate's visit may be; never before a floor."""
    near = [plus_days(last, -n) for n in range(7)]
    allowed = (day for day in near if not weekdays or WEEKDAYS[day.weekday()] in weekdays)
    return max(next(allowed, last), floor)


def _before(gate: Gate, day: date, track: Track) -> tuple[date | None, date]:
    """Return the first and last date on which a gate's visit counts for a visit on ``day``."""
    first, last = window(gate, day, track)
    return first, plus_days(last, -1) if gate.min_age is None else last


def before_anchors(found: Outline) -> Mapping[str, Behind]:
    """
    Return what the visits before the treatment they are measured from ask of it, by its identity.

    A distance binds both its ends: one given holds the treatment back and may grow too old, and
    one still due leaves it no date before the distance is over.
    """
    protocol = found.track.course.protocol
    if not any(_may_come_before(other_visit) for other_visit in protocol.other_visits):
        return {}
    asked: dict[str, Behind] = {}
    # Those that depend on others are laid out after them; what they ask is passed on from the last.
    laid = [one for one in visits_beside(found, None) if isinstance(one, Aside)]
    beside = {one.id for one in laid}
    for one in reversed(laid):
        if one.tentative:
            continue
        for rule in one.written:
            if not isinstance(rule, Spacing) or not comes_before(rule):
                continue
            anchor = rule.earlier if isinstance(rule.earlier, str) else rule.earlier.id
            now = asked.get(anchor, Behind())
            if one.past is not None:
                turned = asked_of_anchor(rule, one.past, anchor)
                now = attrs.evolve(now, rules=(*now.rules, turned))
                first = aimed = one.past.on
            elif isinstance(rule.earlier, str):
                fixed = _fixed(one, found.track)
                turned = asked_of_anchor(rule, fixed or one.id, anchor)
                if fixed is not None:
                    now = attrs.evolve(now, settled=(*now.settled, turned))
                first = first_open(one.id, found.track.history, found.track.floor)
                own = asked.get(one.id, Behind())
                first = max([first, *(edge.day for edge in (own.not_before,) if edge)])
                aimed = max([first, *(edge.day for edge in (own.aimed,) if edge)])
            else:
                continue
            if one.past is None or anchor in beside:  # a treatment reads the rule itself
                aim = None if turned.target is None else turned.target.least
                least = _edge(first, turned.least, turned, found.track)
                best = _edge(aimed, aim, turned, found.track)
                now = attrs.evolve(
                    now,
                    not_before=_later(now.not_before, least),
                    aimed=_later(now.aimed, best),
                )
            asked[anchor] = now
    return asked


def _fixed(one: Aside, track: Track) -> PastVisit | None:
    """Return a visit that is planned for a moment or fixed to it, as if given then."""
    start = track.fixed_at(one.id)
    if start is None:
        return None
    kind = track.course.protocol.visit_type(one.kind)
    return as_given(Given(visit=one.id, on=start.date(), start=start), one.kind, kind)


def _may_come_before(other_visit: OtherVisit) -> bool:
    points = other_visit.cadence.at if isinstance(other_visit.cadence, At) else ()
    return any(comparable(point.span) < 0 for point in points)


def asked_of_anchor(rule: Spacing, before: str | PastVisit, anchor: str) -> Spacing:
    """Return the same distance as a rule about the visit it was measured from."""

    def back(span: Span | None) -> Span | None:
        return None if span is None else times(span, -1)

    target = rule.target
    if target is not None:
        last = target.least if target.most is None else target.most
        target = SpanRange(times(last, -1), times(target.least, -1))
    return attrs.evolve(
        rule,
        earlier=before,
        later=anchor,
        least=back(rule.most),
        most=back(rule.least),
        target=target,
    )


def _edge(day: date, span: Span | None, rule: Spacing, track: Track) -> Edge | None:
    """Return the first date so long after another."""
    return None if span is None else Edge(shifted(day, span, track.month_end, clock=0), rule)


def _later(one: Edge | None, other: Edge | None) -> Edge | None:
    """Return the later of two first dates."""
    if one is None or other is None:
        return one or other
    return other if other.day > one.day else one
