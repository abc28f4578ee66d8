"""Calendars read back as schedules, and judged against a protocol."""

from __future__ import annotations

import functools
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol_sched import catalog
from protocol_sched.errors import InvalidDocument
from protocol_sched.expansion import expand
from protocol_sched.formats.documents import documents
from protocol_sched.formats.ics import entries as ics
from protocol_sched.formats.ics.reading.lines import Limits
from protocol_sched.formats.ics.reading.schedule import By, FromCalendar, read_calendar
from protocol_sched.judge.calendar_file import Judgement, judge_calendar, judgement_text
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.course import Confirmed, Course, Event, Given, Notified
from protocol_sched.model.course import Tested as GateTested
from protocol_sched.model.schedule import Ride, Schedule
from protocol_sched.planning.course import plan_course
from protocol_sched.text.privacy import Privacy
from test_ics_busy import Mutation, mutations

EXAMPLES = Path(__file__).parents[1] / "examples"
AS_OF = date(2027, 2, 20)
NOW = datetime(2027, 2, 20, 12, tzinfo=UTC)


@functools.cache
def world() -> tuple[Course, Clinic, Person, Schedule]:
    """Return the example course with its plan."""
    course = documents.read_course((EXAMPLES / "course.toml").read_text("utf-8"), catalog.load)
    clinic = documents.read_clinic((EXAMPLES / "clinic.toml").read_text("utf-8"))
    person = documents.read_person((EXAMPLES / "person.toml").read_text("utf-8"))
    plan = plan_course(course, clinic, person, as_of=AS_OF)
    assert plan.schedule is not None
    return course, clinic, person, plan.schedule


def written(
    reader: str, schedule: Schedule | None = None, **options: object
) -> tuple[bytes, Schedule]:
    course, clinic, person, planned = world()
    found = schedule or planned
    write = {"patient": ics.patient_calendar, "clinic": ics.clinic_calendar}[reader]
    chosen = ics.CalendarOptions(**options)  # type: ignore[arg-type]
    return write(found, clinic, person, course.protocol, now=NOW, options=chosen), found


def back(file: str | bytes, *events: Event, **more: object) -> FromCalendar:
    course, clinic, person, _ = world()
    agenda = expand(course.after(events), AS_OF)
    return read_calendar(
        file,
        agenda,
        clinic,
        person,
        course.protocol,
        events=events,
        **more,  # type: ignore[arg-type]
    )


def judged(file: str | bytes, *events: Event, **more: object) -> Judgement:
    course, clinic, person, _ = world()
    asked = {"as_of": AS_OF, **more}
    return judge_calendar(file, course.after(events), clinic, person, **asked)  # type: ignore[arg-type]


