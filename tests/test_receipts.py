"""Something that is received and expires: stock ordered for a person, a form."""

from __future__ import annotations

from datetime import date, timedelta

import attrs
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from protocol_sched.errors import InvalidValue
from protocol_sched.expansion import expand
from protocol_sched.formats.documents.documents import (
    protocol_to_dict,
    read_protocol,
    write_toml,
)
from protocol_sched.judge.checker import violations
from protocol_sched.judge.verdicts import verdict
from protocol_sched.model.course import Course, Event, Given
from protocol_sched.model.course import Tested as Received
from protocol_sched.model.gates import Gate
from protocol_sched.model.numbers import EACH
from protocol_sched.model.spans import parse_span
from protocol_sched.planning.course import plan_course
from protocol_sched.planning.explain import explain_course
from protocol_sched.text.explanations import explanation_text
from protocol_sched.text.plans import plan_text
from protocols import course, every, phase, protocol
from test_weekdays_of_a_person import ANYONE, WARD

MONDAY = date(2026, 1, 5)
STOCK = Gate(
    name="the drug",
    receipt=True,
    before=EACH,
    max_age=parse_span("42 days"),
    source="local",
)


def doses(*events: Event, gate: Gate = STOCK) -> Course:
    plan = attrs.evolve(protocol(phase("dose", every("28 days"), "2")), gates=(gate,))
    return course(plan, *events, start=str(MONDAY))


def received(on: date) -> Received:
    return Received(gate="the drug", on=on)


def after(days: int) -> date:
    return MONDAY + timedelta(days=days)


ONCE = doses(received(MONDAY), Given(visit="dose-1", on=MONDAY))


def test_one_receipt_serves_the_visits_until_it_expires() -> None:
    due = expand(ONCE, MONDAY).due("dose-2")
    assert due.needs[0].done
    assert expand(ONCE, MONDAY).questions == ()


def test_a_visit_after_it_expired_waits_until_it_is_received_anew() -> None:
    late = expand(ONCE, after(50))
    due = late.due("dose-2")
    assert not due.needs[0].done
    assert [one.asks for one in late.questions] == [
        "the drug received on 2026-01-05 expires on 2026-02-16, before infusion 2 can be: "
        "on which day from 2026-02-24 to 2026-02-24 is it received again?"
    ]
    again = expand(ONCE.after([received(after(50))]), after(50))
    assert again.due("dose-2").needs[0].done
    assert again.questions == ()


def test_a_plan_says_between_which_days_it_has_to_be_received() -> None:
    run = doses()
    plan = plan_course(run, WARD, ANYONE, as_of=after(-7))
    said = " ".join(plan_text(plan, protocol=run.protocol).split())
    assert "this to be received first: the drug" in said
    assert "needs a test first" not in said
    assert plan.schedule is not None
    assert violations(plan.agenda, plan.schedule, WARD, ANYONE, run.protocol) == ()


@pytest.mark.parametrize(("days", "unmet"), [(42, ()), (43, ("the drug",))])
def test_the_last_day_of_use_is_the_day_it_expires(days: int, unmet: tuple[str, ...]) -> None:
    assert verdict(ONCE, "dose-2", after(days)).unmet == unmet


def test_both_languages_say_that_something_is_received() -> None:
    run = attrs.evolve(
        doses(gate=attrs.evolve(STOCK, min_age=parse_span("14 days"))), finish_by=after(10)
    )
    found = explain_course(run, WARD, ANYONE, as_of=MONDAY)
    english = " ".join(explanation_text(found).split())
    assert "after the drug is received (not on record as received; Mon 5 January or" in english
    german = " ".join(explanation_text(found, language="de").split())
    assert "the drug (Eingang) (noch nicht eingegangen; frühestens am Mo 5. Januar)" in german


def test_what_is_received_is_no_number_and_no_visit() -> None:
    for wrong in ({"at_least": 1.0}, {"in_a_row": 2}, {"visit": "infusion"}):
        with pytest.raises(InvalidValue, match="left out where something is received"):
            attrs.evolve(STOCK, **wrong)


def test_files_keep_a_receipt() -> None:
    text = write_toml(protocol_to_dict(doses().protocol))
    assert "receipt = true" in text
    assert read_protocol(text) == doses().protocol


@drawn(st.integers(0, 60), st.integers(1, 60))
def test_a_visit_is_never_planned_on_stock_that_expired(came: int, lasts: int) -> None:
    gate = attrs.evolve(STOCK, max_age=parse_span(f"{lasts} days"))
    run = doses(received(MONDAY), Given(visit="dose-1", on=MONDAY), gate=gate)
    run = run.after([received(after(came))])
    plan = plan_course(run, WARD, ANYONE, as_of=after(came))
    assert plan.schedule is not None
    day = plan.schedule.visits[0].day
    usable = any((day - on).days <= lasts for on in (MONDAY, after(came)) if on <= day)
    said = "until this is received" in " ".join(plan_text(plan).split())
    assert said is not usable
