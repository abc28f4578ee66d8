"""A gate's visit has a target inside its range, and day 1 a window of its own."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from protocol_sched.errors import InvalidValue
from protocol_sched.formats.documents.documents import (
    protocol_to_dict,
    read_protocol,
    write_toml,
)
from protocol_sched.judge.checker import violations
from protocol_sched.judge.verdicts import verdict
from protocol_sched.model.availability import Clinic, DatedHours, Hours, Person
from protocol_sched.model.course import Course
from protocol_sched.model.gates import Gate
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.schedule import Plan, Proof
from protocol_sched.model.spans import calendar_span, parse_span
from protocol_sched.model.verdict import Judged
from protocol_sched.planning.course import plan_course
from protocol_sched.text.plans import plan_text
from protocols import (
    apart,
    at,
    course,
    dates,
    day,
    every,
    given,
    phase,
    protocol,
    seen,
    starts,
    target,
)

# A design of ../shared/faults/designs.md: screening on day -42 to -9, ideally 14 days before day 1.
SCREENING = Gate(
    name="screening",
    visit="evaluation",
    min_age=parse_span("9 days"),
    max_age=parse_span("42 days"),
    target=parse_span("14 days"),
    source="local",
)
RUN = protocol(phase("dose", every("7 days"), "2"), gates=[SCREENING])
WARD = Clinic(
    name="Ward",
    zone=ZoneInfo("Europe/London"),
    hours=Hours.of(dict.fromkeys(WEEKDAYS, "08:00-18:00")),
)


def planned(run: Course, ward: Clinic = WARD, as_of: str = "2027-03-01") -> Plan:
    return plan_course(run, ward, Person(key="p"), as_of=day(as_of))


def days_of(plan: Plan) -> dict[str, str]:
    assert plan.schedule is not None
    return {visit.id: str(visit.day) for visit in plan.schedule.visits}


def test_dates_have_the_target_of_the_screening_and_day_1_follows_it() -> None:
    agenda = seen(course(RUN, start="2027-03-01"), "2027-03-01")
    assert target(agenda, "screening") == "2027-03-01"
    foreseen = agenda.due("dose-1").foreseen
    assert foreseen is not None
    assert foreseen.day == day("2027-03-15")


def test_a_plan_has_the_screening_on_its_target() -> None:
    plan = planned(course(RUN, start="2027-03-01"))
    assert plan.proof is Proof.OPTIMAL
    assert days_of(plan) == {
        "screening": "2027-03-01",
        "dose-1": "2027-03-15",
        "dose-2": "2027-03-22",
    }
    assert plan.schedule is not None
    assert violations(plan.agenda, plan.schedule, WARD, Person(key="p"), RUN) == ()
    assert "14 days" in plan_text(plan)


def test_a_screening_off_its_target_stays_in_its_range() -> None:
    closed = DatedHours(first=day("2027-03-12"), last=day("2027-03-25"), why="works")
    ward = attrs.evolve(WARD, closures=[closed])
    run = attrs.evolve(
        course(RUN, start="2027-03-01"), first_treatment_within=calendar_span("27 days")
    )
    found = days_of(planned(run, ward))
    away = (day(found["dose-1"]) - day(found["screening"])).days
    assert 9 <= away <= 42
    assert away == 15  # on 26 March and 11 March, as near to 14 days as the works leave


def test_a_screening_without_a_target_is_as_early_as_may_be() -> None:
    plain = attrs.evolve(RUN, gates=[attrs.evolve(SCREENING, target=None)])
    closed = DatedHours(first=day("2027-03-02"), last=day("2027-03-25"), why="works")
    ward = attrs.evolve(WARD, closures=[closed])
    found = days_of(planned(course(plain, start="2027-03-01"), ward))
    assert (found["screening"], found["dose-1"]) == ("2027-03-01", "2027-03-26")


def test_a_screening_that_was_done_leaves_day_1_its_window() -> None:
    run = course(RUN, *given(screening="2027-03-02"), start="2027-03-01")
    found = dates(seen(run, "2027-03-03"), "dose-1")
    assert (found[0], found[2]) == ("2027-03-11", "2027-04-13")
    assert verdict(run, "dose-1", day("2027-03-10")).judged is Judged.TOO_EARLY
    assert verdict(run, "dose-1", day("2027-03-16")).judged is Judged.IN_WINDOW


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"target": parse_span("8 days")}, "target must be not nearer than min_age and not"),
        ({"target": parse_span("43 days")}, "target must be not nearer than min_age and not"),
        ({"target": parse_span("300 hours")}, "target must be in days or in hours, as min_age"),
        ({"visit": None}, "target must be left out where the gate is not a visit to be planned"),
    ],
)
def test_a_target_lies_in_the_range(change: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidValue, match=says):
        attrs.evolve(SCREENING, **change)


def test_files_keep_it() -> None:
    text = write_toml(protocol_to_dict(RUN))
    assert 'target = "14 days"' in text
    assert read_protocol(text) == RUN


def test_day_1_has_a_window_measured_from_screening() -> None:
    # Day 1 is 7 to 28 days after the screening, which is the first visit of the course.
    doses = attrs.evolve(
        phase("dose", every("7 days"), "2"),
        starts=starts("7 to 28 days", "start of screening"),
        separations=[apart("start of screening", least="7 days", most="28 days", visits="first")],
    )
    run = course(
        protocol(phase("screening", at("day 1"), "1"), doses), *given(screening_1="2027-03-01")
    )
    found = dates(seen(run, "2027-03-02"), "dose-1")
    assert (found[0], found[2]) == ("2027-03-08", "2027-03-29")
    assert verdict(run, "dose-1", day("2027-03-30")).judged is Judged.TOO_LATE
    assert days_of(planned(run, as_of="2027-03-02"))["dose-1"] == "2027-03-08"
    closed = DatedHours(first=day("2027-03-02"), last=day("2027-03-28"))
    shut = attrs.evolve(WARD, closures=[closed])
    assert days_of(planned(run, shut, "2027-03-02"))["dose-1"] == "2027-03-29"


def test_the_first_of_a_row_has_a_target_in_hours_too() -> None:
    talk = Gate(
        name="talk", visit="evaluation", in_a_row=2, target=parse_span("48 hours"), source="local"
    )
    run = course(protocol(phase("dose", every("7 days"), "1"), gates=[talk]), start="2027-03-01")
    assert target(seen(run, "2027-03-01"), "talk") == "2027-03-01"
    first = days_of(planned(run))
    assert first == {"talk": "2027-03-01", "dose-1": "2027-03-04"}
    second = days_of(planned(run.after(given(talk="2027-03-01")), as_of="2027-03-01"))
    assert second == {"talk-2": "2027-03-02", "dose-1": "2027-03-04"}
