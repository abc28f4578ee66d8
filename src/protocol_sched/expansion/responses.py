"""Responses: what reviews and requests change in the visits that follow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import assert_never

import attrs

from protocol_sched.expansion.forecast import shifted
from protocol_sched.expansion.history import History
from protocol_sched.expansion.sequence import Cursor, phase_at
from protocol_sched.expansion.track import Track
from protocol_sched.model.agenda import Question
from protocol_sched.model.cadences import At, Consecutive
from protocol_sched.model.course import Reviewed
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.references import StartOf
from protocol_sched.model.responses import (
    Action,
    Adaptation,
    Compared,
    Extend,
    GoTo,
    InsertVisit,
    NewCadence,
    StepBack,
    Stop,
)
from protocol_sched.model.sentences import told


def value_of(place: int, adaptation: Adaptation, history: History) -> float | None:
    """
    Return the number an adaptation's band is about, as the review at a place tells it.

    ``None`` where the review did not record the measure, or an earlier one it is compared with
    is missing. A fall from zero has no percentage either.
    """
    value = _score(history.reviewed[place], adaptation.measure)
    before = [_score(review, adaptation.measure) for review in history.reviewed[:place]]
    earlier = [score for score in before if score is not None]
    match adaptation.compared:
        case Compared.VALUE:
            return value
        case Compared.FALL:
            if value is None or not earlier or earlier[0] <= 0:
                return None
            return (earlier[0] - value) * 100 / earlier[0]
        case Compared.RISE:
            return None if value is None or not earlier else value - earlier[-1]
        case _:
            assert_never(adaptation.compared)


def _score(review: Reviewed, measure: str) -> float | None:
    return dict(review.scores).get(measure)


def _missed_since(place: int, phases: tuple[str, ...], history: History) -> bool:
    """Tell whether a visit of some phases was missed or omitted since the review before one."""
    until = history.reviewed[place].on
    since = history.reviewed[place - 1].on if place else date.min
    return any(
        visit.rpartition("-")[0] in phases and any(since <= day <= until for day in days)
        for visit, days in _not_given(history)
    )


def _not_given(history: History) -> Iterator[tuple[str, tuple[date, ...]]]:
    """Yield visits that were missed or omitted, with the dates."""
    yield from history.missed.items()
    for visit, day in history.omitted.items():
        yield visit, (day,)


def readable(adaptation: Adaptation, place: int, cursor: Cursor, track: Track) -> bool:
    """
    Tell whether a review counts for an adaptation.

    At any time, or after a phase's end, or only after a visit was missed.
    """
    review = track.history.reviewed[place]
    phase = track.course.protocol.phases[cursor.phase].name
    if adaptation.during and phase not in adaptation.during:
        return False
    opens = counts_from(adaptation, track)
    if adaptation.not_before is not None and (opens is None or review.on < opens):
        return False
    if adaptation.missed and not _missed_since(place, adaptation.missed, track.history):
        return False
    if adaptation.after is None:
        return True
    protocol = track.course.protocol
    laid = [one for one in track.real if one.turn.phase.name == adaptation.after]
    if not laid or any(one.past is None for one in laid):
        return False
    here = protocol.phases[cursor.phase].name == adaptation.after
    if here and cursor.index <= phase_at(cursor, protocol).visits.least:
        return False
    last = laid[-1].past
    return last is not None and review.on >= last.on


def counts_from(adaptation: Adaptation, track: Track) -> date | None:
    """Return the first date on which a response counts; ``None`` for any, or not yet known."""
    if adaptation.not_before is None or not isinstance(adaptation.from_, StartOf):
        return None
    what = adaptation.from_.what
    here = [one for one in track.real if one.turn.run >= track.course_run]
    if what != "course":
        runs = [one.turn.run for one in here if one.turn.phase.name == what]
        here = [one for one in here if one.turn.run == max(runs, default=-1)]
    if not here or here[0].day is None:
        return None
    return shifted(here[0].day, adaptation.not_before, track.month_end)


def read_too_soon(cursor: Cursor, track: Track) -> Iterator[Question]:
    """Yield a question for each response that would act if it were not recorded too soon."""
    history = track.history
    for adaptation in track.course.protocol.adaptations:
        opens = counts_from(adaptation, track)
        if opens is None or any(name == adaptation.name for _, name in cursor.fired):
            continue
        values = [
            (review.on, value)
            for n, review in enumerate(history.reviewed)
            if (value := value_of(n, adaptation, history)) is not None
        ]
        if not values or values[-1][0] >= opens or not adaptation.band.holds(values[-1][1]):
            continue
        identity = f"early-{adaptation.name}-{values[-1][0]}"
        if identity not in history.answers:
            yield Question(
                id=identity,
                asks=told(
                    "{measure} was {value} on {on}, and {response} acts from {opens} on; is it "
                    "recorded again then?",
                    measure=adaptation.measure,
                    value=float(values[-1][1]),
                    on=values[-1][0],
                    response=repr(adaptation.name),
                    opens=opens,
                ),
                about=adaptation.name,
            )


def _spent(adaptation: Adaptation, cursor: Cursor) -> bool:
    """Tell whether an adaptation has acted as often as it may."""
    acted = sum(name == adaptation.name for _, name in cursor.fired)
    return adaptation.times is not None and acted >= adaptation.times


def _spent_again(adaptation: Adaptation, cursor: Cursor, track: Track) -> Iterator[Question]:
    """Yield a question for a response that would act once more than it may."""
    history = track.history
    for n, review in enumerate(history.reviewed):
        value = value_of(n, adaptation, history)
        identity = f"again-{adaptation.name}-{review.on}"
        if (
            (n, adaptation.name) not in cursor.fired
            and value is not None
            and adaptation.band.holds(value)
            and readable(adaptation, n, cursor, track)
            and identity not in history.answers
        ):
            score = _score(review, adaptation.measure)
            yield Question(
                id=identity,
                asks=told(
                    "{measure} was {value} on {on}, and {response} has already acted on that; does "
                    "the course go on, or is it discontinued?",
                    measure=adaptation.measure,
                    value=score if score is None else float(score),
                    on=review.on,
                    response=repr(adaptation.name),
                ),
                choices=("go on",),
                about=adaptation.after or "",
            )


def asked_after_missed(protocol: Protocol, history: History) -> Iterator[Question]:
    """Yield a question for each score to be read since a visit was missed or left out."""
    for adaptation in protocol.adaptations:
        missed = [
            (day, visit)
            for visit, days in _not_given(history)
            for day in days
            if visit.rpartition("-")[0] in adaptation.missed
        ]
        if not missed:
            continue
        day, visit = max(missed)
        read = [n for n, review in enumerate(history.reviewed) if review.on >= day]
        if not any(value_of(n, adaptation, history) is not None for n in read):
            yield Question(
                id=f"review-{adaptation.measure}-{visit}",
                asks=told(
                    "What is {measure} now that {visit} of {on} did not take place?",
                    measure=adaptation.measure,
                    visit=visit,
                    on=day,
                ),
                about=visit,
            )


def decisions_open(cursor: Cursor, track: Track) -> Iterator[Question]:
    """Yield a question for each response that must be read before the next phase is sure."""
    protocol = track.course.protocol
    for adaptation in protocol.adaptations:
        if _spent(adaptation, cursor):
            yield from _spent_again(adaptation, cursor, track)
        if adaptation.after is None or not isinstance(adaptation.then, Stop | GoTo):
            continue
        runs = [one.turn.run for one in track.laid if one.turn.phase.name == adaptation.after]
        if not runs or max(runs) >= cursor.run:
            continue
        if any(n_name[1] == adaptation.name for n_name in cursor.fired):
            continue
        read = [
            n for n in range(len(track.history.reviewed)) if readable(adaptation, n, cursor, track)
        ]
        values = [(n, value_of(n, adaptation, track.history)) for n in read]
        known = [(n, value) for n, value in values if value is not None]
        if not known:
            yield _wanted_score(adaptation, read, track.history)
        else:
            yield from _between_bands(adaptation, *known[-1], track)


def _between_bands(
    adaptation: Adaptation, place: int, value: float, track: Track
) -> Iterator[Question]:
    """
    Yield a question for a value that no band holds, though there are bands on either side of it.

    Beyond all bands nothing is to change, and the course goes on.
    """
    protocol, history = track.course.protocol, track.history
    alike = [
        one
        for one in protocol.adaptations
        if (one.measure, one.compared, one.after)
        == (adaptation.measure, adaptation.compared, adaptation.after)
    ]
    review = history.reviewed[place]
    identity = f"band-{adaptation.measure}-{review.on}"
    if (
        not any(one.band.holds(value) for one in alike)
        and any(one.band.above(value) for one in alike)
        and any(one.band.below(value) for one in alike)
        and identity not in history.answers
    ):
        yield Question(
            id=identity,
            asks=told(
                "{measure} was {value} on {on}, which no band of the protocol holds; what follows "
                "after {after}?",
                measure=adaptation.measure,
                value=float(value),
                on=review.on,
                after=adaptation.after,
            ),
            choices=("go on",),
            about=adaptation.after or "",
        )


def _wanted_score(adaptation: Adaptation, read: list[int], history: History) -> Question:
    """Return the question for the score of a phase's end, or for the one it is compared with."""
    measure, after = adaptation.measure, adaptation.after or ""
    recorded = [n for n in read if _score(history.reviewed[n], measure) is not None]
    if recorded and adaptation.compared is not Compared.VALUE:
        return Question(
            id=f"review-{measure}-first",
            asks=told(
                "What was {measure} before the course, above zero? Its value after {after} is "
                "compared with it.",
                measure=measure,
                after=after,
            ),
            about=after,
        )
    asks = told("What is {measure} after {after}?", measure=measure, after=after)
    return Question(id=f"review-{measure}-{after}", asks=asks, about=after)


