"""Which visit of a course comes next: phases, cycles, counts and requests."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from datetime import date
from typing import assert_never

import attrs

from protocol_sched.expansion.track import Laid, Position, Role, Track, Turn
from protocol_sched.model.agenda import Question
from protocol_sched.model.cadences import At, Cadence, Consecutive, Every, OnDemand, PerWeek, Within
from protocol_sched.model.course import Given, Requested
from protocol_sched.model.numbers import Count
from protocol_sched.model.protocol import Phase, Protocol
from protocol_sched.model.responses import GoTo
from protocol_sched.model.sentences import told

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
    """Original dates skipped in this cycle."""
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

    def passed(self, turn: Turn) -> Cursor:
        """Return the cursor after a visit was laid out."""
        if turn.role is Role.EXTRA:
            return attrs.evolve(self, extras=self.extras[1:])
        if turn.role is Role.INSERTED:
            return self
        numbers = {**self.numbers, turn.phase.name: turn.number}
        return attrs.evolve(
            self,
            index=self.index + 1,
            place=self.place + 1,
            first=False,
            asap=False,
            numbers=numbers,
        )


def phase_after(cursor: Cursor, protocol: Protocol) -> int | None:
    """Return the phase that follows, those passed over aside; ``None`` after the last."""
    return next(
        (
            n
            for n, phase in enumerate(protocol.phases)
            if n > cursor.phase and not phase.passed_over
        ),
        None,
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
    laid = {one.turn.id for one in track.laid}
    found = []
    for visit, on in track.history.counted:
        if visit in laid:
            continue
        run, number = _numbered(visit)
        if run in names:
            found.append(Ahead(names[run], number, on))
    return found


def next_unplanned(track: Track) -> Given | None:
    """
    Return the next visit in time that was given though nobody had planned it.

    It waits for the visits given before it, and for the first of its phase.
    """
    if not track.history.unplanned:
        return None
    laid = {one.turn.id for one in track.laid}
    regular = [one for one in track.real if one.turn.role is Role.REGULAR]
    begun = {one.turn.phase.name for one in regular if one.past is not None}
    waiting = [
        one
        for one in track.history.unplanned
        if one.visit not in laid and one.unplanned_in in begun
    ]
    protocol = track.course.protocol
    first = min((one.on for one in given_ahead(protocol, track)), default=None)
    in_time = sorted(waiting, key=lambda one: (one.on, one.start is not None, one.start or one.on))
    return next((one for one in in_time if first is None or one.on < first), None)


@functools.lru_cache(maxsize=4096)
def _numbered(visit: str) -> tuple[str, int]:
    """Return the phase and number that an identity names; asked for at every step of a walk."""
    match = re.fullmatch(r"(.+)-(\d{1,4})", visit)
    return (match[1], int(match[2])) if match else ("", 0)


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
    beyond: bool = False
    """One more than the phase has, since a visit of that name was given."""


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
        left=said == "yes"
        or any(
            one.phase > cursor.phase and not protocol.phases[one.phase].passed_over for one in ahead
        ),
        asked=bool(_requests(phase.name, track)[1]),
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
    block = isinstance(seen.phase.starts, OnDemand) and cursor.first and not cursor.asap
    if block or isinstance(seen.phase.cadence, OnDemand):
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
        return CYCLE if more else attrs.evolve(VISIT, beyond=True)
    if isinstance(phase.begins_another, OnDemand) and more:
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
        if laid.turn.run == cursor.run
        and laid.past is None
        and not laid.omitted
        and laid.turn.role is Role.REGULAR
    ]


def _count(phase: Phase, cursor: Cursor, track: Track) -> Count:
    visits = phase.visits
    request = _request_of(phase, cursor, track)
    if request is not None and request.visits is not None:
        return Count(request.visits, request.visits)
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
            asks=told(
                "How many visits does {phase} have: {count}?",
                phase=phase.name,
                count=told("{first} to {last}", first=visits.least, last=visits.most),
            ),
            choices=tuple(str(n) for n in range(visits.least, min(visits.most, 100) + 1)),
            about=phase.name,
        ),
    )


def _end_questions(phase: Phase, cursor: Cursor, track: Track) -> tuple[Question, ...]:
    protocol = track.course.protocol
    place = phase_after(cursor, protocol)
    if place is None:
        return ()
    after = protocol.phases[place].name
    if any(isinstance(one.then, GoTo) and one.then.go_to == after for one in protocol.adaptations):
        return ()  # a response decides it
    return (
        Question(
            id=f"after-{phase.name}",
            asks=told("Has {phase} ended, so that {after} begins?", phase=phase.name, after=after),
            choices=("yes", "no"),
            about=phase.name,
        ),
    )


def _is_asked_for(turn: Turn) -> bool:
    """Tell whether a visit needs a request: each on demand, or the first of a block or cycle."""
    phase = turn.phase
    if isinstance(phase.cadence, OnDemand):
        return True
    begins = phase.starts if turn.first else phase.begins_another
    return turn.position.step == 1 and isinstance(begins, OnDemand)


def _requests(phase: str, track: Track) -> tuple[Mapping[str, Requested], list[Requested]]:
    """
    Return which request each visit laid out answers, and those that none answers yet.

    What was given answers the oldest request made by then; what is due, or was left out, the
    oldest of the others.
    """
    asked = [event for event in track.history.requested if event.phase == phase]
    waiting = sorted(asked, key=lambda event: event.on)
    answered: dict[str, Requested] = {}
    if not waiting:
        return answered, waiting
    here = [
        laid
        for laid in track.laid
        if laid.turn.phase.name == phase and laid.turn.role is Role.REGULAR
    ]
    for laid in here:
        begins = laid.turn.position.step == 1 or isinstance(laid.turn.phase.cadence, OnDemand)
        known = [one for one in waiting if laid.past is not None and one.on <= laid.past.on]
        if begins and known:
            answered[laid.turn.id] = known[0]
            waiting.remove(known[0])
    for laid in here:
        if waiting and laid.past is None and _is_asked_for(laid.turn):
            answered[laid.turn.id] = waiting.pop(0)
    return answered, waiting


def _request_of(phase: Phase, cursor: Cursor, track: Track) -> Requested | None:
    """Return the request for the block at hand, once its first visit is laid out."""
    for laid in track.laid if track.history.requested else ():
        turn = laid.turn
        if (turn.run, turn.position) == (cursor.run, Position(cursor.cycle, 1)):
            return _requests(phase.name, track)[0].get(turn.id)
    return None


def wanted(turn: Turn, track: Track) -> date | None:
    """Return the date on which a visit on demand was asked for, if one was named."""
    if turn.position.step > 1 and not isinstance(turn.phase.cadence, OnDemand):
        return None
    _, waiting = _requests(turn.phase.name, track)
    return waiting[0].wanted if waiting else None


def slot_at(cursor: Cursor, track: Track, tentative: bool) -> Turn:
    """Return the visit at a cursor."""
    phase = phase_at(cursor, track.course.protocol)
    if isinstance(phase.cadence, Within):
        # Which visit closes the span depends on how many there are, and that may be an answer.
        phase = attrs.evolve(phase, visits=_count(phase, cursor, track))
    number = cursor.numbers.get(phase.name, 0) + 1
    position = Position(cursor.cycle, cursor.index + cursor.shift)
    if cursor.extras:
        return Turn(
            id=cursor.extras[0],
            phase=phase,
            number=number - 1,
            place=cursor.place - 1,
            run=cursor.run,
            position=Position(cursor.cycle, cursor.index - 1 + cursor.shift),
            role=Role.EXTRA,
        )
    return Turn(
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
