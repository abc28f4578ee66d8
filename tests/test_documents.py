"""Files and dicts: nothing is lost on the way, and everything wrong is told at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import protocol_sched
from protocol_sched import catalog
from protocol_sched.errors import InvalidDocument, UnknownName
from protocol_sched.formats.documents import documents
from protocol_sched.model.agenda import Agenda, PastVisit, Spacing
from protocol_sched.model.availability import Booking, Clinic, DatedHours, Hours, Person
from protocol_sched.model.cadences import Every
from protocol_sched.model.course import Course, Given, Pinned, Reviewed
from protocol_sched.model.numbers import Count
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Plan, Schedule
from protocol_sched.model.spans import parse_range
from protocol_sched.planning.course import plan_course
from strategies import clinics, courses, moments, persons, plans, protocols, schedules, values

EXAMPLES = Path(__file__).parent.parent / "examples"
FOUNDING = (EXAMPLES / "ketamine-migraine.toml").read_text(encoding="utf-8")

MODEST = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def course_from_dict(mapping: Mapping[str, Any]) -> Course:
    return documents.course_from_dict(mapping, catalog.load)


def faults(read: Callable[[], object]) -> str:
    """Return the whole text of the error, which has to be an invalid document."""
    with pytest.raises(InvalidDocument) as caught:
        read()
    return str(caught.value)


# --- the files beside the README -------------------------------------------------------------


def test_the_example_protocol_is_the_one_in_the_catalog() -> None:
    assert catalog.text("ketamine-migraine") == FOUNDING


def test_the_founding_protocol_says_what_it_was_founded_on() -> None:
    protocol = documents.read_protocol(FOUNDING)
    induction, infusion = protocol.phase("induction"), protocol.visit_type("infusion")
    (separation,), (cap,) = induction.separations, induction.caps
    gate, reviewed = protocol.gates
    notified = {
        "visits": str(induction.visits),
        "cadence": induction.cadence,
        "least": str(separation.least),
        "most": str(separation.most),
        "cap": f"{cap.most} in any {cap.in_any}",
        "evaluation at most": str(gate.max_age),
        "before the first booster": reviewed.name,
        "stages": [f"{stage.name} {stage.length}" for stage in infusion.stages],
        "ride home": infusion.ride_home is not None,
        "no driving until": infusion.no_driving and infusion.no_driving.until,
        "fasting": [f"{fasting.what} {fasting.lead}" for fasting in infusion.fasting],
        "review": documents.protocol_to_dict(protocol)["other_visits"][0],
        "boosters": str(protocol.phase("boosters").visits),
    }
    assert notified == {
        "visits": "6",
        "cadence": Every(every=parse_range("2 to 3 days")),
        "least": "2 days",
        "most": "5 days",
        "cap": "3 in any 7 days",
        "evaluation at most": "30 days",
        "before the first booster": "response-reviewed",
        "stages": [
            "check-in 15 minutes",
            "IV preparation 30 minutes",
            "infusion 45 minutes to 1 hour",
            "monitored recovery at least 1 hour",
        ],
        "ride home": True,
        "no driving until": "next day",
        "fasting": ["solid food 6 hours", "clear liquids 2 hours"],
        "review": {
            "source": "local",
            "name": "response-review",
            "visit": "response review",
            "cadence": {"at": ["14 days"]},
            "anchor": "end of induction",
            "tolerance": {"source": "local", "before": "4 days", "after": "7 days"},
        },
        "boosters": "open",
    }


def test_the_example_files_fit_together() -> None:
    clinic = documents.read_clinic((EXAMPLES / "clinic.toml").read_text(encoding="utf-8"))
    person = documents.read_person((EXAMPLES / "person.toml").read_text(encoding="utf-8"))
    text = (EXAMPLES / "course.toml").read_text(encoding="utf-8")
    course = documents.read_course(text, catalog.load)
    kinds = {place.kind for place in clinic.places} | {staff.kind for staff in clinic.staff}
    needed = {
        kind
        for visit_type in course.protocol.visit_types
        for stage in visit_type.stages
        for kind, _ in stage.needs
    }
    assert needed <= kinds
    assert clinic.zone == ZoneInfo("America/New_York")
    assert course.not_before == date(2027, 3, 1)
    assert len(person.escorts) == 2


# --- nothing is lost -------------------------------------------------------------------------


def assert_kept(value: object, mapping: dict[str, Any], read: Callable[[Any], object]) -> None:
    assert read(documents.read_toml(documents.write_toml(mapping))) == value
    assert read(documents.read_json(documents.write_json(mapping))) == value
    assert json.loads(json.dumps(mapping)) == mapping


@pytest.mark.parametrize("name", ["clinic", "person", "course", "protocol", "plan"])
def test_every_reader_takes_json_as_well_as_toml(name: str) -> None:
    course = documents.read_course((EXAMPLES / "course.toml").read_text("utf-8"), catalog.load)
    clinic = documents.read_clinic((EXAMPLES / "clinic.toml").read_text("utf-8"))
    person = documents.read_person((EXAMPLES / "person.toml").read_text("utf-8"))
    values: dict[str, Any] = {
        "clinic": clinic,
        "person": person,
        "course": course,
        "protocol": course.protocol,
        "plan": plan_course(course, clinic, person, as_of=date(2027, 2, 20)),
    }
    read = getattr(protocol_sched, f"read_{name}")
    more = (catalog.load,) if name == "course" else ()
    mapping = getattr(protocol_sched, f"{name}_to_dict")(values[name])
    for text in (documents.write_toml(mapping), documents.write_json(mapping)):
        for before in ("", "\ufeff", "\ufeff \n"):
            assert read(before + text, *more) == values[name]
    assert getattr(protocol_sched, f"{name}_from_dict")(mapping, *more) == values[name]


def test_a_file_that_begins_as_json_is_refused_as_json() -> None:
    says = "clinic: 1 fault\n  is not JSON: Expecting value, at line 1, column 7"
    assert faults(lambda: documents.read_clinic('{"a": x}')) == says


@given(protocol=protocols())
@MODEST
def test_a_protocol_comes_back_from_toml_and_json_as_it_was(protocol: Protocol) -> None:
    assert_kept(protocol, documents.protocol_to_dict(protocol), documents.protocol_from_dict)


@given(clinic=clinics())
@MODEST
def test_a_clinic_comes_back_from_toml_and_json_as_it_was(clinic: Clinic) -> None:
    assert_kept(clinic, documents.clinic_to_dict(clinic), documents.clinic_from_dict)


@given(person=persons())
@MODEST
def test_a_person_comes_back_from_toml_and_json_as_they_were(person: Person) -> None:
    assert_kept(person, documents.person_to_dict(person), documents.person_from_dict)


@given(course=courses())
@MODEST
def test_a_course_comes_back_from_toml_and_json_as_it_was(course: Course) -> None:
    assert_kept(course, documents.course_to_dict(course), course_from_dict)


@given(agenda=values(Agenda))
@MODEST
def test_an_agenda_comes_back_from_toml_and_json_as_it_was(agenda: Agenda) -> None:
    assert_kept(agenda, documents.agenda_to_dict(agenda), documents.agenda_from_dict)


@given(schedule=schedules())
@MODEST
def test_a_schedule_comes_back_from_toml_and_json_as_it_was(schedule: Schedule) -> None:
    assert_kept(schedule, documents.schedule_to_dict(schedule), documents.schedule_from_dict)


@given(plan=plans())
@MODEST
def test_a_plan_comes_back_from_toml_and_json_as_it_was(plan: Plan) -> None:
    assert_kept(plan, documents.plan_to_dict(plan), documents.plan_from_dict)


@given(moment=moments())
@example(datetime(2027, 11, 7, 1, 30, tzinfo=ZoneInfo("America/New_York"), fold=1))
@example(datetime(2027, 3, 14, 2, 30, tzinfo=ZoneInfo("America/New_York")))
def test_a_moment_keeps_its_zone_and_its_side_of_a_clock_change(moment: datetime) -> None:
    pinned = Pinned(visit="induction-1", start=moment, on=date(2027, 3, 1))
    course = Course(key="c", protocol=catalog.load("ketamine-migraine"), events=[pinned])
    (read,) = course_from_dict(documents.course_to_dict(course)).events
    assert isinstance(read, Pinned)
    assert read.start.utcoffset() == moment.utcoffset()
    assert getattr(read.start.tzinfo, "key", None) == getattr(moment.tzinfo, "key", None)


def test_dates_are_read_as_toml_dates_and_as_texts() -> None:
    course = {"key": "c", "protocol": "ketamine-migraine"}
    as_date = course_from_dict({**course, "not_before": date(2027, 3, 1)})
    assert as_date == course_from_dict({**course, "not_before": "2027-03-01"})
    assert as_date.not_before == date(2027, 3, 1)


def test_a_moment_is_read_from_toml_with_its_offset() -> None:
    text = """
        key = "c"
        protocol = "ketamine-migraine"
        [[events]]
        kind = "given"
        visit = "induction-1"
        on = 2027-03-02
        start = 2027-03-02T09:00:00-05:00
        """
    (event,) = documents.read_course(text, catalog.load).events
    assert isinstance(event, Given)
    assert event.start == datetime(2027, 3, 2, 14, tzinfo=UTC)


# --- the shape of the files ------------------------------------------------------------------


def test_events_are_told_apart_by_kind_and_scores_are_a_table() -> None:
    protocol = catalog.load("ketamine-migraine")
    events = (
        Given(visit="evaluation", on=date(2027, 3, 1)),
        Reviewed(on=date(2027, 4, 1), scores=(("HIT-6", 61.0),)),
    )
    written = documents.course_to_dict(Course(key="c", protocol=protocol, events=events))
    assert written["events"] == [
        {"kind": "given", "visit": "evaluation", "on": "2027-03-01"},
        {"kind": "reviewed", "on": "2027-04-01", "scores": {"HIT-6": 61.0}},
    ]


def test_a_binding_names_its_kind_in_words_and_its_visits_by_identity_or_in_full() -> None:
    past = PastVisit("induction-1", "infusion 1", date(2027, 3, 2))
    binding = Spacing(rule="separation", earlier=past, later="induction-2")
    mapping = {"course": "c", "protocol": "p", "as_of": "2027-03-02", "month_end": "last_day"}
    agenda = documents.agenda_from_dict(
        {**mapping, "dues": [], "bindings": [{"kind": "next working day", **BINDING}]}
    )
    assert documents.agenda_to_dict(agenda)["bindings"] == [{"kind": "next working day", **BINDING}]
    written = documents.agenda_to_dict(
        Agenda(
            course="c",
            protocol="p",
            as_of=date(2027, 3, 2),
            month_end=agenda.month_end,
            dues=(),
            bindings=[binding],
        )
    )
    assert written["bindings"] == [
        {
            "kind": "spacing",
            "rule": "separation",
            "earlier": {"id": "induction-1", "title": "infusion 1", "on": "2027-03-02"},
            "later": "induction-2",
        }
    ]


BINDING = {"rule": "cadence", "earlier": "induction-1", "later": "induction-2"}


@pytest.mark.parametrize(
    ("cadence", "visits"),
    [
        ('{ at = ["week 0", "week 2", "week 6"] }', Count(3, 3)),
        ("{ consecutive_days = 5, weekends = false, per_day = 2 }", Count(10, 10)),
        ('{ consecutive_days = "4 to 8", weekends = true }', Count(4, 8)),
    ],
)
def test_visits_may_be_left_out_where_the_cadence_counts_them(cadence: str, visits: Count) -> None:
    text = FOUNDING.replace("visits = 6\n", "").replace('{ every = "2 to 3 days" }', cadence)
    protocol = documents.read_protocol(text)
    assert protocol.phase("induction").visits == visits
    assert "visits" not in documents.protocol_to_dict(protocol)["phases"][0]


def test_one_reference_needs_no_list() -> None:
    both = FOUNDING.replace(
        'from = "previous visit"', 'from = ["previous visit", "start of induction"]', 1
    )
    one = documents.protocol_to_dict(documents.read_protocol(FOUNDING))
    two = documents.protocol_to_dict(documents.read_protocol(both))
    assert "from" not in one["phases"][0]["separations"][0]  # it is what the model assumes
    assert two["phases"][0]["separations"][0]["from"] == ["previous visit", "start of induction"]
    assert one["other_visits"][0]["anchor"] == "end of induction"


def test_a_clinic_file_is_read_with_its_hours_closures_and_bookings() -> None:
    text = """
        name = "Clinic"
        zone = "Europe/London"

        [hours]
        Monday = "08:00-12:00, 13:00-17:00"
        Tuesday = "all day"
        2027-03-01 = "closed"

        [[closures]]
        first = 2027-12-24
        last = 2027-12-26

        [[extra_openings]]
        first = 2027-03-06
        hours = "13:00-15:00"

        [[places]]
        name = "chair 1"
        kind = "chair"
        booked = [{ day = 2027-03-02, start = "08:00", end = "10:30" }]
        """
    clinic = documents.read_clinic(text)
    week = {"Monday": "08:00-12:00, 13:00-17:00", "Tuesday": "all day"}
    assert clinic.hours == Hours.of(week, {date(2027, 3, 1): ()})
    assert clinic.closures == (DatedHours(first=date(2027, 12, 24), last=date(2027, 12, 26)),)
    assert clinic.extra_openings[0].on(date(2027, 3, 6)) == ((780, 900),)
    assert clinic.places[0].booked == (Booking(day=date(2027, 3, 2), start=480, end=630),)
    assert documents.clinic_to_dict(clinic)["places"] == [
        {
            "name": "chair 1",
            "kind": "chair",
            "booked": [{"day": "2027-03-02", "start": "08:00", "end": "10:30"}],
        }
    ]


def test_a_person_without_hours_is_always_available() -> None:
    assert documents.read_person('key = "p"').available == Hours()


def test_a_course_may_hold_its_protocol_inside_it() -> None:
    mapping = {"key": "c", "protocol": documents.read_toml(FOUNDING)}
    assert course_from_dict(mapping).protocol == catalog.load("ketamine-migraine")


# --- what is wrong, where, and what would be right -------------------------------------------


def test_all_faults_of_a_file_come_together_in_its_order() -> None:
    text = (
        FOUNDING.replace("visits = 6", "vists = 6")
        .replace('most = "5 days"', 'most = "1 day"')
        .replace('length = "45 to 60 minutes"', 'lenght = "45 to 60 minutes"')
        .replace('until = "next day"', 'until = "tomorrow"')
        .replace('lead = "2 hours"\nsource = "asa_npo"', "lead = true")
        .replace('if_not = "hold"', 'if_not = "holt"')
        .replace('visit = "response review"', 'visit = "revue"')
    )
    assert (
        faults(lambda: documents.read_protocol(text, "my.toml"))
        == """\
