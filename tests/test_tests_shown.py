"""A test that a visit waits for is shown with its days, wherever the visit is."""

from __future__ import annotations

import html
import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest
from icalendar import Calendar

from command_line import in_process
from protocol_sched.formats.html.sheets import person_sheet
from protocol_sched.formats.ics.entries import CalendarOptions, patient_calendar
from protocol_sched.formats.ics.uids import digest_of, known_digests
from protocol_sched.model.agenda import Need
from protocol_sched.model.gates import Gate
from protocol_sched.model.numbers import EACH
from protocol_sched.model.schedule import Visit
from protocol_sched.model.spans import parse_span
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.privacy import Privacy, medical_words
from samples import NEW_YORK, NOW, PERSON, PROTOCOL, clinic, schedule, visit

EXAMPLES = Path(__file__).parents[1] / "examples"
LAB = """\
name = "two-tests"
title = "Infusions with tests"
visit_types = [
  { name = "infusion", stages = [{ name = "infusion", length = "2 hours", source = "local" }] },
]
gates = [
  { name = "blood test", phase = "dose", before = "each", max_age = "3 days", source = "local" },
  { name = "MRI", phase = "dose", max_age = "30 days", min_age = "2 days", source = "local" },
]
[[phases]]
name = "dose"
visit = "infusion"
visits = 3
cadence = { every = "14 days" }
source = "local"
"""
COURSE = 'key = "c"\nprotocol = "two-tests"\nnot_before = 2027-03-01\n'
TEXT = """\
Infusion 1 needs a test first: blood test (between Fri 26 February and Mon 1 March 2027) and MRI
  (between Sat 20 February and Sat 27 February 2027).
Infusion 2 and infusion 3 each need a test first: blood test.
  infusion 2  between Fri 12 March and Mon 15 March 2027
  infusion 3  between Fri 26 March and Mon 29 March 2027
"""


def planned(here: Path, *more: str) -> str:
    (here / "lab.toml").write_text(LAB)
    (here / "course.toml").write_text(COURSE)
    words = ["plan", "course.toml", "--protocol", "lab.toml", "--as-of", "2027-02-20"]
    for kind in ("clinic", "person"):
        words += [f"--{kind}", str(EXAMPLES / f"{kind}.toml")]
    done = in_process([*words, *more], here)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_plan_says_the_days_of_every_test_of_every_visit(tmp_path: Path) -> None:
    assert planned(tmp_path).endswith(TEXT)
    shown = planned(tmp_path, "--until", "2027-03-10")
    assert "infusion 1" in shown
    assert "infusion 3" not in shown


def test_a_plan_as_json_has_the_days_of_every_test(tmp_path: Path) -> None:
    plan = json.loads(planned(tmp_path, "--json"))
    days = {
        (visit["id"], need["gate"]): (need["earliest"], need["latest"])
        for visit in plan["schedule"]["visits"]
        for need in visit["waits_for"]
    }
    assert days == {
        ("dose-1", "blood test"): ("2027-02-26", "2027-03-01"),
        ("dose-1", "MRI"): ("2027-02-20", "2027-02-27"),
        ("dose-2", "blood test"): ("2027-03-12", "2027-03-15"),
        ("dose-3", "blood test"): ("2027-03-26", "2027-03-29"),
    }


def test_the_persons_file_has_an_entry_for_each_test_over_all_its_days(tmp_path: Path) -> None:
    planned(tmp_path, "--out", "out")
    calendar: Any = Calendar.from_ical((tmp_path / "out" / "patient.ics").read_bytes())
    days = [
        (str(event["SUMMARY"]), event.decoded("DTSTART"), event.decoded("DTEND"), event["TRANSP"])
        for event in calendar.walk("VEVENT")
        if not isinstance(event.decoded("DTSTART"), datetime)
    ]
    first = "To be done before clinic appointment 1"
    assert days == [
        (first, date(2027, 2, 26), date(2027, 3, 2), "TRANSPARENT"),
        (first, date(2027, 2, 20), date(2027, 2, 28), "TRANSPARENT"),
        (first.replace("1", "2"), date(2027, 3, 12), date(2027, 3, 16), "TRANSPARENT"),
        (first.replace("1", "3"), date(2027, 3, 26), date(2027, 3, 30), "TRANSPARENT"),
    ]
    sheet = html.unescape((tmp_path / "out" / "person.html").read_text())
    assert "between Friday 12 March and Monday 15 March. Ask the clinic what it is." in sheet


