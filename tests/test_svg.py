"""The picture of a course: read as XML, and as the texts a person sees on it."""

from __future__ import annotations

import itertools
import re
from datetime import date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings

from protocol_sched.formats.svg import picture as svg
from protocol_sched.formats.svg.picture import course_picture
from protocol_sched.model.agenda import Agenda, DatedBy, Due, PastVisit
from protocol_sched.model.availability import Clinic, DatedHours, Escort, Hours, Person
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Protocol, VisitType
from protocol_sched.model.schedule import Ride, Schedule
from protocol_sched.model.spans import MonthEnd, parse_range
from protocol_sched.model.stages import Stage
from protocol_sched.text.privacy import Privacy
from samples import EVALUATION, PERSON, PROTOCOL, clinic, schedule, visit
from strategies import clinics, persons, protocols, schedules

NEW_YORK = ZoneInfo("America/New_York")
SVG = "{http://www.w3.org/2000/svg}"
WEEK = clinic()
WEEK = attrs.evolve(WEEK, hours=Hours.of(dict.fromkeys(WEEKDAYS[:5], "08:00-17:00")))


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=NEW_YORK)


def drawn(
    course: Schedule, clinic: Clinic = WEEK, person: Person = PERSON, *, names: bool = False
) -> ElementTree.Element:
    return ElementTree.fromstring(course_picture(course, clinic, person, PROTOCOL, names=names))


def texts(picture: ElementTree.Element) -> list[str]:
    """Return what a person reads on the picture, in its order."""
    return [element.text or "" for element in picture.iter(f"{SVG}text")]


def tips(picture: ElementTree.Element) -> list[str]:
    """Return what is said under the pointer, the picture's own title first."""
    return [element.text or "" for element in picture.iter(f"{SVG}title")]


def bars(picture: ElementTree.Element, tells: str) -> list[tuple[float, float]]:
    """Return left edge and width of every stretch of the visit whose words begin so."""
    found = []
    for group in picture.iter(f"{SVG}g"):
        title = group.find(f"{SVG}title")
        if title is not None and (title.text or "").startswith(tells):
            for rect in group.findall(f"{SVG}rect"):
                found.append((float(rect.attrib["x"]), float(rect.attrib["width"])))
    return found


def test_a_picture_says_title_course_days_visits_times_escorts_and_its_marks() -> None:
    course = schedule(
        visit("e", at(3, 1, 9), EVALUATION, title="evaluation"), visit("i-1", at(3, 4, 8, 30))
    )
    assert texts(drawn(course)) == [
        "Ketamine infusions for complex migraine",
        "course c-1 · p-017 · Example Ketamine Clinic · times in America/New_York",
        *("Mar 2027", "week 1"),
        *("Mon 1 Mar", "9", "12", "15", "evaluation", "09:00 to 09:45", "T"),
        *("Tue 2 Mar", "Wed 3 Mar"),
        *("Thu 4 Mar", "9", "12", "15"),
        *("infusion 1", "08:30 to 11:00-11:15", "P", "I", "R", "Sam Poe ?"),
        *("Fri 5 Mar", "Sat 6 Mar", "closed", "Sun 7 Mar", "closed"),
        *("T", "talk", "check-in", "P", "IV preparation", "I", "infusion", "R", "recovery"),
        *("may run until then", "no driving", "closed on that weekday"),
        *("?", "ride not confirmed yet"),
        "Each day is drawn from 08:00 to 17:00; its light strip is when the clinic is open.",
    ]


def test_a_screen_reader_is_told_every_visit_in_words() -> None:
    course = schedule(visit("i-1", at(3, 4, 8, 30), ride=Ride.CONFIRMED))
    picture = drawn(course)
    title, description = picture.find(f"{SVG}title"), picture.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert picture.attrib["role"] == "img"
    assert picture.attrib["aria-labelledby"].split() == [title.get("id"), description.get("id")]
    assert title.text == "Ketamine infusions for complex migraine: course c-1"
    assert description.text == (
        "1 visit on Thu 4 March 2027. infusion 1, Thu 4 March 2027: arrive 08:30; "
        "check-in 08:30 to 08:45; IV preparation 08:45 to 09:15; infusion 09:15 to 10:15; "
        "recovery 10:00 to 11:15; discharge between 11:00 and 11:15; home with Sam Poe, "
        "ride confirmed; chair 2; no driving until Fri 5 March 2027."
    )