my.toml: 9 faults
  gates[0].if_not: must be 'hold', 'delay', 'stop' or 'ask', got 'holt'; did you mean 'hold'?
  gates[1].if_not: must be 'hold', 'delay', 'stop' or 'ask', got 'holt'; did you mean 'hold'?
  phases[0].vists: unknown key 'vists'; did you mean 'visits'?
  phases[0].separations[0].most: must be at least 2 days, got 1 day
  visit_types[0].stages[2].lenght: unknown key 'lenght'; did you mean 'length'?
  visit_types[0].no_driving.until: must be 'next day' or a length such as '24 hours', got \
'tomorrow'
  visit_types[0].fasting[1].lead: must be a length such as '72 hours' or '45 minutes', got true
  visit_types[0].fasting[1]: missing key 'source'
  other_visits[0].visit: names 'revue'; known: infusion, evaluation, response review"""
    )


@pytest.mark.parametrize(
    ("found", "written", "says"),
    [
        ("visits = 6", "visits = true", "phases[0].visits: must be a number such as 6, "
         "'4 to 8' or 'open', got true"),
        ("visits = 6", "visits = -6", "phases[0].visits: must be such as 6, '4 to 8' or 'open', "
         "got '-6'"),
        ("most = 3", "most = true", "phases[0].caps[0].most: must be a whole number, got true"),
        ("most = 3", "most = 3.0", "phases[0].caps[0].most: must be a whole number, got 3.0"),
        ("most = 3", "most = 0", "phases[0].caps[0].most: must be 1 or more, got 0"),
        ('every = "2 to 3 days"', 'evry = "2 to 3 days"',
         "phases[0].cadence.evry: unknown key 'evry'; did you mean 'every'?"),
        ('every = "2 to 3 days"', 'every = "2 to 3 dais"',
         "phases[0].cadence.every: must be a range such as '2 to 3 days' or 'at least 60 "
         "minutes', or one length, got '2 to 3 dais'"),
        ('every = "2 to 3 days"', 'every = "3 to 2 days"',
         "phases[0].cadence.every: most must be at least 3 days, got 2 days in '3 to 2 days'"),
        ('every = "2 to 3 days"', 'every = "2 to 3 days", at = []',
         "phases[0].cadence: must have only one of the keys 'every', 'at'"),
        ('{ every = "2 to 3 days" }', '"daily"',
         "phases[0].cadence: must be a table with 'every', 'at', 'per_week', "
         "'consecutive_days', 'within' or 'on_demand', got 'daily'"),
        ('anchor = "end of induction"', 'anchor = "the end"',
         "other_visits[0].anchor: must be 'previous visit', 'visit 1', 'original dates', "
         "'same day of the month', 'start of ...', 'end of ...', 'each visit of ...', 'event ...' "
         "or 'series ...', got 'the end'"),
        ("needs = { clinician = 1 }", "needs = [1]",
         "visit_types[1].stages[0].needs: must be a table, got a list"),
        ('source = "asa_npo"', 'source = "asa"', "visit_types[0].fasting[0].source: names "
         "'asa'; known sources: altasano, andrade, asa_npo, ket_hp, local, memory, seed"),
    ],
)  # fmt: skip
def test_one_fault_says_where_it_is_what_was_found_and_what_is_wanted(
    found: str, written: str, says: str
) -> None:
    assert found in FOUNDING
    text = FOUNDING.replace(found, written, 1)
    assert faults(lambda: documents.read_protocol(text)) == f"protocol: 1 fault\n  {says}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("\ufeff \n", "is empty"),
        ("name = \n", "is not TOML: Invalid value, at line 1, column 8"),
        ("name = 'x'\nname = 'y'", "is not TOML: Cannot overwrite a value, at line 2, column 11"),
        ("name = 'x'\na\0b", "is not a text file: NUL character at line 2, column 2"),
        ("a = " + "[" * 100_000, "is nested too deeply"),
        ("a" + ".a" * 40_000 + " = 1", "has a key of more than 100 parts at line 1, column 1"),
        ("b = { a" + " . 'a'" * 40_000, "has a key of more than 100 parts at line 1, column 7"),
        ("a = " + "9" * 5000, "holds a number of too many digits"),
    ],
)  # fmt: skip
def test_a_text_that_is_not_toml_says_so_with_its_place(text: str, says: str) -> None:
    assert faults(lambda: documents.read_clinic(text)) == f"clinic: 1 fault\n  {says}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[1]", "must be a table, got a list"),
        ("{a", "is not JSON: Expecting property name enclosed in double quotes, at line 1, "
         "column 2"),
        ('{"a": 1,\n "a": 2}', "is not JSON: key 'a' comes twice in one object"),
        ('{"a": NaN}', "is not JSON: NaN is not a number in JSON"),
        ("[" * 100_000, "is nested too deeply"),
        ('{"a": ' + "9" * 5000 + "}", "is not JSON: a number has too many digits"),
    ],
)  # fmt: skip
def test_a_text_that_is_not_json_says_so(text: str, says: str) -> None:
    assert faults(lambda: documents.read_json(text, "x")) == f"x: 1 fault\n  {says}"


@pytest.mark.parametrize(
    ("zone", "says"),
    [
        ('"America/NewYork"', "must be a time zone such as 'America/New_York', got "
         "'America/NewYork'; did you mean 'America/New_York'?"),
        ('"New York"', "must be a time zone such as 'America/New_York', got 'New York'; did you "
         "mean 'America/New_York'?"),
        ('"localtime"', "must be a time zone such as 'America/New_York', got 'localtime'"),
        ('"../../etc/passwd"', "must be a time zone such as 'America/New_York', got "
         "'../../etc/passwd'"),
        ('"Europa/Wien"', "must be a time zone such as 'America/New_York', got 'Europa/Wien'; "
         "did you mean 'Europe/Vienna'?"),
        ('"Europe"', "must be a time zone such as 'America/New_York', got 'Europe'"),
        ("-5", "must be a time zone such as 'America/New_York', got -5"),
    ],
)  # fmt: skip
def test_an_unknown_time_zone_is_named_with_one_like_it(zone: str, says: str) -> None:
    text = f'name = "C"\nzone = {zone}\nhours = {{ Monday = "all day" }}'
    assert faults(lambda: documents.read_clinic(text)) == f"clinic: 1 fault\n  zone: {says}"


def test_faults_in_hours_bookings_and_dates_are_found_where_they_are() -> None:
    text = """
        name = "C"
        zone = "UTC"
        [hours]
        Mnday = "08:00-12:00"
        Tuesday = "12:00-08:00"
        2027-02-30 = "closed"
        [[closures]]
        first = 2027-03-02
        last = 2027-03-01
        [[extra_openings]]
        first = 2027-03-01T08:00:00Z
        [[places]]
        name = "chair 1"
        kind = "chair"
        booked = [{ day = "1 March", start = 480, end = "25:00" }]
        """
    assert (
        faults(lambda: documents.read_clinic(text))
        == """\