GATED = attrs.evolve(
    PROTOCOL,
    gates=[
        Gate(name="consent", phase="induction", source="local"),
        Gate(name="urine test", phase="induction", before=EACH, source="local"),
        Gate(name="drug ordered", phase="induction", receipt=True, source="local"),
        Gate(
            name="tea left out",
            phase="induction",
            before=EACH,
            max_age=parse_span("3 days"),
            source="local",
        ),
    ],
)
LATEST = date(2027, 3, 4)
NEEDS = (
    Need(gate="urine test", earliest=None, latest=LATEST),
    Need(gate="drug ordered", earliest=None, latest=LATEST, receipt=True),
    Need(gate="tea left out", earliest=date(2027, 3, 2), latest=LATEST),
)
SECOND = visit("induction-2", datetime(2027, 3, 4, 9, tzinfo=NEW_YORK), ordinal=2, waits_for=NEEDS)


def entries(of: Visit, **options: Any) -> list[Any]:
    raw = patient_calendar(
        schedule(of), clinic(), PERSON, GATED, now=NOW, options=CalendarOptions(**options)
    )
    calendar: Any = Calendar.from_ical(raw)
    roles = known_digests("c-1", ["induction-2"])
    return [
        event
        for event in calendar.walk("VEVENT")
        if roles[digest_of(str(event["UID"]))][1].startswith("test ")
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("privacy", Privacy)
def test_a_test_is_named_only_to_whom_it_may_be(language: str, privacy: Privacy) -> None:
    found = entries(SECOND, language=language, privacy=privacy)
    named = ["urine test" in str(event["SUMMARY"]) for event in found]
    assert named == [privacy is Privacy.FULL, False]  # and what is received is for the clinic
    assert all("tea left out" in str(event["SUMMARY"]) for event in found[1:])
    if privacy is not Privacy.FULL:
        said = [str(event.get(key)) for event in found for key in ("SUMMARY", "DESCRIPTION")]
        assert not [text for text in said if medical_words(text, places=privacy is Privacy.MINIMAL)]
    words = LANGUAGES[language].calendar
    assert words.test_between(None, LATEST) in str(found[0]["DESCRIPTION"])
    assert words.test_between(date(2027, 3, 2), LATEST) in str(found[1]["DESCRIPTION"])
    assert words.test_between(LATEST, LATEST) != words.test_between(None, LATEST)


def test_the_tests_of_a_cancelled_visit_are_cancelled_with_it() -> None:
    gone = attrs.evolve(SECOND, waits_for=())
    raw = patient_calendar(
        schedule(), clinic(), PERSON, GATED, now=NOW, options=CalendarOptions(cancelled=(gone,))
    )
    calendar: Any = Calendar.from_ical(raw)
    struck = {str(event["UID"]): str(event["STATUS"]) for event in calendar.walk("VEVENT")}
    for event in entries(SECOND):
        assert struck[str(event["UID"])] == "CANCELLED"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sheet_says_until_when_something_has_to_be_done(language: str) -> None:
    words = LANGUAGES[language].sheet
    for privacy in (Privacy.NEUTRAL, Privacy.FULL):
        sheet = person_sheet(
            schedule(SECOND),
            clinic(),
            PERSON,
            GATED,
            made_on=date(2027, 2, 20),
            language=language,
            privacy=privacy,
        )
        text = html.unescape(re.sub(r"<[^>]*>", "\n", sheet))
        name = "urine test" if privacy is Privacy.FULL else ""
        assert words.test(name, None, LATEST) in text
        assert words.test("tea left out", date(2027, 3, 2), LATEST) in text
        assert "drug ordered" not in text
