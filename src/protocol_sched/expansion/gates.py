"""Gates: what must come before some treatment visits; and what people call a visit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import assert_never

import attrs

from protocol_sched.expansion.cadences import plus, times
from protocol_sched.expansion.dates import plus_days
from protocol_sched.expansion.forecast import Edge, first_open, landing, open_question, shifted
from protocol_sched.expansion.history import History, as_given
from protocol_sched.expansion.results import Results, results_of
from protocol_sched.expansion.track import Track, Turn
from protocol_sched.model.agenda import Gated, Need, PastVisit, Question, Rules, Spacing
from protocol_sched.model.cadences import At
from protocol_sched.model.course import Given, Tested
from protocol_sched.model.gates import Gate, Outcome
from protocol_sched.model.needs import need_of
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.references import EachVisit
from protocol_sched.model.rules import Between
from protocol_sched.model.sentences import told
from protocol_sched.model.spans import CalendarSpan, Span, SpanRange
from protocol_sched.model.standing import Waived

ONE_DAY = CalendarSpan(days=1)


@attrs.frozen(kw_only=True)
class GateVisit:
    """A visit that must come before a treatment visit and was not given, or is too old."""

    id: str
    gate: Gate
    guarded: str
    ordinal: int
    tries: tuple[PastVisit, ...] = ()
    """Visits given for it that are too old by now."""
    before: tuple[str, ...] = ()
    """The identities under which it was given before; now it is due under one of its own."""
    after: Spacing | None = None
    """What keeps it from the date of one that was not passed, or that begins its row."""


@attrs.frozen(kw_only=True)
class Guarding:
    """What the gates of one treatment visit come to."""

    rules: tuple[Rules, ...] = ()
    past: tuple[PastVisit, ...] = ()
    due: tuple[GateVisit, ...] = ()
    needs: tuple[Need, ...] = ()
    questions: tuple[Question, ...] = ()
    not_before: Edge | None = None
    aimed: Edge | None = None
    """The first date on which a gate's visit still due can be on its target."""
    not_after: Edge | None = None
    """Set by a gate's visit that is fixed to a moment and grows too old."""
    held: bool = False
    stopped: str = ""

    @property
    def settled(self) -> tuple[Rules, ...]:
        """Return the rules whose gate has a date: a visit still due is dated back from its own."""
        due = {one.id for one in self.due}
        return tuple(
            rule
            for rule in self.rules
            if getattr(rule, "earlier", None) not in due and rule.status is None
        )


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
            found = _test(gate, turn, title, open_from, track, given)
        result = _joined(result, found)
    return result


def _joined(one: Guarding, other: Guarding) -> Guarding:
    later = [edge for edge in (one.not_before, other.not_before) if edge is not None]
    aimed = [edge for edge in (one.aimed, other.aimed) if edge is not None]
    sooner = [edge for edge in (one.not_after, other.not_after) if edge is not None]
    return Guarding(
        rules=one.rules + other.rules,
        past=one.past + other.past,
        due=one.due + other.due,
        needs=one.needs + other.needs,
        questions=one.questions + other.questions,
        not_before=max(later, key=lambda edge: edge.day, default=None),
        aimed=max(aimed, key=lambda edge: edge.day, default=None),
        not_after=min(sooner, key=lambda edge: edge.day, default=None),
        held=one.held or other.held,
        stopped=one.stopped or other.stopped,
    )


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
    planned = [laid for laid in track.laid if not laid.turn.unplanned]
    inside = [laid for laid in planned if gate.phase in (None, laid.turn.phase.name)]
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


def identity(gate: Gate, ordinal: int) -> str:
    """Return the gate visit's identity: the gate's name, numbered where it guards several."""
    return gate.name if once(gate) else f"{gate.name}-{ordinal}"


def gate_of(visit: str, protocol: Protocol) -> Gate | None:
    """Return the gate whose visit has an identity: by number, or once more, or both."""
    found = [gate for gate in protocol.gates if gate.visit and _is_of(visit, gate)]
    return max(found, key=lambda gate: len(gate.name), default=None)


def _is_of(visit: str, gate: Gate) -> bool:
    numbers = 1 if once(gate) else 2
    return re.fullmatch(rf"{re.escape(gate.name)}(-\d{{1,4}}){{0,{numbers}}}", visit) is not None


