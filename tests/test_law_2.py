"""
Law 2: the past binds like the future.

A visit planned at a moment and the same visit given at that moment leave all others the same
windows, the same targets, the same rules named.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import attrs
import hypothesis
import pytest
from hypothesis import settings

from courses import EFFORT, Lived, lived
from protocol_sched.expansion import expand
from protocol_sched.expansion.gate_names import gate_of
from protocol_sched.judge.recording import record
from protocol_sched.judge.verdicts import Judged, judge_history, verdict
from protocol_sched.model.agenda import Agenda, Due, PastVisit, Spacing
from protocol_sched.model.course import Course, Discontinued, Event, Given, Omitted, Pinned
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.references import parse_reference
from protocol_sched.model.rules import Clock, Give, Then, Tier
from protocol_sched.model.spans import calendar_span
from protocol_sched.planning.course import plan_course
from protocol_sched.text.plans import plan_text
from protocols import apart, at, course, day, every, given, late, phase, protocol, window
from test_course_worlds import ANYONE, MORNINGS


def windows(agenda: Agenda, beside: str) -> dict[str, tuple[object, ...]]:
    """
    Return the dates of every visit due but one, with the rules that set the target and the latest.

    Of two rules that set the same earliest date either may be named: today is one of them.
    """

    def of(due: Due) -> tuple[object, ...]:
        earliest = due.earliest and due.earliest.day
        forecast = due.forecast and due.forecast.day
        said = [
            (one.day, unnumbered(one.rule)) if one else None for one in (due.target, due.latest)
        ]
        return (earliest, forecast, *said, due.target_until, due.open)

    return {due.id: of(due) for due in agenda.dues if due.id != beside}


def unnumbered(rule: str) -> str:
    """Return a rule without the numbers of visits; a try that did not count has the next one's."""
    return re.sub(r"(check|dose) \d+", r"\1", rule)


@settings(max_examples=30, deadline=None)
@hypothesis.given(world=lived())
def test_a_visit_planned_and_the_same_visit_given_leave_others_the_same_dates(
    world: Lived,
) -> None:
    plan = plan_course(world.course, world.clinic, world.person, as_of=world.today, effort=EFFORT)
    if plan.schedule is None or not plan.schedule.visits:
        return
    first = plan.schedule.visits[0]
    if first.tentative or first.waits_for:
        return
    pin = Pinned(visit=first.id, on=world.today, start=first.start)
    took_place = Given(visit=first.id, on=first.day, start=first.start)
    # What people were told of and nobody recorded is taken to have happened.
    before = [Given(visit=one.id, on=one.on, start=one.start) for one in plan.unrecorded]
    fixed = expand(world.course.after([*before, pin]), first.day)
    given = expand(world.course.after([*before, took_place]), first.day)
    before_it, after_it = windows(fixed, first.id), windows(given, first.id)
    gate = gate_of(first.id, world.course.protocol)
    if gate is not None and gate.in_a_row > 1:  # the next of a row is listed once this one is over
        after_it = {visit: dates for visit, dates in after_it.items() if visit in before_it}
    assert after_it == before_it


def begun_again() -> tuple[Course, str]:
    """A course of two phases begun again by a visit told, and recorded, under its old name."""
    table = late(
        Clock.DUE_DATE,
        Tier(up_to=calendar_span("2 days"), give=Give.NOW, then=Then.ORIGINAL_DATES),
        Tier(over=calendar_span("2 days"), give=Give.RESTART_COURSE),
    )
    twice = protocol(
        phase("first", every("1 day"), "2"), phase("second", every("1 day"), "2", late=[table])
    )
    before = given(first_1="2027-03-12", second_1="2027-03-14", second_2="2027-03-20")
    return course(twice, *before, start="2027-03-12"), "first-4"


def tried() -> tuple[Course, str]:
    """A second dose that did not count is tried on the day of the first one."""
    daily = protocol(phase("dose", every("1 day"), "2"))
    did_not_count = Given(visit="dose-2", on=day("2027-03-15"), counts=False)
    return course(daily, did_not_count, start="2027-03-12"), "dose-1"


@pytest.mark.parametrize(("known", "visit"), [begun_again(), tried()], ids=["restart", "try"])
@pytest.mark.parametrize("hour", [8, 12])
def test_a_visit_fixed_at_a_moment_binds_as_it_does_once_given(
    known: Course, visit: str, hour: int
) -> None:
    today = max(event.on for event in known.events)
    on = today + timedelta(days=visit == "first-4")
    start = datetime(on.year, on.month, on.day, hour, tzinfo=MORNINGS.zone)
    fixed = expand(known.after([Pinned(visit=visit, on=today, start=start)]), on)
    took_place = expand(known.after([Given(visit=visit, on=on, start=start)]), on)
    assert {due.id for due in took_place.dues} == {due.id for due in fixed.dues} - {visit}
    assert windows(took_place, visit) == windows(fixed, visit)


