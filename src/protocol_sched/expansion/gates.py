"""Gates: what must come before some treatment visits, and the visits given for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import attrs

from protocol_sched.expansion.forecast import Edge, first_open, landing, open_question, shifted
from protocol_sched.expansion.gate_names import gate_of, identity, names_of
from protocol_sched.expansion.gate_tests import tested
from protocol_sched.expansion.guarding import ONE_DAY, GateVisit, Guarding, joined
from protocol_sched.expansion.history import as_given
from protocol_sched.expansion.not_passed import after_failed, let_go, let_go_before
from protocol_sched.expansion.results import Results, results_of
from protocol_sched.expansion.span_sums import plus, times
from protocol_sched.expansion.track import Track, Turn
from protocol_sched.model.agenda import Need, PastVisit, Question, Rules, Spacing
from protocol_sched.model.gates import Gate
from protocol_sched.model.needs import MINUTES_A_DAY
from protocol_sched.model.rules import Between
from protocol_sched.model.sentences import told
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span, SpanRange
from protocol_sched.model.standing import Waived


def guard(
    turn: Turn, title: str, open_from: date, track: Track, given: PastVisit | None
) -> Guarding:
    """
    Return what must come before a treatment visit, and what of it was done.

    Args:
        turn: The treatment visit.
        title: What people call it.
        open_from: The first date it could have otherwise.
        track: The visits before it.
        given: The visit as it was given; ``None`` if it is still due.
    """
    result = Guarding()
    for gate in track.course.protocol.gates:
        ordinal = _ordinal(gate, turn, track)
        if ordinal is None:
            continue
        if gate.visit is not None:
            on = given.on if given else None
            found = _visit(gate, ordinal, turn, title, open_from, track, on)
        else:
            found = tested(gate, turn, title, open_from, track, given)
        result = joined(result, found)
    return result


def _ordinal(gate: Gate, turn: Turn, track: Track) -> int | None:
    """
    Return the number of the gate's visit before a treatment visit, if the gate guards it.

    A gate looks at the visit's place among those really given and due, of the course or of the
    cycle. Its own visit is numbered so that the number stays when another treatment is left out:
    where single places are named, by that place, and otherwise by the treatment's own number,
    those left out counted; the cycles before are counted whole.
    """
    if gate.phase not in (None, turn.phase.name):
        return None
    inside = [laid for laid in track.foreseen if gate.phase in (None, laid.turn.phase.name)]
    here = inside
    if gate.each_cycle:
        cycle = (turn.run, turn.position.cycle)
        here = [laid for laid in inside if (laid.turn.run, laid.turn.position.cycle) == cycle]
    place = sum(not laid.omitted for laid in here) + 1
    if place not in gate.before:
        return None
    return len(inside) - len(here) + (place if _by_place(gate) else len(here) + 1)


def _by_place(gate: Gate) -> bool:
    """Tell whether a gate names single places, and not each visit or a range of them."""
    return all(first == last for first, last in gate.before.ranges)


def left_out(gate: Gate, track: Track) -> frozenset[int]:
    """Return the numbers of a gate's visits left out: themselves, or with what they guard."""
    found = set()
    for n, laid in enumerate(track.laid):
        ordinal = _ordinal(gate, laid.turn, attrs.evolve(track, laid=track.laid[:n]))
        if ordinal is None:
            continue
        alone = identity(gate, ordinal) in track.history.omitted
        if alone or (laid.omitted and not _by_place(gate)):
            found.add(ordinal)
    return frozenset(found)


def given_for(gates: Iterable[Gate], track: Track) -> Iterator[PastVisit]:
    """Yield the visits given for gates, whether what they guard is laid out or not."""
    names = {gate.name for gate in gates}
    for visit, given in track.history.given.items():
        gate = gate_of(visit, track.course.protocol)
        if gate is not None and gate.name in names:
            kind = track.course.protocol.visit_type(gate.visit or "")
            for event in given:
                yield as_given(event, kind.name, kind)


def _spacing(gate: Gate, earlier: str | PastVisit, turn: Turn) -> Spacing:
    least = ONE_DAY if gate.min_age is None else gate.min_age
    aims = gate.target is not None and isinstance(earlier, str)
    return Spacing(
        rule="gate",
        source=gate.source,
        safety=gate.safety,
        earlier=earlier,
        later=turn.id,
        least=least,
        most=gate.max_age,
        target=SpanRange(gate.target, gate.target) if aims and gate.target is not None else None,
        between=Between.STARTS,
    )