clinic: 8 faults
  hours.Mnday: must be a weekday or a date such as 2027-03-01, got 'Mnday'; did you mean 'Monday'?
  hours.Tuesday: window must be a start before its end on one day (over midnight: \
'12:00-24:00' on this day and '00:00-08:00' on the next), got 12:00 to 08:00 in '12:00-08:00'
  hours.2027-02-30: must be a weekday or a date such as 2027-03-01, got '2027-02-30'
  closures[0].last: must be 2027-03-02 or later, got 2027-03-01
  extra_openings[0].first: must be a date such as '2027-03-01', got 2027-03-01T08:00:00+00:00
  places[0].booked[0].day: must be a date such as '2027-03-01', got '1 March'
  places[0].booked[0].start: must be a time such as '08:00', got 480
  places[0].booked[0].end: time must be such as 08:00, from 00:00 to 24:00, got '25:00' \
in '25:00'"""
    )


def test_faults_in_events_are_found_where_they_are() -> None:
    text = """
        key = "c 1"
        protocol = "ketamin-migraine"
        [[events]]
        visit = "induction-1"
        [[events]]
        kind = "gave"
        [[events]]
        kind = "pinned"
        visit = "induction-1"
        start = 2027-03-02T09:00:00
        on = 2027-03-01
        [[events]]
        kind = "pinned"
        visit = "induction-2"
        start = "2027-03-14T02:30:00+01:00[America/New_York]"
        on = 2027-03-01
        """
    kinds = (
        "'given', 'missed', 'deferred', 'omitted', 'discontinued', 'amended', 'happened', "
        "'tested', 'reviewed', 'requested', 'answered', 'waived', 'pinned', 'notified', "
        "'cancelled', 'confirmed', 'declined' or 'exempted'"
    )
    assert (
        faults(lambda: documents.read_course(text, catalog.load))
        == f"""\
