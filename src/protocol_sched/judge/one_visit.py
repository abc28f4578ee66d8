"""One visit of a course laid out, judged: a treatment, another visit, or one of a gate."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

import attrs

from protocol_sched.expansion.agenda import due_beside, due_of, named_beside, prompted, soon
from protocol_sched.expansion.beside import visits_beside
from protocol_sched.expansion.due import course_fences
from protocol_sched.expansion.forecast import Bounds, Edge, bounds_of, put_off
from protocol_sched.expansion.gate_names import gate_of, names_before, once
from protocol_sched.expansion.gates import after_last, before_row, given_for, window
from protocol_sched.expansion.guarding import ONE_DAY
from protocol_sched.expansion.lateness import lateness
from protocol_sched.expansion.results import Results, results_of
from protocol_sched.expansion.track import Aside, Behind, Laid, Track
from protocol_sched.expansion.walk import Outline
from protocol_sched.judge.deciding import About, Ahead, against, decided
from protocol_sched.judge.measured import (
    Finding,
    Side,
    When,
    findings,
    held,
    pinned_at,
    stretch,
    zone_of,
)
from protocol_sched.model.agenda import FixedAt, Gated, OnWeekdays, PastVisit, Rules, Spacing
from protocol_sched.model.gates import Gate
from protocol_sched.model.needs import need_of
from protocol_sched.model.spans import ElapsedSpan
from protocol_sched.model.verdict import Verdict


@attrs.frozen(kw_only=True)
class Seen:
    """A course laid out, with the visits beside its treatments and what people call them all."""

    found: Outline
    asides: tuple[Aside, ...]
    named: Mapping[str, tuple[str, int]]
    """Title and number of each visit beside the treatments."""
    titles: Mapping[str, str]

    @classmethod
    def of(cls, found: Outline, until: date | None) -> Seen:
        """Return a course laid out; open runs beside the treatments as far as ``until``."""
        asides = tuple(one for one in visits_beside(found, until) if isinstance(one, Aside))
        named = named_beside(found, asides)
        titles = {laid.turn.id: laid.title for laid in found.track.laid}
        titles |= {identity: title for identity, (title, _) in named.items()}
        return cls(found=found, asides=asides, named=named, titles=titles)

    def measured(self, track: Track) -> Track:
        """Return a track on which distances from visits beside the treatments can be measured."""
        return attrs.evolve(track, asides=self.asides)


def of_treatment(laid: Laid, when: When, seen: Seen, ahead: bool = False) -> Verdict:
    """
    Return a treatment judged.

    Args:
        laid: The treatment as given on that date, or as due.
        when: The date, or the moment.
        seen: The course around it.
        ahead: It is due, and so may the visits before it be, each on the date it is foreseen on.
    """
    found = seen.found
    index = found.track.laid.index(laid)
    track = attrs.evolve(found.track, laid=found.track.laid[:index])
    late = laid.late
    if laid.past is None and (late is None or ahead):
        late = lateness(laid.turn, laid.stated, laid.tries, when.on, laid.title, track)
    waiting = {one.id for one in found.gate_visits}
    gating = [
        rule
        for rule in (*laid.gating, *laid.rules)
        if rule.rule == "gate" and getattr(rule, "earlier", None) not in waiting
    ]
    behind = track.behind_of(laid.turn.id)
    within = soon(laid, track)
    judged = against(
        About(laid.turn.id, laid.title, when),
        [
            *(behind.settled if ahead else ()),
            *_on_record(laid.written),
            *(one.rule for one in laid.overruled),
            *dict.fromkeys(_on_record(gating)),
            *([] if within is None else [within]),
            *course_fences(laid.turn, track),
        ],
        laid.soft,
        late,
        seen.measured(track),
        seen.titles,
        _ahead(laid, behind, seen) if ahead else None,
    )
    if ahead:  # a test is asked for by the date at hand, and not by the one foreseen
        needs = [rule for rule in laid.rules if isinstance(rule, Gated) and rule.status is None]
        month_end = track.month_end
        needed = [need_of(rule, when.on, month_end, when.start) for rule in needs]
        laid = attrs.evolve(laid, needs=tuple(needed))
    tests = list(_tests(laid, when, track))
    return attrs.evolve(
        judged,
        waived=[*judged.waived, *_exceptions(laid, when.on, track)],
        unmet=[gate for gate, side in tests if side is _Test.MISSING],
        untold=[gate for gate, side in tests if side is _Test.UNTOLD],
    )


def _on_record(rules: Iterable[Rules]) -> Iterator[Rules]:
    """
    Yield rules with the tests on record alone, as they bind a visit that was given.

    One still to come depends on today, as the first date of an agenda does: it is named as missing,
    and moves no date.
    """
    for rule in rules:
        yield attrs.evolve(rule, again=None) if isinstance(rule, Gated) else rule


def _ahead(laid: Laid, behind: Behind, seen: Seen) -> Ahead:
    edges = laid.guarded
    if behind.not_before is not None:
        edges = edges.not_before(behind.not_before)
    due = due_of(prompted(laid, seen.found.track), seen.titles)
    return Ahead(due=due, edges=edges, waits=_waits(due.id, laid.open, seen.found))


def _waits(visit: str, question: str, found: Outline) -> str:
    """Return the question without whose answer a visit still due has no date, if one is known."""
    asked = {one.id: one for one in found.questions}
    if question in asked:
        return asked[question].asks
    about = [one for one in found.questions if one.about == visit]
    return next((one.asks for one in (*about, *found.questions)), "")


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


def of_aside(one: Aside, when: When, seen: Seen, ahead: bool = False) -> Verdict:
    """Return another visit judged; arguments as for `of_treatment`."""
    track = seen.measured(seen.found.track)
    behind = track.behind_of(one.id)
    rules = [
        *(behind.settled if ahead else ()),
        *one.written,
        *(waived.rule for waived in one.overruled),
        *course_fences(one.id, track),
    ]
    shown = None
    if ahead:
        edges = Bounds(earliest=behind.not_before)
        due = due_beside(one, seen.named[one.id], seen.titles)
        shown = Ahead(due=due, edges=edges, waits=_waits(one.id, "", seen.found))
    about = About(one.id, seen.titles.get(one.id, one.kind), when)
    return against(about, rules, one.soft, None, track, seen.titles, shown)


def of_gate(visit: str, when: When, seen: Seen, ahead: bool = False) -> Verdict | None:
    """
    Return a gate's visit judged by the visit it must come before.

    Where that one is given or fixed, by its date or moment. Else by the dates its own rules leave
    it: a gate's visit is too late if nothing behind it is soon enough any more.
    """
    found, track = seen.found, seen.measured(seen.found.track)
    for laid in track.laid:
        for rule in (*laid.gating, *laid.rules):
            match rule:
                case Spacing(rule="gate", earlier=PastVisit(id=name)) if name == visit:
                    return _before_guarded(visit, when, laid, rule, seen, ahead)
                case Spacing(rule="gate", earlier=str(name)) if name == visit:
                    return _before_guarded(visit, when, laid, rule, seen, ahead)
                case _:
                    pass
    for waiting in found.gate_visits:
        if visit not in waiting.before:
            continue
        # It does not count for what it stands before, so that it is due again: that says why.
        laid = next(one for one in track.laid if one.turn.id == waiting.guarded)
        for rule in (*laid.gating, *laid.rules):
            if isinstance(rule, Spacing) and rule.earlier == waiting.id:
                return _before_guarded(visit, when, laid, rule, seen, ahead)
    for one in found.gates_past:
        if one.id == visit:
            return _in_its_row(visit, when, one, seen)
    return None


def _in_its_row(visit: str, when: When, past: PastVisit, seen: Seen) -> Verdict:
    """Return a gate's visit judged where others say the dates of what it stands before."""
    track = seen.found.track
    gate = gate_of(visit, track.course.protocol)
    assert gate is not None
    _, after = _came_to(visit, when, gate, track)
    alone = [] if after is None else [after]
    bounds = bounds_of(visit, alone, track.calendar)
    about = About(visit, seen.titles.get(visit, past.title), when)
    broken = list(findings(visit, when, alone, track.calendar))
    return decided(about, broken, (), bounds, bounds, None, seen.titles)