def _visit(
    gate: Gate,
    ordinal: int,
    turn: Turn,
    slot_title: str,
    open_from: date,
    track: Track,
    given: date | None,
) -> Guarding:
    name = identity(gate, ordinal)
    kind = track.course.protocol.visit_type(gate.visit or "")
    title = kind.name
    history = track.history
    names = names_of(name, track)
    past = [as_given(event, title, kind) for one in names for event in history.given.get(one, ())]
    came_to = results_of(gate, given_for([gate], track), history, given)
    done = [visit for visit in past if visit.id in came_to.counted and visit.counts]
    failed = came_to.failed if any(visit.id == came_to.last for visit in past) else None
    waived = history.waiver(turn.id, gate.name, "gate") if failed is not None else None
    if waived is None and failed is not None:
        waived = let_go(gate, failed, turn.id, history)
    if waived is not None:
        tried = next(visit for visit in past if visit.id == came_to.last)
        rule = attrs.evolve(_spacing(gate, tried, turn), status=waived)
        return Guarding(rules=(rule,), past=tuple(past))
    if given is not None:
        before = [visit for visit in done if visit.on <= given] or done
        rules = (_spacing(gate, before[-1], turn),) if before else ()
        earliest, latest = window(gate, given, track)
        need = Need(
            gate=name,
            earliest=earliest,
            latest=latest,
            done=bool(done) and before[-1].id not in came_to.open,
            source=gate.source,
            band=gate.band,
        )
        return Guarding(rules=rules, past=tuple(past), needs=(need,))
    fresh = [
        visit
        for visit in done
        if gate.max_age is None
        or landing(visit, gate.max_age, Between.STARTS, track.month_end) >= open_from
    ]
    if fresh:
        found = Guarding(rules=(_spacing(gate, fresh[-1], turn),), past=tuple(past))
        if fresh[-1].id not in came_to.open:
            return found
        return attrs.evolve(
            found,
            needs=(
                Need(
                    gate=name,
                    earliest=fresh[-1].on,
                    latest=None,
                    source=gate.source,
                    band=gate.band,
                ),
            ),
            questions=(_unread(gate, fresh[-1], turn, slot_title),),
        )
    left_out = next((one for one in reversed(names) if one in history.omitted), None)
    if left_out is not None:
        asked = _unguarded(left_out, title, turn, slot_title, track)
        waived_rules = _without_visit(gate, left_out, done, history.omitted[left_out], turn)
        return Guarding(rules=waived_rules, past=tuple(past), questions=asked)
    due = _anew(gate, ordinal, turn, names, past, came_to, track)
    found = _waiting(due, turn, title, track)
    if failed is None or let_go_before(gate, failed, history):
        return found
    return joined(
        found, after_failed(gate, failed, came_to.failed_in_a_row, turn, slot_title, history)
    )


def _anew(
    gate: Gate,
    ordinal: int,
    turn: Turn,
    names: list[str],
    past: list[PastVisit],
    came_to: Results,
    track: Track,
) -> GateVisit:
    """Return a gate's visit that is due, for the first time or once more."""
    due_as = names[-1]
    return GateVisit(
        id=due_as,
        gate=before_row(gate, came_to.in_a_row, turn, track),
        guarded=turn.id,
        ordinal=ordinal,
        tries=tuple(past),
        before=tuple(names[:-1]),
        after=after_last(gate, due_as, past, came_to),
    )


def after_last(
    gate: Gate, due_as: str, past: Iterable[PastVisit], came_to: Results
) -> Spacing | None:
    """Return what keeps a gate's visit from the date of the last one, where that does not count."""
    last = next((visit for visit in past if visit.id == came_to.last), None)
    if last is None or last.id in came_to.counted:
        return None
    return Spacing(
        rule="gate",
        source=gate.source,
        safety=gate.safety,
        earlier=last,
        later=due_as,
        least=ONE_DAY if came_to.failed is None else gate.repeat_after or ONE_DAY,
    )


