"""What places, staff and a pharmacy do around a visit without the person."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import attrs
import pytest

from ics_entries import unfolded
from protocol_sched.clinic.courses import Case, booked, held_by, holdings
from protocol_sched.clinic.day import clinic_visits, day_list, known_parts
from protocol_sched.errors import InvalidDocument
from protocol_sched.formats.ics.entries import clinic_calendar, patient_calendar
from protocol_sched.formats.svg.picture import course_picture
from protocol_sched.judge.recording import record
from protocol_sched.model.availability import (
    Booking,
    Clinic,
    DatedHours,
    Hours,
    Staff,
)
from protocol_sched.model.course import Course
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Visit
from protocol_sched.planning.explain import explain_course
from protocol_sched.planning.replan import replan_course
from protocol_sched.text.explanations import explanation_text
from protocol_sched.text.plans import plan_text
from protocol_sched.text.protocol_rules import rule_text
from samples import NOW
from sessions import ANYBODY, PARIS, THURSDAY, clinic, planned, sessions, starts

CLEANED = """
[[visit_types.cleaning]]
name = "cleaning"
length = "10 minutes"
needs = { room = 1 }
after_hours = true
source = "local"
"""


def test_a_room_is_cleaned_after_closing_and_the_person_leaves_before() -> None:
    """
    60 minutes and 10 of cleaning, closing at 17:00: 16:00 can be booked.

    Source: alextselegidis/easyappointments #435.
    """
    where = clinic(busy="09:00-16:00")
    schedule = planned(sessions(CLEANED), where).schedule
    assert schedule is not None
    (visit,) = schedule.visits
    assert (f"{visit.start:%H:%M}", f"{visit.discharge_by:%H:%M}") == ("16:00", "17:00")
    inside = sessions(CLEANED.replace("after_hours = true\n", ""))
    assert planned(inside, where).schedule is None
    assert starts(inside, clinic(busy="09:00-15:50")) == ["15:50"]


def test_a_room_that_others_have_next_is_cleaned_before_they_come() -> None:
    where = clinic("10:00-13:00", busy="11:00-12:00")
    assert starts(sessions(), where) == ["10:00"]
    assert starts(sessions(CLEANED), where) == ["12:00"]


def test_two_visits_of_one_day_leave_time_to_clean_between_them() -> None:
    assert starts(sessions(per_day=2), clinic()) == ["09:00", "10:00"]
    assert starts(sessions(CLEANED, per_day=2), clinic()) == ["09:00", "10:10"]


MIXED = """
[[visit_types.stages]]
name = "infusion"
length = "30 minutes"
source = "local"

