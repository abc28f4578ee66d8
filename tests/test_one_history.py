"""Planning and planning anew read one history alike."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from protocol_sched import (
    catalog,
    plan_course,
    read_clinic,
    read_course,
    read_person,
    replan_course,
)
from protocol_sched.cli.main import main
from protocol_sched.model.course import Course, Declined, Given, Omitted
from protocol_sched.model.schedule import Plan
from protocol_sched.text.plans import plan_text

EXAMPLES = Path(__file__).parent.parent / "examples"
ZONE = ZoneInfo("America/New_York")
CLINIC = read_clinic((EXAMPLES / "clinic.toml").read_text())
PERSON = read_person((EXAMPLES / "person.toml").read_text())
FRESH = read_course((EXAMPLES / "course.toml").read_text(), catalog.load)
TOLD_ON = date(2027, 2, 20)


def notified() -> Course:
    found = replan_course(FRESH, CLINIC, PERSON, as_of=TOLD_ON)
    return FRESH.after(found.events(TOLD_ON))


def planned(course: Course, on: date) -> Plan:
    return plan_course(course, CLINIC, PERSON, as_of=on)


def test_a_visit_told_and_not_recorded_is_asked_about_and_not_planned_again() -> None:
    course = notified().after([Given(visit="evaluation", on=date(2027, 3, 1))])
    on = date(2027, 3, 4)
    plan = planned(course, on)
    again = replan_course(course, CLINIC, PERSON, as_of=on)
    assert plan.schedule is not None
    assert "induction-1" not in [visit.id for visit in plan.schedule.visits]
    assert [visit.id for visit in plan.unrecorded] == ["induction-1"]
    assert plan.unrecorded == again.unrecorded == again.plan.unrecorded
    assert (
        "Not recorded: infusion 1, Wed 3 March 2027 at 09:00; the plan assumes it was given. "
        "Was it?" in plan_text(plan)
    )
    assert plan.agenda == again.plan.agenda


def test_a_visit_told_and_then_left_out_is_not_taken_to_be_given() -> None:
    course = notified().after(
        [
            Given(visit="evaluation", on=date(2027, 3, 1)),
            Omitted(visit="induction-1", on=date(2027, 3, 2)),
        ]
    )
    on = date(2027, 3, 4)
    assert planned(course, on).unrecorded == ()
    assert replan_course(course, CLINIC, PERSON, as_of=on).unrecorded == ()


def test_an_escort_who_said_no_is_not_asked_again_by_a_plan_either() -> None:
    course = notified()
    first = planned(course, TOLD_ON).schedule
    assert first is not None
    visit = first.visits[1]
    assert visit.escort is not None
    no = Declined(visit=visit.id, escort=visit.escort, on=TOLD_ON)
    second = planned(course.after([no]), TOLD_ON).schedule
    assert second is not None
    escorts = {(one.day, one.escort) for one in second.visits}
    assert (visit.day, visit.escort) not in escorts


def test_files_of_a_plan_do_not_withdraw_a_visit_that_nobody_recorded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from protocol_sched.formats.documents import documents

    course = notified().after([Given(visit="evaluation", on=date(2027, 3, 1))])
    text = (EXAMPLES / "course.toml").read_text() + documents.write_events(course.events)
    (tmp_path / "course.toml").write_text(text)
    where = ["--clinic", str(EXAMPLES / "clinic.toml"), "--person", str(EXAMPLES / "person.toml")]
    out = ["--out", str(tmp_path / "out"), "--as-of", "2027-03-04"]
    assert main(["plan", str(tmp_path / "course.toml"), *where, *out]) == 0
    assert "Was it?" in capsys.readouterr().out
    assert "cancelled" not in (tmp_path / "out" / "notified.toml").read_text()
    assert "STATUS:CANCELLED" not in (tmp_path / "out" / "patient.ics").read_text()


def test_moments_of_the_first_plan_are_those_the_examples_show() -> None:
    first = planned(FRESH, TOLD_ON).schedule
    assert first is not None
    assert first.visits[1].start == datetime(2027, 3, 3, 9, tzinfo=ZONE)
