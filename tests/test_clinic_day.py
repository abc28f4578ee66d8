"""A day of a clinic: what stands in the lists is what the visits hold."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs
import pytest

from protocol_sched.clinic.courses import Case, held_by
from protocol_sched.clinic.day import clinic_visits, day_list, known_parts, planned_parts
from protocol_sched.formats.documents import documents
from protocol_sched.formats.html.day_sheet import day_sheet
from protocol_sched.formats.tables.visits import visits_csv
from protocol_sched.model.availability import Booking, Clinic, Place, Staff
from protocol_sched.model.changes import Replan
from protocol_sched.model.day_list import ClinicVisits, DayList, Part
from protocol_sched.model.notifying import notifications
from protocol_sched.model.schedule import Plan, Schedule
from protocol_sched.planning.course import plan_course
from protocol_sched.text.clinic_day import clinic_day_text
from protocol_sched.text.clinic_plan import clinic_plan_text

EXAMPLES = Path(__file__).parents[1] / "examples"
AS_OF = date(2027, 2, 20)
BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = date(2027, 3, 1)


def read(name: str) -> str:
    return (EXAMPLES / name).read_text("utf-8")


CLINIC = documents.read_clinic(read("clinic.toml"))
PERSON = documents.read_person(read("person.toml"))
PROTOCOL = documents.read_protocol(read("ketamine-migraine.toml"))
COURSE = documents.read_course(read("course.toml"), PROTOCOL)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_course(COURSE, CLINIC, PERSON, as_of=AS_OF)


def days(schedule: Schedule) -> list[date]:
    first, last = schedule.visits[0].day, schedule.visits[-1].day
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def taken(lists: list[DayList], kinds: str) -> set[tuple[str, datetime, datetime]]:
    """Return what visits take of places or of staff, bookings of others aside."""
    return {
        (of.name, line.start, line.end)
        for day in lists
        for of in (day.places if kinds == "places" else day.staff)
        for line in of.lines
        if line.who
    }


def test_lists_hold_what_the_judge_of_holdings_says(plan: Plan) -> None:
    """A place is taken as long as `held_by` says, and staff are there in the same minutes."""
    assert plan.schedule is not None
    held = held_by(plan.schedule.visits, PROTOCOL, CLINIC)
    visits = clinic_visits(planned_parts(plan.schedule, PERSON, PROTOCOL, CLINIC), CLINIC)
    lists = [day_list(visits, CLINIC, day) for day in days(plan.schedule)]
    names = {place.name for place in CLINIC.places}
    assert taken(lists, "places") == {
        (one.name, one.start, one.end) for one in held if one.name in names
    }

    def minutes(spans: set[tuple[str, datetime, datetime]]) -> set[tuple[str, datetime]]:
        return {
            (name, start + timedelta(minutes=n))
            for name, start, end in spans
            for n in range((end - start) // timedelta(minutes=1))
        }

    staffed = {(one.name, one.start, one.end) for one in held if one.name not in names}
    assert minutes(taken(lists, "staff")) == minutes(staffed)


def test_what_people_know_is_what_was_planned(plan: Plan) -> None:
    assert plan.schedule is not None
    told = COURSE.after(notifications(plan.schedule, COURSE, on=AS_OF))
    known = known_parts(Case(course=told, person=PERSON), AS_OF, CLINIC)
    assert known == planned_parts(plan.schedule, PERSON, PROTOCOL, CLINIC)
    assert known_parts(Case(course=COURSE, person=PERSON), AS_OF, CLINIC) == ()


def test_visits_are_read_as_they_were_written(plan: Plan) -> None:
    assert plan.schedule is not None
    visits = clinic_visits(planned_parts(plan.schedule, PERSON, PROTOCOL, CLINIC), CLINIC)
    assert documents.visits_from_dict(documents.visits_to_dict(visits)) == visits


# --- over midnight, several at once, shares ----------------------------------------------------


STAY = Part(
    course="course-1",
    person="person-1",
    visit="night-1",
    title="night 1",
    stage="monitoring",
    start=datetime(2027, 3, 1, 22, tzinfo=BERLIN),
    end=datetime(2027, 3, 2, 6, tzinfo=BERLIN),
    places=["bed 1"],
    staff=["nurse", "nurse"],
)
CALL = attrs.evolve(STAY, visit="call-1", title="call", stage="phone", places=[], staff=[])
WARD = Clinic(
    name="Ward <1>",
    zone=BERLIN,
    hours=CLINIC.hours,
    places=[Place(name="bed 1", kind="bed"), Place(name="bed 2", kind="bed")],
    staff=[
        Staff(
            kind="nurse",
            units=3,
            booked=[
                Booking(day=NIGHT, start=480, end=540, units=2),
                Booking(day=NIGHT, start=600, end=1440, units=1, of=2),
            ],
        )
    ],
)
VISITS = ClinicVisits(
    zone="Europe/Berlin",
    parts=[STAY, CALL],
)


def test_a_day_with_a_stay_over_midnight() -> None:
    assert clinic_day_text(day_list(VISITS, WARD, NIGHT)) == (
        "Ward <1>, Mon 1 March 2027\n"
        "\n"
        "place  from   to                 person    visit    stages      staff\n"
        "-----  -----  -----------------  --------  -------  ----------  -----\n"
        "bed 1  22:00  Tue 2 March 06:00  person-1  night 1  monitoring  nurse\n"
        "bed 2  -      -                  nothing\n"
        "\n"
        "staff  from   to                 person        visit    stage       place\n"
        "-----  -----  -----------------  ------------  -------  ----------  ----------------\n"
        "nurse  08:00  09:00              booked (2)\n"
        "       10:00  Tue 2 March 00:00  booked (1/2)\n"
        "       22:00  Tue 2 March 06:00  person-1      night 1  monitoring  2 at once, bed 1\n"
        "\n"
        "Without place or staff:\n"
        "from   to                 person    visit  stage\n"
        "-----  -----------------  --------  -----  -----\n"
        "22:00  Tue 2 March 06:00  person-1  call   phone\n"
    )


def test_a_stay_is_on_the_next_day_too_and_not_on_the_one_after() -> None:
    after = [day_list(VISITS, WARD, NIGHT + timedelta(days=n)) for n in (1, 2)]
    assert [len(day.places[0].lines) for day in after] == [1, 0]
    text = clinic_day_text(after[0])
    assert "bed 1  Mon 1 March 22:00  06:00  person-1" in text


def test_rows_of_a_spreadsheet() -> None:
    assert visits_csv(VISITS) == (
        "date,start,end,course,person,visit,stage,place,staff\r\n"
        "2027-03-01,22:00,2027-03-02 06:00,course-1,person-1,night 1,monitoring,bed 1,2 nurse\r\n"
        "2027-03-01,22:00,2027-03-02 06:00,course-1,person-1,call,phone,,\r\n"
    )


def test_the_sheet_of_an_empty_day() -> None:
    empty = ClinicVisits(zone="Europe/Berlin")
    text = day_sheet(day_list(empty, attrs.evolve(WARD, staff=()), NIGHT))
    assert text.partition("<body>")[2] == (
        "\n"
        "<h1>Ward &lt;1&gt;, Mon 1 March 2027</h1>\n"
        '<h2 class="places">By place</h2>\n'
        "<section><h3>bed 1</h3>\n"
        "<p>nothing</p>\n"
        "</section>\n"
        "<section><h3>bed 2</h3>\n"
        "<p>nothing</p>\n"
        "</section>\n"
        "</body>\n"
        "</html>\n"
    )


# --- the whole plan ----------------------------------------------------------------------------


def test_what_could_be_saved_at_most_is_told(plan: Plan) -> None:
    assert plan.objective is not None
    worse = attrs.evolve(plan, objective=attrs.evolve(plan.objective, deviation=5))
    said = clinic_plan_text({"Ada": Replan(plan=worse), "Ben": Replan(plan=plan)}, 4)
    assert said.splitlines()[2].split()[-4:] == ["2027", "5", "nothing", "planned"]
    assert said.splitlines()[-1] == (
        "2 courses, 5 days off target together; no plan has fewer than 4, so at most 1 could be "
        "saved."
    )


def test_a_course_without_a_plan_or_an_explanation_has_its_conflict() -> None:
    nobody = attrs.evolve(PERSON, escorts=())
    impossible = plan_course(COURSE, CLINIC, nobody, as_of=AS_OF)
    said = clinic_plan_text({"Ada": Replan(plan=impossible)}, 0)
    assert said == (
        "course  first visit  last visit  days off target  what changes\n"
        "------  -----------  ----------  ---------------  ------------\n"
        "Ada     -            -           -                no plan\n"
        "\n"
        "Ada: No plan is possible: infusion 1 cannot be placed, because:\n"
        "  - no escort is listed for the ride home\n"
        "Change only this and it can be done.\n"
        "\n"
        "1 of 1 course without a plan; the others are 0 days off target together.\n"
    )