def test_the_bar_of_a_visit_has_each_stage_and_what_may_take_longer_in_order() -> None:
    picture = drawn(schedule(visit("i-1", at(3, 4, 9))))
    found = sorted(set(bars(picture, "infusion 1")))
    hour = 8 * found[0][1] / 2
    assert len(found) == 6, "four stages, two of which may take longer"
    assert [round(wide / hour * 60) for _, wide in found] == [15, 30, 45, 15, 45, 15]
    for (left, wide), (right, _) in itertools.pairwise(found):
        assert left + wide == pytest.approx(right, abs=0.15)


def test_no_driving_lasts_from_the_discharge_to_the_end_of_the_day() -> None:
    picture = drawn(schedule(visit("i-1", at(3, 4, 9))))
    assert "no driving 11:30 to 24:00" in tips(picture)


def test_no_driving_by_hours_goes_on_into_the_next_days() -> None:
    picture = drawn(schedule(visit("i-1", at(3, 4, 9), no_driving_until=at(3, 6, 10, 30))))
    assert [tip for tip in tips(picture) if tip.startswith("no driving")] == [
        "no driving 11:30 to 24:00",
        "no driving 00:00 to 24:00",
        "no driving 00:00 to 10:30",
    ]


def long_visit(hours: int) -> VisitType:
    stages = [Stage(name="infusion", length=parse_range(f"{hours} hours"), source="local")]
    return VisitType(name="infusion", stages=stages)


def test_a_visit_over_midnights_goes_on_in_the_next_cells() -> None:
    picture = drawn(schedule(visit("i-1", at(3, 2, 16), long_visit(40))))
    said = texts(picture)
    assert said.count("infusion 1") == 1
    assert said.count("… infusion 1") == 2
    assert [text for text in said if re.match("from|all|until", text)] == [
        "from 16:00",
        "all day",
        "until 08:00",
    ]
    (first, wide), (second, whole), (third, _) = bars(picture, "infusion 1")
    assert first + wide == pytest.approx(second, abs=0.15), "no gap at midnight"
    assert second + whole == pytest.approx(third, abs=0.15)


def test_two_visits_on_one_day_stand_one_under_the_other() -> None:
    course = schedule(visit("i-2", at(3, 4, 14), ordinal=2), visit("i-1", at(3, 4, 8)))
    places = {
        element.text: float(element.attrib["y"]) for element in drawn(course).iter(f"{SVG}text")
    }
    assert places["infusion 2"] - places["infusion 1"] == svg.BLOCK


def test_closed_days_say_why_and_days_away_are_marked_without_saying_why() -> None:
    closing = attrs.evolve(
        WEEK,
        closures=[
            DatedHours(first=date(2027, 3, 5), why="staff training"),
            DatedHours(first=date(2027, 3, 2), hours=[(480, 720)], why="half a day"),
        ],
    )
    away = attrs.evolve(PERSON, away=[DatedHours(first=date(2027, 3, 3), why="job interview")])
    picture = drawn(schedule(visit("i-1", at(3, 4, 9))), closing, away)
    assert [tip for tip in tips(picture)[1:] if not tip.startswith("infusion 1")] == [
        "the person is away",
        "no driving 11:30 to 24:00",
        "closed: staff training",
        "closed",
        "closed",
    ]
    said = texts(picture)
    assert "staff training" in said
    assert said.count("away") == 1
    assert "job interview" not in ElementTree.tostring(picture, "unicode")


def test_hours_in_which_the_person_never_comes_are_no_absence() -> None:
    mornings = attrs.evolve(PERSON, available=Hours.of({"Thursday": "08:00-12:00"}))
    picture = drawn(schedule(visit("i-1", at(3, 4, 9))), person=mornings)
    assert "away" not in texts(picture)
    assert "the person can come 08:00 to 12:00" in tips(picture)
    assert "the person can come" in texts(picture), "the legend says what the line is"


def test_a_person_in_another_zone_is_away_by_their_own_dates() -> None:
    nights = Hours.of(dict.fromkeys(WEEKDAYS, "00:00-08:00"))
    gone = [DatedHours(first=date(2027, 3, 3))]
    here = attrs.evolve(PERSON, available=nights, away=gone)
    there = attrs.evolve(here, zone=ZoneInfo("Pacific/Auckland"))
    course = schedule(visit("i-1", at(3, 4, 9)))
    assert texts(drawn(course, person=here)).count("away") == 0, "they never come by day"
    picture = drawn(course, person=there)
    cells = [text for text in texts(picture) if text == "away" or text.endswith(" Mar")]
    assert cells[cells.index("away") - 1] == "Tue 2 Mar", "Wednesday there is Tuesday here"


