"""What is still due: the founding course whole, each kind of rule once, and laws for all."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import attrs
import pytest
from hypothesis import HealthCheck, assume, settings
from hypothesis import given as for_all
from hypothesis import strategies as st

from protocol_sched.expansion import expand
from protocol_sched.judge.verdicts import judge_history
from protocol_sched.model.agenda import Agenda, NotAfter, Spacing
from protocol_sched.model.cadences import Consecutive, OnDemand, PerWeek, Week, Within
from protocol_sched.model.course import (
    Answered,
    Course,
    Discontinued,
    Given,
    Happened,
    Omitted,
    Requested,
    Reviewed,
)
from protocol_sched.model.course import Tested as GateTested
from protocol_sched.model.gates import Gate, Outcome
from protocol_sched.model.numbers import Count, Ordinals
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.references import parse_reference
from protocol_sched.model.responses import Adaptation, Extend, GoTo, NewCadence, Stop
from protocol_sched.model.rules import Cap, Clock, Give, Tier
from protocol_sched.model.spans import calendar_span, parse_range
from protocols import (
    apart,
    at,
    course,
    dates,
    day,
    every,
    given,
    late,
    phase,
    protocol,
    questions,
    seen,
    starts,
    target,
    window,
)
from strategies import courses, lived_courses

FOUNDING = protocol(
    phase(
        "induction",
        every("2 to 3 days"),
        "6",
        separations=[apart(least="2 days", most="5 days")],
        caps=[Cap(most=3, in_any=calendar_span("7 days"), source="local")],
    ),
    phase(
        "boosters",
        OnDemand(on_demand="the benefit fades"),
        "open",
        separations=[apart(least="14 days")],
    ),
    gates=[
        Gate(
            name="evaluation",
            visit="evaluation",
            phase="induction",
            max_age=calendar_span("30 days"),
            min_age=calendar_span("1 day"),
            source="local",
        )
    ],
    other_visits=[
        OtherVisit(
            name="response-review",
            visit="response review",
            cadence=at("14 days"),
            anchor=parse_reference("end of induction"),
            tolerance=window("4 days", "7 days"),
            source="local",
        )
    ],
)


def table(agenda: Agenda) -> str:
    """Return an agenda as lines: identity, title, and each date with the rule that set it."""
    lines = []
    for due in agenda.dues:
        lines.append(f"{due.id}: {due.title}")
        for which in ("earliest", "target", "forecast", "latest"):
            dated = getattr(due, which)
            if dated is not None:
                lines.append(f"  {which} {dated.day} {dated.rule}")
    return "\n".join(lines)


def test_the_founding_course_is_laid_out_with_the_rule_behind_each_date() -> None:
    run = course(FOUNDING, start="2026-03-02")
    assert (
        table(seen(run, "2026-02-27"))
        == """\
evaluation: evaluation
  earliest 2026-03-02 not before 2026-03-02, the start of the course
  forecast 2026-03-02 at least 1 day before infusion 1
induction-1: infusion 1
  earliest 2026-03-03 at least 1 day after evaluation
  forecast 2026-03-03 at least 1 day after evaluation
induction-2: infusion 2
  earliest 2026-03-05 at least 2 days after infusion 1
  target 2026-03-05 2 to 3 days after infusion 1
  latest 2026-03-08 at most 5 days after infusion 1
induction-3: infusion 3
  earliest 2026-03-07 at least 2 days after infusion 2
  target 2026-03-07 2 to 3 days after infusion 2
  latest 2026-03-10 at most 5 days after infusion 2
induction-4: infusion 4
  earliest 2026-03-10 at most 3 in any 7 days
  target 2026-03-10 at most 3 in any 7 days
  latest 2026-03-12 at most 5 days after infusion 3
induction-5: infusion 5
  earliest 2026-03-12 at least 2 days after infusion 4
  target 2026-03-12 2 to 3 days after infusion 4
  latest 2026-03-15 at most 5 days after infusion 4
induction-6: infusion 6
  earliest 2026-03-14 at least 2 days after infusion 5
  target 2026-03-14 2 to 3 days after infusion 5
  latest 2026-03-17 at most 5 days after infusion 5
