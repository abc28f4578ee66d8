"""
A late visit after which another series is given, of another visit type, before the usual goes on.

Source: how missed quarterly injections of paliperidone are made up for, as the maker's pages for
prescribers say (invegatrinzahcp.com/dosing/missed-dose and educationaldoseillustrator.com): under 4
months after the last one, go on; 4 up to and including 9 months, two monthly ones a week apart and
the quarterly one a month after the second; over 9 months, begin with monthly ones again.
"""

from __future__ import annotations

import attrs
import pytest

from protocol_sched.errors import InvalidDocument, InvalidValue
from protocol_sched.judge.recording import record
from protocol_sched.model.course import Course, Event
from protocol_sched.model.rules import Clock, Give, Then, Tier
from protocol_sched.model.spans import calendar_span
from protocol_sched.text.protocol_rules import rule_text
from protocols import (
    at,
    course,
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
)

FOUR, NINE = calendar_span("4 months"), calendar_span("9 months")
MISSED = late(
    Clock.LAST_VISIT,
    Tier(under=FOUR, then=Then.FROM_THIS_VISIT),
    Tier(at_least=FOUR, up_to=NINE, give=Give.RESTART_PHASE, phase="reinitiation"),
    Tier(over=NINE, give=Give.RESTART_COURSE),
)
TWO = attrs.evolve(
    phase("reinitiation", at("day 1", "day 8")), visit="evaluation", passed_over=True
)
QUARTERLY = phase("quarterly", every("3 months"), "open", begins=starts("1 month"), late=[MISSED])
PLAN = protocol(
    attrs.evolve(phase("monthly", every("1 month"), "4"), visit="evaluation"), TWO, QUARTERLY
)
BEFORE: tuple[Event, ...] = given(
    monthly_1="2026-01-05",
    monthly_2="2026-02-05",
    monthly_3="2026-03-05",
    monthly_4="2026-04-05",
)


def lived(*events: Event) -> Course:
    return record(course(PLAN), [*BEFORE, *events], as_of=day("2027-12-31"))


def test_a_phase_passed_over_is_none_of_the_usual_course() -> None:
    assert target(seen(lived(), "2026-04-06"), "quarterly-1") == "2026-05-05"


def dues(run: Course, on: str) -> dict[str, tuple[str, str]]:
    agenda = seen(run, on, "2027-12-31")
    return {due.id: (due.kind, target(agenda, due.id)) for due in list(agenda.dues)[:3]}


def test_up_to_nine_months_two_of_another_type_come_first() -> None:
    run = lived(*given(quarterly_1="2026-05-05"))
    for on in ("2026-09-05", "2027-02-05"):  # 4 months and 9 months after it, both included
        second, third = {
            "2026-09-05": ("2026-09-12", "2026-10-12"),
            "2027-02-05": ("2027-02-12", "2027-03-12"),
        }[on]
        assert dues(run, on) == {
            "reinitiation-1": ("evaluation", on),
            "reinitiation-2": ("evaluation", second),
            "quarterly-2": ("infusion", third),
        }


def test_before_and_after_that_the_table_says_otherwise() -> None:
    run = lived(*given(quarterly_1="2026-05-05"))
    assert dues(run, "2026-09-04")["quarterly-2"] == ("infusion", "2026-09-04")
    assert "reinitiation-1" not in dues(run, "2027-02-06")
    assert dues(run, "2027-02-06")["monthly-5"] == ("evaluation", "2027-02-06")


def test_what_was_given_so_is_followed_by_the_usual_series() -> None:
    again = given(reinitiation_1="2026-10-05", reinitiation_2="2026-10-12")
    run = lived(*given(quarterly_1="2026-05-05"), *again)
    agenda = seen(run, "2026-10-13")
    assert target(agenda, "quarterly-2") == "2026-11-12"
    assert not questions(agenda)
    back = lived(*given(quarterly_1="2026-05-05"), *again, *given(quarterly_2="2026-11-12"))
    assert target(seen(back, "2026-11-13"), "quarterly-3") == "2027-02-12"


def test_recorded_under_the_place_it_would_have_had_it_is_the_first_of_the_series() -> None:
    run = lived(*given(quarterly_1="2026-05-05", quarterly_2="2026-10-05"))
    agenda = seen(run, "2026-10-06")
    assert target(agenda, "reinitiation-2") == "2026-10-12"
    assert target(agenda, "quarterly-2") == "2026-11-12"


def test_it_is_said() -> None:
    assert "it is the first of reinitiation" in rule_text(MISSED)
    assert "skipped unless" in rule_text(TWO)


def test_a_row_names_a_phase_that_is_there() -> None:
    other = Tier(over=FOUR, give=Give.RESTART_PHASE, phase="loading")
    with pytest.raises(InvalidDocument, match=r"late\[0\].tiers\[0\].phase: names 'loading'"):
        protocol(phase("monthly", every("1 month"), late=[late(Clock.DUE_DATE, other)]))
    with pytest.raises(InvalidValue, match="restart phase"):
        Tier(over=FOUR, phase="monthly")


def test_a_course_begins_with_its_first_phase() -> None:
    with pytest.raises(InvalidDocument, match="a course begins with its first phase"):
        protocol(TWO)
