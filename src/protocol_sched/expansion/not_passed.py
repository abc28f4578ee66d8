"""What follows from a gate that was not passed: a stop, a wait, or a question."""

from __future__ import annotations

from typing import assert_never

from protocol_sched.expansion.guarding import Guarding
from protocol_sched.expansion.history import History
from protocol_sched.expansion.track import Turn
from protocol_sched.model.agenda import Question
from protocol_sched.model.course import Tested
from protocol_sched.model.gates import Gate, Outcome
from protocol_sched.model.sentences import told
from protocol_sched.model.standing import Waived

GO_ON, STOP = "go on", "stop"


def _asked(gate: Gate, test: Tested, visit: str) -> str:
    """Return the identity of the question whether a visit goes on after a test not passed."""
    return f"ask-{gate.name}-{test.on}-{visit}"


def let_go(gate: Gate, test: Tested, visit: str, history: History) -> Waived | None:
    """Return the answer that a visit goes on though a test was not passed; ``None`` for none."""
    answer = history.answered.get(_asked(gate, test, visit))
    if answer is None or answer.answer.strip() != GO_ON:
        return None
    return Waived(waived_on=answer.on, by=gate.asks or "a clinician", why=answer.answer.strip())


def let_go_before(gate: Gate, test: Tested, history: History) -> bool:
    """Tell whether a visit went on after this test: those behind it wait for another one."""
    asked = _asked(gate, test, "")
    return any(
        question.startswith(asked) and answer.answer.strip() == GO_ON
        for question, answer in history.answered.items()
    )


def after_failed(
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