def given_for(gates: Iterable[Gate], track: Track) -> Iterator[PastVisit]:
    """Yield the visits given for gates, whether what they guard is laid out or not."""
    names = {gate.name for gate in gates}
    for visit, given in track.history.given.items():
        gate = gate_of(visit, track.course.protocol)
        if gate is not None and gate.name in names:
            kind = track.course.protocol.visit_type(gate.visit or "")
            for event in given:
                yield as_given(event, kind.name, kind)


def once(gate: Gate) -> bool:
    """Tell whether a gate guards only one visit."""
    ranges = gate.before.ranges
    return not gate.each_cycle and len(ranges) == 1 and ranges[0][0] == ranges[0][1]


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
        waived = _let_go(gate, failed, turn.id, history)
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
    if failed is None or _let_go_before(gate, failed, history):
        return found
    return _joined(found, _failed(gate, failed, came_to.failed_in_a_row, turn, slot_title, history))


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
        least=ONE_DAY,
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
    return attrs.evolve(gate, min_age=least, max_age=None, target=target)


def _waiting(due: GateVisit, turn: Turn, title: str, track: Track) -> Guarding:
    """Return what a treatment visit waits for where a gate's visit is still due."""
    gate, history = due.gate, track.history
    rule = _spacing(gate, due.id, turn)
    floor = track.floor
    if due.after is not None and isinstance(due.after.earlier, PastVisit):
        floor = max(floor, plus_days(due.after.earlier.on, 1))
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


def names_of(name: str, track: Track) -> list[str]:
    """
    Return the identities of one gate's visit: the first, and one more each time it was given.

    A visit given that is too old has its identity for good; the next one has the next free.
    """
    return names_after(name, track.history.given, track.course.protocol)


def names_after(name: str, given: Mapping[str, Sequence[Given]], protocol: Protocol) -> list[str]:
    """Return the identities a gate's visit had so far and the one after them; see `names_of`."""
    names, number = [name], 1
    taken = {gate.name for gate in protocol.gates}
    taken |= {other_visit.name for other_visit in protocol.other_visits}
    while any(event.counts for event in given.get(names[-1], ())):
        number += 1
        while f"{name}-{number}" in taken:
            number += 1
        names.append(f"{name}-{number}")
    return names


def names_before(visit: str, gate: Gate, track: Track) -> list[str]:
    """Return the identities under which a gate's visit was given before it had this one."""
    number = visit.removeprefix(gate.name).split("-")[1:2]
    name = gate.name if once(gate) else "-".join([gate.name, *number])
    names = names_of(name, track)
    return names[: names.index(visit)] if visit in names else names[:0]


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


def _test(
    gate: Gate, turn: Turn, title: str, open_from: date, track: Track, given: PastVisit | None
) -> Guarding:
    """Return what a test asks of a visit, and what follows where it was not passed."""
    since = _since(gate, track)
    on_record = [
        test
        for test in track.history.tested.get(gate.name, ())
        if given is None or test.on <= given.on  # later ones are for the visits behind
    ]

    def for_this(test: Tested) -> bool:
        return since is None or test.on > since

    # Rows run on over the visits, also where each visit needs a test of its own.
    failed = [n for n, test in enumerate(on_record) if not test.passes(gate)]
    passed = on_record[failed[-1] + 1 :] if failed else on_record
    last = next((on_record[n] for n in failed[-1:] if for_this(on_record[n])), None)
    more = max(gate.in_a_row - len(passed), 1)
    again = None if given is not None else track.as_of
    if again is not None:
        row = passed if more < gate.in_a_row else []
        newest = [last] if last is not None else []
        # Each result of a row is on a date of its own.
        again = max([again, *(plus_days(test.on, 1) for test in (*newest, *row))])
        again = plus_days(again, more - 1)
    rule = Gated(
        rule="gate",
        source=gate.source,
        safety=gate.safety,
        gate=gate.name,
        visit=turn.id,
        tests=tuple(_done(gate, test) for test in passed[gate.in_a_row - 1 :] if for_this(test)),
        least=gate.min_age,
        most=gate.max_age,
        again=again,
        failed=None if passed or last is None else last.on,
        band=gate.band,
        in_a_row=gate.in_a_row,
        more=more,
        instead=_instead(gate, given, track),
        receipt=gate.receipt,
    )
    failed_now = last if not passed and rule.instead is None else None
    waived = track.history.waiver(turn.id, gate.name, rule.rule)
    if waived is None and failed_now is not None:
        waived = _let_go(gate, failed_now, turn.id, track.history)
    if waived is not None:
        return Guarding(rules=(attrs.evolve(rule, status=waived),))
    rules: tuple[Rules, ...] = (rule, *_after_previous(gate, rule, turn, track))
    if given is not None:
        need = need_of(rule, given.on, track.month_end, given.start)
        return Guarding(rules=rules, needs=(need,))
    need = need_of(rule, open_from, track.month_end)
    found = Guarding(rules=rules, needs=(need,))
    if gate.receipt and rule.tests and not need.done:
        return attrs.evolve(found, questions=tuple(_expired(gate, rule, need, title, track)))
    if failed_now is None or _let_go_before(gate, failed_now, track.history):
        return found
    before = [n for n, test in enumerate(on_record) if test.passes(gate)]
    in_a_row = len(on_record) - (before[-1] + 1 if before else 0)
    return _joined(found, _failed(gate, failed_now, in_a_row, turn, title, track.history))