[[visit_types.preparation]]
name = "mixing"
length = "75 minutes"
needs = { pharmacist = 1 }
before = "infusion"
source = "local"
"""


def test_mixing_runs_beside_the_stages_before_the_infusion() -> None:
    where = clinic(staff=[Staff(kind="pharmacist", units=1)])
    assert starts(sessions(MIXED), where) == ["09:20"]  # mixed from 09:05 to 10:20
    gone = Booking(day=THURSDAY, start=9 * 60, end=10 * 60)
    busy = clinic(staff=[Staff(kind="pharmacist", units=1, booked=[gone])])
    assert starts(sessions(MIXED), busy) == ["10:20"]
    closed = DatedHours(first=THURSDAY, hours=((10 * 60, 11 * 60),))
    assert starts(sessions(MIXED), clinic(closures=[closed], staff=where.staff)) == ["11:20"]


def test_work_beside_a_stage_is_held_in_addition_to_what_the_stage_holds() -> None:
    beside = MIXED.replace("pharmacist", "nurse").replace("75", "30")
    nursed = sessions(beside, CLEANED.replace("room", "nurse"))
    nursed = attrs.evolve(
        nursed,
        visit_types=[
            attrs.evolve(
                kind, stages=[attrs.evolve(one, needs=(("nurse", 1),)) for one in kind.stages]
            )
            for kind in nursed.visit_types
        ],
    )
    one, two = (clinic(staff=[Staff(kind="nurse", units=units)]) for units in (1, 2))
    assert planned(nursed, one).schedule is None
    assert starts(nursed, two) == ["09:00"]


def test_a_plan_and_the_clinics_calendar_say_what_is_done_around_a_visit() -> None:
    protocol = sessions(MIXED, CLEANED)
    where = clinic(staff=[Staff(kind="pharmacist", units=1)])
    plan = planned(protocol, where)
    assert plan.schedule is not None
    assert (
        "  session  mixing: 09:05 to 10:20 (pharmacist); cleaning: 10:50 to 11:00 (room)\n"
        in plan_text(plan, protocol=protocol).replace("    mixing", "  mixing")
    )
    world = (plan.schedule, where, ANYBODY, protocol)
    ours, theirs = (
        unfolded(write(*world, now=NOW)) for write in (clinic_calendar, patient_calendar)
    )
    assert "Mixing: 09:05 to 10:20 (pharmacist)." in ours
    mixing = entries_of(ours)["mixing, session, p"]
    assert "DTSTART;TZID=Europe/Paris:20220609T090500" in mixing
    assert "DTEND;TZID=Europe/Paris:20220609T102000" in mixing
    cleaning = entries_of(ours)["cleaning, session, p"]
    assert "DTSTART;TZID=Europe/Paris:20220609T105000" in cleaning
    assert "RESOURCES:room 1" in cleaning
    assert "mixing: 09:05 to 10:20 (pharmacist)" in course_picture(*world)
    assert "ixing" not in theirs
    assert "leaning" not in theirs


def entries_of(file: str) -> dict[str, str]:
    """Return each entry of a calendar file by its title."""
    parts = (part.partition("END:VEVENT")[0] for part in file.split("BEGIN:VEVENT")[1:])
    return {part.split("SUMMARY:")[1].split("\n")[0].replace("\\", ""): part for part in parts}


def known(protocol: Protocol, where: Clinic) -> tuple[Case, Visit]:
    """Return a course of which people were told, and its visit."""
    course = Course(key="c", protocol=protocol, not_before=THURSDAY)
    asked = THURSDAY - timedelta(days=8)
    at = datetime.combine(asked, time(7), PARIS)
    replan = replan_course(course, where, ANYBODY, as_of=asked, now=at)
    assert replan.plan.schedule is not None
    notified = record(course, replan.events(asked, at), as_of=asked)
    return Case(course=notified, person=ANYBODY), replan.plan.schedule.visits[0]


def test_what_work_holds_is_not_free_for_another_course() -> None:
    protocol = sessions(MIXED, CLEANED)
    where = clinic(staff=[Staff(kind="pharmacist", units=1)])
    case, visit = known(protocol, where)
    found = holdings(case.course, THURSDAY)
    assert found == held_by([visit], protocol)
    assert [(one.name, f"{one.start:%H:%M}", f"{one.end:%H:%M}") for one in found] == [
        ("room 1", "09:20", "11:00"),
        ("pharmacist", "09:05", "10:20"),
    ]
    assert starts(sessions(), booked(where, found)) == ["11:00"]


def test_work_that_has_begun_does_not_move_the_visit_it_is_for() -> None:
    """At 09:10 the drug for 10:20 is being mixed; nothing new can be ready before 10:30."""
    protocol = sessions(MIXED)
    where = clinic(staff=[Staff(kind="pharmacist", units=1)])
    case, visit = known(protocol, where)
    now = datetime(2022, 6, 9, 9, 10, tzinfo=PARIS)
    kept = replan_course(case.course, where, ANYBODY, as_of=THURSDAY, now=now).plan.schedule
    assert kept is not None
    assert kept.visits[0].start == visit.start
    new = Course(key="new", protocol=protocol, not_before=THURSDAY)
    plan = replan_course(new, where, ANYBODY, as_of=THURSDAY, now=now).plan.schedule
    assert plan is not None
    assert f"{plan.visits[0].start:%H:%M}" == "09:30"


AHEAD = """
[[visit_types.preparation]]
name = "mixing"
length = "40 minutes"
needs = { pharmacist = 1 }
ahead = "24 hours"
source = "local"
"""


def pharmacy(*taken: Booking, **fields: Any) -> Clinic:
    """Return the clinic, open on Wednesdays too, with one pharmacist."""
    hours = Hours.of({"Wednesday": "09:00-17:00", "Thursday": "09:00-17:00"})
    return attrs.evolve(
        clinic(staff=[Staff(kind="pharmacist", units=1, booked=taken)]), hours=hours, **fields
    )


def test_what_is_done_the_day_before_takes_its_time_there() -> None:
    wednesday = THURSDAY - timedelta(days=1)
    assert starts(sessions(AHEAD), pharmacy()) == ["09:40"]  # mixed on Wednesday from 09:00
    taken = Booking(day=wednesday, start=9 * 60, end=12 * 60)
    assert starts(sessions(AHEAD), pharmacy(taken)) == ["12:40"]
    closed = DatedHours(first=wednesday, why="holiday")
    assert planned(sessions(AHEAD), pharmacy(closures=[closed])).schedule is None
    hours_too = AHEAD + "after_hours = true\n"
    assert starts(sessions(hours_too), pharmacy(closures=[closed])) == ["09:00"]


def test_a_visit_that_people_know_stays_when_its_work_was_done_the_day_before() -> None:
    protocol, where = sessions(AHEAD), pharmacy()
    case, visit = known(protocol, where)
    now = datetime(2022, 6, 9, 9, 10, tzinfo=PARIS)
    kept = replan_course(case.course, where, ANYBODY, as_of=THURSDAY, now=now).plan.schedule
    assert kept is not None
    assert kept.visits[0].start == visit.start
    new = Course(key="new", protocol=protocol, not_before=THURSDAY, finish_by=THURSDAY)
    found = replan_course(new, where, ANYBODY, as_of=THURSDAY, now=now)
    assert found.plan.schedule is None
    said = {language: plan_text(found.plan, language=language) for language in ("en", "de", "fr")}
    says = "mixing is done ahead of the session: it must be on Fri 10 June at 09:50 or later"
    assert says in said["en"]
    assert "vor session steht mixing; frühestens am Fr 10. Juni um 09:50 Uhr" in said["de"]
    assert "mixing précède session : au plus tôt le ven. 10 juin à 9 h 50" in said["fr"]


def test_the_clinics_calendar_and_plan_say_the_date_of_work_the_day_before() -> None:
    protocol, where = sessions(AHEAD), pharmacy()
    plan = planned(protocol, where)
    assert plan.schedule is not None
    assert "mixing: Wed 8 June 09:00 to 09:40 (pharmacist)" in plan_text(plan, protocol=protocol)
    ours = unfolded(clinic_calendar(plan.schedule, where, ANYBODY, protocol, now=NOW))
    mixing = entries_of(ours)["mixing, session, p"]
    assert "DTSTART;TZID=Europe/Paris:20220608T090000" in mixing
    case, _ = known(protocol, where)
    parts = known_parts(case, THURSDAY - timedelta(days=2), where)
    listed = day_list(clinic_visits(parts, where), where, THURSDAY - timedelta(days=1))
    assert "mixing" in str(listed)


def test_work_the_day_before_takes_what_nothing_else_needs() -> None:
    with pytest.raises(InvalidDocument) as refused:
        sessions(AHEAD, MIXED)
    assert str(refused.value).splitlines()[1] == (
        "  visit_types[0].preparation[0].needs: must be what nothing else needs but work 24 hours "
        "ahead, got 'pharmacist'"
    )


def test_the_rule_is_said_in_each_language() -> None:
    (kind,) = sessions(AHEAD).visit_types
    said = "mixing: 40 minutes, over 24 hours before the arrival, holds 1 pharmacist"
    assert rule_text(kind.preparation[0]) == said


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "\n  - Small Centre is open only 09:00-10:40 on Thu 9 June, for mixing too\n"),
        ("de", "auch für mixing"),
    ],
)
def test_what_leaves_no_room_is_said_with_the_work_it_is_about(language: str, says: str) -> None:
    where = clinic("09:00-10:40", staff=[Staff(kind="pharmacist", units=1)])
    course = Course(key="c", protocol=sessions(MIXED), not_before=THURSDAY, finish_by=THURSDAY)
    asked = THURSDAY - timedelta(days=8)
    found = explain_course(course, where, ANYBODY, as_of=asked, count=1)
    assert says in explanation_text(found, language=language)


def test_work_names_a_stage_of_its_visit() -> None:
    with pytest.raises(InvalidDocument, match="names 'surgery'; known: session, infusion"):
        sessions(MIXED.replace('before = "infusion"', 'before = "surgery"'))
    with pytest.raises(InvalidDocument, match="names 'surgery'; known: session"):
        sessions(CLEANED + 'after = "surgery"\n')