def scores_awaited(cursor: Cursor, track: Track) -> Iterator[Question]:
    """Yield a question for each score that is not recorded and sets how the next phase begins."""
    protocol, history = track.course.protocol, track.history
    phase = protocol.phases[cursor.phase].name
    if not cursor.first or cursor.numbers.get(phase) or track.history.given.get(f"{phase}-1"):
        return
    for adaptation in protocol.adaptations:
        # What a later score is compared with has to be known before, too.
        first = adaptation.compared is Compared.FALL and adaptation.after == phase
        if (adaptation.before == phase or first) and all(
            _score(review, adaptation.measure) is None for review in history.reviewed
        ):
            yield Question(
                id=f"review-{adaptation.measure}-before-{phase}",
                asks=told(
                    "What is {measure} before {phase}?", measure=adaptation.measure, phase=phase
                ),
                about=phase,
            )


def adapted(
    cursor: Cursor, track: Track, seen_until: date | None
) -> tuple[Cursor, list[tuple[Adaptation, InsertVisit]]]:
    """
    Return the cursor after every response recorded by a date, and visits to insert.

    Args:
        cursor: Where the next visit is.
        track: The visits so far.
        seen_until: The date of the next visit given: reviews on it or later speak of what
            comes after that visit; ``None`` sees them all.
    """
    inserts: list[tuple[Adaptation, InsertVisit]] = []
    history = track.history
    for n, review in enumerate(history.reviewed):
        if seen_until is not None and review.on >= seen_until:
            break
        for adaptation in track.course.protocol.adaptations:
            mark = (n, adaptation.name)
            value = value_of(n, adaptation, history)
            if mark in cursor.fired or value is None or not adaptation.band.holds(value):
                continue
            if not readable(adaptation, n, cursor, track):
                continue
            if _spent(adaptation, cursor):
                continue
            cursor = attrs.evolve(cursor, fired=cursor.fired | {mark})
            if isinstance(adaptation.then, InsertVisit):
                inserts.append((adaptation, adaptation.then))
            else:
                cursor = _acted(cursor, adaptation.then, track)
    return cursor, inserts


def _acted(cursor: Cursor, action: Action, track: Track) -> Cursor:
    names = [phase.name for phase in track.course.protocol.phases]
    now = names[cursor.phase]
    match action:
        case GoTo(go_to=name):
            return cursor if name == now else cursor.begun(names.index(name))
        case StepBack(step_back=ladder):
            rungs = [name.strip() for name in ladder.split(">")]
            at = rungs.index(now) if now in rungs else 0
            return cursor.begun(names.index(rungs[at - 1])) if at else cursor
        case NewCadence(cadence=cadence, phase=name):
            changed = attrs.evolve(cursor, cadences={**cursor.cadences, name: cadence})
            again = isinstance(cadence, At | Consecutive) and name == now and not cursor.first
            return changed.begun(cursor.phase) if again else changed
        case Extend(extend=more, phase=name):
            total = cursor.extended.get(name, 0) + more
            return attrs.evolve(cursor, extended={**cursor.extended, name: total})
        case Stop(stop=why):
            return attrs.evolve(cursor, ended=why)
        case InsertVisit():
            return cursor
        case _:
            assert_never(action)
