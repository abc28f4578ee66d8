"""A day and a week of a clinic as a picture."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from protocol_sched.formats.svg.clinic import MARGIN, WIDE, clinic_picture
from protocol_sched.model.availability import Booking, Clinic, Hours, Place, Ratio, Staff
from protocol_sched.model.day_list import ClinicVisits, Part
from protocol_sched.model.plain import WEEKDAYS

ZONE = ZoneInfo("Europe/Berlin")
MONDAY = date(2027, 3, 1)
CLINIC = Clinic(
    name="Ward <3>",
    zone=ZONE,
    hours=Hours.of(dict.fromkeys(WEEKDAYS, "08:00-12:00")),
    places=[
        Place(name="chair 1", kind="chair"),
        Place(name="chair 2", kind="chair", booked=[Booking(day=MONDAY, start=480, end=540)]),
    ],
    staff=[Staff(kind="nurse", units=1)],
    ratios=[Ratio(one="nurse", for_=(("recovery", 4),))],
)


def part(stage: str, first: tuple[int, int], last: tuple[int, int], who: str = "Ada") -> Part:
    start, end = (datetime(2027, 3, 1, *clock, tzinfo=ZONE) for clock in (first, last))
    return Part(
        course=who,
        person=who,
        visit="v",
        title="dose <1>",
        stage=stage,
        start=start,
        end=end,
        places=["chair 1" if who == "Ada" else "chair 2"],
        staff=["nurse"],
    )


VISITS = ClinicVisits(
    zone=ZONE.key,
    parts=[
        part("infusion", (8, 0), (9, 15)),
        part("recovery", (9, 0), (10, 0)),  # may begin a quarter before the infusion must end
        part("recovery", (9, 0), (10, 0), "Ben"),
    ],
)


def titles(picture: str) -> list[str]:
    root = ET.fromstring(picture)
    return [one.text or "" for one in root.iter("{http://www.w3.org/2000/svg}title")]


def test_stages_are_blocks_in_the_row_of_their_chair_over_the_load_of_each_kind() -> None:
    found = titles(clinic_picture(VISITS, CLINIC, [MONDAY]))
    assert found == [
        "Ward <3>, Mon 1 March 2027",
        "Ada, dose <1>, infusion, 08:00-09:15",
        "Ada, dose <1>, recovery, 09:00-10:00",
        "booked",
        "Ben, dose <1>, recovery, 09:00-10:00",
        "chair: 2 of 2",
        "chair: 2 of 2",
        "chair: 2 of 2",
        # A quarter of a nurse for each recovery; one in two stages at once is only in one.
        "nurse: 1 of 1",
        "nurse: 1.25 of 1",
        "nurse: 0.5 of 1",
    ]


def test_a_week_has_its_days_one_under_the_other_and_all_of_it_in_sight() -> None:
    week = [MONDAY + timedelta(days=n) for n in range(7)]
    picture = clinic_picture(VISITS, CLINIC, week)
    root = ET.fromstring(picture)
    high = float(root.attrib["height"])
    one_day = float(ET.fromstring(clinic_picture(VISITS, CLINIC, [MONDAY])).attrib["height"])
    assert 5 * one_day < high < 7 * one_day
    for rect in root.iter("{http://www.w3.org/2000/svg}rect"):
        x, y, wide, tall = (float(rect.attrib[key]) for key in ("x", "y", "width", "height"))
        assert x >= 0
        assert y >= 0
        assert x + wide <= WIDE
        assert y + tall <= high
    assert MARGIN < WIDE
    assert picture == clinic_picture(VISITS, CLINIC, week)