def _expired(gate: Gate, rule: Gated, need: Need, title: str, track: Track) -> Iterator[Question]:
    """Yield when something has to be received anew, as it expires before a visit can be."""
    last = rule.tests[-1]
    if gate.max_age is None or need.latest is None or last.on > need.latest:
        return
    expires = landing(last, gate.max_age, Between.STARTS, track.month_end)
    first = track.as_of if need.earliest is None else need.earliest
    yield Question(
        id=f"received-{gate.name}-{rule.visit}",
        asks=told(
            "{gate} received on {on} expires on {expires}, before {title} can be: on which day "
            "from {first} to {last} is it received again?",
            gate=gate.name,
            on=last.on,
            expires=expires,
            title=title,
            first=first,
            last=need.latest,
        ),
        about=rule.visit,
    )


def _instead(gate: Gate, given: PastVisit | None, track: Track) -> PastVisit | None:
    """Return the first outside event that replaces a gate's test; ``None`` if none is on record."""
    days = track.history.happened.get(gate.unless, ()) if gate.unless else ()
    on = min(days, default=None)
    if on is None or (given is not None and on > given.on):
        return None
    return PastVisit(gate.unless, gate.unless, on)


GO_ON, STOP = "go on", "stop"


def _asked(gate: Gate, test: Tested, visit: str) -> str:
    """Return the identity of the question whether a visit goes on after a test not passed."""
    return f"ask-{gate.name}-{test.on}-{visit}"


def _let_go(gate: Gate, test: Tested, visit: str, history: History) -> Waived | None:
    """Return the answer that a visit goes on though a test was not passed; ``None`` for none."""
    answer = history.answered.get(_asked(gate, test, visit))
    if answer is None or answer.answer.strip() != GO_ON:
        return None
    return Waived(waived_on=answer.on, by=gate.asks or "a clinician", why=answer.answer.strip())


def _let_go_before(gate: Gate, test: Tested, history: History) -> bool:
    """Tell whether a visit went on after this test: those behind it wait for another one."""
    asked = _asked(gate, test, "")
    return any(
        question.startswith(asked) and answer.answer.strip() == GO_ON
        for question, answer in history.answered.items()
    )


def _done(gate: Gate, test: Tested) -> PastVisit:
    return PastVisit(
        f"{gate.name} {test.on}",
        told("{name} of {on}", name=gate.name, on=test.on),
        test.on,
        test.at,
    )


def needs_on(day: date, guarding: Guarding, track: Track) -> tuple[Need, ...]:
    """Return what a visit still due needs of its gates on a date."""
    rules = {rule.gate: rule for rule in guarding.rules if isinstance(rule, Gated)}
    return tuple(
        need_of(rules[need.gate], day, track.month_end) if need.gate in rules else need
        for need in guarding.needs
    )


def _after_previous(gate: Gate, rule: Gated, turn: Turn, track: Track) -> Iterator[Spacing]:
    """Yield the distance from the visit before that a test after it needs, where none is done."""
    if gate.min_age is None or rule.tests or rule.instead or rule.again is None:
        return
    if gate.max_age is not None or once(gate) or not track.real:
        return
    yield Spacing(
        rule="gate",
        source=gate.source,
        safety=gate.safety,
        earlier=track.real[-1].where,
        later=turn.id,
        least=plus(gate.min_age, ONE_DAY)
        if isinstance(gate.min_age, CalendarSpan)
        else gate.min_age,
    )