response-review: response review
  earliest 2026-03-24 at least 10 days after infusion 6
  target 2026-03-28 14 days after infusion 6
  latest 2026-04-04 at most 21 days after infusion 6"""
    )


def test_without_a_start_the_first_visit_is_on_the_day_after_planning() -> None:
    agenda = seen(course(FOUNDING), "2026-02-27")
    assert dates(agenda, "evaluation")[0] == "2026-02-28"


def test_an_evaluation_that_is_too_old_is_due_again() -> None:
    run = course(FOUNDING, *given(evaluation="2026-03-02"))
    assert "evaluation" not in [due.id for due in seen(run, "2026-04-01").dues]
    assert "evaluation-2" in [due.id for due in seen(run, "2026-04-02").dues]


def test_an_overdue_visit_is_due_now_and_says_since_when() -> None:
    run = course(
        FOUNDING, *given(evaluation="2026-03-02", induction_1="2026-03-04"), start="2026-03-02"
    )
    due = seen(run, "2026-03-12").due("induction-2")
    assert due.overdue
    assert due.target is not None
    assert (str(due.target.day), due.target.rule) == (
        "2026-03-12",
        "as soon as possible, overdue since 2026-03-09",
    )


def test_boosters_are_due_when_they_are_asked_for() -> None:
    history = given(
        evaluation="2026-03-02",
        **{f"induction_{n}": f"2026-03-{2 + 3 * n:02d}" for n in range(1, 7)},
        response_review="2026-04-03",
    )
    run = course(FOUNDING, *history, start="2026-03-02")
    assert seen(run, "2026-04-10").dues == ()
    asked = Requested(phase="boosters", on=day("2026-04-10"), wanted=day("2026-04-20"))
    agenda = seen(run.after([asked]), "2026-04-10")
    assert [due.title for due in agenda.dues] == ["infusion 7"]
    assert target(agenda, "boosters-1") == "2026-04-20"
    after = run.after([asked, *given(boosters_1="2026-04-20")])
    assert seen(after, "2026-04-21").dues == ()


def test_the_last_date_of_a_course_binds_every_visit_due() -> None:
    run = Course(
        key="c1", protocol=FOUNDING, not_before=day("2026-03-02"), finish_by=day("2026-05-01")
    )
    agenda = seen(run, "2026-03-01")
    ends = {rule.visit for rule in agenda.bindings if isinstance(rule, NotAfter)}
    assert ends == {due.id for due in agenda.dues}


def test_a_limit_that_has_passed_stays_as_broken_and_the_age_of_a_gate_still_binds() -> None:
    run = course(FOUNDING, *given(evaluation="2026-03-02"), start="2026-03-02")
    agenda = seen(run, "2026-03-20")
    ages = [rule for rule in agenda.bindings if rule.rule == "gate"]
    assert [str(rule.most) for rule in ages if isinstance(rule, Spacing)] == ["30 days"]
    plan = protocol(phase("dose", every("1 week"), "2", separations=[apart(most="9 days")]))
    overdue = seen(course(plan, *given(dose_1="2026-01-05")), "2026-01-20")
    assert [rule.rule for rule in overdue.bindings] == [
        "cadence",
        "separation",
        "floor",
        "order",
        "today",
    ]
    assert [rule.rule for rule in overdue.broken] == ["separation"]


def test_a_session_missed_is_made_up_for_at_the_next_one() -> None:
    plan = protocol(phase("iron", every("1 day"), "2", anchor="series dialysis"))
    sessions = [Happened(event="dialysis", on=day(f"2026-01-{n:02d}")) for n in (5, 7, 9)]
    agenda = seen(course(plan, *sessions, start="2026-01-05"), "2026-01-06")
    assert [target(agenda, f"iron-{n}") for n in (1, 2)] == ["2026-01-07", "2026-01-09"]


# --- counts and ends ---------------------------------------------------------------------------


def test_a_range_of_visits_is_planned_at_its_least_and_asked_about() -> None:
    run = course(protocol(phase("dose", every("1 week"), "4 to 8")), start="2026-01-05")
    agenda = seen(run, "2026-01-01")
    assert len(agenda.dues) == 4
    (question,) = agenda.questions
    assert (question.id, question.choices) == ("count-dose", ("4", "5", "6", "7", "8"))
    answer = Answered(question="count-dose", answer="6", on=day("2026-01-01"))
    answered = seen(run.after([answer]), "2026-01-01")
    assert (len(answered.dues), answered.questions) == (6, ())


def test_an_open_phase_shows_one_visit_ahead_and_more_up_to_a_date() -> None:
    run = course(protocol(phase("dose", every("4 weeks"), "open")), *given(dose_1="2026-01-05"))
    assert [due.id for due in seen(run, "2026-01-06").dues] == ["dose-2"]
    more = seen(run, "2026-01-06", until="2026-04-30")
    assert [str(due.foreseen.day) for due in more.dues if due.foreseen] == [
        "2026-02-02",
        "2026-03-02",
        "2026-03-30",
        "2026-04-27",
    ]


def test_a_phase_after_an_open_one_waits_for_an_answer() -> None:
    plan = protocol(phase("first", every("1 week"), "open"), phase("then", every("4 weeks"), "2"))
    run = course(plan, *given(first_1="2026-01-05"))
    agenda = seen(run, "2026-01-06")
    assert [due.id for due in agenda.dues] == ["first-2"]
    assert questions(agenda) == ["after-first"]
    yes = Answered(question="after-first", answer="yes", on=day("2026-01-06"))
    assert [due.id for due in seen(run.after([yes]), "2026-01-06").dues] == ["then-1", "then-2"]


def test_a_visit_given_in_the_next_phase_ends_an_open_one() -> None:
    plan = protocol(phase("first", every("1 week"), "open"), phase("then", every("4 weeks"), "2"))
    history = given(first_1="2026-01-05", first_3="2026-01-19", then_1="2026-02-16")
    agenda = seen(course(plan, *history), "2026-02-16")
    assert [(due.id, target(agenda, due.id)) for due in agenda.dues] == [("then-2", "2026-03-16")]
    assert questions(agenda) == ["missing-first-2"]


def test_what_the_source_leaves_open_is_a_question_until_it_is_answered() -> None:
    plan = protocol(phase("dose", every("1 week"), "1"), unspecified=["No late rule was found."])
    assert [q.asks for q in seen(course(plan), "2026-01-05").questions] == [
        "No late rule was found."
    ]
    answer = Answered(question="unspecified-1", answer="give now", on=day("2026-01-05"))
    assert seen(course(plan, answer), "2026-01-05").questions == ()


def test_an_unknown_visit_given_is_reported() -> None:
    agenda = seen(course(FOUNDING, *given(lunch="2026-01-05")), "2026-01-06")
    assert [question.asks for question in agenda.questions] == [
        "'lunch' was given on 2026-01-05 and is not a visit of this course; which visit was it?"
    ]


def test_a_visit_passed_over_is_not_due_any_more_and_is_asked_about() -> None:
    plan = protocol(phase("dose", every("1 week"), "4"))
    agenda = seen(course(plan, *given(dose_1="2026-01-05", dose_3="2026-01-19")), "2026-01-20")
    assert [due.id for due in agenda.dues] == ["dose-4"]
    assert target(agenda, "dose-4") == "2026-01-26"
    assert questions(agenda) == ["missing-dose-2"]


def test_an_omitted_visit_leaves_the_next_one_in_its_own_place() -> None:
    plan = protocol(phase("dose", every("1 week"), "4"))
    left_out = Omitted(visit="dose-2", on=day("2026-01-12"))
    agenda = seen(course(plan, *given(dose_1="2026-01-05"), left_out), "2026-01-12")
    assert [target(agenda, due.id) for due in agenda.dues] == ["2026-01-19", "2026-01-26"]
    assert [due.title for due in agenda.dues] == ["infusion 3", "infusion 4"]


def test_nothing_is_due_after_a_course_ceased() -> None:
    plan = protocol(phase("dose", every("1 week"), "4"))
    stop = Discontinued(on=day("2026-01-10"), why="moved away")
    agenda = seen(course(plan, *given(dose_1="2026-01-05"), stop), "2026-01-11")
    assert (agenda.dues, agenda.ended) == ((), "moved away")


# --- cadences ----------------------------------------------------------------------------------


def forecast(plan: Protocol, start: str) -> list[str]:
    agenda = seen(course(plan, start=start), "2025-01-01")
    return [str(due.foreseen.day) if due.foreseen else "-" for due in agenda.dues]


def test_points_of_a_cycle_repeat_with_its_length() -> None:
    plan = protocol(phase("cycle", at("day 1", "day 8", "day 15", cycle="28 days"), cycles="2"))
    assert forecast(plan, "2026-01-05") == [
        "2026-01-05",
        "2026-01-12",
        "2026-01-19",
        "2026-02-02",
        "2026-02-09",
        "2026-02-16",
    ]


def test_a_cycle_may_begin_so_long_after_the_one_before() -> None:
    plan = protocol(
        phase(
            "block",
            every("1 week"),
            "2",
            cycles="2",
            next_cycle=starts("6 months", "end of previous cycle"),
        )
    )
    assert forecast(plan, "2026-01-05") == ["2026-01-05", "2026-01-12", "2026-07-12", "2026-07-19"]


def test_a_cycle_without_a_length_is_asked_about() -> None:
    plan = protocol(phase("block", every("1 week"), "1", cycles="2"))
    agenda = seen(course(plan, *given(block_1="2026-01-05")), "2026-01-06")
    assert (target(agenda, "block-2"), questions(agenda)) == ("-", ["cycle-block"])


def test_points_after_a_load_hang_on_its_start_and_then_on_the_dose_before() -> None:
    plan = protocol(
        phase("load", at("week 0", "week 2", "week 6")), phase("then", every("8 weeks"), "2")
    )
    assert forecast(plan, "2026-01-05") == [
        "2026-01-05",
        "2026-01-19",
        "2026-02-16",
        "2026-04-13",
        "2026-06-08",
    ]


@pytest.mark.parametrize(
    ("week", "second"),
    [
        (Week.FIRST_VISIT, ("2026-01-14", "2026-01-20")),
        (Week.MONDAY, ("2026-01-12", "2026-01-18")),
        (Week.SUNDAY, ("2026-01-11", "2026-01-17")),
    ],
)
def test_a_week_of_one_visit_begins_where_the_protocol_says(
    week: Week, second: tuple[str, str]
) -> None:
    plan = protocol(phase("dose", PerWeek(per_week=1, week=week), "2"))
    agenda = seen(course(plan, *given(dose_1="2026-01-07")), "2026-01-08")
    assert dates(agenda, "dose-2")[::2] == second


def test_a_week_missed_moves_the_rest_of_a_weekly_set_on() -> None:
    plan = protocol(phase("dose", PerWeek(per_week=2), "6"))
    run = course(plan, *given(dose_1="2026-01-05", dose_2="2026-01-08", dose_3="2026-01-20"))
    agenda = seen(run, "2026-01-20")
    assert dates(agenda, "dose-4")[::2] == ("2026-01-21", "2026-01-25")
    assert dates(agenda, "dose-5")[::2] == ("2026-01-26", "2026-02-01")


def test_one_a_week_follows_two_a_week_in_the_week_after() -> None:
    plan = protocol(
        phase("twice", PerWeek(per_week=2), "4"), phase("once", PerWeek(per_week=1), "2")
    )
    agenda = seen(course(plan, *given(twice_1="2026-01-05")), "2026-01-05")
    assert dates(agenda, "once-1")[::2] == ("2026-01-19", "2026-01-25")


def test_visits_of_one_day_share_its_date() -> None:
    block = Consecutive(consecutive_days=Count(2, 2), weekends=True, per_day=2)
    plan = protocol(phase("block", block, "4"))
    assert forecast(plan, "2026-01-05") == ["2026-01-05", "2026-01-05", "2026-01-06", "2026-01-06"]


def test_visits_within_a_span_end_inside_it() -> None:
    plan = protocol(phase("dose", Within(within=parse_range("7 to 28 days")), "4"))
    agenda = seen(course(plan, *given(dose_1="2026-01-05")), "2026-01-05")
    assert dates(agenda, "dose-2") == ("2026-01-06", "2026-01-07", "2026-02-02")
    assert dates(agenda, "dose-4") == ("2026-01-12", "2026-01-12", "2026-02-02")


def test_a_soft_tolerance_dates_a_visit_and_binds_no_plan() -> None:
    plan = protocol(
        phase("dose", every("4 weeks"), "2", tolerances=[window("3 days", "3 days", hard=False)])
    )
    agenda = seen(course(plan, *given(dose_1="2026-01-05")), "2026-01-06")
    assert dates(agenda, "dose-2") == ("2026-01-30", "2026-02-02", "2026-02-05")
    assert [rule.rule for rule in agenda.bindings] == ["cadence", "order", "today"]


# --- responses ---------------------------------------------------------------------------------


def adaptation(then: object, after: str | None = None) -> Adaptation:
    return Adaptation(
        name="poor",
        measure="pain",
        at_least=5,
        after=after,
        then=then,  # type: ignore[arg-type]
        source="local",
    )


POOR = Reviewed(on=day("2026-01-20"), scores=(("pain", 7.0),))
THREE = given(dose_1="2026-01-05", dose_2="2026-01-12", dose_3="2026-01-19")


def test_a_poor_response_makes_weekly_visits_twice_as_frequent() -> None:
    plan = protocol(
        phase("dose", every("1 week"), "6"),
        adaptations=[adaptation(NewCadence(cadence=every("3 days"), phase="dose"))],
    )
    agenda = seen(course(plan, *THREE, POOR), "2026-01-20")
    assert [str(due.foreseen.day) for due in agenda.dues if due.foreseen] == [
        "2026-01-22",
        "2026-01-25",
        "2026-01-28",
    ]


def test_a_response_may_add_visits() -> None:
    plan = protocol(
        phase("dose", every("1 week"), "3"),
        adaptations=[adaptation(Extend(extend=2, phase="dose"))],
    )
    assert seen(course(plan, *THREE), "2026-01-20").dues == ()
    agenda = seen(course(plan, *THREE, POOR), "2026-01-20")
    assert [target(agenda, due.id) for due in agenda.dues] == ["2026-01-26", "2026-02-02"]


def test_what_hangs_on_a_response_is_tentative_until_it_is_read() -> None:
    plan = protocol(
        phase("dose", every("1 week"), "3"),
        phase("weekly", every("1 week"), "2"),
        adaptations=[adaptation(Stop(stop="no response"), after="dose")],
    )
    before = seen(course(plan, *THREE), "2026-01-19")
    assert [(due.id, due.tentative) for due in before.dues] == [
        ("weekly-1", True),
        ("weekly-2", True),
    ]
    assert questions(before) == ["review-pain-dose"]
    good = Reviewed(on=day("2026-01-20"), scores=(("pain", 1.0),))
    after = seen(course(plan, *THREE, good), "2026-01-20")
    assert ([due.tentative for due in after.dues], after.questions) == ([False, False], ())
    stopped = seen(course(plan, *THREE, POOR), "2026-01-20")
    assert (stopped.dues, stopped.ended) == ((), "no response")


def test_a_response_may_lead_to_another_phase_early() -> None:
    plan = protocol(
        phase("dose", every("1 week"), "6"),
        phase("monthly", every("1 month"), "open"),
        adaptations=[adaptation(GoTo(go_to="monthly"))],
    )
    agenda = seen(course(plan, *THREE, POOR), "2026-01-20")
    assert [(due.id, target(agenda, due.id)) for due in agenda.dues] == [
        ("monthly-1", "2026-02-19")
    ]


@pytest.mark.parametrize(
    ("outcome", "due", "ended"),
    [
        (Outcome.DELAY, ["dose-4", "dose-5"], ""),
        (Outcome.STOP, [], "labs of 2026-01-25 was not passed"),
    ],
)
def test_a_gate_not_passed_does_what_it_says(outcome: Outcome, due: list[str], ended: str) -> None:
    plan = protocol(
        phase("dose", every("1 week"), "5"),
        gates=[Gate(name="labs", before=Ordinals.parse("each"), if_not=outcome, source="local")],
    )
    failed = GateTested(gate="labs", on=day("2026-01-25"), passed=False)
    agenda = seen(course(plan, *THREE, failed), "2026-01-25")
    assert ([one.id for one in agenda.dues], agenda.ended) == (due, ended)


# --- late tables beyond the traps --------------------------------------------------------------


def test_a_visit_that_a_late_table_skips_is_not_due() -> None:
    plan = protocol(
        phase(
            "dose",
            every("1 week"),
            "4",
            anchor="original dates",
            late=[
                late(
                    Clock.DUE_DATE,
                    Tier(over=calendar_span("3 days"), give=Give.SKIP),
                    Tier(up_to=calendar_span("3 days")),
                )
            ],
        )
    )
    agenda = seen(course(plan, *given(dose_1="2026-01-05")), "2026-01-16")
    assert [(due.id, target(agenda, due.id)) for due in agenda.dues] == [
        ("dose-3", "2026-01-19"),
        ("dose-4", "2026-01-26"),
    ]


def test_an_overdue_visit_over_the_last_tier_begins_the_phase_again() -> None:
    plan = protocol(
        phase(
            "load",
            at("week 0", "week 1"),
            late=[
                late(Clock.DUE_DATE, Tier(over=calendar_span("3 days"), give=Give.RESTART_PHASE))
            ],
        )
    )
    agenda = seen(course(plan, *given(load_1="2026-01-05")), "2026-01-20")
    assert [(due.id, target(agenda, due.id)) for due in agenda.dues] == [
        ("load-2", "2026-01-20"),
        ("load-3", "2026-01-27"),
    ]


# --- laws --------------------------------------------------------------------------------------

Lived = tuple[Course, date]
quick = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def laid_out(lived: Lived) -> Agenda:
    run, today = lived
    return expand(run, today, today + timedelta(days=60))


@settings(quick, max_examples=30)
@for_all(courses(), st.dates(), st.none() | st.dates())
def test_any_events_at_all_have_an_agenda(run: Course, today: date, until: date | None) -> None:
    assert expand(run, today, until).as_of == today


@quick
@for_all(lived_courses())
def test_every_visit_given_has_one_verdict(lived: Lived) -> None:
    run, _ = lived
    visits = [event for event in run.events if isinstance(event, Given)]
    assert len(judge_history(run)) == len(visits)


@quick
@for_all(lived_courses())
def test_the_same_course_has_the_same_agenda(lived: Lived) -> None:
    assert laid_out(lived) == laid_out(lived)


@quick
@for_all(lived_courses(), st.randoms(use_true_random=False))
def test_the_order_of_recording_does_not_matter_where_dates_tell(
    lived: Lived, shuffle: Random
) -> None:
    run, today = lived
    dates_of = [event.on for event in run.events]
    assume(len(set(dates_of)) == len(dates_of))
    events = list(run.events)
    shuffle.shuffle(events)
    assert laid_out((attrs.evolve(run, events=events), today)) == laid_out(lived)


@quick
@for_all(lived_courses())
def test_dues_come_in_order_and_no_target_is_before_its_earliest_date(lived: Lived) -> None:
    last = date.min
    for due in laid_out(lived).dues:
        if due.target is not None:
            assert due.earliest is not None
            assert last <= due.target.day
            assert lived[1] <= due.earliest.day <= due.target.day
            last = due.target.day


@quick
@for_all(lived_courses())
def test_every_rule_of_an_agenda_is_about_visits_that_are_due(lived: Lived) -> None:
    agenda = laid_out(lived)
    ids = [due.id for due in agenda.dues]
    assert len(ids) == len(set(ids))
    for rule in agenda.bindings:
        about = [getattr(rule, field, None) for field in ("earlier", "later", "visit")]
        about += getattr(rule, "visits", ())
        assert {name for name in about if isinstance(name, str)} <= set(ids)


@quick
@for_all(lived_courses(), st.integers(0, 30))
def test_a_given_date_wins_over_every_planned_one(lived: Lived, days: int) -> None:
    run, today = lived
    dues = [due for due in laid_out(lived).dues if not due.tentative]
    assume(dues)
    on = today + timedelta(days=days)
    agenda = expand(run.after([Given(visit=dues[0].id, on=on)]), on)
    assert (dues[0].id, on) in [(visit.id, visit.on) for visit in agenda.past]


@quick
@for_all(lived_courses(), st.integers(1, 40))
def test_without_late_tables_a_later_today_never_brings_a_visit_forward(
    lived: Lived, days: int
) -> None:
    run, today = lived
    calm = tuple(attrs.evolve(phase, late=()) for phase in run.protocol.phases)
    run = attrs.evolve(run, protocol=attrs.evolve(run.protocol, phases=calm))
    now = {due.id: due.target for due in expand(run, today).dues}
    later = {due.id: due.target for due in expand(run, today + timedelta(days=days)).dues}
    for visit in now.keys() & later.keys():
        before, after = now[visit], later[visit]
        assert before is None or after is None or before.day <= after.day


# --- one left out: what the others are called ---------------------------------------------------


@pytest.mark.parametrize(
    ("before", "each_cycle", "names"),
    [
        ("first", True, {"1": "block-1", "4": "block-4", "7": "block-7"}),
        ("2", True, {"2": "block-2", "5": "block-5", "8": "block-8"}),
        ("each", True, {str(n): f"block-{n}" for n in range(1, 10)}),
        ("each", False, {str(n): f"block-{n}" for n in range(1, 10)}),
        ("1, 4", False, {"1": "block-1", "4": "block-4"}),
    ],
)
@pytest.mark.parametrize("left_out", range(1, 10))
def test_a_gates_visits_keep_their_identities_when_a_treatment_is_left_out(
    before: str, each_cycle: bool, names: dict[str, str], left_out: int
) -> None:
    gate = Gate(
        name="assessment",
        visit="evaluation",
        phase="block",
        before=Ordinals.parse(before),
        each_cycle=each_cycle,
        source="local",
    )
    block = phase(
        "block",
        every("1 day"),
        "3",
        cycles="3",
        next_cycle=starts("21 days"),
        anchor="original dates",
    )
    plan = course(protocol(block, gates=[gate]), start="2026-01-05")
    omitted = plan.after([Omitted(visit=f"block-{left_out}", on=day("2026-01-05"))])

    def guarded(of: Course) -> dict[str, str]:
        return {
            str(rule.earlier).removeprefix("assessment-"): rule.later
            for rule in seen(of, "2026-01-05").bindings
            if isinstance(rule, Spacing) and rule.rule == "gate"
        }

    assert guarded(plan) == names
    for name, visit in guarded(omitted).items():
        if before == "each":
            assert visit == f"block-{name}"  # each is asked for by the visit it stands before
        else:
            assert name in names
    # Those of a cycle with nothing left out stay before the visit they stood before.
    cycle = (left_out - 1) // 3
    if each_cycle:
        others = {n: v for n, v in names.items() if (int(n) - 1) // 3 != cycle}
        assert others.items() <= guarded(omitted).items()


def test_no_two_visits_have_one_title_when_a_treatment_is_left_out() -> None:
    gate = Gate(name="trial", visit="infusion", before=Ordinals.parse("first"), source="local")
    plan = course(protocol(phase("dose", every("7 days"), "3"), gates=[gate]), start="2026-01-05")
    agenda = seen(plan.after([Omitted(visit="dose-2", on=day("2026-01-05"))]), "2026-01-05")
    assert [due.title for due in agenda.dues] == ["infusion 4", "infusion 1", "infusion 3"]


def test_titles_do_not_change_when_a_visit_is_left_out_and_its_lengths_do() -> None:
    plan = course(protocol(phase("dose", every("7 days"), "4")), start="2026-01-05")
    agenda = seen(plan.after([Omitted(visit="dose-2", on=day("2026-01-05"))]), "2026-01-05")
    said = [(due.id, due.title, due.type_ordinal) for due in agenda.dues]
    assert said == [
        ("dose-1", "infusion 1", 1),
        ("dose-3", "infusion 3", 2),
        ("dose-4", "infusion 4", 3),
    ]
