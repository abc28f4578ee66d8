"""Real dates judged against the rules and against what was given before."""

from __future__ import annotations

import attrs
import pytest

from protocol_sched.judge.verdicts import Judged, Verdict, judge_history, verdict
from protocol_sched.model.agenda import DatedBy
from protocol_sched.model.course import Amended, Course, Deferred, Given
from protocol_sched.model.course import Tested as GateTested
from protocol_sched.model.gates import Gate
from protocol_sched.model.numbers import Ordinals
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.references import parse_reference
from protocol_sched.model.rules import Clock, Give, Then, Tier
from protocol_sched.model.spans import calendar_span
from protocols import apart, at, course, day, every, given, late, phase, protocol, window


def said(found: Verdict) -> tuple[str, int, str]:
    return found.judged.value, found.days, found.rule


def weekly() -> Protocol:
    return protocol(
        phase(
            "dose",
            every("1 week"),
            "4",
            tolerances=[window("1 day", "2 days")],
            separations=[apart(least="5 days", grace="1 day")],
        )
    )


@pytest.mark.parametrize(
    ("on", "judged", "days", "rule"),
    [
        ("2026-01-08", "too early", 3, "at least 6 days after infusion 1"),
        ("2026-01-10", "too early", 1, "at least 6 days after infusion 1"),
        ("2026-01-11", "in window", 0, "1 week after infusion 1"),
        ("2026-01-14", "in window", 0, "1 week after infusion 1"),
        ("2026-01-15", "too late", 1, "at most 9 days after infusion 1"),
    ],
)
def test_a_date_is_judged_by_the_rule_that_decides(
    on: str, judged: str, days: int, rule: str
) -> None:
    run = course(weekly(), *given(dose_1="2026-01-05"))
    assert said(verdict(run, "dose-2", day(on))) == (judged, days, rule)


@pytest.mark.parametrize(
    ("on", "judged"),
    [("2026-01-28", "too early"), ("2026-01-29", "grace"), ("2026-02-02", "in window")],
)
def test_a_date_inside_the_grace_counts_and_is_reported(on: str, judged: str) -> None:
    plan = protocol(
        phase("dose", every("4 weeks"), "2", separations=[apart(least="4 weeks", grace="4 days")])
    )
    run = course(plan, *given(dose_1="2026-01-05"))
    assert verdict(run, "dose-2", day(on)).judged.value == judged


@pytest.mark.parametrize(
    ("on", "judged"),
    [("2026-01-08", "exception"), ("2026-01-12", "in window"), ("2026-01-16", "exception")],
)
def test_outside_a_soft_tolerance_is_an_exception(on: str, judged: str) -> None:
    plan = protocol(
        phase("dose", every("1 week"), "2", tolerances=[window("3 days", "3 days", hard=False)])
    )
    run = course(plan, *given(dose_1="2026-01-05"))
    assert verdict(run, "dose-2", day(on)).judged.value == judged


PATISIRAN = protocol(
    phase(
        "dose",
        every("3 weeks"),
        "open",
        anchor="original dates",
        late=[
            late(
                Clock.DUE_DATE,
                Tier(up_to=calendar_span("3 days"), then=Then.ORIGINAL_DATES),
                Tier(over=calendar_span("3 days"), then=Then.FROM_THIS_VISIT),
            )
        ],
    )
)


@pytest.mark.parametrize(
    ("on", "days", "follows"),
    [
        ("2026-01-29", 3, "give now, then on the original dates"),
        ("2026-01-30", 4, "give now, then from this visit"),
    ],
)
def test_a_late_date_says_what_follows(on: str, days: int, follows: str) -> None:
    found = verdict(course(PATISIRAN, *given(dose_1="2026-01-05")), "dose-2", day(on))
    assert (found.judged, found.days, found.follows) == (Judged.LATE, days, follows)


def test_a_date_that_begins_the_course_again_says_so() -> None:
    plan = protocol(
        phase(
            "dose",
            every("4 weeks"),
            "open",
            late=[
                late(
                    Clock.LAST_VISIT,
                    Tier(over=calendar_span("6 weeks"), give=Give.RESTART_COURSE),
                    Tier(up_to=calendar_span("6 weeks")),
                )
            ],
        )
    )
    found = verdict(course(plan, *given(dose_1="2026-01-05")), "dose-2", day("2026-03-01"))
    assert (found.judged, found.follows) == (Judged.LATE, "begin the course again")


