"""
The course laid out visit by visit: what was given, what is still due, and what follows.

One pass, in order. Everything a visit's date depends on comes before it, so each visit has its
rules and its forecast as soon as it is reached, and lateness changes only what comes after.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta

import attrs

from protocol_sched.expansion.due import forecast, open_from
from protocol_sched.expansion.forecast import bounds_of
from protocol_sched.expansion.gates import guard
from protocol_sched.expansion.guarding import GateVisit, Guarding
from protocol_sched.expansion.history import History
from protocol_sched.expansion.lateness import lateness, origin, original, skipped
from protocol_sched.expansion.laying import given_as, inserted, regular, says_when, unplanned
from protocol_sched.expansion.responses import (
    adapted,
    asked_after_missed,
    decisions_open,
    read_too_soon,
    scores_awaited,
)
from protocol_sched.expansion.sequence import (
    LEAVE,
    MOST_VISITS,
    Cursor,
    given_ahead,
    next_step,
    next_unplanned,
    phase_after,
    slot_at,
)
from protocol_sched.expansion.titles import titled
from protocol_sched.expansion.track import (
    Aside,
    Behind,
    Effect,
    Laid,
    Origin,
    Position,
    Role,
    Track,
    Turn,
)
from protocol_sched.model.agenda import PastVisit, Question, Rules
from protocol_sched.model.availability import Clinic
from protocol_sched.model.course import Amended, Course, Given
from protocol_sched.model.responses import Adaptation, InsertVisit
from protocol_sched.model.rules import Give, Then, Tier
from protocol_sched.model.sentences import told
from protocol_sched.model.spans import MonthEnd


@attrs.frozen(kw_only=True)
class Outline:
    """A course laid out: its treatment visits in order, and what else came to light."""

    track: Track
    gate_visits: tuple[GateVisit, ...]
    gates_past: tuple[PastVisit, ...]
    questions: tuple[Question, ...]
    ended: str
    complete: bool
    """Every phase was laid out to its end."""
    finished: frozenset[str] = frozenset()
    """Phases laid out to their end."""
    cut: bool = False
    """More visits follow than are laid out: there are more than `MOST_VISITS`."""
    aliases: Mapping[str, str] = attrs.field(factory=dict)
    """Other names of visits due."""

    def left(self, phase: str) -> bool:
        """Tell whether a phase was laid out to its end."""
        return phase in self.finished


def walked(
    course: Course,
    as_of: date,
    until: date | None,
    planned: Mapping[str, datetime],
    given_way: frozenset[str],
    behind: Mapping[str, Behind],
    clinic: Clinic | None = None,
    asides: tuple[Aside, ...] = (),
) -> Outline:
    """
    Walk a course once; arguments as for `outline`, with what is asked of the anchors.

    Args:
        asides: The visits beside the treatments as far as they are known, for phases that wait.
    """
    walk = _Walk.begin(course, as_of, until)
    walk.track = attrs.evolve(
        walk.track,
        planned=planned,
        given_way=given_way,
        behind=behind,
        clinic=clinic,
        asides=asides,
    )
    return walk.run()


def first_free_date(course: Course, as_of: date) -> date:
    """
    Return the first date on which a visit still due may be.

    Without a start date, and as long as nothing was given, it is the day after ``as_of``.
    """
    if course.not_before is not None:
        return max(course.not_before, as_of)
    if any(isinstance(event, Given) for event in course.events) or as_of == date.max:
        return as_of
    return as_of + timedelta(days=1)


@attrs.define
class _Walk:
    """The walk's own state; it never leaves `outline`."""

    track: Track
    cursor: Cursor
    until: date | None
    counts: Counter[str] = attrs.field(factory=Counter)
    """Visits given or due, by type: what a visit's lengths depend on."""
    named: Counter[str] = attrs.field(factory=Counter)
    """The same with those left out, so that the others keep their titles."""
    questions: dict[str, Question] = attrs.field(factory=dict)
    gate_visits: list[GateVisit] = attrs.field(factory=list)
    gates_past: list[PastVisit] = attrs.field(factory=list)
    tentative: bool = False
    optional: bool = False
    """The visit at hand is left away if it comes after ``until``."""
    complete: bool = False
    finished: set[str] = attrs.field(factory=set)
    aliases: dict[str, str] = attrs.field(factory=dict)
    """The place a visit due would have had if the course had not begun again."""
    open: str = ""
    """The question that the dates of the visits from here on depend on."""
    held: set[str] = attrs.field(factory=set)
    """Gates that were asked about, since a visit is held for them."""
    amended: int = 0
    """How many amendments of the protocol are followed by now."""

    @classmethod
    def begin(cls, course: Course, as_of: date, until: date | None) -> _Walk:
        track = Track(
            course=course,
            history=History.of(course.events),
            as_of=as_of,
            floor=first_free_date(course, as_of),
            month_end=course.protocol.month_end or MonthEnd.NEXT_DAY,
        )
        return cls(track=track, cursor=Cursor(), until=until)

    def run(self) -> Outline:
        cut = False
        while True:
            self.optional = False
            turn = self._next()
            if turn is None:
                break
            if len(self.track.laid) >= MOST_VISITS:
                cut = True
                break
            before = self.track, len(self.gate_visits)
            self._lay(turn)
            if self.optional and self._too_far():
                self.track = before[0]
                del self.gate_visits[before[1] :]
                break
        self._ask(*read_too_soon(self.cursor, self.track))
        self._ask(*asked_after_missed(self.track.course.protocol, self.track.history))
        return Outline(
            track=self.track,
            gate_visits=tuple(self.gate_visits),
            gates_past=tuple(self.gates_past),
            questions=tuple(self.questions.values()),
            ended=self.cursor.ended,
            complete=self.complete,
            finished=frozenset(self.finished),
            cut=cut,
            aliases=self.aliases,
        )

    def _too_far(self) -> bool:
        """Tell whether the visit just laid out comes after ``until``."""
        day = self.track.laid[-1].day
        return day is not None and self.until is not None and day > self.until

    def _ask(self, *questions: Question) -> None:
        for question in questions:
            self.questions.setdefault(question.id, question)

    # --- which visit comes next ----------------------------------------------------------------

    def _next(self) -> Turn | None:
        while True:
            self._amend()
            self._respond()
            self._unplanned()
            self._led_away()
            if self._over():
                return None
            if self.cursor.extras:
                return slot_at(self.cursor, self.track, self.tentative)
            step = next_step(self.cursor, self.track, self.until)
            if step.beyond and self._begins_again():
                step = LEAVE
            self._ask(*step.questions)
            self.optional = step.optional
            if step.kind == "phase":
                self.finished.add(self.track.course.protocol.phases[self.cursor.phase].name)
            match step.kind:
                case "visit":
                    return self._first_slot()
                case "cycle":
                    self.tentative = self.tentative or step.tentative
                    cycle = self.cursor.cycle + 1
                    self.cursor = attrs.evolve(self.cursor, cycle=cycle, index=1, shift=0)
                    return slot_at(self.cursor, self.track, self.tentative)
                case "phase" if (
                    after := phase_after(self.cursor, self.track.course.protocol)
                ) is not None:
                    self._begin(self.cursor.begun(after))
                    open_questions = tuple(decisions_open(self.cursor, self.track))
                    self._ask(*open_questions)
                    self.tentative = self.tentative or bool(open_questions)
                case kind:
                    self.complete = kind == "phase"
                    return None

    def _first_slot(self) -> Turn:
        """Return the visit at the cursor; tentative from where a phase waits for a score."""
        awaited = tuple(scores_awaited(self.cursor, self.track))
        self._ask(*awaited)
        turn = slot_at(self.cursor, self.track, self.tentative)
        if awaited and not self.tentative:
            turn = attrs.evolve(turn, tentative=True, awaiting=True)
            self.tentative = True
        return turn

    def _begins_again(self) -> bool:
        """
        Tell whether a visit beyond those of its phase is the first of a course begun again.

        It is where a later visit was given before it, or where the next phase would be so late by
        then that the course begins again. Otherwise it is one more of its own phase.
        """
        name = slot_at(self.cursor, self.track, self.tentative).id
        given = [event for event in self.track.history.given.get(name, ()) if event.counts]
        after = phase_after(self.cursor, self.track.course.protocol)
        if after is None:
            return False
        # The first of them may be on record under the place it would have had in a later phase.
        ahead = given_ahead(self.track.course.protocol, self.track)
        here = [one for one in ahead if one.phase == self.cursor.phase]
        soonest = min(here, key=lambda one: one.number, default=None)
        if soonest is not None and any(
            one.phase > self.cursor.phase and one.on < soonest.on for one in ahead
        ):
            return True
        if not given:
            return False
        trial = _Walk(
            track=self.track,
            cursor=self.cursor,
            until=self.until,
            counts=Counter(self.counts),
            named=Counter(self.named),
        )
        trial._begin(trial.cursor.begun(after))
        laid, _ = trial._outlined(trial._first_slot())
        effect = lateness(laid.turn, laid.stated, laid.tries, given[0].on, laid.title, trial.track)
        if not isinstance(effect, Effect) or not effect.tier.begins_anew:
            return False
        begun = trial._begun_again(effect.tier)
        return slot_at(begun, trial.track, False).id == name

    def _led_away(self) -> None:
        """Go on in a phase that is passed over, where the next visit in time was given in it."""
        protocol = self.track.course.protocol
        if any(phase.passed_over for phase in protocol.phases):
            ahead = given_ahead(protocol, self.track)
            soonest = min(ahead, key=lambda one: (one.on, one.phase, one.number), default=None)
            if soonest is None or soonest.phase == self.cursor.phase:
                return
            if protocol.phases[soonest.phase].passed_over:
                self._begin(self.cursor.begun(soonest.phase, course=True))

    def _begun_again(self, tier: Tier) -> Cursor:
        """Return the cursor where the course, or a phase, begins again."""
        phase = self.cursor.phase
        if tier.give is Give.RESTART_COURSE:
            phase = 0
        elif tier.phase:
            names = [one.name for one in self.track.course.protocol.phases]
            phase = names.index(tier.phase)
        return self.cursor.begun(phase, asap=True, course=tier.begins_anew)

    def _over(self) -> bool:
        """Tell whether the course has ended; a visit given later all the same is still laid out."""
        discontinued = self.track.history.discontinued
        if discontinued is not None and not self.cursor.ended:
            if given_ahead(self.track.course.protocol, self.track):
                return False
            why = discontinued.why or f"discontinued on {discontinued.on}"
            self.cursor = attrs.evolve(self.cursor, ended=why)
        return bool(self.cursor.ended) and not given_ahead(self.track.course.protocol, self.track)

    def _begin(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.track = attrs.evolve(self.track, origin=None, course_run=cursor.course_run)

    def _amend(self) -> None:
        """Go over to the protocol as amended, once all visits given before that are laid out."""
        amended = self.track.history.amended[self.amended :]
        for change in amended:
            ahead = given_ahead(self.track.course.protocol, self.track)
            if any(one.on < change.on for one in ahead):
                return
            self.amended += 1
            self._follow_amended(change)

    def _follow_amended(self, change: Amended) -> None:
        old = self.track.course.protocol.phases[self.cursor.phase].name
        names = [phase.name for phase in change.protocol.phases]
        self.track = attrs.evolve(
            self.track,
            course=attrs.evolve(self.track.course, protocol=change.protocol),
            month_end=change.protocol.month_end or self.track.month_end,
        )
        if old in names:
            self.cursor = attrs.evolve(self.cursor, phase=names.index(old))
            return
        title = change.protocol.title
        question = Question(
            id=f"amended-{change.on}",
            asks=told(
                "{title}, followed from {on} on, has no phase {old}; which goes on?",
                title=title,
                on=change.on,
                old=repr(old),
            ),
            choices=tuple(names),
            about=old,
        )
        answer = self.track.history.answers.get(question.id, "")
        if answer in names:
            self._begin(self.cursor.begun(names.index(answer)))
            return
        self._ask(question)
        self.cursor = attrs.evolve(self.cursor, phase=0, ended=question.asks)

    def _respond(self) -> None:
        ahead = given_ahead(self.track.course.protocol, self.track)
        seen = min((one.on for one in ahead), default=None)
        before = self.cursor
        cursor, inserts = adapted(self.cursor, self.track, seen)
        if cursor.run != before.run:
            self._begin(cursor)
        elif cursor.cadences != before.cadences and self.track.real:
            last = self.track.real[-1]
            again = Origin(last.where, last.turn.position)
            self.track = attrs.evolve(self.track, origin=again)
        self.cursor = cursor
        for adaptation, insert in inserts:
            self._insert(adaptation, insert)

    # --- one visit -----------------------------------------------------------------------------

    def _title(self, kind: str) -> tuple[str, int]:
        title = titled(kind, self.named[kind] + 1, self.track.course.protocol)
        return title, self.counts[kind] + 1

    def _lay(self, turn: Turn) -> None:
        laid, asked = self._outlined(turn)
        if laid.past is not None:
            self._given_visit(laid)
        elif turn.id in self.track.history.omitted:
            self._left_out(laid)
        else:
            self._ask(*asked)
            waits = [question.id for question in asked]
            if f"deferred-{turn.id}" in waits:
                waits = []
            self._missing(attrs.evolve(laid, open=next(iter(waits), "")))

    def _outlined(self, turn: Turn) -> tuple[Laid, list[Question]]:
        """Return a visit with its rules, and what is not known of them."""
        title, number = self._title(turn.phase.visit)
        laid, asked = regular(turn, title, number, self.track)
        self.tentative = self.tentative or laid.tentative
        return laid, asked

    def _given_visit(self, laid: Laid) -> None:
        assert laid.past is not None
        self.open = ""  # what its date depended on is known by now
        effect = lateness(laid.turn, laid.stated, laid.tries, laid.past.on, laid.title, self.track)
        guarding = self._guard(laid, laid.past)
        self.gates_past += guarding.past
        rules: list[Rules] = [rule for rule in laid.rules if says_when(rule)]
        rules += [*guarding.rules, *laid.soft]
        stated = bounds_of(laid.turn.id, rules, self.track.calendar)
        self._close(
            attrs.evolve(
                laid,
                stated=stated,
                needs=guarding.needs,
                unsettled=False,
                gating=guarding.rules,
            ),
            effect,
        )

    def _left_out(self, laid: Laid) -> None:
        self._append(attrs.evolve(laid, omitted=True, day=None, unsettled=False))
        self.named[laid.turn.phase.visit] += 1
        self.cursor = self.cursor.passed(laid.turn)

    def _missing(self, laid: Laid) -> None:
        """Lay out a visit that was not given: due, left out, skipped or begun again."""
        turn = laid.turn
        ahead = [
            one.on
            for one in given_ahead(self.track.course.protocol, self.track)
            if one.number != turn.number or one.phase != self.cursor.phase
        ]
        known = min(ahead, default=None)
        planned = self.track.fixed_at(turn.id)
        today = max(self.track.floor, self.track.as_of)
        on = known or (planned.date() if planned is not None else today)
        effect = lateness(turn, laid.stated, laid.tries, on, laid.title, self.track)
        give = effect.tier.give if isinstance(effect, Effect) else Give.NOW
        again_from = isinstance(effect, Effect) and effect.tier.restarts and not turn.asap
        if isinstance(effect, Effect) and again_from and planned is None:
            if effect.tier.reload:
                self.counts[turn.phase.visit] = 0
            begun = self._begun_again(effect.tier)
            again = slot_at(begun, self.track, False).id
            if known is None or again in self.track.history.given:
                if known is None and again != turn.id:
                    self.aliases[turn.id] = again
                self._begin(begun)
                return
        if give is Give.SKIP:
            self._left_out(laid)
            return
        if known is not None:
            self._ask(
                Question(
                    id=f"missing-{turn.id}",
                    asks=told(
                        "{title} was neither given nor omitted, though a later visit was given on "
                        "{on}; was it given?",
                        title=laid.title,
                        on=known,
                    ),
                    about=turn.id,
                )
            )
            self._left_out(laid)
            return
        self._due(laid, effect)

    def _guard(self, laid: Laid, given: PastVisit | None, open_from: date = date.min) -> Guarding:
        return guard(laid.turn, laid.title, open_from, self.track, given)

    def _due(self, laid: Laid, effect: Effect | Question | None) -> None:
        guarding = self._guard(laid, None, open_from(laid, self.track))
        if guarding.stopped:
            self.cursor = attrs.evolve(self.cursor, ended=guarding.stopped)
            return
        for question in guarding.questions:
            # The visits behind wait for the same test, which is asked about once.
            gate = question.id.removesuffix(f"-{laid.turn.id}")
            if gate not in self.held:
                self.held.add(gate)
                self._ask(question)
        self.gate_visits += guarding.due
        self.gates_past += guarding.past
        self.tentative = self.tentative or guarding.held
        self.open = self.open or laid.open
        if isinstance(effect, Question):
            self.open = self.open or effect.id
        laid = attrs.evolve(laid, open=self.open)
        self._close(forecast(laid, guarding, self.track), effect)

    # --- what comes after it -------------------------------------------------------------------

    def _close(self, laid: Laid, effect: Effect | Question | None) -> None:
        """Add a visit and let its lateness say what the next ones depend on."""
        turn = laid.turn
        if isinstance(effect, Question):
            self._ask(effect)
            self.open = self.open or effect.id
            laid = attrs.evolve(laid, unsettled=True, late=effect)
        elif effect is not None:
            laid = attrs.evolve(laid, effect=effect, late=effect)
            if effect.tier.reload:
                laid = self._reloaded(laid)
        laid = attrs.evolve(laid, original=original(laid, self.track))
        self._append(laid)
        self.counts[turn.phase.visit] = laid.type_ordinal
        self.named[turn.phase.visit] += 1
        self.cursor = self.cursor.passed(turn)
        run = self.cursor.run
        if isinstance(effect, Effect):
            self._follow(laid, effect)
        if self.cursor.run == run:
            self.track = attrs.evolve(self.track, origin=origin(laid, self.track))

    def _reloaded(self, laid: Laid) -> Laid:
        """Return a visit as the first of its type, from which the next ones count."""
        past, tries = given_as(laid.turn, laid.title, 1, self.track)
        return attrs.evolve(laid, type_ordinal=1, past=past, tries=tries)

    def _append(self, laid: Laid) -> None:
        self.track = attrs.evolve(self.track, laid=(*self.track.laid, laid))

    def _follow(self, laid: Laid, effect: Effect) -> None:
        tier = effect.tier
        happens = laid.past is not None or self.track.fixed_at(laid.turn.id) is not None
        if happens and tier.restarts:
            self._restarted(laid, tier)
            return
        if tier.extra:
            extras = tuple(f"{laid.turn.id}-extra-{n + 1}" for n in range(tier.extra))
            self.cursor = attrs.evolve(self.cursor, extras=extras)
        if tier.then is Then.ORIGINAL_DATES and tier.original_at_least is not None:
            cursor = self.cursor
            position = Position(cursor.cycle, cursor.index + cursor.shift)
            near = skipped(laid, position, tier.original_at_least, self.track)
            self.cursor = attrs.evolve(cursor, shift=cursor.shift + near)

    def _restarted(self, laid: Laid, tier: Tier) -> None:
        """A visit given too late is the first of the run that begins again."""
        cursor = self._begun_again(tier)
        cursor = attrs.evolve(cursor, index=2, place=2, first=False, asap=False)
        phase = self.track.course.protocol.phases[cursor.phase]
        if phase.name != laid.turn.phase.name:  # recorded under the place it would have had
            number = cursor.numbers.get(phase.name, 0) + 1
            cursor = attrs.evolve(cursor, numbers={**cursor.numbers, phase.name: number})
        self._begin(cursor)
        turn = attrs.evolve(
            laid.turn, phase=phase, run=cursor.run, position=Position(1, 1), place=1, first=True
        )
        again = attrs.evolve(laid, turn=turn, original=laid.where, effect=None)
        self.track = attrs.evolve(self.track, laid=(*self.track.laid[:-1], again))
        self.track = attrs.evolve(self.track, origin=origin(again, self.track))

    def _unplanned(self) -> None:
        """Lay out the visits given though nobody had planned them, those that come next in time."""
        while (event := next_unplanned(self.track)) is not None:
            here = [one for one in self.track.real if one.turn.phase.name == event.unplanned_in]
            regular = [one for one in here if one.turn.role is Role.REGULAR]
            asked = f"shifts-{event.visit}"
            said = self.track.history.answers.get(asked, "").strip()
            stays = event.shifts is False or (event.shifts is None and said == "no")
            turn = attrs.evolve(
                regular[-1].turn,
                id=event.visit,
                role=Role.UNPLANNED_BESIDE if stays else Role.UNPLANNED,
                first=False,
                asap=False,
                tentative=False,
                awaiting=False,
            )
            title, number = f"extra {turn.phase.visit}", self.counts[turn.phase.visit] + 1
            laid = unplanned(turn, title, number, self.track)
            self._append(laid)
            self.counts[turn.phase.visit] = number
            if turn.run == self.cursor.run and not self.cursor.first:
                self.track = attrs.evolve(self.track, origin=origin(laid, self.track))
            if event.shifts is None and said not in ("yes", "no"):
                self.open = asked
                self._ask(
                    Question(
                        id=asked,
                        asks=told(
                            "{title} of {day} was not planned; do the visits after it count "
                            "from it?",
                            title=title,
                            day=event.on,
                        ),
                        choices=("yes", "no"),
                        about=turn.id,
                    )
                )

    def _insert(self, adaptation: Adaptation, insert: InsertVisit) -> None:
        """Lay out one more visit that the dates of the others do not depend on."""
        here = [laid for laid in self.track.real if laid.turn.phase.name == insert.phase]
        if not here:
            return
        number = self.cursor.inserted + 1
        self.cursor = attrs.evolve(self.cursor, inserted=number)
        turn = attrs.evolve(
            here[0].turn,
            id=f"{insert.phase}-inserted-{number}",
            number=number,
            role=Role.INSERTED,
            first=False,
        )
        title, type_ordinal = self._title(turn.phase.visit)
        laid = inserted(turn, title, type_ordinal, adaptation, insert, self.track)
        if laid.past is None and turn.id in self.track.history.omitted:
            self._append(attrs.evolve(laid, omitted=True))
            self.named[turn.phase.visit] += 1
        elif laid.past is None:
            self._due(laid, None)
        else:
            self._close(laid, None)