def test_the_hours_of_all_escorts_are_drawn_where_a_ride_is_needed() -> None:
    early = Escort(name="A", available=Hours.of({"Thursday": "09:00-12:00"}))
    late = Escort(name="B", available=Hours.of({"Thursday": "11:00-16:00"}))
    person = attrs.evolve(PERSON, escorts=[early, late])
    picture = drawn(schedule(visit("i-1", at(3, 4, 9))), person=person)
    assert [tip for tip in tips(picture) if tip.startswith("an escort")] == [
        "an escort can drive 09:00 to 16:00"
    ]


def test_a_letter_of_the_legend_stands_on_the_picture() -> None:
    picture = drawn(schedule(visit("i-1", at(3, 4, 9))))
    said = texts(picture)
    letters = [text for text in said if len(text) == 1 and text.isalpha()]
    assert sorted(letters) == sorted(2 * sorted(set(letters))), "once in the bar, once below"


def test_weeks_without_a_visit_fold_into_one_line_with_their_closures() -> None:
    closing = attrs.evolve(
        WEEK, closures=[DatedHours(first=date(2027, 3, 15), last=date(2027, 3, 16), why="moving")]
    )
    course = schedule(visit("i-1", at(3, 4, 9)), visit("i-2", at(4, 1, 9), ordinal=2))
    said = texts(drawn(course, closing))
    assert [text for text in said if text.startswith("no visits")] == [
        "no visits for 3 weeks, Mon 8 March to Sun 28 March · "
        "clinic closed Mon 15 to Tue 16 March (moving)"
    ]
    assert [text for text in said if text.startswith("week")] == ["week 1", "week 5"]


def test_a_course_of_sixty_visits_over_a_year_stays_small() -> None:
    days = sorted({*range(0, 80, 2), *range(90, 370, 14)})
    visits = [
        visit(f"i-{n}", at(1, 4, 9) + timedelta(day), ordinal=n) for n, day in enumerate(days, 1)
    ]
    picture = drawn(schedule(*visits), attrs.evolve(WEEK, hours=Hours()))
    assert len(visits) == 60
    assert float(picture.attrib["height"]) < 800
    assert {str(n) for n in range(1, 61)} <= set(texts(picture)), "each has its number"
    assert [tip.split(",")[0] for tip in tips(picture)[1:]] == [
        f"infusion {n}" for n in range(1, 61)
    ]


def test_a_long_course_shows_each_visits_window_and_folds_empty_months() -> None:
    months = [date(2027, month, 3) for month in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)]
    visits = [
        visit(f"i-{n}", at(day.month, day.day, 9), ordinal=n) for n, day in enumerate(months, 1)
    ]
    visits.append(visit("i-12", datetime(2028, 3, 31, 9, tzinfo=NEW_YORK), ordinal=12))
    dues = [
        Due(
            id="i-12",
            title="infusion 12",
            kind="infusion",
            phase="i",
            ordinal=12,
            type_ordinal=12,
            earliest=DatedBy(date(2028, 3, 30), "at least", "local"),
            latest=DatedBy(date(2028, 4, 2), "at most", "local"),
        )
    ]
    agenda = Agenda(
        course="c-1",
        protocol="p",
        as_of=date(2027, 1, 1),
        month_end=MonthEnd.NEXT_DAY,
        dues=dues,
        bindings=(),
    )
    text = course_picture(schedule(*visits), WEEK, PERSON, PROTOCOL, agenda=agenda)
    picture = ElementTree.fromstring(text)
    said = texts(picture)
    assert "no visit in December 2027 to February 2028" in said
    assert "infusion 12" in said, "at the end of a month a name has the margin"
    assert "allowed dates; a tick marks a limit" in said
    twice = [tip for tip in tips(picture) if tip.startswith("infusion 12,")]
    assert len(twice) == 2, "the visit and its window are told"


def test_visits_already_given_are_grey_and_say_what_became_of_them() -> None:
    past = [
        PastVisit("i-1", "infusion 1", date(2027, 3, 1), at(3, 1, 9), at(3, 1, 11), "infusion"),
        PastVisit("t", "transplant", date(2027, 3, 2)),
        PastVisit("i-2", "infusion 2", date(2027, 3, 3), kind="infusion", counts=False),
    ]
    picture = drawn(schedule(visit("i-2", at(3, 5, 9), ordinal=2), past=past))
    said = texts(picture)
    for title, became in (
        ("infusion 1", "09:00, given"),
        ("transplant", "happened"),
        ("infusion 2", "did not count"),
    ):
        assert said[said.index(title) + 1] == became
    fills = {
        group.find(f"{SVG}rect").attrib["fill"]  # type: ignore[union-attr]
        for group in picture.iter(f"{SVG}g")
        if (group.findtext(f"{SVG}title") or "").endswith(("given", "happened", "count"))
    }
    assert fills == {svg.PAST}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "Sam Poe ?"),
        ({"ride": Ride.CONFIRMED}, "Sam Poe"),
        ({"ride": Ride.DECLINED}, "Sam Poe declined"),
        ({"escort": None}, "nobody yet ?"),
        ({"escort": None, "ride": None, "waived": True}, "ride waived"),
        ({"escort": "Anne-Marie Featherstonehaugh the Third"}, "Anne-Marie Featherst… ?"),
    ],
)
def test_who_drives_stands_below_the_bar(changes: dict[str, Any], says: str) -> None:
    one = attrs.evolve(visit("i-1", at(3, 4, 9)), **changes)
    said = texts(drawn(schedule(one)))
    assert said[said.index("Fri 5 Mar") - 1] == says


