"""Calendar files: what each reader gets, and that every calendar reads the same instants."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from ics_entries import PLAIN, events, read_back, unfolded, written
from ics_lint import lint
from protocol_sched.errors import InvalidValue, NaiveMoment, UnknownName
from protocol_sched.formats.ics.entries import (
    CalendarOptions,
    ClinicCourse,
    Privacy,
    Reader,
    clinic_calendar,
    escort_calendar,
    escort_file_names,
    file_name,
    patient_calendar,
    whole_clinic_calendar,
)
from protocol_sched.formats.ics.file import folded
from protocol_sched.formats.ics.words import place, safe
from protocol_sched.formats.ics.zones import observances
from protocol_sched.model.before_and_after import Fasting, NoDriving
from protocol_sched.model.protocol import VisitType
from protocol_sched.model.schedule import Ride, Schedule, Slack, Visit
from protocol_sched.model.spans import ElapsedSpan
from protocol_sched.text.privacy import medical_words
from samples import (
    INFUSION,
    NEW_YORK,
    NOW,
    PERSON,
    PROTOCOL,
    clinic,
    course_schedule,
    schedule,
    spacing,
    visit,
)
from strategies import awkward_texts

WRITERS = (patient_calendar, escort_calendar, clinic_calendar)
ZONES = (
    *("America/New_York", "Europe/London", "Pacific/Auckland", "Australia/Lord_Howe"),
    *("Asia/Kathmandu", "Africa/Casablanca", "UTC", "America/Nuuk", "Europe/Dublin"),
)


def visits_at(*starts: datetime) -> Schedule:
    """Return a schedule of infusions that start then, in the zone of the first."""
    zone = starts[0].tzinfo
    assert isinstance(zone, ZoneInfo)
    made = [visit(f"induction-{n}", start, ordinal=n) for n, start in enumerate(starts, 1)]
    return schedule(*made, zone=zone.key)


# --- whole files -----------------------------------------------------------------------------

ZONE_TEXT = """\
BEGIN:VTIMEZONE
TZID:America/New_York
BEGIN:DAYLIGHT
DTSTART:20250309T020000
RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3
TZNAME:EDT
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20251102T020000
RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11
TZNAME:EST
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
END:STANDARD
END:VTIMEZONE
"""


def test_the_patients_file_of_one_visit() -> None:
    start = datetime(2027, 3, 15, 14, tzinfo=NEW_YORK)
    of = schedule(visit("induction-1", start, ride=Ride.CONFIRMED))
    assert (
        unfolded(written(of))
        == f"""\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//protocol-sched//Calendar//EN
CALSCALE:GREGORIAN
NAME:Clinic appointments
X-WR-CALNAME:Clinic appointments
{ZONE_TEXT}\
BEGIN:VEVENT
SUMMARY:Clinic appointment 1
DTSTART;TZID=America/New_York:20270315T140000
DTEND;TZID=America/New_York:20270315T164500
DTSTAMP:20270101T123015Z
UID:550dd959c9b14e6c39bea956516f3925@calendar.invalid
SEQUENCE:0
CATEGORIES:Appointment
CLASS:PRIVATE
DESCRIPTION:Arrive at 14:00.\\nNo solid food after 08:00.\\n\
No clear liquids after 12:00.\\nExpect to leave between 16:30 and 16:45\\, possibly later.\\n\
Ride home: Sam Poe.\\nDo not drive before Tue 16 Mar 2027.\\nPhone: +1 555 0100
LAST-MODIFIED:20270101T123015Z
LOCATION:Suite 100\\, 1 Main St
REFID:a5c328a5dade0d8e7c1a62c4fd2960f5
STATUS:CONFIRMED
TRANSP:OPAQUE
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Appointment tomorrow. No solid food for 6 hours before your appointment. \
No clear liquids for 2 hours before your appointment.
TRIGGER:-PT20H
UID:550dd959c9b14e6c39bea956516f3925-1@calendar.invalid
END:VALARM
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:No solid food from now until your appointment.
TRIGGER:-PT6H
UID:550dd959c9b14e6c39bea956516f3925-2@calendar.invalid
END:VALARM
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Appointment in 2 hours. No clear liquids for 2 hours before your appointment. \
Ride home: Sam Poe.
TRIGGER:-PT2H
UID:550dd959c9b14e6c39bea956516f3925-3@calendar.invalid
END:VALARM
END:VEVENT
BEGIN:VEVENT
SUMMARY:Do not drive
DTSTART;VALUE=DATE:20270315
DTEND;VALUE=DATE:20270316
DTSTAMP:20270101T123015Z
UID:e4cbec3ae60f17122aa224eaa2f4f9ee@calendar.invalid
SEQUENCE:0
CLASS:PRIVATE
DESCRIPTION:Until Tue 16 Mar 2027.
LAST-MODIFIED:20270101T123015Z
REFID:a5c328a5dade0d8e7c1a62c4fd2960f5
RELATED-TO;RELTYPE=PARENT:550dd959c9b14e6c39bea956516f3925@calendar.invalid
STATUS:CONFIRMED
TRANSP:TRANSPARENT
END:VEVENT
END:VCALENDAR
"""
    )


def test_the_escorts_file_of_one_ride() -> None:
    of = schedule(visit("induction-1", datetime(2027, 3, 15, 14, tzinfo=NEW_YORK)))
    assert (
        unfolded(written(of, escort_calendar))
        == f"""\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Scheduler//Calendar//EN
