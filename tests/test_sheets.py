"""Sheets for the person and for whoever drives, read as the texts that stand on them."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs
import pytest

from protocol_sched.formats.html.sheets import escort_sheet, person_sheet
from protocol_sched.model.before_and_after import Fasting
from protocol_sched.model.schedule import Ride
from protocol_sched.model.spans import ElapsedSpan
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.privacy import Privacy, medical_words
from samples import EVALUATION, INFUSION, PERSON, PROTOCOL, clinic, schedule, visit

NEW_YORK = ZoneInfo("America/New_York")
MADE = date(2027, 2, 20)
CLINIC = attrs.evolve(
    clinic(), name="North House", address="Clinic of Pain, 14 Harbour Street", phone="+1 518 1"
)
CHROMIUM = shutil.which("chromium")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2027, 3, day, hour, minute, tzinfo=NEW_YORK)


COURSE = schedule(
    visit("e", at(1, 9), EVALUATION, title="evaluation", ride=None, escort=None),
    visit("i-1", at(4, 8, 30), title="infusion 1", ride=Ride.CONFIRMED),
    visit("i-2", at(8, 8, 30), title="infusion 2", ordinal=2, tentative="late"),
)


def words(page: str) -> list[str]:
    """Return what a person reads on a page, line by line."""
    body = page.partition("<body>")[2]
    return [html.unescape(text) for text in re.findall(r">([^<>\n]+)<", body)]


def test_the_persons_sheet_says_when_what_not_to_eat_who_drives_and_no_driving() -> None:
    sheet = person_sheet(COURSE, CLINIC, PERSON, PROTOCOL, made_on=MADE)
    assert words(sheet) == [
        "Your appointments",
        "North House, 14 Harbour Street",
        "Questions, or you cannot come? Call +1 518 1.",
        "When",
        "Before you come",
        "Going home",
        "Monday 1 March",
        "Be there at 09:00",
        "Appointment 1",
        "Expect to leave at 09:45.",
        "Thursday 4 March",
        "Be there at 08:30",
        "Appointment 2",
        "No solid food after 02:30.",
        "No clear liquids after 06:30.",
        "Expect to leave between 11:00 and 11:15, possibly later.",
        "Ride home: Sam Poe.",
        "Do not drive before Friday 5 March.",
        "Monday 8 March",
        "Be there at 08:30",
        "Appointment 3",
        "This date is provisional. You will be told when it is settled.",
        "No solid food after 02:30.",
        "No clear liquids after 06:30.",
        "Expect to leave between 11:00 and 11:15, possibly later.",
        "Ride home: Sam Poe (not confirmed yet).",
        "Do not drive before Tuesday 9 March.",
        "Times are local (America/New_York).",
        "Made on Saturday 20 February 2027. A newer sheet replaces this one.",
    ]


def test_the_persons_sheet_in_german_leaves_no_word_of_english() -> None:
    sheet = person_sheet(COURSE, CLINIC, PERSON, PROTOCOL, made_on=MADE, language="de")
    assert words(sheet) == [
        "Ihre Termine",
        "North House, 14 Harbour Street",
        "Fragen, oder Sie können nicht kommen? Telefon +1 518 1.",
        "Wann",
        "Vorher",
        "Heimweg",
        "Montag, 1. März",
        "Da sein um 09:00 Uhr",
        "Termin 1",
        "Ende etwa um 09:45 Uhr.",
        "Donnerstag, 4. März",
        "Da sein um 08:30 Uhr",
        "Termin 2",
        "Ab 02:30 Uhr keine feste Nahrung.",
        "Ab 06:30 Uhr keine klaren Flüssigkeiten.",
        "Ende etwa zwischen 11:00 und 11:15 Uhr, vielleicht später.",
        "Fahrt nach Hause: Sam Poe.",
        "Vor Freitag, 5. März, nicht Auto fahren.",
        "Montag, 8. März",
        "Da sein um 08:30 Uhr",
        "Termin 3",
        "Dieser Termin ist vorläufig. Die Bestätigung folgt.",
        "Ab 02:30 Uhr keine feste Nahrung.",
        "Ab 06:30 Uhr keine klaren Flüssigkeiten.",
        "Ende etwa zwischen 11:00 und 11:15 Uhr, vielleicht später.",
        "Fahrt nach Hause: Sam Poe (noch nicht bestätigt).",
        "Vor Dienstag, 9. März, nicht Auto fahren.",
        "Alle Zeiten sind Ortszeit (America/New_York).",
        "Stand: Samstag, 20. Februar 2027. Ein neueres Blatt ersetzt dieses.",
    ]


def test_an_escorts_sheet_says_when_to_be_there_and_whether_it_is_settled() -> None:
    sheet = escort_sheet(COURSE, CLINIC, PERSON, PROTOCOL, "Sam Poe", made_on=MADE)
    assert words(sheet) == [
        "Your rides",
        "14 Harbour Street",
        "Late, or you cannot drive? Call +1 518 1.",
        "Day",
        "Pick-up",
        "Confirmed?",
        "Thursday 4 March",
        "Be there at 11:00. Ready between 11:00 and 11:15. It may be later.",
        "Please stay for 2 hours after that.",
        "Confirmed, thank you.",
        "Monday 8 March",
        "Be there at 11:00. Ready between 11:00 and 11:15. It may be later.",
        "Please stay for 2 hours after that.",
        "The date is provisional.",
        "Times are local (America/New_York).",
        "Made on Saturday 20 February 2027. A newer sheet replaces this one.",
    ]
    german = escort_sheet(COURSE, CLINIC, PERSON, PROTOCOL, "Sam Poe", made_on=MADE, language="de")
    assert words(german) == [
        "Ihre Fahrten",
        "14 Harbour Street",
        "Verspätet, oder Sie können nicht fahren? Telefon +1 518 1.",
        "Tag",
        "Bitte da sein",
        "Abgemacht?",
        "Donnerstag, 4. März",
        "um 11:00 Uhr. Abholbereit zwischen 11:00 und 11:15 Uhr. Es kann später werden.",
        "Bitte bleiben Sie danach noch 2 Stunden.",
        "Ja, danke.",
        "Montag, 8. März",
        "um 11:00 Uhr. Abholbereit zwischen 11:00 und 11:15 Uhr. Es kann später werden.",
        "Bitte bleiben Sie danach noch 2 Stunden.",
        "Der Termin ist vorläufig.",
        "Alle Zeiten sind Ortszeit (America/New_York).",
        "Stand: Samstag, 20. Februar 2027. Ein neueres Blatt ersetzt dieses.",
    ]


def test_dates_after_the_visit_and_a_ride_that_nobody_drives_are_said() -> None:
    night = visit(
        "i-1",
        at(4, 20),
        escort=None,
        no_driving_until=at(6, 10, 30),
        discharge=at(5, 7),
        discharge_by=at(5, 8),
    )
    said = words(person_sheet(schedule(night), CLINIC, PERSON, PROTOCOL, made_on=MADE))
    assert "Expect to leave between 07:00 on Friday 5 March and 08:00, possibly later." in said
    assert "Someone must take you home. Nobody is arranged yet." in said
    assert "Do not drive before 10:30 on Saturday 6 March." in said
    german = person_sheet(
        schedule(night), CLINIC, PERSON, PROTOCOL, made_on=date(2026, 12, 1), language="de"
    )
    said = words(german)
    assert "Donnerstag, 4. März 2027" in said, "another year is said"
    assert (
        "Ende etwa zwischen 07:00 Uhr am Freitag, 5. März, und 08:00 Uhr, vielleicht später."
        in said
    )
    assert "Vor Samstag, 6. März, 10:30 Uhr, nicht Auto fahren." in said


def test_minimal_says_dates_and_times_and_full_says_titles() -> None:
    sheet = person_sheet(COURSE, CLINIC, PERSON, PROTOCOL, made_on=MADE, privacy=Privacy.MINIMAL)
    said = words(sheet)
    assert "Sam Poe" not in sheet
    assert "North House" not in sheet
    assert said.count("Appointment") == 3
    assert said.count("Follow the instructions you were given.") == 2
    full = person_sheet(COURSE, CLINIC, PERSON, PROTOCOL, made_on=MADE, privacy=Privacy.FULL)
    assert {"Evaluation", "Infusion 1", "Infusion 2"} <= set(words(full))


def test_what_is_barred_is_an_instruction_that_was_given() -> None:
    kind = attrs.evolve(
        INFUSION, fasting=[Fasting(what="metformin", lead=ElapsedSpan(720), source="local")]
    )
    protocol = attrs.evolve(PROTOCOL, visit_types=[EVALUATION, kind])
    sheet = person_sheet(schedule(visit("i-1", at(4, 9))), CLINIC, PERSON, protocol, made_on=MADE)
    assert "metformin" not in sheet
    assert "Follow the instructions you were given." in words(sheet)


def test_sheets_in_french_read_as_a_person_would_write_them() -> None:
    given = (COURSE, CLINIC, PERSON, PROTOCOL)
    said = words(person_sheet(*given, made_on=MADE, language="fr"))
    assert said[6:15] == [
        "Lundi 1er mars",
        "Soyez là à 9 h",
        "Rendez-vous 1",
        "Sortie prévue à 9 h 45.",
        "Jeudi 4 mars",
        "Soyez là à 8 h 30",
        "Rendez-vous 2",
        "À partir de 2 h 30, pas d'aliments solides.",
        "À partir de 6 h 30, pas de liquides clairs.",
    ]
    assert "Ne conduisez pas avant le vendredi 5 mars." in said
    assert (
        said[-1] == "Établi le samedi 20 février 2027. Une feuille plus récente remplace celle-ci."
    )
    said = words(escort_sheet(*given, "Sam Poe", made_on=MADE, language="fr"))
    assert said[6:9] == [
        "Jeudi 4 mars",
        "à 11 h. Sortie prévue entre 11 h et 11 h 15. Cela peut être plus tard.",
        "Merci de rester encore 2 heures ensuite.",
    ]


def test_a_declined_ride_is_not_on_the_escorts_sheet_and_the_person_is_told() -> None:
    course = schedule(visit("i-1", at(4, 9), ride=Ride.DECLINED))
    sheet = escort_sheet(course, CLINIC, PERSON, PROTOCOL, "Sam Poe", made_on=MADE)
    assert "Nothing is planned." in words(sheet)
    said = words(person_sheet(course, CLINIC, PERSON, PROTOCOL, made_on=MADE))
    assert "Sam Poe cannot take you home. Please ask someone else." in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("privacy", [Privacy.MINIMAL, Privacy.NEUTRAL])
def test_no_sheet_below_the_full_level_tells_of_the_treatment(
    language: str, privacy: Privacy
) -> None:
    told = attrs.evolve(CLINIC, name="Ketamine Centre", address="Jane Roe Ward, 1 Main St")
    pages = [
        person_sheet(
            COURSE, told, PERSON, PROTOCOL, made_on=MADE, language=language, privacy=privacy
        ),
        escort_sheet(
            COURSE,
            told,
            PERSON,
            PROTOCOL,
            "Sam Poe",
            made_on=MADE,
            language=language,
            privacy=privacy,
        ),
    ]
    for page in pages:
        text = " ".join(words(page)).replace("1er", "1")  # the French first of a month
        assert medical_words(text, places=False) == ()
        assert "Roe" not in text
        assert "1 Main St" in text


def test_every_text_is_escaped_and_nothing_is_loaded() -> None:
    nasty = "<script src='http://x'>&"
    told = attrs.evolve(CLINIC, name=nasty, address=nasty, phone=nasty)
    course = schedule(visit("i-1", at(4, 9), escort=nasty, title=nasty))
    pages = [
        person_sheet(course, told, PERSON, PROTOCOL, made_on=MADE, privacy=Privacy.FULL),
        escort_sheet(course, told, PERSON, PROTOCOL, nasty, made_on=MADE, privacy=Privacy.FULL),
    ]
    for page in pages:
        assert "<script" not in page
        assert nasty in html.unescape(page)
        assert re.findall(r"<(?:link|img|iframe|script|object)|@import|url\(", page) == []


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt install chromium")
def test_a_sheet_of_eight_visits_prints_on_one_page_in_a_real_browser(tmp_path: Path) -> None:
    assert CHROMIUM is not None
    visits = [visit(f"i-{n}", at(2 * n, 9), ordinal=n) for n in range(1, 9)]
    sheet = tmp_path / "person.html"
    sheet.write_text(person_sheet(schedule(*visits), CLINIC, PERSON, PROTOCOL, made_on=MADE))
    printed = tmp_path / "person.pdf"
    subprocess.run(
        [
            CHROMIUM,
            *("--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"),
            f"--user-data-dir={tmp_path / 'browser'}",
            f"--print-to-pdf={printed}",
            sheet.as_uri(),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    assert len(re.findall(rb"/Type /Page\b", printed.read_bytes())) == 1
