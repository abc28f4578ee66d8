"""Milestones that hang on milestones and gates, windows in hours: schedules of trial designs."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from protocol_sched.errors import InvalidDocument
from protocol_sched.expansion import expand
from protocol_sched.judge.verdicts import compliance
from protocol_sched.model.agenda import Agenda
from protocol_sched.model.availability import Clinic, Hours, Person
from protocol_sched.model.course import Event, Given, Pinned
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.references import parse_reference
from protocol_sched.model.rules import WEEKDAYS, Gate, Milestone, Ordinals, Tolerance
from protocol_sched.model.spans import parse_span
from protocol_sched.model.verdict import Judged
from protocol_sched.planning.course import plan_course
from protocols import at, course, day, phase, protocol, window

EVERY_DAY = Clinic(
    name="Clinic",
    zone=ZoneInfo("UTC"),
    hours=Hours.of(dict.fromkeys(WEEKDAYS, "06:00-22:00")),
    grid=15,
)
"""Open long enough for a sample 12 hours after a dose."""


def visit(name: str, anchor: str, *points: str, tolerance: Tolerance | None = None) -> Milestone:
    return Milestone(
        name=name,
        visit="review",
        anchor=parse_reference(anchor),
        cadence=at(*points),
        tolerance=tolerance,
        source="local",
    )


def around(before: str, after: str) -> Tolerance:
    return Tolerance(before=parse_span(before), after=parse_span(after), source="local")


def design(*milestones: Milestone, gates: tuple[Gate, ...] = ()) -> Protocol:
    return protocol(phase("dose", at("day 1"), "1"), milestones=milestones, gates=gates)


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
    told = known.after([Given(visit=first.id, on=first.day, start=first.start)])
    again = plan_course(told, EVERY_DAY, Person(key="p"), as_of=first.day)
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
    with pytest.raises(InvalidDocument, match="'a' hangs on itself, step by step"):
        design(visit("a", "start of b", "day 2"), visit("b", "start of a", "day 2"))
    with pytest.raises(InvalidDocument, match="names 'c'; known here: dose, a, cycle"):
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
    [found] = [one for one in compliance(known) if one.visit == sample]
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
