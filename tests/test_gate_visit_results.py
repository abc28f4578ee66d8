"""
Gates by a visit whose result has to pass: an echocardiogram, with a number, that can come to less.

The worked case is the surveillance of the heart under trastuzumab in
https://pmc.ncbi.nlm.nih.gov/articles/PMC2931004/table/T5 (after Keefe): below 30 % the drug is
stopped, and resumed when the ejection fraction is normal again. Which weekdays and hours the clinic
has is made up.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from protocol_sched import violations
from protocol_sched.errors import InvalidEvent, InvalidValue
from protocol_sched.expansion import expand
from protocol_sched.formats.documents import documents
from protocol_sched.judge.recording import record
from protocol_sched.judge.verdicts import judge_history, verdict
from protocol_sched.model.agenda import Agenda
from protocol_sched.model.availability import Clinic, Hours, Person
from protocol_sched.model.course import Answered, Course, Event, Exempted, Given
from protocol_sched.model.course import Tested as GateTested
from protocol_sched.model.gates import Gate, Outcome
from protocol_sched.model.numbers import Ordinals
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Plan
from protocol_sched.model.spans import CalendarSpan, parse_span
from protocol_sched.model.verdict import Judged
from protocol_sched.planning.course import plan_course
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.plans import plan_text
from protocol_sched.text.protocol_rules import rule_text
from protocols import TREATMENT, every, phase, protocol

OPEN = Clinic(
    name="Clinic", zone=ZoneInfo("UTC"), hours=Hours.of(dict.fromkeys(WEEKDAYS, "08:00-20:00"))
)
SOMEBODY = Person(key="somebody")


TESTED = Gate(name="counts", if_not=Outcome.DELAY, source="local")


def march(day: int) -> date:
    return date(2027, 3, day)


def heart(if_not: Outcome = Outcome.DELAY, **more: Any) -> Protocol:
    """Return two infusions three weeks apart, the first after an ejection fraction of 30 %."""
    keys: dict[str, Any] = {"before": Ordinals.parse("first"), "at_least": 30} | more
    gate = Gate(name="echo", visit="echo", if_not=if_not, source="local", **keys)
    course = protocol(phase("v", every("21 days"), "2"))
    kinds = (*course.visit_types, attrs.evolve(TREATMENT, name="echo"))
    return attrs.evolve(course, visit_types=kinds, gates=(gate,))


def course(of: Protocol, *events: Event) -> Course:
    return Course(key="c", protocol=of, not_before=march(1), events=events)


def echo(day: int, visit: str = "echo") -> Given:
    return Given(visit=visit, on=march(day))


def came_to(day: int, value: float | None = None, passed: bool | None = None) -> GateTested:
    return GateTested(gate="echo", on=march(day), value=value, passed=passed)


def ahead(of: Protocol, as_of: int, *events: Event) -> Agenda:
    return expand(record(course(of), events, as_of=march(as_of)), march(as_of))


def planned(of: Protocol, as_of: int, *events: Event) -> Plan:
    return plan_course(course(of, *events), OPEN, SOMEBODY, as_of=march(as_of))


def days(of: Protocol, as_of: int, *events: Event) -> dict[str, date]:
    plan = planned(of, as_of, *events)
    assert plan.schedule is not None
    assert violations(plan.agenda, plan.schedule, OPEN, SOMEBODY, of) == ()
    return {visit.id: visit.day for visit in plan.schedule.visits}


@pytest.mark.parametrize(("value", "again"), [(29.9, True), (30, False), (55, False)])
def test_the_value_says_whether_the_visit_counts(value: float, again: bool) -> None:
    dates = days(heart(), 1, echo(1), came_to(1, value))
    if again:
        assert (dates["echo-2"], dates["v-1"]) == (march(2), march(3))
    else:
        assert "echo-2" not in dates
        assert dates["v-1"] == march(2)


def test_a_visit_once_more_is_on_a_later_date() -> None:
    run = course(heart(), echo(1), came_to(1, 20))
    assert verdict(run, "echo-2", march(1)).judged is Judged.TOO_EARLY
    assert verdict(run, "echo-2", march(2)).judged is Judged.IN_WINDOW


def test_a_visit_that_was_not_passed_is_repeated_no_sooner_than_its_source_says() -> None:
    # Withhold trastuzumab for at least 4 weeks, with the ejection fraction measured every 4 weeks:
    # US text, copies at https://formweb.com/master/showpage.php?dir=blackbox&whichpage=164 and
    # http://www.120ty.net/bencandy.php?aid=4414&fid=134&page=5.
    of = heart(repeat_after=parse_span("4 weeks"))
    assert days(of, 1, echo(1), came_to(1, 20))["echo-2"] == march(29)
    assert days(of, 1, echo(1), came_to(1, 20))["v-1"] == march(30)
    run = course(of, echo(1), came_to(1, 20))
    assert verdict(run, "echo-2", march(28)).judged is Judged.TOO_EARLY
    assert verdict(run, "echo-2", march(29)).judged is Judged.IN_WINDOW
    plan = plan_course(run, OPEN, SOMEBODY, as_of=march(2))
    assert plan.schedule is not None
    assert plan.schedule.visit("echo-2").day == march(29)
    passed = course(of, echo(1), came_to(1, 50))
    assert [one.id for one in expand(passed, march(2)).dues] == ["v-1", "v-2"]


def test_a_test_repeated_sooner_than_that_does_not_count() -> None:
    of = attrs.evolve(heart(), gates=[attrs.evolve(TESTED, repeat_after=CalendarSpan(days=7))])
    failed = GateTested(gate="counts", on=march(1), passed=False)
    assert days(of, 1, failed)["v-1"] == march(8)
    soon = GateTested(gate="counts", on=march(5), passed=True)
    assert days(of, 5, failed, soon)["v-1"] == march(8)
    late = GateTested(gate="counts", on=march(8), passed=True)
    assert days(of, 8, failed, late)["v-1"] == march(8)


def test_the_wait_is_said_and_written() -> None:
    gate = heart(repeat_after=parse_span("4 weeks")).gates[0]
    said = rule_text(gate)
    assert str(said).endswith("; it is repeated 4 weeks after that at the earliest")
    for code in ("de", "fr"):
        assert LANGUAGES[code].said(said)
    of = heart(repeat_after=parse_span("4 weeks"))
    assert documents.protocol_from_dict(documents.protocol_to_dict(of)) == of


@pytest.mark.parametrize("wait", ["0 days", "24 hours"])
def test_a_wait_is_counted_in_days_and_not_none(wait: str) -> None:
    with pytest.raises((InvalidValue, TypeError), match="repeat_after"):
        heart(repeat_after=parse_span(wait))


def test_a_result_that_comes_days_later_belongs_to_the_visit_before_it() -> None:
    due = ahead(heart(), 5, echo(1), came_to(4, 20)).due("v-1")
    assert due.earliest is not None
    assert due.earliest.day == march(6)
    again = ahead(heart(), 9, echo(1), came_to(4, 20), echo(6, "echo-2"), came_to(9, 51))
    assert [one.id for one in again.dues] == ["v-1", "v-2"]


def test_a_result_nobody_told_is_asked_for_and_never_taken_as_passed() -> None:
    found = ahead(heart(), 1, echo(1))
    assert [(one.id, one.asks) for one in found.questions] == [
        (
            "result-echo",
            "echo of 2027-03-01 has no result on record; infusion 1 needs at least 30: "
            "what was it?",
        )
    ]
    assert not found.due("v-1").tentative
    run = record(course(heart()), [echo(1), Given(visit="v-1", on=march(2))], as_of=march(2))
    assert {one.visit: one.unmet for one in judge_history(run)}["v-1"] == ("echo",)
    assert [one.gate for one in expand(run, march(2)).untested] == ["echo"]
    told = record(run, [came_to(2, 50)], as_of=march(2))
    assert {one.visit: one.unmet for one in judge_history(told)}["v-1"] == ()


def test_no_number_asked_for_leaves_it_to_a_word() -> None:
    of = heart(at_least=None)
    assert days(of, 1, echo(1))["v-1"] == march(2)
    assert days(of, 1, echo(1), came_to(1, passed=False))["v-1"] == march(3)


def test_what_follows_is_held_stopped_or_asked() -> None:
    held = ahead(heart(Outcome.HOLD), 1, echo(1), came_to(1, 20))
    assert held.due("v-1").tentative
    asks = "echo of 2027-03-01 was 20, not at least 30; infusion 1 is on hold: when is echo passed?"
    assert [one.asks for one in held.questions] == [asks]
    later = ahead(
        heart(Outcome.HOLD), 4, echo(1), came_to(1, 20), echo(3, "echo-2"), came_to(3, 50)
    )
    assert not later.due("v-1").tentative
    stopped = ahead(heart(Outcome.STOP), 1, echo(1), came_to(1, 20))
    assert stopped.ended == "echo of 2027-03-01 was 20, not at least 30"
    of = heart(Outcome.ASK, asks="the cardiologist")
    asked = ahead(of, 1, echo(1), came_to(1, 20)).questions[0]
    assert asked.asks.endswith(
        "infusion 1 is on hold until the cardiologist decides whether to go on"
    )
    said = Answered(question=asked.id, answer="go on", on=march(1))
    freed = ahead(of, 1, echo(1), came_to(1, 20), said)
    assert [one.id for one in freed.dues] == ["v-1", "v-2"]
    assert not freed.due("v-1").tentative


def test_only_so_many_in_a_row_stop_the_course() -> None:
    of = heart(Outcome.STOP, failed_in_a_row=2)
    once = ahead(of, 1, echo(1), came_to(1, 20))
    assert not once.ended
    assert once.due("v-1").tentative
    twice = ahead(of, 3, echo(1), came_to(1, 20), echo(3, "echo-2"), came_to(3, 25))
    assert twice.ended == "echo of 2027-03-03 was 25, not at least 30 (2 of 2 in a row)"


def test_two_in_a_row_are_two_visits_on_two_dates() -> None:
    of = heart(in_a_row=2, max_age=parse_span("28 days"))
    first = days(of, 1)
    assert first["echo"] == march(1)
    assert first["v-1"] == march(3)
    second = days(of, 1, echo(1), came_to(1, 50))
    assert (second["echo-2"], second["v-1"]) == (march(2), march(3))
    done = (echo(1), came_to(1, 50), echo(2, "echo-2"), came_to(2, 40))
    assert days(of, 2, *done)["v-1"] == march(3)
    broken = (echo(1), came_to(1, 50), echo(2, "echo-2"), came_to(2, 20))
    assert days(of, 2, *broken) == {
        "echo-3": march(3), "v-1": march(5), "v-2": march(26)
    }  # fmt: skip


def test_two_in_a_row_may_aim_at_an_hour_where_no_least_age_is_published() -> None:
    of = heart(in_a_row=2, max_age=parse_span("48 hours"), target=parse_span("36 hours"))
    assert days(of, 1)["v-1"] == march(4)
    assert days(of, 1, echo(1), came_to(1, 50))["v-1"] == march(4)


def test_a_treatment_after_too_low_a_number_is_refused_unless_a_clinician_says_so() -> None:
    run = record(course(heart(Outcome.HOLD)), [echo(1), came_to(1, 20)], as_of=march(1))
    infusion = Given(visit="v-1", on=march(2))
    with pytest.raises(InvalidEvent, match="has to be passed before it and was not"):
        record(run, [infusion], as_of=march(2))
    freed = Exempted(visit="v-1", rule="gate", by="Dr. Osei", why="urgent", on=march(2))
    kept = record(run, [freed, infusion], as_of=march(2))
    assert {one.visit: one.unmet for one in judge_history(kept)}["v-1"] == ()


def test_a_result_before_any_visit_is_refused() -> None:
    with pytest.raises(InvalidEvent, match="'echo' is a visit, and none is on record as given by"):
        record(course(heart()), [came_to(1, 50)], as_of=march(1))


def test_the_words_and_the_file_keep_it() -> None:
    of = heart(in_a_row=2)
    assert documents.protocol_from_dict(documents.protocol_to_dict(of)) == of
    assert "echo: the visit 'echo', at least 30, passed 2 times in a row before" in rule_text(
        of.gates[0]
    )
    plan = " ".join(plan_text(planned(heart(), 1, echo(1))).split())
    assert "echo of 2027-03-01 has no result on record" in plan


def test_what_replaces_a_test_is_none_of_a_visit() -> None:
    with pytest.raises(InvalidValue, match="left out where the gate is a visit"):
        Gate(name="x", visit="y", unless="antibiotic cover", source="local")