def foreign(*entries: str) -> str:
    """Return a calendar of entries, each ``START MINUTES TITLE`` and more lines."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    for entry in entries:
        first, *more = entry.split("\n")
        start, minutes, title = first.split(" ", 2)
        lines += ["BEGIN:VEVENT", f"DTSTART;TZID=America/New_York:2027{start}00"]
        lines += [f"DURATION:PT{minutes}M", f"SUMMARY:{title}", *more, "END:VEVENT"]
    return "\n".join([*lines, "END:VCALENDAR"])


def pairs(found: FromCalendar) -> list[tuple[str, str]]:
    return [(one.visit, one.title) for one in found.matched]


# --- our own files ---------------------------------------------------------------------------


def test_the_clinics_file_gives_the_schedule_back_to_the_last_stage() -> None:
    file, schedule = written("clinic")
    found = back(file)
    assert found.schedule.visits == schedule.visits
    assert (found.unmatched, found.tentative, found.cancelled) == ((), (), ())
    assert {one.by for one in found.matched} == {By.UID}


def test_the_patients_file_gives_the_schedule_back_but_for_the_chairs() -> None:
    file, schedule = written("patient")
    visits = tuple(attrs.evolve(visit, places=()) for visit in schedule.visits)
    assert back(file).schedule.visits == visits


@pytest.mark.parametrize("privacy", Privacy)
@pytest.mark.parametrize("reader", ["patient", "clinic"])
def test_every_level_of_privacy_gives_times_and_identities_back(
    reader: str, privacy: Privacy
) -> None:
    file, schedule = written(reader, privacy=privacy)
    found = back(file).schedule.visits
    for one, other in zip(found, schedule.visits, strict=True):
        assert (one.id, one.title, one.stages) == (other.id, other.title, other.stages)
        assert (one.start, one.discharge) == (other.start, other.discharge)
        assert one.discharge_by == other.discharge_by
    judgement = judged(file)
    assert judgement.violations == ()


@pytest.mark.parametrize("state", Ride)
@pytest.mark.parametrize("reader", ["patient", "clinic"])
def test_where_an_escorts_answer_stands_comes_back(reader: str, state: Ride) -> None:
    schedule = world()[3]
    visits = [attrs.evolve(v, ride=state) if v.ride else v for v in schedule.visits]
    file, _ = written(reader, attrs.evolve(schedule, visits=visits))
    found = back(file).schedule.visits
    assert [(v.escort, v.ride) for v in found] == [(v.escort, v.ride) for v in visits]


def test_statuses_come_back_and_a_cancelled_visit_is_missing() -> None:
    schedule = world()[3]
    last = schedule.visits[-1]
    less = attrs.evolve(schedule, visits=schedule.visits[:-1])
    file, _ = written("patient", less, tentative=["induction-6"], cancelled=[last])
    found = back(file)
    assert (found.tentative, found.cancelled) == (("induction-6",), (last.id,))
    assert found.schedule.visits[-1].id == "induction-6"
    assert [one.rule for one in judged(file).violations] == ["missing visit"]


def test_a_patients_and_a_clinics_file_in_one_are_one_schedule() -> None:
    one, schedule = written("patient")
    two, _ = written("clinic")
    assert back(one + two).schedule.visits == schedule.visits


def test_what_two_of_our_files_say_otherwise_is_said() -> None:
    one, schedule = written("patient")
    last = schedule.visits[-1]
    less = attrs.evolve(schedule, visits=schedule.visits[:-1])
    two, _ = written("clinic", less, cancelled=[last])
    found = back(one + two)
    assert [one.why for one in found.unmatched] == [
        "the clinic's entry of response-review says otherwise"
    ]
    assert found.cancelled == (last.id,)
    twice = back(one + one)
    assert {one.why for one in twice.unmatched} == {"an earlier entry has the same UID"}
    assert twice.schedule == back(one).schedule


def test_an_escorts_file_alone_holds_no_visit_and_says_so() -> None:
    course, clinic, person, schedule = world()
    file = ics.escort_calendar(schedule, clinic, person, course.protocol, now=NOW)
    found = back(file)
    assert found.schedule.visits == ()
    assert {one.why for one in found.unmatched} == {"it belongs to a visit that is not in the file"}


def test_a_series_that_is_no_visit_is_one_line() -> None:
    series = "0301T0900 30 Choir\nRRULE:FREQ=WEEKLY;COUNT=9"
    text = judgement_text(judged(foreign("0301T0900 60 Evaluation", series)))
    assert (
        "  line 8, Mon 2027-03-01 09:00 and 8 more times: Choir: "
        "nothing in its title or place hints at the course\n"
    ) in text


def test_a_visit_given_already_is_said_and_not_matched() -> None:
    file, schedule = written("patient")
    first = schedule.visits[0]
    found = back(file, Given(visit=first.id, on=first.day))
    assert [one.why for one in found.unmatched] == [f"{first.id} was given already"]
    assert [v.id for v in found.schedule.visits] == [v.id for v in schedule.visits[1:]]


def test_what_people_were_told_fills_in_what_a_file_leaves_out() -> None:
    file, schedule = written("patient", privacy=Privacy.MINIMAL)
    visit = schedule.visit("induction-1")
    assert visit.escort is not None
    notified = Notified(
        visit=visit.id,
        on=AS_OF,
        start=visit.start,
        discharge=visit.discharge,
        discharge_by=visit.discharge_by,
        places=visit.places,
        escort=visit.escort,
    )
    yes = Confirmed(visit=visit.id, escort=visit.escort, on=AS_OF)
    found = back(file, notified, yes).schedule.visit(visit.id)
    assert found == attrs.evolve(visit, ride=Ride.CONFIRMED)


@settings(max_examples=25, deadline=None)
@given(
    reader=st.sampled_from(["patient", "clinic"]),
    moves=st.lists(st.integers(-40 * 1440, 300 * 1440), min_size=8, max_size=8),
)
def test_moved_visits_come_back_where_they_are(reader: str, moves: list[int]) -> None:
    schedule = world()[3]

    def moved(moment: datetime, minutes: int) -> datetime:
        zone = moment.tzinfo
        return (moment.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(zone)

    visits = []
    for visit, minutes in zip(schedule.visits, moves, strict=True):
        leaves_by = moved(visit.discharge_by, minutes)
        stages = [
            attrs.evolve(
                stage,
                start=moved(stage.start, minutes),
                start_by=moved(stage.start_by, minutes),
                end=moved(stage.end, minutes),
                end_by=moved(stage.end_by, minutes),
            )
            for stage in visit.stages
        ]
        barred = visit.no_driving_until is not None
        changed = attrs.evolve(
            visit,
            start=moved(visit.start, minutes),
            discharge=moved(visit.discharge, minutes),
            discharge_by=leaves_by,
            stages=stages,
            no_driving_until=leaves_by.date() + timedelta(days=1) if barred else None,
        )
        visits.append(changed)
    file, _ = written(reader, attrs.evolve(schedule, visits=visits))
    found = {v.id: v for v in back(file).schedule.visits}
    for visit in visits:
        read = found[visit.id]
        assert (read.start.astimezone(UTC), read.discharge_by.astimezone(UTC)) == (
            visit.start.astimezone(UTC),
            visit.discharge_by.astimezone(UTC),
        )
        assert read.stages == visit.stages


# --- anybody's calendar ----------------------------------------------------------------------


def test_titles_that_name_a_visit_decide() -> None:
    found = back(
        foreign(
            "0305T0900 165 Infusion #2",
            "0303T0900 165 IV infusion 1 of 6",
            "0301T0900 60 EVALUATION",
        )
    )
    assert pairs(found) == [
        ("evaluation", "EVALUATION"),
        ("induction-1", "IV infusion 1 of 6"),
        ("induction-2", "Infusion #2"),
    ]
    assert [one.by for one in found.matched] == [By.TITLE] * 3


def test_a_kind_without_a_number_goes_by_order_of_time() -> None:
    found = back(foreign("0305T0900 165 infusion", "0303T0900 165 Ketamine infusion"))
    assert [(v.id, v.day.day) for v in found.schedule.visits] == [
        ("induction-1", 3),
        ("induction-2", 5),
    ]
    assert [one.by for one in found.matched] == [By.KIND] * 2


def test_without_any_hint_all_entries_go_by_order() -> None:
    found = back(foreign("0303T0900 165 B", "0301T0900 60 A"))
    assert pairs(found) == [("evaluation", "A"), ("induction-1", "B")]


def test_the_clinics_name_or_street_is_a_hint_and_others_are_said() -> None:
    found = back(
        foreign(
            "0301T0900 60 Maya\nLOCATION:14 Harbour Street\\, Albany",
            "0302T0900 60 Dentist",
            "0303T0900 60 Harbour Street Infusion Clinic",
        )
    )
    assert pairs(found) == [
        ("evaluation", "Maya"),
        ("induction-1", "Harbour Street Infusion Clinic"),
    ]
    assert [(one.title, one.line, one.why) for one in found.unmatched] == [
        ("Dentist", 9, "nothing in its title or place hints at the course")
    ]


def test_a_title_can_be_asked_for() -> None:
    file = foreign("0301T0900 60 Blue", "0302T0900 60 Infusion", "0303T0900 60 Blue again")
    found = back(file, title="blue")
    assert pairs(found) == [("evaluation", "Blue"), ("induction-1", "Blue again")]
    assert [one.why for one in found.unmatched] == ["its title is not the one asked for"]


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("0303T0900 60 Infusion 2\nSTATUS:CANCELLED", "it is cancelled"),
        ("0303T0900 60 Infusion 2\nTRANSP:TRANSPARENT", "it takes no time of its own (TRANSP)"),
        ("0303T0900 60 Infusion 1", "an earlier entry is infusion 1 already"),
        ("0203T0900 60 Infusion 2", "it is before 2027-02-20"),
    ],
)
def test_what_cannot_be_a_visit_is_said(entry: str, why: str) -> None:
    found = back(foreign("0302T0900 165 Infusion 1", entry))
    assert [one.why for one in found.unmatched] == [why]
    assert pairs(found) == [("induction-1", "Infusion 1")]


def test_more_entries_than_visits_and_other_years_are_said() -> None:
    entries = [f"03{day:02}T0900 165 Infusion" for day in range(1, 8)]
    far = foreign(*entries).replace("END:VCALENDAR", "") + (
        "BEGIN:VEVENT\nDTSTART:19990101T090000Z\nSUMMARY:Evaluation\nEND:VEVENT\nEND:VCALENDAR"
    )
    assert [one.why for one in back(far).unmatched] == [
        "every infusion that is due has its entry already",
        "it takes place in other years",
    ]


def test_an_attendee_who_is_an_escort_gives_the_ride_home() -> None:
    lines = "\nATTENDEE;PARTSTAT=%s:MAILTO:Priya@nair.example"
    found = back(
        foreign(
            "0303T0900 165 Infusion 1" + lines % "ACCEPTED",
            "0305T0900 165 Infusion 2" + lines % "NEEDS-ACTION",
            "0308T0900 165 Infusion 3" + lines % "DECLINED",
            "0310T0900 165 Infusion 4",
        )
    )
    assert [(v.escort, v.ride) for v in found.schedule.visits] == [
        ("Priya Nair", Ride.CONFIRMED),
        ("Priya Nair", Ride.UNCONFIRMED),
        ("Priya Nair", Ride.DECLINED),
        (None, Ride.UNCONFIRMED),
    ]


# --- judged ----------------------------------------------------------------------------------


JUDGED = """\
Visits found
  evaluation  Mon 2027-03-01 09:00  in window  [line 3, by title: Evaluation]
  infusion 1  Wed 2027-03-03 09:00  in window  [line 8, by kind and order: Infusion]
  infusion 2  Thu 2027-03-04 09:00  too early by 1 day  [line 14, by kind and order: Infusion]
  infusion 3  Fri 2027-03-12 15:00  too late by 3 days  [line 20, by kind and order: Infusion]