CALSCALE:GREGORIAN
NAME:Rides
X-WR-CALNAME:Rides
{ZONE_TEXT}\
BEGIN:VEVENT
SUMMARY:Pick-up (please confirm)
DTSTART;TZID=America/New_York:20270315T161500
DTEND;TZID=America/New_York:20270315T190000
DTSTAMP:20270101T123015Z
UID:f7f730086fa329cf1b3691ced7cc0619@calendar.invalid
SEQUENCE:0
CLASS:PRIVATE
DESCRIPTION:Ready between 16:30 and 16:45. Please be there at 16:30.\\n\
The calendar entry has 15 minutes more before and after\\, to park and wait.\\n\
Please stay for 2 hours after that.\\nPhone: +1 555 0100
LAST-MODIFIED:20270101T123015Z
LOCATION:Suite 100\\, 1 Main St
STATUS:TENTATIVE
TRANSP:OPAQUE
X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Pick-up in 2 hours.
TRIGGER:-PT2H
UID:f7f730086fa329cf1b3691ced7cc0619-1@calendar.invalid
END:VALARM
END:VEVENT
END:VCALENDAR
"""
    )


def test_the_clinics_file_has_the_visit_and_each_stage_with_its_chair() -> None:
    of = schedule(visit("induction-1", datetime(2027, 3, 15, 14, tzinfo=NEW_YORK)))
    found = events(written(of, clinic_calendar))
    keys = ("SUMMARY", "DTSTART", "DTEND", "RESOURCES", "RELATED-TO", "CLASS")
    parent = f"RELTYPE=PARENT{found[0]['UID']}"
    at = "TZID=America/New_York:20270315T"
    assert [tuple(event.get(key) for key in keys) for event in found] == [
        (":infusion 1\\, p-017", f"{at}140000", f"{at}164500", None, None, ":CONFIDENTIAL"),
        (
            ":check-in\\, infusion 1\\, p-017",
            f"{at}140000",
            f"{at}141500",
            None,
            parent,
            ":CONFIDENTIAL",
        ),
        (
            ":IV preparation\\, infusion 1\\, p-017",
            f"{at}141500",
            f"{at}144500",
            None,
            parent,
            ":CONFIDENTIAL",
        ),
        (
            ":infusion\\, infusion 1\\, p-017",
            f"{at}144500",
            f"{at}154500",
            ":chair 2",
            parent,
            ":CONFIDENTIAL",
        ),
        (
            ":recovery\\, infusion 1\\, p-017",
            f"{at}153000",
            f"{at}164500",
            ":chair 2",
            parent,
            ":CONFIDENTIAL",
        ),
    ]
    assert found[0]["DESCRIPTION"] == (
        ":Arrives at 14:00.\\n14:00: check-in\\n14:15: IV preparation\\n14:45: infusion\\n"
        "15:30 to 15:45: recovery (until walks unaided)\\nDischarge between 16:30 and 16:45.\\n"
        "chair: chair 2\\nNo solid food after 08:00.\\nNo clear liquids after 12:00.\\n"
        "Ride home: Sam Poe\\, +1 555 0101 (unconfirmed).\\nNo driving before Tue 16 Mar 2027."
    )
    assert b"VALARM" not in written(of, clinic_calendar)


def test_a_schedule_without_visits_is_still_a_file_that_readers_take() -> None:
    raw = written(schedule())
    assert lint(raw) == []
    assert events(raw) == []
    assert Calendar.from_ical(raw).name == "VCALENDAR"


# --- the bytes -------------------------------------------------------------------------------


@pytest.mark.parametrize("privacy", Privacy)
@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("zone", ZONES)
def test_lint_finds_nothing_in_any_file(
    zone: str, writer: Callable[..., bytes], privacy: Privacy
) -> None:
    key = ZoneInfo(zone)
    of = visits_at(*(datetime(2027, month, 28, 9, 30, tzinfo=key) for month in (2, 6, 10, 12)))
    gone = visit("induction-9", datetime(2027, 12, 30, 9, tzinfo=key))
    options = CalendarOptions(privacy=privacy, tentative=["induction-2"], cancelled=[gone])
    assert lint(written(of, writer, options)) == []


def test_lint_finds_what_is_wrong() -> None:
    raw = written(course_schedule())
    broken = {
        "has a bare CR or LF": raw.replace(b"SUMMARY:", b"SUMMARY:\n", 1),
        "zones not declared": raw.replace(b"TZID:America/New_York", b"TZID:America/Nowhere"),
        "SUMMARY is not escaped": raw.replace(b"SUMMARY:", b"SUMMARY:a,", 1),
        "VEVENT without SEQUENCE": raw.replace(b"SEQUENCE:0\r\n", b"", 1),
        "ends at": raw.replace(b"T094500", b"T084500"),
        "alarm is not before the start": raw.replace(b"TRIGGER:-PT2H", b"TRIGGER:PT2H"),
        "line of": raw.replace(b"SUMMARY:", b"SUMMARY:" + 80 * b"a", 1),
        "a UID twice": re.sub(rb"UID:\w+", b"UID:same", raw),
        "REQUEST with": raw.replace(b"CALSCALE", b"METHOD:REQUEST\r\nCALSCALE"),
        "PUBLISH with": raw.replace(b"CALSCALE", b"METHOD:PUBLISH\r\nCALSCALE"),
    }
    for fault, changed in broken.items():
        assert any(found.startswith(fault) for found in lint(changed)), fault


PROGRAM = """
import sys
from samples import *
from protocol_sched.formats.ics.entries import *
for writer in (patient_calendar, escort_calendar, clinic_calendar):
    options = CalendarOptions(tentative=["induction-1"], sequences={"induction-2": 3, "a": 1})
    sample = course_schedule(), clinic(), PERSON, PROTOCOL
    sys.stdout.buffer.write(writer(*sample, now=NOW, options=options))