def test_the_persons_name_is_written_only_when_asked_for() -> None:
    course = schedule(visit("i-1", at(3, 4, 9)))
    assert PERSON.name not in course_picture(course, WEEK, PERSON, PROTOCOL)
    assert texts(drawn(course, names=True))[1] == (
        "course c-1 · Jane Roe · Example Ketamine Clinic · times in America/New_York"
    )


def test_a_course_without_visits_says_so() -> None:
    assert texts(drawn(schedule()))[2:] == ["No visit is due."]


def test_texts_cannot_break_the_file() -> None:
    name = 'A "B" & <C>\x00\x0b\ud800\n\uffff]]>'
    course = schedule(visit("i-1", at(3, 4, 9), title=name))
    course = attrs.evolve(course, course='c"&<1>')
    picture = drawn(course, attrs.evolve(WEEK, name=name))
    assert 'A "B" & <C> ]]>' in texts(picture)


def _light(colour: str) -> float:
    parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_light(one), _light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        (svg.PAPER, svg.MAIN),
        *((svg.INK, colour) for colour in svg.COLOURS),
        *((ink, svg.PAPER) for ink in (svg.INK, svg.SOFT, svg.AWAY, svg.BARRED, svg.PAST)),
        (svg.SOFT, svg.SHUT),
    ],
)
def test_letters_can_be_read_on_their_ground(ink: str, ground: str) -> None:
    # WCAG 2.2, success criterion 1.4.3: 4.5 to 1 for text of this size.
    assert _contrast(ink, ground) >= 4.5


def test_every_stage_has_its_own_letter() -> None:
    names = ["infusion", "IV preparation", "recovery", "rest", "review", "éa", "- -", "--"]
    letters = svg._letters(names, {"infusion"})
    assert letters["infusion"] == "I"
    assert len(set(letters.values())) == len(names)


@settings(max_examples=12, deadline=None)
@given(course=schedules(), place=clinics(), person=persons(), protocol=protocols())
def test_any_schedule_gives_a_sound_picture(
    course: Schedule, place: Clinic, person: Person, protocol: Protocol
) -> None:
    text = course_picture(course, place, person, protocol)
    assert text == course_picture(course, place, person, protocol), "the same input, the same bytes"
    picture = ElementTree.fromstring(text)
    wide, high = float(picture.attrib["width"]), float(picture.attrib["height"])
    for rect in picture.iter(f"{SVG}rect"):
        x, y, width, height = (float(rect.get(k, "0")) for k in ("x", "y", "width", "height"))
        assert min(x, y, width, height) >= 0
        assert x + width <= wide
        assert y + height <= high
    assert {element.tag.removeprefix(SVG) for element in picture.iter()} <= {
        *("svg", "title", "desc", "defs", "pattern"),
        *("rect", "line", "polygon", "text", "g"),
    }
    assert "href" not in text


# --- how much it tells -----------------------------------------------------------------------


def test_a_picture_at_a_lower_level_numbers_visits_and_leaves_out_what_they_are() -> None:
    of = schedule(
        visit("induction-1", at(3, 8, 9), escort="Sam Poe", ride=Ride.CONFIRMED),
        visit("induction-2", at(3, 10, 9), escort="Sam Poe", ride=Ride.CONFIRMED),
    )
    for privacy, title, escort in (
        (Privacy.NEUTRAL, "Clinic appointment 2", "Sam Poe"),
        (Privacy.MINIMAL, "Appointment", "escort"),
    ):
        raw = course_picture(of, WEEK, PERSON, PROTOCOL, names=True, privacy=privacy)
        picture = ElementTree.fromstring(raw)
        said = [*texts(picture), *tips(picture)]
        assert any(one.startswith(f"{title}, ") for one in said)
        assert any(escort in one for one in said)
        for word in ("infusion", "recovery", PERSON.name, PROTOCOL.title):
            assert word.casefold() not in raw.casefold()
