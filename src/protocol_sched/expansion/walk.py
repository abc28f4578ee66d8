"""
The course laid out visit by visit: what was given, what is still due, and what follows.

One pass, in order. Everything a visit's date depends on comes before it, so each visit has its
rules and its forecast as soon as it is reached, and lateness changes only what comes after.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import attrs

from protocol_sched.expansion.bindings import rules_of, tolerated
from protocol_sched.expansion.cadences import offset, wanted_on
from protocol_sched.expansion.forecast import Bounds, Edge, bounds_of, clock_aimed, settled, shifted
from protocol_sched.expansion.gates import GateVisit, Guarding, guard, once
from protocol_sched.expansion.history import History
from protocol_sched.expansion.lateness import due_by, lateness
from protocol_sched.expansion.sequence import (
    MOST_VISITS,
    Cursor,
    adapted,
    decisions_open,
    given_ahead,
    next_step,
    slot_at,
    wanted,
)
from protocol_sched.expansion.track import Effect, Laid, Origin, Position, Role, Slot, Track
from protocol_sched.expansion.wording import Where
from protocol_sched.model.agenda import (
    FixedAt,
    NotAfter,
    NotBefore,
    PastVisit,
    Question,
    Rules,
    Spacing,
)
from protocol_sched.model.course import Course, Given
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.rules import (
    Adaptation,
    At,
    EachVisit,
    Every,
    Give,
    InsertVisit,
    OriginalGrid,
    PreviousVisit,
    StartOf,
    Then,
)
from protocol_sched.model.spans import CalendarSpan, MonthEnd, SpanRange


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

    def left(self, phase: str) -> bool:
        """Tell whether a phase was laid out to its end."""
        return phase in self.finished


def outline(course: Course, as_of: date, until: date | None = None) -> Outline:
    """Lay out a course as seen on a date; open runs as far as ``until``."""
    return _Walk.begin(course, as_of, until).run()


def first_free_date(course: Course, as_of: date) -> date:
    """
    Return the first date on which a visit still due may be.

    Without a start date, and as long as nothing was given, it is the day after ``as_of``.
    """
    if course.start is not None:
        return max(course.start, as_of)
    if any(isinstance(event, Given) for event in course.events) or as_of == date.max:
        return as_of
    return as_of + timedelta(days=1)


def single(kind: str, protocol: Protocol) -> bool:
    """Tell whether a protocol has exactly one visit of a type, so that it needs no number."""
    runs = [
        phase.visits.least if phase.visits.fixed and phase.cycles.most == 1 else 2
        for phase in protocol.phases
        if phase.visit == kind
    ]
    for gate in protocol.gates:
        if gate.visit == kind:
            runs.append(1 if once(gate) else 2)
    for milestone in protocol.milestones:
        if milestone.visit == kind:
            cadence = milestone.cadence
            points = len(cadence.at) if isinstance(cadence, At) and not cadence.cycle else 2
            if milestone.visits is not None and milestone.visits.fixed:
                points = milestone.visits.least
            runs.append(2 if isinstance(milestone.anchor, EachVisit) else points)
    return sum(runs) == 1


@attrs.define
class _Walk:
    """The walk's own state; it never leaves `outline`."""

    track: Track
    cursor: Cursor
    until: date | None
    counts: Counter[str] = attrs.field(factory=Counter)
    questions: dict[str, Question] = attrs.field(factory=dict)
    gate_visits: list[GateVisit] = attrs.field(factory=list)
    gates_past: list[PastVisit] = attrs.field(factory=list)
    tentative: bool = False
    optional: bool = False
    """The visit at hand is left away if it comes after ``until``."""
    complete: bool = False
    finished: set[str] = attrs.field(factory=set)

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
        while len(self.track.laid) < MOST_VISITS:
            self.optional = False
            slot = self._next()
            if slot is None:
                break
            before = self.track, len(self.gate_visits)
            self._lay(slot)
            if self.optional and self._too_far():
                self.track = before[0]
                del self.gate_visits[before[1] :]
                break
        return Outline(
            track=self.track,
            gate_visits=tuple(self.gate_visits),
            gates_past=tuple(self.gates_past),
            questions=tuple(self.questions.values()),
            ended=self.cursor.ended,
            complete=self.complete,
            finished=frozenset(self.finished),
        )

    def _too_far(self) -> bool:
        """Tell whether the visit just laid out comes after ``until``."""
        day = self.track.laid[-1].day
        return day is not None and self.until is not None and day > self.until

    def _ask(self, *questions: Question) -> None:
        for question in questions:
            self.questions.setdefault(question.id, question)

    # --- which visit comes next ----------------------------------------------------------------

    def _next(self) -> Slot | None:
        while True:
            self._respond()
            if self._over():
                return None
            if self.cursor.extras:
                return slot_at(self.cursor, self.track, self.tentative)
            step = next_step(self.cursor, self.track, self.until)
            self._ask(*step.questions)
            self.optional = step.optional
            if step.kind == "phase":
                self.finished.add(self.track.course.protocol.phases[self.cursor.phase].name)
            match step.kind:
                case "visit":
                    return slot_at(self.cursor, self.track, self.tentative)
                case "cycle":
                    self.tentative = self.tentative or step.tentative
                    cycle = self.cursor.cycle + 1
                    self.cursor = attrs.evolve(self.cursor, cycle=cycle, index=1, shift=0)
                    return slot_at(self.cursor, self.track, self.tentative)
                case "phase" if self.cursor.phase + 1 < len(self.track.course.protocol.phases):
                    self._begin(self.cursor.begun(self.cursor.phase + 1))
                    open_questions = tuple(decisions_open(self.cursor, self.track))
                    self._ask(*open_questions)
                    self.tentative = self.tentative or bool(open_questions)
                case kind:
                    self.complete = kind == "phase"
                    return None

    def _over(self) -> bool:
        """Tell whether the course has ended; a visit given later all the same is still laid out."""
        ceased = self.track.history.ceased
        if ceased is not None and not self.cursor.ended:
            if given_ahead(self.track.course.protocol, self.track):
                return False
            why = ceased.why or f"ceased on {ceased.on}"
            self.cursor = attrs.evolve(self.cursor, ended=why)
        return bool(self.cursor.ended) and not given_ahead(self.track.course.protocol, self.track)

    def _begin(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.track = attrs.evolve(self.track, origin=None, course_run=cursor.course_run)

    def _respond(self) -> None:
        ahead = given_ahead(self.track.course.protocol, self.track)
        seen = min((one.on for one in ahead), default=None)
        before = self.cursor
        cursor, inserts = adapted(self.cursor, self.track, seen)
        if cursor.run != before.run:
            self._begin(cursor)
        elif cursor.cadences != before.cadences and self.track.real:
            last = self.track.real[-1]
            origin = Origin(last.where, last.slot.position)
            self.track = attrs.evolve(self.track, origin=origin)
        self.cursor = cursor
        for adaptation, insert in inserts:
            self._insert(adaptation, insert)

    # --- one visit -----------------------------------------------------------------------------

    def _title(self, kind: str) -> tuple[str, int]:
        number = self.counts[kind] + 1
        if number == 1 and single(kind, self.track.course.protocol):
            return kind, number
        return f"{kind} {number}", number

    def _given(self, slot: Slot, title: str) -> tuple[PastVisit | None, tuple[PastVisit, ...]]:
        tries: list[PastVisit] = []
        for event in self.track.history.given.get(slot.id, ()):
            visit = PastVisit(
                slot.id, title, event.on, event.start, None, slot.phase.visit, event.counts
            )
            if event.counts:
                return visit, tuple(tries)
            tries.append(visit)
        return None, tuple(tries)

    def _since_last(self, tries: tuple[PastVisit, ...]) -> tuple[PastVisit, ...]:
        """Return the doses that did not count and come after the visit before, if any does."""
        last = self.track.real[-1] if self.track.real else None
        if last is None or not tries:
            return tries
        return tries if last.past is not None and last.past.on <= tries[-1].on else ()

    def _lay(self, slot: Slot) -> None:
        title, number = self._title(slot.phase.visit)
        past, tries = self._given(slot, title)
        rules: list[Rules] = []
        asked: list[Question] = []
        for item in rules_of(slot, self._since_last(tries), self.track):
            asked.append(item) if isinstance(item, Question) else rules.append(item)
        hard, soft = tolerated(slot, rules, self.track)
        rules = [
            *(rule for rule in rules if rule.rule != "order"),
            *hard,
            *(rule for rule in rules if rule.rule == "order"),
        ]
        known = [rule for rule in (*rules, *soft) if not isinstance(rule, FixedAt)]
        stated = bounds_of(slot.id, known, self.track.calendar)
        laid = Laid(
            slot=slot,
            title=title,
            type_ordinal=number,
            rules=tuple(rules),
            soft=tuple(soft),
            stated=stated,
            bounds=stated,
            past=past,
            tries=tries,
            day=past.on if past else None,
            original=past or slot.id,
            due_by=due_by(stated),
            unsettled=bool(asked),
            tentative=slot.tentative,
        )
        if past is not None:
            self._given_visit(laid)
        elif slot.id in self.track.history.omitted:
            self._left_out(laid)
        else:
            self._ask(*asked)
            self._missing(laid)

    def _given_visit(self, laid: Laid) -> None:
        assert laid.past is not None
        effect = lateness(laid.slot, laid.stated, laid.tries, laid.past.on, laid.title, self.track)
        guarding = self._guard(laid, laid.past.on)
        self.gates_past += guarding.past
        rules: list[Rules] = [rule for rule in laid.rules if not isinstance(rule, FixedAt)]
        rules += [*guarding.rules, *laid.soft]
        stated = bounds_of(laid.slot.id, rules, self.track.calendar)
        self._close(
            attrs.evolve(laid, stated=stated, needs=guarding.needs, unsettled=False), effect
        )

    def _left_out(self, laid: Laid) -> None:
        self._append(attrs.evolve(laid, omitted=True, day=None, unsettled=False))
        self.cursor = self.cursor.passed(laid.slot)

    def _missing(self, laid: Laid) -> None:
        """Lay out a visit that was not given: due, left out, skipped or begun again."""
        slot = laid.slot
        ahead = [
            one.on
            for one in given_ahead(self.track.course.protocol, self.track)
            if one.number != slot.number or one.phase != self.cursor.phase
        ]
        known = min(ahead, default=None)
        on = known or max(self.track.floor, self.track.as_of)
        effect = lateness(slot, laid.stated, laid.tries, on, laid.title, self.track)
        give = effect.tier.give if isinstance(effect, Effect) else Give.NOW
        if give in (Give.RESTART_COURSE, Give.RESTART_PHASE) and not slot.asap:
            whole = give is Give.RESTART_COURSE
            begun = self.cursor.begun(0 if whole else self.cursor.phase, asap=True, course=whole)
            if known is None or slot_at(begun, self.track, False).id in self.track.history.given:
                self._begin(begun)
                return
        if give is Give.SKIP:
            self._left_out(laid)
            return
        if known is not None:
            self._ask(
                Question(
                    id=f"missing-{slot.id}",
                    asks=f"{laid.title} was neither given nor omitted, though a later visit was "
                    f"given on {known}; was it given?",
                    about=slot.id,
                )
            )
            self._left_out(laid)
            return
        self._due(laid, effect)

    def _guard(self, laid: Laid, given: date | None, open_from: date = date.min) -> Guarding:
        return guard(laid.slot, laid.title, laid.stated, open_from, self.track, given)

    def _due(self, laid: Laid, effect: Effect | Question | None) -> None:
        slot = laid.slot
        floor = self._floor(slot)
        open_from = floor.day
        if laid.stated.earliest is not None:
            open_from = max(open_from, laid.stated.earliest.day)
        guarding = self._guard(laid, None, open_from)
        if guarding.stopped:
            self.cursor = attrs.evolve(self.cursor, ended=guarding.stopped)
            return
        self._ask(*guarding.questions)
        self.gate_visits += guarding.due
        self.gates_past += guarding.past
        stated = bounds_of(
            slot.id, [*laid.rules, *laid.soft, *guarding.settled], self.track.calendar
        )
        bounds = stated.not_before(Edge(floor.day, floor))
        if guarding.not_before is not None:
            bounds = bounds.not_before(guarding.not_before)
        late = self._is_late(laid, bounds)
        rules: list[Rules] = [*guarding.rules, *laid.rules]
        first = laid.stated.earliest
        if late:
            rules = [_without_most(rule) for rule in rules]
        elif first is not None:
            rules = [self._without_passed(rule, slot.id, first.day) for rule in rules]
        rules += self._fences(slot, floor, rules)
        bounds = settled(bounds)
        blocked = bool(self.track.real) and self.track.real[-1].unsettled
        if guarding.held or laid.unsettled or blocked or bounds.unknown:
            bounds = attrs.evolve(bounds, target=None, target_until=None)
        elif bounds.target is None and bounds.earliest is not None:
            bounds = bounds.aimed(bounds.earliest, bounds.earliest.day)
        day = bounds.target.day if bounds.target else None
        self.tentative = self.tentative or guarding.held
        self._close(
            attrs.evolve(
                laid,
                rules=tuple(rules),
                bounds=bounds,
                day=day,
                clock=clock_aimed(bounds.target, self.track.calendar),
                overdue=late,
                needs=guarding.needs,
                tentative=laid.tentative or guarding.held,
            ),
            effect,
        )

    def _without_passed(self, rule: Rules, visit: str, first: date) -> Rules:
        """Return a tolerance without an end that a separation has moved the target past."""
        if rule.rule != "tolerance":
            return rule
        alone = bounds_of(visit, [rule], self.track.calendar).latest
        return rule if alone is None or alone.day >= first else _without_most(rule)

    def _floor(self, slot: Slot) -> NotBefore:
        track = self.track
        started = track.course.start is not None and track.course.start >= track.as_of
        rule = "start" if started else "today"
        asked = wanted(slot, track)
        if asked is not None and asked > track.floor:
            return wanted_on(slot, asked, slot.phase.source)
        return NotBefore(rule=rule, visit=slot.id, day=track.floor)

    def _fences(self, slot: Slot, floor: NotBefore, rules: list[Rules]) -> list[Rules]:
        """Return the first and last date the course itself sets, where no visit due implies it."""
        fences: list[Rules] = []
        behind = any(
            isinstance(rule, Spacing) and rule.rule == "order" and isinstance(rule.earlier, str)
            for rule in rules
        )
        if not behind or floor.rule == "request":
            fences.append(floor)
        if self.track.course.finish_by is not None:
            fences.append(NotAfter(rule="finish", visit=slot.id, day=self.track.course.finish_by))
        return fences

    def _is_late(self, laid: Laid, bounds: Bounds) -> bool:
        latest, earliest = bounds.latest, bounds.earliest
        if latest is not None:
            return latest.day < self.track.as_of
        return laid.due_by is not None and laid.due_by < self.track.as_of and earliest is not None

    # --- what comes after it -------------------------------------------------------------------

    def _close(self, laid: Laid, effect: Effect | Question | None) -> None:
        """Add a visit and let its lateness say what the next ones hang on."""
        slot = laid.slot
        if isinstance(effect, Question):
            self._ask(effect)
            laid = attrs.evolve(laid, unsettled=True, late=effect)
        elif effect is not None:
            laid = attrs.evolve(laid, effect=effect, late=effect)
        laid = attrs.evolve(laid, original=self._original(laid))
        self._append(laid)
        self.counts[slot.phase.visit] += 1
        self.cursor = self.cursor.passed(slot)
        run = self.cursor.run
        if isinstance(effect, Effect):
            self._follow(laid, effect)
        if self.cursor.run == run:
            self.track = attrs.evolve(self.track, origin=self._origin(laid))

    def _append(self, laid: Laid) -> None:
        self.track = attrs.evolve(self.track, laid=(*self.track.laid, laid))

    def _follow(self, laid: Laid, effect: Effect) -> None:
        tier = effect.tier
        if laid.past is not None and tier.give in (Give.RESTART_COURSE, Give.RESTART_PHASE):
            self._restarted(laid, tier.give is Give.RESTART_COURSE)
            return
        if tier.extra:
            extras = tuple(f"{laid.slot.id}-extra-{n + 1}" for n in range(tier.extra))
            self.cursor = attrs.evolve(self.cursor, extras=extras)
        if tier.then is Then.GRID and tier.grid_at_least is not None:
            self._skip_near_grid(laid, tier.grid_at_least)

    def _restarted(self, laid: Laid, whole: bool) -> None:
        """A visit given too late is the first of the run that begins again."""
        cursor = self.cursor.begun(0 if whole else self.cursor.phase, course=whole)
        cursor = attrs.evolve(cursor, index=2, place=2, first=False)
        self._begin(cursor)
        phase = self.track.course.protocol.phases[cursor.phase]
        slot = attrs.evolve(
            laid.slot, phase=phase, run=cursor.run, position=Position(1, 1), place=1, first=True
        )
        again = attrs.evolve(laid, slot=slot, original=laid.where, effect=None)
        self.track = attrs.evolve(self.track, laid=(*self.track.laid[:-1], again))
        self.track = attrs.evolve(self.track, origin=self._origin(again))

    def _skip_near_grid(self, laid: Laid, apart: CalendarSpan) -> None:
        """Leave out the original dates that are nearer to a late visit than the tier allows."""
        origin, cadence = self._origin(laid), laid.slot.phase.cadence
        if origin is None or laid.day is None or not isinstance(cadence, Every):
            return
        first = shifted(laid.day, apart, self.track.month_end)
        start = origin.where.on if isinstance(origin.where, PastVisit) else laid.day
        for shift in range(MOST_VISITS):
            position = Position(self.cursor.cycle, self.cursor.index + self.cursor.shift + shift)
            target = offset(cadence, origin.position, position)
            if target is None or shifted(start, target.least, self.track.month_end) >= first:
                self.cursor = attrs.evolve(self.cursor, shift=self.cursor.shift + shift)
                return

    def _original(self, laid: Laid) -> Where:
        """Return the visit's place on the grid: its first target date, where the grid holds."""
        slot, target = laid.slot, laid.stated.target
        tier = laid.effect.tier if laid.effect else None
        if tier is not None and tier.then is Then.FROM_THIS_VISIT:
            return laid.where
        gridded = tier is not None and tier.then is Then.GRID
        if not gridded and not isinstance(slot.phase.anchor, OriginalGrid):
            return laid.where
        if target is None or laid.due_by is None:
            return laid.where
        if not isinstance(target.rule, Spacing) or not isinstance(target.rule.earlier, PastVisit):
            return laid.where
        aimed = self._grid_date(laid)
        if aimed is None:
            return laid.where
        if laid.past is not None and laid.past.on == aimed:
            return laid.past
        return PastVisit(f"{slot.id}@original", f"the original date of {laid.title}", aimed)

    def _grid_date(self, laid: Laid) -> date | None:
        """Return the target's own date, before any later floor moved it."""
        aims = [rule for rule in laid.rules if isinstance(rule, Spacing) and rule.target]
        alone = bounds_of(laid.slot.id, aims, self.track.calendar)
        return alone.target.day if alone.target is not None else None

    def _origin(self, laid: Laid) -> Origin | None:
        """Return what the next targets of the phase hang on."""
        if laid.slot.role is Role.INSERTED:
            return self.track.origin
        slot, anchor = laid.slot, laid.slot.phase.anchored_on
        here = Origin(laid.original, slot.position)
        tier = laid.effect.tier if laid.effect else None
        if tier is not None and tier.then is Then.FROM_THIS_VISIT:
            return Origin(laid.where, slot.position)
        if slot.role is Role.EXTRA:
            before = self.track.origin
            if (
                before is not None
                and isinstance(before.where, PastVisit)
                and before.where.id.endswith("@original")
            ):
                return before
            return Origin(laid.where, slot.position)
        match anchor:
            case PreviousVisit():
                return here
            case OriginalGrid():
                return self.track.origin or here
            case StartOf(what="cycle"):
                starts = slot.position.step == 1 or self.track.origin is None
                return here if starts else self.track.origin
            case StartOf(what="phase"):
                return self.track.origin or here
            case _:
                return self.track.origin

    def _insert(self, adaptation: Adaptation, insert: InsertVisit) -> None:
        """Lay out one more visit that the dates of the others do not depend on."""
        here = [laid for laid in self.track.real if laid.slot.phase.name == insert.phase]
        if not here:
            return
        number = self.cursor.inserted + 1
        self.cursor = attrs.evolve(self.cursor, inserted=number)
        slot = attrs.evolve(
            here[0].slot,
            id=f"{insert.phase}-inserted-{number}",
            number=number,
            role=Role.INSERTED,
            first=False,
        )
        title, type_ordinal = self._title(slot.phase.visit)
        past, tries = self._given(slot, title)
        target = SpanRange(insert.insert.span, insert.insert.span)
        rule = Spacing(
            rule="adaptation",
            source=adaptation.source,
            earlier=here[0].where,
            later=slot.id,
            target=target,
        )
        stated = bounds_of(slot.id, [rule], self.track.calendar)
        laid = Laid(
            slot=slot,
            title=title,
            type_ordinal=type_ordinal,
            rules=(rule,),
            stated=stated,
            bounds=stated,
            past=past,
            tries=tries,
            day=past.on if past else None,
            original=past or slot.id,
            due_by=due_by(stated),
        )
        if past is None and slot.id in self.track.history.omitted:
            self._append(attrs.evolve(laid, omitted=True))
        elif past is None:
            self._due(laid, None)
        else:
            self._close(laid, None)


def _without_most(rule: Rules) -> Rules:
    """Return a spacing without a greatest distance that has passed already."""
    if isinstance(rule, Spacing) and rule.most is not None and isinstance(rule.earlier, PastVisit):
        if rule.least is None and rule.target is None:
            return rule
        return attrs.evolve(rule, most=None)
    return rule