def before_row(gate: Gate, in_a_row: int, turn: Turn, track: Track) -> Gate:
    """
    Return a gate as it is for the first of its visits still due before a treatment visit.

    Where several have to be passed, each is on a date of its own, and age and target count from
    the last of them.

    Args:
        gate: The gate as the protocol has it.
        in_a_row: How many visits were passed so far, one after the other.
        turn: The treatment visit.
        track: The visits before it; those of the gate before others still due have a whole row.
    """
    ahead = gate.in_a_row > 1 and any(
        laid.past is None
        and not laid.omitted
        and _ordinal(gate, laid.turn, attrs.evolve(track, laid=track.laid[:n])) is not None
        for n, laid in enumerate(track.laid)
    )
    more = 1 if ahead else max(gate.in_a_row - in_a_row, 1)
    if more == 1:
        return gate
    others = CalendarSpan(days=more - 1)
    least = plus(gate.min_age or ONE_DAY, others)
    target = None if gate.target is None else plus(gate.target, others)
    if isinstance(target, ElapsedSpan) and not isinstance(least, ElapsedSpan):
        # No least age is published, so that the visits count dates; the aim does as well.
        target = CalendarSpan(days=-(-target.minutes // MINUTES_A_DAY))
    return attrs.evolve(gate, min_age=least, max_age=None, target=target)


def _waiting(due: GateVisit, turn: Turn, title: str, track: Track) -> Guarding:
    """Return what a treatment visit waits for where a gate's visit is still due."""
    gate, history = due.gate, track.history
    rule = _spacing(gate, due.id, turn)
    floor = track.floor
    if due.after is not None and isinstance(due.after.earlier, PastVisit):
        floor = max(
            floor, shifted(due.after.earlier.on, due.after.least or ONE_DAY, track.month_end)
        )
    first = first_open(due.id, history, floor)
    earliest = shifted(first, rule.least or ONE_DAY, track.month_end)
    aimed = None if gate.target is None else shifted(first, gate.target, track.month_end)
    too_old: Edge | None = None
    pin = history.pins.get(due.id)
    if pin is not None:
        fixed = PastVisit(due.id, title, pin.start.date(), pin.start)
        earliest = landing(fixed, rule.least or ONE_DAY, Between.STARTS, track.month_end)
        if gate.max_age is not None:
            too_old = Edge(landing(fixed, gate.max_age, Between.STARTS, track.month_end), rule)
    return Guarding(
        rules=(rule,),
        past=due.tries,
        due=(due,),
        not_before=Edge(earliest, rule),
        aimed=None if aimed is None or pin is not None else Edge(aimed, rule),
        not_after=too_old,
        # Nobody said when it may be, so nothing that waits for it has a date either.
        held=open_question(due.id, title, history) is not None,
    )


def _unread(gate: Gate, visit: PastVisit, turn: Turn, title: str) -> Question:
    """Return what a visit came to, asked where a number has to pass and nobody told it."""
    asks = told(
        "{gate} of {on} has no result on record; {title} needs {band}: what was it?",
        gate=gate.name,
        on=visit.on,
        title=title,
        band=gate.band,
    )
    return Question(id=f"result-{visit.id}", asks=asks, about=turn.id)


def _without_visit(
    gate: Gate, name: str, done: list[PastVisit], left_out: date, turn: Turn
) -> tuple[Rules, ...]:
    """Return the rule of a gate whose visit was left out: waived with it, and still a rule."""
    rule = _spacing(gate, done[-1] if done else name, turn)
    waived = Waived(waived_on=left_out, why=f"{gate.name} was left out")
    return (attrs.evolve(rule, status=waived),)


def _unguarded(
    name: str, title: str, turn: Turn, slot_title: str, track: Track
) -> tuple[Question, ...]:
    """Return who has to be asked about a visit that comes without what must come before it."""
    on = track.history.omitted[name]
    question = Question(
        id=f"without-{name}",
        asks=told(
            "The {title} was skipped on {on}, and {other} is planned without it; who decided that?",
            title=title,
            on=on,
            other=slot_title,
        ),
        about=turn.id,
    )
    return () if question.id in track.history.answers else (question,)


def window(gate: Gate, guarded: date, track: Track) -> tuple[date | None, date]:
    """Return the first and last date on which a gate counts for a visit on a date."""
    lead: Span = CalendarSpan() if gate.min_age is None else gate.min_age
    latest = shifted(guarded, times(lead, -1), track.month_end)
    if gate.max_age is None:
        return None, latest
    return shifted(guarded, times(gate.max_age, -1), track.month_end), latest
