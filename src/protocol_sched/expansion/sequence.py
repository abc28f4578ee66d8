"""Which visit of a course comes next: phases, cycles, counts, requests and responses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import assert_never

import attrs

from protocol_sched.expansion.history import History
from protocol_sched.expansion.track import Laid, Position, Role, Slot, Track
from protocol_sched.model.agenda import Question
from protocol_sched.model.course import Reviewed
from protocol_sched.model.protocol import Phase, Protocol
from protocol_sched.model.rules import (
    Action,
    Adaptation,
    At,
    Cadence,
    Compared,
    Consecutive,
    Count,
    Every,
    Extend,
    GoTo,
    InsertVisit,
    NewCadence,
    OnDemand,
    PerWeek,
    StepBack,
    Stop,
    Within,
)

MOST_VISITS = 1000
"""No course is laid out further; it bounds the work for an ``until`` far away."""
MOST_PASSED_OVER = 400
"""A visit given so much further on is taken for a slip of the pen."""


@attrs.frozen(kw_only=True)
class Cursor:
    """Where in the protocol the next visit is, and what responses have changed so far."""

    phase: int = 0
    run: int = 0
    course_run: int = 0
    cycle: int = 1
    index: int = 1
    """The next visit's number in its cycle."""
    place: int = 1
    """The next visit's number in its run."""
    shift: int = 0
    """Grid dates skipped in this cycle."""
    first: bool = True
    asap: bool = False
    extras: tuple[str, ...] = ()
    """Visits a late table adds before the next regular one."""
    numbers: Mapping[str, int] = attrs.field(factory=dict)
    """Visits numbered so far, by phase."""
    cadences: Mapping[str, Cadence] = attrs.field(factory=dict)
    extended: Mapping[str, int] = attrs.field(factory=dict)
    inserted: int = 0
    fired: frozenset[tuple[int, str]] = frozenset()
    """Reviews, by their place in the history, and the adaptations they brought about."""
    ended: str = ""

    def begun(self, phase: int, *, asap: bool = False, course: bool = False) -> Cursor:
        """Return the cursor at the first visit of a new run of a phase."""
        run = self.run + 1
        return attrs.evolve(
            self,
            phase=phase,
            run=run,
            course_run=run if course else self.course_run,
            cycle=1,
            index=1,
            place=1,
            shift=0,
            first=True,
            asap=asap,
            extras=(),
        )

    def passed(self, slot: Slot) -> Cursor:
        """Return the cursor after a visit was laid out."""
        if slot.role is Role.EXTRA:
            return attrs.evolve(self, extras=self.extras[1:])
        if slot.role is Role.INSERTED:
            return self
        numbers = {**self.numbers, slot.phase.name: slot.number}
        return attrs.evolve(
            self,
            index=self.index + 1,
            place=self.place + 1,
            first=False,
            asap=False,
            numbers=numbers,
        )


def phase_at(cursor: Cursor, protocol: Protocol) -> Phase:
    """Return the phase a cursor is in, with the cadence that holds now."""
    phase = protocol.phases[cursor.phase]
    cadence = cursor.cadences.get(phase.name)
    return phase if cadence is None else with_cadence(phase, cadence)


def with_cadence(phase: Phase, cadence: Cadence) -> Phase:
    """Return the phase at another cadence, its count kept where the cadence leaves it free."""
    match cadence:
        case At(at=at):
            return attrs.evolve(phase, cadence=cadence, visits=Count(len(at), len(at)))
        case Consecutive(consecutive_days=days, per_day=per_day):
            most = None if days.most is None else days.most * per_day
            visits = Count(days.least * per_day, most)
            return attrs.evolve(phase, cadence=cadence, visits=visits)
        case Every() | PerWeek() | Within() | OnDemand():
            return attrs.evolve(phase, cadence=cadence)
        case _:
            assert_never(cadence)


# --- what was given beyond the visit at hand ---------------------------------------------------


@attrs.frozen
class Ahead:
    """A visit that was given and is not laid out yet."""

    phase: int
    number: int
    on: date


def given_ahead(protocol: Protocol, track: Track) -> list[Ahead]:
    """Return treatment visits given and not laid out yet, extra and inserted ones aside."""
    names = {phase.name: n for n, phase in enumerate(protocol.phases)}
    laid = {one.slot.id for one in track.laid}
    found = []
    for visit, given in track.history.given.items():
        match = re.fullmatch(r"(.+)-(\d{1,4})", visit)
        counted = [event.on for event in given if event.counts]
        if match and counted and match[1] in names and visit not in laid:
            found.append(Ahead(names[match[1]], int(match[2]), counted[0]))
    return found


# --- how many ----------------------------------------------------------------------------------


@attrs.frozen
class Step:
    """What comes next: a visit, another cycle, another phase, or nothing; and what is open."""

    kind: str
    """``visit``, ``cycle``, ``phase`` or ``stop``."""
    tentative: bool = False
    optional: bool = False
    """Laid out only because ``until`` lies further on; past that date it is left away."""
    questions: tuple[Question, ...] = ()