course: 6 faults
  protocol: names 'ketamin-migraine'; did you mean 'ketamine-migraine'?
  events[0]: missing key 'kind': {kinds}
  events[1].kind: must be {kinds}, got 'gave'; did you mean 'given'?
  events[2].start: must be a moment with its offset, such as '2027-03-01T09:00:00-05:00', got \
2027-03-02T09:00:00
  events[3].start: must have an offset that America/New_York has on that day, got \
'2027-03-14T02:30:00+01:00[America/New_York]'
  key: must be letters, digits, '.', '_' and '-', got 'c 1'"""
    )


def test_faults_of_a_protocol_inside_a_course_have_its_path() -> None:
    mapping = documents.read_toml(FOUNDING.replace('visit = "response review"', 'visit = "revue"'))
    text = faults(lambda: course_from_dict({"key": "c", "protocol": mapping}))
    assert text == (
        "course: 1 fault\n"
        "  protocol.other_visits[0].visit: names 'revue'; known: infusion, evaluation, "
        "response review"
    )


# --- nothing else escapes, whatever comes in -------------------------------------------------

READERS: tuple[Callable[[Any], object], ...] = (
    documents.protocol_from_dict,
    documents.clinic_from_dict,
    documents.person_from_dict,
    course_from_dict,
    documents.agenda_from_dict,
    documents.schedule_from_dict,
    documents.plan_from_dict,
)
MOMENTS = ["2027-03-01", "2027-03-01T09:00:00Z", "0000-00-00", "9999-12-31"]
TEXTS = ["6", "day 8", "2 days", "2 to 3 days", "-1 day", "999999 years", "open", "given", "UTC"]
WORDS = st.sampled_from([*TEXTS, *MOMENTS, "local", "?", "", "\ud800"])
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=3)
)  # fmt: skip
TREES = st.recursive(
    LEAVES | st.dates() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=10,
)


@given(read=st.sampled_from(READERS), tree=TREES)
def test_any_tree_is_read_or_refused(read: Callable[[Any], object], tree: object) -> None:
    assert read_or_none(lambda: read(tree)) is None


def read_or_none(read: Callable[[], object]) -> object | None:
    """Return what was read, or nothing for an invalid document; any other error is let out."""
    try:
        return read()
    except InvalidDocument as error:
        return None if error.faults and str(error) else error


def places(tree: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the path of every part of a tree but the tree itself."""
    parts: list[tuple[str | int, object]] = []
    if isinstance(tree, dict):
        parts = list(tree.items())
    if isinstance(tree, list):
        parts = list(enumerate(tree))
    return [p for key, part in parts for p in [(*path, key), *places(part, (*path, key))]]