"""


def test_same_input_same_bytes_under_any_hash_seed_and_system_zone() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            capture_output=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": "tests"},
            cwd=Path(__file__).parent.parent,
        ).stdout
        for seed, zone in (("0", "Asia/Kathmandu"), ("4711", "America/New_York"))
    }
    assert len(outputs) == 1
    assert outputs.pop().count(b"BEGIN:VCALENDAR") == 3


def test_a_name_cannot_smuggle_in_lines_even_when_assertions_are_off() -> None:
    program = PROGRAM.replace(
        "sample =",
        """evil = "x\\r\\nEND:VEVENT\\r\\nBEGIN:VEVENT\\rATTENDEE:mailto:a@b\\n,;"
    PROTOCOL = attrs.evolve(PROTOCOL, title=evil)
    PERSON = attrs.evolve(PERSON, name=evil)
    options = attrs.evolve(options, privacy=Privacy.FULL)
    sample =""",
    ).replace("clinic(),", "attrs.evolve(clinic(), name=evil, address=evil, phone=evil),")
    result = subprocess.run(
        [sys.executable, "-O", "-c", program],
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONPATH": "tests"},
        cwd=Path(__file__).parent.parent,
    )
    files = result.stdout.split(b"END:VCALENDAR\r\n")[:-1]
    assert [lint(raw + b"END:VCALENDAR\r\n") for raw in files] == [[], [], []]
    assert [len(events(raw)) for raw in files] == [5, 2, 11]


@settings(max_examples=60, deadline=None)
@given(text=awkward_texts(), title=awkward_texts())
def test_no_text_breaks_a_file(text: str, title: str) -> None:
    start = datetime(2027, 3, 15, 14, tzinfo=NEW_YORK)
    of = schedule(visit("induction-1", start, title=title, escort=text + "x"))
    more = {
        "clinic": attrs.evolve(clinic(), name=text, address=text, phone=text),
        "person": attrs.evolve(PERSON, name=text),
        "protocol": attrs.evolve(PROTOCOL, title=text),
    }
    for writer in WRITERS:
        raw = written(of, writer, CalendarOptions(privacy=Privacy.FULL, details=True), **more)
        assert lint(raw) == []
        read = Calendar.from_ical(raw)
        assert [component.errors for component in read.walk()] == [[]] * len(read.walk())
        assert str(read["NAME"]) == str(read["X-WR-CALNAME"])
        for name in ("LOCATION", "SUMMARY"):
            assert "\n" not in str(read.walk("VEVENT")[0].get(name, ""))


def test_commas_emoji_and_right_to_left_letters_arrive_as_they_were() -> None:
    name = 'Ward "B"; 1,2 \N{WHITE SMILING FACE} \u05e9\u05dc\u05d5\u05dd ' + "long " * 60
    of = schedule(visit("induction-1", datetime(2027, 3, 15, 14, tzinfo=NEW_YORK), title=name))
    raw = written(of, options=CalendarOptions(privacy=Privacy.FULL))
    assert read_back(raw)[0].summary == name.strip()


def test_a_backslash_becomes_a_slash_because_readers_take_it_for_a_line_break() -> None:
    assert safe("C:\\New\\n") == "C:/New/n"


def test_control_characters_and_surrogates_go() -> None:
    assert safe("a\x00\x07b\ud800c\u202ed\ufeff") == "ab\ufffdcd"
    assert safe("a\rb\r\nc\u2028d\x85e") == "a\nb\nc\nd\ne"


# --- what is said to whom --------------------------------------------------------------------

# Written down here again on purpose, so that the code's own list is not its own judge.
NOT_FOR_THE_ESCORT = (
    *("ketamin", "migraine", "infusion", "induction", "clinic", "hospital", "patient", "medic"),
    *("treat", "therap", "drug", "dose", "recovery", "doctor", "nurse", "fasting", "food"),
    *("health", "depress", "pain", "sedat", "protocol", "evaluation", "chair", "jane", "roe"),
)


@pytest.mark.parametrize(
    "address",
    [
        "Example Ketamine Clinic, 1 Main St",
        "Infusion Center; Suite 100; 1 Main St",
        "Center for KÉTAMINE Therapy\r\n1 Main St",
        "c/o Jane Roe\n1 Main St",
        "Pain Management Associates\u20281 Main St",
    ],
)
def test_the_escorts_file_holds_no_medical_word_and_no_name(address: str) -> None:
    options = CalendarOptions(sequences={"induction-1": 4}, domain="rides.example")
    place_ = attrs.evolve(clinic(), address=address, phone="Ketamine desk: 555")
    raw = written(course_schedule(), escort_calendar, options, clinic=place_)
    text = unfolded(raw).casefold()
    assert [word for word in NOT_FOR_THE_ESCORT if word in text] == []
    assert {event["LOCATION"][-9:] for event in events(raw)} == {"1 Main St"}


def test_an_address_that_says_it_all_is_left_out() -> None:
    place_ = attrs.evolve(clinic(), address="Example Ketamine Clinic")
    raw = written(course_schedule(), escort_calendar, clinic=place_)
    assert all("LOCATION" not in event for event in events(raw))


def test_a_word_of_the_protocols_title_is_as_telling_as_a_listed_one() -> None:
    protocol = attrs.evolve(PROTOCOL, title="Zyxodrin weekly")
    place_ = attrs.evolve(clinic(), address="Zyxodrin House, 1 Main St")
    raw = written(course_schedule(), escort_calendar, clinic=place_, protocol=protocol)
    assert b"zyxodrin" not in raw.lower()


@pytest.mark.parametrize("privacy", [Privacy.MINIMAL, Privacy.NEUTRAL])
def test_no_drug_and_no_condition_below_the_full_level(privacy: Privacy) -> None:
    triptans = Fasting(what="sumatriptan", lead=ElapsedSpan(24 * 60), source="local")
    infusion = attrs.evolve(INFUSION, fasting=(*INFUSION.fasting, triptans), note="for migraine")
    kinds = (PROTOCOL.visit_types[0], infusion)
    protocol = attrs.evolve(PROTOCOL, visit_types=kinds)
    for writer in WRITERS:
        raw = written(
            course_schedule(), writer, CalendarOptions(privacy=privacy), protocol=protocol
        )
        text = unfolded(raw).casefold()
        words = ("ketamin", "migraine", "infusion", "induction", "recovery", "triptan", "iv prep")
        assert [word for word in words if word in text] == []


def test_the_full_level_says_it_in_the_protocols_words() -> None:
    raw = written(course_schedule(), options=CalendarOptions(privacy=Privacy.FULL))
    found = events(raw)
    assert found[1]["SUMMARY"] == ":infusion 1"
    assert found[1]["LOCATION"].startswith(":Example Ketamine Clinic\\, Infusion Center")
    assert "10:00 to 10:15: recovery (until walks unaided)" in found[1]["DESCRIPTION"]


def test_an_escorts_telling_name_is_not_said_on_the_patients_phone() -> None:
    start = datetime(2027, 3, 15, 14, tzinfo=NEW_YORK)
    of = schedule(visit("induction-1", start, escort="Kim (Ketamine Clinic)"))
    raw = written(of)
    assert b"ketamine" not in raw.lower()
    assert "Ride home: Your escort (not confirmed yet)." in events(raw)[0]["DESCRIPTION"]


@pytest.mark.parametrize("privacy", Privacy)
def test_alarms_name_no_treatment_at_any_level(privacy: Privacy) -> None:
    for raw in (written(course_schedule(), w, CalendarOptions(privacy=privacy)) for w in WRITERS):
        texts = [str(alarm["DESCRIPTION"]) for alarm in read_back(raw, "VALARM")]
        assert [text for text in texts if medical_words(text)] == []


def test_uids_stay_when_a_visit_moves_and_differ_between_readers() -> None:
    start = datetime(2027, 3, 15, 14, tzinfo=NEW_YORK)
    before, after = (
        [event["UID"] for writer in WRITERS for event in events(written(visits_at(at), writer))]
        for at in (start, start + timedelta(days=2))
    )
    assert before == after
    assert len(set(before)) == len(before)
    assert all(re.fullmatch(r":[0-9a-f]{32}@calendar\.invalid", uid) for uid in before)


def test_a_domain_with_a_medical_word_is_refused() -> None:
    with pytest.raises(InvalidValue) as caught:
        CalendarOptions(domain="exampleketamine.example")
    assert str(caught.value) == (
        "calendar options: domain must be free of medical words, because the escort sees it "
        "(not 'ketamin'), got 'exampleketamine.example'"
    )


def test_file_names_say_nothing_at_the_minimal_level() -> None:
    names = [file_name(reader) for reader in Reader]
    assert names == ["patient.ics", "escort.ics", "clinic.ics"]
    assert file_name(Reader.PATIENT, Privacy.MINIMAL) == "appointments.ics"


def test_address_parts_are_judged_one_by_one() -> None:
    address = "Migraine Center, Suite 100, 1 Main St, Springfield"
    assert place(address, Privacy.MINIMAL) == "Suite 100, 1 Main St, Springfield"
    assert place("Main Clinic, 1 Main St", Privacy.MINIMAL) == "1 Main St"
    assert place("Main Clinic, 1 Main St", Privacy.NEUTRAL) == "Main Clinic, 1 Main St"
    assert place(address, Privacy.FULL) == address


# --- what is chosen --------------------------------------------------------------------------


def test_a_publication_names_its_organizer_in_every_entry() -> None:
    options = CalendarOptions(organizer="rides@harbour.example", refresh=timedelta(hours=6))
    for writer in WRITERS:
        raw = written(course_schedule(), writer, options)
        assert lint(raw) == []
        head = unfolded(raw).partition("BEGIN:")[2].partition("BEGIN:")[0]
        assert "\nMETHOD:PUBLISH\n" in head
        assert "\nREFRESH-INTERVAL;VALUE=DURATION:PT6H\nX-PUBLISHED-TTL:PT6H\n" in head
        assert {event["ORGANIZER"] for event in events(raw)} == {":mailto:rides@harbour.example"}


def test_a_file_to_import_has_no_method_and_nobody_in_it() -> None:
    for writer in WRITERS:
        text = unfolded(written(course_schedule(), writer))
        assert [word for word in ("METHOD", "ORGANIZER", "ATTENDEE") if word in text] == []


def test_details_say_where_who_and_which_only_in_the_clinics_full_file() -> None:
    options = CalendarOptions(details=True)
    raw = written(course_schedule(), clinic_calendar, options)
    text = unfolded(raw)
    assert "BEGIN:VLOCATION\nNAME:Example Ketamine Clinic\\, chair 2\n" in text
    assert "BEGIN:PARTICIPANT\nPARTICIPANT-TYPE:CONTACT\nSUMMARY:Ride home: Sam Poe\n" in text
    data = [event.get("STRUCTURED-DATA") for event in events(raw)]
    assert data[1] == (
        'FMTTYPE=application/json;SCHEMA="urn:protocol-sched:visit";VALUE=TEXT:'
        '{"course": "c-1"\\, "visit": "induction-1"}'
    )
    for writer, privacy in (
        (patient_calendar, Privacy.FULL),
        (escort_calendar, Privacy.FULL),
        (clinic_calendar, Privacy.NEUTRAL),
    ):
        more = attrs.evolve(options, privacy=privacy)
        plain = attrs.evolve(more, details=False)
        of = course_schedule()
        assert written(of, writer, more) == written(of, writer, plain)


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        ({"organizer": "rides"}, "organizer must be an e-mail address such as sam@example.org"),
        ({"organizer": "a@b\r\nBCC:x@y"}, "organizer must be an e-mail address"),
        ({"organizer": "ketamine@a.example"}, "organizer must be free of medical words"),
        ({"refresh": timedelta(seconds=5)}, "refresh must be a minute or longer, got 0:00:05"),
        ({"asked": {"v": -1}}, "sequence of 'v' must be 0 or more, got -1"),
    ],
)
def test_options_that_cannot_be_are_refused(chosen: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidValue, match=re.escape(says)):
        CalendarOptions(**chosen)


# --- changes ---------------------------------------------------------------------------------


def test_a_cancelled_visit_stays_with_a_higher_sequence_and_without_alarms() -> None:
    start = datetime(2027, 3, 15, 14, tzinfo=NEW_YORK)
    gone = visit("induction-1", start)
    for writer, entries in ((patient_calendar, 2), (escort_calendar, 1), (clinic_calendar, 5)):
        sent = events(written(schedule(gone), writer))
        options = CalendarOptions(cancelled=[gone], sequences={"induction-1": 2})
        raw = written(schedule(), writer, options)
        found = events(raw)
        assert [event["UID"] for event in found] == [event["UID"] for event in sent]
        notified = {(event["STATUS"], event["SEQUENCE"], event["TRANSP"]) for event in found}
        assert notified == {(":CANCELLED", ":3", ":TRANSPARENT")}
        assert len(found) == entries
        assert all(event["SUMMARY"].endswith(" (cancelled)") for event in found)
        assert b"VALARM" not in raw


def test_a_moved_visit_has_its_sequence() -> None:
    options = CalendarOptions(sequences=[("induction-1", 7)])
    found = events(written(course_schedule(), options=options))
    assert [event["SEQUENCE"] for event in found] == [":0", ":7", ":7", ":0", ":0"]


def test_a_visit_not_agreed_yet_is_tentative_in_words_too() -> None:
    options = CalendarOptions(tentative=["induction-2"])
    event = events(written(course_schedule(), options=options))[3]
    assert event["SUMMARY"] == ":Clinic appointment 3 (not agreed yet)"
    assert event["STATUS"] == ":TENTATIVE"
    assert event["TRANSP"] == ":OPAQUE"
    assert event["X-MICROSOFT-CDO-BUSYSTATUS"] == ":TENTATIVE"


def in_clinic(key: str, person: str, *starts: datetime) -> ClinicCourse:
    of = attrs.evolve(visits_at(*starts), course=key)
    return ClinicCourse(
        schedule=of, person=attrs.evolve(PERSON, key=person), protocol=PROTOCOL, options=PLAIN
    )


def test_the_whole_clinic_is_one_calendar_with_the_entries_of_each_course_in_order_of_time() -> (
    None
):
    one = in_clinic("c-1", "p-1", *(datetime(2027, 3, day, 9, tzinfo=NEW_YORK) for day in (2, 9)))
    two = in_clinic("c-2", "p-2", datetime(2027, 3, 8, 9, tzinfo=NEW_YORK))
    own = clinic(NEW_YORK)
    raw = whole_clinic_calendar([one, two], own, now=NOW)
    assert lint(raw) == []
    found = events(raw)
    visits = [event for event in found if "LOCATION" in event]
    assert [event["SUMMARY"][-3:] for event in visits] == ["p-1", "p-2", "p-1"]
    alone = [
        event
        for each in (one, two)
        for event in events(
            clinic_calendar(each.schedule, own, each.person, PROTOCOL, now=NOW, options=PLAIN)
        )
    ]
    assert sorted(found, key=lambda one: one["UID"]) == sorted(alone, key=lambda one: one["UID"])
    assert unfolded(raw).count("BEGIN:VTIMEZONE") == 1
    assert f"NAME:{own.name}" in unfolded(raw)


def test_courses_of_a_clinic_are_each_there_once_and_at_one_level_of_privacy() -> None:
    one = in_clinic("c-1", "p-1", datetime(2027, 3, 2, 9, tzinfo=NEW_YORK))
    hidden = attrs.evolve(
        one,
        schedule=attrs.evolve(one.schedule, course="c-2"),
        options=CalendarOptions(privacy=Privacy.MINIMAL),
    )
    for courses in ([], [one, one], [one, hidden]):
        with pytest.raises(InvalidValue, match="calendar of the clinic"):
            whole_clinic_calendar(courses, clinic(NEW_YORK), now=NOW)


def test_names_of_escorts_files_differ_on_every_file_system_and_hold_no_medical_word() -> None:
    names = ["Priya Nair", "priya nair", "../etc", "\u674e\u660e", "?!", "Dr. Infusion", "Ann/Poe"]
    assert escort_file_names(names) == {
        "Priya Nair": "escort-Priya-Nair.ics",
        "priya nair": "escort-priya-nair-2.ics",
        "../etc": "escort-etc.ics",
        "\u674e\u660e": "escort-\u674e\u660e.ics",
        "?!": "escort-5.ics",
        "Dr. Infusion": "escort-6.ics",
        "Ann/Poe": "escort-Ann-Poe.ics",
    }


@pytest.mark.parametrize(
    ("ride", "status"),
    [
        (Ride.CONFIRMED, ":CONFIRMED"),
        (Ride.UNCONFIRMED, ":TENTATIVE"),
        (Ride.DECLINED, ":CANCELLED"),
    ],
)
def test_a_rides_status_is_the_escorts_answer(ride: Ride, status: str) -> None:
    start = datetime(2027, 3, 15, 14, tzinfo=NEW_YORK)
    raw = written(schedule(visit("induction-1", start, ride=ride)), escort_calendar)
    assert [event["STATUS"] for event in events(raw)] == [status]


def test_an_escort_gets_their_own_rides_only() -> None:
    one, two = (
        visit(f"induction-{n}", datetime(2027, 3, 10 + n, 9, tzinfo=NEW_YORK), escort=name)
        for n, name in enumerate(("Sam Poe", "Kim Loe"), 1)
    )
    waived = visit("induction-3", datetime(2027, 3, 20, 9, tzinfo=NEW_YORK), waived=True)
    of = schedule(one, two, waived)
    sam, kim = (
        [event["UID"] for event in events(written(of, escort_calendar, escort=name))]
        for name in ("Sam Poe", "Kim Loe")
    )
    assert len(sam) == len(kim) == 1
    both = events(written(of, escort_calendar))
    assert [event["UID"] for event in both] == sam + kim
    assert [event["SUMMARY"] for event in both] == [
        ":Pick-up by Sam Poe (please confirm)",
        ":Pick-up by Kim Loe (please confirm)",
    ]


# --- spacing and driving ---------------------------------------------------------------------


def test_spacing_is_a_chain_of_least_distances_that_never_points_back() -> None:
    zone = NEW_YORK
    made = [visit(f"i-{n}", datetime(2027, 3, day, 9, tzinfo=zone)) for n, day in ((1, 1), (2, 4))]
    made.append(visit("i-3", datetime(2027, 3, 8, 9, tzinfo=zone)))
    slacks: tuple[Slack, ...] = (
        spacing("i-1", "i-2", "2 days", "5 days"),
        spacing("i-1", "i-2", "72 hours"),
        spacing("i-2", "i-3", "1 week - 4 days"),
        spacing("i-1", "i-3", "5 days"),
    )
    found = events(written(schedule(*made, slacks=slacks)))[::2]
    uids = [event["UID"].removeprefix(":") for event in found]
    # 72 hours from start to start are 69:15 from the end of a visit of 2:45.
    assert [event.get("RELATED-TO") for event in found] == [
        f"GAP=P2DT21H15M;RELTYPE=FINISHTOSTART:{uids[1]}",
        f"GAP=P3D;RELTYPE=FINISHTOSTART:{uids[2]}",
        None,
    ]
    assert (
        "At least 72 hours and at most 5 days after Clinic appointment 1."
        in (found[1]["DESCRIPTION"])
    )


def test_no_driving_for_hours_is_timed_from_the_discharge() -> None:
    start = datetime(2027, 3, 13, 14, tzinfo=NEW_YORK)
    until = datetime(2027, 3, 14, 17, 45, tzinfo=NEW_YORK)
    found = events(written(schedule(visit("induction-1", start, no_driving_until=until))))
    assert found[1]["DTSTART"] == ":20270313T213000Z"
    assert found[1]["DTEND"] == ":20270314T214500Z"
    assert "Do not drive before 17:45 on Sun 14 Mar 2027." in found[0]["DESCRIPTION"]


def test_fasting_before_an_early_visit_begins_on_the_day_before() -> None:
    found = events(written(visits_at(datetime(2027, 3, 15, 5, tzinfo=NEW_YORK))))
    assert "No solid food after 23:00 on Sun 14 Mar 2027." in found[0]["DESCRIPTION"]


def test_fasting_counts_real_hours_over_a_clock_change() -> None:
    found = events(written(visits_at(datetime(2027, 3, 14, 8, tzinfo=NEW_YORK))))
    assert "No solid food after 01:00." in found[0]["DESCRIPTION"]


@pytest.mark.parametrize("hour", range(24))
def test_at_most_three_alarms_each_earlier_than_the_next(hour: int) -> None:
    raw = written(visits_at(datetime(2027, 3, 16, hour, 30, tzinfo=NEW_YORK)))
    event = read_back(raw)[0]
    triggers = [alarm["TRIGGER"].dt for alarm in event.walk("VALARM")]
    assert 2 <= len(triggers) <= 3
    assert sorted(set(triggers)) == triggers
    assert triggers[-1] == timedelta(hours=-2)
    assert (event.start + triggers[0]).hour == 18


# --- instants --------------------------------------------------------------------------------


def test_a_doubled_hour_is_written_in_utc_and_told_apart_in_words() -> None:
    first = datetime(2027, 11, 7, 1, 30, tzinfo=NEW_YORK)
    found = events(written(visits_at(first, first.replace(fold=1))))
    starts = {event["DTSTART"]: event["DESCRIPTION"] for event in found if "LOCATION" in event}
    assert list(starts) == [":20271107T053000Z", ":20271107T063000Z"]
    assert starts[":20271107T053000Z"].startswith(":Arrive at 01:30 (UTC-04:00).")
    assert starts[":20271107T063000Z"].startswith(":Arrive at 01:30 (UTC-05:00).")


def test_a_time_the_clock_skips_is_written_in_utc() -> None:
    of = visits_at(datetime(2027, 3, 14, 2, 30, tzinfo=NEW_YORK))
    assert events(written(of))[0]["DTSTART"] == ":20270314T073000Z"


def test_a_visit_over_a_clock_change_lasts_its_real_minutes() -> None:
    of = visits_at(datetime(2027, 3, 13, 23, 30, tzinfo=NEW_YORK))
    event = events(written(of))[0]
    assert (event["DTSTART"], event["DTEND"]) == (":20270314T043000Z", ":20270314T071500Z")
    assert event["DESCRIPTION"].startswith(
        ":Arrive at 23:30.\\nNo solid food after 17:30.\\nNo clear liquids after 21:30.\\n"
        "Expect to leave between 03:00 on Sun 14 Mar 2027 and 03:15 on Sun 14 Mar 2027"
    )


def test_a_date_on_which_the_clock_changes_is_written_in_utc() -> None:
    of = visits_at(*(datetime(2027, 3, day, 9, tzinfo=NEW_YORK) for day in (13, 14, 15)))
    found = [event["DTSTART"] for event in events(written(of)) if "LOCATION" in event]
    zone = "TZID=America/New_York:"
    assert found == [f"{zone}20270313T090000", ":20270314T130000Z", f"{zone}20270315T090000"]


@pytest.mark.parametrize(
    ("zone", "start", "wanted"),
    [
        # The clock is put back, or forward, at 22:00 the evening before, when the alarm has rung.
        ("Pacific/Easter", (2027, 4, 4, 12), ":20270404T180000Z"),
        ("Pacific/Easter", (2027, 9, 5, 12), ":20270905T170000Z"),
        ("Pacific/Easter", (2027, 4, 5, 12), "TZID=Pacific/Easter:20270405T120000"),
        ("America/New_York", (2027, 3, 13, 12), "TZID=America/New_York:20270313T120000"),
        ("America/New_York", (2027, 3, 15, 12), "TZID=America/New_York:20270315T120000"),
    ],
)
def test_no_alarm_rings_across_a_change_of_the_clock_it_is_told_by(
    zone: str, start: tuple[int, int, int, int], wanted: str
) -> None:
    noon = datetime(*start, tzinfo=ZoneInfo(zone))
    raw = written(visits_at(noon))
    assert events(raw)[0]["DTSTART"] == wanted
    event = read_back(raw)[0]
    evening = noon.replace(hour=18) - timedelta(days=1)
    rings = event.start.astimezone(UTC) + event.walk("VALARM")[0].TRIGGER
    assert rings == evening.astimezone(UTC)


def test_an_odd_zone_is_written_in_utc_without_a_vtimezone() -> None:
    raw = written(visits_at(datetime(2027, 3, 15, 9, tzinfo=ZoneInfo("Africa/Casablanca"))))
    assert b"VTIMEZONE" not in raw
    assert b"TZID" not in raw


@pytest.mark.parametrize(
    ("zone", "days"),
    [
        ("America/New_York", ["2SU", "1SU"]),
        ("Europe/London", ["-1SU", "-1SU"]),
        ("Pacific/Auckland", ["1SU", "-1SU"]),
        ("Australia/Lord_Howe", ["1SU", "1SU"]),
        ("Asia/Kathmandu", [""]),
        ("Africa/Casablanca", []),
        ("UTC", []),
    ],
)
def test_a_zone_is_told_by_two_yearly_rules_or_none(zone: str, days: list[str]) -> None:
    assert [part.by_day for part in observances(zone, 2027, 2030)] == days


def test_lord_howe_puts_its_clock_by_half_an_hour() -> None:
    parts = observances("Australia/Lord_Howe", 2027, 2027)
    assert {abs(part.after - part.before) for part in parts} == {timedelta(minutes=30)}


def test_a_zone_that_changes_its_rule_meanwhile_is_not_told() -> None:
    assert observances("America/New_York", 2006, 2008) == ()


# --- bad input -------------------------------------------------------------------------------


def test_a_fixed_offset_is_refused() -> None:
    start = datetime(2027, 3, 15, 14, tzinfo=timezone(timedelta(hours=-5)))
    with pytest.raises(InvalidValue) as caught:
        written(schedule(visit("induction-1", start)))
    assert str(caught.value) == (
        "visit 'induction-1': start must be in a zone such as ZoneInfo('America/New_York'), or "
        "in UTC, got 2027-03-15T14:00:00-05:00 (datetime.timezone(datetime.timedelta(days=-1, "
        "seconds=68400)))"
    )


def test_now_without_a_zone_is_refused() -> None:
    with pytest.raises(NaiveMoment, match="calendar: now must carry a time zone"):
        written(course_schedule(), now=datetime(2027, 1, 1))  # noqa: DTZ001


def test_an_unknown_zone_is_refused() -> None:
    of = attrs.evolve(course_schedule(), zone="Mars/Olympus")
    with pytest.raises(InvalidValue, match="'c-1': zone must be a time zone such as"):
        patient_calendar(of, clinic(), PERSON, PROTOCOL, now=NOW)


def test_one_identity_twice_is_refused() -> None:
    one = visit("induction-1", datetime(2027, 3, 15, 14, tzinfo=NEW_YORK))
    with pytest.raises(InvalidValue, match="each visit once, got 'induction-1' twice"):
        written(schedule(one), options=CalendarOptions(cancelled=[one]))


def test_an_unknown_escort_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownName) as caught:
        written(course_schedule(), escort_calendar, escort="Max")
    assert str(caught.value) == ("person 'p-017': escort names 'Max'; known: Sam Poe, Kim Loe")


def _visits_that_cannot_be() -> Iterator[tuple[str, Visit]]:
    good = visit("induction-1", datetime(2027, 3, 15, 14, tzinfo=NEW_YORK))
    yield "discharge must be after", attrs.evolve(good, discharge=good.start)
    yield "discharge_by must be", attrs.evolve(good, discharge_by=good.start)
    yield "no_driving_until must be", attrs.evolve(good, no_driving_until=good.day)
    yield "no_driving_until must be", attrs.evolve(good, no_driving_until=good.start)


@pytest.mark.parametrize(("says", "bad"), [*_visits_that_cannot_be()])
def test_a_visit_that_ends_before_it_starts_is_refused(says: str, bad: Visit) -> None:
    with pytest.raises(InvalidValue, match=says):
        written(schedule(bad))


def test_a_visit_type_the_protocol_does_not_have_is_refused() -> None:
    other = VisitType(
        name="scan", stages=INFUSION.stages, no_driving=NoDriving(until="24 hours", source="local")
    )
    start = datetime(2027, 3, 15, 14, tzinfo=NEW_YORK)
    with pytest.raises(UnknownName, match="known: evaluation, infusion"):
        written(schedule(visit("scan-1", start, other)))


@given(st.text(st.sampled_from("ab\\^,;\nüé日🚗 "), max_size=400))
def test_lines_are_folded_as_icalendar_folds_them(text: str) -> None:
    calendar = Calendar()
    calendar.add("DESCRIPTION", text)
    assert folded(calendar.content_lines()) == calendar.to_ical()