def test_a_visit_the_course_does_not_have_is_not_due() -> None:
    run = course(weekly(), *given(dose_1="2026-01-05"))
    assert verdict(run, "lunch", day("2026-01-12")).judged is Judged.NOT_DUE


def test_a_verdict_looks_only_at_what_came_before_its_date() -> None:
    history = given(dose_1="2026-01-05", dose_2="2026-01-12", dose_3="2026-01-19")
    run = course(weekly(), *history)
    assert verdict(run, "dose-2", day("2026-01-15")).judged is Judged.TOO_LATE


def test_a_visit_given_with_its_gate_missing_names_the_gate() -> None:
    plan = protocol(
        phase("dose", every("2 weeks"), "2"),
        gates=[
            Gate(
                name="labs",
                before=Ordinals.parse("2"),
                max_age=calendar_span("3 days"),
                source="local",
            )
        ],
    )
    run = course(plan, *given(dose_1="2026-01-05"))
    assert verdict(run, "dose-2", day("2026-01-19")).unmet == ("labs",)
    done = run.after([GateTested(gate="labs", on=day("2026-01-17"))])
    assert verdict(done, "dose-2", day("2026-01-19")).unmet == ()
    assert verdict(done, "dose-2", day("2026-01-21")).unmet == ("labs",)


def test_an_infusion_too_long_after_its_evaluation_is_too_late() -> None:
    plan = protocol(
        phase("dose", every("1 week"), "1"),
        gates=[
            Gate(
                name="evaluation",
                visit="evaluation",
                max_age=calendar_span("30 days"),
                source="local",
            )
        ],
    )
    run = course(plan, *given(evaluation="2026-01-05"))
    found = verdict(run, "dose-1", day("2026-02-05"))
    assert said(found) == ("too late", 1, "at most 30 days after evaluation")


def report(run: Course) -> list[tuple[str, str, int]]:
    return [(one.visit, one.judged.value, one.days) for one in judge_history(run)]


def test_a_judged_history_judges_each_visit_against_the_ones_before_it() -> None:
    plan = protocol(
        phase("dose", every("1 week"), "3", tolerances=[window("1 day", "2 days")]),
        other_visits=[
            OtherVisit(
                name="check",
                visit="review",
                cadence=at("30 days"),
                anchor=parse_reference("start of course"),
                tolerance=window("2 days", "2 days"),
                source="local",
            )
        ],
    )
    history = given(
        dose_1="2026-01-05", dose_2="2026-01-16", dose_3="2026-01-20", check="2026-02-04"
    )
    assert report(course(plan, *history)) == [
        ("dose-1", "in window", 0),
        ("dose-2", "too late", 2),
        ("dose-3", "too early", 2),
        ("check", "in window", 0),
    ]


def test_a_dose_that_did_not_count_is_judged_too_and_starts_the_clock() -> None:
    early = Given(visit="dose-2", on=day("2026-01-08"), counts=False, why_not="too early")
    history = (*given(dose_1="2026-01-05"), early, *given(dose_2="2026-01-15"))
    assert report(course(weekly(), *history)) == [
        ("dose-1", "in window", 0),
        ("dose-2", "too early", 3),
        ("dose-2", "in window", 0),
    ]


def test_a_visit_is_judged_by_the_protocol_and_the_decisions_of_its_own_day() -> None:
    weekly = protocol(phase("dose", cadence=every("7 days"), visits="3"))
    (run,) = weekly.phases
    slower = attrs.evolve(weekly, phases=[attrs.evolve(run, cadence=every("14 days"))])
    doses = given(dose_1="2026-01-05", dose_2="2026-01-12")
    change = Amended(protocol=slower, on=day("2026-01-20"))
    seen = course(weekly, *doses, change, start="2026-01-05")
    assert verdict(seen, "dose-2", day("2026-01-12")).target == DatedBy(
        day("2026-01-12"), "7 days after infusion 1", "local"
    )
    third = verdict(seen, "dose-3", day("2026-01-26")).target
    assert third is not None
    assert third.day == day("2026-01-26")
    put_off = Deferred(visit="dose-3", on=day("2026-01-21"), until=day("2026-02-02"))
    early = verdict(seen.after([put_off]), "dose-3", day("2026-01-30"))
    assert (early.judged, early.rule) == (Judged.TOO_EARLY, "postponed until 2026-02-02")