def _since(gate: Gate, track: Track) -> date | None:
    """Return the date of the visit before, given or left out; its tests do not count again."""
    if gate.max_age is not None or once(gate) or not track.laid:
        return None
    last = track.laid[-1]
    left_out = track.history.omitted.get(last.turn.id) if last.omitted else None
    if left_out is not None:
        return left_out
    if not track.real:
        return None
    # No test on record can be for the visit after one that is still due.
    return date.max if track.real[-1].past is None else track.real[-1].day


def _failed(
    gate: Gate, test: Tested, row: int, turn: Turn, title: str, history: History
) -> Guarding:
    """
    Return what follows from a test that was not passed.

    Args:
        row: How many in a row were not passed, this one included.
    """
    said = _result(gate, test)
    if gate.failed_in_a_row > 1:
        said = told("{said} ({row} of {of} in a row)", said=said, row=row, of=gate.failed_in_a_row)
    match gate.if_not if row >= gate.failed_in_a_row else Outcome.ASK:
        case Outcome.STOP:
            return Guarding(stopped=said)
        case Outcome.HOLD:
            question = Question(
                id=f"gate-{gate.name}-{turn.id}",
                asks=told(
                    "{said}; {title} is on hold: when is {gate} passed?",
                    said=said,
                    title=title,
                    gate=gate.name,
                ),
                about=turn.id,
            )
            return Guarding(held=True, questions=(question,))
        case Outcome.ASK:
            who, asked = gate.asks or told("a clinician"), _asked(gate, test, turn.id)
            if history.answers.get(asked, "").strip() == STOP:
                return Guarding(stopped=told("{said}, and {who} said stop", said=said, who=who))
            question = Question(
                id=asked,
                asks=told(
                    "{said}; {title} is on hold until {who} decides whether to go on",
                    said=said,
                    title=title,
                    who=who,
                ),
                choices=(GO_ON, STOP),
                about=turn.id,
            )
            return Guarding(held=True, questions=(question,))
        case Outcome.DELAY:
            return Guarding()  # the next test is on a later date, and the visit with it
        case _:
            assert_never(gate.if_not)


def _result(gate: Gate, test: Tested) -> str:
    """Return what is said of a test not passed: ``ANC of 2027-03-01 was 1.2, not at least 1.5``."""
    if gate.band and test.value is not None:
        return told(
            "{gate} of {on} was {value}, not {band}",
            gate=gate.name,
            on=test.on,
            value=float(test.value),
            band=gate.band,
        )
    return told("{gate} of {on} was not passed", gate=gate.name, on=test.on)


# --- what people call a visit ----------------------------------------------------------------


def titled(kind: str, number: int, protocol: Protocol) -> str:
    """
    Return a visit's title, numbered among the visits of its type unless it is the only one.

    Treatments left out are counted, so that the others keep their titles.
    """
    return kind if number == 1 and single(kind, protocol) else f"{kind} {number}"


def single(kind: str, protocol: Protocol) -> bool:
    """Tell whether a protocol has exactly one visit of a type, so that it needs no number."""
    return sum(_least_visits(kind, protocol)) == 1


def _least_visits(kind: str, protocol: Protocol) -> Iterator[int]:
    """Yield how many visits of a type each phase, gate and other visit has; 2 stands for more."""
    for phase in protocol.phases:
        if phase.visit == kind:
            yield phase.visits.least if phase.visits.fixed and phase.cycles.most == 1 else 2
    for gate in protocol.gates:
        if gate.visit == kind:
            yield 1 if once(gate) else 2
    for other_visit in protocol.other_visits:
        if other_visit.visit == kind:
            yield _points(other_visit)


def _points(other_visit: OtherVisit) -> int:
    if isinstance(other_visit.anchor, EachVisit):
        return 2
    if other_visit.visits is not None and other_visit.visits.fixed:
        return other_visit.visits.least
    cadence = other_visit.cadence
    return len(cadence.at) if isinstance(cadence, At) and cadence.cycle is None else 2