VISIT, CYCLE, LEAVE, HALT = Step("visit"), Step("cycle"), Step("phase"), Step("stop")


@attrs.frozen(kw_only=True)
class Outlook:
    """What decides whether a phase goes on."""

    phase: Phase
    visits: Count
    """How many in a cycle, answers and extensions included."""
    here: bool
    """A later visit of this phase was given."""
    left: bool
    """A visit of a later phase was given, or a clinician said that this one has ended."""
    asked: bool
    """A visit or cycle was asked for and is not laid out yet."""
    due: tuple[Laid, ...]
    """Regular visits of this run that are still due."""
    more: bool
    """An open run is laid out further: one visit ahead, and up to ``until``."""


def _outlook(cursor: Cursor, track: Track, until: date | None) -> Outlook:
    protocol = track.course.protocol
    phase = phase_at(cursor, protocol)
    ahead = given_ahead(protocol, track)
    number = cursor.numbers.get(phase.name, 0) + 1
    due = tuple(_dues(cursor, track))
    last = due[-1].day if due else None
    said = track.history.answers.get(f"after-{phase.name}", "").strip()
    return Outlook(
        phase=phase,
        visits=_count(phase, cursor, track),
        here=any(
            one.phase == cursor.phase and number <= one.number <= number + MOST_PASSED_OVER
            for one in ahead
        ),
        left=said == "yes" or any(one.phase > cursor.phase for one in ahead),
        asked=_requests(phase.name, track) > 0,
        due=due,
        more=not due or (until is not None and last is not None and last < until),
    )


def next_step(cursor: Cursor, track: Track, until: date | None) -> Step:
    """
    Return what comes next in the phase at hand.

    Counts are planned at their least; of an open run, the next visit or cycle and those up to
    ``until``. Whatever was really given goes on counting.
    """
    seen = _outlook(cursor, track, until)
    if isinstance(seen.phase.cadence, OnDemand):
        if seen.here or seen.asked:
            return VISIT
        return LEAVE if seen.left else HALT
    if cursor.index <= seen.visits.least:
        return VISIT
    within = seen.visits.most is None or cursor.index <= seen.visits.most
    if seen.here and within:
        return VISIT
    if seen.visits.most is None and not seen.left:
        if seen.more:
            return attrs.evolve(VISIT, optional=bool(seen.due))
        return attrs.evolve(HALT, questions=_end_questions(seen.phase, cursor, track))
    return _after_cycle(cursor, seen, track)


def _after_cycle(cursor: Cursor, seen: Outlook, track: Track) -> Step:
    """Return what comes next once a cycle has all its visits."""
    cycles, phase = seen.phase.cycles, seen.phase
    questions = _count_questions(phase, seen.visits, cursor)
    more = cycles.most is None or cursor.cycle < cycles.most
    if seen.here:
        return CYCLE if more else VISIT
    if isinstance(phase.next_cycle, OnDemand) and more:
        if seen.asked:
            return CYCLE
        return LEAVE if seen.left else attrs.evolve(HALT, questions=questions)
    if cursor.cycle < cycles.least:
        return attrs.evolve(CYCLE, questions=questions)
    if cycles.most is None and not seen.left:
        if seen.more:
            optional = bool(seen.due)
            return attrs.evolve(CYCLE, tentative=True, optional=optional, questions=questions)
        return attrs.evolve(HALT, questions=(*questions, *_end_questions(phase, cursor, track)))
    return attrs.evolve(LEAVE, questions=questions)


def _dues(cursor: Cursor, track: Track) -> list[Laid]:
    """Return the regular visits of this run that are still due."""
    return [
        laid
        for laid in track.laid
        if laid.slot.run == cursor.run
        and laid.past is None
        and not laid.omitted
        and laid.slot.role is Role.REGULAR
    ]


def _count(phase: Phase, cursor: Cursor, track: Track) -> Count:
    visits = phase.visits
    answer = track.history.answers.get(f"count-{phase.name}", "").strip()
    if not visits.fixed and re.fullmatch(r"\d{1,4}", answer):
        least = max(int(answer), 1)
        visits = Count(least, least)
    more = cursor.extended.get(phase.name, 0)
    if more:
        most = None if visits.most is None else visits.most + more
        visits = Count(visits.least + more, most)
    return visits


def _count_questions(phase: Phase, visits: Count, cursor: Cursor) -> tuple[Question, ...]:
    if visits.most is None or cursor.index > visits.most:
        return ()
    return (
        Question(
            id=f"count-{phase.name}",
            asks=f"How many visits has {phase.name}: {visits}?",
            choices=tuple(str(n) for n in range(visits.least, min(visits.most, 100) + 1)),
            about=phase.name,
        ),
    )


