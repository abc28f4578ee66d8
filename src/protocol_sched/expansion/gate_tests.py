"""Gates passed by a test: which results count, and what a visit needs of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import attrs

from protocol_sched.expansion.dates import plus_days
from protocol_sched.expansion.forecast import landing, shifted
from protocol_sched.expansion.gate_names import once
from protocol_sched.expansion.guarding import ONE_DAY, Guarding, joined
from protocol_sched.expansion.not_passed import after_failed, let_go, let_go_before
from protocol_sched.expansion.span_sums import plus
from protocol_sched.expansion.track import Track, Turn
from protocol_sched.model.agenda import Gated, Need, PastVisit, Question, Rules, Spacing
from protocol_sched.model.course import Tested
from protocol_sched.model.gates import Gate
from protocol_sched.model.needs import need_of
from protocol_sched.model.rules import Between
from protocol_sched.model.sentences import told
from protocol_sched.model.spans import CalendarSpan


def tested(
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
    wait = gate.repeat_after or ONE_DAY
    if failed and gate.repeat_after is not None:
        opens = shifted(on_record[failed[-1]].on, wait, track.month_end)
        passed = [test for test in passed if test.on >= opens]
    last = next((on_record[n] for n in failed[-1:] if for_this(on_record[n])), None)
    more = max(gate.in_a_row - len(passed), 1)
    again = None if given is not None else track.as_of
    if again is not None:
        row = passed if more < gate.in_a_row else []
        newest = [last] if last is not None else []
        # Each result of a row is on a date of its own.
        again = max([again, *(plus_days(test.on, 1) for test in row)])
        again = max([again, *(shifted(test.on, wait, track.month_end) for test in newest)])
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
        waived = let_go(gate, failed_now, turn.id, track.history)
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
    if failed_now is None or let_go_before(gate, failed_now, track.history):
        return found
    upto = on_record[: failed[-1] + 1]  # one passed too soon after it ends no row
    before = [n for n, test in enumerate(upto) if test.passes(gate)]
    in_a_row = len(upto) - (before[-1] + 1 if before else 0)
    return joined(found, after_failed(gate, failed_now, in_a_row, turn, title, track.history))


def _expired(gate: Gate, rule: Gated, need: Need, title: str, track: Track) -> Iterator[Question]:
    """Yield when something has to be received again, as it expires before a visit can be."""
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
