"""Gates whose test is a number: the value says whether it was passed, and no word against it."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol_sched import catalog, violations
from protocol_sched.errors import InvalidEvent, InvalidValue
from protocol_sched.expansion import expand
from protocol_sched.formats.documents import documents
from protocol_sched.judge.recording import record
from protocol_sched.judge.verdicts import judge_history, verdict
from protocol_sched.model.availability import Clinic, Hours, Person, Place
from protocol_sched.model.causes import Request
from protocol_sched.model.course import Answered, Course, Event, Exempted, Given, Happened
from protocol_sched.model.course import Tested as GateTested
from protocol_sched.model.gates import Gate, Outcome
from protocol_sched.model.numbers import EACH, Band, Ordinals
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Plan
from protocol_sched.model.spans import parse_span
from protocol_sched.planning.course import plan_course
from protocol_sched.planning.explain import explain_course
from protocol_sched.text.explanations import explanation_text
from protocol_sched.text.plans import plan_text
from protocol_sched.text.verdicts import history_text
from protocols import every, phase, protocol

OPEN = Clinic(
    name="Clinic", zone=ZoneInfo("UTC"), hours=Hours.of(dict.fromkeys(WEEKDAYS, "08:00-20:00"))
)
SOMEBODY = Person(key="somebody")


def march(day: int) -> date:
    return date(2027, 3, day)


def counts(if_not: Outcome = Outcome.HOLD, before: str = "each") -> Protocol:
    """Return two infusions a week apart, each after neutrophils of at least 1.5."""
    gate = Gate(
        name="neutrophils",
        before=Ordinals.parse(before),
        at_least=1.5,
        if_not=if_not,
        source="local",
    )
    return attrs.evolve(protocol(phase("v", every("7 days"), "2")), gates=(gate,))


def course(of: Protocol, *events: Event) -> Course:
    return Course(key="c", protocol=of, not_before=march(1), events=events)


def notified(
    day: int, value: float | None, passed: bool | None = None, gate: str = "neutrophils"
) -> GateTested:
    return GateTested(gate=gate, on=march(day), value=value, passed=passed)


def planned(run: Course, as_of: int) -> Plan:
    return plan_course(run, OPEN, SOMEBODY, as_of=march(as_of))


@pytest.mark.parametrize(("value", "held"), [(1.49, True), (1.5, False), (7, False)])
def test_the_value_says_whether_a_gate_is_passed(value: float, held: bool) -> None:
    run = record(course(counts()), [notified(1, value)], as_of=march(1))
    due = expand(run, march(1)).due("v-1")
    assert due.tentative is held
    assert due.needs[0].done is not held
    assert verdict(run, "v-1", march(1)).unmet == (("neutrophils",) if held else ())


def test_the_question_tells_the_number_and_what_would_have_passed() -> None:
    asked = expand(course(counts(), notified(1, 1.2)), march(1)).questions
    assert [question.asks for question in asked] == [
        "neutrophils of 2027-03-01 was 1.2, not at least 1.5; infusion 1 is on hold: "
        "when is neutrophils passed?"
    ]
    stopped = course(counts(Outcome.STOP), notified(1, 1.2))
    said = "neutrophils of 2027-03-01 was 1.2, not at least 1.5"
    assert expand(stopped, march(1)).ended == said


def test_a_plan_says_which_number_a_visit_waits_for() -> None:
    plan = planned(course(counts(Outcome.DELAY, "first"), notified(1, 1.2)), 1)
    text = " ".join(plan_text(plan).split())
    assert plan.schedule is not None
    assert plan.schedule.visits[0].day == march(2)
    says = "Infusion 1 needs a test first: neutrophils of at least 1.5, on Tue 2 March 2027."
    assert says in text


def test_both_languages_say_the_number_of_the_rule() -> None:
    run = course(counts(Outcome.DELAY, "first"), notified(1, 1.2))
    asked = [Request(visit="v-1", last=march(1))]
    found = explain_course(run, OPEN, SOMEBODY, as_of=march(1), asked=asked)
    english = " ".join(explanation_text(found, language="en").split())
    german = " ".join(explanation_text(found, language="de").split())
    assert "after neutrophils (at least 1.5) (not on record as passed" in english
    assert "nach neutrophils (mindestens 1,5) (noch nicht bestanden" in german


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (notified(1, 1.2, True), "it is told as passed, and 1.2 is not passed: at least 1.5"),
        (notified(1, 1.5, False), "it is told as not passed, and 1.5 is passed: at least 1.5"),
        (
            notified(1, 3, None, "talk"),
            "no number is known to pass 'talk'; say passed as well as the value",
        ),
    ],
)
def test_a_result_that_cannot_be_read_is_refused(event: GateTested, reason: str) -> None:
    of = counts()
    of = attrs.evolve(of, gates=(*of.gates, Gate(name="talk", source="local")))
    with pytest.raises(InvalidEvent, match=reason):
        record(course(of), [event], as_of=march(1))
    with pytest.raises(InvalidEvent, match=reason):
        planned(course(of, event), 1)


def test_a_number_and_a_word_that_agree_are_taken() -> None:
    run = record(course(counts()), [notified(1, 1.2, False)], as_of=march(2))
    assert expand(run, march(2)).due("v-1").tentative
    for passed in (True, None):
        again = record(run, [notified(2, None, passed)], as_of=march(2))
        assert not expand(again, march(2)).due("v-1").tentative


def test_a_visit_given_after_too_low_a_number_is_refused() -> None:
    run = record(course(counts()), [notified(1, 1.2)], as_of=march(1))
    infusion = Given(visit="v-1", on=march(1))
    with pytest.raises(InvalidEvent, match="has to be passed before it and was not"):
        record(run, [infusion], as_of=march(1))
    kept = record(run, [notified(2, 1.6), attrs.evolve(infusion, on=march(2))], as_of=march(2))
    assert judge_history(kept)[0].unmet == ()


def test_a_gate_without_a_number_that_could_pass_is_refused() -> None:
    with pytest.raises(InvalidValue, match="edges with a number between them"):
        Gate(name="x", at_least=2, under=2, source="local")
    with pytest.raises(InvalidValue, match="given without at_least"):
        Gate(name="x", over=1, at_least=2, source="local")


def test_a_file_with_a_number_reads_back_as_it_was() -> None:
    run = course(counts(), notified(1, 1.2), notified(2, 1.7, True))
    assert documents.course_from_dict(documents.course_to_dict(run), run.protocol) == run
    plan = planned(course(counts(Outcome.DELAY, "first"), notified(1, 1.2)), 1)
    assert documents.plan_from_dict(documents.plan_to_dict(plan)) == plan
    assert plan.schedule is not None
    assert plan.schedule.visits[0].waits_for[0].band == Band(at_least=1.5)


# --- results in a row ------------------------------------------------------------------------


def rows(
    in_a_row: int = 1, failed_in_a_row: int = 1, if_not: Outcome = Outcome.STOP, age: str = ""
) -> Protocol:
    """Return a test that passes up to 6 before each of two infusions, with rows."""
    gate = Gate(
        name="urate",
        before=EACH,
        up_to=6,
        in_a_row=in_a_row,
        failed_in_a_row=failed_in_a_row,
        if_not=if_not,
        max_age=parse_span(age) if age else None,
        source="local",
    )
    return attrs.evolve(protocol(phase("v", every("7 days"), "2")), gates=(gate,))


def urate(day: int, value: float) -> GateTested:
    return notified(day, value, None, "urate")


def test_the_last_two_results_must_pass_before_a_visit() -> None:
    of = rows(in_a_row=2, if_not=Outcome.DELAY)
    needs = [
        expand(course(of, *events), march(3)).due("v-1").needs[0]
        for events in (
            (),
            (urate(1, 5),),
            (urate(1, 5), urate(2, 5)),
            (urate(1, 5), urate(2, 7), urate(3, 5)),
        )
    ]
    assert [(need.done, need.more) for need in needs] == [
        (False, 2),
        (False, 1),
        (True, 1),
        (False, 1),
    ]
    days = [
        planned(course(of, *events), 3).agenda.due("v-1").earliest
        for events in ((urate(1, 5), urate(2, 7)), (urate(1, 5), urate(2, 7), urate(3, 5)))
    ]
    # One result a date: two more on the 3rd and 4th; one more on the 4th.
    assert [one.day for one in days if one is not None] == [march(4), march(4)]


def test_a_plan_says_how_many_results_are_still_needed() -> None:
    run = course(rows(in_a_row=2, age="3 days"))
    plan = planned(run, 1)
    text = " ".join(plan_text(plan).split())
    assert plan.schedule is not None
    assert [visit.day for visit in plan.schedule.visits] == [march(2), march(9)]
    assert "each need a test first: urate of up to 6, 2 times in a row" in text
    assert violations(plan.agenda, plan.schedule, OPEN, SOMEBODY, run.protocol) == ()


def test_a_verdict_counts_results_in_a_row_where_their_age_is_in_hours() -> None:
    run = course(rows(in_a_row=2, age="48 hours"), urate(1, 5))
    assert verdict(run, "v-1", march(1)).unmet == ("urate",)
    assert verdict(run.after([urate(2, 5)]), "v-1", march(2)).unmet == ()
    assert verdict(run.after([urate(2, 7), urate(3, 5)]), "v-1", march(3)).unmet == ("urate",)


def test_one_result_too_high_holds_and_asks_and_the_second_in_a_row_stops() -> None:
    of = rows(failed_in_a_row=2)
    one = expand(course(of, urate(1, 7)), march(2))
    assert one.due("v-1").tentative
    assert one.questions[0].asks == (
        "urate of 2027-03-01 was 7, not up to 6 (1 of 2 in a row); infusion 1 is on hold until "
        "a clinician decides whether to go on"
    )
    broken = expand(course(of, urate(1, 7), urate(2, 5), urate(3, 8)), march(3))
    assert broken.due("v-1").tentative
    both = expand(course(of, urate(1, 7), urate(2, 8)), march(2))
    assert both.ended == "urate of 2027-03-02 was 8, not up to 6 (2 of 2 in a row)"


def test_a_row_runs_on_over_a_visit_given_in_between() -> None:
    """Krystexxa, nursing page: above 6 mg/dL two times in a row, each before an infusion."""
    of = catalog.load("pegloticase")
    tests = [attrs.evolve(urate(day, value), gate="uric-acid") for day, value in ((1, 5), (15, 7))]
    first = Given(visit="treatment-1", on=march(1))
    run = Course(key="c", protocol=of, not_before=march(1), events=(tests[0], first, tests[1]))
    agenda = expand(run, march(15))
    assert agenda.due("treatment-2").tentative
    assert "uric-acid of 2027-03-15 was 7, not up to 6" in agenda.questions[0].asks
    again = record(run, [attrs.evolve(tests[1], on=march(17), value=6.1)], as_of=march(17))
    assert expand(again, march(17)).ended == (
        "uric-acid of 2027-03-17 was 6.1, not up to 6 (2 of 2 in a row)"
    )
    better = record(run, [attrs.evolve(tests[1], on=march(17), value=6)], as_of=march(17))
    assert not expand(better, march(17)).due("treatment-2").tentative


@given(
    values=st.lists(st.sampled_from([5.0, 6.0, 7.0]), max_size=6),
    passing=st.integers(1, 3),
    failing=st.integers(1, 3),
)
def test_rows_are_counted_as_a_clinician_counts_them(
    values: list[float], passing: int, failing: int
) -> None:
    tests = [urate(n + 1, value) for n, value in enumerate(values)]
    agenda = expand(course(rows(passing, failing), *tests), march(10))
    marks = "".join("+" if value <= 6 else "-" for value in values)
    if marks.endswith("-" * failing):
        assert agenda.ended
        assert agenda.dues == ()
    else:
        due = agenda.due("v-1")
        assert due.tentative is marks.endswith("-")
        assert due.needs[0].done is marks.endswith("+" * passing)


# --- somebody decides whether to go on --------------------------------------------------------


def asking(before: str = "first") -> Protocol:
    """Return two infusions behind a finding that the treating neurologist decides about."""
    gate = Gate(
        name="mri",
        before=Ordinals.parse(before),
        if_not=Outcome.ASK,
        asks="the treating neurologist",
        max_age=parse_span("30 days"),
        source="local",
    )
    return attrs.evolve(protocol(phase("v", every("7 days"), "2")), gates=(gate,))


BAD = GateTested(gate="mri", on=march(1), passed=False)
ASKED = "ask-mri-2027-03-01-v-1"


def answer(text: str, question: str = ASKED) -> Answered:
    return Answered(question=question, answer=text, on=march(2))


def test_a_failed_test_asks_a_named_person_and_holds_the_visit_until_they_answer() -> None:
    run = course(asking(), BAD)
    agenda = expand(run, march(2))
    assert [due.tentative for due in agenda.dues] == [True, True]
    (question,) = agenda.questions
    assert (question.id, question.choices) == (ASKED, ("go on", "stop"))
    assert question.asks == (
        "mri of 2027-03-01 was not passed; infusion 1 is on hold until the treating neurologist "
        "decides whether to go on"
    )
    with pytest.raises(InvalidEvent, match="not one of its choices: go on, stop"):
        record(run, [answer("maybe")], as_of=march(2))
    with pytest.raises(InvalidEvent, match="has to be passed before it and was not"):
        record(run, [Given(visit="v-1", on=march(2))], as_of=march(2))


def test_go_on_plans_the_visit_and_names_who_said_so() -> None:
    run = record(course(asking(), BAD), [answer("go on")], as_of=march(2))
    plan = planned(run, 2)
    assert plan.schedule is not None
    assert [visit.day for visit in plan.schedule.visits] == [march(2), march(9)]
    assert plan.schedule.visits[0].waits_for == ()
    assert violations(plan.agenda, plan.schedule, OPEN, SOMEBODY, run.protocol) == ()
    assert plan_text(plan).startswith(
        "Rule waived by the treating neurologist on Tue 2 March (go on): infusion 1 must"
    )
    done = record(run, [Given(visit="v-1", on=march(2))], as_of=march(2))
    (found,) = judge_history(done)
    assert (found.unmet, found.broken) == ((), False)
    assert found.waived == ("gate of mri, by the treating neurologist on 2027-03-02 (go on)",)
    assert "Waived for infusion 1: gate of mri, by the treating" in history_text([found])
    assert expand(done, march(3)).untested == ()


def test_stop_ends_the_course() -> None:
    run = record(course(asking(), BAD), [answer("stop")], as_of=march(2))
    assert expand(run, march(2)).ended == (
        "mri of 2027-03-01 was not passed, and the treating neurologist said stop"
    )


def test_an_answer_is_for_one_visit_and_those_behind_wait_for_another_test() -> None:
    run = record(course(asking("each"), BAD), [answer("go on")], as_of=march(2))
    first, second = expand(run, march(2)).dues
    assert (first.tentative, second.tentative) == (False, False)
    assert first.needs == ()
    assert [need.done for need in second.needs] == [False]
    again = attrs.evolve(BAD, on=march(9))
    later = record(run, [Given(visit="v-1", on=march(2)), again], as_of=march(9))
    assert [question.id for question in expand(later, march(9)).questions] == [
        "ask-mri-2027-03-09-v-2"
    ]


def test_a_clinician_can_waive_a_gate_of_one_visit_by_its_kind_or_its_name() -> None:
    for rule in ("gate", "mri"):
        event = Exempted(visit="v-1", rule=rule, by="Dr Okoye", why="urgent", on=march(1))
        run = record(course(asking("each"), BAD), [event], as_of=march(1))
        plan = planned(run, 1)
        assert plan.schedule is None or plan.schedule.visits[0].day == march(1)
        assert plan_text(plan).startswith("Rule waived by Dr Okoye on Mon 1 March (urgent)")
        done = record(run, [Given(visit="v-1", on=march(1))], as_of=march(1))
        assert judge_history(done)[0].waived == ("gate of mri, by Dr Okoye on 2027-03-01 (urgent)",)
    other = Exempted(visit="v-1", rule="blood", by="Dr Okoye", why="urgent", on=march(1))
    with pytest.raises(InvalidEvent, match="has no rule of the kind 'blood'; it has: gate, mri"):
        record(course(asking(), BAD), [other], as_of=march(1))


def test_a_person_to_ask_is_refused_where_nobody_is_asked() -> None:
    with pytest.raises(InvalidValue, match="left out where nobody is asked"):
        Gate(name="x", asks="the neurologist", source="local")


# --- what a source accepts instead -----------------------------------------------------------


COVER = Happened(event="antibiotic cover", on=march(3))


def test_antibiotic_cover_replaces_the_two_weeks_after_the_vaccine() -> None:
    """Eculizumab and ravulizumab in Europe: vaccinated two weeks before, unless so covered."""
    of = catalog.load("ravulizumab")
    vaccine = GateTested(gate="meningococcal-vaccine", on=march(2))
    run = Course(key="c", protocol=of, not_before=march(1), events=(vaccine,))
    kinds = {kind for one in of.visit_types for stage in one.stages for kind, _ in stage.needs}
    clinic = attrs.evolve(OPEN, places=[Place(name=f"{kind} 1", kind=kind) for kind in kinds])
    plan = plan_course(run, clinic, SOMEBODY, as_of=march(3), until=march(31))
    assert plan.schedule is not None
    assert plan.schedule.visits[0].day == march(16)
    covered = record(run, [COVER], as_of=march(3))
    plan = plan_course(covered, clinic, SOMEBODY, as_of=march(3), until=march(31))
    assert plan.schedule is not None
    first = plan.schedule.visits[0]
    assert (first.day, first.waits_for) == (march(3), ())
    assert violations(plan.agenda, plan.schedule, clinic, SOMEBODY, of) == ()
    text = " ".join(plan_text(plan).split())
    assert (
        "Infusion 1 needs no meningococcal-vaccine: the source accepts antibiotic cover instead, "
        "from Wed 3 March 2027 on (ravu, cover_eu)." in text
    )


def exempt() -> Protocol:
    gate = Gate(
        name="vaccine",
        min_age=parse_span("2 weeks"),
        unless="antibiotic cover",
        if_not=Outcome.DELAY,
        source="local",
    )
    return attrs.evolve(protocol(phase("v", every("7 days"), "2")), gates=(gate,))


def test_without_the_vaccine_the_cover_counts_from_its_date_on() -> None:
    run = course(exempt(), COVER)
    agenda = expand(run, march(1))
    due = agenda.due("v-1")
    assert due.earliest is not None
    assert (due.earliest.day, due.earliest.rule) == (
        march(3),
        "with antibiotic cover of 2027-03-03 instead of vaccine",
    )
    plan = planned(run, 1)
    assert plan.schedule is not None
    assert plan.schedule.visits[0].day == march(3)
    assert verdict(run, "v-1", march(2)).unmet == ("vaccine",)
    found = verdict(run, "v-1", march(3))
    assert (found.judged.value, found.unmet) == ("in window", ())
    assert found.waived == ("gate of vaccine, with antibiotic cover on 2027-03-03 instead (local)",)


def test_the_judge_does_not_take_the_cover_before_its_date() -> None:
    run = course(exempt(), COVER)
    plan = planned(run, 1)
    assert plan.schedule is not None
    unbound = attrs.evolve(run, protocol=attrs.evolve(run.protocol, gates=()))
    early = planned(unbound, 1).schedule
    assert early is not None
    assert early.visits[0].day == march(1)
    moved = attrs.evolve(early, slacks=())
    found = violations(plan.agenda, moved, OPEN, SOMEBODY, run.protocol)
    assert "gate" in {one.rule for one in found}