def _end_questions(phase: Phase, cursor: Cursor, track: Track) -> tuple[Question, ...]:
    if cursor.phase + 1 >= len(track.course.protocol.phases):
        return ()
    protocol = track.course.protocol
    after = protocol.phases[cursor.phase + 1].name
    if any(isinstance(one.then, GoTo) and one.then.go_to == after for one in protocol.adaptations):
        return ()  # a response decides it
    return (
        Question(
            id=f"after-{phase.name}",
            asks=f"Has {phase.name} ended, so that {after} begins?",
            choices=("yes", "no"),
            about=phase.name,
        ),
    )


def _requests(phase: str, track: Track) -> int:
    """Return how many visits or cycles were asked for and neither given nor laid out yet."""
    marks = [(event.on, 0) for event in track.history.requested if event.phase == phase]
    for laid in track.laid:
        if laid.slot.phase.name == phase and laid.past is not None:
            begins = laid.slot.position.step == 1 or isinstance(laid.slot.phase.cadence, OnDemand)
            if begins:
                marks.append((laid.past.on, 1))
    waiting = 0
    for _, given in sorted(marks):
        waiting = max(0, waiting - 1) if given else waiting + 1
    due = [
        laid
        for laid in track.laid
        if laid.slot.phase.name == phase
        and laid.past is None
        and not laid.omitted
        and (laid.slot.position.step == 1 or isinstance(laid.slot.phase.cadence, OnDemand))
        and not (laid.slot.first and not isinstance(laid.slot.phase.cadence, OnDemand))
    ]
    return waiting - len(due)


def wanted(slot: Slot, track: Track) -> date | None:
    """Return the date on which a visit on demand was asked for, if one was named."""
    open_requests = [event for event in track.history.requested if event.phase == slot.phase.name]
    waiting = _requests(slot.phase.name, track)
    if waiting <= 0 or len(open_requests) < waiting:
        return None
    return open_requests[-waiting].wanted


def slot_at(cursor: Cursor, track: Track, tentative: bool) -> Slot:
    """Return the visit at a cursor."""
    phase = phase_at(cursor, track.course.protocol)
    if isinstance(phase.cadence, Within):
        # Which visit closes the span depends on how many there are, and that may be an answer.
        phase = attrs.evolve(phase, visits=_count(phase, cursor, track))
    number = cursor.numbers.get(phase.name, 0) + 1
    position = Position(cursor.cycle, cursor.index + cursor.shift)
    if cursor.extras:
        return Slot(
            id=cursor.extras[0],
            phase=phase,
            number=number - 1,
            place=cursor.place - 1,
            run=cursor.run,
            position=Position(cursor.cycle, cursor.index - 1 + cursor.shift),
            role=Role.EXTRA,
        )
    return Slot(
        id=f"{phase.name}-{number}",
        phase=phase,
        number=number,
        place=cursor.place,
        run=cursor.run,
        position=position,
        first=cursor.first,
        asap=cursor.asap,
        tentative=tentative,
    )


# --- responses ---------------------------------------------------------------------------------


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
    if adaptation.missed and not _missed_since(place, adaptation.missed, track.history):
        return False
    if adaptation.after is None:
        return True
    protocol = track.course.protocol
    laid = [one for one in track.real if one.slot.phase.name == adaptation.after]
    if not laid or any(one.past is None for one in laid):
        return False
    here = protocol.phases[cursor.phase].name == adaptation.after
    if here and cursor.index <= phase_at(cursor, protocol).visits.least:
        return False
    last = laid[-1].past
    return last is not None and review.on >= last.on


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
            and adaptation.holds(value)
            and readable(adaptation, n, cursor, track)
            and identity not in history.answers
        ):
            score = _score(review, adaptation.measure)
            yield Question(
                id=identity,
                asks=f"{adaptation.measure} was {score:g} on {review.on}, for which "
                f"{adaptation.name!r} has acted already; does the course go on, or is it ceased?",
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
                asks=f"What is {adaptation.measure} since {visit} of {day} did not take place?",
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
        runs = [one.slot.run for one in track.laid if one.slot.phase.name == adaptation.after]
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
        not any(one.holds(value) for one in alike)
        and any(one.above(value) for one in alike)
        and any(one.below(value) for one in alike)
        and identity not in history.answers
    ):
        yield Question(
            id=identity,
            asks=f"{adaptation.measure} was {value:g} on {review.on}, which no band of the "
            f"protocol holds; what follows after {adaptation.after}?",
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
            asks=f"What was {measure} before the course, above zero? "
            f"Its value after {after} is compared with it.",
            about=after,
        )
    return Question(
        id=f"review-{measure}-{after}", asks=f"What is {measure} after {after}?", about=after
    )


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
                asks=f"What is {adaptation.measure} before {phase}?",
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
            if mark in cursor.fired or value is None or not adaptation.holds(value):
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
            anew = isinstance(cadence, At | Consecutive) and name == now and not cursor.first
            return changed.begun(cursor.phase) if anew else changed
        case Extend(extend=more, phase=name):
            total = cursor.extended.get(name, 0) + more
            return attrs.evolve(cursor, extended={**cursor.extended, name: total})
        case Stop(stop=why):
            return attrs.evolve(cursor, ended=why)
        case InsertVisit():
            return cursor
        case _:
            assert_never(action)
