"""Visits that come every so often until so long after a phase or the course has ended."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from protocol_sched.errors import InvalidDocument
from protocol_sched.formats.documents.documents import (
    protocol_to_dict,
    read_protocol,
    write_toml,
)
from protocol_sched.model.agenda import Agenda
from protocol_sched.model.availability import Clinic, DatedHours, Hours, Person
from protocol_sched.model.course import Deferred, Discontinued
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.references import parse_reference
from protocol_sched.model.spans import parse_span
from protocol_sched.planning.course import plan_course
from protocols import course, day, every, given, phase, protocol, seen

MONTHLY = OtherVisit(
    name="laboratory",
    visit="review",
    anchor=parse_reference("start of course"),
    cadence=every("1 month"),
    until=parse_span("4 months"),
    until_from=parse_reference("end of course"),
    source="local",
)


def laboratory(agenda: Agenda) -> list[str]:
    return [
        f"{due.foreseen.day:%Y-%m-%d}"
        for due in agenda.dues
        if due.phase == "laboratory" and due.foreseen is not None
    ]


def test_tests_that_start_with_treatment_go_on_until_so_long_after_its_end() -> None:
    """
    Alemtuzumab: blood and urine each month from the first infusion on, until 48 months after the
    last one; here with 4 months.
    """
    doses = phase("dose", every("2 months"), "2")
    plan = protocol(doses, other_visits=[MONTHLY])
    begun = course(plan, *given(dose_1="2027-03-01"))
    # The second dose is foreseen on 1 May, so the last test is on 1 September.
    found = laboratory(seen(begun, "2027-03-02"))
    assert (found[0], found[-1], len(found)) == ("2027-04-01", "2027-09-01", 6)
    # Given two weeks late, it moves the end and not the tests.
    late = course(plan, *given(dose_1="2027-03-01", dose_2="2027-05-15", laboratory_1="2027-04-01"))
    found = laboratory(seen(late, "2027-05-15"))
    assert (found[-1], seen(late, "2027-05-15").ended) == ("2027-09-01", "")
    later = course(plan, *given(dose_1="2027-03-01", dose_2="2027-06-01"))
    assert laboratory(seen(later, "2027-06-01"))[-1] == "2027-10-01"


def test_tests_end_so_long_after_a_treatment_that_was_stopped() -> None:
    plan = protocol(phase("dose", every("1 month"), "12"), other_visits=[MONTHLY])
    stopped = Discontinued(on=day("2027-04-10"))
    run = course(plan, *given(dose_1="2027-03-01", dose_2="2027-04-01"), stopped)
    assert laboratory(seen(run, "2027-04-10"))[-1] == "2027-08-01"


def test_tests_go_on_while_nobody_knows_the_last_treatment() -> None:
    plan = protocol(phase("dose", every("1 month"), "open"), other_visits=[MONTHLY])
    run = course(plan, *given(dose_1="2027-03-01"))
    assert laboratory(seen(run, "2027-03-02", until="2028-06-01"))[-1] >= "2028-06-01"


def test_a_plan_has_the_tests_after_the_last_dose_it_plans() -> None:
    plan = protocol(phase("dose", every("2 months"), "2"), other_visits=[MONTHLY])
    put_off = Deferred(visit="dose-2", until=day("2027-06-10"), on=day("2027-03-02"))
    run = course(plan, *given(dose_1="2027-03-01"), put_off)
    ward = Clinic(
        name="Ward",
        zone=ZoneInfo("Europe/London"),
        hours=Hours.of(dict.fromkeys(WEEKDAYS, "08:00-18:00")),
    )
    made = plan_course(run, ward, Person(key="p"), as_of=day("2027-03-02"))
    assert made.schedule is not None
    planned = {visit.id: visit.day for visit in made.schedule.visits}
    assert planned["dose-2"] == day("2027-06-10")
    assert max(planned.values()) == day("2027-10-01")


@pytest.mark.parametrize("back", ["2027-05-31", "2027-07-15"])
def test_an_absence_that_pushes_tests_and_the_last_dose_onto_one_morning(back: str) -> None:
    """What hangs on the last dose is settled with the tests before it where they are planned."""
    plan = protocol(phase("dose", every("2 months"), "2"), other_visits=[MONTHLY])
    run = course(plan, *given(dose_1="2027-03-01"))
    ward = Clinic(
        name="Ward",
        zone=ZoneInfo("Europe/London"),
        hours=Hours.of(dict.fromkeys(WEEKDAYS, "08:00-18:00")),
    )
    away = [DatedHours(first=day("2027-03-25"), last=day(back), why="away")]
    person = Person(key="p", away=away)
    made = plan_course(run, ward, person, as_of=day("2027-03-02"), effort=100_000)
    assert made.schedule is not None
    planned = {visit.id: visit.day for visit in made.schedule.visits}
    assert planned["laboratory-1"] == day(back) + timedelta(days=1)
    assert (
        f"{max(planned.values()):%Y-%m-%d}" == {"05": "2027-10-01", "07": "2027-11-01"}[back[5:7]]
    )


def test_files_keep_it_and_an_unknown_phase_is_refused() -> None:
    plan = protocol(phase("dose", every("1 month"), "3"), other_visits=[MONTHLY])
    text = write_toml(protocol_to_dict(plan))
    assert 'until_from = "end of course"' in text
    assert read_protocol(text) == plan
    with pytest.raises(InvalidDocument, match="until_from: names 'loading'; known: dose"):
        read_protocol(text.replace("end of course", "end of loading"))