def _as_it_was(
    visit: str, when: When, gate: Gate, laid: Laid, track: Track
) -> tuple[Gate, Spacing | None]:
    """Return the gate of a visit given as it was when that was due, and what kept them apart."""
    came_to, after = _came_to(visit, when, gate, track)
    behind = attrs.evolve(track, laid=track.laid[: track.laid.index(laid)])
    return before_row(gate, came_to.in_a_row, laid.turn, behind), after


def _came_to(visit: str, when: When, gate: Gate, track: Track) -> tuple[Results, Spacing | None]:
    """Return what a gate's visits before one had come to, and what keeps it from the last."""
    names = names_before(visit, gate, track)
    before = [
        one
        for one in given_for([gate], track)
        if one.id != visit and (one.on < when.on or one.id in names)
    ]
    until = max([when.on, *(one.on for one in before)])
    came_to = results_of(gate, before, track.history, until)
    earlier = [one for one in before if one.id in names]
    return came_to, after_last(gate, visit, earlier, came_to)


def _before_guarded(
    visit: str, when: When, laid: Laid, rule: Spacing, seen: Seen, ahead: bool
) -> Verdict:
    track = seen.measured(seen.found.track)
    gate = gate_of(visit, track.course.protocol)
    assert gate is not None
    after = next((one.after for one in seen.found.gate_visits if one.id == visit), None)
    if not ahead:
        was, after = _as_it_was(visit, when, gate, laid, track)
        rule = attrs.evolve(rule, least=was.min_age or ONE_DAY, most=was.max_age)
    own = attrs.evolve(rule, earlier=visit)
    # As the rule has it: the first of some visits that all must be passed is farther ahead.
    gate = attrs.evolve(gate, min_age=rule.least, max_age=rule.most, target=None)
    bounds, found, asides = Bounds(), list[Finding](), list[Finding]()
    fixed = pinned_at(laid.written)
    behind = laid.past
    if behind is None and fixed is not None:
        behind = PastVisit(laid.turn.id, laid.title, fixed.date(), fixed)
    if behind is not None:
        opens: date | None = behind.on
        closes: date | None = behind.on
        ends = closes
        zone = zone_of(when.start, behind.start)
        here, there = stretch(when.on, when.start, zone), stretch(behind.on, behind.start, zone)
        for side, minutes, between in held(rule.least, rule.most, here, there):
            turned = Side.LATE if side is Side.EARLY else Side.EARLY
            found.append(Finding(rule=own, side=turned, minutes=minutes, between=between))
    else:
        rules = [*laid.written, *course_fences(laid.turn, track)]
        soft = [rule for rule in laid.soft if rule.rule != "grace"]
        soft = [one for one in soft if track.history.decided(laid.turn.id, one).status is None]
        hard = bounds_of(laid.turn.id, rules, track.calendar)
        known = bounds_of(laid.turn.id, [*rules, *soft], track.calendar)
        limits = laid.bounds if ahead else known
        opens = limits.earliest.day if limits.earliest else None
        closes = limits.latest.day if limits.latest else None
        ends = closes
        if known.latest != hard.latest:  # beyond a tolerance that is no limit is an exception
            ends = hard.latest.day if hard.latest else None
    first, last = _gate_dates(gate, opens, closes, track)
    at_most = _gate_dates(gate, None, ends, track)[1]
    in_minutes = [isinstance(end, ElapsedSpan) for end in (rule.most, rule.least)]
    if first is not None:
        bounds = bounds.not_before(Edge(first, own))
        if when.on < first and not (in_minutes[0] and behind is not None):
            days = (first - when.on).days
            found.append(Finding(rule=own, side=Side.EARLY, days=days, day=first))
    if last is not None:
        bounds = bounds.not_after(Edge(last, own))
        if when.on > last and not (in_minutes[1] and behind is not None):
            late = Finding(rule=own, side=Side.LATE, days=(when.on - last).days, day=last)
            (asides if at_most is None or when.on <= at_most else found).append(late)
    kind = track.course.protocol.visit_type(gate.visit or "")
    alone: list[Rules] = list(course_fences(visit, track))
    alone += [] if after is None else [after]
    if kind.weekdays:
        alone.append(OnWeekdays(rule="weekdays", visit=visit, weekdays=kind.weekdays))
    if visit in track.history.pins:
        alone.append(FixedAt(rule="pinned", visit=visit, start=track.history.pins[visit].start))
    alone = list(put_off(visit, alone, track.history))
    # Its own first: the visit it stands before may be where it is because of them.
    found = [*findings(visit, when, alone, track.calendar), *found]
    dates = bounds_of(visit, alone, track.calendar)
    bounds = bounds.not_before(dates.earliest) if dates.earliest is not None else bounds
    bounds = bounds.not_after(dates.latest) if dates.latest is not None else bounds
    shown = None
    if ahead:
        one = next(one for one in seen.asides if one.id == visit)
        due = due_beside(one, seen.named[visit], seen.titles)
        shown = Ahead(due=due, waits=_waits(visit, "", seen.found))
    about = About(visit, seen.titles.get(visit, kind.name), when)
    return decided(about, found, (), bounds, bounds, None, seen.titles, asides, shown)


def _gate_dates(
    gate: Gate, opens: date | None, closes: date | None, track: Track
) -> tuple[date | None, date | None]:
    """Return the first and last date that count for a visit between two dates."""
    first = window(gate, opens, track)[0] if opens is not None else None
    last = window(gate, closes, track)[1] if closes is not None else None
    return first, last
