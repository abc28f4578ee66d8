"""The first visit is on a day of the month that every month has, and the others on the same one."""

from __future__ import annotations

from datetime import date

import attrs
import pytest

from protocol_sched import catalog
from protocol_sched.errors import InvalidValue
from protocol_sched.expansion import expand
from protocol_sched.formats.documents.documents import protocol_to_dict, read_protocol, write_toml
from protocol_sched.judge.checker import violations
from protocol_sched.judge.verdicts import verdict
from protocol_sched.model.course import Course, Exempted
from protocol_sched.model.numbers import Count
from protocol_sched.model.schedule import Proof
from protocol_sched.model.verdict import Judged
from protocol_sched.planning.course import plan_course
from protocol_sched.planning.explain import explain_course
from protocol_sched.text.explanations import explanation_text
from protocol_sched.text.protocol_rules import rule_text
from protocol_sched.text.verdicts import verdict_text
from protocols import course, day, every, given, phase, protocol, seen
from test_weekdays_of_a_person import ANYONE, WARD

MONTHLY = phase("monthly", every("1 month"), "3", anchor="same day of the month")
EARLY_DAYS = attrs.evolve(MONTHLY, first_day_of_month=Count(1, 28))


def starting(on: str) -> Course:
    return course(protocol(EARLY_DAYS), start=on)


def targets(run: Course, as_of: str) -> list[str]:
    dated = [due.target or due.forecast for due in seen(run, as_of).dues]
    return [str(one.day) for one in dated if one is not None]


def test_a_start_on_the_31st_waits_for_the_first() -> None:
    assert targets(starting("2027-01-31"), "2027-01-30") == [
        "2027-02-01",
        "2027-03-01",
        "2027-04-01",
    ]
    assert targets(starting("2027-01-28"), "2027-01-27")[0] == "2027-01-28"


def test_a_first_visit_is_foreseen_on_a_weekday_on_which_it_may_be() -> None:
    plan = protocol(phase("weekly", every("1 week"), "2"))
    kinds = [attrs.evolve(one, weekdays=("Monday",)) for one in plan.visit_types]
    run = course(attrs.evolve(plan, visit_types=kinds), start="2027-03-03")  # a Wednesday
    assert targets(run, "2027-03-02") == ["2027-03-08", "2027-03-15"]


def test_only_the_first_visit_is_bound() -> None:
    run = starting("2027-01-01").after(given(monthly_1="2027-01-28"))
    assert targets(run, "2027-02-20") == ["2027-02-28", "2027-03-28"]


def test_a_plan_keeps_it_and_the_judge_sees_it() -> None:
    run = starting("2027-01-29")
    plan = plan_course(run, WARD, ANYONE, as_of=day("2027-01-28"))
    assert plan.schedule is not None
    assert plan.schedule.visits[0].start.date() == date(2027, 2, 1)
    free = attrs.evolve(run, protocol=protocol(MONTHLY))
    early = plan_course(free, WARD, ANYONE, as_of=day("2027-01-28")).schedule
    assert early is not None
    assert early.visits[0].start.date() == date(2027, 1, 29)
    found = violations(plan.agenda, early, WARD, ANYONE, run.protocol)
    assert any("day 1 to 28 of a month" in str(one) for one in found)


def test_a_verdict_names_the_day() -> None:
    found = verdict(starting("2027-01-20"), "monthly-1", day("2027-01-29"))
    assert found.judged is Judged.WRONG_DAY_OF_MONTH
    assert found.judged.broken
    assert "is on a day of the month on which it may not be" in " ".join(
        verdict_text(found).split()
    )
    assert found.rule == "on day 1 to 28 of a month"
    assert verdict(starting("2027-01-20"), "monthly-1", day("2027-01-28")).judged is not (
        Judged.WRONG_DAY_OF_MONTH
    )


def test_a_conflict_says_it_in_both_languages() -> None:
    run = attrs.evolve(starting("2027-01-29"), finish_by=date(2027, 1, 31))
    found = explain_course(run, WARD, ANYONE, as_of=day("2027-01-28"), count=0)
    assert found.plan.proof is Proof.IMPOSSIBLE
    english, german = (
        " ".join(explanation_text(found, language=one).split()) for one in ("en", "de")
    )
    assert "infusion 1 must be on day 1 to 28 of a month" in english
    assert "am 1. bis 28. eines Monats" in german


def test_a_clinician_may_exempt_the_first_visit() -> None:
    exempted = Exempted(
        visit="monthly-1",
        rule="day of the month",
        by="Dr Okoye",
        why="travels",
        on=day("2027-01-28"),
    )
    run = starting("2027-01-29").after([exempted])
    assert targets(run, "2027-01-28")[0] == "2027-01-29"
    plan = plan_course(run, WARD, ANYONE, as_of=day("2027-01-28"))
    assert plan.schedule is not None
    assert plan.schedule.visits[0].start.date() == date(2027, 1, 29)


def test_words_and_files_have_it() -> None:
    plan = protocol(EARLY_DAYS)
    assert "the first on day 1 to 28 of a month" in rule_text(plan.phases[0])
    assert read_protocol(write_toml(protocol_to_dict(plan))) == plan
    for wrong in (Count(0, 3), Count(1, 32), Count(5, None)):
        with pytest.raises(InvalidValue, match="first_day_of_month"):
            attrs.evolve(MONTHLY, first_day_of_month=wrong)


@pytest.mark.parametrize(
    ("start", "first"), [("2027-01-31", "2027-02-01"), ("2027-01-28", "2027-01-28")]
)
def test_cabotegravir_begins_on_the_1st_to_the_28th(start: str, first: str) -> None:
    """The planning tool of the maker (CAB-04): choose the 1st to the 28th of the month."""
    run = course(catalog.load("cabotegravir-monthly"), start=start)
    due = expand(run, date(2027, 1, 27)).dues[0]
    found = due.target or due.forecast
    assert found is not None
    assert str(found.day) == first
