"""A row of a late table that leaves what follows to a clinician, who is asked (law 7)."""

from __future__ import annotations

import pytest

from protocol_sched.errors import InvalidValue
from protocol_sched.formats.documents.documents import protocol_to_dict, read_protocol, write_toml
from protocol_sched.judge.checker import violations
from protocol_sched.judge.verdicts import verdict
from protocol_sched.model.agenda import Agenda
from protocol_sched.model.course import Answered, Event
from protocol_sched.model.rules import Clock, Give, Then, Tier
from protocol_sched.model.spans import calendar_span
from protocol_sched.model.verdict import Judged
from protocol_sched.planning.course import plan_course
from protocol_sched.text.protocol_rules import rule_text
from protocols import course, day, every, given, late, phase, protocol, seen, window
from test_weekdays_of_a_person import ANYONE, WARD

INJECTIONS = protocol(
    phase(
        "injections",
        every("1 month"),
        "4",
        tolerances=[window("7 days", "7 days")],
        late=[
            late(
                Clock.DUE_DATE,
                Tier(up_to=calendar_span("7 days")),
                Tier(over=calendar_span("7 days"), ask="whether injections are still right"),
            )
        ],
    )
)
"""Cabotegravir with rilpivirine: more than seven days late, the person is clinically reassessed "to
determine if resumption of injection dosing remains appropriate" (the label, from memory)."""


def on(as_of: str, *events: Event) -> Agenda:
    first = given(injections_1="2027-01-10", injections_2="2027-02-10")
    return seen(course(INJECTIONS, *first, *events), as_of)


def targets(agenda: Agenda) -> dict[str, str]:
    return {due.id: f"{due.target.day:%m-%d}" for due in agenda.dues if due.target}


def test_up_to_a_week_late_nobody_is_asked() -> None:
    agenda = on("2027-03-17")
    assert agenda.questions == ()
    assert not any(due.open for due in agenda.dues)


def test_a_plan_holds_a_place_for_the_late_visit_and_is_not_called_best() -> None:
    first = given(injections_1="2027-01-10", injections_2="2027-02-10")
    plan = plan_course(course(INJECTIONS, *first), WARD, ANYONE, as_of=day("2027-03-20"))
    assert plan.schedule is not None
    assert all(visit.tentative for visit in plan.schedule.visits)
    assert violations(plan.agenda, plan.schedule, WARD, ANYONE, INJECTIONS) == ()


def test_later_a_clinician_is_asked_and_what_follows_waits() -> None:
    agenda = on("2027-03-20")
    [question] = agenda.questions
    assert question.id == "late-injections-3"
    assert question.asks == (
        "infusion 3 was due by 2027-03-10; on 2027-03-20 a clinician decides whether injections "
        "are still right"
    )
    assert [(due.id, due.open) for due in agenda.dues] == [
        ("injections-3", "late-injections-3"),
        ("injections-4", "late-injections-3"),
    ]


@pytest.mark.parametrize(
    ("answer", "dates"),
    [
        ("give now, then from this visit", {"injections-3": "03-20", "injections-4": "04-20"}),
        (
            "give now, then on the original dates",
            {"injections-3": "03-20", "injections-4": "04-10"},
        ),
        ("skip it, then as before", {"injections-4": "04-10"}),
    ],
)
def test_the_answer_is_followed(answer: str, dates: dict[str, str]) -> None:
    assert answer in on("2027-03-20").questions[0].choices
    answered = Answered(question="late-injections-3", answer=answer, on=day("2027-03-20"))
    agenda = on("2027-03-20", answered)
    assert agenda.questions == ()
    assert targets(agenda) == dates


def test_a_verdict_names_what_is_to_be_decided() -> None:
    first = given(injections_1="2027-01-10", injections_2="2027-02-10")
    found = verdict(course(INJECTIONS, *first), "injections-3", day("2027-03-25"))
    assert found.judged is Judged.LATE
    assert "a clinician decides whether injections are still right" in found.follows


def test_the_row_is_said_in_words_and_kept_in_files() -> None:
    [table] = INJECTIONS.phases[0].late
    assert rule_text(table).endswith(
        "more than 7 days after its date: a clinician decides whether injections are still right; "
        "otherwise ask a clinician"
    )
    assert read_protocol(write_toml(protocol_to_dict(INJECTIONS))) == INJECTIONS


def test_a_row_says_what_follows_or_asks_and_never_both() -> None:
    with pytest.raises(InvalidValue, match="left out where a clinician decides"):
        Tier(over=calendar_span("7 days"), ask="whether to go on", then=Then.FROM_THIS_VISIT)
    with pytest.raises(InvalidValue, match="'skip'"):
        Tier(over=calendar_span("7 days"), ask="whether to go on", give=Give.SKIP)