Entries that are no visits here
  line 26, Thu 2027-03-18 08:00: Dentist: nothing in its title or place hints at the course

Not said, so not judged
  places: infusion 1, infusion 2, infusion 3

Rules broken
  infusion 4 is not in the schedule; wanted one date (missing visit)
  infusion 5 is not in the schedule; wanted one date (missing visit)
  infusion 6 is not in the schedule; wanted one date (missing visit)
  response review is not in the schedule; wanted one date (missing visit)
  infusion 3: discharge_by is Fri 2027-03-12 16:00; wanted Fri 2027-03-12 17:45 (discharge)
  infusion 3 is Fri 2027-03-12 15:00 to Fri 2027-03-12 17:45; wanted inside the hours of \
Harbour Street Infusion Clinic (opening hours)
  infusion 2 comes 1 day after infusion 1; wanted at least 2 days, so Fri 2027-03-05 or later \
(separation)
  infusion 3 comes 8 days after infusion 2; wanted at most 5 days, so Tue 2027-03-09 or earlier \
(separation)
"""


def test_a_foreign_calendar_is_judged_in_words() -> None:
    lines = "\nATTENDEE;PARTSTAT=ACCEPTED:mailto:priya@nair.example"
    text = judgement_text(
        judged(
            foreign(
                "0301T0900 60 Evaluation",
                "0303T0900 165 Infusion" + lines,
                "0304T0900 165 Infusion" + lines,
                "0312T1500 60 Infusion" + lines,
                "0318T0800 60 Dentist",
            )
        )
    )
    assert text == JUDGED


def test_an_open_course_is_laid_out_as_far_as_the_calendar_goes() -> None:
    _, clinic, person, _ = world()
    by_mouth = GateTested(gate="buprenorphine-by-mouth-for-7-days", on=date(2027, 2, 1))
    monthly = Course(key="c", protocol=catalog.load("buprenorphine-monthly"), events=[by_mouth])
    days = ["0301", "0329", "0426", "0524"]
    file = foreign(*(f"{day}T0900 30 Injection" for day in days))
    found = judge_calendar(file, monthly, clinic, person, as_of=AS_OF).found
    assert (len(found.matched), found.unmatched) == (4, ())


@settings(max_examples=60, deadline=None)
@given(
    reader=st.sampled_from(["patient", "clinic", "foreign"]),
    ways=st.lists(mutations(), min_size=1, max_size=3),
)
def test_a_broken_calendar_is_read_or_refused(reader: str, ways: list[Mutation]) -> None:
    files = {"foreign": foreign("0301T0900 60 Evaluation", "0303T0900 165 Infusion").encode()}
    data = files.get(reader) or written(reader)[0]
    for change in ways:
        data = change(data) or b"x"
    try:
        found = back(data, limits=Limits(steps=50_000))
    except InvalidDocument as error:
        faults = error.faults
    else:
        assert [v.id for v in found.schedule.visits] == [m.visit for m in found.matched]
        return
    assert faults
