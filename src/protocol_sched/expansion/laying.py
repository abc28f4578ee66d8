"""One visit laid out: its rules, the dates they leave, and how it was given."""

from __future__ import annotations

import attrs

from protocol_sched.expansion.bindings import rules_of, tolerated, unplanned_rules
from protocol_sched.expansion.floors import floor_of, floors, overruled
from protocol_sched.expansion.forecast import bounds_of, open_question, put_off
from protocol_sched.expansion.history import as_given
from protocol_sched.expansion.lateness import due_by
from protocol_sched.expansion.track import Laid, Track, Tries, Turn
from protocol_sched.model.agenda import SPREAD, FixedAt, PastVisit, Question, Rules, Spacing
from protocol_sched.model.moments import utc
from protocol_sched.model.responses import Adaptation, InsertVisit
from protocol_sched.model.rules import Earlier
from protocol_sched.model.spans import SpanRange


def says_when(rule: Rules) -> bool:
    """Tell whether a rule says when a visit is due: a pin or a preference to spread does not."""
    return not isinstance(rule, FixedAt) and rule.rule != SPREAD


def _is_after(one: PastVisit, other: PastVisit) -> bool:
    """Tell whether a visit came after another; on one date only their moments say so."""
    if one.start is not None and other.start is not None:
        return utc(one.start) > utc(other.start)
    return one.on > other.on


def given_as(turn: Turn, title: str, number: int, track: Track) -> tuple[PastVisit | None, Tries]:
    """Return a visit as it was given, and the doses before that did not count."""
    tries: list[PastVisit] = []
    kind = track.course.protocol.visit_type(turn.phase.visit)
    for event in track.history.given.get(turn.id, ()):
        visit = as_given(event, title, kind, number)
        if event.counts:
            return visit, tuple(tries)
        tries.append(visit)
    return None, tuple(tries)


def _since_last(tries: Tries, track: Track) -> Tries:
    """Return the doses that did not count and come after the visit before, if any does."""
    last = track.real[-1] if track.real else None
    if last is None or not tries:
        return tries
    before = last.past or track.calendar.fixed.get(last.turn.id)
    return tries if before is not None and not _is_after(before, tries[-1]) else ()


def regular(turn: Turn, title: str, number: int, track: Track) -> tuple[Laid, list[Question]]:
    """
    Return a visit of the course with its rules, and what is not known of them.

    Args:
        title: What people call it.
        number: Its number among the visits of its type.
        track: The visits before it.
    """
    past, tries = given_as(turn, title, number, track)
    rules: list[Rules] = []
    asked: list[Question] = []
    for item in rules_of(turn, _since_last(tries, track), track):
        asked.append(item) if isinstance(item, Question) else rules.append(item)
    hard, soft = tolerated(turn, rules, track)
    behind = track.behind_of(turn.id)
    own = tuple(floors(turn, rules))
    waived = tuple(overruled(own, turn.id, track.floor, track))
    rules = [
        *behind.rules,
        *(rule for rule in rules if rule.rule != "order"),
        *hard,
        *(floor for floor in own if all(floor != one.rule for one in waived)),
        *(rule for rule in rules if rule.rule == "order"),
    ]
    history = track.history
    rules = [history.decided(turn.id, rule) for rule in put_off(turn.id, rules, history)]
    held = open_question(turn.id, title, history) if past is None else None
    if held is not None:
        asked.append(held)
    known = [rule for rule in (*behind.settled, *rules, *soft) if says_when(rule)]
    stated = bounds_of(turn.id, known, track.calendar)
    laid = Laid(
        turn=turn,
        title=title,
        type_ordinal=number,
        rules=tuple(rules),
        soft=tuple(soft),
        stated=stated,
        bounds=stated,
        past=past,
        tries=tries,
        day=past.on if past else None,
        original=past or turn.id,
        due_by=due_by(stated),
        unsettled=bool(asked),
        tentative=turn.tentative or held is not None,
        overruled=waived,
        deferred=turn.id in history.deferred,
        written=tuple(rules),
    )
    return laid, asked


def unplanned(turn: Turn, title: str, number: int, track: Track) -> Laid:
    """Return a visit that was given though nobody had planned it."""
    rules = tuple(unplanned_rules(turn, track))
    laid = _beside(turn, title, number, rules, rules, track)
    return attrs.evolve(laid, due_by=None)


def inserted(
    turn: Turn,
    title: str,
    number: int,
    adaptation: Adaptation,
    insert: InsertVisit,
    track: Track,
) -> Laid:
    """Return one more visit, counted from the first of its phase, as an adaptation asks for it."""
    first = next(laid for laid in track.real if laid.turn.phase.name == insert.phase)
    rule = Spacing(
        rule="adaptation",
        source=adaptation.source,
        earlier=first.where,
        later=turn.id,
        target=SpanRange(insert.insert.span, insert.insert.span),
    )
    rules = (rule,) if turn.phase.earlier is Earlier.ALLOWED else (rule, floor_of(rule))
    return _beside(turn, title, number, rules, (rule,), track)


def _beside(
    turn: Turn,
    title: str,
    number: int,
    rules: tuple[Rules, ...],
    written: tuple[Rules, ...],
    track: Track,
) -> Laid:
    """Return a visit that is none of those its phase counts."""
    past, tries = given_as(turn, title, number, track)
    stated = bounds_of(turn.id, rules, track.calendar)
    return Laid(
        turn=turn,
        title=title,
        type_ordinal=number,
        rules=rules,
        stated=stated,
        bounds=stated,
        past=past,
        tries=tries,
        day=past.on if past else None,
        original=past or turn.id,
        due_by=due_by(stated),
        written=written,
    )
