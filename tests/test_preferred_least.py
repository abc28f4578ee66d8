"""A least distance that is preferred beside the one that has to be kept."""

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
from protocol_sched.judge.objective import deviation_of
from protocol_sched.judge.verdicts import Judged, verdict
from protocol_sched.model.course import Course, Given
from protocol_sched.model.schedule import Proof
from protocol_sched.planning.course import plan_course
from protocol_sched.planning.explain import explain_course
from protocol_sched.text.explanations import explanation_text
from protocol_sched.text.plans import plan_text
from protocols import apart, course, dates, every, phase, protocol
from test_weekdays_of_a_person import ANYONE, WARD

FIRST = date(2026, 1, 5)
"""A Monday."""


def doses(preferred: str | None = "21 days", target: str = "14 to 28 days") -> Course:
    rule = apart(least="14 days", most="42 days", preferred=preferred)
    plan = protocol(phase("dose", every(target), "2", separations=[rule]))
    return course(plan, start=str(FIRST))


def after(days: int) -> date:
    return FIRST + timedelta(days=days)


def given(run: Course) -> Course:
    return run.after([Given(visit="dose-1", on=FIRST)])


def test_the_target_is_not_before_what_is_preferred_and_the_limit_stays() -> None:
    for preferred, first in (("21 days", "2026-01-26"), (None, "2026-01-19")):
        agenda = expand(given(doses(preferred)), FIRST)
        assert dates(agenda, "dose-2") == ("2026-01-19", first, "2026-02-16")
        assert agenda.dues[0].target_until == date(2026, 2, 2)


@pytest.mark.parametrize(("last", "day", "off"), [(60, 21, 0), (18, 18, 3), (14, 14, 7)])
def test_a_plan_comes_as_near_to_what_is_preferred_as_it_can(last: int, day: int, off: int) -> None:
    run = attrs.evolve(doses(), finish_by=after(last))
    plan = plan_course(run, WARD, ANYONE, as_of=FIRST - timedelta(days=1))
    assert plan.proof is Proof.OPTIMAL
    assert plan.schedule is not None
    assert plan.objective is not None
    assert plan.schedule.visits[1].day <= after(last)
    assert plan.schedule.visits[1].day == after(day)
    assert plan.objective.deviation == off == deviation_of(plan.agenda, plan.schedule)
    assert violations(plan.agenda, plan.schedule, WARD, ANYONE, run.protocol) == ()


def test_no_plan_is_below_the_limit() -> None:
    run = attrs.evolve(doses(), finish_by=after(11))
    found = explain_course(run, WARD, ANYONE, as_of=FIRST - timedelta(days=1))
    assert found.plan.proof is Proof.IMPOSSIBLE
    said = " ".join(explanation_text(found).split())
    assert "infusion 2 must come 14 to 42 calendar days after infusion 1" in said
    german = " ".join(explanation_text(found, language="de").split())
    assert "infusion 2 muss 14 bis 42 Kalendertage nach infusion 1 liegen" in german


@pytest.mark.parametrize(
    ("days", "judged", "off"),
    [
        (13, Judged.TOO_EARLY, 1),
        (14, Judged.BEFORE_TARGET, 7),
        (20, Judged.BEFORE_TARGET, 1),
        (21, Judged.IN_WINDOW, 0),
        (43, Judged.TOO_LATE, 1),
    ],
)
def test_a_date_is_judged_by_both(days: int, judged: Judged, off: int) -> None:
    found = verdict(given(doses()), "dose-2", after(days))
    assert (found.judged, found.days) == (judged, off)
    if judged is Judged.BEFORE_TARGET:
        assert found.rule == "ideally at least 21 days after infusion 1"


def test_the_plan_says_both() -> None:
    run = attrs.evolve(doses(), finish_by=after(18))
    plan = plan_course(run, WARD, ANYONE, as_of=FIRST - timedelta(days=1))
    said = " ".join(plan_text(plan).split())
    assert "target at least 21" in said
    assert "3 days off target" in said


def test_hours_can_be_preferred_too() -> None:
    rule = apart(least="48 hours", most="96 hours", preferred="72 hours")
    run = course(
        protocol(phase("dose", every("48 to 96 hours"), "2", separations=[rule])),
        start=str(FIRST),
    )
    plan = plan_course(run, WARD, ANYONE, as_of=FIRST - timedelta(days=1))
    assert plan.schedule is not None
    first, second = plan.schedule.visits
    assert second.start - first.start == timedelta(hours=72)
    begun = run.after([Given(visit="dose-1", on=FIRST, start=first.start)])
    plan = plan_course(begun, WARD, ANYONE, as_of=FIRST)
    assert plan.schedule is not None
    assert plan.schedule.visits[0].start == second.start


@pytest.mark.parametrize("preferred", ["13 days", "43 days", "400 hours"])
def test_what_is_preferred_lies_between_the_limits(preferred: str) -> None:
    with pytest.raises(InvalidValue, match="preferred"):
        apart(least="14 days", most="42 days", preferred=preferred)


def test_files_keep_what_is_preferred() -> None:
    plan = doses().protocol
    text = write_toml(protocol_to_dict(plan))
    assert 'preferred = "21 days"' in text
    assert read_protocol(text) == plan


@drawn(st.integers(14, 42), st.integers(14, 42))
def test_earlier_than_preferred_costs_each_day(preferred: int, last: int) -> None:
    run = attrs.evolve(doses(f"{preferred} days", "14 to 42 days"), finish_by=after(last))
    plan = plan_course(run, WARD, ANYONE, as_of=FIRST - timedelta(days=1))
    assert plan.schedule is not None
    assert plan.objective is not None
    day = (plan.schedule.visits[1].day - FIRST).days
    open_days = [n for n in range(14, last + 1) if after(n).weekday() < 5]
    assert plan.objective.deviation == max(preferred - day, 0)
    assert plan.objective.deviation == min(max(preferred - n, 0) for n in open_days)


def test_covid_19_vaccine_of_the_cdc_may_be_sooner_than_is_preferred() -> None:
    """
    The second dose of an mRNA vaccine: at least 3 weeks after the first, 8 weeks preferred.

    Source: CDC, "Considerations for Intervals for mRNA COVID-19 Vaccine Primary Series", last
    reviewed 19 December 2022 (www2.cdc.gov/vaccines/ed/covid19/pfizer/50040.asp): "An 8-week
    interval ... may be optimal for some people"; "A 3- or 4-week interval continues to be the
    recommended interval for" others, who need it sooner.
    """
    rule = apart(least="21 days", preferred="8 weeks")
    run = course(protocol(phase("dose", every("3 to 8 weeks"), "2", separations=[rule])))
    agenda = expand(given(run), FIRST)
    earliest, target, _ = dates(agenda, "dose-2")
    assert (earliest, target) == ("2026-01-26", "2026-03-02")
    sooner = verdict(given(run), "dose-2", after(28))
    assert (sooner.judged, sooner.days) == (Judged.BEFORE_TARGET, 28)
