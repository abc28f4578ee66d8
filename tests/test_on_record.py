"""A verdict is asked of the whole record: what was given stays where it was given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import hypothesis
import pytest
from hypothesis import settings

from courses import Lived, lived
from protocol_sched.expansion import expand
from protocol_sched.judge.verdicts import Judged, judge_history, verdict
from protocol_sched.model.course import Course, Given
from protocol_sched.model.gates import Gate
from protocol_sched.model.spans import calendar_span
from protocol_sched.text.verdicts import verdict_text
from protocols import apart, course, day, every, given, phase, protocol
from test_law_1 import next_visits


def spaced(*events: Given) -> Course:
    plan = protocol(
        phase("dose", every("2 to 3 days"), "4", separations=[apart(least="2 days", most="5 days")])
    )
    return course(plan, *events, start="2027-03-01")


@pytest.mark.parametrize("on", ["2027-03-01", "2027-03-03", "2027-03-05"])
def test_a_date_before_visits_given_is_judged_by_where_those_were_given(on: str) -> None:
    run = spaced(*given(dose_1="2027-03-03", dose_2="2027-03-06"))
    found = verdict(run, "dose-3", day(on), day("2027-03-07"))
    days = (day("2027-03-08") - day(on)).days
    assert (found.judged, found.days) == (Judged.TOO_EARLY, days)
    assert found.foreseen == ()
    assert found.earliest == expand(run, day("2027-03-07")).due("dose-3").earliest
    as_given = next(
        one for one in judge_history(run.after(given(dose_3=on))) if one.visit[-1] == "3"
    )
    assert (as_given.judged, as_given.days, as_given.rule) == (found.judged, found.days, found.rule)


def test_a_moment_before_a_visit_of_the_same_date_is_judged_by_that_visit() -> None:
    first = Given(visit="dose-1", on=day("2027-03-03"), start=datetime(2027, 3, 3, 14, tzinfo=UTC))
    nine = datetime(2027, 3, 3, 9, tzinfo=UTC)
    found = verdict(spaced(first), "dose-2", nine)
    assert (found.judged, found.days) == (Judged.TOO_EARLY, 2)
    second = Given(visit="dose-2", on=nine.date(), start=nine)
    judged = {one.visit: one for one in judge_history(spaced(first, second))}
    assert (judged["dose-2"].judged, judged["dose-2"].days) == (Judged.TOO_EARLY, 2)


def test_that_a_visit_took_place_is_said_with_when_and_how() -> None:
    run = spaced(*given(dose_1="2027-03-03", dose_2="2027-03-04"))
    on_it = verdict(run, "dose-2", day("2027-03-04"))
    assert on_it.took_place == judge_history(run)[1]
    assert verdict_text(on_it).splitlines()[:2] == [
        "Infusion 2 on Thu 4 March 2027 is too early by 1 day.",
        "It is recorded as given then.",
    ]
    other = verdict(run, "dose-2", day("2027-03-05"))
    assert other.judged is Judged.IN_WINDOW
    assert verdict_text(other).splitlines()[:2] == [
        "Infusion 2 on Fri 5 March 2027 is in its window.",
        "It is recorded as given on Thu 4 March 2027: too early by 1 day.",
    ]
    assert verdict(run, "dose-3", day("2027-03-06")).took_place is None


def test_the_hour_on_record_counts_where_only_the_date_is_asked_about() -> None:
    plan = protocol(phase("dose", every("3 days"), "2", separations=[apart(least="72 hours")]))
    start = datetime(2027, 3, 1, 10, tzinfo=UTC)
    visits = [
        Given(visit=f"dose-{n + 1}", on=at.date(), start=at)
        for n, at in enumerate((start, start + timedelta(hours=72)))
    ]
    found = verdict(course(plan, *visits), "dose-2", day("2027-03-04"))
    assert (found.judged, found.start) == (Judged.IN_WINDOW, visits[1].start)


@settings(max_examples=15)
@hypothesis.given(world=lived(small=True))
def test_a_past_date_has_the_dates_that_are_shown_and_the_verdict_it_gets_on_record(
    world: Lived,
) -> None:
    known, today = world.course, world.today
    # What was told or tried later than a visit was given, nobody knew of when it was given.
    # Nor was a gate's visit of a later date there.
    gates = tuple(gate.name for gate in known.protocol_on(today).gates if gate.visit)
    told = [
        one
        for one in known.events
        if not (isinstance(one, Given) and one.counts) or one.visit.startswith(gates)
    ]
    for due in next_visits(expand(known, today)):
        for n in range(1, 5):
            on = today - timedelta(days=n)
            found = verdict(known, due.id, on, today)
            if found.judged is Judged.NOT_DUE or any(event.on > on for event in told):
                continue
            if due.earliest is not None and found.earliest is not None:
                assert found.earliest.day <= due.earliest.day
            lived_on = judge_history(known.after([Given(visit=due.id, on=on)]))
            [after] = [one for one in lived_on if one.visit == due.id]
            assert (after.judged, after.days) == (found.judged, found.days)


def test_a_gates_visit_that_grew_too_old_is_too_early_and_not_right() -> None:
    plan = protocol(
        phase("dose", every("1 week"), "1"),
        gates=[
            Gate(name="lab", visit="evaluation", max_age=calendar_span("2 days"), source="local")
        ],
    )
    run = course(plan, start="2027-03-12")
    ahead = verdict(run, "lab", day("2027-03-09"), day("2027-03-11"))
    after = judge_history(run.after(given(lab="2027-03-09")))[0]
    assert (ahead.judged, ahead.days) == (after.judged, after.days) == (Judged.TOO_EARLY, 3)
