"""The one door for events: what cannot have happened is refused, and nothing changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from itertools import pairwise

import attrs

from protocol_sched.errors import InvalidEvent
from protocol_sched.expansion.agenda import agenda_of
from protocol_sched.expansion.bindings import shares_a_date
from protocol_sched.expansion.gate_names import gate_of, names_after
from protocol_sched.expansion.gates import given_for
from protocol_sched.expansion.outline import outline
from protocol_sched.expansion.track import Laid
from protocol_sched.expansion.walk import Outline
from protocol_sched.judge.together import go_together, runs
from protocol_sched.model.agenda import Agenda, AtMost, Gated, Rules
from protocol_sched.model.cadences import OnDemand
from protocol_sched.model.checks import need_a, need_date
from protocol_sched.model.course import (
    RIDE_HOME,
    Amended,
    Answered,
    Cancelled,
    Confirmed,
    Course,
    Declined,
    Deferred,
    Event,
    Exempted,
    Given,
    Happened,
    Missed,
    Notified,
    Omitted,
    Pinned,
    Requested,
    Tested,
    Waived,
    as_counted,
)
from protocol_sched.model.gates import Gate, Outcome
from protocol_sched.model.last_notice import last_notices, unrecorded_visits
from protocol_sched.model.moments import later_by, utc
from protocol_sched.model.protocol import Protocol

_OF_A_VISIT = (
    Given
    | Missed
    | Deferred
    | Omitted
    | Waived
    | Pinned
    | Notified
    | Cancelled
    | Confirmed
    | Declined
    | Exempted
)
_OF_A_VISIT_DUE = Missed | Deferred | Omitted | Waived | Pinned | Notified | Cancelled


def record(
    course: Course, events: Iterable[Event], *, as_of: date, now: datetime | None = None
) -> Course:
    """
    Return the course with more events at the end of its history, or refuse them all.

    Args:
        events: In any order; they are added in order of date, those of one date as they come.
            An event that is recorded already is passed over, so that the same events twice give
            the same course.
        as_of: Today.
        now: Where it is known, no visit given began after it.

    Raises:
        InvalidEvent: One of them cannot have happened: it lies in the future, is about a visit,
            gate, phase or question the course does not have, comes before the evaluation it
            waits for, is at the same time as another, or contradicts what was recorded. The
            course that was passed in stays as it is.
    """
    need_a("record", "course", course, Course)
    need_date("record", "as_of", as_of)
    for some in runs(sorted(events, key=lambda event: event.on)):
        added = _together(course, some, as_of, now)
        course = _one_by_one(course, some, as_of, now) if added is None else added
    return course


def _together(
    course: Course, events: Sequence[Event], as_of: date, now: datetime | None
) -> Course | None:
    """Return the course with all the events, or nothing where one by one has to tell."""
    there = set(course.events)
    events = [event for event in events if event not in there]
    if not go_together(course, events):
        return None
    after = course.after(events)
    found = outline(after, as_of)
    agenda = agenda_of(found)
    known: set[str] = set(_identities(attrs.evolve(agenda, left_out=())))
    known.update(last_notices(course.events))
    for event in events:
        if isinstance(event, Given) and event.start and now and utc(event.start) > utc(now):
            return None
        if isinstance(event, Missed | Notified) and event.visit not in known:
            return None
        if isinstance(event, Missed) and any(_not_awaited(course, events, event)):
            return None
    try:
        refuse_impossible(after, found, agenda)
    except InvalidEvent:
        return None
    return after


def _one_by_one(
    course: Course, events: Iterable[Event], as_of: date, now: datetime | None
) -> Course:
    for event in events:
        if course.after([event]) == course:
            continue
        stored = _as_stored(course, event)
        added = course.after([stored])
        if added != course:
            _refuse(course, added, stored, as_of, now)
            course = added
    return course


def _as_stored(course: Course, event: Event) -> Event:
    """
    Return an event about a visit that has another name by then under its own identity.

    What people were told stays under the name they were told.
    """
    if not isinstance(event, _OF_A_VISIT) or isinstance(event, Confirmed | Declined | Cancelled):
        return event
    if not _may_have_names(course, event.visit):
        return event
    one = last_notices(course.events).get(event.visit)
    if one is not None and not (one.cancelled or one.given):
        return event
    aliases = dict(agenda_of(outline(course, event.on)).aliases)
    return attrs.evolve(event, visit=aliases.get(event.visit, event.visit))


def _may_have_names(course: Course, visit: str) -> bool:
    """Tell whether a visit can have another name: it was given, or the course begins again."""
    if any(isinstance(one, Given) and one.visit == visit and one.counts for one in course.events):
        return True
    amended = [one.protocol for one in course.events if isinstance(one, Amended)]
    return any(
        tier.begins_anew
        for plan in (course.protocol, *amended)
        for phase in plan.phases
        for table in phase.late
        for tier in table.tiers
    )


def refuse_impossible(course: Course, found: Outline, agenda: Agenda) -> None:
    """
    Refuse a history that cannot be what happened: a plan on top of it would not be safe.

    Args:
        course: As it was passed in.
        found: Its outline on the date of the agenda.
        agenda: Its agenda.

    Raises:
        InvalidEvent: The first event that is impossible beside the others.
    """
    _refuse_first(course, _History(course, found, agenda))


def _refuse_first(course: Course, history: _History) -> None:
    for n, event in enumerate(course.events):
        for reason in history.against(n, event):
            raise InvalidEvent(course.key, in_words(event), reason)


def in_words(event: Event) -> str:
    """Return what an error calls an event: ``given 'induction-3' on 2027-03-08``."""
    match event:
        case _ if isinstance(event, _OF_A_VISIT):
            about = repr(event.visit)
        case Tested():
            about = repr(event.gate)
        case Requested():
            about = repr(event.phase)
        case Answered():
            about = repr(event.question)
        case Amended():
            about = f"to {event.protocol.name!r}"
        case Happened():
            about = repr(event.event)
        case _:
            about = ""
    kind = type(event).__name__.lower()
    return f"{kind} {about} on {event.on}" if about else f"{kind} on {event.on}"


def _refuse(before: Course, after: Course, event: Event, as_of: date, now: datetime | None) -> None:
    """Refuse an event that is new, and so has to fit the course as it stands."""
    found = outline(after, as_of)
    agenda = agenda_of(found)
    history = _History(after, found, agenda)
    place = len(after.events) - 1
    reasons = [*history.against(place, event), *_new(before, agenda, event, as_of, now)]
    for reason in reasons:
        raise InvalidEvent(before.key, in_words(event), reason)
    # It may also show one recorded before to be impossible, such as a visit later in the order.
    _refuse_first(after, history)


def _new(
    before: Course, after: Agenda, event: Event, as_of: date, now: datetime | None
) -> Iterator[str]:
    """Yield what only an event just told can be refused for."""
    if isinstance(event, Given) and event.start and now and utc(event.start) > utc(now):
        yield f"it begins after {now.isoformat()}, the present"
    if isinstance(event, Given | Tested):
        return
    notices = last_notices(before.events)
    agenda = agenda_of(outline(before, as_of))
    if isinstance(event, _OF_A_VISIT) and not isinstance(event, Given):
        if isinstance(event, Confirmed | Declined | Cancelled):
            if event.visit not in notices:
                yield "nobody was ever told when this visit is"
            return
        both = (*_identities(agenda), *_identities(attrs.evolve(after, left_out=())))
        here = event.visit in both or event.visit in notices
        if not here and event.visit not in _of_what_is_notified(before, event, as_of):
            yield _no_such_visit(event.visit, both)
    if isinstance(event, Missed):
        yield from _not_awaited(before, (), event)
    if isinstance(event, Exempted):
        yield from _exempts_nothing(event, agenda, before.protocol_on(event.on))
    if isinstance(event, Answered):
        questions = {question.id: question for question in (*agenda.questions, *after.questions)}
        asked = questions.get(event.question)
        if asked is None and event.question not in _answered(before):
            yield f"nothing of that name is asked; asked now: {', '.join(questions) or 'nothing'}"
        elif asked is not None and asked.choices and event.answer.strip() not in asked.choices:
            yield f"{event.answer!r} is not one of its choices: {', '.join(asked.choices)}"


def _not_awaited(course: Course, others: Sequence[Event], event: Missed) -> Iterator[str]:
    """
    Yield why nobody can have missed a visit then: no date of it stood that anyone knew.

    Where a course has nothing on record of what people were told, only a second miss on one date
    is known to be none.

    Args:
        others: Events that are recorded together with it, it among them.
    """
    before = [*course.events, *others[: others.index(event) if event in others else 0]]
    expected: Event | None = None
    over: Event | None = None
    for one in before:
        if not isinstance(one, _OF_A_VISIT) or one.visit != event.visit:
            continue
        match one:
            # Put off to a date, people may have agreed on it; called off, they knew of it.
            case Notified() | Pinned() | Cancelled():
                expected, over = one, None
            case Deferred() if one.until is not None:
                expected, over = one, None
            case Missed() | Deferred() | Omitted():
                expected, over = None, one
            case _:
                pass
    if expected is not None:
        return
    if isinstance(over, Missed) and over.on == event.on:
        yield f"it is on record as missed on {over.on} already, and no new date was told since"
    elif not any(isinstance(one, Notified) for one in before):
        return
    elif over is not None:
        kind = type(over).__name__.lower()
        yield (
            f"it is on record as {kind} on {over.on}, and nobody is on record as told of a new "
            "date since"
        )
    else:
        yield (
            "nobody is on record as told when this visit is, as people are of other visits; "
            "record what they were told first, as notified"
        )


def _exempts_nothing(event: Exempted, agenda: Agenda, protocol: Protocol) -> Iterator[str]:
    """Yield that the visit has no such rule, with those a clinician can exempt it from."""
    rules = [rule for rule in agenda.bindings if _exemptible(rule, event.visit)]
    kinds = [rule.rule for rule in rules]
    kinds += [rule.gate for rule in rules if isinstance(rule, Gated)]
    kinds += [one.rule.rule for one in agenda.breaches if one.visits[-1] == event.visit]
    types = {kind.name: kind for kind in protocol.visit_types}
    ride = (types.get(due.kind) for due in agenda.dues if due.id == event.visit)
    kinds += [RIDE_HOME for kind in ride if kind is not None and kind.ride_home is not None]
    if event.rule not in kinds:
        here = ", ".join(dict.fromkeys(kinds)) or "none"
        yield f"{event.visit!r} has no rule of the kind {event.rule!r}; it has: {here}"


def _exemptible(rule: Rules, visit: str) -> bool:
    if isinstance(rule, AtMost):
        return visit in rule.due
    return rule.can_be_waived and rule.dated == visit


def _of_what_is_notified(course: Course, event: Event, as_of: date) -> tuple[str, ...]:
    """
    Return the visits of the course if all people were told of take place as they were told.

    A plan is made so where one of them is not recorded yet, and may hold visits that follow from
    it, or from one that it has late.
    """
    notices = last_notices([*course.events, event])
    begins = datetime.combine(as_of + _A_ZONE, time(), UTC)
    presumed = tuple(unrecorded_visits(course, notices, begins, UTC))
    past = {one.visit for one in presumed}
    planned = {
        visit: one.notice.start
        for visit, one in notices.items()
        if not (one.given or one.cancelled or visit in past)
    }
    return _identities(agenda_of(outline(course.after(presumed), as_of, None, planned)))


def _answered(course: Course) -> set[str]:
    """Return the questions that were answered, and so may be answered again."""
    return {event.question for event in course.events if isinstance(event, Answered)}


def _identities(agenda: Agenda) -> tuple[str, ...]:
    ids = [*(visit.id for visit in agenda.past), *(due.id for due in agenda.dues)]
    return tuple(dict.fromkeys([*ids, *agenda.left_out]))


def _no_such_visit(visit: str, known_here: Sequence[str]) -> str:
    known_here = tuple(dict.fromkeys(known_here))
    near = ", ".join(get_close_matches(visit, known_here, 3, 0.4) or known_here)
    return f"no visit of the course has that identity; known: {near}"


@attrs.frozen
class _History:
    """A course's events beside one another and beside what the protocol makes of them."""

    course: Course
    found: Outline
    agenda: Agenda
    given: Mapping[str, tuple[int, Given]] = attrs.field(init=False)
    """The visits that counted, each with its place among the events."""
    protocols: tuple[Protocol, ...] = attrs.field(init=False)
    clashes: Mapping[Given, str] = attrs.field(init=False)
    """Visits given at the time of another, or in the wrong order, with the reason."""
    of_visit: Mapping[str, list[tuple[int, Event]]] = attrs.field(init=False)
    """The events about each visit, each with its place among all."""
    known_here: tuple[str, ...] = attrs.field(init=False)
    """The visits that the course has."""

    def __attrs_post_init__(self) -> None:
        given: dict[str, tuple[int, Given]] = {}
        for n, event in enumerate(as_counted(self.course.events)):
            if isinstance(event, Given) and event.counts:
                given.setdefault(event.visit, (n, event))
        amended = [e.protocol for e in self.course.events if isinstance(e, Amended)]
        of_visit: dict[str, list[tuple[int, Event]]] = {}
        for n, event in enumerate(self.course.events):
            if isinstance(event, _OF_A_VISIT):
                of_visit.setdefault(event.visit, []).append((n, event))
        object.__setattr__(self, "given", given)
        object.__setattr__(self, "of_visit", of_visit)
        object.__setattr__(self, "known_here", _identities(self.agenda))
        object.__setattr__(self, "protocols", (self.course.protocol, *amended))
        clashes: dict[Given, str] = {}
        for event, reason in (*self._overlaps(), *self._disorder(), *self._ungated()):
            clashes.setdefault(event, reason)
        object.__setattr__(self, "clashes", clashes)

    def against(self, place: int, event: Event) -> Iterator[str]:
        """Yield why an event cannot have happened beside the others."""
        as_of = self.agenda.as_of
        if event.on > as_of and not isinstance(event, Happened):
            yield f"it lies after {as_of}, the day on which it is recorded or planned"
        match event:
            case Given():
                yield from self._given(place, event)
            case Tested():
                yield from self._tested(event)
            case Requested():
                known = tuple(phase.name for plan in self.protocols for phase in plan.phases)
                known += tuple(
                    other_visit.name
                    for plan in self.protocols
                    for other_visit in plan.other_visits
                    if isinstance(other_visit.cadence, OnDemand)
                )
                if event.phase not in known:
                    yield f"the protocol has no phase of that name; known: {_names(known)}"
                elif event.visits is not None:
                    yield from self._block(event, event.visits)
            case _ if isinstance(event, _OF_A_VISIT):
                if not any(_could_be(event.visit, plan) for plan in self.protocols):
                    yield _no_such_visit(event.visit, self.known_here)
            case _:
                pass
        if isinstance(event, Missed):
            yield from self._missed(place, event)
        if isinstance(event, Pinned) and utc(event.start).date() < event.on - _A_ZONE:
            yield f"it is fixed on {event.start.date()}, before it was said"
        if isinstance(event, _OF_A_VISIT_DUE) and event.visit in self.given:
            when, took_place = self.given[event.visit]
            if (event.on, place) > (took_place.on, when):
                yield f"the visit was given on {took_place.on}"

    def _block(self, event: Requested, visits: int) -> Iterator[str]:
        """Yield why what is asked for cannot have so many visits."""
        phases = [phase for plan in self.protocols for phase in plan.phases]
        here = [phase for phase in phases if phase.name == event.phase]
        blocks = [one for one in here if isinstance(one.begins_another, OnDemand)]
        if not blocks:
            yield "visits of it are asked for one by one, so leave out how many"
        elif not any(
            visits in range(one.visits.least, (one.visits.most or visits) + 1) for one in blocks
        ):
            yield f"a block of it has {blocks[-1].visits} visits, not {visits}"

    def _given(self, place: int, event: Given) -> Iterator[str]:
        if event.visit not in self.known_here:
            yield _no_such_visit(event.visit, self.known_here)
        if event.start is not None and abs(utc(event.start).date() - event.on) > _A_ZONE:
            yield f"its start, {event.start.isoformat()}, is on another date"
        if event.visit in self.given:
            first, other = self.given[event.visit]
            if place > first:
                yield f"it was given on {other.on} already, and that counted"
        if event in self.clashes:
            yield self.clashes[event]

    def _missed(self, place: int, event: Missed) -> Iterator[str]:
        """Yield why a visit cannot have been missed then: people know it to be on another date."""
        notice: Notified | None = None
        for n, other in self.of_visit[event.visit]:
            if n >= place:
                break
            match other:
                case Notified():
                    notice = other
                case Given() | Missed() | Deferred() | Pinned() | Cancelled():
                    notice = None  # what happened since has overtaken what people were told
                case _:
                    pass
        if notice is None or event.on < notice.on:
            return  # missed before they were told again
        day = notice.start.date()
        if event.on < day:
            yield (
                f"people know it to be on {day}; a visit called off before its date is "
                "recorded as deferred, with until"
            )
        elif event.on > day:
            yield f"people know it to be on {day}; a visit missed is dated so"

    def _overlaps(self) -> Iterator[tuple[Given, str]]:
        """Yield visits that began before another one can have ended."""
        kinds = {visit.id: visit.kind for visit in self.agenda.past if visit.kind}
        times = [
            (utc(event.start).timestamp(), n, event)
            for n, event in enumerate(self.course.events)
            if isinstance(event, Given) and event.start is not None
        ]
        times.sort(key=lambda time: time[:2])
        clashes: list[tuple[int, int, Given, Given]] = []
        going_on: list[tuple[float, int, Given]] = []
        for begins, n, event in times:
            going_on = [one for one in going_on if begins < one[0]]
            for _, m, other in going_on:
                first, second = (event, other) if n < m else (other, event)
                clashes.append((min(n, m), max(n, m), first, second))
            ends = utc(self._ends(event, kinds.get(event.visit, ""))).timestamp()
            going_on.append((ends, n, event))
        for _, _, one, other in sorted(clashes, key=lambda clash: clash[:2]):
            assert one.start is not None
            yield other, f"{one.visit!r} was given at that time: {one.start.isoformat()}"

    def _ends(self, event: Given, kind: str) -> datetime:
        """Return the earliest end of a visit given; at least a minute after its start."""
        assert event.start is not None
        least = 1
        for plan in self.protocols:
            for one in plan.visit_types:
                if one.name == kind:
                    least = max(1, min(one.least(n) for n in (1, 2)) or 1)
        return later_by(event.start, timedelta(minutes=least))

    def _disorder(self) -> Iterator[tuple[Given, str]]:
        """Yield treatments given before, or on the same date as, the one they come after."""
        past = [laid for laid in self.found.track.real if laid.past is not None]
        for earlier, later in pairwise(past):
            one, other = self._event(earlier), self._event(later)
            if one is None or other is None:
                continue
            if other.on < one.on:
                yield other, f"{one.visit!r}, which comes before it, was given on {one.on}"
            elif other.on == one.on and not (
                (one.start and other.start) or shares_a_date(later.written)
            ):
                yield other, f"{one.visit!r} was given on the same date"

    def _event(self, laid: Laid) -> Given | None:
        found = self.given.get(laid.turn.id)
        return found[1] if found is not None else None

    def _ungated(self) -> Iterator[tuple[Given, str]]:
        """Yield treatments given before the visit or the test that must come before them."""
        history = self.found.track.history
        gates = {gate.name: gate for plan in self.protocols for gate in plan.gates}
        for laid in self.found.track.laid:
            event = self._event(laid)
            if laid.past is None or event is None:
                continue
            for need in laid.needs:
                gate = gates.get(need.gate) or gates.get(need.gate.rpartition("-")[0])
                if gate is None or need.gate in history.omitted:
                    continue
                if history.waiver(laid.turn.id, "gate", gate.name) is not None:
                    continue
                if gate.visit is not None:
                    reason = self._too_soon(need.gate, event)
                    if not reason and not need.done:
                        reason = self._failed(gate, event, need.earliest)
                else:
                    reason = self._failed(gate, event, need.earliest)
                if reason:
                    yield event, reason

    def _too_soon(self, gate: str, event: Given) -> str:
        names = names_after(gate, self.found.track.history.given, self.found.track.course.protocol)
        done = [self.given[name][1] for name in names if name in self.given]
        if not done:
            return f"{gate!r} has to come before it and was not given"
        first = done[0]
        late = first.on > event.on
        if first.start is not None and event.start is not None:
            late = utc(first.start) > utc(event.start)
        return f"{gate!r} has to come before it and was given on {first.on}" if late else ""

    def _tested(self, event: Tested) -> Iterator[str]:
        """Yield why a test's number and word do not fit what its gate asks for."""
        protocol = self.course.protocol_on(event.on)
        gates = {gate.name: gate for plan in (*self.protocols, protocol) for gate in plan.gates}
        gate = gates.get(event.gate)
        if gate is None:
            yield f"the protocol has no gate of that name; known: {_names(gates)}"
        elif gate.visit is not None and not self._came_before(gate, event.on):
            yield f"{gate.name!r} is a visit, and none is on record as given by {event.on}"
        elif not gate.band and event.value is not None and event.passed is None:
            yield f"no number is known to pass {gate.name!r}; say passed as well as the value"
        elif gate.band and event.value is not None and event.passed is not None:
            passes = event.passes(gate)
            if passes != event.passed:
                notice = "passed" if event.passed else "not passed"
                found = "passed" if passes else "not passed"
                yield f"it is told as {notice}, and {event.value:g} is {found}: {gate.band}"

    def _came_before(self, gate: Gate, on: date) -> bool:
        """Tell whether a visit of a gate was given by a date, so that a result can be its own."""
        visits = given_for([gate], self.found.track)
        return any(one.counts and one.on <= on for one in visits)

    def _failed(self, gate: Gate, event: Given, earliest: date | None) -> str:
        if gate.if_not is Outcome.DELAY:
            return ""
        tests = [
            test
            for test in self.found.track.history.tested.get(gate.name, ())
            if test.on <= event.on and (earliest is None or test.on >= earliest)
        ]
        happened = self.found.track.history.happened.get(gate.unless, ()) if gate.unless else ()
        instead = any(on <= event.on for on in happened)
        if not tests or tests[-1].passes(gate) or instead:
            return ""
        return f"{gate.name!r} of {tests[-1].on} has to be passed before it and was not"


_A_ZONE = timedelta(days=1)
"""By how much a date can differ from that of its moment elsewhere; the clinic's zone is not known
here."""


def _names(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names)) or "none"


def _could_be(visit: str, protocol: Protocol) -> bool:
    """Tell whether a protocol can have a visit of that identity at all, due now or not."""
    runs = [phase.name for phase in protocol.phases]
    asides = [other_visit.name for other_visit in protocol.other_visits]
    asides += [gate.name for gate in protocol.gates if gate.visit is not None]
    if visit in asides:
        return True
    match = re.fullmatch(r"(.+?)(?:-inserted|-unplanned)?-\d{1,4}(?:-extra-\d{1,4})?", visit)
    if match is not None and match[1] in (*runs, *asides):
        return True
    return gate_of(visit, protocol) is not None
