"""A cap that keeps the person safe is never offered for relaxation."""

from __future__ import annotations

from datetime import date

import attrs
import pytest

from protocol_sched.formats.documents.documents import (
    protocol_to_dict,
    read_protocol,
    write_toml,
)
from protocol_sched.model.course import Course
from protocol_sched.model.relaxations import OneMoreVisit
from protocol_sched.model.rules import Cap
from protocol_sched.model.schedule import Proof
from protocol_sched.model.spans import CalendarSpan
from protocol_sched.planning.explain import explain_course
from protocol_sched.text.explanations import explanation_text
from protocols import course, every, phase, protocol
from test_weekdays_of_a_person import ANYONE, WARD

SUNDAY = date(2026, 1, 4)


def crowded(*, safety: bool) -> Course:
    """Return three visits until Friday, of which a cap allows two in a week."""
    cap = Cap(most=2, in_any=CalendarSpan(days=7), safety=safety, source="local")
    run = attrs.evolve(phase("run", every("1 to 2 days"), "3"), caps=[cap])
    return attrs.evolve(course(protocol(run), start="2026-01-05"), finish_by=date(2026, 1, 9))


@pytest.mark.parametrize("safety", [False, True])
def test_only_a_cap_that_is_no_safety_rule_may_give_way(safety: bool) -> None:
    found = explain_course(crowded(safety=safety), WARD, ANYONE, as_of=SUNDAY)
    assert found.plan.proof is Proof.IMPOSSIBLE
    offered = [change for one in found.relaxations for change in one.changes]
    assert any(isinstance(change, OneMoreVisit) for change in offered) is not safety
    text = " ".join(explanation_text(found).split())
    assert "at most 2 of infusion 1 to infusion 3 in any 7 days" in text


def test_files_keep_the_mark() -> None:
    plan = crowded(safety=True).protocol
    text = write_toml(protocol_to_dict(plan))
    assert "safety = true" in text
    assert read_protocol(text) == plan
