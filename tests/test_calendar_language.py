"""Calendar files and messages to escorts in another language: whole, and nothing left over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from functools import cache
from pathlib import Path

import attrs
import pytest
from icalendar import Calendar

from command_line import in_process
from protocol_sched.errors import InvalidValue
from protocol_sched.formats.ics.entries import (
    CalendarOptions,
    clinic_calendar,
    escort_calendar,
    patient_calendar,
)
from protocol_sched.formats.ics.messages import ride_notices
from protocol_sched.model.schedule import Plan, Ride, Schedule
from protocol_sched.planning.course import plan_course
from protocol_sched.text.calendar_words import CalendarWords
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.privacy import Privacy
from test_planning import examples

AS_OF = date(2027, 2, 20)
NOW = datetime(2027, 2, 20, 12, tzinfo=UTC)
OTHERS = [code for code in LANGUAGES if code != "en"]
MAKERS = (patient_calendar, escort_calendar, clinic_calendar)
ROOT = Path(__file__).parent.parent


@cache
def planned() -> Plan:
    course, clinic, person = examples()
    return plan_course(course, clinic, person, as_of=AS_OF)


@cache
def varied() -> Schedule:
    """Return a plan with each answer of an escort, a waived ride and one for nobody."""
    schedule = planned().schedule
    assert schedule is not None
    first, one, two, three, four, *rest = schedule.visits
    one = attrs.evolve(one, ride=Ride.CONFIRMED)
    two = attrs.evolve(two, ride=Ride.DECLINED)
    three = attrs.evolve(three, waived=True, ride=None, escort=None)
    four = attrs.evolve(four, escort=None)
    return attrs.evolve(schedule, visits=[first, one, two, three, four, *rest])


def written(maker: object, privacy: Privacy, language: str) -> Calendar:
    """Return a calendar file of the example, one visit cancelled and one not agreed."""
    course, clinic, person = examples()
    schedule = varied()
    *kept, gone = schedule.visits
    options = CalendarOptions(
        privacy=privacy, language=language, cancelled=[gone], tentative=[kept[-1].id]
    )
    away = attrs.evolve(schedule, visits=kept)
    assert callable(maker)
    raw = maker(away, clinic, person, course.protocol_on(AS_OF), now=NOW, options=options)
    return Calendar.from_ical(raw)


def said(calendar: Calendar) -> Iterator[str]:
    """Yield all lines that people read in a calendar file, but for names of places."""
    if "NAME" in calendar:
        yield str(calendar["NAME"])
    for part in calendar.walk():
        for name in ("SUMMARY", "DESCRIPTION"):
            yield from str(part.get(name, "")).splitlines()
        if "CATEGORIES" in part:
            yield str(part["CATEGORIES"].to_ical())


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("privacy", [Privacy.MINIMAL, Privacy.NEUTRAL])
@pytest.mark.parametrize("maker", MAKERS)
def test_no_line_of_an_english_file_is_left_in_another_language(
    maker: object, privacy: Privacy, language: str
) -> None:
    english = {line for line in said(written(maker, privacy, "en")) if line.strip()}
    other = set(said(written(maker, privacy, language)))
    assert english
    assert english & other == set()


def constants(words: CalendarWords) -> dict[str, str]:
    """Return the texts without arguments."""
    return {name: getattr(words, name) for name in CalendarWords.__annotations__}


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("maker", MAKERS)
def test_no_english_sentence_of_the_table_is_in_a_file_at_the_full_level(
    maker: object, language: str
) -> None:
    text = "\n".join(said(written(maker, Privacy.FULL, language)))
    for name, sentence in constants(LANGUAGES["en"].calendar).items():
        assert sentence not in text, name
    sentences = ("Arrive at", "may leave", "May leave", "Phone", "Ride home", "Pick-up", "at least")
    for word in (*sentences, "calendar days"):
        assert word not in text


@pytest.mark.parametrize("language", OTHERS)
def test_each_language_says_everything_in_words_of_its_own(language: str) -> None:
    english = constants(LANGUAGES["en"].calendar)
    for name, text in constants(LANGUAGES[language].calendar).items():
        assert text != english[name], name


def test_a_patients_entry_in_german() -> None:
    entries = written(patient_calendar, Privacy.NEUTRAL, "de").walk("VEVENT")
    assert str(entries[1]["SUMMARY"]) == "Kliniktermin 2"
    assert str(entries[1]["DESCRIPTION"]) == (
        "Bitte kommen Sie um 09:00 Uhr.\n"
        "Bitte ab 03:00 Uhr verzichten auf: feste Nahrung.\n"
        "Bitte ab 07:00 Uhr verzichten auf: klare Flüssigkeiten.\n"
        "Voraussichtlich können Sie zwischen 11:30 Uhr und 11:45 Uhr gehen. "
        "Es kann auch später werden.\n"
        "Priya Nair bringt Sie nach Hause.\n"
        "Fahren Sie nicht selbst vor Do 4. März 2027.\n"
        "1 bis 30 Kalendertage nach Kliniktermin 1.\n"
        "Telefon: +1 518 555 0142"
    )


def test_an_escort_is_asked_in_german() -> None:
    course, clinic, person = examples()
    schedule = planned().schedule
    assert schedule is not None
    asked = CalendarOptions(language="de")
    notice, *_ = ride_notices(schedule, clinic, person, course, now=NOW, options=asked)
    assert notice.subject == "Abholung am Mi 3. März 2027: Können Sie fahren?"
    assert notice.text == (
        "Abholung am Mi 3. März 2027, zwischen 11:30 Uhr und 11:45 Uhr.\n"
        "Ort: 14 Harbour Street, Albany, NY\n"
        "Abholbereit zwischen 11:30 Uhr und 11:45 Uhr. Bitte seien Sie um 11:30 Uhr da.\n"
        "Der Kalendereintrag hat davor und danach 15 Minuten mehr, zum Parken und Warten.\n"
        "Telefon: +1 518 555 0142\n"
        "\n"
        "Bitte sagen Sie zu oder ab, im Kalender oder mit einer Antwort auf diese Nachricht.\n"
    )


def test_a_patients_entry_in_french() -> None:
    entries = written(patient_calendar, Privacy.NEUTRAL, "fr").walk("VEVENT")
    assert str(entries[1]["SUMMARY"]) == "Rendez-vous 2 au centre"
    assert str(entries[1]["DESCRIPTION"]) == (
        "Arrivez à 9 h.\n"
        "À partir de 3 h, pas d'aliments solides.\n"
        "À partir de 7 h, pas de liquides clairs.\n"
        "Sortie prévue entre 11 h 30 et 11 h 45. Cela peut être plus tard.\n"
        "Priya Nair vous ramène chez vous.\n"
        "Ne conduisez pas avant le jeu. 4 mars 2027.\n"
        "1 à 30 jours après Rendez-vous 1 au centre.\n"
        "Téléphone : +1 518 555 0142"
    )


def test_an_escort_is_asked_in_french() -> None:
    course, clinic, person = examples()
    schedule = planned().schedule
    assert schedule is not None
    asked = CalendarOptions(language="fr")
    notice, *_ = ride_notices(schedule, clinic, person, course, now=NOW, options=asked)
    assert notice.subject == "Trajet du mer. 3 mars 2027 : pouvez-vous conduire ?"
    assert notice.text == (
        "À venir chercher le mer. 3 mars 2027, entre 11 h 30 et 11 h 45.\n"
        "Lieu : 14 Harbour Street, Albany, NY\n"
        "Sortie prévue entre 11 h 30 et 11 h 45. Merci d'être là à 11 h 30.\n"
        "L'entrée de l'agenda compte 15 minutes de plus avant et après, pour se garer et "
        "attendre.\n"
        "Téléphone : +1 518 555 0142\n"
        "\n"
        "Merci de répondre oui ou non, dans votre agenda ou en répondant à ce message.\n"
    )


def test_a_language_there_is_not_is_refused() -> None:
    with pytest.raises(InvalidValue, match="language must be one of en, de, fr, got 'xx'"):
        CalendarOptions(language="xx")


def test_times_stay_the_same_in_every_language() -> None:
    def times(language: str) -> list[object]:
        entries = written(patient_calendar, Privacy.NEUTRAL, language).walk("VEVENT")
        return [(str(one["UID"]), one.decoded("DTSTART"), one.decoded("DTEND")) for one in entries]

    assert times("en") == times("de")


def test_the_command_line_writes_the_files_in_the_language_asked_for(tmp_path: Path) -> None:
    command = [
        "plan",
        "examples/course.toml",
        "--clinic",
        "examples/clinic.toml",
        "--person",
        "examples/person.toml",
    ]
    command += ["--as-of", "2027-02-20", "--out", str(tmp_path), "--language", "de"]
    result = in_process(command, ROOT)
    assert (result.returncode, result.stderr) == (0, "")
    patient = Calendar.from_ical((tmp_path / "patient.ics").read_bytes())
    assert str(patient["NAME"]) == "Kliniktermine"
    mails = sorted((tmp_path / "messages").glob("*.eml"))
    message = message_from_bytes(mails[0].read_bytes(), policy=policy.default)
    assert str(message["Subject"]).startswith("Abholung am ")
