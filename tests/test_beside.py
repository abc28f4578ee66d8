"""Other visits that hang on other visits and gates, windows in hours: schedules of trial
designs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from protocol_sched.errors import InvalidDocument, InvalidEvent, InvalidValue
from protocol_sched.expansion import expand
from protocol_sched.judge.recording import record
from protocol_sched.judge.verdicts import judge_history
from protocol_sched.model.agenda import Agenda
from protocol_sched.model.availability import Clinic, Hours, Person
from protocol_sched.model.cadences import OnDemand
from protocol_sched.model.course import Event, Given, Happened, Pinned, Requested
from protocol_sched.model.gates import Gate
from protocol_sched.model.numbers import Ordinals
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.references import parse_reference
from protocol_sched.model.rules import Tolerance
from protocol_sched.model.spans import MonthEnd, parse_span
from protocol_sched.model.verdict import Judged
from protocol_sched.planning.course import plan_course
from protocols import at, course, day, every, phase, protocol, window

EVERY_DAY = Clinic(
    name="Clinic",
    zone=ZoneInfo("UTC"),
    hours=Hours.of(dict.fromkeys(WEEKDAYS, "06:00-22:00")),
    start_every=15,
)
"""Open long enough for a sample 12 hours after a dose."""


def visit(name: str, anchor: str, *points: str, tolerance: Tolerance | None = None) -> OtherVisit:
    return OtherVisit(
        name=name,
        visit="review",
        anchor=parse_reference(anchor),
        cadence=at(*points),
        tolerance=tolerance,
        source="local",
    )


def around(before: str, after: str) -> Tolerance:
    return Tolerance(before=parse_span(before), after=parse_span(after), source="local")


def design(*other_visits: OtherVisit, gates: tuple[Gate, ...] = ()) -> Protocol:
    return protocol(phase("dose", at("day 1"), "1"), other_visits=other_visits, gates=gates)


def dates(agenda: Agenda) -> dict[str, str]:
    return {due.id: f"{due.foreseen.day:%m-%d}" for due in agenda.dues if due.foreseen is not None}


def seen(of: Protocol, on: str, *events: Event) -> Agenda:
    return expand(course(of, *events, start="2027-03-01"), day(on))


RUN_IN = design(
    visit("screening", "start of run-in", "day -14", tolerance=window("2 days", "0 days")),
    visit("run-in", "start of dose", "day -7", tolerance=window("1 day", "1 day")),
    visit("call", "start of screening", "day 3"),
)
"""A screening 14 days before a run-in, which is 7 days before the first dose."""


def test_a_chain_of_visits_before_the_first_dose_dates_that_dose() -> None:
    found = dates(seen(RUN_IN, "2027-03-01"))
    assert found == {"screening": "03-01", "call": "03-03", "run-in": "03-15", "dose-1": "03-22"}


def test_a_screening_given_late_moves_all_that_hangs_on_it_step_by_step() -> None:
    given = Given(visit="screening", on=day("2027-03-05"))
    found = dates(seen(RUN_IN, "2027-03-05", given))
    assert found == {"call": "03-07", "run-in": "03-19", "dose-1": "03-26"}


def test_a_plan_keeps_a_chain_of_visits_and_stays_when_its_first_has_happened() -> None:
    known = course(RUN_IN, start="2027-03-01")
    plan = plan_course(known, EVERY_DAY, Person(key="p"), as_of=day("2027-03-01"))
    assert plan.schedule is not None
    assert plan.objective is not None
    assert plan.objective.deviation == 0
    first, *rest = plan.schedule.visits
    notified = known.after([Given(visit=first.id, on=first.day, start=first.start)])
    again = plan_course(notified, EVERY_DAY, Person(key="p"), as_of=first.day)
    assert again.schedule is not None
    assert [one.start for one in again.schedule.visits] == [one.start for one in rest]


def test_a_visit_hangs_on_the_visit_of_a_gate_given_or_due() -> None:
    talk = Gate(name="talk", visit="evaluation", before=Ordinals.parse("1"), source="local")
    of = design(visit("call", "start of talk", "day 3"), gates=(talk,))
    due = seen(of, "2027-03-01")
    talked = next(one.foreseen for one in due.dues if one.id == "talk")
    assert talked is not None
    assert dates(due)["call"] == f"{talked.day.replace(day=talked.day.day + 2):%m-%d}"
    given = seen(of, "2027-03-04", Given(visit="talk", on=day("2027-03-03")))
    assert dates(given)["call"] == "03-05"


def test_milestones_that_hang_on_one_another_in_a_circle_are_refused() -> None:
    with pytest.raises(InvalidDocument, match="'a' depends on itself, step by step"):
        design(visit("a", "start of b", "day 2"), visit("b", "start of a", "day 2"))
    with pytest.raises(InvalidDocument, match="names 'c'; known: dose, a, cycle"):
        design(visit("a", "start of c", "day 2"))


SAMPLES = design(
    visit("before", "start of dose", "- 1 hour", tolerance=around("4 hours", "0 minutes")),
    visit(
        "sample",
        "start of dose",
        "45 minutes",
        "8 hours",
        tolerance=around("5 minutes", "5 minutes"),
    ),
    visit("next day", "start of dose", "24 hours", tolerance=around("2 hours", "2 hours")),
)
"""Windows in hours and minutes, as samples around a dose have them."""


@pytest.mark.parametrize(
    ("sample", "time", "judged"),
    [
        ("sample-1", "09:40", Judged.IN_WINDOW),
        ("sample-1", "09:39", Judged.TOO_EARLY),
        ("sample-1", "09:50", Judged.IN_WINDOW),
        ("sample-1", "09:51", Judged.TOO_LATE),
        ("sample-2", "17:06", Judged.TOO_LATE),
        ("before", "04:00", Judged.IN_WINDOW),
        ("before", "03:59", Judged.TOO_EARLY),
        ("before", "08:01", Judged.TOO_LATE),
    ],
)
def test_a_window_in_minutes_is_judged_to_the_minute(
    sample: str, time: str, judged: Judged
) -> None:
    dose = Given(visit="dose-1", on=day("2027-03-02"), start=moment("09:00"))
    taken = Given(visit=sample, on=day("2027-03-02"), start=moment(time))
    known = course(SAMPLES, *sorted([dose, taken], key=lambda one: str(one.start)))
    [found] = [one for one in judge_history(known) if one.visit == sample]
    assert found.judged is judged


def moment(time: str) -> datetime:
    hour, minute = map(int, time.split(":"))
    return datetime(2027, 3, 2, hour, minute, tzinfo=UTC)


def test_a_plan_keeps_windows_in_minutes() -> None:
    pinned = Pinned(visit="dose-1", on=day("2027-03-01"), start=moment("09:00"))
    known = course(SAMPLES, pinned, start="2027-03-01")
    plan = plan_course(known, EVERY_DAY, Person(key="p"), as_of=day("2027-03-01"))
    assert plan.schedule is not None
    starts = {one.id: f"{one.start:%d %H:%M}" for one in plan.schedule.visits}
    assert starts == {
        "before": "02 08:00",
        "dose-1": "02 09:00",
        "sample-1": "02 09:45",
        "sample-2": "02 17:00",
        "next day": "03 09:00",
    }


# --- asked for, never to happen, and again and again -----------------------------------------


def weekly(*other_visits: OtherVisit) -> Protocol:
    return protocol(phase("dose", every("1 week"), "4"), other_visits=other_visits)


UNPLANNED = OtherVisit(
    name="unscheduled",
    visit="review",
    cadence=OnDemand(on_demand="the person is worse"),
    source="local",
)
"""Trial designs have an unscheduled visit that may be asked for at any time of the course."""


def test_a_visit_asked_for_in_mid_course_is_on_its_date_and_moves_no_other() -> None:
    of = weekly(UNPLANNED)
    given = Given(visit="dose-1", on=day("2027-03-01"))
    before = dates(seen(of, "2027-03-02", given))
    asked = Requested(phase="unscheduled", on=day("2027-03-02"), wanted=day("2027-03-04"))
    found = dates(seen(of, "2027-03-02", given, asked))
    assert found == {**before, "unscheduled-1": "03-04"}
    agenda = seen(of, "2027-03-02", given, asked)
    assert agenda.due("unscheduled-1").target is not None
    assert [one.rule for one in [agenda.due("unscheduled-1").target] if one] == [
        "on the day asked for"
    ]


def test_visits_asked_for_are_told_apart_and_one_that_took_place_is_over() -> None:
    of = weekly(UNPLANNED)
    first = Requested(phase="unscheduled", on=day("2027-03-01"), wanted=day("2027-03-02"))
    second = Requested(phase="unscheduled", on=day("2027-03-03"))
    took_place = Given(visit="unscheduled-1", on=day("2027-03-02"))
    agenda = seen(of, "2027-03-03", first, took_place, second)
    assert dates(agenda)["unscheduled-2"] == "03-03"
    assert "unscheduled-1" not in dates(agenda)
    assert "unscheduled-1" in [one.id for one in agenda.past]


def test_a_visit_that_nobody_asked_for_but_took_place_is_on_record() -> None:
    known = course(weekly(UNPLANNED), start="2027-03-01")
    took_place = Given(visit="unscheduled-1", on=day("2027-03-02"))
    notified = record(known, [took_place], as_of=day("2027-03-02"))
    assert [one.id for one in expand(notified, day("2027-03-02")).past] == ["unscheduled-1"]
    [found] = judge_history(notified)
    assert found.judged is Judged.NOT_DUE  # nobody asked for it
    asked = Requested(phase="unscheduled", on=day("2027-03-01"), wanted=day("2027-03-02"))
    [found] = judge_history(known.after([asked, took_place]))
    assert found.judged is Judged.IN_WINDOW


def test_only_what_comes_on_demand_can_be_asked_for() -> None:
    known = course(weekly(UNPLANNED), start="2027-03-01")
    asked = Requested(phase="visit around", on=day("2027-03-01"))
    with pytest.raises(InvalidEvent, match="known: dose, unscheduled"):
        record(known, [asked], as_of=day("2027-03-01"))


LEAVING = visit("leaving", "event withdrawal", "day 1", "day 30")


def test_an_event_that_may_never_happen_is_not_asked_about() -> None:
    asked = seen(weekly(LEAVING), "2027-03-01")
    assert [one.about for one in asked.questions] == ["withdrawal"]
    quiet = weekly(attrs.evolve(LEAVING, if_it_happens=True))
    assert seen(quiet, "2027-03-01").questions == ()
    happened = Happened(event="withdrawal", on=day("2027-03-10"))
    found = dates(seen(quiet, "2027-03-10", happened))
    assert {name: found[name] for name in ("leaving-1", "leaving-2")} == {
        "leaving-1": "03-10",
        "leaving-2": "04-08",
    }


def test_tests_go_on_each_month_until_so_long_after_the_last_dose() -> None:
    """Alemtuzumab: laboratory tests each month until 48 months after the last infusion."""
    monthly = OtherVisit(
        name="laboratory",
        visit="review",
        anchor=parse_reference("end of dose"),
        cadence=every("1 month"),
        until=parse_span("48 months"),
        source="local",
    )
    of = attrs.evolve(design(monthly), month_end=MonthEnd.LAST_DAY)
    found = seen(of, "2027-03-02", Given(visit="dose-1", on=day("2027-03-01")))
    labs = [due.foreseen.day for due in found.dues if due.foreseen is not None]
    assert len(labs) == 48
    assert (labs[0], labs[-1]) == (day("2027-04-01"), day("2031-03-01"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"until_from": parse_reference("end of course")}, "until_from must be the start or end"),
        ({"until": parse_span("2 weeks")}, "until must be left out, except where visits come"),
        ({"if_it_happens": True}, "if_it_happens must be left out, except where it depends"),
        ({"anchor": None}, "anchor must be what it depends on"),
    ],
)
def test_what_another_visit_says_goes_together(change: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidValue, match=says):
        attrs.evolve(visit("review", "start of dose", "day 8"), **change)
    with pytest.raises(InvalidValue, match="anchor must be left out where visits come on demand"):
        attrs.evolve(UNPLANNED, anchor=parse_reference("start of dose"))
