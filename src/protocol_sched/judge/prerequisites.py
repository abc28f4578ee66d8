"""Tests that visits wait for, judged: no visit is shown as settled without them."""

from __future__ import annotations

from collections.abc import Iterator

from protocol_sched.judge.clock import day_text
from protocol_sched.judge.rules import is_met
from protocol_sched.judge.violation import Case, Placed, Violation


def unsettled(case: Case, one: Placed) -> Iterator[Violation]:
    """Yield where a schedule does not say that a visit waits for a test, or says so wrongly."""
    said = {need.gate for need in one.visit.waits_for}
    for rule in case.waiting.get(one.due.id, ()):
        done = is_met(case, rule, one)
        if done == (rule.gate in said):
            text = f"{one.title} on {day_text(one.day)} {'waits' if done else 'does not wait'} "
            yield Violation(
                rule="waiting",
                visits=(one.due.id,),
                found=f"{text}for {rule.gate}",
                wanted=f"{'nothing' if done else 'it'} to wait for, as {rule.gate} is "
                f"{'' if done else 'not '}on record as passed in time",
                source=rule.source,
            )