def test_of_two_visits_on_one_date_the_later_moment_is_the_later_visit() -> None:
    """Tried at eight, before the first one at noon, the second is counted from the first."""
    daily = protocol(phase("dose", every("1 day"), "2", separations=[apart(least="24 hours")]))
    noon = datetime(2027, 3, 15, 12, tzinfo=MORNINGS.zone)
    run = course(
        daily,
        Given(visit="dose-2", on=noon.date(), start=noon - timedelta(hours=4), counts=False),
        Given(visit="dose-1", on=noon.date(), start=noon),
        start="2027-03-12",
    )
    [rule] = [one for one in expand(run, noon.date()).bindings if one.rule == "separation"]
    assert isinstance(rule, Spacing)
    assert isinstance(rule.earlier, PastVisit)
    assert rule.earlier.id == "dose-1"


SCREENED = protocol(
    phase("dosing", every("1 week"), "2"),
    other_visits=[
        OtherVisit(
            name="screening",
            visit="review",
            anchor=parse_reference("visit 1"),
            cadence=at("- 14 days"),
            source="local",
        )
    ],
)


def first_dose(known: Course, as_of: str) -> tuple[date, str]:
    due = expand(known, day(as_of)).due("dosing-1")
    assert due.earliest is not None
    plan = plan_course(known, MORNINGS, ANYONE, as_of=day(as_of))
    assert plan.schedule is not None
    [dose] = [visit for visit in plan.schedule.visits if visit.id == "dosing-1"]
    assert dose.day == due.earliest.day
    assert plan.objective is not None
    assert plan.objective.deviation == 0
    early = verdict(known, "dosing-1", dose.day - timedelta(days=1))
    if known.events:
        assert early.judged is Judged.BEFORE_TARGET
    return dose.day, due.earliest.rule


def test_a_screening_binds_the_first_dose_before_and_after_it_was_given() -> None:
    unscreened = course(SCREENED, start="2027-03-01")
    assert first_dose(unscreened, "2027-03-01") == (
        day("2027-03-15"),
        "not before its target, 14 days after review; no earlier limit is published",
    )
    late = unscreened.after([Given(visit="screening", on=day("2027-03-05"))])
    assert first_dose(late, "2027-03-06")[0] == day("2027-03-19")


def test_a_screening_grows_too_old_and_that_is_named() -> None:
    """Fourteen days with a day to spare: the first dose is 13 to 15 days after the screening."""
    (screening,) = SCREENED.other_visits
    near = attrs.evolve(screening, tolerance=window("1 day", "1 day"))
    known = course(
        attrs.evolve(SCREENED, other_visits=[near]),
        Given(visit="screening", on=day("2027-03-01")),
        start="2027-03-01",
    )
    due = expand(known, day("2027-03-02")).due("dosing-1")
    assert due.earliest is not None
    assert due.latest is not None
    assert (due.earliest.day, due.latest.day) == (day("2027-03-14"), day("2027-03-16"))
    plan = plan_course(known, MORNINGS, ANYONE, as_of=day("2027-03-20"))
    assert plan.schedule is not None
    [breach] = plan.schedule.breaches
    assert (breach.visits, breach.amount) == (("screening", "dosing-1"), 4)


def test_a_screening_with_room_is_aimed_at_its_best_date_from_both_sides() -> None:
    """A design's screening window of 16 to 11 days before the first dose."""
    (screening,) = SCREENED.other_visits
    roomy = attrs.evolve(screening, tolerance=window("2 days", "3 days"))
    of = attrs.evolve(SCREENED, other_visits=[roomy])
    due_still = course(of, start="2027-03-01")
    given = due_still.after([Given(visit="screening", on=day("2027-03-01"))])
    for known in (due_still, given):
        plan = plan_course(known, MORNINGS, ANYONE, as_of=day("2027-03-01"))
        assert plan.schedule is not None
        [dose] = [visit for visit in plan.schedule.visits if visit.id == "dosing-1"]
        assert (dose.day, plan.objective and plan.objective.deviation) == (day("2027-03-15"), 0)
        due = expand(known, day("2027-03-01")).due("dosing-1")
        assert due.foreseen is not None
        assert due.foreseen.day == day("2027-03-15")
    text = plan_text(plan_course(due_still, MORNINGS, ANYONE, as_of=day("2027-03-01")))
    assert "  review      14 days before infusion 1 (allowed 11 to 16, target 14)\n" in text


@pytest.mark.parametrize(
    "events",
    [
        [Discontinued(on=day("2027-03-07"))],
        [Omitted(visit="dosing-1", on=day("2027-03-07"))],
        [Omitted(visit=f"dosing-{n}", on=day("2027-03-07")) for n in (1, 2)],
    ],
)
def test_a_screening_stays_given_where_its_first_dose_never_is(events: list[Event]) -> None:
    screened = course(SCREENED, Given(visit="screening", on=day("2027-03-05")), start="2027-03-01")
    known = record(screened, events, as_of=day("2027-03-07"))
    assert [visit.id for visit in expand(known, day("2027-03-08")).past] == ["screening"]
    assert [one.judged for one in judge_history(known)] == [Judged.IN_WINDOW]
