"""
A visit that took place though nobody had planned it, and what it does to the others.

Source: reports of schedules kept in spreadsheets name "unscheduled visits that shift others" as
what they cannot do; whether one does is a clinician's to say.
"""

from __future__ import annotations

import pytest

from protocol_sched.errors import InvalidEvent, InvalidValue
from protocol_sched.judge.recording import record
from protocol_sched.judge.verdicts import judge_history
from protocol_sched.model.course import Answered, Course, Given
from protocol_sched.model.protocol import Phase
from protocol_sched.model.verdict import Judged
from protocols import apart, course, day, every, given, phase, protocol, questions, seen, target

FOUR_WEEKS = phase(
    "maintenance", every("4 weeks"), "4", separations=[apart(least="3 weeks", safety=True)]
)


def after(shifts: bool | None, on: str, visits: Phase = FOUR_WEEKS) -> Course:
    extra = Given(visit="maintenance-unplanned-1", on=day(on), shifts=shifts)
    plan = protocol(visits)
    run = course(plan, *given(maintenance_1="2027-03-01", maintenance_2="2027-03-29"))
    return record(run, [extra], as_of=day("2027-04-20"))


def expected(run: Course) -> list[str]:
    agenda = seen(run, "2027-04-20")
    return [target(agenda, visit)[5:] for visit in ("maintenance-3", "maintenance-4")]


def test_visits_count_from_it_where_it_shifts_them() -> None:
    assert expected(after(True, "2027-04-20")) == ["05-18", "06-15"]


def test_else_they_keep_their_dates() -> None:
    assert expected(after(False, "2027-04-01")) == ["04-26", "05-24"]


def test_a_least_distance_counts_from_it_either_way() -> None:
    agenda = seen(after(False, "2027-04-20"), "2027-04-20")
    due = agenda.due("maintenance-3")
    assert due.earliest is not None
    assert due.earliest.day == day("2027-05-11")
    assert "extra infusion" in due.earliest.rule


def test_dates_as_first_laid_out_begin_anew_only_where_it_shifts_them() -> None:
    grid = phase("maintenance", every("4 weeks"), "4", anchor="original dates")
    assert expected(after(True, "2027-04-20", grid)) == ["05-18", "06-15"]
    assert expected(after(False, "2027-04-01", grid)) == ["04-26", "05-24"]


def test_nobody_guesses_which() -> None:
    run = after(None, "2027-04-20")
    agenda = seen(run, "2027-04-20")
    assert questions(agenda) == ["shifts-maintenance-unplanned-1"]
    assert agenda.due("maintenance-3").open == "shifts-maintenance-unplanned-1"
    said = Answered(question=questions(agenda)[0], answer="no", on=day("2027-04-20"))
    told = record(run, [said], as_of=day("2027-04-20"))
    assert questions(seen(told, "2027-04-20")) == []
    assert expected(told) == ["05-11", "06-08"]


def test_one_too_near_the_visit_before_is_judged_and_asked_about() -> None:
    run = after(True, "2027-04-10")
    judged = {one.visit: one.judged for one in judge_history(run)}
    assert judged["maintenance-unplanned-1"] is Judged.TOO_EARLY
    assert any("given too soon" in one.asks for one in seen(run, "2027-04-20").questions)


def test_one_recorded_afterwards_stands_in_its_place_in_time() -> None:
    run = after(True, "2027-03-15")
    assert expected(run) == ["04-26", "05-24"]
    assert [one.id for one in seen(run, "2027-04-20").past] == [
        "maintenance-1",
        "maintenance-unplanned-1",
        "maintenance-2",
    ]


def test_it_needs_a_phase_that_has_begun() -> None:
    early = Given(visit="maintenance-unplanned-1", on=day("2027-03-01"), shifts=True)
    for visit in (early, Given(visit="other-unplanned-1", on=day("2027-03-01"))):
        with pytest.raises(InvalidEvent, match="no visit of the course"):
            record(course(protocol(FOUR_WEEKS)), [visit], as_of=day("2027-03-01"))


def test_only_such_a_visit_says_whether_it_shifts_others() -> None:
    with pytest.raises(InvalidValue, match="nobody planned"):
        Given(visit="maintenance-1", on=day("2027-03-01"), shifts=True)