@st.composite
def mutants(draw: st.DrawFn, mapping: dict[str, Any]) -> dict[str, Any]:
    """A valid mapping with up to four parts exchanged, taken out or put under another key."""
    mutant: Any = json.loads(json.dumps(mapping))
    for _ in range(draw(st.integers(1, 4))):
        spots = places(mutant)
        if not spots:
            break
        *path, last = draw(st.sampled_from(spots))
        owner = mutant
        for key in path:
            owner = owner[key]
        match draw(st.sampled_from(["exchange", "remove", "rename"])):
            case "exchange":
                owner[last] = draw(TREES)
            case "rename" if isinstance(owner, dict):
                owner[draw(WORDS | st.text(max_size=5))] = owner.pop(last)
            case _:
                del owner[last]
    return mutant  # type: ignore[no-any-return]


EXAMPLE_FILES: dict[str, tuple[dict[str, Any], Callable[[Any], object]]] = {
    name: (documents.read_toml((EXAMPLES / f"{name}.toml").read_text(encoding="utf-8")), read)
    for name, read in [
        ("ketamine-migraine", documents.protocol_from_dict),
        ("clinic", documents.clinic_from_dict),
        ("person", documents.person_from_dict),
    ]
}


@pytest.mark.parametrize("name", EXAMPLE_FILES)
@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_a_damaged_file_is_read_or_refused(name: str, data: st.DataObject) -> None:
    mapping, read = EXAMPLE_FILES[name]
    plain = json.loads(json.dumps(mapping, default=date.isoformat))
    mutant = data.draw(mutants(plain))
    assert not isinstance(read_or_none(lambda: read(mutant)), InvalidDocument)


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_a_damaged_text_is_read_or_refused(data: st.DataObject) -> None:
    text = FOUNDING
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(start + 20, len(text))))
        text = text[:start] + data.draw(WORDS | st.text(max_size=4)) + text[end:]
    assert isinstance(read_or_none(lambda: documents.read_protocol(text)), Protocol | None)


