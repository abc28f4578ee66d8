"""A verdict gives the whole target and how far a date is from it, as a plan and a check do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import attrs
import hypothesis
import pytest
from hypothesis import settings

from courses import Lived, lived
from protocol_sched.expansion import expand
from protocol_sched.judge.verdicts import Judged, judge_history, verdict
from protocol_sched.model.course import Given
from protocol_sched.model.spans import calendar_span
from protocol_sched.text.verdicts import verdict_text
from protocols import apart, course, day, every, given, phase, protocol
from test_law_1 import A_PLAN, about, next_visits, place_for

RANGED = protocol(
    phase("dose", every("2 to 3 days"), "4", separations=[apart(least="2 days", most="5 days")])
)


def test_a_target_of_several_days_is_said_whole_and_a_day_after_it_is_off_target() -> None:
    run = course(RANGED, *given(dose_1="2027-03-01"))
    found = verdict(run, "dose-2", day("2027-03-05"))
    assert (found.judged, found.off_target) == (Judged.IN_WINDOW, 1)
    assert found.target_until == day("2027-03-04")
    assert verdict_text(found).splitlines() == [
        "Infusion 2 on Fri 5 March 2027 is in its window, 1 day off target.",
        "The rule: 2 to 3 days after infusion 1 (source: local).",
        "Its earliest date is Wed 3 March 2027, its target is Wed 3 March 2027 to Thu 4 March 2027 "
        "and its",
        "  latest date is Sat 6 March 2027.",
    ]
    assert verdict(run, "dose-2", day("2027-03-04")).off_target == 0
    assert judge_history(run.after(given(dose_2="2027-03-05")))[-1].off_target == 1


def test_a_target_in_hours_is_off_by_begun_days() -> None:
    hourly = protocol(phase("dose", every("48 hours"), "2"))
    start = datetime(2027, 3, 1, 10, tzinfo=UTC)
    run = course(hourly, Given(visit="dose-1", on=start.date(), start=start))
    for hours, off in ((48, 0), (49, 1), (72, 1), (73, 2)):
        found = verdict(run, "dose-2", start + timedelta(hours=hours))
        assert found.off_target == off


@pytest.mark.parametrize(
    ("on", "judged", "off"),
    [
        ("2027-03-02", Judged.IN_WINDOW, 0),
        ("2027-03-08", Judged.IN_WINDOW, 0),
        ("2027-03-10", Judged.LATE, 2),
    ],
)
def test_the_days_within_which_a_first_treatment_is_named_are_its_target_everywhere(
    on: str, judged: Judged, off: int
) -> None:
    run = attrs.evolve(
        course(RANGED, start="2027-03-01"), first_treatment_within=calendar_span("7 days")
    )
    due = expand(run, day("2027-03-01")).due("dose-1")
    assert due.target is not None
    assert (due.target.day, due.target_until) == (day("2027-03-01"), day("2027-03-08"))
    assert due.target.rule == "0 to 7 days after start of the course"
    found = verdict(run, "dose-1", day(on), day("2027-03-01"))
    after = judge_history(run.after(given(dose_1=on)))[0]
    for one in (found, after):
        assert (one.judged, one.off_target, one.target_until) == (judged, off, day("2027-03-08"))


def off_in_plan(world: Lived, visit: str, on: date) -> int | None:
    """Return how many days off the targets of one visit a plan with it there is."""
    agenda = expand(world.course, world.today)
    schedule = place_for(world, agenda, agenda.due(visit), on).schedule
    if schedule is None or len(schedule.visits) > 1:
        return None
    days = (one.deviation or 0 for one in schedule.slacks if visit in about(one.rule))
    return sum(days)


@settings(max_examples=15)
@hypothesis.given(world=lived(small=True))
def test_a_plan_is_as_far_off_target_as_the_verdict_says(world: Lived) -> None:
    for due in next_visits(expand(world.course, world.today)):
        if due.target is None:
            continue
        for n in range(4):
            on = world.today + timedelta(days=n)
            found = verdict(world.course, due.id, on, world.today)
            if found.judged not in A_PLAN or found.unmet:
                continue
            planned = off_in_plan(world, due.id, on)
            if planned is not None:
                hypothesis.event(f"{planned} days off")
                assert planned == found.off_target