def test_a_tree_that_holds_itself_is_refused() -> None:
    knot: dict[str, Any] = {"name": "x"}
    knot["phases"] = [knot]
    assert read_or_none(lambda: documents.protocol_from_dict(knot)) is None


# --- the catalog -----------------------------------------------------------------------------


def test_the_catalog_names_what_is_nearest_to_an_unknown_name() -> None:
    with pytest.raises(UnknownName) as caught:
        catalog.text("ketamin-migrane")
    assert "ketamine-migraine" in caught.value.known


@pytest.mark.parametrize("name", catalog.names())
def test_every_protocol_of_the_catalog_can_be_read_and_written(name: str) -> None:
    protocol = catalog.load(name)
    assert protocol.name == name
    assert documents.protocol_from_dict(documents.protocol_to_dict(protocol)) == protocol


def test_a_course_is_read_with_its_own_protocol() -> None:
    protocol = catalog.load("ketamine-migraine")
    text = 'key = "c-1"\nprotocol = "ketamine-migraine"\n'
    assert documents.read_course(text, protocol) == documents.read_course(text, catalog.load)
    other = text.replace("ketamine-migraine", "ketamine")
    assert faults(lambda: documents.read_course(other, protocol)) == (
        "course: 1 fault\n  protocol: names 'ketamine'; did you mean 'ketamine-migraine'?"
    )


def test_what_begins_the_next_cycle_is_known_by_what_only_it_has() -> None:
    next_cycle = '{ after = "12 months", from = "start of previous cycle" }'
    text = FOUNDING.replace(
        "visits = 6\n", f"visits = 6\ncycles = 2\nnext_cycle = {next_cycle}\n", 1
    )
    assert "phases[0].next_cycle: missing key 'source'" in faults(
        lambda: documents.read_protocol(text)
    )


def test_a_path_in_place_of_a_text_is_told_what_is_wanted() -> None:
    path: Any = EXAMPLES / "clinic.toml"
    assert faults(lambda: documents.read_clinic(path)) == (
        "clinic: 1 fault\n  must be the text of the file, such as path.read_text(), got PosixPath"
    )
